"""A drive unit as the vehicle sees it: loss over axle speed and torque, peak and braking torque over speed.

The map is tabled on even grids from the unit's own operating points (`from_points`) and read by cubic convolution
(Keys, "Cubic convolution interpolation for digital image processing", IEEE Trans. ASSP 29 (1981) 1153, a = -1/2,
recalled): third order, once continuously differentiable but at torque 0, exact where the loss is quadratic. Few points
suffice: 9 speeds and 13 torques give the cycle loss of a data-sheet unit within 0.6 %, 33 and 49 within 0.2 % (tests).
A full 1 Hz trace costs one gather of 16 values a second.
"""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp

from edu_opt.numerics.pytree import pytree

UnitLoss = Callable[[jax.Array, jax.Array], jax.Array]


@pytree
class UnitMap:
    """One unit. top_speed [rad/s] and top_torque [N m] of the axle: ends of the grids.

    loss (S, T) [W], T odd: axle speeds from 0 to top_speed, torques from -top_torque to top_torque; DC power = torque x
    speed + loss, in both directions. peak_torque (S,) driving and braking_torque (S,) recuperating [N m] >= 0.
    open_loss (S,) [W]: what still turns with the axle while the unit is disconnected from it (0 where none was given).
    """

    top_speed: jax.Array
    top_torque: jax.Array
    loss: jax.Array
    peak_torque: jax.Array
    braking_torque: jax.Array
    open_loss: jax.Array


def grids(unit: UnitMap) -> tuple[jax.Array, jax.Array]:
    """(axle speeds (S,) rad/s, torques (T,) N m) of the table."""
    count, width = unit.loss.shape
    return jnp.linspace(0.0, 1.0, count) * unit.top_speed, jnp.linspace(-1.0, 1.0, width) * unit.top_torque


def sampled(
    loss: UnitLoss,
    peak_torque: Callable[[jax.Array], jax.Array],
    braking_torque: Callable[[jax.Array], jax.Array],
    top_speed: float | jax.Array,
    top_torque: float | jax.Array,
    shape: tuple[int, int] = (33, 49),
) -> UnitMap:
    """Map of a unit whose loss(torque, speed) and limits over speed are known as functions; an odd T has a torque 0."""
    torques, speeds = request_grid(top_speed, top_torque, shape)
    turning = speeds[:: shape[1]]
    return from_points(top_speed, top_torque, loss(torques, speeds), peak_torque(turning), braking_torque(turning))


def request_grid(
    top_speed: float | jax.Array, top_torque: float | jax.Array, shape: tuple[int, int] = (9, 13)
) -> tuple[jax.Array, jax.Array]:
    """(torques, speeds) (S T,) at the axle of all operating points of a map, in the order of `from_points`."""
    speeds, torques = jnp.linspace(0.0, 1.0, shape[0]) * top_speed, jnp.linspace(-1.0, 1.0, shape[1]) * top_torque
    return jnp.tile(torques, shape[0]), jnp.repeat(speeds, shape[1])


def from_points(
    top_speed: float | jax.Array,
    top_torque: float | jax.Array,
    loss: jax.Array,
    peak_torque: jax.Array,
    braking_torque: jax.Array,
    open_loss: jax.Array | None = None,
) -> UnitMap:
    """Map from the losses (S, T) or (S T,) [W] of the operating points of `request_grid`; limits (S,) [N m];
    open_loss (S,) [W].

    Points beyond the unit's reach carry the loss at its limit; what a cycle asks beyond it is reported as shortfall.
    """
    table = jnp.reshape(loss, (peak_torque.shape[0], -1))
    if table.shape[1] % 2 == 0:
        raise ValueError(f"a map needs torque 0 among its torques: an odd number, got {table.shape[1]}")
    return UnitMap(
        top_speed=jnp.asarray(top_speed, float),
        top_torque=jnp.asarray(top_torque, float),
        loss=table,
        peak_torque=peak_torque,
        braking_torque=braking_torque,
        open_loss=jnp.zeros_like(peak_torque) if open_loss is None else open_loss,
    )


