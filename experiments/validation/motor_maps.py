"""Whole-motor maps against Motor-CAD: `python -m experiments.validation.motor_maps [--data FILE] [--only NAMES]`.

Motors of `fea_reference_set` with a V-shaped interior rotor and whole slots per pole are built from dimensions,
winding and materials alone (fields, flux map, loss map, resistance, windage). The file's flux, iron and loss maps are
read to compare, and to leave out a record whose own flux map contradicts its torque map. Currents are chosen as Lab
does: least current for the shaft torque inside 0.97 U_DC / sqrt 3, at the file's magnet and winding temperatures.

Records are read by `motor_cad_machine`. A machine of that kind whose grid folds or whose fields do not converge is a
failure of ours: exit code 1.

Tolerances: torque at the largest current median 2 %, worst 6 %; base speed 8 %; on bars up to 4 mm high total loss
median 5 %, p90 15 %, and mean efficiency error 0.35 points above 10 % of the largest torque. Grid M, the 17 machines
that the template holds: torque 0.9 and 2.7 %, base speed worst 8.9 % (PSM (10016), where the file's own flux map gives
8.1 % by the same rule; the next is 6.2 %), loss 4.4 and 14.1 % (bars over 4 mm: 10 and 63 %, the one-dimensional AC
loss), efficiency 0.27 points; 6 minutes on a loaded 2-core machine.
"""

from __future__ import annotations

import argparse
import functools
import json
import sys
from pathlib import Path
from typing import Any, Protocol

import jax
import jax.numpy as jnp
import numpy as np

from edu_opt.materials.conductors import conductor, resistivity
from edu_opt.materials.coolants import air_warm
from edu_opt.materials.magnets import magnet
from edu_opt.materials.steels import electrical_steel
from edu_opt.motor.copper_loss import layers_resistance_ratio, reduced_height
from edu_opt.motor.dimensions import lamination_dimensions
from edu_opt.motor.field import FieldGrid, FieldMaterials, SolverSettings, nested_models
from edu_opt.motor.flux_map import fit_flux_map, flux_linkage_unit, sample_ampere_turns
from edu_opt.motor.geometry import Lamination, Template
from edu_opt.motor.iron_loss import fit_iron_loss_map, iron_losses_per_length, loss_coefficients
from edu_opt.motor.lamination_map import LaminationMapSettings, loss_channels, sampled_fields
from edu_opt.motor.magnet_loss import magnet_eddy_loss_per_speed
from edu_opt.motor.mechanical_loss import windage_torque
from edu_opt.motor.winding import Winding, end_winding_inductance
from edu_opt.numerics.constants import RPM, VACUUM_PERMEABILITY
from edu_opt.numerics.pytree import replace
from experiments.validation.motor_cad_machine import (
    MILLIMETRE,
    STACKING,
    Record,
    free_slot_permeance,
    lamination_of,
    largest_current,
    left_out,
    materials_of,
    meshable,
    voltage_limit,
)

DEFAULT = Path(__file__).resolve().parents[3] / "shared" / "reference" / "motors.json"
TORQUE_MEDIAN, TORQUE_WORST, BASE_SPEED = 0.02, 0.06, 0.08
LOSS_MEDIAN, LOSS_P90, EFFICIENCY, BAR_HEIGHT = 0.05, 0.15, 0.35, 4.0
FORM, ANGLES = "ipm_8", 4
FAILED = "machines_failed"
BASE_SHARE = 0.97  # base speed: torque still reaches this share of the largest (ID3 envelope: 0.973 at its base speed)
CURRENTS, PHASE_ADVANCES = np.linspace(0.0, 1.0, 41)[1:], np.linspace(0.0, 88.0, 45)


@functools.cache
def _sampler(template: Template, level: str):
    grid, angles = FieldGrid(template, level), np.pi / 3.0 * np.arange(ANGLES) / ANGLES

    def sample(lamination, materials, steel, ampere_turns):
        models = nested_models(grid, lamination, materials)
        settings = LaminationMapSettings(template, level=level, solver_settings=SolverSettings(nested_steps=13))
        solution, flux, fields = sampled_fields(settings, models, ampere_turns, angles)
        losses = loss_channels(grid, fields, steel, lamination.pole_pairs)
        return jnp.mean(flux, 1), losses, jnp.all(solution.converged)

    return jax.jit(sample)


@functools.cache
def _evaluator():
    """Unit flux (2,) and loss coefficients at ampere-turns (d, q) of many points."""

    def one(flux_map, iron, point):
        at = jnp.append(point, 0.0)
        flux = flux_linkage_unit(flux_map, at)
        return flux[:2], loss_coefficients(iron, flux_map, at, flux)

    return jax.jit(jax.vmap(one, in_axes=(None, None, 0)))


