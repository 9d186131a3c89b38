"""Whole studies on analytic problems: quality, exactness, prices, determinism, failures, resuming."""

from __future__ import annotations

import dataclasses

import jax
import numpy as np
import pytest
from scipy.optimize import minimize

from edu_opt.optimize import EvaluationCounts, ModelPrograms, OptimizationResult, OptimizerSettings, Progress, optimize
from edu_opt.optimize.hypervolume import hypervolume
from tests.optimize import problems

SMALL = OptimizerSettings(candidates=36, chunk=12, seeds=24, gradient_steps=4, polish_steps=5, final_polish_steps=4)

# Hypervolume (reference point 1.1 after normalization), ideal, nadir. DTLZ2: 1.1^3 - pi / 6; the others: pooled runs,
# for RE37 the published front, see notes/optimization.md section 4 (a ratio above 1 is possible there).
FRONTS: dict[str, tuple[float, list[float], list[float]]] = {
    "dtlz2": (0.8074012244, [0.0] * 3, [1.0] * 3),
    "c2dtlz2": (0.7283609466, [0.0] * 3, [1.0] * 3),
    "re37": (0.9066132961, [0.00889341422, 0.00488000019, -0.4315], [1.002, 1.09751726, 1.09380596]),
    "cre22": (1.1332870207, [1.7248523218, 0.00043904], [35.318078295, 0.0144596773]),
    "cre24": (1.1818333258, [2771.91515, 694.7057437], [5928.730110, 1299.9999996]),
    "cre31": (0.8712247083, [23.5856579936, 3.58525, 10.6106437511], [42.768011989, 4.0, 12.5211575207]),
}


def quality(name: str, result: OptimizationResult) -> float:
    """Hypervolume relative to the reference front's."""
    volume, ideal, nadir = FRONTS[name]
    low, high = np.array(ideal), np.array(nadir)
    return hypervolume((result.front.objectives - low) / (high - low), np.full(len(low), 1.1)) / volume


@dataclasses.dataclass
class Recorded:
    """A study with all that it told."""

    problem: problems.TwoLevelProblem
    programs: ModelPrograms
    result: OptimizationResult
    progress: list[Progress]
    states: list[dict[str, np.ndarray]]


@pytest.fixture(scope="module")
def speed_reducer() -> Recorded:
    """CRE24: constraints, integers, expanded variables."""
    problem = problems.cre24()
    programs = ModelPrograms(problem, SMALL.chunk, SMALL.margin_target)
    progress: list[Progress] = []
    states: list[dict[str, np.ndarray]] = []
    result = optimize(problem, SMALL, progress.append, save=states.append, programs=programs)
    return Recorded(problem, programs, result, progress, states)


def test_front_of_the_speed_reducer(speed_reducer: Recorded) -> None:
    result = speed_reducer.result
    assert quality("cre24", result) > 0.98
    assert result.feasible and len(result.front) >= 15
    assert np.median(result.front.kkt_residual) < 1e-3
    assert 0.0 < result.hypervolume_share < 1.0


def test_reported_designs_are_exact_feasible_and_whole(speed_reducer: Recorded) -> None:
    problem, front = speed_reducer.problem, speed_reducer.result.front
    expansion = problem.expand(front.x, front.branch)
    truth = speed_reducer.programs.forward(EvaluationCounts(), front.x, front.branch, expansion)
    np.testing.assert_allclose(front.objectives, truth.objectives, rtol=1e-12)
    np.testing.assert_allclose(front.margins, truth.margins, atol=1e-12)
    assert front.margins.min() >= -1e-9
    teeth = np.asarray(problem.space.to_physical(front.x))[:, 2]
    np.testing.assert_allclose(teeth, np.round(teeth), atol=1e-9)


def test_work_is_counted_and_told(speed_reducer: Recorded) -> None:
    result, progress = speed_reducer.result, speed_reducer.progress
    counts = result.counts
    assert counts.field_solves == 3 * counts.expansions
    assert counts.expansions <= SMALL.seeds + SMALL.refreshes * SMALL.candidates + len(result.front)
    assert counts.gradient == SMALL.gradient_steps * SMALL.candidates and counts.failed == 0
    assert {"seed", "compile", "gradient", "polish", "integers", "refresh", "final"} <= {p.phase for p in progress}
    assert progress[-1].front >= len(result.front) and progress[-1].field_solves == counts.field_solves
    volumes = [float(row["hypervolume"]) for row in result.history]
    assert volumes == sorted(volumes) and volumes[-1] >= result.hypervolume - 1e-9
    assert result.wall_s["compile"] > 0.0


