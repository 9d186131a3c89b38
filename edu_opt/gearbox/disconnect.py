"""A unit that is disconnected at the axle (P4: the second axle of a part-time four-wheel drive): what still turns."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from edu_opt.gearbox.bearing_friction import friction_torque
from edu_opt.gearbox.clutch import Clutch, dog_clutch, open_drag
from edu_opt.gearbox.mesh_losses import seal_loss
from edu_opt.gearbox.model import Gearbox
from edu_opt.materials.oils import density, kinematic_viscosity
from edu_opt.numerics.pytree import replace
from edu_opt.numerics.smooth import smooth_absolute

IDLE_FORCE = 100.0  # N on each bearing that still turns: weight of cage and shafts (assumed)


def with_disconnect(gearbox: Gearbox, peak_output_torque: float | jax.Array, clutch: Clutch | None = None) -> Gearbox:
    """The gearbox with a clutch between its last wheel (or carrier) and the differential cage, by default claws for the
    peak axle torque [N m]."""
    return replace(gearbox, disconnect=dog_clutch(peak_output_torque) if clutch is None else clutch)


def disconnected_loss(gearbox: Gearbox, output_speed: jax.Array, oil_celsius: float | jax.Array) -> jax.Array:
    """Loss [W] with the disconnect open at an axle speed [rad/s] >= 0: motor and gears stand, the cage turns with the
    wheels in two unloaded bearings and both output seals, the open clutch slips at the axle's speed.

    A gearbox without a disconnect is refused (ValueError): its motor turns too.
    """
    if gearbox.disconnect is None:
        raise ValueError("this gearbox has no disconnect clutch: it turns with the wheels; see with_disconnect")
    speed = jnp.asarray(output_speed, float)
    viscosity, rho = kinematic_viscosity(gearbox.oil, oil_celsius), density(gearbox.oil, oil_celsius)
    force = jnp.asarray(IDLE_FORCE)
    starvation = gearbox.manufacture.bearing_starvation
    bearing = 2.0 * friction_torque(gearbox.output_bearing, force, jnp.zeros(()), speed, viscosity, starvation)
    slip = smooth_absolute(speed, 0.1)
    drag = open_drag(gearbox.disconnect, slip, viscosity * rho, rho)
    return bearing * speed + 2.0 * seal_loss(gearbox.seal_diameter[1], speed) + drag * slip
