"""Compiled programs with one padded chunk shape, called in a Python loop over chunks.

The problem's local expansion, inner solutions, states, evaluation and the Jacobians of the last two are compiled once
each: step acceptance, line search and multipliers are outside, so that the optimizer adds nothing to the compile time
of a heavy model. Gradients of scalarizations are rows of the Jacobian in other weights. Several chunks run at once.
"""

from __future__ import annotations

import dataclasses
import functools
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from edu_opt.numerics.stored_trace import out_shape, trace
from edu_opt.optimize.lane_memory import LaneMemory, lane_keys
from edu_opt.optimize.margin_rows import margin_rows
from edu_opt.optimize.protocol import Evaluated, Evaluation, EvaluationCounts, Expansion, Problem
from edu_opt.optimize.scalarization import merit_slopes

CHUNKS_AT_ONCE = min(os.cpu_count() or 1, 4)  # on a CPU each takes a core; memory sets the limit
REMEMBERED_CHUNKS = 64  # inner solutions of that many chunks are kept: a Jacobian follows an evaluation at its point


class ChunkedProgram:
    """`jit(vmap(function))` for one chunk of lanes; arrays with any number of lanes go in and come out as numpy.

    `identity` names what the function holds besides its arguments: then its trace is stored (`numerics.stored_trace`).
    """

    def __init__(self, name: str, function: Callable[..., Any], chunk: int, identity: str = "") -> None:
        self.name, self.chunk = name, chunk
        self._identity = f"{name} {chunk} {identity}" if identity else ""
        self._jitted = jax.jit(jax.vmap(function))
        self._compiled: dict[Any, Any] = {}
        self._stored: dict[Any, Any] = {}
        self._lock = threading.Lock()  # chunks that run side by side compile once
        self.compile_s = 0.0

    def _executable(self, chunk_arguments: Any) -> Any:
        signature = _signature(chunk_arguments)
        with self._lock:
            if signature not in self._compiled:
                started = time.perf_counter()
                stored = self._stored_trace(chunk_arguments)
                jitted = self._jitted if stored is None else jax.jit(stored.call)
                self._compiled[signature] = jitted.lower(*chunk_arguments).compile(_compiler_options())
                self.compile_s += time.perf_counter() - started
            return self._compiled[signature]

    def _stored_trace(self, arguments: Any) -> Any:
        signature = _signature(arguments)
        if signature not in self._stored:
            self._stored[signature] = trace(self._jitted, self._identity, arguments)
        return self._stored[signature]

    def shape(self, *arguments: Any) -> Any:
        """Shapes of what comes out for these shapes."""
        stored = self._stored_trace(arguments)
        return jax.eval_shape(self._jitted, *arguments) if stored is None else out_shape(stored)

    def compile(self, *arguments: Any) -> None:
        """Compile for these shapes: arrays or `jax.ShapeDtypeStruct` with a leading axis of `chunk`."""
        self._executable(arguments)

    @property
    def temporary_bytes(self) -> int:
        """Working memory of the compiled program for one chunk."""
        return max((int(p.memory_analysis().temp_size_in_bytes) for p in self._compiled.values()), default=0)

    def run(self, *arguments: Any) -> Any:
        """One chunk; what comes out stays on the device."""
        return self._executable(arguments)(*arguments)

    def __call__(self, *arguments: Any) -> Any:
        return in_chunks(self.run, self.chunk, *arguments)


def _compiler_options() -> dict[str, str | bool]:
    """On a CPU, without LLVM's expensive passes: a model's program compiles in six sevenths of the time and runs as
    fast (the field solver would be a tenth slower and keeps them)."""
    return {"xla_llvm_disable_expensive_passes": True} if jax.default_backend() == "cpu" else {}


def _signature(arguments: Any) -> Any:
    leaves, structure = jax.tree.flatten(arguments)
    return structure, tuple((leaf.shape, str(leaf.dtype)) for leaf in leaves)


