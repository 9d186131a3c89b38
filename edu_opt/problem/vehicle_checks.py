"""What a vehicle asks of its units beyond the cycle: sprint, steep climb, trailer, sand climbs.

Results of every study but the sand climbs: these solve one more operating point and a transient, so only a requirement
on one of them (`SAND_QUANTITIES`) adds them.
"""

from __future__ import annotations

from collections.abc import Iterable

import jax
import jax.numpy as jnp

from edu_opt.drive_unit.conditions import Conditions
from edu_opt.drive_unit.model import DriveUnit, cooling
from edu_opt.drive_unit.operating_point import OperatingPoint
from edu_opt.drive_unit.plant import safe_speed
from edu_opt.motor.thermal import LoadCycle, load_cycle_temperatures
from edu_opt.numerics.pytree import pytree
from edu_opt.numerics.smooth import smooth_minimum, soft_maximum
from edu_opt.vehicle.climbing import (
    SAND_CLIMBS,
    Climb,
    RepeatedClimb,
    climb_force,
    climb_segments,
    launch_acceleration,
)
from edu_opt.vehicle.model import Vehicle, axle_counts, coupling
from edu_opt.vehicle.performance import LAUNCH_JERK, acceleration_time, gradeability, top_speed, within_battery
from edu_opt.vehicle.phev import engine_torque, with_engine_axle
from edu_opt.vehicle.trailer import Trailer

# 45 degrees; all wheels must find a traction coefficient of tan + c_rr = 1.02 (the ground's matter, not the unit's)
STEEP = Climb(grade=1.0, rolling_coefficient=0.02)
TRAILER_SLOPE = Climb(grade=0.12)  # Regulation (EU) 1230/2012: start on 12 % (recalled)
SAND = RepeatedClimb()
SAND_STEPS = 4  # implicit steps of a segment of 18 to 30 s
SAND_QUANTITIES = ("sand_climb_winding_temperature", "sand_climb_junction_temperature", "sand_climb_shortfall")
TEMPERATURE_WIDTH = 0.2  # K, soft maximum over the climbs
SHARE_WIDTH = 0.01  # smooth limit of the continuous torque to the peak torque
PEAK_SECONDS = 10.0  # of the rating that the peak curve is
ELASTICITY = (80.0 / 3.6, 120.0 / 3.6)  # m/s

Scalars = dict[str, jax.Array]


def asks_for_sand(quantities: Iterable[str]) -> bool:
    """Whether some quantity needs the sand climbs."""
    return not set(SAND_QUANTITIES).isdisjoint(quantities)


@pytree
class RoadCurves:
    """speeds (S,) [m/s]; able (A, S) [N m] of one unit of each axle, within the battery's power; peak (A, S): without
    the axles that have let go; lasting (A, S): what is left after the peak's 10 s; rotating inertia [kg m^2] of all
    units at the axle."""

    speeds: jax.Array
    able: jax.Array
    peak: jax.Array
    lasting: jax.Array
    rotating: jax.Array


def road_curves(
    vehicle: Vehicle, peak: OperatingPoint, speeds: jax.Array, lasting_share: jax.Array, rotating: jax.Array
) -> RoadCurves:
    """Curves of a vehicle whose axles all carry one design; lasting_share: 30 min power over peak power."""
    coupled = coupling(vehicle, speeds)
    every = jnp.ones_like(coupled)
    able = within_battery(vehicle, every * peak.output_torque, every * peak.electrical_power)
    driving = within_battery(vehicle, coupled * peak.output_torque, coupled * peak.electrical_power)
    share = smooth_minimum(1.0, lasting_share, SHARE_WIDTH)
    return RoadCurves(speeds=speeds, able=able, peak=driving, lasting=share * driving, rotating=rotating)


