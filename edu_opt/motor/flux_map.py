"""Smooth, reciprocal flux map of one lamination from few field solves.

The map is the gradient of a co-energy per metre of stack

    V(x) = sum over blocks, sample points k and their mirror images (i_q -> -i_q) of
           s^2 exp(-|u - u_k|^2 / 2) (u - u_k) . J_k w_k     + quadratic and linear terms,

a Gaussian-process (kernel) interpolation of gradient data with fixed sample points and hyperparameters: u(x) are few
saturating features of the per-unit currents (asinh of the total d-axis magnetomotive force i_d + kappa i_f, of i_q)
and J their derivatives. So V is C-infinity, even in i_q, and its weights w are ONE constant matrix times the sampled
fluxes: the fit is linear, cheap and differentiable in the fields. psi_d = dV/di_d, psi_q = dV/di_q and, because three
phases carry 3/2 of the dq products, psi_f = 3/2 dV/di_f.

Sample points and hyperparameters were found once by a search (CMA-ES) over dense maps of machines solved on grid XS;
errors on machines that were not searched over are in tests/motor/test_flux_map.py.
"""

from __future__ import annotations

import dataclasses
import functools

import jax
import jax.numpy as jnp
import numpy as np

from edu_opt.numerics.pytree import pytree, static

FIELD_FACTOR = 1.5  # d psi_f / d i_d = 1.5 d psi_d / d i_f with amplitude-invariant dq quantities


@dataclasses.dataclass(frozen=True)
class Block:
    """One squared-exponential kernel over features u_a = warp_a/length_a asinh((direction_a . x + offset_a)/warp_a).

    A direction has either no i_q part or only one (and then no offset), so that mirroring i_q mirrors single features.
    """

    amplitude: float
    directions: tuple[tuple[float, float, float], ...]
    offsets: tuple[float, ...]
    warps: tuple[float, ...]
    lengths: tuple[float, ...]


@dataclasses.dataclass(frozen=True)
class KernelForm:
    """Sample points (per unit), kernel blocks, standard deviation of quadratic and linear terms, relative noise."""

    points: tuple[tuple[float, float, float], ...]
    blocks: tuple[Block, ...]
    quadratic: float
    linear: float
    noise: float = 1e-6


@pytree
class FluxMap:
    """Flux map of one metre of stack, one conductor per slot and one field turn per pole.

    `ampere_turn_scale` (3,): per-unit bases [A] of (slot d, slot q, field per pole); `weights` (points, 3) [Wb/m x A].
    `form` names the kernel form.
    """

    form: str = static()
    ampere_turn_scale: jax.Array
    weights: jax.Array


def _features(block: Block, x, numeric) -> tuple:
    """Features (..., a) and their slopes with respect to the direction's argument (..., a); x (..., 3) per unit."""
    directions, offsets = np.array(block.directions), np.array(block.offsets)
    warps, lengths = np.array(block.warps), np.array(block.lengths)
    argument = (x @ directions.T + offsets) / warps
    return numeric.arcsinh(argument) * warps / lengths, 1.0 / (numeric.sqrt(1.0 + argument * argument) * lengths)


def _quadratic_gradients(form: KernelForm, x: np.ndarray) -> np.ndarray:
    """Gradients (points, terms, 3) of the polynomial terms i_d^2, i_q^2, i_f^2, i_d i_f, i_d, i_f at x (points, 3)."""
    d, q, f = x.T
    zero, one = 0.0 * d, 0.0 * d + 1.0
    rows = [
        np.stack([2 * d, zero, zero], -1) * form.quadratic,
        np.stack([zero, 2 * q, zero], -1) * form.quadratic,
        np.stack([zero, zero, 2 * f], -1) * form.quadratic,
        np.stack([f, zero, d], -1) * form.quadratic,
        np.stack([one, zero, zero], -1) * form.linear,
    ]
    return np.stack(rows, 1)


