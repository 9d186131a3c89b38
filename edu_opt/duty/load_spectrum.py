"""Load spectra for strength and life: a life of cycles plus peak blocks, at the axle of one drive unit."""

from __future__ import annotations

import jax

from edu_opt.numerics.pytree import pytree


@pytree
class LoadSpectrum:
    """Blocks of constant load over the life of one drive unit, at its output (differential cage); K blocks.

    axle_torque [K] N m (sum of both wheels of the axle; + driving, - recuperating: the other flanks);
    axle_speed [K] rad/s >= 0; duration [K] s over the whole life. Revolutions of the axle in a block are
    axle_speed * duration / (2 pi). Blocks with zero duration are allowed and mean nothing.
    """

    axle_torque: jax.Array
    axle_speed: jax.Array
    duration: jax.Array
