"""Elements, air gap and elimination against closed forms and dense algebra (no motor, no nonlinearity)."""

from __future__ import annotations

import dataclasses
import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from edu_opt.motor.field.air_gap import air_gap_element, coupling_matrix, ring_matrices, virtual_work_torque
from edu_opt.motor.field.elements import cell_metric, stiffness, stiffness_product
from edu_opt.motor.field.elimination import factorize, solve_factorized
from edu_opt.motor.field.grid import FieldGrid
from edu_opt.motor.field.grid_stator import stator_nodes
from edu_opt.motor.geometry import StatorGeometry, Template
from edu_opt.numerics.constants import VACUUM_RELUCTIVITY
from edu_opt.numerics.linear import symmetric_inverse

POLE_PAIRS, SECTOR = 4, np.pi / 4
SHAFT, ROTOR, BORE, OUTER = 0.04, 0.0695, 0.07, 0.1
PERMEABILITY = 50.0


def annulus(rows: int, columns: int, first: float, last: float) -> tuple[jax.Array, jax.Array]:
    """Nodes of a concentric grid, ring 0 at radius `first`."""
    radius = np.geomspace(first, last, rows + 1)[:, None]
    angle = np.linspace(0.0, SECTOR, columns + 1)
    return jnp.asarray(radius * np.cos(angle)), jnp.asarray(radius * np.sin(angle))


def concentric_system(rows: int, columns: int):
    """Stiffness of iron rings on both sides of a gap, and the gap's matrices; columns do not match."""
    parts = []
    for n, (first, last, orientation) in zip(
        (columns, columns + 6), ((OUTER, BORE, 1), (SHAFT, ROTOR, -1)), strict=True
    ):
        metric, _ = cell_metric(*annulus(rows, n, first, last), orientation)
        nu = jnp.full(metric.weight.shape, VACUUM_RELUCTIVITY / PERMEABILITY)
        zero = jnp.zeros_like(nu)
        parts.append(stiffness(metric, zero, zero, nu, zero, -1))
    angles = [np.linspace(0.0, SECTOR, n, endpoint=False) for n in (columns, columns + 6)]
    odd = 2 * np.arange(int(1.5 * (columns + 6))) + 1
    gap = air_gap_element(
        *map(jnp.asarray, angles), jnp.asarray(BORE), jnp.asarray(ROTOR), jnp.asarray(SECTOR), odd, -1
    )
    return parts, gap, angles


@functools.partial(jax.jit, static_argnums=(0, 1))
def current_sheet_solution(rows: int, columns: int) -> tuple[jax.Array, jax.Array]:
    """Amplitude of A at the bore [Wb/m] for a current sheet of 1e5 cos(p theta) A/m on the rotor's surface, and the
    largest rest of the stator's equations."""
    (stator, rotor), gap, angles = concentric_system(rows, columns)
    matrices = (*ring_matrices(gap), coupling_matrix(gap, jnp.asarray(0.0)))
    width = SECTOR / (columns + 6)
    # Consistent load of hat functions under a cosine.
    smoothing = (np.sin(0.5 * POLE_PAIRS * width) / (0.5 * POLE_PAIRS * width)) ** 2
    load = jnp.zeros((rows, columns + 6)).at[-1].set(1e5 * ROTOR * width * smoothing * np.cos(POLE_PAIRS * angles[1]))
    factor = factorize(stator, rotor, matrices, "float64")
    potentials = solve_factorized(factor, (jnp.zeros((rows, columns)), load))
    gap_force = matrices[0] @ potentials[0][-1] + matrices[2] @ potentials[1][-1]
    rest = stiffness_product(stator, potentials[0]).at[-1].add(gap_force)
    return 2.0 / columns * jnp.sum(potentials[0][-1] * np.cos(POLE_PAIRS * angles[0])), jnp.max(jnp.abs(rest))


