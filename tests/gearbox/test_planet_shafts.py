"""Shafts of planetary sets: equilibrium of a planet, DIN 743 by hand, number of planets."""

from __future__ import annotations

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from edu_opt.gearbox.model import gearbox_from_values, gearbox_space, load_sharing, ratio, stacked_geometry
from edu_opt.gearbox.planet_shafts import planet_load, planet_misalignments, planet_shaft_rating, planet_shaft_sections
from edu_opt.gearbox.reference_units import REFERENCE_GEARBOXES
from edu_opt.gearbox.shaft_forces import stage_forces, support_forces
from edu_opt.gearbox.shaft_strength import SHAFT_STEELS
from tests.gearbox.test_units import spectrum

I_PACE = REFERENCE_GEARBOXES["jaguar_i_pace"]
PEAK = 348.0 * 9.06
STEEL = SHAFT_STEELS["18crnimo7_6"]


@pytest.fixture(scope="module")
def program():
    """Everything of one gearbox at an axle torque."""

    def results(gearbox, torque):
        geometries, speed = stacked_geometry(gearbox), jnp.asarray(20.0)
        forces = stage_forces(gearbox, geometries, torque)
        load = planet_load(gearbox, geometries, forces)
        sections = planet_shaft_sections(gearbox, geometries, torque[None], speed[None], STEEL)
        return {
            "forces": forces,
            "load": load,
            "supports": jnp.stack(support_forces(load)),
            "moments": jnp.stack([s.moment[0] for s in sections]),
            "torques": jnp.stack([s.torque[0] for s in sections]),
            "outer": jnp.stack([s.outer for s in sections]),
            "rating": planet_shaft_rating(gearbox, geometries, spectrum(PEAK), torque),
            "tilt": planet_misalignments(gearbox, geometries, torque[None], speed[None]),
            "ratio": ratio(gearbox),
            "sharing": load_sharing(gearbox),
        }

    return jax.jit(results)


def test_a_stepped_planet_is_in_equilibrium_and_carries_the_axle(program) -> None:
    found = program(I_PACE.gearbox(), jnp.asarray(PEAK))
    load, forces = found["load"], found["forces"]
    total = np.sum(load.lateral, axis=0) + np.sum(found["supports"], axis=0)
    np.testing.assert_allclose(total, 0.0, atol=1e-6)
    # moments about the first row: forces, thrust, second row
    about = np.sum(np.asarray(load.lateral) * np.asarray(load.positions)[:, None] - np.asarray(load.tilting), axis=0)
    np.testing.assert_allclose(np.asarray(found["supports"])[1] * float(load.span), -about, rtol=1e-9)
    # no torque stays on a planet: sun and ring turn it against each other
    arms = np.abs(np.asarray(stacked_geometry(I_PACE.gearbox()).working_diameter))
    assert float(forces.tangential[0] * arms[0, 1]) == pytest.approx(float(forces.tangential[1] * arms[1, 0]), rel=1e-6)
    # what three planets push round at the carrier's radius is the axle's torque
    around = float(jnp.sum(forces.tangential)) * float(I_PACE.gearbox().stage_1.centre_distance)
    assert 3.0 * around == pytest.approx(PEAK, rel=1e-6)


def test_sections_pass_what_they_must_and_hold(program) -> None:
    found = program(I_PACE.gearbox(), jnp.asarray(PEAK))
    assert float(found["torques"][0]) == pytest.approx(PEAK / float(found["ratio"]), rel=1e-6)
    assert float(found["torques"][3]) == pytest.approx(PEAK, rel=1e-6)
    static = np.asarray(found["rating"].static_safety)
    # hub by hand: hollow shaft of 65 mm around 34 mm, torsion alone
    shear = PEAK / (np.pi / 16.0 * (0.065**4 - 0.034**4) / 0.065)
    yield_strength = 850e6 * (1.0 - 0.34 * np.log10(65.0 / 16.0))
    assert static[3] == pytest.approx(yield_strength / (np.sqrt(3.0) * shear), rel=1e-3)
    assert np.all(static > 1.2) and np.all(np.asarray(found["rating"].fatigue_safety) > 1.2)
    weaker = program(
        dataclasses.replace(I_PACE, values=I_PACE.values | {"bearing_set.planet_pin_m": 0.012}).gearbox(), PEAK
    )
    assert float(weaker["rating"].fatigue_safety[1]) < 0.5 * float(found["rating"].fatigue_safety[1])


def test_tilt_goes_with_the_load_and_planets_share_it(program) -> None:
    full, half = (program(I_PACE.gearbox(), jnp.asarray(share * PEAK)) for share in (1.0, 0.5))
    np.testing.assert_allclose(full["tilt"], 2.0 * np.asarray(half["tilt"]), rtol=1e-3)
    assert np.all((np.asarray(full["tilt"]) > 5e-6) & (np.asarray(full["tilt"]) < 80e-6))
    four = program(dataclasses.replace(I_PACE, planets=4).gearbox(), jnp.asarray(PEAK))
    assert float(four["sharing"][0]) == pytest.approx(1.25)
    share = (1.25 / 4.0) / (1.10 / 3.0)
    np.testing.assert_allclose(four["tilt"], share * np.asarray(full["tilt"]), rtol=1e-3)


@pytest.mark.parametrize(("layout", "sections"), [("simple_planetary", 3), ("planetary_layshaft", 4)])
def test_other_sets_have_their_sections(layout: str, sections: int) -> None:
    space = gearbox_space(layout)
    gearbox = gearbox_from_values(layout, jnp.asarray(space.low + 0.45 * (space.high - space.low)))

    def results(torque):
        rating = planet_shaft_rating(gearbox, stacked_geometry(gearbox), spectrum(2500.0), torque)
        return rating.static_safety, rating.fatigue_safety

    slope = jax.jit(jax.jacfwd(lambda t: (results(t), results(t)), has_aux=True))
    (static, fatigue), (value, safe) = slope(jnp.asarray(2500.0))
    assert value.shape == safe.shape == (sections,) and np.all(np.asarray(value) > 1.0)
    assert np.all(np.asarray(static) <= 0.0) and np.all(np.isfinite(fatigue))


def test_the_number_of_planets_is_a_design_variable() -> None:
    space = gearbox_space("planetary")
    values = I_PACE.vector()
    place = space.names.index("gear_stage_1.planets_1")
    assert space.integer[place] and values[place] == 3
    between = gearbox_from_values("planetary", jnp.asarray(np.where(np.arange(len(space)) == place, 3.5, values)))
    assert (
        float(between.planets) == 3.5
        and float(
            gearbox_from_values(
                "parallel_axis",
                jnp.asarray(0.5 * (gearbox_space("parallel_axis").low + gearbox_space("parallel_axis").high)),
            ).planets
        )
        == 1.0
    )
    counts = [float(load_sharing(dataclasses.replace(I_PACE, planets=n).gearbox())[0]) for n in (3, 4, 5)]
    np.testing.assert_allclose(counts, [1.10, 1.25, 1.35])
