"""Field solver against an independent finite-element code: flux, torque, ripple of whole machines.

Usage: python -m experiments.validation.motor_field [--data FILE] [--only NAME,NAME] [--level M] [--ripple-level L]

The file holds machines with pyleecan's parameter names (SlotW11, HoleM50, SlotW60; millimetres) and their results at
the means over equally spaced rotor positions of 60 electrical degrees. Tolerances: torque rms <= 1 % of the machine's
maximum torque, flux rms <= 1.5 % of its maximum flux (stator and field), ripple within 25 % wherever the reference's
ripple exceeds 5 % of maximum torque. Rotors: `vipm`, `eesm`, `poly` (outlines of voids and magnets: layered magnets,
synchronous reluctance) and `im` (see `motor_field_im`); machines that no template covers are named and skipped.
`--only published` checks, in their place, published points of two machines (see `published_points`): Prius 2004 torque
within 6 % of the largest at every angle and 3 % rms; Illiano's EESM torque within 5 %, voltage within 8 %.
"""

from __future__ import annotations

import argparse
import functools
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from edu_opt.motor.field import (
    Excitation,
    FieldGrid,
    FieldMaterials,
    FieldModel,
    FieldSolution,
    SolverSettings,
    field_quantities,
    nested_models,
    reluctivity_from_curve,
    solve_model,
)
from edu_opt.motor.field.elimination import Potentials
from edu_opt.motor.geometry import Lamination, SalientPoleRotor, SingleVRotor, StatorGeometry, Template
from experiments.validation import published_points
from experiments.validation.motor_field_im import cage_of, compare_induction, induction_template
from experiments.validation.polygon_rotor import layered_from_polygons

DEFAULT_DATA = Path(__file__).resolve().parents[3] / "shared" / "reference" / "motor_fem.json"
TORQUE_TOLERANCE, FLUX_TOLERANCE, RIPPLE_TOLERANCE, RIPPLE_FLOOR = 0.01, 0.015, 0.25, 0.05
PRIUS_TOLERANCE, PRIUS_RMS_TOLERANCE, ILLIANO_TOLERANCES = 0.06, 0.03, (0.05, 0.08)
POSITIONS = 7  # rotor positions of published points
CHUNK = 35  # operating points times rotor positions solved at once
CONTINUATIONS, SETTINGS = 4, SolverSettings(warm_steps=6)
MILLIMETRE = 1e-3
_SMALLEST_INNER_GAP = {True: 0.15e-3, False: 0.6e-3}  # m, meshable air between post (or d axis) and magnet

Machine = dict[str, Any]


def template_of(definition: Machine) -> Template:
    """Topology of a machine of the file."""
    rotor = definition["rotor"]
    per_pole, rest = divmod(definition["Q"], 2 * definition["p"])
    if rest:
        raise ValueError(f"{definition['Q']} slots on {2 * definition['p']} poles: not a whole number per pole")
    kind = {"eesm": "eesm", "vipm": "ipm"}.get(rotor["type"]) or ("ipm" if rotor["magnets"] else "synrm")
    return Template(
        rotor=kind,
        slots_per_pole=per_pole,
        slot_shape="wedge" if definition["stator"]["slot"]["H1"] > 1e-6 else "shoulder",
        post=rotor["type"] != "vipm" or rotor["hole"]["W1"] > 1e-6,
        barriers=layered_from_polygons(rotor)[0] if rotor["type"] == "poly" else (),
    )


def lamination_of(definition: Machine) -> Lamination:
    """Lamination of a machine of the file [m]."""
    build: dict[str, Callable[[Machine], Any]] = {
        "eesm": salient_pole_of,
        "vipm": single_v_of,
        "poly": lambda rotor: layered_from_polygons(rotor)[1],
    }
    lamination = Lamination(
        template=template_of(definition),
        stator=stator_of(definition),
        rotor=build[definition["rotor"]["type"]](definition["rotor"]),
        pole_pairs=jnp.asarray(definition["p"], float),
    )
    return jax.tree.map(lambda value: jnp.asarray(value, float), lamination)


