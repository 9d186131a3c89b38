"""Exact hypervolume and dominance, from moocore (M. Lopez-Ibanez; exact for 3 objectives in O(n log n))."""

from __future__ import annotations

import moocore
import numpy as np


def hypervolume(objectives: np.ndarray, reference: np.ndarray) -> float:
    """Volume dominated by points (K, m) up to the reference point; points outside it count nothing."""
    inside = objectives[np.all(objectives < reference, axis=1)] if len(objectives) else objectives
    return float(moocore.hypervolume(inside, ref=reference)) if len(inside) else 0.0


def is_nondominated(objectives: np.ndarray) -> np.ndarray:
    """Mask (K,) of non-dominated points; of equal points the first is kept."""
    if not len(objectives):
        return np.zeros(0, dtype=bool)
    return np.asarray(moocore.is_nondominated(np.ascontiguousarray(objectives)), dtype=bool)


def reference_point(front: np.ndarray, margin: float = 0.1) -> np.ndarray:
    """Nadir of the front moved out by a share of its span."""
    low, high = front.min(axis=0), front.max(axis=0)
    span = np.where(high > low, high - low, np.maximum(np.abs(high), 1.0))
    return high + margin * span
