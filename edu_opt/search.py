"""From a problem's programs to the record of a study: search each, merge the fronts, describe the designs.

A study runs the optimizer once per program (a set of array shapes) and keeps one checkpoint for all of them.
"""

from __future__ import annotations

import dataclasses
import functools
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol

import numpy as np

from edu_opt.optimize.driver import optimize
from edu_opt.optimize.hypervolume import hypervolume, is_nondominated, reference_point
from edu_opt.optimize.programs import ModelPrograms
from edu_opt.optimize.protocol import Evaluation, Problem, reported_expand
from edu_opt.optimize.result import OptimizationResult
from edu_opt.optimize.settings import OptimizerSettings
from edu_opt.requirements import NOT_APPLICABLE, Requirement
from edu_opt.settings import Branch, ProblemSettings, Program
from edu_opt.tracking.progress import Reporter
from edu_opt.tracking.record import Design, Limit, Objective, StudyRecord

AT_LIMIT = 0.02  # margin up to which a requirement counts as one that the closest design is held at
State = dict[str, np.ndarray]


class StudyProblem(Problem, Protocol):
    """What a study needs of a problem besides what the optimizer does.

    `describe` returns the report columns of designs x (K, n) from the reports of their evaluations (leading axis K):
    one mapping a design with keys `design.PART.QUANTITY_UNIT` (SI) and `result.PART.QUANTITY_UNIT`, and names of
    bought parts at `part.PART.PLACE`. A problem may have `faults(columns)`: sentences why a described design could not
    be built.
    """

    program: Program
    branches: Sequence[Branch]
    requirements: Sequence[Requirement]  # in the order of margin_names
    objective_units: Sequence[str]

    def describe(self, x: np.ndarray, report: Any) -> Sequence[Mapping[str, Any]]:
        """Report columns of designs."""
        ...


ProblemFactory = Callable[[ProblemSettings], Sequence[StudyProblem]]


@dataclasses.dataclass(frozen=True)
class ProgramResult:
    """A searched program."""

    problem: StudyProblem
    result: OptimizationResult


def search_programs(
    problems: Sequence[StudyProblem],
    settings: OptimizerSettings,
    reporter: Reporter,
    checkpoint: State | None,
    save: Callable[[State], None],
) -> list[ProgramResult]:
    """Search every program in turn; `save` receives one flat state of all of them after every step."""
    found: list[ProgramResult] = []
    finished: State = {}
    for index, problem in enumerate(problems):
        name = problem.program.name
        own = program_state(checkpoint, name)
        reporter.program = name if len(problems) > 1 else ""
        if own is not None:
            reporter.line(f"{name}: continuing after step {int(own['step'])}")
        reporter.phase("compile", f"{name} ({index + 1} of {len(problems)}): tracing and compiling on first use")

        keep = functools.partial(_save_with, save, dict(finished), name)
        result = optimize(problem, settings, callback=reporter, checkpoint=own, save=keep)
        found.append(ProgramResult(problem, result))
        finished |= prefixed(result.state, name)
    return found


def _save_with(save: Callable[[State], None], finished: State, name: str, state: State) -> None:
    save(finished | prefixed(state, name))


def prefixed(state: State, name: str) -> State:
    """Arrays of one program in the flat state of the study."""
    return {f"{name}/{key}": value for key, value in state.items()}


def program_state(checkpoint: State | None, name: str) -> State | None:
    """One program's arrays of a flat state, None where it was not begun."""
    start = f"{name}/"
    own = {key.removeprefix(start): value for key, value in (checkpoint or {}).items() if key.startswith(start)}
    return own or None


def objectives_of(problem: StudyProblem) -> list[Objective]:
    """Objectives with their units."""
    return [Objective(n, u) for n, u in zip(problem.objective_names, problem.objective_units, strict=True)]


def limits_of(problems: Iterable[StudyProblem]) -> list[Limit]:
    """Requirements of all programs, each once."""
    known: dict[str, Limit] = {}
    for requirement in (r for problem in problems for r in problem.requirements):
        known.setdefault(requirement.name, limit_of(requirement))
    return list(known.values())


def limit_of(requirement: Requirement) -> Limit:
    """A requirement in the words of the record."""
    return Limit(
        requirement.name,
        requirement.quantity,
        requirement.sense,
        requirement.limit,
        requirement.unit,
        requirement.source,
        requirement.conditions,
        requirement.scale,
    )


def named_margins(problem: StudyProblem, margins: np.ndarray) -> dict[str, float]:
    """Margins by requirement; NaN where one does not apply."""
    return {
        name: math.nan if value >= NOT_APPLICABLE else float(value)
        for name, value in zip(problem.margin_names, margins, strict=True)
    }


