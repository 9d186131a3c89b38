"""Inverter: what is designed, its voltage and current limits, masses, volume and what it costs to buy."""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp

from edu_opt.inverter.modulation import LINEAR_LIMIT, SIX_STEP_LIMIT, ripple_charge
from edu_opt.materials.semiconductors import Device
from edu_opt.numerics.design_space import DesignSpace, Variable
from edu_opt.numerics.pytree import pytree
from edu_opt.numerics.smooth import safe_sqrt

Number = float | jax.Array

CAPACITOR_ENERGY_DENSITY = 147e3  # J/m^3 at rated voltage: Nissan Leaf 2012, 1186.5 uF, 600 V in 1.45 l (ORNL)
CAPACITOR_DENSITY = 1300.0  # kg/m^3 potted film capacitor (assumed)
CAPACITOR_TIME_CONSTANT = 0.6e-6  # s, series resistance x capacitance of a film DC-link capacitor (assumed)
MODULE_DENSITY = 2200.0  # kg/m^3: copper base, ceramic, resin (assumed)
ALUMINIUM_DENSITY = 2700.0  # kg/m^3
WALL = 4e-3  # m, cast housing wall (assumed)
FIXED_VOLUME = 4.0e-3  # m^3: boards, sensors, connectors, filter (assumed with PACKING from CRD300, BMW i3: see tests)
PACKING = 3.0  # built volume over the volume of modules and capacitor (assumed)
CONTROL_MASS = 1.5  # kg: control and gate boards, sensors (assumed)
FILTER_MASS = 1.2  # kg: filter cores, connectors, cables inside (assumed)
COLD_PLATE_MASS = 0.6  # kg (assumed)
BUSBAR_MASS_PER_AMPERE = 2.0e-3  # kg per A rms of phase current limit (assumed)


@pytree
class Inverter:
    """Two-level three-phase inverter. Every field is data.

    parallel_area scales chip area, current, thermal conductance and package of `device` (1 = the data sheet's module);
    switching_frequency [Hz]; dead_time [s]; capacitance [F]; rated_voltage [V] of the capacitor; overmodulation 0 to 1:
    share of the way from the linear limit (M = 1.155) to six-step (M = 1.273) that control uses; control_power [W].
    """

    device: Device
    parallel_area: Number
    switching_frequency: Number
    capacitance: Number
    dead_time: Number = 1.5e-6
    rated_voltage: Number = 500.0
    overmodulation: Number = 0.5
    control_power: Number = 15.0


@pytree
class InverterMasses:
    """Masses [kg] by part; `housing` is the inverter's own share of the casting."""

    power_module: jax.Array
    capacitor: jax.Array
    busbars: jax.Array
    control: jax.Array
    housing: jax.Array

    @property
    def total(self) -> jax.Array:
        """Sum [kg]."""
        return self.power_module + self.capacitor + self.busbars + self.control + self.housing


@pytree
class InverterQuantities:
    """What is bought: die areas of all six positions [m^2], capacitance [F]."""

    silicon_die_area: jax.Array
    silicon_carbide_die_area: jax.Array
    capacitance: jax.Array


def inverter_space() -> DesignSpace:
    """Design variables: module size relative to the data sheet's part, DC-link capacitance, switching frequency."""
    return DesignSpace(
        (
            Variable("power_module", "parallel_area", "1", 0.4, 2.0, "chip area over the device's", logarithmic=True),
            Variable("capacitor", "capacitance", "f", 1.0e-4, 1.2e-3, "DC-link capacitance", logarithmic=True),
            Variable("inverter_control", "switching_frequency", "hz", 4e3, 20e3, "carrier frequency", logarithmic=True),
        )
    )


def inverter_from_values(
    device: Device, values: jax.Array, dead_time: Number = 1.5e-6, rated_voltage: Number = 500.0
) -> Inverter:
    """Inverter from the vector (3,) of `inverter_space`, in its order."""
    return Inverter(
        device=device,
        parallel_area=values[0],
        capacitance=values[1],
        switching_frequency=values[2],
        dead_time=dead_time,
        rated_voltage=rated_voltage,
    )


