"""AC loss factor of bars in a slot: one-dimensional skin and proximity effect (Dowell) with end-winding weighting.

xi = h / skin depth x sqrt(bar width / slot width); slot average over n layers k = phi + (n^2 - 1)/3 psi with
phi = xi (sinh 2xi + sin 2xi)/(cosh 2xi - cos 2xi) and psi = 2 xi (sinh xi - sin xi)/(cosh xi + cos xi)
(P. L. Dowell, Proc. IEE 113 (1966) 1387; femagtools `kskinr`). It is the field of the slot's own currents between
unsaturated teeth: at high load saturated teeth lower the loss (to 0.6 to 0.8 of it in Motor-CAD's maps of bars up to
4 mm), at low load the rotor's flux raises that of the topmost bar. Bars higher than 4 mm are overstated
(experiments/validation/motor_maps.py).
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from edu_opt.materials.conductors import resistivity
from edu_opt.motor.dimensions import LaminationDimensions
from edu_opt.motor.round_wire import strand_resistance_ratio
from edu_opt.motor.winding import PHASES, Winding, bar, resistances
from edu_opt.numerics.constants import VACUUM_PERMEABILITY
from edu_opt.numerics.series import horner, power_series


def skin_factor(reduced_height: jax.Array) -> jax.Array:
    """phi(xi), the bar's own skin effect, as a ratio of two power series in (2 xi)^4: 1 + 4/45 xi^4 near zero.

    The hyperbolic and trigonometric sums of the definition keep every fourth power only, all positive: no
    cancellation near zero and finite derivatives everywhere.
    """
    y = (2.0 * jnp.asarray(reduced_height)) ** 4
    return 0.5 * horner(power_series(1), y) / horner(power_series(2), y)


def proximity_factor(reduced_height: jax.Array) -> jax.Array:
    """psi(xi), the effect of the other layers' field, as a ratio of two power series in xi^4: xi^4/3 near zero."""
    y = jnp.asarray(reduced_height) ** 4
    return 2.0 * y * horner(power_series(3), y) / horner(power_series(0), y)


def reduced_height(
    height: jax.Array, width_share: jax.Array, electrical_speed: jax.Array, ohm_metre: jax.Array
) -> jax.Array:
    """xi = h sqrt(omega mu0 / (2 rho) b_copper / b_slot): bar height [m], copper's share of the slot's width,
    electrical speed [rad/s] >= 0, resistivity [ohm m]."""
    per_area = electrical_speed * VACUUM_PERMEABILITY / (2.0 * ohm_metre)
    return height * jnp.sqrt(per_area * width_share + 1e-12)


def reduced_bar_height(
    winding: Winding, dimensions: LaminationDimensions, electrical_speed: jax.Array, celsius: jax.Array
) -> jax.Array:
    """xi of the winding's bars at electrical speed [rad/s] >= 0 and copper temperature [degC]."""
    copper = bar(winding, dimensions)
    share = copper.width / dimensions.slot_width
    return reduced_height(copper.height, share, electrical_speed, resistivity(winding.metal, celsius))


def mixed_slot_share(winding: Winding, dimensions: LaminationDimensions) -> jax.Array:
    """Share of the slots whose two halves belong to neighbouring phase belts: chording in slots over slots per belt.

    Valid from full pitch (0) down to two thirds of the pole pitch (1).
    """
    return PHASES * (1.0 - winding.coil_pitch * 2.0 * dimensions.pole_pairs / dimensions.slots)


def layers_resistance_ratio(reduced: jax.Array, layers: jax.Array, mixed_share: jax.Array) -> jax.Array:
    """AC over DC resistance of the slot part, mean of all layers of all slots.

    A layer that carries I over a sum I_u of the layers below it loses phi + psi (|I_u|^2 + Re(I_u* I)) / |I|^2
    (one-dimensional field; J. Pyrhonen et al., Design of Rotating Electrical Machines, 2nd ed., sec. 5.2, recalled).
    One phase in the slot: mean phi + (n^2 - 1)/3 psi. Upper half 60 degrees behind the lower, as in the mixed slots of
    a chorded winding: (n^2 - 1)/3 - n^2/16.
    """
    proximity = (layers**2 - 1.0) / 3.0 - mixed_share * layers**2 / 16.0
    return skin_factor(reduced) + proximity * proximity_factor(reduced)


def slot_resistance_ratio(
    winding: Winding, dimensions: LaminationDimensions, electrical_speed: jax.Array, celsius: jax.Array
) -> jax.Array:
    """AC over DC resistance of the slot part, mean of all layers; a chorded winding's mixed slots lose less."""
    mixed = mixed_slot_share(winding, dimensions)
    if winding.wire:
        copper = winding.conductors_per_slot * bar(winding, dimensions).area
        ohm_metre = resistivity(winding.metal, celsius)
        width = dimensions.slot_winding_area / dimensions.winding_height
        return strand_resistance_ratio(copper, width, electrical_speed, ohm_metre, mixed)
    height = reduced_bar_height(winding, dimensions, electrical_speed, celsius)
    return layers_resistance_ratio(height, winding.conductors_per_slot, mixed)


def layer_resistance_ratio(reduced_height: jax.Array, layer: jax.Array) -> jax.Array:
    """AC over DC resistance of layer 1 (slot bottom) .. n (slot opening): phi + j (j - 1) psi."""
    return skin_factor(reduced_height) + layer * (layer - 1.0) * proximity_factor(reduced_height)


def resistance_shares(
    winding: Winding,
    dimensions: LaminationDimensions,
    stack_length: jax.Array,
    slot_celsius: jax.Array,
    end_celsius: jax.Array,
) -> tuple[jax.Array, jax.Array]:
    """Shares of the DC copper loss (in the slots, in the end windings); they add to 1."""
    slots, ends = resistances(winding, dimensions, stack_length, slot_celsius, end_celsius)
    return slots / (slots + ends), ends / (slots + ends)
