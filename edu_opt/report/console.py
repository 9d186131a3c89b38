"""What a finished task prints."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from edu_opt.tracking.progress import Reporter, duration
from edu_opt.tracking.record import StudyRecord

# Columns of `problem.loss_table`: PART.NAME_loss_MODE_UNIT.
LOSS = re.compile(r"(?P<loss>\w+\.\w+)_loss_(?P<mode>cycle|launch_10s|fastest_10s|30min)_(?P<unit>w|wh_per_km)")
MODE_WIDTH = 16


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
    table = loss_lines(design.result)
    for name, value in design.result.items():
        if not (table and LOSS.fullmatch(name)):
            reporter.line(f"  {name}: {value:.6g}")
    for line in table:
        reporter.line(f"  {line}")
    for place, part in design.parts.items():
        reporter.line(f"  {place}: {part}")
    for line in record.conflicts:
        reporter.line(f"  WARNING {line}")


def loss_lines(result: Mapping[str, float]) -> list[str]:
    """Every loss of a design as a table, a row each and a column a mode; empty where there are none."""
    rows: dict[str, dict[str, float]] = {}
    for name, value in result.items():
        found = LOSS.fullmatch(name)
        if found:
            rows.setdefault(found["loss"], {})[f"{found['mode']} {found['unit']}"] = value
    modes = list(dict.fromkeys(mode for row in rows.values() for mode in row))
    width = max(map(len, rows), default=0)
    lines = ["  ".join(["losses".ljust(width), *(mode.rjust(MODE_WIDTH) for mode in modes)])]
    for loss, row in rows.items():
        values = (f"{row.get(mode, math.nan):.4g}".rjust(max(MODE_WIDTH, len(mode))) for mode in modes)
        lines.append("  ".join([loss.ljust(width), *values]))
    return lines if rows else []
