"""Bearings: the relaxation against the catalogue, ISO 281 and ISO 76, SKF's moment by hand, choice of a real row."""

from __future__ import annotations

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from edu_opt.gearbox.bearing_catalogue import CATALOGUE, catalogue_row, rows_of_kind
from edu_opt.gearbox.bearing_choice import (
    ShaftDuty,
    catalogue_ratings,
    choose_bearing,
    with_induced_thrust,
    with_real_bearings,
)
from edu_opt.gearbox.bearing_friction import friction_torque
from edu_opt.gearbox.bearing_life import equivalent_load, life_modification, static_load, viscosity_ratio
from edu_opt.gearbox.bearings import ball_bearing, real_bearing, relaxed_rows, row_of_sizes
from edu_opt.gearbox.layouts import LAYOUTS, layout_named
from edu_opt.gearbox.model import ball_bearings, shaft_speed_ratios, stacked_geometry
from edu_opt.gearbox.rating_bearings import SUMP_CELSIUS, bearing_rating, modified_life_ratios
from edu_opt.gearbox.reference_units import REFERENCE_GEARBOXES
from edu_opt.gearbox.shaft_forces import BearingLoad, bearing_loads
from edu_opt.materials.oils import kinematic_viscosity
from edu_opt.numerics.constants import RPM
from tests.gearbox.test_units import PEAKS, spectrum

SERIES = ("60", "62", "63")
CATALOGUE_RATINGS = jax.jit(catalogue_ratings, static_argnums=1)


def test_the_relaxation_is_the_catalogue_at_its_rows() -> None:
    rows = relaxed_rows()
    assert len(rows) == 67 and {row.series for row in rows} == {"618", "619", "60", "62", "63"}
    found = jax.jit(jax.vmap(ball_bearing))(np.array([r.bore for r in rows]), np.array([r.outer for r in rows]))
    real = jax.tree.map(lambda *leaves: np.stack(leaves), *[real_bearing(row) for row in rows])
    for field in dataclasses.fields(real):
        if field.name != "kind":
            np.testing.assert_allclose(getattr(found, field.name), getattr(real, field.name), rtol=1e-9)
    assert row_of_sizes(0.035, 0.072) == catalogue_row("6207") and row_of_sizes(0.046, 0.098) is None


def test_the_formulas_behind_the_relaxation_meet_the_catalogue() -> None:
    """Far from all rows only they are left: a bearing scaled up to where no row is near."""
    rows = [row for row in rows_of_kind("ball") if row.series in SERIES]
    assert len(rows) == 38
    scale = 30.0
    sizes = (scale * np.array([getattr(row, size) for row in rows]) for size in ("bore", "outer"))
    bearings = jax.vmap(ball_bearing)(*sizes)

    def errors(name: str, power: float) -> np.ndarray:
        value = np.asarray(getattr(bearings, name)) / scale**power
        return value / np.array([getattr(row, name) for row in rows]) - 1.0

    dynamic, static = np.abs(errors("dynamic_rating", 1.8)), np.abs(errors("static_rating", 2))
    assert dynamic.max() < 0.13 and np.median(dynamic) < 0.07
    assert static.max() < 0.16 and np.median(static) < 0.03
    assert np.abs(errors("axial_factor", 0)).max() < 0.06
    assert np.abs(errors("width", 1)).max() < 0.17 and np.abs(errors("mass", 3)).max() < 0.16
    assert np.abs(errors("fatigue_limit", 2)).max() < 0.25  # ISO 281 annex B against SKF's table


