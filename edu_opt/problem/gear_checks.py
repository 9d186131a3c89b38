"""What may refuse a gearbox: safeties over life and at peak torque, lubrication, bearings, shafts, geometry, noise."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from edu_opt.drive_unit.model import DriveUnit
from edu_opt.duty.load_spectrum import LoadSpectrum, join, peak_blocks
from edu_opt.duty.road_load import tyre_and_air_force
from edu_opt.gearbox.layouts import layout_named
from edu_opt.gearbox.margins import SHARPNESS, worst_each
from edu_opt.gearbox.model import stacked_geometry
from edu_opt.gearbox.noise import motor_orders, order_separation
from edu_opt.gearbox.rating import GearboxRating, rate
from edu_opt.gearbox.shaft_checks import shaft_margins
from edu_opt.numerics.smooth import soft_maximum, soft_minimum
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


def gear_checks(unit: DriveUnit, data: StudyData, peak_torque: jax.Array) -> tuple[Scalars, Scalars]:
    """Everything about the strength of the gearbox over the vehicle's life, and the members (k,) of what is the
    smallest of several (`member_safeties`); peak axle torque [N m]."""
    spectrum = life_spectrum(data, peak_torque)
    fastest = data.top_speed / data.vehicle.wheel_radius
    rating = rate(unit.gearbox, spectrum, peak_torque, maximum_output_speed=fastest)
    carried = shaft_margins(unit.gearbox, stacked_geometry(unit.gearbox), rating.bearings, spectrum, peak_torque)
    members = member_safeties(rating)
    found = {name: jnp.min(each) for name, each in members.items()} | lubrication_and_shape(rating)
    found |= noise(unit, rating) | {
        "bearing_static_ratio": 1.0 + carried["bearing_static"],
        "shaft_strength_ratio": 1.0 + carried["shaft_strength"],
        "input_spline_ratio": 1.0 + carried["input_spline"],
    }
    return found, members


def member_safeties(rating: GearboxRating) -> Scalars:
    """Safeties that a design uses up in every member, each (k,) by `member_counts`: teeth by mesh and gear (the worse
    of driving and coasting), every bearing."""
    meshes, stages = rating.meshes, np.array(rating.mesh_parts)
    flank, root = soft_minimum(jnp.stack([meshes.flank_safety, meshes.root_safety]), SHARPNESS, axis=2)
    found = {
        "static_flank_safety": meshes.static_flank_safety,
        "static_root_safety": meshes.static_root_safety,
        "bearing_life_load_ratio": rating.bearings.life_load_ratio,
    }
    for stage in (1, 2):
        own = np.flatnonzero(stages == stage)
        found |= {f"flank_safety_stage_{stage}": flank[own], f"root_safety_stage_{stage}": root[own]}
    return {name: jnp.ravel(values) for name, values in found.items()}


def member_counts(layout: str) -> dict[str, int]:
    """How many members each of `member_safeties` has in a layout: two gears a mesh, two bearings a shaft, one row of
    needles for all planets."""
    structure = layout_named(layout)
    parts = structure.mesh_parts
    stages = {part: 2 * parts.count(part) for part in (1, 2)}
    return {
        **{f"{kind}_safety_stage_{part}": count for kind in ("flank", "root") for part, count in stages.items()},
        **{f"static_{kind}_safety": 2 * len(parts) for kind in ("flank", "root")},
        "bearing_life_load_ratio": 2 * len(structure.bearing_shafts) + structure.has_planets,
    }


def lubrication_and_shape(rating: GearboxRating) -> Scalars:
    """Smallest safeties of the oil film, speed of the bearings, and geometric distances."""
    shape, films = rating.geometry, rating.lubrication
    smallest = worst_each(
        {
            "scuffing_safety": jnp.stack([films.scuffing_integral, films.scuffing_flash]),
            "micropitting_safety": films.micropitting,
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
