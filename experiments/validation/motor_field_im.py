"""Induction motors in `experiments.validation.motor_field`: rotor-flux-oriented statics and slip points of a file.

Schema: `experiments/validation/references/make_im.py`. Tolerances: torque rms <= 1 % of the machine's maximum, flux rms
(stator, rotor) and bar current rms <= 1.5 % of theirs; torque and loss in the bars at given current and slip <= 4 %.
`induction_template`, `cage_of` and `compare_induction` are what motor_field calls for a rotor of type "im".
"""

from __future__ import annotations

import functools
import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from edu_opt.motor.cage import CageRotor, bar_area
from edu_opt.motor.cage_loss import bar_resistance_ratio
from edu_opt.motor.field import (
    Excitation,
    FieldGrid,
    FieldMaterials,
    FieldModel,
    cage_quantities,
    field_quantities,
    nested_models,
    solve_model,
)
from edu_opt.motor.geometry import Lamination, StatorGeometry, Template

TORQUE_TOLERANCE, FLUX_TOLERANCE, SLIP_TOLERANCE = 0.01, 0.015, 0.04
MILLIMETRE = 1e-3
SEARCH_ANGLES = (
    np.deg2rad([15.0, 30.0, 45.0, 60.0, 75.0]),
    np.deg2rad([-6.0, -3.0, 0.0, 3.0, 6.0]),
)  # of the current from the d axis: first, then around the angle found

Machine = dict[str, Any]
Line = tuple[str, float, float, float, float]  # quantity, model, reference, error, tolerance


def induction_template(definition: Machine) -> Template:
    """Topology of an induction machine of the file."""
    rotor, per_pole = definition["rotor"], definition["Q"] // (2 * definition["p"])
    sectors = 2 * definition["p"] / rotor["poles_per_sector"]
    return Template(
        rotor="im",
        slots_per_pole=per_pole,
        poles_per_sector=rotor["poles_per_sector"],
        slot_shape="wedge" if definition["stator"]["slot"]["H1"] > 1e-6 else "shoulder",
        bars_per_sector=round(rotor["bars"] / sectors),
        open_bars=rotor["bar"]["W0"] > 1e-6,
    )


def cage_of(rotor: Machine) -> CageRotor:
    """Rotor of the file [m]."""
    bar = {key: value * MILLIMETRE for key, value in rotor["bar"].items()}
    return CageRotor(
        outer_radius=rotor["R_ro"] * MILLIMETRE,
        shaft_radius=rotor["R_sh"] * MILLIMETRE,
        bridge=bar["H0"],
        opening_width=bar["W0"],
        bar_width_top=bar["W1"],
        bar_width_bottom=bar["W2"],
        bar_depth=bar["H2"],
        corner_radius_top=bar["R1"],
        corner_radius_bottom=bar["R2"],
    )


@functools.cache
def _solver(grid: FieldGrid):
    def one(models: tuple[FieldModel, ...], x: jax.Array) -> dict[str, jax.Array]:
        excitation = Excitation(
            slot_ampere_turns_d=x[0],
            slot_ampere_turns_q=x[1],
            field_ampere_turns=jnp.zeros(()),
            rotor_angle_electrical=x[2],
            bar_angle_electrical=x[3],
        )
        solution = solve_model(grid, models, excitation)
        stator = field_quantities(grid, models[0], excitation, solution)
        rotor = cage_quantities(grid, models[0], excitation, solution)
        return {
            "psi_d": stator.psi_d,
            "psi_q": stator.psi_q,
            "T": stator.torque_dq,
            "I_bar": rotor.bar_current,
            "psi_rd": rotor.psi_rd,
            "failed": ~solution.converged,
        }

    return jax.jit(jax.vmap(one, in_axes=(None, 0)))


@functools.cache
def _builder(grid: FieldGrid):
    return jax.jit(lambda lamination, materials, weights: nested_models(grid, lamination, materials, weights))


