"""Trains of any structure: ratios and torques against hand formulas, balance of torque and power, rolling power."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from edu_opt.gearbox.layouts import LAYOUTS, layout_named
from edu_opt.gearbox.train import MOTOR, Mesh, Train, mesh_power_losses, train_ratio, train_state

SETS = {  # teeth by layout, ratio by the textbook's formula
    "parallel_axis": ([(23, 68), (20, 78)], 68 / 23 * 78 / 20),
    "planetary": ([(33, 52), (17, -87)], 1 + 52 / 33 * 87 / 17),
    "simple_planetary": ([(30, 42), (42, -114)], 1 + 114 / 30),
    "planetary_layshaft": ([(24, 33), (33, -90), (31, 74)], (1 + 90 / 24) * 74 / 31),
    "two_speed": ([(34, 70), (22, 80), (22, 76)], 80 / 22 * 76 / 22),
}
PLANETS = 3.0


def state_of(layout: str):
    teeth = np.array(SETS[layout][0], float)
    return train_state(layout_named(layout).train, jnp.asarray(teeth), PLANETS), teeth


@pytest.mark.parametrize("layout", SETS)
def test_ratio_is_the_textbooks(layout: str) -> None:
    state, teeth = state_of(layout)
    assert float(state.ratio) == pytest.approx(SETS[layout][1], rel=1e-12)
    assert float(train_ratio(layout_named(layout).train, teeth)) == pytest.approx(SETS[layout][1], rel=1e-12)


@pytest.mark.parametrize("layout", SETS)
def test_torques_of_every_shaft_and_powers_of_the_whole_balance(layout: str) -> None:
    state, teeth = state_of(layout)
    train = layout_named(layout).train
    # Torque that each mesh puts on pinion, wheel and arm, from forces alone: wheel = z2/z1 of the pinion, arm the rest.
    on = dict.fromkeys((*train.shafts, "housing"), 0.0)
    speeds = dict(zip(train.shafts, np.asarray(state.shaft_speed), strict=True)) | {"housing": 0.0}
    for k, mesh in enumerate(train.meshes):
        relative = speeds[mesh.pinion] - speeds[mesh.arm]
        total = float(state.parallel[k] * state.pinion_torque[k]) * np.sign(relative)
        on[mesh.pinion] -= total
        on[mesh.wheel] -= total * teeth[k, 1] / teeth[k, 0]
        on[mesh.arm] += total * (1.0 + teeth[k, 1] / teeth[k, 0])
        # rolls without slip
        assert teeth[k, 0] * relative == pytest.approx(-teeth[k, 1] * (speeds[mesh.wheel] - speeds[mesh.arm]), rel=1e-9)
    motor, free = -on[MOTOR], [s for s in train.free_shafts if s != MOTOR]
    assert np.abs([on[s] for s in free]).max(initial=0.0) < 1e-9
    assert on["axle"] == pytest.approx(1.0, abs=1e-9)  # of one N m at the axle
    assert motor * speeds[MOTOR] == pytest.approx(1.0, abs=1e-9)  # power
    assert motor - on["axle"] - on["housing"] == pytest.approx(0.0, abs=1e-9)
    np.testing.assert_array_equal(np.asarray(state.pinion_torque) > 1e-12, train.loaded)


def test_rolling_power_of_planetaries_is_one_less_the_coupling_power() -> None:
    for layout in ("planetary", "simple_planetary"):
        state, _ = state_of(layout)
        np.testing.assert_allclose(state.rolling_power, 1.0 - 1.0 / SETS[layout][1], rtol=1e-12)
    state, _ = state_of("planetary_layshaft")
    coupled = 1.0 - 1.0 / (1 + 90 / 24)
    np.testing.assert_allclose(state.rolling_power, [coupled, coupled, 1.0], rtol=1e-12)


def test_load_cycles_count_the_mates_of_a_gear() -> None:
    state, teeth = state_of("simple_planetary")
    sun, planet, ring = teeth[0, 0], teeth[0, 1], -teeth[1, 1]
    relative = SETS["simple_planetary"][1] - 1.0  # turns of the sun against the carrier in one of the axle
    np.testing.assert_allclose(state.pinion_cycles, [PLANETS * relative, relative * sun / planet], rtol=1e-12)
    np.testing.assert_allclose(state.wheel_cycles, [relative * sun / planet, PLANETS], rtol=1e-12)
    assert relative * sun / ring == pytest.approx(1.0)


@pytest.mark.parametrize("driving", [1.0, 0.0])
def test_planetary_efficiency_is_that_of_the_rolling_power(driving: float) -> None:
    """Fixed ring: eta = 1 - (1 - 1/i)(1 - eta_0) from sun to carrier, 1/(1 + (1 - 1/i)(1/eta_0 - 1)) backwards."""
    state, _ = state_of("planetary")
    shares, share_of_power = jnp.array([0.004, 0.006]), 1.0 - 1.0 / SETS["planetary"][1]
    basic = float(jnp.prod(1.0 - shares))
    axle = 1000.0 if driving else -1000.0
    losses, motor = mesh_power_losses(shares, state.rolling_power, (jnp.zeros(()), jnp.asarray(axle)), driving, 1e-9)
    # to the product of both shares, 2.4e-5
    if driving:
        assert axle / float(motor) == pytest.approx(1.0 - share_of_power * (1.0 - basic), abs=5e-6)
    else:
        assert float(motor) / axle == pytest.approx(1.0 - share_of_power * (1.0 - basic), abs=5e-6)
    assert float(motor) == pytest.approx(axle + float(jnp.sum(losses)), abs=1e-9)


def test_losses_join_the_flow_of_power_where_they_arise() -> None:
    shares, rolling = jnp.array([0.01, 0.02]), jnp.ones(2)
    behind = (jnp.asarray(50.0), jnp.asarray(1000.0))
    losses, motor = mesh_power_losses(shares, rolling, behind, 1.0, 1e-9)
    last = 1000.0 * 0.02 / 0.98
    first = (1000.0 + last + 50.0) * 0.01 / 0.99
    np.testing.assert_allclose(losses, [first, last], rtol=1e-12)
    assert float(motor) == pytest.approx(1050.0 + first + last, rel=1e-12)


def test_every_layout_is_tested() -> None:
    assert set(SETS) == set(LAYOUTS)


def test_second_gear_takes_the_other_pair() -> None:
    teeth = jnp.asarray(np.array(SETS["two_speed"][0], float))
    high = layout_named("two_speed").high_train
    state = train_state(high, teeth)
    assert float(state.ratio) == pytest.approx(70 / 34 * 76 / 22, rel=1e-12)
    np.testing.assert_allclose(state.rolling_power, [1.0, 0.0, 1.0], atol=1e-12)
    assert float(train_ratio(high, teeth)) == pytest.approx(float(state.ratio), rel=1e-12)
    assert not high.loaded[1] and high.shafts == layout_named("two_speed").train.shafts


@pytest.mark.parametrize("layout", ["planetary", "two_speed"])
def test_states_are_differentiable(layout: str) -> None:
    teeth = jnp.asarray(np.array(SETS[layout][0], float))
    train = layout_named(layout).train
    exact = jax.jacrev(lambda z: train_state(train, z, PLANETS).pinion_torque)(teeth)
    step = 1e-4
    shifted = [train_state(train, teeth.at[0, 0].add(s), PLANETS).pinion_torque for s in (step, -step)]
    np.testing.assert_allclose(exact[:, 0, 0], (shifted[0] - shifted[1]) / (2 * step), rtol=1e-6, atol=1e-9)


def test_a_train_that_does_not_determine_its_shafts_is_refused() -> None:
    with pytest.raises(ValueError, match="1 meshes for the 2 shafts"):
        Train((Mesh(MOTOR, "intermediate"),))


def test_a_locked_train_has_no_ratio() -> None:
    train = layout_named("simple_planetary").train
    assert np.isnan(train_ratio(train, np.array([(30.0, 42.0), (0.0, -114.0)])))
