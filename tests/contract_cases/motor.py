"""The motor as the contract sees it: lamination and motor variables, currents, speed, temperature -> scalars.

Fields are replaced by an analytic saturating map (tests/motor/reference_motors.py); the field solver has its own cases.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from edu_opt.motor.geometry import lamination_space
from edu_opt.motor.model import (
    drag_torque,
    flux_linkage,
    map_range,
    motor_dimensions,
    motor_losses,
    motor_masses,
    motor_space,
    rotor_inertia,
    rotor_strength,
    torque,
    voltage,
)
from edu_opt.motor.results import uniform_temperatures
from edu_opt.motor.thermal import Cooling, steady_temperatures, temperatures_after
from tests.contract import ContractCase
from tests.motor.reference_motors import TEMPLATES, build_motor

# Operating point: i_d, i_q, i_f per unit of the map's range, speed [rad/s], copper temperature [degC].
_LOW = np.array([-0.9, -0.9, 0.05, 0.0, 20.0])
_HIGH = np.array([0.2, 0.9, 0.9, 1800.0, 160.0])


def _motor_outputs(kind: str):
    lamination, motor_variables = lamination_space(TEMPLATES[kind]), motor_space(kind)
    first, second = len(lamination), len(lamination) + len(motor_variables)

    def function(x: jax.Array) -> dict[str, jax.Array]:
        motor = build_motor(kind, x[:first], x[first:second], 2.0)
        point = x[second:]
        stator, field = map_range(motor)
        currents = point[:3] * jnp.stack([stator, stator, field])
        speed, at = point[3], uniform_temperatures(point[4])
        losses = motor_losses(motor, currents, speed, at)
        cooling = Cooling(
            coolant_celsius=jnp.asarray(65.0),
            coolant_flow=jnp.asarray(1.7e-4),
            oil_celsius=jnp.asarray(80.0),
            end_winding_film=jnp.asarray(800.0),
            shaft_film=jnp.asarray(300.0),
        )
        light = jax.tree.map(lambda p: 0.05 * p, losses)
        after = temperatures_after(motor, losses, at, cooling, speed, at, jnp.asarray(10.0))
        strength = rotor_strength(motor, jnp.asarray(1700.0))
        return {
            "psi_d": flux_linkage(motor, currents)[0],
            "torque": torque(motor, currents),
            "voltage_d": voltage(motor, currents, speed, at.winding)[0],
            "loss": losses.total,
            "copper_ac": losses.stator_copper_ac,
            "drag": drag_torque(motor, currents, speed, at),
            "mass": motor_masses(motor).total,
            "length": motor_dimensions(motor).length,
            "inertia": rotor_inertia(motor),
            "retention": strength.retention_stress,
            "steady_hot_spot": steady_temperatures(motor, light, at, cooling, speed).hot_spot,
            "ten_seconds_winding": after.winding,
        }

    low = np.concatenate([lamination.low, motor_variables.low, _LOW])
    high = np.concatenate([lamination.high, motor_variables.high, _HIGH])
    return function, low, high


def _case(kind: str) -> ContractCase:
    function, low, high = _motor_outputs(kind)
    # Eager: every one of some thousand small operations would be dispatched for every sample (minutes).
    return ContractCase(name=f"motor_{kind}", low=low, high=high, function=function, tolerance=2e-5, eager=False)


CASES = [_case("eesm"), _case("ipm")]
