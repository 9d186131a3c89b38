"""What may refuse a gearbox: safeties over life and at peak torque, lubrication, bearings, shafts, geometry, noise."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from edu_opt.drive_unit.model import DriveUnit
from edu_opt.duty.load_spectrum import LoadSpectrum, join, peak_blocks
from edu_opt.duty.road_load import tyre_and_air_force
from edu_opt.gearbox.margins import worst_each
from edu_opt.gearbox.model import stacked_geometry
from edu_opt.gearbox.noise import motor_orders, order_separation
from edu_opt.gearbox.rating import GearboxRating, rate
from edu_opt.gearbox.shaft_checks import shaft_margins
from edu_opt.numerics.smooth import soft_maximum
from edu_opt.problem.data import StudyData

Scalars = dict[str, jax.Array]
MISMATCH_WIDTH = 0.01  # soft maximum over the meshes


def life_spectrum(data: StudyData, peak_torque: jax.Array) -> LoadSpectrum:
    """The cycle's blocks, and launch, overrun and peak blocks from the unit's own peak torque."""
    vehicle = data.vehicle
    share = jnp.max(jnp.stack([jnp.asarray(axle.share / axle.count) for axle in vehicle.axles]))
    braking = vehicle.braking.deceleration * vehicle.test_mass * vehicle.wheel_radius * share
    cruising = tyre_and_air_force(vehicle.road_load, data.top_speed) * vehicle.wheel_radius * share
    rare = peak_blocks(peak_torque, braking, cruising, jnp.asarray(vehicle.wheel_radius), data.top_speed)
    return join(data.cycle_spectrum, rare)


def gear_checks(unit: DriveUnit, data: StudyData, peak_torque: jax.Array) -> Scalars:
    """Everything about the strength of the gearbox over the vehicle's life; peak axle torque [N m]."""
    spectrum = life_spectrum(data, peak_torque)
    fastest = data.top_speed / data.vehicle.wheel_radius
    rating = rate(unit.gearbox, spectrum, peak_torque, maximum_output_speed=fastest)
    carried = shaft_margins(unit.gearbox, stacked_geometry(unit.gearbox), rating.bearings, spectrum, peak_torque)
    return (
        safeties(rating)
        | noise(unit, rating)
        | {
            "bearing_static_ratio": 1.0 + carried["bearing_static"],
            "shaft_strength_ratio": 1.0 + carried["shaft_strength"],
            "input_spline_ratio": 1.0 + carried["input_spline"],
        }
    )


def safeties(rating: GearboxRating) -> Scalars:
    """Smallest safeties of teeth and bearings, and geometric distances."""
    first, second, shape, films = rating.stage_1, rating.stage_2, rating.geometry, rating.lubrication
    smallest = worst_each(
        {
            "flank_safety_stage_1": first.flank_safety,
            "flank_safety_stage_2": second.flank_safety,
            "root_safety_stage_1": first.root_safety,
            "root_safety_stage_2": second.root_safety,
            "static_flank_safety": rating.meshes.static_flank_safety,
            "static_root_safety": rating.meshes.static_root_safety,
            "scuffing_safety": jnp.stack([films.scuffing_integral, films.scuffing_flash]),
            "micropitting_safety": films.micropitting,
            "bearing_life_load_ratio": rating.bearings.life_load_ratio,
            "bearing_speed_ratio": rating.bearings.speed_ratio,
            "undercut": shape.undercut,
            "interference": shape.interference,
            "tip_thickness": shape.tip_thickness,
            "contact_ratio": shape.contact_ratio,
            "overlap_ratio": shape.overlap_ratio,
            "gear_shaft_ratio": shape.shaft_ratio,
            "gear_clearance": shape.collision_gap / 0.01,
        }
    )
    return smallest | {"gear_clearance": smallest["gear_clearance"] * 10.0}


def noise(unit: DriveUnit, rating: GearboxRating) -> Scalars:
    """Indicators of noise: contact ratios against whole numbers, mesh orders against the motor's."""
    indicators, motor = rating.noise, unit.motor
    orders = motor_orders(motor.pole_pairs, motor.dimensions.slots)
    return {
        "overlap_mismatch": soft_maximum(indicators.overlap_mismatch, MISMATCH_WIDTH),
        "total_contact_mismatch": soft_maximum(indicators.total_mismatch, MISMATCH_WIDTH),
        "order_separation": order_separation(indicators.mesh_orders, orders),
    }
