"""A reference drive unit in a vehicle: objectives, margins and all results of a fixed design that no search offers."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from edu_opt.drive_unit.model import DriveUnit
from edu_opt.drive_unit.reference_units import ReferenceUnit, build_unit, reference_unit
from edu_opt.numerics.pytree import replace
from edu_opt.problem.axle_use import axle_use, equipped
from edu_opt.problem.data import StudyData, study_data, study_requirements
from edu_opt.problem.operating_points import Points, solved_points
from edu_opt.problem.problem import FIELD_TOLERANCE, Evaluation, result_columns
from edu_opt.problem.reference_design import design_values
from edu_opt.problem.results import results
from edu_opt.problem.sealing_columns import sealing_columns
from edu_opt.problem.trace_certificate import trace_columns
from edu_opt.problem.vehicle_checks import asks_for_sand
from edu_opt.requirements import QUANTITIES, Requirement, margins
from edu_opt.settings import Branch, MotorOffer, ProblemSettings, Program


def program_and_branch_of(reference: ReferenceUnit) -> tuple[Program, Branch]:
    """Names and discrete data of a reference unit as a program and a branch have them (no such program is compiled)."""
    machine, lamination = reference.machine, reference.machine.lamination()
    template, pole_pairs = lamination.template, round(float(lamination.pole_pairs))
    offer = MotorOffer(
        kind=machine.kind,
        slots_per_pole=template.slots_per_pole,
        coil_pitch=template.coil_throw,
        pole_pairs=(pole_pairs,),
        parallel_paths=(machine.parallel_paths,),
        steel=machine.steel,
        magnet=machine.magnet,
    )
    branch = Branch(pole_pairs=pole_pairs, parallel_paths=machine.parallel_paths, device=reference.device)
    return Program(motor=offer, gearbox_layout=reference.gearbox.layout), branch


@dataclasses.dataclass(frozen=True)
class ReferenceStates:
    """A reference unit with its map, the data of its study, and its compiled program of operating points."""

    unit: DriveUnit
    data: StudyData
    points: Callable[[DriveUnit, StudyData], Points]

    def states(self, data: StudyData) -> Points:
        """Operating points with a batch axis of one, as data have it (what a certificate asks for)."""
        one = jax.tree.map(lambda leaf: jnp.asarray(leaf)[0], data)
        return jax.tree.map(lambda leaf: leaf[None], self.points(self.unit, one))


def reference_states(name: str, settings: ProblemSettings) -> ReferenceStates:
    """A reference unit by name under a study's vehicle and ratings.

    Fields are solved on the study's finest grid level; compiles the unit's own lamination.
    """
    use, data = axle_use(settings), study_data(settings, *program_and_branch_of(reference_unit(name)))
    unit = build_unit(name, settings.fidelity.final_grid)
    unit = equipped(replace(unit, inverter=replace(unit.inverter, discontinuous=data.discontinuous)), use)
    climbs = asks_for_sand(requirement.quantity for requirement in study_requirements(settings))

    def points(unit: DriveUnit, data: StudyData) -> Points:
        return solved_points(unit, data, settings.fidelity.envelope_speeds, use, climbs=climbs)

    return ReferenceStates(unit, data, jax.jit(points))


def evaluation_of(own: ReferenceStates, settings: ProblemSettings) -> Evaluation:
    """Evaluation (no batch axis) of a reference unit under a study's prices and requirements; compiles."""
    requirements = list(study_requirements(settings))

    def evaluate(unit: DriveUnit, data: StudyData, points: Points) -> Evaluation:
        found = results(unit, data, points)
        return Evaluation(
            objectives=jnp.stack([found.values[objective] for objective in settings.objectives]),
            margins=margins(found.values, requirements, data.limits),
            valid=found.values["field_residual"] < FIELD_TOLERANCE,
            report=found,
        )

    return jax.jit(evaluate)(own.unit, own.data, own.points(own.unit, own.data))


def evaluate_reference(name: str, settings: ProblemSettings) -> Evaluation:
    """`evaluation_of` a reference unit by name."""
    return evaluation_of(reference_states(name, settings), settings)


@dataclasses.dataclass(frozen=True)
class ReferenceProblem:
    """A reference unit with the names that a study's record asks of a problem; nothing can be searched in it."""

    name: str
    settings: ProblemSettings

    @property
    def reference(self) -> ReferenceUnit:
        """The unit's data."""
        return reference_unit(self.name)

    @property
    def program(self) -> Program:
        """Its names as those of a program."""
        return program_and_branch_of(self.reference)[0]

    @property
    def branches(self) -> tuple[Branch, ...]:
        """Its one row of discrete data."""
        return (program_and_branch_of(self.reference)[1],)

    @property
    def requirements(self) -> tuple[Requirement, ...]:
        """Those of the study."""
        return study_requirements(self.settings)

    @property
    def margin_names(self) -> tuple[str, ...]:
        """Requirements in the order of the margins."""
        return tuple(r.name for r in self.requirements)

    @property
    def objective_names(self) -> tuple[str, ...]:
        """Quantities that are reported as objectives."""
        return self.settings.objectives

    @property
    def objective_units(self) -> tuple[str, ...]:
        """Their units."""
        return tuple(QUANTITIES[name].unit for name in self.settings.objectives)

    @property
    def assumptions(self) -> tuple[str, ...]:
        """Sources of the unit, and what is assumed of it."""
        own = self.reference
        return (
            *(f"Source of {self.name}: {line}" for line in (*own.sources, *own.machine.sources, own.gearbox.source)),
            *(f"Assumed of {self.name}: {line}" for line in own.everything_assumed),
        )

    @functools.cached_property
    def solved(self) -> ReferenceStates:
        """The unit with its map and its program."""
        return reference_states(self.name, self.settings)

    def evaluation(self) -> Evaluation:
        """Its evaluation with a batch axis of one, on the host."""
        return jax.tree.map(lambda leaf: np.asarray(leaf)[None], evaluation_of(self.solved, self.settings))

    def columns(self, evaluation: Evaluation) -> Mapping[str, Any]:
        """Report columns `design.*` (where the unit has the variable), `result.*` with the 1 Hz trace, `part.*`."""
        own = {f"design.{name}": value for name, value in design_values(self.reference).items()}
        sealed = sealing_columns(self.settings, evaluation.report.values, 0)
        data = jax.tree.map(lambda leaf: np.asarray(leaf)[None], self.solved.data)
        (traced,) = trace_columns(self.settings, data, evaluation.report.values, self.solved.states)
        return own | result_columns(evaluation.report, 0) | traced | sealed
