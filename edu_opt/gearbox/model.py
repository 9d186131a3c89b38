"""The gearbox as a design, whatever its layout: its parts, and the ratio, speeds and torques of every mesh.

The layouts (`edu_opt.gearbox.layouts`) say which gears mesh on which shafts; `edu_opt.gearbox.train` turns that into
speeds and torques; here both meet the design's numbers.
"""

from __future__ import annotations

from typing import TypeVar

import jax
import jax.numpy as jnp

from edu_opt.gearbox.bearings import Bearing
from edu_opt.gearbox.clutch import Clutch
from edu_opt.gearbox.layouts import Layout, layout_named
from edu_opt.gearbox.layouts.layout import PLANETS
from edu_opt.gearbox.tooth_geometry import GearPair, PairGeometry, pair_geometry
from edu_opt.gearbox.train import TrainState, train_state
from edu_opt.materials.gear_steels import GearSteel, gear_steel
from edu_opt.materials.oils import Oil, oil
from edu_opt.numerics.design_space import DesignSpace
from edu_opt.numerics.pytree import pytree, replace, static
from edu_opt.numerics.smooth import smooth_maximum, smooth_step

SHIFT_WIDTH = 0.5  # rad/s at the axle (0.6 km/h): half width of the change between two gears
HALF_SHAFT_DIAMETER = 0.028  # m, of a passenger car's drive shaft (assumed)
STUB_WALL = 10e-3  # m, seal diameter of a joint's stub over the half shaft (assumed)


Stacked = TypeVar("Stacked")
Member = TypeVar("Member")


@pytree
class Manufacture:
    """How the gears are made and fed with oil; all leaves.

    accuracy_class ISO 1328 flank class; tip_relief [m]; flank_roughness Ra [m]; root_roughness_depth Rz [m];
    oil_flow per stage [m^3/s]. Defaults: class 5 ground (usual for passenger-car EV gears, assumed), relief 10 um
    (assumed), Ra 0.5 um and 2.5 l/min as in TUMFTM Getrieberechnung.m, root Rz 20 um as in the KISSsoft reports.
    bearing_starvation: SKF's K_rs, 3e-8 oil jet or low sump, 6e-8 oil-air. immersion [m]: how deep the lowest gear dips
    into the sump at rest (0: dry sump, oil comes by injection alone).
    """

    accuracy_class: float | jax.Array = 5.0
    tip_relief: float | jax.Array = 10e-6
    flank_roughness: float | jax.Array = 0.5e-6
    root_roughness_depth: float | jax.Array = 20e-6
    oil_flow: float | jax.Array = 2.5e-3 / 60.0
    bearing_starvation: float | jax.Array = 3e-8
    immersion: float | jax.Array = 0.0


@pytree
class Gearbox:
    """One gearbox. `layout` is static (it decides the program); everything else is data.

    stage_1, stage_2, stage_3: meshes in the order of the layout's train, from the motor (planetary: sun/large planet,
    small planet/ring). planets: number of planets (1 where there are none). Bearings: pairs of equal ball bearings on
    the input, intermediate and output shaft (coaxial: output = carrier; the sun runs in the motor's bearings, planets
    on needle rows of `planet_pin` [m]). fold_angle [rad]: turn of the line of centres at the intermediate shaft, 0 =
    all axes in a plane. half_shaft_diameter [m]: what must pass through a hollow sun. seal_diameter (2,) [m]: input
    seal, each output seal. Two speeds: shift_speed [rad/s] of the axle, shift_clutch of the second gear, and the gear
    that the gearbox is in, 0 the first to 1 the second (see `at_speed`). disconnect: clutch at the axle that lets the
    unit stand still while the car rolls.
    """

    layout: str = static()
    stage_1: GearPair
    stage_2: GearPair
    stage_3: GearPair | None = None
    shift_speed: jax.Array | None = None
    shift_clutch: Clutch | None = None
    gear: jax.Array | None = None
    disconnect: Clutch | None = None
    planets: jax.Array
    input_bearing: Bearing | None
    intermediate_bearing: Bearing | None
    output_bearing: Bearing
    planet_pin: jax.Array | None
    fold_angle: jax.Array
    half_shaft_diameter: jax.Array
    seal_diameter: jax.Array
    steel: GearSteel
    oil: Oil
    manufacture: Manufacture

    @property
    def structure(self) -> Layout:
        """What the layout declares."""
        return layout_named(self.layout)

    @property
    def coaxial(self) -> bool:
        """Whether motor and axle share one axis."""
        return self.structure.coaxial

    @property
    def stages(self) -> tuple[GearPair, ...]:
        """All meshes, from the motor."""
        return tuple(s for s in (self.stage_1, self.stage_2, self.stage_3) if s is not None)


