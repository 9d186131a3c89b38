"""Bar current of a cage over the stator's currents: its ratio to the q ampere-turns, smooth between sampled fields.

In rotor-flux orientation the stator's fluxes are functions of (i_sd, i_sq) alone and reciprocal (`field.cage`), so the
flux map of an induction motor is that of a machine without magnets. The only thing more is the bars' current layer; its
ratio to the stator's q ampere-turns, L_m / L_r of the equivalent circuit times the turns' ratio, is nearly constant.
"""

from __future__ import annotations

import functools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from edu_opt.motor.flux_map import Array, FluxMap, features
from edu_opt.motor.flux_map_forms import FORMS
from edu_opt.numerics.pytree import pytree

RATIO_NOISE = 1e-6  # of the kernel's variance


@pytree
class BarCurrentMap:
    """Ratio of the bars' current amplitude to the q ampere-turns of a slot: mean [1] and kernel weights (points,)."""

    mean: jax.Array
    weights: jax.Array


def fit_bar_current_map(form_name: str, ratio: jax.Array) -> BarCurrentMap:
    """Map through the ratios (points,) at a form's sample points; linear in them."""
    mean = jnp.mean(ratio)
    return BarCurrentMap(mean=mean, weights=jnp.asarray(_inverse(form_name)) @ (ratio - mean))


def bar_current_ratio(bars: BarCurrentMap, flux_map: FluxMap, ampere_turns: jax.Array) -> jax.Array:
    """Bar current amplitude over the stator's q ampere-turns of a slot at ampere-turns (3,) [A]."""
    return bars.mean + _kernel(flux_map.form, ampere_turns / flux_map.base, jnp) @ bars.weights


@functools.cache
def _inverse(form_name: str) -> np.ndarray:
    """Inverse of the kernel's matrix at the form's points: it does not depend on the lamination (host)."""
    points = np.array(FORMS[form_name].points)
    gram = np.stack([_kernel(form_name, x, np) for x in points])
    return np.linalg.inv(gram + RATIO_NOISE * np.eye(len(points)))


def _kernel(form_name: str, x: Array, numeric) -> Array:
    """Kernel (points,) between per-unit currents x (3,) and the form's points with their mirror images: even in both
    currents; features and widths of the flux map's first block."""
    form = FORMS[form_name]
    total: Any = 0.0
    u, points = features(form.blocks[0], x, numeric)[0], np.array(form.points)
    for mirror in (np.ones(3), *form.mirrors):
        centres = features(form.blocks[0], points * mirror, np)[0]
        total = total + numeric.exp(-0.5 * numeric.sum((u - centres) ** 2, -1))
    return total
