"""report.html, the figures and the closing lines of a family study, from its folder alone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from edu_opt.report import family_tables as tables
from edu_opt.report import html
from edu_opt.report.family_data import FamilyStudy, brand_name, front_rows, number, pattern_title, read_family
from edu_opt.report.family_figures import (
    cheapest,
    cost_table,
    fronts_figure,
    negotiation_figure,
    negotiation_rows,
    sharing_figure,
    shown_fronts,
    volumes_figure,
)
from edu_opt.report.figures import COLOURS, save_png
from edu_opt.report.fronts import axis_limits, readable
from edu_opt.report.negotiation_text import unit_text
from edu_opt.report.study_report import ERROR_BAND, study_facts
from edu_opt.tracking.files import write_text
from edu_opt.tracking.progress import Reporter
from edu_opt.tracking.study_folder import StudyFolder

MOST_SENTENCES = 12


def write_family_report(folder: StudyFolder) -> None:
    """Figures pareto_front.png, sharing.png, negotiation.png, volumes.png (each where it has data), and report.html."""
    study = read_family(folder)
    if shown_fronts(study):
        save_png(fronts_figure(study), folder.path / "pareto_front.png")
    if study.reference and len(study.patterns) > 1:
        save_png(sharing_figure(study), folder.path / "sharing.png")
    if any(True for _ in negotiation_rows(study)):
        save_png(negotiation_figure(study), folder.path / "negotiation.png")
    if study.rows("volumes") and shown_fronts(study):
        save_png(volumes_figure(study), folder.path / "volumes.png")
    write_text(folder.path / "report.html", family_page(study))


def family_page(study: FamilyStudy) -> str:
    """The whole report."""
    title = f"Family {study.content['name']}: {', '.join(brand_name(brand) for brand in study.brands)}"
    parts = [f"<h1>{html.escape(title)}</h1>", f'<p class="lead">{html.escape(summary(study))}</p>']
    parts += ["<h2>Members</h2>", tables.members_table(study)]
    parts += ["<h2>What sharing saves, and what it costs each brand</h2>", tables.patterns_table(study)]
    parts.append(tables.listed(study.facts.get("conflicts", [])))
    parts += [fronts_section(study), volumes_section(study), chosen_section(study)]
    parts += [f"<h2>How far to trust this</h2><p>{html.escape(ERROR_BAND)}</p>"]
    parts += [tables.listed(study.facts.get("assumptions", []))]
    parts += [study_facts(study.facts)] if study.facts else []
    config = study.folder.path / "config.yaml"
    if config.is_file():
        parts.append(html.details("Settings (config.yaml)", config.read_text()))
    return html.page(title, "\n".join(parts))


def summary(study: FamilyStudy) -> str:
    """The answer in a sentence or two."""
    head = f"{len(study.members)} members, {study.units_per_year:,.0f} units a year, {len(study.patterns)} patterns."
    best = best_pattern(study)
    if not study.reference:
        return f"{head} None of them shares nothing, so there is no saving to speak of."
    if best is None:
        return f"{head} No pattern that shares anything has a feasible design."
    saving, yearly = number(best["saving"]), number(best["saving_per_year"]) / tables.MILLION
    name = pattern_title(study, best["pattern"])
    if not saving > 0.0:
        return f"{head} No pattern saves anything; the nearest to it, {name}, costs {-saving:.3g} EUR a unit more."
    losses = [text for brand, objective in study.own.items() if (text := loss_text(study, best, brand, objective))]
    given = f"; in its best value {', '.join(losses)}" if losses else ""
    return f"{head} Pattern {name} saves most: {saving:.3g} EUR a unit, {yearly:.3g} million EUR a year{given}."


def best_pattern(study: FamilyStudy) -> Any:
    """The pattern that shares something and saves most; None where none has a design."""
    known = [p for p in study.patterns if p["shares"] and math.isfinite(number(p["saving"]))]
    return max(known, key=lambda p: number(p["saving"])) if known else None


def loss_text(study: FamilyStudy, pattern: Any, brand: str, objective: str) -> str:
    """`BMW loses 0.41 Wh/km`; empty where it is not known."""
    loss = number(pattern["own_loss"].get(objective))
    if not math.isfinite(loss):
        return ""
    verb = "loses" if loss > 0.0 else "gains"
    return f"{brand_name(brand)} {verb} {abs(loss):.3g} {unit_text(study.units[objective])}"


def fronts_section(study: FamilyStudy) -> str:
    """Programme cost against each brand's own objective, and every design."""
    fronts = shown_fronts(study)
    if not fronts:
        return "<h2>Fronts</h2><p>No pattern has a feasible design.</p>"
    ranges = axis_limits(fronts)
    legend = "".join(
        f'<span><i style="background:{COLOURS[k % len(COLOURS)]}"></i> {html.escape(f.label)}: {len(f.points)}</span>'
        for k, f in enumerate(fronts)
    )
    plots = "".join(html.scatter(fronts, 0, j, ranges) for j in range(1, len(fronts[0].objectives)))
    left_out = len(study.fronts) - len(fronts)
    more = tables.note(f"{left_out} dearer patterns are not drawn.") if left_out else ""
    return (
        f'<h2>Fronts</h2><p class="legend">{legend}</p><div class="plots">{plots}</div>{more}'
        f"<details><summary>Merged front of all patterns</summary>{designs_table(study)}</details>"
    )


