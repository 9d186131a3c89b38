"""Batched sequential quadratic programming on the candidates' own models.

One iteration costs a Jacobian per candidate that is still moving and one to three evaluations. The subproblem is the
elastic program of `quadratic_subproblem`; a step is accepted by the exact l1 merit, with a second-order correction
(Fletcher) and shorter steps for those that fail. Converged candidates rest until their model is refreshed.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from edu_opt.numerics.pytree import pytree
from edu_opt.optimize.candidates import Candidates
from edu_opt.optimize.curvature import updated_hessian
from edu_opt.optimize.programs import ChunkedProgram, ModelPrograms, shared_program, take
from edu_opt.optimize.protocol import Evaluated, EvaluationCounts
from edu_opt.optimize.quadratic_subproblem import quadratic_function
from edu_opt.optimize.scalarization import SUM_SHARE, compressed
from edu_opt.optimize.settings import OptimizerSettings

SHORTER_STEPS = (0.4, 0.1)
ACCEPT, EXPAND, SHRINK = 1e-3, 0.75, 0.25
SMALLEST_RADIUS, LARGEST_RADIUS = 1e-6, 0.5


@pytree
class SolvedSubproblems:
    """Host form of `QuadraticStep` with a leading axis: steps (L, n), multipliers (L, r), l1 model values (L,)."""

    step: np.ndarray
    multipliers: np.ndarray
    model_start: np.ndarray
    model_end: np.ndarray


def solve_subproblems(
    objectives: int,
    settings: OptimizerSettings,
    hessian: np.ndarray,
    values: np.ndarray,
    matrix: np.ndarray,
    lower: np.ndarray,
    upper: np.ndarray,
    penalty: np.ndarray,
) -> SolvedSubproblems:
    """Quadratic programs of any number of lanes, in the study's chunk shape."""
    found = subproblem_program(objectives, settings)(hessian, values, matrix, lower, upper, penalty)
    return SolvedSubproblems(
        step=found.step, multipliers=found.multipliers, model_start=found.model_start, model_end=found.model_end
    )


def subproblem_program(objectives: int, settings: OptimizerSettings) -> ChunkedProgram:
    """The compiled subproblem solver that these settings use."""
    function = quadratic_function(objectives, settings.quadratic_iterations)
    identity = f"{objectives} objectives, {settings.quadratic_iterations} iterations"
    return shared_program("quadratic subproblem", function, settings.chunk, identity)


@dataclasses.dataclass(frozen=True)
class Subproblems:
    """Subproblems of some lanes as they were posed."""

    hessian: np.ndarray
    values: np.ndarray
    matrix: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    penalty: np.ndarray

    def solve(self, objectives: int, settings: OptimizerSettings) -> SolvedSubproblems:
        """Solutions of all lanes."""
        parts = (self.hessian, self.values, self.matrix, self.lower, self.upper, self.penalty)
        return solve_subproblems(objectives, settings, *parts)

    def again(self, chosen: np.ndarray, values: np.ndarray) -> Subproblems:
        """The chosen lanes with other row values."""
        rest = (self.matrix[chosen], self.lower[chosen], self.upper[chosen], self.penalty[chosen])
        return Subproblems(self.hessian[chosen], values, *rest)


