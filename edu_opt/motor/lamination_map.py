"""Program 1: lamination -> everything that needs fields, per metre of stack, one conductor per slot, one field turn.

A handful of current points (per unit, fixed) times two or three rotor angles are solved: `LaminationFields`. These
samples change nearly in proportion to the lamination's variables, so a first-order model is one of *them*; the maps
are fitted to what it says at each lamination (`fitted_map`, cheap). The maps' own weights are differences of large
numbers: extrapolated themselves, they miss the torque by a factor within a tenth of the variables' range. Forward-mode
derivatives come from `jax.jacfwd` of `lamination_fields` (the tangents share each point's factorization).
"""

from __future__ import annotations

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np

from edu_opt.materials.steel_tables import STEELS
from edu_opt.materials.steels import ElectricalSteel
from edu_opt.motor.bar_current import BarCurrentMap, fit_bar_current_map
from edu_opt.motor.dimensions import lamination_dimensions
from edu_opt.motor.field import (
    ElementFields,
    Excitation,
    FieldGrid,
    FieldMaterials,
    FieldModel,
    FieldSolution,
    Region,
    Reluctivity,
    SolverSettings,
    cage_quantities,
    element_fields,
    field_quantities,
    nested_models,
    reluctivity_from_curve,
    rotor_regions,
    solve_model,
)
from edu_opt.motor.field.grid import pole_signs, side_signs
from edu_opt.motor.field_losses import rotor_coefficients, stator_coefficients
from edu_opt.motor.flux_map import FluxMap, fit_flux_map, sample_ampere_turns
from edu_opt.motor.flux_map_forms import FORMS
from edu_opt.motor.geometry import Lamination, Template
from edu_opt.motor.iron_loss import IronLossMap, fit_iron_loss_map
from edu_opt.motor.ripple import TorqueSamples, ripple_angles, solved_points, torque_samples
from edu_opt.motor.skew import skewed_samples, slice_angles
from edu_opt.numerics.pytree import pytree, static
from edu_opt.numerics.smooth import soft_minimum

DEMAGNETIZATION_POINTS = ((0.0, 0.0, 0.0), (-1.0, 0.0, 0.0))  # per unit; solved at the first rotor angle
DEMAGNETIZATION_WIDTH = 0.02  # T, soft minimum over the magnet's cells (bias below 0.08 T, conservative)


@dataclasses.dataclass(frozen=True)
class LaminationMapSettings:
    """Static settings of program 1.

    `form` names the flux map's sample points, one of `flux_map_forms.FORMS` ("": the rotor kind's usual one). `angles`
    rotor angles are spread evenly over 60 electrical degrees (0: 3 with two slots per pole and phase, else 2).
    `slot_current_density` [A peak per m2 of winding space] and `field_current_density` [A per m2 of coil space] set the
    per-unit bases: the largest currents for which the map is meant. `skew` [slot
    pitches] is split into `skew_slices` axial slices; the fields stay those of one slice, the maps are the whole's.
    `ripple` names the torque samples that are solved besides ("load", "no_load": see `edu_opt.motor.ripple`).
    """

    template: Template
    level: str = "XS"
    form: str = ""
    angles: int = 0
    slot_current_density: float = 20.0e6
    field_current_density: float = 16.0e6
    solver_settings: SolverSettings | None = None
    skew: float = 0.0
    skew_slices: int = 4
    ripple: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.skew and self.template.rotor == "im":
            raise ValueError(f"a skewed cage couples its slices: no model, got skew {self.skew}")

    @property
    def solver(self) -> SolverSettings:
        """Settings of the field solver. Closed rotor slots saturate hard: 10 steps from nothing leave some laminations
        of a cage at 1e-4."""
        usual = SolverSettings(cold_steps=14) if self.template.rotor == "im" else SolverSettings()
        return self.solver_settings or usual

    @property
    def form_name(self) -> str:
        """Name of the kernel form."""
        if self.form:
            return self.form
        if self.template.rotor == "eesm":
            return "eesm_12"
        if self.template.rotor == "im":
            return "im_9"
        if self.template.rotor == "synrm":
            return "assist_8" if self.template.has_magnets else "synrm_6"
        return "ipm_6_and_light"

    @property
    def rotor_angles(self) -> np.ndarray:
        """Electrical rotor angles [rad]."""
        count = self.angles or (3 if self.template.slots_per_pole == 6 else 2)
        return np.pi / 3.0 * np.arange(count) / count

    @property
    def slices(self) -> np.ndarray:
        """Electrical angles [rad] of the slices; one at 0 without skew."""
        return slice_angles(self.template, self.skew, self.skew_slices if self.skew else 1)

    @property
    def field_solves(self) -> int:
        """Nonlinear field solves of one lamination."""
        extra = len(DEMAGNETIZATION_POINTS) if self.template.has_magnets else 0
        ripple = len(solved_points(self.template, self.ripple)) * len(self.slices) * ripple_angles(self.template)
        return len(FORMS[self.form_name].points) * len(self.rotor_angles) + extra + ripple


