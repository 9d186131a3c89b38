"""Whole traces of finished designs: points of a map in place of duty points, and what the few duty points lose."""

from __future__ import annotations

from types import SimpleNamespace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from edu_opt.duty.cycles import load_cycle
from edu_opt.duty.reduction import TRACE_POINTS, full_points
from edu_opt.problem.axle_use import AxleUse
from edu_opt.problem.data import StudyData, study_data
from edu_opt.problem.operating_points import Points, solved_points, vehicle_on_cycle
from edu_opt.problem.results import on_cycle
from edu_opt.problem.trace_certificate import compiled_trace, points_as_duty, trace_columns
from edu_opt.settings import MotorOffer, ProblemSettings, branches_of, programs_of
from edu_opt.vehicle.catalogue import vehicle
from edu_opt.vehicle.energy import unit_demand
from edu_opt.vehicle.generic_unit import generic_from_sheet
from edu_opt.vehicle.unit_map import unit_loss
from tests.drive_unit.reference_unit import analytic_unit

OFFER = MotorOffer("eesm", 9, 8, (3,), (6,), "M235-35A")
UNIT = generic_from_sheet(250.0, 430.0, 11.115, 17000.0)


def settings(name: str) -> ProblemSettings:
    return ProblemSettings(brand="test", vehicle=name, motors=(OFFER,), devices=("fuji_2mbi600xee065",))


def batched(name: str, count: int = 1) -> StudyData:
    problem = settings(name)
    program = programs_of(problem)[0]
    data = study_data(problem, program, branches_of(problem, program)[0])
    return jax.tree.map(lambda leaf: np.stack([np.asarray(leaf)] * count), data)


def generic_states(data: StudyData) -> SimpleNamespace:
    """What the compiled programs of a search give, with a data-sheet unit in place of the drive unit."""
    torque, speed = jax.vmap(lambda d: unit_demand(d.vehicle, d.duty))(data)
    loss = jax.vmap(lambda t, w: unit_loss(UNIT, t, w))(torque[:, 0], speed)
    peak = jnp.tile(UNIT.peak_torque, (len(loss), 1))
    speeds = jnp.linspace(0.0, UNIT.top_speed, peak.shape[1]) * jnp.asarray(data.vehicle.wheel_radius)[:, None]
    rows = torque.shape[1]
    rest = jnp.zeros((len(loss), (rows - 1) * loss.shape[1]))
    found = SimpleNamespace(
        total_loss=jnp.concatenate([loss, rest, 0.0 * peak], axis=1),
        output_torque=jnp.concatenate([torque[:, 0], rest, peak], axis=1),
        electrical_power=jnp.concatenate([torque[:, 0] * speed + loss, rest, peak], axis=1),
    )
    return SimpleNamespace(cycle_shape=(rows, loss.shape[1]), found=found, speeds=speeds)


@pytest.mark.parametrize("name", ["bmw_i4", "bmw_ix", "jaguar_i_pace"])
def test_duty_points_can_ask_for_any_torque_and_speed(name: str) -> None:
    """Every unit, driving and braking, whatever shares and recuperation the vehicle has."""
    data = batched(name, 2)
    count = data.duty.speed.shape[1]
    rng = np.random.default_rng(3)
    torque, speed = rng.uniform(-3000.0, 3000.0, (2, count)), rng.uniform(0.1, 120.0, (2, count))
    asked, turning = jax.vmap(lambda d: unit_demand(d.vehicle, d.duty))(points_as_duty(data, torque, speed))
    for row in range(asked.shape[1]):
        np.testing.assert_allclose(asked[:, row], torque, atol=0.1)
    np.testing.assert_allclose(turning, speed, rtol=1e-12)


