"""The optimizer's parts: directions, subproblem, curvature, archive, integers, certificates."""

from __future__ import annotations

import numpy as np
import pytest

from edu_opt.numerics.design_space import DesignSpace, Variable
from edu_opt.numerics.discrete import roundings
from edu_opt.optimize import OptimizerSettings
from edu_opt.optimize.archive import Archive
from edu_opt.optimize.certificate import certify
from edu_opt.optimize.curvature import updated_hessian
from edu_opt.optimize.directions import das_dennis, farthest_first, lattice_size, reference_directions, to_simplex_plane
from edu_opt.optimize.hypervolume import hypervolume, is_nondominated
from edu_opt.optimize.integers import are_discrete, joined_choices, neighbours_of, physical_values, snap, unit_values
from edu_opt.optimize.lane_memory import LaneMemory, lane_keys
from edu_opt.optimize.scalarization import SUM_SHARE
from edu_opt.optimize.sequential_quadratic import SolvedSubproblems, solve_subproblems, subproblem_program
from edu_opt.optimize.start import corner_lanes
from tests.optimize.problems import box, cre24, welded_bars

SETTINGS = OptimizerSettings(chunk=12)  # shapes are those of test_optimize.py: one compile serves both


def test_lattice_lies_on_the_simplex_and_counts_right() -> None:
    points = das_dennis(3, 12)
    assert points.shape == (91, 3) == (lattice_size(3, 12), 3)
    np.testing.assert_allclose(points.sum(axis=1), 1.0)
    assert len(np.unique(points.round(9), axis=0)) == 91
    chosen = reference_directions(3, 100, 0.12)
    assert chosen.shape == (100, 3)
    np.testing.assert_allclose(chosen.sum(axis=1), 1.0)
    assert reference_directions(2, 17, 0.0).shape == (17, 2)


def test_farthest_first_fills_the_hole() -> None:
    line = np.linspace(0, 1, 101)[:, None]
    taken = line[(line[:, 0] < 0.3) | (line[:, 0] > 0.7)]
    assert farthest_first(line, taken, 1)[0, 0] == pytest.approx(0.5, abs=0.011)
    np.testing.assert_allclose(to_simplex_plane(np.array([[1.0, 1.0, 1.0]])), [[1 / 3] * 3])


@pytest.fixture(scope="module")
def quadratic() -> tuple[dict[str, np.ndarray], SolvedSubproblems]:
    """Eight random programs: lane 0 unsolvable without excess, lane 1 with frozen variables, lane 2 not finite."""
    random = np.random.default_rng(5)
    lanes, n, rows = 8, 7, 13
    root = random.normal(size=(lanes, n, n))
    data = {
        "hessian": root @ root.transpose(0, 2, 1) / n,
        "values": random.normal(size=(lanes, rows)) - np.where(np.arange(rows) < 3, 0.0, 1.5),
        "matrix": random.normal(size=(lanes, rows, n)),
        "lower": -random.uniform(0.1, 1.0, (lanes, n)),
        "upper": random.uniform(0.1, 1.0, (lanes, n)),
        "penalty": np.full(lanes, 50.0),
    }
    data["matrix"][0, 4], data["values"][0, 3:5] = -data["matrix"][0, 3], 2.0  # a'd <= -2 and -a'd <= -2
    data["lower"][1, :3] = data["upper"][1, :3] = 0.0
    data["lower"][3] = 0.0  # a bound through the start
    data["hessian"][2, 0, 0] = np.nan
    return data, solve_subproblems(3, SETTINGS, **data)


