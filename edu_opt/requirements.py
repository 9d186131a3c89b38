"""Requirements become margins: value, limit, margin, unit, source.

A requirement bounds one named quantity of a design from below or above. Its limit is data, so that another brand or
another limit never recompiles anything; which quantities are bounded, and in which direction, is part of the program.
Margins are relative: positive is good, as a fraction of the limit, or of the quantity's declared scale where the limit
itself is no measure (temperatures, geometric indicators around zero).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Literal

import jax
import jax.numpy as jnp
import numpy as np

NOT_APPLICABLE = 1e6  # margins from here on mean "does not apply" and are NaN in the record


@dataclasses.dataclass(frozen=True)
class Quantity:
    """A result that a requirement may bound. `scale` is None where the limit itself is the measure."""

    unit: str
    description: str
    scale: float | None = None


QUANTITIES: dict[str, Quantity] = {
    # vehicle
    "energy_wltc": Quantity("wh_per_km", "battery energy over the vehicle's cycle per distance"),
    "range": Quantity("km", "usable battery energy over cycle energy"),
    "acceleration_0_100": Quantity("s", "time from rest to 100 km/h, all driven axles"),
    "top_speed": Quantity("km_per_h", "highest speed that motor speed and power at it allow"),
    "gradeability": Quantity("percent", "steepest start from rest at the gross mass"),
    "acceleration_80_120": Quantity("s", "time from 80 to 120 km/h, all driven axles"),
    "range_wltp": Quantity("km", "the vehicle's cycle driven again and again from full to empty (UN GTR 15)"),
    "climb_torque_ratio": Quantity("1", "launch torque of all units over that of a 45 degree climb with driver"),
    "trailer_start_acceleration": Quantity("m_per_s2", "start on 12 % at gross mass with the vehicle's trailer", 0.5),
    "sand_climb_winding_temperature": Quantity("celsius", "winding hot spot in five sand climbs at 50 degC", 50.0),
    "sand_climb_junction_temperature": Quantity("celsius", "hottest junction in them", 50.0),
    "sand_climb_shortfall": Quantity("1", "share of their shaft torque that is not reached", 0.01),
    # unit performance
    "axle_torque_10s": Quantity("nm", "axle torque of one unit at low speed for 10 s"),
    "peak_power_10s": Quantity("kw", "highest axle power of one unit for 10 s"),
    "axle_torque_30s": Quantity("nm", "axle torque of one unit at low speed for 30 s"),
    "peak_power_30s": Quantity("kw", "highest axle power of one unit for 30 s"),
    "continuous_power_30min": Quantity("kw", "axle power of one unit that the temperatures after 30 min allow (R85)"),
    "continuous_power": Quantity("kw", "axle power of one unit that the steady temperatures allow"),
    "continuous_to_peak_power": Quantity("1", "30 min power over 10 s power"),
    "power_density": Quantity("kw_per_kg", "10 s power over unit mass"),
    "unit_efficiency_cycle": Quantity("1", "axle energy over electrical energy while driving, over the cycle"),
    "cycle_torque_shortfall": Quantity("1", "largest share of the cycle's shaft torque that is not reached", 0.01),
    # unit, sizes and contents
    "unit_mass": Quantity("kg", "drive unit with inverter, without battery cables"),
    "unit_cost": Quantity("eur", "cost of one unit in its programme, tooling and development levelised"),
    "embodied_co2e": Quantity("kg", "CO2e of one unit's materials and of the electricity that makes it"),
    "lifecycle_co2e": Quantity("kg", "the same and the unit's share of the car's electricity over its life"),
    "package_diameter": Quantity("mm", "concentric envelope of motor and gearbox"),
    "package_length": Quantity("mm", "length of the unit along the axle"),
    "package_height": Quantity("mm", "height of the unit"),
    "ground_clearance": Quantity("mm", "road to the lowest point of the unit", 100.0),
    "package_depth": Quantity("mm", "extent of the unit along the vehicle"),
    "motor_offset": Quantity("mm", "wheel centre to motor axis (0: coaxial)", 100.0),
    "wading_height": Quantity("mm", "road to the breather, the lowest opening of the unit"),
    "centre_of_mass_axial": Quantity("mm", "centre of mass from the unit's middle towards the motor's end", 100.0),
    "centre_of_mass_forward": Quantity("mm", "centre of mass from the axle towards the motor", 100.0),
    "centre_of_mass_height": Quantity("mm", "centre of mass above the axle", 100.0),
    "rare_earth_mass": Quantity("kg", "magnet mass that holds rare earths", 0.1),
    # motor limits
    "winding_temperature_10s": Quantity("celsius", "winding hot spot after 10 s at peak torque", 50.0),
    "winding_temperature_30min": Quantity("celsius", "winding hot spot at the continuous point", 50.0),
    "rotor_temperature_30min": Quantity("celsius", "field winding or magnet at the continuous point", 50.0),
    "rotor_tip_speed": Quantity("m_per_s", "rotor surface speed at top speed"),
    "rotor_stress": Quantity("mpa", "largest rotor stress at 1.2 x top speed"),
    "rotor_stress_share": Quantity("1", "largest rotor stress at 1.2 x top speed over Rp0.2 / 1.2 of the sheet"),
    "mesh_quality": Quantity("1", "smallest corner sine of the field grid", 1.0),
    "field_residual": Quantity("1", "largest relative update of the field solves", 0.1),
    "demagnetization_margin": Quantity("t", "magnet flux density above the knee at its worst corner", 0.2),
    "demagnetization_margin_short": Quantity("t", "the same at the peak of a short circuit from peak torque", 0.2),
    "back_emf_share": Quantity("1", "voltage without control at top speed over the devices' blocking voltage"),
    "short_circuit_current_share": Quantity("1", "steady short circuit at top speed over the inverter's current"),
    "short_circuit_peak_share": Quantity("1", "peak of a short from peak torque over the inverter's current"),
    "short_circuit_braking": Quantity("nm", "axle torque of a unit that the steady short at top speed brakes with"),
    "short_circuit_braking_largest": Quantity("nm", "largest axle torque over speed of an active short on demand"),
    "field_decay_time": Quantity("s", "time until a field winding switched off at top speed is below the DC voltage"),
    "critical_speed_ratio": Quantity("1", "first bending speed of the rotor over 1.2 x top speed"),
    "breathing_mode_ratio": Quantity("1", "stator's breathing mode over the lowest pulsating force at top speed"),
    "ring_mode_ratio": Quantity("1", "stator's mode of the lowest force order but 0 over its force at top speed"),
    "torque_ripple_share": Quantity("1", "torque ripple, peak to peak over mean, at half the largest current"),
    "cogging_torque": Quantity("nm", "cogging torque, peak to peak (wants field grids M or L)"),
    "slot_fill": Quantity("1", "bare copper over slot area"),
    "jacket_pressure_drop": Quantity("kpa", "coolant's pressure drop in the motor's jacket at the rated flow"),
    "jacket_heat_30min": Quantity("kw", "heat that the motor's jacket takes up at the continuous point"),
    "oil_heat_30min": Quantity("kw", "heat that the motor gives to the oil at the continuous point"),
    # cooling loops of a unit
    "heat_rejection_30min": Quantity("kw", "heat that a unit's coolant brings to the radiator at the continuous point"),
    "heat_rejection_cycle": Quantity("kw", "the same as a mean over the cycle"),
    "coolant_temperature_30min": Quantity("celsius", "coolant into the inverter at the continuous point", 20.0),
    "jacket_inlet_temperature_30min": Quantity("celsius", "coolant into the motor's jacket, continuous point", 20.0),
    "oil_temperature_30min": Quantity("celsius", "oil of gears and motor at the continuous point", 20.0),
    "oil_temperature_cycle": Quantity("celsius", "oil of gears and motor, mean of the cycle", 20.0),
    "pump_power_30min": Quantity("w", "electrical power of a unit's coolant and oil pumps at their rated flows"),
    "pump_power_cycle": Quantity("w", "the same on the cycle"),
    "cooling_derating": Quantity("1", "steady load with the loop's coolant over that with coolant at its rated value"),
    # gearbox limits
    "flank_safety_stage_1": Quantity("1", "smallest flank safety of stage 1 over the load spectrum (ISO 6336-2, -6)"),
    "flank_safety_stage_2": Quantity("1", "smallest flank safety of stage 2 over the load spectrum (ISO 6336-2, -6)"),
    "root_safety_stage_1": Quantity("1", "smallest root safety of stage 1 over the load spectrum (ISO 6336-3, -6)"),
    "root_safety_stage_2": Quantity("1", "smallest root safety of stage 2 over the load spectrum (ISO 6336-3, -6)"),
    "static_flank_safety": Quantity("1", "flank safety at peak torque against the static strength"),
    "static_root_safety": Quantity("1", "root safety at peak torque against the static strength"),
    "bearing_life_load_ratio": Quantity("1", "load that the bearings could carry for life over their load (ISO 281)"),
    "bearing_speed_ratio": Quantity("1", "permissible over highest n d_m of the bearings"),
    "contact_ratio": Quantity("1", "smallest transverse contact ratio"),
    "overlap_ratio": Quantity("1", "smallest overlap ratio"),
    "undercut": Quantity("1", "distance from undercut, in modules", 1.0),
    "interference": Quantity("1", "distance of the contact path from interference, in modules", 1.0),
    "tip_thickness": Quantity("1", "smallest tooth tip thickness, in modules", 1.0),
    "scuffing_safety": Quantity("1", "smallest scuffing safety, integral and flash temperature (ISO/TS 6336-20, -21)"),
    "micropitting_safety": Quantity("1", "smallest film over the permissible one (ISO/TS 6336-22)"),
    "bearing_static_ratio": Quantity("1", "static safety of the bearings at peak over the wanted one (ISO 76)"),
    "shaft_strength_ratio": Quantity("1", "smallest safety of the shafts over the wanted one (DIN 743; 2: not rated)"),
    "input_spline_ratio": Quantity("1", "permissible over real flank pressure of the motor's spline (2: not rated)"),
    "overlap_mismatch": Quantity("1", "overlap ratio's distance from whole numbers, sin^2(pi x), the largest", 1.0),
    "total_contact_mismatch": Quantity("1", "the same of the total contact ratio", 1.0),
    "order_separation": Quantity("1", "smallest relative distance of mesh orders from the motor's orders", 0.1),
    "gear_shaft_ratio": Quantity("1", "shaft strength or room over need, the smallest of all gear shafts"),
    "gear_clearance": Quantity("mm", "smallest distance between wheels, shafts and planets, beyond 3 mm", 10.0),
    # inverter limits
    "junction_temperature_10s": Quantity("celsius", "hottest junction at peak torque", 50.0),
    "junction_temperature_30min": Quantity("celsius", "hottest junction at the continuous point", 50.0),
    "dc_link_ripple": Quantity("percent", "DC-link voltage ripple at peak current"),
    "stall_junction_margin_launch": Quantity(
        "k", "junctions below their limit after 1 s of launch torque at stall", 50.0
    ),
    "stall_junction_margin_hold": Quantity(
        "k", "junctions below their limit after 20 s of holding 20 % at stall", 50.0
    ),
    "junction_cycling_life": Quantity(
        "h", "hours of the cycle until power cycling ends the module (told apart to 1e6)"
    ),
    "capacitor_temperature_30min": Quantity(
        "celsius", "hot spot of the DC-link capacitor at the continuous point", 50.0
    ),
    "capacitor_temperature_margin": Quantity("k", "DC-link capacitor below its limit at the continuous point", 20.0),
    "field_voltage_ratio": Quantity("1", "exciter's voltage over the hot field's need at peak (2: no field winding)"),
}


@dataclasses.dataclass(frozen=True)
class Requirement:
    """A bound on a quantity: `sense` "min" keeps the value above `limit`, "max" below; limit in the quantity's unit."""

    quantity: str
    sense: Literal["min", "max"]
    limit: float
    source: str
    conditions: str = ""

    def __post_init__(self) -> None:
        if self.quantity not in QUANTITIES:
            raise KeyError(f"unknown quantity {self.quantity!r}; known: {', '.join(sorted(QUANTITIES))}")
        if QUANTITIES[self.quantity].scale is None and self.limit == 0.0:
            raise ValueError(f"{self.quantity}: a limit of 0 gives no relative margin; state a limit other than 0")

    @property
    def name(self) -> str:
        """Column name: `QUANTITY_min` or `QUANTITY_max`."""
        return f"{self.quantity}_{self.sense}"

    @property
    def unit(self) -> str:
        """Unit of value and limit."""
        return QUANTITIES[self.quantity].unit

    @property
    def scale(self) -> float:
        """What one unit of margin is worth, in the quantity's unit."""
        declared = QUANTITIES[self.quantity].scale
        return abs(self.limit) if declared is None else declared


