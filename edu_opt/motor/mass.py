"""Masses by part, outer dimensions, inertia, material amounts net and gross."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from edu_opt.materials.coolants import ALUMINIUM_HOUSING_DENSITY, INSULATION_DENSITY, SHAFT_STEEL_DENSITY
from edu_opt.motor.cage_loss import cage_mass
from edu_opt.motor.coolant_channel import CHANNEL_HEIGHT, CHANNEL_WIDTH, TURN_PITCH
from edu_opt.motor.excitation import field_copper_volume
from edu_opt.motor.parts import Motor
from edu_opt.motor.results import MotorDimensions, MotorMasses
from edu_opt.motor.winding import bar, copper_volumes, end_winding_overhang
from edu_opt.numerics.pytree import pytree

JACKET_THICKNESS = 11e-3  # m radial; Motor-CAD housing minus lamination diameter = 22 mm in all TUMFTM machines
CHANNEL_SHARE = CHANNEL_HEIGHT / JACKET_THICKNESS * CHANNEL_WIDTH / TURN_PITCH  # of that ring around the stack
END_CLEARANCE = 5e-3  # m from the end winding to the end shield (assumed)
SHIELD_THICKNESS = 10e-3  # m; with the clearance it gives 266 mm for the ID.3 model, as in its file
SHIELD_SOLID_SHARE = 0.5  # ribs instead of a full disc: as much as the 5 mm end caps of the TUMFTM files
SHAFT_EXTENSION = 0.05  # m beyond the motor's length for bearing and spline (assumed)
SHAFT_WALL = 6e-3  # m of a hollow shaft (assumed; 5.7 mm in the TUMFTM files, half of it grooved for coolant)
BEARING_PAIR = 0.8  # kg, two of 75 x 42 x 17 mm as in the TUMFTM files
BLANK_MARGIN = 4e-3  # m of strip beyond the sheet's diameter, both ways (assumed)
HAIRPIN_TRIM = 5e-3  # m of every conductor, cut off before welding (assumed)
MAGNET_CUTTING = 0.10  # of a magnet's mass lost when blocks are cut and ground (assumed)


def motor_dimensions(motor: Motor) -> MotorDimensions:
    """Outer dimensions [m]; length over both end shields."""
    size = motor.dimensions
    overhang = end_winding_overhang(motor.winding, size)
    return MotorDimensions(
        lamination_diameter=2.0 * size.outer_radius,
        housing_diameter=2.0 * (size.outer_radius + JACKET_THICKNESS),
        stack_length=motor.stack_length,
        end_winding_overhang=overhang,
        length=motor.stack_length + 2.0 * (overhang + END_CLEARANCE + SHIELD_THICKNESS),
        shaft_diameter=2.0 * size.shaft_radius,
    )


def motor_masses(motor: Motor) -> MotorMasses:
    """Masses [kg] by part, net."""
    size, length, outer = motor.dimensions, motor.stack_length, motor_dimensions(motor)
    solid = motor.steel.stacking_factor * motor.steel.density * length
    slot_copper, end_copper = copper_volumes(motor.winding, size, length)
    stator_copper = motor.winding.metal.density * (slot_copper + end_copper)
    field_copper = motor.field_winding.metal.density * field_copper_volume(motor.field_winding, size, length)
    slot_space = size.slots * size.slot_winding_area * length
    return MotorMasses(
        stator_steel=solid * size.stator_steel_area,
        rotor_steel=solid * size.rotor_steel_area,
        stator_copper=stator_copper,
        field_copper=field_copper,
        magnets=motor.magnet.density * size.magnet_area * length,
        shaft=shaft_mass(size.shaft_radius, outer.length + SHAFT_EXTENSION),
        bearings=jnp.asarray(BEARING_PAIR),
        insulation=INSULATION_DENSITY * (slot_space - slot_copper + 0.1 * end_copper),
        housing=housing_mass(size.outer_radius, length, outer.length),
        exciter=motor.field_winding.exciter.mass * jnp.where(motor.field_winding.turns > 0.0, 1.0, 0.0),
        cage=cage_mass(motor.cage) if motor.cage else jnp.zeros(()),
    )


def housing_mass(lamination_radius: jax.Array, stack_length: jax.Array, length: jax.Array) -> jax.Array:
    """Cast aluminium [kg] of a jacket of a whole length [m], its channel around the stack, and two end shields."""
    radius = lamination_radius + JACKET_THICKNESS
    ring = jnp.pi * (radius**2 - lamination_radius**2)
    shields = SHIELD_SOLID_SHARE * 2.0 * jnp.pi * radius**2 * SHIELD_THICKNESS
    return ALUMINIUM_HOUSING_DENSITY * (ring * (length - CHANNEL_SHARE * stack_length) + shields)


def shaft_mass(radius: float | jax.Array, length: float | jax.Array, wall: float = SHAFT_WALL) -> jax.Array:
    """Steel [kg] of a hollow shaft of an outer radius, a length and a wall [m]."""
    return jnp.asarray(SHAFT_STEEL_DENSITY * jnp.pi * (radius**2 - (radius - wall) ** 2) * length)


def rotating_mass(motor: Motor) -> jax.Array:
    """Mass of the rotor with its shaft [kg]."""
    masses = motor_masses(motor)
    return masses.active_rotor + masses.shaft


def rotor_inertia(motor: Motor) -> jax.Array:
    """Moment of inertia of the rotor with its shaft [kg m2]: active parts as an even ring, shaft as a tube."""
    masses, size = motor_masses(motor), motor.dimensions
    shaft = masses.shaft * (size.shaft_radius**2 + (size.shaft_radius - SHAFT_WALL) ** 2)
    return 0.5 * (masses.active_rotor * (size.rotor_radius**2 + size.shaft_radius**2) + shaft)


@pytree
class MotorMaterials:
    """What is bought for one motor [kg], net (in the motor) and gross (with what is cut away)."""

    electrical_steel_net: jax.Array
    electrical_steel_gross: jax.Array
    copper_net: jax.Array
    copper_gross: jax.Array
    magnet_net: jax.Array
    magnet_gross: jax.Array
    shaft_steel_net: jax.Array
    shaft_steel_gross: jax.Array
    aluminium: jax.Array
    insulation: jax.Array
    bearings: jax.Array


def motor_materials(motor: Motor) -> MotorMaterials:
    """Material amounts [kg] for the bill of materials and for carbon.

    Stator and rotor sheets come from one square blank of the strip (the rotor from the stator's bore); hairpins are
    trimmed before they are welded; magnets are cut from blocks; the shaft is turned from a solid bar; castings return
    their scrap to the furnace, so net is gross.
    """
    masses, size, winding = motor_masses(motor), motor.dimensions, motor.winding
    blank = (2.0 * size.outer_radius + BLANK_MARGIN) ** 2
    trim = 0.0 if winding.wire else HAIRPIN_TRIM
    trimmed = size.slots * winding.conductors_per_slot * bar(winding, size).area * trim * winding.metal.density
    copper_cage = masses.cage * (motor.cage.metal.is_copper if motor.cage else 0.0)
    copper = masses.stator_copper + masses.field_copper + copper_cage
    hollow = 1.0 - (1.0 - SHAFT_WALL / size.shaft_radius) ** 2
    return MotorMaterials(
        electrical_steel_net=masses.stator_steel + masses.rotor_steel,
        electrical_steel_gross=motor.steel.stacking_factor * motor.steel.density * motor.stack_length * blank,
        copper_net=copper,
        copper_gross=copper + trimmed,
        magnet_net=masses.magnets,
        magnet_gross=(1.0 + MAGNET_CUTTING) * masses.magnets,
        shaft_steel_net=masses.shaft,
        shaft_steel_gross=masses.shaft / hollow,
        aluminium=masses.housing + masses.cage - copper_cage,
        insulation=masses.insulation,
        bearings=masses.bearings,
    )
