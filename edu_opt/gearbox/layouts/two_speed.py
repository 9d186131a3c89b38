"""Two speeds on parallel axes: two helical pairs between motor and intermediate shaft, one of them engaged.

The wheel of the first gear is held by a dog clutch, that of the second by a wet clutch (so shifts do not interrupt the
torque; Porsche's Taycan pairs a clutch with a dog likewise, notes A1). The pair of the second gear stands first in the
flow of power; both share one centre distance, which sets the second pair's module.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp

from edu_opt.gearbox.clutch import wet_clutch
from edu_opt.gearbox.layouts.layout import (
    GearBody,
    Layout,
    Values,
    bearing_variables,
    helical_stage,
    module_of_distance,
    pair_from_values,
    pinion_and_wheel,
    shaft_bearing,
    stage_variables,
)
from edu_opt.gearbox.train import AXLE, LOOSE, MOTOR, Mesh, Train
from edu_opt.numerics.design_space import DesignSpace, Variable

INTERMEDIATE = "intermediate"
CLUTCH_TORQUE = 1100.0  # N m at the intermediate shaft that the wet clutch is sized for (350 N m in a second gear of 3)

# First gear up to 16, second near 8 as in the Taycan (notes A1); shift near 80 km/h there, 0.33 m wheels: 67 rad/s.
SPACE = DesignSpace(
    stage_variables(
        "gear_stage_1",
        "pinion",
        "wheel",
        {
            "teeth_pinion": (17.0, 28.0),
            "teeth_wheel": (66.0, 96.0),
            "normal_module": (1.5e-3, 2.4e-3),
            "helix_angle": (0.26, 0.50),
            "face_width": (0.022, 0.050),
            "profile_shift": (0.0, 0.6),
            "profile_shift_sum": (-0.2, 0.8),
        },
    )
    + stage_variables(
        "gear_stage_1",
        "pinion",
        "wheel",
        {
            "teeth_pinion": (28.0, 44.0),
            "teeth_wheel": (56.0, 88.0),
            "helix_angle": (0.26, 0.50),
            "face_width": (0.018, 0.045),
            "profile_shift": (0.0, 0.6),
            "profile_shift_sum": (-0.2, 0.8),
        },
        suffix="_high",
    )
    + stage_variables(
        "gear_stage_2",
        "pinion",
        "wheel",
        {
            "teeth_pinion": (17.0, 28.0),
            "teeth_wheel": (60.0, 92.0),
            "normal_module": (1.8e-3, 3.4e-3),
            "helix_angle": (0.17, 0.45),
            "face_width": (0.034, 0.070),
            "profile_shift": (0.0, 0.6),
            "profile_shift_sum": (-0.2, 0.8),
        },
    )
    + bearing_variables("input", (0.025, 0.045), (0.010, 0.025))
    + bearing_variables("intermediate", (0.028, 0.050), (0.011, 0.030))
    + bearing_variables("output", (0.045, 0.070), (0.011, 0.0275))
    + (
        Variable("housing", "fold_angle", "rad", 0.0, 1.4, "turn of the line of centres at the intermediate shaft"),
        Variable("shift_clutch", "shift_speed", "rad_per_s", 20.0, 100.0, "axle speed at which the gear changes"),
    )
)


def teeth(values: Mapping[str, Any]) -> tuple[tuple[Any, Any], ...]:
    """Teeth of the second gear's pair, the first gear's pair and the last pair."""
    high = (values["gear_stage_1.teeth_pinion_high_1"], values["gear_stage_1.teeth_wheel_high_1"])
    return high, pinion_and_wheel(values, "gear_stage_1"), pinion_and_wheel(values, "gear_stage_2")


def build(values: Values, planets: jax.Array) -> dict[str, Any]:
    """Fields of `Gearbox`."""
    low = helical_stage(values, "gear_stage_1")
    high = teeth(values)[0]
    module = module_of_distance(low.centre_distance, high, values, "gear_stage_1", "_high")
    return {
        "stage_1": pair_from_values(high, module, values, "gear_stage_1", "_high"),
        "stage_2": low,
        "stage_3": helical_stage(values, "gear_stage_2"),
        "planets": jnp.ones_like(planets),
        "input_bearing": shaft_bearing(values, "input"),
        "intermediate_bearing": shaft_bearing(values, "intermediate"),
        "output_bearing": shaft_bearing(values, "output"),
        "planet_pin": None,
        "fold_angle": values["housing.fold_angle_rad"],
        "input_seal": values["bearing_set.input_bore_m"],
        "shift_speed": values["shift_clutch.shift_speed_rad_per_s"],
        "shift_clutch": wet_clutch(CLUTCH_TORQUE),
        "gear": jnp.zeros(()),
    }


SHAFTS = (MOTOR, INTERMEDIATE, LOOSE)
LAYOUT = Layout(
    name="two_speed",
    train=Train((Mesh(MOTOR, LOOSE), Mesh(MOTOR, INTERMEDIATE), Mesh(INTERMEDIATE, AXLE)), order=SHAFTS),
    high_train=Train((Mesh(MOTOR, INTERMEDIATE), Mesh(MOTOR, LOOSE), Mesh(INTERMEDIATE, AXLE)), order=SHAFTS),
    bodies=(
        GearBody(0, 0, MOTOR, 1, "shaft"),
        GearBody(0, 1, LOOSE, 1, "wheel", bore="intermediate"),
        GearBody(1, 0, MOTOR, 1, "shaft"),
        GearBody(1, 1, INTERMEDIATE, 1, "wheel", bore="intermediate"),
        GearBody(2, 0, INTERMEDIATE, 2, "shaft"),
        GearBody(2, 1, AXLE, 2, "wheel", bore="flange"),
    ),
    bearing_shafts=(MOTOR, INTERMEDIATE, AXLE),
    coaxial=False,
    space=SPACE,
    teeth=teeth,
    build=build,
    ratio_range=(4.0, 28.0),
    ratio_reason="first gear of two external stages of 1.4 to 5.6 each",
)
