"""What a programme asks of a family's fronts: what sharing saves, what each brand gives up, whose targets bind, and
what each limit costs whom.

All figures are read off certified designs of the fronts; "saves" compares with the pattern that shares nothing.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence

import numpy as np

from edu_opt.family.problem import FamilyProblem
from edu_opt.family.search import FamilyResult, PatternResult
from edu_opt.optimize.result import Front
from edu_opt.requirements import Requirement

SAME = 0.01  # a brand's own objective counts as kept up to this share of its value without sharing
# KKT residual (1: as large as the objectives' own slopes) up to which multipliers are read as prices. A design that can
# still be improved has multipliers of its search's penalty, not of its limits.
PRICED_RESIDUAL = 0.5
BINDS = 1e-6  # multiplier, in front spans per unit of relative margin, above which a requirement binds


@dataclasses.dataclass(frozen=True)
class PatternAnswer:
    """One pattern against no sharing. Money in EUR a unit, the mean over all units of the programme, and EUR a year.

    `saving`: at the least programme cost; `saving_kept`: at the least cost where every brand keeps its own objective
    within `SAME` of what it has at least cost without sharing (NaN where no design does). `own_best`, `own_loss`: each
    brand's best own objective and how much worse that is than without sharing; `own_at_least_cost` where cost is least.
    """

    pattern: str
    designs: int
    least_cost: float
    saving: float
    saving_per_year: float
    saving_kept: float
    own_best: dict[str, float]
    own_loss: dict[str, float]
    own_at_least_cost: dict[str, float]


@dataclasses.dataclass(frozen=True)
class NegotiationRow:
    """A limit of one member that binds at a design: what the programme and each brand would give for one unit of it.

    `prices` by family objective: change of the objective per unit of the limit, the others held (NaN where it cannot
    pay alone), positive where a higher limit costs; `per_percent`: for 1 % of the limit.
    """

    member: str
    brand: str
    requirement: str
    unit: str
    limit: float
    prices: dict[str, float]
    per_percent: dict[str, float]


@dataclasses.dataclass(frozen=True)
class OverlapRow:
    """A requirement across the members: its limit for each (NaN: none) and for which brands it binds."""

    requirement: str
    unit: str
    limits: dict[str, float]
    binds_for_members: tuple[str, ...]
    binds_for_brands: tuple[str, ...]


def knee(front: Front) -> int:
    """Design nearest to the ideal point in spans of the front."""
    low, high = front.objectives.min(axis=0), front.objectives.max(axis=0)
    span = np.where(high > low, high - low, 1.0)
    return int(np.argmin(np.square((front.objectives - low) / span).sum(axis=1)))


def least_cost(front: Front) -> float:
    """Least programme cost [EUR a unit]; NaN for an empty front."""
    return float(front.objectives[:, 0].min()) if len(front) else math.nan


def pattern_answers(result: FamilyResult) -> list[PatternAnswer]:
    """Every pattern against the one that shares nothing (NaN where there is none among the patterns)."""
    base = next((p.front for p in result.patterns if not p.pattern.shares), None)
    units = sum(member.units_per_year for member in result.plan.members)
    return [_answer(item, base, [o.name for o in result.objectives[1:]], units) for item in result.patterns]


def _answer(item: PatternResult, base: Front | None, own: Sequence[str], units: float) -> PatternAnswer:
    front = item.front
    cost = least_cost(front)
    before = least_cost(base) if base is not None else math.nan
    best = front.objectives[:, 1:].min(axis=0) if len(front) else np.full(len(own), np.nan)
    there = front.objectives[np.argmin(front.objectives[:, 0]), 1:] if len(front) else best
    known = base is not None and len(base)
    best_alone = base.objectives[:, 1:].min(axis=0) if known and base is not None else np.full(len(own), np.nan)
    return PatternAnswer(
        pattern=item.pattern.name,
        designs=len(front),
        least_cost=cost,
        saving=before - cost,
        saving_per_year=(before - cost) * units,
        saving_kept=before - kept_cost(front, base) if known and base is not None else math.nan,
        own_best=dict(zip(own, best.tolist(), strict=True)),
        own_loss=dict(zip(own, (best - best_alone).tolist(), strict=True)),
        own_at_least_cost=dict(zip(own, there.tolist(), strict=True)),
    )


def kept_cost(front: Front, base: Front) -> float:
    """Least cost among designs that keep every brand's own objective of the base's cheapest design, within `SAME`."""
    reference = base.objectives[np.argmin(base.objectives[:, 0]), 1:]
    keeps = (front.objectives[:, 1:] <= reference + SAME * np.abs(reference)).all(axis=1)
    return float(front.objectives[keeps, 0].min()) if keeps.any() else math.nan


def member_requirements(problem: FamilyProblem) -> list[tuple[int, Requirement]]:
    """(member, requirement) of every margin of the family, in order."""
    return [(m, member.problem.requirements[row]) for m, member in enumerate(problem.members) for row in member.rows]  # type: ignore[attr-defined]


def negotiation(item: PatternResult, design: int) -> list[NegotiationRow]:
    """What the limits that bind at a design are worth, dearest for the programme first."""
    problem, rows = item.problem, []
    names, front = problem.objective_names, item.front
    for position, (m, requirement) in enumerate(member_requirements(problem)):
        if front.margin_multipliers[design, position] > BINDS:
            sign = 1.0 if requirement.sense == "min" else -1.0
            slopes = sign * front.price_alone[design, position] / requirement.scale
            hundredth = 0.01 * (abs(requirement.limit) or requirement.scale)
            rows.append(
                NegotiationRow(
                    member=problem.members[m].name,
                    brand=problem.members[m].brand,
                    requirement=requirement.name,
                    unit=requirement.unit,
                    limit=requirement.limit,
                    prices=dict(zip(names, slopes.tolist(), strict=True)),
                    per_percent=dict(zip(names, (hundredth * slopes).tolist(), strict=True)),
                )
            )
    return sorted(rows, key=lambda row: -abs(np.nan_to_num(row.per_percent[names[0]])))


def overlap(item: PatternResult, design: int) -> list[OverlapRow]:
    """Requirements over all members: those that bind for several brands first, then for one, then for none."""
    problem, multipliers = item.problem, item.front.margin_multipliers[design]
    table: dict[str, OverlapRow] = {}
    for position, (m, requirement) in enumerate(member_requirements(problem)):
        member = problem.members[m]
        row = table.get(requirement.name) or OverlapRow(requirement.name, requirement.unit, {}, (), ())
        binds = multipliers[position] > BINDS
        table[requirement.name] = dataclasses.replace(
            row,
            limits={**row.limits, member.name: requirement.limit},
            binds_for_members=row.binds_for_members + ((member.name,) if binds else ()),
            binds_for_brands=tuple(dict.fromkeys([*row.binds_for_brands, *([member.brand] if binds else [])])),
        )
    return sorted(table.values(), key=lambda row: (-len(row.binds_for_brands), -len(row.binds_for_members)))
