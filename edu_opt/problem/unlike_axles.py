"""A car whose other axle carries another unit than the one that is designed: a unit that exists, by its name, frozen.

Host side, of finished designs: energy by the full trace with the best split of both units' maps, and performance from
both peak curves. The search knows alike axles only; objectives and margins stay those of a car with the designed unit
on both axles, the results of the pair stand as `result.axles.*`. What is left of a peak after 10 s is taken as the
designed unit's share for both units; the other unit's oil is at the ratings' temperature, its pumps are the designed
unit's; the gears' own inertia of the designed unit is left out (some per cent of the rotor's).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from edu_opt.drive_unit.model import DriveUnit
from edu_opt.drive_unit.operating_point import solve_points
from edu_opt.drive_unit.package import unit_masses
from edu_opt.drive_unit.reference_units import build_unit, reference_unit
from edu_opt.duty.duty_points import DutyPoints
from edu_opt.duty.road_load import ROTATING_MASS_SHARE
from edu_opt.gearbox.model import ratio
from edu_opt.gearbox.packaging import gearbox_inertias
from edu_opt.motor.model import rotor_inertia
from edu_opt.numerics.pytree import pytree, replace
from edu_opt.problem.axle_use import AxleUse, axle_use, equipped
from edu_opt.problem.data import StudyData, study_data
from edu_opt.problem.operating_points import conditions_at, peak_rating, requests_of
from edu_opt.problem.vehicle_checks import RoadCurves, on_road
from edu_opt.settings import ProblemSettings
from edu_opt.vehicle.catalogue import vehicle_entry
from edu_opt.vehicle.model import Vehicle, coupling
from edu_opt.vehicle.performance import within_battery
from edu_opt.vehicle.procedures import epa_label
from edu_opt.vehicle.trace import compiled_trace
from edu_opt.vehicle.unit_map import UnitMap, from_points, request_grid

MAP_SHAPE = (13, 25)  # axle speeds, torques up to the unit's own peak
RESERVE = 1.01  # of speed beyond the cycles' and the car's
CREEP = 0.05  # rad/s, where the map begins
DUTY = 0.0  # a request for a torque, not for the peak

compiled_road = jax.jit(on_road)


@pytree
class RoadUnit:
    """What the road sees of a unit: loss map; peak torque [N m] and DC power [W] (S,) over vehicle speeds (S,) [m/s];
    mass [kg]; inertia [kg m^2] of its rotor and gears at the axle."""

    map: UnitMap
    speeds: jax.Array
    torque: jax.Array
    power: jax.Array
    mass: jax.Array
    inertia: jax.Array


def findings(settings: ProblemSettings) -> list[str]:
    """Why a car cannot carry `other_unit`, a line each."""
    if settings.other_unit is None:
        return []
    entry = vehicle_entry(settings.vehicle, settings.vehicle_data)
    if len(entry.build().axles) != 2:
        return [f"vehicle.other_unit: {settings.vehicle} has one driven axle, none is left for {settings.other_unit}"]
    return []


def other_index(settings: ProblemSettings, vehicle: Vehicle) -> int:
    """Which of the two axles carries the other unit."""
    rear = float(settings.other_axle == "rear")
    return next(k for k, axle in enumerate(vehicle.axles) if float(axle.rear) == rear)


def solved_unit(
    unit: DriveUnit, data: StudyData, speeds: jax.Array, top: jax.Array, shape: tuple[int, int] = MAP_SHAPE
) -> RoadUnit:
    """A unit at all points of its map and its peak curve over vehicle speeds (S,), one batch; `top` (2,): axle speed
    [rad/s] and axle torque [N m] at the map's ends."""
    torque, turning = request_grid(top[0], top[1], shape)
    radius, r = data.vehicle.wheel_radius, data.ratings
    groups = [
        requests_of(torque, jnp.maximum(turning, CREEP), conditions_at(data, r.cycle_celsius), DUTY),
        requests_of(jnp.ones_like(speeds), speeds / radius, peak_rating(data).conditions, 1.0),
    ]
    found = solve_points(unit, jax.tree.map(lambda *leaves: jnp.concatenate(leaves), *groups))
    peak, power = found.output_torque[torque.size :], found.electrical_power[torque.size :]
    limit = jnp.interp(turning[:: shape[1]] * radius, speeds, peak)
    at_motor = rotor_inertia(unit.motor) + gearbox_inertias(unit.gearbox).total
    return RoadUnit(
        map=from_points(top[0], top[1], found.total_loss[: torque.size], limit, limit),
        speeds=speeds,
        torque=peak,
        power=power,
        mass=unit_masses(unit, peak[0]).total,
        inertia=at_motor * ratio(unit.gearbox) ** 2,
    )


def named_road_unit(settings: ProblemSettings, speeds: np.ndarray, top_speed: float) -> RoadUnit:
    """The study's `other_unit` on the finest grid level; speeds (S,) [m/s], top_speed [rad/s] of the axle."""
    from edu_opt.problem.reference_evaluation import program_and_branch_of

    reference = reference_unit(str(settings.other_unit))
    use = AxleUse(disconnect=axle_use(settings).disconnect)
    unit = equipped(build_unit(reference.name, settings.fidelity.final_grid), use)
    data = study_data(settings, *program_and_branch_of(reference))
    unit = replace(unit, inverter=replace(unit.inverter, discontinuous=data.discontinuous))
    torque = reference.machine.torque.value * float(ratio(unit.gearbox))
    return jax.jit(solved_unit)(unit, data, jnp.asarray(speeds), jnp.asarray([top_speed, torque]))


