"""Batched dense elastic quadratic programs by a primal-dual interior point with a fixed iteration count.

One lane solves, for the step d (n,) and the epigraph variable t,

    min  t + share * sum_k (R d)_k + 1/2 d' H d + penalty * sum_j e_j
    s.t. R_k d + r_k <= t              (objective rows k < m)
         R_j d + r_j <= e_j, e_j >= 0  (constraint rows, elastic: always solvable)
         lower <= d <= upper           (trust region, unit cube, frozen variables: lower = upper)

Mehrotra's predictor-corrector (SIAM J. Optim. 2 (1992) 575-601) on the elastic form, in which every row carries a
slack s, an excess e and a multiplier 0 < z < penalty with s z = mu and e (penalty - z) = mu. Rows may not hold at the
start; the first full step makes them, whatever they are, because the excess is free.
"""

from __future__ import annotations

import functools
from collections.abc import Callable

import jax
import jax.numpy as jnp

from edu_opt.numerics.linear import cholesky_inverse
from edu_opt.numerics.pytree import pytree
from edu_opt.optimize.scalarization import SUM_SHARE

START_BARRIER = 0.1
LEAST_SLACK = 0.01  # of a row at the start
TO_THE_BOUNDARY = 0.995
CONVERGED = 1e-11  # mean complementarity, in units of the front's span


@pytree
class QuadraticStep:
    """Step (n,), multipliers of the rows (r,) and of the bounds (n,; positive at the upper one), model values.

    `model_start` and `model_end` are the l1 model at d = 0 and at the step; `gap` is the mean complementarity left.
    """

    step: jax.Array
    multipliers: jax.Array
    bound_multipliers: jax.Array
    model_start: jax.Array
    model_end: jax.Array
    gap: jax.Array


@pytree
class _Iterate:
    v: jax.Array  # step scaled to [-1, 1] by the box
    t: jax.Array
    slack: jax.Array
    excess: jax.Array
    z: jax.Array
    z_low: jax.Array
    z_high: jax.Array


@pytree
class _Scaled:
    hessian: jax.Array
    linear: jax.Array
    matrix: jax.Array
    constant: jax.Array
    is_objective: jax.Array
    penalty: jax.Array


def solve_quadratic(
    objectives: int,
    iterations: int,
    hessian: jax.Array,
    values: jax.Array,
    matrix: jax.Array,
    lower: jax.Array,
    upper: jax.Array,
    penalty: jax.Array,
) -> QuadraticStep:
    """Solve one lane; `values` (r,), `matrix` (r, n), the first `objectives` rows are objective rows."""
    middle, half = 0.5 * (lower + upper), 0.5 * (upper - lower)
    is_objective = (jnp.arange(values.shape[0]) < objectives).astype(values.dtype)
    linear = SUM_SHARE * (is_objective @ matrix)
    scaled = _Scaled(
        hessian=half[:, None] * hessian * half,
        linear=half * (linear + hessian @ middle),
        matrix=matrix * half,
        constant=values + matrix @ middle,
        is_objective=is_objective,
        penalty=penalty,
    )
    last, _ = jax.lax.scan(lambda it, _: (_newton(scaled, it), None), _start(scaled, objectives), length=iterations)
    step = middle + half * last.v
    safe_half = jnp.where(half > 0, half, 1.0)
    return QuadraticStep(
        step=step,
        multipliers=last.z,
        bound_multipliers=jnp.where(half > 0, (last.z_high - last.z_low) / safe_half, 0.0),
        model_start=_model(hessian, values, linear, penalty, objectives, jnp.zeros_like(step), values),
        model_end=_model(hessian, values, linear, penalty, objectives, step, values + matrix @ step),
        gap=_gap(scaled, last),
    )


def _model(
    hessian: jax.Array,
    values: jax.Array,
    linear: jax.Array,
    penalty: jax.Array,
    objectives: int,
    step: jax.Array,
    moved: jax.Array,
) -> jax.Array:
    base = SUM_SHARE * jnp.sum(values[:objectives]) + linear @ step
    excess = jnp.sum(jnp.maximum(moved[objectives:], 0.0))
    return jnp.max(moved[:objectives]) + base + 0.5 * step @ hessian @ step + penalty * excess


def _start(scaled: _Scaled, objectives: int) -> _Iterate:
    """Centre of the box; every row has s z = e (penalty - z) = mu and a slack of at least `LEAST_SLACK`.

    Rows at their limit do not hold exactly then. Slacks that made them hold would be as small as mu / penalty, with
    multipliers of half the penalty, from which a penalty of 1e4 takes twice the iterations to come back, or never.
    """
    size = scaled.linear.shape[0]
    t = jnp.max(scaled.constant[:objectives]) + 0.1
    slack = jnp.maximum(scaled.is_objective * t - scaled.constant, LEAST_SLACK)
    z = jnp.minimum(START_BARRIER / slack, 0.5 * scaled.penalty)
    bound = jnp.full(size, START_BARRIER)
    return _Iterate(
        v=jnp.zeros(size),
        t=t,
        slack=slack,
        excess=START_BARRIER / (scaled.penalty - z),
        z=z,
        z_low=bound,
        z_high=bound,
    )


