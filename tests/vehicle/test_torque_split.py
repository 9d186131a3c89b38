"""Least electrical power of two unlike units: against a fine search, one axle alone, slopes."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from edu_opt.numerics.pytree import replace
from edu_opt.vehicle.catalogue import vehicle
from edu_opt.vehicle.generic_unit import generic_from_sheet
from edu_opt.vehicle.model import Vehicle
from edu_opt.vehicle.torque_split import WIDTH, TorqueSplit, least_power_split
from edu_opt.vehicle.unit_map import UnitMap, torque_limits, unit_loss

LARGE = generic_from_sheet(250.0, 430.0, 11.115, 17000.0)
SMALL = generic_from_sheet(120.0, 250.0, 9.06, 14000.0)
CAR = vehicle("bmw_ix")
SPEED = jnp.repeat(jnp.array([5.0, 15.0, 30.0]), 5)  # m/s
FORCE = jnp.tile(jnp.array([-1500.0, 100.0, 800.0, 3000.0, 7000.0]), 3)  # N


def axle_power(unit: UnitMap, share: jax.Array, force: jax.Array) -> tuple[jax.Array, jax.Array]:
    torque = share * force * CAR.wheel_radius
    return torque, unit_loss(unit, torque, SPEED / CAR.wheel_radius)


def split(front: UnitMap, rear: UnitMap, car: Vehicle = CAR, force: jax.Array = FORCE) -> TorqueSplit:
    maps = (front, rear)
    return least_power_split(car, maps, lambda k, share: axle_power(maps[k], share, force), SPEED)


def test_the_split_is_the_least_of_a_fine_search() -> None:
    """Within the width of the mean plus the grid's step, at every point; never above one axle alone by more."""
    maps = (SMALL, LARGE)
    found = jax.jit(split)(*maps)
    ours = np.asarray(jnp.sum(found.loss, axis=0))

    def by_hand(share: jax.Array) -> jax.Array:
        total = jnp.zeros(SPEED.size)
        for k, part in enumerate((share, 1.0 - share)):
            torque, loss = axle_power(maps[k], jnp.full(SPEED.size, part), FORCE)
            total += loss + 1e6 * (torque > torque_limits(maps[k], SPEED / CAR.wheel_radius)[0])
        return total

    brute = np.asarray(jax.jit(jax.vmap(by_hand))(jnp.linspace(0.0, 1.0, 401)))
    least, alone = np.min(brute, axis=0), np.minimum(brute[0], brute[-1])
    assert np.all(ours <= least + WIDTH + 0.005 * least) and np.all(ours >= least - 1.0)
    assert np.all(ours <= alone + WIDTH)
    np.testing.assert_allclose(np.sum(found.torque, axis=0), FORCE * CAR.wheel_radius, atol=1e-6)
    np.testing.assert_allclose(np.sum(found.shares, axis=0), 1.0)
    assert np.all(np.asarray(found.shares)[0] < 0.6), "the larger unit carries more"


def test_alike_units_share_alike_under_load_and_an_open_axle_carries_nothing() -> None:
    found = split(LARGE, LARGE)
    np.testing.assert_allclose(found.shares[0, 4::5], 0.5, atol=0.02)  # 7 kN
    front = replace(CAR.axles[0], disconnect_speed=10.0)
    apart = split(LARGE, LARGE, replace(CAR, axles=(front, CAR.axles[1])))
    np.testing.assert_allclose(apart.shares[0, 5:], 0.0, atol=1e-6)  # 15 and 30 m/s
    np.testing.assert_allclose(apart.shares[0, :5], found.shares[0, :5], atol=1e-6)


def test_power_is_smooth_in_the_candidates_map() -> None:
    """Slope to a factor on one unit's loss: against differences, and close to that unit's own loss (envelope)."""

    def total(scale: jax.Array, force: jax.Array) -> jax.Array:
        return jnp.sum(split(SMALL, replace(LARGE, loss=scale * LARGE.loss), force=force).loss)

    run, slope = jax.jit(total), jax.jit(jax.grad(total))
    rng = np.random.default_rng(5)
    for force in (FORCE, jnp.asarray(rng.uniform(50.0, 2000.0, FORCE.size))):
        one = jnp.asarray(1.0)
        difference = (run(one + 1e-5, force) - run(one - 1e-5, force)) / 2e-5
        assert float(slope(one, force)) == pytest.approx(float(difference), rel=1e-4)
        own = float(jnp.sum(split(SMALL, LARGE, force=force).loss[1]))
        assert float(slope(one, force)) == pytest.approx(own, rel=0.1)
    assert np.isfinite(float(slope(jnp.asarray(1e-3), FORCE))) and np.isfinite(float(slope(jnp.asarray(50.0), FORCE)))