@pytest.mark.parametrize("name", ["bmw_i4", "jaguar_i_pace"])
def test_the_certificate_is_the_trace_of_the_units_own_map(name: str) -> None:
    """Map of 11 x 17 points within what the cycle asks, from a few calls, against a map of 33 x 49: within 0.1 %."""
    car = vehicle(name)
    mass = np.array([float(car.test_mass), float(car.test_mass) + 100.0])
    rows = trace_columns(settings(name), batched(name, 2), {"cycle_mass": mass}, generic_states)
    points = full_points(load_cycle("wltc_3b"), car.road_load, TRACE_POINTS)
    whole = compiled_trace(car, points, (UNIT,) * len(car.axles), jnp.asarray(mass[0]), best_split=len(car.axles) == 2)
    found = [row["result.unit.energy_trace_wh_per_km"] for row in rows]
    assert found[0] == pytest.approx(float(whole.energy.terminal_wh_per_km), rel=1e-3)
    assert 0.002 < found[1] / found[0] - 1.0 < 0.05, "heavier"
    assert rows[0]["result.unit.range_trace_km"] == pytest.approx(float(whole.range) * 1e-3, rel=2e-3)
    assert rows[0]["result.unit.shortfall_trace_1"] == 0.0
    city, highway = (
        compiled_trace(
            car,
            full_points(load_cycle(cycle), car.road_load, TRACE_POINTS),
            (UNIT,) * len(car.axles),
            jnp.asarray(mass[0]),
            best_split=len(car.axles) == 2,
        )
        for cycle in ("udds", "hwfet")
    )
    label = 0.7 * (0.55 * float(city.range) + 0.45 * float(highway.range)) * 1e-3
    assert rows[0]["result.unit.label_range_km"] == pytest.approx(label, rel=2e-3)


def test_oil_and_pumps_of_the_cycle_count_where_the_results_know_them() -> None:
    """50 W of pumps in 1564 moving seconds of 23.27 km: 0.93 Wh/km; the oil temperature reaches the states."""
    seen: list[np.ndarray] = []

    def states(data: StudyData) -> SimpleNamespace:
        seen.append(np.asarray(data.ratings.oil_celsius))
        return generic_states(data)

    mass = np.array([2268.0])
    known = {"cycle_mass": mass, "oil_temperature_cycle": np.array([45.0]), "pump_power_cycle": np.array([50.0])}
    (plain,), (pumped,) = (
        trace_columns(settings("bmw_i4"), batched("bmw_i4"), values, states) for values in ({"cycle_mass": mass}, known)
    )
    key = "result.unit.energy_trace_wh_per_km"
    assert pumped[key] - plain[key] == pytest.approx(50.0 * 1564.0 / 3600.0 / 23.266, rel=0.02)
    assert seen[0].tolist() == [80.0] and seen[-1].tolist() == [45.0]


def test_a_plug_in_hybrid_gets_its_type_approval_figures() -> None:
    name = "range_rover_evoque_phev"
    mass = np.array([float(vehicle(name).test_mass)])
    (row,) = trace_columns(settings(name), batched(name), {"cycle_mass": mass}, generic_states)
    value = {key.removeprefix("result.unit."): number for key, number in row.items()}
    assert value["electric_range_km"] == pytest.approx(value["range_trace_km"], rel=1e-6)
    assert 0.6 < value["utility_factor_1"] < 0.95
    sustained = value["fuel_weighted_l_per_100km"] / (1.0 - value["utility_factor_1"])
    assert 4.0 < sustained < 10.0
    assert value["co2_weighted_g_per_km"] == pytest.approx(23.3 * value["fuel_weighted_l_per_100km"], rel=1e-6)


@pytest.mark.slow
def test_duty_points_lose_little_of_a_real_units_trace() -> None:
    """The analytic motor's unit in the i4: 16 duty points against every second, own control: within 1 %."""
    name, unit = "bmw_i4", analytic_unit("eesm")
    problem = settings(name)
    data = jax.tree.map(lambda leaf: leaf[0], batched(name))

    @jax.jit
    def solved(d: StudyData) -> Points:
        return solved_points(unit, d, problem.fidelity.envelope_speeds, AxleUse())

    def states(many: StudyData) -> Points:
        found = solved(jax.tree.map(lambda leaf: jnp.asarray(leaf[0]), many))
        return jax.tree.map(lambda leaf: leaf[None], found)

    car = vehicle_on_cycle(unit, data)
    energy, _ = on_cycle(solved(data).cycle, jnp.zeros(()), car, data)
    values = {"cycle_mass": np.asarray(car.test_mass)[None]}
    (row,) = trace_columns(problem, jax.tree.map(lambda leaf: leaf[None], data), values, states)
    reduced = float(energy.terminal_wh_per_km)
    print("reduced", reduced, "trace", row["result.unit.energy_trace_wh_per_km"])
    assert row["result.unit.energy_trace_wh_per_km"] == pytest.approx(reduced, rel=1e-2)
