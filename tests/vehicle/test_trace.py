"""Whole traces through unit maps: the map itself, the battery's curve, splits and disconnects, range, label, cost."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from edu_opt.duty.cycles import load_cycle
from edu_opt.duty.reduction import TRACE_POINTS, full_points, reduce_cycle
from edu_opt.numerics.pytree import replace
from edu_opt.vehicle.battery import cell_voltage, open_circuit_voltage, range_to_empty
from edu_opt.vehicle.catalogue import vehicle, vehicle_entry
from edu_opt.vehicle.energy import cycle_energy, unit_demand
from edu_opt.vehicle.generic_unit import POWER_SHARE, generic_from_sheet
from edu_opt.vehicle.model import Battery
from edu_opt.vehicle.procedures import epa_label
from edu_opt.vehicle.trace import trace_energy
from edu_opt.vehicle.unit_map import from_points, grids, request_grid, sampled, torque_limits, unit_loss

I4_UNIT = generic_from_sheet(250.0, 430.0, 11.115, 17000.0)
SMALL_UNIT = generic_from_sheet(120.0, 250.0, 9.06, 14000.0)
BATTERY = Battery(usable_energy=80.0 * 3.6e6, nominal_voltage=400.0, resistance=0.08)


@pytest.fixture(scope="module")
def trace():
    """One compiled program for one axle and one for two."""
    return jax.jit(trace_energy, static_argnames="best_split")


def points_of(name: str, cycle: str):
    return full_points(load_cycle(cycle), vehicle(name).road_load, TRACE_POINTS)


def test_a_map_is_exact_for_quadratic_loss_with_a_bend_and_close_for_others() -> None:
    rng = np.random.default_rng(7)
    torque, speed = rng.uniform(-3000.0, 3000.0, 400), rng.uniform(0.0, 150.0, 400)

    def quadratic(t, w):
        return 100.0 + 0.2 * w**2 + 1e-3 * t**2 + 0.01 * t * w + 2.0 * jnp.abs(t)

    def cubic(t, w):
        return 200.0 + 3.0 * w + 4e-4 * w**3 + 1.5e-3 * t**2 + 0.03 * jnp.abs(t) * w

    for loss, tolerance in ((quadratic, 1e-11), (cubic, 2e-5)):
        unit = sampled(loss, lambda w: 3000.0 + 0.0 * w, lambda w: 2000.0 - 5.0 * w, 150.0, 3000.0)
        np.testing.assert_allclose(unit_loss(unit, torque, speed), loss(torque, speed), rtol=tolerance)
    np.testing.assert_allclose(torque_limits(unit, jnp.asarray([30.0, 200.0]))[1], [1850.0, 1250.0])
    asked, turning = request_grid(unit.top_speed, unit.top_torque, unit.loss.shape)
    again = from_points(unit.top_speed, unit.top_torque, cubic(asked, turning), unit.peak_torque, unit.braking_torque)
    np.testing.assert_allclose(again.loss, unit.loss)
    np.testing.assert_allclose(grids(unit)[0], turning[:: unit.loss.shape[1]])
    with pytest.raises(ValueError, match="torque 0 among its torques: an odd number, got 48"):
        from_points(unit.top_speed, unit.top_torque, unit.loss[:, :48], unit.peak_torque, unit.braking_torque)


def test_few_points_make_a_map(trace) -> None:
    """9 x 13 points against 33 x 49: cycle loss within 0.6 %, consumption within 0.15 %."""
    car, points = vehicle("bmw_i4"), points_of("bmw_i4", "wltc_3b")
    coarse = replace(
        I4_UNIT,
        loss=I4_UNIT.loss[::4, ::4],
        peak_torque=I4_UNIT.peak_torque[::4],
        braking_torque=I4_UNIT.braking_torque[::4],
    )
    fine, few = trace(car, points, (I4_UNIT,)), trace(car, points, (coarse,))
    assert float(few.losses[0]) == pytest.approx(float(fine.losses[0]), rel=6e-3)
    assert float(few.energy.internal) == pytest.approx(float(fine.energy.internal), rel=1.5e-3)


def test_a_generic_unit_is_best_where_it_says() -> None:
    """Without c4 both slopes of the efficiency vanish at 25 % of the torque and 1.5 x the corner speed; 96 % there."""
    torque, speed = 0.25 * 430.0 * 11.115, 1.5 * 250e3 / (430.0 * 11.115)

    def efficiency(at):
        power = at[0] * at[1]
        return power / ((1.0 - POWER_SHARE) * power + unit_loss(I4_UNIT, at[:1], at[1:])[0])

    value, slope = jax.value_and_grad(efficiency)(jnp.asarray([torque, speed]))
    assert float(value) == pytest.approx(0.96, abs=1e-3)
    np.testing.assert_allclose(slope * jnp.asarray([torque, speed]), 0.0, atol=2e-3)


def test_cell_voltage_is_that_of_the_paper_and_the_pack_has_its_mean() -> None:
    """2.5 V empty, 4.2 V full (Chen 2020); the pack's mean over its window is the nominal voltage."""
    np.testing.assert_allclose(cell_voltage(jnp.asarray([0.0, 1.0])), [2.5, 4.18], atol=0.01)
    charge = (jnp.arange(400) + 0.5) / 400.0
    voltage = np.asarray(open_circuit_voltage(BATTERY, charge))
    assert voltage.mean() == pytest.approx(400.0, rel=1e-3)
    assert (np.diff(voltage) > 0.0).all()


