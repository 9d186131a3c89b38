"""Drag of the unpowered reference units: `python -m experiments.validation.references.make_unit_drag [UNIT ...]`.

Reproduces `edu_opt.vehicle.unit_drag.UNIT_DRAG`: gearbox without torque with oil of 60 degC and, of rotors without
magnets, motor (windage, bearings) without current at 60 degC, over the axle speeds of 10 to 150 km/h, as three numbers;
the motor's drag of the open circuit (grid XS) is printed of all. Units: `edu_opt.drive_unit.reference_units`. Prints
one JSON object a unit. A quarter of a minute of compilation each.

Magnet rotors get nine more field points at light load than a study's map has. None of the six of "ipm_6" lies below a
fifth of the current, and from there the loss map runs off: without current, 500 Hz, it gives the APP310 4.45 kW/m of
iron and 11.4 mT of ripple in the magnets where the field itself gives 3.04 kW/m and 0.8 mT (magnet loss goes with its
square), the I-PACE 4.39 for 3.43 kW/m and 0.1 for 2.3 mT; with the nine: 2.66 and 3.9, 3.52 and 3.8.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys

import jax
import jax.numpy as jnp
import numpy as np

import edu_opt  # noqa: F401
from edu_opt.drive_unit.model import DriveUnit, motor_speed
from edu_opt.drive_unit.reference_units import reference_unit, unit_of
from edu_opt.gearbox.losses import gearbox_losses
from edu_opt.motor.flux_map_forms import FORMS
from edu_opt.motor.model import drag_torque
from edu_opt.motor.reference_machines import build
from edu_opt.motor.results import uniform_temperatures
from edu_opt.vehicle.reference_units import UNIT_SHEETS
from edu_opt.vehicle.unit_drag import fitted_drag

CELSIUS = 60.0
AXLE_SPEEDS = np.linspace(10.0, 150.0, 15) / 3.6 / 0.34  # rad/s
# i_d, i_q per unit of the largest currents
LIGHT_LOAD = (
    *((0.0, 0.0), (-0.04, 0.08), (-0.1, 0.2), (-0.12, 0.04), (-0.3, 0.06), (-0.22, 0.1), (-0.4, 0.25)),
    *((-0.4, 0.55), (-0.5, 0.05)),
)
FORMS["ipm_17"] = dataclasses.replace(
    FORMS["ipm_8"], points=FORMS["ipm_8"].points + tuple((d, q, 0.0) for d, q in LIGHT_LOAD)
)


def light_load_unit(name: str) -> DriveUnit:
    """Reference unit whose motor's map is also sampled at light load."""
    reference = reference_unit(name)
    return unit_of(reference, build(name, "XS", "ipm_17" if reference.machine.kind == "ipm" else ""))


def drag(unit: DriveUnit, axle_speeds: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Drag torques at the axle (n,) [N m] of motor and gearbox over axle speeds (n,) [rad/s] > 0."""
    temperatures = uniform_temperatures(jnp.asarray(CELSIUS))

    @jax.jit
    @jax.vmap
    def at(speed: jax.Array) -> tuple[jax.Array, jax.Array]:
        shaft = motor_speed(unit, speed)
        turning = drag_torque(unit.motor, jnp.zeros(3), shaft, temperatures) * shaft / speed
        return turning, gearbox_losses(unit.gearbox, jnp.zeros(()), speed, CELSIUS).total / speed

    motor, gears = at(jnp.asarray(axle_speeds))
    return np.asarray(motor), np.asarray(gears)


def main() -> int:
    """Units by name, or all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("units", nargs="*", default=list(UNIT_SHEETS))
    for name in parser.parse_args().units:
        motor, gears = drag(light_load_unit(name), AXLE_SPEEDS)
        counted = gears if UNIT_SHEETS[name].magnets else motor + gears
        found = fitted_drag(AXLE_SPEEDS, counted, "model")
        middle = int(np.argmin(np.abs(AXLE_SPEEDS * 0.34 - 100.0 / 3.6)))
        worst = found.constant + found.linear * AXLE_SPEEDS + found.quadratic * AXLE_SPEEDS**2
        numbers = {key: round(getattr(found, key), 8) for key in ("constant", "linear", "quadratic")}
        at_100 = {"motor_nm_at_100_km_per_h": float(motor[middle]), "gearbox_nm_at_100_km_per_h": float(gears[middle])}
        fit = float(np.abs(worst / counted - 1.0).max())
        print(json.dumps({"unit": name, **numbers, **at_100, "worst_fit_error": fit}), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