def test_subproblem_is_optimal_against_many_other_steps(quadratic: tuple) -> None:
    data, solved = quadratic
    random = np.random.default_rng(0)
    for lane in (0, 1, 3, 4, 5, 6, 7):

        def model(d: np.ndarray, k: int = lane) -> np.ndarray:
            moved = data["values"][k] + d @ data["matrix"][k].T
            value = moved[:, :3].max(axis=1) + SUM_SHARE * moved[:, :3].sum(axis=1)
            curved = 0.5 * np.einsum("si,ij,sj->s", d, data["hessian"][k], d)
            return value + curved + 50.0 * np.maximum(moved[:, 3:], 0.0).sum(axis=1)

        best = model(solved.step[lane][None])[0]
        assert best == pytest.approx(solved.model_end[lane], abs=1e-9)
        low, high = data["lower"][lane], data["upper"][lane]
        assert np.all(solved.step[lane] >= low - 1e-12) and np.all(solved.step[lane] <= high + 1e-12)
        far = low + random.uniform(size=(2000, len(low))) * (high - low)
        near = np.clip(solved.step[lane] + 0.01 * random.normal(size=(2000, len(low))), low, high)
        assert model(np.vstack([far, near])).min() >= best - 1e-7


def test_subproblem_multipliers_and_lanes(quadratic: tuple) -> None:
    _, solved = quadratic
    good = [0, 1, 3, 4, 5, 6, 7]
    np.testing.assert_allclose(solved.multipliers[good, :3].sum(axis=1), 1.0, atol=1e-6)
    assert np.all(solved.multipliers[good] >= 0.0) and np.all(solved.multipliers[good] <= 50.0)
    np.testing.assert_array_equal(solved.step[1, :3], 0.0)
    assert np.isfinite(solved.step[good]).all()  # lane 2 poisons nobody


def test_subproblem_with_a_high_penalty_and_rows_of_very_different_slopes() -> None:
    """As certificates pose it: many rows at their limits, slopes over three decades, a penalty of 1e4."""
    random = np.random.default_rng(3)
    lanes, n, rows, stiffness = 12, 40, 36, 1e3
    matrix = random.normal(size=(lanes, rows, n)) * 10.0 ** random.uniform(-1.5, 1.5, (lanes, rows, 1))
    values = np.where(random.uniform(size=(lanes, rows)) < 0.5, 0.0, -(10.0 ** random.uniform(-4, 0, (lanes, rows))))
    values[:, :3] = random.uniform(0.0, 0.2, (lanes, 3))
    hessian = np.tile(stiffness * np.eye(n), (lanes, 1, 1))
    x = np.where(random.uniform(size=(lanes, n)) < 0.2, 0.0, random.uniform(size=(lanes, n)))  # a fifth on a bound
    free = random.uniform(size=(lanes, n)) > 0.15  # integers are frozen
    lower, upper = -x * free, (1.0 - x) * free
    solved = subproblem_program(3, SETTINGS)(hessian, values, matrix, lower, upper, np.full(lanes, 1e4))
    share = np.where(np.arange(rows) < 3, SUM_SHARE, 0.0)
    gradient = stiffness * solved.step + np.einsum("lr,lrn->ln", solved.multipliers + share, matrix)
    np.testing.assert_allclose((gradient + solved.bound_multipliers) * free, 0.0, atol=1e-6)
    moved = values + np.einsum("lrn,ln->lr", matrix, solved.step)
    assert moved[:, 3:].max() < 1e-8 and solved.gap.max() < 1e-8
    assert np.abs(solved.multipliers[:, 3:] * moved[:, 3:]).max() < 1e-6


def test_curvature_learns_a_quadratic_and_stays_positive() -> None:
    random = np.random.default_rng(1)
    root = random.normal(size=(5, 5))
    truth = root @ root.T + 0.1 * np.eye(5)
    hessian = 0.1 * np.eye(5)[None]
    for k in range(60):
        step = random.normal(size=(1, 5))
        hessian = updated_hessian(hessian, step, step @ truth, np.array([k == 0]))
    np.testing.assert_allclose(hessian[0], truth, rtol=0.05, atol=0.05)
    bad = updated_hessian(hessian, step, -step @ truth, np.array([False]))
    assert np.linalg.eigvalsh(bad[0]).min() > 0.0
    np.testing.assert_array_equal(updated_hessian(hessian, step, np.full((1, 5), np.nan), np.array([False])), hessian)


