"""Reluctivity curve: true to its points, C2, positive slope, vacuum far beyond the points."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from edu_opt.motor.field import Reluctivity, reluctivity_from_curve
from edu_opt.motor.field.reluctivity import (
    KNOT_SPACING,
    LAST_SQUARE,
    energy_density,
    reluctivity,
    reluctivity_and_slope,
)
from edu_opt.numerics.constants import VACUUM_PERMEABILITY, VACUUM_RELUCTIVITY

FIELD = np.array(
    [15.1, 27.8, 35.4, 41.7, 51.4, 67.2, 90.0, 128.5, 234.8, 435.3, 1108.0, 2801.0, 5591.0, 9709.0, 16041.0]
)
FLUX = np.array([0.05, 0.15, 0.25, 0.35, 0.5, 0.7, 0.9, 1.1, 1.3, 1.4, 1.5, 1.6, 1.7, 1.8, 1.9])
FIELD = np.concatenate([FIELD, [31313.0, 88477.0, 159969.0, 234025.0]])
FLUX = np.concatenate([FLUX, [2.0, 2.1, 2.2, 2.3]])


@pytest.fixture(scope="module")
def curve() -> Reluctivity:
    return reluctivity_from_curve(FIELD, FLUX)


def test_field_strength_follows_the_points_above_the_initial_region(curve: Reluctivity) -> None:
    chosen = FLUX > 0.25
    model = reluctivity(curve, jnp.asarray(FLUX[chosen] ** 2)) * FLUX[chosen]
    # In the knee H changes by a factor of ten within 0.2 T: compare what the smoothing of 0.03 T does to B there.
    fine = np.linspace(0.2, 2.4, 2000)
    flux_at_points = np.interp(FIELD[chosen], np.asarray(reluctivity(curve, jnp.asarray(fine**2)) * fine), fine)
    np.testing.assert_allclose(flux_at_points, FLUX[chosen], atol=0.02)
    assert np.all(np.diff(np.asarray(model)) > 0)


def test_energy_is_the_integral_and_slope_the_derivative(curve: Reluctivity) -> None:
    squares = jnp.asarray(np.concatenate([np.linspace(0.01, 6.2, 97), [6.3, 8.0, 30.0]]))

    @jax.jit
    @jax.vmap
    def everything(s):
        derivatives = jax.grad(lambda x: energy_density(curve, x))(s), jax.grad(lambda x: reluctivity(curve, x))(s)
        return *reluctivity_and_slope(curve, s), *derivatives

    nu, slope, energy_slope, nu_slope = everything(squares)
    np.testing.assert_allclose(energy_slope, 0.5 * nu, rtol=1e-12)
    np.testing.assert_allclose(nu_slope, slope, rtol=1e-9, atol=1e-9)


def test_value_slope_and_curvature_are_continuous_at_every_knot(curve: Reluctivity) -> None:
    knots = KNOT_SPACING * np.arange(1, 126)

    @jax.jit
    @jax.vmap
    def derivatives(s):
        first = jax.grad(lambda x: reluctivity(curve, x))
        return reluctivity(curve, s), first(s), jax.grad(first)(s)

    for below, above in zip(
        derivatives(jnp.asarray(knots - 1e-9)), derivatives(jnp.asarray(knots + 1e-9)), strict=True
    ):
        np.testing.assert_allclose(above, below, rtol=1e-5, atol=1e-5 * np.abs(below).max())


def test_differential_reluctivity_is_positive_and_becomes_that_of_vacuum(curve: Reluctivity) -> None:
    squares = jnp.linspace(1e-6, 12.0, 5000)
    nu, slope = reluctivity_and_slope(curve, squares)
    differential = np.asarray(nu + 2 * squares * slope)
    assert differential.min() > 0
    np.testing.assert_allclose(differential[squares > LAST_SQUARE], VACUUM_RELUCTIVITY, rtol=1e-3)


def test_stacking_factor_mixes_iron_and_air() -> None:
    solid, stacked = reluctivity_from_curve(FIELD, FLUX), reluctivity_from_curve(FIELD, FLUX, 0.95)
    strength = float(reluctivity(solid, jnp.asarray(1.7**2)) * 1.7)
    flux = 0.95 * 1.7 + 0.05 * VACUUM_PERMEABILITY * strength
    assert float(reluctivity(stacked, jnp.asarray(flux**2)) * flux) == pytest.approx(strength, rel=0.02)


def test_a_curve_that_falls_is_refused() -> None:
    with pytest.raises(ValueError, match="rising"):
        reluctivity_from_curve([1.0, 2.0, 2.0, 3.0], [0.1, 0.2, 0.3, 0.4])
