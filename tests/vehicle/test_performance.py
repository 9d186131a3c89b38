"""Acceleration, top speed and grade against closed forms."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from edu_opt.duty.road_load import RoadLoad
from edu_opt.numerics.constants import STANDARD_GRAVITY
from edu_opt.numerics.pytree import replace
from edu_opt.vehicle.catalogue import VEHICLES, vehicle
from edu_opt.vehicle.model import Axle
from edu_opt.vehicle.performance import acceleration_time, gradeability, top_speed, top_speed_margin

SPEEDS = jnp.linspace(0.0, 70.0, 36)
MASS = 2000.0


@pytest.fixture(scope="module")
def sprint():
    """One compiled program for the cars of one axle count."""
    return jax.jit(acceleration_time)


@pytest.fixture(scope="module")
def car():
    """Frictionless road, endless grip: closed forms hold."""
    return replace(
        vehicle("bmw_ix3"),
        road_load=RoadLoad(constant=0.0, linear=0.0, quadratic=0.0),
        friction=50.0,
        performance_mass=MASS,
        test_mass=MASS,
        gross_mass=MASS,
    )


def envelope(car, force: float, power: float, axles: int = 1) -> jax.Array:
    """Constant force, then constant power, as one unit's axle torque (axles, 36)."""
    limited = jnp.minimum(force, power / jnp.maximum(SPEEDS, 1e-6))
    return jnp.tile(limited * car.wheel_radius, (axles, 1))


def test_constant_force_and_constant_power(car, sprint) -> None:
    """t = m v/F, and t = m v_b/F + m (v^2 - v_b^2) / 2 P; m with 1.5 % rotating mass and the rotor's inertia."""
    final = 100.0 / 3.6
    inertia = 8.0
    heavy = MASS * 1.015 + inertia / car.wheel_radius**2
    ours = float(sprint(car, SPEEDS, envelope(car, 6000.0, 1e9), inertia))
    assert ours == pytest.approx(heavy * final / 6000.0, rel=1e-3)
    base = 150e3 / 10e3
    exact = heavy * base / 10e3 + heavy * (final**2 - base**2) / (2.0 * 150e3)
    assert float(sprint(car, SPEEDS, envelope(car, 10e3, 150e3), inertia)) == pytest.approx(exact, rel=5e-3)


def test_traction_with_weight_transfer(car, sprint) -> None:
    """One driven axle at its limit: a = mu g s / (1 -+ mu h/L); both axles: a = mu g."""
    grip, share, lever = 0.9, 0.43, car.cg_height / car.wheelbase
    final = 20.0
    for axles, front_drive in ((1, False), (1, True), (2, False)):
        chosen = (Axle(rear=0.0), Axle(rear=1.0))
        driven = chosen if axles == 2 else (chosen[0],) if front_drive else (chosen[1],)
        limited = replace(car, friction=grip, front_share=share, axles=driven)
        load, sign = (share, -1.0) if front_drive else (1.0 - share, 1.0)
        pull = grip * STANDARD_GRAVITY * (1.0 if axles == 2 else load / (1.0 - sign * grip * lever))
        ours = float(sprint(limited, SPEEDS, envelope(car, 1e5, 1e9, axles), final_speed=final))
        assert ours == pytest.approx(final * 1.015 / pull, rel=5e-3)


def test_top_speed_balances_power_and_drag(car) -> None:
    """P = c v^3; then the unit's highest speed where that comes first; the margin changes sign there."""
    dragging = replace(car, road_load=RoadLoad(constant=0.0, linear=0.0, quadratic=0.5))
    torque = envelope(car, 8000.0, 60e3)
    exact = (60e3 / 0.5) ** (1.0 / 3.0)
    solve = jax.jit(jax.vmap(jax.value_and_grad(lambda scale, h: top_speed(dragging, SPEEDS, torque * scale, h))))
    value, slope = solve(jnp.ones(2), jnp.asarray([100.0, 40.0]))
    assert float(value[0]) == pytest.approx(exact, rel=1e-3)
    assert float(value[1]) == pytest.approx(40.0, abs=0.02)
    assert float(slope[0]) == pytest.approx(exact / 3.0, rel=2e-2)
    for required, sign in ((0.95 * exact, 1.0), (1.05 * exact, -1.0)):
        force, speed = top_speed_margin(dragging, SPEEDS, torque, required, 55.0)
        assert np.sign(float(force)) == sign
        assert float(speed) == pytest.approx(55.0 / required - 1.0)


def test_grade_by_torque_and_by_traction(car) -> None:
    force = 0.3 * MASS * STANDARD_GRAVITY
    by_torque = float(gradeability(car, jnp.asarray([force * car.wheel_radius]), 0.0))
    assert by_torque == pytest.approx(np.tan(np.arcsin(0.3)), rel=2e-3)
    gripping = replace(car, friction=0.8, front_share=0.43)
    by_grip = float(gradeability(gripping, jnp.asarray([1e5]), 0.0))
    exact = 0.8 * 0.57 / (1.0 - 0.8 * car.cg_height / car.wheelbase)
    assert by_grip == pytest.approx(exact, rel=2e-3)


@pytest.mark.parametrize(
    ("name", "ratio", "tolerance"),
    [("bmw_ix3", 11.1, 0.10), ("bmw_i4", 11.1, 0.10), ("jaguar_i_pace", 9.06, 0.06), ("mini_cooper_se", 8.96, 0.06)],
)
def test_published_sprint_with_ideal_envelopes(sprint, name: str, ratio: float, tolerance: float) -> None:
    """Published torque and power through an ideal gearbox (97 %): never slower than published, at most 10 % quicker."""
    car, facts = vehicle(name), VEHICLES[name].facts
    power = facts["peak_power_kw" if "peak_power_kw" in facts else "unit_peak_power_kw"].value * 1e3
    torque = facts["motor_torque_nm"].value * ratio
    limited = 0.97 * jnp.minimum(torque, power / jnp.maximum(SPEEDS, 1e-6) * car.wheel_radius)
    count = len(car.axles)
    ours = float(sprint(car, SPEEDS, jnp.tile(limited, (count, 1)), count * 0.05 * ratio**2))
    published = facts["acceleration_0_100_s"].value
    assert (1.0 - tolerance) * published < ours < 1.02 * published
