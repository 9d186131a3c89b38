"""Contract case of the inverter over the design space, the operating range and from silicon to silicon carbide."""

from __future__ import annotations

from collections.abc import Mapping

import jax
import numpy as np

from edu_opt.inverter.losses import inverter_losses
from edu_opt.inverter.model import (
    dc_link_ripple,
    inverter_from_values,
    inverter_masses,
    inverter_space,
    inverter_volume,
    voltage_limit,
)
from edu_opt.inverter.modulation import phase_ripple_current
from edu_opt.materials.semiconductors import device
from tests.contract import ContractCase

SPACE = inverter_space()
# share of silicon carbide, current peak [A], modulation index, cos(phi), DC voltage [V], coolant [degC]
OPERATION_LOW = np.array([0.0, 0.0, 0.0, -1.0, 250.0, -20.0])
OPERATION_HIGH = np.array([1.0, 900.0, 1.27, 1.0, 450.0, 90.0])
SILICON, SILICON_CARBIDE = device("fuji_2mbi600xee065"), device("wolfspeed_cab450m12xm3")


def all_results(x: jax.Array) -> Mapping[str, jax.Array]:
    """Everything the inverter reports. The device rows are data: a mixture has no meaning but both ends as corners."""
    share, current, index, cosine, voltage, coolant = x[3:]
    row = jax.tree.map(lambda a, b: a + share * (b - a), SILICON, SILICON_CARBIDE)
    inverter = inverter_from_values(row, x[:3])
    losses = inverter_losses(inverter, current, index, cosine, voltage, coolant)
    return {
        "total": losses.total,
        "switch": losses.junction_celsius_switch,
        "diode": losses.junction_celsius_diode,
        "voltage_limit": voltage_limit(inverter, voltage, current),
        "link_ripple": dc_link_ripple(inverter, current, index, cosine, voltage),
        "phase_ripple": phase_ripple_current(index, voltage, inverter.switching_frequency, 2e-4),
        "mass": inverter_masses(inverter).total,
        "volume": inverter_volume(inverter),
    }


CASES = [
    ContractCase(
        name="inverter",
        low=np.concatenate([SPACE.low, OPERATION_LOW]),
        high=np.concatenate([SPACE.high, OPERATION_HIGH]),
        function=all_results,
    )
]
