"""Maps of the unit over axle speed and torque at any DC voltage: power, each loss by itself, efficiency."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from edu_opt.drive_unit.conditions import UNLIMITED_POWER, Conditions, Number
from edu_opt.drive_unit.control import DEFAULT_SOLVER
from edu_opt.drive_unit.interior_point import InteriorPoint
from edu_opt.drive_unit.model import DriveUnit
from edu_opt.drive_unit.operating_point import OperatingPoint, PointRequest, solve_points
from edu_opt.numerics.pytree import replace
from edu_opt.numerics.smooth import smooth_positive, smooth_step

SAG_PASSES = 2  # power hardly changes with voltage: 0.1 V off in reach, more where the battery gives all it can
VOLTAGE_WIDTH = 1e-3  # of the square of the open-circuit voltage, where the battery gives all it can


def operating_map(
    unit: DriveUnit,
    speeds: jax.Array,
    torques: jax.Array,
    at: Conditions,
    solver: InteriorPoint = DEFAULT_SOLVER,
    dc_voltage: Number | None = None,
) -> OperatingPoint:
    """Operating points over axle speeds (s,) [rad/s] and axle torques (t,) [N m] of both signs; fields have axes
    (s, t). `dc_voltage` [V]: a number or of a shape that fits (s, t), else that of `at`.

    Points out of reach carry `shortfall` > 0 (mask them at about 1e-2 in a plot).
    """
    speeds, torques = jnp.asarray(speeds, float), jnp.asarray(torques, float)
    shape = (speeds.size, torques.size)
    voltage = jnp.broadcast_to(jnp.asarray(at.dc_voltage if dc_voltage is None else dc_voltage, float), shape)
    around = jax.tree.map(lambda leaf: jnp.full(voltage.size, leaf), at)
    requests = PointRequest(
        output_torque=jnp.tile(torques, speeds.size),
        output_speed=jnp.repeat(speeds, torques.size),
        at=replace(around, dc_voltage=voltage.ravel()),
        peak=jnp.zeros(voltage.size),
        power_max=jnp.full(voltage.size, UNLIMITED_POWER),
    )
    found = solve_points(unit, requests, solver=solver)
    return jax.tree.map(lambda leaf: leaf.reshape(*shape, *leaf.shape[1:]), found)


def sagging_voltage(open_voltage: Number, resistance: Number, power: jax.Array) -> jax.Array:
    """Terminal voltage [V] of a battery that gives `power` [W] (< 0: takes): V = V_0 - R P / V.

    Beyond the largest power V_0^2 / (4 R) the voltage at that power, V_0 / 2.
    """
    square = jnp.asarray(open_voltage, float) ** 2
    left = smooth_positive(square - 4.0 * jnp.asarray(resistance) * power, VOLTAGE_WIDTH * square)
    return 0.5 * (open_voltage + jnp.sqrt(left))


def map_on_battery(
    unit: DriveUnit,
    speeds: jax.Array,
    torques: jax.Array,
    at: Conditions,
    open_voltage: Number,
    resistance: Number,
    other_power: Number = 0.0,
    solver: InteriorPoint = DEFAULT_SOLVER,
) -> tuple[OperatingPoint, jax.Array]:
    """(`operating_map` at the voltage (s, t) [V] to which the battery sags under each point's own power, that voltage).

    `other_power` [W]: what other units and auxiliaries draw at the same time.
    """
    shape = (jnp.size(speeds), jnp.size(torques))

    def closer(power: jax.Array, _: None) -> tuple[jax.Array, tuple[OperatingPoint, jax.Array]]:
        voltage = sagging_voltage(open_voltage, resistance, power + other_power)
        found = operating_map(unit, speeds, torques, at, solver, voltage)
        return found.electrical_power, (found, voltage)

    begin = jnp.asarray(speeds, float)[:, None] * jnp.asarray(torques, float)  # the axle's power, without losses
    _, passes = jax.lax.scan(closer, jnp.broadcast_to(begin, shape), None, length=SAG_PASSES)
    found, voltage = jax.tree.map(lambda leaf: leaf[-1], passes)
    return found, voltage


def losses_by_name(point: OperatingPoint) -> dict[str, jax.Array]:
    """Every loss of operating points by itself [W]; they sum to the total loss, which with the power at the axle makes
    the DC power, driving and recuperating."""
    motor, inverter, gearbox = point.motor_losses, point.inverter_losses, point.gearbox_losses
    return {
        **{f"motor.{name}": getattr(motor, name) for name in vars(motor)},
        "inverter.conduction": inverter.conduction,
        "inverter.switching": inverter.switching,
        "inverter.dead_time": inverter.dead_time,
        "inverter.other": inverter.other,
        **{f"gearbox.{name}": getattr(gearbox, name) for name in vars(gearbox)},
    }


def unit_efficiency(point: OperatingPoint) -> jax.Array:
    """Output over input power: axle over DC while driving, DC over axle while recuperating; in [0, 1], 0 at rest."""
    driving = smooth_step(point.output_power, 1.0)
    outlet = driving * point.output_power - (1.0 - driving) * point.electrical_power
    inlet = driving * point.electrical_power - (1.0 - driving) * point.output_power
    return jnp.clip(outlet / jnp.maximum(inlet, 1.0), 0.0, 1.0)
