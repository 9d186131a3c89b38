"""Every system with its reference unit against what is published: performance, consumption, range, mass."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import jax
import jax.numpy as jnp
import numpy as np

from edu_opt.drive_unit.package import unit_masses
from edu_opt.drive_unit.reference_units import build_unit
from edu_opt.duty.cycles import load_cycle
from edu_opt.duty.reduction import TRACE_POINTS, full_points
from edu_opt.numerics.constants import KILOMETRE_PER_HOUR
from edu_opt.numerics.pytree import replace
from edu_opt.vehicle.catalogue import vehicle_entry
from edu_opt.vehicle.energy import cycle_mass
from edu_opt.vehicle.entry import VehicleEntry
from edu_opt.vehicle.model import Vehicle, axle_counts
from edu_opt.vehicle.performance import LAUNCH_JERK, acceleration_time, top_speed
from edu_opt.vehicle.phev import engine_torque, weighted_consumption, with_engine_axle
from edu_opt.vehicle.procedures import epa_label
from edu_opt.vehicle.reference_units import UNIT_SHEETS
from edu_opt.vehicle.trace import TraceEnergy, compiled_trace
from edu_opt.vehicle.unit_map import UnitMap, grids, torque_limits, with_gear
from experiments.studies.named_systems.systems import System
from experiments.validation.unit_maps import reference_map

ROTOR_INERTIA = 0.04  # kg m^2, one motor (ASSUMED for all, as in `vehicle_energy`)
GEAR_EFFICIENCY = 0.97  # of the peak torque, as in `vehicle_performance`
SPEEDS = 81  # of the torque curves
GRID = "XS"  # of the fields behind a unit's mass (which does not depend on them)

sprint = jax.jit(acceleration_time)
fastest = jax.jit(top_speed)


@dataclasses.dataclass(frozen=True)
class Row:
    """One figure of a system; reference None where none is published."""

    case: str
    quantity: str
    model: float
    reference: float | None

    @property
    def error(self) -> float | None:
        """Relative."""
        return None if self.reference is None else self.model / self.reference - 1.0


def geared_map(system: System, entry: VehicleEntry, axle: int) -> tuple[UnitMap, float]:
    """(unit on an axle behind the car's ratio, ratio): losses of our own model, peaks of the published ratings.

    Our units reach those within 5 % (`experiments.validation.drive_units`); what a rating leaves unused is not known.
    """
    name = system.units[axle]
    table, sheet = reference_map(name)[0], UNIT_SHEETS[name]
    fact = entry.facts.get("gear_ratio_1")
    ratio = sheet.ratio if fact is None else fact.value
    unit = with_gear(table, ratio / sheet.ratio)
    power, torque = system.ratings[axle] or (sheet.power_kw, sheet.torque_nm)
    speed = jnp.maximum(grids(unit)[0], 1e-3)
    peak = GEAR_EFFICIENCY * jnp.minimum(torque * ratio, power * 1e3 / speed)
    return replace(unit, peak_torque=peak, braking_torque=peak), ratio


def performance(car: Vehicle, maps: tuple[UnitMap, ...], inertia: float, limit_km_per_h: float) -> tuple[float, float]:
    """(0-100 km/h [s], top speed [km/h], electronically limited or what the units give); a phev sprints with engine."""
    radius = float(car.wheel_radius)
    highest = min(float(unit.top_speed) for unit in maps) * radius
    speeds = jnp.linspace(0.0, max(highest, 30.0), SPEEDS)
    envelope = jnp.stack([torque_limits(unit, speeds / radius)[0] for unit in maps])
    able = float(fastest(car, speeds, envelope, highest)) / KILOMETRE_PER_HOUR
    driven = car
    if car.engine is not None:
        driven = with_engine_axle(car)
        envelope = jnp.concatenate([envelope, engine_torque(car, speeds)[None]])
    return float(sprint(driven, speeds, envelope, inertia, jerk=LAUNCH_JERK)), min(able, limit_km_per_h)


def traces(car: Vehicle, maps: tuple[UnitMap, ...], mass: jax.Array) -> dict[str, TraceEnergy]:
    """Results of the cycles."""
    found = {}
    for name in ("wltc_3b", "udds", "hwfet"):
        points = full_points(load_cycle(name), car.road_load, TRACE_POINTS)
        found[name] = compiled_trace(car, points, maps, mass)
    return found


def consumption(car: Vehicle, maps: tuple[UnitMap, ...], mass: jax.Array) -> dict[str, float]:
    """Published kinds of energy and range, by the keys of the catalogue."""
    found = traces(car, maps, mass)
    wltc, city, highway = found["wltc_3b"], found["udds"], found["hwfet"]
    label = epa_label(city.range, highway.range, city.energy.wall, highway.energy.wall)
    if car.engine is not None:
        points = full_points(load_cycle("wltc_3b"), car.road_load, TRACE_POINTS)
        hybrid = weighted_consumption(replace(car, test_mass=mass), points, maps[0])
        return {
            "electric_range_km": float(hybrid.electric_range) / 1e3,
            "utility_factor_1": float(hybrid.utility),
            "fuel_weighted_l_per_100km": float(hybrid.fuel) * 1e8,
            "wltp_kwh_per_100km": float(wltc.energy.wall) / 36.0,
        }
    return {
        "wltp_kwh_per_100km": float(wltc.energy.wall) / 36.0,
        "wltp_range_km": float(wltc.range) / 1e3,
        "udds_wall_kwh_per_100km": float(city.energy.wall) / 36.0,
        "hwfet_wall_kwh_per_100km": float(highway.energy.wall) / 36.0,
        "label_kwh_per_100km": float(label.combined) / 36.0,
        "label_range_km": float(label.range) / 1e3,
    }


def unit_mass(name: str) -> float:
    """Modelled mass of a reference unit [kg]; compiles its lamination."""
    sheet = UNIT_SHEETS[name]
    return float(unit_masses(build_unit(name, GRID), sheet.torque_nm * sheet.ratio).total)


def rows(system: System, masses: dict[str, float]) -> Iterator[Row]:
    """All figures of a system; masses [kg] of the reference units that were built."""
    entry = vehicle_entry(system.car)
    car, facts = entry.build(), entry.facts
    pairs = [geared_map(system, entry, k) for k in range(len(system.units))]
    maps = tuple(unit for unit, _ in pairs)
    counts = np.asarray(axle_counts(car))
    inertia = float(sum(counts[k] * ROTOR_INERTIA * ratio**2 for k, (_, ratio) in enumerate(pairs)))
    phev = entry.application == "phev"
    limit = facts.get("electric_top_speed_km_per_h" if phev else "top_speed_km_per_h")
    time, speed = performance(car, maps, inertia, 1e3 if limit is None else limit.value)
    model = {
        "acceleration_0_100_s": time,
        "electric_top_speed_km_per_h" if phev else "top_speed_km_per_h": speed,
        **consumption(car, maps, cycle_mass(car, inertia)),
    }
    if all(name in masses for name in system.units) and system.own:
        model["unit_mass_kg"] = masses[system.units[-1]]
        change = sum(counts[k] * (masses[name] - entry.unit_mass) for k, name in enumerate(system.units))
        if "curb_mass_kg" in facts and "unit_mass_kg" in facts:
            model["curb_mass_kg"] = facts["curb_mass_kg"].value + float(change)
    for quantity, value in model.items():
        fact = facts.get(quantity)
        yield Row(system.car, quantity, value, None if fact is None else fact.value)


COLUMNS = {
    "acceleration_0_100_s": "0-100 km/h s",
    "top_speed_km_per_h": "top speed km/h",
    "wltp_kwh_per_100km": "WLTP kWh/100 km",
    "wltp_range_km": "WLTP range km",
    "label_kwh_per_100km": "EPA label kWh/100 km",
    "label_range_km": "EPA label range km",
    "unit_mass_kg": "unit kg",
    "curb_mass_kg": "curb mass kg",
}
ALIAS = {"electric_top_speed_km_per_h": "top_speed_km_per_h", "electric_range_km": "wltp_range_km"}


def markdown(system_rows: dict[str, list[Row]], systems: dict[str, System]) -> str:
    """Table `model / published`, one line a system; `-` where nothing is published or modelled."""
    lines = ["| system | unit in the model | " + " | ".join(COLUMNS.values()) + " |", "|---" * (len(COLUMNS) + 2) + "|"]
    for name, found in system_rows.items():
        by = {ALIAS.get(row.quantity, row.quantity): row for row in found}
        cells = []
        for key in COLUMNS:
            row = by.get(key)
            digits = 0 if row is not None and row.model >= 100.0 else 1
            published = "-" if row is None or row.reference is None else f"{row.reference:.{digits}f}"
            cells.append("-" if row is None else f"{row.model:.{digits}f} / {published}")
        system = systems[name]
        unit = " + ".join(dict.fromkeys(system.units)) + ("" if system.own else " (stands in)")
        lines.append(f"| {name} | {unit} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"
