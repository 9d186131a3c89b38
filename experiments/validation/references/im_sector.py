"""One sector of an induction motor in NGSolve: geometry, rotor-flux-oriented statics, slip-frequency transients.

Independent of the product's field solver: own outlines (true arcs), triangles of second order, own fit of the
magnetization curve. Definitions are those of `im_fem.json`. Needs the extra `bench`.
"""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import netgen.occ as occ
import ngsolve as ng
import numpy as np
from scipy.interpolate import PchipInterpolator

MU0 = 4e-7 * math.pi
MILLIMETRE = 1e-3
_TOLERANCE, _ITERATIONS = 1e-6, 60
_START_PERMEABILITY = 1000.0

Machine = dict[str, Any]


def _point(radius: float, angle: float) -> occ.gp_Pnt:
    return occ.Pnt(radius * math.cos(angle), radius * math.sin(angle), 0.0)


def _annulus(inner: float, outer: float, start: float, span: float) -> Any:
    """Face of an annulus from angle `start` over `span`."""
    end, middle = start + span, start + 0.5 * span
    return occ.Face(
        occ.Wire(
            [
                occ.Segment(_point(inner, start), _point(outer, start)),
                occ.ArcOfCircle(_point(outer, start), _point(outer, middle), _point(outer, end)),
                occ.Segment(_point(outer, end), _point(inner, end)),
                occ.ArcOfCircle(_point(inner, end), _point(inner, middle), _point(inner, start)),
            ]
        )
    )


def _outline(half: list[tuple[float, float]], turn: float) -> Any:
    """Face of a polygon symmetric to the axis at angle `turn`; `half`: its nodes (along, across) of one side."""
    whole = half + [(x, -y) for x, y in reversed(half) if y > 1e-12]
    c, s = math.cos(turn), math.sin(turn)
    points = [occ.Pnt(c * x - s * y, s * x + c * y, 0.0) for x, y in reversed(whole)]  # counter-clockwise
    return occ.Face(occ.Wire([occ.Segment(a, b) for a, b in zip(points, points[1:] + points[:1], strict=True)]))


def _corner(centre: tuple[float, float], radius: float, first: float, last: float, pieces: int = 4):
    angles = np.linspace(first, last, pieces + 1)
    return [(centre[0] + radius * math.cos(a), centre[1] + radius * math.sin(a)) for a in angles]


def slot_outlines(stator: Machine) -> tuple[list[tuple[float, float]], list[tuple[float, float]]]:
    """Half outlines (along the axis, across) of opening with wedge and of the winding space [m]."""
    slot = {key: value * MILLIMETRE for key, value in stator["slot"].items()}
    bore = stator["R_si"] * MILLIMETRE
    edge = math.sqrt(bore**2 - 0.25 * slot["W0"] ** 2)
    tip, start = edge + slot["H0"], edge + slot["H0"] + slot["H1"]
    bottom, corner = start + slot["H2"], slot.get("R1", 0.0)
    opening = [(edge - 0.2e-3, 0.5 * slot["W0"]), (tip, 0.5 * slot["W0"]), (start, 0.5 * slot["W1"])]
    winding = [(start, 0.5 * slot["W1"])]
    if corner > 1e-6:
        # As in the product's parameters the wall is straight to the height where the corner starts.
        winding += _corner((bottom - corner, 0.5 * slot["W2"] - corner), corner, 0.5 * math.pi, 0.0)
    else:
        winding.append((bottom, 0.5 * slot["W2"]))
    return opening, winding


def bar_outlines(rotor: Machine) -> tuple[list[tuple[float, float]], list[tuple[float, float]] | None]:
    """Half outlines of the bar and of its opening (None for a closed slot) [m]; the straight side runs between the
    heights where the corners start, as wide there as the line between the full widths at the ends."""
    bar = {key: value * MILLIMETRE for key, value in rotor["bar"].items()}
    outer = rotor["R_ro"] * MILLIMETRE
    top = outer - bar["H0"]
    bottom = top - bar["H2"]
    high, low = top - bar["R1"], bottom + bar["R2"]
    width = lambda x: 0.5 * (bar["W2"] + (bar["W1"] - bar["W2"]) * (x - bottom) / bar["H2"])  # noqa: E731
    half = _corner((low, width(low) - bar["R2"]), bar["R2"], math.pi, 0.5 * math.pi)
    half += _corner((high, width(high) - bar["R1"]), bar["R1"], 0.5 * math.pi, 0.0)
    half = [(x, max(y, 0.0)) for x, y in half]
    if not bar["W0"]:
        return half, None
    return half, [(top - 0.5 * bar["R1"], 0.5 * bar["W0"]), (outer + 0.2e-3, 0.5 * bar["W0"])]


