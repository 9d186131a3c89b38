"""Whole teeth and planets: known optimum of a compound train, assembly against counted positions, neighbours."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from edu_opt.gearbox.assembly import (
    gear_ratios,
    hunting,
    integer_names,
    integer_rows,
    nearest_trains,
    neighbouring_integers,
    planets_apart,
    planets_fit,
    rounding_rows,
    teeth_of,
)
from edu_opt.gearbox.bearings import row_of_sizes
from edu_opt.gearbox.layouts import LAYOUTS, layout_named
from edu_opt.numerics.design_space import DesignSpace, Variable


def test_deb_goyal_train_reaches_its_known_optimum() -> None:
    """min (1/6.931 - x1 x2/(x3 x4))^2, 12 <= x <= 60: 2.7009e-12 (Deb and Goyal 1996, Sandgren's gear train)."""
    numbers = range(12, 61)
    z1, z2, z3, z4 = nearest_trains(6.931, (numbers, numbers), (numbers, numbers), count=1)[0]
    assert (z1 * z3, z2 * z4) == (16 * 19, 43 * 49)
    assert (1.0 / 6.931 - z1 * z3 / (z2 * z4)) ** 2 == pytest.approx(2.700857e-12, rel=1e-6)


def test_nearest_trains_are_those_of_a_full_enumeration() -> None:
    numbers = range(12, 22)
    grid = np.stack(np.meshgrid(*[numbers] * 4, indexing="ij"), axis=-1).reshape(-1, 4)
    error = np.abs(grid[:, 1] * grid[:, 3] / (grid[:, 0] * grid[:, 2]) - 1.777)
    found = nearest_trains(1.777, (numbers, numbers), (numbers, numbers), count=1)[0]
    assert abs(found[1] * found[3] / (found[0] * found[2]) - 1.777) == pytest.approx(error.min(), rel=1e-12)
    coprime = nearest_trains(1.777, (numbers, numbers), (numbers, numbers), count=20, require_hunting=True)
    assert hunting(coprime.reshape(-1, 2, 2)).all()


def fits_by_positions(sun: int, first: int, second: int, ring: int, planets: int) -> bool:
    """Whether a planet that meshes sun and ring at 0 also does at 2 pi/planets, by trying all its tooth positions.

    Turned by f it meshes the ring if (second - ring)/planets - second f is whole (one of `second` positions), then the
    sun if (first + sun)/planets - first f is.
    """
    for position in range(second):
        turn = (Fraction(second - ring, planets) - position) / second
        if (Fraction(first + sun, planets) - first * turn).denominator == 1:
            return True
    return False


def test_planets_fit_exactly_where_counting_positions_says_so() -> None:
    generator = np.random.default_rng(7)
    structure = layout_named("planetary")
    rows = [(33, 52, 17, 87), *generator.integers(14, 60, (400, 4)).tolist()]
    teeth = np.array([[(s, a), (b, -r)] for s, a, b, r in rows])
    for planets in (3, 4):
        expected = [fits_by_positions(*row, planets) for row in rows]
        assert 0 < sum(expected) < len(rows)
        np.testing.assert_array_equal(planets_fit(structure, teeth, planets), expected)


def test_stepped_rule_falls_back_to_the_simple_one() -> None:
    structure = layout_named("simple_planetary")
    grid = np.stack(np.meshgrid(np.arange(24, 40), np.arange(18, 50), [-1, 0, 1], indexing="ij"), -1).reshape(-1, 3)
    teeth = teeth_of(structure, np.column_stack([grid, np.full(len(grid), 3)]))
    simple = (teeth[:, 0, 0] - teeth[:, 1, 1]) % 3 == 0
    np.testing.assert_array_equal(planets_fit(structure, teeth, 3), simple)


RELAXED = {
    "parallel_axis": [23.2, 67.8, 20.4, 77.6],
    "planetary": [33.3, 51.7, 17.2, 86.8, 3.3],
    "simple_planetary": [30.3, 40.2, 0.3, 3.4],
    "planetary_layshaft": [24.3, 30.2, 0.3, 30.3, 72.2, 3.6],
    "two_speed": [22.2, 80.4, 34.3, 70.2, 22.1, 75.7],
}


@pytest.mark.parametrize("layout", RELAXED)
def test_neighbours_keep_ratio_hunting_assembly_and_range(layout: str) -> None:
    structure = layout_named(layout)
    found = neighbouring_integers(layout, RELAXED[layout], reach=2, ratio_tolerance=0.015)
    assert len(found) > 0 and found.names == integer_names(layout)
    teeth = teeth_of(structure, found.values)
    assert hunting(teeth).all()
    assert planets_fit(structure, teeth, found.planets).all() and planets_apart(structure, teeth, found.planets).all()
    assert {3, 4} <= set(found.planets) <= {3, 4, 5} if structure.has_planets else set(found.planets) == {1}
    relaxed = gear_ratios(structure, teeth_of(structure, np.array(RELAXED[layout])))
    assert np.abs(found.ratio / relaxed - 1.0).max() <= 0.015
    assert np.all(np.diff(found.score) >= 0)
    integer = structure.space.integer
    assert np.all((found.values >= structure.space.low[integer]) & (found.values <= structure.space.high[integer]))


def test_production_choices_are_judged_as_they_are() -> None:
    app310 = neighbouring_integers("parallel_axis", [23, 68, 20, 78], ratio_tolerance=0.005)
    assert [23, 68, 20, 78] not in app310.values.tolist()  # its second stage is not coprime
    allowed = neighbouring_integers("parallel_axis", [23, 68, 20, 78], ratio_tolerance=0.005, require_hunting=False)
    assert allowed.values[0].tolist() == [23, 68, 20, 78] and allowed.score[0] == 0.0
    i_pace = neighbouring_integers("planetary", [33.3, 51.7, 17.2, 86.8, 3.1], target_ratio=9.06, reach=2)
    assert [33, 52, 17, 87, 3] in i_pace.values.tolist()


@pytest.mark.parametrize("layout", LAYOUTS)
def test_an_optimizer_gets_trains_that_hunt_wherever_it_stands(layout: str) -> None:
    structure = layout_named(layout)
    found = rounding_rows(layout, RELAXED[layout], 16)
    assert 4 <= len(found) <= 16 and np.all(np.diff(found.score) >= 0)
    assert hunting(teeth_of(structure, found.values)).all()
    corner = structure.space.low[structure.space.integer]
    assert len(rounding_rows(layout, corner + 0.3, 5)) >= 1


def test_rows_of_a_whole_drive_unit_keep_its_other_variables() -> None:
    turns = Variable("stator_winding", "turns", "1", 4.0, 9.0, "turns", integer=True)
    stack = Variable("lamination", "stack", "m", 0.1, 0.2, "stack length")
    space = DesignSpace((stack, turns)) + layout_named("planetary").space
    physical = space.low + 0.37 * (space.high - space.low)
    physical[1] = 9.4  # beyond its range by less than a half
    rows = integer_rows(space, "planetary", physical, 24)
    assert rows.shape == (24, len(space))
    np.testing.assert_array_equal(rows[:, ~space.discrete], np.repeat(physical[None, ~space.discrete], 24, axis=0))
    assert set(rows[:, 1]) <= {8.0, 9.0} and np.all(rows[:, space.integer] == np.rint(rows[:, space.integer]))
    gears = [space.names.index(name) for name in integer_names("planetary")]
    teeth = teeth_of(layout_named("planetary"), rows[:, gears])
    assert hunting(teeth).all() and planets_fit(layout_named("planetary"), teeth, rows[:, gears[-1]].astype(int)).all()
    assert len(np.unique(rows, axis=0)) > 8


@pytest.mark.parametrize("layout", LAYOUTS)
def test_neighbours_of_a_design_vary_teeth_and_every_shaft_s_bearing(layout: str) -> None:
    space = layout_named(layout).space
    physical = space.low + np.random.default_rng(4).uniform(size=len(space)) * (space.high - space.low)
    physical[space.listed] = 0.5 * (space.low + space.high)[space.listed]  # heavier and lighter rows exist
    rows = integer_rows(space, layout, physical, 16)
    assert ((rows >= space.low) & (rows <= space.high)).all()
    teeth = space.integer.nonzero()[0]
    assert len(np.unique(rows[:, teeth], axis=0)) >= 3
    for sizes in space.lists:
        bore, section = rows[:, sizes.columns].T
        found = [row_of_sizes(b, b + 2.0 * s) for b, s in zip(bore, section, strict=True)]
        assert None not in found and len({row.designation for row in found}) >= 4
        others = np.setdiff1d(np.flatnonzero(space.discrete), sizes.columns)
        alone = [row for row, point in zip(found, rows, strict=True) if (point[others] == rows[0, others]).all()]
        assert alone[1].dynamic_rating > alone[0].dynamic_rating and min(row.mass for row in alone) < alone[0].mass


def test_a_design_on_rows_is_the_first_of_its_neighbours() -> None:
    space = layout_named("parallel_axis").space
    physical = integer_rows(space, "parallel_axis", space.low + 0.6 * (space.high - space.low), 1)[0]
    rows = integer_rows(space, "parallel_axis", physical, 16)
    np.testing.assert_array_equal(rows[0], physical)
    assert len(np.unique(rows, axis=0)) == 16


def test_too_large_an_enumeration_is_refused() -> None:
    with pytest.raises(ValueError, match="rows, at most"):
        neighbouring_integers("planetary_layshaft", RELAXED["planetary_layshaft"], reach=9)
