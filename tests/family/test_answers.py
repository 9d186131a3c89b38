"""Answers from fronts and ways to divide a saving: corner cases with results by hand."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from edu_opt.family.answers import SAME, kept_cost, knee, least_cost
from edu_opt.family.splits import attainable, by_volume, coalitions, equal, shapley
from edu_opt.optimize.result import Front

PLAYERS = ("bmw", "jaguar", "land_rover")


def front(objectives: list[list[float]]) -> Front:
    """A front of which the answers read the objectives alone."""
    points = np.array(objectives, dtype=float).reshape(-1, 3)
    rest = np.zeros((len(points), 0))
    return Front(
        x=rest,
        branch=np.zeros(len(points), dtype=int),
        objectives=points,
        margins=rest,
        kkt_residual=np.zeros(len(points)),
        objective_multipliers=rest,
        margin_multipliers=rest,
        price_alone=rest,
        price_along_ray=rest,
    )


def test_kept_cost_counts_only_families_that_every_brand_accepts() -> None:
    base = front([[1500.0, 150.0, 80.0], [1600.0, 145.0, 78.0]])
    shared = front([[1400.0, 155.0, 80.0], [1440.0, 150.0 * (1 + SAME) - 1e-6, 80.5], [1490.0, 148.0, 79.0]])
    assert kept_cost(shared, base) == 1440.0  # the cheapest loses BMW 5 of 150 Wh/km
    assert math.isnan(kept_cost(front([[1400.0, 155.0, 80.0]]), base))
    assert kept_cost(base, base) == 1500.0


def test_knee_is_nearest_to_the_ideal_in_spans() -> None:
    assert knee(front([[1500.0, 160.0, 90.0], [1520.0, 151.0, 81.0], [1600.0, 150.0, 80.0]])) == 1
    assert knee(front([[1500.0, 160.0, 90.0]])) == 0
    assert math.isnan(least_cost(front([])))


def test_shapley_of_two_is_half_of_the_surplus_each() -> None:
    value = {frozenset({"bmw"}): 2.0, frozenset({"jaguar"}): 0.5, frozenset({"bmw", "jaguar"}): 4.0}
    assert shapley(("bmw", "jaguar"), value) == pytest.approx({"bmw": 2.75, "jaguar": 1.25})


def test_shapley_knows_players_that_bring_nothing_or_the_same() -> None:
    value = {c: 5.0 * ("bmw" in c and "jaguar" in c) for c in coalitions(PLAYERS)}
    assert shapley(PLAYERS, value) == pytest.approx({"bmw": 2.5, "jaguar": 2.5, "land_rover": 0.0})


def test_shapley_is_the_mean_over_orders_of_joining_and_adds_up() -> None:
    rng = np.random.default_rng(0)
    games = [dict(zip(coalitions(PLAYERS), rng.uniform(-1.0, 3.0, 7), strict=True)) for _ in range(2)]
    both = {c: games[0][c] + games[1][c] for c in games[0]}
    found = [shapley(PLAYERS, game) for game in (*games, both)]
    for player in PLAYERS:
        assert found[2][player] == pytest.approx(found[0][player] + found[1][player])
        gains = []
        for order in itertools.permutations(PLAYERS):
            before = frozenset(order[: order.index(player)])
            gains.append(games[0][before | {player}] - (games[0][before] if before else 0.0))
        assert found[0][player] == pytest.approx(np.mean(gains))
    assert sum(found[0].values()) == pytest.approx(games[0][frozenset(PLAYERS)])


def test_simple_rules_divide_the_whole() -> None:
    volumes = {"bmw": 100e3, "jaguar": 40e3, "land_rover": 60e3}
    assert (
        sum(by_volume(volumes, 7.0).values()) == pytest.approx(7.0) == pytest.approx(sum(equal(PLAYERS, 7.0).values()))
    )
    assert by_volume(volumes, 2.0)["jaguar"] == pytest.approx(0.4)


def test_a_coalition_is_worth_at_least_its_parts_and_nothing_at_least() -> None:
    """A search that found nothing, or less than no sharing, must not spoil the division."""
    bmw, jaguar, rover = (frozenset({p}) for p in PLAYERS)
    found = {bmw: 2.0, jaguar: -1.0, bmw | jaguar: math.nan, bmw | rover: 1.5, jaguar | rover: 0.5}
    value = attainable(PLAYERS, found | {bmw | jaguar | rover: 4.0})
    assert [value[c] for c in (bmw, jaguar, rover)] == [2.0, 0.0, 0.0]
    assert value[bmw | jaguar] == value[bmw | rover] == 2.0 and value[jaguar | rover] == 0.5
    assert sum(shapley(PLAYERS, value).values()) == pytest.approx(4.0)
    assert attainable(PLAYERS, found)[bmw | jaguar | rover] == 2.5  # BMW alone, the others together
