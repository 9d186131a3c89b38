"""Tooth geometry, flank and root stress against printed worked examples, one compile for all pairs."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from edu_opt.gearbox.load_capacity import flank_factors, nominal_contact_stress, nominal_root_stress
from edu_opt.gearbox.tooth_geometry import (
    GearPair,
    centre_distance,
    inverse_involute,
    involute,
    pair_geometry,
    profile_shift_sum,
)
from edu_opt.gearbox.tooth_root import tooth_root
from edu_opt.materials.gear_steels import gear_steel

MM = 1e-3
# KISSsoft reports of the NREL 5 MW gearbox (03/2017): stage 3 (KS03), stage 2 sun/planet and planet/ring (KS02).
# module, helix, teeth, shifts, face, centre distance, tips, rack radius of the second gear, force -> sigma_H0, sigma_F0
EXAMPLES = {
    "KS03": (14, 10, (24, 95), (0.48, 0.6691), 360, 861, (380.747, 1395.376), 0.38, 240064.4, 570.79, (117.92, 127.69)),
    "KS02 sun": (21, 0, (18, 36), (0.389, 0.5039), 550, 584, (432.838, 815.663), 0.38, 285900.4, 573.4, (73.95, 74.21)),
    "KS02 ring": (
        *(21, 0, (36, -93), (0.5039, 0.1171), 550, -584, (815.663, -1906.081), 0.30, 285900.4),
        *(312.44, (61.98, 69.12)),
    ),
}


@pytest.fixture(scope="module")
def stresses() -> dict[str, tuple[float, np.ndarray]]:
    """Nominal contact and root stresses [MPa] of every example, from one vmapped program."""
    rows = list(EXAMPLES.values())
    pairs = GearPair(
        normal_module=jnp.array([r[0] * MM for r in rows]),
        pressure_angle=jnp.deg2rad(jnp.full(len(rows), 20.0)),
        helix_angle=jnp.deg2rad(jnp.array([float(r[1]) for r in rows])),
        teeth=jnp.array([r[2] for r in rows], float),
        profile_shift=jnp.array([r[3] for r in rows]),
        face_width=jnp.array([[r[4] * MM] * 2 for r in rows]),
        centre_distance=jnp.array([r[5] * MM for r in rows]),
        tip_diameter=jnp.array([r[6] for r in rows]) * MM,
        dedendum=jnp.full((len(rows), 2), 1.25),
        root_radius=jnp.array([[0.38, r[7]] for r in rows]),
    )

    def both(pair: GearPair, force: jax.Array) -> tuple[jax.Array, jax.Array]:
        geometry = pair_geometry(pair)
        factors = flank_factors(pair, geometry, gear_steel("case_hardened_mq"))
        root = tooth_root(pair, geometry)
        return nominal_contact_stress(factors, geometry, force), nominal_root_stress(pair, geometry, root, force)

    contact, bending = jax.jit(jax.vmap(both))(pairs, jnp.array([r[8] for r in rows]))
    return {name: (float(contact[k]) * 1e-6, np.asarray(bending[k]) * 1e-6) for k, name in enumerate(EXAMPLES)}


@pytest.mark.parametrize("name", EXAMPLES)
def test_nominal_stresses_meet_the_printed_ones_within_half_a_per_cent(name: str, stresses) -> None:
    contact, bending = stresses[name]
    assert contact == pytest.approx(EXAMPLES[name][9], rel=5e-3)
    np.testing.assert_allclose(bending, EXAMPLES[name][10], rtol=5e-3)


def test_involute_and_centre_distance_invert() -> None:
    angle = jnp.deg2rad(jnp.array([12.0, 20.0, 33.0, 44.0]))
    np.testing.assert_allclose(inverse_involute(involute(angle)), angle, rtol=1e-9)
    helix, teeth = jnp.asarray(0.35), jnp.asarray(91.0)
    shift = jnp.asarray(0.43)
    distance = centre_distance(jnp.asarray(2e-3), jnp.pi / 9, helix, teeth, shift)
    back = profile_shift_sum(jnp.asarray(2e-3), jnp.pi / 9, helix, teeth, distance)
    assert float(back) == pytest.approx(0.43, abs=1e-4)
    # zero shift is the reference centre distance exactly
    assert float(centre_distance(jnp.asarray(2e-3), jnp.pi / 9, helix, teeth, jnp.asarray(0.0))) == pytest.approx(
        2e-3 * 91.0 / (2.0 * np.cos(0.35)), rel=1e-6
    )
