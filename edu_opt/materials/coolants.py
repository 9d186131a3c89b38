"""Coolants and structural materials: water-glycol, air, aluminium housing, shaft steel, insulation."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from edu_opt.numerics.pytree import pytree


@pytree
class Fluid:
    """Constant properties: density [kg/m3], specific heat [J/kg K], conductivity [W/m K], dynamic viscosity [Pa s]."""

    density: jax.Array
    specific_heat: jax.Array
    thermal_conductivity: jax.Array
    viscosity: jax.Array

    @property
    def prandtl(self) -> jax.Array:
        """Prandtl number."""
        return self.viscosity * self.specific_heat / self.thermal_conductivity


def water_glycol_half() -> Fluid:
    """Water with 50 % ethylene glycol at 65 degC (ASHRAE Fundamentals tables, rounded; recalled)."""
    return Fluid(
        density=jnp.asarray(1045.0),
        specific_heat=jnp.asarray(3500.0),
        thermal_conductivity=jnp.asarray(0.40),
        viscosity=jnp.asarray(1.3e-3),
    )


def air_warm() -> Fluid:
    """Air at 100 degC and 1 bar (VDI heat atlas, rounded; recalled)."""
    return Fluid(
        density=jnp.asarray(0.933),
        specific_heat=jnp.asarray(1011.0),
        thermal_conductivity=jnp.asarray(0.0314),
        viscosity=jnp.asarray(2.19e-5),
    )


ALUMINIUM_HOUSING_DENSITY = 2700.0  # kg/m3, die-cast AlSi alloys 2650..2750
ALUMINIUM_HOUSING_SPECIFIC_HEAT = 900.0  # J/kg K
SHAFT_STEEL_DENSITY = 7850.0  # kg/m3
STEEL_SPECIFIC_HEAT = 460.0  # J/kg K, Motor-CAD NO18-1160 (TUMFTM files)
LAMINATION_THERMAL_CONDUCTIVITY = 27.0  # W/m K in plane, Motor-CAD NO18-1160 (TUMFTM files)
INSULATION_DENSITY = 1400.0  # kg/m3, aramid or PEEK film with resin (recalled)
