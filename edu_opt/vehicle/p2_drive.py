"""Electric driving of the P2 plug-in hybrids, as reference for an electric axle: disc motor, automatic gearbox, axles.

The disc motor sits between engine clutch and gearbox, so all electric driving goes through the steps of the automatic.
The map (`UnitMap` at the wheels, in all axles together) has at every point the gear of least loss. Motor losses are
those of a data sheet (`generic_unit`); gearbox, transfer box and axle drives take the share that the engine's way has
(`phev.TRANSMISSION_EFFICIENCY`). Host side: a table, frozen data.
"""

from __future__ import annotations

import dataclasses

import jax
import jax.numpy as jnp

from edu_opt.numerics.constants import RPM
from edu_opt.numerics.pytree import replace
from edu_opt.vehicle.generic_unit import generic_unit
from edu_opt.vehicle.model import NEVER, Vehicle, axle_positions
from edu_opt.vehicle.phev import TRANSMISSION_EFFICIENCY
from edu_opt.vehicle.unit_map import UnitMap, sampled, torque_limits, unit_loss

# ZF 8HP of the second generation (maker's data, recalled): eight steps.
EIGHT_STEPS = (5.000, 3.200, 2.143, 1.720, 1.314, 1.000, 0.822, 0.640)
OUT_OF_REACH = 1e6  # W, on top of the loss of a gear that cannot do a point
SHAPE = (33, 49)


@dataclasses.dataclass(frozen=True)
class P2Drive:
    """Peak power [kW], torque [N m] and top speed [rpm] of the disc motor; final drive ratio."""

    power_kw: float
    torque_nm: float
    top_speed_rpm: float
    final_drive: float
    source: str


ASSUMED = "; torque and top speed as commonly stated, not checked (ASSUMED)"
P2_DRIVES: dict[str, P2Drive] = {
    "range_rover_phev": P2Drive(85.0, 275.0, 6500.0, 3.73, "power: OCTANE_RR; final drive: EPA22" + ASSUMED),
    "land_rover_defender_phev": P2Drive(105.0, 275.0, 6500.0, 3.55, "power: KENT_DEF; final drive: EPA22" + ASSUMED),
    "bmw_x5_phev": P2Drive(83.0, 265.0, 7000.0, 3.63, "power: ZAP_X5; final drive: EPA22" + ASSUMED),
}


def p2_car(car: Vehicle) -> Vehicle:
    """A named plug-in hybrid as its P2 motor drives it: at any speed, and through the transfer box by all wheels, so
    that slip goes with the whole weight (the entry has an electric rear axle in its place)."""
    axle, rear_load = car.axles[0], axle_positions(car)[0][0]
    return replace(car, axles=(replace(axle, disconnect_speed=NEVER),), slip_stiffness=car.slip_stiffness / rear_load)


def p2_map(drive: P2Drive, steps: tuple[float, ...] = EIGHT_STEPS, share: float = TRANSMISSION_EFFICIENCY) -> UnitMap:
    """Map of the whole electric drive at the wheels; share: efficiency from the motor to the wheels."""
    ratios = tuple(step * drive.final_drive for step in steps)
    top = drive.top_speed_rpm * RPM
    motor = generic_unit(drive.power_kw * 1e3, drive.torque_nm, 1.0, top)

    def in_gear(ratio: float, torque: jax.Array, speed: jax.Array) -> jax.Array:
        wanted = jnp.where(torque > 0.0, torque / share, torque * share) / ratio
        turning = speed * ratio
        peak = torque_limits(motor, turning)[0]
        beyond = (turning > 1.001 * top) | (jnp.abs(wanted) > 1.001 * peak)
        lost = unit_loss(motor, jnp.clip(wanted, -peak, peak), turning) + jnp.abs(wanted * ratio - torque) * speed
        return lost + OUT_OF_REACH * beyond

    def loss(torque: jax.Array, speed: jax.Array) -> jax.Array:
        return jnp.min(jnp.stack([in_gear(ratio, torque, speed) for ratio in ratios]), axis=0)

    def limit(speed: jax.Array) -> jax.Array:
        able = [torque_limits(motor, speed * r)[0] * r * (speed * r <= 1.001 * top) for r in ratios]
        return share * jnp.max(jnp.stack(able), axis=0)

    fastest = top / ratios[-1]
    strongest = share * drive.torque_nm * ratios[0]
    unit = sampled(loss, limit, limit, fastest, strongest, SHAPE)
    turning = jnp.linspace(0.0, 1.0, SHAPE[0]) * fastest
    torques = jnp.linspace(-1.0, 1.0, SHAPE[1]) * strongest
    reached = jnp.clip(torques[None, :], -limit(turning)[:, None], limit(turning)[:, None])
    table = loss(reached.ravel(), jnp.repeat(turning, SHAPE[1])).reshape(SHAPE)
    return replace(unit, loss=table)
