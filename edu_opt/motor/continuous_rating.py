"""Continuous rating of the motor: how far its currents may be scaled until a steady temperature reaches its limit.

Called at several speeds with the control's currents it gives continuous torque over speed.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax import lax

from edu_opt.motor.model import losses_at_temperatures, motor_losses
from edu_opt.motor.parts import Motor
from edu_opt.motor.results import MotorTemperatures, uniform_temperatures
from edu_opt.motor.thermal import Cooling, steady_temperatures
from edu_opt.numerics.pytree import pytree
from edu_opt.numerics.smooth import soft_maximum

LARGEST_SHARE = 8.0  # where the search ends: far beyond what any winding stands
BISECTIONS = 40  # to 1e-11 of the largest share
COUPLING_STEPS = 6  # losses and temperatures in turn
WORST_WIDTH = 0.5  # K, soft maximum over the limits (bias below 0.6 K, conservative)


@pytree
class TemperatureLimits:
    """Highest steady temperatures [degC]: stator hot spot, and the rotor's critical part (field winding, magnets or
    cage)."""

    winding: jax.Array
    rotor: jax.Array


def coupled_temperatures(motor: Motor, currents: jax.Array, speed: jax.Array, cooling: Cooling) -> MotorTemperatures:
    """Steady temperatures [degC] of currents (3,) [A] at a speed [rad/s], losses at their own temperatures."""
    start = uniform_temperatures(jnp.asarray(cooling.coolant_celsius + 60.0, float))
    cold = motor_losses(motor, currents, speed, start)

    def closer(at: MotorTemperatures, _: None) -> tuple[MotorTemperatures, MotorTemperatures]:
        losses = losses_at_temperatures(motor, cold, currents, speed, at)
        hot = steady_temperatures(motor, losses, at, cooling, speed)
        return jax.tree.map(lambda t: jnp.clip(t, -50.0, 400.0), hot), hot

    return jax.tree.map(lambda t: t[-1], lax.scan(closer, start, None, length=COUPLING_STEPS)[1])


def continuous_current_share(
    motor: Motor, currents: jax.Array, speed: jax.Array, cooling: Cooling, limits: TemperatureLimits
) -> jax.Array:
    """Factor on the currents (3,) [A] at which the worst steady temperature just reaches its limit; between 0 and 8.

    Bisection with a fixed number of steps, differentiated implicitly. 0 where even no current is too much (iron and
    friction losses alone), 8 where no current of the search is.
    """
    rotor_of = (lambda t: t.magnet) if motor.kind in ("ipm", "synrm") else (lambda t: t.field_winding)

    def excess(share: jax.Array) -> jax.Array:
        at = coupled_temperatures(motor, share * currents, speed, cooling)
        over = jnp.stack([at.hot_spot - limits.winding, rotor_of(at) - limits.rotor])
        return soft_maximum(over, WORST_WIDTH)

    def bisect(function, _):
        def halve(bounds, _):
            low, high = bounds
            middle = 0.5 * (low + high)
            too_hot = function(middle) > 0.0
            return (jnp.where(too_hot, low, middle), jnp.where(too_hot, middle, high)), None

        bounds = (jnp.zeros_like(speed), jnp.full_like(speed, LARGEST_SHARE))
        low, high = lax.scan(halve, bounds, None, length=BISECTIONS)[0]
        return 0.5 * (low + high)

    return lax.custom_root(excess, jnp.ones_like(speed), bisect, lambda slope, y: y / slope(jnp.ones_like(y)))
