"""Junction temperatures: the fixed point, its derivatives, runaway."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.optimize import fsolve

from edu_opt.inverter.chip_losses import evaluate
from edu_opt.inverter.junction import junction_temperatures, sensible
from edu_opt.materials.semiconductors import device
from edu_opt.numerics.pytree import replace

ROW = replace(device("fuji_2mbi600xee065"), cross_to_case=0.01)


@pytest.fixture(scope="module")
def solve():
    """Junctions and residual for (losses at 25 degC, slope, curvature) of switch and diode."""
    return jax.jit(lambda row, switch, diode, coolant: junction_temperatures(row, switch, diode, coolant))


def test_fixed_point_equals_another_solver(solve) -> None:
    switch, diode = (400.0, 0.9, 0.002), (150.0, -0.1, 0.001)

    def balance(t):
        p, q = evaluate(switch, t[0]), evaluate(diode, t[1])
        case = 65.0 + ROW.case_to_coolant * (p + q)
        return [t[0] - case - 0.054 * p - 0.01 * q, t[1] - case - 0.087 * q - 0.01 * p]

    exact = fsolve(balance, [100.0, 100.0], xtol=1e-13)
    hot, residual = solve(ROW, switch, diode, 65.0)
    np.testing.assert_allclose(hot, exact, rtol=1e-10)
    assert float(residual) < 1e-10


def test_first_and_second_derivatives(solve) -> None:
    def hottest(x):
        (switch, _), _ = junction_temperatures(ROW, (x[0], x[1], 0.002), (150.0, 0.0, 0.0), x[2])
        return switch

    at, step = jnp.array([400.0, 0.9, 65.0]), np.array([1.0, 0.01, 0.5])
    gradient, hessian = jax.jit(jax.grad(hottest)), jax.jit(jax.hessian(hottest))
    slope, curvature = gradient(at), hessian(at)
    value = jax.jit(hottest)
    for k in range(3):
        move = jnp.zeros(3).at[k].set(step[k])
        central = (value(at + move) - value(at - move)) / (2.0 * step[k])
        assert float(slope[k]) == pytest.approx(float(central), rel=1e-5)
        second = (gradient(at + move) - gradient(at - move)) / (2.0 * step[k])
        np.testing.assert_allclose(curvature[k], second, rtol=1e-4, atol=1e-12)


def test_a_runaway_ends_at_a_finite_temperature(solve) -> None:
    """Gain above one: no fixed point below the cap; the solution lies above every limit and stays a fixed point."""
    hot, residual = solve(ROW, (900.0, 10.0, 0.05), (100.0, 0.0, 0.0), 65.0)
    assert 300.0 < float(hot[0]) < 3000.0
    assert float(residual) < 1e-6
    assert float(sensible(hot[0])) <= 300.0
    assert float(sensible(jnp.asarray(174.0))) == 174.0, "the cap does not touch what is allowed"
