"""Whole numbers of teeth and planets near a relaxed design, of any layout (host side, one batch of numpy).

A relaxed design has real-valued teeth. Its whole-numbered neighbours are enumerated together and kept where every mesh
hunts (coprime teeth: every tooth meets every other), where equally spaced planets can be put in, where the teeth stay
in the layout's range and where the ratio stays within a tolerance. Bearings of the catalogue join them
(`integer_rows`). The other variables are then optimized again.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Sequence

import numpy as np

from edu_opt.gearbox.bearings import row_of_sizes
from edu_opt.gearbox.layouts import Layout, layout_named
from edu_opt.gearbox.layouts.layout import PLANETS
from edu_opt.gearbox.train import train_ratio
from edu_opt.numerics.design_space import DesignSpace
from edu_opt.numerics.discrete import Choices, one_at_a_time

LARGEST_BATCH = 300_000  # rows of one enumeration


@dataclasses.dataclass(frozen=True)
class IntegerDesigns:
    """K whole-numbered designs, best first: `values` (K, n) of the layout's integer variables in their order (`names`),
    `planets` (K,), `ratio` (K, gears), `score` (K,) (see `neighbouring_integers`)."""

    names: tuple[str, ...]
    values: np.ndarray
    planets: np.ndarray
    ratio: np.ndarray
    score: np.ndarray

    def __len__(self) -> int:
        return len(self.values)


def integer_names(layout: str | Layout) -> tuple[str, ...]:
    """Names of a layout's integer variables in the order of its space."""
    structure = layout_named(layout) if isinstance(layout, str) else layout
    return tuple(v.name for v in structure.space.variables if v.integer)


def teeth_of(layout: Layout, integers: np.ndarray) -> np.ndarray:
    """Teeth (..., M, 2), rings negative, from integer variables (..., n)."""
    pairs = layout.teeth({name: integers[..., k] for k, name in enumerate(integer_names(layout))})
    return np.stack([np.stack(pair, axis=-1) for pair in pairs], axis=-2)


def gear_ratios(layout: Layout, teeth: np.ndarray) -> np.ndarray:
    """Ratio in every gear (..., gears) from teeth (..., M, 2)."""
    trains = [layout.train, *([layout.high_train] if layout.high_train is not None else [])]
    return np.stack([train_ratio(train, teeth) for train in trains], axis=-1)


def hunting(teeth: np.ndarray) -> np.ndarray:
    """True where the teeth of every mesh (..., M, 2) are coprime."""
    whole = np.abs(np.rint(teeth)).astype(int)
    return (np.gcd(whole[..., 0], whole[..., 1]) == 1).all(axis=-1)


def planets_fit(layout: Layout, teeth: np.ndarray, planets: int | np.ndarray) -> np.ndarray:
    """True where `planets` equal planets can stand equally spaced (any number without planets); teeth (..., M, 2).

    (z_sun z_2 + z_ring z_1) divisible by planets gcd(z_1, z_2), with the steps z_1 on the sun and z_2 on the ring; with
    one step that is (z_sun + z_ring)/planets whole (Mueller, Die Umlaufgetriebe, ch. 6; recalled, checked against the
    simple rule and against counted positions in tests).
    """
    if not layout.has_planets:
        return np.ones(teeth.shape[:-2], bool)
    whole = np.abs(np.rint(teeth)).astype(int)
    (sun, first), (second, ring) = (np.moveaxis(whole[..., k, :], -1, 0) for k in (0, 1))
    return (sun * second + ring * first) % (planets * np.gcd(first, second)) == 0


def planets_apart(layout: Layout, teeth: np.ndarray, planets: int | np.ndarray) -> np.ndarray:
    """True where neighbouring planets leave room for each other (any number without planets); teeth (..., M, 2).

    (z_sun + z_1) sin(pi/planets) > z_1 + 1: pitch circles half an addendum wider. Which profile shift and which gap
    that leaves is the margin `gear_clearance`'s to say.
    """
    if not layout.has_planets:
        return np.ones(teeth.shape[:-2], bool)
    sun, planet = np.abs(teeth[..., 0, 0]), np.abs(teeth[..., 0, 1])
    return (sun + planet) * np.sin(np.pi / np.asarray(planets)) > planet + 1.0


