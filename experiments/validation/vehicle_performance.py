"""Acceleration and top speed of cars: `python -m experiments.validation.vehicle_performance [--data FILE]`.

Every battery-electric car of the file that states a mass, a 0-100 km/h time and, for each motor, power, torque and
ratio is run with the torque envelope of its own data sheet (motor torque, then motor power; 97 % to the wheels): it
checks the vehicle's side (traction, weight transfer, rotating masses, road load, limits), not a drive unit's peak
rating. Torque rises with a jerk of 10 m/s^3; a system power of the file limits all units together. Missing tyre
radius, body or weight distribution are filled with one default for all cars, which is printed. Where the top speed is
limited (the units could go faster by power and motor speed), the model's is the limit; else it is what they give.
A motor's `axle` says where and how often it is: "front", "rear", "front+rear (2 identical)" (one on each), "rear (2
identical)" (both there); motors of one axle add up, alike or not.
A row that cannot be read (a figure that is no number, an axle in other words, out of the range of cars) is one line
{"case", "skipped"}; a file that cannot be, one line on stderr and exit code 2.
Tolerances: every 0-100 km/h within 0.4 s; top speed within 0.5 %.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

import edu_opt  # noqa: F401
from edu_opt.numerics.constants import KILOMETRE_PER_HOUR, RPM
from edu_opt.vehicle.description import BODY, COAST_DOWN, vehicle_from
from edu_opt.vehicle.model import Vehicle
from edu_opt.vehicle.performance import LAUNCH_JERK, acceleration_time, top_speed
from experiments.validation.vehicle_rows import is_number, read_rows, skipped

DEFAULT = Path(__file__).resolve().parents[3] / "shared" / "reference" / "vehicles.json"
TIME_LIMIT, SPEED_LIMIT = 0.4, 0.005  # s; relative
GEAR_EFFICIENCY = 0.97
ROTOR_INERTIA = 0.05  # kg m^2, one motor (ASSUMED for all)
EPA_LOAD, DRIVER = 136.0, 86.0  # kg on the curb mass: equivalent test weight, acceleration run (ASSUMED)
DEFAULTS = {"r_tyre_m": 0.35, "cd": 0.28, "area_m2": 2.5, "crr": 0.009, "v_nom": 370.0, "batt_net_kwh": 70.0}
COEFFICIENTS = ("A_N", "B_N_per_mps", "C_N_per_mps2")  # of a coast-down, in the order of `COAST_DOWN`
GRID = np.linspace(0.0, 85.0, 86)  # m/s

# Where a motor is, a remark without another count or place in it, how many there are or another such remark.
COUNTS = {"one": 1, "two": 2, "three": 3, "four": 4}
REMARK = r"(?:(?!front|rear|two|three|four|twin|dual|each)[^()\d+])*"
NUMBER = rf"(?P<number>\d{{1,2}}|{'|'.join(COUNTS)}) identical"
AXLE_TEXT = re.compile(rf"(?P<where>front ?\+ ?rear|front|rear)\b{REMARK}(?:\((?:{NUMBER}|{REMARK})\))?")

sprint = jax.jit(acceleration_time)
fastest = jax.jit(top_speed)


def figure(row: dict[str, Any], key: str) -> float | None:
    """Figure {"v": number above 0} of a row or motor, None where it states none; ValueError where it is another."""
    given = row.get(key)
    if given is None:
        return None
    number = given.get("v") if isinstance(given, dict) else None
    if not is_number(number) or number <= 0.0:
        raise ValueError(f'{key}: must be {{"v": number above 0}}, got {given!r:.60}')
    return float(number)


def value(row: dict[str, Any], key: str, used: list[str]) -> float:
    """Figure of a row, else the default for all cars (its key is added to `used`)."""
    found = figure(row, key)
    if found is None:
        used.append(key)
        return DEFAULTS[key]
    return found


def places(axle: Any) -> dict[str, int]:
    """{axle: motors there} of a motor's `axle`, for instance "front+rear (2 identical)"; ValueError for other words."""
    found = AXLE_TEXT.fullmatch(str(axle).strip().lower())
    if found is None:
        raise ValueError(f"axle of a motor: must be front, rear or front+rear, with (N identical), got {axle!r}")
    axles = ("front", "rear") if "+" in found["where"] else (found["where"],)
    number = found["number"]
    count = len(axles) if number is None else COUNTS.get(number) or int(number)
    if count == 0 or count % len(axles):
        raise ValueError(f"axle of a motor: {count} motors on {len(axles)} axle(s), got {axle!r}")
    return dict.fromkeys(axles, count // len(axles))


def units(row: dict[str, Any]) -> list[dict[str, float]] | None:
    """(rear 1 or 0, power W, torque N m, ratio, top speed rad/s) of every motor; None where the file does not state
    them. ValueError where they cannot be read."""
    motors = row.get("motors") or []
    if not isinstance(motors, list) or not all(isinstance(motor, dict) for motor in motors):
        raise ValueError(f"motors: must be a list of objects, got {motors!r:.60}")
    found: list[dict[str, float]] = []
    for motor in motors:
        power, torque, ratio = (figure(motor, key) for key in ("p_kw", "t_nm", "ratio"))
        if power is None or torque is None or ratio is None:
            return None
        top = figure(motor, "n_max")
        unit = {"power": power * 1e3, "torque": torque, "ratio": ratio, "top": np.inf if top is None else top * RPM}
        for axle, count in places(motor.get("axle")).items():
            found += [unit | {"rear": float(axle == "rear")}] * count
    return found or None


def mass_of(row: dict[str, Any]) -> float | None:
    """Curb mass [kg]; from the equivalent test weight where the file has no other."""
    curb, test = figure(row, "mass_kg"), figure(row, "etw_kg")
    return test - EPA_LOAD if curb is None and test is not None else curb


def road_load(row: dict[str, Any], used: list[str]) -> dict[str, float]:
    """Coast-down, else body and tyres, as values of a vehicle's description."""
    measured = row.get("roadload")
    if measured is not None:
        given = measured.get("v") if isinstance(measured, dict) else None
        stated = [given.get(key) for key in COEFFICIENTS] if isinstance(given, dict) else []
        found = [float(number) for number in stated if is_number(number)]
        if len(found) < len(COEFFICIENTS):
            raise ValueError(f'roadload: must be {{"v": {{{", ".join(COEFFICIENTS)}}}}}, got {measured!r:.60}')
        return dict(zip(COAST_DOWN, found, strict=True))
    return dict(zip(BODY, (value(row, key, used) for key in ("cd", "area_m2", "crr")), strict=True))


def front_share(row: dict[str, Any]) -> float:
    """Static load on the front axle over the weight; half where the file does not state it."""
    given = row.get("weight_dist_fr")
    if given is None:
        return 0.5
    shares = given.get("v") if isinstance(given, dict) else None
    if not isinstance(shares, list) or not shares or not is_number(shares[0]):
        raise ValueError(f'weight_dist_fr: must be {{"v": [front, rear]}} in percent, got {given!r:.60}')
    return shares[0] / 100.0


def by_axle(found: list[dict[str, float]]) -> list[list[dict[str, float]]]:
    """Motors of every driven axle, front first."""
    axles = [[unit for unit in found if unit["rear"] == rear] for rear in (0.0, 1.0)]
    return [motors for motors in axles if motors]


def car_of(name: str, row: dict[str, Any], mass: float, found: list[dict[str, float]], used: list[str]) -> Vehicle:
    """Car of a row; ValueError where a figure is out of the range of cars (`edu_opt.vehicle.description`)."""
    axles = [
        {
            "position": "rear" if motors[0]["rear"] else "front",
            "count": len(motors),
            "share": len(motors) / len(found),
        }
        for motors in by_axle(found)
    ]
    values = {
        "test_mass_kg": mass + EPA_LOAD,
        "performance_mass_kg": mass + DRIVER,
        **road_load(row, used),
        "wheel_radius_m": value(row, "r_tyre_m", used),
        "front_share_1": front_share(row),
        "wheelbase_m": 2.8,
        "battery_net_kwh": value(row, "batt_net_kwh", used),
        "battery_voltage_v": value(row, "v_nom", used),
        "battery_resistance_ohm": 0.08,
        "regeneration_power_kw": 100.0,
        "regeneration_deceleration_m_per_s2": 3.0,
    }
    system = figure(row, "system_kw")
    if system is not None:
        values["system_power_kw"] = system * GEAR_EFFICIENCY
    return vehicle_from(name, {"application": "bev", "axles": axles, "values": values})


def envelope(found: list[dict[str, float]], radius: float) -> jax.Array:
    """Torque (A, S) [N m] of one unit of each axle by the data sheets over `GRID`, nothing beyond the motor's top
    speed; where the motors of an axle differ, their mean."""
    rows = []
    for motors in by_axle(found):
        torques = []
        for unit in motors:
            turning = GRID / radius * unit["ratio"]
            torque = np.minimum(unit["torque"], unit["power"] / np.maximum(turning, 1e-6))
            torques.append(GEAR_EFFICIENCY * torque * unit["ratio"])
        rows.append(np.mean(torques, axis=0))
    return jnp.asarray(np.stack(rows))


def compare(name: str, row: Any) -> tuple[list[float], list[float]]:
    """(errors of the sprint [s], relative errors of the top speed) of a car; empty where the file lacks its figures.
    ValueError where they cannot be read."""
    if not isinstance(row, dict):
        raise ValueError(f"must be an object, got {row!r:.60}")
    if row.get("type") != "BEV":
        return [], []
    found, mass = units(row), mass_of(row)
    seconds, limit = figure(row, "t0_100"), figure(row, "vmax")
    if found is None or mass is None:
        return [], []
    used: list[str] = []
    car = car_of(name, row, mass, found, used)
    radius = float(car.wheel_radius)
    torque = envelope(found, radius)
    inertia = sum(ROTOR_INERTIA * unit["ratio"] ** 2 for unit in found)
    times, speeds = [], []
    if seconds is not None:
        ours = float(sprint(car, jnp.asarray(GRID), torque, inertia, jerk=LAUNCH_JERK))
        times.append(line(name, "0_100_km_per_h_s", ours, seconds, used))
    if limit is not None:
        turning = min(unit["top"] / unit["ratio"] for unit in found) * radius
        able = float(fastest(car, jnp.asarray(GRID), torque, min(turning, float(GRID[-1])))) / KILOMETRE_PER_HOUR
        speeds.append(line(name, "top_speed_km_per_h", min(able, limit), limit, used) / limit)
    return times, speeds


def compare_all(rows: dict[str, Any]) -> tuple[list[tuple[list[float], list[float]]], int]:
    """(errors of every row that can be read, number of those that cannot, which are printed as skipped)."""
    pairs = []
    for name, row in rows.items():
        try:
            pairs.append(compare(name, row))
        except ValueError as error:
            skipped(name, error)
    return pairs, len(rows) - len(pairs)


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
    if not path.exists():
        print(json.dumps({"summary": {"skipped": f"reference data not here: {path.name}"}}))
        return 0
    try:
        rows = read_rows(path, dict, "vehicles")
    except ValueError as error:
        print(f"vehicle_performance: {error}", file=sys.stderr)
        return 2
    pairs, left_out = compare_all(rows)
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
        "skipped_rows": left_out,
    }
    print(json.dumps({"summary": summary}))
    return 0 if within else 1


if __name__ == "__main__":
    sys.exit(main())
