"""The drive unit as a design: motor, gearbox and inverter in one housing, and how oil reaches the motor."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from edu_opt.drive_unit.conditions import Conditions, Number
from edu_opt.gearbox.model import Gearbox, at_speed, ratio
from edu_opt.inverter.model import Inverter, phase_current_limit
from edu_opt.materials.coolants import Fluid
from edu_opt.materials.oils import density, kinematic_viscosity
from edu_opt.motor.coolant_channel import hollow_shaft_film
from edu_opt.motor.model import Motor, current_limits
from edu_opt.motor.thermal import Cooling
from edu_opt.numerics.pytree import pytree, replace
from edu_opt.numerics.smooth import smooth_minimum

# Film coefficient of oil on end windings [W/m2K]: published sprays scatter between 500 and 2500 (notes motor 6.7).
END_WINDING_FILM = 1200.0
SHAFT_OIL_FLOW = 2.0e-3 / 60.0  # m3/s through the hollow shaft (assumed; of a pump of about 10 l/min)
# Oil at 15 to 120 degC: specific heat, conductivity of hydrocarbon oils (VDI Heat Atlas D3; recalled)
OIL_SPECIFIC_HEAT, OIL_CONDUCTIVITY = 2100.0, 0.14


@pytree
class DriveUnit:
    """One drive unit. Oil cools the motor's end windings by a film coefficient [W/m2K] and its rotor by a flow through
    the hollow shaft [m3/s] (0: none); everything is data but what its components declare static (motor kind, gearbox
    layout)."""

    motor: Motor
    gearbox: Gearbox
    inverter: Inverter
    end_winding_film: Number = END_WINDING_FILM
    shaft_oil_flow: Number = SHAFT_OIL_FLOW

    @property
    def has_field_winding(self) -> bool:
        """True where the field current is a control of its own."""
        return self.motor.kind == "eesm"


def cooling_oil(unit: DriveUnit, celsius: Number) -> Fluid:
    """The gearbox's oil as a coolant at a temperature [degC]: motor and gears share one sump."""
    rho = density(unit.gearbox.oil, celsius)
    return Fluid(
        density=rho,
        specific_heat=jnp.asarray(OIL_SPECIFIC_HEAT),
        thermal_conductivity=jnp.asarray(OIL_CONDUCTIVITY),
        viscosity=rho * kinematic_viscosity(unit.gearbox.oil, celsius),
    )


def cooling(unit: DriveUnit, at: Conditions, shaft_speed: jax.Array) -> Cooling:
    """Cooling of the motor under the conditions at a speed of its shaft [rad/s]."""
    flow = jnp.asarray(unit.shaft_oil_flow, float)
    film = hollow_shaft_film(cooling_oil(unit, at.oil_celsius), flow, shaft_speed, unit.motor.dimensions.shaft_radius)
    return Cooling(
        coolant_celsius=at.coolant_celsius,
        coolant_flow=at.coolant_flow,
        oil_celsius=at.oil_celsius,
        end_winding_film=jnp.asarray(unit.end_winding_film, float),
        shaft_film=film * flow / (flow + 1e-3 * SHAFT_OIL_FLOW),  # no oil, no film
    )


def in_gear(unit: DriveUnit, output_speed: jax.Array) -> DriveUnit:
    """The unit with its gearbox in the gear of an axle speed [rad/s]; unchanged with one speed."""
    return replace(unit, gearbox=at_speed(unit.gearbox, output_speed))


def motor_speed(unit: DriveUnit, output_speed: jax.Array) -> jax.Array:
    """Mechanical speed of the motor [rad/s] in the gear of an axle speed [rad/s]."""
    return output_speed * ratio(at_speed(unit.gearbox, output_speed))


def unit_current_limits(unit: DriveUnit, at: Conditions) -> tuple[jax.Array, jax.Array]:
    """(phase current [A peak], field current [A]): the smaller of the motor's and the inverter's (smooth, 1 %)."""
    stator, field = current_limits(unit.motor, at.current_density)
    return smooth_minimum(stator, phase_current_limit(unit.inverter), 0.01 * stator), field
