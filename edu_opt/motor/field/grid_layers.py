"""Node coordinates of a pole with several flux barriers."""

from __future__ import annotations

import itertools

import jax
import jax.numpy as jnp
import numpy as np

from edu_opt.motor.barriers import LayeredRotor, length_of, points_along
from edu_opt.motor.field.grid import FieldGrid, barrier_cells
from edu_opt.motor.field.grid_sections import Section, row_counts, starts
from edu_opt.numerics.smooth import smooth_minimum

_SHAFT_EVENING = 0.5  # share of even spacing in the columns at the shaft (the rest follows the innermost barrier)

_ROOM = 0.85  # share of the room up to a barrier's next own line that lines from the border above take at most

Station = tuple[int, jax.Array | float]  # line of the grid, length along a border at which it lies
# A border of a barrier on the grid: nodes of its centre (columns), nodes of its arm (rows), column and row of its knee.
Border = tuple[jax.Array, jax.Array, int, int]


def layered_half_nodes(
    grid: FieldGrid, rotor: LayeredRotor, half_pitch: jax.Array
) -> tuple[jax.Array, jax.Array, jax.Array, jax.Array]:
    """x, y (rows + 1, half columns + 1) [m] from the d axis (on +x) to the q axis, the gap ring's radius [m], and the
    direction of magnetization (2, rows, half columns), zero outside the magnets."""
    count, top = len(grid.template.barriers), starts(_rows(grid))["bridge", 0]
    bridge_line = _bridge_line(grid, rotor, half_pitch)
    borders: list[Border] = []
    above: list[Station] = []
    for k in range(count):
        inner, outer = _column_stations(grid, rotor, k, above)
        borders += [_inner_border(grid, rotor, k, inner), _outer_border(grid, rotor, k, outer)]
        above = outer
    borders.append(_shaft_and_q_axis(grid, rotor, borders[-1], bridge_line[-1], half_pitch))
    centre, arm, column, row = borders[0]
    axis = _straight(centre[0], bridge_line[0], top - row)
    nodes = jnp.zeros((sum(grid.rotor_rows) + 1, sum(grid.rotor_half) + 1, 2))
    nodes = _placed(nodes, row, 0, _patch(centre, bridge_line[: column + 1], axis, arm))
    for near, far in itertools.pairwise(borders):
        for at, block in _angle_between(near, far, bridge_line):
            nodes = _placed(nodes, *at, block)
    surface = rotor.outer_radius * _direction(jnp.arctan2(bridge_line[:, 1], bridge_line[:, 0]))
    rise = np.linspace(0.0, 1.0, nodes.shape[0] - top)[:, None, None]
    nodes = _placed(nodes, top, 0, bridge_line + (surface - bridge_line) * rise)
    return nodes[..., 0], nodes[..., 1], rotor.outer_radius, _magnetization(grid, rotor)


def _direction(angle: jax.Array) -> jax.Array:
    return jnp.stack([jnp.cos(angle), jnp.sin(angle)], -1)


def _straight(first: jax.Array, last: jax.Array, count: int) -> jax.Array:
    return first + (last - first) * np.linspace(0.0, 1.0, count + 1)[:, None]


def _placed(nodes: jax.Array, row: int, column: int, block: jax.Array) -> jax.Array:
    return nodes.at[row : row + block.shape[0], column : column + block.shape[1]].set(block)


def _patch(bottom: jax.Array, top: jax.Array, left: jax.Array, right: jax.Array) -> jax.Array:
    """Nodes (rows + 1, columns + 1, 2) between four lines: transfinite interpolation, S. Coons, MIT MAC-TR-41, 1967
    (recalled)."""
    v, u = (np.linspace(0.0, 1.0, n)[:, None] for n in (left.shape[0], bottom.shape[0]))
    v = v[:, None]
    corners = (1 - v) * ((1 - u) * bottom[0] + u * bottom[-1]) + v * ((1 - u) * top[0] + u * top[-1])
    return jnp.asarray((1 - v) * bottom + v * top + (1 - u) * left[:, None] + u * right[:, None] - corners)


