"""The seven named systems: `python -m experiments.studies.named_systems [--optimizer small] [--skip-fronts]`.

Prints one JSON object a figure and line ({"case", "quantity", "model", "reference", "error"}), last {"summary": ..};
writes `table.md` here. With fronts: a study folder each under `--folder` (resumable) and the figure `fronts.png` here.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from pathlib import Path

import numpy as np

import edu_opt  # noqa: F401
from edu_opt.report.fronts import LabelledFront, read_front
from edu_opt.tracking.files import write_text
from edu_opt.tracking.study_folder import StudyFolder
from experiments.studies.named_systems.figure import draw
from experiments.studies.named_systems.fronts import ROOT, real_point, run_front
from experiments.studies.named_systems.systems import SYSTEMS, System
from experiments.studies.named_systems.table import Row, markdown, rows, unit_mass

HERE = Path(__file__).resolve().parent


def table(systems: dict[str, System], masses: dict[str, float]) -> dict[str, list[Row]]:
    """Rows of every system, printed as they are found."""
    found: dict[str, list[Row]] = {}
    for name, system in systems.items():
        found[name] = []
        for row in rows(system, masses):
            found[name].append(row)
            print(json.dumps(dataclasses.asdict(row) | {"error": row.error, "note": system.note}), flush=True)
    return found


def fronts(systems: dict[str, System], folder: Path, optimizer: str) -> None:
    """Run every front and real point, then draw."""
    codes = {name: run_front(system, folder, optimizer) for name, system in systems.items()}
    points = {name: real_point(system, folder) for name, system in systems.items()}
    found: dict[str, LabelledFront | None] = {}
    for name, code in codes.items():
        found[name] = read_front(StudyFolder(folder / name), name) if code in (0, 3) else None
        print(json.dumps({"front": name, "exit": code, "real": points[name]["objectives"]}), flush=True)
    draw(found, points, HERE / "fronts.png")


def main() -> int:
    """Table, then fronts unless they are to be skipped."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--optimizer", default="small")
    parser.add_argument("--skip-fronts", action="store_true")
    parser.add_argument("--skip-masses", action="store_true", help="leave out the units' masses, which compile fields")
    parser.add_argument("--folder", type=Path, default=ROOT / "studies" / "named_systems")
    parser.add_argument("--systems", nargs="*", default=list(SYSTEMS), choices=list(SYSTEMS))
    given = parser.parse_args()
    systems = {name: SYSTEMS[name] for name in given.systems}
    names = sorted({name for system in systems.values() if system.own for name in system.units})
    masses = {} if given.skip_masses else {name: unit_mass(name) for name in names}
    found = table(systems, masses)
    if set(systems) == set(SYSTEMS) and masses:
        write_text(HERE / "table.md", markdown(found, systems))
    if not given.skip_fronts:
        fronts(systems, given.folder.absolute(), given.optimizer)
    judged = [row for name, case in found.items() if systems[name].own for row in case]
    own = [abs(row.error) for row in judged if row.error is not None]
    summary = {"figures": len(own), "median_abs_error": float(np.median(own)), "worst": float(np.max(own))}
    print(json.dumps({"summary": summary}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
