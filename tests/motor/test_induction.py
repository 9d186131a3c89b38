"""Induction motor after its fields: cage resistance, slip, equivalent circuit, power balance; program 1 (slow)."""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from edu_opt.materials.conductors import conductor, resistivity
from edu_opt.materials.magnets import magnet
from edu_opt.materials.steels import electrical_steel
from edu_opt.motor.bar_current import bar_current_ratio
from edu_opt.motor.cage import CageRotor, bar_area
from edu_opt.motor.cage_loss import Cage, bar_resistance_ratio, cage_loss, cage_resistance, slip_speed
from edu_opt.motor.flux_map import flux_linkage_unit
from edu_opt.motor.flux_map_forms import FORMS
from edu_opt.motor.geometry import Template, lamination_from_values, lamination_space
from edu_opt.motor.induction import EndRing, cage_of_lamination, cage_state, end_ring, stator_speed
from edu_opt.motor.iron_loss import CHANNELS, TERMS
from edu_opt.motor.lamination_map import (
    LaminationFields,
    LaminationMapSettings,
    MapMaterials,
    ampere_turn_scale,
    fitted_map,
    lamination_fields,
    steel_reluctivity,
)
from edu_opt.motor.model import motor_from_values, motor_losses, motor_masses, rotor_strength, torque, voltage
from edu_opt.motor.results import uniform_temperatures
from edu_opt.motor.winding import resistances, winding_factor
from edu_opt.numerics.pytree import replace

TEMPLATE = Template(rotor="im", slots_per_pole=9, bars_per_sector=11)
SETTINGS = LaminationMapSettings(template=TEMPLATE)
SPACE = lamination_space(TEMPLATE)
POLE_PAIRS, LENGTH, RATIO, LEAKAGE, INDUCTANCE = 3.0, 0.12, 0.75, 0.08, 4e-5  # -, m, -, -, H/m a conductor


def lamination():
    return lamination_from_values(TEMPLATE, POLE_PAIRS, jnp.asarray(0.5 * (SPACE.low + SPACE.high)))


def copper_cage(bar_height: float = 0.015) -> Cage:
    values = dict(bars=66.0, pole_pairs=POLE_PAIRS, bar_area=4e-5, bar_height=bar_height, bar_length=0.13)
    values |= dict(ring_area=2e-4, ring_radius=0.055)
    return Cage(metal=conductor("copper"), **{key: jnp.asarray(value) for key, value in values.items()})


@pytest.fixture(scope="module")
def linear_machine():
    """Motor whose map is that of linear iron: psi_d = L i_d, psi_q = leakage share of L i_q, constant bar ratio."""
    shape = lamination()
    points = jnp.asarray(FORMS[SETTINGS.form_name].points) * ampere_turn_scale(SETTINGS, shape)
    flux = INDUCTANCE * points * jnp.array([1.0, LEAKAGE, 0.0])
    one = jnp.ones(())
    fields = LaminationFields(
        flux=flux,
        losses=jnp.ones((len(points), CHANNELS)).at[:, len(TERMS) - 1 : -1 : len(TERMS)].set(1e-9),  # no skin effect
        magnet_flux_density=jnp.zeros(2),
        residual=0.0 * one,
        converged=one,
        corner_jacobian=one,
        bar_current_ratio=jnp.full(len(points), RATIO),
    )
    return motor_from_values(
        "im",
        jnp.array([LENGTH, 2.0, 1.0]),
        lamination=shape,
        lamination_map=fitted_map(SETTINGS, shape, fields),
        steel=electrical_steel("M235-35A"),
        magnet=magnet("N42UH"),
        parallel_paths=2.0,
    )


@jax.jit
def evaluate(motor, cage, currents, celsius, speed):
    """State of the cage, its change with i_sq, torque, voltage: one program for all tests of the linear machine."""
    motor = replace(motor, cage=cage)

    def state_at(i_q):
        return cage_state(motor, currents.at[1].set(i_q), celsius)

    state, slope = jax.jvp(state_at, (currents[1],), (jnp.ones(()),))
    return state, slope, torque(motor, currents), voltage(motor, currents, stator_speed(motor, state, speed), celsius)


