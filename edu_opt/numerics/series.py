"""Polynomials with fixed coefficients; the power series of skin effects."""

from __future__ import annotations

import math
from collections.abc import Sequence

import jax
import jax.numpy as jnp

TERMS = 12  # of the power series in xi^4: exact to 1e-12 up to xi = 6, to 1e-4 up to xi = 10 (test)


def horner(coefficients: Sequence[float], x: jax.Array) -> jax.Array:
    """Polynomial with coefficients from the highest power down at x."""
    total = jnp.full_like(x, coefficients[0])
    for value in coefficients[1:]:
        total = total * x + value
    return total


def power_series(first: int, terms: int = TERMS) -> tuple[float, ...]:
    """Coefficients 1/(4 k + first)! for k = 0..terms-1, highest power first, of hyperbolic less trigonometric sums."""
    return tuple(1.0 / math.factorial(4 * k + first) for k in reversed(range(terms)))
