"""Sobol points: net properties, an independent generator, scrambling."""

from __future__ import annotations

import jax
import numpy as np
import pytest
from scipy.stats import qmc

from edu_opt.optimize.seeding import BITS, direction_numbers, sobol, sobol_integers


def test_unscrambled_points_are_those_of_an_independent_generator() -> None:
    ours = sobol_integers(256, direction_numbers(64)) / 2.0**BITS
    theirs = qmc.Sobol(64, scramble=False, bits=32).random(256)
    np.testing.assert_array_equal(ours[np.lexsort(ours.T)], theirs[np.lexsort(theirs.T)])


@pytest.mark.parametrize("seed", [0, 1])
def test_every_dimension_and_the_first_pair_are_perfect_nets(seed: int) -> None:
    points = sobol(64, 40, jax.random.key(seed))
    assert points.min() > 0.0 and points.max() < 1.0
    for column in (points * 64).astype(int).T:
        assert sorted(column) == list(range(64))
    for power in range(7):  # elementary intervals of area 1/64 hold one point each
        cells = (points[:, 0] * 2**power).astype(int) * 2 ** (6 - power) + (points[:, 1] * 2 ** (6 - power)).astype(int)
        assert sorted(cells) == list(range(64))


def test_scrambling_follows_the_key_alone() -> None:
    first, again, other = (sobol(32, 5, jax.random.key(k)) for k in (3, 3, 4))
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - other).max() > 0.1


def test_integrates_better_than_random_points() -> None:
    points = sobol(1024, 10, jax.random.key(0))
    value = np.prod(1.0 + 0.5 * (points - 0.5), axis=1).mean()
    assert abs(value - 1.0) < 2e-3


def test_more_dimensions_than_the_table_are_refused() -> None:
    with pytest.raises(ValueError, match="1 to 64 dimensions, got 65"):
        sobol(8, 65, jax.random.key(0))
