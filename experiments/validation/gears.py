"""Load capacity against worked examples: `python -m experiments.validation.gears [--data FILE]`.

Examples are records with `inputs` and `outputs` (mm, degrees, N m, MPa) of a pair (helical or spur, external or
internal), a planetary stage (three entries in z, ring negative) or a load spectrum (`table`). Every factor that a
record prints is computed and compared by name. What the inputs do not determine is taken from the record and not
compared: K_Hbeta (shafts), the gear body's C_R. Tolerances: nominal stresses and geometry 0.5 %, safeties and factors
2 %, Miner's sum 0.002. Silent inputs get defaults, listed in the summary; a record that cannot be computed fails.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import jax.numpy as jnp
import numpy as np

from edu_opt.gearbox.contact_path import contact_path
from edu_opt.gearbox.life import log_damage, spectrum_safety
from edu_opt.gearbox.mesh_losses import loss_factor
from edu_opt.gearbox.scuffing import (
    Lubrication,
    MeshLoad,
    flash_temperature,
    integral_temperature,
    mean_friction,
)
from edu_opt.materials.oils import density, kinematic_viscosity
from experiments.validation.gear_meshes import (
    DAMAGE,
    FACTOR,
    NOMINAL,
    NOMINAL_NAMES,
    ROUNDED,
    SAFETY,
    Mesh,
    Rating,
    geometry_factors,
    loaded_mesh,
    rate,
)
from experiments.validation.gear_records import (
    Example,
    Record,
    Report,
    oil_of,
    relief_of,
    roughness_depth,
    steel_of,
)

DEFAULT = Path(__file__).resolve().parents[3] / "shared" / "reference" / "gearbox_inverter.json"
PLANET_GEARS = (("sun", "planet_sun"), ("planet_ring", "ring"))


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


def of_planetary(values: list[np.ndarray], printed: object) -> dict[str, tuple[float, float]]:
    """{suffix: (model, printed)} of one quantity of both meshes: printed by tooth flank, by mesh (2), by gear (3: sun,
    planet, ring), by flank (4), or once for the stage."""
    four = [float(np.broadcast_to(v, 2)[j]) for v in values for j in range(2)]
    flanks = dict(zip([name for pair in PLANET_GEARS for name in pair], four, strict=True))
    if isinstance(printed, dict):
        return {f"_{name}": (flanks[name], float(value)) for name, value in printed.items() if name in flanks}
    entries = np.atleast_1d(np.asarray(printed, float))
    mine = {1: [max(four[:2])], 2: four[::2], 3: [four[0], four[1], four[3]], 4: four}.get(entries.size, [])
    if entries.size == 2 and any(v.size > 1 for v in values):
        return {}
    return {f"[{k}]": pair for k, pair in enumerate(zip(mine, entries.tolist(), strict=False))}


def compare_planetary(example: Example, meshes: list[Mesh], ratings: list[Rating]) -> None:
    """Every factor that the record prints, except K_Hbeta (taken from it)."""
    tables = [
        geometry_factors(m) | r.factors | {"SH": r.safety_flank, "SF": r.safety_root}
        for m, r in zip(meshes, ratings, strict=True)
    ]
    for name in tables[0]:
        printed = example.outputs.get(name)
        if name == "KHb" or printed is None or name not in tables[1]:
            continue
        tolerance = NOMINAL if name in NOMINAL_NAMES else SAFETY if name in ("SH", "SF") else FACTOR
        for suffix, (mine, theirs) in of_planetary([np.asarray(t[name], float) for t in tables], printed).items():
            example.report.add(example.case, name + suffix, mine, theirs, tolerance)
    example.add("ZB_sun", tables[0]["ZB"], FACTOR)
    example.add("HV_sun_planet", tables[0]["HV"], FACTOR)


def spectrum(example: Example) -> None:
    """Miner's sum of a table of bins at its own safety, and the safety at which the sum is 1; flank or root by the
    name of its stress column."""
    columns = example.inputs["columns"]
    table = np.array([[np.nan if v is None else v for v in row] for row in example.record["table"]], float)
    counts = next(c for c in columns if c.startswith("n_") and c != "n_rpm")
    stresses = next(c for c in columns if c.startswith("sigma_"))
    cycles, stress = table[:, columns.index(counts)], table[:, columns.index(stresses)] * 1e6
    keep = (cycles > 0) & (stress > 0)
    cycles, stress, lives = cycles[keep], stress[keep], table[keep, columns.index("N_i")]
    steel, root = steel_of(example, 0), stresses.startswith("sigma_F")
    corners, factors = (
        np.asarray(v)
        for v in ((steel.root_cycles, steel.root_factors) if root else (steel.flank_cycles, steel.flank_factors))
    )
    # Endurance strength at the knee from the printed lives: sigma = limit (N_knee/N)^(1/p), median over the bins
    # between the corners.
    exponent = np.log(factors[0] / factors[1]) / np.log(corners[1] / corners[0])
    finite = (lives > 1.1 * corners[0]) & (lives < 0.8 * corners[1])
    limit = float(np.median(stress[finite] / (corners[1] / lives[finite]) ** exponent))
    arguments = (jnp.array(cycles), jnp.array(stress), jnp.asarray(limit), jnp.array(corners), jnp.array(factors))
    damage = float(np.exp(log_damage(jnp.asarray(0.0), *arguments)[0]))
    example.report.add(example.case, "sum_U", damage, example.outputs.get("sum_U", 1.0), DAMAGE, absolute=True)
    name = "SF_pinion" if root else "SH_pinion"
    printed = float(example.outputs.get(name, 1.0))
    example.report.add(example.case, name, float(spectrum_safety(*arguments)) * printed, printed, SAFETY)


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
