"""What a family's gradient costs against its members' gradients, in one run: nothing shared, and the lamination shared.

    python -m experiments.benchmarks.family [--families 8] [--members 5] [--kind eesm] [--grid XS]

A gradient is everything that a fresh design needs: the field sweep of its lamination with derivatives, then evaluation
and Jacobian of all objectives and margins. Needs jax and optax alone. The last line is one JSON object; compile time
stands apart.
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


def gradient_seconds(problem: Any, programs: ModelPrograms, x: np.ndarray, branch: np.ndarray) -> tuple[float, float]:
    """Seconds of a field sweep, and of evaluation and Jacobian, at designs that nothing is remembered of."""
    started = time.perf_counter()
    expansion = problem.expand(x, branch)
    fields = time.perf_counter() - started
    started = time.perf_counter()
    jax.block_until_ready(programs.jacobian(EvaluationCounts(), x, branch, expansion))
    return fields, time.perf_counter() - started


def fresh(seed: int, count: int, variables: int) -> np.ndarray:
    """Designs around the middle of the space."""
    return np.clip(0.5 + 0.1 * np.random.default_rng(seed).normal(size=(count, variables)), 0.0, 1.0)


def family_seconds(
    members: list[Member], shares: SharingPattern, programs: list[ModelPrograms], count: int, repeats: int = 2
) -> tuple[float, float]:
    """Shortest times of a family's gradient under a pattern."""
    problem = FamilyProblem(members, shares, family_objectives(members, OWN), [(0,) * len(members)])
    compiled, branch = FamilyPrograms(problem, programs), np.zeros(count, dtype=np.int64)
    found = [
        gradient_seconds(problem, compiled, fresh(100 + k, count, len(problem.space)), branch) for k in range(repeats)
    ]
    return min(found, key=sum)


def main() -> int:
    """Compile, measure members, then families."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--families", type=int, default=8)
    parser.add_argument("--members", type=int, default=5)
    parser.add_argument("--kind", default="eesm")
    parser.add_argument("--grid", default="XS")
    arguments = parser.parse_args()
    count = arguments.families
    members = members_of(arguments.members, arguments.kind, arguments.grid)
    programs = member_programs([m.problem for m in members], count, 0.0, 2)
    names = [m.name for m in members]
    branch, variables = np.zeros(count, dtype=np.int64), len(members[0].problem.space)
    started = time.perf_counter()
    gradient_seconds(members[0].problem, programs[0], fresh(0, count, variables), branch)
    compile_s = time.perf_counter() - started
    alone = []
    for m, member in enumerate(members):
        runs = [
            gradient_seconds(member.problem, programs[m], fresh(10 * m + k + 1, count, variables), branch)
            for k in range(2)
        ]
        alone.append(min(runs, key=sum))
    total = float(np.sum(alone))
    record: dict[str, Any] = {
        "device": str(jax.devices()[0]),
        "families": count,
        "members": len(members),
        "programs": len(set(map(id, programs))),
        "compile_s": compile_s,
        "members_fields_s": float(np.sum([a[0] for a in alone])),
        "members_jacobian_s": float(np.sum([a[1] for a in alone])),
    }
    for shares in (pattern("nothing", [], names), pattern("lamination", [(["lamination"], [])], names)):
        fields, jacobian = family_seconds(members, shares, programs, count)
        record |= {
            f"{shares.name}_fields_s": fields,
            f"{shares.name}_jacobian_s": jacobian,
            f"{shares.name}_over_members": (fields + jacobian) / total,
        }
        print(f"{shares.name}: {record[f'{shares.name}_over_members']:.3f} of the members' gradients", flush=True)
    print(json.dumps(record))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
