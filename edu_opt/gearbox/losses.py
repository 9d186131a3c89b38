"""Losses of the whole gearbox at one operating point: mesh, bearings, oil injection, seals; smooth through zero torque.

Powers are added up from the axle to the motor, so that each mesh carries the losses behind it. Driving or
recuperating is the sign of the torque; speed >= 0.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from edu_opt.gearbox.bearings import Bearing, friction_torque, needle_friction_torque
from edu_opt.gearbox.mesh_losses import injection_loss, loss_factor, mesh_friction, seal_loss
from edu_opt.gearbox.model import (
    Gearbox,
    StageLoad,
    ball_bearings,
    ratio,
    require,
    shaft_speed_ratios,
    stacked_geometry,
    stacked_stages,
    stage_loads,
    stage_ratio,
)
from edu_opt.gearbox.shaft_forces import (
    BearingLoad,
    carrier_bearing_load,
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


def bearing_pair_losses(bearings: Bearing, loads: BearingLoad, speeds: jax.Array, viscosity: jax.Array) -> jax.Array:
    """Loss of both bearings of n shafts [W], (n,); bearings (n,), loads (n, 2), speeds (n,) [rad/s]."""
    wide = jax.tree.map(lambda leaf: leaf[:, None], bearings)
    torque = friction_torque(wide, loads.radial, loads.axial, speeds[:, None], viscosity)
    return jnp.sum(torque, axis=1) * speeds


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


def _loss_shares(
    gearbox: Gearbox,
    geometries: PairGeometry,
    torque: jax.Array,
    speed: jax.Array,
    viscosity: jax.Array,
    rho: jax.Array,
) -> jax.Array:
    """Shares of loss of both meshes (2,)."""
    loads = stage_loads(gearbox, torque, speed)
    return jax.vmap(lambda pair, geometry, load: loss_share(gearbox, pair, geometry, load, viscosity, rho))(
        stacked_stages(gearbox), geometries, loads
    )


def _parallel_axis_losses(
    gearbox: Gearbox, torque: jax.Array, speed: jax.Array, oil_celsius: float | jax.Array
) -> GearboxLosses:
    viscosity, rho = kinematic_viscosity(gearbox.oil, oil_celsius), density(gearbox.oil, oil_celsius)
    geometries = stacked_geometry(gearbox)
    share_1, share_2 = _loss_shares(gearbox, geometries, torque, speed, viscosity, rho)
    speeds = speed * shaft_speed_ratios(gearbox)
    loads = parallel_axis_bearing_loads(gearbox, geometries, torque)
    bearing = bearing_pair_losses(ball_bearings(gearbox), loads, speeds, viscosity)
    seal_1, seal_3 = seal_loss(gearbox.seal_diameter, speeds[jnp.array([0, 2])]) * jnp.array([1.0, 2.0])
    wheels = geometries.working_diameter[:, 1]
    churning = injection_loss(wheels, speeds[1:], rho, jnp.asarray(gearbox.manufacture.oil_flow))
    churning_1, churning_2 = churning * jnp.array([INJECTION_FIRST_STAGE, 1.0])
    driving, scale = smooth_step(torque, SMOOTH_TORQUE), SMOOTH_TORQUE * speed + 1e-3
    power = torque * speed + bearing[2] + seal_3
    mesh_2 = mesh_loss(share_2, power, driving, scale)
    mesh_1 = mesh_loss(share_1, power + mesh_2 + churning_2 + bearing[1], driving, scale)
    return GearboxLosses(
        mesh=mesh_1 + mesh_2, bearing=jnp.sum(bearing), churning=churning_1 + churning_2, seal=seal_1 + seal_3
    )


def _planetary_losses(
    gearbox: Gearbox, torque: jax.Array, speed: jax.Array, oil_celsius: float | jax.Array
) -> GearboxLosses:
    """Mesh loss on the rolling power T_sun (omega_sun - omega_carrier); planet needles, carrier bearings, seals.

    The sun's bearings are the motor's. Oil is thrown at the sun's and the carrier's circumference.
    """
    viscosity, rho = kinematic_viscosity(gearbox.oil, oil_celsius), density(gearbox.oil, oil_celsius)
    geometries = stacked_geometry(gearbox)
    share_1, share_2 = _loss_shares(gearbox, geometries, torque, speed, viscosity, rho)
    train = ratio(gearbox)
    relative = speed * (train - 1.0)
    planet_speed = relative / stage_ratio(gearbox.stage_1)
    pin, thrust = planet_pin_load(gearbox, geometries, torque, speed)
    needle = needle_friction_torque(require(gearbox.planet_pin), pin, planet_speed, viscosity)
    needle = gearbox.planets * needle * planet_speed
    carrier = bearing_pair_losses(
        ball_bearings(gearbox), carrier_bearing_load(gearbox, thrust), speed * shaft_speed_ratios(gearbox), viscosity
    )
    thrown = jnp.stack([geometries.working_diameter[0, 0], 2.0 * gearbox.stage_1.centre_distance])
    churning = injection_loss(thrown, jnp.stack([relative, speed]), rho, jnp.asarray(gearbox.manufacture.oil_flow))
    seal = seal_loss(gearbox.seal_diameter, jnp.stack([speed * train, 2.0 * speed]))
    driving, scale = smooth_step(torque, SMOOTH_TORQUE), SMOOTH_TORQUE * speed + 1e-3
    rolling = torque * speed * (1.0 - 1.0 / train)
    mesh_2 = mesh_loss(share_2, rolling, driving, scale)
    mesh_1 = mesh_loss(share_1, rolling + mesh_2 + needle, driving, scale)
    return GearboxLosses(
        mesh=mesh_1 + mesh_2, bearing=needle + carrier[0], churning=jnp.sum(churning), seal=jnp.sum(seal)
    )
