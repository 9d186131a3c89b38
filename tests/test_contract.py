"""Every component keeps one contract over its whole declared range: finite, differentiable, batchable."""

from __future__ import annotations

import importlib
import pkgutil

import jax
import numpy as np
import pytest

import tests.contract_cases as contract_cases
from tests.contract import ContractCase


def collect() -> list[ContractCase]:
    """All cases that the areas declare."""
    modules = [m.name for m in pkgutil.iter_modules(contract_cases.__path__)]
    return [case for m in sorted(modules) for case in importlib.import_module(f"tests.contract_cases.{m}").CASES]


CASES = collect()
each_case = pytest.mark.parametrize(
    "case", [pytest.param(case, id=case.name, marks=[pytest.mark.slow] if case.slow else []) for case in CASES]
)


@pytest.fixture(scope="session")
def evaluated() -> dict[str, dict[str, np.ndarray]]:
    """Results by case, filled on first use: one compiled value-and-Jacobian a case serves every check."""
    return {}


def sample(case: ContractCase) -> np.ndarray:
    """Unit-cube points: uniform inside, then random corners of the box (a corner is where ranges break models)."""
    generator = np.random.default_rng(20191)
    n = case.low.size
    inside = generator.uniform(0.02, 0.98, (case.samples, n))
    return np.concatenate([inside, generator.integers(0, 2, (case.corners, n)).astype(float)])


def run(case: ContractCase, store: dict[str, dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """Values and Jacobians of the sample, and values of the points displaced for central differences."""
    if case.name not in store:
        points = sample(case)
        n = points.shape[1]
        chosen = points[: min(4, case.samples)]
        displaced = (chosen[:, None, None, :] + case.step * np.array([1.0, -1.0])[:, None, None] * np.eye(n)).reshape(
            -1, n
        )
        everything = np.concatenate([points, displaced])
        both = jax.jit(jax.vmap(lambda u: (case.flat(u), jax.jacfwd(case.flat)(u))))
        value, jacobian = (np.asarray(a) for a in both(everything))
        count = len(points)
        differences = value[count:].reshape(len(chosen), 2, n, -1)
        store[case.name] = {
            "points": points,
            "value": value[:count],
            "jacobian": jacobian[:count],
            "difference": np.moveaxis(differences[:, 0] - differences[:, 1], 1, -1) / (2.0 * case.step),
        }
    return store[case.name]


@each_case
def test_values_and_gradients_are_finite_over_the_range(case: ContractCase, evaluated) -> None:
    result = run(case, evaluated)
    for what in ("value", "jacobian"):
        bad = np.flatnonzero(~np.isfinite(result[what]).reshape(len(result["points"]), -1).all(1))
        assert bad.size == 0, f"{what} not finite at unit points {result['points'][bad[:3]].tolist()}"


@each_case
def test_derivatives_agree_with_central_differences(case: ContractCase, evaluated) -> None:
    result = run(case, evaluated)
    exact, difference = result["jacobian"][: len(result["difference"])], result["difference"]
    scale = np.abs(exact).max(axis=(0, 2), keepdims=True) + 1e-12
    error = (np.abs(exact - difference) / scale).max(axis=(0, 2))
    names = sorted(case.function(case.low + 0.5 * (case.high - case.low))) if error.max() > case.tolerance else []
    assert error.max() <= case.tolerance, f"worst {dict(zip(names, error.round(8), strict=False))}"


@each_case
def test_a_lane_of_a_batch_equals_the_loop_and_eager_equals_compiled(case: ContractCase, evaluated) -> None:
    result = run(case, evaluated)
    compiled = jax.jit(case.flat)
    scale = np.abs(result["value"]).max(axis=0) + 1e-30
    for k in (0, len(result["points"]) - 1):
        alone = np.asarray(compiled(result["points"][k]))
        np.testing.assert_allclose(alone / scale, result["value"][k] / scale, rtol=0, atol=1e-8)
    if case.eager:
        with jax.disable_jit():
            eager = np.asarray(case.flat(result["points"][0]))
        np.testing.assert_allclose(eager / scale, result["value"][0] / scale, rtol=0, atol=1e-8)
