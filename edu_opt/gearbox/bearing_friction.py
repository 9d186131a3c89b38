"""Frictional moment of rolling bearings: the SKF model (catalogue "Rolling bearings" 2018), rolling and sliding part.

M = phi_ish phi_rs M_rr + M_sl. Seals and the drag of a sump at the rolling elements are not part of it: the gearbox
feeds its bearings by spray or jet, and the sump's loss is the gears' (`churning`). mm, N, 1/min and mm2/s inside.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from edu_opt.gearbox.bearing_catalogue import BALL, CYLINDRICAL, NEEDLE, TAPERED
from edu_opt.gearbox.bearings import Bearing
from edu_opt.numerics.constants import RPM
from edu_opt.numerics.powers import power

OIL_JET, OIL_AIR = 3e-8, 6e-8  # replenishment/starvation constant K_rs: oil jet or low sump; oil-air or grease (SKF)
SMALLEST_FORCE = 1.0  # N, keeps roots finite at no load
SMALLEST_SPEED = 1.0  # 1/min
NO_THRUST = 0.01  # axial over radial load
BOUNDARY_FRICTION = 0.12
FULL_FILM_FRICTION = {BALL: 0.04, CYLINDRICAL: 0.02, NEEDLE: 0.02, TAPERED: 0.002}  # ball: synthetic oil, mineral 0.05
GEOMETRY_CONSTANT = {BALL: 3.1, CYLINDRICAL: 5.1, NEEDLE: 5.1, TAPERED: 6.0}  # K_Z of the starvation factor


def _ball_loads(bearing: Bearing, mean: jax.Array, radial: jax.Array, axial: jax.Array) -> tuple[jax.Array, jax.Array]:
    """G_rr, G_sl of deep-groove ball bearings.

    SKF gives G_sl with d_m^-0.26 for no axial load and d_m^-0.145 for any: the exponent changes smoothly where the
    axial load passes 1 % of the radial one.
    """
    contact = jnp.sin(jnp.deg2rad(24.6 * power(axial / bearing.static_rating, 0.24)))
    load = radial + bearing.rolling_axial_factor / contact * axial
    thrust = bearing.sliding_axial_factor * mean * jnp.sqrt(mean) / contact * axial**4
    rolling = bearing.rolling_factor * power(mean, 1.96) * power(load, 0.54)
    combined = axial**2 / (axial**2 + (NO_THRUST * radial) ** 2)
    exponent = -0.26 + 0.115 * combined
    return rolling, bearing.sliding_factor * power(mean, exponent) * power(radial**5 + thrust, 1.0 / 3.0)


def _cylindrical_loads(
    bearing: Bearing, mean: jax.Array, radial: jax.Array, axial: jax.Array
) -> tuple[jax.Array, jax.Array]:
    """G_rr, G_sl of cylindrical rollers and needles."""
    sliding = bearing.sliding_factor * power(mean, 0.9) * axial + bearing.sliding_axial_factor * mean * radial
    return bearing.rolling_factor * power(mean, 2.41) * power(radial, 0.31), sliding


def _tapered_loads(
    bearing: Bearing, mean: jax.Array, radial: jax.Array, axial: jax.Array
) -> tuple[jax.Array, jax.Array]:
    """G_rr, G_sl of tapered rollers."""
    thrust = bearing.axial_factor * axial
    load = radial + bearing.rolling_axial_factor * thrust
    rolling = bearing.rolling_factor * power(mean, 2.38) * power(load, 0.31)
    return rolling, bearing.sliding_factor * power(mean, 0.82) * (radial + bearing.sliding_axial_factor * thrust)


_LOADS = {BALL: _ball_loads, CYLINDRICAL: _cylindrical_loads, NEEDLE: _cylindrical_loads, TAPERED: _tapered_loads}


def friction_torque(
    bearing: Bearing,
    radial: jax.Array,
    axial: jax.Array,
    speed: jax.Array,
    viscosity: jax.Array,
    starvation: float | jax.Array = OIL_JET,
) -> jax.Array:
    """Frictional moment [N m] at radial, axial force [N] >= 0, speed [rad/s] >= 0, viscosity [m^2/s] at running
    temperature; starvation: K_rs. Any common shape."""
    mean, ring = bearing.mean_diameter * 1e3, (bearing.outer - bearing.bore) * 1e3
    radial, axial = jnp.sqrt(radial**2 + SMALLEST_FORCE**2), jnp.sqrt(axial**2 + SMALLEST_FORCE**2)
    rolling, sliding = _LOADS[bearing.kind](bearing, mean, radial, axial)
    section = jnp.sqrt(GEOMETRY_CONSTANT[bearing.kind] / (2.0 * ring))
    return _moment(rolling, sliding, mean, section, speed, viscosity, starvation, FULL_FILM_FRICTION[bearing.kind])


def needle_friction_torque(
    pin: jax.Array,
    radial: jax.Array,
    speed: jax.Array,
    viscosity: jax.Array,
    starvation: float | jax.Array = OIL_JET,
    needle: float = 3.5e-3,
) -> jax.Array:
    """Frictional moment [N m] of a planet's needle row on a pin [m]; factors of cylindrical rollers, series 2."""
    mean = (pin + needle) * 1e3
    radial = jnp.sqrt(radial**2 + SMALLEST_FORCE**2)
    section = jnp.sqrt(GEOMETRY_CONSTANT[NEEDLE] / (4.0 * needle * 1e3))
    rolling, sliding = 1.09e-6 * power(mean, 2.41) * power(radial, 0.31), 0.0015 * mean * radial
    return _moment(rolling, sliding, mean, section, speed, viscosity, starvation, FULL_FILM_FRICTION[NEEDLE])


def _moment(
    rolling: jax.Array,
    sliding: jax.Array,
    mean: jax.Array,
    section: jax.Array,
    speed: jax.Array,
    viscosity: jax.Array,
    starvation: float | jax.Array,
    full_film: float,
) -> jax.Array:
    """M_rr with inlet heating and starvation, M_sl between boundary and full film [N m]; section = sqrt(K_Z/(2 (D -
    d)))."""
    rpm = jnp.sqrt((speed / RPM) ** 2 + SMALLEST_SPEED**2)
    nu = viscosity * 1e6
    film = nu * rpm
    log_film = jnp.log(film)  # one logarithm for all powers of the speed
    heating = 1.0 / (1.0 + 1.84e-9 * jnp.exp(1.28 * log_film) * power(mean, 1.28) * power(nu, -0.64))
    replenished = jnp.exp(-starvation * film * 2.0 * mean * section)
    boundary = jnp.exp(-2.6e-8 * jnp.exp(1.4 * log_film) * mean)
    friction = full_film + (BOUNDARY_FRICTION - full_film) * boundary
    return (heating * replenished * rolling * jnp.exp(0.6 * log_film) + friction * sliding) * 1e-3