def polish_step(
    candidates: Candidates,
    programs: ModelPrograms,
    counts: EvaluationCounts,
    settings: OptimizerSettings,
    mask: np.ndarray,
    convergence: float,
    field_share: float = 1.0,
    stiffness: float = 0.0,
) -> None:
    """One iteration for all candidates that are active and valid; field_share 0 freezes the expanded variables.

    A positive `stiffness` replaces the learned curvature: large, it makes the step the shortest one to feasibility.

    Candidates whose predicted merit decrease is below `convergence` (in spans of the front) rest.
    """
    lanes = np.flatnonzero(candidates.active & candidates.valid)
    if not len(lanes):
        return
    jacobian = refresh_derivatives(candidates, programs, counts, lanes)
    values, matrix = candidates.scaled_rows(lanes, jacobian, settings.margin_target)
    lower, upper = candidates.step_box(lanes, mask, field_share)
    learned = candidates.hessian[lanes]
    hessian = np.broadcast_to(stiffness * np.eye(learned.shape[1]), learned.shape) if stiffness else learned
    posed = Subproblems(hessian, values, matrix, lower, upper, candidates.penalty[lanes])
    quadratic = posed.solve(programs.objectives, settings)
    candidates.multipliers[lanes] = quadratic.multipliers
    predicted = quadratic.model_start - quadratic.model_end
    moving = predicted > convergence
    candidates.active[lanes[~moving]] = False
    raise_penalties(candidates, lanes, quadratic, settings)
    if not moving.any():
        return
    search(candidates, programs, counts, settings, lanes, moving, posed, quadratic, predicted)


def refresh_derivatives(
    candidates: Candidates, programs: ModelPrograms, counts: EvaluationCounts, lanes: np.ndarray
) -> np.ndarray:
    """Jacobians of lanes; their Hessians learn from the change since the last one on the same model."""
    expansion = take(candidates.expansion, lanes)
    evaluation, jacobian = programs.jacobian(counts, candidates.x[lanes], candidates.branch[lanes], expansion)
    candidates.objectives[lanes], candidates.margins[lanes] = evaluation.objectives, evaluation.margins
    candidates.valid[lanes] = evaluation.valid
    before = candidates.jacobian[lanes]
    change = lagrangian_gradient(candidates, lanes, jacobian) - lagrangian_gradient(candidates, lanes, before)
    step = (candidates.x[lanes] - candidates.jacobian_x[lanes]) * candidates.has_jacobian[lanes, None]
    hessian = candidates.hessian[lanes]
    fresh = is_multiple_of_identity(hessian)
    candidates.hessian[lanes] = updated_hessian(hessian, step, change, fresh)
    candidates.jacobian[lanes], candidates.jacobian_x[lanes] = jacobian, candidates.x[lanes]
    candidates.has_jacobian[lanes] = evaluation.valid
    return jacobian


def lagrangian_gradient(candidates: Candidates, lanes: np.ndarray, jacobian: np.ndarray) -> np.ndarray:
    """Gradient (L, n) of the Lagrangian at the lanes' multipliers, bounds left out."""
    count = candidates.weight.shape[1]
    z = candidates.multipliers[lanes]
    factors = np.concatenate([(z[:, :count] + SUM_SHARE) * candidates.weight[lanes], -z[:, count:]], axis=1)
    return np.einsum("lr,lrn->ln", factors, jacobian)


def is_multiple_of_identity(hessian: np.ndarray) -> np.ndarray:
    """Lanes whose Hessian has not yet learned anything."""
    return np.all(hessian == hessian[:, :1, :1] * np.eye(hessian.shape[1]), axis=(1, 2))


def raise_penalties(
    candidates: Candidates, lanes: np.ndarray, quadratic: SolvedSubproblems, settings: OptimizerSettings
) -> None:
    """A multiplier near its cap while the subproblem rests at a violation: the penalty is too small."""
    constraint = quadratic.multipliers[:, candidates.weight.shape[1] :]
    largest = constraint.max(axis=1, initial=0.0)
    rests = quadratic.model_start - quadratic.model_end < 1e-3
    raised = (largest > 0.9 * candidates.penalty[lanes]) & rests
    chosen = lanes[raised]
    candidates.penalty[chosen] = np.minimum(5.0 * candidates.penalty[chosen], settings.penalty_limit)


