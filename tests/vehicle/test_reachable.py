"""Targets beyond what tyres, battery and weight allow are named with the reason; the brands' own are not."""

from __future__ import annotations

from pathlib import Path

import pytest

from edu_opt.config.compose import compose
from edu_opt.numerics.constants import STANDARD_GRAVITY
from edu_opt.numerics.pytree import replace
from edu_opt.vehicle.catalogue import vehicle, vehicle_entry
from edu_opt.vehicle.reachable import least_sprint, unreachable

BRANDS = sorted((Path(__file__).resolve().parents[2] / "configs" / "brand").glob("*.yaml"))


def test_the_quickest_sprint_is_that_of_the_tyres() -> None:
    """All wheels driven: v / (mu g), 2.87 s at friction 1, with air drag and rotating mass a little more."""
    quickest = least_sprint(vehicle("jaguar_i_pace"))
    assert quickest == pytest.approx(1.015 * 100.0 / 3.6 / STANDARD_GRAVITY, rel=0.06)
    assert least_sprint(vehicle("mini_cooper_se")) > 1.8 * quickest, "front drive loses load"


def test_the_engine_of_a_hybrid_drives_its_other_axle() -> None:
    """One electric axle of endless torque and an engine of 147 kW are quicker than the axle alone."""
    car = vehicle("range_rover_evoque_phev")
    assert least_sprint(car) < 0.85 * least_sprint(replace(car, engine=None))


@pytest.mark.parametrize(
    ("target", "limit", "reason"),
    [
        ("acceleration_0_100_max", 2.0, "acceleration_0_100_max: 2 s is below"),
        ("gradeability_min", 90.0, "gradeability_min: 90 % is above"),
        ("trailer_start_acceleration_min", 9.0, "trailer_start_acceleration_min: 9 m/s^2 is above"),
        ("top_speed_min", 400.0, "top_speed_min: 400 km/h is above 300 km/h"),
        ("peak_power_10s_min", 300.0, "peak_power_10s_min: 300 kW is above 250 kW, the battery's power over all units"),
    ],
)
def test_a_target_out_of_reach_is_one_line(target: str, limit: float, reason: str) -> None:
    car = vehicle("bmw_ix3")
    weak = replace(car, battery=replace(car.battery, power=250e3))
    lines = unreachable(weak, {target: limit})
    assert len(lines) == 1 and reason in lines[0] and "\n" not in lines[0]


@pytest.mark.parametrize("path", BRANDS, ids=lambda path: path.stem)
def test_the_brands_targets_are_reachable_in_their_own_cars(path: Path) -> None:
    tree = compose([f"brand={path.stem}"])
    car = vehicle_entry(tree["vehicle"]["name"], tree["vehicle"].get("data")).build()
    requirements = tree["brand"]["requirements"]
    assert all(entry["source"] for entry in requirements.values())
    assert unreachable(car, {key: entry["limit"] for key, entry in requirements.items()}) == []
