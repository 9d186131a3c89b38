"""Sealing in the report: wading depth of car and brand, columns from the package's results."""

from __future__ import annotations

import numpy as np
import pytest

from edu_opt.problem.sealing_columns import sealing_columns, wading_depth
from edu_opt.requirements import Requirement
from edu_opt.settings import ProblemSettings, Ratings


def test_the_larger_depth_of_car_and_brand_counts() -> None:
    defender = ProblemSettings(brand="test", vehicle="land_rover_defender_phev")
    assert wading_depth(defender) == pytest.approx(0.9)
    deeper = (Requirement("wading_height", "min", 950.0, "test"),)
    asked = ProblemSettings(brand="test", vehicle="jaguar_i_pace", requirements=deeper)
    assert wading_depth(asked) == pytest.approx(0.95)
    assert wading_depth(ProblemSettings(brand="test", vehicle="jaguar_i_pace")) == 0.5
    assert wading_depth(ProblemSettings(brand="test", vehicle="bmw_ix3")) == 0.0


def test_columns_of_a_unit_in_its_car() -> None:
    """A Defender with 400 mm of hose needs and reaches immersion; the same unit without a hose does not."""
    values = {"package_height": np.array([400.0]), "ground_clearance": np.array([236.0])}  # axle at 396 mm
    hose = ProblemSettings(brand="test", vehicle="land_rover_defender_phev", ratings=Ratings(breather_hose=0.4))
    found = sealing_columns(hose, values, 0)
    assert found["part.housing.sealing_class_needed"] == found["part.housing.sealing_class_reached"] == "IP6K9K/IP6K7"
    assert found["result.housing.tight_depth_mm"] == pytest.approx(396.0 + 240.0 + 400.0)
    assert found["result.housing.immersion_of_lowest_opening_mm"] == pytest.approx(664.0)
    assert found["result.housing.pressure_at_lowest_opening_kpa"] == pytest.approx(6.51, abs=0.01)
    assert found["result.housing.tight_at_wading_depth_1"] == found["result.housing.sealing_class_kept_1"] == 1.0
    bare = sealing_columns(ProblemSettings(brand="test", vehicle="land_rover_defender_phev"), values, 0)
    assert bare["part.housing.first_opening_under_water"] == "breather"
    assert bare["result.housing.tight_at_wading_depth_1"] == bare["result.housing.sealing_class_kept_1"] == 0.0
