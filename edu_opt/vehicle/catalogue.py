"""The named vehicles by name: the battery-electric and the plug-in hybrid ones, and a user's own description.

Every number carries a source key of `SOURCES`; ASSUMED marks what no source was found for. A user's car is a
description (`edu_opt.vehicle.description`) that `own_entry` turns into an entry of the same kind.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from edu_opt.numerics.constants import KILOMETRE_PER_HOUR
from edu_opt.numerics.pytree import replace
from edu_opt.vehicle.battery_electric import BATTERY_ELECTRIC
from edu_opt.vehicle.description import findings
from edu_opt.vehicle.entry import VehicleEntry
from edu_opt.vehicle.model import Vehicle
from edu_opt.vehicle.plug_in_hybrids import PLUG_IN_HYBRIDS
from edu_opt.vehicle.sources import SOURCES, Fact

__all__ = ["SOURCES", "VEHICLES", "Fact", "VehicleEntry", "own_entry", "vehicle", "vehicle_entry"]

VEHICLES: dict[str, VehicleEntry] = BATTERY_ELECTRIC | PLUG_IN_HYBRIDS


def own_entry(name: str, description: Mapping[str, Any]) -> VehicleEntry:
    """Entry of a user's car; raises ValueError with one line for each finding."""
    lines = findings(description, name)
    if lines:
        raise ValueError("\n".join(lines))
    return VehicleEntry(
        name=name,
        application=description["application"],
        axles=tuple(description["axles"]),
        facts={key: Fact(float(value), "USER") for key, value in description["values"].items()},
        road_load_note=str(description.get("road_load_note", "given by the user")),
    )


def vehicle_entry(name: str, description: Mapping[str, Any] | None = None) -> VehicleEntry:
    """Catalogue entry by name, or a user's own car by its description; an unknown name raises KeyError."""
    if description is not None:
        return own_entry(name, description)
    if name not in VEHICLES:
        raise KeyError(f"unknown vehicle {name!r}; known: {', '.join(VEHICLES)}")
    return VEHICLES[name]


def vehicle(name: str) -> Vehicle:
    """Vehicle by name, at its nominal road load."""
    return vehicle_entry(name).build()


def with_road_load_factor(car: Vehicle, factor: float) -> Vehicle:
    """Vehicle with its road load scaled, to show the band of an assumed one (the unit's drag stays)."""
    load = car.road_load
    scaled = replace(
        load, constant=load.constant * factor, linear=load.linear * factor, quadratic=load.quadratic * factor
    )
    return replace(car, road_load=scaled)


def top_speed_target(name: str) -> float:
    """Published top speed [m/s]."""
    return vehicle_entry(name).facts["top_speed_km_per_h"].value * KILOMETRE_PER_HOUR