def test_range_without_resistance_is_energy_over_consumption() -> None:
    """Then charge per distance is power over voltage, and the mean of the curve gives back the usable energy."""
    ideal = replace(BATTERY, resistance=1e-9)
    power, time = jnp.asarray([20e3, -5e3]), jnp.asarray([900.0, 100.0])
    metres = float(range_to_empty(ideal, power, time, 300.0, 100.0, 20e3))
    assert metres == pytest.approx(80.0 * 3.6e6 / (17.5e6 + 0.03e6) * 20e3, rel=1e-3)
    lossy = float(range_to_empty(BATTERY, power, time, 300.0, 100.0, 20e3))
    assert 0.97 * metres < lossy < metres


@pytest.mark.parametrize("cycle", ["wltc_3b", "us06"])
def test_duty_points_stand_for_the_whole_trace(trace, cycle: str) -> None:
    """24 points against every second, with the same map: consumption within 1.1 % (WLTC -0.95 %, US06 -1.04 %)."""
    car = vehicle("bmw_i4")
    whole = trace(car, points_of("bmw_i4", cycle), (I4_UNIT,))
    few = reduce_cycle(load_cycle(cycle), car.road_load, float(car.test_mass), 24)
    torque, speed = unit_demand(car, few)
    power = torque * speed + unit_loss(I4_UNIT, torque[0], speed)
    assert float(cycle_energy(car, few, power).internal) == pytest.approx(float(whole.energy.internal), rel=1.1e-2)
    assert float(whole.shortfall) == 0.0


def test_energy_balance_of_a_trace(trace) -> None:
    """Terminal energy = wheel work left to the units + their losses + auxiliaries."""
    car, points = vehicle("bmw_i4"), points_of("bmw_i4", "udds")
    found = trace(car, points, (I4_UNIT,))
    torque, speed = unit_demand(car, points)
    wheels = jnp.sum(torque[0] * speed * points.duration) / points.distance
    auxiliaries = 250.0 * points.time / points.distance
    total = wheels + found.losses[0] + auxiliaries
    assert float(found.energy.terminal) == pytest.approx(float(total), rel=1e-5)
    assert float(found.energy.terminal) < float(found.energy.internal) < float(found.energy.wall)


