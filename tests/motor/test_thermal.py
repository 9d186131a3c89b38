"""Thermal network: no loss gives the coolant's temperature, heat in equals heat out, transients become steady."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from edu_opt.motor.copper_loss import resistance_shares
from edu_opt.motor.model import motor_losses
from edu_opt.motor.results import MotorLosses, uniform_temperatures
from edu_opt.motor.thermal import (
    NODES,
    Cooling,
    jacket_film,
    steady_temperatures,
    temperatures_after,
    thermal_network,
)
from tests.motor.reference_motors import analytic_motor

SPEED = jnp.asarray(600.0)
steady = jax.jit(steady_temperatures)
transient = jax.jit(temperatures_after)
network_of = jax.jit(thermal_network)


def _cooling(end_winding_film=800.0, shaft_film=300.0, coolant=65.0, oil=65.0):
    return Cooling(
        coolant_celsius=jnp.asarray(coolant),
        coolant_flow=jnp.asarray(10.0 / 60e3),
        oil_celsius=jnp.asarray(oil),
        end_winding_film=jnp.asarray(end_winding_film),
        shaft_film=jnp.asarray(shaft_film),
    )


def _nodes(motor, temperatures):
    excited = temperatures.field_winding if motor.kind == "eesm" else temperatures.magnet
    return np.array(
        [
            float(v)
            for v in (
                temperatures.housing,
                temperatures.stator_iron,
                temperatures.winding,
                temperatures.end_winding,
                temperatures.rotor,
                excited,
            )
        ]
    )


@pytest.fixture(scope="module", params=["eesm", "ipm"])
def motor(request):
    return analytic_motor(request.param)


@pytest.fixture(scope="module")
def load(motor):
    currents = jnp.array([-60.0, 150.0, 6.0 if motor.kind == "eesm" else 0.0])
    at = uniform_temperatures(jnp.asarray(100.0))
    return jax.jit(motor_losses)(motor, currents, SPEED, at), at


def _no_losses():
    fields = MotorLosses.__dataclass_fields__
    return MotorLosses(**{name: jnp.zeros(()) for name in fields})


def test_no_loss_is_coolant_temperature(motor):
    result = steady(motor, _no_losses(), uniform_temperatures(jnp.asarray(20.0)), _cooling(), SPEED)
    np.testing.assert_allclose(_nodes(motor, result), 65.0, atol=1e-9)
    assert float(result.hot_spot) == pytest.approx(65.0, abs=1.0)


def test_heat_in_equals_heat_out(motor, load):
    """At the steady state the sinks take all losses at the copper's own temperature."""
    losses, at = load
    result = steady(motor, losses, at, _cooling(), SPEED)
    network = network_of(motor, _cooling(), SPEED)
    nodes = _nodes(motor, result)
    out = float(jnp.sum((network.coolant + network.oil) * (nodes - 65.0)))
    factor = lambda hot: (1 + 0.003862 * (hot - 20)) / (1 + 0.003862 * 80)  # noqa: E731
    slot, end = resistance_shares(motor.winding, motor.dimensions, motor.stack_length, 100.0, 100.0)
    copper = float(losses.stator_copper_dc) * (float(slot) * factor(nodes[2]) + float(end) * factor(nodes[3]))
    copper += float(losses.field_copper) * factor(nodes[5])
    others = float(losses.total - losses.stator_copper_dc - losses.field_copper - losses.exciter)
    assert out == pytest.approx(copper + others, rel=1e-4)


def test_network_is_symmetric_and_conserves(motor):
    network = network_of(motor, _cooling(), SPEED)
    internal = np.asarray(network.internal)
    np.testing.assert_allclose(internal, internal.T, rtol=1e-12)
    np.testing.assert_allclose(internal.sum(1), 0.0, atol=1e-9 * np.abs(internal).max())
    assert np.all(np.asarray(network.capacity) > 0) and len(NODES) == internal.shape[0]


def test_transient_limits(motor, load):
    """Zero time: start; short time: adiabatic copper; repeated steps approach the steady state."""
    losses, at = load
    start = uniform_temperatures(jnp.asarray(80.0))
    after = lambda begin, t: transient(motor, losses, at, _cooling(), SPEED, begin, jnp.asarray(t))  # noqa: E731
    np.testing.assert_allclose(_nodes(motor, after(start, 0.0)), 80.0, atol=1e-9)
    network = network_of(motor, _cooling(oil=80.0, coolant=80.0), SPEED)
    slot, _ = resistance_shares(motor.winding, motor.dimensions, motor.stack_length, 100.0, 100.0)
    cool = (1 + 0.003862 * 60) / (1 + 0.003862 * 80)
    power = float(losses.stator_copper_dc * slot) * cool + float(losses.stator_copper_ac)
    rise = float(after(start, 0.1).winding) - 80.0
    assert rise == pytest.approx(power * 0.1 / float(network.capacity[2]), rel=0.03)
    final = steady(motor, losses, at, _cooling(), SPEED)
    state = start
    for _ in range(200):
        state = after(state, 60.0)
    np.testing.assert_allclose(_nodes(motor, state), _nodes(motor, final), atol=0.5)


def test_more_cooling_is_cooler(motor, load):
    losses, at = load
    hot = steady(motor, losses, at, _cooling(end_winding_film=0.0, shaft_film=0.0), SPEED)
    cold = steady(motor, losses, at, _cooling(), SPEED)
    assert float(hot.hot_spot) > float(cold.hot_spot) and float(hot.rotor) > float(cold.rotor)


def test_runaway_shows_as_heat(motor, load):
    """Losses far beyond any cooling give absurdly high, not low temperatures."""
    losses, at = load
    absurd = jax.tree.map(lambda p: 30.0 * p, losses)
    assert float(steady(motor, absurd, at, _cooling(), SPEED).winding) > 500.0


def test_jacket_film_of_a_usual_flow():
    """10 l/min through a 5 x 20 mm channel: some thousand W/m2K; no flow: laminar film, finite slope."""
    assert 2000.0 < float(jacket_film(jnp.asarray(10.0 / 60e3))) < 8000.0
    assert np.isfinite(float(jax.grad(jacket_film)(0.0)))
