"""Roots of one to three smooth equations: damped Newton steps of a fixed count, implicit derivatives."""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

DAMPINGS = np.array([1.0, 0.5, 0.25, 0.125, 0.03])


def small_solve(matrix: jax.Array, right: jax.Array) -> jax.Array:
    """matrix^-1 right for n = 1, 2, 3 by cofactors (Cramer's rule): no factorization, no pivots."""
    n = right.shape[0]
    if n == 1:
        return right / matrix[0]
    if n == 2:
        (a, b), (c, d) = matrix
        return jnp.stack([d * right[0] - b * right[1], a * right[1] - c * right[0]]) / (a * d - b * c)
    columns = matrix.T
    cofactors = jnp.stack([jnp.cross(columns[(k + 1) % 3], columns[(k + 2) % 3]) for k in range(3)])
    return cofactors @ right / (columns[0] @ cofactors[0])


def small_root(residual: Callable[[jax.Array], jax.Array], start: jax.Array, steps: int = 12) -> jax.Array:
    """x (n,) with residual(x) = 0, n <= 3, from a start (no derivative goes through it).

    Every step takes the best of a few dampings of Newton's step; monotone residuals (gradient of a convex function
    plus a rotation) converge from anywhere. Derivatives of any order and mode by the implicit function theorem.
    """

    def newton(function, first):
        def value_and_slopes(x):
            return jax.jacfwd(lambda at: (function(at),) * 2, has_aux=True)(x)

        def step(_, carry):
            x, move = carry
            tried = x - DAMPINGS[:, None] * move
            slopes, values = jax.vmap(value_and_slopes)(tried)
            size = jnp.sum(values**2, 1)
            best = jnp.argmin(jnp.where(jnp.isfinite(size), size, jnp.inf))
            return tried[best], small_solve(slopes[best], values[best])

        return lax.fori_loop(0, steps + 1, step, (first, jnp.zeros_like(first)))[0]

    def tangent(linear, right):
        return small_solve(jax.vmap(linear, out_axes=1)(jnp.eye(right.shape[0])), right)

    return lax.custom_root(residual, lax.stop_gradient(start), newton, tangent)
