"""The drive-unit problem as the optimizer and the report see it: one instance per program (set of array shapes)."""

from __future__ import annotations

import copy
import dataclasses
import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from edu_opt.drive_unit.control import ControlSolution
from edu_opt.drive_unit.model import DriveUnit
from edu_opt.gearbox.assembly import integer_rows
from edu_opt.gearbox.model import gearbox_space
from edu_opt.motor.ripple import points_for
from edu_opt.numerics.design_space import DesignSpace
from edu_opt.numerics.pytree import pytree, replace
from edu_opt.problem.axle_use import AxleUse, axle_use, equipped
from edu_opt.problem.candidate import design_space, drive_unit, field_variable_count
from edu_opt.problem.data import StudyData, map_materials, prices_of, study_data, study_requirements
from edu_opt.problem.fields import FieldProgram, local_map
from edu_opt.problem.gear_checks import member_counts
from edu_opt.problem.operating_points import Points, solved_controls, solved_points
from edu_opt.problem.real_parts import bearing_faults, gearbox_faults, real_bearings
from edu_opt.problem.results import Results, results
from edu_opt.problem.sealing_columns import sealing_columns
from edu_opt.problem.vehicle_checks import asks_for_sand
from edu_opt.programme.prices import Prices
from edu_opt.programme.volumes import PartVolumes, uniform_volumes
from edu_opt.requirements import QUANTITIES, Requirement, margins
from edu_opt.settings import Branch, ProblemSettings, Program, branches_of, programs_of

FIELD_CHUNK = 8  # laminations a compiled field sweep takes at once
FIELD_TOLERANCE = 1e-2  # relative update of a field solve above which a candidate counts as failed

# Units of results that are no requirement quantities; SI or the unit that engineers read.
RESULT_UNITS = {
    "motor_loss_cycle": "wh_per_km",
    "inverter_loss_cycle": "wh_per_km",
    "gearbox_loss_cycle": "wh_per_km",
    "stator_copper_loss_cycle": "wh_per_km",
    "excitation_loss_cycle": "wh_per_km",
    "cage_loss_cycle": "wh_per_km",
    "pwm_loss_cycle": "wh_per_km",
    "motor_drag_cycle": "wh_per_km",
    "shift_loss_cycle": "wh_per_km",
    "shifts_cycle": "1",
    "control_residual": "1",
    "rotor_temperature_10s": "celsius",
    "phase_current_10s": "a",
    "loss_30min": "w",
    "electrical_power_30min": "kw",
    "disconnected_loss": "w",
    "disconnected_loss_half_speed": "w",
    "motor_speed_max": "rad_per_s",
    "energy_wall": "wh_per_km",
    "recuperated_share": "1",
    "cycle_mass": "kg",
    "gear_ratio": "1",
    "rotor_inertia": "kg_m2",
    "end_winding_overhang": "mm",
    "unit_cost_band": "eur",
    "material_cost": "eur",
    "purchased_cost": "eur",
    "labour_cost": "eur",
    "energy_cost": "eur",
    "machine_cost": "eur",
    "scrap_cost": "eur",
    "logistics_cost": "eur",
    "warranty_cost": "eur",
    "tooling_cost": "eur",
    "development_cost": "eur",
    "use_co2e": "kg",
    "capacitor_ripple_current_30min": "a",
    "field_current_10s": "a",
    "emi_filter_mass": "kg",
    "emi_filter_volume": "l",
    "busbar_mass": "kg",
    "inverter_volume": "l",
}


@pytree
class Evaluation:
    """What `optimize.protocol.Evaluation` asks for: objectives (m,), margins (p,), valid (), and all results."""

    objectives: jax.Array
    margins: jax.Array
    valid: jax.Array
    report: Results


@pytree
class Expansion:
    """First-order fields of a candidate with the data of its branch: all that an evaluation reads besides x.

    `localize` turns the fields, which hold in a neighbourhood, into the maps at one point.
    """

    fields: Any  # FieldExpansion; after `localize` a LocalMap
    data: StudyData


@dataclasses.dataclass(frozen=True)
class Model:
    """The static part of a problem: what is compiled; `use` of the driven axles."""

    program: Program
    requirements: tuple[tuple[str, str], ...]  # (quantity, sense)
    objectives: tuple[str, ...]
    envelope_speeds: int
    use: AxleUse

    @property
    def asked(self) -> tuple[str, ...]:
        """Quantities of objectives and requirements."""
        return (*self.objectives, *(quantity for quantity, _ in self.requirements), "field_residual")

    @property
    def climbs(self) -> bool:
        """Whether a requirement asks for the sand climbs."""
        return asks_for_sand(quantity for quantity, _ in self.requirements)


