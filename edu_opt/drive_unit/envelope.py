"""Largest torque over speed under a rating's limits (MTPA, flux weakening and MTPV come out of one maximization)."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from edu_opt.drive_unit.conditions import Rating
from edu_opt.drive_unit.control import choose_peak_start, largest_torque_currents
from edu_opt.drive_unit.interior_point import InteriorPoint
from edu_opt.drive_unit.model import DriveUnit, motor_speed
from edu_opt.drive_unit.operating_point import OperatingPoint, electrical_fields, gear_drag
from edu_opt.drive_unit.plant import control_limits, control_plant, control_quantities, plant_point, start_table
from edu_opt.gearbox.model import ratio
from edu_opt.inverter.model import voltage_limit

ENVELOPE_SOLVER = InteriorPoint()
GEAR_STEPS = 4  # the gearbox loses a few per cent of the torque: the error falls by that factor a step


def peak_point(
    unit: DriveUnit,
    output_speed: jax.Array,
    rating: Rating,
    direction: float = 1.0,
    solver: InteriorPoint = ENVELOPE_SOLVER,
) -> OperatingPoint:
    """The unit at its largest torque in `direction` (+1 drives, -1 brakes) at an axle speed [rad/s] >= 0.

    Limits: usable voltage, phase and field current, electrical power of the rating. `shortfall` is 0 by definition.
    """
    output_speed, sign, at = jnp.asarray(output_speed, float), jnp.asarray(direction), rating.conditions
    limits = control_limits(unit, at, rating.power_max)
    speed = motor_speed(unit, output_speed)
    frozen = jax.lax.stop_gradient((limits, unit.motor.pole_pairs * speed, unit.inverter, at.dc_voltage, speed))
    usable = voltage_limit(frozen[2], frozen[3], 0.5 * frozen[0].current_max)
    start = choose_peak_start(start_table(unit, at, limits), frozen[0], sign, frozen[1], usable, frozen[4])
    plant = control_plant(unit, at, speed, limits)
    best = largest_torque_currents(control_quantities, plant, limits, sign, start, unit.has_field_winding, solver)
    point = plant_point(unit.motor, unit.inverter, at, speed, best.currents)
    output, train = point.shaft_torque * ratio(unit.gearbox), ratio(unit.gearbox)
    for _ in range(GEAR_STEPS):
        gear, drag = gear_drag(unit, output, output_speed, at.oil_celsius)
        output = (point.shaft_torque - drag) * train
    gear, drag = gear_drag(unit, output, output_speed, at.oil_celsius)
    return OperatingPoint(
        currents=best.currents,
        output_torque=output,
        output_speed=output_speed,
        shaft_torque=point.shaft_torque,
        shaft_speed=speed,
        output_power=output * output_speed,
        shortfall=jnp.zeros(()),
        control_residual=best.residual,
        gearbox_losses=gear,
        **electrical_fields(unit, at, point),
    )


def peak_envelope(
    unit: DriveUnit,
    output_speeds: jax.Array,
    rating: Rating,
    direction: float = 1.0,
    solver: InteriorPoint = ENVELOPE_SOLVER,
) -> OperatingPoint:
    """`peak_point` at axle speeds (s,) [rad/s]; every field gains a leading axis (s,)."""
    return jax.vmap(lambda speed: peak_point(unit, speed, rating, direction, solver))(output_speeds)
