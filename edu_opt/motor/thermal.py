"""Temperatures of the motor from its losses: steady state, after a load step, over a load cycle; flow in its jacket.

The network is `edu_opt.motor.thermal_network`. DC copper losses follow their copper's own temperature; AC copper, iron
and the other losses stay as given. The hottest copper is that of the layer next to the air gap, where proximity loss
is largest, or the end winding.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax import lax

from edu_opt.materials.conductors import REFERENCE_CELSIUS, Conductor
from edu_opt.motor.coolant_channel import CHANNEL_WALL, channel_length, pressure_drop
from edu_opt.motor.copper_loss import resistance_shares
from edu_opt.motor.parts import Motor
from edu_opt.motor.results import MotorLosses, MotorTemperatures
from edu_opt.motor.thermal_network import (
    NODES,
    Cooling,
    ThermalNetwork,
    bundle_conductivity,
    heat_capacities,
    jacket_fluid,
    layer_resistance,
    thermal_network,
    wall_resistance,
)
from edu_opt.motor.winding import bar
from edu_opt.numerics.linear import symmetric_inverse
from edu_opt.numerics.pytree import pytree
from edu_opt.numerics.smooth import soft_maximum

__all__ = [
    "NODES",
    "Cooling",
    "JacketFlow",
    "LoadCycle",
    "SinkResponse",
    "ThermalNetwork",
    "jacket_flow",
    "jacket_fluid",
    "load_cycle_temperatures",
    "sink_response",
    "steady_temperatures",
    "temperatures_after",
    "thermal_network",
]

FIXED_POINT_STEPS = 24  # copper loss follows its temperature: 1e-9 while loss feedback stays below 0.4
TRANSIENT_STEPS = 6
SDIRK = 1.0 - 0.5**0.5
WETTING_SHARE = 0.05  # of the slot copper's mean rise over its walls: uneven resin along a bar (assumed)
HOTTEST_WIDTH = 1.0  # K, soft maximum of slot and end winding (bias below 0.7 K, conservative)


@pytree
class NodeLosses:
    """Losses of the nodes (6,) [W] at node temperatures `base` (6,) [degC] and their `slope` (6,) [W/K]; `hottest_rise`
    [K] of the hottest copper in the slots over their mean."""

    power: jax.Array
    slope: jax.Array
    base: jax.Array
    hottest_rise: jax.Array


def node_losses(motor: Motor, losses: MotorLosses, at: MotorTemperatures) -> NodeLosses:
    """Losses by node; `losses` were computed at the temperatures `at`. Bearings heat the housing, air friction the
    bore and the rotor in equal parts; field winding and cage are one node."""
    slot, end = resistance_shares(motor.winding, motor.dimensions, motor.stack_length, at.winding, at.end_winding)
    zero, direct = jnp.zeros(()), losses.stator_copper_dc
    copper = jnp.stack([zero, zero, direct * slot, direct * end, zero, losses.field_copper + losses.cage])
    air = 0.5 * losses.windage
    other = jnp.stack(
        [
            losses.stator_iron_yoke + losses.bearing,
            losses.stator_iron_tooth + losses.pwm_iron + air,
            losses.stator_copper_ac + losses.pwm_copper,
            zero,
            losses.rotor_iron + air,
            losses.magnet,
        ]
    )
    base = node_temperatures(motor, at)
    rotor_slope = _relative_slope(motor.cage.metal if motor.cage else motor.winding.metal, base[-1])
    return NodeLosses(
        power=other + copper,
        slope=copper * jnp.append(_relative_slope(motor.winding.metal, base[:-1]), rotor_slope),
        base=base,
        hottest_rise=_hottest_rise(motor, direct * slot, losses.stator_copper_ac + losses.pwm_copper),
    )


def _relative_slope(metal: Conductor, celsius: jax.Array) -> jax.Array:
    return metal.temperature_coefficient / (1.0 + metal.temperature_coefficient * (celsius - REFERENCE_CELSIUS))


def sinks(network: ThermalNetwork, cooling: Cooling) -> tuple[jax.Array, jax.Array]:
    """System matrix (6, 6) with sinks [W/K] and the heat (6,) [W] that the sinks' temperatures bring in."""
    matrix = network.internal + jnp.diag(network.coolant + network.oil)
    return matrix, network.coolant * cooling.coolant_celsius + network.oil * cooling.oil_celsius


def node_temperatures(motor: Motor, at: MotorTemperatures) -> jax.Array:
    """Temperatures (6,) [degC] in the order of `NODES`."""
    excited = at.magnet if motor.kind in ("ipm", "synrm") else at.field_winding
    return jnp.stack([at.housing, at.stator_iron, at.winding, at.end_winding, at.rotor, excited])


