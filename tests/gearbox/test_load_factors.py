"""Load factors of ISO 6336-1 against the standard's own branches and the printed factors of KS02 and KS03."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from edu_opt.gearbox.load_factors import (
    Deviations,
    counted_relief,
    dynamic_factor,
    face_load_factor,
    mesh_stiffness,
    reduced_mass,
    resonance_ratio,
    running_in,
    transverse_load_factor,
)
from edu_opt.gearbox.tooth_geometry import GearPair, PairGeometry, pair_geometry
from edu_opt.materials.gear_steels import gear_steel
from edu_opt.numerics.pytree import replace

HARD, SOFT = gear_steel("case_hardened_mq"), gear_steel("through_hardened")
STEELS = (HARD, HARD)
UM = 1e-6


def pair(module: float, teeth: tuple, shift: tuple, width: float, distance: float, tips: tuple, helix: float = 0.0):
    """Pair and geometry from mm and degrees."""
    one = GearPair(
        normal_module=jnp.asarray(module * 1e-3),
        pressure_angle=jnp.deg2rad(20.0),
        helix_angle=jnp.deg2rad(helix),
        teeth=jnp.array(teeth, float),
        profile_shift=jnp.array(shift),
        face_width=jnp.full(2, width * 1e-3),
        centre_distance=jnp.asarray(distance * 1e-3),
        tip_diameter=jnp.array(tips) * 1e-3,
        dedendum=jnp.full(2, 1.25),
        root_radius=jnp.full(2, 0.38),
    )
    return one, pair_geometry(one)


KS03 = pair(14, (24, 95), (0.48, 0.6691), 360, 861, (380.747, 1395.376), 10)
SUN = pair(21, (18, 36), (0.389, 0.5039), 550, 584, (432.838, 815.663))
RING = pair(21, (36, -93), (0.5039, 0.1171), 550, -584, (815.663, -1906.081))


def deviations(pitch: float, form: float, helix: float = 10.0, relief: float = 0.0) -> Deviations:
    names = ("base_pitch", "profile_form", "helix_slope", "tip_relief")
    return Deviations(**{n: jnp.asarray(v * UM) for n, v in zip(names, (pitch, form, helix, relief), strict=True)})


def standard_dynamic(n: float, total: float, b_pitch: float, b_form: float, b_relief: float) -> float:
    """K_V by the standard's branches, ISO 6336-1:2006 clause 6.5, without rounding."""
    wide = total > 2.0
    c_2 = 0.57 / (total - 0.3) if wide else 0.34
    c_3 = 0.096 / (total - 1.56) if wide else 0.23
    c_4 = (0.57 - 0.05 * total) / (total - 1.44) if wide else 0.90
    c_6 = 0.12 / (total - 1.74) if wide else 0.47
    c_7 = 0.75 if total <= 1.5 else 1.0 if total > 2.5 else 0.125 * np.sin(np.pi * (total - 2.0)) + 0.875
    common = 0.32 * b_pitch + c_2 * b_form
    main, above = common + c_4 * b_relief + 1.0, 0.47 * b_pitch + c_6 * b_form + c_7
    if n <= 0.85:
        return n * (common + c_3 * b_relief) + 1.0
    if n <= 1.15:
        return main
    return above + (main - above) / 0.35 * (1.5 - n) if n < 1.5 else above


@pytest.mark.parametrize("example", [KS03, SUN])
def test_dynamic_factor_is_the_standard_s_away_from_its_knees(example: tuple[GearPair, PairGeometry]) -> None:
    one, geometry = example
    stiffness, made = mesh_stiffness(one, geometry), deviations(12.0, 15.0)
    load = 4e5
    speeds = jnp.array([0.1, 0.4, 0.7, 0.9, 1.0, 1.1, 1.25, 1.4, 1.6, 2.5])
    mine = dynamic_factor(speeds, jnp.full(10, load), geometry, stiffness, made, STEELS, 10.0)
    left = [0.925 * float(stiffness.single) * v * UM / load for v in (12.0, 15.0)]
    expected = [standard_dynamic(float(n), float(geometry.total_contact_ratio), *left, 1.0) for n in speeds]
    np.testing.assert_allclose(mine, expected, rtol=5e-3)


def test_the_hill_of_resonance_has_no_step() -> None:
    one, geometry = KS03
    stiffness, made = mesh_stiffness(one, geometry), deviations(12.0, 15.0)

    def factor(n: jax.Array) -> jax.Array:
        return dynamic_factor(n, jnp.asarray(4e5), geometry, stiffness, made, STEELS, 10.0)

    grid = jnp.linspace(0.6, 1.7, 400)
    value, slope = jax.vmap(jax.value_and_grad(factor))(grid)
    assert np.abs(np.diff(np.asarray(slope))).max() < 0.25 * np.abs(np.asarray(slope)).max()
    integral = np.cumsum(0.5 * (slope[1:] + slope[:-1]) * np.diff(grid))
    np.testing.assert_allclose(integral, value[1:] - value[0], atol=2e-4)


