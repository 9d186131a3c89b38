"""Rotors of several flux barriers: grids over their whole design space, dimensions, fields, outlines as polygons."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from edu_opt.motor.barriers import Barrier
from edu_opt.motor.dimensions import lamination_dimensions
from edu_opt.motor.field import (
    Excitation,
    FieldGrid,
    FieldMaterials,
    Region,
    field_model,
    field_quantities,
    reluctivity_from_curve,
    rotor_regions,
    solve_model,
)
from edu_opt.motor.field.elements import cell_metric
from edu_opt.motor.field.model import _rotor_nodes
from edu_opt.motor.flux_map import fit_flux_map, flux_linkage_unit, sample_ampere_turns
from edu_opt.motor.flux_map_forms import FORMS
from edu_opt.motor.geometry import Template, lamination_from_values, lamination_space
from tests.motor.test_field_solution import M19_FIELD, M19_FLUX

MAGNET, POSTED = Barrier(centre="magnet"), Barrier(centre="magnet", post=True)
TEMPLATES = {
    "flat_bar": Template(rotor="ipm", slots_per_pole=6, barriers=(MAGNET,)),
    "double_v": Template(rotor="ipm", slots_per_pole=6, barriers=(POSTED, POSTED)),
    "magnets_in_arms": Template(
        rotor="ipm", slots_per_pole=6, barriers=(MAGNET, Barrier(centre="magnet", arm="magnet", post=True))
    ),
    "synrm_2": Template(rotor="synrm", slots_per_pole=6, barriers=(Barrier(),) * 2),
    "synrm_2_magnets": Template(rotor="synrm", slots_per_pole=6, barriers=(MAGNET, MAGNET)),
    "synrm_3_posts": Template(rotor="synrm", slots_per_pole=6, barriers=(Barrier(post=True),) * 3),
    "synrm_3_magnets": Template(rotor="synrm", slots_per_pole=6, barriers=(MAGNET,) * 3),
}
SYNRM = TEMPLATES["synrm_2"]
CURRENT = 1500.0  # A, peak ampere-turns of a full slot


def corner_jacobians(template: Template, level: str, poles: tuple[float, ...], random: int, corners: int) -> np.ndarray:
    """Smallest corner Jacobians of the rotor grid (pole pairs, points) inside the design space and at its corners."""
    space, grid = lamination_space(template), FieldGrid(template, level)
    generator = np.random.default_rng(11)
    inside, edge = (
        generator.uniform(size=(random, len(space))),
        generator.integers(0, 2, (corners, len(space))).astype(float),
    )

    def corner(unit: jax.Array, pole_pairs: jax.Array) -> jax.Array:
        values = space.low + unit * (space.high - space.low)
        x, y, _, _ = _rotor_nodes(grid, lamination_from_values(template, pole_pairs, values))
        return cell_metric(x, y, -1)[1]

    compiled = jax.jit(jax.vmap(jax.vmap(corner, (0, None)), (None, 0)))
    return np.asarray(compiled(jnp.asarray(np.concatenate([inside, edge])), jnp.asarray(poles)))


def test_no_point_of_the_design_space_folds_the_grid() -> None:
    assert corner_jacobians(TEMPLATES["synrm_3_magnets"], "XS", (2.0, 4.0, 6.0), 50, 200).min() > 0.1


@pytest.mark.slow
@pytest.mark.parametrize("name", TEMPLATES)
def test_no_point_folds_the_finer_grids(name: str) -> None:
    for level in ("XS", "M"):
        assert corner_jacobians(TEMPLATES[name], level, (2.0, 3.0, 4.0, 5.0, 6.0), 200, 1500).min() > 0.1


@pytest.mark.parametrize("name", ["double_v", pytest.param("synrm_3_posts", marks=pytest.mark.slow)])
def test_dimensions_are_those_of_the_drawn_regions(name: str) -> None:
    template, pole_pairs = TEMPLATES[name], 4.0
    space, grid = lamination_space(template), FieldGrid(template, "M")

    def areas(values: jax.Array):
        lamination = lamination_from_values(template, pole_pairs, values)
        x, y, _, _ = _rotor_nodes(grid, lamination)
        return lamination_dimensions(lamination), jnp.sum(cell_metric(x, y, -1)[0].weight, 0)

    size, cells = jax.jit(areas)(0.5 * (space.low + space.high))
    regions, poles = rotor_regions(grid), 2.0 * pole_pairs
    iron = np.isin(regions, [Region.ROTOR_IRON, Region.ROTOR_SURFACE])
    assert float(size.rotor_steel_area) == pytest.approx(poles * np.asarray(cells)[iron].sum(), rel=1e-3)
    magnets = poles * np.asarray(cells)[regions == Region.MAGNET].sum()
    assert float(size.magnet_area) == pytest.approx(magnets, rel=1e-3, abs=1e-12)
    assert float(size.shaft_radius) < float(size.pole_cap_radius) < float(size.rotor_radius)
    assert 0.0 < float(size.pole_cap_area) < float(size.rotor_steel_area) / poles


@pytest.fixture(scope="module")
def solved() -> dict[str, np.ndarray]:
    """A synrm without magnets at mirrored currents: fluxes, their derivatives to the currents, torque, residual."""
    space, grid = lamination_space(SYNRM), FieldGrid(SYNRM, "XS")
    steel = reluctivity_from_curve(M19_FIELD, M19_FLUX)
    materials = FieldMaterials(
        stator_steel=steel, rotor_steel=steel, remanence=jnp.zeros(()), magnet_permeability=jnp.ones(())
    )
    values = 0.5 * (space.low + space.high)
    model = jax.jit(lambda v: field_model(grid, lamination_from_values(SYNRM, 3.0, v), materials))(values)

    def outputs(x: jax.Array):
        point = Excitation(
            slot_ampere_turns_d=x[0] * CURRENT,
            slot_ampere_turns_q=x[1] * CURRENT,
            field_ampere_turns=jnp.zeros(()),
            rotor_angle_electrical=x[2],
        )
        solution = solve_model(grid, (model,), point)
        found = field_quantities(grid, model, point, solution)
        flux = jnp.stack([found.psi_d, found.psi_q])
        return flux, (flux, found.torque_dq, solution.residual, solution.converged)

    # Mirroring i_d or i_q together with the rotor angle mirrors the whole problem.
    points = jnp.array([[-0.6, 0.7, 0.2], [-0.6, -0.7, -0.2], [0.6, 0.7, -0.2], [0.6, -0.7, 0.2], [-1.2, 1.2, 0.0]])
    jacobian, (flux, torque, residual, converged) = jax.jit(jax.vmap(jax.jacfwd(outputs, has_aux=True)))(points)
    names = ("jacobian", "flux", "torque", "residual", "converged")
    return dict(zip(names, map(np.asarray, (jacobian, flux, torque, residual, converged)), strict=True))


def test_a_synrm_converges_and_is_reciprocal(solved) -> None:
    assert solved["converged"].all() and solved["residual"].max() < 1e-4
    cross = solved["jacobian"][:, 0, 1], solved["jacobian"][:, 1, 0]
    np.testing.assert_allclose(*cross, atol=1e-7 * np.abs(solved["jacobian"][:, :, :2]).max())


def test_the_d_axis_is_the_one_across_the_barriers(solved) -> None:
    assert solved["torque"][0] > 0.0
    assert 2.0 * abs(solved["flux"][0, 0]) < solved["flux"][0, 1]


def test_a_rotor_without_magnets_mirrors_its_fluxes(solved) -> None:
    signs = np.array([[1.0, 1.0], [1.0, -1.0], [-1.0, 1.0], [-1.0, -1.0]])
    scale = np.abs(solved["flux"]).max()
    np.testing.assert_allclose(
        solved["flux"][:4] * signs / scale, np.tile(solved["flux"][0] / scale, (4, 1)), atol=1e-4
    )


def test_the_map_of_a_synrm_is_mirrored_in_both_currents() -> None:
    scale = jnp.array([1200.0, 1200.0, 1.0])
    currents = sample_ampere_turns("synrm_6", scale)
    inductance = jnp.array([1e-5, 4e-5, 0.0])
    flux = inductance * currents / (1.0 + jnp.abs(currents) / 1500.0)
    fitted = fit_flux_map("synrm_6", scale, 6, flux)
    at = jax.jit(jax.vmap(lambda point: flux_linkage_unit(fitted, point)))
    signs = jnp.array([[1.0, 1.0, 1.0], [-1.0, 1.0, 1.0], [1.0, -1.0, 1.0], [-1.0, -1.0, 1.0]])
    here = np.asarray(at(signs * jnp.array([-500.0, 700.0, 0.0])))
    np.testing.assert_allclose(here * np.asarray(signs), np.tile(here[0], (4, 1)), rtol=1e-9, atol=1e-15)
    np.testing.assert_allclose(np.asarray(at(currents))[:, :2], np.asarray(flux)[:, :2], atol=2e-3 * float(flux.max()))
    assert len(FORMS["synrm_6"].points) == 6
    np.testing.assert_allclose(np.asarray(at(jnp.zeros((1, 3))))[0], 0.0, atol=1e-15)
