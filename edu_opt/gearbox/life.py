"""Life factors and damage: log-log life curves with smooth knees, Miner's rule for a spectrum (ISO 6336-6)."""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp

from edu_opt.numerics.pytree import pytree
from edu_opt.numerics.smooth import smooth_maximum, smooth_positive

KNEE = 0.02  # half width of a knee in ln(cycles): a bias below 0.1 % of the factor
KNEE_STRESS = 1e-3  # half width of the knee in ln(stress): 1 % of ln N at the knee itself
NEWTON_STEPS = 6  # 1e-3 of ln U for any spectrum, 1e-8 for most (tests/gearbox/test_life.py)
SMALLEST_STEP = 0.02  # ln of static over endurance strength: keeps the curve falling where a factor eats it up
SMALLEST_CYCLES = 1e-12
SMALLEST_STRESS = 1e3  # Pa
SAFETY_WITHOUT_LOAD = 100.0  # of flanks that no block of a spectrum loads


def life_factor(cycles: jax.Array, corners: jax.Array, factors: jax.Array) -> jax.Array:
    """Z_NT, Y_NT, or a strength, at a number of load cycles: straight in log-log between the three corners (3,),
    constant below the first and above the last; any shape of cycles."""
    x = jnp.log(cycles + SMALLEST_CYCLES)
    knots, values = jnp.log(corners), jnp.log(factors)
    first = (values[1] - values[0]) / (knots[1] - knots[0])
    second = (values[2] - values[1]) / (knots[2] - knots[1])
    line = values[0] + first * smooth_positive(x - knots[0], KNEE)
    line = line + (second - first) * smooth_positive(x - knots[1], KNEE)
    return jnp.exp(line - second * smooth_positive(x - knots[2], KNEE))


@pytree
class Blocks:
    """Load blocks against their life curve: ln of cycles, of stress over the endurance limit, of the knee's cycles, and
    half sum and half difference of the curve's slopes below and above the knee; any common shape, blocks last."""

    log_cycles: jax.Array
    log_stress: jax.Array
    log_knee: jax.Array
    half_sum: jax.Array
    half_difference: jax.Array


def blocks_of(cycles: jax.Array, stress: jax.Array, limit: jax.Array, corners: jax.Array, factors: jax.Array) -> Blocks:
    """Blocks from cycles, stress [Pa] (..., K), endurance limit [Pa] and the curve's corners; see `spectrum_safety`.

    Beyond the static limit the first slope goes on (the check against yield is apart); below the last ordinate the
    second slope goes on (Miner with the full spectrum, conservative: ISO 6336-6 counts no damage there).
    """
    knots, values = jnp.log(corners), jnp.log(factors)
    drop = smooth_maximum(values[..., 0] - values[..., 1], SMALLEST_STEP, 1e-3)
    steep = (knots[..., 1] - knots[..., 0]) / drop
    flat = (knots[..., 2] - knots[..., 1]) / (values[..., 1] - values[..., 2])
    return Blocks(
        log_cycles=jnp.log(cycles + SMALLEST_CYCLES),
        log_stress=jnp.log((stress + SMALLEST_STRESS) / limit) - values[..., 1],
        log_knee=knots[..., 1],
        half_sum=0.5 * (flat + steep),
        half_difference=0.5 * (flat - steep),
    )


def _terms(log_safety: jax.Array, blocks: Blocks, side: jax.Array | None) -> tuple[jax.Array, jax.Array]:
    """(ln of every block's share of Miner's sum, its slope in ln S)."""
    if side is None:
        spread = log_safety[..., None]
    else:
        spread = log_safety[..., 1:] + (log_safety[..., :1] - log_safety[..., 1:]) * side
    x = blocks.log_stress + spread
    # ln N = knee - mean slope x + half the difference of slopes times a rounded |x|
    root = jnp.sqrt(x * x + KNEE_STRESS**2)
    terms = blocks.log_cycles - blocks.log_knee + blocks.half_sum * x - blocks.half_difference * root
    return terms, blocks.half_sum - blocks.half_difference * (x / root)


def _sides(side: jax.Array) -> tuple[jax.Array, jax.Array]:
    """(weights of the blocks by side (2, K), 1 for a side (2,) that has no block)."""
    weights = jnp.stack([side, 1.0 - side])
    return weights, 1.0 - jnp.max(weights, axis=-1)


def _sums(shares: jax.Array, slopes: jax.Array, side: jax.Array | None) -> tuple[jax.Array, jax.Array]:
    """Sums of shares and of shares times slopes over the blocks (of each side)."""
    # the barrier keeps the exponentials out of both sums' loops, where they would be computed twice, one by one
    shares, weighted = jax.lax.optimization_barrier((shares, shares * slopes))
    if side is None:
        return jnp.sum(shares, axis=-1), jnp.sum(weighted, axis=-1)
    weights, _ = _sides(side)
    return jnp.sum(shares[..., None, :] * weights, axis=-1), jnp.sum(weighted[..., None, :] * weights, axis=-1)


