"""Power-cycling life of bond wires and solder over a cycle's junction temperatures.

Cycles to failure by two published laws, linear damage (Miner), and the rainflow count of duty points in random order:
the number of rainflow cycles from below u to above v is that of the upcrossings of [u, v] (I. Rychlik, "Note on cycle
counts in irregular loads", Fatigue Fract. Eng. Mater. Struct. 16 (1993) 377, recalled), and for independent draws that
is p q / (p + q) a draw, p the share of time at or below u, q at or above v. So no trace is needed: temperatures and
time shares of duty points, and the time that the vehicle dwells in one.
Simplified: every point reaches its steady junction temperature (dwell of some time constants of the base plate, about
5 s), successive points are independent, and the fundamental's ripple is a cycle of its own. Continuous in all
temperatures, differentiable wherever no two are equal.
Sources of the laws: M. Held et al., "Fast power cycling test for IGBT modules in traction application", PEDS 1997 (the
LESIT project); R. Bayerer et al., "Model for power cycling lifetime of IGBT modules", CIPS 2008. Both sets of
coefficients recalled; they stand for standard modules with aluminium wires: sintered, copper-bonded ones live longer.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from edu_opt.numerics.pytree import pytree

Number = float | jax.Array

KELVIN = 273.15
BOLTZMANN = 1.380649e-23  # J/K
LESIT_FACTOR = 302500.0  # K^-exponent
LESIT_EXPONENT = -5.039
LESIT_ENERGY = 9.891e-20  # J
SMALLEST_SWING = 0.1  # K, keeps the laws finite; damage there is nil


@pytree
class BayererLaw:
    """N = factor dT^b1 exp(b2 / T_max) t_on^b3 I^b4 U^b5 D^b6: swing [K], [K], heating time [s], current a bond foot
    [A], blocking voltage [100 V], wire diameter [um]. Fitted for 45-150 K, 1-15 s, 3-23 A, 6-33, 75-500 um."""

    factor: Number = 2.03e14
    swing_exponent: Number = -4.416
    temperature: Number = 1285.0
    time_exponent: Number = -0.463
    current_exponent: Number = -0.716
    voltage_exponent: Number = -0.761
    diameter_exponent: Number = -0.5
    current_per_foot: Number = 10.0  # A (assumed)
    wire_diameter: Number = 400.0  # um (assumed)


def safe_swing(swing: jax.Array) -> jax.Array:
    """Temperature swing [K] above zero."""
    return jnp.sqrt(swing**2 + SMALLEST_SWING**2)


def lesit_cycles(swing: jax.Array, mean_celsius: jax.Array) -> jax.Array:
    """Cycles to failure over swing [K] and mean junction temperature [degC]; tests covered 30-80 K, 60-100 degC."""
    arrhenius = jnp.exp(LESIT_ENERGY / (BOLTZMANN * (mean_celsius + KELVIN)))
    return LESIT_FACTOR * safe_swing(swing) ** LESIT_EXPONENT * arrhenius


def bayerer_cycles(
    law: BayererLaw, swing: jax.Array, highest_celsius: jax.Array, heating_time: Number, blocking_voltage: Number
) -> jax.Array:
    """Cycles to failure over swing [K], highest junction temperature [degC], heating time [s], blocking voltage [V]."""
    return (
        law.factor
        * safe_swing(swing) ** law.swing_exponent
        * jnp.exp(law.temperature / (highest_celsius + KELVIN))
        * jnp.clip(jnp.asarray(heating_time), 1.0, 60.0) ** law.time_exponent
        * law.current_per_foot**law.current_exponent
        * (blocking_voltage / 100.0) ** law.voltage_exponent
        * law.wire_diameter**law.diameter_exponent
    )


def rainflow_counts(shares: jax.Array) -> jax.Array:
    """Rainflow cycles a draw (n, n) between levels i < j (ascending) that are drawn independently with these shares.

    Cycles that reach down to level i and up to level j: p_i q_j / (p_i + q_j); those that end there exactly by
    differences.
    """
    below = jnp.cumsum(shares)
    above = jnp.cumsum(shares[::-1])[::-1]
    reach = below[:, None] * above[None, :] / (below[:, None] + above[None, :] + 1e-300)
    reach = jnp.pad(reach, ((1, 0), (0, 1)))
    counts = reach[1:, :-1] - reach[:-1, :-1] - reach[1:, 1:] + reach[:-1, 1:]
    return jnp.triu(counts, k=1)


def cycling_damage(
    law: BayererLaw, celsius: jax.Array, shares: jax.Array, dwell: Number, blocking_voltage: Number
) -> jax.Array:
    """Damage a second by swings between duty points: junction temperatures (n,) [degC], shares of time (n,) that sum to
    one, dwell in a point [s]. A failure is damage 1."""
    order = jnp.argsort(jax.lax.stop_gradient(celsius))
    hot = celsius[order]
    counts = rainflow_counts(shares[order])
    swing = hot[None, :] - hot[:, None]
    highest = jnp.broadcast_to(hot[None, :], swing.shape)
    return jnp.sum(counts / bayerer_cycles(law, swing, highest, dwell, blocking_voltage)) / dwell


def ripple_damage(
    law: BayererLaw,
    celsius: jax.Array,
    ripple: jax.Array,
    frequency: jax.Array,
    shares: jax.Array,
    blocking_voltage: Number,
) -> jax.Array:
    """Damage a second by the fundamental's ripple: peak over mean (n,) [K] at frequencies (n,) [Hz].

    An upper estimate: the law's time is held at its shortest, 1 s, and its swing far below the tested 45 K, where wires
    hardly yield."""
    cycles = bayerer_cycles(law, 2.0 * ripple, celsius + ripple, 1.0, blocking_voltage)
    return jnp.sum(shares * frequency / cycles)
