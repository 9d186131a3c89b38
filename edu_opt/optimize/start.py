"""The first points: Sobol seeds over all branches, variations around them, and one start per direction."""

from __future__ import annotations

import dataclasses

import jax
import numpy as np

from edu_opt.optimize import scalarization
from edu_opt.optimize.candidates import Candidates, new_candidates
from edu_opt.optimize.directions import reference_directions
from edu_opt.optimize.hypervolume import is_nondominated
from edu_opt.optimize.integers import snap
from edu_opt.optimize.programs import ModelPrograms, take
from edu_opt.optimize.protocol import Evaluated, Evaluation, EvaluationCounts, Expansion, Problem
from edu_opt.optimize.seeding import sobol
from edu_opt.optimize.settings import OptimizerSettings

START_PENALTY = 3.0  # of violations when starts are chosen: low, a near point is worth more than a feasible one
ALMOST_FEASIBLE = 0.02  # sum of shortfalls of a point that one refresh will probably mend
ENOUGH_FOR_BOUNDS = 8  # points per objective
LEAST_SPAN = 0.1  # of the bounds, as a share of the spread of all points near feasibility
CROWDING = 0.05  # appeal (in front spans) that a seed loses each time it is taken


@dataclasses.dataclass(frozen=True)
class Pool:
    """Exact points (P, n) with the seed (P,) whose expansion they use."""

    x: np.ndarray
    branch: np.ndarray
    seed: np.ndarray
    evaluation: Evaluated


def seed_points(problem: Problem, settings: OptimizerSettings, key: jax.Array) -> tuple[np.ndarray, np.ndarray]:
    """Seeds (S, n) with integers, and branches (S,): the problem's own `seeds`, else Sobol points with its own `starts`
    in place of the last ones."""
    seeds = getattr(problem, "seeds", None)
    if seeds is not None:
        return snap(problem.space, np.asarray(seeds[0], float)), seeds[1]
    x, branch = spread_points(problem, settings, key)
    own = getattr(problem, "starts", None)
    if own is None:
        return x, branch
    kept = max(len(x) - len(own[0]), 0)
    starts = snap(problem.space, np.asarray(own[0], float))[: len(x) - kept]
    return np.vstack([x[:kept], starts]), np.concatenate([branch[:kept], own[1][: len(starts)]])


