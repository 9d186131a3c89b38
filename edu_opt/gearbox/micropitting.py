"""Micropitting safety: local specific film thickness, ISO/TS 6336-22 (formerly ISO/TR 15144-1:2014), method B.

Formulas are recalled; intermediate values and lambda were compared with the KISSsoft reports of KS03 and KS02 (NREL 5
MW gearbox; see tests/gearbox/test_scuffing.py). SI throughout.
"""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp

from edu_opt.gearbox.contact_path import ContactPath, contact_path
from edu_opt.gearbox.mesh_losses import loss_factor
from edu_opt.gearbox.scuffing import MeshLoad, mean_friction
from edu_opt.gearbox.tooth_geometry import STANDARD_PRESSURE_ANGLE, GearPair, PairGeometry, pair_geometry
from edu_opt.materials.gear_steels import GearSteel, elasticity_factor
from edu_opt.materials.oils import Oil, density, kinematic_viscosity
from edu_opt.numerics.constants import CELSIUS_ZERO
from edu_opt.numerics.powers import power
from edu_opt.numerics.pytree import pytree
from edu_opt.numerics.smooth import soft_minimum

THERMAL_CONTACT = 12427.0  # N/(m sqrt(s) K): sqrt(45 W/(m K) 7800 kg/m^3 440 J/(kg K)) of case-hardened steel
REFERENCE_TEMPERATURE = 38.0  # degC of the pressure-viscosity coefficient
LEAST_WIDTH = 0.02  # of ln lambda, over which the smallest point joins the next
HOTTEST = 300.0  # degC up to which the viscosity line is followed
SMALLEST_SPEED = 0.05  # m/s

# FZG test C-GF/8.3/90 (FVA 54/7): gears type C, 2250 rpm, oil injected at 90 degC, Ra 0.5 um; pinion torque [N m] by
# load stage of failure. Load at A: 236.3 N/mm at stage 10 in the KISSsoft reports, so 1.27 of the nominal share.
FZG_C_TORQUES = {5.0: 70.0, 6.0: 98.9, 7.0: 132.5, 8.0: 171.6, 9.0: 215.6, 10.0: 265.1}
FZG_C_SPEED, FZG_C_OIL, FZG_C_ROUGHNESS, FZG_C_LOAD = 2250.0 * math.pi / 30.0, 90.0, 0.5e-6, 1.267
PERMISSIBLE = 1.4  # lambda_GFP over lambda of the test


@pytree
class FilmThickness:
    """Bulk temperature [degC]; at the seven points (..., 7): contact temperature [degC], pressure p_dyn [Pa], film h
    [m]; smallest specific film thickness lambda (...)."""

    bulk_temperature: jax.Array
    contact_temperature: jax.Array
    pressure: jax.Array
    thickness: jax.Array
    specific: jax.Array


@pytree
class Contact:
    """One mesh at operating points of any common shape.

    force F_t [N] of one mesh; load_factor K_A K_gamma K_V K_Hbeta K_Halpha; pinion_speed [rad/s] against the line of
    centres; friction mu_m; mesh_loss P_VZ [W]; roughness Ra [m], mean of both flanks.
    """

    force: jax.Array
    load_factor: jax.Array
    pinion_speed: jax.Array
    friction: jax.Array
    mesh_loss: jax.Array
    roughness: jax.Array


def _held(celsius: jax.Array) -> jax.Array:
    """Temperature that rises no further from `HOTTEST` on (rounded over 5 K)."""
    return celsius - jax.nn.softplus((celsius - HOTTEST) / 5.0) * 5.0


def dynamic_viscosity(fluid: Oil, celsius: jax.Array) -> jax.Array:
    """eta [Pa s] at a temperature; held from `HOTTEST` on."""
    warm = _held(celsius)
    return kinematic_viscosity(fluid, warm) * density(fluid, warm)


def pressure_viscosity(fluid: Oil, celsius: jax.Array) -> jax.Array:
    """alpha(theta) [1/Pa] = alpha_38 (1 + 516 (1/(theta + 273) - 1/311)), alpha_38 = 2.657e-8 eta_38^0.1348 of mineral
    oils; of a polyalphaolefin (lubricant factor below 0.9) 1.466e-8 eta_38^0.0507; held from `HOTTEST` on."""
    at_38 = dynamic_viscosity(fluid, jnp.asarray(REFERENCE_TEMPERATURE))
    mineral, synthetic = 2.657e-8 * at_38**0.1348, 1.466e-8 * at_38**0.0507
    base = jnp.where(fluid.lubricant_factor < 0.9, synthetic, mineral)
    colder = 1.0 / (_held(celsius) + CELSIUS_ZERO) - 1.0 / (REFERENCE_TEMPERATURE + CELSIUS_ZERO)
    return base * (1.0 + 516.0 * colder)


def bulk_temperature(
    pair: GearPair, geometry: PairGeometry, mesh_loss: jax.Array, oil_temperature: jax.Array, supply: float | jax.Array
) -> jax.Array:
    """theta_M [degC] = theta_oil + 7400 (P_VZ [kW]/(a b [mm^2]))^0.72 X_S/(1.2 X_Ca), X_Ca = 1 (unmodified)."""
    area = jnp.abs(pair.centre_distance) * geometry.common_face_width * 1e6
    return oil_temperature + 7400.0 * power((mesh_loss + 1e-3) * 1e-3 / area, 0.72) * supply / 1.2


