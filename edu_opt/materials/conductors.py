"""Conductor metals: resistivity over temperature, density, heat capacity, conductivity."""

from __future__ import annotations

import dataclasses

import jax
import jax.numpy as jnp

from edu_opt.numerics.pytree import pytree

REFERENCE_CELSIUS = 20.0


@pytree
class Conductor:
    """One metal: resistivity at 20 degC [ohm m], its slope [1/K], density [kg/m3], specific heat [J/kg K],
    thermal conductivity [W/m K], yield strength [Pa]; `is_copper` 1 or 0 (which price it has); scalar leaves."""

    resistivity: jax.Array
    temperature_coefficient: jax.Array
    density: jax.Array
    specific_heat: jax.Array
    thermal_conductivity: jax.Array
    yield_strength: jax.Array
    is_copper: jax.Array


@dataclasses.dataclass(frozen=True)
class ConductorData:
    """Cited values of a metal, in the units of `Conductor`."""

    name: str
    source: str
    resistivity: float
    temperature_coefficient: float
    density: float
    specific_heat: float
    thermal_conductivity: float
    yield_strength: float
    is_copper: float


CONDUCTORS: dict[str, ConductorData] = {
    "copper": ConductorData(
        name="copper",
        source="Motor-CAD data base (Copper, pure) as in the TUMFTM files; resistivity = IEC 60028 annealed copper; "
        "yield strength of half-hard bars that are not softened by brazing (CuAg0.1, recalled)",
        resistivity=1.724e-8,
        temperature_coefficient=0.003862,
        density=8933.0,
        specific_heat=385.0,
        thermal_conductivity=401.0,
        yield_strength=250.0e6,
        is_copper=1.0,
    ),
    "aluminium": ConductorData(
        name="aluminium",
        source="electrical grade EN AW-1350: IEC 60889 resistivity 28.264 nOhm m; the rest recalled handbook values; "
        "yield strength of wrought EN AW-6101B-T6 bars (recalled; die-cast cages reach about a fourth of it)",
        resistivity=2.8264e-8,
        temperature_coefficient=0.00403,
        density=2703.0,
        specific_heat=897.0,
        thermal_conductivity=230.0,
        yield_strength=160.0e6,
        is_copper=0.0,
    ),
}


def conductor(name: str) -> Conductor:
    """Leaves of a metal by name; an unknown name raises KeyError with the names that exist."""
    if name not in CONDUCTORS:
        raise KeyError(f"conductor {name!r} is not among {', '.join(sorted(CONDUCTORS))}")
    data = CONDUCTORS[name]
    return Conductor(**{f.name: jnp.asarray(getattr(data, f.name)) for f in dataclasses.fields(Conductor)})


def resistivity(metal: Conductor, celsius: jax.Array) -> jax.Array:
    """Resistivity [ohm m] at a temperature [degC]; valid about -40 to 250 degC."""
    return metal.resistivity * (1.0 + metal.temperature_coefficient * (celsius - REFERENCE_CELSIUS))
