"""The validation script: reads EPA's equations from a file, judges by its tolerances, copes with what is absent."""

from __future__ import annotations

import itertools
import json
import sys

import pytest

from experiments.validation import unit_cost as script

PUBLISHED = {  # US EPA OMEGA 2024 final rule
    "e_motor_usd": "1.1097*kW + 323.22 (PM, single/rear); 0.77*kW + 225.33 (induction, front)",
    "inverter_usd": "1.26*kW + 559",
    "gearbox_single_speed_usd": {"sedan": 281.0},
}


def test_equations_are_read_from_texts() -> None:
    omega = script.Omega.of(PUBLISHED)
    assert omega.slope == pytest.approx(2.3697)
    dollars = [2.3697 * power + 1163.22 for power in script.SIZES]
    assert [round(d) for d in dollars] == [1459, 1637, 1756]  # as the rule's own sums
    assert omega.unit(125.0) == pytest.approx(dollars[0] * 313.689 / 292.655 / 1.0824)
    with pytest.raises(ValueError, match="no equation of the form"):
        script.equation("559 + 1.26 kW")


def test_three_sizes_within_20_percent_and_motor_with_inverter_within_30_percent_of_the_slope() -> None:
    """The whole unit's slope is a third steep (gears grow with torque, OMEGA's do not): the script says it misses."""
    of_judged = itertools.takewhile(
        lambda entry: entry["case"].startswith(script.JUDGED), script.omega_lines(script.Omega.of(PUBLISHED))
    )
    lines = [entry for entry in of_judged if entry["scored"]]
    errors = {(entry["case"], entry["quantity"]): abs(entry["error"]) for entry in lines}
    sizes = [error for (_, quantity), error in errors.items() if quantity == "omega_unit"]
    assert len(sizes) == 3 and max(sizes) < 0.20
    assert errors[script.JUDGED, "motor_inverter_slope"] < 0.30
    assert 0.30 < errors[script.JUDGED, "unit_slope"] < 0.40
    assert not script.summary(lines)["within_tolerance"]
    kept = [entry for entry in lines if entry["quantity"] != "unit_slope"]
    assert script.summary(kept)["within_tolerance"]
    assert not script.summary([*kept, kept[0] | {"error": -0.21}])["within_tolerance"]


def test_a_file_without_cost_is_no_pass(monkeypatch, tmp_path, capsys) -> None:
    path = tmp_path / "data.json"
    path.write_text(json.dumps({"cost": {"capex": []}}))
    monkeypatch.setattr(script, "teardown_lines", lambda: iter(()))
    monkeypatch.setattr(sys, "argv", ["unit_cost", "--data", str(path)])
    assert script.main() == 1
    assert json.loads(capsys.readouterr().out)["summary"]["cases"] == 0
    monkeypatch.setattr(sys, "argv", ["unit_cost", "--data", str(tmp_path / "absent.json")])
    assert script.main() == 1 and "no such file" in capsys.readouterr().out


def test_torque_grows_slower_than_power() -> None:
    """Published units: 250 N m at 125 kW, 430 N m at 250 kW."""
    assert script.torque_of(250.0) < 1.9 * script.torque_of(125.0)
    assert 200.0 < script.torque_of(125.0) < 320.0 and 360.0 < script.torque_of(250.0) < 460.0
