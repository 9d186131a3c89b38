"""A named vehicle as its facts with their sources."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from edu_opt.vehicle.description import KEYS, numbers, vehicle_from
from edu_opt.vehicle.model import Vehicle
from edu_opt.vehicle.sources import Facts


@dataclasses.dataclass(frozen=True)
class VehicleEntry:
    """A named vehicle: what it is built of, what is published about it, what its road load rests on.

    `axles`: descriptions as in `edu_opt.vehicle.description`; `band` gives a factor on road load (low, high) where it
    is assumed, else (1, 1).
    """

    name: str
    application: str
    axles: tuple[Mapping[str, Any], ...]
    facts: Facts
    road_load_note: str
    band: tuple[float, float] = (1.0, 1.0)

    @property
    def description(self) -> dict[str, Any]:
        """The entry without its sources."""
        return {"application": self.application, "axles": list(self.axles), "values": numbers(self.facts)}

    @property
    def reference_units(self) -> tuple[str, ...]:
        """Name of the drive unit on each axle of the measured car; `drive_unit` where it had none."""
        return tuple(axle.get("unit", "drive_unit") for axle in self.axles)

    @property
    def unit_mass(self) -> float:
        """Mass [kg] of one drive unit that the car's published mass contains (100 kg where nothing is known)."""
        fact = self.facts.get("unit_mass_kg")
        return float(KEYS["unit_mass_kg"].default or 0.0) if fact is None else fact.value

    def build(self) -> Vehicle:
        """The vehicle as data, at its nominal road load."""
        return vehicle_from(self.name, self.description)


def entries(*listed: VehicleEntry) -> dict[str, VehicleEntry]:
    """Entries by name."""
    return {entry.name: entry for entry in listed}
