"""Contract case of one mesh: every factor of ISO 6336, life, scuffing and micropitting over teeth, load and speed.

The ranges cross the knees on purpose: overlap 0 to 3, total contact ratio around 2, resonance ratio 0 to 3, line loads
below 100 N/mm, thin rims, flank classes on both sides of 5.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from edu_opt.gearbox import load_capacity as capacity
from edu_opt.gearbox import load_factors as factors
from edu_opt.gearbox.contact_path import contact_path
from edu_opt.gearbox.life import life_factor, spectrum_safety
from edu_opt.gearbox.micropitting import Contact, film_thickness
from edu_opt.gearbox.noise import integer_mismatch
from edu_opt.gearbox.scuffing import Lubrication, MeshLoad, flash_temperature, integral_temperature
from edu_opt.gearbox.tooth_geometry import make_pair, pair_geometry
from edu_opt.gearbox.tooth_root import helix_factor, tooth_root
from edu_opt.materials.gear_steels import gear_steel
from edu_opt.materials.oils import oil
from tests.contract import ContractCase

RANGES = {
    "pinion_teeth": (16.0, 36.0),
    "ratio": (1.8, 5.0),
    "module": (1.2e-3, 4.0e-3),
    "helix": (0.0, 0.5),
    "width": (0.012, 0.07),
    "shift": (0.0, 0.6),
    "shift_sum": (-0.2, 0.8),
    "torque": (0.0, 800.0),
    "speed": (0.0, 2200.0),
    "accuracy_class": (4.0, 8.0),
    "tip_relief": (0.0, 30e-6),
    "rim": (1.0e-3, 20e-3),
    "misalignment": (0.0, 60e-6),
    "log_cycles": (2.0, 10.5),
}
STEELS = (gear_steel("case_hardened_mq"), gear_steel("through_hardened"))
OIL, WARM = oil("sae_70w_75w"), 80.0
VISCOSITY = 8.0e-3  # Pa s


def mesh(values: jax.Array) -> dict[str, jax.Array]:
    """Named factors, safeties and indicators of one pair."""
    v = dict(zip(RANGES, values, strict=True))
    teeth = jnp.stack([v["pinion_teeth"], v["pinion_teeth"] * v["ratio"]])
    shifts = jnp.stack([v["shift"], v["shift_sum"] - v["shift"]])
    pair = make_pair(v["module"], v["helix"], teeth, shifts, jnp.stack([v["width"], v["width"]]))
    geometry = pair_geometry(pair)
    flank, root = capacity.flank_factors(pair, geometry, STEELS), tooth_root(pair, geometry)
    force = capacity.tangential_force(v["torque"] + 0.05, geometry)
    line_load, velocity = force / v["width"], 0.5 * v["speed"] * geometry.reference_diameter[0]
    made = factors.deviations_of_class(
        v["module"], geometry.reference_diameter[1], v["width"], v["accuracy_class"], v["tip_relief"]
    )
    stiffness = factors.mesh_stiffness(pair, geometry, line_load)
    mass = factors.reduced_mass(geometry, 7830.0, jnp.array([0.0, 0.5]), pair.tip_diameter, (3.0, 1.0))
    resonance = factors.resonance_ratio(v["speed"], teeth, stiffness, mass)
    dynamic = factors.dynamic_factor(resonance, line_load, geometry, stiffness, made, STEELS, velocity)
    face = factors.face_load_factor(line_load * dynamic, stiffness, made, v["misalignment"], STEELS, velocity)
    loaded = line_load * dynamic * face
    transverse = factors.transverse_load_factor(
        loaded, geometry, stiffness, made, flank.contact_ratio, STEELS, velocity
    )
    film = capacity.film_factors(pair, geometry, STEELS, OIL.viscosity_40, velocity, 4e-6)
    notch = capacity.notch_factors(pair, root, STEELS, 20e-6)
    bent = capacity.mean_stress_factor(STEELS, root, 1.0)
    rims = capacity.rim_factor(pair, geometry, jnp.stack([v["rim"], v["rim"]]))
    strength = capacity.flank_strength(STEELS, film)
    cycles = 10.0 ** jnp.stack([v["log_cycles"], v["log_cycles"] - 1.0])
    contact = capacity.nominal_contact_stress(flank, geometry, force) * jnp.sqrt(dynamic * face * transverse[0])
    bending = capacity.nominal_root_stress(pair, geometry, root, force, rims)
    curve = strength[0] / strength[0, 1]
    safety = spectrum_safety(
        cycles, jnp.stack([contact, 0.5 * contact]) + 1e5, strength[0, 1], STEELS[0].flank_cycles, curve
    )
    mesh_load = MeshLoad(
        line_load=loaded * transverse[0],
        nominal_line_load=line_load,
        speed=velocity,
        viscosity=jnp.asarray(VISCOSITY),
        roughness=jnp.asarray(0.5e-6),
        stiffness=stiffness.mesh_alpha,
        tip_relief=v["tip_relief"],
    )
    path = contact_path(pair, geometry)
    oiled = (pair, geometry, path, mesh_load, STEELS[0], OIL, Lubrication(oil_temperature=WARM))
    film_load = Contact(
        force=force,
        load_factor=dynamic * face,
        pinion_speed=v["speed"],
        friction=jnp.asarray(0.05),
        mesh_loss=0.005 * force * velocity,
        roughness=jnp.asarray(0.5e-6),
    )
    thickness = film_thickness(pair, geometry, path, film_load, STEELS[0], OIL, WARM)
    return {
        "Z_B": flank.single_contact[0],
        "Z_D": flank.single_contact[1],
        "Z_epsilon": flank.contact_ratio,
        "Z_VLR": film.film,
        "Z_W": film.work_hardening[1],
        "Z_NT": life_factor(cycles[0], STEELS[0].flank_cycles, STEELS[0].flank_factors),
        "Y_NT": life_factor(cycles[0], STEELS[1].root_cycles, STEELS[1].root_factors),
        "Y_beta": helix_factor(geometry, v["helix"]),
        "Y_B": rims[0],
        "Y_DT": capacity.deep_tooth_factor(geometry, v["accuracy_class"]),
        "Y_M": bent[0],
        "Y_delta": notch.product[0],
        "K_V": dynamic,
        "K_Hbeta": face,
        "K_Fbeta": factors.root_face_load_factor(face, v["width"], 2.25 * v["module"]),
        "K_Halpha": transverse[0],
        "K_Falpha": transverse[1],
        "root_stress": bending[0] * 1e-9,
        "flank_safety": jnp.log(safety),
        "integral_temperature": integral_temperature(*oiled).temperature,
        "flash_temperature": flash_temperature(*oiled).highest,
        "film": jnp.log(thickness.specific),
        "overlap_mismatch": integer_mismatch(geometry.overlap_ratio),
    }


LOW, HIGH = np.array(list(RANGES.values())).T
CASES = [ContractCase(name="gear mesh", low=LOW, high=HIGH, function=mesh, step=1e-6, tolerance=2e-4, eager=False)]
