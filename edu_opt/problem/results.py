"""Every result of a candidate: cycle, peak and continuous ratings, strength, gears, package, mass, cost, vehicle.

One pure function of drive unit and data; the objectives and margins are picked from it, the report shows all of it.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from edu_opt.drive_unit.conditions import Conditions, Rating, conditions
from edu_opt.drive_unit.envelope import peak_point
from edu_opt.drive_unit.model import DriveUnit, cooling, motor_speed
from edu_opt.drive_unit.operating_point import OperatingPoint, operating_point
from edu_opt.drive_unit.package import UnitMasses, unit_dimensions, unit_masses
from edu_opt.duty.load_spectrum import join, peak_blocks
from edu_opt.duty.road_load import tyre_and_air_force
from edu_opt.gearbox.margins import worst
from edu_opt.gearbox.model import ratio
from edu_opt.gearbox.rating import GearboxRating, rate
from edu_opt.inverter.model import inverter_quantities
from edu_opt.motor.model import demagnetization_margin, rotor_inertia, rotor_strength
from edu_opt.motor.thermal import steady_temperatures, temperatures_after
from edu_opt.numerics.pytree import pytree, replace
from edu_opt.numerics.smooth import soft_maximum, soft_minimum
from edu_opt.problem.data import StudyData
from edu_opt.programme.bill_of_materials import MaterialAmounts, bill_of_materials, total_cost
from edu_opt.settings import RARE_EARTH_KINDS
from edu_opt.vehicle.energy import CycleEnergy, cycle_energy, driving_range, unit_demand
from edu_opt.vehicle.model import Vehicle, axle_counts
from edu_opt.vehicle.performance import acceleration_time, gradeability, top_speed

PEAK_DURATION = 10.0  # s
LAUNCH_SPEED = 1.0  # rad/s at the axle: peak torque from rest, current turning slowly through the phases
ENVELOPE_REACH = 1.10  # highest speed of the peak curve over the required top speed
SHORTFALL_WIDTH = 1e-3
TEMPERATURE_WIDTH = 0.5  # K, soft maximum over junctions
POWER_WIDTH = 200.0  # W, soft maximum over the peak curve

Scalars = dict[str, jax.Array]


@pytree
class Performance:
    """Peak curve of one unit: vehicle speeds (S,), axle torque (S,), and the operating point at launch."""

    speeds: jax.Array
    torque: jax.Array
    launch: OperatingPoint


def cycle_conditions(data: StudyData) -> Conditions:
    """Conditions on the cycle: warm motor."""
    r = data.ratings
    return conditions(
        dc_voltage=r.dc_voltage,
        coolant_celsius=r.coolant_celsius,
        coolant_flow=r.coolant_flow,
        oil_celsius=r.oil_celsius,
        motor_celsius=r.cycle_celsius,
    )


def peak_rating(data: StudyData) -> Rating:
    """The 10 s rating, from the start temperature."""
    r = data.ratings
    at = conditions(
        dc_voltage=r.dc_voltage,
        coolant_celsius=r.coolant_celsius,
        coolant_flow=r.coolant_flow,
        oil_celsius=r.oil_celsius,
        motor_celsius=r.start_celsius,
    )
    return Rating(name="10 s", conditions=at, duration=jnp.asarray(PEAK_DURATION))


def vehicle_with_unit(data: StudyData, unit_mass: jax.Array) -> Vehicle:
    """The vehicle at the mass that it has with this unit instead of its published one."""
    change = jnp.sum(axle_counts(data.vehicle)) * (unit_mass - data.reference_unit_mass)
    vehicle = data.vehicle
    return replace(
        vehicle,
        test_mass=vehicle.test_mass + change,
        performance_mass=vehicle.performance_mass + change,
        gross_mass=vehicle.gross_mass + change,
    )


def on_cycle(unit: DriveUnit, vehicle: Vehicle, data: StudyData, alike: bool) -> tuple[CycleEnergy, Scalars]:
    """Cycle energy, with the unit's efficiency and the largest torque shortfall. All axles carry the same design;
    where they are `alike` (same share and count) one of them is evaluated for all."""
    at = cycle_conditions(data)
    torque, speed = unit_demand(vehicle, data.duty)
    rows = torque[:1] if alike else torque
    points = jax.vmap(lambda row: jax.vmap(lambda t, w: operating_point(unit, t, w, at))(row, speed))(rows)
    power = jnp.broadcast_to(points.electrical_power, torque.shape)
    energy = cycle_energy(vehicle, data.duty, power)
    driving = jax.nn.sigmoid(rows / 1.0)
    work = jnp.sum(driving * points.output_power * data.duty.duration)
    electrical = jnp.sum(driving * points.electrical_power * data.duty.duration)
    losses = jax.tree.map(
        lambda loss: jnp.sum(loss * data.duty.duration) / data.duty.distance / 3.6,
        {"motor": points.motor_losses, "inverter": points.inverter_losses, "gearbox": points.gearbox_losses},
    )
    return energy, {
        "unit_efficiency_cycle": work / electrical,
        "cycle_torque_shortfall": soft_maximum(jnp.ravel(points.shortfall), SHORTFALL_WIDTH),
        "motor_loss_cycle": losses["motor"].total,
        "inverter_loss_cycle": losses["inverter"].total,
        "gearbox_loss_cycle": losses["gearbox"].total,
        "stator_copper_loss_cycle": losses["motor"].terminal,
        "excitation_loss_cycle": losses["motor"].excitation,
        "motor_drag_cycle": losses["motor"].drag,
        "control_residual": jnp.max(points.control_residual),
    }


def peak_performance(unit: DriveUnit, data: StudyData, count: int) -> Performance:
    """Peak torque over speed: from launch to beyond the required top speed, dense where power sets in."""
    rating = peak_rating(data)
    share = jnp.linspace(0.0, 1.0, count) ** 1.3
    radius = data.vehicle.wheel_radius
    speeds = LAUNCH_SPEED * radius + share * (ENVELOPE_REACH * data.top_speed - LAUNCH_SPEED * radius)
    points = jax.vmap(lambda v: peak_point(unit, v / radius, rating))(speeds)
    launch = jax.tree.map(lambda leaf: leaf[0], points)
    return Performance(speeds=speeds, torque=points.output_torque, launch=launch)


def junction(point: OperatingPoint) -> jax.Array:
    """Hottest junction [degC]."""
    inverter = point.inverter_losses
    both = jnp.stack([inverter.junction_celsius_switch, inverter.junction_celsius_diode])
    return soft_maximum(both, TEMPERATURE_WIDTH)


def at_peak(unit: DriveUnit, data: StudyData, peak: Performance) -> Scalars:
    """Temperatures after 10 s at launch torque, junctions, DC-link ripple; torque and power of the curve."""
    rating, launch = peak_rating(data), peak.launch
    at = rating.conditions
    start = at.temperatures
    after = temperatures_after(
        unit.motor, launch.motor_losses, start, cooling(unit, at), launch.shaft_speed, start, rating.duration
    )
    power = peak.torque * peak.speeds / data.vehicle.wheel_radius
    return {
        "axle_torque_10s": peak.torque[0],
        "peak_power_10s": soft_maximum(power, POWER_WIDTH) * 1e-3,
        "winding_temperature_10s": after.hot_spot,
        "rotor_temperature_10s": after.field_winding,
        "junction_temperature_10s": junction(launch),
        "dc_link_ripple": 100.0 * launch.dc_link_ripple,
        "phase_current_10s": launch.current,
    }


def at_continuous(unit: DriveUnit, data: StudyData) -> Scalars:
    """Steady temperatures at the continuous point, and the power they allow.

    Losses grow with about the square of torque, so the power at the temperature limits is that of the point times the
    root of allowed over found rise; exact where the found temperature is the limit.
    """
    r, at = data.ratings, cycle_conditions(data)
    speed = r.continuous_speed_share * data.top_speed / data.vehicle.wheel_radius
    hot = replace(at, temperatures=jax.tree.map(lambda _: r.winding_continuous_celsius - 20.0, at.temperatures))
    point = operating_point(unit, r.continuous_power / speed, speed, hot)
    steady = steady_temperatures(
        unit.motor, point.motor_losses, hot.temperatures, cooling(unit, at), point.shaft_speed
    )
    rotor = steady.field_winding if unit.motor.kind == "eesm" else steady.magnet
    found = jnp.stack([steady.hot_spot, rotor, junction(point)])
    limits = jnp.stack([r.winding_continuous_celsius, r.rotor_continuous_celsius, r.junction_continuous_celsius])
    sinks = jnp.stack([r.coolant_celsius, r.oil_celsius, r.coolant_celsius])
    allowed = jnp.sqrt((limits - sinks) / jnp.maximum(found - sinks, 1.0))
    reached = r.continuous_power * (1.0 - jnp.minimum(point.shortfall, 0.9))
    return {
        "continuous_power_30min": reached * soft_minimum(allowed, 0.005) * 1e-3,
        "winding_temperature_30min": steady.hot_spot,
        "rotor_temperature_30min": rotor,
        "junction_temperature_30min": junction(point),
        "loss_30min": point.total_loss,
    }


def strength(unit: DriveUnit, data: StudyData) -> Scalars:
    """Rotor at top speed, fields' health, demagnetization."""
    top = motor_speed(unit, data.top_speed / data.vehicle.wheel_radius)
    rotor = rotor_strength(unit.motor, top)
    fields = unit.motor.lamination_map
    current = unit.inverter.device.current_limit * unit.inverter.parallel_area
    worst_stress = soft_maximum(jnp.stack([rotor.ring_stress, rotor.retention_stress]), 1e6)
    return {
        "rotor_tip_speed": rotor.tip_speed,
        "rotor_stress": worst_stress * 1e-6,
        "motor_speed_max": top,
        "mesh_quality": fields.corner_jacobian,
        "field_residual": fields.residual,
        "demagnetization_margin": demagnetization_margin(unit.motor, data.ratings.rotor_continuous_celsius, current),
    }


