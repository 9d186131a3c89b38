"""Bilinear quadrilaterals on a logically rectangular ring grid: metric, derivatives, forces, stiffness.

Cell (i, j) has corners 0 (i, j), 1 (i, j+1), 2 (i+1, j+1), 3 (i+1, j); xi runs along j, eta along i. Everything is
evaluated at the 2 x 2 Gauss points in reference coordinates; a cell knows its shape only through the metric
|grad A|^2 = g11 a_xi^2 + 2 g12 a_xi a_eta + g22 a_eta^2 and the weight det/4.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from edu_opt.numerics.pytree import pytree

_GAUSS = np.array([0.5 - 0.5 / np.sqrt(3.0), 0.5 + 0.5 / np.sqrt(3.0)])
_POINTS = [(xi, eta) for eta in _GAUSS for xi in _GAUSS]
# Derivatives of the four shape functions at the Gauss points: [point][d/dxi, d/deta][corner].
_DERIVATIVES = np.array([[[-(1 - eta), 1 - eta, eta, -eta], [-(1 - xi), -xi, xi, 1 - xi]] for xi, eta in _POINTS])
_SHAPES = np.array([[(1 - xi) * (1 - eta), xi * (1 - eta), xi * eta, (1 - xi) * eta] for xi, eta in _POINTS])
_FLOOR = 1e-4  # smallest determinant of a cell relative to the mean one: folded cells stay positive (and are reported)


@pytree
class CellMetric:
    """Metric of the cells: `weight` (4, rows, columns) [m2], `inverse` (3, 4, rows, columns) [1/m2] = g11, g12, g22."""

    weight: jax.Array
    inverse: jax.Array


@pytree
class Stiffness:
    """Symmetric stiffness by rings: `diagonal`, `along` (j to j+1), each (rings, columns); from ring to the next one
    `straight` (j-j), `forward` (j to j+1), `backward` (j+1 to j), each (rings-1, columns). Wrap signs are folded in."""

    diagonal: jax.Array
    along: jax.Array
    straight: jax.Array
    forward: jax.Array
    backward: jax.Array


def cell_metric(x: jax.Array, y: jax.Array, orientation: int) -> tuple[CellMetric, jax.Array]:
    """Metric of a grid with nodes x, y (rows + 1, columns + 1) and its smallest corner Jacobian.

    The latter is det at the worst corner of all cells over the product of the two edges that meet there (the sine of
    the corner's angle): 1 for rectangles, negative where a cell folds. `orientation` is +1 if (xi, eta) is
    right-handed.
    """
    dx, dy = _point_derivatives(_corners(x)), _point_derivatives(_corners(y))
    det = orientation * (dx[:, 0] * dy[:, 1] - dx[:, 1] * dy[:, 0])
    det = jnp.maximum(det, _FLOOR * jnp.mean(jnp.abs(det)))
    g = [dx[:, 1] ** 2 + dy[:, 1] ** 2, -(dx[:, 0] * dx[:, 1] + dy[:, 0] * dy[:, 1]), dx[:, 0] ** 2 + dy[:, 0] ** 2]
    return CellMetric(weight=0.25 * det, inverse=jnp.stack(g) / det**2), _corner_sine(x, y, orientation)


def _corner_sine(x: jax.Array, y: jax.Array, orientation: int) -> jax.Array:
    cx, cy = _corners(x), _corners(y)
    forward_x, forward_y = jnp.roll(cx, -1, 0) - cx, jnp.roll(cy, -1, 0) - cy
    back_x, back_y = jnp.roll(cx, 1, 0) - cx, jnp.roll(cy, 1, 0) - cy
    cross = orientation * (forward_x * back_y - forward_y * back_x)
    lengths = jnp.sqrt((forward_x**2 + forward_y**2) * (back_x**2 + back_y**2) + 1e-24)
    return jnp.min(cross / lengths)


def _corners(nodes: jax.Array) -> jax.Array:
    """Corner values (4, rows, columns) of nodal values (rows + 1, columns + 1)."""
    return jnp.stack([nodes[:-1, :-1], nodes[:-1, 1:], nodes[1:, 1:], nodes[1:, :-1]])


def _point_derivatives(corners: jax.Array) -> jax.Array:
    """d/dxi, d/deta at the Gauss points: (4 corners, ...) -> (4 points, 2, ...)."""
    return jnp.tensordot(_DERIVATIVES, corners, axes=1)


def wrapped(potential: jax.Array, sign: int) -> jax.Array:
    """Ring potentials (rings, columns) without the Dirichlet ring -> nodes (rings + 1, columns + 1) with it and the
    wrap."""
    closed = jnp.concatenate([potential, sign * potential[:, :1]], 1)
    return jnp.concatenate([jnp.zeros_like(closed[:1]), closed])


def reference_gradient(nodes: jax.Array) -> tuple[jax.Array, jax.Array]:
    """a_xi, a_eta at the Gauss points, each (4, rows, columns), from nodal potentials (rows + 1, columns + 1)."""
    across = nodes[:, 1:] - nodes[:, :-1]
    outward = nodes[1:] - nodes[:-1]
    low, high = _GAUSS
    xi = [across[:-1] + eta * (across[1:] - across[:-1]) for eta in (low, high)]
    eta = [outward[:, :-1] + s * (outward[:, 1:] - outward[:, :-1]) for s in (low, high)]
    return jnp.stack([xi[0], xi[0], xi[1], xi[1]]), jnp.stack([eta[0], eta[1], eta[0], eta[1]])


def flux_square(metric: CellMetric, a_xi: jax.Array, a_eta: jax.Array) -> jax.Array:
    """Squared flux density [T^2] at the Gauss points (4, rows, columns)."""
    g = metric.inverse
    return g[0] * a_xi**2 + 2.0 * g[1] * a_xi * a_eta + g[2] * a_eta**2


def gather_forces(corner: jax.Array | tuple[jax.Array, ...], sign: int) -> jax.Array:
    """Sum of corner contributions (4 of (rows, columns)) at the unknown nodes: (rings, columns)."""
    lower = _close(corner[0], corner[1], sign)
    upper = _close(corner[3], corner[2], sign)
    return upper.at[:-1].add(lower[1:])


def _close(left: jax.Array, right: jax.Array, sign: int) -> jax.Array:
    """left corners plus the right corners of the neighbour before, through the wrap."""
    return left + jnp.concatenate([sign * right[:, -1:], right[:, :-1]], 1)


def forces(flux_xi: jax.Array, flux_eta: jax.Array, sign: int) -> jax.Array:
    """Nodal forces (rings, columns) of the point vectors that multiply grad N_a in reference coordinates."""
    low, high = _GAUSS
    # a_xi depends on eta alone at these points, a_eta on xi alone: sum over the other coordinate first.
    eta_low, eta_high = flux_xi[0] + flux_xi[1], flux_xi[2] + flux_xi[3]
    xi_low, xi_high = flux_eta[0] + flux_eta[2], flux_eta[1] + flux_eta[3]
    inner, outer = high * eta_low + low * eta_high, low * eta_low + high * eta_high
    left, right = high * xi_low + low * xi_high, low * xi_low + high * xi_high
    return gather_forces((-inner - left, inner - right, outer + right, left - outer), sign)


def shape_integrals(metric: CellMetric) -> jax.Array:
    """Integral of each corner's shape function over each cell [m2], (4, rows, columns)."""
    return jnp.tensordot(_SHAPES.T, metric.weight, axes=1)


def stiffness(
    metric: CellMetric, a_xi: jax.Array, a_eta: jax.Array, nu: jax.Array, slope: jax.Array, sign: int
) -> Stiffness:
    """Tangent stiffness for reluctivity nu and slope = d nu / d(B^2), both at the Gauss points (4, rows, columns)."""
    g, w = metric.inverse, metric.weight
    h_xi, h_eta = g[0] * a_xi + g[1] * a_eta, g[1] * a_xi + g[2] * a_eta
    base, extra = w * nu, 2.0 * w * slope
    tensor = (base * g[0] + extra * h_xi**2, base * g[1] + extra * h_xi * h_eta, base * g[2] + extra * h_eta**2)
    k = _entries(*lax.optimization_barrier(tensor))
    flip = jnp.ones(nu.shape[-1]).at[-1].set(sign)
    lower_diagonal = k[0, 0] + jnp.roll(k[1, 1], 1, 1)
    upper_diagonal = k[3, 3] + jnp.roll(k[2, 2], 1, 1)
    none = jnp.zeros_like(lower_diagonal[:1])
    return Stiffness(
        diagonal=upper_diagonal + jnp.concatenate([lower_diagonal[1:], none]),
        along=flip * (k[2, 3] + jnp.concatenate([k[0, 1][1:], none])),
        straight=(k[0, 3] + jnp.roll(k[1, 2], 1, 1))[1:],
        forward=(k[0, 2] * flip)[1:],
        backward=(k[1, 3] * flip)[1:],
    )


def _entries(t_xx: jax.Array, t_xe: jax.Array, t_ee: jax.Array) -> dict[tuple[int, int], jax.Array]:
    """Stiffness entries by corner pair from the symmetric tensor at the Gauss points, each (4, rows, columns)."""
    low, high = _GAUSS
    eta_low, eta_high = t_xx[0] + t_xx[1], t_xx[2] + t_xx[3]
    xi_low, xi_high = t_ee[0] + t_ee[2], t_ee[1] + t_ee[3]
    inner, cross_eta, outer = (
        high**2 * eta_low + low**2 * eta_high,
        low * high * (eta_low + eta_high),
        low**2 * eta_low + high**2 * eta_high,
    )
    left, cross_xi, right = (
        high**2 * xi_low + low**2 * xi_high,
        low * high * (xi_low + xi_high),
        low**2 * xi_low + high**2 * xi_high,
    )
    # Mixed terms: shape functions at the four points times the signs of the corner's two derivatives.
    mixed = {}
    for a in range(4):
        for b in range(a, 4):
            weights = [d[0, a] * d[1, b] + d[1, a] * d[0, b] for d in _DERIVATIVES]
            mixed[a, b] = sum(w * t_xe[q] for q, w in enumerate(weights))
    return {
        (0, 0): inner + left + mixed[0, 0],
        (1, 1): inner + right + mixed[1, 1],
        (2, 2): outer + right + mixed[2, 2],
        (3, 3): outer + left + mixed[3, 3],
        (0, 1): cross_xi - inner + mixed[0, 1],
        (2, 3): cross_xi - outer + mixed[2, 3],
        (0, 3): cross_eta - left + mixed[0, 3],
        (1, 2): cross_eta - right + mixed[1, 2],
        (0, 2): -cross_eta - cross_xi + mixed[0, 2],
        (1, 3): -cross_eta - cross_xi + mixed[1, 3],
    }


def stiffness_product(k: Stiffness, vector: jax.Array) -> jax.Array:
    """Stiffness times ring potentials (rings, columns)."""
    ring = k.diagonal * vector + k.along * jnp.roll(vector, -1, 1) + jnp.roll(k.along * vector, 1, 1)
    inner, outer = vector[:-1], vector[1:]
    to_outer = k.straight * inner + jnp.roll(k.forward * inner, 1, 1) + k.backward * jnp.roll(inner, -1, 1)
    to_inner = k.straight * outer + k.forward * jnp.roll(outer, -1, 1) + jnp.roll(k.backward * outer, 1, 1)
    return ring.at[1:].add(to_outer).at[:-1].add(to_inner)