def with_gear(unit: UnitMap, factor: float | jax.Array) -> UnitMap:
    """The same motor and losses behind a ratio that is `factor` times as large (friction in proportion to power)."""
    return UnitMap(
        top_speed=unit.top_speed / factor,
        top_torque=unit.top_torque * factor,
        loss=unit.loss,
        peak_torque=unit.peak_torque * factor,
        braking_torque=unit.braking_torque * factor,
        open_loss=unit.open_loss,
    )


def _cell(x: jax.Array, count: int) -> tuple[jax.Array, jax.Array]:
    """(first of four neighbours in a table padded by one, weights (..., 4)) at x in units of the grid, ends clamped."""
    inside = jnp.clip(x, 0.0, count - 1.0)
    cell = jnp.clip(jnp.floor(jax.lax.stop_gradient(inside)), 0, count - 2).astype(jnp.int32)
    t = (inside - cell)[..., None]
    u = 1.0 - t
    outer = jnp.concatenate([-0.5 * t * u * u, 1.0 - t * t * (2.5 - 1.5 * t)], axis=-1)
    inner = jnp.concatenate([1.0 - u * u * (2.5 - 1.5 * u), -0.5 * u * t * t], axis=-1)
    return cell, jnp.concatenate([outer, inner], axis=-1)


def _padded(table: jax.Array, axis: int) -> jax.Array:
    """Table with one more value at each end of an axis: the parabola through the last three (Keys)."""
    first = [jax.lax.slice_in_dim(table, k, k + 1, axis=axis) for k in (0, 1, 2)]
    last = [jax.lax.slice_in_dim(table, table.shape[axis] - k, table.shape[axis] - k + 1, axis=axis) for k in (1, 2, 3)]
    before, after = (3.0 * a - 3.0 * b + c for a, b, c in (first, last))
    return jnp.concatenate([before, table, after], axis=axis)


def unit_loss(unit: UnitMap, torque: jax.Array, speed: jax.Array) -> jax.Array:
    """Loss [W] at axle torque [N m] and speed [rad/s] of one shape (N,); beyond the map that of its edge.

    Driving and braking are read apart, so that the bend of the loss at torque 0 (teeth and bearings: |T|) stays sharp.
    """
    count, width = unit.loss.shape
    half = width // 2 + 1  # points of a side, torque 0 in both
    row, by_row = _cell(speed / unit.top_speed * (count - 1.0), count)
    along = torque / unit.top_torque * (half - 1.0)
    drives = torque >= 0.0
    column, by_column = _cell(jnp.where(drives, along, along + half - 1.0), half)
    column = column + jnp.where(drives, half + 2, 0)
    rows = _padded(unit.loss, 0)
    table = jnp.concatenate([_padded(rows[:, :half], 1), _padded(rows[:, half - 1 :], 1)], axis=1)
    four = jnp.arange(4)
    around = table[(row[:, None] + four)[:, :, None], (column[:, None] + four)[:, None, :]]
    return jnp.einsum("nij,ni,nj->n", around, by_row, by_column)


def _over_speed(unit: UnitMap, speed: jax.Array, *tables: jax.Array) -> tuple[jax.Array, ...]:
    """Tables (S,) read at axle speeds (N,) [rad/s]; linear between points."""
    count = unit.peak_torque.shape[0]
    x = jnp.clip(speed / unit.top_speed * (count - 1.0), 0.0, count - 1.0)
    cell = jnp.clip(jnp.floor(jax.lax.stop_gradient(x)), 0, count - 2).astype(jnp.int32)
    share = x - cell
    return tuple(table[cell] * (1.0 - share) + table[cell + 1] * share for table in tables)


def torque_limits(unit: UnitMap, speed: jax.Array) -> tuple[jax.Array, jax.Array]:
    """(peak driving, largest braking) axle torque [N m] >= 0 at axle speeds (N,) [rad/s]; linear between points."""
    peak, braking = _over_speed(unit, speed, unit.peak_torque, unit.braking_torque)
    return peak, braking


def open_loss(unit: UnitMap, speed: jax.Array) -> jax.Array:
    """Loss [W] of the disconnected unit at axle speeds (N,) [rad/s]."""
    return _over_speed(unit, speed, unit.open_loss)[0]
