"""Reluctivity of electrical steel: a C2 function of the squared flux density, made on the host from measured points.

nu(s), s = B^2, is a natural cubic spline on a uniform grid of s, continued by nu0 + c1/b + c3/b^3 + c5/b^5, which joins
it with equal value, slope and curvature and lets the differential permeability go to that of vacuum.
"""

from __future__ import annotations

from collections.abc import Sequence

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from edu_opt.numerics.constants import VACUUM_PERMEABILITY, VACUUM_RELUCTIVITY
from edu_opt.numerics.pytree import pytree

KNOT_SPACING = 0.05  # T^2
KNOTS = 126  # up to 6.25 T^2 = (2.5 T)^2
LAST_SQUARE = KNOT_SPACING * (KNOTS - 1)
_FINE_STEP = 0.002  # T, host-side table
_SMOOTHING = 0.03  # T, width of the Gaussian over the logarithm of the differential reluctivity
_DECADES, _PER_DECADE = 7, 40  # inverse table: 1 A/m to 10 MA/m
_CHORD_LIMIT = 0.22  # T, below the first knot the initial (Rayleigh) region is replaced by its chord


@pytree
class Reluctivity:
    """Reluctivity curve as data: `coefficients` (125, 5) of a cubic in each interval of s and the energy at its start,
    `tail` (4,): c1, c3, c5 and the energy constant beyond 2.5 T; `inverse` (n,): flux density [T] at field strengths
    that are spaced evenly in their logarithm (only steers the iterations, has no part in the solution)."""

    coefficients: jax.Array
    tail: jax.Array
    inverse: jax.Array


def reluctivity_from_curve(
    field_strength: Sequence[float] | np.ndarray,
    flux_density: Sequence[float] | np.ndarray,
    stacking_factor: float = 1.0,
) -> Reluctivity:
    """Reluctivity from a monotone curve H [A/m], B [T], both (n,) and starting at or above zero (host, numpy).

    `stacking_factor` k mixes iron and air: B = k B_iron(H) + (1 - k) mu0 H. The differential reluctivity is smoothed
    over about 0.03 T (in its logarithm, so it stays positive); the error in H is below 1-2 % except in the initial
    region below 0.22 T. Beyond the last point the slope is that of vacuum.
    """
    h, b = np.asarray(field_strength, float), np.asarray(flux_density, float)
    if h.ndim != 1 or h.shape != b.shape or h.size < 4 or np.any(np.diff(h) <= 0) or np.any(np.diff(b) <= 0):
        raise ValueError(f"H and B must be rising sequences of equal length >= 4, got {h.size} and {b.size} values")
    if h[0] > 0:
        h, b = np.concatenate([[0.0], h]), np.concatenate([[0.0], b])
    dense_h = np.unique(np.concatenate([h, np.interp(np.linspace(0.0, b[-1], 1500), b, h)]))
    dense_b = stacking_factor * _monotone_cubic(h, b, dense_h) + (1.0 - stacking_factor) * VACUUM_PERMEABILITY * dense_h
    fine_b, fine_h = _smooth_curve(dense_h, dense_b)
    squares = KNOT_SPACING * np.arange(KNOTS)
    knots_b = np.maximum(np.sqrt(squares), np.sqrt(KNOT_SPACING))
    return _spline(np.interp(knots_b, fine_b, fine_h) / knots_b)


def linear_reluctivity(relative_permeability: float) -> Reluctivity:
    """Constant reluctivity over the whole range (tests, ideal iron)."""
    nu = VACUUM_RELUCTIVITY / relative_permeability
    coefficients = np.zeros((KNOTS - 1, 5))
    coefficients[:, 0] = nu
    coefficients[:, 4] = 0.5 * nu * KNOT_SPACING * np.arange(KNOTS - 1)
    end = np.sqrt(LAST_SQUARE)
    tail = _tail(nu, 0.0, 0.0)
    energy = 0.5 * nu * LAST_SQUARE - _tail_energy(end, tail)
    return _with_inverse(coefficients, np.array([*tail, energy]))


