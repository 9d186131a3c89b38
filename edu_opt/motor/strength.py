"""Rotor strength at overspeed: tip speed, ring stress, retention of poles, coils and magnets (estimates, no FE).

Ring: rotating disc with a bore, S. Timoshenko, J. Goodier, Theory of Elasticity, art. 32. Retention of an interior
magnet pole by its bridges and post: E. Lovelace, T. Jahns, J. Lang, IEEE Trans. Ind. Appl. 40 (2004) 1160 (recalled).
Notch factor 2 in the middle of the usual 1.5 to 2.5 (assumed, not calibrated).
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from edu_opt.motor.excitation import FIELD_SLOT_FILL
from edu_opt.motor.parts import Motor
from edu_opt.motor.results import RotorStrength
from edu_opt.numerics.smooth import safe_norm

OVERSPEED = 1.2
NOTCH_FACTOR = 2.0
POISSON_RATIO = 0.3
YIELD_SAFETY = 1.2


def rotor_strength(motor: Motor, speed_max: jax.Array) -> RotorStrength:
    """Tip speed at `speed_max` [mechanical rad/s], stresses at 1.2 x that, allowed stress (yield / 1.2)."""
    overspeed = OVERSPEED * speed_max
    retention = _salient_retention if motor.kind == "eesm" else _bridge_retention
    return RotorStrength(
        tip_speed=motor.dimensions.rotor_radius * speed_max,
        ring_stress=ring_stress(motor, overspeed),
        retention_stress=retention(motor, overspeed),
        allowed_stress=motor.steel.yield_strength / YIELD_SAFETY,
    )


def ring_stress(motor: Motor, speed: jax.Array) -> jax.Array:
    """Hoop stress at the shaft bore [Pa] of a full disc of the rotor's mean density at speed [rad/s]."""
    size = motor.dimensions
    disc = jnp.pi * (size.rotor_radius**2 - size.shaft_radius**2)
    mass = motor.steel.density * size.rotor_steel_area + motor.magnet.density * size.magnet_area
    copper = 4.0 * size.pole_pairs * size.coil_side_area * FIELD_SLOT_FILL * motor.field_winding.metal.density
    density = (mass + copper) / disc
    outer, inner = size.rotor_radius**2, size.shaft_radius**2
    return density * speed**2 * ((3.0 + POISSON_RATIO) * outer + (1.0 - POISSON_RATIO) * inner) / 4.0


def _bridge_retention(motor: Motor, speed: jax.Array) -> jax.Array:
    """Stress [Pa] in two bridges and the post that hold one pole cap with its magnets."""
    size = motor.dimensions
    magnets = size.magnets_per_pole * size.magnet_width * size.magnet_thickness * motor.magnet.density
    force = (size.pole_cap_area * motor.steel.density + magnets) * size.pole_cap_radius * speed**2
    return NOTCH_FACTOR * force / (2.0 * size.bridge_thickness + size.post_width)


def _salient_retention(motor: Motor, speed: jax.Array) -> jax.Array:
    """Worse (root of squares) of pole body in tension and pole shoe bent by the coil under it, without wedges [Pa]."""
    size, steel = motor.dimensions, motor.steel.density
    coil = size.coil_side_area * motor.field_winding.fill * motor.field_winding.metal.density
    body_radius = size.pole_shoe_radius - 0.5 * size.pole_body_height
    coil_force = coil * body_radius * speed**2
    iron = size.pole_shoe_area * size.pole_shoe_radius + size.pole_body_width * size.pole_body_height * body_radius
    tension = (2.0 * coil_force + steel * iron * speed**2) / size.pole_body_width
    thickness = size.pole_shoe_thickness
    bending = 6.0 * coil_force * 0.5 * size.coil_side_width / thickness**2
    return NOTCH_FACTOR * safe_norm(jnp.stack([tension, bending]), 1.0)
