"""Every second of the cycle for finished designs: what the few duty points of a search are checked against.

The programs that a search compiled read their duty points as data. Here the points of a loss map take their place, a
few at a time, so that nothing of the drive unit compiles again; the map then serves a whole trace
(`edu_opt.vehicle.trace`). Host side.

WLTC by 16 duty points against every second, with the stored maps of our own reference units: -0.8 to +0.3 % of the
consumption (seven pairs of car and unit). A design that does not reach its cycle's torque has less energy by its duty
points, where what is missing is not delivered, than by the trace, which counts the torque asked for:
`shortfall_trace_1`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from edu_opt.duty.cycles import load_cycle
from edu_opt.duty.duty_points import DutyPoints
from edu_opt.duty.reduction import full_points, trace_points
from edu_opt.numerics.pytree import replace
from edu_opt.problem.data import StudyData
from edu_opt.problem.operating_points import Points
from edu_opt.settings import ProblemSettings
from edu_opt.vehicle.catalogue import vehicle_entry
from edu_opt.vehicle.energy import unit_torque
from edu_opt.vehicle.model import NEVER, BrakeBlending, Vehicle, coupled_shares
from edu_opt.vehicle.phev import weighted_consumption
from edu_opt.vehicle.procedures import epa_label
from edu_opt.vehicle.trace import TraceEnergy, compiled_trace
from edu_opt.vehicle.unit_map import UnitMap, from_points, grids, request_grid

MAP_SHAPE = (11, 17)  # axle speeds, torques over what the cycle asks for: loss over the cycle within 0.2 % (tests)
LABEL_CYCLES = ("udds", "hwfet")
RESERVE = 1.01  # of speed and torque beyond the cycle's
CREEP = 0.05  # rad/s of the axle, where the map begins: gears have no loss at rest

States = Callable[[StudyData], Points]  # operating points (B, ..) of all designs under other data

compiled_weighting = jax.jit(weighted_consumption)


def points_as_duty(data: StudyData, torque: np.ndarray, speed: np.ndarray) -> StudyData:
    """Data (B, ..) whose duty points ask every unit for torques [N m] at axle speeds [rad/s] (B, K).

    Axles share alike with one unit each and stay coupled, tyres do not slip, nothing is left to friction brakes,
    nothing depends on the mass.
    """
    radius, share = np.asarray(data.vehicle.wheel_radius)[:, None], 1.0 / len(data.vehicle.axles)
    one = np.ones(len(torque))
    coupled = {"share": share * one, "count": one, "disconnect_speed": NEVER * one}
    axles = tuple(replace(axle, **coupled) for axle in data.vehicle.axles)
    duty = replace(
        data.duty,
        speed=speed * radius,
        force_constant=torque / (radius * share),
        force_per_mass=np.zeros_like(torque),
        duration=np.ones_like(torque),
    )
    limits: dict[str, Any] = {"power": 1e12 * one, "deceleration": 1e9 * one, "fade_speed": 1e-9 * one, "share": one}
    vehicle = replace(data.vehicle, axles=axles, braking=BrakeBlending(**limits), slip_stiffness=1e12 * one)
    return replace(data, duty=duty, vehicle=vehicle)


def traced_demand(vehicle: Vehicle, points: DutyPoints, mass: float, alone: bool = False) -> tuple[float, float]:
    """(largest torque [N m] of any unit, highest axle speed [rad/s]) of a trace; `alone`: one axle may do it all."""
    shares = jnp.ones((len(vehicle.axles), 1)) if alone else coupled_shares(vehicle, points.speed)
    torque = jnp.max(jnp.abs(unit_torque(vehicle, points, shares, mass)))
    return float(torque), float(jnp.max(points.speed) / vehicle.wheel_radius)


def unit_maps(
    states: States, data: StudyData, top_torque: np.ndarray, top_speed: float
) -> tuple[list[UnitMap], tuple[np.ndarray, ...]]:
    """(maps of B designs up to torques (B,) [N m] and one axle speed [rad/s], their peak curves (B, S): vehicle speeds
    [m/s], torque [N m], DC power [W])."""
    size = np.asarray(data.duty.speed).shape[1]
    grids = [request_grid(top_speed, float(torque), MAP_SHAPE) for torque in top_torque]
    torque = np.stack([np.asarray(grid[0]) for grid in grids])
    speed = np.maximum(np.stack([np.asarray(grid[1]) for grid in grids]), CREEP)
    losses: list[np.ndarray] = []
    found = None
    for start in range(0, torque.shape[1], size):
        columns = np.minimum(np.arange(start, start + size), torque.shape[1] - 1)  # the last one fills up
        found = states(points_as_duty(data, torque[:, columns], speed[:, columns]))
        losses.append(np.asarray(found.found.total_loss)[:, :size])
    assert found is not None
    loss = np.concatenate(losses, axis=1)[:, : torque.shape[1]]
    count = found.cycle_shape[0] * found.cycle_shape[1]
    speeds = np.asarray(found.speeds)
    peaks = slice(count, count + speeds.shape[1])
    torque, power = (np.asarray(leaf)[:, peaks] for leaf in (found.found.output_torque, found.found.electrical_power))
    radius = np.asarray(data.vehicle.wheel_radius)
    rows = []
    for k in range(len(loss)):
        turning = np.linspace(0.0, top_speed, MAP_SHAPE[0]) * radius[k]
        peak = np.interp(turning, speeds[k], torque[k])
        rows.append(from_points(top_speed, float(top_torque[k]), jnp.asarray(loss[k]), *[jnp.asarray(peak)] * 2))
    return rows, (speeds, torque, power)


def trace_columns(
    settings: ProblemSettings, data: StudyData, values: Mapping[str, Any], states: States
) -> list[dict[str, Any]]:
    """Report columns of B designs by the full trace, from their data and result values (B,) (see `results`).

    Energy at the battery's terminals beside the duty points' `energy_wltc`, wall energy, range of cycles driven again
    and again; the EPA label from UDDS and HWFET (without cold start); of a plug-in hybrid with one electric axle its
    type-approval figures instead; with another unit on the other axle those of the pair too (`unlike_axles`).
    """
    vehicle = vehicle_entry(settings.vehicle, settings.vehicle_data).build()
    driven = [load_cycle(name) for name in (settings.cycle, *LABEL_CYCLES)]
    cycles = [full_points(cycle, vehicle.road_load, trace_points(*driven)) for cycle in driven]
    mass = np.asarray(values["cycle_mass"])
    if "oil_temperature_cycle" in values:  # the cycle's own oil and pumps, where the results know them
        oil = np.asarray(values["oil_temperature_cycle"], float)
        data = replace(data, ratings=replace(data.ratings, oil_celsius=oil))
    pumps = np.broadcast_to(values.get("pump_power_cycle", 0.0), mass.shape)
    best = settings.best_split and len(vehicle.axles) == 2
    demands = np.array([[traced_demand(vehicle, points, float(m), best) for points in cycles] for m in mass])
    top_torque = RESERVE * demands[:, :, 0].max(axis=1)
    maps, curves = unit_maps(states, data, top_torque, RESERVE * float(demands[:, :, 1].max()))
    columns: list[dict[str, Any]] = []
    units_of_road = []
    for k, unit in enumerate(maps):
        car = replace(vehicle, test_mass=jnp.asarray(mass[k]))
        unit = replace(unit, loss=unit.loss + pumps[k], open_loss=disconnected_curve(unit, data, values, k))
        units_of_road.append(unit)
        units = (unit,) * len(car.axles)
        found, *label = (compiled_trace(car, points, units, car.test_mass, best_split=best) for points in cycles)
        row = {
            "energy_trace_wh_per_km": float(found.energy.terminal_wh_per_km),
            "energy_wall_trace_wh_per_km": float(found.energy.wall_wh_per_km),
            "range_trace_km": float(found.range) * 1e-3,
            "shortfall_trace_1": float(found.shortfall),
        }
        if car.engine is not None and len(car.axles) == 1:
            row |= hybrid_columns(car, cycles[0], unit)
        else:
            row |= label_columns(*label)
        columns.append({f"result.unit.{name}": value for name, value in row.items()})
    if settings.other_unit is not None:
        from edu_opt.problem.unlike_axles import axles_columns

        pairs = axles_columns(settings, cycles, units_of_road, curves, values)
        return [own | pair for own, pair in zip(columns, pairs, strict=True)]
    return columns


def disconnected_curve(unit: UnitMap, data: StudyData, values: Mapping[str, Any], k: int) -> jax.Array:
    """Loss (S,) [W] of design k while disconnected, over the speeds of its map: a w + b w^2 through the results at top
    speed and half of it; zero of a unit without a clutch."""
    speeds = grids(unit)[0]
    if "disconnected_loss" not in values:
        return jnp.zeros_like(speeds)
    full, half = (float(values[name][k]) for name in ("disconnected_loss", "disconnected_loss_half_speed"))
    share = speeds / float(np.asarray(data.top_speed)[k] / np.asarray(data.vehicle.wheel_radius)[k])
    return (4.0 * half - full) * share + 2.0 * (full - 2.0 * half) * share**2


def label_columns(city: TraceEnergy, highway: TraceEnergy) -> dict[str, float]:
    """EPA label of a battery-electric car from UDDS and HWFET."""
    found = epa_label(city.range, highway.range, city.energy.wall, highway.energy.wall)
    return {"label_range_km": float(found.range) * 1e-3, "label_wall_wh_per_km": float(found.combined) / 3.6}


def hybrid_columns(car: Vehicle, points: DutyPoints, unit: UnitMap) -> dict[str, float]:
    """Electric range, utility factor and weighted consumption of a plug-in hybrid."""
    found = compiled_weighting(car, points, unit)
    return {
        "electric_range_km": float(found.electric_range) * 1e-3,
        "utility_factor_1": float(found.utility),
        "fuel_weighted_l_per_100km": float(found.fuel) * 1e8,
        "fuel_depleting_l_per_100km": float(found.depleting_fuel) * 1e8,
        "co2_weighted_g_per_km": float(found.co2) * 1e6,
        "energy_wall_weighted_wh_per_km": float(found.wall) / 3.6,
    }
