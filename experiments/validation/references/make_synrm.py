"""Makes `synrm_fem.json`: NGSolve references of layered rotors (extra `bench`).

Usage: python -m experiments.validation.references.make_synrm [--only NAME,...]   (keeps the file's other machines)
       python -m experiments.validation.references.make_synrm --check FILE --only NAME,...   (a `poly` machine of a file
       of the same schema, computed again: prints the differences)

Schema: that of motor_fem.json with `rotor.type` "poly". The d axis is the one across the barriers, so psi_d < psi_q
and a machine without magnets has torque at id < 0 < iq. Every dimension is assumed; windings have full-pitch belts.
`convergence` holds torque and flux of two points at one rotor angle, [on this mesh, on one half as wide].
"""

from __future__ import annotations

import argparse
import json
import math
import time
from pathlib import Path
from typing import Any

import ngsolve as ng
import numpy as np

from experiments.validation.references.polygon_sector import PolygonSector

FILE = Path(__file__).with_name("synrm_fem.json")
POSITIONS = 7
# Share of I_peak, angle from the q axis towards -d [degrees].
POINTS = ((0.3, 45), (0.6, 30), (0.6, 60), (1.0, 0), (1.0, 45), (1.0, 65), (1.0, 85))
# H [A/m], B [T]: M400-50A as in pyleecan's material library (a subset of its points); M19 29 gauge likewise.
CURVES = {
    "M400-50A": (
        (0, 0), (84.5, 0.5), (93.0, 0.6), (102.2, 0.7), (113.0, 0.8), (126.9, 0.9), (146.4, 1.0), (177.0, 1.1),
        (235.0, 1.2), (376.0, 1.3), (779.0, 1.4), (1813.0, 1.5), (3836.0, 1.6), (6989.0, 1.7), (11465.0, 1.8),
        (18600.0, 1.9), (31000.0, 2.0), (60000.0, 2.1), (120000.0, 2.2), (250000.0, 2.37),
    ),
    "M19": (
        (0, 0), (15.12, 0.05), (31.87, 0.2), (51.44, 0.5), (77.42, 0.8), (106.2, 1.0), (163.8, 1.2), (234.8, 1.3),
        (435.3, 1.4), (1108.0, 1.5), (2801.0, 1.6), (5591.0, 1.7), (9709.0, 1.8), (16041.0, 1.9), (31313.0, 2.0),
        (69763.0, 2.1), (129300.0, 2.18), (250000.0, 2.335),
    ),
}  # fmt: skip

Polygon = list[list[float]]


def _beyond(point: np.ndarray, direction: np.ndarray, radius: float) -> np.ndarray:
    """Where the ray from a point leaves the circle of a radius."""
    along = float(point @ direction)
    return point + direction * (math.sqrt(along**2 - float(point @ point) + radius**2) - along)


def _mirrored(half: np.ndarray) -> Polygon:
    return [[round(float(x), 6), round(-float(y), 6)] for x, y in half[::-1]]


def _points(half: np.ndarray) -> Polygon:
    return [[round(float(x), 6), round(float(y), 6)] for x, y in half]


def u_barrier(x: float, thickness: float, knee: float, lean: float, width: float, tip: float, start: float = 0.0):
    """Half outlines of a U: flat centre at `x` down to x - thickness from y = `start` to the knee, arm of `width`
    inclined `lean` [degrees] to the d axis, tip at radius `tip` [mm]; `start` 0: one polygon across the d axis."""
    direction = np.array([math.cos(math.radians(lean)), math.sin(math.radians(lean))])
    corner = np.array([x, knee])
    side = corner + width * np.array([-direction[1], direction[0]])
    far = side + direction * ((x - thickness - side[0]) / direction[0])
    return np.array(
        [
            [x, start],
            corner,
            _beyond(corner, direction, tip),
            _beyond(side, direction, tip),
            far,
            [x - thickness, start],
        ]
    )


def whole(half: np.ndarray) -> list[Polygon]:
    """One polygon across the d axis, or two beside a post."""
    if half[0, 1] > 0.0:
        return [_points(half), _mirrored(half)]
    return [_points(half[1:-1]) + _mirrored(half[1:-1])]


