"""The record of a family's search: every pattern's front, each family's members, the answers of family.json."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from edu_opt.family.answers import PRICED_RESIDUAL, knee, negotiation, overlap, pattern_answers
from edu_opt.family.problem import FamilyProblem
from edu_opt.family.search import FamilyResult, PatternResult
from edu_opt.family.settings import FamilySettings
from edu_opt.optimize.hypervolume import hypervolume, is_nondominated, reference_point
from edu_opt.optimize.protocol import Evaluation, reported_expand
from edu_opt.optimize.result import Front
from edu_opt.requirements import NOT_APPLICABLE
from edu_opt.search import design_of, limit_of, named_prices
from edu_opt.tracking.record import Design, Limit, Objective, StudyRecord

BAND = "unit_cost_band_eur"  # result `unit.` of every member, `programme.` of the family


@dataclasses.dataclass(frozen=True)
class PatternDesigns:
    """A pattern's front as designs of the record, with the designs of the members of each: (member, design)."""

    pattern: PatternResult
    designs: tuple[Design, ...]
    of_members: tuple[tuple[tuple[str, Design], ...], ...]


def objectives_of_family(problem: FamilyProblem) -> list[Objective]:
    """Objectives with their units."""
    return [Objective(n, u) for n, u in zip(problem.objective_names, problem.objective_units, strict=True)]


def family_limits(problem: FamilyProblem) -> list[Limit]:
    """Every member's requirements by `MEMBER.REQUIREMENT`."""
    limits = []
    for member in problem.members:
        rows = [limit_of(member.problem.requirements[row]) for row in member.rows]  # type: ignore[attr-defined]
        limits += [dataclasses.replace(limit, name=f"{member.name}.{limit.name}") for limit in rows]
    return limits


def pattern_designs(item: PatternResult, position: int) -> PatternDesigns:
    """Designs `pPdNNN` of a pattern's front, evaluated once more for their members' results."""
    problem, front = item.problem, item.front
    if not len(front):
        return PatternDesigns(item, (), ())
    expansion = reported_expand(problem)(front.x, front.branch)
    found = item.programs.evaluation(front.x, front.branch, expansion)
    names = [f"p{position}d{k:03d}" for k in range(1, len(front) + 1)]
    members = members_of(problem, front, found, names)
    designs = tuple(family_design(item, k, names[k], members[k]) for k in range(len(front)))
    return PatternDesigns(item, designs, members)


def members_of(
    problem: FamilyProblem, front: Front, found: Evaluation, names: Sequence[str]
) -> tuple[tuple[tuple[str, Design], ...], ...]:
    """For each family of a front, its members as designs of their own."""
    points, by_member = problem.member_points(front.x, front.branch), []
    for m, (member, (x, branch)) in enumerate(zip(problem.members, points, strict=True)):
        own: Any = member.problem
        evaluation = found.report[m]
        columns = own.describe(x, evaluation.report)
        objectives, margins = np.asarray(evaluation.objectives), np.asarray(evaluation.margins)
        by_member.append(
            [
                (
                    member.name,
                    design_of(own, f"{names[k]}.{member.name}", int(branch[k]), objectives[k], margins[k], columns[k]),
                )
                for k in range(len(front))
            ]
        )
    return tuple(zip(*by_member, strict=True))


def family_design(item: PatternResult, k: int, name: str, members: Sequence[tuple[str, Design]]) -> Design:
    """One family: its members' columns under their names."""
    problem, front = item.problem, item.front
    columns = [o.column for o in objectives_of_family(problem)]
    return Design(
        id=name,
        branch=item.pattern.name,
        objectives=dict(zip(columns, front.objectives[k].tolist(), strict=True)),
        margins={
            n: math.nan if v >= NOT_APPLICABLE else float(v)
            for n, v in zip(problem.margin_names, front.margins[k], strict=True)
        },
        design={f"{member}.{n}": v for member, design in members for n, v in design.design.items()},
        result=family_results(problem, members),
        prices=family_prices(problem, front.price_alone[k]),
        prices_along_ray=family_prices(problem, front.price_along_ray[k]),
        kkt_residual=float(front.kkt_residual[k]),
        program={"family": [member for member, _ in members]},
        branch_data={"pattern": item.pattern.name, "branches": problem.branch_names[int(front.branch[k])]},
    )


def family_results(problem: FamilyProblem, members: Sequence[tuple[str, Design]]) -> dict[str, Any]:
    """Members' results under their names, and the programme's one-sigma band by prices: the mean of the members', since
    all of them buy at the same prices."""
    found = {f"{member}.{n}": v for member, design in members for n, v in design.result.items()}
    bands = [float(found.get(f"{member}.unit.{BAND}", math.nan)) for member, _ in members]
    volumes = np.array([member.units_per_year for member in problem.members])
    return found | {f"programme.{BAND}": float(volumes @ bands / volumes.sum())}


def family_prices(problem: FamilyProblem, prices: np.ndarray) -> dict[str, float]:
    """Prices (p, m) per unit of relative margin -> d objective / d limit by MEMBER.REQUIREMENT_UNIT.OBJECTIVE_UNIT."""
    result: dict[str, float] = {}
    start, objectives = 0, objectives_of_family(problem)
    for member in problem.members:
        own = [member.problem.requirements[row] for row in member.rows]  # type: ignore[attr-defined]
        named = named_prices(own, objectives, prices[start : start + len(own)])
        result |= {f"{member.name}.{key}": value for key, value in named.items()}
        start += len(own)
    return result


