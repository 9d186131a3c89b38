"""Scrambled Sobol points in the unit cube, up to 64 dimensions.

Direction numbers: S. Joe and F. Y. Kuo, "Constructing Sobol sequences with better two-dimensional projections",
SIAM J. Sci. Comput. 30 (2008) 2635-2654, file new-joe-kuo-6.21201 (first 64 dimensions). Scrambling: random lower
triangular matrix with digital shift (J. Matousek, "On the L2-discrepancy for anchored boxes", J. Complexity 14
(1998) 527-556), which keeps the net property of every dimension and pair.
"""

from __future__ import annotations

import jax
import numpy as np

BITS = 32

# Degree of the primitive polynomial, its inner coefficients as bits, initial numbers m_i. Dimension 1: van der Corput.
JOE_KUO: tuple[tuple[int, int, tuple[int, ...]], ...] = (
    (1, 0, (1,)),
    (2, 1, (1, 3)),
    (3, 1, (1, 3, 1)),
    (3, 2, (1, 1, 1)),
    (4, 1, (1, 1, 3, 3)),
    (4, 4, (1, 3, 5, 13)),
    (5, 2, (1, 1, 5, 5, 17)),
    (5, 4, (1, 1, 5, 5, 5)),
    (5, 7, (1, 1, 7, 11, 19)),
    (5, 11, (1, 1, 5, 1, 1)),
    (5, 13, (1, 1, 1, 3, 11)),
    (5, 14, (1, 3, 5, 5, 31)),
    (6, 1, (1, 3, 3, 9, 7, 49)),
    (6, 13, (1, 1, 1, 15, 21, 21)),
    (6, 16, (1, 3, 1, 13, 27, 49)),
    (6, 19, (1, 1, 1, 15, 7, 5)),
    (6, 22, (1, 3, 1, 15, 13, 25)),
    (6, 25, (1, 1, 5, 5, 19, 61)),
    (7, 1, (1, 3, 7, 11, 23, 15, 103)),
    (7, 4, (1, 3, 7, 13, 13, 15, 69)),
    (7, 7, (1, 1, 3, 13, 7, 35, 63)),
    (7, 8, (1, 3, 5, 9, 1, 25, 53)),
    (7, 14, (1, 3, 1, 13, 9, 35, 107)),
    (7, 19, (1, 3, 1, 5, 27, 61, 31)),
    (7, 21, (1, 1, 5, 11, 19, 41, 61)),
    (7, 28, (1, 3, 5, 3, 3, 13, 69)),
    (7, 31, (1, 1, 7, 13, 1, 19, 1)),
    (7, 32, (1, 3, 7, 5, 13, 19, 59)),
    (7, 37, (1, 1, 3, 9, 25, 29, 41)),
    (7, 41, (1, 3, 5, 13, 23, 1, 55)),
    (7, 42, (1, 3, 7, 3, 13, 59, 17)),
    (7, 50, (1, 3, 1, 3, 5, 53, 69)),
    (7, 55, (1, 1, 5, 5, 23, 33, 13)),
    (7, 56, (1, 1, 7, 7, 1, 61, 123)),
    (7, 59, (1, 1, 7, 9, 13, 61, 49)),
    (7, 62, (1, 3, 3, 5, 3, 55, 33)),
    (8, 14, (1, 3, 1, 15, 31, 13, 49, 245)),
    (8, 21, (1, 3, 5, 15, 31, 59, 63, 97)),
    (8, 22, (1, 3, 1, 11, 11, 11, 77, 249)),
    (8, 38, (1, 3, 1, 11, 27, 43, 71, 9)),
    (8, 47, (1, 1, 7, 15, 21, 11, 81, 45)),
    (8, 49, (1, 3, 7, 3, 25, 31, 65, 79)),
    (8, 50, (1, 3, 1, 1, 19, 11, 3, 205)),
    (8, 52, (1, 1, 5, 9, 19, 21, 29, 157)),
    (8, 56, (1, 3, 7, 11, 1, 33, 89, 185)),
    (8, 67, (1, 3, 3, 3, 15, 9, 79, 71)),
    (8, 70, (1, 3, 7, 11, 15, 39, 119, 27)),
    (8, 84, (1, 1, 3, 1, 11, 31, 97, 225)),
    (8, 97, (1, 1, 1, 3, 23, 43, 57, 177)),
    (8, 103, (1, 3, 7, 7, 17, 17, 37, 71)),
    (8, 115, (1, 3, 1, 5, 27, 63, 123, 213)),
    (8, 122, (1, 1, 3, 5, 11, 43, 53, 133)),
    (9, 8, (1, 3, 5, 5, 29, 17, 47, 173, 479)),
    (9, 13, (1, 3, 3, 11, 3, 1, 109, 9, 69)),
    (9, 16, (1, 1, 1, 5, 17, 39, 23, 5, 343)),
    (9, 22, (1, 3, 1, 5, 25, 15, 31, 103, 499)),
    (9, 25, (1, 1, 1, 11, 11, 17, 63, 105, 183)),
    (9, 44, (1, 1, 5, 11, 9, 29, 97, 231, 363)),
    (9, 47, (1, 1, 5, 15, 19, 45, 41, 7, 383)),
    (9, 52, (1, 3, 7, 7, 31, 19, 83, 137, 221)),
    (9, 55, (1, 1, 1, 3, 23, 15, 111, 223, 83)),
    (9, 59, (1, 1, 5, 13, 31, 15, 55, 25, 161)),
    (9, 62, (1, 1, 3, 13, 25, 47, 39, 87, 257)),
)