def _covariance(block: Block, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Covariance (n, 3, m, 3) of the gradients at a (n, 3) and b (m, 3)."""
    directions = np.array(block.directions)
    u, slope_u = _features(block, a, np)
    v, slope_v = _features(block, b, np)
    difference = u[:, None, :] - v[None, :, :]
    kernel = block.amplitude**2 * np.exp(-0.5 * np.sum(difference**2, -1))
    middle = np.eye(u.shape[1]) - difference[..., :, None] * difference[..., None, :]
    left = slope_u[:, :, None] * directions[None]
    right = slope_v[:, :, None] * directions[None]
    return np.einsum("nm,nmab,nai,mbj->nimj", kernel, middle, left, right, optimize=True)


MIRROR = np.array([1.0, -1.0, 1.0])


@functools.cache
def fit_matrix(form_name: str) -> np.ndarray:
    """Constant matrix (points*3, points*3): sampled per-unit gradients of V -> weights."""
    form = FORMS[form_name]
    x = np.array(form.points)
    n = len(x)
    covariance = np.zeros((n, 3, n, 3))
    for block in form.blocks:
        covariance += _covariance(block, x, x) + _covariance(block, x, x * MIRROR) * MIRROR
    terms = _quadratic_gradients(form, x)
    covariance += np.einsum("nti,mtj->nimj", terms, terms)
    matrix = covariance.reshape(3 * n, 3 * n)
    used = np.diag(matrix) > 0.0  # ipm: the field direction carries no information
    regular = matrix + form.noise * np.mean(np.diag(matrix)[used]) * np.eye(3 * n)
    return np.linalg.inv(regular) * np.outer(used, used)


def sample_ampere_turns(form_name: str, ampere_turn_scale: jax.Array) -> jax.Array:
    """Ampere-turns (points, 3) [A] at which the fields of a lamination are solved."""
    return jnp.asarray(FORMS[form_name].points) * ampere_turn_scale


def fit_flux_map(form_name: str, ampere_turn_scale: jax.Array, flux: jax.Array) -> FluxMap:
    """Flux map from sampled unit fluxes (points, 3) [Wb/m] at `sample_ampere_turns`; linear in the fluxes."""
    points = len(FORMS[form_name].points)
    per_unit = flux / jnp.array([1.0, 1.0, FIELD_FACTOR]) * ampere_turn_scale
    weights = (fit_matrix(form_name) @ per_unit.reshape(-1)).reshape(points, 3)
    return FluxMap(form=form_name, ampere_turn_scale=ampere_turn_scale, weights=weights)


def _block_velocities(block: Block, points: np.ndarray, weights: jax.Array) -> tuple[np.ndarray, jax.Array]:
    """Centres (2 n, a) with mirror images and their weighted feature velocities J_k w_k (2 n, a)."""
    directions = np.array(block.directions)
    centres, slopes = _features(block, points, np)
    mirrored, slopes_mirrored = _features(block, points * MIRROR, np)
    here = slopes * (weights @ directions.T)
    there = slopes_mirrored * ((weights * MIRROR) @ directions.T)
    return np.concatenate([centres, mirrored]), jnp.concatenate([here, there])


def coenergy_unit(flux_map: FluxMap, ampere_turns: jax.Array) -> jax.Array:
    """V [Wb A / m]: two thirds of the magnetic co-energy per metre, without the constant at zero current."""
    form = FORMS[flux_map.form]
    points, x = np.array(form.points), ampere_turns / flux_map.ampere_turn_scale
    total = jnp.zeros(())
    for block in form.blocks:
        centres, velocities = _block_velocities(block, points, flux_map.weights)
        difference = _features(block, x, jnp)[0] - centres
        kernel = block.amplitude**2 * jnp.exp(-0.5 * jnp.sum(difference**2, -1))
        total = total + jnp.sum(kernel * jnp.sum(difference * velocities, -1))
    terms = jnp.einsum("nti,ni->t", _quadratic_gradients(form, points), flux_map.weights)
    d, q, f = x
    values = jnp.stack([d * d, q * q, f * f, d * f]) * form.quadratic
    return total + values @ terms[:4] + form.linear * d * terms[4]


def flux_linkage_unit(flux_map: FluxMap, ampere_turns: jax.Array) -> jax.Array:
    """Unit fluxes (3,) [Wb/m] at ampere-turns (3,) [A]; the gradient of `coenergy_unit`, written out (cheap)."""
    form = FORMS[flux_map.form]
    points, x = np.array(form.points), ampere_turns / flux_map.ampere_turn_scale
    gradient = jnp.zeros(3)
    for block in form.blocks:
        centres, velocities = _block_velocities(block, points, flux_map.weights)
        u, slope = _features(block, x, jnp)
        difference = u - centres
        kernel = block.amplitude**2 * jnp.exp(-0.5 * jnp.sum(difference**2, -1))
        along = jnp.sum(difference * velocities, -1)
        by_feature = kernel @ velocities - (kernel * along) @ difference
        gradient = gradient + (by_feature * slope) @ np.array(block.directions)
    terms = jnp.einsum("nti,ni->t", _quadratic_gradients(form, points), flux_map.weights)
    d, q, f = x
    polynomial = form.quadratic * jnp.stack(
        [2 * d * terms[0] + f * terms[3], 2 * q * terms[1], 2 * f * terms[2] + d * terms[3]]
    ) + jnp.stack([form.linear * terms[4], 0.0 * d, 0.0 * d])
    return (gradient + polynomial) / flux_map.ampere_turn_scale * jnp.array([1.0, 1.0, FIELD_FACTOR])


LINEAR = 1.0e3  # a warp this large leaves a feature linear (asinh(x/w) w = x to 2e-7 at |x| = 1)

FORMS: dict[str, KernelForm] = {
    "eesm_12": KernelForm(
        points=(
            (-0.542, 0.562, 0.538),
            (0.094, 0.215, 0.118),
            (-0.019, 0.325, 0.735),
            (0.106, 0.563, 0.824),
            (0.213, 0.298, 0.872),
            (-0.104, 0.899, 0.389),
            (0.159, 0.913, 0.475),
            (-0.456, 0.349, 0.887),
            (-0.465, 0.063, 0.771),
            (0.163, 0.788, 1.0),
            (-0.869, 0.291, 0.728),
            (0.25, 0.896, 0.05),
        ),
        blocks=(
            Block(
                amplitude=1.0,
                directions=((1.0, 0.0, 0.582), (0.0, 1.0, 0.0)),
                offsets=(0.0, 0.0),
                warps=(0.311, 0.419),
                lengths=(0.554, 0.483),
            ),
            Block(
                amplitude=0.148,
                directions=((1.0, 0.0, 0.582), (0.0, 1.0, 0.0), (0.691, 0.0, 1.0)),
                offsets=(0.0, 0.0, 0.0),
                warps=(1.492, LINEAR, 0.570),
                lengths=(0.756, 0.559, 0.312),
            ),
        ),
        quadratic=2.253,
        linear=0.0,
    ),
    "eesm_16": KernelForm(
        points=(
            (0.21, 0.316, 0.353),
            (-0.072, 0.599, 0.326),
            (0.003, 0.101, 0.813),
            (0.249, 0.844, 0.779),
            (0.171, 0.341, 1.0),
            (-0.024, 0.94, 0.2),
            (-0.047, 0.9, 0.658),
            (-0.436, 0.26, 1.0),
            (-0.282, 0.154, 0.554),
            (-0.359, 0.902, 0.826),
            (-0.663, 0.408, 0.429),
            (-0.034, 0.13, 0.258),
            (-0.184, 0.21, 0.226),
            (0.066, 0.548, 0.987),
            (-0.723, 0.546, 1.0),
            (0.054, 0.716, 0.05),
        ),
        blocks=(
            Block(
                amplitude=1.0,
                directions=((1.0, 0.0, 0.646), (0.0, 1.0, 0.0)),
                offsets=(0.0, 0.0),
                warps=(0.408, 0.655),
                lengths=(0.509, 0.537),
            ),
            Block(
                amplitude=0.087,
                directions=((1.0, 0.0, 0.646), (0.0, 1.0, 0.0), (0.652, 0.0, 1.0)),
                offsets=(0.0, 0.0, 0.0),
                warps=(0.616, LINEAR, 0.497),
                lengths=(0.892, 0.630, 0.402),
            ),
        ),
        quadratic=1.908,
        linear=0.0,
    ),
    "ipm_6": KernelForm(
        points=(
            (-0.208, 0.213, 0.0),
            (-0.674, 0.172, 0.0),
            (-0.021, 0.932, 0.0),
            (-0.259, 0.372, 0.0),
            (-0.987, 0.144, 0.0),
            (-0.62, 0.682, 0.0),
        ),
        blocks=(
            Block(
                amplitude=1.000,
                directions=((1.0, 0.0, 0.0), (0.0, 1.0, 0.0)),
                offsets=(0.163, 0.0),
                warps=(0.904, 0.542),
                lengths=(1.722, 0.593),
            ),
            Block(
                amplitude=0.045,
                directions=((1.0, 0.0, 0.0), (0.0, 1.0, 0.0)),
                offsets=(0.163, 0.0),
                warps=(0.904, 0.542),
                lengths=(0.618, 0.216),
            ),
        ),
        quadratic=1.547,
        linear=3.510,
        noise=1e-7,
    ),
    "ipm_8": KernelForm(
        points=(
            (-0.061, 0.939, 0.0),
            (-0.515, 0.482, 0.0),
            (-0.028, 0.561, 0.0),
            (-0.512, 0.812, 0.0),
            (-0.49, 0.109, 0.0),
            (-0.238, 0.34, 0.0),
            (-0.97, 0.351, 0.0),
            (-0.126, 0.163, 0.0),
        ),
        blocks=(
            Block(
                amplitude=1.000,
                directions=((1.0, 0.0, 0.0), (0.0, 1.0, 0.0)),
                offsets=(0.226, 0.0),
                warps=(0.629, 0.513),
                lengths=(1.113, 0.526),
            ),
            Block(
                amplitude=0.065,
                directions=((1.0, 0.0, 0.0), (0.0, 1.0, 0.0)),
                offsets=(0.226, 0.0),
                warps=(0.629, 0.513),
                lengths=(0.451, 0.248),
            ),
        ),
        quadratic=1.191,
        linear=2.206,
        noise=1e-7,
    ),
}
