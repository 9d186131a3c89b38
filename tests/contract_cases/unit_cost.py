"""Contract case of cost and carbon: over masses, die area, volume and years."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import jax
import jax.numpy as jnp
import numpy as np

from edu_opt.numerics.pytree import replace
from edu_opt.programme.bill_of_materials import MaterialAmounts
from edu_opt.programme.carbon import embodied_carbon
from edu_opt.programme.prices import PRICE_UNCERTAINTY, Prices
from edu_opt.programme.programme import ProgrammeSettings, programme_of
from edu_opt.programme.unit_cost import cost_band, unit_cost
from edu_opt.programme.volumes import uniform_volumes
from tests.contract import ContractCase

PROGRAMME = programme_of(ProgrammeSettings())
ROUND = {  # amounts of a unit of about 150 kW
    "sheet_scrap": 30.0,
    "copper_trim": 0.3,
    "motor_shaft": 3.0,
    "shaft_chips": 4.0,
    "gear_shafts": 1.5,
    "differential": 3.0,
    "bearings": 3.8,
    "oil": 1.2,
    "silicon_die_area": 2e-3,
    "module_area": 0.026,
    "capacitance": 500e-6,
    "busbars": 2.9,
    "filter": 1.5,
    "control": 1.5,
    "mounts": 2.8,
    "harness": 1.2,
    "peak_power": 150e3,
    "magnet_rotor": 1.0,
    "hairpin_winding": 1.0,
}
FIELDS = [field.name for field in dataclasses.fields(MaterialAmounts)]  # type: ignore[arg-type]


def results(x: jax.Array) -> Mapping[str, jax.Array]:
    """(size of the motor, size of the gears, die area m^2, magnets kg, housing kg, log10 of units a year)."""
    motor, gears, dies, magnets, housing, volume = x
    amounts = replace(
        MaterialAmounts(**{name: jnp.asarray(ROUND.get(name, 0.0)) for name in FIELDS}),
        stator_steel=17.0 * motor,
        rotor_steel=15.0 * motor,
        stator_copper=7.0 * motor,
        gears_stage_1=2.0 * gears,
        gears_stage_2=6.0 * gears,
        silicon_carbide_die_area=dies,
        magnets=magnets,
        housing=housing,
    )
    masses = {"housing": housing, "lamination": 17.0 * motor}
    volumes = uniform_volumes(10.0**volume)
    cost = unit_cost(amounts, masses, Prices(), volumes, PROGRAMME)
    carbon = embodied_carbon(amounts, cost.processes, PROGRAMME)
    band = cost_band(amounts, masses, Prices(), PRICE_UNCERTAINTY, volumes, PROGRAMME)
    machines = jnp.sum(cost.machines)
    return {"cost": jnp.sum(cost.lines), "machines": machines, "band": band, "carbon": jnp.sum(carbon)}


CASES = [
    ContractCase(
        name="unit_cost",
        low=np.array([0.3, 0.3, 0.0, 0.0, 5.0, 4.0]),
        high=np.array([2.5, 2.5, 3e-3, 5.0, 40.0, 6.0]),
        function=results,
    )
]