def stator_of(definition: Machine) -> StatorGeometry:
    """Stator slot from SlotW11's parameters [m]."""
    stator, slot = definition["stator"], definition["stator"]["slot"]
    return StatorGeometry(
        outer_radius=stator["R_so"] * MILLIMETRE,
        bore_radius=stator["R_si"] * MILLIMETRE,
        opening_width=slot["W0"] * MILLIMETRE,
        tip_height=slot["H0"] * MILLIMETRE,
        wedge_height=slot["H1"] * MILLIMETRE,
        slot_width_top=slot["W1"] * MILLIMETRE,
        slot_width_bottom=slot["W2"] * MILLIMETRE,
        slot_depth=slot["H2"] * MILLIMETRE,
        corner_radius=slot.get("R1", 0.0) * MILLIMETRE,
    )


def salient_pole_of(rotor: Machine) -> SalientPoleRotor:
    """Rotor from SlotW60's parameters and the coil's clearances."""
    pole = {key: value * MILLIMETRE for key, value in rotor["pole"].items()}
    return SalientPoleRotor(
        outer_radius=rotor["R_ro"] * MILLIMETRE,
        shaft_radius=rotor["R_sh"] * MILLIMETRE,
        face_radius=pole["R1"],
        shoe_width=pole["W1"],
        shoe_height=pole["H1"],
        body_width=pole["W2"],
        body_height=pole["H2"],
        coil_clearance_top=pole["c_top"],
        coil_clearance_side=pole["c_side"],
        coil_clearance_bottom=pole["c_bot"],
    )


def single_v_of(rotor: Machine) -> SingleVRotor:
    """Rotor from HoleM50's parameters."""
    hole = {key: value * MILLIMETRE for key, value in rotor["hole"].items()}
    post = hole["W1"] > 1e-9
    return SingleVRotor(
        outer_radius=rotor["R_ro"] * MILLIMETRE,
        shaft_radius=rotor["R_sh"] * MILLIMETRE,
        bridge=hole["H1"],
        post_width=hole["W1"],
        web_width=hole["W3"],
        pocket_chord=hole["W0"],
        depth=hole["H0"],
        inner_gap=max(hole["W2"], _SMALLEST_INNER_GAP[post]),
        magnet_width=hole["W4"],
        magnet_thickness=hole["H3"],
        magnet_recess=hole["H2"],
    )


def materials_of(definition: Machine, curves: dict[str, list[list[float]]]) -> FieldMaterials:
    """Steel (both sides), stacking factor and magnet of a machine."""
    curve = np.asarray(curves[definition["steel"]], float)
    steel = reluctivity_from_curve(curve[:, 0], curve[:, 1], definition.get("k_stack", 1.0))
    return FieldMaterials(
        stator_steel=steel,
        rotor_steel=steel,
        remanence=jnp.asarray(definition.get("Br") or 0.0),
        magnet_permeability=jnp.asarray(definition.get("mu_r_mag") or 1.05),
    )


@functools.cache
def _builder(grid: FieldGrid):
    return jax.jit(lambda lamination, materials, weights: nested_models(grid, lamination, materials, weights))


@functools.cache
def _solver(grid: FieldGrid):
    def quantities(models: tuple[FieldModel, ...], excitation: Excitation, solution: FieldSolution) -> dict[str, Any]:
        found = field_quantities(grid, models[0], excitation, solution)
        return {
            "psi_d": found.psi_d,
            "psi_q": found.psi_q,
            "psi_f": found.psi_f,
            "torque": found.torque_dq,
            "torque_position": found.torque_virtual_work,
            "converged": solution.converged,
            "residual": solution.residual,
            "potentials": solution.potentials,
        }

    def again(models: tuple[FieldModel, ...], excitation: Excitation, start: Potentials) -> dict[str, jax.Array]:
        return quantities(models, excitation, solve_model(grid, models, excitation, start, SETTINGS))

    def cold(models: tuple[FieldModel, ...], excitation: Excitation) -> dict[str, jax.Array]:
        return quantities(models, excitation, solve_model(grid, models, excitation))

    return jax.jit(jax.vmap(cold, in_axes=(None, 0))), jax.jit(jax.vmap(again, in_axes=(None, 0, 0)))


