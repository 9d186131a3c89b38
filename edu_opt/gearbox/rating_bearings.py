"""Bearings over the spectrum: ISO 281 basic life of every bearing, and the speed limit."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from edu_opt.duty.load_spectrum import LoadSpectrum
from edu_opt.gearbox.bearings import Bearing, equivalent_load, life_load_ratio, needle_rating
from edu_opt.gearbox.model import Gearbox, ball_bearings, require, shaft_speed_ratios, stage_ratio
from edu_opt.gearbox.shaft_forces import (
    BearingLoad,
    carrier_bearing_load,
    parallel_axis_bearing_loads,
    planet_pin_load,
)
from edu_opt.gearbox.tooth_geometry import PairGeometry
from edu_opt.numerics.pytree import pytree

SPEED_LIMIT = (
    1.0e6  # mm/min: n times mean diameter of oil-jet ball bearings (assumed; special EV bearings go beyond 1.5e6)
)
PLANET_ROW_LENGTH = 14e-3  # m, needle row at each end of a planet shaft, in the carrier's flanges (assumed)
UNEVEN_ROWS = 1.2  # share of the heavier row over the mean (assumed)


@pytree
class BearingRating:
    """life_load_ratio (n,): load that the bearing could carry over the spectrum's load, at the demanded life with 90
    % reliability, a1 = aISO = 1; parallel axis: input, intermediate, output shaft, two each; planetary: planet row,
    carrier pair. speed_ratio: permissible over highest n d_m."""

    life_load_ratio: jax.Array
    speed_ratio: jax.Array


def life_ratios(bearings: Bearing, loads: BearingLoad, revolutions: jax.Array) -> jax.Array:
    """Life load ratios (2 n,) of n pairs; bearings (n,), loads (n, 2, K), revolutions (n, K)."""
    wide = jax.tree.map(lambda leaf: leaf[:, None, None], bearings)
    equivalent = equivalent_load(wide, loads.radial, loads.axial)
    return jnp.ravel(life_load_ratio(wide.dynamic_rating, equivalent, revolutions[:, None, :], 3.0))


def bearing_rating(
    gearbox: Gearbox, geometries: PairGeometry, spectrum: LoadSpectrum, maximum_output_speed: jax.Array
) -> BearingRating:
    """Life and speed of all bearings over an axle spectrum; speed [rad/s] at the axle; geometries with leading axis
    2."""
    bearings = ball_bearings(gearbox)
    turns = spectrum.axle_speed * spectrum.duration / (2.0 * jnp.pi)
    speeds = shaft_speed_ratios(gearbox)
    highest = maximum_output_speed * speeds * 30.0 / jnp.pi
    if gearbox.layout == "planetary":
        pin, thrust = planet_pin_load(gearbox, geometries, spectrum.axle_torque, spectrum.axle_speed)
        rating = needle_rating(require(gearbox.planet_pin), PLANET_ROW_LENGTH)
        planet_turns = turns * stage_ratio(gearbox.stage_2)
        row = life_load_ratio(rating, 0.5 * UNEVEN_ROWS * pin, planet_turns, 10.0 / 3.0)
        loads, special = carrier_bearing_load(gearbox, thrust), row[None]
    else:
        loads, special = parallel_axis_bearing_loads(gearbox, geometries, spectrum.axle_torque), jnp.zeros(0)
    ratios = life_ratios(bearings, loads, turns * speeds[:, None])
    return BearingRating(
        life_load_ratio=jnp.concatenate([special, ratios]),
        speed_ratio=SPEED_LIMIT / (bearings.mean_diameter * 1e3 * highest),
    )
