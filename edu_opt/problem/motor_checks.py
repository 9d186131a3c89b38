"""What a motor does when something fails, and where it resonates: results, and requirements for who wants them.

Shares are over what stands against them, so that a limit of 1 is the usual one. Uncontrolled generation is judged with
cold magnets (they are strongest), or with the field flux that an eesm keeps just after its inverter blocks.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from edu_opt.drive_unit.model import DriveUnit
from edu_opt.drive_unit.operating_point import OperatingPoint
from edu_opt.gearbox.model import highest_motor_speed, ratio
from edu_opt.inverter.model import phase_current_limit
from edu_opt.motor.critical_speed import critical_speed
from edu_opt.motor.demagnetization import demagnetization_corners
from edu_opt.motor.faults import (
    ShortCircuit,
    back_emf,
    blocked_field_current,
    field_decay,
    steady_short_circuit,
    transient_short_circuit,
)
from edu_opt.motor.mass import motor_dimensions, rotor_inertia
from edu_opt.motor.model import MAP_MAGNET_CELSIUS
from edu_opt.motor.noise import lowest_force_order, ring_frequency, stator_ring
from edu_opt.motor.parts import Motor
from edu_opt.motor.ripple import peak_to_peak, torque_ripple_share
from edu_opt.motor.strength import OVERSPEED
from edu_opt.numerics.smooth import soft_maximum
from edu_opt.problem.data import StudyData

COLD_CELSIUS = -40.0  # degC, coldest start (assumed)
# Electrical time orders of radial forces: the lowest that pulsates (spatial order 0) in a three-phase machine, and the
# lowest of all waves that turn.
PULSATING_ORDER, TURNING_ORDER = 6.0, 2.0
# Speeds over the top speed among which the largest braking torque of a short is sought: steps by 1.7, within 4 % of a
# peak of the form 2 x / (1 + x^2); soft maximum over them, as a share of it.
BRAKING_SPEEDS = np.geomspace(0.002, 1.0, 13)
BRAKING_WIDTH = 0.01

Scalars = dict[str, jax.Array]


def motor_checks(unit: DriveUnit, data: StudyData, launch: OperatingPoint, fastest: OperatingPoint) -> Scalars:
    """Checks by name from the peak curve's first point and its fastest one."""
    top = highest_motor_speed(unit.gearbox, data.top_speed / data.vehicle.wheel_radius)
    motor, size = unit.motor, motor_dimensions(unit.motor)
    sizes = {
        "rotor_inertia": rotor_inertia(motor),
        "end_winding_overhang": size.end_winding_overhang * 1e3,
    }
    return faults(unit, data, launch, fastest, top) | modes(motor, top) | ripple(motor) | sizes


def modes(motor: Motor, top: jax.Array) -> Scalars:
    """Natural frequencies of rotor and stator over what excites them at the motor's top speed [rad/s]."""
    ring, frequency = stator_ring(motor), motor.pole_pairs * top / (2.0 * jnp.pi)
    turning = ring_frequency(ring, lowest_force_order(motor.lamination))
    return {
        "critical_speed_ratio": critical_speed(motor) / (OVERSPEED * top),
        "breathing_mode_ratio": ring_frequency(ring, 0.0) / (PULSATING_ORDER * frequency),
        "ring_mode_ratio": turning / (TURNING_ORDER * frequency),
    }


def ripple(motor: Motor) -> Scalars:
    """Torque ripple and cogging [N m] where the fields hold samples of them: where a requirement asks for it."""
    found, samples = {}, motor.lamination_map.ripple
    if samples.load is not None:
        found["torque_ripple_share"] = torque_ripple_share(samples.load)
    if samples.no_load is not None:
        found["cogging_torque"] = motor.stack_length * peak_to_peak(samples.no_load)
    return found


def shorts(
    motor: Motor, top: jax.Array, field: jax.Array, held: jax.Array, winding_celsius: jax.Array, cold: jax.Array
) -> tuple[ShortCircuit, jax.Array]:
    """Steady short at the top speed [rad/s] with a field current [A]; largest braking torque [N m] over speed of
    a short on demand, the field held: one batch (`faults.largest_braking` is exact and compiles for longer)."""
    speeds = top * jnp.append(jnp.asarray(BRAKING_SPEEDS), 1.0)
    fields = jnp.append(jnp.broadcast_to(held, len(BRAKING_SPEEDS)), field)
    found = jax.vmap(lambda speed, i: steady_short_circuit(motor, speed, i, winding_celsius, cold))(speeds, fields)
    torque = -found.torque[:-1]
    scale = jax.lax.stop_gradient(jnp.max(torque)) + 1e-3
    return jax.tree.map(lambda leaf: leaf[-1], found), soft_maximum(torque, BRAKING_WIDTH * scale)


def faults(
    unit: DriveUnit, data: StudyData, launch: OperatingPoint, fastest: OperatingPoint, top: jax.Array
) -> Scalars:
    """Faults of a motor that excites itself (magnets or field winding); zeros (margin: 1) for the others."""
    motor, none = unit.motor, jnp.zeros(())
    if not (unit.has_field_winding or motor.lamination.template.has_magnets):
        shares = ("back_emf_share", "short_circuit_current_share", "short_circuit_peak_share", "field_decay_time")
        rest = {"short_circuit_braking": none, "short_circuit_braking_largest": none}
        rest["demagnetization_margin_short"] = jnp.ones(())
        return dict.fromkeys(shares, none) | rest
    limit, hot = phase_current_limit(unit.inverter), data.ratings.rotor_continuous_celsius
    cold = jnp.asarray(COLD_CELSIUS)
    decay, field, held = none, none, none
    if unit.has_field_winding:
        cold = jnp.asarray(MAP_MAGNET_CELSIUS)
        field, held = blocked_field_current(motor, fastest.currents), launch.currents[2]
        decay = field_decay(motor, top, field, hot, data.ratings.dc_voltage).time_to_limit
    short, largest = shorts(motor, top, field, held, data.ratings.winding_continuous_celsius, cold)
    corner = demagnetization_corners(motor, hot, limit, launch.currents)
    return {
        "back_emf_share": back_emf(motor, top, field, cold) / unit.inverter.device.blocking_voltage,
        "short_circuit_current_share": short.current / limit,
        "short_circuit_braking": -short.torque * ratio(unit.gearbox),
        "short_circuit_braking_largest": largest * ratio(unit.gearbox),
        "short_circuit_peak_share": -transient_short_circuit(motor, launch.currents, cold)[0] / limit,
        "field_decay_time": decay,
        "demagnetization_margin_short": corner.short,
    }
