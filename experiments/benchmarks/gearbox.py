"""Whole-gearbox values with gradients per second in a batch: `python -m experiments.benchmarks.gearbox`.

One candidate is everything that the optimizer asks of a gearbox: geometry and its checks, flank, root, bearings over a
load spectrum, losses at operating points, mass. Its figures are joined to one scalar, its gradient goes to all design
variables (reverse mode). Parts are timed alone too; compile time apart. The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np

import edu_opt  # noqa: F401
from edu_opt.duty.load_spectrum import LoadSpectrum
from edu_opt.gearbox.layouts import LAYOUTS
from edu_opt.gearbox.losses import gearbox_losses
from edu_opt.gearbox.margins import rating_margins
from edu_opt.gearbox.model import Gearbox, gearbox_from_values, gearbox_space
from edu_opt.gearbox.packaging import gearbox_dimensions, gearbox_masses
from edu_opt.gearbox.rating import rate
from edu_opt.optimize.programs import in_chunks

PEAK_TORQUE, TOP_SPEED = 3200.0, 150.0  # N m, rad/s at the axle
BAR = 20000.0  # whole-gearbox gradients a second on two cores


def duty(blocks: int) -> LoadSpectrum:
    """A passenger car's spread of axle torques: from full drive to recuperation, long at low load."""
    share = np.linspace(1.0, -0.35, blocks)
    turns = 145e6 * np.exp(-((share - 0.05) ** 2) / 0.02) + 1e4
    speeds = np.linspace(25.0, 60.0, blocks)
    return LoadSpectrum(
        axle_torque=jnp.array(PEAK_TORQUE * share),
        axle_speed=jnp.array(speeds),
        duration=jnp.array(turns / turns.sum() * 145e6 * 2.0 * np.pi / speeds),
    )


def parts(blocks: int, points: int) -> dict[str, Callable[[Gearbox], jax.Array]]:
    """Scalars of a gearbox by part of the work."""
    spectrum = duty(blocks)
    torques, speeds = jnp.linspace(-600.0, 2500.0, points), jnp.linspace(20.0, 120.0, points)

    def rating(gearbox: Gearbox) -> jax.Array:
        margins = rating_margins(rate(gearbox, spectrum, jnp.asarray(PEAK_TORQUE), maximum_output_speed=TOP_SPEED))
        return sum(margins.values(), jnp.zeros(()))

    def losses(gearbox: Gearbox) -> jax.Array:
        return jnp.sum(jax.vmap(lambda t, n: gearbox_losses(gearbox, t, n, 70.0).total)(torques, speeds))

    def mass(gearbox: Gearbox) -> jax.Array:
        size = gearbox_dimensions(gearbox)
        return gearbox_masses(gearbox, PEAK_TORQUE).total + size.length + size.width + size.height

    def whole(gearbox: Gearbox) -> jax.Array:
        return rating(gearbox) + losses(gearbox) + mass(gearbox)

    return {"rating": rating, "losses": losses, "mass": mass, "whole": whole}


def measured(
    layout: str, scalar: Callable[[Gearbox], jax.Array], batch: int, repeats: int, chunk: int
) -> dict[str, float]:
    """Compile time [s] and gradients per second of a scalar over random designs of a layout's box, by the clock and
    by the processor time of all threads (what is left of the former on a machine with other work).

    The batch runs in chunks side by side, as the optimizer's does: what a small chunk leaves between two loops stays in
    the processor's cache.
    """
    space = gearbox_space(layout)
    units = np.random.default_rng(1).random((batch, space.low.size))
    values = np.asarray(space.low + units * (space.high - space.low))
    program = jax.jit(jax.vmap(jax.value_and_grad(lambda x: scalar(gearbox_from_values(layout, x)))))
    started = time.perf_counter()
    compiled = program.lower(values[:chunk]).compile()
    compile_s = time.perf_counter() - started
    best, busy = float("inf"), float("inf")
    for _ in range(repeats):
        started, worked = time.perf_counter(), time.process_time()
        value, gradient = in_chunks(compiled, chunk, values)
        best, busy = min(best, time.perf_counter() - started), min(busy, time.process_time() - worked)
    finite = bool(np.isfinite(np.asarray(value)).all() and np.isfinite(np.asarray(gradient)).all())
    return {
        "compile_s": round(compile_s, 2),
        "per_second": round(batch / best),
        "per_core_second": round(batch / busy),
        "finite": finite,
    }


def main(arguments: list[str] | None = None) -> int:
    """Prints one line a part and a last JSON line; the exit code is 0 whatever the speed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--layout", default="parallel_axis", choices=LAYOUTS)
    parser.add_argument("--batch", type=int, default=1024)
    parser.add_argument("--chunk", type=int, default=64, help="designs that the compiled program takes at once")
    parser.add_argument("--blocks", type=int, default=10, help="blocks of the load spectrum")
    parser.add_argument("--points", type=int, default=10, help="operating points of the losses")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--parts", nargs="+", default=["rating", "losses", "mass", "whole"], help="the last one counts")
    chosen = parser.parse_args(arguments)
    results = {}
    scalars = parts(chosen.blocks, chosen.points)
    for name in chosen.parts:
        results[name] = measured(chosen.layout, scalars[name], chosen.batch, chosen.repeats, chosen.chunk)
        print(json.dumps({"part": name, **results[name]}), flush=True)
    summary = {
        "benchmark": "gearbox",
        "device": jax.devices()[0].device_kind,
        **{key: getattr(chosen, key) for key in ("layout", "batch", "chunk", "blocks", "points")},
        "gradients_per_second": results[name]["per_second"],
        "gradients_per_core_second": results[name]["per_core_second"],
        "bar": BAR,
        "compile_s": results[name]["compile_s"],
        "parts": results,
    }
    print(json.dumps(summary))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
