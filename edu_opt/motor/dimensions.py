"""What the rest of the motor needs to know about a lamination, whatever rotor template drew it."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from edu_opt.motor.barriers import (
    LayeredRotor,
    barrier_parts,
    cap_outline,
    length_of,
    magnet_parts,
    polygon_area,
    polygon_moment,
)
from edu_opt.motor.cage import CageRotor, bar_area
from edu_opt.motor.geometry import Lamination, SalientPoleRotor, SingleVRotor
from edu_opt.numerics.pytree import pytree
from edu_opt.numerics.smooth import smooth_minimum


@pytree
class LaminationDimensions:
    """Lengths [m], areas [m2] and counts (as floats) of one lamination; rotor fields of the other kind are zero.

    Areas are of the whole machine unless their name says `slot`, `coil_side` or `pole`. `slot_width` is the narrowest
    width of the winding space, `winding_height` its radial height, `slot_depth` from bore to slot bottom.
    `pole_body_width`, `pole_body_height` describe the eesm pole core, `coil_side_area` and `coil_side_width` one side
    of its coil space (the width is measured along the circumference), `pole_shoe_radius` the shoe's centre of mass,
    `pole_shoe_thickness` its height where it leaves the body. `magnet_width` is the width of one magnet,
    `bridge_thickness` the iron between pocket and rotor surface (two a pole), `post_width` the post on the d axis (one
    a pole, may be zero), `pole_cap_area` the iron outside one pole's pockets, `pole_cap_radius` the radius of the
    centre of mass of what bridges and post carry (cap and magnets). Layered rotors: the innermost barrier's bridge and
    post, which carry everything outside it; magnets of unlike size count with their mean thickness and mean area.
    """

    slots: jax.Array
    pole_pairs: jax.Array
    outer_radius: jax.Array
    bore_radius: jax.Array
    rotor_radius: jax.Array
    shaft_radius: jax.Array
    slot_depth: jax.Array
    slot_width: jax.Array
    slot_opening: jax.Array
    winding_height: jax.Array
    slot_winding_area: jax.Array
    tooth_width: jax.Array
    yoke_depth: jax.Array
    stator_steel_area: jax.Array
    rotor_steel_area: jax.Array
    pole_body_width: jax.Array
    pole_body_height: jax.Array
    coil_side_area: jax.Array
    coil_side_width: jax.Array
    pole_shoe_area: jax.Array
    pole_shoe_radius: jax.Array
    pole_shoe_thickness: jax.Array
    magnet_width: jax.Array
    magnet_thickness: jax.Array
    magnets_per_pole: jax.Array
    bridge_thickness: jax.Array
    post_width: jax.Array
    pole_cap_area: jax.Array
    pole_cap_radius: jax.Array

    @property
    def air_gap(self) -> jax.Array:
        """Radial air gap on the pole axis [m]."""
        return self.bore_radius - self.rotor_radius

    @property
    def slot_pitch(self) -> jax.Array:
        """Slot pitch at the bore [m]."""
        return 2.0 * jnp.pi * self.bore_radius / self.slots

    @property
    def winding_radius(self) -> jax.Array:
        """Mean radius of the winding space [m]."""
        return self.bore_radius + self.slot_depth - 0.5 * self.winding_height

    @property
    def magnet_area(self) -> jax.Array:
        """Cross-section of all magnets [m2]."""
        return 2.0 * self.pole_pairs * self.magnets_per_pole * self.magnet_width * self.magnet_thickness

    @property
    def tooth_steel_area(self) -> jax.Array:
        """Cross-section of all teeth [m2] (rectangles of tooth width and slot depth)."""
        return self.slots * self.tooth_width * self.slot_depth


def lamination_dimensions(lamination: Lamination) -> LaminationDimensions:
    """Dimensions of a lamination of any rotor template."""
    fields = _stator_dimensions(lamination)
    rotor = lamination.rotor
    fields |= dict.fromkeys(_ROTOR_FIELDS, jnp.zeros(()))
    if isinstance(rotor, SalientPoleRotor):
        fields |= _salient_dimensions(rotor, lamination.pole_pairs)
    elif isinstance(rotor, LayeredRotor):
        fields |= _layered_dimensions(rotor, lamination)
    elif isinstance(rotor, SingleVRotor):
        fields |= _single_v_dimensions(rotor, lamination.pole_pairs)
    else:
        fields |= _cage_dimensions(rotor, lamination)
    return LaminationDimensions(
        slots=lamination.slots,
        pole_pairs=lamination.pole_pairs,
        rotor_radius=rotor.outer_radius,
        shaft_radius=rotor.shaft_radius,
        **fields,
    )


_ROTOR_FIELDS = (
    "pole_body_width",
    "pole_body_height",
    "coil_side_area",
    "coil_side_width",
    "pole_shoe_area",
    "pole_shoe_radius",
    "pole_shoe_thickness",
    "magnet_width",
    "magnet_thickness",
    "magnets_per_pole",
    "bridge_thickness",
    "post_width",
    "pole_cap_area",
    "pole_cap_radius",
)


def _stator_dimensions(lamination: Lamination) -> dict[str, jax.Array]:
    stator, slots = lamination.stator, lamination.slots
    wedge = stator.wedge_height if lamination.template.slot_shape == "wedge" else jnp.zeros(())
    corners = 2.0 * (1.0 - 0.25 * jnp.pi) * stator.corner_radius**2
    winding = 0.5 * (stator.slot_width_top + stator.slot_width_bottom) * stator.slot_depth - corners
    opening = stator.opening_width * stator.tip_height
    taper = 0.5 * (stator.opening_width + stator.slot_width_top) * wedge
    start = stator.bore_radius + stator.tip_height + wedge
    depth = stator.tip_height + wedge + stator.slot_depth
    ring = jnp.pi * (stator.outer_radius**2 - stator.bore_radius**2)
    return {
        "outer_radius": stator.outer_radius,
        "bore_radius": stator.bore_radius,
        "slot_depth": depth,
        "slot_width": smooth_minimum(stator.slot_width_top, stator.slot_width_bottom, 1e-5),
        "slot_opening": stator.opening_width,
        "winding_height": stator.slot_depth,
        "slot_winding_area": winding,
        "tooth_width": 2.0 * jnp.tan(jnp.pi / slots) * start - stator.slot_width_top,
        "yoke_depth": stator.outer_radius - stator.bore_radius - depth,
        "stator_steel_area": ring - slots * (winding + opening + taper),
    }


def _salient_dimensions(rotor: SalientPoleRotor, pole_pairs: jax.Array) -> dict[str, jax.Array]:
    """Pole core of `SalientPoleRotor`; the coil fills the space up to the shoe's edge or the neighbouring pole's coil.

    The yoke is the regular polygon on which the pole bodies stand, less the shaft.
    """
    half_pitch = 0.5 * jnp.pi / pole_pairs
    face, chord = rotor.face_radius, rotor.shoe_width
    sag = face - jnp.sqrt(face**2 - 0.25 * chord**2)
    angle = jnp.arcsin(0.5 * chord / face)
    segment = face**2 * angle - 0.5 * chord * (face - sag)
    shoe_bottom = rotor.outer_radius - sag - rotor.shoe_height
    floor = shoe_bottom - rotor.body_height
    low, high = floor + rotor.coil_clearance_bottom, shoe_bottom - rotor.coil_clearance_top
    fractions, weights = np.array([0.0, 0.25, 0.5, 0.75, 1.0]), np.array([7.0, 32.0, 12.0, 32.0, 7.0]) / 90.0
    height = low + (high - low) * fractions
    neighbour = height * jnp.tan(half_pitch) - 0.5e-3 / jnp.cos(half_pitch)  # half of 1 mm between the coils
    outside = smooth_minimum(0.5 * chord - rotor.coil_clearance_side, neighbour, 3e-4)
    coil = (high - low) * jnp.sum(weights * (outside - 0.5 * rotor.body_width))
    shoe = chord * rotor.shoe_height + segment
    yoke = 2.0 * pole_pairs * floor**2 * jnp.tan(half_pitch) - jnp.pi * rotor.shaft_radius**2
    return {
        "pole_body_width": rotor.body_width,
        "pole_body_height": rotor.body_height,
        "coil_side_area": coil,
        "coil_side_width": coil / (high - low),
        "pole_shoe_area": shoe,
        "pole_shoe_radius": shoe_bottom + 0.5 * (rotor.shoe_height + sag),
        "pole_shoe_thickness": rotor.shoe_height + _face_height(rotor),
        "rotor_steel_area": yoke + 2.0 * pole_pairs * (shoe + rotor.body_width * rotor.body_height),
    }


def _face_height(rotor: SalientPoleRotor) -> jax.Array:
    """Height of the pole face's arc [m] above the shoe's edge where the body's flank meets the shoe."""
    at = lambda y: jnp.sqrt(rotor.face_radius**2 - y**2)  # noqa: E731
    return at(0.5 * rotor.body_width) - at(0.5 * rotor.shoe_width)


