"""Losses that an induction motor's fields leave to closed laws: resolved rotor ripple, additional load loss."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest

from edu_opt.materials.steels import electrical_steel
from edu_opt.motor.cage_loss import additional_load_loss_share
from edu_opt.motor.field_losses import _resolved_ripple_losses, _slot_ripple_losses
from edu_opt.motor.iron_loss import BUILD_FACTOR, iron_losses_per_length, sheet_thickness_in_skin_depths

SAMPLES, AMPLITUDE = 9, 0.3
PHASES = 2.0 * np.pi * np.arange(SAMPLES) / SAMPLES


def ripple(*orders: int) -> jnp.ndarray:
    """Samples (J, 2, 1, 1) over 60 degrees: `AMPLITUDE` in each order, on the first component alone."""
    wave = sum(AMPLITUDE * np.cos(order / 6 * PHASES + order) for order in orders)
    return jnp.asarray(np.stack([wave, 0.0 * PHASES], 1)[:, :, None, None])


@pytest.mark.parametrize("order", [6, 12, 24])
def test_a_single_order_loses_as_the_law_of_its_order(order: int) -> None:
    steel = electrical_steel("M250-35A")
    resolved = [float(loss[0, 0]) for loss in _resolved_ripple_losses(ripple(order), 6.0, steel)]
    single = [float(loss) for loss in _slot_ripple_losses(jnp.asarray(AMPLITUDE**2), float(order), steel)]
    np.testing.assert_allclose(resolved[:2], single[:2], rtol=1e-3)
    assert resolved[2] == pytest.approx(single[2], rel=0.03)  # few samples of |cos|^1.5
    assert resolved[3] == pytest.approx(single[3], rel=1e-3)


def test_low_orders_lose_far_less_than_if_they_passed_with_the_slots() -> None:
    steel = electrical_steel("M250-35A")
    mixed = _resolved_ripple_losses(ripple(6, 24), 6.0, steel)
    bound = _slot_ripple_losses(jnp.asarray(2.0 * AMPLITUDE**2), 24.0, steel)
    assert float(mixed[1][0, 0]) == pytest.approx(float(bound[1]) * (1.0 + 1.0 / 16.0) / 2.0, rel=1e-3)
    assert all(float(a[0, 0]) < float(b) for a, b in zip(mixed, bound, strict=True))


@pytest.mark.parametrize(("kilowatts", "share"), [(1.0, 0.025), (100.0, 0.015), (10_000.0, 0.005)])
def test_additional_load_loss_of_the_standard(kilowatts: float, share: float) -> None:
    assert float(additional_load_loss_share(jnp.asarray(1e3 * kilowatts))) == pytest.approx(share)


def test_skin_effect_takes_from_the_classical_loss_alone() -> None:
    """Of one order the table's loss is the closed form: f h + c (n f)^2 F(n f) + e (n f)^1.5."""
    steel, order, frequency = electrical_steel("M250-35A"), 24, 1000.0
    terms = [float(loss) for loss in _slot_ripple_losses(jnp.asarray(AMPLITUDE**2), float(order), steel)]
    table = jnp.asarray([*terms, *terms, *terms, 0.0])
    x = float(sheet_thickness_in_skin_depths(steel)) * np.sqrt(order * frequency)
    factor = 3.0 / x * (np.sinh(x) - np.sin(x)) / (np.cosh(x) - np.cos(x))
    expected = BUILD_FACTOR * (frequency * terms[0] + frequency**2 * terms[1] * factor + frequency**1.5 * terms[2])
    assert factor < 0.7
    np.testing.assert_allclose(iron_losses_per_length(table, jnp.asarray(frequency)), expected, rtol=1e-5)
