"""Life factors at their corners, Miner's sum against closed forms, derivatives through the Newton steps."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from edu_opt.gearbox.life import block_damage, blocks_of, life_factor, newton_in_bracket, spectrum_safety
from edu_opt.materials.gear_steels import GEAR_STEELS

STEEL = GEAR_STEELS["case_hardened_mq"]
CORNERS, FACTORS = jnp.array(STEEL.flank_cycles), jnp.array(STEEL.flank_factors)
LIMIT = jnp.asarray(1500e6)


@pytest.fixture(scope="module")
def solved():
    """Safety of six spectra and its gradient in the stresses, one compile."""

    def one(cycles, stress):
        return spectrum_safety(cycles, stress, LIMIT, CORNERS, FACTORS)

    cycles = jnp.array([[1e6, 0.0], [1e9, 0.0], [5e5, 5e5], [1e6, 1e8], [1e6, 1e8], [1e6, 1e8]])
    stress = jnp.array([[1.2e9, 1e9], [1.2e9, 1e9], [1.2e9, 1.2e9], [1.6e9, 1.1e9], [1.6e9 + 1e4, 1.1e9], [1.6e9, 0.0]])
    both = jax.jit(jax.vmap(jax.value_and_grad(one, argnums=1)))
    value, gradient = both(cycles, stress)
    return np.asarray(value), np.asarray(gradient)


def test_corners_of_the_life_curve() -> None:
    cycles = jnp.array([1e3, 1e5, 5e7, 1e10, 1e12, 1.08e9])
    expected = [1.6, 1.6, 1.0, 0.85, 0.85, 0.91]  # the last one printed in ISO/TR 6336-30 example 1
    np.testing.assert_allclose(life_factor(cycles, CORNERS, FACTORS), expected, rtol=2e-3)


def test_one_block_is_the_plain_safety(solved) -> None:
    value, _ = solved
    for k, cycles in ((0, 1e6), (1, 1e9)):
        plain = float(life_factor(jnp.asarray(cycles), CORNERS, FACTORS)) * 1500e6 / 1.2e9
        assert value[k] == pytest.approx(plain, rel=1e-3)


def test_blocks_of_equal_stress_add_up(solved) -> None:
    value, _ = solved
    assert value[2] == pytest.approx(value[0], rel=1e-9)


def test_more_load_lowers_safety_and_the_gradient_is_exact(solved) -> None:
    value, gradient = solved
    assert value[5] > value[3] > value[4]
    assert gradient[3, 0] == pytest.approx((value[4] - value[3]) / 1e4, rel=1e-4)
    # scaling every stress scales the safety back: sum s dS/ds = -S
    assert float(np.dot(gradient[3], [1.6e9, 1.1e9])) == pytest.approx(-value[3], rel=1e-4)


def test_newton_finds_the_root_for_any_spectrum_and_quality() -> None:
    generator = np.random.default_rng(4)
    cycles = jnp.array(10.0 ** generator.uniform(-2.0, 9.5, (4000, 12)))
    stress = jnp.array(1e9 * 10.0 ** generator.uniform(-3.0, 0.6, (4000, 12)))
    for name in ("case_hardened_mq", "through_hardened", "carbonitrided_mq"):
        data = GEAR_STEELS[name]
        for corners, factors in ((data.flank_cycles, data.flank_factors), (data.root_cycles, data.root_factors)):
            blocks = blocks_of(cycles, stress, jnp.asarray(1e9), jnp.array(corners), jnp.array(factors))
            left = np.abs(np.asarray(block_damage(newton_in_bracket(blocks), blocks)[0]))
            assert left.max() < 5e-3 and np.quantile(left, 0.99) < 1e-5


def test_both_sides_of_the_teeth_have_a_sum_of_their_own() -> None:
    cycles, stress = jnp.array([1e6, 1e8, 3e7, 1e9]), jnp.array([1.6e9, 1.1e9, 1.2e9, 0.9e9])
    side = jnp.array([1.0, 0.0, 1.0, 0.0])

    def both(stress, side):
        return spectrum_safety(cycles, stress, LIMIT, CORNERS, FACTORS, side)

    def alone(stress, members):
        return spectrum_safety(cycles[members], stress[members], LIMIT, CORNERS, FACTORS)

    found = jax.jit(jax.value_and_grad(lambda s: jnp.sum(both(s, side))))(stress)
    (driving, first), (coasting, second) = (
        jax.jit(jax.value_and_grad(alone))(stress, members)
        for members in (np.array([0, 2]), np.array([1, 3]))
    )
    assert float(found[0]) == pytest.approx(float(driving + coasting), rel=1e-9)
    np.testing.assert_allclose(found[1], first + second, rtol=1e-6)
    value, slope = jax.jit(lambda s: (both(s, jnp.ones(4)), jax.jacfwd(both)(s, jnp.ones(4))))(stress)
    assert float(value[1]) == pytest.approx(100.0) and np.all(np.asarray(slope[1]) == 0.0)  # nothing loads that side
    assert np.all(np.isfinite(slope)) and float(value[0]) < float(driving)


def test_second_derivatives_go_through_the_root() -> None:
    def safety(scale: jax.Array) -> jax.Array:
        stress = jnp.stack([1.6e9 * scale, 1.1e9 * scale**2])
        return spectrum_safety(jnp.array([1e6, 1e8]), stress, LIMIT, CORNERS, FACTORS)

    second = jax.jit(jax.hessian(safety))
    slope = jax.jit(jax.grad(safety))
    at, step = 1.02, 1e-4
    difference = (slope(at + step) - slope(at - step)) / (2.0 * step)
    assert float(second(at)) == pytest.approx(float(difference), rel=1e-5)
