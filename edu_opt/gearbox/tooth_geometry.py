"""Geometry of a helical pair, external or internal, with real-valued teeth.

Signs follow ISO 21771: an internal ring has a negative number of teeth, negative diameters and a negative centre
distance, its profile shift counts as for the external gear; then every formula is the same for both. Everything is
analytic in teeth, module, helix and profile shift, so teeth may be relaxed to real numbers.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from edu_opt.numerics.pytree import pytree
from edu_opt.numerics.smooth import safe_sqrt, smooth_clip, smooth_minimum

STANDARD_PRESSURE_ANGLE = jnp.pi / 9.0  # 20 degrees
LARGEST_COSINE = 0.9999  # guard of acos where a tip falls to its base circle


@pytree
class GearPair:
    """One mesh: gear 1 (pinion, driver when driving), gear 2 (wheel; teeth < 0 for a ring). Scalars unless (2,).

    normal_module [m], pressure_angle and helix_angle [rad], teeth (2,), profile_shift (2,) [modules], face_width
    (2,) [m], centre_distance [m] (negative for a ring), tip_diameter (2,) [m] (negative for a ring), dedendum (2,) and
    root_radius (2,) of the basic rack [modules].
    """

    normal_module: jax.Array
    pressure_angle: jax.Array
    helix_angle: jax.Array
    teeth: jax.Array
    profile_shift: jax.Array
    face_width: jax.Array
    centre_distance: jax.Array
    tip_diameter: jax.Array
    dedendum: jax.Array
    root_radius: jax.Array


@pytree
class PairGeometry:
    """What follows from a `GearPair`: angles [rad], diameters (2,) [m], contact ratios, root diameters (2,) [m]."""

    transverse_angle: jax.Array
    working_angle: jax.Array
    base_helix: jax.Array
    reference_diameter: jax.Array
    base_diameter: jax.Array
    working_diameter: jax.Array
    root_diameter: jax.Array
    contact_ratio: jax.Array
    addendum_contact_ratio: jax.Array
    overlap_ratio: jax.Array
    total_contact_ratio: jax.Array
    gear_ratio: jax.Array
    common_face_width: jax.Array


def involute(angle: jax.Array) -> jax.Array:
    """inv(angle) = tan(angle) - angle."""
    return jnp.tan(angle) - angle


def inverse_involute(value: jax.Array) -> jax.Array:
    """Angle [rad] whose involute is `value` > 0 (5 to 45 degrees): Cheng's series, then two Newton steps (1e-12)."""
    cube = jnp.cbrt(3.0 * value)
    angle = cube * (1.0 - cube**2 * (2.0 / 15.0) + cube**4 * (3.0 / 175.0))
    for _ in range(2):
        tangent = jnp.tan(angle)
        angle = angle - (tangent - angle - value) / tangent**2
    return angle


def safe_arccos(cosine: jax.Array) -> jax.Array:
    """acos with a finite slope: the cosine saturates smoothly below 1 (within 1e-4 of it)."""
    return jnp.arccos(smooth_minimum(cosine, LARGEST_COSINE, 1e-4))


def transverse_pressure_angle(pressure_angle: float | jax.Array, helix_angle: jax.Array) -> jax.Array:
    """alpha_t from tan(alpha_n)/cos(beta)."""
    return jnp.arctan(jnp.tan(pressure_angle) / jnp.cos(helix_angle))


def working_pressure_angle(
    pressure_angle: float | jax.Array, helix_angle: jax.Array, teeth_sum: jax.Array, profile_shift_sum: jax.Array
) -> jax.Array:
    """alpha_wt [rad] without backlash: inv(alpha_wt) = inv(alpha_t) + 2 tan(alpha_n) sum(x)/sum(z)."""
    transverse = transverse_pressure_angle(pressure_angle, helix_angle)
    value = involute(transverse) + 2.0 * jnp.tan(pressure_angle) * profile_shift_sum / teeth_sum
    smallest = 1e-3  # involute of 8 degrees: below it the shift is absurd; keeps the cube root smooth
    return inverse_involute(smallest + 0.5 * (value - smallest + jnp.sqrt((value - smallest) ** 2 + 1e-8)))


def centre_distance(
    normal_module: jax.Array,
    pressure_angle: float | jax.Array,
    helix_angle: jax.Array,
    teeth_sum: jax.Array,
    profile_shift_sum: jax.Array,
) -> jax.Array:
    """Working centre distance [m] (negative for an internal pair) from the sum of profile shifts."""
    transverse = transverse_pressure_angle(pressure_angle, helix_angle)
    working = working_pressure_angle(pressure_angle, helix_angle, teeth_sum, profile_shift_sum)
    reference = normal_module * teeth_sum / (2.0 * jnp.cos(helix_angle))
    return reference * jnp.cos(transverse) / jnp.cos(working)


