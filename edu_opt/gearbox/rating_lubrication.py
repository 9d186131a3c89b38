"""Scuffing and micropitting of every mesh over the load blocks."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from edu_opt.gearbox.contact_path import contact_path
from edu_opt.gearbox.mesh_losses import loss_factor
from edu_opt.gearbox.mesh_rating import EQUIVALENT, MeshStresses
from edu_opt.gearbox.micropitting import Contact, film_thickness
from edu_opt.gearbox.model import Gearbox, StageLoad
from edu_opt.gearbox.rating_bodies import MeshBodies
from edu_opt.gearbox.scuffing import Lubrication, MeshLoad, flash_temperature, integral_temperature
from edu_opt.gearbox.tooth_geometry import GearPair, PairGeometry
from edu_opt.materials.oils import density, kinematic_viscosity
from edu_opt.numerics.pytree import pytree, replace
from edu_opt.numerics.smooth import soft_minimum

WORST_WIDTH = 0.02  # of a safety, over which the worst block joins the next


@pytree
class LubricationRating:
    """Of M meshes (M,): safety against scuffing by integral temperature, smallest over the blocks, and by flash
    temperature at the worst of them; at the flank-damage-equivalent load: specific film lambda and safety against
    micropitting."""

    scuffing_integral: jax.Array
    scuffing_flash: jax.Array
    specific_film: jax.Array
    micropitting: jax.Array


def rate_lubrication(
    gearbox: Gearbox,
    pair: GearPair,
    geometry: PairGeometry,
    bodies: MeshBodies,
    blocks: StageLoad,
    loaded: MeshStresses,
    lubrication: Lubrication,
    permissible: jax.Array,
) -> LubricationRating:
    """One mesh; blocks (K,) and their stresses, of which the driving side counts; permissible specific film."""
    steel, fluid = gearbox.steel, gearbox.oil
    warm = jnp.asarray(lubrication.oil_temperature)
    force, factor = loaded.driving_force, loaded.factors.flank
    width = geometry.common_face_width
    load = MeshLoad(
        line_load=force * factor / width,
        nominal_line_load=force / width,
        speed=0.5 * geometry.reference_diameter[0] * blocks.pinion_speed,
        viscosity=jnp.broadcast_to(kinematic_viscosity(fluid, warm) * density(fluid, warm), force.shape),
        roughness=jnp.broadcast_to(gearbox.manufacture.flank_roughness, force.shape),
        stiffness=loaded.factors.stiffness,
        tip_relief=jnp.broadcast_to(gearbox.manufacture.tip_relief, force.shape),
    )
    path = contact_path(pair, geometry)
    oiled = replace(lubrication, meshes=jnp.maximum(bodies.meshes[0], bodies.meshes[1]))
    integral = integral_temperature(pair, geometry, path, load, steel, fluid, oiled)
    # the flash temperature along the path only where the integral temperature is worst
    weight = jax.nn.softmax(-integral.safety / WORST_WIDTH)
    worst = jax.tree.map(lambda leaf: jnp.sum(weight * leaf), load)
    flash = flash_temperature(pair, geometry, path, worst, steel, fluid, oiled)
    friction = integral.friction[EQUIVALENT]
    power = force[EQUIVALENT] * load.speed[EQUIVALENT]
    contact = Contact(
        force=force[EQUIVALENT],
        load_factor=factor[EQUIVALENT],
        pinion_speed=blocks.pinion_speed[EQUIVALENT],
        friction=friction,
        mesh_loss=power * friction * loss_factor(pair, geometry),
        roughness=load.roughness[EQUIVALENT],
    )
    film = film_thickness(pair, geometry, path, contact, steel, fluid, warm, lubrication.supply)
    return LubricationRating(
        scuffing_integral=soft_minimum(integral.safety, WORST_WIDTH),
        scuffing_flash=flash.safety,
        specific_film=film.specific,
        micropitting=film.specific / permissible,
    )