def search(
    candidates: Candidates,
    programs: ModelPrograms,
    counts: EvaluationCounts,
    settings: OptimizerSettings,
    lanes: np.ndarray,
    moving: np.ndarray,
    posed: Subproblems,
    quadratic: SolvedSubproblems,
    predicted: np.ndarray,
) -> None:
    """Try the full step, its second-order correction, then shorter ones; update x and the step radius."""
    target = settings.margin_target
    start = candidates.merit(target, lanes)
    best_merit, best_step = start.copy(), np.zeros_like(quadratic.step)
    best = Evaluated(
        objectives=candidates.objectives[lanes].copy(),
        margins=candidates.margins[lanes].copy(),
        valid=candidates.valid[lanes].copy(),
    )

    def attempt(chosen: np.ndarray, step: np.ndarray) -> Evaluated:
        at = lanes[chosen]
        x = np.clip(candidates.x[at] + step, 0.0, 1.0)
        trial = programs.forward(counts, x, candidates.branch[at], take(candidates.expansion, at))
        merit = candidates.merit(target, at, trial)
        better = merit < best_merit[chosen]
        rows = chosen[better]
        best_merit[rows], best_step[rows] = merit[better], (x - candidates.x[at])[better]
        best.objectives[rows], best.margins[rows] = trial.objectives[better], trial.margins[better]
        best.valid[rows] = trial.valid[better]
        return trial

    def failing(threshold: float) -> np.ndarray:
        return np.flatnonzero(moving & (start - best_merit < threshold * predicted))

    trial = attempt(np.flatnonzero(moving), quadratic.step[moving])
    ratio = (start - best_merit) / np.where(predicted > 0, predicted, np.inf)
    full_step_fails = failing(0.5)
    if len(full_step_fails):
        position = np.searchsorted(np.flatnonzero(moving), full_step_fails)
        correction = _corrected(candidates, settings, lanes, full_step_fails, posed, quadratic, take(trial, position))
        attempt(full_step_fails, correction)
    for share in SHORTER_STEPS:
        chosen = failing(ACCEPT)
        if len(chosen):
            attempt(chosen, share * quadratic.step[chosen])
    accepted = moving & (start - best_merit >= 1e-6 * predicted) & (best_merit < start)
    _update_radius(candidates, lanes, moving, accepted, np.maximum(ratio, 0.0), best_step)
    rows = np.flatnonzero(accepted)
    candidates.move(lanes[rows], candidates.x[lanes[rows]] + best_step[rows], take(best, rows))


def _corrected(
    candidates: Candidates,
    settings: OptimizerSettings,
    lanes: np.ndarray,
    chosen: np.ndarray,
    posed: Subproblems,
    quadratic: SolvedSubproblems,
    trial: Evaluated,
) -> np.ndarray:
    """Second-order correction: the subproblem again, with the rows' values as seen at the full step."""
    at = lanes[chosen]
    step = quadratic.step[chosen]
    objective = candidates.weight[at] * (trial.objectives - candidates.anchor[at])
    seen = np.concatenate([objective, settings.margin_target - compressed(trial.margins)[0]], axis=1)
    values = seen - np.einsum("lrn,ln->lr", posed.matrix[chosen], step)
    again = posed.again(chosen, values).solve(candidates.weight.shape[1], settings)
    usable = trial.valid & np.isfinite(again.step).all(axis=1)
    return np.where(usable[:, None], again.step, 0.5 * step)


def _update_radius(
    candidates: Candidates,
    lanes: np.ndarray,
    moving: np.ndarray,
    accepted: np.ndarray,
    ratio: np.ndarray,
    step: np.ndarray,
) -> None:
    radius = candidates.step_radius[lanes]
    length = np.abs(step).max(axis=1)
    grown = np.where(length > 0.8 * radius, 2.0 * radius, radius)
    shrunk = np.maximum(np.where(accepted, 0.5 * np.maximum(length, 0.2 * radius), 0.25 * radius), SMALLEST_RADIUS)
    new = np.where(ratio > EXPAND, grown, np.where(ratio < SHRINK, shrunk, radius))
    candidates.step_radius[lanes] = np.where(moving, np.clip(new, SMALLEST_RADIUS, LARGEST_RADIUS), radius)
    stuck = moving & ~accepted & (radius < 1e-4)
    candidates.active[lanes[stuck]] = False