def exact_current_sheet() -> float:
    """The same amplitude from the three annuli's exact solutions."""
    p, iron = POLE_PAIRS, VACUUM_RELUCTIVITY / PERMEABILITY
    stator, rotor, air = p * np.log(OUTER / BORE), p * np.log(ROTOR / SHAFT), p * np.log(BORE / ROTOR)
    matrix = p * np.array(
        [
            [iron / np.tanh(stator) + VACUUM_RELUCTIVITY / np.tanh(air), -VACUUM_RELUCTIVITY / np.sinh(air)],
            [-VACUUM_RELUCTIVITY / np.sinh(air), iron / np.tanh(rotor) + VACUUM_RELUCTIVITY / np.tanh(air)],
        ]
    )
    return float(np.linalg.solve(matrix, [0.0, 1e5 * ROTOR])[0])


def test_concentric_machine_converges_with_second_order() -> None:
    exact = exact_current_sheet()
    solutions = [current_sheet_solution(*shape) for shape in ((6, 18), (12, 36))]
    errors = [abs(float(amplitude) / exact - 1.0) for amplitude, _ in solutions]
    assert max(float(rest) for _, rest in solutions) < 1e-6
    assert errors[-1] < 2e-3
    assert np.log2(errors[0] / errors[1]) > 1.8, errors


@jax.jit
def gap_checks(angle: jax.Array) -> dict[str, jax.Array]:
    """Torque, derivative of the energy, coupling at rest and after one turned and shifted column."""
    _, gap, angles = concentric_system(2, 6)
    generator = np.random.default_rng(3)
    stator, rotor = (jnp.asarray(generator.normal(size=a.size)) for a in angles)
    columns = angles[1].size
    shifted = np.roll(np.eye(columns), 1, 0)
    shifted[0] *= -1.0

    def energy(at: jax.Array) -> jax.Array:
        own_s, own_r = ring_matrices(gap)
        own = 0.5 * stator @ own_s @ stator + 0.5 * rotor @ own_r @ rotor
        return own + stator @ coupling_matrix(gap, at) @ rotor

    return {
        "torque": virtual_work_torque(gap, stator, rotor, angle),
        "slope": jax.grad(energy)(angle),
        "rest": coupling_matrix(gap, angle),
        "moved": coupling_matrix(gap, angle + SECTOR / columns) @ shifted.T,
    }


def test_torque_is_the_derivative_of_the_gap_energy_and_the_gap_turns_with_the_rotor() -> None:
    found = gap_checks(jnp.asarray(0.123))
    assert float(found["torque"]) == pytest.approx(-float(found["slope"]), rel=1e-10)
    np.testing.assert_allclose(found["moved"], found["rest"], rtol=1e-9, atol=1e-6 * np.abs(found["rest"]).max())


@pytest.mark.parametrize("size", [5, 14, 37])
def test_block_inverse(size: int) -> None:
    generator = np.random.default_rng(size)
    square = generator.normal(size=(size, size))
    matrix = square @ square.T + size * np.eye(size)
    np.testing.assert_allclose(
        jax.jit(symmetric_inverse)(jnp.asarray(matrix)), np.linalg.inv(matrix), rtol=1e-9, atol=1e-12
    )


@pytest.mark.parametrize("level", ["XS", "S", "M", "L"])
def test_stator_nodes_are_the_same_compiled(level: str) -> None:
    """A slot of the Prius (round bottom): a fused square root once moved rows of the compiled grid L by 3 mm."""
    grid = FieldGrid(Template(rotor="ipm", slots_per_pole=6, slot_shape="shoulder"), level)
    lengths = (134.62, 80.95, 1.93, 1.0, 0.0, 5.0, 8.0, 33.3, 4.0)
    stator = StatorGeometry(**dict(zip(_LENGTHS, 1e-3 * jnp.asarray(lengths), strict=True)))
    nodes = lambda shape: stator_nodes(grid, shape, jnp.asarray(jnp.pi / 4.0))  # noqa: E731
    for compiled, eager in zip(jax.jit(nodes)(stator), nodes(stator), strict=True):
        np.testing.assert_allclose(compiled, eager, atol=1e-12)


_LENGTHS = [field.name for field in dataclasses.fields(StatorGeometry)]
