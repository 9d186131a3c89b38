"""Rolling bearings: one pytree for the continuous relaxation of the catalogue and for its real rows.

Relaxation (deep-groove ball bearings): ISO 281 / ISO 76 rating formulas on the internal geometry of single-row
bearings: ball size 0.3 (D - d), count 3.1 (D + d)/(D - d). Against the 38 rows of series 60, 62 and 63 of
`bearing_catalogue` (in a test): C within 13 % (low for 62 and 63), median 6 %. The thin series 618 and 160 have smaller
balls: there the relaxation says up to 46 % too much. Lengths [m], forces [N].
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from edu_opt.gearbox.bearing_catalogue import BALL, CYLINDRICAL, NEEDLE, TAPERED, CatalogueBearing, catalogue_row
from edu_opt.numerics.pytree import pytree, static

STEEL_DENSITY = 7830.0
FATIGUE_LIMIT_RATIO = {BALL: 22.0, CYLINDRICAL: 8.2, TAPERED: 8.2, NEEDLE: 8.2}  # C_0/C_u, ISO 281:2007 B.3 (d_m < 100)

# SKF's factors R1, R2, S1, S2 by kind and series (catalogue 2018, tables of the frictional moment; ball rows of series
# 160 as in TUMFTM Getrieberechnung.m, the others recalled). Needle: the table has no line for cage-guided needle rows,
# those of cylindrical rollers of series 2 stand in (assumed).
FRICTION_FACTORS: dict[tuple[str, str], tuple[float, float, float, float]] = {
    (BALL, "618"): (4.7e-7, 1.7, 6.50e-3, 0.78),
    (BALL, "160"): (4.3e-7, 1.7, 4.63e-3, 4.25),
    (BALL, "60"): (4.1e-7, 1.7, 3.73e-3, 14.6),
    (BALL, "62"): (3.9e-7, 1.7, 3.23e-3, 36.5),
    (BALL, "63"): (3.7e-7, 1.7, 2.84e-3, 92.8),
    (CYLINDRICAL, "2"): (1.09e-6, 0.0, 0.16, 0.0015),
    (CYLINDRICAL, "3"): (1.09e-6, 0.0, 0.16, 0.0015),
    (CYLINDRICAL, "10"): (1.12e-6, 0.0, 0.17, 0.0015),
    (CYLINDRICAL, "22"): (1.40e-6, 0.0, 0.16, 0.0015),
    (TAPERED, "302"): (1.76e-6, 10.9, 0.017, 2.0),
    (TAPERED, "303"): (1.69e-6, 10.9, 0.017, 2.0),
    (TAPERED, "320"): (2.38e-6, 10.9, 0.014, 2.0),
    (TAPERED, "322"): (2.27e-6, 10.9, 0.018, 2.0),
    (NEEDLE, NEEDLE): (1.09e-6, 0.0, 0.16, 0.0015),
}


@pytree
class Bearing:
    """One rolling bearing: sizes [m], dynamic and static rating and fatigue load limit [N], mass [kg].

    axial_factor: f_0 of a ball bearing, Y of a tapered one. rolling_factor .. sliding_axial_factor: SKF's R1, R2, S1,
    S2 (see `bearing_friction`). `kind` is static: it chooses the formulas.
    """

    kind: str = static(default=BALL)
    bore: jax.Array
    outer: jax.Array
    width: jax.Array
    dynamic_rating: jax.Array
    static_rating: jax.Array
    fatigue_limit: jax.Array
    mass: jax.Array
    axial_factor: jax.Array
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
    geometry_factor = 18.8 - 24.1 * ratio
    static_rating = geometry_factor * count * (ball * 1e3) ** 2
    width = 0.5 * (outer - bore) * 0.97
    # Factors of series 60, 62, 63 interpolated over their mean sections (D - d)/(D + d) of 0.276, 0.340, 0.400
    step = ((outer - bore) / (outer + bore) - 0.276) / 0.062
    mass = (
        0.69 * STEEL_DENSITY * 0.25 * jnp.pi * (outer**2 - bore**2) * width
    )  # 0.69: 6008, 6206, 6308 of the catalogue
    return Bearing(
        bore=bore,
        outer=outer,
        width=width,
        dynamic_rating=dynamic,
        static_rating=static_rating,
        fatigue_limit=static_rating / FATIGUE_LIMIT_RATIO[BALL],
        mass=mass,
        axial_factor=geometry_factor,
        rolling_factor=4.1e-7 - 0.2e-7 * step,
        rolling_axial_factor=jnp.full_like(step, 1.7),
        sliding_factor=3.73e-3 * (2.84 / 3.73) ** (0.5 * step),
        sliding_axial_factor=14.6 * (92.8 / 14.6) ** (0.5 * step),
    )


def real_bearing(row: CatalogueBearing | str) -> Bearing:
    """The bearing of a catalogue row or designation; an unknown designation raises KeyError."""
    row = catalogue_row(row) if isinstance(row, str) else row
    rolling, rolling_axial, sliding, sliding_axial = FRICTION_FACTORS[row.kind, row.series]
    return Bearing(
        kind=row.kind,
        bore=jnp.asarray(row.bore),
        outer=jnp.asarray(row.outer),
        width=jnp.asarray(row.width),
        dynamic_rating=jnp.asarray(row.dynamic_rating),
        static_rating=jnp.asarray(row.static_rating),
        fatigue_limit=jnp.asarray(row.fatigue_limit),
        mass=jnp.asarray(row.mass),
        axial_factor=jnp.asarray(row.axial_factor),
        rolling_factor=jnp.asarray(rolling),
        rolling_axial_factor=jnp.asarray(rolling_axial),
        sliding_factor=jnp.asarray(sliding),
        sliding_axial_factor=jnp.asarray(sliding_axial),
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