def profile_shift_sum(
    normal_module: jax.Array,
    pressure_angle: float | jax.Array,
    helix_angle: jax.Array,
    teeth_sum: jax.Array,
    distance: jax.Array,
) -> jax.Array:
    """Sum of profile shifts [modules] that gives a centre distance [m]: the inverse of `centre_distance`."""
    transverse = transverse_pressure_angle(pressure_angle, helix_angle)
    reference = normal_module * teeth_sum / (2.0 * jnp.cos(helix_angle))
    working = safe_arccos(reference * jnp.cos(transverse) / distance)
    return (involute(working) - involute(transverse)) * teeth_sum / (2.0 * jnp.tan(pressure_angle))


def make_pair(
    normal_module: jax.Array,
    helix_angle: jax.Array,
    teeth: jax.Array,
    profile_shift: jax.Array,
    face_width: jax.Array,
    pressure_angle: float | jax.Array = STANDARD_PRESSURE_ANGLE,
    addendum: float = 1.0,
    dedendum: float = 1.25,
    root_radius: float = 0.38,
) -> GearPair:
    """Pair with the centre distance of its profile shifts and tips shortened to keep the rack's clearance.

    teeth, profile_shift, face_width (2,). Basic rack ISO 53 profile A unless said.
    """
    module = jnp.asarray(normal_module)
    angle = jnp.asarray(pressure_angle)
    total, shift = jnp.sum(teeth), jnp.sum(profile_shift)
    distance = centre_distance(module, angle, helix_angle, total, shift)
    # Tips are cut by the difference between the shift sum and the spread of the axes (k <= 0 for external pairs); an
    # internal pair gains clearance instead and keeps its tips.
    spread = distance / module - total / (2.0 * jnp.cos(helix_angle))
    shortening = jnp.where(teeth[1] < 0, 0.0, spread - shift)
    reference = module * teeth / jnp.cos(helix_angle)
    return GearPair(
        normal_module=module,
        pressure_angle=angle,
        helix_angle=jnp.asarray(helix_angle),
        teeth=teeth,
        profile_shift=profile_shift,
        face_width=face_width,
        centre_distance=distance,
        tip_diameter=reference + 2.0 * module * (addendum + profile_shift + shortening),
        dedendum=jnp.full(2, dedendum),
        root_radius=jnp.full(2, root_radius),
    )


def pair_geometry(pair: GearPair) -> PairGeometry:
    """Angles, diameters and contact ratios (ISO 21771; ISO 6336-1 for the contact ratios)."""
    transverse = transverse_pressure_angle(pair.pressure_angle, pair.helix_angle)
    reference = pair.normal_module * pair.teeth / jnp.cos(pair.helix_angle)
    base = reference * jnp.cos(transverse)
    working = safe_arccos(jnp.sum(base) / (2.0 * pair.centre_distance))
    base_pitch = jnp.pi * pair.normal_module * jnp.cos(transverse) / jnp.cos(pair.helix_angle)
    # Length from the tip's point of contact to the pitch point, of each gear; curvature at the tip first.
    at_tip = jnp.sign(pair.teeth) * safe_sqrt(0.25 * (pair.tip_diameter**2 - base**2), 1e-12)
    addendum_ratio = (at_tip - 0.5 * base * jnp.tan(working)) / base_pitch
    width = smooth_minimum(pair.face_width[0], pair.face_width[1], 1e-6)
    overlap = width * jnp.sin(pair.helix_angle) / (jnp.pi * pair.normal_module)
    contact = jnp.sum(addendum_ratio)
    return PairGeometry(
        transverse_angle=transverse,
        working_angle=working,
        base_helix=jnp.arcsin(jnp.sin(pair.helix_angle) * jnp.cos(pair.pressure_angle)),
        reference_diameter=reference,
        base_diameter=base,
        working_diameter=base / jnp.cos(working),
        root_diameter=reference + 2.0 * pair.normal_module * (pair.profile_shift - pair.dedendum),
        contact_ratio=contact,
        addendum_contact_ratio=addendum_ratio,
        overlap_ratio=overlap,
        total_contact_ratio=contact + overlap,
        gear_ratio=pair.teeth[1] / pair.teeth[0],
        common_face_width=width,
    )


def virtual_teeth(pair: GearPair, geometry: PairGeometry) -> jax.Array:
    """Teeth of the virtual spur gears (2,): z / (cos^2(beta_b) cos(beta)), ISO 6336-3 eq. 21."""
    return pair.teeth / (jnp.cos(geometry.base_helix) ** 2 * jnp.cos(pair.helix_angle))


def tip_thickness(pair: GearPair, geometry: PairGeometry) -> jax.Array:
    """Normal tooth thickness at the tip (2,) [modules]; for a ring, of the tooth between two spaces."""
    at_tip = tip_angles(pair, geometry)
    half_angle = (0.5 * jnp.pi + 2.0 * pair.profile_shift * jnp.tan(pair.pressure_angle)) / pair.teeth
    half_angle = half_angle + involute(geometry.transverse_angle) - involute(at_tip)
    tip_helix = jnp.arctan(jnp.tan(pair.helix_angle) * pair.tip_diameter / geometry.reference_diameter)
    return pair.tip_diameter * half_angle * jnp.cos(tip_helix) / pair.normal_module


