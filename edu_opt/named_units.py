"""Drive units that exist, by name, in the command's tasks: one as a design to evaluate, one as a start of a search."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from edu_opt.config.errors import SettingsError
from edu_opt.search import StudyProblem
from edu_opt.settings import ProblemSettings
from edu_opt.tracking.progress import Reporter


def reference_problem(name: str, settings: ProblemSettings) -> Any:
    """A reference drive unit as a problem of one design (`problem.reference_evaluation.ReferenceProblem`)."""
    from edu_opt.problem.reference_evaluation import ReferenceProblem

    return ReferenceProblem(name, settings)


def add_starts(problems: Sequence[StudyProblem], name: str, settings: ProblemSettings, reporter: Reporter) -> None:
    """A reference drive unit among the seeds of every program that can build one of its kind; says what changes."""
    from edu_opt.problem.reference_design import reference_starts

    starts = reference_starts(name, settings)
    for problem in problems:
        start = starts.get(problem.program)
        if start is None:
            continue
        branch = problem.branches[start.branch].name(problem.program)
        reporter.line(f"{problem.program.name} starts at {name} too, as {branch}")
        for note in start.notes:
            reporter.line(f"  {note}")
        problem.starts = (start.x[None], np.array([start.branch]))  # type: ignore[attr-defined]


def computable(content: Mapping[str, Any]) -> Mapping[str, Any]:
    """A design file that holds a design of a search, not the record of a unit that exists."""
    unit = content["settings"].get("drive_unit")
    if unit:
        raise SettingsError(f"design: is the record of a reference drive unit; write drive_unit={unit['name']}")
    return content