def _monotone_cubic(x: np.ndarray, y: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Monotone piecewise cubic interpolation (Fritsch and Butland, SIAM J. Sci. Stat. Comput. 5, 1984)."""
    h, d = np.diff(x), np.diff(y) / np.diff(x)
    slope = np.empty_like(y)
    weight = np.stack([2 * h[1:] + h[:-1], h[1:] + 2 * h[:-1]])
    slope[1:-1] = weight.sum(0) / (weight[0] / d[:-1] + weight[1] / d[1:])
    slope[0], slope[-1] = d[0], d[-1]
    k = np.clip(np.searchsorted(x, at, side="right") - 1, 0, x.size - 2)
    t = (at - x[k]) / h[k]
    c2, c3 = 3 * d[k] - 2 * slope[k] - slope[k + 1], slope[k] + slope[k + 1] - 2 * d[k]
    return y[k] + h[k] * t * (slope[k] + t * (c2 + t * c3))


def _smooth_curve(dense_h: np.ndarray, dense_b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(B, H) on a fine grid with a smooth, positive differential reluctivity (Gaussian filter of its logarithm)."""
    b = np.arange(0.0, 2.9, _FINE_STEP)
    h = np.interp(b, dense_b, dense_h)
    h = np.where(b > dense_b[-1], dense_h[-1] + VACUUM_RELUCTIVITY * (b - dense_b[-1]), h)
    start = int(np.searchsorted(b, _CHORD_LIMIT))
    h[: start + 1] = h[start] * b[: start + 1] / b[start]
    slope = np.clip(np.gradient(h, _FINE_STEP), 1.0, VACUUM_RELUCTIVITY)
    reach = round(4 * _SMOOTHING / _FINE_STEP)
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) * _FINE_STEP / _SMOOTHING) ** 2)
    padded = np.pad(np.log(slope), reach, mode="edge")
    smooth = np.exp(np.convolve(padded, kernel / kernel.sum(), mode="valid"))
    return b, np.concatenate([[0.0], np.cumsum(0.5 * _FINE_STEP * (smooth[1:] + smooth[:-1]))])


def _spline(nu: np.ndarray) -> Reluctivity:
    """Natural cubic spline through nu at the knots, its energy, and the tail that continues it C2."""
    n, h = nu.size, KNOT_SPACING
    system = np.diag(np.full(n, 4.0)) + np.diag(np.ones(n - 1), 1) + np.diag(np.ones(n - 1), -1)
    right = np.zeros(n)
    right[1:-1] = 6.0 * (nu[2:] - 2 * nu[1:-1] + nu[:-2]) / h**2
    system[0], system[-1] = np.eye(n)[0], np.eye(n)[-1]
    # The end curvature is that of nu0 + c/b, so that the tail's higher terms stay negligible.
    right[-1] = 0.75 * (nu[-1] - VACUUM_RELUCTIVITY) / LAST_SQUARE**2
    second = np.linalg.solve(system, right)
    c1 = (nu[1:] - nu[:-1]) - h**2 * (2 * second[:-1] + second[1:]) / 6
    c2, c3 = 0.5 * h**2 * second[:-1], h**2 * (second[1:] - second[:-1]) / 6
    pieces = 0.5 * h * (nu[:-1] + c1 / 2 + c2 / 3 + c3 / 4)
    energy = np.concatenate([[0.0], np.cumsum(pieces)])
    coefficients = np.stack([nu[:-1], c1, c2, c3, energy[:-1]], 1)
    _require_positive_slope(coefficients)
    end_slope = (c1[-1] + 2 * c2[-1] + 3 * c3[-1]) / h
    tail = _tail(nu[-1], end_slope, second[-1])
    constant = energy[-1] - _tail_energy(np.sqrt(LAST_SQUARE), tail)
    return _with_inverse(coefficients, np.array([*tail, constant]))


def _with_inverse(coefficients: np.ndarray, tail: np.ndarray) -> Reluctivity:
    """Curve with its table of flux densities, by interpolation on a fine grid of flux density (host)."""
    b = np.concatenate([np.linspace(0.0, 2.5, 2501)[:-1], np.geomspace(2.5, 1e5, 2000)])
    index = np.minimum((b**2 / KNOT_SPACING).astype(int), KNOTS - 2)
    c, t = coefficients[index], b**2 / KNOT_SPACING - index
    near = c[:, 0] + t * (c[:, 1] + t * (c[:, 2] + t * c[:, 3]))
    far_b = np.maximum(b, 2.5)
    far = VACUUM_RELUCTIVITY + (tail[0] + (tail[1] + tail[2] / far_b**2) / far_b**2) / far_b
    h = b * np.where(b < 2.5, near, far)
    table = np.interp(10.0 ** (np.arange(_DECADES * _PER_DECADE + 1) / _PER_DECADE), h, b)
    return Reluctivity(coefficients=jnp.asarray(coefficients), tail=jnp.asarray(tail), inverse=jnp.asarray(table))


