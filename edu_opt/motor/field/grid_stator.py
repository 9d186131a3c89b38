"""Node coordinates of the stator grid."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from edu_opt.motor.field.grid import FieldGrid
from edu_opt.motor.geometry import StatorGeometry
from edu_opt.numerics.smooth import safe_sqrt, smooth_maximum

_ARC_END = np.deg2rad(60.0)  # the wall column leaves the corner's arc here, the bottom line takes over
_ARC_ROWS = 0.25  # share of the winding's rows that follow the corner's arc: a chord over it would widen the tooth
_TINY = 1e-14  # m^2
_SMOOTH = 0.2e-3  # m


def stator_nodes(grid: FieldGrid, stator: StatorGeometry, sector_angle: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Node coordinates x, y [m], each (rows + 1, columns + 1), ring 0 on the outer circle, last ring on the bore.

    Column 0 lies on the centre of slot 0 (angle 0); in the slot, lines are straight and square to the slot's axis.
    """
    slots = grid.template.slots_per_sector
    pitch = sector_angle / slots
    radius, angle = lax.optimization_barrier(_half_pitch(grid, stator, 0.5 * pitch))
    radius = jnp.concatenate([radius, radius[:, -2:0:-1]], 1)
    angle = jnp.concatenate([angle, pitch - angle[:, -2:0:-1]], 1)
    radii = jnp.concatenate([jnp.tile(radius, (1, slots)), radius[:, :1]], 1)
    turns = jnp.repeat(jnp.arange(slots), angle.shape[1]) * pitch
    angles = jnp.concatenate(
        [jnp.tile(angle, (1, slots)) + turns, jnp.full((angle.shape[0], 1), 1.0) * sector_angle], 1
    )
    radii, cosine, sine = lax.optimization_barrier((radii, jnp.cos(angles), jnp.sin(angles)))
    return radii * cosine, radii * sine


