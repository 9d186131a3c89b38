"""Where the search for a family begins: designs of the members' own fronts, put together.

In turn every member leads: what it shares takes its values, and the others bring, for their own parts, the design of
their front that suits the leader best.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from edu_opt.family.pattern import SharingPattern, Ties, tied_choices
from edu_opt.family.problem import FamilyObjective, Member, Starts
from edu_opt.optimize.directions import reference_directions
from edu_opt.optimize.result import OptimizationResult

NEARNESS = 3.0  # of shared variables to the leader's, against the spans of the objectives
MOST_KNOWN = 8  # families of another pattern that join the starts
MOST_COMBINATIONS = 8  # combinations of the members' branches that a pattern searches


class NoCommonChoice(ValueError):
    """Members' discrete choices allow no common part."""


@dataclasses.dataclass(frozen=True)
class Designs:
    """Designs of one member alone: x (K, n), branch (K,), objectives (K, m); its front, or the closest it came."""

    x: np.ndarray
    branch: np.ndarray
    objectives: np.ndarray

    @classmethod
    def of(cls, result: OptimizationResult) -> Designs:
        """Front of a member's own search; where nothing was feasible, the design that misses least."""
        front, closest = result.front, result.closest
        if len(front):
            return cls(front.x, front.branch, front.objectives)
        if closest is None:
            raise ValueError("no candidate of a member could be evaluated")
        return cls(closest.x[None], np.array([closest.branch]), closest.objectives[None])


def family_starts(
    members: Sequence[Member],
    shares: SharingPattern,
    tied: Ties,
    objectives: Sequence[FamilyObjective],
    designs: Sequence[Designs],
    count: int,
    known: Sequence[tuple[np.ndarray, Sequence[tuple[int, ...]]]] = (),
) -> tuple[list[tuple[int, ...]], Starts]:
    """At most `count` starts, and the combinations of branches that they are of; `known` families join them.

    Raises NoCommonChoice where the members' discrete choices allow no common part.
    """
    weights = reference_directions(len(objectives), max(count, len(objectives)), 0.0)
    points, chosen = [], []
    for position, weight in enumerate(weights[:count]):
        order = np.roll(np.arange(len(members)), -position)
        found = _composed(members, shares, tied, objectives, designs, np.maximum(weight, 0.0), order)
        if found is not None:
            points.append(found[0])
            chosen.append(found[1])
    points, chosen = with_blends(points, chosen, count)
    for families, rows in known:
        chosen_rows = spread_rows(families, MOST_KNOWN)
        points += [families[k] for k in chosen_rows]
        chosen += [rows[k] for k in chosen_rows]
    if not points:
        names = ", ".join(member.name for member in members)
        raise NoCommonChoice(f"pattern {shares.name}: no discrete choices are common to {names}")
    combinations = _most_frequent(chosen)
    kept = [k for k, row in enumerate(chosen) if row in combinations]
    branch = np.array([combinations.index(chosen[k]) for k in kept])
    return combinations, (np.array([points[k] for k in kept]), branch)


def with_blends(
    points: Sequence[np.ndarray], rows: Sequence[tuple[int, ...]], count: int
) -> tuple[list[np.ndarray], list[tuple[int, ...]]]:
    """Starts (n,) without repeats, filled up to `count` with the middles of two of equal branches: members' fronts are
    often short, and the best common part lies between their own."""
    unique = {(point.tobytes(), row): (point, row) for point, row in zip(points, rows, strict=True)}
    different = list(unique.values())
    result = different[:count]
    for distance in range(1, len(different)):
        for (one, row), (other, same) in zip(different, different[distance:], strict=False):
            if len(result) < count and row == same:
                result.append((0.5 * (one + other), row))
    return [point for point, _ in result], [row for _, row in result]


