"""A front as arrays, as read back from a study folder, and the measures that reports share."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from edu_opt.tracking.record import Objective
from edu_opt.tracking.study_folder import StudyFolder


@dataclasses.dataclass(frozen=True)
class LabelledFront:
    """Points (K, m) of one study, ids of its designs, and what study.json says; `bands` (K, m) are one standard
    deviation of each objective by uncertain prices, 0 where none is known."""

    label: str
    objectives: Sequence[Objective]
    points: np.ndarray
    ids: Sequence[str]
    study: Mapping[str, Any]
    folder: StudyFolder | None = None
    bands: np.ndarray | None = None


def read_front(folder: StudyFolder, label: str = "") -> LabelledFront:
    """Front of a finished study."""
    study = folder.study()
    objectives = [Objective(o["name"], o["unit"], o["sense"]) for o in study["objectives"]]
    rows = folder.front()
    columns = [f"objective.{o.column}" for o in objectives]
    points = np.array([[row[c] for c in columns] for row in rows], dtype=float).reshape(len(rows), len(columns))
    name = label or f"{study['brand']} {study['vehicle']}"
    known = [f"result.unit.{o.name}_band_{o.unit}" for o in objectives]
    bands = np.array([[row.get(c) or 0.0 for c in known] for row in rows], dtype=float).reshape(points.shape)
    return LabelledFront(name, objectives, points, [str(row["id"]) for row in rows], study, folder, bands)


def unique_labels(fronts: Sequence[LabelledFront]) -> list[LabelledFront]:
    """Labels that tell the fronts apart: brand and vehicle, with the folder's name where these repeat."""
    labels = [front.label for front in fronts]
    result = []
    for front in fronts:
        if labels.count(front.label) > 1 and front.folder is not None:
            path = front.folder.path
            name = f"{path.parent.name}/{path.name}" if path.name.isdigit() else path.name
            front = dataclasses.replace(front, label=f"{front.label} ({name})")
        result.append(front)
    return result


def pairs(objectives: Sequence[Objective]) -> list[tuple[int, int]]:
    """Pairs of objectives, each a projection."""
    return list(itertools.combinations(range(len(objectives)), 2))


def knee(points: np.ndarray) -> int:
    """Index of the design nearest to the ideal point when every objective is scaled by the front's span."""
    low, high = points.min(axis=0), points.max(axis=0)
    span = np.where(high > low, high - low, 1.0)
    return int(np.argmin(np.square((points - low) / span).sum(axis=1)))


def axis_limits(
    fronts: Sequence[LabelledFront], given: Sequence[tuple[float, float]] | None = None
) -> list[tuple[float, float]]:
    """Limits of every objective's axis: as given, else the fronts' range with 5 % around it."""
    if given is not None:
        return [(float(low), float(high)) for low, high in given]
    points = np.vstack([front.points for front in fronts])
    if not len(points):
        return [(0.0, 1.0)] * points.shape[1]
    low, high = points.min(axis=0), points.max(axis=0)
    pad = np.where(high > low, 0.05 * (high - low), 0.05 * np.maximum(np.abs(high), 1.0))
    return [(float(a), float(b)) for a, b in zip(low - pad, high + pad, strict=True)]


UNITS = {
    "1": "",
    "celsius": "degC",
    "eur": "EUR",
    "kw": "kW",
    "mpa": "MPa",
    "nm": "N m",
    "percent": "%",
    "w": "W",
    "wh": "Wh",
}


def readable(name: str) -> str:
    """`unit_cost` -> `unit cost`."""
    return name.replace("_", " ")


def readable_unit(unit: str) -> str:
    """`wh_per_km` -> `Wh/km`."""
    known = {
        "wh": "Wh",
        "kw": "kW",
        "nm": "N m",
        "eur": "EUR",
        "mpa": "MPa",
        "celsius": "degC",
        "percent": "%",
        "1": "",
    }
    return "/".join(known.get(part, part) for part in unit.split("_per_"))


def axis_title(objective: Objective) -> str:
    """`unit cost [EUR]`."""
    unit = readable_unit(objective.unit)
    return readable(objective.name) + (f" [{unit}]" if unit else "")
