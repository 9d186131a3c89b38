"""Prices of what is bought, as cited data: raw materials, semi-finished parts, purchased parts. Euro of 2024.

Dollars are exchanged at 2024's mean, older figures inflated (`currency`). Prices of purchased parts hold at
`REFERENCE_VOLUME` units a year; `scale` has what volume and years make of them. Manufacture is in `processes`.

Sources:
  LME     London Metal Exchange, settlement of 18 Oct 2024: copper 9380 USD/t, aluminium casting alloy NASAAC 2450 USD/t
          (worldal.com); the means of 2024 are about 9150 and 2420 USD/t (recalled).
  SMM     neodymium-praseodymium metal 66 USD/kg (May 2024), 63 (July 2024); NdPr oxide 53 (May 2024), 63 (July 2025),
          123 USD/kg (February 2026); magnets hold 29 to 32.5 % rare earths.
  MEAPA   TUM machine design tool MEAPA, cost data after Angerer, about 2018: sheet 1.0 EUR/kg, wire 10 EUR/kg, steel
          1.5 EUR/kg, insulation 0.365 EUR/kW; NdFeB 40, 81, 210 EUR/kg (low, stable, high price phase). Inflated.
  GAO     TUM/Gao gearbox model: machined and hardened gear steel 12 EUR/kg, gearbox accessories 120 EUR.
  WAFER   silicon-carbide substrate of 6 inches below 800 USD (September 2024), 500 in China. Die price by `die_price`
          with epitaxy 400, processing 1000 USD a wafer, yield 0.70, margin 0.45 (assumed): 26 EUR/cm2. Silicon of 8
          inches 450 USD processed, yield 0.90 (assumed): 2.3 EUR/cm2. The ratio of 11 lies in the published 9 to 12
          (PGC Consultancy 2021).
"""

from __future__ import annotations

import math

from edu_opt.numerics.pytree import pytree
from edu_opt.programme.currency import euro_of_2024

REFERENCE_VOLUME = 250e3  # units a year at which the prices of purchased parts hold (assumed)
RARE_EARTH_SHARE = 0.31  # of a sintered NdFeB magnet by mass [SMM: 0.29 to 0.325]
IRON_AND_BORON = 0.9  # EUR/kg of the alloy's rest (assumed)


@pytree
class Prices:
    """Unit prices; every field is data (a price sweep compiles nothing)."""

    electrical_steel: float = 1.22  # EUR/kg of strip [MEAPA]
    steel_scrap: float = 0.30  # EUR/kg paid for clean sheet scrap (assumed)
    copper: float = 8.67  # EUR/kg cathode [LME]
    wire_conversion: float = 2.0  # EUR/kg: drawing and enamel (assumed; 10.7 in all where MEAPA has 12.2 inflated)
    copper_scrap_share: float = 0.75  # of the cathode's price, paid for enamelled scrap (assumed)
    busbar_conversion: float = 6.0  # EUR/kg: stamped, plated, overmoulded (assumed)
    neodymium: float = 59.6  # EUR/kg NdPr metal, mid 2024 [SMM]
    dysprosium: float = 305.0  # EUR/kg metal, 2024 (recalled: oxide near 260 USD/kg)
    heavy_rare_earth_share: float = 0.035  # of the magnet's mass; set by its grade
    magnet_yield: float = 0.75  # alloy to finished block, after what is recycled (assumed)
    magnet_processing: float = 18.0  # EUR/kg finished: strip cast, milled, pressed, sintered, cut, coated (assumed)
    ferrite: float = 8.0  # EUR/kg (assumed)
    shaft_steel: float = 1.83  # EUR/kg bar [MEAPA]
    gear_blank: float = 2.6  # EUR/kg forged case-hardening steel (assumed)
    gear_chips: float = 0.30  # of the finished mass, cut away (assumed)
    differential: float = 12.0  # EUR/kg, bought finished [GAO's gear steel]
    aluminium: float = 2.26  # EUR/kg casting alloy [LME]
    aluminium_loss: float = 0.05  # melted away or dross; runners return to the furnace (assumed)
    bearing: float = 8.0  # EUR/kg of rolling bearing (assumed: volume price of deep-groove bearings)
    oil: float = 3.0  # EUR/kg (assumed)
    insulation_per_kw: float = 0.445  # EUR/kW of peak power: papers, resin [MEAPA]
    silicon_die: float = 2.3e4  # EUR/m^2 [WAFER]
    silicon_carbide_die: float = 2.6e5  # EUR/m^2 [WAFER]
    module_package: float = 2840.0  # EUR/m^2 of cooled base: substrate, pin-fin plate, frame (assumed 25 EUR each of 3)
    capacitor: float = 8.0e4  # EUR/F of 500 V film, others by energy (assumed 0.08 EUR/uF)
    filter: float = 12.0  # EUR/kg of EMI filter: cores, film capacitors, pot (assumed)
    control_boards: float = 115.0  # EUR: control board 70, gate drivers with isolated supplies 45 (assumed)
    sensors_connectors: float = 70.0  # EUR: current, temperature, resolver; high- and low-voltage plugs (assumed)
    exciter_fixed: float = 45.0  # EUR: brushes, slip rings, field driver of a wound rotor (assumed)
    inductive_exciter_fixed: float = 80.0  # EUR: pot cores, resonant stage, rectifier on the rotor (assumed)
    gearbox_accessories: float = 120.0  # EUR: seals, park lock interface, breather, bolts [GAO]
    shift_clutches: float = 180.0  # EUR: wet clutch, claws, actuator, sensor of a second gear (assumed)
    mounts: float = 5.0  # EUR/kg: brackets and bushings (assumed)
    harness: float = 25.0  # EUR/kg: low-voltage loom, sensors, coolant fittings (assumed)
    manufacture_scale: float = 1.0  # on all that `processes` says, which is mostly assumed
    one_off_scale: float = 1.0  # on tooling and development, which are assumed

    @property
    def wire(self) -> float:
        """Enamelled copper [EUR/kg]."""
        return self.copper + self.wire_conversion

    @property
    def wire_trim(self) -> float:
        """What a kilogram of wire costs that is cut off and sold [EUR/kg]."""
        return self.wire - self.copper_scrap_share * self.copper

    @property
    def shared_sheet_scrap(self) -> float:
        """Half of what a kilogram of sheet costs that is sold as scrap: stator and rotor share the blank's [EUR/kg]."""
        return 0.5 * (self.electrical_steel - self.steel_scrap)

    @property
    def bar_chips(self) -> float:
        """What a kilogram of bar costs that is turned off and sold [EUR/kg]."""
        return self.shaft_steel - self.steel_scrap

    @property
    def gear(self) -> float:
        """Forged blank of a kilogram of finished gear, its chips sold [EUR/kg]."""
        return self.gear_blank * (1.0 + self.gear_chips) - self.steel_scrap * self.gear_chips

    @property
    def gear_shaft(self) -> float:
        """Bar of a kilogram of finished gear shaft, its chips sold [EUR/kg]."""
        return self.shaft_steel * (1.0 + self.gear_chips) - self.steel_scrap * self.gear_chips

    @property
    def casting(self) -> float:
        """Alloy of a kilogram of casting [EUR/kg]."""
        return self.aluminium * (1.0 + self.aluminium_loss)

    @property
    def insulation_per_watt(self) -> float:
        """Papers and resin [EUR/W of peak power]."""
        return self.insulation_per_kw * 1e-3

    @property
    def magnet(self) -> float:
        """NdFeB [EUR/kg finished] of the grade's heavy share: metals through the yield, plus processing."""
        light = RARE_EARTH_SHARE - self.heavy_rare_earth_share
        alloy = light * self.neodymium + self.heavy_rare_earth_share * self.dysprosium
        alloy = alloy + (1.0 - RARE_EARTH_SHARE) * IRON_AND_BORON
        return alloy / self.magnet_yield + self.magnet_processing


