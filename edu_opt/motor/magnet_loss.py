"""Eddy-current loss of segmented magnets from the mean square ripple of their flux density.

Resistance-limited rectangular block of width w (across the magnetization, in the lamination's plane) and axial length
l: p = omega^2 <B~^2> w^2 / (12 rho) l^2 / (w^2 + l^2) per volume (H. Polinder, M. Hoeijmakers, IEE Proc. EPA 146 (1999)
261; recalled). It has the right limits for l >> w and w >> l. The reaction of the eddy currents is neglected: wide
segments at high slot orders (skin depth 6.6 mm at 10 kHz and 1.8 uOhm m) are overstated.
"""

from __future__ import annotations

import jax


def block_factor(width: jax.Array, length: jax.Array) -> jax.Array:
    """w^2 l^2 / (12 (w^2 + l^2)) [m2] of a block of width and axial length [m]; symmetric in both."""
    return width**2 * length**2 / (12.0 * (width**2 + length**2))


def magnet_eddy_loss_per_speed(
    ripple_square: jax.Array,
    electrical_speed: jax.Array,
    *,
    width: jax.Array,
    length: jax.Array,
    volume: jax.Array,
    resistivity: jax.Array,
) -> jax.Array:
    """Loss over electrical speed [W s], zero at standstill; times the speed it is the loss [W].

    `ripple_square` [T^2]: mean square ripple times the square of its order in electrical frequency; `width`, `length`
    [m] of one segment (tangential, axial); `volume` [m3] of all magnets; resistivity [ohm m].
    """
    return electrical_speed * ripple_square * block_factor(width, length) / resistivity * volume
