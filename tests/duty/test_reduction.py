"""Reduced duty points against the full cycle; road load against the reference wheel energies of EPA test cars."""

from __future__ import annotations

import numpy as np
import pytest

from edu_opt.duty.cycles import CYCLE_NAMES, Cycle, load_cycle
from edu_opt.duty.duty_points import axle_demand, wheel_energy, wheel_force
from edu_opt.duty.reduction import TRACE_POINTS, full_points, reduce_cycle, trace_points
from edu_opt.duty.road_load import (
    assumed_road_load,
    from_lbf_and_mph,
    grade_force,
    inertial_mass,
    road_load_force,
    tyre_and_air_force,
)
from edu_opt.numerics.pytree import replace

I4 = from_lbf_and_mph(33.9, 0.034, 0.01668)
I4_MASS = 2268.0


def losses(points, mass: float) -> float:
    """A drive unit's loss [Wh/km] as curved in torque and speed as real ones are: copper, iron, bearings, weakening."""
    force, speed = np.asarray(wheel_force(points, mass)), np.asarray(points.speed)
    motor_speed, torque = speed / 0.3334 * 11.1, force * 0.3334 / 11.1
    iron = 300.0 * motor_speed / 800.0 + 500.0 * (motor_speed / 800.0) ** 2
    copper = 0.06 * torque**2 + 0.02 * np.abs(torque) * motor_speed + 0.5 * np.abs(torque)
    weakening = 3e-3 * np.maximum(motor_speed - 700.0, 0.0) ** 2
    return float(
        ((iron + copper + weakening + 60.0) * np.asarray(points.duration)).sum() / float(points.distance) / 3.6
    )


@pytest.mark.parametrize("name", ["wltc_3b", "udds", "hwfet", "us06", "nedc"])
@pytest.mark.parametrize(("count", "loss_error"), [(16, 0.03), (24, 0.02), (32, 0.015)])
def test_a_reduction_keeps_distance_time_and_both_energies(name: str, count: int, loss_error: float) -> None:
    cycle = load_cycle(name)
    full, few = full_points(cycle, I4), reduce_cycle(cycle, I4, I4_MASS, count)
    assert few.speed.shape == (count,) and (np.asarray(few.speed) > 0.0).all()
    assert float((few.speed * few.duration).sum()) == pytest.approx(cycle.distance, rel=1e-12)
    assert float(few.time) == pytest.approx(cycle.time_s[-1], rel=1e-12)
    np.testing.assert_allclose(wheel_energy(few, I4_MASS), wheel_energy(full, I4_MASS), rtol=1e-4)
    np.testing.assert_allclose(wheel_energy(few, 1.15 * I4_MASS), wheel_energy(full, 1.15 * I4_MASS), rtol=0.012)
    assert losses(few, I4_MASS) == pytest.approx(losses(full, I4_MASS), rel=loss_error)


def test_a_reduction_is_deterministic() -> None:
    first, second = (reduce_cycle(load_cycle("wltc_3b"), I4, I4_MASS, 24) for _ in range(2))
    np.testing.assert_array_equal(first.force_constant, second.force_constant)
    with pytest.raises(ValueError, match="at least 8"):
        reduce_cycle(load_cycle("wltc_3b"), I4, I4_MASS, 4)


def made_up(*speed: float) -> Cycle:
    """Speeds [m/s], a second apart."""
    return Cycle(name="mine", source="", time_s=np.arange(len(speed), dtype=float), speed=np.array(speed, float))


ONE_SIDED = {
    "constant speed": made_up(*[100.0 / 3.6] * 61),
    "only driving": made_up(*np.linspace(5.0, 35.0, 61)),
    "only braking": made_up(*np.linspace(35.0, 5.0, 31)),
    "one second of braking": made_up(*[20.0] * 60, 15.0),
}


@pytest.mark.parametrize("name", ONE_SIDED)
def test_a_cycle_that_never_brakes_or_never_drives_is_reduced(name: str) -> None:
    cycle = ONE_SIDED[name]
    full, few = full_points(cycle, I4), reduce_cycle(cycle, I4, I4_MASS, 16)
    leaves = [few.speed, few.force_constant, few.force_per_mass, few.duration]
    assert all(leaf.shape == (16,) and np.isfinite(leaf).all() for leaf in leaves)
    assert (np.asarray(few.duration) > 0.0).all() and float(few.time) == pytest.approx(cycle.time_s[-1], rel=1e-12)
    assert float((few.speed * few.duration).sum()) == pytest.approx(cycle.distance, rel=1e-12)
    np.testing.assert_allclose(wheel_energy(few, I4_MASS), wheel_energy(full, I4_MASS), rtol=1e-9)
    assert losses(few, I4_MASS) == pytest.approx(losses(full, I4_MASS), rel=0.02)


