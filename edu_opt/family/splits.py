"""Ways to divide among brands what a coalition saves: equally, by volume, by the Shapley value. None is preached."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence

Coalition = frozenset[str]


def coalitions(players: Sequence[str]) -> list[Coalition]:
    """All subsets with a member, small ones first."""
    sizes = range(1, len(players) + 1)
    return [frozenset(some) for size in sizes for some in itertools.combinations(players, size)]


def attainable(players: Sequence[str], found: Mapping[Coalition, float]) -> dict[Coalition, float]:
    """Value of every coalition that its members can be sure of: at least nothing, and at least what they save in two
    parts of it that do not share with each other. `found` may lack coalitions, or hold NaN where a search failed."""
    value: dict[Coalition, float] = {}
    for coalition in coalitions(players):
        own = found.get(coalition, math.nan)
        parts = [value[part] + value[coalition - part] for part in value if part < coalition]
        value[coalition] = max([0.0, *parts, *([] if math.isnan(own) else [own])])
    return value


def shapley(players: Sequence[str], value: Mapping[Coalition, float]) -> dict[str, float]:
    """Each player's mean contribution over all orders of joining (L. S. Shapley, "A value for n-person games", 1953).

    `value` of every coalition (the empty one is worth nothing); the shares sum to that of all players.
    """
    count, shares = len(players), dict.fromkeys(players, 0.0)
    for player in players:
        others = [p for p in players if p != player]
        for size in range(count):
            weight = math.factorial(size) * math.factorial(count - size - 1) / math.factorial(count)
            for some in itertools.combinations(others, size):
                without = frozenset(some)
                shares[player] += weight * (value[without | {player}] - (value[without] if without else 0.0))
    return shares


def equal(players: Sequence[str], total: float) -> dict[str, float]:
    """The same for each."""
    return dict.fromkeys(players, total / len(players))


def by_volume(volumes: Mapping[str, float], total: float) -> dict[str, float]:
    """In proportion to the units that each builds."""
    everything = sum(volumes.values())
    return {player: total * volume / everything for player, volume in volumes.items()}
