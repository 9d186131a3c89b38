"""Motor mass and continuous torque against a design sheet of Motor-CAD (TUMFTM, "data_base_PSM_Lindinger").

Usage: python -m experiments.validation.motor_ratings [--data FILE] [--level XS] [--only CASE,CASE]

A sheet row gives stator diameter, stack, poles, slots per pole and phase, layers, slot ratios, bar, magnet thickness
ratio and V angle, motor length, housing diameter, maximum current; and, as results, mass, continuous torque and power
(their ratio is the speed of the rating). Rows with `Exitflag` 9 are left out. From these the script builds the motor of
`edu_opt`, solves its fields, and looks for the largest current whose steady temperatures stay within the limits.

What the sheet lacks, and what stands in for it (from the Motor-CAD files of the same data base, motors.json
`fea_reference_set`, and from "PSM (109).mot" in the repository that its note names; nothing is fitted to the sheet):
* bore 0.6847 x diameter, air gap 0.7, slot opening 0.358 x slot width, tooth tip 1 mm, shaft 0.306 x diameter, one
  parallel path, N42EH x 0.98, NO18 sheet; magnet thickness 0.0267 x diameter x ratio; bridge 0.7, post 2.77 mm.
* the width of the magnets: (0.184 + 0.0120 x poles) x pole pitch, the robust line (Theil, Sen) through the 18 files of
  the data base (median deviation 5 %, 90th percentile 36 %: widths and pole arcs are free variables of its optimizer
  that the sheet does not show, so that rows which agree in every column differ by +-14 % in continuous torque: a floor
  for any model). Pole arc 0.71 of the pole (0.3 to 1 in the files; what the grid of the field solver takes everywhere);
  the V is drawn flatter where it would reach the shaft.
* cooling: water-glycol at 65 degC, 6 l/min in the jacket, 2 l/min in a groove of the hollow shaft, no oil; limits
  180 degC winding, 150 degC magnets; 360 V for "400V", 648 V for "800V", modulation 0.97.

Tolerances: mass median <= 2 %, p90 <= 5 %; continuous torque median <= 12 %, p90 <= 30 %.
"""

from __future__ import annotations

import argparse
import functools
import json
import sys
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from edu_opt.materials.magnets import magnet, remanence
from edu_opt.materials.steel_tables import STEELS
from edu_opt.materials.steels import ElectricalSteel, electrical_steel
from edu_opt.motor.field import SolverSettings, reluctivity_from_curve
from edu_opt.motor.geometry import Lamination, SingleVRotor, StatorGeometry, Template
from edu_opt.motor.insulation import Insulation
from edu_opt.motor.lamination_map import LaminationMap, LaminationMapSettings, MapMaterials, lamination_map
from edu_opt.motor.mass import housing_mass, motor_masses, shaft_mass
from edu_opt.motor.model import (
    Motor,
    losses_at_temperatures,
    motor_from_values,
    motor_losses,
    shaft_torque,
    voltage,
)
from edu_opt.motor.results import MotorTemperatures, uniform_temperatures
from edu_opt.motor.thermal import Cooling, steady_temperatures
from edu_opt.motor.winding import OPENING_CLEARANCE
from edu_opt.numerics.pytree import pytree, replace

DEFAULT_DATA = Path(__file__).resolve().parents[3] / "shared" / "reference" / "motors.json"
TOLERANCES = {"mass_kg": (0.02, 0.05), "continuous_torque_n_m": (0.12, 0.30)}
LACKING = (
    "bore, air gap, slot opening, shaft, paths, materials; width of magnets and pole arc; cooling, temperature limits, "
    "DC voltage: see the script's docstring"
)
MILLIMETRE = 1e-3
CHUNK = 8  # rows at once
SOLVER = SolverSettings(cold_steps=20, tolerance=1e-3)

