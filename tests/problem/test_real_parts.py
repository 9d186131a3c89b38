"""Real bearings and faults behind finished designs."""

from __future__ import annotations

import numpy as np
import pytest

from edu_opt.gearbox.bearing_catalogue import CATALOGUE
from edu_opt.gearbox.model import gearbox_space
from edu_opt.gearbox.reference_units import REFERENCE_GEARBOXES
from edu_opt.problem.data import study_data
from edu_opt.problem.real_parts import bearing_faults, gearbox_faults, real_bearings
from edu_opt.settings import MotorOffer, ProblemSettings, branches_of, programs_of

PEAK = 310.0 * 11.53


@pytest.fixture(scope="module")
def columns():
    """Of the APP310's gearbox, and of the same with its intermediate bearings far too small and its axle's too wide."""
    settings = ProblemSettings(
        brand="test",
        vehicle="bmw_i4",
        motors=(MotorOffer("ipm", 6, 5, (4,), (2,), "NO27", "N42UH"),),
        devices=("wolfspeed_cab450m12xm3",),
    )
    program = programs_of(settings)[0]
    data = study_data(settings, program, branches_of(settings, program)[0])
    good = REFERENCE_GEARBOXES["vw_app310"].vector()
    names = gearbox_space("parallel_axis").names
    bad = good.copy()
    bad[names.index("bearing_set.intermediate_bore_m")] = 0.0215
    bad[names.index("bearing_set.output_bore_m")] = 0.085
    return real_bearings("parallel_axis", np.stack([good, bad]), np.full(2, PEAK), data)


def test_a_design_names_bearings_of_the_catalogue_that_hold(columns) -> None:
    good = columns[0]
    wanted = {"input": 0.035, "intermediate": 0.046, "output": 0.055}
    for shaft, bore in wanted.items():
        row = CATALOGUE[good[f"part.bearing_set.{shaft}"]]
        assert -1.5e-3 <= row.bore - bore <= 5.5e-3
    assert good["result.bearing_set.real_speed_ratio_1"] > 0.5
    assert abs(good["result.bearing_set.real_mass_change_kg"]) < 3.0
    assert abs(good["result.bearing_set.real_mean_loss_change_w"]) < 100.0
    asked = good["result.bearing_set.real_life_load_ratio_1"] >= 1.0
    assert asked == (not any("life" in line for line in bearing_faults(good)))


def test_a_shaft_without_a_bearing_says_so(columns) -> None:
    bad = columns[1]
    assert bad["part.bearing_set.output"] == "none" and np.isnan(bad["result.bearing_set.real_mass_change_kg"])
    lines = bearing_faults(bad)
    assert lines == ["output bearing: none of that bore in the catalogue"]
    bad = bad | {"result.bearing_set.real_life_load_ratio_1": 0.8}
    assert "real bearings (input " in bearing_faults(bad)[1] and "reach 0.800 of the life" in bearing_faults(bad)[1]


def test_a_design_that_cannot_be_built_is_told_by_name() -> None:
    unit = REFERENCE_GEARBOXES["jaguar_i_pace"]
    design = dict(zip(gearbox_space("planetary").names, map(float, unit.vector()), strict=True))
    other = {"lamination.stack_length_m": 0.1}  # the rest of a drive unit is no matter
    assert gearbox_faults("planetary", design | other, 3150.0) == ()
    crowded = gearbox_faults("planetary", design | other | {"gear_stage_1.planets_1": 5.0}, 3150.0)
    assert len(crowded) == 1 and crowded[0].startswith("5 planets collide")
