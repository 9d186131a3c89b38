"""Derivatives of an interior-point solution by the implicit function theorem.

The derivative solves the Newton system of the barrier problem once, at the solution (`custom_jvp` whose rule is
differentiable and transposable: forward, reverse, and forward over reverse).
"""

from __future__ import annotations

from functools import partial
from typing import TypeVar

import jax
import jax.numpy as jnp

from edu_opt.drive_unit.constrained_rows import (
    Rows,
    contract,
    exact_fields,
    fields_and_slopes,
    quadratic_model,
    value_and_jacobian,
)
from edu_opt.drive_unit.interior_point import InteriorPoint, Solution, iterate, solve_symmetric

P = TypeVar("P")

FIRMNESS = 1e3  # weight of the equality's square in the matrix of the derivatives (rows are of order one)


def residual(rows: Rows, settings: InteriorPoint, equality: bool, params: P, solution: Solution) -> jax.Array:
    """Relative stationarity residual of a solution; below about 1e-3 it is converged."""
    multiplier, z = solution.multiplier, solution.multipliers
    gradient = stationarity(rows, settings, equality, params, solution.x, multiplier, z)[0]
    return jnp.max(jnp.abs(gradient)) / (1.0 + jnp.abs(multiplier) + jnp.sum(z))


def stationarity(
    rows: Rows,
    settings: InteriorPoint,
    equality: bool,
    params: P,
    x: jax.Array,
    multiplier: jax.Array,
    multipliers: jax.Array,
) -> tuple[jax.Array, jax.Array, jax.Array]:
    """Residuals of the barrier problem at mu_final: Lagrangian gradient (n,), equality (), inequalities (m,)."""
    fields, field_slopes = fields_and_slopes(rows, params, x)
    value, slope = value_and_jacobian(lambda y: rows.rows(params, y, fields + contract(field_slopes, y - x)), x)
    mu, price, wall = settings.mu_final, settings.price_equality, settings.price_inequality
    gradient = slope[0] + jnp.sum(multipliers[:, None] * slope[2:], 0)
    inequality = value[2:] + mu / multipliers - mu / (wall - multipliers)
    if not equality:
        return gradient, jnp.zeros(()), inequality
    balance = value[1] - mu / (price - multiplier) + mu / (price + multiplier)
    return gradient + multiplier * slope[1], balance, inequality


def minimize(rows: Rows, settings: InteriorPoint, equality: bool, params: P, start: jax.Array) -> Solution:
    """Solution of the barrier problem; differentiable in `params`, not in `start`.

    `rows` must be a plain function (no traced values in its closure): everything that varies goes through `params`.
    `equality` False ignores row 1.
    """
    return with_derivatives(rows, settings, equality, params, iterate(rows, settings, equality, params, start))


@partial(jax.custom_jvp, nondiff_argnums=(0, 1, 2))
def with_derivatives(rows: Rows, settings: InteriorPoint, equality: bool, params: P, known: Solution) -> Solution:
    """The `known` solution, as a function of `params` (implicit function theorem): solving and differentiating are two
    programs, and a Jacobian never repeats a search."""
    return known


@with_derivatives.defjvp
def _with_derivatives_jvp(rows, settings, equality, primals, tangents):
    params, known = primals
    solution = with_derivatives(rows, settings, equality, params, known)
    x, multiplier, multipliers = solution.x, solution.multiplier, solution.multipliers

    def at_solution(p):
        return stationarity(rows, settings, equality, p, x, multiplier, multipliers)

    _, (r_gradient, r_balance, r_inequality) = jax.jvp(at_solution, (params,), (tangents[0],))
    mu, price, wall = settings.mu_final, settings.price_equality, settings.price_inequality
    model = quadratic_model(rows, params, exact_fields(rows, params, x))
    slope, curvature = model.slope, model.curvature
    stiffness = 1.0 / (mu / multipliers**2 + mu / (wall - multipliers) ** 2)
    matrix = curvature[0] + jnp.sum(multipliers[:, None, None] * curvature[2:], 0)
    matrix = matrix + jnp.sum((stiffness[:, None] * slope[2:])[:, :, None] * slope[2:, None, :], 0)
    right = r_gradient + jnp.sum((stiffness * r_inequality)[:, None] * slope[2:], 0)
    if not equality:
        dx, d_multiplier = -solve_symmetric(matrix, right, 1e-14), jnp.zeros(())
    else:
        # bordered, not condensed: the equality is about 1e8 times stiffer than the rest, and rounding would be
        # amplified by that in the multiplier and in second derivatives. `firm` keeps the matrix definite.
        flex = mu / (price - multiplier) ** 2 + mu / (price + multiplier) ** 2
        firm = 1.0 / (1.0 / FIRMNESS + flex)
        matrix = matrix + multiplier * curvature[1] + firm * slope[1][:, None] * slope[1]
        free = -solve_symmetric(matrix, right + firm * r_balance * slope[1], 1e-14)
        tied = -solve_symmetric(matrix, (1.0 - firm * flex) * slope[1], 1e-14)
        d_multiplier = (r_balance + contract(slope[1], free)) / (flex - contract(slope[1], tied))
        dx = free + tied * d_multiplier
    change = Solution(
        x=dx,
        multiplier=d_multiplier,
        multipliers=stiffness * (contract(slope[2:], dx) + r_inequality),
    )
    return solution, change
