"""Drag of gears that turn in the air-oil mist of a housing (ventilation loss).

T = 1.37e-9 v^1.9 d^1.6 b^0.52 m_n^0.69, with m/s and mm: J. Maurer, Lastunabhaengige Verzahnungsverluste
schnellaufender Stirnradgetriebe, Diss. Univ. Stuttgart 1994, as quoted in TUMFTM Getrieberechnung.m (which leaves it
out of its sum).
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from edu_opt.numerics.powers import power

SMALLEST_VELOCITY = 0.01  # m/s


def windage_loss(diameter: jax.Array, width: jax.Array, module: jax.Array, speed: jax.Array) -> jax.Array:
    """Power [W] of a gear of pitch diameter, width, normal module [m] at a speed [rad/s] >= 0."""
    velocity = jnp.sqrt((0.5 * diameter * speed) ** 2 + SMALLEST_VELOCITY**2)
    size = power(diameter * 1e3, 1.6) * power(width * 1e3, 0.52) * power(module * 1e3, 0.69)
    return 1.37e-9 * power(velocity, 1.9) * size * speed
