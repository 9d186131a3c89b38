"""Small symmetric systems against LAPACK."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from edu_opt.numerics.linear import cholesky_inverse, symmetric_inverse


def positive_definite(n: int, condition: float) -> np.ndarray:
    rng = np.random.default_rng(n)
    q = np.linalg.qr(rng.normal(size=(n, n)))[0]
    return (q * np.geomspace(1.0, condition, n)) @ q.T


@pytest.mark.parametrize("n", [3, 14, 43])
def test_inverse_solves_as_accurately_as_the_condition_allows(n: int) -> None:
    matrix = positive_definite(n, 1e6)
    inverse = np.asarray(jax.jit(symmetric_inverse)(jnp.asarray(matrix)))
    assert np.abs(inverse @ matrix - np.eye(n)).max() < 1e-8


@pytest.mark.parametrize("n", [3, 14, 43])
def test_cholesky_inverse_whitens_and_solves_badly_conditioned_systems(n: int) -> None:
    matrix = positive_definite(n, 1e12)
    whitening = np.asarray(jax.jit(cholesky_inverse)(jnp.asarray(matrix)))
    assert np.allclose(np.triu(whitening, 1), 0.0)
    right = np.random.default_rng(1).normal(size=n)
    solution, reference = whitening.T @ (whitening @ right), np.linalg.solve(matrix, right)
    # backward stable: the residual is small although the matrix is nearly singular
    assert np.abs(matrix @ solution - right).max() < 50 * n * 2.2e-16 * np.abs(matrix).max() * np.abs(reference).max()


def test_cholesky_inverse_of_an_indefinite_matrix_is_not_a_number() -> None:
    assert np.isnan(np.asarray(cholesky_inverse(jnp.diag(jnp.array([1.0, -1.0, 2.0]))))).any()


def test_derivative_of_the_inverse() -> None:
    matrix, change = positive_definite(20, 10.0), positive_definite(20, 3.0)
    _, slope = jax.jvp(symmetric_inverse, (jnp.asarray(matrix),), (jnp.asarray(change),))
    step = 1e-6
    difference = (np.linalg.inv(matrix + step * change) - np.linalg.inv(matrix - step * change)) / (2 * step)
    np.testing.assert_allclose(slope, difference, atol=1e-8)
