"""Integer variables: relaxed while searching, then fixed where the subproblem says it costs least.

Every candidate's neighbouring roundings are scored together: each rounding fixes the integer part of the step, and
an elastic quadratic subproblem finds the best answer of all other variables to it. The best few are evaluated.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np

from edu_opt.numerics.design_space import DesignSpace
from edu_opt.optimize.candidates import Candidates
from edu_opt.optimize.programs import ModelPrograms, take
from edu_opt.optimize.protocol import EvaluationCounts
from edu_opt.optimize.sequential_quadratic import refresh_derivatives, solve_subproblems
from edu_opt.optimize.settings import OptimizerSettings

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
    """Points (B, n) of the unit cube whose integer variables are integers within their range."""
    if not space.integer.any():
        return x
    physical = np.clip(np.round(physical_values(space, x)), np.ceil(space.low), np.floor(space.high))
    return with_integers(space, x, physical)


def with_integers(space: DesignSpace, x: np.ndarray, physical: np.ndarray) -> np.ndarray:
    """Points whose integer variables take the given physical values (B, n); the others stay."""
    safe = np.where(space.integer, physical, space.low)
    return np.where(space.integer, unit_values(space, safe), x)


def are_integers(space: DesignSpace, x: np.ndarray) -> np.ndarray:
    """Lanes (B,) whose integer variables are integers (to 1e-9)."""
    physical = physical_values(space, x)
    return (np.abs(physical - np.round(physical)) * space.integer).max(axis=1, initial=0.0) < 1e-9


def roundings(values: np.ndarray, low: np.ndarray, high: np.ndarray, count: int) -> np.ndarray:
    """At most `count` integer vectors near `values` (k,), nearest first; always exactly `count` rows (repeats fill).

    The nearest rounding, then single changes by one and pairs of them, ordered by distance in steps. Where `values`
    is integer already, this is the neighbourhood of a local search.
    """
    base = np.clip(np.round(values), low, high)
    size = len(values)
    moves = [np.zeros(size)]
    singles = [sign * np.eye(size)[k] for k in range(size) for sign in (-1.0, 1.0)]
    moves += singles
    moves += [a + b for a, b in itertools.combinations(singles, 2) if np.abs(a + b).sum() == 2]
    points = np.unique(np.clip(base + np.array(moves), low, high), axis=0)
    order = np.argsort(np.square(points - values).sum(axis=1), kind="stable")
    nearest = points[order][:count]
    return np.vstack([nearest, np.repeat(nearest[:1], count - len(nearest), axis=0)])


def rounding_points(space: DesignSpace, x: np.ndarray, count: int, rows: IntegerRows | None = None) -> np.ndarray:
    """Neighbouring buildable points (B, count, n) of each candidate: its x with other integers; `rows` are the
    problem's own, which know what can be built."""
    which = space.integer
    physical = physical_values(space, x)
    low, high = np.ceil(space.low[which]), np.floor(space.high[which])
    result = np.repeat(physical[:, None], count, axis=1)
    for lane in range(len(x)):
        if rows is not None:
            result[lane][:, which] = rows(physical[lane], count)[:, which]
        else:
            result[lane][:, which] = roundings(physical[lane, which], low, high, count)
    flat = with_integers(space, np.repeat(x, count, axis=0), result.reshape(-1, x.shape[1]))
    return flat.reshape(len(x), count, -1)


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
    """Give every valid lane integers and freeze them. `only_better` keeps a lane's integers unless others win."""
    lanes = np.flatnonzero(candidates.valid)
    if not space.integer.any() or not len(lanes):
        return
    candidates.frozen[lanes] &= ~space.integer
    candidates.step_radius[lanes] = np.maximum(candidates.step_radius[lanes], 0.5 * settings.step_radius)
    steps, scores = scored_roundings(candidates, programs, counts, settings, space, mask, lanes, rows)
    trials = min(settings.integer_trials, steps.shape[1])
    best = np.argsort(scores, axis=1, kind="stable")[:, :trials]
    start = candidates.merit(settings.margin_target, lanes)
    merit = np.where(only_better, start, np.inf)
    chosen_x = candidates.x[lanes].copy() if only_better else snap(space, candidates.x[lanes])
    for trial in range(trials):
        step = np.take_along_axis(steps, best[:, trial, None, None], axis=1)[:, 0]
        x = snap(space, np.clip(candidates.x[lanes] + step, 0.0, 1.0))
        seen = programs.forward(counts, x, candidates.branch[lanes], take(candidates.expansion, lanes))
        value = candidates.merit(settings.margin_target, lanes, seen)
        better = value < merit - 1e-9
        merit, chosen_x = np.where(better, value, merit), np.where(better[:, None], x, chosen_x)
    seen = programs.forward(counts, chosen_x, candidates.branch[lanes], take(candidates.expansion, lanes))
    candidates.move(lanes, chosen_x, seen)
    candidates.frozen[lanes] |= space.integer
    candidates.active[lanes] = True


def scored_roundings(
    candidates: Candidates,
    programs: ModelPrograms,
    counts: EvaluationCounts,
    settings: OptimizerSettings,
    space: DesignSpace,
    mask: np.ndarray,
    lanes: np.ndarray,
    rows: IntegerRows | None,
) -> tuple[np.ndarray, np.ndarray]:
    """Steps (L, K, n) to K neighbouring roundings with the other variables' answer, and their model merits (L, K)."""
    jacobian = refresh_derivatives(candidates, programs, counts, lanes)
    values, matrix = candidates.scaled_rows(lanes, jacobian, settings.margin_target)
    lower, upper = candidates.step_box(lanes, mask)
    neighbours = rounding_points(space, candidates.x[lanes], settings.integer_neighbours, rows)
    shift = neighbours - candidates.x[lanes][:, None]
    count = shift.shape[1]
    which = np.broadcast_to(space.integer, shift.shape)
    low = np.where(which, shift, lower[:, None]).reshape(-1, shift.shape[2])
    high = np.where(which, shift, upper[:, None]).reshape(-1, shift.shape[2])
    repeated = np.repeat(np.arange(len(lanes)), count)
    quadratic = solve_subproblems(
        programs.objectives,
        settings,
        candidates.hessian[lanes][repeated],
        values[repeated],
        matrix[repeated],
        low,
        high,
        candidates.penalty[lanes][repeated],
    )
    score = np.where(np.isfinite(quadratic.model_end), quadratic.model_end, np.inf)
    return quadratic.step.reshape(shift.shape), score.reshape(len(lanes), count)
