"""Reference drive units: parts and masses, and how the validation script reads and judges published figures."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from edu_opt.drive_unit.model import DriveUnit
from edu_opt.drive_unit.package import UnitMasses, unit_masses
from edu_opt.drive_unit.reference_units import REFERENCE_UNITS, field_density, reference_unit, unit_of
from edu_opt.gearbox.model import ratio
from edu_opt.gearbox.refusals import refusals
from edu_opt.inverter.checks import inverter_findings
from edu_opt.motor.reference_machines import motor_of
from edu_opt.vehicle.reference_units import UNIT_SHEETS
from experiments.validation import drive_units
from experiments.validation.published_units import Figure, figure, published_units, without_inverter
from tests.motor.reference_motors import analytic_map

NAMES = sorted(REFERENCE_UNITS)
APP310_MASS = 90.0  # kg, motor and gearbox (Volkswagen press 2019)
MOTOR_MASS = {"bmw_i3": 49.0, "jaguar_i_pace": 38.0}  # kg; BMW I01 product information, electricthink.com
CAR = {
    "brand": "BMW",
    "type": "BEV",
    "v_nom": {"v": 353},
    "edu_eff_peak": {"v": 0.93, "src": "PRESS"},
    "motors": [
        {"axle": "rear", "p_kw": {"v": 125, "src": "X"}, "t_nm": {"v": 265, "src": "RECALL"}},
        {"axle": "front", "t_nm": {"v": 265, "src": "X"}},
    ],
}
MOTOR = {
    "performance": {
        "peak_power_kW": ["140-160", "B press"],
        "peak_torque_Nm": [310, "M"],
        "max_speed_rpm": [16000, "B"],
        "continuous_kW": [70, "B"],
        "drive_unit_mass_kg": [90, "B motor+gearbox"],
    }
}


@functools.cache
def light_unit(name: str) -> DriveUnit:
    """The unit around its own motor with another's fields: sizes and masses do not know them."""
    reference = reference_unit(name)
    scale = jnp.full(3, 3000.0)
    return unit_of(reference, motor_of(reference.machine, analytic_map(reference.machine.kind, scale)))


def masses(name: str) -> UnitMasses:
    unit = light_unit(name)
    return unit_masses(unit, reference_unit(name).machine.torque.value * float(ratio(unit.gearbox)))


def test_names_are_those_of_the_vehicles() -> None:
    assert set(NAMES) == set(UNIT_SHEETS)
    with pytest.raises(KeyError, match="vw_app310"):
        reference_unit("vw_app550")


@pytest.mark.parametrize("name", NAMES)
def test_parts_fit_and_name_their_sources(name: str) -> None:
    """Ratio of the data sheet, gears that can be made, a module that blocks the battery's voltage."""
    reference, unit = reference_unit(name), light_unit(name)
    assert reference.sources
    assert set(reference.machine.assumed) < set(reference.everything_assumed)
    assert float(ratio(unit.gearbox)) == pytest.approx(UNIT_SHEETS[name].ratio, rel=1e-3)
    torque = reference.machine.torque.value * float(ratio(unit.gearbox))
    assert refusals(unit.gearbox, torque) == ()
    assert inverter_findings(reference.device, unit.inverter, reference.machine.voltage.value, 65.0) == []


@pytest.mark.parametrize("name", NAMES)
def test_masses_add_up(name: str) -> None:
    found = masses(name)
    parts = found.motor.total + found.gearbox.total + found.inverter.total + found.joining
    assert float(found.total) == pytest.approx(float(parts), rel=1e-12)
    leaves = jax.tree.map(float, (found.motor, found.gearbox, found.inverter))
    assert min(jax.tree.leaves(leaves)) >= 0.0


def test_mass_of_the_app310_is_the_published_one() -> None:
    """Motor and gearbox without the inverter: the one mass whose motor and gearbox dimensions were both read."""
    found = masses("vw_app310")
    without = float(found.total - found.inverter.total - found.busbars)
    assert without == pytest.approx(APP310_MASS, rel=0.10)


@pytest.mark.parametrize("name", sorted(MOTOR_MASS))
def test_mass_of_motors_is_near_the_published_one(name: str) -> None:
    """What belongs to the motor (housing, shaft, bearings) is not said: 15 %."""
    assert float(masses(name).motor.total) == pytest.approx(MOTOR_MASS[name], rel=0.15)


@pytest.mark.parametrize("name", NAMES)
def test_field_current_density_belongs_to_the_machine(name: str) -> None:
    density = field_density(reference_unit(name), light_unit(name))
    wound = light_unit(name).has_field_winding
    assert (20e6 < density < 30e6) if wound else density == 0.0


