"""Ring modes against closed forms, force waves of known fields, ripple of known torques; fields in the slow tier."""

from fractions import Fraction

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from edu_opt.materials.steels import electrical_steel
from edu_opt.motor.field.air_gap import air_gap_element, radial_flux_density
from edu_opt.motor.geometry import Template, lamination_from_values, lamination_space
from edu_opt.motor.lamination_map import LaminationMapSettings, MapMaterials, ampere_turn_scale, steel_reluctivity
from edu_opt.motor.noise import (
    DAMPING_RATIO,
    POINTS_PER_POLE,
    StatorRing,
    gap_flux_density,
    gap_forces,
    lowest_force_order,
    pressure_waves,
    radial_pressure,
    radiated_power_level,
    ring_frequency,
    slot_pole_orders,
    stator_ring,
    surface_velocity,
    torque_ripple,
)
from edu_opt.numerics.constants import VACUUM_PERMEABILITY
from tests.motor.reference_motors import TEMPLATES, analytic_motor


def thin_ring(thickness=1e-4):
    return StatorRing(
        radius=jnp.asarray(0.1),
        thickness=jnp.asarray(thickness),
        surface_mass=jnp.asarray(7800.0 * thickness),
        mass_ratio=jnp.asarray(1.0),
        bore_radius=jnp.asarray(0.1),
        outer_radius=jnp.asarray(0.1),
        wave_speed=jnp.asarray((200e9 / 7800.0) ** 0.5),
    )


def test_ring_modes_of_a_thin_ring():
    """Breathing sqrt(E/rho)/(2 pi R); inextensional bending sqrt(E I / rho A R^4) m (m^2-1)/sqrt(m^2+1) (Hoppe)."""
    ring, speed = thin_ring(), (200e9 / 7800.0) ** 0.5
    assert float(ring_frequency(ring, 0)) == pytest.approx(speed / (2 * np.pi * 0.1))
    for m in (2, 3, 4, 8):
        exact = speed * 1e-4 / (12**0.5 * 0.1**2) * m * (m * m - 1) / (m * m + 1) ** 0.5 / (2 * np.pi)
        assert float(ring_frequency(ring, m)) == pytest.approx(exact, rel=1e-3)
    assert float(ring_frequency(ring, 1)) == 0.0
    heavy = float(ring_frequency(thin_ring(0.02), 4)) / (200.0 * float(ring_frequency(ring, 4)))
    assert 0.6 < heavy < 1.0  # a thick ring is softer than the thin-ring law


def test_response_of_the_breathing_mode():
    """Far below resonance the static deflection p R^2 / (E h) times omega; at resonance 1 / (2 zeta) of it."""
    ring, pressure = thin_ring(2e-3), jnp.asarray(1e4)
    static = 1e4 * 0.1**2 / (200e9 * 2e-3)
    slow, natural = jnp.asarray(20.0), ring_frequency(ring, 0)
    assert float(surface_velocity(ring, 0, pressure, slow)) == pytest.approx(2 * np.pi * 20.0 * static, rel=1e-3)
    resonant = float(surface_velocity(ring, 0, pressure, natural))
    assert resonant == pytest.approx(2 * np.pi * float(natural) * static / (2 * DAMPING_RATIO), rel=1e-6)


def test_stator_of_a_motor_lies_where_stators_do():
    """Traction stators of 200 to 240 mm: ovalization of the free core 0.5 to 2 kHz, breathing 3 to 8 kHz."""
    for kind in ("eesm", "ipm"):
        motor = analytic_motor(kind)
        ring = stator_ring(motor)
        assert 400.0 < float(ring_frequency(ring, 2)) < 2500.0
        assert 3000.0 < float(ring_frequency(ring, 0)) < 9000.0
        assert float(ring.mass_ratio) > 1.5
        quiet, loud = (float(radiated_power_level(motor, jnp.asarray(v))) for v in (1e-5, 1e-4))
        assert loud - quiet == pytest.approx(20.0)
        slope = jax.grad(surface_velocity, argnums=3)(ring, 8, jnp.asarray(1e3), jnp.asarray(0.0))
        assert np.isfinite(float(slope))


def test_orders_of_slots_and_poles():
    assert slot_pole_orders(48, 8).cogging == 48 and slot_pole_orders(48, 8).radial_force == 8
    assert slot_pole_orders(54, 6).radial_force == 6
    assert slot_pole_orders(12, 10).cogging == 60 and slot_pole_orders(12, 10).radial_force == 2
    for slots, poles in ((48, 8), (54, 6), (36, 8), (45, 6)):
        template = Template(rotor="ipm", slots_per_pole=Fraction(slots, poles), poles_per_sector=2)
        space = lamination_space(template)
        lamination = lamination_from_values(template, jnp.asarray(0.5 * poles), space.to_physical(jnp.asarray(0.5)))
        assert float(lowest_force_order(lamination)) == slot_pole_orders(slots, poles).radial_force