BORE_RATIO, SHAFT_RATIO, AIR_GAP = 0.6847, 0.306, 0.7e-3
TIP_HEIGHT, OPENING_RATIO, CORNER_RADIUS = 1.0e-3, 0.358, 1.5e-3
BRIDGE, POST, INNER_GAP, MAGNET_RECESS = 0.7e-3, 2.77e-3, 0.3e-3, 0.2e-3
POCKET_MARGIN, SMALLEST_WEB, SHAFT_SEPARATION = 0.5e-3, 1.2e-3, 5e-3  # m
MAGNET_THICKNESS_RATIO, POLE_ARC = 0.0267, 0.71
MAGNET_WIDTH_LAW = (0.184, 0.0120)  # magnet width / pole pitch = first + second x poles
LINER, COATING = 0.2e-3, 0.1e-3
SHAFT_WALL = 5.7e-3  # m, wall and groove of the hollow shaft, 2.84 each
SHAFT_END_RADIUS, SHAFT_EXTENSION = 21.25e-3, 30e-3  # m, outside the stack
STEEL, STACKING_FACTOR = "NO18", 0.97
MAGNET, REMANENCE_FACTOR, MAGNET_CELSIUS = "N42EH", 0.98, 100.0
DC_VOLTAGE, MODULATION = {"400V": 360.0, "800V": 648.0}, 0.97
WINDING_LIMIT, MAGNET_LIMIT = 180.0, 150.0
COOLANT_CELSIUS, JACKET_FLOW = 65.0, 6.0 / 60e3
SHAFT_GROOVE_FILM = 800.0  # W/m2K: 2 l/min through 2.84 x 18 mm is laminar to transitional, Nu 8 to 10
AMPLITUDES = np.linspace(0.02, 1.0, 48) ** 1.5  # share of the current at CURRENT_DENSITY (rms in copper)
ANGLES = np.radians(np.linspace(0.0, 85.0, 35))  # from q towards -d
CURRENT_DENSITY = 30e6  # A/m2 rms


@pytree
class Design:
    """One row of a sheet, SI units (leaves): `layers` conductors per slot, `current_max` rms, `speed` of its rating."""

    diameter: jax.Array
    stack: jax.Array
    pole_pairs: jax.Array
    layers: jax.Array
    slot_width_ratio: jax.Array
    slot_depth_ratio: jax.Array
    magnet_thickness_ratio: jax.Array
    v_angle: jax.Array
    bar_width: jax.Array
    bar_height: jax.Array
    motor_length: jax.Array
    current_max: jax.Array
    speed: jax.Array
    dc_voltage: jax.Array


def design_of(row: dict[str, float], dc_voltage: float) -> Design:
    """Row of a sheet -> design."""
    values = {
        "diameter": row["Stator Lam Dia [mm]"] * MILLIMETRE,
        "stack": row["Iron Length [mm]"] * MILLIMETRE,
        "pole_pairs": row["Pole Pairs"],
        "layers": 2.0 * row["Winding Layers / 2"],
        "slot_width_ratio": row["Ratio: Slot Width"],
        "slot_depth_ratio": row["Ratio: Slot Depth"],
        "magnet_thickness_ratio": row["Ratio: Magnet Thickness"],
        "v_angle": np.radians(row["Magnet Angle [°]"]),
        "bar_width": row["Copper Width [mm]"] * MILLIMETRE,
        "bar_height": row["Copper Height [mm]"] * MILLIMETRE,
        "motor_length": row["Motor Length [mm]"] * MILLIMETRE,
        "current_max": row["Maximum Current [A]"],
        "speed": row["Continuous Power [kW]"] * 1e3 / row["Continuous Torque [Nm]"],
        "dc_voltage": dc_voltage,
    }
    return Design(**{name: jnp.asarray(value, float) for name, value in values.items()})


def lamination_of(design: Design, slots_per_pole: int | Fraction) -> Lamination:
    """Lamination of a row: parallel-sided slots, one V of magnets a pole."""
    bore, slots = 0.5 * BORE_RATIO * design.diameter, 2.0 * design.pole_pairs * float(slots_per_pole)
    width = design.slot_width_ratio * 2.0 * jnp.pi * (bore + TIP_HEIGHT) / slots
    depth = design.slot_depth_ratio * (0.5 * design.diameter - bore)
    stator = {
        "outer_radius": 0.5 * design.diameter,
        "bore_radius": bore,
        "opening_width": OPENING_RATIO * width,
        "tip_height": TIP_HEIGHT,
        "wedge_height": 0.0,
        "slot_width_top": width,
        "slot_width_bottom": width,
        "slot_depth": depth - TIP_HEIGHT,
        "corner_radius": jnp.minimum(CORNER_RADIUS, 0.3 * width),
    }
    return Lamination(
        template=Template(rotor="ipm", slots_per_pole=slots_per_pole, slot_shape="shoulder"),
        stator=StatorGeometry(**{name: jnp.asarray(value, float) for name, value in stator.items()}),
        rotor=rotor_of(design, bore - AIR_GAP),
        pole_pairs=jnp.asarray(design.pole_pairs, float),
    )