def named_prices(
    requirements: Sequence[Requirement], objectives: Sequence[Objective], prices: np.ndarray
) -> dict[str, float]:
    """Prices (p, m) per unit of relative margin -> d objective / d limit by REQUIREMENT_UNIT.OBJECTIVE_UNIT.

    Raising a lower limit costs (positive), raising an upper limit saves (negative).
    """
    result = {}
    for row, requirement in zip(prices, requirements, strict=True):
        sign = 1.0 if requirement.sense == "min" else -1.0
        for value, objective in zip(row, objectives, strict=True):
            slope = 0.0 if value == 0.0 else sign * float(value) / requirement.scale
            result[f"{requirement.name}_{requirement.unit}.{objective.column}"] = slope
    return result


def design_of(
    problem: StudyProblem,
    name: str,
    branch: int,
    objectives: np.ndarray,
    margins: np.ndarray,
    columns: Mapping[str, Any],
    **rest: Any,
) -> Design:
    """A design of the record from the optimizer's numbers and the problem's report columns."""
    data = problem.branches[branch]
    return Design(
        id=name,
        branch=data.name(problem.program),
        objectives={o.column: float(v) for o, v in zip(objectives_of(problem), objectives, strict=True)},
        margins=named_margins(problem, margins),
        design={k.removeprefix("design."): float(v) for k, v in columns.items() if k.startswith("design.")},
        result={k.removeprefix("result."): float(v) for k, v in columns.items() if k.startswith("result.")},
        parts={k.removeprefix("part."): str(v) for k, v in columns.items() if k.startswith("part.")},
        program=plain_program(problem.program),
        branch_data=dataclasses.asdict(data),
        **rest,
    )


def plain_program(program: Program) -> dict[str, Any]:
    """A program as JSON can hold it."""
    plain = dataclasses.asdict(program)
    plain["motor"]["slots_per_pole"] = float(program.motor.slots_per_pole)
    return plain


def merged_front(found: Sequence[ProgramResult]) -> tuple[list[Design], np.ndarray]:
    """Designs of all programs that no other dominates, by the first objective, and their objectives (K, m)."""
    rows = [(item, k) for item in found for k in range(len(item.result.front))]
    if not rows:
        return [], np.zeros((0, 0))
    objectives = np.vstack([item.result.front.objectives for item in found if len(item.result.front)])
    members = np.flatnonzero(is_nondominated(objectives))
    members = members[np.argsort(objectives[members, 0], kind="stable")]
    names = {int(member): f"d{position:03d}" for position, member in enumerate(members, start=1)}
    designs: dict[int, Design] = {}
    for item in found:
        chosen = [(index, k) for index, (other, k) in enumerate(rows) if other is item and index in names]
        designs |= described(item, chosen, names)
    return [designs[int(member)] for member in members], objectives[members]


def described(item: ProgramResult, chosen: Sequence[tuple[int, int]], names: Mapping[int, str]) -> dict[int, Design]:
    """Designs of one program's front with their report columns; `chosen`: (index in study, row in front)."""
    if not chosen:
        return {}
    problem, front = item.problem, item.result.front
    members = [k for _, k in chosen]
    columns = columns_of(item, front.x[members], front.branch[members])
    return {
        index: design_of(
            problem,
            names[index],
            int(front.branch[k]),
            front.objectives[k],
            front.margins[k],
            columns[position],
            prices=named_prices(problem.requirements, objectives_of(problem), front.price_alone[k]),
            prices_along_ray=named_prices(problem.requirements, objectives_of(problem), front.price_along_ray[k]),
            kkt_residual=float(front.kkt_residual[k]),
        )
        for position, (index, k) in enumerate(chosen)
    }


def columns_of(item: ProgramResult, x: np.ndarray, branch: np.ndarray) -> Sequence[Mapping[str, float]]:
    """Report columns of exact designs, evaluated by the programs that the search compiled."""
    return evaluated_columns(item.problem, item.result.programs, x, branch)[1]


def evaluated_columns(
    problem: StudyProblem, programs: ModelPrograms, x: np.ndarray, branch: np.ndarray
) -> tuple[Evaluation, Sequence[Mapping[str, float]]]:
    """Evaluations of exact designs with their report columns, those of the problem's certificate (`certify`) included.

    A problem may have a method `certify(expansion, report, states)`: further columns of each design, for which it may
    ask `states(expansion)`, the operating states of the same designs under another expansion of the same shapes."""
    expansion = reported_expand(problem)(x, branch)
    evaluation = programs.evaluation(x, branch, expansion)
    columns = problem.describe(x, evaluation.report)
    certify = getattr(problem, "certify", None)
    if certify is None:
        return evaluation, columns
    more = certify(expansion, evaluation.report, functools.partial(programs.states, x, branch))
    return evaluation, [{**row, **added} for row, added in zip(columns, more, strict=True)]


