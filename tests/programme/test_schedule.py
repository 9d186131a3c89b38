"""Levelised cost: closed forms of constant volume, ramp, learning."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from edu_opt.programme.one_off import TOOLING, spread
from edu_opt.programme.programme import ProgrammeSettings
from edu_opt.programme.schedule import Schedule, before_start, learning_factor, levelising, present_value, year_shares
from edu_opt.programme.volumes import PARTS, uniform_volumes


def test_constant_volume_is_an_annuity() -> None:
    """Units at mid-year: sum of (1 + r)^-(k + 1/2) over n years = (1 + r)^(1/2) (1 - (1 + r)^-n) / r."""
    r, n = 0.08, 7
    found = levelising(Schedule(ramp_years=0.0, run_years=float(n), discount_rate=r))
    closed = (1.0 + r) ** 0.5 * (1.0 - (1.0 + r) ** -n) / r
    assert float(found.units) == pytest.approx(closed, rel=1e-9)
    assert float(found.years) == pytest.approx(closed, rel=1e-9)


def test_levelised_cost_pays_back_the_sum() -> None:
    """Net present value of selling at the levelised cost and paying the sum two years ahead is zero."""
    schedule = Schedule(ramp_years=1.5, run_years=5.2, discount_rate=0.10)
    volumes = jnp.full(len(PARTS), 40e3)
    found = levelising(schedule)
    per_unit = float(spread(uniform_volumes(7e6), before_start(schedule, 2.0), volumes, found.units)[0])
    units = 40e3 * np.asarray(year_shares(schedule)[0])
    discount = 1.10 ** -(np.arange(units.size) + 0.5)
    assert float(np.sum(units * discount) * per_unit) == pytest.approx(7e6 * 1.10**2, rel=1e-9)
    assert float(present_value(per_unit, 40e3, schedule)) == pytest.approx(7e6 * 1.10**2, rel=1e-9)


def test_without_interest_the_sum_is_divided_by_all_units() -> None:
    found = levelising(Schedule(ramp_years=2.0, run_years=6.0, discount_rate=0.0))
    assert float(found.units) == pytest.approx(1.0 + 6.0)  # the ramp makes half of two years
    assert float(found.years) == pytest.approx(8.0)
    assert float(found.service) == 8.0


def test_a_ramp_costs_units_and_money() -> None:
    quick, slow = (levelising(Schedule(ramp_years=ramp, run_years=8.0 - ramp)) for ramp in (0.0, 4.0))
    assert float(slow.units) < float(quick.units) - 1.0


def test_learning_is_epas_curve_and_15_6_percent_a_doubling() -> None:
    schedule = Schedule()
    assert float(learning_factor(schedule, 2024.0)) == 1.0
    of_2022 = float(learning_factor(schedule, 2022.0))
    assert of_2022 == pytest.approx(((2 * 6.6 + 8.0) / 8.0) ** 0.245)
    doubled = 2022.0 + (2.0 * (2 * 6.6 + 8.0) - 8.0) / 6.6
    assert float(learning_factor(schedule, doubled)) == pytest.approx(1.0 - 0.156, abs=1e-3)
    assert float(levelising(Schedule(learning_exponent=0.0)).learning) == 1.0


def test_years_are_data() -> None:
    """Another schedule compiles nothing, and the levelised cost is differentiable in the discount rate."""
    count = []

    def units(schedule: Schedule) -> jax.Array:
        count.append(1)
        return levelising(schedule).units

    compiled = jax.jit(units)
    values = [float(compiled(jax.tree.map(jnp.asarray, Schedule(run_years=years)))) for years in (4.0, 6.0, 9.5)]
    assert values == sorted(values) and len(count) == 1
    slope = jax.grad(lambda rate: levelising(Schedule(discount_rate=rate)).units)(0.08)
    assert float(slope) < 0.0


def test_a_programme_without_volume_or_end_is_refused() -> None:
    with pytest.raises(ValueError, match="units_per_year must be > 0, got 0"):
        ProgrammeSettings(units_per_year=0.0)
    with pytest.raises(ValueError, match="sum to at most 30, got 2 and 40"):
        ProgrammeSettings(run_years=40.0)
    assert TOOLING.housing > TOOLING.bearing_set > 0.0
