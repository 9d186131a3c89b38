"""Maps of the reference units for the vehicle validations: stored ones of our own drive-unit model, else data sheets.

A stored map is `references/unit_maps/NAME.json`: `top_speed_rad_per_s` and `top_torque_nm` of the axle; over even
speeds from 0 and even torques from -top to top `loss_w` (S, T); over the speeds `peak_torque_nm`,
`braking_torque_nm` and `drag_torque_nm` (S,), the last of the unit that turns along unpowered. Where a unit has none
yet, the standard losses of `edu_opt.vehicle.generic_unit` stand in, and the scripts say so.
"""

from __future__ import annotations

import json
from pathlib import Path

import jax.numpy as jnp
import numpy as np

from edu_opt.vehicle.reference_units import UNIT_SHEETS
from edu_opt.vehicle.unit_drag import ESTIMATED_DRAG, UnitDrag, fitted_drag
from edu_opt.vehicle.unit_map import UnitMap, from_points

FOLDER = Path(__file__).resolve().parent / "references" / "unit_maps"


def write_map(
    path: Path, top_speed: float, top_torque: float, loss: np.ndarray, peak: np.ndarray, drag: np.ndarray
) -> None:
    """Store a map: losses (S, T) [W], peak torque (S,) [N m] both ways, drag torque (S,) [N m]; see above."""
    stored = {
        "top_speed_rad_per_s": top_speed,
        "top_torque_nm": top_torque,
        "loss_w": np.asarray(loss).round(2).tolist(),
        "peak_torque_nm": np.asarray(peak).round(2).tolist(),
        "braking_torque_nm": np.asarray(peak).round(2).tolist(),
        "drag_torque_nm": np.asarray(drag).round(4).tolist(),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(stored))


def reference_map(name: str, folder: Path = FOLDER) -> tuple[UnitMap, UnitDrag, str]:
    """(map, drag that the coast-down contains, what they rest on) of a reference unit."""
    path = folder / f"{name}.json"
    if not path.is_file():
        sheet = UNIT_SHEETS[name]
        return sheet.generic_map(), ESTIMATED_DRAG[sheet.magnets], "data sheet, standard losses"
    stored = json.loads(path.read_text())
    top = stored["top_speed_rad_per_s"]
    unit = from_points(
        top,
        stored["top_torque_nm"],
        jnp.asarray(stored["loss_w"]),
        jnp.asarray(stored["peak_torque_nm"]),
        jnp.asarray(stored["braking_torque_nm"]),
    )
    drag = np.asarray(stored["drag_torque_nm"])
    speeds = np.linspace(0.0, top, len(drag))
    return unit, fitted_drag(speeds[1:], drag[1:], f"model of {name}"), "drive-unit model"
