"""Masses by part, outer dimensions, oil and inertias of the gearbox."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from edu_opt.gearbox.clutch import dog_clutch, torque_capacity
from edu_opt.gearbox.gear_bodies import SIDE_GAP, Cylinder, part_inertias, part_masses, planetary_diameter
from edu_opt.gearbox.model import Gearbox, ball_bearings, gearbox_state, require, stacked_geometry
from edu_opt.gearbox.rating_bearings import PLANET_ROW_LENGTH
from edu_opt.gearbox.rating_geometry import axis_distance, intermediate_place, largest_wheel
from edu_opt.gearbox.shaft_forces import DIFFERENTIAL_LENGTH, DIFFERENTIAL_SHORT, FACE_TO_BEARING, shaft_layouts
from edu_opt.numerics.pytree import pytree
from edu_opt.numerics.smooth import smooth_maximum, soft_maximum

# Lumps of the TUM/Gao gearbox model (conf_gearbox.json)
DIFFERENTIAL_MASS = 3.0  # kg; taken to hold at DIFFERENTIAL_TORQUE and to grow with torque (assumed)
DIFFERENTIAL_TORQUE = 3500.0  # N m
ACCESSORIES_MASS = 2.0  # kg, not designed: part of the housing group here
WALL = 10e-3  # m
ALUMINIUM_DENSITY = 2850.0  # kg/m^3, die cast with inserts (same source)
# Share of the enclosing box that is wall of 10 mm: real housings are rounded, 4 to 6 mm with ribs, open towards the
# motor. One number from one unit: a 12.5:1 gearbox for 2000 N m (module scaled from the APP310 by 0.82 to 0.88) has to
# weigh GKN's 20.2 kg less 2.5 kg of disconnect clutch (assumed): 0.76 to 0.58.
HOUSING_SHARE = 0.65
CASE_WALL = 5e-3  # m, wall that counts for the outer dimensions
CARRIER_FILL = 0.35  # carrier flanges with bridges over the full disc (assumed)
CARRIER_PLATE = 12e-3  # m, each of two flanges
DIFFERENTIAL_DIAMETER = 0.11  # m, cage as a solid cylinder in its inertia (assumed)
DIP_MODULES = 3.0  # the last wheel dips its teeth and a little more at rest (assumed)
CIRCULATION_TIME = 10.0  # s, oil on its way back to the sump (assumed)


@pytree
class GearboxMasses:
    """Masses [kg] by part, with the names of the bill of materials."""

    gears_stage_1: jax.Array
    gears_stage_2: jax.Array
    gear_shafts: jax.Array
    differential: jax.Array
    bearings: jax.Array
    oil: jax.Array
    housing: jax.Array

    @property
    def total(self) -> jax.Array:
        """Whole gearbox, filled [kg]."""
        gears = self.gears_stage_1 + self.gears_stage_2 + self.gear_shafts + self.differential
        return gears + self.bearings + self.oil + self.housing


@pytree
class GearboxInertias:
    """Moments of inertia by part, all seen at the motor shaft [kg m^2] (without the motor's rotor and the wheels)."""

    gears_stage_1: jax.Array
    gears_stage_2: jax.Array
    gear_shafts: jax.Array
    differential: jax.Array

    @property
    def total(self) -> jax.Array:
        """Everything that turns in the gearbox [kg m^2]."""
        return self.gears_stage_1 + self.gears_stage_2 + self.gear_shafts + self.differential


@pytree
class GearboxDimensions:
    """Outer box [m]: length along the axle, width along the line motor axis - axle axis, height across both;
    centre_distance between motor and axle axis (0 coaxial); diameter of the envelope (coaxial: housing over the
    planets); depth of the housing below the axle's axis, with the motor's axis as high as the axle's."""

    length: jax.Array
    width: jax.Array
    height: jax.Array
    centre_distance: jax.Array
    diameter: jax.Array
    depth: jax.Array


@pytree
class Turning:
    """Shafts, pins and carriers: a cylinder (`share` of it is steel), how many, on which shaft's speed over the motor's
    it turns, and on which radius [m] it goes round."""

    body: Cylinder
    share: float
    count: float | jax.Array
    speed: jax.Array
    orbit: float | jax.Array = 0.0


def gearbox_dimensions(gearbox: Gearbox) -> GearboxDimensions:
    """Outer dimensions from gears, gaps and a housing wall of 5 mm."""
    if gearbox.coaxial:
        return _coaxial_dimensions(gearbox)
    if gearbox.structure.has_planets:
        return _planetary_layshaft_dimensions(gearbox)
    return _parallel_axis_dimensions(gearbox)


def _box(x: jax.Array, y: jax.Array, radii: jax.Array, length: jax.Array) -> GearboxDimensions:
    """Box over circles around axes at (x, y), motor first, axle last on the line y = 0; radii of the gears."""
    radii = radii + SIDE_GAP + CASE_WALL
    width = soft_maximum(x + radii, 1e-3) + soft_maximum(radii - x, 1e-3)
    depth = soft_maximum(radii - y, 1e-3)
    height = soft_maximum(y + radii, 1e-3) + depth
    return GearboxDimensions(
        length=length, width=width, height=height, centre_distance=x[-1], diameter=height, depth=depth
    )


def _parallel_axis_dimensions(gearbox: Gearbox) -> GearboxDimensions:
    """Box over three circles, turned so that motor and axle axis lie on its long side, the intermediate above."""
    distance = axis_distance(gearbox)
    along, beside = intermediate_place(gearbox)
    last = gearbox.stages[-1]
    radii = 0.5 * jnp.stack([require(gearbox.input_bearing).outer, largest_wheel(gearbox), last.tip_diameter[1]])
    middle = shaft_layouts(gearbox)[1].span + require(gearbox.intermediate_bearing).width
    # The cage stands beside wheel 4, on the side away from stage 1.
    axle = shaft_layouts(gearbox)[0].span - 2.0 * FACE_TO_BEARING + shaft_layouts(gearbox)[2].span
    x, y = jnp.stack([jnp.zeros(()), along, distance]), jnp.stack([jnp.zeros(()), beside, jnp.zeros(())])
    return _box(x, y, radii, smooth_maximum(middle, axle, 1e-3) + 2.0 * CASE_WALL)


def set_length(gearbox: Gearbox) -> jax.Array:
    """Length of planets, rows and gaps [m]; two steps stand in a row, the planet of a simple set counts once."""
    steps = {b.mesh for b in gearbox.structure.bodies if b.planet}
    widths = sum((gearbox.stages[k].face_width[0] for k in steps), jnp.zeros(()))
    return widths + (1.0 + len(steps)) * SIDE_GAP + 2.0 * PLANET_ROW_LENGTH


def _coaxial_dimensions(gearbox: Gearbox) -> GearboxDimensions:
    """A drum over planets and ring, the differential behind it."""
    diameter = planetary_diameter(gearbox, stacked_geometry(gearbox)) + 2.0 * CASE_WALL
    length = set_length(gearbox) + DIFFERENTIAL_LENGTH + gearbox.output_bearing.width + 2.0 * CASE_WALL
    zero = jnp.zeros(())
    return GearboxDimensions(
        length=length, width=diameter, height=diameter, centre_distance=zero, diameter=diameter, depth=0.5 * diameter
    )


def _planetary_layshaft_dimensions(gearbox: Gearbox) -> GearboxDimensions:
    """Box over the drum of the planetary on the motor's axis and the last wheel on the axle's; the cage lies below the
    drum."""
    last, bearing = gearbox.stages[-1], require(gearbox.intermediate_bearing)
    motor_side = set_length(gearbox) + last.face_width[0] + 2.0 * bearing.width + 2.0 * SIDE_GAP
    axle = last.face_width[0] + DIFFERENTIAL_LENGTH + DIFFERENTIAL_SHORT
    radii = 0.5 * jnp.stack([planetary_diameter(gearbox, stacked_geometry(gearbox)), last.tip_diameter[1]])
    x = jnp.stack([jnp.zeros(()), last.centre_distance])
    return _box(x, jnp.zeros(2), radii, smooth_maximum(motor_side, axle, 1e-3) + 2.0 * CASE_WALL)


def ground_clearance(dimensions: GearboxDimensions, tyre_radius: float | jax.Array) -> jax.Array:
    """Ground to the housing's lowest point [m]: static tyre radius [m] at the axle less the housing's depth."""
    return tyre_radius - dimensions.depth


def oil_volume(gearbox: Gearbox, dimensions: GearboxDimensions) -> jax.Array:
    """Fill [m^3]: a sump that dips the last wheel (coaxial: the planets) by `DIP_MODULES`, and what circulates.

    Below the lowest gear lies a gap of `SIDE_GAP`. Bottom of a box as rounded as its walls (`HOUSING_SHARE`); of a
    drum, a circle's segment (2/3 chord times depth).
    """
    depth = SIDE_GAP + DIP_MODULES * gearbox.stages[-1].normal_module
    if gearbox.coaxial:
        section = 2.0 / 3.0 * 2.0 * jnp.sqrt(depth * (dimensions.diameter - depth)) * depth
    else:
        section = HOUSING_SHARE * dimensions.width * depth
    circulating = len(gearbox.stages) * gearbox.manufacture.oil_flow * CIRCULATION_TIME
    return section * dimensions.length + circulating


def differential_mass(peak_output_torque: float | jax.Array) -> jax.Array:
    """Cage, bevel gears and bolts [kg]."""
    return DIFFERENTIAL_MASS * jnp.asarray(peak_output_torque) / DIFFERENTIAL_TORQUE


def gearbox_masses(gearbox: Gearbox, peak_output_torque: float | jax.Array = DIFFERENTIAL_TORQUE) -> GearboxMasses:
    """Masses by part; peak axle torque [N m] sizes the differential."""
    dimensions = gearbox_dimensions(gearbox)
    stage_1, stage_2 = part_masses(gearbox, stacked_geometry(gearbox))
    rho = gearbox.steel.density
    return GearboxMasses(
        gears_stage_1=stage_1,
        gears_stage_2=stage_2,
        gear_shafts=sum((t.share * t.count * t.body.mass(rho) for t in turning_parts(gearbox)), jnp.zeros(())),
        differential=differential_mass(peak_output_torque) + _clutch_mass(gearbox),
        bearings=bearing_mass(gearbox),
        oil=gearbox.oil.density_15 * oil_volume(gearbox, dimensions),
        housing=housing_mass(gearbox, dimensions) + ACCESSORIES_MASS,
    )


def _clutch_mass(gearbox: Gearbox) -> jax.Array:
    """Shift and disconnect clutches [kg]; with a shift clutch come the claws of the first gear."""
    mass = gearbox.disconnect.mass if gearbox.disconnect is not None else jnp.zeros(())
    if gearbox.shift_clutch is None:
        return mass
    return mass + gearbox.shift_clutch.mass + dog_clutch(torque_capacity(gearbox.shift_clutch)).mass


def housing_mass(gearbox: Gearbox, dimensions: GearboxDimensions) -> jax.Array:
    """10 mm aluminium over a share of the box (axes apart) or of the drum and one end shield (coaxial), [kg]."""
    if gearbox.coaxial:
        area = jnp.pi * dimensions.diameter * dimensions.length + 0.25 * jnp.pi * dimensions.diameter**2
    else:
        area = 2.0 * (
            dimensions.length * dimensions.width
            + dimensions.length * dimensions.height
            + dimensions.width * dimensions.height
        )
    return HOUSING_SHARE * area * WALL * ALUMINIUM_DENSITY


def bearing_mass(gearbox: Gearbox) -> jax.Array:
    """Pairs of ball bearings, and two needle rows of 3.5 mm (60 % full) on each planet [kg]."""
    balls = 2.0 * jnp.sum(ball_bearings(gearbox).mass)
    if gearbox.planet_pin is None:
        return balls
    row = Cylinder(outer=gearbox.planet_pin + 7e-3, inner=gearbox.planet_pin, length=jnp.asarray(PLANET_ROW_LENGTH))
    return balls + gearbox.planets * 2.0 * 0.6 * row.mass(gearbox.steel.density)


def turning_parts(gearbox: Gearbox) -> tuple[Turning, ...]:
    """Shafts between the gears, planet pins and the carrier; pinions are cut on their shafts and counted with the
    gears."""
    train, state = gearbox.structure.train, gearbox_state(gearbox)
    speed = dict(zip(train.shafts, state.shaft_speed / state.shaft_speed[0], strict=True))

    def shaft(name: str, diameter: jax.Array, length: jax.Array) -> Turning:
        body = Cylinder(outer=diameter, inner=jnp.zeros(()), length=length)
        return Turning(body=body, share=1.0, count=1.0, speed=speed[name])

    if not gearbox.structure.has_planets:
        layout_1, layout_2, _ = shaft_layouts(gearbox)
        first, middle = require(gearbox.input_bearing), require(gearbox.intermediate_bearing)
        pinions = sum((pair.face_width[0] for pair in gearbox.stages[:-1]), jnp.zeros(()))
        free = layout_1.span + first.width - pinions
        between = layout_2.span + middle.width - gearbox.stages[-1].face_width[0]
        return shaft("motor", first.bore, free), shaft("intermediate", middle.bore + 0.005, between)
    arm, pin = train.meshes[0].arm, require(gearbox.planet_pin)
    distance = gearbox.stage_1.centre_distance
    journal = Cylinder(outer=pin, inner=jnp.zeros(()), length=2.0 * PLANET_ROW_LENGTH + gearbox.stage_1.face_width[1])
    flanges = Cylinder(outer=2.0 * distance + 2.0 * pin, inner=jnp.zeros(()), length=jnp.asarray(2.0 * CARRIER_PLATE))
    parts = (
        Turning(body=journal, share=1.0, count=gearbox.planets, speed=speed[arm], orbit=distance),
        Turning(body=flanges, share=CARRIER_FILL, count=1.0, speed=speed[arm]),
    )
    if gearbox.coaxial:
        return parts
    bearing = require(gearbox.intermediate_bearing)
    return (*parts, shaft(arm, bearing.bore, 2.0 * bearing.width + 2.0 * SIDE_GAP))


def gearbox_inertias(gearbox: Gearbox, peak_output_torque: float | jax.Array = DIFFERENTIAL_TORQUE) -> GearboxInertias:
    """Inertias by part at the motor shaft [kg m^2]; peak axle torque [N m] sizes the differential."""
    rho = gearbox.steel.density
    stage_1, stage_2 = part_inertias(gearbox, stacked_geometry(gearbox))
    shafts = [
        t.share * t.count * (t.body.inertia(rho) + t.body.mass(rho) * t.orbit**2) * t.speed**2
        for t in turning_parts(gearbox)
    ]
    cage = differential_mass(peak_output_torque) * DIFFERENTIAL_DIAMETER**2 / 8.0
    return GearboxInertias(
        gears_stage_1=stage_1,
        gears_stage_2=stage_2,
        gear_shafts=sum(shafts, jnp.zeros(())),
        differential=cage / gearbox_state(gearbox).ratio ** 2,
    )
