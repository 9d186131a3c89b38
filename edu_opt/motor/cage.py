"""Cage rotor of an induction motor: one bar's geometry, its design variables and how they become lengths."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from edu_opt.numerics.design_space import Variable
from edu_opt.numerics.pytree import pytree


@pytree
class CageRotor:
    """One rotor slot and the ring around it [m]; the bar fills its slot.

    The bar reaches from `bridge` below the surface (measured on its axis) over `bar_depth` inwards; its width goes
    straight from `bar_width_top` to `bar_width_bottom`; `corner_radius_top` and `corner_radius_bottom` round its
    corners: a round bar has both widths and the depth equal to twice both radii. `bridge` is iron over a closed slot,
    else the height of an opening `opening_width` wide (ignored by a closed slot).
    """

    outer_radius: jax.Array
    shaft_radius: jax.Array
    bridge: jax.Array
    opening_width: jax.Array
    bar_width_top: jax.Array
    bar_width_bottom: jax.Array
    bar_depth: jax.Array
    corner_radius_top: jax.Array
    corner_radius_bottom: jax.Array


def bar_area(rotor: CageRotor) -> jax.Array:
    """Section of a bar [m2]: trapezoid between the corners, flat part and quarter circles beyond them."""
    taper = (rotor.bar_width_top - rotor.bar_width_bottom) / rotor.bar_depth
    low = rotor.bar_width_bottom + taper * rotor.corner_radius_bottom
    high = rotor.bar_width_top - taper * rotor.corner_radius_top
    straight = rotor.bar_depth - rotor.corner_radius_top - rotor.corner_radius_bottom
    area = 0.5 * (low + high) * straight
    for width, corner in ((low, rotor.corner_radius_bottom), (high, rotor.corner_radius_top)):
        area = area + corner * (width - 2.0 * corner) + 0.5 * jnp.pi * corner**2
    return area


def _variable(quantity: str, unit: str, low: float, high: float, description: str) -> Variable:
    return Variable(part="rotor", quantity=quantity, unit=unit, low=low, high=high, description=description)


CAGE_VARIABLES = (
    _variable("bridge", "m", 0.4e-3, 1.2e-3, "iron over a closed rotor slot, or height of its opening"),
    _variable("bar_opening_ratio", "1", 0.15, 0.45, "rotor slot opening / bar width at its top (open slots)"),
    _variable("rotor_tooth_ratio", "1", 0.40, 0.60, "rotor tooth width / bar pitch at the top of the bar"),
    _variable("bar_depth_ratio", "1", 0.10, 0.24, "bar depth / rotor radius, as far as the bottom width allows"),
    _variable("bar_rounding", "1", 0.10, 0.90, "corner radius / half bar width, at both ends"),
    _variable("shaft_ratio", "1", 0.20, 0.45, "shaft radius / rotor radius"),
)


def cage_from_values(values: jax.Array, radius: jax.Array, bars: jax.Array) -> CageRotor:
    """Rotor from SI values (6,) in the order of `CAGE_VARIABLES`; parallel-sided rotor teeth."""
    bridge, opening_ratio, tooth_ratio, depth_ratio, rounding, shaft_ratio = (values[k] for k in range(6))
    tangent = 2.0 * jnp.tan(jnp.pi / bars)
    top = radius - bridge
    width_top = (1.0 - tooth_ratio) * tangent * top
    # The bottom keeps at least a fourth of the top's width, which bounds the depth.
    deepest = 0.75 * width_top / tangent
    depth = depth_ratio * radius
    depth = deepest * depth / (deepest**4 + depth**4) ** 0.25
    width_bottom = width_top - tangent * depth
    return CageRotor(
        outer_radius=radius,
        shaft_radius=shaft_ratio * radius,
        bridge=bridge,
        opening_width=opening_ratio * width_top,
        bar_width_top=width_top,
        bar_width_bottom=width_bottom,
        bar_depth=depth,
        corner_radius_top=0.5 * rounding * width_top,
        corner_radius_bottom=0.5 * rounding * width_bottom,
    )
