"""The two validation scripts on files of their schema: what they print, what they judge."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edu_opt.vehicle.reference_units import UNIT_SHEETS, nearest_unit
from edu_opt.vehicle.unit_drag import UNIT_DRAG
from edu_opt.vehicle.unit_map import grids
from experiments.validation import fastsim_peer, vehicle_energy, vehicle_performance
from experiments.validation.unit_maps import reference_map, write_map
from tests.shared_data import reference_file

ROOT = Path(__file__).resolve().parents[2]
ROW = {
    "make": "BMW",
    "model": "i4",
    "hp": 335,
    "drive": "R",
    "ETW_kg": 2268.0,
    "axle": 9.99,
    "NV": 142.3,
    "A_N": 150.79,
    "B_Nspm": 0.3383,
    "C_Ns2pm2": 0.37127,
    "udds_wall_kWh100": 13.4,
    "udds_wheel_pos": 15.42,
    "udds_wheel_neg": -8.84,
}


def run(name: str, data: Path) -> tuple[int, list[dict[str, Any]]]:
    """Exit code and lines of a script in a process of its own."""
    command = [sys.executable, "-m", f"experiments.validation.{name}", "--data", str(data)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.returncode, [json.loads(row) for row in done.stdout.splitlines()]


def test_the_nearest_unit_is_of_the_same_maker_and_power() -> None:
    assert nearest_unit("BMW", 250.0) == ("bmw_gen5_rear", True)
    assert nearest_unit("BMW", 135.0) == ("bmw_i3", True)
    assert nearest_unit("Jaguar", 149.0) == ("jaguar_i_pace", True)
    assert nearest_unit("NISSAN", 160.0)[1] is False
    assert vehicle_energy.unit_of(ROW | {"unit": "vw_app310"}) == ("vw_app310", True, 1)
    assert vehicle_energy.unit_of(ROW | {"drive": "4"})[2] == 2


def test_a_stored_map_replaces_the_data_sheet(tmp_path: Path) -> None:
    sheet, _, basis = reference_map("bmw_i3", tmp_path)
    assert basis.startswith("data sheet")
    motor = 2.0 + 0.02 * np.asarray(grids(sheet)[0])
    top = float(sheet.top_speed), float(sheet.top_torque)
    write_map(tmp_path / "bmw_i3.json", *top, sheet.loss, sheet.peak_torque, motor, np.full_like(motor, 1.0))
    stored, found, basis = reference_map("bmw_i3", tmp_path, motor_drags=True)
    assert basis == "drive-unit model" and (found.constant, found.linear) == pytest.approx((3.0, 0.02), rel=1e-3)
    np.testing.assert_allclose(stored.loss, sheet.loss, atol=0.01)
    gears = reference_map("bmw_i3", tmp_path)[1]  # magnets: the shaft is held free of torque
    assert (gears.constant, gears.linear) == pytest.approx((1.0, 0.0), abs=1e-4)


@pytest.mark.parametrize("name", list(UNIT_SHEETS))
def test_the_stored_maps_are_those_of_plausible_units(name: str) -> None:
    """Best efficiency, idle loss above the drag of gears, peak within the data sheet, drag as in the catalogue."""
    unit, drag, basis = reference_map(name)
    sheet, frozen = UNIT_SHEETS[name], UNIT_DRAG[name]
    assert basis == "drive-unit model" and np.isfinite(unit.loss).all()
    speeds, torques = (np.asarray(axis) for axis in grids(unit))
    output = speeds[:, None] * torques
    reach = (output > 0.0) & (torques <= 0.95 * np.asarray(unit.peak_torque)[:, None])
    assert 0.92 < float(np.max(output / (output + unit.loss), where=reach, initial=0.0)) < 0.97
    assert float(np.max(unit.peak_torque)) <= sheet.torque_nm * sheet.ratio * 1.001
    speed = speeds[len(speeds) // 3]
    gears = reference_map(name, motor_drags=False)[1]
    idle = float(unit.loss[len(speeds) // 3, len(torques) // 2])
    assert idle > (gears.constant + gears.linear * speed + gears.quadratic * speed**2) * speed
    found, catalogue = ((d.constant + d.linear * 80.0 + d.quadratic * 80.0**2) for d in (drag, frozen))
    assert found == pytest.approx(catalogue, rel=0.02), "UNIT_DRAG and the maps come from the same models"


def test_gear_and_tyre_of_a_car() -> None:
    """A capped ratio (9.99) or none (1.0) is replaced by the unit's; N/V gives the tyre."""
    assert vehicle_energy.gear_and_tyre(ROW, 11.115) == pytest.approx((11.115, 0.3335), rel=1e-3)
    assert vehicle_energy.gear_and_tyre(ROW | {"axle": 8.96, "NV": 127.2}, 9.665) == pytest.approx((8.96, 0.3007), 1e-3)