def in_chunks(run: Callable[..., Any], chunk: int, *arguments: Any) -> Any:
    """A function of one chunk over arguments with any number of lanes; numpy arrays come out.

    Chunks run side by side.
    """
    lanes = jax.tree.leaves(arguments)[0].shape[0]
    with ThreadPoolExecutor(CHUNKS_AT_ONCE) as pool:
        pieces = list(pool.map(lambda start: run(*pad(arguments, start, chunk)), range(0, lanes, chunk)))
    return jax.tree.map(lambda *parts: np.concatenate([np.asarray(p) for p in parts])[:lanes], *pieces)


def pad(arguments: Any, start: int, chunk: int) -> Any:
    """Lanes start to start + chunk of every array; missing lanes repeat the last one."""

    def one(array: Any) -> np.ndarray:
        piece = np.asarray(array)[start : start + chunk]
        missing = chunk - piece.shape[0]
        return np.concatenate([piece, np.repeat(piece[-1:], missing, axis=0)]) if missing else piece

    return jax.tree.map(one, arguments)


@functools.cache
def shared_program(name: str, function: Callable[..., Any], chunk: int, identity: str = "") -> ChunkedProgram:
    """Program that does not depend on the problem: kept for the life of the process."""
    return ChunkedProgram(name, function, chunk, identity)


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
        self.objectives, self.margins = len(problem.objective_names), len(margin_rows(problem))
        states, solve, local = (getattr(problem, name, None) for name in ("states", "solve", "localize"))

        identity = getattr(problem, "identity", "")

        def program(name: str, function: Callable[..., Any] | None) -> ChunkedProgram | None:
            return None if function is None else ChunkedProgram(name, function, chunk, identity)

        self._local = program("local expansion", local)
        self._solve, self._states = program("inner solutions", solve), program("states", states)
        self._slopes = program("states' Jacobian", states and functools.partial(_with_slopes, states))
        whole: Callable[..., Any] = _with_jacobian if states is None else _with_jacobian_from_states
        # What is only reported costs as much to compile and to run as objectives and margins: it has its own program.
        rows = getattr(problem, "evaluate_rows", None)
        self._reported = ChunkedProgram("report" if rows else "evaluation", problem.evaluate, chunk, identity)
        self._forward = self._reported
        if rows is not None:
            self._forward = ChunkedProgram("evaluation", functools.partial(_bare, rows), chunk, identity)
        self._jacobian = ChunkedProgram("Jacobian", functools.partial(whole, rows or problem.evaluate), chunk, identity)
        self._inner = LaneMemory(REMEMBERED_CHUNKS * chunk)
        self.compile_s = 0.0

    def compile(self, expansion: Expansion, subproblem: ChunkedProgram) -> None:
        """Compile all programs and the subproblem's side by side, for an expansion (B, ...) with any number of lanes.

        Arrays may be `jax.ShapeDtypeStruct`: shapes are all that matters, so this can run while the first expansion
        is still being computed.
        """
        started = time.perf_counter()
        with ThreadPoolExecutor(self.compile_workers) as pool:
            jobs, shapes = [], ()
            for program, shapes in self._jobs(expansion):
                jobs.append(pool.submit(program.compile, *shapes))
            jobs.append(pool.submit(subproblem.compile, *self._subproblem_shapes()))
            for job in jobs:
                job.result()
        self.compile_s += time.perf_counter() - started
        self._compile_report(shapes)

    def _compile_report(self, shapes: tuple[Any, ...]) -> None:
        """Compile the program with reports beside the search, which needs it at its end (it waits there if need be)."""
        if self._reported is not self._forward:
            threading.Thread(target=self._reported.compile, args=shapes, daemon=True).start()

    def _jobs(self, expansion: Expansion) -> Iterator[tuple[ChunkedProgram, tuple[Any, ...]]]:
        """Programs and the shapes of their arguments, one by one: each compiles while the next is traced.
        The last is the evaluation's."""
        base: tuple[Any, ...] = (
            _shape(self.chunk, len(self.problem.space)),
            jax.ShapeDtypeStruct((self.chunk,), np.int64),
            jax.tree.map(lambda leaf: jax.ShapeDtypeStruct((self.chunk, *leaf.shape[1:]), leaf.dtype), expansion),
        )
        if self._local is not None:
            yield self._local, base
            base = (*base[:2], self._local.shape(*base))
        if self._states is None or self._slopes is None:
            yield from [(self._jacobian, base), (self._forward, base)]
            return
        solved = base
        if self._solve is not None:
            solved = (*base, self._solve.shape(*base))
            yield self._solve, base
        states, slopes = self._slopes.shape(*solved)
        yield from [(self._slopes, solved), (self._jacobian, (*base, states, slopes))]
        yield from [(self._states, solved), (self._forward, (*base, states))]

    def _subproblem_shapes(self) -> tuple[Any, ...]:
        size, rows = len(self.problem.space), self.objectives + self.margins
        step, matrix = _shape(self.chunk, size), _shape(self.chunk, rows, size)
        return _shape(self.chunk, size, size), _shape(self.chunk, rows), matrix, step, step, _shape(self.chunk)

    @property
    def largest_temporary(self) -> int:
        """Working memory [bytes] of the largest compiled program for one chunk."""
        programs = (self._local, self._solve, self._states, self._slopes, self._forward, self._jacobian, self._reported)
        return max(program.temporary_bytes for program in programs if program is not None)

    def _evaluate_chunk(self, program: ChunkedProgram, *base: Any) -> Any:
        local = self._localized(base)
        if self._states is None:
            return program.run(*local)
        return program.run(*local, self._states.run(*local, *self._solved(base, local)))

    def _jacobian_chunk(self, *base: Any) -> Any:
        local = self._localized(base)
        if self._slopes is None:
            return self._jacobian.run(*local)
        return self._jacobian.run(*local, *self._slopes.run(*local, *self._solved(base, local)))

    def _localized(self, base: tuple[Any, ...]) -> tuple[Any, ...]:
        return base if self._local is None else (*base[:2], self._local.run(*base))

    def _solved(self, base: tuple[Any, ...], local: tuple[Any, ...]) -> tuple[Any, ...]:
        """Inner solutions of a chunk: remembered if all its lanes have been solved at these very arguments."""
        if self._solve is None:
            return ()
        keys = lane_keys(base)
        inner = self._inner.recall(keys)
        if inner is None:
            inner = self._solve.run(*local)
            self._inner.keep(keys, inner)
        return (inner,)

    def forward(self, counts: EvaluationCounts, x: np.ndarray, branch: np.ndarray, expansion: Expansion) -> Evaluated:
        """Evaluations of lanes (B, ...); `valid` also says that every value is finite."""
        counts.forward += len(x)
        return checked(self.rows(x, branch, expansion), counts)

    def rows(self, x: np.ndarray, branch: np.ndarray, expansion: Expansion) -> Evaluation:
        """Objectives and rows of the margins of lanes as the problem gives them; not counted."""
        return self._evaluations(self._forward, x, branch, expansion)

    def evaluation(self, x: np.ndarray, branch: np.ndarray, expansion: Expansion) -> Evaluation:
        """Objectives, margins by requirement and the problem's reports of lanes."""
        return self._evaluations(self._reported, x, branch, expansion)

    def _evaluations(self, program: ChunkedProgram, *base: Any) -> Evaluation:
        return in_chunks(functools.partial(self._evaluate_chunk, program), self.chunk, *base)

    def with_jacobian(self, x: np.ndarray, branch: np.ndarray, expansion: Expansion) -> tuple[Evaluation, np.ndarray]:
        """Evaluations, without reports, and Jacobians of lanes as the problem gives them; not counted."""
        return in_chunks(self._jacobian_chunk, self.chunk, x, branch, expansion)

    def states(self, x: np.ndarray, branch: np.ndarray, expansion: Expansion) -> Any:
        """States of lanes as the problem gives them (None where it has no such stage); not counted, not remembered."""
        return None if self._states is None else in_chunks(self._states_chunk, self.chunk, x, branch, expansion)

    def _states_chunk(self, *base: Any) -> Any:
        local = self._localized(base)
        inner = () if self._solve is None else (self._solve.run(*local),)
        assert self._states is not None
        return self._states.run(*local, *inner)

    def jacobian(
        self, counts: EvaluationCounts, x: np.ndarray, branch: np.ndarray, expansion: Expansion
    ) -> tuple[Evaluated, np.ndarray]:
        """Evaluations and Jacobians (B, m + p, n) of objectives, then margins."""
        counts.jacobian += len(x)
        return self._derivatives(counts, x, branch, expansion)

    def _derivatives(
        self, counts: EvaluationCounts, x: np.ndarray, branch: np.ndarray, expansion: Expansion
    ) -> tuple[Evaluated, np.ndarray]:
        evaluation, jacobian = self.with_jacobian(x, branch, expansion)
        finite = np.isfinite(jacobian).all(axis=(1, 2))
        return checked(evaluation, counts, finite), np.where(finite[:, None, None], jacobian, 0.0)

    def gradient(
        self,
        counts: EvaluationCounts,
        x: np.ndarray,
        branch: np.ndarray,
        expansion: Expansion,
        weight: np.ndarray,
        anchor: np.ndarray,
        multipliers: np.ndarray,
        penalty: np.ndarray,
    ) -> tuple[Evaluated, np.ndarray]:
        """Evaluations and gradients (B, n) of the augmented Lagrangian (`merit_slopes`)."""
        counts.gradient += len(x)
        evaluation, jacobian = self._derivatives(counts, x, branch, expansion)
        slopes = merit_slopes(
            evaluation.objectives, evaluation.margins, weight, anchor, multipliers, penalty, self.target
        )
        return evaluation, np.einsum("lr,lrn->ln", slopes, jacobian)


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
    return _without_report(evaluation), jacobian