def film_thickness(
    pair: GearPair,
    geometry: PairGeometry,
    path: ContactPath,
    contact: Contact,
    steel: GearSteel,
    fluid: Oil,
    oil_temperature: float | jax.Array,
    supply: float | jax.Array = 1.2,
) -> FilmThickness:
    """Film by Dowson and Higginson with the thermal sliding factor S_GF, at the seven points of contact.

    h = 1.6 rho G^0.6 U^0.7 W^-0.13 S_GF^0.22; lambda = h/Ra. Pressure by Hertz with the local share of the load.
    """
    bulk = bulk_temperature(pair, geometry, contact.mesh_loss, jnp.asarray(oil_temperature, float), supply)
    radius = path.normal_relative
    share = path.load_share * path.buttress
    line_load = contact.force / (geometry.common_face_width * jnp.cos(geometry.transverse_angle))
    hertz = elasticity_factor(steel, steel) * jnp.sqrt(line_load[..., None] * share / radius)
    pressure = hertz * jnp.sqrt(contact.load_factor)[..., None]
    # the wheel's share of the speed: omega_2 = omega_1 z_1/z_2, both of one sign with the signed radii
    first = contact.pinion_speed[..., None] * path.first + SMALLEST_SPEED
    second = contact.pinion_speed[..., None] * path.second * pair.teeth[0] / pair.teeth[1] + SMALLEST_SPEED
    modulus = steel.young_modulus / (1.0 - steel.poisson_ratio**2)
    sliding = jnp.sqrt((first - second) ** 2 + 1e-6)
    rise = 0.5 * jnp.sqrt(jnp.pi) * contact.friction[..., None] * pressure * sliding
    rise = rise / (THERMAL_CONTACT * (jnp.sqrt(first) + jnp.sqrt(second))) * jnp.sqrt(8.0 * radius * pressure / modulus)
    local = bulk[..., None] + rise
    eta, alpha = dynamic_viscosity(fluid, bulk)[..., None], pressure_viscosity(fluid, bulk)[..., None]
    material = alpha * modulus
    speed = eta * (first + second) / (2.0 * modulus * radius)
    load = 2.0 * jnp.pi * (pressure / modulus) ** 2
    thermal = pressure_viscosity(fluid, local) * dynamic_viscosity(fluid, local) / (alpha * eta)
    logarithm = 0.6 * jnp.log(material) + 0.7 * jnp.log(speed) - 0.13 * jnp.log(load) + 0.22 * jnp.log(thermal)
    thickness = 1.6 * radius * jnp.exp(logarithm)
    specific = thickness / jnp.asarray(contact.roughness)[..., None]
    return FilmThickness(
        bulk_temperature=bulk,
        contact_temperature=local,
        pressure=pressure,
        thickness=thickness,
        specific=jnp.exp(soft_minimum(jnp.log(specific), LEAST_WIDTH, axis=-1)),
    )


def fzg_c_pair() -> GearPair:
    """Test gears FZG C: 16/24 teeth, module 4.5 mm, face 14 mm, centre distance 91.5 mm."""
    return GearPair(
        normal_module=jnp.asarray(4.5e-3),
        pressure_angle=jnp.asarray(STANDARD_PRESSURE_ANGLE),
        helix_angle=jnp.zeros(()),
        teeth=jnp.array([16.0, 24.0]),
        profile_shift=jnp.array([0.1817, 0.1715]),
        face_width=jnp.full(2, 14e-3),
        centre_distance=jnp.asarray(91.5e-3),
        tip_diameter=jnp.array([82.46e-3, 118.36e-3]),
        dedendum=jnp.full(2, 1.25),
        root_radius=jnp.full(2, 0.38),
    )


def permissible_film(fluid: Oil, steel: GearSteel, stage: float | jax.Array) -> jax.Array:
    """lambda_GFP = 1.4 W_W lambda_GFT: the film of the FZG C-GF/8.3/90 gears (FVA 54/7) at the oil's load stage of
    failure (5 to 10), W_W = 1 (case-hardened)."""
    pair = fzg_c_pair()
    geometry = pair_geometry(pair)
    torque = jnp.interp(jnp.asarray(stage, float), jnp.array(list(FZG_C_TORQUES)), jnp.array([*FZG_C_TORQUES.values()]))
    force = 2.0 * torque / geometry.reference_diameter[0]
    line_load = FZG_C_LOAD * force / geometry.common_face_width
    oil_temperature = jnp.asarray(FZG_C_OIL)
    mesh = MeshLoad(
        line_load=line_load,
        nominal_line_load=line_load,
        speed=0.5 * FZG_C_SPEED * geometry.reference_diameter[0],
        viscosity=dynamic_viscosity(fluid, oil_temperature),
        roughness=jnp.asarray(FZG_C_ROUGHNESS),
        stiffness=jnp.asarray(1.0),
        tip_relief=jnp.asarray(0.0),
    )
    friction = mean_friction(mesh, geometry, fluid)
    contact = Contact(
        force=force,
        load_factor=jnp.asarray(FZG_C_LOAD),
        pinion_speed=jnp.asarray(FZG_C_SPEED),
        friction=friction,
        mesh_loss=torque * FZG_C_SPEED * friction * loss_factor(pair, geometry),
        roughness=mesh.roughness,
    )
    film = film_thickness(pair, geometry, contact_path(pair, geometry), contact, steel, fluid, oil_temperature)
    return PERMISSIBLE * film.specific