def closest_design(found: Sequence[ProgramResult]) -> tuple[Design | None, list[str]]:
    """The design with the smallest violation over all programs, and lines on what it violates, worst first."""
    candidates = [(item, item.result.closest) for item in found if item.result.closest is not None]
    if not candidates:
        return None, ["no candidate could be evaluated"]
    item, closest = min(candidates, key=lambda pair: float(np.maximum(-pair[1].margins, 0.0).sum()))
    problem = item.problem
    columns = columns_of(item, closest.x[None], np.array([closest.branch]))[0]
    design = design_of(problem, "closest", closest.branch, closest.objectives, closest.margins, columns)
    limits = {limit.name: limit for limit in limits_of([problem])}
    lines = [conflict_line(limits[name], design.margins[name]) for name in closest.conflicting]
    at_limit = [n for n, value in design.margins.items() if 0.0 <= value < AT_LIMIT and n in limits]
    if lines and at_limit:
        lines.append(f"held at its limit there, so in conflict with it: {', '.join(at_limit)}")
    return design, lines


def conflict_line(limit: Limit, margin: float) -> str:
    """`top_speed >= 180 km_per_h is missed by 4.2 %`."""
    sign = ">=" if limit.sense == "min" else "<="
    return f"{limit.quantity} {sign} {limit.limit:g} {limit.unit} is missed by {-100.0 * margin:.3g} %"


def record_of(
    found: Sequence[ProgramResult], settings: ProblemSettings, optimizer: OptimizerSettings, **rest: Any
) -> StudyRecord:
    """The study's record: merged front, history on one reference point, counts summed over the programs."""
    designs, objectives = merged_front(found)
    problems = [item.problem for item in found]
    closest, conflicts = (None, []) if designs else closest_design(found)
    reference = study_reference(objectives, optimizer, len(problems[0].objective_names))
    branches = [b.name(problem.program) for problem in problems for b in problem.branches]
    return StudyRecord(
        brand=settings.brand,
        vehicle=settings.vehicle,
        objectives=objectives_of(problems[0]),
        designs=designs,
        limits=limits_of(problems),
        history=[row for item in found for row in history_rows(item, reference)],
        hypervolume=hypervolume(objectives, reference) if designs else 0.0,
        reference_point=reference.tolist(),
        ideal_point=objectives.min(axis=0).tolist() if designs else [math.nan] * len(reference),
        evaluations=evaluation_counts(found),
        failed_candidates=sum(item.result.counts.failed for item in found),
        feasible_candidates=sum(item.result.feasible_candidates for item in found),
        seed=optimizer.seed,
        chunk=optimizer.chunk,
        programs=[problem.program.name for problem in problems],
        branches=branches,
        closest=closest,
        conflicts=conflicts,
        **rest,
    )


def study_reference(objectives: np.ndarray, optimizer: OptimizerSettings, count: int) -> np.ndarray:
    """Reference point of the hypervolume: as set, else from the merged front."""
    if optimizer.reference_point is not None:
        return np.asarray(optimizer.reference_point, dtype=float)
    return reference_point(objectives) if len(objectives) else np.full(count, math.nan)


def history_rows(item: ProgramResult, reference: np.ndarray) -> list[dict[str, Any]]:
    """History of one program with its hypervolume on the study's reference point."""
    state, name = item.result.state, item.problem.program.name
    points, steps = state["archive.objectives"], state["archive.step"]
    usable = bool(np.isfinite(reference).all()) and len(points) > 0
    rows = []
    for row in item.result.history:
        volume = hypervolume(points[steps <= int(row["step"])], reference) if usable else 0.0
        rows.append({"program": name, **row, "hypervolume": volume})
    return rows


def evaluation_counts(found: Sequence[ProgramResult]) -> dict[str, int]:
    """Work of all programs, as study.json names it."""
    names = ("forward", "gradient", "jacobian", "expansions", "field_solves", "field_sweeps")
    return {name: sum(getattr(item.result.counts, name) for item in found) for name in names}


def wall_times(found: Sequence[ProgramResult]) -> dict[str, float]:
    """Seconds of compiling, search (seeds, fields, gradient phase) and polish (steps, integers, certificates)."""
    total: dict[str, float] = {}
    for item in found:
        for name, value in item.result.wall_s.items():
            total[name] = total.get(name, 0.0) + value
    compiling = total.get("compile", 0.0)
    search = sum(total.get(k, 0.0) for k in ("seed", "gradient", "refresh")) - compiling
    polish = sum(total.get(k, 0.0) for k in ("polish", "integers", "final", "certificate"))
    return {"compile": compiling, "search": max(search, 0.0), "polish": polish}
