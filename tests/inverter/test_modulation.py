"""Closed forms of space-vector modulation against a numeric average over the carrier and the period."""

from __future__ import annotations

import json

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from edu_opt.inverter.duty_waveform import duty_waveform
from edu_opt.inverter.modulation import (
    LINEAR_LIMIT,
    SIX_STEP_LIMIT,
    capacitor_current,
    conduction_average,
    current_shares,
    dc_link_current,
    harmonic_distortion_factor,
    low_order_voltages,
    ripple_charge,
    ripple_flux,
    ripple_voltage_square,
    switched_average,
)
from experiments.validation.overmodulation_fits import (
    ANGLES,
    LEGS,
    carrier_ripple,
    clipped_reference,
    link_current_squares,
)
from tests.shared_data import reference_file

POINTS = [(m, c) for m in (0.1, 0.4, 0.7, 1.0, 1.12) for c in (1.0, 0.85, 0.3, 0.0, -0.9)]


def numeric_average(index: float, cosine: float) -> dict[str, float]:
    """Switched three-phase bridge with min-max zero sequence: averages at unit peak current and carrier period."""
    phi = np.arccos(cosine)
    angle = (np.arange(360) + 0.5) / 360.0 * 2.0 * np.pi
    carrier = np.abs(2.0 * (np.arange(1200) + 0.5) / 1200.0 - 1.0)
    thirds = np.array([0.0, 2.0, 4.0]) * np.pi / 3.0
    sine = 0.5 * index * np.cos(angle[:, None] - thirds)
    duty = 0.5 + sine - 0.5 * (sine.max(1) + sine.min(1))[:, None]
    current = np.cos(angle[:, None] - thirds - phi)
    link = np.sum((duty[:, :, None] > carrier) * current[:, :, None], axis=1)
    ripple = link - link.mean(1)[:, None]
    charge = np.cumsum(ripple, axis=1) / carrier.size
    positive = np.where(current[:, 0] > 0.0, current[:, 0], 0.0)
    averages = {f"switch_{p}": float(np.mean(positive**p * duty[:, 0])) for p in (1.0, 1.5, 2.0)}
    averages |= {f"diode_{p}": float(np.mean(positive**p * (1.0 - duty[:, 0]))) for p in (1.0, 1.5, 2.0)}
    return averages | {
        "dc": float(link.mean()),
        "capacitor": float(np.sqrt(np.mean((link - link.mean()) ** 2))),
        "charge": float((charge.max(1) - charge.min(1)).max()),
    }


@pytest.fixture(scope="module")
def numeric() -> list[dict[str, float]]:
    return [numeric_average(m, c) for m, c in POINTS]


@pytest.mark.parametrize("power", [1.0, 1.5, 2.0])
def test_switch_and_diode_averages(numeric, power: float) -> None:
    index, cosine = np.array(POINTS).T
    switch, diode = conduction_average(power, jnp.asarray(index), jnp.asarray(cosine))
    np.testing.assert_allclose(switch, [n[f"switch_{power}"] for n in numeric], atol=5e-5)
    np.testing.assert_allclose(diode, [n[f"diode_{power}"] for n in numeric], atol=5e-5)


def test_link_current_and_its_ripple(numeric) -> None:
    index, cosine = (jnp.asarray(a) for a in np.array(POINTS).T)
    np.testing.assert_allclose(dc_link_current(index, cosine, 1.0), [n["dc"] for n in numeric], atol=2e-3)
    np.testing.assert_allclose(capacitor_current(index, cosine, 1.0), [n["capacitor"] for n in numeric], atol=4e-3)
    np.testing.assert_allclose(ripple_charge(index, cosine), [n["charge"] for n in numeric], atol=0.012)


def test_published_waveform_points() -> None:
    tests = json.loads(reference_file("gearbox_inverter.json").read_text())["inverter"]["waveform_tests"]
    for point in (p for p in tests["points"] if p["pwm"] == "SVPWM"):
        index, cosine, exact = point["M"], jnp.asarray(point["cosphi"]), point["numeric"]
        mean, square = (conduction_average(p, index, cosine) for p in (1.0, 2.0))
        ours = [mean[0], square[0], mean[1], square[1]]
        np.testing.assert_allclose(ours, [exact[k] for k in ("Tav", "Trms2", "Dav", "Drms2")], atol=1.5e-5)
        np.testing.assert_allclose(capacitor_current(jnp.asarray(index), cosine, 1.0), exact["Icap"], rtol=1e-3)


@pytest.mark.parametrize(
    ("index", "square"), [(0.2, 7.6306e-5), (0.6, 3.33253e-4), (1.0, 4.93811e-4), (1.15, 6.2639e-4)]
)
def test_ripple_flux(index: float, square: float) -> None:
    """Numeric mean square of the flux ripple per (V_dc / f)^2."""
    np.testing.assert_allclose(ripple_flux(jnp.asarray(index), 1.0, 1.0) ** 2, square, rtol=1e-3)


def test_limits_are_the_textbook_ones() -> None:
    assert LINEAR_LIMIT == pytest.approx(1.1547, abs=1e-4)
    assert SIX_STEP_LIMIT == pytest.approx(1.2732, abs=1e-4)


def clamped_discontinuous(index: float) -> np.ndarray:
    """2 d - 1 of three legs (angles, 3) with the leg of the largest |voltage| clamped (DPWM1)."""
    sine = index * np.cos(ANGLES[:, None] - LEGS)
    high, low = sine.max(1), sine.min(1)
    return sine + np.where(high > -low, 1.0 - high, -1.0 - low)[:, None]


