"""First-order certificates: multipliers, KKT residual and shadow prices of exact designs.

For each design the quadratic program `min t + stiffness/2 |d|^2` over the linearized rows, with all objective rows
passing through the design, has d = 0 exactly where multipliers lambda >= 0 (sum 1) and z >= 0 exist that make the
gradient of `sum lambda_k F_k / span_k - sum z_j g_j` vanish on the free variables: Pareto-criticality. Otherwise
stiffness * d is the smallest such gradient, which is the residual that is reported. It does not depend on the
direction that found the design.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from edu_opt.optimize.scalarization import SUM_SHARE, compressed
from edu_opt.optimize.sequential_quadratic import solve_subproblems
from edu_opt.optimize.settings import OptimizerSettings

STIFFNESS = 1e3  # constraints with a margin above |gradient| / STIFFNESS count as inactive
PAYS = 0.01  # multiplier (they sum to 1) from which an objective can pay for a limit alone
ON_BOUND = 1e-6  # distance to a bound (unit cube) within which a variable counts as lying on it


@dataclasses.dataclass(frozen=True)
class Certificate:
    """Per design: multipliers of objectives (K, m) and margins (K, p) in normalized units, residuals (K,).

    `objective_multipliers` belong to F / span and sum to one; `margin_multipliers` are the loss of scaled objective
    per unit of relative margin. `kkt_residual` is the largest of stationarity, violation and complementarity; the first
    and the last are divided by the largest of 1, the mean multiplier and the objectives' own slope.
    """

    objective_multipliers: np.ndarray
    margin_multipliers: np.ndarray
    span: np.ndarray
    kkt_residual: np.ndarray
    stationarity: np.ndarray

    @property
    def price_along_ray(self) -> np.ndarray:
        """d F_k / d limit_j (K, p, m) where all objectives give way together, by equal shares of the front's span."""
        return self.margin_multipliers[:, :, None] * self.span

    @property
    def price_alone(self) -> np.ndarray:
        """d F_k / d limit_j (K, p, m) where objective k alone gives way and the others hold; NaN where it cannot (its
        multiplier is below `PAYS`: more of it buys hardly any of the others)."""
        share = self.objective_multipliers[:, None, :]
        price = self.margin_multipliers[:, :, None] * self.span / np.where(share > PAYS, share, np.nan)
        return np.where(self.margin_multipliers[:, :, None] == 0.0, 0.0, price)


def certify(
    x: np.ndarray,
    margins: np.ndarray,
    jacobian: np.ndarray,
    span: np.ndarray,
    frozen: np.ndarray,
    settings: OptimizerSettings,
) -> Certificate:
    """Certificates of exact designs x (K, n) with margins (K, p) and raw Jacobians (K, m + p, n)."""
    lanes, variables = x.shape
    count = span.size
    mild, slope = compressed(margins)
    matrix = np.concatenate([jacobian[:, :count] / span[:, None], -slope[:, :, None] * jacobian[:, count:]], axis=1)
    held = np.minimum(settings.margin_target - mild, 0.0)  # at or below the target: active, without a push upwards
    values = np.concatenate([np.zeros((lanes, count)), held], axis=1)
    hessian = np.broadcast_to(STIFFNESS * np.eye(variables), (lanes, variables, variables))
    free = ~frozen
    lower, upper = -x * free, (1.0 - x) * free
    penalty = np.full(lanes, settings.penalty_limit)
    quadratic = solve_subproblems(count, settings, hessian, values, matrix, lower, upper, penalty)
    share = np.where(np.arange(values.shape[1]) < count, SUM_SHARE, 0.0)
    multipliers = (quadratic.multipliers + share) / (1.0 + count * SUM_SHARE)
    weights, z = multipliers[:, :count], multipliers[:, count:]
    gradient = np.einsum("lr,lrn->ln", multipliers, matrix)
    at_low, at_high = x <= ON_BOUND, x >= 1.0 - ON_BOUND
    gradient = np.where(at_low, np.minimum(gradient, 0.0), np.where(at_high, np.maximum(gradient, 0.0), gradient))
    slopes = np.einsum("lk,lkn->ln", weights, np.abs(matrix[:, :count]))
    scale = np.maximum(1.0, np.maximum(z.mean(axis=1), (slopes * free).max(axis=1)))
    stationarity = np.abs(gradient * free).max(axis=1) / scale
    shortfall = np.maximum(-margins, 0.0).max(axis=1, initial=0.0)
    complementarity = np.abs(z * np.maximum(margins - settings.margin_target, 0.0)).max(axis=1, initial=0.0) / scale
    residual = np.maximum(np.maximum(stationarity, shortfall), complementarity)
    active = z > 1e-6 * np.maximum(1.0, z.max(axis=1, keepdims=True, initial=0.0))
    return Certificate(weights, np.where(active, z, 0.0), span, residual, stationarity)
