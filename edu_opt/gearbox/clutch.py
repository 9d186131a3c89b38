"""Clutches of shiftable and disconnectable gearboxes: torque capacity, drag when open, mass, actuation.

A wet clutch has plates in oil, a dog clutch has claws; open claws do not drag.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from edu_opt.numerics.pytree import pytree

FRICTION = 0.12  # paper linings in oil, 0.10 to 0.14 (Naunheimer et al., Automotive Transmissions; recalled)
LINING_PRESSURE = 2.5e6  # Pa (as above, short engagements, 2 to 4 MPa; recalled)
SLIP_SAFETY = 1.3  # capacity over the torque (assumed)
RADIUS_RATIO = 0.80  # inner over outer radius of the plates (assumed)
SURFACES = 10.0
GAP = 0.2e-3  # m, each open gap (0.1 to 0.3 mm is usual; assumed)
PLATE = 2.0e-3  # m, steel or lined plate a surface
GAP_FLOW = 0.1e-3 / 60.0  # m^3/s of oil through each open gap (assumed)
CLAW_PRESSURE = 100e6  # Pa on the flanks of hardened claws (as involute splines; Niemann, recalled)
CLAW_HEIGHT, CLAW_LENGTH, CLAW_PITCH = 5e-3, 8e-3, 20e-3  # m
RING_SECTION = 12e-3 * 20e-3  # m^2, each half of a dog clutch (assumed)
ACTUATOR_MASS = 0.8  # kg, electric motor, spindle and fork (assumed)
HOLDING_POWER = 15.0  # W, to keep a wet clutch closed; a dog clutch latches (assumed)
ACTUATION_ENERGY = 40.0  # J, one engagement or release: 100 W for 0.4 s (assumed)
STEEL_DENSITY = 7830.0


@pytree
class Clutch:
    """One clutch: friction surfaces (0: dog clutch), outer and inner radius [m], gap [m], mass with actuator [kg],
    holding power when closed [W], energy of one actuation [J]."""

    surfaces: jax.Array
    outer_radius: jax.Array
    inner_radius: jax.Array
    gap: jax.Array
    mass: jax.Array
    holding_power: jax.Array
    actuation_energy: jax.Array


def wet_clutch(torque: float | jax.Array) -> Clutch:
    """Multi-plate clutch for a torque [N m] > 0: N mu p 2 pi/3 (r_o^3 - r_i^3) = 1.3 T."""
    per_cube = SURFACES * FRICTION * LINING_PRESSURE * 2.0 * jnp.pi / 3.0 * (1.0 - RADIUS_RATIO**3)
    outer = jnp.cbrt(SLIP_SAFETY * jnp.asarray(torque) / per_cube)
    inner = RADIUS_RATIO * outer
    plates = STEEL_DENSITY * jnp.pi * (outer**2 - inner**2) * SURFACES * PLATE
    return Clutch(
        surfaces=jnp.asarray(SURFACES),
        outer_radius=outer,
        inner_radius=inner,
        gap=jnp.asarray(GAP),
        mass=2.0 * plates + ACTUATOR_MASS,  # drum, hub and piston weigh as much as the plates (assumed)
        holding_power=jnp.asarray(HOLDING_POWER),
        actuation_energy=jnp.asarray(ACTUATION_ENERGY),
    )


def dog_clutch(torque: float | jax.Array) -> Clutch:
    """Claws on a circle for a torque [N m] > 0: p h l n r = T with n = 2 pi r/pitch."""
    per_square = CLAW_PRESSURE * CLAW_HEIGHT * CLAW_LENGTH * 2.0 * jnp.pi / CLAW_PITCH
    radius = jnp.sqrt(jnp.asarray(torque) / per_square)
    return Clutch(
        surfaces=jnp.zeros(()),
        outer_radius=radius + 0.5 * CLAW_LENGTH,
        inner_radius=radius - 0.5 * CLAW_LENGTH,
        gap=jnp.asarray(GAP),
        mass=2.0 * STEEL_DENSITY * RING_SECTION * 2.0 * jnp.pi * radius + ACTUATOR_MASS,
        holding_power=jnp.zeros(()),
        actuation_energy=jnp.asarray(ACTUATION_ENERGY),
    )


def torque_capacity(clutch: Clutch) -> jax.Array:
    """Largest torque of a wet clutch [N m]; 0 for claws (sized by `dog_clutch`)."""
    cubes = clutch.outer_radius**3 - clutch.inner_radius**3
    return clutch.surfaces * FRICTION * LINING_PRESSURE * 2.0 * jnp.pi / 3.0 * cubes


def open_drag(
    clutch: Clutch,
    slip: jax.Array,
    dynamic_viscosity: jax.Array,
    density: jax.Array,
    flow: float | jax.Array = GAP_FLOW,
) -> jax.Array:
    """Drag torque of the open clutch [N m] at a slip [rad/s] >= 0; oil [Pa s, kg/m^3]; flow [m^3/s] through each gap.

    Laminar shear of N full gaps, N pi eta slip (r_o^4 - r_i^4)/(2 h). Centrifugal force on oil that turns linearly from
    plate to plate drives pi rho slip^2 r^2 h^3/(20 eta) outwards; where that is more than comes in, the film covers
    the share flow/need of the gap and the torque falls again (as measured; Iqbal et al., ISRN Tribology 2013, 206539,
    read in abstract; the balance is derived here). The two regimes join smoothly: share = 1/(1 + need/flow).
    """
    shear = jnp.pi * dynamic_viscosity * slip * (clutch.outer_radius**4 - clutch.inner_radius**4) / (2.0 * clutch.gap)
    need = jnp.pi * density * slip**2 * clutch.outer_radius**2 * clutch.gap**3 / (20.0 * dynamic_viscosity)
    return clutch.surfaces * shear / (1.0 + need / flow)
