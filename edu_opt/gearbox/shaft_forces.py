"""Forces of the gears on their shafts and the reactions of the bearings.

Axes run along z. In the parallel layout e_1 points from the input to the intermediate axis, e_2 from there to the
output axis, turned by the fold angle. Helix hands are chosen so that the axial forces on the intermediate shaft (and
on a stepped planet) act against each other. The first bearing of each shaft takes the whole axial force.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from edu_opt.gearbox.model import Gearbox, stacked_stages, stage_loads, unstack
from edu_opt.gearbox.tooth_geometry import GearPair, PairGeometry
from edu_opt.numerics.pytree import pytree

SMALLEST_FORCE = 1.0  # N
FACE_TO_BEARING = 8e-3  # m, gap between a gear and its bearing (TUMFTM Getrieberechnung.m)
BETWEEN_GEARS = 5e-3  # m, gap between wheel 2 and pinion 3 (as above)
DIFFERENTIAL_LENGTH = 80e-3  # m, from wheel 4 to the far bearing of the cage (as above)
DIFFERENTIAL_SHORT = 20e-3  # m, from wheel 4 to the near bearing (as above)
CARRIER_RADIAL_FORCE = 200.0  # N on each carrier bearing: weight and uneven planets (assumed)


@pytree
class BearingLoad:
    """Forces on pairs of bearings [N], all >= 0: radial (shafts, 2, ...) and axial (shafts, 2, ...).

    The first bearing of a pair takes the whole axial force of its shaft.
    """

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


@pytree
class GearForce:
    """Tangential, axial (signed like the torque) and radial (>= 0) force of one mesh [N]."""

    tangential: jax.Array
    radial: jax.Array
    axial: jax.Array


def gear_forces(pair: GearPair, geometry: PairGeometry, torque: jax.Array) -> GearForce:
    """Forces at the working pitch circle from the signed pinion torque of one mesh [N m], any shape."""
    tangential = 2.0 * torque / geometry.working_diameter[0]
    helix_tangent = jnp.tan(pair.helix_angle) * jnp.cos(geometry.transverse_angle) / jnp.cos(geometry.working_angle)
    radial = jnp.sqrt(tangential**2 + SMALLEST_FORCE**2) * jnp.tan(geometry.working_angle)
    return GearForce(tangential=tangential, radial=radial, axial=tangential * helix_tangent)


def stage_forces(gearbox: Gearbox, geometries: PairGeometry, output_torque: jax.Array) -> tuple[GearForce, GearForce]:
    """Forces of both meshes at a signed axle torque [N m]; geometries with leading axis 2."""
    torque = stage_loads(gearbox, output_torque, jnp.zeros(())).pinion_torque
    return unstack(jax.vmap(gear_forces)(stacked_stages(gearbox), geometries, torque))


def reactions(
    lateral: tuple[jax.Array, ...], axial: tuple[jax.Array, ...], arms: tuple[jax.Array, ...], layout: ShaftLayout
) -> tuple[jax.Array, jax.Array]:
    """(radial (2, ...), axial (2, ...)) of a shaft on two bearings under gear forces.

    lateral: forces (2, ...) in x and y; axial forces (...); arms: contact points (2,) in x and y [m].
    """
    force, thrust = sum(lateral[1:], lateral[0]), sum(axial[1:], axial[0])
    moments = [
        push * place - along * arm.reshape((2,) + (1,) * jnp.ndim(along))
        for push, along, arm, place in zip(lateral, axial, arms, layout.positions, strict=True)
    ]
    moment = sum(moments[1:], moments[0])
    far = -moment / layout.span
    radial = jnp.sqrt(jnp.sum(jnp.stack([-(force + far), far]) ** 2, axis=1) + SMALLEST_FORCE**2)
    total = jnp.sqrt(thrust**2 + SMALLEST_FORCE**2)
    return radial, jnp.stack([total, jnp.full_like(total, SMALLEST_FORCE)])


def parallel_axis_bearing_loads(gearbox: Gearbox, geometries: PairGeometry, output_torque: jax.Array) -> BearingLoad:
    """Loads (3 shafts, 2 bearings, ...) at a signed axle torque [N m] (any shape); geometries with leading axis 2."""
    first, second = stage_forces(gearbox, geometries, output_torque)
    cosine, sine = jnp.cos(gearbox.fold_angle), jnp.sin(gearbox.fold_angle)
    radii = 0.5 * geometries.working_diameter
    straight, folded = jnp.array([1.0, 0.0]), jnp.stack([cosine, sine])

    def along(direction: jax.Array, radial: jax.Array, tangential: jax.Array) -> jax.Array:
        """radial along e = (x, y), tangential along z x e = (-y, x); shape (2, ...)."""
        x, y = direction
        return jnp.stack([radial * x - tangential * y, radial * y + tangential * x])

    pinion_1 = along(straight, -first.radial, -first.tangential)
    pinion_3 = along(folded, -second.radial, second.tangential)
    one, two, three = shaft_layouts(gearbox)
    pairs = (
        reactions((pinion_1,), (first.axial,), (radii[0, 0] * straight,), one),
        reactions(
            (-pinion_1, pinion_3), (-first.axial, second.axial), (-radii[0, 1] * straight, radii[1, 0] * folded), two
        ),
        reactions((-pinion_3,), (-second.axial,), (-radii[1, 1] * folded,), three),
    )
    return BearingLoad(radial=jnp.stack([p[0] for p in pairs]), axial=jnp.stack([p[1] for p in pairs]))


def planet_pin_load(
    gearbox: Gearbox, geometries: PairGeometry, output_torque: jax.Array, output_speed: jax.Array
) -> tuple[jax.Array, jax.Array]:
    """(radial force on one planet's needle rows, axial force of one planet on the carrier) [N], >= 0.

    Sun and ring push the planet the same way round; their separating forces and the centrifugal force act radially.
    Planets count as solid steel steps. The tilting moment of the helical forces is not part of it.
    """
    first, second = stage_forces(gearbox, geometries, output_torque)
    large = geometries.reference_diameter[0, 1] ** 2 * gearbox.stage_1.face_width[1]
    small = geometries.reference_diameter[1, 0] ** 2 * gearbox.stage_2.face_width[0]
    mass = gearbox.steel.density * 0.25 * jnp.pi * (large + small)
    centrifugal = mass * gearbox.stage_1.centre_distance * output_speed**2
    around, outwards = first.tangential + second.tangential, first.radial - second.radial + centrifugal
    pin = jnp.sqrt(around**2 + outwards**2 + SMALLEST_FORCE**2)
    return pin, jnp.sqrt((first.axial - second.axial) ** 2 + SMALLEST_FORCE**2)


def carrier_bearing_load(gearbox: Gearbox, planet_thrust: jax.Array) -> BearingLoad:
    """Loads (1, 2, ...) of the carrier's bearings: the thrust of all planets on the first one."""
    thrust = gearbox.planets * planet_thrust
    axial = jnp.stack([thrust, jnp.full_like(thrust, SMALLEST_FORCE)])[None]
    return BearingLoad(radial=jnp.full_like(axial, CARRIER_RADIAL_FORCE), axial=axial)
