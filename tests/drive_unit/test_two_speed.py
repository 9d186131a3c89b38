"""A drive unit with two speeds: the gear follows the axle's speed at every operating point."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from edu_opt.drive_unit.operating_point import PointRequest, solve_controls, solve_points
from edu_opt.gearbox.model import at_speed, highest_motor_speed, ratio
from tests.drive_unit.reference_unit import analytic_unit, warm

SPEEDS = np.array([20.0, 50.0, 75.0, 100.0, 20.0, 100.0])  # the shift stands at 60 rad/s


@pytest.mark.slow
def test_operating_points_take_the_gear_of_their_speed() -> None:
    unit = analytic_unit("ipm", "two_speed")
    assert float(unit.gearbox.shift_speed) == pytest.approx(60.0)
    torque, peak = jnp.array([300.0, 300.0, 300.0, 300.0, 1.0, 1.0]), jnp.array([0.0, 0.0, 0.0, 0.0, 1.0, 1.0])
    requests = PointRequest(
        output_torque=torque,
        output_speed=jnp.asarray(SPEEDS),
        at=jax.tree.map(lambda a: jnp.full(len(SPEEDS), a), warm()),
        peak=peak,
        power_max=jnp.full(len(SPEEDS), 1e6),
    )
    point = jax.jit(lambda r: solve_points(unit, r, solve_controls(unit, r)))(requests)
    ratios = np.array([float(ratio(at_speed(unit.gearbox, s))) for s in SPEEDS])
    assert (
        ratios[0] > 1.4 * ratios[3] and ratios[0] == pytest.approx(ratios[1]) and ratios[2] == pytest.approx(ratios[3])
    )
    np.testing.assert_allclose(point.shaft_speed, ratios * SPEEDS, rtol=1e-9)
    np.testing.assert_allclose(point.output_torque[:4], 300.0, rtol=2e-3)
    drive = point.output_torque / ratios
    assert np.all(np.asarray(point.shaft_torque - drive) > 0.0)  # the gearbox takes its share in either gear
    left = point.electrical_power - point.output_power - point.total_loss
    np.testing.assert_allclose(left / (np.abs(point.electrical_power) + 1e3), 0.0, atol=1e-12)
    assert float(point.output_torque[4]) > 1.3 * float(point.output_torque[5])  # first gear launches
    top = float(highest_motor_speed(unit.gearbox, 70.0))
    assert top == pytest.approx(60.0 * ratios[0], rel=1e-2)  # just before the shift, not at 70 rad/s in second