@pytree
class StageLoad:
    """Meshes at an operating point, leading axis M, then the shape of the torque.

    pinion_torque [N m] of one mesh, signed (+ driving); pinion_speed [rad/s] against the line of centres; sharing:
    torque of the heaviest planet over the mean (K_gamma); pinion_cycles, wheel_cycles [1/s]: load changes of one tooth.
    """

    pinion_torque: jax.Array
    pinion_speed: jax.Array
    sharing: jax.Array
    pinion_cycles: jax.Array
    wheel_cycles: jax.Array


def gearbox_space(layout: str) -> DesignSpace:
    """Design space of a layout by name."""
    return layout_named(layout).space


def gearbox_from_values(
    layout: str,
    values: jax.Array,
    *,
    planets: float | jax.Array | None = None,
    half_shaft_diameter: float | jax.Array = HALF_SHAFT_DIAMETER,
    steel: GearSteel | None = None,
    fluid: Oil | None = None,
    manufacture: Manufacture | None = None,
) -> Gearbox:
    """Gearbox from SI values (n,) in the order of `gearbox_space(layout)`; any point of the box is a finite design.

    planets: their number where it shall not be that of the values.
    """
    structure = layout_named(layout)
    named = structure.space.as_mapping(jnp.asarray(values))
    count = named.get(PLANETS.name, jnp.ones(())) if planets is None else planets
    parts = structure.build(named, jnp.asarray(count, float))
    return Gearbox(
        layout=structure.name,
        half_shaft_diameter=jnp.asarray(half_shaft_diameter),
        seal_diameter=jnp.stack([parts.pop("input_seal"), jnp.asarray(half_shaft_diameter) + STUB_WALL]),
        steel=gear_steel("case_hardened_mq") if steel is None else steel,
        oil=oil("sae_70w_75w") if fluid is None else fluid,
        manufacture=Manufacture() if manufacture is None else manufacture,
        **parts,
    )


def stage_ratio(pair: GearPair) -> jax.Array:
    """|z2 / z1|."""
    return jnp.abs(pair.teeth[1]) / pair.teeth[0]


def _states(gearbox: Gearbox) -> tuple[TrainState, TrainState | None]:
    """States in the first and, where there is one, the second gear."""
    teeth, structure = jnp.stack([pair.teeth for pair in gearbox.stages]), gearbox.structure
    low = train_state(structure.train, teeth, gearbox.planets)
    if structure.high_train is None:
        return low, None
    return low, train_state(structure.high_train, teeth, gearbox.planets)


def gearbox_state(gearbox: Gearbox) -> TrainState:
    """Speeds, torques and load cycles of every mesh and shaft per unit of axle speed and torque, in the gear that the
    gearbox is in."""
    low, high = _states(gearbox)
    if high is None:
        return low
    return jax.tree.map(lambda first, second: first + gearbox.gear * (second - first), low, high)


def second_gear(gearbox: Gearbox, output_speed: float | jax.Array) -> jax.Array:
    """Share of the second gear at an axle speed [rad/s] (any shape): 0 below the shift point, 1 above, smooth within
    1 rad/s of it; 0 with one speed."""
    speed = jnp.asarray(output_speed, float)
    return (
        jnp.zeros_like(speed) if gearbox.shift_speed is None else smooth_step(speed - gearbox.shift_speed, SHIFT_WIDTH)
    )


def at_speed(gearbox: Gearbox, output_speed: float | jax.Array) -> Gearbox:
    """The gearbox in the gear of an axle speed [rad/s]; itself where it has one speed."""
    return gearbox if gearbox.shift_speed is None else replace(gearbox, gear=second_gear(gearbox, output_speed))


def ratio(gearbox: Gearbox) -> jax.Array:
    """Motor speed over axle speed in the gear that the gearbox is in (the first unless said)."""
    return gearbox_state(gearbox).ratio


def require(member: Member | None) -> Member:
    """A part that this layout has; asking for one that it has not is a programming error."""
    if member is None:
        raise TypeError("this gearbox layout has no such part: check its layout before asking for it")
    return member


def ball_bearings(gearbox: Gearbox) -> Bearing:
    """The pairs of ball bearings with a leading axis: input, intermediate, output (3); coaxial: carrier (1)."""
    pairs = [b for b in (gearbox.input_bearing, gearbox.intermediate_bearing, gearbox.output_bearing) if b is not None]
    return jax.tree.map(lambda *leaves: jnp.stack(leaves), *pairs)


def shaft_speed_ratios(gearbox: Gearbox) -> jax.Array:
    """Shaft speed over axle speed for the shafts of `ball_bearings`, positive."""
    structure = gearbox.structure
    places = [structure.train.shafts.index(shaft) for shaft in structure.bearing_shafts]
    return jnp.abs(gearbox_state(gearbox).shaft_speed[jnp.array(places)])


