"""Maps of the unit: voltage by point, battery sag, losses by name, both directions."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from edu_opt.drive_unit.operating_map import losses_by_name, map_on_battery, sagging_voltage, unit_efficiency
from tests.drive_unit.reference_unit import analytic_unit, warm


def test_the_battery_sags_by_its_own_current() -> None:
    power = jnp.array([-100e3, 0.0, 50e3, 100e3])
    voltage = sagging_voltage(400.0, 0.1, power)
    np.testing.assert_allclose(voltage, 400.0 - 0.1 * power / voltage, rtol=1e-6)
    assert np.all(np.diff(voltage) < 0.0)
    assert float(sagging_voltage(400.0, 0.1, jnp.asarray(1e6))) == pytest.approx(200.0, rel=0.02)  # gives 400 kW
    assert float(jax.grad(lambda p: sagging_voltage(400.0, 0.1, p))(0.0)) == pytest.approx(-0.1 / 400.0, rel=1e-6)


@pytest.mark.slow
def test_map_on_a_battery() -> None:
    """Voltage follows each point's power; losses by name close the balance; a soft battery reaches less torque."""
    speeds, torques = jnp.array([20.0, 60.0, 110.0]), jnp.array([-400.0, -50.0, 50.0, 400.0, 1500.0])
    run = jax.jit(lambda unit, resistance: map_on_battery(unit, speeds, torques, warm(), 400.0, resistance, 500.0))
    unit = analytic_unit("ipm")
    (point, voltage), (stiff, flat) = run(unit, 0.3), run(unit, 0.0)
    expected = 400.0 - 0.3 * (np.asarray(point.electrical_power) + 500.0) / np.asarray(voltage)
    reached = np.asarray(point.shortfall) < 1e-3
    assert reached[:2, :4].all() and not reached[2, 4]  # 165 kW are more than this battery gives
    np.testing.assert_allclose(np.asarray(voltage)[reached], expected[reached], atol=0.2)
    np.testing.assert_allclose(flat, 400.0, rtol=1e-6)
    assert np.all(np.asarray(voltage)[:, 0] > 400.0 - 0.5) and np.all(np.diff(np.asarray(voltage), axis=1) < 0.0)
    total = sum(losses_by_name(point).values())
    np.testing.assert_allclose(total, point.total_loss, rtol=1e-12)
    np.testing.assert_allclose(point.electrical_power, point.output_power + total, rtol=1e-9, atol=1e-6)
    assert float(point.output_torque[2, 4]) < 0.99 * float(stiff.output_torque[2, 4])
    efficiency = np.asarray(unit_efficiency(point))[:2, :]
    assert np.all(efficiency[:, [0, 3]] > 0.7) and np.all(efficiency < 1.0)
