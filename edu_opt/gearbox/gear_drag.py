"""Loss of the gears in air and oil that does not depend on the torque: windage of every gear, churning of the sump."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from edu_opt.gearbox.churning import churning_loss
from edu_opt.gearbox.model import Gearbox, stacked_stages
from edu_opt.gearbox.tooth_geometry import PairGeometry
from edu_opt.gearbox.train import AXLE, HOUSING, TrainState
from edu_opt.gearbox.windage import windage_loss

OIL_VOLUME = 1.2e-3  # m^3, 1 kg as in the TUM/Gao gearbox model (conf_gearbox.json)


def gear_windage(gearbox: Gearbox, state: TrainState, geometries: PairGeometry, output_speed: jax.Array) -> jax.Array:
    """Windage [W] by place in the flow of power (M + 1,): before the first mesh, then behind every mesh.

    Every body that turns, each planet counted; speeds against the line of centres. A ring at rest has none.
    """
    meshes = len(gearbox.stages)
    turning, planet = np.zeros((meshes, 2)), np.zeros((meshes, 2))
    for body in gearbox.structure.bodies:
        turning[body.mesh, body.member] = body.shaft != HOUSING
        planet[body.mesh, body.member] = body.planet
    pairs = stacked_stages(gearbox)
    speeds = jnp.stack([state.pinion_speed, state.wheel_speed], axis=1) * output_speed
    diameters = jnp.abs(geometries.reference_diameter)
    losses = windage_loss(diameters, pairs.face_width, pairs.normal_module[:, None], speeds)
    losses = losses * turning * (1.0 + planet * (gearbox.planets - 1.0))
    return jnp.pad(losses[:, 0], (0, 1)) + jnp.pad(losses[:, 1], (1, 0))


def sump_churning(
    gearbox: Gearbox, geometries: PairGeometry, output_speed: jax.Array, viscosity: jax.Array, oil_density: jax.Array
) -> jax.Array:
    """Churning [W] of what turns with the axle and dips `Manufacture.immersion` deep: its wheel, or the planets on
    their carrier (as a gear over the planets' pitch circles, a rough upper bound); 0 for a dry sump."""
    wheels = [b for b in gearbox.structure.bodies if b.shaft == AXLE]
    if wheels:
        mesh, member = wheels[-1].mesh, wheels[-1].member
        diameter = jnp.abs(geometries.reference_diameter[mesh, member])
    else:
        mesh, member = 0, 1
        diameter = 2.0 * gearbox.stage_1.centre_distance + jnp.abs(geometries.reference_diameter[mesh, member])
    pair = gearbox.stages[mesh]
    return churning_loss(
        diameter,
        pair.face_width[member],
        pair.normal_module,
        jnp.abs(pair.teeth[member]),
        jnp.asarray(gearbox.manufacture.immersion),
        output_speed,
        viscosity,
        oil_density,
        OIL_VOLUME,
    )
