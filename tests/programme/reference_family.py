"""A reference unit's amounts without its fields (masses need none), cached for the tests of cost and carbon."""

from __future__ import annotations

import functools

import jax
import jax.numpy as jnp

from edu_opt.drive_unit.package import unit_masses
from edu_opt.drive_unit.reference_units import reference_unit, unit_of
from edu_opt.gearbox.model import ratio
from edu_opt.motor.reference_machines import motor_of
from edu_opt.numerics.pytree import replace
from edu_opt.problem.amounts import masses_by_part, material_amounts
from edu_opt.programme.bill_of_materials import MaterialAmounts


@functools.cache
def amounts_and_masses(name: str) -> tuple[MaterialAmounts, dict[str, jax.Array]]:
    """(amounts, masses by part) of a reference unit."""
    reference = reference_unit(name)
    machine = reference.machine
    unit = unit_of(reference, motor_of(machine, None))  # type: ignore[arg-type]
    masses = unit_masses(unit, machine.torque.value * float(ratio(unit.gearbox)))
    return material_amounts(unit, masses, jnp.asarray(machine.power.value)), masses_by_part(masses)


def with_wire(amounts: MaterialAmounts) -> MaterialAmounts:
    """The same stator wound with pulled-in round wire instead of hairpins."""
    return replace(amounts, hairpin_winding=jnp.zeros(()), wire_winding=jnp.ones(()), copper_trim=jnp.zeros(()))
