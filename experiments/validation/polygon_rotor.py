"""Layered rotor from the outlines of its voids and magnets, as the reference files give them.

A pole's outline must be symmetric about the d axis (+x) and consist of barriers that each end in one tip a side under
the surface: voids across (or beside a post on) the d axis, magnets across the d axis or in a V with a pocket at their
outer end (joined to the magnet or behind a thin rib), voids that are an arm alone. Anything else raises ValueError.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Sequence
from typing import Any

import jax.numpy as jnp
import numpy as np

from edu_opt.motor.barriers import Barrier, LayeredRotor

MILLIMETRE = 1e-3
_TOUCH = 0.05  # mm, closer outlines touch
_TIP_DEPTH = 0.5  # mm, vertices this far below the outermost one belong to the tip
_ROOT_DEPTH = 0.3  # mm, vertices this far from the one nearest to the d axis belong to the side at the post
_ARM_ALONE = 0.35  # a void whose y starts above this share of its largest one is an arm alone
_LEAST = 0.15  # mm, meshable length of air beside a magnet
_KNEE_SHARE = 0.3  # least length of the outer border on either side of the knee, of the barrier's width there


@dataclasses.dataclass
class _Layer:
    """One barrier of the half pole in mm: borders as polylines from the d axis to the tip, split at the knees."""

    barrier: Barrier
    inner: tuple[np.ndarray, np.ndarray]
    outer: tuple[np.ndarray, np.ndarray]
    tip: np.ndarray
    post: tuple[float, float]  # width at the inner and the outer border
    feet: tuple[float, float]
    magnet: np.ndarray = dataclasses.field(default_factory=lambda: np.zeros((2, 2)))

    @property
    def angle(self) -> float:
        """Polar angle of the tip's middle."""
        return float(np.arctan2(*self.tip.mean(0)[::-1]))


def layered_from_polygons(rotor: dict[str, Any]) -> tuple[tuple[Barrier, ...], LayeredRotor]:
    """Barriers from the surface inwards and their rotor [m] from `voids`, `magnets`, `R_ro`, `R_sh` in mm."""
    voids = [half for half in map(_upper_half, rotor["voids"]) if len(half)]
    magnets = [(half, m["dir"]) for m in rotor["magnets"] if len(half := _upper_half(m["pts"]))]
    layers, used = [], set()
    for outline, direction in magnets:
        number = _pocket_of(outline, voids)
        touching = {k for k, v in enumerate(voids) if k == number or _gap(outline, v) < _TOUCH}
        used |= touching
        corners = np.concatenate([outline, *(voids[k] for k in touching)])
        layers.append(_magnet_layer(outline, np.asarray(direction, float), voids[number], corners))
    for k, outline in enumerate(voids):
        if k not in used:
            alone = outline[:, 1].min() > _ARM_ALONE * outline[:, 1].max()
            layers.append(_arm_layer(outline) if alone else _void_layer(outline))
    layers.sort(key=lambda layer: layer.angle)
    count = max(len(line) for layer in layers for line in (*layer.inner, *layer.outer, layer.tip))
    stack = lambda lines: jnp.asarray(np.stack([_with_points(line, count) for line in lines])) * MILLIMETRE  # noqa: E731
    return tuple(layer.barrier for layer in layers), LayeredRotor(
        outer_radius=jnp.asarray(rotor["R_ro"] * MILLIMETRE),
        shaft_radius=jnp.asarray(rotor["R_sh"] * MILLIMETRE),
        inner_centre=stack([layer.inner[0] for layer in layers]),
        inner_arm=stack([layer.inner[1] for layer in layers]),
        outer_centre=stack([layer.outer[0] for layer in layers]),
        outer_arm=stack([layer.outer[1] for layer in layers]),
        tip=stack([layer.tip for layer in layers]),
        knee_feet=jnp.asarray([layer.feet for layer in layers]) * MILLIMETRE,
        centre_magnet=jnp.asarray([layer.magnet for layer in layers]) * MILLIMETRE,
        arm_magnet=jnp.zeros((len(layers), 2, 2)),
        post_width=jnp.asarray([layer.post for layer in layers]) * MILLIMETRE,
    )


def _void_layer(outline: np.ndarray) -> _Layer:
    """Barrier without a magnet, across the d axis or beside a post."""
    tip, back = _tip_and_back(outline)
    lowest = outline[:, 1].min()
    near = np.flatnonzero(back[:, 1] < lowest + _ROOT_DEPTH)
    outer, inner = back[: near[0] + 1][::-1], back[near[-1] :]
    if lowest > _TOUCH:
        outer, inner = _to_axis(outer), _to_axis(inner)
    knee, far_knee = _farthest(inner, 0), _farthest(outer, 0)
    post = 2.0 * float(back[near[-1], 1]), 2.0 * float(back[near[0], 1])
    return _layer(Barrier(post=bool(lowest > _TOUCH)), inner, outer, tip, knee, far_knee, post)