def rotor_of(design: Design, radius: jax.Array) -> SingleVRotor:
    """V rotor with magnets after `MAGNET_WIDTH_LAW`, as far as they fit between post and pole arc."""
    half_pitch, pockets, shaft = 0.5 * jnp.pi / design.pole_pairs, radius - BRIDGE, 0.5 * SHAFT_RATIO * design.diameter
    thickness = MAGNET_THICKNESS_RATIO * design.diameter * design.magnet_thickness_ratio
    # Flatter than the sheet's V where that would reach the shaft (some 4-pole rows below 125 degrees).
    reach = pockets * (jnp.cos(POLE_ARC * half_pitch)) - shaft - SHAFT_SEPARATION - 1.2 * thickness
    flattest = jnp.arctan2(pockets * jnp.sin(POLE_ARC * half_pitch) - 0.5 * POST, reach)
    half_angle = jnp.maximum(0.5 * design.v_angle, flattest)
    lean = half_angle - half_pitch  # of the magnet against the q axis
    end = (thickness * jnp.cos(lean) + POCKET_MARGIN * jnp.sin(lean)) / pockets  # angle of the pocket's outer end
    corner = jnp.minimum(POLE_ARC * half_pitch, half_pitch - end - 0.5 * SMALLEST_WEB / pockets)
    corner_x, corner_y = pockets * jnp.cos(corner), pockets * jnp.sin(corner)
    line = (corner_y - 0.5 * POST) / jnp.sin(half_angle)
    web = half_pitch - corner - end
    width = (MAGNET_WIDTH_LAW[0] + MAGNET_WIDTH_LAW[1] * 2.0 * design.pole_pairs) * 2.0 * radius * half_pitch
    rotor = {
        "outer_radius": radius,
        "shaft_radius": shaft,
        "bridge": BRIDGE,
        "post_width": POST,
        "web_width": 2.0 * pockets * jnp.sin(web),
        "pocket_chord": 2.0 * corner_y,
        "depth": radius - corner_x + line * jnp.cos(half_angle),
        "inner_gap": INNER_GAP,
        "magnet_width": jnp.minimum(width, line - 2.0 * INNER_GAP),
        "magnet_thickness": thickness,
        "magnet_recess": MAGNET_RECESS,
    }
    return SingleVRotor(**{name: jnp.asarray(value, float) for name, value in rotor.items()})


def steel_of_the_files() -> ElectricalSteel:
    """Sheet with the files' stacking factor."""
    return replace(electrical_steel(STEEL), stacking_factor=jnp.asarray(STACKING_FACTOR))


def motor_of(design: Design, lamination: Lamination, fields: LaminationMap) -> Motor:
    """Motor of a row on its lamination; insulation and play such that the bars are the sheet's."""
    stator = lamination.stator
    motor = motor_from_values(
        "ipm",
        jnp.stack([design.stack, 0.5 * design.layers]),
        lamination=lamination,
        lamination_map=fields,
        steel=steel_of_the_files(),
        magnet=magnet(MAGNET),
        parallel_paths=1.0,
    )
    layer = (stator.slot_depth - 2.0 * LINER - OPENING_CLEARANCE) / design.layers
    insulation = Insulation(
        liner=jnp.asarray(LINER),
        coating=jnp.asarray(COATING),
        side_play=0.5 * (stator.slot_width_top - design.bar_width) - LINER - COATING,
        layer_play=layer - design.bar_height - 2.0 * COATING,
    )
    return replace(motor, winding=replace(motor.winding, insulation=insulation))


def mass_of(motor: Motor, design: Design) -> jax.Array:
    """Mass [kg] with the sheet's motor length and the files' hollow shaft."""
    masses = motor_masses(motor)
    housing = housing_mass(motor.dimensions.outer_radius, design.stack, design.motor_length)
    shaft = shaft_mass(motor.dimensions.shaft_radius, design.stack, SHAFT_WALL)
    ends = shaft_mass(SHAFT_END_RADIUS, design.motor_length - design.stack + SHAFT_EXTENSION, SHAFT_WALL)
    return masses.total - masses.housing - masses.shaft + housing + shaft + ends


