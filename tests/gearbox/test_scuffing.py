"""Scuffing and micropitting against the KISSsoft 03/2017 reports of the NREL 5 MW gearbox (KS03, KS02 sun/planet)."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from edu_opt.gearbox.contact_path import contact_path
from edu_opt.gearbox.micropitting import Contact, film_thickness, permissible_film
from edu_opt.gearbox.scuffing import (
    Lubrication,
    MeshLoad,
    angle_factor,
    flash_factor,
    flash_temperature,
    geometry_factor,
    helical_load_factor,
    integral_temperature,
)
from edu_opt.gearbox.tooth_geometry import GearPair, pair_geometry
from edu_opt.materials.gear_steels import gear_steel
from edu_opt.materials.oils import oil
from edu_opt.numerics.pytree import replace

STEEL, OIL = gear_steel("18crnimo7_6_kisssoft"), oil("mineral_vg220")
KS03 = GearPair(
    normal_module=jnp.asarray(14e-3),
    pressure_angle=jnp.deg2rad(20.0),
    helix_angle=jnp.deg2rad(10.0),
    teeth=jnp.array([24.0, 95.0]),
    profile_shift=jnp.array([0.48, 0.6691]),
    face_width=jnp.full(2, 0.36),
    centre_distance=jnp.asarray(0.861),
    tip_diameter=jnp.array([0.380747, 1.395376]),
    dedendum=jnp.full(2, 1.25),
    root_radius=jnp.full(2, 0.38),
)
SUN = replace(
    KS03,
    normal_module=jnp.asarray(21e-3),
    helix_angle=jnp.asarray(0.0),
    teeth=jnp.array([18.0, 36.0]),
    profile_shift=jnp.array([0.389, 0.5039]),
    face_width=jnp.full(2, 0.55),
    centre_distance=jnp.asarray(0.584),
    tip_diameter=jnp.array([0.432838, 0.815663]),
)
LOAD = MeshLoad(
    line_load=jnp.asarray(1119.632e3),
    nominal_line_load=jnp.asarray(1.25 * 666.85e3),
    speed=jnp.asarray(20.83),
    viscosity=jnp.asarray(30.09e-3),
    roughness=jnp.asarray(0.6e-6),
    stiffness=jnp.asarray(18.632e9),
    tip_relief=jnp.asarray(2e-6),
)
OILED = Lubrication(oil_temperature=80.0, fzg_stage=14.0, supply=1.0)


@pytest.fixture(scope="module")
def scuffed():
    """Factors, integral and flash temperature of KS03 in one program."""

    def everything(pair: GearPair, load: MeshLoad):
        geometry = pair_geometry(pair)
        path = contact_path(pair, geometry)
        arguments = (pair, geometry, path, load, STEEL, OIL, OILED)
        factors = (
            flash_factor(STEEL),
            angle_factor(pair, geometry),
            helical_load_factor(geometry.total_contact_ratio),
            geometry_factor(pair, path),
        )
        return factors, integral_temperature(*arguments), flash_temperature(*arguments)

    return jax.jit(everything)(KS03, LOAD)


def test_integral_temperature_of_ks03(scuffed) -> None:
    factors, integral, _ = scuffed
    np.testing.assert_allclose(factors, [50.058, 1.016, 1.274, 0.230], rtol=3e-3)
    assert float(integral.contact_ratio_factor) == pytest.approx(0.263, rel=2e-3)
    assert float(integral.relief_factor) == pytest.approx(1.095, rel=1e-3)
    assert float(integral.friction) == pytest.approx(0.030, abs=5e-4)
    assert float(integral.mean_flash) == pytest.approx(16.25, rel=2e-3)
    assert float(integral.temperature) == pytest.approx(115.75, rel=2e-3)
    assert float(integral.limit) == pytest.approx(455.17, rel=1e-3)
    assert float(integral.safety) == pytest.approx(3.932, rel=2e-3)


def test_flash_temperature_of_ks03(scuffed) -> None:
    _, _, flash = scuffed
    assert float(flash.limit) == pytest.approx(451.98, rel=1e-3)
    assert float(flash.highest) == pytest.approx(169.50, rel=1e-2)
    assert float(flash.tooth) == pytest.approx(94.19, rel=1e-2)
    assert float(flash.safety) == pytest.approx(4.156, rel=2e-2)


@pytest.fixture(scope="module")
def films():
    """Films of KS03 and of KS02's sun and planet."""

    def film(pair: GearPair, contact: Contact, warm: jax.Array):
        geometry = pair_geometry(pair)
        return film_thickness(pair, geometry, contact_path(pair, geometry), contact, STEEL, OIL, warm, 1.0)

    # force, K, speed, friction, loss: as printed; the loss of KS02 with the power that rolls
    rows = [
        (240064.4, 1.25 * 1.092 * 1.15 * 1.069, 1165.9 * np.pi / 30.0, 0.0296, 15635.0),
        (285900.4, 1.25 * 1.1 * 1.06 * 2.06, 246.7 * np.pi / 30.0, 0.040, 4189e3 / 3.0 * 0.040 * 0.149),
    ]
    names = ("force", "load_factor", "pinion_speed", "friction", "mesh_loss")
    columns = {n: jnp.array([r[k] for r in rows]) for k, n in enumerate(names)}
    contacts = Contact(**columns, roughness=jnp.full(2, 0.6e-6))
    pairs = jax.tree.map(lambda *leaves: jnp.stack(leaves), KS03, SUN)
    return jax.jit(jax.vmap(film))(pairs, contacts, jnp.array([80.0, 75.0]))


def test_micropitting_film_of_both_reports(films) -> None:
    np.testing.assert_allclose(films.bulk_temperature, [85.0, 78.5], rtol=6e-3)
    np.testing.assert_allclose(films.pressure[:, 0] * 1e-6, [1014.701, 784.475], rtol=2e-3)
    np.testing.assert_allclose(films.thickness[:, 0] * 1e6, [0.632, 0.322], rtol=2e-2)
    np.testing.assert_allclose(films.specific, [1.053, 0.536], rtol=2.5e-2)


def test_permissible_film_is_that_of_the_fzg_test() -> None:
    # lambda_GFP = 0.143 at load stage 10 with mineral oil of VG 220
    assert float(permissible_film(OIL, STEEL, 10.0)) == pytest.approx(0.143, rel=0.04)
    assert float(permissible_film(OIL, STEEL, 8.0)) > float(permissible_film(OIL, STEEL, 10.0))
