"""Bearings over the spectrum: ISO 281 basic life of every bearing, and the speed limit."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from edu_opt.duty.load_spectrum import LoadSpectrum
from edu_opt.gearbox.bearings import Bearing, equivalent_load, life_load_ratio, needle_rating
from edu_opt.gearbox.model import Gearbox, ratio, stage_ratio
from edu_opt.gearbox.shaft_forces import CARRIER_RADIAL_FORCE, BearingLoad, parallel_axis_bearing_loads, planet_pin_load
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


def shaft_ratios(bearing: Bearing, load: BearingLoad, revolutions: jax.Array) -> jax.Array:
    """Life load ratios (2,) of the pair on one shaft; load fields (2, K) and (K,), revolutions (K,)."""
    first = equivalent_load(bearing, load.radial[0], load.axial)
    second = equivalent_load(bearing, load.radial[1], jnp.zeros_like(load.axial))
    return life_load_ratio(bearing.dynamic_rating, jnp.stack([first, second]), revolutions, 3.0)


def speed_ratio(bearing: Bearing, speed: jax.Array) -> jax.Array:
    """SPEED_LIMIT over n d_m at a shaft speed [rad/s]."""
    return SPEED_LIMIT / (bearing.mean_diameter * 1e3 * speed * 30.0 / jnp.pi)


def bearing_rating(gearbox: Gearbox, spectrum: LoadSpectrum, maximum_output_speed: jax.Array) -> BearingRating:
    """Life and speed of all bearings over an axle spectrum; speed [rad/s] at the axle."""
    turns = spectrum.axle_speed * spectrum.duration / (2.0 * jnp.pi)
    if gearbox.layout == "planetary":
        return _planetary(gearbox, spectrum, turns, maximum_output_speed)
    loads = parallel_axis_bearing_loads(gearbox, spectrum.axle_torque)
    second = stage_ratio(gearbox.stage_2)
    total = ratio(gearbox)
    bearings = (gearbox.input_bearing, gearbox.intermediate_bearing, gearbox.output_bearing)
    speeds = (total, second, jnp.ones(()))
    ratios = [shaft_ratios(b, load, turns * s) for b, load, s in zip(bearings, loads, speeds, strict=True)]
    limits = [speed_ratio(b, maximum_output_speed * s) for b, s in zip(bearings, speeds, strict=True)]
    return BearingRating(life_load_ratio=jnp.concatenate(ratios), speed_ratio=jnp.stack(limits))


def _planetary(
    gearbox: Gearbox, spectrum: LoadSpectrum, turns: jax.Array, maximum_output_speed: jax.Array
) -> BearingRating:
    pin, thrust = planet_pin_load(gearbox, spectrum.axle_torque, spectrum.axle_speed)
    rating = needle_rating(gearbox.planet_pin, PLANET_ROW_LENGTH)
    planet_turns = turns * stage_ratio(gearbox.stage_2)
    row = life_load_ratio(rating, 0.5 * UNEVEN_ROWS * pin, planet_turns, 10.0 / 3.0)
    load = BearingLoad(radial=jnp.full((2, *thrust.shape), CARRIER_RADIAL_FORCE), axial=gearbox.planets * thrust)
    carrier = shaft_ratios(gearbox.output_bearing, load, turns)
    limit = speed_ratio(gearbox.output_bearing, maximum_output_speed)
    return BearingRating(life_load_ratio=jnp.concatenate([row[None], carrier]), speed_ratio=limit[None])
