"""Junction temperatures in time: launch at stall, hill hold, steps between operating points, ripple of the fundamental.

Junction over case by the device's Foster networks, case over coolant by one time constant. Losses follow the chip's
temperature: the network is stepped exactly over intervals of constant loss (exponentials of each stage), the loss being
the mean of those at the start and at the predicted end. Standstill is a fixed electrical angle: one leg may carry the
peak current as direct current, half of the time in the switch and half in the diode of its opposite position (duty
1/2), and the switch switches it every carrier period, not half of them.
Sources: A. Wintrich et al., Semikron Application Manual (2015), sections 2.5.2 and 5.2.2 (recalled); JESD51-14.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax import lax

from edu_opt.inverter.chip_losses import (
    Polynomial,
    channel_loss,
    evaluate,
    position_losses,
    safe_current,
    switching_loss,
    total_of,
)
from edu_opt.inverter.junction import sensible
from edu_opt.inverter.model import Inverter, Number
from edu_opt.materials.semiconductors import Device, ThermalResponse
from edu_opt.numerics.pytree import pytree, replace

CONTINUOUS = 1.0  # average of a current that flows all the time, at unit current


@pytree
class ChipLosses:
    """Losses of a position's switch and diode over their temperatures [W]."""

    switch: Polynomial
    diode: Polynomial


@pytree
class ThermalState:
    """Rises [K] of the Foster stages: switch (5,), diode (5,), what the other chip adds to each, case over coolant."""

    switch: jax.Array
    diode: jax.Array
    switch_by_diode: jax.Array
    diode_by_switch: jax.Array
    case: jax.Array


def cold_state() -> ThermalState:
    """Everything at the coolant's temperature."""
    zero = jnp.zeros(5)
    return ThermalState(switch=zero, diode=zero, switch_by_diode=zero, diode_by_switch=zero, case=jnp.zeros(()))


def junctions(state: ThermalState, coolant_celsius: Number) -> tuple[jax.Array, jax.Array]:
    """Junction temperatures of (switch, diode) [degC]."""
    case = coolant_celsius + state.case
    switch = case + jnp.sum(state.switch) + jnp.sum(state.switch_by_diode)
    return switch, case + jnp.sum(state.diode) + jnp.sum(state.diode_by_switch)


def turning_losses(
    inverter: Inverter, current_peak: Number, modulation_index: Number, power_factor: Number, dc_voltage: Number
) -> ChipLosses:
    """Losses of a position while the field turns, averaged over the fundamental, of a catalogue-size position."""
    per_chip = safe_current(current_peak) / inverter.parallel_area
    parts = position_losses(inverter, per_chip, modulation_index, power_factor, dc_voltage)
    return ChipLosses(
        switch=total_of(parts.forward, parts.on_off), diode=total_of(parts.reverse, parts.recovery, parts.dead_time)
    )


def stall_losses(
    inverter: Inverter, current_peak: Number, dc_voltage: Number, frequency: Number | None = None
) -> ChipLosses:
    """Losses of the worst position at standstill: the peak current as direct current of one leg, duty 1/2.

    The diode named here is that of the other position of the leg; a MOSFET's channel carries it, so its dead time loss
    is the body diode's, twice a period. `frequency` [Hz] is the carrier at stall (default: `switching_frequency`).
    """
    device, area = inverter.device, inverter.parallel_area
    carrier = inverter.switching_frequency if frequency is None else frequency
    current = safe_current(current_peak) / area
    always = (CONTINUOUS,) * 4
    half = (0.5, 0.5, 0.5)
    share = device.dead_time_conduction * 2.0 * jnp.asarray(inverter.dead_time) * carrier
    body, channel = (channel_loss(c, (share,) * 3, current) for c in (device.body_diode, device.reverse))
    dead = tuple(b - c for b, c in zip(body, channel, strict=True))
    return ChipLosses(
        switch=total_of(
            channel_loss(device.forward, half, current),
            switching_loss(device.switching, current, dc_voltage, carrier, always),
        ),
        diode=total_of(
            channel_loss(device.reverse, half, current),
            switching_loss(device.recovery, current, dc_voltage, carrier, always),
            dead,  # type: ignore[arg-type]
        ),
    )


def at_stall(device: Device) -> Device:
    """Thermal picture of standstill: switch and diode that heat lie in different positions of the leg, so a MOSFET's
    two roles do not add up in one chip. The base plate's resistance is not halved though two positions are cold: the
    heat stays near the chips."""
    return replace(device, cross_to_case=0.0)


