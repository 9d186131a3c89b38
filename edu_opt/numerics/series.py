"""Polynomials with fixed coefficients."""

from __future__ import annotations

from collections.abc import Sequence

import jax
import jax.numpy as jnp


def horner(coefficients: Sequence[float], x: jax.Array) -> jax.Array:
    """Polynomial with coefficients from the highest power down at x."""
    total = jnp.full_like(x, coefficients[0])
    for value in coefficients[1:]:
        total = total * x + value
    return total
