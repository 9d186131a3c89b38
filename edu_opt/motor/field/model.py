"""Field model: everything about one lamination that its operating points and rotor angles share."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from edu_opt.motor.barriers import LayeredRotor
from edu_opt.motor.cage import CageRotor
from edu_opt.motor.field.air_gap import AirGap, air_gap_element, coupling_matrix, ring_matrices
from edu_opt.motor.field.elements import (
    CellMetric,
    cell_metric,
    forces,
    gather_forces,
    reference_gradient,
    shape_integrals,
    wrapped,
)
from edu_opt.motor.field.grid import (
    FieldGrid,
    Region,
    pole_signs,
    rotor_regions,
    side_signs,
    slot_cells,
)
from edu_opt.motor.field.grid_eesm import eesm_half_nodes
from edu_opt.motor.field.grid_im import cage_half_nodes
from edu_opt.motor.field.grid_ipm import ipm_half_nodes
from edu_opt.motor.field.grid_layers import layered_half_nodes
from edu_opt.motor.field.grid_stator import stator_nodes
from edu_opt.motor.field.reluctivity import Reluctivity
from edu_opt.motor.geometry import Lamination, SalientPoleRotor, winding_weights
from edu_opt.numerics.constants import VACUUM_RELUCTIVITY
from edu_opt.numerics.pytree import pytree

_STATOR_ORIENTATION, _ROTOR_ORIENTATION = 1, -1  # handedness of (column, ring) on either side


@pytree
class FieldMaterials:
    """Materials as data: steels, remanence [T] and relative recoil permeability of the magnets (unused by eesm)."""

    stator_steel: Reluctivity
    rotor_steel: Reluctivity
    remanence: jax.Array
    magnet_permeability: jax.Array


@pytree
class Excitation:
    """One operating point per unit: ampere-turns of a slot full of one phase [A peak] in d and q, ampere-turns of one
    pole's field coil [A] (0 for ipm), electrical rotor angle [rad] (0: d axis on the axis of phase A).

    im: the d axis is that of the rotor flux, `bar_angle_electrical` [rad] the angle of bar 0 ahead of it."""

    slot_ampere_turns_d: jax.Array
    slot_ampere_turns_q: jax.Array
    field_ampere_turns: jax.Array
    rotor_angle_electrical: jax.Array
    bar_angle_electrical: jax.Array | None = None


@pytree
class FieldModel:
    """Discrete field problem of one lamination on one grid, before any excitation.

    Nodes are (rows + 1, columns + 1) [m], the rotor's in its own frame (d axis of pole 0 at angle 0). `slot_integrals`
    (4, rows, columns) [m2] and `slot_area` [m2] carry the slot currents; `field_load` and `magnet_load` (rings,
    columns) are the rotor's right sides for 1 ampere-turn per pole and for the remanence of `materials`; `weights`
    (slots, 3) the winding, `bar_load` (4, rows, columns) [1] the corners' shares of a bar's current (im), `axis` the
    electrical angle of phase A's axis from the centre of slot 0. `corner_jacobian`
    as in
    `elements.cell_metric`, smallest of all cells.
    """

    stator_x: jax.Array
    stator_y: jax.Array
    rotor_x: jax.Array
    rotor_y: jax.Array
    stator_metric: CellMetric
    rotor_metric: CellMetric
    slot_integrals: jax.Array
    slot_area: jax.Array
    coil_area: jax.Array
    field_load: jax.Array
    magnet_load: jax.Array
    magnet_direction: jax.Array
    gap: AirGap
    gap_stator: jax.Array
    gap_rotor: jax.Array
    materials: FieldMaterials
    weights: jax.Array
    axis: jax.Array
    pole_pairs: jax.Array
    corner_jacobian: jax.Array
    bar_load: jax.Array | None = None


def field_model(
    grid: FieldGrid, lamination: Lamination, materials: FieldMaterials, weights: jax.Array | np.ndarray | None = None
) -> FieldModel:
    """Build the discrete problem; `weights` (slots_per_sector, 3) replaces the template's own winding (all phases of
    one magnitude; phase A's fundamental sets the axis)."""
    template = grid.template
    sector = jnp.pi * template.poles_per_sector / lamination.pole_pairs
    stator_x, stator_y = stator_nodes(grid, lamination.stator, sector)
    rotor_x, rotor_y, ring_radius, direction = _rotor_nodes(grid, lamination)
    # The compiler would otherwise repeat the geometry's arithmetic in every loop over the cells.
    stator_x, stator_y, rotor_x, rotor_y = lax.optimization_barrier((stator_x, stator_y, rotor_x, rotor_y))
    stator_metric, stator_corner = cell_metric(stator_x, stator_y, _STATOR_ORIENTATION)
    rotor_metric, rotor_corner = cell_metric(rotor_x, rotor_y, _ROTOR_ORIENTATION)
    gap = air_gap_element(
        _ring_angles(stator_x, stator_y, sector),
        _ring_angles(rotor_x, rotor_y, sector),
        lamination.stator.bore_radius,
        ring_radius,
        sector,
        grid.harmonics,
        template.wrap_sign,
    )
    gap_stator, gap_rotor = ring_matrices(gap)
    integrals = shape_integrals(stator_metric)
    slot = jnp.abs(slot_cells(grid)).sum(0)
    field_load, coil_area = _field_load(grid, rotor_metric)
    weights = winding_weights(template) if weights is None else weights
    return FieldModel(
        stator_x=stator_x,
        stator_y=stator_y,
        rotor_x=rotor_x,
        rotor_y=rotor_y,
        stator_metric=stator_metric,
        rotor_metric=rotor_metric,
        slot_integrals=integrals,
        slot_area=jnp.sum(integrals * slot) / template.slots_per_sector,
        coil_area=coil_area,
        field_load=field_load,
        magnet_load=_magnet_load(grid, rotor_x, rotor_y, direction, materials, jnp.pi / lamination.pole_pairs),
        magnet_direction=direction,
        gap=gap,
        gap_stator=gap_stator,
        gap_rotor=gap_rotor,
        materials=materials,
        weights=jnp.asarray(weights),
        axis=_phase_axis(float(template.slots_per_pole), jnp.asarray(weights)),
        pole_pairs=lamination.pole_pairs,
        corner_jacobian=jnp.minimum(stator_corner, rotor_corner),
        bar_load=_bar_load(grid, rotor_metric) if template.rotor == "im" else None,
    )


