"""Rating of the whole gearbox: flank and root with a load spectrum, static strength at peak torque, bearings, geometry.

A production EV gearbox works in the finite-life range at peak torque, so strength is rated by Miner's sum over the
spectrum (ISO 6336-6), not against endurance limits at peak torque. Driving and coasting load different flanks and
are rated apart.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from edu_opt.duty.load_spectrum import LoadSpectrum
from edu_opt.gearbox.life import spectrum_safety
from edu_opt.gearbox.load_capacity import (
    FilmFactors,
    FlankFactors,
    NotchFactors,
    film_factors,
    flank_factors,
    nominal_contact_stress,
    nominal_root_stress,
    notch_factors,
)
from edu_opt.gearbox.load_factors import (
    deviations_of_class,
    dynamic_factor,
    face_load_factor,
    mesh_stiffness,
    reduced_mass,
    resonance_ratio,
    root_face_load_factor,
    shaft_deflection,
    transverse_load_factor,
)
from edu_opt.gearbox.model import Gearbox, StageLoad, stacked_stages, stage_loads, unstack
from edu_opt.gearbox.rating_bearings import BearingRating, bearing_rating
from edu_opt.gearbox.rating_geometry import GeometryRating, geometry_rating
from edu_opt.gearbox.tooth_geometry import GearPair, PairGeometry, pair_geometry
from edu_opt.gearbox.tooth_root import ToothRoot, tooth_root
from edu_opt.numerics.pytree import pytree, replace
from edu_opt.numerics.smooth import smooth_positive

ROOT_ROUGHNESS_RATIO = 6.0  # Rz = 6 Ra, ISO 6336-2 clause 12.3.1.3
BODY_BORE_RATIO = 0.5  # inner over mean diameter of the wheel bodies in the reduced mass (assumed)
STRESS_CORRECTION_OF_TEST_GEAR = 2.0  # Y_ST
SIDE_TORQUE = 0.05  # N m at the pinion: width of the split into driving and coasting flanks


@pytree
class LoadFactors:
    """K_V, K_Hbeta, K_Fbeta, K_Halpha, K_Falpha and the resonance ratio N; shapes follow the load."""

    dynamic: jax.Array
    face_flank: jax.Array
    face_root: jax.Array
    transverse_flank: jax.Array
    transverse_root: jax.Array
    resonance: jax.Array


@pytree
class MeshRating:
    """One mesh. Safeties: first axis = driving, coasting flanks; second = pinion, wheel.

    flank_safety, root_safety (2, 2): on stress, over the spectrum (Miner's sum 1). static_flank_safety,
    static_root_safety (2,): at peak driving torque against the static corner of the life curve. The rest names the
    factors and the nominal and real stresses [Pa] at peak torque for reports.
    """

    flank_safety: jax.Array
    root_safety: jax.Array
    static_flank_safety: jax.Array
    static_root_safety: jax.Array
    flank_factors: FlankFactors
    film_factors: FilmFactors
    root: ToothRoot
    notch_factors: NotchFactors
    load_factors: LoadFactors
    nominal_contact_stress: jax.Array
    contact_stress: jax.Array
    nominal_root_stress: jax.Array
    root_stress: jax.Array


@pytree
class GearboxRating:
    """Everything that may refuse a gearbox; see `edu_opt.gearbox.margins`. `meshes` has a leading axis of 2 stages."""

    meshes: MeshRating
    bearings: BearingRating
    geometry: GeometryRating

    @property
    def stage_1(self) -> MeshRating:
        """The mesh at the motor."""
        return unstack(self.meshes)[0]

    @property
    def stage_2(self) -> MeshRating:
        """The mesh at the axle."""
        return unstack(self.meshes)[1]


def load_factors(
    gearbox: Gearbox,
    pair: GearPair,
    geometry: PairGeometry,
    epsilon_factor: jax.Array,
    force: jax.Array,
    speed: jax.Array,
) -> LoadFactors:
    """Factors at tangential forces F_t K_A K_gamma [N] and pinion speeds [rad/s] (any common shape)."""
    made = gearbox.manufacture
    width = geometry.common_face_width
    deviations = deviations_of_class(
        pair.normal_module,
        jnp.abs(geometry.reference_diameter[1]),
        width,
        made.accuracy_class,
        made.tip_relief,
        pair.pressure_angle,
    )
    stiffness = mesh_stiffness(pair, geometry)
    tips = jnp.abs(pair.tip_diameter)
    mass = reduced_mass(geometry, gearbox.steel.density, jnp.array([0.0, BODY_BORE_RATIO]), tips)
    resonance = resonance_ratio(speed, pair.teeth, stiffness, mass)
    dynamic = dynamic_factor(resonance, force / width, geometry, stiffness, deviations)
    mean_load = force * dynamic / width
    pinion = geometry.reference_diameter[0]
    # Pinion cut on its shaft, close to the middle of its bearings (parallel axis) or floating (sun): offset a tenth
    # of the span.
    span = width + 0.03
    bend = shaft_deflection(mean_load, width, pinion, geometry.root_diameter[0], span, 0.1 * span)
    face = face_load_factor(mean_load, stiffness, deviations, bend)
    depth = 0.5 * jnp.abs(pair.tip_diameter[0] - geometry.root_diameter[0])
    flank, root = transverse_load_factor(mean_load * face, geometry, stiffness, deviations, epsilon_factor)
    return LoadFactors(
        dynamic=dynamic,
        face_flank=face,
        face_root=root_face_load_factor(face, width, depth),
        transverse_flank=flank,
        transverse_root=root,
        resonance=jnp.broadcast_to(resonance, jnp.shape(force)),
    )


@pytree
class _Stresses:
    """Stresses [Pa] (..., 2 gears) and factors of a mesh at given forces."""

    contact_nominal: jax.Array
    contact: jax.Array
    root_nominal: jax.Array
    root: jax.Array
    factors: LoadFactors


def _stresses(
    gearbox: Gearbox,
    pair: GearPair,
    geometry: PairGeometry,
    flank: FlankFactors,
    root: ToothRoot,
    torque: jax.Array,
    load: StageLoad,
) -> _Stresses:
    """Stresses at pinion torques >= 0 [N m] with the speeds of `load`; K_A = 1 (the spectrum holds the real loads)."""
    force = 2.0 * torque / geometry.reference_diameter[0] * load.sharing
    factors = load_factors(gearbox, pair, geometry, flank.contact_ratio, force, load.pinion_speed)
    nominal_contact = nominal_contact_stress(flank, geometry, force)
    flank_load = jnp.sqrt(factors.dynamic * factors.face_flank * factors.transverse_flank)
    nominal_root = nominal_root_stress(pair, geometry, root, force)
    root_load = factors.dynamic * factors.face_root * factors.transverse_root
    return _Stresses(
        contact_nominal=nominal_contact,
        contact=(nominal_contact * flank_load)[..., None] * flank.single_contact,
        root_nominal=nominal_root,
        root=nominal_root * root_load[..., None],
        factors=factors,
    )


def rate_mesh(
    gearbox: Gearbox, pair: GearPair, geometry: PairGeometry, blocks: StageLoad, duration: jax.Array
) -> MeshRating:
    """Rating of one mesh from load blocks (fields (K,)) and durations (K,) [s]; the last block is the peak point."""
    steel, made = gearbox.steel, gearbox.manufacture
    flank, root = flank_factors(pair, geometry, steel), tooth_root(pair, geometry)
    # both senses of the torque, shape (2, K)
    sides = smooth_positive(jnp.stack([blocks.pinion_torque, -blocks.pinion_torque]), SIDE_TORQUE)
    loaded = _stresses(gearbox, pair, geometry, flank, root, sides, blocks)
    velocity = 0.5 * geometry.reference_diameter[0] * blocks.pinion_speed
    roughness = ROOT_ROUGHNESS_RATIO * made.flank_roughness
    film = film_factors(pair, geometry, steel.flank_limit, gearbox.oil.viscosity_40, velocity, roughness)
    notch = notch_factors(pair, root, steel, made.root_roughness_depth)
    cycles = jnp.stack([blocks.pinion_cycles, blocks.wheel_cycles]) * duration
    # One damage sum for everything: (flank, root) x (driving, coasting) x (pinion, wheel) x blocks
    stress = jnp.stack([jnp.moveaxis(loaded.contact, -1, 1), jnp.moveaxis(loaded.root, -1, 1)])
    flank_limit = jnp.broadcast_to(steel.flank_limit * film.product, stress.shape[1:])
    root_limit = STRESS_CORRECTION_OF_TEST_GEAR * steel.root_limit * notch.product
    limit = jnp.stack([flank_limit, jnp.broadcast_to(root_limit[:, None], stress.shape[1:])])
    corners = jnp.stack([steel.flank_cycles, steel.root_cycles])[:, None, None, None, :]
    factors = jnp.stack([steel.flank_factors, steel.root_factors])[:, None, None, None, :]
    safety = spectrum_safety(jnp.broadcast_to(cycles, stress.shape), stress, limit, corners, factors)
    at_peak = jax.tree.map(lambda leaf: leaf[0, -1], loaded)
    root_strength = STRESS_CORRECTION_OF_TEST_GEAR * steel.root_limit * steel.root_factors[0]
    return MeshRating(
        flank_safety=safety[0],
        root_safety=safety[1],
        static_flank_safety=steel.flank_limit * steel.flank_factors[0] / at_peak.contact,
        static_root_safety=root_strength / at_peak.root,
        flank_factors=flank,
        film_factors=replace(film, speed=film.speed[-1]),
        root=root,
        notch_factors=notch,
        load_factors=at_peak.factors,
        nominal_contact_stress=at_peak.contact_nominal,
        contact_stress=at_peak.contact,
        nominal_root_stress=at_peak.root_nominal,
        root_stress=at_peak.root,
    )


def rate(
    gearbox: Gearbox,
    spectrum: LoadSpectrum,
    peak_output_torque: jax.Array,
    *,
    peak_output_speed: float | jax.Array = 10.0,
    maximum_output_speed: float | jax.Array = 160.0,
) -> GearboxRating:
    """Rating over a life spectrum at the axle, plus the static check at peak axle torque [N m].

    The spectrum must contain its peak blocks. peak_output_speed [rad/s]: up to where peak torque acts;
    maximum_output_speed [rad/s]: top speed, for the bearings' speed limit.
    """
    peak_torque = jnp.asarray(peak_output_torque, float)
    # The peak point is one more block that lasts no time: the formulas run once for both.
    torque = jnp.append(spectrum.axle_torque, peak_torque)
    speed = jnp.append(spectrum.axle_speed, jnp.asarray(peak_output_speed, float))
    duration = jnp.append(spectrum.duration, 0.0)
    pairs = stacked_stages(gearbox)
    geometries = jax.vmap(pair_geometry)(pairs)
    meshes = jax.vmap(lambda pair, geometry, load: rate_mesh(gearbox, pair, geometry, load, duration))(
        pairs, geometries, stage_loads(gearbox, torque, speed)
    )
    return GearboxRating(
        meshes=meshes,
        bearings=bearing_rating(gearbox, geometries, spectrum, jnp.asarray(maximum_output_speed, float)),
        geometry=geometry_rating(gearbox, pairs, geometries, peak_torque),
    )
