"""Exciter of an electrically excited rotor: full bridge, and brushes or a rotary transformer behind it.

Brushes: the bridge chops the DC link to the field's direct current; two devices are always in series (two switches, or
a switch and a free-wheeling diode). Rotary transformer: the bridge makes a square wave, its current is that of the
field through the turns ratio, switched without loss at turn-on (resonant); winding and core losses of the transformer
and the drop of the rotor's rectifier follow.
Sources: C. Stancu et al., "Separately excited synchronous motor with rotary transformer for hybrid vehicle
application", ECCE 2014; S. Mueller et al., Energies 16 (2023) 1657 (both recalled: structure, not figures). Figures of
the exciter's passive parts are assumed and marked.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from edu_opt.inverter.chip_losses import channel_loss, evaluate, safe_current, switching_loss
from edu_opt.inverter.model import Number
from edu_opt.materials.semiconductors import Device, device, in_parallel
from edu_opt.numerics.pytree import pytree

CONTINUOUS = (1.0, 1.0, 1.0, 1.0)  # averages of a current that flows all the time
LAW_SHARES = (0.15, 0.55, 1.0)  # of the rated field current
JUNCTION_RISE = 25.0  # K of the bridge over the coolant (assumed)
SOFT_TURN_OFF = 0.3  # share of on + off energy left by resonant switching (assumed: turn-off alone)


@pytree
class FieldExciter:
    """Bridge and what lies between it and the field winding. All fields are data: brushes and rotary transformer are
    two rows.

    device: one position of the bridge; switching_frequency [Hz]; rotary 0 (brushes) or 1 (transformer); brush_drop [V]
    of both brushes; rectifier_drop [V] of the diodes in series; turns_ratio primary over secondary; winding_resistance
    [ohm] of the transformer seen from the field; core_loss [W] at the rated square wave; control_power [W];
    rated_current [A] of the field. Its mass is the motor's (`motor.excitation`).
    """

    device: Device
    switching_frequency: Number
    rotary: Number
    brush_drop: Number
    rectifier_drop: Number
    turns_ratio: Number
    winding_resistance: Number
    core_loss: Number
    control_power: Number
    rated_current: Number


@pytree
class ExciterLosses:
    """Losses [W] of the exciter by place, and the DC-link power [W] that it draws with the field's."""

    bridge: jax.Array
    brushes: jax.Array
    transformer: jax.Array
    rectifier: jax.Array
    control: jax.Array
    drawn: jax.Array

    @property
    def total(self) -> jax.Array:
        """Sum of the losses, without the field winding's own [W]."""
        return self.bridge + self.brushes + self.transformer + self.rectifier + self.control


def brush_field_exciter(module: str = "wolfspeed_c3m0060065j_x24") -> FieldExciter:
    """Slip rings: one chip a position (26 A, 650 V), 20 kHz, 1 V a brush (assumed)."""
    return FieldExciter(
        device=in_parallel(device(module), 1.0 / 24.0),
        switching_frequency=2.0e4,
        rotary=0.0,
        brush_drop=2.0,
        rectifier_drop=0.0,
        turns_ratio=1.0,
        winding_resistance=0.0,
        core_loss=0.0,
        control_power=3.0,
        rated_current=25.0,
    )


def rotary_field_exciter(module: str = "wolfspeed_c3m0060065j_x24") -> FieldExciter:
    """Rotary transformer: the same bridge at 60 kHz, ratio 4, rotor rectifier 2 x 0.8 V, 60 mohm, 25 W of core loss
    (assumed)."""
    return FieldExciter(
        device=in_parallel(device(module), 1.0 / 24.0),
        switching_frequency=6.0e4,
        rotary=1.0,
        brush_drop=0.0,
        rectifier_drop=1.6,
        turns_ratio=4.0,
        winding_resistance=0.06,
        core_loss=25.0,
        control_power=4.0,
        rated_current=25.0,
    )


FIELD_EXCITERS = {"brush": brush_field_exciter, "inductive": rotary_field_exciter}


