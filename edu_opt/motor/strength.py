"""Rotor strength at overspeed: tip speed, ring, bridges and post of a V, shoe and root of a salient pole, coils.

Nominal stresses of simple mechanical models (`hub_strength`, `pole_strength`) times notch terms, both calibrated on
plane-stress finite elements of half a pole: `experiments.validation.rotor_strength` repeats the calibration (100 random
designs a kind) and compares 30 others. Errors of the worst stress of a pole, rms (largest): V 14 % (33 %), salient 5 %
(13 %), layers on posts 10 % (27 %), flat bar 8 %, closed bars 12 % (26 %), open bars 13 % (39 %); of the bore 1 to 10 %
rms (largest 27 %; above the elements under a flat bar, whose hub bends). Bore of the shaft free, cold, no press fit, no
wedges between salient poles. All stresses are local, linear-elastic von Mises peaks, per unit of axial length, in
rounded corners.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from edu_opt.motor.barriers import LayeredRotor
from edu_opt.motor.cage import CageRotor
from edu_opt.motor.excitation import mean_turn_length
from edu_opt.motor.geometry import SalientPoleRotor, SingleVRotor
from edu_opt.motor.hub_strength import coil_side_mass, pole_root, ring_stress
from edu_opt.motor.parts import Motor
from edu_opt.motor.pole_strength import (
    CLOSED_BARS,
    LAYERED_POLE,
    OPEN_BARS,
    POSTLESS_POLE,
    SALIENT_POLE,
    SHOE_FILLET,
    V_POLE,
    bar_stresses,
    barrier_fillet,
    end_ring_stress,
    layered_pole_stresses,
    pocket_fillet,
    salient_pole_stresses,
    v_pole_stresses,
)
from edu_opt.motor.results import RotorStrength
from edu_opt.numerics.pytree import pytree

OVERSPEED = 1.2
YIELD_SAFETY = 1.2
CAP_THICKNESS = 6e-3  # m, non-magnetic steel cap over the end turns of a wound rotor (assumed)
CAP_DENSITY = 7900.0  # kg/m3
WORST_EXPONENT = 16.0  # of the norm that takes the worst of two stresses: at most 4.4 % above it


def rotor_strength(motor: Motor, speed_max: jax.Array) -> RotorStrength:
    """Tip speed at `speed_max` [mechanical rad/s], stresses at 1.2 x that, allowed stress (yield / 1.2)."""
    overspeed = OVERSPEED * speed_max
    return RotorStrength(
        tip_speed=motor.dimensions.rotor_radius * speed_max,
        ring_stress=ring_stress(motor, overspeed),
        retention_stress=pole_stresses(motor, overspeed).worst,
        allowed_stress=motor.steel.yield_strength / YIELD_SAFETY,
    )


def pole_stresses(motor: Motor, speed: jax.Array) -> PoleStresses:
    """Peak stresses [Pa] of the parts that hold a pole at speed [rad/s]."""
    rotor, none = motor.lamination.rotor, jnp.zeros(())
    if isinstance(rotor, SalientPoleRotor):
        shoe, root = salient_pole_stresses(motor, speed, SHOE_FILLET, SALIENT_POLE)
        return PoleStresses(bridge=none, post=none, shoe=shoe, root=root, end_ring=none)
    if isinstance(rotor, SingleVRotor):
        bridge, post = v_pole_stresses(motor, speed, pocket_fillet(motor), V_POLE)
        return PoleStresses(bridge=bridge, post=post, shoe=none, root=none, end_ring=none)
    if isinstance(rotor, CageRotor):
        cover, tooth = bar_stresses(motor, speed, OPEN_BARS if motor.lamination.template.open_bars else CLOSED_BARS)
        return PoleStresses(bridge=cover, post=none, shoe=none, root=tooth, end_ring=end_ring_stress(motor, speed))
    assert isinstance(rotor, LayeredRotor)
    coefficients = LAYERED_POLE if any(b.post for b in motor.lamination.template.barriers) else POSTLESS_POLE
    bridges, posts = layered_pole_stresses(motor, speed, barrier_fillet(rotor), coefficients)
    return PoleStresses(bridge=_worst(bridges), post=_worst(posts), shoe=none, root=none, end_ring=none)


@pytree
class PoleStresses:
    """Peak stresses [Pa] of one pole (im: of one bar's pitch); what a rotor lacks is zero.

    `end_ring`: hoop stress of a cage's ring, scaled by the sheet's over the ring's yield strength, so that all parts
    keep to one allowed stress."""

    bridge: jax.Array
    post: jax.Array
    shoe: jax.Array
    root: jax.Array
    end_ring: jax.Array

    @property
    def worst(self) -> jax.Array:
        """Smooth largest of them, never below it, at most 4.4 % (two parts) above; grows with speed squared."""
        return _worst(jnp.stack([self.bridge, self.post, self.shoe, self.root, self.end_ring]))


def _worst(stresses: jax.Array) -> jax.Array:
    """Smooth largest of stresses (k,) [Pa]: a norm."""
    scale = jnp.sum(stresses) + 1.0
    return scale * jnp.sum((stresses / scale) ** WORST_EXPONENT + 1e-300) ** (1.0 / WORST_EXPONENT)


@pytree
class CoilRetention:
    """What holds the field coils of a wound rotor at overspeed (zeros without coils).

    `shoe_pressure` [Pa] of a coil side under the shoe, averaged over its width; `side_force` [N/m] of a coil side away
    from its pole, which wedges or filling between the poles must carry; `cap_stress` [Pa], hoop stress of a steel cap
    of `CAP_THICKNESS` around the end turns.
    """

    shoe_pressure: jax.Array
    side_force: jax.Array
    cap_stress: jax.Array


def coil_retention(motor: Motor, speed_max: jax.Array) -> CoilRetention:
    """Loads of the field coils at 1.2 x `speed_max` [rad/s]."""
    rotor, size = motor.lamination.rotor, motor.dimensions
    if not isinstance(rotor, SalientPoleRotor):
        return CoilRetention(shoe_pressure=jnp.zeros(()), side_force=jnp.zeros(()), cap_stress=jnp.zeros(()))
    square = (OVERSPEED * speed_max) ** 2
    mass, middle = coil_side_mass(motor), pole_root(rotor) + 0.5 * rotor.body_height
    sideways = 0.5 * (size.pole_body_width + size.coil_side_width)
    end_turn = mean_turn_length(size, motor.stack_length) - 2.0 * motor.stack_length  # both ends of one pole
    load = motor.pole_pairs * mass * end_turn * jnp.hypot(middle, sideways) * square  # of one end, all poles
    section = CAP_THICKNESS * size.coil_side_width
    return CoilRetention(
        shoe_pressure=mass * middle * square / size.coil_side_width,
        side_force=mass * sideways * square,
        cap_stress=load / (2.0 * jnp.pi * section) + CAP_DENSITY * size.rotor_radius**2 * square,
    )
