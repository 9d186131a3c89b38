"""Regulation speed traces as data of the package: WLTC class 3b, NEDC, UDDS, HWFET, US06.

The traces are the text of the regulations (each file's header cites it), 1 Hz. Host-side numpy: nothing here is traced.
"""

from __future__ import annotations

import dataclasses
from functools import cache
from pathlib import Path

import numpy as np

from edu_opt.numerics.constants import KILOMETRE_PER_HOUR

DATA = Path(__file__).resolve().parent / "data"
CYCLE_NAMES = ("wltc_3b", "nedc", "udds", "hwfet", "us06")
TO_METRE_PER_SECOND = {"km_per_h": KILOMETRE_PER_HOUR, "mile_per_h": 0.44704, "m_per_s": 1.0}


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


def read_cycle(path: Path) -> Cycle:
    """Cycle from a CSV file: comment lines with the source, then `time_s,speed_UNIT`, then the samples."""
    lines = path.read_text().splitlines()
    comments = [line[1:].strip() for line in lines if line.startswith("#")]
    header, *rows = [line for line in lines if line and not line.startswith("#")]
    unit = header.split(",")[1].removeprefix("speed_")
    if unit not in TO_METRE_PER_SECOND:
        raise ValueError(f"{path.name}: unknown speed unit {unit!r}; known: {', '.join(TO_METRE_PER_SECOND)}")
    table = np.array([[float(cell) for cell in row.split(",")] for row in rows])
    return Cycle(
        name=path.stem,
        source=" ".join(comments),
        time_s=table[:, 0],
        speed=table[:, 1] * TO_METRE_PER_SECOND[unit],
    )


@cache
def load_cycle(name: str) -> Cycle:
    """Cycle of the package by name; an unknown name raises KeyError with the known ones."""
    if name not in CYCLE_NAMES:
        raise KeyError(f"unknown cycle {name!r}; known: {', '.join(CYCLE_NAMES)}")
    return read_cycle(DATA / f"{name}.csv")
