"""What is bought: prices with scrap by hand, each amount in its own part, grades, currency."""

from __future__ import annotations

import dataclasses

import jax.numpy as jnp
import pytest

from edu_opt.programme.bill_of_materials import MaterialAmounts, amount_vector, bill_of_materials
from edu_opt.programme.currency import euro_of_2024
from edu_opt.programme.prices import PRICE_UNCERTAINTY, Prices, die_price, heavy_rare_earth_share
from edu_opt.programme.volumes import PARTS

NOTHING = MaterialAmounts(**{f.name: jnp.asarray(0.0) for f in dataclasses.fields(MaterialAmounts)})


def bought(amounts: MaterialAmounts, prices: Prices) -> dict[str, float]:
    """All that is bought [EUR] by part."""
    found = bill_of_materials(amount_vector(amounts), prices)
    total = found.raw + found.mechanical + found.electronic
    return dict(zip(PARTS, total.tolist(), strict=True))


def change(prices: Prices | None = None, **amounts: float) -> dict[str, float]:
    """Parts whose cost differs from that of a unit made of nothing, and by how much."""
    prices = prices or Prices()
    other = dataclasses.replace(NOTHING, **{k: jnp.asarray(v) for k, v in amounts.items()})
    base, changed = bought(NOTHING, prices), bought(other, prices)
    return {k: changed[k] - base[k] for k in base if abs(changed[k] - base[k]) > 1e-9}


def test_copper_costs_metal_and_drawing_and_its_trim_is_sold() -> None:
    assert change(stator_copper=5.0) == {"stator_winding": pytest.approx(5.0 * (8.67 + 2.0))}
    assert change(copper_trim=1.0) == {"stator_winding": pytest.approx(8.67 + 2.0 - 0.75 * 8.67)}


def test_sheet_scrap_is_shared_by_stator_and_rotor() -> None:
    half = 0.5 * 10.0 * (1.22 - 0.30)
    assert change(sheet_scrap=10.0) == {"lamination": pytest.approx(half), "rotor": pytest.approx(half)}


def test_a_magnet_costs_its_metals_through_the_yield() -> None:
    """UH: 27.5 % NdPr, 3.5 % Dy, the rest iron; 55 EUR/kg, inside MEAPA's low and stable phase (40 to 81 EUR/kg)."""
    price = (0.275 * 59.6 + 0.035 * 305.0 + 0.69 * 0.9) / 0.75 + 18.0
    assert change(magnets=2.0) == {"rotor": pytest.approx(2.0 * price)}
    assert 40.0 < price < 81.0


def test_grades_of_higher_coercivity_hold_more_heavy_rare_earths() -> None:
    shares = [heavy_rare_earth_share(grade) for grade in ("N52", "N48M", "N45SH", "N42UH", "N40EH")]
    assert shares == sorted(shares) and shares[0] == 0.0
    assert heavy_rare_earth_share("FB9B") == heavy_rare_earth_share("N42UH")  # multiplied by no mass
    dear, cheap = (Prices(heavy_rare_earth_share=s) for s in (shares[-1], shares[0]))
    assert dear.magnet > cheap.magnet + 10.0


def test_a_copper_cage_costs_wire_and_an_aluminium_one_castings() -> None:
    copper, aluminium = change(copper_cage=5.0)["rotor"], change(aluminium_cage=5.0)["rotor"]
    assert (copper, aluminium) == (pytest.approx(5.0 * 10.67), pytest.approx(5.0 * 2.26 * 1.05))


def test_gears_pay_for_their_chips() -> None:
    assert change(gears_stage_2=5.0) == {"gear_stage_2": pytest.approx(5.0 * (2.6 * 1.3 - 0.30 * 0.30))}


def test_dies_follow_from_wafers_and_silicon_carbide_costs_nine_to_twelve_times_silicon() -> None:
    """Ratio by area published by PGC Consultancy, 2021."""
    prices = Prices()
    assert die_price(2200.0, 0.15, 0.70, 0.45) == pytest.approx(prices.silicon_carbide_die, rel=0.02)
    assert die_price(450.0, 0.20, 0.90, 0.45) == pytest.approx(prices.silicon_die, rel=0.02)
    assert 9.0 < prices.silicon_carbide_die / prices.silicon_die < 12.0


def test_every_price_has_an_uncertainty() -> None:
    assert all(0.0 < value <= 0.5 for value in dataclasses.asdict(PRICE_UNCERTAINTY).values())


def test_currencies_and_years() -> None:
    assert euro_of_2024(1.0) == 1.0
    assert euro_of_2024(108.24, "USD", 2024) == pytest.approx(100.0)
    assert euro_of_2024(100.0, "USD", 2022) == pytest.approx(100.0 * 313.689 / 292.655 / 1.0824)
    assert euro_of_2024(100.0, "GBP", 2022) > 100.0 / 0.84662
    with pytest.raises(KeyError, match="currency 'JPY' is not among EUR, GBP, USD"):
        euro_of_2024(1.0, "JPY")
    with pytest.raises(KeyError, match="year 1999 of USD"):
        euro_of_2024(1.0, "USD", 1999)
