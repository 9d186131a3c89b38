"""Outer dimensions and mass of the whole unit: three components in one housing."""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp

from edu_opt.drive_unit.accessories import AccessoryMasses, accessory_masses
from edu_opt.drive_unit.conditions import Number
from edu_opt.drive_unit.model import DriveUnit
from edu_opt.gearbox.packaging import GearboxMasses, gearbox_dimensions, gearbox_masses
from edu_opt.inverter.model import InverterMasses, inverter_dimensions, inverter_masses, phase_current_limit
from edu_opt.motor.mass import SHIELD_SOLID_SHARE, SHIELD_THICKNESS, motor_dimensions, motor_masses
from edu_opt.motor.results import MotorMasses
from edu_opt.numerics.pytree import pytree
from edu_opt.numerics.smooth import smooth_maximum

SHARED_SHIELD = 1.0  # of two end shields at the joint of motor and gearbox, one is left (one housing)
ALUMINIUM_DENSITY = 2700.0  # kg/m3
MOUNT_MASS_SHARE = 0.03  # brackets and bushings over the mass they carry (assumed)
HARNESS_MASS = 1.2  # kg low-voltage harness, sensors, coolant fittings (assumed)
BUSBAR_LENGTH = 0.25  # m of each of three AC bars from module to winding star (assumed)
BUSBAR_DENSITY = 6e6  # A rms/m2 continuous in AC bars (assumed); the limit current lasts seconds: half of it counts
COPPER_DENSITY = 8933.0  # kg/m3 (Motor-CAD, notes motor 5.4)
JOINT_CLEARANCE = 5e-3  # m between motor and gearbox over the shared shield (assumed)
INVERTER_FOOTPRINT_WIDTH = 0.30  # m, an inverter lid is never wider than this here (assumed)


@pytree
class UnitMasses:
    """Masses [kg] by component and what joins them."""

    motor: MotorMasses
    gearbox: GearboxMasses
    inverter: InverterMasses
    shared_housing: jax.Array  # negative: the shield that one housing saves
    busbars: jax.Array
    harness: jax.Array
    mounts: jax.Array
    accessories: AccessoryMasses

    @property
    def housing(self) -> jax.Array:
        """All cast aluminium [kg]: motor jacket and shields, gearbox, inverter, less what one housing saves."""
        return self.motor.housing + self.gearbox.housing + self.inverter.housing + self.shared_housing

    @property
    def joining(self) -> jax.Array:
        """Busbars, harness, mounts, accessories and the saved shield [kg]."""
        return self.shared_housing + self.busbars + self.harness + self.mounts + self.accessories.total

    @property
    def total(self) -> jax.Array:
        """The whole unit, filled [kg]."""
        return self.motor.total + self.gearbox.total + self.inverter.total + self.joining


@pytree
class UnitDimensions:
    """Outer dimensions [m]. `length` along the axle; `width` along the vehicle, `height` up, inverter included;
    `diameter` the concentric envelope of motor and gearbox (coaxial units), of the motor housing otherwise;
    `concentric_length` motor and gearbox in a row on one axis; `bottom` below and `top` above the axle's axis;
    `motor_offset` from wheel centre to motor axis, level with it (0: coaxial)."""

    length: jax.Array
    width: jax.Array
    height: jax.Array
    diameter: jax.Array
    concentric_length: jax.Array
    inverter_height: jax.Array
    bottom: jax.Array
    top: jax.Array
    motor_offset: jax.Array


