"""Peak stresses of the parts that hold a pole or a bar at speed, in rounded corners: nominal models times notch terms.

A pole cap on springs (post and bridges) serves the V and every barrier of a layered rotor; shoe and root of a salient
pole, cover and tooth of a cage have beams of their own. Coefficients come from `experiments.validation.rotor_strength`:
fitted to plane-stress finite elements of 100 random designs a kind, compared there with 30 others (figures in
`strength`). Retention by bridges and post after E. Lovelace, T. Jahns, J. Lang, IEEE Trans. Ind. Appl. 40 (2004) 1160
(recalled).
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from edu_opt.motor.barriers import (
    Barrier,
    LayeredRotor,
    barrier_parts,
    cap_outline,
    length_of,
    magnet_parts,
    polygon_area,
    polygon_moment,
)
from edu_opt.motor.cage import CageRotor
from edu_opt.motor.geometry import SalientPoleRotor, SingleVRotor
from edu_opt.motor.hub_strength import (
    POISSON_RATIO,
    mean_hoop_stress,
    post_height,
    salient_pulls,
    v_slope,
)
from edu_opt.motor.parts import Motor
from edu_opt.numerics.pytree import pytree
from edu_opt.numerics.smooth import smooth_maximum, smooth_minimum

POCKET_FILLET = 0.8e-3  # m, corners of magnet pockets (usual 0.5 to 1.2 mm, assumed); less at short pocket ends
POCKET_FILLET_SHARE = 0.3  # of the shorter edge of a pocket's end, at most
BARRIER_FILLET = 0.6e-3  # m, corners of flux barriers (assumed)
BARRIER_FILLET_SHARE = 0.4  # of a barrier's tip, at most
SHOE_FILLET = 1.5e-3  # m, corners between pole body, shoe and yoke (assumed; fits under a coil 0.5 mm off the corner)
SHARPEST_BAR = 0.1e-3  # m, least corner radius of a bar's slot that the notch terms see
# Post notch, bridge's elastic length at its ends, bridge notch, share of bending at the bridge, pole cap's flexibility,
# hoop share of post and of bridge.
V_POLE = (0.208, 1.689, 0.195, 0.361, 0.116, 1.193, 1.190)
LAYERED_POLE = (0.278, 0.029, 0.238, 0.342, 1.131, 0.807, 1.997)  # barriers on posts
POSTLESS_POLE = (0.208, 0.0, 0.26, 0.972, 2.177, 1.193, 1.07)  # the post's terms do not act
# Neck's tension and shoe's bending at the shoe, tension and hub's hoop at the root.
SALIENT_POLE = (0.918, 1.062, 0.502, 1.507)
# Bending of the cover over a bar, its notch, share of the corner radius that shortens it, rim's hoop; tension of the
# tooth with its notch, hub's hoop there.
CLOSED_BARS = (0.398, 1.059, 1.013, 0.642, 0.677, 0.788)
OPEN_BARS = (0.868, 0.299, 1.207, 0.572, 0.697, 0.798)


@pytree
class CapOnSprings:
    """Half-symmetric pole cap held by a post (width 0: none) and two bridges: pulling `force` [N/m] of the whole cap;
    bridges' thickness and length [m], their angle from the d axis [rad]; post's width and height; the cap's chord
    `span` and mean `depth`; `fillet` radius of the corners; hoop stresses [Pa] added to post and bridge."""

    force: jax.Array
    thickness: jax.Array
    length: jax.Array
    angle: jax.Array
    width: jax.Array
    height: jax.Array
    span: jax.Array
    depth: jax.Array
    fillet: jax.Array
    hub_hoop: jax.Array
    rim_hoop: jax.Array


def cap_stresses(cap: CapOnSprings, coefficients) -> tuple[jax.Array, jax.Array]:
    """(bridge, post) peak stresses [Pa].

    The cap is a beam across the pole on three springs: the post in tension, each bridge a short beam that the cap pulls
    along (sine of its angle from the d axis) and bends (cosine). Notch terms grow with ligament over fillet radius.
    """
    post_notch, ends, bridge_notch, bending, cap_flexibility, post_hoop, bridge_hoop = coefficients
    thickness, width = cap.thickness, cap.width
    length = cap.length + ends * thickness
    along, across = jnp.sin(cap.angle), jnp.cos(cap.angle)
    # Compliances x Young's modulus: post and its feet; one bridge in tension and bending; cap in bending and shear.
    post = cap.height + width  # times 1 / width
    bridges = 0.5 / (thickness * along**2 / length + thickness**3 * across**2 / length**3)
    bent, sheared = 0.25 * cap.span**3 / cap.depth**3, 0.5 * (1.0 + POISSON_RATIO) * cap.span / cap.depth
    middle, even = cap_flexibility * (bent + sheared), cap_flexibility * (0.625 * bent + 0.5 * sheared)
    post_stress = cap.force * (even + bridges) / (post + width * (middle + bridges))
    stretch = (cap.force - post_stress * width) * bridges  # movement of a bridge's end x Young's modulus
    strain = stretch * (along / length + 3.0 * bending * thickness * across / length**2)
    notched_post = (1.0 + post_notch * width / cap.fillet) * post_stress + post_hoop * cap.hub_hoop
    return (
        (1.0 + bridge_notch * thickness / cap.fillet) * strain + bridge_hoop * cap.rim_hoop,
        jnp.where(width > 0.0, notched_post, 0.0),
    )


def v_pole_stresses(motor: Motor, speed: jax.Array, fillet: jax.Array, coefficients) -> tuple[jax.Array, jax.Array]:
    """(bridge, post) peak stresses [Pa] of a V pole at speed [rad/s]; hoop stress is rho v^2 of the surface at the
    bridge, the hub's mean at the post."""
    rotor, size = motor.lamination.rotor, motor.dimensions
    assert isinstance(rotor, SingleVRotor)
    length, angle = _bridge_line(rotor, motor.pole_pairs)
    magnets = size.magnets_per_pole * size.magnet_width * size.magnet_thickness * motor.magnet.density
    cap = CapOnSprings(
        force=(size.pole_cap_area * motor.steel.density + magnets) * size.pole_cap_radius * speed**2,
        thickness=rotor.bridge,
        length=length,
        angle=angle,
        width=rotor.post_width,
        height=post_height(rotor),
        span=rotor.pocket_chord,
        depth=size.pole_cap_area / rotor.pocket_chord,
        fillet=fillet,
        hub_hoop=mean_hoop_stress(motor, speed),
        rim_hoop=motor.steel.density * (rotor.outer_radius * speed) ** 2,
    )
    return cap_stresses(cap, coefficients)