class MotorModel:
    """Our motor on a grid of currents (rows) and phase advances (columns): fluxes, torque, losses."""

    def __init__(self, machine: Record, lamination: Lamination, materials: FieldMaterials, level: str) -> None:
        self.machine, self.lamination = machine, lamination
        size, winding, magnetics = machine["dims_mm"], machine["winding"], machine["magnetics"]
        self.pole_pairs, self.length = 0.5 * size["Pole_Number"], size["Stator_Lam_Length"] * MILLIMETRE
        self.layers, paths = winding["Conductors/Slot"], magnetics["ParallelPaths"]
        share, peak = self.layers / paths, largest_current(machine)
        steel = replace(
            electrical_steel(machine["materials"]["Material_Stator_Lam_Back_Iron"]),
            stacking_factor=jnp.asarray(STACKING),
        )
        scale = jnp.array([share * peak, share * peak, 1.0])
        flux, losses, converged = _sampler(lamination.template, level)(
            lamination, materials, steel, sample_ampere_turns(FORM, scale)
        )
        self.converged = bool(converged)
        flux_map = fit_flux_map(FORM, scale, float(lamination.template.slots_per_pole), flux)
        iron = fit_iron_loss_map(flux_map, flux, losses)
        self.current, self.advance = peak * CURRENTS[:, None], np.deg2rad(PHASE_ADVANCES)[None]
        self.i_d, self.i_q = -self.current * np.sin(self.advance), self.current * np.cos(self.advance)
        points = share * np.stack([self.i_d.ravel(), self.i_q.ravel()], 1)
        unit, coefficients = _evaluator()(flux_map, iron, jnp.asarray(points))
        unit = np.asarray(unit) * share * self.length
        self.psi_d, self.psi_q = (unit[:, k].reshape(self.i_d.shape) for k in range(2))
        self.coefficients = np.asarray(coefficients)
        winding_record = Winding(
            conductors_per_slot=jnp.asarray(self.layers),
            parallel_paths=jnp.asarray(paths),
            coil_pitch=jnp.asarray(magnetics["MagThrow"]),
            metal=conductor("copper"),
        )
        leakage = float(end_winding_inductance(winding_record, lamination_dimensions(lamination)))
        turns = size["Slot_Number"] * self.layers / (6.0 * paths)
        per_slot = 12.0 / size["Slot_Number"] * turns**2 * VACUUM_PERMEABILITY * self.length
        leakage += per_slot * free_slot_permeance(machine)
        self.psi_d, self.psi_q = self.psi_d + leakage * self.i_d, self.psi_q + leakage * self.i_q
        self.torque = 1.5 * self.pole_pairs * (self.psi_d * self.i_q - self.psi_q * self.i_d)
        self._resistance(paths)

    def _resistance(self, paths: float) -> None:
        size, winding = self.machine["dims_mm"], self.machine["winding"]
        metal, celsius = conductor("copper"), jnp.asarray(self.machine["lab"]["TwindingCalc_MotorLAB"])
        self.resistivity = float(resistivity(metal, celsius))
        area = winding["Copper_Width"] * winding["Copper_Height"] * MILLIMETRE**2
        turns = size["Slot_Number"] * self.layers / (6.0 * paths)
        per_length = self.resistivity * turns / (paths * area)
        self.slot_resistance = per_length * 2.0 * self.length
        self.resistance = self.slot_resistance + per_length * winding["EWdg_MLT"] * MILLIMETRE

    def losses(self, speed: float) -> tuple[np.ndarray, np.ndarray]:
        """(copper, drag) losses [W] over the grid at a mechanical speed [rad/s]."""
        size, winding = self.machine["dims_mm"], self.machine["winding"]
        electrical = self.pole_pairs * speed
        frequency = jnp.asarray(electrical / (2.0 * np.pi))
        iron = jax.vmap(lambda c: jnp.sum(iron_losses_per_length(c, frequency)))(jnp.asarray(self.coefficients))
        geometry = lamination_dimensions(self.lamination)
        magnets = electrical * magnet_eddy_loss_per_speed(
            jnp.asarray(self.coefficients[:, -1]),
            jnp.asarray(electrical),
            width=geometry.magnet_width,
            length=jnp.asarray(self.length / size["AxialSegments"]),
            volume=geometry.magnet_area * self.length,
            resistivity=magnet(self.machine["materials"]["Material_Magnet"]).resistivity,
        )
        drag = (self.length * np.asarray(iron) + np.asarray(magnets)).reshape(self.i_d.shape)
        air = windage_torque(
            jnp.asarray(speed),
            geometry.rotor_radius,
            geometry.shaft_radius,
            geometry.air_gap,
            jnp.asarray(self.length),
            air_warm(),
        )
        height = reduced_height(
            jnp.asarray(winding["Copper_Height"] * MILLIMETRE),
            jnp.asarray(winding["Copper_Width"] / size["Slot_Width"]),
            jnp.asarray(electrical),
            jnp.asarray(self.resistivity),
        )
        extra = float(layers_resistance_ratio(height, jnp.asarray(self.layers), jnp.zeros(()))) - 1.0
        square = 1.5 * self.current**2 + 0.0 * self.advance
        return square * (self.resistance + self.slot_resistance * extra), drag + float(air) * speed

    def voltage(self, speed: float) -> np.ndarray:
        """Phase voltage [V peak] over the grid."""
        electrical = self.pole_pairs * speed
        v_d = self.resistance * self.i_d - electrical * self.psi_q
        v_q = self.resistance * self.i_q + electrical * self.psi_d
        return np.hypot(v_d, v_q)


