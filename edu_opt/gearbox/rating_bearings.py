"""Bearings over the spectrum: ISO 281 life of every bearing, static safety, and the speed limit."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from edu_opt.duty.load_spectrum import LoadSpectrum
from edu_opt.gearbox.bearing_life import (
    RELIABILITY_FACTORS,
    equivalent_load,
    life_exponent,
    life_load_ratio,
    life_modification,
    static_load,
    viscosity_ratio,
)
from edu_opt.gearbox.bearings import Bearing, needle_rating
from edu_opt.gearbox.model import Gearbox, ball_bearings, gearbox_state, highest_shaft_speeds, shaft_speed_ratios
from edu_opt.gearbox.shaft_forces import BearingLoad, bearing_loads, planet_pin_load
from edu_opt.gearbox.tooth_geometry import PairGeometry
from edu_opt.materials.oils import kinematic_viscosity
from edu_opt.numerics.pytree import pytree
from edu_opt.numerics.smooth import soft_minimum

SPEED_LIMIT = (
    1.0e6  # mm/min: n times mean diameter of oil-jet ball bearings (assumed; special EV bearings go beyond 1.5e6)
)
PLANET_ROW_LENGTH = 14e-3  # m, needle row at each end of a planet shaft, in the carrier's flanges (assumed)
UNEVEN_ROWS = 1.2  # share of the heavier row over the mean (assumed)
SUMP_CELSIUS = 80.0  # oil in the modified life (assumed)
CONTAMINATION = 0.5  # e_C of a filtered or magnet-cleaned sump, d_m below 100 mm (ISO 281 table 13: 0.5 to 0.6)
STATIC_WIDTH = 0.02  # rounding of the smallest static safety over the blocks


@pytree
class BearingRating:
    """life_load_ratio (n,): load that the bearing could carry over the spectrum's load, at the demanded life with 90
    % reliability, a1 = aISO = 1; parallel axis: input, intermediate, output shaft, two each; planetary: planet row,
    carrier pair. speed_ratio: permissible over highest n d_m. Of the pairs alone, (2 n,): modified_life_load_ratio with
    a_ISO of the oil at `SUMP_CELSIUS`, static_safety C_0/P_0 at the heaviest block (ISO 76)."""

    life_load_ratio: jax.Array
    speed_ratio: jax.Array
    modified_life_load_ratio: jax.Array
    static_safety: jax.Array


def modified_life_ratios(
    bearings: Bearing,
    loads: BearingLoad,
    revolutions: jax.Array,
    speeds: jax.Array,
    viscosity: jax.Array,
    contamination: float | jax.Array = CONTAMINATION,
    reliability: float = 90.0,
) -> jax.Array:
    """As `life_ratios` with a_1 a_ISO of every block; speeds (n, K) [rad/s], viscosity [m^2/s] of the oil, reliability
    [%] one of `RELIABILITY_FACTORS`."""
    wide = jax.tree.map(lambda leaf: leaf[:, None, None], bearings)
    equivalent = equivalent_load(wide, loads.radial, loads.axial)
    kappa = viscosity_ratio(wide, speeds[:, None, :], viscosity)
    factor = RELIABILITY_FACTORS[reliability] * life_modification(wide, equivalent, kappa, contamination)
    exponent = life_exponent(bearings.kind)
    return jnp.ravel(life_load_ratio(wide.dynamic_rating, equivalent, revolutions[:, None, :], exponent, factor))


def static_safeties(bearings: Bearing, loads: BearingLoad) -> jax.Array:
    """Smallest C_0/P_0 over the blocks (2 n,); bearings (n,), loads (n, 2, K)."""
    wide = jax.tree.map(lambda leaf: leaf[:, None, None], bearings)
    safety = wide.static_rating / static_load(wide, loads.radial, loads.axial)
    return jnp.ravel(jnp.exp(soft_minimum(jnp.log(safety), STATIC_WIDTH, axis=-1)))


def life_ratios(bearings: Bearing, loads: BearingLoad, revolutions: jax.Array) -> jax.Array:
    """Life load ratios (2 n,) of n pairs; bearings (n,), loads (n, 2, K), revolutions (n, K)."""
    wide = jax.tree.map(lambda leaf: leaf[:, None, None], bearings)
    equivalent = equivalent_load(wide, loads.radial, loads.axial)
    return jnp.ravel(
        life_load_ratio(wide.dynamic_rating, equivalent, revolutions[:, None, :], life_exponent(bearings.kind))
    )


def bearing_rating(
    gearbox: Gearbox,
    geometries: PairGeometry,
    spectrum: LoadSpectrum,
    maximum_output_speed: jax.Array,
    known_loads: BearingLoad | None = None,
) -> BearingRating:
    """Life and speed of all bearings over an axle spectrum; speed [rad/s] at the axle; geometries with leading axis
    M; known_loads: the bearings' loads (n, 2, K) where they are known already."""
    bearings = ball_bearings(gearbox)
    turns = spectrum.axle_speed * spectrum.duration / (2.0 * jnp.pi)
    speeds = shaft_speed_ratios(gearbox)
    highest = highest_shaft_speeds(gearbox, maximum_output_speed) * 30.0 / jnp.pi
    special, loads = jnp.zeros(0), known_loads
    if loads is None:
        loads = bearing_loads(gearbox, geometries, spectrum.axle_torque, spectrum.axle_speed)
    if gearbox.planet_pin is not None:
        pin, _ = planet_pin_load(gearbox, geometries, spectrum.axle_torque, spectrum.axle_speed)
        rating = needle_rating(gearbox.planet_pin, PLANET_ROW_LENGTH)
        planet_turns = turns * gearbox_state(gearbox).wheel_speed[0]
        special = life_load_ratio(rating, 0.5 * UNEVEN_ROWS * pin, planet_turns, 10.0 / 3.0)[None]
    ratios = life_ratios(bearings, loads, turns * speeds[:, None])
    return BearingRating(
        life_load_ratio=jnp.concatenate([special, ratios]),
        speed_ratio=SPEED_LIMIT / (bearings.mean_diameter * 1e3 * highest),
        modified_life_load_ratio=modified_life_ratios(
            bearings,
            loads,
            turns * speeds[:, None],
            spectrum.axle_speed * speeds[:, None],
            kinematic_viscosity(gearbox.oil, SUMP_CELSIUS),
        ),
        static_safety=static_safeties(bearings, loads),
    )
