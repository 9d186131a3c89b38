"""Thermal network of the motor: steady temperatures and the temperatures after a load step.

Six nodes: yoke with housing, teeth, slot copper, end windings, rotor iron, and field winding (eesm) or magnets (ipm).
Paths: water-glycol jacket (Gnielinski), contact gap, iron, slot liner, copper along the bars, oil or air on the end
windings, air gap (Taylor-Couette after Becker and Kaye), oil in the shaft and on the rotor's end faces.

Methods: D. Staton, A. Cavagnino, IEEE Trans. Ind. Electron. 55 (2008) 3509; A. Boglietti et al., ibid. 56 (2009) 871
(recalled); conductivities and gaps are the Motor-CAD defaults found in the TUMFTM files. Assumed values are marked.
"""

from __future__ import annotations

import functools

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from edu_opt.materials.conductors import REFERENCE_CELSIUS, Conductor
from edu_opt.materials.coolants import (
    ALUMINIUM_HOUSING_SPECIFIC_HEAT,
    LAMINATION_THERMAL_CONDUCTIVITY,
    STEEL_SPECIFIC_HEAT,
    air_warm,
    water_glycol_half,
)
from edu_opt.motor.copper_loss import resistance_shares
from edu_opt.motor.mass import motor_dimensions, motor_masses
from edu_opt.motor.parts import Motor
from edu_opt.motor.results import MotorLosses, MotorTemperatures
from edu_opt.motor.winding import LINER_THICKNESS, bar, conductor_length_ratio
from edu_opt.numerics.linear import symmetric_inverse
from edu_opt.numerics.pytree import pytree
from edu_opt.numerics.smooth import blend, soft_maximum

NODES = ("housing", "stator_iron", "winding", "end_winding", "rotor", "excited")
LINER_CONDUCTIVITY = 0.21  # W/m K, Motor-CAD (TUMFTM files)
IMPREGNATION_CONDUCTIVITY = 0.2  # W/m K, Motor-CAD (TUMFTM files)
WALL_RESIN_THICKNESS = 0.2e-3  # m of resin and enamel between bar and liner (enamel 0.1 mm, play 0.1 mm)
IMPREGNATION_GOODNESS = 0.8  # share of the wall that is wetted, Motor-CAD (TUMFTM files)
CONTACT_GAP = 0.02e-3  # m between lamination and housing, Motor-CAD (TUMFTM files); filled with air
CONTACT_AIR_CONDUCTIVITY = 0.028  # W/m K
CHANNEL_HEIGHT, CHANNEL_WIDTH = 5e-3, 20e-3  # m, helical jacket channel (assumed)
JACKET_COVER = 0.8  # share of the jacket's cylinder under channels (assumed)
FIELD_COIL_CONDUCTIVITY = 1.5  # W/m K across an impregnated round-wire coil at 60 % fill (Hashin-Shtrikman: about 1)
FIELD_COIL_INSULATION = 0.5e-3  # m between coil and pole (assumed)
MAGNET_BOND = 0.1e-3  # m of resin around a magnet (assumed)
HOT_SPOT_SHARE = 0.15  # of the slot copper's rise over the teeth: uneven AC loss and wetting (assumed)
FIXED_POINT_STEPS = 12  # copper loss follows its temperature: converges while loss feedback stays below about 0.6
TRANSIENT_STEPS = 6
SDIRK = 1.0 - 0.5**0.5


@pytree
class Cooling:
    """How the motor is cooled.

    `coolant_celsius` inlet of the water-glycol jacket [degC], `coolant_flow` through it [m3/s]; `oil_celsius` [degC] of
    the oil that sprays the end windings and runs through the hollow shaft, with film coefficients `end_winding_film`
    and `shaft_film` [W/m2K] (0: no oil there; then the air that the rotor moves cools them).
    """

    coolant_celsius: jax.Array
    coolant_flow: jax.Array
    oil_celsius: jax.Array
    end_winding_film: jax.Array
    shaft_film: jax.Array


@pytree
class ThermalNetwork:
    """Conductances [W/K]: `internal` (6, 6) between nodes, `coolant` (6,) and `oil` (6,) to the sinks; `capacity` (6,)
    [J/K]. Node order is `NODES`."""

    internal: jax.Array
    coolant: jax.Array
    oil: jax.Array
    capacity: jax.Array


