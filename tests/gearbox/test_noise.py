"""Noise indicators: whole contact ratios, orders of every mesh, their distance from the motor's."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest

from edu_opt.gearbox.model import stacked_geometry
from edu_opt.gearbox.noise import integer_mismatch, motor_orders, noise_indicators, order_separation
from edu_opt.gearbox.reference_units import REFERENCE_GEARBOXES


def test_whole_ratios_are_quiet() -> None:
    np.testing.assert_allclose(integer_mismatch(jnp.array([1.0, 2.0, 1.5, 1.25])), [0.0, 0.0, 1.0, 0.5], atol=1e-12)


def test_mesh_orders_of_the_app310() -> None:
    gearbox = REFERENCE_GEARBOXES["vw_app310"].gearbox()
    noise = noise_indicators(gearbox, stacked_geometry(gearbox))
    # 23/68 and 20/78: z1 at the motor, then z3 on the intermediate shaft
    np.testing.assert_allclose(noise.mesh_orders, [23.0, 20.0 * 23.0 / 68.0], rtol=1e-9)


def test_orders_apart_from_the_motor_s() -> None:
    orders = motor_orders(4.0, 48.0, count=2)
    np.testing.assert_allclose(orders, [24.0, 48.0, 48.0, 96.0])
    apart = float(order_separation(jnp.array([23.0, 6.8]), orders))
    assert apart == pytest.approx(np.log(24.0 / 23.0), abs=0.006)
    assert float(order_separation(jnp.array([24.0, 6.8]), orders)) < 0.002