def designed_road_unit(unit: UnitMap, curve: tuple[np.ndarray, ...], values: Mapping[str, Any], k: int) -> RoadUnit:
    """Design k from its map, its peak curve (speeds, torque, power) (S,) and its results (B,)."""
    inertia = float(values["rotor_inertia"][k]) * float(values["gear_ratio"][k]) ** 2
    return RoadUnit(
        map=unit,
        speeds=jnp.asarray(curve[0]),
        torque=jnp.asarray(curve[1]),
        power=jnp.asarray(curve[2]),
        mass=jnp.asarray(float(values["unit_mass"][k])),
        inertia=jnp.asarray(inertia),
    )


def pair_of_units(settings: ProblemSettings, car: Vehicle, designed: RoadUnit, other: RoadUnit) -> tuple[RoadUnit, ...]:
    """Units in the order of the car's axles."""
    return (other, designed) if other_index(settings, car) == 0 else (designed, other)


def vehicle_of_pair(car: Vehicle, units: Sequence[RoadUnit], unit_mass: float) -> Vehicle:
    """The car at its masses with these units instead of its own of `unit_mass` [kg] each."""
    change = sum((a.count * (u.mass - unit_mass) for a, u in zip(car.axles, units, strict=True)), jnp.zeros(()))
    return replace(
        car,
        test_mass=car.test_mass + change,
        performance_mass=car.performance_mass + change,
        gross_mass=car.gross_mass + change,
    )


def pair_curves(car: Vehicle, units: Sequence[RoadUnit], lasting: float) -> RoadCurves:
    """Envelopes of both axles; `lasting`: what is left of the peak after 10 s."""
    speeds = units[0].speeds
    torque, power = jnp.stack([u.torque for u in units]), jnp.stack([u.power for u in units])
    coupled = coupling(car, speeds)
    driving = within_battery(car, coupled * torque, coupled * power)
    return RoadCurves(
        speeds=speeds,
        able=within_battery(car, torque, power),
        peak=driving,
        lasting=min(lasting, 1.0) * driving,
        rotating=sum((a.count * u.inertia for a, u in zip(car.axles, units, strict=True)), jnp.zeros(())),
    )


def pair_columns(
    settings: ProblemSettings,
    cycles: Sequence[DutyPoints],
    designed: RoadUnit,
    other: RoadUnit,
    lasting: float,
) -> dict[str, Any]:
    """Columns `result.axles.*` and `part.axles.*` of a car with two unlike units; cycles: the study's, UDDS, HWFET."""
    from edu_opt.problem.problem import unit_of

    entry = vehicle_entry(settings.vehicle, settings.vehicle_data)
    units = pair_of_units(settings, entry.build(), designed, other)
    car = vehicle_of_pair(entry.build(), units, entry.unit_mass)
    curves = pair_curves(car, units, lasting)
    on_cycle = car.test_mass + curves.rotating / car.wheel_radius**2 / (1.0 + ROTATING_MASS_SHARE)
    maps, best = tuple(unit.map for unit in units), settings.best_split
    own, city, highway = (compiled_trace(car, points, maps, on_cycle, best_split=best) for points in cycles)
    label = epa_label(city.range, highway.range, city.energy.wall, highway.energy.wall)
    front = 0 if float(car.axles[0].rear) == 0.0 else 1
    duration = jnp.asarray(cycles[0].duration)
    row = {
        "energy_trace_wh_per_km": own.energy.terminal_wh_per_km,
        "energy_wall_trace_wh_per_km": own.energy.wall_wh_per_km,
        "range_trace_km": own.range * 1e-3,
        "shortfall_trace_1": own.shortfall,
        "loss_front_wh_per_km": own.losses[front] / 3.6,
        "loss_rear_wh_per_km": own.losses[1 - front] / 3.6,
        "front_share_of_time_1": jnp.sum(own.shares[front] * duration) / jnp.sum(duration),
        "label_range_km": label.range * 1e-3,
        "label_wall_wh_per_km": label.combined / 3.6,
        "mass_of_units_kg": units[0].mass + units[1].mass,
        **{f"{name}_{unit_of(name)}": value for name, value in compiled_road(car, curves).items()},
    }
    named = {f"part.axles.{settings.other_axle}": str(settings.other_unit)}
    return named | {f"result.axles.{name}": float(value) for name, value in row.items()}


def axles_columns(
    settings: ProblemSettings,
    cycles: Sequence[DutyPoints],
    maps: Sequence[UnitMap],
    curves: tuple[np.ndarray, ...],
    values: Mapping[str, Any],
) -> list[dict[str, Any]]:
    """`pair_columns` of B designs from their maps and peak curves (speeds, torque, power) (B, S)."""
    highest = max(float(jnp.max(points.speed)) for points in cycles)
    radius = float(vehicle_entry(settings.vehicle, settings.vehicle_data).build().wheel_radius)
    other = named_road_unit(settings, curves[0][0], RESERVE * highest / radius)
    rows = []
    for k, unit in enumerate(maps):
        designed = designed_road_unit(unit, tuple(curve[k] for curve in curves), values, k)
        pumped = replace(other, map=replace(other.map, loss=other.map.loss + _pumps(values, k)))
        lasting = float(values["continuous_to_peak_power"][k])
        rows.append(pair_columns(settings, cycles, designed, pumped, lasting))
    return rows


def _pumps(values: Mapping[str, Any], k: int) -> float:
    return float(np.asarray(values["pump_power_cycle"])[k]) if "pump_power_cycle" in values else 0.0
