"""Rating of one mesh after ISO 6336: stresses at load blocks, strengths, safeties over the spectrum and at peak."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from edu_opt.gearbox.life import spectrum_safety
from edu_opt.gearbox.load_capacity import (
    FilmFactors,
    FlankFactors,
    NotchFactors,
    deep_tooth_factor,
    film_factors,
    flank_factors,
    flank_strength,
    mean_stress_factor,
    nominal_contact_stress,
    nominal_root_stress,
    notch_factors,
    rim_factor,
    root_strength,
)
from edu_opt.gearbox.load_factors import (
    MeshStiffness,
    Steels,
    deviations_of_class,
    dynamic_factor,
    face_load_factor,
    mesh_stiffness,
    reduced_mass,
    resonance_ratio,
    root_face_load_factor,
    transverse_load_factor,
)
from edu_opt.gearbox.model import Gearbox, StageLoad
from edu_opt.gearbox.rating_bodies import MeshBodies
from edu_opt.gearbox.tooth_geometry import GearPair, PairGeometry
from edu_opt.gearbox.tooth_root import ToothRoot, tooth_root
from edu_opt.numerics.pytree import pytree, replace
from edu_opt.numerics.smooth import smooth_positive

ROOT_ROUGHNESS_RATIO = 6.0  # Rz = 6 Ra, ISO 6336-2 clause 12.3.1.3
EQUIVALENT, PEAK = -2, -1  # places of the damage-equivalent load and of the peak among the blocks
SIDE_TORQUE = 0.05  # N m at the pinion: width of the split into driving and coasting flanks


@pytree
class LoadFactors:
    """K_V, K_Hbeta, K_Fbeta, K_Halpha, K_Falpha, the resonance ratio N and the stiffness c_gamma alpha [N/m^2]; shapes
    follow the load."""

    dynamic: jax.Array
    face_flank: jax.Array
    face_root: jax.Array
    transverse_flank: jax.Array
    transverse_root: jax.Array
    resonance: jax.Array
    stiffness: jax.Array

    @property
    def flank(self) -> jax.Array:
        """K_V K_Hbeta K_Halpha."""
        return self.dynamic * self.face_flank * self.transverse_flank

    @property
    def root(self) -> jax.Array:
        """K_V K_Fbeta K_Falpha."""
        return self.dynamic * self.face_root * self.transverse_root


@pytree
class MeshRating:
    """One mesh. Safeties: first axis = driving, coasting flanks; second = pinion, wheel.

    flank_safety, root_safety (2, 2): on stress, over the spectrum (Miner's sum 1). static_flank_safety,
    static_root_safety (2,): at peak driving torque against the static corner of the life curve. rim_factor Y_B and
    mean_stress_factor Y_M (2,). The rest names the factors and the nominal and real stresses [Pa] at peak torque for
    reports.
    """

    flank_safety: jax.Array
    root_safety: jax.Array
    static_flank_safety: jax.Array
    static_root_safety: jax.Array
    flank_factors: FlankFactors
    film_factors: FilmFactors
    root: ToothRoot
    notch_factors: NotchFactors
    rim_factor: jax.Array
    mean_stress_factor: jax.Array
    load_factors: LoadFactors
    nominal_contact_stress: jax.Array
    contact_stress: jax.Array
    nominal_root_stress: jax.Array
    root_stress: jax.Array


def load_factors(
    gearbox: Gearbox,
    pair: GearPair,
    geometry: PairGeometry,
    bodies: MeshBodies,
    epsilon_factor: jax.Array,
    force: jax.Array,
    load: StageLoad,
    misalignment: jax.Array,
) -> LoadFactors:
    """Factors at tangential forces F_t K_A K_gamma [N] at the speeds of `load`; misalignment f_sh [m] of the shafts."""
    made, width = gearbox.manufacture, geometry.common_face_width
    steels: Steels = (gearbox.steel, gearbox.steel)
    diameter = jnp.abs(geometry.reference_diameter[1])
    deviations = deviations_of_class(
        pair.normal_module, diameter, width, made.accuracy_class, made.tip_relief, pair.pressure_angle
    )
    velocity = 0.5 * geometry.reference_diameter[0] * load.pinion_speed
    line_load = force / width
    stiffness: MeshStiffness = mesh_stiffness(pair, geometry, line_load)
    tips = jnp.abs(pair.tip_diameter)
    meshes = (bodies.meshes[0], bodies.meshes[1])
    mass = reduced_mass(geometry, gearbox.steel.density, bodies.bore_ratio, tips, meshes)
    resonance = resonance_ratio(load.pinion_speed, pair.teeth, stiffness, mass)
    dynamic = dynamic_factor(resonance, line_load, geometry, stiffness, deviations, steels, velocity)
    mean_load = line_load * dynamic
    face = face_load_factor(mean_load, stiffness, deviations, misalignment, steels, velocity)
    depth = 0.5 * jnp.abs(pair.tip_diameter[0] - geometry.root_diameter[0])
    flank, root = transverse_load_factor(
        mean_load * face, geometry, stiffness, deviations, epsilon_factor, steels, velocity
    )
    return LoadFactors(
        dynamic=dynamic,
        face_flank=face,
        face_root=root_face_load_factor(face, width, depth),
        transverse_flank=flank,
        transverse_root=root,
        resonance=jnp.broadcast_to(resonance, jnp.shape(force)),
        stiffness=jnp.broadcast_to(stiffness.mesh_alpha, jnp.shape(force)),
    )


@pytree
class MeshStresses:
    """Force F_t K_gamma [N] (K,) and stresses [Pa] (K, 2 gears), with factors (K,) and nominal, on the flanks that a
    block loads; driving_force (K,): what of it loads the driving flanks."""

    force: jax.Array
    driving_force: jax.Array
    contact_nominal: jax.Array
    contact: jax.Array
    root_nominal: jax.Array
    root: jax.Array
    factors: LoadFactors


def mesh_stresses(
    gearbox: Gearbox,
    pair: GearPair,
    geometry: PairGeometry,
    bodies: MeshBodies,
    flank: FlankFactors,
    root: ToothRoot,
    load: StageLoad,
    misalignment: jax.Array,
    side: jax.Array,
) -> MeshStresses:
    """Stresses of all blocks; K_A = 1 (the spectrum holds the real loads). side (K,): 1 where a block drives, or 0."""
    per_torque = 2.0 / geometry.reference_diameter[0] * load.sharing
    driving = smooth_positive(load.pinion_torque, SIDE_TORQUE)
    coasting = driving - load.pinion_torque
    force = per_torque * (coasting + (driving - coasting) * side)
    size = per_torque * (driving + coasting)
    factors = load_factors(gearbox, pair, geometry, bodies, flank.contact_ratio, size, load, misalignment)
    nominal_contact = nominal_contact_stress(flank, geometry, force)
    rim = rim_factor(pair, geometry, bodies.rim_thickness)
    deep = deep_tooth_factor(geometry, gearbox.manufacture.accuracy_class)
    nominal_root = nominal_root_stress(pair, geometry, root, force, rim, deep)
    return MeshStresses(
        force=force,
        driving_force=per_torque * driving,
        contact_nominal=nominal_contact,
        contact=(nominal_contact * jnp.sqrt(factors.flank))[..., None] * flank.single_contact,
        root_nominal=nominal_root,
        root=nominal_root * factors.root[..., None],
        factors=factors,
    )


def rate_mesh(
    gearbox: Gearbox,
    pair: GearPair,
    geometry: PairGeometry,
    bodies: MeshBodies,
    blocks: StageLoad,
    duration: jax.Array,
    misalignment: jax.Array,
    side: jax.Array,
) -> tuple[MeshRating, MeshStresses]:
    """Rating of one mesh from load blocks (fields (K + 2,)), durations (K,) [s], misalignments f_sh (K + 2,) [m] and
    sides (K + 2,) (1 driving, 0 coasting); the last two blocks are the damage-equivalent load and the peak, both
    driving. The stresses of all blocks come beside."""
    made, steels = gearbox.manufacture, (gearbox.steel, gearbox.steel)
    flank, root = flank_factors(pair, geometry, steels), tooth_root(pair, geometry)
    loaded = mesh_stresses(gearbox, pair, geometry, bodies, flank, root, blocks, misalignment, side)
    velocity = 0.5 * geometry.reference_diameter[0] * blocks.pinion_speed
    roughness = ROOT_ROUGHNESS_RATIO * made.flank_roughness
    film = film_factors(pair, geometry, steels, gearbox.oil.viscosity_40, velocity, roughness)
    notch = notch_factors(pair, root, steels, made.root_roughness_depth)
    alternating = 1.0 + bodies.idler * (mean_stress_factor(steels, root, 1.0) - 1.0)
    strength_flank = flank_strength(steels, film)
    strength_root = root_strength(steels, notch, alternating)
    # One damage sum for everything: (flank, root) x (pinion, wheel) x blocks, on the side that a block loads. Every
    # block has its own endurance limit; how far the static strength lies above it is taken at the equivalent load.
    turned = jax.tree.map(lambda leaf: leaf[..., :EQUIVALENT], (blocks.pinion_cycles, blocks.wheel_cycles))
    cycles = jnp.stack(turned) * duration
    stress = jnp.stack([loaded.contact[:EQUIVALENT].T, loaded.root[:EQUIVALENT].T])
    endurance = (strength_flank[:EQUIVALENT, :, 1].T, jnp.broadcast_to(strength_root[:, 1:2], cycles.shape))
    corners = jnp.stack([gearbox.steel.flank_cycles, gearbox.steel.root_cycles])[:, None, None, :]
    curve = jnp.stack([strength_flank[EQUIVALENT], strength_root])
    curve = (curve / curve[..., 1:2])[:, :, None, :]
    safety = spectrum_safety(cycles, stress, jnp.stack(endurance), corners, curve, side[:EQUIVALENT]).swapaxes(1, 2)
    factors, at_peak = jax.tree.map(lambda leaf: leaf[PEAK], (loaded.factors, replace(loaded, factors=())))
    rating = MeshRating(
        flank_safety=safety[0],
        root_safety=safety[1],
        static_flank_safety=strength_flank[PEAK, :, 0] / at_peak.contact,
        static_root_safety=strength_root[:, 0] / at_peak.root,
        flank_factors=flank,
        film_factors=replace(film, speed=film.speed[PEAK]),
        root=root,
        notch_factors=notch,
        rim_factor=rim_factor(pair, geometry, bodies.rim_thickness),
        mean_stress_factor=alternating,
        load_factors=factors,
        nominal_contact_stress=at_peak.contact_nominal,
        contact_stress=at_peak.contact,
        nominal_root_stress=at_peak.root_nominal,
        root_stress=at_peak.root,
    )
    return rating, loaded
