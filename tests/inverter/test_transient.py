"""Junctions in time: Foster networks against integration, stall, ripple of the fundamental."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from edu_opt.inverter.losses import inverter_losses
from edu_opt.inverter.model import Inverter
from edu_opt.inverter.transient import (
    ChipLosses,
    advance,
    cold_state,
    fundamental_ripple,
    heat_up,
    junctions,
    stall_junctions,
    stall_losses,
    turning_losses,
)
from edu_opt.materials.semiconductors import device

SILICON, CARBIDE = device("fuji_2mbi600xee065"), device("wolfspeed_cab450m12xm3")


def inverter(row) -> Inverter:
    return Inverter(device=row, parallel_area=1.0, switching_frequency=8e3, capacitance=5e-4)


@pytest.fixture(scope="module")
def stall():
    return jax.jit(stall_junctions)


def test_constant_loss_follows_the_exponentials() -> None:
    """Rise at t = sum of R (1 - exp(-t / tau)); two intervals are one."""
    state = cold_state()
    for _ in range(2):
        state = advance(SILICON, state, 300.0, 100.0, 0.02)
    shares, times = (np.array(getattr(SILICON.switch_response, k)) for k in ("shares", "times"))
    exact = 0.054 * 300.0 * np.sum(shares * (1.0 - np.exp(-0.04 / times)))
    exact += 0.045 * 400.0 * (1.0 - np.exp(-0.04 / 2.0))
    assert float(junctions(state, 65.0)[0]) == pytest.approx(65.0 + exact, rel=1e-12)


@pytest.mark.parametrize("row", [SILICON, CARBIDE], ids=["silicon", "silicon carbide"])
def test_the_end_of_heating_is_the_steady_point(row) -> None:
    """After a minute of one operating point both junctions are those of the fixed point."""
    built = inverter(row)
    losses = turning_losses(built, 350.0, 0.9, 0.85, 350.0)
    state, path = jax.jit(lambda p: heat_up(row, p, 65.0, 60.0, cold_state(), 60))(losses)
    steady = inverter_losses(built, 350.0, 0.9, 0.85, 350.0, 65.0)
    hot = [float(t) for t in junctions(state, 65.0)]
    assert hot[0] == pytest.approx(float(steady.junction_celsius_switch), abs=0.1)
    assert hot[1] == pytest.approx(float(steady.junction_celsius_diode), abs=0.1)
    assert np.all(np.diff(np.asarray(path)[:, 0]) > -1e-9)


def test_steps_are_fine_enough() -> None:
    """The default two dozen intervals against ten times as many, chips that follow their temperature."""
    losses = stall_losses(inverter(CARBIDE), 300.0, 400.0)
    fine, coarse = (heat_up(CARBIDE, losses, 65.0, 5.0, cold_state(), steps)[0] for steps in (480, 24))
    hot = float(junctions(fine, 65.0)[0])
    assert 110.0 < hot < 250.0
    assert float(junctions(coarse, 65.0)[0]) == pytest.approx(hot, abs=0.01 * (hot - 65.0))


def test_stall_is_harder_than_turning(stall) -> None:
    """One leg carries the peak current all the time: hotter than the same current turning, and hotter the longer it
    lasts; at a second the base plate is still half cold; a lower carrier helps."""
    for row in (SILICON, CARBIDE):
        built = inverter(row)
        steady = inverter_losses(built, 400.0, 0.05, 0.9, 400.0, 65.0)
        short, long = (float(stall(built, 400.0, 400.0, 65.0, t)[0]) for t in (1.0, 20.0))
        slow = float(stall(built, 400.0, 400.0, 65.0, 20.0, 3e3)[0])
        assert long > float(steady.junction_celsius_switch) + 10.0
        assert 65.0 + 20.0 < short < long - 5.0
        assert slow < long - 3.0


def test_stall_switch_loss_by_hand() -> None:
    """Half the current's conduction, and the whole energy of that current every period: 400 A, 300 V, 25 degC."""
    losses = stall_losses(inverter(SILICON), 400.0, 300.0)
    drop = 0.5973 + 0.02152 * 20.0 + 2.931e-4 * 400.0
    energy = 5.701e-4 * 20.0 * 400.0**2 / (400.0**2 + 18.0**2) + 5.536e-5 * 400.0 + 2.1e-9 * 400.0**2
    assert float(losses.switch[0]) == pytest.approx(0.5 * drop * 400.0 + 8e3 * energy, rel=1e-4)
    published = (10.419 + 21.869) * 1e-3  # J, Eon + Eoff of the data sheet at this point
    assert energy == pytest.approx(published, rel=0.10), "the row fits averages over a sine; at a point within a tenth"


@pytest.mark.parametrize("frequency", [1.0, 10.0, 50.0, 300.0])
def test_ripple_of_the_fundamental(frequency: float) -> None:
    """Half-sine pulses integrated in time to their periodic state: the estimate lies at most 12 % above."""
    loss = 200.0
    shares, times = (np.array(getattr(SILICON.switch_response, k)) for k in ("shares", "times"))
    steps, periods = 400, max(int(0.6 * frequency), 4)
    moments = (np.arange(steps) + 0.5) / steps
    pulse = np.pi * loss * np.clip(np.sin(2.0 * np.pi * moments), 0.0, None)
    interval = 1.0 / frequency / steps
    rise, record = shares * 0.054 * loss, []
    for period in range(periods):
        for power in pulse:
            rise = 0.054 * power * shares + (rise - 0.054 * power * shares) * np.exp(-interval / times)
            if period == periods - 1:
                record.append(rise.sum())
    exact = max(record) - 0.054 * loss
    ours = float(fundamental_ripple(SILICON, loss, 0.0, frequency)[0])
    assert 0.98 * exact <= ours <= 1.12 * exact


def test_losses_hold_for_batches(stall) -> None:
    currents = jnp.array([50.0, 200.0, 400.0])
    built = inverter(CARBIDE)
    together = jax.vmap(lambda i: stall_junctions(built, i, 400.0, 65.0, 1.0)[0])(currents)
    alone = [float(stall(built, i, 400.0, 65.0, 1.0)[0]) for i in currents]
    np.testing.assert_allclose(together, alone, rtol=1e-10)
    assert isinstance(stall_losses(built, 100.0, 400.0), ChipLosses)
