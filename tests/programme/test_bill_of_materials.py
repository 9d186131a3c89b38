"""Bill of materials: linear in amounts and prices, anchored to the EPA OMEGA teardown costs."""

from __future__ import annotations

import dataclasses

import jax.numpy as jnp
import pytest

from edu_opt.programme.bill_of_materials import MaterialAmounts, bill_of_materials, total_cost
from edu_opt.programme.prices import Prices

NOTHING = MaterialAmounts(**{f.name: jnp.asarray(0.0) for f in dataclasses.fields(MaterialAmounts)})


def change(**amounts: float) -> dict[str, float]:
    """Cost lines that differ from those of a unit made of nothing."""
    base, other = (bill_of_materials(a, Prices()) for a in (
        NOTHING, dataclasses.replace(NOTHING, **{k: jnp.asarray(v) for k, v in amounts.items()})))
    return {k: float(other[k] - base[k]) for k in base if other[k] != base[k]}


def test_copper_costs_its_price_with_scrap_and_only_in_its_part() -> None:
    assert change(stator_copper=5.0) == {"stator_winding": pytest.approx(5.0 * 10.0 * 1.1)}


def test_magnets_belong_to_the_rotor() -> None:
    assert change(magnets=2.0) == {"rotor": pytest.approx(162.0)}


def test_a_cage_is_bought_as_wire_or_as_castings() -> None:
    assert change(copper_cage=5.0) == {"rotor": pytest.approx(5.0 * 10.0 * 1.1)}
    assert change(aluminium_cage=5.0)["rotor"] < 0.5 * change(copper_cage=5.0)["rotor"]


def test_ferrite_costs_a_tenth_and_a_bare_rotor_less_work_than_one_with_magnets() -> None:
    assert change(ferrite_magnets=2.0) == {"rotor": pytest.approx(16.0)}
    assert change(magnet_rotor=1.0) == {"rotor": pytest.approx(50.0 * 0.15)}
    assert change(cage_rotor=1.0) == {"rotor": pytest.approx(50.0 * 0.2)}
    assert change(wound_rotor=1.0)["rotor"] == pytest.approx(50.0 * 0.6)


def test_silicon_carbide_costs_nine_to_sixteen_times_silicon_by_area() -> None:
    ratio = Prices().silicon_carbide_die / Prices().silicon_die
    assert 9.0 < ratio < 16.0


def test_an_inverter_of_200_kw_costs_what_the_teardown_says() -> None:
    lines = change(silicon_die_area=6 * 600.0 * 1.5 / 150e4, capacitance=500e-6)
    cost = sum(lines.values()) + Prices().inverter_fixed + 35.0  # 35 EUR: its share of the housing
    assert cost == pytest.approx(0.92 * (1.26 * 200.0 + 559.0), rel=0.10)


def test_total_is_the_sum_of_the_lines() -> None:
    lines = bill_of_materials(NOTHING, Prices())
    assert total_cost(lines) == pytest.approx(sum(float(v) for v in lines.values()))
