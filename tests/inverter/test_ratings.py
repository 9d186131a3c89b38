"""Life over a cycle and the margins of stall and capacitor."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from edu_opt.inverter.losses import inverter_losses
from edu_opt.inverter.model import Inverter
from edu_opt.inverter.ratings import DutyPoints, capacitor_margin, cycle_life, stall_margin
from edu_opt.materials.semiconductors import device

BASE = Inverter(
    device=device("fuji_2mbi600xee065"), parallel_area=1.0, switching_frequency=8e3, capacitance=5e-4, dead_time=2e-6
)


def duty(scale: float = 1.0, share: tuple[float, ...] = (0.5, 0.3, 0.15, 0.05)) -> DutyPoints:
    return DutyPoints(
        current_peak=scale * jnp.array([40.0, 120.0, 300.0, 500.0]),
        modulation_index=jnp.array([0.3, 0.5, 0.7, 0.9]),
        power_factor=jnp.array([0.8, 0.9, 0.9, -0.85]),
        dc_voltage=jnp.full(4, 370.0),
        output_frequency=jnp.array([100.0, 200.0, 250.0, 300.0]),
        share=jnp.array(share),
    )


@pytest.fixture(scope="module")
def life():
    return jax.jit(cycle_life)


def test_life_of_a_car(life) -> None:
    """An oversized module outlives a car (8 000 h); half the chip area shortens life by more than swing^4.4 alone."""
    hours = {area: float(life(_area(area), duty(), 65.0).hours) for area in (1.0, 0.5)}
    assert 8e3 < hours[1.0] < 1e9
    assert hours[0.5] < hours[1.0] / 2.0**4.4


def _area(area: float) -> Inverter:
    return Inverter(**{**vars(BASE), "parallel_area": area})


def test_a_steady_duty_ages_by_ripple_alone(life) -> None:
    """Three points never visited, one held: no swings. Half of the time at rest: swings instead of half the ripple."""
    steady = life(BASE, duty(share=(0.0, 0.0, 1.0, 0.0)), 65.0)
    mixed = life(BASE, duty(share=(0.5, 0.0, 0.5, 0.0)), 65.0)
    assert np.isfinite(float(steady.hours))
    assert float(mixed.hours) < 0.5 * float(steady.hours)


def test_life_is_differentiable(life) -> None:
    def logarithm(area):
        return jnp.log(life(Inverter(**{**vars(BASE), "parallel_area": area}), duty(), 65.0).hours)

    slope = float(jax.grad(logarithm)(0.8))
    central = (float(logarithm(0.8 + 1e-4)) - float(logarithm(0.8 - 1e-4))) / 2e-4
    assert slope == pytest.approx(central, rel=1e-5)
    assert slope > 4.0, "more area, longer life"


def test_margins() -> None:
    hold, launch = (float(stall_margin(BASE, 350.0, 370.0, 65.0, t)) for t in (20.0, 1.0))
    assert launch > hold
    steady = float(inverter_losses(BASE, 350.0, 0.1, 0.9, 370.0, 65.0).junction_celsius_switch)
    assert hold < 175.0 - steady
    cool, hot = (float(capacitor_margin(BASE, i, 0.7, 0.85, 65.0)) for i in (100.0, 500.0))
    assert cool > hot
    assert 40.0 - cool == pytest.approx((40.0 - hot) / 25.0, rel=1e-6)
