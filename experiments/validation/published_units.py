"""Published figures of drive units, from any of the reference files that hold some.

Three schemas are read, each where the file has its key: `vehicles` (vehicles.json: rows of cars with `motors`),
`gearbox.production_units` (gearbox_inverter.json) and `motors` (motors.json: entries with `performance`). Recalled
figures (source RECALL, confidence M or U) are left out: they are no test.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from typing import Any

from edu_opt.vehicle.reference_units import nearest_unit

MAKERS = {"vw": "Volkswagen"}  # short forms of makers' names
WITHOUT_INVERTER = ("no inverter", "without inverter", "motor+gearbox")
# (quantity, key of a car's motor, factor to SI)
CAR_FIGURES = (
    ("peak_power_w", "p_kw", 1e3),
    ("peak_torque_n_m", "t_nm", 1.0),
    ("top_speed_rpm", "n_max", 1.0),
    ("continuous_power_w", "p30_kw", 1e3),
    ("unit_mass_kg", "edu_mass_kg", 1.0),
    ("motor_mass_kg", "motor_mass_kg", 1.0),
)
GEARBOX_FIGURES = (
    ("peak_power_w", "P_max_kW", 1e3),
    ("peak_torque_n_m", "T_in_max_Nm", 1.0),
    ("top_speed_rpm", "n_in_max_rpm", 1.0),
    ("unit_mass_kg", "unit_mass_kg", 1.0),
    ("best_efficiency", "efficiency_claim", 1.0),
)
MOTOR_FIGURES = (
    ("peak_power_w", "peak_power_kW", 1e3),
    ("peak_torque_n_m", "peak_torque_Nm", 1.0),
    ("top_speed_rpm", "max_speed_rpm", 1.0),
    ("continuous_power_w", "continuous_kW", 1e3),
    ("unit_mass_kg", "drive_unit_mass_kg", 1.0),
    ("unit_mass_kg", "edu_mass_kg", 1.0),
    ("motor_mass_kg", "motor_mass_kg", 1.0),
    ("full_load_efficiency", "drive_unit_eff_full_load", 1.0),
)


@dataclasses.dataclass(frozen=True)
class Figure:
    """A published figure, or the range that its sources give, in the unit of its quantity; `scope` what it says."""

    low: float
    high: float
    scope: str

    @property
    def middle(self) -> float:
        """Middle of the range."""
        return 0.5 * (self.low + self.high)

    def distance(self, model: float) -> float:
        """model less the nearest published value."""
        return model - min(max(model, self.low), self.high)


@dataclasses.dataclass(frozen=True)
class PublishedUnit:
    """One row: `maker` as the row writes it, DC voltage [V] where stated, figures by quantity."""

    case: str
    maker: str
    voltage: float | None
    figures: dict[str, Figure]

    @property
    def reference(self) -> tuple[str, bool]:
        """(nearest reference unit, True where it is the row's own: same maker, peak power within 15 %)."""
        return nearest_unit(self.maker, self.figures["peak_power_w"].middle * 1e-3)


def figure(value: Any, factor: float, scope: str) -> Figure | None:
    """Figure from a number, a text that begins with a number ("up to 0.93"), or a range "190-211"; else None."""
    if isinstance(value, str):
        numbers = [float(n) for n in re.findall(r"\d+(?:\.\d+)?", value)]
        value = numbers[:2] if re.match(r"\D*\d[\d.]*-\d", value) else numbers[:1]
    bounds = [float(v) for v in (value if isinstance(value, list) else [value]) if isinstance(v, int | float)]
    return Figure(factor * min(bounds), factor * max(bounds), scope) if bounds else None


def maker_of(text: str) -> str:
    """Text of a row with its maker's short form written out."""
    words = re.split(r"[ _]", text)
    return " ".join(MAKERS.get(word.lower(), word) for word in words)


def of_cars(cars: dict[str, Any]) -> Iterator[PublishedUnit]:
    """Units of the cars, one for every motor of a battery-electric one."""
    for name, car in cars.items():
        for motor in car.get("motors", []) if car.get("type") == "BEV" else []:
            found = {}
            for quantity, key, factor in CAR_FIGURES:
                entry = motor.get(key)
                if isinstance(entry, dict) and entry.get("src") != "RECALL":
                    found[quantity] = figure(entry["v"], factor, f"{entry.get('note', '')} [{entry.get('src', '')}]")
            claim = car.get("edu_eff_peak")
            if isinstance(claim, dict):
                found["best_efficiency"] = figure(claim["v"], 1.0, f"[{claim.get('src', '')}]")
            voltage = car.get("v_nom", {}).get("v")
            yield _unit(f"{name} {motor['axle']}", str(car.get("brand", name)), voltage, found)


def of_gearboxes(rows: list[dict[str, Any]]) -> Iterator[PublishedUnit]:
    """Units of the list of production gearboxes."""
    for row in rows:
        if not str(row.get("conf", "")).startswith("U"):
            scope = f"{row.get('unit_mass_scope', '')} [{row.get('conf', '')}]"
            found = {q: figure(row.get(key), factor, scope) for q, key, factor in GEARBOX_FIGURES if key in row}
            yield _unit(row["name"], row["name"], None, found)


def of_motors(rows: dict[str, Any]) -> Iterator[PublishedUnit]:
    """Units of the list of motors; values are [value, confidence, remark ...]."""
    for name, row in rows.items():
        found = {}
        for quantity, key, factor in MOTOR_FIGURES:
            entry = row.get("performance", {}).get(key) if isinstance(row, dict) else None
            if isinstance(entry, list) and not str(entry[1]).startswith("M"):
                found[quantity] = figure(entry[0], factor, " ".join(str(text) for text in entry[1:]))
        yield _unit(name, name, None, found)


def _unit(case: str, maker: str, voltage: float | None, figures: dict[str, Figure | None]) -> PublishedUnit:
    return PublishedUnit(case, maker_of(maker), voltage, {key: f for key, f in figures.items() if f is not None})


def published_units(data: dict[str, Any]) -> list[PublishedUnit]:
    """Every unit of a file that states its peak power."""
    gearbox = data.get("gearbox")
    production = gearbox.get("production_units", []) if isinstance(gearbox, dict) else []
    found = [*of_cars(data.get("vehicles", {})), *of_gearboxes(production), *of_motors(data.get("motors", {}))]
    return [unit for unit in found if "peak_power_w" in unit.figures]


def without_inverter(scope: str) -> bool:
    """True where a mass is said to leave the inverter out."""
    return any(text in scope.lower() for text in WITHOUT_INVERTER)
