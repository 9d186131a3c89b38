"""One motor after its fields: flux linkage, torque, voltage, losses, limits, demagnetization, design variables.

Currents are `[i_d, i_q, i_f]`: peak terminal phase current [A] with the d axis on the rotor's N pole, field current
[A DC] (0 without a field winding). Fluxes are `[psi_d, psi_q, psi_f]` [Wb peak, amplitude invariant; psi_f of the whole
field winding].

Power balance (motor convention, steady state), exact for every operating point:

    P_stator   = omega_m T_em + losses.terminal                (stator terminals: copper, and a cage's slip power)
    P_field    = losses.excitation                             (DC side: field copper + the exciter that a unit adds)
    T_shaft    = T_em - losses.drag / omega_m                  (`drag_torque`; finite at standstill)
    P_stator + P_field = T_shaft omega_m + losses.total

Static fields know no iron loss, so T_em is the torque before it; a rotor that turns in its own (or the magnets')
field feels stator and rotor iron loss, magnet loss, windage, bearings and brushes as a brake: `drag`. A user who
prefers to command T_em as shaft torque adds `drag` to the electrical power instead: the two differ by drag / T_em
(about 1 %) in current only.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from edu_opt.materials.conductors import Conductor, conductor
from edu_opt.materials.coolants import Fluid, air_warm
from edu_opt.materials.magnets import Magnet, knee_flux_density, remanence
from edu_opt.materials.steels import ElectricalSteel
from edu_opt.motor.copper_loss import slot_resistance_ratio
from edu_opt.motor.dimensions import lamination_dimensions
from edu_opt.motor.excitation import (
    FIELD_SLOT_FILL,
    Exciter,
    FieldWinding,
    brush_exciter,
    field_resistance,
    field_turn_area,
)
from edu_opt.motor.flux_linkage import ampere_turns, flux_linkage, map_range, torque, voltage
from edu_opt.motor.flux_map import flux_linkage_unit
from edu_opt.motor.geometry import Lamination
from edu_opt.motor.induction import cage_of_lamination, cage_state, end_ring
from edu_opt.motor.insulation import insulation_for
from edu_opt.motor.iron_loss import iron_drag_per_length, iron_losses_per_length, loss_coefficients
from edu_opt.motor.lamination_map import LaminationMap
from edu_opt.motor.magnet_loss import magnet_eddy_loss_per_speed
from edu_opt.motor.mass import motor_dimensions, motor_masses, rotating_mass, rotor_inertia
from edu_opt.motor.mechanical_loss import bearing_torque, windage_torque
from edu_opt.motor.parts import Motor
from edu_opt.motor.results import MotorLosses, MotorTemperatures
from edu_opt.motor.strength import rotor_strength
from edu_opt.motor.winding import Winding, bar, resistances
from edu_opt.numerics.design_space import DesignSpace, Variable
from edu_opt.numerics.pytree import pytree, replace
from edu_opt.numerics.smooth import smooth_minimum

__all__ = [
    "CurrentDensityLimits",
    "Motor",
    "ampere_turns",
    "current_limits",
    "demagnetization_margin",
    "drag_torque",
    "flux_linkage",
    "losses_at_temperatures",
    "map_range",
    "motor_dimensions",
    "motor_from_values",
    "motor_losses",
    "motor_masses",
    "motor_space",
    "rotor_inertia",
    "rotor_strength",
    "shaft_torque",
    "torque",
    "voltage",
]

MOTOR_KINDS = ("eesm", "ipm", "im", "synrm")
MAGNET_SEGMENTS_ACROSS = 1  # tangential segments of one magnet
MAGNET_SEGMENT_LENGTH = 0.03  # m along the axis: segmented magnets (ID.3 model: 4 axial segments in 192 mm)
MAP_MAGNET_CELSIUS = 100.0  # remanence that a lamination map is made with, unless its maker says otherwise


@pytree
class CurrentDensityLimits:
    """RMS current density [A/m2] in stator copper and DC current density in field copper, named by their rating."""

    stator: jax.Array
    field: jax.Array


def motor_losses(
    motor: Motor,
    currents: jax.Array,
    speed: jax.Array,
    temperatures: MotorTemperatures,
    gap_fluid: Fluid | None = None,
) -> MotorLosses:
    """Losses [W] at currents (3,) [A] and mechanical speed [rad/s] >= 0; `gap_fluid` (warm air, or an `oil_mist`) fills
    the air gap. Iron losses of an induction motor are taken at p times the speed: the slip is left out of them. The
    voltage is sinusoidal: `pwm_loss` has what the inverter's switching adds; the exciter's loss is the inverter's."""
    electrical = motor.pole_pairs * speed
    coefficients = _iron_coefficients(motor, currents)
    tooth, yoke, rotor = motor.stack_length * iron_losses_per_length(coefficients, electrical / (2.0 * jnp.pi))
    windage, bearing = _mechanical_torques(motor, speed, gap_fluid)
    return MotorLosses(
        stator_iron_tooth=tooth,
        stator_iron_yoke=yoke,
        rotor_iron=rotor,
        magnet=_magnet_loss_per_speed(motor, coefficients, electrical) * electrical,
        windage=windage * speed,
        bearing=bearing * speed,
        pwm_iron=jnp.zeros(()),
        pwm_copper=jnp.zeros(()),
        exciter=jnp.zeros(()),
        **_copper_losses(motor, currents, electrical, temperatures),
    )


