"""What patterns and members learn from each other.

A family that shares more is a family of every pattern that shares less, and its members are designs of their own. So
the patterns that share most are searched first, their families are starts for the others, and a member's own front
counts what was found for it in a family: what sharing saves is not what one search has missed.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from edu_opt.family.pattern import SharingPattern, Ties, tied_choices
from edu_opt.family.problem import FamilyProblem, Member
from edu_opt.family.starts import choice_of
from edu_opt.optimize.driver import front_at
from edu_opt.optimize.programs import ModelPrograms
from edu_opt.optimize.protocol import EvaluationCounts, reported_expand
from edu_opt.optimize.result import Front, OptimizationResult
from edu_opt.optimize.scalarization import bounds_of
from edu_opt.optimize.settings import OptimizerSettings

SAME = 1e-9  # of two members' shared variables, unit cube


def transferred(
    problem: FamilyProblem, front: Front, shares: SharingPattern, tied: Ties
) -> tuple[np.ndarray, list[tuple[int, ...]]]:
    """Families of a front as families (K, n) of another pattern, with their members' branches; those whose members
    differ in what that pattern shares are left out."""
    points = problem.member_points(front.x, front.branch)
    x, agree = np.full((len(front), len(tied.space)), np.nan), np.ones(len(front), dtype=bool)
    for columns, (own, _) in zip(tied.columns, points, strict=True):
        known = np.isfinite(x[:, columns])
        agree &= np.where(known, np.abs(x[:, columns] - own) <= SAME, True).all(axis=1)
        x[:, columns] = own
    rows = [tuple(int(branch[k]) for _, branch in points) for k in range(len(front))]
    members = problem.members
    for choice, group in tied_choices(shares, [m.name for m in members]):
        chosen = [{choice_of(members[m], row[m], choice) for m in group} for row in rows]
        agree &= np.array([len(values) == 1 for values in chosen], dtype=bool)
    return x[agree], [row for row, kept in zip(rows, agree, strict=True) if kept]


def with_found(
    member: Member,
    result: OptimizationResult,
    programs: ModelPrograms,
    settings: OptimizerSettings,
    found: Sequence[tuple[np.ndarray, np.ndarray]],
) -> OptimizationResult:
    """A member's own result whose front also knows designs (x, branch) that were found for it in families."""
    own = result.front
    x = np.vstack([own.x, *(points for points, _ in found)])
    branch = np.concatenate([own.branch, *(branches for _, branches in found)])
    if len(x) == len(own):
        return result
    _, first = np.unique(np.column_stack([x, branch]), axis=0, return_index=True)
    x, branch = x[np.sort(first)], branch[np.sort(first)]
    expansion = reported_expand(member.problem)(x, branch)
    counts = EvaluationCounts()
    seen = programs.forward(counts, x, branch, expansion)
    feasible = seen.valid & (seen.margins.min(axis=1, initial=np.inf) >= 0.0)
    if not feasible.any():
        return result
    span = bounds_of(seen.objectives[feasible]).span
    front = front_at(programs, counts, settings, x, branch, expansion, span)
    return dataclasses.replace(result, front=front, feasible=len(front) > 0)
