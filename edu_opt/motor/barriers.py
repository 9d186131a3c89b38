"""Rotors of several flux barriers (layers): what fills them (static), their outlines, and design variables for them.

One description serves the flat magnet bar, the double-layer V and the synchronous reluctance rotor with or without
magnets: a barrier leaves the d axis as its *centre*, turns at its *knee* and ends as its *arm* in a *tip* under the
rotor's surface. The d axis is the axis across the barriers (that of the magnets, if there are any), so a synrm has
psi_d < psi_q and works at i_d < 0, as an ipm does. Word use: A. Vagati, G. Pellegrino, "Synchronous reluctance and
permanent magnet assisted machines", in: T. Jahns et al., IEEE tutorial on PM-assisted synrm (barrier, bridge, layer;
recalled); U-shaped barriers drawn from straight pieces as in SyR-e's "Seg" rotors (recalled).
"""

from __future__ import annotations

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np

from edu_opt.numerics.design_space import Variable
from edu_opt.numerics.pytree import pytree
from edu_opt.numerics.smooth import smooth_maximum, smooth_minimum

_KNEE_SHARE = 0.3  # least length of a border at the knee, of the width of the other part
_ROUNDING = 0.1e-3  # m
FILLS = ("air", "magnet", "iron")


@dataclasses.dataclass(frozen=True)
class Barrier:
    """What fills a barrier (static). `centre`: "air", "magnet" (with air at its ends) or "iron" (only the arm is cut
    out); `arm`: "air" or "magnet"; `rib`: iron instead of air between the centre's magnet and the knee; `post`: an iron
    post on the d axis."""

    centre: str = "air"
    arm: str = "air"
    rib: bool = False
    post: bool = False

    def __post_init__(self) -> None:
        if self.centre not in FILLS or self.arm not in FILLS[:2]:
            raise ValueError(f"a barrier's centre is one of {FILLS}, its arm one of {FILLS[:2]}, got {self}")


@pytree
class LayeredRotor:
    """Half a pole (from the d axis on +x to the q axis) with barriers 0 .. k-1 from the surface inwards [m].

    `inner_*` is a barrier's border towards the d axis and the air gap, `outer_*` the one towards shaft and q axis, both
    polylines (k, points, 2): `*_centre` from the d axis (y = 0) to the knee, `*_arm` from the knee to the tip; `tip`
    joins the ends of both under the surface. `knee_feet` (k, 2): where the inner knee is opposite to the outer border,
    lengths along its centre and along its arm. `centre_magnet`, `arm_magnet` (k, 2, 2): start and end of the magnet,
    as lengths along (inner, outer) border of that part. `post_width` (k, 2): the post on the d axis, at either border.
    """

    outer_radius: jax.Array
    shaft_radius: jax.Array
    inner_centre: jax.Array
    outer_centre: jax.Array
    inner_arm: jax.Array
    outer_arm: jax.Array
    tip: jax.Array
    knee_feet: jax.Array
    centre_magnet: jax.Array
    arm_magnet: jax.Array
    post_width: jax.Array


def _variable(quantity: str, unit: str, low: float, high: float, description: str) -> Variable:
    return Variable(part="rotor", quantity=quantity, unit=unit, low=low, high=high, description=description)


