"""Air gap as one analytic element: both gap rings' potentials in Fourier series, the annulus between them solved
exactly.

The element couples any two rings at any rotor angle, without a mesh; its energy is a quadratic form of the ring
potentials, and the torque is its exact derivative with respect to the rotor angle (virtual work).
Source of the annulus solution: separation of variables of Laplace's equation in polar coordinates.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from edu_opt.numerics.constants import VACUUM_RELUCTIVITY
from edu_opt.numerics.pytree import pytree


@pytree
class AirGap:
    """Fourier rows of both rings and the annulus coefficients.

    `stator_cosine`, `stator_sine` (harmonics, stator columns), `rotor_*` alike in the rotor's frame; `orders`
    (harmonics,) [1/rad mechanical]; `own`, `mutual` (harmonics,): energy = own/2 (a^2 + b^2) - mutual a b for each
    harmonic.
    """

    stator_cosine: jax.Array
    stator_sine: jax.Array
    rotor_cosine: jax.Array
    rotor_sine: jax.Array
    orders: jax.Array
    own: jax.Array
    mutual: jax.Array
    bore_radius: jax.Array
    ring_radius: jax.Array


def air_gap_element(
    stator_angles: jax.Array,
    rotor_angles: jax.Array,
    bore_radius: jax.Array,
    ring_radius: jax.Array,
    sector_angle: jax.Array,
    harmonics: np.ndarray,
    sign: int,
) -> AirGap:
    """Element between the ring of the bore and the rotor's gap ring; node angles (columns,) [rad], rising, one
    sector."""
    orders = jnp.asarray(harmonics) * jnp.pi / sector_angle
    safe = jnp.where(harmonics > 0, orders, 1.0)
    log_ratio = jnp.log(bore_radius / ring_radius)
    scale = 0.5 * VACUUM_RELUCTIVITY * sector_angle
    # Order 0 (periodic sectors only): coefficient 2 x mean, energy nu0 tau/(2 log) (difference of means)^2.
    uniform = 0.5 * scale / log_ratio
    own = jnp.where(harmonics > 0, scale * safe / jnp.tanh(safe * log_ratio), uniform)
    mutual = jnp.where(harmonics > 0, scale * safe / jnp.sinh(safe * log_ratio), uniform)
    stator_cosine, stator_sine = _hat_series(stator_angles, sector_angle, orders, harmonics, sign)
    rotor_cosine, rotor_sine = _hat_series(rotor_angles, sector_angle, orders, harmonics, sign)
    return AirGap(
        stator_cosine=stator_cosine,
        stator_sine=stator_sine,
        rotor_cosine=rotor_cosine,
        rotor_sine=rotor_sine,
        orders=orders,
        own=own,
        mutual=mutual,
        bore_radius=bore_radius,
        ring_radius=ring_radius,
    )


def _hat_series(
    angles: jax.Array, sector: jax.Array, orders: jax.Array, harmonics: np.ndarray, sign: int
) -> tuple[jax.Array, jax.Array]:
    """Fourier coefficients (2/tau) int phi_j cos, sin over the sector of the hat functions on a ring: (harmonics,
    n)."""
    following = jnp.concatenate([angles[1:], angles[:1] + sector])
    width = following - angles
    order = jnp.where(harmonics > 0, orders, 1.0)[:, None]
    half, middle = 0.5 * order * width, 0.5 * order * (angles + following)
    # Barriers keep the compiler from repeating the sines in every loop that uses them.
    sine_half, sine, cosine = lax.optimization_barrier((jnp.sin(half), jnp.sin(middle), jnp.cos(middle)))
    ratio = sine_half / half
    slope_cosine, slope_sine = -ratio * sine * order, ratio * cosine * order
    wrap = np.ones(angles.shape[0])
    wrap[0] = sign

    def second_difference(slope: jax.Array) -> jax.Array:
        return -(slope - jnp.roll(slope, 1, 1) * wrap) / order**2 * 2.0 / sector

    constant = (width + jnp.roll(width, 1)) / sector
    uniform = (harmonics == 0)[:, None]
    return jnp.where(uniform, constant, second_difference(slope_cosine)), jnp.where(
        uniform, 0.0, second_difference(slope_sine)
    )


def rotated_rotor_series(gap: AirGap, angle: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Rotor Fourier rows in the stator's frame at mechanical rotor angle [rad]: (harmonics, rotor columns) each."""
    c, s = lax.optimization_barrier((jnp.cos(gap.orders * angle)[:, None], jnp.sin(gap.orders * angle)[:, None]))
    return gap.rotor_cosine * c - gap.rotor_sine * s, gap.rotor_sine * c + gap.rotor_cosine * s


def ring_matrices(gap: AirGap) -> tuple[jax.Array, jax.Array]:
    """Stiffness of the two rings on themselves (stator, rotor); independent of the rotor angle."""
    stator = _weighted(gap.stator_cosine, gap.own, gap.stator_cosine) + _weighted(
        gap.stator_sine, gap.own, gap.stator_sine
    )
    rotor = _weighted(gap.rotor_cosine, gap.own, gap.rotor_cosine) + _weighted(gap.rotor_sine, gap.own, gap.rotor_sine)
    return stator, rotor


def coupling_matrix(gap: AirGap, angle: jax.Array) -> jax.Array:
    """Stiffness (stator columns, rotor columns) between the rings at mechanical rotor angle [rad]."""
    cosine, sine = rotated_rotor_series(gap, angle)
    return -_weighted(gap.stator_cosine, gap.mutual, cosine) - _weighted(gap.stator_sine, gap.mutual, sine)


def _weighted(left: jax.Array, weight: jax.Array, right: jax.Array) -> jax.Array:
    return (left * weight[:, None]).T @ right


def virtual_work_torque(gap: AirGap, stator_ring: jax.Array, rotor_ring: jax.Array, angle: jax.Array) -> jax.Array:
    """Torque of the sector per metre [N m/m] = minus the derivative of the energy with respect to the rotor angle."""
    cosine, sine = rotated_rotor_series(gap, angle)
    b_c, b_s = cosine @ rotor_ring, sine @ rotor_ring
    a_c, a_s = gap.stator_cosine @ stator_ring, gap.stator_sine @ stator_ring
    return jnp.sum(gap.mutual * gap.orders * (a_s * b_c - a_c * b_s))


def radial_flux_density(
    gap: AirGap, stator_ring: jax.Array, rotor_ring: jax.Array, angle: jax.Array, share: float = 0.5
) -> tuple[jax.Array, jax.Array]:
    """Fourier coefficients (cosine, sine) [T] of B_r over the stator angle, at `share` of the way from ring to bore."""
    cosine, sine = rotated_rotor_series(gap, angle)
    radius = gap.ring_radius + share * (gap.bore_radius - gap.ring_radius)
    n = jnp.maximum(gap.orders, 1e-9)
    whole = n * jnp.log(gap.bore_radius / gap.ring_radius)
    outer, inner = n * jnp.log(radius / gap.ring_radius), n * jnp.log(gap.bore_radius / radius)
    outer_share, inner_share = jnp.sinh(outer) / jnp.sinh(whole), jnp.sinh(inner) / jnp.sinh(whole)
    a_c = outer_share * (gap.stator_cosine @ stator_ring) + inner_share * (cosine @ rotor_ring)
    a_s = outer_share * (gap.stator_sine @ stator_ring) + inner_share * (sine @ rotor_ring)
    return gap.orders * a_s / radius, -gap.orders * a_c / radius
