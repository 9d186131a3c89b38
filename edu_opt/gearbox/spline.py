"""Involute spline between motor shaft and gearbox input (DIN 5480, ISO 4156 with 30 degrees): flank pressure, size.

p = 2 T K/(phi z d_m h L), Niemann/Winter/Hoehn, Maschinenelemente 1, ch. 18 (recalled): mean diameter d_m = m z, flank
height h = 0.9 m of DIN 5480 (fillet root), phi = 0.75 of the teeth carry.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from edu_opt.numerics.pytree import pytree
from edu_opt.numerics.smooth import smooth_absolute

BEARING_DEPTH = 0.9  # flank in contact, in modules
CARRYING_SHARE = 0.75  # of the teeth, by pitch errors
APPLICATION_FACTOR = 1.25  # reversals and misalignment between two bearing systems (assumed)
SMALLEST_TORQUE = 0.1  # N m, keeps the margin finite without load
PERMISSIBLE_PRESSURE = 150e6  # Pa, case-hardened, oiled, often reversed (Niemann: 100 to 150 MPa; unhardened 50)


@pytree
class Spline:
    """Reference diameter d_B [m] (largest of the shaft), module [m], engaged length [m]."""

    diameter: jax.Array
    module: jax.Array
    length: jax.Array

    @property
    def teeth(self) -> jax.Array:
        """z of DIN 5480 with x = 0.45: d_B = m (z + 2 x + 1.1), real-valued in the search."""
        return self.diameter / self.module - 2.0


def spline_on(bore: jax.Array, module: float | jax.Array = 1.25e-3, length_ratio: float | jax.Array = 1.0) -> Spline:
    """Spline that passes through a bearing bore [m]; length in units of its diameter."""
    return Spline(diameter=bore, module=jnp.asarray(module), length=bore * length_ratio)


def flank_pressure(spline: Spline, torque: jax.Array) -> jax.Array:
    """Pressure [Pa] on the flanks at a torque [N m] of either sense."""
    carrying = CARRYING_SHARE * spline.teeth * BEARING_DEPTH * spline.module * spline.length
    torque = smooth_absolute(jnp.asarray(torque), SMALLEST_TORQUE) + SMALLEST_TORQUE
    return 2.0 * APPLICATION_FACTOR * torque / (spline.module * spline.teeth * carrying)


def spline_margin(
    spline: Spline, torque: jax.Array, permissible: float | jax.Array = PERMISSIBLE_PRESSURE
) -> jax.Array:
    """Permissible over real pressure less 1; torque [N m]."""
    return permissible / flank_pressure(spline, torque) - 1.0
