"""Margins of what carries the gears: shafts, the spline at the motor, static strength of the bearings.

One call beside `margins.rating_margins`; each margin is relative and at least 0 where the part is fit.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from edu_opt.duty.load_spectrum import LoadSpectrum
from edu_opt.gearbox.bearing_choice import STATIC_SAFETY
from edu_opt.gearbox.model import Gearbox, ratio, require
from edu_opt.gearbox.planet_shafts import planet_shaft_rating
from edu_opt.gearbox.rating_bearings import BearingRating
from edu_opt.gearbox.shaft_strength import shaft_margin, shaft_rating
from edu_opt.gearbox.spline import spline_margin, spline_on
from edu_opt.gearbox.tooth_geometry import PairGeometry
from edu_opt.numerics.smooth import soft_minimum

WIDTH = 0.005  # of the smooth minimum over the bearings
SUN_SPLINE_LENGTH = 0.6  # engaged length of a hollow sun's spline over its diameter (assumed; solid shafts 1)


def shaft_margins(
    gearbox: Gearbox,
    geometries: PairGeometry,
    bearings: BearingRating,
    spectrum: LoadSpectrum,
    peak_output_torque: jax.Array,
) -> dict[str, jax.Array]:
    """Margins by name: bearing_static, shaft_strength (DIN 743), input_spline (at the motor's shaft, which with planets
    passes its seal at the sun's root). geometries with leading axis M; peak axle torque [N m]."""
    if gearbox.structure.has_planets:
        rating = planet_shaft_rating(gearbox, geometries, spectrum, peak_output_torque)
        spline = spline_on(gearbox.seal_diameter[0], length_ratio=SUN_SPLINE_LENGTH)
    else:
        rating = shaft_rating(gearbox, geometries, spectrum, peak_output_torque)
        spline = spline_on(require(gearbox.input_bearing).bore)
    return {
        "bearing_static": soft_minimum(bearings.static_safety / STATIC_SAFETY, WIDTH) - 1.0,
        "shaft_strength": shaft_margin(rating),
        "input_spline": spline_margin(spline, jnp.asarray(peak_output_torque) / ratio(gearbox)),
    }
