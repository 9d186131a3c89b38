"""Grades, trailers, repeated climbs; elasticity, derating and the battery's limit."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from edu_opt.duty.road_load import RoadLoad
from edu_opt.numerics.constants import STANDARD_GRAVITY
from edu_opt.numerics.pytree import replace
from edu_opt.vehicle.catalogue import vehicle
from edu_opt.vehicle.climbing import (
    SAND_CLIMBS,
    Climb,
    RepeatedClimb,
    climb_force,
    climb_segments,
    climb_torque,
    launch_acceleration,
    needed_traction,
    towing_torque,
    trailer_start_margin,
)
from edu_opt.vehicle.performance import acceleration_time, derated, within_battery
from edu_opt.vehicle.trailer import Trailer

SPEEDS = jnp.linspace(0.0, 70.0, 36)
MASS = 2000.0
STEEP = Climb(grade=1.0, rolling_coefficient=0.02)


@pytest.fixture(scope="module")
def sprint():
    """One compiled program: without and with derating."""
    return jax.jit(acceleration_time)


@pytest.fixture(scope="module")
def start():
    """Compiled launch on a slope."""
    return jax.jit(launch_acceleration)


@pytest.fixture(scope="module")
def car():
    """No resistance, endless grip."""
    return replace(
        vehicle("bmw_ix3"),
        road_load=RoadLoad(constant=0.0, linear=0.0, quadratic=0.0),
        friction=50.0,
        performance_mass=MASS,
        gross_mass=MASS,
    )


def test_the_45_degree_climb_of_the_range_rover() -> None:
    """8.2 kN m at the wheels for 3.0 t at 0.385 m and rolling 0.02, half of it each unit; the ground must give 1.02."""
    rover = vehicle("range_rover_electric")
    torque = climb_torque(rover, STEEP, 3000.0)
    np.testing.assert_allclose(torque, 4085.0, rtol=1e-3)
    assert float(needed_traction(STEEP)) == pytest.approx(1.02)


@pytest.mark.parametrize("traction", [1.0, 1.05])
def test_traction_decides_the_climb_apart_from_torque(start, traction: float) -> None:
    """With endless torque on both axles the car climbs where the ground gives more than 1.02, and slides below."""
    rover = replace(vehicle("range_rover_electric"), friction=traction, gross_mass=3000.0)
    rate = float(start(rover, jnp.full(2, 1e5), STEEP))
    exact = STANDARD_GRAVITY * (traction - 1.02) * np.cos(np.pi / 4.0) / 1.015
    assert rate == pytest.approx(exact, abs=2e-3)


def test_start_with_a_trailer_on_twelve_percent(start, car) -> None:
    """(F - (m + M) g (sin + c cos)) / (1.015 m + M); the margin is 0 where it is 0.2 m/s^2."""
    trailer = Trailer(mass=3500.0, rolling_coefficient=0.015)
    slope = Climb(grade=0.12, rolling_coefficient=0.015)
    held = float(climb_force(MASS + 3500.0, slope))
    effective = 1.015 * MASS + 3500.0
    force = held + 0.2 * effective
    torque = jnp.asarray([force * car.wheel_radius])
    assert float(start(car, torque, slope, trailer=trailer)) == pytest.approx(0.2, abs=1e-3)
    assert float(trailer_start_margin(car, torque, trailer)) == pytest.approx(0.0, abs=5e-3)
    assert float(start(car, torque * held / force * 0.9, slope, trailer=trailer)) < 0.0


def test_the_nose_load_helps_a_rear_axle(start) -> None:
    slope, torque = Climb(grade=0.12), jnp.asarray([1e5])
    grips = [
        float(start(replace(vehicle("bmw_ix3"), friction=0.5), torque, slope, trailer=Trailer(mass=1e-3, nose_share=k)))
        for k in (0.0, 1e5)
    ]
    assert grips[1] > grips[0] + 0.1


def test_towing_torque_balances_the_forces(car) -> None:
    trailer, speed = Trailer(mass=2000.0), 80.0 / 3.6
    torque, turning = towing_torque(car, trailer, Climb(grade=0.06), speed)
    slope = np.arctan(0.06)
    expected = (MASS + 2000.0) * STANDARD_GRAVITY * np.sin(slope)
    expected += 2000.0 * STANDARD_GRAVITY * 0.012 * np.cos(slope) + 0.5 * 1.204 * 1.6 * speed**2
    assert float(torque[0] * turning) == pytest.approx(expected * speed, rel=1e-9)


def test_sand_climbs_are_load_segments() -> None:
    rover = vehicle("range_rover_electric")
    climb = RepeatedClimb()
    load = climb_segments(rover, climb)
    assert SAND_CLIMBS == 5 and load.axle_torque.shape == (2, 3) and climb.ambient_celsius == 50.0
    work = float(jnp.sum(load.axle_torque * load.axle_speed * load.duration))
    angle = np.arctan(0.2)
    force = 3136.0 * STANDARD_GRAVITY * (np.sin(angle) + 0.2 * np.cos(angle))
    assert work == pytest.approx(force * 100.0, rel=1e-9)
    np.testing.assert_allclose(load.duration, [18.0, 18.0, 30.0])
    assert float(load.axle_torque[0, 1]) == 0.0 == float(load.axle_speed[2])


def envelope(car, force: float) -> jax.Array:
    return jnp.full((1, SPEEDS.size), force * car.wheel_radius)


def test_elasticity_is_the_difference_of_two_sprints(sprint, car) -> None:
    """80 to 120 km/h: m dv / F."""
    time = sprint(car, SPEEDS, envelope(car, 5000.0), 0.0, 120.0 / 3.6, initial_speed=80.0 / 3.6)
    assert float(time) == pytest.approx(1.015 * MASS * 40.0 / 3.6 / 5000.0, rel=1e-3)


def test_torque_falls_to_the_continuous_one_after_the_peak_time(sprint, car) -> None:
    """10 s at F, the rest of the speed at F/2: t = 10 + (m v - 10 F) / (F/2)."""
    force, speed = 3000.0, 100.0 / 3.6
    heavy = 1.015 * MASS
    exact = 10.0 + (heavy * speed - 10.0 * force) / (0.5 * force)
    half = envelope(car, 0.5 * force)
    ours = sprint(car, SPEEDS, envelope(car, force), 0.0, speed, continuous=half, peak_seconds=10.0)
    assert float(ours) == pytest.approx(exact, rel=5e-3)
    assert float(derated(jnp.asarray(2.0), jnp.asarray(1.0), jnp.asarray(10.0), 10.0)) == pytest.approx(1.5)


def test_a_limited_jerk_delays_the_start(sprint, car) -> None:
    """Torque that rises linearly: half of its rise time a / j on top."""
    force, speed = 6000.0, 100.0 / 3.6
    rate = force / (1.015 * MASS)
    ours = sprint(car, SPEEDS, envelope(car, force), 0.0, speed, jerk=10.0)
    assert float(ours) == pytest.approx(speed / rate + 0.5 * rate / 10.0, rel=3e-3)


def test_the_battery_limits_all_units_alike(car) -> None:
    weak = replace(car, battery=replace(car.battery, power=100e3), auxiliary_power=0.0)
    torque = jnp.full((1, 3), 1000.0)
    left = within_battery(weak, torque, jnp.asarray([[50e3, 100e3, 200e3]]))
    np.testing.assert_allclose(left, [[1000.0, 1000.0, 500.0]], rtol=1e-3)


def test_a_trailer_slows_the_sprint(sprint, car) -> None:
    """m + M, and its rolling resistance (air left out by a drag area of 0)."""
    trailer = Trailer(mass=1000.0, drag_area=0.0)
    pull = 5000.0 - 1000.0 * STANDARD_GRAVITY * 0.012
    ours = sprint(car, SPEEDS, envelope(car, 5000.0), trailer=trailer)
    assert float(ours) == pytest.approx((1.015 * MASS + 1000.0) * 100.0 / 3.6 / pull, rel=2e-3)
