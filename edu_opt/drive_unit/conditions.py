"""Conditions of an operating point and of a rating: voltage, coolant, oil, temperatures, limits, duration."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from edu_opt.motor.model import CurrentDensityLimits
from edu_opt.motor.results import MotorTemperatures, uniform_temperatures
from edu_opt.numerics.pytree import pytree, static

Number = float | jax.Array

# RMS current density in bare copper for seconds. The TUMFTM Motor-CAD set peaks at 9 to 73 A/mm2 (notes motor 3, median
# 21 over its 28 PM machines); hairpin traction machines with oil are run near 25 for 10 s (assumed). Field copper: DC.
PEAK_STATOR_DENSITY = 25e6
PEAK_FIELD_DENSITY = 16e6
UNLIMITED_POWER = 1e9  # W


@pytree
class Conditions:
    """What surrounds one operating point.

    `dc_voltage` [V]; `coolant_celsius` inlet of inverter and motor jacket, `coolant_flow` [m3/s]; `oil_celsius` of
    gearbox and motor spray; `temperatures` of the motor's nodes (assumed warm on a cycle); `current_density` limits.
    """

    dc_voltage: jax.Array
    coolant_celsius: jax.Array
    coolant_flow: jax.Array
    oil_celsius: jax.Array
    temperatures: MotorTemperatures
    current_density: CurrentDensityLimits


@pytree
class Rating:
    """A named rating: conditions at its start, `duration` [s], electrical power limit [W].

    The motor starts at `conditions.temperatures`; `power_max` bounds the absolute electrical power of the unit
    (what the battery gives), 1e9 where nothing does.
    """

    name: str = static()
    conditions: Conditions
    duration: Number
    power_max: Number = UNLIMITED_POWER


def conditions(
    *,
    dc_voltage: Number,
    coolant_celsius: Number,
    coolant_flow: Number,
    oil_celsius: Number,
    motor_celsius: Number,
    stator_density: Number = PEAK_STATOR_DENSITY,
    field_density: Number = PEAK_FIELD_DENSITY,
) -> Conditions:
    """Conditions with every motor node at `motor_celsius` [degC] and current densities [A/m2]."""
    return Conditions(
        dc_voltage=jnp.asarray(dc_voltage, float),
        coolant_celsius=jnp.asarray(coolant_celsius, float),
        coolant_flow=jnp.asarray(coolant_flow, float),
        oil_celsius=jnp.asarray(oil_celsius, float),
        temperatures=uniform_temperatures(jnp.asarray(motor_celsius, float)),
        current_density=CurrentDensityLimits(
            stator=jnp.asarray(stator_density, float), field=jnp.asarray(field_density, float)
        ),
    )
