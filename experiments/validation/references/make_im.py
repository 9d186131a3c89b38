"""Makes `im_fem.json`: NGSolve references of induction motors (extra `bench`).

Usage: python -m experiments.validation.references.make_im [--only NAME,...] [--parts static,slip]   (the rest of the
file is kept)

Schema: that of motor_fem.json with `rotor.type` "im". `rotor` has `bars` (all), `poles_per_sector` and `bar`: H0 iron
over a closed slot or height of its opening, W0 opening (0: closed), W1 and W2 full width at top and bottom, H2 depth,
R1 and R2 corner radii at top and bottom [mm]; `rho_bar` [ohm m]. `id`, `iq` are oriented on the rotor flux. Results
have two lists more for each row: `frame` and `bar`, electrical angles [rad] of the d axis from phase A and of bar 0
from the d axis, one a rotor position; and `I_bar` (amplitude of the bars' sinusoidal current layer, positive against
iq), `psi_rd` [Wb] (flux linkage conjugate to it). `slip_results` are transients at a frozen position: the stator's
current wave `I` (peak) turns at `slip` [electrical rad/s] over bars with their own eddy currents and end rings without
impedance; `T` and `P_bar` [W in the stack's bars] are means over 60 degrees of slip after `settle` [rad] of it; the
difference of T slip / p and P_bar shows how far from steady state they are.
"""

from __future__ import annotations

import argparse
import json
import math
from pathlib import Path
from typing import Any

import ngsolve as ng
import numpy as np

from edu_opt.materials.steel_tables import STEELS
from experiments.validation.references.im_sector import Position, Sector

FILE = Path(__file__).with_name("im_fem.json")
POSITIONS = 3
POINTS = ((0.12, 0.0), (0.3, 0.0), (0.2, 0.2), (0.15, 0.45), (0.35, 0.5), (0.3, 0.95), (0.5, 0.85), (0.7, 0.7))
SLIP_POINTS = ((0.25, 0.43), (0.35, 0.94))  # per unit of I_peak, in rotor-flux orientation
# Radians of slip before the mean (two time constants of a loaded cage, about), steps in 60 degrees.
SETTLE, STEPS = 4.0 * math.pi / 3.0, 8
# SyR-e iron_material.mat M250-35A (a subset of its points), H [A/m], B [T].
M250_35A = (
    (0.0, 0.0), (16.27, 0.03605), (27.51, 0.0998), (34.11, 0.1777), (39.8, 0.2724), (47.73, 0.4067), (58.94, 0.5791),
    (65.49, 0.6661), (79.93, 0.8201), (96.12, 0.9424), (115.46, 1.0417), (144.78, 1.1369), (169.8, 1.1892),
    (198.2, 1.2308), (243.0, 1.2749), (283.4, 1.3021), (350.1, 1.3331), (413.8, 1.3537), (495.2, 1.3731),
    (652.1, 1.3991), (845.3, 1.4215), (1231.0, 1.4539), (3661.0, 1.5838), (6952.5, 1.6989), (10584.0, 1.7782),
    (13490.0, 1.8204), (16808.0, 1.8552), (22315.0, 1.8952), (27806.0, 1.923), (35451.0, 1.9514), (54028.0, 1.9988),
    (97973.0, 2.0749), (339990.0, 2.3975),
)  # fmt: skip

