"""First bending critical speed of the rotor on its two bearings.

Rayleigh's quotient with the deflection under own weight (J. Den Hartog, Mechanical Vibrations, sec. 4.2; S. Timoshenko,
Vibration Problems in Engineering, sec. 6; both recalled): a symmetric stepped beam with bending, shear and the
bearings' springs in series; an upper bound that lies 0.1 % above the exact uniform beam. Gyroscopic stiffening (a few
percent upwards for stocky rotors) and the housing's softness (downwards) are left out.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from edu_opt.motor.mass import SHAFT_WALL, SHIELD_THICKNESS, motor_dimensions, motor_masses
from edu_opt.motor.parts import Motor
from edu_opt.numerics.pytree import pytree

YOUNG = 205e9  # Pa, steel
SHEAR_MODULUS = 79e9  # Pa
TUBE_SHEAR_FACTOR = 0.5  # of a thin-walled tube (Timoshenko beam)
JOURNAL_RADIUS = 21e-3  # m, of the shaft outside the stack (42 mm bearing bore as in the TUMFTM files)
BEARING_STIFFNESS = 1.5e8  # N/m radial, deep-groove ball bearing of that size (1e8 to 3e8, recalled)
STACK_STIFFNESS_SHARE = 0.05  # of solid steel, lamination stack in bending (assumed; a few percent, recalled)
NODES = 65  # of either part of half the beam: trapezoid error below 1e-3


@pytree
class SteppedBeam:
    """Symmetric beam on two springs: one half is a journal, then half the stack [SI].

    `lengths` (2,) of the two parts of one half, `mass` (2,) [kg/m], `bending` (2,) E I [N m2], `shear` (2,) shear
    stiffness [N], `support` [N/m] of one bearing.
    """

    lengths: jax.Array
    mass: jax.Array
    bending: jax.Array
    shear: jax.Array
    support: jax.Array


def first_bending_speed(beam: SteppedBeam) -> jax.Array:
    """First critical speed [rad/s] by Rayleigh's quotient."""
    step = beam.lengths / (NODES - 1)
    part = np.repeat([0, 1], NODES - 1)
    width = step[part]  # of each interval
    mass, bending, shear = beam.mass[part], beam.bending[part], beam.shear[part]
    total = jnp.sum(mass * width)
    # Per unit of gravity: shear force and bending moment, then slope (zero in the middle) and deflection.
    force = total - _cumulative(mass, width)
    moment = _cumulative(_middle(force), width)
    curvature = _middle(moment) / bending
    turned = _cumulative(curvature, width)
    slope = turned[-1] - turned
    deflection = total / beam.support + _cumulative(_middle(slope) + _middle(force) / shear, width)
    ends = deflection[:-1], deflection[1:]
    first = jnp.sum(mass * width * 0.5 * (ends[0] + ends[1]))
    second = jnp.sum(mass * width * (ends[0] ** 2 + ends[0] * ends[1] + ends[1] ** 2) / 3.0)
    return jnp.sqrt(first / second)


def _middle(values: jax.Array) -> jax.Array:
    return 0.5 * (values[1:] + values[:-1])


def _cumulative(values: jax.Array, width: jax.Array) -> jax.Array:
    """Integral from the bearing to every node of a function given on the intervals."""
    return jnp.concatenate([jnp.zeros(1), jnp.cumsum(values * width)])


def rotor_beam(motor: Motor) -> SteppedBeam:
    """Beam of a motor's rotor: bearings in the middle of the end shields, hollow shaft, stack as mass and a little
    stiffness."""
    size, outer, masses = motor.dimensions, motor_dimensions(motor), motor_masses(motor)
    half_span, half_stack = 0.5 * (outer.length - SHIELD_THICKNESS), 0.5 * motor.stack_length
    radius = jnp.stack([jnp.asarray(JOURNAL_RADIUS), size.shaft_radius])
    bore = radius - SHAFT_WALL
    section, inertia = jnp.pi * (radius**2 - bore**2), 0.25 * jnp.pi * (radius**4 - bore**4)
    stack = 0.25 * jnp.pi * (size.rotor_radius**4 - size.shaft_radius**4) * jnp.array([0.0, STACK_STIFFNESS_SHARE])
    active = masses.active_rotor / motor.stack_length
    shaft = masses.shaft / outer.length
    return SteppedBeam(
        lengths=jnp.stack([half_span - half_stack, half_stack]),
        mass=shaft + active * jnp.array([0.0, 1.0]),
        bending=YOUNG * (inertia + stack),
        shear=TUBE_SHEAR_FACTOR * SHEAR_MODULUS * section,
        support=jnp.asarray(BEARING_STIFFNESS),
    )


def critical_speed(motor: Motor) -> jax.Array:
    """First bending critical speed of the rotor [rad/s mechanical]."""
    return first_bending_speed(rotor_beam(motor))