class GridModel(Protocol):
    """What `loss_at` reads of a motor on a grid of currents (rows) and their angles (columns)."""

    machine: Record
    torque: np.ndarray
    current: np.ndarray
    advance: np.ndarray

    def losses(self, speed: float) -> tuple[np.ndarray, np.ndarray]:
        """(copper, drag) losses [W]."""

    def voltage(self, speed: float) -> np.ndarray:
        """Phase voltage [V peak]."""


def loss_at(model: GridModel, speed: float, torques: np.ndarray) -> np.ndarray:
    """Total loss [W] at shaft torques: least current inside the voltage limit; nan where there is none."""
    copper, drag = model.losses(speed)
    shaft, volts, limit = model.torque - drag / speed, model.voltage(speed), voltage_limit(model.machine)
    found = np.full(torques.size, np.nan)
    for row, torque in enumerate(torques):
        best = np.inf
        for column in range(shaft.shape[1]):
            above = np.flatnonzero((shaft[:-1, column] < torque) & (shaft[1:, column] >= torque))
            if not above.size:
                continue
            k = above[0]
            part = (torque - shaft[k, column]) / (shaft[k + 1, column] - shaft[k, column])
            blend = lambda values: values[k, column] + part * (values[k + 1, column] - values[k, column])  # noqa: B023, E731
            current = blend(model.current + 0.0 * model.advance)
            if blend(volts) <= limit and current < best:
                best, found[row] = current, blend(copper) + blend(drag)
    return found


def base_speed(model: MotorModel, top: float) -> float:
    """Speed [rpm] up to which the largest shaft torque stays above `BASE_SHARE` of its value at standstill."""
    fine = np.linspace(0.0, PHASE_ADVANCES[-1], 400)
    row = lambda values: np.interp(fine, PHASE_ADVANCES, np.broadcast_to(values, model.torque.shape)[-1])  # noqa: E731
    limit, still = voltage_limit(model.machine), row(model.torque).max()
    for rpm in np.arange(510.0, top, 100.0):
        allowed = row(model.voltage(rpm * RPM)) <= limit
        if (
            not allowed.any()
            or (row(model.torque) - row(model.losses(rpm * RPM)[1]) / (rpm * RPM))[allowed].max() < BASE_SHARE * still
        ):
            return rpm - 100.0
    return top


def line(case: str, quantity: str, model: float, reference: float, **more: Any) -> Record:
    """One printed line with its relative error."""
    record = {"case": case, "quantity": quantity, "model": float(model), "reference": reference}
    record |= {"error": float(model / reference - 1.0), **more}
    print(json.dumps(record), flush=True)
    return record


def failure(case: str, reason: str) -> Record:
    """A machine that the template should hold and does not: it counts against the tolerances."""
    record = {"case": case, "quantity": FAILED, "reason": reason, "error": float("nan")}
    print(json.dumps({key: value for key, value in record.items() if key != "error"}), flush=True)
    return record


def compare(name: str, model: MotorModel, reference: Record) -> list[Record]:
    """Lines of one machine: torque, base speed, losses over the map, efficiency."""
    slow = 10.0 * RPM
    torque = (model.torque - model.losses(slow)[1] / slow)[-1].max()
    cases = [line(name, "torque_nm", torque, reference["Tmax_Nm"])]
    rpm = base_speed(model, reference["nmax_rpm"])
    cases.append(line(name, "base_speed_rpm", rpm, reference["base_rpm"]))
    points = np.array(reference["points"])
    thin = model.machine["winding"]["Copper_Height"] <= BAR_HEIGHT
    for speed in np.unique(points[:, 0]):
        rows = points[points[:, 0] == speed]
        losses = loss_at(model, speed * RPM, rows[:, 1])
        for (_, torque, loss, efficiency), mine in zip(rows, losses, strict=True):
            where = f"{name}[{speed:g} rpm, {torque:g} N m]"
            if not np.isfinite(mine):
                print(json.dumps({"case": where, "quantity": "loss_w", "reason": "outside our envelope"}), flush=True)
                continue
            power = torque * speed * RPM
            quantity = "loss_w" if thin else "loss_thick_bar_w"
            points_off = 100.0 * power / (power + mine) - efficiency
            loaded = bool(torque > 0.1 * reference["Tmax_Nm"])
            cases.append(line(where, quantity, mine, loss, efficiency_error=points_off, loaded=loaded))
    return cases