@pytest.mark.parametrize("layout", LAYOUTS)
def test_between_its_rows_the_relaxation_neither_overshoots_nor_turns_back(layout: str) -> None:
    """Over the whole range of each shaft: a larger section carries more, weighs more; the correction of a rating stays
    within those of the rows, a few percent apart (what the formulas cannot know of a row)."""
    space = layout_named(layout).space
    rows = relaxed_rows()
    bores, outers = np.array([r.bore for r in rows]), np.array([r.outer for r in rows])
    far = jax.jit(jax.vmap(lambda b, d: ball_bearing(30.0 * b, 30.0 * d)))
    run = jax.jit(jax.vmap(ball_bearing))
    slopes = jax.jit(jax.vmap(jax.jacfwd(ball_bearing, argnums=(0, 1))))
    for sizes in space.lists:
        sides = [np.linspace(space.low[k], space.high[k], 41) for k in sizes.columns]
        bore, section = np.meshgrid(*sides, indexing="ij")
        found, formula = (f(bore.ravel(), (bore + 2.0 * section).ravel()) for f in (run, far))
        steepness = jax.tree.leaves(slopes(bore.ravel(), (bore + 2.0 * section).ravel()))
        assert all(np.isfinite(leaf).all() for leaf in steepness)
        known, formula_known = run(bores, outers), far(bores, outers)
        for name, slack in (("dynamic_rating", 0.05), ("static_rating", 0.05), ("mass", 0.05), ("fatigue_limit", 0.08)):
            value = np.asarray(getattr(found, name))
            correction = np.log(value / np.asarray(getattr(formula, name)))
            at_rows = np.log(np.asarray(getattr(known, name)) / np.asarray(getattr(formula_known, name)))
            assert correction.max() < at_rows.max() + slack and correction.min() > at_rows.min() - slack, name
            if name in ("dynamic_rating", "mass"):
                assert (np.diff(value.reshape(bore.shape), axis=1) > 0.0).all(), name


def test_every_row_is_a_bearing_with_the_factors_of_its_series() -> None:
    for name, row in CATALOGUE.items():
        assert row.bore < row.outer and row.static_rating > row.fatigue_limit > 0.0
        assert float(real_bearing(name).rolling_factor) > 0.0
    assert real_bearing("NU207").kind == "cylindrical" and float(real_bearing("30207").axial_factor) == 1.6
    with pytest.raises(KeyError, match="6207"):
        catalogue_row("6299")


def test_equivalent_loads_follow_their_tables() -> None:
    ball, tapered, roller = real_bearing("6207"), real_bearing("30207"), real_bearing("NU207")
    radial, axial = jnp.full(3, 4000.0), jnp.array([0.0, 500.0, 3000.0])
    load = np.asarray(equivalent_load(ball, radial, axial))
    np.testing.assert_allclose(load[:2], 4000.0, rtol=1e-3)  # F_a/F_r below e
    # f_0 F_a/C_0 = 2.75: Y = 1.23 between the table's 1.31 (2.07) and 1.15 (3.45)
    assert load[2] == pytest.approx(0.56 * 4000.0 + 1.23 * 3000.0, rel=0.02)
    np.testing.assert_allclose(equivalent_load(tapered, radial, axial)[2], 0.4 * 4000.0 + 1.6 * 3000.0, rtol=1e-4)
    np.testing.assert_allclose(equivalent_load(roller, radial, axial), 4000.0)
    np.testing.assert_allclose(static_load(ball, radial, jnp.full(3, 8000.0)), 0.6 * 4000.0 + 4000.0, rtol=1e-4)