def _rotor_nodes(grid: FieldGrid, lamination: Lamination) -> tuple[jax.Array, jax.Array, jax.Array, jax.Array]:
    """Nodes of the sector's rotor, gap ring radius, magnetization direction (2,) or (2, rows, columns), as on the half
    of growing angle."""
    half_pitch = 0.5 * jnp.pi / lamination.pole_pairs * (grid.template.poles_per_sector / grid.rotor_units)
    if isinstance(lamination.rotor, CageRotor):
        x, y, ring = cage_half_nodes(grid, lamination.rotor, half_pitch)
        direction = jnp.zeros(2)
    elif isinstance(lamination.rotor, SalientPoleRotor):
        x, y, ring = eesm_half_nodes(grid, lamination.rotor, lamination.stator.bore_radius, half_pitch)
        direction = jnp.zeros(2)
    elif isinstance(lamination.rotor, LayeredRotor):
        x, y, ring, direction = layered_half_nodes(grid, lamination.rotor, half_pitch)
        direction = jnp.tile(jnp.concatenate([direction[..., ::-1], direction], -1), grid.rotor_units)
    else:
        x, y, ring, direction = ipm_half_nodes(grid, lamination.rotor, half_pitch)
    pole_x = jnp.concatenate([x[:, :0:-1], x], 1)
    pole_y = jnp.concatenate([-y[:, :0:-1], y], 1)
    poles = []
    for pole in range(grid.rotor_units):
        c, s = jnp.cos(2 * pole * half_pitch), jnp.sin(2 * pole * half_pitch)
        last = pole == grid.rotor_units - 1
        columns = slice(None) if last else slice(-1)
        poles.append((c * pole_x[:, columns] - s * pole_y[:, columns], s * pole_x[:, columns] + c * pole_y[:, columns]))
    return jnp.concatenate([p[0] for p in poles], 1), jnp.concatenate([p[1] for p in poles], 1), ring, direction


def _ring_angles(x: jax.Array, y: jax.Array, sector: jax.Array) -> jax.Array:
    """Angles of the gap ring's nodes, rising from the first one, without the closing node."""
    first = jnp.arctan2(y[-1, 0], x[-1, 0])
    turn = jnp.arctan2(y[-1, :-1], x[-1, :-1]) - first
    return first + jnp.where(turn < -1e-9, turn + 2.0 * jnp.pi, turn)


def _phase_axis(slots_per_pole: float, weights: jax.Array) -> jax.Array:
    """Electrical angle of phase A's magnetic axis, from the fundamental of its conductors."""
    angle = np.pi / slots_per_pole * np.arange(weights.shape[0])
    return jnp.arctan2(weights[:, 0] @ np.sin(angle), weights[:, 0] @ np.cos(angle)) - 0.5 * np.pi


def _field_load(grid: FieldGrid, metric: CellMetric) -> tuple[jax.Array, jax.Array]:
    """Right side for one ampere-turn per pole, and the area of one coil side [m2] (1 where there is no coil)."""
    coil = (rotor_regions(grid) == Region.FIELD_COIL).astype(float)
    if not coil.any():
        return jnp.zeros(coil.shape), jnp.ones(())
    integrals = shape_integrals(metric)
    area = jnp.sum(integrals * coil) / (2 * grid.template.poles_per_sector)
    return gather_forces(integrals * (coil * side_signs(grid) * pole_signs(grid)) / area, grid.template.wrap_sign), area