def block_damage(log_safety: jax.Array, blocks: Blocks) -> tuple[jax.Array, jax.Array]:
    """(ln of Miner's sum, its slope in ln S) when every stress is raised by S; sums over the last axis (blocks)."""
    terms, slopes = _terms(log_safety, blocks, None)
    largest = jax.lax.stop_gradient(jnp.max(terms, axis=-1, keepdims=True))
    total, weighted = _sums(jnp.exp(terms - largest), slopes, None)
    return largest[..., 0] + jnp.log(total), weighted / total


def damage_in_bracket(log_safety: jax.Array, blocks: Blocks, side: jax.Array | None) -> tuple[jax.Array, jax.Array]:
    """As `block_damage` for ln S within `safety_bounds`, where no share exceeds one by much (so nothing is scaled).

    side (K,): 1 for blocks on the driving, 0 on the coasting flanks; log_safety (..., 2) = (driving, coasting) then has
    a sum of its own each. A side without blocks counts one of `SAFETY_WITHOUT_LOAD` and slope one.
    """
    terms, slopes = _terms(log_safety, blocks, side)
    total, weighted = _sums(jnp.exp(terms), slopes, side)
    if side is not None:
        unloaded = _sides(side)[1] * jnp.exp(log_safety - math.log(SAFETY_WITHOUT_LOAD))
        total, weighted = total + unloaded, weighted + unloaded
    return jnp.log(total), weighted / total


def log_damage(
    log_safety: jax.Array,
    cycles: jax.Array,
    stress: jax.Array,
    limit: jax.Array,
    corners: jax.Array,
    factors: jax.Array,
) -> tuple[jax.Array, jax.Array]:
    """`block_damage` of blocks given as for `spectrum_safety`."""
    return block_damage(log_safety, blocks_of(cycles, stress, limit, corners, factors))


def safety_bounds(blocks: Blocks, side: jax.Array | None = None) -> tuple[jax.Array, jax.Array]:
    """(low, high) of ln S: at high the worst block alone uses up its life; at low K equal blocks would, together.
    side: see `damage_in_bracket`; both then have a last axis of 2."""
    left = blocks.log_knee - blocks.log_cycles
    above, below = blocks.half_sum - blocks.half_difference, blocks.half_sum + blocks.half_difference
    # fewer cycles than the knee: the slope above it holds, else the one below
    reach = left / jnp.where(left > 0.0, above, below) - blocks.log_stress
    count = reach.shape[-1]
    slope = jnp.min(jnp.broadcast_to(jnp.minimum(above, below), reach.shape), axis=-1)
    if side is None:
        high = jnp.min(reach, axis=-1) + KNEE_STRESS
    else:
        weights, absent = _sides(side)
        largest = math.log(SAFETY_WITHOUT_LOAD)
        high = jnp.min(jnp.where(weights > 0.0, reach[..., None, :], jnp.inf), axis=-1) + KNEE_STRESS
        high, slope = jnp.where(absent > 0.0, largest, high), slope[..., None]
    return high - math.log(count) / slope - 2.0 * KNEE_STRESS, high


def newton_in_bracket(blocks: Blocks, side: jax.Array | None = None) -> jax.Array:
    """ln S at which Miner's sum is 1, from the upper bound; halves the bracket where a Newton step does not shrink (it
    may swing to and fro across a knee)."""
    low, high = safety_bounds(blocks, side)
    log_safety, moved = high, high - low
    for _ in range(NEWTON_STEPS):
        value, slope = damage_in_bracket(log_safety, blocks, side)
        low, high = jnp.where(value < 0.0, log_safety, low), jnp.where(value < 0.0, high, log_safety)
        newton, half = value / slope, log_safety - 0.5 * (low + high)
        outside = (log_safety - newton - low) * (log_safety - newton - high) > 0.0
        swings = outside | (2.0 * jnp.abs(newton) > jnp.abs(moved))
        moved = jnp.where(swings & (jnp.abs(value) > 1e-6), half, newton)
        log_safety = log_safety - moved
    return log_safety


def spectrum_safety(
    cycles: jax.Array,
    stress: jax.Array,
    limit: jax.Array,
    corners: jax.Array,
    factors: jax.Array,
    side: jax.Array | None = None,
) -> jax.Array:
    """Safety S on stress at which Miner's sum is 1, shape of `stress` without its last axis (the blocks).

    stress [Pa] (..., K); cycles and limit, the endurance strength at the knee, broadcast to it; corners [cycles] and
    factors (strength over limit) at the three corners, (..., K, 3), (..., 1, 3) or (3,). Newton in ln S; derivatives of
    any order by the implicit function theorem. side (K,): 1 driving, 0 coasting: blocks of either side have a sum of
    their own, the safeties (..., 2) = (driving, coasting); `SAFETY_WITHOUT_LOAD` of a side that has none.
    """
    blocks = blocks_of(cycles, stress, limit, corners, factors)
    frozen = jax.tree.map(jax.lax.stop_gradient, blocks)
    shape = stress.shape[:-1] if side is None else (*stress.shape[:-1], 2)
    log_safety = jax.lax.custom_root(
        lambda s: damage_in_bracket(s, blocks, side)[0],
        jnp.zeros(shape),
        lambda _function, _start: newton_in_bracket(frozen, side),
        lambda linear, right: right / linear(jnp.ones_like(right)),
    )
    return jnp.exp(log_safety)
