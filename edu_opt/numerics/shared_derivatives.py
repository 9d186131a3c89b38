"""Derivatives that are formed once as matrices, however many tangents are pushed through them.

A Jacobian over dozens of design variables pushes dozens of tangents through every operating point. Where a costly
function depends on a few numbers and, linearly, on many, its derivatives fit into two small matrices: forming them
costs a few evaluations, each tangent then a product with them. Derivatives of the matrices are shared in turn.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import partial

import jax
import jax.numpy as jnp

Function = Callable[..., jax.Array]  # (form, few (a,), many or None)


def shared_derivatives(function: Function) -> Function:
    """`function(form, few (a,), many)`, linear in the array `many` or without it (None), as a decorator.

    `form` is static and hashable; the result has any shape. Derivatives exist in forward
    and reverse mode and to any order.
    """

    @partial(jax.custom_jvp, nondiff_argnums=(0,))
    def wrapped(form: Hashable, few: jax.Array, many: jax.Array | None) -> jax.Array:
        return function(form, few, many)

    @wrapped.defjvp
    def _rule(form, primals, tangents):
        few, many = primals
        by_few = shared_derivatives(partial(_slopes_to_few, function))(form, few, many)
        change = by_few @ tangents[0]
        if many is not None:
            by_many = shared_derivatives(partial(_slopes_to_many, function, many.shape))(form, few, None)
            change = change + by_many @ tangents[1].reshape(-1)
        return wrapped(form, few, many), change

    return wrapped


def _slopes_to_few(function: Function, form: Hashable, few: jax.Array, many: jax.Array | None) -> jax.Array:
    """(..., a)."""
    return jax.jacfwd(lambda at: function(form, at, many))(few)


def _slopes_to_many(
    function: Function, shape: tuple[int, ...], form: Hashable, few: jax.Array, many: None
) -> jax.Array:
    """(..., size of many): entries are pulled back, because results are fewer than weights."""
    like = jnp.zeros(shape)
    result = jax.eval_shape(lambda weights: function(form, few, weights), like)
    pull = jax.linear_transpose(lambda weights: function(form, few, weights), like)
    rows = jnp.eye(result.size).reshape(result.size, *result.shape)
    return jax.vmap(lambda row: pull(row)[0].reshape(-1))(rows).reshape(*result.shape, like.size)
