"""Speed traces: the regulations' as data of the package (WLTC 3b, NEDC, UDDS, HWFET, US06), and a user's own CSV file.

The shipped traces are the text of the regulations (each file's header cites it), 1 Hz. A user's file has the same form:
comment lines, a header `time_s,speed_UNIT` (km_per_h, mile_per_h, m_per_s), then the samples; `findings` says what is
wrong with one. Host-side numpy: nothing here is traced.
"""

from __future__ import annotations

import dataclasses
from functools import cache
from pathlib import Path

import numpy as np

from edu_opt.numerics.constants import KILOMETRE_PER_HOUR, STANDARD_GRAVITY

DATA = Path(__file__).resolve().parent / "data"
CYCLE_NAMES = ("wltc_3b", "nedc", "udds", "hwfet", "us06")
TO_METRE_PER_SECOND = {"km_per_h": KILOMETRE_PER_HOUR, "mile_per_h": 0.44704, "m_per_s": 1.0}

# What no road car does, or what cannot be told apart from a broken file.
LARGEST_GAP = 2.0  # s between samples; longer ones hide accelerations
LARGEST_ACCELERATION = STANDARD_GRAVITY  # m/s^2: friction 1.0
LARGEST_SPEED = 120.0  # m/s

STANDSTILL_SPEED = 0.1  # m/s; slower seconds count as rest

# Phases of the WLTC class 3 by their ends [s] (UN GTR 15, annex 1); `city` is low and medium.
WLTC_PHASES = {"low": (0.0, 589.0), "medium": (589.0, 1022.0), "high": (1022.0, 1477.0), "extra_high": (1477.0, 1800.0)}


class CycleError(ValueError):
    """A speed trace that cannot be driven; one line a finding."""


@dataclasses.dataclass(frozen=True, eq=False)
class Cycle:
    """Speed over time; time_s (n,) rising, speed (n,) m/s >= 0, linear between samples."""

    name: str
    source: str
    time_s: np.ndarray
    speed: np.ndarray

    @property
    def distance(self) -> float:
        """Length [m], trapezoid rule."""
        return float(np.trapezoid(self.speed, self.time_s))

    @property
    def intervals(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(mean speed m/s, acceleration m/s^2, duration s) of each interval, shapes (n-1,)."""
        duration = np.diff(self.time_s)
        mean = 0.5 * (self.speed[1:] + self.speed[:-1])
        return mean, np.diff(self.speed) / duration, duration


def findings(cycle: Cycle) -> list[str]:
    """Everything that is wrong with a trace, one line each: where, what, which limit. Empty where it can be driven."""
    name, time, speed = cycle.name, cycle.time_s, cycle.speed
    if len(time) < 2:
        return [f"{name}: a cycle needs at least 2 samples, got {len(time)}"]
    bad = np.flatnonzero(~(np.isfinite(time) & np.isfinite(speed)))
    if bad.size:
        return [f"{name}: sample {bad[0] + 1} is not a finite number"]
    step = np.diff(time)
    if (step <= 0.0).any():
        k = int(np.argmax(step <= 0.0))
        return [f"{name}: time must rise, got {time[k + 1]:g} s after {time[k]:g} s"]
    rate = np.diff(speed) / step
    gap, hard = int(np.argmax(step)), int(np.argmax(np.abs(rate)))
    slow, fast = int(np.argmin(speed)), int(np.argmax(speed))
    rules = [
        (step[gap] > LARGEST_GAP, f"gap of {step[gap]:g} s at {time[gap]:g} s, at most {LARGEST_GAP:g} s"),
        (speed[slow] < 0.0, f"negative speed {speed[slow]:g} m/s at {time[slow]:g} s"),
        (speed[fast] > LARGEST_SPEED, f"speed {speed[fast]:g} m/s at {time[fast]:g} s, at most {LARGEST_SPEED:g} m/s"),
        (
            abs(rate[hard]) > LARGEST_ACCELERATION,
            f"impossible acceleration {rate[hard]:.3g} m/s^2 at {time[hard]:g} s, at most {LARGEST_ACCELERATION:.3g}",
        ),
        (
            not np.any(0.5 * (speed[1:] + speed[:-1]) > STANDSTILL_SPEED),
            f"the car never moves faster than {STANDSTILL_SPEED:g} m/s",
        ),
    ]
    return [f"{name}: {text}" for broken, text in rules if broken]


def read_cycle(path: Path) -> Cycle:
    """Cycle from a CSV file (see the module's text); raises CycleError with one line a finding."""
    lines = _text(path).splitlines()
    comments = [line[1:].strip() for line in lines if line.startswith("#")]
    header, *rows = [line for line in lines if line.strip() and not line.startswith("#")] or [""]
    columns = [column.strip() for column in header.split(",")]
    unit = columns[1].removeprefix("speed_") if len(columns) > 1 else ""
    if columns[0] != "time_s" or unit not in TO_METRE_PER_SECOND:
        known = ", ".join(f"speed_{unit}" for unit in TO_METRE_PER_SECOND)
        raise CycleError(f"{path.name}: the header must be time_s and one of {known}, got {header!r}")
    table = np.array([_numbers(path.name, row) for row in rows]).reshape(-1, 2)
    speed = table[:, 1] * TO_METRE_PER_SECOND[unit]
    cycle = Cycle(name=path.stem, source=" ".join(comments), time_s=table[:, 0], speed=speed)
    lines = findings(cycle)
    if lines:
        raise CycleError("\n".join(lines))
    return cycle


def _text(path: Path) -> str:
    """Text of a UTF-8 file, without the byte-order mark that spreadsheets put before it."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        got = f"byte 0x{error.object[error.start]:02x} at position {error.start}"
        raise CycleError(f"{path.name}: must be UTF-8 text, got {got}; save it as CSV UTF-8") from None


def _numbers(name: str, row: str) -> tuple[float, float]:
    """Time and speed of a row; further columns are allowed and ignored."""
    try:
        time, speed = (float(cell) for cell in row.split(",")[:2])
    except ValueError:
        raise CycleError(f"{name}: must hold a time and a speed in every row, got {row!r}") from None
    return time, speed


@cache
def load_cycle(name: str) -> Cycle:
    """Cycle of the package by name, or of a user's CSV file by its path (ends with .csv).

    An unknown name raises KeyError with the known ones, a file that cannot be driven CycleError.
    """
    if name.endswith(".csv"):
        path = Path(name).expanduser()
        if not path.is_file():
            raise CycleError(f"{name}: no such file")
        return read_cycle(path)
    if name not in CYCLE_NAMES:
        raise KeyError(f"unknown cycle {name!r}; known: {', '.join(CYCLE_NAMES)}, or the path of a .csv file")
    return read_cycle(DATA / f"{name}.csv")


def section(cycle: Cycle, name: str, start: float, end: float) -> Cycle:
    """Part of a cycle from `start` to `end` [s], both samples of it."""
    kept = (cycle.time_s >= start) & (cycle.time_s <= end)
    return Cycle(name=name, source=cycle.source, time_s=cycle.time_s[kept] - start, speed=cycle.speed[kept])


def wltc_phases() -> dict[str, Cycle]:
    """The four phases of the WLTC class 3b by name."""
    whole = load_cycle("wltc_3b")
    return {name: section(whole, f"wltc_3b_{name}", *ends) for name, ends in WLTC_PHASES.items()}
