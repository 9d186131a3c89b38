"""Vehicle energy against EPA test cars: `python -m experiments.validation.vehicle_energy [--data FILE]`.

What is compared here is the vehicle's side: wheel work over UDDS and HWFET from the car's coast-down coefficients and
weight, and wall energy from that work at the mean drive efficiency that the file states for the car (charger 0.88,
250 W auxiliaries, full symmetric recuperation). The drive unit's own map is not in it yet, so the wall figures
check the chain of computation, not a drive unit.
Tolerances: wheel work 1 % (median) and 2 % (90 %), wall energy 2 % (median) and 4 % (90 %).
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import jax.numpy as jnp
import numpy as np

import edu_opt  # noqa: F401
from edu_opt.duty.cycles import load_cycle
from edu_opt.duty.duty_points import DutyPoints, wheel_energy, wheel_force
from edu_opt.duty.reduction import reduce_cycle
from edu_opt.duty.road_load import RoadLoad

DEFAULT = Path(__file__).resolve().parents[3] / "shared" / "reference" / "vehicles.json"
POINTS = 24  # duty points, as the main job uses them
CHARGER, AUXILIARIES = 0.88, 250.0
LIMITS = {"wheel": (0.01, 0.02), "wall": (0.02, 0.04)}  # median, 90 %


def line(case: str, quantity: str, model: float, reference: float) -> float:
    """Print one comparison; returns its absolute relative error."""
    error = model / reference - 1.0
    print(json.dumps({"case": case, "quantity": quantity, "model": model, "reference": reference, "error": error}))
    return abs(error)


def wall_energy(points: DutyPoints, mass: float, efficiency: float) -> float:
    """Wall energy [kWh/100 km] at one mean efficiency in both directions."""
    power = wheel_force(points, mass) * points.speed
    electrical = jnp.where(power > 0.0, power / efficiency, power * efficiency)
    joule = jnp.sum(electrical * points.duration) + AUXILIARIES * points.time
    return float(joule / points.distance) / 36.0 / CHARGER


def compare(row: dict, cycle_name: str) -> dict[str, list[float]]:
    """Errors of one car on one cycle."""
    road_load = RoadLoad(constant=row["A_N"], linear=row["B_Nspm"], quadratic=row["C_Ns2pm2"])
    points = reduce_cycle(load_cycle(cycle_name), road_load, row["ETW_kg"], POINTS)
    name = f"{row['make']} {row['model']} {cycle_name}"
    work = np.array(wheel_energy(points, row["ETW_kg"])) / float(points.distance) / 36.0
    keys = (f"{cycle_name}_wheel_pos", f"{cycle_name}_wheel_neg")
    wheel = [line(name, f"{k}_kWh_per_100km", float(w), row[k]) for k, w in zip(keys, work, strict=True)]
    wall = []
    if row.get(f"{cycle_name}_eta_drive"):
        ours = wall_energy(points, row["ETW_kg"], row[f"{cycle_name}_eta_drive"])
        wall.append(line(name, "wall_at_stated_drive_efficiency_kWh_per_100km", ours, row[f"{cycle_name}_wall_kWh100"]))
    return {"wheel": wheel, "wall": wall}


def main() -> int:
    """All cars of the file; 0 within the tolerances stated above."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DEFAULT)
    path = parser.parse_args().data
    if not path.is_file():
        print(json.dumps({"summary": {"skipped": f"reference data not here: {path.name}"}}))
        return 0
    errors: dict[str, list[float]] = {"wheel": [], "wall": []}
    for row in json.loads(path.read_text())["epa_my2022_ev_calibration"]["rows"]:
        for cycle_name in ("udds", "hwfet"):
            for kind, values in compare(row, cycle_name).items():
                errors[kind] += values
    quantiles = {k: (float(np.median(v)), float(np.quantile(v, 0.9))) for k, v in errors.items() if v}
    within = all(q[0] <= LIMITS[k][0] and q[1] <= LIMITS[k][1] for k, q in quantiles.items())
    everything = errors["wheel"] + errors["wall"]
    summary = {
        "cases": len(everything),
        "median_abs_error": float(np.median(everything)),
        "p90_abs_error": float(np.quantile(everything, 0.9)),
        "worst": float(max(everything)),
        "within_tolerance": within,
        "wheel_median_p90": quantiles.get("wheel"),
        "wall_median_p90": quantiles.get("wall"),
    }
    print(json.dumps({"summary": summary}))
    return 0 if within else 1


if __name__ == "__main__":
    sys.exit(main())