def jacket_film(coolant_flow: jax.Array) -> jax.Array:
    """Film coefficient [W/m2K] in the jacket's channel at a flow [m3/s]: Gnielinski, blended to laminar Nu 4.36."""
    fluid = water_glycol_half()
    diameter = 2.0 * CHANNEL_HEIGHT * CHANNEL_WIDTH / (CHANNEL_HEIGHT + CHANNEL_WIDTH)
    velocity = coolant_flow / (CHANNEL_HEIGHT * CHANNEL_WIDTH)
    reynolds = fluid.density * velocity * diameter / fluid.viscosity + 1.0
    turbulent = jnp.maximum(reynolds, 2000.0)
    friction = (0.79 * jnp.log(turbulent) - 1.64) ** -2
    root = jnp.sqrt(friction / 8.0)
    gnielinski = friction / 8.0 * (turbulent - 1000.0) * fluid.prandtl
    gnielinski = gnielinski / (1.0 + 12.7 * root * (fluid.prandtl ** (2.0 / 3.0) - 1.0))
    nusselt = blend(jnp.log(reynolds), jnp.log(3000.0), 0.2, jnp.asarray(4.36), gnielinski)
    return nusselt * fluid.thermal_conductivity / diameter


def gap_film(speed: jax.Array, radius: jax.Array, gap: jax.Array) -> jax.Array:
    """Film coefficient [W/m2K] from rotor to bore through the air gap; Taylor number Ta = Re sqrt(gap / radius).

    Nu = 2 below Ta^2 = 1700, 0.128 (Ta^2)^0.367 to 1e4, 0.409 (Ta^2)^0.241 above (Becker and Kaye 1962), blended.
    """
    air = air_warm()
    taylor = (air.density * speed * radius * gap / air.viscosity) ** 2 * gap / radius + 1.0
    log = jnp.log(taylor)
    low = blend(log, jnp.log(1700.0), 0.2, jnp.asarray(2.0), 0.128 * taylor**0.367)
    nusselt = blend(log, jnp.log(1.0e4), 0.2, low, 0.409 * taylor**0.241)
    return nusselt * air.thermal_conductivity / (2.0 * gap)


def end_space_film(speed: jax.Array, radius: jax.Array) -> jax.Array:
    """Film coefficient [W/m2K] of the air in the end space, 15.5 (0.29 v + 1) with the rotor's tip speed v [m/s]."""
    return 15.5 * (0.29 * speed * radius + 1.0)


def thermal_network(motor: Motor, cooling: Cooling, speed: jax.Array) -> ThermalNetwork:
    """Conductances and capacities at mechanical speed [rad/s] >= 0."""
    links = _stator_links(motor, cooling, speed) | _rotor_links(motor, cooling, speed)
    internal, coolant, oil = _incidence(tuple(links))
    conductances = jnp.stack(list(links.values()))
    return ThermalNetwork(
        internal=jnp.tensordot(conductances, internal, axes=1),
        coolant=conductances @ coolant,
        oil=conductances @ oil,
        capacity=_capacities(motor),
    )


