"""Flux linkage, torque and voltage of a motor at its terminals: the lamination's unit map, scaled by length and turns.

Currents are `[i_d, i_q, i_f]` as in `edu_opt.motor.model`.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from edu_opt.motor.flux_map import flux_linkage_unit
from edu_opt.motor.parts import Motor
from edu_opt.motor.winding import end_winding_inductance, resistances


def conductors_per_path(motor: Motor) -> jax.Array:
    """Ampere-turns of a slot per ampere at the terminals: conductors per slot over parallel paths."""
    return motor.winding.conductors_per_slot / motor.winding.parallel_paths


def ampere_turns(motor: Motor, currents: jax.Array) -> jax.Array:
    """Per-conductor bases of the lamination map: ampere-turns (slot d, slot q, field per pole) [A]."""
    share = conductors_per_path(motor)
    return jnp.stack([currents[0] * share, currents[1] * share, currents[2] * motor.field_winding.turns])


def flux_linkage(motor: Motor, currents: jax.Array) -> jax.Array:
    """Flux linkages (3,) [Wb] at currents (3,) [A], end-winding leakage included."""
    unit = flux_linkage_unit(motor.lamination_map.flux_map, ampere_turns(motor, currents))
    share = conductors_per_path(motor)
    scale = motor.stack_length * jnp.stack([share, share, motor.field_winding.turns])
    leakage = end_winding_inductance(motor.winding, motor.dimensions) * jnp.array([1.0, 1.0, 0.0])
    return unit * scale + leakage * currents


def torque_of(motor: Motor, currents: jax.Array, flux: jax.Array) -> jax.Array:
    """Electromagnetic torque [N m] = 1.5 p (psi_d i_q - psi_q i_d) at known flux linkages (2 or 3,) [Wb]."""
    return 1.5 * motor.pole_pairs * (flux[0] * currents[1] - flux[1] * currents[0])


def torque(motor: Motor, currents: jax.Array) -> jax.Array:
    """Electromagnetic torque [N m] at currents (3,) [A]."""
    return torque_of(motor, currents, flux_linkage(motor, currents))


def phase_voltage(
    currents: jax.Array, flux: jax.Array, electrical_speed: jax.Array, resistance: jax.Array
) -> tuple[jax.Array, jax.Array]:
    """(v_d, v_q) [V peak] at flux linkages (2 or 3,) [Wb] and electrical speed [rad/s] (im: the stator's)."""
    return resistance * currents[0] - electrical_speed * flux[1], resistance * currents[1] + electrical_speed * flux[0]


def voltage(motor: Motor, currents: jax.Array, electrical_speed: jax.Array, winding_celsius: jax.Array) -> jax.Array:
    """Phase voltage (2,) [V peak], (v_d, v_q), at electrical speed [rad/s]; DC resistance at winding temperature."""
    slots, ends = resistances(motor.winding, motor.dimensions, motor.stack_length, winding_celsius, winding_celsius)
    return jnp.stack(phase_voltage(currents, flux_linkage(motor, currents), electrical_speed, slots + ends))


def map_range(motor: Motor) -> tuple[jax.Array, jax.Array]:
    """(phase current [A peak], field current [A]) up to which the lamination map was sampled."""
    scale, turns = motor.lamination_map.ampere_turn_scale, motor.field_winding.turns
    wound = jnp.where(turns > 0.0, 1.0, 0.0)
    return scale[1] / conductors_per_path(motor), scale[2] / jnp.where(turns > 0.0, turns, 1.0) * wound