def gears(rating: GearboxRating) -> Scalars:
    """Smallest safeties and geometric distances."""
    first, second, shape = rating.stage_1, rating.stage_2, rating.geometry
    return {
        "flank_safety_stage_1": worst(first.flank_safety),
        "flank_safety_stage_2": worst(second.flank_safety),
        "root_safety_stage_1": worst(first.root_safety),
        "root_safety_stage_2": worst(second.root_safety),
        "static_flank_safety": worst(jnp.concatenate([first.static_flank_safety.ravel(), second.static_flank_safety.ravel()])),
        "static_root_safety": worst(jnp.concatenate([first.static_root_safety.ravel(), second.static_root_safety.ravel()])),
        "bearing_life_load_ratio": worst(rating.bearings.life_load_ratio),
        "bearing_speed_ratio": worst(rating.bearings.speed_ratio),
        "undercut": worst(shape.undercut),
        "interference": worst(shape.interference),
        "tip_thickness": worst(shape.tip_thickness),
        "contact_ratio": worst(shape.contact_ratio),
        "overlap_ratio": worst(shape.overlap_ratio),
        "gear_shaft_ratio": worst(shape.shaft_ratio),
        "gear_clearance": worst(shape.collision_gap / 0.01) * 10.0,
    }


def rated_gears(unit: DriveUnit, data: StudyData, peak_torque: jax.Array) -> GearboxRating:
    """Gearbox over the life: the cycle's blocks, peak blocks from the unit's own peak torque."""
    vehicle = data.vehicle
    share = jnp.max(jnp.stack([jnp.asarray(axle.share / axle.count) for axle in vehicle.axles]))
    braking = vehicle.braking.deceleration * vehicle.test_mass * vehicle.wheel_radius * share
    cruising = tyre_and_air_force(vehicle.road_load, data.top_speed) * vehicle.wheel_radius * share
    rare = peak_blocks(peak_torque, braking, cruising, vehicle.wheel_radius, data.top_speed)
    spectrum = join(data.cycle_spectrum, rare)
    return rate(unit.gearbox, spectrum, peak_torque, maximum_output_speed=data.top_speed / vehicle.wheel_radius)


