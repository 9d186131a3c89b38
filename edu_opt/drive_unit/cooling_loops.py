"""One coolant loop and one oil loop through the unit, solved together at given losses.

Coolant: radiator -> inverter -> motor jacket -> oil cooler -> radiator. Oil: pump -> motor (end windings, hollow shaft)
and gears -> sump -> oil cooler; the sump's housing gives heat to the air (`edu_opt.gearbox.heat_balance`). Thermostat
and fan hold the coolant at `coolant_celsius` as long as the radiator can; beyond that it gets warmer. Three smooth
equations (coolant that comes back, oil, housing wall), a fixed number of Newton steps, implicit derivatives.
"""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp

from edu_opt.drive_unit.conditions import Number
from edu_opt.drive_unit.model import END_WINDING_FILM, SHAFT_OIL_FLOW, DriveUnit
from edu_opt.gearbox.heat_balance import OIL_TO_WALL, GearboxCooling, housing_cooling, wall_to_air
from edu_opt.motor.coolant_channel import CHANNEL_WALL, channel_length, pressure_drop
from edu_opt.motor.thermal import SinkResponse, jacket_fluid
from edu_opt.numerics.pytree import pytree, replace
from edu_opt.numerics.small_root import small_root
from edu_opt.numerics.smooth import smooth_maximum

STEPS = 6  # Newton steps: the equations are almost linear
COOLANT_WIDTH = 0.5  # K, where the thermostat opens fully; bias width^2 / (4 x reserve of the radiator in K)
# Pressure drop of cold plate, radiator and hoses at 10 l/min beside the jacket's, growing with the flow's square
# (assumed: 10 and 20 kPa); oil pressure at the rated flow, falling with it (viscous; 1.5 to 3 bar are usual, assumed).
OTHER_DROP, DROP_FLOW = 30e3, 10.0 / 60e3
OIL_PRESSURE = 2e5
SPRAY_FLOW = 3.0e-3 / 60.0  # m3/s over the end windings at END_WINDING_FILM (assumed)
# Hydraulic power over electrical power (assumed): small centrifugal and small gear pumps with their motors.
COOLANT_PUMP_EFFICIENCY, OIL_PUMP_EFFICIENCY = 0.35, 0.45


@pytree
class CoolingLoops:
    """What the vehicle and the pumps offer one unit.

    `coolant_celsius` that thermostat and fan hold at the inverter's inlet, `coolant_flow` [m3/s];
    `radiator_resistance` [K/W] from the unit's warm coolant to the air over heat (1 / (effectiveness x capacity rate),
    Kays and London, Compact Heat Exchangers; 0: holds the coolant whatever the heat), `ambient_celsius` of that air and
    around the housing; `oil_cooler_conductance` [W/K] from oil to the coolant behind the jacket (0: no cooler);
    `oil_held` 1: something holds the oil at `oil_celsius`, 0: it finds its temperature; `oil_share` of the rated flow
    that the oil pump delivers.
    """

    coolant_celsius: Number
    coolant_flow: Number
    ambient_celsius: Number
    radiator_resistance: Number
    oil_celsius: Number
    oil_held: Number
    oil_cooler_conductance: Number
    oil_share: Number = 1.0


@pytree
class PumpPower:
    """Pumps of one unit [W]: hydraulic power, which ends as heat in the fluid, and electrical power."""

    coolant_hydraulic: jax.Array
    oil_hydraulic: jax.Array
    electrical: jax.Array


@pytree
class LoopState:
    """Steady loops. Temperatures [degC]: coolant into the inverter, the jacket, the oil cooler and back to the
    radiator; oil and housing wall. Heat [W]: inverter (with exciter), motor to jacket and to oil, gearbox, oil cooler
    to coolant, housing to air, radiator."""

    coolant_celsius: jax.Array
    jacket_celsius: jax.Array
    cooler_celsius: jax.Array
    return_celsius: jax.Array
    oil_celsius: jax.Array
    wall_celsius: jax.Array
    inverter_heat: jax.Array
    jacket_heat: jax.Array
    oil_heat: jax.Array
    gearbox_heat: jax.Array
    cooler_heat: jax.Array
    air_heat: jax.Array
    radiator_heat: jax.Array
    pumps: PumpPower


def capacity_rate(loops: CoolingLoops) -> jax.Array:
    """Heat that the coolant takes up per kelvin [W/K]."""
    fluid = jacket_fluid()
    return fluid.density * fluid.specific_heat * jnp.asarray(loops.coolant_flow, float)


def at_part_flow(loops: CoolingLoops, share: Number) -> CoolingLoops:
    """Both pumps at a share of their rated flow."""
    return replace(loops, coolant_flow=loops.coolant_flow * share, oil_share=loops.oil_share * share)


def oil_pump_flow(unit: DriveUnit) -> jax.Array:
    """Rated flow of the oil pump [m3/s]: hollow shaft, end windings and all meshes; 0 where the motor gets no oil (then
    the gears fetch their own from the sump)."""
    shaft, film = jnp.asarray(unit.shaft_oil_flow, float), jnp.asarray(unit.end_winding_film, float)
    motor = shaft + SPRAY_FLOW * film / END_WINDING_FILM
    meshes = len(unit.gearbox.structure.train.meshes) * jnp.asarray(unit.gearbox.manufacture.oil_flow, float)
    return motor + meshes * motor / (motor + 1e-3 * SHAFT_OIL_FLOW)


