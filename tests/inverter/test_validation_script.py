"""The validation script: passes on the reference file, fails on figures that are off, copes with what a file lacks."""

from __future__ import annotations

import copy
import json
import sys

import pytest

from experiments.validation import inverter as script
from tests.shared_data import reference_file


def run(monkeypatch, tmp_path, data: dict) -> int:
    path = tmp_path / "data.json"
    path.write_text(json.dumps({"inverter": data}))
    monkeypatch.setattr(sys, "argv", ["inverter", "--data", str(path)])
    return script.main()


@pytest.mark.slow
def test_reference_passes_and_wrong_figures_fail(monkeypatch, tmp_path, capsys) -> None:
    data = json.loads(reference_file("gearbox_inverter.json").read_text())["inverter"]
    assert run(monkeypatch, tmp_path, data) == 0
    summary = json.loads(capsys.readouterr().out.splitlines()[-1])["summary"]
    assert summary["cases"] > 600
    assert summary["within_tolerance"]
    without_devices = {k: v for k, v in data.items() if k != "devices"}
    changes = {
        "a waveform by 2e-4": lambda d: d["waveform_tests"]["points"][0]["numeric"].update(Tav=0.184355),
        "a ripple flux by 3 %": lambda d: d["ripple_flux_test"]["lambda2_numeric_SVPWM"].update({"0.6": 3.433e-4}),
        "a loss by 15 %": lambda d: d["reference_designs"][0].update(loss_W_per_switch_sim=400.0),
        "an efficiency out of reach": lambda d: d["reference_designs"][0].update(eff=">0.99"),
    }
    for what, change in changes.items():
        wrong = copy.deepcopy(without_devices)
        change(wrong)
        assert run(monkeypatch, tmp_path, wrong) == 1, what
    assert run(monkeypatch, tmp_path, {"waveform_tests": data["waveform_tests"]}) == 0
    assert run(monkeypatch, tmp_path, {}) == 1, "nothing compared is not a pass"
