"""Device rows against their published curves; losses against vendors' tools, limits and scaling laws."""

from __future__ import annotations

import json

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from edu_opt.inverter.losses import (
    channel_loss,
    efficiency,
    evaluate,
    inverter_losses,
    switching_loss,
)
from edu_opt.inverter.model import Inverter
from edu_opt.inverter.modulation import conduction_average
from edu_opt.materials.semiconductors import (
    Channel,
    SwitchingEnergy,
    device,
    fuji_2mbi600xee065,
    wolfspeed_cab450m12xm3,
)
from edu_opt.numerics.pytree import replace
from tests.shared_data import reference_file

ONE = (1.0, 1.0, 1.0)


def inverter(row, **changes) -> Inverter:
    base = Inverter(device=row, parallel_area=1.0, switching_frequency=1e4, capacitance=5e-4)
    return replace(base, **changes)


@pytest.fixture(scope="module")
def solve():
    """One compiled program for every row and every point of this file."""
    return jax.jit(inverter_losses)


def published(part: str) -> dict:
    rows = json.loads(reference_file("gearbox_inverter.json").read_text())["inverter"]["devices"]
    return next(r for r in rows if r["part"].startswith(part))


def voltage(channel: Channel, current: np.ndarray, celsius: float) -> np.ndarray:
    return np.asarray(evaluate(channel_loss(channel, ONE, jnp.asarray(current)), jnp.asarray(celsius))) / current


def energy_at(energy: SwitchingEnergy, peak: float, dc_voltage: float, celsius: float) -> float:
    loss = switching_loss(energy, jnp.asarray(peak), jnp.asarray(dc_voltage), 1.0)
    return float(evaluate(loss, jnp.asarray(celsius)))


def averaged(current: np.ndarray, energy: np.ndarray, peak: float) -> float:
    """Published energies averaged over a sine's half wave, half of the period at rest."""
    instant = peak * np.sin((np.arange(2000) + 0.5) / 2000.0 * np.pi)
    return 0.5 * float(np.interp(instant, np.append(0.0, current), np.append(0.0, energy)).mean())


def test_igbt_conduction_curves() -> None:
    data = published("Fuji_2MBI600XEE065")
    current = np.array(data["currents_A"], float)
    row = fuji_2mbi600xee065()
    for channel, key in ((row.forward, "Von_V"), (row.reverse, "Vdiode_V")):
        for celsius, curve in data[key].items():
            ours = voltage(channel, current, float(celsius.split("@")[0]))
            error = np.abs(ours / np.array(curve) - 1.0)
            assert error[1:].max() < 0.03, (key, celsius, error)
            assert error[0] < 0.07


def test_igbt_switching_energy_over_a_sine() -> None:
    data = published("Fuji_2MBI600XEE065")
    current = np.array(data["currents_A"], float)
    row = fuji_2mbi600xee065()
    for on, off, recovery in zip(data["Eon_mJ"], data["Eoff_mJ"], data["Err_mJ"], strict=True):
        celsius = float(on["Tj"])
        for peak in (50.0, 150.0, 300.0, 600.0):
            exact = averaged(current, np.array(on["E"]) + np.array(off["E"]), peak) * 1e-3
            ours = energy_at(row.switching, peak, 300.0, celsius)
            assert ours == pytest.approx(exact, rel=0.08), (celsius, peak)
            exact = averaged(current, np.array(recovery["E"]), peak) * 1e-3
            ours = energy_at(row.recovery, peak, 300.0, celsius)
            assert ours == pytest.approx(exact, rel=0.13), (celsius, peak)


def test_silicon_carbide_data_sheet_points() -> None:
    """Retyped from the part's data sheet: 2.6 and 4.7 mOhm, 32.9 mJ at 600 V, 450 A, body diode 4.7 V."""
    row = wolfspeed_cab450m12xm3()
    current = np.array([450.0])
    assert voltage(row.forward, current, 25.0)[0] / 450.0 == pytest.approx(2.6e-3, rel=1e-6)
    assert voltage(row.forward, current, 175.0)[0] / 450.0 == pytest.approx(4.7e-3, rel=0.01)
    assert voltage(row.body_diode, current, 25.0)[0] == pytest.approx(4.7, rel=0.01)
    energy = row.switching
    point = energy.constant + energy.linear * 450.0 + energy.quadratic * 450.0**2
    assert point == pytest.approx(32.9e-3, rel=0.01)