def arc_barrier(centre: float, inner: float, outer: float, tip: float, pieces: int = 16) -> list[Polygon]:
    """Barrier between two circles around (centre, 0), cut off at radius `tip` [mm]."""
    lines = []
    for radius in (inner, outer):
        last = math.acos((centre**2 + radius**2 - tip**2) / (2.0 * centre * radius))
        angles = np.linspace(-last, last, 2 * pieces + 1)
        lines.append(np.stack([centre - radius * np.cos(angles), radius * np.sin(angles)], 1))
    return [_points(np.concatenate([lines[0], lines[1][::-1]]))]


def flat_magnet(half: np.ndarray, width: float) -> tuple[list[Polygon], list[dict[str, Any]]]:
    """U barrier whose centre holds a magnet of half width `width`: two pockets, one magnet."""
    pocket = half.copy()
    pocket[[0, -1], 1] = width
    x, low = half[0, 0], half[-1, 0]
    magnet = [[x, -width], [x, width], [low, width], [low, -width]]
    return [_points(pocket), _mirrored(pocket)], [{"pts": magnet, "dir": [1.0, 0.0]}]


def v_magnets(
    x: float, tilt: float, start: float, length: float, thickness: float, lean: float, width: float, tip: float
):
    """Two magnets in a V that opens towards the gap (tilt [degrees]), from y = start, with pockets at both ends."""
    t = math.radians(tilt)
    along, down = np.array([math.sin(t), math.cos(t)]), np.array([-math.cos(t), math.sin(t)])
    first = np.array([x, start])
    last = first + length * along
    direction = np.array([math.cos(math.radians(lean)), math.sin(math.radians(lean))])
    corner = last + 1.2 * along
    side = corner + width * np.array([-direction[1], direction[0]])
    bottom = last + thickness * down
    system = np.stack([along, -direction], 1)
    far = bottom + along * np.linalg.solve(system, side - bottom)[0]
    pocket = np.array([last, corner, _beyond(corner, direction, tip), _beyond(side, direction, tip), far, bottom])
    lead = np.array([first - 0.5 * along, first, first + thickness * down, first - 0.5 * along + thickness * down])
    magnet = np.array([first, last, bottom, first + thickness * down])
    voids = [_points(pocket), _mirrored(pocket), _points(lead), _mirrored(lead)]
    magnets = [
        {"pts": _points(magnet), "dir": [-float(down[0]), -float(down[1])]},
        {"pts": _mirrored(magnet), "dir": [-float(down[0]), float(down[1])]},
    ]
    return voids, magnets


def _rotor(radius: float, shaft: float, *layers: tuple[list[Polygon], list[dict[str, Any]]]) -> dict[str, Any]:
    voids = [polygon for layer in layers for polygon in layer[0]]
    magnets = [magnet for layer in layers for magnet in layer[1]]
    return {"type": "poly", "R_ro": radius, "R_sh": shaft, "voids": voids, "magnets": magnets}


def _stator(bore: float, outer: float, **slot: float) -> dict[str, Any]:
    return {"R_si": bore, "R_so": outer, "slot": slot}


