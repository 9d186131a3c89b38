"""Coaxial stepped planetary: sun on a hollow motor shaft, the planets' large step meshes the sun, the small step the
fixed ring, the carrier drives the differential, a half shaft passes through the sun.

A simple planetary cannot give a ratio near 9 around a half shaft: its sun would be an eighth of the ring.
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
    module_of_distance,
    pair_from_values,
    shaft_bearing,
    stage_variables,
)
from edu_opt.gearbox.train import AXLE, HOUSING, MOTOR, Mesh, Train
from edu_opt.numerics.design_space import DesignSpace, Variable

# Around the I-PACE's unit (ratio 9.06 within 234 mm, a half shaft through the sun); the module of the second stage
# follows from the common centre distance.
SPACE = DesignSpace(
    stage_variables(
        "gear_stage_1",
        "sun",
        "planet",
        {
            "teeth_sun": (26.0, 60.0),
            "teeth_planet": (40.0, 90.0),
            "normal_module": (1.0e-3, 2.0e-3),
            "helix_angle": (0.17, 0.45),
            "face_width": (0.020, 0.045),
            "profile_shift": (0.0, 0.5),
            "profile_shift_sum": (-0.2, 0.6),
        },
    )
    + stage_variables(
        "gear_stage_2",
        "planet",
        "ring",
        {
            "teeth_planet": (16.0, 30.0),
            "teeth_ring": (72.0, 125.0),
            "helix_angle": (0.05, 0.35),
            "face_width": (0.025, 0.060),
            "profile_shift": (0.0, 0.6),
            "profile_shift_sum": (-0.3, 0.5),
        },
    )
    + (
        PLANETS,
        Variable("bearing_set", "planet_pin", "m", 0.010, 0.028, "diameter of the planet pins"),
    )
    + bearing_variables("carrier", (0.050, 0.090), (0.008, 0.0175))
)


def teeth(values: Mapping[str, Any]) -> tuple[tuple[Any, Any], ...]:
    """Teeth of sun and large step, small step and ring."""
    sun = (values["gear_stage_1.teeth_sun_1"], values["gear_stage_1.teeth_planet_1"])
    return sun, (values["gear_stage_2.teeth_planet_1"], -values["gear_stage_2.teeth_ring_1"])


def build(values: Values, planets: jax.Array) -> dict[str, Any]:
    """Fields of `Gearbox`."""
    sun, ring = teeth(values)
    stage_1 = pair_from_values(sun, values["gear_stage_1.normal_module_m"], values, "gear_stage_1")
    module = module_of_distance(stage_1.centre_distance, ring, values, "gear_stage_2")
    return {
        "stage_1": stage_1,
        "stage_2": pair_from_values(ring, module, values, "gear_stage_2"),
        "planets": planets,
        "input_bearing": None,
        "intermediate_bearing": None,
        "output_bearing": shaft_bearing(values, "carrier"),
        "planet_pin": values["bearing_set.planet_pin_m"],
        "fold_angle": jnp.zeros(()),
        "input_seal": stage_1.tip_diameter[0] - 2.0 * 2.25 * stage_1.normal_module,
    }


LAYOUT = Layout(
    name="planetary",
    train=Train((Mesh(MOTOR, "planet", AXLE, planet="wheel"), Mesh("planet", HOUSING, AXLE, planet="pinion"))),
    bodies=(
        GearBody(0, 0, MOTOR, 1, "shaft", bore="half_shaft"),
        GearBody(0, 1, "planet", 1, "wheel", bore="pin", planet=True),
        GearBody(1, 0, "planet", 2, "shaft", planet=True),
        GearBody(1, 1, HOUSING, 2, "ring"),
    ),
    bearing_shafts=(AXLE,),
    coaxial=True,
    space=SPACE,
    teeth=teeth,
    build=build,
    ratio_range=(3.5, 25.0),
    ratio_reason="sun around a half shaft, planets that do not collide",
)
