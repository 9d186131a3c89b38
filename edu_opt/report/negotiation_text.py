"""What a requirement costs, in sentences: a step that an engineer would haggle about, and what each brand would give.

A row's prices are slopes of one objective while the others are held: the programme pays, or one brand does. A price is
shown for the demanding direction (a higher minimum, a lower maximum), so that it is positive where asking costs.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from edu_opt.report.family_data import FamilyStudy, brand_name, number, quantity_text
from edu_opt.report.fronts import readable_unit

# What a step of a limit is, by unit; a hundredth of the limit for units that are not here.
STEPS = {
    "s": 0.1,
    "kw": 1.0,
    "nm": 100.0,
    "mm": 1.0,
    "kg": 1.0,
    "km": 10.0,
    "km_per_h": 1.0,
    "percent": 1.0,
    "celsius": 1.0,
    "mpa": 10.0,
    "m_per_s": 1.0,
    "wh_per_km": 1.0,
    "eur": 10.0,
    "kw_per_kg": 0.1,
    "1": 0.01,
    "t": 0.01,
    "kpa": 1.0,
}
UNIT_WORDS = {"t": "T", "kpa": "kPa", "m_per_s": "m/s", "km_per_h": "km/h", "kw_per_kg": "kW/kg"}


def unit_text(unit: str) -> str:
    """Unit as readers write it."""
    return UNIT_WORDS.get(unit) or readable_unit(unit)


def bound_text(requirement: str, limit: Any, unit: str) -> str:
    """`at most 4.8 s`."""
    value = number(limit)
    if not math.isfinite(value):
        return "no limit"
    return f"{'at least' if requirement.endswith('_min') else 'at most'} {value:g} {unit_text(unit)}".rstrip()


def demanding(requirement: str) -> float:
    """Sign of the change of a limit that asks for more."""
    return -1.0 if requirement.endswith("_max") else 1.0


def step_of(row: Mapping[str, Any]) -> float:
    """Step of a limit, positive, in its unit."""
    hundredth = 0.01 * abs(number(row["limit"])) or 0.01
    return STEPS.get(str(row["unit"]), hundredth if math.isfinite(hundredth) else 0.01)


def asked_price(row: Mapping[str, Any], objective: str) -> float:
    """What 1 % of the limit in the demanding direction costs in one objective; NaN where it cannot pay alone."""
    return demanding(str(row["requirement"])) * number(row["per_percent"].get(objective))


def step_prices(row: Mapping[str, Any]) -> dict[str, float]:
    """What a step in the demanding direction costs, by objective; those that cannot pay alone are left out."""
    factor = demanding(str(row["requirement"])) * step_of(row)
    prices = {str(name): factor * number(price) for name, price in row["prices"].items()}
    return {name: price for name, price in prices.items() if math.isfinite(price)}


def step_text(row: Mapping[str, Any]) -> str:
    """`0.1 s of Jaguar's 0-100 km/h (i_pace, at most 4.8 s)`."""
    requirement, unit = str(row["requirement"]), str(row["unit"])
    step = f"{step_of(row):g} {unit_text(unit)}".rstrip()
    brand, limit = brand_name(str(row["brand"])), bound_text(requirement, row["limit"], unit)
    owner = f"{brand}'" if brand.endswith("s") else f"{brand}'s"
    return f"{step} of {owner} {quantity_text(requirement)} ({row['member']}, {limit})"


def sentence(study: FamilyStudy, row: Mapping[str, Any]) -> str:
    """What a step costs the programme, or each brand in its own terms."""
    owners = {study.cost_name: "the programme"} | {name: brand_name(brand) for brand, name in study.own.items()}
    parts = []
    for name, price in step_prices(row).items():
        if name in owners:
            per = " a unit" if name == study.cost_name else ""
            parts.append(f"{owners[name]} {price:.3g} {unit_text(study.units[name])}{per}")
    if not parts:
        return f"{step_text(row)}: no objective can pay for it alone."
    return f"{step_text(row)} costs {', or '.join(parts)}."
