"""One pole of a field model in NGSolve: outline from the borders of our grid's regions, second-order elements, Newton.

Needs the extra `bench`. The sector's sides are anti-periodic; in the air gap they follow a Z from the rotor's first
column over the middle of the gap to the stator's first column, so that any rotor angle within half a slot pitch fits.
"""

from __future__ import annotations

import itertools
from typing import Any

import jax.numpy as jnp
import numpy as np
from netgen.geom2d import SplineGeometry
from ngsolve import (
    H1,
    BilinearForm,
    BSpline,
    CoefficientFunction,
    GridFunction,
    Integrate,
    LinearForm,
    Mesh,
    Periodic,
    Variation,
    dx,
    grad,
    sqrt,
)

from edu_opt.motor.field import Excitation, FieldGrid, FieldModel, Region, rotor_regions, stator_regions
from edu_opt.motor.field.grid import STEEL, side_signs, slot_cells
from edu_opt.motor.field.model import mechanical_angle, slot_currents
from edu_opt.motor.field.reluctivity import reluctivity
from edu_opt.numerics.constants import VACUUM_RELUCTIVITY

AIR, STEEL_LABEL, FIRST_MAGNET, FIRST_SLOT = 1, 2, 3, 5  # domain numbers; two magnets, then slots (twice: signs)
_SIDES = 200  # at least the number of periodic segments: each one is an identification of its own
_ITERATIONS, _START_PERMEABILITY = 40, 300.0


def _labels(regions: np.ndarray) -> np.ndarray:
    return np.where(np.isin(regions, [int(r) for r in STEEL]), STEEL_LABEL, AIR)


def _stator_labels(grid: FieldGrid) -> np.ndarray:
    labels = _labels(stator_regions(grid))
    for slot, cells in enumerate(slot_cells(grid)):
        labels = np.where(cells > 0, FIRST_SLOT + 2 * slot, np.where(cells < 0, FIRST_SLOT + 2 * slot + 1, labels))
    return labels


def _rotor_labels(grid: FieldGrid) -> np.ndarray:
    regions = rotor_regions(grid)
    magnet = FIRST_MAGNET + (side_signs(grid) > 0).astype(int)
    return np.where(regions == Region.MAGNET, magnet[None], _labels(regions))


class _Outline:
    """Segments between regions of one grid: (first node, last node, left label, right label, kind)."""

    def __init__(self, x: np.ndarray, y: np.ndarray, labels: np.ndarray, right_handed: bool) -> None:
        self.points, self.labels = np.stack([x, y], -1), labels
        self.right_handed = right_handed
        self.padded = np.pad(labels, 1)  # 0 outside
        self.padded[-1, 1:-1] = AIR  # beyond the gap ring
        self.degree = np.zeros(x.shape, int)
        rows, columns = labels.shape
        self.lines = [[((i, j), (i, j + 1)) for j in range(columns)] for i in range(rows + 1)]
        self.lines += [[((i, j), (i + 1, j)) for i in range(rows)] for j in range(columns + 1)]
        for edge in (edge for line in self.lines for edge in line):
            left, right = self._sides(edge)
            if left != right:
                for node in edge:
                    self.degree[node] += 1

    def _sides(self, edge: tuple[tuple[int, int], tuple[int, int]]) -> tuple[int, int]:
        (i, j), (last, _) = edge
        if last == i:  # along a ring: cell (i, j) on the left, (i - 1, j) on the right
            sides = self.padded[i + 1, j + 1], self.padded[i, j + 1]
        else:
            sides = self.padded[i + 1, j], self.padded[i + 1, j + 1]
        sides = sides if self.right_handed else sides[::-1]
        return int(sides[0]), int(sides[1])

    def segments(self) -> list[tuple[tuple[int, int], tuple[int, int], int, int]]:
        """Straight segments; neighbouring edges on one straight line between the same regions are joined."""
        found: list[Any] = []
        for line in self.lines:
            for edge in line:
                left, right = self._sides(edge)
                if left == right:
                    continue
                joined = bool(found) and found[-1][1] == edge[0] and found[-1][2:] == (left, right)
                if joined and self.degree[edge[0]] == 2 and self._straight(found[-1][0], *edge):
                    found[-1] = (found[-1][0], edge[1], left, right)
                else:
                    found.append((*edge, left, right))
        return found

    def _straight(self, first: tuple[int, int], middle: tuple[int, int], last: tuple[int, int]) -> bool:
        a, b = self.points[middle] - self.points[first], self.points[last] - self.points[middle]
        return abs(a[0] * b[1] - a[1] * b[0]) < 2e-3 * np.hypot(*a) * np.hypot(*b)


