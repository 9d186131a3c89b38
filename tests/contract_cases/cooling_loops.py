"""Coolant and oil loops as the contract sees them: heats, flows, radiator, cooler -> temperatures, heats, pumps."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from edu_opt.drive_unit.cooling_loops import CoolingLoops, cooling_derating, solve_loops
from edu_opt.drive_unit.model import cooling
from edu_opt.motor.results import MotorLosses, uniform_temperatures
from edu_opt.motor.thermal import sink_response
from edu_opt.numerics.pytree import replace
from tests.contract import ContractCase
from tests.drive_unit.reference_unit import analytic_unit, warm

# inverter, motor, gearbox heat [W], coolant flow [m3/s], ambient [degC], radiator [K/W], cooler [W/K], held, oil share,
# film on the end windings [W/m2K], shaft's oil [m3/s]
LOW = np.array([0.0, 0.0, 5.0, 5e-5, -30.0, 0.0, 20.0, 0.0, 0.1, 0.0, 0.0])
HIGH = np.array([3000.0, 4000.0, 2500.0, 4e-4, 55.0, 0.01, 600.0, 1.0, 1.0, 2500.0, 8e-5])


def _outputs(x: jax.Array) -> dict[str, jax.Array]:
    with jax.ensure_compile_time_eval():
        unit, at = analytic_unit("ipm"), warm(120.0)
    unit = replace(unit, end_winding_film=x[9], shaft_oil_flow=x[10])
    parts = dict.fromkeys(MotorLosses.__dataclass_fields__, 0.03 * x[1]) | {"stator_copper_dc": 0.5 * x[1]}
    loops = CoolingLoops(
        coolant_celsius=65.0,
        coolant_flow=x[3],
        ambient_celsius=x[4],
        radiator_resistance=x[5],
        oil_celsius=80.0,
        oil_held=x[7],
        oil_cooler_conductance=x[6],
        oil_share=x[8],
    )
    speed, flowing = jnp.asarray(700.0), replace(at, coolant_flow=x[3])
    nodes = uniform_temperatures(jnp.asarray(120.0))
    motor = sink_response(unit.motor, MotorLosses(**parts), nodes, cooling(unit, flowing, speed), speed)
    state = solve_loops(unit, loops, x[0], motor, lambda oil: x[2] * jnp.exp(-0.004 * (oil - 80.0)))
    return {
        "coolant": state.coolant_celsius,
        "oil": state.oil_celsius,
        "wall": state.wall_celsius,
        "radiator": state.radiator_heat * 1e-3,
        "pumps": state.pumps.electrical,
        "derating": cooling_derating(loops, state, jnp.asarray(150.0)),
        "hot_spot": motor.temperatures(state.jacket_celsius, state.oil_celsius)[2],
    }


CASES = [ContractCase(name="cooling_loops", low=LOW, high=HIGH, function=_outputs, tolerance=2e-5, eager=False)]
