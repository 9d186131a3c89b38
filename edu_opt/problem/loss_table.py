"""Every loss by itself in four modes: over the cycle, at launch torque, at the end of the peak curve, continuous."""

from __future__ import annotations

import dataclasses

import jax
import jax.numpy as jnp

from edu_opt.drive_unit.operating_point import OperatingPoint
from edu_opt.problem.data import StudyData
from edu_opt.vehicle.model import axle_counts

Scalars = dict[str, jax.Array]
NOT_LOSSES = ("junction_celsius_switch", "junction_celsius_diode", "temperature_residual")


def named_losses(point: OperatingPoint) -> Scalars:
    """Losses [W] by `PART.NAME_loss`; shapes of the point."""
    parts = {"motor": point.motor_losses, "inverter": point.inverter_losses, "gearbox": point.gearbox_losses}
    return {
        f"{part}.{field.name}_loss": getattr(losses, field.name)
        for part, losses in parts.items()
        for field in dataclasses.fields(losses)  # type: ignore[arg-type]
        if field.name not in NOT_LOSSES
    }


def losses_by_mode(cycle: OperatingPoint, peak: OperatingPoint, lasting: OperatingPoint, data: StudyData) -> Scalars:
    """Columns `PART.NAME_loss_MODE_UNIT`: [Wh/km] of all units of the car over the cycle, [W] of one unit otherwise.

    Points (rows, K) of the cycle as they are driven, the peak curve (S,), the continuous point; pumps stand apart."""
    first, last = (jax.tree.map(lambda leaf, k=k: leaf[k], peak) for k in (0, -1))
    units = jnp.sum(axle_counts(data.vehicle)) / cycle.shortfall.shape[0]
    per_distance = units * data.duty.duration / data.duty.distance / 3.6
    found = {f"{k}_cycle_wh_per_km": jnp.sum(loss * per_distance) for k, loss in named_losses(cycle).items()}
    for mode, point in {"launch_10s": first, "fastest_10s": last, "30min": lasting}.items():
        found |= {f"{k}_{mode}_w": jnp.asarray(loss) for k, loss in named_losses(point).items()}
    return found
