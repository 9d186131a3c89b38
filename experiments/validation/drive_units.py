"""Reference drive units against published figures: `python -m experiments.validation.drive_units [--data FILE]`.

The file is one of vehicles.json, motors.json, gearbox_inverter.json or another of their schemas (`published_units`);
without `--data` all three are read. Each row is compared with the reference unit of its maker and power; rows whose
unit is not modelled are listed as such. All conditions are those of `edu_opt.settings.Ratings` (coolant 65 degC, oil 80
degC, 90 degC at a peak's start, 155 degC continuous), at the row's DC voltage or the machine's nominal one. Quantities:

* peak_torque, peak_power (at the motor shaft, 10 s): a published rating is what the unit's control allows, so `model`
  is the lesser of its own capability and the rating, and an error is a shortfall. `capability` is what it could give
  (copper at 25 A/mm2 rms, field current as the machine's, module's current, voltage, winding and junction limits after
  10 s); what control and battery leave unused of it is in none of the files, so it is shown, not judged.
* top_speed: the lesser of the rating and of the speed at which the rotor's stress at 1.2 x speed reaches its limit.
* continuous_power: the largest shaft power over speed whose steady temperatures keep the limits (30 min, UN R85).
* best_efficiency: axle over DC power, best of the map. full_load_efficiency: best on the line of rated torque and
  power; never judged: the article behind the known figures compares batteries and does not say what they mean.
* unit_mass, motor_mass: the whole unit, without its inverter where the row says so; the motor with its housing.

What misses, and why: the strength law takes the local elastic peak in a pocket's corner against yield / 1.2 at 1.2 x
speed, and knows no ribs between magnet and arm pocket, which hold the layered poles of i3 and I-PACE. A 30-minute
rating is declared and holds for the battery too; the model's is what winding and rotor bear. Masses of motors do not
say whether housing, shaft and shields, which the unit shares, belong to them.

Judged (`scored`): figures that rest on dimensions that were read in a source (motor for ratings, motor and gearbox for
the unit's mass). Tolerances: power, torque, top speed 5 %, mass 10 %, continuous power 15 %, efficiency 1 point.
"""

from __future__ import annotations

import argparse
import functools
import itertools
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

import edu_opt  # noqa: F401
from edu_opt.drive_unit.conditions import PEAK_STATOR_DENSITY, Conditions, Rating, conditions
from edu_opt.drive_unit.model import DriveUnit
from edu_opt.drive_unit.operating_map import unit_efficiency
from edu_opt.drive_unit.operating_point import OperatingPoint, PointRequest, solve_points
from edu_opt.drive_unit.package import unit_masses
from edu_opt.drive_unit.reference_units import ReferenceUnit, build_unit, field_density, reference_unit
from edu_opt.drive_unit.temperatures import UnitTemperatures, continuous_temperatures, temperatures_after_peak
from edu_opt.gearbox.model import ratio
from edu_opt.inverter.model import phase_current_limit
from edu_opt.motor.model import rotor_strength
from edu_opt.motor.winding import bar
from edu_opt.numerics.constants import RPM
from edu_opt.numerics.pytree import pytree
from edu_opt.settings import Ratings
from edu_opt.vehicle.reference_units import UNIT_SHEETS
from experiments.validation.published_units import PublishedUnit, published_units, without_inverter

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "reference"
DEFAULT = tuple(FOLDER / f"{name}.json" for name in ("vehicles", "motors", "gearbox_inverter"))
TOLERANCES = {
    "peak_torque_n_m": 0.05,
    "peak_power_w": 0.05,
    "top_speed_rpm": 0.05,
    "continuous_power_w": 0.15,
    "full_load_efficiency": 0.01,
    "best_efficiency": 0.01,
    "unit_mass_kg": 0.10,
    "motor_mass_kg": 0.10,
}
LAUNCH = 0.02  # of top speed: the field turns, torque is at its peak
PEAK_TIME = 10.0  # s
HOT_SPOT_DISTANCE = 20.0  # K, mean copper below its hot spot at the continuous limit, as the currents are chosen
OUT_OF_REACH = 1e-2  # shortfall from which a point does not count
FULL_SPEEDS = np.linspace(LAUNCH, 1.0, 25)  # of top speed
PEAK_SPEEDS = np.linspace(LAUNCH, 1.0, 15)
PEAK_SHARES = np.array([0.4, 0.55, 0.7, 0.85, 1.0])  # of the largest current density
STEADY_SPEEDS, STEADY_POWERS = np.linspace(0.2, 1.0, 7), np.linspace(0.15, 1.5, 10)  # of top speed, of rated power
MAP_SPEEDS, MAP_TORQUES = np.linspace(0.15, 0.9, 8), np.linspace(0.1, 0.8, 8)  # of top speed, of rated torque


