"""report.html and the figures of one study, from its folder alone."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from edu_opt.report import html
from edu_opt.report.figures import history_figure, pareto_figure, save_png
from edu_opt.report.fronts import LabelledFront, axis_title, knee, read_front, readable, readable_unit
from edu_opt.tracking.files import read_json, write_text
from edu_opt.tracking.record import Limit
from edu_opt.tracking.study_folder import StudyFolder

ERROR_BAND = (
    "This front compares model against model: designs of one study share the model's errors, so their order is firmer "
    "than their absolute values. Two kinds of motor, gearbox or inverter whose fronts lie closer together than the "
    "model's error cannot be told apart by it. How far the model lies from reality is measured by the scripts in "
    "experiments/validation."
)


def write_study_report(folder: StudyFolder, assumptions: Sequence[str] = ()) -> None:
    """Figures pareto_front.png and history.png, and report.html."""
    front = read_front(folder)
    if len(front.points):
        save_png(pareto_figure([front]), folder.path / "pareto_front.png")
    history = folder.history()
    if history:
        save_png(history_figure(history), folder.path / "history.png")
    write_text(folder.path / "report.html", study_page(folder, front))


def study_page(folder: StudyFolder, front: LabelledFront) -> str:
    """The whole report."""
    study = front.study
    what = "Evaluation of one design" if study["kind"] == "evaluation" else "Pareto-optimal drive units"
    title = f"{what}: {study['brand']}, {study['vehicle']}"
    parts = [f"<h1>{html.escape(title)}</h1>", f'<p class="lead">{html.escape(summary(study))}</p>']
    if len(front.points):
        if study["kind"] != "evaluation":
            parts += ["<h2>Front</h2>", html.projections([front])]
            parts.append(
                '<p class="note">A click on a point marks its row, a click on a row its points; '
                "a click on a column's head sorts.</p>"
            )
        parts += [front_table(folder, front), chosen_design(folder, front)]
    if study["conflicts"]:
        parts += [closest(folder, study)]
    parts += [f"<h2>How far to trust this</h2><p>{html.escape(ERROR_BAND)}</p>", assumptions_list(study["assumptions"])]
    parts += [study_facts(study), html.details("Settings (config.yaml)", (folder.path / "config.yaml").read_text())]
    return html.page(title, "\n".join(parts))


def summary(study: Mapping[str, Any]) -> str:
    """One sentence on what was found."""
    if study["kind"] == "evaluation":
        return f"Computed on {study['device']}."
    counts = study["evaluations"]
    return (
        f"{study['front_size']} buildable designs on the front of {study['feasible_candidates']} feasible candidates; "
        f"hypervolume {html.number(study['hypervolume'])}; {counts.get('field_solves', 0)} field solves in "
        f"{counts.get('field_sweeps', 0)} sweeps; seed {study['seed']}; {study['device']}."
    )


def front_table(folder: StudyFolder, front: LabelledFront) -> str:
    """Objectives, smallest margin and main design values of every design."""
    rows = folder.front()
    columns = [f"objective.{o.column}" for o in front.objectives]
    designs = [name for name in rows[0] if name.startswith("design.")]
    titles = ["design", "branch", *(axis_title(o) for o in front.objectives), "smallest margin", "KKT residual"]
    titles += [name.removeprefix("design.") for name in designs]
    body = []
    for row in rows:
        margins = [row[n] for n in row if n.startswith("margin.") and row[n] is not None and not math.isnan(row[n])]
        values: list[Any] = [row["id"], row["branch"], *(row[c] for c in columns)]
        body.append([*values, min(margins, default=math.nan), row["kkt_residual"], *(row[n] for n in designs)])
    return html.table(titles, body, [str(row["id"]) for row in rows])


def chosen_design(folder: StudyFolder, front: LabelledFront) -> str:
    """Margins, prices and breakdowns of the knee of the front."""
    name = front.ids[knee(front.points)]
    design = read_json(folder.path / "designs" / f"{name}.json")
    limits = [Limit(**entry) for entry in front.study["requirements"]]
    heading = f"<h2>Design {html.escape(name)}</h2>"
    if len(front.points) > 1:
        heading = (
            f'<h2>Design {html.escape(name)}, the knee of the front</h2><p class="note">Nearest to the ideal point.</p>'
        )
    parts = [heading, f"<p>{html.escape(design['branch_name'])}</p>", margin_table(limits, design["margins"])]
    prices = price_table(front, limits, design)
    if prices:
        parts += ["<h3>What its requirements cost</h3>", prices]
        parts.append(
            '<p class="note">Change of one objective per unit of the limit while the other objectives hold, from the '
            "multipliers; requirements that are not listed cost nothing here.</p>"
        )
    if design.get("parts"):
        parts += ["<h3>Bought parts and sealing</h3>", named_parts(design["parts"])]
    return "\n".join(
        [*parts, breakdowns(design["results"]), html.details("All results", html.as_json(design["results"]))]
    )


def margin_table(limits: Sequence[Limit], margins: Mapping[str, float | None]) -> str:
    """Value, limit and margin of every requirement, tightest first."""
    rows: list[list[Any]] = []
    for limit in limits:
        margin = margins.get(limit.name)
        if margin is not None and math.isfinite(margin):
            sign = ">=" if limit.sense == "min" else "<="
            bound = f"{sign} {limit.limit:g} {readable_unit(limit.unit)}"
            state = "kept" if margin >= 0 else "missed"
            rows.append([readable(limit.quantity), limit.value(margin), bound, 100.0 * margin, state, limit.source])
    rows.sort(key=lambda row: row[3])
    return html.table(["requirement", "value", "limit", "margin %", "", "source"], rows)


def named_parts(parts: Mapping[str, str]) -> str:
    """Designations of bought parts, sealing classes: what of a design is a name and no number."""
    return html.table(["part", ""], [[readable(place), value] for place, value in parts.items()])


def price_table(front: LabelledFront, limits: Sequence[Limit], design: Mapping[str, Any]) -> str:
    """Shadow prices that are not zero."""
    rows = []
    for limit in limits:
        keys = [f"{limit.name}_{limit.unit}.{o.column}" for o in front.objectives]
        prices = [design["prices"].get(key) for key in keys]
        if any(price not in (None, 0.0) for price in prices):
            rows.append([f"{readable(limit.name)} [{readable_unit(limit.unit)}]", *prices])
    columns = [f"{axis_title(o)} per unit of the limit" for o in front.objectives]
    return html.table(["requirement", *columns], rows) if rows else ""


def breakdowns(results: Mapping[str, float | None]) -> str:
    """Cost and mass by part, losses on the cycle by component and inside the motor."""
    kinds = [
        ("Cost", "EUR", r"(?P<part>.+)\.cost_eur"),
        ("Mass", "kg", r"(?P<part>.+)\.mass_kg"),
        ("Embodied carbon", "kg CO2e", r"(?P<part>.+)\.co2e_kg"),
        ("Cost by what it is spent on", "EUR", r"unit\.(?P<part>[a-z]+)_cost_eur"),
        ("Loss on the cycle", "Wh/km", r"unit\.(?P<part>motor|inverter|gearbox)_loss_cycle_wh_per_km"),
        (
            "Motor loss on the cycle, parts",
            "Wh/km",
            r"unit\.(?P<part>stator_copper|excitation|motor_drag)(_loss)?_cycle_wh_per_km",
        ),
    ]
    blocks = []
    for title, unit, pattern in kinds:
        found = {name: re.fullmatch(pattern, name) for name in results}
        values = {m["part"]: float(results[n] or 0.0) for n, m in found.items() if m and not TOTALS.search(m["part"])}
        blocks.append(html.breakdown(title, unit, values))
    return f'<div class="columns">{"".join(blocks)}</div>'


TOTALS = re.compile(r"(^|[._])(unit|total|drive_unit)($|\.)")  # sums stand beside their parts, not among them


def closest(folder: StudyFolder, study: Mapping[str, Any]) -> str:
    """Why nothing is feasible."""
    lines = "".join(f"<li>{html.escape(line)}</li>" for line in study["conflicts"])
    if study["kind"] == "evaluation":
        return f"<h2>What stands against it</h2><ul>{lines}</ul>"
    text = f"<h2>No feasible design</h2><p>The closest design misses:</p><ul>{lines}</ul>"
    path = folder.path / "designs" / "closest.json"
    if not path.is_file():
        return text
    design = read_json(path)
    limits = [Limit(**entry) for entry in study["requirements"]]
    return text + margin_table(limits, design["margins"]) + breakdowns(design["results"])


def assumptions_list(assumptions: Sequence[str]) -> str:
    """What the answer rests on."""
    return f"<ul>{''.join(f'<li>{html.escape(line)}</li>' for line in assumptions)}</ul>" if assumptions else ""


def study_facts(study: Mapping[str, Any]) -> str:
    """Counts, times and versions."""
    rows: list[list[Any]] = [[f"evaluations: {readable(k)}", v] for k, v in study["evaluations"].items()]
    rows += [["failed candidates", study["failed_candidates"]], ["feasible candidates", study["feasible_candidates"]]]
    rows += [[f"seconds: {k}", v] for k, v in study["wall_s"].items()]
    rows += [[f"KKT residual, {k}", v] for k, v in study["kkt_residual"].items()]
    rows += [["device", study["device"]], ["precision", study["precision"]], ["seed", study["seed"]]]
    rows += [["chunk", study["chunk"]], ["settings hash", study["config_hash"]]]
    rows += [[f"version of {k}", v] for k, v in study["versions"].items()]
    return "<h2>How it was computed</h2>" + html.table(["", "value"], rows)