def at(linear_machine, cage: Cage, *currents: float, speed: float = 700.0):
    return evaluate(linear_machine, cage, jnp.array([*currents, 0.0]), jnp.asarray(90.0), jnp.asarray(speed))


def test_section_of_a_round_bar_and_of_a_trapezoid() -> None:
    base = dict(outer_radius=0.07, shaft_radius=0.02, bridge=1e-3, opening_width=0.0)
    round_bar = dict(bar_width_top=6e-3, bar_width_bottom=6e-3, bar_depth=6e-3)
    corners = dict(corner_radius_top=3e-3, corner_radius_bottom=3e-3)
    assert float(bar_area(CageRotor(**base, **round_bar, **corners))) == pytest.approx(math.pi * 9e-6)
    sharp = dict(bar_width_top=4e-3, bar_width_bottom=2e-3, bar_depth=0.01, corner_radius_top=0.0)
    assert float(bar_area(CageRotor(**base, **sharp, corner_radius_bottom=0.0))) == pytest.approx(3e-5)


def test_ring_share_is_the_loss_of_the_ring_currents() -> None:
    """Segment currents are sums of the bars' currents: their loss in both rings, added bar by bar."""
    cage, celsius = copper_cage(), jnp.asarray(80.0)
    bars, amplitude = 66, 500.0
    angle = 2.0 * np.pi * POLE_PAIRS / bars * np.arange(bars)
    segments = np.cumsum(amplitude * np.cos(angle))
    segments -= segments.mean()
    rho = float(resistivity(cage.metal, celsius))
    segment = rho * 2.0 * np.pi * 0.055 / bars / 2e-4
    bar = rho * 0.13 / 4e-5
    direct = 2.0 * segment * np.sum(segments**2) + bar * np.sum((amplitude * np.cos(angle)) ** 2)
    assert float(cage_loss(cage, jnp.asarray(amplitude), jnp.zeros(()), celsius)) == pytest.approx(direct, rel=1e-9)


# Motor-CAD induction machines of the TUMFTM set (copper cages; mm): slots, poles, throw, turns a conductor, bars, rotor
# radius, cover over the bar, bar depth, rotor tooth, bar corner, ring thickness, Rotor_Lam_Length, R2 [ohm] referred.
MOTOR_CAD = (
    (54, 6, 9, 2, 66, 67.84, 1.0, 13.1, 2.75, 0.5, 5.6, 103.38, 5.036231e-3),
    (72, 6, 11, 1, 84, 81.72, 1.0, 14.1, 2.71, 0.4, 6.9, 124.54, 2.065947e-3),
    (72, 10, 7, 1, 84, 64.22, 1.0, 14.805, 2.8455, 0.4, 6.9, 120.0, 3.111031e-3),
    (72, 4, 17, 1, 84, 74.22, 1.0, 14.805, 2.8455, 0.4, 6.9, 130.767, 3.033587e-3),
    (72, 6, 11, 1, 84, 85.845, 1.0, 14.805, 2.8455, 0.4, 6.9, 130.767, 2.006417e-3),
    (72, 10, 7, 1, 84, 74.22, 1.0, 14.805, 2.8455, 0.4, 6.9, 130.767, 2.301361e-3),
)
RING_BELOW_BAR, ROTOR_CELSIUS = (
    10.0,
    142.0,
)  # mm; one temperature for all, not stated in the files: the only free number


