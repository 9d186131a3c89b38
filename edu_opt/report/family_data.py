"""A finished family study as its folder tells it: family.json, the fronts of its patterns, its chosen design."""

from __future__ import annotations

import csv
import dataclasses
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from edu_opt.report.fronts import LabelledFront, readable
from edu_opt.tracking.files import read_json
from edu_opt.tracking.record import Objective
from edu_opt.tracking.study_folder import STUDY, StudyFolder

ACRONYMS = {"bmw": "BMW", "mini": "MINI", "vw": "VW"}
QUANTITY_WORDS = {
    "acceleration_0_100": "0-100 km/h",
    "acceleration_80_120": "80-120 km/h",
    "peak_power_10s": "10 s power",
    "axle_torque_10s": "10 s axle torque",
    "continuous_power_30min": "30 min power",
    "continuous_to_peak_power": "share of 30 min in 10 s power",
    "energy_wltc": "WLTC energy",
    "unit_efficiency_cycle": "efficiency on the cycle",
}


@dataclasses.dataclass(frozen=True)
class FamilyStudy:
    """`content`: family.json; `fronts`: one for each pattern that found a design, in the order of the patterns.

    Objectives are the programme's cost first, then each brand's own. Numbers that are missing are NaN (`number`).
    """

    content: Mapping[str, Any]
    fronts: Sequence[LabelledFront]
    folder: StudyFolder
    facts: Mapping[str, Any] = dataclasses.field(default_factory=dict)  # study.json, where it is there

    @property
    def members(self) -> Sequence[Mapping[str, Any]]:
        """Members as family.json has them."""
        return self.content["members"]

    @property
    def brands(self) -> list[str]:
        """Brands in the order of their members."""
        return list(dict.fromkeys(str(member["brand"]) for member in self.members))

    @property
    def patterns(self) -> Sequence[Mapping[str, Any]]:
        """Answers by pattern."""
        return self.content["patterns"]

    @property
    def chosen(self) -> Mapping[str, Any]:
        """Pattern and design that the detailed answers are read at; empty where no pattern has a design."""
        return self.content.get("chosen") or {}

    def rows(self, key: str) -> Sequence[Mapping[str, Any]]:
        """A list of family.json (negotiation, overlap, volumes, prices); empty where it was not made."""
        return self.content.get(key) or ()

    @property
    def cost_name(self) -> str:
        """Name of the programme's cost among the objectives."""
        return str(self.content["objectives"][0]["name"])

    @property
    def units(self) -> dict[str, str]:
        """Unit of every objective."""
        return {str(o["name"]): str(o["unit"]) for o in self.content["objectives"]}

    @property
    def own(self) -> dict[str, str]:
        """Own objective of every brand that has one: brand -> name of the objective."""
        known = {str(brand): str(name) for brand, name in self.content["brand_objectives"].items()}
        return {brand: known[brand] for brand in self.brands if brand in known}

    @property
    def units_per_year(self) -> float:
        """Units of the whole programme."""
        return sum(number(member["units_per_year"]) for member in self.members)

    @property
    def reference(self) -> str:
        """Name of the pattern that shares nothing; empty where there is none."""
        return next((str(p["pattern"]) for p in self.patterns if not p["shares"]), "")

    def pattern(self, name: str) -> Mapping[str, Any]:
        """Answers of one pattern."""
        return next(p for p in self.patterns if p["pattern"] == name)

    def short_name(self, objective: str) -> str:
        """Objective as a reader calls it: `programme unit cost`, `BMW WLTC energy`."""
        for brand, name in self.own.items():
            if name == objective:
                return f"{brand_name(brand)} {quantity_text(name.removeprefix(f'{brand}_'))}"
        return readable(objective)


def read_family(folder: StudyFolder) -> FamilyStudy:
    """Read a family's folder back; a pattern without a table of its own takes its rows of the merged front."""
    content = read_json(folder.path / "family.json")
    bare = FamilyStudy(content, (), folder)
    merged = front_rows(folder.path)
    fronts = []
    for answer in content["patterns"]:
        name = str(answer["pattern"])
        rows = front_rows(folder.path / "patterns" / name) or [row for row in merged if row.get("branch") == name]
        if rows:
            fronts.append(pattern_front(bare, name, rows))
    facts = folder.study() if (folder.path / STUDY).is_file() else {}
    return dataclasses.replace(bare, fronts=tuple(fronts), facts=facts)


def pattern_front(study: FamilyStudy, name: str, rows: Sequence[Mapping[str, Any]]) -> LabelledFront:
    """Front of one pattern from its table."""
    names = list(study.units.items())
    objectives = [Objective(study.short_name(objective), unit) for objective, unit in names]
    columns = [f"objective.{objective}_{unit}" for objective, unit in names]
    points = np.array([[number(row.get(c)) for c in columns] for row in rows], dtype=float)
    return LabelledFront(pattern_title(study, name), objectives, points, [str(row["id"]) for row in rows], {})


def front_rows(folder: Path) -> list[dict[str, Any]]:
    """Rows of a front's table in a folder; empty where there is none."""
    if (folder / "front.parquet").is_file():
        return StudyFolder(folder).front()
    table = folder / "front.csv"
    if not table.is_file():
        return []
    with table.open(newline="") as stream:
        return list(csv.DictReader(stream))


def pattern_title(study: FamilyStudy, name: str) -> str:
    """Pattern as a reader calls it; the one without any sharing is marked as what the others are compared with."""
    title = readable(name)
    return f"{title} (nothing shared)" if name == study.reference and title != "nothing" else title


def number(value: Any) -> float:
    """A number as read from JSON or CSV; NaN where there is none."""
    return math.nan if value is None or value == "" else float(value)


def brand_name(brand: str) -> str:
    """`land_rover` -> `Land Rover`, `bmw` -> `BMW`."""
    return " ".join(ACRONYMS.get(word, word.capitalize()) for word in brand.split("_"))


def quantity_text(requirement: str) -> str:
    """`acceleration_0_100_max` -> `0-100 km/h`."""
    quantity = requirement.removesuffix("_min").removesuffix("_max")
    return QUANTITY_WORDS.get(quantity, quantity.replace("_", " "))


def coalition_name(coalition: str) -> str:
    """`bmw+jaguar` -> `BMW + Jaguar`."""
    return " + ".join(brand_name(brand) for brand in coalition.split("+"))


def member_designs(study: FamilyStudy, design: str | None) -> dict[str, Mapping[str, Any]]:
    """Design files of a family's design by member, those that are there."""
    found = {}
    for member in study.members:
        path = study.folder.path / "designs" / f"{design}.{member['name']}.json"
        if design and path.is_file():
            found[str(member["name"])] = read_json(path)
    return found
