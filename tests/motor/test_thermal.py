"""Thermal network: no loss gives the coolant's temperature, heat in equals heat out, transients become steady."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from edu_opt.materials.coolants import Fluid, water_glycol_half
from edu_opt.motor import coolant_channel as channel
from edu_opt.motor.cage import cage_from_values
from edu_opt.motor.continuous_rating import TemperatureLimits, continuous_current_share, coupled_temperatures
from edu_opt.motor.copper_loss import resistance_shares
from edu_opt.motor.geometry import Template
from edu_opt.motor.induction import cage_of_lamination, end_ring
from edu_opt.motor.model import motor_losses
from edu_opt.motor.results import MotorLosses, uniform_temperatures
from edu_opt.motor.thermal import (
    NODES,
    Cooling,
    LoadCycle,
    jacket_flow,
    load_cycle_temperatures,
    node_temperatures,
    steady_temperatures,
    temperatures_after,
    thermal_network,
)
from edu_opt.motor.thermal_network import coil_conductivity, heat_capacities
from edu_opt.numerics.pytree import replace
from tests.motor.reference_motors import analytic_motor

SPEED = jnp.asarray(600.0)
steady = jax.jit(steady_temperatures)
transient = jax.jit(temperatures_after)
network_of = jax.jit(thermal_network)
FLOWS = np.array([1e-6, 1e-5, 5e-5, 1e-4, 2e-4, 5e-4])  # m3/s


def _cooling(end_winding_film=800.0, shaft_film=300.0, coolant=65.0, oil=65.0, flow=10.0 / 60e3):
    return Cooling(
        coolant_celsius=jnp.asarray(coolant),
        coolant_flow=jnp.asarray(flow),
        oil_celsius=jnp.asarray(oil),
        end_winding_film=jnp.asarray(end_winding_film),
        shaft_film=jnp.asarray(shaft_film),
    )


def _nodes(motor, temperatures):
    return np.asarray(node_temperatures(motor, temperatures))


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


def _copper_at(motor, losses, nodes):
    """DC copper and field losses [W] of losses computed at 100 degC, at node temperatures."""
    factor = lambda hot: (1 + 0.003862 * (hot - 20)) / (1 + 0.003862 * 80)  # noqa: E731
    slot, end = resistance_shares(motor.winding, motor.dimensions, motor.stack_length, 100.0, 100.0)
    copper = float(losses.stator_copper_dc) * (float(slot) * factor(nodes[2]) + float(end) * factor(nodes[3]))
    return copper + float(losses.field_copper + losses.cage) * factor(nodes[5])


def test_no_loss_is_coolant_temperature(motor):
    result = steady(motor, _no_losses(), uniform_temperatures(jnp.asarray(20.0)), _cooling(), SPEED)
    np.testing.assert_allclose(_nodes(motor, result), 65.0, atol=1e-9)
    assert float(result.hot_spot) == pytest.approx(65.0, abs=0.7)  # the soft maximum's bias


def test_heat_in_equals_heat_out(motor, load):
    """At the steady state the sinks take all losses, the copper's at its own temperature; exciter losses stay out."""
    losses, at = load
    cooling = _cooling(oil=80.0)
    result = steady(motor, losses, at, cooling, SPEED)
    network, nodes = network_of(motor, cooling, SPEED), _nodes(motor, result)
    out = float(np.sum(network.coolant * (nodes - 65.0) + network.oil * (nodes - 80.0)))
    others = float(losses.total - losses.stator_copper_dc - losses.field_copper - losses.exciter)
    assert out == pytest.approx(_copper_at(motor, losses, nodes) + others, rel=1e-9)


def test_network_is_symmetric_and_conserves(motor):
    network = network_of(motor, _cooling(), SPEED)
    internal = np.asarray(network.internal)
    np.testing.assert_allclose(internal, internal.T, rtol=1e-12)
    np.testing.assert_allclose(internal.sum(1), 0.0, atol=1e-9 * np.abs(internal).max())
    assert np.all(np.asarray(heat_capacities(motor)) > 0) and len(NODES) == internal.shape[0]


