"""Direct solution of the tangent system: ring by ring from the outside and from the shaft, both gap rings last.

Rings are coupled to their neighbours only, so each side is block tridiagonal: S_1 = D_1, S_k+1 = D_k+1 - E_k^T S_k^-1 E_k,
by Cholesky factors S_k = L_k L_k^T and Y_k = L_k^-1 E_k. The two last Schur complements meet in one dense system with
the air-gap element.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.scipy.linalg import solve_triangular

from edu_opt.motor.field.elements import Stiffness
from edu_opt.numerics.pytree import pytree

Potentials = tuple[jax.Array, jax.Array]


@pytree
class SideFactor:
    """Factors of one side: `lower` (rings - 1, n, n), `carried` Y (rings - 1, n, n)."""

    lower: jax.Array
    carried: jax.Array


@pytree
class Factor:
    """Factorization of the whole tangent system; `joint` (stator + rotor columns, same) of both gap rings."""

    stator: SideFactor
    rotor: SideFactor
    joint: jax.Array


def _ring(diagonal: jax.Array, along: jax.Array) -> jax.Array:
    """Dense periodic tridiagonal matrices (..., n, n) of a ring; wrap signs are in `along`."""
    n = diagonal.shape[-1]
    shift = np.roll(np.eye(n), 1, 1).astype(diagonal.dtype)
    band = along[..., :, None] * shift
    return diagonal[..., :, None] * np.eye(n, dtype=diagonal.dtype) + band + jnp.swapaxes(band, -1, -2)


def _between(straight: jax.Array, forward: jax.Array, backward: jax.Array) -> jax.Array:
    """Dense coupling (..., n, n) from the nodes of a ring (rows) to those of the next (columns)."""
    n = straight.shape[-1]
    shift = np.roll(np.eye(n), 1, 1).astype(straight.dtype)
    return (
        straight[..., :, None] * np.eye(n, dtype=straight.dtype)
        + forward[..., :, None] * shift
        + jnp.swapaxes(backward[..., :, None] * shift, -1, -2)
    )


def _cholesky(matrix: jax.Array) -> jax.Array:
    return lax.linalg.cholesky(matrix, symmetrize_input=False)


def _forward(lower: jax.Array, right: jax.Array) -> jax.Array:
    return solve_triangular(lower, right, lower=True)


def _backward(lower: jax.Array, right: jax.Array) -> jax.Array:
    return solve_triangular(lower, right, lower=True, trans=1)


def _factor_side(k: Stiffness) -> tuple[jax.Array, SideFactor]:
    """Schur complement of the last ring and the factors of all others."""
    rings = _ring(k.diagonal, k.along)
    couplings = _between(k.straight, k.forward, k.backward)

    def step(schur, inputs):
        following, coupling = inputs
        lower = _cholesky(schur)
        carried = _forward(lower, coupling)
        return following - carried.T @ carried, SideFactor(lower=lower, carried=carried)

    return lax.scan(step, rings[0], (rings[1:], couplings))


def factorize(stator: Stiffness, rotor: Stiffness, gap: tuple[jax.Array, jax.Array, jax.Array], dtype: str) -> Factor:
    """Factorization in `dtype` of the stiffness of both sides and the air gap's (stator, rotor, coupling) matrices."""
    stator, rotor, gap = jax.tree.map(lambda a: a.astype(dtype), (stator, rotor, gap))
    last_stator, side_stator = _factor_side(stator)
    last_rotor, side_rotor = _factor_side(rotor)
    joint = jnp.block([[last_stator + gap[0], gap[2]], [gap[2].T, last_rotor + gap[1]]])
    return Factor(stator=side_stator, rotor=side_rotor, joint=_cholesky(joint))


def _reduce(side: SideFactor, right: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Right side of the last ring and the intermediate vectors of the others."""

    def step(current, inputs):
        lower, carried, following = inputs
        half = _forward(lower, current)
        return following - half @ carried, half

    return lax.scan(step, right[0], (side.lower, side.carried, right[1:]))


def _expand(side: SideFactor, halves: jax.Array, last: jax.Array) -> jax.Array:
    """Unknowns of all rings from those of the last one."""

    def step(following, inputs):
        lower, carried, half = inputs
        current = _backward(lower, half - carried @ following)
        return current, current

    _, before = lax.scan(step, last, (side.lower, side.carried, halves), reverse=True)
    return jnp.concatenate([before, last[None]])


def solve_factorized(factor: Factor, right: Potentials) -> Potentials:
    """Solution of the tangent system for a right side of potentials' shape; keeps the right side's dtype."""
    dtype, columns = right[0].dtype, right[0].shape[1]
    stator, rotor = (r.astype(factor.joint.dtype) for r in right)
    last_stator, halves_stator = _reduce(factor.stator, stator)
    last_rotor, halves_rotor = _reduce(factor.rotor, rotor)
    ends = _backward(factor.joint, _forward(factor.joint, jnp.concatenate([last_stator, last_rotor])))
    return (
        _expand(factor.stator, halves_stator, ends[:columns]).astype(dtype),
        _expand(factor.rotor, halves_rotor, ends[columns:]).astype(dtype),
    )
