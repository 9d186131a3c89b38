"""Tooth geometry, flank and root stress against printed worked examples, one compile for all pairs."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from edu_opt.gearbox.load_capacity import (
    deep_tooth_factor,
    film_factors,
    flank_factors,
    mean_stress_factor,
    nominal_contact_stress,
    nominal_root_stress,
    notch_factors,
    rim_factor,
    root_strength,
)
from edu_opt.gearbox.tooth_geometry import (
    GearPair,
    PairGeometry,
    centre_distance,
    inverse_involute,
    involute,
    make_pair,
    pair_geometry,
    profile_shift_sum,
)
from edu_opt.gearbox.tooth_root import contact_ratio_factor, tooth_root
from edu_opt.materials.gear_steels import gear_steel
from edu_opt.numerics.pytree import replace

MM = 1e-3
STEEL, SOFT = gear_steel("case_hardened_mq"), gear_steel("through_hardened")
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
        factors = flank_factors(pair, geometry, (STEEL, STEEL))
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


def pair_of(name: str) -> tuple[GearPair, PairGeometry]:
    """One of the examples alone."""
    row = EXAMPLES[name]
    pair = GearPair(
        normal_module=jnp.asarray(row[0] * MM),
        pressure_angle=jnp.deg2rad(20.0),
        helix_angle=jnp.deg2rad(float(row[1])),
        teeth=jnp.array(row[2], float),
        profile_shift=jnp.array(row[3]),
        face_width=jnp.full(2, row[4] * MM),
        centre_distance=jnp.asarray(row[5] * MM),
        tip_diameter=jnp.array(row[6]) * MM,
        dedendum=jnp.full(2, 1.25),
        root_radius=jnp.array([0.38, row[7]]),
    )
    return pair, pair_geometry(pair)


def test_a_soft_ring_on_hard_planets_has_the_printed_film_and_hardening_factors() -> None:
    # KS02 planet/ring: Z_L 1.038, Z_V 0.961, Z_R 1.026, Z_W 1.135 of the ring (240 HB), 1 of the planet
    pair, geometry = pair_of("KS02 ring")
    ring = replace(SOFT, brinell_hardness=jnp.asarray(240.0))
    film = film_factors(pair, geometry, (STEEL, ring), 220e-6, jnp.asarray(4.88), 6.4e-6)
    printed = [1.038, 0.961, 1.026, 1.0, 1.135]
    mine = [film.lubricant, film.speed, film.roughness, *film.work_hardening]
    np.testing.assert_allclose(mine, printed, rtol=1e-3)


def test_the_ring_s_root_has_the_printed_strength() -> None:
    pair, geometry = pair_of("KS02 ring")
    steels = (gear_steel("18crnimo7_6_kisssoft"), SOFT)
    notch = notch_factors(pair, tooth_root(pair, geometry), steels, 20e-6)
    np.testing.assert_allclose(notch.size, [0.840, 0.904], rtol=1e-3)
    np.testing.assert_allclose(notch.roughness, [0.957, 0.957], rtol=1e-3)
    # at N = 1297.1e6 and 1506.3e6: 429.38 (Y_M = 0.7) and 444.89 MPa
    strength = np.asarray(root_strength(steels, notch, jnp.array([0.7, 1.0])))
    life = 0.85 ** (np.log(np.array([1297.1e6, 1506.3e6]) / 3e6) / np.log(1e10 / 3e6))
    np.testing.assert_allclose(strength[:, 1] * life * 1e-6, [429.38, 444.89], rtol=6e-3)


def test_thin_rims_deep_teeth_and_idlers() -> None:
    pair, geometry = pair_of("KS02 ring")
    depth = 0.5 * np.abs(np.asarray(pair.tip_diameter - geometry.root_diameter))
    rims = jnp.array([0.7 * depth[0], 2.5 * 21 * MM])
    expected = [1.6 * np.log(2.242 / 0.7), 1.15 * np.log(8.324 / 2.5)]
    np.testing.assert_allclose(rim_factor(pair, geometry, rims), expected, rtol=1e-3)
    np.testing.assert_allclose(rim_factor(pair, geometry, 10.0 * rims), 1.0, atol=1e-3)
    deep = replace(geometry, contact_ratio=jnp.asarray(2.3), base_helix=jnp.asarray(0.0))
    assert float(deep_tooth_factor(deep, 4.0)) == pytest.approx(2.366 - 0.666 * 2.3, rel=1e-3)
    assert float(deep_tooth_factor(deep, 6.0)) == pytest.approx(1.0, abs=1e-3)
    root = replace(tooth_root(pair, geometry), stress_correction=jnp.array([2.0, 2.0]))
    # M = 0.5: Y_M = 1/(1 + 1.2/3); tempered M = 0.3
    bent = np.asarray(mean_stress_factor((STEEL, SOFT), root, 1.0))
    np.testing.assert_allclose(bent, [1.0 / 1.4, 1.0 / (1.0 + 1.2 * 0.7 / 1.3)], rtol=1e-9)


def test_din_3990_method_c_loads_the_tip() -> None:
    # example of the din3990 package (DIN 3990-11, 55 kW at 980 rpm): Y_Fa, Y_Sa, sigma_F0, sigma_H0
    pair = make_pair(
        4 * MM, jnp.asarray(0.0), jnp.array([19.0, 104.0]), jnp.array([0.5, 0.15]), jnp.full(2, 48.64 * MM)
    )
    changes = {"root_radius": jnp.full(2, 0.25), "tip_diameter": jnp.array([88.0, 425.2]) * MM}
    pair = replace(pair, **changes)
    geometry = pair_geometry(pair)
    root = tooth_root(pair, geometry, at_tip=True)
    np.testing.assert_allclose(root.form_factor, [2.246336, 2.161657], rtol=1e-4)
    np.testing.assert_allclose(root.stress_correction, [1.914726, 2.008782], rtol=1e-4)
    force = jnp.asarray(14103.4187)
    bending = nominal_root_stress(pair, geometry, root, force) * contact_ratio_factor(geometry)
    np.testing.assert_allclose(bending * 1e-6, [230.1514, 232.3548], rtol=1e-4)
    contact = nominal_contact_stress(flank_factors(pair, geometry, (STEEL, STEEL)), geometry, force)
    assert float(contact) * 1e-6 == pytest.approx(875.3827, rel=2e-4)