def test_hypervolume_and_dominance_by_hand() -> None:
    points = np.array([[0.0, 0.5], [0.5, 0.0], [0.6, 0.6], [2.0, 2.0]])
    assert hypervolume(points, np.array([1.0, 1.0])) == pytest.approx(0.75)
    np.testing.assert_array_equal(is_nondominated(points), [True, True, False, False])
    assert hypervolume(np.zeros((0, 2)), np.ones(2)) == 0.0


def test_archive_takes_exact_feasible_points_once() -> None:
    x = np.array([[0.1], [0.2], [0.3], [0.1]])
    objectives = np.array([[1.0, 2.0], [0.0, 0.0], [2.0, 1.0], [1.0, 2.0]])
    margins = np.array([[0.1], [-0.1], [0.2], [0.1]])
    exact = np.array([True, True, False, True])
    archive = Archive.empty(1, 2, 1).add(x, np.zeros(4, dtype=int), objectives, margins, exact, step=3)
    assert archive.x.tolist() == [[0.1]] and archive.step.tolist() == [3]
    assert archive.closest_violation == 0.0
    worse = Archive.empty(1, 2, 1).add(x[1:2], np.zeros(1, dtype=int), objectives[1:2], margins[1:2], exact[1:2], 0)
    assert len(worse.x) == 0 and worse.closest_margins.tolist() == [-0.1]


def test_integers_round_within_their_range() -> None:
    space = cre24().space
    x = np.random.default_rng(2).uniform(size=(6, 7))
    np.testing.assert_allclose(physical_values(space, x), space.to_physical(x), rtol=1e-14)
    np.testing.assert_allclose(unit_values(space, physical_values(space, x)), x, atol=1e-12)
    snapped = snap(space, x)
    assert are_discrete(space, snapped).all() and not are_discrete(space, x).any()
    np.testing.assert_array_equal(snapped[:, [0, 1, 3, 4, 5, 6]], x[:, [0, 1, 3, 4, 5, 6]])
    near = roundings(np.array([2.4, 5.0]), np.array([2.0, 3.0]), np.array([9.0, 5.0]), 6)
    assert near.shape == (6, 2) and near[0].tolist() == [2.0, 5.0] and near[1].tolist() == [3.0, 5.0]
    assert near.min(axis=0).tolist() >= [2.0, 3.0] and near.max(axis=0).tolist() <= [9.0, 5.0]
    narrow = box([0.5], [1.7], integer=(0,))
    assert physical_values(narrow, snap(narrow, np.array([[0.99]]))) == pytest.approx(1.0)


def test_neighbours_stand_on_rows_of_lists_exactly() -> None:
    space = welded_bars().space
    x = np.random.default_rng(3).uniform(size=(5, 4))
    assert not are_discrete(space, x).any() and (snap(space, x) == x).all()
    points = neighbours_of(space, x, 9)
    assert points.shape == (5, 9, 4) and are_discrete(space, points.reshape(-1, 4)).all()
    np.testing.assert_array_equal(points[:, :, :2], np.repeat(x[:, None, :2], 9, axis=1))
    span = (space.high - space.low)[2:]
    for lane in range(5):
        rows = physical_values(space, points[lane])[:, 2:].round(12)
        distance = np.linalg.norm((rows - physical_values(space, x)[lane, 2:]) / span, axis=1)
        assert len(np.unique(rows, axis=0)) == 9 and np.all(np.diff(distance) >= 0.0)
    with pytest.raises(ValueError, match="integer_rows of the problem"):
        neighbours_of(space, x, 2, lambda physical, count: np.repeat(physical[None], count, axis=0))


