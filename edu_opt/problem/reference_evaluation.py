"""A reference drive unit in a vehicle: objectives, margins and all results of a fixed design that no search offers."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from edu_opt.drive_unit.model import DriveUnit
from edu_opt.drive_unit.reference_units import ReferenceUnit, build_unit, reference_unit
from edu_opt.problem.axle_use import axle_use, equipped
from edu_opt.problem.data import StudyData, study_data, study_requirements
from edu_opt.problem.operating_points import solved_points
from edu_opt.problem.problem import FIELD_TOLERANCE, Evaluation
from edu_opt.problem.results import results
from edu_opt.problem.vehicle_checks import asks_for_sand
from edu_opt.requirements import margins
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


def evaluate_reference(name: str, settings: ProblemSettings) -> Evaluation:
    """Evaluation (no batch axis) of a reference unit by name under a study's vehicle, ratings, prices, requirements.

    Fields are solved on the study's finest grid level; compiles the unit's own lamination and the evaluation.
    """
    reference = reference_unit(name)
    unit, data = build_unit(name, settings.fidelity.final_grid), study_data(settings, *program_and_branch_of(reference))
    requirements, use = list(study_requirements(settings)), axle_use(settings)
    climbs = asks_for_sand(requirement.quantity for requirement in requirements)

    def evaluate(unit: DriveUnit, data: StudyData) -> Evaluation:
        unit = equipped(unit, use)
        points = solved_points(unit, data, settings.fidelity.envelope_speeds, use, climbs=climbs)
        found = results(unit, data, points)
        return Evaluation(
            objectives=jnp.stack([found.values[objective] for objective in settings.objectives]),
            margins=margins(found.values, requirements, data.limits),
            valid=found.values["field_residual"] < FIELD_TOLERANCE,
            report=found,
        )

    return jax.jit(evaluate)(unit, data)
