"""Iron-loss coefficients of one current point from the fields at a few rotor angles.

Stator. With q = n/b slots per pole and phase (lowest terms), a rotor step of 60 b electrical degrees at constant dq
currents moves the whole field by n slots, and one of 180 degrees turns its sign; so J angles spread over 60 degrees
give 6 J samples of one electrical period in every cell. Time derivatives of the samples are spectral (trigonometric
interpolation). Radial and tangential component lose apart (rotational hysteresis = sum of both).

    hysteresis  f k_h(B_peak)      classical  c / (2 pi^2) <|dB/dt|^2>      excess  e / 8.763 <|dB/dt|^1.5>

The classical loss comes with its mean square order, sum n^4 B_n^2 / sum n^2 B_n^2: the skin effect in the sheets is
that of this order (`iron_loss.sheet_skin_factor`).

Rotor and magnets see ripple of period 60 b degrees only: over 60 degrees each of b poles shows another part of it (of
a cage, whose bars are no parts of poles, the part at hand stands for the whole). Where J > 2 q, the samples resolve the
slot passing (order 6 q) and iron loses as in the stator; fewer give the mean square but not the frequency: it is
assigned to order 6 q (upper estimate of classical loss), as the magnets' always. Reaction of eddy currents neglected.
"""

from __future__ import annotations

import functools
import math
from fractions import Fraction

import jax
import jax.numpy as jnp
import numpy as np

from edu_opt.materials.steels import ElectricalSteel
from edu_opt.motor.field import ElementFields, FieldGrid, Region, rotor_regions, stator_regions
from edu_opt.motor.field.grid import pole_signs
from edu_opt.motor.iron_loss import sheet_thickness_in_skin_depths
from edu_opt.numerics.smooth import soft_maximum

EXCESS_SINE = 8.763363  # (2 pi)^1.5 <|cos|^1.5>: excess loss of a sine is e (f B)^1.5
PEAK_WIDTH = (
    0.03  # of the soft maximum over time, relative to the rms: about +2 % on a sine, against -1.5 % of sampling
)
FIELD_FLOOR = 1e-4  # T, far below any flux density that loses


