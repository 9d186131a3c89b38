"""Search and check of the flux map's forms for layered rotors: sample points, kernel widths, polynomial terms.

Usage: python -m experiments.validation.flux_map_forms [--form synrm_6] [--search SECONDS] [--seed 0]

Dense maps of random laminations (grid XS, mean over the form's rotor angles) are the truth; the form sees its sample
points only. The search (random changes of the best few, a simple evolution strategy) uses the first `TRAINED` machines;
errors are printed for all. Errors: rms and largest, in shares of the map's largest flux and torque.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import time

import jax
import jax.numpy as jnp
import numpy as np

from edu_opt.motor.barriers import Barrier
from edu_opt.motor.field import FieldGrid, FieldMaterials, nested_models
from edu_opt.motor.flux_map import _covariance, _gram_matrix, _polynomial_gradients
from edu_opt.motor.flux_map_forms import FORMS, Block, KernelForm
from edu_opt.motor.geometry import Template, lamination_from_values, lamination_space
from edu_opt.motor.lamination_map import (
    LaminationMapSettings,
    ampere_turn_scale,
    sampled_fields,
    steel_reluctivity,
)

# Template, remanence [T], pole pairs of the machines that a form is for.
MACHINES = {
    "synrm_6": (Template(rotor="synrm", slots_per_pole=6, barriers=(Barrier(),) * 3), 0.0, 3.0),
    "assist_8": (Template(rotor="synrm", slots_per_pole=6, barriers=(Barrier(centre="magnet"),) * 3), 0.4, 3.0),
}
D_VALUES = (-1.0, -0.8, -0.6, -0.45, -0.3, -0.2, -0.1, 0.0)
Q_VALUES = (0.0, 0.1, 0.2, 0.3, 0.45, 0.6, 0.8, 1.0)
COUNT, TRAINED = 10, 6
POINTS = np.array([(d, q, 0.0) for d in D_VALUES for q in Q_VALUES if d * d + q * q <= 1.3])
_KEPT = 6


def dense_maps(form_name: str) -> tuple[np.ndarray, np.ndarray]:
    """Bases (machines, 3) [A] and unit fluxes (machines, points, 3) [Wb/m] of random laminations at `POINTS`, then at
    the form's own sample points."""
    template, remanence, pole_pairs = MACHINES[form_name]
    space, settings = lamination_space(template), LaminationMapSettings(template=template, form="ipm_6")
    steel, grid = steel_reluctivity("NO27"), FieldGrid(template, "XS")
    materials = FieldMaterials(
        stator_steel=steel,
        rotor_steel=steel,
        remanence=jnp.asarray(remanence),
        magnet_permeability=jnp.asarray(1.05),
    )
    points = np.concatenate([POINTS, FORMS[form_name].points])

    @jax.jit
    def one(values: jax.Array) -> tuple[jax.Array, jax.Array]:
        lamination = lamination_from_values(template, jnp.asarray(pole_pairs), values)
        scale = ampere_turn_scale(settings, lamination)
        models = nested_models(grid, lamination, materials)
        flux = sampled_fields(settings, models, jnp.asarray(points) * scale, settings.rotor_angles)[1]
        return scale, flux.reshape(len(points), -1, 3).mean(1)

    generator = np.random.default_rng(7)
    designs = space.low + generator.uniform(size=(COUNT, len(space))) * (space.high - space.low)
    found = [one(jnp.asarray(design)) for design in designs]
    return np.array([f[0] for f in found]), np.array([f[1] for f in found])


def errors(form: KernelForm, sampled: np.ndarray, scales: np.ndarray, fluxes: np.ndarray) -> np.ndarray:
    """(machines, 4): rms flux, rms torque, largest flux, largest torque error; `sampled` numbers the form's points
    among the maps' points."""
    points = np.concatenate([POINTS, np.array(form.points)])[: fluxes.shape[1]]
    own, count = points[sampled], len(points)
    cross = sum(_covariance(block, points, own, np) for block in form.blocks)
    for mirror in form.mirrors:
        cross = cross + sum(_covariance(block, points, own * mirror, np) for block in form.blocks) * mirror
    here, there = (_polynomial_gradients(form, at, np) for at in (points, own))
    cross = (cross + np.einsum("nti,mtj->nimj", here, there)).reshape(3 * count, -1)
    operator = cross @ np.linalg.inv(_gram_matrix(form, own, np))
    rows = []
    for scale, flux in zip(scales, fluxes, strict=True):
        model = (operator @ (flux[sampled] * scale).reshape(-1)).reshape(-1, 3) / scale
        off = np.hypot(*(model - flux)[:, :2].T) / np.hypot(*flux[:, :2].T).max()
        torque, own_torque = (v[:, 0] * points[:, 1] - v[:, 1] * points[:, 0] for v in (flux, model))
        wrong = np.abs(own_torque - torque) / np.abs(torque).max()
        rows.append([np.sqrt(np.mean(off**2)), np.sqrt(np.mean(wrong**2)), off.max(), wrong.max()])
    return np.array(rows)