def costs(unit: DriveUnit, masses: UnitMasses, peak_power: jax.Array, data: StudyData) -> Scalars:
    """Cost lines [EUR] by part."""
    motor, gearbox, bought = masses.motor, masses.gearbox, inverter_quantities(unit.inverter)
    wound = 0.0 if unit.motor.kind in RARE_EARTH_KINDS else 1.0
    amounts = MaterialAmounts(
        stator_steel=motor.stator_steel,
        rotor_steel=motor.rotor_steel,
        stator_copper=motor.stator_copper,
        field_copper=motor.field_copper,
        magnets=motor.magnets,
        motor_shaft=motor.shaft,
        gears_stage_1=gearbox.gears_stage_1,
        gears_stage_2=gearbox.gears_stage_2,
        gear_shafts=gearbox.gear_shafts,
        differential=gearbox.differential,
        bearings=gearbox.bearings,
        oil=gearbox.oil,
        housing=motor.housing + gearbox.housing + masses.inverter.housing,
        silicon_die_area=bought.silicon_die_area,
        silicon_carbide_die_area=bought.silicon_carbide_die_area,
        capacitance=bought.capacitance,
        peak_power=peak_power,
        wound_rotor=jnp.asarray(wound),
    )
    return bill_of_materials(amounts, data.prices)