def definitions() -> dict[str, dict[str, Any]]:
    """Machines: U barriers without and with posts, ferrite in three layers, circular barriers, double-layer V."""

    def u(*shape: float) -> tuple[list[Polygon], list[dict[str, Any]]]:
        return whole(u_barrier(*shape)), []

    common = {"a_par": 1, "k_stack": 0.97, "mu_r_mag": 1.05}
    machines = {
        "synrm_4pole_u3": {
            "name": "synrm, 4 poles, 3 U barriers", "p": 2, "Q": 36, "L_stk": 140.0, "steel": "M400-50A",
            "stator": _stator(80.5, 128.0, W0=2.8, H0=1.0, W1=7.6, H1=1.5, W2=10.6, H2=22.0, R1=1.5),
            "rotor": _rotor(
                80.0, 25.0, u(66.0, 4.0, 14.0, 40.0, 4.0, 79.2), u(55.0, 6.0, 19.0, 42.0, 5.0, 79.2),
                u(41.0, 7.0, 24.0, 44.0, 6.0, 79.2),
            ),
            "z_slot": 10, "I_peak": 140.0,
        },
        "synrm_6pole_u2_posts": {
            "name": "synrm, 6 poles, 2 U barriers with posts", "p": 3, "Q": 54, "L_stk": 120.0, "steel": "M19",
            "stator": _stator(70.6, 108.0, W0=2.0, H0=0.8, W1=4.5, H1=0.8, W2=6.1, H2=18.0, R1=0.8),
            "rotor": _rotor(
                70.0, 22.0, u(60.0, 4.5, 10.5, 26.0, 4.0, 69.3, 0.6),
                u(49.5, 6.0, 15.5, 28.0, 5.0, 69.3, 0.6),
            ),
            "z_slot": 8, "I_peak": 120.0,
        },
        "pma_synrm_8pole_ferrite": {
            "name": "synrm with ferrite, 8 poles, 3 flat layers", "p": 4, "Q": 48, "L_stk": 150.0, "steel": "M400-50A",
            "stator": _stator(66.0, 104.0, W0=2.0, H0=0.9, W1=4.6, H1=0.9, W2=7.2, H2=20.0, R1=1.0),
            "rotor": _rotor(
                65.4, 24.0, flat_magnet(u_barrier(58.0, 4.0, 6.5, 20.0, 3.0, 64.8), 5.0),
                flat_magnet(u_barrier(50.5, 4.5, 9.0, 21.0, 3.0, 64.8), 7.3),
                flat_magnet(u_barrier(42.5, 5.0, 11.0, 22.0, 3.0, 64.8), 9.3),
            ),
            "z_slot": 8, "I_peak": 150.0, "Br": 0.40,
        },
        "synrm_4pole_arcs": {
            "name": "synrm, 4 poles, 3 circular barriers", "p": 2, "Q": 48, "L_stk": 130.0, "steel": "M19",
            "stator": _stator(75.5, 120.0, W0=2.2, H0=0.9, W1=5.2, H1=1.0, W2=7.6, H2=20.0, R1=1.0),
            "rotor": _rotor(
                75.0, 22.0, *((arc_barrier(106.0, a, b, 74.3), []) for a, b in ((44, 49), (54, 60), (65, 70)))
            ),
            "z_slot": 8, "I_peak": 120.0,
        },
        "ipm_8pole_double_v": {
            "name": "ipm, 8 poles, two V layers with posts", "p": 4, "Q": 48, "L_stk": 140.0, "steel": "M19",
            "stator": _stator(75.7, 110.0, W0=2.0, H0=0.9, W1=5.2, H1=0.9, W2=7.4, H2=18.0, R1=1.0),
            "rotor": _rotor(
                75.0, 32.0, v_magnets(65.5, 16.0, 1.2, 9.0, 3.5, 25.0, 2.6, 74.0),
                v_magnets(54.5, 20.0, 1.6, 15.0, 4.5, 24.0, 3.2, 74.0),
            ),
            "z_slot": 6, "I_peak": 220.0, "Br": 1.18,
        },
    }  # fmt: skip
    return {key: common | machine for key, machine in machines.items()}


