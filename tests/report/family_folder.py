"""Folders of finished family studies, made up without any search: two brands and three patterns, or one brand."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from edu_opt.tracking.files import write_csv, write_json, write_parquet
from edu_opt.tracking.study_folder import StudyFolder

NAN = math.nan
COST = "programme_unit_cost"
OWN = {"bmw": ("bmw_energy_wltc", "wh_per_km"), "jaguar": ("jaguar_unit_mass", "kg")}
MEMBERS = [
    {"name": "ix3", "brand": "bmw", "vehicle": "bmw_ix3", "plant": "dingolfing", "units_per_year": 48000.0},
    {"name": "i4", "brand": "bmw", "vehicle": "bmw_i4", "plant": "dingolfing", "units_per_year": 26000.0},
    {"name": "i_pace", "brand": "jaguar", "vehicle": "jaguar_i_pace", "plant": "wolverhampton", "units_per_year": 1e4},
]
# Front of every pattern: programme cost, BMW's energy, Jaguar's mass.
FRONTS = {
    "nothing": [(1500.0, 150.0, 80.0), (1520.0, 148.0, 79.0), (1560.0, 146.0, 78.0)],
    "lamination": [(1460.0, 151.0, 82.0), (1490.0, 149.5, 80.5)],
    "drive_unit": [(1440.0, 155.0, 90.0)],
}


def answer(name: str, rows: list[tuple[float, ...]], own: dict[str, tuple[str, str]], parts: list[str]) -> dict:
    """Entry of `patterns`, computed from its front as the family's own answers are."""
    base = FRONTS["nothing"]
    names = [objective for objective, _ in own.values()]
    best = [min((row[k + 1] for row in rows), default=NAN) for k in range(len(names))]
    alone = [min(row[k + 1] for row in base) for k in range(len(names))]
    cost, before = min((row[0] for row in rows), default=NAN), min(row[0] for row in base)
    cheapest = min(rows, default=(NAN,) * (1 + len(names)))
    return {
        "pattern": name,
        "designs": len(rows),
        "least_cost": cost,
        "saving": before - cost,
        "saving_per_year": (before - cost) * 84000.0,
        "saving_kept": NAN if name != "nothing" else 0.0,
        "own_best": dict(zip(names, best, strict=True)),
        "own_loss": dict(zip(names, [b - a for b, a in zip(best, alone, strict=True)], strict=True)),
        "own_at_least_cost": dict(zip(names, cheapest[1 : 1 + len(names)], strict=True)),
        "wall_s": 12.5,
        "shares": [{"parts": parts, "members": [m["name"] for m in MEMBERS]}] if parts else [],
        "refusal": "",
    }


def negotiation(own: dict[str, tuple[str, str]]) -> list[dict[str, Any]]:
    """A sprint that costs everyone, a torque that only the programme can pay for, a limit without a price."""
    names = [objective for objective, _ in own.values()]
    rows = [
        ("i_pace", "jaguar", "acceleration_0_100_max", "s", 4.8, -40.0, -3.0),
        ("ix3", "bmw", "axle_torque_10s_min", "nm", 4400.0, 0.012, NAN),
        ("i4", "bmw", "rotor_stress_share_max", "1", 1.0, NAN, NAN),
    ]
    return [
        {
            "member": member,
            "brand": brand,
            "requirement": requirement,
            "unit": unit,
            "limit": limit,
            "prices": {COST: cost, **dict.fromkeys(names, own_price)},
            "per_percent": {COST: 0.01 * limit * cost, **dict.fromkeys(names, 0.01 * limit * own_price)},
        }
        for member, brand, requirement, unit, limit, cost, own_price in rows
        if brand in own
    ]


OVERLAP = [
    ("flank_safety_stage_1_min", "1", {"ix3": 1.0, "i4": 1.0, "i_pace": 1.0}, ["ix3", "i_pace"], ["bmw", "jaguar"]),
    ("acceleration_0_100_max", "s", {"ix3": 6.8, "i4": 5.7, "i_pace": 4.8}, ["i_pace"], ["jaguar"]),
    ("axle_torque_10s_min", "nm", {"ix3": 4400.0, "i4": 4800.0, "i_pace": 3150.0}, ["ix3"], ["bmw"]),
    ("package_diameter_max", "mm", {"ix3": NAN, "i4": NAN, "i_pace": 234.0}, [], []),
]


