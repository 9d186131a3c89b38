"""`python -m experiments.studies.tesla_family [--optimizer small] [--fidelity coarse] [--folder FOLDER]`.

Runs `task=family family=tesla_family`, then reads its fronts: for every pattern the design of least total cost of
ownership (both units of a car, and the energy that the car draws over its life). Prints one JSON object a pattern;
writes table.md here. The published saving (arXiv 2311.03167): 3.5 %, up to 17 % with the market.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from edu_opt.report.family_data import FamilyStudy, number, read_family
from edu_opt.tracking.files import write_text
from edu_opt.tracking.study_folder import StudyFolder
from experiments.studies.command import ROOT, found_or_stop

HERE = Path(__file__).resolve().parent
UNITS_PER_CAR = 2.0
PUBLISHED, PUBLISHED_MOST = 0.035, 0.17  # saving of total cost of ownership, arXiv 2311.03167


@dataclasses.dataclass(frozen=True)
class Ownership:
    """What a kilometre and a kilowatt-hour are: life of a car [km], price at the wall [EUR/kWh], wall to battery."""

    kilometres: float = 225e3  # (Ricardo 2020, recalled)
    electricity: float = 0.28  # EUR/kWh, a household of the EU in 2022 and 2023 (assumed)
    charger_efficiency: float = 0.90  # the default of every car here (edu_opt.vehicle.description)
    markup: float = 1.5  # of a price to the customer over manufacturing cost: US EPA OMEGA 2024

    def energy_cost(self, consumption: np.ndarray) -> np.ndarray:
        """EUR a car over its life, not discounted; consumption at the battery [Wh/km], the mean over the cars."""
        return consumption * 1e-3 * self.kilometres / self.charger_efficiency * self.electricity

    def purchase(self, unit_cost: np.ndarray) -> np.ndarray:
        """EUR a car for its units, as the customer pays them; unit_cost [EUR], the mean over all units."""
        return UNITS_PER_CAR * self.markup * unit_cost


@dataclasses.dataclass(frozen=True)
class PatternOwnership:
    """Least total cost of ownership of a pattern [EUR a car], of which purchase and energy; saving against tailored
    units [1] (NaN where there is nothing to compare)."""

    pattern: str
    total: float
    purchase: float
    energy: float
    saving: float


def ownerships(study: FamilyStudy, rules: Ownership) -> list[PatternOwnership]:
    """Every pattern that has designs, the tailored one first."""
    rows = []
    names = [str(p["pattern"]) for p in study.patterns if p["designs"]]
    for name, front in zip(names, study.fronts, strict=True):
        purchase, energy = rules.purchase(front.points[:, 0]), rules.energy_cost(front.points[:, 1])
        best = int(np.argmin(purchase + energy))
        rows.append(
            PatternOwnership(name, float((purchase + energy)[best]), float(purchase[best]), float(energy[best]), 0.0)
        )
    base = next((row.total for row in rows if row.pattern == study.reference), math.nan)
    return [dataclasses.replace(row, saving=(base - row.total) / base) for row in rows]


def volume_savings(study: FamilyStudy, rules: Ownership, energy: float) -> list[tuple[float, str, float]]:
    """(factor on all volumes, cheapest pattern, what it saves at least programme cost of the tailored car's total at
    that volume [1]); `energy`: cost of the tailored car's [EUR], taken as that of all."""
    found = []
    for factor in dict.fromkeys(float(row["factor"]) for row in study.rows("volumes")):
        costs = {str(r["pattern"]): number(r["least_cost"]) for r in study.rows("volumes") if r["factor"] == factor}
        known = {name: cost for name, cost in costs.items() if math.isfinite(cost)}
        if study.reference in known:
            best = min(known, key=lambda name: known[name])
            before, after = (float(rules.purchase(np.array(known[name]))) for name in (study.reference, best))
            found.append((factor, best, (before - after) / (before + energy)))
    return found


def table(rows: Sequence[PatternOwnership], volumes: Sequence[tuple[float, str, float]]) -> str:
    """Markdown: patterns, then volumes."""
    lines = ["| pattern | total [EUR a car] | units | energy | saving |", "|---|---|---|---|---|"]
    lines += [
        f"| {row.pattern.replace('_', ' ')} | {row.total:.0f} | {row.purchase:.0f} | {row.energy:.0f} | "
        f"{100.0 * row.saving:.2f} % |"
        for row in rows
    ]
    lines += ["", "| factor on all volumes | cheapest pattern | saving of the total |", "|---|---|---|"]
    lines += [f"| {factor:g} | {name.replace('_', ' ')} | {100.0 * saved:.2f} % |" for factor, name, saved in volumes]
    published = f"Published: {100.0 * PUBLISHED:.1f} %, up to {100.0 * PUBLISHED_MOST:.0f} % with the market."
    return "\n".join([*lines, "", published, ""])


def main() -> int:
    """Run the family, then price it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--optimizer", default="small")
    parser.add_argument("--fidelity", default="coarse")
    parser.add_argument("--folder", type=Path, default=ROOT / "studies" / "tesla_family")
    parser.add_argument("--kilometres", type=float, default=Ownership.kilometres)
    parser.add_argument("--electricity", type=float, default=Ownership.electricity)
    given = parser.parse_args()
    what = ["task=family", "family=tesla_family", f"optimizer={given.optimizer}", f"fidelity={given.fidelity}"]
    found_or_stop(given.folder, [*what, "tracking=off"])
    study = read_family(StudyFolder(given.folder))
    rules = Ownership(kilometres=given.kilometres, electricity=given.electricity)
    rows = ownerships(study, rules)
    for row in rows:
        print(json.dumps(dataclasses.asdict(row)), flush=True)
    energy = next((row.energy for row in rows if row.pattern == study.reference), math.nan)
    text = table(rows, volume_savings(study, rules, energy))
    write_text(HERE / "table.md", text)
    print(text)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
