"""The script that compares mass and continuous torque with the design sheet: its assumptions, and a few rows."""

import functools
import itertools
import json

import jax
import numpy as np
import pytest

from edu_opt.motor.winding import end_turn_length, end_winding_overhang
from experiments.validation import motor_ratings as script
from tests.shared_data import reference_file


@pytest.fixture(scope="module")
def data():
    return json.loads(reference_file("motors.json").read_text())


@pytest.fixture(scope="module")
def files(data):
    """Motor-CAD files that belong to the data base of the sheet."""
    machines = data["fea_reference_set"]["machines"].values()
    return [m for m in machines if m["motor_type"] == "BPM" and m.get("db_row")]


def _robust_line(x, y):
    """Theil and Sen: median slope of all pairs, median intercept."""
    pairs = [(i, j) for i, j in itertools.combinations(range(len(x)), 2) if x[i] != x[j]]
    slope = np.median([(y[j] - y[i]) / (x[j] - x[i]) for i, j in pairs])
    return np.median(y - slope * x), slope


def _is_row_of(row, machine):
    size = machine["dims_mm"]
    same = abs(row["Stator Lam Dia [mm]"] - size["Stator_Lam_Dia"]) < 1e-3
    return same and abs(row["Iron Length [mm]"] - size["Stator_Lam_Length"]) < 1e-3


@functools.cache
def _build(slots_per_pole):
    return jax.jit(lambda design: script.motor_of(design, script.lamination_of(design, slots_per_pole), None))


def _unsolved(design, row):
    """Motor of a row without its fields."""
    return _build(3 * int(row["Hole Number"]))(design)


def test_geometry_rules_come_from_the_files(files):
    """Bore, shaft, opening, magnet thickness are constant ratios in the files; the magnets' width is a robust line."""
    size, layers = [m["dims_mm"] for m in files], [m["rotor_layers"] for m in files]
    diameter = np.array([d["Stator_Lam_Dia"] for d in size])
    of = lambda name, records=size: np.array([d[name] for d in records])  # noqa: E731
    np.testing.assert_allclose(of("Stator_Bore") / diameter, script.BORE_RATIO, rtol=1e-3)
    np.testing.assert_allclose(of("Shaft_Dia") / diameter, script.SHAFT_RATIO, rtol=5e-3)
    np.testing.assert_allclose(of("Slot_Opening") / of("Slot_Width"), script.OPENING_RATIO, rtol=2e-3)
    poles = of("Pole_Number")
    width = np.array([layer["MagnetBarWidth_Array"][0] for layer in layers])
    share = width * poles / (np.pi * of("RotorDiameter"))
    np.testing.assert_allclose(_robust_line(poles, share), script.MAGNET_WIDTH_LAW, rtol=0.02)
    bridges = [layer["BridgeThickness_Array"][0] for layer in layers]
    np.testing.assert_allclose(bridges, script.BRIDGE * 1e3, rtol=0.01)


def test_slots_and_magnets_of_the_rows_are_those_of_the_files(data, files):
    """Rows that have a file: slot width, depth, magnet thickness from the sheet's ratios within 0.5 %."""
    rows, _ = script.rows_of(data)
    found = 0
    for machine in files:
        size = machine["dims_mm"]
        for _, row, design in rows:
            if _is_row_of(row, machine):
                lamination = script.lamination_of(design, 3 * int(row["Hole Number"]))
                stator = lamination.stator
                assert float(stator.slot_width_top) * 1e3 == pytest.approx(size["Slot_Width"], rel=5e-3)
                assert float(stator.slot_depth + stator.tip_height) * 1e3 == pytest.approx(size["Slot_Depth"], rel=7e-3)
                thickness = machine["rotor_layers"]["MagnetThickness_Array"][0]
                assert float(lamination.rotor.magnet_thickness) * 1e3 == pytest.approx(thickness, rel=5e-3)
                found += 1
    assert found >= 15


def test_end_windings_of_the_files(data, files):
    """End turn and overhang of the winding model against the files' mean turn and overhangs (front and rear mean)."""
    turns, overhangs = [], []
    for machine in files:
        for _, row, design in script.rows_of(data)[0]:
            if _is_row_of(row, machine):
                motor = _unsolved(design, row)
                size, winding = machine["dims_mm"], machine["winding"]
                turns.append(float(end_turn_length(motor.winding, motor.dimensions)) * 2e3 / winding["EWdg_MLT"])
                mean = 0.5 * (size["EWdg_Overhang_[F]"] + size["EWdg_Overhang_[R]"])
                overhangs.append(float(end_winding_overhang(motor.winding, motor.dimensions)) * 1e3 / mean)
                break
    assert len(turns) >= 12
    assert 0.9 < min(turns) and max(turns) < 1.03 and abs(np.median(turns) - 1.0) < 0.03
    assert 0.7 < min(overhangs) and max(overhangs) < 1.3 and abs(np.median(overhangs) - 1.0) < 0.06


def test_mass_of_the_sheet(data):
    """Every fourth row: median within 2 %, 90th percentile within 5 %."""
    errors = []
    for _, row, design in script.rows_of(data)[0][::4]:
        motor = _unsolved(design, row)
        errors.append(abs(float(script.mass_of(motor, design)) / row["Weight [kg]"] - 1.0))
    assert np.median(errors) < 0.02 and np.percentile(errors, 90) < 0.05


def test_rated_torque_interpolates_and_respects_every_limit():
    amplitude = np.linspace(0.0, 100.0, 11)
    found = {
        "amplitude": amplitude,
        "torque": 2.0 * amplitude,
        "excess": amplitude - 55.0,
        "voltage_ratio": np.full(11, 0.5),
    }
    assert script.rated_torque(found, 1e6) == pytest.approx(110.0, abs=0.1)
    assert script.rated_torque(found, 30.0 / 2.0**0.5) == pytest.approx(60.0, abs=0.1)
    assert script.rated_torque(found | {"voltage_ratio": amplitude / 20.0}, 1e6) == pytest.approx(40.0, abs=0.1)
    assert script.rated_torque(found | {"excess": amplitude + 1.0}, 1e6) == 0.0


@pytest.mark.slow
def test_rows_of_one_topology(data):
    """Eight rows with one slot per pole and phase: mass within 3 %, torque within 25 % (medians)."""
    rows = [entry for entry in script.rows_of(data)[0] if entry[1]["Hole Number"] == 1][30:102:9]
    cases = list(script.cases(rows, "XS"))
    errors = {q: np.abs([c["error"] for c in cases if c["quantity"] == q]) for q in script.TOLERANCES}
    assert len(errors["mass_kg"]) == 8 and np.all([c.get("fields_ok", True) for c in cases])
    assert np.median(errors["mass_kg"]) < 0.03 and np.median(errors["continuous_torque_n_m"]) < 0.25
