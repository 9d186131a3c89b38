"""Motor model: reciprocity, power balance, losses' limits, scalings, masses, strength."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from edu_opt.materials.coolants import Fluid, air_warm
from edu_opt.motor.flux_map import coenergy_unit, flux_linkage_unit
from edu_opt.motor.iron_loss import loss_coefficients
from edu_opt.motor.mechanical_loss import oil_mist, windage_torque
from edu_opt.motor.model import (
    CurrentDensityLimits,
    current_limits,
    demagnetization_margin,
    drag_torque,
    flux_linkage,
    map_range,
    motor_dimensions,
    motor_losses,
    motor_masses,
    motor_space,
    rotor_inertia,
    rotor_strength,
    shaft_torque,
    torque,
    voltage,
)
from edu_opt.motor.results import uniform_temperatures
from edu_opt.motor.winding import resistances
from edu_opt.numerics.constants import RPM
from edu_opt.numerics.pytree import replace
from tests.motor.reference_motors import analytic_motor

KINDS = ("eesm", "ipm")


@pytest.fixture(scope="module", params=KINDS)
def motor(request):
    return analytic_motor(request.param)


@pytest.fixture(scope="module")
def points(motor):
    """Currents (16, 3) inside the range of the map."""
    stator, field = map_range(motor)
    unit = jax.random.uniform(jax.random.key(0), (16, 3), minval=jnp.array([-0.7, -0.7, 0.1]), maxval=0.7)
    return unit * jnp.stack([stator, stator, field])


inductances = jax.jit(jax.vmap(jax.jacfwd(flux_linkage, argnums=1), in_axes=(None, 0)))


def test_inductances_are_reciprocal(motor, points):
    """d psi_d/d i_q = d psi_q/d i_d; d psi_f/d i_d = 1.5 d psi_d/d i_f."""
    inductance = np.asarray(inductances(motor, points))
    size = np.abs(inductance).max((0,))
    np.testing.assert_allclose(inductance[:, 0, 1], inductance[:, 1, 0], atol=1e-10 * size[0, 0])
    np.testing.assert_allclose(inductance[:, 2, 0], 1.5 * inductance[:, 0, 2], atol=1e-10 * max(size[2, 0], 1e-12))
    np.testing.assert_allclose(inductance[:, 2, 1], 1.5 * inductance[:, 1, 2], atol=1e-10 * max(size[2, 0], 1e-12))


def test_flux_is_the_gradient_of_the_coenergy_and_even(motor):
    flux_map, mirror = motor.lamination_map.flux_map, jnp.array([1.0, -1.0, 1.0])
    at = jnp.array([-0.3, 0.4, 0.5]) * flux_map.ampere_turn_scale
    gradient = jax.jit(jax.grad(coenergy_unit, argnums=1))(flux_map, at) * jnp.array([1.0, 1.0, 1.5])
    flux, mirrored, rest = jax.jit(jax.vmap(flux_linkage_unit, (None, 0)))(
        flux_map, jnp.stack([at, at * mirror, jnp.zeros(3)])
    )
    np.testing.assert_allclose(flux, gradient, rtol=1e-9, atol=1e-14)
    np.testing.assert_allclose(mirrored * mirror, gradient, rtol=1e-9, atol=1e-14)
    if motor.kind == "eesm":
        assert float(jnp.abs(rest[:2]).max()) < 2e-3 * float(jnp.abs(flux[:2]).max())  # no current, no flux


@jax.jit
def evaluate(motor, currents, speed, at):
    """Everything that the balance and the limits look at, compiled once a kind."""
    losses = motor_losses(motor, currents, speed, at)
    terminal_voltage = voltage(motor, currents, motor.pole_pairs * speed, jnp.asarray(90.0))
    return (
        losses,
        1.5 * jnp.sum(terminal_voltage * currents[:2]),
        torque(motor, currents) * speed,
        shaft_torque(motor, currents, speed, at) * speed,
        drag_torque(motor, currents, speed, at),
    )


def test_power_balance(motor, points):
    """Stator + field input = shaft power + all losses; voltage and currents give torque power + slot and end copper."""
    at, speed = uniform_temperatures(jnp.asarray(90.0)), jnp.asarray(700.0)
    slots, ends = resistances(motor.winding, motor.dimensions, motor.stack_length, 90.0, 90.0)
    for currents in points[:4]:
        losses, terminal, torque_power, shaft, drag = evaluate(motor, currents, speed, at)
        assert float(terminal) == pytest.approx(float(torque_power + losses.stator_copper_dc), rel=1e-10)
        copper = float(1.5 * jnp.sum(currents[:2] ** 2) * (slots + ends))
        assert float(losses.stator_copper_dc) == pytest.approx(copper, rel=1e-12)
        assert float(drag * speed) == pytest.approx(float(losses.drag), rel=1e-10)
        supplied = torque_power + losses.terminal + losses.excitation
        assert float(supplied) == pytest.approx(float(shaft + losses.total), rel=1e-10)


def test_standstill(motor, points):
    """No drag power, no AC loss, a finite hysteresis torque."""
    losses, _, _, _, drag = evaluate(motor, points[0], jnp.asarray(0.0), uniform_temperatures(jnp.asarray(90.0)))
    assert 0.0 < float(drag) < 5.0
    assert float(losses.drag) == 0.0 and float(losses.stator_copper_ac) == pytest.approx(0.0, abs=1e-6)


def test_losses_are_not_negative_and_twice_differentiable(motor, points):
    at = uniform_temperatures(jnp.asarray(100.0))
    parts = jax.jit(jax.vmap(motor_losses, (None, 0, None, None)))(motor, points, jnp.asarray(900.0), at)
    assert all(float(jnp.min(leaf)) >= 0.0 for leaf in jax.tree.leaves(parts))
    total = lambda z, motor: motor_losses(motor, z[:3], z[3], at).total + drag_torque(motor, z[:3], z[3], at)  # noqa: E731
    hessian = jax.jit(jax.vmap(jax.jacfwd(jax.grad(total)), (0, None)))
    values = np.asarray(hessian(jnp.stack([jnp.append(points[0], 900.0), jnp.zeros(4)]), motor))
    assert np.all(np.isfinite(values))
    scale = np.abs(values).max()
    np.testing.assert_allclose(values, values.transpose(0, 2, 1), rtol=1e-7, atol=1e-10 * scale)


def test_turns_scale_exactly(motor):
    """Twice the conductors: half the current for the same torque, twice the flux linkage (end leakage too)."""
    double = replace(motor, winding=replace(motor.winding, conductors_per_slot=2.0 * motor.winding.conductors_per_slot))
    currents = jnp.array([-60.0, 120.0, 5.0 if motor.kind == "eesm" else 0.0])
    halved = currents * jnp.array([0.5, 0.5, 1.0])
    flux, flux_double = flux_linkage(motor, currents), flux_linkage(double, halved)
    # The end turn's length follows the bar width only, so leakage scales with the square of the turns as well.
    np.testing.assert_allclose(flux_double[:2], 2.0 * flux[:2], rtol=1e-10)
    assert float(torque(double, halved)) == pytest.approx(float(torque(motor, currents)), rel=1e-10)


def test_iron_map_returns_its_samples_and_is_not_negative(motor):
    iron, flux_map = motor.lamination_map.iron_loss_map, motor.lamination_map.flux_map
    grid = jax.random.uniform(jax.random.key(1), (200, 3), minval=-1.0, maxval=1.0) * flux_map.ampere_turn_scale
    evaluate_map = lambda u: loss_coefficients(iron, flux_map, u, flux_linkage_unit(flux_map, u))  # noqa: E731
    values = jax.jit(jax.vmap(evaluate_map))(grid)
    assert float(values.min()) >= 0.0


def test_limits_and_margins(motor):
    stator, field = current_limits(motor, CurrentDensityLimits(stator=jnp.asarray(10e6), field=jnp.asarray(8e6)))
    range_stator, range_field = map_range(motor)
    assert 0.0 < float(stator) < float(range_stator)
    assert (0.0 < float(field) < float(range_field)) if motor.kind == "eesm" else float(field) == 0.0
    cold = float(demagnetization_margin(motor, jnp.asarray(60.0), stator))
    assert cold >= float(demagnetization_margin(motor, jnp.asarray(160.0), stator))


def test_masses_and_dimensions_lie_in_the_corridor(motor):
    """Motor-CAD design data base (376 designs): 8.0 to 9.3 kg per litre of stator cylinder (5 to 95 %)."""
    masses, outer = motor_masses(motor), motor_dimensions(motor)
    litres = np.pi * float(motor.dimensions.outer_radius) ** 2 * float(motor.stack_length) * 1e3
    assert 7.0 < float(masses.total) / litres < 9.6
    assert float(outer.length) > float(motor.stack_length) + 0.05
    assert 0.005 < float(rotor_inertia(motor)) < 0.2
    assert (float(masses.magnets) > 0.3) == (motor.kind == "ipm")
    assert (float(masses.field_copper) > 0.5) == (motor.kind == "eesm")


def test_rotor_stress_grows_with_speed_squared(motor):
    slow, fast = (rotor_strength(motor, jnp.asarray(n * RPM)) for n in (8000.0, 16000.0))
    assert float(fast.ring_stress / slow.ring_stress) == pytest.approx(4.0)
    assert float(fast.retention_stress / slow.retention_stress) == pytest.approx(4.0, rel=1e-6)
    assert float(fast.tip_speed) == pytest.approx(16000 * RPM * float(motor.dimensions.rotor_radius))


def test_windage_of_a_typical_rotor():
    """150 mm rotor, 0.7 mm gap, 150 mm stack at 16 000 rpm: some hundred watts (MEAPA k = 5..15 gives 110 to 340 W)."""
    speed = jnp.asarray(16000 * RPM)
    torque_air = windage_torque(speed, jnp.asarray(0.075), jnp.asarray(0.02), 0.7e-3, 0.15, air_warm())
    assert 80.0 < float(torque_air * speed) < 400.0
    assert np.isfinite(float(jax.grad(lambda w: windage_torque(w, 0.075, 0.02, 0.7e-3, 0.15, air_warm()))(0.0)))


def test_oil_in_the_gap_is_paid_by_the_shaft():
    """Oil mist raises windage, and the drag torque by exactly that loss over speed; nothing else changes."""
    motor, speed = analytic_motor("eesm"), jnp.asarray(1200.0)
    oil = Fluid(density=820.0, specific_heat=2100.0, thermal_conductivity=0.14, viscosity=0.008)
    mist = oil_mist(air_warm(), oil, jnp.asarray(0.01))
    currents, cool = jnp.array([-50.0, 200.0, 5.0]), uniform_temperatures(jnp.asarray(80.0))
    dry, wet = (motor_losses(motor, currents, speed, cool, fluid) for fluid in (None, mist))
    more = float(wet.windage - dry.windage)
    assert more > 0.5 * float(dry.windage)
    assert float(wet.total - dry.total) == pytest.approx(more)
    drag = [float(drag_torque(motor, currents, speed, cool, fluid)) for fluid in (None, mist)]
    assert (drag[1] - drag[0]) * 1200.0 == pytest.approx(more)


@pytest.mark.parametrize("kind", KINDS)
def test_motor_space(kind):
    names = motor_space(kind).names
    assert names[:2] == ("stack.length_m", "stator_winding.conductor_pairs_per_slot_1")
    with pytest.raises(ValueError, match="motor kind"):
        motor_space("srm")
