"""Outlines of the layered rotors among the reference machines, in mm, half a pole from the d axis (+x).

Corners are retyped, to 0.01 mm, from pyleecan's machine files (Eomys/pyleecan, Data/Machine/BMW_i3.json and
Jaguar_I_Pace.json; Apache-2.0), which were drawn from photographs of taken-apart motors; radii are drawn straight.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import jax.numpy as jnp
import numpy as np

from edu_opt.motor.barriers import Barrier, LayeredRotor

MILLIMETRE = 1e-3
Points = tuple[tuple[float, float], ...]


@dataclasses.dataclass(frozen=True)
class LayerOutline:
    """One barrier as in `LayeredRotor` [mm]: borders of centre and arm, tip, feet of the knee; `magnet` is the half
    length of a magnet across the d axis (0: none)."""

    barrier: Barrier
    inner_centre: Points
    inner_arm: Points
    outer_centre: Points
    outer_arm: Points
    tip: Points
    knee_feet: tuple[float, float]
    magnet: float = 0.0


_RIBBED = Barrier(centre="magnet", rib=True)
_ARM = Barrier(centre="iron")

BMW_I3: tuple[LayerOutline, ...] = (
    LayerOutline(
        _RIBBED,
        inner_centre=((86.49, 0.0), (86.49, 6.89), (86.50, 7.44)),
        inner_arm=((86.50, 7.44), (88.07, 7.43)),
        outer_centre=((83.51, 0.0), (83.51, 6.975), (84.04, 7.49), (83.47, 8.06), (83.72, 8.75)),
        outer_arm=((83.72, 8.75), (87.72, 9.77)),
        tip=((88.07, 7.43), (88.06, 9.48), (87.72, 9.77)),
        knee_feet=(7.71, 2.366),
        magnet=6.89,
    ),
    LayerOutline(
        _ARM,
        inner_centre=((82.01, 0.0), (82.01, 9.63)),
        inner_arm=((82.01, 9.63), (87.77, 11.90)),
        outer_centre=((81.19, 0.0), (81.19, 10.71)),
        outer_arm=((81.19, 10.71), (81.64, 10.71), (87.45, 13.02)),
        tip=((87.77, 11.90), (87.45, 13.02)),
        knee_feet=(9.63, 0.457),
    ),
    LayerOutline(
        _ARM,
        inner_centre=((80.60, 0.0), (80.60, 11.60)),
        inner_arm=((80.60, 11.60), (87.41, 14.59)),
        outer_centre=((79.50, 0.0), (79.50, 12.75)),
        outer_arm=((79.50, 12.75), (80.01, 12.75), (87.13, 15.64)),
        tip=((87.41, 14.59), (87.13, 15.64)),
        knee_feet=(11.60, 0.517),
    ),
    LayerOutline(
        _RIBBED,
        inner_centre=((77.72, 0.0), (77.72, 12.24), (77.74, 13.20)),
        inner_arm=((77.74, 13.20), (77.77, 13.20), (86.68, 18.55)),
        outer_centre=((71.66, 0.0), (71.66, 12.30), (72.19, 13.47), (71.70, 14.34), (71.65, 16.62)),
        outer_arm=((71.65, 16.62), (86.15, 20.37)),
        tip=((86.68, 18.55), (86.15, 20.37)),
        knee_feet=(13.58, 5.036),
        magnet=12.24,
    ),
)
# The air at the ends of the two inner magnets (half circles of 1.3 mm) is joined to the arms behind the ribs, which
# keep their least width of 1.1 mm; the outermost magnet lies 0.2 mm deeper than drawn, else the grid folds under the
# bridge.
JAGUAR_I_PACE: tuple[LayerOutline, ...] = (
    LayerOutline(
        Barrier(centre="magnet"),
        inner_centre=((65.84, 0.0), (65.84, 10.80)),
        inner_arm=((65.84, 10.80), (65.99, 12.10)),
        outer_centre=((62.35, 0.0), (62.35, 10.49), (63.05, 12.20)),
        outer_arm=((63.05, 12.20), (64.50, 13.18)),
        tip=((65.99, 12.10), (65.40, 12.90), (64.50, 13.18)),
        knee_feet=(11.2, 0.6),
        magnet=10.49,
    ),
    LayerOutline(
        _RIBBED,
        inner_centre=((57.47, 0.0), (57.47, 10.47), (56.74, 11.57)),
        inner_arm=((56.74, 11.57), (56.77, 14.17), (65.16, 16.08)),
        outer_centre=((53.81, 0.0), (53.81, 10.47), (53.78, 11.57), (53.22, 14.79)),
        outer_arm=((53.22, 14.79), (64.04, 20.00)),
        tip=((65.16, 16.08), (64.04, 20.00)),
        knee_feet=(11.57, 0.5),
        magnet=10.47,
    ),
    LayerOutline(
        _RIBBED,
        inner_centre=((48.93, 0.0), (48.93, 10.54), (48.45, 11.57)),
        inner_arm=((48.45, 11.57), (48.45, 15.68), (63.17, 22.09)),
        outer_centre=((45.39, 0.0), (45.39, 10.54), (45.39, 11.57), (44.45, 11.57), (44.25, 17.05)),
        outer_arm=((44.25, 17.05), (62.14, 24.24)),
        tip=((63.17, 22.09), (62.14, 24.24)),
        knee_feet=(11.57, 0.5),
        magnet=10.54,
    ),
)


def layered_rotor(layers: Sequence[LayerOutline], outer_radius: float, shaft_radius: float) -> LayeredRotor:
    """Rotor [m] of outlines and radii [mm]."""
    borders = ("inner_centre", "inner_arm", "outer_centre", "outer_arm", "tip")
    count = max(len(getattr(layer, name)) for layer in layers for name in borders)
    lines = {
        name: jnp.asarray([_with_points(getattr(layer, name), count) for layer in layers]) * MILLIMETRE
        for name in borders
    }
    magnets = [[[0.0, layer.magnet]] * 2 for layer in layers]
    return LayeredRotor(
        **lines,
        outer_radius=jnp.asarray(outer_radius * MILLIMETRE),
        shaft_radius=jnp.asarray(shaft_radius * MILLIMETRE),
        knee_feet=jnp.asarray([layer.knee_feet for layer in layers]) * MILLIMETRE,
        centre_magnet=jnp.asarray(magnets) * MILLIMETRE,
        arm_magnet=jnp.zeros((len(layers), 2, 2)),
        post_width=jnp.zeros((len(layers), 2)),
    )


def _with_points(line: Points, count: int) -> np.ndarray:
    """The same polyline with `count` points: its longest sides are halved."""
    points = np.asarray(line)
    while len(points) < count:
        widest = int(np.argmax(np.hypot(*np.diff(points, axis=0).T)))
        points = np.insert(points, widest + 1, points[widest : widest + 2].mean(0), axis=0)
    return points
