"""The gearbox as a design: two layouts, their design variables, ratio, speeds and torques of every mesh.

parallel_axis: pinion 1 on the motor shaft, wheel 2 and pinion 3 on the intermediate shaft, wheel 4 bolted to the
differential cage. planetary: coaxial, sun on a hollow motor shaft, stepped planets (large step meshes the sun, small
step the fixed ring), the carrier drives the differential, a half shaft passes through the sun. A simple planetary
cannot give a ratio near 9 around a half shaft: its sun would be a ninth of the ring.
"""

from __future__ import annotations

from typing import TypeVar

import jax
import jax.numpy as jnp

from edu_opt.gearbox.bearings import Bearing, ball_bearing
from edu_opt.gearbox.tooth_geometry import (
    STANDARD_PRESSURE_ANGLE,
    GearPair,
    PairGeometry,
    centre_distance,
    make_pair,
    pair_geometry,
)
from edu_opt.materials.gear_steels import GearSteel, gear_steel
from edu_opt.materials.oils import Oil, oil
from edu_opt.numerics.design_space import DesignSpace, Variable
from edu_opt.numerics.pytree import pytree, static

LAYOUTS = ("parallel_axis", "planetary")
STUB_WALL = 10e-3  # m, seal diameter of a joint's stub over the half shaft (assumed)
PINION_OVERHANG = 2e-3  # m, pinion wider than its wheel (production gears: 2 to 4 mm)


Stacked = TypeVar("Stacked")
Member = TypeVar("Member")


@pytree
class Manufacture:
    """How the gears are made and fed with oil; all leaves.

    accuracy_class ISO 1328 flank class; tip_relief [m]; flank_roughness Ra [m]; root_roughness_depth Rz [m];
    oil_flow per stage [m^3/s]. Defaults: class 5 ground (usual for passenger-car EV gears, assumed), relief 10 um
    (assumed), Ra 0.5 um and 2.5 l/min as in TUMFTM Getrieberechnung.m, root Rz 20 um as in the KISSsoft reports.
    """

    accuracy_class: float | jax.Array = 5.0
    tip_relief: float | jax.Array = 10e-6
    flank_roughness: float | jax.Array = 0.5e-6
    root_roughness_depth: float | jax.Array = 20e-6
    oil_flow: float | jax.Array = 2.5e-3 / 60.0


@pytree
class Gearbox:
    """One gearbox. `layout` is static (it decides the program); everything else is data.

    stage_1, stage_2: meshes seen from the motor (planetary: sun/large planet, small planet/ring). planets: number of
    planets (1 for parallel axes). Bearings: pairs of equal ball bearings on the input, intermediate and output shaft
    (planetary: output = carrier; the sun runs in the motor's bearings, planets on needle rows of `planet_pin` [m]).
    fold_angle [rad]: turn of the line of centres at the intermediate shaft, 0 = all axes in a plane.
    half_shaft_diameter [m]: what must pass through a hollow sun. seal_diameter (2,) [m]: input seal, each output seal.
    """

    layout: str = static()
    stage_1: GearPair
    stage_2: GearPair
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


@pytree
class StageLoad:
    """One mesh at an operating point, shapes follow the torque.

    pinion_torque [N m] of one mesh, signed (+ driving); pinion_speed [rad/s] against the line of centres; share:
    torque of the heaviest planet over the mean (K_gamma); pinion_cycles, wheel_cycles [1/s]: load changes of one tooth.
    """

    pinion_torque: jax.Array
    pinion_speed: jax.Array
    sharing: jax.Array
    pinion_cycles: jax.Array
    wheel_cycles: jax.Array


def _stage_variables(
    part: str, pinion: str, wheel: str, ranges: dict[str, tuple[float, float]]
) -> tuple[Variable, ...]:
    """Seven variables of a mesh; the module is left out where `ranges` lacks it."""
    described = {
        f"teeth_{pinion}": ("1", f"teeth of the {pinion}"),
        f"teeth_{wheel}": ("1", f"teeth of the {wheel}"),
        "normal_module": ("m", "normal module"),
        "helix_angle": ("rad", "helix angle at the reference circle"),
        "face_width": ("m", "common face width"),
        "profile_shift": ("1", f"profile shift of the {pinion}, in modules"),
        "profile_shift_sum": ("1", "sum of profile shifts (sets the centre distance), in modules"),
    }
    return tuple(
        Variable(part, quantity, unit, *ranges[quantity], text, integer=quantity.startswith("teeth"))
        for quantity, (unit, text) in described.items()
        if quantity in ranges
    )


