"""The `gears` validation on other records: silent inputs, internal pairs, records that it cannot compute."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from experiments.validation import gears

BARE_PAIR = {"mn": 2.0, "beta": 20.0, "z": [23, 68], "b": 32.0, "n1_rpm": 5000.0, "T1_Nm": 150.0}
INTERNAL = {
    "mn": 3.0,
    "z": [21, -72],
    "b": 40.0,
    "x": [0.3, 0.1],
    "n1_rpm": 900.0,
    "P_kW": 30.0,
    "sigHlim": [1500, 650],
}
PLANETARY = {
    **{"mn": 3.0, "z": [24, 30, -84], "b": 45.0, "n_planets": 3, "n_sun_rpm": 1500.0, "T_sun_Nm": 900.0},
    **{"sigHlim": [1500, 1500, 700], "sigFlim": [430, 430, 290], "rack": "ISO 53 B"},
}


def run(records: list[dict], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, list[dict], dict]:
    """(exit code, lines, summary) of the script on a file of such records."""
    path = tmp_path / "examples.json"
    path.write_text(json.dumps({"gearbox": {"strength_examples": records}}))
    code = gears.main(["--data", str(path)])
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    return code, lines[:-1], lines[-1]["summary"]


@pytest.mark.slow
def test_silent_inputs_are_named_and_every_kind_is_computed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = {
        "sigH0": 1000.0,
        "SH": [1.0, 1.0],
        "SF": [1.0, 1.0],
        "KV": 1.0,
        "KHa": 1.0,
        "ZL": 1.0,
        "theta_int_C": 100.0,
    }
    lists = {"sigH0": [1000.0, 500.0], "SF": {"sun": 1.0, "ring": 1.0}, "SH": {"planet_ring": 1.0}, "KV": 1.0}
    records = [
        {"id": "pair", "inputs": BARE_PAIR, "outputs": asked},
        {"id": "internal", "inputs": INTERNAL, "outputs": asked},
        {"id": "planetary", "inputs": PLANETARY, "outputs": lists},
    ]
    _, lines, summary = run(records, tmp_path, capsys)
    assert summary["failed"] == []
    assert {line["case"] for line in lines} == {"pair", "internal", "planetary"}
    for case, names in {"pair": ("Q", "life_h", "KHb_given", "x"), "internal": ("pinion_cutter_ring", "HB")}.items():
        assert set(names) <= set(summary["defaults"][case])
    # an example without x and tip diameters is the standard rack's pair
    value = {(line["case"], line["quantity"]): line["model"] for line in lines}
    assert 400.0 < value["pair", "sigH0"] < 1500.0
    assert value["internal", "sigH0"] < value["pair", "sigH0"] * 3.0
    assert all(abs(line["model"]) < 1e4 for line in lines)


@pytest.mark.slow
def test_a_record_that_cannot_be_computed_fails_by_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken = {key: value for key, value in BARE_PAIR.items() if key != "mn"}
    code, lines, summary = run([{"id": "no_module", "inputs": broken, "outputs": {"sigH0": 1.0}}], tmp_path, capsys)
    assert code == 1 and summary["failed"] == ["no_module"] and not summary["within_tolerance"]
    assert "mn" in lines[0]["quantity"]


@pytest.mark.slow
def test_a_wrong_print_is_outside(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record = {"id": "pair", "inputs": BARE_PAIR, "outputs": {"Ft_N": 1.0e4}}
    code, lines, summary = run([record], tmp_path, capsys)
    assert code == 1 and summary["outside"] == 1
    # T1 = 150 N m at d1 = 2 z1 / cos(20 deg)
    assert lines[0]["model"] == pytest.approx(2e3 * 150.0 / (2.0 * 23 / 0.9396926), rel=1e-6)
