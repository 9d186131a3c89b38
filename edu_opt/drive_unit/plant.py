"""Motor and inverter at one speed: in full for reports, and as the control sees them (the same, made cheap)."""

from __future__ import annotations

import dataclasses

import jax
import jax.numpy as jnp

from edu_opt.drive_unit.conditions import Conditions, Number
from edu_opt.drive_unit.control import ControlLimits, PlantModel, StartTable, start_grid
from edu_opt.drive_unit.flux_derivatives import field_curvature, field_expansion, field_slopes, field_values
from edu_opt.drive_unit.model import DriveUnit, unit_current_limits
from edu_opt.inverter.exciter import JUNCTION_RISE, brush_field_exciter, control_law, exciter_losses
from edu_opt.inverter.losses import InverterLosses, evaluate, inverter_losses, position_losses, total_of
from edu_opt.inverter.model import Inverter, carrier_frequency, phase_current_limit, voltage_limit
from edu_opt.inverter.modulation import ripple_flux, ripple_voltage_square
from edu_opt.motor.flux_linkage import phase_voltage, torque_of
from edu_opt.motor.induction import cage_state, flux_floor, state_of_cage
from edu_opt.motor.model import Motor, flux_linkage, map_range, motor_losses, torque
from edu_opt.motor.pwm_loss import PhaseRipple, pwm_copper_loss, pwm_iron_loss
from edu_opt.motor.results import MotorLosses, MotorTemperatures, uniform_temperatures
from edu_opt.motor.winding import resistances
from edu_opt.numerics.pytree import pytree

# Loss scale of the control: share of the apparent power 1.5 V I, the loss of a drive at full load (a few per cent).
LOSS_SHARE = 0.02
# The objective sees the inverter at sqrt(i^2 + (this share of the limit)^2): its loss has a kink at zero current
# (threshold voltage), a few watts deep, on which second-order steps would turn back and forth.
CURRENT_ROUNDING = 0.01
EXACT_ROUNDING = 1e-3  # A, in reported losses
VOLTAGE_FLOOR = 0.1  # V, keeps the power factor finite at standstill
# K of the chips over the coolant while the control compares currents: losses change by 0.1 to 0.3 % a kelvin, alike for
# all currents; reported losses use each point's own junction temperatures.
CONTROL_JUNCTION_RISE = 30.0
START_CELSIUS = 90.0  # motor temperature behind the rough losses of start candidates
# Direct current of full load over the largest current: with 0.7 in the q axis this gives the torque's scale.
FULL_DIRECT_SHARE = {"eesm": 0.0, "ipm": -0.7, "synrm": -0.7, "im": 0.4}
STANDSTILL = 0.5  # rad/s of the motor: drag torque is loss over speed at sqrt(speed^2 + this^2), finite at rest


@pytree
class PlantPoint:
    """Everything at one current: losses, shaft torque [N m], electrical power [W], |v| and usable v [V peak]."""

    motor_losses: MotorLosses
    inverter_losses: InverterLosses
    shaft_torque: jax.Array
    electrical_power: jax.Array
    voltage: jax.Array
    usable_voltage: jax.Array
    current: jax.Array
    modulation_index: jax.Array
    power_factor: jax.Array


@pytree
class ControlPlant:
    """Motor and inverter at one mechanical speed [rad/s], as the control compares currents: chips at
    `junction_celsius`, current rounded by `rounding` [A]; `phase_resistance` [ohm]; `copper` [W/A^2 of peak current, DC
    and AC], `field_resistance` [ohm], `friction_torque` [N m] of windage, bearings, brushes; `flux_floor` [Wb] of a
    cage's rotor flux (else 0); `exciter` (3,) coefficients of its loss [W] over the field current (else 0)."""

    motor: Motor
    inverter: Inverter
    temperatures: MotorTemperatures
    dc_voltage: jax.Array
    junction_celsius: jax.Array
    speed: jax.Array
    phase_resistance: jax.Array
    copper: jax.Array
    field_resistance: jax.Array
    friction_torque: jax.Array
    flux_floor: jax.Array
    exciter: jax.Array
    rounding: jax.Array


