"""The drive unit as a design: motor, gearbox and inverter in one housing, and how oil reaches the motor."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from edu_opt.drive_unit.conditions import Conditions, Number
from edu_opt.gearbox.model import Gearbox, ratio
from edu_opt.inverter.model import Inverter, phase_current_limit
from edu_opt.motor.model import Motor, current_limits
from edu_opt.motor.thermal import Cooling
from edu_opt.numerics.pytree import pytree
from edu_opt.numerics.smooth import smooth_minimum

# Film coefficients of oil [W/m2K] on end windings and in the hollow shaft: published sprays scatter between 500 and
# 2500 (notes motor 6.7); the middle of that range for the winding, its lower end for the shaft (assumed).
END_WINDING_FILM = 1200.0
SHAFT_FILM = 600.0


@pytree
class DriveUnit:
    """One drive unit. The film coefficients say how oil cools the motor (0: none); everything is data but what its
    components declare static (motor kind, gearbox layout)."""

    motor: Motor
    gearbox: Gearbox
    inverter: Inverter
    end_winding_film: Number = END_WINDING_FILM
    shaft_film: Number = SHAFT_FILM

    @property
    def has_field_winding(self) -> bool:
        """True where the field current is a control of its own."""
        return self.motor.kind == "eesm"


def cooling(unit: DriveUnit, at: Conditions) -> Cooling:
    """Cooling of the motor under the conditions."""
    return Cooling(
        coolant_celsius=at.coolant_celsius,
        coolant_flow=at.coolant_flow,
        oil_celsius=at.oil_celsius,
        end_winding_film=jnp.asarray(unit.end_winding_film, float),
        shaft_film=jnp.asarray(unit.shaft_film, float),
    )


def motor_speed(unit: DriveUnit, output_speed: jax.Array) -> jax.Array:
    """Mechanical speed of the motor [rad/s]."""
    return output_speed * ratio(unit.gearbox)


def unit_current_limits(unit: DriveUnit, at: Conditions) -> tuple[jax.Array, jax.Array]:
    """(phase current [A peak], field current [A]): the smaller of the motor's and the inverter's (smooth, 1 %)."""
    stator, field = current_limits(unit.motor, at.current_density)
    return smooth_minimum(stator, phase_current_limit(unit.inverter), 0.01 * stator), field