def _form(base: KernelForm, sampled: np.ndarray, numbers: np.ndarray) -> KernelForm:
    """Form from eleven numbers: warps and lengths of the first block, amplitude and lengths of the second, quadratic
    term; offset and linear term (unused where even in i_d)."""
    warps, offset = tuple(np.exp(numbers[:2])), 0.0 if base.even_in_d else float(numbers[8])
    blocks = tuple(
        Block(
            amplitude=float(amplitude),
            directions=((1.0, 0.0, 0.0), (0.0, 1.0, 0.0)),
            offsets=(offset, 0.0),
            warps=warps,
            lengths=tuple(np.exp(lengths)),
        )
        for amplitude, lengths in ((1.0, numbers[2:4]), (min(np.exp(numbers[4]), 1.0), numbers[5:7]))
    )
    return dataclasses.replace(
        base,
        points=tuple((float(POINTS[k, 0]), float(POINTS[k, 1]), 0.0) for k in sampled),
        blocks=blocks,
        quadratic=float(np.exp(numbers[7])),
        linear=0.0 if base.even_in_d else float(np.exp(numbers[9])),
    )


def search(form_name: str, scales: np.ndarray, fluxes: np.ndarray, seconds: float, seed: int) -> KernelForm:
    """Best form found in the time."""
    base, generator = FORMS[form_name], np.random.default_rng(seed)
    size = np.hypot(POINTS[:, 0], POINTS[:, 1])
    allowed = np.flatnonzero((size > 0.05) & (size < 1.05))
    fluxes = fluxes[:TRAINED, : len(POINTS)]

    def score(trial: tuple[np.ndarray, np.ndarray]) -> float:
        try:
            found = errors(_form(base, *trial), trial[0], scales[:TRAINED], fluxes)
        except np.linalg.LinAlgError:
            return np.inf
        value = float(np.mean(found @ [1.0, 1.0, 0.25, 0.25]))
        return value if np.isfinite(value) else np.inf

    first = (
        generator.choice(allowed, len(base.points), replace=False),
        np.array([-0.7, -0.7, 0.0, -0.5, -2.8, -0.7, -1.4, 0.4, 0.2, 0.8]),
    )
    kept, end = [(score(first), first)], time.monotonic() + seconds
    while time.monotonic() < end:
        sampled, numbers = (part.copy() for part in kept[int(generator.integers(len(kept)))][1])
        if generator.uniform() < 0.5:
            sampled[generator.integers(len(sampled))] = generator.choice(np.setdiff1d(allowed, sampled))
        step = generator.choice([0.05, 0.15, 0.4]) * (generator.uniform(size=numbers.size) < 0.5)
        numbers = np.clip(numbers + generator.normal(size=numbers.size) * step, -4.0, 2.0)
        trial = (sampled, numbers)
        kept = sorted([*kept, (score(trial), trial)], key=lambda item: item[0])[:_KEPT]
    return _form(base, *kept[0][1])


def main() -> None:
    """Check one form, or search a better one."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--form", default="synrm_6", choices=sorted(MACHINES))
    parser.add_argument("--search", type=float, default=0.0)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    scales, fluxes = dense_maps(arguments.form)
    form = FORMS[arguments.form]
    sampled = len(POINTS) + np.arange(len(form.points))
    if arguments.search:
        form = search(arguments.form, scales, fluxes, arguments.search, arguments.seed)
        lookup = [int(np.flatnonzero((POINTS == np.array(p)).all(1))[0]) for p in form.points]
        sampled, fluxes = np.array(lookup), fluxes[:, : len(POINTS)]
        print(form)
    table = errors(form, sampled, scales, fluxes)
    for k, row in enumerate(table):
        names = ("flux_rms", "torque_rms", "flux_max", "torque_max")
        line = {"machine": k, "searched_over": k < TRAINED} | dict(zip(names, row.round(4).tolist(), strict=True))
        print(json.dumps(line))
    mean = table[TRAINED:].mean(0).round(4).tolist()
    print(json.dumps({"summary": {"form": arguments.form, "mean_error_of_machines_not_searched_over": mean}}))


if __name__ == "__main__":
    main()