@pytree
class LaminationFields:
    """What the field solves of one lamination say, per metre of stack, one conductor per slot, one field turn per pole.

    At the form's sample points: `flux` (points, 3) [Wb/m], means over the rotor angles, and `losses` (points, channels)
    of `iron_loss`. `magnet_flux_density` (2,) [T]: smallest flux density along the magnetization at no current and at
    the per-unit base of negative i_d (zeros for eesm); `residual` the largest, `converged` (0 or 1) of all solves,
    `corner_jacobian` the smallest. im: `bar_current_ratio` (points,) [1], the bars' current amplitude over the stator's
    q ampere-turns of a slot. `ripple`: torque samples, where asked for.
    """

    flux: jax.Array
    losses: jax.Array
    magnet_flux_density: jax.Array
    residual: jax.Array
    converged: jax.Array
    corner_jacobian: jax.Array
    bar_current_ratio: jax.Array | None = None
    ripple: TorqueSamples = TorqueSamples()


@pytree
class LaminationMap:
    """Maps fitted to the fields of a lamination; the other fields as in `LaminationFields`."""

    form: str = static()
    field_solves: int = static()
    flux_map: FluxMap
    iron_loss_map: IronLossMap
    magnet_flux_density: jax.Array
    residual: jax.Array
    converged: jax.Array
    corner_jacobian: jax.Array
    bar_current: BarCurrentMap | None = None
    ripple: TorqueSamples = TorqueSamples()

    @property
    def ampere_turn_scale(self) -> jax.Array:
        """Per-unit bases (3,) [A]: slot d, slot q, field per pole."""
        return self.flux_map.ampere_turn_scale


@pytree
class MapMaterials:
    """Steel of both laminations and the magnet's state: magnetization curve, loss row, remanence [T] at the magnet
    temperature of the map, relative recoil permeability."""

    reluctivity: Reluctivity
    steel: ElectricalSteel
    remanence: jax.Array
    magnet_permeability: jax.Array


def steel_reluctivity(name: str) -> Reluctivity:
    """Magnetization curve of a grade with its stacking factor, for the field solver (host)."""
    data = STEELS[name]
    return reluctivity_from_curve(data.field_strength, data.flux_density, data.stacking_factor)


def ampere_turn_scale(settings: LaminationMapSettings, lamination: Lamination) -> jax.Array:
    """Per-unit bases (3,) [A] from winding space and coil space."""
    size = lamination_dimensions(lamination)
    slot = settings.slot_current_density * size.slot_winding_area
    field = settings.field_current_density * size.coil_side_area
    return jnp.stack([slot, slot, field if settings.template.rotor == "eesm" else jnp.ones(())])


