"""Compiled programs with one padded chunk shape, called in a Python loop over chunks.

The problem's `evaluate` is compiled three times (value, gradient of the augmented Lagrangian, Jacobian) and never
again: step acceptance, line search and multipliers are outside, so that the optimizer adds nothing to the compile
time of a heavy model. Chunks are dispatched before any is fetched, so that several run at once.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from edu_opt.optimize.protocol import Evaluated, Evaluation, EvaluationCounts, Expansion, Problem
from edu_opt.optimize.scalarization import smooth_merit

GRADIENT_TEMPERATURE = 0.05


class ChunkedProgram:
    """`jit(vmap(function))` for one chunk of lanes; arrays with any number of lanes go in and come out as numpy."""

    def __init__(self, name: str, function: Callable[..., Any], chunk: int) -> None:
        self.name, self.chunk = name, chunk
        self._jitted = jax.jit(jax.vmap(function))
        self._compiled: dict[Any, Any] = {}
        self.compile_s = 0.0

    def _executable(self, chunk_arguments: Any) -> Any:
        leaves, structure = jax.tree.flatten(chunk_arguments)
        signature = (structure, tuple((leaf.shape, str(leaf.dtype)) for leaf in leaves))
        if signature not in self._compiled:
            started = time.perf_counter()
            self._compiled[signature] = self._jitted.lower(*chunk_arguments).compile()
            self.compile_s += time.perf_counter() - started
        return self._compiled[signature]

    def compile(self, *arguments: Any) -> None:
        """Compile for the shapes of these arguments (leading axis of any length >= 1)."""
        self._executable(pad(arguments, 0, self.chunk))

    def __call__(self, *arguments: Any) -> Any:
        lanes = jax.tree.leaves(arguments)[0].shape[0]
        starts = range(0, lanes, self.chunk)
        pieces = []
        for start in starts:
            piece = pad(arguments, start, self.chunk)
            pieces.append(self._executable(piece)(*piece))
        return jax.tree.map(lambda *parts: np.concatenate([np.asarray(p) for p in parts])[:lanes], *pieces)


def pad(arguments: Any, start: int, chunk: int) -> Any:
    """Lanes start to start + chunk of every array; missing lanes repeat the last one."""

    def one(array: Any) -> np.ndarray:
        piece = np.asarray(array)[start : start + chunk]
        missing = chunk - piece.shape[0]
        return np.concatenate([piece, np.repeat(piece[-1:], missing, axis=0)]) if missing else piece

    return jax.tree.map(one, arguments)


@functools.cache
def shared_program(name: str, function: Callable[..., Any], chunk: int) -> ChunkedProgram:
    """Program that does not depend on the problem: kept for the life of the process."""
    return ChunkedProgram(name, function, chunk)


def take(tree: Any, lanes: np.ndarray) -> Any:
    """The given lanes of every array of a pytree."""
    return jax.tree.map(lambda array: np.asarray(array)[lanes], tree)


def put(tree: Any, lanes: np.ndarray, values: Any) -> Any:
    """Copy of a pytree with the given lanes replaced."""

    def one(array: Any, value: Any) -> np.ndarray:
        result = np.array(array)
        result[lanes] = value
        return result

    return jax.tree.map(one, tree, values)


class ModelPrograms:
    """The compiled forms of one problem, with counting. One instance may serve several studies of a problem."""

    def __init__(self, problem: Problem, chunk: int, target: float, compile_workers: int = 2) -> None:
        self.problem, self.chunk, self.target, self.compile_workers = problem, chunk, target, compile_workers
        self.objectives, self.margins = len(problem.objective_names), len(problem.margin_names)
        self._forward = ChunkedProgram("evaluate", problem.evaluate, chunk)
        self._jacobian = ChunkedProgram("Jacobian", functools.partial(_with_jacobian, problem.evaluate), chunk)
        self._gradient = ChunkedProgram("gradient", functools.partial(_with_gradient, problem.evaluate, target), chunk)
        self.compile_s = 0.0

    def compile(self, expansion: Expansion, gradient: bool, subproblem: ChunkedProgram) -> None:
        """Compile all programs and the subproblem's side by side, for an expansion with any number of lanes."""
        started = time.perf_counter()
        lanes = jax.tree.leaves(expansion)[0].shape[0]
        x = np.full((lanes, len(self.problem.space)), 0.5)
        base = (x, np.zeros(lanes, dtype=np.int64), expansion)
        rows = np.zeros((lanes, self.objectives))
        extra = (rows, rows, np.zeros((lanes, self.margins)), np.ones(lanes))
        jobs: list[tuple[ChunkedProgram, tuple[Any, ...]]] = [(self._jacobian, base), (self._forward, base)]
        jobs += [(self._gradient, (*base, *extra))] if gradient else []
        size, count = x.shape[1], self.objectives + self.margins
        square, matrix = np.zeros((lanes, size, size)), np.zeros((lanes, count, size))
        jobs += [(subproblem, (square, np.zeros((lanes, count)), matrix, x, x, np.ones(lanes)))]
        with ThreadPoolExecutor(self.compile_workers) as pool:
            for job in [pool.submit(program.compile, *arguments) for program, arguments in jobs]:
                job.result()
        self.compile_s += time.perf_counter() - started

    def forward(self, counts: EvaluationCounts, x: np.ndarray, branch: np.ndarray, expansion: Expansion) -> Evaluated:
        """Evaluations of lanes (B, ...); `valid` also says that every value is finite."""
        counts.forward += len(x)
        return checked(self._forward(x, branch, expansion), counts)

    def jacobian(
        self, counts: EvaluationCounts, x: np.ndarray, branch: np.ndarray, expansion: Expansion
    ) -> tuple[Evaluated, np.ndarray]:
        """Evaluations and Jacobians (B, m + p, n) of objectives, then margins."""
        counts.jacobian += len(x)
        evaluation, jacobian = self._jacobian(x, branch, expansion)
        finite = np.isfinite(jacobian).all(axis=(1, 2))
        return checked(evaluation, counts, finite), np.where(finite[:, None, None], jacobian, 0.0)

    def gradient(
        self,
        counts: EvaluationCounts,
        x: np.ndarray,
        branch: np.ndarray,
        expansion: Expansion,
        *scalarization: np.ndarray,
    ) -> tuple[Evaluated, np.ndarray]:
        """Evaluations and gradients (B, n) of the augmented Lagrangian (weight, anchor, multipliers, penalty)."""
        counts.gradient += len(x)
        evaluation, gradient = self._gradient(x, branch, expansion, *scalarization)
        finite = np.isfinite(gradient).all(axis=1)
        return checked(evaluation, counts, finite), np.where(finite[:, None], gradient, 0.0)


