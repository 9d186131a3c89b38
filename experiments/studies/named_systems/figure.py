"""Fronts of all systems with the point of the real unit."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from edu_opt.report.figures import save_png
from edu_opt.report.fronts import LabelledFront

COST, ENERGY, MASS = "unit_cost", "energy_wltc", "unit_mass"


def fronts_figure(fronts: Mapping[str, LabelledFront | None], points: Mapping[str, Mapping[str, Any]]) -> Figure:
    """One panel a system: cost over energy, colour is the unit's mass; the star is the real (or stand-in) unit."""
    count = len(fronts)
    columns = min(count, 4)
    rows = -(-count // columns)
    figure = Figure(figsize=(4.2 * columns, 3.8 * rows), layout="constrained")
    panels = np.atleast_1d(figure.subplots(rows, columns, squeeze=False)).ravel()
    for panel in panels[count:]:
        panel.set_axis_off()
    for panel, (name, front) in zip(panels, fronts.items(), strict=False):
        panel.set_title(name, fontsize=9)
        panel.set_xlabel("WLTC energy Wh/km")
        panel.set_ylabel("unit cost EUR")
        panel.grid(True, linewidth=0.4, alpha=0.5)
        if front is not None and len(front.points):
            order = [objective.name for objective in front.objectives]
            cost, energy, mass = (front.points[:, order.index(key)] for key in (COST, ENERGY, MASS))
            drawn = panel.scatter(energy, cost, c=mass, s=24, cmap="viridis")
            figure.colorbar(drawn, ax=panel, label="unit mass kg")
        point = points.get(name)
        if point is not None:
            at = point["objectives"]
            label = f"{point['unit']}, {at[MASS]:.0f} kg" + ("" if point["own"] else " (stands in)")
            panel.scatter([at[ENERGY]], [at[COST]], marker="*", s=160, color="#c8501e", label=label)
            panel.legend(fontsize=7, frameon=False)
    return figure


def draw(fronts: Mapping[str, LabelledFront | None], points: Mapping[str, Mapping[str, Any]], path: Path) -> None:
    """Write the figure."""
    save_png(fronts_figure(fronts, points), path)
