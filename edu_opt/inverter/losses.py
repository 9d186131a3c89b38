"""Losses of a two-level inverter and the junction temperatures that go with them."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from edu_opt.inverter.chip_losses import (
    average_energy,
    channel_loss,
    evaluate,
    position_losses,
    safe_current,
    switching_loss,
    total_of,
)
from edu_opt.inverter.dc_link import capacitor_loss
from edu_opt.inverter.junction import junction_temperatures, sensible
from edu_opt.inverter.model import Inverter, Number, busbar_resistances, carrier_frequency
from edu_opt.inverter.modulation import capacitor_current, dc_link_current
from edu_opt.numerics.pytree import pytree

__all__ = [
    "InverterLosses",
    "average_energy",
    "channel_loss",
    "efficiency",
    "evaluate",
    "inverter_losses",
    "position_losses",
    "safe_current",
    "switching_loss",
    "total_of",
]


@pytree
class InverterLosses:
    """Losses of the whole inverter [W] and junction temperatures [degC].

    `temperature_residual` [K]: how far the junction temperatures are from their fixed point.
    """

    conduction: jax.Array
    switching: jax.Array
    dead_time: jax.Array
    gate_and_control: jax.Array
    capacitor: jax.Array
    busbars: jax.Array
    junction_celsius_switch: jax.Array
    junction_celsius_diode: jax.Array
    temperature_residual: jax.Array

    @property
    def total(self) -> jax.Array:
        """Sum of the losses [W]."""
        return self.conduction + self.switching + self.dead_time + self.other

    @property
    def other(self) -> jax.Array:
        """Losses outside the power module [W]."""
        return self.gate_and_control + self.capacitor + self.busbars


def busbar_loss(inverter: Inverter, current_peak: jax.Array, modulation_index: Number, cosine: Number) -> jax.Array:
    """Loss of phase and DC bars [W]; the ripple stays between capacitor and module."""
    phase, link = busbar_resistances(inverter)
    direct = dc_link_current(modulation_index, cosine, current_peak)
    return 1.5 * phase * current_peak**2 + link * direct**2


def inverter_losses(
    inverter: Inverter,
    current_peak: Number,
    modulation_index: Number,
    power_factor: Number,
    dc_voltage: Number,
    coolant_celsius: Number,
) -> InverterLosses:
    """Losses at a steady point. All arguments scalar: A peak of the phase >= 0, M >= 0, cos(phi) in [-1, 1], V, degC.

    Chips in parallel share the current. The junction temperatures are the fixed point of losses and heat conduction.
    """
    area, device = jnp.asarray(inverter.parallel_area), inverter.device
    peak = safe_current(current_peak)
    cosine, coolant = jnp.asarray(power_factor), jnp.asarray(coolant_celsius, float)
    parts = position_losses(inverter, peak / area, modulation_index, cosine, jnp.asarray(dc_voltage))
    switch, diode = total_of(parts.forward, parts.on_off), total_of(parts.reverse, parts.recovery, parts.dead_time)
    hot, residual = junction_temperatures(device, switch, diode, coolant)
    at_switch, at_diode = sensible(hot[0]), sensible(hot[1])
    frequency = carrier_frequency(inverter, modulation_index)
    gate = 6.0 * area * device.gate_charge * device.gate_swing * frequency
    ripple = capacitor_current(modulation_index, cosine, jnp.asarray(current_peak))
    return InverterLosses(
        conduction=6.0 * area * (evaluate(parts.forward, at_switch) + evaluate(parts.reverse, at_diode)),
        switching=6.0 * area * (evaluate(parts.on_off, at_switch) + evaluate(parts.recovery, at_diode)),
        dead_time=6.0 * area * evaluate(parts.dead_time, at_diode),
        gate_and_control=gate + inverter.control_power,
        capacitor=capacitor_loss(inverter.capacitance, ripple),
        busbars=busbar_loss(inverter, jnp.asarray(current_peak), modulation_index, cosine),
        junction_celsius_switch=hot[0],
        junction_celsius_diode=hot[1],
        temperature_residual=residual,
    )


def efficiency(
    losses: InverterLosses, current_peak: Number, modulation_index: Number, power_factor: Number, dc_voltage: Number
) -> jax.Array:
    """AC power over DC power while driving (power_factor > 0) [1]."""
    output = dc_link_current(modulation_index, power_factor, current_peak) * dc_voltage
    return output / (output + losses.total)
