"""Self-contained HTML: inline SVG and a few lines of JavaScript, no file or host outside the page."""

from __future__ import annotations

import html
import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from edu_opt.report.figures import COLOURS
from edu_opt.report.fronts import LabelledFront, axis_limits, axis_title, pairs

STYLE = """
:root { color-scheme: light; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 1240px; padding: 0 1rem; color: #1d2530; }
h1 { font-size: 1.5rem; margin-bottom: .2rem; } h2 { font-size: 1.15rem; margin-top: 2rem; }
.lead { color: #4a5666; margin-top: 0; } .note { color: #4a5666; font-size: .92em; }
.plots { display: flex; flex-wrap: wrap; gap: .8rem; } .plots svg { flex: 1 1 360px; max-width: 410px; }
svg text { font: 12px system-ui, sans-serif; fill: #39424e; }
circle { cursor: pointer; } circle:hover, circle.chosen { stroke: #111; stroke-width: 2.2; }
.scroll { overflow-x: auto; max-height: 34rem; overflow-y: auto; border: 1px solid #d8dee6; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: 13px; }
th, td { padding: .25rem .6rem; text-align: right; border-bottom: 1px solid #e6eaef; white-space: nowrap; }
th { background: #f2f5f8; position: sticky; top: 0; } .sortable th { cursor: pointer; }
td:first-child, th:first-child, td.text { text-align: left; }
tr.chosen td { background: #fff3d6; } .bad { color: #b3261e; } .good { color: #1c6b34; }
.columns { display: flex; flex-wrap: wrap; gap: 2rem; } .columns > div { flex: 1 1 330px; }
.bar { display: inline-block; height: .7em; background: #0b5fa5; vertical-align: middle; }
pre { background: #f6f8fa; padding: .8rem; overflow-x: auto; font-size: 12px; }
.legend span { margin-right: 1.2rem; }
.legend i { display: inline-block; width: .8em; height: .8em; border-radius: 50%; }
"""

SCRIPT = """
function choose(id) {
  document.querySelectorAll('[data-id]').forEach(e => e.classList.toggle('chosen', e.dataset.id === id));
}
document.addEventListener('click', event => {
  const marked = event.target.closest('[data-id]');
  if (marked) choose(marked.dataset.id);
  const head = event.target.closest('.sortable th');
  if (!head) return;
  const table = head.closest('table'), body = table.tBodies[0], column = head.cellIndex;
  const down = head.dataset.down !== 'yes';
  table.querySelectorAll('th').forEach(h => delete h.dataset.down);
  if (down) head.dataset.down = 'yes';
  const value = row => { const c = row.cells[column]; return c.dataset.value ?? c.textContent; };
  const rows = [...body.rows].sort((a, b) => {
    const x = value(a), y = value(b), p = parseFloat(x), q = parseFloat(y);
    const order = isNaN(p) || isNaN(q) ? x.localeCompare(y) : p - q;
    return down ? order : -order;
  });
  body.append(...rows);
});
"""


def page(title: str, body: str) -> str:
    """A whole page."""
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head><body>\n{body}\n<script>{SCRIPT}</script></body></html>\n"
    )


def escape(text: Any) -> str:
    """Text fit for HTML."""
    return html.escape(str(text))


def number(value: Any) -> str:
    """Number with four significant digits; a dash where there is none."""
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return "-"
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return escape(value)
    return str(value) if isinstance(value, int) else f"{value:.4g}"


def table(columns: Sequence[str], rows: Sequence[Sequence[Any]], ids: Sequence[str] | None = None) -> str:
    """Table that sorts by a click on its head; rows with ids are linked to the points of the figures."""
    head = "".join(f"<th>{escape(c)}</th>" for c in columns)
    lines = []
    for index, row in enumerate(rows):
        mark = f' data-id="{escape(ids[index])}"' if ids is not None else ""
        lines.append(f"<tr{mark}>{''.join(_cell(value) for value in row)}</tr>")
    body = "\n".join(lines)
    return (
        f'<div class="scroll"><table class="sortable"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
    )


def _cell(value: Any) -> str:
    if isinstance(value, str):
        return f'<td class="text">{escape(value)}</td>'
    exact = "" if value is None else f' data-value="{value}"'
    return f"<td{exact}>{number(value)}</td>"


