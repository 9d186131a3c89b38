"""Load factors of ISO 6336-1:2006 method B, smooth in load and speed: mesh stiffness, K_V, K_Hbeta, K_Halpha.

Forces, deviations and lengths in SI: 1 N/(mm um) of the standard is 1e9 N/m^2 here. Loads may have any shape that
broadcasts against scalars of the pair.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from edu_opt.gearbox.tooth_geometry import STANDARD_PRESSURE_ANGLE, GearPair, PairGeometry, virtual_teeth
from edu_opt.numerics.pytree import pytree
from edu_opt.numerics.smooth import (
    blend,
    smooth_absolute,
    smooth_clip,
    smooth_maximum,
    smooth_minimum,
    smooth_step,
)

STIFFNESS_UNIT = 1e9  # N/m^2 per N/(mm um)
REFERENCE_LINE_LOAD = 1e5  # N/m: 100 N/mm, below which ISO 6336-1 lets the stiffness fall
SMALLEST_LINE_LOAD = 1e3  # N/m: keeps ratios to the load finite where a block carries nothing


@pytree
class Deviations:
    """Manufacture: base pitch and profile form deviation, helix slope deviation, tip relief [m]."""

    base_pitch: jax.Array
    profile_form: jax.Array
    helix_slope: jax.Array
    tip_relief: jax.Array


@pytree
class MeshStiffness:
    """Single stiffness c' and mesh stiffness c_gamma alpha / beta per face width [N/m^2]."""

    single: jax.Array
    mesh_alpha: jax.Array
    mesh_beta: jax.Array


def deviations_of_class(
    normal_module: jax.Array,
    diameter: jax.Array,
    face_width: jax.Array,
    accuracy_class: float | jax.Array,
    tip_relief: float | jax.Array,
    pressure_angle: float | jax.Array = STANDARD_PRESSURE_ANGLE,
) -> Deviations:
    """Tolerances of a flank class, ISO 1328-1:2013 (formulas of clause 5, mm and um), of the larger gear."""
    step = jnp.sqrt(2.0) ** (jnp.asarray(accuracy_class) - 5.0)
    module, diameter, width = normal_module * 1e3, jnp.abs(diameter) * 1e3, face_width * 1e3
    pitch = (0.001 * diameter + 0.4 * module + 5.0) * step
    form = (0.55 * module + 5.0) * step
    helix = (0.05 * jnp.sqrt(diameter) + 0.35 * jnp.sqrt(width) + 4.0) * step
    return Deviations(
        base_pitch=pitch * jnp.cos(pressure_angle) * 1e-6,
        profile_form=form * 1e-6,
        helix_slope=helix * 1e-6,
        tip_relief=jnp.asarray(tip_relief),
    )


def effective_deviations(deviations: Deviations) -> tuple[jax.Array, jax.Array]:
    """(base pitch, profile form) after running-in [m]: 0.075 of each wears off, 3 um at most (case-hardened, eq.
    84)."""
    worn_pitch = smooth_minimum(0.075 * deviations.base_pitch, 3e-6, 1e-7)
    worn_form = smooth_minimum(0.075 * deviations.profile_form, 3e-6, 1e-7)
    return deviations.base_pitch - worn_pitch, deviations.profile_form - worn_form


