"""Demagnetization at the worst corner: hot magnets, largest negative d current of control and of a three-phase short.

`edu_opt.motor.model.demagnetization_margin` is linear in current between the lamination's two solved points (no
current, the map's largest negative d current) and scales its no-load part with the remanence. Against field solves of V
laminations on grid XS (tests/motor/test_demagnetization.py solves them again): within 0.05 T up to the map's largest
current; beyond it the flux density falls more slowly than the line, which then is on the safe side (0.01 to 0.2 T at
1.5 times that current). It takes i_q = 0: cross magnetization at the same i_d lowers the smallest flux density by up
to 0.15 T, but the largest negative d current leaves no room for i_q in the inverter's limit, and a short passes its
peak with i_q = 0.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from edu_opt.motor.faults import transient_short_circuit
from edu_opt.motor.model import demagnetization_margin
from edu_opt.motor.parts import Motor
from edu_opt.numerics.pytree import pytree
from edu_opt.numerics.smooth import soft_minimum

CORNER_WIDTH = 0.01  # T, soft minimum of the two corners: at most 0.007 T below the smaller one


@pytree
class DemagnetizationCorners:
    """Flux density above the knee [T] at two corners, and their soft minimum `worst` (bias -0.007 to 0 T).

    `control`: largest negative d current of the inverter; `short`: peak of a sudden three-phase short;
    `short_current` [A peak] there (> 0).
    """

    control: jax.Array
    short: jax.Array
    short_current: jax.Array

    @property
    def worst(self) -> jax.Array:
        """Margin at the worse corner [T]."""
        return soft_minimum(jnp.stack([self.control, self.short]), CORNER_WIDTH)


def demagnetization_corners(
    motor: Motor, magnet_celsius: jax.Array, current_max: jax.Array, currents_before: jax.Array
) -> DemagnetizationCorners:
    """Margins at -i_d = `current_max` [A peak] and at the peak of a short that starts from `currents_before` (3,) [A].

    The worst start of a short is the one of the longest stator flux vector: peak torque below base speed. Magnets at
    `magnet_celsius` [degC] in both. An eesm returns 1 (it has nothing to demagnetize) and its own short's current.
    """
    peak = -transient_short_circuit(motor, currents_before, magnet_celsius)[0]
    return DemagnetizationCorners(
        control=demagnetization_margin(motor, magnet_celsius, current_max),
        short=demagnetization_margin(motor, magnet_celsius, peak),
        short_current=peak,
    )
