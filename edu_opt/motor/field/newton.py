"""Nonlinear solution of one operating point: Newton steps of fixed count, differentiated implicitly.

Derivatives come from the linearized system at the solution (`lax.custom_linear_solve` inside a `custom_jvp`): reverse,
forward and forward-over-reverse mode work, and vectorized tangents share one factorization.
"""

from __future__ import annotations

import dataclasses
import functools

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from edu_opt.motor.field.elements import (
    CellMetric,
    Stiffness,
    flux_square,
    forces,
    reference_gradient,
    stiffness,
    stiffness_product,
    wrapped,
)
from edu_opt.motor.field.elimination import Factor, Potentials, factorize, solve_factorized
from edu_opt.motor.field.grid import FieldGrid, Region, cell_parents, rotor_regions, steel_mask
from edu_opt.motor.field.model import (
    Excitation,
    FieldMaterials,
    FieldModel,
    cage_loads,
    field_model,
    gap_matrices,
    right_side,
)
from edu_opt.motor.field.reluctivity import Reluctivity, flux_density_at, reluctivity, reluctivity_and_slope
from edu_opt.motor.geometry import Lamination
from edu_opt.numerics.constants import VACUUM_RELUCTIVITY
from edu_opt.numerics.pytree import pytree
from edu_opt.numerics.smooth import safe_sqrt

# metric, steel curve, steel mask, reluctivity of the other cells, reference gradients
Side = tuple[CellMetric, Reluctivity, np.ndarray, jax.Array | float, tuple[jax.Array, jax.Array]]
Unknowns = tuple[Potentials, jax.Array | None]  # potentials, current of the flux-free winding
Start = tuple[Potentials, Potentials]  # potentials, guessed reluctivity of the cells of both sides
# Linearized steel at the Gauss points: flux density [T], field strength [A/m] and slope there, (4, rows, columns) each.
Line = tuple[jax.Array, jax.Array, jax.Array]

_CLOSE = 5e-3  # T, prediction and flux density count as equal: plain Newton
_FAR = 100.0  # T, beyond every flux density
_TINY = 1e-12  # T^2
_START_PERMEABILITY = 300.0


@dataclasses.dataclass(frozen=True)
class SolverSettings:
    """Static settings: Newton steps from a given field, from a coarser grid's field, and on XS from nothing; dtype of
    the factorization (the residual is always float64); residual below which a solution counts as converged."""

    warm_steps: int = 4
    nested_steps: int = 9
    cold_steps: int = 10
    factor_dtype: str = "float32"
    tolerance: float = 1e-4


@pytree
class FieldSystem:
    """Everything that enters the equations of one operating point (differentiable), unknowns apart."""

    stator_metric: CellMetric
    rotor_metric: CellMetric
    stator_steel: Reluctivity
    rotor_steel: Reluctivity
    rotor_linear: jax.Array  # reluctivity of the rotor's cells that are not steel (rows, columns)
    gap: tuple[jax.Array, jax.Array, jax.Array]
    load: Potentials
    # Load of 1 A in a winding of unknown current whose flux linkage is zero (im: the bars, q axis).
    flux_free: Potentials | None = None


@pytree
class FieldSolution:
    """Potentials (stator, rotor) of the rings without the Dirichlet ring [Wb/m], residual norm relative to the load's,
    converged flag, smallest corner Jacobian of the grid."""

    potentials: Potentials
    residual: jax.Array
    converged: jax.Array
    corner_jacobian: jax.Array


def field_system(grid: FieldGrid, model: FieldModel, excitation: Excitation) -> FieldSystem:
    """Equations of one operating point."""
    magnet = rotor_regions(grid) == Region.MAGNET
    return FieldSystem(
        stator_metric=model.stator_metric,
        rotor_metric=model.rotor_metric,
        stator_steel=model.materials.stator_steel,
        rotor_steel=model.materials.rotor_steel,
        rotor_linear=VACUUM_RELUCTIVITY / jnp.where(magnet, model.materials.magnet_permeability, 1.0),
        gap=gap_matrices(model, excitation),
        load=right_side(grid, model, excitation),
        flux_free=_flux_free_load(grid, model, excitation),
    )