def on_road(unit: DriveUnit, vehicle: Vehicle, peak: Performance, data: StudyData) -> Scalars:
    """Acceleration, top speed and grade."""
    axles = len(vehicle.axles)
    envelope = jnp.broadcast_to(peak.torque, (axles, peak.torque.size))
    rotating = jnp.sum(axle_counts(vehicle)) * rotor_inertia(unit.motor) * ratio(unit.gearbox) ** 2
    highest = peak.speeds[-1]
    return {
        "acceleration_0_100": acceleration_time(vehicle, peak.speeds, envelope, rotating),
        "top_speed": top_speed(vehicle, peak.speeds, envelope, highest) * 3.6,
        "gradeability": 100.0 * gradeability(vehicle, jnp.broadcast_to(peak.torque[0], (axles,))),
    }


def results(unit: DriveUnit, data: StudyData, envelope_speeds: int, alike: bool) -> tuple[Scalars, Scalars]:
    """(quantities and further results by name, cost lines by part) of one drive unit in its vehicle; see `on_cycle`."""
    peak = peak_performance(unit, data, envelope_speeds)
    masses = unit_masses(unit, peak.torque[0])
    vehicle = vehicle_with_unit(data, masses.total)
    energy, cycle = on_cycle(unit, vehicle, data, alike)
    found = at_peak(unit, data, peak) | at_continuous(unit, data) | strength(unit, data) | cycle
    found |= gears(rated_gears(unit, data, peak.torque[0])) | on_road(unit, vehicle, peak, data)
    lines = costs(unit, masses, found["peak_power_10s"] * 1e3, data)
    size = unit_dimensions(unit)
    rare = masses.motor.magnets if unit.motor.kind in RARE_EARTH_KINDS else jnp.zeros(())
    found |= {
        "unit_cost": total_cost(lines),
        "unit_mass": masses.total,
        "energy_wltc": energy.terminal_wh_per_km,
        "energy_wall": energy.wall_wh_per_km,
        "range": driving_range(vehicle, energy) * 1e-3,
        "recuperated_share": energy.recuperated,
        "rare_earth_mass": rare,
        "package_diameter": size.diameter * 1e3,
        "package_length": size.length * 1e3,
        "package_height": size.height * 1e3,
        "gear_ratio": ratio(unit.gearbox),
        "power_density": found["peak_power_10s"] / masses.total,
        "continuous_to_peak_power": found["continuous_power_30min"] / found["peak_power_10s"],
    }
    return found, lines
