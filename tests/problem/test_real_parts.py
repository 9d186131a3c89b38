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
SHAFTS = ("input", "intermediate", "output")


@pytest.fixture(scope="module")
def columns():
    """Of the APP310's gearbox; of the same with its intermediate bearings far too small and its axle's too wide; of one
    on rows of the catalogue, as the search ends; of one on rows that do not hold."""
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
    bad[names.index("bearing_set.output_bore_m")] = 0.095
    found = [good, bad, on_rows(good, "6207", "6309", "6011"), on_rows(good, "6207", "6006", "6011")]
    return real_bearings("parallel_axis", np.stack(found), np.full(4, PEAK), data)


def on_rows(values: np.ndarray, *rows: str) -> np.ndarray:
    """Gear values with the bearings of three rows."""
    result, names = values.copy(), gearbox_space("parallel_axis").names
    for shaft, row in zip(SHAFTS, rows, strict=True):
        bore, outer = CATALOGUE[row].bore, CATALOGUE[row].outer
        result[names.index(f"bearing_set.{shaft}_bore_m")] = bore
        result[names.index(f"bearing_set.{shaft}_section_m")] = 0.5 * (outer - bore)
    return result


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


def test_a_design_on_rows_names_its_own_bearings(columns) -> None:
    own, weak = columns[2:]
    assert [own[f"part.bearing_set.{shaft}"] for shaft in SHAFTS] == ["6207", "6309", "6011"]
    assert abs(own["result.bearing_set.real_mass_change_kg"]) < 1e-9
    assert abs(own["result.bearing_set.real_mean_loss_change_w"]) < 1e-6
    assert [weak[f"part.bearing_set.{shaft}"] for shaft in SHAFTS] == ["6207", "6006", "6011"]
    assert weak["result.bearing_set.real_life_load_ratio_1"] < own["result.bearing_set.real_life_load_ratio_1"]
    lines = bearing_faults(weak)
    assert lines[0].startswith("real bearings (input 6207, intermediate 6006, output 6011) reach 0.")
    assert CATALOGUE[weak["part.bearing_set.intermediate_instead"]].bore == 0.030
    assert "intermediate bearing: a pair of tapered rollers 32006X would hold" in lines


def test_a_design_that_cannot_be_built_is_told_by_name() -> None:
    unit = REFERENCE_GEARBOXES["jaguar_i_pace"]
    design = dict(zip(gearbox_space("planetary").names, map(float, unit.vector()), strict=True))
    other = {"lamination.stack_length_m": 0.1}  # the rest of a drive unit is no matter
    assert gearbox_faults("planetary", design | other, 3150.0) == ()
    crowded = gearbox_faults("planetary", design | other | {"gear_stage_1.planets_1": 5.0}, 3150.0)
    assert len(crowded) == 1 and crowded[0].startswith("5 planets collide")
