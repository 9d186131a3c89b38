"""Every result of a candidate: cycle, peak and continuous ratings, strength, gears, package, mass, cost, vehicle.

One pure function of drive unit and data; the objectives and margins are picked from it, the report shows all of it.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from edu_opt.drive_unit.conditions import Conditions
from edu_opt.drive_unit.model import DriveUnit, cooling
from edu_opt.drive_unit.operating_point import OperatingPoint
from edu_opt.drive_unit.package import UnitMasses, unit_dimensions, unit_masses
from edu_opt.drive_unit.plant import safe_speed
from edu_opt.drive_unit.temperatures import UnitTemperatures, continuous_temperatures, temperatures_after_peak
from edu_opt.gearbox.model import highest_motor_speed, ratio
from edu_opt.gearbox.packaging import gearbox_dimensions, ground_clearance
from edu_opt.inverter.model import inverter_quantities
from edu_opt.motor.model import demagnetization_margin, rotor_strength
from edu_opt.motor.thermal import jacket_flow, node_temperatures, thermal_network
from edu_opt.numerics.pytree import pytree
from edu_opt.numerics.smooth import smooth_maximum, soft_maximum, soft_minimum
from edu_opt.problem.data import StudyData
from edu_opt.problem.gear_checks import gear_checks
from edu_opt.problem.motor_checks import COLD_CELSIUS, motor_checks
from edu_opt.problem.operating_points import Points, hot_conditions, peak_rating, rotating_inertia, vehicle_on_cycle
from edu_opt.problem.shift_losses import with_shifting
from edu_opt.programme.bill_of_materials import PRICED_CAPACITOR_VOLTAGE, MaterialAmounts, bill_of_materials, total_cost
from edu_opt.vehicle.energy import CycleEnergy, cycle_energy, driving_range
from edu_opt.vehicle.model import Vehicle, axle_counts
from edu_opt.vehicle.performance import LAUNCH_JERK, acceleration_time, gradeability, top_speed

SHORTFALL_WIDTH = 1e-3
DEMAGNETIZATION_WIDTH = 0.01  # T, soft minimum of the two
POWER_WIDTH = 200.0  # W, soft maximum over the peak curve

Scalars = dict[str, jax.Array]


def on_cycle(points: OperatingPoint, vehicle: Vehicle, data: StudyData) -> tuple[CycleEnergy, Scalars]:
    """Cycle energy from the points (rows, K), the unit's efficiency while driving, the largest torque shortfall."""
    axles = len(vehicle.axles)
    power = jnp.broadcast_to(points.electrical_power, (axles, points.electrical_power.shape[1]))
    energy = cycle_energy(vehicle, data.duty, power)
    driving = jax.nn.sigmoid(points.output_torque / 1.0)
    work = jnp.sum(driving * points.output_power * data.duty.duration)
    electrical = jnp.sum(driving * points.electrical_power * data.duty.duration)
    units = jnp.sum(axle_counts(vehicle)) / points.shortfall.shape[0]
    losses = jax.tree.map(
        lambda loss: units * jnp.sum(loss * data.duty.duration) / data.duty.distance / 3.6,
        {"motor": points.motor_losses, "inverter": points.inverter_losses, "gearbox": points.gearbox_losses},
    )
    return energy, {
        "unit_efficiency_cycle": work / electrical,
        "cycle_torque_shortfall": soft_maximum(jnp.ravel(points.shortfall), SHORTFALL_WIDTH),
        "motor_loss_cycle": losses["motor"].total,
        "inverter_loss_cycle": losses["inverter"].total,
        "gearbox_loss_cycle": losses["gearbox"].total,
        "stator_copper_loss_cycle": losses["motor"].stator_copper,
        "excitation_loss_cycle": losses["motor"].excitation,
        "cage_loss_cycle": losses["motor"].cage,
        "pwm_loss_cycle": losses["motor"].pwm,
        "motor_drag_cycle": losses["motor"].drag,
        "control_residual": jnp.max(points.control_residual),
    }


def at_peak(unit: DriveUnit, data: StudyData, points: Points) -> Scalars:
    """Temperatures after 10 s at launch torque, junctions, DC-link ripple; torque and power of the curve."""
    launch = points.launch
    after = temperatures_after_peak(unit, launch, peak_rating(data))
    return {
        "axle_torque_10s": launch.output_torque,
        "peak_power_10s": soft_maximum(points.peak.output_power, POWER_WIDTH) * 1e-3,
        "winding_temperature_10s": after.winding,
        "rotor_temperature_10s": after.rotor,
        "junction_temperature_10s": after.junction,
        "dc_link_ripple": 100.0 * soft_maximum(points.peak.dc_link_ripple, 1e-3),
        "phase_current_10s": launch.current,
    }


