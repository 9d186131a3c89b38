"""What the optimizer asks of a problem, and what it counts.

The optimizer knows nothing about drive units: test functions and other tools fit the same protocol. A problem has
two levels. `expand` is the expensive part (a field sweep): it returns a first-order model around the candidate.
`evaluate` is cheap, pure and differentiable, and uses that model. The model depends on the branch and on the
variables of `trust_region_mask` alone, hence evaluations are exact wherever those variables are equal to the ones
that were expanded, whatever the other variables are.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any, Protocol

import jax
import numpy as np

from edu_opt.numerics.design_space import DesignSpace
from edu_opt.numerics.pytree import pytree

Expansion = Any  # a pytree of arrays that only the problem understands


@pytree
class Evaluation:
    """Objectives (m,) to be minimized, margins (p,) relative and >= 0 where feasible, and a scalar valid flag.

    A margin that does not apply to a candidate is a large positive number, not NaN. A candidate that is not valid,
    or has a value that is not finite, is counted as failed and never enters the archive. `report` is whatever else the
    problem knows of a candidate (a pytree of arrays); the optimizer leaves it alone.
    """

    objectives: jax.Array
    margins: jax.Array
    valid: jax.Array
    report: Any = dataclasses.field(default_factory=dict)


@pytree
class Evaluated:
    """Evaluations of several candidates on the host: objectives (B, m), margins (B, p), valid (B,), all finite."""

    objectives: np.ndarray
    margins: np.ndarray
    valid: np.ndarray


class Problem(Protocol):
    """A two-level, constrained, multi-objective problem on the unit cube.

    Optional attributes: `branch_names`, `field_solves_per_expansion` (int, default 1),
    `seeds` (points (S, n), branches (S,): all seeds, instead of Sobol points),
    `screen(x (B, n), branch (B,)) -> Evaluation` (batched estimate without expansion, to choose the seeds),
    `expand_final` (None, or `expand` on a finer model of the same shapes: for the last refresh and what is reported),
    `expansion_shape() -> Expansion` (leaves are `jax.ShapeDtypeStruct` with a leading axis, so that programs compile
    while the first expansion is computed), `integer_rows(physical (n,), count) -> (count, n)` (buildable designs near
    one in physical values, the nearest first, listed variables on rows of their lists; else every rounding and every
    row counts as buildable), `starts` (None, or points (k, n) and branches (k,) that join the seeds in place of as many
    others), `identity` (str: names all that its functions hold besides their arguments, so that their traces can be
    stored). A heavy model compiles and differentiates faster in stages:
    `localize(x (n,), branch, expansion) -> expansion` (what the next stages read at this x and its slopes there),
    `solve(x (n,), branch, expansion) -> inner` (solutions of inner problems, without derivatives),
    `states(x, branch, expansion, inner) -> states` (differentiable, implicitly in the inner solutions), which
    `evaluate` then takes as its last argument. `evaluate_rows` (arguments of `evaluate`): objectives and margins alone,
    without what is only reported, for the search and its Jacobian; with it, `margin_rows` (ascending positions in
    `margin_names`, each at least once) says that it gives some margins by several rows, of which the smallest counts
    (`margin_rows`).
    """

    space: DesignSpace
    objective_names: tuple[str, ...]
    margin_names: tuple[str, ...]
    branch_count: int

    @property
    def trust_region_mask(self) -> np.ndarray:
        """Variables (n,) that the expansion depends on."""
        ...

    def expand(self, x: np.ndarray, branch: np.ndarray) -> Expansion:
        """First-order model of the expensive part around x (B, n) for branches (B,): a pytree with leading axis B."""
        ...

    def evaluate(self, x: jax.Array, branch: jax.Array, expansion: Expansion, *states: Any) -> Evaluation:
        """One candidate x (n,) with the expansion of one candidate: pure, vmappable, differentiable in both modes."""
        ...


def reported_expand(problem: Problem) -> Callable[[np.ndarray, np.ndarray], Expansion]:
    """`expand` on the model of the reported front."""
    return getattr(problem, "expand_final", None) or problem.expand


@dataclasses.dataclass
class EvaluationCounts:
    """Lanes of work done; padding is not counted.

    `field_sweeps` counts rounds in which candidates were expanded, `expansions` their candidates, `field_solves` the
    solves inside them.
    """

    forward: int = 0
    gradient: int = 0
    jacobian: int = 0
    expansions: int = 0
    field_solves: int = 0
    field_sweeps: int = 0
    failed: int = 0

    def equivalents(self, gradient_cost: float = 12.0, jacobian_cost: float = 12.0) -> float:
        """Work in units of one forward evaluation, expansions left out."""
        return self.forward + gradient_cost * self.gradient + jacobian_cost * self.jacobian
