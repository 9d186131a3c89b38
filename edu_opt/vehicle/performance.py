"""Acceleration, top speed and grade from the units' torque envelopes; smooth, with fixed step counts.

An envelope is the output torque (A, S) of one unit of each axle over a grid of vehicle speeds (S,), rising from 0.
Between grid points the wheel *power* is taken as linear: exact where torque or power is constant.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from edu_opt.duty.road_load import tyre_and_air_force
from edu_opt.numerics.constants import STANDARD_GRAVITY
from edu_opt.numerics.smooth import smooth_maximum, smooth_minimum, smooth_step
from edu_opt.vehicle.model import Number, Vehicle, accelerated_mass, axle_counts, axle_positions
from edu_opt.vehicle.trailer import Trailer, trailer_resistance

FORCE_WIDTH = 50.0  # N, smoothing of traction and power limits
TRANSFER_STEPS = 8  # fixed point of weight transfer; contracts by friction * cg_height / wheelbase, about 0.2
ACCELERATION_STEPS = 96  # midpoint rule
TOP_SPEED_STEPS = 40  # bisections
LAUNCH_JERK = 10.0  # m/s^3, recommended limit of driveline control in Germany (in the clutch literature, recalled)
DERATING_WIDTH = 0.5  # s, within which the peak gives way to the continuous torque
DERATING_SWEEPS = 6  # later speeds depend on the times of earlier ones only


def axle_forces(vehicle: Vehicle, speeds: jax.Array, envelope: jax.Array, speed: jax.Array) -> jax.Array:
    """Wheel force of each axle [N] at speeds (N,) > 0: shape (A, N); linear in power between grid points."""
    torque = axle_counts(vehicle)[:, None] * envelope
    power = torque * speeds[None, :] / vehicle.wheel_radius
    cell = jnp.sum(speed[:, None] >= speeds[None, 1:-1], axis=1)  # few comparisons beat a search loop in a batch
    share = jnp.minimum((speed - speeds[cell]) / (speeds[cell + 1] - speeds[cell]), 1.0)
    return (power[:, cell] * (1.0 - share) + power[:, cell + 1] * share) / speed


def limit_by_traction(
    vehicle: Vehicle, force: jax.Array, mass: Number, grade_angle: Number = 0.0, rear_load: Number = 0.0
) -> jax.Array:
    """Axle forces (A, N) limited by friction with weight transfer: F <= mu (load m g cos -+ (h/L) total force).

    rear_load [kg]: what a trailer's coupling adds on the rear axle.

    The moment of all longitudinal forces (inertia, grade) about the contact points equals total drive force x cg
    height; air drag is taken to act at that height too.
    """
    share, sign = axle_positions(vehicle)
    weight = jnp.asarray(mass) * STANDARD_GRAVITY
    coupling = 0.5 * (1.0 + sign) * rear_load * STANDARD_GRAVITY
    static_load = ((share * weight + coupling) * jnp.cos(grade_angle))[:, None]
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


def within_battery(vehicle: Vehicle, envelope: jax.Array, electrical_power: jax.Array) -> jax.Array:
    """Envelope (A, S) [N m] that the battery can feed, from the DC power (A, S) [W] of one unit of each axle at it.

    All units are reduced alike where their power and the auxiliaries exceed what the battery gives. Power is taken in
    proportion to torque, which overstates the need of the reduced torque (losses fall faster): on the safe side.
    """
    need = jnp.sum(axle_counts(vehicle)[:, None] * electrical_power, axis=0)
    given = jnp.asarray(vehicle.battery.power) - vehicle.auxiliary_power
    return envelope * smooth_minimum(1.0, given / jnp.maximum(need, 1.0), 1e-3)


def derated(peak: jax.Array, continuous: jax.Array, time: jax.Array, peak_seconds: Number) -> jax.Array:
    """What is left of `peak` [N] after `time` [s] of full load: peak for peak_seconds, then `continuous` [N]."""
    return continuous + (peak - continuous) * smooth_step(peak_seconds - time, DERATING_WIDTH)


def acceleration_time(
    vehicle: Vehicle,
    speeds: jax.Array,
    envelope: jax.Array,
    rotor_inertia: Number = 0.0,
    final_speed: Number = 100.0 / 3.6,
    mass: Number | None = None,
    initial_speed: Number = 0.0,
    continuous: jax.Array | None = None,
    peak_seconds: Number = 10.0,
    trailer: Trailer | None = None,
    jerk: Number | None = None,
) -> jax.Array:
    """Time from `initial_speed` to `final_speed` [s]: integral of m_eff / (F - resistance) dv.

    rotor_inertia [kg m^2] at the axle, sum over all units. No reaction time, no roll-out is taken off. `continuous`
    (A, S) [N m]: envelope that is left after `peak_seconds` of the run; the time at which a speed is reached, on which
    that depends, is found by `DERATING_SWEEPS` repetitions of the integral. `jerk` [m/s^3]: limit of the torque's
    rise (`LAUNCH_JERK`), none where not given: acceleration <= sqrt(2 jerk (v - v_0)), a ramp seen over speed.
    Midpoint rule in the root of the speed gained, in which that ramp is a straight line.
    """
    mass = vehicle.performance_mass if mass is None else mass
    gained = jnp.asarray(final_speed) - initial_speed
    root = (jnp.arange(ACCELERATION_STEPS) + 0.5) / ACCELERATION_STEPS
    speed, step = initial_speed + gained * root**2, 2.0 * gained * root / ACCELERATION_STEPS
    peak = drive_force(vehicle, speeds, envelope, speed, mass)
    resistance, towed = tyre_and_air_force(vehicle.road_load, speed), jnp.asarray(0.0)
    if trailer is not None:
        resistance, towed = resistance + trailer_resistance(trailer, speed), jnp.asarray(trailer.mass, float)
    crawl = jnp.asarray(0.02) * mass  # a car that cannot reach the speed gets a long, finite time
    inertia = accelerated_mass(vehicle, mass, rotor_inertia) + towed

    def durations(force: jax.Array) -> jax.Array:
        if jerk is not None:
            force = smooth_minimum(force, resistance + inertia * root * jnp.sqrt(2.0 * jerk * gained), FORCE_WIDTH)
        return inertia / smooth_maximum(force - resistance, crawl, FORCE_WIDTH) * step

    if continuous is None:
        return jnp.sum(durations(peak))
    steady = drive_force(vehicle, speeds, continuous, speed, mass)

    def sweep(spent: jax.Array, _: None) -> tuple[jax.Array, None]:
        reached = jnp.cumsum(spent) - 0.5 * spent
        return durations(derated(peak, steady, reached, peak_seconds)), None

    return jnp.sum(jax.lax.scan(sweep, durations(peak), None, length=DERATING_SWEEPS)[0])


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
