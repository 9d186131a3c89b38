"""The motor as the contract sees it: lamination and motor variables, currents, speed, temperature -> scalars.

Fields are replaced by an analytic saturating map (tests/motor/reference_motors.py); the field solver has its own cases.
The kinds share the outputs between them: one compile each is what the default tier can pay for.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from edu_opt.motor.geometry import lamination_space
from edu_opt.motor.induction import cage_state
from edu_opt.motor.model import (
    demagnetization_margin,
    flux_linkage,
    map_range,
    motor_dimensions,
    motor_losses,
    motor_masses,
    motor_space,
    rotor_inertia,
    rotor_strength,
    shaft_torque,
    voltage,
)
from edu_opt.motor.parts import Motor
from edu_opt.motor.results import MotorTemperatures, uniform_temperatures
from edu_opt.motor.thermal import Cooling, steady_temperatures, temperatures_after
from tests.contract import ContractCase
from tests.motor.reference_motors import TEMPLATES, motor_with_constant_map

# Operating point: i_d, i_q, i_f per unit of the map's range, speed [rad/s], copper temperature [degC].
_LOW = np.array([-0.9, -0.9, 0.05, 0.0, 20.0])
_HIGH = np.array([0.2, 0.9, 0.9, 1800.0, 160.0])
_CAGE_LOW = np.array([0.02, -0.9, 0.0, 0.0, 20.0])  # a rotor flux is there
_CAGE_HIGH = np.array([0.6, 0.9, 0.0, 1800.0, 160.0])


def _cooling() -> Cooling:
    return Cooling(
        coolant_celsius=jnp.asarray(65.0),
        coolant_flow=jnp.asarray(1.7e-4),
        oil_celsius=jnp.asarray(80.0),
        end_winding_film=jnp.asarray(800.0),
        shaft_film=jnp.asarray(300.0),
    )


def _eesm_outputs(motor: Motor, currents: jax.Array, speed: jax.Array, at: MotorTemperatures) -> dict[str, jax.Array]:
    losses = motor_losses(motor, currents, speed, at)
    light = jax.tree.map(lambda power: 0.05 * power, losses)
    return {
        "psi_d": flux_linkage(motor, currents)[0],
        "voltage_d": voltage(motor, currents, speed, at.winding)[0],
        "shaft_torque": shaft_torque(motor, currents, speed, at),
        "loss": losses.total,
        "steady_hot_spot": steady_temperatures(motor, light, at, _cooling(), speed).hot_spot,
        "retention": rotor_strength(motor, jnp.asarray(1700.0)).retention_stress,
        "mass": motor_masses(motor).total,
    }


def _ipm_outputs(motor: Motor, currents: jax.Array, speed: jax.Array, at: MotorTemperatures) -> dict[str, jax.Array]:
    losses = motor_losses(motor, currents, speed, at)
    after = temperatures_after(motor, losses, at, _cooling(), speed, at, jnp.asarray(10.0))
    return {
        "psi_q": flux_linkage(motor, currents)[1],
        "copper_ac": losses.stator_copper_ac,
        "iron": losses.stator_iron,
        "ten_seconds_winding": after.winding,
        "retention": rotor_strength(motor, jnp.asarray(1700.0)).retention_stress,
        "demagnetization": demagnetization_margin(motor, at.magnet, jnp.abs(currents[1]) + 50.0),
        "length": motor_dimensions(motor).length,
        "inertia": rotor_inertia(motor),
    }


def _im_outputs(motor: Motor, currents: jax.Array, speed: jax.Array, at: MotorTemperatures) -> dict[str, jax.Array]:
    losses = motor_losses(motor, currents, speed, at)
    light = jax.tree.map(lambda power: 0.05 * power, losses)
    return {
        "bar_current": cage_state(motor, currents, at.field_winding).bar_current,
        "cage": losses.cage,
        "shaft_torque": shaft_torque(motor, currents, speed, at),
        "steady_cage": steady_temperatures(motor, light, at, _cooling(), speed).field_winding,
        "retention": rotor_strength(motor, jnp.asarray(1700.0)).retention_stress,
        "mass": motor_masses(motor).total,
    }


def _case(kind: str) -> ContractCase:
    lamination, motor_variables = lamination_space(TEMPLATES[kind]), motor_space(kind)
    first, second = len(lamination), len(lamination) + len(motor_variables)
    outputs = {"eesm": _eesm_outputs, "ipm": _ipm_outputs, "im": _im_outputs}[kind]
    lowest, highest = (_CAGE_LOW, _CAGE_HIGH) if kind == "im" else (_LOW, _HIGH)

    def function(x: jax.Array) -> dict[str, jax.Array]:
        motor = motor_with_constant_map(kind, x[:first], x[first:second])
        stator, field = map_range(motor)
        point = x[second:]
        currents = point[:3] * jnp.stack([stator, stator, field])
        return outputs(motor, currents, point[3], uniform_temperatures(point[4]))

    low = np.concatenate([lamination.low, motor_variables.low, lowest])
    high = np.concatenate([lamination.high, motor_variables.high, highest])
    # Eager: some thousand small operations would be dispatched for every sample (minutes).
    return ContractCase(name=f"motor_{kind}", low=low, high=high, function=function, tolerance=2e-5, eager=False)


CASES = [_case("eesm"), _case("ipm"), _case("im")]
