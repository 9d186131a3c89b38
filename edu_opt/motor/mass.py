"""Masses by part, outer dimensions, inertia."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from edu_opt.materials.coolants import ALUMINIUM_HOUSING_DENSITY, INSULATION_DENSITY, SHAFT_STEEL_DENSITY
from edu_opt.motor.excitation import field_copper_volume
from edu_opt.motor.parts import Motor
from edu_opt.motor.results import MotorDimensions, MotorMasses
from edu_opt.motor.winding import copper_volumes, end_winding_overhang

JACKET_THICKNESS = 11e-3  # m radial; Motor-CAD housing minus lamination diameter = 22 mm in all TUMFTM machines
JACKET_SOLID_SHARE = 0.6  # aluminium in that ring beside the water channels (assumed)
END_CLEARANCE = 5e-3  # m from the end winding to the end shield (assumed)
SHIELD_THICKNESS = 10e-3  # m; with the clearance it gives 266 mm for the ID.3 model, as in its file
SHIELD_SOLID_SHARE = 0.6  # ribs instead of a full disc (assumed)
SHAFT_EXTENSION = 0.05  # m beyond the motor's length for bearing and spline (assumed)
SHAFT_SOLID_SHARE = 0.6  # of the shaft's circle; hollow shafts carry oil (assumed)


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
    radius = 0.5 * outer.housing_diameter
    jacket = JACKET_SOLID_SHARE * jnp.pi * (radius**2 - size.outer_radius**2) * outer.length
    shields = SHIELD_SOLID_SHARE * 2.0 * jnp.pi * radius**2 * SHIELD_THICKNESS
    shaft = SHAFT_SOLID_SHARE * jnp.pi * size.shaft_radius**2 * (outer.length + SHAFT_EXTENSION)
    return MotorMasses(
        stator_steel=solid * size.stator_steel_area,
        rotor_steel=solid * size.rotor_steel_area,
        stator_copper=stator_copper,
        field_copper=field_copper,
        magnets=motor.magnet.density * size.magnet_area * length,
        shaft=SHAFT_STEEL_DENSITY * shaft,
        insulation=INSULATION_DENSITY * (slot_space - slot_copper + 0.1 * end_copper),
        housing=ALUMINIUM_HOUSING_DENSITY * (jacket + shields),
        exciter=motor.field_winding.exciter.mass * jnp.where(motor.field_winding.turns > 0.0, 1.0, 0.0),
    )


def rotating_mass(motor: Motor) -> jax.Array:
    """Mass of the rotor with its shaft [kg]."""
    masses = motor_masses(motor)
    return masses.rotor_steel + masses.field_copper + masses.magnets + masses.shaft


def rotor_inertia(motor: Motor) -> jax.Array:
    """Moment of inertia of the rotor with its shaft [kg m2]: active parts as an even ring, shaft as a tube."""
    masses, size = motor_masses(motor), motor.dimensions
    ring = masses.rotor_steel + masses.field_copper + masses.magnets
    shaft = masses.shaft * (2.0 - SHAFT_SOLID_SHARE) * size.shaft_radius**2
    return 0.5 * (ring * (size.rotor_radius**2 + size.shaft_radius**2) + shaft)
