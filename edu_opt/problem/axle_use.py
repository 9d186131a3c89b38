"""How the driven axles share the work: given shares, or for two axles with alike units the split of least loss.

Two units of one design lose least either both at half the torque or one alone while the other idles: the loss of such
a unit is its drag plus what grows with torque, at first slowly (the drag is saved), then faster than linearly. Both
ways are solved at every duty point (twice the points of one axle, as many as two unlike axles take) and mixed where
they cost about the same. The idle unit is disconnected where its axle decouples, else it turns along without current.
"""

from __future__ import annotations

import dataclasses

import jax
import jax.numpy as jnp

from edu_opt.drive_unit.conditions import Conditions
from edu_opt.drive_unit.model import DriveUnit, in_gear, motor_speed
from edu_opt.drive_unit.operating_point import STANDSTILL, OperatingPoint, gear_drag
from edu_opt.drive_unit.plant import losses_and_shaft_torque
from edu_opt.gearbox.disconnect import disconnected_loss, with_disconnect
from edu_opt.gearbox.losses import GearboxLosses
from edu_opt.gearbox.packaging import DIFFERENTIAL_TORQUE
from edu_opt.motor.model import flux_linkage
from edu_opt.motor.results import MotorLosses
from edu_opt.numerics.pytree import pytree, replace
from edu_opt.numerics.smooth import smooth_step
from edu_opt.settings import ProblemSettings
from edu_opt.vehicle.catalogue import vehicle_entry
from edu_opt.vehicle.model import NEVER, Vehicle, coupling

SPLIT_WIDTH = 20.0  # W of both axles: within it a duty point stands for seconds in both ways
REACH, REACH_WIDTH = 5e-3, 1e-3  # shortfall above which one unit alone does not do
VOLTAGE_WIDTH = 0.02  # of the voltage at which an idle motor would feed the DC link


@dataclasses.dataclass(frozen=True)
class AxleUse:
    """Part of what is compiled. `alike`: every driven axle has the same share, count and disconnect speed; `split`: two
    axles share the torque for least loss; `disconnect`: the unit holds a clutch that lets the axle go; `releases`: one
    axle or more lets go above a speed."""

    alike: bool = True
    split: bool = False
    disconnect: bool = False
    releases: bool = False


@pytree
class IdleUnit:
    """A unit without torque at axle speeds (K,): its losses [W] and `permitted` 1 where it may be left alone; `forced`
    1 where it must be, above the disconnect speed of its axle (None: of a unit without a clutch)."""

    motor_losses: MotorLosses
    gearbox_losses: GearboxLosses
    permitted: jax.Array
    forced: jax.Array | None = None

    @property
    def loss(self) -> jax.Array:
        """What the wheels pay for it [W]."""
        return self.motor_losses.drag + self.gearbox_losses.total


def axle_use(settings: ProblemSettings) -> AxleUse:
    """Axle use of a study's vehicle."""
    axles = vehicle_entry(settings.vehicle, settings.vehicle_data).build().axles
    alike = len({(float(axle.share), float(axle.count), float(axle.disconnect_speed)) for axle in axles}) == 1
    counts = {float(axle.count) for axle in axles}
    releasing = [float(axle.disconnect_speed) < NEVER - 1.0 for axle in axles]
    return AxleUse(
        alike=alike,
        split=settings.best_split and len(axles) == 2 and len(counts) == 1 and not all(releasing),
        disconnect=any(releasing) or any(float(axle.decouples) > 0.0 for axle in axles),
        releases=any(releasing),
    )


def equipped(unit: DriveUnit, use: AxleUse) -> DriveUnit:
    """The unit with a disconnect clutch where its axle needs one (claws for the torque of the nominal differential)."""
    if not use.disconnect or unit.gearbox.disconnect is not None:
        return unit
    return replace(unit, gearbox=with_disconnect(unit.gearbox, DIFFERENTIAL_TORQUE))


def idle_unit(unit: DriveUnit, vehicle: Vehicle, speed: jax.Array, at: Conditions) -> IdleUnit:
    """An idle unit at axle speeds (K,) [rad/s]: disconnected as far as an axle decouples or is above the speed at which
    it lets go, else turning along with its inverter blocked; this a motor that excites itself may only below the speed
    at which it would feed the DC link."""
    currents = jnp.zeros(3)
    share = jnp.max(jnp.stack([jnp.asarray(axle.decouples, float) for axle in vehicle.axles]))
    clutch = unit.gearbox.disconnect is not None
    released = 1.0 - jnp.min(coupling(vehicle, speed * vehicle.wheel_radius), axis=0) if clutch else None

    def one(axle_speed: jax.Array, forced: jax.Array | None) -> IdleUnit:
        open_ = jnp.zeros(()) if forced is None else share + (1.0 - share) * forced
        turning = motor_speed(unit, axle_speed)
        losses, _ = losses_and_shaft_torque(unit.motor, currents, turning, at.temperatures)
        gears, _ = gear_drag(in_gear(unit, axle_speed), jnp.zeros(()), axle_speed, at.oil_celsius)
        coupled = jax.tree.map(lambda loss: (1.0 - open_) * loss, gears)
        if unit.gearbox.disconnect is not None:
            rest = disconnected_loss(unit.gearbox, axle_speed, at.oil_celsius)
            coupled = replace(coupled, bearing=coupled.bearing + open_ * rest)
        flux = flux_linkage(unit.motor, currents)
        voltage = 3.0**0.5 * unit.motor.pole_pairs * turning * jnp.sqrt(flux[0] ** 2 + flux[1] ** 2 + 1e-12)
        blocked = smooth_step(1.0 - voltage / at.dc_voltage, VOLTAGE_WIDTH)
        return IdleUnit(
            motor_losses=jax.tree.map(lambda loss: (1.0 - open_) * loss, losses),
            gearbox_losses=coupled,
            permitted=open_ + (1.0 - open_) * blocked,
            forced=forced,
        )

    return jax.vmap(one)(speed, released)


