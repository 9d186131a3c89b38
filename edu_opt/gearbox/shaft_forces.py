"""Forces of the gears on their shafts and the reactions of the bearings.

Axes run along z. In the parallel layout e_1 points from the input to the intermediate axis, e_2 from there to the
output axis, turned by the fold angle. Helix hands are chosen so that the axial forces on the intermediate shaft (and
on a stepped planet) act against each other. The first bearing of each shaft takes the whole axial force.
"""

from __future__ import annotations

from typing import Any, TypeVar

import jax
import jax.numpy as jnp
import numpy as np

from edu_opt.gearbox.gear_bodies import planet_mass
from edu_opt.gearbox.model import Gearbox, gearbox_state, stacked_stages, stage_loads, unstack
from edu_opt.gearbox.tooth_geometry import GearPair, PairGeometry
from edu_opt.numerics.pytree import pytree

Tree = TypeVar("Tree")

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
    radial = jnp.sqrt(tangential**2 + SMALLEST_FORCE**2) * jnp.tan(geometry.working_angle)
    return GearForce(tangential=tangential, radial=radial, axial=tangential * axial_shares(pair, geometry))


def axial_shares(pair: GearPair, geometry: PairGeometry) -> jax.Array:
    """Axial over tangential force at the working pitch circle."""
    return jnp.tan(pair.helix_angle) * jnp.cos(geometry.transverse_angle) / jnp.cos(geometry.working_angle)


def stage_forces(
    gearbox: Gearbox, geometries: PairGeometry, output_torque: jax.Array, output_speed: float | jax.Array = 0.0
) -> GearForce:
    """Forces (M, ...) of every mesh (one of those in parallel) at a signed axle torque [N m], in the gear of an axle
    speed [rad/s]; geometries with leading axis M."""
    torque = stage_loads(gearbox, output_torque, jnp.asarray(output_speed)).pinion_torque
    return jax.vmap(gear_forces)(stacked_stages(gearbox), geometries, torque)


@pytree
class ShaftLoad:
    """Forces of the G gears on a shaft, in order from the first bearing: lateral (G, 2, ...) in x and y [N], axial
    (G, ...) [N], arms: contact points (G, 2) in x and y [m], positions (G,) from the first bearing and span () of the
    bearings [m]. Several shafts have a leading axis; a shaft of fewer gears ends with gears without force."""

    lateral: jax.Array
    axial: jax.Array
    arms: jax.Array
    positions: jax.Array
    span: jax.Array

    @property
    def tilting(self) -> jax.Array:
        """Moments (G, 2, ...) [N m] of the axial forces: steps of the bending moment at the gears."""
        return self.axial[:, None] * _wide(self.arms, self.axial.ndim - 1)


def _wide(values: jax.Array, axes: int) -> jax.Array:
    """Values with `axes` more axes of one behind."""
    return values.reshape(values.shape + (1,) * axes)


def support_forces(load: ShaftLoad) -> tuple[jax.Array, jax.Array]:
    """Lateral forces (2, ...) in x and y of the first and the second bearing on the shaft [N]."""
    places = _wide(load.positions, load.lateral.ndim - 1)
    far = -jnp.sum(load.lateral * places - load.tilting, axis=0) / load.span
    return -(jnp.sum(load.lateral, axis=0) + far), far


def bending_moments(load: ShaftLoad) -> tuple[jax.Array, jax.Array]:
    """Bending moments (G, 2, ...) [N m] in x and y just before and just behind every gear."""
    near, _ = support_forces(load)
    tilting, before = load.tilting, []
    for k in range(len(load.positions)):
        moment = near * load.positions[k]
        for j in range(k):
            moment = moment + load.lateral[j] * (load.positions[k] - load.positions[j]) + tilting[j]
        before.append(moment)
    return jnp.stack(before), jnp.stack(before) + tilting


def bearing_loads(
    gearbox: Gearbox, geometries: PairGeometry, output_torque: jax.Array, output_speed: jax.Array
) -> BearingLoad:
    """Loads (n, 2, ...) of the ball bearings in the order of `ball_bearings`, at a signed axle torque and its speed."""
    if not gearbox.structure.has_planets:
        return parallel_axis_bearing_loads(gearbox, geometries, output_torque, output_speed)
    _, thrust = planet_pin_load(gearbox, geometries, output_torque, output_speed)
    if gearbox.coaxial:
        return carrier_bearing_load(gearbox, thrust)
    return reactions(supports(layshaft_loads(gearbox, geometries, output_torque, thrust)))


def along(direction: jax.Array | np.ndarray, radial: Any, tangential: Any) -> jax.Array:
    """radial along e = (x, y), tangential along z x e = (-y, x); shape (2, ...)."""
    x, y = direction[0], direction[1]
    return jnp.stack([radial * x - tangential * y, radial * y + tangential * x])


def mesh_forces(forces: GearForce) -> jax.Array:
    """Tangential, then radial forces of all meshes (2 M, ...) [N], of which everything on parallel shafts is a linear
    function."""
    return jnp.concatenate([forces.tangential, forces.radial])


