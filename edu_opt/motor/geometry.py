"""Motor lamination: template (static), stator slot, rotor pole, and the design variables that describe them.

A template is a topology (what compiles); every length is data. All lengths in m, one slot and one pole are described,
the field solver repeats them. Ranges cover drive units of 160-280 mm stator diameter and 4-12 poles.
"""

from __future__ import annotations

import dataclasses
from fractions import Fraction

import jax
import jax.numpy as jnp
import numpy as np

from edu_opt.motor.barriers import Barrier, LayeredRotor, layered_from_values, layered_variables
from edu_opt.motor.cage import CAGE_VARIABLES, CageRotor, cage_from_values
from edu_opt.numerics.design_space import DesignSpace, Variable
from edu_opt.numerics.pytree import pytree, static

ROTORS = ("eesm", "ipm", "im", "synrm")
SLOT_SHAPES = ("wedge", "shoulder")


@dataclasses.dataclass(frozen=True)
class Template:
    """What is compiled: rotor kind, slots of the sector, slot shape.

    `slots_per_pole` may be a fraction whose denominator divides `poles_per_sector`, the number of poles that are
    meshed: odd gives an anti-periodic sector, even a periodic one. `coil_pitch` counts slots (0: full pitch, or the
    whole slots below it). `slot_shape` is "wedge" (the wall runs from the opening's edge to the
    full slot width over `wedge_height` > 0) or "shoulder" (a step at once; `wedge_height` is ignored). `post` tells
    whether a V rotor has an iron post between its two magnets. A cage ("im") has `bars_per_sector` bars, any number;
    `open_bars` tells whether its slots are open to the air gap. `barriers` from the surface inwards describe a layered
    rotor: "synrm" always, "ipm" with anything but a single V (none: a single V). `web_share` is the share of a pole's
    grid columns that the iron between the pockets of neighbouring poles gets in a single V (0: as on usual designs).
    """

    rotor: str
    slots_per_pole: int | Fraction
    coil_pitch: int = 0
    poles_per_sector: int = 1
    slot_shape: str = "wedge"
    post: bool = True
    bars_per_sector: int = 0
    open_bars: bool = False
    barriers: tuple[Barrier, ...] = ()
    web_share: float = 0.0

    def __post_init__(self) -> None:
        if self.rotor not in ROTORS:
            raise ValueError(f"rotor must be one of {ROTORS}, got {self.rotor!r}")
        if self.slot_shape not in SLOT_SHAPES:
            raise ValueError(f"slot_shape must be one of {SLOT_SHAPES}, got {self.slot_shape!r}")
        if self.slots_per_pole <= 1 or self.poles_per_sector < 1:
            raise ValueError(
                f"more than 1 slot per pole and at least 1 pole, got {self.slots_per_pole}, {self.poles_per_sector}"
            )
        if (self.slots_per_pole * self.poles_per_sector) % 1:
            raise ValueError(
                f"a sector holds whole slots: got {self.slots_per_pole} per pole on {self.poles_per_sector} poles"
            )
        if (self.rotor == "im") != (self.bars_per_sector > 0):
            raise ValueError(f"an im, and only it, has bars: got {self.rotor} with {self.bars_per_sector} per sector")
        if (self.rotor == "synrm" and not self.barriers) or (self.barriers and self.rotor not in ("ipm", "synrm")):
            raise ValueError(f"a synrm has flux barriers, eesm and im have none: got {self.rotor} with {self.barriers}")

    @property
    def has_magnets(self) -> bool:
        """True if the rotor holds magnets."""
        return self.rotor == "ipm" or any("magnet" in (b.centre, b.arm) for b in self.barriers)

    @property
    def slots_per_sector(self) -> int:
        """Slots that are meshed."""
        return int(self.slots_per_pole * self.poles_per_sector)

    @property
    def coil_throw(self) -> int:
        """Slots from a coil's upper side to its lower one."""
        return self.coil_pitch or int(self.slots_per_pole)

    @property
    def wrap_sign(self) -> int:
        """-1: the sector is anti-periodic, +1: periodic."""
        return -1 if self.poles_per_sector % 2 else 1


@pytree
class StatorGeometry:
    """One slot and the ring around it [m]; heights are counted along the slot's axis from the opening's edge.

    The winding area reaches from the wedge's end over `slot_depth` to the flat bottom; its width goes from
    `slot_width_top` to `slot_width_bottom`; `corner_radius` (may be 0) rounds the two bottom corners.
    """

    outer_radius: jax.Array
    bore_radius: jax.Array
    opening_width: jax.Array
    tip_height: jax.Array
    wedge_height: jax.Array
    slot_width_top: jax.Array
    slot_width_bottom: jax.Array
    slot_depth: jax.Array
    corner_radius: jax.Array


