"""Bill of materials: what was designed -> what is bought for it, by the part that owns it.

Raw materials follow the designed masses with what is cut away (its scrap is sold), purchased parts the designed die
area, capacitance, copper. Manufacture, tooling and development are not here: `unit_cost` adds them.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from edu_opt.numerics.pytree import pytree
from edu_opt.programme.prices import Prices

PRICED_CAPACITOR_VOLTAGE = 500.0  # V, rating of the film whose farad has a price
ROTOR_SCRAP_SHARE = 0.5  # of the blank's scrap, which stator and rotor have in common (assumed)


@pytree
class MaterialAmounts:
    """What one drive unit consists of. Masses in kg, net unless said; areas in m^2; power in W; capacitance in F, of
    equal energy at `PRICED_CAPACITOR_VOLTAGE`; flags are 1 or 0."""

    stator_steel: jax.Array
    rotor_steel: jax.Array
    sheet_scrap: jax.Array  # strip that is in neither of them
    stator_copper: jax.Array
    copper_trim: jax.Array  # cut off the conductors
    field_copper: jax.Array
    magnets: jax.Array  # that hold rare earths
    ferrite_magnets: jax.Array
    copper_cage: jax.Array
    aluminium_cage: jax.Array
    motor_shaft: jax.Array
    shaft_chips: jax.Array  # turned off the bar
    gears_stage_1: jax.Array
    gears_stage_2: jax.Array
    gear_shafts: jax.Array
    differential: jax.Array
    bearings: jax.Array
    oil: jax.Array
    housing: jax.Array
    silicon_die_area: jax.Array
    silicon_carbide_die_area: jax.Array
    module_area: jax.Array  # cooled base of the power modules
    capacitance: jax.Array
    busbars: jax.Array  # copper, in the inverter and to the winding
    filter: jax.Array
    control: jax.Array  # boards, sensors, plugs
    mounts: jax.Array
    harness: jax.Array
    peak_power: jax.Array
    wound_rotor: jax.Array  # 1 where the rotor carries a field winding
    magnet_rotor: jax.Array  # 1 where magnets are inserted
    brazed_cage: jax.Array  # 1 where copper bars and rings are brazed
    cast_cage: jax.Array  # 1 where an aluminium cage is cast
    hairpin_winding: jax.Array  # 1 where the stator winding is of bars
    wire_winding: jax.Array  # 1 where it is of pulled-in round wire


@pytree
class Bought:
    """Cost of what is bought [EUR] by part: `raw` material at world prices, `mechanical` and `electronic` parts whose
    price falls with volume; the industry of the electronic ones still learns."""

    raw: dict[str, jax.Array]
    mechanical: dict[str, jax.Array]
    electronic: dict[str, jax.Array]


def raw_materials(amounts: MaterialAmounts, prices: Prices) -> dict[str, jax.Array]:
    """Raw material [EUR] by part, scrap sold."""
    wire = prices.copper + prices.wire_conversion
    lost_sheet = (prices.electrical_steel - prices.steel_scrap) * amounts.sheet_scrap
    lost_wire = (wire - prices.copper_scrap_share * prices.copper) * amounts.copper_trim
    cast = prices.aluminium * (1.0 + prices.aluminium_loss)
    chips = prices.steel_scrap * prices.gear_chips
    gear = prices.gear_blank * (1.0 + prices.gear_chips) - chips
    shaft = prices.shaft_steel * (amounts.motor_shaft + amounts.shaft_chips) - prices.steel_scrap * amounts.shaft_chips
    bars = prices.shaft_steel * (1.0 + prices.gear_chips) - chips
    return {
        "lamination": prices.electrical_steel * amounts.stator_steel + (1.0 - ROTOR_SCRAP_SHARE) * lost_sheet,
        "stator_winding": wire * amounts.stator_copper
        + lost_wire
        + prices.insulation_per_kw * amounts.peak_power * 1e-3,
        "rotor": prices.electrical_steel * amounts.rotor_steel
        + ROTOR_SCRAP_SHARE * lost_sheet
        + prices.magnet * amounts.magnets
        + prices.ferrite * amounts.ferrite_magnets
        + (prices.copper + prices.wire_conversion) * amounts.copper_cage
        + cast * amounts.aluminium_cage
        + shaft,
        "field_winding": wire * amounts.field_copper,
        "gear_stage_1": gear * amounts.gears_stage_1,
        "gear_stage_2": gear * amounts.gears_stage_2,
        "gear_shafts": bars * amounts.gear_shafts,
        "gearbox_accessories": prices.oil * amounts.oil,
        "housing": cast * amounts.housing,
        "inverter_control": prices.copper * amounts.busbars,
    }


def bill_of_materials(amounts: MaterialAmounts, prices: Prices) -> Bought:
    """What is bought for one unit [EUR] by part, at the prices' own volume and year."""
    dies = prices.silicon_die * amounts.silicon_die_area
    dies = dies + prices.silicon_carbide_die * amounts.silicon_carbide_die_area
    return Bought(
        raw=raw_materials(amounts, prices),
        mechanical={
            "differential": prices.differential * amounts.differential,
            "bearing_set": prices.bearing * amounts.bearings,
            "gearbox_accessories": jnp.asarray(prices.gearbox_accessories, float),
            "assembly": prices.mounts * amounts.mounts + prices.harness * amounts.harness,
        },
        electronic={
            "field_winding": amounts.wound_rotor * prices.exciter_fixed,
            "power_module": dies + prices.module_package * amounts.module_area,
            "capacitor": prices.capacitor * amounts.capacitance,
            "inverter_control": prices.control_boards
            + prices.sensors_connectors
            + prices.filter * amounts.filter
            + prices.busbar_conversion * amounts.busbars,
        },
    )
