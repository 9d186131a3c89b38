"""Figures of a family study: fronts by pattern, savings and losses, prices of requirements, volumes."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from edu_opt.report.family_data import FamilyStudy, brand_name, number, pattern_title, quantity_text
from edu_opt.report.figures import COLOURS, MARKERS
from edu_opt.report.fronts import LabelledFront, axis_title, readable
from edu_opt.report.negotiation_text import asked_price, bound_text, unit_text

MOST_PATTERNS = 8  # drawn in one figure: the reference and those that cost least
MOST_ROWS = 16  # requirements in the negotiation's figure


def shown_fronts(study: FamilyStudy) -> list[LabelledFront]:
    """Fronts for figures: all of a few patterns, else the reference and the cheapest, in their order."""
    fronts = [front for front in study.fronts if np.isfinite(front.points[:, 0]).any()]
    if len(fronts) <= MOST_PATTERNS:
        return fronts
    reference = pattern_title(study, study.reference)
    ordered = sorted(fronts, key=lambda f: (f.label != reference, float(np.nanmin(f.points[:, 0]))))
    kept = {front.label for front in ordered[:MOST_PATTERNS]}
    return [front for front in fronts if front.label in kept]


def colour_of(study: FamilyStudy, name: str) -> str:
    """Colour of a pattern, the same in all figures."""
    names = [front.label for front in shown_fronts(study)]
    title = pattern_title(study, name)
    return COLOURS[names.index(title) % len(COLOURS)] if title in names else "#9aa3ad"


def staircase(points: np.ndarray) -> np.ndarray:
    """Points (k, 2) that no other is better than in both columns, sorted by the first; NaN rows are left out."""
    known = points[np.isfinite(points).all(axis=1)]
    kept, least = [], math.inf
    for x, y in known[np.lexsort((known[:, 1], known[:, 0]))]:
        if y < least:
            kept.append((x, y))
            least = y
    return np.array(kept).reshape(-1, 2)


def fronts_figure(study: FamilyStudy) -> Figure:
    """Programme cost against each brand's own objective: one colour a pattern, its best edge as a line; the pattern
    that shares nothing hollow and dashed."""
    fronts = shown_fronts(study)
    objectives = fronts[0].objectives
    panels = range(1, len(objectives))
    figure = Figure(figsize=(max(5.4 * len(panels), 6.4), 5.2), layout="constrained")
    reference = pattern_title(study, study.reference) if study.reference else None
    for axes, k in zip(np.atleast_1d(figure.subplots(1, len(panels))), panels, strict=True):
        for index, front in enumerate(fronts):
            _draw_front(axes, front, k, index, front.label == reference)
        axes.set_xlabel(axis_title(objectives[0]))
        axes.set_ylabel(axis_title(objectives[k]))
        axes.grid(True, linewidth=0.4, alpha=0.5)
    handles, labels = figure.axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=min(len(labels), 3), frameon=False)
    return figure


def _draw_front(axes: Any, front: LabelledFront, k: int, index: int, reference: bool) -> None:
    colour, marker = COLOURS[index % len(COLOURS)], MARKERS[index % len(MARKERS)]
    points = front.points[:, [0, k]]
    label = f"{front.label}: {len(points)} design{'s' if len(points) != 1 else ''}"
    face = "none" if reference else colour
    axes.scatter(
        points[:, 0], points[:, 1], s=26, facecolors=face, edgecolors=colour, marker=marker, alpha=0.8, label=label
    )
    edge = staircase(points)
    if len(edge) > 1:
        style = "--" if reference else "-"
        axes.step(edge[:, 0], edge[:, 1], where="post", color=colour, linewidth=1.3, linestyle=style)


def sharing_figure(study: FamilyStudy) -> Figure:
    """What each pattern saves, and beside it what each brand loses of its own best (bar) and where the programme costs
    least (ring)."""
    rows = [p for p in study.patterns if p["pattern"] != study.reference]
    own = list(study.own.items())
    height = 1.6 + 0.55 * max(len(rows), 1)
    figure = Figure(figsize=(5.6 + 3.4 * len(own), height), layout="constrained")
    panels = np.atleast_1d(figure.subplots(1, 1 + len(own), sharey=True))
    places = np.arange(len(rows))[::-1]
    colours = [colour_of(study, str(row["pattern"])) for row in rows]
    _draw_savings(panels[0], study, rows, places)
    base = study.pattern(study.reference)["own_at_least_cost"] if study.reference else {}
    for axes, (brand, name) in zip(panels[1:], own, strict=True):
        losses = np.array([number(row["own_loss"].get(name)) for row in rows])
        there = np.array([number(row["own_at_least_cost"].get(name)) for row in rows]) - number(base.get(name))
        axes.barh(places, np.nan_to_num(losses), color=colours, height=0.55)
        axes.scatter(
            there, places, s=46, facecolors="none", edgecolors="#1d2530", label="loss where the programme costs least"
        )
        axes.axvline(0.0, color="#39424e", linewidth=0.8)
        axes.set_xlabel(f"{brand_name(brand)} loses [{unit_text(study.units[name])}]")
        axes.set_title(study.short_name(name), fontsize=9)
        axes.grid(True, axis="x", linewidth=0.4, alpha=0.5)
    handles = [Patch(color="#9aa3ad", label="loss of the brand's best value"), *panels[-1].collections]
    figure.legend(handles=handles, loc="outside lower center", ncols=2, frameon=False, fontsize=8)
    return figure


def _draw_savings(axes: Any, study: FamilyStudy, rows: Sequence[Mapping[str, Any]], places: np.ndarray) -> None:
    savings = np.array([number(row["saving"]) for row in rows])
    colours = [colour_of(study, str(row["pattern"])) for row in rows]
    axes.barh(places, np.nan_to_num(savings), color=colours, height=0.55)
    axes.set_yticks(places, [readable(str(row["pattern"])) for row in rows])
    axes.axvline(0.0, color="#39424e", linewidth=0.8)
    axes.margins(x=0.6)
    for place, row, saving in zip(places, rows, savings, strict=True):
        text = f" {saving:.3g} EUR, {number(row['saving_per_year']) / 1e6:.3g} M EUR/a"
        if not math.isfinite(saving):
            text = " refused" if row.get("refusal") else " no design"
        side = "right" if saving < 0.0 else "left"
        axes.text(saving if math.isfinite(saving) else 0.0, place, f"{text} ", va="center", ha=side, fontsize=8)
    axes.set_xlabel("saving [EUR a unit]")
    axes.grid(True, axis="x", linewidth=0.4, alpha=0.5)


def negotiation_rows(study: FamilyStudy) -> Iterator[tuple[Mapping[str, Any], float]]:
    """Rows of the negotiation with what 1 % costs the programme, dearest first; those without a price left out."""
    priced = [(row, asked_price(row, study.cost_name)) for row in study.rows("negotiation")]
    known = [(row, price) for row, price in priced if math.isfinite(price)]
    yield from sorted(known, key=lambda pair: -abs(pair[1]))


def negotiation_figure(study: FamilyStudy) -> Figure:
    """EUR a unit that 1 % of each limit costs the programme, one colour a brand."""
    rows = list(negotiation_rows(study))[:MOST_ROWS]
    figure = Figure(figsize=(9.6, 1.5 + 0.36 * max(len(rows), 1)), layout="constrained")
    axes = figure.subplots()
    places = np.arange(len(rows))[::-1]
    for k, brand in enumerate(study.brands):
        mine = [(p, price) for p, (row, price) in zip(places, rows, strict=True) if row["brand"] == brand]
        if mine:
            colour = COLOURS[k % len(COLOURS)]
            axes.barh([p for p, _ in mine], [v for _, v in mine], color=colour, height=0.6, label=brand_name(brand))
    names = [
        f"{row['member']}: {quantity_text(row['requirement'])} "
        f"({bound_text(row['requirement'], row['limit'], row['unit'])})"
        for row, _ in rows
    ]
    axes.set_yticks(places, names, fontsize=8)
    for place, (_, price) in zip(places, rows, strict=True):
        axes.text(price, place, f" {price:.3g} ", va="center", ha="left" if price >= 0.0 else "right", fontsize=8)
    axes.margins(x=0.12)
    axes.axvline(0.0, color="#39424e", linewidth=0.8)
    axes.set_xlabel("programme cost of asking for 1 % more [EUR a unit]")
    axes.grid(True, axis="x", linewidth=0.4, alpha=0.5)
    axes.legend(frameon=False, loc="lower right")
    return figure


def cost_table(entries: Sequence[Mapping[str, Any]], key: str) -> dict[Any, dict[str, float]]:
    """Least cost by the value of a key (volume factor, price scenario), then by pattern."""
    table: dict[Any, dict[str, float]] = {}
    for entry in entries:
        table.setdefault(entry[key], {})[str(entry["pattern"])] = number(entry["least_cost"])
    return table


def cheapest(costs: Mapping[str, float]) -> str:
    """Pattern of least cost; empty where none has one."""
    known = {name: cost for name, cost in costs.items() if math.isfinite(cost)}
    return min(known, key=lambda name: known[name]) if known else ""


def volumes_figure(study: FamilyStudy) -> Figure:
    """Least programme cost over the factor on all volumes, one line a pattern; the cheapest at each factor ringed."""
    table = {float(k): v for k, v in cost_table(study.rows("volumes"), "factor").items()}
    factors = sorted(table)
    figure = Figure(figsize=(8.4, 4.8), layout="constrained")
    axes = figure.subplots()
    labels = {pattern_title(study, str(p["pattern"])): str(p["pattern"]) for p in study.patterns}
    for front in shown_fronts(study):
        name = labels[front.label]
        costs = np.array([table[f].get(name, math.nan) for f in factors])
        style = "--" if name == study.reference else "-"
        axes.plot(factors, costs, style, marker="o", markersize=4, color=colour_of(study, name), label=front.label)
    for factor in factors:
        best = cheapest(table[factor])
        if best:
            colour = colour_of(study, best)
            axes.scatter(
                factor, table[factor][best], s=120, facecolors="none", edgecolors=colour, linewidths=1.6, zorder=3
            )
    if min(factors) > 0.0 and len(factors) > 1:
        axes.set_xscale("log")
        axes.set_xticks(factors, [f"{f:g}" for f in factors])
        axes.minorticks_off()
    axes.set_xlabel(f"factor on all volumes (1: {study.units_per_year:,.0f} units a year)")
    axes.set_ylabel("least programme cost [EUR a unit]")
    axes.grid(True, linewidth=0.4, alpha=0.5)
    axes.legend(frameon=False, fontsize=8)
    return figure
