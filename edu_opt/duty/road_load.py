"""Road load of a vehicle: force over speed from coast-down coefficients, and what mass adds to it."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from edu_opt.numerics.constants import CELSIUS_ZERO, STANDARD_GRAVITY
from edu_opt.numerics.pytree import pytree

# Wheels, brake discs and shafts as a share of test mass (assumed: the usual 1.5 %, with which the reference wheel
# energies of the EPA test cars were computed; UN GTR 15 allows 3 % for all four wheels where nothing is measured). The
# motor's rotor is not part of it and is added by its inertia.
ROTATING_MASS_SHARE = 0.015


@pytree
class RoadLoad:
    """F(v) = constant + linear v + quadratic v^2 on the level [N; v in m/s].

    Coast-down coefficients are measured in neutral or with the unit unpowered, so they contain the drag of what turns
    with the wheels (gears, bearings, seals, iron loss of magnet rotors). `unit_drag` is the part of `constant` [N],
    `unit_drag_linear` that of `linear` [N/(m/s)] and `unit_drag_quadratic` that of `quadratic` [N/(m/s)^2] that the
    car's own units contribute (`edu_opt.vehicle.unit_drag`): it is taken off, because the candidate's drag comes back
    as its own no-load loss.
    """

    constant: float | jax.Array
    linear: float | jax.Array
    quadratic: float | jax.Array
    unit_drag: float | jax.Array = 0.0
    unit_drag_linear: float | jax.Array = 0.0
    unit_drag_quadratic: float | jax.Array = 0.0


def road_load_force(road_load: RoadLoad, speed: jax.Array) -> jax.Array:
    """Resistance on the level as the dynamometer sees it [N]; speed [m/s] >= 0, any shape."""
    return road_load.constant + road_load.linear * speed + road_load.quadratic * speed**2


def tyre_and_air_force(road_load: RoadLoad, speed: jax.Array) -> jax.Array:
    """Resistance without the drive unit's own drag [N]: what the axle shafts deliver. speed [m/s] >= 0."""
    drag = road_load.unit_drag + road_load.unit_drag_linear * speed + road_load.unit_drag_quadratic * speed**2
    return road_load_force(road_load, speed) - drag


def grade_force(mass: jax.Array, grade: float | jax.Array) -> jax.Array:
    """Weight component along a slope [N]; grade = rise over run (0.12 for 12 %)."""
    return mass * STANDARD_GRAVITY * jnp.sin(jnp.arctan(grade))


def from_lbf_and_mph(a_lbf: float, b_lbf_per_mph: float, c_lbf_per_mph2: float) -> RoadLoad:
    """Road load from US target coefficients (EPA test-car list): lbf, lbf/mph, lbf/mph^2."""
    newton, metre_per_second = 4.4482216152605, 0.44704
    return RoadLoad(
        constant=a_lbf * newton,
        linear=b_lbf_per_mph * newton / metre_per_second,
        quadratic=c_lbf_per_mph2 * newton / metre_per_second**2,
    )


def assumed_road_load(
    mass_kg: float, rolling_coefficient: float, drag_area_m2: float, air_celsius: float = 20.0
) -> RoadLoad:
    """Road load of a car without published coast-down: rolling resistance m g c_rr and air drag rho/2 c_d A v^2.

    Air density by the ideal gas law at 101 325 Pa (1.204 kg/m^3 at 20 degC).
    """
    density = 101325.0 / (287.05 * (air_celsius + CELSIUS_ZERO))
    rolling = mass_kg * STANDARD_GRAVITY * rolling_coefficient
    return RoadLoad(constant=rolling, linear=0.0, quadratic=0.5 * density * drag_area_m2)


def inertial_mass(
    test_mass: float | jax.Array, wheel_side_inertia: float | jax.Array, wheel_radius: float | jax.Array
) -> jax.Array:
    """Mass that inertia forces act on [kg]: test mass, its rotating share, and the rotors of the units.

    wheel_side_inertia [kg m^2]: sum over the units of rotor inertia x ratio^2.
    """
    return test_mass * (1.0 + ROTATING_MASS_SHARE) + wheel_side_inertia / jnp.asarray(wheel_radius) ** 2
