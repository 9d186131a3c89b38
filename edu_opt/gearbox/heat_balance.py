"""Steady oil temperature of the gearbox: its losses against the housing's heat to the air and an oil cooler.

ISO/TR 14179-2:2001 (coefficients recalled): oil to wall 200 W/(m^2 K); wall to air by free convection 18 h^-0.1
((T_w - T_a)/T_a)^0.3, by forced convection 0.0086 Re^0.64/l, and by radiation 0.23e-6 eps ((T_w + T_a)/2)^3. Two
equations (wall, oil) in two temperatures; derivatives by the implicit function theorem.
"""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp

from edu_opt.gearbox.losses import gearbox_losses
from edu_opt.gearbox.model import Gearbox
from edu_opt.gearbox.packaging import gearbox_dimensions
from edu_opt.numerics.constants import CELSIUS_ZERO
from edu_opt.numerics.pytree import pytree
from edu_opt.numerics.small_root import small_root
from edu_opt.numerics.smooth import smooth_positive

OIL_TO_WALL = 200.0  # W/(m^2 K)
AIR_VISCOSITY = 1.7e-5  # m^2/s near 40 degC
GRAVITY = 9.81
STEPS = 8
OIL_SPAN = 30.0  # K between the temperatures of a loss table


@pytree
class GearboxCooling:
    """What carries heat away. area, height, length [m^2, m, m] of the housing's outside, length along the air stream;
    air_speed [m/s]; emissivity of the wall (0.9 painted, 0.2 bare die cast); air, coolant [degC]; cooler_conductance
    [W/K] from oil to coolant, 0 without a cooler."""

    area: jax.Array
    height: jax.Array
    length: jax.Array
    air_speed: float | jax.Array = 5.0
    emissivity: float | jax.Array = 0.2
    air_celsius: float | jax.Array = 25.0
    cooler_conductance: float | jax.Array = 0.0
    coolant_celsius: float | jax.Array = 65.0


@pytree
class HeatBalance:
    """Steady state: oil and wall temperature [degC], losses and heat to air and cooler [W], what is left over [W] (0
    where the solution converged)."""

    oil_celsius: jax.Array
    wall_celsius: jax.Array
    losses: jax.Array
    to_air: jax.Array
    to_cooler: jax.Array
    residual: jax.Array


def housing_cooling(gearbox: Gearbox, **conditions: float | jax.Array) -> GearboxCooling:
    """Cooling by the box over the gearbox; its side towards the motor gives no heat (assumed)."""
    size = gearbox_dimensions(gearbox)
    area = size.width * size.height + 2.0 * size.length * (size.width + size.height)
    return GearboxCooling(area=area, height=size.height, length=size.width, **conditions)


def wall_to_air(cooling: GearboxCooling, wall_celsius: jax.Array) -> jax.Array:
    """Heat-transfer coefficient [W/(m^2 K)] from wall to air: mixed convection and radiation."""
    air = jnp.asarray(cooling.air_celsius) + CELSIUS_ZERO
    above = smooth_positive(wall_celsius - cooling.air_celsius, 1.0)
    free = 18.0 * cooling.height**-0.1 * (above / air) ** 0.3
    grashof = GRAVITY * above * cooling.height**3 / (air * AIR_VISCOSITY**2)
    reynolds = jnp.sqrt((cooling.air_speed * cooling.length / AIR_VISCOSITY) ** 2 + grashof / 2.5)
    forced = 0.0086 * reynolds**0.64 / cooling.length
    share = jnp.asarray(cooling.air_speed) ** 2 / (jnp.asarray(cooling.air_speed) ** 2 + 1.0)
    radiation = 0.23e-6 * cooling.emissivity * (0.5 * (wall_celsius + CELSIUS_ZERO + air)) ** 3
    return free + (forced - free) * share + radiation


def heat_balance(losses: Callable[[jax.Array], jax.Array], cooling: GearboxCooling) -> HeatBalance:
    """Steady temperatures for losses [W] as a function of the oil's temperature [degC] (means over the duty, plus what
    other parts give to the oil). Oil up to about 160 degC."""

    def flows(temperatures: jax.Array) -> tuple[jax.Array, jax.Array, jax.Array, jax.Array]:
        oil, wall = temperatures
        to_wall = OIL_TO_WALL * cooling.area * (oil - wall)
        to_air = wall_to_air(cooling, wall) * cooling.area * (wall - cooling.air_celsius)
        return to_wall, to_air, cooling.cooler_conductance * (oil - cooling.coolant_celsius), losses(oil)

    def residual(temperatures: jax.Array) -> jax.Array:
        to_wall, to_air, to_cooler, heat = flows(temperatures)
        return jnp.stack([to_wall + to_cooler - heat, to_air - to_wall]) / (OIL_TO_WALL * cooling.area)

    start = jnp.stack([jnp.asarray(80.0), jnp.asarray(70.0)])
    solution = small_root(residual, start, STEPS)
    _, to_air, to_cooler, heat = flows(solution)
    return HeatBalance(
        oil_celsius=solution[0],
        wall_celsius=solution[1],
        losses=heat,
        to_air=to_air,
        to_cooler=to_cooler,
        residual=heat - to_cooler - to_air,
    )


def loss_at_oil(losses: tuple[jax.Array, jax.Array, jax.Array], above: jax.Array) -> jax.Array:
    """Losses [W] `above` [K] the middle one of three oil temperatures `OIL_SPAN` apart, from the losses at these.

    Parabola through the logarithms: within 0.5 % of the losses between 50 and 110 degC (tests), positive beyond.
    """
    low, middle, high = (jnp.log(jnp.asarray(loss) + 1e-6) for loss in losses)
    x = jnp.asarray(above) / OIL_SPAN
    return jnp.exp(middle + 0.5 * x * (high - low) + 0.5 * x * x * (high + low - 2.0 * middle)) - 1e-6


def oil_temperature(
    gearbox: Gearbox,
    output_torque: jax.Array,
    output_speed: jax.Array,
    shares: jax.Array,
    cooling: GearboxCooling,
    other_heat: float | jax.Array = 0.0,
) -> HeatBalance:
    """Steady oil temperature over operating points (K,): axle torque [N m], speed [rad/s] and share of the time.

    other_heat [W]: what motor and bearings outside give to the same oil.
    """

    def losses(celsius: jax.Array) -> jax.Array:
        at = jax.vmap(lambda torque, speed: gearbox_losses(gearbox, torque, speed, celsius).total)
        return jnp.sum(shares * at(output_torque, output_speed)) + other_heat

    return heat_balance(losses, cooling)
