"""Torque ripple and cogging of coarse grids against the finest one, over random designs.

Usage: python -m experiments.validation.torque_ripple [--kinds ipm,eesm,synrm] [--levels XS,S,M] [--designs 5]

Model: peak to peak of 13 rotor angles, as program 1 takes it (`edu_opt.motor.ripple`). Reference: 39 angles on grid L.
One JSON line a design and quantity [N m/m], then one a grid with the ratios model / reference and how both correlate
over the designs: what a search on that grid can rely on. It reports, it has no bar to meet.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np

from edu_opt.motor.field import FieldGrid, FieldMaterials, SolverSettings, nested_models
from edu_opt.motor.geometry import Template, lamination_from_values, lamination_space
from edu_opt.motor.lamination_map import LaminationMapSettings, ampere_turn_scale, steel_reluctivity
from edu_opt.motor.ripple import LOAD, NO_LOAD, RIPPLE_ANGLES, peak_to_peak, sampled_torque, solved_points
from edu_opt.motor.rotor_layouts import ROTOR_LAYOUTS

REFERENCE_LEVEL, REFERENCE_ANGLES = "L", 3 * RIPPLE_ANGLES
STEEL, REMANENCE, RECOIL_PERMEABILITY = "NO20", 1.19, 1.05
TEMPLATES = {
    "ipm": (Template(rotor="ipm", slots_per_pole=6), 4.0),
    "eesm": (Template(rotor="eesm", slots_per_pole=9, coil_pitch=8), 3.0),
    "synrm": (Template(rotor="synrm", slots_per_pole=6, barriers=ROTOR_LAYOUTS["three_barriers"].barriers), 4.0),
}


def sampler(kind: str, level: str, angles: int) -> Callable[[jax.Array], jax.Array]:
    """Compiled: point (k,) of the unit cube -> torque (points, angles) [N m/m]."""
    template, pole_pairs = TEMPLATES[kind]
    grid, space = FieldGrid(template, level), lamination_space(template)
    curve = steel_reluctivity(STEEL)
    materials = FieldMaterials(
        stator_steel=curve,
        rotor_steel=curve,
        remanence=jnp.asarray(REMANENCE),
        magnet_permeability=jnp.asarray(RECOIL_PERMEABILITY),
    )
    points = [{"load": LOAD[kind], "no_load": NO_LOAD}[name] for name in names_of(kind)]

    @jax.jit
    def sampled(unit: jax.Array) -> jax.Array:
        lamination = lamination_from_values(template, jnp.asarray(pole_pairs), space.to_physical(unit))
        models = nested_models(grid, lamination, materials)
        scale = ampere_turn_scale(LaminationMapSettings(template), lamination)
        each = jax.lax.map(  # one point after the other: grid L takes much memory
            lambda at: sampled_torque(grid, models, at[None], np.zeros(1), SolverSettings(), angles)[0][0],
            jnp.asarray(points) * scale,
        )
        return each

    return sampled


def names_of(kind: str) -> tuple[str, ...]:
    """Points of a kind in the order of `sampler`."""
    return solved_points(TEMPLATES[kind][0], ("load", "no_load"))


def compare(kind: str, levels: list[str], designs: list[jax.Array]) -> None:
    """Print one kind's lines."""
    solve = sampler(kind, REFERENCE_LEVEL, REFERENCE_ANGLES)
    reference = np.array([np.ptp(np.asarray(solve(unit)), axis=1) for unit in designs])
    for level in levels:
        solve = sampler(kind, level, RIPPLE_ANGLES)
        model = np.array([[float(peak_to_peak(row)) for row in solve(unit)] for unit in designs])
        for k, name in enumerate(names_of(kind)):
            own, fine = model[:, k], reference[:, k]
            for number, (one, other) in enumerate(zip(own, fine, strict=True)):
                line = {"case": f"{kind}_{level}_{number + 1}", "quantity": name, "model": one, "reference": other}
                print(json.dumps(line | {"error": one / other - 1.0}), flush=True)
            ratio = own / fine
            spread = {"median": np.median(ratio), "smallest": ratio.min(), "largest": ratio.max()}
            spread["correlation"] = np.corrcoef(own, fine)[0, 1]
            rounded = {key: round(float(value), 2) for key, value in spread.items()}
            print(json.dumps({"summary": {"kind": kind, "grid": level, "quantity": name} | rounded}), flush=True)


def main() -> int:
    """Run the comparison."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kinds", default=",".join(TEMPLATES))
    parser.add_argument("--levels", default="XS,S,M")
    parser.add_argument("--designs", type=int, default=5)
    arguments = parser.parse_args()
    jax.config.update("jax_enable_x64", True)
    for kind in arguments.kinds.split(","):
        size = len(lamination_space(TEMPLATES[kind][0]))
        generators = [np.random.default_rng(seed + 1) for seed in range(arguments.designs)]
        compare(kind, arguments.levels.split(","), [jnp.asarray(g.uniform(0.3, 0.7, size)) for g in generators])
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
