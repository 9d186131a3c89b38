"""Coolant and oil loop: energy balance, limits (given temperatures, no cooler, small radiator), pumps, slopes."""

from __future__ import annotations

from functools import cache

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from edu_opt.drive_unit.cooling_loops import (
    CoolingLoops,
    LoopState,
    at_part_flow,
    capacity_rate,
    cooling_derating,
    oil_pump_flow,
    pump_power,
    solve_loops,
)
from edu_opt.drive_unit.model import DriveUnit, cooling
from edu_opt.gearbox.heat_balance import OIL_SPAN, loss_at_oil
from edu_opt.gearbox.losses import gearbox_losses
from edu_opt.motor.model import motor_losses
from edu_opt.motor.thermal import (
    SinkResponse,
    loaded_network,
    node_losses,
    node_temperatures,
    sink_response,
    steady_temperatures,
)
from edu_opt.numerics.pytree import replace
from tests.drive_unit.reference_unit import analytic_unit, warm

SPEED = jnp.asarray(700.0)
AT = warm(120.0)
INVERTER = jnp.asarray(1500.0)


@cache
def unit() -> DriveUnit:
    with jax.ensure_compile_time_eval():  # first asked for inside `solved`'s trace: the cache must not keep tracers
        return analytic_unit("ipm")


@cache
def losses():
    with jax.ensure_compile_time_eval():
        return motor_losses(unit().motor, jnp.array([-150.0, 200.0, 0.0]), SPEED, AT.temperatures)


def loops_of(radiator: float = 0.0, cooler: float = 250.0, held: float = 0.0, flow: float = 10.0 / 60e3):
    return CoolingLoops(
        coolant_celsius=65.0,
        coolant_flow=flow,
        ambient_celsius=40.0,
        radiator_resistance=radiator,
        oil_celsius=80.0,
        oil_held=held,
        oil_cooler_conductance=cooler,
    )


def response(flow: float | jax.Array = 10.0 / 60e3) -> SinkResponse:
    at = replace(AT, coolant_flow=jnp.asarray(flow))
    return sink_response(loaded_network(unit().motor, losses(), AT.temperatures, cooling(unit(), at, SPEED), SPEED))


def gears(oil: jax.Array) -> jax.Array:
    return 900.0 * jnp.exp(-0.003 * (oil - 80.0))


@jax.jit
def solved(loops: CoolingLoops, inverter: jax.Array) -> LoopState:
    return solve_loops(unit(), loops, inverter, response(loops.coolant_flow), gears)


def test_all_sink_temperatures_at_once_are_the_steady_temperatures_one_by_one() -> None:
    found = response()
    for coolant, oil in ((65.0, 80.0), (20.0, 95.0)):
        at = replace(AT, coolant_celsius=jnp.asarray(coolant), oil_celsius=jnp.asarray(oil))
        film_at = replace(cooling(unit(), AT, SPEED), coolant_celsius=at.coolant_celsius, oil_celsius=at.oil_celsius)
        steady = steady_temperatures(unit().motor, losses(), AT.temperatures, film_at, SPEED)
        np.testing.assert_allclose(found.temperatures(coolant, oil), node_temperatures(unit().motor, steady), rtol=1e-9)
    assert np.all(found.nodes[1] + found.nodes[2] > 1.0)  # copper that gets warmer loses more: above 1 K/K


@pytest.mark.parametrize("loops", [loops_of(), loops_of(1 / 250), loops_of(1 / 70, 60.0), loops_of(0.0, 0.0, 1.0)])
def test_what_goes_in_goes_out(loops: CoolingLoops) -> None:
    state = solved(loops, INVERTER)
    heat = state.inverter_heat + state.jacket_heat + state.oil_heat + state.gearbox_heat
    heat += state.pumps.coolant_hydraulic + state.pumps.oil_hydraulic
    assert float(state.radiator_heat + state.air_heat) == pytest.approx(float(heat), rel=1e-9)
    warming = capacity_rate(loops) * (state.return_celsius - state.coolant_celsius)
    assert float(warming) == pytest.approx(float(state.radiator_heat), rel=1e-9)
    nodes = response().temperatures(state.jacket_celsius, state.oil_celsius)
    heated = node_losses(unit().motor, losses(), AT.temperatures)
    lost = float(jnp.sum(heated.power + heated.slope * (nodes - heated.base)))
    assert float(state.jacket_heat + state.oil_heat) == pytest.approx(lost, rel=1e-8)


