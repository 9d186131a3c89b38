"""From several objectives to one, per direction: the Pascoletti-Serafini (epigraph) form.

Candidate k solves `min t  subject to  w_k (F - a_k) <= t, margins >= 0`. With w = 1 / span and a = ideal + span * p,
the rays of all directions p are parallel (normal-boundary intersection), which spreads the points better than
weighted Tchebycheff. A small share of the plain sum makes the solutions properly, not only weakly, efficient.
"""

from __future__ import annotations

import dataclasses

import numpy as np

SUM_SHARE = 1e-3  # share of the sum of all rows in the merit; bias of the front far below its resolution
TEMPERATURE = 0.05  # width of the soft maximum in the gradient phase, in spans of the front
CORNER_SHARE = 1e-2  # weight of the other objectives where one alone is minimized


@dataclasses.dataclass(frozen=True)
class Bounds:
    """Ideal and nadir (m,) that normalize the objectives, and their spans."""

    ideal: np.ndarray
    nadir: np.ndarray

    @property
    def span(self) -> np.ndarray:
        """Nadir minus ideal, kept away from zero relative to the objectives' size."""
        floor = 1e-6 * np.maximum(np.abs(self.ideal), np.abs(self.nadir)) + 1e-12
        return np.maximum(self.nadir - self.ideal, floor)


def bounds_of(objectives: np.ndarray) -> Bounds:
    """Bounds of points (K, m), K >= 1; meant for a non-dominated set."""
    return Bounds(objectives.min(axis=0), objectives.max(axis=0))


def rays(directions: np.ndarray, bounds: Bounds) -> tuple[np.ndarray, np.ndarray]:
    """Weights and anchors (K, m) of directions (K, m)."""
    weight = np.broadcast_to(1.0 / bounds.span, directions.shape).copy()
    return weight, bounds.ideal + bounds.span * directions


def corners(bounds: Bounds) -> tuple[np.ndarray, np.ndarray]:
    """Weights and anchors (m, m) that minimize each objective alone (with a small share of the others)."""
    objectives = bounds.ideal.size
    weight = np.where(np.eye(objectives, dtype=bool), 1.0, CORNER_SHARE) / bounds.span
    anchor = np.broadcast_to(bounds.ideal - 0.05 * bounds.span, (objectives, objectives)).copy()
    return weight, anchor


def achievement(objectives: np.ndarray, weight: np.ndarray, anchor: np.ndarray) -> np.ndarray:
    """Scalarized value: largest row plus a small share of all rows; arrays broadcast over leading axes."""
    rows = weight * (objectives - anchor)
    return rows.max(axis=-1) + SUM_SHARE * rows.sum(axis=-1)


def violation(margins: np.ndarray, target: float) -> np.ndarray:
    """Sum of shortfalls of margins (..., p) below `target`."""
    return np.maximum(target - margins, 0.0).sum(axis=-1)


def merit(
    objectives: np.ndarray,
    margins: np.ndarray,
    valid: np.ndarray,
    weight: np.ndarray,
    anchor: np.ndarray,
    penalty: np.ndarray,
    target: float,
) -> np.ndarray:
    """Exact l1 merit; infinite where a candidate failed."""
    with np.errstate(invalid="ignore", over="ignore"):
        value = achievement(objectives, weight, anchor) + penalty * violation(margins, target)
    return np.where(valid & np.isfinite(value), value, np.inf)


def compressed(margins: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Margins for the subproblem, and their slopes: log(1 + g) above zero, unchanged below.

    A margin of 1e4 (a limit that is met many times over) would otherwise spoil the subproblem's scaling. Value and
    slope agree with the margin's own where it is active.
    """
    surplus = np.maximum(margins, 0.0)
    return np.where(margins > 0.0, np.log1p(surplus), margins), 1.0 / (1.0 + surplus)


def merit_slopes(
    objectives: np.ndarray,
    margins: np.ndarray,
    weight: np.ndarray,
    anchor: np.ndarray,
    multipliers: np.ndarray,
    penalty: np.ndarray,
    target: float,
) -> np.ndarray:
    """Slopes (B, m + p) to objectives, then margins, of the augmented Lagrangian of the gradient phase:

        T log sum exp(rows / T) + SUM_SHARE sum(rows) + sum(max(0, z + penalty (target - margins))^2) / (2 penalty)

    with rows = weight (objectives - anchor) and T = TEMPERATURE, the width of the soft maximum in spans of the front.
    """
    rows = weight * (objectives - anchor) / TEMPERATURE
    powers = np.exp(rows - rows.max(axis=-1, keepdims=True))
    shares = powers / powers.sum(axis=-1, keepdims=True)
    held = np.maximum(multipliers + penalty[:, None] * (target - margins), 0.0)
    return np.concatenate([(shares + SUM_SHARE) * weight, -held], axis=-1)