def named_temperatures(motor: Motor, nodes: jax.Array, hottest_rise: jax.Array) -> MotorTemperatures:
    """Record of node temperatures (6,) [degC] with the hot spot; a cage's temperature is `field_winding`."""
    housing, iron, winding, end, rotor, excited = (nodes[k] for k in range(len(NODES)))
    magnets = motor.kind in ("ipm", "synrm")
    return MotorTemperatures(
        winding=winding,
        end_winding=end,
        hot_spot=soft_maximum(jnp.stack([winding + hottest_rise, end]), HOTTEST_WIDTH),
        field_winding=rotor if magnets else excited,
        magnet=excited if magnets else rotor,
        rotor=rotor,
        stator_iron=iron,
        housing=housing,
    )


def _hottest_rise(motor: Motor, direct: jax.Array, alternating: jax.Array) -> jax.Array:
    """Rise [K] of the hottest copper in a slot over the slot's mean, from the direct and alternating loss [W] there.

    Proximity loss grows as j (j - 1) over the layers j = 1..n: the last has (2 n - 1)/(n + 1) times the mean more than
    the mean. The excess leaves through the layer's own walls and leaks to the other layers (first mode of a chain of n
    layers, 2 (1 - cos(pi/n))).
    """
    winding, size, layers = motor.winding, motor.dimensions, motor.winding.conductors_per_slot
    copper = bar(winding, size)
    wall = wall_resistance(winding, copper.width) / (2.0 * copper.height)
    leak = copper.width / layer_resistance(winding, copper.height) * wall
    excess = (2.0 * layers - 1.0) / (layers + 1.0) / (1.0 + 2.0 * (1.0 - jnp.cos(jnp.pi / layers)) * leak)
    rise = wall / (size.slots * layers * motor.stack_length)
    across = jnp.zeros(())
    if winding.wire:  # the middle of an evenly heated bundle over its mean, beside what leads to the walls
        per_wall = copper.width / (12.0 * bundle_conductivity(winding)) / (2.0 * copper.height)
        across = per_wall / (size.slots * layers * motor.stack_length)
    return rise * (excess * alternating + WETTING_SHARE * (direct + alternating)) + across * (direct + alternating)


def steady_temperatures(
    motor: Motor, losses: MotorLosses, at: MotorTemperatures, cooling: Cooling, speed: jax.Array
) -> MotorTemperatures:
    """Node temperatures [degC] at constant load; `losses` were computed at temperatures `at`.

    A fixed number of fixed-point steps: a thermal runaway shows as very high, never as low temperatures.
    """
    matrix, inflow = sinks(thermal_network(motor, cooling, speed), cooling)
    heat = node_losses(motor, losses, at)
    inverse = symmetric_inverse(matrix)

    def step(nodes: jax.Array, _: None) -> tuple[jax.Array, None]:
        return inverse @ (heat.power + heat.slope * (nodes - heat.base) + inflow), None

    nodes = lax.scan(step, inverse @ (heat.power + inflow), None, length=FIXED_POINT_STEPS)[0]
    return named_temperatures(motor, nodes, heat.hottest_rise)


@pytree
class SinkResponse:
    """Steady node temperatures as a function of the sinks' temperatures, which is linear while films stay: `nodes`
    (3, 6) [degC] with both sinks at 0 degC, [K/K] of the coolant and of the oil; `coolant`, `oil` (6,) [W/K] to the
    sinks; `hottest_rise` [K] as in `NodeLosses`."""

    nodes: jax.Array
    coolant: jax.Array
    oil: jax.Array
    hottest_rise: jax.Array

    def temperatures(self, coolant_celsius: jax.Array, oil_celsius: jax.Array) -> jax.Array:
        """Node temperatures (6,) [degC] at the sinks' temperatures."""
        return self.nodes[0] + self.nodes[1] * coolant_celsius + self.nodes[2] * oil_celsius

    def heats(self, coolant_celsius: jax.Array, oil_celsius: jax.Array) -> tuple[jax.Array, jax.Array]:
        """Heat [W] that the nodes give to coolant and oil."""
        nodes = self.temperatures(coolant_celsius, oil_celsius)
        return jnp.sum(self.coolant * (nodes - coolant_celsius)), jnp.sum(self.oil * (nodes - oil_celsius))


def sink_response(
    motor: Motor, losses: MotorLosses, at: MotorTemperatures, cooling: Cooling, speed: jax.Array
) -> SinkResponse:
    """`steady_temperatures` for all temperatures of coolant and oil at once (films as at those of `cooling`)."""
    network, heat = thermal_network(motor, cooling, speed), node_losses(motor, losses, at)
    inverse = symmetric_inverse(sinks(network, cooling)[0])
    fixed = jnp.stack([heat.power - heat.slope * heat.base, network.coolant, network.oil])
    first = fixed.at[0].add(heat.slope * heat.base) @ inverse

    def step(nodes: jax.Array, _: None) -> tuple[jax.Array, None]:
        return (fixed + heat.slope * nodes) @ inverse, None

    nodes = lax.scan(step, first, None, length=FIXED_POINT_STEPS)[0]
    return SinkResponse(nodes=nodes, coolant=network.coolant, oil=network.oil, hottest_rise=heat.hottest_rise)


