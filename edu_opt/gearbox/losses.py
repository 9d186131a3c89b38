"""Losses of the whole gearbox at one operating point: mesh, bearings, oil, air, seals; smooth through zero torque.

Powers are added up from the axle to the motor, so that each mesh carries the losses behind it. Driving or
recuperating is the sign of the torque; speed >= 0.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from edu_opt.gearbox.bearing_friction import friction_torque, needle_friction_torque
from edu_opt.gearbox.bearings import Bearing
from edu_opt.gearbox.gear_drag import gear_windage, sump_churning
from edu_opt.gearbox.mesh_losses import injection_loss, loss_factor, mesh_friction, seal_loss
from edu_opt.gearbox.model import (
    Gearbox,
    StageLoad,
    at_speed,
    ball_bearings,
    gearbox_state,
    shaft_speed_ratios,
    stacked_geometry,
    stacked_stages,
    stage_loads,
)
from edu_opt.gearbox.shaft_forces import BearingLoad, bearing_loads, planet_pin_load
from edu_opt.gearbox.shifting import clutch_loss
from edu_opt.gearbox.tooth_geometry import GearPair, PairGeometry
from edu_opt.gearbox.train import mesh_power_losses
from edu_opt.materials.oils import density, kinematic_viscosity
from edu_opt.numerics.pytree import pytree
from edu_opt.numerics.smooth import smooth_absolute, smooth_step

INJECTION_FIRST_STAGE = 0.85  # share of the impulse at wheel 2, 1 at wheel 4 (TUMFTM Getrieberechnung.m)
SMOOTH_TORQUE = 2.0  # N m at the axle: width of the change between driving and coasting


@pytree
class GearboxLosses:
    """Losses [W] of one operating point; churning: injected oil and sump; windage: the gears in air; clutch: drag of
    an open shift clutch, power to hold closed ones."""

    mesh: jax.Array
    bearing: jax.Array
    churning: jax.Array
    windage: jax.Array
    seal: jax.Array
    clutch: jax.Array

    @property
    def total(self) -> jax.Array:
        """All losses [W]."""
        return self.mesh + self.bearing + self.churning + self.windage + self.seal + self.clutch


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


def bearing_pair_losses(
    bearings: Bearing, loads: BearingLoad, speeds: jax.Array, viscosity: jax.Array, starvation: float | jax.Array
) -> jax.Array:
    """Loss of both bearings of n shafts [W], (n,); bearings (n,), loads (n, 2), speeds (n,) [rad/s]."""
    wide = jax.tree.map(lambda leaf: leaf[:, None], bearings)
    torque = friction_torque(wide, loads.radial, loads.axial, speeds[:, None], viscosity, starvation)
    return jnp.sum(torque, axis=1) * speeds


def gearbox_losses(
    gearbox: Gearbox, output_torque: jax.Array, output_speed: jax.Array, oil_celsius: float | jax.Array
) -> GearboxLosses:
    """Losses at an axle torque [N m] (+ driving, - recuperating), axle speed [rad/s] >= 0 and oil temperature [degC].

    Motor power = axle power + total. Validity: oil 20 to 120 degC, pitch-line velocities up to about 60 m/s.
    """
    torque, speed = jnp.asarray(output_torque, float), jnp.asarray(output_speed, float)
    viscosity, rho = kinematic_viscosity(gearbox.oil, oil_celsius), density(gearbox.oil, oil_celsius)
    gearbox = at_speed(gearbox, speed)
    geometries, state, train = stacked_geometry(gearbox), gearbox_state(gearbox), gearbox.structure.train
    shares = _loss_shares(gearbox, geometries, torque, speed, viscosity, rho)
    bearing = _bearing_losses(gearbox, geometries, torque, speed, viscosity)
    injected = _injection_losses(gearbox, geometries, speed, rho)
    sump = sump_churning(gearbox, geometries, speed, viscosity, rho)
    seal = seal_loss(gearbox.seal_diameter, speed * jnp.stack([state.ratio, jnp.ones(())])) * jnp.array([1.0, 2.0])
    windage = gear_windage(gearbox, state, geometries, speed)
    # Oil is thrown from the mesh ahead of whose wheel it leaves; sump and output seals take the axle's power.
    at_axle = jnp.zeros(len(train.meshes) + 1).at[-1].set(sump + seal[1] + torque * speed)
    joining = bearing + windage + jnp.append(injected, 0.0) + at_axle
    driving, scale = smooth_step(torque, SMOOTH_TORQUE), SMOOTH_TORQUE * speed + 1e-3
    mesh, _ = mesh_power_losses(shares, state.rolling_power, tuple(joining[1:]), driving, scale)
    return GearboxLosses(
        mesh=jnp.sum(mesh),
        bearing=jnp.sum(bearing),
        churning=jnp.sum(injected) + sump,
        windage=jnp.sum(windage),
        seal=jnp.sum(seal),
        clutch=clutch_loss(gearbox, speed, viscosity * rho, rho),
    )


def _bearing_losses(
    gearbox: Gearbox, geometries: PairGeometry, torque: jax.Array, speed: jax.Array, viscosity: jax.Array
) -> jax.Array:
    """Losses of all bearings by place in the flow of power (M + 1,), see `Train.place` [W].

    A sun runs in the motor's bearings.
    """
    train, starvation = gearbox.structure.train, gearbox.manufacture.bearing_starvation
    loads = bearing_loads(gearbox, geometries, torque, speed)
    speeds = speed * shaft_speed_ratios(gearbox)
    balls = bearing_pair_losses(ball_bearings(gearbox), loads, speeds, viscosity, starvation)
    places = np.array([train.place(shaft) for shaft in gearbox.structure.bearing_shafts])
    losses = (np.arange(len(train.meshes) + 1)[:, None] == places).astype(float) @ balls
    if gearbox.planet_pin is None:
        return losses
    pin, _ = planet_pin_load(gearbox, geometries, torque, speed)
    planet_speed = gearbox_state(gearbox).wheel_speed[0] * speed
    needle = needle_friction_torque(gearbox.planet_pin, pin, planet_speed, viscosity, starvation)
    return losses.at[train.place("planet")].add(gearbox.planets * needle * planet_speed)


def _injection_losses(
    gearbox: Gearbox, geometries: PairGeometry, speed: jax.Array, oil_density: jax.Array
) -> jax.Array:
    """Loss by injected oil of every mesh (M,) [W]: thrown by the wheel; with planets by the sun, and by the carrier at
    the planets' centres."""
    state, train = gearbox_state(gearbox), gearbox.structure.train
    diameters, speeds = jnp.abs(geometries.working_diameter[:, 1]), state.wheel_speed
    share = jnp.ones(len(train.meshes))
    if gearbox.structure.has_planets:
        carrier = state.shaft_speed[train.shafts.index(train.meshes[0].arm)]
        diameters = diameters.at[:2].set(
            jnp.stack([geometries.working_diameter[0, 0], 2.0 * gearbox.stage_1.centre_distance])
        )
        speeds = speeds.at[:2].set(jnp.stack([state.pinion_speed[0], jnp.abs(carrier)]))
    else:
        share = share.at[0].set(INJECTION_FIRST_STAGE)
    return share * injection_loss(diameters, speeds * speed, oil_density, jnp.asarray(gearbox.manufacture.oil_flow))


def _loss_shares(
    gearbox: Gearbox,
    geometries: PairGeometry,
    torque: jax.Array,
    speed: jax.Array,
    viscosity: jax.Array,
    rho: jax.Array,
) -> jax.Array:
    """Shares of loss of all meshes (M,)."""
    loads = stage_loads(gearbox, torque, speed)
    return jax.vmap(lambda pair, geometry, load: loss_share(gearbox, pair, geometry, load, viscosity, rho))(
        stacked_stages(gearbox), geometries, loads
    )
