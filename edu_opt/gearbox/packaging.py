"""Masses by part, outer dimensions and inertia of the gearbox."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from edu_opt.gearbox.model import Gearbox, ball_bearings, ratio, require, stage_geometries, stage_ratio
from edu_opt.gearbox.rating_bearings import PLANET_ROW_LENGTH
from edu_opt.gearbox.rating_geometry import axis_distance
from edu_opt.gearbox.shaft_forces import DIFFERENTIAL_LENGTH, DIFFERENTIAL_SHORT, shaft_layouts
from edu_opt.numerics.pytree import pytree
from edu_opt.numerics.smooth import smooth_maximum, soft_maximum

# Lumps of the TUM/Gao gearbox model (conf_gearbox.json)
DIFFERENTIAL_MASS = 3.0  # kg; taken to hold at DIFFERENTIAL_TORQUE and to grow with torque (assumed)
DIFFERENTIAL_TORQUE = 3500.0  # N m
ACCESSORIES_MASS = 2.0  # kg, not designed: part of the housing group here
OIL_MASS = 1.0  # kg
WALL = 10e-3  # m
ALUMINIUM_DENSITY = 2850.0  # kg/m^3, die cast with inserts (same source)
# Share of the enclosing box that is wall of 10 mm: real housings are rounded, 4 to 6 mm with ribs, open towards the
# motor. One number from one unit: a 12.5:1 gearbox for 2000 N m (module scaled from the APP310 by 0.82 to 0.88) has to
# weigh GKN's 20.2 kg less 2.5 kg of disconnect clutch (assumed): 0.76 to 0.58.
HOUSING_SHARE = 0.65
SIDE_GAP = 6e-3  # m between gears and housing
CASE_WALL = 5e-3  # m, wall that counts for the outer dimensions
RIM_MODULES = 3.5  # rim of a wheel below its root circle, in modules
WEB_SHARE = 0.35  # web's thickness over face width (assumed)
FLANGE_SHARE = 0.55  # bolt-on diameter of the last wheel over its reference diameter (assumed)
RING_RIM_MODULES = 3.5  # ring gear body outside its root circle
CARRIER_FILL = 0.35  # carrier flanges with bridges over the full disc (assumed)
CARRIER_PLATE = 12e-3  # m, each of two flanges


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
class GearboxDimensions:
    """Outer box [m]: length along the axle, width along the line motor axis - axle axis, height across both;
    centre_distance between motor and axle axis (0 coaxial); diameter of the envelope (coaxial: housing over the
    planets)."""

    length: jax.Array
    width: jax.Array
    height: jax.Array
    centre_distance: jax.Array
    diameter: jax.Array


def cylinder(outer: jax.Array, inner: float | jax.Array, length: float | jax.Array, density: jax.Array) -> jax.Array:
    """Mass of a hollow cylinder [kg]."""
    return density * 0.25 * jnp.pi * (outer**2 - inner**2) * length


def solid_gear_mass(
    tip: jax.Array, root: jax.Array, bore: float | jax.Array, width: jax.Array, density: float | jax.Array
) -> jax.Array:
    """rho b pi/4 (((da + df)/2)^2 - di^2): reproduces the KISSsoft masses 200.47 and 971.2 kg of KS03."""
    return cylinder(0.5 * (tip + root), bore, width, jnp.asarray(density))


def wheel_mass(
    tip: jax.Array, root: jax.Array, hub: jax.Array, width: jax.Array, module: jax.Array, density: jax.Array
) -> jax.Array:
    """Rim of full width, web of `WEB_SHARE` between hub and rim [kg]."""
    rim = smooth_maximum(root - 2.0 * RIM_MODULES * module, hub, 1e-4)
    return solid_gear_mass(tip, root, rim, width, density) + cylinder(rim, hub, WEB_SHARE * width, density)


def gearbox_dimensions(gearbox: Gearbox) -> GearboxDimensions:
    """Outer dimensions from gears, gaps and a housing wall of 5 mm."""
    return (_planetary_dimensions if gearbox.layout == "planetary" else _parallel_axis_dimensions)(gearbox)


def _parallel_axis_dimensions(gearbox: Gearbox) -> GearboxDimensions:
    """Box over three circles, turned so that motor and axle axis lie on its long side."""
    first, second = gearbox.stage_1.centre_distance, gearbox.stage_2.centre_distance
    distance = axis_distance(gearbox)
    # Place of the intermediate axis: along the line of the outer axes, and beside it.
    along = (first**2 - second**2 + distance**2) / (2.0 * distance)
    beside = first * second * jnp.sin(gearbox.fold_angle) / distance
    bearing = require(gearbox.input_bearing).outer
    radii = 0.5 * jnp.stack([bearing, gearbox.stage_1.tip_diameter[1], gearbox.stage_2.tip_diameter[1]])
    radii = radii + SIDE_GAP + CASE_WALL
    x = jnp.stack([jnp.zeros(()), along, distance])
    y = jnp.stack([jnp.zeros(()), beside, jnp.zeros(())])
    width = soft_maximum(x + radii, 1e-3) + soft_maximum(radii - x, 1e-3)
    height = soft_maximum(y + radii, 1e-3) + soft_maximum(radii - y, 1e-3)
    middle = shaft_layouts(gearbox)[1].span + require(gearbox.intermediate_bearing).width
    # The cage stands beside wheel 4, on the side away from stage 1.
    axle = gearbox.stage_1.face_width[0] + gearbox.stage_2.face_width[0] + DIFFERENTIAL_LENGTH + DIFFERENTIAL_SHORT
    length = smooth_maximum(middle, axle, 1e-3) + 2.0 * CASE_WALL
    return GearboxDimensions(length=length, width=width, height=height, centre_distance=distance, diameter=height)


def _planetary_dimensions(gearbox: Gearbox) -> GearboxDimensions:
    _, geometry_2 = stage_geometries(gearbox)
    planets = 2.0 * gearbox.stage_1.centre_distance + gearbox.stage_1.tip_diameter[1] + 2.0 * SIDE_GAP
    ring = jnp.abs(geometry_2.root_diameter[1]) + 2.0 * RING_RIM_MODULES * gearbox.stage_2.normal_module
    diameter = smooth_maximum(planets, ring, 1e-3) + 2.0 * CASE_WALL
    gears = gearbox.stage_1.face_width[0] + gearbox.stage_2.face_width[0] + 3.0 * SIDE_GAP
    length = gears + 2.0 * PLANET_ROW_LENGTH + DIFFERENTIAL_LENGTH + gearbox.output_bearing.width + 2.0 * CASE_WALL
    return GearboxDimensions(
        length=length, width=diameter, height=diameter, centre_distance=jnp.zeros(()), diameter=diameter
    )


def differential_mass(peak_output_torque: float | jax.Array) -> jax.Array:
    """Cage, bevel gears and bolts [kg]."""
    return DIFFERENTIAL_MASS * jnp.asarray(peak_output_torque) / DIFFERENTIAL_TORQUE


def gearbox_masses(gearbox: Gearbox, peak_output_torque: float | jax.Array = DIFFERENTIAL_TORQUE) -> GearboxMasses:
    """Masses by part; peak axle torque [N m] sizes the differential."""
    dimensions = gearbox_dimensions(gearbox)
    gears = (_planetary_gears if gearbox.layout == "planetary" else _parallel_axis_gears)(gearbox)
    stage_1, stage_2, shafts, bearings = gears
    return GearboxMasses(
        gears_stage_1=stage_1,
        gears_stage_2=stage_2,
        gear_shafts=shafts,
        differential=differential_mass(peak_output_torque),
        bearings=bearings,
        oil=jnp.asarray(OIL_MASS),
        housing=housing_mass(gearbox, dimensions) + ACCESSORIES_MASS,
    )


def housing_mass(gearbox: Gearbox, dimensions: GearboxDimensions) -> jax.Array:
    """10 mm aluminium over a share of the box (parallel axis) or of the drum and one end shield (coaxial), [kg]."""
    if gearbox.layout == "planetary":
        area = jnp.pi * dimensions.diameter * dimensions.length + 0.25 * jnp.pi * dimensions.diameter**2
    else:
        area = 2.0 * (
            dimensions.length * dimensions.width
            + dimensions.length * dimensions.height
            + dimensions.width * dimensions.height
        )
    return HOUSING_SHARE * area * WALL * ALUMINIUM_DENSITY


def _parallel_axis_gears(gearbox: Gearbox) -> tuple[jax.Array, jax.Array, jax.Array, jax.Array]:
    """(stage 1, stage 2, shafts, bearings) [kg]; pinions are cut on their shafts and counted with them as solid."""
    rho = gearbox.steel.density
    geometries = stage_geometries(gearbox)
    pairs = (gearbox.stage_1, gearbox.stage_2)
    bearings = ball_bearings(gearbox)
    middle = bearings.bore[1]
    hubs = (middle + 0.010, FLANGE_SHARE * geometries[1].reference_diameter[1])
    stages = []
    for pair, geometry, hub in zip(pairs, geometries, hubs, strict=True):
        pinion = solid_gear_mass(pair.tip_diameter[0], geometry.root_diameter[0], 0.0, pair.face_width[0], rho)
        wheel = wheel_mass(
            pair.tip_diameter[1], geometry.root_diameter[1], hub, pair.face_width[1], pair.normal_module, rho
        )
        stages.append(pinion + wheel)
    layout_1, layout_2, _ = shaft_layouts(gearbox)
    input_free = layout_1.span + bearings.width[0] - gearbox.stage_1.face_width[0]
    middle_free = layout_2.span + bearings.width[1] - gearbox.stage_2.face_width[0]
    shafts = cylinder(bearings.bore[0], 0.0, input_free, rho) + cylinder(middle + 0.005, 0.0, middle_free, rho)
    return stages[0], stages[1], shafts, 2.0 * jnp.sum(bearings.mass)


def _planetary_gears(gearbox: Gearbox) -> tuple[jax.Array, jax.Array, jax.Array, jax.Array]:
    """(stage 1, stage 2, shafts and carrier, bearings) [kg]."""
    rho, count = gearbox.steel.density, gearbox.planets
    geometry_1, geometry_2 = stage_geometries(gearbox)
    first, second, pin = gearbox.stage_1, gearbox.stage_2, require(gearbox.planet_pin)
    bore = gearbox.half_shaft_diameter + 0.006
    sun = solid_gear_mass(first.tip_diameter[0], geometry_1.root_diameter[0], bore, first.face_width[0], rho)
    large = wheel_mass(
        first.tip_diameter[1], geometry_1.root_diameter[1], pin, first.face_width[1], first.normal_module, rho
    )
    small = solid_gear_mass(second.tip_diameter[0], geometry_2.root_diameter[0], 0.0, second.face_width[0], rho)
    root = jnp.abs(geometry_2.root_diameter[1])
    inner = 0.5 * (root + jnp.abs(second.tip_diameter[1]))
    ring = cylinder(root + 2.0 * RING_RIM_MODULES * second.normal_module, inner, second.face_width[1], rho)
    journals = count * cylinder(pin, 0.0, 2.0 * PLANET_ROW_LENGTH + first.face_width[1], rho)
    carrier = CARRIER_FILL * cylinder(2.0 * first.centre_distance + 2.0 * pin, 0.0, 2.0 * CARRIER_PLATE, rho)
    needles = count * 2.0 * 0.6 * cylinder(pin + 7e-3, pin, PLANET_ROW_LENGTH, rho)
    return sun + count * large, count * small + ring, journals + carrier, 2.0 * gearbox.output_bearing.mass + needles


def input_inertia(gearbox: Gearbox) -> jax.Array:
    """Moment of inertia of all gears seen at the motor shaft [kg m^2]; differential, axle and carrier left out (slow).

    Gears as solid discs of their reference diameter over the face width, wheels with half of that (rim and web).
    """
    rho = gearbox.steel.density
    geometry_1, geometry_2 = stage_geometries(gearbox)

    def disc(diameter: jax.Array, width: jax.Array) -> jax.Array:
        return rho * jnp.pi / 32.0 * jnp.abs(diameter) ** 4 * width

    first, total = stage_ratio(gearbox.stage_1), ratio(gearbox)
    middle = gearbox.planets * (
        0.5 * disc(geometry_1.reference_diameter[1], gearbox.stage_1.face_width[1])
        + disc(geometry_2.reference_diameter[0], gearbox.stage_2.face_width[0])
    )
    inertia = disc(geometry_1.reference_diameter[0], gearbox.stage_1.face_width[0]) + middle / first**2
    if gearbox.layout == "planetary":
        # planets turn against the carrier (counted above, relative speed close to the absolute one) and go round
        # with it
        return inertia
    last = 0.5 * disc(geometry_2.reference_diameter[1], gearbox.stage_2.face_width[1])
    return inertia + last / total**2