def direction_numbers(dimensions: int) -> np.ndarray:
    """Generating integers (dimensions, BITS), highest bit first (recurrence of Bratley and Fox, Algorithm 659)."""
    if not 1 <= dimensions <= len(JOE_KUO) + 1:
        raise ValueError(f"Sobol points are available for 1 to {len(JOE_KUO) + 1} dimensions, got {dimensions}")
    numbers = np.zeros((dimensions, BITS), dtype=np.uint64)
    numbers[0] = [1 << (BITS - 1 - k) for k in range(BITS)]
    for row, (degree, inner, initial) in enumerate(JOE_KUO[: dimensions - 1], start=1):
        numbers[row] = _generate(degree, inner, initial)
    return numbers


def _generate(degree: int, inner: int, initial: tuple[int, ...]) -> list[int]:
    values = [m << (BITS - 1 - k) for k, m in enumerate(initial)]
    for k in range(degree, BITS):
        value = values[k - degree] ^ (values[k - degree] >> degree)
        for j in range(1, degree):
            if (inner >> (degree - 1 - j)) & 1:
                value ^= values[k - j]
        values.append(value)
    return values


def sobol_integers(count: int, numbers: np.ndarray) -> np.ndarray:
    """First `count` points (count, dimensions) as BITS-bit integers, in natural (not Gray-code) order."""
    index = np.arange(count, dtype=np.uint64)
    points = np.zeros((count, numbers.shape[0]), dtype=np.uint64)
    for bit in range(max(1, int(count - 1).bit_length())):
        points ^= ((index >> np.uint64(bit)) & np.uint64(1))[:, None] * numbers[None, :, bit]
    return points


def scramble(numbers: np.ndarray, key: jax.Array) -> tuple[np.ndarray, np.ndarray]:
    """Direction numbers multiplied by random lower triangular bit matrices, and a digital shift (dimensions,).

    Bits are drawn for all dimensions of the table, so that a dimension's points do not depend on how many are used.
    """
    matrix_key, shift_key = jax.random.split(key)
    dimensions, table = numbers.shape[0], len(JOE_KUO) + 1
    random_bits = np.asarray(jax.random.bernoulli(matrix_key, shape=(table, BITS, BITS)))[:dimensions]
    matrix = np.tril(random_bits, -1) | np.eye(BITS, dtype=bool)
    places = np.uint64(BITS - 1) - np.arange(BITS, dtype=np.uint64)
    bits = (numbers[:, :, None] >> places) & np.uint64(1)  # (dimension, number, digit), first digit is the highest
    mixed = np.einsum("drc,dkc->dkr", matrix.astype(np.uint64), bits) & np.uint64(1)
    shift_bits = np.asarray(jax.random.bernoulli(shift_key, shape=(table, BITS)))[:dimensions].astype(np.uint64)
    return (mixed << places).sum(-1, dtype=np.uint64), (shift_bits << places).sum(-1, dtype=np.uint64)


def sobol(count: int, dimensions: int, key: jax.Array) -> np.ndarray:
    """Scrambled Sobol points (count, dimensions) strictly inside the unit cube; powers of two fill it best."""
    numbers, shift = scramble(direction_numbers(dimensions), key)
    points = sobol_integers(count, numbers) ^ shift
    return (points.astype(np.float64) + 0.5) / 2.0**BITS
