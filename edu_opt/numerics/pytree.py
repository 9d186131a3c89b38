"""Frozen dataclasses that JAX understands, with static fields declared where they are defined."""

from __future__ import annotations

import dataclasses
import json
from typing import Any, TypeVar, dataclass_transform

import jax
import jax.export

T = TypeVar("T")


def static(**kwargs: Any) -> Any:
    """Field that is part of the compiled program (hashable; a change recompiles), not of its data."""
    return dataclasses.field(metadata={"static": True}, **kwargs)


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(static, dataclasses.field))
def pytree(cls: type[T]) -> type[T]:
    """Class decorator: frozen, keyword-only dataclass registered as a JAX pytree.

    Fields made with `static()` become metadata; every other field is a leaf or a subtree.
    """
    frozen = dataclasses.dataclass(frozen=True, kw_only=True)(cls)
    fields = dataclasses.fields(frozen)  # type: ignore[arg-type]
    meta = [f.name for f in fields if f.metadata.get("static")]
    data = [f.name for f in fields if not f.metadata.get("static")]
    jax.tree_util.register_dataclass(frozen, data_fields=data, meta_fields=meta)
    if "<locals>" not in cls.__qualname__:  # programs with such arguments or results can be stored
        jax.export.register_pytree_node_serialization(
            frozen,
            serialized_name=f"{cls.__module__}.{cls.__qualname__}",
            serialize_auxdata=lambda metadata: json.dumps(metadata).encode(),
            deserialize_auxdata=lambda stored: _hashable(json.loads(bytes(stored))),
        )
    return frozen


def _hashable(stored: Any) -> Any:
    """Metadata as it was: JSON has lists where it had tuples."""
    return tuple(_hashable(item) for item in stored) if isinstance(stored, list) else stored


def replace(instance: T, **changes: Any) -> T:
    """Copy of a frozen dataclass with some fields changed."""
    return dataclasses.replace(instance, **changes)  # type: ignore[type-var]