def summarize(cases: list[Record]) -> Record:
    """Figures against the tolerances."""
    pick = lambda quantity: np.abs([c["error"] for c in cases if c["quantity"] == quantity])  # noqa: E731
    torque, base, loss, thick = (pick(q) for q in ("torque_nm", "base_speed_rpm", "loss_w", "loss_thick_bar_w"))
    efficiency = np.abs([c["efficiency_error"] for c in cases if c["quantity"] == "loss_w" and c["loaded"]])
    figures = {
        "torque_median": _share(torque, 0.5),
        "torque_worst": _share(torque, 1.0),
        "base_speed_worst": _share(base, 1.0),
        "loss_median": _share(loss, 0.5),
        "loss_p90": _share(loss, 0.9),
        "efficiency_mean_points": float(np.mean(efficiency)) if efficiency.size else None,
    }
    bars = (TORQUE_MEDIAN, TORQUE_WORST, BASE_SPEED, LOSS_MEDIAN, LOSS_P90, EFFICIENCY)
    outside = [n for (n, v), bar in zip(figures.items(), bars, strict=True) if v is not None and v > bar]
    failed = len(pick(FAILED))
    outside += [FAILED] * bool(failed)
    errors = np.concatenate([torque, base, loss])
    return {
        "cases": len(cases),
        "median_abs_error": _share(errors, 0.5),
        "p90_abs_error": _share(errors, 0.9),
        "worst": _share(errors, 1.0),
        "within_tolerance": bool(torque.size) and not outside,
        "machines": int(torque.size),
        FAILED: failed,
        "outside": outside,
        **figures,
        "thick_bars_loss_median": _share(thick, 0.5),
        "thick_bars_loss_p90": _share(thick, 0.9),
    }


def _share(errors: np.ndarray, share: float) -> float | None:
    return float(np.quantile(errors, share)) if errors.size else None


def pm_cases(data: Record, only: list[str], level: str) -> list[Record]:
    """All permanent-magnet machines of the file."""
    cases: list[Record] = []
    maps = data["efficiency_maps_fea"]
    for name, machine in data["fea_reference_set"]["machines"].items():
        if machine["motor_type"] != "BPM" or (only and not any(word in name for word in only)):
            continue
        reason, lamination = left_out(name, machine, maps), None
        if not reason:
            materials = materials_of(machine)
            lamination = lamination_of(machine)
            if not meshable(lamination, materials, level):
                cases.append(failure(name, f"the single-V template's grid {level} cannot hold the rotor (cells fold)"))
                continue
        if reason or lamination is None:
            print(json.dumps({"case": name, "quantity": "left_out", "reason": reason}), flush=True)
            continue
        model = MotorModel(machine, lamination, materials, level)
        if not model.converged:
            cases.append(failure(name, "a field solve did not converge"))
        cases += compare(name, model, maps[machine["map_key"]])
    return cases


def main(arguments: list[str] | None = None) -> int:
    """Exit code 0 within the tolerances, 1 outside; 0 with a note where the file is absent."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=DEFAULT)
    parser.add_argument("--only", default="", help="comma-separated parts of machine names")
    parser.add_argument("--level", default="M", help="grid of the field solves")
    chosen = parser.parse_args(arguments)
    if not chosen.data.is_file():
        print(json.dumps({"summary": {"skipped": f"no reference data at {chosen.data}"}}))
        return 0
    data = json.loads(chosen.data.read_text())
    cases = pm_cases(data, [word for word in chosen.only.split(",") if word], chosen.level)
    from experiments.validation.motor_maps_im import im_cases, im_summary  # it builds on this module

    induction = im_cases(data, [word for word in chosen.only.split(",") if word], chosen.level)
    summary = summarize(cases) | (im_summary(induction) if induction else {})
    summary["cases"] += len(induction)
    failed = any(c["quantity"] == FAILED for c in induction)
    summary["within_tolerance"] = bool(
        (summary["within_tolerance"] or not cases) and not summary.get("im_outside") and not failed
    )
    print(json.dumps({"summary": summary}))
    return 0 if summary["within_tolerance"] else 1


if __name__ == "__main__":
    sys.exit(main())