def unit_masses(unit: DriveUnit, peak_output_torque: Number) -> UnitMasses:
    """Masses by part; the peak axle torque [N m] sizes the differential."""
    motor, inverter = motor_masses(unit.motor), inverter_masses(unit.inverter)
    gearbox = gearbox_masses(unit.gearbox, peak_output_torque)
    radius = 0.5 * motor_dimensions(unit.motor).housing_diameter
    shield = SHIELD_SOLID_SHARE * math.pi * radius**2 * SHIELD_THICKNESS * ALUMINIUM_DENSITY
    section = 0.5 * phase_current_limit(unit.inverter) / math.sqrt(2.0) / BUSBAR_DENSITY
    return UnitMasses(
        motor=motor,
        gearbox=gearbox,
        inverter=inverter,
        shared_housing=-SHARED_SHIELD * shield,
        busbars=3.0 * BUSBAR_LENGTH * section * COPPER_DENSITY,
        harness=jnp.asarray(HARNESS_MASS),
        mounts=MOUNT_MASS_SHARE * (motor.total + gearbox.total + inverter.total),
        accessories=accessory_masses(unit),
    )


def unit_dimensions(unit: DriveUnit) -> UnitDimensions:
    """Outer dimensions. Parallel axes: motor beside the axle, gearbox at one end, inverter on top of the motor.
    Coaxial: motor, planetary and differential in a row on the axle, inverter on top of the motor."""
    motor, gearbox = motor_dimensions(unit.motor), gearbox_dimensions(unit.gearbox)
    row, radius = motor.length - SHIELD_THICKNESS + JOINT_CLEARANCE + gearbox.length, 0.5 * motor.housing_diameter
    footprint = jnp.minimum(jnp.asarray(INVERTER_FOOTPRINT_WIDTH), motor.housing_diameter)
    inverter = inverter_dimensions(unit.inverter, motor.length, footprint)
    if unit.gearbox.coaxial:
        diameter = smooth_maximum(motor.housing_diameter, gearbox.diameter, 1e-3)
        width = diameter
    else:
        # the motor's housing reaches beyond the gearbox box at the input end by the difference of radii
        diameter = motor.housing_diameter
        width = smooth_maximum(gearbox.width, gearbox.centre_distance + motor.housing_diameter, 1e-3)
    bottom = smooth_maximum(gearbox.depth, radius, 1e-3)
    top = smooth_maximum(gearbox.height - gearbox.depth, radius + inverter, 1e-3)
    return UnitDimensions(
        length=row,
        width=width,
        height=bottom + top,
        diameter=diameter,
        concentric_length=row,
        inverter_height=inverter,
        bottom=bottom,
        top=top,
        motor_offset=gearbox.centre_distance,
    )


def centre_of_mass(unit: DriveUnit, masses: UnitMasses) -> jax.Array:
    """Centre of mass (3,) [m]: along the axle from the unit's middle towards the motor's end, along the vehicle from
    the axle towards the motor, above the axle.

    Motor, gearbox and inverter each in the middle of their boxes; what joins them lies at the motor (assumed). Beyond
    the axle the gearbox reaches as far as below it: there and there its last wheel is the largest.
    """
    motor, gearbox, whole = motor_dimensions(unit.motor), gearbox_dimensions(unit.gearbox), unit_dimensions(unit)
    offset, zero = gearbox.centre_distance, jnp.zeros(())
    half = 0.5 * whole.length
    at_motor = half - 0.5 * motor.length
    at_gears = jnp.stack(
        [
            0.5 * gearbox.length - half,
            zero if unit.gearbox.coaxial else 0.5 * gearbox.width - gearbox.depth,
            0.5 * gearbox.height - gearbox.depth,
        ]
    )
    above = 0.5 * (motor.housing_diameter + whole.inverter_height)
    parts = [
        (masses.motor.total + masses.joining, jnp.stack([at_motor, offset, zero])),
        (masses.gearbox.total, at_gears),
        (masses.inverter.total, jnp.stack([at_motor, offset, above])),
    ]
    return sum((mass * place for mass, place in parts), jnp.zeros(3)) / masses.total


def wading_height(dimensions: UnitDimensions, tyre_radius: Number, breather_hose: Number = 0.0) -> jax.Array:
    """Road to the unit's lowest opening [m]: the breather on its highest point, lifted by a hose [m].

    Everything below is tight under more than 2 m of water; `edu_opt.drive_unit.sealing` has what each opening holds and
    the classes of ISO 20653.
    """
    return tyre_radius + dimensions.top + breather_hose
