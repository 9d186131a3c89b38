"""Geometry that may refuse a gearbox: undercut, interference, tips, contact ratios, collisions, shafts."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from edu_opt.gearbox.model import Gearbox, ratio, require, stage_ratio
from edu_opt.gearbox.tooth_geometry import GearPair, PairGeometry, interference_margin, tip_thickness, undercut_margin
from edu_opt.numerics.pytree import pytree
from edu_opt.numerics.smooth import safe_norm, smooth_minimum

# Shafts: d >= 2.17 (1.5 T / sigma)^(1/3), sigma = 520 MPa x 0.85 x 0.8 / 1.5 (Roloff/Matek first sizing as in TUMFTM)
SHAFT_STRESS = 520e6 * 0.85 * 0.8 / 1.5
SHAFT_COEFFICIENT = 2.17
SHAFT_MOMENT_RATIO = 1.5
GAP = 3e-3  # m, smallest gap between a turning gear and its neighbour (assumed)
RIM_DEPTH = 1.2 * 2.25  # modules: rim below the root at which Y_B = 1 (ISO 6336-3 clause 9: 1.2 tooth depths)


@pytree
class GeometryRating:
    """Lengths in modules unless said; (2 stages, 2 gears) or (2,) a stage. A ring's undercut and interference read 1.

    undercut: shift above the undercut limit. interference: curvature radius at the start of contact above the form
    radius. tip_thickness. contact_ratio, overlap_ratio (2,). shaft_ratio: diameter over the required one at peak
    torque, input and intermediate shaft (planetary: sun's rim below the root over 1.2 tooth depths, planet journal's
    fit in the small step). collision_gap [m]: parallel axis: (wheel 2 to half shaft, wheel 4 to input shaft);
    planetary: (neighbouring planets, small step under the large one).
    """

    undercut: jax.Array
    interference: jax.Array
    tip_thickness: jax.Array
    contact_ratio: jax.Array
    overlap_ratio: jax.Array
    shaft_ratio: jax.Array
    collision_gap: jax.Array


def required_shaft(torque: jax.Array) -> jax.Array:
    """Smallest shaft [m] for a torque [N m]."""
    moment = safe_norm(SHAFT_MOMENT_RATIO * torque[..., None], 1.0)
    return SHAFT_COEFFICIENT * (moment / SHAFT_STRESS) ** (1.0 / 3.0)


def axis_distance(gearbox: Gearbox) -> jax.Array:
    """Distance between motor axis and axle axis [m]; 0 for the coaxial layout."""
    if gearbox.layout == "planetary":
        return jnp.zeros(())
    first, second = gearbox.stage_1.centre_distance, gearbox.stage_2.centre_distance
    return jnp.sqrt(first**2 + second**2 + 2.0 * first * second * jnp.cos(gearbox.fold_angle))


def geometry_rating(
    gearbox: Gearbox, pairs: GearPair, geometries: PairGeometry, peak_output_torque: jax.Array
) -> GeometryRating:
    """All geometric results; pairs and geometries with leading axis 2; peak axle torque [N m] for the shafts."""
    special = _planetary_fit if gearbox.layout == "planetary" else _parallel_axis_fit
    shafts, gaps = special(gearbox, geometries, peak_output_torque)
    return GeometryRating(
        undercut=jax.vmap(undercut_margin)(pairs, geometries),
        interference=jax.vmap(interference_margin)(pairs, geometries),
        tip_thickness=jax.vmap(tip_thickness)(pairs, geometries),
        contact_ratio=geometries.contact_ratio,
        overlap_ratio=geometries.overlap_ratio,
        shaft_ratio=shafts,
        collision_gap=gaps,
    )


def _parallel_axis_fit(
    gearbox: Gearbox, geometries: PairGeometry, peak_output_torque: jax.Array
) -> tuple[jax.Array, jax.Array]:
    input_torque = peak_output_torque / ratio(gearbox)
    bearing = require(gearbox.input_bearing)
    input_shaft = smooth_minimum(bearing.bore, geometries.root_diameter[0, 0], 1e-4)
    middle_shaft = geometries.root_diameter[1, 0]
    shafts = jnp.stack(
        [
            input_shaft / required_shaft(input_torque),
            middle_shaft / required_shaft(input_torque * stage_ratio(gearbox.stage_1)),
        ]
    )
    half_shaft = 0.5 * gearbox.half_shaft_diameter + GAP
    wheel_2 = gearbox.stage_2.centre_distance - 0.5 * gearbox.stage_1.tip_diameter[1] - half_shaft
    input_radius = 0.5 * bearing.outer + GAP
    wheel_4 = axis_distance(gearbox) - 0.5 * gearbox.stage_2.tip_diameter[1] - input_radius
    return shafts, jnp.stack([wheel_2, wheel_4])


def _planetary_fit(
    gearbox: Gearbox, geometries: PairGeometry, peak_output_torque: jax.Array
) -> tuple[jax.Array, jax.Array]:
    rim = 0.5 * (geometries.root_diameter[0, 0] - gearbox.half_shaft_diameter) - GAP
    shafts = jnp.stack(
        [
            rim / (RIM_DEPTH * gearbox.stage_1.normal_module),
            geometries.root_diameter[1, 0] / require(gearbox.planet_pin),
        ]
    )
    distance, large = gearbox.stage_1.centre_distance, gearbox.stage_1.tip_diameter[1]
    neighbours = 2.0 * distance * jnp.sin(jnp.pi / gearbox.planets) - large - GAP
    steps = 0.5 * (geometries.root_diameter[0, 1] - gearbox.stage_2.tip_diameter[0])
    return shafts, jnp.stack([neighbours, steps])
