"""Loss maps of the reference units: `python -m experiments.validation.references.make_unit_maps [UNIT ...]`.

Reproduces `references/unit_maps/NAME.json`, which `vehicle_energy` reads: the units of `drive_unit.reference_units`
(fields on grid XS, magnet rotors with more field points at light load: see `make_unit_drag`) at the currents of least
motor and inverter loss in every point, their peaks cut to the published torque and power. Conditions of a dynamometer
at 25 degC (ASSUMED): coolant 40, oil and motor 60 degC; nominal battery voltage. Drag: `make_unit_drag`. Prints one
JSON object a unit. About a minute of compilation each.
"""

from __future__ import annotations

import argparse
import json
import sys

import jax
import jax.numpy as jnp
import numpy as np

import edu_opt  # noqa: F401
from edu_opt.drive_unit.conditions import Conditions, conditions
from edu_opt.drive_unit.operating_point import OperatingPoint, PointRequest, point_request, solve_points
from edu_opt.motor.reference_machines import reference_machine
from edu_opt.vehicle.reference_units import UNIT_SHEETS
from edu_opt.vehicle.unit_map import request_grid
from experiments.validation.references.make_unit_drag import CELSIUS, drag, light_load_unit
from experiments.validation.unit_maps import FOLDER, write_map

SHAPE = (25, 49)  # speeds, torques
TORQUE_SHARE = 0.6  # of the published peak: the cycles ask for at most half of it
CONVERGED, REACHED = 1e-3, 1e-2  # control residual, shortfall
COOLANT_CELSIUS = 40.0
COOLANT_FLOW = 8.0 / 60e3  # m3/s


def on_dynamometer(name: str) -> Conditions:
    """Voltage and temperatures of a unit on a cycle."""
    return conditions(
        dc_voltage=reference_machine(name).voltage.value,
        coolant_celsius=COOLANT_CELSIUS,
        coolant_flow=COOLANT_FLOW,
        oil_celsius=CELSIUS,
        motor_celsius=CELSIUS,
    )


def requests_of(name: str, top_speed: float, top_torque: float) -> PointRequest:
    """Points of the grid, then the peak torque at each speed."""
    torques, speeds = request_grid(top_speed, top_torque, SHAPE)
    turning = jnp.maximum(speeds[:: SHAPE[1]], 1.0)

    def request(torque: jax.Array, speed: jax.Array, peak: jax.Array) -> PointRequest:
        return point_request(torque, speed, on_dynamometer(name), peak)

    wanted = jax.vmap(request)(torques, speeds, jnp.zeros_like(speeds))
    peaks = jax.vmap(request)(jnp.ones_like(turning), turning, jnp.ones_like(turning))
    return jax.tree.map(lambda *leaves: jnp.concatenate(leaves), wanted, peaks)


def report(name: str, found: OperatingPoint, size: int) -> dict[str, float | str]:
    """What of the grid is in reach and converged, the best efficiency there, the peaks."""
    torque, power = np.asarray(found.output_torque[:size]), np.asarray(found.electrical_power[:size])
    reached = np.asarray(found.shortfall[:size]) < REACHED
    driving = reached & (torque > 1.0) & (np.asarray(found.output_speed[:size]) > 0.0)
    efficiency = np.where(driving, np.asarray(found.output_power[:size]) / np.maximum(power, 1.0), 0.0)
    return {
        "unit": name,
        "reached": float(reached.mean()),
        "not_converged": int((np.asarray(found.control_residual[:size])[reached] > CONVERGED).sum()),
        "best_efficiency": float(efficiency.max()),
        "peak_torque_nm": float(found.output_torque[size:].max()),
        "peak_power_kw": float(found.output_power[size:].max()) / 1e3,
    }


def main() -> int:
    """Units by name, or all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("units", nargs="*", default=list(UNIT_SHEETS))
    solve = jax.jit(solve_points)
    for name in parser.parse_args().units:
        sheet, unit = UNIT_SHEETS[name], light_load_unit(name)
        top_speed = sheet.top_speed_rpm * 2.0 * np.pi / 60.0 / sheet.ratio
        top_torque = TORQUE_SHARE * sheet.torque_nm * sheet.ratio
        found = solve(unit, requests_of(name, top_speed, top_torque))
        size = SHAPE[0] * SHAPE[1]
        loss = np.asarray(found.total_loss[:size]).reshape(SHAPE)
        turning = np.linspace(0.0, top_speed, SHAPE[0])[1:]
        published = sheet.power_kw * 1e3 / np.append(turning[:1], turning)
        peak = np.minimum(np.asarray(found.output_torque[size:]), np.minimum(published, sheet.torque_nm * sheet.ratio))
        motor, gears = (np.append(part[:1], part) for part in drag(unit, turning))  # at rest as at the first speed
        write_map(FOLDER / f"{name}.json", top_speed, top_torque, loss, peak, motor, gears)
        print(json.dumps(report(name, found, size)), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