def projections(fronts: Sequence[LabelledFront], limits: Sequence[tuple[float, float]] | None = None) -> str:
    """Legend and one scatter per pair of objectives; points know their design."""
    ranges = axis_limits(fronts, limits)
    legend = "".join(
        f'<span><i style="background:{COLOURS[k % len(COLOURS)]}"></i> '
        f"{escape(front.label)}: {len(front.points)} designs</span>"
        for k, front in enumerate(fronts)
    )
    plots = "".join(scatter(fronts, i, j, ranges) for i, j in pairs(fronts[0].objectives))
    return f'<p class="legend">{legend}</p><div class="plots">{plots}</div>'


def scatter(fronts: Sequence[LabelledFront], i: int, j: int, ranges: Sequence[tuple[float, float]]) -> str:
    """One projection as SVG."""
    width, height, left, bottom, top, right = 400, 330, 68, 46, 10, 12
    (x_low, x_high), (y_low, y_high) = ranges[i], ranges[j]
    objectives = fronts[0].objectives

    def place(x: float, y: float) -> tuple[float, float]:
        across = left + (x - x_low) / (x_high - x_low) * (width - left - right)
        return across, height - bottom - (y - y_low) / (y_high - y_low) * (height - bottom - top)

    parts = [f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="{escape(axis_title(objectives[j]))}">']
    for value in ticks(x_low, x_high):
        x, _ = place(value, y_low)
        parts.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{top}" y2="{height - bottom}" stroke="#e3e8ee"/>')
        parts.append(f'<text x="{x:.1f}" y="{height - bottom + 16}" text-anchor="middle">{value:g}</text>')
    for value in ticks(y_low, y_high):
        _, y = place(x_low, value)
        parts.append(f'<line x1="{left}" x2="{width - right}" y1="{y:.1f}" y2="{y:.1f}" stroke="#e3e8ee"/>')
        parts.append(f'<text x="{left - 6}" y="{y + 4:.1f}" text-anchor="end">{value:g}</text>')
    for k, front in enumerate(fronts):
        for name, point in zip(front.ids, front.points, strict=True):
            if x_low <= point[i] <= x_high and y_low <= point[j] <= y_high:
                x, y = place(float(point[i]), float(point[j]))
                text = ", ".join(f"{axis_title(o)} {v:.5g}" for o, v in zip(objectives, point, strict=True))
                key = escape(name if len(fronts) == 1 else f"{k}:{name}")
                parts.append(
                    f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4.2" fill="{COLOURS[k % len(COLOURS)]}" fill-opacity="0.75" '
                    f'data-id="{key}"><title>{escape(front.label)} {escape(name)}: {escape(text)}</title></circle>'
                )
    middle = (left + width - right) / 2
    parts.append(f'<text x="{middle}" y="{height - 8}" text-anchor="middle">{escape(axis_title(objectives[i]))}</text>')
    title = escape(axis_title(objectives[j]))
    centre = (top + height - bottom) / 2
    parts.append(f'<text transform="translate(14 {centre}) rotate(-90)" text-anchor="middle">{title}</text></svg>')
    return "".join(parts)


def ticks(low: float, high: float, count: int = 5) -> list[float]:
    """Round values between two limits."""
    raw = (high - low) / count
    scale = 10.0 ** math.floor(math.log10(raw))
    step = next(m * scale for m in (1.0, 2.0, 2.5, 5.0, 10.0) if m * scale >= raw)
    first = math.ceil(low / step)
    return [round(k * step, 12) for k in range(first, math.floor(high / step) + 1)]


def breakdown(title: str, unit: str, values: Mapping[str, float]) -> str:
    """Table of shares with bars, largest first."""
    if not values:
        return ""
    total = sum(values.values())
    largest = max(max(values.values()), 1e-300)
    rows = "".join(
        f"<tr><td>{escape(name)}</td><td>{number(value)}</td><td>{100 * value / total if total else 0:.1f} %</td>"
        f'<td class="text"><span class="bar" style="width:{110 * max(value, 0.0) / largest:.0f}px"></span></td></tr>'
        for name, value in sorted(values.items(), key=lambda item: -item[1])
    )
    return f"<div><h3>{escape(title)}: {number(total)} {escape(unit)}</h3><table><tbody>{rows}</tbody></table></div>"


def details(title: str, text: str) -> str:
    """Folded block of plain text."""
    return f"<details><summary>{escape(title)}</summary><pre>{escape(text)}</pre></details>"


def as_json(value: Any) -> str:
    """Readable JSON."""
    return json.dumps(value, indent=2)
