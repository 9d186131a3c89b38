"""The search of a family: every member alone, then every sharing pattern from the members' own designs.

Programs are compiled once for all members of a kind and serve their own fronts and every pattern.
"""

from __future__ import annotations

import dataclasses
import functools
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from edu_opt.family.alone import composed_families
from edu_opt.family.exchange import transferred, with_found
from edu_opt.family.pattern import SharingPattern, ties
from edu_opt.family.problem import FamilyObjective, FamilyProblem, Member, family_objectives
from edu_opt.family.programs import FamilyPrograms, member_programs
from edu_opt.family.starts import Designs, NoCommonChoice, family_starts
from edu_opt.optimize.driver import front_at, optimize
from edu_opt.optimize.margin_rows import margin_rows, smallest_margins
from edu_opt.optimize.programs import ModelPrograms
from edu_opt.optimize.protocol import EvaluationCounts, reported_expand
from edu_opt.optimize.result import Closest, Front, OptimizationResult, Progress
from edu_opt.optimize.scalarization import bounds_of
from edu_opt.optimize.settings import OptimizerSettings

State = dict[str, np.ndarray]
Revalued = Callable[[Sequence[Member], SharingPattern], list[Member]]  # members at the volumes of a pattern


@dataclasses.dataclass(frozen=True)
class FamilyPlan:
    """What a family's search is told. `own`: brand -> (quantity, unit) that it minimizes besides the programme's cost.

    `revalued` gives the members the joint volumes of their cost lines; `alone` and `together` are the optimizer's
    settings for single members and for patterns.
    """

    members: tuple[Member, ...]
    patterns: tuple[SharingPattern, ...]
    own: Mapping[str, tuple[str, str]]
    alone: OptimizerSettings
    together: OptimizerSettings
    revalued: Revalued


@dataclasses.dataclass(frozen=True)
class Watcher:
    """Who is told about progress: `stage(name, position, count)` when one begins, `progress` while it runs, `save` with
    the state after each step."""

    stage: Callable[[str, int, int], None]
    progress: Callable[[Progress], None]
    save: Callable[[State], None]


@dataclasses.dataclass(frozen=True)
class MemberResult:
    """A member's own search, with the volumes that it has alone."""

    member: Member
    result: OptimizationResult
    wall_s: float


@dataclasses.dataclass(frozen=True)
class PatternResult:
    """A sharing pattern's front; empty with `closest` where its members cannot share so."""

    pattern: SharingPattern
    problem: FamilyProblem
    programs: FamilyPrograms
    front: Front
    closest: Closest | None
    counts: EvaluationCounts
    wall_s: float
    history: tuple[Mapping[str, Any], ...] = ()
    refusal: str = ""  # why nothing was searched


@dataclasses.dataclass(frozen=True)
class FamilyResult:
    """All of a family's search."""

    plan: FamilyPlan
    objectives: tuple[FamilyObjective, ...]
    alone: tuple[MemberResult, ...]
    patterns: tuple[PatternResult, ...]


def search_family(plan: FamilyPlan, watcher: Watcher, checkpoint: State | None = None) -> FamilyResult:
    """Search members and patterns; `checkpoint` is a state that the watcher was given."""
    store = _Store(watcher.save, dict(checkpoint or {}))
    stages = len(plan.members) + len(plan.patterns)
    programs = member_programs(
        [m.problem for m in plan.members], plan.alone.chunk, plan.alone.margin_target, plan.alone.compile_workers
    )
    alone = []
    for position, (member, compiled) in enumerate(zip(plan.members, programs, strict=True)):
        watcher.stage(member.name, position, stages)
        alone.append(search_member(plan, member, compiled, watcher, store))
    objectives = family_objectives(plan.members, dict(plan.own))
    found: dict[int, PatternResult] = {}
    for position, k in enumerate(most_shared_first(plan), start=len(plan.members)):
        shares, earlier = plan.patterns[k], list(found.values())
        watcher.stage(shares.name, position, stages)
        if not shares.shares:
            alone = [known_alone(plan, m, item, programs[m], earlier) for m, item in enumerate(alone)]
        designs = [Designs.of(item.result) for item in alone]
        found[k] = search_pattern(plan, shares, objectives, designs, programs, watcher, store, earlier)
    return FamilyResult(plan, objectives, tuple(alone), tuple(found[k] for k in range(len(plan.patterns))))


def most_shared_first(plan: FamilyPlan) -> list[int]:
    """Positions of the patterns, those with the fewest variables first: what they find is a start for the others."""
    spaces = {m.name: m.problem.space for m in plan.members}
    return sorted(range(len(plan.patterns)), key=lambda k: len(ties(plan.patterns[k], spaces).space))


def known_alone(
    plan: FamilyPlan, m: int, item: MemberResult, programs: ModelPrograms, earlier: Sequence[PatternResult]
) -> MemberResult:
    """A member's own result with what was found for it in families."""
    found = [p.problem.member_points(p.front.x, p.front.branch)[m] for p in earlier if len(p.front)]
    return dataclasses.replace(item, result=with_found(item.member, item.result, programs, plan.alone, found))


