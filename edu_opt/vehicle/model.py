"""A vehicle: mass, road load, axles with their drive units, battery, braking; what its functions take as data."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from edu_opt.duty.road_load import RoadLoad, inertial_mass
from edu_opt.numerics.pytree import pytree
from edu_opt.numerics.smooth import smooth_step
from edu_opt.vehicle.engine import Engine

Number = float | jax.Array

COUPLING_WIDTH = 0.3  # m/s, smoothing of the disconnect
NEVER = 1e3 / 3.6  # m/s, the disconnect speed of an axle that has none
# Force over load per slip of a passenger car's tyre at its nominal load: p_Kx1 of the 205/60 R15 in Pacejka, Tyre and
# Vehicle Dynamics (read in public copies of the set; a second set for this size has 21.7, the one of Bakker et al., SAE
# 870421, gives 32 at 4 kN). Range of cars' tyres: 15 to 40.
SLIP_STIFFNESS = 21.51


@pytree
class Battery:
    """usable_energy [J] (net); nominal_voltage [V] open circuit, mean of a discharge; resistance [Ohm] of the pack;
    power [W] that the terminals give at most (a large number where none is known)."""

    usable_energy: Number
    nominal_voltage: Number
    resistance: Number
    power: Number = 1e7


@pytree
class Axle:
    """A driven axle: rear 1 or 0 (front); `count` units share its torque; `share` is the part of the vehicle's wheel
    force that it carries in normal driving and braking (shares of all axles sum to 1); above disconnect_speed [m/s] it
    is decoupled from the wheels, and where `decouples` is 1 also whenever it carries nothing. All data: cars with
    equally many axles share one compiled program."""

    rear: Number = 1.0
    count: Number = 1.0
    share: Number = 1.0
    disconnect_speed: Number = NEVER
    decouples: Number = 0.0


@pytree
class BrakeBlending:
    """Limits of recuperation. power [W] at the wheels of all units; deceleration [m/s^2] up to which the driven axles
    brake alone; fade_speed [m/s] at which friction brakes take half; share: most that the units take at any speed.

    The last two are those of FASTSim's vehicles (Brooker et al., SAE 2015-01-0973: 0.98 / (1 + 500 exp(-0.99 (v + 1))),
    v in mile/h; recalled): half at 5.28 mile/h."""

    power: Number
    deceleration: Number
    fade_speed: Number = 5.277 * 0.44704
    share: Number = 0.98


@pytree
class Vehicle:
    """One vehicle as data (SI). Masses: test_mass for cycles, performance_mass for acceleration, gross_mass for grade.

    front_share: static load on the front axle over the weight; cg_height, wheelbase [m]; friction of dry road;
    auxiliary_power [W]; charger_efficiency wall to battery terminals; system_power [W] at the wheels (a large number
    where the units alone limit it); engine: that of a plug-in hybrid; towing_mass [kg] of the braked trailer;
    slip_stiffness: force over load per slip of the driven tyres (`edu_opt.vehicle.tyre_slip`).
    """

    axles: tuple[Axle, ...]
    road_load: RoadLoad
    test_mass: Number
    performance_mass: Number
    gross_mass: Number
    wheel_radius: Number
    front_share: Number
    cg_height: Number
    wheelbase: Number
    friction: Number
    battery: Battery
    braking: BrakeBlending
    auxiliary_power: Number
    charger_efficiency: Number
    system_power: Number = 1e7
    engine: Engine | None = None
    towing_mass: Number = 0.0
    slip_stiffness: Number = SLIP_STIFFNESS


def axle_shares(vehicle: Vehicle) -> jax.Array:
    """Part of the wheel force that each axle carries in normal driving, shape (A,)."""
    return jnp.stack([jnp.asarray(axle.share, float) for axle in vehicle.axles])


def axle_counts(vehicle: Vehicle) -> jax.Array:
    """Units on each axle, shape (A,)."""
    return jnp.stack([jnp.asarray(axle.count, float) for axle in vehicle.axles])


def coupling(vehicle: Vehicle, speed: jax.Array) -> jax.Array:
    """1 where an axle is coupled to its wheels, 0 above its disconnect speed, at vehicle speeds (K,) [m/s]; (A, K)."""
    limits = jnp.stack([jnp.asarray(axle.disconnect_speed, float) for axle in vehicle.axles])
    return smooth_step(limits[:, None] - speed[None, :], COUPLING_WIDTH)


def any_coupled(coupled: jax.Array) -> jax.Array:
    """1 where at least one of the axles (A, K) is coupled, 0 where none is; (K,)."""
    return 1.0 - jnp.prod(1.0 - coupled, axis=0)


def coupled_shares(vehicle: Vehicle, speed: jax.Array) -> jax.Array:
    """The vehicle's own shares (A, K) of the wheel force among the axles that are coupled; 0 where none is (there an
    engine drives)."""
    coupled = coupling(vehicle, speed)
    weights = axle_shares(vehicle)[:, None] * coupled
    return any_coupled(coupled) * weights / (jnp.sum(weights, axis=0) + 1e-12)


def axle_positions(vehicle: Vehicle) -> tuple[jax.Array, jax.Array]:
    """(static load over weight, sign of weight transfer while accelerating) of each axle, shapes (A,)."""
    rear = jnp.stack([jnp.asarray(axle.rear, float) for axle in vehicle.axles])
    front_share = jnp.asarray(vehicle.front_share, float)
    return rear * (1.0 - front_share) + (1.0 - rear) * front_share, 2.0 * rear - 1.0


def accelerated_mass(vehicle: Vehicle, mass: Number, rotor_inertia: Number = 0.0) -> jax.Array:
    """Mass with rotating parts [kg]; rotor_inertia [kg m^2]: sum over all units of rotor inertia x ratio^2."""
    return jnp.asarray(inertial_mass(mass, rotor_inertia, vehicle.wheel_radius))
