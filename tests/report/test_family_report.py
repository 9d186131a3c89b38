"""The family's report: everything named, numbers right, gaps and single brands no obstacle."""

from __future__ import annotations

import dataclasses
import io
import math
import re
from pathlib import Path

import numpy as np
import pytest

from edu_opt.report.family_data import brand_name, read_family
from edu_opt.report.family_figures import (
    MOST_PATTERNS,
    cheapest,
    fronts_figure,
    negotiation_figure,
    sharing_figure,
    shown_fronts,
    staircase,
    volumes_figure,
)
from edu_opt.report.family_report import print_family, volume_lines, write_family_report
from edu_opt.report.family_tables import binding_kind, negotiation_sentences, overlap_lines
from edu_opt.report.negotiation_text import asked_price, bound_text, sentence
from edu_opt.tracking.files import read_json, write_json
from edu_opt.tracking.progress import Reporter
from edu_opt.tracking.study_folder import StudyFolder
from tests.report.family_folder import COST, FRONTS, OWN, family_folder
from tests.report.test_report import assert_self_contained
from tests.tracking.synthetic import FRONT, record

FIGURES = ("pareto_front.png", "sharing.png", "negotiation.png", "volumes.png")
ONE_BRAND = {"bmw": OWN["bmw"]}


def written(folder: StudyFolder) -> str:
    write_family_report(folder)
    return (folder.path / "report.html").read_text()


def printed(folder: StudyFolder) -> str:
    stream = io.StringIO()
    print_family(folder, Reporter(stream=stream))
    return stream.getvalue()


def test_report_names_every_pattern_brand_member_and_binding_requirement(tmp_path: Path) -> None:
    folder = family_folder(tmp_path)
    page = written(folder)
    assert_self_contained(page)
    content = read_json(tmp_path / "family.json")
    for pattern in content["patterns"]:
        assert pattern["pattern"].replace("_", " ") in page
    for member in content["members"]:
        assert f">{member['name']}<" in page and brand_name(member["brand"]) in page
    for text in ("0-100 km/h", "10 s axle torque", "rotor stress share", "flank safety stage 1"):
        assert text in page
    assert "two voltages in one inverter" in page and "model against model" in page
    assert page.count("<circle") == 2 * sum(len(rows) for rows in FRONTS.values())
    assert "Shapley value" in page and "by volume" in page and "magnets_high" in page
    for name in FIGURES:
        assert (tmp_path / name).read_bytes().startswith(b"\x89PNG")


def test_summary_states_the_best_saving_and_what_it_takes(tmp_path: Path) -> None:
    text = printed(family_folder(tmp_path)).splitlines()
    assert text[-1].endswith(
        "Pattern drive unit saves most: 60 EUR a unit, 5.04 million EUR a year; in its best value BMW loses 9 Wh/km, "
        "Jaguar loses 12 kg."
    )
    rows = {line.split()[0]: line.split() for line in text[1:4]}
    assert rows["lamination"] == ["lamination", "2", "1460", "40", "3.36", "3.5", "2.5"]
    assert any("inverter was not searched: two voltages" in line for line in text)


def test_a_sprint_is_sold_by_the_tenth_and_priced_for_everyone(tmp_path: Path) -> None:
    study = read_family(family_folder(tmp_path))
    said = negotiation_sentences(study, 5)
    assert said[0] == (
        "0.1 s of Jaguar's 0-100 km/h (i_pace, at most 4.8 s) costs the programme 4 EUR a unit, or BMW 0.3 Wh/km, "
        "or Jaguar 0.3 kg."
    )
    assert said[1] == ("100 N m of BMW's 10 s axle torque (ix3, at least 4400 N m) costs the programme 1.2 EUR a unit.")
    assert len(said) == 2  # a limit without a price is no sentence
    rows = study.rows("negotiation")
    assert asked_price(rows[0], COST) == pytest.approx(0.01 * 4.8 * 40.0)  # a lower maximum asks for more
    assert asked_price(rows[1], COST) == pytest.approx(0.01 * 4400.0 * 0.012)
    assert "no objective can pay" in sentence(study, rows[2])
    assert bound_text("package_diameter_max", None, "mm") == "no limit"


def test_overlap_says_both_one_or_none(tmp_path: Path) -> None:
    study = read_family(family_folder(tmp_path))
    kinds = [binding_kind(study, row) for row in study.rows("overlap")]
    assert kinds == ["both brands", "Jaguar alone", "BMW alone", "none"]
    assert overlap_lines(study) == [
        "Binds for both brands: flank safety stage 1.",
        "Binds for Jaguar alone: 0-100 km/h.",
        "Binds for BMW alone: 10 s axle torque.",
        "1 of 4 requirements bind for nobody.",
    ]


def test_the_winning_degree_of_sharing_follows_the_volumes(tmp_path: Path) -> None:
    study = read_family(family_folder(tmp_path))
    assert volume_lines(study) == [
        "Cheapest at 0.5 times the volumes: lamination.",
        "Cheapest at 1 times the volumes: drive unit.",
        "Cheapest at 2 times the volumes: lamination.",
    ]
    assert cheapest({"a": math.nan, "b": 2.0}) == "b" and cheapest({"a": math.nan}) == ""