def leg_averages(leg: np.ndarray, cosine: float, power: float) -> tuple[float, float]:
    """(average of i^p through the switch, of i^p where the leg switches) at unit peak current."""
    current = np.cos(ANGLES - np.arccos(cosine))
    positive = np.where(current > 0.0, np.abs(current) ** power, 0.0)
    switching = np.abs(leg) < 1.0 - 1e-9
    return float(np.mean(positive * (0.5 + 0.5 * leg))), float(np.mean(positive * switching))


@pytest.mark.parametrize("height", [1.2, 1.3, 1.5, 2.5, 20.0])
def test_overmodulation_to_six_step(height: float) -> None:
    """A clipped space-vector reference: current shares within 0.002 of half a half wave, switched current within 0.02
    of the half wave's average 0.32, DC-link ripple within 0.02 of the peak current."""
    legs = clipped_reference(height)
    index = fundamental = 2.0 * float(np.mean(legs[:, 0] * np.cos(ANGLES)))
    if index > SIX_STEP_LIMIT - 0.01:
        index = SIX_STEP_LIMIT + 0.1  # the smooth cap takes a request a little above six-step to reach it
    waveform = duty_waveform(index)
    quadrature, in_phase = link_current_squares(legs)
    for cosine in (1.0, 0.7, -0.5):
        for power in (1.0, 2.0):
            share, switched = leg_averages(legs[:, 0], cosine, power)
            assert float(current_shares(power, waveform, jnp.asarray(cosine))[0]) == pytest.approx(share, abs=2e-3)
            assert float(switched_average(power, waveform, jnp.asarray(cosine))) == pytest.approx(switched, abs=0.02)
        direct = 0.75 * fundamental * cosine
        exact = np.sqrt(quadrature * (1.0 - cosine**2) + in_phase * cosine**2 - direct**2)
        assert float(capacitor_current(index, jnp.asarray(cosine), 1.0)) == pytest.approx(exact, abs=0.02)


def test_six_step_has_its_textbook_harmonics() -> None:
    """4/pi, and -1/3 of it; no carrier ripple is left; low orders of the phase voltage 2/pi V / n."""
    waveform = duty_waveform(10.0)
    expected = 4.0 / np.pi * np.array([1.0, -1.0 / 3.0])
    np.testing.assert_allclose([float(h) for h in waveform.harmonics], expected, atol=2e-3)
    assert float(waveform.clamped[0]) == pytest.approx(1.0, abs=2e-3)
    assert float(harmonic_distortion_factor(10.0)) == pytest.approx(0.0, abs=2e-3)
    assert float(ripple_voltage_square(10.0, 1.0)) == pytest.approx(0.0, abs=2e-4)
    fifth, seventh = low_order_voltages(10.0, 400.0)
    assert float(fifth) == pytest.approx(400.0 * 2.0 / np.pi / 5.0, rel=0.01)
    assert float(seventh) == pytest.approx(-400.0 * 2.0 / np.pi / 7.0, rel=0.01)


@pytest.mark.parametrize("index", [0.3, 0.8, 1.1])
def test_discontinuous_modulation(index: float) -> None:
    """DPWM1: current shares (third-order series), a third of the switchings gone, more at the current's peak."""
    legs = clamped_discontinuous(index)
    waveform = duty_waveform(index, 1.0)
    for cosine in (1.0, 0.8, 0.2):
        for power in (1.0, 2.0):
            share, switched = leg_averages(legs[:, 0], cosine, power)
            assert float(current_shares(power, waveform, jnp.asarray(cosine))[0]) == pytest.approx(share, abs=3e-4)
            assert float(switched_average(power, waveform, jnp.asarray(cosine))) == pytest.approx(switched, abs=7e-3)
    assert float(switched_average(0.0, waveform, jnp.asarray(0.3))) == pytest.approx(1.0 / 3.0, abs=1e-9)
    # Half of a sine's area lies within 30 degrees of its peak: at cos(phi) = 1 the switching loss halves.
    half = float(switched_average(1.0, waveform, jnp.asarray(1.0))) * np.pi
    assert half == pytest.approx(0.5, abs=0.02)
    variance, distortion = carrier_ripple(legs)
    assert float(harmonic_distortion_factor(index, 1.0)) == pytest.approx(distortion, rel=3e-3)
    assert float(ripple_voltage_square(index, 1.0)) == pytest.approx(variance, rel=3e-3)


def test_everything_is_smooth_across_the_limits() -> None:
    """Values and slopes meet at the end of the linear range."""
    cosine = jnp.asarray(0.6)
    laws = (
        lambda m: current_shares(2.0, duty_waveform(m, 0.4), cosine)[0],
        lambda m: switched_average(1.0, duty_waveform(m, 0.4), cosine),
        lambda m: capacitor_current(m, cosine, 1.0),
        lambda m: harmonic_distortion_factor(m, 0.4),
        lambda m: ripple_charge(m, cosine, 0.4),
    )
    below, above = jnp.asarray(LINEAR_LIMIT - 1e-6), jnp.asarray(LINEAR_LIMIT + 1e-6)
    for law in laws:
        (v0, s0), (v1, s1) = (jax.value_and_grad(law)(m) for m in (below, above))
        assert float(v1) == pytest.approx(float(v0), abs=1e-5)
        assert float(s1) == pytest.approx(float(s0), abs=2e-3)
