"""Program 1: waveforms rebuilt by symmetry, iron loss against 48 rotor angles, flux map against fields it never saw."""

import functools
import json
from fractions import Fraction

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.interpolate import RegularGridInterpolator

from edu_opt.materials.steels import electrical_steel
from edu_opt.motor.field import ElementFields, FieldGrid, FieldMaterials, nested_models
from edu_opt.motor.field_losses import rotor_coefficients, spectral_derivative, stator_coefficients, stator_waveforms
from edu_opt.motor.flux_map import fit_flux_map, flux_linkage_unit
from edu_opt.motor.flux_map_forms import FORMS
from edu_opt.motor.geometry import Template, lamination_from_values, lamination_space
from edu_opt.motor.lamination_map import (
    LaminationMapSettings,
    MapMaterials,
    ampere_turn_scale,
    lamination_map,
    sampled_fields,
    steel_reluctivity,
)
from tests.shared_data import reference_file


def test_spectral_derivative_of_harmonics():
    time = np.arange(18) / 18
    for order in (1, 5, 7):
        exact = 2 * np.pi * order * np.cos(2 * np.pi * order * time)
        np.testing.assert_allclose(spectral_derivative(18) @ np.sin(2 * np.pi * order * time), exact, atol=1e-9)


@pytest.mark.parametrize("slots_per_pole", [6, 9, Fraction(9, 2), Fraction(36, 5)])
def test_waveforms_of_a_rotating_wave(slots_per_pole):
    """Waves that turn with the rotor: the samples rebuilt from 60 degrees are the waves over the whole period.

    Space orders are those of a winding with denominator b: 1 + 6 k / b (Pyrhonen et al., sec. 2.11, recalled)."""
    poles = Fraction(slots_per_pole).denominator
    grid = FieldGrid(Template(rotor="ipm", slots_per_pole=slots_per_pole, poles_per_sector=poles), "XS")
    rows, columns = sum(grid.stator_rows), grid.stator_shape[1]
    position = poles * np.pi * np.arange(columns) / columns  # electrical angle over the sector
    orders = [1 + 6 * k / poles for k in (-1, 0, 1, 2)]
    wave = lambda e: sum(np.cos(order * position - e) / abs(order) for order in orders)  # noqa: E731
    angles = np.pi / 3 * np.arange(3) / 3
    fields = np.broadcast_to(np.stack([wave(e) for e in angles])[:, None, None], (3, 2, rows, columns))
    rebuilt = np.asarray(stator_waveforms(grid, jnp.asarray(fields)))
    assert rebuilt.shape == (18, 2, rows, columns)
    expected = np.stack([wave(e + np.pi / 3 * s) for s in range(6) for e in angles])
    np.testing.assert_allclose(rebuilt[:, 0, 0], expected, atol=1e-12)


@pytest.mark.parametrize("key", ["prius_2004", "bmw_i3_like_V", "bmw_i3_2layer"])
def test_six_points_carry_the_map_of_a_reference_machine(key):
    """NGSolve tables (5 x 5 points): sampled at six points (cubic between table points), error at all points of the
    table. The i3 machines took no part in the search for the points; the 2-layer rotor is not even of the template."""
    results = json.loads(reference_file("motor_fem.json").read_text())["machines"][key]["results"]
    largest = max(-row["id"] for row in results)
    x = np.array([[row["id"] / largest, row["iq"] / largest] for row in results])
    flux = np.array([[row["psi_d"], row["psi_q"]] for row in results])
    d, q = np.unique(x[:, 0]), np.unique(x[:, 1])
    table = np.zeros((d.size, q.size, 2))
    table[np.searchsorted(d, x[:, 0]), np.searchsorted(q, x[:, 1])] = flux
    mirrored = np.concatenate([table[:, :0:-1] * [1, -1], table], 1)
    between = RegularGridInterpolator((d, np.concatenate([-q[:0:-1], q])), mirrored, method="cubic")
    points = np.array(FORMS["ipm_6_and_light"].points)
    samples = np.concatenate([between(points[:, :2]), np.zeros((len(points), 1))], 1)
    flux_map = fit_flux_map("ipm_6_and_light", jnp.ones(3), 6, jnp.asarray(samples))
    inside = np.hypot(*x.T) <= 1.001
    at = jnp.asarray(np.concatenate([x, 0 * x[:, :1]], 1))[inside]
    error = np.asarray(jax.jit(jax.vmap(flux_linkage_unit, (None, 0)))(flux_map, at))[:, :2] - flux[inside]
    torque = lambda psi: psi[:, 0] * x[inside, 1] - psi[:, 1] * x[inside, 0]  # noqa: E731
    assert np.sqrt(np.mean(error**2)) < 0.015 * np.abs(flux).max()
    torque_error = np.sqrt(np.mean(torque(error) ** 2)) / np.abs(torque(flux[inside])).max()
    assert torque_error < 0.01


MATERIALS = MapMaterials(
    reluctivity=steel_reluctivity("NO20"),
    steel=electrical_steel("NO20"),
    remanence=jnp.asarray(1.19),
    magnet_permeability=jnp.asarray(1.05),
)


def _lamination(template: Template, pole_pairs: float, values):
    return lamination_from_values(template, pole_pairs, values)


