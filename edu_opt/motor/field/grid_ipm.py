"""Node coordinates of a pole with two magnets in a V."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from edu_opt.motor.field.grid import FieldGrid
from edu_opt.motor.geometry import SingleVRotor

_SURFACE_EVENING = 0.5  # share of even spacing in the columns on the surface (the rest follows the magnet)
_LARGEST_SHEAR = 0.7  # shift of a column between pocket and surface over the height between them, at most
_SHAFT_EVENING = 0.5
_WEB_SHARES = (0.1, 0.19, 0.3, 0.45, 0.6)  # of the grid's columns; few, so that machines share programs
_SHORTEST_FLOOR = 0.2e-3  # m, of the outer pocket beyond the magnet


def ipm_half_nodes(
    grid: FieldGrid, rotor: SingleVRotor, half_pitch: jax.Array
) -> tuple[jax.Array, jax.Array, jax.Array, jax.Array]:
    """x, y (rows + 1, half columns + 1) [m] from the d axis (on +x) to the q axis, the gap ring's radius [m], and the
    magnet's direction of magnetization (2,) on this half."""
    below, inside, above = grid.rotor_rows
    upper, lower, normal = _pocket_lines(grid, rotor, half_pitch)
    even = np.linspace(0.0, 1.0, sum(grid.rotor_half) + 1) * half_pitch
    upper_angle, lower_angle = (jnp.arctan2(line[:, 1], line[:, 0]) for line in (upper, lower))
    surface = rotor.outer_radius * _direction(_surface_angles(grid, rotor.outer_radius, upper, upper_angle))
    shaft = rotor.shaft_radius * _direction(lower_angle * (1 - _SHAFT_EVENING) + even * _SHAFT_EVENING)
    nodes = jnp.concatenate(
        [_band(shaft, lower, below)[:-1], _band(lower, upper, inside)[:-1], _band(upper, surface, above)]
    )
    return nodes[..., 0], nodes[..., 1], rotor.outer_radius, normal


def web_share(rotor: SingleVRotor, half_pitch: float) -> float:
    """`Template.web_share` that suits a rotor (host): the web's share of the pole pitch under the bridge."""
    pocket_radius = rotor.outer_radius - rotor.bridge
    share = float(jnp.arcsin(0.5 * rotor.web_width / pocket_radius)) / half_pitch
    return min(_WEB_SHARES, key=lambda known: abs(known - share))


def _surface_angles(grid: FieldGrid, radius: jax.Array, upper: jax.Array, angle: jax.Array) -> jax.Array:
    """Angles of the columns on the surface: evened out under the pole cap and beside the pocket, but hardly where the
    iron is thin (a bridge is a stack of slanted cells otherwise)."""
    corner = sum(grid.rotor_half[:4])  # column of the pocket's corner under the bridge
    columns = np.arange(len(upper))
    cap = angle[corner] * columns / corner
    side = angle[corner] + (angle[-1] - angle[corner]) * (columns - corner) / (len(upper) - 1 - corner)
    shift = _SURFACE_EVENING * (jnp.where(columns < corner, cap, side) - angle)
    most = _LARGEST_SHEAR * (radius - jnp.sqrt(jnp.sum(upper**2, -1))) / radius
    return angle + shift / jnp.sqrt(1.0 + (shift / most) ** 2)


def _direction(angle: jax.Array) -> jax.Array:
    return jnp.stack([jnp.cos(angle), jnp.sin(angle)], -1)


def _band(first: jax.Array, last: jax.Array, count: int) -> jax.Array:
    return first + (last - first) * np.linspace(0.0, 1.0, count + 1)[:, None, None]


def _length(vector: jax.Array) -> jax.Array:
    return jnp.sqrt(vector @ vector)


def _line(first: jax.Array, last: jax.Array, count: int) -> jax.Array:
    """count points from first towards last, last excluded."""
    return first + (last - first) * (np.arange(count) / max(count, 1))[:, None]


def _arc(first: jax.Array, last: jax.Array, count: int, closed: bool) -> jax.Array:
    """Points with radius and angle linear between two points; the last one included if closed."""
    share = np.linspace(0.0, 1.0, count + 1)[: count + closed]
    radii, angles = zip(*((_length(v), jnp.arctan2(v[1], v[0])) for v in (first, last)), strict=True)
    return (radii[0] + (radii[1] - radii[0]) * share)[:, None] * _direction(angles[0] + (angles[1] - angles[0]) * share)


def _pocket_lines(
    grid: FieldGrid, rotor: SingleVRotor, half_pitch: jax.Array
) -> tuple[jax.Array, jax.Array, jax.Array]:
    """Outer and inner border of the V's band from d to q axis, (columns + 1, 2) each, and the magnet's normal."""
    post, inner, magnet, pocket, arc, web = grid.rotor_half
    pocket_radius = rotor.outer_radius - rotor.bridge
    corner_angle = jnp.arcsin(0.5 * rotor.pocket_chord / pocket_radius)
    web_angle = half_pitch - jnp.arcsin(0.5 * rotor.web_width / pocket_radius)
    corner, web_corner = pocket_radius * _direction(corner_angle), pocket_radius * _direction(web_angle)
    half_post = 0.5 * rotor.post_width if post else 0.0
    start = jnp.stack([rotor.outer_radius - rotor.depth, 0.0 * rotor.depth + half_post])
    along = (corner - start) / _length(corner - start)
    normal = jnp.stack([along[1], -along[0]])
    first, last = start + rotor.inner_gap * along, start + (rotor.inner_gap + rotor.magnet_width) * along
    low_first, low_last = first - rotor.magnet_thickness * normal, last - rotor.magnet_thickness * normal
    floor = last - (rotor.magnet_thickness - rotor.magnet_recess) * normal
    # A pocket whose outer floor lies below the magnet (recess < 0) ends level with the magnet at the post.
    low_height = rotor.magnet_thickness - jnp.maximum(rotor.magnet_recess, 0.0)
    low_start = start - jnp.stack([low_height / along[1], 0.0 * rotor.depth])
    q_axis = _direction(half_pitch)
    # The pocket's outer floor ends where its line meets the web's edge (parallel to the q axis).
    offset = web_corner - floor
    reach = (offset[0] * q_axis[1] - offset[1] * q_axis[0]) / (along[0] * q_axis[1] - along[1] * q_axis[0])
    # A magnet that ends closer to the q axis than the web's edge cuts off the pocket's floor.
    low_web = floor + jnp.maximum(reach, _SHORTEST_FLOOR) * along
    straight, curved = _length(corner - last), (web_angle - corner_angle) * pocket_radius
    low_corner = low_last + (low_web - low_last) * (straight / (straight + curved))
    to_axis = jnp.array([1.0, 0.0])
    upper = [_line(start * to_axis, start, post), _line(start, first, inner), _line(first, last, magnet)]
    lower = [
        _line(low_start * to_axis, low_start, post),
        _line(low_start, low_first, inner),
        _line(low_first, low_last, magnet),
    ]
    upper += [
        _line(last, corner, pocket),
        _arc(corner, web_corner, arc, False),
        _arc(web_corner, pocket_radius * q_axis, web, True),
    ]
    lower += [
        _line(low_last, low_corner, pocket),
        _line(low_corner, low_web, arc),
        _arc(low_web, _length(low_web) * q_axis, web, True),
    ]
    return jnp.concatenate(upper), jnp.concatenate(lower), normal
