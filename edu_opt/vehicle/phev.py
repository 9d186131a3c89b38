"""Plug-in hybrids with an electric axle: charge-depleting and charge-sustaining driving, utility factors.

Charge-depleting: the electric axle drives alone (`edu_opt.vehicle.trace.trace_energy`). Charge-sustaining: it takes all
recuperation and drives alone below a wheel power, the engine drives above it; the threshold is the one at which the
battery ends as it began. With a Willans line the engine's work costs the same at any load and only its running time
costs more, so switching it off at the lowest powers is the best use of the recuperated energy. What no threshold can
balance (no recuperation, high auxiliaries) the engine makes up at the line's slope, as UN GTR 15 corrects the fuel of a
charge-sustaining test for the battery's balance.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from edu_opt.duty.duty_points import DutyPoints, wheel_force
from edu_opt.numerics.pytree import pytree, replace
from edu_opt.numerics.smooth import smooth_step
from edu_opt.vehicle.battery import battery_internal_power
from edu_opt.vehicle.energy import blended_force
from edu_opt.vehicle.engine import CO2_PER_VOLUME, Engine, fuel_rate
from edu_opt.vehicle.model import Axle, Number, Vehicle, any_coupled, coupling
from edu_opt.vehicle.trace import trace_energy
from edu_opt.vehicle.tyre_slip import axle_loads, force_with_slip
from edu_opt.vehicle.unit_map import UnitMap, open_loss, torque_limits, unit_loss

TRANSMISSION_EFFICIENCY = 0.92  # engine to road, tyre slip in it (ASSUMED)
ENGINE_USE = 0.90  # mean over the gear steps of a full-load run (ASSUMED)
LAUNCH_SPEED = 4.0  # m/s, below which the engine's launch torque no longer grows (ASSUMED)
GENERATION_EFFICIENCY = 0.80  # crankshaft through the road to the cells (ASSUMED)
THRESHOLD_WIDTH = 300.0  # W, smoothing of the change from electric to engine
THRESHOLD_RANGE = (-2e3, 60e3)  # W at the wheels
BISECTIONS = 40
DAILY_DISTANCE = 25e3  # m, UN R101: mean distance between two charges
UTILITY_DISTANCE = 800e3  # m, d_n until Euro 6e-bis; then 2200 km, 4260 km from 2027 (recalled)

# (EU) 2017/1151, annex XXI, sub-annex 8, appendix 5; figures from the technical report on utility factors.
UTILITY_COEFFICIENTS = (
    *(26.25, -38.94, -631.05, 5964.83, -25094.6, 60380.21, -87517.16, 75513.77, -35748.77, 7154.94),
)


@pytree
class ChargeSustaining:
    """fuel [m^3/m]; co2 [kg/m]; threshold [W] at the wheels; electric_time: share of the driving time without engine;
    imbalance [J/m]: what the engine had to make up for the battery (already in the fuel)."""

    fuel: jax.Array
    co2: jax.Array
    threshold: jax.Array
    electric_time: jax.Array
    imbalance: jax.Array


def utility_factor_r101(electric_range: Number) -> jax.Array:
    """Share of distance driven electrically, UN R101: D_e / (D_e + 25 km); range [m]."""
    return jnp.asarray(electric_range / (electric_range + DAILY_DISTANCE))


def utility_factor_wltp(electric_range: Number, distance: Number = UTILITY_DISTANCE) -> jax.Array:
    """Share of distance driven electrically, WLTP: 1 - exp(-sum C_j (d/d_n)^j), j = 1 to 10; range [m] <= d_n/2."""
    x = jnp.asarray(electric_range) / distance
    polynomial = jnp.polyval(jnp.asarray([*UTILITY_COEFFICIENTS[::-1], 0.0]), x)
    return 1.0 - jnp.exp(-polynomial)


def weighted(utility: Number, depleting: Number, sustaining: Number) -> Number:
    """Mean of both kinds of driving, for fuel and for electricity (UN R101, WLTP)."""
    return utility * depleting + (1.0 - utility) * sustaining


def charge_sustaining(
    vehicle: Vehicle, points: DutyPoints, unit: UnitMap, mass: Number | None = None
) -> ChargeSustaining:
    """Fuel of a trace with a balanced battery; one electric axle (the vehicle's first), its unit's map.

    Raises ValueError for a vehicle without an engine.
    """
    engine = vehicle.engine
    if engine is None:
        raise ValueError("charge-sustaining driving needs a vehicle with an engine (phev)")
    demand = _demand(vehicle, points, unit, vehicle.test_mass if mass is None else mass)
    frozen = jax.lax.stop_gradient((vehicle, points, demand))

    def halve(_: int, bounds: tuple[jax.Array, jax.Array]) -> tuple[jax.Array, jax.Array]:
        middle = 0.5 * (bounds[0] + bounds[1])
        discharges = _drawn(middle, *frozen) > 0.0
        return jnp.where(discharges, bounds[0], middle), jnp.where(discharges, middle, bounds[1])

    start = (jnp.asarray(THRESHOLD_RANGE[0]), jnp.asarray(THRESHOLD_RANGE[1]))
    low, high = jax.lax.fori_loop(0, BISECTIONS, halve, start)
    root = 0.5 * (low + high)
    slope = jnp.maximum(jax.grad(_drawn)(root, *frozen), 1e-3)
    inside = (root > THRESHOLD_RANGE[0] + 1.0) & (root < THRESHOLD_RANGE[1] - 1.0)
    change = _drawn(root, vehicle, points, demand) - _drawn(root, *frozen)  # zero; carries the derivative
    return _sustained(engine, root - jnp.where(inside, change / slope, 0.0), vehicle, points, demand)


@pytree
class WeightedConsumption:
    """Type-approval figures of a plug-in hybrid: electric range [m], utility factor; weighted fuel [m^3/m], wall energy
    [J/m] and CO2 [kg/m]; depleting_fuel [m^3/m]: the engine's while charge depletes, above the disconnect speed."""

    electric_range: jax.Array
    utility: jax.Array
    depleting_fuel: jax.Array
    fuel: Number
    wall: Number
    co2: Number


def weighted_consumption(
    vehicle: Vehicle, points: DutyPoints, unit: UnitMap, utility_distance: Number = UTILITY_DISTANCE
) -> WeightedConsumption:
    """Both kinds of driving over a trace, weighted by the WLTP utility factor of the electric range."""
    depleting, burnt = trace_energy(vehicle, points, (unit,)), released_fuel(vehicle, points)
    sustaining = charge_sustaining(vehicle, points, unit)
    utility = utility_factor_wltp(depleting.range, utility_distance)
    return WeightedConsumption(
        electric_range=depleting.range,
        utility=utility,
        depleting_fuel=burnt,
        fuel=weighted(utility, burnt, sustaining.fuel),
        wall=weighted(utility, depleting.energy.wall, 0.0),
        co2=weighted(utility, burnt * CO2_PER_VOLUME, sustaining.co2),
    )


def released_fuel(vehicle: Vehicle, points: DutyPoints, mass: Number | None = None) -> jax.Array:
    """Fuel [m^3/m] of the engine where every electric axle is open: above the disconnect speed it drives alone."""
    if vehicle.engine is None:
        raise ValueError("fuel of open axles needs a vehicle with an engine (phev)")
    force = wheel_force(points, vehicle.test_mass if mass is None else mass)
    power = jnp.maximum(force, 0.0) * points.speed / TRANSMISSION_EFFICIENCY
    alone = 1.0 - any_coupled(coupling(vehicle, points.speed))
    return jnp.sum(alone * fuel_rate(vehicle.engine, power) * points.duration) / points.distance


def engine_torque(vehicle: Vehicle, speeds: jax.Array) -> jax.Array:
    """Axle torque (S,) [N m] of the engine over vehicle speeds [m/s]: its power through a gearbox of many steps.

    Below the speed at which the tyres can take that power, traction limits it (`limit_by_traction`); ENGINE_USE of the
    rated power is there on average between the gear steps.
    """
    if vehicle.engine is None:
        raise ValueError("engine torque needs a vehicle with an engine (phev)")
    power = ENGINE_USE * TRANSMISSION_EFFICIENCY * vehicle.engine.power
    return power * vehicle.wheel_radius / jnp.maximum(speeds, LAUNCH_SPEED)


def with_engine_axle(vehicle: Vehicle) -> Vehicle:
    """The vehicle with its engine as one more driven axle at the other end, for performance: axles are (electric ones,
    engine); the envelope of the last is `engine_torque`."""
    engine_axle = Axle(rear=1.0 - vehicle.axles[0].rear, share=0.0)
    return replace(vehicle, axles=(*vehicle.axles, engine_axle))


@pytree
class _Demand:
    """Per point (K,): wheel power; DC power of the unit driving or braking alone, and turning along; 1 where it can."""

    wheel: jax.Array
    electric: jax.Array
    idle: jax.Array
    able: jax.Array


def _demand(vehicle: Vehicle, points: DutyPoints, unit: UnitMap, mass: Number) -> _Demand:
    axle = vehicle.axles[0]
    force = blended_force(vehicle, points.speed, wheel_force(points, mass), mass)
    turning = points.speed / vehicle.wheel_radius
    torque = force_with_slip(vehicle, force, axle_loads(vehicle, mass)[0]) * vehicle.wheel_radius / axle.count
    coupled = coupling(vehicle, points.speed)[0]
    peak, braking = torque_limits(unit, turning)
    able = coupled * smooth_step(peak - torque, 5.0)
    torque = jnp.maximum(torque, -braking)
    standing = open_loss(unit, turning)
    idle = (1.0 - axle.decouples) * unit_loss(unit, 0.0 * torque, turning) + axle.decouples * standing
    return _Demand(
        wheel=force * points.speed,
        electric=axle.count * coupled * (torque * turning + unit_loss(unit, torque, turning)),
        idle=axle.count * (coupled * idle + (1.0 - coupled) * standing),
        able=able,
    )


def _electric_part(threshold: jax.Array, demand: _Demand) -> jax.Array:
    """1 where the electric axle works alone, 0 where the engine drives (K,)."""
    return demand.able * smooth_step(threshold - demand.wheel, THRESHOLD_WIDTH)


def _drawn(threshold: jax.Array, vehicle: Vehicle, points: DutyPoints, demand: _Demand) -> jax.Array:
    """Energy taken out of the cells over the trace [J]; grows with the threshold."""
    part = _electric_part(threshold, demand)
    power = part * demand.electric + (1.0 - part) * demand.idle + vehicle.auxiliary_power
    rest = battery_internal_power(vehicle.battery, jnp.asarray(vehicle.auxiliary_power, float))
    return jnp.sum(battery_internal_power(vehicle.battery, power) * points.duration) + rest * points.standstill


def _sustained(
    engine: Engine, threshold: jax.Array, vehicle: Vehicle, points: DutyPoints, demand: _Demand
) -> ChargeSustaining:
    running = 1.0 - _electric_part(threshold, demand)
    power = jnp.maximum(demand.wheel, 0.0) / TRANSMISSION_EFFICIENCY
    burnt = jnp.sum(running * fuel_rate(engine, power) * points.duration)
    drawn = _drawn(threshold, vehicle, points, demand)
    fuel = (burnt + engine.slope * drawn / GENERATION_EFFICIENCY) / points.distance
    return ChargeSustaining(
        fuel=fuel,
        co2=fuel * CO2_PER_VOLUME,
        threshold=threshold,
        electric_time=1.0 - jnp.sum(running * points.duration) / jnp.sum(points.duration),
        imbalance=drawn / points.distance,
    )
