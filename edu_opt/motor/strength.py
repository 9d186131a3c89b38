"""Rotor strength at overspeed: tip speed, ring, bridges and post of a V, shoe and root of a salient pole, coils.

Nominal stresses of simple mechanical models times notch terms, both calibrated on plane-stress finite elements of half
a pole: `experiments.validation.rotor_strength` repeats the calibration (100 random designs a kind) and compares 30
others: worst stress of a V pole 14 % rms (largest error 33 %), of a salient pole 5 % (13 %), bore 7 and 10 % (10 and
27 %). Cage rotors: beam models, not calibrated. Bore of the shaft free, cold, no press fit, no wedges between salient
poles. All stresses are local, linear-elastic von Mises peaks, per unit of axial length, in corners rounded with the
radii below. Nominal models: retention of a pole cap by bridges and post after E. Lovelace, T. Jahns, J. Lang, IEEE
Trans. Ind. Appl. 40 (2004) 1160 (recalled); rotating ring with outer pressure: S. Timoshenko, J. Goodier, Theory of
Elasticity, art. 28 and 32.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from edu_opt.motor.cage import CageRotor
from edu_opt.motor.excitation import mean_turn_length
from edu_opt.motor.geometry import SalientPoleRotor, SingleVRotor
from edu_opt.motor.parts import Motor
from edu_opt.motor.results import RotorStrength
from edu_opt.numerics.pytree import pytree
from edu_opt.numerics.smooth import smooth_minimum

OVERSPEED = 1.2
POISSON_RATIO = 0.3
YIELD_SAFETY = 1.2
POCKET_FILLET = 0.8e-3  # m, corners of magnet pockets (usual 0.5 to 1.2 mm, assumed); less at short pocket ends
POCKET_FILLET_SHARE = 0.3  # of the shorter edge of a pocket's end, at most
SHOE_FILLET = 1.5e-3  # m, corners between pole body, shoe and yoke (assumed; fits under a coil 0.5 mm off the corner)
CAP_THICKNESS = 6e-3  # m, non-magnetic steel cap over the end turns of a wound rotor (assumed)
CAP_DENSITY = 7900.0  # kg/m3
# Calibrated by experiments.validation.rotor_strength: post notch, bridge's elastic length at its ends, bridge notch,
# share of bending at the bridge, pole cap's flexibility, hoop share of post and of bridge.
V_POLE = (0.208, 1.689, 0.195, 0.361, 0.116, 1.193, 1.190)
# Calibrated likewise: neck's tension and shoe's bending at the shoe, tension and hub's hoop at the root.
SALIENT_POLE = (0.918, 1.062, 0.502, 1.507)
UNCALIBRATED_NOTCH = 4.4  # peak over force by (bridges + post): median of the same V poles (p90 8.9), for others
# Stress concentration in bending at the foot of the iron over a bar, fillet as large as the iron is thick: R. Peterson,
# Stress Concentration Factors, stepped flat bar (recalled).
BAR_COVER_NOTCH = 1.3
WORST_EXPONENT = 16.0  # of the norm that takes the worst of two stresses: at most 4.4 % above it


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
        parts = jnp.stack([self.bridge, self.post, self.shoe, self.root, self.end_ring])
        scale = jnp.sum(parts) + 1.0
        return scale * jnp.sum((parts / scale) ** WORST_EXPONENT + 1e-300) ** (1.0 / WORST_EXPONENT)


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


def rotor_strength(motor: Motor, speed_max: jax.Array) -> RotorStrength:
    """Tip speed at `speed_max` [mechanical rad/s], stresses at 1.2 x that, allowed stress (yield / 1.2)."""
    overspeed = OVERSPEED * speed_max
    return RotorStrength(
        tip_speed=motor.dimensions.rotor_radius * speed_max,
        ring_stress=ring_stress(motor, overspeed),
        retention_stress=pole_stresses(motor, overspeed).worst,
        allowed_stress=motor.steel.yield_strength / YIELD_SAFETY,
    )


def hub_radius(motor: Motor) -> jax.Array:
    """Radius [m] up to which the rotor iron closes around the shaft: below pockets or pole bodies.

    A rotor without its own rule counts as a closed disc up to its surface.
    """
    rotor = motor.lamination.rotor
    if isinstance(rotor, SalientPoleRotor):
        return _pole_root(rotor)
    if isinstance(rotor, SingleVRotor):
        return rotor.outer_radius - rotor.depth - _post_height(rotor)
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
        coil, shoe, body = _salient_pulls(motor, speed)
        return size.pole_pairs * (2.0 * coil + shoe + body) / (jnp.pi * hub)
    mass = motor.steel.density * size.rotor_steel_area + motor.magnet.density * size.magnet_area
    if motor.cage:
        mass = mass + motor.cage.bars * motor.cage.bar_area * motor.cage.metal.density
    outside = mass - motor.steel.density * jnp.pi * (hub**2 - size.shaft_radius**2)
    centre = 2.0 / 3.0 * (outer**2 + outer * hub + hub**2) / (outer + hub)
    return outside * centre * speed**2 / (2.0 * jnp.pi * hub)


def _salient_pulls(motor: Motor, speed: jax.Array) -> tuple[jax.Array, jax.Array, jax.Array]:
    """Centrifugal forces [N/m] of one coil side (along the d axis), of one shoe, of one pole body."""
    size, steel, rotor = motor.dimensions, motor.steel.density, motor.lamination.rotor
    assert isinstance(rotor, SalientPoleRotor)
    middle = _pole_root(rotor) + 0.5 * size.pole_body_height
    shoe = steel * size.pole_shoe_area * size.pole_shoe_radius
    body = steel * size.pole_body_width * size.pole_body_height * middle
    return _coil_side_mass(motor) * middle * speed**2, shoe * speed**2, body * speed**2


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
        return cage_stresses(motor, speed)
    estimate = UNCALIBRATED_NOTCH * nominal_bridge_stress(motor, speed)
    return PoleStresses(bridge=estimate, post=none, shoe=none, root=none, end_ring=none)


def cage_stresses(motor: Motor, speed: jax.Array) -> PoleStresses:
    """Stresses [Pa] around one bar at speed [rad/s].

    The bar lies loose under the iron over it: a beam clamped at both ends under the bar's even load (closed slot), or
    two lips with the load spread over them (open); the hoop stress of a free rim is added. The tooth's root carries
    tooth, bar and cover; the ring stands free, rho v^2.
    """
    rotor, cage, none = motor.lamination.rotor, motor.cage, jnp.zeros(())
    assert isinstance(rotor, CageRotor) and cage is not None
    top = rotor.outer_radius - rotor.bridge
    bar = cage.metal.density * cage.bar_area * (top - 0.5 * rotor.bar_depth) * speed**2
    if motor.lamination.template.open_bars:
        lip = 0.5 * (rotor.bar_width_top - rotor.opening_width)
        bending = 1.5 * bar * lip / rotor.bridge**2
    else:
        bending = 0.5 * bar * rotor.bar_width_top / rotor.bridge**2
    bottom = top - rotor.bar_depth
    pitch = jnp.pi * (rotor.outer_radius**2 - bottom**2) / cage.bars
    iron = motor.steel.density * (pitch - cage.bar_area) * 0.5 * (rotor.outer_radius + bottom) * speed**2
    tooth = 2.0 * jnp.tan(jnp.pi / cage.bars) * bottom - rotor.bar_width_bottom
    ring = cage.metal.density * (cage.ring_radius * speed) ** 2
    return PoleStresses(
        bridge=BAR_COVER_NOTCH * bending + motor.steel.density * (rotor.outer_radius * speed) ** 2,
        post=none,
        shoe=none,
        root=(bar + iron) / tooth + mean_hoop_stress(motor, speed),
        end_ring=ring * motor.steel.yield_strength / cage.metal.yield_strength,
    )


def pocket_fillet(motor: Motor) -> jax.Array:
    """Radius [m] of the pocket corners of a V: `POCKET_FILLET` where its end is large enough (smooth minimum)."""
    rotor = motor.lamination.rotor
    assert isinstance(rotor, SingleVRotor)
    length, _ = _bridge_line(rotor, motor.pole_pairs)
    shorter = smooth_minimum(length, _web_edge(rotor, motor.pole_pairs), 0.05e-3)
    return smooth_minimum(POCKET_FILLET, POCKET_FILLET_SHARE * shorter, 0.05e-3)


def v_pole_stresses(motor: Motor, speed: jax.Array, fillet: jax.Array, coefficients) -> tuple[jax.Array, jax.Array]:
    """(bridge, post) peak stresses [Pa] of a V pole at speed [rad/s].

    The pole cap with its magnets is a beam across the pole on three springs: the post in tension, each bridge a short
    beam that the cap pulls along (sine of its angle from the d axis) and bends (cosine). Notch terms grow with
    ligament over fillet radius; hoop stress is added: rho v^2 of the surface to the bridge, the hub's to the post.
    """
    post_notch, ends, bridge_notch, bending, cap_flexibility, post_hoop, bridge_hoop = coefficients
    rotor, size = motor.lamination.rotor, motor.dimensions
    assert isinstance(rotor, SingleVRotor)
    thickness, width = rotor.bridge, rotor.post_width
    length, angle = _bridge_line(rotor, motor.pole_pairs)
    length = length + ends * thickness
    along, across = jnp.sin(angle), jnp.cos(angle)
    magnets = size.magnets_per_pole * size.magnet_width * size.magnet_thickness * motor.magnet.density
    force = (size.pole_cap_area * motor.steel.density + magnets) * size.pole_cap_radius * speed**2
    # Compliances x Young's modulus: post and its feet; one bridge in tension and bending; cap in bending and shear.
    post = _post_height(rotor) + width  # times 1 / width
    bridges = 0.5 / (thickness * along**2 / length + thickness**3 * across**2 / length**3)
    span, depth = rotor.pocket_chord, size.pole_cap_area / rotor.pocket_chord
    bent, sheared = 0.25 * span**3 / depth**3, 0.5 * (1.0 + POISSON_RATIO) * span / depth
    middle, even = cap_flexibility * (bent + sheared), cap_flexibility * (0.625 * bent + 0.5 * sheared)
    post_stress = force * (even + bridges) / (post + width * (middle + bridges))
    stretch = (force - post_stress * width) * bridges  # movement of a bridge's end x Young's modulus
    strain = stretch * (along / length + 3.0 * bending * thickness * across / length**2)
    notched_post = (1.0 + post_notch * width / fillet) * post_stress + post_hoop * mean_hoop_stress(motor, speed)
    rim_hoop = motor.steel.density * (rotor.outer_radius * speed) ** 2
    return (
        (1.0 + bridge_notch * thickness / fillet) * strain + bridge_hoop * rim_hoop,
        jnp.where(width > 0.0, notched_post, 0.0),
    )


def salient_pole_stresses(
    motor: Motor, speed: jax.Array, fillet: float | jax.Array, coefficients
) -> tuple[jax.Array, jax.Array]:
    """(shoe, root) peak stresses [Pa] in the corners of a salient pole at speed [rad/s], coils held by the shoe alone.

    At the shoe: tension of the body under it and bending of the overhang by coil and own mass; at the root: tension of
    the body and mean hoop stress of the hub. Notch factors grow with the root of section over fillet radius.
    """
    tension_at_shoe, bending_at_shoe, tension_at_root, hoop_at_root = coefficients
    rotor, size, steel = motor.lamination.rotor, motor.dimensions, motor.steel.density
    assert isinstance(rotor, SalientPoleRotor)
    width, thickness = size.pole_body_width, size.pole_shoe_thickness
    coil, shoe, body = _salient_pulls(motor, speed)
    overhang = 0.5 * (rotor.shoe_width - width)
    mean_height = 0.75 * rotor.shoe_height + 0.25 * thickness
    own = steel * overhang * mean_height * size.pole_shoe_radius * speed**2
    neck = (2.0 * coil + shoe) / width
    bending = 6.0 * 0.5 * overhang * (coil + 0.5 * own) / thickness**2
    return (
        (tension_at_shoe * neck + bending_at_shoe * bending) * jnp.sqrt(thickness / fillet),
        tension_at_root * (neck + body / width) * jnp.sqrt(width / fillet)
        + hoop_at_root * mean_hoop_stress(motor, speed),
    )


def coil_retention(motor: Motor, speed_max: jax.Array) -> CoilRetention:
    """Loads of the field coils at 1.2 x `speed_max` [rad/s]."""
    rotor, size = motor.lamination.rotor, motor.dimensions
    if not isinstance(rotor, SalientPoleRotor):
        return CoilRetention(shoe_pressure=jnp.zeros(()), side_force=jnp.zeros(()), cap_stress=jnp.zeros(()))
    square = (OVERSPEED * speed_max) ** 2
    mass, middle = _coil_side_mass(motor), _pole_root(rotor) + 0.5 * rotor.body_height
    sideways = 0.5 * (size.pole_body_width + size.coil_side_width)
    end_turn = mean_turn_length(size, motor.stack_length) - 2.0 * motor.stack_length  # both ends of one pole
    load = motor.pole_pairs * mass * end_turn * jnp.hypot(middle, sideways) * square  # of one end, all poles
    section = CAP_THICKNESS * size.coil_side_width
    return CoilRetention(
        shoe_pressure=mass * middle * square / size.coil_side_width,
        side_force=mass * sideways * square,
        cap_stress=load / (2.0 * jnp.pi * section) + CAP_DENSITY * size.rotor_radius**2 * square,
    )


def _coil_side_mass(motor: Motor) -> jax.Array:
    """Copper of one coil side [kg/m]."""
    return motor.dimensions.coil_side_area * motor.field_winding.fill * motor.field_winding.metal.density


def _pole_root(rotor: SalientPoleRotor) -> jax.Array:
    """Distance [m] of the polygon on which the pole bodies stand from the axis."""
    sag = rotor.face_radius - jnp.sqrt(rotor.face_radius**2 - 0.25 * rotor.shoe_width**2)
    return rotor.outer_radius - sag - rotor.shoe_height - rotor.body_height


def _bridge_line(rotor: SingleVRotor, pole_pairs: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Length [m] of the pocket's end under the bridge, and the bridge's angle [rad] from the d axis."""
    radius = rotor.outer_radius - rotor.bridge
    corner = jnp.arcsin(0.5 * rotor.pocket_chord / radius)
    web = 0.5 * jnp.pi / pole_pairs - jnp.arcsin(0.5 * rotor.web_width / radius)
    return radius * (web - corner), 0.5 * (web + corner)


