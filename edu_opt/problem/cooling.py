"""Temperatures and loops among the results: short peaks, the continuous point, the mean of the cycle.

One unit's loops see one unit's heat; the radiator's conductance is what the vehicle offers each unit.
"""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp

from edu_opt.drive_unit.conditions import Conditions
from edu_opt.drive_unit.cooling_loops import (
    CoolingLoops,
    LoopState,
    at_part_flow,
    cooling_derating,
    solve_loops,
)
from edu_opt.drive_unit.model import DriveUnit, cooling
from edu_opt.drive_unit.operating_point import OperatingPoint, gear_drag
from edu_opt.drive_unit.plant import safe_speed
from edu_opt.drive_unit.temperatures import UnitTemperatures, loop_temperatures, temperatures_after_load
from edu_opt.duty.duty_points import DutyPoints
from edu_opt.gearbox.heat_balance import OIL_SPAN, loss_at_oil
from edu_opt.motor.coolant_channel import CHANNEL_WALL, channel_length, pressure_drop
from edu_opt.motor.model import losses_at_temperatures
from edu_opt.motor.thermal import jacket_fluid, sink_response
from edu_opt.numerics.pytree import pytree, replace
from edu_opt.numerics.smooth import smooth_maximum, soft_maximum, soft_minimum
from edu_opt.problem.data import StudyData
from edu_opt.problem.operating_points import PEAK_DURATION, Points, conditions_at, hot_conditions, peak_rating

# Pumps run by demand: at this share of their flow on a cycle, whose losses are a fraction of the rated ones (assumed)
CYCLE_FLOW_SHARE = 0.5
ALLOWED_WIDTH = 0.005  # soft minimum of the loads that winding, rotor and junctions allow
POWER_WIDTH = 200.0  # W, soft maximum over the peak curve
LONG_PEAK_DURATION, HALF_HOUR = 30.0, 1800.0  # s

Scalars = dict[str, jax.Array]
GearLoss = Callable[[jax.Array], jax.Array]


@pytree
class GearLossTable:
    """Gearbox losses [W] of operating points of any shape (...) at three oil temperatures, `OIL_SPAN` apart."""

    cold: jax.Array
    given: jax.Array
    hot: jax.Array
    given_celsius: jax.Array

    def at(self, celsius: jax.Array) -> jax.Array:
        """Losses (...) [W] at an oil temperature [degC]."""
        return loss_at_oil((self.cold, self.given, self.hot), celsius - self.given_celsius)


def loops_of(data: StudyData) -> CoolingLoops:
    """The ratings' loops at full flow."""
    r = data.ratings
    return CoolingLoops(
        coolant_celsius=r.coolant_celsius,
        coolant_flow=r.coolant_flow,
        ambient_celsius=r.ambient_celsius,
        radiator_resistance=r.radiator_resistance,
        oil_celsius=r.oil_celsius,
        oil_held=r.oil_held,
        oil_cooler_conductance=r.oil_cooler_conductance,
    )


def gear_loss_tables(
    unit: DriveUnit, cycle: OperatingPoint, continuous: OperatingPoint, oil_celsius: jax.Array, mixed: bool
) -> tuple[GearLossTable, GearLossTable]:
    """Tables of the cycle's points (rows, K) and of the continuous point. `mixed` points are means over several ways to
    drive: their loss changes in proportion to that of one unit at the mean torque."""
    torque = jnp.append(cycle.output_torque.ravel(), continuous.output_torque)
    speed = jnp.append(cycle.output_speed.ravel(), continuous.output_speed)
    found = jnp.append(cycle.gearbox_losses.total.ravel(), continuous.gearbox_losses.total)

    def losses(above: jax.Array) -> jax.Array:
        return jax.vmap(lambda t, s: gear_drag(unit, t, s, oil_celsius + above)[0].total)(torque, speed)

    rows = jax.vmap(losses)(OIL_SPAN * jnp.array([-1.0, 1.0, 0.0] if mixed else [-1.0, 1.0]))
    scale = (found + 1e-6) / (rows[2] + 1e-6) if mixed else 1.0

    def table(part: slice | int, shape: tuple[int, ...]) -> GearLossTable:
        cold, hot, given = (row[part].reshape(shape) for row in (scale * rows[0], scale * rows[1], found))
        return GearLossTable(cold=cold, given=given, hot=hot, given_celsius=oil_celsius)

    return table(slice(0, -1), cycle.output_torque.shape), table(-1, ())


@pytree
class CycleLoops:
    """The cycle with its own oil: `points` (rows, K) with powers and losses at the loop's oil temperature, pumps not in
    them; `state` of the loops under the mean losses; `pump_power` [W] while the unit runs."""

    points: OperatingPoint
    state: LoopState
    pump_power: jax.Array


