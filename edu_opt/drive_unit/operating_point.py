"""One operating point of the unit: axle torque and speed -> best currents, every loss, electrical power.

Cycle points, continuous points and the peak-torque envelope are all requests of one kind: a batch of them goes through
one compiled program (`solve_points`); `operating_point`, `peak_point` and `peak_envelope` are its plain faces.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from edu_opt.drive_unit.conditions import UNLIMITED_POWER, Conditions, Number, Rating
from edu_opt.drive_unit.control import (
    DEFAULT_SOLVER,
    ControlProblem,
    ControlSolution,
    best_currents,
    choose_start,
    solve_control,
)
from edu_opt.drive_unit.interior_point import InteriorPoint
from edu_opt.drive_unit.model import DriveUnit, in_gear, motor_speed
from edu_opt.drive_unit.plant import CONTROL_MODEL, control_limits, control_plant, plant_point, start_table
from edu_opt.gearbox.heat_balance import OIL_SPAN
from edu_opt.gearbox.losses import GearboxLosses, gearbox_losses
from edu_opt.gearbox.model import ratio
from edu_opt.inverter.losses import InverterLosses
from edu_opt.inverter.model import dc_link_ripple, voltage_limit
from edu_opt.motor.results import MotorLosses
from edu_opt.numerics.pytree import pytree
from edu_opt.numerics.smooth import smooth_absolute

STANDSTILL = 0.05  # rad/s at the axle: gear drag is taken at sqrt(speed^2 + this^2), finite where nothing turns
SHORTFALL_FLOOR = 0.02  # share of the torque scale under a shortfall's reference: points near zero torque make no noise
SHORTFALL_WIDTH = 1e-4  # of the torque scale: rounding of |missing torque|
GEAR_STEPS = 2  # the gearbox takes a few per cent of the torque: the error falls by that factor a step, twice
GEAR_GUESS = 0.97  # first guess of the share that a peak's torque keeps


@pytree
class PointRequest:
    """What is asked of the unit: `output_torque` [N m] at the axle (all outputs together, negative recuperates) at
    `output_speed` [rad/s] >= 0 under `at`. With `peak` 1 the largest torque in the direction of `output_torque` within
    the electrical power `power_max` [W]; 0 asks for the torque itself (and `power_max` does not act)."""

    output_torque: jax.Array
    output_speed: jax.Array
    at: Conditions
    peak: jax.Array
    power_max: jax.Array


def point_request(
    torque: Number, speed: Number, at: Conditions, peak: Number = 0.0, power_max: Number = UNLIMITED_POWER
) -> PointRequest:
    """A request of numbers or arrays; without `peak` the torque itself at unlimited power."""
    torque, speed, peak, power_max = (jnp.asarray(value, float) for value in (torque, speed, peak, power_max))
    return PointRequest(output_torque=torque, output_speed=speed, at=at, peak=peak, power_max=power_max)


@pytree
class OperatingPoint:
    """A steady point. Torques [N m], speeds [rad/s], powers [W], voltages [V peak], currents (3,) [A].

    `gearbox_loss_by_oil` (2,) [W] is the gearbox's whole loss with oil `OIL_SPAN` colder and warmer.
    `output_torque` is what the axle gets; `shortfall` the missing shaft torque over the wanted one (a small floor under
    it; 0 at a peak); `voltage_utilisation` |v| over the usable phase voltage; `control_residual` the control's relative
    stationarity residual (converged below about 1e-3). The power balance
    electrical_power = output_power + total_loss holds to rounding.
    """

    currents: jax.Array
    output_torque: jax.Array
    output_speed: jax.Array
    shaft_torque: jax.Array
    shaft_speed: jax.Array
    motor_losses: MotorLosses
    inverter_losses: InverterLosses
    gearbox_losses: GearboxLosses
    gearbox_loss_by_oil: jax.Array
    electrical_power: jax.Array
    output_power: jax.Array
    voltage_utilisation: jax.Array
    current: jax.Array
    modulation_index: jax.Array
    power_factor: jax.Array
    dc_link_ripple: jax.Array
    shortfall: jax.Array
    control_residual: jax.Array

    @property
    def total_loss(self) -> jax.Array:
        """Motor, inverter and gearbox [W]."""
        return self.motor_losses.total + self.inverter_losses.total + self.gearbox_losses.total


def gear_drag(
    unit: DriveUnit, output_torque: jax.Array, output_speed: jax.Array, oil_celsius: Number
) -> tuple[GearboxLosses, jax.Array]:
    """(gearbox losses [W], their drag at the motor shaft [N m]); drag x shaft speed is the loss, also at standstill."""
    safe = jnp.sqrt(output_speed**2 + STANDSTILL**2)
    losses = gearbox_losses(unit.gearbox, output_torque, safe, oil_celsius)
    share = output_speed / safe
    return jax.tree.map(lambda loss: loss * share, losses), losses.total / (safe * ratio(unit.gearbox))


def control_problem(unit: DriveUnit, request: PointRequest) -> ControlProblem:
    """What a request asks of motor and inverter: the shaft torque that covers the axle's and the gearbox's drag."""
    unit = in_gear(unit, request.output_speed)
    at, torque, peak = request.at, request.output_torque, request.peak
    limits = control_limits(unit, at, request.power_max)
    _, drag = gear_drag(unit, torque * (1.0 - peak), request.output_speed, at.oil_celsius)
    wanted = torque / ratio(unit.gearbox) + drag * (1.0 - peak)
    plant = control_plant(unit, at, motor_speed(unit, request.output_speed), limits)
    return ControlProblem(plant=plant, limits=limits, torque=wanted, peak=peak)


def solve_controls(
    unit: DriveUnit, requests: PointRequest, start: jax.Array | None = None, solver: InteriorPoint = DEFAULT_SOLVER
) -> ControlSolution:
    """Best currents of requests with a leading axis (k,), without derivatives; `start` (k, 3) [A] warm-starts them."""

    def one(request: PointRequest, begin: jax.Array | None) -> ControlSolution:
        problem = control_problem(unit, request)
        speed = motor_speed(unit, request.output_speed)
        currents = _table_start(unit, request.at, problem, speed) if begin is None else begin
        return solve_control(CONTROL_MODEL, problem, currents, unit.has_field_winding, solver)

    return jax.vmap(one, in_axes=(0, None if start is None else 0))(_floats(requests), start)


def solved_point(
    unit: DriveUnit, request: PointRequest, known: ControlSolution, solver: InteriorPoint = DEFAULT_SOLVER
) -> OperatingPoint:
    """One request (scalars in, scalars out) whose control is solved; differentiable in unit and request."""
    unit = in_gear(unit, request.output_speed)
    at, torque, peak = request.at, request.output_torque, request.peak
    problem = control_problem(unit, request)
    limits, wanted, train = problem.limits, problem.torque, ratio(unit.gearbox)
    speed = motor_speed(unit, request.output_speed)
    currents = best_currents(CONTROL_MODEL, problem, known, solver)
    point = plant_point(unit.motor, unit.inverter, at, speed, currents)
    missing = (wanted - point.shaft_torque) * (1.0 - peak)
    guess = (1.0 - peak) * (torque - missing * train) + peak * GEAR_GUESS * train * point.shaft_torque
    output, gear, by_oil = _output_torque(unit, point.shaft_torque, guess, request.output_speed, at)
    reference = smooth_absolute(wanted, 1.0) + SHORTFALL_FLOOR * limits.torque_scale
    return OperatingPoint(
        currents=currents,
        output_torque=output,
        output_speed=request.output_speed,
        shaft_torque=point.shaft_torque,
        shaft_speed=speed,
        motor_losses=point.motor_losses,
        inverter_losses=point.inverter_losses,
        gearbox_losses=gear,
        gearbox_loss_by_oil=by_oil,
        electrical_power=point.electrical_power,
        output_power=output * request.output_speed,
        voltage_utilisation=point.voltage / point.usable_voltage,
        current=point.current,
        modulation_index=point.modulation_index,
        power_factor=point.power_factor,
        dc_link_ripple=dc_link_ripple(
            unit.inverter, point.current, point.modulation_index, point.power_factor, at.dc_voltage
        ),
        shortfall=smooth_absolute(missing, SHORTFALL_WIDTH * limits.torque_scale) / reference,
        control_residual=known.residual,
    )


def _floats(requests: PointRequest) -> PointRequest:
    return jax.tree.map(lambda leaf: jnp.asarray(leaf, float), requests)


def _table_start(unit: DriveUnit, at: Conditions, problem: ControlProblem, speed: jax.Array) -> jax.Array:
    """Start currents (3,) [A] from the unit's coarse table; nothing in it is differentiated."""
    unit, at, problem, speed = jax.lax.stop_gradient((unit, at, problem, speed))
    limits = problem.limits
    usable = voltage_limit(unit.inverter, at.dc_voltage, 0.5 * limits.current_max)
    electrical_speed = unit.motor.pole_pairs * speed
    return choose_start(start_table(unit), limits, problem.torque, problem.peak, speed, electrical_speed, usable)


