"""Whole numbers of teeth near a relaxed design: neighbours with hunting-tooth, assembly and ratio filters (host
side)."""

from __future__ import annotations

import itertools

import numpy as np


def train_ratio(layout: str, teeth: np.ndarray) -> np.ndarray:
    """Ratio of rows (..., 4) = (z1, z2, z3, z4); planetary: (sun, large planet, small planet, ring), all positive."""
    z1, z2, z3, z4 = np.moveaxis(np.asarray(teeth, float), -1, 0)
    train = z2 / z1 * z4 / z3
    return train + 1.0 if layout == "planetary" else train


def hunting(teeth: np.ndarray) -> np.ndarray:
    """True where both meshes have coprime teeth (every tooth meets every other)."""
    whole = np.asarray(teeth, int)
    return (np.gcd(whole[..., 0], whole[..., 1]) == 1) & (np.gcd(whole[..., 2], whole[..., 3]) == 1)


def assembly_fits(teeth: np.ndarray, planets: int) -> np.ndarray:
    """True where equally spaced, equally clocked stepped planets can be put in.

    (z_sun z_small + z_ring z_large) divisible by planets * gcd(z_large, z_small): the stepped form of the simple rule
    (z_sun + z_ring)/planets whole. Arithmetic in the test proves it against the simple rule.
    """
    sun, large, small, ring = np.moveaxis(np.asarray(teeth, int), -1, 0)
    return (sun * small + ring * large) % (planets * np.gcd(large, small)) == 0


def neighbouring_teeth(
    layout: str,
    teeth: np.ndarray,
    target_ratio: float,
    *,
    ratio_tolerance: float = 0.01,
    planets: int = 3,
    reach: int = 1,
    require_hunting: bool = True,
    lowest: int = 12,
) -> np.ndarray:
    """Whole-tooth designs (m, 4) around real-valued teeth (4,), best ratio first; m may be 0 (then widen reach or
    tolerance).

    reach: steps each number may move from its rounding (1 gives at most 81 rows). ratio_tolerance relative.
    """
    rounded = np.rint(np.abs(np.asarray(teeth, float))).astype(int)
    steps = np.array(list(itertools.product(range(-reach, reach + 1), repeat=4)))
    rows = rounded + steps
    rows = rows[(rows >= lowest).all(axis=1)]
    error = np.abs(train_ratio(layout, rows) / target_ratio - 1.0)
    keep = error <= ratio_tolerance
    if require_hunting:
        keep &= hunting(rows)
    if layout == "planetary":
        keep &= assembly_fits(rows, planets)
    return rows[keep][np.argsort(error[keep], kind="stable")]


def compound_train(target: float, lowest: int = 12, highest: int = 60) -> tuple[tuple[int, int, int, int], float]:
    """((a, f, b, d), squared error) of the compound train a f / (b d) nearest to `target` (Deb-Goyal problem,
    exact)."""
    numbers = np.arange(lowest, highest + 1)
    pairs = np.array([(a, b) for a in numbers for b in numbers if a <= b])
    products = pairs.prod(axis=1)
    order = np.argsort(products)
    sorted_products = products[order]
    best, answer = np.inf, (0, 0, 0, 0)
    for numerator, (a, f) in zip(products, pairs, strict=True):
        place = np.searchsorted(sorted_products, numerator / target)
        for k in (place - 1, place):
            if 0 <= k < len(order):
                error = (target - numerator / sorted_products[k]) ** 2
                if error < best:
                    b, d = pairs[order[k]]
                    best, answer = error, (int(a), int(f), int(b), int(d))
    return answer, float(best)
