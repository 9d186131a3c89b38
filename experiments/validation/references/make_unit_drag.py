"""Drag of the unpowered reference units: `python -m experiments.validation.references.make_unit_drag [UNIT ...]`.

Reproduces `edu_opt.vehicle.unit_drag.UNIT_DRAG`: motor (iron loss of the open circuit, windage, bearings) from the
named reference machine on grid XS without current at 60 degC, gearbox without torque with oil of 60 degC, both over the
axle speeds of 10 to 150 km/h, as three numbers. A unit without a gearbox of its own among the references gets that of
`GEARBOX`. Prints one JSON object a unit. About a minute of compilation each.
"""

from __future__ import annotations

import argparse
import json
import sys

import jax
import jax.numpy as jnp
import numpy as np

import edu_opt  # noqa: F401
from edu_opt.gearbox.losses import gearbox_losses
from edu_opt.gearbox.reference_units import REFERENCE_GEARBOXES
from edu_opt.motor.model import drag_torque
from edu_opt.motor.reference_machines import build
from edu_opt.motor.results import uniform_temperatures
from edu_opt.vehicle.reference_units import UNIT_SHEETS
from edu_opt.vehicle.unit_drag import fitted_drag

CELSIUS = 60.0
AXLE_SPEEDS = np.linspace(10.0, 150.0, 15) / 3.6 / 0.34  # rad/s
GEARBOX = {"bmw_gen5_rear": "vw_app310", "bmw_gen5_front": "vw_app310"}


def drag(name: str) -> tuple[np.ndarray, np.ndarray]:
    """Drag torques at the axle (n,) [N m] of motor and gearbox over `AXLE_SPEEDS`."""
    ratio = UNIT_SHEETS[name].ratio
    motor, gearbox = build(name, "XS"), REFERENCE_GEARBOXES[GEARBOX.get(name, name)].gearbox()
    temperatures = uniform_temperatures(jnp.asarray(CELSIUS))

    @jax.jit
    def at(axle_speed: jax.Array) -> tuple[jax.Array, jax.Array]:
        turning = drag_torque(motor, jnp.zeros(3), axle_speed * ratio, temperatures) * ratio
        return turning, gearbox_losses(gearbox, jnp.zeros(()), axle_speed, CELSIUS).total / axle_speed

    both = [at(jnp.asarray(speed)) for speed in AXLE_SPEEDS]
    return tuple(np.array([float(pair[k]) for pair in both]) for k in (0, 1))  # type: ignore[return-value]


def main() -> int:
    """Units by name, or all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("units", nargs="*", default=list(UNIT_SHEETS))
    for name in parser.parse_args().units:
        motor, gears = drag(name)
        found = fitted_drag(AXLE_SPEEDS, motor + gears, "model")
        middle = int(np.argmin(np.abs(AXLE_SPEEDS * 0.34 - 100.0 / 3.6)))
        worst = found.constant + found.linear * AXLE_SPEEDS + found.quadratic * AXLE_SPEEDS**2
        numbers = {key: round(getattr(found, key), 8) for key in ("constant", "linear", "quadratic")}
        at_100 = {"motor_nm_at_100_km_per_h": float(motor[middle]), "gearbox_nm_at_100_km_per_h": float(gears[middle])}
        fit = float(np.abs(worst / (motor + gears) - 1.0).max())
        print(json.dumps({"unit": name, **numbers, **at_100, "worst_fit_error": fit}), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