def layered_variables(barriers: tuple[Barrier, ...]) -> tuple[Variable, ...]:
    """Design variables of a layered rotor; a single layer has other ranges (a flat bar or U near the surface)."""
    several = len(barriers) > 1
    cap = {1: (0.80, 0.90), 2: (0.45, 0.58)}.get(len(barriers), (0.30, 0.48))
    thickness = (0.30, 0.52) if several else (0.80, 1.50)
    depth = (0.60, 1.05) if several else (0.35, 0.90)
    tilt = 0.6
    if any(b.arm == "magnet" for b in barriers):
        depth, tilt = (0.85, 1.05), 0.2  # an arm that holds a magnet needs height
    variables = [
        _variable("bridge", "m", 0.5e-3, 1.8e-3, "iron between a barrier's tip and the surface"),
        _variable("web_ratio", "1", 0.10, 0.20, "angle between the innermost tip and the q axis / half pole pitch"),
        _variable("cap_ratio", "1", *cap, "angle of the outermost pole cap / angle up to the innermost tip"),
        _variable("depth_ratio", "1", *depth, "barrier's height under its tip / that of a circle square to the q axis"),
        _variable("tilt_ratio", "1", 0.0, tilt, "share of that height that the slope of the centre takes (0: flat)"),
        _variable("barrier_ratio", "1", *thickness, "thickness of a barrier's centre / distance between barriers"),
        _variable("arm_ratio", "1", 0.30, 0.55, "width of an arm's tip / distance between tips"),
        _variable("web_taper", "1", -0.20, 0.45, "narrowing of the web from the tip to the innermost knee"),
        _variable("shaft_ratio", "1", 0.45, 0.80, "shaft radius / radius of the innermost barrier on the d axis"),
    ]
    if any(b.post for b in barriers):
        variables.append(_variable("post", "m", 0.6e-3, 2.5e-3, "iron post of every barrier on the d axis"))
    if any("magnet" in (b.centre, b.arm) for b in barriers):
        variables.append(_variable("magnet_fill", "1", 0.80, 0.95, "magnet length / length of the part that holds it"))
    return tuple(variables)


def layered_from_values(
    barriers: tuple[Barrier, ...], values: jax.Array, radius: jax.Array, pole_pairs: jax.Array
) -> LayeredRotor:
    """Rotor from SI values in the order of `layered_variables`; straight, parallel-sided centres and arms.

    Tips are evenly spaced in angle, arms of all layers are parallel, centres too, so barriers cannot overlap.
    """
    named = dict(zip([v.quantity for v in layered_variables(barriers)], values, strict=True))
    half_pitch, count = 0.5 * jnp.pi / pole_pairs, len(barriers)
    tip_radius = radius - named["bridge"]
    usable = half_pitch * (1.0 - named["web_ratio"])
    step = (1.0 - named["cap_ratio"]) * usable / (count - 1 + named["arm_ratio"])
    left = named["cap_ratio"] * usable + step * np.arange(count + 1)  # one imagined layer more gives the last spacing
    right = left[:-1] + named["arm_ratio"] * step
    # Circle through the surface at the q axis and square to it: height over half width = tan(pi/4 - half pitch/2).
    aspect = named["depth_ratio"] * jnp.tan(0.25 * jnp.pi - 0.5 * half_pitch)
    slope = named["tilt_ratio"] * aspect
    start = tip_radius * (jnp.cos(left) - aspect * jnp.sin(left))
    thickness = named["barrier_ratio"] * (start[:-1] - start[1:])  # along the d axis
    if count == 1:
        thickness = smooth_minimum(thickness, 0.25 * start[:-1], 1e-3)  # few poles: leave iron and a shaft below
    lowest = start[:-1] - thickness
    height = tip_radius * jnp.cos(right[-1]) - lowest[-1]
    web = tip_radius * jnp.sin(half_pitch * named["web_ratio"])
    lean = half_pitch - jnp.arcsin(named["web_taper"] * web * jnp.cos(half_pitch) / height)
    inner = _straight_border(start[:-1], slope, _polar(tip_radius, left[:-1]), lean)
    outer = _straight_border(lowest, slope, _polar(tip_radius, right), lean)
    feet, shifts = _knee_feet(inner, outer)
    post = named.get("post", 0.0) * np.array([float(b.post) for b in barriers])
    fill = named.get("magnet_fill", 0.5)
    # A magnet is a rectangle: its place on the outer border is that on the inner one, shifted.
    end = smooth_minimum(length_of(inner[0]), feet[:, 0] - shifts[:, 0], _ROUNDING)
    lead = 0.04 * np.array([float(b.post) for b in barriers])  # without a post the magnet reaches the d axis
    centre = _magnet_span(0.5 * post * jnp.sqrt(1.0 + slope**2), end, fill, lead)
    shifted = np.stack([lead > 0.0, np.ones(count)], -1)
    arm_end = smooth_minimum(length_of(inner[1]), length_of(outer[1]) - shifts[:, 1], _ROUNDING)
    arm = _magnet_span(feet[:, 1] - shifts[:, 1], arm_end, fill, np.array(0.3))
    return LayeredRotor(
        outer_radius=radius,
        shaft_radius=named["shaft_ratio"] * lowest[-1],
        inner_centre=inner[0],
        outer_centre=outer[0],
        inner_arm=inner[1],
        outer_arm=outer[1],
        tip=jnp.stack([inner[1][:, -1], outer[1][:, -1]], 1),
        knee_feet=feet,
        centre_magnet=jnp.stack([centre, centre + shifts[:, :1] * shifted], 1),
        arm_magnet=jnp.stack([arm, arm + shifts[:, 1:]], 1),
        post_width=jnp.stack([post + 0.0 * thickness] * 2, -1),
    )