DEFINITIONS: dict[str, dict[str, Any]] = {
    "asm_141nm": {
        "name": "Motor-CAD ASM_141Nm_140kW",
        "p": 3,
        "Q": 54,
        "L_stk": 103.38,
        "steel": "M250-35A",
        "k_stack": 0.97,
        "stator": {
            "R_si": 68.5,
            "R_so": 97.8,
            "slot": {"W0": 2.5, "H0": 1.0, "W1": 4.6, "H1": 0.75, "W2": 6.5, "H2": 16.15, "R1": 1.6},
        },
        "rotor": {
            "type": "im",
            "R_ro": 67.84,
            "R_sh": 10.5,
            "bars": 66,
            "poles_per_sector": 1,
            "bar": {"H0": 1.0, "W0": 0.0, "W1": 3.6, "W2": 2.35, "H2": 13.1, "R1": 0.5, "R2": 0.5},
            "rho_bar": 2.2e-8,
        },
        "z_slot": 2,
        "a_par": 1,
        "pitch": 9,
        "I_peak": 615.0,
        "src": "TUMFTM Motor-CAD file (dimensions, winding); closed slots, parallel teeth; slot and bar widths follow "
        "from tooth widths 3.52 and 2.75; wedge height, stacking factor and bar temperature assumed",
    },
    "audi_e_tron_like": {
        "name": "Audi e-tron induction machine, closed bars of assumed shape",
        "p": 2,
        "Q": 48,
        "L_stk": 120.0,
        "steel": "M400-50A",
        "k_stack": 0.95,
        "stator": {
            "R_si": 78.6,
            "R_so": 127.5,
            "slot": {"W0": 3.5, "H0": 0.5, "W1": 5.2, "H1": 0.5, "W2": 7.55, "H2": 18.0, "R1": 0.5},
        },
        "rotor": {
            "type": "im",
            "R_ro": 78.0,
            "R_sh": 35.0,
            "bars": 58,
            "poles_per_sector": 2,
            "bar": {"H0": 0.5, "W0": 0.0, "W1": 4.9, "W2": 3.12, "H2": 16.4, "R1": 1.0, "R2": 0.5},
            "rho_bar": 4.0e-8,
        },
        "z_slot": 6,
        "a_par": 2,
        "pitch": 12,
        "I_peak": 500.0,
        "src": "pyleecan AUDI_eTron.json and the notes' table (diameters, slots, bars, openings, teeth, 66 mm2 a bar); "
        "bridge of 0.5 mm, full pitch, I_peak and the aluminium's temperature are assumed (the file has no bridge)",
    },
    "tesla_model_s_like": {
        "name": "Tesla Model S induction machine, slot opening of the bars assumed",
        "p": 2,
        "Q": 60,
        "L_stk": 152.0,
        "steel": "M400-50A",
        "k_stack": 0.95,
        "stator": {
            "R_si": 78.5,
            "R_so": 127.0,
            "slot": {"W0": 2.9, "H0": 0.5, "W1": 4.3, "H1": 0.5, "W2": 6.3, "H2": 19.0, "R1": 0.5},
        },
        "rotor": {
            "type": "im",
            "R_ro": 77.9,
            "R_sh": 25.0,
            "bars": 74,
            "poles_per_sector": 2,
            "bar": {"H0": 0.7, "W0": 1.0, "W1": 3.05, "W2": 1.81, "H2": 14.6, "R1": 0.4, "R2": 0.4},
            "rho_bar": 2.2e-8,
        },
        "z_slot": 2,
        "a_par": 2,
        "pitch": 14,
        "I_peak": 1400.0,
        "src": "pyleecan TESLA_S.json (diameters, slots, bars, teeth, bar of 35.65 mm2); the file's isthmus of 7 mm x "
        "0.002 rad is taken for an error: opening 1.0 x 0.7 mm and the depth that gives the bar's area are assumed",
    },
}


