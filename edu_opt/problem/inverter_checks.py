"""What may refuse an inverter: stall, power-cycling life over the cycle, DC-link capacitor, field supply; its parts.

Stall is a fixed electrical angle at which one leg carries the peak current. Launch: the current of the 10 s launch
torque for 1 s, as against a kerb. Hill hold: the gross mass on 20 % (the gradient of the parking brake in UN R13-H
5.2.2, recalled) held by torque alone for 20 s; the phase current goes with torque where magnets or a field winding
excite, with its root where the stator does. Control lowers the carrier at stall: 4 kHz, the slowest of the design space
(assumed).
"""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp

from edu_opt.drive_unit.model import DriveUnit
from edu_opt.drive_unit.operating_point import OperatingPoint
from edu_opt.inverter.dc_link import CAPACITOR_LIMIT_CELSIUS, capacitor_celsius, filter_volume
from edu_opt.inverter.exciter import brush_field_exciter, field_voltage_ratio
from edu_opt.inverter.model import (
    busbar_mass,
    direct_current_rating,
    emi_filter_mass,
    inverter_volume,
)
from edu_opt.inverter.modulation import capacitor_current
from edu_opt.inverter.ratings import DutyPoints, cycle_life_at, stall_margin
from edu_opt.motor.excitation import field_resistance
from edu_opt.numerics.constants import STANDARD_GRAVITY
from edu_opt.numerics.smooth import soft_maximum, soft_minimum
from edu_opt.problem.data import StudyData

LAUNCH_SECONDS, HOLD_SECONDS = 1.0, 20.0
HOLD_GRADE = 0.20
STALL_CARRIER = 4e3  # Hz
LONGEST_LIFE = 1e6  # h, up to which a life is told apart
LIFE_WIDTH = 0.05  # of the logarithm, soft minimum of the chips
NO_FIELD = 2.0  # ratio of a unit without a field winding: its requirement is kept
FIELD_WIDTH = 0.1  # A, soft maximum over the peak curve

Scalars = dict[str, jax.Array]


def inverter_limits(unit: DriveUnit, data: StudyData, peak: OperatingPoint, steady: OperatingPoint) -> Scalars:
    """What every inverter keeps, by name, from the peak curve (S,) and the continuous point; its parts."""
    return capacitor(unit, data, steady) | field_supply(unit, data, peak) | parts(unit)


def inverter_endurance(unit: DriveUnit, data: StudyData, cycle: OperatingPoint, launch: OperatingPoint) -> Scalars:
    """Stall and cycling life by name, from the cycle's points (rows, K) and the launch point."""
    return stall(unit, data, launch) | {"junction_cycling_life": cycling_life(unit, data, cycle)}


def stall(unit: DriveUnit, data: StudyData, launch: OperatingPoint) -> Scalars:
    """Kelvin left to the junction limit after launch at stall and after hill hold."""
    r, vehicle = data.ratings, data.vehicle
    share = jnp.max(jnp.stack([jnp.asarray(axle.share / axle.count) for axle in vehicle.axles]))
    slope = math.sin(math.atan(HOLD_GRADE))
    held = vehicle.gross_mass * STANDARD_GRAVITY * slope * vehicle.wheel_radius * share / launch.output_torque
    excited = unit.has_field_winding or unit.motor.lamination.template.has_magnets
    current = launch.current * (held if excited else jnp.sqrt(held))

    def margin(amperes: jax.Array, seconds: jax.Array) -> jax.Array:
        return stall_margin(unit.inverter, amperes, r.dc_voltage, r.coolant_celsius, seconds, STALL_CARRIER)

    times = jnp.array([LAUNCH_SECONDS, HOLD_SECONDS])
    at_launch, at_hold = jax.vmap(margin)(jnp.stack([launch.current, current]), times)  # one trace of the network
    return {"stall_junction_margin_launch": at_launch, "stall_junction_margin_hold": at_hold}


def cycling_life(unit: DriveUnit, data: StudyData, cycle: OperatingPoint) -> jax.Array:
    """Hours of the vehicle's cycle until the first junction fails, of the unit that works hardest; standstill counts as
    a point at the coolant's temperature. Long lives are bent to `LONGEST_LIFE`."""
    duty, coolant = data.duty, data.ratings.coolant_celsius
    share = jnp.append(duty.duration, duty.standstill) / duty.time

    def logarithms(points: OperatingPoint) -> jax.Array:
        """Of the hours of (switch, diode)."""
        hot = points.inverter_losses.junction_celsius_switch, points.inverter_losses.junction_celsius_diode
        at_rest = jnp.reshape(coolant, (1,))
        found = cycle_life_at(
            unit.inverter,
            DutyPoints(
                current_peak=jnp.append(points.current, 0.0),
                modulation_index=jnp.append(points.modulation_index, 0.0),
                power_factor=jnp.append(points.power_factor, 1.0),
                dc_voltage=jnp.full(share.size, data.ratings.dc_voltage),
                output_frequency=jnp.append(unit.motor.pole_pairs * points.shaft_speed / (2.0 * jnp.pi), 0.0),
                share=share,
            ),
            jnp.stack([jnp.concatenate([side, at_rest]) for side in hot], axis=1),
        )
        return -jnp.log(3600.0 * jnp.stack([found.switch_damage, found.diode_damage]) + 1.0 / LONGEST_LIFE)

    return jnp.exp(soft_minimum(jnp.ravel(jax.vmap(logarithms)(cycle)), LIFE_WIDTH))


def capacitor(unit: DriveUnit, data: StudyData, steady: OperatingPoint) -> Scalars:
    """Ripple current and hot spot of the DC link at the continuous point, on a plate of the coolant's temperature."""
    inverter = unit.inverter
    ripple = capacitor_current(steady.modulation_index, steady.power_factor, steady.current)
    hot = capacitor_celsius(inverter.capacitance, inverter.rated_voltage, ripple, data.ratings.coolant_celsius)
    return {
        "capacitor_ripple_current_30min": ripple,
        "capacitor_temperature_30min": hot,
        "capacitor_temperature_margin": CAPACITOR_LIMIT_CELSIUS - hot,
    }


def field_supply(unit: DriveUnit, data: StudyData, peak: OperatingPoint) -> Scalars:
    """Largest field current of the peak curve, and the voltage that its exciter has over what the hot field needs."""
    if not unit.has_field_winding:
        return {"field_current_10s": jnp.zeros(()), "field_voltage_ratio": jnp.asarray(NO_FIELD)}
    motor, celsius = unit.motor, data.ratings.rotor_continuous_celsius
    current = soft_maximum(peak.currents[:, 2], FIELD_WIDTH)
    resistance = field_resistance(motor.field_winding, motor.dimensions, motor.stack_length, celsius)
    exciter = unit.inverter.exciter or brush_field_exciter()
    ratio = field_voltage_ratio(exciter, current, resistance, data.ratings.dc_voltage)
    return {"field_current_10s": current, "field_voltage_ratio": ratio}


def parts(unit: DriveUnit) -> Scalars:
    """Masses [kg] and volumes [l] of what stands around the power module."""
    inverter = unit.inverter
    return {
        "emi_filter_mass": emi_filter_mass(inverter),
        "emi_filter_volume": filter_volume(direct_current_rating(inverter)) * 1e3,
        "busbar_mass": busbar_mass(inverter),
        "inverter_volume": inverter_volume(inverter) * 1e3,
    }