@pytree
class SalientPoleRotor:
    """One salient pole [m]: concentrated coil on a body under a shoe whose face has its own radius.

    `outer_radius` is reached on the d axis; the face is an arc of `face_radius` (<= outer) around a centre on the d
    axis.
    """

    outer_radius: jax.Array
    shaft_radius: jax.Array
    face_radius: jax.Array
    shoe_width: jax.Array
    shoe_height: jax.Array
    body_width: jax.Array
    body_height: jax.Array
    coil_clearance_top: jax.Array
    coil_clearance_side: jax.Array
    coil_clearance_bottom: jax.Array


@pytree
class SingleVRotor:
    """One pole with two magnets in a V [m].

    `pocket_chord`: distance between the outer, d-axis-sided corners of the two outer pockets, which lie `bridge` below
    the surface; `depth`: from the surface on the d axis down to the inner end of the magnets' outer line; `web_width`:
    iron between the pockets of neighbouring poles; `inner_gap`: air between post and magnet along that line;
    `magnet_recess`: how much the magnet is let into the pocket's floor.
    """

    outer_radius: jax.Array
    shaft_radius: jax.Array
    bridge: jax.Array
    post_width: jax.Array
    web_width: jax.Array
    pocket_chord: jax.Array
    depth: jax.Array
    inner_gap: jax.Array
    magnet_width: jax.Array
    magnet_thickness: jax.Array
    magnet_recess: jax.Array


Rotor = SalientPoleRotor | SingleVRotor | LayeredRotor | CageRotor


@pytree
class Lamination:
    """Stator slot, rotor pole, pole pairs (a leaf: poles are data, not program)."""

    template: Template = static()
    stator: StatorGeometry
    rotor: Rotor
    pole_pairs: jax.Array

    @property
    def air_gap(self) -> jax.Array:
        """Smallest mechanical air gap [m]."""
        return self.stator.bore_radius - self.rotor.outer_radius

    @property
    def slots(self) -> jax.Array:
        """Number of stator slots (a float, since pole pairs are data)."""
        return 2.0 * self.pole_pairs * float(self.template.slots_per_pole)


def _variable(part: str, quantity: str, unit: str, low: float, high: float, description: str) -> Variable:
    return Variable(part=part, quantity=quantity, unit=unit, low=low, high=high, description=description)


_STATOR_VARIABLES = (
    _variable("lamination", "outer_radius", "m", 0.080, 0.140, "stator outer radius"),
    _variable("lamination", "bore_ratio", "1", 0.60, 0.75, "bore radius / stator outer radius"),
    _variable("lamination", "air_gap", "m", 0.5e-3, 1.0e-3, "mechanical air gap on the d axis"),
    _variable(
        "lamination", "tooth_ratio", "1", 0.42, 0.62, "tooth width / slot pitch at the start of the winding area"
    ),
    _variable("lamination", "slot_depth_ratio", "1", 0.45, 0.68, "whole slot depth / radial build of the stator"),
    _variable(
        "lamination", "opening_ratio", "1", 0.25, 0.55, "slot opening / slot width at the start of the winding area"
    ),
    _variable("lamination", "tip_height", "m", 0.6e-3, 1.4e-3, "height of the parallel part of the tooth tip"),
    _variable("lamination", "wedge_slope", "1", 0.35, 0.90, "height of the tip's taper / its one-sided width"),
)
_SALIENT_VARIABLES = (
    _variable("rotor", "shoe_ratio", "1", 0.60, 0.80, "angle of the pole shoe / pole pitch"),
    _variable("rotor", "body_ratio", "1", 0.45, 0.70, "pole body width / pole shoe width"),
    _variable("rotor", "shoe_height_ratio", "1", 0.04, 0.09, "height of the shoe's edge / rotor radius"),
    _variable(
        "rotor", "body_height_ratio", "1", 0.35, 0.75, "pole body height / height that shaft and q axis leave for it"
    ),
    _variable("rotor", "face_ratio", "1", 0.75, 1.00, "radius of the pole face / rotor radius (1: concentric)"),
    _variable("rotor", "shaft_ratio", "1", 0.18, 0.38, "shaft radius / rotor radius"),
    _variable("rotor", "coil_clearance", "m", 0.5e-3, 1.5e-3, "insulation between field coil and pole, sides and ends"),
)
_SINGLE_V_VARIABLES = (
    _variable("rotor", "bridge", "m", 0.8e-3, 2.2e-3, "iron between outer pocket and surface"),
    _variable("rotor", "post", "m", 0.8e-3, 3.0e-3, "iron post between the two magnets"),
    _variable("rotor", "web_ratio", "1", 0.10, 0.26, "angle of the web between poles / pole pitch"),
    _variable(
        "rotor", "pocket_ratio", "1", 0.35, 0.80, "outer pocket's width under the bridge / widest that its floor allows"
    ),
    _variable("rotor", "magnet_thickness_ratio", "1", 0.05, 0.095, "magnet thickness / pole pitch at the surface"),
    _variable("rotor", "tilt", "rad", 0.12, 0.48, "angle between magnet and tangent on the d axis (x 2/3 on 4 poles)"),
    _variable("rotor", "magnet_fill", "1", 0.70, 0.92, "magnet width / length between post and outer pocket corner"),
    _variable("rotor", "shaft_ratio", "1", 0.45, 0.80, "shaft radius / radius of the V's inner end on the d axis"),
)


