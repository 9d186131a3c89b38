"""Skew by slices: closed forms of a linear machine, the refitted map against slices solved one by one."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from edu_opt.motor.flux_map import fit_flux_map, flux_linkage_unit, sample_ampere_turns
from edu_opt.motor.lamination_map import LaminationFields, LaminationMapSettings, ampere_turn_scale, fitted_map
from edu_opt.motor.skew import skew_factor, skewed_samples, slice_angles
from tests.motor.reference_motors import TEMPLATES, analytic_map, analytic_motor, saturating_fluxes

ANGLES = slice_angles(TEMPLATES["ipm"], 1.0, 4)


def test_factors_of_slices():
    assert ANGLES.mean() == pytest.approx(0.0, abs=1e-15)
    assert skew_factor(ANGLES) == pytest.approx(0.98932, abs=1e-5)  # sin(15 deg) / (4 sin(3.75 deg))
    continuous = slice_angles(TEMPLATES["ipm"], 1.0, 400)
    half = np.pi / 12.0
    assert skew_factor(continuous) == pytest.approx(np.sin(half) / half, rel=1e-5)
    assert skew_factor(12.0 * ANGLES) == pytest.approx(0.0, abs=1e-12)  # the slots pass 12 times a period


def test_closed_form_of_a_linear_machine():
    """psi_d = L_d i_d + psi_m, psi_q = L_q i_q: the magnet's share falls with the skew factor, the saliency with that
    of twice the angle."""
    scale = jnp.array([1000.0, 1000.0, 1.0])
    at = sample_ampere_turns("ipm_6", scale)
    inductance_d, inductance_q, magnet = 2e-5, 5e-5, 0.05
    straight = jnp.stack([inductance_d * at[:, 0] + magnet, inductance_q * at[:, 1], 0.0 * at[:, 0]], 1)
    fields = analytic_map("ipm", scale)
    flux = skewed_samples(fit_flux_map("ipm_6", scale, 6.0, straight), fields.iron_loss_map, at, ANGLES)[0]
    single, double = skew_factor(ANGLES), skew_factor(2.0 * ANGLES)
    mean, half = 0.5 * (inductance_d + inductance_q), 0.5 * (inductance_q - inductance_d)
    expected_d = (mean - half * double) * at[:, 0] + magnet * single
    expected_q = (mean + half * double) * at[:, 1]
    # The slices' currents lie up to 5 % outside the sampled range; the map's kernels are not exactly linear there.
    np.testing.assert_allclose(flux[:, 0], expected_d, atol=2e-4)
    np.testing.assert_allclose(flux[:, 1], expected_q, atol=2e-4)


@pytest.mark.parametrize("kind", ["ipm", pytest.param("eesm", marks=pytest.mark.slow)])
def test_refitted_map_against_slices_of_the_machine_itself(kind):
    """Random currents in the range; the reference averages the exact machine, not its map."""
    motor = analytic_motor(kind)
    scale = ampere_turn_scale(LaminationMapSettings(TEMPLATES[kind]), motor.lamination)
    straight, angles = analytic_map(kind, scale), slice_angles(TEMPLATES[kind], 1.0, 4)
    settings = LaminationMapSettings(TEMPLATES[kind], form=straight.form, skew=1.0)
    form = sample_ampere_turns(straight.form, scale)
    exact = lambda x: 0.05 * saturating_fluxes(kind, x / scale) * scale[0] / scale  # noqa: E731
    fields = LaminationFields(
        flux=exact(form),
        losses=jnp.ones((len(form), 10)),
        magnet_flux_density=jnp.zeros(2),
        residual=jnp.zeros(()),
        converged=jnp.ones(()),
        corner_jacobian=jnp.ones(()),
    )
    skewed = jax.jit(lambda found: fitted_map(settings, motor.lamination, found))(fields)
    plain = jax.jit(lambda found: fitted_map(dataclasses.replace(settings, skew=0.0), motor.lamination, found))(fields)
    random = np.random.default_rng(1).uniform([-1.0, 0.0, 0.0], [0.0, 1.0, 1.0], (40, 3))
    points = jnp.asarray(random[np.hypot(random[:, 0], random[:, 1]) < 1.0]) * scale
    turned = []
    for angle in angles:
        c, s = np.cos(angle), np.sin(angle)
        turn = np.array([[c, s, 0.0], [-s, c, 0.0], [0.0, 0.0, 1.0]])
        turned.append(exact(points @ turn.T) @ turn)
    reference = np.mean(np.asarray(turned), 0)
    read = lambda fitted: np.asarray(jax.vmap(flux_linkage_unit, (None, 0))(fitted.flux_map, points))  # noqa: E731
    size = np.abs(reference).max(0) + 1e-12
    error = np.abs(read(skewed) - reference).max(0) / size
    fit = np.abs(read(plain) - np.asarray(exact(points))).max(0) / size
    change = np.abs(reference - np.asarray(exact(points))).max(0) / size
    assert change[0] > 0.01
    assert np.all(error[:2] < fit[:2] + 0.004), (error, fit)  # little beside the error of any fit to so few points


def test_a_skewed_cage_is_refused():
    with pytest.raises(ValueError, match="cage"):
        LaminationMapSettings(TEMPLATES["im"], skew=1.0)
