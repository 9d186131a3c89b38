"""Contract case of one mesh: every factor of ISO 6336, life, scuffing and micropitting over teeth, load and speed.

The ranges cross the knees on purpose: overlap 0 to 3, total contact ratio around 2, resonance ratio 0 to 3, line loads
below 100 N/mm, thin rims, flank classes on both sides of 5.
"""

from __future__ import annotations

import dataclasses

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
from edu_opt.gearbox.tooth_geometry import GearPair, PairGeometry, make_pair, pair_geometry
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
Values = dict[str, jax.Array]  # by the names of RANGES


@dataclasses.dataclass(frozen=True)
class Loaded:
    """Load of a mesh [N, N/m, m/s], its stiffness and factors: dynamic, face, transverse (flank, root)."""

    force: jax.Array
    line_load: jax.Array
    velocity: jax.Array
    stiffness: factors.MeshStiffness
    dynamic: jax.Array
    face: jax.Array
    transverse: tuple[jax.Array, jax.Array]

    @property
    def largest_line_load(self) -> jax.Array:
        """With all factors of the flank [N/m]."""
        return self.line_load * self.dynamic * self.face * self.transverse[0]


def loaded_mesh(v: Values, pair: GearPair, geometry: PairGeometry, flank: capacity.FlankFactors) -> Loaded:
    """Factors in the order of ISO 6336-1, each at the load that those before it leave."""
    force = capacity.tangential_force(v["torque"] + 0.05, geometry)
    line_load, velocity = force / v["width"], 0.5 * v["speed"] * geometry.reference_diameter[0]
    made = factors.deviations_of_class(
        v["module"], geometry.reference_diameter[1], v["width"], v["accuracy_class"], v["tip_relief"]
    )
    stiffness = factors.mesh_stiffness(pair, geometry, line_load)
    mass = factors.reduced_mass(geometry, 7830.0, jnp.array([0.0, 0.5]), pair.tip_diameter, (3.0, 1.0))
    resonance = factors.resonance_ratio(v["speed"], pair.teeth, stiffness, mass)
    dynamic = factors.dynamic_factor(resonance, line_load, geometry, stiffness, made, STEELS, velocity)
    face = factors.face_load_factor(line_load * dynamic, stiffness, made, v["misalignment"], STEELS, velocity)
    transverse = factors.transverse_load_factor(
        line_load * dynamic * face, geometry, stiffness, made, flank.contact_ratio, STEELS, velocity
    )
    return Loaded(force, line_load, velocity, stiffness, dynamic, face, transverse)


def strength(
    v: Values, pair: GearPair, geometry: PairGeometry, flank: capacity.FlankFactors, load: Loaded
) -> dict[str, jax.Array]:
    """Factors of strength, stresses, life and safety by ISO 6336-2, 3 and 6."""
    root = tooth_root(pair, geometry)
    film = capacity.film_factors(pair, geometry, STEELS, OIL.viscosity_40, load.velocity, 4e-6)
    notch = capacity.notch_factors(pair, root, STEELS, 20e-6)
    rims = capacity.rim_factor(pair, geometry, jnp.stack([v["rim"], v["rim"]]))
    allowed = capacity.flank_strength(STEELS, film)
    cycles = 10.0 ** jnp.stack([v["log_cycles"], v["log_cycles"] - 1.0])
    raised = jnp.sqrt(load.dynamic * load.face * load.transverse[0])
    contact = capacity.nominal_contact_stress(flank, geometry, load.force) * raised
    stresses, curve = jnp.stack([contact, 0.5 * contact]) + 1e5, allowed[0] / allowed[0, 1]
    safety = spectrum_safety(cycles, stresses, allowed[0, 1], STEELS[0].flank_cycles, curve)
    return {
        "Z_VLR": film.film,
        "Z_W": film.work_hardening[1],
        "Z_NT": life_factor(cycles[0], STEELS[0].flank_cycles, STEELS[0].flank_factors),
        "Y_NT": life_factor(cycles[0], STEELS[1].root_cycles, STEELS[1].root_factors),
        "Y_beta": helix_factor(geometry, v["helix"]),
        "Y_B": rims[0],
        "Y_DT": capacity.deep_tooth_factor(geometry, v["accuracy_class"]),
        "Y_M": capacity.mean_stress_factor(STEELS, root, 1.0)[0],
        "Y_delta": notch.product[0],
        "root_stress": capacity.nominal_root_stress(pair, geometry, root, load.force, rims)[0] * 1e-9,
        "flank_safety": jnp.log(safety),
    }


def lubrication(v: Values, pair: GearPair, geometry: PairGeometry, load: Loaded) -> dict[str, jax.Array]:
    """Temperatures of scuffing (ISO/TS 6336-20, 21) and the film of micropitting (ISO/TS 6336-22)."""
    path, roughness = contact_path(pair, geometry), jnp.asarray(0.5e-6)
    mesh_load = MeshLoad(
        line_load=load.largest_line_load,
        nominal_line_load=load.line_load,
        speed=load.velocity,
        viscosity=jnp.asarray(VISCOSITY),
        roughness=roughness,
        stiffness=load.stiffness.mesh_alpha,
        tip_relief=v["tip_relief"],
    )
    oiled = (pair, geometry, path, mesh_load, STEELS[0], OIL, Lubrication(oil_temperature=WARM))
    film_load = Contact(
        force=load.force,
        load_factor=load.dynamic * load.face,
        pinion_speed=v["speed"],
        friction=jnp.asarray(0.05),
        mesh_loss=0.005 * load.force * load.velocity,
        roughness=roughness,
    )
    return {
        "integral_temperature": integral_temperature(*oiled).temperature,
        "flash_temperature": flash_temperature(*oiled).highest,
        "film": jnp.log(film_thickness(pair, geometry, path, film_load, STEELS[0], OIL, WARM).specific),
    }


def mesh(values: jax.Array) -> dict[str, jax.Array]:
    """Named factors, safeties and indicators of one pair."""
    v = dict(zip(RANGES, values, strict=True))
    teeth = jnp.stack([v["pinion_teeth"], v["pinion_teeth"] * v["ratio"]])
    shifts = jnp.stack([v["shift"], v["shift_sum"] - v["shift"]])
    pair = make_pair(v["module"], v["helix"], teeth, shifts, jnp.stack([v["width"], v["width"]]))
    geometry = pair_geometry(pair)
    flank = capacity.flank_factors(pair, geometry, STEELS)
    load = loaded_mesh(v, pair, geometry, flank)
    return {
        "Z_B": flank.single_contact[0],
        "Z_D": flank.single_contact[1],
        "Z_epsilon": flank.contact_ratio,
        "K_V": load.dynamic,
        "K_Hbeta": load.face,
        "K_Fbeta": factors.root_face_load_factor(load.face, v["width"], 2.25 * v["module"]),
        "K_Halpha": load.transverse[0],
        "K_Falpha": load.transverse[1],
        "overlap_mismatch": integer_mismatch(geometry.overlap_ratio),
        **strength(v, pair, geometry, flank, load),
        **lubrication(v, pair, geometry, load),
    }


LOW, HIGH = np.array(list(RANGES.values())).T
CASES = [ContractCase(name="gear mesh", low=LOW, high=HIGH, function=mesh, step=1e-6, tolerance=2e-4, eager=False)]