def unit_at(model: Model, x: jax.Array, expansion: Expansion) -> DriveUnit:
    """The drive unit at x (n,) of the unit cube, with what the vehicle's axles need; `expansion` is local."""
    return equipped(drive_unit(model.program, x, expansion.fields, expansion.data), model.use)


def solve(model: Model, x: jax.Array, expansion: Expansion) -> ControlSolution:
    """Best currents of every operating point at x (n,) of the unit cube, without derivatives; `expansion` is local."""
    unit = unit_at(model, x, expansion)
    return solved_controls(unit, expansion.data, model.envelope_speeds, model.use, model.climbs)


def operating_states(model: Model, x: jax.Array, expansion: Expansion, known: ControlSolution | None = None) -> Points:
    """Every operating point at x (n,), differentiable; `known` is what `solve` found there."""
    unit = unit_at(model, x, expansion)
    return solved_points(unit, expansion.data, model.envelope_speeds, model.use, known, model.climbs)


def found_results(
    model: Model, x: jax.Array, expansion: Expansion, points: Points | None = None, reported: bool = True
) -> Results:
    """Results at x (n,) of the unit cube; `points` are its `operating_states`. Not `reported`: those that objectives
    and margins need."""
    unit = unit_at(model, x, expansion)
    points = operating_states(model, x, expansion) if points is None else points
    return results(unit, expansion.data, points, None if reported else model.asked)


def evaluate(
    model: Model, x: jax.Array, expansion: Expansion, points: Points | None = None, reported: bool = True
) -> Evaluation:
    """Objectives and margins at x (n,): pure, vmappable, differentiable in both modes; `reported` as in
    `found_results`, otherwise the margins are those of all members (`member_counts`)."""
    found = found_results(model, x, expansion, points, reported)
    values, members = found.values, {} if reported else found.members
    rows = [Requirement(quantity, sense, 1.0, "") for quantity, sense in model.requirements]  # type: ignore[arg-type]
    return Evaluation(
        objectives=jnp.stack([values[name] for name in model.objectives]),
        margins=margins(values | members, rows, expansion.data.limits),
        valid=values["field_residual"] < FIELD_TOLERANCE,
        report=found,
    )


