"""Stator winding of hairpins or round wire: conductor size, turns, resistance with end windings, leakage, validity.

Counts are leaves (floats), so that one program serves every winding.
"""

from __future__ import annotations

import dataclasses
import math

import jax
import jax.numpy as jnp

from edu_opt.materials.conductors import Conductor, resistivity
from edu_opt.motor import round_wire
from edu_opt.motor.dimensions import LaminationDimensions
from edu_opt.motor.insulation import Insulation, insulation_for
from edu_opt.numerics.constants import VACUUM_PERMEABILITY
from edu_opt.numerics.pytree import pytree, static
from edu_opt.numerics.smooth import smooth_positive

PHASES = 3.0
# Straight bar beyond the core, bends and weld of one end turn. With the inclined part below it reproduces the end-turn
# length `EWdg_MLT` / 2 of the 28 Motor-CAD PM machines of the TUMFTM set to -1 .. +10 % (tests/motor/test_winding.py).
END_TURN_STRAIGHT = 0.024  # m, both sides of one end turn together
END_TURN_CLEARANCE = 0.5e-3  # m between the coatings of neighbouring end turns (0.7 mm between the bars at 400 V)
OPENING_CLEARANCE = 0.5e-3  # m of winding height kept free of copper under the slot opening (assumed, cf. AC loss)
HAIR = 5e-6  # m, half the width of the floors under a bar's width and height
CORNER_RADIUS = 0.6e-3  # m, rounded bar edges (usual 0.5 to 0.8 mm, assumed)


@pytree
class Winding:
    """Integer winding (leaves): one conductor wide, `conductors_per_slot` = layers stacked radially; hairpins, or with
    `wire` turns of stranded round wire (`edu_opt.motor.round_wire`).

    `coil_pitch` in slots; `parallel_paths` per phase; `metal` is the conductor's material row; `insulation` follows
    from the nominal DC voltage (default: 400 V).
    """

    conductors_per_slot: jax.Array
    parallel_paths: jax.Array
    coil_pitch: jax.Array
    metal: Conductor
    wire: bool = static(default=False)
    insulation: Insulation = dataclasses.field(default_factory=lambda: insulation_for(400.0))

    @property
    def layers(self) -> jax.Array:
        """Conductor layers in the slot."""
        return self.conductors_per_slot


@pytree
class Bar:
    """Copper of one conductor: width (across the slot) and height (radial) [m], area [m2] with rounded edges; of wire,
    the bundle's width and height and its strands' bare area."""

    width: jax.Array
    height: jax.Array
    area: jax.Array


def bar(winding: Winding, dimensions: LaminationDimensions) -> Bar:
    """The largest bar that fits the winding space with liner, coating and play.

    A slot that is too small for its insulation holds a hair of copper, so that its losses say so with a finite slope
    (smooth floors; a real bar grows by less than 1e-5 of its size).
    """
    if winding.wire:
        return _bundle(winding, dimensions)
    around = winding.insulation
    width = dimensions.slot_width - 2.0 * (around.liner + around.coating + around.side_play)
    height_space = dimensions.winding_height - 2.0 * around.liner - OPENING_CLEARANCE
    height = height_space / winding.conductors_per_slot - 2.0 * around.coating - around.layer_play
    width, height = smooth_positive(width, 2.0 * HAIR), smooth_positive(height, 2.0 * HAIR)
    area = width * height - (4.0 - math.pi) * CORNER_RADIUS**2
    return Bar(width=width, height=height, area=smooth_positive(area, HAIR * CORNER_RADIUS))


def _bundle(winding: Winding, dimensions: LaminationDimensions) -> Bar:
    """A turn's share of the winding space within the liner, at its mean width: wire fills a tapered slot."""
    liner = 2.0 * winding.insulation.liner
    width = smooth_positive(dimensions.slot_winding_area / dimensions.winding_height - liner, 2.0 * HAIR)
    height = smooth_positive((dimensions.winding_height - liner) / winding.conductors_per_slot, 2.0 * HAIR)
    return Bar(width=width, height=height, area=round_wire.BARE_FILL * width * height)


def slot_fill(winding: Winding, dimensions: LaminationDimensions) -> jax.Array:
    """Bare copper over winding space (the liner counts as space)."""
    return winding.conductors_per_slot * bar(winding, dimensions).area / dimensions.slot_winding_area


def series_turns(winding: Winding, dimensions: LaminationDimensions) -> jax.Array:
    """Turns in series of one phase = slots x conductors per slot / (2 x 3 x parallel paths)."""
    return dimensions.slots * winding.conductors_per_slot / (2.0 * PHASES * winding.parallel_paths)


