"""Load factors of ISO 6336-1:2006 method B, smooth in load and speed: mesh stiffness, K_V, K_Hbeta, K_Halpha.

Forces, deviations and lengths in SI: 1 N/(mm um) of the standard is 1e9 N/m^2 here. Loads may have any shape that
broadcasts against scalars of the pair. `steels` are those of gear 1 and 2.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from edu_opt.gearbox.tooth_geometry import STANDARD_PRESSURE_ANGLE, GearPair, PairGeometry, virtual_teeth
from edu_opt.materials.gear_steels import GearSteel
from edu_opt.numerics.powers import power
from edu_opt.numerics.pytree import pytree
from edu_opt.numerics.smooth import (
    blend,
    safe_norm,
    smooth_absolute,
    smooth_clip,
    smooth_maximum,
    smooth_minimum,
    smooth_step,
)

STIFFNESS_UNIT = 1e9  # N/m^2 per N/(mm um)
REFERENCE_LINE_LOAD = 1e5  # N/m: 100 N/mm, below which ISO 6336-1 lets the stiffness fall
SMALLEST_LINE_LOAD = 1e3  # N/m: keeps ratios to the load finite where a block carries nothing
STEEL_MODULUS = 206e9  # Pa, E_st
RELIEF_CLASS = 5.5  # up to class 5 tip relief counts in B_k, from 6 on not (ISO 6336-1 clause 6.5.5)

Steels = tuple[GearSteel, GearSteel]

# (B1, B2) of ISO 6336-1 table 8: what is left of shaft deflection and of manufacture by the lead correction
LEAD_CORRECTIONS = {
    "none": (1.0, 1.0),
    "crowning": (1.0, 0.5),
    "correction": (0.1, 1.0),
    "correction_and_crowning": (0.1, 0.5),
    "end_relief": (0.7, 0.7),
}


@pytree
class Deviations:
    """Manufacture: base pitch and profile form deviation, helix slope deviation, tip relief that counts in K_V [m]."""

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


def counted_relief(tip_relief: float | jax.Array, accuracy_class: float | jax.Array) -> jax.Array:
    """Tip relief C_a [m] as far as K_V may count it: up to class 5."""
    return tip_relief * (1.0 - smooth_step(jnp.asarray(accuracy_class, float) - RELIEF_CLASS, 0.1))


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
        tip_relief=counted_relief(tip_relief, accuracy_class),
    )


def running_in(deviation: jax.Array, steels: Steels, speed: float | jax.Array, times: float = 1.0) -> jax.Array:
    """What of a deviation [m] wears off, ISO 6336-1 clause 8.3.5: mean of both gears' steels.

    Base pitch and profile form: times = 1 (y_alpha, y_p, y_f); helix deviation: times = 2 (y_beta: eqs. 43 to 45 are
    twice eqs. 79 to 82). speed: pitch-line velocity [m/s]; below 5 m/s the standard sets tempered steel no limit, here
    that of 5 to 10 m/s holds.
    """
    worn = []
    for steel in steels[:1] if steels[0] is steels[1] else steels:
        slow, fast = steel.running_in_limit[0], steel.running_in_limit[1]
        limit = blend(jnp.asarray(speed), 10.0, 0.5, slow, fast)
        worn.append(smooth_minimum(times * steel.running_in_share * deviation, times * limit, 1e-7))
    return sum(worn[1:], worn[0]) / len(worn)


def mesh_stiffness(
    pair: GearPair,
    geometry: PairGeometry,
    line_load: float | jax.Array = 10.0 * REFERENCE_LINE_LOAD,
    body_factor: float | jax.Array = 1.0,
    elasticity_ratio: float | jax.Array = 1.0,
) -> MeshStiffness:
    """c' = 0.8 c'_th C_R C_B cos(beta) E/E_st with the series for c'_th, ISO 6336-1 eqs. 81 to 92; a ring counts as a
    rack of its profile shift.

    Below 100 N/mm it falls with the fourth root of the line load F_t K_A K_gamma / b [N/m] (clause 9.3.2.5).
    """
    inverse = jnp.where(pair.teeth < 0, 0.0, 1.0 / virtual_teeth(pair, geometry))
    shift = pair.profile_shift
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
    light = smooth_maximum(line_load, SMALLEST_LINE_LOAD, SMALLEST_LINE_LOAD) / REFERENCE_LINE_LOAD
    softening = jnp.sqrt(jnp.sqrt(smooth_minimum(light, 1.0, 0.01)))
    single = 0.8 / compliance * body_factor * rack * jnp.cos(pair.helix_angle) * elasticity_ratio * STIFFNESS_UNIT
    single = single * softening
    mesh = single * (0.75 * geometry.contact_ratio + 0.25)
    return MeshStiffness(single=single, mesh_alpha=mesh, mesh_beta=0.85 * mesh)


def reduced_mass(
    geometry: PairGeometry,
    density: float | jax.Array,
    bore_ratio: jax.Array,
    tips: jax.Array,
    meshes: tuple[float | jax.Array, float | jax.Array] = (1.0, 1.0),
) -> jax.Array:
    """Reduced mass per face width on the line of action [kg/m], ISO 6336-1 eqs. 30 and 33 to 36.

    bore_ratio (2,) = inner over mean diameter of the bodies; tips (2,) tip diameters [m]. meshes: how many meshes load
    each gear at once (a sun: number of planets; a planet: 1; a fixed ring: 0, it does not move).
    """
    mean = 0.5 * (jnp.abs(tips) + jnp.abs(geometry.root_diameter))
    ratio = mean / geometry.base_diameter
    mass = jnp.pi / 8.0 * ratio**2 * mean**2 * (1.0 - bore_ratio**4) * density
    return 1.0 / (meshes[0] / mass[0] + meshes[1] / mass[1])


def resonance_ratio(pinion_speed: jax.Array, teeth: jax.Array, stiffness: MeshStiffness, mass: jax.Array) -> jax.Array:
    """N = tooth frequency over the mesh's natural frequency (both angular); pinion_speed [rad/s] relative to the
    carrier."""
    return jnp.abs(teeth[0]) * pinion_speed / jnp.sqrt(stiffness.mesh_alpha / mass)


def dynamic_coefficients(total_contact_ratio: jax.Array) -> tuple[jax.Array, ...]:
    """C_v2, C_v3, C_v4, C_v6, C_v7 of ISO 6336-1 table 5 (C_v1 = 0.32, C_v5 = 0.47), their step at 2 rounded by
    0.02."""
    wide = smooth_maximum(total_contact_ratio, 2.0, 0.02)

    def row(narrow: float, above: jax.Array) -> jax.Array:
        return blend(total_contact_ratio, 2.0, 0.02, jnp.asarray(narrow), above)

    near = smooth_clip(total_contact_ratio, 1.5, 2.5, 0.02)
    return (
        row(0.34, 0.57 / (wide - 0.3)),
        row(0.23, 0.096 / (wide - 1.56)),
        row(0.90, (0.57 - 0.05 * wide) / (wide - 1.44)),
        row(0.47, 0.12 / (wide - 1.74)),
        0.125 * jnp.sin(jnp.pi * (near - 2.0)) + 0.875,
    )


def dynamic_factor(
    resonance: jax.Array,
    line_load: jax.Array,
    geometry: PairGeometry,
    stiffness: MeshStiffness,
    deviations: Deviations,
    steels: Steels,
    speed: float | jax.Array,
) -> jax.Array:
    """K_V, method B, the regimes of ISO 6336-1 clause 6.5 as one smooth hill over N.

    The standard jumps to the main resonance at N_S (0.85; less below 100 N/mm): here the rise lies within 0.1 below
    it, so the main resonance itself and all beyond are the standard's. line_load = F_t K_A K_gamma / b [N/m]; speed:
    pitch-line velocity [m/s].
    """
    load = smooth_maximum(line_load, SMALLEST_LINE_LOAD, SMALLEST_LINE_LOAD)
    pitch = deviations.base_pitch - running_in(deviations.base_pitch, steels, speed)
    form = deviations.profile_form - running_in(deviations.profile_form, steels, speed)
    b_pitch, b_form = stiffness.single * pitch / load, stiffness.single * form / load
    b_relief = safe_norm((1.0 - stiffness.single * deviations.tip_relief / load)[..., None], 0.02)
    c_2, c_3, c_4, c_6, c_7 = dynamic_coefficients(geometry.total_contact_ratio)
    common = 0.32 * b_pitch + c_2 * b_form
    below = 1.0 + resonance * (common + c_3 * b_relief)
    main = 1.0 + common + c_4 * b_relief
    above = 0.47 * b_pitch + c_6 * b_form + c_7
    onset = 0.5 + 0.35 * jnp.sqrt(smooth_minimum(load / REFERENCE_LINE_LOAD, 1.0, 0.02))
    hill = blend(resonance, onset - 0.05, 0.025, below, main)
    return hill + (above - hill) * smooth_clip((resonance - 1.15) / 0.35, 0.0, 1.0, 0.02)


def face_load_factor(
    line_load: jax.Array,
    stiffness: MeshStiffness,
    deviations: Deviations,
    mesh_misalignment: jax.Array,
    steels: Steels,
    speed: float | jax.Array,
    lead_correction: str = "correction_and_crowning",
) -> jax.Array:
    """K_Hbeta, method C of ISO 6336-1 eqs. 41, 42 and 52: F_bx = 1.33 B1 f_sh + B2 f_ma less the running-in.

    line_load = F_m / b [N/m]; mesh_misalignment f_sh [m] of the shafts at that load (`shaft_deflection`, or a beam
    calculation of both shafts); f_ma is the helix slope deviation. Beyond 2 the contact no longer spans the face: K =
    sqrt(2 F c/(F_m/b)), which meets the line at 2.
    """
    first, second = LEAD_CORRECTIONS[lead_correction]
    load = smooth_maximum(line_load, SMALLEST_LINE_LOAD, SMALLEST_LINE_LOAD)
    misfit = 1.33 * first * mesh_misalignment + second * deviations.helix_slope
    misfit = misfit - running_in(misfit, steels, speed, times=2.0)
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
    """K_Fbeta = K_Hbeta^N_F, ISO 6336-1 eq. 70; tooth depth [m]; b/h counts as 3 where it is less."""
    ratio = smooth_minimum(tooth_depth / face_width, 1.0 / 3.0, 1e-3)
    return power(face_load, 1.0 / (1.0 + ratio + ratio**2))


def transverse_load_factor(
    line_load: jax.Array,
    geometry: PairGeometry,
    stiffness: MeshStiffness,
    deviations: Deviations,
    epsilon_factor: jax.Array,
    steels: Steels,
    speed: float | jax.Array,
) -> tuple[jax.Array, jax.Array]:
    """(K_Halpha, K_Falpha), method B, ISO 6336-1 eqs. 73 to 78; line_load = F_t K_A K_gamma K_V K_Hbeta / b [N/m].

    The deviation that counts is the larger of base pitch and profile form (both after running-in). Caps and the change
    at a total contact ratio of 2 are rounded by 0.01 to 0.05.
    """
    load = smooth_maximum(line_load, SMALLEST_LINE_LOAD, SMALLEST_LINE_LOAD)
    largest = smooth_maximum(deviations.base_pitch, deviations.profile_form, 1e-7)
    misfit = largest - running_in(deviations.base_pitch, steels, speed)
    ratio = stiffness.mesh_alpha * misfit / load
    total = geometry.total_contact_ratio
    wide = jnp.sqrt(2.0 * (smooth_maximum(total, 1.1, 0.02) - 1.0) / total)
    factor = blend(total, 2.0, 0.05, 0.5 * total * (0.9 + 0.4 * ratio), 0.9 + 0.4 * wide * ratio)
    factor = smooth_maximum(factor, 1.0, 0.01)
    flank_cap = total / (geometry.contact_ratio * epsilon_factor**2)
    root_cap = total / (0.25 * geometry.contact_ratio + 0.75)
    return smooth_minimum(factor, flank_cap, 0.01), smooth_minimum(factor, root_cap, 0.01)