def test_scatter_is_judged_against_the_peer() -> None:
    good = {"wall": [0.01, -0.01, 0.0], "peer": [0.05, -0.05, 0.0], "wheel": []}
    assert vehicle_energy.judged(good)["within"]
    assert not vehicle_energy.judged(good | {"peer": [0.011, -0.011, 0.0]})["within"], "no better than the peer"
    assert not vehicle_energy.judged(good | {"wall": [0.05, 0.05, 0.05]})["within"], "the mean is off"
    assert not vehicle_energy.judged(good | {"peer": []})["within"], "without the peer nothing is shown"
    assert not vehicle_energy.plausible({"udds_eta_drive": 0.7}, "udds")


@pytest.mark.slow
def test_a_car_is_compared_line_by_line(capsys) -> None:
    errors = vehicle_energy.compare([ROW], "udds")
    lines = [json.loads(row) for row in capsys.readouterr().out.splitlines()]
    assert {"case", "quantity", "model", "reference", "error"} <= set(lines[0])
    wall = next(row for row in lines if row["quantity"] == "wall_kWh_per_100km")
    assert wall["unit"].startswith("bmw_gen5_rear") and wall["scored"] is True
    assert max(errors["wheel"]) < 0.005 and abs(errors["wall"][0]) < 0.15


def test_a_published_sprint_is_compared(capsys) -> None:
    motor = {
        "axle": "rear",
        **{k: {"v": v} for k, v in {"p_kw": 250, "t_nm": 430, "ratio": 11.1, "n_max": 17000}.items()},
    }
    figures = {"etw_kg": 2268.0, "r_tyre_m": 0.3334, "t0_100": 5.7, "vmax": 190.0}
    row = {"type": "BEV", "motors": [motor]} | {key: {"v": value} for key, value in figures.items()}
    times, speeds = vehicle_performance.compare("i4", row)
    assert abs(times[0]) < 0.4 and speeds == [0.0]
    defaults = json.loads(capsys.readouterr().out.splitlines()[0])["defaults"]
    assert defaults == ["area_m2", "batt_net_kwh", "cd", "crr", "v_nom"]
    assert vehicle_performance.compare("phev", row | {"type": "PHEV"}) == ([], [])


def test_absent_data_is_a_skip(tmp_path: Path, capsys, monkeypatch: pytest.MonkeyPatch) -> None:
    for script in (vehicle_energy, vehicle_performance):
        monkeypatch.setattr(sys, "argv", ["script", "--data", str(tmp_path / "absent.json")])
        assert script.main() == 0
        assert "not here" in json.loads(capsys.readouterr().out)["summary"]["skipped"]


@pytest.mark.slow
def test_published_cars_accelerate_within_the_tolerance() -> None:
    code, lines = run("vehicle_performance", reference_file("vehicles.json"))
    assert code == 0 and lines[-1]["summary"]["within_tolerance"] is True
    assert lines[-1]["summary"]["sprints"] >= 6


@pytest.mark.slow
def test_wheel_work_of_the_epa_cars_and_the_peer() -> None:
    """Wheel work, both scatters and HWFET's mean are within their bars; UDDS's mean misses its 2 % by 0.8 points."""
    _, lines = run("vehicle_energy", reference_file("vehicles.json"))
    summary = lines[-1]["summary"]
    assert summary["wheel_work_median_p90"][0] < 0.01 and summary["wheel_work_median_p90"][1] < 0.02
    udds, hwfet = summary["udds"], summary["hwfet"]
    assert udds["cars"] == hwfet["cars"] == 5
    assert -0.035 < udds["mean"] < 0.02 and abs(hwfet["mean"]) < 0.02
    assert udds["open_bridge_mean"] < udds["mean"] and hwfet["open_bridge_mean"] < hwfet["mean"]
    if fastsim_peer.available():
        for cycle in (udds, hwfet):
            assert cycle["scatter"] < 0.75 * cycle["fastsim_scatter"]


def test_every_other_setting_moves_the_energy_its_own_way() -> None:
    """A better charger lowers it in proportion, more auxiliaries raise it, drag in the coast-down lowers it."""
    base = vehicle_energy.wall_energy(ROW, "udds")[0]
    others = vehicle_energy.OTHERS.items()
    found = {name: vehicle_energy.wall_energy(ROW, "udds", other)[0] / base for name, other in others}
    assert found["charger_0.88"] == pytest.approx(0.86 / 0.88, rel=1e-9)
    assert found["auxiliaries_280_w"] == pytest.approx(1.0 + 30.0 / 31.5 / 0.86 / (base * 10.0), abs=1e-3)
    assert found["motor_drags_in_coast_down"] == 1.0, "no magnets: it is in there by either reading"
    magnets, other = ROW | {"unit": "vw_app310"}, vehicle_energy.OTHERS["motor_drags_in_coast_down"]
    assert vehicle_energy.wall_energy(magnets, "udds", other)[0] < 0.97 * vehicle_energy.wall_energy(magnets, "udds")[0]
    assert 0.9 < found["no_friction_brakes"] < 1.0