def solve_points(grid: FieldGrid, models: tuple[FieldModel, ...], points: np.ndarray) -> dict[str, np.ndarray]:
    """Quantities of points (n, 4): slot d, slot q, field ampere-turns, rotor angle. Points that are not converged after
    the solver's fixed number of Newton steps go on from where they are, up to `CONTINUATIONS` times."""
    cold, again = _solver(grid)
    parts = [jax.tree.map(np.asarray, cold(models, _excitation(chunk))) for chunk in _chunks(points)]
    found = jax.tree.map(lambda *leaves: np.concatenate(leaves)[: len(points)], *parts)
    for _ in range(CONTINUATIONS):
        left = np.flatnonzero(~found["converged"])
        if not left.size:
            break
        for rows in _chunks(left):
            start = jax.tree.map(lambda leaf, r=rows: leaf[r], found["potentials"])
            better = again(models, _excitation(points[rows]), start)
            jax.tree.map(lambda old, new, r=rows: old.__setitem__(r, np.asarray(new)), found, better)
    del found["potentials"]
    return found


def solve_machine(machine: Machine, curves: dict[str, Any], level: str, rows: list[Machine]) -> dict[str, np.ndarray]:
    """Results (rows, positions) of a machine in the file's units, for some of its result rows."""
    definition = machine["definition"]
    grid = FieldGrid(template_of(definition), level)
    weights = jnp.asarray(machine["winding_weights_one_pole"], float)
    models = _builder(grid)(lamination_of(definition), materials_of(definition, curves), weights)
    positions = len(rows[0]["T_pos"])
    conductors = definition["z_slot"] / definition["a_par"]
    turns = definition.get("N_f") or 0
    currents = np.array([[r["id"] * conductors, r["iq"] * conductors, r.get("i_f", 0.0) * turns] for r in rows])
    angles = np.arange(positions) * np.pi / 3.0 / positions
    points = np.concatenate([np.repeat(currents, positions, 0), np.tile(angles, len(rows))[:, None]], 1)
    found = solve_points(grid, models, points)
    result = {key: value.reshape(len(rows), positions) for key, value in found.items()}
    length = definition["L_stk"] * MILLIMETRE
    scales = {"psi_d": conductors, "psi_q": conductors, "psi_f": turns, "torque": 1.0, "torque_position": 1.0}
    return result | {key: result[key] * length * scale for key, scale in scales.items()}


def _excitation(points: np.ndarray) -> Excitation:
    return Excitation(
        slot_ampere_turns_d=jnp.asarray(points[:, 0]),
        slot_ampere_turns_q=jnp.asarray(points[:, 1]),
        field_ampere_turns=jnp.asarray(points[:, 2]),
        rotor_angle_electrical=jnp.asarray(points[:, 3]),
    )


def _chunks(points: np.ndarray) -> Iterator[np.ndarray]:
    """Pieces of one size along the first axis; the last one is padded with copies of its last row."""
    for start in range(0, len(points), CHUNK):
        piece = points[start : start + CHUNK]
        yield np.concatenate([piece, np.repeat(piece[-1:], CHUNK - len(piece), 0)])


def _column(rows: list[Machine], key: str) -> np.ndarray:
    return np.array([r.get(key, 0.0) for r in rows], float)