def test_gap_field_of_known_potentials():
    """Rings that carry cos(p theta): the annulus solution; its radial part is that of `air_gap.radial_flux_density`."""
    pairs, bore, ring, columns = 4.0, 0.08, 0.079, 120
    sector = jnp.asarray(np.pi / pairs)
    nodes = sector * np.arange(columns) / columns
    gap = air_gap_element(nodes, nodes, jnp.asarray(bore), jnp.asarray(ring), sector, 2 * np.arange(60) + 1, -1)
    outer, inner = jnp.cos(pairs * nodes), 0.5 * jnp.cos(pairs * nodes)
    angles = sector * np.linspace(0.0, 1.0, 13)
    radial, tangential = gap_flux_density(gap, outer, inner, jnp.asarray(0.0), angles)
    radius = np.sqrt(bore * ring)
    a, b = np.linalg.solve([[bore**pairs, bore**-pairs], [ring**pairs, ring**-pairs]], [1.0, 0.5])
    exact_radial = -pairs / radius * (a * radius**pairs + b * radius**-pairs) * np.sin(pairs * angles)
    exact_tangential = -pairs / radius * (a * radius**pairs - b * radius**-pairs) * np.cos(pairs * angles)
    np.testing.assert_allclose(radial, exact_radial, atol=2e-3 * np.abs(exact_radial).max())
    np.testing.assert_allclose(tangential, exact_tangential, atol=2e-3 * np.abs(exact_tangential).max())
    share = (radius - ring) / (bore - ring)
    cosine, sine = radial_flux_density(gap, outer, inner, jnp.asarray(0.0), share)
    same = cosine @ np.cos(np.outer(gap.orders, angles)) + sine @ np.sin(np.outer(gap.orders, angles))
    np.testing.assert_allclose(radial, same, atol=1e-9)
    assert float(radial_pressure(jnp.asarray(1.0), jnp.asarray(0.0))) == pytest.approx(0.5 / VACUUM_PERMEABILITY)


def test_waves_of_a_known_pressure():
    """3 cos(2 w t - 2p theta) + 0.5 cos(6 w t): sampled over 60 degrees on one pole, both waves come back."""
    count, angles = POINTS_PER_POLE, 6
    position = 2 * np.pi * np.arange(count) / count  # 2 p theta over one pole pitch
    times = np.pi / 3 * np.arange(angles) / angles
    sampled = 1.0 + 3.0 * np.cos(2 * times[:, None] - position) + 0.5 * np.cos(6 * times[:, None] + 0 * position)
    waves = np.array(pressure_waves(jnp.asarray(sampled), count // 3))
    assert waves.shape == (3 * angles, count)
    assert abs(waves[0, 0]) == pytest.approx(1.0)
    assert abs(waves[2, count - 1]) == pytest.approx(3.0) and abs(waves[6, 0]) == pytest.approx(0.5)
    waves[0, 0] = waves[2, count - 1] = waves[6, 0] = 0.0
    assert np.abs(waves).max() < 1e-12


def test_ripple_of_a_known_torque():
    angle = np.pi / 3 * np.arange(8) / 8
    ripple = torque_ripple(jnp.asarray(100.0 + 5.0 * np.cos(6 * angle) + 2.0 * np.sin(12 * angle)))
    assert float(ripple.mean) == pytest.approx(100.0)
    np.testing.assert_allclose(ripple.amplitudes, [5.0, 2.0, 0.0, 0.0], atol=1e-12)
    assert 10.0 < float(ripple.peak_to_peak) < 14.0


@pytest.mark.slow
def test_forces_of_a_solved_field():
    """V rotor, grid XS, 6 angles: no cogging torque on the mean, mean pressure and the poles' wave of order 2p at twice
    the frequency are the largest; energy of all waves is the mean square of the samples (Parseval)."""
    template = TEMPLATES["ipm"]
    settings, space = LaminationMapSettings(template=template), lamination_space(template)
    lamination = lamination_from_values(template, 4.0, space.to_physical(0.5 * jnp.ones(len(space))))
    materials = MapMaterials(
        reluctivity=steel_reluctivity("NO20"),
        steel=electrical_steel("NO20"),
        remanence=jnp.asarray(1.19),
        magnet_permeability=jnp.asarray(1.05),
    )
    forces = jax.jit(lambda x: gap_forces(settings, lamination, materials, x, 6))
    scale = ampere_turn_scale(settings, lamination)
    idle, loaded = forces(0.0 * scale), forces(jnp.array([-0.3, 0.5, 0.0]) * scale)
    ripple, cogging = torque_ripple(loaded.torque), torque_ripple(idle.torque)
    print("torque per metre", float(ripple.mean), "peak to peak", float(ripple.peak_to_peak))
    print("cogging peak to peak", float(cogging.peak_to_peak), "mean", float(cogging.mean))
    size = np.abs(np.asarray(loaded.pressure))
    orders, top = np.asarray(loaded.spatial_orders), np.unravel_index(np.argsort(-size, axis=None)[:6], size.shape)
    print("largest waves (k, r, Pa):", [(k, orders[j], size[k, j]) for k, j in zip(*top, strict=True)])
    assert abs(float(cogging.mean)) < 0.01 * float(ripple.mean)
    assert float(ripple.peak_to_peak) < 0.5 * float(ripple.mean)
    assert (top[0][0], orders[top[1][0]]) == (0, 0.0) and (top[0][1], abs(orders[top[1][1]])) == (2, 8.0)
    assert size[1::2].max() < 1e-9 * size.max()  # pressure knows no odd multiples of the electrical frequency