def safe_speed(speed: jax.Array) -> jax.Array:
    """Speed [rad/s] kept above zero: losses over it are torques."""
    return jnp.sqrt(speed**2 + STANDSTILL**2)


def phase_resistance(motor: Motor, at: MotorTemperatures) -> jax.Array:
    """DC resistance of a phase [ohm], slots and end windings each at its own temperature."""
    slots, ends = resistances(motor.winding, motor.dimensions, motor.stack_length, at.winding, at.end_winding)
    return slots + ends


def losses_and_shaft_torque(
    motor: Motor, currents: jax.Array, speed: jax.Array, temperatures: MotorTemperatures
) -> tuple[MotorLosses, jax.Array]:
    """Motor losses and torque at the shaft. Drag losses are drag torque x speed exactly, also at standstill."""
    safe = safe_speed(speed)
    share = speed / safe
    losses = motor_losses(motor, currents, safe, temperatures)
    shaft = torque(motor, currents) - losses.drag / safe
    slowed = {
        name: getattr(losses, name) * share
        for name in ("stator_iron_tooth", "stator_iron_yoke", "rotor_iron", "magnet", "windage", "bearing")
    }
    return dataclasses.replace(losses, **slowed), shaft


def plant_point(motor: Motor, inverter: Inverter, at: Conditions, speed: jax.Array, currents: jax.Array) -> PlantPoint:
    """Motor and inverter at currents (3,) [A] and mechanical speed [rad/s]; the power balance closes exactly."""
    losses, shaft = losses_and_shaft_torque(motor, currents, speed, at.temperatures)
    resistance, flux = phase_resistance(motor, at.temperatures), flux_linkage(motor, currents)
    stator_speed = motor.pole_pairs * speed
    if motor.cage:
        stator_speed = stator_speed + cage_state(motor, currents, at.temperatures.field_winding).slip_speed
    v_d, v_q = phase_voltage(currents, flux, stator_speed, resistance)
    current = jnp.sqrt(currents[0] ** 2 + currents[1] ** 2 + EXACT_ROUNDING**2)
    size = jnp.sqrt(v_d**2 + v_q**2 + VOLTAGE_FLOOR**2)
    index = 2.0 * size / at.dc_voltage
    cosine = (v_d * currents[0] + v_q * currents[1]) / (size * current)
    switched = inverter_losses(inverter, current, index, cosine, at.dc_voltage, at.coolant_celsius)
    losses = dataclasses.replace(losses, **switching_losses(motor, inverter, at, speed, currents, index))
    if motor.kind == "eesm":
        losses = dataclasses.replace(losses, exciter=exciter_loss(inverter, at, currents[2]))
    return PlantPoint(
        motor_losses=losses,
        inverter_losses=switched,
        shaft_torque=shaft,
        electrical_power=shaft * speed + losses.total + switched.total,
        voltage=size,
        usable_voltage=voltage_limit(inverter, at.dc_voltage, current),
        current=current,
        modulation_index=index,
        power_factor=cosine,
    )


def switching_losses(
    motor: Motor, inverter: Inverter, at: Conditions, speed: jax.Array, currents: jax.Array, index: jax.Array
) -> dict[str, jax.Array]:
    """Losses [W] in the motor by the inverter's ripple at a modulation index. The control does not see them: they
    hardly depend on the currents that give a torque; they overrun a power limit (0.4 % on the tests' motor). A cage
    shields the rotor: its leakage stands in both axes."""
    carrier = carrier_frequency(inverter, index)
    ripple = PhaseRipple(
        voltage_square=ripple_voltage_square(index, at.dc_voltage),
        flux=ripple_flux(index, at.dc_voltage, carrier, inverter.discontinuous),
        frequency=carrier,
    )
    slopes = field_slopes(motor, currents, safe_speed(speed))[1]
    direct = slopes[1, 1] if motor.cage else slopes[0, 0]
    return {
        "pwm_iron": pwm_iron_loss(motor, currents, ripple),
        "pwm_copper": pwm_copper_loss(motor, jnp.stack([direct, slopes[1, 1]]), ripple, at.temperatures),
    }


