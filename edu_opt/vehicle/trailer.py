"""A trailer: what it adds to mass, resistance and axle load."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from edu_opt.numerics.constants import STANDARD_GRAVITY
from edu_opt.numerics.pytree import pytree

Number = float | jax.Array

AIR_DENSITY = 1.204  # kg/m^3, 20 degC and 101 325 Pa


@pytree
class Trailer:
    """mass [kg]; rolling_coefficient; drag_area [m^2], what it adds behind the car (ASSUMED: a closed box of 2.3 m
    height, c_d A 1.6); nose_share: static vertical load on the coupling over its weight (4 to 7 % is usual)."""

    mass: Number
    rolling_coefficient: Number = 0.012
    drag_area: Number = 1.6
    nose_share: Number = 0.04


def trailer_air(trailer: Trailer, speed: jax.Array) -> jax.Array:
    """Air resistance [N]; speed [m/s] >= 0."""
    return 0.5 * AIR_DENSITY * trailer.drag_area * jnp.asarray(speed) ** 2


def trailer_resistance(trailer: Trailer, speed: jax.Array) -> jax.Array:
    """Rolling and air resistance on the level [N]; speed [m/s] >= 0."""
    rolling = trailer.mass * STANDARD_GRAVITY * trailer.rolling_coefficient
    return rolling + trailer_air(trailer, speed)
