"""Production units: losses and rating of whole gearboxes; one compile a layout."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from edu_opt.duty.load_spectrum import LoadSpectrum
from edu_opt.gearbox.assembly import hunting, planets_fit
from edu_opt.gearbox.losses import gearbox_losses
from edu_opt.gearbox.margins import rating_margins
from edu_opt.gearbox.model import gearbox_space, ratio
from edu_opt.gearbox.packaging import gearbox_dimensions, gearbox_masses
from edu_opt.gearbox.rating import rate
from edu_opt.gearbox.reference_units import REFERENCE_GEARBOXES

LIFE_DISTANCE, WHEEL_RADIUS = 300e6, 0.33  # m
# Shares of the life's axle turns at shares of peak torque: a passenger car's spread (assumed), peak in 0.05 %
TORQUE_SHARES = np.array([1.0, 0.72, 0.43, 0.23, 0.08, -0.17, -0.35])
TURN_SHARES = np.array([0.0005, 0.003, 0.02, 0.15, 0.50, 0.10, 0.01])
SPEEDS = np.array([25.0, 30.0, 35.0, 40.0, 60.0, 40.0, 40.0])
PARALLEL = {name: unit for name, unit in REFERENCE_GEARBOXES.items() if unit.layout == "parallel_axis"}
RATIOS = {"vw_app310": 11.530, "tesla_model3_rear": 9.036, "bmw_i3": 9.665, "nissan_leaf": 7.9377}  # published
PEAKS = {name: unit.peak_torque * RATIOS[name] for name, unit in PARALLEL.items()}


def spectrum(peak: float) -> LoadSpectrum:
    turns = LIFE_DISTANCE / (2.0 * np.pi * WHEEL_RADIUS)
    return LoadSpectrum(
        axle_torque=jnp.array(peak * TORQUE_SHARES),
        axle_speed=jnp.array(SPEEDS),
        duration=jnp.array(turns * TURN_SHARES * 2.0 * np.pi / SPEEDS),
    )


@pytest.fixture(scope="module")
def rated():
    """Ratings, margins, masses and sizes of all parallel-axis units as lanes of one program."""
    units = [unit.gearbox() for unit in PARALLEL.values()]
    stacked = jax.tree.map(lambda *leaves: jnp.stack(leaves), *units)
    loads = jax.tree.map(lambda *leaves: jnp.stack(leaves), *[spectrum(p) for p in PEAKS.values()])
    peaks = jnp.array(list(PEAKS.values()))
    top = jnp.array([unit.maximum_speed / RATIOS[name] for name, unit in PARALLEL.items()])

    def everything(gearbox, loads, peak, top_speed):
        rating = rate(gearbox, loads, peak, maximum_output_speed=top_speed)
        sizes = gearbox_dimensions(gearbox)
        return rating, rating_margins(rating), gearbox_masses(gearbox, peak), sizes, ratio(gearbox)

    return jax.jit(jax.vmap(everything))(stacked, loads, peaks, top)


def test_peak_torque_is_finite_life_yet_the_life_is_safe(rated) -> None:
    rating, margins, _, _, ratios = rated
    np.testing.assert_allclose(ratios, list(RATIOS.values()), rtol=1e-4)
    meshes = rating.meshes
    # as published from the tip diameters: sigma_H0 1379/1591 and 1182/1464 MPa
    np.testing.assert_allclose(meshes.nominal_contact_stress[:2] * 1e-6, [[1379, 1591], [1182, 1464]], rtol=0.01)
    endurance = 0.85 * 1500.0 * 1.05  # MPa: MQ steel at 1e10 cycles, film and roughness factors up to 1.05
    # an endurance limit at peak torque would refuse every one of them
    assert np.all(np.asarray(meshes.contact_stress).max(axis=(1, 2)) * 1e-6 > endurance)
    assert np.asarray(meshes.flank_safety).min() > 1.0
    assert np.asarray(meshes.root_safety).min() > 1.2
    assert np.asarray(meshes.static_root_safety).min() > 1.5
    worst = {name: float(np.min(value)) for name, value in margins.items()}
    assert {name: value for name, value in worst.items() if value < 0} == {}


def test_units_lie_in_the_search_range_except_the_leaf() -> None:
    """The Leaf divides its ratio the other way round: 31 teeth on its first wheel, where the range begins at 56."""
    for name, unit in REFERENCE_GEARBOXES.items():
        space = gearbox_space(unit.layout)
        outside = (unit.vector() < space.low - 1e-9) | (unit.vector() > space.high + 1e-9)
        assert {n for n, out in zip(space.names, outside, strict=True) if out} == (
            {"gear_stage_1.teeth_pinion_1", "gear_stage_1.teeth_wheel_1", "gear_stage_1.normal_module_m"}
            if name == "nissan_leaf"
            else set()
        )


def test_production_teeth_pass_the_geometry_checks(rated) -> None:
    geometry = rated[0].geometry
    assert np.asarray(geometry.undercut).min() > 0
    assert np.asarray(geometry.interference).min() > 0
    assert np.asarray(geometry.tip_thickness).min() > 0.3
    assert np.asarray(geometry.contact_ratio).min() > 1.25
    assert np.asarray(geometry.collision_gap).min() > 0


def test_masses_and_sizes_are_those_of_such_units(rated) -> None:
    _, _, masses, sizes, _ = rated
    assert np.all((np.asarray(masses.total) > 17.0) & (np.asarray(masses.total) < 32.0))
    assert np.all((np.asarray(sizes.width) > 0.3) & (np.asarray(sizes.width) < 0.46))
    assert np.all((np.asarray(sizes.centre_distance) > 0.15) & (np.asarray(sizes.centre_distance) < 0.26))


@pytest.fixture(scope="module")
def losses():
    """Losses of the APP310 over a row of torques, with slopes."""
    unit = REFERENCE_GEARBOXES["vw_app310"].gearbox()

    def total(torque, speed):
        return gearbox_losses(unit, torque, speed, 60.0).total

    return jax.jit(jax.vmap(jax.value_and_grad(total)))


def test_losses_are_smooth_through_zero_torque_and_alike_on_both_sides(losses) -> None:
    torque = jnp.array([-600.0, -60.0, -0.2, -0.1, 0.0, 0.1, 0.2, 60.0, 600.0, 600.0])
    value, slope = losses(torque, jnp.append(jnp.full(9, 60.0), 0.0))
    value, slope = np.asarray(value), np.asarray(slope)
    assert np.all(np.isfinite(slope)) and np.all(value[:9] > 0)
    assert value[0] == pytest.approx(value[8], rel=0.03) and value[1] == pytest.approx(value[7], rel=0.03)
    assert abs(slope[4]) < 0.05 * slope[8]
    assert value[3] == pytest.approx(value[5], rel=1e-3)
    assert value[9] == pytest.approx(0.0, abs=1e-6)  # at rest nothing is lost
    efficiency = 600.0 * 60.0 / (600.0 * 60.0 + value[8])
    assert 0.96 < efficiency < 0.99


@pytest.mark.slow
def test_a_unit_as_the_i_pace_fits_its_envelope_and_holds() -> None:
    unit = REFERENCE_GEARBOXES["jaguar_i_pace"]
    gearbox = unit.gearbox()
    peak = unit.peak_torque * 9.06
    margins = jax.jit(lambda g: rating_margins(rate(g, spectrum(peak), peak, maximum_output_speed=150.0)))(gearbox)
    assert float(ratio(gearbox)) == pytest.approx(9.06, rel=2e-3)
    assert {name: round(float(m), 3) for name, m in margins.items() if float(m) < 0} == {}
    assert float(gearbox_dimensions(gearbox).diameter) < 0.234
    teeth = [
        unit.values[f"gear_stage_{k}.teeth_{n}_1"] for k, n in ((1, "sun"), (1, "planet"), (2, "planet"), (2, "ring"))
    ]
    pairs = np.array([teeth[:2], teeth[2:]])
    assert hunting(pairs) and planets_fit(gearbox.structure, pairs, unit.planets)


@pytest.mark.slow
def test_planetary_mesh_loss_is_the_rolling_power_times_its_shares() -> None:
    from edu_opt.gearbox.losses import _loss_shares
    from edu_opt.gearbox.model import stacked_geometry
    from edu_opt.materials.oils import density, kinematic_viscosity

    gearbox = REFERENCE_GEARBOXES["jaguar_i_pace"].gearbox()
    torque, speed = jnp.asarray(2000.0), jnp.asarray(50.0)
    viscosity, rho = kinematic_viscosity(gearbox.oil, 60.0), density(gearbox.oil, 60.0)
    shares = _loss_shares(gearbox, stacked_geometry(gearbox), torque, speed, viscosity, rho)
    train = float(ratio(gearbox))
    rolling = 2000.0 / train * 50.0 * (train - 1.0)  # T_sun (omega_sun - omega_carrier)
    mesh = float(gearbox_losses(gearbox, torque, speed, 60.0).mesh)
    assert mesh == pytest.approx(rolling * float(jnp.sum(shares)), rel=0.02)
