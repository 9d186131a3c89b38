"""Round-wire windings: copper fill, end turns, skin and proximity loss of the strands.

A turn is a bundle of thin strands in parallel that fills its layer of the slot. The strands are taken as transposed
(they change places along the winding at random), so that all carry the same current; without that, circulating
currents come on top.
"""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp

from edu_opt.numerics.constants import VACUUM_PERMEABILITY
from edu_opt.numerics.series import horner

# Bare copper over the winding space within the liner: 0.45 to 0.49 in the nine TUMFTM induction machines, 0.41 in
# pyleecan's Prius 2004 (0.53 to 0.59 in its Audi and Tesla induction machines and its BMW i3, slots less certain).
BARE_FILL = 0.45
STRAND_DIAMETER = 0.8e-3  # m, bare (0.8 to 1.2 mm in the TUMFTM induction machines, 0.75 to 1.08 in pyleecan's)
# V: above, neighbouring strands need more than the 0.05 mm of enamel a side of grade 3 (`insulation`), which the fill
# leaves no room for.
HIGHEST_DC_VOLTAGE = 450.0
END_STRAIGHT = 5e-3  # m from the core to the bend, Motor-CAD `Wdg_Extension` (TUMFTM files)
RESIN_CONDUCTIVITY = 0.25  # W/m K, enamel and impregnation between the strands (Elan-protect 142: 0.2 to 0.3, recalled)
TERMS = 12  # of the power series in (radius / skin depth)^4: exact to 1e-12 up to a ratio of 8 (test)


def end_turn_length(throw: jax.Array) -> jax.Array:
    """Copper length [m] of one end turn over a coil throw [m] along the slots' middle circle: a half circle and two
    straights. The end-turn lengths of the nine TUMFTM induction machines follow to 1 %; 1.2 W + 50 mm (Pyrhonen et al.,
    2nd ed., sec. 5.1, recalled) lies up to 27 % above for short throws and 4 % below for long ones."""
    return 0.5 * math.pi * throw + 2.0 * END_STRAIGHT


def end_winding_overhang(throw: jax.Array) -> jax.Array:
    """Axial height [m] of one end winding: the half circle's radius and the straight."""
    return 0.5 * throw + END_STRAIGHT


def _series(a: int, b: int, c: int) -> list[float]:
    """Coefficients 1 / ((m + a)! (m + b)! (2 m + c)!) for m = 0..TERMS-1, highest power first."""
    f = math.factorial
    return [1.0 / (f(m + a) * f(m + b) * f(2 * m + c)) for m in reversed(range(TERMS))]


def strand_skin_factor(radius_ratio: jax.Array) -> jax.Array:
    """AC over DC resistance of a round strand alone, Re(x J0(x) / (2 J1(x))): 1 + r^4 / 48 near zero.

    x = (1 - j) r, r = radius over skin depth; numerator and denominator times conj(J1) are power series in r^4 whose
    terms are all positive, as in `copper_loss`.
    """
    y = (0.5 * radius_ratio**2) ** 2
    return horner(_series(0, 0, 1), y) / horner(_series(0, 1, 1), y)


def strand_proximity_factor(radius_ratio: jax.Array) -> jax.Array:
    """Eddy loss of a round strand in a uniform cross field over its limit for thin strands,
    (4 / r^2) Re(-j J2(x) / J0(x)) with x, r as in `strand_skin_factor`: 1 - 11 r^4 / 96 near zero, 4 / r^3 far away
    (J. A. Ferreira, IEEE Trans. Power Electron. 9 (1994) 127, recalled)."""
    y = (0.5 * radius_ratio**2) ** 2
    return 2.0 * horner(_series(0, 1, 2), y) / horner(_series(0, 0, 0), y)


def strand_resistance_ratio(
    copper_area: jax.Array, slot_width: jax.Array, electrical_speed: jax.Array, ohm_metre: jax.Array, mixed: jax.Array
) -> jax.Array:
    """AC over DC resistance of the slot part: `copper_area` [m2] of a slot, its mean width [m], electrical speed
    [rad/s] >= 0, resistivity [ohm m], `mixed` share of slots with two phases.

    Proximity: pi^2 w^2 mu0^2 N^2 n^2 d^6 k / (768 rho^2 b^2) with N turns of n strands of diameter d (C. R. Sullivan,
    IEEE Trans. Power Electron. 14 (1999) 283, eq. 2), N n = copper area over a strand's: thin strands in the slot's
    field, which rises linearly over the turns (k = 1; two phases 60 degrees apart, half a slot each: k = 1 - 3/16).
    """
    strands = copper_area / (0.25 * math.pi * STRAND_DIAMETER**2)
    field = math.pi * electrical_speed * VACUUM_PERMEABILITY * strands * STRAND_DIAMETER**3 / (ohm_metre * slot_width)
    proximity = field**2 * (1.0 - 3.0 / 16.0 * mixed) / 768.0
    ratio = 0.5 * STRAND_DIAMETER * jnp.sqrt(electrical_speed * VACUUM_PERMEABILITY / (2.0 * ohm_metre) + 1e-12)
    return strand_skin_factor(ratio) + proximity * strand_proximity_factor(ratio)
