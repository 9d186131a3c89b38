"""What a study reports while it runs, and what it returns."""

from __future__ import annotations

import dataclasses

import numpy as np

from edu_opt.optimize.programs import ModelPrograms
from edu_opt.optimize.protocol import EvaluationCounts


@dataclasses.dataclass(frozen=True)
class Progress:
    """One line of live progress. `hypervolume` is relative to `reference` (NaN while nothing is feasible)."""

    phase: str
    step: int
    steps: int
    detail: str
    candidates: int
    feasible: int
    front: int
    hypervolume: float
    candidates_per_second: float
    field_solves: int
    failed: int
    elapsed_s: float
    eta_s: float


@dataclasses.dataclass(frozen=True)
class Front:
    """The non-dominated, exactly evaluated, feasible designs (K of them), sorted by the first objective.

    `x` in the unit cube; prices (K, p, m) are objective units per unit of relative margin: `price_alone` is what
    objective k pays if the others hold (NaN where it cannot pay), `price_along_ray` where all give way by equal
    shares of the front's span.
    """

    x: np.ndarray
    branch: np.ndarray
    objectives: np.ndarray
    margins: np.ndarray
    objective_multipliers: np.ndarray
    margin_multipliers: np.ndarray
    price_along_ray: np.ndarray
    price_alone: np.ndarray
    kkt_residual: np.ndarray

    @classmethod
    def empty(cls, variables: int, objectives: int, margins: int) -> Front:
        """A front without designs."""
        prices = np.zeros((0, margins, objectives))
        return cls(
            x=np.zeros((0, variables)),
            branch=np.zeros(0, dtype=np.int64),
            objectives=np.zeros((0, objectives)),
            margins=np.zeros((0, margins)),
            objective_multipliers=np.zeros((0, objectives)),
            margin_multipliers=np.zeros((0, margins)),
            price_along_ray=prices,
            price_alone=prices,
            kkt_residual=np.zeros(0),
        )

    def __len__(self) -> int:
        return len(self.x)


@dataclasses.dataclass(frozen=True)
class Closest:
    """The exact design with the smallest violation: why a search found nothing feasible."""

    x: np.ndarray
    branch: int
    objectives: np.ndarray
    margins: np.ndarray
    conflicting: tuple[str, ...]  # names of negative margins, worst first


@dataclasses.dataclass(frozen=True)
class OptimizationResult:
    """Outcome of a study; `feasible` is False where the front is empty, then `closest` says what conflicts."""

    feasible: bool
    front: Front
    closest: Closest | None
    hypervolume: float
    hypervolume_share: float
    reference_point: np.ndarray
    ideal_point: np.ndarray
    feasible_candidates: int
    counts: EvaluationCounts
    history: list[dict[str, float | int | str]]
    wall_s: dict[str, float]
    branches_alive: dict[int, int]
    state: dict[str, np.ndarray]
    programs: ModelPrograms  # compiled, for evaluating designs again
