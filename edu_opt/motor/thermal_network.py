"""Thermal network of the motor: nodes, conductances from geometry, heat capacities.

Six nodes: yoke with housing, teeth, slot copper, end windings, rotor iron, and what the rotor carries: field winding
(eesm), magnets (ipm) or cage (im). Paths: coolant jacket, contact gap, iron, slot wall (coating, resin, liner), copper
along the bars, oil or air on the end windings, air gap (Taylor-Couette), rotor iron and hollow shaft, air at the end
faces. Bars are isothermal across (copper 400, resin 0.13 W/mK): a slot is a row of layers, each between two walls.

Methods: P. H. Mellor, D. Roberts, D. R. Turner, IEE Proc. B 138 (1991) 205 (mean temperature of a heated bar over its
end: length / 3 k A); D. Staton, A. Cavagnino, IEEE Trans. Ind. Electron. 55 (2008) 3509; A. Boglietti et al., ibid. 56
(2009) 871 (all recalled). Conductivities, gaps and channel are those of the Motor-CAD files of the TUMFTM set.
"""

from __future__ import annotations

import functools

import jax
import jax.numpy as jnp
import numpy as np

from edu_opt.materials.coolants import (
    ALUMINIUM_HOUSING_SPECIFIC_HEAT,
    LAMINATION_THERMAL_CONDUCTIVITY,
    STEEL_SPECIFIC_HEAT,
    Fluid,
    air_warm,
    water_glycol_half,
)
from edu_opt.motor import round_wire
from edu_opt.motor.cage import CageRotor
from edu_opt.motor.coolant_channel import CHANNEL_WALL, jacket_conductance
from edu_opt.motor.mass import motor_dimensions, motor_masses
from edu_opt.motor.parts import Motor
from edu_opt.motor.winding import Winding, bar, conductor_length_ratio
from edu_opt.numerics.pytree import pytree
from edu_opt.numerics.smooth import blend

NODES = ("housing", "stator_iron", "winding", "end_winding", "rotor", "excited")
LINER_CONDUCTIVITY = 0.25  # W/m K, PEEK film
COATING_CONDUCTIVITY = 0.21  # W/m K
RESIN_CONDUCTIVITY = 0.13  # W/m K, unsaturated polyester
AIR_CONDUCTIVITY = 0.028  # W/m K
PLAY_CONDUCTIVITY = 0.8 * RESIN_CONDUCTIVITY + 0.2 * AIR_CONDUCTIVITY  # 80 % of the play filled with resin
LINER_GAP = 0.02e-3  # m of play between liner and lamination
CONTACT_GAP = 0.02e-3  # m of air between lamination and housing, shaft and rotor, cage bar and rotor
FIELD_RESIN_CONDUCTIVITY = 0.35  # W/m K, potting with mineral filler (unfilled 0.2, highly filled 0.6; assumed)
FIELD_COIL_INSULATION = 0.5e-3  # m between coil and pole (assumed)
END_AIR_SHARE = 0.25  # of the tip speed: air at the end windings (files: 0.1 inside, 0.2 outside, 0.5 at the crown)
MAGNET_BOND = 0.1e-3  # m of resin around a magnet (assumed)


@pytree
class Cooling:
    """How the motor is cooled.

    `coolant_celsius` inlet of the water-glycol jacket [degC], `coolant_flow` through it [m3/s]; `oil_celsius` [degC] of
    what sprays the end windings and runs through the hollow shaft, with film coefficients `end_winding_film` and
    `shaft_film` [W/m2K] (0: no oil there; then the air that the rotor moves cools them).
    """

    coolant_celsius: jax.Array
    coolant_flow: jax.Array
    oil_celsius: jax.Array
    end_winding_film: jax.Array
    shaft_film: jax.Array


@pytree
class ThermalNetwork:
    """Conductances [W/K]: `internal` (6, 6) between nodes, `coolant` (6,) and `oil` (6,) to the sinks. Node order is
    `NODES`."""

    internal: jax.Array
    coolant: jax.Array
    oil: jax.Array


Links = dict[tuple[str, str], jax.Array]


def jacket_fluid() -> Fluid:
    """What flows through the housing's jacket."""
    return water_glycol_half()


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


def end_space_film(velocity: jax.Array) -> jax.Array:
    """Film coefficient [W/m2K] of the air in the end space at a velocity [m/s], 15 (1 + 0.4 v^0.9).

    Schubert's law as in the Motor-CAD files (K1 15, K2 0.4, K3 0.9; Staton and Cavagnino 2008 compare its like), with a
    finite slope at rest.
    """
    return 15.0 * (1.0 + 0.4 * (velocity**2 + 0.01) ** 0.45)


