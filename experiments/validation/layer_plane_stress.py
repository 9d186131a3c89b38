"""Half a pole of a `LayeredRotor` and one bar's pitch of a cage for `experiments.validation.rotor_plane_stress`.

A barrier on a post is a hole; without one it cuts the plane of symmetry. Every corner of a barrier is rounded; magnets
in a barrier's centre press on its border towards the air gap with their own centrifugal force, spread over their
length; a cage's bar presses on the iron over it (closed slot) or on both lips (open slot).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from ngsolve import CoefficientFunction, x, y

from edu_opt.motor.barriers import Barrier
from experiments.validation.rotor_plane_stress import Curve, LoadedSector, Point, arc, direction, straight_fillet

_REACH_SHARE = 0.4  # of an edge that a fillet may take at either end


def _radius_at(before: Point, corner: Point, after: Point, radius: float) -> float:
    """The radius, or what the shorter edge allows."""
    u, v = before - corner, after - corner
    shorter = min(float(np.linalg.norm(u)), float(np.linalg.norm(v)))
    half_angle = 0.5 * math.acos(float(u @ v) / float(np.linalg.norm(u) * np.linalg.norm(v)))
    return min(radius, _REACH_SHARE * shorter * math.tan(half_angle))


def _rounded(corners: list[Point], names: list[str], closed: bool, radius: float) -> list[Curve]:
    """Polygon or open polyline with rounded corners; `names[k]` is the edge from corner k to the next, a fillet has the
    name of the edge beside it that is not a wall."""
    count = len(corners)
    fillets: dict[int, tuple[Point, Point, Point]] = {}
    for k in range(count) if closed else range(1, count - 1):
        before, corner, after = corners[k - 1], corners[k], corners[(k + 1) % count]
        fillets[k] = straight_fillet(before, corner, after, _radius_at(before, corner, after, radius))
    curves = []
    for k in range(count if closed else count - 1):
        if k in fillets:
            name = next((n for n in (names[k - 1], names[k]) if n not in ("wall", "magnet")), "knee")
            curves.append(Curve(fillets[k], name, 0.25 * radius))
        start = fillets[k][2] if k in fillets else corners[k]
        following = (k + 1) % count
        end = fillets[following][0] if following in fillets else corners[following]
        curves.append(Curve((start, end), names[k], 1.0 if names[k] in ("wall", "magnet") else 0.5 * radius))
    return curves


def _with_magnet(curve: Curve, first: Point, last: Point, name: str) -> list[Curve]:
    """A straight wall whose part between two points near it carries a magnet."""
    start, end = curve.points
    along = (end - start) / np.linalg.norm(end - start)
    length = float(np.linalg.norm(end - start))
    places = sorted(min(max(float((p - start) @ along), 0.02 * length), 0.98 * length) for p in (first, last))
    points = [start, start + places[0] * along, start + places[1] * along, end]
    return [Curve((points[k], points[k + 1]), (curve.name, name, curve.name)[k], curve.size) for k in range(3)]


def layered_sector(
    rotor: Any, barriers: tuple[Barrier, ...], pole_pairs: float, densities: tuple[float, float], radius: np.ndarray
) -> LoadedSector:
    """Half a pole of a `LayeredRotor` (numpy leaves) with straight centres and arms, no ribs; densities of iron and
    magnet [kg/m3]; `radius` (k,) of every barrier's corners [m]. Edges "bridge0", "post0", ... belong to barrier 0, ...
    from the surface inwards."""
    half_pitch, outer = 0.5 * math.pi / pole_pairs, float(rotor.outer_radius)
    holes, tractions, openings = [], {}, []
    for k, barrier in enumerate(barriers):
        inner, far = np.asarray(rotor.inner_centre[k]), np.asarray(rotor.outer_centre[k])
        tip = np.asarray(rotor.tip[k])
        share = 0.5 * np.asarray(rotor.post_width[k]) if barrier.post else np.zeros(2)
        start, end = (
            line[0] + (line[1] - line[0]) * (reach / (line[1] - line[0])[1])
            for line, reach in zip((inner, far), share, strict=True)
        )
        # From the outer border's start along it to the tip, back along the inner one: iron lies to the left.
        corners = [end, far[1], tip[1], tip[0], inner[1], start]
        names = ["wall", "wall", f"bridge{k}", "wall", "wall", f"post{k}"]
        loop = _rounded(corners, names, barrier.post, float(radius[k]))
        if barrier.centre == "magnet":
            border = next(i for i, c in enumerate(loop) if len(c.points) == 2 and _lies_on(c, inner))
            spans = np.asarray(rotor.centre_magnet[k])
            along = (inner[1] - inner[0]) / np.linalg.norm(inner[1] - inner[0])
            first, last = (inner[0] + reach * along for reach in spans[0])
            inwards = np.array([-along[1], along[0]])
            inwards = inwards if inwards[0] < 0.0 else -inwards
            thickness = abs(float((far[0] - inner[0]) @ inwards))
            loop[border : border + 1] = _with_magnet(loop[border], first, last, f"magnet{k}")
            piece = loop[border + 1].points
            force = densities[1] * thickness * float(np.diff(spans[0])[0] / np.linalg.norm(piece[1] - piece[0]))
            centre = 0.5 * thickness * inwards
            tractions[f"magnet{k}"] = CoefficientFunction((force * (x + centre[0]), force * (y + centre[1])))
        if barrier.post:
            holes.append([Curve(c.points[::-1], c.name, c.size) for c in loop[::-1]])
        else:
            openings.append(loop)
    loop = _outer_loop(rotor, barriers, half_pitch, outer, openings)
    return LoadedSector(loop, holes, tractions, densities[0], half_pitch, 0.05 * outer)


def _lies_on(curve: Curve, line: Point) -> bool:
    """Whether a straight curve is part of a straight line."""
    along = (line[1] - line[0]) / np.linalg.norm(line[1] - line[0])
    offset = np.stack([p - line[0] for p in curve.points])
    return bool(np.all(np.abs(offset[:, 0] * along[1] - offset[:, 1] * along[0]) < 1e-9))


def _outer_loop(
    rotor: Any, barriers: tuple[Barrier, ...], half_pitch: float, outer: float, openings: list[list[Curve]]
) -> list[Curve]:
    """d axis from the shaft outwards (around barriers without a post), surface, q axis, bore."""
    shaft, d, q = float(rotor.shaft_radius), direction(0.0), direction(half_pitch)
    loop, at = [], shaft * d
    for opening in openings[::-1]:  # the innermost comes first
        loop.append(Curve((at, opening[0].points[0]), "d_axis", 1.0))
        loop += opening
        at = opening[-1].points[-1]
    loop.append(Curve((at, outer * d), "d_axis", 1.0))
    tips = [sorted(math.atan2(p[1], p[0]) for p in np.asarray(tip)) for tip in rotor.tip]
    between = np.diff([0.0, *np.ravel(tips), half_pitch])[::2]  # iron beside the tips [rad]
    angles, names, sizes = [0.0], [], []
    for k, (low, high) in enumerate(tips):
        bridge = outer - float(np.linalg.norm(rotor.tip[k][0]))
        before, after = (min(bridge / outer, 0.3 * float(gap)) for gap in between[k : k + 2])
        angles += [low - before, high + after]
        names += ["rim", f"bridge{k}"]
        sizes += [1.0, 0.5 * bridge]
    angles.append(half_pitch)
    names.append("rim")
    sizes.append(1.0)
    rim = [outer * direction(angle) for angle in angles]
    loop += [Curve(arc(rim[i], rim[i + 1]), names[i], sizes[i]) for i in range(len(names))]
    return [*loop, Curve((rim[-1], shaft * q), "q_axis", 1.0), Curve(arc(shaft * q, shaft * d), "bore", 1.0)]


def cage_sector(rotor: Any, open_bars: bool, bars: float, densities: tuple[float, float]) -> LoadedSector:
    """Half a bar's pitch of a `CageRotor` (floats) between the bar's axis and the tooth's; densities of iron and bar
    [kg/m3]. The loose bar presses outwards on the iron over it, evenly over its width. Edges "bridge" (over the bar)
    and "root" (the tooth's foot)."""
    half_pitch, outer, shaft = math.pi / bars, float(rotor.outer_radius), float(rotor.shaft_radius)
    top = outer - float(rotor.bridge)
    bottom, half_top, half_bottom = top - rotor.bar_depth, 0.5 * rotor.bar_width_top, 0.5 * rotor.bar_width_bottom
    at = lambda a, b: np.array([float(a), float(b)])  # noqa: E731
    low, high = at(bottom, half_bottom), at(top, half_top)
    last = at(top, 0.5 * rotor.opening_width) if open_bars else at(top, 0.0)
    foot = straight_fillet(at(bottom, 0.0), low, high, min(rotor.corner_radius_bottom, 0.95 * half_bottom))
    crown = straight_fillet(low, high, last, min(rotor.corner_radius_top, 0.9 * float(high[1] - last[1])))
    fine = 0.25 * float(rotor.bridge)
    loop = [
        Curve((at(shaft, 0.0), at(bottom, 0.0)), "d_axis", 1.0),
        Curve((at(bottom, 0.0), foot[0]), "wall", 1.0),
        Curve(foot, "root", 0.25 * float(half_bottom)),
        Curve((foot[2], crown[0]), "root", 0.5 * float(half_bottom)),
        Curve(crown, "bridge", fine),
        Curve((crown[2], last), "bridge", fine),
    ]
    if open_bars:
        edge = at(math.sqrt(outer**2 - last[1] ** 2), last[1])
        loop.append(Curve((last, edge), "lip", fine))
    else:
        edge = at(outer, 0.0)
        loop.append(Curve((last, edge), "d_axis", fine))
    rim, q = outer * direction(half_pitch), direction(half_pitch)
    loop += [
        Curve(arc(edge, rim), "bridge", fine),
        Curve((rim, shaft * q), "q_axis", 1.0),
        Curve(arc(shaft * q, at(shaft, 0.0)), "bore", 1.0),
    ]
    loop = [c for c in loop if np.linalg.norm(c.points[0] - c.points[-1]) > 1e-9]
    pressed = sum(float(np.linalg.norm(np.diff(c.samples(), axis=0), axis=1).sum()) for c in loop if _under(c, outer))
    loop = [Curve(c.points, "pressed", c.size) if _under(c, outer) else c for c in loop]
    area = _half_area(bottom, top, half_bottom, half_top, rotor.corner_radius_bottom, rotor.corner_radius_top)
    force = CoefficientFunction((densities[1] * area * 0.5 * (top + bottom) / pressed, 0.0))
    return LoadedSector(loop, [], {"pressed": force}, densities[0], half_pitch, 0.05 * outer)


def _under(curve: Curve, outer: float) -> bool:
    """Whether an edge called "bridge" lies under the iron over the bar, not on the surface."""
    return curve.name == "bridge" and float(np.linalg.norm(curve.points[0])) < outer - 1e-6


def _half_area(bottom, top, half_bottom, half_top, radius_bottom, radius_top) -> float:
    """Half the bar's section [m2], corners cut by quarter circles."""
    cut = (1.0 - 0.25 * math.pi) * (radius_bottom**2 + radius_top**2)
    return float(0.5 * (half_bottom + half_top) * (top - bottom) - cut)
