"""Inverter losses per second on this machine, compile time apart: `python -m experiments.benchmarks.inverter`.

One lane is one operating point of one inverter: all losses and both junction temperatures at their fixed point. Values
alone, and values with the gradient of the total loss in nine variables (current, modulation index, power factor, DC
voltage, coolant, chip area, carrier frequency, capacitance, share of discontinuous modulation). The largest junction
residual of the batch is reported. The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

import edu_opt  # noqa: F401
from edu_opt.inverter.losses import InverterLosses, inverter_losses
from edu_opt.inverter.model import Inverter
from edu_opt.materials.semiconductors import DEVICES, device

# current peak [A], modulation index, cos(phi), DC voltage [V], coolant [degC], area, carrier [Hz], capacitance [F],
# share of discontinuous modulation
LOW = np.array([1.0, 0.02, -1.0, 300.0, 0.0, 0.5, 4e3, 2e-4, 0.0])
HIGH = np.array([500.0, 1.2, 1.0, 420.0, 75.0, 2.0, 2e4, 1e-3, 1.0])


def losses_at(row: Any, x: jax.Array) -> InverterLosses:
    """All losses at one point (9,)."""
    inverter = Inverter(device=row, parallel_area=x[5], switching_frequency=x[6], capacitance=x[7], discontinuous=x[8])
    return inverter_losses(inverter, x[0], x[1], x[2], x[3], x[4])


def compiled(function: Callable, *arguments: Any) -> tuple[Callable, float]:
    """Compiled function and the seconds that it took."""
    started = time.perf_counter()
    built = jax.jit(function).lower(*arguments).compile()
    return built, time.perf_counter() - started


def rate(function: Callable, row: Any, points: np.ndarray, repeats: int) -> float:
    """Lanes a second: the best of `repeats` calls."""
    times = []
    for _ in range(repeats):
        started = time.perf_counter()
        jax.block_until_ready(function(row, points))
        times.append(time.perf_counter() - started)
    return len(points) / min(times)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lanes", type=int, default=16384)
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--device", default="fuji_2mbi600xee065", choices=sorted(DEVICES))
    settings = parser.parse_args()
    row = device(settings.device)
    points = LOW + np.random.default_rng(3).uniform(size=(settings.lanes, len(LOW))) * (HIGH - LOW)
    values = jax.vmap(losses_at, in_axes=(None, 0))
    gradients = jax.vmap(jax.value_and_grad(lambda r, x: losses_at(r, x).total, argnums=1), in_axes=(None, 0))
    value_program, value_compile = compiled(values, row, points)
    gradient_program, gradient_compile = compiled(gradients, row, points)
    solved = value_program(row, points)
    slopes = gradient_program(row, points)[1]
    record = {
        "device": settings.device,
        "lanes": settings.lanes,
        "cores": os.cpu_count(),
        "backend": jax.default_backend(),
        "values_per_s": rate(value_program, row, points, settings.repeats),
        "value_and_gradients_per_s": rate(gradient_program, row, points, settings.repeats),
        "compile_s": {"values": value_compile, "value_and_gradients": gradient_compile},
        "junction_residual_max_k": float(jnp.max(solved.temperature_residual)),
        "all_finite": bool(jnp.all(jnp.isfinite(slopes)) and jnp.all(jnp.isfinite(solved.total))),
    }
    print(json.dumps(record))


if __name__ == "__main__":
    main()