def _half_pitch(grid: FieldGrid, stator: StatorGeometry, half: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Polar node coordinates (rows + 1, half columns + 1) from the slot's centre line to the tooth's centre line."""
    yoke = grid.stator_rows[0]
    level = _slot_levels(grid, stator)
    x, y = _slot_lines(grid, stator, level)
    tooth = np.arange(1, grid.stator_half[2] + 1) / grid.stator_half[2]
    slot_radius, slot_angle = lax.optimization_barrier((jnp.sqrt(x**2 + y**2), jnp.arctan2(y, x)))
    wall_radius, wall_angle = slot_radius[:, -1], slot_angle[:, -1]
    radius = jnp.concatenate([slot_radius, jnp.broadcast_to(wall_radius[:, None], (x.shape[0], tooth.size))], 1)
    angle = jnp.concatenate([slot_angle, wall_angle[:, None] + (half - wall_angle)[:, None] * tooth], 1)
    columns = radius.shape[1] - 1
    radius = radius.at[-1].set(stator.bore_radius)
    angle = angle.at[-1].set(_opening_line(grid, stator, angle, half))
    even = half * np.arange(columns + 1) / columns
    share = (np.arange(yoke) / yoke)[:, None]
    straighten = np.clip(1.5 * (1.0 - share), 0.0, 1.0)
    yoke_radius = stator.outer_radius + (radius[0] - stator.outer_radius) * share
    yoke_angle = angle[0] * (1.0 - straighten) + even * straighten
    return jnp.concatenate([yoke_radius, radius]), jnp.concatenate([yoke_angle, angle])


def _opening_line(grid: FieldGrid, stator: StatorGeometry, angle: jax.Array, half: jax.Array) -> jax.Array:
    """Angles of the half pitch on the bore: opening at its true width, the rest as on the ring above it."""
    opening = grid.stator_half[0]
    edge = jnp.arcsin(0.5 * stator.opening_width / stator.bore_radius)
    inside = edge * np.arange(opening + 1) / opening
    above = angle[-2, opening:]
    stretch = (half - edge) / (half - above[0])
    return jnp.concatenate([inside[:-1], half - (half - above) * stretch])


def _slot_levels(grid: FieldGrid, stator: StatorGeometry) -> dict[str, jax.Array]:
    """Heights along the slot's axis [m]: opening edge, end of tip, start of winding, start of corner, wall end,
    bottom."""
    edge = jnp.sqrt(stator.bore_radius**2 - 0.25 * stator.opening_width**2)
    tip = edge + stator.tip_height
    start = tip + (stator.wedge_height if grid.template.slot_shape == "wedge" else 0.0)
    bottom = start + stator.slot_depth
    corner = bottom - stator.corner_radius
    return {
        "edge": edge,
        "tip": tip,
        "start": start,
        "corner": corner,
        "wall_end": corner + stator.corner_radius * np.sin(_ARC_END),
        "bottom": bottom,
    }


def _slot_lines(grid: FieldGrid, stator: StatorGeometry, level: dict[str, jax.Array]) -> tuple[jax.Array, jax.Array]:
    """Cartesian nodes of half a slot, rings from the bottom line to the bore: x, y (rings, opening + shoulder + 1)."""
    opening, shoulder, _ = grid.stator_half
    _, body, wedge, tip = grid.stator_rows
    along = _row_positions(body, level)
    wall_x = level["start"] + (level["wall_end"] - level["start"]) * along
    wall_y = _wall(stator, level, wall_x)
    columns = opening + shoulder
    even = np.arange(columns + 1) / columns
    share = np.broadcast_to(even, (body + 1, columns + 1))
    if shoulder:
        # Near the opening the columns keep its width, deeper they even out.
        near = np.clip(1.0 - np.arange(body, -1, -1) / body / 0.4, 0.0, 1.0)[:, None]
        ratio = stator.opening_width / stator.slot_width_top
        stepped = jnp.concatenate(
            [ratio * np.arange(opening) / opening, ratio + (1 - ratio) * np.arange(shoulder + 1) / shoulder]
        )
        share = near * stepped + (1.0 - near) * even
    y = wall_y[:, None] * share
    bottom_x = _bottom(stator, level, wall_y[0] * even)
    x = wall_x[:, None] + along[:, None] * (bottom_x - level["wall_end"])
    if wedge:
        across = (np.arange(wedge - 1, -1, -1) / wedge)[:, None]  # 0 at the end of the tip
        width = stator.opening_width + (stator.slot_width_top - stator.opening_width) * across
        x = jnp.concatenate([x, (level["tip"] + (level["start"] - level["tip"]) * across) * np.ones(columns + 1)])
        y = jnp.concatenate([y, 0.5 * width * even])
    # The tip's inner rings sag from the straight line towards the bore's arc.
    down = (np.arange(1, tip + 1) / tip)[:, None]
    last_y = y[-1:]
    bore_x = jnp.sqrt(stator.bore_radius**2 - last_y**2)
    x_tip = level["tip"] + (bore_x - level["tip"]) * down
    return jnp.concatenate([x, x_tip]), jnp.concatenate([y, jnp.broadcast_to(last_y, x_tip.shape)])


def _row_positions(body: int, level: dict[str, jax.Array]) -> jax.Array:
    """Positions of the winding's rows (body + 1,) along the wall, 1 at its end, 0 at the start of the winding.

    The last rows span the corner's arc, or half of an even share of the height where the arc is smaller.
    """
    curved = max(1, round(_ARC_ROWS * body))
    height = level["wall_end"] - level["start"]
    arc = smooth_maximum(level["wall_end"] - level["corner"], 0.5 * height * curved / body, _SMOOTH) / height
    bend = 1.0 - arc * np.arange(curved) / curved
    return jnp.concatenate([bend, (1.0 - arc) * np.arange(body - curved, -1, -1) / (body - curved)])


def _wall(stator: StatorGeometry, level: dict[str, jax.Array], x: jax.Array) -> jax.Array:
    """Half width of the slot at height x: straight to the corner, then its arc."""
    share = jnp.clip((x - level["start"]) / (level["corner"] - level["start"]), 0.0, 1.0)
    straight = 0.5 * (stator.slot_width_top + (stator.slot_width_bottom - stator.slot_width_top) * share)
    into = jnp.maximum(x - level["corner"], 0.0)
    return straight - stator.corner_radius + safe_sqrt(jnp.maximum(stator.corner_radius**2 - into**2, 0.0), _TINY)


def _bottom(stator: StatorGeometry, level: dict[str, jax.Array], y: jax.Array) -> jax.Array:
    """Height of the slot's bottom line at distance y from its axis: flat, then the corner's arc."""
    into = jnp.maximum(y - (0.5 * stator.slot_width_bottom - stator.corner_radius), 0.0)
    return level["corner"] + safe_sqrt(jnp.maximum(stator.corner_radius**2 - into**2, 0.0), _TINY)
