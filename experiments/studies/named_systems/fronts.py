"""The front of each system, found by the command in a study folder each, and the real unit under the same settings.

Resumable: a finished study is read again, an unfinished one goes on, a point that is there is not computed again.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import jax
import numpy as np

from edu_opt.config.compose import compose
from edu_opt.config.load import load
from edu_opt.problem.reference_evaluation import evaluate_reference
from edu_opt.tracking.files import write_text
from experiments.studies.named_systems.systems import System

ROOT = Path(__file__).resolve().parents[3]


def run_front(system: System, folder: Path, optimizer: str) -> int:
    """Exit code of the command for one system (0: front found, 3: no feasible design)."""
    study = folder / system.car
    command = [sys.executable, "-m", "edu_opt", *system.overrides, f"optimizer={optimizer}", f"study={study}"]
    return subprocess.run([*command, "tracking=off"], cwd=ROOT, check=False).returncode


def real_point(system: System, folder: Path) -> dict[str, Any]:
    """The system's reference unit (of its last axle) under its front's settings: objectives, margins, all results."""
    path = folder / f"{system.car}_real.json"
    if path.is_file():
        return dict(json.loads(path.read_text()))
    problem = load(compose(list(system.overrides))).problem
    found = jax.tree.map(np.asarray, evaluate_reference(system.units[-1], problem))
    point = {
        "unit": system.units[-1],
        "own": system.own,
        "objectives": dict(zip(problem.objectives, found.objectives.tolist(), strict=True)),
        "smallest_margin": float(found.margins.min()),
        "values": {name: float(value) for name, value in found.report.values.items()},
    }
    folder.mkdir(parents=True, exist_ok=True)
    write_text(path, json.dumps(point) + "\n")
    return point
