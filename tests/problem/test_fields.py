"""First-order models of sampled fields: the maps fitted to them stay close to those of the fields themselves."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from edu_opt.motor.flux_map import flux_linkage_unit
from edu_opt.motor.flux_map_forms import FORMS
from edu_opt.motor.geometry import lamination_from_values, lamination_space
from edu_opt.motor.lamination_map import LaminationFields, LaminationMapSettings, ampere_turn_scale, fitted_map
from edu_opt.problem.fields import FieldExpansion, linear, local_map, with_slope
from tests.motor.reference_motors import POLE_PAIRS, TEMPLATES, saturating_fluxes


def analytic_fields(settings: LaminationMapSettings, kind: str, unit: jax.Array) -> LaminationFields:
    """Fields of an analytic machine whose flux and loss follow its ampere-turns, hence its slots and coils."""
    lamination = lamination_from_values(
        settings.template, POLE_PAIRS[kind], lamination_space(settings.template).to_physical(unit)
    )
    scale = ampere_turn_scale(settings, lamination)
    x = jnp.asarray(FORMS[settings.form_name].points) * scale / jnp.array([4e3, 4e3, 4e3 if kind == "eesm" else 1.0])
    flux = 0.05 * saturating_fluxes(kind, x)
    loss = jnp.sum(flux[:, :2] ** 2, -1, keepdims=True) * jnp.ones(10)
    one = jnp.ones(())
    return LaminationFields(
        flux=flux,
        losses=loss,
        magnet_flux_density=jnp.array([0.9, 0.3]),
        residual=0.0 * one,
        converged=one,
        corner_jacobian=one,
    )


@pytest.mark.parametrize("kind", [pytest.param("eesm", marks=pytest.mark.slow), "ipm"])
def test_maps_near_an_expansion(kind):
    """A tenth of every variable's range away (7 % of the largest flux at worst), and slopes are exact anywhere.

    Extrapolating the fitted weights instead of the samples misses by a multiple where they follow a ratio (eesm)."""
    settings = LaminationMapSettings(template=TEMPLATES[kind])
    space, generator = lamination_space(settings.template), np.random.default_rng(5)
    centre = jnp.asarray(generator.uniform(0.3, 0.7, len(space)))
    away = centre + jnp.asarray(generator.choice([-0.1, 0.1], len(space)))
    currents = jnp.asarray(generator.uniform(-1.0, 1.0, (20, 3))) * jnp.array([-0.5, 0.5, 0.5]) + jnp.array([0, 0, 0.5])

    @jax.jit
    def fluxes(point):
        expansion = FieldExpansion(centre=centre, **dict(zip(("value", "slope"), slopes_at(centre), strict=True)))
        local = local_map(settings, expansion, point, POLE_PAIRS[kind])
        lamination = lamination_from_values(settings.template, POLE_PAIRS[kind], space.to_physical(point))
        exact = fitted_map(settings, lamination, analytic_fields(settings, kind, point))
        at = currents * ampere_turn_scale(settings, lamination)
        step = 1e-4 * (away - centre)
        near, moved = linear(local, point + step), local_map(settings, expansion, point + step, POLE_PAIRS[kind]).value
        weights = linear(local_map(settings, expansion, centre, POLE_PAIRS[kind]), point)
        maps = (local.value, exact, near, moved, weights)
        return [jax.vmap(lambda i, m=m: flux_linkage_unit(m.flux_map, i))(at) for m in maps]

    def slopes_at(point):
        return with_slope(lambda unit: analytic_fields(settings, kind, unit), point)

    model, exact, near, moved, weights = (np.asarray(v)[:, :2] for v in fluxes(away))
    largest = np.abs(exact).max()
    print(kind, np.abs(model - exact).max() / largest, np.abs(weights - exact).max() / largest)
    assert np.abs(model - exact).max() < 0.08 * largest
    if kind == "eesm":
        assert np.abs(weights - exact).max() > 3.0 * np.abs(model - exact).max()
    assert np.abs(moved - model).max() > 1e-8 * largest  # the step moves the map
    assert np.abs(near - moved).max() < 1e-2 * np.abs(moved - model).max()
