"""Program 1 as the optimizer sees it: sampled fields and their Jacobian around a candidate, and the maps near it.

The lamination's *geometry* is always exact; only what comes from fields is expanded, to first order, and the maps are
fitted to that at the candidate itself (`local_map`). Lanes are padded to one chunk shape, and each lamination that was
solved is remembered, so that reporting a design costs no second solve.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import jax
import jax.export
import numpy as np

from edu_opt.motor.geometry import Template, lamination_from_values, lamination_space
from edu_opt.motor.lamination_map import (
    LaminationFields,
    LaminationMap,
    LaminationMapSettings,
    MapMaterials,
    fitted_map,
    lamination_fields,
)
from edu_opt.numerics.pytree import pytree
from edu_opt.numerics.stored_trace import trace
from edu_opt.settings import Program

BATCHES_AT_ONCE = min(os.cpu_count() or 1, 4)


@pytree
class FieldExpansion:
    """First-order model of sampled fields: value at `centre` (k,) of the unit cube and slopes (..., k) to it."""

    centre: jax.Array
    value: LaminationFields
    slope: LaminationFields


@pytree
class LocalMap:
    """Maps at `centre` (k,) of the unit cube and their slopes (..., k): exact there to first order, no farther."""

    centre: jax.Array
    value: LaminationMap
    slope: LaminationMap


def template_of(program: Program) -> Template:
    """Field template of a program."""
    return Template(
        rotor=program.motor.kind,
        slots_per_pole=program.motor.slots_per_pole,
        coil_pitch=program.motor.coil_pitch,
        barriers=program.motor.layout.barriers,
        poles_per_sector=program.motor.poles_per_sector,
        bars_per_sector=program.motor.bars_per_pole * program.motor.poles_per_sector,
        open_bars=program.motor.layout.open_bars,
    )


def lamination_map_settings(program: Program, level: str, ripple: tuple[str, ...] = ()) -> LaminationMapSettings:
    """Field settings of a program on a grid level, with the torque samples that are asked for."""
    offer, template = program.motor, template_of(program)
    return LaminationMapSettings(template, level=level, skew=offer.skew, skew_slices=offer.skew_slices, ripple=ripple)


def with_slope(function: Callable[[jax.Array], Any], at: jax.Array) -> tuple[Any, Any]:
    """Value of a function of (k,) and its slopes along a last axis."""

    def twice(point: jax.Array) -> tuple[Any, Any]:
        value = function(point)
        return value, value

    slope, value = jax.jacfwd(twice, has_aux=True)(at)
    return value, slope


def linear(expansion: Any, unit: jax.Array) -> Any:
    """What an expansion says at a point (k,) of the unit cube."""
    step = unit - expansion.centre
    return jax.tree.map(lambda value, slope: value + slope @ step, expansion.value, expansion.slope)


def local_map(
    settings: LaminationMapSettings, expansion: FieldExpansion, unit: jax.Array, pole_pairs: jax.Array
) -> LocalMap:
    """Maps at a point (k,) near the expansion's centre, fitted to the fields expected there."""
    space = lamination_space(settings.template)

    def fitted(point: jax.Array) -> LaminationMap:
        lamination = lamination_from_values(settings.template, pole_pairs, space.to_physical(point))
        return fitted_map(settings, lamination, linear(expansion, point))

    value, slope = with_slope(fitted, unit)
    return LocalMap(centre=unit, value=value, slope=slope)


def expansion_function(settings: LaminationMapSettings) -> Callable[..., FieldExpansion]:
    """(unit (k,), pole pairs, materials) -> expansion; forward mode, so tangents share each solve's factorization."""
    space = lamination_space(settings.template)

    def expand(unit: jax.Array, pole_pairs: jax.Array, materials: MapMaterials) -> FieldExpansion:
        def solved(point: jax.Array) -> LaminationFields:
            lamination = lamination_from_values(settings.template, pole_pairs, space.to_physical(point))
            return lamination_fields(settings, lamination, materials)[0]

        value, slope = with_slope(solved, unit)
        return FieldExpansion(centre=unit, value=value, slope=slope)

    return expand


class FieldProgram:
    """Compiled field sweep of one program: lanes in, expansions out, with a memory of what was solved."""

    def __init__(
        self, program: Program, level: str, materials: MapMaterials, chunk: int, ripple: tuple[str, ...] = ()
    ) -> None:
        self.settings = lamination_map_settings(program, level, ripple)
        self.materials, self.chunk = materials, chunk
        self._known: dict[bytes, FieldExpansion] = {}

    @property
    def _lanes(self) -> tuple[Any, ...]:
        variables = len(lamination_space(self.settings.template))
        return np.zeros((self.chunk, variables)), np.zeros(self.chunk), self.materials

    @functools.cached_property
    def _stored(self) -> jax.export.Exported | None:
        return trace(self._jitted, f"field expansion {self.chunk} {self.settings}", self._lanes)

    @functools.cached_property
    def _jitted(self) -> Any:
        return jax.jit(jax.vmap(expansion_function(self.settings), in_axes=(0, 0, None)))

    @functools.cached_property
    def _traced(self) -> Any:
        return (self._jitted if self._stored is None else jax.jit(self._stored.call)).trace(*self._lanes)

    @functools.cached_property
    def _run(self) -> Any:
        return self._traced.lower().compile()

    def shape(self) -> FieldExpansion:
        """Shapes of a chunk of expansions, leading axis `chunk`."""
        return self._traced.out_info

    def __call__(self, unit: np.ndarray, pole_pairs: np.ndarray) -> FieldExpansion:
        """Expansions of laminations (B, k); numpy leaves with leading axis B."""
        keys = [np.append(u, p).tobytes() for u, p in zip(unit, pole_pairs, strict=True)]
        missing = [k for k, key in enumerate(keys) if key not in self._known]
        starts = range(0, len(missing), self.chunk)
        batches = [np.array(missing[start : start + self.chunk]) for start in starts]

        if missing:
            self._run  # noqa: B018  (compiled once, before the threads ask for it)

        def solved(lanes: np.ndarray) -> Any:
            padded = np.concatenate([lanes, np.repeat(lanes[-1:], self.chunk - len(lanes))])
            return self._run(unit[padded], pole_pairs[padded], self.materials)

        with ThreadPoolExecutor(BATCHES_AT_ONCE) as pool:
            results = list(pool.map(solved, batches))
        for lanes, result in zip(batches, results, strict=True):
            host = jax.tree.map(np.asarray, result)
            for position, lane in enumerate(lanes):
                self._known[keys[lane]] = jax.tree.map(lambda leaf, p=position: leaf[p], host)
        return jax.tree.map(lambda *leaves: np.stack(leaves), *[self._known[key] for key in keys])
