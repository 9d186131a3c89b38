"""Traces on disk: found again only by what they depend on, whole, and harmless when damaged."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from edu_opt.drive_unit.interior_point import Solution
from edu_opt.numerics import stored_trace
from edu_opt.optimize.programs import ChunkedProgram
from edu_opt.problem.operating_points import Points

CALLS: list[float] = []


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    before = stored_trace.CONFIG.jax_compilation_cache_dir
    jax.config.update("jax_compilation_cache_dir", str(tmp_path))
    CALLS.clear()
    yield tmp_path / "traces"
    jax.config.update("jax_compilation_cache_dir", before)


def program(factor: float, identity: str) -> ChunkedProgram:
    """A program that notes each time Python traces it."""

    def solution(x: jax.Array) -> Solution:
        CALLS.append(factor)
        return Solution(x=factor * x, multiplier=jnp.sum(x), multipliers=jnp.sin(x))

    return ChunkedProgram("solution", solution, 4, identity)


def test_a_trace_is_found_by_its_identity_and_shapes(folder: Path) -> None:
    x = np.linspace(0.0, 1.0, 15).reshape(5, 3)
    first = program(2.0, "twice")(x)
    assert len(CALLS) == 1 and len(list(folder.iterdir())) == 1
    again = program(2.0, "twice")
    shape = again.shape(jax.ShapeDtypeStruct((4, 3), np.dtype(float)))
    assert isinstance(shape, Solution) and shape.x.shape == (4, 3)
    for one, other in zip(jax.tree.leaves(first), jax.tree.leaves(again(x)), strict=True):
        np.testing.assert_array_equal(one, other)
    assert len(CALLS) == 1, "the second program read the first one's trace"
    np.testing.assert_array_equal(program(3.0, "thrice")(x).x, 3.0 * x)
    program(2.0, "twice")(x[:, :2])
    assert len(CALLS) == 3 and len(list(folder.iterdir())) == 3
    program(2.0, "")(x)
    assert len(list(folder.iterdir())) == 3, "without an identity nothing is stored"


def test_a_damaged_trace_is_made_again(folder: Path) -> None:
    x = np.ones((4, 3))
    program(2.0, "twice")(x)
    path = next(folder.iterdir())
    path.write_bytes(path.read_bytes()[:100])
    np.testing.assert_array_equal(program(2.0, "twice")(x).x, 2.0 * x)
    assert len(CALLS) == 2 and len(path.read_bytes()) > 100


def test_other_sources_are_another_trace(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(2.0, "twice")(np.ones((4, 3)))
    monkeypatch.setattr(stored_trace, "sources", lambda: "edited")
    program(2.0, "twice")(np.ones((4, 3)))
    assert len(CALLS) == 2 and len(list(folder.iterdir())) == 2


def test_metadata_comes_back_as_it_was() -> None:
    leaf = jax.ShapeDtypeStruct((), np.dtype(float))
    points = Points(cycle_shape=(2, 3), found=leaf, **{name: leaf for name in _data_fields(Points) if name != "found"})
    shape = jax.export.export(jax.jit(lambda tree: tree))(points)
    loaded = jax.export.deserialize(shape.serialize())
    assert loaded.out_tree == jax.tree.structure(points)


def _data_fields(kind: type) -> list[str]:
    import dataclasses

    return [f.name for f in dataclasses.fields(kind) if not f.metadata.get("static")]
