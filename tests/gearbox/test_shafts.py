"""Shafts: beam formulas, DIN 743 by hand, misalignment of a unit's meshes, spline."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from edu_opt.gearbox.bearings import real_bearing
from edu_opt.gearbox.model import gearbox_from_values, gearbox_space, stacked_geometry
from edu_opt.gearbox.rating_bearings import bearing_rating
from edu_opt.gearbox.reference_units import REFERENCE_GEARBOXES
from edu_opt.gearbox.shaft_checks import shaft_margins
from edu_opt.gearbox.shaft_deflection import (
    YOUNG,
    bent_shaft,
    equivalent_moment,
    mesh_misalignment,
    pinion_torsion,
    support_displacement,
)
from edu_opt.gearbox.shaft_forces import (
    ShaftLoad,
    mesh_forces,
    stage_forces,
    support_forces,
    supports,
    under,
    unit_shaft_loads,
)
from edu_opt.gearbox.shaft_strength import (
    SHAFT_STEELS,
    SectionLoad,
    geometric_size_factor,
    section_safety,
    shaft_margin,
    shaft_rating,
    shoulder_notch,
    toothed_notch,
)
from edu_opt.gearbox.spline import flank_pressure, spline_margin, spline_on
from tests.gearbox.test_units import PEAKS, spectrum

PEAK = PEAKS["vw_app310"]


def misaligned(gearbox, torque):
    """f_sh of every mesh at an axle torque."""
    geometries = stacked_geometry(gearbox)
    loads = unit_shaft_loads(gearbox, geometries)
    forces = mesh_forces(stage_forces(gearbox, geometries, torque))
    return mesh_misalignment(gearbox, geometries, loads, forces, under(supports(loads), forces))


@pytest.fixture(scope="module")
def unit():
    """Misalignment, shaft rating and margin of the APP310 over axle torques, with slopes to the torque."""
    gearbox = REFERENCE_GEARBOXES["vw_app310"].gearbox()

    def results(torque):
        geometries = stacked_geometry(gearbox)
        rating = shaft_rating(gearbox, geometries, spectrum(PEAK), torque)
        lines = misaligned(gearbox, torque)
        bearings = bearing_rating(gearbox, geometries, spectrum(PEAK), jnp.asarray(150.0))
        margins = shaft_margins(gearbox, geometries, bearings, spectrum(PEAK), torque)
        return {"misalignment": lines, "margins": margins, "static": rating.static_safety}

    return jax.jit(jax.vmap(lambda t: (results(t), jax.jacfwd(results)(t))))


def single(push: float, tilt: float) -> ShaftLoad:
    return ShaftLoad(
        lateral=jnp.array([[push, 0.0]]),
        axial=jnp.array([tilt]),
        arms=jnp.array([[1.0, 0.0]]),
        positions=jnp.array([0.04]),
        span=jnp.asarray(0.10),
    )


def test_a_shaft_bends_as_the_beam_formulas_say() -> None:
    a, b, length, moment, still = 0.04, 0.06, 0.10, jnp.asarray(1e-7), jnp.zeros(2)
    rigidity = YOUNG * 1e-7
    line = bent_shaft(single(5000.0, 0.0), moment, still, still)
    assert float(line.deflection[0, 0]) == pytest.approx(5000.0 * a**2 * b**2 / (3.0 * rigidity * length))
    assert float(line.slope[0, 0]) == pytest.approx(5000.0 * a * b * (b - a) / (3.0 * rigidity * length))
    line = bent_shaft(single(0.0, 100.0), moment, still, still)
    assert float(line.slope[0, 0]) == pytest.approx(-100.0 * (a**2 - a * b + b**2) / (3.0 * rigidity * length))
    line = bent_shaft(single(0.0, 0.0), moment, still, jnp.array([1e-5, 0.0]))
    assert float(line.slope[0, 0]) == pytest.approx(1e-4) and float(line.deflection[0, 0]) == pytest.approx(4e-6)


def test_supports_balance_forces_and_moments() -> None:
    load = single(5000.0, 100.0)
    near, far = support_forces(load)
    assert float(near[0] + far[0]) == pytest.approx(-5000.0)
    assert float(far[0] * 0.10 + 5000.0 * 0.04) == pytest.approx(100.0)


def test_bearings_give_way_by_palmgren_against_the_reaction() -> None:
    moved = support_displacement(real_bearing("6207"), jnp.array([0.0, -5000.0]))
    count, ball = 3.1 * 107.0 / 37.0, 0.3 * 37.0
    assert float(moved[1]) == pytest.approx(4.4e-7 * ((5.0 * 5000.0 / count) ** 2 / ball) ** (1.0 / 3.0), rel=1e-5)
    pieces = (jnp.asarray(0.03), jnp.asarray(0.02)), (jnp.asarray(2e-7), jnp.asarray(1e-7))
    assert float(equivalent_moment(*pieces)) == pytest.approx(0.05 / (0.03 / 2e-7 + 0.02 / 1e-7))


def test_din_743_section_by_hand() -> None:
    steel = SHAFT_STEELS["18crnimo7_6"]
    d, larger, r = 0.040, 0.050, 0.002
    notch = shoulder_notch(jnp.asarray(d), jnp.asarray(larger), jnp.asarray(r), jnp.asarray(700e6))
    t = 5.0
    alpha = 1.0 + (0.62 * 2 / t + 11.6 * 2 / 40 * (1 + 4 / 40) ** 2 + 0.2 * (2 / t) ** 3 * 0.8) ** -0.5
    support = 1.0 + np.sqrt(2.3 * (1.0 + 1.0 / (4.0 * np.sqrt(2.5) + 2.0)) / 2.0) * 10.0 ** -(0.33 + 700.0 / 712.0)
    assert float(notch.bending) == pytest.approx(alpha / support)
    tensile = 1200.0 * (1.0 - 0.26 * np.log10(40.0 / 16.0))
    surface = 1.0 - 0.22 * np.log10(6.3) * (np.log10(tensile / 20.0) - 1.0)
    size = 1.0 - 0.2 * np.log10(40.0 / 7.5) / np.log10(20.0)
    assert float(geometric_size_factor(jnp.asarray(d))) == pytest.approx(size)
    factor = (alpha / support / size + 1.0 / surface - 1.0) / 1.2
    zero = jnp.zeros(())
    load = SectionLoad(
        bending_amplitude=jnp.asarray(100e6),
        torsion_amplitude=zero,
        torsion_mean=zero,
        bending_largest=jnp.asarray(100e6),
        torsion_largest=jnp.asarray(100e6),
    )
    fatigue, static = section_safety(load, notch, jnp.asarray(d), steel)
    assert float(fatigue) == pytest.approx(600.0 * (1.0 - 0.26 * np.log10(2.5)) / factor / 100.0, rel=1e-3)
    assert float(static) == pytest.approx(850.0 * (1.0 - 0.34 * np.log10(2.5)) / 200.0, rel=1e-3)
    star = np.exp(4.2e-7 * 1000.0**2)
    assert float(toothed_notch(jnp.asarray(1000e6)).torsion) == pytest.approx(1.0 + 0.75 * (star - 1.0))


def test_a_production_unit_holds_and_its_misalignment_is_micrometres(unit) -> None:
    torque = jnp.array([PEAK, 0.3 * PEAK, 0.0, -0.3 * PEAK, 1.001 * PEAK])
    values, slopes = unit(torque)
    misalignment = np.asarray(values["misalignment"]) * 1e6
    assert np.all((misalignment[0] > 3.0) & (misalignment[0] < 40.0)) and np.all(misalignment[2] < 0.02)
    margins = {name: float(margin[0]) for name, margin in values["margins"].items()}
    assert set(margins) == {"bearing_static", "shaft_strength", "input_spline"}
    assert margins["shaft_strength"] > 0.0 and margins["input_spline"] > 0.0 and margins["bearing_static"] > -0.2
    assert np.all(np.diff(np.asarray(values["static"])[:3], axis=0) > 0.0)
    assert all(np.all(np.isfinite(leaf)) for leaf in jax.tree.leaves(slopes))
    step = (values["misalignment"][4] - values["misalignment"][0]) / (0.001 * PEAK)
    np.testing.assert_allclose(slopes["misalignment"][0], step, rtol=2e-3)


@pytest.mark.slow
def test_shafts_are_finite_and_differentiable_over_the_whole_box() -> None:
    space = gearbox_space("parallel_axis")
    units = np.random.default_rng(4).random((24, space.low.size))
    units[:8] = np.round(units[:8])  # corners

    def results(unit):
        gearbox = gearbox_from_values("parallel_axis", space.low + unit * (space.high - space.low))
        geometries = stacked_geometry(gearbox)
        rating = shaft_rating(gearbox, geometries, spectrum(3200.0), jnp.asarray(3200.0))
        lines = misaligned(gearbox, jnp.asarray(1500.0))
        return jnp.append(1e5 * lines, shaft_margin(rating))

    program = jax.jit(jax.vmap(lambda u: (results(u), jax.jacrev(results)(u))))
    values, slopes = program(units)
    assert np.all(np.isfinite(values)) and np.all(np.isfinite(slopes))
    direction = np.random.default_rng(5).standard_normal(units.shape)
    step = 1e-6
    ahead, behind = program(units + step * direction)[0], program(units - step * direction)[0]
    along = np.einsum("nok,nk->no", slopes, direction)
    np.testing.assert_allclose(along, (ahead - behind) / (2.0 * step), rtol=1e-4, atol=1e-5 * np.abs(along).max())


def test_planets_have_no_beam() -> None:
    gearbox = REFERENCE_GEARBOXES["jaguar_i_pace"].gearbox()
    with pytest.raises(ValueError, match="without planets"):
        misaligned(gearbox, jnp.asarray(1000.0))


def test_pinion_torsion_and_spline_pressure() -> None:
    gearbox = REFERENCE_GEARBOXES["vw_app310"].gearbox()
    geometries = stacked_geometry(gearbox)
    wound = pinion_torsion(geometries, jnp.array([310.0, 916.0]))
    root = float(geometries.root_diameter[0, 0])
    lever = 0.5 * float(geometries.base_diameter[0, 0])
    expected = 310.0 * float(geometries.common_face_width[0]) * lever / (2.0 * 79.3e9 * np.pi / 32.0 * root**4)
    assert float(wound[0]) == pytest.approx(expected, rel=1e-6)
    spline = spline_on(jnp.asarray(0.035))
    assert float(spline.teeth) == pytest.approx(26.0)  # DIN 5480 - 35 x 1.25 x 26
    pressure = 2.0 * 1.25 * 310.0 / (0.0325 * 0.75 * 26.0 * 0.9 * 1.25e-3 * 0.035)
    assert float(flank_pressure(spline, jnp.asarray(310.0))) == pytest.approx(pressure, rel=1e-6)
    assert float(spline_margin(spline, jnp.asarray(310.0))) == pytest.approx(150e6 / pressure - 1.0, rel=1e-6)