def why_not(machine: Machine | None, curves: dict[str, Any]) -> str:
    """Reason why a machine lies outside the templates, "" if it does not."""
    if machine is None:
        return "no such machine in the file"
    definition = machine["definition"]
    kind = definition["rotor"]["type"]
    if kind not in ("vipm", "eesm", "poly", "im"):
        return f"no template for rotor type {kind}"
    try:
        if kind == "im":
            induction_template(definition), cage_of(definition["rotor"]), stator_of(definition)
            return ""
        grid = FieldGrid(template_of(definition), "XS")
        if np.shape(machine["winding_weights_one_pole"]) != (grid.template.slots_per_sector, 3):
            return "the winding does not repeat every pole"
        if len({len(row["T_pos"]) for row in machine["results"]}) != 1:
            return "the operating points have different numbers of rotor positions"
        weights = jnp.asarray(machine["winding_weights_one_pole"], float)
        _builder(grid)(lamination_of(definition), materials_of(definition, curves), weights)
    except (KeyError, ValueError, IndexError) as error:
        return f"outside the template: {error!r}"
    return ""  # a grid that folds is the template's fault: its errors count


def compare_machine(
    name: str, machine: Machine, curves: dict[str, Any], level: str, ripple_level: str
) -> list[Machine]:
    """Case lines of one machine; each carries its own tolerance."""
    if machine["definition"]["rotor"]["type"] == "im":
        definition = machine["definition"]
        lines = compare_induction(machine, stator_of(definition), materials_of(definition, curves), level)
        return [_case(name, *line) for line in lines]
    rows = machine["results"]
    found = solve_machine(machine, curves, level, rows)
    torque, largest = found["torque"].mean(1), np.abs(_column(rows, "T")).max()
    cases = [
        _case(
            name,
            "torque_nm",
            np.abs(torque).max(),
            largest,
            _rms(torque - _column(rows, "T")) / largest,
            TORQUE_TOLERANCE,
        )
    ]
    model_flux = found["psi_d"].mean(1) + 1j * found["psi_q"].mean(1)
    reference_flux = _column(rows, "psi_d") + 1j * _column(rows, "psi_q")
    scale = np.abs(reference_flux).max()
    error = _rms(np.abs(model_flux - reference_flux)) / scale
    cases.append(_case(name, "stator_flux_wb", np.abs(model_flux).max(), scale, error, FLUX_TOLERANCE))
    if machine["definition"].get("N_f"):
        field, reference = found["psi_f"].mean(1), _column(rows, "psi_f")
        scale = np.abs(reference).max()
        cases.append(
            _case(name, "field_flux_wb", np.abs(field).max(), scale, _rms(field - reference) / scale, FLUX_TOLERANCE)
        )
    failed = int((~found["converged"]).sum())
    rippling = [r for r in rows if np.ptp(r["T_pos"]) > RIPPLE_FLOOR * largest]
    if rippling and ripple_level != "none":
        fine = solve_machine(machine, curves, ripple_level, rippling)
        failed += int((~fine["converged"]).sum())
        model, reference = np.ptp(fine["torque_position"], axis=1), np.array([np.ptp(r["T_pos"]) for r in rippling])
        worst = int(np.argmax(np.abs(model / reference - 1.0)))
        error = abs(model[worst] / reference[worst] - 1.0)
        cases.append(
            _case(
                name,
                f"worst_ripple_of_{len(rippling)}_points_nm",
                model[worst],
                reference[worst],
                error,
                RIPPLE_TOLERANCE,
            )
        )
    cases.append(_case(name, "points_not_converged", failed, 0, float(failed), 0.5))
    return cases


def published_cases(level: str) -> list[Machine]:
    """Case lines of the machines with a few published operating points."""
    return [*_prius_cases(level), *_illiano_cases(level)]


def _prius_cases(level: str) -> list[Machine]:
    angles = np.deg2rad(list(published_points.PRIUS_TORQUE))
    reference = np.array(list(published_points.PRIUS_TORQUE.values()))
    currents = published_points.PRIUS_CURRENT * np.stack([np.cos(angles), np.sin(angles)], 1)
    rows = [{"id": d, "iq": q, "T_pos": [0.0] * POSITIONS} for d, q in currents]
    machine = published_points.with_winding(published_points.PRIUS)
    torque = solve_machine(machine, published_points.curves(), level, rows)["torque"].mean(1)
    shares = (torque - reference) / reference.max()
    worst, name = int(np.argmax(np.abs(shares))), "prius_2004_published"
    return [
        _case(name, f"torque_nm_at_{angle}_deg", torque[k], reference[k], abs(shares[k]), PRIUS_TOLERANCE)
        for k, angle in enumerate(published_points.PRIUS_TORQUE)
    ] + [_case(name, "torque_rms_nm", torque[worst], reference[worst], _rms(shares), PRIUS_RMS_TOLERANCE)]