def temperatures_after(
    motor: Motor,
    losses: MotorLosses,
    at: MotorTemperatures,
    cooling: Cooling,
    speed: jax.Array,
    start: MotorTemperatures,
    duration: jax.Array,
    steps: int = TRANSIENT_STEPS,
) -> MotorTemperatures:
    """Node temperatures [degC] after `duration` [s] of constant load from `start`.

    Two-stage singly diagonally implicit Runge-Kutta steps of second order (R. Alexander, SIAM J. Numer. Anal. 14
    (1977) 1006), L-stable, `steps` of them (6 suffice for 120 s); the copper's own heating is part of the matrix.
    """
    heat, nodes = node_losses(motor, losses, at), node_temperatures(motor, start)
    system = sinks(thermal_network(motor, cooling, speed), cooling)
    nodes = _advanced(system, heat_capacities(motor), heat, nodes, duration, steps)
    return named_temperatures(motor, nodes, heat.hottest_rise)


def _advanced(
    system: tuple[jax.Array, jax.Array],
    capacities: jax.Array,
    heat: NodeLosses,
    nodes: jax.Array,
    duration: jax.Array,
    steps: int,
) -> jax.Array:
    matrix, inflow = system
    matrix = matrix - jnp.diag(heat.slope)
    source = heat.power - heat.slope * heat.base + inflow
    step = duration / steps
    inverse = symmetric_inverse(jnp.diag(capacities) + SDIRK * step * matrix)

    def advance(nodes: jax.Array, _: None) -> tuple[jax.Array, None]:
        first = inverse @ (source - matrix @ nodes)
        second = inverse @ (source - matrix @ (nodes + (1.0 - SDIRK) * step * first))
        return nodes + step * ((1.0 - SDIRK) * first + SDIRK * second), None

    return lax.scan(advance, nodes, None, length=steps)[0]


@pytree
class LoadCycle:
    """Segments of constant load, each leaf with a leading axis (k,): `losses` [W] computed at temperatures `at`
    [degC], mechanical `speed` [rad/s], `duration` [s]."""

    losses: MotorLosses
    at: MotorTemperatures
    speed: jax.Array
    duration: jax.Array


def load_cycle_temperatures(
    motor: Motor,
    cycle: LoadCycle,
    cooling: Cooling,
    start: MotorTemperatures,
    repetitions: int = 1,
    steps: int = TRANSIENT_STEPS,
) -> MotorTemperatures:
    """Temperatures [degC] at the end of every segment, leaves (repetitions, k), of a cycle run again and again.

    For repeated hill climbs: climb and return are two segments. Every segment takes `steps` implicit steps of its own
    length; segments of some minutes want about 20.
    """

    capacities = heat_capacities(motor)

    def segment(nodes: jax.Array, load: LoadCycle) -> tuple[jax.Array, MotorTemperatures]:
        heat = node_losses(motor, load.losses, load.at)
        system = sinks(thermal_network(motor, cooling, load.speed), cooling)
        nodes = _advanced(system, capacities, heat, nodes, load.duration, steps)
        return nodes, named_temperatures(motor, nodes, heat.hottest_rise)

    def once(nodes: jax.Array, _: None) -> tuple[jax.Array, MotorTemperatures]:
        return lax.scan(segment, nodes, cycle)

    begin = node_temperatures(motor, jax.tree.map(lambda t: jnp.asarray(t, float), start))
    return lax.scan(once, begin, None, length=repetitions)[1]


@pytree
class JacketFlow:
    """Coolant in the housing's jacket: volume flow [m3/s], pressure drop [Pa], hydraulic power [W], heat taken up [W],
    outlet temperature [degC]."""

    flow: jax.Array
    pressure_drop: jax.Array
    hydraulic_power: jax.Array
    heat: jax.Array
    outlet_celsius: jax.Array


def jacket_flow(motor: Motor, cooling: Cooling, at: MotorTemperatures, speed: jax.Array) -> JacketFlow:
    """What the jacket asks of the pump and gives to the radiator at steady temperatures `at` [degC]."""
    fluid, flow = jacket_fluid(), cooling.coolant_flow
    diameter = 2.0 * (motor.dimensions.outer_radius + CHANNEL_WALL)
    drop = pressure_drop(fluid, flow, channel_length(diameter, motor.stack_length))
    network = thermal_network(motor, cooling, speed)
    heat = jnp.sum(network.coolant * (node_temperatures(motor, at) - cooling.coolant_celsius))
    warming = heat / (fluid.density * fluid.specific_heat * flow + 1e-3)
    return JacketFlow(
        flow=flow,
        pressure_drop=drop,
        hydraulic_power=drop * flow,
        heat=heat,
        outlet_celsius=cooling.coolant_celsius + warming,
    )