@pytest.mark.parametrize("row", MOTOR_CAD, ids=lambda row: f"{row[0]}s{row[1]}p{row[4]}b_{row[5]:g}")
def test_cage_resistance_against_motor_cad(row) -> None:
    slots, poles, throw, turns, bars, radius, cover, depth, tooth, corner, thickness, stack, reference = row
    width = [2.0 * math.tan(math.pi / bars) * (radius - cover - below) - tooth for below in (0.0, depth)]
    lengths = dict(outer_radius=radius, shaft_radius=20.0, bridge=cover, opening_width=0.0, bar_depth=depth)
    lengths |= dict(bar_width_top=width[0], bar_width_bottom=width[1])
    lengths |= dict(corner_radius_top=corner, corner_radius_bottom=corner)
    rotor = CageRotor(**{key: jnp.asarray(1e-3 * value) for key, value in lengths.items()})
    height = 1e-3 * (depth + RING_BELOW_BAR)
    cage = Cage(
        bars=jnp.asarray(float(bars)),
        pole_pairs=jnp.asarray(0.5 * poles),
        bar_area=bar_area(rotor),
        bar_height=rotor.bar_depth,
        bar_length=jnp.asarray(1e-3 * stack),
        ring_area=jnp.asarray(1e-3 * thickness * height),
        ring_radius=jnp.asarray(1e-3 * (radius - cover) - 0.5 * height),
        metal=conductor("copper"),
    )
    referred = 12.0 / bars * (winding_factor(slots, poles, throw) * slots * turns / 6.0) ** 2
    found = referred * float(cage_resistance(cage, jnp.zeros(()), jnp.asarray(ROTOR_CELSIUS)))
    assert found == pytest.approx(reference, rel=0.04)


def test_skin_effect_follows_the_closed_form_and_its_limits() -> None:
    rho, height = 2.2e-8, 0.02
    for slip in (5.0, 60.0, 900.0):
        xi = height * math.sqrt(slip * 4e-7 * math.pi / (2.0 * rho))
        closed = xi * (math.sinh(2 * xi) + math.sin(2 * xi)) / (math.cosh(2 * xi) - math.cos(2 * xi))
        for sign in (1.0, -1.0):
            found = bar_resistance_ratio(jnp.asarray(height), jnp.asarray(rho), jnp.asarray(sign * slip))
            assert float(found) == pytest.approx(closed, rel=1e-6)
    assert float(bar_resistance_ratio(jnp.asarray(height), jnp.asarray(rho), jnp.zeros(()))) == pytest.approx(1.0)


def test_slip_solves_its_equation_from_no_load_to_deep_skin_effect() -> None:
    cage, celsius = copper_cage(0.03), jnp.asarray(120.0)
    currents, fluxes = (v.ravel() for v in jnp.meshgrid(jnp.linspace(-3000.0, 3000.0, 7), jnp.array([0.02, 0.2])))

    @jax.jit
    @jax.vmap
    def both(current, flux):
        slip = slip_speed(cage, current, flux, celsius)
        slopes = jax.jacfwd(lambda i, psi: slip_speed(cage, i, psi, celsius), (0, 1))(current, 0.0 * flux)
        return slip, 33.0 * cage_resistance(cage, slip, celsius) * current / flux, slopes

    slip, right, slopes = both(currents, fluxes)
    np.testing.assert_allclose(slip, right, rtol=1e-9, atol=1e-9)
    np.testing.assert_array_equal(np.asarray(slip)[np.asarray(currents) == 0.0], 0.0)
    by_flux = np.asarray(slip).reshape(2, 7)
    np.testing.assert_allclose(by_flux, -by_flux[:, ::-1], rtol=1e-12, atol=1e-12)
    assert all(np.all(np.isfinite(np.asarray(slope))) for slope in slopes)  # at no flux at all


