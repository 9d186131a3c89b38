"""Smooth, reciprocal flux map of one lamination from few field solves.

The map is the gradient of a co-energy per metre of stack

    V(x) = sum over blocks, sample points k and their mirror images (i_q -> -i_q; without magnets i_d -> -i_d too) of
           s^2 exp(-|u - u_k|^2 / 2) (u - u_k) . J_k w_k     + quadratic and linear terms,

a Gaussian-process (kernel) interpolation of gradient data with fixed sample points and hyperparameters: u(x) are few
saturating features of the per-unit currents (asinh of the total d-axis magnetomotive force i_d + kappa i_f, of i_q)
and J their derivatives. So V is C-infinity, even in i_q, and its weights w are a small matrix times the sampled fluxes
(constant for ipm, a function of one ratio for eesm): the fit is linear, cheap and differentiable in the fields.
psi_d = dV/di_d, psi_q = dV/di_q and, because three phases carry 3/2 of the dq products, psi_f = 3/2 dV/di_f.

Sample points and hyperparameters: `flux_map_forms`.
"""

from __future__ import annotations

import functools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from edu_opt.motor.flux_map_forms import FORMS, Block, KernelForm
from edu_opt.numerics.linear import symmetric_solve
from edu_opt.numerics.pytree import pytree, static
from edu_opt.numerics.shared_derivatives import shared_derivatives

FIELD_FACTOR = 1.5  # d psi_f / d i_d = 1.5 d psi_d / d i_f with amplitude-invariant dq quantities
# Field ampere-turns per pole that magnetize about as much as 1 per unit in the slots, per slot of a pole: the kernels
# see both windings on the same magnetic scale whatever their areas.
FIELD_REFERENCE = 2.0 / 9.0
Array = jax.Array | np.ndarray


@pytree
class FluxMap:
    """Flux map of one metre of stack, one conductor per slot and one field turn per pole.

    `base` (3,) [A]: bases of the kernels' per-unit currents (slot d, slot q, field per pole); `field_ratio`: largest
    field ampere-turns over their base; `weights` (points, 3) [Wb A/m]. `form` names the kernel form.
    """

    form: str = static()
    base: jax.Array
    field_ratio: jax.Array
    weights: jax.Array

    @property
    def ampere_turn_scale(self) -> jax.Array:
        """Largest ampere-turns (3,) [A] that were sampled: slot d, slot q, field per pole."""
        return self.base * jnp.stack([jnp.ones(()), jnp.ones(()), self.field_ratio])


def sample_points(form: KernelForm, field_ratio: float | jax.Array, numeric) -> Array:
    """Points (n, 3) in units of the kernels' bases, the rest point last if the form has one (else constant)."""
    points = np.array(form.points + ((0.0, 0.0, 0.0),) * form.rest_point)
    if not form.rest_point:
        return points
    return numeric.stack([points[:, 0], points[:, 1], points[:, 2] * field_ratio], -1)


def features(block: Block, x: Array, numeric) -> tuple[Array, Array]:
    """Features (..., a) and their slopes with respect to the direction's argument (..., a); x (..., 3) per unit."""
    directions, offsets = np.array(block.directions), np.array(block.offsets)
    warps, lengths = np.array(block.warps), np.array(block.lengths)
    argument = (x @ directions.T + offsets) / warps
    return numeric.arcsinh(argument) * warps / lengths, 1.0 / (numeric.sqrt(1.0 + argument * argument) * lengths)


def _polynomial_gradients(form: KernelForm, x: Array, numeric) -> Array:
    """Gradients (points, terms, 3) of the terms i_d^2, i_q^2, i_f^2, i_d i_f, i_d at x (points, 3)."""
    d, q, f = x[:, 0], x[:, 1], x[:, 2]
    zero, one = 0.0 * d, 0.0 * d + 1.0
    rows = [
        numeric.stack([2 * d, zero, zero], -1) * form.quadratic,
        numeric.stack([zero, 2 * q, zero], -1) * form.quadratic,
        numeric.stack([zero, zero, 2 * f], -1) * form.quadratic,
        numeric.stack([f, zero, d], -1) * form.quadratic,
        numeric.stack([one, zero, zero], -1) * form.linear,
    ]
    return numeric.stack(rows, 1)


