"""Expanding candidates again, and judging the first-order models by what they had promised."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable

import numpy as np

from edu_opt.optimize import scalarization
from edu_opt.optimize.candidates import Candidates
from edu_opt.optimize.programs import ModelPrograms, concatenate, put, take
from edu_opt.optimize.protocol import Evaluated, EvaluationCounts, Expansion, Problem, reported_expand
from edu_opt.optimize.settings import OptimizerSettings

SAME_POINT = 1e-12


@dataclasses.dataclass
class Expander:
    """Calls `problem.expand`, or its final form, in slices, counts, and tells a listener after each slice."""

    problem: Problem
    chunk: int
    final: bool = False  # on the model of the reported front
    tick: Callable[[int, int], None] = lambda done, total: None
    seconds: float = 0.0

    def __call__(self, counts: EvaluationCounts, x: np.ndarray, branch: np.ndarray) -> Expansion:
        """Expansions of x (B, n), B >= 1; one field sweep."""
        started = time.perf_counter()
        expand, parts = reported_expand(self.problem) if self.final else self.problem.expand, []
        for start in range(0, len(x), self.chunk):
            stop = min(start + self.chunk, len(x))
            parts.append(expand(x[start:stop], branch[start:stop]))
            counts.expansions += stop - start
            counts.field_solves += (stop - start) * int(getattr(self.problem, "field_solves_per_expansion", 1))
            self.seconds += time.perf_counter() - started
            self.tick(stop, len(x))
            started = time.perf_counter()
        counts.field_sweeps += 1
        return concatenate(parts)


def moved_from_centre(candidates: Candidates, mask: np.ndarray) -> np.ndarray:
    """Lanes whose expanded variables differ from those of their expansion."""
    return (np.abs(candidates.x - candidates.centre) * mask).max(axis=1, initial=0.0) > SAME_POINT


def refresh(
    candidates: Candidates,
    programs: ModelPrograms,
    expander: Expander,
    counts: EvaluationCounts,
    settings: OptimizerSettings,
    mask: np.ndarray,
    forced: np.ndarray,
    tolerated: float,
    largest_radius: float,
    everywhere: bool = False,
) -> Evaluated:
    """Expand all lanes that moved (`everywhere`: all) and adopt what is better than the last exact point (of the lanes
    `forced` (B,): all that is valid).

    As in a filter method, a better objective also counts where no margin is below -`tolerated`: one more step on the
    new model usually mends that, and returning would waste the expansion.

    Returns the exact evaluations at the points reached, accepted or not. The trust radius of each lane follows the
    ratio of actual to predicted gain; a rejected lane returns to its last exact point with a smaller radius.
    """
    target = settings.margin_target
    before = candidates.merit(target, at=candidates.centre_evaluation())
    predicted = candidates.merit(target)
    exact = Evaluated(
        objectives=candidates.objectives.copy(), margins=candidates.margins.copy(), valid=candidates.valid.copy()
    )
    lanes = np.flatnonzero((moved_from_centre(candidates, mask) | everywhere) & candidates.valid)
    expansion = candidates.expansion
    if len(lanes):
        fresh = expander(counts, candidates.x[lanes], candidates.branch[lanes])
        seen = programs.forward(counts, candidates.x[lanes], candidates.branch[lanes], fresh)
        exact.objectives[lanes], exact.margins[lanes] = seen.objectives, seen.margins
        exact.valid[lanes] = seen.valid
        expansion = put(expansion, lanes, fresh)
    actual = candidates.merit(target, at=exact)
    accepted = exact.valid & ((actual <= before + 1e-9) | forced | promising(candidates, exact, tolerated))
    changed = np.zeros(len(candidates), dtype=bool)
    changed[lanes] = True
    _follow_ratio(candidates, settings, mask, changed, before, predicted, actual, accepted)
    candidates.field_radius = np.minimum(candidates.field_radius, largest_radius)
    _adopt(candidates, exact, accepted, expansion)
    candidates.active = candidates.valid.copy()
    candidates.has_jacobian &= ~changed
    candidates.step_radius = np.maximum(candidates.step_radius, 0.25 * settings.step_radius)
    return exact


def promising(candidates: Candidates, exact: Evaluated, tolerated: float) -> np.ndarray:
    """Lanes whose scalarized objective is better than at their centre, at a tolerable violation."""
    now = scalarization.achievement(exact.objectives, candidates.weight, candidates.anchor)
    before = scalarization.achievement(candidates.centre_objectives, candidates.weight, candidates.anchor)
    return (now < before) & (exact.margins.min(axis=1, initial=np.inf) >= -tolerated)


def _follow_ratio(
    candidates: Candidates,
    settings: OptimizerSettings,
    mask: np.ndarray,
    changed: np.ndarray,
    before: np.ndarray,
    predicted: np.ndarray,
    actual: np.ndarray,
    accepted: np.ndarray,
) -> None:
    with np.errstate(invalid="ignore"):
        promise = before - predicted
        ratio = (before - actual) / np.where(np.abs(promise) > 1e-9, promise, np.inf)
    ratio = np.where(np.isfinite(ratio), ratio, 1.0)
    length = (np.abs(candidates.x - candidates.centre) * mask).max(axis=1, initial=0.0)
    radius = candidates.field_radius
    grown = np.minimum(np.where(length > 0.8 * radius, 1.7 * radius, radius), 2.0 * settings.field_radius)
    shrunk = np.maximum(0.5 * length, 0.02 * settings.field_radius)
    radius_after = np.where(ratio > 0.75, grown, np.where((ratio < 0.25) | ~accepted, shrunk, radius))
    candidates.field_radius = np.where(changed, radius_after, radius)


def _adopt(candidates: Candidates, exact: Evaluated, accepted: np.ndarray, expansion: Expansion) -> None:
    """Accepted lanes: new centre. Others: back to the old one, with the old expansion."""
    back = np.flatnonzero(~accepted)
    old = candidates.expansion
    candidates.expansion = put(expansion, back, take(old, back)) if len(back) else expansion
    column = accepted[:, None]
    candidates.centre = np.where(column, candidates.x, candidates.centre)
    candidates.centre_objectives = np.where(column, exact.objectives, candidates.centre_objectives)
    candidates.centre_margins = np.where(column, exact.margins, candidates.centre_margins)
    candidates.centre_valid = np.where(accepted, exact.valid, candidates.centre_valid)
    candidates.x = candidates.centre.copy()
    candidates.objectives, candidates.margins = candidates.centre_objectives.copy(), candidates.centre_margins.copy()
    candidates.valid = candidates.centre_valid.copy()
