"""The interior point against problems with closed forms: optimum, multipliers, first and second derivatives.

quadratic (n = 2, convex), parameters (a, b, s, u):     (x - a)^2 / 2 + (y - b)^2 / 2,  x + y = s,  x <= u,  y <= 1
product (n = 3, not convex), parameters (s, w):         -x y z,  x + y + z = s,  z <= w,  x >= 0
hyperbola (n = 2, not convex), parameters (a, b, p, u): a x^2 + b y^2,  x y = p,  x <= u

Lanes differ in which constraint acts; the last lane of the quadratic cannot keep its equality.
"""

from __future__ import annotations

import dataclasses
from functools import cache
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from edu_opt.drive_unit.constrained_rows import Rows
from edu_opt.drive_unit.implicit_solution import minimize, residual, with_derivatives
from edu_opt.drive_unit.interior_point import InteriorPoint, Solution, excesses, slack_and_elastic, solve_symmetric

SETTINGS = InteriorPoint()
LEARNING = dataclasses.replace(SETTINGS, refinements=12)  # where the curvature of a costly function is learnt
BARRIER = 3e-4  # mu_final moves an optimum by about mu over the multiplier: multipliers of acting limits are above 0.1
STEP = 1e-5


def quadratic_rows(p, x, fields):
    objective = 0.5 * (x[0] - p[0]) ** 2 + 0.5 * (x[1] - p[1]) ** 2
    return jnp.stack([objective, x[0] + x[1] - p[2], x[0] - p[3], x[1] - 1.0])


def product_rows(p, x, fields):
    return jnp.stack([-fields[0], jnp.sum(x) - p[0], x[2] - p[1], -x[0]])


def hyperbola_rows(p, x, fields):
    return jnp.stack([p[0] * x[0] ** 2 + p[1] * x[1] ** 2, fields[0] - p[2], x[0] - p[3]])


def nothing_costly(p, x):
    return jnp.zeros(1)


def product_of_all(p, x):
    return jnp.prod(x)[None]


def expanded_product(p, x):
    product = lambda at: product_of_all(p, at)  # noqa: E731
    return product(x), jax.jacfwd(product)(x), jax.hessian(product)(x)


class Case(NamedTuple):
    """A problem, lanes of its parameters, a start, and by lane: optimum, multipliers of the equality and of the first
    inequality."""

    rows: Rows
    settings: InteriorPoint
    params: np.ndarray
    start: tuple[float, ...]
    x: np.ndarray
    multiplier: np.ndarray
    first: np.ndarray


def quadratic() -> Case:
    params = np.array([[0.3, 0.5, 1.0, 0.9], [0.9, 0.1, 1.2, 0.6], [1.0, 0.4, 0.8, 0.25], [0.6, 0.4, 2.0, 0.5]])
    a, b, s, u = params.T
    x = np.minimum(a + 0.5 * (s - a - b), u)
    y = np.minimum(s - x, 1.0)
    multiplier = np.where(x + y < s, -SETTINGS.price_equality, b - y)
    first = np.where(x < u, 0.0, a - x - multiplier)
    rows = Rows(fields=nothing_costly, rows=quadratic_rows)
    return Case(rows, SETTINGS, params, (0.1, 0.1), np.stack([x, y], 1), multiplier, first)


def product(settings: InteriorPoint, expand=None) -> Case:
    params = np.array([[1.5, 0.9], [1.5, 0.3], [1.8, 0.4]])
    s, w = params.T
    z = np.minimum(s / 3.0, w)
    x = 0.5 * (s - z)
    rows = Rows(fields=product_of_all, rows=product_rows, expand=expand)
    return Case(rows, settings, params, (0.4, 0.6, 0.2), np.stack([x, x, z], 1), x * z, x * x - x * z)


def hyperbola() -> Case:
    params = np.array([[1.0, 1.0, 0.5, 1.2], [1.0, 2.0, 0.4, 0.7], [0.5, 1.5, 0.5, 0.7]])
    a, b, p, u = params.T
    x = np.minimum(np.sqrt(p * np.sqrt(b / a)), u)
    y = p / x
    multiplier = -2.0 * b * y / x
    rows = Rows(fields=lambda p, x: (x[0] * x[1])[None], rows=hyperbola_rows)
    return Case(rows, LEARNING, params, (0.5, 0.9), np.stack([x, y], 1), multiplier, -2.0 * a * x - multiplier * y)