def cycle_loops(
    unit: DriveUnit, data: StudyData, points: OperatingPoint, duty: DutyPoints, gears: GearLossTable
) -> CycleLoops:
    """Loops under the mean losses of the cycle (thermal time constants are minutes), standstill included.

    Currents stay those of the given oil temperature: the gearbox's change of loss is added to the electrical power as
    it is (the motor's share in it, its marginal loss of some per cent, is left out).
    """
    at = conditions_at(data, data.ratings.cycle_celsius)
    share = duty.duration / (jnp.sum(duty.duration) + duty.standstill) / points.output_torque.shape[0]

    def mean(values: jax.Array) -> jax.Array:
        return jnp.sum(share * values)

    losses, loops = jax.tree.map(mean, points.motor_losses), at_part_flow(loops_of(data), CYCLE_FLOW_SHARE)
    flowing = replace(at, coolant_flow=loops.coolant_flow)
    speed = safe_speed(mean(points.shaft_speed))
    motor = sink_response(unit.motor, losses, at.temperatures, cooling(unit, flowing, speed), speed)
    electronics = mean(points.inverter_losses.total) + losses.exciter
    state = solve_loops(unit, loops, electronics, motor, lambda oil: mean(gears.at(oil)))
    change = gears.at(state.oil_celsius) - points.gearbox_losses.total
    warmed = replace(
        points,
        electrical_power=points.electrical_power + change,
        gearbox_losses=replace(points.gearbox_losses, bearing=points.gearbox_losses.bearing + change),
    )
    return CycleLoops(points=warmed, state=state, pump_power=state.pumps.electrical)


def cycle_scalars(found: CycleLoops) -> Scalars:
    """What the cycle's loops give as results."""
    return {
        "oil_temperature_cycle": found.state.oil_celsius,
        "heat_rejection_cycle": found.state.radiator_heat * 1e-3,
        "pump_power_cycle": found.pump_power,
    }


@pytree
class Heating:
    """Temperatures over time: the peak curve's first point after 10 s, all its points (S,) after 30 s, the continuous
    point after 30 min (from the coolant's temperature, UN R85) and in steady state with the state of the loops."""

    launch: UnitTemperatures
    peak: UnitTemperatures
    half_hour: UnitTemperatures
    steady: UnitTemperatures
    state: LoopState


def heating(unit: DriveUnit, data: StudyData, points: Points, gears: GearLossTable) -> Heating:
    """All transients are rows of one program; coolant and oil of the peaks are the ratings', of the 30 min those of
    the loops in steady state (they settle within minutes)."""
    hot, cold = hot_conditions(data), peak_rating(data).conditions
    steady, state = loop_temperatures(unit, points.continuous, hot, loops_of(data), gears.at)
    warm = replace(hot, coolant_celsius=state.jacket_celsius, oil_celsius=state.oil_celsius, temperatures=steady.motor)
    count, lasting = points.speeds.size, points.continuous
    speed = safe_speed(lasting.shaft_speed)
    losses = losses_at_temperatures(unit.motor, lasting.motor_losses, lasting.currents, speed, steady.motor)
    first = jax.tree.map(lambda leaf: leaf[None], (points.launch, replace(lasting, motor_losses=losses)))
    rows = jax.tree.map(lambda *leaves: jnp.concatenate(leaves), first[0], points.peak, first[1])
    at = jax.tree.map(lambda peak, last: jnp.append(jnp.full(1 + count, peak), last), cold, warm)
    begin = jax.tree.map(
        lambda peak: jnp.append(jnp.full(1 + count, peak), data.ratings.coolant_celsius), cold.temperatures
    )
    durations = jnp.array([PEAK_DURATION, *[LONG_PEAK_DURATION] * count, HALF_HOUR])
    after = jax.vmap(lambda *row: temperatures_after_load(unit, *row))(rows, at, begin, durations)
    warmer = state.coolant_celsius - hot.coolant_celsius
    half_hour = jax.tree.map(lambda leaf: leaf[-1], after)
    return Heating(
        launch=jax.tree.map(lambda leaf: leaf[0], after),
        peak=jax.tree.map(lambda leaf: leaf[1:-1], after),
        half_hour=replace(half_hour, junction=half_hour.junction + warmer),
        steady=steady,
        state=state,
    )


