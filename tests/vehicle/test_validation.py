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
from experiments.validation.vehicle_rows import CarUnits, car_line, units_of
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


def printed(script: Any, data: Any, path: Path, capsys, monkeypatch) -> tuple[int, list[dict[str, Any]]]:
    """Exit code and lines of a script on data of its schema, without a process of its own; null is the only NaN."""
    path.write_text(data if isinstance(data, str) else json.dumps(data))
    monkeypatch.setattr(sys, "argv", ["script", "--data", str(path)])
    code = script.main()
    text = capsys.readouterr().out
    assert "NaN" not in text
    return code, [json.loads(row) for row in text.splitlines()]


def epa(*rows: Any) -> dict[str, Any]:
    """Rows as a file of the EPA list."""
    return {"epa_my2022_ev_calibration": {"rows": list(rows)}}


def wall(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Lines of wall energy."""
    return [row for row in lines if row.get("quantity") == "wall_kWh_per_100km"]


def test_the_nearest_unit_is_of_the_same_maker_and_power() -> None:
    assert nearest_unit("BMW", 250.0) == ("bmw_gen5_rear", True)
    assert nearest_unit("BMW", 135.0) == ("bmw_i3", True)
    assert nearest_unit("Jaguar", 149.0) == ("jaguar_i_pace", True)
    assert nearest_unit("NISSAN", 160.0)[1] is False
    assert units_of(ROW | {"unit": "vw_app310"}) == CarUnits(("vw_app310",), own=True)
    assert units_of(ROW | {"unit": "vw_app310", "drive": "4"}).names == ("vw_app310",) * 2
    pair = ["bmw_gen5_front", "bmw_gen5_rear"]
    assert units_of(ROW | {"unit": pair, "drive": "AWD"}) == CarUnits(tuple(pair), own=True)
    unknown = units_of(ROW | {"unit": "bmw_gen6_rear"})
    assert unknown == CarUnits(("bmw_gen5_rear",), own=False, unknown="bmw_gen6_rear")
    assert "bmw_gen6_rear" in unknown.text


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
    """A capped ratio (9.99) or none (1.0) is replaced by the unit's; N/V gives the tyre, of two axles the likelier."""
    found = vehicle_energy.gears_and_tyre
    (ratio,), radius = found(ROW, (11.115,))
    assert (ratio, radius) == pytest.approx((11.115, 0.3335), rel=1e-3)
    (ratio,), radius = found(ROW | {"axle": 8.96, "NV": 127.2}, (9.665,))
    assert (ratio, radius) == pytest.approx((8.96, 0.3007), rel=1e-3)
    assert found(ROW | {"axle": 9.04, "NV": 104.2}, (9.06, 9.06))[0] == (9.04, 9.04)
    ratios, radius = found(ROW | {"axle": 8.77, "NV": 125.5}, (8.774, 11.115))  # BMW iX
    assert ratios == (8.77, 11.115) and radius == pytest.approx(0.378, rel=1e-3)


@pytest.mark.parametrize(
    ("make", "one", "other", "same"),
    [
        ("BMW", 'i4 eDrive 40 (18" Wheels)', 'i4 eDrive 40 (19" Wheels)', True),
        ("Volkswagen", "ID.4 Pro", "ID.4 Pro S", True),
        ("Jaguar", "I-Pace EV400", "Jaguar I-PACE EV400 (Autonomous)", True),
        ("BMW", "i4 M50", "iX xDrive50", False),
        ("Tesla", "Model 3 RWD", "Model 3 Long Range", True),
        ("Tesla", "Model 3 RWD", "Model Y RWD", False),
        ("BMW", "MINI COOPER SE", "MINI COUNTRYMAN SE", False),
    ],
)
def test_variants_of_a_car_are_told_by_their_model(make: str, one: str, other: str, same: bool) -> None:
    names = [car_line({"make": make, "model": model}) for model in (one, other)]
    assert (names[0] == names[1]) is same


def test_cars_with_one_unit_count_each_and_their_variants_once() -> None:
    front = {"drive": "4", "unit": "bmw_gen5_front"}
    cars = ('i4 M50 (19" Wheels)', "iX xDrive50", 'i4 M50 (20" Wheels)')
    rows = [ROW | front | {"model": model} for model in cars]
    rows += [ROW | {"unit": "bmw_gen6_rear"}, ROW | {"udds_eta_drive": 0.7}, ROW | {"udds_wall_kWh100": None}, ROW]
    reasons = vehicle_energy.why_not_scored(rows, "udds")
    assert [k for k, reason in enumerate(reasons) if reason is None] == [0, 1, 6]
    assert reasons[2] == 'a variant of BMW i4 M50 (19" Wheels)'
    assert "no reference unit" in str(reasons[3]) and "no wall figure" in str(reasons[4])


def test_an_unknown_unit_is_said_and_not_scored(tmp_path: Path, capsys, monkeypatch: pytest.MonkeyPatch) -> None:
    data = epa(ROW | {"unit": "bmw_gen6_rear"})
    code, lines = printed(vehicle_energy, data, tmp_path / "cars.json", capsys, monkeypatch)
    (found,) = wall(lines)
    assert found["named"] == "bmw_gen6_rear" and found["scored"] is False
    assert found["unit"].startswith("bmw_gen5_rear") and "bmw_gen6_rear" in found["unit"]
    summary = lines[-1]["summary"]
    assert code == 1 and summary["cases"] == 2, "two figures of wheel work"
    assert summary["median_abs_error"] is None and summary["worst"] is None and summary["udds"]["cars"] == 0


@pytest.mark.slow
def test_two_unlike_units_drive_an_axle_each() -> None:
    """The car needs about what it needs with either unit on both axles; which one is in front makes no odds."""
    car = ROW | {"drive": "4", "ETW_kg": 2721.6}
    names = ["bmw_gen5_front", "bmw_gen5_rear"]
    pair, text = vehicle_energy.wall_energy(car | {"unit": names}, "udds")
    alike = [vehicle_energy.wall_energy(car | {"unit": name}, "udds")[0] for name in names]
    assert text.startswith("bmw_gen5_front + bmw_gen5_rear")
    assert 0.95 * min(alike) < pair < max(alike)
    swapped = vehicle_energy.wall_energy(car | {"unit": names[::-1]}, "udds")[0]
    assert swapped == pytest.approx(pair, rel=1e-6)


FAULTS = [
    ({"axle": None}, "axle"),
    ({"hp": None}, "hp"),
    ({"hp": -5}, "hp"),
    ({"NV": "142"}, "NV"),
    ({"NV": 20.0}, "wheel_radius_m"),
    ({"ETW_kg": 9000.0}, "between 600 and 5000"),
    ({"make": None}, "make"),
    ({"drive": "tracks"}, "drive"),
    ({"unit": ["bmw_gen5_front", "bmw_gen5_rear"]}, "1 driven axle"),
    ({"unit": 5}, "unit"),
    ({"udds_wall_kWh100": "much"}, "udds_wall_kWh100"),
    ({"udds_wheel_pos": 0}, "udds_wheel_pos"),
]


def test_a_row_that_cannot_be_used_is_a_line(tmp_path: Path, capsys, monkeypatch: pytest.MonkeyPatch) -> None:
    data = epa(*(ROW | change for change, _ in FAULTS), 7, {k: v for k, v in ROW.items() if k != "hp"}, ROW)
    _, lines = printed(vehicle_energy, data, tmp_path / "cars.json", capsys, monkeypatch)
    left_out = [row for row in lines if "skipped" in row]
    assert len(left_out) == lines[-1]["summary"]["skipped_rows"] == len(FAULTS) + 2
    for row, (_, word) in zip(left_out, [*FAULTS, (None, "object"), (None, "hp")], strict=True):
        assert set(row) == {"case", "skipped"} and word in row["skipped"]
    assert left_out[-2]["case"] == f"row {len(FAULTS) + 1}"
    (good,) = wall(lines)
    assert good["scored"] is True and lines[-1]["summary"]["cases"] == 3


def test_a_car_too_weak_for_the_peer_is_not_scored(capsys, monkeypatch: pytest.MonkeyPatch) -> None:
    """FASTSim raises where a car cannot follow the cycle; both scatters stay those of the same cars."""

    def cannot(*_: Any) -> float:
        raise RuntimeError("solver step failed")

    monkeypatch.setattr(fastsim_peer, "available", lambda: True)
    monkeypatch.setattr(fastsim_peer, "battery_energy", cannot)
    errors = vehicle_energy.compare([ROW], "udds")
    assert errors["wall"] == errors["peer"] == []
    (found,) = wall([json.loads(row) for row in capsys.readouterr().out.splitlines()])
    assert found["scored"] is False and "FASTSim" in found["not_scored"]


@pytest.mark.parametrize("script", [vehicle_energy, vehicle_performance])
@pytest.mark.parametrize(
    ("data", "word"),
    [
        ("{no json", "JSON"),
        ({"cost": {}}, "lacks the key"),
        ([1], "lacks the key"),
        ({"epa_my2022_ev_calibration": {"rows": 3}, "vehicles": []}, "must be"),
    ],
)
def test_a_file_that_cannot_be_used_is_an_error(
    script: Any, data: Any, word: str, tmp_path: Path, capsys, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "cars.json"
    path.write_text(data if isinstance(data, str) else json.dumps(data))
    monkeypatch.setattr(sys, "argv", ["script", "--data", str(path)])
    assert script.main() == 2
    said = capsys.readouterr()
    assert said.out == "" and word in said.err and len(said.err.splitlines()) == 1


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


SHEET = {key: {"v": v} for key, v in {"p_kw": 250, "t_nm": 430, "ratio": 11.1, "n_max": 17000}.items()}
CAR = {"type": "BEV", "motors": [SHEET | {"axle": "rear"}]} | {
    key: {"v": v} for key, v in {"etw_kg": 2268.0, "r_tyre_m": 0.3334, "t0_100": 5.7, "vmax": 190.0}.items()
}


def test_a_published_sprint_is_compared(capsys) -> None:
    times, speeds = vehicle_performance.compare("i4", CAR)
    assert abs(times[0]) < 0.4 and speeds == [0.0]
    defaults = json.loads(capsys.readouterr().out.splitlines()[0])["defaults"]
    assert defaults == ["area_m2", "batt_net_kwh", "cd", "crr", "v_nom"]
    assert vehicle_performance.compare("phev", CAR | {"type": "PHEV"}) == ([], [])


def test_motors_are_read_with_their_axle_and_number() -> None:
    places = vehicle_performance.places
    assert places("front+rear (2 identical)") == places("Front + rear") == {"front": 1, "rear": 1}
    assert places("front+rear (4 identical)") == {"front": 2, "rear": 2}
    assert places("rear (2 identical)") == places("rear (two identical)") == {"rear": 2}
    assert places("rear ERAD (e-axle, disconnect)") == {"rear": 1}
    for text in ("P2 in 8HP", "front and rear", "2x rear", "rear (2)", "front+rear (3 identical)", None):
        with pytest.raises(ValueError, match="axle of a motor"):
            places(text)


def test_motors_of_an_axle_add_up() -> None:
    """Two alike motors behind, given in one line or two, or unlike ones, are one axle; a front one makes it three."""

    def torque_of(*motors: dict[str, Any]) -> tuple[list[float], list[float], np.ndarray]:
        row, used = CAR | {"motors": list(motors)}, []
        found = vehicle_performance.units(row)
        assert found is not None
        car = vehicle_performance.car_of("car", row, 2000.0, found, used)
        torque = np.asarray(vehicle_performance.envelope(found, 0.33))[:, 1]
        return [axle.rear for axle in car.axles], [axle.count for axle in car.axles], torque

    rear, weak = SHEET | {"axle": "rear"}, SHEET | {"axle": "rear", "t_nm": {"v": 230}}
    single, double = torque_of(rear), torque_of(SHEET | {"axle": "rear (2 identical)"})
    assert single[:2] == ([1.0], [1.0]) and double[:2] == ([1.0], [2.0])
    np.testing.assert_allclose(double[2], single[2])
    assert torque_of(rear, rear)[:2] == double[:2]
    np.testing.assert_allclose(torque_of(rear, weak)[2], single[2] * 330 / 430)
    three = torque_of(SHEET | {"axle": "rear (2 identical)"}, SHEET | {"axle": "front"})
    assert three[:2] == ([0.0, 1.0], [1.0, 2.0])


def test_rows_of_odd_cars_are_computed_or_skipped(tmp_path: Path, capsys, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = {
        "tri": CAR | {"motors": [SHEET | {"axle": axle} for axle in ("front", "rear", "rear")]},
        "heavy": CAR | {"etw_kg": {"v": 9000.0}},
        "hub": CAR | {"motors": [SHEET | {"axle": "in the wheels"}]},
        "words": CAR | {"vmax": {"v": "fast"}},
        "coast": CAR | {"roadload": {"v": {"A_N": 150.0}}},
        "none": None,
        "unknown": CAR | {"motors": [{"axle": "rear"}]},
        "i4": CAR,
    }
    code, lines = printed(vehicle_performance, {"vehicles": rows}, tmp_path / "cars.json", capsys, monkeypatch)
    left_out = {row["case"]: row["skipped"] for row in lines if "skipped" in row}
    assert list(left_out) == ["heavy", "hub", "words", "coast", "none"]
    assert "between 600 and 5000" in left_out["heavy"] and "in the wheels" in left_out["hub"]
    times = {row["case"]: row["model"] for row in lines if row.get("quantity") == "0_100_km_per_h_s"}
    assert set(times) == {"tri", "i4"} and times["tri"] < 0.8 * times["i4"]
    summary = lines[-1]["summary"]
    assert code == 1 and summary["skipped_rows"] == 5 and summary["cases"] == 4


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
    """Wheel work, both means and both scatters are within their bars."""
    code, lines = run("vehicle_energy", reference_file("vehicles.json"))
    summary = lines[-1]["summary"]
    assert summary["wheel_work_median_p90"][0] < 0.01 and summary["wheel_work_median_p90"][1] < 0.02
    assert summary["cases"] == 58 and summary["skipped_rows"] == 0
    for cycle in (summary["udds"], summary["hwfet"]):
        assert cycle["cars"] == 5 and abs(cycle["mean"]) <= 0.02
        assert cycle["open_bridge_mean"] < cycle["mean"]
        if fastsim_peer.available():
            assert cycle["scatter"] <= 0.75 * cycle["fastsim_scatter"]
    assert (code == 0) is fastsim_peer.available()


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