def coil_conductivity(fill: float | jax.Array, resin: float, metal: jax.Array) -> jax.Array:
    """Conductivity [W/m K] across round wires in resin at a copper fill: the lower bound of Hashin and Shtrikman.

    k = k_r ((1 + v) k_m + (1 - v) k_r) / ((1 - v) k_m + (1 + v) k_r) (in two dimensions; for windings N. Simpson,
    R. Wrobel, P. Mellor, IEEE Trans. Ind. Appl. 49 (2013) 2505; recalled).
    """
    more, less = 1.0 + fill, 1.0 - fill
    return resin * (more * metal + less * resin) / (less * metal + more * resin)


def bundle_conductivity(winding: Winding) -> jax.Array:
    """Conductivity [W/m K] across the strands of a round-wire winding."""
    return coil_conductivity(round_wire.BARE_FILL, round_wire.RESIN_CONDUCTIVITY, winding.metal.thermal_conductivity)


def wall_resistance(winding: Winding, width: jax.Array) -> jax.Array:
    """Resistance [m2 K/W] from a conductor of a width [m] to the tooth: coating, play, liner and the play behind it.
    Of wire: liner, gap, and a sixth of the width from the mean to the flank (evenly heated, cooled at both)."""
    around = winding.insulation
    if winding.wire:
        inside = width / (6.0 * bundle_conductivity(winding))
        return inside + around.liner / LINER_CONDUCTIVITY + LINER_GAP / PLAY_CONDUCTIVITY
    solid = around.coating / COATING_CONDUCTIVITY + around.liner / LINER_CONDUCTIVITY
    return solid + (around.side_play + LINER_GAP) / PLAY_CONDUCTIVITY


def layer_resistance(winding: Winding, height: jax.Array) -> jax.Array:
    """Resistance [m2 K/W] from bar to bar in a slot: two coatings and the play between them; of wire, through a
    bundle's height [m]."""
    around = winding.insulation
    if winding.wire:
        return height / bundle_conductivity(winding)
    return 2.0 * around.coating / COATING_CONDUCTIVITY + around.layer_play / PLAY_CONDUCTIVITY