def bridge_loss(exciter: FieldExciter, current: jax.Array, dc_voltage: Number, celsius: Number) -> jax.Array:
    """Loss of the full bridge [W] at its own current: two channels in series all the time; hard chopping switches one
    pair a period at the full current, the resonant bridge all four, softly."""
    row, rotary = exciter.device, jnp.asarray(exciter.rotary)
    conduction = 2.0 * evaluate(channel_loss(row.forward, CONTINUOUS[:3], current), celsius)
    pairs = sum(
        evaluate(switching_loss(e, current, dc_voltage, exciter.switching_frequency, CONTINUOUS), celsius)
        for e in (row.switching, row.recovery)
    )
    gate = 4.0 * row.gate_charge * row.gate_swing * exciter.switching_frequency
    return conduction + pairs * (1.0 + rotary * (4.0 * SOFT_TURN_OFF - 1.0)) + gate


def exciter_losses(
    exciter: FieldExciter,
    field_current: Number,
    field_resistance: Number,
    dc_voltage: Number,
    junction_celsius: Number = 90.0,
) -> ExciterLosses:
    """Losses at a steady field current >= 0 [A] through the field's resistance [ohm], off the DC link [V]."""
    field = safe_current(field_current)
    primary = field / exciter.turns_ratio
    rotary, load = jnp.asarray(exciter.rotary), (field / exciter.rated_current) ** 2
    bridge = bridge_loss(exciter, primary, dc_voltage, junction_celsius)
    brushes, rectifier = exciter.brush_drop * field, exciter.rectifier_drop * field
    # The core sees the link's square wave whatever the current; at no field the exciter is off.
    transformer = exciter.winding_resistance * field**2 + rotary * exciter.core_loss * load / (load + 0.01)
    control = jnp.asarray(exciter.control_power, float)
    losses = bridge + brushes + rectifier + transformer + control
    return ExciterLosses(
        bridge=bridge,
        brushes=brushes,
        transformer=transformer,
        rectifier=rectifier,
        control=control,
        drawn=losses + field_resistance * field**2,
    )


def control_law(exciter: FieldExciter, dc_voltage: Number, junction_celsius: Number) -> jax.Array:
    """Coefficients (3,) of a + b i + c i^2 [W] through the loss at `LAW_SHARES` of the rated current: what a control
    that differentiates twice sees of the exciter (within 4 W of it from a tenth of the rated current up)."""
    shares = jnp.asarray(LAW_SHARES)
    losses = jax.vmap(
        lambda share: exciter_losses(exciter, share * exciter.rated_current, 0.0, dc_voltage, junction_celsius).total
    )(shares)
    first, second = (losses[1] - losses[0]) / (shares[1] - shares[0]), (losses[2] - losses[1]) / (shares[2] - shares[1])
    curvature = (second - first) / (shares[2] - shares[0])
    slope = first - curvature * (shares[0] + shares[1])
    constant = losses[0] - shares[0] * (slope + curvature * shares[0])
    return jnp.stack([constant, slope / exciter.rated_current, curvature / exciter.rated_current**2])


def field_voltage_margin(
    exciter: FieldExciter, field_current: Number, field_resistance: Number, dc_voltage: Number
) -> jax.Array:
    """Voltage left over the field's steady need [V]: what builds the field up fast; must be positive."""
    reach = dc_voltage / exciter.turns_ratio - exciter.brush_drop - exciter.rectifier_drop
    return jnp.asarray(reach - field_resistance * field_current)


def field_voltage_ratio(
    exciter: FieldExciter, field_current: Number, field_resistance: Number, dc_voltage: Number
) -> jax.Array:
    """Voltage that the exciter can put on the field over what its current needs; 1 is the limit, 10 and more is not
    told apart (smooth: no current needs no voltage)."""
    need = jnp.asarray(field_resistance * field_current)
    reach = field_voltage_margin(exciter, 0.0, field_resistance, dc_voltage)
    return reach / jnp.sqrt(need**2 + (0.1 * reach) ** 2)
