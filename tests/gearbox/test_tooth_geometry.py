"""Interference of internal pairs against moving tooth corners, planetary sets on one centre distance, undercut."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest

from edu_opt.gearbox.model import gearbox_from_values, gearbox_space, stacked_geometry
from edu_opt.gearbox.tooth_geometry import (
    fouling_clearance,
    involute,
    make_pair,
    pair_geometry,
    radial_assembly_clearance,
    tip_angles,
    undercut_margin,
)

MODULE = 2e-3


def internal(pinion: int, ring: int, shifts=(0.0, 0.0), helix: float = 0.0):
    pair = make_pair(
        normal_module=jnp.asarray(MODULE),
        helix_angle=jnp.asarray(helix),
        teeth=jnp.array([pinion, -ring], float),
        profile_shift=jnp.array(shifts),
        face_width=jnp.array([0.02, 0.02]),
    )
    return pair, pair_geometry(pair)


def moving_corner_clearance(pair, geometry) -> float:
    """Smallest angle between the pinion's tip corner and the ring's tooth corner on the ring's tip circle, times its
    radius [modules]: both gears turned step by step from the pitch point until the pinion's corner leaves the ring's
    tip circle."""
    pinion, ring = np.abs(np.asarray(pair.teeth))
    tip_1, tip_2 = 0.5 * np.abs(np.asarray(pair.tip_diameter))
    distance = abs(float(pair.centre_distance))
    at_tip, working = np.asarray(tip_angles(pair, geometry)), float(geometry.working_angle)
    turns = np.linspace(0.0, 1.2, 400_001)
    # With the flanks touching in the pitch point at 0, the corner of that pinion tooth trails it by this angle.
    angle = turns - float(involute(jnp.asarray(at_tip[0])) - involute(jnp.asarray(working)))
    x, y = distance + tip_1 * np.cos(angle), tip_1 * np.sin(angle)
    inside = np.hypot(x, y) <= tip_2
    leaving = np.argmax(inside)  # first place where the corner is inside the ring's tip circle
    corner_of_ring = turns[leaving] * pinion / ring + float(involute(jnp.asarray(working)) - involute(at_tip[1]))
    return (corner_of_ring - np.arctan2(y, x)[leaving]) * tip_2 / MODULE


@pytest.mark.parametrize(
    ("pinion", "ring", "shifts"), [(17, 87, (0.5, -0.75)), (30, 41, (0.0, 0.0)), (42, 114, (0.2, -0.5))]
)
def test_fouling_clearance_is_that_of_the_moving_corners(pinion: int, ring: int, shifts) -> None:
    pair, geometry = internal(pinion, ring, shifts)
    assert float(fouling_clearance(pair, geometry)) == pytest.approx(moving_corner_clearance(pair, geometry), abs=2e-4)


def test_smallest_differences_of_teeth_are_the_textbooks() -> None:
    """Full-depth 20 degree teeth without shift foul below a difference of 9 (10 for few teeth) and cannot be put in
    radially below 17 (KHK, Gear Technical Reference; recalled)."""
    for pinion in (17, 20, 25, 30):
        found = []
        for clearance in (fouling_clearance, radial_assembly_clearance):
            rooms = [float(clearance(*internal(pinion, pinion + k))) for k in range(6, 24)]
            found.append(6 + int(np.argmax(np.array(rooms) >= 0)))
        assert found == [9, 17]


def test_external_pairs_have_no_internal_interference() -> None:
    pair = make_pair(
        normal_module=jnp.asarray(MODULE),
        helix_angle=jnp.asarray(0.3),
        teeth=jnp.array([20.0, 60.0]),
        profile_shift=jnp.array([0.3, 0.1]),
        face_width=jnp.array([0.02, 0.02]),
    )
    geometry = pair_geometry(pair)
    assert float(fouling_clearance(pair, geometry)) == 1.0 and float(radial_assembly_clearance(pair, geometry)) == 1.0


def test_spur_pinions_undercut_below_seventeen_teeth() -> None:
    """z = 2 h/sin^2(alpha) = 17.1 of a rack that is straight down to one module."""
    margins = []
    for teeth in (17.0, 18.0):
        pair = make_pair(
            normal_module=jnp.asarray(MODULE),
            helix_angle=jnp.asarray(0.0),
            teeth=jnp.array([teeth, 60.0]),
            profile_shift=jnp.zeros(2),
            face_width=jnp.array([0.02, 0.02]),
        )
        margins.append(float(undercut_margin(pair, pair_geometry(pair))[0]))
    assert margins[0] < 0.0 < margins[1]


@pytest.mark.parametrize("layout", ["simple_planetary", "planetary_layshaft", "planetary"])
def test_sun_planet_and_ring_share_axes_and_the_planet(layout: str) -> None:
    space = gearbox_space(layout)
    for seed in range(4):
        unit = np.random.default_rng(seed).uniform(size=len(space))
        gearbox = gearbox_from_values(layout, space.to_physical(jnp.asarray(unit)))
        outer, inner = gearbox.stage_1, gearbox.stage_2
        geometry = stacked_geometry(gearbox)
        assert float(inner.centre_distance) == pytest.approx(-float(outer.centre_distance), rel=1e-9)
        # the working pressure angles follow from the centre distance and from the shift sums alike
        sums = jnp.sum(inner.profile_shift) * 2.0 * jnp.tan(inner.pressure_angle) / jnp.sum(inner.teeth)
        by_shift = involute(geometry.transverse_angle[1]) + sums
        assert float(involute(geometry.working_angle[1])) == pytest.approx(float(by_shift), abs=1e-6)
        if layout != "planetary":
            for field in ("teeth", "profile_shift", "tip_diameter", "face_width"):
                assert float(getattr(outer, field)[1]) == pytest.approx(float(getattr(inner, field)[0]), rel=1e-12)


def test_two_speeds_share_their_centre_distance() -> None:
    space = gearbox_space("two_speed")
    gearbox = gearbox_from_values("two_speed", space.to_physical(jnp.full(len(space), 0.4)))
    assert float(gearbox.stage_1.centre_distance) == pytest.approx(float(gearbox.stage_2.centre_distance), rel=1e-9)