def _polar(radius: jax.Array, angle: jax.Array) -> jax.Array:
    return radius * jnp.stack([jnp.cos(angle), jnp.sin(angle)], -1)


def _straight_border(
    start: jax.Array, slope: jax.Array, tip: jax.Array, lean: jax.Array
) -> tuple[jax.Array, jax.Array]:
    """Centre from (start, 0) along `slope` = dx/dy, arm to the tip inclined `lean` to the d axis: (k, 2, 2) each."""
    reach = (tip[:, 0] - start - slope * tip[:, 1]) / (jnp.cos(lean) - slope * jnp.sin(lean))
    knee = tip - reach[:, None] * jnp.stack([jnp.cos(lean), jnp.sin(lean)])
    first = jnp.stack([start, 0.0 * start], -1)
    return jnp.stack([first, knee], 1), jnp.stack([knee, tip], 1)


def _knee_feet(inner: tuple[jax.Array, jax.Array], outer: tuple[jax.Array, jax.Array]) -> tuple[jax.Array, jax.Array]:
    """Feet (k, 2) of the inner knees as in `LayeredRotor`, and the shifts (k, 2) in length between points that are
    square to each other on the outer and the inner border of (centre, arm). Feet are the perpendiculars' unless these
    would miss the outer border (a thick centre turns obtusely into a narrow arm)."""
    shifts = jnp.stack([_foot(line, near[:, 0]) for line, near in zip(outer, inner, strict=True)], -1)
    width = jnp.stack([_distance(line, near[:, 0]) for line, near in zip(outer, inner, strict=True)], -1)
    before_knee = length_of(outer[0]) - shifts[:, 0] - length_of(inner[0])
    after_knee = smooth_maximum(shifts[:, 1], _KNEE_SHARE * width[:, 0], _ROUNDING)
    first = length_of(outer[0]) - smooth_maximum(before_knee, _KNEE_SHARE * width[:, 1], _ROUNDING)
    return jnp.stack([first, smooth_minimum(after_knee, 0.6 * length_of(outer[1]), _ROUNDING)], -1), shifts


def _foot(line: jax.Array, point: jax.Array) -> jax.Array:
    """Length along straight lines (k, 2, 2) to the foot of the perpendicular from points (k, 2)."""
    along = line[:, 1] - line[:, 0]
    return jnp.sum((point - line[:, 0]) * along, -1) / length_of(line)


def _distance(line: jax.Array, point: jax.Array) -> jax.Array:
    """Distance of points (k, 2) to the right of straight lines (k, 2, 2)."""
    along, offset = line[:, 1] - line[:, 0], point - line[:, 0]
    return (along[:, 1] * offset[:, 0] - along[:, 0] * offset[:, 1]) / length_of(line)


def _magnet_span(first: jax.Array, last: jax.Array, fill: jax.Array | float, lead: np.ndarray) -> jax.Array:
    """Start and end (k, 2) of a magnet that leaves the share `lead` of its free space before it, the rest behind."""
    free = (1.0 - fill) * (last - first)
    return jnp.stack([first + lead * free, last - (1.0 - lead) * free], -1)


def segment_lengths(line: jax.Array) -> jax.Array:
    """Lengths (..., points - 1) of a polyline's pieces (..., points, 2)."""
    step = line[..., 1:, :] - line[..., :-1, :]
    return jnp.sqrt(jnp.sum(step * step, -1) + 1e-24)


