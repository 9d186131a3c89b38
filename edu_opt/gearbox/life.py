"""Life factors and damage: log-log life curves with smooth knees, Miner's rule for a spectrum (ISO 6336-6)."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from edu_opt.numerics.smooth import smooth_positive

KNEE = 0.02  # half width of a knee in ln(cycles): a bias below 0.1 % of the factor
KNEE_STRESS = 1e-3  # half width of the knee in ln(stress): 1 % of ln N at the knee itself
NEWTON_STEPS = 12
SMALLEST_CYCLES = 1e-12
SMALLEST_STRESS = 1e3  # Pa


def life_factor(cycles: jax.Array, corners: jax.Array, factors: jax.Array) -> jax.Array:
    """Z_NT or Y_NT at a number of load cycles: constant below the first corner and above the last; any shape."""
    x = jnp.log(cycles + SMALLEST_CYCLES)
    knots, values = jnp.log(corners), jnp.log(factors)
    first = (values[1] - values[0]) / (knots[1] - knots[0])
    second = (values[2] - values[1]) / (knots[2] - knots[1])
    line = values[0] + first * smooth_positive(x - knots[0], KNEE)
    line = line + (second - first) * smooth_positive(x - knots[1], KNEE)
    return jnp.exp(line - second * smooth_positive(x - knots[2], KNEE))


def log_cycles_to_failure(log_stress: jax.Array, corners: jax.Array, factors: jax.Array) -> tuple[jax.Array, jax.Array]:
    """(ln N, -d ln N / d ln stress) at ln(stress / endurance limit): both slopes of the life curve, beyond its ends
    too.

    Beyond the static limit the first slope goes on (the check against yield is apart); below the last ordinate the
    second slope goes on (Miner with the full spectrum, conservative: ISO 6336-6 counts no damage there).
    """
    knots, values = jnp.log(corners), jnp.log(factors)
    steep = (knots[..., 1] - knots[..., 0]) / (values[..., 0] - values[..., 1])
    flat = (knots[..., 2] - knots[..., 1]) / (values[..., 1] - values[..., 2])
    x = log_stress - values[..., 1]
    # ln N = knee - mean slope x + half the difference of slopes times a rounded |x|
    root = jnp.sqrt(x * x + KNEE_STRESS**2)
    half_sum, half_difference = 0.5 * (flat + steep), 0.5 * (flat - steep)
    return knots[..., 1] - half_sum * x + half_difference * root, half_sum - half_difference * x / root


def log_damage(
    log_safety: jax.Array,
    cycles: jax.Array,
    stress: jax.Array,
    limit: jax.Array,
    corners: jax.Array,
    factors: jax.Array,
) -> tuple[jax.Array, jax.Array]:
    """(ln of Miner's sum, its slope in ln S) when every stress is raised by S; sums over the last axis (blocks)."""
    log_stress = jnp.log((stress + SMALLEST_STRESS) / limit) + log_safety[..., None]
    log_life, slope = log_cycles_to_failure(log_stress, corners, factors)
    terms = jnp.log(cycles + SMALLEST_CYCLES) - log_life
    largest = jax.lax.stop_gradient(jnp.max(terms, axis=-1, keepdims=True))
    shares = jnp.exp(terms - largest)
    total = jnp.sum(shares, axis=-1)
    return largest[..., 0] + jnp.log(total), jnp.sum(shares * slope, axis=-1) / total


def spectrum_safety(
    cycles: jax.Array, stress: jax.Array, limit: jax.Array, corners: jax.Array, factors: jax.Array
) -> jax.Array:
    """Safety S on stress at which Miner's sum is 1, shape of `cycles` without its last axis (the blocks).

    cycles, stress [Pa] (..., K); limit: endurance strength at the knee with all factors but the life factor
    (broadcastable to (..., K)); corners, factors (..., 1, 3) or (3,). Newton in ln S, then two more steps that carry
    the derivatives (exact to second order).
    """
    frozen = tuple(jax.lax.stop_gradient(jnp.asarray(a)) for a in (cycles, stress, limit, corners, factors))

    def step(log_safety: jax.Array, arguments: tuple[jax.Array, ...]) -> jax.Array:
        value, slope = log_damage(log_safety, *arguments)
        return log_safety - value / slope

    start = jnp.zeros(jnp.broadcast_shapes(jnp.shape(cycles), jnp.shape(stress))[:-1])
    log_safety, _ = jax.lax.scan(lambda s, _: (step(s, frozen), None), start, None, length=NEWTON_STEPS)
    log_safety = jax.lax.stop_gradient(log_safety)
    for _ in range(2):
        log_safety = step(log_safety, (cycles, stress, limit, corners, factors))
    return jnp.exp(log_safety)
