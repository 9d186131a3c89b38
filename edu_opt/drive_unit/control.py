"""Best currents: least loss at a torque, or most torque, under voltage, current and field-current limits.

The unknowns are scaled currents: `i_d / I_max, i_q / I_max` and, for machines with a field winding, `i_f / I_f,max`.
What the machine and the inverter do at a current comes in as a plain function, so that the same control serves drive
units, test machines and maps from other tools (a `PlantModel`):

    fields(plant, currents (3,)) -> (k,): what is costly (flux linkages, iron loss)
    quantities(plant, currents (3,), fields (k,)) -> (4,): loss [W], torque [N m], (|v| / usable v)^2 [-],
                                                           electrical power [W]

The torque equality is elastic: where the limits do not allow the torque, the nearest torque in reach is returned and
the shortfall reported. Minimum loss over the currents covers MTPA, flux weakening and MTPV without naming them.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from edu_opt.drive_unit.constrained_rows import Rows
from edu_opt.drive_unit.implicit_solution import residual, with_derivatives
from edu_opt.drive_unit.interior_point import InteriorPoint, Solution, iterate
from edu_opt.numerics.pytree import pytree


class PlantModel(NamedTuple):
    """Plain functions that describe a plant (see the module); hashable, part of the compiled program.

    Derivatives of the fields, where given: `expand(plant, currents)` -> value (k,), slope (k, 3) and, of the first
    fields, curvature (j, 3, 3); `slopes` -> value and slope, cheap to differentiate; `curvature` -> (k, 3, 3) of all.
    """

    fields: Callable
    quantities: Callable
    expand: Callable | None = None
    slopes: Callable | None = None
    curvature: Callable | None = None


DEFAULT_SOLVER = InteriorPoint()


@pytree
class ControlLimits:
    """Limits and scales of one control problem.

    `current_max` [A peak], `field_current_max` [A DC], `power_max` [W electrical, absolute value; used by the largest
    torque only]; `loss_scale` [W] and `torque_scale` [N m] make the problem dimensionless.
    """

    current_max: jax.Array
    field_current_max: jax.Array
    power_max: jax.Array
    loss_scale: jax.Array
    torque_scale: jax.Array


@pytree
class ControlProblem:
    """Everything that the rows of the optimization read: the plant, its limits, the wanted torque [N m] and `peak`.

    `peak` 0: least loss at `torque`. 1: largest torque in the direction of `torque` (its sign) within the power limit.
    A number, not a switch of programs: both kinds of point share one compiled solver and one batch.
    """

    plant: object
    limits: ControlLimits
    torque: jax.Array
    peak: jax.Array


@pytree
class StartTable:
    """Coarse candidates to start from: currents (g, 3) [A], stator amplitude (g,) [A], torque (g,) [N m],
    |flux linkage| (g,) [Wb], loss at standstill (g,) [W]."""

    currents: jax.Array
    amplitude: jax.Array
    torque: jax.Array
    flux: jax.Array
    loss: jax.Array


@pytree
class ControlSolution:
    """Solved control without derivatives: scaled unknowns with multipliers, and the relative stationarity residual."""

    solution: Solution
    residual: jax.Array


def to_currents(limits: ControlLimits, x: jax.Array) -> jax.Array:
    """Scaled unknowns (2,) or (3,) -> currents (3,) [A]; i_f = 0 where there is no field winding."""
    field = x[2] * limits.field_current_max if x.size == 3 else jnp.zeros_like(x[0])
    return jnp.stack([x[0] * limits.current_max, x[1] * limits.current_max, field])


def to_unknowns(limits: ControlLimits, currents: jax.Array, has_field: bool) -> jax.Array:
    """Currents (3,) [A] -> scaled unknowns (2,) or (3,)."""
    stator = currents[:2] / limits.current_max
    return jnp.append(stator, currents[2] / limits.field_current_max) if has_field else stator


def _limit_rows(ratio: jax.Array, x: jax.Array) -> list[jax.Array]:
    rows = [ratio - 1.0, x[0] ** 2 + x[1] ** 2 - 1.0]
    return [*rows, -x[2], x[2] - 1.0] if x.size == 3 else rows


def _fields(model: PlantModel) -> Callable:
    def fields(problem: ControlProblem, x: jax.Array) -> jax.Array:
        return model.fields(problem.plant, to_currents(problem.limits, x))

    return fields


def _unit_currents(limits: ControlLimits, n: int) -> jax.Array:
    """Currents (n,) [A] of one scaled unknown."""
    return jnp.stack([limits.current_max, limits.current_max, limits.field_current_max])[:n]


def _expansion(model: PlantModel) -> Callable | None:
    if model.expand is None:
        return None
    expand = model.expand

    def scaled(problem: ControlProblem, x: jax.Array) -> tuple[jax.Array, jax.Array, jax.Array]:
        n, scale = x.size, _unit_currents(problem.limits, x.size)
        value, slope, curvature = expand(problem.plant, to_currents(problem.limits, x))
        return value, slope[:, :n] * scale, curvature[:, :n, :n] * scale[:, None] * scale

    return scaled


def _slopes(model: PlantModel) -> Callable | None:
    if model.slopes is None:
        return None
    slopes = model.slopes

    def scaled(problem: ControlProblem, x: jax.Array) -> tuple[jax.Array, jax.Array]:
        value, slope = slopes(problem.plant, to_currents(problem.limits, x))
        return value, slope[:, : x.size] * _unit_currents(problem.limits, x.size)

    return scaled


def _curvature(model: PlantModel) -> Callable | None:
    if model.curvature is None:
        return None
    curvature = model.curvature

    def scaled(problem: ControlProblem, x: jax.Array) -> jax.Array:
        n, scale = x.size, _unit_currents(problem.limits, x.size)
        return curvature(problem.plant, to_currents(problem.limits, x))[:, :n, :n] * scale[:, None] * scale

    return scaled


# Weight of loss_scale against torque_scale where torque is maximized: small enough not to give torque away (about
# 0.1 N m in 300 N m), large enough to settle currents that torque leaves open (field current at low saturation).
LOSS_WEIGHT_AT_PEAK = 1e-4


@lru_cache(maxsize=64)
def control_rows(model: PlantModel) -> Rows:
    """Rows of the control; one object per plant model, so that nothing recompiles.

    Objective: loss, or for a peak the torque to be gained. Equality: the torque (absent at a peak). Limits: voltage,
    phase current, field current from both sides, electrical power (of a peak).
    """

    def rows(problem: ControlProblem, x: jax.Array, fields: jax.Array) -> jax.Array:
        limits, peak = problem.limits, problem.peak
        loss, torque, ratio, power = model.quantities(problem.plant, to_currents(limits, x), fields)
        direction = jnp.where(problem.torque < 0, -1.0, 1.0)
        gain = LOSS_WEIGHT_AT_PEAK * loss / limits.loss_scale - direction * torque / limits.torque_scale
        objective = (1.0 - peak) * loss / limits.loss_scale + peak * gain
        equality = (1.0 - peak) * (torque - problem.torque) / limits.torque_scale
        power_row = peak * (direction * power / limits.power_max) - 1.0
        return jnp.stack([objective, equality, *_limit_rows(ratio, x), power_row])

    return Rows(
        fields=_fields(model),
        rows=rows,
        expand=_expansion(model),
        slopes=_slopes(model),
        curvature=_curvature(model),
    )


# Angles [deg] from +d towards +q among which a start is chosen, by kind of motor.
START_ANGLES = {
    "eesm": (75.0, 95.0, 115.0, 135.0, 155.0, 172.0),
    "ipm": (92.0, 105.0, 118.0, 131.0, 144.0, 157.0, 171.0),
    "synrm": (92.0, 105.0, 118.0, 131.0, 144.0, 157.0, 171.0),
    "im": (30.0, 45.0, 57.0, 67.0, 75.0, 81.0, 86.0),
}


def start_grid(kind: str) -> np.ndarray:
    """Scaled candidates (g, 3) of a kind of motor: stator amplitude x angle x field current, i_q >= 0."""
    amplitude, angle = np.array([0.04, 0.12, 0.25, 0.42, 0.62, 0.85]), np.deg2rad(START_ANGLES[kind])
    field = np.array([0.06, 0.18, 0.4, 0.65, 0.92]) if kind == "eesm" else np.zeros(1)
    i, g, f = (a.ravel() for a in np.meshgrid(amplitude, angle, field, indexing="ij"))
    return np.stack([i * np.cos(g), i * np.sin(g), f], axis=1)


def choose_start(
    table: StartTable,
    limits: ControlLimits,
    torque: jax.Array,
    peak: jax.Array,
    speed: jax.Array,
    electrical_speed: jax.Array,
    voltage: jax.Array,
) -> jax.Array:
    """Currents (3,) [A] of the candidate with the least rough merit; i_q follows the sign of the torque.

    Every candidate is first stretched along its direction towards the wanted torque. Rough merit: loss at standstill
    and distance from the torque (for a peak: torque and power), excess of omega |psi| over the usable phase voltage.
    """
    wanted = jnp.where(peak > 0.5, 2.0, jnp.abs(torque) / limits.torque_scale)
    offered = jnp.maximum(table.torque / limits.torque_scale, 1e-3)
    most = 0.97 * limits.current_max / table.amplitude
    # torque grows with the amplitude to a power between 1 (constant excitation) and 2 (everything scales): 1.5
    stretch = jnp.minimum(jnp.clip((wanted / offered) ** (1.0 / 1.5), 0.6, 1.6), most)
    stretch = jnp.where(peak > 0.5, jnp.minimum(1.0, most), stretch)
    reached = offered * stretch**1.5
    ratio = (electrical_speed * table.flux * (0.5 + 0.5 * stretch) / voltage) ** 2
    excess = jnp.sqrt(1.0 + jnp.maximum(ratio - 0.95, 0.0)) - 1.0
    over_power = jnp.maximum(reached * limits.torque_scale * speed / limits.power_max - 1.0, 0.0)
    gentle = table.loss * stretch**2 / limits.loss_scale + 60.0 * jnp.abs(reached - wanted) + 200.0 * excess
    strong = -reached + 5.0 * excess + 5.0 * over_power
    best = jnp.argmin(jnp.where(peak > 0.5, strong, gentle))
    sign = jnp.where(torque < 0, -1.0, 1.0)
    field = jnp.minimum(table.currents[best, 2], limits.field_current_max)
    return jnp.stack([table.currents[best, 0] * stretch[best], sign * table.currents[best, 1] * stretch[best], field])


def solve_control(
    model: PlantModel,
    problem: ControlProblem,
    start: jax.Array,
    has_field: bool,
    solver: InteriorPoint = DEFAULT_SOLVER,
) -> ControlSolution:
    """Best currents searched from `start` (3,) [A]; carries no derivatives."""
    problem, start = jax.lax.stop_gradient((problem, start))
    rows = control_rows(model)
    solution = iterate(rows, solver, True, problem, to_unknowns(problem.limits, start, has_field))
    return ControlSolution(solution=solution, residual=residual(rows, solver, True, problem, solution))


def best_currents(
    model: PlantModel, problem: ControlProblem, known: ControlSolution, solver: InteriorPoint = DEFAULT_SOLVER
) -> jax.Array:
    """Currents (3,) [A] of a solved control, differentiable in everything that the problem holds."""
    solution = with_derivatives(control_rows(model), solver, True, problem, known.solution)
    return to_currents(problem.limits, solution.x)
