"""Rotor strength against plane-stress finite elements and closed forms; critical speed against beams."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from edu_opt.motor.critical_speed import SteppedBeam, critical_speed, first_bending_speed
from edu_opt.motor.hub_strength import hub_radius, mean_hoop_stress, ring_stress
from edu_opt.motor.strength import coil_retention, pole_stresses, rotor_strength
from edu_opt.numerics.constants import RPM
from edu_opt.numerics.pytree import replace
from experiments.validation.rotor_strength import cases, designs
from tests.motor.reference_motors import analytic_motor

# Finite-element stresses [MPa] (parts, bore; layers: bridges, then posts) of the first designs of the script's seed 1,
# as it computed them.
RECORDED_SEED = 1
RECORDED = {
    "ipm": (
        (307.6, 397.8, 108.0),
        (599.6, 948.6, 194.9),
        (274.7, 324.4, 115.8),
        (244.9, 373.7, 122.1),
        (220.1, 227.8, 98.1),
        (221.6, 333.5, 111.7),
    ),
    "eesm": (
        (431.5, 419.8, 167.1),
        (269.6, 194.4, 103.3),
        (288.4, 286.0, 119.0),
        (283.1, 306.1, 116.7),
        (379.3, 352.3, 183.1),
        (339.6, 225.1, 105.7),
    ),
    "layers": (
        (369.7, 676.5, 1057.2, 339.4, 658.8, 999.1, 123.1),
        (266.2, 430.6, 262.3, 443.7, 127.0),
        (466.8, 700.4, 350.6, 675.1, 165.0),
    ),
    "closed_bars": ((232.6, 159.1, 116.2), (181.9, 171.6, 114.6), (233.8, 185.4, 119.3), (200.8, 138.0, 113.2)),
    "open_bars": ((233.6, 164.3, 118.8), (136.7, 176.3, 117.6), (177.7, 189.3, 121.0), (133.1, 139.9, 114.3)),
}


@pytest.mark.parametrize("kind", list(RECORDED))
def test_stress_against_recorded_finite_elements(kind):
    """Worst stress of a pole within 35 %, 15 % rms, bore within 25 % (a small sample of what the script checks)."""
    found = designs(kind, len(RECORDED[kind]), RECORDED_SEED)
    pairs = [(1e-6 * case["model"], np.array(stresses)) for case, stresses in zip(found, RECORDED[kind], strict=True)]
    worst = np.array([model[:-1].max() / reference[:-1].max() for model, reference in pairs]) - 1.0
    assert np.abs(worst).max() < 0.35 and np.sqrt(np.mean(worst**2)) < 0.15
    assert max(abs(model[-1] / reference[-1] - 1.0) for model, reference in pairs) < 0.25


@pytest.mark.slow
def test_finite_elements_against_the_rotating_disc():
    """The reference itself: bore of a disc with a hole, (3 + nu)/4 rho w^2 (b^2 + (1-nu)/(3+nu) a^2); 0.2 %."""
    plane_stress = pytest.importorskip("experiments.validation.rotor_plane_stress", reason="ngsolve not installed")
    inner, outer, half_pitch, speed, density = 0.03, 0.08, np.pi / 8, 1000.0, 7650.0
    sector = plane_stress.ring_sector(inner, outer, half_pitch, density)
    equivalent, mesh, _ = sector.solve(speed)
    found = plane_stress.largest(equivalent, mesh, sector.curves("bore"))
    exact = density * speed**2 / 4.0 * (3.3 * outer**2 + 0.7 * inner**2)
    assert found == pytest.approx(exact, rel=2e-3)


@pytest.mark.slow
@pytest.mark.parametrize("kind", list(RECORDED))
def test_finite_elements_repeat_what_is_recorded(kind):
    pytest.importorskip("experiments.validation.rotor_plane_stress", reason="ngsolve not installed")
    for case, stresses in zip(cases(kind, 3, RECORDED_SEED), RECORDED[kind], strict=False):
        np.testing.assert_allclose(1e-6 * case["reference"], stresses, rtol=0.02)


def test_stresses_grow_with_speed_squared_and_fall_with_thicker_parts():
    for kind in ("eesm", "ipm"):
        motor = analytic_motor(kind)
        slow, fast = (pole_stresses(motor, jnp.asarray(w)) for w in (800.0, 1600.0))
        for part in ("bridge", "post", "shoe", "root"):
            assert float(getattr(fast, part)) == pytest.approx(4.0 * float(getattr(slow, part)), rel=1e-9)
        parts = jnp.stack(jax.tree.leaves(slow))
        assert float(jnp.max(parts)) <= float(slow.worst) <= 1.045 * float(jnp.max(parts))
    motor = analytic_motor("ipm")
    rotor = motor.lamination.rotor
    thicker = replace(
        motor, lamination=replace(motor.lamination, rotor=replace(rotor, post_width=1.2 * rotor.post_width))
    )
    assert float(pole_stresses(thicker, 1e3).post) < float(pole_stresses(motor, 1e3).post)


def test_ring_stress_is_the_rotating_disc_with_outer_pressure():
    """No mass beyond the hub: (3 + nu)/4 rho w^2 (b^2 + ...) of Timoshenko and Goodier at the bore, and the mean of its
    hoop stress over the ring; with outside mass a thin ring has its mean at the bore."""
    motor = analytic_motor("ipm")
    size, hub = motor.dimensions, float(hub_radius(motor))
    inner, speed, density = float(size.shaft_radius), 1500.0, float(motor.steel.density)
    bare = replace(
        motor,
        dimensions=replace(
            size,
            magnet_width=jnp.asarray(0.0),
            rotor_steel_area=jnp.pi * (hub_radius(motor) ** 2 - size.shaft_radius**2),
        ),
    )
    exact = density * speed**2 / 4.0 * (3.3 * hub**2 + 0.7 * inner**2)
    assert float(ring_stress(bare, speed)) == pytest.approx(exact, rel=1e-9)
    radius = np.linspace(inner, hub, 4001)
    hoop = (
        density
        * speed**2
        * 3.3
        / 8.0
        * (hub**2 + inner**2 + (hub * inner / radius) ** 2 - (1.0 + 3.0 * 0.3) / 3.3 * radius**2)
    )
    assert float(mean_hoop_stress(bare, speed)) == pytest.approx(np.trapezoid(hoop, radius) / (hub - inner), rel=1e-6)
    thin = replace(motor, dimensions=replace(size, shaft_radius=hub_radius(motor) * 0.999))
    assert float(ring_stress(thin, speed)) == pytest.approx(float(mean_hoop_stress(thin, speed)), rel=2e-3)


def test_tip_speed_and_allowed_stress():
    motor = analytic_motor("eesm")
    strength = rotor_strength(motor, jnp.asarray(16000 * RPM))
    assert float(strength.tip_speed) == pytest.approx(16000 * RPM * float(motor.dimensions.rotor_radius))
    assert float(strength.allowed_stress) == pytest.approx(float(motor.steel.yield_strength) / 1.2)


def test_coil_retention():
    motor = analytic_motor("eesm")
    slow, fast = (coil_retention(motor, jnp.asarray(w)) for w in (800.0, 1600.0))
    for before, after in zip(jax.tree.leaves(slow), jax.tree.leaves(fast), strict=True):
        assert float(after) == pytest.approx(4.0 * float(before), rel=1e-12) and float(before) > 0.0
    field = replace(motor.field_winding, fill=0.5 * motor.field_winding.fill)
    lighter = coil_retention(replace(motor, field_winding=field), jnp.asarray(1600.0))
    assert float(lighter.shoe_pressure) == pytest.approx(0.5 * float(fast.shoe_pressure))
    assert all(float(x) == 0.0 for x in jax.tree.leaves(coil_retention(analytic_motor("ipm"), jnp.asarray(1600.0))))


def beam(lengths, mass, bending, shear=1e20, support=1e20):
    return SteppedBeam(
        lengths=jnp.asarray(lengths),
        mass=jnp.asarray(mass),
        bending=jnp.asarray([bending, bending]),
        shear=jnp.asarray([shear, shear]),
        support=jnp.asarray(support),
    )


def test_critical_speed_of_simple_beams():
    """Uniform beam pi^2 sqrt(E I / m L^4) (Rayleigh: 0.1 % above), Jeffcott rotor sqrt(48 E I / M L^3), rigid rotor on
    springs sqrt(2 k / M)."""
    span, bending = 0.3, 4e4
    uniform = first_bending_speed(beam([0.05, 0.1], [80.0, 80.0], bending))
    assert float(uniform) == pytest.approx(np.pi**2 * np.sqrt(bending / 80.0) / span**2, rel=2e-3)
    jeffcott = first_bending_speed(beam([0.15 - 1e-6, 1e-6], [1e-9, 5e6], bending))
    assert float(jeffcott) == pytest.approx(np.sqrt(48.0 * bending / (10.0 * span**3)), rel=1e-3)
    rigid = first_bending_speed(beam([0.05, 0.1], [80.0, 80.0], 1e15, support=1e8))
    assert float(rigid) == pytest.approx(np.sqrt(2e8 / 24.0), rel=1e-6)
    sheared = first_bending_speed(beam([0.05, 0.1], [80.0, 80.0], 1e15, shear=1e7))
    assert float(sheared) == pytest.approx(np.pi / span * np.sqrt(1e7 / 80.0), rel=0.01)


def test_critical_speed_of_motors():
    """Traction rotors of 150 mm stack: above 20 000 rpm; longer is slower; finite slope."""
    for kind in ("eesm", "ipm"):
        motor = analytic_motor(kind)
        assert 15_000 < float(critical_speed(motor)) / RPM < 60_000
        slope = jax.grad(lambda length, motor: critical_speed(replace(motor, stack_length=length)))(
            motor.stack_length, motor
        )
        assert -np.inf < float(slope) < 0.0
