"""One operating point of the unit: axle torque and speed -> best currents, every loss, electrical power."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from edu_opt.drive_unit.conditions import UNLIMITED_POWER, Conditions
from edu_opt.drive_unit.control import choose_start, least_loss_currents
from edu_opt.drive_unit.interior_point import InteriorPoint
from edu_opt.drive_unit.model import DriveUnit, motor_speed
from edu_opt.drive_unit.plant import (
    PlantPoint,
    control_limits,
    control_plant,
    control_quantities,
    plant_point,
    start_table,
)
from edu_opt.gearbox.losses import GearboxLosses, gearbox_losses
from edu_opt.gearbox.model import ratio
from edu_opt.inverter.losses import InverterLosses
from edu_opt.inverter.model import dc_link_ripple, voltage_limit
from edu_opt.motor.results import MotorLosses
from edu_opt.numerics.pytree import pytree
from edu_opt.numerics.smooth import smooth_absolute

STANDSTILL = 0.05  # rad/s at the axle: gear drag is taken at sqrt(speed^2 + this^2), finite where nothing turns
SHORTFALL_FLOOR = 0.02  # share of the torque scale under a shortfall's reference: points near zero torque make no noise
OPERATING_SOLVER = InteriorPoint()


@pytree
class OperatingPoint:
    """A steady point. Torques [N m], speeds [rad/s], powers [W], voltages [V peak], currents (3,) [A].

    `output_torque` is what the axle gets (below the wish by the shortfall times the ratio); `shortfall` is the missing
    shaft torque over the wanted one (a small floor under it); `voltage_utilisation` |v| over the usable phase voltage;
    `control_residual` the control's stationarity residual (converged below about 1e-4).
    """

    currents: jax.Array
    output_torque: jax.Array
    output_speed: jax.Array
    shaft_torque: jax.Array
    shaft_speed: jax.Array
    motor_losses: MotorLosses
    inverter_losses: InverterLosses
    gearbox_losses: GearboxLosses
    electrical_power: jax.Array
    output_power: jax.Array
    voltage_utilisation: jax.Array
    current: jax.Array
    modulation_index: jax.Array
    power_factor: jax.Array
    dc_link_ripple: jax.Array
    shortfall: jax.Array
    control_residual: jax.Array

    @property
    def total_loss(self) -> jax.Array:
        """Motor, inverter and gearbox [W]."""
        return self.motor_losses.total + self.inverter_losses.total + self.gearbox_losses.total


def gear_drag(
    unit: DriveUnit, output_torque: jax.Array, output_speed: jax.Array, oil_celsius: jax.Array
) -> tuple[GearboxLosses, jax.Array]:
    """(gearbox losses [W], their drag at the motor shaft [N m]); drag x shaft speed is the loss, also at standstill."""
    safe = jnp.sqrt(output_speed**2 + STANDSTILL**2)
    losses = gearbox_losses(unit.gearbox, output_torque, safe, oil_celsius)
    share = output_speed / safe
    return jax.tree.map(lambda loss: loss * share, losses), losses.total / (safe * ratio(unit.gearbox))


def operating_point(
    unit: DriveUnit,
    output_torque: jax.Array,
    output_speed: jax.Array,
    at: Conditions,
    start: jax.Array | None = None,
    solver: InteriorPoint = OPERATING_SOLVER,
) -> OperatingPoint:
    """The unit at axle torque [N m] (all its outputs together; negative recuperates) and axle speed [rad/s] >= 0.

    Currents are those of least motor and inverter loss at the shaft torque that the gearbox leaves to ask for. `start`
    (3,) [A] warm-starts them; by default a coarse table of the unit is searched. Scalar in, scalar out: `vmap` over
    points with the unit unbatched, so that the table is made once.
    """
    output_torque, output_speed = jnp.asarray(output_torque, float), jnp.asarray(output_speed, float)
    limits = control_limits(unit, at, UNLIMITED_POWER)
    gear, drag = gear_drag(unit, output_torque, output_speed, at.oil_celsius)
    speed = motor_speed(unit, output_speed)
    wanted = output_torque / ratio(unit.gearbox) + drag
    if start is None:
        frozen = jax.lax.stop_gradient((limits, wanted, unit.motor.pole_pairs * speed, unit.inverter, at))
        usable = voltage_limit(frozen[3], frozen[4].dc_voltage, 0.5 * frozen[0].current_max)
        start = choose_start(start_table(unit, at, limits), *frozen[:3], usable)
    plant = control_plant(unit, at, speed, limits)
    best = least_loss_currents(control_quantities, plant, limits, wanted, start, unit.has_field_winding, solver)
    point = plant_point(unit.motor, unit.inverter, at, speed, best.currents)
    missing = wanted - point.shaft_torque
    reference = smooth_absolute(wanted, 1.0) + SHORTFALL_FLOOR * limits.torque_scale
    delivered = output_torque - missing * ratio(unit.gearbox)
    return OperatingPoint(
        currents=best.currents,
        output_torque=delivered,
        output_speed=output_speed,
        shaft_torque=point.shaft_torque,
        shaft_speed=speed,
        output_power=delivered * output_speed,
        shortfall=smooth_absolute(missing, 1e-4 * limits.torque_scale) / reference,
        control_residual=best.residual,
        gearbox_losses=gear,
        **electrical_fields(unit, at, point),
    )


def electrical_fields(unit: DriveUnit, at: Conditions, point: PlantPoint) -> dict:
    """Fields of a point that follow from motor and inverter alone."""
    return {
        "motor_losses": point.motor_losses,
        "inverter_losses": point.inverter_losses,
        "electrical_power": point.electrical_power,
        "voltage_utilisation": point.voltage / point.usable_voltage,
        "current": point.current,
        "modulation_index": point.modulation_index,
        "power_factor": point.power_factor,
        "dc_link_ripple": dc_link_ripple(
            unit.inverter, point.current, point.modulation_index, point.power_factor, at.dc_voltage
        ),
    }
