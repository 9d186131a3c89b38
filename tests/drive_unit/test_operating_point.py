"""Operating points of whole units: balances, limits, the peak envelope, derivatives in stack length and gear ratio.

One search and one evaluation serve every check of a kind; derivatives compile long and belong to the slow tier.
"""

from __future__ import annotations

from functools import cache

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from edu_opt.drive_unit.control import ControlSolution
from edu_opt.drive_unit.model import DriveUnit
from edu_opt.drive_unit.operating_map import unit_efficiency
from edu_opt.drive_unit.operating_point import OperatingPoint, PointRequest, solve_controls, solve_points
from edu_opt.gearbox.model import ratio
from edu_opt.numerics.pytree import replace
from tests.drive_unit.reference_unit import analytic_unit, warm

STEP = 1e-4  # relative, of stack length and gear ratio
DIFFERENTIATED = ("electrical_power", "output_torque", "shaft_speed")
POWER = 120e3  # W, limit of the peak points

# (axle torque [N m], axle speed [rad/s]); 1500 N m at 30 rad/s are within reach of the permanent magnets alone
DRIVING = [(100.0, 20.0), (400.0, 20.0), (700.0, 20.0), (100.0, 90.0), (400.0, 90.0), (700.0, 90.0)]
BRAKING = [(-100.0, 20.0), (-500.0, 60.0), (-300.0, 100.0)]
RESTING = [(300.0, 0.0), (-300.0, 0.0), (0.0, 0.0), (0.0, 80.0)]
OUT_OF_REACH = [(4000.0, 30.0), (2500.0, 120.0)]
PEAK_SPEEDS = [0.0, 15.0, 30.0, 60.0, 80.0, 100.0, 120.0, 150.0]

SLOW = [pytest.param(kind, marks=pytest.mark.slow) for kind in ("eesm", "im")]
kinds = pytest.mark.parametrize("kind", ["ipm", *SLOW])


def requests() -> PointRequest:
    """Driving, braking, resting, out of reach, then the peak points (driving, then braking)."""
    steady = DRIVING + BRAKING + RESTING + OUT_OF_REACH
    peaks = [(sign, speed) for sign in (1.0, -1.0) for speed in PEAK_SPEEDS]
    torque, speed = np.array(steady + peaks).T
    count = len(torque)
    return PointRequest(
        output_torque=jnp.asarray(torque),
        output_speed=jnp.asarray(speed),
        at=jax.tree.map(lambda a: jnp.full(count, a), warm()),
        peak=jnp.asarray([0.0] * len(steady) + [1.0] * len(peaks)),
        power_max=jnp.full(count, POWER),
    )


def changed(unit: DriveUnit, shares: jax.Array) -> DriveUnit:
    """The unit with stack length and gear ratio (teeth of the last wheel) larger by these shares (2,)."""
    stage = unit.gearbox.stage_2
    teeth = stage.teeth * jnp.stack([jnp.ones(()), 1.0 + shares[1]])
    gearbox = replace(unit.gearbox, stage_2=replace(stage, teeth=teeth))
    motor = replace(unit.motor, stack_length=unit.motor.stack_length * (1.0 + shares[0]))
    return replace(unit, motor=motor, gearbox=gearbox)


@jax.jit
def search(unit: DriveUnit, shares: jax.Array, asked: PointRequest) -> ControlSolution:
    """Controls of all requests on the changed unit."""
    return solve_controls(changed(unit, shares), asked)


@jax.jit
def evaluate(unit: DriveUnit, shares: jax.Array, asked: PointRequest, known: ControlSolution) -> OperatingPoint:
    """Points whose controls are solved."""
    return solve_points(changed(unit, shares), asked, known)


@jax.jit
def slopes_along(unit, direction: jax.Array, asked: PointRequest, known: ControlSolution) -> dict[str, jax.Array]:
    """Slopes of the `DIFFERENTIATED` in a share of one variable."""

    def at(shares):
        point = solve_points(changed(unit, shares), asked, known)
        return {name: getattr(point, name) for name in DIFFERENTIATED}

    return jax.jvp(at, (jnp.zeros(2),), (direction,))[1]