def winding_weights(definition: dict[str, Any]) -> list[list[float]]:
    """Conductor fractions (slots of one pole, 3): two layers of 60-degree belts A, -C, B."""
    per_pole = definition["Q"] // (2 * definition["p"])
    belts = [(0, 1.0), (2, -1.0), (1, 1.0)]

    def layer(slot: int) -> np.ndarray:
        phase, sign = belts[slot % per_pole // (per_pole // 3)]
        return np.eye(3)[phase] * sign * (-1) ** (slot // per_pole)

    return [(0.5 * (layer(k) - layer(k - definition["pitch"]))).tolist() for k in range(per_pole)]


def positions(definition: dict[str, Any]) -> list[Position]:
    """Rotor positions: the d axis over 60 degrees, the bars over one pitch (in another order)."""
    pitch = 2.0 * math.pi * definition["p"] / definition["rotor"]["bars"]
    return [
        Position(frame=math.pi / 3.0 * k / POSITIONS, bar=pitch * (2 * k % POSITIONS) / POSITIONS)
        for k in range(POSITIONS)
    ]


def static_results(machine: dict[str, Any], curve: list[list[float]], fineness: float) -> list[dict[str, Any]]:
    """Rows of the statics: means over the positions."""
    definition, places = machine["definition"], positions(machine["definition"])
    found: list[list[dict[str, float]]] = [[] for _ in POINTS]
    for place in places:
        sector = Sector(machine, curve, place, fineness)
        for row, point in zip(found, POINTS, strict=True):
            sector.potential.vec[:] = 0.0
            row.append(sector.static(point[0] * definition["I_peak"], point[1] * definition["I_peak"]))
    rows = []
    for point, row in zip(POINTS, found, strict=True):
        mean = {key: float(np.mean([one[key] for one in row])) for key in row[0]}
        rows.append(
            {"id": point[0] * definition["I_peak"], "iq": point[1] * definition["I_peak"]}
            | mean
            | {"T_pos": [one["T"] for one in row], "frame": [p.frame for p in places], "bar": [p.bar for p in places]}
        )
    return rows


def slip_results(machine: dict[str, Any], curve: list[list[float]], fineness: float) -> list[dict[str, Any]]:
    """Transients at the slip at which each point's cage (stack only, direct current) is in steady state."""
    definition, rows = machine["definition"], []
    resistivity = definition["rotor"]["rho_bar"]
    sector = Sector(machine, curve, positions(definition)[1], fineness)
    for point in SLIP_POINTS:
        currents = (point[0] * definition["I_peak"], point[1] * definition["I_peak"])
        sector.potential.vec[:] = 0.0
        static = sector.static(*currents)
        resistance = resistivity * sector.length / sector.bar_area
        slip = 0.5 * definition["rotor"]["bars"] * resistance * static["I_bar"] / static["psi_rd"]
        found = sector.transient(currents, slip, resistivity, SETTLE, STEPS)
        rows.append({"I": math.hypot(*currents), "slip": slip, "settle": SETTLE, "started_from": static} | found)
    return rows


def magnetization_curve(name: str) -> list[list[float]]:
    """H [A/m], B [T] of a grade."""
    if name == "M250-35A":
        return [list(point) for point in M250_35A]
    data = STEELS[name]
    return [[float(h), float(b)] for h, b in zip(data.field_strength, data.flux_density, strict=True)]


def main() -> None:
    """Compute the machines asked for and put them into the file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="")
    parser.add_argument("--parts", default="static,slip")
    parser.add_argument("--fineness", type=float, default=1.0)
    arguments = parser.parse_args()
    ng.SetNumThreads(1)
    for name in [n for n in arguments.only.split(",") if n] or list(DEFINITIONS):
        definition = DEFINITIONS[name]
        machine: dict[str, Any] = {"definition": definition, "winding_weights_one_pole": winding_weights(definition)}
        machine = _stored().get("machines", {}).get(name, {}) | machine
        curve = magnetization_curve(definition["steel"])
        if "static" in arguments.parts:
            machine["results"] = static_results(machine, curve, arguments.fineness)
            _store(name, machine, curve)
        if "slip" in arguments.parts:
            machine["slip_results"] = slip_results(machine, curve, 1.3 * arguments.fineness)
            _store(name, machine, curve)
        print(name, flush=True)


def _stored() -> dict[str, Any]:
    return json.loads(FILE.read_text()) if FILE.is_file() else {"bh_curves_H_B": {}, "machines": {}}


def _store(name: str, machine: dict[str, Any], curve: list[list[float]]) -> None:
    data = _stored()
    data["title"] = "2-D nonlinear FE of induction motors (NGSolve): statics in rotor-flux orientation, slip transients"
    data["schema"] = __doc__.split("Schema: ")[1].strip()
    data["bh_curves_H_B"][machine["definition"]["steel"]] = curve
    data["machines"][name] = machine
    FILE.write_text(json.dumps(data, indent=1) + "\n")


if __name__ == "__main__":
    main()
