"""`optimize`: run a study from start, or from a checkpoint, to its certified front."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable

import numpy as np

from edu_opt.optimize.archive import Archive
from edu_opt.optimize.certificate import Certificate, certify
from edu_opt.optimize.checkpoint import restore, to_arrays
from edu_opt.optimize.hypervolume import hypervolume, is_nondominated
from edu_opt.optimize.margin_rows import margin_rows, smallest_margins, summed_multipliers
from edu_opt.optimize.programs import ModelPrograms, concatenate, take
from edu_opt.optimize.protocol import EvaluationCounts, Expansion, Problem
from edu_opt.optimize.refresh import SAME_POINT
from edu_opt.optimize.result import Closest, Front, OptimizationResult, Progress
from edu_opt.optimize.scalarization import Bounds, bounds_of
from edu_opt.optimize.settings import OptimizerSettings
from edu_opt.optimize.study import Callback, Study, plan, run_step, running_reference

State = dict[str, np.ndarray]
SAME_DESIGN = 1e-4


def quiet(progress: Progress) -> None:
    """Callback that says nothing."""


def optimize(
    problem: Problem,
    settings: OptimizerSettings,
    callback: Callback = quiet,
    checkpoint: State | None = None,
    save: Callable[[State], None] | None = None,
    programs: ModelPrograms | None = None,
) -> OptimizationResult:
    """Front of the problem. `save` receives the state after every completed step; `checkpoint` is such a state.

    The callback may raise (KeyboardInterrupt included): what `save` received last is the last completed step.
    `programs` lets several studies of one problem share their compiled evaluation.
    """
    programs = programs or ModelPrograms(problem, settings.chunk, settings.margin_target, settings.compile_workers)
    empty = Archive.empty(len(problem.space), programs.objectives, programs.margins)
    study = Study(problem=problem, settings=settings, programs=programs, callback=callback, archive=empty)
    if checkpoint is not None:
        restore(study, checkpoint)
    while study.step < len(plan(settings, problem)):
        run_step(study)
        if save is not None:
            save(to_arrays(study))
    return finish(study)


def finish(study: Study) -> OptimizationResult:
    """Certificates and the record of a study whose steps are done."""
    started = time.perf_counter()
    study.report("certificate")
    members = reported_members(study)
    front = certified_front(study, members)
    reference = running_reference(study)
    if reference is None:
        reference = np.full(study.programs.objectives, np.nan)
    ideal = front.objectives.min(axis=0) if len(front) else np.full_like(reference, np.nan)
    volume = hypervolume(front.objectives, reference)
    for row in study.history:
        row["hypervolume"] = study.archive.hypervolume(reference, int(row["step"])) if len(members) else 0.0
    study.wall_s["certificate"] = time.perf_counter() - started
    study.wall_s["total"] = study.earlier_s + time.perf_counter() - study.started
    working = study.working
    box = float(np.prod(reference - ideal)) if len(front) else 1.0
    return OptimizationResult(
        feasible=len(front) > 0,
        front=front,
        closest=closest(study),
        hypervolume=volume,
        hypervolume_share=volume / box if box > 0 else 0.0,
        reference_point=reference,
        ideal_point=ideal,
        feasible_candidates=int((working.valid & (working.margins.min(axis=1, initial=np.inf) >= 0.0)).sum()),
        counts=study.counts,
        history=study.history,
        wall_s=study.wall_s,
        branches_alive={int(b): int((working.branch == b).sum()) for b in np.unique(working.branch)},
        state=to_arrays(study),
        programs=study.programs,
    )


def closest(study: Study) -> Closest | None:
    """The exact design with the smallest violation and what it violates; None if nothing could be evaluated."""
    archive = study.archive
    if not np.isfinite(archive.closest_violation):
        return None
    margins = smallest_margins(margin_rows(study.problem), archive.closest_margins)
    order = np.argsort(margins, kind="stable")
    names = tuple(study.problem.margin_names[k] for k in order if margins[k] < 0.0)
    return Closest(archive.closest_x, int(archive.closest_branch), archive.closest_objectives, margins, names)


def reported_members(study: Study) -> np.ndarray:
    """Archive indices of the front to report: final candidates, and earlier points that no final one nearly dominates.

    Points on a candidate's way to its optimum are often not dominated strictly; they would crowd the front with
    designs that are not optimal. Copies of a final candidate (to 1e-4 of the span) are left out too.
    """
    archive, members = study.archive, study.archive.front()
    if not len(members):
        return members
    final = {row.tobytes() for row in np.column_stack([study.working.x, study.working.branch])}
    rows = np.column_stack([archive.x[members], archive.branch[members]])
    is_final = np.array([row.tobytes() in final for row in rows])
    scaled = archive.objectives[members] / _span(archive.objectives[members], study.bounds)
    kept: list[int] = []
    for k in [*np.flatnonzero(is_final), *np.flatnonzero(~is_final)]:
        slack = SAME_DESIGN if is_final[k] else study.settings.front_resolution
        if not kept or not np.all(scaled[kept] <= scaled[k] + slack, axis=1).any():
            kept.append(int(k))
    return members[np.sort(kept)]


def certified_front(study: Study, members: np.ndarray) -> Front:
    """Members of the archive evaluated once more on an expansion at their own point, with multipliers and prices."""
    archive = study.archive
    x, branch = archive.x[members], archive.branch[members]
    if not len(members):
        return _front(study.problem, x, branch, archive.objectives[members], archive.margins[members], None)
    span = _span(archive.objectives[members], study.bounds)
    expansion = expansions_at(study, x, branch)
    return front_at(study.programs, study.counts, study.settings, x, branch, expansion, span)


def front_at(
    programs: ModelPrograms,
    counts: EvaluationCounts,
    settings: OptimizerSettings,
    x: np.ndarray,
    branch: np.ndarray,
    expansion: Expansion,
    span: np.ndarray,
) -> Front:
    """Feasible, non-dominated points among x (K, n), which are exact with their expansions, certified; `span` (m,)
    normalizes the multipliers."""
    evaluation, jacobian = programs.jacobian(counts, x, branch, expansion)
    keep = np.flatnonzero(evaluation.valid & (evaluation.margins.min(axis=1, initial=np.inf) >= -1e-9))
    keep = keep[is_nondominated(evaluation.objectives[keep])]  # what violates something dominates nothing
    keep = keep[np.argsort(evaluation.objectives[keep, 0], kind="stable")]
    if not len(keep):
        return _front(
            programs.problem, x[keep], branch[keep], evaluation.objectives[keep], evaluation.margins[keep], None
        )
    frozen = np.broadcast_to(programs.problem.space.discrete, x.shape)
    certificate = certify(x[keep], evaluation.margins[keep], jacobian[keep], span, frozen[keep], settings)
    return _front(
        programs.problem, x[keep], branch[keep], evaluation.objectives[keep], evaluation.margins[keep], certificate
    )


def _span(objectives: np.ndarray, bounds: Bounds | None) -> np.ndarray:
    """Span that normalizes multipliers: of the front, or of the search where the front is a point."""
    own = bounds_of(objectives)
    return np.where(own.nadir > own.ideal, own.span, bounds.span if bounds is not None else own.span)


def expansions_at(study: Study, x: np.ndarray, branch: np.ndarray) -> Expansion:
    """Expansions at given points: taken from candidates that were expanded there, else expanded now."""
    working = study.working
    masked = np.where(study.mask, 1.0, 0.0)
    distance = np.array([(np.abs(working.centre - point) * masked).max(axis=1) for point in x])
    distance = np.where(working.branch[None] == branch[:, None], distance, np.inf)
    source = distance.argmin(axis=1)
    known = distance.min(axis=1) <= SAME_POINT
    missing = np.flatnonzero(~known)
    if not len(missing):
        return take(working.expansion, source)
    fresh = study.expander(final=True)(study.counts, x[missing], branch[missing])
    joined = concatenate([take(working.expansion, source[known]), fresh]) if known.any() else fresh
    position = np.empty(len(x), dtype=np.int64)
    position[np.flatnonzero(known)] = np.arange(int(known.sum()))
    position[missing] = int(known.sum()) + np.arange(len(missing))
    return take(joined, position)


def _front(
    problem: Problem,
    x: np.ndarray,
    branch: np.ndarray,
    objectives: np.ndarray,
    margins: np.ndarray,
    certificate: Certificate | None,
) -> Front:
    """A front by requirement, from margins (K, r) by row and their certificate."""
    rows = margin_rows(problem)
    margins = smallest_margins(rows, margins)
    if certificate is None:
        nothing = np.zeros(0)
        certificate = Certificate(objectives, margins, np.ones(objectives.shape[1]), nothing, nothing)
    else:
        multipliers = summed_multipliers(rows, certificate.margin_multipliers)
        certificate = dataclasses.replace(certificate, margin_multipliers=multipliers)
    return Front(
        x=x,
        branch=branch,
        objectives=objectives,
        margins=margins,
        objective_multipliers=certificate.objective_multipliers,
        margin_multipliers=certificate.margin_multipliers,
        price_along_ray=certificate.price_along_ray,
        price_alone=certificate.price_alone,
        kkt_residual=certificate.kkt_residual,
    )
