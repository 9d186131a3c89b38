"""Single losses as the contract sees them: layered and stranded copper, sheets, magnet blocks, windage."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from edu_opt.materials.coolants import Fluid, air_warm
from edu_opt.materials.steels import electrical_steel
from edu_opt.motor.copper_loss import layers_resistance_ratio, reduced_height
from edu_opt.motor.iron_loss import sheet_skin_factor, sheet_thickness_in_skin_depths
from edu_opt.motor.magnet_loss import magnet_eddy_loss_per_speed
from edu_opt.motor.mechanical_loss import oil_mist, windage_torque
from edu_opt.motor.round_wire import strand_resistance_ratio
from tests.contract import ContractCase

# Bar height [m], copper's share of the slot width, layers, share of mixed slots; electrical speed [rad/s]; magnet
# segment width and length [m]; rotor radius, gap, length [m]; mechanical speed [rad/s], oil's share of the gap.
_LOW = np.array([0.5e-3, 0.5, 2.0, 0.0, 0.0, 2e-3, 2e-3, 0.05, 0.4e-3, 0.08, 0.0, 0.0])
_HIGH = np.array([6e-3, 1.0, 12.0, 1.0, 12000.0, 0.03, 0.2, 0.10, 1.2e-3, 0.22, 2100.0, 0.1])


def _outputs(x: jax.Array) -> dict[str, jax.Array]:
    height, share, layers, mixed, electrical, width, length, radius, gap, stack, speed, oil = x
    sheet = sheet_thickness_in_skin_depths(electrical_steel("NO27"))
    reduced = reduced_height(height, share, electrical, jnp.asarray(2.2e-8))
    gear_oil = Fluid(
        density=jnp.asarray(820.0),
        specific_heat=jnp.asarray(2100.0),
        thermal_conductivity=jnp.asarray(0.14),
        viscosity=jnp.asarray(0.008),
    )
    mist = oil_mist(air_warm(), gear_oil, oil)
    return {
        "copper": layers_resistance_ratio(reduced, layers, mixed),
        "strands": strand_resistance_ratio(layers * 2e-5, 8e-3 * share, electrical, jnp.asarray(2.2e-8), mixed),
        "sheet": sheet_skin_factor((2.0 * sheet**2 * electrical) ** 2),
        "magnet": magnet_eddy_loss_per_speed(
            jnp.asarray(1e-2),
            electrical,
            width=width,
            length=length,
            volume=jnp.asarray(1e-4),
            resistivity=jnp.asarray(1.5e-6),
        ),
        "windage": windage_torque(speed, radius, 0.4 * radius, gap, stack, mist),
    }


CASES = [ContractCase(name="motor_single_losses", low=_LOW, high=_HIGH, function=_outputs)]