def modulation_limit(inverter: Inverter) -> jax.Array:
    """Largest modulation index that control uses, dead time off: M = linear + share (six-step - linear) - 8/pi t_d f.

    The dead-time term is the fundamental of the lost volt-seconds (4/pi t_d f V_dc per phase); it fades with the share
    of overmodulation, where pulses drop out.
    """
    share = jnp.asarray(inverter.overmodulation)
    reach = LINEAR_LIMIT + share * (SIX_STEP_LIMIT - LINEAR_LIMIT)
    return reach - (1.0 - share) * 8.0 / math.pi * inverter.dead_time * inverter.switching_frequency


def voltage_limit(inverter: Inverter, dc_voltage: Number, current_peak: Number) -> jax.Array:
    """Usable fundamental peak voltage of a phase [V] at a phase current [A peak], hot channel drop taken off.

    The drop is a square wave in phase with the current for the threshold part (4/pi) and in proportion for the rest;
    it is taken off in full (exact for cos(phi) = 1, small otherwise).
    """
    channel = inverter.device.forward
    hot = 100.0
    threshold = channel.threshold + hot * channel.threshold_slope
    resistance = channel.resistance + hot * (channel.resistance_slope + hot * channel.resistance_curvature)
    root = channel.root + hot * channel.root_slope
    per_chip = jnp.asarray(current_peak) / inverter.parallel_area
    root_part = root * safe_sqrt(per_chip * per_chip, 1.0) ** 0.5
    drop = 4.0 / math.pi * threshold + 1.1 * root_part + resistance * per_chip
    return 0.5 * jnp.asarray(dc_voltage) * modulation_limit(inverter) - drop


def phase_current_limit(inverter: Inverter) -> jax.Array:
    """Largest phase current [A peak] by the module's repetitive rating; the junction temperature limits it further."""
    return jnp.asarray(inverter.device.current_limit * inverter.parallel_area)


def dc_link_ripple(
    inverter: Inverter, current_peak: Number, modulation_index: Number, power_factor: Number, dc_voltage: Number
) -> jax.Array:
    """Peak-to-peak ripple of the DC-link voltage over the DC voltage [1], at the worst angle of the period."""
    charge = ripple_charge(jnp.asarray(modulation_index), jnp.asarray(power_factor)) * current_peak
    return charge / (inverter.switching_frequency * inverter.capacitance * dc_voltage)


def component_volumes(inverter: Inverter) -> tuple[jax.Array, jax.Array]:
    """Volume of (three half-bridge modules, capacitor) [m^3]; the capacitor by its energy at rated voltage."""
    modules = jnp.asarray(3.0 * inverter.device.package_volume * inverter.parallel_area)
    capacitor = 0.5 * inverter.capacitance * jnp.asarray(inverter.rated_voltage) ** 2 / CAPACITOR_ENERGY_DENSITY
    return modules, jnp.asarray(capacitor)


def inverter_volume(inverter: Inverter) -> jax.Array:
    """Built volume [m^3]: boards and connectors, and modules and capacitor with their packing."""
    modules, capacitor = component_volumes(inverter)
    return FIXED_VOLUME + PACKING * (modules + capacitor)


def inverter_dimensions(inverter: Inverter, footprint_length: Number, footprint_width: Number) -> jax.Array:
    """Height [m] of the inverter on a given footprint [m] x [m] (on top of motor and gearbox)."""
    return inverter_volume(inverter) / (jnp.asarray(footprint_length) * footprint_width)


def inverter_masses(inverter: Inverter) -> InverterMasses:
    """Masses by part; the housing as a box of the built volume with cast walls, plus the cold plate."""
    modules, capacitor = component_volumes(inverter)
    surface = 6.0 * inverter_volume(inverter) ** (2.0 / 3.0)
    return InverterMasses(
        power_module=MODULE_DENSITY * modules,
        capacitor=CAPACITOR_DENSITY * capacitor,
        busbars=BUSBAR_MASS_PER_AMPERE * phase_current_limit(inverter) / math.sqrt(2.0),
        control=jnp.asarray(CONTROL_MASS + FILTER_MASS),
        housing=ALUMINIUM_DENSITY * WALL * surface + COLD_PLATE_MASS,
    )


def inverter_quantities(inverter: Inverter) -> InverterQuantities:
    """Die areas and capacitance for the bill of materials (six positions)."""
    return InverterQuantities(
        silicon_die_area=jnp.asarray(6.0 * inverter.device.silicon_area * inverter.parallel_area),
        silicon_carbide_die_area=jnp.asarray(6.0 * inverter.device.silicon_carbide_area * inverter.parallel_area),
        capacitance=jnp.asarray(inverter.capacitance),
    )
