"""A cage rotor on the XS grid: rotor-flux orientation, reciprocity, derivatives, torque, linear closed forms."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from edu_opt.motor.field import (
    Excitation,
    FieldGrid,
    FieldMaterials,
    Region,
    SolverSettings,
    cage_quantities,
    field_model,
    field_quantities,
    linear_reluctivity,
    reluctivity_from_curve,
    rotor_regions,
    solve_model,
)
from edu_opt.motor.geometry import Template, lamination_from_values, lamination_space
from edu_opt.motor.winding import winding_factor
from edu_opt.numerics.constants import VACUUM_PERMEABILITY
from tests.motor.test_field_solution import M19_FIELD, M19_FLUX

POLE_PAIRS = 3.0
TEMPLATE = Template(rotor="im", slots_per_pole=6, bars_per_sector=8, open_bars=True)
GRID = FieldGrid(TEMPLATE, "XS")
SPACE = lamination_space(TEMPLATE)
VALUES = SPACE.low + 0.5 * (SPACE.high - SPACE.low)
SETTINGS = SolverSettings(cold_steps=16)  # bridges far beyond saturation
CURRENT = 1200.0  # A, peak ampere-turns of a full slot
BASE = np.array([0.3, 0.7, 0.25, 0.1])  # i_d, i_q in CURRENT, angles of the d axis and of bar 0
STEP = 1e-5
POSITIONS = 7
NAMES = ("psi_d", "psi_q", "bar_current", "psi_rd", "torque_rotor")


def field_materials(steel) -> FieldMaterials:
    none = jnp.zeros(())
    return FieldMaterials(stator_steel=steel, rotor_steel=steel, remanence=none, magnet_permeability=none + 1.0)


def excitation_of(x: jax.Array) -> Excitation:
    return Excitation(
        slot_ampere_turns_d=x[0] * CURRENT,
        slot_ampere_turns_q=x[1] * CURRENT,
        field_ampere_turns=jnp.zeros(()),
        rotor_angle_electrical=x[2],
        bar_angle_electrical=x[3],
    )


def lattice(count: int) -> np.ndarray:
    """Angles (count, 2) of d axis (over 60 degrees) and bar 0 (over a bar pitch), spread evenly over both."""
    k = np.arange(count)
    return np.stack([np.pi / 3 * k / count, np.pi / TEMPLATE.bars_per_sector * (3 * k % count) / count], 1)


def at_positions(i_d: float, i_q: float, count: int = POSITIONS) -> list[np.ndarray]:
    return [np.array([i_d, i_q, *angles]) for angles in lattice(count)]


@pytest.fixture(scope="module")
def solved() -> dict[str, dict[str, np.ndarray]]:
    """Saturating steel and nearly ideal iron, all points of all tests: one compiled program."""
    displaced = [BASE + sign * STEP * row for sign in (1, -1) for row in np.eye(4)]
    unloaded = [np.array([0.3, 0.0, 0.0, 0.0]), np.array([0.0, 0.0, 0.2, 0.1])]
    means = [p for currents in ((0.3, 0.0), (0.3, 0.7)) for p in at_positions(*currents)]
    points = jnp.asarray(np.stack([BASE, *displaced, *unloaded, *means]))

    def outputs(model, x):
        excitation = excitation_of(x)
        solution = solve_model(GRID, (model,), excitation, settings=SETTINGS)
        stator = field_quantities(GRID, model, excitation, solution)
        cage = cage_quantities(GRID, model, excitation, solution)
        vector = jnp.stack([stator.psi_d, stator.psi_q, cage.bar_current, cage.psi_rd, cage.torque])
        return vector, (vector, cage.psi_rq, stator.torque_dq, stator.torque_virtual_work, solution.residual)

    def everything(steel):
        model = field_model(GRID, lamination_from_values(TEMPLATE, POLE_PAIRS, VALUES), field_materials(steel))
        jacobian, rest = jax.vmap(jax.jacfwd(lambda x: outputs(model, x), has_aux=True))(points)
        return (jacobian, *rest)

    compiled = jax.jit(everything)
    keys = ("jacobian", "vector", "psi_rq", "torque_dq", "torque_virtual_work", "residual")
    steels = {"steel": reluctivity_from_curve(M19_FIELD, M19_FLUX), "ideal": linear_reluctivity(1e5)}
    return {name: dict(zip(keys, map(np.asarray, compiled(steel)), strict=True)) for name, steel in steels.items()}


def test_every_point_converges_without_rotor_q_flux(solved) -> None:
    for found in solved.values():
        assert found["residual"].max() < 1e-5
        assert np.abs(found["psi_rq"]).max() < 1e-9 * np.abs(found["vector"][:, 3]).max()


def test_derivatives_agree_with_differences(solved) -> None:
    found = solved["steel"]
    difference = (found["vector"][1:5] - found["vector"][5:9]).T / (2 * STEP)
    scale = np.abs(found["jacobian"][0]).max(1, keepdims=True)
    np.testing.assert_allclose(found["jacobian"][0] / scale, difference / scale, atol=2e-6)


def test_stator_fluxes_stay_reciprocal_under_the_constraint(solved) -> None:
    jacobian = solved["steel"]["jacobian"]
    np.testing.assert_allclose(jacobian[:, 0, 1], jacobian[:, 1, 0], atol=1e-7 * np.abs(jacobian[:, :2, :2]).max())


def test_no_load_carries_no_bar_current(solved) -> None:
    for found in solved.values():
        assert abs(found["vector"][9, 2]) < 1e-6 * abs(found["vector"][0, 2])  # a position symmetric to the d axis
        assert np.abs(found["vector"][10]).max() < 1e-12  # no current, no field


def test_torques_of_rotor_stator_and_air_gap_are_one(solved) -> None:
    for found in solved.values():
        rotor, stator, gap = (
            part[11 + POSITIONS :].mean()
            for part in (found["vector"][:, 4], found["torque_dq"], found["torque_virtual_work"])
        )
        assert rotor > 0
        assert stator == pytest.approx(rotor, rel=0.02)
        assert gap == pytest.approx(rotor, rel=0.03)


def test_linear_iron_agrees_with_the_equivalent_circuit(solved) -> None:
    """L_s, M and L_r from the main field and the bar current give the transient inductance; M that of a smooth gap."""
    vector = solved["ideal"]["vector"]
    i_d, i_q = 0.3 * CURRENT, 0.7 * CURRENT
    unloaded, loaded = vector[11 : 11 + POSITIONS].mean(0), vector[11 + POSITIONS :].mean(0)
    assert loaded[0] == pytest.approx(unloaded[0], rel=1e-2)  # superposition, up to the positions' slot harmonics
    own, mutual = unloaded[0] / i_d, unloaded[3] / i_d
    rotor_own = mutual * i_q / loaded[2]
    assert loaded[1] / i_q == pytest.approx(own - mutual**2 / (1.5 * rotor_own), rel=0.05)
    lamination = lamination_from_values(TEMPLATE, POLE_PAIRS, VALUES)
    stator, rotor = lamination.stator, lamination.rotor
    gap = float(lamination.air_gap)
    bars = 2.0 * POLE_PAIRS * TEMPLATE.bars_per_sector
    effective_gap = gap
    for width, count in ((float(stator.opening_width), float(lamination.slots)), (float(rotor.opening_width), bars)):
        share, pitch = width / (2.0 * gap), 2.0 * np.pi * float(stator.bore_radius) / count
        gamma = 4.0 / np.pi * (share * np.arctan(share) - 0.5 * np.log(1.0 + share**2))
        effective_gap *= pitch / (pitch - gamma * gap)  # Carter (notes 6.1)
    turns = winding_factor(36, 6, 6) * float(lamination.slots) / 6.0
    radius = float(stator.bore_radius) - 0.5 * gap
    main = 6.0 / np.pi * VACUUM_PERMEABILITY * radius / (POLE_PAIRS**2 * effective_gap) * turns**2
    assert mutual == pytest.approx(main * 0.5 * bars / (2.0 * turns), rel=0.05)


def test_bars_have_their_section_in_every_pole() -> None:
    regions = rotor_regions(GRID)
    bars = regions == Region.BAR
    assert bars.any(0).reshape(TEMPLATE.bars_per_sector, -1).sum(1).tolist() == [4] * TEMPLATE.bars_per_sector


@pytest.mark.slow
def test_reverse_mode_agrees_with_forward_mode(solved) -> None:
    steel = reluctivity_from_curve(M19_FIELD, M19_FLUX)

    def torque(x, values):
        model = field_model(GRID, lamination_from_values(TEMPLATE, POLE_PAIRS, values), field_materials(steel))
        excitation = excitation_of(x)
        solution = solve_model(GRID, (model,), excitation, settings=SETTINGS)
        return cage_quantities(GRID, model, excitation, solution).torque

    by_point, by_values = jax.jit(jax.grad(torque, (0, 1)))(jnp.asarray(BASE), jnp.asarray(VALUES))
    forward = solved["steel"]["jacobian"][0, 4]
    np.testing.assert_allclose(by_point, forward, atol=1e-7 * np.abs(forward).max())
    assert np.all(np.isfinite(np.asarray(by_values)))
    assert np.count_nonzero(np.asarray(by_values)) == len(SPACE)


@pytest.mark.slow
@pytest.mark.parametrize("open_bars", [False, True])
def test_every_point_of_the_box_and_its_corners_has_a_valid_mesh(open_bars: bool) -> None:
    template = Template(rotor="im", slots_per_pole=6, bars_per_sector=8, open_bars=open_bars)
    space, grid = lamination_space(template), FieldGrid(template, "XS")
    generator = np.random.default_rng(7)
    unit = np.concatenate([generator.uniform(size=(128, len(space))), generator.integers(0, 2, (128, len(space)))])
    materials = field_materials(linear_reluctivity(1000.0))

    def corner(values, pole_pairs):
        return field_model(grid, lamination_from_values(template, pole_pairs, values), materials).corner_jacobian

    compiled = jax.jit(jax.vmap(corner, (0, None)))
    for pole_pairs in (2.0, 3.0, 5.0):
        assert np.asarray(compiled(jnp.asarray(space.low + unit * (space.high - space.low)), pole_pairs)).min() > 0.05


@pytest.mark.slow
def test_a_periodic_sector_of_two_poles_equals_one_pole(solved) -> None:
    pair = FieldGrid(
        Template(rotor="im", slots_per_pole=6, poles_per_sector=2, bars_per_sector=16, open_bars=True), "XS"
    )
    steel = reluctivity_from_curve(M19_FIELD, M19_FLUX)

    def quantities(x):
        lamination = lamination_from_values(pair.template, POLE_PAIRS, jnp.asarray(VALUES))
        model, excitation = field_model(pair, lamination, field_materials(steel)), excitation_of(x)
        solution = solve_model(pair, (model,), excitation, settings=SETTINGS)
        stator = field_quantities(pair, model, excitation, solution)
        cage = cage_quantities(pair, model, excitation, solution)
        return jnp.stack([stator.psi_d, stator.psi_q, cage.bar_current, cage.psi_rd, cage.torque])

    np.testing.assert_allclose(jax.jit(quantities)(jnp.asarray(BASE)), solved["steel"]["vector"][0], rtol=1e-6)