def test_same_seed_gives_the_same_front_and_resuming_changes_nothing(speed_reducer: Recorded) -> None:
    whole, half = speed_reducer.result, speed_reducer.states[len(speed_reducer.states) // 2]
    again = optimize(speed_reducer.problem, SMALL, programs=speed_reducer.programs)
    resumed = optimize(speed_reducer.problem, SMALL, checkpoint=half, programs=speed_reducer.programs)
    for other in (again, resumed):
        np.testing.assert_array_equal(other.front.x, whole.front.x)
        np.testing.assert_array_equal(other.front.margin_multipliers, whole.front.margin_multipliers)
        assert other.hypervolume == whole.hypervolume and other.counts == whole.counts
    assert len(resumed.history) == len(whole.history)


def test_the_front_is_that_of_the_final_model(speed_reducer: Recorded) -> None:
    """Found on one warp, reported on another one: values and integers are those of the reported one."""
    problem = dataclasses.replace(speed_reducer.problem, final_warp=0.08)
    states: list[dict[str, np.ndarray]] = []
    result = optimize(problem, SMALL, save=states.append, programs=speed_reducer.programs)
    front, found = result.front, problem.expand_final
    assert found is not None and len(front) >= 15 and quality("cre24", result) > 0.97
    truth = speed_reducer.programs.forward(EvaluationCounts(), front.x, front.branch, found(front.x, front.branch))
    np.testing.assert_allclose(front.objectives, truth.objectives, rtol=1e-12)
    np.testing.assert_allclose(front.margins, truth.margins, atol=1e-12)
    assert truth.margins.min() >= -1e-9
    resumed = optimize(problem, SMALL, checkpoint=states[-2], programs=speed_reducer.programs)
    np.testing.assert_array_equal(resumed.front.x, front.x)


@pytest.fixture(scope="module")
def bars() -> tuple[problems.TwoLevelProblem, OptimizationResult]:
    """A welded beam whose bar is one of a list of 25."""
    problem = problems.welded_bars()
    return problem, optimize(problem, SMALL)


def cheapest_weld(problem: problems.TwoLevelProblem, bar: tuple[float, float]) -> np.ndarray:
    """Objectives (2,) of the cheapest feasible weld of a bar, by a grid of welds that is refined twice; NaN where it
    does not hold."""
    low, high = problem.space.low[:2], problem.space.high[:2]
    run = jax.jit(jax.vmap(lambda x: problem.function(x, 0)))
    best, at = np.full(2, np.nan), low
    for _ in range(3):
        sides = [np.linspace(a, b, 120) for a, b in zip(low, high, strict=True)]
        points = np.stack(np.meshgrid(*sides, indexing="ij"), axis=-1).reshape(-1, 2)
        objectives, margins = run(np.hstack([points, np.tile(bar, (len(points), 1))]))
        cost = np.where(np.asarray(margins).min(axis=1) >= 0.0, np.asarray(objectives)[:, 0], np.inf)
        if not np.isfinite(cost.min()):
            return best
        best, at = np.asarray(objectives)[cost.argmin()], points[cost.argmin()]
        reach = 0.05 * (high - low)
        low, high = np.maximum(at - reach, low), np.minimum(at + reach, high)
    return best


def test_listed_variables_end_on_rows_and_the_rest_is_optimal_for_them(bars) -> None:
    problem, result = bars
    front = result.front
    physical = np.asarray(problem.space.to_physical(front.x))
    own = [tuple(row) for row in physical[:, 2:].round(12).tolist()]
    assert set(own) <= set(problems.BARS) and len(set(own)) >= 4
    truth = {bar: cheapest_weld(problem, bar) for bar in problems.BARS}
    for bar, objectives in zip(own, front.objectives, strict=True):
        assert objectives[0] < 1.005 * truth[bar][0]
        assert objectives[1] == pytest.approx(truth[bar][1])
    points = np.array([value for value in truth.values() if np.isfinite(value).all()])
    low, span = points.min(axis=0), np.array(FRONTS["cre22"][2]) - points.min(axis=0)
    mine, best = (hypervolume((some - low) / span, np.full(2, 1.1)) for some in (front.objectives, points))
    assert mine > 0.99 * best


def test_an_interrupt_keeps_the_last_step(speed_reducer: Recorded) -> None:
    states: list[dict[str, np.ndarray]] = []

    def stop(progress: Progress) -> None:
        if progress.step == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        optimize(speed_reducer.problem, SMALL, stop, save=states.append, programs=speed_reducer.programs)
    resumed = optimize(speed_reducer.problem, SMALL, checkpoint=states[-1], programs=speed_reducer.programs)
    np.testing.assert_array_equal(resumed.front.x, speed_reducer.result.front.x)


def test_states_hold_plain_arrays_only(speed_reducer: Recorded, tmp_path) -> None:
    np.savez(tmp_path / "state.npz", **speed_reducer.states[3])
    with np.load(tmp_path / "state.npz", allow_pickle=False) as loaded:
        assert {k: loaded[k].shape for k in loaded} == {k: v.shape for k, v in speed_reducer.states[3].items()}


def test_prices_are_what_a_tighter_limit_costs() -> None:
    """Multipliers against central differences of the scalarized optimum, found by an independent solver."""
    problem = problems.cre31()
    result = optimize(problem, dataclasses.replace(SMALL, candidates=30, gradient_steps=0))
    front = result.front
    certified = np.flatnonzero((front.kkt_residual < 1e-5) & (front.margin_multipliers.max(axis=1) > 0.02))
    assert len(certified) >= 3
    span = front.price_along_ray[certified[0]].max(axis=0) / front.margin_multipliers[certified[0]].max()

    def values(y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return problem.function(problem.space.to_physical(problems_warp(problem, y)), np.array(0))

    rows = jax.jit(lambda y: jax.numpy.concatenate(values(y)))
    slopes = jax.jit(jax.jacfwd(lambda y: jax.numpy.concatenate(values(y))))
    smooth = 0
    for k in certified[:5]:
        j = int(front.margin_multipliers[k].argmax())
        step = 1e-4

        def best(shift: float, k: int = k, j: int = j) -> float:
            need = SMALL.margin_target + np.where(np.arange(front.margins.shape[1]) == j, shift, 0.0)

            def constraint(y: np.ndarray) -> np.ndarray:
                r = np.asarray(rows(y[:-1]))
                return np.concatenate([y[-1] - (r[:3] - front.objectives[k]) / span, r[3:] - need])

            def jacobian(y: np.ndarray) -> np.ndarray:
                s = np.asarray(slopes(y[:-1]))
                top = np.column_stack([-s[:3] / span[:, None], np.ones(3)])
                return np.vstack([top, np.column_stack([s[3:], np.zeros(len(s) - 3)])])

            found = minimize(
                lambda y: y[-1],
                np.append(front.x[k], 0.0),
                jac=lambda y: np.eye(len(y))[-1],
                bounds=[(0, 1)] * 7 + [(None, None)],
                constraints={"type": "ineq", "fun": constraint, "jac": jacobian},
                options={"ftol": 1e-14, "maxiter": 200},
            )
            return float(found.fun)

        tighter, looser = best(step) / step, -best(-step) / step
        low, high = sorted((tighter, looser))  # they differ where two limits meet: the price is then one-sided
        assert low - 0.02 * high <= front.margin_multipliers[k, j] <= 1.02 * high
        smooth += high - low < 0.05 * high
    assert smooth >= 2


def problems_warp(problem: problems.TwoLevelProblem, x: jax.Array) -> jax.Array:
    """The exact field level."""
    return jax.numpy.where(problem.trust_region_mask, problems.warp(x), x)


def small_problem(margin: str = "loose", poisoned: bool = False) -> problems.TwoLevelProblem:
    """Two variables, two objectives, three branches: 1 costs more in both objectives, 2 is never valid."""

    def function(x: jax.Array, branch: jax.Array) -> problems.Values:
        objectives = jax.numpy.stack([x[0] ** 2 + x[1] ** 2, (1 - x[0]) ** 2 + x[1] ** 2])
        objectives = jax.numpy.where(branch == 2, jax.numpy.nan, objectives + 0.5 * (branch == 1))
        limit = 0.4 if margin == "conflict" else 2.0
        return objectives, jax.numpy.stack([x[0] - 0.7 * (margin == "conflict"), limit - x[0], x[1] - 0.1])

    problem = problems.make(function, problems.box([0.0] * 2, [1.0] * 2), [0], 2, 3, branch_count=3)
    problem.poison = (lambda x: (x[0] > 0.6) & (x[1] < 0.5)) if poisoned else None
    return problem


def test_failing_candidates_are_counted_and_branches_that_lose_end() -> None:
    result = optimize(small_problem(poisoned=True), SMALL)
    front = result.front
    assert result.counts.failed > 0
    assert result.feasible and len(front) >= 15
    assert np.isfinite(front.objectives).all() and np.isfinite(front.kkt_residual).all()
    assert not ((front.x[:, 0] > 0.6) & (front.x[:, 1] < 0.5)).any()
    assert set(front.branch) == {0} and set(result.branches_alive) == {0}
    interior = (front.objectives[:, 0] > 0.05) & (front.objectives[:, 0] < 0.3)
    assert np.mean(np.abs(front.x[interior, 1] - 0.1) < 1e-3) > 0.95  # one lane that changed its branch late may lag
    np.testing.assert_allclose(front.x[interior, 1], 0.1, atol=1e-2)


def test_an_infeasible_problem_says_what_conflicts() -> None:
    """x0 >= 0.7 and x0 <= 0.4 cannot both hold, x1 >= 0.1 can."""
    result = optimize(small_problem("conflict"), SMALL)
    assert not result.feasible and len(result.front) == 0 and result.hypervolume == 0.0
    assert result.closest is not None
    assert set(result.closest.conflicting) == {"margin0", "margin1"}
    assert -result.closest.margins[:2].sum() == pytest.approx(0.3, abs=1e-3)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "least"),
    [("dtlz2", 0.92), ("c2dtlz2", 0.90), ("re37", 0.95), ("cre22", 0.99), ("cre24", 0.995), ("cre31", 0.895)],
)
def test_quality_of_fronts(name: str, least: float) -> None:
    """About the hypervolume of NSGA-III after 1000 generations (0.9225, 0.9255, 0.937, 0.9876, 0.998, 0.910)."""
    ratios = [
        quality(name, optimize(getattr(problems, name)(), OptimizerSettings(candidates=94, seed=k))) for k in (0, 1)
    ]
    assert min(ratios) > least
