"""Integer and listed variables: relaxed while searching, then fixed where the subproblem says it costs least.

Every candidate's neighbours are scored together: each fixes the discrete part of the step, and an elastic quadratic
subproblem finds the best answer of all other variables to it. The best few are evaluated.

Integers of few values (`DesignSpace.coarse`) are fixed first, while the fields may still move far: the best relaxed
design, halfway between two numbers of conductors, is far from the best ones with either number.
"""

from __future__ import annotations

import functools
from collections.abc import Callable

import numpy as np

from edu_opt.numerics.design_space import DesignSpace
from edu_opt.numerics.discrete import neighbouring_rows, roundings
from edu_opt.optimize.candidates import Candidates
from edu_opt.optimize.programs import ModelPrograms, take
from edu_opt.optimize.protocol import EvaluationCounts
from edu_opt.optimize.sequential_quadratic import refresh_derivatives, solve_subproblems
from edu_opt.optimize.settings import OptimizerSettings

COARSE_NEIGHBOURS = 6  # choices of the `coarse` integers that are scored
IntegerRows = Callable[[np.ndarray, int], np.ndarray]  # physical values (n,), count -> (count, n) near them


def physical_values(space: DesignSpace, x: np.ndarray) -> np.ndarray:
    """`DesignSpace.to_physical` in numpy: the host rounds batches of many sizes, which JAX would compile one by one."""
    decades = np.where(space.logarithmic, space.high / np.where(space.logarithmic, space.low, 1.0), 1.0)
    return np.where(space.logarithmic, space.low * decades**x, space.low + x * (space.high - space.low))


def unit_values(space: DesignSpace, physical: np.ndarray) -> np.ndarray:
    """`DesignSpace.to_unit` in numpy."""
    ratio = np.where(space.logarithmic, physical / np.where(space.logarithmic, space.low, 1.0), 1.0)
    span = np.log(np.where(space.logarithmic, space.high / np.where(space.logarithmic, space.low, 1.0), np.e))
    return np.where(space.logarithmic, np.log(ratio) / span, (physical - space.low) / (space.high - space.low))


def snap(space: DesignSpace, x: np.ndarray) -> np.ndarray:
    """Points (B, n) of the unit cube whose integer variables are integers within their range; listed ones stay."""
    if not space.integer.any():
        return x
    physical = np.clip(np.round(physical_values(space, x)), np.ceil(space.low), np.floor(space.high))
    return with_integers(space, x, physical)


def with_integers(space: DesignSpace, x: np.ndarray, physical: np.ndarray) -> np.ndarray:
    """Points whose integer variables take the given physical values (B, n); the others stay."""
    safe = np.where(space.integer, physical, space.low)
    return np.where(space.integer, unit_values(space, safe), x)


