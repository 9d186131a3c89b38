"""Bill of materials: what was designed -> cost lines, each owned by a named part.

Material lines follow the designed masses, die area and capacitance; fixed lines stand for what is not designed (control
board, accessories). Tooling, volume and learning are not part of the unit's bill.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from edu_opt.numerics.pytree import pytree
from edu_opt.programme.prices import Prices

PRICED_CAPACITOR_VOLTAGE = 500.0  # V, rating of the film whose farad has a price


@pytree
class MaterialAmounts:
    """What one drive unit consists of. Masses in kg; areas in m^2; power in W; capacitance in F, of equal energy at
    `PRICED_CAPACITOR_VOLTAGE`."""

    stator_steel: jax.Array
    rotor_steel: jax.Array
    stator_copper: jax.Array
    field_copper: jax.Array
    magnets: jax.Array  # that hold rare earths
    ferrite_magnets: jax.Array
    copper_cage: jax.Array
    aluminium_cage: jax.Array
    motor_shaft: jax.Array
    gears_stage_1: jax.Array
    gears_stage_2: jax.Array
    gear_shafts: jax.Array
    differential: jax.Array
    bearings: jax.Array
    oil: jax.Array
    housing: jax.Array
    silicon_die_area: jax.Array
    silicon_carbide_die_area: jax.Array
    capacitance: jax.Array
    peak_power: jax.Array
    wound_rotor: jax.Array  # 1 where the rotor carries a field winding, else 0
    magnet_rotor: jax.Array  # 1 where magnets are inserted, else 0
    cage_rotor: jax.Array  # 1 where bars and rings are brazed, else 0; none of the three: a bare stack


def bill_of_materials(amounts: MaterialAmounts, prices: Prices) -> dict[str, jax.Array]:
    """Cost lines [EUR] by the part that owns them. Sheet is bought as the punched square's round: stator and rotor
    sheets share the scrap of `electrical_steel_scrap`."""
    sheet = prices.electrical_steel * (1.0 + prices.electrical_steel_scrap)
    wire = prices.copper * (1.0 + prices.copper_scrap)
    bar = prices.shaft_steel * (1.0 + prices.shaft_steel_scrap)
    cast = prices.aluminium * (1.0 + prices.aluminium_scrap)
    wound, magnetic, caged = amounts.wound_rotor, amounts.magnet_rotor, amounts.cage_rotor
    rotor_hours = (
        wound * prices.wound_rotor_hours
        + magnetic * prices.magnet_rotor_hours
        + caged * prices.cage_rotor_hours
        + (1.0 - wound - magnetic - caged) * prices.bare_rotor_hours
    )
    return {
        "lamination": sheet * amounts.stator_steel,
        "stator_winding": wire * amounts.stator_copper
        + prices.insulation_per_kw * amounts.peak_power * 1e-3
        + prices.labour * prices.stator_winding_hours,
        "rotor": sheet * amounts.rotor_steel
        + prices.magnet * amounts.magnets
        + prices.ferrite * amounts.ferrite_magnets
        + wire * amounts.copper_cage
        + cast * amounts.aluminium_cage
        + bar * amounts.motor_shaft
        + prices.labour * rotor_hours,
        "field_winding": wire * amounts.field_copper + wound * prices.exciter_fixed,
        "gear_stage_1": prices.gear_steel * amounts.gears_stage_1,
        "gear_stage_2": prices.gear_steel * amounts.gears_stage_2,
        "gear_shafts": bar * amounts.gear_shafts,
        "differential": prices.gear_steel * amounts.differential,
        "bearing_set": prices.bearing * amounts.bearings,
        "gearbox_accessories": prices.gearbox_accessories + prices.oil * amounts.oil,
        "housing": cast * amounts.housing,
        "power_module": prices.silicon_die * amounts.silicon_die_area
        + prices.silicon_carbide_die * amounts.silicon_carbide_die_area,
        "capacitor": prices.capacitor * amounts.capacitance,
        "inverter_control": jnp.asarray(prices.inverter_fixed),
        "assembly": jnp.asarray(prices.labour * prices.assembly_hours + prices.energy * prices.manufacturing_energy),
    }


def total_cost(lines: dict[str, jax.Array]) -> jax.Array:
    """Sum of the cost lines [EUR]."""
    return sum(lines.values(), start=jnp.asarray(0.0))
