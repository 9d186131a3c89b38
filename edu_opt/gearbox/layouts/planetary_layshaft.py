"""Simple planetary on the motor's axis, then a helical stage down to the differential: the carrier is the layshaft.

Sun on the motor shaft, fixed ring, pinion 3 on the carrier, wheel 4 on the differential cage beside the motor.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp

from edu_opt.gearbox.layouts.layout import (
    PLANETS,
    GearBody,
    Layout,
    Values,
    bearing_variables,
    helical_stage,
    pinion_and_wheel,
    shaft_bearing,
    stage_variables,
)
from edu_opt.gearbox.layouts.planetary_set import planetary_set, set_teeth, set_variables
from edu_opt.gearbox.train import AXLE, HOUSING, MOTOR, Mesh, Train
from edu_opt.numerics.design_space import DesignSpace, Variable

# No half shaft passes the sun, so it may be as small as a pinion; the second stage is that of the parallel axes with
# lower ratios. Toyota's P410 reduces its motor by a planetary ahead of the final gears likewise (notes A1).
SPACE = DesignSpace(
    set_variables(
        {
            "teeth_sun": (17.0, 40.0),
            "teeth_planet": (17.0, 50.0),
            "teeth_ring_surplus": (-1.0, 1.0),
            "normal_module": (1.0e-3, 2.0e-3),
            "helix_angle": (0.17, 0.45),
            "face_width": (0.018, 0.045),
            "profile_shift": (0.0, 0.6),
            "profile_shift_sum": (0.0, 1.0),
        }
    )
    + stage_variables(
        "gear_stage_2",
        "pinion",
        "wheel",
        {
            "teeth_pinion": (20.0, 45.0),
            "teeth_wheel": (50.0, 95.0),
            "normal_module": (1.6e-3, 3.0e-3),
            "helix_angle": (0.17, 0.45),
            "face_width": (0.030, 0.065),
            "profile_shift": (0.0, 0.6),
            "profile_shift_sum": (-0.2, 0.8),
        },
    )
    + (
        PLANETS,
        Variable("bearing_set", "planet_pin", "m", 0.008, 0.024, "diameter of the planet pins"),
    )
    + bearing_variables("carrier", (0.028, 0.060), (0.010, 0.025))
    + bearing_variables("output", (0.045, 0.070), (0.011, 0.0275))
)


def teeth(values: Mapping[str, Any]) -> tuple[tuple[Any, Any], ...]:
    """Teeth of the planetary's meshes and the helical pair."""
    return (*set_teeth(values), pinion_and_wheel(values, "gear_stage_2"))


def build(values: Values, planets: jax.Array) -> dict[str, Any]:
    """Fields of `Gearbox`."""
    stage_1, stage_2 = planetary_set(values)
    return {
        "stage_1": stage_1,
        "stage_2": stage_2,
        "stage_3": helical_stage(values, "gear_stage_2"),
        "planets": planets,
        "input_bearing": None,
        "intermediate_bearing": shaft_bearing(values, "carrier"),
        "output_bearing": shaft_bearing(values, "output"),
        "planet_pin": values["bearing_set.planet_pin_m"],
        "fold_angle": jnp.zeros(()),
        "input_seal": stage_1.tip_diameter[0] - 2.0 * 2.25 * stage_1.normal_module,
    }


LAYOUT = Layout(
    name="planetary_layshaft",
    train=Train(
        (
            Mesh(MOTOR, "planet", "carrier", planet="wheel"),
            Mesh("planet", HOUSING, "carrier", planet="pinion"),
            Mesh("carrier", AXLE),
        )
    ),
    bodies=(
        GearBody(0, 0, MOTOR, 1, "shaft"),
        GearBody(0, 1, "planet", 1, "shaft", bore="pin", planet=True),
        GearBody(1, 1, HOUSING, 1, "ring"),
        GearBody(2, 0, "carrier", 2, "shaft"),
        GearBody(2, 1, AXLE, 2, "wheel", bore="flange"),
    ),
    bearing_shafts=("carrier", AXLE),
    coaxial=False,
    space=SPACE,
    teeth=teeth,
    build=build,
    ratio_range=(4.0, 40.0),
    ratio_reason="a planetary of 2.8 to 8 and an external stage of 1.4 to 5",
)