def _relax(rise: jax.Array, target: Number, times: Number, seconds: Number) -> jax.Array:
    """Rise after `seconds` of constant loss."""
    return target + (rise - target) * jnp.exp(-seconds / times)


def _stages(response: ThermalResponse) -> tuple[jax.Array, jax.Array]:
    """Shares and time constants as arrays."""
    return jnp.stack([jnp.asarray(s, float) for s in response.shares]), jnp.stack(
        [jnp.asarray(t, float) for t in response.times]
    )


def advance(device: Device, state: ThermalState, switch_loss: Number, diode_loss: Number, seconds: Number):
    """State after `seconds` of constant losses [W] of switch and diode."""
    switch_shares, switch_times = _stages(device.switch_response)
    diode_shares, diode_times = _stages(device.diode_response)
    crossed = device.cross_to_case
    return ThermalState(
        switch=_relax(state.switch, device.switch_to_case * switch_loss * switch_shares, switch_times, seconds),
        diode=_relax(state.diode, device.diode_to_case * diode_loss * diode_shares, diode_times, seconds),
        switch_by_diode=_relax(state.switch_by_diode, crossed * diode_loss * switch_shares, switch_times, seconds),
        diode_by_switch=_relax(state.diode_by_switch, crossed * switch_loss * diode_shares, diode_times, seconds),
        case=_relax(state.case, device.case_to_coolant * (switch_loss + diode_loss), device.case_time, seconds),
    )


def heat_up(
    device: Device, losses: ChipLosses, coolant_celsius: Number, seconds: Number, state: ThermalState, steps: int = 24
) -> tuple[ThermalState, jax.Array]:
    """State after `seconds` of one operating point, and the junctions (steps, 2) on the way [degC].

    The moments go with the cube of their number, so chips and base plate are both resolved.
    """
    intervals = jnp.diff(jnp.linspace(0.0, 1.0, steps + 1) ** 3) * seconds

    def powers(at: ThermalState) -> tuple[jax.Array, jax.Array]:
        switch, diode = junctions(at, coolant_celsius)
        return evaluate(losses.switch, sensible(switch)), evaluate(losses.diode, sensible(diode))

    def step(now: ThermalState, interval: jax.Array):
        first = powers(now)
        last = powers(advance(device, now, *first, interval))
        after = advance(device, now, 0.5 * (first[0] + last[0]), 0.5 * (first[1] + last[1]), interval)
        return after, jnp.stack(junctions(after, coolant_celsius))

    return lax.scan(step, state, intervals)


def stall_junctions(
    inverter: Inverter,
    current_peak: Number,
    dc_voltage: Number,
    coolant_celsius: Number,
    seconds: Number,
    frequency: Number | None = None,
) -> tuple[jax.Array, jax.Array]:
    """Hottest junctions (switch, diode) [degC] after `seconds` of stall at the worst angle, from a cold start: launch
    at a kerb (about 1 s) or hill hold (10 s and more)."""
    losses = stall_losses(inverter, current_peak, dc_voltage, frequency)
    state, _ = heat_up(at_stall(inverter.device), losses, coolant_celsius, seconds, cold_state())
    return junctions(state, coolant_celsius)


def fundamental_ripple(
    device: Device, switch_loss: Number, diode_loss: Number, frequency: Number
) -> tuple[jax.Array, jax.Array]:
    """Peak of the junctions (switch, diode) [K] over their mean while the field turns at `frequency` [Hz].

    Half-wave pulses of loss p(t) = pi P sin(w t): fundamental pi/2 P and second harmonic 2/3 P, each through the Foster
    stages, |sum R_i / (1 + j w tau_i)|, their peaks added (an upper estimate, 5 % high at standstill's end).
    """
    omega = 2.0 * jnp.pi * jnp.asarray(frequency)

    def peak(response: ThermalResponse, resistance: Number, loss: Number) -> jax.Array:
        shares, times = _stages(response)
        total: jax.Array = jnp.zeros(())
        for order, pulse in ((1.0, 0.5 * jnp.pi), (2.0, 2.0 / 3.0)):
            damping = 1.0 + (order * omega * times) ** 2
            real, imaginary = jnp.sum(shares / damping), jnp.sum(shares * order * omega * times / damping)
            total = total + pulse * jnp.sqrt(real**2 + imaginary**2)
        return loss * resistance * total

    return (
        peak(device.switch_response, device.switch_to_case, switch_loss),
        peak(device.diode_response, device.diode_to_case, diode_loss),
    )
