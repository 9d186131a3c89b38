"""Cost of a unit in its programme: sums, volume, sharing, hairpin against wire, plants, gradients, band, carbon."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from edu_opt.numerics.pytree import replace
from edu_opt.numerics.smooth import smooth_count
from edu_opt.programme.bill_of_materials import MaterialAmounts
from edu_opt.programme.carbon import embodied_carbon, material_carbon, use_carbon
from edu_opt.programme.one_off import DEVELOPMENT, TOOLING
from edu_opt.programme.plant import DINGOLFING, WOLVERHAMPTON
from edu_opt.programme.prices import PRICE_UNCERTAINTY, Prices
from edu_opt.programme.programme import Programme, ProgrammeSettings, programme_of
from edu_opt.programme.schedule import before_start, levelising
from edu_opt.programme.unit_cost import UnitCost, cost_band, cost_kinds, cost_lines, unit_cost
from edu_opt.programme.volumes import PARTS, by_part, uniform_volumes
from tests.programme.reference_family import amounts_and_masses, with_wire
from tests.programme.test_bill_of_materials import NOTHING

APP310, GEN5 = "vw_app310", "bmw_gen5_rear"
MOTOR = ("lamination", "stator_winding", "rotor", "field_winding")
DEFAULT = programme_of(ProgrammeSettings())
compiled = jax.jit(unit_cost)


def cost_of(name: str = APP310, units: float = 215_755.0, programme: Programme = DEFAULT, **changes: float) -> UnitCost:
    """Cost of a reference unit that shares nothing, at the default prices but for the changes."""
    amounts, masses = amounts_and_masses(name)
    return compiled(amounts, masses, Prices(**changes), uniform_volumes(units), programme)


def total(cost: UnitCost, parts: tuple[str, ...] = PARTS) -> float:
    return sum(float(cost_lines(cost)[part]) for part in parts)


@functools.cache
def compiled_windings() -> Callable[..., jax.Array]:
    """Line of the stator winding [EUR] of amounts over volumes (v,) at a wage."""
    _, masses = amounts_and_masses(APP310)

    def line(amounts: MaterialAmounts, units: jax.Array, labour: float) -> jax.Array:
        programme = replace(DEFAULT, plant=replace(DINGOLFING, labour=labour))
        return unit_cost(amounts, masses, Prices(), uniform_volumes(units), programme).lines[1]

    return jax.jit(jax.vmap(line, in_axes=(None, 0, None)))


def crossing(labour: float = 50.0) -> float:
    """Volume [units a year] at which both windings cost the same; it must be the only change of sign."""
    volumes, (hairpins, _) = np.geomspace(2e4, 8e5, 400), amounts_and_masses(APP310)
    assert PARTS[1] == "stator_winding"
    costs = [compiled_windings()(amounts, volumes, labour) for amounts in (hairpins, with_wire(hairpins))]
    dearer = np.asarray(costs[0] > costs[1])
    changes = np.flatnonzero(dearer[1:] != dearer[:-1])
    assert dearer[0] and not dearer[-1] and changes.size == 1
    return float(volumes[changes[0]])


def test_kinds_and_lines_sum_to_the_same_cost() -> None:
    for name in (APP310, GEN5):
        cost = cost_of(name)
        assert sum(map(float, cost_kinds(cost).values())) == pytest.approx(total(cost), rel=1e-12)
        assert float(jnp.sum(cost.lines)) == pytest.approx(total(cost), rel=1e-12)
        assert min(float(line) for part, line in cost_lines(cost).items() if part != "field_winding") > 0.0
    assert float(cost_lines(cost_of(APP310))["field_winding"]) == 0.0


def test_hairpins_pay_above_about_150_000_units_a_year() -> None:
    """Hemsen, Nowak, Eckstein 2023: dearer below roughly 150,000 units a year, cheaper above. Cheap labour moves it up
    (35.25 EUR/h: Wolverhampton)."""
    assert 100e3 < crossing() < 220e3
    assert crossing(labour=35.25) > crossing(labour=50.0) > crossing(labour=70.0)


def test_cost_falls_with_volume_and_flattens() -> None:
    """RWTH's motor model: -67 % from the smallest to the largest volume (10,000 and 500,000 are assumed here)."""
    volumes = (1e4, 2e4, 5e4, 1e5, 2e5, 5e5)
    costs = [cost_of(units=v) for v in volumes]
    whole, motor = [total(c) for c in costs], [total(c, MOTOR) for c in costs]
    assert whole == sorted(whole, reverse=True)
    assert 0.55 < 1.0 - motor[-1] / motor[0] < 0.90
    slopes = np.diff(np.log(whole)) / np.diff(np.log(volumes))
    assert np.all(slopes < 0.0) and -1.0 < slopes[0] < -0.4 and -0.35 < slopes[-1] < -0.02