def neighbouring_integers(
    layout: str,
    relaxed: Sequence[float] | np.ndarray,
    *,
    target_ratio: float | Sequence[float] | None = None,
    ratio_tolerance: float = 0.01,
    reach: int = 1,
    require_hunting: bool = True,
    require_assembly: bool = True,
) -> IntegerDesigns:
    """Whole-numbered designs around relaxed integer variables (n,) in the layout's order; may be empty.

    reach: steps each number may move from its rounding (1: 3^n rows). target_ratio, of every gear: the relaxed
    design's own unless given; ratio_tolerance relative. The number of planets is one of the numbers; gears must come
    together (`planets_fit`, `planets_apart`). Best first by score = (ratio error/tolerance)^2 + mean squared
    step from the relaxed numbers: small steps keep what the search found, a true ratio keeps its operating points.
    """
    structure, relaxed = layout_named(layout), np.asarray(relaxed, float)
    size = (2 * reach + 1) ** len(relaxed)
    if size > LARGEST_BATCH:
        raise ValueError(f"reach {reach} of {len(relaxed)} integers gives {size} rows, at most {LARGEST_BATCH}")
    steps = np.array(list(itertools.product(range(-reach, reach + 1), repeat=len(relaxed))))
    if target_ratio is None:
        target_ratio = gear_ratios(structure, teeth_of(structure, relaxed)).tolist()
    rows = np.unique(np.clip(np.rint(relaxed) + steps, *_bounds(structure)), axis=0)
    teeth = teeth_of(structure, rows)
    ratio = gear_ratios(structure, teeth)
    error = np.abs(ratio / np.asarray(target_ratio) - 1.0).max(axis=1)
    score = (error / ratio_tolerance) ** 2 + np.mean((rows - relaxed) ** 2, axis=1)
    names = integer_names(structure)
    planets = rows[:, names.index(PLANETS.name)].astype(int) if PLANETS.name in names else np.ones(len(rows), int)
    assembles = planets_fit(structure, teeth, planets) & planets_apart(structure, teeth, planets)
    good = (error <= ratio_tolerance) & (hunting(teeth) | (not require_hunting)) & (assembles | (not require_assembly))
    row = np.flatnonzero(good)
    row = row[np.argsort(score[row], kind="stable")]
    return IntegerDesigns(
        names=names, values=rows[row].astype(int), planets=planets[row], ratio=ratio[row], score=score[row]
    )


def _bounds(layout: Layout) -> tuple[np.ndarray, np.ndarray]:
    """Smallest and largest whole numbers (n,) of a layout's integer variables."""
    integer = layout.space.integer
    return np.ceil(layout.space.low[integer]), np.floor(layout.space.high[integer])


def rounding_rows(
    layout: str, relaxed: Sequence[float] | np.ndarray, count: int, *, ratio_tolerance: float = 0.01
) -> IntegerDesigns:
    """Up to `count` whole-numbered designs for an optimizer to try, best first and at least one.

    Tolerance, then reach widen until there are enough. Where nothing near hunts and fits, the plain rounding is all
    there is (the search then sees its ratio as it is).
    """
    for reach, factor in ((1, 1.0), (1, 3.0), (2, 3.0), (2, 10.0)):
        designs = neighbouring_integers(layout, relaxed, ratio_tolerance=factor * ratio_tolerance, reach=reach)
        if len(designs) >= count:
            break
    if len(designs) == 0:
        designs = neighbouring_integers(
            layout, relaxed, ratio_tolerance=np.inf, reach=0, require_hunting=False, require_assembly=False
        )
    return IntegerDesigns(
        names=designs.names, **{f: getattr(designs, f)[:count] for f in ("values", "planets", "ratio", "score")}
    )


def integer_rows(space: DesignSpace, layout: str, physical: np.ndarray, count: int) -> np.ndarray:
    """Exactly `count` designs (count, n) near one design (n,) of a drive unit's space: the nearest integers and
    bearings, then in turn the next integers (`whole_numbers`) and the next bearing of one shaft (`bearing_order`)."""
    physical = np.asarray(physical, float)
    groups: list[Choices] = [whole_numbers(space, layout, physical, count)]
    for sizes in space.lists:
        order = bearing_order(sizes.rows, physical[sizes.columns])
        groups.append((sizes.columns, sizes.rows[order]))
    return one_at_a_time(physical, groups, count)