# What a drive unit must keep whatever the brand. Sources stand with each limit.
PHYSICAL_LIMITS: tuple[Requirement, ...] = (
    Requirement("cycle_torque_shortfall", "max", 0.005, "the cycle is driven; half a percent is solver tolerance"),
    Requirement("winding_temperature_10s", "max", 180.0, "insulation class H, IEC 60085"),
    Requirement("rotor_stress_share", "max", 1.0, "local peak at 1.2 x top speed, Rp0.2 of the sheet by its maker"),
    Requirement("mesh_quality", "min", 0.05, "a field grid cell that folds gives no answer"),
    Requirement("flank_safety_stage_1", "min", 1.0, "ISO 6336-2 with load spectrum, 1 % damage probability"),
    Requirement("flank_safety_stage_2", "min", 1.0, "ISO 6336-2 with load spectrum, 1 % damage probability"),
    Requirement("root_safety_stage_1", "min", 1.2, "ISO 6336-3; usual in passenger-car drives (assumed)"),
    Requirement("root_safety_stage_2", "min", 1.2, "ISO 6336-3; usual in passenger-car drives (assumed)"),
    Requirement("static_flank_safety", "min", 1.0, "no flank damage in one peak"),
    Requirement("static_root_safety", "min", 1.5, "usual in passenger-car drives (assumed)"),
    Requirement("scuffing_safety", "min", 1.5, "ISO/TR 13989: 1.5 to 2 where the loads are known"),
    Requirement("shaft_strength_ratio", "min", 1.0, "DIN 743, fatigue and yield, wanted safeties in shaft_strength"),
    Requirement("input_spline_ratio", "min", 1.0, "flank pressure of the motor's spline"),
    Requirement("bearing_life_load_ratio", "min", 1.0, "ISO 281, 90 % reliability over the load spectrum"),
    Requirement("bearing_speed_ratio", "min", 1.0, "speed limit of grease-free, oil-fed deep-groove bearings"),
    Requirement("contact_ratio", "min", 1.25, "running quality, usual lower bound"),
    Requirement("overlap_ratio", "min", 0.9, "noise, usual lower bound in car gearboxes"),
    Requirement("undercut", "min", 0.0, "no undercut by a rack with tip radius"),
    Requirement("interference", "min", 0.0, "contact must stay on the involute"),
    Requirement("tip_thickness", "min", 0.3, "case-hardened tips: 0.2 m_n ISO 6336-1 lower bound, 0.4 recommended"),
    Requirement("gear_shaft_ratio", "min", 1.0, "shafts carry their torque and fit their bores"),
    Requirement("gear_clearance", "min", 0.0, "3 mm between turning gears and their neighbours (assumed)"),
    Requirement("junction_temperature_10s", "max", 165.0, "10 K below the modules' 175 C"),
    Requirement("capacitor_temperature_margin", "min", 0.0, "105 C, hot spot of polypropylene film"),
    Requirement("field_voltage_ratio", "min", 1.0, "the exciter must be able to drive the field current"),
    Requirement("dc_link_ripple", "max", 10.0, "usual design value for traction DC links (assumed)"),
)