def highest_shaft_speeds(gearbox: Gearbox, maximum_output_speed: jax.Array) -> jax.Array:
    """Highest speeds [rad/s] of the shafts of `ball_bearings` up to an axle speed: at it, or just before the shift."""
    top = shaft_speed_ratios(at_speed(gearbox, maximum_output_speed)) * maximum_output_speed
    if gearbox.shift_speed is None:
        return top
    return smooth_maximum(top, shaft_speed_ratios(gearbox) * gearbox.shift_speed, 1.0)


def load_sharing(gearbox: Gearbox) -> jax.Array:
    """K_gamma of each mesh (M,): 1 without planets; 1.10, 1.25, 1.35 for 3, 4, 5 planets (IEC 61400-4, as in AGMA
    6123-B06; recalled), a parabola between."""
    more = gearbox.planets - 3.0
    return 1.0 + jnp.asarray(gearbox.structure.train.split) * (0.10 + 0.15 * more - 0.025 * more * (more - 1.0))


def highest_motor_speed(gearbox: Gearbox, maximum_output_speed: float | jax.Array) -> jax.Array:
    """Highest speed [rad/s] of the motor up to an axle speed: at it, or just before the shift."""
    top = maximum_output_speed * ratio(at_speed(gearbox, maximum_output_speed))
    if gearbox.shift_speed is None:
        return top
    return smooth_maximum(top, gearbox.shift_speed * ratio(gearbox), 1.0)


def stage_loads(gearbox: Gearbox, output_torque: jax.Array, output_speed: jax.Array) -> StageLoad:
    """Loads of all meshes (leading axis M) without losses, from axle torque [N m] (signed) and axle speed [rad/s].

    torque and speed of any common shape.
    """
    shape = jnp.broadcast_shapes(jnp.shape(output_torque), jnp.shape(output_speed))
    torque, speed = jnp.broadcast_to(output_torque, shape), jnp.broadcast_to(output_speed, shape)
    low, high = _states(gearbox)
    share = second_gear(gearbox, speed)

    def times(per_axle: jax.Array, amount: jax.Array) -> jax.Array:
        return jnp.asarray(per_axle.reshape(-1, *(1,) * len(shape)) * amount)

    def turning(name: str) -> jax.Array:
        """What goes with the speed: each gear counts by its share of the time."""
        first = times(getattr(low, name), speed * (1.0 - share))
        return first if high is None else first + times(getattr(high, name), speed * share)

    return StageLoad(
        pinion_torque=times(low.pinion_torque, torque) if high is None else _shifted_torque(gearbox, torque, share),
        pinion_speed=turning("pinion_speed"),
        sharing=load_sharing(gearbox),
        pinion_cycles=turning("pinion_cycles") / (2.0 * jnp.pi),
        wheel_cycles=turning("wheel_cycles") / (2.0 * jnp.pi),
    )


def _shifted_torque(gearbox: Gearbox, torque: jax.Array, share: jax.Array) -> jax.Array:
    """Pinion torques (M, ...) where a gear carries the whole torque for its share of the time near the shift."""
    low, high = _states(gearbox)
    assert high is not None and gearbox.structure.high_train is not None
    shape = (-1,) + (1,) * jnp.ndim(torque)
    both = gearbox.structure.train.loaded & gearbox.structure.high_train.loaded
    rest, both = 1.0 - share, both.reshape(shape)
    first = jnp.where(both, rest, 1.0 - share**4) * low.pinion_torque.reshape(shape)
    second = jnp.where(both, share, 1.0 - rest**4) * high.pinion_torque.reshape(shape)
    return (first + second) * torque


def stacked_stages(gearbox: Gearbox) -> GearPair:
    """All meshes as one pytree with a leading axis of M, to run the same formulas once (a share of the compile
    time)."""
    return jax.tree.map(lambda *leaves: jnp.stack(leaves), *gearbox.stages)


def stacked_geometry(gearbox: Gearbox) -> PairGeometry:
    """Geometry of all meshes, leading axis M."""
    return jax.vmap(pair_geometry)(stacked_stages(gearbox))


def unstack(tree: Stacked) -> tuple[Stacked, ...]:
    """The members of a pytree with a leading axis of M."""
    count = jax.tree.leaves(tree)[0].shape[0]
    return tuple(jax.tree.map(lambda leaf, k=k: leaf[k], tree) for k in range(count))


def stage_geometries(gearbox: Gearbox) -> tuple[PairGeometry, ...]:
    """Geometry of every mesh."""
    return unstack(stacked_geometry(gearbox))
