"""Acceleration and top speed of cars: `python -m experiments.validation.vehicle_performance [--data FILE]`.

Every battery-electric car of the file that states a mass, a 0-100 km/h time and, for each motor, power, torque and
ratio is run with the torque envelope of its own data sheet (motor torque, then motor power; 97 % to the wheels): it
checks the vehicle's side (traction, weight transfer, rotating masses, road load, limits), not a drive unit's peak
rating. Torque rises with a jerk of 10 m/s^3; a system power of the file limits all units together. Missing tyre
radius, body or weight distribution are filled with one default for all cars, which is printed. Where the top speed is
limited (the units could go faster by power and motor speed), the model's is the limit; else it is what they give.
Tolerances: every 0-100 km/h within 0.4 s; top speed within 0.5 %.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

import edu_opt  # noqa: F401
from edu_opt.duty.road_load import RoadLoad, assumed_road_load
from edu_opt.numerics.constants import KILOMETRE_PER_HOUR, RPM
from edu_opt.numerics.pytree import replace
from edu_opt.vehicle.description import vehicle_from
from edu_opt.vehicle.model import Vehicle
from edu_opt.vehicle.performance import LAUNCH_JERK, acceleration_time, top_speed

DEFAULT = Path(__file__).resolve().parents[3] / "shared" / "reference" / "vehicles.json"
TIME_LIMIT, SPEED_LIMIT = 0.4, 0.005  # s; relative
GEAR_EFFICIENCY = 0.97
ROTOR_INERTIA = 0.05  # kg m^2, one motor (ASSUMED for all)
EPA_LOAD, DRIVER = 136.0, 86.0  # kg on the curb mass: equivalent test weight, acceleration run (ASSUMED)
DEFAULTS = {"r_tyre_m": 0.35, "cd": 0.28, "area_m2": 2.5, "crr": 0.009, "v_nom": 370.0, "batt_net_kwh": 70.0}
GRID = np.linspace(0.0, 85.0, 86)  # m/s

sprint = jax.jit(acceleration_time)
fastest = jax.jit(top_speed)


def value(row: dict[str, Any], key: str, used: list[str]) -> float:
    """Figure of a row, else the default for all cars (its key is added to `used`)."""
    if isinstance(row.get(key), dict):
        return float(row[key]["v"])
    used.append(key)
    return DEFAULTS[key]


def units(row: dict[str, Any]) -> list[dict[str, float]] | None:
    """(axle, power W, torque N m, ratio, top speed rad/s) of every motor; None where the file does not state them."""
    found = []
    for motor in row.get("motors", []):
        if not all(isinstance(motor.get(key), dict) for key in ("p_kw", "t_nm", "ratio")):
            return None
        sheet = {key: float(motor[key]["v"]) for key in ("p_kw", "t_nm", "ratio")}
        top = motor.get("n_max", {}).get("v")
        unit = {"power": sheet["p_kw"] * 1e3, "torque": sheet["t_nm"], "ratio": sheet["ratio"]}
        unit["top"] = np.inf if top is None else top * RPM
        axles = ("front", "rear") if "front+rear" in motor["axle"] else (motor["axle"],)
        found += [unit | {"rear": float(axle == "rear")} for axle in axles]
    return found or None


def mass_of(row: dict[str, Any]) -> float | None:
    """Curb mass [kg]; from the equivalent test weight where the file has no other."""
    if isinstance(row.get("mass_kg"), dict):
        return float(row["mass_kg"]["v"])
    return float(row["etw_kg"]["v"]) - EPA_LOAD if isinstance(row.get("etw_kg"), dict) else None


def road_load(row: dict[str, Any], mass: float, used: list[str]) -> RoadLoad:
    """Coast-down, else from body and tyres."""
    if isinstance(row.get("roadload"), dict):
        a, b, c = (float(row["roadload"]["v"][key]) for key in ("A_N", "B_N_per_mps", "C_N_per_mps2"))
        return RoadLoad(constant=a, linear=b, quadratic=c)
    return assumed_road_load(mass, value(row, "crr", used), value(row, "cd", used) * value(row, "area_m2", used))


def car_of(name: str, row: dict[str, Any], mass: float, found: list[dict[str, float]], used: list[str]) -> Vehicle:
    """Car of a row."""
    axles = [{"position": "rear" if u["rear"] else "front", "share": 1.0 / len(found)} for u in found]
    front = row.get("weight_dist_fr")
    values = {
        "test_mass_kg": mass + EPA_LOAD,
        "performance_mass_kg": mass + DRIVER,
        "drag_coefficient_1": 0.28,
        "frontal_area_m2": 2.5,
        "rolling_coefficient_1": 0.009,
        "wheel_radius_m": value(row, "r_tyre_m", used),
        "front_share_1": front["v"][0] / 100.0 if isinstance(front, dict) else 0.5,
        "wheelbase_m": 2.8,
        "battery_net_kwh": value(row, "batt_net_kwh", used),
        "battery_voltage_v": value(row, "v_nom", used),
        "battery_resistance_ohm": 0.08,
        "regeneration_power_kw": 100.0,
        "regeneration_deceleration_m_per_s2": 3.0,
    }
    if isinstance(row.get("system_kw"), dict):
        values["system_power_kw"] = float(row["system_kw"]["v"]) * GEAR_EFFICIENCY
    car = vehicle_from(name, {"application": "bev", "axles": axles, "values": values})
    return replace(car, road_load=road_load(row, mass + EPA_LOAD, used))


def envelope(found: list[dict[str, float]], radius: float) -> jax.Array:
    """Axle torque (A, S) [N m] of the data sheets over `GRID`, nothing beyond the motor's top speed."""
    rows = []
    for unit in found:
        motor = GRID / radius * unit["ratio"]
        torque = np.minimum(unit["torque"], unit["power"] / np.maximum(motor, 1e-6))
        rows.append(GEAR_EFFICIENCY * torque * unit["ratio"])
    return jnp.asarray(np.stack(rows))