def _bearing_variables(shaft: str, bore: tuple[float, float], section: tuple[float, float]) -> tuple[Variable, ...]:
    return (
        Variable("bearing_set", f"{shaft}_bore", "m", *bore, f"bore of the {shaft} bearings and shaft diameter there"),
        Variable(
            "bearing_set", f"{shaft}_section", "m", *section, f"half of outer diameter less bore, {shaft} bearings"
        ),
    )


def parallel_axis_space() -> DesignSpace:
    """21 variables of the two-stage parallel-axis layout."""
    stage_1 = {
        "teeth_pinion": (20.0, 34.0),
        "teeth_wheel": (56.0, 92.0),
        "normal_module": (1.3e-3, 2.3e-3),
        "helix_angle": (0.26, 0.50),
        "face_width": (0.020, 0.045),
        "profile_shift": (0.0, 0.6),
        "profile_shift_sum": (-0.2, 0.8),
    }
    stage_2 = {
        "teeth_pinion": (17.0, 28.0),
        "teeth_wheel": (60.0, 92.0),
        "normal_module": (1.8e-3, 3.2e-3),
        "helix_angle": (0.17, 0.45),
        "face_width": (0.030, 0.065),
        "profile_shift": (0.0, 0.6),
        "profile_shift_sum": (-0.2, 0.8),
    }
    return DesignSpace(
        _stage_variables("gear_stage_1", "pinion", "wheel", stage_1)
        + _stage_variables("gear_stage_2", "pinion", "wheel", stage_2)
        + _bearing_variables("input", (0.025, 0.045), (0.010, 0.024))
        + _bearing_variables("intermediate", (0.028, 0.050), (0.011, 0.026))
        + _bearing_variables("output", (0.045, 0.070), (0.011, 0.024))
        + (Variable("housing", "fold_angle", "rad", 0.0, 1.4, "turn of the line of centres at the intermediate shaft"),)
    )


def planetary_space() -> DesignSpace:
    """16 variables of the coaxial layout; the module of the second stage follows from the common centre distance."""
    stage_1 = {
        "teeth_sun": (26.0, 60.0),
        "teeth_planet": (40.0, 90.0),
        "normal_module": (1.0e-3, 2.0e-3),
        "helix_angle": (0.17, 0.45),
        "face_width": (0.020, 0.045),
        "profile_shift": (0.0, 0.5),
        "profile_shift_sum": (-0.2, 0.6),
    }
    stage_2 = {
        "teeth_planet": (16.0, 30.0),
        "teeth_ring": (72.0, 125.0),
        "helix_angle": (0.05, 0.35),
        "face_width": (0.025, 0.060),
        "profile_shift": (0.0, 0.6),
        "profile_shift_sum": (-0.3, 0.5),
    }
    return DesignSpace(
        _stage_variables("gear_stage_1", "sun", "planet", stage_1)
        + _stage_variables("gear_stage_2", "planet", "ring", stage_2)
        + (Variable("bearing_set", "planet_pin", "m", 0.010, 0.028, "diameter of the planet pins"),)
        + _bearing_variables("carrier", (0.050, 0.090), (0.008, 0.016))
    )


def gearbox_space(layout: str) -> DesignSpace:
    """Design space of a layout by name."""
    spaces = {"parallel_axis": parallel_axis_space, "planetary": planetary_space}
    if layout not in spaces:
        raise KeyError(f"gearbox layout {layout!r} is not among {', '.join(LAYOUTS)}")
    return spaces[layout]()


