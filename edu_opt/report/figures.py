"""Figures as PNG files: projections of fronts, history. Drawn without a display and without global state."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from edu_opt.report.fronts import LabelledFront, axis_limits, axis_title, knee, pairs, readable, readable_unit
from edu_opt.tracking.files import write_bytes

COLOURS = ["#0b5fa5", "#c8501e", "#2c8a4b", "#7a4fa3", "#a3872c", "#c2347a", "#4a4a4a", "#1c9aa0"]  # fmt: skip
MARKERS = ["o", "s", "^", "D", "v", "P", "X", "*"]


def save_png(figure: Figure, path: Path) -> None:
    """Write a figure atomically."""
    FigureCanvasAgg(figure)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=130)
    write_bytes(path, buffer.getvalue())


def pareto_figure(fronts: Sequence[LabelledFront], limits: Sequence[tuple[float, float]] | None = None) -> Figure:
    """The three pair projections of one or several fronts on the same axes; the knee of each is ringed, its bars
    are one standard deviation by uncertain prices."""
    objectives = fronts[0].objectives
    ranges = axis_limits(fronts, limits)
    projections = pairs(objectives)
    figure = Figure(figsize=(5.0 * len(projections), 4.9), layout="constrained")
    for axes, (i, j) in zip(np.atleast_1d(figure.subplots(1, len(projections))), projections, strict=True):
        for index, front in enumerate(fronts):
            _draw(axes, front, i, j, COLOURS[index % len(COLOURS)], MARKERS[index % len(MARKERS)])
        axes.set_xlabel(axis_title(objectives[i]))
        axes.set_ylabel(axis_title(objectives[j]))
        axes.set_xlim(*ranges[i])
        axes.set_ylim(*ranges[j])
        axes.grid(True, linewidth=0.4, alpha=0.5)
    handles, labels = figure.axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=min(len(labels), 4), frameon=False)
    return figure


def _draw(axes: Any, front: LabelledFront, i: int, j: int, colour: str, marker: str) -> None:
    label = f"{front.label}: {len(front.points)} designs{_band(front)}"
    axes.scatter(front.points[:, i], front.points[:, j], s=22, color=colour, marker=marker, alpha=0.75, label=label)
    if len(front.points):
        k = knee(front.points)
        if front.bands is not None and np.any(front.bands[k, [i, j]] > 0.0):
            at, bars = front.points[k], front.bands[k]
            axes.errorbar(at[i], at[j], xerr=bars[i], yerr=bars[j], fmt="none", ecolor=colour, alpha=0.4, capsize=4)
        axes.scatter(
            front.points[k, i], front.points[k, j], s=130, facecolors="none", edgecolors=colour, linewidths=1.6
        )


def _band(front: LabelledFront) -> str:
    """What uncertain prices make of the knee, for the legend: a band is mostly common to all designs of a front."""
    if front.bands is None or not np.any(front.bands):
        return ""
    bars = zip(front.objectives, front.bands[knee(front.points)], strict=True)
    known = [f"{readable(o.name)} +-{bar:.3g} {readable_unit(o.unit)}" for o, bar in bars if bar > 0.0]
    return f" (prices: {', '.join(known)})"


def history_figure(history: Sequence[Mapping[str, Any]]) -> Figure:
    """Hypervolume and feasible candidates over the steps, one line a program."""
    figure = Figure(figsize=(9.0, 3.6), layout="constrained")
    left, right = figure.subplots(1, 2)
    programs = list(dict.fromkeys(str(row.get("program", "")) for row in history))
    for index, program in enumerate(programs):
        rows = [row for row in history if str(row.get("program", "")) == program]
        steps = [row["step"] for row in rows]
        colour = COLOURS[index % len(COLOURS)]
        left.plot(steps, [row["hypervolume"] for row in rows], color=colour, label=program or None)
        right.plot(steps, [row["feasible"] for row in rows], color=colour)
    left.set_ylabel("hypervolume of the exact front")
    right.set_ylabel("feasible candidates")
    for axes in (left, right):
        axes.set_xlabel("step")
        axes.grid(True, linewidth=0.4, alpha=0.5)
    if len(programs) > 1:
        left.legend(frameon=False, fontsize=8)
    return figure