def mesh_stiffness(pair: GearPair, geometry: PairGeometry, rim_factor: float | jax.Array = 1.0) -> MeshStiffness:
    """c' = 0.8 c'_th C_R C_B cos(beta) with the series for c'_th, ISO 6336-1 eqs. 81 to 92. A ring counts as a rack."""
    inverse = jnp.where(pair.teeth < 0, 0.0, 1.0 / virtual_teeth(pair, geometry))
    shift = jnp.where(pair.teeth < 0, 0.0, pair.profile_shift)
    compliance = (
        0.04723
        + 0.15551 * inverse[0]
        + 0.25791 * inverse[1]
        - 0.00635 * shift[0]
        - 0.11654 * shift[0] * inverse[0]
        - 0.00193 * shift[1]
        - 0.24188 * shift[1] * inverse[1]
        + 0.00529 * shift[0] ** 2
        + 0.00182 * shift[1] ** 2
    )
    rack = (1.0 + 0.5 * (1.2 - jnp.mean(pair.dedendum))) * (1.0 - 0.02 * (20.0 - jnp.rad2deg(pair.pressure_angle)))
    single = 0.8 / compliance * rim_factor * rack * jnp.cos(pair.helix_angle) * STIFFNESS_UNIT
    mesh = single * (0.75 * geometry.contact_ratio + 0.25)
    return MeshStiffness(single=single, mesh_alpha=mesh, mesh_beta=0.85 * mesh)


def reduced_mass(
    geometry: PairGeometry, density: float | jax.Array, bore_ratio: jax.Array, tips: jax.Array
) -> jax.Array:
    """Reduced mass per face width on the line of action [kg/m] of two external wheels, ISO 6336-1 eq. 30.

    bore_ratio (2,) = inner over mean diameter of the bodies; tips (2,) tip diameters [m].
    """
    mean = 0.5 * (tips + geometry.root_diameter)
    ratio = geometry.gear_ratio
    first = 1.0 / ((1.0 - bore_ratio[0] ** 4) * density)
    second = 1.0 / ((1.0 - bore_ratio[1] ** 4) * density * ratio**2)
    return jnp.pi / 8.0 * (mean[0] / geometry.base_diameter[0]) ** 2 * mean[0] ** 2 / (first + second)


def resonance_ratio(pinion_speed: jax.Array, teeth: jax.Array, stiffness: MeshStiffness, mass: jax.Array) -> jax.Array:
    """N = tooth frequency over the mesh's natural frequency (both angular); pinion_speed [rad/s] relative to the
    carrier."""
    return jnp.abs(teeth[0]) * pinion_speed / jnp.sqrt(stiffness.mesh_alpha / mass)


def dynamic_factor(
    resonance: jax.Array, line_load: jax.Array, geometry: PairGeometry, stiffness: MeshStiffness, deviations: Deviations
) -> jax.Array:
    """K_V, method B, with the three regimes of ISO 6336-1 (subcritical, main resonance, supercritical) blended.

    The standard's regimes jump at N = 0.85 and 1.15; here they change over +-0.1. line_load = F_t K_A K_gamma / b
    [N/m]. The coefficients for total contact ratios above 2 hold below too, within 5 % of K_V - 1 (their values meet
    at 2).
    """
    load = smooth_maximum(line_load, SMALLEST_LINE_LOAD, SMALLEST_LINE_LOAD)
    softening = smooth_minimum((load / REFERENCE_LINE_LOAD) ** 0.25, 1.0, 0.02)
    pitch, form = effective_deviations(deviations)
    single = stiffness.single * softening
    pitch_share, form_share = single * pitch / load, single * form / load
    relief_share = smooth_absolute(1.0 - single * deviations.tip_relief / load, 0.02)
    total = smooth_maximum(geometry.total_contact_ratio, 2.0, 0.02)
    near = smooth_clip(geometry.total_contact_ratio, 1.5, 2.5, 0.02)
    slope = 0.32 * pitch_share + 0.57 / (total - 0.3) * form_share + 0.096 / (total - 1.56) * relief_share
    peak = (
        0.32 * pitch_share + 0.57 / (total - 0.3) * form_share + (0.57 - 0.05 * total) / (total - 1.44) * relief_share
    )
    above = 0.47 * pitch_share + 0.12 / (total - 1.74) * form_share + 0.125 * jnp.sin(jnp.pi * (near - 2.0)) + 0.875
    scaled = resonance / smooth_minimum(softening, 1.0, 1e-3) ** 0.5
    below = 1.0 + smooth_minimum(scaled, 1.0, 0.05) * slope
    return blend(scaled, 1.3, 0.1, blend(scaled, 0.9, 0.05, below, 1.0 + peak), above)


