"""Sections of a layered rotor's grid (static): which columns and rows exist, how many cells each has.

Columns of half a pole run from the d axis under the cap, along the arm of barrier 0, the iron behind it, the arm of
barrier 1, ..., to the web; below a knee the same columns cross the centres of the deeper barriers. Rows run from the
shaft through the centres (innermost barrier first), along the arms, to the bridges. So every barrier is an L of cells:
a row band up to its arm's columns, then that column band up to the bridges.
"""

from __future__ import annotations

import functools

import numpy as np

from edu_opt.motor.barriers import Barrier

Section = tuple[str, int]  # kind, barrier that it belongs to
# Cells in a section's rows by level; bands and iron are thinner where there are three layers and more.
_ROWS = {
    "XS": {"below": 3, "band": 1, "iron": 1, "lead": 1, "cap": 2, "tail": 1, "bridge": 1},
    "S": {"below": 4, "band": 2, "iron": 2, "lead": 1, "cap": 3, "tail": 1, "bridge": 1},
    "M": {"below": 5, "band": 3, "iron": 3, "lead": 1, "cap": 4, "tail": 1, "bridge": 2},
    "L": {"below": 8, "band": 4, "iron": 4, "lead": 2, "cap": 6, "tail": 2, "bridge": 3},
}


@functools.cache
def column_shares(barriers: tuple[Barrier, ...]) -> dict[Section, float]:
    """Column sections in order from the d axis, with their usual shares of the half pole pitch at the surface."""
    count = len(barriers)
    arm, iron, web = (0.09, 0.0, 0.13) if count == 1 else (0.07, 0.10, 0.12)
    cap = 1.0 - web - count * arm - (count - 1) * iron
    magnets = [b.centre == "magnet" for b in barriers]
    shares: dict[Section, float] = {}
    if any(b.post for b in barriers):
        shares["post", 0] = 0.04
        if any(m and b.post for m, b in zip(magnets, barriers, strict=True)):
            shares["lead", 0] = 0.03
    shares["centre", 0] = 0.0
    for k, magnet in enumerate(magnets):
        if k:
            shares["iron", k] = 0.8 * iron if magnet else iron
        if magnet:
            shares["end", k] = 0.2 * iron if k else 0.04
        shares["arm", k] = arm
    shares["web", 0] = web
    shares["centre", 0] = cap - sum(shares.get((kind, 0), 0.0) for kind in ("post", "lead", "end"))
    return shares


@functools.cache
def row_counts(barriers: tuple[Barrier, ...], level: str) -> dict[Section, int]:
    """Row sections in order from the shaft, with their cells."""
    size = dict(_ROWS[level])
    if len(barriers) > 2:
        size["band"], size["iron"] = max(1, size["band"] - 1), max(1, size["iron"] - 1)
    counts: dict[Section, int] = {("below", 0): size["below"]}
    for k in range(len(barriers) - 1, -1, -1):
        counts["band", k] = size["band"]
        if barriers[k].arm == "magnet":
            counts["lead", k] = size["lead"]
        counts["iron" if k else "cap", k] = size["iron" if k else "cap"]
    if any(b.arm == "magnet" for b in barriers):
        counts["tail", 0] = size["tail"]
    counts["bridge", 0] = size["bridge"]
    return counts


def starts(counts: dict[Section, int]) -> dict[Section, int]:
    """First line of every section, and of ("end of all", 0)."""
    lines = np.concatenate([[0], np.cumsum(list(counts.values()))])
    return dict(zip([*counts, ("end of all", 0)], (int(n) for n in lines), strict=True))


def share_cells(widths: np.ndarray, total: int) -> tuple[int, ...]:
    """Cells of sections with given widths: at least one each (none where the width is 0), the rest where widest."""
    counts = (widths > 0).astype(int)
    while counts.sum() < total:
        counts[np.argmax(widths / np.maximum(counts, 1) * (widths > 0))] += 1
    return tuple(int(c) for c in counts)
