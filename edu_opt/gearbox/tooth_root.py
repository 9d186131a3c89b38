"""Tooth form and stress correction at the critical root section, ISO 6336-3:2006 method B (30 degree tangent; 60 for
rings).

Load at the outer point of single contact, spread over the virtual spur gear. Lengths inside are in modules. For a
ring the signed number of teeth of ISO 21771 enters and the fillet radius of the shaper cutter replaces that of the
rack.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from edu_opt.gearbox.tooth_geometry import GearPair, PairGeometry, involute, safe_arccos, virtual_teeth
from edu_opt.numerics.powers import power
from edu_opt.numerics.pytree import pytree
from edu_opt.numerics.smooth import safe_sqrt, smooth_clip, smooth_maximum, smooth_minimum

NEWTON_STEPS = 5
CUTTER_TEETH = 30.0  # shaper of a ring where nothing is said (as in the KISSsoft example KS02)


@pytree
class ToothRoot:
    """Root factors of both gears, each (2,): form factor Y_F, stress correction Y_S, notch parameter q_s, chord s_Fn,
    lever h_Fe and fillet radius rho_F [modules], load direction alpha_Fen [rad]."""

    form_factor: jax.Array
    stress_correction: jax.Array
    notch_parameter: jax.Array
    root_chord: jax.Array
    bending_lever: jax.Array
    fillet_radius: jax.Array
    load_angle: jax.Array


def fillet_of_ring(pair: GearPair, ring_cutter_teeth: float | jax.Array, cutter_shift: float | jax.Array) -> jax.Array:
    """rho_fPv (2,) [modules]: as the rack for gears, after ISO 6336-3 eq. 13 for a ring cut by a pinion-type cutter."""
    depth = smooth_maximum(cutter_shift + pair.dedendum - pair.root_radius, 0.0, 1e-3)
    ring = pair.root_radius + power(depth, 1.95) / (3.156 * 1.036**ring_cutter_teeth)
    return jnp.where(pair.teeth < 0, ring, pair.root_radius)


def critical_section(pair: GearPair, teeth: jax.Array, fillet: jax.Array) -> tuple[jax.Array, jax.Array, jax.Array]:
    """(theta [rad], G [modules], tangent angle [rad]) of the critical section, each (2,); ISO 6336-3 eqs. 9 to 14."""
    sine, cosine = jnp.sin(pair.pressure_angle), jnp.cos(pair.pressure_angle)
    tangent = jnp.where(teeth < 0, jnp.pi / 6.0, jnp.pi / 3.0)
    edge = 0.25 * jnp.pi - pair.dedendum * jnp.tan(pair.pressure_angle) - (1.0 - sine) * fillet / cosine
    auxiliary = fillet - pair.dedendum + pair.profile_shift
    offset = 2.0 / teeth * (0.5 * jnp.pi - edge) - tangent
    slope = 2.0 * auxiliary / teeth

    def newton(theta: jax.Array, _: None) -> tuple[jax.Array, None]:
        """Newton on theta - 2G/z tan(theta) + H = 0 (ISO iterates plainly; same root)."""
        tangent_theta = jnp.tan(theta)
        residual = theta - slope * tangent_theta + offset
        stepped = theta - residual / (1.0 - slope * (1.0 + tangent_theta**2))
        return smooth_clip(stepped, 0.05, 1.5, 1e-6), None

    theta, _ = jax.lax.scan(newton, 0.5 * tangent + jnp.where(teeth < 0, jnp.pi / 4.0, 0.0), None, NEWTON_STEPS)
    return theta, auxiliary, tangent


def load_point(
    pair: GearPair, geometry: PairGeometry, teeth: jax.Array, at_tip: bool
) -> tuple[jax.Array, jax.Array, jax.Array]:
    """(d_en [modules], gamma_e, alpha_Fen [rad]) of the outer point of single contact, each (2,), or of the tip; eqs.
    20 to 30."""
    module, cosine = pair.normal_module, jnp.cos(pair.pressure_angle)
    contact = geometry.contact_ratio / jnp.cos(geometry.base_helix) ** 2
    base = teeth * cosine
    tip = teeth + (pair.tip_diameter - geometry.reference_diameter) / module
    outermost = safe_sqrt(0.25 * (tip**2 - base**2), 1e-9)
    inwards = 0.0 if at_tip else jnp.sign(teeth) * jnp.pi * cosine * (contact - 1.0)
    single = outermost - inwards
    diameter = 2.0 * jnp.sign(teeth) * jnp.sqrt(single**2 + 0.25 * base**2)
    angle = safe_arccos(base / diameter)
    gamma = (0.5 * jnp.pi + 2.0 * jnp.tan(pair.pressure_angle) * pair.profile_shift) / teeth
    gamma = gamma + involute(pair.pressure_angle) - involute(angle)
    return diameter, gamma, angle - gamma


def tooth_root(
    pair: GearPair,
    geometry: PairGeometry,
    cutter_teeth: float | jax.Array = CUTTER_TEETH,
    cutter_shift: float | jax.Array = 0.0,
    *,
    at_tip: bool = False,
) -> ToothRoot:
    """Y_F, Y_S and what they are made of, for both gears; valid for contact ratios of the virtual gears below 2.

    at_tip: Y_Fa, Y_Sa of a load at the tip (DIN 3990-3 method C; needs Y_epsilon besides).
    """
    teeth = virtual_teeth(pair, geometry)
    fillet = fillet_of_ring(pair, cutter_teeth, cutter_shift)
    theta, auxiliary, tangent = critical_section(pair, teeth, fillet)
    diameter, gamma, load_angle = load_point(pair, geometry, teeth, at_tip)
    ring = teeth < 0
    depth = auxiliary / jnp.cos(theta) - fillet
    chord = teeth * jnp.sin(tangent - theta) + jnp.where(ring, 1.0, jnp.sqrt(3.0)) * depth
    # |z| for a ring too: the signed number misses the KISSsoft ring (KS02) by 4 %, this meets it within 0.1 %
    radius = fillet + 2.0 * auxiliary**2 / (jnp.cos(theta) * (jnp.abs(teeth) * jnp.cos(theta) ** 2 - 2.0 * auxiliary))
    lever = (jnp.cos(gamma) - jnp.sin(gamma) * jnp.tan(load_angle)) * diameter - teeth * jnp.cos(tangent - theta)
    lever = 0.5 * (lever - jnp.where(ring, jnp.sqrt(3.0), 1.0) * depth)
    chord, lever = smooth_maximum(chord, 0.3, 1e-3), smooth_maximum(lever, 0.1, 1e-3)
    radius = smooth_maximum(radius, 0.05, 1e-3)
    form = 6.0 * lever * jnp.cos(load_angle) / (chord**2 * jnp.cos(pair.pressure_angle))
    slenderness, notch = chord / lever, chord / (2.0 * radius)
    correction = (1.2 + 0.13 * slenderness) * power(notch, 1.0 / (1.21 + 2.3 / slenderness))
    return ToothRoot(
        form_factor=form,
        stress_correction=correction,
        notch_parameter=notch,
        root_chord=chord,
        bending_lever=lever,
        fillet_radius=radius,
        load_angle=load_angle,
    )


def helix_factor(geometry: PairGeometry, helix_angle: jax.Array) -> jax.Array:
    """Y_beta = 1 - min(eps_beta, 1) min(beta, 30 deg)/120 deg, ISO 6336-3 eq. 41, corners rounded by 0.01."""
    overlap = smooth_minimum(geometry.overlap_ratio, 1.0, 0.01)
    degrees = smooth_minimum(jnp.rad2deg(helix_angle), 30.0, 0.3)
    return 1.0 - overlap * degrees / 120.0


def contact_ratio_factor(geometry: PairGeometry) -> jax.Array:
    """Y_epsilon = 0.25 + 0.75 cos^2(beta_b)/eps_alpha for loads at the tip, DIN 3990-3 method C."""
    return 0.25 + 0.75 * jnp.cos(geometry.base_helix) ** 2 / geometry.contact_ratio
