"""Rolling bearings as a continuous relaxation of the catalogue: rating, life, friction, mass from bore and outer
diameter.

Ball bearings: ISO 281 / ISO 76 rating formulas on the internal geometry of single-row deep-groove bearings: ball size
0.3 (D - d), count 3.1 (D + d)/(D - d). Against eight rows of the NTN catalogue 2202 (series 60, 62, 63; bores 30 to
50 mm; in a test): C within 11 % (6008 high, 6310 low), median 3 %. Friction: the SKF model (2020 catalogue), series
constants interpolated over the section. Lengths [m] and forces [N] outside; mm, N, rpm, mm2/s inside the SKF formulas.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from edu_opt.numerics.pytree import pytree
from edu_opt.numerics.smooth import safe_norm, smooth_maximum

STEEL_DENSITY = 7830.0
SMALLEST_FORCE = 1.0  # N, keeps roots finite at no load
SMALLEST_SPEED = 1.0  # rpm


@pytree
class Bearing:
    """One rolling bearing: sizes [m], dynamic and static rating [N], mass [kg], SKF's R1, R2, S1, S2."""

    bore: jax.Array
    outer: jax.Array
    width: jax.Array
    dynamic_rating: jax.Array
    static_rating: jax.Array
    mass: jax.Array
    rolling_factor: jax.Array
    rolling_axial_factor: jax.Array
    sliding_factor: jax.Array
    sliding_axial_factor: jax.Array

    @property
    def mean_diameter(self) -> jax.Array:
        """(d + D)/2 [m]."""
        return 0.5 * (self.bore + self.outer)


def ball_bearing(bore: jax.Array, outer: jax.Array) -> Bearing:
    """Single-row deep-groove ball bearing of any size; valid for bores of 20 to 80 mm and series 60 to 63."""
    bore, outer = jnp.asarray(bore), jnp.asarray(outer)
    ball = 0.30 * (outer - bore)
    pitch = 0.5 * (outer + bore)
    count = 3.1 * (outer + bore) / (outer - bore)
    ratio = ball / pitch
    # ISO 281:2007 eq. 5 with b_m = 1.3; f_c of table 2 is 59 +- 1 for ratios of 0.14 to 0.26. Balls below 25.4 mm.
    dynamic = 1.3 * 59.2 * count ** (2.0 / 3.0) * (ball * 1e3) ** 1.8
    # ISO 76 eq. 1; f_0 as a line through the catalogue's 13.2 (6308), 13.8 (6206), 15.2 (6008)
    static = (18.8 - 24.1 * ratio) * count * (ball * 1e3) ** 2
    width = 0.5 * (outer - bore) * 0.97
    # SKF's table for series 60, 62, 63: (R1, S1, S2) = (4.1e-7, 3.73e-3, 14.6), (3.9e-7, 3.23e-3, 36.5),
    # (3.7e-7, 2.84e-3, 92.8), R2 = 1.7, over their mean sections (D - d)/(D + d) of 0.276, 0.340, 0.400
    step = ((outer - bore) / (outer + bore) - 0.276) / 0.062
    mass = (
        0.69 * STEEL_DENSITY * 0.25 * jnp.pi * (outer**2 - bore**2) * width
    )  # 0.69: 6008, 6206, 6308 of the catalogue
    return Bearing(
        bore=bore,
        outer=outer,
        width=width,
        dynamic_rating=dynamic,
        static_rating=static,
        mass=mass,
        rolling_factor=4.1e-7 - 0.2e-7 * step,
        rolling_axial_factor=jnp.full_like(step, 1.7),
        sliding_factor=3.73e-3 * (2.84 / 3.73) ** (0.5 * step),
        sliding_axial_factor=14.6 * (92.8 / 14.6) ** (0.5 * step),
    )


def needle_rating(pin: jax.Array, length: float | jax.Array, needle: float | jax.Array = 3.5e-3) -> jax.Array:
    """Dynamic rating [N] of a cage-guided needle row on a pin [m]: ISO 281 eq. 7 with b_m = 1.1.

    Needles of 3.5 mm fill 75 % of the pitch circle and 85 % of the length; f_c = 88 (table 7 for ratios of 0.12 to
    0.22).
    """
    pitch = pin + needle
    count = 0.75 * jnp.pi * pitch / needle
    return (
        1.1 * 88.0 * (0.85 * length * 1e3) ** (7.0 / 9.0) * count**0.75 * (jnp.asarray(needle) * 1e3) ** (29.0 / 27.0)
    )


