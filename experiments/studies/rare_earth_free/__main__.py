"""`python -m experiments.studies.rare_earth_free [--optimizer small] [--fidelity coarse] [--folder FOLDER]`.

For each brand alone: the front with excited rotors and, at three magnet prices, the front with interior magnets. Prints
one JSON object a brand and price; writes table.md and rule_cost.png here. Studies are resumable by their folders.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from edu_opt.report.figures import COLOURS, save_png
from edu_opt.report.fronts import LabelledFront, read_front
from edu_opt.tracking.files import write_text
from edu_opt.tracking.study_folder import StudyFolder
from experiments.studies.command import ROOT, edu_opt, found_or_stop

HERE = Path(__file__).resolve().parent
BRANDS = ("bmw", "jaguar")
PRICES = ("magnets_low", "magnets_stable", "magnets_high")  # options of `price`, UH magnets 40, 81, 210 EUR/kg
COMMON = ("gearbox=parallel_axis", "inverter=sic_400v", "tracking=off")
EXCITED, MAGNETS = ("motor=eesm",), ("motor=ipm", "brand.forbids=[]")


@dataclasses.dataclass(frozen=True)
class RuleCost:
    """What a brand has with and without magnets at one price; NaN where a front is empty.

    `cost`, `energy`, `mass`: best of each front [EUR, Wh/km, kg] as (with magnets, without); `extra_cost` without rare
    earths at least cost; `extra_cost_same_energy`: the same among designs of no more energy than the cheapest with
    magnets has.
    """

    brand: str
    price: str
    cost: tuple[float, float]
    energy: tuple[float, float]
    mass: tuple[float, float]
    extra_cost: float
    extra_cost_same_energy: float


def rule_cost(brand: str, price: str, magnets: np.ndarray, excited: np.ndarray) -> RuleCost:
    """Compare two fronts (K, 3) of cost, energy, mass."""
    best = [tuple(_least(front[:, k]) for front in (magnets, excited)) for k in range(3)]
    limit = magnets[np.argmin(magnets[:, 0]), 1] if len(magnets) else math.nan
    same = _least(excited[excited[:, 1] <= limit, 0])
    cost, energy, mass = ((float(pair[0]), float(pair[1])) for pair in best)
    return RuleCost(brand, price, cost, energy, mass, cost[1] - cost[0], same - cost[0])


def _least(values: np.ndarray) -> float:
    return float(values.min()) if len(values) else math.nan


def run(folder: Path, given: Sequence[str]) -> list[RuleCost]:
    """Every study, then every comparison."""
    found = []
    for brand in BRANDS:
        own = [f"brand={brand}", *COMMON, *given]
        excited = folder / f"{brand}_eesm"
        found_or_stop(excited, [*own, *EXCITED, f"price={PRICES[1]}"])
        for price in PRICES:
            with_magnets = folder / f"{brand}_ipm_{price}"
            found_or_stop(with_magnets, [*own, *MAGNETS, f"price={price}"])
            fronts = [front_of(path) for path in (with_magnets, excited)]
            found.append(rule_cost(brand, price, fronts[0].points, fronts[1].points))
            print(json.dumps(dataclasses.asdict(found[-1])), flush=True)
        pair = f"[{excited.absolute()},{(folder / f'{brand}_ipm_{PRICES[1]}').absolute()}]"
        edu_opt(folder / f"{brand}_compared", ["task=compare", f"studies={pair}", "tracking=off"])
    return found


def front_of(folder: Path) -> LabelledFront:
    """Front of a finished study."""
    return read_front(StudyFolder(folder))


def table(rows: Sequence[RuleCost]) -> str:
    """Markdown table."""
    head = (
        "| brand | magnet price | least cost with / without rare earths [EUR] | rule costs [EUR a unit] | at equal "
        "energy [EUR a unit] | least energy with / without [Wh/km] | least mass with / without [kg] |\n"
    )
    lines = [
        f"| {r.brand} | {r.price} | {r.cost[0]:.0f} / {r.cost[1]:.0f} | {r.extra_cost:.0f} | "
        f"{r.extra_cost_same_energy:.0f} | {r.energy[0]:.1f} / {r.energy[1]:.1f} | {r.mass[0]:.1f} / {r.mass[1]:.1f} |"
        for r in rows
    ]
    return head + "|---|---|---|---|---|---|---|\n" + "\n".join(lines).replace("nan", "-") + "\n"


def figure(rows: Sequence[RuleCost]) -> Figure:
    """EUR a unit that the rule costs, by magnet price, one bar a brand."""
    drawn = Figure(figsize=(7.2, 4.2), layout="constrained")
    axes = drawn.subplots()
    brands = list(dict.fromkeys(row.brand for row in rows))
    width = 0.8 / len(brands)
    for k, brand in enumerate(brands):
        costs = [row.extra_cost for row in rows if row.brand == brand]
        places = np.arange(len(costs)) + (k - 0.5 * (len(brands) - 1)) * width
        axes.bar(places, np.nan_to_num(costs), width=0.9 * width, color=COLOURS[k], label=brand)
    axes.set_xticks(range(len(PRICES)), [price.replace("_", " ") for price in PRICES])
    axes.axhline(0.0, color="#39424e", linewidth=0.8)
    axes.set_ylabel("no rare earths costs [EUR a unit]")
    axes.grid(True, axis="y", linewidth=0.4, alpha=0.5)
    axes.legend(frameon=False)
    return drawn


def main() -> int:
    """Run, write, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--optimizer", default="small")
    parser.add_argument("--fidelity", default="coarse")
    parser.add_argument("--folder", type=Path, default=ROOT / "studies" / "rare_earth_free")
    given = parser.parse_args()
    rows = run(given.folder, [f"optimizer={given.optimizer}", f"fidelity={given.fidelity}"])
    write_text(HERE / "table.md", table(rows))
    save_png(figure(rows), HERE / "rule_cost.png")
    print(table(rows))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