def test_modified_life_is_iso_281() -> None:
    ball, roller = real_bearing("6207"), real_bearing("NU207")
    kappa = jnp.array([0.25, 0.7, 2.0])
    curve = jax.jit(jax.vmap(life_modification, (None, None, 0, None)))
    # by hand from eqs. 31 to 36 at e_C C_u/P = 0.2
    by_hand = [
        0.1 * (1.0 - (2.5671 - b / k**c) ** 0.83 * 0.2 ** (1.0 / 3.0)) ** -9.3
        for k, b, c in ((0.25, 2.2649, 0.054381), (0.7, 1.9987, 0.19087), (2.0, 1.9987, 0.071739))
    ]
    np.testing.assert_allclose(curve(ball, 0.5 * ball.fatigue_limit / 0.2, kappa, 0.5), by_hand, rtol=2e-3)
    by_hand = [
        0.1 * (1.0 - (1.5859 - b / k**c) * 0.2**0.4) ** -9.185
        for k, b, c in ((0.25, 1.3993, 0.054381), (0.7, 1.2348, 0.19087), (2.0, 1.2348, 0.071739))
    ]
    np.testing.assert_allclose(curve(roller, 0.5 * roller.fatigue_limit / 0.2, kappa, 0.5), by_hand, rtol=2e-3)
    assert float(life_modification(ball, jnp.asarray(50.0), jnp.asarray(4.0), 0.8)) == pytest.approx(50.0, rel=1e-3)
    # ISO 281 fig. 1 to 3: nu_1 = 4500 n^-0.5 d_m^-0.5 above 1000/min
    speed = jnp.asarray(3000.0 * RPM)
    needed = 4500.0 * 3000.0**-0.5 * 53.5**-0.5
    assert float(viscosity_ratio(ball, speed, jnp.asarray(needed * 1e-6))) == pytest.approx(1.0, rel=2e-3)


@pytest.mark.slow
def test_a_unit_gets_real_bearings_that_hold() -> None:
    unit, duty = REFERENCE_GEARBOXES["vw_app310"].gearbox(), spectrum(PEAKS["vw_app310"])
    real, choices = with_real_bearings(unit, duty, 150.0)
    assert set(choices) == {"input_bearing", "intermediate_bearing", "output_bearing"}
    assert all(choice.margin >= 0.0 for choice in choices.values())
    rating = jax.jit(lambda g: bearing_rating(g, stacked_geometry(g), duty, jnp.asarray(150.0)))(real)
    for k, choice in enumerate(choices.values()):
        worse = float(jnp.min(rating.life_load_ratio[2 * k : 2 * k + 2]))
        assert worse == pytest.approx(choice.life_load_ratio, rel=1e-6)
        # a few hundredths of rounding over the blocks
        assert float(jnp.min(rating.static_safety[2 * k : 2 * k + 2])) == pytest.approx(choice.static_safety, rel=0.05)
    unit_99 = modified_life_ratios(
        ball_bearings(real),
        bearing_loads(real, stacked_geometry(real), duty.axle_torque, duty.axle_speed),
        duty.axle_speed * duty.duration / (2.0 * jnp.pi) * shaft_speed_ratios(real)[:, None],
        duty.axle_speed * shaft_speed_ratios(real)[:, None],
        kinematic_viscosity(real.oil, SUMP_CELSIUS),
        reliability=99.0,
    )
    np.testing.assert_allclose(unit_99, rating.modified_life_load_ratio * 0.25 ** (1.0 / 3.0), rtol=1e-6)


def test_frictional_moment_is_skfs_with_and_without_axial_load() -> None:
    bearing = real_bearing("16008")
    rpm, nu, mean, radial = 3000.0, 20.0, 54.0, 2000.0
    speed, viscosity = jnp.asarray(rpm * RPM), jnp.asarray(nu * 1e-6)

    def by_hand(axial: float) -> float:
        contact = np.sin(np.deg2rad(24.6 * (max(axial, 1.0) / 10200.0) ** 0.24))
        rolling = 4.3e-7 * mean**1.96 * (radial + 1.7 / contact * axial) ** 0.54 * (nu * rpm) ** 0.6
        heating = 1.0 / (1.0 + 1.84e-9 * (rpm * mean) ** 1.28 * nu**0.64)
        starved = np.exp(-6e-8 * nu * rpm * 108.0 * np.sqrt(3.1 / 56.0))
        thrust = 4.25 * mean**1.5 / contact * axial**4
        sliding = 4.63e-3 * mean ** (-0.145 if axial else -0.26) * (radial**5 + thrust) ** (1.0 / 3.0)
        boundary = np.exp(-2.6e-8 * (rpm * nu) ** 1.4 * mean)
        return 1e-3 * (heating * starved * rolling + (0.12 * boundary + 0.04 * (1.0 - boundary)) * sliding)

    for axial in (0.0, 800.0):  # the model's smallest force of 1 N counts 0.7 % without axial load
        mine = friction_torque(bearing, jnp.asarray(radial), jnp.asarray(axial), speed, viscosity, 6e-8)
        assert float(mine) == pytest.approx(by_hand(axial), rel=8e-3)


