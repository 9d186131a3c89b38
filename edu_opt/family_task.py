"""`task=family`: members alone, sharing patterns, answers; the record first, then its report."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Mapping, Sequence
from typing import Any

from edu_opt.compute import start_device, versions
from edu_opt.config.run_settings import PROBLEM_SECTIONS, RunSettings
from edu_opt.family.answers import least_cost
from edu_opt.family.members import family_members, own_objectives, with_volumes
from edu_opt.family.search import FamilyPlan, FamilyResult, PatternResult, Watcher, search_family, search_pattern_among
from edu_opt.family.settings import FamilySettings
from edu_opt.family.splits import coalitions
from edu_opt.family.valuation import over_prices, over_volumes, splits, within
from edu_opt.family_record import (
    PatternDesigns,
    chosen_pattern,
    family_json,
    family_record,
    pattern_designs,
)
from edu_opt.family_resume import BUDGET, EarlierMembers
from edu_opt.optimize.settings import OptimizerSettings
from edu_opt.search import ProblemFactory, ProgramResult, record_of, wall_times
from edu_opt.tracking import files
from edu_opt.tracking.progress import Reporter
from edu_opt.tracking.record import StudyRecord, columns_of
from edu_opt.tracking.study_folder import StudyFolder, design_json

DONE, INFEASIBLE = 0, 3


def together(settings: OptimizerSettings, family: FamilySettings) -> OptimizerSettings:
    """Optimizer's settings for patterns: the family's own budget, started at the members' own designs, and from three
    members on as many choices of integers and bearings for each as two have."""
    neighbours = max(settings.integer_neighbours, settings.integer_neighbours * len(family.members) // 2)
    return dataclasses.replace(
        settings,
        candidates=family.candidates,
        seeds=family.seeds,
        refreshes=family.refreshes,
        polish_steps=family.polish_steps,
        final_polish_steps=family.final_polish_steps,
        screen_variations=0,
        gradient_steps=0,
        integer_neighbours=neighbours,
        reference_point=None,
    )


def alone(
    settings: OptimizerSettings, family: FamilySettings, earlier: EarlierMembers | None = None
) -> OptimizerSettings:
    """Optimizer's settings for a member's own front: refined at least as long as the patterns, or what sharing saves
    would in part be what a longer search saves. An earlier run's fronts keep that run's budget."""
    least = {name: getattr(family, name) for name in BUDGET} if earlier is None else dict(earlier.budget)
    longer = {name: max(getattr(settings, name), value) for name, value in least.items()}
    return dataclasses.replace(settings, reference_point=None, **longer)


def run_family(
    settings: RunSettings,
    factory: ProblemFactory,
    folder: StudyFolder,
    reporter: Reporter,
    import_s: float,
    earlier: EarlierMembers | None = None,
) -> int:
    """Search a family and write its folder; the exit code. `earlier`: members' searches of another run."""
    family = settings.family
    if family is None:
        raise ValueError("task=family without a family")  # `config.load` refuses it before
    reporter.line(
        f"Family {family.name}: {len(family.members)} members, {len(family.patterns)} patterns; {folder.path}"
    )
    reporter.phase("starting", "device and compile cache")
    device = start_device(settings.compute, reporter)
    members = family_members(family, factory)
    plan = FamilyPlan(
        members=members,
        patterns=family.patterns,
        own=own_objectives(family),
        alone=alone(settings.optimizer, family, earlier),
        together=together(settings.optimizer, family),
        revalued=with_volumes,
    )
    watcher = watcher_of(reporter, folder)
    if earlier is not None:
        reporter.line(f"Members' own fronts: those of {earlier.folder}")
    result = search_family(plan, watcher, folder.checkpoint() or (dict(earlier.arrays) if earlier else None))
    reporter.program = ""
    write_members(settings, result, folder, device)
    reporter.phase("report", "describing the families")
    began = time.perf_counter()
    found = [pattern_designs(item, position) for position, item in enumerate(result.patterns)]
    record = family_record(
        family,
        result,
        found,
        seed=settings.optimizer.seed,
        chunk=settings.optimizer.chunk,
        device=device,
        versions=versions(),
        config_hash=settings.config_hash,
        wall_s=walls_of(result, import_s, time.perf_counter() - began),
    )
    write_patterns(folder, found, record)
    write_designs(settings, folder, found, record)
    answers = answers_of(family, result, found, watcher, reporter)
    files.write_json(folder.path / "family.json", answers)
    folder.write_record(record, {})
    write_report(folder, reporter)
    return finish(folder, record)


def finish(folder: StudyFolder, record: StudyRecord) -> int:
    """Status and exit code."""
    if record.designs:
        folder.set_status("done", "done", f"{len(record.designs)} families on the front", DONE)
        return DONE
    folder.set_status("infeasible", "done", "no feasible family: " + "; ".join(record.conflicts), INFEASIBLE)
    return INFEASIBLE


def watcher_of(reporter: Reporter, folder: StudyFolder) -> Watcher:
    """Progress to the reporter, states to the checkpoint."""

    def stage(name: str, position: int, count: int) -> None:
        reporter.program = name
        reporter.line(f"{name} ({position + 1} of {count})")

    return Watcher(stage=stage, progress=reporter, save=folder.save_checkpoint)


