"""Contract cases of whole traces, climbs and plug-in hybrids: mass, loss, battery, trailer, disconnect."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import jax
import jax.numpy as jnp
import numpy as np

from edu_opt.duty.cycles import load_cycle, section
from edu_opt.duty.reduction import full_points
from edu_opt.numerics.pytree import replace
from edu_opt.vehicle.catalogue import vehicle
from edu_opt.vehicle.climbing import Climb, climb_torque, launch_acceleration, towing_torque
from edu_opt.vehicle.generic_unit import generic_from_sheet
from edu_opt.vehicle.performance import LAUNCH_JERK, acceleration_time, within_battery
from edu_opt.vehicle.phev import charge_sustaining, utility_factor_wltp
from edu_opt.vehicle.trace import trace_energy
from edu_opt.vehicle.trailer import Trailer
from edu_opt.vehicle.unit_map import unit_loss
from tests.contract import ContractCase

SPEEDS = jnp.linspace(0.0, 70.0, 15)
TOWN = section(load_cycle("udds"), "town", 0.0, 200.0)


def traced() -> Callable[[jax.Array], Mapping[str, jax.Array]]:
    """(mass kg, factor on loss, disconnect speed m/s, resistance Ohm, voltage V, auxiliaries W), two axles."""
    car = vehicle("jaguar_i_pace")
    points = full_points(TOWN, car.road_load)
    unit = generic_from_sheet(147.0, 348.0, 9.06, 13000.0)

    def function(x: jax.Array) -> Mapping[str, jax.Array]:
        mass, loss, disconnect, resistance, voltage, auxiliary = x
        battery = replace(car.battery, resistance=resistance, nominal_voltage=voltage)
        axles = (replace(car.axles[0], disconnect_speed=disconnect), car.axles[1])
        this = replace(car, battery=battery, axles=axles, auxiliary_power=auxiliary)
        maps = (replace(unit, loss=loss * unit.loss), unit)
        found = trace_energy(this, points, maps, mass)
        return {
            "internal": found.energy.internal,
            "wall": found.energy.wall,
            "range": found.range,
            "front_loss": found.losses[0],
            "one_point": unit_loss(maps[0], mass[None] / 2.0, disconnect[None])[0],
        }

    return function


def climbed() -> Callable[[jax.Array], Mapping[str, jax.Array]]:
    """(mass kg, launch torque N m, grade, trailer kg, friction, battery power W, peak time s) of a car of two axles."""
    car = vehicle("range_rover_electric")

    def function(x: jax.Array) -> Mapping[str, jax.Array]:
        mass, torque, grade, towed, friction, power, seconds = x
        this = replace(
            car,
            gross_mass=mass,
            performance_mass=mass,
            friction=friction,
            battery=replace(car.battery, power=power),
        )
        trailer, slope = Trailer(mass=towed), Climb(grade=grade)
        launch = jnp.full(2, 1.0) * torque
        limited = torque / jnp.sqrt(1.0 + (torque * SPEEDS / this.wheel_radius / 200e3) ** 2)
        envelope = jnp.tile(limited, (2, 1))
        fed = within_battery(this, envelope, 1.1 * envelope * SPEEDS / this.wheel_radius)
        sprint = acceleration_time(
            this, SPEEDS, fed, 9.0, continuous=0.5 * fed, peak_seconds=seconds, trailer=trailer, jerk=LAUNCH_JERK
        )
        return {
            "launch": launch_acceleration(this, launch, slope, trailer=trailer),
            "climb": climb_torque(this, slope)[0],
            "towing": towing_torque(this, trailer, slope, 20.0)[0][0],
            "sprint": sprint,
        }

    return function


def hybrid() -> Callable[[jax.Array], Mapping[str, jax.Array]]:
    """(mass kg, factor on loss, auxiliaries W, displacement m^3) of the Evoque, its town trace."""
    car = vehicle("range_rover_evoque_phev")
    points = full_points(TOWN, car.road_load)
    unit = generic_from_sheet(80.0, 260.0, 10.0, 14000.0)

    def function(x: jax.Array) -> Mapping[str, jax.Array]:
        mass, loss, auxiliary, displacement = x
        this = replace(car, auxiliary_power=auxiliary, engine=replace(car.engine, displacement=displacement))
        found = charge_sustaining(this, points, replace(unit, loss=loss * unit.loss), mass)
        return {"fuel": found.fuel, "threshold": found.threshold, "factor": utility_factor_wltp(mass * 30.0)}

    return function


CASES = [
    ContractCase(
        name="vehicle_trace",
        low=np.array([1600.0, 0.5, 5.0, 0.02, 300.0, 0.0]),
        high=np.array([3000.0, 2.0, 40.0, 0.30, 850.0, 3000.0]),
        function=traced(),
        step=1e-6,
        tolerance=1e-3,  # table cells: the slope of the read loss bends at their borders
        samples=12,
        corners=8,
        eager=False,  # a sum over all points of a trace: minutes of single operations
    ),
    ContractCase(
        name="vehicle_climb",
        low=np.array([1800.0, 1000.0, 0.0, 0.1, 0.3, 50e3, 2.0]),
        high=np.array([3800.0, 5000.0, 1.0, 3500.0, 1.1, 500e3, 30.0]),
        function=climbed(),
        tolerance=1e-4,
        eager=False,  # the loops' bodies are compiled anew by every eager call
    ),
    ContractCase(
        name="plug_in_hybrid",
        low=np.array([1800.0, 0.5, 0.0, 1.0e-3]),
        high=np.array([2800.0, 2.0, 1500.0, 3.0e-3]),
        function=hybrid(),
        step=1e-6,
        tolerance=1e-3,  # as vehicle_trace
        samples=12,
        corners=8,
        eager=False,
    ),
]
