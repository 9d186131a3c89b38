"""Cycle energy: conservation, limits of recuperation, battery loss, measured cars."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from edu_opt.duty.cycles import load_cycle
from edu_opt.duty.duty_points import wheel_energy, wheel_force
from edu_opt.duty.reduction import full_points, reduce_cycle
from edu_opt.numerics.constants import STANDARD_GRAVITY
from edu_opt.numerics.pytree import replace
from edu_opt.vehicle.battery import battery_internal_power
from edu_opt.vehicle.catalogue import vehicle, vehicle_entry
from edu_opt.vehicle.energy import (
    blended_force,
    cycle_energy,
    cycle_mass,
    driving_range,
    unit_demand,
    unit_torque,
)
from edu_opt.vehicle.model import Battery, BrakeBlending, Vehicle, axle_counts


def lossless(name: str) -> Vehicle:
    """A car whose brakes never blend, whose tyres do not slip and whose battery and charger lose nothing."""
    car = vehicle(name)
    return replace(
        car,
        braking=BrakeBlending(power=1e9, deceleration=100.0, fade_speed=1e-6, share=1.0),
        battery=replace(car.battery, resistance=0.0),
        auxiliary_power=0.0,
        charger_efficiency=1.0,
        slip_stiffness=1e9,
    )


def consumption(car: Vehicle, name: str, efficiency: float, drag: bool = True):
    """Cycle energy with one constant efficiency in both directions; with the coast-down's own unit drag kept in."""
    road = replace(car.road_load, unit_drag=0.0, unit_drag_linear=0.0) if drag else car.road_load
    points = reduce_cycle(load_cycle(name), road, float(car.test_mass), 24)
    torque, speed = unit_demand(car, points)
    power = torque * speed
    return points, cycle_energy(car, points, jnp.where(power > 0.0, power / efficiency, power * efficiency))


@pytest.mark.parametrize("name", ["bmw_ix3", "jaguar_i_pace"])
def test_without_losses_the_battery_gives_the_wheel_work(name: str) -> None:
    car = lossless(name)
    points, energy = consumption(car, "wltc_3b", 1.0)
    net = sum(wheel_energy(points, car.test_mass)) / points.distance
    for value in (energy.terminal, energy.internal, energy.wall):
        np.testing.assert_allclose(value, net, rtol=2e-3)
    np.testing.assert_allclose(energy.recuperated, 1.0, atol=2e-3)


def test_axles_share_the_force() -> None:
    car = replace(vehicle("jaguar_i_pace"), slip_stiffness=1e9)
    points = reduce_cycle(load_cycle("udds"), car.road_load, 2381.4, 16)
    torque, _ = unit_demand(car, points)
    assert torque.shape == (2, 16)
    np.testing.assert_allclose(torque[0], torque[1])
    force = blended_force(car, points.speed, points.force_constant + 2381.4 * points.force_per_mass, 2381.4)
    np.testing.assert_allclose((axle_counts(car)[:, None] * torque).sum(0), force * car.wheel_radius)


@pytest.mark.parametrize(("name", "driven_load", "share"), [("bmw_i4", 0.5, 0.0276), ("jaguar_i_pace", 1.0, 0.0093)])
def test_slip_takes_force_squared_over_stiffness_and_driven_load(name: str, driven_load: float, share: float) -> None:
    """Sum of F^2 / (k load) over the distance, driving and braking; two alike axles at their loads slip alike."""
    car = replace(lossless(name), slip_stiffness=vehicle(name).slip_stiffness, front_share=0.5)
    points = full_points(load_cycle("udds"), car.road_load)
    torque, speed = unit_demand(car, points)
    taken = jnp.sum(axle_counts(car)[:, None] * torque * speed * points.duration)
    force = wheel_force(points, car.test_mass)
    load = driven_load * car.test_mass * STANDARD_GRAVITY
    lost = jnp.sum(force**2 / (car.slip_stiffness * load) * points.speed * points.duration)
    assert float(taken) == pytest.approx(float(sum(wheel_energy(points, car.test_mass)) + lost), rel=1e-4)
    assert float(lost / taken) == pytest.approx(share, rel=0.05), "of the net wheel work"


def test_one_axle_alone_slips_twice_as_much_as_two() -> None:
    """Slip is force over the axle's own load: all of the force on one of two alike axles, or half on each."""
    car = replace(vehicle("jaguar_i_pace"), front_share=0.5)
    points = full_points(load_cycle("udds"), car.road_load)
    both, single = (unit_torque(car, points, jnp.full((2, 1), share))[0] / share for share in (0.5, 1.0))
    without = unit_torque(replace(car, slip_stiffness=1e12), points, jnp.ones((2, 1)))[0]
    np.testing.assert_allclose(single - without, 2.0 * (both - without), rtol=1e-6, atol=1e-6)