def _pair(teeth: tuple[jax.Array, jax.Array], module: jax.Array, values: dict[str, jax.Array], part: str) -> GearPair:
    """Pair from named values of one part; ring teeth come in negative."""
    shift, total = values[f"{part}.profile_shift_1"], values[f"{part}.profile_shift_sum_1"]
    width = values[f"{part}.face_width_m"]
    return make_pair(
        normal_module=module,
        helix_angle=values[f"{part}.helix_angle_rad"],
        teeth=jnp.stack(teeth),
        profile_shift=jnp.stack([shift, total - shift]),
        face_width=jnp.stack([width + PINION_OVERHANG, width]),
        pressure_angle=STANDARD_PRESSURE_ANGLE,
    )


def gearbox_from_values(
    layout: str,
    values: jax.Array,
    *,
    planets: float | jax.Array = 3.0,
    half_shaft_diameter: float | jax.Array = 0.028,
    steel: GearSteel | None = None,
    fluid: Oil | None = None,
    manufacture: Manufacture | None = None,
) -> Gearbox:
    """Gearbox from SI values (n,) in the order of `gearbox_space(layout)`; any point of the box is a finite design."""
    named = gearbox_space(layout).as_mapping(jnp.asarray(values))
    build = _parallel_axis if layout == "parallel_axis" else _planetary
    parts = build(named, jnp.asarray(planets, float))
    return Gearbox(
        layout=layout,
        half_shaft_diameter=jnp.asarray(half_shaft_diameter),
        seal_diameter=jnp.stack([parts.pop("input_seal"), jnp.asarray(half_shaft_diameter) + STUB_WALL]),
        steel=gear_steel("case_hardened_mq") if steel is None else steel,
        oil=oil("sae_70w_75w") if fluid is None else fluid,
        manufacture=Manufacture() if manufacture is None else manufacture,
        **parts,
    )


def _parallel_axis(named: dict[str, jax.Array], planets: jax.Array) -> dict:
    def stage(part: str) -> GearPair:
        teeth = (named[f"{part}.teeth_pinion_1"], named[f"{part}.teeth_wheel_1"])
        return _pair(teeth, named[f"{part}.normal_module_m"], named, part)

    def bearing(shaft: str) -> Bearing:
        bore = named[f"bearing_set.{shaft}_bore_m"]
        return ball_bearing(bore, bore + 2.0 * named[f"bearing_set.{shaft}_section_m"])

    return {
        "stage_1": stage("gear_stage_1"),
        "stage_2": stage("gear_stage_2"),
        "planets": jnp.ones_like(planets),
        "input_bearing": bearing("input"),
        "intermediate_bearing": bearing("intermediate"),
        "output_bearing": bearing("output"),
        "planet_pin": None,
        "fold_angle": named["housing.fold_angle_rad"],
        "input_seal": named["bearing_set.input_bore_m"],
    }


def _planetary(named: dict[str, jax.Array], planets: jax.Array) -> dict:
    first_teeth = (named["gear_stage_1.teeth_sun_1"], named["gear_stage_1.teeth_planet_1"])
    stage_1 = _pair(first_teeth, named["gear_stage_1.normal_module_m"], named, "gear_stage_1")
    second_teeth = (named["gear_stage_2.teeth_planet_1"], -named["gear_stage_2.teeth_ring_1"])
    helix, shift = named["gear_stage_2.helix_angle_rad"], named["gear_stage_2.profile_shift_sum_1"]
    per_module = centre_distance(jnp.ones(()), STANDARD_PRESSURE_ANGLE, helix, second_teeth[0] + second_teeth[1], shift)
    stage_2 = _pair(second_teeth, -stage_1.centre_distance / per_module, named, "gear_stage_2")
    bore = named["bearing_set.carrier_bore_m"]
    return {
        "stage_1": stage_1,
        "stage_2": stage_2,
        "planets": planets,
        "input_bearing": None,
        "intermediate_bearing": None,
        "output_bearing": ball_bearing(bore, bore + 2.0 * named["bearing_set.carrier_section_m"]),
        "planet_pin": named["bearing_set.planet_pin_m"],
        "fold_angle": jnp.zeros(()),
        "input_seal": stage_1.tip_diameter[0] - 2.0 * 2.25 * stage_1.normal_module,
    }


