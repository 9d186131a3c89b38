"""The study of the named systems: settings that are valid, peaks, one table, resumable fronts, the figure."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from edu_opt.config.compose import compose
from edu_opt.config.load import load
from edu_opt.drive_unit.reference_units import REFERENCE_UNITS
from edu_opt.vehicle.catalogue import vehicle_entry
from experiments.studies.named_systems import fronts
from experiments.studies.named_systems.figure import fronts_figure
from experiments.studies.named_systems.systems import SYSTEMS
from experiments.studies.named_systems.table import Row, geared_map, markdown, rows


@pytest.mark.parametrize("name", list(SYSTEMS))
def test_every_front_can_be_asked_for(name: str) -> None:
    """Settings are valid, reachable by the vehicle, and about this car; one reference unit an axle."""
    system, entry = SYSTEMS[name], vehicle_entry(name)
    problem = load(compose([*system.overrides, "optimizer=small"])).problem
    assert problem.vehicle == name and problem.cycle == "wltc_3b"
    assert len(system.units) == len(system.ratings) == len(entry.axles)
    assert set(system.units) <= set(REFERENCE_UNITS)
    own = {axle.get("unit") for axle in entry.axles}
    assert system.own == (set(system.units) == own), "a unit that stands in is said to"
    assert system.own or system.note
    if "acceleration_0_100_s" in entry.facts and entry.application == "bev":
        limit = {r.name: r.limit for r in problem.requirements}["acceleration_0_100_max"]
        assert limit == entry.facts["acceleration_0_100_s"].value


def test_peaks_are_the_published_ratings() -> None:
    unit, ratio = geared_map(SYSTEMS["bmw_ix3"], vehicle_entry("bmw_ix3"), 0)
    speed = np.linspace(0.0, float(unit.top_speed), unit.peak_torque.size)
    assert ratio == pytest.approx(11.115)
    assert float(unit.peak_torque[0]) == pytest.approx(0.97 * 400.0 * 11.115)
    assert float(unit.peak_torque[-1]) * speed[-1] == pytest.approx(0.97 * 210e3)


def test_a_system_is_near_its_published_figures() -> None:
    """I4: sprint within 0.4 s, top speed exact, label and ranges within 6 %."""
    found = {row.quantity: row for row in rows(SYSTEMS["bmw_i4"], {"bmw_gen5_rear": 95.0})}
    assert found["acceleration_0_100_s"].model == pytest.approx(5.7, abs=0.4)
    assert found["top_speed_km_per_h"].error == pytest.approx(0.0, abs=1e-9)
    for key in ("label_kwh_per_100km", "label_range_km", "wltp_range_km", "udds_wall_kwh_per_100km"):
        assert abs(found[key].error or 1.0) < 0.06
    assert found["unit_mass_kg"].error == pytest.approx(95.0 / 117.0 - 1.0)
    table = markdown({"bmw_i4": list(found.values())}, SYSTEMS).splitlines()
    assert table[0].count("|") == table[1].count("|") == table[2].count("|")
    assert table[2].startswith("| bmw_i4 | bmw_gen5_rear | 5.5 / 5.7 | 190 / 190 |")


def test_fronts_are_resumed_and_points_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[list[str]] = []
    monkeypatch.setattr(
        fronts.subprocess, "run", lambda command, **_: calls.append(command) or SimpleNamespace(returncode=0)
    )
    assert fronts.run_front(SYSTEMS["bmw_i3"], tmp_path, "small") == 0
    assert f"study={tmp_path / 'bmw_i3'}" in calls[0] and "vehicle=bmw_i3" in calls[0]
    stored = {"unit": "bmw_i3", "own": True, "objectives": {"unit_cost": 1.0}}
    (tmp_path / "bmw_i3_real.json").write_text(json.dumps(stored))
    assert fronts.real_point(SYSTEMS["bmw_i3"], tmp_path) == stored


def test_the_figure_shows_a_front_and_the_real_unit() -> None:
    names = [SimpleNamespace(name=name) for name in ("unit_cost", "energy_wltc", "unit_mass")]
    front = SimpleNamespace(objectives=names, points=np.array([[1500.0, 140.0, 90.0], [1600.0, 138.0, 92.0]]))
    point = {"unit": "bmw_i3", "own": False, "objectives": {"unit_cost": 1700, "energy_wltc": 142, "unit_mass": 80}}
    figure = fronts_figure({"bmw_i3": front, "bmw_ix3": None}, {"bmw_i3": point})
    panels = [axes for axes in figure.axes if axes.get_title()]
    assert [axes.get_title() for axes in panels] == ["bmw_i3", "bmw_ix3"]
    assert [len(axes.collections) for axes in panels] == [2, 0]
    assert "stands in" in panels[0].get_legend().get_texts()[0].get_text()


def test_a_figure_without_a_published_one_has_no_error() -> None:
    assert Row("car", "quantity", 1.0, None).error is None