# Relative one-sigma uncertainty of each price, taken as independent. Metals: about the spread of annual means over ten
# years (copper, aluminium 0.2; NdPr 0.5: it ranged from 53 to 123 USD/kg of oxide within two years). The rest: how well
# an assumed figure is known (assumed).
PRICE_UNCERTAINTY = Prices(
    electrical_steel=0.25,
    steel_scrap=0.30,
    copper=0.20,
    wire_conversion=0.30,
    copper_scrap_share=0.10,
    busbar_conversion=0.30,
    neodymium=0.50,
    dysprosium=0.40,
    heavy_rare_earth_share=0.20,
    magnet_yield=0.10,
    magnet_processing=0.25,
    ferrite=0.30,
    shaft_steel=0.20,
    gear_blank=0.25,
    gear_chips=0.30,
    differential=0.30,
    aluminium=0.20,
    aluminium_loss=0.30,
    bearing=0.30,
    oil=0.30,
    insulation_per_kw=0.40,
    silicon_die=0.30,
    silicon_carbide_die=0.40,
    module_package=0.35,
    capacitor=0.30,
    filter=0.35,
    control_boards=0.30,
    sensors_connectors=0.30,
    exciter_fixed=0.40,
    inductive_exciter_fixed=0.40,
    gearbox_accessories=0.30,
    shift_clutches=0.35,
    mounts=0.30,
    harness=0.30,
    manufacture_scale=0.25,
    one_off_scale=0.35,
)

# Heavy rare earths (terbium counted as dysprosium) by the letters of a sintered NdFeB grade, share of mass, without
# grain-boundary diffusion; rises with the coercivity that the letters stand for (recalled from makers' overviews).
HEAVY_SHARE_BY_LETTERS = {"": 0.0, "M": 0.005, "H": 0.012, "SH": 0.022, "UH": 0.035, "EH": 0.050, "AH": 0.065}


def heavy_rare_earth_share(grade: str) -> float:
    """Share of a grade such as N42UH; a name that is no sintered NdFeB grade counts as UH."""
    letters = grade.lstrip("N0123456789")
    known = grade.startswith("N") and letters in HEAVY_SHARE_BY_LETTERS
    return HEAVY_SHARE_BY_LETTERS[letters if known else "UH"]


def die_price(wafer_usd: float, diameter: float, good_share: float, margin: float) -> float:
    """Price [EUR/m^2 of good die] of a processed wafer [USD of 2024] of a diameter [m]: what lies 3 mm inside its edge,
    times the share of good dies, plus the maker's margin on cost."""
    usable = math.pi * (0.5 * diameter - 3e-3) ** 2
    return euro_of_2024(wafer_usd * (1.0 + margin), "USD") / (usable * good_share)
