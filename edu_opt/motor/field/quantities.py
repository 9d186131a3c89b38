"""What a motor designer reads from a field: flux linkages, torque, flux densities."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from edu_opt.motor.field.air_gap import radial_flux_density, virtual_work_torque
from edu_opt.motor.field.grid import FieldGrid, slot_cells
from edu_opt.motor.field.model import Excitation, FieldModel, mechanical_angle, node_potentials
from edu_opt.motor.field.newton import FieldSolution
from edu_opt.numerics.pytree import pytree


@pytree
class FieldQuantities:
    """Quantities of one operating point, per metre of stack, one conductor per slot, one field turn per pole.

    `psi_d`, `psi_q`, `psi_f` [Wb/m], whole machine (all poles in series), amplitude invariant; `torque_dq` = 1.5 p
    (psi x i) and `torque_virtual_work` (this very rotor angle, exact derivative of the discrete energy) [N m/m];
    `air_gap_fundamental` amplitude [T] of B_r half-way in the gap; `tooth_flux_density` (slots,) [T]: flux through each
    tooth at half the winding's height over the tooth's width there (tooth k follows slot k); `yoke_flux_density`
    (slots,) [T]: flux behind each slot over the yoke's depth there. Signed, section averages.
    """

    psi_d: jax.Array
    psi_q: jax.Array
    psi_f: jax.Array
    torque_dq: jax.Array
    torque_virtual_work: jax.Array
    air_gap_fundamental: jax.Array
    tooth_flux_density: jax.Array
    yoke_flux_density: jax.Array


@pytree
class ElementFields:
    """Flux densities [T] at the cells' centres with their areas [m2]; regions are `grid.stator_regions(grid)` etc.

    `stator` (2, rows, columns): radial and tangential component in the stator; `rotor` (2, rows, columns): along the d
    axis of the cell's own pole (im: bar) and across it (growing angle); areas (rows, columns) of one sector.
    """

    stator: jax.Array
    stator_area: jax.Array
    rotor: jax.Array
    rotor_area: jax.Array


def phase_flux_linkages(grid: FieldGrid, model: FieldModel, solution: FieldSolution) -> jax.Array:
    """Flux linkages (3,) [Wb/m] of the phases, all poles in series, one conductor per slot."""
    nodes, _ = node_potentials(grid, solution.potentials)
    corners = jnp.stack([nodes[:-1, :-1], nodes[:-1, 1:], nodes[1:, 1:], nodes[1:, :-1]])
    cells = jnp.sum(model.slot_integrals * corners, 0)
    slots = jnp.tensordot(slot_cells(grid), cells, axes=2) / model.slot_area
    return 2.0 * model.pole_pairs / grid.template.poles_per_sector * (slots @ model.weights)


def field_quantities(
    grid: FieldGrid, model: FieldModel, excitation: Excitation, solution: FieldSolution
) -> FieldQuantities:
    """Quantities of a solved operating point."""
    sectors = 2.0 * model.pole_pairs / grid.template.poles_per_sector
    phases = phase_flux_linkages(grid, model, solution)
    angle = excitation.rotor_angle_electrical - np.array([0.0, 2.0, 4.0]) * np.pi / 3.0
    psi_d, psi_q = 2.0 / 3.0 * (phases @ jnp.cos(angle)), -2.0 / 3.0 * (phases @ jnp.sin(angle))
    mechanical = mechanical_angle(model, excitation)
    rings = solution.potentials[0][-1], solution.potentials[1][-1]
    cosine, sine = radial_flux_density(model.gap, *rings, mechanical)
    fundamental = int(np.argmax(grid.harmonics == grid.template.poles_per_sector))
    tooth, yoke = _section_averages(grid, model, solution)
    dq_product = psi_d * excitation.slot_ampere_turns_q - psi_q * excitation.slot_ampere_turns_d
    return FieldQuantities(
        psi_d=psi_d,
        psi_q=psi_q,
        psi_f=sectors * jnp.vdot(model.field_load, solution.potentials[1]),
        torque_dq=1.5 * model.pole_pairs * dq_product,
        torque_virtual_work=sectors * virtual_work_torque(model.gap, *rings, mechanical),
        air_gap_fundamental=jnp.sqrt(cosine[fundamental] ** 2 + sine[fundamental] ** 2 + 1e-18),
        tooth_flux_density=tooth,
        yoke_flux_density=yoke,
    )


def _section_averages(grid: FieldGrid, model: FieldModel, solution: FieldSolution) -> tuple[jax.Array, jax.Array]:
    """Average flux density through every tooth at half the winding's height, and through the yoke behind every slot."""
    nodes, _ = node_potentials(grid, solution.potentials)
    opening, shoulder, tooth = grid.stator_half
    yoke, body, _, _ = grid.stator_rows
    pitch, wall, row = 2 * (opening + shoulder + tooth), opening + shoulder, yoke + body // 2
    at = pitch * np.arange(grid.template.slots_per_sector)
    left, right = at + wall, at + pitch - wall
    x, y = model.stator_x[row], model.stator_y[row]
    width = jnp.sqrt((x[right] - x[left]) ** 2 + (y[right] - y[left]) ** 2)
    radius_outer = jnp.sqrt(model.stator_x[0, 0] ** 2 + model.stator_y[0, 0] ** 2)
    radius_bottom = jnp.sqrt(model.stator_x[yoke, 0] ** 2 + model.stator_y[yoke, 0] ** 2)
    return (nodes[row, right] - nodes[row, left]) / width, nodes[yoke, at] / (radius_outer - radius_bottom)


