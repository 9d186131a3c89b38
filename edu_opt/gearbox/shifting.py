"""Losses of the clutches that a gearbox carries while it works: the open clutch of a second gear, closed clutches."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from edu_opt.gearbox.clutch import Clutch, open_drag
from edu_opt.gearbox.model import Gearbox, gearbox_state
from edu_opt.gearbox.train import LOOSE

INTERMEDIATE = "intermediate"
SYNCHRONIZED_SHARE = 0.5  # of the kinetic energy that a shift equalizes, what slips away in the clutch (uniform torque)


def clutch_loss(
    gearbox: Gearbox, output_speed: jax.Array, dynamic_viscosity: jax.Array, oil_density: jax.Array
) -> jax.Array:
    """Drag of the open shift clutch, holding power of closed ones [W] at an axle speed [rad/s]; gearbox in its gear.

    In the first gear the wet clutch of the second slips between the loose wheel and the intermediate shaft; in the
    second it is held closed and the claws of the first turn free.
    """
    held = gearbox.disconnect.holding_power if gearbox.disconnect is not None else jnp.zeros(())
    if gearbox.shift_clutch is None or gearbox.gear is None:
        return held * jnp.ones_like(output_speed)
    shafts, speeds = gearbox.structure.train.shafts, gearbox_state(gearbox).shaft_speed
    slip = jnp.abs(speeds[shafts.index(LOOSE)] - speeds[shafts.index(INTERMEDIATE)]) * output_speed
    drag = open_drag(gearbox.shift_clutch, slip, dynamic_viscosity, oil_density) * slip
    return held + (1.0 - gearbox.gear) * drag + gearbox.gear * gearbox.shift_clutch.holding_power


def shift_energy(clutch: Clutch, inertia: float | jax.Array, before: jax.Array, after: jax.Array) -> jax.Array:
    """Energy of one shift [J]: actuation, and slip while the clutch brings an inertia at the motor's shaft [kg m^2]
    from one speed to the other [rad/s].

    Under a uniform clutch torque half of J (w_1 - w_2)^2 slips away; the rest of the inertia's energy reaches or leaves
    the wheels.
    """
    return clutch.actuation_energy + SYNCHRONIZED_SHARE * inertia * (before - after) ** 2
