"""Energy over a cycle: brake blending, drive units' power from outside, battery loss, charger, range."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from edu_opt.duty.duty_points import DutyPoints, wheel_force
from edu_opt.numerics.pytree import pytree
from edu_opt.numerics.smooth import safe_sqrt, smooth_maximum, smooth_minimum, smooth_positive
from edu_opt.vehicle.model import Battery, Number, Vehicle, axle_counts, axle_shares

FORCE_WIDTH = 20.0  # N, smoothing of the brake blending (below 0.01 m/s^2 of a passenger car)
CHARGE_LOSS_RATE = 6.6e3  # W at the battery while charging at home: the internal loss is that of this power


@pytree
class CycleEnergy:
    """Energy per distance [J/m] (divide by 3.6 for Wh/km) and what belongs to it.

    terminal: at the battery terminals, auxiliaries included; internal: with the battery's own loss (usable energy is
    counted there, so range follows from it); wall: at the socket, with charging loss. recuperated: share of the braking
    work at the wheels that the units took.
    """

    terminal: jax.Array
    internal: jax.Array
    wall: jax.Array
    recuperated: jax.Array

    @property
    def terminal_wh_per_km(self) -> jax.Array:
        """Battery-terminal consumption [Wh/km]."""
        return self.terminal / 3.6

    @property
    def wall_wh_per_km(self) -> jax.Array:
        """Wall consumption [Wh/km]."""
        return self.wall / 3.6


def blended_force(vehicle: Vehicle, speed: jax.Array, force: jax.Array, mass: Number) -> jax.Array:
    """Wheel force left to the drive units [N], elementwise: all of driving, the recuperated part of braking (< 0).

    Limits: recuperation power, the deceleration that the driven axles may take alone, friction brakes near standstill.
    """
    braking = smooth_positive(-force, FORCE_WIDTH)
    by_power = vehicle.braking.power / smooth_maximum(speed, jnp.asarray(1.0), 0.1)
    limit = smooth_minimum(by_power, jnp.asarray(mass) * vehicle.braking.deceleration, FORCE_WIDTH)
    taken = braking - smooth_positive(braking - limit, FORCE_WIDTH)
    fade = speed**2 / (speed**2 + jnp.asarray(vehicle.braking.fade_speed) ** 2)
    return smooth_positive(force, FORCE_WIDTH) - fade * taken


def unit_demand(vehicle: Vehicle, points: DutyPoints, mass: Number | None = None) -> tuple[jax.Array, jax.Array]:
    """What each unit must do at the duty points: (output torque (A, K) N m of one unit, output speed (K,) rad/s)."""
    mass = vehicle.test_mass if mass is None else mass
    force = blended_force(vehicle, points.speed, wheel_force(points, mass), mass)
    share = axle_shares(vehicle) / axle_counts(vehicle)
    return share[:, None] * force[None, :] * vehicle.wheel_radius, points.speed / vehicle.wheel_radius


def battery_internal_power(battery: Battery, terminal_power: jax.Array) -> jax.Array:
    """Power drawn from (or stored in) the cells [W] for a power at the terminals [W], from V I = P + R I^2.

    I = (V - sqrt(V^2 - 4 R P)) / 2 R; the root is kept real far beyond any rating (at P above V^2/4R it is floored).
    """
    voltage, resistance = jnp.asarray(battery.nominal_voltage), jnp.asarray(battery.resistance)
    square = smooth_positive(voltage**2 - 4.0 * resistance * terminal_power, 1.0)
    current = 2.0 * terminal_power / (voltage + safe_sqrt(square, 1e-12))
    return voltage * current


def cycle_energy(
    vehicle: Vehicle, points: DutyPoints, electrical_power: jax.Array, mass: Number | None = None
) -> CycleEnergy:
    """Consumption over a cycle from the electrical power (A, K) [W] of one unit of each axle at the duty points.

    At rest the units draw nothing (gates off) and the auxiliaries go on.
    """
    mass = vehicle.test_mass if mass is None else mass
    power = jnp.sum(axle_counts(vehicle)[:, None] * electrical_power, axis=0) + vehicle.auxiliary_power
    rest = jnp.asarray(vehicle.auxiliary_power, float)
    terminal = jnp.sum(power * points.duration) + rest * points.standstill
    cells = battery_internal_power(vehicle.battery, power)
    cells_at_rest = battery_internal_power(vehicle.battery, rest)
    internal = jnp.sum(cells * points.duration) + cells_at_rest * points.standstill
    charging = CHARGE_LOSS_RATE / -battery_internal_power(vehicle.battery, jnp.asarray(-CHARGE_LOSS_RATE))
    force = wheel_force(points, mass)
    taken = blended_force(vehicle, points.speed, force, mass)
    work = points.speed * points.duration
    offered = jnp.sum(jnp.minimum(force, 0.0) * work)
    return CycleEnergy(
        terminal=terminal / points.distance,
        internal=internal / points.distance,
        wall=internal * charging / (vehicle.charger_efficiency * points.distance),
        recuperated=jnp.sum(jnp.minimum(taken, 0.0) * work) / (offered - 1e-6),
    )


def driving_range(vehicle: Vehicle, energy: CycleEnergy) -> jax.Array:
    """Range [m]: usable battery energy over the internal consumption."""
    return vehicle.battery.usable_energy / energy.internal
