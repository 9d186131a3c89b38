"""What modulation does to currents: shares of switch and diode, switched current, DC-link and phase ripple.

M is the modulation index, phase peak voltage over half the DC voltage: 2/sqrt(3) ends the linear range, 4/pi is
six-step. phi is the angle by which the phase current lags; cos(phi) < 0 generates. Currents are peak values.
`discontinuous` (0 to 1) goes from space-vector modulation to DPWM1, see `duty_waveform`.
Sources: J. W. Kolar, S. D. Round, "Analytical calculation of the RMS current stress on the DC-link capacitor of
voltage-PWM converter systems", IEE Proc. 153 (2006) 535; D. G. Holmes, T. A. Lipo, "Pulse Width Modulation for Power
Converters" (2003), harmonic distortion factors. Power means of the half wave by the beta function.
"""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp

from edu_opt.inverter.duty_waveform import (
    HARMONICS,
    LINEAR_LIMIT,
    OVERMODULATION_SPAN,
    SIX_STEP_LIMIT,
    THIRD_HARMONIC,
    DutyWaveform,
    clipping_share,
    duty_waveform,
    overmodulation_change,
    reachable_modulation,
)
from edu_opt.numerics.smooth import safe_sqrt

__all__ = [
    "LINEAR_LIMIT",
    "OVERMODULATION_SPAN",
    "SIX_STEP_LIMIT",
    "THIRD_HARMONIC",
    "capacitor_current",
    "conduction_average",
    "current_shares",
    "dc_link_current",
    "half_wave_average",
    "harmonic_distortion_factor",
    "low_order_voltages",
    "phase_ripple_current",
    "ripple_charge",
    "ripple_flux",
    "ripple_voltage_square",
    "sine_triangle_ripple_flux",
    "switched_average",
]

Number = float | jax.Array

ROOT_THREE = math.sqrt(3.0)
# Harmonic distortion factor: coefficients of M^2, M^3, M^4.
DISTORTION_SPACE_VECTOR = (1.5, -4.0 * ROOT_THREE / math.pi, 27.0 / 16.0 - 81.0 * ROOT_THREE / (64.0 * math.pi))
DISTORTION_DISCONTINUOUS = (  # DPWM1 at the same carrier frequency (Hava 1999, recalled; held by the tests)
    6.0,
    -(45.0 + 8.0 * ROOT_THREE) / (2.0 * math.pi),
    27.0 / 8.0 + 27.0 * ROOT_THREE / (32.0 * math.pi),
)


def _half_wave_integral(power: float, order: float) -> float:
    """Integral of cos^p(x) cos(n x) over (-pi/2, pi/2): pi G(p+1) / (2^p G(1+(p+n)/2) G(1+(p-n)/2)).

    Where G(1 + (p-n)/2) has a pole (p - n an even number <= -2) the integral is zero.
    """
    lower = 1.0 + 0.5 * (power - order)
    if lower <= 0.0 and lower == round(lower):
        return 0.0
    upper = math.gamma(1.0 + 0.5 * (power + order)) * math.gamma(lower)
    return math.pi * math.gamma(power + 1.0) / (2.0**power * upper)


def cosines_of_multiples(cosine: jax.Array, orders: tuple[int, ...]) -> tuple[jax.Array, ...]:
    """cos(n phi) from cos(phi) by Chebyshev's recurrence, for ascending orders."""
    terms = [jnp.ones_like(cosine), cosine]
    while len(terms) <= orders[-1]:
        terms.append(2.0 * cosine * terms[-1] - terms[-2])
    return tuple(terms[n] for n in orders)