def at_continuous(unit: DriveUnit, data: StudyData, point: OperatingPoint) -> Scalars:
    """Steady temperatures at the continuous point, and the power they allow.

    Losses grow with about the square of torque, so the power at the temperature limits is that of the point times the
    root of allowed over found rise; exact where the found temperature is the limit.
    """
    r = data.ratings
    at = hot_conditions(data)
    steady = continuous_temperatures(unit, point, at)
    found = jnp.stack([steady.winding, steady.rotor, steady.junction])
    limits = jnp.stack([r.winding_continuous_celsius, r.rotor_continuous_celsius, r.junction_continuous_celsius])
    sinks = jnp.stack([r.coolant_celsius, r.oil_celsius, r.coolant_celsius])
    allowed = jnp.sqrt((limits - sinks) / smooth_maximum(found - sinks, jnp.asarray(5.0), 1.0))
    reached = r.continuous_power * (1.0 - jnp.minimum(point.shortfall, 0.9))
    return {
        "continuous_power_30min": reached * soft_minimum(allowed, 0.005) * 1e-3,
        "winding_temperature_30min": steady.winding,
        "rotor_temperature_30min": steady.rotor,
        "junction_temperature_30min": steady.junction,
        "loss_30min": point.total_loss,
        **coolant(unit, at, point, steady),
    }


def coolant(unit: DriveUnit, at: Conditions, point: OperatingPoint, steady: UnitTemperatures) -> Scalars:
    """What the motor's jacket and its oil take up at the continuous point, and the jacket's pressure drop."""
    speed = safe_speed(point.shaft_speed)
    around, nodes = cooling(unit, at, speed), node_temperatures(unit.motor, steady.motor)
    jacket = jacket_flow(unit.motor, around, steady.motor, speed)
    oil = jnp.sum(thermal_network(unit.motor, around, speed).oil * (nodes - at.oil_celsius))
    return {
        "jacket_pressure_drop": jacket.pressure_drop * 1e-3,
        "jacket_heat_30min": jacket.heat * 1e-3,
        "oil_heat_30min": oil * 1e-3,
    }


def strength(unit: DriveUnit, data: StudyData) -> Scalars:
    """Rotor at top speed, fields' health, demagnetization."""
    top = highest_motor_speed(unit.gearbox, data.top_speed / data.vehicle.wheel_radius)
    rotor = rotor_strength(unit.motor, top)
    fields = unit.motor.lamination_map
    current = jnp.asarray(unit.inverter.device.current_limit * unit.inverter.parallel_area)
    hot, cold = data.ratings.rotor_continuous_celsius, jnp.asarray(COLD_CELSIUS)
    # Ferrite is demagnetized cold, NdFeB hot.
    demagnetization = [demagnetization_margin(unit.motor, at, current) for at in (hot, cold)]
    worst_stress = soft_maximum(jnp.stack([rotor.ring_stress, rotor.retention_stress]), 1e6)
    return {
        "rotor_tip_speed": rotor.tip_speed,
        "rotor_stress": worst_stress * 1e-6,
        "rotor_stress_share": worst_stress / rotor.allowed_stress,
        "motor_speed_max": top,
        "mesh_quality": fields.corner_jacobian,
        "field_residual": fields.residual,
        "demagnetization_margin": soft_minimum(jnp.stack(demagnetization), DEMAGNETIZATION_WIDTH),
    }


def rare_earth_mass(unit: DriveUnit, masses: UnitMasses) -> jax.Array:
    """Mass of the magnets [kg] if their grade holds rare earths, else 0."""
    return masses.motor.magnets * unit.motor.magnet.holds_rare_earths


def costs(unit: DriveUnit, masses: UnitMasses, peak_power: jax.Array, data: StudyData) -> Scalars:
    """Cost lines [EUR] by part."""
    motor, gearbox, bought = masses.motor, masses.gearbox, inverter_quantities(unit.inverter)
    wound, magnetic = unit.has_field_winding, unit.motor.lamination.template.has_magnets
    rare, cage = rare_earth_mass(unit, masses), unit.motor.cage
    copper_cage = motor.cage * (cage.metal.is_copper if cage else 0.0)
    amounts = MaterialAmounts(
        stator_steel=motor.stator_steel,
        rotor_steel=motor.rotor_steel,
        stator_copper=motor.stator_copper,
        field_copper=motor.field_copper,
        magnets=rare,
        ferrite_magnets=motor.magnets - rare,
        copper_cage=copper_cage,
        aluminium_cage=motor.cage - copper_cage,
        motor_shaft=motor.shaft,
        gears_stage_1=gearbox.gears_stage_1,
        gears_stage_2=gearbox.gears_stage_2,
        gear_shafts=gearbox.gear_shafts,
        differential=gearbox.differential,
        bearings=gearbox.bearings + motor.bearings,
        oil=gearbox.oil,
        housing=masses.housing,
        silicon_die_area=bought.silicon_die_area,
        silicon_carbide_die_area=bought.silicon_carbide_die_area,
        capacitance=bought.capacitor_energy / (0.5 * PRICED_CAPACITOR_VOLTAGE**2),
        peak_power=peak_power,
        wound_rotor=jnp.asarray(float(wound)),
        magnet_rotor=jnp.asarray(float(magnetic)),
        cage_rotor=jnp.asarray(float(cage is not None)),
    )
    return bill_of_materials(amounts, data.prices)


