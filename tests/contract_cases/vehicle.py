"""Contract cases of the vehicles: energy and performance over mass, size of the units and limits."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import jax
import jax.numpy as jnp
import numpy as np

from edu_opt.duty.cycles import load_cycle
from edu_opt.duty.reduction import reduce_cycle
from edu_opt.numerics.pytree import replace
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


CASES = [
    ContractCase(
        name="vehicle",
        low=np.array([1500.0, 1500.0, 60e3, 0.03, 0.3, 100.0]),
        high=np.array([3200.0, 6000.0, 300e3, 0.30, 1.2, 2000.0]),
        function=all_results("jaguar_i_pace"),
        tolerance=1e-4,
        eager=False,  # the loops' bodies are compiled anew by every eager call
    )
]