def test_figures_are_read_from_numbers_texts_and_ranges() -> None:
    assert figure(93, 0.01, "") == Figure(0.93, 0.93, "")
    assert figure("up to 0.93 (whole drive unit)", 1.0, "") == Figure(0.93, 0.93, "")
    assert figure("190-211", 1e3, "x") == Figure(190e3, 211e3, "x")
    assert figure(None, 1.0, "") is None
    assert figure("none", 1.0, "") is None
    assert Figure(190.0, 211.0, "").distance(200.0) == 0.0
    assert Figure(190.0, 211.0, "").distance(180.0) == -10.0


def test_rows_of_every_schema_are_read_and_recalled_figures_left_out() -> None:
    gearbox = {"name": "VW box", "conf": "B", "P_max_kW": 150, "unit_mass_kg": 76, "unit_mass_scope": "no inverter"}
    recalled = {"name": "box", "conf": "U", "P_max_kW": 100}
    data = {
        "vehicles": {"car": CAR},
        "gearbox": {"production_units": [gearbox, recalled]},
        "motors": {"vw_id": MOTOR, "note": "text"},
    }
    car, box, motor = published_units(data)
    assert (car.reference, car.voltage) == (("bmw_i3", True), 353)
    assert set(car.figures) == {"peak_power_w", "best_efficiency"}
    assert box.reference == ("vw_app310", True)
    assert without_inverter(box.figures["unit_mass_kg"].scope)
    assert motor.reference == ("vw_app310", True)
    assert (motor.figures["peak_power_w"].low, motor.figures["peak_power_w"].high) == (140e3, 160e3)
    assert set(motor.figures) == {"peak_power_w", "top_speed_rpm", "continuous_power_w", "unit_mass_kg"}
    assert published_units({}) == []


def test_figures_on_assumed_dimensions_are_not_judged() -> None:
    app310, i3, gen5 = (reference_unit(name) for name in ("vw_app310", "bmw_i3", "bmw_gen5_rear"))
    assert drive_units.judged(app310, "unit_mass_kg")
    assert drive_units.judged(i3, "motor_mass_kg")
    assert not drive_units.judged(i3, "unit_mass_kg")
    assert not any(drive_units.judged(gen5, quantity) for quantity in drive_units.TOLERANCES)


def test_summary_counts_what_is_judged() -> None:
    def line(quantity: str, error: float, scored: bool) -> dict[str, Any]:
        return {"case": "unit", "quantity": quantity, "error": error, "scored": scored}

    good = [line("unit_mass_kg", -0.09, True), line("peak_power_w", -0.5, False)]
    summary = drive_units.summarize(good)
    assert summary["within_tolerance"] is True
    assert (summary["cases"], summary["reported_not_scored"], summary["worst"]["error"]) == (1, 1, -0.09)
    bad = drive_units.summarize([*good, line("peak_torque_n_m", -0.06, True)])
    assert bad["within_tolerance"] is False
    assert bad["missed"] == ["unit: peak_torque_n_m"]
    assert drive_units.summarize([])["within_tolerance"] is False


def test_unmodelled_rows_and_absent_files_are_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "rows.json"
    path.write_text(json.dumps({"motors": {"renault": {"performance": {"peak_power_kW": [80, "B"]}}}}))
    monkeypatch.setattr("sys.argv", ["drive_units", "--data", str(path)])
    assert drive_units.main() == 1
    skipped, summary = (json.loads(row) for row in capsys.readouterr().out.splitlines())
    assert (skipped["case"], skipped["quantity"]) == ("renault", "skipped")
    assert summary["summary"]["cases"] == 0
    monkeypatch.setattr("sys.argv", ["drive_units", "--data", str(tmp_path / "none.json")])
    assert drive_units.main() == 0
    assert "no reference data" in capsys.readouterr().out


@pytest.mark.slow
def test_the_app310_reaches_its_ratings() -> None:
    """On grid XS, from fields to axle: rated torque and power within the limits, the balance of power, the mass."""
    (row,) = published_units({"motors": {"vw_app310": MOTOR}})
    _, points = drive_units.evaluate(row, "XS")
    for group in (points.peaks, points.rated, points.steady, points.map):
        left = group.electrical_power - group.output_power - group.total_loss
        np.testing.assert_allclose(left / (np.abs(group.electrical_power) + 1e3), 0.0, atol=1e-12)
    assert np.max(points.rated.shortfall) < 1e-3
    lines = {line["quantity"]: line for line in drive_units.compare(row, "XS")}
    assert lines["peak_power_w"]["error"] == 0.0
    assert lines["peak_power_w"]["capability"] > 150e3
    assert abs(lines["unit_mass_kg"]["error"]) < 0.10
    assert lines["continuous_power_w"]["limited_by"] in {"winding", "rotor"}
