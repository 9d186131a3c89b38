"""What else is in the box: parts that are bought whole and change neither fields nor teeth; masses [kg] a unit.

No source with weighed parts was found; each mass is assumed after parts of its kind. Seals, breather and bolts are in
the gearbox's own accessories (`gearbox.packaging.ACCESSORIES_MASS`, TUM/Gao), sensor cables and coolant fittings in the
harness (`package.HARNESS_MASS`). An active short circuit on demand needs no part of its own: the module's low-side
switches and a second supply of their drivers on the control board make it.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from edu_opt.drive_unit.model import SHAFT_OIL_FLOW, DriveUnit
from edu_opt.numerics.pytree import pytree

PARK_LOCK = 1.3  # wheel, pawl, spring and electric actuator (assumed)
OIL_PUMP = 1.2  # electric pump of about 10 l/min with strainer and filter (assumed)
OIL_COOLER = 0.8  # plate heat exchanger of oil against coolant, filled (assumed)
RESOLVER = 0.35  # variable-reluctance stator and rotor disc on the motor's shaft (assumed)
HIGH_VOLTAGE_CONNECTOR = 0.45  # two poles with interlock, header in the housing (assumed)


@pytree
class AccessoryMasses:
    """Masses [kg]; `oil_circuit` is pump and cooler of a unit whose motor is cooled by oil."""

    park_lock: jax.Array
    oil_circuit: jax.Array
    resolver: jax.Array
    high_voltage_connector: jax.Array

    @property
    def total(self) -> jax.Array:
        """Sum [kg]."""
        return self.park_lock + self.oil_circuit + self.resolver + self.high_voltage_connector


def accessory_masses(unit: DriveUnit) -> AccessoryMasses:
    """Masses of the unit's accessories; a motor with a water jacket alone has no oil pump."""
    flow = jnp.asarray(unit.shaft_oil_flow, float)
    cooled = flow / (flow + 1e-3 * SHAFT_OIL_FLOW)
    return AccessoryMasses(
        park_lock=jnp.asarray(PARK_LOCK),
        oil_circuit=(OIL_PUMP + OIL_COOLER) * cooled,
        resolver=jnp.asarray(RESOLVER),
        high_voltage_connector=jnp.asarray(HIGH_VOLTAGE_CONNECTOR),
    )