def _illiano_cases(level: str) -> list[Machine]:
    points, machine = published_points.ILLIANO_POINTS, published_points.with_winding(published_points.ILLIANO)
    rows = [{"id": p[1], "iq": p[0], "i_f": p[2], "T_pos": [0.0] * POSITIONS} for p in points.values()]
    found = solve_machine(machine, published_points.curves(), level, rows)
    cases = []
    for k, (point, (*_, speed, torque, voltage)) in enumerate(points.items()):
        omega = published_points.ILLIANO["p"] * speed * np.pi / 30.0
        own = float(found["torque"][k].mean())
        own_voltage = omega * float(np.hypot(found["psi_d"][k].mean(), found["psi_q"][k].mean()))
        name = f"eesm_illiano_{point}"
        cases.append(_case(name, "torque_nm", own, torque, abs(own / torque - 1.0), ILLIANO_TOLERANCES[0]))
        cases.append(
            _case(name, "voltage_v", own_voltage, voltage, abs(own_voltage / voltage - 1.0), ILLIANO_TOLERANCES[1])
        )
    return cases


def _rms(values: np.ndarray) -> float:
    return float(np.sqrt(np.mean(np.asarray(values) ** 2)))


def _case(case: str, quantity: str, model: float, reference: float, error: float, tolerance: float) -> Machine:
    line = {
        "case": case,
        "quantity": quantity,
        "model": float(model),
        "reference": float(reference),
        "error": float(error),
    }
    return line | {"tolerance": tolerance, "within": bool(error <= tolerance)}


def summarize(cases: list[Machine]) -> Machine:
    """Last line of the script over the cases that were compared."""
    errors = np.array([c["error"] for c in cases if c["quantity"] != "points_not_converged"])
    worst = max(cases, key=lambda c: c["error"] / c["tolerance"])
    return {
        "summary": {
            "cases": len(cases),
            "median_abs_error": float(np.median(errors)),
            "p90_abs_error": float(np.percentile(errors, 90)),
            "worst": f"{worst['case']} {worst['quantity']} {worst['error']:.4f}",
            "within_tolerance": all(c["within"] for c in cases),
        }
    }


def main() -> int:
    """Run the comparison; exit code 0 within tolerance (or nothing to compare against), 1 otherwise."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA)
    parser.add_argument("--only", default="", help="comma-separated machine names, or 'published'")
    parser.add_argument("--level", default="M")
    parser.add_argument("--ripple-level", default="L", help="grid of the ripple check, or 'none'")
    arguments = parser.parse_args()
    if not arguments.data.is_file():
        print(json.dumps({"skipped": f"no reference data at {arguments.data}"}))
        return 0
    data = json.loads(arguments.data.read_text())
    chosen = [n for n in arguments.only.split(",") if n] or list(data["machines"])
    cases: list[Machine] = []
    for name in chosen if chosen != ["published"] else ():
        reason = why_not(data["machines"].get(name), data["bh_curves_H_B"])
        if reason:
            print(json.dumps({"case": name, "quantity": "skipped", "reason": reason}), flush=True)
            continue
        machine = data["machines"][name]
        for case in compare_machine(name, machine, data["bh_curves_H_B"], arguments.level, arguments.ripple_level):
            cases.append(case)
            print(json.dumps(case), flush=True)
    if arguments.only == "published":
        for case in published_cases(arguments.level):
            cases.append(case)
            print(json.dumps(case), flush=True)
    if not cases:
        print(json.dumps({"skipped": "no machine of a known template in the file"}))
        return 0
    summary = summarize(cases)
    print(json.dumps(summary), flush=True)
    return 0 if summary["summary"]["within_tolerance"] else 1


if __name__ == "__main__":
    sys.exit(main())