def compare(name: str, row: dict[str, Any]) -> tuple[list[float], list[float]]:
    """(errors of the sprint [s], relative errors of the top speed) of a car; empty where the file lacks its figures."""
    found, mass = units(row), mass_of(row)
    if row.get("type") != "BEV" or found is None or mass is None:
        return [], []
    used: list[str] = []
    car = car_of(name, row, mass, found, used)
    radius = float(car.wheel_radius)
    torque = envelope(found, radius)
    inertia = sum(ROTOR_INERTIA * unit["ratio"] ** 2 for unit in found)
    times, speeds = [], []
    if isinstance(row.get("t0_100"), dict):
        ours = float(sprint(car, jnp.asarray(GRID), torque, inertia, jerk=LAUNCH_JERK))
        published = float(row["t0_100"]["v"])
        times.append(line(name, "0_100_km_per_h_s", ours, published, used))
    if isinstance(row.get("vmax"), dict):
        limit = float(row["vmax"]["v"])
        turning = min(unit["top"] / unit["ratio"] for unit in found) * radius
        able = float(fastest(car, jnp.asarray(GRID), torque, min(turning, float(GRID[-1])))) / KILOMETRE_PER_HOUR
        speeds.append(line(name, "top_speed_km_per_h", min(able, limit), limit, used) / limit)
    return times, speeds


def line(case: str, quantity: str, model: float, reference: float, used: list[str]) -> float:
    """Print one comparison; returns its error in the unit of the quantity."""
    found = {"case": case, "quantity": quantity, "model": model, "reference": reference}
    print(json.dumps(found | {"error": model / reference - 1.0, "defaults": sorted(set(used))}), flush=True)
    return model - reference


def main() -> int:
    """All cars of the file; 0 within the tolerances stated above."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DEFAULT)
    path = parser.parse_args().data
    if not path.is_file():
        print(json.dumps({"summary": {"skipped": f"reference data not here: {path.name}"}}))
        return 0
    rows = json.loads(path.read_text())["vehicles"]
    pairs = [compare(name, row) for name, row in rows.items()]
    times = np.abs([e for pair in pairs for e in pair[0]])
    speeds = np.abs([e for pair in pairs for e in pair[1]])
    within = bool(len(times) and (times <= TIME_LIMIT).all() and (speeds <= SPEED_LIMIT).all())
    summary = {
        "cases": len(times) + len(speeds),
        "median_abs_error": float(np.median(times)) if len(times) else None,
        "p90_abs_error": float(np.quantile(times, 0.9)) if len(times) else None,
        "worst": float(times.max()) if len(times) else None,
        "within_tolerance": within,
        "unit": "s",
        "within_0.4_s": int((times <= TIME_LIMIT).sum()),
        "sprints": len(times),
        "top_speeds_off": int((speeds > SPEED_LIMIT).sum()),
    }
    print(json.dumps({"summary": summary}))
    return 0 if within else 1


if __name__ == "__main__":
    sys.exit(main())