def spread_rows(families: np.ndarray, count: int) -> list[int]:
    """At most `count` positions of a front (K, n), evenly along its first objective, both ends included."""
    return sorted({int(k) for k in np.linspace(0, len(families) - 1, min(count, len(families))).round()})


def _most_frequent(rows: Sequence[tuple[int, ...]]) -> list[tuple[int, ...]]:
    unique = list(dict.fromkeys(rows))
    return sorted(unique, key=lambda row: (-rows.count(row), unique.index(row)))[:MOST_COMBINATIONS]


def _composed(
    members: Sequence[Member],
    shares: SharingPattern,
    tied: Ties,
    objectives: Sequence[FamilyObjective],
    designs: Sequence[Designs],
    weight: np.ndarray,
    order: np.ndarray,
) -> tuple[np.ndarray, tuple[int, ...]] | None:
    """A family x (n,) with its branches; members earlier in `order` decide what is common."""
    x, known = np.full(len(tied.space), 0.5), np.zeros(len(tied.space), dtype=bool)
    branches = [-1] * len(members)
    common = list(tied_choices(shares, [m.name for m in members]))
    for m in (int(k) for k in order):
        wanted = _wanted(members, common, branches, m)
        scores = scored(members[m], m, objectives, designs[m], weight)
        columns, own = tied.columns[m], designs[m]
        fixed = known[columns]
        distance = np.square((own.x - x[columns]) * fixed).sum(axis=1)
        agrees = np.array([_agrees(members[m], int(b), wanted) for b in own.branch])
        row = int(np.argmin(scores + NEARNESS * np.sqrt(distance) + np.where(agrees, 0.0, 1e6)))
        branch = int(own.branch[row]) if agrees[row] else _branch_with(members[m], int(own.branch[row]), wanted)
        if branch is None:
            return None
        branches[m] = branch
        x[columns] = np.where(fixed, x[columns], own.x[row])
        known[columns] = True
    return x, tuple(branches)


def scored(
    member: Member, m: int, objectives: Sequence[FamilyObjective], designs: Designs, weight: np.ndarray
) -> np.ndarray:
    """Weighted objectives (K,) of a member's designs as far as the family's objectives count them, in spans of its
    front."""
    names = list(member.problem.objective_names)
    low, high = designs.objectives.min(axis=0), designs.objectives.max(axis=0)
    scaled = (designs.objectives - low) / np.where(high > low, high - low, 1.0)
    total = np.zeros(len(designs.objectives))
    for k, objective in enumerate(objectives):
        total += weight[k] * (objective.weights[m] > 0.0) * scaled[:, names.index(objective.quantity)]
    return total


def _wanted(
    members: Sequence[Member], common: Sequence[tuple[str, tuple[int, ...]]], branches: Sequence[int], m: int
) -> dict[str, Any]:
    """Discrete choices that earlier members have made for member m."""
    wanted = {}
    for choice, group in common:
        decided = [k for k in group if branches[k] >= 0]
        if m in group and decided:
            wanted[choice] = choice_of(members[decided[0]], branches[decided[0]], choice)
    return wanted


def choice_of(member: Member, branch: int, choice: str) -> Any:
    """A member's discrete choice in a branch, None where its problem names none."""
    rows = getattr(member.problem, "branches", None)
    return getattr(rows[branch], choice) if rows else None


def _agrees(member: Member, branch: int, wanted: dict[str, Any]) -> bool:
    return all(choice_of(member, branch, choice) == value for choice, value in wanted.items())


def _branch_with(member: Member, like: int, wanted: dict[str, Any]) -> int | None:
    """The branch of a member that makes the wanted choices and otherwise differs least from another."""
    rows = getattr(member.problem, "branches", ())
    allowed = [b for b in range(len(rows)) if _agrees(member, b, wanted)]
    if not allowed:
        return None
    names = [field.name for field in dataclasses.fields(rows[like])]
    return min(allowed, key=lambda b: sum(getattr(rows[b], n) != getattr(rows[like], n) for n in names))