def test_transient_limits(motor, load):
    """Zero time: start; short time: adiabatic copper; repeated steps approach the steady state."""
    losses, at = load
    start = uniform_temperatures(jnp.asarray(80.0))
    after = lambda begin, t: transient(motor, losses, at, _cooling(), SPEED, begin, jnp.asarray(t))  # noqa: E731
    np.testing.assert_allclose(_nodes(motor, after(start, 0.0)), 80.0, atol=1e-9)
    slot, _ = resistance_shares(motor.winding, motor.dimensions, motor.stack_length, 100.0, 100.0)
    cool = (1 + 0.003862 * 60) / (1 + 0.003862 * 80)
    power = float(losses.stator_copper_dc * slot) * cool + float(losses.stator_copper_ac)
    rise = float(after(start, 0.1).winding) - 80.0
    assert rise == pytest.approx(power * 0.1 / float(heat_capacities(motor)[2]), rel=0.03)
    final = steady(motor, losses, at, _cooling(), SPEED)
    state = start
    for _ in range(200):
        state = after(state, 60.0)
    np.testing.assert_allclose(_nodes(motor, state), _nodes(motor, final), atol=1e-3)


@pytest.fixture(scope="module")
def magnet_load():
    """The ipm with a load, for tests that compile more than once."""
    motor, at = analytic_motor("ipm"), uniform_temperatures(jnp.asarray(100.0))
    return motor, jax.jit(motor_losses)(motor, jnp.array([-60.0, 150.0, 0.0]), SPEED, at), at


def test_transient_is_of_second_order(magnet_load):
    """Halving the step cuts the error by about four; six steps of a 30 s peak are exact to 0.1 K."""
    motor, losses, at = magnet_load
    start, duration = uniform_temperatures(jnp.asarray(80.0)), jnp.asarray(30.0)
    run = jax.jit(temperatures_after, static_argnums=7)
    exact, coarse, fine = (
        _nodes(motor, run(motor, losses, at, _cooling(), SPEED, start, duration, steps)) for steps in (96, 3, 6)
    )
    coarse, fine = (np.abs(found - exact).max() for found in (coarse, fine))
    assert 2.5 < coarse / fine < 8.0 and fine < 0.1


