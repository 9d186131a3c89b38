"""Candidate evaluations and Jacobians per second of every program, compile time apart, as ratios in one run.

    python -m experiments.benchmarks.throughput [--candidates 128,1024] [--brand bmw]

Needs jax and optax alone, so it runs on a bare GPU machine. Per program: lamination expansions (field sweep with its
Jacobian), evaluations, full Jacobians of objectives and margins (a gradient of any scalar of them costs the same: it is
a weighting of their rows), memory per candidate. The last line is one JSON object.
"""

from __future__ import annotations

import argparse
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
from edu_opt.settings import MotorOffer, ProblemSettings, programs_of

REQUIREMENTS = (
    Requirement("acceleration_0_100", "max", 6.8, "benchmark"),
    Requirement("top_speed", "min", 180.0, "benchmark"),
    Requirement("peak_power_10s", "min", 210.0, "benchmark"),
)
SETTINGS = {
    "bmw": ProblemSettings(
        brand="bmw",
        vehicle="bmw_ix3",
        requirements=REQUIREMENTS,
        motors=(MotorOffer("eesm", 9, 8, (3, 4), (2,), "NO27"),),
        devices=("fuji_2mbi600xee065", "wolfspeed_cab450m12xm3"),
    ),
    "jaguar": ProblemSettings(
        brand="jaguar",
        vehicle="jaguar_i_pace",
        requirements=REQUIREMENTS,
        motors=(MotorOffer("ipm", 6, 6, (4,), (2,), "NO27", "N42UH"),),
        gearbox_layouts=("planetary",),
        devices=("wolfspeed_cab450m12xm3",),
    ),
}


def best_time(function: Callable[..., Any], x: np.ndarray, *rest: Any, repeats: int = 3) -> float:
    """Shortest wall time of a compiled call [s], at new points each time: inner solutions are remembered by point."""
    times = []
    for shift in range(1, repeats + 1):
        points = np.clip(x + 1e-4 * shift, 0.0, 1.0)
        started = time.perf_counter()
        jax.block_until_ready(function(points, *rest))
        times.append(time.perf_counter() - started)
    return min(times)


def measure(problem: DriveUnitProblem, counts: list[int]) -> list[dict[str, Any]]:
    """One record a batch size; every batch is one chunk."""
    rng = np.random.default_rng(7)
    base = np.clip(0.5 + 0.15 * rng.normal(size=(problem.fields.chunk, len(problem.space))), 0.0, 1.0)
    branch = np.zeros(len(base), dtype=int)
    started = time.perf_counter()
    problem.expand(base, branch)
    field_first = time.perf_counter() - started
    started = time.perf_counter()
    expansion = problem.expand(np.clip(base + 0.01, 0.0, 1.0), branch)
    field_time = (time.perf_counter() - started) / len(base)
    records = []
    for count in counts:
        lanes = np.arange(count) % len(base)
        many = (base[lanes], np.zeros(count, dtype=int), jax.tree.map(lambda leaf, k=lanes: leaf[k], expansion))
        programs = ModelPrograms(problem, count, 0.0)  # type: ignore[arg-type]
        started = time.perf_counter()
        programs.compile(many[2], subproblem_program(programs.objectives, OptimizerSettings(chunk=count)))
        compile_s = time.perf_counter() - started
        evaluation = best_time(programs.evaluation, *many)
        many = (np.clip(many[0] + 1e-3, 0.0, 1.0), *many[1:])  # points that no evaluation has seen
        jacobian = best_time(lambda *arguments, p=programs: p.jacobian(EvaluationCounts(), *arguments), *many)
        record = {
            "program": problem.program.name,
            "candidates": count,
            "field_compile_s": field_first - len(base) * field_time,
            "field_ms_per_candidate": 1e3 * field_time,
            "field_solves_per_candidate": problem.field_solves_per_expansion,
            "compile_s": compile_s,
            "evaluations_per_s": count / evaluation,
            "jacobians_per_s": count / jacobian,
            "jacobian_per_evaluation": jacobian / evaluation,
            "bytes_per_candidate": programs.largest_temporary / count,
        }
        records.append(record)
        print(json.dumps({k: round(v, 3) if isinstance(v, float) else v for k, v in record.items()}), flush=True)
    return records


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--candidates", default="128")
    parser.add_argument("--brand", choices=sorted(SETTINGS), default="bmw")
    options = parser.parse_args()
    settings = SETTINGS[options.brand]
    records = []
    for program in programs_of(settings):
        problem = DriveUnitProblem(settings, program)
        records += measure(problem, [int(text) for text in options.candidates.split(",")])
    print(json.dumps({"device": str(jax.devices()[0]), "records": records}))


if __name__ == "__main__":
    main()
