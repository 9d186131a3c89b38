"""Temperatures of the unit at a rating: short peaks from a start temperature, continuous load in steady state."""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp

from edu_opt.drive_unit.conditions import Conditions, Rating
from edu_opt.drive_unit.cooling_loops import CoolingLoops, LoopState, solve_loops
from edu_opt.drive_unit.model import DriveUnit, cooling
from edu_opt.drive_unit.operating_point import OperatingPoint
from edu_opt.drive_unit.plant import safe_speed
from edu_opt.motor.model import losses_at_temperatures
from edu_opt.motor.results import MotorTemperatures
from edu_opt.motor.thermal import (
    LoadedNetwork,
    loaded_network,
    named_temperatures,
    sink_response,
    steady_temperatures,
    temperatures_after,
)
from edu_opt.numerics.pytree import pytree
from edu_opt.numerics.smooth import soft_maximum

COUPLING_STEPS = 3  # losses and steady temperatures in turn; the network follows the copper itself inside each step


@pytree
class UnitTemperatures:
    """Temperatures [degC]: motor nodes, winding hot spot, the rotor's critical part (field winding or magnets), the
    hottest junction; `residual` [K] the last change of the hot spot in the coupling (0 for peaks)."""

    motor: MotorTemperatures
    winding: jax.Array
    rotor: jax.Array
    junction: jax.Array
    residual: jax.Array


def unit_temperatures(
    unit: DriveUnit, point: OperatingPoint, motor: MotorTemperatures, residual: jax.Array
) -> UnitTemperatures:
    """Motor temperatures by their limits' names, with the point's junctions."""
    junctions = jnp.stack([point.inverter_losses.junction_celsius_switch, point.inverter_losses.junction_celsius_diode])
    return UnitTemperatures(
        motor=motor,
        winding=motor.hot_spot,
        rotor=motor.field_winding if unit.has_field_winding else motor.magnet,
        junction=soft_maximum(junctions, 0.5),
        residual=residual,
    )


def loaded_motor(unit: DriveUnit, point: OperatingPoint, at: Conditions) -> LoadedNetwork:
    """The motor's thermal network under a point computed under `at`."""
    around = cooling(unit, at, safe_speed(point.shaft_speed))
    return loaded_network(unit.motor, point.motor_losses, at.temperatures, around, point.shaft_speed)


def balanced_temperatures(
    unit: DriveUnit,
    point: OperatingPoint,
    motor: LoadedNetwork,
    loops: CoolingLoops,
    gearbox_heat: Callable[[jax.Array], jax.Array],
) -> tuple[MotorTemperatures, LoopState]:
    """Steady temperatures of motor, coolant and oil together at a point's currents.

    `gearbox_heat` [W] of an oil temperature [degC]. Inverter and exciter heat the coolant first. Copper and cage follow
    their own temperature; the eddy currents' part of the copper loss stays at the temperatures of the point (0.4 % of
    the rise on the tests' unit), films at the conditions' oil.
    """
    electronics = point.inverter_losses.total + point.motor_losses.exciter
    response = sink_response(motor)
    state = solve_loops(unit, loops, electronics, response, gearbox_heat)
    nodes = response.temperatures(state.jacket_celsius, state.oil_celsius)
    return named_temperatures(unit.motor, nodes, motor.heat.hottest_rise), state


def temperatures_after_peak(unit: DriveUnit, point: OperatingPoint, rating: Rating) -> UnitTemperatures:
    """Temperatures after `rating.duration` [s] at a point, from the rating's start temperatures.

    `point` is the unit at the rating's load (e.g. one of `peak_envelope`), computed at the start temperatures; copper
    losses then follow the copper. Junctions are taken as steady (module time constants are about a second).
    """
    at = rating.conditions
    motor = temperatures_after(
        unit.motor,
        point.motor_losses,
        at.temperatures,
        cooling(unit, at, safe_speed(point.shaft_speed)),
        point.shaft_speed,
        at.temperatures,
        jnp.asarray(rating.duration, float),
    )
    return unit_temperatures(unit, point, motor, jnp.zeros(()))


def continuous_temperatures(unit: DriveUnit, point: OperatingPoint, at: Conditions) -> UnitTemperatures:
    """Steady temperatures (30 min: time constants of these units are 5 to 10 min) at the currents of a point.

    Losses and temperatures are iterated in turn from `at.temperatures`; the currents stay those of the point, which a
    caller computes with motor temperatures near the limit (conservative: more loss).
    """
    speed = safe_speed(point.shaft_speed)

    def closer(guess: MotorTemperatures, _: None) -> tuple[MotorTemperatures, MotorTemperatures]:
        losses = losses_at_temperatures(unit.motor, point.motor_losses, point.currents, speed, guess)
        steady = steady_temperatures(unit.motor, losses, guess, cooling(unit, at, speed), point.shaft_speed)
        return jax.tree.map(lambda t: jnp.clip(t, -50.0, 400.0), steady), steady

    start = jax.tree.map(lambda t: jnp.asarray(t, float), at.temperatures)
    _, found = jax.lax.scan(closer, start, None, length=COUPLING_STEPS)
    steady: MotorTemperatures = jax.tree.map(lambda t: t[-1], found)
    return unit_temperatures(unit, point, steady, jnp.abs(found.hot_spot[-1] - found.hot_spot[-2]))
