"""Stated bias, width and finite derivatives of the smooth primitives."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from edu_opt.numerics import smooth

X = np.linspace(-5.0, 5.0, 2001)
WIDTH = 0.3


def test_smooth_positive_lies_above_and_by_at_most_half_the_width() -> None:
    excess = np.asarray(smooth.smooth_positive(X, WIDTH)) - np.maximum(X, 0.0)
    assert excess.min() >= 0.0
    assert excess.max() == pytest.approx(WIDTH / 2)
    far = np.abs(X) > 2.0
    assert (excess[far] <= WIDTH**2 / (4 * np.abs(X[far])) + 1e-15).all()


def test_maximum_and_minimum_mirror_each_other() -> None:
    a, b = X, np.cos(X)
    np.testing.assert_allclose(smooth.smooth_maximum(a, b, WIDTH), -smooth.smooth_minimum(-a, -b, WIDTH), atol=1e-15)
    assert (np.asarray(smooth.smooth_maximum(a, b, WIDTH)) >= np.maximum(a, b)).all()


def test_clip_stays_within_its_bias() -> None:
    clipped = np.asarray(smooth.smooth_clip(X, -1.0, 2.0, WIDTH))
    np.testing.assert_allclose(clipped, np.clip(X, -1.0, 2.0), atol=WIDTH / 2 + 1e-12)


def test_absolute_is_zero_at_zero_and_has_unit_slopes_far_away() -> None:
    assert smooth.smooth_absolute(jnp.asarray(0.0), WIDTH) == 0.0
    slope = jax.grad(lambda x: smooth.smooth_absolute(x, WIDTH))
    assert slope(100.0) == pytest.approx(1.0, abs=1e-5)
    assert slope(-100.0) == pytest.approx(-1.0, abs=1e-5)


def test_soft_extremes_are_conservative() -> None:
    values = jnp.array([0.3, 1.0, 0.99, -2.0])
    assert 1.0 <= smooth.soft_maximum(values, 0.05) <= 1.0 + 0.05 * np.log(4)
    assert -2.0 - 0.05 * np.log(4) <= smooth.soft_minimum(values, 0.05) <= -2.0


@pytest.mark.parametrize("function", [
    lambda x: smooth.smooth_positive(x, WIDTH),
    lambda x: smooth.smooth_sign(x, WIDTH),
    lambda x: smooth.smooth_step(x, WIDTH),
    lambda x: smooth.safe_norm(jnp.stack([x, x]), 1e-3),
    lambda x: smooth.blend(x, 0.5, WIDTH, -1.0, 3.0),
    smooth.smooth_count,
])
def test_second_derivatives_are_finite_everywhere(function) -> None:
    second = jax.vmap(jax.grad(jax.grad(function)))(jnp.concatenate([X, jnp.array([0.0, 1e6, -1e6])]))
    assert np.isfinite(np.asarray(second)).all()
