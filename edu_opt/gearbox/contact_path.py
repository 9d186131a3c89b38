"""Points of contact along the path: curvature, rolling speeds, share of the load; for scuffing and micropitting.

Seven points in order: A (start), AB, B, C (pitch point), D, DE, E (tip of the pinion). Signs as in
`edu_opt.gearbox.tooth_geometry`: of a ring the curvature and the centre distance are negative.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from edu_opt.gearbox.tooth_geometry import GearPair, PairGeometry
from edu_opt.numerics.pytree import pytree
from edu_opt.numerics.smooth import safe_sqrt, smooth_clip, smooth_maximum, smooth_minimum

SMALLEST_CURVATURE = 0.05  # modules, where the contact would start below the base circle


@pytree
class ContactPath:
    """Transverse curvature radii (7,) [m] of both flanks, relative one of the normal section (7,) [m], share of the
    load X without buttressing (7,), buttressing factor (7,), coordinate Gamma = rho_1/rho_1C - 1 (7,)."""

    first: jax.Array
    second: jax.Array
    normal_relative: jax.Array
    load_share: jax.Array
    buttress: jax.Array
    coordinate: jax.Array


def load_shares(geometry: PairGeometry) -> jax.Array:
    """X (7,) of unmodified flanks, ISO/TS 6336-22 clause 10.2 (ISO/TR 13989-1 clause 9): of spur gears 1/3 at A and E
    rising to 2/3, 1 in single contact; of helical gears with overlap above 1.2 1/eps_alpha; straight between overlaps
    0.8 and 1.2."""
    spur = jnp.array([1.0 / 3.0, 0.5, 1.0, 1.0, 1.0, 0.5, 1.0 / 3.0])
    helical = smooth_clip((geometry.overlap_ratio - 0.8) / 0.4, 0.0, 1.0, 0.02)
    return spur + (1.0 / geometry.contact_ratio - spur) * helical


def buttressing(geometry: PairGeometry) -> jax.Array:
    """X_but (7,): 1 + 0.3 min(eps_beta, 1) at A and E, where contact lines end within the face; 1 between."""
    ends = jnp.array([1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0])
    return 1.0 + 0.3 * smooth_minimum(geometry.overlap_ratio, 1.0, 0.01) * ends


def contact_path(pair: GearPair, geometry: PairGeometry) -> ContactPath:
    """The seven points; transverse contact ratio between 1 and 2 gives B and D their meaning."""
    line = pair.centre_distance * jnp.sin(geometry.working_angle)
    base_pitch = jnp.pi * jnp.abs(geometry.base_diameter[0]) / pair.teeth[0]
    at_tip = jnp.sign(pair.teeth) * safe_sqrt(0.25 * (pair.tip_diameter**2 - geometry.base_diameter**2), 1e-12)
    end, start = at_tip[0], line - at_tip[1]
    pitch = 0.5 * geometry.base_diameter[0] * jnp.tan(geometry.working_angle)
    b_point, d_point = end - base_pitch, start + base_pitch
    points = jnp.stack([start, 0.5 * (start + b_point), b_point, pitch, d_point, 0.5 * (d_point + end), end])
    floor = SMALLEST_CURVATURE * pair.normal_module
    first = smooth_maximum(points, floor, 0.1 * floor)
    second = jnp.sign(pair.teeth[1]) * smooth_maximum(jnp.sign(pair.teeth[1]) * (line - first), floor, 0.1 * floor)
    return ContactPath(
        first=first,
        second=second,
        normal_relative=first * second / (first + second) / jnp.cos(geometry.base_helix),
        load_share=load_shares(geometry),
        buttress=buttressing(geometry),
        coordinate=first / pitch - 1.0,
    )
