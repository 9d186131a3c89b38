"""Gear oils: viscosity and density over temperature."""

from __future__ import annotations

import dataclasses

import jax
import jax.numpy as jnp

from edu_opt.numerics.constants import CELSIUS_ZERO
from edu_opt.numerics.pytree import pytree


@dataclasses.dataclass(frozen=True)
class OilData:
    """One oil: kinematic viscosity at 40 and 100 degC [m^2/s], density at 15 degC [kg/m^3], Schlenk's lubricant
    factor."""

    name: str
    source: str
    viscosity_40: float
    viscosity_100: float
    density_15: float
    lubricant_factor: float


@pytree
class Oil:
    """One oil as data of a program; units as in `OilData`."""

    viscosity_40: jax.Array
    viscosity_100: jax.Array
    density_15: jax.Array
    lubricant_factor: jax.Array


OILS: dict[str, OilData] = {
    "sae_70w_75w": OilData(
        name="sae_70w_75w",
        source="Liqui Moly data sheet SAE 70W-75W GL-4 (VW ID.3) and X_L = 0.75 as in TUMFTM Getrieberechnung.m",
        viscosity_40=30.8e-6,
        viscosity_100=5.9e-6,
        density_15=845.0,
        lubricant_factor=0.75,
    ),
    "mineral_vg220": OilData(
        name="mineral_vg220",
        source="KISSsoft 03/2017 oil of the NREL 5 MW reports (220 / 19 mm2/s, 890 kg/m3); X_L = 1 mineral (Schlenk)",
        viscosity_40=220e-6,
        viscosity_100=19e-6,
        density_15=890.0,
        lubricant_factor=1.0,
    ),
}


def oil(name: str) -> Oil:
    """Leaves of an oil by name; an unknown name raises KeyError with the names that exist."""
    if name not in OILS:
        raise KeyError(f"oil {name!r} is not among {', '.join(sorted(OILS))}")
    data = OILS[name]
    return Oil(**{f.name: jnp.asarray(getattr(data, f.name), float) for f in dataclasses.fields(Oil)})


def kinematic_viscosity(fluid: Oil, celsius: float | jax.Array) -> jax.Array:
    """Kinematic viscosity [m^2/s], Ubbelohde-Walther line through 40 and 100 degC (DIN 51563); valid about -20 to
    150 degC."""

    def walther(viscosity: jax.Array) -> jax.Array:
        return jnp.log(jnp.log(viscosity * 1e6 + 0.8))

    def log_kelvin(temperature: float | jax.Array) -> jax.Array:
        return jnp.log(jnp.asarray(temperature) + CELSIUS_ZERO)

    warm, hot = walther(fluid.viscosity_40), walther(fluid.viscosity_100)
    slope = (warm - hot) / (log_kelvin(100.0) - log_kelvin(40.0))
    return (jnp.exp(jnp.exp(slope * (log_kelvin(100.0) - log_kelvin(celsius)) + hot)) - 0.8) * 1e-6


def density(fluid: Oil, celsius: float | jax.Array) -> jax.Array:
    """Density [kg/m^3] with the usual expansion of lubricating oils, 7e-4 1/K (DIN 51757)."""
    return fluid.density_15 * (1.0 - 7e-4 * (jnp.asarray(celsius) - 15.0))