def _angle_between(near: Border, far: Border, bridge_line: jax.Array) -> list[tuple[tuple[int, int], jax.Array]]:
    """Blocks of the L between two borders, each with its first row and column: under the near border's centre, at the
    knees, beyond its arm."""
    centre, arm, column, row = near
    far_centre, far_arm, far_column, far_row = far
    high, wide = row - far_row, far_column - column
    axis = _straight(far_centre[0], centre[0], high)
    below = _straight(far_centre[column], centre[-1], high)
    beside = _straight(arm[0], far_arm[high], wide)
    return [
        ((far_row, 0), _patch(far_centre[: column + 1], centre, axis, below)),
        ((far_row, column), _patch(far_centre[column:], beside, below, far_arm[: high + 1])),
        ((row, column), _patch(beside, bridge_line[column : far_column + 1], arm, far_arm[high:])),
    ]


def _rows(grid: FieldGrid) -> dict[Section, int]:
    return row_counts(grid.template.barriers, grid.level)


def _spread(stations: list[Station]) -> jax.Array:
    """Lengths at all lines from those at some, evenly in between; the first line is 0."""
    lines = np.array([line for line, _ in stations])
    weights = np.array([np.interp(np.arange(lines[-1] + 1), lines, unit) for unit in np.eye(len(lines))])
    return jnp.stack([jnp.asarray(length, float) for _, length in stations]) @ weights


def _inner_border(grid: FieldGrid, rotor: LayeredRotor, k: int, along: list[Station]) -> Border:
    column, row, _, _ = grid.barrier_lines(k)
    arm = rotor.inner_arm[k]
    up: list[Station] = [
        (0, 0.0),
        *_arm_stations(grid, rotor, k, 0, row),
        (starts(_rows(grid))["bridge", 0] - row, length_of(arm)),
    ]
    return points_along(rotor.inner_centre[k], _spread(along)), points_along(arm, _spread(up)), column, row


def _outer_border(grid: FieldGrid, rotor: LayeredRotor, k: int, along: list[Station]) -> Border:
    _, near_row, column, row = grid.barrier_lines(k)
    arm = rotor.outer_arm[k]
    up: list[Station] = [(0, 0.0), (near_row - row, rotor.knee_feet[k, 1]), *_arm_stations(grid, rotor, k, 1, row)]
    up.append((starts(_rows(grid))["bridge", 0] - row, length_of(arm)))
    return points_along(rotor.outer_centre[k], _spread(along)), points_along(arm, _spread(up)), column, row


def _column_stations(
    grid: FieldGrid, rotor: LayeredRotor, k: int, above: list[Station]
) -> tuple[list[Station], list[Station]]:
    """Column lines whose place on the centre of the inner and of the outer border of barrier k is set: its own, and
    those of the outer border above at the same lengths, or closer where its own leave less room."""
    near_column, _, column, _ = grid.barrier_lines(k)
    length, foot = length_of(rotor.inner_centre[k]), rotor.knee_feet[k, 0]
    inner: list[Station] = [*_centre_stations(grid, rotor, k, 0), (near_column, length)]
    outer: list[Station] = [
        *_centre_stations(grid, rotor, k, 1),
        (near_column, foot),
        (column, length_of(rotor.outer_centre[k])),
    ]
    if above:
        last, reach = above[-1]
        room = next(place for line, place in inner if line > last)
        scale = smooth_minimum(1.0, _ROOM * room / reach, 0.05)
        own = [line for line, _ in inner if line <= last]
        extra = [(line, scale * place) for line, place in above if line > own[-1]]
        inner = sorted([*inner, *extra], key=lambda station: station[0])
        outer = sorted([*outer, *((line, place * foot / length) for line, place in extra)], key=lambda s: s[0])
    return inner, outer


def _centre_stations(grid: FieldGrid, rotor: LayeredRotor, k: int, side: int) -> list[Station]:
    """Column lines whose place on the centre of a border (0 inner, 1 outer) is given: d axis, post, magnet."""
    barrier, first = grid.template.barriers[k], starts(grid.column_sections)
    stations: list[Station] = [(0, 0.0)]
    span, border = rotor.centre_magnet[k, side], (rotor.inner_centre, rotor.outer_centre)[side][k]
    if barrier.post:
        step = border[1] - border[0]
        half = 0.5 * rotor.post_width[k, side]
        stations.append((grid.column_sections["post", 0], half * length_of(border[:2]) / step[1]))
    if barrier.centre == "magnet":
        if barrier.post:
            stations.append((first["centre", 0], span[0]))
        stations.append((first["end", k], span[1]))
    return stations


