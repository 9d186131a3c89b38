"""Forces of the gears on their shafts and the reactions of the bearings.

Axes run along z. In the parallel layout e_1 points from the input to the intermediate axis, e_2 from there to the
output axis, turned by the fold angle. Helix hands are chosen so that the axial forces on the intermediate shaft (and
on a stepped planet) act against each other. The first bearing of each shaft takes the whole axial force.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from edu_opt.gearbox.model import Gearbox, stage_geometries, stage_loads
from edu_opt.gearbox.tooth_geometry import GearPair, PairGeometry
from edu_opt.numerics.pytree import pytree
from edu_opt.numerics.smooth import safe_norm

SMALLEST_FORCE = 1.0  # N
FACE_TO_BEARING = 8e-3  # m, gap between a gear and its bearing (TUMFTM Getrieberechnung.m)
BETWEEN_GEARS = 5e-3  # m, gap between wheel 2 and pinion 3 (as above)
DIFFERENTIAL_LENGTH = 80e-3  # m, from wheel 4 to the far bearing of the cage (as above)
DIFFERENTIAL_SHORT = 20e-3  # m, from wheel 4 to the near bearing (as above)
CARRIER_RADIAL_FORCE = 200.0  # N on each carrier bearing: weight and uneven planets (assumed)


@pytree
class BearingLoad:
    """Radial forces of both bearings of a shaft (2, ...) and the axial force on the first one (...), [N], all >= 0."""

    radial: jax.Array
    axial: jax.Array


@pytree
class ShaftLayout:
    """Distances of one shaft [m]: gear positions from the first bearing, and the span of the bearings."""

    positions: tuple[jax.Array, ...]
    span: jax.Array


def shaft_layouts(gearbox: Gearbox) -> tuple[ShaftLayout, ShaftLayout, ShaftLayout]:
    """Input, intermediate and output shaft of the parallel layout."""
    first, second = gearbox.stage_1.face_width[0], gearbox.stage_2.face_width[0]
    wheel = 0.5 * first + FACE_TO_BEARING
    pinion = first + FACE_TO_BEARING + BETWEEN_GEARS + 0.5 * second
    return (
        ShaftLayout(positions=(wheel,), span=2.0 * wheel),
        ShaftLayout(positions=(wheel, pinion), span=pinion + 0.5 * second + FACE_TO_BEARING),
        ShaftLayout(
            positions=(DIFFERENTIAL_LENGTH + 0.5 * second,), span=second + DIFFERENTIAL_LENGTH + DIFFERENTIAL_SHORT
        ),
    )


def gear_forces(pair: GearPair, geometry: PairGeometry, torque: jax.Array) -> tuple[jax.Array, jax.Array, jax.Array]:
    """(tangential, radial, axial) at the working pitch circle [N] from the signed pinion torque; radial >= 0."""
    tangential = 2.0 * torque / geometry.working_diameter[0]
    helix = jnp.arctan(jnp.tan(pair.helix_angle) * jnp.cos(geometry.transverse_angle) / jnp.cos(geometry.working_angle))
    radial = safe_norm(tangential[..., None], SMALLEST_FORCE) * jnp.tan(geometry.working_angle)
    return tangential, radial, tangential * jnp.tan(helix)


def reactions(
    lateral: tuple[tuple[jax.Array, jax.Array], ...],
    axial: tuple[jax.Array, ...],
    arms: tuple[tuple[jax.Array, jax.Array], ...],
    layout: ShaftLayout,
) -> BearingLoad:
    """Two-bearing shaft under gear forces: lateral (x, y) forces, axial forces and their contact points (x, y)."""
    far, near = [], []
    for plane in (0, 1):
        force = sum(f[plane] for f in lateral)
        moment = sum(
            f[plane] * z - a * r[plane] for f, a, r, z in zip(lateral, axial, arms, layout.positions, strict=True)
        )
        far.append(-moment / layout.span)
        near.append(-(force + far[-1]))
    radial = jnp.stack(
        [safe_norm(jnp.stack(near), SMALLEST_FORCE, axis=0), safe_norm(jnp.stack(far), SMALLEST_FORCE, axis=0)]
    )
    thrust = safe_norm(jnp.asarray(sum(axial))[..., None], SMALLEST_FORCE)
    return BearingLoad(radial=radial, axial=thrust)


def parallel_axis_bearing_loads(
    gearbox: Gearbox, output_torque: jax.Array
) -> tuple[BearingLoad, BearingLoad, BearingLoad]:
    """Loads of the bearings of the input, intermediate and output shaft at a signed axle torque [N m] (any shape)."""
    geometry_1, geometry_2 = stage_geometries(gearbox)
    load_1, load_2 = stage_loads(gearbox, output_torque, jnp.zeros_like(output_torque))
    tangential_1, radial_1, axial_1 = gear_forces(gearbox.stage_1, geometry_1, load_1.pinion_torque)
    tangential_2, radial_2, axial_2 = gear_forces(gearbox.stage_2, geometry_2, load_2.pinion_torque)
    cosine, sine = jnp.cos(gearbox.fold_angle), jnp.sin(gearbox.fold_angle)
    radii_1, radii_2 = 0.5 * geometry_1.working_diameter, 0.5 * geometry_2.working_diameter

    def along(radial: jax.Array, tangential: jax.Array, x: jax.Array, y: jax.Array) -> tuple[jax.Array, jax.Array]:
        """radial along e = (x, y), tangential along z x e = (-y, x)."""
        return radial * x - tangential * y, radial * y + tangential * x

    one, zero = jnp.ones(()), jnp.zeros(())
    pinion_1 = along(-radial_1, -tangential_1, one, zero)
    wheel_2 = along(radial_1, tangential_1, one, zero)
    pinion_3 = along(-radial_2, tangential_2, cosine, sine)
    wheel_4 = along(radial_2, -tangential_2, cosine, sine)
    first, second, third = shaft_layouts(gearbox)
    return (
        reactions((pinion_1,), (axial_1,), ((radii_1[0], zero),), first),
        reactions(
            (wheel_2, pinion_3),
            (-axial_1, axial_2),
            ((-radii_1[1], zero), (radii_2[0] * cosine, radii_2[0] * sine)),
            second,
        ),
        reactions((wheel_4,), (-axial_2,), ((-radii_2[1] * cosine, -radii_2[1] * sine),), third),
    )


def planet_pin_load(gearbox: Gearbox, output_torque: jax.Array, output_speed: jax.Array) -> tuple[jax.Array, jax.Array]:
    """(radial force on one planet's needle rows, axial force of one planet on the carrier) [N], >= 0.

    Sun and ring push the planet the same way round; their separating forces and the centrifugal force act radially.
    Planets count as solid steel steps. The tilting moment of the helical forces is not part of it.
    """
    geometry_1, geometry_2 = stage_geometries(gearbox)
    load_1, load_2 = stage_loads(gearbox, output_torque, output_speed)
    tangential_1, radial_1, axial_1 = gear_forces(gearbox.stage_1, geometry_1, load_1.pinion_torque)
    tangential_2, radial_2, axial_2 = gear_forces(gearbox.stage_2, geometry_2, load_2.pinion_torque)
    large = geometry_1.reference_diameter[1] ** 2 * gearbox.stage_1.face_width[1]
    small = geometry_2.reference_diameter[0] ** 2 * gearbox.stage_2.face_width[0]
    mass = gearbox.steel.density * 0.25 * jnp.pi * (large + small)
    centrifugal = mass * gearbox.stage_1.centre_distance * output_speed**2
    forces = jnp.stack([tangential_1 + tangential_2, radial_1 - radial_2 + centrifugal])
    return safe_norm(forces, SMALLEST_FORCE, axis=0), safe_norm((axial_1 - axial_2)[..., None], SMALLEST_FORCE)
