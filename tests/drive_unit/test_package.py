"""Outer box, height above the road and centre of mass of the unit, by layout."""

from __future__ import annotations

from functools import cache

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from edu_opt.drive_unit.model import DriveUnit
from edu_opt.drive_unit.package import (
    UnitDimensions,
    UnitMasses,
    centre_of_mass,
    unit_dimensions,
    unit_masses,
    wading_height,
)
from edu_opt.gearbox.packaging import gearbox_dimensions
from edu_opt.motor.mass import motor_dimensions
from edu_opt.numerics.pytree import replace
from tests.drive_unit.reference_unit import analytic_unit


@cache
def packed(layout: str) -> tuple[DriveUnit, UnitDimensions, UnitMasses, np.ndarray]:
    unit = analytic_unit("ipm", layout)
    size, masses, centre = jax.jit(
        lambda u: (unit_dimensions(u), unit_masses(u, 3000.0), centre_of_mass(u, unit_masses(u, 3000.0)))
    )(unit)
    return unit, size, masses, np.asarray(centre)


layouts = pytest.mark.parametrize("layout", ["parallel_axis", "planetary", "planetary_layshaft"])


@layouts
def test_the_box_holds_motor_gearbox_and_inverter(layout: str) -> None:
    unit, size, _, _ = packed(layout)
    motor, gears = motor_dimensions(unit.motor), gearbox_dimensions(unit.gearbox)
    radius = 0.5 * float(motor.housing_diameter)
    assert float(size.height) == pytest.approx(float(size.bottom + size.top))
    assert float(size.bottom) >= max(radius, float(gears.depth))
    assert float(size.top) >= max(radius + float(size.inverter_height), float(gears.height - gears.depth))
    assert float(size.bottom) - max(radius, float(gears.depth)) < 1e-3
    assert float(size.width) >= float(size.motor_offset) + radius
    assert (float(size.motor_offset) == 0.0) == unit.gearbox.coaxial
    assert float(size.length) > float(motor.length) + float(gears.length) - 0.02


@layouts
def test_the_centre_of_mass_lies_within_the_box(layout: str) -> None:
    """On the motor's side along the vehicle, above the axle by the inverter, towards the heavier end along the axle."""
    unit, size, _, centre = packed(layout)
    assert abs(centre[0]) < 0.5 * float(size.length)
    assert -0.01 <= centre[1] <= float(size.motor_offset)
    assert (centre[1] == 0.0) == unit.gearbox.coaxial
    assert 0.0 < centre[2] < float(size.top)


def test_a_heavier_inverter_lifts_and_a_heavier_motor_pulls_the_centre_of_mass() -> None:
    unit, _, masses, centre = packed("parallel_axis")
    lid = replace(masses, inverter=replace(masses.inverter, control=masses.inverter.control + 10.0))
    iron = replace(masses, motor=replace(masses.motor, stator_steel=masses.motor.stator_steel + 10.0))
    lifted, pulled = (np.asarray(centre_of_mass(unit, m)) for m in (lid, iron))
    assert lifted[2] > centre[2] + 0.005
    assert pulled[2] < centre[2] and pulled[1] > centre[1] and pulled[0] > centre[0]
    share = 10.0 / float(masses.total + 10.0)
    offset = float(gearbox_dimensions(unit.gearbox).centre_distance)
    assert pulled[1] - centre[1] == pytest.approx(share * (offset - centre[1]), rel=1e-9)


def test_wading_height_counts_from_the_road() -> None:
    _, size, _, _ = packed("parallel_axis")
    assert float(wading_height(size, 0.36)) == pytest.approx(0.36 + float(size.top))
    assert float(wading_height(size, 0.36, 0.3) - wading_height(size, 0.36)) == pytest.approx(0.3)


def test_slopes_are_finite() -> None:
    unit = packed("parallel_axis")[0]

    def boxed(length: jax.Array) -> jax.Array:
        changed = replace(unit, motor=replace(unit.motor, stack_length=length))
        size = unit_dimensions(changed)
        place = centre_of_mass(changed, unit_masses(changed, 3000.0))
        return jnp.stack([size.length, size.height, size.width, size.top, *place])

    at = jnp.asarray(unit.motor.stack_length)
    slope = np.asarray(jax.jit(jax.jacfwd(boxed))(at))
    assert slope[0] == pytest.approx(1.0)
    assert np.all(np.isfinite(slope))
    assert slope[3] < 0.0  # a longer motor offers a larger footprint, the inverter gets flatter