class DriveUnitProblem:
    """One program of a study; keeps to `optimize.protocol.Problem` and to what a study's record asks for."""

    def __init__(self, settings: ProblemSettings, program: Program) -> None:
        self.settings, self.program = settings, program
        self.starts: tuple[np.ndarray, np.ndarray] | None = None  # points (k, n) and branches (k,) among the seeds
        self.branches: tuple[Branch, ...] = branches_of(settings, program)
        self.requirements: tuple[Requirement, ...] = study_requirements(settings)
        self.space: DesignSpace = design_space(program)
        self.model = Model(
            program=program,
            requirements=tuple((r.quantity, r.sense) for r in self.requirements),
            objectives=settings.objectives,
            envelope_speeds=settings.fidelity.envelope_speeds,
            use=axle_use(settings),
        )
        self.rows = [jax.tree.map(np.asarray, study_data(settings, program, branch)) for branch in self.branches]
        materials = map_materials(program, self.rows[0])
        grid, final = settings.fidelity.grid, settings.fidelity.final_grid
        ripple = points_for({*settings.objectives, *(r.quantity for r in self.requirements)})
        on_grid = functools.partial(FieldProgram, program, materials=materials, chunk=FIELD_CHUNK, ripple=ripple)
        self.fields = on_grid(grid)
        self.final_fields = self.fields if final == grid else on_grid(final)

    def fields_are_those_of(self, other: DriveUnitProblem) -> bool:
        """Whether both compute the same fields of the same laminations."""
        mine, theirs = (
            (p.fields.settings, p.final_fields.settings, p.program.motor.steel, p.program.motor.magnet)
            for p in (self, other)
        )
        return mine == theirs

    def with_prices(self, prices: Prices) -> DriveUnitProblem:
        """The same problem at other prices; nothing is compiled or solved again."""
        other = copy.copy(self)
        other.rows = [
            replace(row, prices=jax.tree.map(np.asarray, prices_of(prices, self.program))) for row in self.rows
        ]
        return other

    def with_volumes(self, volumes: Mapping[str, Any], units_per_year: float) -> DriveUnitProblem:
        """The same problem with the volumes of its parts: joint and in its own plant (`family.pattern.Volume`) by cost
        line, `units_per_year` for the lines that are not named and for development that is not shared."""
        shares = {line: v.at_plant / v.joint for line, v in volumes.items()}
        joint = {line: v.joint for line, v in volumes.items()}
        other = copy.copy(self)
        other.rows = [
            replace(
                row,
                volumes=_volumes(units_per_year, joint),
                programme=replace(
                    row.programme,
                    plant_shares=_volumes(1.0, shares),
                    own_units=np.asarray(units_per_year),
                ),
            )
            for row in self.rows
        ]
        return other

    def integer_rows(self, physical: np.ndarray, count: int) -> np.ndarray:
        """Designs (count, n) near one (n,), in physical values: teeth that hunt and assemble, whole turns."""
        return integer_rows(self.space, self.program.gearbox_layout, physical, count)

    @property
    def identity(self) -> str:
        """All that is compiled into the programs; everything else is their arguments."""
        return f"{self.model} {self.fields.settings}"

    @property
    def objective_names(self) -> tuple[str, ...]:
        """Quantities that are minimized."""
        return self.model.objectives

    @property
    def objective_units(self) -> tuple[str, ...]:
        """Their units."""
        return tuple(QUANTITIES[name].unit for name in self.model.objectives)

    @property
    def margin_names(self) -> tuple[str, ...]:
        """Requirements in the order of the margins."""
        return tuple(r.name for r in self.requirements)

    @property
    def margin_rows(self) -> tuple[int, ...]:
        """Requirement of every row of `evaluate_rows`."""
        counts = member_counts(self.program.gearbox_layout)
        return tuple(k for k, r in enumerate(self.requirements) for _ in range(counts.get(r.quantity, 1)))

    @property
    def branch_count(self) -> int:
        """Rows of discrete data."""
        return len(self.branches)

    @property
    def branch_names(self) -> tuple[str, ...]:
        """Their names."""
        return tuple(b.name(self.program) for b in self.branches)

    @property
    def field_solves_per_expansion(self) -> int:
        """Nonlinear field solves of one lamination."""
        return self.fields.settings.field_solves

    @property
    def trust_region_mask(self) -> np.ndarray:
        """The lamination's and rotor's variables: only these move the fields."""
        return np.arange(len(self.space)) < field_variable_count(self.program)

    def expand(self, x: np.ndarray, branch: np.ndarray) -> Expansion:
        """Field sweep of candidates x (B, n): first-order models with their branches' data, leading axis B."""
        return self._expanded(self.fields, x, branch)

    @property
    def expand_final(self) -> Callable[[np.ndarray, np.ndarray], Expansion] | None:
        """`expand` on the grid of the reported front, where that is another one."""
        return None if self.final_fields is self.fields else functools.partial(self._expanded, self.final_fields)

    def _expanded(self, program: FieldProgram, x: np.ndarray, branch: np.ndarray) -> Expansion:
        count = field_variable_count(self.program)
        pole_pairs = np.array([float(self.branches[b].pole_pairs) for b in branch])
        fields = program(np.asarray(x, float)[:, :count], pole_pairs)
        data = jax.tree.map(lambda *leaves: np.stack(leaves), *[self.rows[b] for b in branch])
        return Expansion(fields=fields, data=data)

    def expansion_shape(self) -> Expansion:
        """Shapes of expansions: the programs compile from them while the first ones are computed."""
        fields = self.fields.shape()
        lanes = self.fields.chunk

        def like(leaf: np.ndarray) -> jax.ShapeDtypeStruct:
            return jax.ShapeDtypeStruct((lanes, *np.shape(leaf)), leaf.dtype)

        return Expansion(fields=fields, data=jax.tree.map(like, self.rows[0]))

    def localize(self, x: jax.Array, branch: jax.Array, expansion: Expansion) -> Expansion:
        """Expansion whose fields are the maps at x (n,)."""
        del branch
        unit = x[: field_variable_count(self.program)]
        local = local_map(self.fields.settings, expansion.fields, unit, expansion.data.pole_pairs)
        return replace(expansion, fields=local)

    def solve(self, x: jax.Array, branch: jax.Array, expansion: Expansion) -> ControlSolution:
        """Inner solutions of one candidate, without derivatives."""
        del branch
        return solve(self.model, x, expansion)

    def states(self, x: jax.Array, branch: jax.Array, expansion: Expansion, known: ControlSolution) -> Points:
        """Operating points of one candidate from its inner solutions."""
        del branch
        return operating_states(self.model, x, expansion, known)

    def evaluate(self, x: jax.Array, branch: jax.Array, expansion: Expansion, points: Points) -> Evaluation:
        """One candidate (the branch's data stand in its expansion) with its operating points."""
        del branch
        return evaluate(self.model, x, expansion, points)

    def evaluate_rows(self, x: jax.Array, branch: jax.Array, expansion: Expansion, points: Points) -> Evaluation:
        """`evaluate` for the search: its report holds no more than objectives and margins need, and margins are those
        of all members (`margin_rows`)."""
        del branch
        return evaluate(self.model, x, expansion, points, reported=False)

    def describe(self, x: np.ndarray, report: Results) -> Sequence[Mapping[str, Any]]:
        """Report columns `design.*`, `result.*` and `part.*` (names of bought parts) of designs x (K, n) from the
        results of their evaluations."""
        found: Results = jax.tree.map(np.asarray, report)
        physical = self.space.whole(np.asarray(self.space.to_physical(jnp.asarray(x, float))))
        real = self._real_bearings(physical, found)
        return [
            {f"design.{name}": float(physical[k, i]) for i, name in enumerate(self.space.names)}
            | result_columns(found, k)
            | real[k]
            | sealing_columns(self.settings, found.values, k)
            for k in range(len(x))
        ]

    def certify(
        self, expansion: Expansion, report: Results, states: Callable[[Expansion], Points]
    ) -> Sequence[Mapping[str, float]]:
        """Further report columns of exact designs: the cycle's every second, by the programs that the search compiled.

        `states(expansion)`: operating points of the same designs with other data."""
        from edu_opt.problem.trace_certificate import trace_columns

        values = jax.tree.map(np.asarray, report.values)
        return trace_columns(self.settings, expansion.data, values, lambda data: states(replace(expansion, data=data)))

    def _real_bearings(self, physical: np.ndarray, found: Results) -> list[dict[str, Any]]:
        """Columns of the catalogue bearings that stand behind designs (K, n) in physical values."""
        layout = self.program.gearbox_layout
        gears = [self.space.names.index(name) for name in gearbox_space(layout).names]
        return real_bearings(layout, physical[:, gears], np.asarray(found.values["axle_torque_10s"]), self.rows[0])

    def faults(self, columns: Mapping[str, Any]) -> list[str]:
        """Why the gearbox of a described design could not be built, a sentence each."""
        design = {k.removeprefix("design."): v for k, v in columns.items() if k.startswith("design.")}
        peak = float(columns["result.unit.axle_torque_10s_" + unit_of("axle_torque_10s")])
        return [*gearbox_faults(self.program.gearbox_layout, design, peak), *bearing_faults(columns)]


def _volumes(others: float, named: Mapping[str, float]) -> PartVolumes:
    volumes = replace(uniform_volumes(others), **named)
    return jax.tree.map(lambda leaf: np.asarray(leaf, float), volumes)


def result_columns(found: Results, k: int) -> dict[str, float]:
    """Report columns `result.*` of design k of results with a leading axis."""
    return (
        {f"result.unit.{name}_{unit_of(name)}": float(value[k]) for name, value in found.values.items()}
        | {f"result.{part}.cost_eur": float(value[k]) for part, value in found.costs.items()}
        | {f"result.{part}.mass_kg": float(value[k]) for part, value in found.masses.items()}
        | {f"result.{part}.co2e_kg": float(value[k]) for part, value in found.carbon.items()}
        | {f"result.{name}": float(value[k]) for name, value in found.losses.items()}
    )


def unit_of(name: str) -> str:
    """Unit of a result by name."""
    return QUANTITIES[name].unit if name in QUANTITIES else RESULT_UNITS[name]


def build_problems(settings: ProblemSettings) -> tuple[DriveUnitProblem, ...]:
    """One problem per program of a study."""
    return tuple(DriveUnitProblem(settings, program) for program in programs_of(settings))
