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
import jax.numpy as jnp
import numpy as np

from edu_opt.programme.bill_of_materials import (
    PRICED_CAPACITOR_VOLTAGE,
    MaterialAmounts,
    amount_vector,
    ownership,
    selection,
)
from edu_opt.programme.processes import ProcessCosts, good_by_part, summed_by_part
from edu_opt.programme.programme import Programme

CAPACITOR_ENERGY_DENSITY = 113.0  # J/kg of film capacitor with case (62.5 J in 0.55 kg, as `inverter.dc_link` sizes it)
JOULE_PER_KWH = 3.6e6


# kg CO2e a kilogram unless said: (part, amount, factor); amount "": once a unit.
SHEET = 2.9  # blast furnace 2.3, annealed and coated 0.6 (assumed)
WIRE = 4.1 + 0.4  # cathode, drawing and enamel (assumed)
CASTING = 3.0  # a third primary at 7, the rest remelted at about 1 (assumed)
BAR, FORGED = 2.3, 2.7 * 1.3  # bar; alloyed and forged, 30 % of chips (assumed)
FILM = 8.0 * 0.5 * PRICED_CAPACITOR_VOLTAGE**2 / CAPACITOR_ENERGY_DENSITY  # kg/F, 8 kg/kg of capacitor (assumed)
TERMS: tuple[tuple[str, str, float], ...] = (
    ("lamination", "stator_steel", SHEET),
    ("lamination", "sheet_scrap", 0.5 * SHEET),
    ("stator_winding", "stator_copper", WIRE),
    ("stator_winding", "copper_trim", WIRE),
    ("stator_winding", "peak_power", 0.03e-3),  # kg/W: papers and resin (assumed)
    ("rotor", "rotor_steel", SHEET),
    ("rotor", "sheet_scrap", 0.5 * SHEET),
    ("rotor", "magnets", 30.0),  # within 12 to 90 of the literature (assumed)
    ("rotor", "ferrite_magnets", 2.0),  # (assumed)
    ("rotor", "copper_cage", WIRE),
    ("rotor", "aluminium_cage", CASTING),
    ("rotor", "motor_shaft", BAR),
    ("rotor", "shaft_chips", BAR),
    ("field_winding", "field_copper", WIRE),
    ("gear_stage_1", "gears_stage_1", FORGED),
    ("gear_stage_2", "gears_stage_2", FORGED),
    ("gear_shafts", "gear_shafts", 1.3 * BAR),
    ("differential", "differential", 2.7),  # (assumed)
    ("bearing_set", "bearings", 3.0),  # (assumed)
    ("gearbox_accessories", "", 12.0),  # kg a unit: seals, park lock, breather, bolts (assumed)
    ("gearbox_accessories", "oil", 1.4),  # (assumed)
    ("housing", "housing", CASTING),
    ("power_module", "silicon_die_area", 0.8e4),  # kg/m^2 (assumed)
    ("power_module", "silicon_carbide_die_area", 2.0e4),  # kg/m^2, 2.5 of silicon (assumed; above 2 by Warren et al.)
    ("power_module", "module_area", 700.0),  # kg/m^2 of cooled base: 18 kg for three modules (assumed)
    ("capacitor", "capacitance", FILM),
    ("inverter_control", "control", 25.0),  # boards, sensors, plugs (assumed)
    ("inverter_control", "filter", 6.0),  # (assumed)
    ("inverter_control", "busbars", WIRE),
    ("assembly", "mounts", 3.0),  # (assumed)
    ("assembly", "harness", 6.0),  # (assumed)
)
FACTORS = ownership([part for part, _, _ in TERMS]) * np.array([factor for _, _, factor in TERMS])  # (parts, terms)
PER_AMOUNT = FACTORS @ selection([amount for _, amount, _ in TERMS])  # (parts, amounts)
PER_UNIT = FACTORS @ np.array([float(amount == "") for _, amount, _ in TERMS])  # (parts,)


def material_carbon(amounts: MaterialAmounts) -> jax.Array:
    """Materials and bought parts (parts,) [kg CO2e] of one unit."""
    return jnp.asarray(PER_AMOUNT) @ amount_vector(amounts) + PER_UNIT


def embodied_carbon(amounts: MaterialAmounts, done: ProcessCosts, programme: Programme) -> jax.Array:
    """Embodied carbon (parts,) [kg CO2e] of one unit: materials and the electricity of its processes (`UnitCost`),
    over the good share."""
    electricity = summed_by_part(done.energy_kwh) * programme.plant.electricity_co2e
    return (material_carbon(amounts) + electricity) / good_by_part(done)


def use_carbon(wall_energy: jax.Array, units: jax.Array, programme: Programme) -> jax.Array:
    """Use phase [kg CO2e] of one of `units` alike in a car that draws `wall_energy` [J/m] from the socket: the car's
    whole electricity, of which the unit's losses are the part that its design decides."""
    return wall_energy / JOULE_PER_KWH * programme.lifetime_distance * programme.use_co2e / units