def stage_ratio(pair: GearPair) -> jax.Array:
    """|z2 / z1|."""
    return jnp.abs(pair.teeth[1]) / pair.teeth[0]


def ratio(gearbox: Gearbox) -> jax.Array:
    """Motor speed over axle speed."""
    train = stage_ratio(gearbox.stage_1) * stage_ratio(gearbox.stage_2)
    return train + 1.0 if gearbox.layout == "planetary" else train


def require(member: Member | None) -> Member:
    """A part that this layout has; asking for one that it has not is a programming error."""
    if member is None:
        raise TypeError("this gearbox layout has no such part: check gearbox.layout before asking for it")
    return member


def ball_bearings(gearbox: Gearbox) -> Bearing:
    """The pairs of ball bearings with a leading axis: input, intermediate, output (3); planetary: carrier (1)."""
    pairs = [b for b in (gearbox.input_bearing, gearbox.intermediate_bearing, gearbox.output_bearing) if b is not None]
    return jax.tree.map(lambda *leaves: jnp.stack(leaves), *pairs)


def shaft_speed_ratios(gearbox: Gearbox) -> jax.Array:
    """Shaft speed over axle speed for the shafts of `ball_bearings`."""
    if gearbox.layout == "planetary":
        return jnp.ones(1)
    return jnp.stack([ratio(gearbox), stage_ratio(gearbox.stage_2), jnp.ones(())])


def load_sharing(gearbox: Gearbox) -> jax.Array:
    """K_gamma: 1 without planets; 1.10 for 3, 1.25 for 4 planets (AGMA 6123-B06 level 2/3, straight between)."""
    if gearbox.layout != "planetary":
        return jnp.ones(())
    return 1.10 + 0.15 * (gearbox.planets - 3.0)


def stage_loads(gearbox: Gearbox, output_torque: jax.Array, output_speed: jax.Array) -> StageLoad:
    """Loads of both meshes (leading axis 2) without losses, from axle torque [N m] (signed) and axle speed [rad/s].

    torque and speed of any common shape. Against the carrier the train of a planetary runs like parallel axes, with the
    ring as the last wheel at carrier speed.
    """
    first, second = stage_ratio(gearbox.stage_1), stage_ratio(gearbox.stage_2)
    shape = jnp.broadcast_shapes(jnp.shape(output_torque), jnp.shape(output_speed))
    torque = jnp.broadcast_to(output_torque / ratio(gearbox) / gearbox.planets, shape)
    speed = jnp.broadcast_to(output_speed, shape)
    turns = jnp.stack([speed * second * first, speed * second, speed]) / (2.0 * jnp.pi)
    central = gearbox.planets if gearbox.layout == "planetary" else 1.0
    return StageLoad(
        pinion_torque=jnp.stack([torque, torque * first]),
        pinion_speed=turns[:2] * (2.0 * jnp.pi),
        sharing=jnp.broadcast_to(load_sharing(gearbox), (2,)),
        pinion_cycles=jnp.stack([turns[0] * central, turns[1]]),
        wheel_cycles=jnp.stack([turns[1], turns[2] * central]),
    )


def stacked_stages(gearbox: Gearbox) -> GearPair:
    """Both meshes as one pytree with a leading axis of 2, to run the same formulas once (half the compile time)."""
    return jax.tree.map(lambda *leaves: jnp.stack(leaves), gearbox.stage_1, gearbox.stage_2)


def stacked_geometry(gearbox: Gearbox) -> PairGeometry:
    """Geometry of both meshes, leading axis 2."""
    return jax.vmap(pair_geometry)(stacked_stages(gearbox))


def unstack(tree: Stacked) -> tuple[Stacked, Stacked]:
    """The two members of a pytree with a leading axis of 2."""
    return jax.tree.map(lambda leaf: leaf[0], tree), jax.tree.map(lambda leaf: leaf[1], tree)


def stage_geometries(gearbox: Gearbox) -> tuple[PairGeometry, PairGeometry]:
    """Geometry of both meshes."""
    return unstack(stacked_geometry(gearbox))
