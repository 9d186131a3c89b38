"""Losses of the whole gearbox at one operating point: mesh, bearings, oil injection, seals; smooth through zero torque.

Powers are added up from the axle to the motor, so that each mesh carries the losses behind it. Driving or
recuperating is the sign of the torque; speed >= 0.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from edu_opt.gearbox.bearings import friction_torque, needle_friction_torque
from edu_opt.gearbox.mesh_losses import injection_loss, loss_factor, mesh_friction, seal_loss
from edu_opt.gearbox.model import Gearbox, StageLoad, ratio, stage_geometries, stage_loads
from edu_opt.gearbox.shaft_forces import (
    CARRIER_RADIAL_FORCE,
    BearingLoad,
    parallel_axis_bearing_loads,
    planet_pin_load,
)
from edu_opt.gearbox.tooth_geometry import GearPair, PairGeometry
from edu_opt.materials.oils import density, kinematic_viscosity
from edu_opt.numerics.pytree import pytree
from edu_opt.numerics.smooth import smooth_absolute, smooth_step

INJECTION_FIRST_STAGE = 0.85  # share of the impulse at wheel 2, 1 at wheel 4 (TUMFTM Getrieberechnung.m)
SMOOTH_TORQUE = 2.0  # N m at the axle: width of the change between driving and coasting


@pytree
class GearboxLosses:
    """Losses [W] of one operating point."""

    mesh: jax.Array
    bearing: jax.Array
    churning: jax.Array
    seal: jax.Array

    @property
    def total(self) -> jax.Array:
        """All losses [W]."""
        return self.mesh + self.bearing + self.churning + self.seal


def loss_share(
    gearbox: Gearbox, pair: GearPair, geometry: PairGeometry, load: StageLoad, viscosity: jax.Array, rho: jax.Array
) -> jax.Array:
    """mu_m H_v of one mesh: loss over the power that enters it."""
    force = 2.0 * smooth_absolute(load.pinion_torque, 0.05) / geometry.working_diameter[0]
    rolling = 0.5 * geometry.working_diameter[0] * load.pinion_speed
    friction = mesh_friction(
        pair,
        geometry,
        force,
        rolling,
        viscosity * rho,
        gearbox.manufacture.flank_roughness,
        gearbox.oil.lubricant_factor,
    )
    return friction * loss_factor(pair, geometry)


def mesh_loss(share: jax.Array, power: jax.Array, driving: jax.Array, scale: jax.Array) -> jax.Array:
    """Loss [W] from the signed power on the axle side of the mesh: that side is the outlet when driving, the inlet
    else.

    scale: power [W] over which |power| is rounded at zero.
    """
    return share * smooth_absolute(power, scale) / (1.0 - share * driving)


def pair_of_bearings(bearing, load: BearingLoad, speed: jax.Array, viscosity: jax.Array) -> jax.Array:
    """Loss of both bearings of a shaft [W]; the first one carries the axial force."""
    first = friction_torque(bearing, load.radial[0], load.axial, speed, viscosity)
    second = friction_torque(bearing, load.radial[1], jnp.zeros_like(load.axial), speed, viscosity)
    return (first + second) * speed


def gearbox_losses(
    gearbox: Gearbox, output_torque: jax.Array, output_speed: jax.Array, oil_celsius: float | jax.Array
) -> GearboxLosses:
    """Losses at an axle torque [N m] (+ driving, - recuperating), axle speed [rad/s] >= 0 and oil temperature [degC].

    Motor power = axle power + total. Validity: oil 20 to 120 degC, pitch-line velocities up to about 60 m/s, injection
    lubrication (no sump churning, no windage).
    """
    torque, speed = jnp.asarray(output_torque, float), jnp.asarray(output_speed, float)
    losses = _planetary_losses if gearbox.layout == "planetary" else _parallel_axis_losses
    return losses(gearbox, torque, speed, oil_celsius)


def _shares(gearbox: Gearbox, torque: jax.Array, speed: jax.Array, oil_celsius: float | jax.Array):
    """(viscosity, density, share of loss of mesh 1, of mesh 2)."""
    viscosity, rho = kinematic_viscosity(gearbox.oil, oil_celsius), density(gearbox.oil, oil_celsius)
    geometries = stage_geometries(gearbox)
    loads = stage_loads(gearbox, torque, speed)
    pairs = (gearbox.stage_1, gearbox.stage_2)
    shares = [
        loss_share(gearbox, pair, geometry, load, viscosity, rho)
        for pair, geometry, load in zip(pairs, geometries, loads, strict=True)
    ]
    return viscosity, rho, geometries, shares


def _parallel_axis_losses(
    gearbox: Gearbox, torque: jax.Array, speed: jax.Array, oil_celsius: float | jax.Array
) -> GearboxLosses:
    viscosity, rho, (geometry_1, geometry_2), (share_1, share_2) = _shares(gearbox, torque, speed, oil_celsius)
    speed_2 = speed * jnp.abs(geometry_2.gear_ratio)
    speed_1 = speed_2 * jnp.abs(geometry_1.gear_ratio)
    loads = parallel_axis_bearing_loads(gearbox, torque)
    bearings = (gearbox.input_bearing, gearbox.intermediate_bearing, gearbox.output_bearing)
    bearing_1, bearing_2, bearing_3 = (
        pair_of_bearings(bearing, load, omega, viscosity)
        for bearing, load, omega in zip(bearings, loads, (speed_1, speed_2, speed), strict=True)
    )
    seal_1 = seal_loss(gearbox.seal_diameter[0], speed_1)
    seal_3 = 2.0 * seal_loss(gearbox.seal_diameter[1], speed)
    flow = gearbox.manufacture.oil_flow
    churning_1 = INJECTION_FIRST_STAGE * injection_loss(geometry_1.working_diameter[1], speed_2, rho, flow)
    churning_2 = injection_loss(geometry_2.working_diameter[1], speed, rho, flow)
    driving, scale = smooth_step(torque, SMOOTH_TORQUE), SMOOTH_TORQUE * speed + 1e-3
    power = torque * speed + bearing_3 + seal_3
    mesh_2 = mesh_loss(share_2, power, driving, scale)
    power = power + mesh_2 + churning_2 + bearing_2
    mesh_1 = mesh_loss(share_1, power, driving, scale)
    return GearboxLosses(
        mesh=mesh_1 + mesh_2,
        bearing=bearing_1 + bearing_2 + bearing_3,
        churning=churning_1 + churning_2,
        seal=seal_1 + seal_3,
    )


def _planetary_losses(
    gearbox: Gearbox, torque: jax.Array, speed: jax.Array, oil_celsius: float | jax.Array
) -> GearboxLosses:
    """Mesh loss on the rolling power T_sun (omega_sun - omega_carrier); planet needles, carrier bearings, seals.

    The sun's bearings are the motor's. Oil is thrown at the sun's and the carrier's circumference.
    """
    viscosity, rho, (geometry_1, _), (share_1, share_2) = _shares(gearbox, torque, speed, oil_celsius)
    train = ratio(gearbox)
    relative = speed * (train - 1.0)
    planet_speed = relative / jnp.abs(geometry_1.gear_ratio)
    pin, thrust = planet_pin_load(gearbox, torque, speed)
    needle = gearbox.planets * needle_friction_torque(gearbox.planet_pin, pin, planet_speed, viscosity) * planet_speed
    carrier_load = BearingLoad(
        radial=jnp.broadcast_to(CARRIER_RADIAL_FORCE, (2, *thrust.shape)), axial=gearbox.planets * thrust
    )
    carrier = pair_of_bearings(gearbox.output_bearing, carrier_load, speed, viscosity)
    flow = gearbox.manufacture.oil_flow
    churning = injection_loss(geometry_1.working_diameter[0], relative, rho, flow)
    churning = churning + injection_loss(2.0 * gearbox.stage_1.centre_distance, speed, rho, flow)
    seal = seal_loss(gearbox.seal_diameter[0], speed * train) + 2.0 * seal_loss(gearbox.seal_diameter[1], speed)
    driving, scale = smooth_step(torque, SMOOTH_TORQUE), SMOOTH_TORQUE * speed + 1e-3
    rolling = torque * speed * (1.0 - 1.0 / train)
    mesh_2 = mesh_loss(share_2, rolling, driving, scale)
    mesh_1 = mesh_loss(share_1, rolling + mesh_2 + needle, driving, scale)
    return GearboxLosses(mesh=mesh_1 + mesh_2, bearing=needle + carrier, churning=churning, seal=seal)
