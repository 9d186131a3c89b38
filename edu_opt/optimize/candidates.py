"""The working set of a study: B candidates, each with its direction, model, trust regions and curvature."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from edu_opt.optimize import scalarization
from edu_opt.optimize.programs import put, take
from edu_opt.optimize.protocol import Evaluated, Expansion


@dataclasses.dataclass
class Candidates:
    """Arrays with leading axis B (numpy); host-level and mutable, functions below replace lanes.

    `direction` (B, m) is a point of the simplex plane, `corner` (B,) the objective minimized alone, or -1; `home` (B,)
    the branch that a lane may not leave, or -1.
    `jacobian` (B, m + p, n) of raw objectives and margins belongs to `jacobian_x` and feeds the curvature update.
    `centre*` describe the point that was expanded last: there the evaluation was exact.
    """

    x: np.ndarray
    branch: np.ndarray
    objectives: np.ndarray
    margins: np.ndarray
    valid: np.ndarray
    direction: np.ndarray
    corner: np.ndarray
    home: np.ndarray
    weight: np.ndarray
    anchor: np.ndarray
    penalty: np.ndarray
    multipliers: np.ndarray
    hessian: np.ndarray
    jacobian: np.ndarray
    jacobian_x: np.ndarray
    has_jacobian: np.ndarray
    field_radius: np.ndarray
    step_radius: np.ndarray
    frozen: np.ndarray
    active: np.ndarray
    centre: np.ndarray
    centre_objectives: np.ndarray
    centre_margins: np.ndarray
    centre_valid: np.ndarray
    expansion: Expansion

    def __len__(self) -> int:
        return len(self.x)

    def merit(self, target: float, lanes: np.ndarray | slice = slice(None), at: Evaluated | None = None) -> np.ndarray:
        """l1 merit of lanes, at their own values or at other evaluations of the same lanes."""
        where = self if at is None else at
        pick = lanes if at is None else slice(None)
        return scalarization.merit(
            where.objectives[pick],
            where.margins[pick],
            where.valid[pick],
            self.weight[lanes],
            self.anchor[lanes],
            self.penalty[lanes],
            target,
        )

    def centre_evaluation(self, lanes: np.ndarray | slice = slice(None)) -> Evaluated:
        """Exact values at the expanded points."""
        return Evaluated(
            objectives=self.centre_objectives[lanes],
            margins=self.centre_margins[lanes],
            valid=self.centre_valid[lanes],
        )

    def copy_lanes(self, into: np.ndarray, source: np.ndarray) -> None:
        """Overwrite lanes with copies of others (all but direction, home, weight and anchor)."""
        keep = {"direction", "corner", "home", "weight", "anchor"}
        for field in dataclasses.fields(self):
            if field.name not in keep:
                value = getattr(self, field.name)
                setattr(self, field.name, put(value, into, take(value, source)))

    def move(self, lanes: np.ndarray, x: np.ndarray, evaluation: Evaluated) -> None:
        """Set x and its values on the given lanes."""
        self.x[lanes] = x
        self.objectives[lanes], self.margins[lanes] = evaluation.objectives, evaluation.margins
        self.valid[lanes] = evaluation.valid

    def aim(self, bounds: scalarization.Bounds) -> None:
        """Weights and anchors of all lanes from their directions and the current bounds."""
        self.weight, self.anchor = scalarization.rays(self.direction, bounds)
        corner_weight, corner_anchor = scalarization.corners(bounds)
        lanes = np.flatnonzero(self.corner >= 0)
        self.weight[lanes], self.anchor[lanes] = corner_weight[self.corner[lanes]], corner_anchor[self.corner[lanes]]

    def step_box(self, lanes: np.ndarray, mask: np.ndarray, field_share: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
        """Lower and upper bounds (L, n) of a step: cube, step radius, expansion's trust region, frozen variables."""
        x, radius = self.x[lanes], self.step_radius[lanes, None]
        lower, upper = np.maximum(-x, -radius), np.minimum(1.0 - x, radius)
        reach = field_share * self.field_radius[lanes, None]
        offset = self.centre[lanes] - x
        lower = np.where(mask, np.maximum(lower, offset - reach), lower)
        upper = np.where(mask, np.minimum(upper, offset + reach), upper)
        free = ~self.frozen[lanes]
        return np.minimum(lower, 0.0) * free, np.maximum(upper, 0.0) * free

    def scaled_rows(self, lanes: np.ndarray, jacobian: np.ndarray, target: float) -> tuple[np.ndarray, np.ndarray]:
        """Rows of the epigraph problem, <= t and <= 0: values (L, r) and matrix (L, r, n)."""
        weight = self.weight[lanes]
        objective = weight * (self.objectives[lanes] - self.anchor[lanes])
        margins, slope = scalarization.compressed(self.margins[lanes])
        values = np.concatenate([objective, target - margins], axis=1)
        count = weight.shape[1]
        matrix = np.concatenate(
            [weight[:, :, None] * jacobian[:, :count], -slope[:, :, None] * jacobian[:, count:]], axis=1
        )
        return values, matrix


def new_candidates(
    x: np.ndarray, branch: np.ndarray, evaluation: Evaluated, expansion: Expansion, centre: np.ndarray, settings: Any
) -> Candidates:
    """Fresh candidates at points that are exact (the expansion's variables equal its centre's)."""
    count, variables = x.shape
    objectives, margins = evaluation.objectives.shape[1], evaluation.margins.shape[1]
    rows = objectives + margins
    return Candidates(
        x=x.copy(),
        branch=branch.copy(),
        objectives=evaluation.objectives.copy(),
        margins=evaluation.margins.copy(),
        valid=evaluation.valid.copy(),
        direction=np.full((count, objectives), 1.0 / objectives),
        corner=np.full(count, -1),
        home=np.full(count, -1),
        weight=np.ones((count, objectives)),
        anchor=np.zeros((count, objectives)),
        penalty=np.full(count, settings.penalty),
        multipliers=np.zeros((count, rows)),
        hessian=np.broadcast_to(START_CURVATURE * np.eye(variables), (count, variables, variables)).copy(),
        jacobian=np.zeros((count, rows, variables)),
        jacobian_x=x.copy(),
        has_jacobian=np.zeros(count, dtype=bool),
        field_radius=np.full(count, settings.field_radius),
        step_radius=np.full(count, settings.step_radius),
        frozen=np.zeros((count, variables), dtype=bool),
        active=np.ones(count, dtype=bool),
        centre=centre.copy(),
        centre_objectives=evaluation.objectives.copy(),
        centre_margins=evaluation.margins.copy(),
        centre_valid=evaluation.valid.copy(),
        expansion=expansion,
    )


START_CURVATURE = 0.1  # of the Lagrangian per unit cube and front span, before any pair of gradients is known