def released_use(points: OperatingPoint, coupled: jax.Array, loss: jax.Array) -> OperatingPoint:
    """Points (rows, K) of axles that are coupled as far as `coupled` (rows, K) says: an open one neither drives nor
    brakes, its motor and inverter rest, and `loss` (K,) [W] of what still turns is charged at the battery (an engine or
    the other axle pays it)."""

    def kept(leaf: jax.Array) -> jax.Array:
        return coupled * leaf

    standing = (1.0 - coupled) * loss
    gears = jax.tree.map(kept, points.gearbox_losses)
    inverter = replace(
        jax.tree.map(kept, points.inverter_losses),
        junction_celsius_switch=points.inverter_losses.junction_celsius_switch,
        junction_celsius_diode=points.inverter_losses.junction_celsius_diode,
    )
    return replace(
        points,
        output_torque=kept(points.output_torque),
        output_power=kept(points.output_power),
        electrical_power=kept(points.electrical_power) + standing,
        motor_losses=jax.tree.map(kept, points.motor_losses),
        inverter_losses=inverter,
        gearbox_losses=replace(gears, bearing=gears.bearing + standing),
        gearbox_loss_by_oil=coupled[..., None] * points.gearbox_loss_by_oil + standing[..., None],
    )


def single_axle_torque(total: jax.Array, idle: IdleUnit, speed: jax.Array) -> jax.Array:
    """Torque (K,) [N m] of one unit where one axle does all of the `total` of a pair and pays for the idle unit."""
    return total + idle.loss * speed / (speed**2 + STANDSTILL**2)


def best_use(points: OperatingPoint, idle: IdleUnit, control_power: jax.Array | float) -> OperatingPoint:
    """Mean of a pair of units (1, K) at the split of least loss, from rows (2, K): both axles, one axle alone.

    `control_power` [W] that the idle unit's electronics draw. Powers and losses are means of both units; the balance
    electrical power = output power + losses holds for them.
    """
    both, alone = (jax.tree.map(lambda leaf, k=k: leaf[k : k + 1], points) for k in (0, 1))
    cost = 0.5 * (alone.electrical_power + control_power)
    saving = 2.0 * (both.electrical_power - cost)
    reached = smooth_step(REACH - alone.shortfall, REACH_WIDTH)
    weight = smooth_step(saving, SPLIT_WIDTH) * reached * idle.permitted
    if idle.forced is not None:
        weight = idle.forced + (1.0 - idle.forced) * weight

    def mean(first: jax.Array, second: jax.Array) -> jax.Array:
        return (1.0 - weight) * first + weight * second

    by_oil = 0.5 * (alone.gearbox_loss_by_oil + idle.gearbox_losses.total[..., None])
    mean_by_oil = both.gearbox_loss_by_oil + weight[..., None] * (by_oil - both.gearbox_loss_by_oil)
    motor = jax.tree.map(lambda own, rest: 0.5 * (own + rest), alone.motor_losses, idle.motor_losses)
    gearbox = jax.tree.map(lambda own, rest: 0.5 * (own + rest), alone.gearbox_losses, idle.gearbox_losses)
    inverter = jax.tree.map(lambda loss: 0.5 * loss, alone.inverter_losses)
    inverter = replace(
        inverter,
        gate_and_control=inverter.gate_and_control + 0.5 * control_power,
        junction_celsius_switch=alone.inverter_losses.junction_celsius_switch,
        junction_celsius_diode=alone.inverter_losses.junction_celsius_diode,
    )
    return replace(
        both,
        output_torque=mean(both.output_torque, 0.5 * alone.output_torque),
        electrical_power=mean(both.electrical_power, cost),
        output_power=mean(both.output_power, 0.5 * (alone.output_power - idle.loss)),
        motor_losses=jax.tree.map(mean, both.motor_losses, motor),
        inverter_losses=jax.tree.map(mean, both.inverter_losses, inverter),
        gearbox_losses=jax.tree.map(mean, both.gearbox_losses, gearbox),
        gearbox_loss_by_oil=mean_by_oil,
        shaft_speed=both.shaft_speed,
        control_residual=jnp.maximum(both.control_residual, alone.control_residual),
    )