@dataclasses.dataclass
class _Store:
    """States of the stages as one flat state."""

    save: Callable[[State], None]
    arrays: State

    def of(self, stage: str) -> State | None:
        start = f"{stage}/"
        found = {k.removeprefix(start): v for k, v in self.arrays.items() if k.startswith(start)}
        return found or None

    def keep(self, stage: str, state: State) -> None:
        self.arrays = {k: v for k, v in self.arrays.items() if not k.startswith(f"{stage}/")}
        self.arrays |= {f"{stage}/{k}": v for k, v in state.items()}
        self.save(self.arrays)


def search_member(
    plan: FamilyPlan, member: Member, programs: ModelPrograms, watcher: Watcher, store: _Store
) -> MemberResult:
    """A member's own front."""
    started, stage = time.perf_counter(), f"member {member.name}"
    result = optimize(
        member.problem,
        plan.alone,
        callback=watcher.progress,
        checkpoint=store.of(stage),
        save=functools.partial(store.keep, stage),
        programs=programs,
    )
    return MemberResult(member, result, time.perf_counter() - started)


def search_pattern(
    plan: FamilyPlan,
    shares: SharingPattern,
    objectives: Sequence[FamilyObjective],
    designs: Sequence[Designs],
    programs: Sequence[ModelPrograms],
    watcher: Watcher,
    store: _Store,
    earlier: Sequence[PatternResult] = (),
) -> PatternResult:
    """Front of one pattern, with the prices of its joint volumes; starts at the members' designs, and at the families
    of earlier patterns that are families of this one too."""
    members = plan.revalued(plan.members, shares)
    if not shares.shares:
        return front_alone(members, shares, objectives, designs, programs, plan.together)
    started, stage = time.perf_counter(), f"pattern {shares.name}"
    tied = ties(shares, {m.name: m.problem.space for m in members})
    known = [transferred(p.problem, p.front, shares, tied) for p in earlier]
    try:
        combinations, starts = family_starts(members, shares, tied, objectives, designs, plan.together.seeds, known)
    except NoCommonChoice as error:
        return refused(members, shares, objectives, programs, str(error))
    problem = FamilyProblem(members, shares, objectives, combinations, starts)
    compiled = FamilyPrograms(problem, programs)
    result = optimize(
        problem,
        plan.together,
        callback=watcher.progress,
        checkpoint=store.of(stage),
        save=functools.partial(store.keep, stage),
        programs=compiled,
    )
    wall = time.perf_counter() - started
    history = tuple(result.history)
    return PatternResult(shares, problem, compiled, result.front, result.closest, result.counts, wall, history)


def refused(
    members: Sequence[Member],
    shares: SharingPattern,
    objectives: Sequence[FamilyObjective],
    programs: Sequence[ModelPrograms],
    why: str,
) -> PatternResult:
    """A pattern that cannot be searched; the others are not lost for it."""
    problem = FamilyProblem(members, shares, objectives, [])
    nothing = Front.empty(len(problem.space), len(objectives), len(problem.margin_names))
    compiled = FamilyPrograms(problem, programs)
    return PatternResult(shares, problem, compiled, nothing, None, EvaluationCounts(), 0.0, refusal=why)


def search_pattern_among(result: FamilyResult, shares: SharingPattern, watcher: Watcher) -> PatternResult:
    """Another pattern of a family that has been searched, from all that was found there; its state is not kept."""
    plan, designs = result.plan, [Designs.of(item.result) for item in result.alone]
    watcher.stage(shares.name, 0, 1)
    programs = result.patterns[0].programs.programs
    forgetful = _Store(lambda state: None, {})
    return search_pattern(plan, shares, result.objectives, designs, programs, watcher, forgetful, result.patterns)


def front_alone(
    members: Sequence[Member],
    shares: SharingPattern,
    objectives: Sequence[FamilyObjective],
    designs: Sequence[Designs],
    programs: Sequence[ModelPrograms],
    settings: OptimizerSettings,
) -> PatternResult:
    """Front of the pattern that shares nothing, from the members' own."""
    started = time.perf_counter()
    tied = ties(shares, {m.name: m.problem.space for m in members})
    x, rows, values = composed_families(members, tied, objectives, designs)
    combinations = list(dict.fromkeys(rows))
    problem = FamilyProblem(members, shares, objectives, combinations)
    compiled, counts = FamilyPrograms(problem, programs), EvaluationCounts()
    branch = np.array([combinations.index(row) for row in rows])
    expansion = reported_expand(problem)(x, branch)
    front = front_at(compiled, counts, settings, x, branch, expansion, bounds_of(values).span)
    closest = None if len(front) else closest_of(compiled, x, branch, expansion)
    return PatternResult(shares, problem, compiled, front, closest, counts, time.perf_counter() - started)


def closest_of(programs: FamilyPrograms, x: np.ndarray, branch: np.ndarray, expansion: Any) -> Closest:
    """The family with the smallest violation among some."""
    found = programs.rows(x, branch, expansion)
    margins = smallest_margins(margin_rows(programs.problem), np.asarray(found.margins))
    best = int(np.argmin(np.maximum(-margins, 0.0).sum(axis=1)))
    order = np.argsort(margins[best], kind="stable")
    missed = tuple(programs.problem.margin_names[k] for k in order if margins[best][k] < 0.0)
    return Closest(x[best], int(branch[best]), np.asarray(found.objectives)[best], margins[best], missed)
