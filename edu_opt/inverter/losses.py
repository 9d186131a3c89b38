"""Losses of a two-level inverter and the junction temperatures that go with them."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from edu_opt.inverter.model import CAPACITOR_TIME_CONSTANT, Inverter, Number
from edu_opt.inverter.modulation import capacitor_current, conduction_average, half_wave_average, linear_modulation
from edu_opt.materials.semiconductors import REFERENCE_CELSIUS, Channel, Device, SwitchingEnergy
from edu_opt.numerics.pytree import pytree
from edu_opt.numerics.smooth import safe_sqrt, smooth_minimum

CONTRACTION_STEPS = 4
HIGHEST_CELSIUS = 300.0


@pytree
class InverterLosses:
    """Losses of the whole inverter [W] and junction temperatures [degC].

    `temperature_residual` [K] is the last change of the junction temperatures: large where the module would run away.
    """

    conduction: jax.Array
    switching: jax.Array
    dead_time: jax.Array
    gate_and_control: jax.Array
    capacitor: jax.Array
    junction_celsius_switch: jax.Array
    junction_celsius_diode: jax.Array
    temperature_residual: jax.Array

    @property
    def total(self) -> jax.Array:
        """Sum of the losses [W]."""
        return self.conduction + self.switching + self.dead_time + self.gate_and_control + self.capacitor


# A loss as a polynomial of the temperature rise over 25 degC: value, slope, curvature.
Polynomial = tuple[jax.Array, jax.Array, jax.Array]


def evaluate(polynomial: Polynomial, celsius: jax.Array) -> jax.Array:
    """Loss [W] at a junction temperature."""
    rise = celsius - REFERENCE_CELSIUS
    return polynomial[0] + rise * (polynomial[1] + rise * polynomial[2])


def channel_loss(channel: Channel, averages: tuple[Number, Number, Number], current: jax.Array) -> Polynomial:
    """Conduction loss of a chip: threshold <i> + root <i^1.5> + resistance <i^2>; averages at unit peak current."""
    first, middle, second = averages[0] * current, averages[1] * current**1.5, averages[2] * current**2
    return (
        channel.threshold * first + channel.root * middle + channel.resistance * second,
        channel.threshold_slope * first + channel.root_slope * middle + channel.resistance_slope * second,
        channel.resistance_curvature * second,
    )


def average_energy(energy: SwitchingEnergy, current: jax.Array, dc_voltage: jax.Array) -> jax.Array:
    """Switching energy of a chip at 25 degC averaged over the current's period [J]: it switches in one half wave."""
    square = current * current
    steady = 0.5 * energy.constant * square / (square + energy.knee_current**2)
    shape = (
        steady
        + energy.root * half_wave_average(0.5) * current**0.5
        + energy.linear * half_wave_average(1.0) * current
        + energy.quadratic * half_wave_average(2.0) * square
    )
    return shape * (dc_voltage / energy.reference_voltage) ** energy.voltage_exponent


def switching_loss(energy: SwitchingEnergy, current: jax.Array, dc_voltage: jax.Array, frequency: Number) -> Polynomial:
    """Switching loss of a chip [W]."""
    base = frequency * average_energy(energy, current, dc_voltage)
    return base, base * energy.temperature_slope, jnp.zeros_like(base)


def total_of(*parts: Polynomial) -> Polynomial:
    """Sum of losses that share a junction."""
    return tuple(sum(terms[1:], start=terms[0]) for terms in zip(*parts, strict=True))  # type: ignore[return-value]


def dead_time_loss(device: Device, current: jax.Array, dead_time: Number, switching_frequency: Number) -> Polynomial:
    """Extra loss of a position while the body diode carries what the channel would: two dead times a period and leg."""
    whole = (2.0 * half_wave_average(1.0), 2.0 * half_wave_average(1.5), 2.0 * half_wave_average(2.0))
    share = device.dead_time_conduction * jnp.asarray(dead_time) * switching_frequency
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


