"""Iron loss over current and frequency from coefficients at the sampled current points.

At each sample point the fields give nine non-negative coefficients per metre of stack: regions (stator tooth, stator
yoke, rotor) x terms (hysteresis [W/m/Hz], classical [W/m/Hz^2], excess [W/m/Hz^1.5]), and one mean square ripple in
the magnets. Their square roots are interpolated with the features of the flux map's first kernel block (a constant
matrix again) and squared, so a loss is smooth and never negative.
"""

from __future__ import annotations

import functools

import jax
import jax.numpy as jnp
import numpy as np

from edu_opt.motor.flux_map import FORMS, MIRROR, FluxMap, KernelForm, features, sample_points
from edu_opt.numerics.pytree import pytree

REGIONS = ("tooth", "yoke", "rotor")
TERMS = ("hysteresis", "classical", "excess")
CHANNELS = len(REGIONS) * len(TERMS) + 1  # the last: magnet flux-density ripple
BUILD_FACTOR = 1.25  # Motor-CAD `StatorIronLossBuildFactor`, `RotorIronLossBuildFactor` of every TUMFTM machine
LENGTH_SHARE = 1.0  # of the flux map's feature lengths: losses vary on the same scale as fluxes
CONSTANT, LINEAR, NOISE = 3.0, 1.0, 1e-4
ROOT_FLOOR = 1e-12  # W/m/Hz^n under the square root: keeps its slope finite where a coefficient vanishes


@pytree
class IronLossMap:
    """Interpolation weights (points, channels) of the square roots; features and bases are the flux map's."""

    weights: jax.Array


def _kernel(form: KernelForm, x, points, numeric):
    """Kernel values (..., points) between per-unit currents x (..., 3) and sample points (n, 3); even in i_q."""
    block = form.blocks[0]
    u = features(block, x, numeric)[0]
    total = CONSTANT**2 + LINEAR**2 * (x[..., :1] * points[:, 0] + x[..., 2:] * points[:, 2])
    for image in (points, points * MIRROR):
        centres = features(block, image, numeric)[0]
        total = total + numeric.exp(-0.5 * numeric.sum(((u[..., None, :] - centres) / LENGTH_SHARE) ** 2, -1))
    return total


@functools.cache
def _constant_inverse(form_name: str) -> np.ndarray:
    """Inverse kernel matrix of a form without field current: it does not depend on the lamination."""
    points = sample_points(FORMS[form_name], 1.0, np)
    return np.linalg.inv(_kernel(FORMS[form_name], points, points, np) + NOISE * np.eye(len(points)))


def fit_iron_loss_map(flux_map: FluxMap, coefficients: jax.Array) -> IronLossMap:
    """Map from sampled coefficients (points, channels) >= 0 per metre of stack, at the flux map's sample points."""
    form = FORMS[flux_map.form]
    if not form.rest_point:
        return IronLossMap(weights=_constant_inverse(flux_map.form) @ jnp.sqrt(coefficients + ROOT_FLOOR))
    roots = jnp.sqrt(jnp.concatenate([coefficients, jnp.zeros((1, CHANNELS))]) + ROOT_FLOOR)
    points = sample_points(form, flux_map.field_ratio, jnp)
    return IronLossMap(
        weights=jnp.linalg.solve(_kernel(form, points, points, jnp) + NOISE * jnp.eye(len(roots)), roots)
    )


def loss_coefficients(iron: IronLossMap, flux_map: FluxMap, ampere_turns: jax.Array) -> jax.Array:
    """Coefficients (channels,) per metre at ampere-turns (3,) [A]."""
    form = FORMS[flux_map.form]
    points = sample_points(form, flux_map.field_ratio, jnp) if form.rest_point else sample_points(form, 1.0, np)
    return (_kernel(form, ampere_turns / flux_map.base, points, jnp) @ iron.weights) ** 2


def iron_losses_per_length(coefficients: jax.Array, frequency: jax.Array) -> jax.Array:
    """Losses (3,) [W/m] of (tooth, yoke, rotor) at electrical frequency [Hz] >= 0, build factor included."""
    table = coefficients[: CHANNELS - 1].reshape(len(REGIONS), len(TERMS))
    return BUILD_FACTOR * table @ _powers(frequency)


def iron_drag_per_length(coefficients: jax.Array, electrical_speed: jax.Array) -> jax.Array:
    """Losses over electrical speed (3,) [N m/m per pole pair]: finite at standstill (hysteresis torque)."""
    frequency = electrical_speed / (2.0 * jnp.pi)
    table = coefficients[: CHANNELS - 1].reshape(len(REGIONS), len(TERMS))
    per_frequency = jnp.stack([jnp.ones_like(frequency), frequency, _root(frequency)])
    return BUILD_FACTOR * table @ per_frequency / (2.0 * jnp.pi)


def _root(frequency: jax.Array) -> jax.Array:
    """sqrt(f) with a finite slope at standstill (exact to 1e-3 above 1 Hz)."""
    return frequency / jnp.sqrt(frequency + 1e-3)


def _powers(frequency: jax.Array) -> jax.Array:
    return jnp.stack([frequency, frequency**2, frequency * _root(frequency)])
