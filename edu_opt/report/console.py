"""What a finished task prints."""

from __future__ import annotations

from edu_opt.tracking.progress import Reporter, duration
from edu_opt.tracking.record import StudyRecord


def print_front(record: StudyRecord, reporter: Reporter) -> None:
    """A short summary of the front, or of what stands in its way."""
    counts = record.evaluations
    reporter.line(
        f"{len(record.designs)} designs on the front, {record.feasible_candidates} feasible and "
        f"{record.failed_candidates} failed evaluations; hypervolume {record.hypervolume:.5g}; "
        f"{counts.get('field_solves', 0)} field solves in {counts.get('field_sweeps', 0)} sweeps"
    )
    times = ", ".join(f"{name} {duration(value)}" for name, value in record.wall_s.items())
    if times:
        reporter.line(f"Time: {times}")
    for objective in record.objectives:
        values = [design.objectives[objective.column] for design in record.designs]
        if values:
            reporter.line(f"  {objective.column}: {min(values):.5g} to {max(values):.5g}")
    if not record.designs:
        reporter.line("No feasible design was found. The requirements that conflict, at the closest design:")
        for line in record.conflicts:
            reporter.line(f"  {line}")
        if record.closest is not None:
            values_text = ", ".join(f"{k} {v:.5g}" for k, v in record.closest.objectives.items())
            reporter.line(f"  closest design ({record.closest.branch}): {values_text}; see designs/closest.json")


def print_evaluation(record: StudyRecord, reporter: Reporter) -> None:
    """Objectives, margins, and every result of one design."""
    design = record.designs[0]
    reporter.line(f"Design {design.id} ({design.branch}) on {record.vehicle}, requirements of {record.brand}")
    for name, value in design.objectives.items():
        reporter.line(f"  objective {name}: {value:.6g}")
    for limit in record.limits:
        margin = design.margins.get(limit.name, float("nan"))
        if margin == margin:
            sign, state = (">=" if limit.sense == "min" else "<="), ("kept" if margin >= 0 else "MISSED")
            value = limit.value(margin)
            reporter.line(
                f"  {limit.quantity} {value:.5g} {sign} {limit.limit:g} {limit.unit}: "
                f"margin {100 * margin:.2f} % {state}"
            )
    for name, value in design.result.items():
        reporter.line(f"  {name}: {value:.6g}")
    for place, name in design.parts.items():
        reporter.line(f"  {place}: {name}")
    for line in record.conflicts:
        reporter.line(f"  WARNING {line}")