def _excitations(settings: LaminationMapSettings, ampere_turns: jax.Array, angles: np.ndarray) -> Excitation:
    """Excitations (points x angles,), angle fastest.

    Bar 0 of a cage stands on the d axis at every rotor angle: against means over bar places too that costs 0.15 % in
    flux."""
    repeated = jnp.repeat(ampere_turns, len(angles), axis=0)
    return Excitation(
        slot_ampere_turns_d=repeated[:, 0],
        slot_ampere_turns_q=repeated[:, 1],
        field_ampere_turns=repeated[:, 2],
        rotor_angle_electrical=jnp.asarray(np.tile(angles, ampere_turns.shape[0])),
        bar_angle_electrical=jnp.zeros_like(repeated[:, 0]) if settings.template.rotor == "im" else None,
    )


def sampled_fields(
    settings: LaminationMapSettings,
    models: tuple[FieldModel, ...],
    ampere_turns: jax.Array,
    angles: np.ndarray,
    start=None,
) -> tuple[FieldSolution, jax.Array, ElementFields]:
    """Solutions, unit fluxes (points, 3) averaged over the angles, element fields; all (points, angles, ...)."""
    grid = FieldGrid(settings.template, settings.level)
    excitations = _excitations(settings, ampere_turns, angles)

    def one(excitation: Excitation, potentials):
        solution = solve_model(grid, models, excitation, potentials, settings.solver)
        quantities = field_quantities(grid, models[0], excitation, solution)
        flux = jnp.stack([quantities.psi_d, quantities.psi_q, quantities.psi_f])
        return solution, flux, element_fields(grid, models[0], solution)

    solution, flux, fields = jax.vmap(one, in_axes=(0, None if start is None else 0))(excitations, start)
    shape = (ampere_turns.shape[0], len(angles))
    return jax.tree.map(lambda leaf: leaf.reshape(*shape, *leaf.shape[1:]), (solution, flux.reshape(-1, 3), fields))


def lamination_fields(
    settings: LaminationMapSettings, lamination: Lamination, materials: MapMaterials, start=None
) -> tuple[LaminationFields, object]:
    """Fields of a lamination and the potentials of all solves; they warm-start the next, slightly different one."""
    scale = ampere_turn_scale(settings, lamination)
    return fields_at(settings, lamination, materials, sample_ampere_turns(settings.form_name, scale), start)


def fields_at(
    settings: LaminationMapSettings,
    lamination: Lamination,
    materials: MapMaterials,
    ampere_turns: jax.Array,
    start=None,
) -> tuple[LaminationFields, object]:
    """As `lamination_fields`, at ampere-turns (points, 3) [A] of one's own (im: i_q not zero)."""
    grid = FieldGrid(settings.template, settings.level)
    field_materials = FieldMaterials(
        stator_steel=materials.reluctivity,
        rotor_steel=materials.reluctivity,
        remanence=materials.remanence,
        magnet_permeability=materials.magnet_permeability,
    )
    models = nested_models(grid, lamination, field_materials)
    main_start, extra_start = (None, None) if start is None else start
    solution, flux, fields = sampled_fields(settings, models, ampere_turns, settings.rotor_angles, main_start)
    magnet, extra, scale = jnp.zeros(2), None, ampere_turn_scale(settings, lamination)
    ripple, worst, all_well = torque_samples(settings.ripple, grid, models, scale, settings.slices, settings.solver)
    residual = jnp.maximum(jnp.max(solution.residual), worst)
    converged = jnp.all(solution.converged) & all_well
    if settings.template.has_magnets:
        extra, magnet = _demagnetization(settings, models, scale, extra_start)
        residual = jnp.maximum(residual, jnp.max(extra.residual))
        converged = converged & jnp.all(extra.converged)
    flat = lambda tree: jax.tree.map(lambda leaf: leaf.reshape(-1, *leaf.shape[2:]), tree)  # noqa: E731
    potentials = (flat(solution.potentials), None if extra is None else flat(extra.potentials))
    cage = settings.template.rotor == "im"
    found = LaminationFields(
        flux=jnp.mean(flux, 1),
        losses=loss_channels(grid, fields, materials.steel, lamination.pole_pairs),
        magnet_flux_density=magnet,
        residual=residual,
        converged=jnp.asarray(converged, float),
        corner_jacobian=models[0].corner_jacobian,
        bar_current_ratio=_bar_current_ratio(settings, models[0], ampere_turns, solution) if cage else None,
        ripple=ripple,
    )
    return found, potentials


