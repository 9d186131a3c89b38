"""Contract cases of the vehicles: energy and performance over mass, size of the units and limits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import SimpleNamespace

import jax
import jax.numpy as jnp
import numpy as np

from edu_opt.duty.cycles import load_cycle
from edu_opt.duty.reduction import reduce_cycle
from edu_opt.numerics.pytree import replace
from edu_opt.problem.vehicle_checks import on_road, road_curves
from edu_opt.vehicle.catalogue import vehicle
from edu_opt.vehicle.energy import cycle_energy, driving_range, unit_demand
from edu_opt.vehicle.performance import acceleration_time, gradeability, top_speed, top_speed_margin
from tests.contract import ContractCase

SPEEDS = jnp.linspace(0.0, 70.0, 15)


def all_results(name: str) -> Callable[[jax.Array], Mapping[str, jax.Array]]:
    """Results of a car with ideal units: (mass kg, launch torque N m, power W, loss share, friction, auxiliaries W)."""
    car = vehicle(name)
    points = reduce_cycle(load_cycle("wltc_3b"), car.road_load, float(car.test_mass), 16)

    def function(x: jax.Array) -> Mapping[str, jax.Array]:
        mass, torque, power, loss, friction, auxiliary = x
        this = replace(
            car, test_mass=mass, performance_mass=mass, gross_mass=mass, friction=friction, auxiliary_power=auxiliary
        )
        force = torque / car.wheel_radius
        limited = force / jnp.sqrt(1.0 + (force * SPEEDS / power) ** 2) * car.wheel_radius
        envelope = jnp.tile(limited, (len(car.axles), 1))
        demand, speed = unit_demand(this, points)
        electrical = demand * speed + loss * jnp.sqrt((demand * speed) ** 2 + 1e6)
        energy = cycle_energy(this, points, electrical)
        force_margin, speed_margin = top_speed_margin(this, SPEEDS, envelope, 50.0, 60.0)
        return {
            "terminal": energy.terminal,
            "wall": energy.wall,
            "recuperated": energy.recuperated,
            "range": driving_range(this, energy),
            "sprint": acceleration_time(this, SPEEDS, envelope, 10.0),
            "grade": gradeability(this, envelope[:, 0]),
            "top_speed": top_speed(this, SPEEDS, envelope, 52.0),
            "force_margin": force_margin,
            "speed_margin": speed_margin,
        }

    return function


def on_the_road(name: str) -> Callable[[jax.Array], Mapping[str, jax.Array]]:
    """Performance of a unit on every axle: (launch torque N m, power W, lasting share, battery W, inertia kg m^2)."""
    car = vehicle(name)
    speeds = SPEEDS.at[0].set(0.5)

    def function(x: jax.Array) -> Mapping[str, jax.Array]:
        torque, power, lasting, battery, inertia = x
        limited = torque / jnp.sqrt(1.0 + (torque * speeds / car.wheel_radius / power) ** 2)
        peak = SimpleNamespace(output_torque=limited, electrical_power=1.1 * limited * speeds / car.wheel_radius)
        this = replace(car, battery=replace(car.battery, power=battery))
        return on_road(this, road_curves(this, peak, speeds, lasting, inertia))  # type: ignore[arg-type]

    return function


CASES = [
    ContractCase(
        name="vehicle_road",
        low=np.array([1500.0, 60e3, 0.2, 80e3, 0.0]),
        high=np.array([6000.0, 300e3, 1.2, 900e3, 40.0]),
        function=on_the_road("range_rover_electric"),
        tolerance=1e-4,
        eager=False,  # as vehicle_climb
    ),
    ContractCase(
        name="vehicle",
        low=np.array([1500.0, 1500.0, 60e3, 0.03, 0.3, 100.0]),
        high=np.array([3200.0, 6000.0, 300e3, 0.30, 1.2, 2000.0]),
        function=all_results("jaguar_i_pace"),
        tolerance=1e-4,
        eager=False,  # the loops' bodies are compiled anew by every eager call
    ),
]
