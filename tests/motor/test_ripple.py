"""Torque samples: extremes of known torques, angles that meet every phase of the slots' ripple, skewed fields."""

from fractions import Fraction
from types import SimpleNamespace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from edu_opt.motor.field import FieldGrid, FieldMaterials, SolverSettings, nested_models
from edu_opt.motor.field.model import slot_currents
from edu_opt.motor.geometry import Template, lamination_from_values, lamination_space
from edu_opt.motor.lamination_map import LaminationMapSettings, ampere_turn_scale, steel_reluctivity
from edu_opt.motor.ripple import (
    LOAD,
    NO_LOAD,
    RIPPLE_ANGLES,
    peak_to_peak,
    points_for,
    ripple_angles,
    sampled_torque,
    slice_excitation,
    torque_ripple_share,
    torque_samples,
)
from edu_opt.motor.skew import slice_angles
from tests.motor.reference_motors import TEMPLATES


def test_extremes_of_known_torques():
    """A sinusoid at any phase: never below the sharp extremes, within 1.5 %; slopes add up to zero, and stay finite
    where nothing ripples."""
    extremes = jax.jit(jax.value_and_grad(peak_to_peak))
    for phase in (0.0, 0.3, 0.5):
        torque = 1000.0 + 30.0 * np.cos(2 * np.pi * (np.arange(13) + phase) / 13)
        value, slope = extremes(jnp.asarray(torque))
        assert 1.0 <= float(value) / np.ptp(torque) < 1.015
        assert float(slope.sum()) == pytest.approx(0.0, abs=1e-12)
        assert float(torque_ripple_share(jnp.asarray(torque))) == pytest.approx(float(value) / 1000.0, rel=1e-4)
    value, slope = extremes(jnp.full(13, 50.0))
    assert 0.0 <= float(value) < 1e-3 and np.all(np.isfinite(slope))
    assert np.isfinite(float(torque_ripple_share(jnp.zeros(13))))


@pytest.mark.parametrize("slots_per_pole", [3, 6, 9, 12, 18, Fraction(9, 2), Fraction(15, 2), Fraction(39, 4)])
def test_angles_meet_the_slots_in_different_phases(slots_per_pole):
    """Cogging of any phase, lcm(slots, poles) periods a turn: its peaks are missed by less than 5 %."""
    whole = Fraction(slots_per_pole)
    poles = 2 * whole.denominator
    periods = np.lcm(int(whole * poles), poles) // (poles // 2) / 6.0  # in 60 electrical degrees
    angles = ripple_angles(Template("ipm", whole, poles_per_sector=whole.denominator))
    position = 2 * np.pi * periods * np.arange(angles) / angles
    for phase in np.linspace(0.0, 2 * np.pi, 9):
        assert np.ptp(np.cos(position + phase)) > 2.0 * 0.95


def test_solves_are_counted_where_they_are_asked_for():
    def count(kind: str, *names: str, **skew: float) -> int:
        return LaminationMapSettings(TEMPLATES[kind], ripple=names, **skew).field_solves  # type: ignore[arg-type]

    assert points_for({"unit_mass", "cogging_torque"}) == ("no_load",) and points_for({"unit_mass"}) == ()
    assert count("ipm", "load", "no_load") == count("ipm") + 2 * RIPPLE_ANGLES
    assert count("ipm", "load", skew=1.0, skew_slices=3) == count("ipm") + 3 * RIPPLE_ANGLES
    assert count("im", "load", "no_load") == count("im") + RIPPLE_ANGLES


def test_a_rotor_that_excites_nothing_does_not_cog():
    grid = FieldGrid(TEMPLATES["im"], "XS")
    samples = torque_samples(("no_load",), grid, (), jnp.ones(3), np.zeros(1), SolverSettings())[0]
    assert samples.load is None and samples.no_load is not None
    assert float(peak_to_peak(samples.no_load)) < 1e-3


def test_slices_carry_the_same_phase_currents():
    """Two slices a slot pitch apart at one place of the rotor: the currents of all slots are equal."""
    model = SimpleNamespace(weights=jnp.eye(3))
    point, angle = jnp.array([-300.0, 500.0, 0.0]), jnp.asarray(0.4)
    currents = [
        slot_currents(model, slice_excitation(TEMPLATES["ipm"], point, jnp.asarray(ahead), angle))  # type: ignore[arg-type]
        for ahead in (0.0, np.pi / 6)
    ]
    np.testing.assert_allclose(currents[0], currents[1], rtol=1e-12)


@pytest.mark.slow
def test_ripple_of_solved_fields():
    """V rotor, grid XS. No mean torque without current. Two slices half a slot pitch apart take most of the slots'
    ripple away; mean torque falls little. Samples change along a random direction of the design space as their
    derivative says."""
    template: Template = TEMPLATES["ipm"]
    grid, space, curve = FieldGrid(template, "XS"), lamination_space(template), steel_reluctivity("NO20")
    materials = FieldMaterials(
        stator_steel=curve,
        rotor_steel=curve,
        remanence=jnp.asarray(1.19),
        magnet_permeability=jnp.asarray(1.05),
    )

    def sampled(unit, slices):
        lamination = lamination_from_values(template, jnp.asarray(4.0), space.to_physical(unit))
        points = jnp.array([LOAD["ipm"], NO_LOAD]) * ampere_turn_scale(LaminationMapSettings(template), lamination)
        models = nested_models(grid, lamination, materials)
        torque, *health = sampled_torque(grid, models, points, slices, SolverSettings(), RIPPLE_ANGLES)
        return torque, health

    centre = jnp.full(len(space), 0.5)
    direction = jnp.asarray(np.random.default_rng(2).normal(size=len(space))) / len(space) ** 0.5
    run = jax.jit(lambda x, slices: jax.jvp(lambda y: sampled(y, slices), (x,), (direction,), has_aux=True))
    straight = lambda x: run(x, np.zeros(2))  # noqa: E731
    torque, slope, _ = straight(centre)
    skewed, _, (residual, converged) = run(centre, slice_angles(template, 1.0, 2))
    (load, none), (load_skewed, none_skewed) = np.asarray(torque), np.asarray(skewed)
    print("load mean", load.mean(), load_skewed.mean(), "peak to peak", np.ptp(load), np.ptp(load_skewed))
    print("cogging", np.ptp(none), np.ptp(none_skewed), "residual", float(residual))
    assert bool(converged) and float(residual) < 1e-4
    assert abs(none.mean()) < 1e-3 * load.mean()
    assert 0.97 < load_skewed.mean() / load.mean() < 1.0
    order = lambda sampled: np.abs(np.fft.rfft(sampled))[2]  # noqa: E731  (the slots': 12 electrical)
    assert order(load_skewed) < 0.3 * order(load)
    step = 1e-4
    difference = (straight(centre + step * direction)[0] - straight(centre - step * direction)[0]) / (2 * step)
    np.testing.assert_allclose(slope, difference, atol=1e-4 * float(jnp.max(jnp.abs(slope))))