def _post_height(rotor: SingleVRotor) -> jax.Array:
    """Height [m] of the post = depth of the pocket along the d axis."""
    return (rotor.magnet_thickness - rotor.magnet_recess) * jnp.sqrt(1.0 + _slope(rotor) ** 2)


def _slope(rotor: SingleVRotor) -> jax.Array:
    """Tangent of the angle between a magnet and the normal of the d axis."""
    corner_x = jnp.sqrt((rotor.outer_radius - rotor.bridge) ** 2 - 0.25 * rotor.pocket_chord**2)
    return 2.0 * (corner_x - rotor.outer_radius + rotor.depth) / (rotor.pocket_chord - rotor.post_width)


def _web_edge(rotor: SingleVRotor, pole_pairs: jax.Array) -> jax.Array:
    """Length [m] of the pocket's edge along the web between the poles."""
    radius, half_pitch = rotor.outer_radius - rotor.bridge, 0.5 * jnp.pi / pole_pairs
    slope = jnp.arctan(_slope(rotor))
    web = half_pitch - jnp.arcsin(0.5 * rotor.web_width / radius)
    foot = rotor.outer_radius - rotor.depth - _post_height(rotor)  # on the pocket's floor, half a post off the d axis
    x, y = radius * jnp.cos(web) - foot, radius * jnp.sin(web) - 0.5 * rotor.post_width
    # Distance of the web's corner from the floor's line, measured along the q axis.
    return (x * jnp.cos(slope) - y * jnp.sin(slope)) / jnp.cos(half_pitch + slope)


def nominal_bridge_stress(motor: Motor, speed: jax.Array) -> jax.Array:
    """Centrifugal force of cap and magnets over the section of bridges and post [Pa], no notch (0 without bridges)."""
    size = motor.dimensions
    magnets = size.magnets_per_pole * size.magnet_width * size.magnet_thickness * motor.magnet.density
    force = (size.pole_cap_area * motor.steel.density + magnets) * size.pole_cap_radius * speed**2
    section = 2.0 * size.bridge_thickness + size.post_width
    return force / jnp.where(section > 0.0, section, 1.0)
