"""Losses of a two-level inverter and the junction temperatures that go with them."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from edu_opt.inverter.model import CAPACITOR_TIME_CONSTANT, Inverter, Number
from edu_opt.inverter.modulation import capacitor_current, conduction_average, half_wave_average, linear_modulation
from edu_opt.materials.semiconductors import REFERENCE_CELSIUS, Channel, Device, SwitchingEnergy
from edu_opt.numerics.pytree import pytree
from edu_opt.numerics.smooth import safe_sqrt, smooth_clip, smooth_positive

CONTRACTION_STEPS = 6
SENSIBLE_CELSIUS = (-60.0, 300.0)  # device laws are evaluated inside; far outside they mean nothing


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


def channel_loss(
    channel: Channel, averages: tuple[jax.Array, jax.Array, jax.Array], current: jax.Array, celsius: jax.Array
) -> jax.Array:
    """Conduction loss [W] of a chip: threshold <i> + root <i^1.5> + resistance <i^2>; averages at unit peak current."""
    rise = celsius - REFERENCE_CELSIUS
    threshold = channel.threshold + channel.threshold_slope * rise
    root = channel.root + channel.root_slope * rise
    resistance = channel.resistance + channel.resistance_slope * rise + channel.resistance_curvature * rise**2
    first, middle, second = averages
    return threshold * first * current + root * middle * current**1.5 + resistance * second * current**2


def average_energy(energy: SwitchingEnergy, current: jax.Array, dc_voltage: jax.Array, celsius: jax.Array) -> jax.Array:
    """Switching energy of one chip averaged over the phase current's period [J] (it switches during one half wave)."""
    square = current * current
    steady = 0.5 * energy.constant * square / (square + energy.knee_current**2)
    shape = (
        steady
        + energy.root * half_wave_average(0.5) * current**0.5
        + energy.linear * half_wave_average(1.0) * current
        + energy.quadratic * half_wave_average(2.0) * square
    )
    warm = smooth_positive(1.0 + energy.temperature_slope * (celsius - REFERENCE_CELSIUS), 0.05)
    return shape * (dc_voltage / energy.reference_voltage) ** energy.voltage_exponent * warm


def dead_time_loss(
    device: Device, current: jax.Array, celsius: jax.Array, dead_time: Number, switching_frequency: Number
) -> jax.Array:
    """Extra loss of a position while the body diode carries what the channel would: two dead times a period and leg."""
    whole = tuple(2.0 * half_wave_average(p) for p in (1.0, 1.5, 2.0))
    averages = (jnp.asarray(whole[0]), jnp.asarray(whole[1]), jnp.asarray(whole[2]))
    body = channel_loss(device.body_diode, averages, current, celsius)
    channel = channel_loss(device.reverse, averages, current, celsius)
    return device.dead_time_conduction * jnp.asarray(dead_time) * switching_frequency * (body - channel)


def position_losses(
    inverter: Inverter,
    current: jax.Array,
    modulation_index: jax.Array,
    power_factor: jax.Array,
    dc_voltage: jax.Array,
    celsius: tuple[jax.Array, jax.Array],
) -> tuple[jax.Array, jax.Array, jax.Array, jax.Array, jax.Array]:
    """(switch conduction, diode conduction, on + off, recovery, dead time) [W] of one catalogue-size position.

    `current` is the peak current of one catalogue-size position; `celsius` the junction temperatures (switch, diode).
    """
    device, frequency = inverter.device, inverter.switching_frequency
    index = linear_modulation(modulation_index)
    shares = [conduction_average(p, index, power_factor) for p in (1.0, 1.5, 2.0)]
    hot_switch, hot_diode = (smooth_clip(c, *map(jnp.asarray, SENSIBLE_CELSIUS), 1.0) for c in celsius)
    forward = channel_loss(device.forward, (shares[0][0], shares[1][0], shares[2][0]), current, hot_switch)
    reverse = channel_loss(device.reverse, (shares[0][1], shares[1][1], shares[2][1]), current, hot_diode)
    on_off = frequency * average_energy(device.switching, current, dc_voltage, hot_switch)
    recovery = frequency * average_energy(device.recovery, current, dc_voltage, hot_diode)
    dead = dead_time_loss(device, current, hot_diode, inverter.dead_time, frequency)
    return forward, reverse, on_off, recovery, dead


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
    (dP/dT R_th is 0.1 to 0.3 for the modules here, so the error is below 0.3^6 of the rise).
    """
    area = jnp.asarray(inverter.parallel_area)
    current = safe_current(jnp.asarray(current_peak)) / area
    index, cosine = jnp.asarray(modulation_index), jnp.asarray(power_factor)
    coolant, voltage = jnp.asarray(coolant_celsius, float), jnp.asarray(dc_voltage)
    hot = (coolant, coolant)
    last = hot
    for _ in range(CONTRACTION_STEPS):
        forward, reverse, on_off, recovery, dead = position_losses(inverter, current, index, cosine, voltage, hot)
        last = hot
        hot = junction_temperatures(inverter.device, forward + on_off, reverse + recovery + dead, coolant)
    forward, reverse, on_off, recovery, dead = position_losses(inverter, current, index, cosine, voltage, hot)
    device = inverter.device
    gate = 6.0 * area * device.gate_charge * device.gate_swing * inverter.switching_frequency
    ripple = capacitor_current(index, cosine, jnp.asarray(current_peak))
    return InverterLosses(
        conduction=6.0 * area * (forward + reverse),
        switching=6.0 * area * (on_off + recovery),
        dead_time=6.0 * area * dead,
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