def lamination_space(template: Template) -> DesignSpace:
    """Design variables of a template: parts "lamination" (8) and "rotor" (7 eesm, 8 ipm, 6 im, 9 to 11 with
    layers)."""
    if template.barriers:
        return DesignSpace(_STATOR_VARIABLES + layered_variables(template.barriers))
    if template.rotor == "im":
        return DesignSpace(_STATOR_VARIABLES + CAGE_VARIABLES)
    return DesignSpace(_STATOR_VARIABLES + (_SALIENT_VARIABLES if template.rotor == "eesm" else _SINGLE_V_VARIABLES))


def lamination_from_values(template: Template, pole_pairs: jax.Array, values: jax.Array) -> Lamination:
    """Lamination from SI values (n,) in the order of `lamination_space(template)`; parallel-sided teeth."""
    pole_pairs = jnp.asarray(pole_pairs, float)
    stator = _stator_from_values(values[: len(_STATOR_VARIABLES)], 2.0 * pole_pairs * float(template.slots_per_pole))
    rotor_radius = stator.bore_radius - values[2]
    rotor = _rotor_from_values(template, values[len(_STATOR_VARIABLES) :], rotor_radius, pole_pairs)
    return Lamination(template=template, stator=stator, rotor=rotor, pole_pairs=pole_pairs)


def _rotor_from_values(template: Template, values: jax.Array, radius: jax.Array, pole_pairs: jax.Array) -> Rotor:
    if template.barriers:
        return layered_from_values(template.barriers, values, radius, pole_pairs)
    if template.rotor == "im":
        bars = 2.0 * pole_pairs / template.poles_per_sector * template.bars_per_sector
        return cage_from_values(values, radius, bars)
    build = _salient_from_values if template.rotor == "eesm" else _single_v_from_values
    return build(values, radius, pole_pairs)


def _stator_from_values(values: jax.Array, slots: jax.Array) -> StatorGeometry:
    outer, bore_ratio, _, tooth_ratio, depth_ratio, opening_ratio, tip, slope = (values[k] for k in range(8))
    bore = outer * bore_ratio
    half_pitch = jnp.pi / slots
    # The taper's height follows from the slot's width at its end, which follows from the radius there: solved for x.
    base = bore + tip
    widening = 0.5 * slope * (1.0 - opening_ratio) * 2.0 * jnp.tan(half_pitch) * (1.0 - tooth_ratio)
    start = base / (1.0 - widening)
    pitch = 2.0 * jnp.tan(half_pitch) * start
    tooth = tooth_ratio * pitch
    width_top = pitch - tooth
    bottom = jnp.maximum(bore + depth_ratio * (outer - bore), start + 2e-3)
    width_bottom = 2.0 * jnp.tan(half_pitch) * bottom - tooth
    return StatorGeometry(
        outer_radius=outer,
        bore_radius=bore,
        opening_width=opening_ratio * width_top,
        tip_height=tip,
        wedge_height=start - base,
        slot_width_top=width_top,
        slot_width_bottom=width_bottom,
        slot_depth=bottom - start,
        corner_radius=0.15 * width_bottom,
    )


