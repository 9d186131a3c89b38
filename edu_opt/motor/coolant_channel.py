"""Flow in the housing's coolant channel and in a hollow shaft: film coefficients and pressure drop.

Fully developed flow in a smooth channel. Laminar: R. K. Shah, A. L. London, Laminar Flow Forced Convection in Ducts
(1978), polynomials over the aspect ratio of a rectangle (Darcy friction; Nusselt number at constant heat flux).
Turbulent: friction after Petukhov, Nusselt number after Gnielinski (VDI Heat Atlas, G1; recalled). Blended in the
logarithm of Reynolds' number; the helix' curvature (more film, more drop in laminar flow) is left out.
"""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp

from edu_opt.materials.coolants import Fluid
from edu_opt.numerics.smooth import blend

# One helical channel around the stack: Motor-CAD files of the TUMFTM set (4.74 x 22.6 mm, 3.16 mm between turns,
# 2.84 mm of wall under it).
CHANNEL_HEIGHT, CHANNEL_WIDTH, CHANNEL_LAND, CHANNEL_WALL = 4.7e-3, 22.6e-3, 3.2e-3, 2.8e-3
HYDRAULIC_DIAMETER = 2.0 * CHANNEL_HEIGHT * CHANNEL_WIDTH / (CHANNEL_HEIGHT + CHANNEL_WIDTH)
CHANNEL_SECTION = CHANNEL_HEIGHT * CHANNEL_WIDTH
TURN_PITCH = CHANNEL_WIDTH + CHANNEL_LAND
HOUSING_CONDUCTIVITY = 168.0  # W/m K, cast aluminium alloy 195, Motor-CAD (TUMFTM files)
ENTRY_AND_EXIT_LOSS = 1.5  # velocity heads: sharp contraction 0.5, free expansion 1
TRANSITION_REYNOLDS, TRANSITION_WIDTH = 2800.0, 0.2
REYNOLDS_FLOOR = 1.0

_ASPECT = CHANNEL_HEIGHT / CHANNEL_WIDTH


def _polynomial(coefficients: tuple[float, ...]) -> float:
    return sum(c * _ASPECT**k for k, c in enumerate(coefficients))


LAMINAR_FRICTION = 96.0 * _polynomial((1.0, -1.3553, 1.9467, -1.7012, 0.9564, -0.2537))  # f Re
LAMINAR_NUSSELT = 8.235 * _polynomial((1.0, -2.0421, 3.0853, -2.4765, 1.0578, -0.1861))


def reynolds_number(fluid: Fluid, flow: jax.Array) -> jax.Array:
    """Reynolds' number of a flow [m3/s] >= 0 in the channel; never below 1, so that films stay smooth at rest."""
    return fluid.density * flow * HYDRAULIC_DIAMETER / (CHANNEL_SECTION * fluid.viscosity) + REYNOLDS_FLOOR


def turbulent_friction(reynolds: jax.Array) -> jax.Array:
    """Darcy friction factor of a smooth channel, (0.79 ln Re - 1.64)^-2; Re 3e3 to 5e6 (held below 2e3)."""
    return (0.79 * jnp.log(jnp.maximum(reynolds, 2000.0)) - 1.64) ** -2


def friction_factor(reynolds: jax.Array) -> jax.Array:
    """Darcy friction factor of the channel."""
    log = jnp.log(reynolds / TRANSITION_REYNOLDS)
    return blend(log, 0.0, TRANSITION_WIDTH, LAMINAR_FRICTION / reynolds, turbulent_friction(reynolds))


def nusselt_number(reynolds: jax.Array, prandtl: jax.Array) -> jax.Array:
    """Nusselt number over the hydraulic diameter; Pr 0.5 to 2000."""
    turbulent, eighth = jnp.maximum(reynolds, 2000.0), turbulent_friction(reynolds) / 8.0
    gnielinski = eighth * (turbulent - 1000.0) * prandtl
    gnielinski = gnielinski / (1.0 + 12.7 * jnp.sqrt(eighth) * (prandtl ** (2.0 / 3.0) - 1.0))
    log = jnp.log(reynolds / TRANSITION_REYNOLDS)
    return blend(log, 0.0, TRANSITION_WIDTH, jnp.asarray(LAMINAR_NUSSELT), gnielinski)


def channel_film(fluid: Fluid, flow: jax.Array) -> jax.Array:
    """Film coefficient [W/m2K] in the channel at a flow [m3/s]."""
    return nusselt_number(reynolds_number(fluid, flow), fluid.prandtl) * fluid.thermal_conductivity / HYDRAULIC_DIAMETER


def jacket_conductance(fluid: Fluid, flow: jax.Array, diameter: jax.Array, length: jax.Array) -> jax.Array:
    """Conductance [W/K] from the inner wall to the coolant: channel floors, and the lands between turns as fins.

    `diameter` of the channel's floor, `length` of the cooled cylinder [m]; the fins' sides count with the efficiency
    tanh(m h) / (m h), m = sqrt(2 film / (k land)).
    """
    film = channel_film(fluid, flow)
    depth = CHANNEL_HEIGHT * jnp.sqrt(2.0 * film / (HOUSING_CONDUCTIVITY * CHANNEL_LAND))
    share = (CHANNEL_WIDTH + 2.0 * CHANNEL_HEIGHT * jnp.tanh(depth) / depth) / TURN_PITCH
    return film * share * jnp.pi * diameter * length


def channel_length(diameter: jax.Array, length: jax.Array) -> jax.Array:
    """Length [m] of the helix around a cylinder of a diameter and a length [m]."""
    return jnp.pi * diameter * length / TURN_PITCH


def pressure_drop(fluid: Fluid, flow: jax.Array, channel: jax.Array) -> jax.Array:
    """Pressure drop [Pa] of a flow [m3/s] through `channel` [m] of it, entry and exit included."""
    reynolds, velocity = reynolds_number(fluid, flow), flow / CHANNEL_SECTION
    heads = friction_factor(reynolds) * channel / HYDRAULIC_DIAMETER + ENTRY_AND_EXIT_LOSS
    return 0.5 * fluid.density * velocity**2 * heads


def hollow_shaft_film(fluid: Fluid, flow: jax.Array, speed: jax.Array, bore_radius: jax.Array) -> jax.Array:
    """Film coefficient [W/m2K] on the bore of a rotating hollow shaft filled by an axial flow [m3/s].

    Nu = 0.019 Re^0.93 + 8.51e-6 Re_rot^1.45 over the bore's diameter (Y. Gai et al., IEEE Trans. Ind. Electron. 65
    (2018) 4978, water in a traction motor's shaft; recalled), never below the laminar 4.36. `speed` [rad/s]. Valid to
    about 2e5 of the rotating Reynolds number omega d^2 / (2 nu): oil at all speeds, water to some 3000 rpm.
    """
    diameter = 2.0 * bore_radius
    kinematic = fluid.viscosity / fluid.density
    axial = 4.0 * flow / (math.pi * diameter * kinematic) + REYNOLDS_FLOOR
    rotating = speed * bore_radius * diameter / kinematic + REYNOLDS_FLOOR
    nusselt = 0.019 * axial**0.93 + 8.51e-6 * rotating**1.45
    return (4.36**2 + nusselt**2) ** 0.5 * fluid.thermal_conductivity / diameter
