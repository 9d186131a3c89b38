"""Prices and labour as cited data. Euro of 2024 unless said; US dollars are converted at 0.92 EUR/USD (2024 mean, ECB).

Sources:
  MEAPA   TUM machine design tool MEAPA, cost data after Angerer (2020): sheet 1.0 EUR/kg with 40 % scrap, copper wire
          10 EUR/kg with 10 % scrap, aluminium 3.6 EUR/kg with 15 % scrap, steel 1.5 EUR/kg with 10 % scrap, insulation
          0.365 EUR/kW; NdFeB 40, 81, 210 EUR/kg (low, stable, high price phase).
  GAO     TUM/Gao gearbox model: machined and hardened gear steel 12 EUR/kg, gearbox accessories 120 EUR.
  OMEGA   US EPA OMEGA 2024 final rule, powertrain_cost_frm.csv (FEV teardowns), USD 2022: inverter 1.26 USD/kW + 559,
          motor 1.1097 USD/kW + 323.22 USD, gearbox 281-339 USD; direct manufacturing cost before mark-up.
  OEM     industry estimate for 10 000 sets a year: six 200 A silicon switches 70-90 USD, six 250 A silicon-carbide
          switches 300-450 USD (press, confidence C).
  LABOUR  Oliver Wyman 2025: labour per vehicle UK/DE = 0.705; German car industry above 50 EUR/h (VDA).
"""

from __future__ import annotations

from edu_opt.numerics.pytree import pytree


@pytree
class Prices:
    """Unit prices; every field is data (a price sweep compiles nothing). Scrap is a share of the part's own mass."""

    electrical_steel: float = 1.0  # EUR/kg [MEAPA]
    electrical_steel_scrap: float = 0.40  # [MEAPA]
    copper: float = 10.0  # EUR/kg, drawn and insulated wire [MEAPA]
    copper_scrap: float = 0.10  # [MEAPA]
    magnet: float = 81.0  # EUR/kg NdFeB, stable phase [MEAPA]
    ferrite: float = 8.0  # EUR/kg, a tenth of NdFeB (assumed)
    shaft_steel: float = 1.5  # EUR/kg [MEAPA]
    shaft_steel_scrap: float = 0.10  # [MEAPA]
    gear_steel: float = 12.0  # EUR/kg, cut, hardened and ground [GAO]
    aluminium: float = 3.6  # EUR/kg, die cast and machined [MEAPA]
    aluminium_scrap: float = 0.15  # [MEAPA]
    bearing: float = 8.0  # EUR/kg of rolling bearing (assumed: volume price of deep-groove bearings)
    oil: float = 3.0  # EUR/kg (assumed)
    insulation_per_kw: float = 0.365  # EUR/kW of peak power [MEAPA]
    # Power electronics: die prices follow from OEM by the rated current of the six switches over the die area that such
    # a switch needs (Si IGBT with diode 150 A/cm2, SiC 400 A/cm2: assumed), packaged.
    silicon_die: float = 6.1e4  # EUR/m^2: 80 USD over 6 x 200 A at 150 A/cm2 plus diode half as large [OEM]
    silicon_carbide_die: float = 9.2e5  # EUR/m^2: 375 USD over 6 x 250 A at 400 A/cm2 [OEM]
    capacitor: float = 8.0e4  # EUR/F of 500 V film, others by energy (assumed 0.08 EUR/uF)
    inverter_fixed: float = 440.0  # EUR: 559 USD [OMEGA] less capacitor (40 EUR) and housing share (35 EUR)
    exciter_fixed: float = 45.0  # EUR: brushes, slip rings, field driver of a wound rotor (assumed)
    inductive_exciter_fixed: float = 80.0  # EUR: pot cores, resonant stage, rectifier on the rotor (assumed)
    gearbox_accessories: float = 120.0  # EUR: seals, park lock interface, breather, bolts [GAO]
    shift_clutches: float = 180.0  # EUR: wet clutch, claws, actuator, sensor of a second gear (assumed)
    labour: float = 50.0  # EUR/h, German car industry [LABOUR]
    energy: float = 0.15  # EUR/kWh, industrial electricity Germany (assumed)
    # Manufacture, in hours of labour and kWh a unit (assumed; ratio of wound rotor to magnet rotor after its extra
    # winding, impregnation and balancing steps).
    assembly_hours: float = 2.2
    stator_winding_hours: float = 0.9
    wire_winding_hours: float = 1.3  # pulled in by needle, laced and formed: slower than hairpins in series (assumed)
    wound_rotor_hours: float = 0.8
    magnet_rotor_hours: float = 0.35
    cage_rotor_hours: float = 0.4
    bare_rotor_hours: float = 0.2
    manufacturing_energy: float = 220.0  # kWh a unit
