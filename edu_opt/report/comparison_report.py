"""report.html, table and figure of a comparison."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from edu_opt.report import html
from edu_opt.report.compare import Comparison
from edu_opt.report.figures import pareto_figure, save_png
from edu_opt.report.fronts import axis_title
from edu_opt.report.study_report import ERROR_BAND
from edu_opt.tracking.files import write_csv, write_json, write_text


def write_comparison(folder: Path, comparison: Comparison, limits: Sequence[tuple[float, float]] | None = None) -> None:
    """pareto_front.png, comparison.csv, comparison.json and report.html."""
    save_png(pareto_figure(comparison.fronts, limits), folder / "pareto_front.png")
    write_csv(folder / "comparison.csv", comparison.rows, list(comparison.rows[0]))
    write_json(folder / "comparison.json", comparison.comparison_json())
    write_text(folder / "report.html", comparison_page(comparison, limits))


def comparison_page(comparison: Comparison, limits: Sequence[tuple[float, float]] | None = None) -> str:
    """The whole report."""
    objectives = comparison.fronts[0].objectives
    points = ", ".join(
        f"{axis_title(o)} {value:.5g}" for o, value in zip(objectives, comparison.reference_point, strict=True)
    )
    columns = [name for name in comparison.rows[0] if name != "folder"]
    rows = [[row[name] for name in columns] for row in comparison.rows]
    body = [
        "<h1>Comparison of fronts</h1>",
        f'<p class="lead">{len(rows)} studies; hypervolume on one reference point: {html.escape(points)}.</p>',
        html.projections(comparison.fronts, limits),
        "<h2>Studies</h2>",
        html.table([name.replace("_", " ") for name in columns], rows),
        '<p class="note">on combined front: designs that no design of any study here dominates. Studies of different '
        "vehicles answer different requirements: their fronts show what each car asks for, not which is better.</p>",
        f"<h2>How far to trust this</h2><p>{html.escape(ERROR_BAND)}</p>",
        html.details("Folders", "\n".join(f"{row['label']}: {row['folder']}" for row in comparison.rows)),
    ]
    return html.page("Comparison of fronts", "\n".join(body))