def undercut_margin(pair: GearPair, geometry: PairGeometry) -> jax.Array:
    """Profile shift above the limit of undercut by the rack (2,) [modules]; no meaning for a ring (large there)."""
    straight = pair.dedendum - pair.root_radius * (1.0 - jnp.sin(pair.pressure_angle))
    limit = straight - jnp.abs(pair.teeth) * jnp.sin(geometry.transverse_angle) ** 2 / (2.0 * jnp.cos(pair.helix_angle))
    return jnp.where(pair.teeth < 0, 1.0, pair.profile_shift - limit)


def interference_margin(pair: GearPair, geometry: PairGeometry) -> jax.Array:
    """Room against interference (2,) [modules], >= 0 where there is none.

    Gears: curvature radius where contact starts above that of the usable (rack-cut) involute, ISO 21771. A ring: its
    tooth corners against those of the pinion, `fouling_clearance`; its flank's usable depth is that of its cutter.
    """
    line = pair.centre_distance * jnp.sin(geometry.working_angle)
    at_tip = jnp.sign(pair.teeth) * safe_sqrt(0.25 * (pair.tip_diameter**2 - geometry.base_diameter**2), 1e-12)
    start = line - at_tip[::-1]
    depth = pair.dedendum - pair.root_radius * (1.0 - jnp.sin(pair.pressure_angle)) - pair.profile_shift
    sine = jnp.sin(geometry.transverse_angle)
    form = 0.5 * geometry.reference_diameter * sine - pair.normal_module * depth / sine
    return jnp.where(pair.teeth < 0, fouling_clearance(pair, geometry), (start - form) / pair.normal_module)


def tip_angles(pair: GearPair, geometry: PairGeometry) -> jax.Array:
    """Transverse pressure angles at both tips (2,) [rad]."""
    return safe_arccos(geometry.base_diameter / pair.tip_diameter)


def fouling_clearance(pair: GearPair, geometry: PairGeometry) -> jax.Array:
    """Clearance [modules] of an internal pair where the tip circles cross (trochoid or fouling interference).

    theta_1 z1/z2 + inv(alpha_wt) - inv(alpha_a2) - theta_2 on the ring's tip circle, theta_1 the pinion's turn from the
    pitch point until its tooth corner reaches the crossing (KHK, Gear Technical Reference, internal gears; VDI 2607 and
    the Maag book check the same corner; recalled, checked against the moving corners in a test). No meaning for an
    external pair: 1 there.
    """
    ring = pair.teeth[1] < 0
    distance = jnp.abs(pair.centre_distance)
    # An external pair gets harmless numbers: its circles do not cross inside a ring.
    pinion = 0.5 * pair.tip_diameter[0]
    outer = jnp.where(ring, 0.5 * jnp.abs(pair.tip_diameter[1]), distance + 0.5 * pinion)
    at_tip = jnp.where(ring, tip_angles(pair, geometry), geometry.working_angle)
    working = involute(geometry.working_angle)
    at_pinion = safe_arccos((outer**2 - distance**2 - pinion**2) / (2.0 * distance * pinion))
    turn = at_pinion + involute(at_tip[0]) - working
    at_ring = safe_arccos((outer**2 + distance**2 - pinion**2) / (2.0 * distance * outer))
    room = turn / jnp.abs(geometry.gear_ratio) + working - involute(at_tip[1]) - at_ring
    return jnp.where(ring, room * outer / pair.normal_module, 1.0)


def radial_assembly_clearance(pair: GearPair, geometry: PairGeometry) -> jax.Array:
    """Clearance [rad at the pinion] for putting the pinion radially into its ring (trimming interference), >= 0 where
    it goes in; where it is negative, planets go in along the axis and the ring's shaper needs fewer teeth.

    theta_1 + inv(alpha_a1) - inv(alpha_wt) - z2/z1 (theta_2 + inv(alpha_a2) - inv(alpha_wt)) (KHK, Gear Technical
    Reference; recalled). 1 for an external pair.
    """
    ring, ratio = pair.teeth[1] < 0, jnp.abs(geometry.gear_ratio)
    at_tip, working = tip_angles(pair, geometry), involute(geometry.working_angle)
    cosines = jnp.where(ring, (jnp.cos(at_tip[0]) / jnp.cos(at_tip[1])) ** 2, 0.5)
    squares = jnp.stack([(1.0 - cosines) / (1.0 - ratio**-2), (1.0 / cosines - 1.0) / (ratio**2 - 1.0)])
    squares = jnp.where(ring, smooth_clip(squares, 1e-4, 0.999, 1e-4), 0.5)
    first, second = jnp.arcsin(jnp.sqrt(squares))
    turn = first + involute(at_tip[0]) - working
    return jnp.where(ring, turn - ratio * (second + involute(at_tip[1]) - working), 1.0)