def test_figures_show_what_the_folder_holds(tmp_path: Path) -> None:
    study = read_family(family_folder(tmp_path))
    fronts = fronts_figure(study)
    assert [axes.get_ylabel() for axes in fronts.axes] == ["BMW WLTC energy [Wh/km]", "Jaguar unit mass [kg]"]
    assert all(axes.get_xlabel() == "programme unit cost [EUR]" for axes in fronts.axes)
    savings, *losses = sharing_figure(study).axes
    assert [bar.get_width() for bar in savings.patches] == [40.0, 60.0, 0.0]
    assert [bar.get_width() for bar in losses[1].patches] == [2.5, 12.0, 0.0]
    bars = negotiation_figure(study).axes[0].patches
    assert sorted(bar.get_width() for bar in bars) == pytest.approx([0.528, 1.92])
    lines = volumes_figure(study).axes[0].get_lines()
    assert len(lines) == 3 and list(lines[0].get_ydata()) == [1600.0, 1500.0, 1450.0]


def test_one_brand_has_nothing_to_divide(tmp_path: Path) -> None:
    folder = family_folder(tmp_path, ONE_BRAND)
    page = written(folder)
    assert_self_contained(page)
    assert "there is nothing to divide" in page and "Jaguar" not in page
    assert page.count("<circle") == sum(len(rows) for rows in FRONTS.values())
    assert all((tmp_path / name).is_file() for name in FIGURES)
    assert binding_kind(read_family(folder), {"binds_for_brands": ["bmw"]}) == "BMW"


def test_a_family_without_any_design_still_has_a_report(tmp_path: Path) -> None:
    folder = family_folder(tmp_path)
    content = read_json(tmp_path / "family.json")
    for pattern in content["patterns"]:
        pattern |= {"designs": 0, "least_cost": None, "saving": None, "saving_per_year": None}
        pattern |= {key: dict.fromkeys(pattern[key]) for key in ("own_best", "own_loss", "own_at_least_cost")}
    empty = {"negotiation": [], "overlap": [], "volumes": [], "prices": [], "splits": None, "chosen": None}
    write_json(tmp_path / "family.json", content | empty)
    for table in tmp_path.rglob("front.*"):
        table.unlink()
    page = written(folder)
    assert "No pattern has a feasible design" in page and not re.search(r">[^<]*\bnan\b", page.split("<script>")[0])
    assert not (tmp_path / "pareto_front.png").exists()
    assert "has a feasible design" in printed(folder)


def test_a_design_that_can_be_improved_has_no_prices_and_says_so(tmp_path: Path) -> None:
    folder = family_folder(tmp_path)
    content = read_json(tmp_path / "family.json")
    content["chosen"] |= {"kkt_residual": 22.9, "priced": False}
    write_json(tmp_path / "family.json", content | {"negotiation": [], "overlap": []})
    for text in (written(folder), printed(folder)):
        assert "KKT residual 22.9" in text and "EUR a unit, or " not in text


def test_fronts_are_found_as_csv_or_in_the_merged_table_too(tmp_path: Path) -> None:
    folder = family_folder(tmp_path)
    (tmp_path / "patterns" / "nothing" / "front.parquet").unlink()
    for table in (tmp_path / "patterns" / "lamination").iterdir():
        table.unlink()
    study = read_family(folder)
    for front, rows in zip(study.fronts, FRONTS.values(), strict=True):
        np.testing.assert_array_equal(front.points, np.array(rows))


def test_of_many_patterns_the_reference_and_the_cheapest_are_drawn(tmp_path: Path) -> None:
    folder = family_folder(tmp_path)
    content = read_json(tmp_path / "family.json")
    rows = (tmp_path / "patterns" / "nothing" / "front.csv").read_text()
    for k in range(10):
        name = f"extra_{k}"
        content["patterns"].append({**content["patterns"][1], "pattern": name})
        (tmp_path / "patterns" / name).mkdir()
        (tmp_path / "patterns" / name / "front.csv").write_text(rows.replace("15", "16"))
    write_json(tmp_path / "family.json", content)
    shown = [front.label for front in shown_fronts(read_family(folder))]
    assert len(shown) == MOST_PATTERNS and {"nothing", "lamination", "drive unit"} <= set(shown)
    assert "dearer patterns are not drawn" in written(folder)


def test_staircase_is_the_edge_that_nothing_is_below() -> None:
    points = np.array([[3.0, 1.0], [1.0, 3.0], [2.0, 3.5], [2.0, 2.0], [math.nan, 0.0]])
    np.testing.assert_array_equal(staircase(points), [[1.0, 3.0], [2.0, 2.0], [3.0, 1.0]])
    assert staircase(points[:0]).shape == (0, 2)


def test_without_a_reference_no_saving_is_claimed(tmp_path: Path) -> None:
    folder = family_folder(tmp_path)
    content = read_json(tmp_path / "family.json")
    content["patterns"] = content["patterns"][1:2]
    write_json(tmp_path / "family.json", content)
    assert "no saving to speak of" in printed(folder) and "no saving to speak of" in written(folder)
    assert not (tmp_path / "sharing.png").exists()


def test_what_the_study_itself_says_is_in_the_report(tmp_path: Path) -> None:
    folder = family_folder(tmp_path)
    facts = dataclasses.replace(record(np.array(FRONT)), conflicts=["pattern inverter: misses i_pace.top_speed_min"])
    write_json(tmp_path / "study.json", facts.study_json())
    page = written(folder)
    assert_self_contained(page)
    assert "misses i_pace.top_speed_min" in page and "How it was computed" in page and "assumed &lt;here&gt;" in page