def test_brake_blending_limits() -> None:
    car = replace(vehicle("bmw_ix3"), braking=BrakeBlending(power=50e3, deceleration=2.0))
    mass = 2321.0
    speed = jnp.asarray([0.2, 10.0, 40.0, 10.0, 10.0])
    force = jnp.asarray([-1000.0, -3000.0, -4000.0, -8000.0, 4000.0])
    left = np.asarray(blended_force(car, speed, force, mass))
    assert left[0] > -50.0, "friction brakes near standstill"
    assert left[1] == pytest.approx(-3000.0 * 0.98, rel=0.005)
    assert left[2] * 40.0 == pytest.approx(-0.98 * 50e3, rel=0.02), "recuperation power"
    assert left[3] == pytest.approx(-0.98 * 2.0 * mass, rel=0.03), "deceleration of the driven axle"
    assert left[4] == pytest.approx(4000.0, abs=0.2), "driving is untouched"


def test_friction_brakes_take_over_as_in_fastsim() -> None:
    """0.98 / (1 + 500 exp(-0.99 (v + 1))) of the braking at v mile/h (Brooker et al. 2015)."""
    car = replace(vehicle("bmw_ix3"), braking=BrakeBlending(power=1e9, deceleration=100.0))
    mile_per_hour = jnp.asarray([2.0, 5.0, 6.0, 8.0, 30.0])
    left = blended_force(car, mile_per_hour * 0.44704, jnp.full(5, -5000.0), 2321.0) / -5000.0
    np.testing.assert_allclose(left, 0.98 / (1.0 + 500.0 * jnp.exp(-0.99 * (mile_per_hour + 1.0))), atol=2e-3)


@pytest.mark.parametrize("power", [-150e3, -5e3, 0.0, 20e3, 200e3])
def test_battery_loss_closes_the_circuit(power: float) -> None:
    battery = Battery(usable_energy=1.0, nominal_voltage=400.0, resistance=0.08)
    cells = float(battery_internal_power(battery, jnp.asarray(power)))
    assert cells == pytest.approx(power + 0.08 * (cells / 400.0) ** 2, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize(
    ("name", "cycle", "efficiency"),
    [
        ("bmw_i4", "udds", 0.838),
        ("bmw_i4", "hwfet", 0.882),
        ("mini_cooper_se", "udds", 0.851),
        ("mini_cooper_se", "hwfet", 0.887),
        ("jaguar_i_pace", "udds", 0.811),
        ("jaguar_i_pace", "hwfet", 0.883),
    ],
)
def test_measured_wall_energy_at_the_implied_efficiency(name: str, cycle: str, efficiency: float) -> None:
    """Mean efficiencies as derived elsewhere: charger 0.88, 250 W, symmetric full recuperation, no battery loss."""
    car = replace(lossless(name), auxiliary_power=250.0, charger_efficiency=0.88)
    _, energy = consumption(car, cycle, efficiency)
    measured = vehicle_entry(name).facts[f"{cycle}_wall_kwh_per_100km"].value
    assert float(energy.wall_wh_per_km) / 10.0 == pytest.approx(measured, rel=0.02)


def test_range_of_the_ix3_is_near_its_published_one() -> None:
    """At 87 % drive efficiency the assumed road load gives the published WLTP range (460 km) within 10 %."""
    car = vehicle("bmw_ix3")
    _, energy = consumption(car, "wltc_3b", 0.87)
    assert float(driving_range(car, energy)) / 1e3 == pytest.approx(460.0, rel=0.10)


def test_rotors_are_accelerated_too() -> None:
    """J i^2 / r^2 more inertia and nothing else: the force of an acceleration a grows by J i^2 / r^2 a."""
    car = vehicle("bmw_i4")
    points = reduce_cycle(load_cycle("udds"), car.road_load, 2268.0, 16)
    inertia = 0.05 * 11.115**2
    added = (cycle_mass(car, inertia) - 2268.0) * points.force_per_mass
    np.testing.assert_allclose(added, inertia / 0.3334**2 * points.force_per_mass / 1.015, rtol=1e-9)
    assert 0.015 < float(cycle_mass(car, inertia)) / 2268.0 - 1.0 < 0.03


def test_energy_has_a_gradient() -> None:
    car = vehicle("bmw_ix3")
    points = reduce_cycle(load_cycle("wltc_3b"), car.road_load, 2321.0, 16)

    def energy(mass: jax.Array) -> jax.Array:
        torque, speed = unit_demand(car, points, mass)
        return cycle_energy(car, points, torque * speed + 500.0, mass).terminal

    slope = jax.jit(jax.grad(energy))(jnp.asarray(2321.0))
    difference = (energy(jnp.asarray(2322.0)) - energy(jnp.asarray(2320.0))) / 2.0
    np.testing.assert_allclose(slope, difference, rtol=1e-5)
