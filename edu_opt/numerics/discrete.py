"""Neighbouring choices of discrete variables (host side): integers near relaxed values, rows of lists, and how the
choices of several groups of variables are mixed."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np

from edu_opt.numerics.design_space import DesignSpace

Choices = tuple[np.ndarray, np.ndarray]  # columns (g,) of a group of variables, its values (k, g), the nearest first


def roundings(values: np.ndarray, low: np.ndarray, high: np.ndarray, count: int) -> np.ndarray:
    """At most `count` integer vectors near `values` (k,), nearest first; always exactly `count` rows (repeats fill).

    The nearest rounding, then single changes by one and pairs of them, ordered by distance in steps. Where `values`
    is integer already, this is the neighbourhood of a local search.
    """
    base = np.clip(np.round(values), low, high)
    size = len(values)
    moves = [np.zeros(size)]
    singles = [sign * np.eye(size)[k] for k in range(size) for sign in (-1.0, 1.0)]
    moves += singles
    moves += [a + b for a, b in itertools.combinations(singles, 2) if np.abs(a + b).sum() == 2]
    points = np.unique(np.clip(base + np.array(moves), low, high), axis=0)
    order = np.argsort(np.square(points - values).sum(axis=1), kind="stable")
    nearest = points[order][:count]
    return np.vstack([nearest, np.repeat(nearest[:1], count - len(nearest), axis=0)])


def one_at_a_time(physical: np.ndarray, groups: Sequence[Choices], count: int) -> np.ndarray:
    """Exactly `count` points (count, n) around one (n,): every group's nearest choice, then the groups in turn with
    their next one, the others at their nearest; where choices end, the first point repeats."""
    base = physical.copy()
    for columns, values in groups:
        base[columns] = values[0]
    points = [base]
    for place in range(1, max((len(values) for _, values in groups), default=1)):
        for columns, values in groups:
            if place < len(values):
                points.append(base.copy())
                points[-1][columns] = values[place]
    return np.array([*points[:count], *[base] * (count - len(points))])


def neighbouring_rows(space: DesignSpace, physical: np.ndarray, count: int) -> np.ndarray:
    """Exactly `count` points (count, n) near one (n,) in SI values: all integers together (`roundings`), rows of lists
    by distance in ranges."""
    which = space.integer
    groups: list[Choices] = []
    if which.any():
        low, high = np.ceil(space.low[which]), np.floor(space.high[which])
        groups.append((np.flatnonzero(which), roundings(physical[which], low, high, count)))
    for rows in space.lists:
        span = (space.high - space.low)[rows.columns]
        distance = np.square((rows.rows - physical[rows.columns]) / span).sum(axis=1)
        groups.append((rows.columns, rows.rows[np.argsort(distance, kind="stable")]))
    return one_at_a_time(physical, groups, count)
