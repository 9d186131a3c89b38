"""Rating of the whole gearbox: flank and root with a load spectrum, static strength at peak torque, scuffing,
micropitting, bearings, geometry, noise indicators.

A production EV gearbox works in the finite-life range at peak torque, so strength is rated by Miner's sum over the
spectrum (ISO 6336-6), not against endurance limits at peak torque. Driving and coasting load different flanks and
are rated apart; so are the fillets on both sides of a tooth.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from edu_opt.duty.load_spectrum import DAMAGE_EXPONENT, LoadSpectrum
from edu_opt.gearbox.load_factors import shaft_deflection
from edu_opt.gearbox.mesh_rating import EQUIVALENT, MeshRating, rate_mesh
from edu_opt.gearbox.micropitting import permissible_film
from edu_opt.gearbox.model import Gearbox, StageLoad, stacked_stages, stage_loads
from edu_opt.gearbox.noise import NoiseIndicators, noise_indicators
from edu_opt.gearbox.planet_shafts import planet_misalignments
from edu_opt.gearbox.rating_bearings import BearingRating, bearing_rating
from edu_opt.gearbox.rating_bodies import MeshBodies, mesh_bodies
from edu_opt.gearbox.rating_geometry import GeometryRating, geometry_rating
from edu_opt.gearbox.rating_lubrication import LubricationRating, rate_lubrication
from edu_opt.gearbox.scuffing import Lubrication
from edu_opt.gearbox.shaft_deflection import mesh_misalignment, pinion_torsion
from edu_opt.gearbox.shaft_forces import (
    BearingLoad,
    mesh_forces,
    reactions,
    stage_forces,
    supports,
    under,
    unit_shaft_loads,
)
from edu_opt.gearbox.tooth_geometry import GearPair, PairGeometry, pair_geometry
from edu_opt.numerics.powers import power
from edu_opt.numerics.pytree import pytree, static
from edu_opt.numerics.smooth import safe_norm, smooth_positive

SHAFT_END = 0.030  # m, bearing span beyond the face of a pinion cut on its shaft (assumed)
SMALLEST_WIND_UP = 1e-9  # m, rounding of its size
OFFSET_SHARE = 0.1  # of the span, pinion off the middle of its bearings (assumed)


@pytree
class GearboxRating:
    """Everything that may refuse a gearbox; see `edu_opt.gearbox.margins`. `meshes` and `lubrication` have a leading
    axis of M meshes; `mesh_parts` says which gear stage (part) each belongs to."""

    mesh_parts: tuple[int, ...] = static()
    meshes: MeshRating
    lubrication: LubricationRating
    bearings: BearingRating
    geometry: GeometryRating
    noise: NoiseIndicators


def equivalent_load(spectrum: LoadSpectrum, peak_torque: jax.Array) -> tuple[jax.Array, jax.Array]:
    """(axle torque [N m], axle speed [rad/s]) that stand for the driving blocks: torque by flank damage over their
    turns (exponent 6.6), speed by their time."""
    share = smooth_positive(spectrum.axle_torque / peak_torque, 1e-3)
    driving = share / (share + 1e-2)
    turns = driving * spectrum.axle_speed * spectrum.duration
    weight = jnp.sum(turns) + 1e-6
    damage = jnp.sum(turns * power(share, DAMAGE_EXPONENT)) / weight
    torque = peak_torque * power(damage + 1e-12, 1.0 / DAMAGE_EXPONENT)
    return torque, weight / (jnp.sum(driving * spectrum.duration) + 1e-6)


def pinion_misalignment(geometry: PairGeometry, load: StageLoad) -> jax.Array:
    """f_sh (K,) [m] of a pinion cut on its shaft near the middle of its bearings, ISO 6336-1 method C; K_V left out."""
    diameter, width = geometry.reference_diameter[0], geometry.common_face_width
    force = 2.0 * jnp.sqrt(load.pinion_torque**2 + 1e-6) / diameter * load.sharing
    span = width + SHAFT_END
    return shaft_deflection(
        force / width, width, diameter, geometry.root_diameter[0], span, jnp.asarray(OFFSET_SHARE) * span
    )


def shaft_effects(
    gearbox: Gearbox, geometries: PairGeometry, loads: StageLoad, output_torque: jax.Array, output_speed: jax.Array
) -> tuple[jax.Array, BearingLoad | None]:
    """(f_sh (M, K) [m] that K_Hbeta must bear, loads of the ball bearings at the same points where shafts are beams).

    f_sh: two shafts' bending with their bearings and the pinion's wind-up, added without regard to sign; with planets
    the pinion's own deflection by the standard's formula and the tilt of planets and layshaft.
    """
    if gearbox.structure.has_planets:
        own = jax.vmap(pinion_misalignment)(geometries, loads)
        return own + planet_misalignments(gearbox, geometries, output_torque, output_speed), None
    per_newton = unit_shaft_loads(gearbox, geometries)
    forces = mesh_forces(stage_forces(gearbox, geometries, output_torque, output_speed))
    at_bearings = under(supports(per_newton), forces)
    wound = pinion_torsion(geometries, loads.pinion_torque)
    bent = mesh_misalignment(gearbox, geometries, per_newton, forces, at_bearings)
    return bent + safe_norm(wound[..., None], SMALLEST_WIND_UP), reactions(at_bearings)


def rate(
    gearbox: Gearbox,
    spectrum: LoadSpectrum,
    peak_output_torque: jax.Array,
    *,
    peak_output_speed: float | jax.Array = 10.0,
    maximum_output_speed: float | jax.Array = 160.0,
    lubrication: Lubrication | None = None,
) -> GearboxRating:
    """Rating over a life spectrum at the axle, plus the static check at peak axle torque [N m].

    The spectrum must contain its peak blocks. peak_output_speed [rad/s]: up to where peak torque acts;
    maximum_output_speed [rad/s]: top speed, for the bearings' speed limit.
    """
    peak_torque = jnp.asarray(peak_output_torque, float)
    oiled = Lubrication() if lubrication is None else lubrication
    # The damage-equivalent and the peak point are two more blocks: the formulas run once for all.
    mean_torque, mean_speed = equivalent_load(spectrum, peak_torque)
    torque = jnp.concatenate([spectrum.axle_torque, jnp.stack([mean_torque, peak_torque])])
    speed = jnp.concatenate([spectrum.axle_speed, jnp.stack([mean_speed, jnp.asarray(peak_output_speed, float)])])
    pairs = stacked_stages(gearbox)
    geometries = jax.vmap(pair_geometry)(pairs)
    bodies = mesh_bodies(gearbox, geometries)
    permissible = permissible_film(gearbox.oil, gearbox.steel, oiled.micropitting_stage)

    loads = stage_loads(gearbox, torque, speed)
    side = (torque >= 0.0).astype(float)

    def one(
        pair: GearPair, geometry: PairGeometry, body: MeshBodies, load: StageLoad, bent: jax.Array
    ) -> tuple[MeshRating, LubricationRating]:
        rating, loaded = rate_mesh(gearbox, pair, geometry, body, load, spectrum.duration, bent, side)
        return rating, rate_lubrication(gearbox, pair, geometry, body, load, loaded, oiled, permissible)

    misalignments, on_bearings = shaft_effects(gearbox, geometries, loads, torque, speed)
    on_bearings = jax.tree.map(lambda leaf: leaf[..., :EQUIVALENT], on_bearings)
    meshes, films = jax.vmap(one)(pairs, geometries, bodies, loads, misalignments)
    return GearboxRating(
        mesh_parts=gearbox.structure.mesh_parts,
        meshes=meshes,
        lubrication=films,
        bearings=bearing_rating(gearbox, geometries, spectrum, jnp.asarray(maximum_output_speed, float), on_bearings),
        geometry=geometry_rating(gearbox, pairs, geometries, peak_torque),
        noise=noise_indicators(gearbox, geometries),
    )