@pytest.mark.parametrize(("i_d", "i_q"), [(120.0, 80.0), (90.0, 300.0), (150.0, -200.0)])
def test_linear_machine_is_its_equivalent_circuit(linear_machine, i_d: float, i_q: float) -> None:
    """Stator current and slip into the T circuit's rotor loop: torque and loss as from rotor-flux orientation."""
    cage = copper_cage(1e-4)
    state, _, shaft, _ = at(linear_machine, cage, i_d, i_q)
    conductors = 2.0 * 2.0 / 2.0  # a slot's over parallel paths
    own = INDUCTANCE * LENGTH * conductors**2
    rotor_own = 1.3 * own  # any: it only fixes the scale of the rotor's current
    mutual = math.sqrt((1.0 - LEAKAGE) * own * rotor_own)
    turns = RATIO * conductors * rotor_own / mutual
    resistance = 33.0 * float(cage_resistance(cage, jnp.zeros(()), jnp.asarray(90.0))) * turns**2 / 1.5
    slip = float(state.slip_speed)
    rotor = -1j * slip * mutual * math.hypot(i_d, i_q) / (resistance + 1j * slip * rotor_own)
    assert abs(rotor) * turns == pytest.approx(abs(float(state.bar_current)), rel=1e-3)
    assert 1.5 * POLE_PAIRS * abs(rotor) ** 2 * resistance / slip == pytest.approx(float(shaft), rel=1e-3)
    assert 1.5 * abs(rotor) ** 2 * resistance == pytest.approx(float(state.loss), rel=1e-3)


def test_power_balance_and_slip_power(linear_machine) -> None:
    motor, cage, celsius, speed = linear_machine, copper_cage(), jnp.asarray(90.0), 700.0
    phase = 1.5 * float(sum(resistances(motor.winding, motor.dimensions, LENGTH, celsius, celsius)))
    for i_d, i_q in ((100.0, 200.0), (60.0, -250.0), (80.0, 0.0)):
        state, _, shaft, volts = at(linear_machine, cage, i_d, i_q, speed=speed)
        power = 1.5 * float(volts[0] * i_d + volts[1] * i_q)
        copper = phase * (i_d**2 + i_q**2)
        assert power == pytest.approx(copper + float(shaft) * speed + float(state.loss), rel=1e-9)
        own = float(cage_loss(cage, state.bar_current, state.slip_speed, celsius))
        assert float(state.loss) == pytest.approx(own, rel=1e-4, abs=1e-9)
        assert float(state.loss) >= 0.0


def test_no_torque_no_slip_and_finite_slopes_there(linear_machine) -> None:
    state, slope, shaft, _ = at(linear_machine, copper_cage(), 80.0, 0.0)
    assert float(state.slip_speed) == float(state.loss) == float(state.bar_current) == 0.0
    assert abs(float(shaft)) < 1e-12
    assert float(state.rotor_flux) > 0.0
    assert all(np.isfinite(float(leaf)) for leaf in jax.tree.leaves(slope))
    assert float(slope.slip_speed) > 0.0 and abs(float(slope.loss)) < 1e-12


def test_scaling_in_length_and_turns(linear_machine) -> None:
    """Twice the stack at the same currents: loss doubles, slip stays (rings aside). Twice the conductors with half the
    current: the rotor does not notice."""
    motor = linear_machine
    cage = replace(copper_cage(), ring_area=jnp.asarray(1e3))
    base = at(linear_machine, cage, 90.0, 200.0)[0]
    longer = replace(motor, stack_length=2.0 * motor.stack_length)
    double = at(longer, replace(cage, bar_length=2.0 * cage.bar_length), 90.0, 200.0)[0]
    # Rounding of the rotor flux near no load (`UNLOADED_SHARE`) lets the end winding's leakage in by some 1e-5.
    assert float(double.slip_speed) == pytest.approx(float(base.slip_speed), rel=1e-4)
    assert float(double.loss) == pytest.approx(2.0 * float(base.loss), rel=1e-4)
    winding = replace(motor.winding, conductors_per_slot=2.0 * motor.winding.conductors_per_slot)
    wound = at(replace(motor, winding=winding), cage, 45.0, 100.0)[0]
    for name in ("bar_current", "rotor_flux", "slip_speed", "loss"):
        assert float(getattr(wound, name)) == pytest.approx(float(getattr(base, name)), rel=1e-9)


