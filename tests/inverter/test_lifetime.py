"""Power-cycling life: published laws, and the closed rainflow count against a counted sequence."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from edu_opt.inverter.lifetime import (
    BayererLaw,
    bayerer_cycles,
    cycling_damage,
    lesit_cycles,
    rainflow_counts,
    ripple_damage,
)

LEVELS = np.array([70.0, 75.0, 82.0, 95.0, 120.0, 140.0])
SHARES = np.array([0.30, 0.25, 0.20, 0.15, 0.07, 0.03])


def rainflow(sequence: np.ndarray) -> list[tuple[int, int]]:
    """Cycles (low, high) of a sequence by the four-point method (ASTM E1049)."""
    turning = [sequence[0]]
    for value in sequence[1:]:
        if value == turning[-1]:
            continue
        if len(turning) > 1 and (turning[-1] - turning[-2]) * (value - turning[-1]) > 0:
            turning[-1] = value
        else:
            turning.append(value)
    stack: list[int] = []
    cycles = []
    for value in turning:
        stack.append(int(value))
        while len(stack) >= 4:
            a, b, c, d = stack[-4:]
            if not (min(a, d) <= min(b, c) and max(b, c) <= max(a, d)):
                break
            cycles.append((min(b, c), max(b, c)))
            del stack[-3:-1]
    return cycles


def test_rainflow_of_random_order() -> None:
    """60 000 independent draws, counted: the large cycles within 5 %, all of them within 2 % of the sum."""
    draws = np.random.default_rng(1).choice(len(SHARES), p=SHARES, size=60000)
    counted = np.zeros((6, 6))
    for low, high in rainflow(draws):
        counted[low, high] += 1.0 / len(draws)
    ours = np.asarray(rainflow_counts(jnp.asarray(SHARES)))
    assert ours.sum() == pytest.approx(counted.sum(), rel=0.02)
    np.testing.assert_allclose(ours[0, 1:], counted[0, 1:], rtol=0.05)
    swing = LEVELS[None, :] - LEVELS[:, None]
    assert (ours * np.clip(swing, 0, None) ** 5).sum() == pytest.approx(
        (counted * np.clip(swing, 0, None) ** 5).sum(), rel=0.05
    )


def test_laws_at_points_of_their_papers() -> None:
    """LESIT: 80 K at 80 degC mean about 5e4 cycles, 50 K about 5e5 (Held 1997, figure, read roughly: a third). Bayerer:
    80 K, 150 degC, 2 s, 10 A a foot, 600 V, 400 um: 3e4; 4.4 per decade."""
    assert float(lesit_cycles(jnp.asarray(80.0), jnp.asarray(80.0))) == pytest.approx(5e4, rel=0.33)
    assert float(lesit_cycles(jnp.asarray(50.0), jnp.asarray(80.0))) == pytest.approx(5e5, rel=0.33)
    law = BayererLaw()
    point = bayerer_cycles(law, jnp.asarray(80.0), jnp.asarray(150.0), 2.0, 600.0)
    by_hand = 2.03e14 * 80.0**-4.416 * np.exp(1285.0 / 423.15) * 2.0**-0.463 * 10.0**-0.716 * 6.0**-0.761 / 20.0
    assert float(point) == pytest.approx(by_hand, rel=1e-4)
    colder = bayerer_cycles(law, jnp.asarray(80.0), jnp.asarray(125.0), 2.0, 600.0)
    assert float(colder) > 1.15 * float(point)


def test_damage_of_two_levels_by_hand() -> None:
    """Half of the time each: a cycle every four draws (p q / (p + q) = 1/4), so damage = 1 / (4 dwell N)."""
    law = BayererLaw()
    hot, shares = jnp.array([130.0, 60.0]), jnp.array([0.5, 0.5])
    cycles = float(bayerer_cycles(law, jnp.asarray(70.0), jnp.asarray(130.0), 10.0, 650.0))
    assert float(cycling_damage(law, hot, shares, 10.0, 650.0)) == pytest.approx(1.0 / (4.0 * 10.0 * cycles), rel=1e-6)
    ripple = ripple_damage(law, hot, jnp.array([5.0, 10.0]), jnp.array([50.0, 5.0]), shares, 650.0)
    each = [
        float(bayerer_cycles(law, jnp.asarray(2.0 * r), jnp.asarray(t + r), 1.0, 650.0))
        for t, r in ((130.0, 5.0), (60.0, 10.0))
    ]
    assert float(ripple) == pytest.approx(0.5 * 50.0 / each[0] + 0.5 * 5.0 / each[1], rel=1e-9)


def test_damage_is_continuous_where_points_change_places_and_grows_with_heat() -> None:
    law, shares = BayererLaw(), jnp.asarray(SHARES)
    damage = jax.jit(lambda t: cycling_damage(law, t, shares, 10.0, 650.0))
    levels = jnp.asarray(LEVELS)
    sides = [float(damage(levels.at[2].set(95.0 + d))) for d in (-1e-7, 1e-7)]
    assert sides[0] == pytest.approx(sides[1], rel=1e-7)
    slope = jax.grad(damage)(levels)
    assert float(slope[-1]) > 0.0 > float(slope[0])
    assert np.isfinite(np.asarray(jax.grad(damage)(jnp.full(6, 90.0)))).all()
    life_years = 1.0 / float(damage(levels)) / 3600.0 / 400.0
    assert 1.0 < life_years < 100.0, "400 h a year at such swings: the order of a car's life"