def unit_shaft_loads(gearbox: Gearbox, geometries: PairGeometry) -> ShaftLoad:
    """Loads of input, intermediate and output shaft (leading axis 3, G = M gears) of parallel axes per newton of each
    of the 2 M `mesh_forces` (last axis); geometries with leading axis M.

    Pinions of the first meshes sit on the input shaft, their wheels and the last pinion on the intermediate one.
    """
    meshes = len(gearbox.stages)
    tangential, radial = np.eye(meshes, 2 * meshes), np.eye(meshes, 2 * meshes, meshes)
    axial = axial_shares(stacked_stages(gearbox), geometries)[:, None] * tangential
    folded = jnp.stack([jnp.cos(gearbox.fold_angle), jnp.sin(gearbox.fold_angle)])
    radii, straight = 0.5 * geometries.working_diameter, np.array([1.0, 0.0])
    firsts = np.stack([-radial[:-1], -tangential[:-1]], axis=1)
    last = along(folded, -radial[-1], tangential[-1])[None]
    one, two, three = shaft_layouts(gearbox)

    def shafts(first: jax.Array | np.ndarray, at_last: jax.Array) -> jax.Array:
        """A signed quantity of the driving gears on all three shafts: reactions are equal and opposite."""
        none = np.zeros(np.shape(first))
        return jnp.stack(
            [
                jnp.concatenate([first, none[:1]]),
                jnp.concatenate([-first, at_last]),
                jnp.concatenate([-at_last, none]),
            ]
        )

    arms_1, arms_2 = radii[:-1, :1] * straight, radii[:-1, 1:] * straight
    idle, last_arms = np.zeros((meshes - 1, 2)), radii[-1, :, None] * folded
    return ShaftLoad(
        lateral=shafts(firsts, last),
        axial=shafts(axial[:-1], axial[-1:]),
        arms=jnp.stack(
            [
                jnp.concatenate([arms_1, idle[:1]]),
                jnp.concatenate([-arms_2, last_arms[:1]]),
                jnp.concatenate([-last_arms[1:], idle]),
            ]
        ),
        positions=jnp.stack(
            [
                jnp.stack([*one.positions, one.positions[-1]]),
                jnp.stack(two.positions),
                jnp.stack(three.positions * meshes),
            ]
        ),
        span=jnp.stack([one.span, two.span, three.span]),
    )


@pytree
class SupportForces:
    """Lateral forces on shafts from their bearings (shafts, 2 bearings, 2, ...) in x and y and axial force of the gears
    (shafts, ...) [N]."""

    lateral: jax.Array
    axial: jax.Array


def supports(loads: ShaftLoad) -> SupportForces:
    """Of several shafts (leading axis)."""
    return SupportForces(lateral=jnp.stack(jax.vmap(support_forces)(loads), axis=1), axial=jnp.sum(loads.axial, axis=1))


def under(per_newton: Tree, forces: jax.Array) -> Tree:
    """Quantities per newton (..., 2 M) under `mesh_forces` (2 M, ...)."""
    return jax.tree.map(lambda leaf: jnp.tensordot(leaf, forces, axes=1), per_newton)


def reactions(forces: SupportForces) -> BearingLoad:
    """Loads (shafts, 2, ...) of the bearings."""
    total = jnp.sqrt(forces.axial**2 + SMALLEST_FORCE**2)
    return BearingLoad(
        radial=jnp.sqrt(jnp.sum(forces.lateral**2, axis=2) + SMALLEST_FORCE**2),
        axial=jnp.stack([total, jnp.full_like(total, SMALLEST_FORCE)], axis=1),
    )


def parallel_axis_bearing_loads(
    gearbox: Gearbox, geometries: PairGeometry, output_torque: jax.Array, output_speed: float | jax.Array = 0.0
) -> BearingLoad:
    """Loads (3 shafts, 2 bearings, ...) at a signed axle torque [N m] (any shape), in the gear of an axle speed
    [rad/s]; geometries with leading axis M."""
    forces = mesh_forces(stage_forces(gearbox, geometries, output_torque, output_speed))
    return reactions(under(supports(unit_shaft_loads(gearbox, geometries)), forces))


def layshaft_loads(
    gearbox: Gearbox, geometries: PairGeometry, output_torque: jax.Array, planet_thrust: jax.Array
) -> ShaftLoad:
    """Carrier shaft with pinion 3 between its bearings, output shaft with wheel 4 (leading axis 2, one gear each).

    The planets load the carrier all round alike: only their thrust reaches its bearings.
    """
    last = jax.tree.map(lambda leaf: leaf[-1], stage_forces(gearbox, geometries, output_torque))
    width = gearbox.stages[-1].face_width[0]
    middle = 0.5 * width + FACE_TO_BEARING
    straight = np.array([1.0, 0.0])
    arms = 0.5 * geometries.working_diameter[-1, :, None] * straight
    pinion = along(straight, -last.radial, -last.tangential)
    thrust = last.axial + gearbox.planets * planet_thrust
    return ShaftLoad(
        lateral=jnp.stack([pinion, -pinion])[:, None],
        axial=jnp.stack([thrust, -last.axial])[:, None],
        arms=jnp.stack([arms[0], -arms[1]])[:, None],
        positions=jnp.stack([middle, DIFFERENTIAL_LENGTH + 0.5 * width])[:, None],
        span=jnp.stack([2.0 * middle, width + DIFFERENTIAL_LENGTH + DIFFERENTIAL_SHORT]),
    )


def planet_pin_load(
    gearbox: Gearbox, geometries: PairGeometry, output_torque: jax.Array, output_speed: jax.Array
) -> tuple[jax.Array, jax.Array]:
    """(radial force on one planet's needle rows, axial force of one planet on the carrier) [N], >= 0.

    Sun and ring push the planet the same way round; their separating forces and the centrifugal force act radially.
    The tilting moment of the helical forces is not part of it.
    """
    first, second = unstack(stage_forces(gearbox, geometries, output_torque))[:2]
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