def _single_v_dimensions(rotor: SingleVRotor, pole_pairs: jax.Array) -> dict[str, jax.Array]:
    """V pockets of `SingleVRotor`; the outer pockets count as triangles between bridge, magnet line and web."""
    half_pitch = 0.5 * jnp.pi / pole_pairs
    radius, pocket_radius = rotor.outer_radius, rotor.outer_radius - rotor.bridge
    corner_y = 0.5 * rotor.pocket_chord
    corner_x = jnp.sqrt(pocket_radius**2 - corner_y**2)
    corner_angle = jnp.arcsin(corner_y / pocket_radius)
    apex_x = radius - rotor.depth
    line = jnp.hypot(corner_x - apex_x, corner_y - 0.5 * rotor.post_width)
    sector, kite = radius**2 * corner_angle, apex_x * corner_y
    sector_centre = 2.0 / 3.0 * radius * jnp.sin(corner_angle) / corner_angle
    cap = sector - kite
    cap_centre = (sector * sector_centre - kite * (corner_x + apex_x) / 3.0) / cap
    magnets = 2.0 * rotor.magnet_width * rotor.magnet_thickness
    magnet_centre = 0.5 * (corner_x + apex_x) - 0.5 * rotor.magnet_thickness
    web_angle = jnp.arcsin(0.5 * rotor.web_width / pocket_radius)
    outer_pocket = 0.5 * pocket_radius * (half_pitch - web_angle - corner_angle) * rotor.magnet_thickness
    pockets = 2.0 * (line * rotor.magnet_thickness + outer_pocket)
    return {
        "magnet_width": rotor.magnet_width,
        "magnet_thickness": rotor.magnet_thickness,
        "magnets_per_pole": jnp.asarray(2.0),
        "bridge_thickness": rotor.bridge,
        "post_width": rotor.post_width,
        "pole_cap_area": cap,
        "pole_cap_radius": (cap * cap_centre + magnets * magnet_centre) / (cap + magnets),
        "rotor_steel_area": jnp.pi * (radius**2 - rotor.shaft_radius**2) - 2.0 * pole_pairs * pockets,
    }


