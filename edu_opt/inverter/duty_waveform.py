"""Duty-cycle waveforms of a two-level inverter's leg: space-vector, discontinuous, sine-triangle, up to six-step.

M is the modulation index, fundamental phase peak voltage over half the DC voltage. A leg's duty, 2 d - 1, is periodic
with half-wave symmetry; what losses need of it are its harmonics and the spectrum of the instants at which the leg is
clamped to a rail. Linear range (M up to 2/sqrt(3)): exact Fourier series of the min-max zero sequence and of DPWM1
(each leg clamped 60 deg around its voltage peaks). Overmodulation: the min-max reference is raised and clipped at the
rails until it is six-step (M = 4/pi); its series over M has no closed form and is fitted (`overmodulation_fits`).
Sources: D. G. Holmes, T. A. Lipo, "Pulse Width Modulation for Power Converters" (2003), chapters 6 and 8 (recalled);
A. M. Hava, R. J. Kerkman, T. A. Lipo, "Simple analytical and graphical methods for carrier-based PWM-VSI drives", IEEE
Trans. Power Electron. 14 (1999) 49 (recalled). Every series is held against a numeric waveform by the tests.
"""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp

from edu_opt.numerics.pytree import pytree
from edu_opt.numerics.smooth import saturate_above

Number = float | jax.Array

LINEAR_LIMIT = 2.0 / math.sqrt(3.0)
SIX_STEP_LIMIT = 4.0 / math.pi
OVERMODULATION_SPAN = SIX_STEP_LIMIT - LINEAR_LIMIT
CAP_START = SIX_STEP_LIMIT - 0.2 * OVERMODULATION_SPAN  # from here on a request bends to six-step
ROUNDING = 0.03  # of the fits' variable: makes them C2 where clipping starts
HARMONICS = (1, 3)  # of 2 d - 1 that losses see; the fifth would change a mean square by 0.6 % at six-step
THIRD_HARMONIC = 3.0 * math.sqrt(3.0) / (8.0 * math.pi)  # of the min-max zero sequence, per unit of the fundamental
# DPWM1's zero sequence: the square wave of cos(3 theta) less the legs' envelope, M cos(theta) over 60 deg each.
DISCONTINUOUS_THIRD = (4.0 / math.pi, -9.0 * math.sqrt(3.0) / (4.0 * math.pi))  # constant, per M
DISCONTINUOUS_CLAMPED = (1.0 / 3.0, math.sqrt(3.0) / (2.0 * math.pi))


# Overmodulation over w in [0, 1]: end value at six-step, and three coefficients of w (1 - w) (c0 + c1 w + c2 w^2).
# Largest errors: series and link currents 0.004; clamped shares 0.08 in the first twentieth (infinite slope
# there); ripple a tenth of its value at the linear limit in the last twentieth (infinite slope at six-step).
# Reproduced by `python -m experiments.validation.overmodulation_fits`.
OVERMODULATION = {
    "third": (-0.1612, 0.1192, 0.4603, -0.4537),
    "fifth": (0.2546, -0.2110, -0.2943, 0.1822),
    "seventh": (-0.1819, 0.1542, 0.6721, -0.1973),
    "clamped_0": (1.0, 0.8938, -0.3879, -1.0996),
    "clamped_2": (0.0, 1.2528, -1.7432, 2.3638),
    "link_quadrature": (-0.0890, 0.0639, 0.2872, -0.3004),  # mean square DC-link current at cos(phi) = 0
    "link_in_phase": (0.1250, -0.0902, -0.3955, 0.4096),  # its part that goes with cos(phi)^2
    "voltage_square": (-0.0313, 0.0523, -0.1013, 0.2013),  # carrier ripple of the phase voltage over V_dc^2
    "distortion": (-0.4808, 0.6667, -0.8792, 1.7731),  # HDF
}
CLAMPED = ("clamped_0", "clamped_2")


@pytree
class DutyWaveform:
    """Cosine harmonics of 2 d - 1 (orders HARMONICS; voltage peak at angle zero) and the spectrum of the clamped
    instants: mean of c(theta) cos(2 k theta), k = 0, 1, with c = 1 where the leg does not switch (k = 2 would change a
    switched current by 2 %)."""

    harmonics: tuple[jax.Array, ...]
    clamped: tuple[jax.Array, ...]


def reachable_modulation(modulation_index: Number) -> jax.Array:
    """M as the inverter can make it: itself up to CAP_START, smoothly capped at six-step above."""
    return saturate_above(modulation_index, CAP_START, SIX_STEP_LIMIT)


def clipping_share(modulation_index: Number) -> jax.Array:
    """Variable w of the fits: share of the way from the linear limit (0) to six-step (1), C2 where clipping starts."""
    way = jnp.maximum(reachable_modulation(modulation_index) - LINEAR_LIMIT, 0.0) / OVERMODULATION_SPAN
    return way**3 / (way**2 + ROUNDING**2) * (1.0 + ROUNDING**2)


def overmodulation_change(quantity: str, share: jax.Array) -> jax.Array:
    """What clipping adds to the linear range's law of a quantity of OVERMODULATION, at a `clipping_share`."""
    w = share
    end, c0, c1, c2 = OVERMODULATION[quantity]
    return w * (end + (1.0 - w) * (c0 + w * (c1 + w * c2)))


def sine_triangle_waveform(modulation_index: Number) -> DutyWaveform:
    """Plain sinusoidal modulation, M <= 1: a reference for checks."""
    zero = jnp.zeros_like(jnp.asarray(modulation_index, float))
    return DutyWaveform(harmonics=(zero + modulation_index, zero), clamped=(zero, zero))


def duty_waveform(modulation_index: Number, discontinuous: Number = 0.0) -> DutyWaveform:
    """Waveform at M >= 0. discontinuous: 0 space-vector, 1 DPWM1 (a share between mixes both, for smooth choices);
    the difference fades over the overmodulation range, where both become six-step."""
    index, clipping = reachable_modulation(modulation_index), clipping_share(modulation_index)
    apart = jnp.asarray(discontinuous) * (1.0 - clipping)
    third = -THIRD_HARMONIC * index + overmodulation_change("third", clipping)
    third_apart = DISCONTINUOUS_THIRD[0] + (DISCONTINUOUS_THIRD[1] + THIRD_HARMONIC) * index
    return DutyWaveform(
        harmonics=(index, third + apart * third_apart),
        clamped=tuple(
            overmodulation_change(name, clipping) + apart * part
            for name, part in zip(CLAMPED, DISCONTINUOUS_CLAMPED, strict=True)
        ),
    )