@functools.partial(jax.jit, static_argnums=(0, 1))
def _fields(settings, angles, pole_pairs, values, points):
    """Unit fluxes (points, 3), element fields (points, angles, ...) and the largest ampere-turns (3,)."""
    lamination = _lamination(settings.template, pole_pairs, values)
    scale = ampere_turn_scale(settings, lamination)
    materials = FieldMaterials(
        stator_steel=MATERIALS.reluctivity,
        rotor_steel=MATERIALS.reluctivity,
        remanence=MATERIALS.remanence,
        magnet_permeability=MATERIALS.magnet_permeability,
    )
    models = nested_models(FieldGrid(settings.template, settings.level), lamination, materials)
    _, flux, fields = sampled_fields(settings, models, points * scale, np.asarray(angles))
    return jnp.mean(flux, 1), fields, scale


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["ipm", "eesm"])
def test_iron_loss_against_48_rotor_angles(kind):
    """Stator loss at 400 and 1000 Hz from the usual 3 (2) rotor angles within 12 % of 48 angles over 360 degrees."""
    template = Template(rotor=kind, slots_per_pole=6 if kind == "ipm" else 9)
    settings, grid = LaminationMapSettings(template=template), FieldGrid(template, "XS")
    values = lamination_space(template).to_physical(0.5 * jnp.ones(len(lamination_space(template))))
    points = jnp.array([[-0.3, 0.5, 0.8 if kind == "eesm" else 0.0]])
    usual = tuple(settings.rotor_angles)
    dense = tuple(np.pi / 3.0 * np.arange(8) / 8)  # 8 x 6 = 48 samples of the period
    result = []
    for angles in (usual, dense):
        _, fields, _ = _fields(settings, angles, 3.0, values, points)
        one = ElementFields(**{k: getattr(fields, k)[0] for k in ("stator", "stator_area", "rotor", "rotor_area")})
        stator = stator_coefficients(grid, one, MATERIALS.steel)
        rotor, _ = rotor_coefficients(grid, one, MATERIALS.steel)
        powers = lambda f: jnp.array([f, f**2, f**1.5, 0.0])  # noqa: E731  without skin effect
        result.append([float(jnp.sum(stator @ powers(f))) for f in (400.0, 1000.0)] + [float(rotor @ powers(400.0))])
    print(kind, "few / 48 angles: stator 400, 1000 Hz, rotor:", np.array(result[0]) / np.array(result[1]))
    np.testing.assert_allclose(result[0][:2], result[1][:2], rtol=0.12)
    assert 0.4 < result[0][2] / result[1][2] < 2.5


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["ipm", "eesm"])
def test_map_against_fields_it_never_saw(kind):
    """Random currents on a random lamination that took no part in the search: rms of the maximum."""
    template = Template(rotor=kind, slots_per_pole=6 if kind == "ipm" else 9)
    settings, space = LaminationMapSettings(template=template), lamination_space(template)
    generator = np.random.default_rng(11)
    values = space.to_physical(jnp.asarray(generator.uniform(0.2, 0.8, len(space))))
    radius, angle = np.sqrt(generator.uniform(0, 1, 32)), generator.uniform(0, np.pi / 2, 32)
    field = generator.uniform(0.2, 1.0, 32) if kind == "eesm" else 0 * radius
    x = np.stack([-radius * np.sin(angle), radius * np.cos(angle), field], 1)
    sampled = np.array(FORMS[settings.form_name].points)
    points = jnp.asarray(np.concatenate([sampled, x]))
    flux, _, scale = _fields(settings, tuple(settings.rotor_angles), 3.0, values, points)
    flux_map = fit_flux_map(settings.form_name, scale, template.slots_per_pole, flux[: len(sampled)])
    truth = np.asarray(flux[len(sampled) :])
    error = np.asarray(jax.jit(jax.vmap(flux_linkage_unit, (None, 0)))(flux_map, x * scale)) - truth
    keep = truth[:, 0] > -0.1 * np.abs(truth[:, 0]).max()
    share = np.sqrt(np.mean(error[keep] ** 2, 0)) / np.maximum(np.abs(truth).max(0), 1e-9)
    torque = lambda psi: psi[:, 0] * x[:, 1] - psi[:, 1] * x[:, 0]  # noqa: E731
    torque_share = np.sqrt(np.mean(torque(error)[keep] ** 2)) / np.abs(torque(truth)).max()
    print(kind, "rms error % psi_d psi_q psi_f torque:", 100 * np.append(share, torque_share))
    # eesm: 2.1 and 2.2 % measured; the two-feature form leaves 1.3 to 1.8 % in torque however many points it gets.
    # ipm: 1.8 and 0.7 %; the samples at light load, which the loss needs, cost 0.3 % here (form searched without them)
    assert share[:2].max() < (0.02 if kind == "ipm" else 0.03) and torque_share < (0.01 if kind == "ipm" else 0.025)


@pytest.mark.slow
def test_forward_derivative_of_the_map():
    """jacfwd of program 1 against central differences in one direction of the lamination's box (ipm, XS)."""
    template = Template(rotor="ipm", slots_per_pole=6)
    settings, space = LaminationMapSettings(template=template), lamination_space(template)
    centre, direction = 0.5 * np.ones(len(space)), np.random.default_rng(1).normal(size=len(space))

    @jax.jit
    def outputs(t):
        lamination = _lamination(template, 4.0, space.to_physical(centre + t * direction))
        result = lamination_map(settings, lamination, MATERIALS)
        at = 0.5 * jnp.array([-1.0, 1.0, 0.0]) * result.ampere_turn_scale
        return jnp.append(flux_linkage_unit(result.flux_map, at)[:2], result.magnet_flux_density[1])

    exact, step = jax.jit(jax.jacfwd(outputs))(0.0), 1e-4
    numeric = (outputs(step) - outputs(-step)) / (2 * step)
    np.testing.assert_allclose(exact, numeric, rtol=2e-3, atol=1e-5)