def end_turn_length(winding: Winding, dimensions: LaminationDimensions) -> jax.Array:
    """Copper length of one end turn [m] (one end, from slot to slot)."""
    if winding.wire:
        return round_wire.end_turn_length(winding.coil_pitch * _slot_pitch(dimensions))
    reach, slope = _end_turn_run(winding, dimensions)
    return reach * jnp.sqrt(1.0 + slope**2) + END_TURN_STRAIGHT


def end_winding_overhang(winding: Winding, dimensions: LaminationDimensions) -> jax.Array:
    """Axial height of one end winding [m]: straight part, half the inclined run, bar, weld side and crown averaged."""
    if winding.wire:
        return round_wire.end_winding_overhang(winding.coil_pitch * _slot_pitch(dimensions))
    reach, slope = _end_turn_run(winding, dimensions)
    return 0.5 * reach * slope + 0.5 * END_TURN_STRAIGHT + bar(winding, dimensions).width


def _slot_pitch(dimensions: LaminationDimensions) -> jax.Array:
    """Distance of two slots [m] in the middle of the winding."""
    return 2.0 * jnp.pi * dimensions.winding_radius / dimensions.slots


def _end_turn_run(winding: Winding, dimensions: LaminationDimensions) -> tuple[jax.Array, jax.Array]:
    """Circumferential reach [m] of an end turn and its slope (tangent) such that neighbouring bars clear."""
    pitch = _slot_pitch(dimensions)
    sine = (bar(winding, dimensions).width + 2.0 * winding.insulation.coating + END_TURN_CLEARANCE) / pitch
    return winding.coil_pitch * pitch, sine / jnp.sqrt(1.0 - jnp.minimum(sine, 0.95) ** 2)


def conductor_length_ratio(winding: Winding, dimensions: LaminationDimensions, stack_length: jax.Array) -> jax.Array:
    """End-winding length over slot length of one turn, l_ew / L (both ends over both sides)."""
    return end_turn_length(winding, dimensions) / stack_length


def resistances(
    winding: Winding,
    dimensions: LaminationDimensions,
    stack_length: jax.Array,
    slot_celsius: jax.Array,
    end_celsius: jax.Array,
) -> tuple[jax.Array, jax.Array]:
    """DC phase resistance [ohm], (in the slots, in the end windings), each at its own copper temperature [degC]."""
    turns = series_turns(winding, dimensions)
    per_length = 2.0 * turns / (winding.parallel_paths * bar(winding, dimensions).area)
    slots = resistivity(winding.metal, slot_celsius) * per_length * stack_length
    ends = resistivity(winding.metal, end_celsius) * per_length * end_turn_length(winding, dimensions)
    return slots, ends


def copper_volumes(
    winding: Winding, dimensions: LaminationDimensions, stack_length: jax.Array
) -> tuple[jax.Array, jax.Array]:
    """Copper volume [m3], (in the slots, in both end windings)."""
    section = dimensions.slots * winding.conductors_per_slot * bar(winding, dimensions).area
    return section * stack_length, section * end_turn_length(winding, dimensions)


def end_winding_inductance(winding: Winding, dimensions: LaminationDimensions) -> jax.Array:
    """End-winding leakage inductance of a phase [H].

    L = 2 mu0 N^2 (l_w lambda_w) q / (p a-free turns): Pyrhonen, Jokinen, Hrabovcova, Design of Rotating Electrical
    Machines, 2nd ed., eq. 4.103 with 2 l_ew lambda_lew + W_ew lambda_W, lambda 0.3 (two-layer, rotor with salient or
    buried poles, table 4.1, recalled): L = (4 m / Q) q N^2 mu0 l_w lambda_w.
    """
    turns = series_turns(winding, dimensions)
    slots_per_pole_phase = dimensions.slots / (2.0 * dimensions.pole_pairs * PHASES)
    permeance_length = 0.3 * end_turn_length(winding, dimensions)
    return 4.0 * PHASES / dimensions.slots * slots_per_pole_phase * turns**2 * VACUUM_PERMEABILITY * permeance_length


def winding_factor(slots: int, poles: int, coil_pitch: int, harmonic: int = 1) -> float:
    """Winding factor of an integer-slot distributed winding for an electrical harmonic (distribution x pitch)."""
    per_pole_phase = slots / (poles * 3)
    angle = math.pi * poles / slots * harmonic
    distribution = math.sin(per_pole_phase * angle / 2) / (per_pole_phase * math.sin(angle / 2))
    pitch = math.sin(harmonic * math.pi * coil_pitch * poles / (2 * slots))
    return abs(distribution * pitch)
