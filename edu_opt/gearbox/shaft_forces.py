"""Forces of the gears on their shafts and the reactions of the bearings.

Axes run along z. In the parallel layout e_1 points from the input to the intermediate axis, e_2 from there to the
output axis, turned by the fold angle. Helix hands are chosen so that the axial forces on the intermediate shaft (and
on a stepped planet) act against each other. The first bearing of each shaft takes the whole axial force.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from edu_opt.gearbox.gear_bodies import planet_mass
from edu_opt.gearbox.model import Gearbox, gearbox_state, stacked_stages, stage_loads, unstack
from edu_opt.gearbox.tooth_geometry import GearPair, PairGeometry
from edu_opt.numerics.pytree import pytree

SMALLEST_FORCE = 1.0  # N
FACE_TO_BEARING = 8e-3  # m, gap between a gear and its bearing (TUMFTM Getrieberechnung.m)
BETWEEN_GEARS = 5e-3  # m, gap between wheel 2 and pinion 3 (as above)
SHIFT_LENGTH = 45e-3  # m, claws, sleeve and wet clutch between the wheels of two speeds (assumed)
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
    """Input, intermediate and output shaft of parallel axes; two speeds stand `SHIFT_LENGTH` apart on both."""
    places, place = [], jnp.asarray(FACE_TO_BEARING)
    for k, pair in enumerate(gearbox.stages[:-1]):
        place = place + (SHIFT_LENGTH if k else 0.0) + 0.5 * pair.face_width[0]
        places.append(place)
        place = place + 0.5 * pair.face_width[0]
    second = gearbox.stages[-1].face_width[0]
    pinion = place + BETWEEN_GEARS + 0.5 * second
    return (
        ShaftLayout(positions=tuple(places), span=place + FACE_TO_BEARING),
        ShaftLayout(positions=(*places, pinion), span=pinion + 0.5 * second + FACE_TO_BEARING),
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


def stage_forces(
    gearbox: Gearbox, geometries: PairGeometry, output_torque: jax.Array, output_speed: float | jax.Array = 0.0
) -> tuple[GearForce, ...]:
    """Forces of every mesh (one of those in parallel) at a signed axle torque [N m], in the gear of an axle speed
    [rad/s]; geometries with leading axis M."""
    torque = stage_loads(gearbox, output_torque, jnp.asarray(output_speed)).pinion_torque
    return unstack(jax.vmap(gear_forces)(stacked_stages(gearbox), geometries, torque))


@pytree
class ShaftLoad:
    """Gear forces on a shaft, one entry a gear: lateral (2, ...) in x and y [N], axial (...) [N], arms: contact points
    (2,) in x and y [m]; and where the gears and bearings are."""

    lateral: tuple[jax.Array, ...]
    axial: tuple[jax.Array, ...]
    arms: tuple[jax.Array, ...]
    layout: ShaftLayout

    @property
    def tilting(self) -> tuple[jax.Array, ...]:
        """Moments (2, ...) [N m] of the axial forces: steps of the bending moment at the gears."""
        return tuple(
            along * arm.reshape((2,) + (1,) * jnp.ndim(along)) for along, arm in zip(self.axial, self.arms, strict=True)
        )


def support_forces(load: ShaftLoad) -> tuple[jax.Array, jax.Array]:
    """Lateral forces (2, ...) in x and y of the first and the second bearing on the shaft [N]."""
    force = sum(load.lateral[1:], load.lateral[0])
    moments = [
        push * place - tilt for push, tilt, place in zip(load.lateral, load.tilting, load.layout.positions, strict=True)
    ]
    far = -sum(moments[1:], moments[0]) / load.layout.span
    return -(force + far), far


def reactions(load: ShaftLoad) -> tuple[jax.Array, jax.Array]:
    """(radial (2, ...), axial (2, ...)) of the bearings of a shaft under gear forces."""
    radial = jnp.sqrt(jnp.sum(jnp.stack(support_forces(load)) ** 2, axis=1) + SMALLEST_FORCE**2)
    total = jnp.sqrt(sum(load.axial[1:], load.axial[0]) ** 2 + SMALLEST_FORCE**2)
    return radial, jnp.stack([total, jnp.full_like(total, SMALLEST_FORCE)])


def bearing_loads(
    gearbox: Gearbox, geometries: PairGeometry, output_torque: jax.Array, output_speed: jax.Array
) -> BearingLoad:
    """Loads (n, 2, ...) of the ball bearings in the order of `ball_bearings`, at a signed axle torque and its speed."""
    if not gearbox.structure.has_planets:
        return parallel_axis_bearing_loads(gearbox, geometries, output_torque, output_speed)
    _, thrust = planet_pin_load(gearbox, geometries, output_torque, output_speed)
    if gearbox.coaxial:
        return carrier_bearing_load(gearbox, thrust)
    return planetary_layshaft_bearing_loads(gearbox, geometries, output_torque, thrust)


def along(direction: jax.Array, radial: jax.Array, tangential: jax.Array) -> jax.Array:
    """radial along e = (x, y), tangential along z x e = (-y, x); shape (2, ...)."""
    x, y = direction
    return jnp.stack([radial * x - tangential * y, radial * y + tangential * x])


def parallel_axis_shaft_loads(
    gearbox: Gearbox, geometries: PairGeometry, output_torque: jax.Array, output_speed: float | jax.Array = 0.0
) -> tuple[ShaftLoad, ShaftLoad, ShaftLoad]:
    """Input, intermediate and output shaft of parallel axes at a signed axle torque [N m] (any shape), in the gear of
    an axle speed [rad/s]; geometries with leading axis M."""
    *firsts, last = stage_forces(gearbox, geometries, output_torque, output_speed)
    straight = jnp.array([1.0, 0.0])
    folded = jnp.stack([jnp.cos(gearbox.fold_angle), jnp.sin(gearbox.fold_angle)])
    radii = 0.5 * geometries.working_diameter
    pinions = tuple(along(straight, -mesh.radial, -mesh.tangential) for mesh in firsts)
    last_pinion = along(folded, -last.radial, last.tangential)
    one, two, three = shaft_layouts(gearbox)
    return (
        ShaftLoad(
            lateral=pinions,
            axial=tuple(mesh.axial for mesh in firsts),
            arms=tuple(radii[k, 0] * straight for k in range(len(firsts))),
            layout=one,
        ),
        ShaftLoad(
            lateral=(*(-pinion for pinion in pinions), last_pinion),
            axial=(*(-mesh.axial for mesh in firsts), last.axial),
            arms=(*(-radii[k, 1] * straight for k in range(len(firsts))), radii[-1, 0] * folded),
            layout=two,
        ),
        ShaftLoad(lateral=(-last_pinion,), axial=(-last.axial,), arms=(-radii[-1, 1] * folded,), layout=three),
    )


def stacked_reactions(loads: tuple[ShaftLoad, ...]) -> BearingLoad:
    """Loads (shafts, 2, ...) of the bearings of several shafts."""
    pairs = [reactions(load) for load in loads]
    return BearingLoad(radial=jnp.stack([p[0] for p in pairs]), axial=jnp.stack([p[1] for p in pairs]))


def parallel_axis_bearing_loads(
    gearbox: Gearbox, geometries: PairGeometry, output_torque: jax.Array, output_speed: float | jax.Array = 0.0
) -> BearingLoad:
    """Loads (3 shafts, 2 bearings, ...) at a signed axle torque [N m] (any shape), in the gear of an axle speed
    [rad/s]; geometries with leading axis M."""
    return stacked_reactions(parallel_axis_shaft_loads(gearbox, geometries, output_torque, output_speed))


def planetary_layshaft_bearing_loads(
    gearbox: Gearbox, geometries: PairGeometry, output_torque: jax.Array, planet_thrust: jax.Array
) -> BearingLoad:
    """Loads (2 shafts, 2 bearings, ...): carrier shaft with pinion 3 between its bearings, output shaft with wheel 4.

    The planets load the carrier all round alike: only their thrust reaches its bearings.
    """
    last = stage_forces(gearbox, geometries, output_torque)[-1]
    width = gearbox.stages[-1].face_width[0]
    middle = 0.5 * width + FACE_TO_BEARING
    straight = jnp.array([1.0, 0.0])
    arms = 0.5 * geometries.working_diameter[-1, :, None] * straight
    pinion = along(straight, -last.radial, -last.tangential)
    carrier = ShaftLayout(positions=(middle,), span=2.0 * middle)
    output = ShaftLayout(
        positions=(DIFFERENTIAL_LENGTH + 0.5 * width,), span=width + DIFFERENTIAL_LENGTH + DIFFERENTIAL_SHORT
    )
    thrust = last.axial + gearbox.planets * planet_thrust
    return stacked_reactions(
        (
            ShaftLoad(lateral=(pinion,), axial=(thrust,), arms=(arms[0],), layout=carrier),
            ShaftLoad(lateral=(-pinion,), axial=(-last.axial,), arms=(-arms[1],), layout=output),
        )
    )


def planet_pin_load(
    gearbox: Gearbox, geometries: PairGeometry, output_torque: jax.Array, output_speed: jax.Array
) -> tuple[jax.Array, jax.Array]:
    """(radial force on one planet's needle rows, axial force of one planet on the carrier) [N], >= 0.

    Sun and ring push the planet the same way round; their separating forces and the centrifugal force act radially.
    The tilting moment of the helical forces is not part of it.
    """
    first, second = stage_forces(gearbox, geometries, output_torque)[:2]
    train = gearbox.structure.train
    carrier = gearbox_state(gearbox).shaft_speed[train.shafts.index(train.meshes[0].arm)] * output_speed
    centrifugal = planet_mass(gearbox, geometries) * gearbox.stage_1.centre_distance * carrier**2
    around, outwards = first.tangential + second.tangential, first.radial - second.radial + centrifugal
    pin = jnp.sqrt(around**2 + outwards**2 + SMALLEST_FORCE**2)
    return pin, jnp.sqrt((first.axial - second.axial) ** 2 + SMALLEST_FORCE**2)


def carrier_bearing_load(gearbox: Gearbox, planet_thrust: jax.Array) -> BearingLoad:
    """Loads (1, 2, ...) of the carrier's bearings: the thrust of all planets on the first one."""
    thrust = gearbox.planets * planet_thrust
    axial = jnp.stack([thrust, jnp.full_like(thrust, SMALLEST_FORCE)])[None]
    return BearingLoad(radial=jnp.full_like(axial, CARRIER_RADIAL_FORCE), axial=axial)
