"""Every result of a candidate: cycle, peak and continuous ratings, strength, gears, package, mass, cost, vehicle.

One pure function of drive unit and data; the objectives and margins are picked from it, the report shows all of it.
"""

from __future__ import annotations

from collections.abc import Iterable

import jax
import jax.numpy as jnp

from edu_opt.drive_unit.model import DriveUnit
from edu_opt.drive_unit.operating_point import OperatingPoint
from edu_opt.drive_unit.package import UnitMasses, centre_of_mass, unit_dimensions, unit_masses, wading_height
from edu_opt.gearbox.disconnect import disconnected_loss
from edu_opt.gearbox.model import highest_motor_speed, ratio
from edu_opt.motor.model import demagnetization_margin, rotor_strength
from edu_opt.numerics.pytree import pytree
from edu_opt.numerics.smooth import soft_maximum, soft_minimum
from edu_opt.problem.amounts import masses_by_part, material_amounts, rare_earth_mass
from edu_opt.problem.cooling import (
    at_own_oil,
    continuous_scalars,
    cycle_scalars,
    heating,
    mean_point,
    peak_scalars,
)
from edu_opt.problem.data import StudyData
from edu_opt.problem.gear_checks import gear_checks
from edu_opt.problem.inverter_checks import inverter_endurance, inverter_limits
from edu_opt.problem.loss_table import losses_by_mode
from edu_opt.problem.motor_checks import COLD_CELSIUS, motor_checks
from edu_opt.problem.operating_points import Points, cycle_use, peak_rating, rotating_inertia, vehicle_on_cycle
from edu_opt.problem.shift_losses import with_shifting
from edu_opt.problem.vehicle_checks import on_road, road_curves, sand_climbs
from edu_opt.programme.bill_of_materials import MaterialAmounts
from edu_opt.programme.carbon import embodied_carbon, use_carbon
from edu_opt.programme.unit_cost import UnitCost, cost_band, cost_kinds, cost_lines, unit_cost
from edu_opt.programme.volumes import PARTS
from edu_opt.vehicle.energy import CycleEnergy, consecutive_cycles_range, cycle_energy, driving_range
from edu_opt.vehicle.model import Vehicle, axle_counts

SHORTFALL_WIDTH = 1e-3
DEMAGNETIZATION_WIDTH = 0.01  # T, soft minimum of the two

Scalars = dict[str, jax.Array]


def on_cycle(
    points: OperatingPoint, pumps: jax.Array, vehicle: Vehicle, data: StudyData
) -> tuple[CycleEnergy, Scalars]:
    """Cycle energy from the points (rows, K) and the pumps' power [W] of a unit, the unit's efficiency while driving
    (without pumps), the largest torque shortfall."""
    axles = len(vehicle.axles)
    power = jnp.broadcast_to(points.electrical_power, (axles, points.electrical_power.shape[1]))
    energy = cycle_energy(vehicle, data.duty, power + pumps)
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


def carbon(
    amounts: MaterialAmounts, cost: UnitCost, wall_energy: jax.Array, vehicle: Vehicle, data: StudyData
) -> tuple[Scalars, Scalars]:
    """(embodied carbon by part, totals) [kg CO2e] of one unit; `wall_energy` of the car [Wh/km]."""
    parts = embodied_carbon(amounts, cost.processes, data.programme)
    embodied = jnp.sum(parts)
    in_use = use_carbon(wall_energy * 3.6, jnp.sum(axle_counts(vehicle)), data.programme)
    totals = {"embodied_co2e": embodied, "use_co2e": in_use, "lifecycle_co2e": embodied + in_use}
    return {part: parts[k] for k, part in enumerate(PARTS)}, totals


def vehicle_checks(
    unit: DriveUnit, data: StudyData, vehicle: Vehicle, points: Points, power: jax.Array, share: jax.Array
) -> Scalars:
    """Performance, climbs, trailer, range by type approval; power (rows, K) [W] of a unit on the cycle, share: 30 min
    over peak power."""
    curves = road_curves(vehicle, points.peak, points.speeds, share, rotating_inertia(unit, vehicle))
    found = on_road(vehicle, curves)
    each = jnp.broadcast_to(power, (len(vehicle.axles), power.shape[1]))
    found["range_wltp"] = consecutive_cycles_range(vehicle, data.duty, each) * 1e-3
    if points.climb is not None:
        found |= sand_climbs(unit, vehicle, points.climb, peak_rating(data).conditions)
    return found