@pytree
class RatedPoints:
    """A unit's points: peaks over speed and current density (n m,) and the line of rated torque and power (S,), each
    with temperatures after 10 s; the continuous grid (n m,) with steady temperatures; the map (k,); the speed [rad/s]
    that the rotor bears."""

    peaks: OperatingPoint
    peaks_after: UnitTemperatures
    rated: OperatingPoint
    rated_after: UnitTemperatures
    steady: OperatingPoint
    steady_at: UnitTemperatures
    map: OperatingPoint
    permitted_speed: jax.Array


def conditions_at(voltage: float, motor_celsius: float, field_density: float, share: float = 1.0) -> Conditions:
    """The ratings' conditions at a DC voltage [V], a motor temperature [degC], a field current density [A/m2] and a
    share of the stator's."""
    r = Ratings()
    return conditions(
        dc_voltage=voltage,
        coolant_celsius=r.coolant_celsius,
        coolant_flow=r.coolant_flow,
        oil_celsius=r.oil_celsius,
        motor_celsius=motor_celsius,
        stator_density=share * PEAK_STATOR_DENSITY,
        field_density=field_density,
    )


def requests(torque: np.ndarray, speed: np.ndarray, at: Conditions, peak: float) -> PointRequest:
    """Requests of flat arrays (n,) at the axle."""
    count = speed.size
    return PointRequest(
        output_torque=jnp.asarray(torque).ravel(),
        output_speed=jnp.asarray(speed).ravel(),
        at=jax.tree.map(lambda leaf: jnp.full(count, leaf), at),
        peak=jnp.full(count, peak),
        power_max=jnp.full(count, 1e9),
    )


@functools.cache
def evaluation(name: str, level: str) -> tuple[DriveUnit, Callable[..., RatedPoints]]:
    """(unit, compiled evaluation of (requests, conditions of the peaks and of the continuous grid, top speed))."""
    unit = build_unit(name, level)
    return unit, jax.jit(rated_points)


def rated_points(
    unit: DriveUnit, asked: PointRequest, cold: Conditions, hot: Conditions, top: jax.Array
) -> RatedPoints:
    """All points of one batch of requests, in the order peaks, rated line, continuous grid, map."""
    found = solve_points(unit, asked)
    counts = [PEAK_SPEEDS.size * PEAK_SHARES.size, FULL_SPEEDS.size, STEADY_SPEEDS.size * STEADY_POWERS.size]
    ends = [0, *(int(end) for end in np.cumsum(counts)), None]
    parts = [slice(*pair) for pair in itertools.pairwise(ends)]
    peaks, rated, steady, over_map = (jax.tree.map(lambda leaf, s=part: leaf[s], found) for part in parts)
    peak = Rating(name="10 s", conditions=cold, duration=PEAK_TIME)
    after = jax.vmap(lambda point: temperatures_after_peak(unit, point, peak))
    strength = rotor_strength(unit.motor, top)
    share = jnp.maximum(strength.ring_stress, strength.retention_stress) / strength.allowed_stress
    return RatedPoints(
        peaks=peaks,
        peaks_after=after(peaks),
        rated=rated,
        rated_after=after(rated),
        steady=steady,
        steady_at=jax.vmap(lambda point: continuous_temperatures(unit, point, hot))(steady),
        map=over_map,
        permitted_speed=top / jnp.sqrt(share),
    )


def evaluate(row: PublishedUnit, level: str) -> tuple[DriveUnit, RatedPoints]:
    """Points of a row's reference unit for the row's ratings; what the row does not state is the unit's sheet."""
    name = row.reference[0]
    unit, run = evaluation(name, level)
    train = float(ratio(unit.gearbox))
    power, torque, top = rating(row)
    voltage = row.voltage or reference_unit(name).machine.voltage.value
    field = field_density(reference_unit(name), unit)
    cold = conditions_at(voltage, Ratings().start_celsius, field)
    hot = conditions_at(voltage, Ratings().winding_continuous_celsius - HOT_SPOT_DISTANCE, field)
    full, peak = FULL_SPEEDS * top / train, PEAK_SPEEDS * top / train
    steady_speed, share = np.meshgrid(STEADY_SPEEDS * top / train, STEADY_POWERS, indexing="ij")
    map_speed, map_torque = np.meshgrid(MAP_SPEEDS * top / train, MAP_TORQUES * torque * train, indexing="ij")
    groups = [
        *(
            requests(np.ones_like(peak), peak, conditions_at(voltage, Ratings().start_celsius, field, part), 1.0)
            for part in PEAK_SHARES
        ),
        requests(np.minimum(torque * train, power / full), full, cold, 0.0),
        requests(share * power / steady_speed, steady_speed, hot, 0.0),
        requests(np.minimum(map_torque, power / map_speed), map_speed, cold, 0.0),
    ]
    asked = jax.tree.map(lambda *leaves: jnp.concatenate(leaves), *groups)
    return unit, jax.tree.map(np.asarray, run(unit, asked, cold, hot, jnp.asarray(top)))


