"""Direct solution of the tangent system: ring by ring from the outside and from the shaft, both gap rings last.

Rings are coupled to their neighbours only, so each side is block tridiagonal: S_1 = D_1, S_k+1 = D_k+1 - E_k^T S_k^-1
E_k with E_k of three bands. The two last Schur complements meet in one dense system with the air-gap element.

The inverses are built from matrix products and small sweeps alone (`numerics.linear`).
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from edu_opt.motor.field.elements import Stiffness
from edu_opt.numerics.linear import symmetric_inverse
from edu_opt.numerics.pytree import pytree

Potentials = tuple[jax.Array, jax.Array]


@pytree
class SideFactor:
    """Inverse Schur complements of all rings but the last (rings - 1, n, n) and the couplings to the following
    rings."""

    inverse: jax.Array
    straight: jax.Array
    forward: jax.Array
    backward: jax.Array


@pytree
class Factor:
    """Factorization of the whole tangent system; `joint` is the inverse (stator + rotor columns, same) of both gap
    rings."""

    stator: SideFactor
    rotor: SideFactor
    joint: jax.Array


def _ring(diagonal: jax.Array, along: jax.Array) -> jax.Array:
    """Dense periodic tridiagonal matrices (..., n, n) of a ring; wrap signs are in `along`."""
    n = diagonal.shape[-1]
    band = along[..., :, None] * np.roll(np.eye(n), 1, 1).astype(diagonal.dtype)
    return diagonal[..., :, None] * np.eye(n, dtype=diagonal.dtype) + band + jnp.swapaxes(band, -1, -2)


def _schur_update(inverse: jax.Array, straight: jax.Array, forward: jax.Array, backward: jax.Array) -> jax.Array:
    """E^T X E for the three-band coupling E (row j: straight to j, forward to j + 1; backward: row j + 1 to j)."""
    right = inverse * straight + jnp.roll(inverse * forward, 1, 1) + jnp.roll(inverse, -1, 1) * backward
    right = lax.optimization_barrier(right)
    lower = straight[:, None] * right + jnp.roll(forward[:, None] * right, 1, 0)
    return lower + backward[:, None] * jnp.roll(right, -1, 0)


def _couple(straight: jax.Array, forward: jax.Array, backward: jax.Array, following: jax.Array) -> jax.Array:
    """E x for x on the following ring."""
    return straight * following + forward * jnp.roll(following, -1) + jnp.roll(backward * following, 1)


def _couple_back(straight: jax.Array, forward: jax.Array, backward: jax.Array, current: jax.Array) -> jax.Array:
    """E^T x for x on the current ring."""
    return straight * current + jnp.roll(forward * current, 1) + backward * jnp.roll(current, -1)


def _factor_side(k: Stiffness) -> tuple[jax.Array, SideFactor]:
    """Schur complement of the last ring and the factors of all others."""
    rings = _ring(k.diagonal, k.along)

    def step(schur, inputs):
        following, straight, forward, backward = inputs
        inverse = lax.optimization_barrier(symmetric_inverse(schur))
        return following - _schur_update(inverse, straight, forward, backward), inverse

    last, inverses = lax.scan(step, rings[0], (rings[1:], k.straight, k.forward, k.backward))
    return last, SideFactor(inverse=inverses, straight=k.straight, forward=k.forward, backward=k.backward)


def factorize(stator: Stiffness, rotor: Stiffness, gap: tuple[jax.Array, jax.Array, jax.Array], dtype: str) -> Factor:
    """Factorization in `dtype` of the stiffness of both sides and the air gap's (stator, rotor, coupling) matrices."""
    stator, rotor, gap = jax.tree.map(lambda a: a.astype(dtype), (stator, rotor, gap))
    last_stator, side_stator = _factor_side(stator)
    last_rotor, side_rotor = _factor_side(rotor)
    joint = jnp.block([[last_stator + gap[0], gap[2]], [gap[2].T, last_rotor + gap[1]]])
    return Factor(stator=side_stator, rotor=side_rotor, joint=symmetric_inverse(joint))


def _reduce(side: SideFactor, right: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Right side of the last ring and S^-1 times the right sides of the others."""

    def step(current, inputs):
        inverse, straight, forward, backward, following = inputs
        solved = inverse @ current
        return following - _couple_back(straight, forward, backward, solved), solved

    return lax.scan(step, right[0], (side.inverse, side.straight, side.forward, side.backward, right[1:]))


def _expand(side: SideFactor, solved: jax.Array, last: jax.Array) -> jax.Array:
    """Unknowns of all rings from those of the last one."""

    def step(following, inputs):
        inverse, straight, forward, backward, own = inputs
        current = own - inverse @ _couple(straight, forward, backward, following)
        return current, current

    inputs = (side.inverse, side.straight, side.forward, side.backward, solved)
    _, before = lax.scan(step, last, inputs, reverse=True)
    return jnp.concatenate([before, last[None]])


def solve_factorized(factor: Factor, right: Potentials) -> Potentials:
    """Solution of the tangent system for a right side of potentials' shape; keeps the right side's dtype."""
    dtype, columns = right[0].dtype, right[0].shape[1]
    stator, rotor = (r.astype(factor.joint.dtype) for r in right)
    last_stator, solved_stator = _reduce(factor.stator, stator)
    last_rotor, solved_rotor = _reduce(factor.rotor, rotor)
    ends = factor.joint @ jnp.concatenate([last_stator, last_rotor])
    return (
        _expand(factor.stator, solved_stator, ends[:columns]).astype(dtype),
        _expand(factor.rotor, solved_rotor, ends[columns:]).astype(dtype),
    )