def equivalent_load(bearing: Bearing, radial: jax.Array, axial: jax.Array) -> jax.Array:
    """P [N] of a deep-groove bearing with normal clearance, ISO 281 table 3: max(Fr, 0.56 Fr + Y Fa).

    Y = 1.57 x^-0.235 with x = f_0 Fa/C_0 fits the table (1.00 to 2.30) within 3 %; f_0 = 14. Forces >= 0.
    """
    relative = 14.0 * axial / bearing.static_rating + 0.05
    factor = 1.57 * relative**-0.235
    return smooth_maximum(radial, 0.56 * radial + factor * axial, 10.0)


def life_load_ratio(rating: jax.Array, load: jax.Array, revolutions: jax.Array, exponent: float) -> jax.Array:
    """C / P_equivalent / (L/1e6)^(1/p) over blocks (last axis): 1 means L10 equals the demanded life (ISO 281, a1 =
    aISO = 1)."""
    demand = jnp.sum((revolutions * 1e-6) * (load / rating) ** exponent, axis=-1)
    return (demand + 1e-12) ** (-1.0 / exponent)


def friction_torque(
    bearing: Bearing, radial: jax.Array, axial: jax.Array, speed: jax.Array, viscosity: jax.Array
) -> jax.Array:
    """Frictional moment [N m], SKF model without seals and drag (oil jet), deep-groove ball bearing.

    radial, axial [N] >= 0; speed [rad/s] >= 0; viscosity [m^2/s] at running temperature. K_rs = 6e-8 (oil jet), K_Z
    = 3.1, mu_EHL = 0.04 (synthetic oil; 0.05 for mineral).
    """
    rpm = safe_norm(jnp.stack([speed * 30.0 / jnp.pi, jnp.zeros_like(speed)]), SMALLEST_SPEED, axis=0)
    bore, outer, mean = bearing.bore * 1e3, bearing.outer * 1e3, bearing.mean_diameter * 1e3
    nu = viscosity * 1e6
    fr = jnp.sqrt(radial**2 + SMALLEST_FORCE**2)
    fa = jnp.sqrt(axial**2 + SMALLEST_FORCE**2)
    contact = jnp.sin(jnp.deg2rad(24.6 * (fa / bearing.static_rating) ** 0.24))
    load = fr + bearing.rolling_axial_factor / contact * fa
    rolling = bearing.rolling_factor * mean**1.96 * load**0.54 * (nu * rpm) ** 0.6
    heating = 1.0 / (1.0 + 1.84e-9 * (rpm * mean) ** 1.28 * nu**0.64)
    starvation = jnp.exp(-6e-8 * nu * rpm * (bore + outer) * jnp.sqrt(3.1 / (2.0 * (outer - bore))))
    thrust = bearing.sliding_axial_factor * mean**1.5 / contact * fa**4
    sliding = bearing.sliding_factor * mean**-0.145 * (fr**5 + thrust) ** (1.0 / 3.0)
    boundary = jnp.exp(-2.6e-8 * (rpm * nu) ** 1.4 * mean)
    return (heating * starvation * rolling + (0.12 * boundary + 0.04 * (1.0 - boundary)) * sliding) * 1e-3


def needle_friction_torque(
    pin: jax.Array, radial: jax.Array, speed: jax.Array, viscosity: jax.Array, needle: float = 3.5e-3
) -> jax.Array:
    """Frictional moment [N m] of a planet's needle row with the SKF constants of cylindrical rollers, series 2 (R1 =
    1.09e-6, S2 = 0.0015, mu_EHL = 0.02, K_Z = 5.1): the SKF catalogue has no line for cage-guided needles (assumed)."""
    rpm = jnp.sqrt((speed * 30.0 / jnp.pi) ** 2 + SMALLEST_SPEED**2)
    mean = (pin + needle) * 1e3
    nu = viscosity * 1e6
    fr = jnp.sqrt(radial**2 + SMALLEST_FORCE**2)
    rolling = 1.09e-6 * mean**2.41 * fr**0.31 * (nu * rpm) ** 0.6
    heating = 1.0 / (1.0 + 1.84e-9 * (rpm * mean) ** 1.28 * nu**0.64)
    starvation = jnp.exp(-6e-8 * nu * rpm * 2.0 * mean * jnp.sqrt(5.1 / (4.0 * needle * 1e3)))
    boundary = jnp.exp(-2.6e-8 * (rpm * nu) ** 1.4 * mean)
    sliding = 0.0015 * mean * fr * (0.12 * boundary + 0.02 * (1.0 - boundary))
    return (heating * starvation * rolling + sliding) * 1e-3