def length_of(line: jax.Array) -> jax.Array:
    """Length (...) of a polyline (..., points, 2)."""
    return jnp.sum(segment_lengths(line), -1)


def points_along(line: jax.Array, lengths: jax.Array) -> jax.Array:
    """Points (n, 2) at lengths (n,) along one polyline (points, 2)."""
    reached = jnp.concatenate([jnp.zeros(1), jnp.cumsum(segment_lengths(line))])
    return jnp.stack([jnp.interp(lengths, reached, line[:, k]) for k in range(2)], -1)


def polygon_area(outline: jax.Array) -> jax.Array:
    """Signed area (...) of closed polygons (..., points, 2), positive if counter-clockwise."""
    following = jnp.roll(outline, -1, axis=-2)
    return 0.5 * jnp.sum(outline[..., 0] * following[..., 1] - outline[..., 1] * following[..., 0], -1)


def polygon_moment(outline: jax.Array) -> jax.Array:
    """Integral (..., 2) of the position over the same polygons (signed)."""
    following = jnp.roll(outline, -1, axis=-2)
    cross = outline[..., 0] * following[..., 1] - outline[..., 1] * following[..., 0]
    return jnp.sum((outline + following) * cross[..., None], -2) / 6.0


def barrier_parts(rotor: LayeredRotor, barriers: tuple[Barrier, ...]) -> list[tuple[float, jax.Array]]:
    """Half barriers of one half pole as counter-clockwise polygons with a sign: +1 cut out, -1 iron within (post,
    rib)."""
    parts: list[tuple[float, jax.Array]] = []
    for k, barrier in enumerate(barriers):
        inner, outer = rotor.inner_centre[k], rotor.outer_centre[k]
        end = rotor.outer_arm[k][::-1]
        if barrier.centre == "iron":
            foot = points_along(rotor.outer_arm[k], rotor.knee_feet[k, 1:])
            parts.append((1.0, jnp.concatenate([rotor.inner_arm[k], rotor.tip[k][1:], end[1:-1], foot])))
            continue
        whole = [inner, rotor.inner_arm[k][1:], rotor.tip[k][1:], end[1:], outer[::-1][1:]]
        parts.append((1.0, jnp.concatenate(whole)))
        if barrier.post:
            near, far = 0.5 * rotor.post_width[k, :, None] * np.array([0.0, 1.0])
            parts.append((-1.0, jnp.stack([inner[0], inner[0] + near, outer[0] + far, outer[0]])))
        if barrier.rib:
            near = points_along(inner, jnp.stack([rotor.centre_magnet[k, 0, 1], length_of(inner)]))
            far = points_along(outer, jnp.stack([rotor.knee_feet[k, 0], rotor.centre_magnet[k, 1, 1]]))
            parts.append((-1.0, jnp.concatenate([near, far])))
    return parts


def magnet_parts(rotor: LayeredRotor, barriers: tuple[Barrier, ...]) -> list[jax.Array]:
    """Magnets of one half pole (a magnet across the d axis counts by its half) as quadrilaterals (4, 2)."""
    found = []
    for k, barrier in enumerate(barriers):
        for fill, inner, outer, span in (
            (barrier.centre, rotor.inner_centre[k], rotor.outer_centre[k], rotor.centre_magnet[k]),
            (barrier.arm, rotor.inner_arm[k], rotor.outer_arm[k], rotor.arm_magnet[k]),
        ):
            if fill == "magnet":
                near, far = points_along(inner, span[0]), points_along(outer, span[1])
                found.append(jnp.concatenate([near, far[::-1]]))
    return found


def cap_outline(rotor: LayeredRotor, layer: int = -1, pieces: int = 16) -> jax.Array:
    """Half of what lies outside a barrier (all fills; the innermost unless told), between its border and the
    surface."""
    edge = jnp.arctan2(rotor.tip[layer, 0, 1], rotor.tip[layer, 0, 0])
    surface = _polar(rotor.outer_radius, edge * np.linspace(1.0, 0.0, pieces + 1))
    return jnp.concatenate([rotor.inner_centre[layer], rotor.inner_arm[layer][1:], surface])[::-1]
