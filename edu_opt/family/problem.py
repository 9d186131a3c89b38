"""A family as one problem of the optimizer: shared variables once, each member's margins kept.

The objectives are weighted sums of the members' objectives (the programme's cost a unit, each brand's own objective);
the margins are those of all members. Members are problems of `optimize.protocol`; nothing here knows a drive unit.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from edu_opt.family.pattern import SharingPattern, Ties, ties
from edu_opt.numerics.design_space import DesignSpace
from edu_opt.numerics.discrete import neighbouring_rows
from edu_opt.optimize.integers import physical_values
from edu_opt.optimize.margin_rows import margin_rows
from edu_opt.optimize.protocol import Evaluation, Expansion, Problem, reported_expand

Starts = tuple[np.ndarray, np.ndarray]  # points (S, n), branches (S,)


@dataclasses.dataclass(frozen=True)
class Member:
    """One drive unit of a family: its problem, its brand, how many are built a year and where."""

    name: str
    brand: str
    problem: Problem
    units_per_year: float
    plant: str = ""

    @property
    def rows(self) -> np.ndarray:
        """Margins that apply to it (a requirement with a limit of NaN is another member's)."""
        known = getattr(self.problem, "requirements", None)
        if known is None:
            return np.arange(len(self.problem.margin_names))
        return np.flatnonzero([not np.isnan(requirement.limit) for requirement in known])

    @property
    def search_rows(self) -> np.ndarray:
        """Rows of the search (`optimize.margin_rows`) that belong to them."""
        return np.flatnonzero(np.isin(margin_rows(self.problem), self.rows))


@dataclasses.dataclass(frozen=True)
class FamilyObjective:
    """Sum over members of weight times one of their objectives; `weights` (members,)."""

    name: str
    unit: str
    quantity: str  # objective of every member
    weights: tuple[float, ...]


def family_objectives(members: Sequence[Member], own: dict[str, tuple[str, str]]) -> tuple[FamilyObjective, ...]:
    """The programme's cost a unit (`unit_cost`, mean over all units), and each brand's own objective, the mean over its
    units. `own`: brand -> (quantity, unit)."""
    volumes = np.array([member.units_per_year for member in members])
    found = [FamilyObjective("programme_unit_cost", "eur", "unit_cost", tuple(volumes / volumes.sum()))]
    for brand, (quantity, unit) in own.items():
        mine = volumes * np.array([member.brand == brand for member in members])
        found.append(FamilyObjective(f"{brand}_{quantity}", unit, quantity, tuple(mine / mine.sum())))
    return tuple(found)


class FamilyProblem:
    """Keeps to `optimize.protocol.Problem`. A branch is one combination of the members' branches.

    The objectives are the programme's cost, then each brand's own; margins are named `MEMBER.REQUIREMENT`.
    """

    def __init__(
        self,
        members: Sequence[Member],
        pattern: SharingPattern,
        objectives: Sequence[FamilyObjective],
        combinations: Sequence[Sequence[int]],
        seeds: Starts | None = None,
    ) -> None:
        self.members, self.pattern, self.objectives = tuple(members), pattern, tuple(objectives)
        self.combinations = np.array(combinations, dtype=np.int64).reshape(-1, len(self.members))
        self.ties: Ties = ties(pattern, {m.name: m.problem.space for m in self.members})
        self.space: DesignSpace = self.ties.space
        self.objective_names = tuple(objective.name for objective in self.objectives)
        self.objective_units = tuple(objective.unit for objective in self.objectives)
        self.margin_names = tuple(f"{m.name}.{m.problem.margin_names[row]}" for m in self.members for row in m.rows)
        rows = [f"{m.name}.{m.problem.margin_names[margin_rows(m.problem)[k]]}" for m in members for k in m.search_rows]
        self.margin_rows = tuple(self.margin_names.index(name) for name in rows)
        self.branch_count = len(self.combinations)
        self.seeds = seeds  # read by `optimize.start`: the search begins there instead of at Sobol points

    @property
    def branch_names(self) -> tuple[str, ...]:
        """Their names."""
        return tuple(
            " | ".join(_branch_name(m.problem, int(b)) for m, b in zip(self.members, row, strict=True))
            for row in self.combinations
        )

    @functools.cached_property
    def trust_region_mask(self) -> np.ndarray:
        """Variables that some member's expansion depends on."""
        mask = np.zeros(len(self.space), dtype=bool)
        for member, columns in zip(self.members, self.ties.columns, strict=True):
            mask[columns] |= np.asarray(member.problem.trust_region_mask, dtype=bool)
        return mask

    @property
    def field_solves_per_expansion(self) -> int:
        """Solves of all laminations that differ."""
        distinct: dict[tuple[int, ...], int] = {}
        for member, columns in zip(self.members, self.ties.columns, strict=True):
            mask = np.asarray(member.problem.trust_region_mask, dtype=bool)
            solves = int(getattr(member.problem, "field_solves_per_expansion", 1))
            distinct[tuple(columns[mask].tolist())] = solves
        return sum(distinct.values())

    def member_points(self, x: np.ndarray, branch: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
        """Each member's own x (B, n_m) and branch (B,)."""
        rows = self.combinations[np.asarray(branch)]
        return [(np.asarray(x)[:, columns], rows[:, m]) for m, columns in enumerate(self.ties.columns)]

    def expand(self, x: np.ndarray, branch: np.ndarray) -> Expansion:
        """Expansions of all members: a tuple. Field programs that members have in common remember what they solved,
        so that a shared lamination is solved once."""
        points = self.member_points(x, branch)
        return tuple(m.problem.expand(own, choice) for m, (own, choice) in zip(self.members, points, strict=True))

    @property
    def expand_final(self) -> Callable[[np.ndarray, np.ndarray], Expansion] | None:
        """`expand` on the members' final models, where one has any."""
        if all(getattr(member.problem, "expand_final", None) is None for member in self.members):
            return None
        return self._expanded_finally

    def _expanded_finally(self, x: np.ndarray, branch: np.ndarray) -> Expansion:
        points = self.member_points(x, branch)
        return tuple(
            reported_expand(m.problem)(own, choice) for m, (own, choice) in zip(self.members, points, strict=True)
        )

    def evaluate(self, x: jax.Array, branch: jax.Array, expansion: Expansion, *states: Any) -> Evaluation:
        """One family x (n,) of members without stages; `family.programs` evaluates members by their own programs."""
        choices = jnp.asarray(self.combinations)[branch]
        found = [
            member.problem.evaluate(x[columns], choices[m], expansion[m])
            for m, (member, columns) in enumerate(zip(self.members, self.ties.columns, strict=True))
        ]
        return Evaluation(
            objectives=jnp.sum(jnp.stack([w @ e.objectives for w, e in zip(self.weights, found, strict=True)]), axis=0),
            margins=jnp.concatenate([e.margins[m.rows] for m, e in zip(self.members, found, strict=True)]),
            valid=jnp.all(jnp.stack([e.valid for e in found])),
            report=tuple(e.report for e in found),
        )

    @functools.cached_property
    def weights(self) -> tuple[np.ndarray, ...]:
        """For each member, the family's objectives by its own (K, m)."""
        result = []
        for m, member in enumerate(self.members):
            names = list(member.problem.objective_names)
            weight = np.zeros((len(self.objectives), len(names)))
            for k, objective in enumerate(self.objectives):
                if objective.weights[m]:
                    weight[k, names.index(objective.quantity)] = objective.weights[m]
            result.append(weight)
        return tuple(result)

    def integer_rows(self, physical: np.ndarray, count: int) -> np.ndarray:
        """Buildable families (count, n) near one (n,), in physical values: the nearest integers and rows of lists of
        every member, then the same with another choice for one member at a time."""
        near = [self._member_rows(m, physical[columns], count) for m, columns in enumerate(self.ties.columns)]
        base = physical.copy()
        for m, rows in enumerate(near):
            base = self._with_member(m, base, rows[0])
        families = {base.tobytes(): base}  # what members share would be proposed by each of them
        for choice in range(1, count):
            for m, rows in enumerate(near):
                family = self._with_member(m, base, rows[choice])
                families.setdefault(family.tobytes(), family)
        found = list(families.values())[:count]
        return np.array(found + [base] * (count - len(found)))

    def _member_rows(self, m: int, physical: np.ndarray, count: int) -> np.ndarray:
        problem = self.members[m].problem
        own = getattr(problem, "integer_rows", None)
        return neighbouring_rows(problem.space, physical, count) if own is None else own(physical, count)

    def _with_member(self, m: int, family: np.ndarray, row: np.ndarray) -> np.ndarray:
        which, result = self.members[m].problem.space.discrete, family.copy()
        result[self.ties.columns[m][which]] = row[which]
        return result

    def physical(self, x: np.ndarray) -> np.ndarray:
        """Families (K, n) of the unit cube in SI values."""
        return physical_values(self.space, np.asarray(x, float))


def _branch_name(problem: Problem, branch: int) -> str:
    names = getattr(problem, "branch_names", None)
    return names[branch] if names else str(branch)