def on_road(unit: DriveUnit, vehicle: Vehicle, points: Points) -> Scalars:
    """Acceleration, top speed and grade."""
    axles, torque = len(vehicle.axles), points.peak.output_torque
    envelope = jnp.broadcast_to(torque, (axles, torque.size))
    rotating, highest = rotating_inertia(unit, vehicle), points.speeds[-1]
    return {
        "acceleration_0_100": acceleration_time(vehicle, points.speeds, envelope, rotating, jerk=LAUNCH_JERK),
        "top_speed": top_speed(vehicle, points.speeds, envelope, highest) * 3.6,
        "gradeability": 100.0 * gradeability(vehicle, jnp.broadcast_to(torque[0], (axles,))),
    }


def masses_by_part(masses: UnitMasses) -> Scalars:
    """Masses [kg] by the part that owns them, with the names of the bill of materials."""
    motor, gearbox, inverter = masses.motor, masses.gearbox, masses.inverter
    return {
        "lamination": motor.stator_steel,
        "stator_winding": motor.stator_copper + motor.insulation,
        "rotor": motor.rotor_steel + motor.magnets + motor.cage + motor.shaft,
        "field_winding": motor.field_copper + motor.exciter,
        "gear_stage_1": gearbox.gears_stage_1,
        "gear_stage_2": gearbox.gears_stage_2,
        "gear_shafts": gearbox.gear_shafts,
        "differential": gearbox.differential,
        "bearing_set": gearbox.bearings + motor.bearings,
        "gearbox_accessories": gearbox.oil,
        "housing": masses.housing,
        "power_module": inverter.power_module,
        "capacitor": inverter.capacitor,
        "inverter_control": inverter.control + inverter.busbars,
        "assembly": masses.busbars + masses.harness + masses.mounts,
    }


@pytree
class Results:
    """Quantities and further results by name; cost lines [EUR] and masses [kg] by part."""

    values: Scalars
    costs: Scalars
    masses: Scalars


def results(unit: DriveUnit, data: StudyData, points: Points) -> Results:
    """Everything about one drive unit in its vehicle, from its operating points (`solved_points`)."""
    vehicle = vehicle_on_cycle(unit, data)
    peak_torque = points.launch.output_torque
    masses = unit_masses(unit, peak_torque)
    energy, cycle = on_cycle(points.cycle, vehicle, data)
    energy, shifting = with_shifting(unit, data, energy)
    found = at_peak(unit, data, points) | at_continuous(unit, data, points.continuous) | strength(unit, data) | cycle
    found |= shifting
    found |= gear_checks(unit, data, peak_torque) | on_road(unit, vehicle, points)
    fastest = jax.tree.map(lambda leaf: leaf[-1], points.peak)
    found |= motor_checks(unit, data, points.launch, fastest)
    lines = costs(unit, masses, found["peak_power_10s"] * 1e3, data)
    size = unit_dimensions(unit)
    found |= {
        "unit_cost": total_cost(lines),
        "unit_mass": masses.total,
        "energy_wltc": energy.terminal_wh_per_km,
        "energy_wall": energy.wall_wh_per_km,
        "range": driving_range(vehicle, energy) * 1e-3,
        "recuperated_share": energy.recuperated,
        "rare_earth_mass": rare_earth_mass(unit, masses),
        "package_diameter": size.diameter * 1e3,
        "package_length": size.length * 1e3,
        "package_height": size.height * 1e3,
        "ground_clearance": ground_clearance(gearbox_dimensions(unit.gearbox), vehicle.wheel_radius) * 1e3,
        "gear_ratio": ratio(unit.gearbox),
        "power_density": found["peak_power_10s"] / masses.total,
        "continuous_to_peak_power": found["continuous_power_30min"] / found["peak_power_10s"],
    }
    return Results(values=found, costs=lines, masses=masses_by_part(masses))
