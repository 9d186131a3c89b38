"""The operating points that an evaluation asks for: duty points of the cycle, peak curve, one continuous point."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from edu_opt.drive_unit.conditions import UNLIMITED_POWER, Conditions, Rating, conditions
from edu_opt.drive_unit.control import ControlSolution
from edu_opt.drive_unit.model import DriveUnit
from edu_opt.drive_unit.operating_point import OperatingPoint, PointRequest, solve_controls, solve_points
from edu_opt.drive_unit.package import unit_masses
from edu_opt.gearbox.disconnect import disconnected_loss
from edu_opt.gearbox.model import ratio
from edu_opt.gearbox.packaging import DIFFERENTIAL_TORQUE, gearbox_inertias
from edu_opt.motor.model import rotor_inertia
from edu_opt.numerics.pytree import pytree, replace, static
from edu_opt.problem.axle_use import AxleUse, best_use, idle_unit, released_use, single_axle_torque
from edu_opt.problem.data import StudyData
from edu_opt.problem.vehicle_checks import sand_request
from edu_opt.vehicle.energy import cycle_mass, unit_demand, unit_torque
from edu_opt.vehicle.model import Vehicle, axle_counts, coupling

PEAK_DURATION = 10.0  # s
LAUNCH_SPEED = 1.0  # rad/s at the axle: peak torque from rest, current turning slowly through the phases
ENVELOPE_REACH = 1.10  # highest speed of the peak curve over the required top speed
# K, mean copper below the hot spot at the continuous limit (assumed; losses are then iterated)
HOT_SPOT_DISTANCE = 20.0


@pytree
class Points:
    """All operating points of an evaluation, `found` (k,): rows x K of the cycle's duty points (`cycle_shape`), then
    the peak curve over `speeds` (S,) [m/s] of the vehicle, then a sand climb where `climbs` says so, then one
    continuous point near the temperature limits. With `split` the rows of the cycle are both axles and one axle alone
    (`edu_opt.problem.axle_use`); with `releases` an axle of the cycle lets go above its disconnect speed."""

    cycle_shape: tuple[int, int] = static()
    split: bool = static(default=False)
    climbs: bool = static(default=False)
    releases: bool = static(default=False)
    found: OperatingPoint
    speeds: jax.Array

    @property
    def cycle(self) -> OperatingPoint:
        """Points (rows, K) of the cycle."""
        count = self.cycle_shape[0] * self.cycle_shape[1]
        return jax.tree.map(lambda leaf: leaf[:count].reshape(*self.cycle_shape, *leaf.shape[1:]), self.found)

    @property
    def peak(self) -> OperatingPoint:
        """The peak curve (S,)."""
        first = self.cycle_shape[0] * self.cycle_shape[1]
        return jax.tree.map(lambda leaf: leaf[first : first + self.speeds.size], self.found)

    @property
    def launch(self) -> OperatingPoint:
        """The first point of the peak curve."""
        return jax.tree.map(lambda leaf: leaf[0], self.peak)

    @property
    def climb(self) -> OperatingPoint | None:
        """The sand climb, where it was asked for."""
        return jax.tree.map(lambda leaf: leaf[-2], self.found) if self.climbs else None

    @property
    def continuous(self) -> OperatingPoint:
        """The continuous point."""
        return jax.tree.map(lambda leaf: leaf[-1], self.found)


def conditions_at(data: StudyData, motor_celsius: jax.Array) -> Conditions:
    """The ratings' conditions with the motor at a temperature [degC]."""
    r = data.ratings
    return conditions(
        dc_voltage=r.dc_voltage,
        coolant_celsius=r.coolant_celsius,
        coolant_flow=r.coolant_flow,
        oil_celsius=r.oil_celsius,
        motor_celsius=motor_celsius,
        stator_density=r.peak_stator_current_density,
        field_density=r.peak_field_current_density,
    )


def peak_rating(data: StudyData) -> Rating:
    """The 10 s rating, from the start temperature."""
    at = conditions_at(data, data.ratings.start_celsius)
    return Rating(name="10 s", conditions=at, duration=jnp.asarray(PEAK_DURATION))


def hot_conditions(data: StudyData) -> Conditions:
    """Conditions of the continuous point: copper 20 K below its hot spot's limit."""
    return conditions_at(data, data.ratings.winding_continuous_celsius - HOT_SPOT_DISTANCE)


def vehicle_with_unit(data: StudyData, unit_mass: jax.Array) -> Vehicle:
    """The vehicle at the mass that it has with this unit instead of its published one."""
    change = jnp.sum(axle_counts(data.vehicle)) * (unit_mass - data.reference_unit_mass)
    vehicle = data.vehicle
    return replace(
        vehicle,
        test_mass=vehicle.test_mass + change,
        performance_mass=vehicle.performance_mass + change,
        gross_mass=vehicle.gross_mass + change,
    )


def rotating_inertia(unit: DriveUnit, vehicle: Vehicle) -> jax.Array:
    """Rotors and gears of all units [kg m^2] at the axle, in first gear."""
    at_motor = rotor_inertia(unit.motor) + gearbox_inertias(unit.gearbox).total
    return jnp.sum(axle_counts(vehicle)) * at_motor * ratio(unit.gearbox) ** 2