def pocket_fillet(motor: Motor) -> jax.Array:
    """Radius [m] of the pocket corners of a V: `POCKET_FILLET` where its end is large enough (smooth minimum)."""
    rotor = motor.lamination.rotor
    assert isinstance(rotor, SingleVRotor)
    length, _ = _bridge_line(rotor, motor.pole_pairs)
    shorter = smooth_minimum(length, _web_edge(rotor, motor.pole_pairs), 0.05e-3)
    return smooth_minimum(POCKET_FILLET, POCKET_FILLET_SHARE * shorter, 0.05e-3)


def _bridge_line(rotor: SingleVRotor, pole_pairs: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Length [m] of the pocket's end under the bridge, and the bridge's angle [rad] from the d axis."""
    radius = rotor.outer_radius - rotor.bridge
    corner = jnp.arcsin(0.5 * rotor.pocket_chord / radius)
    web = 0.5 * jnp.pi / pole_pairs - jnp.arcsin(0.5 * rotor.web_width / radius)
    return radius * (web - corner), 0.5 * (web + corner)


def _web_edge(rotor: SingleVRotor, pole_pairs: jax.Array) -> jax.Array:
    """Length [m] of the pocket's edge along the web between the poles."""
    radius, half_pitch = rotor.outer_radius - rotor.bridge, 0.5 * jnp.pi / pole_pairs
    slope = jnp.arctan(v_slope(rotor))
    web = half_pitch - jnp.arcsin(0.5 * rotor.web_width / radius)
    foot = rotor.outer_radius - rotor.depth - post_height(rotor)  # on the pocket's floor, half a post off the d axis
    x, y = radius * jnp.cos(web) - foot, radius * jnp.sin(web) - 0.5 * rotor.post_width
    # Distance of the web's corner from the floor's line, measured along the q axis.
    return (x * jnp.cos(slope) - y * jnp.sin(slope)) / jnp.cos(half_pitch + slope)


def layered_pole_stresses(
    motor: Motor, speed: jax.Array, fillet: jax.Array, coefficients
) -> tuple[jax.Array, jax.Array]:
    """(bridges, posts) peak stresses [Pa] (k,) of the barriers of a layered pole at speed [rad/s].

    Every barrier's bridges and post hold all that lies outside it: iron, and the magnets of the outer barriers and of
    its own. `fillet` (k,) [m]."""
    rotor, barriers = motor.lamination.rotor, motor.lamination.template.barriers
    assert isinstance(rotor, LayeredRotor)
    iron = jnp.stack([_outside(rotor, barriers, k)[0] for k in range(len(barriers))])
    moment = jnp.stack([_outside(rotor, barriers, k)[1] for k in range(len(barriers))])
    magnets = jnp.stack([_magnet_moment(rotor, barriers[: k + 1]) for k in range(len(barriers))])
    span = 2.0 * rotor.tip[:, 0, 1]
    middle = jnp.mean(rotor.tip, 1)
    cap = CapOnSprings(
        force=(motor.steel.density * moment + motor.magnet.density * magnets) * speed**2,
        thickness=rotor.outer_radius - jnp.sqrt(jnp.sum(rotor.tip[:, 0] ** 2, -1)),
        length=length_of(rotor.tip),
        angle=jnp.arctan2(middle[:, 1], middle[:, 0]),
        width=jnp.mean(rotor.post_width, 1),
        height=rotor.inner_centre[:, 0, 0] - rotor.outer_centre[:, 0, 0],
        span=span,
        depth=iron / span,
        fillet=fillet,
        hub_hoop=mean_hoop_stress(motor, speed),
        rim_hoop=motor.steel.density * (rotor.outer_radius * speed) ** 2,
    )
    return cap_stresses(cap, coefficients)


def _outside(rotor: LayeredRotor, barriers: tuple[Barrier, ...], layer: int) -> tuple[jax.Array, jax.Array]:
    """Area [m2] of the iron outside a barrier (whole pole) and its moment [m3] about the axis, along the d axis."""
    cut = [(-sign, part) for sign, part in barrier_parts(rotor, barriers[:layer])]
    parts = [(1.0, cap_outline(rotor, layer)), *cut]
    area = sum((sign * polygon_area(part) for sign, part in parts), jnp.zeros(()))
    return 2.0 * area, 2.0 * sum((sign * polygon_moment(part)[0] for sign, part in parts), jnp.zeros(()))


def _magnet_moment(rotor: LayeredRotor, barriers: tuple[Barrier, ...]) -> jax.Array:
    """Moment [m3] of the magnets in the first barriers (whole pole) about the axis, along the d axis."""
    return 2.0 * sum((polygon_moment(part)[0] for part in magnet_parts(rotor, barriers)), jnp.zeros(()))


def barrier_fillet(rotor: LayeredRotor) -> jax.Array:
    """Radius [m] (k,) of the corners of barriers: `BARRIER_FILLET` where the tip is wide enough (smooth minimum)."""
    return smooth_minimum(BARRIER_FILLET, BARRIER_FILLET_SHARE * length_of(rotor.tip), 0.05e-3)


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
    coil, shoe, body = salient_pulls(motor, speed)
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


def bar_stresses(motor: Motor, speed: jax.Array, coefficients) -> tuple[jax.Array, jax.Array]:
    """(cover, tooth) peak stresses [Pa] around one bar of a cage at speed [rad/s].

    The bar lies loose under the iron over it: a beam clamped at both ends under the bar's even load (closed slot), or
    two lips that share it (open); rounded corners shorten both. Hoop stress of a free rim is added. The tooth's foot
    carries tooth, bar and cover, and the hub's mean hoop stress. Notch terms grow with thickness over corner radius, at
    the tooth with its root.
    """
    bending_share, cover_notch, rounding, rim_hoop, tension, hub_hoop = coefficients
    rotor, cage = motor.lamination.rotor, motor.cage
    assert isinstance(rotor, CageRotor) and cage is not None
    top = rotor.outer_radius - rotor.bridge
    bottom = top - rotor.bar_depth
    bar = cage.metal.density * cage.bar_area * 0.5 * (top + bottom) * speed**2
    if motor.lamination.template.open_bars:
        reach = 0.5 * (rotor.bar_width_top - rotor.opening_width) - rounding * rotor.corner_radius_top
        share = 1.5
    else:
        reach, share = rotor.bar_width_top - 2.0 * rounding * rotor.corner_radius_top, 0.5
    bending = share * bar * smooth_maximum(reach, 0.1e-3, 0.05e-3) / rotor.bridge**2
    pitch = jnp.pi * (rotor.outer_radius**2 - bottom**2) / cage.bars
    iron = motor.steel.density * (pitch - cage.bar_area) * 0.5 * (rotor.outer_radius + bottom) * speed**2
    tooth = 2.0 * jnp.tan(jnp.pi / cage.bars) * bottom - rotor.bar_width_bottom
    cover = bending_share * bending * (1.0 + cover_notch * rotor.bridge / _sharpest(rotor.corner_radius_top))
    foot = tension * (bar + iron) / tooth * jnp.sqrt(tooth / _sharpest(rotor.corner_radius_bottom))
    return (
        cover + rim_hoop * motor.steel.density * (rotor.outer_radius * speed) ** 2,
        foot + hub_hoop * mean_hoop_stress(motor, speed),
    )


def end_ring_stress(motor: Motor, speed: jax.Array) -> jax.Array:
    """Hoop stress [Pa] of a free ring, rho v^2, times the sheet's over the ring's yield strength."""
    cage = motor.cage
    assert cage is not None
    stress = cage.metal.density * (cage.ring_radius * speed) ** 2
    return stress * motor.steel.yield_strength / cage.metal.yield_strength


def _sharpest(radius: jax.Array) -> jax.Array:
    return smooth_maximum(radius, SHARPEST_BAR, 0.02e-3)
