"""The combustion engine of a plug-in hybrid as a Willans line: fuel grows linearly with brake power.

fuel rate = slope (P + P_friction). Slope: "consumption of effective power" 0.264 l/kWh of petrol engines, 0.280
turbocharged, 0.220 diesel, and 2330 g CO2 a litre of petrol: Commission Implementing Decision (EU) 2020/728, annex,
tables 2 and 3. Friction and gas exchange of four-stroke petrol engines: fmep = 0.97 + 0.15 n + 0.05 n^2 bar, n in 1000
rpm: Heywood, Internal Combustion Engine Fundamentals (1988), eq. 13.6 (Barnes-Moss 1975), recalled.
"""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp

from edu_opt.numerics.pytree import pytree
from edu_opt.numerics.smooth import smooth_clip

Number = float | jax.Array

CO2_PER_VOLUME = 2330.0  # kg/m^3, petrol
LOWEST_SPEED, HIGHEST_SPEED = 1300.0 / 60.0, 5500.0 / 60.0  # 1/s, while driving (ASSUMED)
SHIFT_PRESSURE = 8e5  # Pa, brake mean pressure that the gearbox keeps while it can (ASSUMED)


@pytree
class Engine:
    """power [W] at the crankshaft; displacement [m^3]; slope [m^3/J] fuel volume per crankshaft work (Willans line)."""

    power: Number
    displacement: Number
    slope: Number


def engine_speed(engine: Engine, power: jax.Array) -> jax.Array:
    """Speed [1/s] that a gearbox of many steps chooses for a brake power [W]: mean pressure 8 bar, within limits."""
    wanted = 2.0 * power / (SHIFT_PRESSURE * engine.displacement)
    return smooth_clip(wanted, LOWEST_SPEED, HIGHEST_SPEED, 1.0)


def friction_power(engine: Engine, speed: jax.Array) -> jax.Array:
    """Friction and gas exchange [W] at a speed [1/s] of a four-stroke engine."""
    thousand_rpm = speed * 60.0 / 1000.0
    pressure = 1e5 * (0.97 + 0.15 * thousand_rpm + 0.05 * thousand_rpm**2)
    return pressure * engine.displacement * speed / 2.0


def fuel_rate(engine: Engine, power: jax.Array) -> jax.Array:
    """Fuel [m^3/s] of the running engine at a brake power [W] >= 0."""
    return engine.slope * (power + friction_power(engine, engine_speed(engine, power)))


def best_efficiency(engine: Engine, heating_value: float = 31.9e9) -> float:
    """Brake efficiency at 8 bar and 2000 rpm; heating value of petrol [J/m^3]. A check of the line's plausibility."""
    speed = 2000.0 / 60.0
    power = SHIFT_PRESSURE * float(engine.displacement) * speed / 2.0
    rate = float(engine.slope) * (power + float(friction_power(engine, jnp.asarray(speed))))
    return power / (rate * heating_value) if math.isfinite(rate) else 0.0
