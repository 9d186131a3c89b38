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
from edu_opt.motor.thermal import named_temperatures, sink_response, steady_temperatures, temperatures_after
from edu_opt.numerics.pytree import pytree, replace
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


def _named(unit: DriveUnit, point: OperatingPoint, motor: MotorTemperatures, residual: jax.Array) -> UnitTemperatures:
    junctions = jnp.stack([point.inverter_losses.junction_celsius_switch, point.inverter_losses.junction_celsius_diode])
    return UnitTemperatures(
        motor=motor,
        winding=motor.hot_spot,
        rotor=motor.field_winding if unit.has_field_winding else motor.magnet,
        junction=soft_maximum(junctions, 0.5),
        residual=residual,
    )


def temperatures_after_peak(unit: DriveUnit, point: OperatingPoint, rating: Rating) -> UnitTemperatures:
    """Temperatures after `rating.duration` [s] at a point, from the rating's start temperatures.

    `point` is the unit at the rating's load (e.g. one of `peak_envelope`), computed at the start temperatures; copper
    losses then follow the copper. Junctions are taken as steady (module time constants are about a second).
    """
    at = rating.conditions
    return temperatures_after_load(unit, point, at, at.temperatures, jnp.asarray(rating.duration, float))


def temperatures_after_load(
    unit: DriveUnit, point: OperatingPoint, at: Conditions, start: MotorTemperatures, duration: jax.Array
) -> UnitTemperatures:
    """Temperatures after `duration` [s] at a point computed under `at`, from motor temperatures `start` [degC]."""
    around = cooling(unit, at, safe_speed(point.shaft_speed))
    speed, losses = point.shaft_speed, point.motor_losses
    motor = temperatures_after(unit.motor, losses, at.temperatures, around, speed, start, duration)
    return _named(unit, point, motor, jnp.zeros(()))


def loop_temperatures(
    unit: DriveUnit,
    point: OperatingPoint,
    at: Conditions,
    loops: CoolingLoops,
    gearbox_heat: Callable[[jax.Array], jax.Array],
) -> tuple[UnitTemperatures, LoopState]:
    """`continuous_temperatures` with both loops: coolant and oil find their temperatures with the motor's.

    Losses, motor and loops are iterated in turn; each turn solves motor and loops together. `gearbox_heat` [W] of an
    oil temperature [degC]. The chips follow the coolant by its change (their losses' feedback on it is left out).
    """
    speed = safe_speed(point.shaft_speed)
    electronics = point.inverter_losses.total + point.motor_losses.exciter

    def closer(guess: MotorTemperatures, _: None) -> tuple[MotorTemperatures, tuple[MotorTemperatures, LoopState]]:
        losses = losses_at_temperatures(unit.motor, point.motor_losses, point.currents, speed, guess)
        response = sink_response(unit.motor, losses, guess, cooling(unit, at, speed), point.shaft_speed)
        state = solve_loops(unit, loops, electronics, response, gearbox_heat)
        nodes = response.temperatures(state.jacket_celsius, state.oil_celsius)
        steady = named_temperatures(unit.motor, nodes, response.hottest_rise)
        return jax.tree.map(lambda t: jnp.clip(t, -50.0, 400.0), steady), (steady, state)

    start = jax.tree.map(lambda t: jnp.asarray(t, float), at.temperatures)
    _, found = jax.lax.scan(closer, start, None, length=COUPLING_STEPS)
    steady, state = jax.tree.map(lambda t: t[-1], found)
    named = _named(unit, point, steady, jnp.abs(found[0].hot_spot[-1] - found[0].hot_spot[-2]))
    return replace(named, junction=named.junction + state.coolant_celsius - at.coolant_celsius), state


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
    return _named(unit, point, steady, jnp.abs(found.hot_spot[-1] - found.hot_spot[-2]))