def test_planetary_reduced_masses_and_resonances_are_the_printed_ones() -> None:
    # KS02 bodies: bores 194.32 and 576.96 mm; m_red 0.1534 and 1.4684 kg/mm, n_E1 5357 and 993 rpm with C_R = 0.862
    for (one, geometry), bores, meshes, mass, speed in (
        (SUN, (194.32 / 387.34, 576.96 / 770.16), (3.0, 1.0), 153.4, 5357.0),
        (RING, (576.96 / 770.16, 0.0), (1.0, 0.0), 1468.4, 993.0),
    ):
        mine = reduced_mass(geometry, 7830.0, jnp.array(bores), one.tip_diameter, meshes)
        assert float(mine) == pytest.approx(mass, rel=1e-3)
        stiffness = mesh_stiffness(one, geometry, body_factor=0.862)
        turning = resonance_ratio(jnp.asarray(speed * np.pi / 30.0), one.teeth, stiffness, mine)
        assert float(turning) == pytest.approx(1.0, rel=1e-3)  # C_R is printed with three digits


def test_running_in_of_a_soft_ring_is_the_mean_of_both_gears() -> None:
    # KS02 planet/ring: f_pb 20.7 um -> y_p 3.142, f_f alpha 27 um -> y_f 4.098; both hard: 17.9 -> 1.342
    assert float(running_in(jnp.asarray(20.7 * UM), (HARD, SOFT), 4.88)) == pytest.approx(3.142 * UM, rel=2e-3)
    assert float(running_in(jnp.asarray(27.0 * UM), (HARD, SOFT), 4.88)) == pytest.approx(4.098 * UM, rel=2e-3)
    assert float(running_in(jnp.asarray(17.9 * UM), STEELS, 4.88)) == pytest.approx(1.342 * UM, rel=2e-3)
    assert float(running_in(jnp.asarray(80.0 * UM), STEELS, 4.88, times=2.0)) == pytest.approx(6.0 * UM, rel=2e-3)


def test_stiffness_falls_below_100_newtons_a_millimetre_and_relief_counts_up_to_class_5() -> None:
    one, geometry = KS03
    full = float(mesh_stiffness(one, geometry, 6e5).single)
    assert float(mesh_stiffness(one, geometry, 2.5e4).single) == pytest.approx(full * 0.25**0.25, rel=2e-3)
    assert full == pytest.approx(13.832e9 / 0.898, rel=1e-3)
    np.testing.assert_allclose([counted_relief(1.0, q) for q in (4.0, 5.0, 6.0)], [1.0, 1.0, 0.0], atol=1e-3)


def test_face_load_factor_by_method_c_on_both_branches() -> None:
    one, geometry = KS03
    stiffness, made = mesh_stiffness(one, geometry), deviations(10.0, 10.0, helix=8.0)
    for load, bent in ((4e5, 5.0), (5e4, 30.0)):
        misfit = 0.85 * (1.33 * bent + 8.0) * UM
        misfit = max(misfit, (1.33 * bent + 8.0) * UM - 6.0 * UM)
        ratio = misfit * float(stiffness.mesh_beta) / (2.0 * load)
        expected = 1.0 + ratio if ratio <= 1.0 else 2.0 * np.sqrt(ratio)
        arguments = (stiffness, made, jnp.asarray(bent * UM), STEELS, 10.0, "none")
        assert float(face_load_factor(jnp.asarray(load), *arguments)) == pytest.approx(expected, rel=5e-3)


def test_transverse_factors_end_at_their_caps() -> None:
    one, geometry = SUN
    stiffness, coarse = mesh_stiffness(one, geometry), deviations(200.0, 200.0)
    contact = float(geometry.contact_ratio)
    epsilon = np.sqrt((4.0 - contact) / 3.0)
    flank, root = transverse_load_factor(
        jnp.asarray(2e5), geometry, stiffness, coarse, jnp.asarray(epsilon), STEELS, 5.0
    )
    assert float(flank) == pytest.approx(1.0 / epsilon**2, rel=1e-2)
    assert float(root) == pytest.approx(contact / (0.25 * contact + 0.75), rel=1e-2)
    fine = replace(coarse, base_pitch=jnp.asarray(1e-7), profile_form=jnp.asarray(1e-7))
    flank, root = transverse_load_factor(jnp.asarray(2e6), geometry, stiffness, fine, jnp.asarray(epsilon), STEELS, 5.0)
    np.testing.assert_allclose([flank, root], 1.0, atol=5e-3)