def test_vendor_tool_of_another_igbt() -> None:
    """Fuji 2MBI300XBE120 at 600 V, 75 A rms, 25 degC: watts by the manufacturer's online tool (PyPowerSim docu v04,
    tables 7 and 8). A device's losses (what heats its junction) within 6 %; conduction alone within 5 %."""
    peak, row = jnp.asarray(75.0 * np.sqrt(2.0)), device("fuji_2mbi300xbe120")
    tool = {  # frequency: (IGBT conduction, on + off), (diode conduction, recovery)
        (0.278, 0.0, 2100.0): ((18.0, 11.1), (19.5, 5.79)),
        (0.278, 0.0, 5000.0): ((17.5, 25.9), (19.3, 13.7)),
        (0.926, 0.95, 2100.0): ((30.5, 11.1), (5.7, 5.72)),
        (0.926, 0.95, 5000.0): ((29.6, 26.1), (5.71, 13.6)),
    }
    for (index, cosine, frequency), published_watts in tool.items():
        shares = [conduction_average(p, index, jnp.asarray(cosine)) for p in (1.0, 1.5, 2.0)]
        chips = ((row.forward, row.switching), (row.reverse, row.recovery))
        for side, ((channel, energy), (conduction, switched)) in enumerate(zip(chips, published_watts, strict=True)):
            on = float(channel_loss(channel, tuple(s[side] for s in shares), peak)[0])
            assert on == pytest.approx(conduction, rel=0.05)
            ours = on + float(switching_loss(energy, peak, 600.0, frequency)[0])
            assert ours == pytest.approx(conduction + switched, rel=0.06)


def test_reference_inverter_of_300_kw(solve) -> None:
    """Wolfspeed CRD300DA12E-XM3: 300 kW, 800 V, 360 A rms. A third party's simulation at 16 kHz gives 208 W conduction
    and 262 W switching a switch, which means 3.2 mOhm: chips near 97 degC, the case held at 65 degC."""
    row = wolfspeed_cab450m12xm3()
    cold_case = replace(row, case_to_coolant=0.0)
    car = inverter(cold_case, capacitance=3e-4, rated_voltage=900.0, dead_time=0.0, switching_frequency=16e3)
    peak, index = 360.0 * np.sqrt(2.0), 1.1
    cosine = 300e3 / (0.75 * index * 800.0 * peak)
    losses = solve(car, peak, index, cosine, 800.0, 65.0)
    # Synchronous rectification: switch and diode share one chip, half of the position's loss each way.
    assert float(losses.conduction) / 6.0 == pytest.approx(208.0, rel=0.10)
    assert float(losses.switching) / 6.0 == pytest.approx(262.0, rel=0.10)
    assert float(losses.conduction + losses.switching) / 6.0 == pytest.approx(470.0, rel=0.08)
    whole = solve(replace(car, device=row), peak, index, cosine, 800.0, 65.0)
    assert float(efficiency(whole, peak, index, cosine, 800.0)) > 0.98


def test_rows_of_both_technologies_share_one_batch(solve) -> None:
    rows = [inverter(device(n)) for n in ("fuji_2mbi600xee065", "wolfspeed_cab450m12xm3", "wolfspeed_cab530m12bm3")]
    batch = jax.tree.map(lambda *leaves: jnp.stack([jnp.asarray(v, float) for v in leaves]), *rows)
    together = jax.vmap(lambda row: inverter_losses(row, 200.0, 0.8, 0.9, 350.0, 65.0).total)(batch)
    alone = [float(solve(row, 200.0, 0.8, 0.9, 350.0, 65.0).total) for row in rows]
    np.testing.assert_allclose(together, alone, rtol=1e-12)
    assert together[0] > 1.5 * together[1]


def test_scaling_and_limits(solve) -> None:
    base = inverter(fuji_2mbi600xee065())
    one = solve(base, 300.0, 0.9, 0.85, 350.0, 65.0)
    double = solve(replace(base, parallel_area=2.0), 600.0, 0.9, 0.85, 350.0, 65.0)
    assert float(double.conduction + double.switching) == pytest.approx(2.0 * float(one.conduction + one.switching))
    assert float(double.junction_celsius_switch) - 65.0 == pytest.approx(
        (float(one.junction_celsius_switch) - 65.0), rel=1e-6
    ), "the same current density in the same thermal resistance of each chip set"
    rest = solve(base, 0.0, 0.0, 1.0, 350.0, 65.0)
    assert float(rest.conduction + rest.switching) < 0.2
    assert float(rest.total) == pytest.approx(float(rest.gate_and_control), abs=0.2)
    driving, braking = (solve(base, 300.0, 0.9, s * 0.9, 350.0, 65.0) for s in (1.0, -1.0))
    assert float(braking.junction_celsius_diode) > float(driving.junction_celsius_diode) + 3.0
    assert float(one.temperature_residual) < 1e-3


def test_junctions_balance_their_losses(solve) -> None:
    """Both junction temperatures over the coolant equal resistance x losses, summed over the position."""
    base = inverter(fuji_2mbi600xee065())
    result = solve(base, 500.0, 1.0, 0.8, 350.0, 65.0)
    row = base.device
    rises = [float(result.junction_celsius_switch) - 65.0, float(result.junction_celsius_diode) - 65.0]
    matrix = np.array(
        [
            [row.case_to_coolant + row.switch_to_case, row.case_to_coolant],
            [row.case_to_coolant, row.case_to_coolant + row.diode_to_case],
        ]
    )
    total = float(result.conduction + result.switching + result.dead_time) / 6.0
    assert np.linalg.solve(matrix, rises).sum() == pytest.approx(total, rel=1e-5)