def peak_scalars(data: StudyData, points: Points, found: Heating) -> Scalars:
    """10 s and 30 s: temperatures at launch torque, DC-link ripple, torque and power of the curve.

    A point of the curve is allowed for 30 s as far as winding and junctions stay below their limits: losses go with
    about the square of the load, so its load is reduced by the root of allowed over found rise.
    """
    r, launch, power = data.ratings, points.launch, points.peak.output_power
    rises = jnp.stack([found.peak.winding - r.start_celsius, found.peak.junction - r.coolant_celsius])
    limits = jnp.stack([r.winding_limit_celsius - r.start_celsius, r.junction_limit_celsius - r.coolant_celsius])
    share = jnp.sqrt(limits[:, None] / smooth_maximum(rises, jnp.asarray(1.0), 1.0))
    share = soft_minimum(jnp.append(share, jnp.ones((1, power.size)), axis=0), ALLOWED_WIDTH, axis=0)
    return {
        "axle_torque_10s": launch.output_torque,
        "axle_torque_30s": launch.output_torque * share[0],
        "peak_power_10s": soft_maximum(power, POWER_WIDTH) * 1e-3,
        "peak_power_30s": soft_maximum(power * share, POWER_WIDTH) * 1e-3,
        "winding_temperature_10s": found.launch.winding,
        "rotor_temperature_10s": found.launch.rotor,
        "junction_temperature_10s": found.launch.junction,
        "dc_link_ripple": 100.0 * soft_maximum(points.peak.dc_link_ripple, 1e-3),
        "phase_current_10s": launch.current,
    }


def allowed_load(data: StudyData, found: UnitTemperatures) -> jax.Array:
    """Load that winding, rotor and junctions allow for long over the load at which they were found.

    Losses grow with about the square of torque: root of allowed over found rise, exact where the found temperature is
    the limit. Rises count from the coolant that the ratings promise (rotor: from the oil where that is held), so a hot
    loop derates.
    """
    r = data.ratings
    temperatures = jnp.stack([found.winding, found.rotor, found.junction])
    oil_sink = r.oil_held * r.oil_celsius + (1.0 - r.oil_held) * r.coolant_celsius
    sinks = jnp.stack([r.coolant_celsius, oil_sink, r.coolant_celsius])
    rises = smooth_maximum(temperatures - sinks, jnp.asarray(5.0), 1.0)
    return soft_minimum(jnp.sqrt((continuous_limits(data) - sinks) / rises), ALLOWED_WIDTH)


def continuous_limits(data: StudyData) -> jax.Array:
    """Continuous limits (3,) [degC] of winding, rotor, junctions."""
    r = data.ratings
    return jnp.stack([r.winding_continuous_celsius, r.rotor_continuous_celsius, r.junction_continuous_celsius])


def continuous_scalars(unit: DriveUnit, data: StudyData, point: OperatingPoint, found: Heating) -> Scalars:
    """Temperatures of unit and loops at the continuous point, and the powers they allow."""
    state, loops = found.state, loops_of(data)
    reached = data.ratings.continuous_power * (1.0 - jnp.minimum(point.shortfall, 0.9)) * 1e-3
    derating = jax.vmap(lambda limit: cooling_derating(loops, state, limit))(continuous_limits(data))
    loss = point.total_loss + state.gearbox_heat - point.gearbox_losses.total + state.pumps.electrical
    return {
        "continuous_power_30min": reached * allowed_load(data, found.half_hour),
        "continuous_power": reached * allowed_load(data, found.steady),
        "winding_temperature_30min": found.half_hour.winding,
        "rotor_temperature_30min": found.half_hour.rotor,
        "junction_temperature_30min": found.half_hour.junction,
        "loss_30min": loss,
        "electrical_power_30min": (point.output_power + loss) * 1e-3,
        "cooling_derating": soft_minimum(derating, 1e-3),
        **coolant_scalars(unit, hot_conditions(data), state),
    }


def coolant_scalars(unit: DriveUnit, at: Conditions, state: LoopState) -> Scalars:
    """The loops at the continuous point."""
    motor = unit.motor
    channel = channel_length(2.0 * (motor.dimensions.outer_radius + CHANNEL_WALL), motor.stack_length)
    return {
        "jacket_pressure_drop": pressure_drop(jacket_fluid(), at.coolant_flow, channel) * 1e-3,
        "jacket_heat_30min": state.jacket_heat * 1e-3,
        "oil_heat_30min": state.oil_heat * 1e-3,
        "heat_rejection_30min": state.radiator_heat * 1e-3,
        "coolant_temperature_30min": state.coolant_celsius,
        "jacket_inlet_temperature_30min": state.jacket_celsius,
        "oil_temperature_30min": state.oil_celsius,
        "pump_power_30min": state.pumps.electrical,
    }
