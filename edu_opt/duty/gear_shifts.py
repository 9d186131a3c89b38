"""How often a two-speed gearbox shifts on a cycle: counted on the whole trace for many shift speeds, once, on the host;
the compiled programs read the counts as data of a smooth function of the shift speed."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from edu_opt.duty.cycles import Cycle

SPACING = 2.0  # rad/s at the axle between two counted shift speeds
NODES = np.arange(0.0, 130.0, SPACING)  # rad/s; beyond the highest of any two-speed layout's space
HYSTERESIS = 3.0  # rad/s, between the speeds of shifting up and down (3.6 km/h at 0.33 m; assumed)


def shift_counts(cycle: Cycle, wheel_radius: float) -> np.ndarray:
    """Shifts, up and down, of one run of the cycle (nodes,) for the shift speeds `NODES`, first gear at the start.

    The gear changes up half a hysteresis above the shift speed, down as far below it.
    """
    axle = np.asarray(cycle.speed, float) / wheel_radius
    counts = np.zeros(len(NODES))
    for k, speed in enumerate(NODES):
        above, below = axle > speed + 0.5 * HYSTERESIS, axle < speed - 0.5 * HYSTERESIS
        decided = np.where(above, 1, np.where(below, 0, -1))
        gears = np.concatenate([[0], decided[decided >= 0]])
        counts[k] = np.count_nonzero(np.diff(gears))
    return counts


def shifts_at(counts: jax.Array, shift_speed: jax.Array) -> jax.Array:
    """Shifts a cycle at a shift speed [rad/s], a mean of the counts with a Gauss weight `SPACING` wide: smooth, within
    the range of the counts beside it."""
    return jnp.sum(counts * jax.nn.softmax(-0.5 * ((shift_speed - NODES) / SPACING) ** 2))
