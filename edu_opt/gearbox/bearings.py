"""Rolling bearings: one pytree for the continuous relaxation of the catalogue and for its real rows.

Relaxation (deep-groove ball bearings): ISO 281 / ISO 76 rating formulas on the internal geometry of single-row
bearings (ball size 0.3 (D - d), count 3.1 (D + d)/(D - d)), times a smooth correction that makes it the catalogue's at
every row of series 618, 619, 60, 62 and 63. Without it (in a test): C within 13 % for 60 to 63, median 6 %; up to 46 %
too much for the thin series, whose balls are smaller. A row that the correction does not know is met within 7 % (C) and
8 % (C_0), root mean square. Lengths [m], forces [N].
"""

from __future__ import annotations

import functools
from types import ModuleType
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from edu_opt.gearbox.bearing_catalogue import (
    BALL,
    CYLINDRICAL,
    NEEDLE,
    TAPERED,
    CatalogueBearing,
    catalogue_row,
    rows_of_kind,
)
from edu_opt.numerics.pytree import pytree, static

STEEL_DENSITY = 7830.0
FATIGUE_LIMIT_RATIO = {BALL: 22.0, CYLINDRICAL: 8.2, TAPERED: 8.2, NEEDLE: 8.2}  # C_0/C_u, ISO 281:2007 B.3 (d_m < 100)

# SKF's factors R1, R2, S1, S2 by kind and series (catalogue 2018, tables of the frictional moment; ball rows of series
# 160 as in TUMFTM Getrieberechnung.m, the others recalled). Needle: the table has no line for cage-guided needle rows,
# those of cylindrical rollers of series 2 stand in (assumed).
FRICTION_FACTORS: dict[tuple[str, str], tuple[float, float, float, float]] = {
    (BALL, "618"): (4.7e-7, 1.7, 6.50e-3, 0.78),
    (BALL, "619"): (4.3e-7, 1.7, 4.75e-3, 3.6),
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


# Formulas of the relaxation as products: powers of D + d, of D - d and of the line for f_0, growth per step from series
# 60 to 62 to 63, constant.
# C: ISO 281:2007 eq. 5 with b_m = 1.3, balls below 25.4 mm; f_c of table 2 is 59 +- 1 for ratios of 0.14 to 0.26.
# C_0: ISO 76 eq. 1. Mass: 69 % of a ring's steel. SKF's factors from those of series 60 and 63.
_PRODUCTS: dict[str, tuple[float, float, float, float, float]] = {
    "dynamic_rating": (2.0 / 3.0, 1.8 - 2.0 / 3.0, 0.0, 1.0, 1.3 * 59.2 * 3.1 ** (2.0 / 3.0) * 300.0**1.8),
    "static_rating": (1.0, 1.0, 1.0, 1.0, 3.1 * 300.0**2),
    "fatigue_limit": (1.0, 1.0, 1.0, 1.0, 3.1 * 300.0**2 / FATIGUE_LIMIT_RATIO[BALL]),
    "width": (0.0, 1.0, 0.0, 1.0, 0.97 * 0.5),
    "mass": (1.0, 2.0, 0.0, 1.0, 0.69 * STEEL_DENSITY * 0.25 * np.pi * 0.97 * 0.5),
    "axial_factor": (0.0, 0.0, 1.0, 1.0, 1.0),
    "rolling_factor": (0.0, 0.0, 0.0, (3.7 / 4.1) ** 0.5, 4.1e-7),
    "sliding_factor": (0.0, 0.0, 0.0, (2.84 / 3.73) ** 0.5, 3.73e-3),
    "sliding_axial_factor": (0.0, 0.0, 0.0, (92.8 / 14.6) ** 0.5, 14.6),
}
RELAXED_SERIES = ("618", "619", "60", "62", "63")  # 160 has the sizes of 60 and carries less: (d, D) cannot tell them
KERNEL_LENGTH = 14e-3  # m; of all lengths the one that predicts a row best from the others (C: 7 %, C_0: 8 %)


def relaxed_rows() -> tuple[CatalogueBearing, ...]:
    """Catalogue rows that the relaxation passes through."""
    return tuple(row for row in rows_of_kind(BALL) if row.series in RELAXED_SERIES)


def row_of_sizes(bore: float, outer: float) -> CatalogueBearing | None:
    """The row of `relaxed_rows` of a bore and an outer diameter [m], to a micrometre."""
    return _rows_by_size().get((round(bore * 1e6), round(outer * 1e6)))


def _logarithms(bore: Any, outer: Any, library: ModuleType) -> list[Any]:
    """What the products are linear in, by logarithms; `library`: numpy or jax.numpy."""
    total, difference = outer + bore, outer - bore
    slimness = difference / total
    # f_0 as a line through the catalogue's 13.2 (6308), 13.8 (6206), 15.2 (6008); balls of 0.3 (D - d)
    geometry_factor = 18.8 - 24.1 * 0.6 * slimness
    # mean slimness of series 60, 62, 63: 0.276, 0.340, 0.400
    step = (slimness - 0.276) / 0.062
    return [library.log(total), library.log(difference), library.log(geometry_factor), step]


@functools.cache
def _rows_by_size() -> dict[tuple[int, int], CatalogueBearing]:
    """`relaxed_rows` by bore and outer diameter [um]."""
    return {(round(row.bore * 1e6), round(row.outer * 1e6)): row for row in relaxed_rows()}


@functools.cache
def _relaxation() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Bores and outer diameters (R,) of `relaxed_rows`, and weights (R + 5, fields) of their kernels and the products:
    logarithms of the catalogue over the products are interpolated by the kernel."""
    rows = relaxed_rows()
    bore, outer = np.array([row.bore for row in rows]), np.array([row.outer for row in rows])
    powers = np.array(list(_PRODUCTS.values()))
    powers[:, 3:] = np.log(powers[:, 3:])
    formulas = np.stack([*_logarithms(bore, outer, np), np.ones(len(rows))], axis=1) @ powers.T
    factor = {"rolling_factor": 0, "sliding_factor": 2, "sliding_axial_factor": 3}
    real = [
        [FRICTION_FACTORS[BALL, row.series][factor[f]] if f in factor else getattr(row, f) for f in _PRODUCTS]
        for row in rows
    ]
    kernel = _kernel(bore[:, None] - bore, outer[:, None] - outer)
    return bore, outer, np.vstack([np.linalg.solve(kernel, np.log(real) - formulas), powers.T])


def _kernel(bore: Any, outer: Any) -> Any:
    """Influence of a row at differences of bore and outer diameter [m]: 1, falling with the fourth power."""
    near = 1.0 + (bore * bore + outer * outer) / KERNEL_LENGTH**2
    return 1.0 / (near * near)


def ball_bearing(bore: jax.Array, outer: jax.Array) -> Bearing:
    """Single-row deep-groove ball bearing of any size: at the sizes of `relaxed_rows` exactly theirs, smooth between
    them, the formulas far from them; valid for bores of 20 to 90 mm. Any shape."""
    bore, outer = jnp.asarray(bore), jnp.asarray(outer)
    row_bores, row_outers, weights = _relaxation()
    near = _kernel(bore[..., None] - row_bores, outer[..., None] - row_outers)
    products = jnp.stack([*_logarithms(bore, outer, jnp), jnp.ones_like(bore)], axis=-1)
    found = jnp.exp(jnp.concatenate([near, products], axis=-1) @ weights)
    values = dict(zip(_PRODUCTS, jnp.unstack(found, axis=-1), strict=True))
    return Bearing(kind=BALL, bore=bore, outer=outer, rolling_axial_factor=jnp.full_like(bore, 1.7), **values)


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