def _gap(scaled: _Scaled, it: _Iterate) -> jax.Array:
    pairs = it.slack @ it.z + it.excess @ (scaled.penalty - it.z)
    bounds = (1.0 + it.v) @ it.z_low + (1.0 - it.v) @ it.z_high
    return (pairs + bounds) / (2 * it.z.shape[0] + 2 * it.v.shape[0])


def _newton(scaled: _Scaled, it: _Iterate) -> _Iterate:
    """One predictor-corrector step; an iterate that has converged, or whose direction is not finite, stays as it is.

    Going on below `CONVERGED` would not help: round-off in the ever larger row weights spoils the multipliers.
    """
    factor, weight = _factorize(scaled, it)
    direction = functools.partial(_direction, scaled, it, factor, weight)
    zero = jax.tree.map(jnp.zeros_like, it)
    predictor = direction(jnp.zeros(()), zero)
    gap = _gap(scaled, it)
    ahead = _move(it, predictor, _step_length(scaled, it, predictor))
    centring = jnp.clip((_gap(scaled, ahead) / gap) ** 3, 1e-8, 1.0)
    corrector = direction(centring * gap, predictor)
    moved = _move(it, corrector, TO_THE_BOUNDARY * _step_length(scaled, it, corrector))
    fine = functools.reduce(jnp.logical_and, [jnp.all(jnp.isfinite(leaf)) for leaf in jax.tree.leaves(moved)])
    useful = fine & (gap > CONVERGED)
    return jax.tree.map(lambda new, old: jnp.where(useful, new, old), moved, it)


def _factorize(scaled: _Scaled, it: _Iterate) -> tuple[jax.Array, jax.Array]:
    weight = 1.0 / (it.slack / it.z + it.excess / (scaled.penalty - it.z))
    bound = it.z_low / (1.0 + it.v) + it.z_high / (1.0 - it.v)
    full = jnp.concatenate([scaled.matrix, -scaled.is_objective[:, None]], axis=1)
    kernel = (full.T * weight) @ full
    size = it.v.shape[0]
    kernel = kernel.at[:size, :size].add(scaled.hessian + jnp.diag(bound))
    diagonal = jnp.diag(kernel)
    return cholesky_inverse(kernel + jnp.diag(1e-13 * diagonal + 1e-14)), weight


def _direction(
    scaled: _Scaled, it: _Iterate, factor: jax.Array, weight: jax.Array, barrier: jax.Array, second: _Iterate
) -> _Iterate:
    """Newton direction towards complementarity `barrier`, with the second-order products of a predictor."""
    w = scaled.penalty - it.z
    low, high = 1.0 + it.v, 1.0 - it.v
    residual_v = scaled.hessian @ it.v + scaled.linear + scaled.matrix.T @ it.z - it.z_low + it.z_high
    residual_t = 1.0 - scaled.is_objective @ it.z
    residual_row = scaled.matrix @ it.v - scaled.is_objective * it.t + scaled.constant + it.slack - it.excess
    slack_free = (barrier - second.slack * second.z) / it.z - it.slack
    excess_free = (barrier + second.excess * second.z) / w - it.excess
    low_free = (barrier - second.v * second.z_low) / low - it.z_low
    high_free = (barrier + second.v * second.z_high) / high - it.z_high
    q = residual_row + slack_free - excess_free
    right_v = -residual_v - scaled.matrix.T @ (weight * q) + low_free - high_free
    right_t = -residual_t + scaled.is_objective @ (weight * q)
    solution = factor.T @ (factor @ jnp.concatenate([right_v, right_t[None]]))
    dv, dt = solution[:-1], solution[-1]
    dz = weight * (scaled.matrix @ dv - scaled.is_objective * dt + q)
    return _Iterate(
        v=dv,
        t=dt,
        slack=slack_free - it.slack / it.z * dz,
        excess=excess_free + it.excess / w * dz,
        z=dz,
        z_low=low_free - it.z_low / low * dv,
        z_high=high_free + it.z_high / high * dv,
    )


def _step_length(scaled: _Scaled, it: _Iterate, direction: _Iterate) -> jax.Array:
    """Largest step <= 1 that keeps slacks, excesses and multipliers non-negative."""
    values = (it.slack, it.excess, it.z, scaled.penalty - it.z, 1.0 + it.v, 1.0 - it.v, it.z_low, it.z_high)
    d = direction
    changes = (d.slack, d.excess, d.z, -d.z, d.v, -d.v, d.z_low, d.z_high)
    value, change = jnp.concatenate(values), jnp.concatenate(changes)
    shrinking = change < 0
    return jnp.minimum(1.0, jnp.min(jnp.where(shrinking, -value / jnp.where(shrinking, change, -1.0), jnp.inf)))


def _move(it: _Iterate, direction: _Iterate, length: jax.Array) -> _Iterate:
    return jax.tree.map(lambda value, change: value + length * change, it, direction)


@functools.cache
def quadratic_function(objectives: int, iterations: int) -> Callable[..., QuadraticStep]:
    """The solver of one lane with its static arguments bound (one object per pair, so that programs are shared)."""
    return functools.partial(solve_quadratic, objectives, iterations)