def _magnet_layer(magnet: np.ndarray, direction: np.ndarray, pocket: np.ndarray, corners: np.ndarray) -> _Layer:
    """Barrier whose centre is a magnet (half of one, or one leg of a V) and whose arm is the pocket at its end;
    `corners` of the magnet and all voids that it touches tell where the post ends."""
    if direction[1] > 0.0:
        raise ValueError("a magnet whose direction leaves the d axis")
    height = magnet @ direction
    near, far = (magnet[np.argsort(order)[-2:]] for order in (height, -height))
    near, far = near[np.argsort(near[:, 1])], far[np.argsort(far[:, 1])]
    tip, back = _tip_and_back(pocket)
    rib = _gap(magnet, pocket) > _TOUCH
    knee_at, foot_at = _nearest(back, near[1]), _nearest(back, far[1])
    start = [_to_axis(edge)[:1] if edge[0, 1] > _TOUCH else edge[:1] for edge in (near, far)]
    inner = np.concatenate([start[0], near[1:], _part(back, knee_at, None)])
    outer = np.concatenate([start[1], far[1:], _part(back, None, foot_at)[::-1]])
    spans = np.array([[np.hypot(*(p - s[0])) for p in edge] for s, edge in zip(start, (near, far), strict=True)])
    level = corners @ direction
    sides = level > height.max() - _TOUCH, level < height.min() + _TOUCH
    post = [2.0 * float(corners[side, 1].min()) for side in sides]
    has_post = min(post) > _TOUCH
    if has_post:  # air between post and magnet must be meshable
        spans[:, 0] = np.maximum(spans[:, 0], 0.5 * np.array(post) / np.abs(direction[0]) + _LEAST)
    inner, outer = _without_repeats(inner), _without_repeats(outer)
    if rib:
        knee = np.hypot(*np.diff(inner[:3], axis=0).T).sum()
    else:
        knee = max(_farthest(inner, spans[0, 1]), spans[0, 1] + _LEAST)
    far_knee = max(_farthest(outer, spans[1, 1]), spans[1, 1] + 2.0 * _LEAST)
    barrier = Barrier(centre="magnet", rib=rib, post=has_post)
    layer = _layer(barrier, inner, outer, tip, knee, far_knee, (post[0], post[1]))
    layer.magnet = spans
    layer.feet = (max(layer.feet[0], spans[1, 1] + _LEAST), layer.feet[1])
    return layer


def _arm_layer(outline: np.ndarray) -> _Layer:
    """Void that is an arm alone: its root runs from the corner next to the d axis to the one as far from it as the tip
    is wide. The centre in front of it is iron, of any width."""
    tip, back = _tip_and_back(outline)
    first = int(np.argmin(np.arctan2(back[1:-1, 1], back[1:-1, 0]))) + 1
    knee = back[first]
    if first == 1:
        raise ValueError("a void that comes to a point")
    widths = np.hypot(*(back[1:first] - knee).T)
    second = int(np.argmin(np.abs(widths - np.hypot(*(tip[-1] - tip[0]))))) + 1
    arm, width = back[: second + 1][::-1], widths[second - 1]
    far_knee = arm[0] - np.array([0.4 * width, 0.0])
    inner = np.array([[knee[0], 0.0], knee])
    outer = np.array([[far_knee[0], 0.0], far_knee])
    feet = (min(knee[1], far_knee[1] - 0.1 * width), 0.4 * width)
    barrier = Barrier(centre="iron")
    return _Layer(barrier, (inner, back[first:]), (outer, np.concatenate([far_knee[None], arm])), tip, (0.0, 0.0), feet)


def _layer(
    barrier: Barrier,
    inner: np.ndarray,
    outer: np.ndarray,
    tip: np.ndarray,
    knee: float,
    far_knee: float,
    post: tuple[float, float],
) -> _Layer:
    inner_parts, outer_parts = _split(inner, knee), _split(outer, far_knee)
    point = inner_parts[0][-1]
    lengths = [_lengths(part) for part in outer_parts]
    width = np.hypot(*(outer_parts[0][-1] - point))
    foot = min(_nearest(outer_parts[0], point), lengths[0][-1] - min(_KNEE_SHARE * width, 0.5 * lengths[0][-1]))
    after = max(_nearest(outer_parts[1], point), min(_KNEE_SHARE * width, 0.5 * lengths[1][-1]))
    after = min(after, 0.8 * lengths[1][-1])
    return _Layer(barrier, inner_parts, outer_parts, tip, post, (foot, after))


def _upper_half(points: Sequence[Sequence[float]]) -> np.ndarray:
    """Part of a polygon with y >= 0 (n, 2), counter-clockwise; no points if there is none to speak of."""
    polygon, kept = np.asarray(points, float), []
    for a, b in zip(polygon, np.roll(polygon, -1, 0), strict=True):
        if a[1] >= 0.0:
            kept.append(a)
        if (a[1] >= 0.0) != (b[1] >= 0.0):
            kept.append(a + (b - a) * (a[1] / (a[1] - b[1])))
    half = _without_repeats(np.array(kept)) if kept else np.zeros((0, 2))
    x, y = half[:, 0], half[:, 1]
    area = 0.5 * float(np.sum(x * np.roll(y, -1) - y * np.roll(x, -1)))
    if len(half) < 3 or abs(area) < 1e-2:
        return np.zeros((0, 2))
    return half if area > 0.0 else half[::-1]


