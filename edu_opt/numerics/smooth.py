"""Smooth replacements for max, min, abs, clip and steps; the only file in which smoothing happens.

Each primitive has a `width` in the physical unit of its argument and states its bias. All are C-infinity (no kinks to
stall a second-order step) and finite in value and derivative for every finite input.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

Number = float | jax.Array


def smooth_positive(x: Number, width: Number) -> jax.Array:
    """Smooth max(x, 0) = (x + sqrt(x^2 + width^2)) / 2.

    Bias: never below max(x, 0); above it by at most width/2 (at x = 0), by width^2/(4|x|) far away.
    """
    return jnp.asarray(0.5 * (x + jnp.sqrt(x * x + width * width)))


def smooth_maximum(a: Number, b: Number, width: Number) -> jax.Array:
    """Smooth max(a, b); bias in [0, width/2], largest where a = b."""
    return b + smooth_positive(a - b, width)


def smooth_minimum(a: Number, b: Number, width: Number) -> jax.Array:
    """Smooth min(a, b); bias in [-width/2, 0], largest where a = b."""
    return b - smooth_positive(b - a, width)


def smooth_clip(x: Number, low: Number, high: Number, width: Number) -> jax.Array:
    """Smooth clip to [low, high]; bias at most width/2 at either end, outwards at low and inwards at high."""
    return smooth_minimum(smooth_maximum(x, low, width), high, width)


def saturate_above(x: Number, start: float, limit: float) -> jax.Array:
    """x up to `start`, exactly; bends from there to `limit`, which it keeps from 2 limit - start on. C2, polynomial.

    Bias at x = limit: -3/16 of (limit - start).
    """
    width = 2.0 * (limit - start)
    way = jnp.clip((jnp.asarray(x) - start) / width, 0.0, 1.0)
    return jnp.minimum(jnp.asarray(x), start + width) - width * way**3 * (1.0 - 0.5 * way)


def smooth_count(need: Number) -> jax.Array:
    """Smooth number of whole machines for a need >= 0 of machines: 1 up to half a machine, then a stair that rises by 1
    around every whole need and is flat halfway between (need 1.5: exactly 2 within 1e-3).

    Bias against the ceiling: in [-1/2, 1/2], -1/2 just above a whole need, +1/2 just below; monotone, C-infinity.
    """
    stair = need + 0.5 + jnp.sin(2.0 * jnp.pi * need) / (2.0 * jnp.pi)
    return smooth_maximum(stair, 1.0, 0.05)


def smooth_absolute(x: jax.Array, width: float | jax.Array) -> jax.Array:
    """Smooth |x| = sqrt(x^2 + width^2) - width: zero at zero, below |x| by less than width."""
    return jnp.sqrt(x * x + width * width) - width


def smooth_sign(x: jax.Array, width: float | jax.Array) -> jax.Array:
    """Smooth sign(x) = x / sqrt(x^2 + width^2)."""
    return x / jnp.sqrt(x * x + width * width)


def smooth_step(x: jax.Array, width: float | jax.Array) -> jax.Array:
    """Smooth unit step, 1/2 at x = 0, 0.02 and 0.98 at x = -+2 width."""
    return jax.nn.sigmoid(2.0 * x / width)


def blend(
    x: jax.Array, centre: float | jax.Array, width: float | jax.Array, below: jax.Array, above: jax.Array
) -> jax.Array:
    """Smooth change from `below` to `above` where x passes `centre`; `width` as in `smooth_step`."""
    share = smooth_step(x - centre, width)
    return below + (above - below) * share


def soft_maximum(x: jax.Array, width: float | jax.Array, axis: int | None = None) -> jax.Array:
    """Kreisselmeier-Steinhauser maximum over an axis; bias in [0, width*log(n)] (conservative for `worst of`)."""
    top = jax.lax.stop_gradient(jnp.max(x, axis=axis, keepdims=True))
    total = jnp.sum(jnp.exp((x - top) / width), axis=axis)
    return top.reshape(total.shape) + width * jnp.log(total)


def soft_minimum(x: jax.Array, width: float | jax.Array, axis: int | None = None) -> jax.Array:
    """Kreisselmeier-Steinhauser minimum over an axis; bias in [-width*log(n), 0] (conservative for margins)."""
    return -soft_maximum(-x, width, axis)


def safe_sqrt(x: jax.Array, floor: float) -> jax.Array:
    """sqrt(x + floor): finite slope at x = 0; bias below sqrt(floor)."""
    return jnp.sqrt(x + floor)


def safe_norm(x: jax.Array, floor: float, axis: int = -1) -> jax.Array:
    """Euclidean norm with a finite slope at zero; `floor` in the unit of x, bias below floor."""
    return jnp.sqrt(jnp.sum(x * x, axis=axis) + floor * floor)
