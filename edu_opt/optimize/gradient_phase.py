"""First-order phase: Adam on each candidate's augmented Lagrangian, clipped to the cube and the trust region.

It needs no subproblem and no curvature, and gets far-off, badly violated candidates near the feasible set at three
evaluations a step; the second-order polish takes over from each candidate's best point.
"""

from __future__ import annotations

import dataclasses

import jax.numpy as jnp
import numpy as np
import optax

from edu_opt.optimize.candidates import Candidates
from edu_opt.optimize.programs import ModelPrograms, take
from edu_opt.optimize.protocol import EvaluationCounts
from edu_opt.optimize.settings import OptimizerSettings

PENALTY = 20.0  # quadratic penalty of relative margins; multipliers do the rest
MULTIPLIER_INTERVAL = 5


@dataclasses.dataclass
class GradientState:
    """Adam moments and multipliers (B, p), and the best point of each candidate so far."""

    first: np.ndarray
    second: np.ndarray
    multipliers: np.ndarray
    count: np.ndarray
    best_x: np.ndarray
    best_merit: np.ndarray

    @classmethod
    def start(cls, candidates: Candidates, target: float) -> GradientState:
        """Nothing learned yet."""
        shape = candidates.x.shape
        return cls(
            first=np.zeros(shape),
            second=np.zeros(shape),
            multipliers=np.zeros(candidates.margins.shape),
            count=np.array(0),
            best_x=candidates.x.copy(),
            best_merit=candidates.merit(target),
        )


def gradient_phase(
    candidates: Candidates,
    programs: ModelPrograms,
    counts: EvaluationCounts,
    settings: OptimizerSettings,
    mask: np.ndarray,
) -> None:
    """`gradient_steps` steps of all valid candidates; each ends at its best point by the exact merit."""
    state = GradientState.start(candidates, settings.margin_target)
    for step in range(settings.gradient_steps):
        gradient_step(candidates, state, programs, counts, settings, mask, step)
    settle(candidates, state, programs, counts)


def gradient_step(
    candidates: Candidates,
    state: GradientState,
    programs: ModelPrograms,
    counts: EvaluationCounts,
    settings: OptimizerSettings,
    mask: np.ndarray,
    step: int,
) -> None:
    """One projected Adam step of all lanes; lanes whose gradient fails go back to their best point."""
    lanes = np.arange(len(candidates))
    scalars = (candidates.weight, candidates.anchor, state.multipliers, np.full(len(lanes), PENALTY))
    evaluation, gradient = programs.gradient(counts, candidates.x, candidates.branch, candidates.expansion, *scalars)
    candidates.move(lanes, candidates.x, evaluation)
    merit = candidates.merit(settings.margin_target)
    better = merit < state.best_merit
    state.best_merit = np.where(better, merit, state.best_merit)
    state.best_x = np.where(better[:, None], candidates.x, state.best_x)
    if (step + 1) % MULTIPLIER_INTERVAL == 0:
        raised = state.multipliers + PENALTY * (settings.margin_target - evaluation.margins)
        state.multipliers = np.where(evaluation.valid[:, None], np.maximum(raised, 0.0), state.multipliers)
    decay = 0.5 * (1.0 + np.cos(np.pi * step / max(settings.gradient_steps, 1)))
    update = adam_update(state, gradient, settings.gradient_rate * (0.1 + 0.9 * decay))
    start = np.where(evaluation.valid[:, None], candidates.x, state.best_x)
    candidates.x = inside(candidates, start + update * ~candidates.frozen, mask)


def adam_update(state: GradientState, gradient: np.ndarray, rate: float) -> np.ndarray:
    """optax's Adam, element-wise, with its moments kept in the state."""
    transform = optax.scale_by_adam()
    moments = optax.ScaleByAdamState(
        count=jnp.asarray(state.count, dtype=jnp.int32), mu=jnp.asarray(state.first), nu=jnp.asarray(state.second)
    )
    update, after = transform.update(jnp.asarray(gradient), moments)
    state.first, state.second, state.count = np.asarray(after.mu), np.asarray(after.nu), np.asarray(after.count)
    return -rate * np.asarray(update)


def inside(candidates: Candidates, x: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Points clipped to the unit cube and, for the expanded variables, to the trust region."""
    reach = candidates.field_radius[:, None]
    limited = np.clip(x, candidates.centre - reach, candidates.centre + reach)
    return np.clip(np.where(mask, limited, x), 0.0, 1.0)


def settle(candidates: Candidates, state: GradientState, programs: ModelPrograms, counts: EvaluationCounts) -> None:
    """Every candidate at its best point, with the values there."""
    lanes = np.flatnonzero(np.isfinite(state.best_merit))
    evaluation = programs.forward(
        counts, state.best_x[lanes], candidates.branch[lanes], take(candidates.expansion, lanes)
    )
    candidates.move(lanes, state.best_x[lanes], evaluation)
