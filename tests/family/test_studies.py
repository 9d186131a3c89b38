"""Studies: what they compute from fronts, on made-up fronts with answers by hand."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from edu_opt.report.family_data import read_family
from experiments.studies.command import ROOT
from experiments.studies.rare_earth_free import __main__ as rule
from experiments.studies.tesla_family import __main__ as ownership
from tests.report.family_folder import FRONTS, OWN, family_folder

MAGNETS = np.array([[1500.0, 140.0, 85.0], [1600.0, 136.0, 88.0]])
EXCITED = np.array([[1450.0, 150.0, 95.0], [1580.0, 139.0, 99.0]])
STUDIES = ("gen5_joint", "rare_earth_free", "phev_reuse", "tesla_family")


def test_the_rule_costs_more_where_energy_must_not_grow() -> None:
    found = rule.rule_cost("bmw", "magnets_low", MAGNETS, EXCITED)
    assert found.extra_cost == -50.0 and found.extra_cost_same_energy == 80.0
    assert found.cost == (1500.0, 1450.0) and found.energy == (136.0, 139.0) and found.mass == (85.0, 95.0)
    text = rule.table([found])
    assert "| bmw | magnets_low | 1500 / 1450 | -50 | 80 | 136.0 / 139.0 | 85.0 / 95.0 |" in text


def test_an_empty_front_leaves_gaps() -> None:
    found = rule.rule_cost("jaguar", "magnets_high", MAGNETS, EXCITED[:0])
    assert math.isnan(found.extra_cost) and math.isnan(found.extra_cost_same_energy)
    assert "nan" not in rule.table([found])
    nothing = rule.rule_cost("jaguar", "magnets_high", MAGNETS[:0], EXCITED)
    assert math.isnan(nothing.extra_cost) and nothing.cost[1] == 1450.0
    assert len(rule.figure([found, nothing]).axes[0].patches) == 2


def test_total_cost_of_ownership_by_hand(tmp_path: Path) -> None:
    study = read_family(family_folder(tmp_path, {"bmw": OWN["bmw"]}))
    rules = ownership.Ownership(kilometres=2e5, electricity=0.3, charger_efficiency=0.9, markup=1.5)
    rows = ownership.ownerships(study, rules)
    totals = {name: min(3.0 * c + 0.2e3 / 0.9 * 0.3 * e for c, e, _ in rows) for name, rows in FRONTS.items()}
    assert {row.pattern: row.total for row in rows} == pytest.approx(totals)
    assert rows[0].saving == 0.0
    assert rows[1].saving == pytest.approx(1.0 - totals["lamination"] / totals["nothing"])
    assert all(row.total == pytest.approx(row.purchase + row.energy) for row in rows)
    saved = ownership.volume_savings(study, rules, rows[0].energy)
    assert [(f, n) for f, n, _ in saved] == [(0.5, "lamination"), (1.0, "drive_unit"), (2.0, "lamination")]
    (cost,) = (r["least_cost"] for r in study.rows("volumes") if (r["factor"], r["pattern"]) == (1.0, "nothing"))
    assert saved[1][2] == pytest.approx(3.0 * 60.0 / (3.0 * cost + rows[0].energy))
    assert "Published: 3.5 %, up to 17 % with the market." in ownership.table(rows, saved)


@pytest.mark.parametrize("name", STUDIES)
def test_a_study_says_question_command_figure_and_answer(name: str) -> None:
    text = (ROOT / "experiments" / "studies" / name / "README.md").read_text()
    assert [part for part in ("**Question.**", "**Command**", "**Figure.**", "**Answer.**") if part not in text] == []
    family = (ROOT / "configs" / "family" / f"{name}.yaml").read_text()
    assert f"name: {name}\n" in family and f"family={name}" in family