def rating(row: PublishedUnit) -> tuple[float, float, float]:
    """(power W, torque N m, top speed rad/s) of the motor: of the row, else of the unit's data sheet."""
    sheet = UNIT_SHEETS[row.reference[0]]
    power = row.figures["peak_power_w"].middle
    torque = row.figures["peak_torque_n_m"].middle if "peak_torque_n_m" in row.figures else sheet.torque_nm
    top = row.figures["top_speed_rpm"].middle if "top_speed_rpm" in row.figures else sheet.top_speed_rpm
    return power, torque, top * RPM


def capability(peaks: OperatingPoint, after: UnitTemperatures) -> dict[str, np.ndarray]:
    """Largest shaft torque [N m] over `PEAK_SPEEDS` that winding and junctions bear for 10 s, and its power [W]."""
    r, shape = Ratings(), (PEAK_SHARES.size, PEAK_SPEEDS.size)
    over = np.maximum(after.winding - r.winding_limit_celsius, after.junction - r.junction_limit_celsius).reshape(shape)
    torque, speed = peaks.shaft_torque.reshape(shape), peaks.shaft_speed.reshape(shape)[0]
    fine = np.linspace(PEAK_SHARES[0], 1.0, 200)
    best = []
    for k in range(PEAK_SPEEDS.size):
        cool = np.interp(fine, PEAK_SHARES, over[:, k]) <= 0.0
        best.append(np.max(np.interp(fine, PEAK_SHARES, torque[:, k])[cool], initial=0.0))
    return {"torque": np.array(best), "power": np.array(best) * speed}


def continuous_power(steady: OperatingPoint, at: UnitTemperatures) -> dict[str, Any]:
    """Largest shaft power [W] within the continuous limits over the grid's speeds, what limits it, its speed."""
    r, shape = Ratings(), (STEADY_SPEEDS.size, STEADY_POWERS.size)
    over = {
        "winding": at.winding - r.winding_continuous_celsius,
        "rotor": at.rotor - r.rotor_continuous_celsius,
        "junction": at.junction - r.junction_continuous_celsius,
    }
    excess = np.max(list(over.values()), axis=0).reshape(shape)
    shaft = (steady.shaft_torque * steady.shaft_speed).reshape(shape)
    reached = (steady.shortfall < OUT_OF_REACH).reshape(shape)
    best: dict[str, Any] = {"model": 0.0, "limited_by": "nothing"}
    for k in range(STEADY_SPEEDS.size):
        fine = np.linspace(shaft[k].min(), shaft[k][reached[k]].max(initial=shaft[k].min()), 400)
        cool = fine[np.interp(fine, shaft[k], excess[k]) <= 0.0]
        if cool.size and cool[-1] > best["model"]:
            hottest = {name: np.interp(cool[-1], shaft[k], value.reshape(shape)[k]) for name, value in over.items()}
            hot = max(hottest, key=lambda name: float(hottest[name]))
            limit = hot if cool[-1] < fine[-1] else "end of the grid or out of reach"
            speed = float(steady.shaft_speed.reshape(shape)[k, 0]) / RPM
            best = {"model": float(cool[-1]), "limited_by": limit, "at_rpm": round(speed)}
    return best