def pump_power(unit: DriveUnit, loops: CoolingLoops) -> PumpPower:
    """Power of the coolant's and the oil's pump: flow x pressure drop / efficiency."""
    flow, motor = jnp.asarray(loops.coolant_flow, float), unit.motor
    diameter = 2.0 * (motor.dimensions.outer_radius + CHANNEL_WALL)
    jacket = pressure_drop(jacket_fluid(), flow, channel_length(diameter, motor.stack_length))
    coolant = flow * (jacket + OTHER_DROP * (flow / DROP_FLOW) ** 2)
    oil = oil_pump_flow(unit) * OIL_PRESSURE * jnp.asarray(loops.oil_share, float) ** 2
    electrical = coolant / COOLANT_PUMP_EFFICIENCY + oil / OIL_PUMP_EFFICIENCY
    return PumpPower(coolant_hydraulic=coolant, oil_hydraulic=oil, electrical=electrical)


def solve_loops(
    unit: DriveUnit,
    loops: CoolingLoops,
    inverter_heat: jax.Array,
    motor: SinkResponse,
    gearbox_heat: Callable[[jax.Array], jax.Array],
) -> LoopState:
    """Temperatures at which both loops balance.

    `inverter_heat` [W] at the coolant; `motor` as `edu_opt.motor.thermal.sink_response` gives it; `gearbox_heat` [W] of
    an oil temperature [degC]. Newton from the given temperatures; valid while the motor does not run away.
    """
    pumps, air = pump_power(unit, loops), housing_cooling(unit.gearbox, air_celsius=loops.ambient_celsius)

    def residual(temperatures: jax.Array) -> jax.Array:
        return _residuals(loops, air, _state(loops, air, pumps, inverter_heat, motor, gearbox_heat, temperatures))

    oil = jnp.asarray(loops.oil_celsius, float)
    start = jnp.stack([jnp.asarray(loops.coolant_celsius, float), oil, 0.5 * (oil + loops.ambient_celsius)])
    found = small_root(residual, start, STEPS)
    return _state(loops, air, pumps, inverter_heat, motor, gearbox_heat, found)


def _state(
    loops: CoolingLoops,
    air: GearboxCooling,
    pumps: PumpPower,
    inverter_heat: jax.Array,
    motor: SinkResponse,
    gearbox_heat: Callable[[jax.Array], jax.Array],
    temperatures: jax.Array,
) -> LoopState:
    """Everything at coolant, oil and wall temperatures (3,); balanced only at the solution."""
    coolant, oil, wall = temperatures
    rate = capacity_rate(loops)
    jacket = coolant + (inverter_heat + pumps.coolant_hydraulic) / rate
    to_jacket, to_oil = motor.heats(jacket, oil)
    cooler = jacket + to_jacket / rate
    held = jnp.asarray(loops.oil_held, float)
    to_air = wall_to_air(air, wall) * air.area * (wall - air.air_celsius)
    gears = gearbox_heat(oil)
    # where the oil is held, the cooler takes whatever comes in and does not go to the air
    rest = to_oil + gears + pumps.oil_hydraulic - to_air
    to_cooler = held * rest + (1.0 - held) * loops.oil_cooler_conductance * (oil - cooler)
    radiator = inverter_heat + pumps.coolant_hydraulic + to_jacket + to_cooler
    return LoopState(
        coolant_celsius=coolant,
        jacket_celsius=jacket,
        cooler_celsius=cooler,
        return_celsius=coolant + radiator / rate,
        oil_celsius=oil,
        wall_celsius=wall,
        inverter_heat=inverter_heat,
        jacket_heat=to_jacket,
        oil_heat=to_oil,
        gearbox_heat=gears,
        cooler_heat=to_cooler,
        air_heat=to_air,
        radiator_heat=radiator,
        pumps=pumps,
    )


def _residuals(loops: CoolingLoops, air: GearboxCooling, state: LoopState) -> jax.Array:
    """Coolant against thermostat and radiator, oil, wall (3,), all in kelvins."""
    held = jnp.asarray(loops.oil_held, float)
    needed = loops.ambient_celsius + state.radiator_heat * (loops.radiator_resistance - 1.0 / capacity_rate(loops))
    coolant = state.coolant_celsius - smooth_maximum(jnp.asarray(loops.coolant_celsius), needed, COOLANT_WIDTH)
    whole = OIL_TO_WALL * air.area
    inflow = state.oil_heat + state.gearbox_heat + state.pumps.oil_hydraulic
    free = (state.cooler_heat + state.air_heat - inflow) / whole
    oil = held * (state.oil_celsius - loops.oil_celsius) + (1.0 - held) * free
    return jnp.stack([coolant, oil, state.oil_celsius - state.wall_celsius - state.air_heat / whole])


def cooling_derating(loops: CoolingLoops, state: LoopState, limit_celsius: jax.Array) -> jax.Array:
    """Share of the steady load that a limit [degC] leaves with the coolant as warm as it is, over that with the coolant
    at its rated temperature: root of the rises that remain (losses go with the square of the load); 1 for a radiator
    that holds the coolant."""
    remaining = smooth_maximum(limit_celsius - state.coolant_celsius, jnp.asarray(1.0), 1.0)
    return jnp.sqrt(remaining / (limit_celsius - loops.coolant_celsius))
