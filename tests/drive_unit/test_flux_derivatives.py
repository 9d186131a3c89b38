"""Closed-form field derivatives against automatic differentiation of the motor's own maps."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from edu_opt.drive_unit.flux_derivatives import field_curvature, field_expansion, field_slopes, field_values
from edu_opt.motor.induction import bar_ratio
from edu_opt.motor.model import drag_torque, flux_linkage
from tests.drive_unit.reference_unit import analytic_unit, warm


@pytest.mark.parametrize("kind", [*(pytest.param(k, marks=pytest.mark.slow) for k in ("eesm", "im")), "ipm"])
def test_closed_form_equals_automatic_differentiation(kind: str) -> None:
    motor, speed = analytic_unit(kind).motor, jnp.asarray(700.0)
    currents = jnp.asarray(np.random.default_rng(3).uniform(-300.0, 300.0, (4, 3))) * jnp.array([1.0, 1.0, 0.03])
    still = drag_torque(motor, jnp.zeros(3), speed, warm().temperatures) - field_values(motor, jnp.zeros(3), speed)[2]

    def automatic(i):
        drag = drag_torque(motor, i, speed, warm().temperatures) - still
        bars = [bar_ratio(motor, i)] if motor.cage else []
        return jnp.stack([*flux_linkage(motor, i)[:2], drag, *bars])

    def both(i):
        first = jax.jacfwd(automatic)(i)
        second = jax.jacfwd(jax.jacfwd(automatic))(i)
        ours = (*field_expansion(motor, i, speed), field_values(motor, i, speed), field_curvature(motor, i, speed))
        return (ours, field_slopes(motor, i, speed)), (automatic(i), first, second)

    ((value, slope, curvature, plain, whole), again), (exact, first, second) = jax.jit(jax.vmap(both))(currents)
    pairs = ((value, exact), (plain, exact), (slope, first), (curvature, second[:, :2]), (whole, second))
    for ours, reference in (*pairs, (again[0], exact), (again[1], first)):
        scale = np.abs(np.asarray(reference)).max(axis=0) + 1e-30
        np.testing.assert_allclose(ours / scale, reference / scale, rtol=0, atol=1e-8)
