"""Evaluating families by their members' compiled programs: nothing is compiled for a pattern but its subproblem.

All members of one kind go through one program, as more lanes; the family's Jacobian is theirs, scattered to its
variables (chain rule of a selection), so a family's gradient costs what its members' gradients cost.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from edu_opt.family.problem import FamilyProblem
from edu_opt.optimize.programs import ModelPrograms, concatenate, take
from edu_opt.optimize.protocol import Evaluation, Expansion


def member_programs(problems: Sequence[Any], chunk: int, target: float, workers: int) -> list[ModelPrograms]:
    """One set of compiled programs for each problem; problems of one identity share theirs."""
    known: dict[str, ModelPrograms] = {}
    found = []
    for problem in problems:
        key = getattr(problem, "identity", "") or f"object {id(problem)}"
        if key not in known:
            known[key] = ModelPrograms(problem, chunk, target, workers)
        found.append(known[key])
    return found


class FamilyPrograms(ModelPrograms):
    """`ModelPrograms` of a family; `programs[m]` are those of member m."""

    def __init__(self, problem: FamilyProblem, programs: Sequence[ModelPrograms]) -> None:
        first = programs[0]
        self.family, self.programs = problem, tuple(programs)
        self.problem, self.chunk, self.target = problem, first.chunk, first.target
        self.compile_workers, self.compile_s = first.compile_workers, 0.0
        self.objectives, self.margins = len(problem.objective_names), len(problem.margin_rows)

    def _jobs(self, expansion: Expansion) -> Iterator[Any]:
        for program in dict.fromkeys(self.programs):
            member = self.programs.index(program)
            yield from program._jobs(expansion[member])

    @property
    def largest_temporary(self) -> int:
        """Working memory [bytes] of the largest compiled program for one chunk."""
        return max(program.largest_temporary for program in self.programs)

    def _compile_report(self, shapes: tuple[Any, ...]) -> None:
        """Members compile theirs."""

    def rows(self, x: np.ndarray, branch: np.ndarray, expansion: Expansion) -> Evaluation:
        """Objectives and rows of the margins of families (B, n)."""
        found = self._by_member(lambda program: program.rows, x, branch, expansion)
        return self._joined(found, [member.search_rows for member in self.family.members])

    def evaluation(self, x: np.ndarray, branch: np.ndarray, expansion: Expansion) -> Evaluation:
        """Evaluations of families (B, n); the report is a tuple of the members' evaluations."""
        found = self._by_member(lambda program: program.evaluation, x, branch, expansion)
        return self._joined(found, [member.rows for member in self.family.members])

    def with_jacobian(self, x: np.ndarray, branch: np.ndarray, expansion: Expansion) -> tuple[Evaluation, np.ndarray]:
        """Evaluations and Jacobians (B, m + p, n) of families."""
        found = self._by_member(lambda program: program.with_jacobian, x, branch, expansion)
        jacobian = np.zeros((len(x), self.objectives + self.margins, len(self.family.space)))
        row = self.objectives
        for m, (member, columns) in enumerate(zip(self.family.members, self.family.ties.columns, strict=True)):
            slopes, count = np.asarray(found[m][1]), len(member.problem.objective_names)
            jacobian[:, : self.objectives, columns] += np.einsum(
                "km,lmn->lkn", self.family.weights[m], slopes[:, :count]
            )
            own = member.search_rows
            jacobian[:, row : row + len(own), columns] = slopes[:, count:][:, own]
            row += len(own)
        rows = [member.search_rows for member in self.family.members]
        return self._joined([evaluation for evaluation, _ in found], rows), jacobian

    def _by_member(
        self,
        method: Callable[[ModelPrograms], Callable[..., Any]],
        x: np.ndarray,
        branch: np.ndarray,
        expansion: Expansion,
    ) -> list[Any]:
        """What a method says of every member; members of one program are its lanes."""
        points, lanes = self.family.member_points(x, branch), len(x)
        found: list[Any] = [None] * len(points)
        for program in dict.fromkeys(self.programs):
            members = [m for m, other in enumerate(self.programs) if other is program]
            together = method(program)(
                np.concatenate([points[m][0] for m in members]),
                np.concatenate([points[m][1] for m in members]),
                concatenate([expansion[m] for m in members]),
            )
            for position, m in enumerate(members):
                found[m] = take(together, np.arange(position * lanes, (position + 1) * lanes))
        return found

    def _joined(self, found: Sequence[Evaluation], rows: Sequence[np.ndarray]) -> Evaluation:
        """Members' evaluations as a family's, with the given ones of each member's margins."""
        pairs = zip(found, self.family.weights, strict=True)
        objectives: Any = np.sum([np.asarray(e.objectives) @ weight.T for e, weight in pairs], axis=0)
        each = [np.asarray(e.margins)[:, own] for own, e in zip(rows, found, strict=True)]
        margins: Any = np.concatenate(each, axis=1)
        valid: Any = np.all([np.asarray(e.valid) for e in found], axis=0)
        return Evaluation(objectives=objectives, margins=margins, valid=valid, report=tuple(found))
