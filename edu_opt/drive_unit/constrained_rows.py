"""Rows of a small constrained problem (objective, equality, inequalities) and their second-order models.

What is costly in the rows is a vector of *fields*; their values and slopes are exact at every model, their curvature is
exact where it is known and learnt from step to step (Powell-symmetric-Broyden) where it is not.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp

from edu_opt.numerics.pytree import pytree


class Rows(NamedTuple):
    """The problem as plain functions: what is costly to evaluate, and what is cheap once that is known.

    `fields(params, x (n,)) -> (k,)`; `rows(params, x, fields (k,)) -> (2 + m,)`: objective, equality, inequalities,
    each scaled to order one. Derivatives of the fields to x, where given (else they are differentiated automatically):
    `expand(params, x)` returns value (k,), slope (k, n) and the exact curvature (j, n, n) of the first j fields; the
    curvature of the others is learnt from step to step. `slopes(params, x)` returns value and slope in a form that is
    cheap to differentiate in the parameters, `curvature(params, x)` is exact (k, n, n): the solution's derivatives
    take these.
    """

    fields: Callable
    rows: Callable
    expand: Callable | None = None
    slopes: Callable | None = None
    curvature: Callable | None = None

    def at(self, params: object, x: jax.Array) -> jax.Array:
        """Row values (2 + m,)."""
        return self.rows(params, x, self.fields(params, x))


def contract(matrix: jax.Array, vector: jax.Array) -> jax.Array:
    """Product (..., n) with (n,) over the last axis, as a sum of products: XLA fuses it, unlike a dot."""
    return jnp.sum(matrix * vector, -1)


def value_and_derivatives(
    function: Callable[[jax.Array], jax.Array], x: jax.Array
) -> tuple[jax.Array, jax.Array, jax.Array]:
    """Rows (r,), their Jacobian (r, n) and Hessians (r, n, n), forward over forward (n is 2 or 3)."""

    def first(at: jax.Array) -> tuple[jax.Array, tuple[jax.Array, jax.Array]]:
        value, slope = value_and_jacobian(function, at)
        return slope, (value, slope)

    curvature, (value, slope) = jax.jacfwd(first, has_aux=True)(x)
    return value, slope, curvature


def value_and_jacobian(function: Callable[[jax.Array], jax.Array], x: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Rows (r,) and their Jacobian (r, n)."""
    value, push = jax.linearize(function, x)
    return value, jax.vmap(push, out_axes=-1)(jnp.eye(x.size, dtype=x.dtype))


@pytree
class QuadraticModel:
    """Rows to second order around `centre` (n,): value (r,), slope (r, n), curvature (r, n, n)."""

    centre: jax.Array
    value: jax.Array
    slope: jax.Array
    curvature: jax.Array


@pytree
class FieldModel:
    """The costly functions around a point: where, value (k,), slope (k, n), learnt curvature (k, n, n)."""

    centre: jax.Array
    value: jax.Array
    slope: jax.Array
    curvature: jax.Array

    def at(self, x: jax.Array) -> jax.Array:
        """Value (k,) of the second-order model at x (n,)."""
        step = x - self.centre
        return self.value + jnp.sum((self.slope + 0.5 * jnp.sum(self.curvature * step, -1)) * step, -1)


def learn(model: FieldModel, rows: Rows, params: object, x: jax.Array) -> FieldModel:
    """Model at a new point: exact value and slope; curvature exact where known, else Powell-symmetric-Broyden."""
    if rows.expand is None:
        (value, slope), known = value_and_jacobian(partial(rows.fields, params), x), None
    else:
        value, slope, known = rows.expand(params, x)
    step = x - model.centre
    square = jnp.sum(step * step) + 1e-16
    missing = slope - model.slope - jnp.sum(model.curvature * step, -1)  # (k, n)
    outer = missing[:, :, None] * step + missing[:, None, :] * step[:, None]
    along = jnp.sum(missing * step, -1)[:, None, None] * (step[:, None] * step)
    curvature = model.curvature + outer / square - along / square**2
    if known is not None:
        curvature = jnp.concatenate([known, curvature[known.shape[0] :]])
    return FieldModel(centre=x, value=value, slope=slope, curvature=curvature)


def fields_and_slopes(rows: Rows, params: object, x: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Fields (k,) and their slopes (k, n)."""
    return rows.slopes(params, x) if rows.slopes else value_and_jacobian(partial(rows.fields, params), x)


def exact_fields(rows: Rows, params: object, x: jax.Array) -> FieldModel:
    """Fields to second order around x."""
    if rows.slopes is None or rows.curvature is None:
        value, slope, curvature = value_and_derivatives(partial(rows.fields, params), x)
    else:
        (value, slope), curvature = rows.slopes(params, x), rows.curvature(params, x)
    return FieldModel(centre=x, value=value, slope=slope, curvature=curvature)


def quadratic_model(rows: Rows, params: object, fields: FieldModel) -> QuadraticModel:
    """Second-order model of the rows at the centre of the field model."""
    value, slope, curvature = value_and_derivatives(lambda x: rows.rows(params, x, fields.at(x)), fields.centre)
    return QuadraticModel(centre=fields.centre, value=value, slope=slope, curvature=curvature)
