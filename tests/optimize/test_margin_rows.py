"""Requirements on the worst of several members, and integers of few values."""

from __future__ import annotations

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from edu_opt.numerics.design_space import DesignSpace, Variable
from edu_opt.optimize import Evaluation, OptimizerSettings, optimize
from edu_opt.optimize.margin_rows import margin_rows, smallest_margins, summed_multipliers
from tests.optimize import problems

FEW = OptimizerSettings(
    candidates=12, chunk=12, expand_chunk=12, seeds=16, screen_variations=4, refreshes=3, polish_steps=4
)


@dataclasses.dataclass(eq=False)
class WorstOfThree(problems.TwoLevelProblem):
    """Weight against reach, where the worst of three members' strengths is limited."""

    strength: float = 0.5

    @property
    def margin_rows(self) -> tuple[int, ...]:
        """The first margin has three members, the second one."""
        return (0, 0, 0, 1)

    def evaluate_rows(self, x: jax.Array, branch: jax.Array, expansion: dict[str, jax.Array]) -> Evaluation:
        """All members' margins."""
        found = self.evaluate(x, branch, expansion)
        members = (x[:3] * jnp.array([1.0, 2.0, 3.0]) - self.strength * (1.0 + x[3])) / self.strength
        return Evaluation(objectives=found.objectives, margins=jnp.append(members, found.margins[1]), valid=found.valid)


def worst_of_three(strength: float = 0.5) -> WorstOfThree:
    """Weight x0 + x1 + x2, reach x3 <= 0.8; a member carries 1, 2, 3 times its weight and needs more with the reach."""

    def function(x: jax.Array, branch: jax.Array) -> problems.Values:
        strengths = x[:3] * jnp.array([1.0, 2.0, 3.0])
        worst = (jnp.min(strengths) - strength * (1.0 + x[3])) / strength
        return jnp.stack([jnp.sum(x[:3]), 1.0 - x[3]]), jnp.stack([worst, 0.8 - x[3]])

    plain = problems.make(function, problems.box([0.0] * 4, [1.0] * 4), [], 2, 2)
    names = [field.name for field in dataclasses.fields(problems.TwoLevelProblem)]
    return WorstOfThree(**{name: getattr(plain, name) for name in names}, strength=strength)


def test_rows_fold_into_their_requirements() -> None:
    rows = (0, 1, 1, 1, 2)
    values = np.array([[1.0, 4.0, -2.0, 3.0, 5.0], [0.0, 1.0, 2.0, 3.0, -1.0]])
    np.testing.assert_array_equal(smallest_margins(rows, values), [[1.0, -2.0, 5.0], [0.0, 1.0, -1.0]])
    np.testing.assert_array_equal(summed_multipliers(rows, values), [[1.0, 5.0, 5.0], [0.0, 6.0, -1.0]])
    assert smallest_margins((), np.zeros((4, 0))).shape == (4, 0)
    assert margin_rows(problems.dtlz2()) == (0,)


def test_members_end_at_their_limit_together_and_share_its_price() -> None:
    """All three members carry just what is asked: weight 11/6 of the strength. Raising the limit by a share of it costs
    that share of the weight; with one row for the worst, no design is certified."""
    problem = worst_of_three()
    found = optimize(problem, FEW)
    front = found.front
    assert front.margins.shape[1] == 2 and len(front) >= 6
    reach = 1.0 - front.objectives[:, 1]
    np.testing.assert_allclose(front.objectives[:, 0], 0.5 * (1.0 + reach) * 11.0 / 6.0, rtol=1e-3)
    assert np.median(front.kkt_residual) < 1e-5 and front.kkt_residual.max() < 1e-2
    inner = (reach > 0.05) & (reach < 0.75)
    assert inner.any()  # d weight / d limit: 11/6 of the limit's share, strength 0.5
    np.testing.assert_allclose(front.price_alone[inner, 0, 0], 0.5 * 11.0 / 6.0, rtol=1e-3)
    kinked = optimize(problems.TwoLevelProblem(**_plain(problem)), FEW)
    assert not len(kinked.front) or np.median(kinked.front.kkt_residual) > 0.1


def _plain(problem: WorstOfThree) -> dict[str, object]:
    return {field.name: getattr(problem, field.name) for field in dataclasses.fields(problems.TwoLevelProblem)}


def test_a_conflict_is_told_by_requirement() -> None:
    found = optimize(worst_of_three(strength=1.5), FEW)
    assert not found.feasible and found.closest is not None
    assert found.closest.conflicting == ("margin0",) and found.closest.margins.shape == (2,)


WIRES = DesignSpace(
    (
        Variable("winding", "wires", "1", 1.0, 4.0, "", integer=True),
        Variable("lamination", "bore", "1", 0.0, 1.0, ""),
        Variable("lamination", "turns", "1", 1.0, 200.0, "", integer=True),
    )
)


def few_values() -> problems.TwoLevelProblem:
    """Two and three wires want far different bores (0.2 and 0.8); relaxed, 2.5 wires at 0.5 look best."""

    def function(x: jax.Array, branch: jax.Array) -> problems.Values:
        wires, bore, turns = x
        off = (bore - (0.2 + 0.6 * (wires - 2.0))) ** 2
        loss = off + 0.1 * (wires - 2.5) ** 2 + ((turns - 60.3) / 200.0) ** 2
        return jnp.stack([1.0 + loss]), jnp.stack([0.1 - off])

    return problems.make(function, WIRES, [1], 1, 1)


def test_integers_of_few_values_are_fixed_first() -> None:
    """While the fields may still move far; relaxed, they would lead far from the best design with either number."""
    np.testing.assert_array_equal(WIRES.coarse, [True, False, False])
    states: list[dict[str, np.ndarray]] = []
    found = optimize(few_values(), dataclasses.replace(FEW, candidates=6), save=states.append)
    seen = np.array([np.asarray(WIRES.to_physical(state["candidates.x"])) for state in states])
    whole = (np.abs(seen - seen.round()) < 1e-9).all(axis=1)
    fixed = [int(np.flatnonzero(~whole[:, k])[-1]) + 1 for k in (0, 2)]
    phases = [row["phase"] for row in found.history]
    assert phases[fixed[0]] == "coarse" and phases[: fixed[0]].count("refresh") == 1
    assert phases[fixed[1]] == "integers" and fixed[0] < fixed[1]
    wires = np.asarray(WIRES.to_physical(found.front.x))[0, 0]
    assert wires in (2.0, 3.0) and found.front.objectives[0, 0] == pytest.approx(1.025, abs=1e-4)
