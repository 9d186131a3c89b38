"""Flank and root stresses and strengths of a pair, ISO 6336-2 and -3 (2006) method B, without the load factors' models.

Forces may carry any leading shape; factors of the pair are scalars or (2,) = (gear 1, gear 2).
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from edu_opt.gearbox.tooth_geometry import GearPair, PairGeometry
from edu_opt.gearbox.tooth_root import ToothRoot, helix_factor
from edu_opt.materials.gear_steels import GearSteel, elasticity_factor
from edu_opt.numerics.pytree import pytree
from edu_opt.numerics.smooth import safe_sqrt, smooth_clip, smooth_maximum, smooth_minimum


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
    """Z_L, Z_V, Z_R, Z_W, Z_X: lubricant, speed, roughness, work hardening, size."""

    lubricant: jax.Array
    speed: jax.Array
    roughness: jax.Array
    work_hardening: jax.Array
    size: jax.Array

    @property
    def product(self) -> jax.Array:
        """Product of the five."""
        return self.lubricant * self.speed * self.roughness * self.work_hardening * self.size


@pytree
class NotchFactors:
    """Y_delta rel T, Y_R rel T, Y_X of both gears (2,)."""

    sensitivity: jax.Array
    roughness: jax.Array
    size: jax.Array

    @property
    def product(self) -> jax.Array:
        """Product of the three (2,)."""
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


def flank_factors(pair: GearPair, geometry: PairGeometry, steel: GearSteel) -> FlankFactors:
    """All factors of the nominal contact stress; Z_beta = 1/sqrt(cos beta) (ISO since 2008)."""
    working, transverse = geometry.working_angle, geometry.transverse_angle
    zone = jnp.sqrt(2.0 * jnp.cos(geometry.base_helix) / jnp.tan(working)) / jnp.cos(transverse)
    return FlankFactors(
        zone=zone,
        elasticity=elasticity_factor(steel),
        contact_ratio=contact_ratio_factor(geometry),
        helix=1.0 / jnp.sqrt(jnp.cos(pair.helix_angle)),
        single_contact=single_contact_factors(pair, geometry),
    )


def nominal_contact_stress(factors: FlankFactors, geometry: PairGeometry, force: jax.Array) -> jax.Array:
    """sigma_H0 [Pa] at the pitch point, ISO 6336-2 eq. 6; force F_t at the reference circle [N] > 0."""
    ratio = geometry.gear_ratio
    load = force / (geometry.reference_diameter[0] * geometry.common_face_width) * (ratio + 1.0) / ratio
    return factors.zone * factors.elasticity * factors.contact_ratio * factors.helix * jnp.sqrt(load)


def nominal_root_stress(pair: GearPair, geometry: PairGeometry, root: ToothRoot, force: jax.Array) -> jax.Array:
    """sigma_F0 [Pa] of both gears, shape force.shape + (2,), ISO 6336-3 eq. 5.

    A face wider than the common width counts by at most one module at each end.
    """
    width = smooth_minimum(pair.face_width, geometry.common_face_width + 2.0 * pair.normal_module, 1e-6)
    factor = root.form_factor * root.stress_correction * helix_factor(geometry, pair.helix_angle)
    return jnp.asarray(force)[..., None] / (width * pair.normal_module) * factor


def film_factors(
    pair: GearPair,
    geometry: PairGeometry,
    flank_limit: jax.Array,
    viscosity_40: float | jax.Array,
    speed: jax.Array,
    mean_roughness_depth: float | jax.Array,
    work_hardening: float | jax.Array = 1.0,
) -> FilmFactors:
    """Z_L, Z_V, Z_R of ISO 6336-2 eqs. 30 to 41; speed = pitch-line velocity [m/s], roughness Rz [m], viscosity
    [m^2/s].

    Z_X = 1 (static and reference stress of case-hardened gears below module 10 mm; 2006 edition: 1 throughout).
    """
    limit = smooth_clip(flank_limit * 1e-6, 850.0, 1200.0, 1.0)
    lubricant_constant = (limit - 850.0) / 350.0 * 0.08 + 0.83
    speed_constant = lubricant_constant + 0.02
    roughness_exponent = 0.12 + (1000.0 - limit) / 5000.0
    thin = (1.2 + 134.0 / (jnp.asarray(viscosity_40) * 1e6)) ** 2
    radii = 0.5 * geometry.base_diameter * jnp.tan(geometry.working_angle)
    reduced = radii[0] * radii[1] / (radii[0] + radii[1])
    relative = jnp.asarray(mean_roughness_depth) * 1e6 * (0.010 / reduced) ** (1.0 / 3.0)
    return FilmFactors(
        lubricant=lubricant_constant + 4.0 * (1.0 - lubricant_constant) / thin,
        speed=speed_constant + 2.0 * (1.0 - speed_constant) / jnp.sqrt(0.8 + 32.0 / (speed + 0.01)),
        roughness=(3.0 / relative) ** roughness_exponent,
        work_hardening=jnp.asarray(work_hardening, float),
        size=jnp.ones(()),
    )


def notch_factors(
    pair: GearPair, root: ToothRoot, steel: GearSteel, root_roughness_depth: float | jax.Array
) -> NotchFactors:
    """Y_delta rel T (ISO 6336-3 eq. 52, test gear q_sT = 2.5), Y_R rel T (eq. 55, hard and quenched steels), Y_X.

    root_roughness_depth Rz [m], valid 1 to 40 um.
    """
    gradient = (1.0 + 2.0 * root.notch_parameter) / 5.0
    layer = steel.slip_layer * 1e3
    sensitivity = (1.0 + jnp.sqrt(layer * gradient)) / (1.0 + jnp.sqrt(layer * 1.2))
    roughness = 1.674 - 0.529 * (jnp.asarray(root_roughness_depth) * 1e6 + 1.0) ** 0.1
    offset, slope, largest = steel.size_line[0], steel.size_line[1], steel.size_line[2]
    size = offset - slope * smooth_clip(pair.normal_module * 1e3, jnp.asarray(5.0), largest, 0.01)
    return NotchFactors(sensitivity=sensitivity, roughness=jnp.full(2, roughness), size=jnp.full(2, size))


def tangential_force(torque: jax.Array, geometry: PairGeometry) -> jax.Array:
    """F_t at the reference circle [N] from the torque of gear 1 [N m] (of one mesh)."""
    return 2.0 * torque / geometry.reference_diameter[0]
