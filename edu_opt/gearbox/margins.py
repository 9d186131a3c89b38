"""Margins of a rated gearbox: relative, at least 0 where the gearbox is fit; the worst of a kind through a smooth
minimum."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from edu_opt.gearbox.rating import GearboxRating, MeshRating
from edu_opt.numerics.pytree import pytree
from edu_opt.numerics.smooth import soft_minimum

SHARPNESS = 0.005  # width of the smooth minimum over members of a kind (relative; conservative by at most 1 %)
GAP_SCALE = 0.010  # m, gaps are given relative to it


@pytree
class GearboxRequirements:
    """Limits; data, so that a brand's value compiles nothing.

    flank_safety and root_safety over the spectrum (1 % damage strength): 1.0 and 1.2, static_safety 1.1 and 1.5 (usual
    in passenger-car drives, assumed); bearing life load ratio 1 (L10); contact_ratio 1.25, overlap_ratio 0.9
    (noise); tip thickness 0.3 modules (0.2 ISO 6336-1 lower bound of case-hardened teeth, 0.4 recommended).
    """

    flank_safety: float | jax.Array = 1.0
    root_safety: float | jax.Array = 1.2
    static_flank_safety: float | jax.Array = 1.0
    static_root_safety: float | jax.Array = 1.5
    bearing_life_load_ratio: float | jax.Array = 1.0
    contact_ratio: float | jax.Array = 1.25
    overlap_ratio: float | jax.Array = 0.9
    tip_thickness: float | jax.Array = 0.3


def worst(values: jax.Array) -> jax.Array:
    """Smooth minimum over all entries."""
    return soft_minimum(jnp.ravel(values), SHARPNESS)


def _mesh_margins(meshes: MeshRating, limits: GearboxRequirements) -> dict[str, jax.Array]:
    """Four margins a stage, from one smooth minimum over (stage, kind, member)."""
    static = jnp.stack(
        [
            meshes.static_flank_safety / limits.static_flank_safety,
            meshes.static_root_safety / limits.static_root_safety,
        ],
        axis=1,
    )
    spectrum = jnp.stack(
        [meshes.flank_safety / limits.flank_safety, meshes.root_safety / limits.root_safety], axis=1
    ).reshape(2, 2, 4)
    over_life, at_peak = soft_minimum(spectrum, SHARPNESS, axis=-1), soft_minimum(static, SHARPNESS, axis=-1)
    table = jnp.concatenate([over_life, at_peak], axis=1) - 1.0
    kinds = ("flank", "root", "static_flank", "static_root")
    return {f"gear_stage_{i + 1}_{kind}": table[i, k] for i in (0, 1) for k, kind in enumerate(kinds)}


def rating_margins(rating: GearboxRating, limits: GearboxRequirements | None = None) -> dict[str, jax.Array]:
    """Margins by name (same names for both layouts), each scalar; >= 0 is fit."""
    limits = GearboxRequirements() if limits is None else limits
    geometry = rating.geometry
    return {
        **_mesh_margins(rating.meshes, limits),
        "bearing_life": worst(rating.bearings.life_load_ratio) / limits.bearing_life_load_ratio - 1.0,
        "bearing_speed": worst(rating.bearings.speed_ratio) - 1.0,
        "undercut": worst(geometry.undercut),
        "interference": worst(geometry.interference),
        "tip_thickness": worst(geometry.tip_thickness) / limits.tip_thickness - 1.0,
        "contact_ratio": worst(geometry.contact_ratio) / limits.contact_ratio - 1.0,
        "overlap_ratio": worst(geometry.overlap_ratio) / limits.overlap_ratio - 1.0,
        "gear_shafts": worst(geometry.shaft_ratio) - 1.0,
        "gear_collision": worst(geometry.collision_gap / GAP_SCALE),
    }
