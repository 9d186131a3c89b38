"""The continuous bearing against catalogue rows; equivalent load in its limits."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from edu_opt.gearbox.bearings import ball_bearing, equivalent_load

# NTN ball and roller bearings, catalogue 2202: bore, outer [mm], width [mm], C, C0 [kN]
CATALOGUE = {
    "6006": (30, 55, 13, 13.2, 8.3),
    "6008": (40, 68, 15, 16.8, 11.5),
    "6010": (50, 80, 16, 21.8, 16.6),
    "6206": (30, 62, 16, 19.5, 11.3),
    "6208": (40, 80, 18, 29.1, 17.8),
    "6306": (30, 72, 19, 26.7, 15.0),
    "6308": (40, 90, 23, 40.5, 24.0),
    "6310": (50, 110, 27, 62.0, 38.5),
}


def test_ratings_of_the_relaxation_meet_the_catalogue() -> None:
    rows = np.array(list(CATALOGUE.values()))
    bearings = jax.jit(jax.vmap(ball_bearing))(rows[:, 0] * 1e-3, rows[:, 1] * 1e-3)
    np.testing.assert_allclose(np.asarray(bearings.dynamic_rating) * 1e-3, rows[:, 3], rtol=0.11)
    np.testing.assert_allclose(np.asarray(bearings.static_rating) * 1e-3, rows[:, 4], rtol=0.13)
    np.testing.assert_allclose(np.asarray(bearings.width) * 1e3, rows[:, 2], rtol=0.16)


def test_equivalent_load_is_radial_without_thrust_and_grows_with_it() -> None:
    bearing = ball_bearing(jnp.asarray(0.035), jnp.asarray(0.072))
    radial, axial = jnp.array([4000.0, 4000.0, 4000.0]), jnp.array([0.0, 500.0, 3000.0])
    load = np.asarray(equivalent_load(bearing, radial, axial))
    np.testing.assert_allclose(load[:2], 4000.0, rtol=1e-3)  # Fa/Fr below e
    assert load[2] > 1.3 * load[0]
