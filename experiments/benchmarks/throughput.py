"""Candidate evaluations, gradients and Jacobians per second of every branch, compile time apart, in one run.

    python -m experiments.benchmarks.throughput [--kinds eesm,ipm,synrm,im] [--grids XS,S] [--candidates 128,1024]

Needs jax and optax alone, so it runs on a bare GPU machine. Per branch: lamination expansions (field sweep with its
Jacobian), evaluations, full Jacobians of objectives and margins (the gradient of any scalar of them is a weighting of
their rows and costs the same), memory per candidate. The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import dataclasses
import itertools
import json
import time
from collections.abc import Callable
from typing import Any

import jax
import numpy as np

from edu_opt.optimize.programs import ModelPrograms
from edu_opt.optimize.protocol import EvaluationCounts
from edu_opt.optimize.sequential_quadratic import subproblem_program
from edu_opt.optimize.settings import OptimizerSettings
from edu_opt.problem import DriveUnitProblem
from edu_opt.requirements import Requirement
from edu_opt.settings import Fidelity, MotorOffer, ProblemSettings, programs_of

REQUIREMENTS = (
    Requirement("acceleration_0_100", "max", 6.8, "benchmark"),
    Requirement("top_speed", "min", 180.0, "benchmark"),
    Requirement("peak_power_10s", "min", 210.0, "benchmark"),
)
OFFERS = {
    "eesm": MotorOffer("eesm", 9, 8, (3, 4), (2,), "NO27"),
    "ipm": MotorOffer("ipm", 9, 8, (3, 4), (2,), "NO27", "N42UH"),
    "synrm": MotorOffer("synrm", 9, 8, (3,), (2,), "NO27", "FB9B", rotor="three_barriers_assisted"),
    "im": MotorOffer("im", 9, 8, (3,), (2,), "NO27", bars_per_pole=11, cage="copper"),
}


def settings_of(kind: str, grid: str) -> ProblemSettings:
    """One motor kind on a field grid, with both classes of power modules."""
    return ProblemSettings(
        brand="benchmark",
        vehicle="bmw_ix3",
        requirements=REQUIREMENTS,
        motors=(OFFERS[kind],),
        devices=("fuji_2mbi600xee065", "wolfspeed_cab450m12xm3"),
        fidelity=Fidelity(grid=grid, final_grid=grid),
    )



def best_time(function: Callable[..., Any], x: np.ndarray, *rest: Any, repeats: int = 3) -> float:
    """Shortest wall time of a compiled call [s], at new points each time: inner solutions are remembered by point."""
    times = []
    for shift in range(1, repeats + 1):
        points = np.clip(x + 1e-4 * shift, 0.0, 1.0)
        started = time.perf_counter()
        jax.block_until_ready(function(points, *rest))
        times.append(time.perf_counter() - started)
    return min(times)


@dataclasses.dataclass(frozen=True)
class Laminations:
    """Expanded laminations of one branch and what the field sweep cost."""

    x: np.ndarray
    branch: int
    expansion: Any
    compile_s: float
    seconds_per_candidate: float


def expanded(problem: DriveUnitProblem, branch: int) -> Laminations:
    """One chunk of field solves with derivatives; the first of a process compiles."""
    rng = np.random.default_rng(7 + branch)  # own candidates: solved fields are remembered
    x = np.clip(0.5 + 0.15 * rng.normal(size=(problem.fields.chunk, len(problem.space))), 0.0, 1.0)
    rows = np.full(len(x), branch)
    started = time.perf_counter()
    problem.expand(x, rows)
    first = time.perf_counter() - started
    x = np.clip(x + 0.01, 0.0, 1.0)
    started = time.perf_counter()
    expansion = problem.expand(x, rows)
    seconds = time.perf_counter() - started
    return Laminations(x, branch, expansion, first - seconds, seconds / len(x))


def measure(problem: DriveUnitProblem, count: int, base: list[Laminations]) -> list[dict[str, Any]]:
    """One record a branch at one batch size, which is one chunk."""
    lanes = np.arange(count) % problem.fields.chunk
    programs = ModelPrograms(problem, count, 0.0)  # type: ignore[arg-type]
    started = time.perf_counter()
    programs.compile(base[0].expansion, subproblem_program(programs.objectives, OptimizerSettings(chunk=count)))
    compile_s = time.perf_counter() - started
    records = []
    for found in base:
        many = (found.x[lanes], np.full(count, found.branch), jax.tree.map(lambda leaf: leaf[lanes], found.expansion))
        evaluation = best_time(programs.evaluation, *many)
        unseen = (np.clip(many[0] + 1e-3, 0.0, 1.0), *many[1:])  # no evaluation has solved its inner problems there
        jacobian = best_time(lambda *arguments: programs.jacobian(EvaluationCounts(), *arguments), *unseen)
        record = {
            "branch": problem.branch_names[found.branch],
            "candidates": count,
            "field_compile_s": found.compile_s,
            "field_ms_per_candidate": 1e3 * found.seconds_per_candidate,
            "field_solves_per_candidate": problem.field_solves_per_expansion,
            "compile_s": compile_s,
            "evaluations_per_s": count / evaluation,
            "gradients_per_s": count / jacobian,
            "jacobians_per_s": count / jacobian,
            "gradient_or_jacobian_per_evaluation": jacobian / evaluation,
            "bytes_per_candidate": programs.largest_temporary / count,
        }
        records.append(record)
        print(json.dumps({k: round(v, 3) if isinstance(v, float) else v for k, v in record.items()}), flush=True)
    return records


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--candidates", default="128")
    parser.add_argument("--kinds", default=",".join(OFFERS))
    parser.add_argument("--grids", default="XS")
    options = parser.parse_args()
    records = []
    for kind, grid in itertools.product(options.kinds.split(","), options.grids.split(",")):
        settings = settings_of(kind, grid)
        problem = DriveUnitProblem(settings, programs_of(settings)[0])
        base = [expanded(problem, branch) for branch in range(problem.branch_count)]
        for text in options.candidates.split(","):
            records += [{"kind": kind, "grid": grid, **record} for record in measure(problem, int(text), base)]
    print(json.dumps({"device": str(jax.devices()[0]), "records": records}))


if __name__ == "__main__":
    main()
