"""A study's state as a flat dict of numpy arrays (fit for `numpy.savez`, no pickle) and back."""

from __future__ import annotations

import dataclasses
import json
import time

import jax
import numpy as np

from edu_opt.optimize.archive import Archive
from edu_opt.optimize.candidates import Candidates
from edu_opt.optimize.protocol import EvaluationCounts
from edu_opt.optimize.scalarization import Bounds
from edu_opt.optimize.sequential_quadratic import subproblem_program
from edu_opt.optimize.study import Study

FORM = 3  # version of the layout


def to_arrays(study: Study) -> dict[str, np.ndarray]:
    """Copy of all that the remaining steps depend on."""
    arrays: dict[str, np.ndarray] = {"form": np.array(FORM), "step": np.array(study.step)}
    arrays |= {f"archive.{f.name}": getattr(study.archive, f.name).copy() for f in dataclasses.fields(Archive)}
    if study.candidates is not None and study.bounds is not None:
        for field in dataclasses.fields(Candidates):
            if field.name != "expansion":
                arrays[f"candidates.{field.name}"] = np.array(getattr(study.candidates, field.name))
        for index, leaf in enumerate(jax.tree.leaves(study.candidates.expansion)):
            arrays[f"expansion.{index:04d}"] = np.asarray(leaf)  # replaced, never written to: no copy needed
        arrays |= {"bounds.ideal": study.bounds.ideal.copy(), "bounds.nadir": study.bounds.nadir.copy()}
    elapsed = study.earlier_s + time.perf_counter() - study.started
    notes = {
        "counts": dataclasses.asdict(study.counts),
        "history": study.history,
        "wall_s": study.wall_s,
        "durations": study.durations,
        "elapsed_s": elapsed,
    }
    arrays["notes"] = np.frombuffer(json.dumps(notes).encode(), dtype=np.uint8)
    return arrays


def restore(study: Study, arrays: dict[str, np.ndarray]) -> None:
    """Continue from saved arrays. The expansion's structure is learned from expanding one candidate (not counted)."""
    if int(arrays["form"]) != FORM:
        raise ValueError(
            f"checkpoint has layout {int(arrays['form'])}, this version reads {FORM}: start the study again"
        )
    study.step = int(arrays["step"])
    study.archive = Archive(**{f.name: np.array(arrays[f"archive.{f.name}"]) for f in dataclasses.fields(Archive)})
    notes = json.loads(bytes(arrays["notes"]).decode())
    study.counts, study.history = EvaluationCounts(**notes["counts"]), notes["history"]
    study.wall_s, study.durations, study.earlier_s = notes["wall_s"], notes["durations"], notes["elapsed_s"]
    if "candidates.x" not in arrays:
        return
    fields = [f.name for f in dataclasses.fields(Candidates) if f.name != "expansion"]
    values = {name: np.array(arrays[f"candidates.{name}"]) for name in fields}
    structure = jax.tree.structure(study.problem.expand(values["centre"][:1], values["branch"][:1]))
    leaves = [np.asarray(arrays[name]) for name in sorted(n for n in arrays if n.startswith("expansion."))]
    study.candidates = Candidates(**values, expansion=jax.tree.unflatten(structure, leaves))
    study.bounds = Bounds(np.array(arrays["bounds.ideal"]), np.array(arrays["bounds.nadir"]))
    subproblem = subproblem_program(study.programs.objectives, study.settings)
    study.programs.compile(study.candidates.expansion, subproblem)