def exciter_loss(inverter: Inverter, at: Conditions, field_current: jax.Array) -> jax.Array:
    """Loss [W] between DC link and field winding at a field current [A]."""
    exciter, celsius = inverter.exciter or brush_field_exciter(), at.coolant_celsius + JUNCTION_RISE
    return exciter_losses(exciter, field_current, 0.0, at.dc_voltage, celsius).total


def _exciter_law(unit: DriveUnit, at: Conditions) -> jax.Array:
    """The same as the control sees it."""
    if not unit.has_field_winding:
        return jnp.zeros(3)
    exciter = unit.inverter.exciter or brush_field_exciter()
    return control_law(exciter, jnp.asarray(at.dc_voltage), jnp.asarray(at.coolant_celsius) + JUNCTION_RISE)


def control_plant(unit: DriveUnit, at: Conditions, speed: jax.Array, limits: ControlLimits) -> ControlPlant:
    """The unit at one speed, prepared for the control."""
    motor, safe = unit.motor, safe_speed(speed)
    unit_current = jnp.array([1.0, 0.0, 1.0])
    per_ampere = motor_losses(motor, unit_current, safe, at.temperatures)  # copper losses are exact squares
    return ControlPlant(
        motor=motor,
        inverter=unit.inverter,
        temperatures=at.temperatures,
        dc_voltage=jnp.asarray(at.dc_voltage),
        junction_celsius=jnp.asarray(at.coolant_celsius) + CONTROL_JUNCTION_RISE,
        speed=speed,
        phase_resistance=phase_resistance(motor, at.temperatures),
        copper=per_ampere.stator_copper,
        field_resistance=per_ampere.field_copper,
        friction_torque=(per_ampere.windage + per_ampere.bearing) / safe,
        flux_floor=flux_floor(motor) if motor.cage else jnp.zeros(()),
        exciter=_exciter_law(unit, at),
        rounding=CURRENT_ROUNDING * limits.current_max,
    )


def control_fields(plant: ControlPlant, currents: jax.Array) -> jax.Array:
    """psi_d, psi_q [Wb], drag torque of iron and magnets [N m] at currents (3,) [A], and with a cage its bars' current
    over the q ampere-turns; (3,) or (4,)."""
    return field_values(plant.motor, currents, safe_speed(plant.speed))


def control_expansion(plant: ControlPlant, currents: jax.Array) -> tuple[jax.Array, jax.Array, jax.Array]:
    """`control_fields` with slopes (k, 3), and the curvature (2, 3, 3) of the two flux linkages."""
    return field_expansion(plant.motor, currents, safe_speed(plant.speed))


def control_slopes(plant: ControlPlant, currents: jax.Array) -> tuple[jax.Array, jax.Array]:
    """`control_fields` with slopes (k, 3), for derivatives in many variables."""
    return field_slopes(plant.motor, currents, safe_speed(plant.speed))


def control_curvature(plant: ControlPlant, currents: jax.Array) -> jax.Array:
    """Second derivatives (k, 3, 3) of `control_fields`."""
    return field_curvature(plant.motor, currents, safe_speed(plant.speed))