def compare(row: PublishedUnit, level: str) -> Iterator[dict[str, Any]]:
    """A line for every published figure of a row, then the unit's capability beside its rating."""
    name = row.reference[0]
    unit, points = evaluate(row, level)
    torque = rating(row)[1]
    density, module = density_and_module(unit)
    most = capability(points.peaks, points.peaks_after)
    capable = {
        "peak_torque_n_m": float(most["torque"].max()),
        "peak_power_w": float(most["power"].max()),
        "top_speed_rpm": float(points.permitted_speed) / RPM,
    }
    rated = reference_unit(name)
    masses = unit_masses(unit, torque * float(ratio(unit.gearbox)))
    in_reach = points.map.shortfall < OUT_OF_REACH
    models: dict[str, dict[str, Any]] = {
        quantity: {"model": value, "capability": value} for quantity, value in capable.items()
    }
    models["peak_torque_n_m"] |= {
        "copper_a_per_mm2": density * float(points.rated.current[0]) * 1e-6,
        "module_share": float(points.rated.current[0]) / module,
        "winding_celsius_10s": float(points.rated_after.winding[0]),
        "junction_celsius": float(points.rated_after.junction[0]),
    }
    models["continuous_power_w"] = continuous_power(points.steady, points.steady_at)
    models["full_load_efficiency"] = {"model": best_efficiency(points.rated)}
    models["best_efficiency"] = {"model": best_efficiency(jax.tree.map(lambda leaf: leaf[in_reach], points.map))}
    models["motor_mass_kg"] = {"model": float(masses.motor.total)}
    models["unit_mass_kg"] = {"model": float(masses.total)}
    if "unit_mass_kg" in row.figures and without_inverter(row.figures["unit_mass_kg"].scope):
        models["unit_mass_kg"] = {"model": float(masses.total - masses.inverter.total - masses.busbars)}
    for quantity, figure in row.figures.items():
        found = models[quantity]
        if quantity in capable:
            found["model"] = min(found["model"], figure.high)
            found["at_rating"] = found["model"] == figure.high
        distance = figure.distance(found["model"])
        error = distance if quantity.endswith("efficiency") else distance / figure.middle
        line = {"case": row.case, "quantity": quantity, "reference": figure.middle, "error": error}
        yield line | {"unit": name, "scored": judged(rated, quantity), "source": figure.scope} | found


def judged(unit: ReferenceUnit, quantity: str) -> bool:
    """True where a figure rests on dimensions that were read."""
    if quantity == "full_load_efficiency":
        return False
    return unit.geometry_known and (unit.gearbox_known or quantity != "unit_mass_kg")


def density_and_module(unit: DriveUnit) -> tuple[float, float]:
    """(current density over phase current [1/m2, rms of copper over A peak], module's limit [A peak])."""
    area = bar(unit.motor.winding, unit.motor.dimensions).area * unit.motor.winding.parallel_paths
    return float(1.0 / (2.0**0.5 * area)), float(phase_current_limit(unit.inverter))


def best_efficiency(points: OperatingPoint) -> float:
    """Best efficiency of the unit among points."""
    return float(np.max(np.asarray(unit_efficiency(points))))


def summarize(lines: list[dict[str, Any]]) -> dict[str, Any]:
    """Errors of the scored lines, and of each quantity, and whether every one is within its tolerance."""
    scored = [line for line in lines if line["scored"]]
    errors = np.abs([line["error"] for line in scored])
    worst = scored[int(np.argmax(errors))] if scored else None
    missed = [line for line in scored if abs(line["error"]) > TOLERANCES[line["quantity"]]]
    return {
        "cases": len(scored),
        "median_abs_error": float(np.median(errors)) if scored else None,
        "p90_abs_error": float(np.quantile(errors, 0.9)) if scored else None,
        "worst": {key: worst[key] for key in ("case", "quantity", "error")} if worst else None,
        "within_tolerance": bool(scored) and not missed,
        "within": len(scored) - len(missed),
        "more_than_the_rating": sum(line.get("at_rating", False) for line in scored),
        "missed": [f"{line['case']}: {line['quantity']}" for line in missed],
        "reported_not_scored": len(lines) - len(scored),
    }


def main() -> int:
    """All units of the files; 0 within the tolerances stated above."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, nargs="*", default=DEFAULT)
    parser.add_argument("--level", default="S", help="field grid")
    arguments = parser.parse_args()
    files = [path for path in arguments.data if path.is_file()]
    if not files:
        print(json.dumps({"summary": {"skipped": f"no reference data at {', '.join(map(str, arguments.data))}"}}))
        return 0
    lines = []
    for row in [unit for path in files for unit in published_units(json.loads(path.read_text()))]:
        name, own = row.reference
        if not own:
            print(json.dumps({"case": row.case, "quantity": "skipped", "reason": f"not modelled; nearest is {name}"}))
            continue
        for line in compare(row, arguments.level):
            lines.append(line)
            print(json.dumps(line), flush=True)
    summary = summarize(lines)
    print(json.dumps({"summary": summary}))
    return 0 if summary["within_tolerance"] else 1


if __name__ == "__main__":
    sys.exit(main())