def with_discrete(space: DesignSpace, x: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Points whose integer and listed variables are those of others (B, n), exactly."""
    return np.where(space.discrete, other, x)


def are_discrete(space: DesignSpace, x: np.ndarray) -> np.ndarray:
    """Lanes (B,) whose integer variables are integers (to 1e-9) and whose listed ones stand on a row of their list (to
    1e-9 of their range)."""
    physical = physical_values(space, x)
    result = (np.abs(physical - np.round(physical)) * space.integer).max(axis=1, initial=0.0) < 1e-9
    span = space.high - space.low
    for rows in space.lists:
        off = np.abs(physical[:, None, rows.columns] - rows.rows) / span[rows.columns]
        result &= off.max(axis=2).min(axis=1) < 1e-9
    return result


def departed(space: DesignSpace, x: np.ndarray, frozen: np.ndarray) -> np.ndarray:
    """Lanes (B,) whose points x are not what is fixed there by now (`frozen` (B, n)): to these no lane may return."""
    coarse, physical = space.coarse, physical_values(space, x)
    off = (np.abs(physical - np.round(physical)) * (frozen & coarse)).max(axis=1, initial=0.0) >= 1e-9
    return off | (frozen[:, space.discrete].all(axis=1) & ~are_discrete(space, x))


def neighbours_of(space: DesignSpace, x: np.ndarray, count: int, rows: IntegerRows | None = None) -> np.ndarray:
    """Neighbouring buildable points (B, count, n) of each candidate: its x with other integers and listed values;
    `rows` are the problem's own, which know what can be built."""
    physical = physical_values(space, x)
    own = rows or functools.partial(neighbouring_rows, space)
    found = np.array([own(point, count) for point in physical])
    flat = np.where(space.discrete, found, physical[:, None]).reshape(-1, x.shape[1])
    points = with_discrete(space, np.repeat(x, count, axis=0), unit_values(space, flat))
    if not are_discrete(space, points).all():
        raise ValueError("integer_rows of the problem gives values that are no integers or on no row of their list")
    return points.reshape(found.shape)


def coarse_neighbours(space: DesignSpace, x: np.ndarray, count: int) -> np.ndarray:
    """Points (B, count, n) like each candidate with other whole numbers of its `coarse` variables, the nearest first;
    all else stays relaxed."""
    which, physical = space.coarse, physical_values(space, x)
    low, high = np.ceil(space.low[which]), np.floor(space.high[which])
    found = np.repeat(physical[:, None], count, axis=1)
    found[:, :, which] = np.array([roundings(point[which], low, high, count) for point in physical])
    points = unit_values(space, found.reshape(-1, x.shape[1])).reshape(found.shape)
    return np.where(which, points, x[:, None])


def fix_coarse_integers(
    candidates: Candidates,
    programs: ModelPrograms,
    counts: EvaluationCounts,
    settings: OptimizerSettings,
    space: DesignSpace,
    mask: np.ndarray,
) -> None:
    """Give every valid lane whole numbers of its `coarse` variables and freeze them; all else stays relaxed."""
    lanes = np.flatnonzero(candidates.valid)
    if space.coarse.any() and len(lanes):
        points = coarse_neighbours(space, candidates.x[lanes], COARSE_NEIGHBOURS)
        scored = scored_neighbours(candidates, programs, counts, settings, space.coarse, mask, lanes, points)
        take_best(candidates, programs, counts, settings, space.coarse, lanes, scored, np.zeros(len(lanes), dtype=bool))


def fix_integers(
    candidates: Candidates,
    programs: ModelPrograms,
    counts: EvaluationCounts,
    settings: OptimizerSettings,
    space: DesignSpace,
    mask: np.ndarray,
    only_better: bool,
    rows: IntegerRows | None = None,
) -> None:
    """Give every valid lane integers and rows of lists and freeze them. `only_better`: a lane that has some keeps them
    unless others win."""
    lanes = np.flatnonzero(candidates.valid)
    if not space.discrete.any() or not len(lanes):
        return
    settled = np.array(only_better) & candidates.frozen[lanes][:, space.discrete].all(axis=1)
    candidates.frozen[lanes] &= ~space.discrete
    candidates.step_radius[lanes] = np.maximum(candidates.step_radius[lanes], 0.5 * settings.step_radius)
    points = neighbours_of(space, candidates.x[lanes], settings.integer_neighbours, rows)
    scored = scored_neighbours(candidates, programs, counts, settings, space.discrete, mask, lanes, points)
    if space.lists:  # the last neighbour joins the best choices of all integers and lists
        joined = joined_choices(space, points, scored[2])[:, None]
        more = scored_neighbours(candidates, programs, counts, settings, space.discrete, mask, lanes, joined)
        points, steps, scores = (np.hstack(pair) for pair in zip(scored, more, strict=True))
        scored = points, steps, scores
    take_best(candidates, programs, counts, settings, space.discrete, lanes, scored, settled)


def take_best(
    candidates: Candidates,
    programs: ModelPrograms,
    counts: EvaluationCounts,
    settings: OptimizerSettings,
    which: np.ndarray,
    lanes: np.ndarray,
    scored: tuple[np.ndarray, np.ndarray, np.ndarray],
    settled: np.ndarray,
) -> None:
    """Move lanes (L,) to the best of the neighbours that score best, which are evaluated, and freeze the variables
    `which` there; the `settled` ones stay where they are unless one is better."""
    points, steps, scores = scored
    trials = min(settings.integer_trials, steps.shape[1])
    best = np.argsort(scores, axis=1, kind="stable")[:, :trials]
    start = candidates.merit(settings.margin_target, lanes)
    merit = np.where(settled, start, np.inf)
    nearest = np.where(which, points[:, 0], candidates.x[lanes])
    chosen_x = np.where(settled[:, None], candidates.x[lanes], nearest)
    for trial in range(trials):
        point, step = (np.take_along_axis(a, best[:, trial, None, None], axis=1)[:, 0] for a in (points, steps))
        x = np.where(which, point, np.clip(candidates.x[lanes] + step, 0.0, 1.0))
        seen = programs.forward(counts, x, candidates.branch[lanes], take(candidates.expansion, lanes))
        value = candidates.merit(settings.margin_target, lanes, seen)
        better = value < merit - 1e-9
        merit, chosen_x = np.where(better, value, merit), np.where(better[:, None], x, chosen_x)
    seen = programs.forward(counts, chosen_x, candidates.branch[lanes], take(candidates.expansion, lanes))
    candidates.move(lanes, chosen_x, seen)
    candidates.frozen[lanes] |= which
    candidates.active[lanes] = True


def scored_neighbours(
    candidates: Candidates,
    programs: ModelPrograms,
    counts: EvaluationCounts,
    settings: OptimizerSettings,
    which: np.ndarray,
    mask: np.ndarray,
    lanes: np.ndarray,
    points: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The given neighbours (L, K, n), which fix the variables `which`, steps to them with the other variables' answer,
    model merits (L, K)."""
    jacobian = refresh_derivatives(candidates, programs, counts, lanes)
    values, matrix = candidates.scaled_rows(lanes, jacobian, settings.margin_target)
    lower, upper = candidates.step_box(lanes, mask)
    shift = points - candidates.x[lanes][:, None]
    low = np.where(which, shift, lower[:, None]).reshape(-1, shift.shape[2])
    high = np.where(which, shift, upper[:, None]).reshape(-1, shift.shape[2])
    repeated = np.repeat(np.arange(len(lanes)), shift.shape[1])
    hessian, penalty = candidates.hessian[lanes][repeated], candidates.penalty[lanes][repeated]
    posed = (hessian, values[repeated], matrix[repeated], low, high, penalty)
    found = solve_subproblems(programs.objectives, settings, *posed)
    score = np.where(np.isfinite(found.model_end), found.model_end, np.inf)
    return points, found.step.reshape(shift.shape), score.reshape(len(lanes), -1)


def joined_choices(space: DesignSpace, points: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """Points (L, n) that join, for the integers and for each list, the choice that scores best among the neighbours
    (L, K, n) which differ from the first one in that group alone. Integers stay together: they fit each other."""
    groups = [np.flatnonzero(space.integer), *[rows.columns for rows in space.lists]]
    changed = np.array([(points[:, :, own] != points[:, :1, own]).any(axis=2) for own in groups])
    alone = changed & (changed.sum(axis=0) == 1)
    result, lanes = points[:, 0].copy(), np.arange(len(points))
    for own, differs in zip(groups, alone, strict=True):
        score = np.where(differs, scores, np.inf)
        best = score.argmin(axis=1)
        better = score[lanes, best] < scores[:, 0]
        result[np.ix_(better, own)] = points[lanes[better], best[better]][:, own]
    return result
