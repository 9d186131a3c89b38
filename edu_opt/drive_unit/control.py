"""Best currents: least loss at a torque, or most torque, under voltage, current and field-current limits.

The unknowns are scaled currents: `i_d / I_max, i_q / I_max` and, for machines with a field winding, `i_f / I_f,max`.
What the machine and the inverter do at a current comes in as a plain function, so that the same control serves drive
units, test machines and maps from other tools:

    quantities(plant, currents (3,)) -> (4,): loss [W], torque [N m], (|v| / usable v)^2 [-], electrical power [W]

The torque equality is elastic: where the limits do not allow the torque, the nearest torque in reach is returned and
the shortfall reported. Minimum loss over the currents covers MTPA, flux weakening and MTPV without naming them.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import jax
import jax.numpy as jnp
import numpy as np

from edu_opt.drive_unit.interior_point import InteriorPoint, Rows, Solution, minimize
from edu_opt.numerics.pytree import pytree

Quantities = Callable[[object, jax.Array], jax.Array]

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
    """Everything that the rows of the optimization read: the plant, its limits and the wanted torque [N m]."""

    plant: object
    limits: ControlLimits
    torque: jax.Array


@pytree
class StartTable:
    """Coarse candidates to start from: currents (g, 3), stator amplitude over its limit (g,), torque (g,),
    |flux linkage| (g,), loss at standstill (g,)."""

    currents: jax.Array
    amplitude: jax.Array
    torque: jax.Array
    flux: jax.Array
    loss: jax.Array


@pytree
class Currents:
    """Best currents (3,) [A] with the solver's stationarity residual [-]."""

    currents: jax.Array
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


@lru_cache(maxsize=64)
def least_loss_rows(quantities: Quantities) -> Rows:
    """Rows of: least loss at the wanted torque. One function object per `quantities`, so that nothing recompiles."""

    def rows(problem: ControlProblem, x: jax.Array) -> jax.Array:
        limits = problem.limits
        loss, torque, ratio, _ = quantities(problem.plant, to_currents(limits, x))
        equality = (torque - problem.torque) / limits.torque_scale
        return jnp.stack([loss / limits.loss_scale, equality, *_limit_rows(ratio, x)])

    return rows


# Weight of loss_scale against torque_scale where torque is maximized: small enough not to give torque away (about
# 0.1 N m in 300 N m), large enough to settle currents that torque leaves open (field current at low saturation).
LOSS_WEIGHT_AT_PEAK = 1e-4


@lru_cache(maxsize=64)
def largest_torque_rows(quantities: Quantities) -> Rows:
    """Rows of: largest torque in the direction of `problem.torque` (+1 or -1) within limits and electrical power."""

    def rows(problem: ControlProblem, x: jax.Array) -> jax.Array:
        limits = problem.limits
        loss, torque, ratio, power = quantities(problem.plant, to_currents(limits, x))
        wish = -problem.torque * torque / limits.torque_scale + LOSS_WEIGHT_AT_PEAK * loss / limits.loss_scale
        power_row = problem.torque * power / limits.power_max - 1.0
        return jnp.stack([wish, jnp.zeros_like(wish), *_limit_rows(ratio, x), power_row])

    return rows


def start_grid(has_field: bool) -> np.ndarray:
    """Scaled candidates (g, 3): stator amplitude x angle (from +d towards +q) x field current, i_q >= 0."""
    amplitude = np.array([0.04, 0.12, 0.25, 0.42, 0.62, 0.85])
    angle = np.deg2rad(
        [75.0, 95.0, 115.0, 135.0, 155.0, 172.0] if has_field else [92.0, 105.0, 118.0, 131.0, 144.0, 157.0, 171.0]
    )
    field = np.array([0.06, 0.18, 0.4, 0.65, 0.92]) if has_field else np.zeros(1)
    i, g, f = (a.ravel() for a in np.meshgrid(amplitude, angle, field, indexing="ij"))
    return np.stack([i * np.cos(g), i * np.sin(g), f], axis=1)


def choose_start(
    table: StartTable, limits: ControlLimits, torque: jax.Array, electrical_speed: jax.Array, voltage: jax.Array
) -> jax.Array:
    """Currents (3,) [A] of the candidate with the least rough merit; i_q follows the sign of the torque.

    Rough merit: loss at standstill, distance from the torque, excess of omega |psi| over the usable phase voltage.
    """
    wanted = jnp.abs(torque) / limits.torque_scale
    offered = jnp.maximum(table.torque / limits.torque_scale, 1e-3)
    # torque grows with the amplitude to a power between 1 (constant excitation) and 2 (everything scales): 1.5
    stretch = jnp.clip((wanted / offered) ** (1.0 / 1.5), 0.6, jnp.minimum(1.6, 0.97 / table.amplitude))
    missing = jnp.abs(offered * stretch**1.5 - wanted)
    ratio = (electrical_speed * table.flux * (0.5 + 0.5 * stretch) / voltage) ** 2
    excess = jnp.sqrt(1.0 + jnp.maximum(ratio - 0.95, 0.0)) - 1.0
    merit = table.loss * stretch**2 / limits.loss_scale + 60.0 * missing + 200.0 * excess
    best = jnp.argmin(merit)
    sign = jnp.where(torque < 0, -1.0, 1.0)
    return table.currents[best] * jnp.stack([stretch[best], sign * stretch[best], 1.0 + 0.0 * sign])


def choose_peak_start(
    table: StartTable,
    limits: ControlLimits,
    direction: jax.Array,
    electrical_speed: jax.Array,
    voltage: jax.Array,
    speed: jax.Array,
) -> jax.Array:
    """Currents (3,) [A] of the candidate with the most torque at about the usable voltage and power."""
    ratio = (electrical_speed * table.flux / voltage) ** 2
    excess = jnp.sqrt(1.0 + jnp.maximum(ratio - 0.95, 0.0)) - 1.0
    over_power = jnp.maximum(table.torque * speed / limits.power_max - 1.0, 0.0)
    merit = -table.torque / limits.torque_scale + 5.0 * excess + 5.0 * over_power
    best = table.currents[jnp.argmin(merit)]
    return best * jnp.stack([jnp.ones(()), direction, jnp.ones(())])


def least_loss_currents(
    quantities: Quantities,
    plant: object,
    limits: ControlLimits,
    torque: jax.Array,
    start: jax.Array,
    has_field: bool,
    solver: InteriorPoint = DEFAULT_SOLVER,
) -> Currents:
    """Currents of least loss at `torque` [N m] from `start` (3,) [A]; differentiable in plant, limits and torque."""
    problem = ControlProblem(plant=plant, limits=limits, torque=torque)
    return _solve(least_loss_rows(quantities), problem, start, has_field, True, solver)


def largest_torque_currents(
    quantities: Quantities,
    plant: object,
    limits: ControlLimits,
    direction: jax.Array,
    start: jax.Array,
    has_field: bool,
    solver: InteriorPoint = DEFAULT_SOLVER,
) -> Currents:
    """Currents of the largest torque in `direction` (+1 or -1) from `start` (3,) [A]."""
    problem = ControlProblem(plant=plant, limits=limits, torque=direction)
    return _solve(largest_torque_rows(quantities), problem, start, has_field, False, solver)


def _solve(
    rows: Rows, problem: ControlProblem, start: jax.Array, has_field: bool, equality: bool, solver: InteriorPoint
) -> Currents:
    x0 = jax.lax.stop_gradient(to_unknowns(problem.limits, start, has_field))
    solution: Solution = minimize(rows, solver, equality, problem, x0)
    return Currents(currents=to_currents(problem.limits, solution.x), residual=solution.residual)
