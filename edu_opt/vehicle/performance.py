"""Acceleration, top speed and grade from the units' torque envelopes; smooth, with fixed step counts.

An envelope is the output torque (A, S) of one unit of each axle over a grid of vehicle speeds (S,), rising from 0.
Between grid points the wheel *power* is taken as linear: exact where torque or power is constant.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from edu_opt.duty.road_load import tyre_and_air_force
from edu_opt.numerics.constants import STANDARD_GRAVITY
from edu_opt.numerics.smooth import smooth_maximum, smooth_minimum
from edu_opt.vehicle.model import Number, Vehicle, accelerated_mass, axle_counts, axle_positions

FORCE_WIDTH = 50.0  # N, smoothing of traction and power limits
TRANSFER_STEPS = 8  # fixed point of weight transfer; contracts by friction * cg_height / wheelbase, about 0.2
ACCELERATION_STEPS = 96  # midpoint rule in speed
TOP_SPEED_STEPS = 40  # bisections


def axle_forces(vehicle: Vehicle, speeds: jax.Array, envelope: jax.Array, speed: jax.Array) -> jax.Array:
    """Wheel force of each axle [N] at speeds (N,) > 0: shape (A, N); linear in power between grid points."""
    torque = axle_counts(vehicle)[:, None] * envelope
    power = torque * speeds[None, :] / vehicle.wheel_radius
    cell = jnp.sum(speed[:, None] >= speeds[None, 1:-1], axis=1)  # few comparisons beat a search loop in a batch
    share = jnp.minimum((speed - speeds[cell]) / (speeds[cell + 1] - speeds[cell]), 1.0)
    return (power[:, cell] * (1.0 - share) + power[:, cell + 1] * share) / speed


def limit_by_traction(vehicle: Vehicle, force: jax.Array, mass: Number, grade_angle: Number = 0.0) -> jax.Array:
    """Axle forces (A, N) limited by friction with weight transfer: F <= mu (load m g cos -+ (h/L) total force).

    The moment of all longitudinal forces (inertia, grade) about the contact points equals total drive force x cg
    height; air drag is taken to act at that height too.
    """
    share, sign = axle_positions(vehicle)
    weight = jnp.asarray(mass) * STANDARD_GRAVITY
    static_load = (share * weight * jnp.cos(grade_angle))[:, None]
    lever = (sign * vehicle.cg_height / vehicle.wheelbase)[:, None]

    def limited(total: jax.Array) -> jax.Array:
        return smooth_minimum(force, vehicle.friction * (static_load + lever * total), FORCE_WIDTH)

    def transfer(total: jax.Array, _: None) -> tuple[jax.Array, None]:
        return jnp.sum(limited(total), axis=0), None

    total, _ = jax.lax.scan(transfer, jnp.zeros(force.shape[1]), None, length=TRANSFER_STEPS)
    return limited(total)


def drive_force(vehicle: Vehicle, speeds: jax.Array, envelope: jax.Array, speed: jax.Array, mass: Number) -> jax.Array:
    """Total force at the wheels [N] at speeds (N,) > 0, with traction and system power limits: shape (N,)."""
    limited = limit_by_traction(vehicle, axle_forces(vehicle, speeds, envelope, speed), mass)
    return smooth_minimum(jnp.sum(limited, axis=0), vehicle.system_power / speed, FORCE_WIDTH)


def acceleration_time(
    vehicle: Vehicle,
    speeds: jax.Array,
    envelope: jax.Array,
    rotor_inertia: Number = 0.0,
    final_speed: Number = 100.0 / 3.6,
    mass: Number | None = None,
) -> jax.Array:
    """Time from rest to `final_speed` [s]: integral of m_eff / (F - resistance) dv, midpoint rule in speed.

    rotor_inertia [kg m^2] at the axle, sum over all units. No reaction time, no roll-out is taken off.
    """
    mass = vehicle.performance_mass if mass is None else mass
    step = jnp.asarray(final_speed) / ACCELERATION_STEPS
    speed = (jnp.arange(ACCELERATION_STEPS) + 0.5) * step
    force = drive_force(vehicle, speeds, envelope, speed, mass)
    net = force - tyre_and_air_force(vehicle.road_load, speed)
    crawl = jnp.asarray(0.02) * mass  # a car that cannot reach the speed gets a long, finite time
    usable = smooth_maximum(net, crawl, FORCE_WIDTH)
    return jnp.sum(accelerated_mass(vehicle, mass, rotor_inertia) / usable) * step


def top_speed_margin(
    vehicle: Vehicle, speeds: jax.Array, envelope: jax.Array, required_speed: Number, highest_speed: Number
) -> tuple[jax.Array, jax.Array]:
    """(force margin, speed margin) at a required top speed: available over needed, less 1; positive is good.

    highest_speed [m/s]: the vehicle speed at the unit's highest permitted speed.
    """
    speed = jnp.asarray(required_speed, float)[None]
    available = drive_force(vehicle, speeds, envelope, speed, vehicle.test_mass)[0]
    needed = tyre_and_air_force(vehicle.road_load, speed[0])
    return available / needed - 1.0, highest_speed / speed[0] - 1.0


def top_speed(vehicle: Vehicle, speeds: jax.Array, envelope: jax.Array, highest_speed: Number) -> jax.Array:
    """Highest steady speed on the level [m/s] by force and by the unit's highest speed.

    Fixed bisection on the force balance, then one Newton step that carries the exact derivative.
    """

    def excess(speed: jax.Array, car: Vehicle, torque: jax.Array) -> jax.Array:
        force = jnp.sum(axle_forces(car, speeds, torque, speed[None]), axis=0)
        limited = smooth_minimum(force, car.system_power / speed, FORCE_WIDTH)
        return limited[0] - tyre_and_air_force(car.road_load, speed)

    frozen = jax.lax.stop_gradient((vehicle, envelope))

    def halve(_: int, bounds: tuple[jax.Array, jax.Array]) -> tuple[jax.Array, jax.Array]:
        middle = 0.5 * (bounds[0] + bounds[1])
        above = excess(middle, *frozen) > 0.0
        return jnp.where(above, middle, bounds[0]), jnp.where(above, bounds[1], middle)

    start = (jnp.asarray(0.02 * speeds[-1]), jnp.asarray(speeds[-1]))
    low, high = jax.lax.fori_loop(0, TOP_SPEED_STEPS, halve, start)
    root = 0.5 * (low + high)
    slope = jax.grad(excess)(root, *frozen)
    balanced = root - excess(root, vehicle, envelope) / jnp.where(slope < 0.0, slope, -1e9)
    reached = jnp.where(excess(speeds[-1], *frozen) > 0.0, speeds[-1], balanced)
    return smooth_minimum(reached, jnp.asarray(highest_speed), 0.02)


def gradeability(
    vehicle: Vehicle, launch_torque: jax.Array, rolling_coefficient: Number = 0.015, mass: Number | None = None
) -> jax.Array:
    """Steepest start from rest, as rise over run, from the launch torque (A,) [N m] of one unit of each axle.

    By torque: sin(angle) = F/(m g) - c_rr. By traction, with all driven axles at their friction limit on the slope:
    tan(angle) = mu S / (1 - mu h/L D) - c_rr, S the static load share and D the signed count of the driven axles.
    """
    mass = vehicle.gross_mass if mass is None else mass
    torque = jnp.sum(axle_counts(vehicle) * launch_torque)
    by_torque = torque / (vehicle.wheel_radius * jnp.asarray(mass) * STANDARD_GRAVITY) - rolling_coefficient
    share, sign = axle_positions(vehicle)
    lever = vehicle.friction * vehicle.cg_height / vehicle.wheelbase * jnp.sum(sign)
    upright = smooth_maximum(1.0 - lever, jnp.asarray(0.02), 0.01)  # beyond, it would tip over
    by_traction = vehicle.friction * jnp.sum(share) / upright - rolling_coefficient
    sine = smooth_minimum(by_torque, by_traction / jnp.sqrt(1.0 + by_traction**2), 0.005)
    bounded = smooth_minimum(sine, jnp.asarray(0.98), 0.01)
    return bounded / jnp.sqrt(1.0 - bounded**2)