def continuous_torque(motor: Motor, design: Design) -> dict[str, jax.Array]:
    """Largest shaft torque [N m] within temperatures, voltage and current, with maximum torque per ampere."""
    bar_area = design.bar_width * design.bar_height
    amplitude = jnp.asarray(AMPLITUDES) * 2.0**0.5 * CURRENT_DENSITY * bar_area
    warm = uniform_temperatures(jnp.asarray(MAGNET_CELSIUS))
    limit = MODULATION * design.dc_voltage / 3.0**0.5

    def at_amplitude(current: jax.Array) -> dict[str, jax.Array]:
        currents = current * jnp.stack([-jnp.sin(ANGLES), jnp.cos(ANGLES), jnp.zeros_like(ANGLES)], -1)
        electrical = motor.pole_pairs * design.speed
        size = jax.vmap(lambda i: jnp.linalg.norm(voltage(motor, i, electrical, jnp.asarray(WINDING_LIMIT))))(currents)
        torque = jax.vmap(lambda i: shaft_torque(motor, i, design.speed, warm))(currents)
        best = jnp.argmax(torque - 1e3 * jnp.maximum(size / limit - 1.0, 0.0) * jnp.abs(torque).max())
        hot = _steady(motor, currents[best], design.speed)
        return {
            "torque": torque[best],
            "voltage_ratio": size[best] / limit,
            "excess": jnp.maximum(hot.hot_spot - WINDING_LIMIT, hot.magnet - MAGNET_LIMIT),
            "winding": hot.hot_spot,
            "magnet": hot.magnet,
            "loss": motor_losses(motor, currents[best], design.speed, hot).total,
        }

    found = jax.lax.map(at_amplitude, amplitude)
    allowed = (found["excess"] <= 0.0) & (found["voltage_ratio"] <= 1.001)
    return found | {"amplitude": amplitude, "allowed": allowed}


def _steady(motor: Motor, currents: jax.Array, speed: jax.Array) -> MotorTemperatures:
    """Steady temperatures [degC] at constant currents, losses and temperatures in turn."""
    cooling = Cooling(
        coolant_celsius=jnp.asarray(COOLANT_CELSIUS),
        coolant_flow=jnp.asarray(JACKET_FLOW),
        oil_celsius=jnp.asarray(COOLANT_CELSIUS),
        end_winding_film=jnp.asarray(0.0),
        shaft_film=jnp.asarray(SHAFT_GROOVE_FILM),
    )
    start = uniform_temperatures(jnp.asarray(0.5 * (WINDING_LIMIT + COOLANT_CELSIUS)))
    cold = motor_losses(motor, currents, speed, start)

    def closer(at: MotorTemperatures, _: None) -> tuple[MotorTemperatures, None]:
        losses = losses_at_temperatures(motor, cold, currents, speed, at)
        hot = steady_temperatures(motor, losses, at, cooling, speed)
        return jax.tree.map(lambda t: jnp.clip(t, 0.0, 400.0), hot), None

    return jax.lax.scan(closer, start, None, length=4)[0]


@functools.cache
def _solver(settings: LaminationMapSettings):
    data = STEELS[STEEL]
    materials = MapMaterials(
        reluctivity=reluctivity_from_curve(data.field_strength, data.flux_density, STACKING_FACTOR),
        steel=steel_of_the_files(),
        remanence=REMANENCE_FACTOR * remanence(magnet(MAGNET), jnp.asarray(MAGNET_CELSIUS)),
        magnet_permeability=magnet(MAGNET).relative_permeability,
    )

    def one(design: Design) -> dict[str, Any]:
        lamination = lamination_of(design, settings.template.slots_per_pole)
        fields = lamination_map(settings, lamination, materials)
        motor = motor_of(design, lamination, fields)
        return continuous_torque(motor, design) | {
            "mass": mass_of(motor, design),
            "converged": fields.converged,
            "corner_jacobian": fields.corner_jacobian,
        }

    return jax.jit(jax.vmap(one))


def solve(designs: list[Design], slots_per_pole: int, level: str) -> dict[str, np.ndarray]:
    """Results of designs of one topology, leading axis the designs."""
    template = Template(rotor="ipm", slots_per_pole=slots_per_pole, slot_shape="shoulder")
    run = _solver(LaminationMapSettings(template=template, level=level, solver_settings=SOLVER))
    parts = []
    for start in range(0, len(designs), CHUNK):
        chunk = designs[start : start + CHUNK]
        chunk = chunk + [chunk[-1]] * (CHUNK - len(chunk))
        batch = jax.tree.map(lambda *leaves: jnp.stack(leaves), *chunk)
        parts.append(jax.tree.map(np.asarray, run(batch)))
    return jax.tree.map(lambda *leaves: np.concatenate(leaves)[: len(designs)], *parts)


