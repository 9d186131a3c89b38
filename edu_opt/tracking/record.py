"""What a study found, in the words of its folder: names with units, natural signs, plain numbers."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from typing import Any

DESIGN_FORM = "edu_opt design 1"


@dataclasses.dataclass(frozen=True)
class Objective:
    """An objective with its unit; `sense` says what is better."""

    name: str
    unit: str
    sense: str = "min"

    @property
    def column(self) -> str:
        """`NAME_UNIT`."""
        return f"{self.name}_{self.unit}"


@dataclasses.dataclass(frozen=True)
class Limit:
    """A requirement as it stood in the study."""

    name: str  # QUANTITY_min or QUANTITY_max
    quantity: str
    sense: str
    limit: float
    unit: str
    source: str = ""
    conditions: str = ""
    scale: float = 1.0  # what a margin of 1 is worth, in the unit

    def value(self, margin: float) -> float:
        """Value of the quantity from its margin."""
        return self.limit + (margin if self.sense == "min" else -margin) * self.scale


@dataclasses.dataclass(frozen=True)
class Design:
    """One design: columns of the front table and what `evaluate` needs to compute it again.

    `objectives` by NAME_UNIT; `margins` by requirement (NaN: none applies); `prices` by REQUIREMENT_UNIT.OBJECTIVE_UNIT
    where the other objectives hold, `prices_along_ray` where all give way by equal shares of the front's span; `design`
    (SI) and `result` by PART.QUANTITY_UNIT; `program` and `branch_data` rebuild the problem; `parts`: names of bought
    parts by PART.PLACE.
    """

    id: str
    branch: str
    objectives: Mapping[str, float]
    margins: Mapping[str, float]
    design: Mapping[str, float]
    result: Mapping[str, float] = dataclasses.field(default_factory=dict)
    prices: Mapping[str, float] = dataclasses.field(default_factory=dict)
    prices_along_ray: Mapping[str, float] = dataclasses.field(default_factory=dict)
    kkt_residual: float = math.nan
    program: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    branch_data: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    parts: Mapping[str, str] = dataclasses.field(default_factory=dict)

    @property
    def row(self) -> dict[str, Any]:
        """Row of the front table."""
        row: dict[str, Any] = {"id": self.id, "branch": self.branch}
        groups = {
            "objective": self.objectives,
            "margin": self.margins,
            "price": self.prices,
            "design": self.design,
            "result": self.result,
        }
        for prefix, values in groups.items():
            row |= {f"{prefix}.{name}": float(value) for name, value in values.items()}
        return row | {"kkt_residual": float(self.kkt_residual)}

    @property
    def feasible(self) -> bool:
        """Every margin that applies is kept."""
        return all(value >= 0.0 for value in self.margins.values() if not math.isnan(value))


@dataclasses.dataclass(frozen=True)
class StudyRecord:
    """Everything that the study folder says, apart from its settings and status. `kind`: study or evaluation."""

    brand: str
    vehicle: str
    objectives: Sequence[Objective]
    designs: Sequence[Design]
    limits: Sequence[Limit] = ()
    history: Sequence[Mapping[str, Any]] = ()
    hypervolume: float = math.nan
    reference_point: Sequence[float] = ()
    ideal_point: Sequence[float] = ()
    evaluations: Mapping[str, int] = dataclasses.field(default_factory=dict)
    failed_candidates: int = 0
    feasible_candidates: int = 0
    wall_s: Mapping[str, float] = dataclasses.field(default_factory=dict)
    seed: int = 0
    chunk: int = 0
    device: str = ""
    precision: str = "float64"
    versions: Mapping[str, str] = dataclasses.field(default_factory=dict)
    config_hash: str = ""
    programs: Sequence[str] = ()
    branches: Sequence[str] = ()
    closest: Design | None = None
    conflicts: Sequence[str] = ()
    assumptions: Sequence[str] = ()
    kind: str = "study"

    @property
    def kkt_statistics(self) -> dict[str, float]:
        """Median and 95th percentile of the residuals on the front."""
        values = sorted(d.kkt_residual for d in self.designs if not math.isnan(d.kkt_residual))
        if not values:
            return {"median": math.nan, "p95": math.nan}
        return {"median": _quantile(values, 0.5), "p95": _quantile(values, 0.95)}

    def study_json(self) -> dict[str, Any]:
        """Contents of study.json."""
        names = [
            "kind", "brand", "vehicle", "hypervolume", "reference_point", "ideal_point", "evaluations",
            "failed_candidates", "feasible_candidates", "wall_s", "seed", "chunk", "device", "precision", "versions",
            "config_hash", "programs", "branches", "conflicts", "assumptions",
        ]  # fmt: skip
        result = {name: getattr(self, name) for name in names}
        result["objectives"] = [dataclasses.asdict(o) for o in self.objectives]
        result["requirements"] = [dataclasses.asdict(limit) for limit in self.limits]
        result["kkt_residual"] = self.kkt_statistics
        result["front_size"] = len(self.designs)
        return result


def _quantile(ordered: Sequence[float], share: float) -> float:
    position = share * (len(ordered) - 1)
    low = int(position)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (position - low) * (ordered[high] - ordered[low])


def columns_of(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """All columns in the order of the contract: id, branch, objective, margin, price, design, result, kkt_residual."""
    order = ("id", "branch", "objective.", "margin.", "price.", "design.", "result.", "kkt_residual")
    names: dict[str, None] = {}
    for row in rows:
        names |= dict.fromkeys(row)
    return sorted(names, key=lambda name: next(k for k, prefix in enumerate(order) if name.startswith(prefix)))