@functools.cache
def _incidence(links: tuple[tuple[str, str], ...]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What one W/K of each link (l) adds: between nodes (l, 6, 6), to the coolant (l, 6), to the oil (l, 6)."""
    node = dict(zip(NODES, np.eye(len(NODES)), strict=True))
    none = np.zeros(len(NODES))
    ends = [node[first] - node.get(second, none) for first, second in links]
    between = [np.outer(end, end) * (second in node) for end, (_, second) in zip(ends, links, strict=True)]
    to_sink = lambda sink: np.array([node[first] * (second == sink) for first, second in links])  # noqa: E731
    return np.array(between), to_sink("coolant"), to_sink("oil")


def _stator_links(motor: Motor, cooling: Cooling, speed: jax.Array) -> dict[tuple[str, str], jax.Array]:
    size, length, winding = motor.dimensions, motor.stack_length, motor.winding
    fluid, dimensions = water_glycol_half(), motor_dimensions(motor)
    iron = LAMINATION_THERMAL_CONDUCTIVITY
    outer = 2.0 * jnp.pi * size.outer_radius * length
    jacket = jnp.pi * dimensions.housing_diameter * dimensions.length * JACKET_COVER * jacket_film(cooling.coolant_flow)
    warming = 2.0 * fluid.density * fluid.specific_heat * cooling.coolant_flow + 1e-3
    half_yoke = jnp.log(size.outer_radius / (size.outer_radius - 0.5 * size.yoke_depth)) / (
        2.0 * jnp.pi * iron * length
    )
    contact = CONTACT_GAP / (CONTACT_AIR_CONDUCTIVITY * outer)
    tooth = 0.5 * size.slot_depth / (iron * size.slots * size.tooth_width * length) + half_yoke
    wall = LINER_THICKNESS / LINER_CONDUCTIVITY + WALL_RESIN_THICKNESS / IMPREGNATION_CONDUCTIVITY
    wall_area = IMPREGNATION_GOODNESS * size.slots * 2.0 * size.winding_height * length
    bottom_area = IMPREGNATION_GOODNESS * size.slots * size.slot_width * length
    copper_section = size.slots * winding.conductors_per_slot * bar(winding, size).area
    run = (length + conductor_length_ratio(winding, size, length) * length) / 4.0  # centre of slot to centre of end
    surface = _end_winding_surface(motor)
    return {
        ("housing", "coolant"): 1.0 / (half_yoke + contact + 1.0 / jacket + 1.0 / warming),
        ("stator_iron", "housing"): 1.0 / tooth,
        ("winding", "stator_iron"): wall_area / wall,
        ("winding", "housing"): bottom_area / wall,
        ("winding", "end_winding"): 2.0 * winding.metal.thermal_conductivity * copper_section / run,
        ("end_winding", "oil"): cooling.end_winding_film * surface,
        ("end_winding", "housing"): end_space_film(speed, size.rotor_radius) * surface,
    }


def _end_winding_surface(motor: Motor) -> jax.Array:
    """Wetted surface of both end windings [m2]: inside, outside and crown of two rings."""
    size, overhang = motor.dimensions, motor_dimensions(motor).end_winding_overhang
    ring = 2.0 * jnp.pi * size.winding_radius
    return 2.0 * ring * (2.0 * overhang + size.winding_height)


def _rotor_links(motor: Motor, cooling: Cooling, speed: jax.Array) -> dict[tuple[str, str], jax.Array]:
    size, length = motor.dimensions, motor.stack_length
    bore_surface = 2.0 * jnp.pi * size.rotor_radius * length
    end_faces = 2.0 * jnp.pi * (size.rotor_radius**2 - size.shaft_radius**2)
    shaft_surface = 2.0 * jnp.pi * size.shaft_radius * length
    air = end_space_film(speed, size.rotor_radius)
    poles = 2.0 * size.pole_pairs
    links = {
        ("rotor", "stator_iron"): gap_film(speed, size.rotor_radius, size.air_gap) * bore_surface,
        ("rotor", "oil"): cooling.shaft_film * shaft_surface,
        ("rotor", "housing"): air * end_faces,
    }
    if motor.kind == "eesm":
        flank = poles * 2.0 * (length + size.pole_body_width) * size.pole_body_height
        depth = FIELD_COIL_INSULATION / IMPREGNATION_CONDUCTIVITY + size.coil_side_width / 3.0 / FIELD_COIL_CONDUCTIVITY
        ends = poles * 2.0 * (size.pole_body_width + size.coil_side_width) * size.pole_body_height
        links[("excited", "rotor")] = flank / depth
        links[("excited", "oil")] = 0.5 * cooling.shaft_film * ends  # oil leaves the shaft over the coils' end turns
        links[("excited", "housing")] = air * ends
        return links
    around = poles * size.magnets_per_pole * 2.0 * (size.magnet_width + size.magnet_thickness) * length
    links[("excited", "rotor")] = around * IMPREGNATION_CONDUCTIVITY / MAGNET_BOND
    return links


def _capacities(motor: Motor) -> jax.Array:
    masses, size, metal = motor_masses(motor), motor.dimensions, motor.winding.metal
    tooth_share = size.tooth_steel_area / size.stator_steel_area
    slot_share = 1.0 / (1.0 + conductor_length_ratio(motor.winding, size, motor.stack_length))
    yoke = (1.0 - tooth_share) * masses.stator_steel * STEEL_SPECIFIC_HEAT
    yoke = yoke + masses.housing * ALUMINIUM_HOUSING_SPECIFIC_HEAT
    copper = masses.stator_copper * metal.specific_heat
    excited = masses.field_copper * motor.field_winding.metal.specific_heat + masses.magnets * STEEL_SPECIFIC_HEAT
    return jnp.stack(
        [
            yoke,
            tooth_share * masses.stator_steel * STEEL_SPECIFIC_HEAT,
            slot_share * copper,
            (1.0 - slot_share) * copper,
            masses.rotor_steel * STEEL_SPECIFIC_HEAT,
            excited,
        ]
    )


def _sources(motor: Motor, losses: MotorLosses, at: MotorTemperatures) -> tuple[jax.Array, jax.Array, jax.Array]:
    """Node losses (6,) [W] at the temperatures `at`, their DC copper part (6,) and its slope [W/K] (6,)."""
    slot, end = resistance_shares(motor.winding, motor.dimensions, motor.stack_length, at.winding, at.end_winding)
    zero = jnp.zeros(())
    copper = jnp.stack(
        [zero, zero, losses.stator_copper_dc * slot, losses.stator_copper_dc * end, zero, losses.field_copper]
    )
    other = jnp.stack(
        [
            losses.stator_iron_yoke + losses.bearing,
            losses.stator_iron_tooth + 0.5 * losses.windage,
            losses.stator_copper_ac,
            zero,
            losses.rotor_iron + 0.5 * losses.windage,
            losses.magnet,
        ]
    )
    excited = at.field_winding if motor.kind == "eesm" else at.magnet
    base = jnp.stack([at.housing, at.stator_iron, at.winding, at.end_winding, at.rotor, excited])
    slope = copper * _relative_slope(motor.winding.metal, base)
    return other + copper, slope, base


def _relative_slope(metal: Conductor, celsius: jax.Array) -> jax.Array:
    return metal.temperature_coefficient / (1.0 + metal.temperature_coefficient * (celsius - REFERENCE_CELSIUS))


def _sinks(network: ThermalNetwork, cooling: Cooling) -> tuple[jax.Array, jax.Array]:
    """System matrix (6, 6) with sinks and the heat (6,) that the sinks' temperatures bring in."""
    matrix = network.internal + jnp.diag(network.coolant + network.oil)
    return matrix, network.coolant * cooling.coolant_celsius + network.oil * cooling.oil_celsius


def _named(motor: Motor, nodes: jax.Array) -> MotorTemperatures:
    housing, iron, winding, end, rotor, excited = (nodes[k] for k in range(len(NODES)))
    worst = soft_maximum(jnp.stack([winding, end]), 1.0) + HOT_SPOT_SHARE * (winding - iron)
    eesm = motor.kind == "eesm"
    return MotorTemperatures(
        winding=winding,
        end_winding=end,
        hot_spot=worst,
        field_winding=excited if eesm else rotor,
        magnet=rotor if eesm else excited,
        rotor=rotor,
        stator_iron=iron,
        housing=housing,
    )


def steady_temperatures(
    motor: Motor, losses: MotorLosses, at: MotorTemperatures, cooling: Cooling, speed: jax.Array
) -> MotorTemperatures:
    """Node temperatures [degC] at constant load; `losses` were computed at temperatures `at`.

    DC copper losses follow their copper's temperature by a fixed number of fixed-point steps: a thermal runaway shows
    as very high, never as low temperatures. AC copper and iron losses stay as given.
    """
    network = thermal_network(motor, cooling, speed)
    matrix, inflow = _sinks(network, cooling)
    power, slope, base = _sources(motor, losses, at)
    inverse = symmetric_inverse(matrix)

    def step(nodes, _):
        return inverse @ (power + slope * (nodes - base) + inflow), None

    return _named(motor, lax.scan(step, inverse @ (power + inflow), None, length=FIXED_POINT_STEPS)[0])


def temperatures_after(
    motor: Motor,
    losses: MotorLosses,
    at: MotorTemperatures,
    cooling: Cooling,
    speed: jax.Array,
    start: MotorTemperatures,
    duration: jax.Array,
) -> MotorTemperatures:
    """Node temperatures [degC] after `duration` [s] (valid to about 120 s) of constant load from `start`.

    Two-stage singly diagonally implicit Runge-Kutta steps of second order (Alexander 1977), L-stable, fixed count; the
    copper's own heating is part of the matrix.
    """
    network = thermal_network(motor, cooling, speed)
    matrix, inflow = _sinks(network, cooling)
    power, slope, base = _sources(motor, losses, at)
    matrix = matrix - jnp.diag(slope)
    source = power - slope * base + inflow
    step = duration / TRANSIENT_STEPS
    inverse = symmetric_inverse(jnp.diag(network.capacity) + SDIRK * step * matrix)
    excited = start.field_winding if motor.kind == "eesm" else start.magnet
    nodes = jnp.stack([start.housing, start.stator_iron, start.winding, start.end_winding, start.rotor, excited])

    def advance(nodes, _):
        first = inverse @ (source - matrix @ nodes)
        second = inverse @ (source - matrix @ (nodes + (1.0 - SDIRK) * step * first))
        return nodes + step * ((1.0 - SDIRK) * first + SDIRK * second), None

    return _named(motor, lax.scan(advance, nodes, None, length=TRANSIENT_STEPS)[0])
