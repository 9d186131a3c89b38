"""Geometry that may refuse a gearbox: undercut, interference, tips, contact ratios, collisions, shafts."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from edu_opt.gearbox.gear_bodies import FLANGE_SHARE, NEEDLE, planetary_diameter
from edu_opt.gearbox.model import Gearbox, gearbox_state, require
from edu_opt.gearbox.tooth_geometry import (
    GearPair,
    PairGeometry,
    interference_margin,
    radial_assembly_clearance,
    tip_thickness,
    undercut_margin,
)
from edu_opt.numerics.pytree import pytree
from edu_opt.numerics.smooth import safe_norm, soft_maximum, soft_minimum

# Shafts: d >= 2.17 (1.5 T / sigma)^(1/3), sigma = 520 MPa x 0.85 x 0.8 / 1.5 (Roloff/Matek first sizing as in TUMFTM)
SHAFT_STRESS = 520e6 * 0.85 * 0.8 / 1.5
SHAFT_COEFFICIENT = 2.17
SHAFT_MOMENT_RATIO = 1.5
GAP = 3e-3  # m, smallest gap between a turning gear and its neighbour (assumed)
RIM_DEPTH = 1.2 * 2.25  # modules: rim below the root at which Y_B = 1 (ISO 6336-3 clause 9: 1.2 tooth depths)


@pytree
class GeometryRating:
    """Lengths in modules unless said; (M meshes, 2 gears) or (M,) a mesh.

    undercut: shift above the undercut limit (1 for a ring). interference: room against it, see `interference_margin`.
    tip_thickness. contact_ratio, overlap_ratio (M,). radial_assembly (M,) [rad]: see `radial_assembly_clearance`,
    reported only. shaft_ratio: diameters over the required ones at peak torque, input and intermediate shaft; with
    planets: rim of the hollow sun over 1.2 tooth depths (solid sun: as a shaft), planet journal's fit in the small
    step (simple planet: rim around its needles over 1.2 tooth depths), layshaft. collision_gap [m]: parallel axes:
    (wheel 2 to half shaft, wheel 4 to input shaft); with planets: neighbouring planets; small step under the large
    one; (drum to cage, wheel 4 to the layshaft's bearing).
    """

    undercut: jax.Array
    interference: jax.Array
    tip_thickness: jax.Array
    contact_ratio: jax.Array
    overlap_ratio: jax.Array
    radial_assembly: jax.Array
    shaft_ratio: jax.Array
    collision_gap: jax.Array


def required_shaft(torque: jax.Array) -> jax.Array:
    """Smallest shaft [m] for a torque [N m]."""
    moment = safe_norm(SHAFT_MOMENT_RATIO * torque[..., None], 1.0)
    return SHAFT_COEFFICIENT * (moment / SHAFT_STRESS) ** (1.0 / 3.0)


def axis_distance(gearbox: Gearbox) -> jax.Array:
    """Distance between motor axis and axle axis [m]; 0 for coaxial layouts."""
    if gearbox.coaxial:
        return jnp.zeros(())
    if gearbox.structure.has_planets:
        return gearbox.stages[-1].centre_distance
    first, second = gearbox.stage_1.centre_distance, gearbox.stages[-1].centre_distance
    return jnp.sqrt(first**2 + second**2 + 2.0 * first * second * jnp.cos(gearbox.fold_angle))


def largest_wheel(gearbox: Gearbox) -> jax.Array:
    """Tip diameter [m] of the largest wheel on the intermediate shaft."""
    return soft_maximum(jnp.stack([pair.tip_diameter[1] for pair in gearbox.stages[:-1]]), 1e-4)


def intermediate_place(gearbox: Gearbox) -> tuple[jax.Array, jax.Array]:
    """Intermediate axis of parallel axes [m]: from the motor's axis along the line to the axle's, and beside it."""
    first, second, distance = (
        gearbox.stage_1.centre_distance,
        gearbox.stages[-1].centre_distance,
        axis_distance(gearbox),
    )
    along = (first**2 - second**2 + distance**2) / (2.0 * distance)
    return along, first * second * jnp.sin(gearbox.fold_angle) / distance


def geometry_rating(
    gearbox: Gearbox, pairs: GearPair, geometries: PairGeometry, peak_output_torque: jax.Array
) -> GeometryRating:
    """All geometric results; pairs and geometries with leading axis M; peak axle torque [N m] for the shafts."""
    special = _planetary_fit if gearbox.structure.has_planets else _parallel_axis_fit
    shafts, gaps = special(gearbox, geometries, peak_output_torque)
    return GeometryRating(
        undercut=jax.vmap(undercut_margin)(pairs, geometries),
        interference=jax.vmap(interference_margin)(pairs, geometries),
        tip_thickness=jax.vmap(tip_thickness)(pairs, geometries),
        contact_ratio=geometries.contact_ratio,
        overlap_ratio=geometries.overlap_ratio,
        radial_assembly=jax.vmap(radial_assembly_clearance)(pairs, geometries),
        shaft_ratio=shafts,
        collision_gap=gaps,
    )


def shaft_torque(gearbox: Gearbox, shaft: str, output_torque: jax.Array) -> jax.Array:
    """Torque that a fixed-axis shaft passes on [N m]: the axle's over their ratio."""
    train = gearbox.structure.train
    return output_torque / jnp.abs(gearbox_state(gearbox).shaft_speed[train.shafts.index(shaft)])


def _parallel_axis_fit(
    gearbox: Gearbox, geometries: PairGeometry, peak_output_torque: jax.Array
) -> tuple[jax.Array, jax.Array]:
    last, bearing = gearbox.stages[-1], require(gearbox.input_bearing)
    input_shaft = soft_minimum(jnp.stack([bearing.bore, *geometries.root_diameter[:-1, 0]]), 1e-4)
    middle_shaft = geometries.root_diameter[-1, 0]
    shafts = jnp.stack(
        [
            input_shaft / required_shaft(shaft_torque(gearbox, "motor", peak_output_torque)),
            middle_shaft / required_shaft(shaft_torque(gearbox, "intermediate", peak_output_torque)),
        ]
    )
    half_shaft = 0.5 * gearbox.half_shaft_diameter + GAP
    wheel_2 = last.centre_distance - 0.5 * largest_wheel(gearbox) - half_shaft
    input_radius = 0.5 * bearing.outer + GAP
    wheel_4 = axis_distance(gearbox) - 0.5 * last.tip_diameter[1] - input_radius
    return shafts, jnp.stack([wheel_2, wheel_4])


def _planetary_fit(
    gearbox: Gearbox, geometries: PairGeometry, peak_output_torque: jax.Array
) -> tuple[jax.Array, jax.Array]:
    first, second, pin = gearbox.stage_1, gearbox.stage_2, require(gearbox.planet_pin)
    roots = geometries.root_diameter
    if gearbox.coaxial:
        sun = (0.5 * (roots[0, 0] - gearbox.half_shaft_diameter) - GAP) / (RIM_DEPTH * first.normal_module)
    else:
        sun = roots[0, 0] / required_shaft(shaft_torque(gearbox, "motor", peak_output_torque))
    distance, large = first.centre_distance, first.tip_diameter[1]
    gaps = [2.0 * distance * jnp.sin(jnp.pi / gearbox.planets) - large - GAP]
    if len({body.mesh for body in gearbox.structure.bodies if body.planet}) == 2:  # a step of its own for the ring
        journal = roots[1, 0] / pin
        gaps.append(0.5 * (roots[0, 1] - second.tip_diameter[0]))
    else:
        journal = (0.5 * (roots[0, 1] - pin) - NEEDLE) / (RIM_DEPTH * first.normal_module)
    shafts = [sun, journal]
    if not gearbox.coaxial:
        last, bearing = gearbox.stages[-1], require(gearbox.intermediate_bearing)
        shafts.append(roots[-1, 0] / required_shaft(shaft_torque(gearbox, "carrier", peak_output_torque)))
        cage = FLANGE_SHARE * geometries.reference_diameter[-1, 1]
        gaps.append(last.centre_distance - 0.5 * (planetary_diameter(gearbox, geometries) + cage) - GAP)
        gaps.append(last.centre_distance - 0.5 * (last.tip_diameter[1] + bearing.outer) - GAP)
    return jnp.stack(shafts), jnp.stack(gaps)
