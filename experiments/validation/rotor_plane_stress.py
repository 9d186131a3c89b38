"""Plane-stress finite elements of half a rotor pole with rounded corners (NGSolve, extra `bench`).

The reference of `edu_opt.motor.strength`: one half pole between d and q axis, both of them planes of symmetry under
centrifugal load, bore free; third-order elements on curved edges. Magnets and coils load the iron and carry nothing:
a magnet pulls its pocket's outer wall along with its own centrifugal force, a coil side pushes the shoe outwards over
its width (its sideways force goes to wedges). Corners are rounded as `strength` states. Lengths m, stresses Pa per
(rad/s)^2 of speed squared times what `speed` is given.
"""

from __future__ import annotations

import dataclasses
import math

import numpy as np
from netgen.geom2d import SplineGeometry
from ngsolve import (
    BilinearForm,
    CoefficientFunction,
    GridFunction,
    Id,
    InnerProduct,
    LinearForm,
    Mesh,
    Sym,
    Trace,
    VectorH1,
    ds,
    dx,
    grad,
    sqrt,
    x,
    y,
)

YOUNG, POISSON = 200e9, 0.3
Point = np.ndarray
PENALTY = 1e7  # 1/m: symmetry on the q axis, as a spring of E x this


def direction(angle: float) -> Point:
    """Unit vector at an angle [rad] from the d axis."""
    return np.array([math.cos(angle), math.sin(angle)])


def _crossing(a: Point, u: Point, b: Point, v: Point) -> Point:
    """Where the lines a + s u and b + t v meet."""
    s = np.linalg.solve(np.stack([u, -v], 1), b - a)[0]
    return a + s * u


@dataclasses.dataclass(frozen=True)
class Curve:
    """Straight (2 points) or exact circular arc (first point, crossing of the end tangents, last point)."""

    points: tuple[Point, ...]
    name: str
    size: float

    def samples(self, count: int = 41) -> Point:
        """Points (count, 2) on it (rational quadratic of a circular arc)."""
        t = np.linspace(0.0, 1.0, count)[:, None]
        if len(self.points) == 2:
            return self.points[0] * (1 - t) + self.points[1] * t
        a, b, c = self.points
        half = 0.5 * np.linalg.norm(c - a)
        weight = half / np.linalg.norm(b - a)
        basis = [(1 - t) ** 2, 2 * weight * t * (1 - t), t**2]
        return (basis[0] * a + basis[1] * b + basis[2] * c) / sum(basis)


def straight_fillet(before: Point, corner: Point, after: Point, radius: float) -> tuple[Point, Point, Point]:
    """Arc of a radius in a corner between two straight edges."""
    u, v = (before - corner) / np.linalg.norm(before - corner), (after - corner) / np.linalg.norm(after - corner)
    reach = radius / math.tan(0.5 * math.acos(float(u @ v)))
    return corner + reach * u, corner, corner + reach * v


def circle_fillet(corner: Point, along: Point, radius: float) -> tuple[Point, Point, Point]:
    """Arc between a circle around the origin and a straight edge that leaves it inwards at `corner` along `along`:
    (point on the edge, crossing of tangents, point on the circle); it lies on the far side from the q or d axis that
    the caller chooses by the sign of `radius`."""
    normal = math.copysign(1.0, radius) * np.array([-along[1], along[0]])
    radius, circle = abs(radius), float(np.linalg.norm(corner))
    base = corner + radius * normal
    b, c = float(base @ along), float(base @ base) - (circle - radius) ** 2
    roots = -b + np.array([1.0, -1.0]) * math.sqrt(b * b - c)
    reach = float(min(r for r in roots if r > 0))
    centre, on_edge = base + reach * along, corner + reach * along
    on_circle = centre / np.linalg.norm(centre) * circle
    tangent = np.array([-on_circle[1], on_circle[0]]) / circle
    return on_edge, _crossing(on_edge, along, on_circle, tangent), on_circle


def arc(first: Point, last: Point) -> tuple[Point, Point, Point]:
    """Arc around the origin."""
    tangent = lambda p: np.array([-p[1], p[0]])  # noqa: E731
    return first, _crossing(first, tangent(first), last, tangent(last)), last


def _add_loop(geometry: SplineGeometry, curves: list[Curve], left: int, right: int) -> None:
    first = [geometry.AppendPoint(*map(float, c.points[0])) for c in curves]
    for k, c in enumerate(curves):
        end = first[(k + 1) % len(curves)]
        if len(c.points) == 2:
            segment = ["line", first[k], end]
        else:
            segment = ["spline3", first[k], geometry.AppendPoint(*map(float, c.points[1])), end]
        geometry.Append(segment, leftdomain=left, rightdomain=right, bc=c.name, maxh=c.size)