def _tip_and_back(outline: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The tip's vertices from its corner at the d axis's side to the other one, and the rest of the outline from that
    one back to the first."""
    radius, angle = np.hypot(*outline.T), np.arctan2(outline[:, 1], outline[:, 0])
    high = np.flatnonzero(radius > radius.max() - _TIP_DEPTH)
    first, last = high[np.argmin(angle[high])], high[np.argmax(angle[high])]
    if first == last:
        raise ValueError("a void without a tip under the surface")
    turned = np.roll(outline, -first, axis=0)
    corner = (last - first) % len(outline)
    return turned[: corner + 1], np.concatenate([turned[corner:], turned[:1]])


def _pocket_of(magnet: np.ndarray, voids: list[np.ndarray]) -> int:
    """Number of the void at the outer end of a magnet."""
    end = magnet[np.argsort(magnet[:, 1])[-2:]].mean(0)
    beyond = [k for k, v in enumerate(voids) if np.hypot(*v.T).max() > np.hypot(*end)]
    if not beyond:
        raise ValueError("a magnet without a pocket towards the surface")
    return min(beyond, key=lambda k: _distance(np.concatenate([voids[k], voids[k][:1]]), end))


def _lengths(line: np.ndarray) -> np.ndarray:
    return np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])


def _at(line: np.ndarray, length: float) -> np.ndarray:
    return np.array([np.interp(length, _lengths(line), line[:, k]) for k in range(2)])


def _nearest(line: np.ndarray, point: np.ndarray) -> float:
    """Length along a polyline to its point nearest to a point."""
    step = np.diff(line, axis=0)
    size = np.hypot(*step.T)
    along = np.clip(np.sum((point - line[:-1]) * step, 1) / np.maximum(size**2, 1e-12), 0.0, 1.0)
    distance = np.hypot(*(line[:-1] + along[:, None] * step - point).T)
    best = int(np.argmin(distance))
    return float(_lengths(line)[best] + along[best] * size[best])


def _distance(line: np.ndarray, point: np.ndarray) -> float:
    return float(np.hypot(*(_at(line, _nearest(line, point)) - point)))


def _gap(first: np.ndarray, second: np.ndarray) -> float:
    """Smallest distance between two outlines' corners and sides."""
    pairs = ((first, second), (second, first))
    return min(_distance(np.concatenate([b, b[:1]]), point) for a, b in pairs for point in a)


def _farthest(line: np.ndarray, start: float) -> float:
    """Length to the vertex beyond `start` that is farthest from the chord to the line's end; if all are close to it
    (a straight border), two thirds of the way."""
    lengths, first = _lengths(line), _at(line, start)
    chord, beyond = line[-1] - first, lengths > start + 1e-9
    distance = np.abs(chord[0] * (line - first)[:, 1] - chord[1] * (line - first)[:, 0]) / np.hypot(*chord)
    best = int(np.argmax(np.where(beyond, distance, -1.0)))
    straight = distance[best] < 0.02 * np.hypot(*chord)
    return float(start + 2.0 / 3.0 * (lengths[-1] - start)) if straight else float(lengths[best])


def _part(line: np.ndarray, first: float | None, last: float | None) -> np.ndarray:
    """Piece of a polyline between two lengths along it."""
    lengths = _lengths(line)
    low, high = 0.0 if first is None else first, lengths[-1] if last is None else last
    inside = line[(lengths > low + 1e-6) & (lengths < high - 1e-6)]
    return np.concatenate([_at(line, low)[None], inside, _at(line, high)[None]])


def _split(line: np.ndarray, at: float) -> tuple[np.ndarray, np.ndarray]:
    return _part(line, None, at), _part(line, at, None)


def _to_axis(line: np.ndarray) -> np.ndarray:
    """Polyline with a first point on the d axis, along its first side where that is steep enough."""
    step = line[1] - line[0]
    slope = step[0] / step[1] if step[1] > 0.5 * abs(step[0]) else 0.0
    return np.concatenate([[[line[0, 0] - slope * line[0, 1], 0.0]], line])


def _without_repeats(line: np.ndarray) -> np.ndarray:
    kept = [line[0]] + [b for a, b in itertools.pairwise(line) if np.hypot(*(b - a)) > 1e-6]
    return np.array(kept)


def _with_points(line: np.ndarray, count: int) -> np.ndarray:
    """The same polyline with `count` points: its longest sides are halved."""
    while len(line) < count:
        widest = int(np.argmax(np.hypot(*np.diff(line, axis=0).T)))
        line = np.insert(line, widest + 1, 0.5 * (line[widest] + line[widest + 1]), axis=0)
    return line
