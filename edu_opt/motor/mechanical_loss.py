"""Windage and bearing friction of the rotor, smooth down to standstill.

Windage: J. Pyrhonen, T. Jokinen, V. Hrabovcova, Design of Rotating Electrical Machines, 2nd ed., ch. 9.1.5 (torque
coefficients of Saari 1998), as coded in femagtools; the bands over Reynolds number are blended in its logarithm.
Bearings: 0.5 Omega f F d, f = 0.0015 for deep-groove balls (same book, recalled).
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from edu_opt.materials.coolants import Fluid
from edu_opt.numerics.constants import STANDARD_GRAVITY
from edu_opt.numerics.smooth import blend

BEARING_FRICTION = 0.0015
BEARING_DIAMETER = (
    0.045  # m, mean diameter of the two motor bearings (assumed; loads of the gear belong to the gearbox)
)
BEARING_PRELOAD = 300.0  # N, axial preload of the bearing pair (assumed)
BAND_WIDTH = 0.15  # of the blends in ln(Re)
REYNOLDS_FLOOR = 1e-3


def oil_mist(gas: Fluid, oil: Fluid, liquid_share: jax.Array) -> Fluid:
    """Homogeneous mixture of a gas with a volume share (0..1) of oil droplets: density, heat capacity and conductivity
    by volume or mass, viscosity by volume (A. Dukler et al., AIChE J. 10 (1964) 44; recalled)."""
    mix = lambda a, b: (1.0 - liquid_share) * a + liquid_share * b  # noqa: E731
    density = mix(gas.density, oil.density)
    return Fluid(
        density=density,
        specific_heat=mix(gas.density * gas.specific_heat, oil.density * oil.specific_heat) / density,
        thermal_conductivity=mix(gas.thermal_conductivity, oil.thermal_conductivity),
        viscosity=mix(gas.viscosity, oil.viscosity),
    )


def cylinder_torque_coefficient(couette_reynolds: jax.Array, gap_ratio: jax.Array) -> jax.Array:
    """C_M of a cylinder in an annulus; `gap_ratio` = 2 gap / rotor diameter, Re = rho Omega D gap / (2 mu)."""
    reynolds = couette_reynolds + REYNOLDS_FLOOR
    shape, log = gap_ratio**0.3, jnp.log(reynolds)
    laminar, lower = 10.0 / reynolds, 2.0 / reynolds**0.6
    middle, upper = 1.03 / reynolds**0.5, 0.065 / reynolds**0.2
    low = blend(log, jnp.log(64.0), BAND_WIDTH, laminar, lower)
    mid = blend(log, jnp.log(500.0), BAND_WIDTH, low, middle)
    return shape * blend(log, jnp.log(1.0e4), BAND_WIDTH, mid, upper)


def disc_torque_coefficient(tip_reynolds: jax.Array) -> jax.Array:
    """C_M of both end faces; Re = rho Omega D^2 / (4 mu)."""
    reynolds = tip_reynolds + REYNOLDS_FLOOR
    laminar, turbulent = 3.87 / jnp.sqrt(reynolds), 0.146 / reynolds**0.2
    return blend(jnp.log(reynolds), jnp.log(3.0e5), BAND_WIDTH, laminar, turbulent)


def windage_torque(
    speed: jax.Array, radius: jax.Array, shaft_radius: jax.Array, gap: jax.Array, length: jax.Array, fluid: Fluid
) -> jax.Array:
    """Windage torque [N m] of rotor cylinder and end faces at speed [rad/s] >= 0; smooth rotor (roughness 1)."""
    diameter, kinematic = 2.0 * radius, fluid.density / fluid.viscosity
    couette = kinematic * speed * radius * gap
    cylinder = cylinder_torque_coefficient(couette, gap / radius) * jnp.pi * diameter**4 * length / 32.0
    faces = disc_torque_coefficient(kinematic * speed * radius**2) * (diameter**5 - (2.0 * shaft_radius) ** 5) / 64.0
    return fluid.density * speed**2 * (cylinder + faces)


def bearing_torque(rotor_mass: jax.Array) -> jax.Array:
    """Friction torque [N m] of the two motor bearings under the rotor's weight and the preload."""
    load = rotor_mass * STANDARD_GRAVITY + BEARING_PRELOAD
    return 0.5 * BEARING_FRICTION * load * BEARING_DIAMETER
