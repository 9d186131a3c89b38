"""Faults, strength, critical speed and ring modes of a motor as the contract sees them, on the analytic maps.

Inputs: lamination and motor variables, then speed [rad/s], winding and magnet temperature [degC], stator current before
the fault per unit of the map's range (d, q) and field current per unit.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from edu_opt.motor.critical_speed import critical_speed
from edu_opt.motor.demagnetization import demagnetization_corners
from edu_opt.motor.faults import back_emf, blocked_field_current, field_decay, steady_short_circuit
from edu_opt.motor.geometry import lamination_space
from edu_opt.motor.model import map_range, motor_space
from edu_opt.motor.noise import ring_frequency, stator_ring, surface_velocity
from edu_opt.motor.parts import Motor
from edu_opt.motor.strength import coil_retention, pole_stresses, ring_stress
from tests.contract import ContractCase
from tests.motor.reference_motors import TEMPLATES, motor_with_constant_map

_LOW = np.array([0.0, 20.0, 20.0, -0.5, -0.5, 0.1])
_HIGH = np.array([1800.0, 160.0, 160.0, 0.0, 0.5, 0.8])


def _mechanics(motor: Motor, point: jax.Array) -> dict[str, jax.Array]:
    speed, stresses, ring = point[0], pole_stresses(motor, point[0]), stator_ring(motor)
    found = {
        "hub": ring_stress(motor, speed),
        "worst": stresses.worst,
        "critical_speed": critical_speed(motor),
        "ring_velocity": surface_velocity(ring, 8, jnp.asarray(1e4), 8.0 * speed),
        "breathing": ring_frequency(ring, 0),
    }
    if motor.kind == "eesm":
        return found | {"shoe": stresses.shoe, "root": stresses.root, "cap": coil_retention(motor, speed).cap_stress}
    return found | {"bridge": stresses.bridge, "post": stresses.post}


def _ipm_faults(motor: Motor, point: jax.Array) -> dict[str, jax.Array]:
    speed, winding, celsius = point[:3]
    stator, _ = map_range(motor)
    nothing = jnp.zeros(())
    short = steady_short_circuit(motor, speed, nothing, winding, celsius)
    corners = demagnetization_corners(motor, celsius, 0.7 * stator, jnp.append(stator * point[3:5], 0.0))
    return {
        "short_circuit_d": short.currents[0],
        "braking": short.torque,
        "short_current": corners.short_current,
        "corner": corners.worst,
        "back_emf": back_emf(motor, speed, nothing, celsius),
    }


def _eesm_faults(motor: Motor, point: jax.Array) -> dict[str, jax.Array]:
    speed, winding, celsius = point[:3]
    stator, field = map_range(motor)
    currents = point[3:] * jnp.stack([stator, stator, field])
    decay = field_decay(motor, speed, currents[2], celsius, jnp.asarray(60.0))
    return {
        "braking": steady_short_circuit(motor, speed, currents[2], winding, celsius).torque,
        "decay_time": decay.time_to_limit,
        "open_time_constant": decay.open_time_constant,
        "blocked_field": blocked_field_current(motor, currents),
    }


def _case(name: str, kind: str, outputs, **options) -> ContractCase:
    lamination, motor_variables = lamination_space(TEMPLATES[kind]), motor_space(kind)
    first, second = len(lamination), len(lamination) + len(motor_variables)

    def function(x: jax.Array) -> dict[str, jax.Array]:
        motor = motor_with_constant_map(kind, x[:first], x[first:second])
        return outputs(motor, x[second:])

    low = np.concatenate([lamination.low, motor_variables.low, _LOW])
    high = np.concatenate([lamination.high, motor_variables.high, _HIGH])
    # Eager: some thousand small operations would be dispatched for every sample (minutes).
    return ContractCase(
        name=f"{name}_{kind}", low=low, high=high, function=function, tolerance=2e-5, eager=False, **options
    )


CASES = [_case("motor_mechanics", kind, _mechanics) for kind in ("eesm", "ipm")]
# A minute of compilation each: the slow tier runs them (tests/motor/test_faults.py).
SLOW_CASES = [
    _case("motor_faults", kind, outputs, samples=10, corners=8)
    for kind, outputs in (("eesm", _eesm_faults), ("ipm", _ipm_faults))
]