def current_shares(power: float, waveform: DutyWaveform, cosine: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Average over a period of i^p through (switch, diode) of one position, for unit peak current.

    Half of the half wave's average each, and the harmonics of 2 d - 1 times those of i^p on its half wave. With the
    fundamental alone p = 1 gives 1/(2 pi) +- M cos(phi)/8, p = 2 gives 1/8 +- M cos(phi)/(3 pi); space-vector
    modulation's third harmonic adds -+ sqrt(3) M cos(3 phi)/(40 pi^2).
    """
    half = _half_wave_integral(power, 0.0) / (4.0 * math.pi)
    multiples = cosines_of_multiples(jnp.asarray(cosine), HARMONICS)
    signed: jax.Array = jnp.zeros_like(multiples[0])
    for order, harmonic, multiple in zip(HARMONICS, waveform.harmonics, multiples, strict=True):
        weight = _half_wave_integral(power, float(order)) / (4.0 * math.pi)
        if weight != 0.0:
            signed = signed + weight * (harmonic * multiple)  # the product is shared by all powers
    return half + signed, half - signed


def conduction_average(
    power: float, modulation_index: Number, cosine: jax.Array, discontinuous: Number = 0.0
) -> tuple[jax.Array, jax.Array]:
    """`current_shares` at a modulation index."""
    return current_shares(power, duty_waveform(modulation_index, discontinuous), cosine)


def half_wave_average(power: float) -> float:
    """Average over a period of sin^p on its positive half: 1/pi for p = 1, 1/4 for p = 2, 1/2 for p = 0."""
    return _half_wave_integral(power, 0.0) / (2.0 * math.pi)


def switched_average(power: float, waveform: DutyWaveform, cosine: jax.Array) -> jax.Array:
    """Average over a period of i^p on its positive half where the leg switches, for unit peak current.

    `half_wave_average` less the part in the clamped intervals, both by their series in cos(2 k theta).
    """
    even = cosines_of_multiples(jnp.asarray(cosine), (0, 2))
    clamped: jax.Array = jnp.zeros_like(even[0])
    for k, (part, multiple) in enumerate(zip(waveform.clamped, even, strict=True)):
        weight = (1.0 if k == 0 else 2.0) * _half_wave_integral(power, 2.0 * k) / (2.0 * math.pi)
        if weight != 0.0:
            clamped = clamped + weight * (part * multiple)
    return half_wave_average(power) - clamped


def dc_link_current(modulation_index: Number, cosine: Number, current_peak: Number) -> jax.Array:
    """Average DC current 3/4 M I cos(phi) [A]."""
    return jnp.asarray(0.75 * modulation_index * current_peak * cosine)


def capacitor_current(modulation_index: Number, cosine: jax.Array, current_peak: Number) -> jax.Array:
    """RMS ripple current of the DC-link capacitor [A], Kolar and Round (2006), the same for every zero sequence; above
    the linear range by the clipped waveform's active states, up to six-step (carrier and six-step ripple together)."""
    index, clipping = reachable_modulation(modulation_index), clipping_share(modulation_index)
    quadrature = ROOT_THREE / (4.0 * math.pi) * index + overmodulation_change("link_quadrature", clipping)
    in_phase = ROOT_THREE / math.pi * index + overmodulation_change("link_in_phase", clipping)
    square = quadrature + cosine**2 * (in_phase - 9.0 / 16.0 * index**2)
    return jnp.asarray(current_peak) * safe_sqrt(square, 1e-9)


def ripple_charge(modulation_index: Number, cosine: jax.Array, discontinuous: Number = 0.0) -> jax.Array:
    """Peak-to-peak charge swing of the DC-link capacitor over (I peak / f switching), worst angle of the period.

    Fit of this project to a numeric space-vector average: M (0.370 - 0.276 M) in phase and 0.2165 M in quadrature,
    combined as squares; within 0.012 for M in [0.1, 1.15] and any angle. DPWM1's single zero state doubles the part in
    phase (0.749 - 0.562 M, within 0.018).
    """
    index = reachable_modulation(modulation_index)
    in_phase = index * (0.370 - 0.276 * index + discontinuous * (0.379 - 0.286 * index))
    quadrature = 0.2165 * index
    return safe_sqrt((in_phase * cosine) ** 2 + quadrature**2 * (1.0 - cosine**2), 1e-8)


def harmonic_distortion_factor(modulation_index: Number, discontinuous: Number = 0.0) -> jax.Array:
    """HDF of the carrier's ripple flux. Space vectors: 3/2 M^2 - 4 sqrt(3)/pi M^3 + (27/16 - 81 sqrt(3)/(64 pi)) M^4;
    DPWM1 by DISTORTION_DISCONTINUOUS; falls to zero at six-step, where no carrier is left."""
    index, clipping = reachable_modulation(modulation_index), clipping_share(modulation_index)
    a, b, c = (
        even + discontinuous * (1.0 - clipping) * (apart - even)
        for even, apart in zip(DISTORTION_SPACE_VECTOR, DISTORTION_DISCONTINUOUS, strict=True)
    )
    return index**2 * (a + index * (b + index * c)) + overmodulation_change("distortion", clipping)


def ripple_flux(
    modulation_index: Number, dc_voltage: Number, switching_frequency: Number, discontinuous: Number = 0.0
) -> jax.Array:
    """RMS flux linkage ripple of a phase [Wb]: V_dc / (24 f) sqrt(HDF)."""
    root = safe_sqrt(harmonic_distortion_factor(modulation_index, discontinuous), 1e-9)
    return dc_voltage / (24.0 * switching_frequency) * root


def sine_triangle_ripple_flux(modulation_index: Number, dc_voltage: Number, switching_frequency: Number) -> jax.Array:
    """RMS ripple flux [Wb] of plain sinusoidal modulation (last coefficient of HDF 9/8), M <= 1: for checks."""
    a, b, _ = DISTORTION_SPACE_VECTOR
    index = jnp.asarray(modulation_index)
    return dc_voltage / (24.0 * switching_frequency) * jnp.sqrt(index**2 * (a + index * (b + index * 9.0 / 8.0)))


def ripple_voltage_square(modulation_index: Number, dc_voltage: Number) -> jax.Array:
    """Mean square carrier ripple voltage of a phase without zero sequence [V^2]: V_dc^2 (M / (sqrt(3) pi) - M^2 / 8).

    The active states last (sqrt(3)/2) M cos of a carrier period, the angle within 30 degrees of their bisector, and put
    2/3 V_dc on the space vector; the fundamental M V_dc / 2 comes off. The zero sequence does not matter. Above the
    linear range it falls to zero at six-step, whose low orders are `low_order_voltages`.
    """
    index = reachable_modulation(modulation_index)
    change = overmodulation_change("voltage_square", clipping_share(modulation_index))
    return jnp.asarray(dc_voltage) ** 2 * (index / (ROOT_THREE * math.pi) - index**2 / 8.0 + change)


def low_order_voltages(modulation_index: Number, dc_voltage: Number) -> tuple[jax.Array, jax.Array]:
    """Peak phase voltages [V] of the (fifth, seventh) harmonic that overmodulation adds; zero in the linear range."""
    half, clipping = 0.5 * jnp.asarray(dc_voltage), clipping_share(modulation_index)
    return half * overmodulation_change("fifth", clipping), half * overmodulation_change("seventh", clipping)


def phase_ripple_current(
    modulation_index: Number,
    dc_voltage: Number,
    switching_frequency: Number,
    inductance: Number,
    discontinuous: Number = 0.0,
) -> jax.Array:
    """RMS current ripple of a phase [A] at the motor's inductance for switching-frequency fields [H]."""
    return ripple_flux(modulation_index, dc_voltage, switching_frequency, discontinuous) / inductance
