"""A simple planetary set (sun, planets of one step, fixed ring) from named values; two layouts use it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jax.numpy as jnp

from edu_opt.gearbox.layouts.layout import Ranges, Values, pair_from_values, stage_variables
from edu_opt.gearbox.tooth_geometry import (
    STANDARD_PRESSURE_ANGLE,
    GearPair,
    make_pair,
    profile_shift_sum,
    transverse_pressure_angle,
)
from edu_opt.numerics.design_space import Variable
from edu_opt.numerics.pytree import replace
from edu_opt.numerics.smooth import smooth_minimum

PART = "gear_stage_1"
RING_TIP = 1.005  # smallest tip circle of a ring over its base circle


def set_variables(ranges: Ranges) -> tuple[Variable, ...]:
    """Variables of the set: sun and planet as any pair, and the ring's teeth beyond sun + 2 planets."""
    surplus = Variable(
        PART,
        "teeth_ring_surplus",
        "1",
        *ranges["teeth_ring_surplus"],
        "teeth of the ring beyond those of the sun and twice the planet's (taken up by its profile shift)",
        integer=True,
    )
    return (*stage_variables(PART, "sun", "planet", ranges), surplus)


def set_teeth(values: Mapping[str, Any]) -> tuple[tuple[Any, Any], tuple[Any, Any]]:
    """Teeth of sun and planet, planet and ring (negative)."""
    sun, planet = values[f"{PART}.teeth_sun_1"], values[f"{PART}.teeth_planet_1"]
    return (sun, planet), (planet, -(sun + 2.0 * planet + values[f"{PART}.teeth_ring_surplus_1"]))


def planetary_set(values: Values) -> tuple[GearPair, GearPair]:
    """(sun/planet, planet/ring): the ring's profile shift puts it at the centre distance of sun and planet."""
    module, helix = values[f"{PART}.normal_module_m"], values[f"{PART}.helix_angle_rad"]
    outer_teeth, inner_teeth = set_teeth(values)
    outer = pair_from_values(outer_teeth, module, values, PART)
    teeth = jnp.stack(inner_teeth)
    total = profile_shift_sum(module, STANDARD_PRESSURE_ANGLE, helix, jnp.sum(teeth), -outer.centre_distance)
    shift = outer.profile_shift[1]
    inner = make_pair(
        normal_module=module,
        helix_angle=helix,
        teeth=teeth,
        profile_shift=jnp.stack([shift, total - shift]),
        face_width=jnp.stack([outer.face_width[1], outer.face_width[1]]),
    )
    # One gear, one tip circle; a ring's teeth end above its base circle, inside of which there is no involute.
    base = module * teeth[1] * jnp.cos(transverse_pressure_angle(STANDARD_PRESSURE_ANGLE, helix)) / jnp.cos(helix)
    ring_tip = smooth_minimum(inner.tip_diameter[1], RING_TIP * base, 1e-5)
    # the axes are common, whatever the series of the involute leaves (1e-12)
    return outer, replace(
        inner,
        centre_distance=-outer.centre_distance,
        tip_diameter=jnp.stack([outer.tip_diameter[1], ring_tip]),
    )
