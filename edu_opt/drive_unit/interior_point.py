"""A batched interior point for two or three unknowns: fixed trip count, smooth in its parameters, implicit derivatives.

    minimize f(x)   subject to   h(x) = 0 (elastic, optional),   c_j(x) <= 0 (elastic)

Every constraint carries slack s and elastic e with a logarithmic barrier `mu` and an exact price: `price_equality` on
|h|, `price_inequality` on max(c, 0). So a point always exists: where the constraints cannot be kept together, the
cheaper one (the equality) gives way. The barrier ends at a fixed `mu_final`, hence the solution is a smooth function
of the parameters also where constraints switch on and off; its bias in f is about mu_final per active constraint.

Slack and elastic follow from c and mu in closed form, multipliers are iterated (elastic primal-dual interior point,
design notes optimization 2.3; Nocedal & Wright, Numerical Optimization, ch. 19). A step solves an n x n system by an
explicit modified L D L^T (no LAPACK call: n is 2 or 3, batches are large) and is chosen among a few lengths, evaluated
side by side, by an augmented Lagrangian. The derivative solves the same system once at the solution (`custom_jvp`
whose rule is differentiable and transposable: forward, reverse, and forward over reverse).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple, TypeVar

import jax
import jax.numpy as jnp
import numpy as np

from edu_opt.numerics.pytree import pytree

P = TypeVar("P")


class Rows(NamedTuple):
    """The problem as plain functions: what is costly to evaluate, and what is cheap once that is known.

    `fields(params, x (n,)) -> (k,)`; `rows(params, x, fields (k,)) -> (2 + m,)`: objective, equality, inequalities,
    each scaled to order one. `expand(params, x)`, where given, returns value (k,), slope (k, n) and the exact curvature
    (j, n, n) of the first j fields; the curvature of the others is learnt from step to step.
    """

    fields: Callable
    rows: Callable
    expand: Callable | None = None

    def at(self, params: object, x: jax.Array) -> jax.Array:
        """Row values (2 + m,)."""
        return self.rows(params, x, self.fields(params, x))


@dataclasses.dataclass(frozen=True)
class InteriorPoint:
    """Static settings of the solver; hashable, part of the compiled program."""

    refinements: int = 5  # quadratic models of the rows
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
    """Unknowns (n,), multiplier of the equality (), multipliers of the inequalities (m,), stationarity residual ()."""

    x: jax.Array
    multiplier: jax.Array
    multipliers: jax.Array
    residual: jax.Array


def solve_symmetric(
    matrix: Sequence[Sequence[jax.Array]], right: Sequence[jax.Array], least: jax.Array | float
) -> list[jax.Array]:
    """K^-1 b for a small symmetric K (only the lower triangle is read) by L D L^T, entry by entry.

    Pivots below `least` are lifted to their own size or to `least`, so that the result is a descent direction.
    """
    n = len(right)
    lower = [[matrix[i][k] for k in range(i + 1)] for i in range(n)]
    pivots: list[jax.Array] = []
    for k in range(n):
        value = matrix[k][k] - dot([lower[k][j] ** 2 for j in range(k)], pivots)
        pivots.append(jnp.where(value > least, value, jnp.maximum(jnp.abs(value), least)))
        for i in range(k + 1, n):
            known = dot([lower[i][j] * lower[k][j] for j in range(k)], pivots[:k])
            lower[i][k] = (matrix[i][k] - known) / pivots[k]
    forward: list[jax.Array] = []
    for k in range(n):
        forward.append(right[k] - dot(lower[k][:k], forward))
    answer: list[jax.Array] = [f / d for f, d in zip(forward, pivots, strict=True)]
    for k in reversed(range(n)):
        answer[k] = answer[k] - dot([lower[i][k] for i in range(k + 1, n)], answer[k + 1 :])
    return answer


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


def value_and_derivatives(
    function: Callable[[jax.Array], jax.Array], x: jax.Array
) -> tuple[jax.Array, jax.Array, jax.Array]:
    """Rows (r,), their Jacobian (r, n) and Hessians (r, n, n), forward over forward (n is 2 or 3)."""

    def first(at: jax.Array) -> tuple[jax.Array, tuple[jax.Array, jax.Array]]:
        value, slope = _value_and_jacobian(function, at)
        return slope, (value, slope)

    curvature, (value, slope) = jax.jacfwd(first, has_aux=True)(x)
    return value, slope, curvature


def _value_and_jacobian(function: Callable[[jax.Array], jax.Array], x: jax.Array) -> tuple[jax.Array, jax.Array]:
    value, push = jax.linearize(function, x)
    return value, jax.vmap(push, out_axes=-1)(jnp.eye(x.size, dtype=x.dtype))


@pytree
class QuadraticModel:
    """Rows to second order around `centre`, entry by entry: value[r], slope[r][i], curvature[r][i][j], centre[i].

    Scalars rather than arrays: under `vmap` every entry is one long vector over the batch, the only layout that a
    processor works on at full width when n is 2 or 3.
    """

    centre: list[jax.Array]
    value: list[jax.Array]
    slope: list[list[jax.Array]]
    curvature: list[list[list[jax.Array]]]


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
        (value, slope), known = _value_and_jacobian(partial(rows.fields, params), x), None
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


def quadratic_model(rows: Rows, params: object, fields: FieldModel) -> QuadraticModel:
    """Second-order model of the rows at the centre of the field model."""
    value, slope, curvature = value_and_derivatives(lambda x: rows.rows(params, x, fields.at(x)), fields.centre)
    count, n = slope.shape
    return QuadraticModel(
        centre=[fields.centre[i] for i in range(n)],
        value=[value[r] for r in range(count)],
        slope=[[slope[r, i] for i in range(n)] for r in range(count)],
        curvature=[[[curvature[r, i, j] for j in range(n)] for i in range(n)] for r in range(count)],
    )


@pytree
class State:
    """Unknowns x[i], multiplier of the equality, multipliers of the inequalities [m]."""

    x: list[jax.Array]
    multiplier: jax.Array
    multipliers: list[jax.Array]


def merit(rows: Sequence[jax.Array], state: State, settings: InteriorPoint, equality: bool) -> jax.Array:
    """Augmented Lagrangian of the elastic problem from row values; not-a-number counts as infinite."""
    price, wall, weight = settings.price_equality, settings.price_inequality, settings.penalty
    total = rows[0]
    for c, z in zip(rows[2:], state.multipliers, strict=True):  # rows may be arrays over candidates
        total = total + augmented_elastic(c, z, weight, 0.0, wall)
    if equality:
        total = total + augmented_elastic(rows[1], state.multiplier, weight, -price, price)
    return jnp.where(jnp.isfinite(total), total, jnp.inf)


def bounded_share(change: jax.Array, room_down: jax.Array, room_up: jax.Array) -> jax.Array:
    """Largest share of `change` (at most 1) that keeps a multiplier inside its range."""
    room = jnp.where(change < 0, room_down, room_up)
    return jnp.minimum(1.0, 0.99 * room / jnp.maximum(jnp.abs(change), 1e-30))


def shortened(move: list[jax.Array], limit: float) -> list[jax.Array]:
    """The step, scaled down where its largest entry passes `limit`."""
    largest = jnp.abs(move[0])
    for entry in move[1:]:
        largest = jnp.maximum(largest, jnp.abs(entry))
    share = jnp.minimum(1.0, limit / (largest + 1e-12))
    return [share * entry for entry in move]


def _inequality_targets(
    c: jax.Array, multiplier: jax.Array, mu: jax.Array, wall: float
) -> tuple[jax.Array, jax.Array, jax.Array]:
    """(kept multiplier z, stiffness, value of z that the linearized complementarity wants at no move) of one c <= 0."""
    slack, elastic = slack_and_elastic(c, mu, wall)
    primal = mu / slack
    z = jnp.clip(multiplier, 1e-4 * primal, jnp.minimum(1e4 * primal, wall * (1.0 - 1e-9)))
    stiffness = 1.0 / (slack / z + elastic / (wall - z))
    return z, stiffness, z + stiffness * (mu / z - slack - (mu / (wall - z) - elastic))


def primal_dual_step(
    model: QuadraticModel, settings: InteriorPoint, equality: bool, state: State, mu: jax.Array
) -> State:
    """One Newton step of the elastic barrier problem on the quadratic model."""
    price, wall, n, rows = settings.price_equality, settings.price_inequality, len(state.x), len(model.value)
    step = [x - c for x, c in zip(state.x, model.centre, strict=True)]
    bend = [[dot(model.curvature[r][i], step) for i in range(n)] for r in range(rows)]
    slope = [[model.slope[r][i] + bend[r][i] for i in range(n)] for r in range(rows)]
    value = [model.value[r] + dot([model.slope[r][i] + 0.5 * bend[r][i] for i in range(n)], step) for r in range(rows)]
    kept = [_inequality_targets(c, z, mu, wall) for c, z in zip(value[2:], state.multipliers, strict=True)]
    # (row, multiplier now, stiffness, multiplier aimed at) of every constraint in play
    play = [(r + 2, z, stiffness, aim) for r, (z, stiffness, aim) in enumerate(kept)]
    if equality:
        over, under = excesses(value[1], mu, price)
        rise, fall = price - state.multiplier, price + state.multiplier
        firmness = 1.0 / (over / rise + under / fall)
        aim = state.multiplier - firmness * ((mu / rise - over) - (mu / fall - under))
        play.append((1, state.multiplier, firmness, aim))
    gradient = [slope[0][i] + dot([p[3] for p in play], [slope[p[0]][i] for p in play]) for i in range(n)]
    hessian = [
        [
            model.curvature[0][i][j] + dot([p[1] for p in play], [model.curvature[p[0]][i][j] for p in play])
            for j in range(i + 1)
        ]
        for i in range(n)
    ]
    matrix = [
        [
            hessian[i][j] + dot([p[2] * slope[p[0]][i] for p in play], [slope[p[0]][j] for p in play])
            for j in range(i + 1)
        ]
        for i in range(n)
    ]
    least = settings.pivot_floor * (1.0 + sum(jnp.abs(hessian[i][i]) for i in range(n)))
    move = shortened([-m for m in solve_symmetric(matrix, gradient, least)], settings.step_limit)
    moved = [dot(slope[r], move) for r in range(rows)]
    changes = [aim - z + stiffness * moved[r] for r, z, stiffness, aim in play]
    share = jnp.ones(())
    for dz, (z, _, _) in zip(changes, kept, strict=False):
        share = jnp.minimum(share, bounded_share(dz, z, wall - z))
    multipliers = [z + share * dz for dz, (z, _, _) in zip(changes, kept, strict=False)]
    multiplier = state.multiplier
    if equality:
        multiplier = multiplier + bounded_share(changes[-1], fall, rise) * changes[-1]
    after = State(x=state.x, multiplier=multiplier, multipliers=multipliers)
    bends = [dot([dot(model.curvature[r][i], move) for i in range(n)], move) for r in range(rows)]
    best_length, best = jnp.zeros(()), jnp.full((), jnp.inf)
    for length in settings.step_lengths:
        there = [value[r] + length * moved[r] + 0.5 * length**2 * bends[r] for r in range(rows)]
        candidate = merit(there, after, settings, equality)
        best_length = jnp.where(candidate < best, length, best_length)
        best = jnp.minimum(best, candidate)
    x = [x + best_length * m for x, m in zip(state.x, move, strict=True)]
    return State(x=x, multiplier=multiplier, multipliers=multipliers)


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
    """`settings.refinements` quadratic models from `start` (n,), each solved by `settings.iterations` steps."""
    function = partial(rows.at, params)
    schedule = barrier_schedule(settings)
    n = start.size

    def refine(carry: tuple[State, FieldModel], barrier: jax.Array) -> tuple[tuple[State, FieldModel], None]:
        state, learnt = carry
        x = jnp.stack(state.x)
        learnt = learn(learnt, rows, params, x)
        better = solve_model(quadratic_model(rows, params, learnt), settings, equality, state, barrier)
        move = jnp.stack(shortened([a - b for a, b in zip(better.x, state.x, strict=True)], settings.step_limit))
        lengths = jnp.asarray(settings.step_lengths)
        there = jax.vmap(lambda length: function(x + length * move), out_axes=1)(lengths)  # one program for all
        x = x + lengths[jnp.argmin(merit(list(there), better, settings, equality))] * move
        state = State(x=[x[i] for i in range(n)], multiplier=better.multiplier, multipliers=better.multipliers)
        return (state, learnt), None

    value = rows.fields(params, start)
    blank = FieldModel(
        centre=start, value=value, slope=jnp.zeros((value.size, n)), curvature=jnp.zeros((value.size, n, n))
    )
    first, mu = rows.rows(params, start, value), schedule[0, 0]
    multipliers = [jnp.minimum(mu / slack_and_elastic(c, mu, settings.price_inequality)[0], 1.0) for c in first[2:]]
    state = State(x=[start[i] for i in range(n)], multiplier=jnp.zeros(()), multipliers=multipliers)
    (state, _), _ = jax.lax.scan(refine, (state, blank), jnp.asarray(schedule))
    x, z = jnp.stack(state.x), jnp.stack(state.multipliers)
    gradient = stationarity(rows, settings, equality, params, x, state.multiplier, z)[0]
    scale = 1.0 + jnp.abs(state.multiplier) + jnp.sum(z)
    return Solution(x=x, multiplier=state.multiplier, multipliers=z, residual=jnp.max(jnp.abs(gradient)) / scale)


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
    value, slope = _value_and_jacobian(partial(rows.at, params), x)
    mu, price, wall = settings.mu_final, settings.price_equality, settings.price_inequality
    gradient = slope[0] + multipliers @ slope[2:]
    inequality = value[2:] + mu / multipliers - mu / (wall - multipliers)
    if not equality:
        return gradient, jnp.zeros(()), inequality
    balance = value[1] - mu / (price - multiplier) + mu / (price + multiplier)
    return gradient + multiplier * slope[1], balance, inequality


@partial(jax.custom_jvp, nondiff_argnums=(0, 1, 2))
def minimize(rows: Rows, settings: InteriorPoint, equality: bool, params: P, start: jax.Array) -> Solution:
    """Solution of the barrier problem; differentiable in `params`, not in `start`.

    `rows` must be a plain function (no traced values in its closure): everything that varies goes through `params`.
    `equality` False ignores row 1. Derivatives hold for x and the multipliers; the residual has none.
    """
    return iterate(rows, settings, equality, params, jax.lax.stop_gradient(start))


@minimize.defjvp
def _minimize_jvp(rows, settings, equality, primals, tangents):
    params, start = primals
    solution = minimize(rows, settings, equality, params, start)
    x, multiplier, multipliers = solution.x, solution.multiplier, solution.multipliers

    def at_solution(p):
        return stationarity(rows, settings, equality, p, x, multiplier, multipliers)

    _, (r_gradient, r_balance, r_inequality) = jax.jvp(at_solution, (params,), (tangents[0],))
    mu, price, wall = settings.mu_final, settings.price_equality, settings.price_inequality
    _, slope, curvature = value_and_derivatives(partial(rows.at, params), x)
    stiffness = 1.0 / (mu / multipliers**2 + mu / (wall - multipliers) ** 2)
    matrix = curvature[0] + jnp.tensordot(multipliers, curvature[2:], 1) + (slope[2:].T * stiffness) @ slope[2:]
    right = r_gradient + (stiffness * r_inequality) @ slope[2:]
    firmness = jnp.zeros(())
    if equality:
        firmness = 1.0 / (mu / (price - multiplier) ** 2 + mu / (price + multiplier) ** 2)
        matrix = matrix + multiplier * curvature[1] + firmness * jnp.outer(slope[1], slope[1])
        right = right + firmness * r_balance * slope[1]
    n = x.size
    entries = [[matrix[i, j] for j in range(i + 1)] for i in range(n)]
    dx = -jnp.stack(solve_symmetric(entries, [right[i] for i in range(n)], 1e-14))
    change = Solution(
        x=dx,
        multiplier=firmness * (slope[1] @ dx + r_balance),
        multipliers=stiffness * (slope[2:] @ dx + r_inequality),
        residual=jnp.zeros_like(solution.residual),
    )
    return solution, change
