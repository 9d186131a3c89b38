"""Shifts of a cycle: counted by hand, smooth in the shift speed, charged to the cycle's energy."""

from __future__ import annotations

import types

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from edu_opt.duty.cycles import Cycle, load_cycle
from edu_opt.duty.gear_shifts import HYSTERESIS, NODES, shift_counts, shifts_at
from edu_opt.gearbox.clutch import ACTUATION_ENERGY
from edu_opt.gearbox.model import gearbox_from_values, gearbox_space, ratio
from edu_opt.gearbox.shifting import SYNCHRONIZED_SHARE
from edu_opt.numerics.pytree import replace
from edu_opt.problem import shift_losses
from edu_opt.vehicle.energy import CycleEnergy

RADIUS = 0.3


def test_hills_of_a_trace_are_shifts_up_and_down() -> None:
    peaks = np.array([40.0, 60.0, 30.0])  # rad/s, three hills with standstill between, a dent in the second
    axle = np.array([0.0, peaks[0], 0.0, peaks[1], peaks[1] - 0.8 * HYSTERESIS, peaks[1], 0.0, peaks[2], 0.0])
    counts = shift_counts(Cycle("hills", "test", np.arange(9.0) * 10.0, axle * RADIUS), RADIUS)
    at = dict(zip(NODES, counts, strict=True))
    assert at[20.0] == 6 and at[34.0] == 4 and at[50.0] == 2 and at[70.0] == 0
    assert at[58.0] == 2  # the dent stays within the hysteresis


def test_the_number_of_shifts_is_smooth_and_near_the_counts() -> None:
    counts = jnp.asarray(shift_counts(load_cycle("wltc_3b"), 0.33))
    assert float(counts[10]) > float(counts[40]) > 0.0
    speeds = jnp.linspace(21.0, 99.0, 40)
    value, slope = jax.vmap(jax.value_and_grad(lambda s: shifts_at(counts, s)))(speeds)
    nearest = np.array([counts[max(k - 3, 0) : k + 4] for k in np.searchsorted(NODES, speeds)])
    # the weight beyond three nodes is a few thousandths
    assert np.all(value <= nearest.max(axis=1) + 0.1) and np.all(value >= nearest.min(axis=1) - 0.1)
    ahead = jax.vmap(lambda s: shifts_at(counts, s))(speeds + 1e-4)
    np.testing.assert_allclose(slope, (ahead - value) / 1e-4, atol=2e-3)


def test_two_speeds_pay_for_their_shifts_and_one_speed_does_not(monkeypatch) -> None:
    monkeypatch.setattr(shift_losses, "rotor_inertia", lambda motor: jnp.asarray(0.04))
    monkeypatch.setattr(shift_losses, "axle_counts", lambda vehicle: jnp.array([1.0]))
    space = gearbox_space("two_speed")
    gearbox = gearbox_from_values("two_speed", jnp.asarray(0.5 * (space.low + space.high)))
    energy = CycleEnergy(
        terminal=jnp.asarray(500.0), internal=jnp.asarray(510.0), wall=jnp.asarray(600.0), recuperated=jnp.asarray(0.9)
    )
    data = types.SimpleNamespace(
        shift_counts=jnp.full(len(NODES), 20.0), vehicle=None, duty=types.SimpleNamespace(distance=23000.0)
    )
    unit = types.SimpleNamespace(gearbox=gearbox, motor=None)
    found, columns = shift_losses.with_shifting(unit, data, energy)
    low, high = (float(gearbox.shift_speed * ratio(replace(gearbox, gear=jnp.asarray(g)))) for g in (0.0, 1.0))
    each = 2.0 * ACTUATION_ENERGY + SYNCHRONIZED_SHARE * 0.04 * (low - high) ** 2
    assert float(columns["shifts_cycle"]) == pytest.approx(20.0)
    assert float(found.terminal) - 500.0 == pytest.approx(20.0 * each / 23000.0)
    assert float(columns["shift_loss_cycle"]) == pytest.approx(20.0 * each / 23000.0 / 3.6)
    assert float(found.wall) / 600.0 == pytest.approx(float(found.internal) / 510.0)
    single = types.SimpleNamespace(gearbox=replace(gearbox, shift_clutch=None), motor=None)
    same, columns = shift_losses.with_shifting(single, data, energy)
    assert same is energy and float(columns["shift_loss_cycle"]) == 0.0