def position_losses(
    inverter: Inverter, current: jax.Array, modulation_index: jax.Array, power_factor: jax.Array, dc_voltage: jax.Array
) -> PositionLosses:
    """Losses of one position over its junction temperatures; `current` is the peak current of a catalogue-size one."""
    device, frequency = inverter.device, inverter.switching_frequency
    index = linear_modulation(modulation_index)
    first, middle, second = (conduction_average(p, index, power_factor) for p in (1.0, 1.5, 2.0))
    return PositionLosses(
        forward=channel_loss(device.forward, (first[0], middle[0], second[0]), current),
        on_off=switching_loss(device.switching, current, dc_voltage, frequency),
        reverse=channel_loss(device.reverse, (first[1], middle[1], second[1]), current),
        recovery=switching_loss(device.recovery, current, dc_voltage, frequency),
        dead_time=dead_time_loss(device, current, inverter.dead_time, frequency),
    )


def sensible(celsius: jax.Array) -> jax.Array:
    """Temperature at which device laws are evaluated: capped where a module that runs away means nothing any more."""
    return smooth_minimum(celsius, jnp.asarray(HIGHEST_CELSIUS), 1.0)


def junction_temperatures(
    device: Device, switch_loss: jax.Array, diode_loss: jax.Array, coolant_celsius: jax.Array
) -> tuple[jax.Array, jax.Array]:
    """Mean junction temperatures (switch, diode) [degC] over the coolant for steady losses of one position [W]."""
    case = coolant_celsius + device.case_to_coolant * (switch_loss + diode_loss)
    switch = case + device.switch_to_case * switch_loss + device.cross_to_case * diode_loss
    diode = case + device.diode_to_case * diode_loss + device.cross_to_case * switch_loss
    return switch, diode


def inverter_losses(
    inverter: Inverter,
    current_peak: Number,
    modulation_index: Number,
    power_factor: Number,
    dc_voltage: Number,
    coolant_celsius: Number,
) -> InverterLosses:
    """Losses at a steady point. All arguments scalar: A peak of the phase >= 0, M >= 0, cos(phi) in [-1, 1], V, degC.

    Chips in parallel share the current. The junction temperatures follow from a fixed number of contraction steps
    (dP/dT R_th is 0.1 to 0.3 for the modules here, so the error is below 0.3^4 of the rise).
    """
    area = jnp.asarray(inverter.parallel_area)
    current = safe_current(jnp.asarray(current_peak)) / area
    index, cosine = jnp.asarray(modulation_index), jnp.asarray(power_factor)
    coolant, voltage = jnp.asarray(coolant_celsius, float), jnp.asarray(dc_voltage)
    device = inverter.device
    parts = position_losses(inverter, current, index, cosine, voltage)
    switch, diode = total_of(parts.forward, parts.on_off), total_of(parts.reverse, parts.recovery, parts.dead_time)
    hot = last = (coolant, coolant)
    for _ in range(CONTRACTION_STEPS):
        last = hot
        hot = junction_temperatures(
            device, evaluate(switch, sensible(hot[0])), evaluate(diode, sensible(hot[1])), coolant
        )
    at_switch, at_diode = sensible(hot[0]), sensible(hot[1])
    gate = 6.0 * area * device.gate_charge * device.gate_swing * inverter.switching_frequency
    ripple = capacitor_current(index, cosine, jnp.asarray(current_peak))
    return InverterLosses(
        conduction=6.0 * area * (evaluate(parts.forward, at_switch) + evaluate(parts.reverse, at_diode)),
        switching=6.0 * area * (evaluate(parts.on_off, at_switch) + evaluate(parts.recovery, at_diode)),
        dead_time=6.0 * area * evaluate(parts.dead_time, at_diode),
        gate_and_control=gate + inverter.control_power,
        capacitor=CAPACITOR_TIME_CONSTANT / inverter.capacitance * ripple**2,
        junction_celsius_switch=hot[0],
        junction_celsius_diode=hot[1],
        temperature_residual=jnp.abs(hot[0] - last[0]) + jnp.abs(hot[1] - last[1]),
    )


def safe_current(current_peak: jax.Array) -> jax.Array:
    """Peak current with a floor of 1e-3 A: half powers keep finite slopes at zero."""
    return safe_sqrt(current_peak**2, 1e-6)


def efficiency(
    losses: InverterLosses, current_peak: Number, modulation_index: Number, power_factor: Number, dc_voltage: Number
) -> jax.Array:
    """AC power over DC power while driving (power_factor > 0) [1]."""
    output = 0.75 * jnp.asarray(modulation_index) * dc_voltage * current_peak * power_factor
    return output / (output + losses.total)
