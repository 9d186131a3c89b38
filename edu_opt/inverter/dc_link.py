"""DC link of the inverter: capacitance for a voltage ripple, film capacitor's volume, loss, temperature; EMI filter.

Polypropylene film. Volume by energy at rated voltage: Nissan Leaf 2012, 1186.5 uF, 600 V in 1.45 l (T. Burress, ORNL,
DOE annual merit review 2013). Series resistance times capacitance is a property of film and winding: 0.6 us (assumed;
0.5 to 1.0 us in data sheets of automotive parts, recalled). Heat leaves through the base to the cooling plate; the hot
spot lies at the other end of the winding: rise = q h^2 / (2 k) of a block with a source q of height h, the block taken
as a cube. k = 2 W/(m K) along the winding (assumed: 2 to 3 K/W for 0.5 to 1 l parts, recalled).
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

Number = float | jax.Array

CAPACITOR_ENERGY_DENSITY = 147e3  # J/m^3 at rated voltage
CAPACITOR_DENSITY = 1300.0  # kg/m^3 potted (assumed)
CAPACITOR_TIME_CONSTANT = 0.6e-6  # s
CAPACITOR_CONDUCTIVITY = 2.0  # W/(m K)
CAPACITOR_LIMIT_CELSIUS = 105.0  # hot spot of polypropylene film
# EMI filter: common-mode cores around the DC bars, X and Y capacitors (assumed: 1.2 kg, 0.4 l at 400 A).
FILTER_MASS = (0.4, 2.0e-3)  # kg, kg per A of DC current
FILTER_VOLUME_PER_MASS = 0.33e-3  # m^3/kg


def ripple_share(charge: Number, current_peak: Number, frequency: Number, capacitance: Number, voltage: Number):
    """Peak-to-peak ripple of the DC-link voltage over the DC voltage [1]; `charge` as `modulation.ripple_charge`."""
    return jnp.asarray(charge * current_peak / (frequency * capacitance * voltage))


def required_capacitance(
    charge: Number, current_peak: Number, frequency: Number, voltage: Number, allowed_share: Number
) -> jax.Array:
    """Capacitance [F] that keeps the peak-to-peak ripple at `allowed_share` of the DC voltage."""
    return jnp.asarray(charge * current_peak / (frequency * voltage * allowed_share))


def capacitor_volume(capacitance: Number, rated_voltage: Number) -> jax.Array:
    """Volume of the film capacitor [m^3]."""
    return 0.5 * capacitance * jnp.asarray(rated_voltage) ** 2 / CAPACITOR_ENERGY_DENSITY


def capacitor_loss(capacitance: Number, ripple_current: jax.Array) -> jax.Array:
    """Loss [W] by the RMS ripple current [A]."""
    return CAPACITOR_TIME_CONSTANT / capacitance * ripple_current**2


def capacitor_celsius(
    capacitance: Number, rated_voltage: Number, ripple_current: jax.Array, plate_celsius: Number
) -> jax.Array:
    """Hot spot [degC] over the plate it is mounted on: loss / (2 k volume^(1/3))."""
    edge = capacitor_volume(capacitance, rated_voltage) ** (1.0 / 3.0)
    return plate_celsius + capacitor_loss(capacitance, ripple_current) / (2.0 * CAPACITOR_CONDUCTIVITY * edge)


def ripple_current_limit(capacitance: Number, rated_voltage: Number, plate_celsius: Number) -> jax.Array:
    """Largest steady RMS ripple current [A] by the hot spot's limit; `plate_celsius` below it."""
    edge = capacitor_volume(capacitance, rated_voltage) ** (1.0 / 3.0)
    heat = (CAPACITOR_LIMIT_CELSIUS - plate_celsius) * 2.0 * CAPACITOR_CONDUCTIVITY * edge
    return jnp.sqrt(heat * capacitance / CAPACITOR_TIME_CONSTANT)


def filter_mass(direct_current: Number) -> jax.Array:
    """Mass of the EMI filter [kg] for a DC current [A]."""
    return jnp.asarray(FILTER_MASS[0] + FILTER_MASS[1] * direct_current)


def filter_volume(direct_current: Number) -> jax.Array:
    """Volume of the EMI filter [m^3]."""
    return FILTER_VOLUME_PER_MASS * filter_mass(direct_current)
