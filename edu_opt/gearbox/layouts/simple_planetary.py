"""Coaxial simple planetary: sun on a hollow motor shaft around the half shaft, fixed ring, the carrier drives the
differential; ratio 1 + z_ring/z_sun."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from edu_opt.gearbox.layouts.layout import PLANETS, GearBody, Layout, Values, bearing_variables, shaft_bearing
from edu_opt.gearbox.layouts.planetary_set import planetary_set, set_teeth, set_variables
from edu_opt.gearbox.train import AXLE, HOUSING, MOTOR, Mesh, Train
from edu_opt.numerics.design_space import DesignSpace, Variable

# Ratios of 1 + z_r/z_s: three planets are neighbours without touching up to 10 to 12 (around a solid sun); the half
# shaft of 28 mm with its rim asks for a sun of 45 mm, a ring of 250 mm then ends at 6.
SET = set_variables(
    {
        "teeth_sun": (24.0, 54.0),
        "teeth_planet": (18.0, 60.0),
        "teeth_ring_surplus": (-1.0, 1.0),
        "normal_module": (1.2e-3, 2.4e-3),
        "helix_angle": (0.17, 0.45),
        "face_width": (0.020, 0.060),
        "profile_shift": (0.0, 0.6),
        "profile_shift_sum": (0.0, 1.0),
    }
)
PIN = Variable("bearing_set", "planet_pin", "m", 0.008, 0.028, "diameter of the planet pins")
SPACE = DesignSpace((*SET, PLANETS, PIN, *bearing_variables("carrier", (0.050, 0.090), (0.008, 0.0175))))


def build(values: Values, planets: jax.Array) -> dict[str, Any]:
    """Fields of `Gearbox`."""
    stage_1, stage_2 = planetary_set(values)
    return {
        "stage_1": stage_1,
        "stage_2": stage_2,
        "planets": planets,
        "input_bearing": None,
        "intermediate_bearing": None,
        "output_bearing": shaft_bearing(values, "carrier"),
        "planet_pin": values["bearing_set.planet_pin_m"],
        "fold_angle": jnp.zeros(()),
        "input_seal": stage_1.tip_diameter[0] - 2.0 * 2.25 * stage_1.normal_module,
    }


LAYOUT = Layout(
    name="simple_planetary",
    train=Train((Mesh(MOTOR, "planet", AXLE, planet="wheel"), Mesh("planet", HOUSING, AXLE, planet="pinion"))),
    bodies=(
        GearBody(0, 0, MOTOR, 1, "shaft", bore="half_shaft"),
        GearBody(0, 1, "planet", 1, "shaft", bore="pin", planet=True),
        GearBody(1, 1, HOUSING, 2, "ring"),
    ),
    bearing_shafts=(AXLE,),
    coaxial=True,
    space=SPACE,
    teeth=set_teeth,
    build=build,
    ratio_range=(2.6, 6.5),
    ratio_reason="1 + z_ring/z_sun with a half shaft through the sun",
)
