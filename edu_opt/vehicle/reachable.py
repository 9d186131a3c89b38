"""Targets that no drive unit can meet in a vehicle, because tyres, weight or battery forbid it: named with the reason.

Host side; for checks of a study's requirements before anything is searched. Limits are those of the vehicle's own data
(friction, mass, driven axles, power, road load), so they hold for every unit. A lighter unit makes a lighter car: what
falls with the mass is asked of the car without its units.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping

import jax.numpy as jnp
import numpy as np

from edu_opt.duty.cycles import Cycle
from edu_opt.duty.reduction import cycle_forces
from edu_opt.duty.road_load import RoadLoad, tyre_and_air_force
from edu_opt.numerics.constants import KILOMETRE_PER_HOUR
from edu_opt.numerics.pytree import replace
from edu_opt.vehicle.climbing import Climb, launch_acceleration
from edu_opt.vehicle.description import KEYS, KILOWATT_HOUR
from edu_opt.vehicle.model import COUPLING_WIDTH, Number, Vehicle
from edu_opt.vehicle.performance import acceleration_time, gradeability
from edu_opt.vehicle.phev import engine_torque, with_engine_axle
from edu_opt.vehicle.trailer import Trailer

ENDLESS_TORQUE = 1e6  # N m
ENDLESS_POWER = 5e6  # W; a car with more has no known limit (defaults of battery and system: 10 MW)
TYRE_SPEED = 300.0  # km/h, highest usual tyre class (Y)
SPEED_STEP = 0.1  # km/h, of the search for the speed that a power holds
CURVE_SPEEDS = 97  # of the torque curves, rising from 0
HEAVIEST_UNIT = KEYS["unit_mass_kg"].high  # kg
HEAVIEST_CAR = KEYS["gross_mass_kg"].high  # kg


@dataclasses.dataclass(frozen=True)
class Case:
    """A car; its cycle (None: energy and range are left to the search); mass [kg] of one unit, part of the car's."""

    vehicle: Vehicle
    cycle: Cycle | None = None
    unit_mass: float = HEAVIEST_UNIT


Bound = tuple[float, str]  # the best value that a target can have, and what sets it


def units(vehicle: Vehicle) -> float:
    """Drive units of the car."""
    return sum(float(axle.count) for axle in vehicle.axles)


def mass_without_units(case: Case, mass: Number) -> float:
    """Mass [kg] that the car has whatever its units weigh."""
    return max(float(mass) - units(case.vehicle) * case.unit_mass, 1.0)


def electric_power(vehicle: Vehicle) -> float:
    """Most power [W] of all units at the wheels: no more than battery less auxiliaries, nor the system's."""
    return min(float(vehicle.battery.power) - float(vehicle.auxiliary_power), float(vehicle.system_power))


def sprint_power(vehicle: Vehicle) -> float:
    """The same with the engine of a plug-in hybrid."""
    fed = float(vehicle.battery.power) - float(vehicle.auxiliary_power)
    if vehicle.engine is not None:
        at = jnp.asarray([100.0 * KILOMETRE_PER_HOUR])
        fed += float(engine_torque(vehicle, at)[0] / vehicle.wheel_radius * at[0])
    return min(fed, float(vehicle.system_power))


def least_time(case: Case, start: float, end: float) -> float:
    """Time [s] between two speeds [m/s] with endless torque on the electric axles, and the engine of a plug-in hybrid:
    by traction and power alone, without road load, for no unit can be quicker."""
    car = case.vehicle
    speeds = jnp.linspace(0.0, 1.1 * end, CURVE_SPEEDS)
    torque = jnp.full((len(car.axles), speeds.size), ENDLESS_TORQUE)
    free = replace(
        car,
        performance_mass=mass_without_units(case, car.performance_mass),
        road_load=RoadLoad(constant=0.0, linear=0.0, quadratic=0.0),
        system_power=sprint_power(car),
    )
    if car.engine is not None:
        torque = jnp.concatenate([torque, engine_torque(car, speeds)[None]])
        free = with_engine_axle(free)
    return float(acceleration_time(free, speeds, torque, 0.0, end, initial_speed=start))


def least_energy(case: Case) -> float:
    """Energy per distance [J/m] of units without any loss that recuperate all braking: work at the wheels and
    auxiliaries. -inf where it is not known: without a cycle, or where all axles let go within it (an engine drives)."""
    car, cycle = case.vehicle, case.cycle
    released = max(float(axle.disconnect_speed) for axle in car.axles)
    if cycle is None or float(cycle.speed.max()) > released - 3.0 * COUPLING_WIDTH:
        return -math.inf
    speed, road, per_mass, duration = cycle_forces(cycle, car.road_load)
    way = speed * duration
    gained = float(np.sum(per_mass * way))  # kinetic energy per mass; 0 of a cycle from rest to rest
    mass = mass_without_units(case, car.test_mass) if gained > 0.0 else HEAVIEST_CAR
    auxiliaries = float(car.auxiliary_power) * float(duration.sum())
    return (float(np.sum(road * way)) + mass * gained + auxiliaries) / cycle.distance


def best_trailer_start(vehicle: Vehicle) -> float:
    """Acceleration [m/s^2] of a start with the vehicle's trailer on 12 % with endless torque."""
    torque, trailer = jnp.full(len(vehicle.axles), ENDLESS_TORQUE), Trailer(mass=vehicle.towing_mass)
    return float(launch_acceleration(vehicle, torque, Climb(grade=0.12), trailer=trailer))