def rated_torque(found: dict[str, np.ndarray], current_max: float) -> float:
    """Largest torque [N m] at the allowed currents up to `current_max` [A rms]; excess temperature interpolated."""
    fine = np.linspace(found["amplitude"][0], found["amplitude"][-1], 4000)
    at = {key: np.interp(fine, found["amplitude"], found[key]) for key in ("torque", "excess", "voltage_ratio")}
    allowed = (at["excess"] <= 0.0) & (at["voltage_ratio"] <= 1.001) & (fine <= 2.0**0.5 * current_max)
    return float(np.max(at["torque"][allowed], initial=0.0))


Entry = tuple[str, dict[str, float], Design]


def rows_of(data: dict[str, Any]) -> tuple[list[Entry], list[dict[str, str]]]:
    """(case name, row, design) of the rows of all sheets in the file; the rows that are left out, with the reason."""
    rows: list[Entry] = []
    left_out: list[dict[str, str]] = []
    for name, sheet in data["design_database_lindinger"]["sheets"].items():
        for values in sheet["rows"]:
            row = dict(zip(sheet["columns"], values, strict=True))
            case = f"{name}_{row['Index']}"
            if row["Exitflag"] == 9:
                left_out.append({"case": case, "quantity": "skipped", "reason": "Exitflag 9"})
            elif name not in DC_VOLTAGE:
                left_out.append({"case": case, "quantity": "skipped", "reason": f"no DC voltage known for {name}"})
            else:
                rows.append((case, row, design_of(row, DC_VOLTAGE[name])))
    return rows, left_out


def cases(rows: list[Entry], level: str) -> Iterator[dict[str, Any]]:
    """Mass and continuous torque of all rows, one topology after the other."""
    for holes in sorted({row["Hole Number"] for _, row, _ in rows}):
        group = [entry for entry in rows if entry[1]["Hole Number"] == holes]
        results = solve([design for _, _, design in group], 3 * int(holes), level)
        for k, (name, row, design) in enumerate(group):
            result = {key: value[k] for key, value in results.items()}
            torque = rated_torque(result, float(design.current_max))
            yield _case(name, "mass_kg", float(result["mass"]), row["Weight [kg]"])
            case = _case(name, "continuous_torque_n_m", torque, row["Continuous Torque [Nm]"])
            yield case | {"fields_ok": bool(result["converged"] and result["corner_jacobian"] > 0.0)}


def _case(name: str, quantity: str, model: float, reference: float) -> dict[str, Any]:
    error = model / reference - 1.0
    return {"case": name, "quantity": quantity, "model": model, "reference": reference, "error": error}


def summarize(found: list[dict[str, Any]]) -> dict[str, Any]:
    """Median, 90th percentile and worst error, by quantity and of all, and whether the tolerances hold."""
    by_quantity: dict[str, dict[str, float]] = {}
    within = True
    for quantity, (median_limit, tail_limit) in TOLERANCES.items():
        errors = np.abs([case["error"] for case in found if case["quantity"] == quantity])
        median, tail = float(np.median(errors)), float(np.percentile(errors, 90))
        within &= median <= median_limit and tail <= tail_limit
        by_quantity[quantity] = {"median_abs_error": median, "p90_abs_error": tail}
    errors = np.abs([case["error"] for case in found])
    worst = found[int(np.argmax(errors))]
    return {
        "cases": len(found),
        "median_abs_error": float(np.median(errors)),
        "p90_abs_error": float(np.percentile(errors, 90)),
        "worst": {key: worst[key] for key in ("case", "quantity", "error")},
        "within_tolerance": bool(within),
        "by_quantity": by_quantity,
    }


def main() -> int:
    """Run the comparison; exit code 0 within tolerance (or nothing to compare against), 1 otherwise."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA)
    parser.add_argument("--level", default="XS", help="field grid")
    parser.add_argument("--only", default="", help="comma-separated case names, e.g. 400V_1062")
    arguments = parser.parse_args()
    if not arguments.data.is_file():
        print(json.dumps({"skipped": f"no reference data at {arguments.data}"}))
        return 0
    jax.config.update("jax_enable_x64", True)
    rows, left_out = rows_of(json.loads(arguments.data.read_text()))
    rows = [entry for entry in rows if not arguments.only or entry[0] in arguments.only.split(",")]
    for line in ({"case": "all", "quantity": "assumed", "sheet_lacks": LACKING}, *left_out):
        print(json.dumps(line))
    if not rows:
        print(json.dumps({"skipped": "no row to compare in the file"}))
        return 0
    found = []
    for case in cases(rows, arguments.level):
        found.append(case)
        print(json.dumps(case), flush=True)
    summary = summarize(found)
    print(json.dumps({"summary": summary}), flush=True)
    return 0 if summary["within_tolerance"] else 1


if __name__ == "__main__":
    sys.exit(main())
