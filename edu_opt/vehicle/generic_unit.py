"""A drive unit known by its data sheet alone: loss in a standard five-term form, peak torque from torque and power.

For units that this project has no geometry of, for tests and for peers; a unit with geometry brings its own map
(`edu_opt.vehicle.unit_map.from_points`). Loss(T, w) = c0 + c1 w + c2 w^3 + c3 T^2 for the motor (Larminie and Lowry,
Electric Vehicle Technology Explained, 2nd ed. 2012; McDonald, "Electric propulsion modeling for conceptual aircraft
design", AIAA 2014-0536; both recalled), whose four numbers follow from where the motor is best: both slopes of its
efficiency vanish there. Tooth friction and switching add a part of the power, c4 |T| w.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from edu_opt.numerics.constants import RPM
from edu_opt.numerics.smooth import smooth_absolute, smooth_minimum
from edu_opt.vehicle.unit_map import UnitMap, sampled

Number = float | jax.Array

# The same for all units. Together 0.93 at the best point, as BMW states for its Gen5 units and ADAC for the APP310; the
# split of the losses and where they are least are ASSUMED.
BEST_EFFICIENCY = 0.96  # of the part without c4
POWER_SHARE = 0.03  # c4: tooth friction about 2 % in two stages, inverter about 1 %
BEST_TORQUE_SHARE = 0.25  # of the peak torque
BEST_SPEED_SHARE = 1.5  # of the corner speed
STANDBY_SHARE = 0.0006  # c0 of the peak power: gate drive, control, oil pump
ZERO_WIDTH_SHARE = 0.003  # of the peak torque: rounds |T|


def generic_unit(
    peak_power: Number, motor_torque: Number, ratio: Number, motor_top_speed: Number, best: Number = BEST_EFFICIENCY
) -> UnitMap:
    """Map of a unit: peak_power [W] and motor_torque [N m] at the motor, gear ratio, motor_top_speed [rad/s]; best:
    efficiency without c4 at the best point."""
    torque = jnp.asarray(motor_torque * ratio, float)
    corner = peak_power / torque  # axle speed [rad/s]
    at_torque, at_speed = BEST_TORQUE_SHARE * torque, BEST_SPEED_SHARE * corner
    lost = at_torque * at_speed * (1.0 / best - 1.0)
    constant = STANDBY_SHARE * peak_power
    cubic = 0.5 * (constant + 0.5 * lost)  # W at the best point, as the next two
    linear = 0.5 * lost - constant - cubic
    copper = 0.5 * lost

    def loss(t: jax.Array, w: jax.Array) -> jax.Array:
        turning = w / at_speed
        friction = POWER_SHARE * smooth_absolute(t, ZERO_WIDTH_SHARE * torque) * w
        return constant + linear * turning + cubic * turning**3 + copper * (t / at_torque) ** 2 + friction

    def limit(w: jax.Array) -> jax.Array:
        return smooth_minimum(torque, peak_power / jnp.maximum(w, 1e-3), 1.0)

    return sampled(loss, limit, limit, motor_top_speed / ratio, torque)


def generic_from_sheet(power_kw: float, torque_nm: float, ratio: float, top_speed_rpm: float) -> UnitMap:
    """The same from the units of a data sheet."""
    return generic_unit(power_kw * 1e3, torque_nm, ratio, top_speed_rpm * RPM)