def highest_speed(vehicle: Vehicle, curves: RoadCurves) -> jax.Array:
    """Top speed [m/s]: with all axles up to the speed where the first lets go, or with those that stay beyond it.

    The curves' few speeds would smear a disconnect over the gap between two of them."""
    disconnects = jnp.stack([jnp.asarray(axle.disconnect_speed, float) for axle in vehicle.axles])
    ends = jnp.minimum(curves.speeds[-1], jnp.stack([jnp.min(disconnects), jnp.max(disconnects)]))

    def reached(envelope: jax.Array, end: jax.Array) -> jax.Array:
        return top_speed(vehicle, curves.speeds, envelope, end)

    return jnp.max(jax.vmap(reached)(jnp.stack([curves.able, curves.peak]), ends))


def on_road(vehicle: Vehicle, curves: RoadCurves) -> Scalars:
    """Sprint, elasticity, top speed, grades, trailer; a plug-in hybrid sprints with its engine, all else is electric.

    After 10 s of full load the 30 min power over the 10 s power is left of the torque (a sprint of less is untouched).
    """
    driven, envelopes = vehicle, [curves.peak, curves.lasting]
    if vehicle.engine is not None:
        driven, engine = with_engine_axle(vehicle), engine_torque(vehicle, curves.speeds)[None]
        envelopes = [jnp.concatenate([rows, engine]) for rows in envelopes]

    def time(start: float, end: float, jerk: float | None) -> jax.Array:
        return acceleration_time(
            driven,
            curves.speeds,
            envelopes[0],
            curves.rotating,
            end,
            initial_speed=start,
            continuous=envelopes[1],
            peak_seconds=PEAK_SECONDS,
            jerk=jerk,
        )

    launch = curves.peak[:, 0]
    total = jnp.sum(axle_counts(vehicle) * launch)
    steep = climb_force(vehicle.performance_mass, STEEP) * vehicle.wheel_radius
    trailer = Trailer(mass=vehicle.towing_mass)
    start = launch_acceleration(vehicle, launch, TRAILER_SLOPE, trailer=trailer, rotor_inertia=curves.rotating)
    return {
        "acceleration_0_100": time(0.0, 100.0 / 3.6, LAUNCH_JERK),
        "acceleration_80_120": time(*ELASTICITY, None),
        "top_speed": highest_speed(vehicle, curves) * 3.6,
        "gradeability": 100.0 * gradeability(vehicle, launch),
        "climb_torque_ratio": total / steep,
        "trailer_start_acceleration": start,
    }


def sand_request(vehicle: Vehicle) -> tuple[jax.Array, jax.Array]:
    """(axle torque [N m] of the hardest-worked unit, axle speed [rad/s]) of a sand climb."""
    segments = climb_segments(vehicle, SAND)
    return jnp.max(segments.axle_torque[:, 0]), segments.axle_speed[0]


def sand_climbs(unit: DriveUnit, vehicle: Vehicle, point: OperatingPoint, at: Conditions) -> Scalars:
    """Hot spot at the end of the hottest of five sand climbs, the hottest junction, the share of torque not reached.

    Starts at the temperatures of `at`, whose coolant is the ratings' (65 degC: 15 K above the air of 50 degC, assumed);
    rolling back and pausing count as without losses. `point` is the unit at `sand_request`.
    """
    segments = climb_segments(vehicle, SAND)
    working = jnp.array([1.0, 0.0, 0.0])
    losses = jax.tree.map(lambda loss: working * loss, point.motor_losses)
    start = jax.tree.map(lambda t: jnp.broadcast_to(jnp.asarray(t, float), (3,)), at.temperatures)
    shaft = safe_speed(point.shaft_speed * segments.axle_speed / segments.axle_speed[0])
    cycle = LoadCycle(losses=losses, at=start, speed=shaft, duration=segments.duration)
    around = cooling(unit, at, safe_speed(point.shaft_speed))
    found = load_cycle_temperatures(unit.motor, cycle, around, at.temperatures, SAND_CLIMBS, SAND_STEPS)
    modules = point.inverter_losses
    junctions = jnp.stack([modules.junction_celsius_switch, modules.junction_celsius_diode])
    return {
        "sand_climb_winding_temperature": soft_maximum(found.hot_spot[:, 0], TEMPERATURE_WIDTH),
        "sand_climb_junction_temperature": soft_maximum(junctions, TEMPERATURE_WIDTH),
        "sand_climb_shortfall": point.shortfall,
    }
