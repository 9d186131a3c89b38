"""Report columns on water: class needed and reached, depths, the pressure at the lowest opening. Host side."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from edu_opt.drive_unit.sealing import Sealing, openings, sealing
from edu_opt.gearbox.model import HALF_SHAFT_DIAMETER, STUB_WALL
from edu_opt.settings import ProblemSettings
from edu_opt.vehicle.catalogue import vehicle_entry

MILLIMETRE = 1e-3  # m


def wading_depth(settings: ProblemSettings) -> float:
    """Depth of water [m] that is asked for: the larger of the brand's requirement and the car's published depth; 0
    where there is neither."""
    facts = vehicle_entry(settings.vehicle, settings.vehicle_data).facts
    published = [facts["wading_mm"].value] if "wading_mm" in facts else []
    asked = [r.limit for r in settings.requirements if r.name == "wading_height_min" and not math.isnan(r.limit)]
    return max([0.0, *published, *asked]) * MILLIMETRE


def unit_sealing(settings: ProblemSettings, values: Mapping[str, Any], k: int) -> Sealing:
    """Sealing of design k from result values (B,): `package_height`, `ground_clearance`, in mm."""
    tyre = float(vehicle_entry(settings.vehicle, settings.vehicle_data).build().wheel_radius)
    bottom = tyre - float(values["ground_clearance"][k]) * MILLIMETRE
    top = float(values["package_height"][k]) * MILLIMETRE - bottom
    hose = settings.ratings.breather_hose
    found = openings(bottom, top, HALF_SHAFT_DIAMETER + STUB_WALL, hose)
    return sealing(found, tyre, hose, wading_depth(settings))


def sealing_columns(settings: ProblemSettings, values: Mapping[str, Any], k: int) -> dict[str, Any]:
    """Columns `part.housing.*` (codes by ISO 20653, the opening that limits) and `result.housing.*` of design k."""
    found = unit_sealing(settings, values, k)
    return {
        "part.housing.sealing_class_needed": found.needed,
        "part.housing.sealing_class_reached": found.reached,
        "part.housing.first_opening_under_water": found.limiting.name,
        "result.housing.wading_depth_asked_mm": found.wading_depth / MILLIMETRE,
        "result.housing.tight_depth_mm": found.tight_depth / MILLIMETRE,
        "result.housing.immersion_of_lowest_opening_mm": found.immersion / MILLIMETRE,
        "result.housing.pressure_at_lowest_opening_kpa": found.pressure * 1e-3,
        "result.housing.water_pressure_share_1": found.pressure_share,
        "result.housing.test_depth_mm": found.test_depth / MILLIMETRE,
        "result.housing.tight_at_wading_depth_1": float(found.tight),
        "result.housing.sealing_class_kept_1": float(found.class_kept),
    }