@dataclasses.dataclass(frozen=True)
class LoadedSector:
    """Half a pole: outer loop (counter-clockwise), holes (counter-clockwise), loads per area [N/m2 over omega^2] by the
    name of the edge (x, y as NGSolve coordinates), iron density."""

    outer: list[Curve]
    holes: list[list[Curve]]
    tractions: dict[str, CoefficientFunction]
    density: float
    half_pitch: float
    size: float

    def solve(self, speed: float):
        """Von Mises stress [Pa] as a function of points (n, 2), its mesh and the displacement."""
        geometry = SplineGeometry()
        _add_loop(geometry, self.outer, 1, 0)
        for hole in self.holes:
            _add_loop(geometry, hole, 0, 1)
        mesh = Mesh(geometry.GenerateMesh(maxh=self.size, grading=0.25))
        mesh.Curve(4)
        space = VectorH1(mesh, order=3, dirichlety="d_axis")
        u, v = space.TnT()
        q_normal = CoefficientFunction((-math.sin(self.half_pitch), math.cos(self.half_pitch)))
        stiffness = BilinearForm(space)
        stiffness += InnerProduct(_stress(u), Sym(grad(v))) * dx
        stiffness += YOUNG * PENALTY * (u * q_normal) * (v * q_normal) * ds("q_axis")
        load = LinearForm(space)
        load += self.density * speed**2 * InnerProduct(CoefficientFunction((x, y)), v) * dx
        for name, traction in self.tractions.items():
            load += speed**2 * InnerProduct(traction, v) * ds(name)
        stiffness.Assemble()
        load.Assemble()
        found = GridFunction(space)
        found.vec.data = stiffness.mat.Inverse(space.FreeDofs(), inverse="sparsecholesky") * load.vec
        s = _stress(found)
        equivalent = sqrt(s[0, 0] ** 2 + s[1, 1] ** 2 - s[0, 0] * s[1, 1] + 3.0 * s[0, 1] ** 2)
        return equivalent, mesh, found

    def curves(self, *names: str) -> list[Curve]:
        """All edges of these names."""
        return [c for loop in (self.outer, *self.holes) for c in loop if c.name in names]


def _stress(displacement):
    strain = Sym(grad(displacement))
    return YOUNG / (1.0 - POISSON**2) * ((1.0 - POISSON) * strain + POISSON * Trace(strain) * Id(2))


def largest(equivalent, mesh, curves: list[Curve], inset: float = 1e-6) -> float:
    """Largest value on edges, sampled just inside the material."""
    best = 0.0
    for c in curves:
        points = c.samples()
        tangent = np.gradient(points, axis=0)
        normal = np.stack([-tangent[:, 1], tangent[:, 0]], 1) / np.linalg.norm(tangent, axis=1)[:, None]
        for side in (inset, -inset):
            for point in points[1:-1] + side * normal[1:-1]:
                try:
                    best = max(best, float(equivalent(mesh(*point))))
                except Exception:  # the point lies outside the material: its twin on the other side counts
                    continue
    return best


def ring_sector(inner: float, outer: float, half_pitch: float, density: float) -> LoadedSector:
    """Sector of a disc with a hole: it has a closed form to check the elements with."""
    d, q = direction(0.0), direction(half_pitch)
    loop = [
        Curve((inner * d, outer * d), "d_axis", 1.0),
        Curve(arc(outer * d, outer * q), "rim", 1.0),
        Curve((outer * q, inner * q), "q_axis", 1.0),
        Curve(arc(inner * q, inner * d), "bore", 1.0),
    ]
    return LoadedSector(loop, [], {}, density, half_pitch, 0.05 * outer)