def test_material_does_not_care_for_volume() -> None:
    few, many = cost_of(units=1e4), cost_of(units=1e6)
    np.testing.assert_allclose(few.material, many.material)
    np.testing.assert_allclose(few.labour, many.labour)
    assert float(jnp.sum(few.purchased)) > 1.2 * float(jnp.sum(many.purchased))


def test_one_offs_of_a_shared_part_count_once() -> None:
    """Two members share everything: their units times the levelised tooling and development are the sums, once, at
    their value at the start of production; unshared, twice."""
    levelised = levelising(DEFAULT.schedule)
    members = (60e3, 140e3)
    together = [cost_of(units=sum(members)) for _ in members]
    discounted = [units * float(levelised.units) for units in members]
    paid = sum(n * float(jnp.sum(c.tooling + c.development)) for n, c in zip(discounted, together, strict=True))
    exists = np.array([part != "field_winding" for part in PARTS])
    tools = np.sum(exists * np.asarray(by_part(TOOLING))) * float(before_start(DEFAULT.schedule, 1.0))
    thinking = np.sum(exists * np.asarray(by_part(DEVELOPMENT))) * float(before_start(DEFAULT.schedule, 2.0))
    assert paid == pytest.approx(tools + thinking, rel=1e-9)
    alone = [cost_of(units=units) for units in members]
    paid_alone = sum(n * float(jnp.sum(c.tooling + c.development)) for n, c in zip(discounted, alone, strict=True))
    assert paid_alone == pytest.approx(2.0 * paid, rel=1e-9)


def test_only_a_shared_parts_line_follows_its_volume() -> None:
    amounts, masses = amounts_and_masses(APP310)
    base = cost_lines(compiled(amounts, masses, Prices(), uniform_volumes(50e3), DEFAULT))
    volumes = replace(uniform_volumes(50e3), power_module=250e3)
    shared = cost_lines(compiled(amounts, masses, Prices(), volumes, DEFAULT))
    assert [p for p in PARTS if abs(float(shared[p] - base[p])) > 1e-9] == ["power_module"]
    assert float(shared["power_module"]) < float(base["power_module"])


def test_development_that_is_not_shared_stays_with_its_own_units() -> None:
    settings = ProgrammeSettings(units_per_year=50e3, development_shared=False)
    alone = cost_of(units=200e3, programme=programme_of(settings))
    shared = cost_of(units=200e3, programme=programme_of(dataclasses.replace(settings, development_shared=True)))
    np.testing.assert_allclose(alone.development, 4.0 * shared.development)
    np.testing.assert_allclose(alone.tooling, shared.tooling)


def test_two_plants_buy_machines_twice() -> None:
    """Half of the joint volume in this plant: machines as at half the volume, tools and parts as at the whole."""
    halves = replace(DEFAULT, plant_shares=uniform_volumes(0.5))
    split, whole, half = cost_of(programme=halves, units=2e5), cost_of(units=2e5), cost_of(units=1e5)
    np.testing.assert_allclose(split.machines, half.machines)
    np.testing.assert_allclose(split.tooling, whole.tooling)
    np.testing.assert_allclose(split.purchased, whole.purchased)
    assert total(split) > total(whole)


def test_plants_differ_by_their_rates_alone() -> None:
    german, british = (cost_of(programme=programme_of(ProgrammeSettings(plant=p))) for p in (DINGOLFING, WOLVERHAMPTON))
    assert float(jnp.sum(british.labour) / jnp.sum(german.labour)) == pytest.approx(0.705)
    np.testing.assert_allclose(british.material, german.material)


def test_gears_cost_per_kg_what_the_gearbox_model_says() -> None:
    """TUM/Gao: 12 EUR/kg of cut, hardened and ground gear, here of its material and processes (within 50 %)."""
    cost = cost_of(units=250e3)
    rows = [PARTS.index(part) for part in ("gear_stage_1", "gear_stage_2")]
    masses = amounts_and_masses(APP310)[1]
    per_kg = sum(float(cost.made[k]) for k in rows) / sum(float(masses[PARTS[k]]) for k in rows)
    assert 6.0 < per_kg < 18.0


def test_hours_and_investment_are_of_the_size_of_real_plants() -> None:
    """Steyr: 2000 people (1600 h a year, all functions) for 600,000 units are 5.3 h; Halewood: 905 GBP of 2022 an
    annual unit, 1176 EUR of 2024. Ours lack offices, batteries, buildings: above a quarter and below the whole."""
    done = cost_of(units=420e3).processes
    hours = float(jnp.sum(done.hours)) * (1.0 + DINGOLFING.indirect_labour)
    assert 0.25 * 5.3 < hours < 5.3
    assert 0.4 * 1176.0 < float(jnp.sum(done.investment)) / 420e3 < 1176.0


