"""Magnets: margin linear in current and remanence, and the map at another magnet temperature, against field solves."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from edu_opt.materials.magnets import knee_flux_density, magnet, remanence
from edu_opt.materials.steels import electrical_steel
from edu_opt.motor.demagnetization import CORNER_WIDTH, demagnetization_corners
from edu_opt.motor.faults import flux_at_temperature
from edu_opt.motor.field import FieldGrid, FieldMaterials, Region, nested_models, rotor_regions
from edu_opt.motor.field.grid import pole_signs, side_signs
from edu_opt.motor.flux_map import fit_flux_map
from edu_opt.motor.flux_map_forms import FORMS
from edu_opt.motor.geometry import lamination_from_values, lamination_space
from edu_opt.motor.lamination_map import (
    DEMAGNETIZATION_WIDTH,
    LaminationMapSettings,
    ampere_turn_scale,
    sampled_fields,
    steel_reluctivity,
)
from edu_opt.motor.model import MAP_MAGNET_CELSIUS, demagnetization_margin, map_range, motor_from_values
from edu_opt.numerics.pytree import replace
from edu_opt.numerics.smooth import soft_minimum
from tests.motor.reference_motors import TEMPLATES, analytic_map, analytic_motor

TEMPLATE, GRADE = TEMPLATES["ipm"], magnet("N42UH")
SETTINGS, GRID = LaminationMapSettings(template=TEMPLATE), FieldGrid(TEMPLATE, "XS")
SHARES = np.array([0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5])  # of the map's largest negative d current


def test_worst_corner_is_the_smaller_margin():
    motor, celsius = analytic_motor("ipm"), jnp.asarray(150.0)
    stator, _ = map_range(motor)
    before = jnp.stack([-0.2 * stator, 0.3 * stator, 0.0 * stator])
    corners = jax.jit(demagnetization_corners)(motor, celsius, 0.5 * stator, before)
    assert float(corners.short) == pytest.approx(float(demagnetization_margin(motor, celsius, corners.short_current)))
    smaller = min(float(corners.control), float(corners.short))
    assert smaller - CORNER_WIDTH * np.log(2.0) <= float(corners.worst) <= smaller
    assert float(corners.short_current) > 0.0
    assert float(demagnetization_margin(analytic_motor("eesm"), celsius, jnp.asarray(100.0))) == 1.0


@jax.jit
def solved(values, pole_pairs, flux_density_remanent):
    """(fluxes at the form's points, fluxes at `SHARES`, smallest flux densities there, bases) from field solves."""
    lamination = lamination_from_values(TEMPLATE, pole_pairs, values)
    scale, steel = ampere_turn_scale(SETTINGS, lamination), steel_reluctivity("NO20")
    materials = FieldMaterials(
        stator_steel=steel,
        rotor_steel=steel,
        remanence=flux_density_remanent,
        magnet_permeability=GRADE.relative_permeability,
    )
    models = nested_models(GRID, lamination, materials)
    own = np.array(FORMS[SETTINGS.form_name].points)
    points = np.concatenate([own, np.stack([-SHARES, 0 * SHARES, 0 * SHARES], 1)])
    _, flux, fields = sampled_fields(SETTINGS, models, points * scale, SETTINGS.rotor_angles)
    direction, first = models[0].magnet_direction, fields.rotor[len(own) :, 0]
    along = (first[:, 0] * direction[0] + first[:, 1] * direction[1] * side_signs(GRID)) * pole_signs(GRID)
    density = jnp.where(rotor_regions(GRID) == Region.MAGNET, along, 10.0).reshape(len(SHARES), -1)
    mean = jnp.mean(flux, 1)
    return mean[: len(own)], mean[len(own) :], soft_minimum(density, DEMAGNETIZATION_WIDTH, axis=-1), scale


@pytest.mark.slow
def test_linear_margin_and_equivalent_current_against_field_solves():
    """Four V laminations (4 to 10 poles) at 20, 100 and 150 degC: |error| of the margin <= 0.05 T inside the map's
    range, on the safe side beyond it; no-load flux at 20 and 150 degC within 3 % (the remanence alone: up to 9 %)."""
    space, generator = lamination_space(TEMPLATE), np.random.default_rng(3)
    units = [0.5 * np.ones(len(space)), *generator.uniform(0.1, 0.9, (3, len(space)))]
    inside, beyond, cold_errors, simple_errors = [], [], [], []
    for unit, pole_pairs in zip(units, (4.0, 3.0, 5.0, 2.0), strict=True):
        values = space.to_physical(jnp.asarray(unit))
        by_celsius = {t: solved(values, pole_pairs, remanence(GRADE, jnp.asarray(t))) for t in (20.0, 100.0, 150.0)}
        samples, flux, density, scale = by_celsius[MAP_MAGNET_CELSIUS]
        fields = replace(
            analytic_map("ipm", scale),
            flux_map=fit_flux_map(SETTINGS.form_name, scale, TEMPLATE.slots_per_pole, samples),
            magnet_flux_density=density[jnp.array([0, 4])],
        )
        motor = motor_from_values(
            "ipm",
            jnp.array([1.0, 0.5]),  # one metre of stack, one conductor per slot: the field's own scales
            lamination=lamination_from_values(TEMPLATE, pole_pairs, values),
            lamination_map=fields,
            steel=electrical_steel("NO20"),
            magnet=GRADE,
            parallel_paths=1.0,
        )
        margins = jax.jit(jax.vmap(demagnetization_margin, (None, None, 0)))
        no_load = jax.jit(lambda motor, t: flux_at_temperature(motor, jnp.zeros(3), t)[0])
        for celsius, (_, other_flux, other_density, _) in by_celsius.items():
            at = jnp.asarray(celsius)
            found = margins(motor, at, SHARES * map_range(motor)[0]) + knee_flux_density(GRADE, at)
            error = np.asarray(found - other_density)
            inside.append(error[:5])
            beyond.append(error[5:])
            ratio = float(other_flux[0, 0] / flux[0, 0])
            predicted = float(no_load(motor, at) / no_load(motor, jnp.asarray(MAP_MAGNET_CELSIUS)))
            cold_errors.append(predicted / ratio - 1.0)
            simple = float(remanence(GRADE, at) / remanence(GRADE, jnp.asarray(MAP_MAGNET_CELSIUS)))
            simple_errors.append(simple / ratio - 1.0)
    print("margin inside:", np.min(inside), np.max(inside), "beyond:", np.min(beyond, 0), np.max(beyond, 0))
    print("no-load flux:", np.round(cold_errors, 4), "remanence alone:", np.round(simple_errors, 4))
    assert np.abs(inside).max() <= 0.05
    assert np.max(beyond) <= 0.02
    assert np.abs(cold_errors).max() <= 0.03 < np.abs(simple_errors).max()