def family_record(
    settings: FamilySettings, result: FamilyResult, found: Sequence[PatternDesigns], **rest: Any
) -> StudyRecord:
    """One study of all patterns: the merged front, `branch` says the pattern."""
    first = result.patterns[0].problem
    designs = [design for item in found for design in item.designs]
    columns = [o.column for o in objectives_of_family(first)]
    objectives = np.array([[d.objectives[c] for c in columns] for d in designs]).reshape(-1, len(columns))
    kept = np.flatnonzero(is_nondominated(objectives)) if len(designs) else np.zeros(0, dtype=int)
    kept = kept[np.argsort(objectives[kept, 0], kind="stable")] if len(kept) else kept
    reference = reference_point(objectives[kept]) if len(kept) else np.full(len(columns), math.nan)
    counts = [item.counts for item in result.patterns] + [item.result.counts for item in result.alone]
    names = ("forward", "gradient", "jacobian", "expansions", "field_solves", "field_sweeps")
    return StudyRecord(
        brand="+".join(dict.fromkeys(m.problem.brand for m in settings.members)),
        vehicle=settings.name,
        objectives=objectives_of_family(first),
        designs=[designs[k] for k in kept],
        limits=family_limits(first),
        history=[{"pattern": p.pattern.name, **row} for p in result.patterns for row in p.history],
        hypervolume=hypervolume(objectives[kept], reference) if len(kept) else 0.0,
        reference_point=reference.tolist(),
        ideal_point=objectives[kept].min(axis=0).tolist() if len(kept) else [math.nan] * len(columns),
        evaluations={name: sum(getattr(c, name) for c in counts) for name in names},
        failed_candidates=sum(c.failed for c in counts),
        feasible_candidates=len(designs),
        programs=list(dict.fromkeys(item.member.problem.program.name for item in result.alone)),  # type: ignore[attr-defined]
        branches=[p.pattern.name for p in result.patterns],
        conflicts=family_conflicts(result),
        kind="family",
        **rest,
    )


def family_conflicts(result: FamilyResult) -> list[str]:
    """Why a pattern has no feasible family: what its closest one misses."""
    lines = []
    for item in result.patterns:
        if not len(item.front) and item.closest is not None:
            margins = dict(zip(item.problem.margin_names, item.closest.margins, strict=True))
            worst = ", ".join(f"{n} by {-100.0 * margins[n]:.3g} %" for n in item.closest.conflicting[:5])
            lines.append(f"pattern {item.pattern.name}: the closest family misses {worst}")
    return lines


def family_json(
    settings: FamilySettings,
    result: FamilyResult,
    found: Sequence[PatternDesigns],
    splits: Mapping[str, Any] | None,
    volumes: Sequence[Mapping[str, Any]],
    prices: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    """Everything that the family's report says."""
    answers = pattern_answers(result)
    chosen = chosen_pattern(result)
    own = {brand: f"{brand}_{quantity}" for brand, quantity in settings.objectives.items()}
    content: dict[str, Any] = {
        "name": settings.name,
        "members": [
            {
                "name": m.name,
                "brand": m.problem.brand,
                "vehicle": m.problem.vehicle,
                "plant": m.plant,
                "units_per_year": m.units_per_year,
            }
            for m in settings.members
        ],
        "objectives": [{"name": o.name, "unit": o.unit} for o in result.objectives],
        "brand_objectives": own,
        "patterns": [
            {
                **dataclasses.asdict(answer),
                "wall_s": item.wall_s,
                "shares": [dataclasses.asdict(share) for share in item.pattern.shares],
                "refusal": item.refusal,
                "cost_band": cheapest_band(designs),
            }
            for answer, item, designs in zip(answers, result.patterns, found, strict=True)
        ],
        "splits": splits,
        "volumes": list(volumes),
        "prices": list(prices),
        "chosen": None,
        "negotiation": [],
        "overlap": [],
    }
    if chosen is not None:
        item = result.patterns[chosen]
        middle, cheapest = knee(item.front), int(np.argmin(item.front.objectives[:, 0]))
        residual = float(item.front.kkt_residual[middle])
        content["chosen"] = {
            "pattern": item.pattern.name,
            "design": found[chosen].designs[middle].id,
            "least_cost_design": found[chosen].designs[cheapest].id,
            "kkt_residual": residual,
            "priced": residual <= PRICED_RESIDUAL,
        }
        if residual <= PRICED_RESIDUAL:
            content["negotiation"] = [dataclasses.asdict(row) for row in negotiation(item, middle)]
            content["overlap"] = [dataclasses.asdict(row) for row in overlap(item, middle)]
    return content


def cheapest_band(found: PatternDesigns) -> float:
    """One standard deviation by prices [EUR a unit] of a pattern's cheapest family; NaN where it has none."""
    if not found.designs:
        return math.nan
    cheapest = int(np.argmin(found.pattern.front.objectives[:, 0]))
    return float(found.designs[cheapest].result[f"programme.{BAND}"])


def chosen_pattern(result: FamilyResult) -> int | None:
    """The pattern of the least programme cost; None where no pattern has a feasible family."""
    costs = [float(p.front.objectives[:, 0].min()) if len(p.front) else math.inf for p in result.patterns]
    return int(np.argmin(costs)) if np.isfinite(costs).any() else None
