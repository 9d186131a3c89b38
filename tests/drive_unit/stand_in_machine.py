"""Analytic machines for tests of the control: linear ones with closed forms, saturating ones for brute force.

The saturating flux is the gradient of one co-energy, hence reciprocal:
W = Psi I0 (sqrt(1 + (m/I0)^2 + (i_q/I1)^2) - 1) + L_s (i_d^2 + i_q^2) / 2 + L_f i_f^2 / 2, with m = i_d + k i_f + i_m.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from edu_opt.numerics.pytree import pytree


@pytree
class StandInMachine:
    """Flux scale [Wb], knees [A], leakage [H], turns ratio, magnet current [A], resistances [ohm], pole pairs."""

    flux_scale: jax.Array
    knee_d: jax.Array
    knee_q: jax.Array
    leakage: jax.Array
    ratio: jax.Array
    magnet_current: jax.Array
    resistance: jax.Array
    field_resistance: jax.Array
    iron: jax.Array  # W / (V^2): iron loss over omega^2 psi^2
    pole_pairs: jax.Array


def flux(machine: StandInMachine, currents: jax.Array) -> jax.Array:
    """Flux linkages (2,) [Wb]."""
    i_d, i_q, i_f = currents[0], currents[1], currents[2]
    m = i_d + machine.ratio * i_f + machine.magnet_current
    root = jnp.sqrt(1.0 + (m / machine.knee_d) ** 2 + (i_q / machine.knee_q) ** 2)
    psi_d = machine.flux_scale * m / machine.knee_d / root + machine.leakage * i_d
    psi_q = machine.flux_scale * machine.knee_d / machine.knee_q**2 * i_q / root + machine.leakage * i_q
    return jnp.stack([psi_d, psi_q])


def torque(machine: StandInMachine, currents: jax.Array) -> jax.Array:
    """Torque [N m]."""
    psi = flux(machine, currents)
    return 1.5 * machine.pole_pairs * (psi[0] * currents[1] - psi[1] * currents[0])


def voltage(machine: StandInMachine, currents: jax.Array, speed: jax.Array) -> jax.Array:
    """Phase voltage (2,) [V] at mechanical speed [rad/s]."""
    psi, omega = flux(machine, currents), machine.pole_pairs * speed
    return machine.resistance * currents[:2] + omega * jnp.stack([-psi[1], psi[0]])


def loss(machine: StandInMachine, currents: jax.Array, speed: jax.Array) -> jax.Array:
    """Copper, field and iron loss [W]."""
    psi, omega = flux(machine, currents), machine.pole_pairs * speed
    copper = (
        1.5 * machine.resistance * (currents[0] ** 2 + currents[1] ** 2) + machine.field_resistance * currents[2] ** 2
    )
    return copper + machine.iron * omega**1.5 * 30.0 * (psi @ psi)
