"""Maps of the unit over axle speed and torque, for reports and exports."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from edu_opt.drive_unit.conditions import Conditions
from edu_opt.drive_unit.control import DEFAULT_SOLVER
from edu_opt.drive_unit.interior_point import InteriorPoint
from edu_opt.drive_unit.model import DriveUnit
from edu_opt.drive_unit.operating_point import OperatingPoint, operating_point
from edu_opt.numerics.smooth import smooth_step


def operating_map(
    unit: DriveUnit, speeds: jax.Array, torques: jax.Array, at: Conditions, solver: InteriorPoint = DEFAULT_SOLVER
) -> OperatingPoint:
    """Operating points over axle speeds (s,) [rad/s] and axle torques (t,) [N m]; every field has axes (s, t).

    Points out of reach carry `shortfall` > 0 (mask them at about 1e-2 in a plot).
    """

    def point(speed: jax.Array, torque: jax.Array) -> OperatingPoint:
        return operating_point(unit, torque, speed, at, solver=solver)

    return jax.vmap(jax.vmap(point, in_axes=(None, 0)), in_axes=(0, None))(jnp.asarray(speeds), jnp.asarray(torques))


def unit_efficiency(point: OperatingPoint) -> jax.Array:
    """Output over input power: axle over DC while driving, DC over axle while recuperating; in [0, 1], 0 at rest."""
    driving = smooth_step(point.output_power, 1.0)
    outlet = driving * point.output_power - (1.0 - driving) * point.electrical_power
    inlet = driving * point.electrical_power - (1.0 - driving) * point.output_power
    return jnp.clip(outlet / jnp.maximum(inlet, 1.0), 0.0, 1.0)