def belts(slots_per_pole: int) -> list[list[float]]:
    """Full-pitch winding of three 60-degree belts (A, -C, B), share and sign of every phase in the slots of a pole."""
    per_belt = slots_per_pole // 3
    belt = ([1.0, 0.0, 0.0], [0.0, 0.0, -1.0], [0.0, 1.0, 0.0])
    return [belt[k // per_belt] for k in range(slots_per_pole)]


def results(
    machine: dict[str, Any], curve: Any, points: list[tuple[float, float]], fineness: float, frames: np.ndarray
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Result rows of points (id, iq) at rotor angles [electrical rad], and statistics."""
    began = time.perf_counter()
    rows: list[list[dict[str, Any]]] = [[] for _ in points]
    for frame in frames:
        sector = PolygonSector(machine, curve, float(frame), fineness)
        for row, (i_d, i_q) in zip(rows, points, strict=True):
            row.append(sector.solve_point(i_d, i_q))
    table = []
    for (i_d, i_q), row in zip(points, rows, strict=True):
        mean = {key: float(np.mean([r[key] for r in row])) for key in ("psi_d", "psi_q", "T", "T_dq")}
        torques = [round(r["T"], 4) for r in row]
        table.append({"id": i_d, "iq": i_q} | mean | {"T_ripple_pp": float(np.ptp(torques)), "T_pos": torques})
    return table, {"ndof": sector.unknowns, "n_positions": len(frames), "wall_s": time.perf_counter() - began}


def _frames(count: int) -> np.ndarray:
    return math.pi / 3.0 * np.arange(count) / count


def convergence(machine: dict[str, Any], curve: Any, points: list[tuple[float, float]]) -> list[dict[str, Any]]:
    """Torque [N m] and flux linkages [Wb] of points at one rotor angle, on the file's mesh and on one half as wide."""
    both = [results(machine, curve, points, fineness, _frames(1)) for fineness in (1.0, 0.5)]
    return [
        {"id": coarse["id"], "iq": coarse["iq"], "ndof": [statistics["ndof"] for _, statistics in both]}
        | {key: [coarse[key], fine[key]] for key in ("T_dq", "psi_d", "psi_q")}
        for coarse, fine in zip(*(table for table, _ in both), strict=True)
    ]


def make(definition: dict[str, Any]) -> dict[str, Any]:
    """One machine of the file with its results and a convergence check."""
    machine = {"definition": definition, "winding_weights_one_pole": belts(definition["Q"] // (2 * definition["p"]))}
    curve, peak = CURVES[definition["steel"]], definition["I_peak"]
    points = [(-peak * r * math.sin(math.radians(a)), peak * r * math.cos(math.radians(a))) for r, a in POINTS]
    if definition.get("Br"):
        points.insert(0, (0.0, 0.0))
    table, statistics = results(machine, curve, points, 1.0, _frames(POSITIONS))
    check = convergence(machine, curve, [points[1], points[-3]])
    return machine | {"results": table, "stats": statistics, "convergence": check}


def check_file(path: Path, names: list[str]) -> None:
    """Computes some points of other files' machines again and prints what differs."""
    data = json.loads(path.read_text())
    for name in names:
        machine = data["machines"][name]
        rows = machine["results"][:: max(1, len(machine["results"]) // 6)]
        curve = data["bh_curves_H_B"][machine["definition"]["steel"]]
        found, _ = results(machine, curve, [(r["id"], r["iq"]) for r in rows], 1.0, _frames(len(rows[0]["T_pos"])))
        for row, own in zip(rows, found, strict=True):
            print(json.dumps({key: [row[key], own[key]] for key in ("id", "iq", "psi_d", "psi_q", "T", "T_ripple_pp")}))


def main() -> None:
    """Compute and write, or check."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="")
    parser.add_argument("--check", type=Path)
    arguments = parser.parse_args()
    names = [n for n in arguments.only.split(",") if n]
    ng.SetNumThreads(1)
    if arguments.check:
        check_file(arguments.check, names)
        return
    machines = json.loads(FILE.read_text())["machines"] if FILE.is_file() else {}
    for name, definition in definitions().items():
        if names and name not in names:
            continue
        machines[name] = make(definition)
        print(json.dumps({"machine": name, **machines[name]["stats"], "convergence": machines[name]["convergence"]}))
        order = {key: machines[key] for key in definitions() if key in machines}
        document = {
            "title": "NGSolve references of layered rotors (synchronous reluctance, ferrite-assisted, double-layer V)",
            "made_by": "experiments/validation/references/make_synrm.py",
            "bh_curves_H_B": CURVES,
            "machines": order,
        }
        FILE.write_text(json.dumps(document, indent=1) + "\n")


if __name__ == "__main__":
    main()
