"""Fits of `edu_opt.inverter.duty_waveform.OVERMODULATION`: `python -m experiments.validation.overmodulation_fits`.

The min-max reference of three legs is raised, clipped at the rails, and its series, DC-link current and ripple taken
numerically; what clipping adds to the law of the linear range is fitted over the way to six-step. Prints the
coefficients and the largest error a quantity.
"""

from __future__ import annotations

import json
import math

import jax.numpy as jnp
import numpy as np

import edu_opt  # noqa: F401
from edu_opt.inverter import duty_waveform as waves

ANGLES = (np.arange(7200) + 0.5) / 7200.0 * 2.0 * np.pi
LEGS = np.array([0.0, 2.0, 4.0]) * np.pi / 3.0
CARRIER = np.abs(2.0 * (np.arange(400) + 0.5) / 400.0 - 1.0)
ROOT = math.sqrt(3.0)


def clipped_reference(height: float) -> np.ndarray:
    """2 d - 1 of the legs (angles, 3) for a reference of this fundamental before clipping."""
    sine = height * np.cos(ANGLES[:, None] - LEGS)
    return np.clip(sine - 0.5 * (sine.max(1) + sine.min(1))[:, None], -1.0, 1.0)


def link_current_squares(leg: np.ndarray) -> tuple[float, float]:
    """Mean square DC-link current at unit peak current, cos(phi) = 0 and 1."""
    duty = 0.5 + 0.5 * leg
    order = np.argsort(-duty, axis=1)
    sorted_duty = np.take_along_axis(duty, order, 1)
    squares = []
    for phi in (0.5 * np.pi, 0.0):
        current = np.take_along_axis(np.cos(ANGLES[:, None] - LEGS - phi), order, 1) ** 2
        one, two = sorted_duty[:, 0] - sorted_duty[:, 1], sorted_duty[:, 1] - sorted_duty[:, 2]
        squares.append(float(np.mean(one * current[:, 0] + two * current[:, 2])))
    return squares[0], squares[1]


def carrier_ripple(leg: np.ndarray) -> tuple[float, float]:
    """Variance of the phase voltage within carrier periods over V_dc^2, and HDF."""
    duty = 0.5 + 0.5 * leg[::20]
    vector = (duty[:, None, :] > CARRIER[None, :, None]).astype(float) @ (np.exp(1j * LEGS) * 2.0 / 3.0)
    ripple = vector - vector.mean(1, keepdims=True)
    flux = np.cumsum(ripple, 1) / CARRIER.size
    flux = flux - flux.mean(1, keepdims=True)
    return float(np.mean(np.abs(ripple) ** 2) / 2.0), float(np.mean(np.abs(flux) ** 2) / 2.0 * 24.0**2)


def changes(height: float) -> dict[str, float]:
    """Fundamental and what clipping adds to each quantity's law of the linear range."""
    leg = clipped_reference(height)
    series = {n: 2.0 * float(np.mean(leg[:, 0] * np.cos(n * ANGLES))) for n in (1, 3, 5, 7)}
    clamped = (np.abs(leg[:, 0]) >= 1.0 - 1e-12).astype(float)
    index = series[1]
    quadrature, in_phase = link_current_squares(leg)
    variance, distortion = carrier_ripple(leg)
    linear_distortion = 1.5 * index**2 - 4.0 * ROOT / np.pi * index**3
    linear_distortion += (27.0 / 16.0 - 81.0 * ROOT / (64.0 * np.pi)) * index**4
    return {
        "index": index,
        "third": series[3] + waves.THIRD_HARMONIC * index,
        "fifth": series[5],
        "seventh": series[7],
        "clamped_0": float(clamped.mean()),
        "clamped_2": float(np.mean(clamped * np.cos(2.0 * ANGLES))),
        "link_quadrature": quadrature - index * ROOT / (4.0 * np.pi),
        "link_in_phase": in_phase - quadrature - index * ROOT / np.pi,
        "voltage_square": variance - (index / (ROOT * np.pi) - index**2 / 8.0),
        "distortion": distortion - linear_distortion,
    }


def main() -> None:
    """Fit with the value at six-step given."""
    heights = waves.LINEAR_LIMIT + np.concatenate([np.linspace(5e-4, 0.02, 10), np.geomspace(0.021, 60.0, 60)])
    rows = [changes(h) for h in heights]
    six_step = changes(1e6)
    depth = (np.array([r["index"] for r in rows]) - waves.LINEAR_LIMIT) / waves.OVERMODULATION_SPAN
    w = depth**3 / (depth**2 + waves.ROUNDING**2) * (1.0 + waves.ROUNDING**2)
    for name in list(rows[0])[1:]:
        values, end = np.array([r[name] for r in rows]), six_step[name]
        forms = np.stack([w * (1.0 - w) * w**k for k in range(3)], axis=1)
        solved = np.linalg.lstsq(forms, values - end * w, rcond=None)[0]
        error = float(np.abs(forms @ solved + end * w - values).max())
        printed = [float(f"{v:.4f}") for v in (end, *solved)]
        held = waves.OVERMODULATION.get(name)
        print(json.dumps({"quantity": name, "coefficients": printed, "held": held, "largest_error": error}))


if __name__ == "__main__":
    assert float(waves.reachable_modulation(jnp.asarray(1.0))) == 1.0
    main()