def spread_points(problem: Problem, settings: OptimizerSettings, key: jax.Array) -> tuple[np.ndarray, np.ndarray]:
    """Seeds (S, n) with integers, and branches (S,) in turn; chosen by `problem.screen` where it exists."""
    screen = getattr(problem, "screen", None)
    count = settings.seeds * (settings.screen_oversampling if screen else 1)
    x = snap(problem.space, sobol(count, len(problem.space), key))
    branch = np.arange(count) % problem.branch_count
    if screen is None:
        return x, branch
    estimate = screen(x, branch)
    merit = _screen_merit(estimate, settings)
    order = np.argsort(merit, kind="stable")
    share = -(-settings.seeds // problem.branch_count)
    rank = np.empty(count, dtype=np.int64)  # rank within its own branch, so that every branch keeps its best
    for value in range(problem.branch_count):
        members = order[branch[order] == value]
        rank[members] = np.arange(len(members))
    best = np.sort(np.lexsort((merit, rank // share))[: settings.seeds])
    return x[best], branch[best]


def _screen_merit(estimate: Evaluation, settings: OptimizerSettings) -> np.ndarray:
    """Violation, then how far a point is from the best of its kind by the plain mean of normalized objectives."""
    objectives, margins = np.nan_to_num(np.asarray(estimate.objectives)), np.asarray(estimate.margins)
    bounds = scalarization.bounds_of(objectives)
    mean = ((objectives - bounds.ideal) / bounds.span).mean(axis=1)
    merit = mean + settings.penalty * scalarization.violation(np.nan_to_num(margins, nan=-1e3), 0.0)
    return np.where(np.asarray(estimate.valid), merit, np.inf)


def vary(problem: Problem, settings: OptimizerSettings, x: np.ndarray, key: jax.Array) -> tuple[np.ndarray, np.ndarray]:
    """Seeds and `screen_variations` points around each (P, n), with the index of their seed (P,).

    Only variables outside the expansion's mask differ from the seed, so all are exact with its expansion.
    """
    mask = np.asarray(problem.trust_region_mask)
    seeds, variations = len(x), settings.screen_variations if not mask.all() else 0
    owner = np.concatenate([np.arange(seeds), np.tile(np.arange(seeds), variations)])
    if not variations:
        return x, owner
    other = sobol(seeds * variations, len(problem.space), key)
    points = np.vstack([x, np.where(mask, np.tile(x, (variations, 1)), other)])
    return snap(problem.space, points), owner


def build_pool(
    problem: Problem,
    settings: OptimizerSettings,
    programs: ModelPrograms,
    counts: EvaluationCounts,
    x: np.ndarray,
    branch: np.ndarray,
    expansion: Expansion,
    key: jax.Array,
) -> Pool:
    """Evaluate seeds and their variations."""
    points, owner = vary(problem, settings, x, key)
    evaluation = programs.forward(counts, points, branch[owner], take(expansion, owner))
    return Pool(points, branch[owner], owner, evaluation)


def promising_bounds(objectives: np.ndarray, margins: np.ndarray, valid: np.ndarray) -> scalarization.Bounds:
    """Bounds of the non-dominated points among the (almost) feasible; while there are few, the least violating join.

    Too wide is harmless (rays that miss the front end at its rim), too narrow loses the rim.
    """
    shortfall = np.where(valid, scalarization.violation(margins, 0.0), np.inf)
    known = int(np.isfinite(shortfall).sum())
    if not known:
        return scalarization.Bounds(np.zeros(objectives.shape[1]), np.ones(objectives.shape[1]))
    wanted = min(known, max(known // 4, ENOUGH_FOR_BOUNDS * objectives.shape[1]))
    limit = max(ALMOST_FEASIBLE, float(np.sort(shortfall)[wanted - 1]))
    if int((shortfall <= ALMOST_FEASIBLE).sum()) >= wanted:
        limit = ALMOST_FEASIBLE
    near = objectives[shortfall <= limit]
    front, cloud = scalarization.bounds_of(near[is_nondominated(near)]), scalarization.bounds_of(near)
    # one slightly infeasible point may dominate all others: its span says nothing, and objectives scaled by it would
    # outweigh every penalty
    nadir = np.maximum(front.nadir, front.ideal + LEAST_SPAN * cloud.span)
    return scalarization.Bounds(front.ideal, nadir)


def choose_starts(
    problem: Problem, settings: OptimizerSettings, pool: Pool, bounds: scalarization.Bounds, expansion: Expansion
) -> Candidates:
    """One start per direction: for a share of the directions the best of one branch, for the others the best of all."""
    objectives = len(problem.objective_names)
    corner, home = corner_lanes(objectives, problem.branch_count, settings.candidates)
    count = settings.candidates - len(corner)
    directions = reference_directions(objectives, count, settings.direction_extension)
    weight, anchor = scalarization.rays(directions, bounds)
    corner_weight, corner_anchor = scalarization.corners(bounds)
    weight, anchor = np.vstack([weight, corner_weight[corner]]), np.vstack([anchor, corner_anchor[corner]])
    none = np.full(count, -1)
    home = np.concatenate([none, home])
    chosen = assign(problem.branch_count, settings, pool, weight, anchor, home)
    candidates = new_candidates(
        pool.x[chosen],
        pool.branch[chosen],
        take(pool.evaluation, chosen),
        take(expansion, pool.seed[chosen]),
        pool.x[chosen],
        settings,
    )
    candidates.direction = np.vstack([directions, np.full((len(corner), objectives), 1.0 / objectives)])
    candidates.corner = np.concatenate([none, corner])
    candidates.home = np.where(candidates.branch == home, home, -1)
    candidates.aim(bounds)
    return candidates


def corner_lanes(objectives: int, branches: int, candidates: int) -> tuple[np.ndarray, np.ndarray]:
    """(objective, branch) of the candidates (C,) that minimize one objective alone: in every branch where that takes at
    most an eighth of the candidates, so that no end of the front is lost before its branch has been improved."""
    if objectives == 1 or candidates < 4 * objectives:
        nothing = np.zeros(0, dtype=int)
        return nothing, nothing
    objective = np.arange(objectives)
    if branches == 1 or 8 * objectives * branches > candidates:
        return objective, np.full(objectives, -1)
    return np.repeat(objective, branches), np.tile(np.arange(branches), objectives)


def assign(
    branches: int,
    settings: OptimizerSettings,
    pool: Pool,
    weight: np.ndarray,
    anchor: np.ndarray,
    home: np.ndarray,
) -> np.ndarray:
    """Pool index (B,) for each direction: its best point, a seed losing some appeal each time it is taken.

    Lanes with a `home` start there; a share of the others is bound to one branch each, in turn, so that no branch is
    judged by its seeds alone.
    """
    found = pool.evaluation
    base = (found.objectives, found.margins, found.valid)
    used = np.zeros(int(pool.seed.max()) + 1)
    chosen = np.empty(len(weight), dtype=np.int64)
    for k in range(len(weight)):
        merit = scalarization.merit(*base, weight[k], anchor[k], np.array(START_PENALTY), settings.margin_target)
        merit = merit + CROWDING * used[pool.seed]
        bound = branches > 1 and (k * settings.branch_share) % 1.0 + settings.branch_share >= 1.0
        if bound or home[k] >= 0:
            own = pool.branch == (home[k] if home[k] >= 0 else int(k * settings.branch_share) % branches)
            merit = np.where(own, merit, np.inf) if np.isfinite(merit[own]).any() else merit
        chosen[k] = int(np.argmin(merit))
        used[pool.seed[chosen[k]]] += 1.0
    return chosen
