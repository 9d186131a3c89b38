"""Losses of one switch position over its junction temperatures, by closed forms averaged over the fundamental.

Conduction and switching by power means of the current (`modulation`) times the device's laws (`semiconductor_laws`):
P = threshold <i> + root <i^1.5> + resistance <i^2>, P = f (constant/2 + root <i^0.5> + linear I/pi + quadratic I^2/4).
Sources: J. W. Kolar, H. Ertl, F. C. Zach, "Influence of the modulation method on the conduction and switching losses of
a PWM converter system", IEEE Trans. Ind. Appl. 27 (1991) 1063; A. Wintrich et al., Semikron Application Manual (2015),
chapter 5 (both recalled).
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from edu_opt.inverter.duty_waveform import DutyWaveform, duty_waveform
from edu_opt.inverter.model import Inverter, Number, carrier_frequency
from edu_opt.inverter.modulation import current_shares, half_wave_average, switched_average
from edu_opt.materials.semiconductors import REFERENCE_CELSIUS, Channel, Device, SwitchingEnergy
from edu_opt.numerics.pytree import pytree
from edu_opt.numerics.smooth import safe_sqrt

# A loss as a polynomial of the temperature rise over 25 degC: value, slope, curvature.
Polynomial = tuple[jax.Array, jax.Array, jax.Array]
ENERGY_POWERS = (0.0, 0.5, 1.0, 2.0)
CONDUCTION_POWERS = (1.0, 1.5, 2.0)
Averages = tuple[Number, ...]


def evaluate(polynomial: Polynomial, celsius: Number) -> jax.Array:
    """Loss [W] at a junction temperature."""
    rise = celsius - REFERENCE_CELSIUS
    return polynomial[0] + rise * (polynomial[1] + rise * polynomial[2])


def slope(polynomial: Polynomial, celsius: Number) -> jax.Array:
    """Slope of a loss over its junction temperature [W/K]."""
    return polynomial[1] + 2.0 * polynomial[2] * (celsius - REFERENCE_CELSIUS)


def total_of(*parts: Polynomial) -> Polynomial:
    """Sum of losses that share a junction."""
    return tuple(sum(terms[1:], start=terms[0]) for terms in zip(*parts, strict=True))  # type: ignore[return-value]


def scaled(polynomial: Polynomial, factor: Number) -> Polynomial:
    """A loss times a factor."""
    return polynomial[0] * factor, polynomial[1] * factor, polynomial[2] * factor


def channel_loss(channel: Channel, averages: Averages, current: jax.Array) -> Polynomial:
    """Conduction loss of a chip: threshold <i> + root <i^1.5> + resistance <i^2>; averages at unit peak current."""
    first, middle, second = averages[0] * current, averages[1] * current**1.5, averages[2] * current**2
    return (
        channel.threshold * first + channel.root * middle + channel.resistance * second,
        channel.threshold_slope * first + channel.root_slope * middle + channel.resistance_slope * second,
        channel.resistance_curvature * second,
    )


def average_energy(
    energy: SwitchingEnergy, current: jax.Array, dc_voltage: Number, averages: Averages | None = None
) -> jax.Array:
    """Switching energy of a chip at 25 degC averaged over the current's period [J]; `averages` of i^p over the switched
    part of its half wave for p in ENERGY_POWERS (default: all of it), at unit peak current."""
    flat, root, first, second = averages or tuple(half_wave_average(p) for p in ENERGY_POWERS)
    square = current * current
    rise = square / (square + energy.knee_current**2)
    shape = (
        rise * (energy.constant * flat + energy.root * root * current**0.5)
        + energy.linear * first * current
        + energy.quadratic * second * square
    )
    return shape * (dc_voltage / energy.reference_voltage) ** energy.voltage_exponent


def switching_loss(
    energy: SwitchingEnergy,
    current: jax.Array,
    dc_voltage: Number,
    frequency: Number,
    averages: Averages | None = None,
) -> Polynomial:
    """Switching loss of a chip [W]."""
    base = frequency * average_energy(energy, current, dc_voltage, averages)
    return base, base * energy.temperature_slope, base * energy.temperature_curvature


def dead_time_loss(
    device: Device, current: jax.Array, dead_time: Number, frequency: Number, averages: Averages | None = None
) -> Polynomial:
    """Extra loss of a position while the body diode carries what the channel would: two dead times a period and leg.

    `averages` of i^p over the switched part of its half wave for p in CONDUCTION_POWERS. With the channel on, the third
    quadrant is taken as the channel alone: its drop stays below the body diode's threshold at the currents rated here.
    """
    parts = averages or tuple(half_wave_average(p) for p in CONDUCTION_POWERS)
    whole = tuple(2.0 * part for part in parts)
    share = device.dead_time_conduction * jnp.asarray(dead_time) * frequency
    body, channel = channel_loss(device.body_diode, whole, current), channel_loss(device.reverse, whole, current)
    return share * (body[0] - channel[0]), share * (body[1] - channel[1]), share * (body[2] - channel[2])


@pytree
class PositionLosses:
    """Losses of one catalogue-size position [W]: forward and on_off in the switch, the others in the diode."""

    forward: Polynomial
    on_off: Polynomial
    reverse: Polynomial
    recovery: Polynomial
    dead_time: Polynomial


def switched_averages(waveform: DutyWaveform, cosine: jax.Array) -> dict[float, jax.Array]:
    """Averages of i^p over the switched part of the half wave, for every power that a loss needs."""
    return {p: switched_average(p, waveform, cosine) for p in {*ENERGY_POWERS, *CONDUCTION_POWERS}}


def position_losses(
    inverter: Inverter, current: jax.Array, modulation_index: Number, power_factor: Number, dc_voltage: Number
) -> PositionLosses:
    """Losses of one position over its junction temperatures; `current` is the peak current of a catalogue-size one."""
    device, cosine = inverter.device, jnp.asarray(power_factor)
    frequency = carrier_frequency(inverter, modulation_index)
    waveform = duty_waveform(modulation_index, inverter.discontinuous)
    shares = [current_shares(p, waveform, cosine) for p in CONDUCTION_POWERS]
    switched = switched_averages(waveform, cosine)
    energy_averages = tuple(switched[p] for p in ENERGY_POWERS)
    return PositionLosses(
        forward=channel_loss(device.forward, tuple(s[0] for s in shares), current),
        on_off=switching_loss(device.switching, current, dc_voltage, frequency, energy_averages),
        reverse=channel_loss(device.reverse, tuple(s[1] for s in shares), current),
        recovery=switching_loss(device.recovery, current, dc_voltage, frequency, energy_averages),
        dead_time=dead_time_loss(
            device, current, inverter.dead_time, frequency, tuple(switched[p] for p in CONDUCTION_POWERS)
        ),
    )


def safe_current(current_peak: Number) -> jax.Array:
    """Peak current with a floor of 1e-3 A: half powers keep finite slopes at zero."""
    return safe_sqrt(jnp.asarray(current_peak) ** 2, 1e-6)