def whole_numbers(space: DesignSpace, layout: str, physical: np.ndarray, count: int) -> Choices:
    """Columns and at most `count` values of all integer variables near one design (n,): gear teeth from
    `rounding_rows`, every other one rounded or one step off, best sums of scores first."""
    names = list(space.names)
    gears = np.array([names.index(name) for name in integer_names(layout)])
    others = np.setdiff1d(np.flatnonzero(space.integer), gears)
    trains = rounding_rows(layout, physical[gears], count)
    nearest = np.rint(physical[others])
    moves = np.vstack([np.zeros(len(others)), np.eye(len(others)), -np.eye(len(others))])
    rounded = np.unique(np.clip(nearest + moves, np.ceil(space.low[others]), np.floor(space.high[others])), axis=0)
    distance = np.sum((rounded - physical[others]) ** 2, axis=1)
    score = trains.score[:, None] + distance
    train, other = np.unravel_index(np.argsort(score, axis=None, kind="stable")[:count], score.shape)
    return np.concatenate([gears, others]), np.hstack([trains.values[train], rounded[other]])


def bearing_order(rows: np.ndarray, relaxed: np.ndarray) -> np.ndarray:
    """Order (R,) of bearings (R, 2) = (bore, section) [m] around a relaxed one (2,): the nearest by bore and outer
    diameter; of those on a thicker shaft that carry no less than it (C) the nearest, of those that carry more, of those
    that weigh less; then the others by distance."""
    bore, section = rows.T
    distance = (bore - relaxed[0]) ** 2 + (bore + 2.0 * section - relaxed[0] - 2.0 * relaxed[1]) ** 2
    order = np.argsort(distance, kind="stable")
    known = [row_of_sizes(b, b + 2.0 * s) for b, s in rows]
    rating, mass = np.array([(row.dynamic_rating, row.mass) for row in known if row is not None]).T
    thicker = order[(bore[order] > bore[order[0]]) & (rating[order] >= rating[order[0]])][:1]
    stronger = order[rating[order] > rating[order[0]]][:1]
    lighter = order[mass[order] < mass[order[0]]][:1]
    return np.array(list(dict.fromkeys([order[0], *thicker, *stronger, *lighter, *order])))


def nearest_trains(
    ratio: float,
    first: tuple[Sequence[int] | np.ndarray, Sequence[int] | np.ndarray],
    second: tuple[Sequence[int] | np.ndarray, Sequence[int] | np.ndarray],
    *,
    count: int = 10,
    require_hunting: bool = False,
) -> np.ndarray:
    """The whole-numbered trains (K, 4) = (z1, z2, z3, z4) with z2/z1 z4/z3 nearest to `ratio` in the whole range.

    first = (numbers allowed for z1, for z2), second = (z3, z4). Exact: stage ratios are sorted, and every first stage
    is met with the second stages next to what it leaves (none farther off can be nearer).
    A stepped planetary's ratio is one more than z2/z1 z4/z3.
    """

    def stages(numbers: tuple) -> np.ndarray:
        pairs = np.array(list(itertools.product(*numbers)))
        return pairs[np.gcd(pairs[:, 0], pairs[:, 1]) == 1] if require_hunting else pairs

    one, two = stages(first), stages(second)
    two = two[np.argsort(two[:, 1] / two[:, 0], kind="stable")]
    place = np.searchsorted(two[:, 1] / two[:, 0], ratio * one[:, 0] / one[:, 1])
    near = np.clip(place[:, None] + np.array([-1, 0]), 0, len(two) - 1)
    rows = np.concatenate([np.repeat(one[:, None], 2, axis=1), two[near]], axis=2).reshape(-1, 4)
    error = np.abs(rows[:, 1] * rows[:, 3] / (rows[:, 0] * rows[:, 2]) - ratio)
    return rows[np.argsort(error, kind="stable")[:count]]