def _bar_current_ratio(
    settings: LaminationMapSettings, model: FieldModel, ampere_turns: jax.Array, solution: FieldSolution
) -> jax.Array:
    """Bars' current amplitude over the q ampere-turns of a slot (points,), mean over the rotor angles."""
    grid = FieldGrid(settings.template, settings.level)
    excitations = _excitations(settings, ampere_turns, settings.rotor_angles)
    flat = jax.tree.map(lambda leaf: leaf.reshape(-1, *leaf.shape[2:]), solution)
    current = jax.vmap(lambda at, solved: cage_quantities(grid, model, at, solved).bar_current)(excitations, flat)
    return jnp.mean(current.reshape(len(ampere_turns), -1), 1) / ampere_turns[:, 1]


def fitted_map(settings: LaminationMapSettings, lamination: Lamination, fields: LaminationFields) -> LaminationMap:
    """Maps of a lamination through its fields' samples."""
    form, ratio = settings.form_name, fields.bar_current_ratio
    scale, slots_per_pole = ampere_turn_scale(settings, lamination), float(settings.template.slots_per_pole)
    flux_map = fit_flux_map(form, scale, slots_per_pole, fields.flux)
    iron_loss_map = fit_iron_loss_map(flux_map, fields.flux, fields.losses)
    if settings.skew:
        at = sample_ampere_turns(form, scale)
        flux, losses = skewed_samples(flux_map, iron_loss_map, at, settings.slices)
        flux_map = fit_flux_map(form, scale, slots_per_pole, flux)
        iron_loss_map = fit_iron_loss_map(flux_map, flux, losses)
    return LaminationMap(
        form=form,
        field_solves=settings.field_solves,
        flux_map=flux_map,
        iron_loss_map=iron_loss_map,
        magnet_flux_density=fields.magnet_flux_density,
        residual=fields.residual,
        converged=fields.converged,
        corner_jacobian=fields.corner_jacobian,
        bar_current=None if ratio is None else fit_bar_current_map(form, ratio),
        ripple=fields.ripple,
    )


def lamination_map(settings: LaminationMapSettings, lamination: Lamination, materials: MapMaterials) -> LaminationMap:
    """Map of a lamination, cold start (see `lamination_fields`)."""
    return fitted_map(settings, lamination, lamination_fields(settings, lamination, materials)[0])


def loss_channels(
    grid: FieldGrid, fields: ElementFields, steel: ElectricalSteel, pole_pairs: jax.Array
) -> jax.Array:
    """Channels (points, 13) of `iron_loss` for the whole machine per metre."""
    sectors = 2.0 * pole_pairs / grid.template.poles_per_sector

    def one(point: ElementFields) -> jax.Array:
        stator = stator_coefficients(grid, point, steel)
        rotor, magnet = rotor_coefficients(grid, point, steel)
        return jnp.concatenate([sectors * stator.reshape(-1), sectors * rotor, magnet[None]])

    return jax.vmap(one)(fields)


def _demagnetization(
    settings: LaminationMapSettings, models: tuple[FieldModel, ...], scale: jax.Array, start
) -> tuple[FieldSolution, jax.Array]:
    """Solutions and smallest flux densities (2,) along the magnetization at `DEMAGNETIZATION_POINTS`."""
    grid = FieldGrid(settings.template, settings.level)
    points = jnp.asarray(DEMAGNETIZATION_POINTS) * scale
    solution, _, fields = sampled_fields(settings, models, points, settings.rotor_angles[:1], start)
    direction = models[0].magnet_direction
    along = fields.rotor[:, 0, 0] * direction[0] + fields.rotor[:, 0, 1] * direction[1] * side_signs(grid)
    inside = rotor_regions(grid) == Region.MAGNET
    density = jnp.where(inside, along * pole_signs(grid), 10.0)
    return solution, soft_minimum(density.reshape(len(DEMAGNETIZATION_POINTS), -1), DEMAGNETIZATION_WIDTH, axis=-1)
