"""Design values of a given lamination: the inverse of `geometry.lamination_from_values`, for laminations that exist.

A lamination of the design space comes back to rounding. Another one (shoulder slots, tapered teeth, unequal coil
clearances) gives the values whose lamination shares the lengths named here; layered rotors and cages have no inverse.
"""

from __future__ import annotations

import math

from edu_opt.motor.geometry import Lamination, SalientPoleRotor, SingleVRotor, StatorGeometry

INNER_GAP_SHARE = 0.04  # of the magnet's line, as `geometry` draws it
WIDEST_POCKET = 0.95  # of the magnet's thickness over the pocket's slope, as `geometry` draws it


def lamination_values(lamination: Lamination) -> dict[str, float]:
    """Values (SI) by the names of `lamination_space`; the rotor's are left out where it has no inverse."""
    pairs, rotor = float(lamination.pole_pairs), lamination.rotor
    values = {"lamination.air_gap_m": float(lamination.air_gap)}
    values |= _stator_values(lamination.stator, float(lamination.slots))
    if isinstance(rotor, SalientPoleRotor):
        values |= _salient_values(rotor, 0.5 * math.pi / pairs)
    elif isinstance(rotor, SingleVRotor):
        values |= _single_v_values(rotor, 0.5 * math.pi / pairs, min(1.0, pairs / 3.0))
    return values


def _stator_values(stator: StatorGeometry, slots: float) -> dict[str, float]:
    outer, bore, opening = float(stator.outer_radius), float(stator.bore_radius), float(stator.opening_width)
    tip, wedge, top = float(stator.tip_height), float(stator.wedge_height), float(stator.slot_width_top)
    start = bore + tip + wedge
    pitch = 2.0 * math.tan(math.pi / slots) * start
    return {
        "lamination.outer_radius_m": outer,
        "lamination.bore_ratio_1": bore / outer,
        "lamination.tooth_ratio_1": 1.0 - top / pitch,
        "lamination.slot_depth_ratio_1": (start + float(stator.slot_depth) - bore) / (outer - bore),
        "lamination.opening_ratio_1": opening / top,
        "lamination.tip_height_m": tip,
        "lamination.wedge_slope_1": 2.0 * wedge / (top - opening),
    }


def _salient_values(rotor: SalientPoleRotor, half_pitch: float) -> dict[str, float]:
    radius, shaft, face = float(rotor.outer_radius), float(rotor.shaft_radius), float(rotor.face_radius)
    shoe, body, height = float(rotor.shoe_width), float(rotor.body_width), float(rotor.shoe_height)
    clearance = float(rotor.coil_clearance_side)
    edge = radius - face + math.sqrt(face**2 - 0.25 * shoe**2)
    lowest = max(0.5 * (body + 4.0 * clearance) / math.tan(half_pitch), shaft + 0.25 * body)
    return {
        "rotor.shoe_ratio_1": math.asin(0.5 * shoe / radius) / half_pitch,
        "rotor.body_ratio_1": body / shoe,
        "rotor.shoe_height_ratio_1": height / radius,
        "rotor.body_height_ratio_1": float(rotor.body_height) / (edge - height - lowest),
        "rotor.face_ratio_1": face / radius,
        "rotor.shaft_ratio_1": shaft / radius,
        "rotor.coil_clearance_m": clearance,
    }


def _single_v_values(rotor: SingleVRotor, half_pitch: float, tilt_share: float) -> dict[str, float]:
    radius, bridge, post = float(rotor.outer_radius), float(rotor.bridge), float(rotor.post_width)
    thickness, pocket_radius = float(rotor.magnet_thickness), radius - bridge
    web_angle = math.asin(0.5 * float(rotor.web_width) / pocket_radius)
    corner_angle = math.asin(0.5 * float(rotor.pocket_chord) / pocket_radius)
    inner_x, height = radius - float(rotor.depth), pocket_radius * math.sin(corner_angle) - 0.5 * post
    tilt = math.atan((pocket_radius * math.cos(corner_angle) - inner_x) / height)
    line = height / math.cos(tilt)
    widest = WIDEST_POCKET * thickness / (pocket_radius * math.sin(half_pitch - web_angle + tilt))
    return {
        "rotor.bridge_m": bridge,
        "rotor.post_m": post,
        "rotor.web_ratio_1": web_angle / half_pitch,
        "rotor.pocket_ratio_1": (half_pitch - web_angle - corner_angle) / widest,
        "rotor.magnet_thickness_ratio_1": thickness / (2.0 * half_pitch * radius),
        "rotor.tilt_rad": tilt / tilt_share,
        "rotor.magnet_fill_1": float(rotor.magnet_width) / (line * (1.0 - INNER_GAP_SHARE)),
        "rotor.shaft_ratio_1": float(rotor.shaft_radius) / (inner_x - thickness / math.cos(tilt)),
    }