def _centre_flux_density(x: jax.Array, y: jax.Array, nodes: jax.Array) -> tuple[jax.Array, jax.Array]:
    """B_x, B_y [T] at the cells' centres: (dA/dy, -dA/dx)."""

    def derivatives(v: jax.Array) -> tuple[jax.Array, jax.Array]:
        xi = 0.5 * (v[:-1, 1:] - v[:-1, :-1] + v[1:, 1:] - v[1:, :-1])
        eta = 0.5 * (v[1:, :-1] - v[:-1, :-1] + v[1:, 1:] - v[:-1, 1:])
        return xi, eta

    (x_xi, x_eta), (y_xi, y_eta), (a_xi, a_eta) = derivatives(x), derivatives(y), derivatives(nodes)
    det = x_xi * y_eta - x_eta * y_xi
    det = jnp.where(jnp.abs(det) > 1e-14, det, 1e-14)
    return (a_eta * x_xi - a_xi * x_eta) / det, -(a_xi * y_eta - a_eta * y_xi) / det


def element_fields(grid: FieldGrid, model: FieldModel, solution: FieldSolution) -> ElementFields:
    """Flux density in every cell, for iron loss and demagnetization."""
    stator_nodes, rotor_nodes = node_potentials(grid, solution.potentials)
    b_x, b_y = _centre_flux_density(model.stator_x, model.stator_y, stator_nodes)
    radial = jnp.stack([_cell_mean(model.stator_x), _cell_mean(model.stator_y)])
    radial = radial / jnp.sqrt(jnp.sum(radial**2, 0))
    stator = jnp.stack([b_x * radial[0] + b_y * radial[1], -b_x * radial[1] + b_y * radial[0]])
    r_x, r_y = _centre_flux_density(model.rotor_x, model.rotor_y, rotor_nodes)
    unit = np.repeat(np.arange(grid.rotor_units), 2 * sum(grid.rotor_half))
    turn = jnp.pi / model.pole_pairs * (grid.template.poles_per_sector / grid.rotor_units) * unit
    c, s = jnp.cos(turn), jnp.sin(turn)
    return ElementFields(
        stator=stator,
        stator_area=jnp.sum(model.stator_metric.weight, 0),
        rotor=jnp.stack([r_x * c + r_y * s, -r_x * s + r_y * c]),
        rotor_area=jnp.sum(model.rotor_metric.weight, 0),
    )


def _cell_mean(nodes: jax.Array) -> jax.Array:
    return 0.25 * (nodes[:-1, :-1] + nodes[:-1, 1:] + nodes[1:, 1:] + nodes[1:, :-1])