def content(own: dict[str, tuple[str, str]]) -> dict[str, Any]:
    """family.json of the brands in `own`."""
    members = [m for m in MEMBERS if m["brand"] in own]
    fronts = {name: [row[: 1 + len(own)] for row in rows] for name, rows in FRONTS.items()}
    parts = {"nothing": [], "lamination": ["lamination"], "drive_unit": ["lamination", "gear_set", "power_module"]}
    patterns = [answer(name, rows, own, parts[name]) for name, rows in fronts.items()]
    refused = answer("inverter", [], own, ["power_module"])
    patterns.append(refused | {"refusal": "two voltages in one inverter: 400 V of ix3, 800 V of i_pace"})
    both = {"coalitions": {"bmw": 2.0e6, "jaguar": 0.0, "bmw+jaguar": 3.36e6}, "saving_eur_per_year": 3.36e6}
    splits = both | {
        "equal": {"bmw": 1.68e6, "jaguar": 1.68e6},
        "by_volume": {"bmw": 2.96e6, "jaguar": 0.4e6},
        "shapley": {"bmw": 2.68e6, "jaguar": 0.68e6},
    }
    costs = {0.5: (1600.0, 1585.0, 1590.0), 1.0: (1500.0, 1460.0, 1440.0), 2.0: (1450.0, 1400.0, NAN)}
    return {
        "name": "made_up",
        "members": members,
        "objectives": [{"name": COST, "unit": "eur"}, *({"name": n, "unit": u} for n, u in own.values())],
        "brand_objectives": {brand: name for brand, (name, _) in own.items()},
        "patterns": patterns,
        "chosen": {"pattern": "lamination", "design": "f004", "least_cost_design": "f004"},
        "negotiation": negotiation(own),
        "overlap": [
            {
                "requirement": name,
                "unit": unit,
                "limits": limits,
                "binds_for_members": members,
                "binds_for_brands": [brand for brand in brands if brand in own],
            }
            for name, unit, limits, members, brands in OVERLAP
        ],
        "splits": splits if len(own) > 1 else None,
        "volumes": [
            {"factor": factor, "pattern": name, "least_cost": value}
            for factor, values in costs.items()
            for name, value in zip(FRONTS, values, strict=True)
        ],
        "prices": [
            {"scenario": "magnets_high", "pattern": name, "least_cost": value}
            for name, value in zip(FRONTS, (1700.0, 1650.0, 1660.0), strict=True)
        ],
    }


def front_table(path: Path, rows: list[dict[str, Any]]) -> None:
    """front.csv and front.parquet."""
    write_csv(path / "front.csv", rows, list(rows[0]))
    write_parquet(path / "front.parquet", rows, list(rows[0]))


def family_folder(path: Path, own: dict[str, tuple[str, str]] = OWN) -> StudyFolder:
    """A finished family study without report and figures."""
    write_json(path / "family.json", content(own))
    columns = [f"objective.{COST}_eur", *(f"objective.{name}_{unit}" for name, unit in own.values())]
    merged, number = [], 0
    for name, rows in FRONTS.items():
        mine = []
        for row in rows:
            number += 1
            values = dict(zip(columns, row, strict=False))
            mine.append({"id": f"f{number:03d}", "branch": name, **values, "kkt_residual": 0.01})
        front_table(path / "patterns" / name, mine)
        merged += mine
    front_table(path, merged)
    for member in content(own)["members"]:
        write_json(path / "designs" / f"f004.{member['name']}.json", member_design(member["name"]))
    return StudyFolder(path)


def member_design(member: str) -> dict[str, Any]:
    """A member's design file, as far as the report reads it."""
    length = 0.1 + 0.01 * len(member)
    return {
        "branch_name": "eesm-54s6p",
        "objectives": {"unit_cost_eur": 1450.0, "energy_wltc_wh_per_km": 150.0},
        "margins": {"top_speed_min": 0.002, "package_diameter_max": NAN},
        "design": {"lamination.stator_outer_diameter_m": 0.22, "stack.length_m": length},
    }
