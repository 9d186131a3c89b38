"""One mesh of a worked example with all its factors, by the names that the records print them under."""

from __future__ import annotations

import dataclasses

import jax.numpy as jnp
import numpy as np

from edu_opt.gearbox.life import life_factor
from edu_opt.gearbox.load_capacity import (
    FlankFactors,
    deep_tooth_factor,
    film_factors,
    flank_factors,
    flank_strength,
    nominal_contact_stress,
    nominal_root_stress,
    notch_factors,
    rim_factor,
    root_strength,
)
from edu_opt.gearbox.load_factors import (
    Deviations,
    MeshStiffness,
    Steels,
    dynamic_factor,
    face_load_factor,
    mesh_stiffness,
    reduced_mass,
    resonance_ratio,
    root_face_load_factor,
    running_in,
    shaft_deflection,
    transverse_load_factor,
)
from edu_opt.gearbox.mesh_losses import loss_factor
from edu_opt.gearbox.scuffing import (
    helical_load_factor,
)
from edu_opt.gearbox.tooth_geometry import GearPair, PairGeometry, pair_geometry, virtual_teeth
from edu_opt.gearbox.tooth_root import ToothRoot, contact_ratio_factor, helix_factor, tooth_root
from edu_opt.numerics.pytree import replace
from experiments.validation.gear_records import (
    Example,
    bore_ratios,
    build_pair,
    deviations_of,
    oil_of,
    relief_of,
    roughness_depth,
    steel_of,
)

NOMINAL, SAFETY, FACTOR, DAMAGE = 0.005, 0.02, 0.02, 0.002


@dataclasses.dataclass(frozen=True)
class Mesh:
    """One mesh of a record at its load: k is the place of its first gear; speed [rad/s] against the line of centres;
    line_load F_t K_A K_gamma / b."""

    k: int
    pair: GearPair
    geometry: PairGeometry
    steels: Steels
    flank: FlankFactors
    root: ToothRoot
    deviations: Deviations
    stiffness: MeshStiffness
    body_factor: float | None
    mass: float
    resonance: float
    dynamic: float
    force: float
    line_load: float
    speed: float
    velocity: float
    contact: float
    bending: np.ndarray


def body_factor(example: Example, k: int, solid: float) -> tuple[float, float | None]:
    """(C_R, C_R if it is stated): the record's, else what its c' says about thin bodies, else 1."""
    stated = example.inputs.get("CR", example.outputs.get("CR"))
    if stated is not None:
        value = float(np.atleast_1d(stated)[min(k, np.size(stated) - 1)])
        return value, value
    printed = example.outputs.get("c_prime")
    if printed is None:
        example.get("CR", 1.0)
        return 1.0, None
    ratio = float(np.atleast_1d(printed)[min(k, np.size(printed) - 1)]) / solid
    return (ratio, None) if ratio < 1.0 - FACTOR else (1.0, 1.0)


def tooth_roots(example: Example, pair: GearPair, geometry: PairGeometry) -> ToothRoot:
    """Root of both gears; a ring by its pinion-type cutter, 30 teeth where nothing is said."""
    cutter = {"z0": 30.0, "x0": 0.0}
    if float(pair.teeth[1]) < 0:
        cutter = cutter | example.get("pinion_cutter_ring", cutter)
    return tooth_root(pair, geometry, cutter["z0"], cutter["x0"], at_tip=example.after_din)


def nominal_stresses(
    example: Example, pair: GearPair, geometry: PairGeometry, flank: FlankFactors, root: ToothRoot, force: float
) -> tuple[float, np.ndarray]:
    """sigma_H0 and sigma_F0 (2,) [Pa]."""
    contact = float(nominal_contact_stress(flank, geometry, jnp.asarray(force)))
    rims = example.inputs.get("rim_mm")
    rim = jnp.ones(2) if rims is None else rim_factor(pair, geometry, jnp.asarray(rims, float) * 1e-3)
    deep = deep_tooth_factor(geometry, example.of_gear("Q", 0, 6.0))
    bending = np.asarray(nominal_root_stress(pair, geometry, root, jnp.asarray(force), rim, deep))
    return contact, bending * (float(contact_ratio_factor(geometry)) if example.after_din else 1.0)