def _output_torque(
    unit: DriveUnit, shaft_torque: jax.Array, guess: jax.Array, output_speed: jax.Array, at: Conditions
) -> tuple[jax.Array, GearboxLosses, jax.Array]:
    """Axle torque that a shaft torque leaves after the gearbox, the gearbox's losses at it (they balance), and their
    sum with colder and with warmer oil (at the same torque): steps of one loop, so that the gearbox stands in the
    program once."""
    above = OIL_SPAN * np.array([0.0] * GEAR_STEPS + [-1.0, 1.0])

    def closer(output: jax.Array, step: tuple[jax.Array, jax.Array]) -> tuple[jax.Array, GearboxLosses]:
        searches, warmer = step
        gear, drag = gear_drag(unit, output, output_speed, at.oil_celsius + warmer)
        found = (shaft_torque - drag) * ratio(unit.gearbox)
        return searches * found + (1.0 - searches) * output, gear

    steps = (jnp.asarray(above == 0.0, float), jnp.asarray(above))
    output, gears = jax.lax.scan(closer, guess, steps)
    return output, jax.tree.map(lambda loss: loss[GEAR_STEPS - 1], gears), gears.total[GEAR_STEPS:]


def solve_points(
    unit: DriveUnit,
    requests: PointRequest,
    known: ControlSolution | None = None,
    start: jax.Array | None = None,
    solver: InteriorPoint = DEFAULT_SOLVER,
) -> OperatingPoint:
    """Requests with a leading axis (k,) on every leaf: one program for cycle, continuous and peak points alike.

    `known` is what `solve_controls` found for the same unit and requests; without it the controls are solved here,
    from `start` (k, 3) [A] where given.
    """
    if known is None:
        known = solve_controls(unit, requests, start, solver)
    return jax.vmap(lambda request, control: solved_point(unit, request, control, solver))(_floats(requests), known)


