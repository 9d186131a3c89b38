"""Margins of a rated gearbox: relative, at least 0 where the gearbox is fit; the worst of a kind through a smooth
minimum."""

from __future__ import annotations

from collections.abc import Mapping

import jax
import jax.numpy as jnp

from edu_opt.gearbox.mesh_rating import MeshRating
from edu_opt.gearbox.noise import order_separation
from edu_opt.gearbox.rating import GearboxRating
from edu_opt.numerics.pytree import pytree
from edu_opt.numerics.smooth import soft_minimum

SHARPNESS = 0.005  # width of the smooth minimum over members of a kind (relative; conservative by at most 1 %)
GAP_SCALE = 0.010  # m, gaps are given relative to it


@pytree
class GearboxRequirements:
    """Limits; data, so that a brand's value compiles nothing.

    flank_safety and root_safety over the spectrum (1 % damage strength): 1.0 and 1.2, static_safety 1.1 and 1.5 (usual
    in passenger-car drives, assumed); bearing life load ratio 1 (L10); contact_ratio 1.25, overlap_ratio 0.9
    (noise); tip thickness 0.3 modules (0.2 ISO 6336-1 lower bound of case-hardened teeth, 0.4 recommended); scuffing
    1.5 by the integral temperature and by the flash temperature (ISO/TR 13989: 1.5 to 2 where loads are known).

    Optional, left out where None: micropitting_safety; overlap_mismatch and total_mismatch, largest allowed distance
    of the contact ratios from whole numbers (`edu_opt.gearbox.noise.integer_mismatch`); order_separation, smallest
    relative distance of mesh orders from `motor_orders`.
    """

    flank_safety: float | jax.Array = 1.0
    root_safety: float | jax.Array = 1.2
    static_flank_safety: float | jax.Array = 1.0
    static_root_safety: float | jax.Array = 1.5
    bearing_life_load_ratio: float | jax.Array = 1.0
    contact_ratio: float | jax.Array = 1.25
    overlap_ratio: float | jax.Array = 0.9
    tip_thickness: float | jax.Array = 0.3
    scuffing_safety: float | jax.Array = 1.5
    micropitting_safety: float | jax.Array | None = None
    overlap_mismatch: float | jax.Array | None = None
    total_mismatch: float | jax.Array | None = None
    order_separation: float | jax.Array | None = None
    motor_orders: jax.Array | None = None


def worst(values: jax.Array) -> jax.Array:
    """Smooth minimum over all entries."""
    return soft_minimum(jnp.ravel(values), SHARPNESS)


def worst_each(kinds: Mapping[str, jax.Array]) -> dict[str, jax.Array]:
    """`worst` of every kind; kinds with as many entries go through one smooth minimum (a share of the compile time)."""
    found: dict[str, jax.Array] = {}
    for size in sorted({values.size for values in kinds.values()}):
        names = [name for name, values in kinds.items() if values.size == size]
        rows = soft_minimum(jnp.stack([jnp.ravel(kinds[name]) for name in names]), SHARPNESS, axis=1)
        found |= {name: rows[k] for k, name in enumerate(names)}
    return {name: found[name] for name in kinds}


def _mesh_margins(meshes: MeshRating, mesh_parts: tuple[int, ...], limits: GearboxRequirements) -> dict[str, jax.Array]:
    """Four margins a part, from one smooth minimum over (mesh, kind, member); of a part's meshes the worst counts."""
    static = jnp.stack(
        [
            meshes.static_flank_safety / limits.static_flank_safety,
            meshes.static_root_safety / limits.static_root_safety,
        ],
        axis=1,
    )
    spectrum = jnp.stack(
        [meshes.flank_safety / limits.flank_safety, meshes.root_safety / limits.root_safety], axis=1
    ).reshape(len(mesh_parts), 2, 4)
    over_life, at_peak = soft_minimum(spectrum, SHARPNESS, axis=-1), soft_minimum(static, SHARPNESS, axis=-1)
    table = jnp.concatenate([over_life, at_peak], axis=1) - 1.0
    kinds = ("flank", "root", "static_flank", "static_root")
    margins: dict[str, jax.Array] = {}
    for part in sorted(set(mesh_parts)):
        members = [k for k, other in enumerate(mesh_parts) if other == part]
        row = table[members[0]] if len(members) == 1 else soft_minimum(table[jnp.array(members)], SHARPNESS, axis=0)
        margins |= {f"gear_stage_{part}_{kind}": row[k] for k, kind in enumerate(kinds)}
    return margins


def _optional_margins(rating: GearboxRating, limits: GearboxRequirements) -> dict[str, jax.Array]:
    """Margins of the requirements that are set."""
    noise, margins = rating.noise, {}
    if limits.micropitting_safety is not None:
        margins["micropitting"] = worst(rating.lubrication.micropitting) / limits.micropitting_safety - 1.0
    if limits.overlap_mismatch is not None:
        margins["overlap_mismatch"] = worst(limits.overlap_mismatch - noise.overlap_mismatch)
    if limits.total_mismatch is not None:
        margins["total_mismatch"] = worst(limits.total_mismatch - noise.total_mismatch)
    if limits.order_separation is not None:
        if limits.motor_orders is None:
            raise ValueError("order_separation needs motor_orders (edu_opt.gearbox.noise.motor_orders)")
        apart = order_separation(noise.mesh_orders, limits.motor_orders)
        margins["order_separation"] = apart / limits.order_separation - 1.0
    return margins


def rating_margins(rating: GearboxRating, limits: GearboxRequirements | None = None) -> dict[str, jax.Array]:
    """Margins by name (same names for all layouts), each scalar; >= 0 is fit."""
    limits = GearboxRequirements() if limits is None else limits
    geometry, films = rating.geometry, rating.lubrication
    smallest = worst_each(
        {
            "scuffing": jnp.stack([films.scuffing_integral, films.scuffing_flash]),
            "bearing_life": rating.bearings.life_load_ratio,
            "bearing_speed": rating.bearings.speed_ratio,
            "undercut": geometry.undercut,
            "interference": geometry.interference,
            "tip_thickness": geometry.tip_thickness,
            "contact_ratio": geometry.contact_ratio,
            "overlap_ratio": geometry.overlap_ratio,
            "gear_shafts": geometry.shaft_ratio,
            "gear_collision": geometry.collision_gap / GAP_SCALE,
        }
    )
    relative_to = {
        "scuffing": limits.scuffing_safety,
        "bearing_life": limits.bearing_life_load_ratio,
        "bearing_speed": 1.0,
        "tip_thickness": limits.tip_thickness,
        "contact_ratio": limits.contact_ratio,
        "overlap_ratio": limits.overlap_ratio,
        "gear_shafts": 1.0,
    }
    return {
        **_mesh_margins(rating.meshes, rating.mesh_parts, limits),
        **_optional_margins(rating, limits),
        **{name: v / relative_to[name] - 1.0 if name in relative_to else v for name, v in smallest.items()},
    }