def loaded_mesh(example: Example, k: int, torque: float, speed: float, meshes: tuple[float, float]) -> Mesh:
    """Mesh k at a torque of its first gear [N m] (of one mesh); meshes load its gears at once (0: fixed)."""
    pair = build_pair(example, k)
    geometry = pair_geometry(pair)
    steels = (steel_of(example, k), steel_of(example, k + 1))
    flank = flank_factors(pair, geometry, steels)
    if example.after_din:
        flank = replace(flank, helix=jnp.sqrt(jnp.cos(pair.helix_angle)))
    root = tooth_roots(example, pair, geometry)
    force = float(2.0 * torque / geometry.reference_diameter[0])
    contact, bending = nominal_stresses(example, pair, geometry, flank, root, force)
    line_load = force * float(example.get("KA", 1.0) * example.inputs.get("Kgamma", 1.0))
    line_load = line_load / float(geometry.common_face_width)
    young = [float(s.young_modulus) for s in steels]
    elastic = 2.0 * young[0] * young[1] / sum(young) / 206e9
    solid = mesh_stiffness(pair, geometry, line_load, 1.0, elastic)
    body, stated = body_factor(example, k, float(solid.single) * 1e-9)
    stiffness = mesh_stiffness(pair, geometry, line_load, body, elastic)
    deviations = deviations_of(example, k, pair, geometry, relief_of(example, k, steels))
    bores = jnp.array(bore_ratios(example, pair, geometry, k))
    mass = float(reduced_mass(geometry, steels[0].density, bores, pair.tip_diameter, meshes))
    resonance = float(resonance_ratio(jnp.asarray(speed), pair.teeth, stiffness, jnp.asarray(mass)))
    velocity = float(0.5 * speed * geometry.reference_diameter[0])
    load = jnp.asarray(line_load)
    dynamic = dynamic_factor(jnp.asarray(resonance), load, geometry, stiffness, deviations, steels, velocity)
    return Mesh(
        k=k,
        pair=pair,
        geometry=geometry,
        steels=steels,
        flank=flank,
        root=root,
        deviations=deviations,
        stiffness=stiffness,
        body_factor=stated,
        mass=mass,
        resonance=resonance,
        dynamic=float(dynamic),
        force=force,
        line_load=line_load,
        speed=speed,
        velocity=velocity,
        contact=contact,
        bending=bending,
    )


def face_factor(example: Example, mesh: Mesh, dynamic: float) -> float:
    """K_Hbeta of the record; else by method C with the pinion in the middle of its bearings, no lead correction."""
    given = example.inputs.get("KHb_given", example.outputs.get("KHb"))
    if given is not None:
        return float(np.atleast_1d(given)[min(mesh.k, np.size(given) - 1)])
    example.get("KHb_given", "ISO 6336-1 method C, no offset, no lead correction")
    load = jnp.asarray(mesh.line_load * dynamic)
    geometry, pinion = mesh.geometry, mesh.geometry.reference_diameter[0]
    bent = shaft_deflection(load, geometry.common_face_width, pinion, pinion, pinion, jnp.asarray(0.0))
    args = (mesh.stiffness, mesh.deviations, bent, mesh.steels, mesh.velocity)
    return float(face_load_factor(load, *args, lead_correction="none"))


@dataclasses.dataclass(frozen=True)
class Rating:
    """Load factors, stresses, strengths [Pa] (2,) and safeties (2,) of a mesh, each factor by its name of the
    records."""

    factors: dict[str, object]
    load_factor: float
    safety_flank: np.ndarray
    safety_root: np.ndarray


def transverse_factors(mesh: Mesh, dynamic: float, face: float) -> tuple[float, float]:
    """(K_Halpha, K_Falpha)."""
    load = jnp.asarray(mesh.line_load * dynamic * face)
    flank, root = transverse_load_factor(
        load,
        mesh.geometry,
        mesh.stiffness,
        mesh.deviations,
        mesh.flank.contact_ratio,
        mesh.steels,
        mesh.velocity,
    )
    return float(flank), float(root)


def strengths(
    example: Example, mesh: Mesh, cycles: np.ndarray, mean_stress: np.ndarray
) -> tuple[np.ndarray, np.ndarray, dict[str, object]]:
    """(sigma_HG, sigma_FG [Pa] of both gears at their cycles, the factors behind them)."""
    pair, steels = mesh.pair, mesh.steels
    viscosity = float(oil_of(example).viscosity_40)
    rough = roughness_depth(example, mesh.k, steels)
    film = film_factors(pair, mesh.geometry, steels, viscosity, jnp.asarray(mesh.velocity), rough)
    notch = notch_factors(pair, mesh.root, steels, float(np.mean(example.get("Rz_root_um", 20.0))) * 1e-6)
    curves = (flank_strength(steels, film), root_strength(steels, notch, jnp.asarray(mean_stress)))
    gears = list(zip([jnp.asarray(n) for n in cycles], steels, *curves, strict=True))
    factors = {
        "ZL": film.lubricant,
        "ZV": film.speed,
        "ZR": film.roughness,
        "ZW": np.asarray(film.work_hardening),
        "ZX": np.asarray(film.size),
        "ZNT": [life_factor(n, s.flank_cycles, s.flank_factors) for n, s, *_ in gears],
        "YNT": [life_factor(n, s.root_cycles, s.root_factors) for n, s, *_ in gears],
        "YdrelT": np.asarray(notch.sensitivity),
        "YRrelT": np.asarray(notch.roughness),
        "YX": np.asarray(notch.size),
        "sigFE": 2e-6 * float(steels[0].root_limit),
    }
    flank = np.array([life_factor(n, s.flank_cycles, curve) for n, s, curve, _ in gears])
    root = np.array([life_factor(n, s.root_cycles, curve) for n, s, _, curve in gears])
    return flank, root, factors


