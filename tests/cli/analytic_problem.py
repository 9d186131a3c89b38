"""A drive-unit problem in three lines of algebra, to run the whole command without physics.

Length, turns and speed trade cost, energy and mass against each other; top speed and 10 s power bound them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import jax
import jax.numpy as jnp
import numpy as np

from edu_opt.numerics.design_space import DesignSpace, Variable
from edu_opt.optimize.protocol import Evaluation
from edu_opt.requirements import QUANTITIES, margin
from edu_opt.settings import ProblemSettings, Program, branches_of, programs_of

SPACE = DesignSpace(
    (
        Variable("lamination", "stack_length", "m", 0.05, 0.25, "stack length"),
        Variable("stator_winding", "turns", "1", 4.0, 20.0, "turns", integer=True),
        Variable("gear_stage_1", "ratio", "1", 6.0, 12.0, "overall ratio"),
    )
)


class AnalyticProblem:
    """One program of the analytic problem."""

    field_solves_per_expansion = 3

    def __init__(self, settings: ProblemSettings, program: Program) -> None:
        self.program = program
        self.branches = branches_of(settings, program)
        self.branch_count = len(self.branches)
        self.branch_names = tuple(b.name(program) for b in self.branches)
        self.space = SPACE
        self.objective_names = settings.objectives
        self.objective_units = tuple(QUANTITIES[name].unit for name in settings.objectives)
        known = self.quantities(jnp.full(3, 0.5), jnp.asarray(1.0))
        self.requirements = tuple(r for r in settings.requirements if r.quantity in known)
        self.margin_names = tuple(r.name for r in self.requirements)

    @property
    def trust_region_mask(self) -> np.ndarray:
        """The stack length stands for the lamination."""
        return np.array([True, False, False])

    def dearness(self, branch: np.ndarray) -> np.ndarray:
        """Cost factor of branches (B,): more poles and silicon carbide cost more."""
        rows = [self.branches[b] for b in branch]
        return np.array([1.0 + 0.1 * (r.pole_pairs - 3) + 0.1 * r.device.startswith("wolfspeed") for r in rows])

    def quantities(self, x: jax.Array, dear: jax.Array) -> dict[str, jax.Array]:
        """Everything that can be bounded or minimized."""
        length, turns, ratio = SPACE.to_physical(x)
        return {
            "unit_cost": dear * (600.0 + 3000.0 * length + 20.0 * (ratio - 8.0) ** 2),
            "energy_wltc": 150.0 + 1.2 / length + 0.4 * (turns - 9.0) ** 2 + 2.0 * (ratio - 10.0) ** 2,
            "unit_mass": 40.0 + 250.0 * length + 1.5 * turns,
            "top_speed": 260.0 - 6.0 * ratio - 1.5 * turns,
            "peak_power_10s": 900.0 * length + 4.0 * turns + 6.0 * ratio,
        }

    def expand(self, x: np.ndarray, branch: np.ndarray) -> dict[str, np.ndarray]:
        """Nothing is expensive here; the centre stands for a field model."""
        return {"length": np.asarray(x)[:, :1], "dear": self.dearness(branch)}

    def evaluate(self, x: jax.Array, branch: jax.Array, expansion: dict[str, jax.Array]) -> Evaluation:
        """Objectives and margins of one candidate."""
        values = self.quantities(x, expansion["dear"])
        objectives = jnp.stack([values[name] for name in self.objective_names])
        margins = jnp.stack([margin(values[r.quantity], r) for r in self.requirements])
        return Evaluation(objectives=objectives, margins=margins, valid=jnp.asarray(True), report=values)

    def describe(self, x: np.ndarray, report: Mapping[str, np.ndarray]) -> Sequence[Mapping[str, object]]:
        """Report columns with a small breakdown."""
        rows = []
        for k, point in enumerate(np.asarray(x)):
            physical = SPACE.whole(np.asarray(SPACE.to_physical(jnp.asarray(point))))
            values = {name: value[k] for name, value in report.items()}
            columns = {f"design.{name}": float(v) for name, v in zip(SPACE.names, physical, strict=True)}
            columns |= {"result.lamination.cost_eur": 120.0, "result.rotor.cost_eur": 80.0}
            columns |= {"part.bearing_set.input": "6207"}
            columns |= {"result.lamination.mass_kg": 22.0, "result.drive_unit.mass_kg": float(values["unit_mass"])}
            columns |= {"result.unit.motor_loss_cycle_wh_per_km": 8.0, "result.unit.gearbox_loss_cycle_wh_per_km": 5.0}
            rows.append(columns)
        return rows


def analytic_problems(settings: ProblemSettings) -> list[AnalyticProblem]:
    """The factory that stands in for the drive unit."""
    return [AnalyticProblem(settings, program) for program in programs_of(settings)]