def test_repeated_climbs_are_transients_in_a_row(magnet_load):
    """A cycle of climb and rest, twice, equals four single transients; later climbs end hotter, towards a limit."""
    motor, losses, at = magnet_load
    factors, durations = np.array([1.0, 0.1]), np.array([60.0, 30.0])
    cycle = LoadCycle(
        losses=jax.tree.map(lambda p: p * factors, losses),
        at=jax.tree.map(lambda t: jnp.full(2, t), at),
        speed=jnp.full(2, SPEED),
        duration=jnp.asarray(durations),
    )
    start = uniform_temperatures(65.0)
    run = jax.jit(lambda c: load_cycle_temperatures(motor, c, _cooling(), start, repetitions=8))(cycle)
    state = jax.tree.map(jnp.asarray, start)
    for k in range(4):
        part = jax.tree.map(lambda p, f=factors[k % 2]: p * f, losses)
        state = transient(motor, part, at, _cooling(), SPEED, state, jnp.asarray(durations[k % 2]))
        np.testing.assert_allclose(float(run.winding[k // 2, k % 2]), float(state.winding), atol=1e-9)
    peaks = np.asarray(run.hot_spot[:, 0])
    assert np.all(np.diff(peaks) > 0) and np.all(np.diff(peaks, 2) < 1e-9)


def test_more_cooling_is_cooler_and_more_loss_is_hotter(motor, load):
    losses, at = load
    base = _nodes(motor, steady(motor, losses, at, _cooling(), SPEED))
    worse_coolings = ({"end_winding_film": 0.0}, {"shaft_film": 0.0}, {"flow": 2e-5}, {"coolant": 75.0})
    for worse in (_cooling(**change) for change in worse_coolings):
        assert np.all(_nodes(motor, steady(motor, losses, at, worse, SPEED)) > base)
    for name in ("stator_copper_dc", "stator_copper_ac", "rotor_iron", "magnet"):
        more = replace(losses, **{name: getattr(losses, name) + 200.0})
        assert np.all(_nodes(motor, steady(motor, more, at, _cooling(), SPEED)) > base), name


def test_the_hottest_copper(motor, load):
    """Hotter than the mean of the slot; a loss that alternates heats the layer at the gap, a direct one all of them."""
    losses, at = load
    cooling, total = _cooling(end_winding_film=5000.0), losses.terminal
    direct = replace(losses, stator_copper_ac=0.0 * total, stator_copper_dc=total)
    mixed = replace(losses, stator_copper_ac=0.5 * total, stator_copper_dc=0.5 * total)
    rises = []
    for case in (direct, mixed):
        result = steady(motor, case, at, cooling, SPEED)
        rises.append(float(result.hot_spot - result.winding))
    assert 0.0 < rises[0] < rises[1]


def test_runaway_shows_as_heat(motor, load):
    """Losses far beyond any cooling give absurdly high, not low temperatures."""
    losses, at = load
    absurd = jax.tree.map(lambda p: 30.0 * p, losses)
    assert float(steady(motor, absurd, at, _cooling(), SPEED).winding) > 500.0


def test_channel_friction_is_laminar_then_turbulent():
    """f Re = 96 between plates, 57 in a square (Shah and London); Blasius' 0.316 Re^-1/4 within 3 % above 5000."""
    assert 57.0 < channel.LAMINAR_FRICTION < 96.0 and 3.6 < channel.LAMINAR_NUSSELT < 8.24
    low, high = jnp.asarray([50.0, 500.0]), jnp.asarray([6e3, 2e4, 6e4])
    np.testing.assert_allclose(channel.friction_factor(low) * low, channel.LAMINAR_FRICTION, rtol=1e-3)
    np.testing.assert_allclose(channel.friction_factor(high), 0.316 * high**-0.25, rtol=0.03)


def test_pressure_drop_closed_forms():
    """Laminar: f Re / 2 mu L v / D^2 + heads; turbulent: about the 1.75th power of the flow; smooth between."""
    fluid, length = water_glycol_half(), jnp.asarray(4.0)
    drop = jax.jit(jax.vmap(lambda q: channel.pressure_drop(fluid, q, length)))
    flow = 2e-6
    velocity, diameter = flow / channel.CHANNEL_SECTION, channel.HYDRAULIC_DIAMETER
    poiseuille = 0.5 * channel.LAMINAR_FRICTION * float(fluid.viscosity) * 4.0 * velocity / diameter**2
    heads = 0.5 * float(fluid.density) * velocity**2 * channel.ENTRY_AND_EXIT_LOSS
    assert float(drop(jnp.array([flow]))[0]) == pytest.approx(poiseuille + heads, rel=0.02)  # Re + 1 in the floor
    values = np.asarray(drop(jnp.asarray(FLOWS)))
    assert np.all(np.diff(values) > 0) and float(drop(jnp.zeros(1))[0]) == 0.0
    power = np.log(values[5] / values[4]) / np.log(FLOWS[5] / FLOWS[4])
    assert 1.7 < power < 2.0
    assert 5e3 < values[4] < 5e4  # 12 l/min through a motor's jacket: some 10 to 30 kPa
    slopes = np.asarray(jax.vmap(jax.grad(lambda q: channel.pressure_drop(fluid, q, length)))(jnp.asarray(FLOWS)))
    assert np.all(np.isfinite(slopes)) and np.all(slopes > 0)


def test_films():
    """10 l/min through the jacket: some thousand W/m2K, Dittus and Boelter within a fourth; films grow with flow."""
    fluid = water_glycol_half()
    films = np.asarray(jax.vmap(lambda q: channel.channel_film(fluid, q))(jnp.asarray(FLOWS)))
    assert np.all(np.diff(films) > -1e-6)
    assert 2000.0 < float(channel.channel_film(fluid, jnp.asarray(10.0 / 60e3))) < 8000.0
    reynolds = jnp.asarray([1e4, 3e4])
    dittus_boelter = 0.023 * reynolds**0.8 * fluid.prandtl**0.4
    np.testing.assert_allclose(channel.nusselt_number(reynolds, fluid.prandtl), dittus_boelter, rtol=0.25)
    assert np.isfinite(float(jax.grad(lambda q: channel.channel_film(fluid, q))(0.0)))


def test_hollow_shaft_film_of_oil():
    """2 l/min of oil (10 mm2/s) in a 40 mm bore: some ten W/m2K at rest, several hundred at 15 000 rpm."""
    oil = Fluid(
        density=jnp.asarray(810.0),
        specific_heat=jnp.asarray(2100.0),
        thermal_conductivity=jnp.asarray(0.14),
        viscosity=jnp.asarray(8.1e-3),
    )
    bore = jnp.asarray(0.02)
    film = lambda w: float(channel.hollow_shaft_film(oil, jnp.asarray(3.3e-5), jnp.asarray(w), bore))  # noqa: E731
    assert 10.0 < film(0.0) < film(500.0) < film(1500.0) < 1500.0 and film(1500.0) > 300.0


def test_hashin_shtrikman_limits():
    """No copper: resin; dense: metal; 60 % of copper in resin 0.2: about 0.8 W/mK."""
    assert float(coil_conductivity(0.0, 0.2, 401.0)) == pytest.approx(0.2)
    assert float(coil_conductivity(1.0, 0.2, 401.0)) == pytest.approx(401.0)
    assert float(coil_conductivity(0.6, 0.2, 401.0)) == pytest.approx(0.8, rel=0.01)


def test_jacket_takes_what_the_oil_does_not(motor, load):
    """Heat of the jacket is the losses less what the oil takes; the coolant warms by it."""
    losses, at = load
    cooling = _cooling(oil=65.0)
    result = steady(motor, losses, at, cooling, SPEED)
    found = jax.jit(jacket_flow)(motor, cooling, result, SPEED)
    oil = float(jnp.sum(network_of(motor, cooling, SPEED).oil * (_nodes(motor, result) - 65.0)))
    others = float(losses.total - losses.stator_copper_dc - losses.field_copper - losses.exciter)
    assert float(found.heat) + oil == pytest.approx(_copper_at(motor, losses, _nodes(motor, result)) + others, rel=1e-9)
    fluid, flow = water_glycol_half(), float(cooling.coolant_flow)
    warming = float(found.heat) / (float(fluid.density * fluid.specific_heat) * flow)
    assert float(found.outlet_celsius) - 65.0 == pytest.approx(warming, rel=1e-5)
    assert float(found.hydraulic_power) == pytest.approx(float(found.pressure_drop) * flow)


def test_a_cage_is_a_node_of_its_own():
    """The same network with a cage: its loss heats the cage over the rotor, and everything still balances."""
    base = analytic_motor("ipm")
    radius = base.dimensions.rotor_radius
    template = Template(rotor="im", slots_per_pole=6, bars_per_sector=9)
    values = jnp.array([0.5e-3, 0.3, 0.5, 0.15, 0.5, 0.35])
    cage = cage_from_values(values, radius, 2.0 * base.pole_pairs * 9)
    lamination = replace(base.lamination, template=template, rotor=cage)
    ring = end_ring(lamination, jnp.asarray(1.0))
    cage = cage_of_lamination(lamination, base.stack_length, ring, base.winding.metal)
    motor = replace(base, kind="im", lamination=lamination, cage=cage)
    losses = replace(_no_losses(), cage=jnp.asarray(800.0))
    at = uniform_temperatures(jnp.asarray(100.0))
    result = steady(motor, losses, at, _cooling(), SPEED)
    assert float(result.field_winding) > float(result.rotor) > float(result.stator_iron) > 65.0
    network, nodes = network_of(motor, _cooling(), SPEED), _nodes(motor, result)
    out = float(jnp.sum((network.coolant + network.oil) * (nodes - 65.0)))
    assert out == pytest.approx(_copper_at(motor, losses, nodes), rel=1e-9)


@pytest.fixture(scope="module")
def rated(magnet_load):
    """Continuous share of the ipm's currents over the winding's limit, compiled with its derivative."""
    motor, _, _ = magnet_load
    currents = jnp.array([-60.0, 150.0, 0.0])

    def share(limit, film):
        limits = TemperatureLimits(winding=limit, rotor=jnp.asarray(400.0))
        return continuous_current_share(motor, currents, SPEED, _cooling(end_winding_film=film), limits)

    return motor, currents, jax.jit(jax.value_and_grad(share, argnums=(0, 1)))


def test_continuous_share_meets_its_limit(rated):
    """At the share the hot spot is at the limit; a hotter limit or a better film allow more; derivatives are exact."""
    motor, currents, share = rated
    limit, film, step = 160.0, 800.0, 0.05
    value, (slope, film_slope) = share(limit, film)
    hot = jax.jit(coupled_temperatures)(motor, value * currents, SPEED, _cooling()).hot_spot
    assert float(hot) == pytest.approx(limit, abs=0.6)  # the soft maximum's bias
    assert slope > 0.0 and film_slope > 0.0 and 0.2 < float(value) < 5.0
    difference = (share(limit + step, film)[0] - share(limit - step, film)[0]) / (2.0 * step)
    assert float(slope) == pytest.approx(float(difference), rel=1e-5)
    difference = (share(limit, film + 1.0)[0] - share(limit, film - 1.0)[0]) / 2.0
    assert float(film_slope) == pytest.approx(float(difference), rel=1e-4)
