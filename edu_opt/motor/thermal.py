"""Thermal network of the motor: steady temperatures and the temperatures after a load step."""

from __future__ import annotations

import jax

from edu_opt.motor.results import MotorLosses, MotorTemperatures
from edu_opt.numerics.pytree import pytree


@pytree
class Cooling:
    """How the motor is cooled.

    `coolant_celsius` inlet of the water-glycol jacket [degC], `coolant_flow` through it [m3/s]; `oil_celsius` [degC] of
    the oil that sprays the end windings and runs through the hollow shaft, with film coefficients `end_winding_film`
    and `shaft_film` [W/m2K] (0: no oil there; then air moved by the rotor cools the end windings).
    """

    coolant_celsius: jax.Array
    coolant_flow: jax.Array
    oil_celsius: jax.Array
    end_winding_film: jax.Array
    shaft_film: jax.Array


def steady_temperatures(motor, losses: MotorLosses, at: MotorTemperatures, cooling: Cooling, speed: jax.Array) -> MotorTemperatures:
    """Node temperatures [degC] at constant load; `losses` were computed at temperatures `at`, and the network lets the
    copper losses follow the copper's own temperature from there (one linear solve)."""
    raise NotImplementedError


def temperatures_after(
    motor,
    losses: MotorLosses,
    at: MotorTemperatures,
    cooling: Cooling,
    speed: jax.Array,
    start: MotorTemperatures,
    duration: jax.Array,
) -> MotorTemperatures:
    """Node temperatures [degC] after `duration` [s] of constant load from `start` (copper losses follow as above)."""
    raise NotImplementedError
