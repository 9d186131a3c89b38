"""Load capacity against worked examples: `python -m experiments.validation.gears [--data FILE]`.

Examples are records with `inputs` and `outputs` (mm, degrees, N m, MPa) of a pair (helical or spur, external or
internal), a planetary stage (three entries in z, ring negative) or a load spectrum (`table`). Every factor that a
record prints is computed and compared by name. What the inputs do not determine is taken from the record and not
compared: K_Hbeta (shafts), the gear body's C_R. Tolerances: nominal stresses and geometry 0.5 %, safeties and factors
2 %, Miner's sum 0.002. Silent inputs get defaults, listed in the summary; a record that cannot be computed fails.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from pathlib import Path

import jax.numpy as jnp
import numpy as np

from edu_opt.gearbox.contact_path import contact_path
from edu_opt.gearbox.life import life_factor, log_damage, spectrum_safety
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
    Lubrication,
    MeshLoad,
    flash_temperature,
    helical_load_factor,
    integral_temperature,
    mean_friction,
)
from edu_opt.gearbox.tooth_geometry import GearPair, PairGeometry, pair_geometry, virtual_teeth
from edu_opt.gearbox.tooth_root import ToothRoot, contact_ratio_factor, helix_factor, tooth_root
from edu_opt.materials.oils import density, kinematic_viscosity
from edu_opt.numerics.pytree import replace
from experiments.validation.gear_records import (
    Example,
    Record,
    Report,
    bore_ratios,
    build_pair,
    deviations_of,
    oil_of,
    relief_of,
    roughness_depth,
    steel_of,
)

DEFAULT = Path(__file__).resolve().parents[3] / "shared" / "reference" / "gearbox_inverter.json"
NOMINAL, SAFETY, FACTOR, DAMAGE = 0.005, 0.02, 0.02, 0.002
PLANET_GEARS = (("sun", "planet_sun"), ("planet_ring", "ring"))


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


def rate(example: Example, mesh: Mesh, dynamic: float, cycles: np.ndarray, mean_stress: np.ndarray) -> Rating:
    """Everything of ISO 6336 behind the nominal stresses, by the record's names."""
    pair, geometry, steels = mesh.pair, mesh.geometry, mesh.steels
    face = face_factor(example, mesh, dynamic)
    transverse, transverse_root = (
        float(v)
        for v in transverse_load_factor(
            jnp.asarray(mesh.line_load * dynamic * face),
            geometry,
            mesh.stiffness,
            mesh.deviations,
            mesh.flank.contact_ratio,
            steels,
            mesh.velocity,
        )
    )
    depth = jnp.max(0.5 * jnp.abs(pair.tip_diameter - geometry.root_diameter))
    face_root = float(root_face_load_factor(jnp.asarray(face), float(geometry.common_face_width), depth))
    film = film_factors(
        pair,
        geometry,
        steels,
        float(oil_of(example).viscosity_40),
        jnp.asarray(mesh.velocity),
        roughness_depth(example, mesh.k, steels),
    )
    notch = notch_factors(pair, mesh.root, steels, float(np.mean(example.get("Rz_root_um", 20.0))) * 1e-6)
    common = float(example.get("KA", 1.0) * example.inputs.get("Kgamma", 1.0)) * dynamic
    flank_load, root_load = common * face * transverse, common * face_root * transverse_root
    contact = mesh.contact * np.sqrt(flank_load) * np.asarray(mesh.flank.single_contact)
    root = mesh.bending * root_load
    curves = (flank_strength(steels, film), root_strength(steels, notch, jnp.asarray(mean_stress)))
    at = [jnp.asarray(n) for n in cycles]
    strength_flank = np.array(
        [life_factor(n, s.flank_cycles, c) for n, s, c in zip(at, steels, curves[0], strict=True)]
    )
    strength_root = np.array([life_factor(n, s.root_cycles, c) for n, s, c in zip(at, steels, curves[1], strict=True)])
    factors = {
        "KHb": face,
        "KFb": face_root,
        "KHa": transverse,
        "KFa": transverse_root,
        "ZL": film.lubricant,
        "ZV": film.speed,
        "ZR": film.roughness,
        "ZW": np.asarray(film.work_hardening),
        "ZX": np.asarray(film.size),
        "ZNT": [life_factor(n, s.flank_cycles, s.flank_factors) for n, s in zip(at, steels, strict=True)],
        "YNT": [life_factor(n, s.root_cycles, s.root_factors) for n, s in zip(at, steels, strict=True)],
        "YdrelT": np.asarray(notch.sensitivity),
        "YRrelT": np.asarray(notch.roughness),
        "YX": np.asarray(notch.size),
        "sigH": np.max(contact) * 1e-6,
        "sigHw": mesh.contact * np.sqrt(flank_load) * 1e-6,
        "sigF": root * 1e-6,
        "sigHG": strength_flank * 1e-6,
        "sigFG": strength_root * 1e-6,
        "sigFE": 2e-6 * float(steels[0].root_limit),
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


def scuffing(example: Example, mesh: Mesh, load_factor: float) -> None:
    """Scuffing temperatures and safeties, friction and loss, where the record names the oil's temperature."""
    if not {"theta_int_C", "S_int", "SB_flash", "mu_m", "mu_m_Niemann", "P_mesh_loss_kW"} & set(example.outputs):
        return
    fluid, warm = oil_of(example), float(example.get("oil_T", 80.0))
    rough = example.inputs.get("Ra_flank_um", example.inputs.get("Ra_um"))
    rough = float(np.mean(rough)) * 1e-6 if rough is not None else roughness_depth(example, mesh.k, mesh.steels) / 8.0
    load = MeshLoad(
        line_load=jnp.asarray(mesh.force / float(mesh.geometry.common_face_width) * load_factor),
        nominal_line_load=jnp.asarray(mesh.line_load),
        speed=jnp.asarray(mesh.velocity),
        viscosity=kinematic_viscosity(fluid, warm) * density(fluid, warm),
        roughness=jnp.asarray(rough),
        stiffness=mesh.stiffness.mesh_alpha,
        tip_relief=jnp.asarray(relief_of(example, mesh.k, mesh.steels)),
    )
    # oils of industrial gears pass FZG stage 14 (A/8.3/90), as that of the KISSsoft examples
    oiled = Lubrication(
        oil_temperature=warm,
        fzg_stage=float(example.get("fzg_stage", 14.0)),
        supply=float(example.get("X_S", 1.0)),
    )
    path = contact_path(mesh.pair, mesh.geometry)
    arguments = (mesh.pair, mesh.geometry, path, load, mesh.steels[0], fluid, oiled)
    integral, flash = integral_temperature(*arguments), flash_temperature(*arguments)
    example.add("theta_int_C", integral.temperature, FACTOR)
    example.add("theta_Sint_C", integral.limit, FACTOR)
    example.add("S_int", integral.safety, SAFETY)
    example.add("SB_flash", flash.safety, SAFETY)
    friction = float(mean_friction(load, mesh.geometry, fluid))
    example.add("mu_m_Niemann", friction, FACTOR)
    loss = mesh.force * mesh.velocity * friction * float(loss_factor(mesh.pair, mesh.geometry))
    example.add("P_mesh_loss_kW", loss * 1e-3, FACTOR)
    example.add("eta_mesh", 1.0 - loss / (mesh.force * mesh.velocity), FACTOR)


def gear_pair(example: Example) -> None:
    """One pair with everything that its record names."""
    inputs = example.inputs
    speed = float(inputs["n1_rpm"]) * np.pi / 30.0
    torque = float(inputs["T1_Nm"]) if "T1_Nm" in inputs else float(inputs["P_kW"]) * 1e3 / speed
    ring = np.asarray(inputs["z"], float)[1] < 0
    if ring:
        example.get("ring_mass", "the ring's body counts as heavy in the reduced mass")
    mesh = loaded_mesh(example, 0, torque, speed, (1.0, 0.0 if ring else 1.0))
    turns = 60.0 * float(example.get("life_h", 20000.0)) * float(inputs["n1_rpm"])
    cycles = np.array([turns, turns / abs(float(mesh.geometry.gear_ratio))])
    rating = rate(example, mesh, mesh.dynamic, cycles, np.ones(2))
    for name, value in geometry_factors(mesh).items():
        absolute = name in ROUNDED
        tolerance = ROUNDED[name] if absolute else NOMINAL if name in NOMINAL_NAMES else FACTOR
        example.add(name, value, tolerance, absolute=absolute)
    example.add("KV", mesh.dynamic, FACTOR)
    for name, value in rating.factors.items():
        if name != "KHb":  # the record's own, unless it is silent
            example.add(name, value, FACTOR)
    example.add("NL", cycles, FACTOR)
    example.add("NL_mio", cycles * 1e-6, FACTOR)
    example.add("SH", rating.safety_flank, SAFETY)
    example.add("SF", rating.safety_root, SAFETY)
    scuffing(example, mesh, rating.load_factor)


def relative_speeds(example: Example) -> tuple[float, float]:
    """(sun, ring) speed [rpm] against the carrier, both positive; the carrier's speed from the teeth where silent."""
    inputs = example.inputs
    sun, ring = float(inputs["n_sun_rpm"]), float(inputs.get("n_ring_rpm", 0.0))
    z_sun, _, z_ring = (abs(float(z)) for z in inputs["z"])
    carrier = (sun * z_sun + ring * z_ring) / (z_sun + z_ring)
    carrier = float(inputs.get("n_carrier_rpm", carrier))
    return abs(sun - carrier), abs(ring - carrier)


def planetary(example: Example) -> None:
    """Sun/planet and planet/ring. One K_V for the stage, the larger of both meshes; planets bend both ways."""
    inputs, out = example.inputs, example.outputs
    planets = float(inputs["n_planets"])
    sun, ring = relative_speeds(example)
    z_sun, z_planet = (abs(float(z)) for z in inputs["z"][:2])
    torque = (
        float(inputs["T_sun_Nm"])
        if "T_sun_Nm" in inputs
        else (float(inputs["P_kW"]) * 1e3 / (float(inputs["n_sun_rpm"]) * np.pi / 30.0))
    )
    speed = sun * np.pi / 30.0
    meshes = [
        loaded_mesh(example, 0, torque / planets, speed, (planets, 1.0)),
        loaded_mesh(example, 1, torque / planets * z_planet / z_sun, speed * z_sun / z_planet, (1.0, 0.0)),
    ]
    life = 60.0 * float(example.get("life_h", 20000.0))
    turns = np.array([sun * planets, sun * z_sun / z_planet, ring * planets]) * life
    dynamic = max(m.dynamic for m in meshes)
    example.add("KV", dynamic, FACTOR)
    for name, mesh in zip(("KV12", "KV23"), meshes, strict=True):
        example.add(name, mesh.dynamic, FACTOR)
    example.add("NL_mio", turns * 1e-6, FACTOR)
    reversed_share = float(inputs["YM_planet"] if "YM_planet" in inputs else out.get("YM_planet", 0.7))
    ratings = []
    for mesh, gears in zip(meshes, PLANET_GEARS, strict=True):
        bending = np.array([reversed_share if "planet" in gear else 1.0 for gear in gears])
        ratings.append(rate(example, mesh, dynamic, turns[mesh.k : mesh.k + 2], bending))
    compare_planetary(example, meshes, ratings)


def compare_planetary(example: Example, meshes: list[Mesh], ratings: list[Rating]) -> None:
    """Factors as lists over the two meshes, or as dictionaries over the four tooth flanks, as the record has them."""
    out = example.outputs
    nominal = [geometry_factors(m) for m in meshes]
    tables = [
        n | r.factors | {"SH": r.safety_flank, "SF": r.safety_root} for n, r in zip(nominal, ratings, strict=True)
    ]
    for name in tables[0]:
        tolerance = NOMINAL if name in NOMINAL_NAMES else SAFETY if name in ("SH", "SF") else FACTOR
        printed = out.get(name)
        values = [np.asarray(t[name], float) for t in tables]
        if name == "KHb" or printed is None:
            continue
        if isinstance(printed, dict):
            flat = {
                g: np.broadcast_to(v, 2)[j]
                for v, gs in zip(values, PLANET_GEARS, strict=True)
                for j, g in enumerate(gs)
            }
            for gear, reference in printed.items():
                if gear in flat:
                    example.report.add(example.case, f"{name}_{gear}", flat[gear], reference, tolerance)
        elif np.ndim(printed) == 0:
            example.add(name, np.max(values[0]), tolerance)
        elif values[0].ndim == 0:
            example.add(name, np.array(values), tolerance)
    example.add("ZB_sun", tables[0]["ZB"], FACTOR)
    example.add("HV_sun_planet", tables[0]["HV"], FACTOR)


def spectrum(example: Example) -> None:
    """Miner's sum of a table of bins at its own safety, and the safety at which the sum is 1."""
    columns = example.inputs["columns"]
    table = np.array([[np.nan if v is None else v for v in row] for row in example.record["table"]], float)
    counts = next(c for c in columns if c.startswith("n_") and c != "n_rpm")
    cycles, stress = table[:, columns.index(counts)], table[:, columns.index("sigma_HxS_H")] * 1e6
    keep = (cycles > 0) & (stress > 0)
    cycles, stress, lives = cycles[keep], stress[keep], table[keep, columns.index("N_i")]
    steel = steel_of(example, 0)
    corners, factors = np.asarray(steel.flank_cycles), np.asarray(steel.flank_factors)
    # Endurance strength at the knee from the printed lives: sigma = limit (N_knee/N)^(1/p), median over the bins
    # between the corners.
    exponent = np.log(factors[0] / factors[1]) / np.log(corners[1] / corners[0])
    finite = (lives > 1.1 * corners[0]) & (lives < 0.8 * corners[1])
    limit = float(np.median(stress[finite] / (corners[1] / lives[finite]) ** exponent))
    arguments = (jnp.array(cycles), jnp.array(stress), jnp.asarray(limit), steel.flank_cycles, steel.flank_factors)
    damage = float(np.exp(log_damage(jnp.asarray(0.0), *arguments)[0]))
    example.report.add(example.case, "sum_U", damage, example.outputs.get("sum_U", 1.0), DAMAGE, absolute=True)
    printed = example.outputs.get("SH_pinion", 1.0)
    example.report.add(example.case, "SH_pinion", float(spectrum_safety(*arguments)) * printed, printed, SAFETY)


def main(arguments: list[str] | None = None) -> int:
    """Exit code 0 within the tolerances, 1 outside; 0 with a note where the file is absent."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DEFAULT)
    path = parser.parse_args(arguments).data
    if not path.is_file():
        print(json.dumps({"summary": {"skipped": f"no reference data at {path}"}}))
        return 0
    data: Record = json.loads(path.read_text())
    report = Report()
    for record in data.get("gearbox", data)["strength_examples"]:
        example = Example(record, report)
        kind = spectrum if "table" in record else planetary if len(record["inputs"].get("z", ())) == 3 else gear_pair
        try:
            kind(example)
        except (KeyError, TypeError, ValueError, StopIteration, IndexError) as problem:
            report.fail(str(record.get("id", "?")), f"{type(problem).__name__}: {problem}")
    summary = report.summary()
    print(json.dumps({"summary": summary}))
    return 0 if summary["within_tolerance"] else 1


if __name__ == "__main__":
    sys.exit(main())