class _Solved:
    """Fields of one machine of the file, means over its rotor positions, in the file's units."""

    def __init__(self, machine: Machine, stator: StatorGeometry, materials: FieldMaterials, level: str) -> None:
        definition = machine["definition"]
        self.grid = FieldGrid(induction_template(definition), level)
        self.rotor = cage_of(definition["rotor"])
        lamination = Lamination(
            template=self.grid.template, stator=stator, rotor=self.rotor, pole_pairs=jnp.asarray(float(definition["p"]))
        )
        lamination = jax.tree.map(lambda value: jnp.asarray(value, float), lamination)
        weights = np.asarray(machine["winding_weights_one_pole"], float)
        repeats = [weights * (-1.0) ** k for k in range(definition["rotor"]["poles_per_sector"])]
        self.models = _builder(self.grid)(lamination, materials, jnp.asarray(np.concatenate(repeats)))
        self.length = definition["L_stk"] * MILLIMETRE
        self.conductors = definition["z_slot"] / definition["a_par"]
        row = machine["results"][0]
        self.positions = np.stack([row["frame"], row["bar"]], -1)
        self.failed = 0

    def at(self, i_d: float, i_q: float) -> dict[str, float]:
        """Quantities at terminal currents [A peak]."""
        currents = np.tile([i_d * self.conductors, i_q * self.conductors], (len(self.positions), 1))
        found = _solver(self.grid)(self.models, jnp.asarray(np.concatenate([currents, self.positions], 1)))
        scale = {"psi_d": self.conductors * self.length, "psi_q": self.conductors * self.length}
        scale |= {"T": self.length, "psi_rd": self.length, "I_bar": 1.0}
        self.failed += int(np.sum(found["failed"]))
        return {key: factor * float(np.mean(found[key])) for key, factor in scale.items()}


def compare_induction(
    machine: Machine, stator: StatorGeometry, materials: FieldMaterials, level: str = "M"
) -> list[Line]:
    """Lines (quantity, model, reference, error, tolerance) of one induction machine of the file."""
    solved, rows = _Solved(machine, stator, materials, level), machine["results"]
    found = [solved.at(row["id"], row["iq"]) for row in rows]
    lines = [_rms_line("torque_nm", [f["T"] for f in found], [r["T"] for r in rows], TORQUE_TOLERANCE)]
    model, reference = ([side["psi_d"] + 1j * side["psi_q"] for side in part] for part in (found, rows))
    lines.append(_rms_line("stator_flux_wb", model, reference, FLUX_TOLERANCE))
    for key, quantity in (("psi_rd", "rotor_flux_wb"), ("I_bar", "bar_current_a")):
        lines.append(_rms_line(quantity, [f[key] for f in found], [r[key] for r in rows], FLUX_TOLERANCE))
    for row in machine.get("slip_results", []):
        torque, loss = _slip_point(solved, machine["definition"], row)
        name = f"at_{row['I']:.0f}_a_{row['slip']:.1f}_rad_per_s"
        lines.append((f"torque_{name}_nm", torque, row["T"], abs(torque / row["T"] - 1.0), SLIP_TOLERANCE))
        lines.append((f"bar_loss_{name}_w", loss, row["P_bar"], abs(loss / row["P_bar"] - 1.0), SLIP_TOLERANCE))
    lines.append(("points_not_converged", solved.failed, 0.0, float(solved.failed), 0.5))
    return lines


def _rms_line(quantity: str, model: list[Any], reference: list[Any], tolerance: float) -> Line:
    m, r = np.asarray(model), np.asarray(reference)
    largest = float(np.abs(r).max())
    error = math.sqrt(float(np.mean(np.abs(m - r) ** 2))) / largest
    return quantity, float(np.abs(m).max()), largest, error, tolerance


def _slip_point(solved: _Solved, definition: Machine, row: Machine) -> tuple[float, float]:
    """Torque [N m] and loss in the bars [W] at a current and slip, rings without impedance.

    Of all angles of the current the cage is in steady state at the one where slip x rotor flux = N/2 R x bar current.
    """
    rho, area = definition["rotor"]["rho_bar"], float(bar_area(solved.rotor))
    ratio = float(bar_resistance_ratio(jnp.asarray(solved.rotor.bar_depth), jnp.asarray(rho), jnp.asarray(row["slip"])))
    resistance = 0.5 * definition["rotor"]["bars"] * ratio * rho * solved.length / area
    centre = 0.0
    for spread in SEARCH_ANGLES:
        angles = centre + spread
        found = [solved.at(row["I"] * math.cos(a), row["I"] * math.sin(a)) for a in angles]
        balance = [math.atan2(resistance * f["I_bar"], row["slip"] * f["psi_rd"]) for f in found]
        centre = float(np.interp(0.25 * math.pi, balance, angles))
    torque, current = (float(np.interp(centre, angles, [f[key] for f in found])) for key in ("T", "I_bar"))
    return torque, resistance * current**2
