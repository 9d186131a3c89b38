"""Energy over a cycle: brake blending, drive units' power from outside, battery loss, charger, range."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from edu_opt.duty.duty_points import DutyPoints, wheel_force
from edu_opt.duty.road_load import ROTATING_MASS_SHARE
from edu_opt.numerics.pytree import pytree
from edu_opt.numerics.smooth import smooth_maximum, smooth_minimum, smooth_positive
from edu_opt.vehicle.battery import battery_internal_power, range_to_empty
from edu_opt.vehicle.model import Number, Vehicle, axle_counts, axle_shares, coupled_shares
from edu_opt.vehicle.tyre_slip import axle_loads, force_with_slip

FORCE_WIDTH = 20.0  # N, smoothing of the brake blending (below 0.01 m/s^2 of a passenger car)
FADE_WIDTH = 1.0 / (0.99 * 5.277)  # of the fade speed: FASTSim's exponent (see `BrakeBlending`)
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
    left = jax.nn.sigmoid((speed / jnp.asarray(vehicle.braking.fade_speed) - 1.0) / FADE_WIDTH)
    return smooth_positive(force, FORCE_WIDTH) - vehicle.braking.share * left * taken


def cycle_mass(vehicle: Vehicle, rotor_inertia: Number, mass: Number | None = None) -> jax.Array:
    """Mass [kg] whose inertia force at the wheels includes that of the rotors; for `unit_demand` and `cycle_energy`.

    rotor_inertia [kg m^2] at the axle, sum over all units of rotor inertia x ratio^2: 2 % of a car's mass. The wheels'
    own rotating share is already in the duty points.
    """
    mass = vehicle.test_mass if mass is None else mass
    return mass + rotor_inertia / jnp.asarray(vehicle.wheel_radius) ** 2 / (1.0 + ROTATING_MASS_SHARE)


def unit_demand(
    vehicle: Vehicle, points: DutyPoints, mass: Number | None = None, releases: bool = False
) -> tuple[jax.Array, jax.Array]:
    """What each unit must do at the duty points: (output torque (A, K) N m of one unit, output speed (K,) rad/s).

    `releases`: axles with a disconnect speed do nothing above it, the coupled ones carry the rest.
    """
    shares = coupled_shares(vehicle, points.speed) if releases else axle_shares(vehicle)[:, None]
    return unit_torque(vehicle, points, shares, mass), points.speed / vehicle.wheel_radius


def unit_torque(vehicle: Vehicle, points: DutyPoints, shares: jax.Array, mass: Number | None = None) -> jax.Array:
    """Output torque (A, K) [N m] of one unit of each axle that carries `shares` (A, 1 or K) of the wheel force left to
    the units, slip of its tyres included."""
    mass = vehicle.test_mass if mass is None else mass
    force = blended_force(vehicle, points.speed, wheel_force(points, mass), mass)
    at_wheels = force_with_slip(vehicle, shares * force[None, :], axle_loads(vehicle, mass)[:, None])
    return at_wheels * vehicle.wheel_radius / axle_counts(vehicle)[:, None]


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
    """Range [m]: usable battery energy over the internal consumption at the nominal voltage."""
    return vehicle.battery.usable_energy / energy.internal


def consecutive_cycles_range(vehicle: Vehicle, points: DutyPoints, electrical_power: jax.Array) -> jax.Array:
    """Range [m] of a cycle driven again and again until the battery is empty, its voltage falling with its charge.

    Pure electric range by the consecutive cycle procedure (UN GTR 15, annex 8, 3.4.4.1; recalled). electrical_power
    (A, K) [W] of one unit of each axle at the points.
    """
    power = jnp.sum(axle_counts(vehicle)[:, None] * electrical_power, axis=0) + vehicle.auxiliary_power
    rest = (vehicle.auxiliary_power, points.standstill)
    return range_to_empty(vehicle.battery, power, points.duration, *rest, points.distance)