def thermal_network(motor: Motor, cooling: Cooling, speed: jax.Array) -> ThermalNetwork:
    """Conductances at mechanical speed [rad/s] >= 0."""
    links = _stator_links(motor, cooling, speed) | _rotor_links(motor, cooling, speed)
    internal, coolant, oil = _incidence(tuple(links))
    conductances = jnp.stack(list(links.values()))
    return ThermalNetwork(
        internal=jnp.tensordot(conductances, internal, axes=1),
        coolant=conductances @ coolant,
        oil=conductances @ oil,
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


def _stator_links(motor: Motor, cooling: Cooling, speed: jax.Array) -> Links:
    size, length, winding = motor.dimensions, motor.stack_length, motor.winding
    fluid, iron = jacket_fluid(), LAMINATION_THERMAL_CONDUCTIVITY
    round_stack = 2.0 * jnp.pi * size.outer_radius * length
    jacket = jacket_conductance(fluid, cooling.coolant_flow, 2.0 * (size.outer_radius + CHANNEL_WALL), length)
    warming = 2.0 * fluid.density * fluid.specific_heat * cooling.coolant_flow + 1e-3  # mean of inlet and outlet
    middle = size.outer_radius - 0.5 * size.yoke_depth
    half_yoke = jnp.log(size.outer_radius / middle) / (2.0 * jnp.pi * iron * length)
    contact = CONTACT_GAP / (AIR_CONDUCTIVITY * round_stack)
    tooth = size.slot_depth / (3.0 * iron * size.slots * size.tooth_width * length) + half_yoke
    copper = bar(winding, size)
    walls = size.slots * length / wall_resistance(winding, copper.width)
    section = size.slots * winding.conductors_per_slot * copper.area
    run = length * (1.0 + conductor_length_ratio(winding, size, length)) / 6.0  # third of half a bar, half an end turn
    surface = end_winding_surface(motor)
    return {
        ("housing", "coolant"): 1.0 / (half_yoke + contact + 1.0 / jacket + 1.0 / warming),
        ("stator_iron", "housing"): 1.0 / tooth,
        ("winding", "stator_iron"): walls * 2.0 * winding.conductors_per_slot * copper.height,
        ("winding", "housing"): walls * copper.width,
        ("winding", "end_winding"): 2.0 * winding.metal.thermal_conductivity * section / run,
        ("end_winding", "oil"): cooling.end_winding_film * surface,
        ("end_winding", "housing"): end_space_film(END_AIR_SHARE * speed * size.rotor_radius) * surface,
    }


def end_winding_surface(motor: Motor) -> jax.Array:
    """Wetted surface of both end windings [m2]: inside, outside and crown of two rings."""
    size, overhang = motor.dimensions, motor_dimensions(motor).end_winding_overhang
    ring = 2.0 * jnp.pi * size.winding_radius
    return 2.0 * ring * (2.0 * overhang + size.winding_height)


def _rotor_links(motor: Motor, cooling: Cooling, speed: jax.Array) -> Links:
    size, length = motor.dimensions, motor.stack_length
    air, around = end_space_film(speed * size.rotor_radius), 2.0 * jnp.pi * length
    shaft = cooling.shaft_film * around * size.shaft_radius
    to_shaft = 0.5 * jnp.log(size.rotor_radius / size.shaft_radius) / (LAMINATION_THERMAL_CONDUCTIVITY * around)
    to_shaft = to_shaft + CONTACT_GAP / (AIR_CONDUCTIVITY * around * size.shaft_radius)
    faces = 2.0 * jnp.pi * (size.rotor_radius**2 - size.shaft_radius**2)
    links = {
        ("rotor", "stator_iron"): gap_film(speed, size.rotor_radius, size.air_gap) * around * size.rotor_radius,
        ("rotor", "oil"): shaft / (1.0 + shaft * to_shaft),
        ("rotor", "housing"): air * faces,
    }
    return links | _EXCITED_LINKS[motor.kind](motor, cooling, air)


def _field_winding_links(motor: Motor, cooling: Cooling, air: jax.Array) -> Links:
    """Coil flanks on the pole bodies; end turns in air and in the oil that leaves the shaft (half the shaft's film)."""
    size, length, field = motor.dimensions, motor.stack_length, motor.field_winding
    sides = 4.0 * size.pole_pairs * size.pole_body_height
    across = coil_conductivity(field.fill, FIELD_RESIN_CONDUCTIVITY, field.metal.thermal_conductivity)
    depth = FIELD_COIL_INSULATION / FIELD_RESIN_CONDUCTIVITY + size.coil_side_width / (3.0 * across)
    ends = sides * (size.pole_body_width + size.coil_side_width)
    return {
        ("excited", "rotor"): sides * (length + size.pole_body_width) / depth,
        ("excited", "oil"): 0.5 * cooling.shaft_film * ends,
        ("excited", "housing"): air * ends,
    }


def _magnet_links(motor: Motor, cooling: Cooling, air: jax.Array) -> Links:
    """Magnets bonded into their pockets; 1 W/K ties the node to the rotor where the pockets are empty (synrm)."""
    del cooling, air
    size = motor.dimensions
    around = 4.0 * size.pole_pairs * size.magnets_per_pole * (size.magnet_width + size.magnet_thickness)
    return {("excited", "rotor"): 1.0 + around * motor.stack_length * RESIN_CONDUCTIVITY / MAGNET_BOND}


def _cage_links(motor: Motor, cooling: Cooling, air: jax.Array) -> Links:
    """Bars pressed or cast into their slots; end rings of the bars' depth and twice their width in air and oil."""
    template, cage, size = motor.lamination.template, motor.lamination.rotor, motor.dimensions
    assert isinstance(cage, CageRotor)
    bars = 2.0 * size.pole_pairs * template.bars_per_sector / template.poles_per_sector
    around = bars * (2.0 * cage.bar_depth + cage.bar_width_top + cage.bar_width_bottom)
    rings = 2.0 * jnp.pi * size.rotor_radius * 4.0 * cage.bar_depth
    return {
        ("excited", "rotor"): around * motor.stack_length * AIR_CONDUCTIVITY / CONTACT_GAP,
        ("excited", "oil"): 0.5 * cooling.shaft_film * rings,
        ("excited", "housing"): air * rings,
    }


_EXCITED_LINKS = {
    "eesm": _field_winding_links,
    "ipm": _magnet_links,
    "synrm": _magnet_links,
    "im": _cage_links,
}


def heat_capacities(motor: Motor) -> jax.Array:
    """Heat capacities (6,) [J/K] of the nodes; insulation is left out."""
    masses, size, metal = motor_masses(motor), motor.dimensions, motor.winding.metal
    tooth_share = size.tooth_steel_area / size.stator_steel_area
    slot_share = 1.0 / (1.0 + conductor_length_ratio(motor.winding, size, motor.stack_length))
    stator = masses.stator_steel * STEEL_SPECIFIC_HEAT
    copper = masses.stator_copper * metal.specific_heat
    excited = masses.field_copper * motor.field_winding.metal.specific_heat + masses.magnets * STEEL_SPECIFIC_HEAT
    if motor.cage:
        excited = masses.cage * motor.cage.metal.specific_heat
    return jnp.stack(
        [
            (1.0 - tooth_share) * stator + masses.housing * ALUMINIUM_HOUSING_SPECIFIC_HEAT,
            tooth_share * stator,
            slot_share * copper,
            (1.0 - slot_share) * copper,
            masses.rotor_steel * STEEL_SPECIFIC_HEAT,
            excited,
        ]
    )