def _cage_dimensions(rotor: CageRotor, lamination: Lamination) -> dict[str, jax.Array]:
    template = lamination.template
    bars = 2.0 * lamination.pole_pairs * (template.bars_per_sector / template.poles_per_sector)
    slot = bar_area(rotor) + (rotor.opening_width * rotor.bridge if template.open_bars else 0.0)
    return {"rotor_steel_area": jnp.pi * (rotor.outer_radius**2 - rotor.shaft_radius**2) - bars * slot}


def _layered_dimensions(rotor: LayeredRotor, lamination: Lamination) -> dict[str, jax.Array]:
    """Barriers of `LayeredRotor` as polygons; per pole twice the half pole's."""
    barriers, poles = lamination.template.barriers, 2.0 * lamination.pole_pairs
    void = _area(barrier_parts(rotor, barriers))
    outside = [(1.0, cap_outline(rotor)), *((-sign, part) for sign, part in barrier_parts(rotor, barriers[:-1]))]
    magnets = magnet_parts(rotor, barriers)
    carried = [*outside, *((1.0, part) for part in magnets)]
    found = {
        "bridge_thickness": rotor.outer_radius - jnp.max(jnp.sqrt(jnp.sum(rotor.tip[-1] ** 2, -1))),
        "post_width": jnp.min(rotor.post_width[-1]),
        "pole_cap_area": 2.0 * _area(outside),
        "pole_cap_radius": sum(s * polygon_moment(part)[0] for s, part in carried) / _area(carried),
        "rotor_steel_area": jnp.pi * (rotor.outer_radius**2 - rotor.shaft_radius**2) - 2.0 * poles * void,
    }
    if magnets:
        area = _area([(1.0, part) for part in magnets])
        thickness = area / sum(0.5 * (length_of(part[:2]) + length_of(part[2:])) for part in magnets)
        count = sum((b.centre == "magnet") * (1 + b.post) + 2 * (b.arm == "magnet") for b in barriers)
        found |= {
            "magnets_per_pole": jnp.asarray(float(count)),
            "magnet_thickness": thickness,
            "magnet_width": 2.0 * area / (count * thickness),
        }
    return found


def _area(parts: list[tuple[float, jax.Array]]) -> jax.Array:
    """Area of polygons with signs."""
    return sum((sign * polygon_area(outline) for sign, outline in parts), jnp.zeros(()))
