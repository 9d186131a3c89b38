"""One pole of a machine with a rotor drawn by outlines of voids and magnets, in NGSolve (extra `bench`).

Independent of the product's field solver, as `im_sector`, whose air gap, stator and Newton iteration it shares.
"""

from __future__ import annotations

import math
from typing import Any

import netgen.occ as occ
import ngsolve as ng
import numpy as np

from experiments.validation.references.im_sector import (
    MILLIMETRE,
    MU0,
    Machine,
    Position,
    Sector,
    _annulus,
    _identify,
    _named,
    _outline,
    slot_outlines,
)


class PolygonSector(Sector):
    """Mesh, space and forms of one rotor position of a `poly` machine of motor_fem.json's schema."""

    def __init__(self, machine: Machine, curve: list[list[float]], frame: float, fineness: float = 1.0) -> None:
        rotor = machine["definition"]["rotor"] | {"poles_per_sector": 1, "bars": 0}
        own = machine | {"definition": machine["definition"] | {"rotor": rotor}}
        super().__init__(own, curve, Position(frame=frame, bar=0.0), fineness)

    def _mesh(self, fineness: float) -> None:
        stator, rotor = self.definition["stator"], self.definition["rotor"]
        bore, outside = stator["R_si"] * MILLIMETRE, stator["R_so"] * MILLIMETRE
        surface, shaft = rotor["R_ro"] * MILLIMETRE, rotor["R_sh"] * MILLIMETRE
        self.gap = middle, bore = 0.5 * (bore + surface), bore
        pitch = self.span / self.slots
        rotor_start = self.d_axis - 0.5 * self.span
        self.first_slot = round(rotor_start / pitch + 0.5)  # the stator turns by whole slots to lie over the rotor
        start = (self.first_slot - 0.5) * pitch
        iron, parts = _annulus(bore, outside, start, self.span), []
        opening, winding = slot_outlines(stator)
        for k in range(self.slots):
            mouth = _outline(opening, (self.first_slot + k) * pitch) * iron
            space = _outline(winding, (self.first_slot + k) * pitch)
            iron = iron - mouth - space
            parts += [_named(mouth, "air", 0.5e-3 * fineness), _named(space, f"slot{k}", 4e-3 * fineness)]
        parts.append(_named(iron, "steel", 8e-3 * fineness))
        core = _annulus(shaft, surface, rotor_start, self.span)
        for k, magnet in enumerate(rotor["magnets"]):
            face = _polygon(magnet["pts"], self.d_axis)
            core = core - face
            parts.append(_named(face, f"magnet{k}", 2e-3 * fineness))
        for points in rotor["voids"]:
            face = _polygon(points, self.d_axis)
            core = core - face
            parts.append(_named(face, "air", 1.5e-3 * fineness))
        parts.append(_named(core, "steel", 3e-3 * fineness))
        thickness = 2.0 * (bore - middle) * fineness
        parts.append(_named(_annulus(middle, bore, start, self.span), "gap", thickness))
        parts.append(_named(_annulus(surface, middle, rotor_start, self.span), "air", thickness))
        shape = occ.Glue(parts)
        identified = _identify(shape, self.span, (shaft, middle, outside), start, rotor_start)
        mesh = occ.OCCGeometry(shape, dim=2).GenerateMesh(maxh=8e-3 * fineness, grading=0.4)
        self.mesh = ng.Mesh(mesh)
        self.mesh.Curve(2)
        self.space = ng.Periodic(ng.H1(self.mesh, order=2, dirichlet="fixed"), phase=[self.sign] * identified)
        self.potential = ng.GridFunction(self.space)
        self.unknowns = int(sum(self.space.FreeDofs()))

    def _forms(self, curve: list[list[float]]) -> None:
        super()._forms(curve)
        permeability = MU0 * (self.definition.get("mu_r_mag") or 1.0)
        gradient = ng.grad(self.space.TrialFunction())
        self.energy += ng.Variation(0.5 / permeability * gradient * gradient * ng.dx("magnet.*"))
        test = ng.grad(self.space.TestFunction())
        load = ng.LinearForm(self.space)
        strength = (self.definition.get("Br") or 0.0) / permeability
        c, s = math.cos(self.d_axis), math.sin(self.d_axis)
        for k, magnet in enumerate(self.definition["rotor"]["magnets"]):
            x, y = magnet["dir"]
            h = strength * (c * x - s * y), strength * (s * x + c * y)
            load += (h[0] * test[1] - h[1] * test[0]) * ng.dx(f"magnet{k}")
        load.Assemble()
        self.magnet_load = load.vec

    def _slot_weights(self) -> np.ndarray:
        per_pole = len(self.weights)
        turned = self.first_slot + np.arange(self.slots)
        return (-1.0) ** (turned // per_pole)[:, None] * self.weights[turned % per_pole]

    def solve_point(self, i_d: float, i_q: float) -> Machine:
        """Flux linkages [Wb] and torques [N m] at terminal currents [A peak]."""
        load = self._load(self.slot_loads, self.slot_currents(i_d, i_q))
        load.data += self.magnet_load
        self._newton(load)
        return self._stator_results(i_d, i_q)


def _polygon(points: list[list[float]], turn: float) -> Any:
    """Face of a polygon [mm] in the pole's frame, turned to the angle `turn`."""
    x, y = np.asarray(points, float).T * MILLIMETRE
    if np.sum(x * np.roll(y, -1) - y * np.roll(x, -1)) < 0.0:
        x, y = x[::-1], y[::-1]
    c, s = math.cos(turn), math.sin(turn)
    nodes = [occ.Pnt(c * a - s * b, s * a + c * b, 0.0) for a, b in zip(x, y, strict=True)]
    return occ.Face(occ.Wire([occ.Segment(a, b) for a, b in zip(nodes, nodes[1:] + nodes[:1], strict=True)]))