def v_sector(rotor, pole_pairs: float, densities: tuple[float, float], radius: float) -> LoadedSector:
    """Half a pole of a `SingleVRotor` (floats); densities of iron and magnet [kg/m3]; radius of every pocket corner."""
    half_pitch = 0.5 * math.pi / pole_pairs
    outer, pocket = rotor.outer_radius, rotor.outer_radius - rotor.bridge
    corner = pocket * direction(math.asin(0.5 * rotor.pocket_chord / pocket))
    web = pocket * direction(half_pitch - math.asin(0.5 * rotor.web_width / pocket))
    start = np.array([outer - rotor.depth, 0.5 * rotor.post_width])
    along = (corner - start) / np.linalg.norm(corner - start)
    inwards = -np.array([along[1], -along[0]])
    height = rotor.magnet_thickness - rotor.magnet_recess
    floor = start - np.array([height / along[1], 0.0])
    low_web = _crossing(floor, along, web, direction(half_pitch))
    radius = min(radius, 0.35 * float(np.linalg.norm(low_web - web)))
    first, last = (start + reach * along for reach in (rotor.inner_gap, rotor.inner_gap + rotor.magnet_width))
    fine, middle = 0.25 * radius, 0.3 * min(rotor.bridge, rotor.post_width)
    s = straight_fillet(floor, start, corner, radius)
    c = circle_fillet(corner, -along, -radius)
    w = circle_fillet(web, (low_web - web) / np.linalg.norm(low_web - web), radius)
    low, inner = straight_fillet(web, low_web, floor, radius), straight_fillet(low_web, floor, start, radius)
    room = 0.25 * radius  # shorter straight pieces than this are left out: the magnet then bears up to the fillet
    end = last if (c[0] - last) @ along > room else c[0]
    begin = first if (first - s[2]) @ along > room else s[2]
    hole = [
        Curve(s, "post", fine),
        Curve((s[2], begin), "wall", 1.0),
        Curve((begin, end), "magnet", 1.0),
        Curve((end, c[0]), "wall", 1.0),
        Curve(c, "bridge", fine),
        Curve(arc(c[2], w[2]), "bridge", middle),
        Curve(w[::-1], "bridge", fine),
        Curve((w[0], low[0]), "web", 1.0),
        Curve(low, "web", fine),
        Curve((low[2], inner[0]), "floor", 1.0),
        Curve(inner, "post", fine),
        Curve((inner[2], s[0]), "post", middle),
    ]
    hole = [edge for edge in hole if np.linalg.norm(edge.points[0] - edge.points[-1]) > 1e-9]
    turn = lambda angle: outer * direction(angle)  # noqa: E731
    angles = [math.atan2(p[1], p[0]) for p in (c[0], w[0])]
    q = direction(half_pitch)
    rim = [turn(0.0), turn(angles[0]), turn(angles[1]), outer * q]
    post_end = rim[0] * 0 + np.array([start[0] + 2 * radius, 0.0])
    loop = [
        Curve((np.array([rotor.shaft_radius, 0.0]), np.array([floor[0] - 2 * radius, 0.0])), "d_axis", 1.0),
        Curve((np.array([floor[0] - 2 * radius, 0.0]), post_end), "d_axis", middle),
        Curve((post_end, rim[0]), "d_axis", 1.0),
        Curve(arc(rim[0], rim[1]), "rim", 1.0),
        Curve(arc(rim[1], rim[2]), "bridge", middle),
        Curve(arc(rim[2], rim[3]), "rim", 1.0),
        Curve((rim[3], rotor.shaft_radius * q), "q_axis", 1.0),
        Curve(arc(rotor.shaft_radius * q, np.array([rotor.shaft_radius, 0.0])), "bore", 1.0),
    ]
    share = rotor.magnet_width / float(np.linalg.norm(end - begin))
    force = densities[1] * rotor.magnet_thickness * share
    centre = 0.5 * rotor.magnet_thickness * inwards
    pull = CoefficientFunction((force * (x + centre[0]), force * (y + centre[1])))
    return LoadedSector(loop, [hole], {"magnet": pull}, densities[0], half_pitch, 0.05 * outer)


def salient_sector(rotor, pole_pairs: float, density: float, coil_mass: float, radius: float) -> LoadedSector:
    """Half a pole of a `SalientPoleRotor` (floats): a coil side [kg/m] at half the body's height pulls at the shoe's
    underside; radius of the corners of shoe and body, and of body and yoke."""
    half_pitch = 0.5 * math.pi / pole_pairs
    outer, half_shoe, half_body = rotor.outer_radius, 0.5 * rotor.shoe_width, 0.5 * rotor.body_width
    sag = rotor.face_radius - math.sqrt(rotor.face_radius**2 - half_shoe**2)
    tip, under = outer - sag, outer - sag - rotor.shoe_height
    root = under - rotor.body_height
    at = lambda *p: np.array(p)  # noqa: E731
    neck, foot, low = at(under, half_body), at(root, half_body), at(root, root * math.tan(half_pitch))
    edge_low, edge_high = at(under, half_shoe), at(tip, half_shoe)
    top, shaft = at(outer, 0.0), rotor.shaft_radius
    centre = at(outer - rotor.face_radius, 0.0)
    crown = [p + centre for p in arc(top - centre, edge_high - centre)]
    shoe, base = straight_fillet(edge_low, neck, foot, radius), straight_fillet(neck, foot, low, radius)
    inside, outside = half_body + max(rotor.coil_clearance_side, radius), half_shoe - rotor.coil_clearance_side
    fine = 0.25 * radius
    loop = [
        Curve((at(shaft, 0.0), top), "d_axis", 1.0),
        Curve(tuple(crown), "face", 1.0),
        Curve((edge_high, edge_low), "tip", 1.0),
        Curve((edge_low, at(under, outside)), "under", 1.0),
        Curve((at(under, outside), at(under, inside)), "coil", 1.0),
        Curve((at(under, inside), shoe[0]), "under", 1.0),
        Curve(shoe, "shoe", fine),
        Curve((shoe[2], base[0]), "flank", 1.0),
        Curve(base, "root", fine),
        Curve((base[2], low), "floor", 1.0),
        Curve((low, shaft * direction(half_pitch)), "q_axis", 1.0),
        Curve(arc(shaft * direction(half_pitch), at(shaft, 0.0)), "bore", 1.0),
    ]
    loop = [c for c in loop if np.linalg.norm(c.points[0] - c.points[-1]) > 1e-9]
    pull = CoefficientFunction((coil_mass * 0.5 * (root + under) / (outside - inside), 0.0))
    return LoadedSector(loop, [], {"coil": pull}, density, half_pitch, 0.06 * outer)
