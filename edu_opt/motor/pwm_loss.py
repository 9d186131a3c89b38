"""Losses that the inverter's switching adds in the motor: eddy currents in the stator sheets, ripple current in copper.

Iron. Classical eddy loss goes with the mean square voltage, whatever its waveform (A. Boglietti, A. Cavagnino, M.
Lazzari, M. Pastorelli, IEEE Trans. Magn. 39 (2003) 981, recalled): the ripple voltage loses as much as the fundamental
would at that voltage, in the same teeth and yoke, less what the skin effect keeps out of the sheets. Hysteresis of the
small loops and excess loss are left out, rotor and magnets too: their shielding of the gap's ripple has no model here.

Copper. The ripple flux drives a current through the incremental inductances; it loses in the slots' bars at the
carrier's skin and proximity effect. The carrier stands for all side bands (the lowest of them: an upper estimate of the
iron's, a lower one of the copper's factor).
"""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp

from edu_opt.motor.copper_loss import slot_resistance_ratio
from edu_opt.motor.flux_linkage import ampere_turns
from edu_opt.motor.flux_map import flux_linkage_unit
from edu_opt.motor.iron_loss import (
    BUILD_FACTOR,
    REGIONS,
    TERMS,
    coefficient_table,
    loss_coefficients,
    sheet_skin_factor,
    sheet_thickness_in_skin_depths,
)
from edu_opt.motor.parts import Motor
from edu_opt.motor.results import MotorTemperatures
from edu_opt.motor.winding import end_winding_inductance, resistances, series_turns
from edu_opt.numerics.constants import VACUUM_PERMEABILITY
from edu_opt.numerics.pytree import pytree
from edu_opt.numerics.smooth import smooth_maximum

FLUX_FLOOR = 0.1  # of the largest sampled flux: an unexcited motor's ripple meets no saturation to scale with
STATOR = [REGIONS.index("tooth"), REGIONS.index("yoke")]


@pytree
class PhaseRipple:
    """What the inverter hands over: mean square phase ripple voltage [V^2], RMS ripple flux of a phase [Wb], carrier
    frequency [Hz]."""

    voltage_square: jax.Array
    flux: jax.Array
    frequency: jax.Array


def pwm_iron_loss(motor: Motor, currents: jax.Array, ripple: PhaseRipple) -> jax.Array:
    """Classical loss of stator teeth and yoke [W] by the ripple voltage at currents (3,) [A]."""
    fields, at = motor.lamination_map, ampere_turns(motor, currents)
    unit = flux_linkage_unit(fields.flux_map, at)
    table = coefficient_table(loss_coefficients(fields.iron_loss_map, fields.flux_map, at, unit))
    classical = BUILD_FACTOR * motor.stack_length * jnp.sum(table[STATOR, TERMS.index("classical")])  # W/Hz^2
    turns = motor.winding.conductors_per_slot / motor.winding.parallel_paths * motor.stack_length
    floor = FLUX_FLOOR * fields.iron_loss_map.flux_scale
    flux_square = turns**2 * (unit[0] ** 2 + unit[1] ** 2 + floor**2)
    # c f^2 is lost at a mean square phase voltage of (2 pi f psi)^2 / 2.
    skin = sheet_skin_factor(sheet_thickness_in_skin_depths(motor.steel) ** 4 * ripple.frequency**2)
    return classical * ripple.voltage_square / (2.0 * math.pi**2 * flux_square) * skin


def leakage_inductance(motor: Motor) -> jax.Array:
    """Leakage of slots and end windings [H], which no saturation takes away: 12 / Q N^2 mu0 l h / (3 b) and the ends
    (J. Pyrhonen et al., Design of Rotating Electrical Machines, 2nd ed., eq. 4.64, recalled)."""
    size, winding = motor.dimensions, motor.winding
    slots = size.winding_height**2 / (3.0 * size.slot_winding_area)
    per_permeance = 12.0 / size.slots * series_turns(winding, size) ** 2 * VACUUM_PERMEABILITY * motor.stack_length
    return per_permeance * slots + end_winding_inductance(winding, size)


def pwm_copper_loss(
    motor: Motor, inductances: jax.Array, ripple: PhaseRipple, temperatures: MotorTemperatures
) -> jax.Array:
    """Loss [W] of the ripple current in the stator copper; `inductances` (2,) [H]: incremental, d and q axis (less than
    the leakage, as a fitted map may say in deep saturation, counts as the leakage)."""
    slots, ends = resistances(
        motor.winding, motor.dimensions, motor.stack_length, temperatures.winding, temperatures.end_winding
    )
    speed = 2.0 * math.pi * ripple.frequency
    resistance = slots * slot_resistance_ratio(motor.winding, motor.dimensions, speed, temperatures.winding) + ends
    # The ripple's space vector points everywhere: each axis takes half of its mean square.
    least = leakage_inductance(motor)
    current_square = ripple.flux**2 * jnp.mean(1.0 / smooth_maximum(inductances, least, 0.1 * least) ** 2)
    return 3.0 * resistance * current_square