CASES = {
    "quadratic": quadratic(),
    "product": product(SETTINGS, expanded_product),
    "product, learnt curvature": product(LEARNING),
    "hyperbola": hyperbola(),
}
DIFFERENTIATED = ("quadratic", "product")
every_case = pytest.mark.parametrize("name", list(CASES))
differentiated_case = pytest.mark.parametrize("name", DIFFERENTIATED)


def minimum(name: str):
    """The case as a function of its parameters (k,) alone."""
    case = CASES[name]
    return lambda p: minimize(case.rows, case.settings, True, p, jnp.asarray(case.start))


@cache
def solved(name: str) -> Solution:
    """Solutions (l, 1 + 2 k, ...): every lane, then its parameters displaced up and down one by one."""
    params = displaced(name)
    lanes, points, k = params.shape
    solutions = jax.jit(jax.vmap(minimum(name)))(params.reshape(-1, k))
    return jax.tree.map(lambda a: np.asarray(a).reshape(lanes, points, *a.shape[1:]), solutions)


def displaced(name: str) -> np.ndarray:
    """Parameters (l, 1 + 2 k, k) of `solved`."""
    params = CASES[name].params
    steps = STEP * np.eye(params.shape[1])
    return params[:, None, :] + np.concatenate([np.zeros((1, params.shape[1])), steps, -steps])


def central_difference(values: np.ndarray) -> np.ndarray:
    """Derivatives (l, ..., k) from values (l, 1 + 2 k, ...)."""
    k = values.shape[1] // 2
    return np.moveaxis(values[:, 1 : 1 + k] - values[:, 1 + k :], 1, -1) / (2.0 * STEP)


def stacked(solution: Solution, numeric=jnp) -> jax.Array:
    """Everything that a solution holds, along the last axis."""
    return numeric.concatenate([solution.x, solution.multiplier[..., None], solution.multipliers], -1)


def score(solution: Solution) -> jax.Array:
    """A nonlinear scalar of the optimum and the multiplier of the equality."""
    weights = jnp.arange(1.0, solution.x.size + 1.0)
    return jnp.sum(weights * jnp.sin(solution.x)) + 0.1 * solution.multiplier**2


@cache
def derivatives(name: str) -> dict[str, np.ndarray]:
    """From known solutions: Jacobians of `stacked` by lane, gradient of `score` as in `solved`, its Hessian by lane."""
    case = CASES[name]

    def gradient(p, known):
        return jax.grad(lambda q: score(with_derivatives(case.rows, case.settings, True, q, known)))(p)

    def lane(p, known):
        def whole(q):
            return stacked(with_derivatives(case.rows, case.settings, True, q, known))

        return {
            "forward": jax.jacfwd(whole)(p),
            "reverse": jax.jacrev(whole)(p),
            "hessian": jax.jacfwd(gradient)(p, known),
        }

    known, params = solved(name), displaced(name)
    both = jax.jit(
        lambda p, s: (
            jax.vmap(lane)(p[:, 0], jax.tree.map(lambda a: a[:, 0], s)),
            jax.vmap(jax.vmap(gradient))(p, s),
        )
    )
    by_lane, gradients = both(params, known)
    return {key: np.asarray(value) for key, value in {**by_lane, "gradient": gradients}.items()}


@every_case
def test_optimum_and_multipliers_equal_the_closed_form(name: str) -> None:
    case, found = CASES[name], solved(name)
    np.testing.assert_allclose(found.x[:, 0], case.x, rtol=0, atol=BARRIER)
    np.testing.assert_allclose(found.multiplier[:, 0], case.multiplier, rtol=0, atol=BARRIER)
    np.testing.assert_allclose(found.multipliers[:, 0, 0], case.first, rtol=0, atol=BARRIER)


@every_case
def test_solutions_are_stationary(name: str) -> None:
    case, found = CASES[name], jax.tree.map(lambda a: a[:, 0], solved(name))
    left = jax.vmap(lambda p, s: residual(case.rows, case.settings, True, p, s))(case.params, found)
    assert np.all(np.asarray(left) < 1e-9)


def test_an_equality_out_of_reach_gives_way_before_the_limits() -> None:
    (x, y), (_, _, s, u) = solved("quadratic").x[3, 0], CASES["quadratic"].params[3]
    assert s - x - y == pytest.approx(0.5, abs=BARRIER)
    assert x <= u + 1e-6 and y <= 1.0 + 1e-6