@dataclasses.dataclass(frozen=True)
class Position:
    """Electrical angles [rad]: d axis from phase A's axis, bar 0 from the d axis."""

    frame: float
    bar: float


class Sector:
    """Mesh, space and forms of one rotor position.

    Excitation by terminal currents of the phases; the bars carry a sinusoidal layer (`static`) or their own eddy
    currents (`transient`). Results are for the whole machine of length L_stk.
    """

    def __init__(self, machine: Machine, curve: list[list[float]], position: Position, fineness: float = 1.0) -> None:
        self.definition, self.position = machine["definition"], position
        self.weights = np.asarray(machine["winding_weights_one_pole"], float)
        definition = self.definition
        self.pole_pairs, poles = definition["p"], definition["rotor"]["poles_per_sector"]
        self.sectors = 2 * self.pole_pairs / poles
        self.span = math.pi * poles / self.pole_pairs
        self.sign = -1 if poles % 2 else 1
        self.slots = round(definition["Q"] / self.sectors)
        self.bars = round(definition["rotor"]["bars"] / self.sectors)
        self.length = definition["L_stk"] * MILLIMETRE
        self.conductors = definition["z_slot"] / definition["a_par"]
        per_pole = len(self.weights)
        slot_angles = math.pi / per_pole * np.arange(per_pole)
        fundamental = self.weights[:, 0] @ np.exp(1j * slot_angles)
        self.axis = float(np.angle(fundamental)) - 0.5 * math.pi
        self.d_axis = (self.axis + position.frame) / self.pole_pairs
        self._mesh(fineness)
        self._forms(curve)

    def _mesh(self, fineness: float) -> None:
        stator, rotor = self.definition["stator"], self.definition["rotor"]
        bore, outside = stator["R_si"] * MILLIMETRE, stator["R_so"] * MILLIMETRE
        surface, shaft = rotor["R_ro"] * MILLIMETRE, rotor["R_sh"] * MILLIMETRE
        self.gap = middle, bore = 0.5 * (bore + surface), bore
        slot_pitch, bar_pitch = self.span / self.slots, self.span / self.bars
        start = -0.5 * slot_pitch
        first_bar = self.d_axis + self.position.bar / self.pole_pairs
        shift = round((start - first_bar) / bar_pitch + 0.5)
        self.first_bar = first_bar + shift * bar_pitch
        rotor_start = self.first_bar - 0.5 * bar_pitch
        iron, parts = _annulus(bore, outside, start, self.span), []
        opening, winding = slot_outlines(stator)
        for k in range(self.slots):
            mouth = _outline(opening, k * slot_pitch) * iron
            space = _outline(winding, k * slot_pitch)
            iron = iron - mouth - space
            parts += [_named(mouth, "air", 0.5e-3 * fineness), _named(space, f"slot{k}", 4e-3 * fineness)]
        parts.append(_named(iron, "steel", 8e-3 * fineness))
        core = _annulus(shaft, surface, rotor_start, self.span)
        bar, mouth_outline = bar_outlines(rotor)
        for k in range(self.bars):
            turn = self.first_bar + k * bar_pitch
            conductor = _outline(bar, turn)
            core = core - conductor
            if mouth_outline is not None:
                mouth = (_outline(mouth_outline, turn) * _annulus(shaft, surface, rotor_start, self.span)) - conductor
                core = core - mouth
                parts.append(_named(mouth, "air", 0.4e-3 * fineness))
            parts.append(_named(conductor, f"bar{k}", 2e-3 * fineness))
        parts.append(_named(core, "steel", 8e-3 * fineness))
        thickness = 1.6 * (bore - middle) * fineness
        parts.append(_named(_annulus(middle, bore, start, self.span), "gap", thickness))
        parts.append(_named(_annulus(surface, middle, rotor_start, self.span), "air", thickness))
        shape = occ.Glue(parts)
        identified = _identify(shape, self.span, (shaft, middle, outside), start, rotor_start)
        mesh = occ.OCCGeometry(shape, dim=2).GenerateMesh(maxh=8e-3 * fineness, grading=0.5)
        self.mesh = ng.Mesh(mesh)
        self.mesh.Curve(2)
        plain = ng.H1(self.mesh, order=2, dirichlet="fixed")
        self.space = ng.Periodic(plain, phase=[self.sign] * identified)
        self.potential = ng.GridFunction(self.space)
        self.unknowns = int(sum(self.space.FreeDofs()))

    def _forms(self, curve: list[list[float]]) -> None:
        trial, test = self.space.TnT()
        density, strength = magnetization(curve, self.definition.get("k_stack", 1.0))
        law = ng.BSpline(2, [0.0, *density], list(strength)).Integrate()
        square = ng.grad(trial) * ng.grad(trial)
        self.energy = ng.BilinearForm(self.space, symmetric=True)
        self.energy += ng.Variation(law(ng.sqrt(square + 1e-12)) * ng.dx("steel"))
        self.energy += ng.Variation(0.5 / MU0 * square * ng.dx("air|gap|slot.*|bar.*"))
        steel = 1.0 / (MU0 * _START_PERMEABILITY)
        start = self.mesh.MaterialCF({"steel": steel}, default=1.0 / MU0)
        self.mass = ng.Parameter(0.0)  # of the bars: conductivity over (a share of) the time step
        self.energy += ng.Variation(0.5 * self.mass * trial * trial * ng.dx("bar.*"))
        self.linear = ng.BilinearForm(start * ng.grad(trial) * ng.grad(test) * ng.dx)
        self.linear.Assemble()
        self.slot_loads = [self._region_mean(f"slot{k}") for k in range(self.slots)]
        self.bar_loads = [self._region_mean(f"bar{k}") for k in range(self.bars)]
        materials = self.mesh.GetMaterials()
        areas = ng.Integrate(ng.CoefficientFunction(1.0), self.mesh, region_wise=True).NumPy()
        self.bar_area = float(sum(a for m, a in zip(materials, areas, strict=True) if m == "bar0"))
        mass = ng.BilinearForm(self.space, symmetric=True)
        mass += trial * test * ng.dx("bar.*")
        mass.Assemble()
        self.bar_mass = mass.mat

    def _region_mean(self, name: str) -> Any:
        """Vector of the mean over a region; also the load of 1 A in it."""
        form = ng.LinearForm(self.space)
        form += self.space.TestFunction() * ng.dx(name)
        form.Assemble()
        area = ng.Integrate(ng.CoefficientFunction(1.0), self.mesh.Materials(name))
        form.vec.data *= 1.0 / area
        return form.vec

    def slot_currents(self, i_d: float, i_q: float, advance: float = 0.0) -> np.ndarray:
        """Ampere-turns of the slots for terminal dq currents, the current wave turned on by `advance` [rad]."""
        angle = self.position.frame + advance - np.array([0.0, 2.0, 4.0]) * math.pi / 3.0
        phases = i_d * np.cos(angle) - i_q * np.sin(angle)
        return self.conductors * self._slot_weights() @ phases

    def _slot_weights(self) -> np.ndarray:
        per_pole = len(self.weights)
        return np.array([(-1) ** (k // per_pole) * self.weights[k % per_pole] for k in range(self.slots)])

    def bar_patterns(self) -> tuple[np.ndarray, np.ndarray]:
        """Bar currents of 1 A amplitude that magnetize the d and the q axis."""
        angles = self.first_bar + self.span / self.bars * np.arange(self.bars)
        electrical = self.pole_pairs * (angles - self.d_axis)
        return np.sin(electrical), -np.cos(electrical)

    def _load(self, loads: list[Any], currents: np.ndarray) -> Any:
        vector = self.potential.vec.CreateVector()
        vector[:] = 0.0
        for load, current in zip(loads, currents, strict=True):
            vector.data += float(current) * load
        return vector

    def static(self, i_d: float, i_q: float) -> Machine:
        """Rotor-flux-oriented statics: the bars' q layer has the amplitude that leaves no q flux linkage of theirs."""
        load = self._load(self.slot_loads, self.slot_currents(i_d, i_q))
        winding = self._load(self.bar_loads, self.bar_patterns()[1])
        amplitude = self._newton(load, winding)
        d, q = (self.sectors * float(np.dot(p, self._means(self.bar_loads))) for p in self.bar_patterns())
        return self._stator_results(i_d, i_q) | {
            "I_bar": -amplitude,
            "psi_rd": d * self.length,
            "psi_rq": q * self.length,
        }

    def _newton(self, load: Any, winding: Any | None = None) -> float:
        """Newton from the present potential (a linear solution when it is zero); returns the winding's current."""
        free, vector = self.space.FreeDofs(), self.potential.vec
        mask = np.array(list(free))
        rest, move, trial = (vector.CreateVector() for _ in range(3))
        current = 0.0
        if ng.Norm(vector) == 0.0:
            inverse = self.linear.mat.Inverse(free, inverse="sparsecholesky")
            vector.data = inverse * load
            self._take_flux_out(vector, inverse, winding)
        scale = np.linalg.norm(load.FV().NumPy()[mask]) + 1e-12
        for self.iterations in range(_ITERATIONS):
            self.energy.Apply(vector, rest)
            rest.data -= load
            if winding is not None:
                w, r = winding.FV().NumPy()[mask], rest.FV().NumPy()[mask]
                current = float(w @ r / (w @ w))
                rest.data -= current * winding
            size = np.linalg.norm(rest.FV().NumPy()[mask])
            if size < _TOLERANCE * scale:
                return current
            self.energy.AssembleLinearization(vector)
            inverse = self.energy.mat.Inverse(free, inverse="sparsecholesky")
            move.data = -1.0 * (inverse * rest)
            self._take_flux_out(move, inverse, winding)
            # Energy minus the loads' work is convex; the flux-free winding does no work.
            before = self.energy.Energy(vector) - load.InnerProduct(vector)
            for length in (1.0, 0.5, 0.25, 0.125):
                trial.data = vector + length * move
                if self.energy.Energy(trial) - load.InnerProduct(trial) <= before:
                    break
            vector.data = trial
        raise RuntimeError(f"no convergence: {size / scale:.1e}")

    def _take_flux_out(self, vector: Any, inverse: Any, winding: Any | None) -> None:
        """Adds the response to the winding's current that leaves it no flux linkage."""
        if winding is not None:
            response = vector.CreateVector()
            response.data = inverse * winding
            vector.data -= float(winding.InnerProduct(vector) / winding.InnerProduct(response)) * response

    def _means(self, loads: list[Any]) -> np.ndarray:
        return np.array([float(load.InnerProduct(self.potential.vec)) for load in loads])

    def _stator_results(self, i_d: float, i_q: float) -> Machine:
        """Flux linkages [Wb], torque by Arkkio's and by the dq formula [N m]."""
        linkage = self.sectors * self.length * self.conductors * self._means(self.slot_loads) @ self._slot_weights()
        angle = self.position.frame - np.array([0.0, 2.0, 4.0]) * math.pi / 3.0
        psi_d, psi_q = 2.0 / 3.0 * linkage @ np.cos(angle), -2.0 / 3.0 * linkage @ np.sin(angle)
        return {
            "psi_d": float(psi_d),
            "psi_q": float(psi_q),
            "T": self.torque(),
            "T_dq": 1.5 * self.pole_pairs * float(psi_d * i_q - psi_q * i_d),
        }

    def torque(self) -> float:
        """Arkkio's torque [N m] from the stator-side half of the air gap."""
        slope = ng.grad(self.potential)
        radius = ng.sqrt(ng.x**2 + ng.y**2)
        radial = (slope[1] * ng.x - slope[0] * ng.y) / radius
        around = -(slope[0] * ng.x + slope[1] * ng.y) / radius
        integral = ng.Integrate(radius * radial * around, self.mesh.Materials("gap"))
        return self.sectors * self.length * integral / (MU0 * (self.gap[1] - self.gap[0]))

    def transient(
        self, amplitude: tuple[float, float], slip_speed: float, resistivity: float, settle: float, steps: int
    ) -> Machine:
        """Means over 60 degrees of slip in the rotor's frame at this (frozen) position, after `settle` [rad] of it.

        The stator's current wave of dq amplitude (i_d, i_q) advances at `slip_speed` [rad/s]; the bars (zero
        end-ring impedance) carry their own eddy currents. Starts from the present field; `steps` (even) a radian of
        60 degrees; second-order backward differences.
        """
        stride = math.pi / 3.0 / steps
        step = stride / slip_speed
        before, vector = self.potential.vec.CreateVector(), self.potential.vec
        older = self.potential.vec.CreateVector()
        before.data = vector
        torque, loss = [], []
        count = math.ceil(settle / stride) + steps
        rate = self.potential.vec.CreateVector()
        for k in range(1, count + 1):
            share = 1.0 if k == 1 else 1.5
            past = vector.CreateVector()
            past.data = before if k == 1 else (4.0 / 3.0) * before - (1.0 / 3.0) * older
            self.mass.Set(share / (resistivity * step))
            load = self._load(self.slot_loads, self.slot_currents(*amplitude, advance=k * stride))
            load.data += share / (resistivity * step) * (self.bar_mass * past)
            self._newton(load)
            rate.data = (share / step) * (vector - past)
            if k > count - steps:
                torque.append(self.torque())
                product = vector.CreateVector()
                product.data = self.bar_mass * rate
                loss.append(self.sectors * self.length * float(product.InnerProduct(rate)) / resistivity)
            older.data = before
            before.data = vector
        self.mass.Set(0.0)
        return {"T": float(np.mean(torque)), "P_bar": float(np.mean(loss)), "T_steps": torque}


def _named(face: Any, name: str, size: float) -> Any:
    for part in face.faces:
        part.name = name
        part.maxh = size
    return face


def _identify(shape: Any, span: float, radii: tuple[float, float, float], start: float, rotor_start: float) -> int:
    """Names the outer circles and identifies the two sides of the sector; returns the number of identifications."""
    shaft, middle, outside = radii
    turn = occ.gp_Trsf.Rotation(occ.Axis(occ.Pnt(0, 0, 0), occ.Z), math.degrees(span))
    low, high = min(start, rotor_start), max(start, rotor_start)
    first: list[Any] = []
    last: list[Any] = []
    for edge in shape.edges:
        centre = edge.center
        radius, angle = math.hypot(centre.x, centre.y), math.atan2(centre.y, centre.x)
        ends = [math.hypot(p.p.x, p.p.y) for p in edge.vertices]
        if all(abs(r - shaft) < 1e-8 for r in ends) or all(abs(r - outside) < 1e-8 for r in ends):
            edge.name = "fixed"
            continue
        side_angle = start if radius > middle else rotor_start
        on_circle = all(abs(r - middle) < 1e-8 for r in ends)
        for found, offset in ((first, 0.0), (last, span)):
            if on_circle:
                away = _wrapped(angle - offset - 0.5 * (low + high))
                if abs(away) < 0.5 * (high - low) + 1e-9:
                    found.append((radius, edge))
            elif abs(_wrapped(angle - offset - side_angle)) < 1e-7 and abs(ends[0] - ends[1]) > 1e-7:
                found.append((radius, edge))
    first.sort(key=lambda item: item[0])
    last.sort(key=lambda item: item[0])
    assert len(first) == len(last) > 0, (len(first), len(last))
    for k, ((_, a), (_, b)) in enumerate(zip(first, last, strict=True)):
        a.name, b.name = "side", "side"
        a.Identify(b, f"side{k}", occ.IdentificationType.PERIODIC, turn)
    return len(first)


def _wrapped(angle: float) -> float:
    return (angle + math.pi) % (2.0 * math.pi) - math.pi


def magnetization(curve: list[list[float]], stacking: float) -> tuple[np.ndarray, np.ndarray]:
    """Flux density [T] and field strength [A/m] on a fine table: monotone cubic through the points, beyond them the
    permeability of vacuum; iron and air mixed by the stacking factor."""
    points = np.asarray(curve, float)
    inside = np.concatenate([np.linspace(0.0, points[-1, 1], 4000), points[:, 1]])
    iron_density = np.unique(inside)
    strength = PchipInterpolator(points[:, 1], points[:, 0])(iron_density)
    far = np.array([0.5, 2.0, 10.0, 100.0])
    iron_density = np.concatenate([iron_density, iron_density[-1] + far])
    strength = np.concatenate([strength, strength[-1] + far / MU0])
    density = stacking * iron_density + (1.0 - stacking) * MU0 * strength
    table = np.concatenate([np.linspace(0.0, 3.0, 601), [4.0, 6.0, 12.0, 50.0]])
    return table, np.interp(table, density, strength)
