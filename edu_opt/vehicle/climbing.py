"""Launch on grades, the 45 degree climb, starts with a trailer, repeated climbs as load of the thermal network.

Limits of torque and of traction are kept apart, because the first is the drive unit's and the second the ground's.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from edu_opt.duty.road_load import tyre_and_air_force
from edu_opt.numerics.constants import KILOMETRE_PER_HOUR, STANDARD_GRAVITY
from edu_opt.numerics.pytree import pytree
from edu_opt.vehicle.model import Number, Vehicle, accelerated_mass, axle_counts, axle_shares
from edu_opt.vehicle.performance import limit_by_traction
from edu_opt.vehicle.trailer import Trailer, trailer_air


@pytree
class Climb:
    """grade: rise over run; rolling_coefficient of the ground."""

    grade: Number
    rolling_coefficient: Number = 0.015


def climb_force(mass: Number, climb: Climb) -> jax.Array:
    """Wheel force [N] that holds a steady crawl on a slope: m g (sin + c_rr cos)."""
    angle = jnp.arctan(climb.grade)
    return mass * STANDARD_GRAVITY * (jnp.sin(angle) + climb.rolling_coefficient * jnp.cos(angle))


def climb_torque(vehicle: Vehicle, climb: Climb, mass: Number | None = None) -> jax.Array:
    """Axle torque (A,) [N m] of one unit of each axle at its share, at the gross mass or another."""
    force = climb_force(vehicle.gross_mass if mass is None else mass, climb)
    return axle_shares(vehicle) / axle_counts(vehicle) * force * vehicle.wheel_radius


def needed_traction(climb: Climb) -> jax.Array:
    """Traction coefficient that the ground must give with all wheels driven: tan + c_rr (1.02 at 45 deg, 0.02)."""
    return jnp.asarray(climb.grade) + climb.rolling_coefficient


def launch_acceleration(
    vehicle: Vehicle,
    launch_torque: jax.Array,
    climb: Climb,
    mass: Number | None = None,
    trailer: Trailer | None = None,
    rotor_inertia: Number = 0.0,
) -> jax.Array:
    """Acceleration from rest on a slope [m/s^2] by the launch torque (A,) [N m] of one unit of each axle (< 0: back).

    Traction with weight transfer; the trailer's nose load presses on the rear axle. Neglected: its lever behind the
    axle, and that the coupling pulls below the centre of gravity. rotor_inertia [kg m^2] at the axle, sum over units.
    """
    mass = vehicle.gross_mass if mass is None else mass
    force = (axle_counts(vehicle) * launch_torque / vehicle.wheel_radius)[:, None]
    nose = 0.0 if trailer is None else trailer.nose_share * trailer.mass
    towed = 0.0 if trailer is None else trailer.mass
    angle = jnp.arctan(climb.grade)
    gripping = limit_by_traction(vehicle, force, mass, angle, nose)
    resistance = climb_force(mass, climb)
    if trailer is not None:
        rolling = Climb(grade=climb.grade, rolling_coefficient=trailer.rolling_coefficient)
        resistance += climb_force(towed, rolling)
    return (jnp.sum(gripping) - resistance) / (accelerated_mass(vehicle, mass, rotor_inertia) + towed)


def trailer_start_margin(
    vehicle: Vehicle,
    launch_torque: jax.Array,
    trailer: Trailer,
    climb: Climb | None = None,
    least_acceleration: Number = 0.2,
) -> jax.Array:
    """Acceleration of a start with a trailer over the least one (ASSUMED 0.2 m/s^2) less 1; positive is good.

    The slope is 12 % where none is given: Regulation (EU) 1230/2012 asks for five starts on it in 5 minutes (recalled).
    """
    slope = Climb(grade=0.12) if climb is None else climb
    return launch_acceleration(vehicle, launch_torque, slope, trailer=trailer) / least_acceleration - 1.0


@pytree
class RepeatedClimb:
    """A hill driven up again and again: `length` [m] at `speed` [m/s] on a slope, back down coasting, then a pause.

    Defaults are the sand climbs of a published hot-weather test (five times 100 m of fine sand at 50 degC without loss
    of power); slope 20 %, rolling resistance 0.20 (loose sand, Wong, Theory of Ground Vehicles: 0.2 to 0.3, recalled),
    20 km/h and 30 s of pause are ASSUMED.
    """

    length: Number = 100.0
    speed: Number = 20.0 * KILOMETRE_PER_HOUR
    grade: Number = 0.20
    rolling_coefficient: Number = 0.20
    pause: Number = 30.0
    ambient_celsius: Number = 50.0


SAND_CLIMBS = 5


@pytree
class LoadSegments:
    """Segments of constant load of one repetition: axle torque (A, k) [N m] of one unit of each axle, axle speed (k,)
    [rad/s], duration (k,) [s]. Segments: climb, return (rolling back without load), pause."""

    axle_torque: jax.Array
    axle_speed: jax.Array
    duration: jax.Array


def climb_segments(vehicle: Vehicle, climb: RepeatedClimb, mass: Number | None = None) -> LoadSegments:
    """Load of a repeated climb, for `edu_opt.motor.thermal.load_cycle_temperatures` once its losses are known."""
    slope = Climb(grade=climb.grade, rolling_coefficient=climb.rolling_coefficient)
    up = climb_torque(vehicle, slope, vehicle.test_mass if mass is None else mass)
    travel = climb.length / jnp.asarray(climb.speed)
    turning = climb.speed / jnp.asarray(vehicle.wheel_radius)
    return LoadSegments(
        axle_torque=jnp.stack([up, jnp.zeros_like(up), jnp.zeros_like(up)], axis=1),
        axle_speed=jnp.stack([turning, turning, 0.0 * turning]),
        duration=jnp.stack([travel, travel, jnp.asarray(climb.pause, float)]),
    )


def towing_torque(vehicle: Vehicle, trailer: Trailer, climb: Climb, speed: Number) -> tuple[jax.Array, jax.Array]:
    """(axle torque (A,) [N m] of one unit of each axle, axle speed [rad/s]) of a steady climb with a trailer [m/s]."""
    at = jnp.asarray(speed, float)
    car = tyre_and_air_force(vehicle.road_load, at) + climb_force(
        vehicle.gross_mass, Climb(grade=climb.grade, rolling_coefficient=0.0)
    )
    towed = climb_force(trailer.mass, Climb(grade=climb.grade, rolling_coefficient=trailer.rolling_coefficient))
    share = axle_shares(vehicle) / axle_counts(vehicle)
    return share * (car + towed + trailer_air(trailer, at)) * vehicle.wheel_radius, at / vehicle.wheel_radius
