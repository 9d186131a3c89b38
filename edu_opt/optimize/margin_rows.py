"""Rows of a margin: what the search sees of a requirement that bounds the worst of several members.

The worst of several bearings or teeth has a kink where two are equally bad, and that is where designs end: what is not
needed is taken away from each of them until all are at the limit. A linear model knows but one of them and is off by
the others' slopes. So the search has one row for each member, and what it reports is their smallest margin and, as all
members share one limit, the sum of their multipliers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np


def margin_rows(problem: Any) -> tuple[int, ...]:
    """Position in `margin_names` of every row of the search, in order; without the attribute, one row each."""
    return tuple(getattr(problem, "margin_rows", range(len(problem.margin_names))))


def _starts(rows: Sequence[int]) -> np.ndarray:
    return np.flatnonzero(np.diff(np.asarray(rows), prepend=-1))


def smallest_margins(rows: Sequence[int], margins: np.ndarray) -> np.ndarray:
    """Margins (..., p) of the requirements from those of the search's rows (..., r)."""
    return np.minimum.reduceat(margins, _starts(rows), axis=-1) if len(rows) else margins


def summed_multipliers(rows: Sequence[int], multipliers: np.ndarray) -> np.ndarray:
    """Multipliers (..., p) of the requirements' limits from those of the rows (..., r)."""
    return np.add.reduceat(multipliers, _starts(rows), axis=-1) if len(rows) else multipliers