@cache
def controls(kind: str, variable: int = 0, step: float = 0.0) -> ControlSolution:
    return search(analytic_unit(kind), step * jnp.eye(2)[variable], requests())


@cache
def points(kind: str, variable: int = 0, step: float = 0.0) -> OperatingPoint:
    """Points of the unit with one variable (0 stack length, 1 gear ratio) larger by `step`."""
    shares = step * jnp.eye(2)[variable]
    found = evaluate(analytic_unit(kind), shares, requests(), controls(kind, variable, step))
    return jax.tree.map(np.asarray, found)


@cache
def slopes(kind: str, variable: int) -> dict[str, np.ndarray]:
    found = slopes_along(analytic_unit(kind), jnp.eye(2)[variable], requests(), controls(kind))
    return {name: np.asarray(value) for name, value in found.items()}


def chosen(group: list) -> slice:
    """Where a group of requests lies."""
    order = [DRIVING, BRAKING, RESTING, OUT_OF_REACH]
    begin = sum(len(g) for g in order[: [g is group for g in order].index(True)])
    return slice(begin, begin + len(group))


IN_REACH = slice(0, len(DRIVING) + len(BRAKING) + len(RESTING))
PEAKS = slice(-2 * len(PEAK_SPEEDS), None)


def peaks(kind: str, direction: float) -> OperatingPoint:
    count = len(PEAK_SPEEDS)
    part = slice(-2 * count, -count) if direction > 0 else slice(-count, None)
    return jax.tree.map(lambda a: a[part], points(kind))


@kinds
def test_everything_is_finite(kind: str) -> None:
    assert all(np.all(np.isfinite(leaf)) for leaf in jax.tree.leaves(points(kind)))


@kinds
def test_power_in_is_power_out_and_losses(kind: str) -> None:
    point = points(kind)
    left = point.electrical_power - point.output_power - point.total_loss
    np.testing.assert_allclose(left / (np.abs(point.electrical_power) + 1e3), 0.0, atol=1e-12)
    drawn = point.electrical_power[chosen(DRIVING)]
    assert np.all(drawn > point.output_power[chosen(DRIVING)])


@kinds
def test_recuperated_power_is_less_than_braking_power(kind: str) -> None:
    point = jax.tree.map(lambda a: a[chosen(BRAKING)], points(kind))
    assert np.all(point.output_power < 0.0)
    assert np.all(point.electrical_power > point.output_power)
    assert np.all(point.electrical_power[1:] < 0.0)


@kinds
def test_no_loss_is_negative(kind: str) -> None:
    point = points(kind)
    inverter = point.inverter_losses
    parts = [
        *jax.tree.leaves((point.motor_losses, point.gearbox_losses)),
        inverter.conduction,
        inverter.switching,
        inverter.dead_time,
        inverter.gate_and_control,
        inverter.capacitor,
    ]
    assert all(np.all(part >= -1e-9) for part in parts)
    assert np.all((np.asarray(unit_efficiency(point)) >= 0.0) & (np.asarray(unit_efficiency(point)) < 1.0))


@kinds
def test_points_in_reach_give_their_torque(kind: str) -> None:
    point, asked = points(kind), requests()
    np.testing.assert_allclose(point.output_torque[IN_REACH], asked.output_torque[IN_REACH], rtol=1e-4, atol=0.05)
    assert np.all(point.shortfall[IN_REACH] < 1e-4)
    assert np.all(point.control_residual[IN_REACH] < 1e-3)


@kinds
def test_voltage_and_current_keep_their_limits(kind: str) -> None:
    point = jax.tree.map(lambda a: a[IN_REACH], points(kind))
    assert np.all(point.voltage_utilisation < 1.0 + 1e-3)


def test_loss_rises_with_torque() -> None:
    point = jax.tree.map(lambda a: a[chosen(DRIVING)], points("ipm"))
    assert np.all(np.diff(point.total_loss.reshape(2, -1), axis=1) > 0.0)