def _covariance(block: Block, a: Array, b: Array, numeric) -> Array:
    """Covariance (n, 3, m, 3) of the gradients at a (n, 3) and b (m, 3)."""
    directions = np.array(block.directions)
    u, slope_u = features(block, a, numeric)
    v, slope_v = features(block, b, numeric)
    difference = u[:, None, :] - v[None, :, :]
    kernel = block.amplitude**2 * numeric.exp(-0.5 * numeric.sum(difference**2, -1))
    left = slope_u[:, :, None] * directions
    right = slope_v[:, :, None] * directions
    along_left = numeric.einsum("nma,nai->nmi", difference, left)
    along_right = numeric.einsum("nma,maj->nmj", difference, right)
    straight = numeric.einsum("nai,maj->nimj", left, right)
    bent = along_left.transpose(0, 2, 1)[..., None] * along_right[:, None]
    return kernel[:, None, :, None] * (straight - bent)


def _gram_matrix(form: KernelForm, points: Array, numeric) -> Array:
    """Regularized covariance (3 n, 3 n) of the gradients at the sample points."""
    n = len(points)
    total: Any = 0.0
    for block in form.blocks:
        total = total + _covariance(block, points, points, numeric)
        for mirror in form.mirrors:
            total = total + _covariance(block, points, points * mirror, numeric) * mirror
    terms = _polynomial_gradients(form, points, numeric)
    total = total + numeric.einsum("nti,mtj->nimj", terms, terms)
    matrix = total.reshape(3 * n, 3 * n)
    return matrix + form.noise * numeric.mean(numeric.diag(matrix)) * np.eye(3 * n)


@shared_derivatives
def _gram_at_ratio(form_name: str, field_ratio: jax.Array, _: None) -> jax.Array:
    """Gram matrix of a form with field current, whose sample points follow the field's ratio (1,)."""
    form = FORMS[form_name]
    return jnp.asarray(_gram_matrix(form, sample_points(form, field_ratio[0], jnp), jnp))


@functools.cache
def _constant_inverse(form_name: str) -> np.ndarray:
    """Inverse Gram matrix of a form without field current: it does not depend on the lamination."""
    form = FORMS[form_name]
    return np.linalg.inv(_gram_matrix(form, sample_points(form, 1.0, np), np))


def sample_ampere_turns(form_name: str, ampere_turn_scale: jax.Array) -> jax.Array:
    """Ampere-turns (points, 3) [A] at which the fields of a lamination are solved."""
    return jnp.asarray(FORMS[form_name].points) * ampere_turn_scale


def fit_flux_map(form_name: str, ampere_turn_scale: jax.Array, slots_per_pole: float, flux: jax.Array) -> FluxMap:
    """Flux map from sampled unit fluxes (points, 3) [Wb/m] at `sample_ampere_turns`; linear in the fluxes.

    With a field winding the (small) matrix depends on the ratio of field to slot ampere-turns, else it is constant.
    """
    form = FORMS[form_name]
    slot, field = ampere_turn_scale[0], ampere_turn_scale[2]
    if form.rest_point:
        base = jnp.stack([slot, slot, FIELD_REFERENCE * slots_per_pole * slot])
        flux = jnp.concatenate([flux, jnp.zeros((1, 3))])
    else:
        base = ampere_turn_scale
    ratio = field / base[2]
    gradients = (flux / jnp.array([1.0, 1.0, FIELD_FACTOR]) * base).reshape(-1)
    if form.rest_point:
        weights = symmetric_solve(_gram_at_ratio(form_name, ratio[None], None), gradients[:, None])
    else:
        weights = jnp.asarray(_constant_inverse(form_name)) @ gradients
    return FluxMap(form=form_name, base=base, field_ratio=ratio, weights=weights.reshape(-1, 3))


