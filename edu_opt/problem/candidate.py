"""From a point of the unit cube to a drive unit: one design space of all parts, split among the components."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from edu_opt.drive_unit.model import DriveUnit
from edu_opt.gearbox.model import gearbox_from_values, gearbox_space
from edu_opt.inverter.model import inverter_from_values, inverter_space
from edu_opt.motor.geometry import lamination_from_values, lamination_space
from edu_opt.motor.model import motor_from_values, motor_space
from edu_opt.numerics.design_space import DesignSpace
from edu_opt.problem.data import StudyData
from edu_opt.problem.fields import LocalMap, linear, template_of
from edu_opt.settings import Program

CAPACITOR_RESERVE = 1.25  # rated voltage of the DC link's film over the nominal one (500 V at 400 V)


def design_space(program: Program) -> DesignSpace:
    """All variables of a program: lamination and rotor first (the fields depend on these alone), then the rest."""
    return (
        lamination_space(template_of(program))
        + motor_variables(program)
        + gearbox_space(program.gearbox_layout)
        + inverter_space()
    )


def motor_variables(program: Program) -> DesignSpace:
    """Variables of the motor that the fields do not depend on."""
    return motor_space(program.motor.kind, program.motor.winding == "wire")


def field_variable_count(program: Program) -> int:
    """Leading variables of `design_space` that the field solves depend on."""
    return len(lamination_space(template_of(program)))


def drive_unit(program: Program, unit: jax.Array, local: LocalMap, data: StudyData) -> DriveUnit:
    """Drive unit at a point (n,) of the unit cube: exact geometry, maps from first-order fields."""
    space = design_space(program)
    values = space.to_physical(unit)
    sizes = [len(motor_variables(program)), len(gearbox_space(program.gearbox_layout))]
    fields = field_variable_count(program)
    first, second = fields + sizes[0], fields + sizes[0] + sizes[1]
    lamination = lamination_from_values(template_of(program), data.pole_pairs, values[:fields])
    motor = motor_from_values(
        program.motor.kind,
        values[fields:first],
        lamination=lamination,
        lamination_map=linear(local, unit[:fields]),
        steel=data.steel,
        magnet=data.magnet,
        parallel_paths=data.parallel_paths,
        exciter=data.exciter,
        cage_metal=data.cage_metal,
        dc_voltage=data.ratings.dc_voltage,
        wire=program.motor.winding == "wire",
    )
    return DriveUnit(
        motor=motor,
        gearbox=gearbox_from_values(program.gearbox_layout, values[first:second]),
        inverter=inverter_from_values(
            data.device,
            values[second:],
            rated_voltage=CAPACITOR_RESERVE * jnp.asarray(data.ratings.dc_voltage),
            discontinuous=data.discontinuous,
            exciter=data.field_exciter if program.motor.kind == "eesm" else None,
        ),
    )