def test_the_best_choice_of_every_group_is_joined() -> None:
    space = DesignSpace(
        (
            Variable("gears", "teeth", "1", 10.0, 20.0, "", integer=True),
            Variable("bearings", "a", "m", 0.0, 1.0, "", listed=(0.0, 0.5, 1.0), list_name="a"),
            Variable("bearings", "b", "m", 0.0, 1.0, "", listed=(0.0, 1.0), list_name="b"),
            Variable("shaft", "length", "m", 0.0, 1.0, ""),
        )
    )
    points = np.tile([[0.5, 0.5, 0.0, 0.3]], (6, 1))
    points[1, 0], points[2, 1], points[3, 1], points[4, 2], points[5] = 0.6, 0.0, 1.0, 1.0, [0.4, 0.0, 1.0, 0.3]
    scores = np.array([[5.0, 4.0, 3.0, 6.0, 4.5, 1.0]])  # the last one changes several groups: nobody's own merit
    joined = joined_choices(space, points[None], scores)
    np.testing.assert_array_equal(joined, [[0.6, 0.0, 1.0, 0.3]])
    assert are_discrete(space, joined).all()


def test_certificate_of_a_problem_solved_by_hand() -> None:
    """min (x0^2 + x1^2, (x0 - 1)^2 + x1^2) with x1 >= 0.5: at (a, 0.5) lambda = (1 - a, a) and z = 2 * 0.5."""
    a = np.array([0.2, 0.7, 0.4])
    x = np.column_stack([a, [0.5, 0.5, 0.6]])
    jacobian = np.zeros((3, 5, 2))
    jacobian[:, 0], jacobian[:, 1] = 2 * x, 2 * (x - [1.0, 0.0])
    jacobian[:, 2, 1] = 1.0
    margins = np.column_stack([x[:, 1] - 0.5 + 1e-6, np.ones((3, 2))])
    found = certify(x, margins, jacobian, np.array([1.0, 1.0]), np.zeros((3, 2), dtype=bool), SETTINGS)
    np.testing.assert_allclose(found.objective_multipliers[:2, 1], a[:2], rtol=1e-4)
    np.testing.assert_allclose(found.margin_multipliers[:2, 0], 1.0, rtol=1e-4)
    assert np.all(found.kkt_residual[:2] < 1e-5)
    assert found.kkt_residual[2] > 0.1 and found.margin_multipliers[2, 0] == 0.0  # inactive margin: no price
    np.testing.assert_allclose(found.price_alone[0, 0], [1 / 0.8, 1 / 0.2], rtol=1e-4)


def test_settings_refuse_nonsense() -> None:
    with pytest.raises(ValueError, match=r"optimizer\.candidates must be at least 1, got 0"):
        OptimizerSettings(candidates=0)
    with pytest.raises(ValueError, match=r"optimizer\.penalty_limit"):
        OptimizerSettings(penalty_limit=1.0)


def test_lanes_are_remembered_by_all_that_they_were_given() -> None:
    x, rest = np.arange(6.0).reshape(3, 2), {"a": np.ones((3, 2, 2)), "b": np.arange(3)}
    keys = lane_keys((x, rest))
    assert len(set(keys)) == 3 and lane_keys((x.copy(), rest)) == keys
    other = rest | {"a": rest["a"] + 1e-16 * np.arange(12.0).reshape(3, 2, 2) * 1e3}
    assert lane_keys((x, other))[1:] != keys[1:] and lane_keys((x, other))[2] != keys[2]
    memory = LaneMemory(size=3)
    memory.keep(keys, {"value": 10.0 * x})
    found = memory.recall([keys[2], keys[0], keys[0]])
    assert found is not None
    np.testing.assert_array_equal(found["value"], 10.0 * x[[2, 0, 0]])
    memory.keep([b"new"], {"value": x[:1]})
    assert memory.recall(keys) is None and memory.recall([keys[1], b"new"]) is not None


def test_every_branch_keeps_the_ends_of_the_front_for_a_while() -> None:
    """Corner lanes for all branches while they take an eighth of the candidates at most, else one an objective."""
    objective, branch = corner_lanes(3, 4, 96)
    assert sorted(zip(objective.tolist(), branch.tolist(), strict=True)) == [(o, b) for o in range(3) for b in range(4)]
    few_objective, few_branch = corner_lanes(3, 4, 95)
    assert few_objective.tolist() == [0, 1, 2] and set(few_branch.tolist()) == {-1}
    assert not len(corner_lanes(1, 4, 48)[0]) and not len(corner_lanes(3, 4, 11)[0])
