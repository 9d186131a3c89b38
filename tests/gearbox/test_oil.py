"""Losses in oil and air by hand, and the steady oil temperature; one compile of the heat balance."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from edu_opt.gearbox.churning import churning_loss, immersed_surface
from edu_opt.gearbox.heat_balance import GearboxCooling, heat_balance, housing_cooling, oil_temperature, wall_to_air
from edu_opt.gearbox.reference_units import REFERENCE_GEARBOXES
from edu_opt.gearbox.windage import windage_loss
from edu_opt.numerics.pytree import replace

DIAMETER, WIDTH, MODULE, TEETH = jnp.asarray(0.15), jnp.asarray(0.024), jnp.asarray(2e-3), jnp.asarray(72.0)


@pytest.fixture(scope="module")
def churning():
    """Loss and slope to the immersion, of rows of immersion [m], speed [rad/s] and viscosity [m^2/s]."""

    def loss(immersion, speed, viscosity):
        return churning_loss(DIAMETER, WIDTH, MODULE, TEETH, immersion, speed, viscosity, jnp.asarray(830.0), 1e-3)

    return jax.jit(jax.vmap(jax.value_and_grad(loss)))


def test_churning_is_the_published_drag_in_both_regimes(churning) -> None:
    depth, radius = 0.03, 0.075
    angle = np.arccos(1.0 - depth / radius)
    sides = radius**2 * (2.0 * angle - np.sin(2.0 * angle))
    surface = sides + 0.15 * 0.024 * angle + 2.0 * 72.0 * angle / np.pi * 2.25 * 2e-3 * 0.024
    assert float(immersed_surface(DIAMETER, WIDTH, MODULE, TEETH, jnp.asarray(depth))) == pytest.approx(surface)

    def power(omega: float, drag: float) -> float:
        return 0.5 * 830.0 * omega**3 * radius**3 * surface * drag

    shape, volume, slender = depth / 0.15, 1e-3 / 0.15**3, 0.024 / radius
    slow, fast, nu = 50.0, 600.0, 1.2e-4  # centrifugal acceleration 31 and 4400 m/s^2; Re_c = 750 when slow
    reynolds = slow * radius * 0.024 / nu
    froude = slow**2 * radius / 9.81
    drag = 1.366 * shape**0.45 * volume**0.1 * froude**-0.6 * reynolds**-0.21 * slender**0.21
    froude = fast**2 * radius / 9.81
    inertial = 3.644 * shape**0.1 * volume**-0.35 * froude**-0.88 * slender**0.85
    value, _ = churning(jnp.full(2, depth + 1e-3), jnp.array([slow, fast]), jnp.full(2, nu))
    np.testing.assert_allclose(value, [power(slow, drag), power(fast, inertial)], rtol=0.02)


def test_a_dry_gear_and_a_gear_at_rest_lose_nothing(churning) -> None:
    value, slope = churning(jnp.array([0.0, 0.03, 0.0]), jnp.array([200.0, 0.0, 0.0]), jnp.full(3, 1e-5))
    np.testing.assert_allclose(value, 0.0, atol=1e-2)
    assert np.all(np.isfinite(slope))
    deeper, slopes = churning(jnp.linspace(0.002, 0.07, 6), jnp.full(6, 100.0), jnp.full(6, 1e-5))
    assert np.all(np.diff(deeper) > 0.0) and np.all(np.asarray(slopes) > 0.0)


def test_windage_is_maurers() -> None:
    speed, velocity = 800.0, 0.5 * 0.135 * 800.0
    torque = 1.37e-9 * velocity**1.9 * 135.0**1.6 * 32.0**0.52 * 1.79**0.69
    mine = windage_loss(jnp.asarray(0.135), jnp.asarray(0.032), jnp.asarray(1.79e-3), jnp.asarray(speed))
    assert float(mine) == pytest.approx(torque * speed, rel=1e-6)


def test_heat_goes_where_the_resistances_say() -> None:
    cooling = GearboxCooling(
        area=jnp.asarray(0.3), height=jnp.asarray(0.25), length=jnp.asarray(0.4), cooler_conductance=40.0
    )
    balance = heat_balance(lambda celsius: 600.0 - 2.0 * celsius, cooling)
    assert abs(float(balance.residual)) < 1e-6
    assert float(balance.to_air + balance.to_cooler) == pytest.approx(600.0 - 2.0 * float(balance.oil_celsius))
    film = float(wall_to_air(cooling, balance.wall_celsius))
    assert 20.0 < film < 60.0  # W/(m^2 K) at 5 m/s
    resistance = 1.0 / (200.0 * 0.3) + 1.0 / (film * 0.3)
    assert float(balance.to_air) == pytest.approx((float(balance.oil_celsius) - 25.0) / resistance, rel=1e-6)


@pytest.mark.slow
def test_oil_temperature_of_a_unit_and_its_derivative() -> None:
    unit = REFERENCE_GEARBOXES["vw_app310"].gearbox()
    torque, speed, shares = (
        jnp.array([300.0, 1500.0, 3000.0]),
        jnp.array([100.0, 60.0, 30.0]),
        jnp.array([0.8, 0.18, 0.02]),
    )

    def celsius(conductance, immersion):
        gearbox = replace(unit, manufacture=replace(unit.manufacture, immersion=immersion))
        cooling = housing_cooling(gearbox, cooler_conductance=conductance)
        return oil_temperature(gearbox, torque, speed, shares, cooling).oil_celsius

    program = jax.jit(jax.vmap(jax.value_and_grad(celsius, argnums=(0, 1))))
    conductance = jnp.array([0.0, 50.0, 49.9, 50.1, 50.0, 50.0])
    immersion = jnp.array([0.0, 0.02, 0.02, 0.02, 0.0199, 0.0201])
    value, (by_cooler, by_depth) = program(conductance, immersion)
    assert 80.0 < float(value[0]) < 120.0 and 65.0 < float(value[1]) < float(value[0])
    assert float(by_cooler[1]) == pytest.approx(float(value[3] - value[2]) / 0.2, rel=1e-4)
    assert float(by_depth[1]) == pytest.approx(float(value[5] - value[4]) / 2e-4, rel=1e-3)