def form_and_points(flux_map: FluxMap) -> tuple[KernelForm, Array]:
    """Kernel form of a map and its sample points (n, 3) per unit."""
    form = FORMS[flux_map.form]
    return form, sample_points(form, flux_map.field_ratio, jnp)


def _block_velocities(form: KernelForm, block: Block, points: Array, weights: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Centres (images n, a), the points' own first, and their weighted feature velocities J_k w_k (images n, a)."""
    directions = np.array(block.directions)
    centres, velocities = [], []
    for mirror in (np.ones(3), *form.mirrors):
        centre, slope = features(block, points * mirror, jnp)
        centres.append(centre)
        velocities.append(slope * ((weights * mirror) @ directions.T))
    return jnp.concatenate(centres), jnp.concatenate(velocities)


def coenergy_unit(flux_map: FluxMap, ampere_turns: jax.Array) -> jax.Array:
    """V [Wb A / m]: two thirds of the magnetic co-energy per metre, up to a constant."""
    form, points = form_and_points(flux_map)
    x = ampere_turns / flux_map.base
    total = jnp.zeros(())
    for block in form.blocks:
        centres, velocities = _block_velocities(form, block, points, flux_map.weights)
        difference = features(block, x, jnp)[0] - centres
        kernel = block.amplitude**2 * jnp.exp(-0.5 * jnp.sum(difference**2, -1))
        total = total + jnp.sum(kernel * jnp.sum(difference * velocities, -1))
    terms = jnp.einsum("nti,ni->t", _polynomial_gradients(form, points, jnp), flux_map.weights)
    d, q, f = x
    values = jnp.stack([d * d, q * q, f * f, d * f]) * form.quadratic
    return total + values @ terms[:4] + form.linear * d * terms[4]


def kernel_arguments(flux_map: FluxMap, ampere_turns: jax.Array) -> jax.Array:
    """The few numbers (4,) that the kernels depend on nonlinearly: per-unit currents and the field's ratio."""
    return jnp.append(ampere_turns / flux_map.base, flux_map.field_ratio)


@shared_derivatives
def _coenergy_gradient(form_name: str, arguments: jax.Array, weights: jax.Array) -> jax.Array:
    """dV/dx (3,) at per-unit currents x and field ratio; linear in the weights."""
    form = FORMS[form_name]
    x, points = arguments[:3], sample_points(form, arguments[3], jnp)
    gradient = jnp.zeros(3)
    for block in form.blocks:
        centres, velocities = _block_velocities(form, block, points, weights)
        u, slope = features(block, x, jnp)
        difference = u - centres
        kernel = block.amplitude**2 * jnp.exp(-0.5 * jnp.sum(difference**2, -1))
        along = jnp.sum(difference * velocities, -1)
        by_feature = kernel @ velocities - (kernel * along) @ difference
        gradient = gradient + (by_feature * slope) @ np.array(block.directions)
    terms = jnp.einsum("nti,ni->t", _polynomial_gradients(form, points, jnp), weights)
    d, q, f = x
    polynomial = form.quadratic * jnp.stack(
        [2 * d * terms[0] + f * terms[3], 2 * q * terms[1], 2 * f * terms[2] + d * terms[3]]
    ) + jnp.stack([form.linear * terms[4], 0.0 * d, 0.0 * d])
    return gradient + polynomial


def flux_linkage_unit(flux_map: FluxMap, ampere_turns: jax.Array) -> jax.Array:
    """Unit fluxes (3,) [Wb/m] at ampere-turns (3,) [A]; the gradient of `coenergy_unit`, written out (cheap)."""
    gradient = _coenergy_gradient(flux_map.form, kernel_arguments(flux_map, ampere_turns), flux_map.weights)
    return gradient / flux_map.base * jnp.array([1.0, 1.0, FIELD_FACTOR])
