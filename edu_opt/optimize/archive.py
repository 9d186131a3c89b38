"""The designs that are known exactly: expanded, valid, feasible and with integers that are integers."""

from __future__ import annotations

import dataclasses

import numpy as np

from edu_opt.optimize.hypervolume import hypervolume, is_nondominated


@dataclasses.dataclass(frozen=True)
class Archive:
    """Exact feasible points in the order found; `step` (K,) says at which step of the study each came in.

    Also keeps the exact point with the smallest violation, which explains an infeasible outcome.
    """

    x: np.ndarray
    branch: np.ndarray
    objectives: np.ndarray
    margins: np.ndarray
    step: np.ndarray
    closest_x: np.ndarray
    closest_branch: np.ndarray
    closest_objectives: np.ndarray
    closest_margins: np.ndarray
    closest_violation: np.ndarray

    @classmethod
    def empty(cls, variables: int, objectives: int, margins: int) -> Archive:
        """An archive without points."""
        return cls(
            x=np.zeros((0, variables)),
            branch=np.zeros(0, dtype=np.int64),
            objectives=np.zeros((0, objectives)),
            margins=np.zeros((0, margins)),
            step=np.zeros(0, dtype=np.int64),
            closest_x=np.full(variables, np.nan),
            closest_branch=np.array(-1),
            closest_objectives=np.full(objectives, np.nan),
            closest_margins=np.full(margins, np.nan),
            closest_violation=np.array(np.inf),
        )

    def add(
        self,
        x: np.ndarray,
        branch: np.ndarray,
        objectives: np.ndarray,
        margins: np.ndarray,
        exact: np.ndarray,
        step: int,
    ) -> Archive:
        """Archive with those lanes that are `exact` (valid, expanded, integer) and feasible; repeats are left out."""
        archive = self._with_closest(x, branch, objectives, margins, exact)
        keep = exact & (margins.min(axis=1, initial=np.inf) >= 0.0)
        known = {row.tobytes() for row in np.column_stack([self.x, self.branch])}
        keep &= np.array([row.tobytes() not in known for row in np.column_stack([x, branch])], dtype=bool)
        _, first = np.unique(np.column_stack([x, branch]), axis=0, return_index=True)
        keep &= np.isin(np.arange(len(x)), first)
        return dataclasses.replace(
            archive,
            x=np.vstack([self.x, x[keep]]),
            branch=np.concatenate([self.branch, branch[keep]]),
            objectives=np.vstack([self.objectives, objectives[keep]]),
            margins=np.vstack([self.margins, margins[keep]]),
            step=np.concatenate([self.step, np.full(int(keep.sum()), step)]),
        )

    def _with_closest(
        self, x: np.ndarray, branch: np.ndarray, objectives: np.ndarray, margins: np.ndarray, exact: np.ndarray
    ) -> Archive:
        shortfall = np.where(exact, np.maximum(-margins, 0.0).sum(axis=1), np.inf)
        best = int(np.argmin(shortfall)) if len(x) else -1
        if best < 0 or not shortfall[best] < self.closest_violation:
            return self
        return dataclasses.replace(
            self,
            closest_x=x[best],
            closest_branch=np.array(branch[best]),
            closest_objectives=objectives[best],
            closest_margins=margins[best],
            closest_violation=np.array(shortfall[best]),
        )

    def front(self) -> np.ndarray:
        """Indices of the non-dominated points, sorted by the first objective."""
        members = np.flatnonzero(is_nondominated(self.objectives))
        return members[np.argsort(self.objectives[members, 0], kind="stable")]

    def hypervolume(self, reference: np.ndarray, step: int | None = None) -> float:
        """Exact hypervolume of all points, or of those known after a step."""
        points = self.objectives if step is None else self.objectives[self.step <= step]
        return hypervolume(points, reference)