def face_load_factor(
    line_load: jax.Array, stiffness: MeshStiffness, deviations: Deviations, shaft_deflection: jax.Array
) -> jax.Array:
    """K_Hbeta, method C of ISO 6336-1 for lead correction with crowning: F_bx = 1.33 * 0.1 f_sh + 0.5 f_ma (table 8).

    line_load = F_m / b [N/m]; shaft_deflection f_sh at that load [m]; f_ma is the helix slope deviation; 15 % (6 um at
    most) runs in. Beyond 2 the contact no longer spans the face: K = sqrt(2 F c/(F_m/b)), which meets the line at 2.
    """
    load = smooth_maximum(line_load, SMALLEST_LINE_LOAD, SMALLEST_LINE_LOAD)
    misfit = 0.133 * shaft_deflection + 0.5 * deviations.helix_slope
    misfit = misfit - smooth_minimum(0.15 * misfit, 6e-6, 1e-7)
    ratio = misfit * stiffness.mesh_beta / (2.0 * load)
    full, partial = 1.0 + ratio, 2.0 * jnp.sqrt(ratio)
    return full + (partial - full) * smooth_step(ratio - 1.0, 0.1)


def shaft_deflection(
    line_load: jax.Array,
    face_width: jax.Array,
    pinion_diameter: jax.Array,
    shaft_diameter: jax.Array,
    bearing_span: jax.Array,
    offset: jax.Array,
) -> jax.Array:
    """Misalignment f_sh by bending and twist of the pinion shaft [m], ISO 6336-1 eq. 53 with K' = 0.48 (case a,
    table 9)."""
    bending = 0.48 * bearing_span * offset / pinion_diameter**2 * (pinion_diameter / shaft_diameter) ** 4
    amount = smooth_absolute(1.0 + bending - 0.3, 0.02) + 0.3
    # 0.023 um per N/mm
    return line_load * 0.023e-9 * amount * (face_width / pinion_diameter) ** 2


def root_face_load_factor(face_load: jax.Array, face_width: float | jax.Array, tooth_depth: jax.Array) -> jax.Array:
    """K_Fbeta = K_Hbeta^N_F, ISO 6336-1 eq. 70; tooth depth [m]."""
    ratio = tooth_depth / face_width
    return face_load ** (1.0 / (1.0 + ratio + ratio**2))


def transverse_load_factor(
    line_load: jax.Array,
    geometry: PairGeometry,
    stiffness: MeshStiffness,
    deviations: Deviations,
    epsilon_factor: jax.Array,
) -> tuple[jax.Array, jax.Array]:
    """(K_Halpha, K_Falpha), method B, ISO 6336-1 eqs. 73 to 78; line_load = F_t K_A K_gamma K_V K_Hbeta / b [N/m].

    The deviation that counts is the larger of base pitch and profile form (both after running-in).
    """
    load = smooth_maximum(line_load, SMALLEST_LINE_LOAD, SMALLEST_LINE_LOAD)
    largest = smooth_maximum(deviations.base_pitch, deviations.profile_form, 1e-7)
    misfit = largest - smooth_minimum(0.075 * deviations.base_pitch, 3e-6, 1e-7)
    ratio = stiffness.mesh_alpha * misfit / load
    total = geometry.total_contact_ratio
    wide = jnp.sqrt(2.0 * (smooth_maximum(total, 1.1, 0.02) - 1.0) / total)
    factor = blend(total, 2.0, 0.05, 0.5 * total * (0.9 + 0.4 * ratio), 0.9 + 0.4 * wide * ratio)
    factor = smooth_maximum(factor, 1.0, 0.01)
    flank_cap = total / (geometry.contact_ratio * epsilon_factor**2)
    root_cap = total / (0.25 * geometry.contact_ratio + 0.75)
    return smooth_minimum(factor, flank_cap, 0.01), smooth_minimum(factor, root_cap, 0.01)