def control_quantities(plant: ControlPlant, currents: jax.Array, fields: jax.Array) -> jax.Array:
    """Loss [W], shaft torque [N m], (|v| / usable v)^2, electrical power [W] at currents (3,) [A], stacked (4,)."""
    motor, square = plant.motor, currents[0] ** 2 + currents[1] ** 2
    psi, drag = fields[:2], fields[2] + plant.friction_torque
    shaft = torque_of(motor, currents, psi) - drag
    stator_speed, loss = motor.pole_pairs * plant.speed, plant.copper * square + drag * plant.speed
    if motor.cage:
        cage = state_of_cage(motor, currents, psi, fields[3], plant.flux_floor, plant.temperatures.field_winding)
        stator_speed, loss = stator_speed + cage.slip_speed, loss + cage.loss
    v_d, v_q = phase_voltage(currents, psi, stator_speed, plant.phase_resistance)
    current = jnp.sqrt(square + plant.rounding**2)
    size = jnp.sqrt(v_d**2 + v_q**2 + VOLTAGE_FLOOR**2)
    cosine = (v_d * currents[0] + v_q * currents[1]) / (size * current)
    if motor.kind == "eesm":
        constant, slope, curvature = plant.exciter
        loss = loss + constant + currents[2] * (slope + (plant.field_resistance + curvature) * currents[2])
    loss = loss + _inverter_loss(plant, current, 2.0 * size / plant.dc_voltage, cosine)
    ratio = (v_d**2 + v_q**2) / voltage_limit(plant.inverter, plant.dc_voltage, current) ** 2
    return jnp.stack([loss, shaft, ratio, shaft * plant.speed + loss])


CONTROL_MODEL = PlantModel(
    fields=control_fields,
    quantities=control_quantities,
    expand=control_expansion,
    slopes=control_slopes,
    curvature=control_curvature,
)


def _inverter_loss(plant: ControlPlant, current: jax.Array, index: jax.Array, cosine: jax.Array) -> jax.Array:
    """Semiconductor loss [W] at the control's junction temperature (what currents change; constants are left out)."""
    area = jnp.asarray(plant.inverter.parallel_area)
    parts = position_losses(plant.inverter, current / area, index, cosine, plant.dc_voltage)
    whole = total_of(parts.forward, parts.on_off, parts.reverse, parts.recovery, parts.dead_time)
    return 6.0 * area * evaluate(whole, plant.junction_celsius)


def control_limits(unit: DriveUnit, at: Conditions, power_max: Number) -> ControlLimits:
    """Limits of the unit under the conditions, and the scales that make its control dimensionless."""
    stator, field = unit_current_limits(unit, at)
    usable = voltage_limit(unit.inverter, at.dc_voltage, stator)
    full = jnp.stack([FULL_DIRECT_SHARE[unit.motor.kind] * stator, 0.7 * stator, field])
    return ControlLimits(
        current_max=stator,
        field_current_max=field,
        power_max=jnp.asarray(power_max, float),
        loss_scale=LOSS_SHARE * 1.5 * usable * stator,
        torque_scale=jnp.sqrt(torque(unit.motor, full) ** 2 + 1.0),
    )


def start_table(unit: DriveUnit) -> StartTable:
    """Coarse candidates of the unit over the range of its lamination map and inverter.

    Depends on the unit alone, so a batch of points shares it; carries no derivatives (a start needs none).
    """
    motor, inverter = jax.lax.stop_gradient((unit.motor, unit.inverter))
    grid = start_grid(motor.kind)
    mapped, field = map_range(motor)
    stator = jnp.minimum(mapped, phase_current_limit(inverter))
    currents = jnp.asarray(grid) * jnp.stack([stator, stator, field])
    temperatures = uniform_temperatures(jnp.asarray(START_CELSIUS))

    def rough(i: jax.Array) -> tuple[jax.Array, jax.Array, jax.Array]:
        psi = flux_linkage(motor, i)
        losses = motor_losses(motor, i, jnp.zeros(()), temperatures)
        turning = 1.5 * motor.pole_pairs * (psi[0] * i[1] - psi[1] * i[0])
        return turning, jnp.sqrt(psi[0] ** 2 + psi[1] ** 2), losses.terminal + losses.excitation

    turning, flux, loss = jax.vmap(rough)(currents)
    amplitude = jnp.asarray((grid[:, 0] ** 2 + grid[:, 1] ** 2) ** 0.5) * stator
    return StartTable(currents=currents, amplitude=amplitude, torque=turning, flux=flux, loss=loss)
