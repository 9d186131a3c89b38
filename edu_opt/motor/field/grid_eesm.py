"""Node coordinates of a salient pole (electrically excited rotor)."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from edu_opt.motor.field.grid import FieldGrid
from edu_opt.motor.geometry import SalientPoleRotor
from edu_opt.numerics.smooth import smooth_minimum

GAP_RING_SHARE = (
    0.35  # the rotor's gap ring lies this share of the air gap above the pole: a pole face need not be concentric
)
_COIL_TO_NEIGHBOUR = 0.5e-3  # m, half the distance between neighbouring coils


def eesm_half_nodes(
    grid: FieldGrid, rotor: SalientPoleRotor, bore_radius: jax.Array, half_pitch: jax.Array
) -> tuple[jax.Array, jax.Array, jax.Array]:
    """x, y (rows + 1, half columns + 1) [m] from the d axis (on +x) to the q axis, and the gap ring's radius [m]."""
    yoke, _, coil, _, shoe, gap = grid.rotor_rows
    ring = rotor.outer_radius + GAP_RING_SHARE * (bore_radius - rotor.outer_radius)
    face_depth = rotor.face_radius - jnp.sqrt(rotor.face_radius**2 - 0.25 * rotor.shoe_width**2)
    edge = rotor.outer_radius - face_depth
    under = edge - rotor.shoe_height
    root = under - rotor.body_height
    coil_low, coil_high = root + rotor.coil_clearance_bottom, under - rotor.coil_clearance_top
    straight = _straight_line(grid, rotor, root, under, half_pitch)
    even = np.linspace(0.0, 1.0, sum(grid.rotor_half) + 1)
    bottom = straight(root)
    shaft_angle = 0.5 * jnp.arctan2(bottom[:, 1], bottom[:, 0]) + 0.5 * even * half_pitch
    shaft = rotor.shaft_radius * _direction(shaft_angle)
    shoe_bottom = _shoe_line(grid, rotor, under + jnp.zeros(grid.rotor_half[0] + grid.rotor_half[1] + 1), half_pitch)
    face = _shoe_line(grid, rotor, None, half_pitch)
    face_angle = jnp.arctan2(face[:, 1], face[:, 0])
    surface = ring * _direction(0.9 * face_angle + 0.1 * even * half_pitch)
    rows = _between(shaft, bottom, yoke)
    rows += [straight(coil_low + (coil_high - coil_low) * k / coil) for k in range(coil + 1)]
    rows += _between(shoe_bottom, face, shoe)
    rows += _between(face, surface, gap)[1:]
    nodes = jnp.stack(rows)
    return nodes[..., 0], nodes[..., 1], ring


def _direction(angle: jax.Array) -> jax.Array:
    return jnp.stack([jnp.cos(angle), jnp.sin(angle)], -1)


def _between(first: jax.Array, last: jax.Array, count: int) -> list[jax.Array]:
    """count + 1 lines from first to last, both included."""
    return [first + (last - first) * (k / count) for k in range(count + 1)]


def _across(grid: FieldGrid, inner: jax.Array, outer: jax.Array) -> jax.Array:
    """Distances from the d axis of the nodes over body and overhang (columns + 1,)."""
    body, overhang, _ = grid.rotor_half
    return jnp.concatenate(
        [inner * np.arange(body) / body, inner + (outer - inner) * np.arange(overhang + 1) / overhang]
    )


def _straight_line(grid: FieldGrid, rotor: SalientPoleRotor, root: jax.Array, under: jax.Array, half_pitch: jax.Array):
    """Function x -> ring line (columns + 1, 2): square to the d axis over body and coil, then bent to the q axis."""
    outwards = np.arange(1, grid.rotor_half[2] + 1)[:, None] / grid.rotor_half[2]
    shoe_corner = jnp.sqrt(under**2 + 0.25 * rotor.shoe_width**2)

    def line(x: jax.Array) -> jax.Array:
        free = x * jnp.tan(half_pitch) - _COIL_TO_NEIGHBOUR / jnp.cos(half_pitch)
        coil_side = smooth_minimum(0.5 * rotor.shoe_width - rotor.coil_clearance_side, free, 0.3e-3)
        y = _across(grid, 0.5 * rotor.body_width, coil_side)
        radius_root = root / jnp.cos(half_pitch)
        radius_q = radius_root + (shoe_corner - radius_root) * (x - root) / (under - root)
        start = jnp.stack([x, coil_side])
        end = radius_q * _direction(half_pitch)
        return jnp.concatenate([jnp.stack([x + 0.0 * y, y], 1), start + (end - start) * outwards])

    return line


def _shoe_line(grid: FieldGrid, rotor: SalientPoleRotor, x: jax.Array | None, half_pitch: jax.Array) -> jax.Array:
    """Ring line under the shoe at the given x, or along its face (x None); on a circle from the shoe's tip to the q
    axis."""
    y = _across(grid, 0.5 * rotor.body_width, 0.5 * rotor.shoe_width)
    if x is None:
        x = rotor.outer_radius - rotor.face_radius + jnp.sqrt(rotor.face_radius**2 - y**2)
    radius, tip = jnp.sqrt(x[-1] ** 2 + y[-1] ** 2), jnp.arctan2(y[-1], x[-1])
    beyond = np.arange(1, grid.rotor_half[2] + 1) / grid.rotor_half[2]
    return jnp.concatenate([jnp.stack([x, y], 1), radius * _direction(tip + (half_pitch - tip) * beyond)])