def _bare(evaluate: Callable[..., Evaluation], *arguments: Any) -> Evaluation:
    return _without_report(evaluate(*arguments))


def _without_report(evaluation: Evaluation) -> Evaluation:
    """What is only reported has no place in a program with derivatives: what leads to it is not compiled."""
    return dataclasses.replace(evaluation, report={})


def _with_slopes(states: Callable[..., Any], x: jax.Array, *rest: Any) -> tuple[Any, Any]:
    """States and their slopes to x, along a first axis."""

    def push(direction: jax.Array) -> tuple[Any, Any]:
        return jax.jvp(lambda point: states(point, *rest), (x,), (direction,))

    return jax.vmap(push, out_axes=(None, 0))(jnp.eye(x.size))


def _with_jacobian_from_states(
    evaluate: Callable[..., Evaluation],
    x: jax.Array,
    branch: jax.Array,
    expansion: Expansion,
    states: Any,
    slopes: Any,
) -> tuple[Evaluation, jax.Array]:
    """Chain rule: x moves the evaluation itself, and its states by their slopes."""

    def rows(point: jax.Array, there: Any) -> tuple[jax.Array, Evaluation]:
        return _rows(evaluate, point, branch, expansion, there)

    def push(direction: jax.Array, moved: Any) -> tuple[jax.Array, Evaluation]:
        _, change, evaluation = jax.jvp(rows, (x, states), (direction, moved), has_aux=True)
        return change, evaluation

    jacobian, evaluation = jax.vmap(push, out_axes=(-1, None))(jnp.eye(x.size), slopes)
    return _without_report(evaluation), jacobian


def _shape(*sizes: int) -> jax.ShapeDtypeStruct:
    return jax.ShapeDtypeStruct(sizes, np.float64)


def concatenate(trees: Sequence[Any]) -> Any:
    """Join pytrees along their leading axis."""
    return jax.tree.map(lambda *parts: np.concatenate([np.asarray(p) for p in parts]), *trees)