def checked(evaluation: Evaluation, counts: EvaluationCounts, also: np.ndarray | bool = True) -> Evaluated:
    """Evaluation whose valid flag includes finiteness; failures are counted, their numbers made harmless."""
    objectives, margins = np.asarray(evaluation.objectives), np.asarray(evaluation.margins)
    finite = np.isfinite(objectives).all(axis=1) & np.isfinite(margins).all(axis=1)
    valid = np.asarray(evaluation.valid) & finite & also
    counts.failed += int((~valid).sum())
    return Evaluated(
        objectives=np.where(np.isfinite(objectives), objectives, 0.0),
        margins=np.where(np.isfinite(margins), margins, 0.0),
        valid=valid,
    )


def _rows(evaluate: Callable[..., Evaluation], x: jax.Array, *rest: Any) -> tuple[jax.Array, Evaluation]:
    evaluation = evaluate(x, *rest)
    return jnp.concatenate([evaluation.objectives, evaluation.margins]), evaluation


def _with_jacobian(evaluate: Callable[..., Evaluation], x: jax.Array, *rest: Any) -> tuple[Evaluation, jax.Array]:
    jacobian, evaluation = jax.jacfwd(functools.partial(_rows, evaluate), has_aux=True)(x, *rest)
    return evaluation, jacobian


def _with_gradient(
    evaluate: Callable[..., Evaluation],
    target: float,
    x: jax.Array,
    branch: jax.Array,
    expansion: Expansion,
    *scalars: Any,
) -> tuple[Evaluation, jax.Array]:
    def lagrangian(point: jax.Array) -> tuple[jax.Array, Evaluation]:
        evaluation = evaluate(point, branch, expansion)
        weight, anchor, multipliers, penalty = scalars
        value = smooth_merit(
            evaluation.objectives,
            evaluation.margins,
            weight,
            anchor,
            multipliers,
            penalty,
            target,
            GRADIENT_TEMPERATURE,
        )
        return value, evaluation

    gradient, evaluation = jax.grad(lagrangian, has_aux=True)(x)
    return evaluation, gradient


def concatenate(trees: Sequence[Any]) -> Any:
    """Join pytrees along their leading axis."""
    return jax.tree.map(lambda *parts: np.concatenate([np.asarray(p) for p in parts]), *trees)
