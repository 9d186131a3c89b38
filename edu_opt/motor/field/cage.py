"""Rotor-flux-oriented fields of a cage: what the bars carry and link.

The bars carry a sinusoidal current layer; in steady state it has a q component only and the rotor's q flux linkage is
zero: the field is the minimum of the energy under that constraint and the bar current its multiplier (`newton`).
So the stator's fluxes are the gradient of one co-energy in the two stator currents, and reciprocal.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from edu_opt.motor.field.grid import FieldGrid
from edu_opt.motor.field.model import Excitation, FieldModel, cage_loads
from edu_opt.motor.field.newton import FieldSolution, field_system, flux_free_current, residual
from edu_opt.numerics.pytree import pytree


@pytree
class CageQuantities:
    """Rotor of one operating point, per metre of stack.

    `bar_current` [A]: amplitude of the bars' current layer, positive against +i_q of the stator; `psi_rd`, `psi_rq`
    [Wb/m]: flux linkages conjugate to that amplitude (all bars; the second is zero), so that the rotor's torque is
    `torque` = p psi_rd bar_current [N m/m].
    """

    bar_current: jax.Array
    psi_rd: jax.Array
    psi_rq: jax.Array
    torque: jax.Array


def cage_quantities(
    grid: FieldGrid, model: FieldModel, excitation: Excitation, solution: FieldSolution
) -> CageQuantities:
    """Rotor quantities of a solved operating point (`excitation.bar_angle_electrical` given)."""
    system = field_system(grid, model, excitation)
    d, q = cage_loads(grid, model, excitation)
    balance = residual(grid, system, solution.potentials)
    current = -flux_free_current((jnp.zeros(grid.stator_shape), q), balance)
    sectors = 2.0 * model.pole_pairs / grid.template.poles_per_sector
    psi_d, psi_q = (sectors * jnp.vdot(load, solution.potentials[1]) for load in (d, q))
    return CageQuantities(bar_current=current, psi_rd=psi_d, psi_rq=psi_q, torque=model.pole_pairs * psi_d * current)
