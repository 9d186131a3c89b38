"""First and second derivatives exist, and are right, exactly at every knee of the standard's factors."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from edu_opt.gearbox import load_capacity as capacity
from edu_opt.gearbox import load_factors as factors
from edu_opt.gearbox.life import life_factor
from edu_opt.gearbox.scuffing import contact_ratio_factor, helical_load_factor
from edu_opt.gearbox.tooth_root import helix_factor
from edu_opt.numerics.pytree import replace
from tests.gearbox.test_load_factors import HARD, KS03, SOFT, STEELS, SUN, deviations

STIFF, MADE = factors.mesh_stiffness(*KS03), deviations(12.0, 15.0)
DEPTH = float(0.5 * (SUN[0].tip_diameter[0] - SUN[1].root_diameter[0]))


def overlap(x: jax.Array):
    return replace(KS03[1], overlap_ratio=x)


def total(x: jax.Array):
    return replace(KS03[1], total_contact_ratio=x)


def dynamic(n: jax.Array, load: jax.Array | float = 4e5) -> jax.Array:
    return factors.dynamic_factor(n, jnp.asarray(load), KS03[1], STIFF, MADE, STEELS, 10.0)


def face(load: jax.Array) -> jax.Array:
    return factors.face_load_factor(load, STIFF, MADE, jnp.asarray(30e-6), STEELS, 10.0, "none")


def transverse(geometry, load: jax.Array | float) -> jax.Array:
    epsilon = jnp.asarray(0.83)
    return factors.transverse_load_factor(jnp.asarray(load), geometry, STIFF, MADE, epsilon, STEELS, 10.0)[0]


def addendum(x: jax.Array):
    return replace(KS03[1], addendum_contact_ratio=jnp.stack([x, 1.6 - x]), contact_ratio=jnp.asarray(1.6))


KNEES = {
    "K_V at N_S": (dynamic, 0.85),
    "K_V at 1.15": (dynamic, 1.15),
    "K_V at 1.5": (dynamic, 1.5),
    "K_V at 100 N/mm": (lambda x: dynamic(jnp.asarray(0.8), x * 1e5), 1.0),
    "K_V at a total contact ratio of 2": (
        lambda x: factors.dynamic_factor(jnp.asarray(1.0), jnp.asarray(4e5), total(x), STIFF, MADE, STEELS, 10.0),
        2.0,
    ),
    "c' at 100 N/mm": (lambda x: factors.mesh_stiffness(*KS03, x * 1e5).single * 1e-10, 1.0),
    "K_Hbeta at 2": (lambda x: face(x * 2.05e5), 1.0),
    "K_Halpha at a total contact ratio of 2": (lambda x: transverse(total(x), 1e5), 2.0),
    "K_Halpha at 1": (lambda x: transverse(KS03[1], x * 1e6), 1.0),
    "running-in at its limit": (lambda x: factors.running_in(x * 40e-6, STEELS, 10.0) * 1e6, 1.0),
    "running-in at 10 m/s": (lambda x: factors.running_in(jnp.asarray(9e-5), (SOFT, SOFT), x) * 1e6, 10.0),
    "relief at class 5.5": (lambda x: factors.counted_relief(1.0, x), 5.5),
    "Z_epsilon at overlap 1": (lambda x: capacity.contact_ratio_factor(overlap(x)), 1.0),
    "Z_B at overlap 1": (lambda x: capacity.single_contact_factors(KS03[0], overlap(x))[0], 1.0),
    "Y_beta at overlap 1": (lambda x: helix_factor(overlap(x), jnp.asarray(0.3)), 1.0),
    "Y_beta at 30 degrees": (lambda x: helix_factor(overlap(jnp.asarray(1.4)), x), np.pi / 6.0),
    "Y_B at 1.2": (lambda x: capacity.rim_factor(*SUN, jnp.stack([x, x]) * DEPTH)[0], 1.2),
    "Y_DT at 2.05": (
        lambda x: capacity.deep_tooth_factor(replace(KS03[1], contact_ratio=x * jnp.cos(KS03[1].base_helix) ** 2), 4.0),
        2.05,
    ),
    "Z_NT at its first corner": (
        lambda x: life_factor(10.0**x, HARD.flank_cycles, HARD.flank_factors),
        5.0,
    ),
    "Z_NT at its knee": (lambda x: life_factor(5e7 * x, HARD.flank_cycles, HARD.flank_factors), 1.0),
    "Y_NT at its last corner": (lambda x: life_factor(10.0**x, HARD.root_cycles, HARD.root_factors), 10.0),
    "K_Bgamma at 2": (helical_load_factor, 2.0),
    "K_Bgamma at 3.5": (helical_load_factor, 3.5),
    "X_epsilon at an addendum ratio of 1": (lambda x: contact_ratio_factor(addendum(x)), 1.0),
}


@pytest.fixture(scope="module")
def derivatives() -> tuple[np.ndarray, ...]:
    """(first, second derivative, the same by differences) at every knee, one compile."""
    names = list(KNEES)
    start = jnp.array([KNEES[n][1] for n in names])

    def all_of(x: jax.Array) -> jax.Array:
        return jnp.stack([KNEES[n][0](x[k]) for k, n in enumerate(names)])

    def slopes(x: jax.Array) -> tuple[jax.Array, jax.Array]:
        return jax.jvp(all_of, (x,), (jnp.ones_like(x),))

    def both(x: jax.Array) -> tuple[jax.Array, jax.Array, jax.Array]:
        (value, first), (_, second) = jax.jvp(slopes, (x,), (jnp.ones_like(x),))
        return value, first, second

    step = 1e-5 * start
    points = jnp.stack([start, start + step, start - step])
    value, first, second = (np.asarray(a) for a in jax.jit(jax.vmap(both))(points))
    width = 2.0 * np.asarray(step)
    return first[0], second[0], (value[1] - value[2]) / width, (first[1] - first[2]) / width


@pytest.mark.parametrize("name", KNEES)
def test_derivatives_at_a_knee(name: str, derivatives: tuple[np.ndarray, ...]) -> None:
    first, second, first_difference, second_difference = (float(a[list(KNEES).index(name)]) for a in derivatives)
    assert np.isfinite([first, second]).all()
    assert first == pytest.approx(first_difference, rel=1e-4, abs=1e-7)
    assert second == pytest.approx(second_difference, rel=1e-2, abs=1e-5)
