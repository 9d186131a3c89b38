"""Rows of the vehicle validations: reading their files, what is wrong with a row, whose drive units a row means.

A row that cannot be used is a line of its own (`skipped`), a file that cannot be used one line on stderr: a data file
of others is checked here, so that the models behind never meet it.
"""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any, TypeGuard, TypeVar

from edu_opt.vehicle.reference_units import UNIT_SHEETS, nearest_unit

Rows = TypeVar("Rows", list[Any], dict[str, Any])
HORSE_POWER = 0.7457  # kW
# Driven axles by the drive codes of the EPA list and their usual names.
DRIVEN_AXLES = {"F": 1, "FWD": 1, "R": 1, "RWD": 1, "4": 2, "4WD": 2, "A": 2, "AWD": 2}
GENERAL_WORDS = ("mini", "model", "ioniq")  # first words that several cars of one maker share
REQUIRED = ("ETW_kg", "A_N", "B_Nspm", "C_Ns2pm2", "hp", "axle", "NV")
POSITIVE = ("hp", "axle", "NV")
# Figures of a cycle that may be missing, and their sign.
OF_A_CYCLE = {"wall_kWh100": 1.0, "wheel_pos": 1.0, "wheel_neg": -1.0, "eta_drive": 1.0}


def read_rows(path: Path, kind: type[Rows], *keys: str) -> Rows:
    """Rows (a list, or a dict by name) that a JSON file holds under nested keys. ValueError with one line where it does
    not."""
    try:
        found = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise ValueError(f"{path}: is no JSON file that can be read: {error}") from error
    for k, key in enumerate(keys):
        if not isinstance(found, dict) or key not in found:
            raise ValueError(f"{path}: lacks the key {'.'.join(keys[: k + 1])}")
        found = found[key]
    if not isinstance(found, kind):
        text = {list: "a list", dict: "an object"}[kind]
        raise ValueError(f"{path}: {'.'.join(keys)} must be {text} of rows, got {type(found).__name__}")
    return found


def skipped(case: str, reason: object) -> None:
    """Print the line of a row that is left out."""
    print(json.dumps({"case": case, "skipped": "; ".join(str(reason).splitlines())}), flush=True)


def is_number(value: Any) -> TypeGuard[float]:
    """Whether a figure of a file is a finite number."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and -1e300 < value < 1e300


def case_of(row: Any, place: int) -> str:
    """What a row of the EPA list is called: make and model, else its place in the list."""
    given = [row.get(key) for key in ("make", "model")] if isinstance(row, dict) else []
    words = [word for word in given if isinstance(word, str) and word]
    return " ".join(words) or f"row {place + 1}"


def check_epa_row(row: Any, cycles: tuple[str, ...]) -> None:
    """ValueError with everything that is wrong with the figures of a row of the EPA list."""
    if not isinstance(row, dict):
        raise ValueError(f"must be an object, got {row!r:.60}")
    found = [f"{key}: must be a name, got {row.get(key)!r}" for key in ("make", "model") if not _is_name(row.get(key))]
    for key in REQUIRED:
        if not is_number(row.get(key)):
            found.append(f"{key}: must be a number, got {row.get(key)!r}")
        elif key in POSITIVE and row[key] <= 0:
            found.append(f"{key}: must be above 0, got {row[key]}")
    if str(row.get("drive")).upper() not in DRIVEN_AXLES:
        found.append(f"drive: must be one of {', '.join(DRIVEN_AXLES)}, got {row.get('drive')!r}")
    for key, sign in ((f"{cycle}_{key}", sign) for cycle in cycles for key, sign in OF_A_CYCLE.items()):
        value = row.get(key)
        if value is not None and not (is_number(value) and sign * value > 0.0):
            found.append(f"{key}: must be a number {'above' if sign > 0.0 else 'below'} 0, got {value!r}")
    if found:
        raise ValueError("\n".join(found))


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


@dataclasses.dataclass(frozen=True)
class CarUnits:
    """Reference units that stand for those of a car, one a driven axle, front first. own: whether they are the car's
    own; unknown: what its row names where that is no reference unit."""

    names: tuple[str, ...]
    own: bool
    unknown: str | list[str] | None = None

    @property
    def text(self) -> str:
        """Units in words, with what was named where another one stands in."""
        chosen = " + ".join(dict.fromkeys(self.names))
        if self.unknown is None:
            return chosen
        named = self.unknown if isinstance(self.unknown, str) else " + ".join(self.unknown)
        return f"{chosen} as the nearest (named {named}: no reference unit)"


def units_of(row: dict[str, Any]) -> CarUnits:
    """Units that the row names (`unit`: one name for all axles, or [front, rear]), else the nearest by maker and power.

    A name without reference unit is answered by the nearest one too, which then is never the car's own.
    """
    axles, named = DRIVEN_AXLES[str(row["drive"]).upper()], row.get("unit")
    given = [named] if isinstance(named, str) else (named or [])
    if not isinstance(given, list) or not all(_is_name(name) for name in given):
        raise ValueError(f"unit: must be a name or a list [front, rear] of names, got {named!r}")
    if len(given) not in (0, 1, axles):
        raise ValueError(f"unit: names {len(given)} units, drive {row['drive']} has {axles} driven axle(s)")
    if given and all(name in UNIT_SHEETS for name in given):
        return CarUnits(tuple(given) * (axles // len(given)), own=True)
    nearest, own = nearest_unit(row["make"], row["hp"] * HORSE_POWER / axles)
    unknown = named if isinstance(named, str) else given
    return CarUnits((nearest,) * axles, own and not given, unknown if given else None)


def car_line(row: dict[str, Any]) -> str:
    """What all variants of a car are called: make and first word of the model, in small letters ("bmw i4").

    Wheels, trim, battery and doors stand behind that word. Where several cars share it (`GENERAL_WORDS`: "Model 3",
    "MINI Cooper") the second word belongs to it. A car that this lumps together with another one counts too seldom,
    never twice.
    """
    make = row["make"].strip().lower()
    model = row["model"].strip().lower()
    words = model.removeprefix(f"{make} ").split()
    return " ".join([make, *words[: 2 if words[0] in GENERAL_WORDS else 1]])
