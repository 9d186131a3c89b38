"""Reports: self-contained pages, fixed axes, hypervolumes on one reference."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import numpy as np
import pytest

from edu_opt.config.errors import SettingsError
from edu_opt.report import html
from edu_opt.report.compare import compare
from edu_opt.report.comparison_report import write_comparison
from edu_opt.report.figures import pareto_figure
from edu_opt.report.fronts import axis_limits, knee, read_front, readable_unit, unique_labels
from edu_opt.report.study_report import write_study_report
from edu_opt.tracking.files import read_json
from tests.tracking.synthetic import FRONT, study


def assert_self_contained(page: str) -> None:
    """No reference to anything outside the page."""
    assert not re.search(r"(src|href)\s*=", page)
    assert "http" not in page and "@import" not in page and "url(" not in page


def test_study_report(tmp_path: Path) -> None:
    folder = study(tmp_path / "s")
    write_study_report(folder)
    page = (folder.path / "report.html").read_text()
    assert_self_contained(page)
    assert page.count("<circle") == 3 * len(FRONT)
    assert "assumed &lt;here&gt;" in page and "What its requirements cost" in page
    assert "rotor" in page and "model against model" in page
    for name in ("pareto_front.png", "history.png"):
        assert (folder.path / name).read_bytes().startswith(b"\x89PNG")


def test_knee_is_the_design_nearest_to_the_ideal_point() -> None:
    assert knee(np.array([[0.0, 1.0, 1.0], [0.2, 0.2, 0.2], [1.0, 0.0, 0.0]])) == 1
    assert knee(FRONT[:1]) == 0


def test_axes_are_as_given(tmp_path: Path) -> None:
    front = read_front(study(tmp_path / "s"))
    given = [(800.0, 1300.0), (150.0, 190.0), (80.0, 100.0)]
    figure = pareto_figure([front], given)
    assert [axes.get_xlim() for axes in figure.axes] == [given[0], given[0], given[1]]
    assert [axes.get_ylim() for axes in figure.axes] == [given[1], given[2], given[2]]
    assert axis_limits([front])[0][0] < 900.0 < 1200.0 < axis_limits([front])[0][1]


def test_a_front_is_drawn_with_the_band_of_its_prices(tmp_path: Path) -> None:
    front = read_front(study(tmp_path / "s"))
    assert not np.any(front.bands)
    bands = np.zeros_like(front.points)
    bands[:, 0] = 130.0
    plain, banded = (pareto_figure([f]) for f in (front, dataclasses.replace(front, bands=bands)))
    drawn = [len(axes.collections) for axes in banded.axes]
    assert [len(axes.collections) for axes in plain.axes] == [2, 2, 2]
    assert drawn == [4, 4, 2]  # two bars at the knee where cost is an axis
    assert "(prices: unit cost +-130 EUR)" in banded.legends[0].get_texts()[0].get_text()


def test_comparison_uses_one_reference(tmp_path: Path) -> None:
    first, second = study(tmp_path / "a"), study(tmp_path / "b", FRONT - 10.0, "jaguar")
    comparison = compare(unique_labels([read_front(first), read_front(second)]))
    points = np.vstack([FRONT, FRONT - 10.0])
    expected = points.max(axis=0) + 0.1 * (points.max(axis=0) - points.min(axis=0))
    assert np.allclose(comparison.reference_point, expected)
    better, worse = comparison.rows[1], comparison.rows[0]
    assert better["hypervolume"] > worse["hypervolume"] > 0.0
    assert (worse["on_combined_front"], better["on_combined_front"]) == (0, 3)
    write_comparison(tmp_path, comparison)
    assert_self_contained((tmp_path / "report.html").read_text())
    assert len(read_json(tmp_path / "comparison.json")["studies"]) == 2
    assert (tmp_path / "comparison.csv").read_text().count("\n") == 3


def test_hypervolume_of_a_single_point_is_its_box(tmp_path: Path) -> None:
    fronts = [read_front(study(tmp_path / "a", FRONT[:1])), read_front(study(tmp_path / "b", FRONT[:1] - 1.0))]
    comparison = compare(fronts)
    reference = comparison.reference_point
    assert comparison.rows[0]["hypervolume"] == pytest.approx(float(np.prod(reference - FRONT[0])))


def test_equal_labels_are_told_apart(tmp_path: Path) -> None:
    fronts = unique_labels([read_front(study(tmp_path / "a")), read_front(study(tmp_path / "b"))])
    assert len({front.label for front in fronts}) == 2


def test_fronts_of_other_objectives_are_refused(tmp_path: Path) -> None:
    front = read_front(study(tmp_path / "a"))
    with pytest.raises(SettingsError, match="objectives differ"):
        compare([front, dataclasses.replace(front, objectives=front.objectives[:2], points=front.points[:, :2])])
    with pytest.raises(SettingsError, match="nothing to compare"):
        compare([dataclasses.replace(front, points=np.zeros((0, 3)), ids=[])])


def test_small_parts() -> None:
    assert readable_unit("wh_per_km") == "Wh/km"
    assert html.number(float("nan")) == "-" and html.number(1234.567) == "1235"
    assert html.ticks(0.0, 1.0) == [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
