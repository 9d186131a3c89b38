"""Program 1 of an induction motor: lamination -> flux map, iron-loss map and bar current, per metre of stack.

In rotor-flux orientation the stator's fluxes are functions of (i_sd, i_sq) alone and reciprocal (`field.cage`): the map
is that of a machine without magnets, even in both currents. The only thing more is the bars' current layer; its ratio
to the stator's q ampere-turns, L_m / L_r of the equivalent circuit times the turns' ratio, is nearly constant.

Form "im_9" was found by a search (exchange of points, Nelder-Mead) over dense maps of twenty random laminations; its
errors on others are what `experiments.validation.induction_map` prints. Bars stand at one place against the d axis (bar
0 on it) at every rotor angle: against means over bar places too that costs 0.15 % in flux. Closed slots saturate hard:
`SolverSettings(cold_steps=14)` converges where 10 steps from nothing leave some laminations at 1e-4.
"""

from __future__ import annotations

import functools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from edu_opt.motor.field import (
    ElementFields,
    Excitation,
    FieldGrid,
    FieldMaterials,
    FieldSolution,
    cage_quantities,
    element_fields,
    field_quantities,
    nested_models,
    solve_model,
)
from edu_opt.motor.flux_map import FORMS, Array, FluxMap, features, sample_ampere_turns
from edu_opt.motor.geometry import Lamination
from edu_opt.motor.lamination_map import (
    LaminationFields,
    LaminationMap,
    LaminationMapSettings,
    MapMaterials,
    ampere_turn_scale,
    fitted_map,
    loss_channels,
)
from edu_opt.numerics.pytree import pytree

RATIO_NOISE = 1e-6  # of the kernel's variance


@pytree
class InductionFields:
    """`lamination_map.LaminationFields` of an induction motor and, at the same points, the bars' current amplitude over
    the stator's q ampere-turns of a slot (points,) [1]."""

    fields: LaminationFields
    bar_current_ratio: jax.Array


@pytree
class InductionMap:
    """Maps fitted to `InductionFields`: the lamination map that every kind has, and the bar current's ratio as mean and
    kernel weights (points,)."""

    lamination_map: LaminationMap
    ratio_mean: jax.Array
    ratio_weights: jax.Array


def induction_fields(
    settings: LaminationMapSettings, lamination: Lamination, materials: MapMaterials, start=None
) -> tuple[InductionFields, object]:
    """Fields of a lamination and the potentials (points x angles, ...) that warm-start a slightly different one."""
    points = sample_ampere_turns(settings.form_name, ampere_turn_scale(settings, lamination))
    return fields_at(settings, lamination, materials, points, start)


def fields_at(
    settings: LaminationMapSettings, lamination: Lamination, materials: MapMaterials, points: jax.Array, start=None
) -> tuple[InductionFields, object]:
    """As `induction_fields`, at ampere-turns (points, 3) [A] of one's own; i_q not zero (the ratio's divisor)."""
    grid, angles = FieldGrid(settings.template, settings.level), settings.rotor_angles
    steel, none = materials.reluctivity, jnp.zeros(())
    field_materials = FieldMaterials(
        stator_steel=steel, rotor_steel=steel, remanence=none, magnet_permeability=jnp.ones(())
    )
    models = nested_models(grid, lamination, field_materials)

    def one(ampere_turns: jax.Array, angle: jax.Array, potentials):
        excitation = Excitation(
            slot_ampere_turns_d=ampere_turns[0],
            slot_ampere_turns_q=ampere_turns[1],
            field_ampere_turns=none,
            rotor_angle_electrical=angle,
            bar_angle_electrical=none,
        )
        solution = solve_model(grid, models, excitation, potentials, settings.solver)
        stator = field_quantities(grid, models[0], excitation, solution)
        ratio = cage_quantities(grid, models[0], excitation, solution).bar_current / ampere_turns[1]
        flux = jnp.stack([stator.psi_d, stator.psi_q, none])
        return solution, flux, ratio, element_fields(grid, models[0], solution)

    repeated = jnp.repeat(points, len(angles), axis=0), jnp.asarray(np.tile(angles, len(points)))
    found = jax.vmap(one, in_axes=(0, 0, None if start is None else 0))(*repeated, start)
    solution: FieldSolution = found[0]
    flux, ratio, elements = jax.tree.map(
        lambda leaf: leaf.reshape(len(points), len(angles), *leaf.shape[1:]), found[1:]
    )
    cells: ElementFields = elements
    fields = LaminationFields(
        flux=jnp.mean(flux, 1),
        losses=loss_channels(grid, cells, materials.steel, lamination.pole_pairs),
        magnet_flux_density=jnp.zeros(2),
        residual=jnp.max(solution.residual),
        converged=jnp.asarray(jnp.all(solution.converged), float),
        corner_jacobian=models[0].corner_jacobian,
    )
    return InductionFields(fields=fields, bar_current_ratio=jnp.mean(ratio, 1)), solution.potentials


def fitted_induction_map(
    settings: LaminationMapSettings, lamination: Lamination, found: InductionFields
) -> InductionMap:
    """Maps of a lamination through its fields' samples; linear in the bar current's samples."""
    fitted = fitted_map(settings, lamination, found.fields)
    mean = jnp.mean(found.bar_current_ratio)
    return InductionMap(
        lamination_map=fitted,
        ratio_mean=mean,
        ratio_weights=jnp.asarray(_ratio_inverse(fitted.form)) @ (found.bar_current_ratio - mean),
    )


@functools.cache
def _ratio_inverse(form_name: str) -> np.ndarray:
    """Inverse of the kernel's matrix at the form's points: it does not depend on the lamination (host)."""
    points = np.array(FORMS[form_name].points)
    gram = np.stack([_ratio_kernel(form_name, x, np) for x in points])
    return np.linalg.inv(gram + RATIO_NOISE * np.eye(len(points)))


def _ratio_kernel(form_name: str, x: Array, numeric) -> Array:
    """Kernel (points,) between per-unit currents x (3,) and the form's points with their mirror images: even in both
    currents; features and widths of the flux map's first block."""
    form = FORMS[form_name]
    total: Any = 0.0
    u, points = features(form.blocks[0], x, numeric)[0], np.array(form.points)
    for mirror in (np.ones(3), *form.mirrors):
        centres = features(form.blocks[0], points * mirror, np)[0]
        total = total + numeric.exp(-0.5 * numeric.sum((u - centres) ** 2, -1))
    return total


def bar_current_ratio(induction: InductionMap, ampere_turns: jax.Array) -> jax.Array:
    """Bar current amplitude over the stator's q ampere-turns of a slot at ampere-turns (3,) [A]."""
    flux_map: FluxMap = induction.lamination_map.flux_map
    kernel = _ratio_kernel(flux_map.form, ampere_turns / flux_map.base, jnp)
    return induction.ratio_mean + kernel @ induction.ratio_weights
