"""A batched interior point for two or three unknowns: fixed trip count, smooth in its parameters.

    minimize f(x)   subject to   h(x) = 0 (elastic, optional),   c_j(x) <= 0 (elastic)

Every constraint carries slack s and elastic e with a logarithmic barrier `mu` and an exact price: `price_equality` on
|h|, `price_inequality` on max(c, 0). So a point always exists: where the constraints cannot be kept together, the
cheaper one (the equality) gives way. The barrier ends at a fixed `mu_final`, hence the solution is a smooth function
of the parameters also where constraints switch on and off; its bias in f is about mu_final per active constraint.

Slack and elastic follow from c and mu in closed form, multipliers are iterated (elastic primal-dual interior point,
design notes optimization 2.3; Nocedal & Wright, Numerical Optimization, ch. 19). A step solves an n x n system by an
explicit modified L D L^T (no LAPACK call: n is 2 or 3, batches are large) and is chosen among a few lengths, evaluated
side by side, by an augmented Lagrangian. Derivatives of the solution: `implicit_solution`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from functools import partial
from typing import TypeVar

import jax
import jax.numpy as jnp
import numpy as np

from edu_opt.drive_unit.constrained_rows import FieldModel, QuadraticModel, Rows, contract, learn, quadratic_model
from edu_opt.numerics.pytree import pytree, replace

P = TypeVar("P")


@dataclasses.dataclass(frozen=True)
class InteriorPoint:
    """Static settings of the solver; hashable, part of the compiled program."""

    refinements: int = 7  # quadratic models of the rows
    iterations: int = 8  # interior-point steps on each model
    mu_start: float = 0.1
    mu_final: float = 1e-5
    mu_factor: float = 0.15  # from step to step on one model
    mu_refine: float = 0.1  # from model to model
    price_equality: float = 50.0
    price_inequality: float = 500.0
    penalty: float = 50.0  # augmented-Lagrangian weight on h^2 in the choice of the step length
    step_lengths: tuple[float, ...] = (1.0, 0.4, 0.1)
    step_limit: float = 0.5  # largest change of any scaled unknown in one iteration
    pivot_floor: float = 1e-3  # smallest pivot relative to the objective's and Lagrangian's curvature


@pytree
class Solution:
    """Unknowns (n,), multiplier of the equality (), multipliers of the inequalities (m,)."""

    x: jax.Array
    multiplier: jax.Array
    multipliers: jax.Array


def solve_symmetric(matrix: jax.Array, right: jax.Array, least: jax.Array | float) -> jax.Array:
    """K^-1 b for a small symmetric K (n, n) and b (n,) by L D L^T, written out (n is 2 or 3).

    Pivots below `least` are lifted to their own size or to `least`, so that the result is a descent direction.
    """
    n = right.size
    lower = [[matrix[i, k] for k in range(i + 1)] for i in range(n)]
    pivots: list[jax.Array] = []
    for k in range(n):
        value = matrix[k, k] - dot([lower[k][j] ** 2 for j in range(k)], pivots)
        pivots.append(jnp.where(value > least, value, jnp.maximum(jnp.abs(value), least)))
        for i in range(k + 1, n):
            known = dot([lower[i][j] * lower[k][j] for j in range(k)], pivots[:k])
            lower[i][k] = (matrix[i, k] - known) / pivots[k]
    forward: list[jax.Array] = []
    for k in range(n):
        forward.append(right[k] - dot(lower[k][:k], forward))
    answer: list[jax.Array] = [f / d for f, d in zip(forward, pivots, strict=True)]
    for k in reversed(range(n)):
        answer[k] = answer[k] - dot([lower[i][k] for i in range(k + 1, n)], answer[k + 1 :])
    return jnp.stack(answer)


def dot(a: Sequence[jax.Array], b: Sequence[jax.Array]) -> jax.Array | float:
    """Sum of products of two short sequences of scalars (0.0 where both are empty)."""
    return sum((x * y for x, y in zip(a, b, strict=True)), start=0.0)


def slack_and_elastic(c: jax.Array, mu: jax.Array, price: float) -> tuple[jax.Array, jax.Array]:
    """(s, e) > 0 with s - e = -c that minimize -mu log s - mu log e + price e; stable on both sides of c = 0."""
    q = mu / price
    root = jnp.sqrt(c * c + 4.0 * q * q)
    s_kept = q + 0.5 * (root - c)
    e_kept = q * s_kept / (s_kept - q)
    e_broken = q + 0.5 * (root + c)
    s_broken = q * e_broken / (e_broken - q)
    return jnp.where(c < 0, s_kept, s_broken), jnp.where(c < 0, e_kept, e_broken)


def excesses(h: jax.Array, mu: jax.Array, price: float) -> tuple[jax.Array, jax.Array]:
    """(e+, e-) > 0 with e+ - e- = h that minimize price (e+ + e-) - mu log e+ - mu log e-; stable on both sides."""
    q = mu / price
    root = q + jnp.sqrt(q * q + h * h)
    big = 0.5 * (root + jnp.abs(h))
    small = 0.5 * q * root / big  # e+ e- = q root / 2
    return jnp.where(h > 0, big, small), jnp.where(h > 0, small, big)


def augmented_elastic(c: jax.Array, z: jax.Array, weight: float, least: float, most: float) -> jax.Array:
    """Augmented-Lagrangian term of an elastic constraint whose multiplier z stays in [least, most].

    Quadratic with slope z + weight c where that lies in the range, linear with the nearer bound outside: where a
    constraint gives way its pull stays bounded, so that the term agrees with the elastic problem's own optimum.
    """
    pull = z + weight * c
    held = jnp.clip(pull, least, most)
    return (0.5 * (held * held - z * z) + held * (pull - held)) / weight


@pytree
class State:
    """Unknowns x (n,), multiplier of the equality (), multipliers of the inequalities (m,)."""

    x: jax.Array
    multiplier: jax.Array
    multipliers: jax.Array


def merit(rows: jax.Array, state: State, settings: InteriorPoint, equality: bool) -> jax.Array:
    """Augmented Lagrangian of the elastic problem from row values (2 + m, ...); not-a-number counts as infinite."""
    price, wall, weight = settings.price_equality, settings.price_inequality, settings.penalty
    held = state.multipliers.reshape(-1, *[1] * (rows.ndim - 1))
    total = rows[0] + jnp.sum(augmented_elastic(rows[2:], held, weight, 0.0, wall), 0)
    if equality:
        total = total + augmented_elastic(rows[1], state.multiplier, weight, -price, price)
    return jnp.where(jnp.isfinite(total), total, jnp.inf)


def longest_good(merits: jax.Array, settings: InteriorPoint) -> jax.Array:
    """Index of the first (longest) step whose merit is within `mu_final` of the best.

    The merit knows no barrier, and near the end it would turn down the very step to the barrier's solution.
    """
    return jnp.argmax(merits <= jnp.min(merits) + settings.mu_final)


def bounded_share(change: jax.Array, room_down: jax.Array, room_up: jax.Array) -> jax.Array:
    """Largest share of `change` (at most 1) that keeps a multiplier inside its range."""
    room = jnp.where(change < 0, room_down, room_up)
    return jnp.minimum(1.0, 0.99 * room / jnp.maximum(jnp.abs(change), 1e-30))


def shortened(move: jax.Array, limit: float) -> jax.Array:
    """The step (n,), scaled down where its largest entry passes `limit`."""
    return move * jnp.minimum(1.0, limit / (jnp.max(jnp.abs(move)) + 1e-12))


@pytree
class Pull:
    """How the constraints hold the unknowns: multipliers now, stiffness to a move, multipliers aimed at; (1 + m,),
    the equality first."""

    held: jax.Array
    stiffness: jax.Array
    aim: jax.Array


def inequality_pull(c: jax.Array, multipliers: jax.Array, mu: jax.Array, wall: float) -> Pull:
    """Pull of c (m,) <= 0; `aim` is what the linearized complementarity wants without a move."""
    slack, elastic = slack_and_elastic(c, mu, wall)
    primal = mu / slack
    z = jnp.clip(multipliers, 1e-4 * primal, jnp.minimum(1e4 * primal, wall * (1.0 - 1e-9)))
    stiffness = 1.0 / (slack / z + elastic / (wall - z))
    return Pull(held=z, stiffness=stiffness, aim=z + stiffness * (mu / z - slack - (mu / (wall - z) - elastic)))


def equality_pull(h: jax.Array, multiplier: jax.Array, mu: jax.Array, price: float) -> Pull:
    """Pull of h = 0."""
    over, under = excesses(h, mu, price)
    rise, fall = price - multiplier, price + multiplier
    stiffness = 1.0 / (over / rise + under / fall)
    return Pull(
        held=multiplier, stiffness=stiffness, aim=multiplier - stiffness * ((mu / rise - over) - (mu / fall - under))
    )


def no_pull(like: jax.Array) -> Pull:
    """An equality that is not asked for."""
    zero = jnp.zeros_like(like)
    return Pull(held=zero, stiffness=zero, aim=zero)


def primal_dual_step(
    model: QuadraticModel, settings: InteriorPoint, equality: bool, state: State, mu: jax.Array
) -> State:
    """One Newton step of the elastic barrier problem on the quadratic model."""
    price, wall = settings.price_equality, settings.price_inequality
    step = state.x - model.centre
    bend = contract(model.curvature, step)
    slope, value = model.slope + bend, model.value + contract(model.slope + 0.5 * bend, step)
    kept = inequality_pull(value[2:], state.multipliers, mu, wall)
    tied = equality_pull(value[1], state.multiplier, mu, price) if equality else no_pull(value[1])
    pull: Pull = jax.tree.map(lambda one, many: jnp.concatenate([one[None], many]), tied, kept)
    gradient = slope[0] + jnp.sum(pull.aim[:, None] * slope[1:], 0)
    hessian = model.curvature[0] + jnp.sum(pull.held[:, None, None] * model.curvature[1:], 0)
    matrix = hessian + jnp.sum((pull.stiffness[:, None] * slope[1:])[:, :, None] * slope[1:, None, :], 0)
    least = settings.pivot_floor * (1.0 + jnp.sum(jnp.abs(jnp.diagonal(hessian))))
    move = shortened(-solve_symmetric(matrix, gradient, least), settings.step_limit)
    moved = contract(slope, move)
    change = pull.aim - pull.held + pull.stiffness * moved[1:]
    share = jnp.min(bounded_share(change[1:], kept.held, wall - kept.held))
    multiplier = state.multiplier
    if equality:
        multiplier = multiplier + bounded_share(change[0], price + multiplier, price - multiplier) * change[0]
    after = State(x=state.x, multiplier=multiplier, multipliers=kept.held + share * change[1:])
    lengths = jnp.asarray(settings.step_lengths)
    bends = contract(contract(model.curvature, move), move)
    there = value[:, None] + moved[:, None] * lengths + 0.5 * bends[:, None] * lengths**2
    best = lengths[longest_good(merit(there, after, settings, equality), settings)]
    return State(x=state.x + best * move, multiplier=after.multiplier, multipliers=after.multipliers)


def solve_model(
    model: QuadraticModel, settings: InteriorPoint, equality: bool, state: State, schedule: jax.Array
) -> State:
    """Interior point on the quadratic model, one step for each barrier value in `schedule` (k,)."""

    def step(at: State, mu: jax.Array) -> tuple[State, None]:
        return primal_dual_step(model, settings, equality, at, mu), None

    return jax.lax.scan(step, state, schedule)[0]


def barrier_schedule(settings: InteriorPoint) -> np.ndarray:
    """Barrier values (refinements, iterations): each model starts lower, all end at `mu_final`."""
    outer = settings.mu_start * settings.mu_refine ** np.arange(settings.refinements)[:, None]
    inner = settings.mu_factor ** np.arange(settings.iterations)[None, :]
    schedule = np.maximum(outer * inner, settings.mu_final)
    schedule[:, -2:] = settings.mu_final
    return schedule


def iterate(rows: Rows, settings: InteriorPoint, equality: bool, params: P, start: jax.Array) -> Solution:
    """`settings.refinements` quadratic models from `start` (n,), each solved by `settings.iterations` steps.

    Carries no derivatives: `implicit_solution.with_derivatives` adds them.
    """
    params, start = jax.lax.stop_gradient((params, start))
    function = partial(rows.at, params)
    schedule, n = barrier_schedule(settings), start.size

    def refine(carry: tuple[State, FieldModel], barrier: jax.Array) -> tuple[tuple[State, FieldModel], None]:
        state, learnt = carry
        learnt = learn(learnt, rows, params, state.x)
        better = solve_model(quadratic_model(rows, params, learnt), settings, equality, state, barrier)
        move = shortened(better.x - state.x, settings.step_limit)
        lengths = jnp.asarray(settings.step_lengths)
        there = jax.vmap(lambda length: function(state.x + length * move), out_axes=1)(lengths)  # one program for all
        best = lengths[longest_good(merit(there, better, settings, equality), settings)]
        return (replace(better, x=state.x + best * move), learnt), None

    value = rows.fields(params, start)
    blank = FieldModel(
        centre=start, value=value, slope=jnp.zeros((value.size, n)), curvature=jnp.zeros((value.size, n, n))
    )
    first, mu = rows.rows(params, start, value), schedule[0, 0]
    multipliers = jnp.minimum(mu / slack_and_elastic(first[2:], mu, settings.price_inequality)[0], 1.0)
    begin = State(x=start, multiplier=jnp.zeros(()), multipliers=multipliers)
    (state, _), _ = jax.lax.scan(refine, (begin, blank), jnp.asarray(schedule))
    return Solution(x=state.x, multiplier=state.multiplier, multipliers=state.multipliers)
