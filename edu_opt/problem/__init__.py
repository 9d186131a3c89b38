"""The design problem: design vector -> objectives, margins, report, on top of a first-order model of the fields."""

from edu_opt.problem.problem import DriveUnitProblem, build_problems

__all__ = ["DriveUnitProblem", "build_problems"]