def test_whole_machines_are_bought() -> None:
    need = jnp.linspace(0.0, 6.0, 601)
    count, slope = smooth_count(need), jax.vmap(jax.grad(smooth_count))(need)
    assert np.all(np.abs(np.asarray(count) - np.maximum(np.ceil(need), 1.0)) <= 0.51) and np.all(slope > -1e-9)
    np.testing.assert_allclose(smooth_count(jnp.array([0.0, 1.5, 2.5, 5.5])), [1.0, 2.0, 3.0, 6.0], atol=2e-3)
    lines = cost_of(units=1e4).processes.lines
    assert float(jnp.min(jnp.where(lines > 0.0, lines, 1.0))) > 0.99


def test_band_is_the_root_of_squares() -> None:
    """With one uncertain price by hand: 20 % of a copper price that the cost is linear in; all together above each."""
    amounts, masses = amounts_and_masses(APP310)
    volumes = uniform_volumes(2e5)
    none = jax.tree.map(lambda _: 0.0, PRICE_UNCERTAINTY)
    band = jax.jit(cost_band)
    at = (amounts, masses, Prices())
    alone = {name: float(band(*at, replace(none, **{name: 0.2}), volumes, DEFAULT)) for name in ("copper", "neodymium")}
    step = total(cost_of(units=2e5, copper=1.2 * Prices().copper)) - total(cost_of(units=2e5))
    assert alone["copper"] == pytest.approx(abs(step), rel=1e-4)
    both = float(band(*at, replace(none, copper=0.2, neodymium=0.2), volumes, DEFAULT))
    assert both == pytest.approx(np.hypot(alone["copper"], alone["neodymium"]), rel=1e-4)
    everything = float(band(*at, PRICE_UNCERTAINTY, volumes, DEFAULT))
    assert 0.03 < everything / total(cost_of(units=2e5)) < 0.20


def test_carbon_of_copper_and_of_electricity_by_hand() -> None:
    copper, row = replace(NOTHING, stator_copper=jnp.asarray(6.0)), PARTS.index("stator_winding")
    assert float(material_carbon(copper)[row] - material_carbon(NOTHING)[row]) == pytest.approx(6.0 * (4.1 + 0.4))
    amounts, _ = amounts_and_masses(APP310)
    done = cost_of().processes
    clean, dirty = (
        embodied_carbon(amounts, done, replace(DEFAULT, plant=replace(DINGOLFING, electricity_co2e=x)))
        for x in (0.0, 1.0)
    )
    energy, added = float(jnp.sum(done.energy_kwh)), float(jnp.sum(dirty - clean))
    assert energy <= added < 1.1 * energy  # a little more than the energy itself: scrap is made too
    without = embodied_carbon(replace(amounts, magnets=jnp.zeros(())), done, DEFAULT)
    saved = float(jnp.sum(embodied_carbon(amounts, done, DEFAULT) - without))
    assert saved == pytest.approx(float(amounts.magnets) * 30.0, rel=0.06)  # the same scrap


def test_use_phase_by_hand() -> None:
    """180 Wh/km over 225,000 km are 40.5 MWh; at 0.242 kg/kWh 9801 kg, half of it for each of two units."""
    assert float(use_carbon(jnp.asarray(180.0 * 3.6), jnp.asarray(2.0), DEFAULT)) == pytest.approx(0.5 * 9801.0)


def test_a_unit_of_75_to_100_kg_embodies_as_much_as_published_drives() -> None:
    """Chalmers (Nordelof et al. 2019): motors of this kind 1.7 to 2.0 g/km of CO2e from production, over 200,000 km
    340 to 400 kg (their distance is recalled); a whole unit with gearbox and inverter more, below three times it."""
    amounts, _ = amounts_and_masses(APP310)
    total_kg = float(jnp.sum(embodied_carbon(amounts, cost_of().processes, DEFAULT)))
    assert 340.0 < total_kg < 1200.0


def test_two_alike_units_save_more_a_year_by_sharing_all_the_more_are_built() -> None:
    """Each of n units a year, at their own volume or at the joint one. Machines are whole, so that a joint line at a
    fifth more than a machine's output can save less than half as many units did (61 after 71 million at 200,000)."""
    units = np.array([10e3, 20e3, 50e3, 100e3, 200e3, 400e3, 800e3])
    saved = np.array([2.0 * n * (total(cost_of(GEN5, n)) - total(cost_of(GEN5, 2.0 * n))) for n in units])
    assert (saved > 0.0).all() and saved[-1] > 1.5 * saved[0]
    assert (saved >= 0.85 * np.maximum.accumulate(saved)).all()
    assert (saved / units)[0] > 5.0 * (saved / units)[-1], "a unit saves less the more are built anyway"