def margin(value: jax.Array, requirement: Requirement, limit: jax.Array | float | None = None) -> jax.Array:
    """Relative margin, positive where the requirement is kept; `limit` may be passed as data."""
    bound = jnp.asarray(requirement.limit if limit is None else limit)
    return margins({requirement.quantity: value}, [requirement], bound[None])[0]


def margins(values: Mapping[str, jax.Array], requirements: Sequence[Requirement], limits: jax.Array) -> jax.Array:
    """Margins (r,) in the order of the requirements, with their limits (r,) as data; a limit of NaN bounds nothing
    (its margin is `NOT_APPLICABLE`). A value (k,) of several members gives k margins in its place."""
    members = [jnp.ravel(values[r.quantity]) for r in requirements]
    rows = np.repeat(np.arange(len(members)), [len(each) for each in members])
    requirements, limits = [requirements[int(k)] for k in rows], jnp.asarray(limits)[rows]
    bounds = ~jnp.isnan(limits)
    limits = jnp.where(bounds, limits, 1.0)
    sign = jnp.array([1.0 if r.sense == "min" else -1.0 for r in requirements])
    scales = [QUANTITIES[r.quantity].scale for r in requirements]
    relative = np.array([scale is None for scale in scales])
    scale = jnp.where(relative, jnp.abs(limits), np.array([1.0 if scale is None else scale for scale in scales]))
    found = sign * (jnp.concatenate(members) - limits) / scale
    return jnp.where(bounds, found, NOT_APPLICABLE)


def contradictions(requirements: Sequence[Requirement]) -> list[str]:
    """One line for each quantity whose lower bound lies above its upper bound, or that is bounded twice one way."""
    lines = []
    for name in sorted({r.quantity for r in requirements}):
        low = [r.limit for r in requirements if r.quantity == name and r.sense == "min"]
        high = [r.limit for r in requirements if r.quantity == name and r.sense == "max"]
        if low and high and max(low) > min(high):
            lines.append(f"{name}: min {max(low):g} is above max {min(high):g} {QUANTITIES[name].unit}")
        if len(low) > 1 or len(high) > 1:
            lines.append(f"{name}: bounded more than once in the same direction")
    return lines


def merge(*groups: Sequence[Requirement]) -> tuple[Requirement, ...]:
    """Requirements of several sources as one list; of two bounds of one kind on one quantity the stricter stays."""
    kept: dict[str, Requirement] = {}
    for requirement in (r for group in groups for r in group):
        other = kept.get(requirement.name)
        stricter = max if requirement.sense == "min" else min
        if other is None or stricter(requirement.limit, other.limit) != other.limit:
            kept[requirement.name] = requirement
    return tuple(kept.values())
