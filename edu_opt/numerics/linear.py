"""Small dense symmetric systems from matrix products and short sweeps alone.

Library factorizations of many small matrices start threads for each of them, which costs a hundred times their work on
a busy CPU; two of them in one program can wait for each other's threads for ever (seen with jaxlib 0.10 on two cores);
on a GPU they are slow.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

SWEEP_SIZE = 14  # largest block that is inverted by sweeps


@jax.custom_jvp
def symmetric_inverse(matrix: jax.Array) -> jax.Array:
    """Inverse of a symmetric matrix (n, n), positive definite or with leading blocks that are regular.

    Two by two blocks, recursively. Accuracy: relative error about the condition number times rounding.
    """
    return _block_inverse(matrix)


@symmetric_inverse.defjvp
def _symmetric_inverse_jvp(primals, tangents):
    inverse = symmetric_inverse(primals[0])
    return inverse, -inverse @ tangents[0] @ inverse


@jax.custom_jvp
def symmetric_solve(matrix: jax.Array, right: jax.Array) -> jax.Array:
    """matrix^-1 right for a symmetric matrix (n, n) and right (n, k); its derivative needs no product of matrices."""
    return symmetric_inverse(matrix) @ right


@symmetric_solve.defjvp
def _symmetric_solve_jvp(primals, tangents):
    inverse = symmetric_inverse(primals[0])
    solution = inverse @ primals[1]
    return solution, inverse @ (tangents[1] - tangents[0] @ solution)


def _block_inverse(matrix: jax.Array) -> jax.Array:
    n = matrix.shape[-1]
    if n <= SWEEP_SIZE:
        return _swept_inverse(matrix)
    half = n // 2
    first, mixed, second = matrix[:half, :half], matrix[:half, half:], matrix[half:, half:]
    first_inverse = _block_inverse(first)
    eliminated = first_inverse @ mixed
    second_inverse = _block_inverse(second - mixed.T @ eliminated)
    corner = -eliminated @ second_inverse
    return jnp.block([[first_inverse - corner @ eliminated.T, corner], [corner.T, second_inverse]])


def _swept_inverse(matrix: jax.Array) -> jax.Array:
    """Inverse by the sweep operator, pivot by pivot (Goodnight, The American Statistician 33, 1979)."""
    index = np.arange(matrix.shape[-1])

    def sweep(k, current):
        column = lax.dynamic_index_in_dim(current, k, 1, keepdims=False)
        pivot = 1.0 / column[k]
        scaled, hit = column * pivot, index == k
        swept = current - scaled[:, None] * column[None, :]
        swept = jnp.where(hit[:, None], scaled[None, :], jnp.where(hit[None, :], scaled[:, None], swept))
        return jnp.where(hit[:, None] & hit[None, :], -pivot, swept)

    return -lax.fori_loop(0, index.size, sweep, matrix)


def cholesky_inverse(matrix: jax.Array) -> jax.Array:
    """Inverse W of the Cholesky factor of a positive definite matrix K (n, n): W K W^T = 1, K^-1 b = W^T (W b).

    Solving with it is as accurate as substitution in practice (Higham, Accuracy and Stability of Numerical Algorithms,
    ch. 14), unlike an explicit K^-1. Not-a-number where K is not positive definite. Carries no useful derivatives.
    """
    n = matrix.shape[-1]
    if n <= SWEEP_SIZE:
        return _eliminated(matrix)
    half = n // 2
    first = cholesky_inverse(matrix[:half, :half])
    below = matrix[half:, :half] @ first.T
    second = cholesky_inverse(matrix[half:, half:] - below @ below.T)
    corner = -second @ (below @ first)
    return jnp.block([[first, jnp.zeros((half, n - half))], [corner, second]])


def _eliminated(matrix: jax.Array) -> jax.Array:
    """Elimination of [K | 1] without pivoting, rows scaled by the roots of their pivots: the right half becomes W."""
    n = matrix.shape[-1]
    index = np.arange(n)

    def eliminate(k, rows):
        row = lax.dynamic_index_in_dim(rows, k, 0, keepdims=False)
        column = lax.dynamic_index_in_dim(rows, k, 1, keepdims=False)
        scaled = row / jnp.sqrt(column[k])
        factor = jnp.where(index > k, column / jnp.sqrt(column[k]), 0.0)
        return jnp.where((index == k)[:, None], scaled, rows - factor[:, None] * scaled)

    return lax.fori_loop(0, n, eliminate, jnp.concatenate([matrix, jnp.eye(n, dtype=matrix.dtype)], 1))[:, n:]
