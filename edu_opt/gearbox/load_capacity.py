"""Flank and root stresses and strengths of a pair, ISO 6336-2 and -3 (2006) method B, without the load factors' models.

Forces may carry any leading shape; factors of the pair are scalars or (2,) = (gear 1, gear 2). `steels` are those of
gear 1 and 2.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from edu_opt.gearbox.load_factors import Steels
from edu_opt.gearbox.tooth_geometry import GearPair, PairGeometry
from edu_opt.gearbox.tooth_root import ToothRoot, helix_factor
from edu_opt.materials.gear_steels import elasticity_factor
from edu_opt.numerics.pytree import pytree
from edu_opt.numerics.smooth import safe_sqrt, smooth_clip, smooth_maximum, smooth_minimum, smooth_step

STRESS_CORRECTION_OF_TEST_GEAR = 2.0  # Y_ST


@pytree
class FlankFactors:
    """Z_H, Z_E [sqrt(Pa)], Z_epsilon, Z_beta, and Z_B, Z_D as (2,)."""

    zone: jax.Array
    elasticity: jax.Array
    contact_ratio: jax.Array
    helix: jax.Array
    single_contact: jax.Array


@pytree
class FilmFactors:
    """Z_L, Z_V, Z_R of the pair, Z_W and Z_X of each gear (2,): lubricant, speed, roughness, work hardening, size."""

    lubricant: jax.Array
    speed: jax.Array
    roughness: jax.Array
    work_hardening: jax.Array
    size: jax.Array

    @property
    def film(self) -> jax.Array:
        """Z_L Z_V Z_R, shape of the speed."""
        return self.lubricant * self.speed * self.roughness


@pytree
class NotchFactors:
    """Y_delta rel T (endurance and static), Y_R rel T, Y_X of both gears (2,)."""

    sensitivity: jax.Array
    static_sensitivity: jax.Array
    roughness: jax.Array
    size: jax.Array

    @property
    def product(self) -> jax.Array:
        """Product of the three that count at the endurance limit (2,)."""
        return self.sensitivity * self.roughness * self.size


def contact_ratio_factor(geometry: PairGeometry) -> jax.Array:
    """Z_epsilon, ISO 6336-2 eqs. 24 to 27; the overlap saturates smoothly at 1 (within 0.005)."""
    overlap = smooth_minimum(geometry.overlap_ratio, 1.0, 0.01)
    contact = geometry.contact_ratio
    return safe_sqrt((4.0 - contact) / 3.0 * (1.0 - overlap) + overlap / contact, 1e-12)


def single_contact_factors(pair: GearPair, geometry: PairGeometry) -> jax.Array:
    """Z_B, Z_D (2,): flank at the inner point of single contact, ISO 6336-2 eqs. 19 to 22; never below 1.

    Overlap fades the factor linearly to 1; for an internal pair both are 1 (clause 6.3).
    """
    at_tip = safe_sqrt((pair.tip_diameter / geometry.base_diameter) ** 2 - 1.0, 1e-9)
    first, second = 2.0 * jnp.pi / pair.teeth[0], 2.0 * jnp.pi / pair.teeth[1]
    contact = geometry.contact_ratio
    tangent = jnp.tan(geometry.working_angle)
    product_1 = (at_tip[0] - first) * (at_tip[1] - (contact - 1.0) * second)
    product_2 = (at_tip[1] - second) * (at_tip[0] - (contact - 1.0) * first)
    products = smooth_maximum(jnp.stack([product_1, product_2]), 0.01, 1e-3)
    raw = tangent / jnp.sqrt(products)
    overlap = smooth_minimum(geometry.overlap_ratio, 1.0, 0.01)
    faded = smooth_maximum(raw, 1.0, 0.005) + overlap * (1.0 - smooth_maximum(raw, 1.0, 0.005))
    return jnp.where(pair.teeth[1] < 0, 1.0, faded)


def flank_factors(pair: GearPair, geometry: PairGeometry, steels: Steels) -> FlankFactors:
    """All factors of the nominal contact stress; Z_beta = 1/sqrt(cos beta) (ISO since 2008)."""
    working, transverse = geometry.working_angle, geometry.transverse_angle
    zone = jnp.sqrt(2.0 * jnp.cos(geometry.base_helix) / jnp.tan(working)) / jnp.cos(transverse)
    return FlankFactors(
        zone=zone,
        elasticity=elasticity_factor(*steels),
        contact_ratio=contact_ratio_factor(geometry),
        helix=1.0 / jnp.sqrt(jnp.cos(pair.helix_angle)),
        single_contact=single_contact_factors(pair, geometry),
    )


def nominal_contact_stress(factors: FlankFactors, geometry: PairGeometry, force: jax.Array) -> jax.Array:
    """sigma_H0 [Pa] at the pitch point, ISO 6336-2 eq. 6; force F_t at the reference circle [N] > 0."""
    ratio = geometry.gear_ratio
    load = force / (geometry.reference_diameter[0] * geometry.common_face_width) * (ratio + 1.0) / ratio
    return factors.zone * factors.elasticity * factors.contact_ratio * factors.helix * jnp.sqrt(load)


def nominal_root_stress(
    pair: GearPair,
    geometry: PairGeometry,
    root: ToothRoot,
    force: jax.Array,
    rim_factor: float | jax.Array = 1.0,
    deep_tooth: float | jax.Array = 1.0,
) -> jax.Array:
    """sigma_F0 [Pa] of both gears, shape force.shape + (2,), ISO 6336-3 eq. 5; Y_B (2,), Y_DT.

    A face wider than the common width counts by at most one module at each end.
    """
    width = smooth_minimum(pair.face_width, geometry.common_face_width + 2.0 * pair.normal_module, 1e-6)
    factor = root.form_factor * root.stress_correction * helix_factor(geometry, pair.helix_angle)
    factor = factor * rim_factor * deep_tooth
    return jnp.asarray(force)[..., None] / (width * pair.normal_module) * factor


def film_factors(
    pair: GearPair,
    geometry: PairGeometry,
    steels: Steels,
    viscosity_40: float | jax.Array,
    speed: jax.Array,
    mean_roughness_depth: float | jax.Array,
) -> FilmFactors:
    """Z_L, Z_V, Z_R, Z_W of ISO 6336-2 eqs. 30 to 44 with the softer gear's sigma_Hlim; Z_X = 1 (2006 edition).

    speed = pitch-line velocity [m/s]; viscosity [m^2/s]; roughness Rz [m], mean of both gears before running-in.
    """
    softer = smooth_minimum(steels[0].flank_limit, steels[1].flank_limit, 1e5)
    limit = smooth_clip(softer * 1e-6, 850.0, 1200.0, 1.0)
    lubricant_constant = (limit - 850.0) / 350.0 * 0.08 + 0.83
    speed_constant = lubricant_constant + 0.02
    roughness_exponent = 0.12 + (1000.0 - limit) / 5000.0
    thin = (1.2 + 134.0 / (jnp.asarray(viscosity_40) * 1e6)) ** 2
    reduced = reduced_curvature(geometry)
    relative = jnp.asarray(mean_roughness_depth) * 1e6 * (0.010 / reduced) ** (1.0 / 3.0)
    return FilmFactors(
        lubricant=lubricant_constant + 4.0 * (1.0 - lubricant_constant) / thin,
        speed=speed_constant + 2.0 * (1.0 - speed_constant) / jnp.sqrt(0.8 + 32.0 / (speed + 0.01)),
        roughness=(3.0 / relative) ** roughness_exponent,
        work_hardening=work_hardening_factors(steels),
        size=jnp.ones(2),
    )


def reduced_curvature(geometry: PairGeometry) -> jax.Array:
    """rho_red at the pitch point in the transverse section [m], ISO 6336-2 eq. 40; a ring's radius is negative."""
    radii = 0.5 * geometry.base_diameter * jnp.tan(geometry.working_angle)
    return radii[0] * radii[1] / (radii[0] + radii[1])


