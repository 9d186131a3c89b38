"""Catalogue of power modules: every row plausible, rows equal their fits, area scales as parallel chips do."""

from __future__ import annotations

import json

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from edu_opt.inverter.chip_losses import channel_loss, evaluate, switching_loss
from edu_opt.materials.semiconductors import DEVICES, Channel, Device, SwitchingEnergy, device, in_parallel
from experiments.validation.inverter import CATALOGUE
from experiments.validation.semiconductor_fits import averaged, energies, fit_record, published_voltages, voltage_curves
from tests.shared_data import reference_file

ONE = (1.0, 1.0, 1.0)


def drop(channel: Channel, current: float | np.ndarray, celsius: float) -> np.ndarray:
    return np.asarray(evaluate(channel_loss(channel, ONE, jnp.asarray(current)), celsius)) / current


def energy(law: SwitchingEnergy, peak: float, voltage: float, celsius: float) -> float:
    return float(evaluate(switching_loss(law, jnp.asarray(peak), voltage, 1.0), celsius))


@pytest.mark.parametrize("name", sorted(DEVICES))
def test_rows_are_plausible(name: str) -> None:
    row: Device = device(name)
    rated = 0.5 * float(row.current_limit)
    for celsius in (-40.0, 25.0, 175.0):
        assert 0.3 < float(drop(row.forward, rated, celsius)) < 3.5
        assert 0.3 < float(drop(row.reverse, rated, celsius)) < 3.5
        assert energy(row.switching, rated, 0.5 * float(row.blocking_voltage), celsius) > 0.0
        assert energy(row.recovery, rated, 0.5 * float(row.blocking_voltage), max(celsius, 25.0)) >= 0.0
    assert float(drop(row.forward, rated, 175.0)) > float(drop(row.forward, rated, 25.0)), "chips must share currents"
    assert float(row.blocking_voltage) in (650.0, 1200.0)
    assert (float(row.silicon_area) > 0.0) != (float(row.silicon_carbide_area) > 0.0)
    for response in (row.switch_response, row.diode_response):
        assert sum(response.shares) == pytest.approx(1.0, abs=2e-3)
        assert all(t > 0.0 for t in response.times)
    # Junction to coolant of a chip set times its area [m^2 K/W]: 0.1 K cm^2/W (pin fins) to 2.5 (discretes).
    area = float(row.silicon_carbide_area) + float(row.silicon_area) / 1.5
    assert 0.1e-4 < area * float(row.switch_to_case + row.case_to_coolant) < 2.5e-4


def test_both_voltage_classes_have_both_technologies() -> None:
    rows = [device(n) for n in DEVICES]
    for blocking in (650.0, 1200.0):
        silicon = [r for r in rows if r.blocking_voltage == blocking and r.silicon_area > 0.0]
        carbide = [r for r in rows if r.blocking_voltage == blocking and r.silicon_carbide_area > 0.0]
        assert silicon and len(carbide) >= 2, blocking


def test_rows_equal_their_fits() -> None:
    """The catalogue's coefficients are those that the script finds in the published curves."""
    parts = json.loads(reference_file("gearbox_inverter.json").read_text())["inverter"]["devices"]
    found = 0
    for record in (p for p in parts if "currents_A" in p):
        row = device(next(v for k, v in CATALOGUE.items() if k in record["part"]))
        for quantity, fit in fit_record(record).items():
            held = getattr(row, quantity)
            for peak in (100.0, 300.0):
                if isinstance(fit, Channel):
                    assert float(drop(held, peak, 125.0)) == pytest.approx(float(drop(fit, peak, 125.0)), rel=2e-3)
                else:
                    voltage = float(fit.reference_voltage)
                    exact = energy(fit, peak, voltage, 25.0)
                    assert energy(held, peak, voltage, 25.0) == pytest.approx(exact, rel=2e-3)
            found += 1
    assert found == 20


def test_curves_over_temperature() -> None:
    """All rows with curves: drops within 6 % from a tenth of the largest current, energies over a sine within 7 %."""
    parts = json.loads(reference_file("gearbox_inverter.json").read_text())["inverter"]["devices"]
    for record in (p for p in parts if "currents_A" in p):
        row = device(next(v for k, v in CATALOGUE.items() if k in record["part"]))
        current = np.array(record["currents_A"], float)
        used = current >= 0.2 * current[-1]
        for celsius, values in voltage_curves(record, "Von_V"):
            error = drop(row.forward, current, celsius)[used] / values[used] - 1.0
            assert np.abs(error).max() < 0.06, (record["part"], celsius, error)
        voltage = published_voltages(record)[0]
        for celsius, values in energies(record, ("Eon_mJ", "Eoff_mJ"), voltage):
            for peak in current[used]:
                exact = averaged(current, values, peak)
                assert energy(row.switching, peak, voltage, celsius) == pytest.approx(exact, rel=0.05)


def test_parallel_chips_are_one_larger_chip() -> None:
    """n chips at n times the current: the same drop, n times the energy, the n-th of the thermal resistance."""
    one, three = device("fuji_2mbi600xee065"), in_parallel(device("fuji_2mbi600xee065"), 3.0)
    assert float(drop(three.forward, 900.0, 125.0)) == pytest.approx(float(drop(one.forward, 300.0, 125.0)), rel=1e-12)
    for law in ("switching", "recovery"):
        single = energy(getattr(one, law), 300.0, 400.0, 125.0)
        assert energy(getattr(three, law), 900.0, 400.0, 125.0) == pytest.approx(3.0 * single, rel=1e-12)
    assert float(three.switch_to_case) == pytest.approx(float(one.switch_to_case) / 3.0)
    back = in_parallel(three, 1.0 / 3.0)
    for a, b in zip(jax.tree.leaves(one), jax.tree.leaves(back), strict=True):
        assert float(a) == pytest.approx(float(b), rel=1e-12)
