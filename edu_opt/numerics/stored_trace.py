"""Traced programs kept beside JAX's compiled ones: a later run of the same code does not trace Python again.

A trace is StableHLO with its calling convention (`jax.export`; nothing is pickled). It is found by a digest of all that
it depends on: the package's sources, versions, platform, precision, the shapes of its arguments, and `identity`, with
which the caller names what its functions hold besides arguments. It is kept where JAX keeps compiled programs; without
such a folder nothing is stored.
"""

from __future__ import annotations

import functools
import hashlib
import os
import tempfile
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import jax
import jax.export

PACKAGE = Path(__file__).parents[1]
CONFIG: Any = jax.config


def trace(function: Any, identity: str, arguments: tuple[Any, ...]) -> jax.export.Exported | None:
    """The program of a jitted function for arguments (arrays or `jax.ShapeDtypeStruct`), from the store or traced now.

    None where nothing is stored: the caller then traces as usual.
    """
    folder = store()
    if not identity or folder is None:
        return None
    shapes = jax.tree.map(lambda leaf: jax.ShapeDtypeStruct(leaf.shape, leaf.dtype), arguments)
    path = folder / f"{digest(identity, shapes)}.stablehlo"
    known = _read(path)
    if known is None:
        known = jax.export.export(function)(*shapes)
        _write(path, bytes(known.serialize()))
    return known


def out_shape(program: jax.export.Exported) -> Any:
    """Shapes of what a program returns, as a pytree of `jax.ShapeDtypeStruct`."""
    leaves = [jax.ShapeDtypeStruct(aval.shape, aval.dtype) for aval in program.out_avals]
    return jax.tree.unflatten(program.out_tree, leaves)


def store() -> Path | None:
    """Folder of traces inside JAX's folder of compiled programs; None without one, or without JAX's serializer."""
    compiled = CONFIG.jax_compilation_cache_dir if CONFIG.jax_enable_compilation_cache else None
    return Path(compiled) / "traces" if compiled and find_spec("flatbuffers") else None


def digest(identity: str, shapes: Any) -> str:
    """Name of a trace."""
    leaves, structure = jax.tree.flatten(shapes)
    described = "\n".join([identity, str(structure), *(f"{leaf.dtype}{leaf.shape}" for leaf in leaves)])
    versions = *map(version, ("jax", "jaxlib", "numpy")), jax.default_backend(), CONFIG.jax_enable_x64
    return hashlib.sha256(f"{sources()}{versions}{described}".encode()).hexdigest()


@functools.cache
def sources() -> str:
    """Digest of the package's source files."""
    found = hashlib.sha256()
    for path in sorted(PACKAGE.rglob("*.py")):
        found.update(str(path.relative_to(PACKAGE)).encode() + b"\0" + path.read_bytes())
    return found.hexdigest()


def _read(path: Path) -> jax.export.Exported | None:
    try:
        return jax.export.deserialize(bytearray(path.read_bytes()))
    except FileNotFoundError:
        return None
    except Exception:  # a damaged file, or one that another version wrote: it is made again
        path.unlink(missing_ok=True)
        return None


def _write(path: Path, content: bytes) -> None:
    """Atomically; a store that cannot be written costs time only."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, temporary = tempfile.mkstemp(dir=path.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.replace(temporary, path)
    except OSError:
        return
