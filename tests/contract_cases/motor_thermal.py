"""Cooling and insulation as the contract sees them: flow, films, speed, loss, DC voltage -> temperatures, ratings."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from edu_opt.motor.insulation import insulation_for
from edu_opt.motor.mass import motor_materials
from edu_opt.motor.results import MotorLosses, uniform_temperatures
from edu_opt.motor.thermal import Cooling, LoadCycle, jacket_flow, load_cycle_temperatures, steady_temperatures
from edu_opt.motor.winding import slot_fill
from edu_opt.numerics.pytree import replace
from tests.contract import ContractCase
from tests.motor.reference_motors import analytic_motor

# coolant flow [m3/s], end-winding and shaft films [W/m2K], coolant and oil [degC], speed [rad/s], loss [W], voltage [V]
LOW = np.array([1e-5, 0.0, 0.0, -20.0, -20.0, 0.0, 0.0, 150.0])
HIGH = np.array([4e-4, 4000.0, 2000.0, 75.0, 95.0, 1800.0, 3000.0, 950.0])


def _outputs(x: jax.Array) -> dict[str, jax.Array]:
    with jax.ensure_compile_time_eval():
        motor = analytic_motor("ipm")
    motor = replace(motor, winding=replace(motor.winding, insulation=insulation_for(x[7])))
    cooling = Cooling(coolant_flow=x[0], end_winding_film=x[1], shaft_film=x[2], coolant_celsius=x[3], oil_celsius=x[4])
    at = uniform_temperatures(jnp.asarray(100.0))
    parts = dict.fromkeys(MotorLosses.__dataclass_fields__, 0.03 * x[6]) | {"stator_copper_dc": 0.5 * x[6]}
    losses = MotorLosses(**parts)
    steady = steady_temperatures(motor, losses, at, cooling, x[5])
    jacket = jacket_flow(motor, cooling, steady, x[5])
    twice = lambda leaf: jnp.stack([leaf, leaf])  # noqa: E731
    cycle = LoadCycle(
        losses=jax.tree.map(twice, losses),
        at=jax.tree.map(twice, at),
        speed=jnp.stack([x[5], 0.5 * x[5]]),
        duration=jnp.array([30.0, 60.0]),
    )
    after = load_cycle_temperatures(motor, cycle, cooling, at, repetitions=2)
    return {
        "hot_spot": steady.hot_spot,
        "magnet": steady.magnet,
        "pressure_drop": jacket.pressure_drop,
        "outlet": jacket.outlet_celsius,
        "after_climbs": after.hot_spot[-1, -1],
        "slot_fill": slot_fill(motor.winding, motor.dimensions),
        "copper_gross": motor_materials(motor).copper_gross,
    }


CASES = [ContractCase(name="motor_thermal", low=LOW, high=HIGH, function=_outputs, tolerance=2e-5, eager=False)]