def designs_table(study: FamilyStudy) -> str:
    """Every design of the merged front."""
    rows = front_rows(study.folder.path)
    names = list(study.units.items())
    columns = [f"objective.{name}_{unit}" for name, unit in names]
    titles = ["design", "pattern", *(f"{study.short_name(n)} [{unit_text(u)}]" for n, u in names), "KKT residual"]
    body = [
        [str(row["id"]), readable(str(row["branch"])), *(number(row.get(c)) for c in columns), _residual(row)]
        for row in rows
    ]
    return html.table(titles, body)


def _residual(row: Any) -> float:
    return number(row.get("kkt_residual"))


def volumes_section(study: FamilyStudy) -> str:
    """Which degree of sharing wins as volumes and prices move."""
    volumes, prices = study.rows("volumes"), study.rows("prices")
    parts = []
    if volumes:
        parts += ["<h2>Volumes and prices</h2>", tables.listed(volume_lines(study))]
        parts.append(tables.costs_table(study, volumes, "factor", "factor on all volumes"))
    if prices:
        parts += ["" if volumes else "<h2>Prices</h2>", tables.costs_table(study, prices, "scenario", "price scenario")]
    return "\n".join(parts)


def volume_lines(study: FamilyStudy) -> list[str]:
    """`Cheapest at 0.25 to 0.5 times the volumes: nothing.`"""
    table = {float(k): v for k, v in cost_table(study.rows("volumes"), "factor").items()}
    runs: list[tuple[str, list[float]]] = []
    for factor in sorted(table):
        best = cheapest(table[factor])
        if best and runs and runs[-1][0] == best:
            runs[-1][1].append(factor)
        elif best:
            runs.append((best, [factor]))
    return [f"Cheapest at {_span(factors)} times the volumes: {pattern_title(study, name)}." for name, factors in runs]


def _span(factors: Sequence[float]) -> str:
    return f"{factors[0]:g}" if len(factors) == 1 else f"{factors[0]:g} to {factors[-1]:g}"


def chosen_section(study: FamilyStudy) -> str:
    """The chosen design: its members, whose targets bind, what they cost, who gets the saving."""
    parts = []
    if study.chosen.get("design"):
        parts += ["<h2>The chosen family</h2>", f"<p>{html.escape(tables.chosen_text(study))}</p>"]
        parts += [f"<p>{html.escape(tables.unpriced_text(study))}</p>", tables.designs_table(study)]
    if study.rows("overlap"):
        parts += ["<h2>Whose targets bind</h2>", tables.listed(tables.overlap_lines(study))]
        parts.append(tables.overlap_table(study))
    if study.rows("negotiation"):
        parts += ["<h2>What each requirement costs, and whom</h2>", tables.negotiation_bars(study)]
        parts.append(tables.listed(tables.negotiation_sentences(study, MOST_SENTENCES)))
        parts.append(tables.negotiation_table(study))
    parts += ["<h2>Who gets the saving</h2>", tables.splits_tables(study)]
    return "\n".join(parts)


def print_family(folder: StudyFolder, reporter: Reporter) -> None:
    """Closing lines of the command: a short table, the dearest requirements, the answer."""
    study = read_family(folder)
    own = list(study.own.items())
    head = ["pattern", "designs", "EUR a unit", "saves EUR", "M EUR/a"]
    head += [f"{brand_name(brand)} loses {unit_text(study.units[name])}" for brand, name in own]
    rows = [head]
    for p in study.patterns:
        money = [p["least_cost"], p["saving"], number(p["saving_per_year"]) / tables.MILLION]
        values = [*money, *(p["own_loss"].get(name) for _, name in own)]
        rows.append([readable(p["pattern"]), str(p["designs"]), *(html.number(number(v)) for v in values)])
    widths = [max(len(row[k]) for row in rows) for k in range(len(head))]
    for row in rows:
        cells = [row[0].ljust(widths[0]), *(c.rjust(w) for c, w in zip(row[1:], widths[1:], strict=True))]
        reporter.line("  " + "  ".join(cells))
    for p in study.patterns:
        if p.get("refusal"):
            reporter.line(f"  {readable(p['pattern'])} was not searched: {p['refusal']}")
    for line in [tables.unpriced_text(study), *tables.negotiation_sentences(study, 3)]:
        if line:
            reporter.line(f"  {line}")
    reporter.line(summary(study))
