"""Skew: the rotor (or stator) in axial slices that are turned against each other.

Every slice is the same lamination at another rotor angle: its own d axis lies delta_k ahead of the rotor's mean one,
so it sees the phase currents turned back by delta_k, and what it links is turned forward again:

    psi(i) = mean over k of R(delta_k) psi_slice(R(-delta_k) i)

(multi-slice model: S. Williamson, T. Flack, A. Volschenk, IEEE Trans. Ind. Appl. 31 (1995) 1002, recalled; here without
cage). This is the gradient of the slices' mean co-energy, so reciprocity survives. Slices do not exchange flux axially,
nor does the leakage of the steps between them count. Iron loss is the mean of the slices'. Evenly spaced slices that
span a slot pitch cancel what the slots modulate, as a continuous skew does; of the fundamental, n slices d electrical
radians apart keep sin(n d / 2) / (n sin(d / 2)).
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from edu_opt.motor.flux_map import FluxMap, flux_linkage_unit
from edu_opt.motor.geometry import Template
from edu_opt.motor.iron_loss import IronLossMap, loss_coefficients


def slice_angles(template: Template, slot_pitches: float, slices: int) -> np.ndarray:
    """Electrical angles (slices,) [rad] of evenly spaced slices that stand for a skew of `slot_pitches`; mean zero."""
    pitch = np.pi / float(template.slots_per_pole)
    return slot_pitches * pitch * ((np.arange(slices) + 0.5) / slices - 0.5)


def skew_factor(angles: np.ndarray) -> float:
    """Share of the fundamental that slices at electrical angles [rad] keep."""
    return float(np.abs(np.mean(np.exp(1j * angles))))


def slice_turn(angle: jax.Array) -> jax.Array:
    """Matrix (3, 3) from currents or fluxes in the rotor's mean axes to those of a slice at its angle [rad]."""
    c, s = jnp.cos(angle), jnp.sin(angle)
    return jnp.array([[c, s, 0.0], [-s, c, 0.0], [0.0, 0.0, 1.0]])


def skewed_samples(
    flux_map: FluxMap, iron_loss_map: IronLossMap, ampere_turns: jax.Array, angles: np.ndarray
) -> tuple[jax.Array, jax.Array]:
    """Unit fluxes (points, 3) [Wb/m] and loss coefficients (points, channels) of the skewed machine at ampere-turns
    (points, 3) [A], from the maps of one slice."""

    def one(point: jax.Array, angle: jax.Array) -> tuple[jax.Array, jax.Array]:
        turn = slice_turn(angle)
        seen = turn @ point
        flux = flux_linkage_unit(flux_map, seen)
        return turn.T @ flux, loss_coefficients(iron_loss_map, flux_map, seen, flux)

    slices = jax.vmap(jax.vmap(one, in_axes=(None, 0)), in_axes=(0, None))(ampere_turns, jnp.asarray(angles))
    return jnp.mean(slices[0], 1), jnp.mean(slices[1], 1)
