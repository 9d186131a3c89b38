"""Two helical stages on three parallel shafts: pinion 1 on the motor shaft, wheel 2 and pinion 3 on the intermediate
shaft, wheel 4 bolted to the differential cage."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp

from edu_opt.gearbox.layouts.layout import (
    GearBody,
    Layout,
    Values,
    bearing_variables,
    helical_stage,
    pinion_and_wheel,
    shaft_bearing,
    stage_variables,
)
from edu_opt.gearbox.train import AXLE, MOTOR, Mesh, Train
from edu_opt.numerics.design_space import DesignSpace, Variable

# Teeth, modules and ratios around the optimizer's box of TUM/Gao (i 6 to 12, m_n 1.5 to 2.0 and 2.0 to 2.75, z_1 21 to
# 40) and the teardown values of APP310 and Model 3, widened to both sides.
SPACE = DesignSpace(
    stage_variables(
        "gear_stage_1",
        "pinion",
        "wheel",
        {
            "teeth_pinion": (20.0, 34.0),
            "teeth_wheel": (56.0, 92.0),
            "normal_module": (1.3e-3, 2.3e-3),
            "helix_angle": (0.26, 0.50),
            "face_width": (0.020, 0.045),
            "profile_shift": (0.0, 0.6),
            "profile_shift_sum": (-0.2, 0.8),
        },
    )
    + stage_variables(
        "gear_stage_2",
        "pinion",
        "wheel",
        {
            "teeth_pinion": (17.0, 28.0),
            "teeth_wheel": (60.0, 92.0),
            "normal_module": (1.8e-3, 3.2e-3),
            "helix_angle": (0.17, 0.45),
            "face_width": (0.030, 0.065),
            "profile_shift": (0.0, 0.6),
            "profile_shift_sum": (-0.2, 0.8),
        },
    )
    + bearing_variables("input", (0.025, 0.045), (0.010, 0.025))
    + bearing_variables("intermediate", (0.028, 0.050), (0.011, 0.030))
    + bearing_variables("output", (0.045, 0.070), (0.011, 0.0275))
    + (Variable("housing", "fold_angle", "rad", 0.0, 1.4, "turn of the line of centres at the intermediate shaft"),)
)


def teeth(values: Mapping[str, Any]) -> tuple[tuple[Any, Any], ...]:
    """Teeth of both meshes."""
    return pinion_and_wheel(values, "gear_stage_1"), pinion_and_wheel(values, "gear_stage_2")


def build(values: Values, planets: jax.Array) -> dict[str, Any]:
    """Fields of `Gearbox`."""
    return {
        "stage_1": helical_stage(values, "gear_stage_1"),
        "stage_2": helical_stage(values, "gear_stage_2"),
        "planets": jnp.ones_like(planets),
        "input_bearing": shaft_bearing(values, "input"),
        "intermediate_bearing": shaft_bearing(values, "intermediate"),
        "output_bearing": shaft_bearing(values, "output"),
        "planet_pin": None,
        "fold_angle": values["housing.fold_angle_rad"],
        "input_seal": values["bearing_set.input_bore_m"],
    }


LAYOUT = Layout(
    name="parallel_axis",
    train=Train((Mesh(MOTOR, "intermediate"), Mesh("intermediate", AXLE))),
    bodies=(
        GearBody(0, 0, MOTOR, 1, "shaft"),
        GearBody(0, 1, "intermediate", 1, "wheel", bore="intermediate"),
        GearBody(1, 0, "intermediate", 2, "shaft"),
        GearBody(1, 1, AXLE, 2, "wheel", bore="flange"),
    ),
    bearing_shafts=(MOTOR, "intermediate", AXLE),
    coaxial=False,
    space=SPACE,
    teeth=teeth,
    build=build,
    ratio_range=(2.0, 25.0),
    ratio_reason="two external stages of 1.4 to 5 each",
)
