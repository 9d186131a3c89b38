"""The family that shares nothing: its members' own designs, put together without another search.

Nothing ties the members, so the family's weighted sums separate: for every weight the best family is each member's best
design. What is reported is certified as a family, with one set of multipliers and prices.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from edu_opt.family.pattern import Ties
from edu_opt.family.problem import FamilyObjective, Member
from edu_opt.family.starts import Designs
from edu_opt.optimize.directions import reference_directions
from edu_opt.optimize.hypervolume import is_nondominated

DIRECTIONS = 256  # weights that are tried
MOST_FAMILIES = 64  # of them reported, spread over the front


def composed_families(
    members: Sequence[Member], tied: Ties, objectives: Sequence[FamilyObjective], designs: Sequence[Designs]
) -> tuple[np.ndarray, list[tuple[int, ...]], np.ndarray]:
    """Families x (K, n) of the members' own designs with their branches and objectives (K, m), none dominated."""
    contributions = [contribution(member, m, objectives, designs[m]) for m, member in enumerate(members)]
    span = sum(np.ptp(c, axis=0) for c in contributions)
    span = np.where(span > 0.0, span, 1.0)
    rows = set()
    for weight in reference_directions(len(objectives), DIRECTIONS, 0.0):
        scale = (weight + 1e-3) / span
        rows.add(tuple(int(np.argmin(c @ scale)) for c in contributions))
    ordered = sorted(rows)
    total = np.array([sum(c[row[m]] for m, c in enumerate(contributions)) for row in ordered])
    kept = np.flatnonzero(is_nondominated(total))
    kept = kept[spread(total[kept] / span, MOST_FAMILIES)]
    x = np.full((len(kept), len(tied.space)), 0.5)
    for m, columns in enumerate(tied.columns):
        x[:, columns] = designs[m].x[[ordered[k][m] for k in kept]]
    branches = [tuple(int(designs[m].branch[ordered[k][m]]) for m in range(len(members))) for k in kept]
    return x, branches, total[kept]


def contribution(member: Member, m: int, objectives: Sequence[FamilyObjective], designs: Designs) -> np.ndarray:
    """What each of a member's designs (K,) adds to the family's objectives (K, m)."""
    names = list(member.problem.objective_names)
    return np.stack([o.weights[m] * designs.objectives[:, names.index(o.quantity)] for o in objectives], axis=1)


def spread(points: np.ndarray, count: int) -> np.ndarray:
    """Indices of at most `count` points (K, m): the best of each objective, then always the one farthest from those
    chosen."""
    if len(points) <= count:
        return np.arange(len(points))
    chosen = list(dict.fromkeys(int(k) for k in points.argmin(axis=0)))
    distance = np.min([np.linalg.norm(points - points[k], axis=1) for k in chosen], axis=0)
    while len(chosen) < count:
        best = int(np.argmax(distance))
        chosen.append(best)
        distance = np.minimum(distance, np.linalg.norm(points - points[best], axis=1))
    return np.sort(np.array(chosen))