def test_cage_of_a_lamination_has_its_bars() -> None:
    ring = EndRing(width=jnp.asarray(0.01), height=jnp.asarray(0.015), overhang=jnp.asarray(0.006))
    cage = cage_of_lamination(lamination(), jnp.asarray(LENGTH), ring, conductor("aluminium"))
    assert float(cage.bars) == 66.0
    assert float(cage.bar_length) == pytest.approx(LENGTH + 0.012)
    assert 0.0 < float(cage.bar_area) < 1e-4


def test_a_whole_induction_motor_has_mass_strength_and_balanced_losses(linear_machine) -> None:
    """Bars and rings weigh what their section says; the ring's rule gives its current density; losses name the cage."""
    motor, cage = linear_machine, linear_machine.cage
    ring = end_ring(motor.lamination, jnp.asarray(1.0))
    segment = 1.0 / (2.0 * math.sin(math.pi * POLE_PAIRS / 66.0))  # over the bar current
    assert float(ring.width * ring.height) == pytest.approx(segment * float(cage.bar_area))
    masses = motor_masses(motor)
    bars = 66.0 * float(cage.bar_area * cage.bar_length)
    rings = 4.0 * math.pi * float(cage.ring_radius * cage.ring_area)
    assert float(masses.cage) == pytest.approx(8933.0 * (bars + rings))
    assert float(masses.active) == pytest.approx(
        float(masses.stator_steel + masses.stator_copper + masses.rotor_steel + masses.cage)
    )
    currents, warm = jnp.array([100.0, 200.0, 0.0]), uniform_temperatures(90.0)
    losses = motor_losses(motor, currents, jnp.asarray(700.0), warm)
    state = cage_state(motor, currents, jnp.asarray(90.0))
    assert float(losses.cage) == pytest.approx(float(state.loss))
    assert float(losses.cage) > 0.0
    assert float(losses.total) == pytest.approx(float(losses.stator_copper + losses.cage + losses.drag))
    slow, fast = (rotor_strength(motor, jnp.asarray(speed)) for speed in (800.0, 1600.0))
    assert float(fast.retention_stress) == pytest.approx(4.0 * float(slow.retention_stress), rel=1e-6)
    ring_hoop = 8933.0 * (1.2 * 800.0 * float(cage.ring_radius)) ** 2
    assert float(slow.retention_stress) > ring_hoop * float(motor.steel.yield_strength) / 250e6


@pytest.mark.slow
def test_program_1_of_a_lamination_returns_its_samples() -> None:
    """Fluxes of the map at its own samples, the smoothed bar current's ratio, losses of every channel."""
    materials = MapMaterials(
        reluctivity=steel_reluctivity("M235-35A"),
        steel=electrical_steel("M235-35A"),
        remanence=jnp.zeros(()),
        magnet_permeability=jnp.ones(()),
    )

    def sampled(values):
        shape = lamination_from_values(TEMPLATE, POLE_PAIRS, values)
        return lamination_fields(SETTINGS, shape, materials)[0]

    values = jnp.asarray(0.5 * (SPACE.low + SPACE.high))
    found = jax.jit(sampled)(values)
    assert float(found.converged) == 1.0
    fitted = fitted_map(SETTINGS, lamination(), found)
    points = jnp.asarray(FORMS["im_9"].points) * ampere_turn_scale(SETTINGS, lamination())
    flux = jax.vmap(lambda x: flux_linkage_unit(fitted.flux_map, x))(points)
    np.testing.assert_allclose(flux[:, :2], found.flux[:, :2], atol=1e-3 * float(found.flux.max()))
    ratio = jax.vmap(lambda x: bar_current_ratio(fitted.bar_current, fitted.flux_map, x))(points)
    np.testing.assert_allclose(ratio, found.bar_current_ratio, rtol=0.01)  # smoothed (`RATIO_NOISE`)
    assert np.all(np.asarray(found.losses) >= 0.0)
