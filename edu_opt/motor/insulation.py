"""Insulation of a hairpin slot as a function of the DC voltage: what 800 V costs in slot fill.

Two conductors that touch need a coating thick enough that no partial discharge starts in the air between them. The
inception voltage over thickness follows the empirical law of T. W. Dakin for enamelled conductors in air,

    U_rms = 163 V (2 t / eps_r)^0.46,   t in micrometres a side

(as used by H. Kikuchi, H. Hanawa, IEEE Trans. Dielectr. Electr. Insul. 19 (2012) 99; recalled), inverted for t at the
peak voltage that IEC 60034-18-41 asks of a discharge-free (type I) insulation fed by a two-level converter: highest DC
voltage (a full battery, 1.1 x nominal) x overshoot factor 1.5 (stress category B, "moderate") x enhancement factor
1.25 (scatter) x 1.1 (temperature) x 1.2 (ageing) between phases, and 0.7 of it to ground (factors recalled). The slot
liner alone holds the voltage to ground: a coating may be scratched when the hairpins are pushed in (assumed). Below
these the thinnest parts that are made hold.
"""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp

from edu_opt.numerics.pytree import pytree
from edu_opt.numerics.smooth import smooth_maximum

FULL_CHARGE = 1.1  # highest over nominal DC voltage: 4.2 V over 3.7 V a cell, less the drop under load (assumed)
OVERSHOOT_FACTOR = 1.5  # stress category B
ENHANCEMENT_FACTOR = 1.25 * 1.1 * 1.2
GROUND_SHARE = 0.7  # of the peak voltage between phases
INCEPTION_VOLTAGE, INCEPTION_EXPONENT = 163.0, 0.46  # V rms at 2 t / eps_r = 1 micrometre
RELATIVE_PERMITTIVITY = 3.5  # polyamide-imide 3.9 to 4.3, PEEK 3.1 to 3.3, aramid laminate 3 (recalled)
SMALLEST_LINER = 0.2e-3  # m, Motor-CAD (TUMFTM files)
SMALLEST_COATING = 0.1e-3  # m a side, Motor-CAD (TUMFTM files)
SMOOTHING = 10e-6  # m, width of the change from the smallest to the electrically needed thickness
SIDE_PLAY = 0.1e-3  # m a side between coating and liner in the slot's width (assumed)
LAYER_PLAY = 0.1e-3  # m between two layers in the slot's height (assumed; 0.15 in the TUMFTM files)


@pytree
class Insulation:
    """Thicknesses in a slot [m]: `liner` on every wall, `coating` of a conductor a side, `side_play` (resin or air)
    between coating and liner in the slot's width, a side, `layer_play` per conductor in its height."""

    liner: jax.Array
    coating: jax.Array
    side_play: jax.Array
    layer_play: jax.Array


def discharge_free_thickness(peak_voltage: float | jax.Array) -> jax.Array:
    """Insulation [m] that keeps a peak voltage [V] between two coated conductors below inception, a side."""
    ratio = jnp.asarray(peak_voltage) / (math.sqrt(2.0) * INCEPTION_VOLTAGE)
    return 0.5e-6 * RELATIVE_PERMITTIVITY * ratio ** (1.0 / INCEPTION_EXPONENT)


def insulation_for(dc_voltage: float | jax.Array) -> Insulation:
    """Insulation at a nominal DC voltage [V]; valid 100 to 1000 V.

    400 V: the smallest parts (0.1 mm coating, 0.2 mm liner) suffice; 800 V: 0.23 mm coating, 0.21 mm liner.
    """
    peak = FULL_CHARGE * OVERSHOOT_FACTOR * ENHANCEMENT_FACTOR * jnp.asarray(dc_voltage, float)
    coating = discharge_free_thickness(peak)
    liner = 2.0 * discharge_free_thickness(GROUND_SHARE * peak)  # one part carries what two coatings share
    return Insulation(
        liner=smooth_maximum(liner, SMALLEST_LINER, SMOOTHING),
        coating=smooth_maximum(coating, SMALLEST_COATING, SMOOTHING),
        side_play=jnp.asarray(SIDE_PLAY),
        layer_play=jnp.asarray(LAYER_PLAY),
    )