def _flux_free_load(grid: FieldGrid, model: FieldModel, excitation: Excitation) -> Potentials | None:
    if excitation.bar_angle_electrical is None:
        return None
    return jnp.zeros(grid.stator_shape), cage_loads(grid, model, excitation)[1]


def _dot(left: Potentials, right: Potentials) -> jax.Array:
    return jnp.vdot(left[0], right[0]) + jnp.vdot(left[1], right[1])


def flux_free_current(winding: Potentials, balance: Potentials) -> jax.Array:
    """Current [A] of the flux-free winding from the forces minus the loads of everything else (least squares)."""
    return _dot(winding, balance) / _dot(winding, winding)


def _complete(system: FieldSystem, balance: Potentials) -> Potentials:
    """Forces minus all loads, that of the flux-free winding's current included."""
    if system.flux_free is None:
        return balance
    current = flux_free_current(system.flux_free, balance)
    return jax.tree.map(lambda force, load: force - current * load, balance, system.flux_free)


def _sides(grid: FieldGrid, system: FieldSystem, potentials: Potentials) -> tuple[Side, Side]:
    """Per side: metric, steel curve, steel mask, reluctivity of the other cells, reference gradients."""
    sign = grid.template.wrap_sign
    stator = reference_gradient(wrapped(potentials[0], sign))
    rotor = reference_gradient(wrapped(potentials[1], sign))
    return (
        (system.stator_metric, system.stator_steel, steel_mask(grid, "stator"), VACUUM_RELUCTIVITY, stator),
        (system.rotor_metric, system.rotor_steel, steel_mask(grid, "rotor"), system.rotor_linear, rotor),
    )


def _gap_forces(system: FieldSystem, potentials: Potentials) -> Potentials:
    """Forces of the air gap on the two last rings."""
    own_stator, own_rotor, coupling = system.gap
    stator, rotor = potentials[0][-1], potentials[1][-1]
    return own_stator @ stator + coupling @ rotor, own_rotor @ rotor + stator @ coupling


def _balance(
    grid: FieldGrid, system: FieldSystem, sides: tuple[Side, Side], steel_nu: Potentials, potentials: Potentials
) -> Potentials:
    """Forces minus loads of both sides [A] for the steel's reluctivity (4, rows, columns) of either side."""
    result = []
    gap = _gap_forces(system, potentials)
    for k, (metric, _, steel, linear, (a_xi, a_eta)) in enumerate(sides):
        nu = lax.optimization_barrier(jnp.where(steel, steel_nu[k], linear))
        g, scale = metric.inverse, metric.weight * nu
        inner = forces(
            scale * (g[0] * a_xi + g[1] * a_eta), scale * (g[1] * a_xi + g[2] * a_eta), grid.template.wrap_sign
        )
        result.append((inner - system.load[k]).at[-1].add(gap[k]))
    return result[0], result[1]


def residual(grid: FieldGrid, system: FieldSystem, potentials: Potentials) -> Potentials:
    """Gradient of the energy: zero at the solution [A]."""
    sides = _sides(grid, system, potentials)
    squares = lax.optimization_barrier(tuple(flux_square(side[0], *side[4]) for side in sides))
    nu = reluctivity(sides[0][1], squares[0]), reluctivity(sides[1][1], squares[1])
    return _balance(grid, system, sides, nu, potentials)


def _stiffness(
    grid: FieldGrid, sides: tuple[Side, Side], steel_nu: Potentials, steel_slope: Potentials
) -> tuple[Stiffness, Stiffness]:
    """Tangent without the air gap's part for the steel's nu and d nu / d(B^2), (4, rows, columns) of either side."""
    parts = []
    for (metric, _, steel, other, (a_xi, a_eta)), nu, slope in zip(sides, steel_nu, steel_slope, strict=True):
        nu, slope = lax.optimization_barrier((jnp.where(steel, nu, other), jnp.where(steel, slope, 0.0)))
        parts.append(stiffness(metric, a_xi, a_eta, nu, slope, grid.template.wrap_sign))
    return lax.optimization_barrier((parts[0], parts[1]))


