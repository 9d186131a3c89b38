"""What a family's gradient costs against its members' gradients, in one run: nothing shared, and the lamination shared.

    python -m experiments.benchmarks.family [--families 8] [--members 5] [--kind eesm] [--grid XS]

A gradient is everything that a fresh design needs: the field sweep of its lamination with derivatives, then evaluation
and Jacobian of all objectives and margins. Members and families are measured in turn, and of each the run of least work
counts: seconds of the clock, and of all processors together (on a CPU the ratio that other jobs disturb least). Needs
jax and optax alone. The last line is one JSON object; compile time stands apart.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import time
from typing import Any

import jax
import numpy as np

from edu_opt.family.members import share_fields
from edu_opt.family.pattern import SharingPattern, pattern
from edu_opt.family.problem import FamilyProblem, Member, family_objectives
from edu_opt.family.programs import FamilyPrograms, member_programs
from edu_opt.optimize.programs import ModelPrograms
from edu_opt.optimize.protocol import EvaluationCounts
from edu_opt.problem import DriveUnitProblem
from edu_opt.settings import programs_of
from experiments.benchmarks.throughput import settings_of

VEHICLES = ("bmw_ix3", "bmw_i4", "bmw_i3", "mini_cooper_se", "jaguar_i_pace", "range_rover_evoque_phev")
OWN = {"one": ("energy_wltc", "wh_per_km"), "two": ("unit_mass", "kg")}


def members_of(count: int, kind: str, grid: str) -> list[Member]:
    """Members in different vehicles, of two brands, sharing one field program."""
    problems = []
    for vehicle in VEHICLES[:count]:
        settings = dataclasses.replace(settings_of(kind, grid), vehicle=vehicle)
        problems.append(DriveUnitProblem(settings, programs_of(settings)[0]))
    share_fields(problems)
    brands = ["one" if k % 2 == 0 else "two" for k in range(count)]
    return [Member(v, b, p, 1e4) for v, b, p in zip(VEHICLES, brands, problems, strict=False)]  # type: ignore[arg-type]


@dataclasses.dataclass(frozen=True)
class Seconds:
    """Of a gradient: by the clock its field sweep, and evaluation and Jacobian; of all processors together."""

    fields: float
    jacobian: float
    processors: float


def gradient_seconds(problem: Any, programs: ModelPrograms, x: np.ndarray, branch: np.ndarray) -> Seconds:
    """A gradient at designs that nothing is remembered of."""
    started, worked = time.perf_counter(), time.process_time()
    expansion = problem.expand(x, branch)
    expanded = time.perf_counter()
    jax.block_until_ready(programs.jacobian(EvaluationCounts(), x, branch, expansion))
    return Seconds(expanded - started, time.perf_counter() - expanded, time.process_time() - worked)


def least(runs: list[Seconds]) -> Seconds:
    """The run of least work."""
    return min(runs, key=lambda run: run.processors)


def fresh(seed: int, count: int, variables: int) -> np.ndarray:
    """Designs around the middle of the space."""
    return np.clip(0.5 + 0.1 * np.random.default_rng(seed).normal(size=(count, variables)), 0.0, 1.0)


def family_seconds(
    members: list[Member], shares: SharingPattern, programs: list[ModelPrograms], count: int, seed: int
) -> Seconds:
    """A family's gradient under a pattern."""
    problem = FamilyProblem(members, shares, family_objectives(members, OWN), [(0,) * len(members)])
    compiled, branch = FamilyPrograms(problem, programs), np.zeros(count, dtype=np.int64)
    return gradient_seconds(problem, compiled, fresh(seed, count, len(problem.space)), branch)


def main() -> int:
    """Compile, measure members, then families."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--families", type=int, default=8)
    parser.add_argument("--members", type=int, default=5)
    parser.add_argument("--kind", default="eesm")
    parser.add_argument("--grid", default="XS")
    parser.add_argument("--repeats", type=int, default=3)
    arguments = parser.parse_args()
    count = arguments.families
    members = members_of(arguments.members, arguments.kind, arguments.grid)
    programs = member_programs([m.problem for m in members], count, 0.0, 2)
    names = [m.name for m in members]
    branch, variables = np.zeros(count, dtype=np.int64), len(members[0].problem.space)
    started = time.perf_counter()
    gradient_seconds(members[0].problem, programs[0], fresh(0, count, variables), branch)
    compile_s = time.perf_counter() - started
    patterns = pattern("nothing", [], names), pattern("lamination", [(["lamination"], [])], names)
    alone: list[list[Seconds]] = [[] for _ in members]
    families: dict[str, list[Seconds]] = {shares.name: [] for shares in patterns}
    for k in range(arguments.repeats):
        for m, member in enumerate(members):
            x = fresh(10 * m + k + 1, count, variables)
            alone[m].append(gradient_seconds(member.problem, programs[m], x, branch))
        for shares in patterns:
            families[shares.name].append(family_seconds(members, shares, programs, count, 100 + k))
    parts = [least(runs) for runs in alone]
    total, worked = sum(p.fields + p.jacobian for p in parts), sum(p.processors for p in parts)
    record: dict[str, Any] = {
        "device": str(jax.devices()[0]),
        "families": count,
        "members": len(members),
        "programs": len(set(map(id, programs))),
        "compile_s": compile_s,
        "members_fields_s": sum(p.fields for p in parts),
        "members_jacobian_s": sum(p.jacobian for p in parts),
        "members_processors_s": worked,
    }
    for name, runs in families.items():
        found = least(runs)
        by_clock, by_work = (found.fields + found.jacobian) / total, found.processors / worked
        record |= {f"{name}_{key}_s": value for key, value in dataclasses.asdict(found).items()}
        record |= {f"{name}_over_members": by_clock, f"{name}_work_over_members": by_work}
        print(f"{name}: {by_work:.3f} of the members' gradients by work, {by_clock:.3f} by the clock", flush=True)
    print(json.dumps(record))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
