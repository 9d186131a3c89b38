"""Damped BFGS approximation of the Lagrangian's Hessian, batched in numpy."""

from __future__ import annotations

import numpy as np

DAMPING = 0.2  # Powell's threshold (Nocedal and Wright, Numerical Optimization, 2nd ed., procedure 18.2)
CURVATURE_LIMIT = 1e5


def updated_hessian(hessian: np.ndarray, step: np.ndarray, change: np.ndarray, fresh: np.ndarray) -> np.ndarray:
    """Hessians (L, n, n) after steps (L, n) that changed the Lagrangian's gradient by (L, n).

    Where `fresh`, the start is first rescaled to the curvature along the step (eq. 6.20 there). Steps that are too
    short, and results that are not finite or too large, leave the matrix as it was.
    """
    square, inner = np.einsum("ln,ln->l", step, step), np.einsum("ln,ln->l", step, change)
    usable = square > 1e-20
    ratio = np.einsum("ln,ln->l", change, change) / np.where(inner > 1e-12 * square, inner, np.inf)
    scale = np.where(fresh & usable & (ratio > 0), np.clip(ratio, 1e-2, 1e2), np.nan)
    identity = np.eye(hessian.shape[1])
    base = np.where(np.isfinite(scale)[:, None, None], np.nan_to_num(scale)[:, None, None] * identity, hessian)
    product = np.einsum("lij,lj->li", base, step)
    quadratic = np.einsum("li,li->l", step, product)
    safe = np.where(usable & (quadratic > 0), quadratic, 1.0)
    mix = np.where(
        inner >= DAMPING * quadratic, 1.0, (1 - DAMPING) * safe / np.where(inner < quadratic, safe - inner, 1.0)
    )
    damped = mix[:, None] * change + (1 - mix)[:, None] * product
    denominator = np.einsum("ln,ln->l", step, damped)
    denominator = np.where(denominator > 0, denominator, np.inf)
    result = base - product[:, :, None] * product[:, None, :] / safe[:, None, None]
    result = result + damped[:, :, None] * damped[:, None, :] / denominator[:, None, None]
    good = (
        usable
        & (quadratic > 0)
        & np.isfinite(result).all(axis=(1, 2))
        & (np.abs(result).max(axis=(1, 2)) < CURVATURE_LIMIT)
    )
    return np.where(good[:, None, None], 0.5 * (result + result.transpose(0, 2, 1)), hessian)