def walls_of(result: FamilyResult, import_s: float, report_s: float) -> dict[str, float]:
    """Seconds by phase; `members` and `patterns` are the two halves of the search."""
    compiling = sum(item.result.wall_s.get("compile", 0.0) for item in result.alone)
    return {
        "import": import_s,
        "compile": compiling,
        "members": sum(item.wall_s for item in result.alone) - compiling,
        "patterns": sum(item.wall_s for item in result.patterns),
        "report": report_s,
    }


def write_members(settings: RunSettings, result: FamilyResult, folder: StudyFolder, device: str) -> None:
    """Every member's own front as a study folder of its own, `members/NAME`."""
    from edu_opt.report.study_report import write_study_report

    family = settings.family
    trees = settings.tree["member_settings"]["members"]
    for item, member in zip(result.alone, family.members if family else (), strict=True):
        own = StudyFolder(folder.path / "members" / member.name)
        problem: Any = item.member.problem
        found = [ProgramResult(problem, item.result)]
        record = record_of(
            found,
            member.problem,
            settings.optimizer,
            device=device,
            versions=versions(),
            config_hash=settings.config_hash,
            wall_s={"import": 0.0, **wall_times(found), "report": 0.0},
        )
        own.path.mkdir(parents=True, exist_ok=True)
        files.write_yaml(own.path / "config.yaml", {**trees[member.name], "config_hash": settings.config_hash})
        sections = {name: trees[member.name].get(name) for name in (*PROBLEM_SECTIONS, "optimizer")}
        own.write_record(record, sections)
        write_study_report(own)
        code, state = (DONE, "done") if record.designs else (INFEASIBLE, "infeasible")
        own.set_status(state, "done", f"{len(record.designs)} designs on the front", code)


def write_patterns(folder: StudyFolder, found: Sequence[PatternDesigns], record: StudyRecord) -> None:
    """Every pattern's own front."""
    for item in found:
        rows = [design.row for design in item.designs]
        columns = columns_of(rows) or ["id", "branch", *(f"objective.{o.column}" for o in record.objectives)]
        path = folder.path / "patterns" / item.pattern.pattern.name
        files.write_csv(path / "front.csv", rows, columns)
        files.write_parquet(path / "front.parquet", rows, columns)


def write_designs(
    settings: RunSettings, folder: StudyFolder, found: Sequence[PatternDesigns], record: StudyRecord
) -> None:
    """`designs/ID.MEMBER.json`: the members of every family on the merged front, for `task=evaluate`."""
    family, trees = settings.family, settings.tree["member_settings"]["members"]
    problems = {m.name: m.problem for m in family.members} if family else {}
    wanted = {design.id for design in record.designs}
    for item in found:
        for whole, members in zip(item.designs, item.of_members, strict=True):
            if whole.id in wanted:
                for name, design in members:
                    own = dataclasses.replace(record, brand=problems[name].brand, vehicle=problems[name].vehicle)
                    sections = {key: trees[name].get(key) for key in PROBLEM_SECTIONS}
                    path = folder.path / "designs" / f"{whole.id}.{name}.json"
                    files.write_json(path, design_json(design, own, sections))


def answers_of(
    family: FamilySettings,
    result: FamilyResult,
    found: Sequence[PatternDesigns],
    watcher: Watcher,
    reporter: Reporter,
) -> dict[str, Any]:
    """Contents of family.json."""
    chosen = chosen_pattern(result)
    divided: Mapping[str, Any] | None = None
    if chosen is not None and result.patterns[chosen].pattern.shares:
        divided = divided_saving(family, result, result.patterns[chosen], watcher)
    reporter.phase("report", "other volumes and prices")
    volumes, prices = over_volumes(result, family.volume_factors), over_prices(result, family.price_scenarios)
    return family_json(family, result, found, divided, volumes, prices)


def divided_saving(
    family: FamilySettings, result: FamilyResult, chosen: PatternResult, watcher: Watcher
) -> dict[str, Any] | None:
    """The saving of the best pattern and its divisions; smaller coalitions of several members are searched too, unless
    the family leaves that out."""
    members = result.plan.members
    brands = list(dict.fromkeys(member.brand for member in members))
    if len(brands) < 2 or not any(not item.pattern.shares for item in result.patterns):
        return None
    smaller = [coalition for coalition in coalitions(brands) if len(coalition) < len(brands)]
    patterns = {coalition: within(chosen.pattern, members, coalition) for coalition in smaller}
    if any(pattern.shares for pattern in patterns.values()) and not family.coalitions:
        return splits(result, chosen, {})
    costs = {c: least_cost(search_pattern_among(result, p, watcher).front) for c, p in patterns.items()}
    return splits(result, chosen, costs)


def write_report(folder: StudyFolder, reporter: Reporter) -> None:
    """Report and figures from the folder's own files."""
    from edu_opt.report.family_report import print_family, write_family_report

    write_family_report(folder)
    print_family(folder, reporter)
