"""Several fronts side by side: table, hypervolume on a common reference, share of the combined front."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from edu_opt.config.errors import SettingsError
from edu_opt.optimize.hypervolume import hypervolume, is_nondominated, reference_point
from edu_opt.report.fronts import LabelledFront, knee


@dataclasses.dataclass(frozen=True)
class Comparison:
    """Fronts on common axes; `rows` is the table, `combined` counts each front's members of the combined front."""

    fronts: Sequence[LabelledFront]
    reference_point: np.ndarray
    ideal_point: np.ndarray
    rows: Sequence[dict[str, Any]]

    def comparison_json(self) -> dict[str, Any]:
        """Contents of comparison.json."""
        return {
            "kind": "comparison",
            "objectives": [dataclasses.asdict(o) for o in self.fronts[0].objectives],
            "reference_point": self.reference_point.tolist(),
            "ideal_point": self.ideal_point.tolist(),
            "studies": list(self.rows),
        }


def compare(fronts: Sequence[LabelledFront]) -> Comparison:
    """Compare fronts of equal objectives; the reference point lies 10 % of the common span beyond all of them."""
    columns = [[o.column for o in front.objectives] for front in fronts]
    for front, names in zip(fronts, columns, strict=True):
        if names != columns[0]:
            raise SettingsError(
                f"studies: objectives differ: {fronts[0].label} has {', '.join(columns[0])}, "
                f"{front.label} has {', '.join(names)}"
            )
    points = np.vstack([front.points for front in fronts])
    if not len(points):
        raise SettingsError("studies: none of them holds a feasible design, there is nothing to compare")
    reference = reference_point(points)
    owner = np.repeat(np.arange(len(fronts)), [len(front.points) for front in fronts])
    members = owner[is_nondominated(points)]
    rows = [_row(front, reference, int((members == k).sum())) for k, front in enumerate(fronts)]
    return Comparison(fronts, reference, points.min(axis=0), rows)


def _row(front: LabelledFront, reference: np.ndarray, on_combined: int) -> dict[str, Any]:
    row: dict[str, Any] = {
        "label": front.label,
        "brand": front.study["brand"],
        "vehicle": front.study["vehicle"],
        "designs": len(front.points),
        "hypervolume": hypervolume(front.points, reference),
        "on_combined_front": on_combined,
        "folder": str(front.folder.path) if front.folder else "",
    }
    for k, objective in enumerate(front.objectives):
        row[f"best.{objective.column}"] = float(front.points[:, k].min()) if len(front.points) else float("nan")
    for k, objective in enumerate(front.objectives):
        value = front.points[knee(front.points), k] if len(front.points) else float("nan")
        row[f"knee.{objective.column}"] = float(value)
    return row
