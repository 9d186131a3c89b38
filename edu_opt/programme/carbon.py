"""Embodied and use-phase greenhouse gases of one unit, kg CO2e.

Material factors are from cradle to the gate of the material's maker; what is cut away counts where it is not melted
again in the same plant. Manufacture counts the electricity of `processes` with the grid of the plant's country.

Sources: aluminium primary in Europe 7 (European Aluminium, Environmental Profile Report 2018); steel of the blast
furnace 2.3 (worldsteel 2023, recalled); copper cathode 4.1 (International Copper Association 2017, recalled); NdFeB 12
to 90 in the literature, by route and grid of the mine (Sprecher et al. 2014: 12 to 27; recalled); silicon carbide takes
more than twice the energy of silicon by area (Warren et al. 2015, doi 10.1021/acs.est.5b00627 recalled). The rest is
assumed, as said.
"""

from __future__ import annotations

import jax

from edu_opt.numerics.pytree import pytree
from edu_opt.programme.bill_of_materials import PRICED_CAPACITOR_VOLTAGE, MaterialAmounts
from edu_opt.programme.processes import ProcessCosts, good_by_part, summed_by_part
from edu_opt.programme.programme import Programme
from edu_opt.programme.unit_cost import stacked
from edu_opt.programme.volumes import PARTS

CAPACITOR_ENERGY_DENSITY = 113.0  # J/kg of film capacitor with case (62.5 J in 0.55 kg, as `inverter.dc_link` sizes it)
JOULE_PER_KWH = 3.6e6


@pytree
class CarbonFactors:
    """kg CO2e per kg unless said."""

    electrical_steel: float = 2.9  # blast furnace 2.3, annealed and coated 0.6 (assumed)
    copper: float = 4.1
    wire: float = 0.4  # drawing and enamel (assumed)
    magnet: float = 30.0  # within 12 to 90 of the literature (assumed)
    ferrite: float = 2.0  # (assumed)
    bar_steel: float = 2.3
    forged_steel: float = 2.7  # alloyed and forged (assumed)
    aluminium: float = 3.0  # casting alloy, a third of it primary at 7, the rest remelted at about 1 (assumed)
    bearing: float = 3.0  # (assumed)
    oil: float = 1.4  # (assumed)
    insulation: float = 0.03  # kg/kW of peak power (assumed)
    silicon_die: float = 0.8e4  # kg/m^2 (assumed)
    silicon_carbide_die: float = 2.0e4  # kg/m^2, 2.5 of silicon (assumed; > 2 by Warren et al.)
    module_package: float = 700.0  # kg/m^2 of cooled base: 18 kg for three modules (assumed)
    capacitor: float = 8.0  # (assumed)
    filter: float = 6.0  # (assumed)
    electronics: float = 25.0  # boards, sensors, plugs (assumed)
    accessories: float = 12.0  # kg a unit: seals, park lock, breather, bolts (assumed)
    steel_parts: float = 3.0  # mounts (assumed)
    harness: float = 6.0  # (assumed)


CARBON_FACTORS = CarbonFactors()


def material_carbon(amounts: MaterialAmounts, factors: CarbonFactors, chips: float | jax.Array) -> dict[str, jax.Array]:
    """Materials and bought parts [kg CO2e] by part; `chips` of gear steel are cut away, over the finished mass."""
    sheet, wire = factors.electrical_steel, factors.copper + factors.wire
    forged = factors.forged_steel * (1.0 + chips)
    capacitor = 0.5 * amounts.capacitance * PRICED_CAPACITOR_VOLTAGE**2 / CAPACITOR_ENERGY_DENSITY
    return {
        "lamination": sheet * (amounts.stator_steel + 0.5 * amounts.sheet_scrap),
        "stator_winding": wire * (amounts.stator_copper + amounts.copper_trim)
        + factors.insulation * amounts.peak_power * 1e-3,
        "rotor": sheet * (amounts.rotor_steel + 0.5 * amounts.sheet_scrap)
        + factors.magnet * amounts.magnets
        + factors.ferrite * amounts.ferrite_magnets
        + wire * amounts.copper_cage
        + factors.aluminium * amounts.aluminium_cage
        + factors.bar_steel * (amounts.motor_shaft + amounts.shaft_chips),
        "field_winding": wire * amounts.field_copper,
        "gear_stage_1": forged * amounts.gears_stage_1,
        "gear_stage_2": forged * amounts.gears_stage_2,
        "gear_shafts": factors.bar_steel * (1.0 + chips) * amounts.gear_shafts,
        "differential": factors.forged_steel * amounts.differential,
        "bearing_set": factors.bearing * amounts.bearings,
        "gearbox_accessories": factors.accessories + factors.oil * amounts.oil,
        "housing": factors.aluminium * amounts.housing,
        "power_module": factors.silicon_die * amounts.silicon_die_area
        + factors.silicon_carbide_die * amounts.silicon_carbide_die_area
        + factors.module_package * amounts.module_area,
        "capacitor": factors.capacitor * capacitor,
        "inverter_control": factors.electronics * amounts.control
        + factors.filter * amounts.filter
        + wire * amounts.busbars,
        "assembly": factors.steel_parts * amounts.mounts + factors.harness * amounts.harness,
    }


def embodied_carbon(
    amounts: MaterialAmounts,
    done: ProcessCosts,
    programme: Programme,
    chips: float | jax.Array,
    factors: CarbonFactors = CARBON_FACTORS,
) -> dict[str, jax.Array]:
    """Embodied carbon [kg CO2e] of one unit by part: materials and the electricity of its processes (`UnitCost`), over
    the good share."""
    electricity = summed_by_part(done.energy_kwh) * programme.plant.electricity_co2e
    total = (stacked(material_carbon(amounts, factors, chips)) + electricity) / good_by_part(done)
    return {part: total[k] for k, part in enumerate(PARTS)}


def use_carbon(wall_energy: jax.Array, units: jax.Array, programme: Programme) -> jax.Array:
    """Use phase [kg CO2e] of one of `units` alike in a car that draws `wall_energy` [J/m] from the socket: the car's
    whole electricity, of which the unit's losses are the part that its design decides."""
    return wall_energy / JOULE_PER_KWH * programme.lifetime_distance * programme.use_co2e / units
