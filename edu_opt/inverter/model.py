"""Inverter: what is designed, its voltage and current limits, carrier frequency, masses, volume, what is bought."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import jax
import jax.numpy as jnp

from edu_opt.inverter import dc_link
from edu_opt.inverter.modulation import LINEAR_LIMIT, SIX_STEP_LIMIT, ripple_charge
from edu_opt.materials.semiconductors import Device
from edu_opt.numerics.design_space import DesignSpace, Variable
from edu_opt.numerics.pytree import pytree
from edu_opt.numerics.smooth import safe_sqrt

if TYPE_CHECKING:
    from edu_opt.inverter.exciter import FieldExciter

Number = float | jax.Array

MODULE_DENSITY = 2200.0  # kg/m^3: copper base, ceramic, resin (assumed)
MODULE_HEIGHT = 0.018  # m, of the packages here without terminals: base plate from package volume (assumed)
ALUMINIUM_DENSITY = 2700.0  # kg/m^3
WALL = 4e-3  # m, cast housing wall (assumed)
FIXED_VOLUME = 3.6e-3  # m^3: boards, sensors, connectors (assumed with PACKING from CRD300, BMW i3: see tests)
PACKING = 3.0  # built volume over the volume of modules and capacitor (assumed)
CONTROL_MASS = 1.5  # kg: control and gate boards, sensors (assumed)
COLD_PLATE_MASS = 0.6  # kg (assumed)
# Copper bars: 6 A/mm^2 RMS at the phase current limit; three phases of 0.25 m, two DC bars of 0.29 m (assumed).
COPPER_DENSITY = 8960.0  # kg/m^3
COPPER_RESISTIVITY = 2.2e-8  # Ohm m at 100 degC
BUSBAR_CURRENT_DENSITY = 6.0e6  # A/m^2
PHASE_BAR_LENGTH = 0.25  # m
DIRECT_BAR_LENGTH = 0.29  # m
# The module's limit is repetitive: continuous DC current over it (M cos(phi) = 0.93 at half the limit).
DIRECT_CURRENT_SHARE = 0.35
CARRIER_CHANGE = 0.7  # modulation index half-way between the carrier frequencies of low and high modulation


@pytree
class Inverter:
    """Two-level three-phase inverter. Every field is data.

    parallel_area scales chip area, current, thermal conductance and package of `device` (1 = the data sheet's module);
    switching_frequency [Hz] at low modulation, times `frequency_ratio` at high modulation; dead_time [s]; capacitance
    [F]; rated_voltage [V] of the capacitor; overmodulation 0 to 1: share of the way from the linear limit (M = 1.155)
    to six-step (M = 1.273) that control uses; control_power [W]; discontinuous 0 (space-vector) to 1 (DPWM1); exciter:
    feed of a wound rotor (None where it has none, and brushes of `exciter` where nothing else is said).
    """

    device: Device
    parallel_area: Number
    switching_frequency: Number
    capacitance: Number
    dead_time: Number = 1.5e-6
    rated_voltage: Number = 500.0
    overmodulation: Number = 0.5
    control_power: Number = 15.0
    discontinuous: Number = 0.0
    frequency_ratio: Number = 1.0
    exciter: FieldExciter | None = None


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
    """What is bought: die areas of all six positions [m^2], capacitance [F], its energy at rated voltage [J], copper of
    the bars [kg], EMI filter [kg], cooled base plate of the three modules [m^2]."""

    silicon_die_area: jax.Array
    silicon_carbide_die_area: jax.Array
    capacitance: jax.Array
    capacitor_energy: jax.Array
    busbar_copper: jax.Array
    filter_mass: jax.Array
    cooled_area: jax.Array


def inverter_space() -> DesignSpace:
    """Design variables: module size relative to the data sheet's part, DC-link capacitance, switching frequency at low
    modulation and what it is multiplied with at high modulation (`carrier_frequency`)."""
    return DesignSpace(
        (
            Variable("power_module", "parallel_area", "1", 0.4, 2.0, "chip area over the device's", logarithmic=True),
            Variable("capacitor", "capacitance", "f", 1.0e-4, 1.2e-3, "DC-link capacitance", logarithmic=True),
            Variable("inverter_control", "switching_frequency", "hz", 4e3, 20e3, "carrier frequency", logarithmic=True),
            Variable(
                "inverter_control",
                "frequency_ratio",
                "1",
                0.5,
                2.0,
                "carrier frequency at high modulation over that at low",
                logarithmic=True,
            ),
        )
    )


def inverter_from_values(
    device: Device,
    values: jax.Array,
    dead_time: Number = 1.5e-6,
    rated_voltage: Number = 500.0,
    discontinuous: Number = 0.0,
    exciter: FieldExciter | None = None,
) -> Inverter:
    """Inverter from the vector (4,) of `inverter_space`, in its order."""
    return Inverter(
        device=device,
        parallel_area=values[0],
        capacitance=values[1],
        switching_frequency=values[2],
        frequency_ratio=values[3],
        dead_time=dead_time,
        rated_voltage=rated_voltage,
        discontinuous=discontinuous,
        exciter=exciter,
    )


def carrier_frequency(inverter: Inverter, modulation_index: Number) -> jax.Array:
    """Carrier frequency [Hz] at a modulation index: `switching_frequency` at low, times `frequency_ratio` at high M;
    the step is M^4 / (M^4 + 0.7^4), cheap under the control's second derivatives."""
    rise = (jnp.asarray(modulation_index) / CARRIER_CHANGE) ** 2
    step = rise**2 / (1.0 + rise**2)
    return jnp.asarray(inverter.switching_frequency) * (1.0 + (inverter.frequency_ratio - 1.0) * step)


def modulation_limit(inverter: Inverter) -> jax.Array:
    """Largest modulation index that control uses, dead time off: M = linear + share (six-step - linear) - 8/pi t_d f.

    The dead-time term is the fundamental of the lost volt-seconds (4/pi t_d f V_dc per phase); it fades with the share
    of overmodulation, where pulses drop out.
    """
    share = jnp.asarray(inverter.overmodulation)
    reach = LINEAR_LIMIT + share * (SIX_STEP_LIMIT - LINEAR_LIMIT)
    return reach - (1.0 - share) * 8.0 / math.pi * inverter.dead_time * carrier_frequency(inverter, LINEAR_LIMIT)


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
    charge = ripple_charge(modulation_index, jnp.asarray(power_factor), inverter.discontinuous)
    frequency = carrier_frequency(inverter, modulation_index)
    return dc_link.ripple_share(charge, current_peak, frequency, inverter.capacitance, dc_voltage)


def required_capacitance(
    inverter: Inverter,
    current_peak: Number,
    modulation_index: Number,
    power_factor: Number,
    dc_voltage: Number,
    allowed_share: Number = 0.05,
) -> jax.Array:
    """Capacitance [F] that would keep `dc_link_ripple` at `allowed_share` at this point."""
    charge = ripple_charge(modulation_index, jnp.asarray(power_factor), inverter.discontinuous)
    frequency = carrier_frequency(inverter, modulation_index)
    return dc_link.required_capacitance(charge, current_peak, frequency, dc_voltage, allowed_share)


def component_volumes(inverter: Inverter) -> tuple[jax.Array, jax.Array]:
    """Volume of (three half-bridge modules, capacitor) [m^3]; the capacitor by its energy at rated voltage."""
    modules = jnp.asarray(3.0 * inverter.device.package_volume * inverter.parallel_area)
    return modules, dc_link.capacitor_volume(inverter.capacitance, inverter.rated_voltage)


def inverter_volume(inverter: Inverter) -> jax.Array:
    """Built volume [m^3]: boards and connectors, EMI filter, modules and capacitor with their packing."""
    modules, capacitor = component_volumes(inverter)
    return FIXED_VOLUME + dc_link.filter_volume(direct_current_rating(inverter)) + PACKING * (modules + capacitor)


def inverter_dimensions(inverter: Inverter, footprint_length: Number, footprint_width: Number) -> jax.Array:
    """Height [m] of the inverter on a given footprint [m] x [m] (on top of motor and gearbox)."""
    return inverter_volume(inverter) / (jnp.asarray(footprint_length) * footprint_width)


def busbar_section(inverter: Inverter) -> jax.Array:
    """Copper section of a bar [m^2] by the phase current limit."""
    return phase_current_limit(inverter) / math.sqrt(2.0) / BUSBAR_CURRENT_DENSITY


def busbar_resistances(inverter: Inverter) -> tuple[jax.Array, jax.Array]:
    """Resistance of (one phase bar, both DC bars together) [Ohm], hot."""
    per_length = COPPER_RESISTIVITY / busbar_section(inverter)
    return per_length * PHASE_BAR_LENGTH, per_length * 2.0 * DIRECT_BAR_LENGTH


def busbar_mass(inverter: Inverter) -> jax.Array:
    """Copper of phase and DC bars [kg]."""
    return COPPER_DENSITY * busbar_section(inverter) * (3.0 * PHASE_BAR_LENGTH + 2.0 * DIRECT_BAR_LENGTH)


def direct_current_rating(inverter: Inverter) -> jax.Array:
    """DC current [A] that the module's size stands for: what filter and connectors are built for."""
    return DIRECT_CURRENT_SHARE * phase_current_limit(inverter)


def emi_filter_mass(inverter: Inverter) -> jax.Array:
    """Allowance for the EMI filter [kg]."""
    return dc_link.filter_mass(direct_current_rating(inverter))


def inverter_masses(inverter: Inverter) -> InverterMasses:
    """Masses by part; the housing as a box of the built volume with cast walls, plus the cold plate."""
    modules, capacitor = component_volumes(inverter)
    surface = 6.0 * inverter_volume(inverter) ** (2.0 / 3.0)
    return InverterMasses(
        power_module=MODULE_DENSITY * modules,
        capacitor=dc_link.CAPACITOR_DENSITY * capacitor,
        busbars=busbar_mass(inverter),
        control=CONTROL_MASS + emi_filter_mass(inverter),
        housing=ALUMINIUM_DENSITY * WALL * surface + COLD_PLATE_MASS,
    )


def inverter_quantities(inverter: Inverter) -> InverterQuantities:
    """What the bill of materials buys (six positions, three modules)."""
    modules, _ = component_volumes(inverter)
    return InverterQuantities(
        silicon_die_area=jnp.asarray(6.0 * inverter.device.silicon_area * inverter.parallel_area),
        silicon_carbide_die_area=jnp.asarray(6.0 * inverter.device.silicon_carbide_area * inverter.parallel_area),
        capacitance=jnp.asarray(inverter.capacitance),
        capacitor_energy=0.5 * inverter.capacitance * jnp.asarray(inverter.rated_voltage) ** 2,
        busbar_copper=busbar_mass(inverter),
        filter_mass=emi_filter_mass(inverter),
        cooled_area=modules / MODULE_HEIGHT,
    )
