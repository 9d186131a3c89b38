"""What the duty asks of the inverter, against what its parts bear: life over a cycle, stall, DC link."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from edu_opt.inverter import dc_link
from edu_opt.inverter.chip_losses import evaluate
from edu_opt.inverter.junction import junction_temperatures, sensible
from edu_opt.inverter.lifetime import BayererLaw, cycling_damage, ripple_damage
from edu_opt.inverter.model import Inverter, Number
from edu_opt.inverter.modulation import capacitor_current
from edu_opt.inverter.transient import fundamental_ripple, stall_junctions, turning_losses
from edu_opt.numerics.pytree import pytree

DWELL = 10.0  # s that a vehicle stays near one operating point (assumed; WLTC: 16 stops and some 150 steps in 1800 s)
SLOWEST_OUTPUT = 1.0  # Hz: a turning field; below it the point is a stall


@pytree
class DutyPoints:
    """Operating points of a cycle (n,): phase current [A peak], M, cos(phi), DC voltage [V], fundamental [Hz], shares
    of time that sum to one."""

    current_peak: jax.Array
    modulation_index: jax.Array
    power_factor: jax.Array
    dc_voltage: jax.Array
    output_frequency: jax.Array
    share: jax.Array


@pytree
class CycleLife:
    """Damage a second of switch and diode, and the hours until the first of them fails."""

    switch_damage: jax.Array
    diode_damage: jax.Array
    hours: jax.Array


def _junctions(inverter: Inverter, duty: DutyPoints, coolant: Number) -> jax.Array:
    """Junctions (2,) [degC] at one duty point."""
    losses = turning_losses(inverter, duty.current_peak, duty.modulation_index, duty.power_factor, duty.dc_voltage)
    hot, _ = junction_temperatures(inverter.device, losses.switch, losses.diode, jnp.asarray(coolant, float))
    return jnp.stack(hot)


def _ripple(inverter: Inverter, duty: DutyPoints, celsius: jax.Array) -> jax.Array:
    """Ripple peaks (2,) [K] at one duty point and its junctions (2,) [degC]."""
    losses = turning_losses(inverter, duty.current_peak, duty.modulation_index, duty.power_factor, duty.dc_voltage)
    at_switch, at_diode = evaluate(losses.switch, sensible(celsius[0])), evaluate(losses.diode, sensible(celsius[1]))
    return jnp.stack(fundamental_ripple(inverter.device, at_switch, at_diode, _turning(duty.output_frequency)))


def _turning(output_frequency: jax.Array) -> jax.Array:
    """Fundamental [Hz] kept above zero."""
    return jnp.sqrt(output_frequency**2 + SLOWEST_OUTPUT**2)


def cycle_life(
    inverter: Inverter, duty: DutyPoints, coolant_celsius: Number, law: BayererLaw | None = None, dwell: Number = DWELL
) -> CycleLife:
    """Power-cycling life over a cycle's points in random order, swings between points and ripple of the fundamental."""
    celsius = jax.vmap(lambda point: _junctions(inverter, point, coolant_celsius))(duty)
    return cycle_life_at(inverter, duty, celsius, law, dwell)


def cycle_life_at(
    inverter: Inverter, duty: DutyPoints, celsius: jax.Array, law: BayererLaw | None = None, dwell: Number = DWELL
) -> CycleLife:
    """`cycle_life` where the junctions of switch and diode (n, 2) [degC] are known."""
    law = BayererLaw() if law is None else law
    ripple = jax.vmap(lambda point, hot: _ripple(inverter, point, hot))(duty, celsius)
    frequency, blocking = _turning(duty.output_frequency), inverter.device.blocking_voltage
    switch, diode = (
        cycling_damage(law, celsius[:, k], duty.share, dwell, blocking)
        + ripple_damage(law, celsius[:, k], ripple[:, k], frequency, duty.share, blocking)
        for k in (0, 1)
    )
    return CycleLife(switch_damage=switch, diode_damage=diode, hours=1.0 / (3600.0 * jnp.maximum(switch, diode)))


def stall_margin(
    inverter: Inverter,
    current_peak: Number,
    dc_voltage: Number,
    coolant_celsius: Number,
    seconds: Number,
    frequency: Number | None = None,
) -> jax.Array:
    """Kelvin left to the junction limit after `seconds` of stall at the worst angle: 1 s for launch, 20 s for holding
    on a hill; `frequency` [Hz] the carrier at stall (default: the inverter's)."""
    hot = stall_junctions(inverter, current_peak, dc_voltage, coolant_celsius, seconds, frequency)
    return inverter.device.junction_limit_celsius - jnp.maximum(hot[0], hot[1])


def capacitor_margin(
    inverter: Inverter,
    current_peak: Number,
    modulation_index: Number,
    power_factor: Number,
    coolant_celsius: Number,
) -> jax.Array:
    """Kelvin left to the film's limit at a steady point."""
    ripple = capacitor_current(modulation_index, jnp.asarray(power_factor), current_peak)
    hot = dc_link.capacitor_celsius(inverter.capacitance, inverter.rated_voltage, ripple, coolant_celsius)
    return dc_link.CAPACITOR_LIMIT_CELSIUS - hot