def test_a_disconnected_axle_costs_nothing(trace) -> None:
    """Below its disconnect speed an axle works as before; above, its drag is gone and the other axle carries all."""
    car, points = vehicle("jaguar_i_pace"), points_of("jaguar_i_pace", "hwfet")
    always = trace(car, points, (SMALL_UNIT, SMALL_UNIT))
    front = replace(car.axles[0], disconnect_speed=20.0)
    apart = trace(replace(car, axles=(front, car.axles[1])), points, (SMALL_UNIT, SMALL_UNIT))
    fast, slow = np.asarray(points.speed) > 22.0, np.asarray(points.speed) < 18.0
    np.testing.assert_allclose(np.asarray(apart.shares)[0, fast], 0.0, atol=1e-3)
    np.testing.assert_allclose(np.asarray(apart.shares)[:, slow], 0.5, atol=1e-5)
    assert float(apart.losses[0]) < 0.3 * float(always.losses[0])
    assert float(apart.energy.terminal) < 0.98 * float(always.energy.terminal)


def test_the_best_split_never_costs_more(trace) -> None:
    """Unlike units: the larger one carries more; an axle that decouples while idle saves its drag as well."""
    car, points = vehicle("jaguar_i_pace"), points_of("jaguar_i_pace", "wltc_3b")  # shares 0.5 and 0.5
    maps = (SMALL_UNIT, I4_UNIT)
    fixed, best = trace(car, points, maps), trace(car, points, maps, best_split=True)
    assert float(best.energy.terminal) < float(fixed.energy.terminal)
    working = np.asarray(points.duration) > 0.0
    assert 0.2 < np.asarray(best.shares)[0, working].mean() < 0.4, "the larger unit has the lower copper loss"
    decoupling = replace(car, axles=(replace(car.axles[0], decouples=1.0), car.axles[1]))
    assert float(trace(decoupling, points, maps, best_split=True).energy.terminal) < float(best.energy.terminal)


def test_braking_stays_within_the_unit(trace) -> None:
    """A unit that cannot brake recuperates nothing; driving is untouched."""
    car, points = vehicle("bmw_i4"), points_of("bmw_i4", "udds")
    weak = replace(I4_UNIT, braking_torque=0.0 * I4_UNIT.braking_torque)
    strong, none = trace(car, points, (I4_UNIT,)), trace(car, points, (weak,))
    assert float(none.energy.terminal) > 1.4 * float(strong.energy.terminal)
    assert float(strong.energy.recuperated) > 0.9 and abs(float(none.energy.recuperated)) < 0.01


def test_published_ranges_are_met_by_a_data_sheet_unit(trace) -> None:
    """i4 eDrive40 with a generic unit: label range and energy, WLTP range, each within 12 % (nothing is fitted)."""
    car, facts = vehicle("bmw_i4"), vehicle_entry("bmw_i4").facts
    found = {name: trace(car, points_of("bmw_i4", name), (I4_UNIT,)) for name in ("udds", "hwfet", "wltc_3b")}
    city, highway = found["udds"], found["hwfet"]
    label = epa_label(city.range, highway.range, city.energy.wall, highway.energy.wall)
    assert float(label.range) / 1e3 == pytest.approx(facts["label_range_km"].value, rel=0.12)
    assert float(label.combined) / 36.0 == pytest.approx(facts["label_kwh_per_100km"].value, rel=0.12)
    assert float(found["wltc_3b"].range) / 1e3 == pytest.approx(facts["wltp_range_km"].value, rel=0.12)


def test_a_trace_has_derivatives() -> None:
    car, points = vehicle("bmw_i4"), points_of("bmw_i4", "udds")

    def consumption(mass: jax.Array, scale: jax.Array) -> jax.Array:
        unit = replace(I4_UNIT, loss=scale * I4_UNIT.loss)
        return trace_energy(car, points, (unit,), mass).energy.internal

    at = (jnp.asarray(2268.0), jnp.asarray(1.0))
    step = (jnp.asarray(1.0), jnp.asarray(1e-3))
    compiled, slopes = jax.jit(consumption), jax.jit(jax.grad(consumption, (0, 1)))(*at)
    for k in (0, 1):
        up, down = ([a + s * h * (j == k) for j, (a, h) in enumerate(zip(at, step, strict=True))] for s in (1.0, -1.0))
        difference = (compiled(*up) - compiled(*down)) / (2.0 * step[k])
        assert float(slopes[k]) == pytest.approx(float(difference), rel=1e-4)