@pytest.mark.parametrize(
    ("coefficients", "mass", "name", "positive", "negative"),
    [
        ((33.9, 0.034, 0.01668), 2268.0, "udds", 15.42, -8.84),
        ((33.9, 0.034, 0.01668), 2268.0, "hwfet", 11.91, -2.17),
        ((48.599, 0.64016, 0.01862), 2381.4, "udds", 19.19, -8.24),
        ((48.599, 0.64016, 0.01862), 2381.4, "hwfet", 17.71, -1.76),
        ((27.4, 0.431, 0.01495), 1587.6, "udds", 12.63, -5.59),
    ],
)
def test_wheel_energies_of_test_cars(coefficients, mass: float, name: str, positive: float, negative: float) -> None:
    """kWh per 100 km computed elsewhere from the same coefficients, weight and 1.5 % rotating mass."""
    points = full_points(load_cycle(name), from_lbf_and_mph(*coefficients))
    per_100_km = np.array(wheel_energy(points, mass)) / 3.6e6 * 1e5 / float(points.distance)
    np.testing.assert_allclose(per_100_km, [positive, negative], atol=0.04)


def test_padded_points_are_the_same_cycle() -> None:
    cycle = load_cycle("hwfet")
    plain, padded = full_points(cycle, I4), full_points(cycle, I4, TRACE_POINTS)
    assert padded.speed.shape == (TRACE_POINTS,) and float(padded.time) == pytest.approx(float(plain.time))
    np.testing.assert_allclose(wheel_energy(padded, I4_MASS), wheel_energy(plain, I4_MASS), rtol=1e-12)
    assert all(full_points(load_cycle(n), I4).speed.size <= TRACE_POINTS for n in CYCLE_NAMES)
    with pytest.raises(ValueError, match="hwfet: has 761 moving seconds, more than 700 points"):
        full_points(cycle, I4, 700)


@pytest.mark.parametrize(("seconds", "count"), [(1000, 1664), (1664, 1664), (1665, 1792), (5000, 5120)])
def test_a_longer_cycle_gets_more_points(seconds: int, count: int) -> None:
    """A user's own trip of more than 1664 moving seconds; those of about one length share a shape."""
    trip = made_up(*(15.0 + 5.0 * np.sin(np.arange(seconds + 1) / 20.0)))
    assert trace_points(trip) == trace_points(trip, load_cycle("udds")) == count
    padded = full_points(trip, I4, trace_points(trip))
    assert padded.speed.shape == (count,) and float(padded.time) == pytest.approx(seconds)
    np.testing.assert_allclose(wheel_energy(padded, I4_MASS), wheel_energy(full_points(trip, I4), I4_MASS), rtol=1e-12)


def test_road_load_in_si_and_its_parts() -> None:
    np.testing.assert_allclose([I4.constant, I4.linear, I4.quadratic], [150.79, 0.3383, 0.37127], rtol=1e-4)
    stripped = replace(I4, unit_drag=8.0, unit_drag_linear=0.1)
    difference = road_load_force(stripped, np.array([0.0, 20.0])) - tyre_and_air_force(stripped, np.array([0.0, 20.0]))
    np.testing.assert_allclose(difference, [8.0, 10.0])
    assumed = assumed_road_load(2000.0, 0.01, 0.7)
    assert assumed.constant == pytest.approx(196.1, abs=0.1) and assumed.quadratic == pytest.approx(0.4214, abs=1e-3)
    assert float(grade_force(1000.0, 0.12)) == pytest.approx(9806.65 * np.sin(np.arctan(0.12)))
    assert inertial_mass(2000.0, 10.0, 0.5) == pytest.approx(2030.0 + 40.0)


def test_axle_demand_splits_the_force() -> None:
    points = reduce_cycle(load_cycle("wltc_3b"), I4, I4_MASS, 16)
    torque, speed = axle_demand(points, I4_MASS, 0.33, share=0.5)
    work = (2.0 * torque * speed * points.duration).sum()
    np.testing.assert_allclose(work, sum(wheel_energy(points, I4_MASS)), rtol=1e-12)