def _bar_load(grid: FieldGrid, metric: CellMetric) -> jax.Array:
    """Shares (4, rows, columns) of the corners in the current of the bar that holds a cell; they add to 1 a bar."""
    integrals = shape_integrals(metric) * (rotor_regions(grid) == Region.BAR)
    return integrals * (grid.template.bars_per_sector / jnp.sum(integrals))


def _magnet_load(
    grid: FieldGrid, x: jax.Array, y: jax.Array, direction: jax.Array, materials: FieldMaterials, pole_pitch: jax.Array
) -> jax.Array:
    """Right side of the remanence: integral of nu (Br_x dN/dy - Br_y dN/dx), in which the cell's determinant
    cancels."""
    magnet = (rotor_regions(grid) == Region.MAGNET).astype(float)
    if not magnet.any():
        return jnp.zeros(magnet.shape)
    turn = pole_pitch * np.repeat(np.arange(grid.template.poles_per_sector), 2 * sum(grid.rotor_half))
    local_x, local_y = direction[0], direction[1] * side_signs(grid)
    br_x = pole_signs(grid) * (local_x * jnp.cos(turn) - local_y * jnp.sin(turn))
    br_y = pole_signs(grid) * (local_x * jnp.sin(turn) + local_y * jnp.cos(turn))
    x_xi, x_eta = reference_gradient(x)
    y_xi, y_eta = reference_gradient(y)
    nu = 0.25 * VACUUM_RELUCTIVITY / materials.magnet_permeability * materials.remanence * _ROTOR_ORIENTATION * magnet
    # dN/dx det = N_xi y_eta - N_eta y_xi, dN/dy det = -N_xi x_eta + N_eta x_xi
    flux_xi = nu * (-br_x * x_eta - br_y * y_eta)
    flux_eta = nu * (br_x * x_xi + br_y * y_xi)
    return forces(flux_xi, flux_eta, grid.template.wrap_sign)


def slot_currents(model: FieldModel, excitation: Excitation) -> jax.Array:
    """Ampere-turns of every slot (slots,) [A]: inverse Park transform, then the winding."""
    angle = excitation.rotor_angle_electrical - np.array([0.0, 2.0, 4.0]) * np.pi / 3.0
    phases = excitation.slot_ampere_turns_d * jnp.cos(angle) - excitation.slot_ampere_turns_q * jnp.sin(angle)
    return model.weights @ phases


def mechanical_angle(model: FieldModel, excitation: Excitation) -> jax.Array:
    """Mechanical angle [rad] of the rotor from the centre of slot 0: of pole 0's d axis; of bar 0 (im)."""
    ahead = 0.0 if excitation.bar_angle_electrical is None else excitation.bar_angle_electrical
    return (model.axis + excitation.rotor_angle_electrical + ahead) / model.pole_pairs


def cage_loads(grid: FieldGrid, model: FieldModel, excitation: Excitation) -> tuple[jax.Array, jax.Array]:
    """Right sides (rings, columns) of the rotor for bar currents of 1 A amplitude that magnetize the d and the q axis.

    The bars carry a sinusoidal current layer, like the stator's: sin(angle from the d axis) [d], -cos [q].
    """
    if model.bar_load is None or excitation.bar_angle_electrical is None:
        raise ValueError(f"bar currents need a cage and its place: rotor {grid.template.rotor!r}")
    bars = np.repeat(np.arange(grid.template.bars_per_sector), 2 * sum(grid.rotor_half))
    pitch = np.pi * grid.template.poles_per_sector / grid.template.bars_per_sector
    angle = excitation.bar_angle_electrical + bars * pitch
    sign, shares = grid.template.wrap_sign, model.bar_load
    return gather_forces(shares * jnp.sin(angle), sign), gather_forces(-shares * jnp.cos(angle), sign)


def right_side(grid: FieldGrid, model: FieldModel, excitation: Excitation) -> tuple[jax.Array, jax.Array]:
    """Loads (rings, columns) of stator and rotor."""
    density = jnp.tensordot(slot_currents(model, excitation), slot_cells(grid), axes=1) / model.slot_area
    stator = gather_forces(model.slot_integrals * density, grid.template.wrap_sign)
    return stator, model.magnet_load + excitation.field_ampere_turns * model.field_load


def gap_matrices(model: FieldModel, excitation: Excitation) -> tuple[jax.Array, jax.Array, jax.Array]:
    """Air gap's stiffness: stator ring, rotor ring, coupling (the only one that the rotor angle enters)."""
    return model.gap_stator, model.gap_rotor, coupling_matrix(model.gap, mechanical_angle(model, excitation))


def node_potentials(grid: FieldGrid, potentials: tuple[jax.Array, jax.Array]) -> tuple[jax.Array, jax.Array]:
    """Potentials at all nodes (rows + 1, columns + 1) of stator and rotor [Wb/m]."""
    sign = grid.template.wrap_sign
    return wrapped(potentials[0], sign), wrapped(potentials[1], sign)