def _arm_stations(grid: FieldGrid, rotor: LayeredRotor, k: int, side: int, knee: int) -> list[Station]:
    """Row lines, counted from the border's knee, at which an arm's magnet starts and ends."""
    if grid.template.barriers[k].arm != "magnet":
        return []
    first, span = starts(_rows(grid)), rotor.arm_magnet[k, side]
    return [(first["iron" if k else "cap", k] - knee, span[0]), (first["tail", 0] - knee, span[1])]


def _bridge_line(grid: FieldGrid, rotor: LayeredRotor, half_pitch: jax.Array) -> jax.Array:
    """Nodes (columns + 1, 2) under the bridges from the d to the q axis: through the tips, arcs in between."""
    radius, angle = jnp.sqrt(jnp.sum(rotor.tip**2, -1)), jnp.arctan2(rotor.tip[..., 1], rotor.tip[..., 0])
    pieces_radius, pieces_angle = [], []
    last_radius, last_angle, last_column = radius[0, 0], jnp.zeros(()), 0
    for k in range(len(grid.template.barriers)):
        left, _, right, _ = grid.barrier_lines(k)
        step = np.arange(left - last_column) / (left - last_column)
        pieces_radius.append(last_radius + (radius[k, 0] - last_radius) * step)
        pieces_angle.append(last_angle + (angle[k, 0] - last_angle) * step)
        line = jnp.stack([radius[k], angle[k]], -1)
        share = np.arange(right - left) / (right - left) * (radius.shape[1] - 1)
        pieces_radius.append(jnp.interp(share, np.arange(radius.shape[1]), line[:, 0]))
        pieces_angle.append(jnp.interp(share, np.arange(radius.shape[1]), line[:, 1]))
        last_radius, last_angle, last_column = radius[k, -1], angle[k, -1], right
    web = sum(grid.rotor_half) - last_column
    pieces_radius.append(jnp.broadcast_to(last_radius, (web + 1,)))
    pieces_angle.append(last_angle + (half_pitch - last_angle) * np.arange(web + 1) / web)
    return jnp.concatenate(pieces_radius)[:, None] * _direction(jnp.concatenate(pieces_angle))


def _shaft_and_q_axis(
    grid: FieldGrid, rotor: LayeredRotor, innermost: Border, top: jax.Array, half_pitch: jax.Array
) -> Border:
    """Shaft as the centre, q axis as the arm of a last border; the q axis takes the radii of the innermost arm."""
    centre, arm, _, row = innermost
    columns = sum(grid.rotor_half)
    web = columns + 1 - centre.shape[0]
    angle = jnp.arctan2(centre[:, 1], centre[:, 0])
    above = jnp.concatenate([angle, angle[-1] + (half_pitch - angle[-1]) * np.arange(1, web + 1) / web])
    even = half_pitch * np.linspace(0.0, 1.0, columns + 1)
    shaft = rotor.shaft_radius * _direction(above + (even - above) * _SHAFT_EVENING)
    radius = jnp.sqrt(jnp.sum(arm**2, -1))
    low = rotor.shaft_radius + (radius[0] - rotor.shaft_radius) * np.arange(row) / row
    end = jnp.sqrt(jnp.sum(top**2))
    high = radius + (end - radius[-1]) * np.linspace(0.0, 1.0, radius.shape[0])
    return shaft, jnp.concatenate([low, high])[:, None] * _direction(half_pitch), columns, 0


def _magnetization(grid: FieldGrid, rotor: LayeredRotor) -> jax.Array:
    """Unit vectors (2, rows, half columns) square to the inner side of every magnet, towards the air gap."""
    found = jnp.zeros((2, sum(grid.rotor_rows), sum(grid.rotor_half)))
    parts = ((rotor.inner_centre, rotor.centre_magnet), (rotor.inner_arm, rotor.arm_magnet))
    for k in range(len(grid.template.barriers)):
        for part, (border, span) in zip(("centre magnet", "arm magnet"), parts, strict=True):
            cells = barrier_cells(grid, k, part)
            if not cells.any():
                continue
            ends = points_along(border[k], span[k, 0])
            along = (ends[1] - ends[0]) / length_of(ends)
            found = found + cells * jnp.stack([along[1], -along[0]])[:, None, None]
    return found
