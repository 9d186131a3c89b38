"""Targets that no drive unit can meet in a vehicle, because tyres, weight or battery forbid it: named with the reason.

Host side; for checks of a study's requirements before anything is searched. Limits are those of the vehicle's own data
(friction, mass, driven axles), so they hold for every unit.
"""

from __future__ import annotations

from collections.abc import Mapping

import jax.numpy as jnp

from edu_opt.vehicle.climbing import Climb, launch_acceleration
from edu_opt.vehicle.model import Vehicle
from edu_opt.vehicle.performance import acceleration_time, gradeability
from edu_opt.vehicle.phev import engine_torque, with_engine_axle
from edu_opt.vehicle.trailer import Trailer

ENDLESS_TORQUE = 1e6  # N m
TYRE_SPEED = 300.0  # km/h, highest usual tyre class (Y)


def least_sprint(vehicle: Vehicle, final_speed: float = 100.0 / 3.6) -> float:
    """0-100 km/h [s] with endless torque on the electric axles, and the engine of a plug-in hybrid: traction and system
    power alone limit it."""
    speeds = jnp.linspace(0.0, 2.0 * final_speed, 9)
    torque = jnp.full((len(vehicle.axles), speeds.size), ENDLESS_TORQUE)
    if vehicle.engine is not None:
        torque = jnp.concatenate([torque, engine_torque(vehicle, speeds)[None]])
        vehicle = with_engine_axle(vehicle)
    return float(acceleration_time(vehicle, speeds, torque, 0.0, final_speed))


def best_trailer_start(vehicle: Vehicle) -> float:
    """Acceleration [m/s^2] of a start with the vehicle's trailer on 12 % with endless torque."""
    torque, trailer = jnp.full(len(vehicle.axles), ENDLESS_TORQUE), Trailer(mass=vehicle.towing_mass)
    return float(launch_acceleration(vehicle, torque, Climb(grade=0.12), trailer=trailer))


def steepest_start(vehicle: Vehicle) -> float:
    """Steepest start on dry road [percent] with endless torque."""
    return 100.0 * float(gradeability(vehicle, jnp.full(len(vehicle.axles), ENDLESS_TORQUE)))


def unreachable(vehicle: Vehicle, targets: Mapping[str, float]) -> list[str]:
    """One line for each target that this vehicle cannot meet with any drive unit; empty where all can be.

    targets by requirement name: acceleration_0_100_max [s], gradeability_min [percent], trailer_start_acceleration_min
    [m/s^2], top_speed_min [km/h], peak_power_10s_min [kW] of one unit; others are left to the search.
    """
    driven = "all wheels" if len(vehicle.axles) == 2 else "one axle"
    car = f"{float(vehicle.performance_mass):g} kg, {driven} driven, friction {float(vehicle.friction):g}"
    lines = []
    asked = targets.get("acceleration_0_100_max")
    if asked is not None and asked < (least := least_sprint(vehicle)):
        lines.append(f"acceleration_0_100_max: {asked:g} s is below {least:.2f} s, all that the tyres give ({car})")
    asked = targets.get("gradeability_min")
    if asked is not None and asked > (steepest := steepest_start(vehicle)):
        lines.append(f"gradeability_min: {asked:g} % is above {steepest:.0f} %, all that the tyres give ({car})")
    asked = targets.get("trailer_start_acceleration_min")
    if asked is not None and asked > (best := best_trailer_start(vehicle)):
        text = f"trailer_start_acceleration_min: {asked:g} m/s^2 is above {best:.2f}, all that the tyres give"
        lines.append(f"{text} ({float(vehicle.towing_mass):g} kg of trailer on 12 %, {driven} driven)")
    asked = targets.get("top_speed_min")
    if asked is not None and asked > TYRE_SPEED:
        lines.append(f"top_speed_min: {asked:g} km/h is above {TYRE_SPEED:g} km/h, what road tyres are made for")
    asked = targets.get("peak_power_10s_min")
    power = float(vehicle.battery.power) * 1e-3 / sum(float(axle.count) for axle in vehicle.axles)
    if asked is not None and asked > power:
        lines.append(f"peak_power_10s_min: {asked:g} kW is above {power:.0f} kW, the battery's power over all units")
    return lines
