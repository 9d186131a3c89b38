"""Temperatures and loops among the results: short peaks, the continuous point, the mean of the cycle.

One unit's loops see one unit's heat; the radiator's conductance is what the vehicle offers each unit. All thermal
networks are rows of one program: the peak curve's first point, the whole curve, the continuous point, the cycle's mean.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from edu_opt.drive_unit.conditions import Conditions
from edu_opt.drive_unit.cooling_loops import CoolingLoops, LoopState, at_part_flow, cooling_derating
from edu_opt.drive_unit.model import DriveUnit
from edu_opt.drive_unit.operating_point import OperatingPoint
from edu_opt.drive_unit.temperatures import UnitTemperatures, balanced_temperatures, loaded_motor, unit_temperatures
from edu_opt.duty.duty_points import DutyPoints
from edu_opt.gearbox.heat_balance import loss_at_oil
from edu_opt.motor.coolant_channel import CHANNEL_WALL, channel_length, pressure_drop
from edu_opt.motor.results import MotorTemperatures
from edu_opt.motor.thermal import NODES, LoadedNetwork, jacket_fluid, named_temperatures, nodes_after
from edu_opt.motor.thermal_network import heat_capacities
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


@pytree
class Heating:
    """Temperatures over time: the peak curve's first point after 10 s, all its points (S,) after 30 s, the continuous
    point after 30 min (from the coolant's temperature, UN R85) and in steady state; the loops in steady state at the
    continuous point and under the mean of the cycle."""

    launch: UnitTemperatures
    peak: UnitTemperatures
    half_hour: UnitTemperatures
    steady: UnitTemperatures
    continuous_loops: LoopState
    cycle_loops: LoopState


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
        oil_share=jnp.ones(()),
    )


def mean_point(points: OperatingPoint, duty: DutyPoints) -> OperatingPoint:
    """Means over time and rows of the cycle's points (rows, K): thermal time constants are minutes. A unit at rest
    loses nothing."""
    share = duty.duration / (jnp.sum(duty.duration) + duty.standstill) / points.output_torque.shape[0]
    return jax.tree.map(lambda leaf: jnp.einsum("k,rk...->...", share, leaf), points)


def thermal_rows(data: StudyData, points: Points, driven: OperatingPoint) -> tuple[OperatingPoint, Conditions]:
    """Points and their conditions (S + 3,): launch, peak curve, continuous point, mean of the cycle."""
    several = 1 + points.speeds.size
    cold, hot = peak_rating(data).conditions, hot_conditions(data)
    mild = conditions_at(data, data.ratings.cycle_celsius)
    mild = replace(mild, coolant_flow=CYCLE_FLOW_SHARE * mild.coolant_flow)
    single = jax.tree.map(lambda leaf: leaf[None], (points.launch, points.continuous, mean_point(driven, data.duty)))
    rows = jax.tree.map(lambda *leaves: jnp.concatenate(leaves), single[0], points.peak, *single[1:])
    at = jax.tree.map(lambda a, b, c: jnp.append(jnp.full(several, a), jnp.stack([b, c])), cold, hot, mild)
    return rows, at


def heating(unit: DriveUnit, data: StudyData, points: Points, driven: OperatingPoint) -> Heating:
    """Everything thermal; `driven` are the cycle's points as the axles share the work.

    Coolant and oil of the peaks are the ratings'; those of the 30 min are the loops' in steady state (they settle
    within minutes).
    """
    rows, at = thermal_rows(data, points, driven)
    motors = jax.vmap(lambda point, around: loaded_motor(unit, point, around))(rows, at)
    last = jax.tree.map(lambda leaf: leaf[-2:], (rows, motors))
    motor, states = steady_loops(unit, data, *last)
    steady = unit_temperatures(unit, points.continuous, jax.tree.map(lambda t: t[0], motor), jnp.zeros(()))
    continuous, cycle = (jax.tree.map(lambda leaf, k=k: leaf[k], states) for k in (0, 1))
    some = jax.tree.map(lambda leaf: leaf[:-1], (rows, motors))
    after = transients(unit, data, some[0], some[1], continuous)
    launch, peak, half_hour = (jax.tree.map(lambda leaf, p=part: leaf[p], after) for part in (0, slice(1, -1), -1))
    warmer = continuous.coolant_celsius - data.ratings.coolant_celsius
    return Heating(
        launch=launch,
        peak=peak,
        half_hour=replace(half_hour, junction=half_hour.junction + warmer),
        steady=replace(steady, junction=steady.junction + warmer),
        continuous_loops=continuous,
        cycle_loops=cycle,
    )


def steady_loops(
    unit: DriveUnit, data: StudyData, points: OperatingPoint, motors: LoadedNetwork
) -> tuple[MotorTemperatures, LoopState]:
    """Motor and loops (2,) in steady state: continuous point at full flow, mean of the cycle at part flow."""
    full = loops_of(data)
    loops = jax.tree.map(lambda *pair: jnp.stack(pair), full, at_part_flow(full, CYCLE_FLOW_SHARE))

    def one(point: OperatingPoint, motor: LoadedNetwork, offered: CoolingLoops) -> tuple[MotorTemperatures, LoopState]:
        def gears(oil: jax.Array) -> jax.Array:
            return gear_loss(point, oil - data.ratings.oil_celsius)

        return balanced_temperatures(unit, point, motor, offered, gears)

    return jax.vmap(one)(points, motors, loops)


def transients(
    unit: DriveUnit, data: StudyData, points: OperatingPoint, motors: LoadedNetwork, loops: LoopState
) -> UnitTemperatures:
    """Temperatures (S + 2,) after 10 s, 30 s (S,), 30 min; the last between the sinks of the `loops`."""
    r, several = data.ratings, points.output_torque.shape[0] - 1
    begin = jnp.append(jnp.full(several, r.start_celsius), r.coolant_celsius)
    coolant = jnp.append(jnp.full(several, r.coolant_celsius), loops.jacket_celsius)
    oil = jnp.append(jnp.full(several, r.oil_celsius), loops.oil_celsius)
    durations = jnp.array([PEAK_DURATION, *[LONG_PEAK_DURATION] * (several - 1), HALF_HOUR])
    capacities = heat_capacities(unit.motor)

    def one(point: OperatingPoint, motor: LoadedNetwork, *row: jax.Array) -> UnitTemperatures:
        start, jacket, sump, duration = row
        nodes = nodes_after(motor, capacities, (jacket, sump), jnp.full(len(NODES), start), duration)
        named = named_temperatures(unit.motor, nodes, motor.heat.hottest_rise)
        return unit_temperatures(unit, point, named, jnp.zeros(()))

    return jax.vmap(one)(points, motors, begin, coolant, oil, durations)


def gear_loss(point: OperatingPoint, above: jax.Array) -> jax.Array:
    """The gearbox's loss [W] at a point (or a mean of points) with oil `above` [K] the given one."""
    cold, hot = point.gearbox_loss_by_oil
    return loss_at_oil((cold, point.gearbox_losses.total, hot), above)


def at_own_oil(points: OperatingPoint, mean: OperatingPoint, loops: LoopState) -> OperatingPoint:
    """The cycle's points (rows, K) at the oil temperature of the loops instead of the given one.

    The gearbox's losses change by one factor, that of their mean; the change is added to the electrical power as it is
    (the motor's share in it, its marginal loss of some per cent, is left out).
    """
    factor = loops.gearbox_heat / mean.gearbox_losses.total
    gears = jax.tree.map(lambda loss: factor * loss, points.gearbox_losses)
    change = gears.total - points.gearbox_losses.total
    return replace(points, electrical_power=points.electrical_power + change, gearbox_losses=gears)


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
    state, motor, r = found.continuous_loops, unit.motor, data.ratings
    reached = r.continuous_power * (1.0 - jnp.minimum(point.shortfall, 0.9)) * 1e-3
    loss = point.total_loss + state.gearbox_heat - point.gearbox_losses.total + state.pumps.electrical
    channel = channel_length(2.0 * (motor.dimensions.outer_radius + CHANNEL_WALL), motor.stack_length)
    return {
        "continuous_power_30min": reached * allowed_load(data, found.half_hour),
        "continuous_power": reached * allowed_load(data, found.steady),
        "winding_temperature_30min": found.half_hour.winding,
        "rotor_temperature_30min": found.half_hour.rotor,
        "junction_temperature_30min": found.half_hour.junction,
        "loss_30min": loss,
        "electrical_power_30min": (point.output_power + loss) * 1e-3,
        "cooling_derating": cooling_derating(loops_of(data), state, jnp.min(continuous_limits(data))),
        "jacket_pressure_drop": pressure_drop(jacket_fluid(), r.coolant_flow, channel) * 1e-3,
        "jacket_heat_30min": state.jacket_heat * 1e-3,
        "oil_heat_30min": state.oil_heat * 1e-3,
        "heat_rejection_30min": state.radiator_heat * 1e-3,
        "coolant_temperature_30min": state.coolant_celsius,
        "jacket_inlet_temperature_30min": state.jacket_celsius,
        "oil_temperature_30min": state.oil_celsius,
        "pump_power_30min": state.pumps.electrical,
    }


def cycle_scalars(loops: LoopState) -> Scalars:
    """What the cycle's loops give as results."""
    return {
        "oil_temperature_cycle": loops.oil_celsius,
        "heat_rejection_cycle": loops.radiator_heat * 1e-3,
        "pump_power_cycle": loops.pumps.electrical,
    }
