"""Closed forms of space-vector modulation against a numeric average over the carrier and the period."""

from __future__ import annotations

import json

import jax.numpy as jnp
import numpy as np
import pytest

from edu_opt.inverter.modulation import (
    LINEAR_LIMIT,
    SIX_STEP_LIMIT,
    capacitor_current,
    conduction_average,
    dc_link_current,
    ripple_charge,
    ripple_flux,
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
        np.testing.assert_allclose(ours, [exact[k] for k in ("Tav", "Trms2", "Dav", "Drms2")], atol=2e-5)
        np.testing.assert_allclose(capacitor_current(jnp.asarray(index), cosine, 1.0), exact["Icap"], atol=0.011)


@pytest.mark.parametrize(
    ("index", "square"), [(0.2, 7.6306e-5), (0.6, 3.33253e-4), (1.0, 4.93811e-4), (1.15, 6.2639e-4)]
)
def test_ripple_flux(index: float, square: float) -> None:
    """Numeric mean square of the flux ripple per (V_dc / f)^2; the cap at the linear limit costs 1.6 % at M = 1.15."""
    np.testing.assert_allclose(ripple_flux(jnp.asarray(index), 1.0, 1.0) ** 2, square, rtol=0.02)


def test_limits_are_the_textbook_ones() -> None:
    assert LINEAR_LIMIT == pytest.approx(1.1547, abs=1e-4)
    assert SIX_STEP_LIMIT == pytest.approx(1.2732, abs=1e-4)