def vehicle_on_cycle(unit: DriveUnit, data: StudyData) -> Vehicle:
    """The vehicle with this unit; its test mass has the inertia of rotors and gears.

    The differential counts at its nominal size: its true size follows from the peak torque, which is found in the same
    batch (1 to 2 kg of a car)."""
    vehicle = vehicle_with_unit(data, unit_masses(unit, DIFFERENTIAL_TORQUE).total)
    return replace(vehicle, test_mass=cycle_mass(vehicle, rotating_inertia(unit, vehicle)))


def requests_of(torque: jax.Array, speed: jax.Array, at: Conditions, peak: float) -> PointRequest:
    """Requests (N,) under one set of conditions."""
    count = torque.shape[0]
    return PointRequest(
        output_torque=torque,
        output_speed=speed,
        at=jax.tree.map(lambda leaf: jnp.broadcast_to(leaf, (count,)), at),
        peak=jnp.full(count, peak),
        power_max=jnp.full(count, UNLIMITED_POWER),
    )


def cycle_demand(unit: DriveUnit, data: StudyData, vehicle: Vehicle, use: AxleUse) -> tuple[jax.Array, jax.Array]:
    """(axle torques (rows, K) [N m] of a unit at the duty points, axle speeds (K,) [rad/s])."""
    demand, speed = unit_demand(vehicle, data.duty, releases=use.releases)
    if use.split:  # axles with equally many units: the mean of both at half of the force, of either at all of it
        axles = jnp.ones((len(vehicle.axles), 1))
        both, single = (jnp.mean(unit_torque(vehicle, data.duty, share * axles), axis=0) for share in (0.5, 1.0))
        idle = idle_unit(unit, vehicle, speed, conditions_at(data, data.ratings.cycle_celsius))
        return jnp.stack([both, single_axle_torque(single, idle, speed)]), speed
    return (demand[:1] if use.alike else demand), speed


def cycle_use(points: Points, unit: DriveUnit, vehicle: Vehicle, data: StudyData) -> OperatingPoint:
    """The cycle's points (rows, K) as the axles share the work; one row where they do it alike or by the best split."""
    if not (points.split or points.releases):
        return points.cycle
    speed = data.duty.speed / vehicle.wheel_radius
    if not points.split:
        coupled = coupling(vehicle, data.duty.speed)[: points.cycle_shape[0]]
        return released_use(points.cycle, coupled, disconnected_loss(unit.gearbox, speed, data.ratings.oil_celsius))
    idle = idle_unit(unit, vehicle, speed, conditions_at(data, data.ratings.cycle_celsius))
    return best_use(points.cycle, idle, unit.inverter.control_power)


def point_requests(
    unit: DriveUnit, data: StudyData, envelope_speeds: int, use: AxleUse, climbs: bool = False
) -> tuple[PointRequest, jax.Array, tuple[int, int]]:
    """Every operating point of an evaluation as one batch of requests, the speeds [m/s] of the peak curve, and the
    shape (rows, K) of the cycle's points, which come first; the peak curve follows, then (climbs) the sand climb, then
    the continuous point.

    All axles carry the same design; where they are alike one of them is solved for all. Peak speeds are denser where
    power sets in.
    """
    vehicle = vehicle_on_cycle(unit, data)
    rows, speed = cycle_demand(unit, data, vehicle, use)
    cycle_shape = (rows.shape[0], rows.shape[1])
    radius, r = vehicle.wheel_radius, data.ratings
    lowest = LAUNCH_SPEED * radius
    share = jnp.linspace(0.0, 1.0, envelope_speeds) ** 1.3
    speeds = lowest + share * (ENVELOPE_REACH * data.top_speed - lowest)
    steady_speed = (r.continuous_speed_share * data.top_speed / radius)[None]
    groups = [
        requests_of(rows.ravel(), jnp.tile(speed, len(rows)), conditions_at(data, r.cycle_celsius), 0.0),
        requests_of(jnp.ones(envelope_speeds), speeds / radius, peak_rating(data).conditions, 1.0),
        requests_of(r.continuous_power / steady_speed, steady_speed, hot_conditions(data), 0.0),
    ]
    if climbs:
        torque, turning = (value[None] for value in sand_request(vehicle))
        groups.insert(2, requests_of(torque, turning, peak_rating(data).conditions, 0.0))
    return jax.tree.map(lambda *leaves: jnp.concatenate(leaves), *groups), speeds, cycle_shape


def solved_controls(
    unit: DriveUnit, data: StudyData, envelope_speeds: int, use: AxleUse, climbs: bool = False
) -> ControlSolution:
    """Best currents of every operating point of an evaluation, without derivatives."""
    return solve_controls(unit, point_requests(unit, data, envelope_speeds, use, climbs)[0])


def solved_points(
    unit: DriveUnit,
    data: StudyData,
    envelope_speeds: int,
    use: AxleUse,
    known: ControlSolution | None = None,
    climbs: bool = False,
) -> Points:
    """Every operating point in one batch: one control program. `known`: what `solved_controls` found."""
    requests, speeds, rows = point_requests(unit, data, envelope_speeds, use, climbs)
    found = solve_points(unit, requests, known)
    return Points(
        cycle_shape=rows, split=use.split, climbs=climbs, releases=use.releases, found=found, speeds=speeds
    )