def stator_waveforms(grid: FieldGrid, stator: jax.Array) -> jax.Array:
    """Samples (6 J, 2, rows, columns) of one electrical period from fields (J, 2, rows, columns) over 60 degrees."""
    slots, belt = grid.template.slots_per_sector, Fraction(grid.template.slots_per_pole) / 3
    fields = stator.reshape(*stator.shape[:-1], slots, -1)
    periods = []
    for step in range(6):
        moves = step * belt.denominator % 3  # of 60 b degrees each; what is left of the step is whole half periods
        source = np.arange(slots) - belt.numerator * moves
        half_periods = (step - belt.denominator * moves) // 3
        sign = (-1.0) ** half_periods * float(grid.template.wrap_sign) ** (source // slots)
        periods.append(fields[..., source % slots, :] * sign[:, None])
    return jnp.concatenate(periods).reshape(6 * stator.shape[0], *stator.shape[1:])


def rotor_waveforms(grid: FieldGrid, rotor: jax.Array) -> jax.Array:
    """Samples (b J, 2, rows, columns) of one ripple period, 60 b degrees, from fields (J, 2, rows, columns) over 60.

    What pole p shows now, pole 0 shows 180 p degrees later. All poles of the result are alike; one sector.
    """
    poles, repeat = grid.template.poles_per_sector, (Fraction(grid.template.slots_per_pole) / 3).denominator
    if repeat == 1 or grid.template.rotor == "im":
        return rotor
    fields = rotor.reshape(*rotor.shape[:-1], poles, -1) * pole_signs(grid).reshape(poles, -1)
    later = [next(pole for pole in range(repeat) if 3 * pole % repeat == part) for part in range(repeat)]
    period = jnp.concatenate([fields[..., pole, :] for pole in later])
    return jnp.tile(period, poles)


@functools.cache
def spectral_derivative(samples: int) -> np.ndarray:
    """Matrix (samples, samples): derivative (time counted in periods) of the trigonometric interpolant of a period."""
    orders = np.fft.fftfreq(samples, 1.0 / samples)
    if samples % 2 == 0:
        orders[samples // 2] = 0.0
    rows = np.fft.ifft(2j * np.pi * orders[:, None] * np.fft.fft(np.eye(samples), axis=0), axis=0)
    return np.real(rows)


def hysteresis_energy(steel: ElectricalSteel, flux_density: jax.Array) -> jax.Array:
    """Hysteresis energy per mass and cycle [J/kg] at a peak flux density [T] >= 0; smooth at zero."""
    square = flux_density**2 + FIELD_FLOOR**2
    return steel.hysteresis[0] * square**0.75 + steel.hysteresis[1] * square + steel.hysteresis[2] * square**2


def stator_coefficients(grid: FieldGrid, fields: ElementFields, steel: ElectricalSteel) -> jax.Array:
    """(2, 4): (tooth, yoke) x `iron_loss.TERMS` per metre of one sector; fields with leading axis J."""
    waveforms = stator_waveforms(grid, fields.stator) / steel.stacking_factor
    derivative = spectral_derivative(waveforms.shape[0])
    rate = jnp.tensordot(derivative, waveforms, axes=1)
    bend_square = jnp.mean(jnp.sum(jnp.tensordot(derivative, rate, axes=1) ** 2, 1), 0)
    rms = jnp.sqrt(jnp.mean(waveforms**2, 0) + FIELD_FLOOR**2)
    peak = rms * soft_maximum(waveforms / rms, PEAK_WIDTH, axis=0)
    rate_square = jnp.sum(rate**2, 1)
    hysteresis = jnp.sum(hysteresis_energy(steel, peak), 0)
    classical = steel.classical / (2.0 * math.pi**2) * jnp.mean(rate_square, 0)
    excess = steel.excess / EXCESS_SINE * jnp.mean((rate_square + FIELD_FLOOR**2) ** 0.75, 0)
    sheet = _sheet_term(steel, bend_square)
    mass = fields.stator_area[0] * steel.stacking_factor * steel.density
    regions = stator_regions(grid)
    masks = np.stack([np.isin(regions, [Region.TOOTH, Region.TOOTH_TIP]), regions == Region.STATOR_YOKE]).astype(float)
    return jnp.einsum("kij,tij->kt", masks * mass, jnp.stack([hysteresis, classical, excess, sheet]))


def _sheet_term(steel: ElectricalSteel, bend_square: jax.Array) -> jax.Array:
    """Classical loss x order^2 x (x^2 / f)^2 [W s^4/kg] from the mean square second derivative, x as in
    `sheet_thickness_in_skin_depths`."""
    per_frequency = sheet_thickness_in_skin_depths(steel) ** 4
    return steel.classical / (2.0 * math.pi**2) * bend_square / (2.0 * math.pi) ** 2 * per_frequency


def rotor_coefficients(grid: FieldGrid, fields: ElementFields, steel: ElectricalSteel) -> tuple[jax.Array, jax.Array]:
    """((4,) rotor iron per metre of one sector, magnets' mean square ripple x order^2 [T^2]); leading axis J."""
    regions, order = rotor_regions(grid), 2.0 * float(grid.template.slots_per_pole)
    waveforms, angles = rotor_waveforms(grid, fields.rotor), fields.rotor.shape[0]
    samples = waveforms.shape[0]
    ripple = jnp.sum(jnp.var(waveforms, axis=0), 0) * samples / max(samples - 1, 1)  # both components, T^2
    iron = np.isin(regions, [Region.ROTOR_IRON, Region.POLE_BODY, Region.POLE_SHOE, Region.ROTOR_SURFACE]).astype(float)
    mass = iron * fields.rotor_area[0] * steel.stacking_factor * steel.density
    if 3 * angles > 2 * grid.template.slots_per_pole:
        terms = _resolved_ripple_losses(waveforms / steel.stacking_factor, 6.0 * angles / samples, steel)
    else:
        terms = _slot_ripple_losses(2.0 * ripple / steel.stacking_factor**2 + FIELD_FLOOR**2, order, steel)
    magnet = (regions == Region.MAGNET).astype(float) * fields.rotor_area[0]
    magnet_ripple = jnp.sum(magnet * ripple) / (jnp.sum(magnet) + 1e-12) * order**2
    return jnp.stack([jnp.sum(mass * term) for term in terms]), magnet_ripple


def _slot_ripple_losses(amplitude_square: jax.Array, order: float, steel: ElectricalSteel) -> list[jax.Array]:
    """Losses per mass (`iron_loss.TERMS`) of a ripple [T^2] that passes `order` times a period."""
    return [
        order * hysteresis_energy(steel, jnp.sqrt(amplitude_square)),
        order**2 * steel.classical * amplitude_square,
        order**1.5 * steel.excess * amplitude_square**0.75,
        order**4 * steel.classical * amplitude_square * sheet_thickness_in_skin_depths(steel) ** 4,
    ]


def _resolved_ripple_losses(waveforms: jax.Array, order: float, steel: ElectricalSteel) -> list[jax.Array]:
    """As `_slot_ripple_losses` from samples (J, 2, rows, columns) of one of `order` ripple periods a period, which
    resolve the slot passing: rates are those of the waveform, hysteresis is summed over its orders."""
    samples = waveforms.shape[0]
    derivative = order * spectral_derivative(samples)
    rate = jnp.tensordot(derivative, waveforms, axes=1)
    rate_square = jnp.sum(rate**2, 1)
    bend_square = jnp.mean(jnp.sum(jnp.tensordot(derivative, rate, axes=1) ** 2, 1), 0)
    spectrum = jnp.abs(jnp.fft.rfft(waveforms, axis=0))[1:] * (2.0 / samples)
    amplitude = jnp.sqrt(jnp.sum(spectrum**2, 1) + FIELD_FLOOR**2)
    orders = order * np.arange(1, len(amplitude) + 1)
    return [
        jnp.tensordot(orders, hysteresis_energy(steel, amplitude), axes=1),
        steel.classical / (2.0 * math.pi**2) * jnp.mean(rate_square, 0),
        steel.excess / EXCESS_SINE * jnp.mean((rate_square + FIELD_FLOOR**2) ** 0.75, 0),
        _sheet_term(steel, bend_square),
    ]