def solve_point(
    unit: DriveUnit, request: PointRequest, start: jax.Array | None = None, solver: InteriorPoint = DEFAULT_SOLVER
) -> OperatingPoint:
    """One request (scalars in, scalars out). `start` (3,) [A] warm-starts the currents."""
    one = jax.tree.map(lambda leaf: jnp.asarray(leaf, float)[None], request)
    found = solve_points(unit, one, start=None if start is None else start[None], solver=solver)
    return jax.tree.map(lambda leaf: leaf[0], found)


def operating_point(
    unit: DriveUnit,
    output_torque: Number,
    output_speed: Number,
    at: Conditions,
    start: jax.Array | None = None,
    solver: InteriorPoint = DEFAULT_SOLVER,
) -> OperatingPoint:
    """The unit at axle torque [N m] and axle speed [rad/s], with the currents of least motor and inverter loss.

    Scalar in, scalar out: `vmap` over points with the unit unbatched, so that the table of starts is made once.
    """
    return solve_point(unit, point_request(output_torque, output_speed, at), start, solver)


def peak_point(
    unit: DriveUnit,
    output_speed: Number,
    rating: Rating,
    direction: float = 1.0,
    start: jax.Array | None = None,
    solver: InteriorPoint = DEFAULT_SOLVER,
) -> OperatingPoint:
    """The unit at its largest torque in `direction` (+1 drives, -1 brakes) under a rating's limits."""
    request = point_request(direction, output_speed, rating.conditions, peak=1.0, power_max=rating.power_max)
    return solve_point(unit, request, start, solver)


def peak_envelope(
    unit: DriveUnit,
    output_speeds: jax.Array,
    rating: Rating,
    direction: float = 1.0,
    solver: InteriorPoint = DEFAULT_SOLVER,
) -> OperatingPoint:
    """`peak_point` at axle speeds (s,) [rad/s]: MTPA, flux weakening and MTPV come out of one maximization."""
    return jax.vmap(lambda speed: peak_point(unit, speed, rating, direction, solver=solver))(output_speeds)
