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
    `concentric_length` motor and gearbox in a row on one axis."""

    length: jax.Array
    width: jax.Array
    height: jax.Array
    diameter: jax.Array
    concentric_length: jax.Array
    inverter_height: jax.Array


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
    Coaxial: motor, planetary and differential in a row on the axle, inverter on top."""
    motor, gearbox = motor_dimensions(unit.motor), gearbox_dimensions(unit.gearbox)
    row = motor.length - SHIELD_THICKNESS + JOINT_CLEARANCE + gearbox.length
    footprint = jnp.minimum(jnp.asarray(INVERTER_FOOTPRINT_WIDTH), motor.housing_diameter)
    inverter = inverter_dimensions(unit.inverter, motor.length, footprint)
    if unit.gearbox.coaxial:
        diameter = smooth_maximum(motor.housing_diameter, gearbox.diameter, 1e-3)
        width, bare = diameter, diameter
    else:
        # the motor's housing reaches beyond the gearbox box at the input end by the difference of radii
        diameter = motor.housing_diameter
        width = smooth_maximum(gearbox.width, gearbox.centre_distance + motor.housing_diameter, 1e-3)
        bare = smooth_maximum(gearbox.height, motor.housing_diameter, 1e-3)
    return UnitDimensions(
        length=row,
        width=width,
        height=bare + inverter,
        diameter=diameter,
        concentric_length=row,
        inverter_height=inverter,
    )
