"""A unit's operating map beside the field solves of its lamination: `python -m experiments.benchmarks.unit_map`.

Timed, compile time apart, best of some calls: the field sweep of one lamination (all currents and rotor angles, fitted
to maps), the same with its Jacobian to the lamination's variables (what a search solves), and the whole unit's map over
axle speeds and torques of both signs (best currents and every loss at each point) from the fitted maps; then a WLTC of
1800 s through a map, with one axle and with the best split of two. The last line is one JSON object; `map_share` and
`map_share_with_jacobian` are the map's shares of the time of both, `cycle_solves` and `cycle_best_split_solves` the
cycle's time in field solves. One lamination, one unit: a search's batches share what a single call does not.
"""

from __future__ import annotations

import argparse
import functools
import json
import os
import time
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

import edu_opt  # noqa: F401
from edu_opt.drive_unit.conditions import conditions
from edu_opt.drive_unit.operating_map import operating_map
from edu_opt.drive_unit.reference_units import field_density, reference_unit, unit_of
from edu_opt.duty.cycles import load_cycle
from edu_opt.duty.reduction import TRACE_POINTS, full_points
from edu_opt.gearbox.model import ratio
from edu_opt.materials.magnets import magnet, remanence
from edu_opt.materials.steels import electrical_steel
from edu_opt.motor.geometry import lamination_space
from edu_opt.motor.lamination_map import LaminationMapSettings, MapMaterials, lamination_map, steel_reluctivity
from edu_opt.motor.lamination_values import lamination_values
from edu_opt.motor.model import MAP_MAGNET_CELSIUS
from edu_opt.motor.reference_machines import motor_of
from edu_opt.problem.data import UNUSED_MAGNET
from edu_opt.problem.fields import expansion_function
from edu_opt.vehicle.catalogue import vehicle
from edu_opt.vehicle.generic_unit import generic_from_sheet
from edu_opt.vehicle.trace import trace_energy

SPEEDS, TORQUES = 11, 17  # the map of a trace certificate


def compiled(function: Callable, *arguments: Any) -> tuple[Callable, float]:
    """Compiled function and the seconds that it took."""
    started = time.perf_counter()
    built = jax.jit(function).lower(*arguments).compile()
    return built, time.perf_counter() - started


def best_time(function: Callable, *arguments: Any, repeats: int) -> float:
    """Seconds of the fastest of `repeats` calls."""
    times = []
    for _ in range(repeats):
        started = time.perf_counter()
        jax.block_until_ready(function(*arguments))
        times.append(time.perf_counter() - started)
    return min(times)


def measure(name: str, level: str, repeats: int, jacobian: bool) -> dict[str, Any]:
    """Times [s] of one reference unit on a grid level."""
    reference = reference_unit(name)
    machine, lamination = reference.machine, reference.machine.lamination()
    settings = LaminationMapSettings(template=lamination.template, level=level)
    grade = magnet(machine.magnet or UNUSED_MAGNET)
    materials = MapMaterials(
        reluctivity=steel_reluctivity(machine.steel),
        steel=electrical_steel(machine.steel),
        remanence=remanence(grade, jnp.asarray(MAP_MAGNET_CELSIUS)),
        magnet_permeability=grade.relative_permeability,
    )
    fields, fields_compile = compiled(lambda at, of: lamination_map(settings, at, of), lamination, materials)
    unit = unit_of(reference, motor_of(machine, fields(lamination, materials)))
    at = conditions(
        dc_voltage=machine.voltage.value,
        coolant_celsius=65.0,
        coolant_flow=10.0 / 60e3,
        oil_celsius=80.0,
        motor_celsius=90.0,
        field_density=field_density(reference, unit),
    )
    train = float(ratio(unit.gearbox))
    speeds = jnp.linspace(0.02, 1.0, SPEEDS) * machine.top_speed.value / train
    torques = jnp.linspace(-1.0, 1.0, TORQUES) * machine.torque.value * train
    of_unit, map_compile = compiled(operating_map, unit, speeds, torques, at)
    found: dict[str, Any] = {
        "unit": name,
        "grid": level,
        "field_solves": settings.field_solves,
        "fields_s": best_time(fields, lamination, materials, repeats=repeats),
        "fields_compile_s": fields_compile,
        "map_points": SPEEDS * TORQUES,
        "map_s": best_time(of_unit, unit, speeds, torques, at, repeats=repeats),
        "map_compile_s": map_compile,
    }
    found["map_share"] = found["map_s"] / (found["map_s"] + found["fields_s"])
    if jacobian:
        space = lamination_space(lamination.template)
        physical = jnp.asarray(space.from_mapping(lamination_values(lamination)))
        cube = jnp.clip(space.to_unit(physical), 0.0, 1.0)
        arguments = (cube, jnp.asarray(lamination.pole_pairs, float), materials)
        expand, found["jacobian_compile_s"] = compiled(expansion_function(settings), *arguments)
        found["fields_with_jacobian_s"] = best_time(expand, *arguments, repeats=repeats)
        found["map_share_with_jacobian"] = found["map_s"] / (found["map_s"] + found["fields_with_jacobian_s"])
    return found


def cycle_times(repeats: int) -> dict[str, float]:
    """Seconds of a whole WLTC at 1 Hz."""
    unit, found = generic_from_sheet(250.0, 430.0, 11.115, 17000.0), {}
    for key, name, axles in (("cycle_s", "bmw_i4", 1), ("cycle_best_split_s", "jaguar_i_pace", 2)):
        car = vehicle(name)
        points, units = full_points(load_cycle("wltc_3b"), car.road_load, TRACE_POINTS), (unit,) * axles
        built, _ = compiled(functools.partial(trace_energy, best_split=axles == 2), car, points, units)
        found[key] = best_time(built, car, points, units, repeats=repeats)
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--unit", default="bmw_gen5_rear")
    parser.add_argument("--grid", default="XS")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--no-jacobian", action="store_true")
    options = parser.parse_args()
    found = measure(options.unit, options.grid, options.repeats, not options.no_jacobian)
    solve = found["fields_s"] / found["field_solves"]
    cycles = cycle_times(options.repeats)
    found |= cycles | {key.removesuffix("_s") + "_solves": seconds / solve for key, seconds in cycles.items()}
    print(json.dumps({"benchmark": "unit_map", "cores": os.cpu_count(), **found}))


if __name__ == "__main__":
    main()
