"""A study as a list of steps over one state, so that it can be watched, interrupted and resumed anywhere."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import jax
import numpy as np

from edu_opt.optimize import scalarization
from edu_opt.optimize.archive import Archive
from edu_opt.optimize.candidates import Candidates
from edu_opt.optimize.exchange import fill_gaps, release_corners, share_starts
from edu_opt.optimize.gradient_phase import gradient_phase
from edu_opt.optimize.hypervolume import reference_point
from edu_opt.optimize.integers import are_discrete, departed, fix_coarse_integers, fix_integers
from edu_opt.optimize.programs import ModelPrograms
from edu_opt.optimize.protocol import Evaluated, EvaluationCounts, Expansion, Problem
from edu_opt.optimize.refresh import Expander, refresh
from edu_opt.optimize.result import Progress
from edu_opt.optimize.sequential_quadratic import polish_step, subproblem_program
from edu_opt.optimize.settings import OptimizerSettings
from edu_opt.optimize.start import ENOUGH_FOR_BOUNDS, build_pool, choose_starts, promising_bounds, seed_points

Callback = Callable[[Progress], None]
RESTORATION = 1e3  # curvature that makes a subproblem's step the shortest to feasibility
TOLERATED_VIOLATION = 0.05  # of a relative margin at a refresh, if the objective is better


@dataclasses.dataclass
class Study:
    """Everything a study knows between two steps (see `checkpoint` for its form as arrays)."""

    problem: Problem
    settings: OptimizerSettings
    programs: ModelPrograms
    callback: Callback
    archive: Archive
    counts: EvaluationCounts = dataclasses.field(default_factory=EvaluationCounts)
    candidates: Candidates | None = None
    bounds: scalarization.Bounds | None = None
    step: int = 0
    history: list[dict[str, float | int | str]] = dataclasses.field(default_factory=list)
    wall_s: dict[str, float] = dataclasses.field(default_factory=dict)
    started: float = dataclasses.field(default_factory=time.perf_counter)
    earlier_s: float = 0.0
    durations: dict[str, list[float]] = dataclasses.field(default_factory=dict)

    @property
    def mask(self) -> np.ndarray:
        """Variables that the expansion depends on."""
        return np.asarray(self.problem.trust_region_mask, dtype=bool)

    @property
    def working(self) -> Candidates:
        """The candidates; there are none before the first step."""
        if self.candidates is None:
            raise RuntimeError("the study has no candidates yet: its first step has not run")
        return self.candidates

    def key(self, purpose: int) -> jax.Array:
        """Random key of a purpose, from the seed alone."""
        return jax.random.fold_in(jax.random.key(self.settings.seed), purpose)

    def expander(self, final: bool = False) -> Expander:
        """Expansion with progress; `final`: on the model of the reported front."""
        return Expander(
            self.problem,
            self.settings.expand_chunk,
            final,
            tick=lambda done, total: self.report("fields", f"expanded {done} of {total}"),
        )

    def report(self, phase: str, detail: str = "") -> None:
        """Tell the callback where the study stands."""
        elapsed = self.earlier_s + time.perf_counter() - self.started
        reference = running_reference(self)
        front = len(self.archive.front()) if len(self.archive.x) else 0
        feasible = 0
        if self.candidates is not None:
            inside = self.candidates.margins.min(axis=1, initial=np.inf) >= 0.0
            feasible = int((self.candidates.valid & inside).sum())
        self.callback(
            Progress(
                phase=phase,
                step=self.step,
                steps=len(plan(self.settings, self.problem)),
                detail=detail,
                candidates=self.settings.candidates,
                feasible=feasible,
                front=front,
                hypervolume=self.archive.hypervolume(reference) if reference is not None else float("nan"),
                candidates_per_second=self.counts.equivalents() / max(elapsed, 1e-9),
                field_solves=self.counts.field_solves,
                failed=self.counts.failed,
                elapsed_s=elapsed,
                eta_s=remaining_time(self),
            )
        )


def running_reference(study: Study) -> np.ndarray | None:
    """Reference point of the hypervolume: as set, else from the front known now."""
    if study.settings.reference_point is not None:
        return np.asarray(study.settings.reference_point, dtype=float)
    if not len(study.archive.x):
        return None
    return reference_point(study.archive.objectives[study.archive.front()])


def remaining_time(study: Study) -> float:
    """Seconds left, from the mean duration of past steps of each kind; NaN while a kind has not run yet."""
    steps = plan(study.settings, study.problem)[study.step :]
    means = {kind: float(np.mean(values)) for kind, values in study.durations.items()}
    means.setdefault("final", means.get("polish", float("nan")))
    means.setdefault("restore", means.get("polish", float("nan")))
    means.setdefault("integers", means.get("polish", float("nan")))
    means.setdefault("coarse", means["integers"])
    means.setdefault("refresh", means.get("seed", float("nan")))
    return float(sum(means.get(kind, float("nan")) for kind, _ in steps)) if steps else 0.0


def plan(settings: OptimizerSettings, problem: Problem) -> list[tuple[str, int]]:
    """The steps of a study: (kind, round). Integers and listed variables are fixed before the last two refreshes, or
    the only one; those of few values after the first refresh where that is earlier, else before it."""
    has_integers, few_values = bool(problem.space.discrete.any()), bool(problem.space.coarse.any())
    steps: list[tuple[str, int]] = [("seed", 0)]
    if settings.gradient_steps:
        steps.append(("gradient", 0))
    for index in range(settings.refreshes):
        before_last = settings.refreshes - 1 - index
        if few_values and index == (1 if settings.refreshes > 2 else 0):
            steps.append(("coarse", index))
        if has_integers and before_last == 0 and settings.refreshes > 1:
            steps.append(("integers", index))
        steps += [("polish", index)] * settings.polish_steps
        if has_integers and (before_last == 1 or settings.refreshes == 1):
            steps.append(("integers", index))
            steps += [("polish", index)] * max(2, settings.polish_steps // 2)
        steps.append(("refresh", index))
    steps += [("final", settings.refreshes)] * settings.final_polish_steps
    steps += [("restore", settings.refreshes)] * settings.restoration_steps
    return steps


def run_step(study: Study) -> None:
    """Run the next step, account for its time, and add a row to the history."""
    kind, index = plan(study.settings, study.problem)[study.step]
    started, compiled = time.perf_counter(), study.programs.compile_s
    STEPS[kind](study, index)
    compiling = study.programs.compile_s - compiled
    elapsed = max(time.perf_counter() - started - compiling, 0.0)
    study.wall_s["compile"] = study.wall_s.get("compile", 0.0) + compiling
    study.durations.setdefault(kind, []).append(elapsed)
    study.wall_s[kind] = study.wall_s.get(kind, 0.0) + elapsed
    study.history.append(history_row(study, kind))
    study.step += 1
    study.report(kind)


def history_row(study: Study, kind: str) -> dict[str, float | int | str]:
    """Numbers after a step; the hypervolume is filled in at the end, on one reference."""
    working = study.working
    inside = working.margins.min(axis=1, initial=np.inf) >= 0.0
    return {
        "step": study.step,
        "phase": kind,
        "wall_s": study.earlier_s + time.perf_counter() - study.started,
        "feasible": int((working.valid & inside).sum()),
        "active": int(working.active.sum()),
        "archive": len(study.archive.x),
        "front": len(study.archive.front()),
        "hypervolume": float("nan"),
        **dataclasses.asdict(study.counts),
    }


def seed_step(study: Study, index: int) -> None:
    """Seeds, their expansions, the compilation (side by side), the pool, and the candidates."""
    problem, settings, counts = study.problem, study.settings, study.counts
    x, branch = seed_points(problem, settings, study.key(0))
    expansion = expanded_and_compiled(study, x, branch)
    study.report("screen")
    pool = build_pool(problem, settings, study.programs, counts, x, branch, expansion, study.key(1))
    found = pool.evaluation
    study.bounds = promising_bounds(found.objectives, found.margins, found.valid)
    study.candidates = choose_starts(problem, settings, pool, study.bounds, expansion)
    study.archive = study.archive.add(
        pool.x,
        pool.branch,
        found.objectives,
        found.margins,
        found.valid & are_discrete(problem.space, pool.x),
        study.step,
    )


def expanded_and_compiled(study: Study, x: np.ndarray, branch: np.ndarray) -> Expansion:
    """Expansions of the seeds; where the problem tells their shape, the programs are compiled at the same time."""
    programs, shape = study.programs, getattr(study.problem, "expansion_shape", None)
    subproblem = subproblem_program(programs.objectives, study.settings)
    if shape is None:
        study.report("seed", "expanding seeds (the first call compiles)")
        expansion = study.expander()(study.counts, x, branch)
        study.report("compile", "compiling evaluation and Jacobian")
        programs.compile(expansion, subproblem)
        return expansion
    study.report("compile", "tracing the field program")
    expected = shape()
    study.report("compile", "compiling fields, evaluation and Jacobian side by side, expanding seeds")
    pool = ThreadPoolExecutor(1)
    compiling = pool.submit(programs.compile, expected, subproblem)
    expansion = study.expander()(study.counts, x, branch)
    study.report("compile", "compiling evaluation and Jacobian")
    compiling.result()
    pool.shutdown()
    return expansion


def gradient_step(study: Study, index: int) -> None:
    """The first-order phase."""
    study.report("gradient")
    gradient_phase(study.working, study.programs, study.counts, study.settings, study.mask)


def polish(study: Study, index: int) -> None:
    """One iteration of sequential quadratic programming on the first-order models."""
    polish_step(study.working, study.programs, study.counts, study.settings, study.mask, study.settings.convergence)


def discrete_fixed(study: Study) -> bool:
    """Whether all integers and listed variables have been fixed."""
    which = study.problem.space.discrete
    return bool(which.any() and study.working.frozen[:, which].all(axis=1).any())


def coarse_step(study: Study, index: int) -> None:
    """Fix integers of few values."""
    fix_coarse_integers(study.working, study.programs, study.counts, study.settings, study.problem.space, study.mask)


def integer_step(study: Study, index: int) -> None:
    """Fix integers and listed variables, `coarse` ones again; lanes that have all look for better neighbours."""
    done = discrete_fixed(study)
    fix_integers(
        study.working,
        study.programs,
        study.counts,
        study.settings,
        study.problem.space,
        study.mask,
        only_better=done,
        rows=getattr(study.problem, "integer_rows", None),
    )


def refresh_step(study: Study, index: int) -> None:
    """Expand what moved, archive what is exact, normalize again, and exchange starts and directions."""
    working, settings = study.working, study.settings
    forced = departed(study.problem.space, working.centre, working.frozen)
    reached = working.x.copy()
    last = index == settings.refreshes - 1
    finer = last and getattr(study.problem, "expand_final", None) is not None
    tolerated = 0.2 * TOLERATED_VIOLATION if last else TOLERATED_VIOLATION
    exact = refresh(
        working,
        study.programs,
        study.expander(final=last),
        study.counts,
        settings,
        study.mask,
        forced=forced | finer,
        tolerated=tolerated,
        largest_radius=2.0 * settings.field_radius * settings.field_radius_decay ** (index + 1),
        everywhere=finer,
    )
    if finer:  # values of two models do not mix
        study.archive = Archive.empty(len(study.problem.space), study.programs.objectives, study.programs.margins)
    remember(study, reached, exact)
    study.bounds = current_bounds(study)
    working.aim(study.bounds)
    if not last:
        if 2 * index >= settings.refreshes - 2:  # branches have had half of the refreshes
            release_corners(working, settings)
            working.aim(study.bounds)
        share_starts(working, settings, failed_only=index == 0 and settings.refreshes > 2)
        if index > 0 or settings.refreshes <= 2:
            fill_gaps(working, settings, study.bounds)


def current_bounds(study: Study) -> scalarization.Bounds:
    """Bounds of archive and candidates together: relaxed integers count while none is fixed, or the archive is small.

    A handful of archived points may lie close together: as a scale for the objectives they would outweigh any penalty.
    """
    working, archive = study.working, study.archive
    enough = len(archive.x) >= ENOUGH_FOR_BOUNDS * archive.objectives.shape[1]
    exact = working.valid & (not enough or not discrete_fixed(study))
    objectives = np.vstack([archive.objectives, working.objectives])
    margins = np.vstack([archive.margins, working.margins])
    return promising_bounds(objectives, margins, np.concatenate([np.ones(len(archive.x), dtype=bool), exact]))


def final_step(study: Study, index: int) -> None:
    """Polish with the expanded variables frozen: every point stays exact and is archived."""
    limit = study.settings.final_convergence
    polish_step(study.working, study.programs, study.counts, study.settings, study.mask, limit, field_share=0.0)
    remember_candidates(study)


def restore_step(study: Study, index: int) -> None:
    """Shortest steps of the candidates that still violate something, the expanded variables frozen."""
    working = study.working
    working.active = working.valid & (working.margins.min(axis=1, initial=np.inf) < 0.0)
    working.step_radius = np.maximum(working.step_radius, study.settings.step_radius)
    polish_step(
        working, study.programs, study.counts, study.settings, study.mask, 0.0, field_share=0.0, stiffness=RESTORATION
    )
    remember_candidates(study)


def remember_candidates(study: Study) -> None:
    """Archive the candidates where they stand (their expanded variables are at their centre)."""
    working = study.working
    exact = Evaluated(objectives=working.objectives, margins=working.margins, valid=working.valid)
    remember(study, working.x, exact)


def remember(study: Study, x: np.ndarray, evaluation: Evaluated) -> None:
    """Archive lanes whose values are exact and whose integers and listed variables are buildable."""
    exact = evaluation.valid & are_discrete(study.problem.space, x)
    branch = study.working.branch
    study.archive = study.archive.add(x, branch, evaluation.objectives, evaluation.margins, exact, study.step)


STEPS: dict[str, Callable[[Study, int], None]] = {
    "seed": seed_step,
    "gradient": gradient_step,
    "polish": polish,
    "coarse": coarse_step,
    "integers": integer_step,
    "refresh": refresh_step,
    "final": final_step,
    "restore": restore_step,
}