def losses_at_temperatures(
    motor: Motor, losses: MotorLosses, currents: jax.Array, speed: jax.Array, temperatures: MotorTemperatures
) -> MotorLosses:
    """Losses of the same currents and speed at other temperatures: the copper's change, the others do not."""
    return replace(losses, **_copper_losses(motor, currents, motor.pole_pairs * speed, temperatures))


def _copper_losses(
    motor: Motor, currents: jax.Array, electrical_speed: jax.Array, temperatures: MotorTemperatures
) -> dict[str, jax.Array]:
    """Losses [W] that depend on temperature, by name."""
    size, length = motor.dimensions, motor.stack_length
    slots, ends = resistances(motor.winding, size, length, temperatures.winding, temperatures.end_winding)
    square = 1.5 * (currents[0] ** 2 + currents[1] ** 2)
    extra = slot_resistance_ratio(motor.winding, size, electrical_speed, temperatures.winding) - 1.0
    field = field_resistance(motor.field_winding, size, length, temperatures.field_winding) * currents[2] ** 2
    return {
        "stator_copper_dc": square * (slots + ends),
        "stator_copper_ac": square * slots * extra,
        "field_copper": field,
        "cage": cage_state(motor, currents, temperatures.field_winding).loss if motor.cage else jnp.zeros(()),
    }


def _iron_coefficients(motor: Motor, currents: jax.Array) -> jax.Array:
    fields, at = motor.lamination_map, ampere_turns(motor, currents)
    return loss_coefficients(fields.iron_loss_map, fields.flux_map, at, flux_linkage_unit(fields.flux_map, at))


def _wound(motor: Motor) -> jax.Array:
    """1 with a field winding, 0 without (an exact switch on data, not on a design variable)."""
    return jnp.where(motor.field_winding.turns > 0.0, 1.0, 0.0)


def _mechanical_torques(motor: Motor, speed: jax.Array, gap_fluid: Fluid | None) -> tuple[jax.Array, jax.Array]:
    """Windage and (bearing + brush) torque [N m]."""
    size, fluid = motor.dimensions, air_warm() if gap_fluid is None else gap_fluid
    air = windage_torque(speed, size.rotor_radius, size.shaft_radius, size.air_gap, motor.stack_length, fluid)
    brushes = motor.field_winding.exciter.brush_friction_torque * _wound(motor)
    return air, bearing_torque(rotating_mass(motor)) + brushes


def _magnet_loss_per_speed(motor: Motor, coefficients: jax.Array, electrical_speed: jax.Array) -> jax.Array:
    """Eddy-current loss of the magnets over electrical speed [W s]."""
    size = motor.dimensions
    return magnet_eddy_loss_per_speed(
        coefficients[-1],
        electrical_speed,
        width=size.magnet_width / MAGNET_SEGMENTS_ACROSS,
        length=jnp.asarray(MAGNET_SEGMENT_LENGTH),
        volume=size.magnet_area * motor.stack_length,
        resistivity=motor.magnet.resistivity,
    )


def drag_torque(
    motor: Motor,
    currents: jax.Array,
    speed: jax.Array,
    temperatures: MotorTemperatures,
    gap_fluid: Fluid | None = None,
) -> jax.Array:
    """Brake torque [N m] of iron, magnet, windage, bearing and brush losses; finite and smooth down to standstill."""
    del temperatures  # none of these losses depends on temperature in this model
    electrical = motor.pole_pairs * speed
    coefficients = _iron_coefficients(motor, currents)
    iron = motor.stack_length * jnp.sum(iron_drag_per_length(coefficients, electrical))
    magnets = _magnet_loss_per_speed(motor, coefficients, electrical)
    return motor.pole_pairs * (iron + magnets) + sum(_mechanical_torques(motor, speed, gap_fluid))


def shaft_torque(motor: Motor, currents: jax.Array, speed: jax.Array, temperatures: MotorTemperatures) -> jax.Array:
    """Torque at the shaft [N m] = electromagnetic torque - drag torque (drag acts against +speed also when braking)."""
    return torque(motor, currents) - drag_torque(motor, currents, speed, temperatures)


def current_limits(motor: Motor, limits: CurrentDensityLimits) -> tuple[jax.Array, jax.Array]:
    """(largest phase current [A peak], largest field current [A DC]) from current densities in the bare copper,
    kept inside the range of the lamination map (smooth minimum, 1 %)."""
    mapped_stator, mapped_field = map_range(motor)
    stator = 2.0**0.5 * limits.stator * motor.winding.parallel_paths * bar(motor.winding, motor.dimensions).area
    field = limits.field * field_turn_area(motor.field_winding, motor.dimensions) * _wound(motor)
    return (
        smooth_minimum(stator, mapped_stator, 0.01 * mapped_stator),
        smooth_minimum(field, mapped_field, 0.01 * mapped_field + 1e-9) * _wound(motor),
    )