class Pole:
    """Mesh, space and forms of one rotor angle; `load` sets the operating point, `solve` finds the field."""

    def __init__(self, grid: FieldGrid, model: FieldModel, angle: float, mesh_factor: float) -> None:
        self.grid, self.model = grid, model
        excitation = _at_angle(angle)
        pitch = np.pi / float(model.pole_pairs) / grid.template.slots_per_pole
        # The stator turns by whole slots so that its first column comes next to the rotor's.
        mechanical = float(mechanical_angle(model, excitation))
        start = mechanical - 0.5 * np.pi / float(model.pole_pairs)
        self.shift = round(start / pitch)
        self.rotor_turn, self.stator_turn = mechanical, self.shift * pitch
        geometry = self._geometry(mesh_factor, pitch)
        self.mesh = Mesh(geometry.GenerateMesh(maxh=4e-3 * mesh_factor, grading=0.35))
        self.space = Periodic(H1(self.mesh, order=2, dirichlet="fixed"), phase=[-1] * _SIDES)
        self.potential = GridFunction(self.space)
        self.unknowns = int(sum(self.space.FreeDofs()))
        self._forms()

    def _geometry(self, mesh_factor: float, pitch: float) -> SplineGeometry:
        geometry, slots = SplineGeometry(), self.grid.template.slots_per_sector
        labels = _stator_labels(self.grid)
        parts = (
            (_Outline(*_turned(self.model.stator_x, self.model.stator_y, self.stator_turn), labels, True)),
            (
                _Outline(
                    *_turned(self.model.rotor_x, self.model.rotor_y, self.rotor_turn), _rotor_labels(self.grid), False
                )
            ),
        )
        ends = [_append(geometry, part) for part in parts]
        self._gap_sides(geometry, ends, pitch)
        gap = float(self.model.gap.bore_radius - self.model.gap.ring_radius)
        names = {AIR: "air", STEEL_LABEL: "steel", FIRST_MAGNET: "magnet0", FIRST_MAGNET + 1: "magnet1"}
        names |= {FIRST_SLOT + k: f"slot{k // 2}{'pm'[k % 2]}" for k in range(2 * slots)}
        for number, name in names.items():
            geometry.SetMaterial(number, name)
        geometry.SetDomainMaxH(AIR, 1.2 * gap * mesh_factor)
        return geometry

    def _gap_sides(self, geometry: SplineGeometry, ends: list[tuple[int, int, np.ndarray, np.ndarray]], pitch: float):
        """Z from ring to bore on both sides of the sector, the second one a copy of the first."""
        (bore_first, bore_last, bore, _), (ring_first, ring_last, ring, _) = ends
        middle = 0.5 * (np.hypot(*bore) + np.hypot(*ring))
        start, end = np.arctan2(ring[1], ring[0]), np.arctan2(bore[1], bore[0])
        end = start + (end - start + np.pi) % (2 * np.pi) - np.pi
        arc = np.linspace(start, end, max(2, 1 + int(np.ceil(8 * abs(end - start) / pitch))))
        sector = np.pi / float(self.model.pole_pairs)
        previous: list[int] = []
        for last, turn in ((False, 0.0), (True, sector)):
            inside = [geometry.AppendPoint(middle * np.cos(a + turn), middle * np.sin(a + turn)) for a in arc]
            chain = [ring_last if last else ring_first, *inside, bore_last if last else bore_first]
            for k, (a, b) in enumerate(itertools.pairwise(chain)):
                if last:
                    geometry.Append(["line", a, b], leftdomain=0, rightdomain=AIR, bc="side", copy=previous[k])
                else:
                    previous.append(geometry.Append(["line", a, b], leftdomain=AIR, rightdomain=0, bc="side"))

    def _forms(self) -> None:
        trial, test = self.space.TnT()
        b = sqrt(grad(trial) * grad(trial) + 1e-12)
        density = np.concatenate([np.linspace(0.0, 3.0, 301), [5.0, 10.0, 30.0, 100.0, 1000.0]])
        strength = np.asarray(reluctivity(self.model.materials.stator_steel, jnp.asarray(density**2))) * density
        curve = BSpline(2, [0.0, *density], list(strength)).Integrate()
        air, magnet = VACUUM_RELUCTIVITY, VACUUM_RELUCTIVITY / float(self.model.materials.magnet_permeability)
        others = CoefficientFunction([_linear(name, air, magnet) for name in self.mesh.GetMaterials()])
        square = grad(trial) * grad(trial)
        self.form = BilinearForm(self.space, symmetric=True)
        self.form += Variation(curve(b) * dx("steel"))
        self.form += Variation(0.5 * others * square * dx("air|magnet.*|slot.*"))
        start = VACUUM_RELUCTIVITY / _START_PERMEABILITY
        start_nu = CoefficientFunction(
            [start if n == "steel" else _linear(n, air, magnet) for n in self.mesh.GetMaterials()]
        )
        self.linear = BilinearForm(start_nu * grad(trial) * grad(test) * dx)

    def load(self, excitation: Excitation) -> None:
        """Right side of an operating point."""
        currents, materials = np.asarray(slot_currents(self.model, excitation)), self.mesh.GetMaterials()
        slots, area = len(currents), float(self.model.slot_area)
        density = []
        for name in materials:
            if not name.startswith("slot"):
                density.append(0.0)
                continue
            sign, slot = self._slot(name, slots)
            density.append(sign * currents[slot] / area)
        test = self.space.TestFunction()
        self.right = LinearForm(self.space)
        self.right += CoefficientFunction(density) * test * dx("slot.*")
        strength = float(self.model.materials.remanence) / float(self.model.materials.magnet_permeability)
        direction = np.asarray(self.model.magnet_direction)
        c, s = np.cos(self.rotor_turn), np.sin(self.rotor_turn)
        for number, side in enumerate((-1.0, 1.0)):
            own = direction * [1.0, side]
            h = VACUUM_RELUCTIVITY * strength * np.array([c * own[0] - s * own[1], s * own[0] + c * own[1]])
            self.right += (h[0] * grad(test)[1] - h[1] * grad(test)[0]) * dx(f"magnet{number}")
        self.right.Assemble()

    def _slot(self, name: str, slots: int) -> tuple[float, int]:
        """Sign and number of the model's slot that a meshed slot stands for: the stator is turned by whole slots."""
        turns, slot = divmod(int(name[4:-1]) + self.shift, slots)
        return (1.0 if name[-1] == "p" else -1.0) * (-1.0) ** turns, slot

    def solve(self, tolerance: float) -> bool:
        """Newton steps from a linear solution until the residual falls below tolerance x load; True if it did."""
        free, vector = self.space.FreeDofs(), self.potential.vec
        rest, move, trial = vector.CreateVector(), vector.CreateVector(), vector.CreateVector()
        self.linear.Assemble()
        vector.data = self.linear.mat.Inverse(free, inverse="sparsecholesky") * self.right.vec
        mask = np.array(list(free))
        scale = np.linalg.norm(self.right.vec.FV().NumPy()[mask])
        for _ in range(_ITERATIONS):
            self.form.Apply(vector, rest)
            rest.data -= self.right.vec
            if np.linalg.norm(rest.FV().NumPy()[mask]) < tolerance * scale:
                return True
            self.form.AssembleLinearization(vector)
            move.data = self.form.mat.Inverse(free, inverse="sparsecholesky") * rest
            before = self._energy(vector)
            for length in (1.0, 0.5, 0.25, 0.1):
                trial.data = vector - length * move
                if self._energy(trial) <= before:
                    break
            vector.data = trial
        return False

    def _energy(self, vector: Any) -> float:
        return float(self.form.Energy(vector) - np.dot(vector.FV().NumPy(), self.right.vec.FV().NumPy()))

    def torque_dq(self, excitation: Excitation) -> float:
        """1.5 p (psi_d i_q - psi_q i_d) [N m/m] of the solution, one conductor per slot."""
        averages = Integrate(self.potential, self.mesh, region_wise=True).NumPy() / float(self.model.slot_area)
        slots = len(np.asarray(self.model.weights))
        linkage = np.zeros(slots)
        for name, value in zip(self.mesh.GetMaterials(), averages, strict=True):
            if name.startswith("slot"):
                sign, slot = self._slot(name, slots)
                linkage[slot] += sign * value
        pole_pairs = float(self.model.pole_pairs)
        phases = 2.0 * pole_pairs * linkage @ np.asarray(self.model.weights)
        angle = float(excitation.rotor_angle_electrical) - np.array([0.0, 2.0, 4.0]) * np.pi / 3.0
        psi_d, psi_q = 2.0 / 3.0 * phases @ np.cos(angle), -2.0 / 3.0 * phases @ np.sin(angle)
        d, q = float(excitation.slot_ampere_turns_d), float(excitation.slot_ampere_turns_q)
        return 1.5 * pole_pairs * (psi_d * q - psi_q * d)


