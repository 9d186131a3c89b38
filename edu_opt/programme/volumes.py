"""How many units a year are made of each part: the volume of a part adds up over all who use the identical part.

A part is what the bill of materials has a cost line for. Its volume decides how many machines it needs, what a buyer
pays for it and over how many units its tooling and development are spread. Volumes are data: another volume compiles
nothing.
"""

from __future__ import annotations

import dataclasses

import jax
import jax.numpy as jnp

from edu_opt.numerics.pytree import pytree

Number = float | jax.Array


@pytree
class PartVolumes:
    """One number for each part: units a year of that identical part at full rate, joint over all who use it (> 0).

    The same form holds other numbers by part, such as the share of a part's volume that one plant makes.
    """

    lamination: Number
    stator_winding: Number
    rotor: Number
    field_winding: Number
    gear_stage_1: Number
    gear_stage_2: Number
    gear_shafts: Number
    differential: Number
    bearing_set: Number
    gearbox_accessories: Number
    housing: Number
    power_module: Number
    capacitor: Number
    inverter_control: Number
    assembly: Number


PARTS: tuple[str, ...] = tuple(field.name for field in dataclasses.fields(PartVolumes))  # type: ignore[arg-type]


def uniform_volumes(units_per_year: Number) -> PartVolumes:
    """Every part at one number (units a year): a unit that shares nothing, or a family that shares all."""
    return PartVolumes(**{part: units_per_year for part in PARTS})


def by_part(volumes: PartVolumes) -> jax.Array:
    """Numbers (parts,) in the order of `PARTS`."""
    return jnp.stack([jnp.asarray(getattr(volumes, part), float) for part in PARTS])
