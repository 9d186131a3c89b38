"""Load spectrum: revolutions, time and damage of a life."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from edu_opt.duty.cycles import load_cycle
from edu_opt.duty.load_spectrum import DAMAGE_EXPONENT, LifeAssumptions, cycle_blocks, load_spectrum
from edu_opt.duty.reduction import cycle_forces
from edu_opt.duty.road_load import from_lbf_and_mph

ROAD = from_lbf_and_mph(33.9, 0.034, 0.01668)
RADIUS = 0.3334


@pytest.fixture(scope="module")
def whole():
    return load_spectrum(load_cycle("wltc_3b"), ROAD, 2268.0, RADIUS, 4770.0, 2000.0, 190.0 / 3.6)


def test_revolutions_are_those_of_the_life_distance(whole) -> None:
    """Cycle, top-speed blocks: 300 000 km; launches and overruns come on top (below 1 %)."""
    metres = np.asarray(whole.axle_speed * whole.duration) * RADIUS
    assert metres[:12].sum() + metres[15] == pytest.approx(3.0e8, rel=1e-9)
    assert 0.0 < metres[12:15].sum() < 0.01 * 3.0e8
    assert whole.axle_torque.shape == (16,) and (np.asarray(whole.duration) > 0.0).all()


def test_blocks_keep_the_damage_of_the_seconds() -> None:
    cycle = load_cycle("wltc_3b")
    blocks = cycle_blocks(cycle, ROAD, 2268.0, RADIUS)
    speed, road, per_mass, duration = cycle_forces(cycle, ROAD)
    torque = (road + 2268.0 * per_mass) * RADIUS
    repeats = LifeAssumptions().distance * 0.98 / cycle.distance
    for sign in (1.0, -1.0):
        side = sign * torque > 0.0
        exact = (np.abs(torque[side]) ** DAMAGE_EXPONENT * speed[side] / RADIUS * duration[side]).sum() * repeats
        ours = np.asarray(blocks.axle_torque) * sign > 0.0
        terms = np.abs(blocks.axle_torque) ** DAMAGE_EXPONENT * blocks.axle_speed * blocks.duration
        assert np.asarray(terms)[ours].sum() == pytest.approx(exact, rel=1e-9)


def test_peak_blocks_carry_the_design_torque(whole) -> None:
    assert float(whole.axle_torque[12]) == 4770.0 and float(whole.axle_torque[14]) == -2000.0
    slope = jax.grad(
        lambda t: load_spectrum(load_cycle("wltc_3b"), ROAD, 2268.0, RADIUS, t, 2000.0, 190.0 / 3.6).axle_torque.sum()
    )(jnp.asarray(4770.0))
    assert float(slope) == pytest.approx(1.6)


def test_half_the_share_halves_the_torque() -> None:
    one, half = (cycle_blocks(load_cycle("udds"), ROAD, 2268.0, RADIUS, share) for share in (1.0, 0.5))
    np.testing.assert_allclose(half.axle_torque, 0.5 * one.axle_torque, rtol=1e-9)
    np.testing.assert_allclose(half.axle_speed, one.axle_speed)


def test_an_axle_that_has_let_go_stands() -> None:
    """Above 90 km/h the share is 0: no revolutions there, the blocks below are those of the seconds below."""
    cycle, limit = load_cycle("wltc_3b"), 90.0 / 3.6
    blocks = cycle_blocks(cycle, ROAD, 2268.0, RADIUS, lambda speed: np.where(speed < limit, 1.0, 0.0))
    speed, _, _, duration = cycle_forces(cycle, ROAD)
    below = (speed[speed < limit] * duration[speed < limit]).sum() * LifeAssumptions().distance * 0.98 / cycle.distance
    assert float(np.sum(blocks.axle_speed * blocks.duration)) * RADIUS == pytest.approx(below, rel=1e-9)
    assert float(np.max(blocks.axle_speed)) < limit / RADIUS