def _linear(name: str, air: float, magnet: float) -> float:
    return magnet if name.startswith("magnet") else air


def _at_angle(angle: float) -> Excitation:
    zero = jnp.zeros(())
    return Excitation(
        slot_ampere_turns_d=zero,
        slot_ampere_turns_q=zero,
        field_ampere_turns=zero,
        rotor_angle_electrical=jnp.asarray(angle),
    )


def _turned(x: Any, y: Any, angle: float) -> tuple[np.ndarray, np.ndarray]:
    x, y, c, s = np.asarray(x), np.asarray(y), np.cos(angle), np.sin(angle)
    return c * x - s * y, s * x + c * y


def _append(geometry: SplineGeometry, part: _Outline) -> tuple[int, int, np.ndarray, np.ndarray]:
    """Add one grid's outline; returns the ends of its gap ring: point numbers and coordinates."""
    numbers: dict[tuple[int, int], int] = {}
    rows, columns = part.labels.shape

    def number(node: tuple[int, int]) -> int:
        if node not in numbers:
            numbers[node] = geometry.AppendPoint(*part.points[node])
        return numbers[node]

    first_side: dict[tuple[int, int], int] = {}
    for first, last, left, right in part.segments():
        side = first[1] == last[1] and first[1] in (0, columns)
        ends = ["line", number(first), number(last)]
        if side and first[1] == columns:
            geometry.Append(ends, leftdomain=left, rightdomain=right, bc="side", copy=first_side[first[0], last[0]])
            continue
        name = "side" if side else "fixed" if first[0] == last[0] == 0 else "inner"
        made = geometry.Append(ends, leftdomain=left, rightdomain=right, bc=name)
        if side:
            first_side[first[0], last[0]] = made
    low, high = (rows, 0), (rows, columns)
    return number(low), number(high), part.points[low], part.points[high]