def steepest_start(vehicle: Vehicle) -> float:
    """Steepest start on dry road [percent] with endless torque."""
    return 100.0 * float(gradeability(vehicle, jnp.full(len(vehicle.axles), ENDLESS_TORQUE)))


def held_speed(vehicle: Vehicle, power: float) -> float:
    """Speed [km/h] whose road load a power [W] at the wheels covers, rounded up by a step; sought a little beyond the
    tyres' speed only."""
    speeds = np.arange(0.0, 1.1 * TYRE_SPEED, SPEED_STEP)
    metric = speeds * KILOMETRE_PER_HOUR
    needed = np.asarray(tyre_and_air_force(vehicle.road_load, jnp.asarray(metric))) * metric
    return float(np.max(speeds, where=needed <= power, initial=0.0)) + SPEED_STEP


def driven_text(vehicle: Vehicle) -> str:
    """Which wheels are driven."""
    return "all wheels driven" if len(vehicle.axles) == 2 else "one axle driven"


def time_bound(case: Case, start: float, end: float) -> Bound:
    """Least time [s] between two speeds [km/h]."""
    car = case.vehicle
    power, lightest = sprint_power(car), mass_without_units(case, car.performance_mass)
    setter = "" if power > ENDLESS_POWER else f" and {power * 1e-3:.0f} kW of system power or battery"
    text = f"{lightest:.0f} kg without units, {driven_text(car)}, friction {float(car.friction):g}"
    best = least_time(case, start * KILOMETRE_PER_HOUR, end * KILOMETRE_PER_HOUR)
    return best, f"all that the tyres{setter} give ({text})"


def grade_bound(case: Case) -> Bound:
    """Steepest start [percent]."""
    car = case.vehicle
    text = f"{float(car.gross_mass):g} kg, {driven_text(car)}, friction {float(car.friction):g}"
    return steepest_start(car), f"all that the tyres give ({text})"


def trailer_bound(case: Case) -> Bound:
    """Best start with the trailer [m/s^2]."""
    car = case.vehicle
    text = f"{float(car.towing_mass):g} kg of trailer on 12 %, {driven_text(car)}"
    return best_trailer_start(car), f"all that the tyres give ({text})"


def top_speed_bound(case: Case) -> Bound:
    """Highest electric speed [km/h]: the requirement knows no engine."""
    car = case.vehicle
    power, released = electric_power(car), max(float(axle.disconnect_speed) for axle in car.axles)
    return min(
        (TYRE_SPEED, "what road tyres are made for"),
        (released / KILOMETRE_PER_HOUR, "at which the last electric axle lets go (disconnect_speed_km_per_h)"),
        (held_speed(car, power), f"all that {power * 1e-3:.0f} kW of system power or battery hold"),
    )


def power_bound(case: Case) -> Bound:
    """Power of one unit [kW]."""
    return float(case.vehicle.battery.power) * 1e-3 / units(case.vehicle), "the battery's power over all units"


def energy_bound(case: Case) -> Bound:
    """Least energy at the battery's terminals [Wh/km]."""
    return least_energy(case) / 3.6, f"what {road_text(case)} without any loss"


def range_bound(case: Case) -> Bound:
    """Longest way [km] of the usable energy."""
    least, usable = least_energy(case), float(case.vehicle.battery.usable_energy)
    held = f"{usable / KILOWATT_HOUR:g} kWh (battery_net_kwh)"
    return usable / least * 1e-3 if least > 0.0 else math.inf, f"{held} over what {road_text(case)} without any loss"


def road_text(case: Case) -> str:
    """Who takes the energy of the least consumption."""
    return f"tyres, air and auxiliaries take on {case.cycle.name if case.cycle else 'the cycle'}"


# Unit and bound of each target. A climb's torque ratio has none: it asks for torque, whatever the ground holds.
BOUNDS: dict[str, tuple[str, Callable[[Case], Bound]]] = {
    "acceleration_0_100_max": ("s", lambda case: time_bound(case, 0.0, 100.0)),
    "acceleration_80_120_max": ("s", lambda case: time_bound(case, 80.0, 120.0)),
    "gradeability_min": ("%", grade_bound),
    "trailer_start_acceleration_min": ("m/s^2", trailer_bound),
    "top_speed_min": ("km/h", top_speed_bound),
    "peak_power_10s_min": ("kW", power_bound),
    "energy_wltc_max": ("Wh/km", energy_bound),
    "range_min": ("km", range_bound),
    "range_wltp_min": ("km", range_bound),
}


def unreachable(
    vehicle: Vehicle, targets: Mapping[str, float], cycle: Cycle | None = None, unit_mass: float = HEAVIEST_UNIT
) -> list[str]:
    """One line for each target that this vehicle cannot meet with any drive unit; empty where all can be.

    targets by requirement name in the units of `BOUNDS`; others are left to the search. cycle: that of energy and
    range; unit_mass [kg] of one unit that the car's mass contains (the heaviest that can be described: true of all).
    """
    case, lines = Case(vehicle, cycle, unit_mass), []
    for name, asked in targets.items():
        if name not in BOUNDS:
            continue
        unit, bound = BOUNDS[name]
        best, reason = bound(case)
        if asked < best if name.endswith("_max") else asked > best:
            side = "below" if name.endswith("_max") else "above"
            lines.append(f"{name}: {asked:g} {unit} is {side} {best:.4g} {unit}, {reason}")
    return lines
