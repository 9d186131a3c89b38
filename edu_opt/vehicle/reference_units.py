"""Data sheets of the reference drive units by name: what is published of each, and the one nearest to a car."""

from __future__ import annotations

import dataclasses
import math

from edu_opt.vehicle.generic_unit import generic_from_sheet
from edu_opt.vehicle.unit_map import UnitMap

SAME_UNIT = 0.15  # relative difference of peak power up to which a car's unit counts as the reference unit
OTHER_MAKER = 0.5  # what another maker counts for, in logarithms of power


@dataclasses.dataclass(frozen=True)
class UnitSheet:
    """Peak power [kW] and motor torque [N m], gear ratio, top motor speed [rpm], whether magnets turn, as published."""

    maker: str
    power_kw: float
    torque_nm: float
    ratio: float
    top_speed_rpm: float
    magnets: bool
    source: str

    def generic_map(self) -> UnitMap:
        """Map of a unit with this sheet and standard losses."""
        return generic_from_sheet(self.power_kw, self.torque_nm, self.ratio, self.top_speed_rpm)


UNIT_SHEETS: dict[str, UnitSheet] = {
    "bmw_gen5_rear": UnitSheet("BMW", 250.0, 430.0, 11.115, 17000.0, False, "i4: evbrief.com, evautoexplorer.com"),
    "bmw_gen5_front": UnitSheet("BMW", 190.0, 365.0, 8.774, 17000.0, False, "iX: webcartop.jp, EPA; speed assumed"),
    "bmw_i3": UnitSheet("BMW", 125.0, 250.0, 9.665, 11400.0, True, "i3 94 Ah: bmw.com.mo, emobpy, TUM"),
    "jaguar_i_pace": UnitSheet("Jaguar", 147.0, 348.0, 9.06, 13000.0, True, "I-PACE: TUM, autotechreview.com"),
    "vw_app310": UnitSheet("Volkswagen", 150.0, 310.0, 11.530, 16000.0, True, "ID.3: autozeitung; A2Mac1 by TUM"),
    "tesla_model3_rear": UnitSheet("Tesla", 194.0, 340.0, 9.03, 18000.0, True, "3D7: owner's manual; speed assumed"),
}


def distance(sheet: UnitSheet, make: str, unit_power_kw: float) -> float:
    """How far a car's unit is from a reference unit: logarithm of the power ratio, more for another maker."""
    return abs(math.log(sheet.power_kw / unit_power_kw)) + OTHER_MAKER * (sheet.maker.lower() not in make.lower())


def nearest_unit(make: str, unit_power_kw: float) -> tuple[str, bool]:
    """(name of the nearest reference unit, True where it is the car's own: same maker, power within 15 %)."""
    name = min(UNIT_SHEETS, key=lambda unit: distance(UNIT_SHEETS[unit], make, unit_power_kw))
    return name, distance(UNIT_SHEETS[name], make, unit_power_kw) <= math.log(1.0 + SAME_UNIT)
