"""What can be common to the members of a family: parts, the variables and discrete choices that describe them, their
cost lines.

Sharing a part makes its design variables and its discrete choices the same in all members that share it, and adds up
the volumes of its cost lines. A part that only fits another one (hairpins fit one slot and one stack) needs that too.
A single continuous variable can be common as well, by its name (`lamination.outer_radius_m`): it has no cost line.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator


@dataclasses.dataclass(frozen=True)
class SharedPart:
    """A part that can be common.

    `variables`: parts of the design space (`numerics.design_space.Variable.part`) that describe it; `choices`: fields
    of `settings.Branch` that it fixes; `cost_lines`: lines of the bill of materials whose volume is then joint;
    `needs`: parts that must be common too.
    """

    variables: tuple[str, ...]
    cost_lines: tuple[str, ...]
    choices: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()


PARTS: dict[str, SharedPart] = {
    # with the sheet the rotor's shaft, magnets and lines are common (assumed: other stack lengths use the same tools)
    "lamination": SharedPart(("lamination", "rotor"), ("lamination", "rotor"), ("pole_pairs",)),
    "stack": SharedPart(("stack",), (), needs=("lamination",)),
    "stator_winding": SharedPart(
        ("stator_winding",), ("stator_winding",), ("parallel_paths",), needs=("lamination", "stack")
    ),
    "field_winding": SharedPart(("field_winding",), ("field_winding",), needs=("lamination", "stack")),
    "gear_set": SharedPart(
        ("gear_stage_1", "gear_stage_2"), ("gear_stage_1", "gear_stage_2", "gear_shafts", "differential")
    ),
    "bearing_set": SharedPart(("bearing_set",), ("bearing_set",)),
    "housing": SharedPart(
        ("housing",),
        ("housing", "gearbox_accessories", "assembly"),
        needs=("lamination", "stack", "gear_set", "bearing_set"),
    ),
    "power_module": SharedPart(("power_module",), ("power_module",), ("device",)),
    "cage": SharedPart(("cage",), (), needs=("lamination",)),  # its bars are the rotor's, the rings are its own
    "capacitor": SharedPart(("capacitor",), ("capacitor",)),
    "inverter_control": SharedPart(("inverter_control",), ("inverter_control",)),
}

# Names for several parts at once, as a programme speaks of them.
ASSEMBLIES: dict[str, tuple[str, ...]] = {
    "motor": ("lamination", "stack", "stator_winding", "field_winding", "cage"),
    "hairpin": ("stator_winding",),
    "bearings": ("bearing_set",),
    "gearbox": ("gear_set", "bearing_set"),
    "inverter": ("power_module", "capacitor", "inverter_control"),
    "drive_unit": tuple(PARTS),
}

SHAREABLE: tuple[str, ...] = (*PARTS, *ASSEMBLIES)


def expanded(names: Iterable[str]) -> tuple[str, ...]:
    """Parts that names of parts and assemblies stand for, each once, in the order of `PARTS`; then single variables."""
    wanted = dict.fromkeys(part for name in names for part in ASSEMBLIES.get(name, (name,)))
    return (*(part for part in PARTS if part in wanted), *(name for name in wanted if is_variable(name)))


def is_variable(name: str) -> bool:
    """Whether a name is that of a single variable: `PART.QUANTITY_UNIT`."""
    return "." in name


def missing_needs(parts: Iterable[str]) -> Iterator[tuple[str, str]]:
    """(part, what it needs as well) where something is missing."""
    known = set(parts)
    for part in parts:
        needs = () if is_variable(part) else PARTS[part].needs
        yield from ((part, needed) for needed in needs if needed not in known)