def test_given_temperatures_are_a_limit() -> None:
    """No radiator resistance and held oil: coolant and oil as the ratings say, jacket behind the inverter's heat."""
    state = solved(loops_of(held=1.0), INVERTER)
    assert float(state.coolant_celsius) == pytest.approx(65.0, abs=5e-3)
    assert float(state.oil_celsius) == pytest.approx(80.0, abs=1e-9)
    heat = INVERTER + state.pumps.coolant_hydraulic
    rise = float(state.jacket_celsius - state.coolant_celsius)
    assert rise == pytest.approx(float(heat / capacity_rate(loops_of())), rel=1e-12)
    assert float(solved(loops_of(cooler=1e6), INVERTER).oil_celsius) == pytest.approx(
        float(solved(loops_of(cooler=1e6), INVERTER).cooler_celsius), abs=0.01
    )


def test_a_small_radiator_warms_everything_and_derates() -> None:
    fine, hot = solved(loops_of(1 / 250), INVERTER), solved(loops_of(1 / 60), INVERTER)
    assert float(fine.coolant_celsius) == pytest.approx(65.0, abs=0.01)
    assert float(hot.coolant_celsius) > 80.0
    assert float(hot.return_celsius) == pytest.approx(40.0 + float(hot.radiator_heat) / 60.0, abs=0.01)
    limit = jnp.asarray(150.0)
    assert float(cooling_derating(loops_of(), fine, limit)) == pytest.approx(1.0, abs=1e-3)
    expected = ((150.0 - float(hot.coolant_celsius)) / 85.0) ** 0.5
    assert float(cooling_derating(loops_of(), hot, limit)) == pytest.approx(expected, rel=1e-2)


def test_without_cooler_the_air_takes_the_oils_heat() -> None:
    state = solved(loops_of(cooler=0.0), INVERTER)
    assert float(state.cooler_heat) == 0.0
    whole = state.gearbox_heat + state.oil_heat + state.pumps.oil_hydraulic
    assert float(state.air_heat) == pytest.approx(float(whole), rel=1e-9)
    assert float(state.oil_celsius) > float(state.wall_celsius) > 40.0
    assert float(state.oil_celsius) > float(solved(loops_of(), INVERTER).oil_celsius) + 20.0


def test_slopes_agree_with_central_differences() -> None:
    """In radiator resistance, cooler conductance and coolant flow, forward and in reverse."""
    given = jnp.array([1 / 70, 120.0, 10.0 / 60e3])

    def heat(share: jax.Array) -> jax.Array:
        radiator, cooler, flow = given * (1.0 + share)
        loops = replace(loops_of(1 / 70, 120.0), radiator_resistance=radiator, oil_cooler_conductance=cooler)
        state = solve_loops(unit(), replace(loops, coolant_flow=flow), INVERTER, response(), gears)
        return jnp.stack([state.coolant_celsius, state.oil_celsius, state.wall_celsius, state.radiator_heat])

    run = jax.jit(lambda share: (heat(share), jax.jacfwd(heat)(share), jax.jacrev(heat)(share)))
    _, slope, reverse = run(jnp.zeros(3))
    np.testing.assert_allclose(slope, reverse, rtol=1e-9)
    for k in range(3):
        up, down = (run(sign * 1e-4 * jnp.eye(3)[k])[0] for sign in (1.0, -1.0))
        np.testing.assert_allclose(slope[:, k], (up - down) / 2e-4, rtol=1e-5, atol=1e-5)


def test_pumps_by_hand() -> None:
    """Oil: 2 l/min shaft, 3 l/min spray, 2.5 l/min for each of two meshes, 2 bar; half flow is an eighth and less."""
    assert float(oil_pump_flow(unit())) == pytest.approx(10e-3 / 60.0, rel=2e-3)
    whole, part = pump_power(unit(), loops_of()), pump_power(unit(), at_part_flow(loops_of(), 0.5))
    assert float(whole.oil_hydraulic) == pytest.approx(10e-3 / 60.0 * 2e5, rel=2e-3)
    assert float(part.oil_hydraulic) == pytest.approx(0.25 * float(whole.oil_hydraulic))
    assert 0.125 < float(part.coolant_hydraulic / whole.coolant_hydraulic) < 0.25  # laminar to turbulent
    dry = replace(unit(), end_winding_film=0.0, shaft_oil_flow=0.0)
    assert float(oil_pump_flow(dry)) == 0.0


def test_gear_losses_between_three_oil_temperatures() -> None:
    """The parabola through logarithms against the model itself."""
    run = jax.jit(lambda t, s, celsius: gearbox_losses(unit().gearbox, t, s, celsius).total)
    for torque, speed in ((100.0, 20.0), (200.0, 90.0), (0.0, 90.0), (1500.0, 80.0), (-300.0, 60.0)):
        nodes = tuple(run(torque, speed, 80.0 + k * OIL_SPAN) for k in (-1.0, 0.0, 1.0))
        for celsius, bound in ((60.0, 5e-3), (95.0, 5e-3), (125.0, 2e-2), (40.0, 2e-2)):
            found = float(loss_at_oil(nodes, jnp.asarray(celsius - 80.0)))
            assert found == pytest.approx(float(run(torque, speed, celsius)), rel=bound)