def _salient_from_values(values: jax.Array, radius: jax.Array, pole_pairs: jax.Array) -> SalientPoleRotor:
    shoe_ratio, body_ratio, shoe_height_ratio, body_height_ratio, face_ratio, shaft_ratio, clearance = (
        values[k] for k in range(7)
    )
    half_pitch = 0.5 * jnp.pi / pole_pairs
    shoe_width = 2.0 * radius * jnp.sin(shoe_ratio * half_pitch)
    face_radius = jnp.maximum(face_ratio * radius, 0.55 * shoe_width)
    body_width, shoe_height = body_ratio * shoe_width, shoe_height_ratio * radius
    shaft = shaft_ratio * radius
    edge = radius - face_radius + jnp.sqrt(face_radius**2 - 0.25 * shoe_width**2)
    # The body may reach down to where half its width, plus iron for the yoke, still fits between d and q axis.
    lowest = jnp.maximum(0.5 * (body_width + 4.0 * clearance) / jnp.tan(half_pitch), shaft + 0.25 * body_width)
    return SalientPoleRotor(
        outer_radius=radius,
        shaft_radius=shaft,
        face_radius=face_radius,
        shoe_width=shoe_width,
        shoe_height=shoe_height,
        body_width=body_width,
        body_height=body_height_ratio * (edge - shoe_height - lowest),
        coil_clearance_top=clearance,
        coil_clearance_side=clearance,
        coil_clearance_bottom=clearance,
    )


def _single_v_from_values(values: jax.Array, radius: jax.Array, pole_pairs: jax.Array) -> SingleVRotor:
    bridge, post, web_ratio, pocket_ratio, thickness_ratio, tilt, fill, shaft_ratio = (values[k] for k in range(8))
    half_pitch = 0.5 * jnp.pi / pole_pairs
    tilt = tilt * jnp.minimum(1.0, pole_pairs / 3.0)  # a V as steep would leave no room for the shaft of a 4-pole rotor
    pocket_radius = radius - bridge
    web_angle = web_ratio * half_pitch
    thickness = thickness_ratio * 2.0 * half_pitch * radius
    # The pocket's floor continues the magnet's inner side; a wider pocket would meet it under the bridge.
    widest = 0.95 * thickness / (pocket_radius * jnp.sin(half_pitch - web_angle + tilt))
    corner_angle = half_pitch - web_angle - pocket_ratio * widest
    corner = pocket_radius * jnp.stack([jnp.cos(corner_angle), jnp.sin(corner_angle)])
    inner_x = corner[0] - (corner[1] - 0.5 * post) * jnp.tan(tilt)
    line = (corner[1] - 0.5 * post) / jnp.cos(tilt)
    inner_gap = 0.04 * line
    return SingleVRotor(
        outer_radius=radius,
        shaft_radius=shaft_ratio * (inner_x - thickness / jnp.cos(tilt)),
        bridge=bridge,
        post_width=post,
        web_width=2.0 * pocket_radius * jnp.sin(web_angle),
        pocket_chord=2.0 * corner[1],
        depth=radius - inner_x,
        inner_gap=inner_gap,
        magnet_width=fill * (line - inner_gap),
        magnet_thickness=thickness,
        magnet_recess=0.05 * thickness,
    )


def winding_weights(template: Template) -> np.ndarray:
    """Share of a slot's conductors that each phase holds, with sign, shape (slots_per_sector, 3).

    Two layers of 60-degree belts (A, -C, B, -A, C, -B) of the star of slots, the lower one shifted by the coil pitch.
    Raises ValueError where the star does not divide into three phases (slots per pole a/b in lowest terms: a % 3).
    """
    per_pole = Fraction(template.slots_per_pole)
    if per_pole.numerator % 3:
        raise ValueError(f"three equal phases need slots per pole in threes, got {per_pole}")
    slots = np.arange(template.slots_per_sector)
    upper, lower = (_belts(k, per_pole) for k in (slots, slots - template.coil_throw))
    return 0.5 * (upper - lower)


def _belts(slots: np.ndarray, per_pole: Fraction) -> np.ndarray:
    """Upper layer's phases (slots, 3) of slots counted from the first of a belt of phase A, any whole number."""
    belt = slots * 3 * per_pole.denominator // per_pole.numerator
    phase, sign = np.array([0, 2, 1])[belt % 3], np.array([1.0, -1.0])[belt % 2]
    return sign[:, None] * (phase[:, None] == np.arange(3))


def winding_fundamental(template: Template) -> complex:
    """Fundamental of phase A's conductors per pole: winding factor times slots per pole and phase, and its place."""
    weights = winding_weights(template)[:, 0]
    angle = np.pi / float(template.slots_per_pole) * np.arange(weights.size)
    return complex(weights @ np.exp(1j * angle)) / template.poles_per_sector