def rate(example: Example, mesh: Mesh, dynamic: float, cycles: np.ndarray, mean_stress: np.ndarray) -> Rating:
    """Everything of ISO 6336 behind the nominal stresses, by the record's names."""
    geometry = mesh.geometry
    face = face_factor(example, mesh, dynamic)
    transverse, transverse_root = transverse_factors(mesh, dynamic, face)
    depth = jnp.max(0.5 * jnp.abs(mesh.pair.tip_diameter - geometry.root_diameter))
    face_root = float(root_face_load_factor(jnp.asarray(face), float(geometry.common_face_width), depth))
    common = float(example.get("KA", 1.0) * example.inputs.get("Kgamma", 1.0)) * dynamic
    flank_load, root_load = common * face * transverse, common * face_root * transverse_root
    contact = mesh.contact * np.sqrt(flank_load) * np.asarray(mesh.flank.single_contact)
    root = mesh.bending * root_load
    strength_flank, strength_root, factors = strengths(example, mesh, cycles, mean_stress)
    factors |= {
        "KHb": face,
        "KFb": face_root,
        "KHa": transverse,
        "KFa": transverse_root,
        "sigH": np.max(contact) * 1e-6,
        "sigHw": mesh.contact * np.sqrt(flank_load) * 1e-6,
        "sigF": root * 1e-6,
        "sigHG": strength_flank * 1e-6,
        "sigFG": strength_root * 1e-6,
    }
    return Rating(factors, flank_load, strength_flank / contact, strength_root / root)


def geometry_factors(mesh: Mesh) -> dict[str, object]:
    """Geometry and nominal factors by the record's names, with their tolerance groups apart in `NOMINAL_NAMES`."""
    geometry, root, pair = mesh.geometry, mesh.root, mesh.pair
    module = float(pair.normal_module) * 1e3
    speed_ratio = 30.0 / np.pi * mesh.speed
    worn = [float(running_in(d, mesh.steels, mesh.velocity)) * 1e6 for d in (mesh.deviations.base_pitch,)]
    worn_form = float(running_in(mesh.deviations.profile_form, mesh.steels, mesh.velocity)) * 1e6
    base_pitch = np.pi * abs(float(geometry.base_diameter[0])) / float(pair.teeth[0]) * 1e3
    return {
        "alpha_wt": np.rad2deg(geometry.working_angle),
        "beta_b": np.rad2deg(geometry.base_helix),
        "eps_alpha": geometry.contact_ratio,
        "eps_1": geometry.addendum_contact_ratio[0],
        "eps_2": geometry.addendum_contact_ratio[1],
        "eps_beta": geometry.overlap_ratio,
        "eps_gamma": geometry.total_contact_ratio,
        "ga_mm": float(geometry.contact_ratio) * base_pitch,
        "d": np.asarray(geometry.reference_diameter) * 1e3,
        "db": np.asarray(geometry.base_diameter) * 1e3,
        "dw": np.asarray(geometry.working_diameter) * 1e3,
        "zn": np.asarray(virtual_teeth(pair, geometry)),
        "Ft_N": mesh.force,
        "v_ms": mesh.velocity,
        "sigH0": mesh.contact * 1e-6,
        "sigF0": mesh.bending * 1e-6,
        "ZH": mesh.flank.zone,
        "ZE": mesh.flank.elasticity * 1e-3,
        "Zeps": mesh.flank.contact_ratio,
        "Zbeta": mesh.flank.helix,
        "ZB": mesh.flank.single_contact[0],
        "ZD": mesh.flank.single_contact[1],
        "YF": np.asarray(root.form_factor),
        "YS": np.asarray(root.stress_correction),
        "Ybeta": helix_factor(geometry, pair.helix_angle),
        "alpha_Fen": np.rad2deg(root.load_angle),
        "hF": np.asarray(root.bending_lever) * module,
        "sFn": np.asarray(root.root_chord) * module,
        "roF": np.asarray(root.fillet_radius) * module,
        "qs": np.asarray(root.notch_parameter),
        "HV": loss_factor(pair, geometry),
        "Kbg": helical_load_factor(geometry.total_contact_ratio),
        "c_gamma_alpha": mesh.stiffness.mesh_alpha * 1e-9,
        "c_gamma_beta": mesh.stiffness.mesh_beta * 1e-9,
        "m_red_kgmm": mesh.mass * 1e-3,
        "N_res": mesh.resonance,
        "nE1_rpm": speed_ratio / mesh.resonance,
        "yp_um": worn[0],
        "ya_um": worn[0],
        "yf_um": worn_form,
    } | ({"c_prime": mesh.stiffness.single * 1e-9} if mesh.body_factor is not None else {})


NOMINAL_NAMES = (
    *("alpha_wt", "beta_b", "eps_alpha", "eps_1", "eps_2", "eps_beta", "eps_gamma", "d", "db", "dw", "Ft_N"),
    *("sigH0", "sigF0"),
)
ROUNDED = {"yp_um": 0.05, "ya_um": 0.05, "yf_um": 0.05, "N_res": 0.005}  # printed to one or two digits
