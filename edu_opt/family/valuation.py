"""Fronts valued again at other volumes or prices, without another search, and the savings of smaller coalitions.

A front that was found at one set of prices is only an upper bound at another: its designs would change a little too.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from edu_opt.family.answers import least_cost
from edu_opt.family.members import with_prices, with_volumes
from edu_opt.family.pattern import Share, SharingPattern
from edu_opt.family.problem import FamilyProblem, Member
from edu_opt.family.programs import FamilyPrograms
from edu_opt.family.search import FamilyResult, PatternResult
from edu_opt.family.splits import Coalition, attainable, by_volume, equal, shapley
from edu_opt.optimize.protocol import reported_expand
from edu_opt.programme.prices import Prices

CHEAPEST = 12  # designs of a front that are valued again


def valued_again(item: PatternResult, members: Sequence[Member]) -> float:
    """Least programme cost [EUR a unit] of a pattern's cheapest designs with other members' data."""
    front = item.front
    if not len(front):
        return math.nan
    rows = np.argsort(front.objectives[:, 0], kind="stable")[:CHEAPEST]
    problem = FamilyProblem(members, item.pattern, item.problem.objectives, item.problem.combinations.tolist())
    programs = FamilyPrograms(problem, item.programs.programs)
    x, branch = front.x[rows], front.branch[rows]
    found = programs.rows(x, branch, reported_expand(problem)(x, branch))
    return float(np.asarray(found.objectives)[:, 0].min())


def over_volumes(result: FamilyResult, factors: Sequence[float]) -> list[dict[str, Any]]:
    """Least cost of every pattern where all volumes are multiplied by a factor."""
    rows = []
    for factor in factors:
        for item in result.patterns:
            members = with_volumes(item.problem.members, item.pattern, factor)
            rows.append({"factor": factor, "pattern": item.pattern.name, "least_cost": valued_again(item, members)})
    return rows


def over_prices(result: FamilyResult, scenarios: Mapping[str, Mapping[str, Prices]]) -> list[dict[str, Any]]:
    """Least cost of every pattern at other prices."""
    rows = []
    for scenario, prices in scenarios.items():
        for item in result.patterns:
            members = [with_prices(m, prices[m.name]) for m in item.problem.members]
            rows.append({"scenario": scenario, "pattern": item.pattern.name, "least_cost": valued_again(item, members)})
    return rows


def within(shares: SharingPattern, members: Sequence[Member], coalition: Coalition) -> SharingPattern:
    """The pattern among the members of a coalition of brands; the others are built alone."""
    inside = {member.name for member in members if member.brand in coalition}
    kept = [Share(s.parts, tuple(m for m in s.members if m in inside)) for s in shares.shares]
    name = f"{shares.name} among {'+'.join(sorted(coalition))}"
    return SharingPattern(name, tuple(share for share in kept if len(share.members) > 1))


def splits(result: FamilyResult, chosen: PatternResult, costs: Mapping[Coalition, float]) -> dict[str, Any]:
    """Savings a year [EUR] of every coalition of brands against no sharing at all, and three ways to divide the whole.

    `costs`: least programme cost [EUR a unit] by coalition, as found for smaller ones (none: no Shapley value); that of
    all is `chosen`'s. `beyond_solo`: what all save together beyond what each brand saves among its own members.
    """
    members = chosen.problem.members
    units = sum(m.units_per_year for m in members)
    brands = list(dict.fromkeys(m.brand for m in members))
    base = least_cost(next(p.front for p in result.patterns if not p.pattern.shares))
    saving = {coalition: (base - cost) * units for coalition, cost in costs.items()}
    everyone = frozenset(brands)
    saving[everyone] = (base - least_cost(chosen.front)) * units
    value = attainable(brands, saving) if costs else {everyone: saving[everyone]}
    total = value[everyone]
    volumes = {brand: sum(m.units_per_year for m in members if m.brand == brand) for brand in brands}
    return {
        "saving_eur_per_year": total,
        "coalitions": {"+".join(sorted(c)): amount for c, amount in value.items()},
        "beyond_solo": total - sum(value[frozenset([brand])] for brand in brands) if costs else None,
        "equal": equal(brands, total),
        "by_volume": by_volume(volumes, total),
        "shapley": shapley(brands, value) if costs else None,
    }
