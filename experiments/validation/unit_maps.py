"""Maps of the reference units for the vehicle validations: stored ones of our own drive-unit model, else data sheets.

A stored map is `references/unit_maps/NAME.json`, reproduced by `references.make_unit_maps`: `top_speed_rad_per_s` and
`top_torque_nm` of the axle; over even speeds from 0 and even torques from -top to top `loss_w` (S, T); over the speeds
`peak_torque_nm`, `braking_torque_nm`, and `motor_drag_torque_nm` and `gearbox_drag_torque_nm` (S,) of the unit that
turns along unpowered. Where a unit has none, the standard losses of `edu_opt.vehicle.generic_unit` stand in, and the
scripts say so.
"""

from __future__ import annotations

import json
from pathlib import Path

import jax.numpy as jnp
import numpy as np

from edu_opt.vehicle.reference_units import UNIT_SHEETS
from edu_opt.vehicle.unit_drag import ESTIMATED_DRAG, UnitDrag, fitted_drag
from edu_opt.vehicle.unit_map import UnitMap, from_points

DRAG_SPEED = 120.0  # rad/s, of the axle: 150 km/h, the range of `UnitDrag`
FOLDER = Path(__file__).resolve().parent / "references" / "unit_maps"


def write_map(
    path: Path,
    top_speed: float,
    top_torque: float,
    loss: np.ndarray,
    peak: np.ndarray,
    motor_drag: np.ndarray,
    gearbox_drag: np.ndarray,
) -> None:
    """Store a map: losses (S, T) [W], peak torque (S,) [N m] both ways, drag torques (S,) [N m]; see above."""
    stored = {
        "top_speed_rad_per_s": top_speed,
        "top_torque_nm": top_torque,
        "loss_w": np.asarray(loss).round(2).tolist(),
        "peak_torque_nm": np.asarray(peak).round(2).tolist(),
        "braking_torque_nm": np.asarray(peak).round(2).tolist(),
        "motor_drag_torque_nm": np.asarray(motor_drag).round(4).tolist(),
        "gearbox_drag_torque_nm": np.asarray(gearbox_drag).round(4).tolist(),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(stored) + "\n")


def reference_map(name: str, folder: Path = FOLDER, motor_drags: bool | None = None) -> tuple[UnitMap, UnitDrag, str]:
    """(map, drag that the coast-down contains, what they rest on) of a reference unit.

    motor_drags: the car coasted with an open circuit, the motor's drag on the shaft; False: its inverter held the shaft
    free of torque, so that gears alone dragged; None: the first without magnets, the second with them
    (`edu_opt.vehicle.unit_drag`).
    """
    path = folder / f"{name}.json"
    sheet = UNIT_SHEETS[name]
    motor_drags = not sheet.magnets if motor_drags is None else motor_drags
    if not path.is_file():
        return sheet.generic_map(), ESTIMATED_DRAG[sheet.magnets and motor_drags], "data sheet, standard losses"
    stored = json.loads(path.read_text())
    unit = from_points(
        stored["top_speed_rad_per_s"],
        stored["top_torque_nm"],
        jnp.asarray(stored["loss_w"]),
        jnp.asarray(stored["peak_torque_nm"]),
        jnp.asarray(stored["braking_torque_nm"]),
    )
    motor, gearbox = (np.asarray(stored[f"{part}_drag_torque_nm"]) for part in ("motor", "gearbox"))
    speeds = np.linspace(0.0, stored["top_speed_rad_per_s"], len(gearbox))
    road = (speeds > 0.0) & (speeds <= DRAG_SPEED)
    drag = fitted_drag(speeds[road], (gearbox + motor_drags * motor)[road], f"model of {name}")
    return unit, drag, "drive-unit model"
