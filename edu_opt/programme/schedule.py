"""Start of production, ramp and run: what a sum spent before, once a year, or for every unit means per unit (NPV).

Levelised cost: the price per unit, constant in euro of the base year, at which the present value of all units sold
equals that of all that is spent. With units v_k in year k, present-value factors d_k = (1 + r)^-(k + 1/2) and sums C
spent t years before the start, it is C (1 + r)^t / sum(v_k d_k). Rates are real (without inflation).

Learning: costs of what an industry learns fall with all units that it has ever made (US EPA, OMEGA 2024 final rule):
((Q + 8) / 8)^-0.245 with Q the millions of plug-in cars since 2022, 6.6 million a year.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from edu_opt.numerics.pytree import pytree

MOST_YEARS = 30  # of ramp and run together
LEARNING_BASE_YEAR, LEARNING_BASE_MILLIONS = 2022.0, 8.0  # [EPA OMEGA]
PRICE_YEAR = 2024.0  # the year that prices and process times are of

Number = float | jax.Array


@pytree
class Schedule:
    """When a programme makes units; every field is data. `start_year` is the calendar year of start of production."""

    start_year: Number = 2024.0
    ramp_years: Number = 2.0  # from nothing to full rate, along a straight line
    run_years: Number = 6.0  # at full rate
    discount_rate: Number = 0.08  # a year, real (assumed: cost of capital of car makers)
    machines_lead: Number = 1.0  # years from paying for machines and tools to start of production (assumed)
    development_lead: Number = 2.0  # the same from the middle of development (assumed)
    learning_exponent: Number = 0.245  # [EPA OMEGA]; 15.6 % a doubling
    industry_millions: Number = 6.6  # plug-in cars a year, all makers [EPA OMEGA]


@pytree
class Levelising:
    """Sums over the years for one unit a year at full rate: discounted units, discounted years of production, learning
    factor of a unit (mean over the discounted units), years that machines serve."""

    units: jax.Array
    years: jax.Array
    learning: jax.Array
    service: jax.Array


def made_until(time: Number, ramp: Number) -> jax.Array:
    """Units made until a time [years], at one unit a year after the ramp."""
    within = jnp.minimum(jnp.asarray(time, float), ramp)
    return 0.5 * within**2 / jnp.maximum(ramp, 1e-9) + jnp.maximum(time - ramp, 0.0)


def year_shares(schedule: Schedule) -> tuple[jax.Array, jax.Array]:
    """(units, share of the year in production), each (years,): of every year after start of production."""
    begin = jnp.asarray(np.arange(MOST_YEARS, dtype=float))
    end = jnp.asarray(schedule.ramp_years, float) + schedule.run_years
    low, high = jnp.minimum(begin, end), jnp.minimum(begin + 1.0, end)
    units = made_until(high, schedule.ramp_years) - made_until(low, schedule.ramp_years)
    return units, high - low


def learning_factor(schedule: Schedule, year: Number) -> jax.Array:
    """Cost in a calendar year over that of `PRICE_YEAR`; the industry is 8 million cars old in 2022."""
    made = LEARNING_BASE_MILLIONS + schedule.industry_millions * (jnp.asarray(year, float) - LEARNING_BASE_YEAR)
    base = LEARNING_BASE_MILLIONS + schedule.industry_millions * (PRICE_YEAR - LEARNING_BASE_YEAR)
    return (made / base) ** -jnp.asarray(schedule.learning_exponent, float)


def levelising(schedule: Schedule) -> Levelising:
    """What the schedule makes of sums spent before, in every year and for every unit."""
    units, present = year_shares(schedule)
    middle = jnp.asarray(np.arange(MOST_YEARS) + 0.5)
    discount = (1.0 + jnp.asarray(schedule.discount_rate, float)) ** -middle
    learned = learning_factor(schedule, schedule.start_year + middle)
    made = jnp.sum(units * discount)
    return Levelising(
        units=made,
        years=jnp.sum(present * discount),
        learning=jnp.sum(units * discount * learned) / made,
        service=jnp.asarray(schedule.ramp_years, float) + schedule.run_years,
    )


def before_start(schedule: Schedule, lead: Number) -> jax.Array:
    """What one euro spent `lead` years before start of production is worth at the start."""
    return (1.0 + jnp.asarray(schedule.discount_rate, float)) ** jnp.asarray(lead, float)


def present_value(cost: Number, units_per_year: Number, schedule: Schedule) -> jax.Array:
    """Value at start of production [EUR] of a whole run at a levelised cost [EUR a unit]: all that the run pays, sums
    before the start included."""
    return jnp.asarray(cost) * units_per_year * levelising(schedule).units