@kinds
def test_standstill_takes_power_for_its_losses_alone(kind: str) -> None:
    point = jax.tree.map(lambda a: a[chosen(RESTING)], points(kind))
    np.testing.assert_allclose(point.output_power[:3], 0.0, atol=1e-9)
    np.testing.assert_allclose(point.electrical_power, point.output_power + point.total_loss, rtol=1e-9)
    assert np.all(point.gearbox_losses.total[:3] == 0.0)
    assert point.total_loss[0] == pytest.approx(point.total_loss[1], rel=0.1)  # drag helps one and hinders the other
    assert point.total_loss[2] < 0.2 * point.total_loss[0]


def test_torque_out_of_reach_is_reported_and_the_peak_is_given() -> None:
    """Nearest torque within voltage and current; the peak points are within the power limit too."""
    point, asked = (jax.tree.map(lambda a: a[chosen(OUT_OF_REACH)], tree) for tree in (points("ipm"), requests()))
    assert np.all(point.shortfall > 0.1)
    assert np.all(point.control_residual < 1e-3)
    np.testing.assert_allclose(point.shortfall, 1.0 - point.output_torque / asked.output_torque, atol=0.05)
    assert np.all(point.voltage_utilisation < 1.0 + 1e-3)
    unlimited = peaks("ipm", 1.0).output_torque[PEAK_SPEEDS.index(30.0)]
    assert point.output_torque[0] == pytest.approx(unlimited, rel=1e-2)


@pytest.mark.parametrize("direction", [1.0, -1.0])
def test_peak_envelope_is_flat_then_falls(direction: float) -> None:
    point = peaks("ipm", direction)
    torque = direction * point.output_torque
    assert np.all(point.control_residual < 1e-3)
    assert np.all(np.diff(torque) < 2e-2 * torque[0])
    np.testing.assert_allclose(torque[:3], torque[0], rtol=2e-2)
    assert torque[-1] < 0.6 * torque[0]
    assert np.all(point.voltage_utilisation < 1.0 + 1e-3)
    limited = direction * (point.electrical_power - point.motor_losses.pwm)  # what the control sees
    assert np.all(limited < POWER * (1.0 + 2e-3))
    assert np.max(limited) > POWER * (1.0 - 5e-3)
    assert np.all(point.motor_losses.pwm < 5e-3 * POWER)


def test_peak_is_at_least_every_point_in_reach() -> None:
    point = jax.tree.map(lambda a: a[chosen(DRIVING)], points("ipm"))
    envelope = np.interp(point.output_speed, PEAK_SPEEDS, peaks("ipm", 1.0).output_torque)
    assert np.all(point.output_torque <= envelope)


@pytest.mark.slow
@pytest.mark.parametrize("k", [0, 1], ids=["stack length", "gear ratio"])
@pytest.mark.parametrize("kind", ["ipm", "eesm"])
def test_derivatives_agree_with_central_differences(kind: str, k: int) -> None:
    """Electrical power of points in reach, torque of peaks."""
    up, down = (points(kind, k, sign * STEP) for sign in (1.0, -1.0))
    slope = slopes(kind, k)
    assert all(np.all(np.isfinite(value)) for value in slope.values())
    for name, part in (("electrical_power", IN_REACH), ("output_torque", PEAKS)):
        if kind == "eesm" and part is PEAKS:
            continue  # this unit's coarse map has several local peaks of torque
        exact = slope[name][part]
        difference = (getattr(up, name) - getattr(down, name))[part] / (2.0 * STEP)
        scale = np.abs(getattr(points(kind), name)[part]) + 1.0
        np.testing.assert_allclose(exact / scale, difference / scale, rtol=1e-3, atol=2e-5)


@pytest.mark.slow
def test_a_higher_ratio_turns_the_motor_faster() -> None:
    speed = requests().output_speed * float(ratio(analytic_unit("ipm").gearbox))
    np.testing.assert_allclose(slopes("ipm", 1)["shaft_speed"], speed, rtol=1e-12, atol=1e-9)
    np.testing.assert_allclose(slopes("ipm", 0)["shaft_speed"], 0.0, atol=1e-12)
