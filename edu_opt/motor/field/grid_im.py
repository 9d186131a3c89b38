"""Node coordinates of half a bar pitch of a cage rotor."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from edu_opt.motor.cage import CageRotor
from edu_opt.motor.field.grid import FieldGrid
from edu_opt.numerics.smooth import safe_sqrt, smooth_maximum

_ARC_END = np.deg2rad(60.0)  # the bar's side leaves the corner's arc here, the end line takes over
_TINY = 1e-14  # m^2
_SMOOTH = 0.1e-3  # m


def cage_half_nodes(grid: FieldGrid, rotor: CageRotor, half_pitch: jax.Array) -> tuple[jax.Array, jax.Array, jax.Array]:
    """x, y (rows + 1, half columns + 1) [m] from the bar's axis (on +x) to the middle of the tooth, and the gap ring's
    radius [m]. `half_pitch`: half the angle between bars [rad]."""
    yoke = grid.rotor_rows[0]
    opening, shoulder, tooth = grid.rotor_half
    x, y = _bar_lines(grid, rotor)
    radius, angle = jnp.sqrt(x**2 + y**2), jnp.arctan2(y, x)
    outwards = np.arange(1, tooth + 1) / tooth
    side_radius, side_angle = radius[:, -1:], angle[:, -1:]
    radius = jnp.concatenate([radius, side_radius + 0.0 * outwards], 1)
    angle = jnp.concatenate([angle, side_angle + (half_pitch - side_angle) * outwards], 1)
    even = half_pitch * np.arange(opening + shoulder + tooth + 1) / (opening + shoulder + tooth)
    inwards = np.arange(yoke)[:, None] / yoke
    yoke_radius = rotor.shaft_radius + (radius[0] - rotor.shaft_radius) * inwards
    yoke_angle = even + (angle[0] - even) * inwards
    top_radius, top_angle = _surface_lines(grid, rotor, radius[-1], angle[-1], half_pitch)
    radius = jnp.concatenate([yoke_radius, radius, top_radius])
    angle = jnp.concatenate([yoke_angle, angle, top_angle])
    return radius * jnp.cos(angle), radius * jnp.sin(angle), rotor.outer_radius


def _bar_lines(grid: FieldGrid, rotor: CageRotor) -> tuple[jax.Array, jax.Array]:
    """Cartesian nodes of half a bar (bar rows + 1, opening + shoulder + 1), from its bottom to its top."""
    opening, shoulder, _ = grid.rotor_half
    rows, columns = grid.rotor_rows[1], opening + shoulder
    top = rotor.outer_radius - rotor.bridge
    bottom = top - rotor.bar_depth
    low, high = bottom + rotor.corner_radius_bottom, top - rotor.corner_radius_top
    first = low - rotor.corner_radius_bottom * np.sin(_ARC_END)
    last = high + rotor.corner_radius_top * np.sin(_ARC_END)
    side = _side_heights(rows, first, low, high, last)
    wall, low_wall, high_wall = (_half_width(rotor, low, high, bottom, top, x) for x in (side, low, high))
    share = np.arange(columns + 1) / columns
    if opening:
        # Near the opening the columns keep its width, deeper they even out.
        near = np.clip(1.0 - np.arange(rows, -1, -1) / rows / 0.4, 0.0, 1.0)[:, None]
        ratio = rotor.opening_width / (2.0 * wall[-1])
        inside, outside = np.arange(opening) / opening, np.arange(shoulder + 1) / shoulder
        share = share + near * (jnp.concatenate([ratio * inside, ratio + (1.0 - ratio) * outside]) - share)
    y = wall[:, None] * share
    start = _end_line(low_wall, rotor.corner_radius_bottom, y[0]) - (low - first)
    end = _end_line(high_wall, rotor.corner_radius_top, y[-1]) - (last - high)
    along = (np.arange(rows + 1) / rows)[:, None]
    return side[:, None] - (1.0 - along) * start + along * end, y


def _side_heights(rows: int, first: jax.Array, low: jax.Array, high: jax.Array, last: jax.Array) -> jax.Array:
    """Heights of the bar's rows (rows + 1,) along its side: one row in each corner's arc, or half an even share."""
    even = (last - first) / rows
    start, end = (smooth_maximum(arc, 0.5 * even, _SMOOTH) for arc in (low - first, last - high))
    between = np.arange(rows - 1) / (rows - 2)
    middle = first + start + (last - end - first - start) * between
    return jnp.concatenate([first[None], middle, last[None]])


def _half_width(
    rotor: CageRotor, low: jax.Array, high: jax.Array, bottom: jax.Array, top: jax.Array, x: jax.Array
) -> jax.Array:
    """Half width of the bar at height x: its straight side, within the corners the arcs that touch it there."""
    share = (jnp.clip(x, low, high) - bottom) / (top - bottom)
    straight = 0.5 * (rotor.bar_width_bottom + (rotor.bar_width_top - rotor.bar_width_bottom) * share)
    below, above = jnp.maximum(low - x, 0.0), jnp.maximum(x - high, 0.0)
    return (
        straight
        - (rotor.corner_radius_bottom - safe_sqrt(jnp.maximum(rotor.corner_radius_bottom**2 - below**2, 0.0), _TINY))
        * (below > 0.0)
        - (rotor.corner_radius_top - safe_sqrt(jnp.maximum(rotor.corner_radius_top**2 - above**2, 0.0), _TINY))
        * (above > 0.0)
    )


def _end_line(half_width: jax.Array, corner: jax.Array, y: jax.Array) -> jax.Array:
    """Height of a bar's end over the start of its corners at distance y from the axis: flat, then the corner's arc."""
    into = jnp.maximum(y - (half_width - corner), 0.0)
    return safe_sqrt(jnp.maximum(corner**2 - into**2, 0.0), _TINY)


def _surface_lines(
    grid: FieldGrid, rotor: CageRotor, radius: jax.Array, angle: jax.Array, half_pitch: jax.Array
) -> tuple[jax.Array, jax.Array]:
    """Polar nodes of the rings above the bar's top, the last one on the surface."""
    opening = grid.rotor_half[0]
    columns = radius.size - 1
    upwards = (np.arange(1, grid.rotor_rows[2] + 1) / grid.rotor_rows[2])[:, None]
    end = half_pitch * np.arange(columns + 1) / columns
    if opening:
        edge = jnp.arcsin(0.5 * rotor.opening_width / rotor.outer_radius)
        beyond = columns - opening
        inside = edge * np.arange(opening) / opening
        end = jnp.concatenate([inside, edge + (half_pitch - edge) * np.arange(beyond + 1) / beyond])
    return radius + (rotor.outer_radius - radius) * upwards, angle + (end - angle) * upwards