def _require_positive_slope(coefficients: np.ndarray) -> None:
    t = np.linspace(0.0, 1.0, 9)[:, None]
    c0, c1, c2, c3, _ = coefficients.T
    s = KNOT_SPACING * (np.arange(KNOTS - 1) + t)
    slope = c0 + t * (c1 + t * (c2 + t * c3)) + 2 * s * (c1 + t * (2 * c2 + 3 * t * c3)) / KNOT_SPACING
    if slope.min() <= 0:
        worst = float(np.sqrt(s.ravel()[slope.argmin()]))
        raise ValueError(
            f"differential reluctivity is not positive near {worst:.2f} T: give more points of the curve there"
        )


def _tail(nu: float, slope: float, curvature: float) -> np.ndarray:
    """c1, c3, c5 of nu0 + c1/b + c3/b^3 + c5/b^5 with value, d/ds and d2/ds2 given at the last knot (s = b^2)."""
    s, powers = LAST_SQUARE, np.array([-0.5, -1.5, -2.5])
    rows = [s**powers, powers * s ** (powers - 1), powers * (powers - 1) * s ** (powers - 2)]
    return np.linalg.solve(np.stack(rows), np.array([nu - VACUUM_RELUCTIVITY, slope, curvature]))


def _tail_energy(b: float, tail: np.ndarray) -> float:
    return 0.5 * VACUUM_RELUCTIVITY * b**2 + tail[0] * b - tail[1] / b - tail[2] / (3 * b**3)


def _locate(curve: Reluctivity, square: jax.Array) -> tuple[jax.Array, jax.Array, jax.Array, jax.Array]:
    """Coefficients (..., 5) of the interval, local coordinate, flux density in the tail, mask of the tail."""
    inside = jnp.minimum(square, LAST_SQUARE)
    index = jnp.clip(jnp.floor(lax.stop_gradient(inside) / KNOT_SPACING).astype(jnp.int32), 0, KNOTS - 2)
    local = inside / KNOT_SPACING - index
    return curve.coefficients[index], local, jnp.sqrt(jnp.maximum(square, LAST_SQUARE)), square > LAST_SQUARE


def reluctivity(curve: Reluctivity, square: jax.Array) -> jax.Array:
    """nu [m/H] at squared flux density [T^2]; any shape."""
    c, t, b, beyond = _locate(curve, square)
    far = VACUUM_RELUCTIVITY + (curve.tail[0] + (curve.tail[1] + curve.tail[2] / b**2) / b**2) / b
    return jnp.where(beyond, far, c[..., 0] + t * (c[..., 1] + t * (c[..., 2] + t * c[..., 3])))


def reluctivity_and_slope(curve: Reluctivity, square: jax.Array) -> tuple[jax.Array, jax.Array]:
    """nu and d nu / d(B^2) at squared flux density [T^2]."""
    c, t, b, beyond = _locate(curve, square)
    c1, c3, c5 = curve.tail[0], curve.tail[1], curve.tail[2]
    far = VACUUM_RELUCTIVITY + (c1 + (c3 + c5 / b**2) / b**2) / b
    far_slope = -0.5 * (c1 + (3 * c3 + 5 * c5 / b**2) / b**2) / b**3
    near = c[..., 0] + t * (c[..., 1] + t * (c[..., 2] + t * c[..., 3]))
    near_slope = (c[..., 1] + t * (2 * c[..., 2] + t * 3 * c[..., 3])) / KNOT_SPACING
    return jnp.where(beyond, far, near), jnp.where(beyond, far_slope, near_slope)


def flux_density_at(curve: Reluctivity, strength: jax.Array) -> jax.Array:
    """Flux density [T] at field strength >= 0 [A/m], linear in log H between 40 points a decade (error below 5 mT)."""
    place = _PER_DECADE / np.log(10.0) * jnp.log(jnp.clip(strength, 1.0, 10.0**_DECADES))
    index = jnp.clip(jnp.floor(place).astype(jnp.int32), 0, _DECADES * _PER_DECADE - 1)
    low, high = curve.inverse[index], curve.inverse[index + 1]
    between = low + (high - low) * (place - index)
    return between * jnp.minimum(strength, 1.0) + VACUUM_PERMEABILITY * jnp.maximum(strength - 10.0**_DECADES, 0.0)


def energy_density(curve: Reluctivity, square: jax.Array) -> jax.Array:
    """Magnetic energy density [J/m3] = integral of nu/2 over B^2."""
    c, t, b, beyond = _locate(curve, square)
    near = c[..., 4] + 0.5 * KNOT_SPACING * t * (
        c[..., 0] + t * (c[..., 1] / 2 + t * (c[..., 2] / 3 + t * c[..., 3] / 4))
    )
    c1, c3, c5, constant = (curve.tail[k] for k in range(4))
    far = 0.5 * VACUUM_RELUCTIVITY * b**2 + c1 * b - c3 / b - c5 / (3 * b**3) + constant
    return jnp.where(beyond, far, near)