def demagnetization_margin(motor: Motor, magnet_celsius: jax.Array, current_max: jax.Array) -> jax.Array:
    """Smallest flux density in the magnets minus their knee [T] at -i_d = `current_max` [A peak] and a temperature.

    Linear in current between the two solved points; the no-load part scales with the remanence from the map's magnet
    temperature. A rotor without magnets returns 1.
    """
    if not motor.lamination.template.has_magnets:
        return jnp.ones(())
    share = current_max / map_range(motor)[0]
    none, full = motor.lamination_map.magnet_flux_density
    hot = remanence(motor.magnet, magnet_celsius) / remanence(motor.magnet, jnp.asarray(MAP_MAGNET_CELSIUS))
    return hot * none + share * (full - none) - knee_flux_density(motor.magnet, magnet_celsius)


_COMMON_VARIABLES = (
    Variable(
        part="stack",
        quantity="length",
        unit="m",
        low=0.08,
        high=0.22,
        description="length of the lamination stack",
    ),
)
_CONDUCTORS_PER_SLOT = {  # half of them, since a slot holds two layers or whole pairs of hairpin layers
    False: Variable(
        part="stator_winding",
        quantity="conductor_pairs_per_slot",
        unit="1",
        low=1.0,
        high=6.0,
        description="half the hairpin layers of a slot (layers are even)",
        integer=True,
    ),
    True: Variable(
        part="stator_winding",
        quantity="conductor_pairs_per_slot",
        unit="1",
        low=2.0,
        high=16.0,
        description="turns of a coil of round wire (two coil sides in a slot)",
        integer=True,
    ),
}
_FIELD_VARIABLES = (
    Variable(
        part="field_winding",
        quantity="turns",
        unit="1",
        low=60.0,
        high=240.0,
        description="field turns per pole",
        integer=True,
    ),
)
_CAGE_VARIABLES = (
    Variable(
        part="cage",
        quantity="ring_section_ratio",
        unit="1",
        low=0.6,
        high=1.4,
        description="section of an end ring / section at which its current density is the bars'",
    ),
)
_VARIABLES_OF_KIND = {"eesm": _FIELD_VARIABLES, "im": _CAGE_VARIABLES}


def motor_space(kind: str, wire: bool = False) -> DesignSpace:
    """Design variables beside the lamination: stack length, conductor pairs per slot (hairpins or round wire), field
    turns (eesm), ring (im)."""
    if kind not in MOTOR_KINDS:
        raise ValueError(f"motor kind must be one of {', '.join(MOTOR_KINDS)}, got {kind!r}")
    return DesignSpace((*_COMMON_VARIABLES, _CONDUCTORS_PER_SLOT[wire], *_VARIABLES_OF_KIND.get(kind, ())))


def motor_from_values(
    kind: str,
    values: jax.Array,
    *,
    lamination: Lamination,
    lamination_map: LaminationMap,
    steel: ElectricalSteel,
    magnet: Magnet,
    parallel_paths: float | jax.Array,
    exciter: Exciter | None = None,
    metal: Conductor | None = None,
    cage_metal: Conductor | None = None,
    dc_voltage: float | jax.Array = 400.0,
    wire: bool = False,
) -> Motor:
    """Motor from the values (n,) of `motor_space(kind)`, its lamination with its map, and discrete data (leaves).

    The nominal `dc_voltage` [V] decides the insulation; metals are copper, conductors hairpins unless given (`wire`).
    """
    metal = conductor("copper") if metal is None else metal
    cage_metal = conductor("copper") if cage_metal is None else cage_metal
    template = lamination.template
    winding = Winding(
        conductors_per_slot=2.0 * values[1],
        parallel_paths=jnp.asarray(parallel_paths, float),
        coil_pitch=jnp.asarray(float(template.coil_throw)),
        metal=metal,
        wire=wire,
        insulation=insulation_for(dc_voltage),
    )
    field_winding = FieldWinding(
        turns=values[2] if kind == "eesm" else jnp.zeros(()),
        fill=jnp.asarray(FIELD_SLOT_FILL),
        metal=metal,
        exciter=brush_exciter() if exciter is None else exciter,
    )
    cage = None
    if kind == "im":
        cage = cage_of_lamination(lamination, values[0], end_ring(lamination, values[2]), cage_metal)
    return Motor(
        kind=kind,
        lamination=lamination,
        dimensions=lamination_dimensions(lamination),
        lamination_map=lamination_map,
        stack_length=values[0],
        winding=winding,
        field_winding=field_winding,
        steel=steel,
        magnet=magnet,
        cage=cage,
    )