def test_without_equality_only_the_limits_hold() -> None:
    case = CASES["quadratic"]
    params = np.array([[0.3, 0.5, 1.0, 0.9], [0.9, 1.6, 1.2, 0.6]])
    free = jax.jit(jax.vmap(lambda p: minimize(case.rows, SETTINGS, False, p, jnp.asarray(case.start))))(params)
    np.testing.assert_allclose(free.x, [[0.3, 0.5], [0.6, 1.0]], rtol=0, atol=BARRIER)
    np.testing.assert_allclose(free.multipliers, [[0.0, 0.0], [0.3, 0.6]], rtol=0, atol=BARRIER)
    assert np.all(np.asarray(free.multiplier) == 0.0)


def test_a_lane_of_a_batch_equals_the_loop() -> None:
    one, batch = jax.jit(minimum("quadratic")), stacked(solved("quadratic"), np)[:, 0]
    alone = np.array([stacked(one(p)) for p in CASES["quadratic"].params])
    np.testing.assert_allclose(alone, batch, rtol=1e-9, atol=1e-12)


@differentiated_case
def test_derivatives_agree_with_central_differences(name: str) -> None:
    difference = central_difference(stacked(solved(name), np))
    exact = derivatives(name)["forward"]
    np.testing.assert_allclose(exact, difference, rtol=1e-5, atol=1e-5 * np.abs(difference).max())


@differentiated_case
def test_forward_and_reverse_derivatives_agree(name: str) -> None:
    found = derivatives(name)
    np.testing.assert_allclose(found["reverse"], found["forward"], rtol=1e-9, atol=1e-9)


@differentiated_case
def test_second_derivatives_are_those_of_the_gradient(name: str) -> None:
    found = derivatives(name)
    difference, hessian = central_difference(found["gradient"]), found["hessian"]
    assert np.all(np.isfinite(hessian))
    scale = np.abs(difference).max(axis=(1, 2), keepdims=True)
    np.testing.assert_allclose(hessian / scale, difference / scale, rtol=0, atol=1e-5)
    np.testing.assert_allclose(hessian / scale, np.swapaxes(hessian, 1, 2) / scale, rtol=0, atol=1e-6)


def test_the_derivative_of_the_search_is_that_of_its_known_solution() -> None:
    search = jax.jit(jax.vmap(jax.jacrev(lambda p: stacked(minimum("quadratic")(p)))))(CASES["quadratic"].params)
    np.testing.assert_allclose(search, derivatives("quadratic")["reverse"], rtol=1e-9, atol=1e-9)


def test_an_equality_that_gave_way_leaves_no_derivative_in_its_target() -> None:
    by_target = derivatives("quadratic")["forward"][3, :2, 2]
    by_limit = derivatives("quadratic")["forward"][3, :2, 3]
    np.testing.assert_allclose(by_target, 0.0, atol=1e-5)
    np.testing.assert_allclose(by_limit, [1.0, 0.0], atol=1e-5)


def test_slack_and_excess_solve_their_barrier_problems() -> None:
    mu, price = jnp.asarray(1e-5), 50.0
    c = jnp.array([-3.0, -1e-3, -1e-9, 0.0, 1e-9, 1e-3, 3.0])
    slack, elastic = slack_and_elastic(c, mu, price)
    np.testing.assert_allclose(slack - elastic, -c, rtol=1e-12, atol=1e-16)
    np.testing.assert_allclose(mu / slack + mu / elastic, price, rtol=1e-9)
    over, under = excesses(c, mu, price)
    np.testing.assert_allclose(over - under, c, rtol=1e-12, atol=1e-16)
    np.testing.assert_allclose(2.0 * price - mu / over - mu / under, 0.0, atol=1e-6)


@pytest.mark.parametrize("n", [2, 3])
def test_small_systems_are_solved_and_lifted_to_descent(n: int) -> None:
    generator = np.random.default_rng(5)
    root, right = generator.normal(size=(n, n)), generator.normal(size=n)
    definite = root @ root.T + np.eye(n)
    answer = solve_symmetric(jnp.asarray(definite), jnp.asarray(right), 1e-14)
    np.testing.assert_allclose(answer, np.linalg.solve(definite, right), rtol=1e-10)
    lifted = solve_symmetric(jnp.asarray(definite - 4.0 * np.eye(n)), jnp.asarray(right), 1e-3)
    assert float(jnp.asarray(right) @ lifted) > 0.0