def on_one_shaft(radial, axial) -> ShaftDuty:
    """Two blocks on one shaft at 8000 rpm at most."""
    return ShaftDuty(
        loads=BearingLoad(radial=jnp.array([[radial] * 2]), axial=jnp.array([[axial, [1.0, 1.0]]])),
        turns=jnp.array([[1e8, 1e6]]),
        speeds=jnp.array([[200.0, 100.0]]),
        highest=jnp.array([8000.0 * RPM]),
        share=jnp.array([0.9, 0.1]),
        viscosity=jnp.asarray(12e-6),
        starvation=3e-8,
    )


def test_the_lightest_bearing_that_holds_is_chosen() -> None:
    held = on_one_shaft([1500.0, 6000.0], [300.0, 1200.0])
    light = choose_bearing(0.0345, {"ball": CATALOGUE_RATINGS(held, "ball")}, 0)
    assert light.margin >= 0.0 and light.row.bore in (0.035, 0.040)
    heavier = [r for r in rows_of_kind("ball") if r.bore in (0.035, 0.040) and r.mass < light.row.mass]
    assert heavier and all(r.dynamic_rating < light.row.dynamic_rating for r in heavier)
    overloaded = on_one_shaft([15000.0, 60000.0], [300.0, 1200.0])
    balls = CATALOGUE_RATINGS(overloaded, "ball")
    assert choose_bearing(0.0345, {"ball": balls}, 0).margin < 0.0
    with pytest.raises(ValueError, match="bore of 200"):
        choose_bearing(0.2, {"ball": balls}, 0)


def test_tapered_rollers_stand_in_where_no_ball_bearing_holds() -> None:
    heavy = on_one_shaft([15000.0, 45000.0], [2000.0, 6000.0])
    rated = {kind: CATALOGUE_RATINGS(heavy, kind) for kind in ("ball", "tapered")}
    chosen = choose_bearing(0.040, rated, 0)
    assert chosen.row.kind == "tapered" and chosen.margin >= 0.0
    bearing = real_bearing(chosen.row)
    induced = with_induced_thrust(bearing, jax.tree.map(lambda leaf: leaf[0], heavy.loads))
    push = 0.5 * 15000.0 / chosen.row.axial_factor
    np.testing.assert_allclose(induced.axial[:, 0], [push + 2000.0, push])
    equivalent = max(15000.0, 0.4 * 15000.0 + chosen.row.axial_factor * (push + 2000.0))
    peak = max(45000.0, 18000.0 + 0.5 * 45000.0 + chosen.row.axial_factor * 6000.0)
    damage = 1e8 / 1e6 * equivalent ** (10 / 3) + 1e6 / 1e6 * peak ** (10 / 3)
    assert chosen.life_load_ratio == pytest.approx(chosen.row.dynamic_rating / damage**0.3, rel=1e-3)
    with pytest.raises(ValueError, match="bore of 200"):
        choose_bearing(0.2, rated, 0)


def test_a_lightly_loaded_pair_of_tapered_rollers_settles_at_its_own_thrust() -> None:
    loads = BearingLoad(radial=jnp.array([[4000.0], [1000.0]]), axial=jnp.array([[100.0], [1.0]]))
    bearing = real_bearing("30207")
    settled = with_induced_thrust(bearing, loads)
    push = 0.5 * 4000.0 / 1.6
    np.testing.assert_allclose(np.ravel(settled.axial), [push, push - 100.0])