def package(unit: DriveUnit, masses: UnitMasses, vehicle: Vehicle, data: StudyData) -> Scalars:
    """Where the unit lies in the vehicle [mm], and what an open disconnect costs at top speed and half of it [W]."""
    size, centre = unit_dimensions(unit), centre_of_mass(unit, masses)
    found = {
        "package_depth": size.width * 1e3,
        "motor_offset": size.motor_offset * 1e3,
        "ground_clearance": (vehicle.wheel_radius - size.bottom) * 1e3,
        "wading_height": wading_height(size, vehicle.wheel_radius, data.ratings.breather_hose) * 1e3,
        "centre_of_mass_axial": centre[0] * 1e3,
        "centre_of_mass_forward": centre[1] * 1e3,
        "centre_of_mass_height": centre[2] * 1e3,
    }
    if unit.gearbox.disconnect is not None:
        speeds = data.top_speed / vehicle.wheel_radius * jnp.array([1.0, 0.5])
        loss = disconnected_loss(unit.gearbox, speeds, data.ratings.oil_celsius)
        found |= {"disconnected_loss": loss[0], "disconnected_loss_half_speed": loss[1]}
    return found


@pytree
class Results:
    """Quantities and further results by name; of those that are the worst of several members, all members (k,); cost
    lines [EUR], masses [kg], embodied carbon [kg CO2e] by part; every loss by its column (`loss_table`)."""

    values: Scalars
    members: Scalars
    costs: Scalars
    masses: Scalars
    carbon: Scalars
    losses: Scalars


def results(unit: DriveUnit, data: StudyData, points: Points, asked: Iterable[str] | None = None) -> Results:
    """Everything about one drive unit in its vehicle, from its operating points (`solved_points`).

    asked: names of the quantities that matter; what none of them needs may then be left out (a program with
    derivatives compiles no more than that). None: all.
    """
    vehicle = vehicle_on_cycle(unit, data)
    peak_torque = points.launch.output_torque
    masses = unit_masses(unit, peak_torque)
    driven = cycle_use(points, unit, vehicle, data)
    heated = heating(unit, data, points, driven)
    loops = heated.cycle_loops
    warmed = at_own_oil(driven, mean_point(driven, data.duty), loops)
    energy, found = on_cycle(warmed, loops.pumps.electrical, vehicle, data)
    energy, shifting = with_shifting(unit, data, energy)
    found |= shifting
    found |= cycle_scalars(loops) | peak_scalars(data, points, heated) | strength(unit, data)
    found |= continuous_scalars(unit, data, points.continuous, heated)
    share, power = found["continuous_power_30min"] / found["peak_power_10s"], warmed.electrical_power
    geared, members = gear_checks(unit, data, peak_torque)
    found |= geared | vehicle_checks(unit, data, vehicle, points, power, share)
    found |= inverter_limits(unit, data, points.peak, points.continuous)
    amounts, by_part = material_amounts(unit, masses, found["peak_power_10s"] * 1e3), masses_by_part(masses)
    cost = unit_cost(amounts, by_part, data.prices, data.volumes, data.programme)
    carbon_parts, carbon_totals = carbon(amounts, cost, energy.wall_wh_per_km, vehicle, data)
    size = unit_dimensions(unit)
    found |= {
        "unit_cost": jnp.sum(cost.lines),
        "unit_cost_band": cost_band(
            amounts, by_part, data.prices, data.price_uncertainty, data.volumes, data.programme
        ),
        **cost_kinds(cost),
        **carbon_totals,
        "unit_mass": masses.total,
        "energy_wltc": energy.terminal_wh_per_km,
        "energy_wall": energy.wall_wh_per_km,
        "range": driving_range(vehicle, energy) * 1e-3,
        "recuperated_share": energy.recuperated,
        "rare_earth_mass": rare_earth_mass(unit, masses),
        "package_diameter": size.diameter * 1e3,
        "package_length": size.length * 1e3,
        "package_height": size.height * 1e3,
        **package(unit, masses, vehicle, data),
        "gear_ratio": ratio(unit.gearbox),
        "power_density": found["peak_power_10s"] / masses.total,
        "continuous_to_peak_power": share,
        "cycle_mass": jnp.asarray(vehicle.test_mass),
    }
    if asked is not None and found.keys() >= set(asked):
        return Results(values=found, members=members, costs={}, masses={}, carbon={}, losses={})
    fastest = jax.tree.map(lambda leaf: leaf[-1], points.peak)
    found |= motor_checks(unit, data, points.launch, fastest)
    found |= inverter_endurance(unit, data, driven, points.launch)
    lasting = at_own_oil(points.continuous, points.continuous, heated.continuous_loops)
    losses = losses_by_mode(warmed, points.peak, lasting, data)
    return Results(
        values=found, members=members, costs=cost_lines(cost), masses=by_part, carbon=carbon_parts, losses=losses
    )
