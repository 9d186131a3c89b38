"""Reference directions on the simplex of the objectives.

Das and Dennis (SIAM J. Optim. 8 (1998) 631-657) lattice, extended about its centre so that the rim of a front that
is wider than the plane through its corners is met as well.
"""

from __future__ import annotations

import math

import numpy as np


def das_dennis(objectives: int, partitions: int) -> np.ndarray:
    """All points with coordinates k / partitions that sum to one, shape (K, objectives)."""
    if objectives == 1:
        return np.ones((1, 1))
    if partitions == 0:
        return np.full((1, objectives), 1.0 / objectives)
    rows: list[list[int]] = [[]]
    for _ in range(objectives - 1):
        rows = [[*row, k] for row in rows for k in range(partitions - sum(row) + 1)]
    return np.array([[*row, partitions - sum(row)] for row in rows]) / partitions


def lattice_size(objectives: int, partitions: int) -> int:
    """Number of points of `das_dennis`."""
    return math.comb(partitions + objectives - 1, objectives - 1)


def largest_lattice(objectives: int, limit: int) -> np.ndarray:
    """Largest Das-Dennis lattice with at most `limit` points."""
    partitions = 0
    while objectives > 1 and lattice_size(objectives, partitions + 1) <= limit:
        partitions += 1
    return das_dennis(objectives, partitions)


def extend(directions: np.ndarray, extension: float) -> np.ndarray:
    """Lattice stretched about the simplex centre; extension 0.12 moves a corner out by 12 % of its coordinate."""
    objectives = directions.shape[1]
    if objectives == 1:
        return directions
    return directions + extension * (directions - 1.0 / objectives) * objectives / (objectives - 1)


def reference_directions(objectives: int, count: int, extension: float) -> np.ndarray:
    """Exactly `count` directions: the largest lattice, then points of a finer one, farthest first."""
    lattice = largest_lattice(objectives, count)
    finer = largest_lattice(objectives, 8 * count)
    return extend(np.vstack([lattice, farthest_first(finer, lattice, count - len(lattice))]), extension)


def to_simplex_plane(normalized: np.ndarray) -> np.ndarray:
    """Points (K, m) projected along (1, ..., 1) onto the plane where coordinates sum to one."""
    return normalized - (normalized.sum(axis=-1, keepdims=True) - 1.0) / normalized.shape[-1]


def farthest_first(pool: np.ndarray, taken: np.ndarray, count: int, reach: float = np.inf) -> np.ndarray:
    """Greedy choice of `count` points of `pool` (P, m), each farthest from `taken` and those chosen before.

    Distances above `reach` lose their attraction: a hole is worth filling, but a direction far outside the known
    front is unlikely to be met by it.
    """
    distance = np.full(len(pool), np.inf)
    for start in range(0, len(taken), 256):
        block = np.linalg.norm(pool[:, None] - taken[None, start : start + 256], axis=2)
        distance = np.minimum(distance, block.min(axis=1))
    if np.isfinite(reach):
        distance = np.where(distance < reach, distance, reach * np.exp(-4.0 * (distance - reach) / reach))
    chosen = np.empty((count, pool.shape[1]))
    for k in range(count):
        best = int(np.argmax(distance))
        chosen[k] = pool[best]
        distance = np.minimum(distance, np.linalg.norm(pool - pool[best], axis=1))
    return chosen