def _tangent(grid: FieldGrid, system: FieldSystem, potentials: Potentials) -> tuple[Stiffness, Stiffness]:
    """Hessian of the energy without the air gap's part."""
    sides = _sides(grid, system, potentials)
    squares = lax.optimization_barrier(tuple(flux_square(side[0], *side[4]) for side in sides))
    stator, rotor = (reluctivity_and_slope(side[1], square) for side, square in zip(sides, squares, strict=True))
    return _stiffness(grid, sides, (stator[0], rotor[0]), (stator[1], rotor[1]))


def _next_line(curve: Reluctivity, line: Line, density: jax.Array) -> Line:
    """Where the curve is linearized next, for flux densities (4, rows, columns) found with the line before."""
    at, strength, slope = line
    predicted = flux_density_at(curve, strength + slope * jnp.maximum(density - at, 0.0))
    behind = (density > at) & (predicted < density - _CLOSE)
    point = jnp.where(behind, predicted, density)
    nu, nu_slope = reluctivity_and_slope(curve, point**2)
    return point, nu * point, nu + 2.0 * point**2 * nu_slope


def _secant(line: Line, density: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Reluctivity and its slope d nu / d(B^2) of a linearized curve at a flux density."""
    at, strength, slope = line
    nu = (strength + slope * (density - at)) / density
    return nu, 0.5 * (slope - nu) / density**2


def _newton(grid: FieldGrid, system: FieldSystem, start: Start, plan: tuple[bool, int], dtype: str) -> Potentials:
    """`plan` = (linear, steps): a linear solution with the start's reluctivity first if asked for, then Newton steps;
    a step that is not finite is not taken.

    Plain Newton creeps where steel was pushed far beyond the knee, since the field strength is exponential there: a
    factor of e per step. Rising cells are therefore linearized where the *field strength* that the last line predicted
    meets the curve, not at the flux density itself (both agree at the solution, convergence stays quadratic). Source of
    the idea: primal-dual Newton method of Chan, Golub and Mulet, SIAM J. Sci. Comput. 20, 1999.
    """
    linear_first, steps = plan

    def step(carry, linear):
        potentials, lines = carry
        sides = _sides(grid, system, potentials)
        densities = lax.optimization_barrier(tuple(safe_sqrt(flux_square(s[0], *s[4]), _TINY) for s in sides))
        found = [_next_line(side[1], line, b) for side, line, b in zip(sides, lines, densities, strict=True)]
        lines = jax.tree.map(lambda old, new: jnp.where(linear, old, new), lines, (found[0], found[1]))
        stator, rotor = lax.optimization_barrier(
            tuple(_secant(line, b) for line, b in zip(lines, densities, strict=True))
        )
        gradient = _complete(system, _balance(grid, system, sides, (stator[0], rotor[0]), potentials))
        gradient = lax.optimization_barrier(gradient)
        bands = _stiffness(grid, sides, (stator[0], rotor[0]), (stator[1], rotor[1]))
        factor = factorize(*bands, system.gap, dtype)
        flux = None if system.flux_free is None else _dot(system.flux_free, potentials)
        right = jax.tree.map(jnp.negative, gradient), flux
        move = lax.optimization_barrier(_solve_bordered(factor, system.flux_free, right)[0])
        finite = jnp.isfinite(sum(jnp.vdot(g, d) for g, d in zip(gradient, move, strict=True)))
        return (jax.tree.map(lambda p, d: p + jnp.where(finite, d, 0.0), potentials, move), lines), None

    first = start[0], _start_lines(grid, start[1], linear_first)
    return lax.scan(step, first, np.arange(steps + linear_first) < int(linear_first))[0][0]


def _start_lines(grid: FieldGrid, guess: Potentials, linear_first: bool) -> tuple[Line, Line]:
    """Lines through the origin with the guessed reluctivity; else lines that every flux density lies before."""
    lines = []
    for shape, nu in zip((grid.stator_shape, grid.rotor_shape), guess, strict=True):
        none = jnp.zeros((4, *shape))
        lines.append((none, none, none + nu) if linear_first else (none + _FAR, none, none))
    return lines[0], lines[1]


@functools.partial(jax.custom_jvp, nondiff_argnums=(0, 3, 4))
def _solve(grid: FieldGrid, system: FieldSystem, start: Start, plan: tuple[bool, int], dtype: str) -> Potentials:
    """Potentials of the system from a start; derivatives with respect to `system` only (the start has no influence)."""
    return _newton(grid, system, start, plan, dtype)


@_solve.defjvp
def _solve_jvp(grid: FieldGrid, plan: tuple[bool, int], dtype: str, primals, tangents):
    system, start = primals
    potentials = _solve(grid, system, start, plan, dtype)
    frozen, at = jax.tree.map(lax.stop_gradient, (system, potentials))
    bands = _tangent(grid, frozen, at)
    factor = factorize(*bands, frozen.gap, dtype)
    winding = frozen.flux_free
    current = None
    if system.flux_free is not None:
        current = flux_free_current(system.flux_free, residual(grid, system, potentials))

    def equations(s: FieldSystem, unknowns: Unknowns) -> Unknowns:
        balance = residual(grid, s, unknowns[0])
        if s.flux_free is None:
            return balance, None
        rest = jax.tree.map(lambda force, load: force - unknowns[1] * load, balance, s.flux_free)
        return rest, -_dot(s.flux_free, unknowns[0])

    unknowns = potentials, current
    _, forcing = jax.jvp(lambda s: equations(s, unknowns), (system,), (tangents[0],))

    def multiply(vector: Unknowns) -> Unknowns:
        return jax.jvp(lambda u: equations(system, u), (unknowns,), (vector,))[1]

    def invert(_, right: Unknowns) -> Unknowns:
        def refine(_, solution):
            rest = jax.tree.map(jnp.subtract, right, _multiply_bands(bands, frozen, solution))
            return jax.tree.map(jnp.add, solution, _solve_bordered(factor, winding, rest))

        return lax.fori_loop(0, _passes(dtype), refine, jax.tree.map(jnp.zeros_like, right))

    right = jax.tree.map(jnp.negative, forcing)
    return potentials, lax.custom_linear_solve(multiply, right, solve=invert, symmetric=True)[0]


def _solve_bordered(factor: Factor, winding: Potentials | None, right: Unknowns) -> Unknowns:
    """Solution of K a - w f = r, -f . a = s for the flux-free winding's load f; of K a = r without one."""
    move = solve_factorized(factor, right[0])
    if winding is None or right[1] is None:
        return move, None
    response = solve_factorized(factor, winding)
    current = -(right[1] + _dot(winding, move)) / _dot(winding, response)
    return jax.tree.map(lambda step, part: step + current * part, move, response), current


def _multiply_bands(bands: tuple[Stiffness, Stiffness], system: FieldSystem, unknowns: Unknowns) -> Unknowns:
    """Tangent times a vector in float64."""
    (vector, current), gap, winding = unknowns, system.gap, system.flux_free
    stator, rotor = vector[0][-1], vector[1][-1]
    ends = gap[0] @ stator + gap[2] @ rotor, gap[1] @ rotor + stator @ gap[2]
    first, second = (stiffness_product(k, v).at[-1].add(e) for k, v, e in zip(bands, vector, ends, strict=True))
    if winding is None or current is None:
        return (first, second), None
    return (first - current * winding[0], second - current * winding[1]), -_dot(winding, vector)


def _passes(dtype: str) -> int:
    """Solves with the factor and float64 residuals that bring a linear solution to about 1e-10."""
    return 3 if dtype == "float32" else 1


def _constant_guess(grid: FieldGrid) -> Potentials:
    """Reluctivity of unsaturated steel in every cell of stator and rotor."""
    nu = VACUUM_RELUCTIVITY / _START_PERMEABILITY
    return jnp.full(grid.stator_shape, nu), jnp.full(grid.rotor_shape, nu)


def _coarse_guess(coarse: FieldGrid, fine: FieldGrid, system: FieldSystem, potentials: Potentials) -> Potentials:
    """Reluctivity of the coarse solution, mean of each cell, carried over to the finer grid's cells inside it.

    Potentials interpolated from a coarse grid have kinks that saturate single cells; a linear solution with the coarse
    reluctivity has none.
    """
    guess = []
    rows_columns = cell_parents(coarse, fine)
    for (metric, curve, _, _, (a_xi, a_eta)), (rows, columns) in zip(
        _sides(coarse, system, potentials), rows_columns, strict=True
    ):
        nu = jnp.mean(reluctivity(curve, flux_square(metric, a_xi, a_eta)), 0)
        guess.append(nu[rows][:, columns])
    return guess[0], guess[1]


def _norm(parts: Potentials) -> jax.Array:
    return jnp.sqrt(sum(jnp.sum(p * p) for p in parts))


def solve_model(
    grid: FieldGrid,
    models: tuple[FieldModel, ...],
    excitation: Excitation,
    start: Potentials | None = None,
    settings: SolverSettings = SolverSettings(),
) -> FieldSolution:
    """Field of one operating point on models built by `nested_models` (this grid first, then coarser ones).

    `start`: potentials of a neighbouring point or of a slightly different design on the same grid; then
    `settings.warm_steps` Newton steps are made. Without it the coarsest grid starts from a linear solution and each
    finer grid from a linear solution with the coarser one's reluctivity.
    """
    model = models[0]
    system = field_system(grid, model, excitation)
    frozen = jax.tree.map(lax.stop_gradient, system)
    zero = jnp.zeros(grid.stator_shape), jnp.zeros(grid.rotor_shape)
    if start is not None:
        initial, plan = (start, _constant_guess(grid)), (False, settings.warm_steps)
    elif grid.coarser is None or len(models) == 1:
        initial, plan = (zero, _constant_guess(grid)), (True, settings.cold_steps)
    else:
        rest_models, point = jax.tree.map(lax.stop_gradient, (models[1:], excitation))
        coarse = solve_model(grid.coarser, rest_models, point, settings=settings).potentials
        guess = _coarse_guess(grid.coarser, grid, field_system(grid.coarser, rest_models[0], point), coarse)
        initial, plan = (zero, guess), (True, settings.nested_steps)
    initial = jax.tree.map(lax.stop_gradient, initial)
    potentials = _solve(grid, system, initial, plan, settings.factor_dtype)
    rest = _complete(frozen, residual(grid, frozen, jax.tree.map(lax.stop_gradient, potentials)))
    relative = _norm(rest) / (_norm(frozen.load) + 1e-9)
    return FieldSolution(
        potentials=potentials,
        residual=relative,
        converged=jnp.isfinite(relative) & (relative < settings.tolerance) & (model.corner_jacobian > 0.0),
        corner_jacobian=model.corner_jacobian,
    )


def nested_models(
    grid: FieldGrid, lamination: Lamination, materials: FieldMaterials, weights: jax.Array | np.ndarray | None = None
) -> tuple[FieldModel, ...]:
    """Models of a lamination on a grid and on the coarser ones that its cold starts pass through."""
    model = field_model(grid, lamination, materials, weights)
    return (model,) if grid.coarser is None else (model, *nested_models(grid.coarser, lamination, materials, weights))


def solve_field(
    grid: FieldGrid,
    lamination: Lamination,
    materials: FieldMaterials,
    excitation: Excitation,
    start: Potentials | None = None,
    settings: SolverSettings = SolverSettings(),
) -> FieldSolution:
    """Build the models and solve one operating point (many points of a lamination: build once, `solve_model` each)."""
    models = (
        nested_models(grid, lamination, materials) if start is None else (field_model(grid, lamination, materials),)
    )
    return solve_model(grid, models, excitation, start, settings)