def work_hardening_factors(steels: Steels) -> jax.Array:
    """Z_W (2,) of a soft gear on a hard, smooth mate: 1.2 - (HB - 130)/1700, ISO 6336-2 eq. 43 with R_zH <= 3 um.

    Holds for the softer gear of 130 to 470 HB against a surface-hardened one (> 470 HB); the hard gear keeps 1, and so
    do two alike.
    """
    hardness = jnp.stack([steel.brinell_hardness for steel in steels])
    gain = 0.2 - (smooth_clip(hardness, 130.0, 470.0, 1.0) - 130.0) / 1700.0
    mate_is_hard = smooth_step(hardness[::-1] - 500.0, 10.0)
    return 1.0 + gain * mate_is_hard * (1.0 - smooth_step(hardness - 500.0, 10.0))


def notch_factors(
    pair: GearPair, root: ToothRoot, steels: Steels, root_roughness_depth: float | jax.Array
) -> NotchFactors:
    """Y_delta rel T (ISO 6336-3 eq. 52, test gear q_sT = 2.5; static eqs. 47 to 51), Y_R rel T (eqs. 55 to 57), Y_X.

    root_roughness_depth Rz [m], valid 1 to 40 um.
    """

    def both(name: str) -> jax.Array:
        return jnp.stack([getattr(steel, name) for steel in steels])

    gradient = (1.0 + 2.0 * root.notch_parameter) / 5.0
    layer = both("slip_layer") * 1e3
    law, line = both("roughness_law"), both("size_line")
    module = smooth_clip(pair.normal_module * 1e3, jnp.asarray(5.0), line[:, 2], 0.01)
    return NotchFactors(
        sensitivity=(1.0 + jnp.sqrt(layer * gradient)) / (1.0 + jnp.sqrt(layer * 1.2)),
        static_sensitivity=1.0 + both("static_notch_slope") * (root.stress_correction - 2.0),
        roughness=law[:, 0] - law[:, 1] * (jnp.asarray(root_roughness_depth) * 1e6 + 1.0) ** law[:, 2],
        size=line[:, 0] - line[:, 1] * module,
    )


