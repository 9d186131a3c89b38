"""A whole 1 Hz trace through the units' own maps: split between the axles, limits, disconnects, energy and range.

The search works with a few duty points; this is what a certificate, a report and the validation use. Points are those
of `edu_opt.duty.reduction.full_points` (every moving second).
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from edu_opt.duty.duty_points import DutyPoints, wheel_force
from edu_opt.numerics.pytree import pytree, replace
from edu_opt.numerics.smooth import smooth_maximum
from edu_opt.vehicle.energy import CycleEnergy, blended_force, consecutive_cycles_range, cycle_energy
from edu_opt.vehicle.model import Number, Vehicle, any_coupled, axle_counts, coupled_shares, coupling
from edu_opt.vehicle.torque_split import LIMIT_WIDTH, Pair, least_power_split
from edu_opt.vehicle.tyre_slip import axle_loads, force_with_slip
from edu_opt.vehicle.unit_map import UnitMap, open_loss, torque_limits, unit_loss

Maps = tuple[UnitMap, ...]


@pytree
class TraceEnergy:
    """Result of a trace: energy per distance, range [m] to the empty battery, losses (A,) [J/m] of all units of an
    axle, shares (A, K) of the wheel force that an axle carries, shortfall: largest part of a driving torque beyond a
    unit's peak."""

    energy: CycleEnergy
    range: jax.Array
    losses: jax.Array
    shares: jax.Array
    shortfall: jax.Array


def _axle_loss(vehicle: Vehicle, unit: UnitMap, k: int, force: jax.Array, load: jax.Array, speed: jax.Array) -> Pair:
    """(torque of one unit, its loss) (K,) at the axle's force on the road; braking is limited to what the unit can."""
    axle, turning = vehicle.axles[k], speed / vehicle.wheel_radius
    torque = force_with_slip(vehicle, force, load) * vehicle.wheel_radius / axle.count
    torque = smooth_maximum(torque, -torque_limits(unit, turning)[1], LIMIT_WIDTH)
    closed = 1.0 - axle.decouples * jnp.exp(-((torque / LIMIT_WIDTH) ** 2))
    return torque, closed * unit_loss(unit, torque, turning) + (1.0 - closed) * open_loss(unit, turning)


def trace_energy(
    vehicle: Vehicle, points: DutyPoints, maps: Maps, mass: Number | None = None, best_split: bool = False
) -> TraceEnergy:
    """Energy of a trace with the units' maps, one an axle; `best_split`: two axles share the torque for least loss.

    Above its disconnect speed an axle neither drives nor brakes; what still turns there is charged at the battery.
    Where no axle is coupled an engine drives, which is not part of this energy.
    """
    mass = vehicle.test_mass if mass is None else mass
    speed = points.speed
    force = blended_force(vehicle, speed, wheel_force(points, mass), mass)
    coupled, loads = coupling(vehicle, speed), axle_loads(vehicle, mass)

    def of_axle(k: int, share: jax.Array, asked: jax.Array = force) -> Pair:
        return _axle_loss(vehicle, maps[k], k, share * asked, loads[k], speed)

    if best_split and len(maps) == 2:
        electric = any_coupled(coupled) * force
        split = least_power_split(vehicle, maps, lambda k, share: of_axle(k, share, electric), speed)
        shares, ways = split.shares, [(split.torque[k], split.loss[k]) for k in range(2)]
    else:
        shares = coupled_shares(vehicle, speed)
        ways = [of_axle(k, shares[k]) for k in range(len(maps))]
    powers, losses, shortfalls, braked = [], [], [], jnp.zeros_like(speed)
    for k, (unit, (torque, loss)) in enumerate(zip(maps, ways, strict=True)):
        turning = speed / vehicle.wheel_radius
        peak = torque_limits(unit, turning)[0]
        losses.append(coupled[k] * loss + (1.0 - coupled[k]) * open_loss(unit, turning))
        powers.append(torque * turning + losses[-1])
        braked += vehicle.axles[k].count * jnp.minimum(torque, 0.0) * turning
        shortfalls.append(jnp.max(torque / jnp.maximum(peak, 1.0)) - 1.0)
    power = jnp.stack(powers)
    per_axle = axle_counts(vehicle) * jnp.sum(jnp.stack(losses) * points.duration, axis=1) / points.distance
    offered = jnp.sum(jnp.minimum(wheel_force(points, mass), 0.0) * speed * points.duration)
    recuperated = jnp.sum(braked * points.duration) / (offered - 1e-6)
    return TraceEnergy(
        energy=replace(cycle_energy(vehicle, points, power, mass), recuperated=recuperated),
        range=consecutive_cycles_range(vehicle, points, power),
        losses=per_axle,
        shares=shares,
        shortfall=jnp.maximum(jnp.max(jnp.stack(shortfalls)), 0.0),
    )


compiled_trace = jax.jit(trace_energy, static_argnames="best_split")
