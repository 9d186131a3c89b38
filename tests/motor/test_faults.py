"""Faults: linear machine against closed forms, saturated machine against time integration, balances and limits."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from edu_opt.motor.faults import (
    back_emf,
    blocked_field_current,
    field_decay,
    flux_at_temperature,
    largest_braking,
    magnet_equivalent_current,
    steady_short_circuit,
    transient_short_circuit,
    uncontrolled_generation_speed,
)
from edu_opt.motor.flux_map import fit_flux_map
from edu_opt.motor.flux_map_forms import FORMS
from edu_opt.motor.model import MAP_MAGNET_CELSIUS, flux_linkage, map_range
from edu_opt.motor.winding import end_winding_inductance, resistances
from edu_opt.numerics.pytree import replace
from edu_opt.numerics.small_root import small_root, small_solve
from tests import test_contract
from tests.contract_cases.motor_faults import SLOW_CASES
from tests.motor.reference_motors import analytic_motor

SPEEDS = jnp.array([0.0, 1.0, 10.0, 60.0, 150.0, 400.0, 900.0, 1700.0])
WARM, MAP = jnp.asarray(90.0), jnp.asarray(MAP_MAGNET_CELSIUS)


@functools.cache
def linear_motor(kind):
    """Motor whose map was fitted to linear fluxes (per unit; the kernels reproduce them to about 0.5 %): ipm psi_d =
    0.6 + 0.3 d, psi_q = 0.9 q; eesm psi_d = 1.4 d + f, psi_q = 0.7 q, psi_f = 1.5 (d + 1.5 f)."""
    motor = analytic_motor(kind)
    form, scale = motor.lamination_map.form, motor.lamination_map.flux_map.ampere_turn_scale
    d, q, f = jnp.asarray(FORMS[form].points).T
    wound = jnp.stack([1.4 * d + f, 0.7 * q, 1.5 * (d + 1.5 * f)], 1) * scale[0] / scale
    magnets = jnp.stack([0.6 + 0.3 * d, 0.9 * q, 0.0 * d], 1)
    slots_per_pole = motor.lamination.template.slots_per_pole
    flux_map = fit_flux_map(form, scale, slots_per_pole, 0.05 * (wound if kind == "eesm" else magnets))
    return replace(motor, lamination_map=replace(motor.lamination_map, flux_map=flux_map))


@jax.jit
def evaluate(motor, before, field_current):
    """What the default tier looks at, compiled once a kind."""
    short = jax.vmap(lambda w: steady_short_circuit(motor, w, field_current, WARM, MAP))(SPEEDS)
    rest = jnp.array([0.0, 0.0, 1.0]) * field_current
    return {
        "short": short,
        "transient": transient_short_circuit(motor, before, MAP),
        "psi": flux_at_temperature(motor, rest, MAP)[0],
        "inductance": jax.jacfwd(flux_at_temperature, argnums=1)(motor, rest, MAP),
        "psi_before": flux_at_temperature(motor, before, MAP),
        "psi_map": flux_linkage(motor, before),
    }


def before_fault(motor):
    stator, field = (float(x) for x in map_range(motor))
    return jnp.array([-0.25 * stator, 0.45 * stator, 0.5 * field])


@jax.jit
def braking(motor, field_current):
    return largest_braking(motor, field_current, WARM, MAP)


@functools.cache
def found(name):
    motor = linear_motor("ipm") if name == "linear" else analytic_motor(name)
    before = before_fault(motor)
    return motor, jax.tree.map(np.asarray, evaluate(motor, before, before[2]))


def resistance_of(motor):
    return float(sum(resistances(motor.winding, motor.dimensions, motor.stack_length, WARM, WARM)))


def linear_parameters(motor):
    """psi [Wb], L_d, L_q [H] of `linear_motor("ipm")`."""
    share = motor.stack_length * motor.winding.conductors_per_slot / motor.winding.parallel_paths
    leakage, reach = end_winding_inductance(motor.winding, motor.dimensions), map_range(motor)[0]
    return float(0.03 * share), float(0.015 * share / reach + leakage), float(0.045 * share / reach + leakage)


def linear_torque(motor):
    """Braking torque [N m] over electrical speed [rad/s] in closed form, and R / sqrt(L_d L_q) [rad/s]."""
    (psi, l_d, l_q), resistance = linear_parameters(motor), resistance_of(motor)

    def torque(w):
        divisor = resistance**2 + w**2 * l_d * l_q
        return 1.5 * float(motor.pole_pairs) * psi**2 * w * resistance * (resistance**2 + (w * l_q) ** 2) / divisor**2

    return torque, resistance / np.sqrt(l_d * l_q)


def test_small_roots_and_their_derivatives():
    matrix = jnp.array([[0.0, 2.0, 1.0], [-2.0, 0.0, 3.0], [1.0, 1.0, 1.0]])
    for n in (1, 2, 3):
        part, right = matrix[:n, :n] + 0.5 * jnp.eye(n), jnp.arange(1.0, n + 1)
        np.testing.assert_allclose(part @ small_solve(part, right), right, atol=1e-12)
    root = jax.jit(lambda a: small_root(lambda x: x**3 + x - a, jnp.zeros(1)))
    at = jnp.array([2.0])
    assert float(root(at)[0]) == pytest.approx(1.0, abs=1e-12)
    assert float(jax.jacfwd(root)(at)[0, 0]) == pytest.approx(0.25, abs=1e-12)
    assert float(jax.jacrev(root)(at)[0, 0]) == pytest.approx(0.25, abs=1e-12)
    assert float(jax.hessian(lambda a: root(a)[0])(at)[0, 0]) == pytest.approx(-6 / 64, abs=1e-12)  # -f''/f'^3


def test_flux_is_the_maps_own_at_its_temperature():
    for kind in ("ipm", "eesm"):
        _, result = found(kind)
        np.testing.assert_allclose(result["psi_before"], result["psi_map"], rtol=1e-9)


def test_linear_machine_keeps_the_closed_forms():
    """Steady currents i_d = -omega^2 psi L_q / D, i_q = -omega psi R / D with D = R^2 + omega^2 L_d L_q, torque 1.5 p
    psi^2 omega R (R^2 + omega^2 L_q^2) / D^2 and its maximum, i_sc -> psi / L_d, transient -(psi + |psi_0|) / L_d."""
    motor, result = found("linear")
    psi, l_d, l_q = linear_parameters(motor)
    resistance, pairs = resistance_of(motor), float(motor.pole_pairs)
    omega = pairs * np.asarray(SPEEDS)
    divisor = resistance**2 + omega**2 * l_d * l_q
    expected = np.stack([-(omega**2) * psi * l_q / divisor, -omega * psi * resistance / divisor], 1)
    characteristic = psi / l_d
    np.testing.assert_allclose(result["short"].currents[:, :2], expected, atol=0.02 * characteristic)
    assert result["short"].current[-1] == pytest.approx(characteristic, rel=0.02)
    torque, _ = linear_torque(motor)
    np.testing.assert_allclose(-result["short"].torque, torque(omega), atol=0.03 * torque(omega).max())
    length = np.hypot(*result["psi_before"][:2])
    assert result["transient"][0] == pytest.approx(-(psi + length) / l_d, rel=0.03)


@pytest.mark.parametrize("kind", ["ipm", "eesm"])
def test_shorted_machine_brakes_with_its_copper_loss(kind):
    """Mechanical power in = copper loss, at every speed; nothing at standstill."""
    short = found(kind)[1]["short"]
    assert np.all(np.abs(short.torque * SPEEDS + short.copper_loss) <= 1e-9 * (1.0 + short.copper_loss))
    assert short.current[0] < 1e-5 and np.all(short.torque[1:] < 0.0)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["linear", "ipm"])
def test_largest_braking_torque(name):
    """No speed brakes more (three speeds around it), and
    a linear machine has the largest value of the closed form at its speed."""
    motor, result = found(name)
    field = before_fault(motor)[2]
    largest, speed = (float(x) for x in braking(motor, field))
    assert largest >= -result["short"].torque.min() * (1.0 - 1e-9)
    near = jax.jit(jax.vmap(lambda w: steady_short_circuit(motor, w, field, WARM, MAP).torque))(
        speed * jnp.array([0.98, 1.0, 1.02])
    )
    assert -near[1] == pytest.approx(largest, rel=1e-8) and float(near[1]) < min(float(near[0]), float(near[2]))
    if name == "linear":
        torque, ratio = linear_torque(motor)
        scan = np.geomspace(0.05, 20.0, 4001) * ratio
        assert largest == pytest.approx(torque(scan).max(), rel=0.03)
        assert speed * float(motor.pole_pairs) == pytest.approx(scan[np.argmax(torque(scan))], rel=0.05)


@pytest.mark.slow
def test_derivatives_of_the_largest_braking_torque():
    motor = analytic_motor("ipm")
    outputs = jax.jit(lambda length: jnp.stack(braking(replace(motor, stack_length=length), jnp.zeros(()))))
    length, step = motor.stack_length, 1e-4
    exact = jax.jit(jax.jacfwd(outputs))(length)
    numeric = (outputs(length + step) - outputs(length - step)) / (2 * step)
    np.testing.assert_allclose(exact, numeric, rtol=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["ipm", "eesm"])
def test_transient_peak_against_the_integrated_circuit(kind):
    """Midpoint rule on d psi/dt = -R i - omega J psi with the stator's resistance and with a fiftieth of it: the closed
    form is an upper bound, and exact where nothing decays. A field winding without resistance keeps its linkage (on
    the linear map: the closed form is meant for constant inductances)."""
    motor = analytic_motor("ipm") if kind == "ipm" else linear_motor("eesm")
    before = before_fault(motor) * (0.5 if kind == "eesm" else 1.0)
    closed, psi_before = transient_and_flux(motor, before)
    resistances = resistance_of(motor) * jnp.array([0.02, 1.0])
    d_currents = shorted_currents(kind, motor, before, psi_before, resistances)
    ratio = np.asarray(closed[0] / jnp.min(d_currents, 1))
    print(kind, "closed form / integrated:", ratio, "d current over the map's range:", closed[0] / map_range(motor)[0])
    assert ratio[0] == pytest.approx(1.0, abs=0.02) and 1.0 <= ratio[1] <= 1.25


@jax.jit
def transient_and_flux(motor, before):
    return transient_short_circuit(motor, before, MAP), flux_at_temperature(motor, before, MAP)


@functools.partial(jax.jit, static_argnums=0)
def shorted_currents(kind, motor, before, psi_before, resistances):
    """d currents (resistances, 130) of the shorted circuit over little more than one electrical period, 1700 rad/s."""
    omega = 1700.0 * motor.pole_pairs
    step = 2.0 * np.pi / omega / 120
    unknown = np.array([0, 1, 2] if kind == "eesm" else [0, 1])

    def currents_of(psi, guess):
        target = jnp.append(psi, psi_before[2])[unknown]
        flux = lambda x: flux_at_temperature(motor, jnp.zeros(3).at[unknown].set(x), MAP)[unknown]  # noqa: E731
        scale = jnp.linalg.norm(psi_before[:2]) * jnp.array([1.0, 1.0, 10.0])[unknown]
        return jnp.zeros(3).at[unknown].set(small_root(lambda x: (flux(x) - target) / scale, guess[unknown], steps=6))

    def rate(psi, currents, resistance):
        return -resistance * currents[:2] - omega * jnp.stack([-psi[1], psi[0]])

    def of(resistance):
        def advance(carry, _):
            psi, currents = carry
            middle = psi + 0.5 * step * rate(psi, currents, resistance)
            psi = psi + step * rate(middle, currents_of(middle, currents), resistance)
            currents = currents_of(psi, currents)
            return (psi, currents), currents[0]

        return jax.lax.scan(advance, (psi_before[:2], before), None, length=130)[1]

    return jax.vmap(of)(resistances)


def test_back_emf_and_magnet_temperature():
    motor, _ = found("ipm")
    nothing, speed = jnp.zeros(()), jnp.asarray(1500.0)
    cold, hot = (float(back_emf(motor, speed, nothing, jnp.asarray(t))) for t in (20.0, 140.0))
    assert cold > hot > 0.0
    assert float(magnet_equivalent_current(motor, MAP)) == pytest.approx(0.0, abs=1e-12)
    onset = float(uncontrolled_generation_speed(motor, jnp.asarray(400.0), nothing, jnp.asarray(20.0)))
    assert float(back_emf(motor, jnp.asarray(onset), nothing, jnp.asarray(20.0))) == pytest.approx(400.0)
    wound = analytic_motor("eesm")
    assert float(magnet_equivalent_current(wound, jnp.asarray(20.0))) == 0.0


@pytest.mark.slow
def test_field_decay_of_a_wound_rotor():
    """Time to a voltage limit: a linear field would need T ln(V_0 / V); monotone in the limit; no time above it."""
    motor, result = found("eesm")
    before, speed, celsius = before_fault(motor), jnp.asarray(1700.0), jnp.asarray(100.0)
    decay = jax.jit(jax.vmap(lambda limit: field_decay(motor, speed, before[2], celsius, limit)))
    start = float(back_emf(motor, speed, before[2], MAP))
    shares = np.array([2.0, 0.9, 0.5, 0.2])
    out = decay(jnp.asarray(start * shares))
    assert out.voltage[0] == pytest.approx(start, rel=1e-9)
    times = np.asarray(out.time_to_limit)
    assert abs(times[0]) < 1e-6 * times[-1] and np.all(np.diff(times) > 0.0)
    assert out.shorted_time_constant[0] < out.open_time_constant[0]
    # Reference: Euler in small steps of psi_f with i_f from the inverse of the same map.
    field = np.linspace(float(before[2]), 0.0, 4001)[:-1]
    flux = np.asarray(
        jax.jit(jax.vmap(lambda i: flux_at_temperature(motor, jnp.array([0.0, 0.0, 1.0]) * i, MAP)))(field)
    )
    resistance = out.open_time_constant[0] ** -1 * result["inductance"][2, 2]
    clock = np.concatenate([[0.0], np.cumsum(-np.diff(flux[:, 2]) / (0.5 * (field[1:] + field[:-1])))]) / resistance
    for share, time in zip(shares[1:], times[1:], strict=True):
        exact = np.interp(-share, -flux[:, 0] / flux[0, 0], clock)
        assert time == pytest.approx(exact, rel=0.05, abs=0.02 * float(out.open_time_constant[0]))


@pytest.mark.slow
def test_blocked_inverter_leaves_the_field_its_linkage():
    motor, result = found("eesm")
    before = before_fault(motor)
    field = jax.jit(blocked_field_current)(motor, before)
    linkage = flux_at_temperature(motor, jnp.array([0.0, 0.0, 1.0]) * field, MAP)[2]
    assert float(linkage) == pytest.approx(float(result["psi_before"][2]), rel=1e-9)
    assert float(field) < float(before[2])  # negative d current had weakened the field


@pytest.mark.slow
@pytest.mark.parametrize("case", SLOW_CASES, ids=lambda c: c.name)
def test_faults_keep_the_contract(case):
    """Finite values and derivatives over the whole range, equal to differences, a lane equal to the loop."""
    evaluated = {}
    test_contract.test_values_and_gradients_are_finite_over_the_range(case, evaluated)
    test_contract.test_derivatives_agree_with_central_differences(case, evaluated)
    test_contract.test_a_lane_of_a_batch_equals_the_loop_and_eager_equals_compiled(case, evaluated)
