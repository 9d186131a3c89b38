"""The closed ring of the rotor around its shaft: where it ends, what pulls at it, its hoop stress; centrifugal pulls.

Rotating ring with outer pressure: S. Timoshenko, J. Goodier, Theory of Elasticity, art. 28 and 32. The bore is free and
cold: no press fit.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from edu_opt.motor.barriers import LayeredRotor
from edu_opt.motor.cage import CageRotor
from edu_opt.motor.geometry import SalientPoleRotor, SingleVRotor
from edu_opt.motor.parts import Motor

POISSON_RATIO = 0.3


def hub_radius(motor: Motor) -> jax.Array:
    """Radius [m] up to which the rotor iron closes around the shaft: below pockets or pole bodies.

    A rotor without its own rule counts as a closed disc up to its surface.
    """
    rotor = motor.lamination.rotor
    if isinstance(rotor, SalientPoleRotor):
        return pole_root(rotor)
    if isinstance(rotor, SingleVRotor):
        return rotor.outer_radius - rotor.depth - post_height(rotor)
    if isinstance(rotor, LayeredRotor):
        return rotor.outer_centre[-1, 0, 0]
    if isinstance(rotor, CageRotor):
        return rotor.outer_radius - rotor.bridge - rotor.bar_depth
    return motor.dimensions.rotor_radius


def ring_stress(motor: Motor, speed: jax.Array) -> jax.Array:
    """Hoop stress [Pa] at the shaft bore of the closed ring, loaded by everything outside it, at speed [rad/s]."""
    inner, hub, pressure = motor.dimensions.shaft_radius, hub_radius(motor), _pull_on_hub(motor, speed)
    own = (3.0 + POISSON_RATIO) * hub**2 + (1.0 - POISSON_RATIO) * inner**2
    return 0.25 * motor.steel.density * speed**2 * own + 2.0 * pressure * hub**2 / (hub**2 - inner**2)


def mean_hoop_stress(motor: Motor, speed: jax.Array) -> jax.Array:
    """Mean hoop stress [Pa] of that ring, from the balance of half a ring, at speed [rad/s]."""
    inner, hub = motor.dimensions.shaft_radius, hub_radius(motor)
    own = motor.steel.density * speed**2 * (hub**3 - inner**3) / 3.0
    return (_pull_on_hub(motor, speed) * hub + own) / (hub - inner)


def _pull_on_hub(motor: Motor, speed: jax.Array) -> jax.Array:
    """Outward pressure [Pa] on the closed ring: poles of a salient rotor, else the rest of the mass as an even ring."""
    size, hub, outer = motor.dimensions, hub_radius(motor), motor.dimensions.rotor_radius
    if isinstance(motor.lamination.rotor, SalientPoleRotor):
        coil, shoe, body = salient_pulls(motor, speed)
        return size.pole_pairs * (2.0 * coil + shoe + body) / (jnp.pi * hub)
    mass = motor.steel.density * size.rotor_steel_area + motor.magnet.density * size.magnet_area
    if motor.cage:
        mass = mass + motor.cage.bars * motor.cage.bar_area * motor.cage.metal.density
    outside = mass - motor.steel.density * jnp.pi * (hub**2 - size.shaft_radius**2)
    centre = 2.0 / 3.0 * (outer**2 + outer * hub + hub**2) / (outer + hub)
    return outside * centre * speed**2 / (2.0 * jnp.pi * hub)


def salient_pulls(motor: Motor, speed: jax.Array) -> tuple[jax.Array, jax.Array, jax.Array]:
    """Centrifugal forces [N/m] of one coil side (along the d axis), of one shoe, of one pole body."""
    size, steel, rotor = motor.dimensions, motor.steel.density, motor.lamination.rotor
    assert isinstance(rotor, SalientPoleRotor)
    middle = pole_root(rotor) + 0.5 * size.pole_body_height
    shoe = steel * size.pole_shoe_area * size.pole_shoe_radius
    body = steel * size.pole_body_width * size.pole_body_height * middle
    return coil_side_mass(motor) * middle * speed**2, shoe * speed**2, body * speed**2


def coil_side_mass(motor: Motor) -> jax.Array:
    """Copper of one coil side [kg/m]."""
    return motor.dimensions.coil_side_area * motor.field_winding.fill * motor.field_winding.metal.density


def pole_root(rotor: SalientPoleRotor) -> jax.Array:
    """Distance [m] of the polygon on which the pole bodies stand from the axis."""
    sag = rotor.face_radius - jnp.sqrt(rotor.face_radius**2 - 0.25 * rotor.shoe_width**2)
    return rotor.outer_radius - sag - rotor.shoe_height - rotor.body_height


def post_height(rotor: SingleVRotor) -> jax.Array:
    """Height [m] of the post = depth of the pocket along the d axis."""
    return (rotor.magnet_thickness - rotor.magnet_recess) * jnp.sqrt(1.0 + v_slope(rotor) ** 2)


def v_slope(rotor: SingleVRotor) -> jax.Array:
    """Tangent of the angle between a magnet and the normal of the d axis."""
    corner_x = jnp.sqrt((rotor.outer_radius - rotor.bridge) ** 2 - 0.25 * rotor.pocket_chord**2)
    return 2.0 * (corner_x - rotor.outer_radius + rotor.depth) / (rotor.pocket_chord - rotor.post_width)
