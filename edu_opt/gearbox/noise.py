"""Noise indicators of the meshes: contact ratios near whole numbers, mesh orders apart from the motor's orders.

A whole overlap or total contact ratio keeps the length of the contact lines, and so the mesh stiffness, constant over
a pitch (Niemann/Winter, Maschinenelemente II, ch. 21; recalled): the classic target of quiet helical gears. Mesh orders
that meet orders of the motor excite the housing twice at one frequency.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from edu_opt.gearbox.model import Gearbox, gearbox_state
from edu_opt.gearbox.tooth_geometry import PairGeometry
from edu_opt.numerics.pytree import pytree
from edu_opt.numerics.smooth import soft_minimum

MESH_HARMONICS = 2  # of each mesh: the mesh order and its double
CLOSEST = 0.005  # width of the smallest relative distance between orders
ORDER_ROUNDING = 1e-3  # relative distance below which two orders are one


@pytree
class NoiseIndicators:
    """Of M meshes: overlap_mismatch, total_mismatch (M,): 0 where the ratio is whole, 1 half-way; mesh_orders (M,)
    per turn of the motor."""

    overlap_mismatch: jax.Array
    total_mismatch: jax.Array
    mesh_orders: jax.Array


def integer_mismatch(ratio: jax.Array) -> jax.Array:
    """sin^2(pi x): 0 where x is whole, 1 half-way between, analytic."""
    return jnp.sin(jnp.pi * ratio) ** 2


def noise_indicators(gearbox: Gearbox, geometries: PairGeometry) -> NoiseIndicators:
    """Indicators of all meshes; geometries with leading axis M."""
    state = gearbox_state(gearbox)
    teeth = jnp.stack([pair.teeth[0] for pair in gearbox.stages])
    return NoiseIndicators(
        overlap_mismatch=integer_mismatch(geometries.overlap_ratio),
        total_mismatch=integer_mismatch(geometries.total_contact_ratio),
        mesh_orders=jnp.abs(teeth) * state.pinion_speed / state.ratio,
    )


def motor_orders(pole_pairs: float | jax.Array, slots: float | jax.Array, count: int = 4) -> jax.Array:
    """Orders per turn of a three-phase motor (2 count,): torque ripple 6 k p, slotting k Q_s, for k = 1 to count."""
    k = jnp.arange(1.0, count + 1.0)
    return jnp.concatenate([6.0 * k * pole_pairs, k * slots])


def order_separation(mesh_orders: jax.Array, orders: jax.Array) -> jax.Array:
    """Smallest relative distance between any mesh order (or its double) and any motor order, scalar, smooth."""
    meshes = jnp.concatenate([h * mesh_orders for h in range(1, MESH_HARMONICS + 1)])
    distance = jnp.log(meshes[:, None] / orders)
    return soft_minimum(jnp.ravel(jnp.sqrt(distance**2 + ORDER_ROUNDING**2)), CLOSEST)
