"""Life and static safety of rolling bearings: ISO 281:2007 (basic and modified rating life), ISO 76.

Loads come as blocks of a spectrum; everything is given as a ratio of loads, so that 1 is the limit.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from edu_opt.gearbox.bearing_catalogue import BALL, TAPERED
from edu_opt.gearbox.bearings import Bearing
from edu_opt.numerics.constants import RPM
from edu_opt.numerics.powers import power
from edu_opt.numerics.smooth import blend, smooth_maximum, soft_minimum

LOAD_WIDTH = 10.0  # N, rounding of the change between radial and combined load
RELIABILITY_FACTORS = {90.0: 1.0, 95.0: 0.64, 96.0: 0.55, 97.0: 0.47, 98.0: 0.37, 99.0: 0.25}  # a_1, ISO 281 table 12
LARGEST_MODIFICATION = 50.0  # a_ISO, ISO 281 clause 9.3.3
# ISO 281:2007 eqs. 31 to 36: a_ISO = 0.1 (1 - (A - B/kappa^C)^p (e_C C_u/P)^q)^r by ranges of kappa (0.1, 0.4, 1, 4)
_BALL_CURVE = ((2.5671, 2.2649, 0.054381), (2.5671, 1.9987, 0.19087), (2.5671, 1.9987, 0.071739))
_ROLLER_CURVE = ((1.5859, 1.3993, 0.054381), (1.5859, 1.2348, 0.19087), (1.5859, 1.2348, 0.071739))


def equivalent_load(bearing: Bearing, radial: jax.Array, axial: jax.Array) -> jax.Array:
    """P [N], ISO 281 tables 3 and 7. Forces >= 0.

    Ball, normal clearance: max(F_r, 0.56 F_r + Y F_a) with Y = 1.57 x^-0.235, x = f_0 F_a/C_0, which fits the table
    (1.00 to 2.30) within 3 %. Tapered: max(F_r, 0.4 F_r + Y F_a). Cylindrical, needle: F_r.
    """
    if bearing.kind == BALL:
        relative = bearing.axial_factor * axial / bearing.static_rating + 0.05
        return smooth_maximum(radial, 0.56 * radial + 1.57 * power(relative, -0.235) * axial, LOAD_WIDTH)
    if bearing.kind == TAPERED:
        return smooth_maximum(radial, 0.4 * radial + bearing.axial_factor * axial, LOAD_WIDTH)
    return radial


def static_load(bearing: Bearing, radial: jax.Array, axial: jax.Array) -> jax.Array:
    """P_0 [N], ISO 76: ball max(F_r, 0.6 F_r + 0.5 F_a); tapered max(F_r, 0.5 F_r + 0.55 Y F_a); else F_r."""
    if bearing.kind == BALL:
        return smooth_maximum(radial, 0.6 * radial + 0.5 * axial, LOAD_WIDTH)
    if bearing.kind == TAPERED:
        return smooth_maximum(radial, 0.5 * radial + 0.55 * bearing.axial_factor * axial, LOAD_WIDTH)
    return radial


def life_exponent(kind: str) -> float:
    """p of L_10 = (C/P)^p: 3 balls, 10/3 rollers."""
    return 3.0 if kind == BALL else 10.0 / 3.0


def life_load_ratio(
    rating: jax.Array,
    load: jax.Array,
    revolutions: jax.Array,
    exponent: float,
    modification: float | jax.Array = 1.0,
) -> jax.Array:
    """C / P_equivalent / (L/1e6)^(1/p) over blocks (last axis): 1 means that the life equals the demanded one.

    modification: a_1 a_ISO of each block; 1 gives L_10 (90 % reliability, no lubrication factor).
    """
    ratio = load / rating
    damage = ratio**3 if exponent == 3.0 else power(ratio, exponent)  # multiplications are cheaper than a power
    demand = jnp.sum((revolutions * 1e-6) * damage / modification, axis=-1)
    return power(demand + 1e-12, -1.0 / exponent)


def viscosity_ratio(bearing: Bearing, speed: jax.Array, viscosity: jax.Array) -> jax.Array:
    """kappa = nu/nu_1, nu_1 = 45000 n^-0.83 d_m^-0.5 below 1000/min, 4500 n^-0.5 d_m^-0.5 above (ISO 281 eqs. 26, 27).

    speed [rad/s], viscosity [m^2/s]. The two lines meet near 1000/min (1065/min), a soft minimum joins them.
    """
    rpm = jnp.sqrt((speed / RPM) ** 2 + 1.0)
    logs = jnp.stack([jnp.log(45000.0) - 0.83 * jnp.log(rpm), jnp.log(4500.0) - 0.5 * jnp.log(rpm)])
    needed = jnp.exp(-soft_minimum(-logs, 0.02, axis=0)) / jnp.sqrt(bearing.mean_diameter * 1e3)
    return viscosity * 1e6 / needed


def life_modification(
    bearing: Bearing, load: jax.Array, kappa: jax.Array, contamination: float | jax.Array
) -> jax.Array:
    """a_ISO(kappa, e_C C_u/P) of ISO 281:2007, 0.1 <= a <= 50; kappa is taken within 0.1 to 4.

    contamination e_C: 0.3 to 0.1 for an unfiltered, 0.6 to 0.5 for a well filtered gearbox sump (ISO 281 table 13).
    """
    ball = bearing.kind == BALL
    outer, inner, steepness = (0.83, 1.0 / 3.0, -9.3) if ball else (1.0, 0.4, -9.185)
    log = jnp.log(kappa)
    low, high = jnp.log(0.1), jnp.log(4.0)
    kappa = jnp.exp(low + smooth_maximum(0.0, log - low, 0.02) - smooth_maximum(0.0, log - high, 0.02))
    lines = [a - b * power(kappa, -c) for a, b, c in (_BALL_CURVE if ball else _ROLLER_CURVE)]
    log = jnp.log(kappa)
    line = blend(log, jnp.log(0.4), 0.02, lines[0], blend(log, 0.0, 0.02, lines[1], lines[2]))
    share = 1.0 - power(smooth_maximum(line, 1e-3, 1e-3), outer) * power(
        contamination * bearing.fatigue_limit / load, inner
    )
    floor = (10.0 * LARGEST_MODIFICATION) ** (1.0 / steepness)
    return 0.1 * power(smooth_maximum(share, floor, 1e-4), steepness)