def rim_factor(pair: GearPair, geometry: PairGeometry, rim_thickness: jax.Array) -> jax.Array:
    """Y_B (2,) of thin rims, ISO 6336-3 eqs. 42 to 45; rim_thickness s_R (2,) [m] below the root circle.

    External: 1.6 ln(2.242 h_t/s_R) below s_R = 1.2 h_t; ring: 1.15 ln(8.324 m_n/s_R) below s_R = 3.5 m_n; knees rounded
    by 0.01. Valid down to s_R = 0.5 h_t and 1.75 m_n; the formulas go on below (a margin, not a rating).
    """
    depth = 0.5 * jnp.abs(pair.tip_diameter - geometry.root_diameter)
    rim = smooth_maximum(rim_thickness, 0.1 * pair.normal_module, 0.01 * pair.normal_module)
    external = 1.6 * jnp.log(2.242 * depth / rim)
    ring = 1.15 * jnp.log(8.324 * pair.normal_module / rim)
    return smooth_maximum(jnp.where(pair.teeth < 0, ring, external), 1.0, 0.01)


def deep_tooth_factor(geometry: PairGeometry, accuracy_class: float | jax.Array) -> jax.Array:
    """Y_DT, ISO 6336-3 eqs. 46: gears of class 4 and finer share the load where eps_alpha_n > 2.05, down to 0.7 at
    2.5."""
    normal = geometry.contact_ratio / jnp.cos(geometry.base_helix) ** 2
    shared = smooth_clip(2.366 - 0.666 * normal, 0.7, 1.0, 0.01)
    return 1.0 + (shared - 1.0) * (1.0 - smooth_step(jnp.asarray(accuracy_class, float) - 4.5, 0.1))


def mean_stress_factor(steels: Steels, root: ToothRoot, load_ratio: float | jax.Array) -> jax.Array:
    """Y_M (2,) of teeth bent both ways in every turn (idlers, planets of one step), ISO 6336-3 annex B:
    1/(1 - R (1 - M)/(1 + M)), R = -1.2 times the lower over the higher load of the two flanks (load_ratio 0 to 1)."""
    table = jnp.stack([steel.mean_stress for steel in steels])
    share = table[:, 0] - table[:, 1] * root.stress_correction
    return 1.0 / (1.0 + 1.2 * load_ratio * (1.0 - share) / (1.0 + share))


def flank_strength(steels: Steels, film: FilmFactors) -> jax.Array:
    """sigma_HG [Pa] at the three corners of the life curve, shape film.speed.shape + (2 gears, 3).

    Film factors count at the reference and the last corner; static they are 1, Z_W stays (ISO 6336-2 table 3, method
    B: the limited-life line joins the static and the reference strength).
    """
    limit = jnp.stack([steel.flank_limit * steel.flank_factors for steel in steels])
    endurance = film.film[..., None, None] * (film.work_hardening * film.size)[:, None] * limit
    static = film.work_hardening * limit[:, 0]
    first = jnp.broadcast_to(static, endurance.shape[:-1])
    return jnp.concatenate([first[..., None], endurance[..., 1:]], axis=-1)


def root_strength(steels: Steels, notch: NotchFactors, mean_stress: float | jax.Array = 1.0) -> jax.Array:
    """sigma_FG [Pa] at the three corners of the life curve (2 gears, 3): Y_ST Y_NT Y_delta rel T Y_R rel T Y_X Y_M.

    Static: Y_delta rel T of the static kind, roughness and size 1 (ISO 6336-3 clauses 12 to 14).
    """
    limit = jnp.stack([steel.root_limit * steel.root_factors for steel in steels])
    endurance = notch.product[:, None] * limit[:, 1:]
    static = notch.static_sensitivity[:, None] * limit[:, :1]
    bent = jnp.broadcast_to(jnp.asarray(mean_stress, float), (2,))[:, None]
    return STRESS_CORRECTION_OF_TEST_GEAR * bent * jnp.concatenate([static, endurance], axis=1)


def tangential_force(torque: jax.Array, geometry: PairGeometry) -> jax.Array:
    """F_t at the reference circle [N] from the torque of gear 1 [N m] (of one mesh)."""
    return 2.0 * torque / geometry.reference_diameter[0]
