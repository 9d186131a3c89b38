"""Everything that a compiled program reads as data: vehicle, duty, limits, prices, one row of discrete choices.

None of it is baked into a program, so another brand, vehicle, price or branch compiles nothing.
"""

from __future__ import annotations

import functools
import math

import jax
import jax.numpy as jnp
import numpy as np

from edu_opt.duty.cycles import Cycle, load_cycle
from edu_opt.duty.duty_points import DutyPoints
from edu_opt.duty.gear_shifts import shift_counts
from edu_opt.duty.load_spectrum import LoadSpectrum, cycle_blocks
from edu_opt.duty.reduction import reduce_cycle
from edu_opt.gearbox.layouts import layout_named
from edu_opt.inverter.exciter import FIELD_EXCITERS, FieldExciter
from edu_opt.materials.conductors import Conductor, conductor
from edu_opt.materials.magnets import Magnet, magnet, remanence
from edu_opt.materials.semiconductors import Device, device
from edu_opt.materials.steels import ElectricalSteel, electrical_steel
from edu_opt.motor.excitation import EXCITERS, Exciter
from edu_opt.motor.lamination_map import MapMaterials, steel_reluctivity
from edu_opt.motor.model import MAP_MAGNET_CELSIUS
from edu_opt.numerics.constants import KILOMETRE_PER_HOUR
from edu_opt.numerics.pytree import pytree, replace
from edu_opt.programme.prices import Prices, heavy_rare_earth_share
from edu_opt.programme.programme import Programme, programme_of
from edu_opt.programme.volumes import PartVolumes, uniform_volumes
from edu_opt.requirements import PHYSICAL_LIMITS, Requirement, merge
from edu_opt.settings import MODULATIONS, Branch, ProblemSettings, Program, Ratings
from edu_opt.vehicle.catalogue import vehicle_entry
from edu_opt.vehicle.model import Vehicle

# Magnet grade that fills the data row of a motor without magnets (its mass is multiplied by zero magnet area).
UNUSED_MAGNET = "N42UH"
UNUSED_CAGE_METAL = "copper"  # likewise, of a motor without a cage
DEFAULT_TOP_SPEED = 160.0  # km/h, where no requirement names one


@pytree
class RatingData:
    """`settings.Ratings` as leaves, in SI units and degC; see there."""

    dc_voltage: jax.Array
    coolant_celsius: jax.Array
    coolant_flow: jax.Array
    oil_celsius: jax.Array
    start_celsius: jax.Array
    cycle_celsius: jax.Array
    winding_limit_celsius: jax.Array
    winding_continuous_celsius: jax.Array
    rotor_continuous_celsius: jax.Array
    junction_limit_celsius: jax.Array
    junction_continuous_celsius: jax.Array
    continuous_power: jax.Array
    continuous_speed_share: jax.Array
    ambient_celsius: jax.Array
    radiator_resistance: jax.Array
    oil_cooler_conductance: jax.Array
    oil_held: jax.Array
    breather_hose: jax.Array
    peak_stator_current_density: jax.Array
    peak_field_current_density: jax.Array


@pytree
class StudyData:
    """Data of one study and one branch; arrays of fixed shapes.

    `top_speed` [m/s] is the speed that motor and gears are rated for; `limits` (r,) belong to the requirements in their
    order; `cycle_spectrum` lacks its peak blocks, which follow from the candidate; `reference_unit_mass` [kg] is the
    drive-unit mass that the vehicle's published mass contains; `price_uncertainty` is relative, one standard deviation;
    `volumes` are units a year of each part, joint over all who use it; `discontinuous` 0 space-vector, 1 DPWM1.
    """

    vehicle: Vehicle
    duty: DutyPoints
    cycle_spectrum: LoadSpectrum
    top_speed: jax.Array
    limits: jax.Array
    prices: Prices
    price_uncertainty: Prices
    volumes: PartVolumes
    programme: Programme
    ratings: RatingData
    steel: ElectricalSteel
    magnet: Magnet
    cage_metal: Conductor
    exciter: Exciter
    field_exciter: FieldExciter
    discontinuous: jax.Array
    device: Device
    pole_pairs: jax.Array
    parallel_paths: jax.Array
    reference_unit_mass: jax.Array
    shift_counts: jax.Array  # shifts of one cycle by shift speed, see `duty.gear_shifts`


def study_requirements(settings: ProblemSettings) -> tuple[Requirement, ...]:
    """Physical limits with the brand's requirements, the stricter of each kind."""
    return merge(PHYSICAL_LIMITS, settings.requirements)


def required_top_speed(settings: ProblemSettings) -> float:
    """Top speed [m/s] that the brand asks for."""
    named = [r.limit for r in settings.requirements if r.name == "top_speed_min" and not math.isnan(r.limit)]
    return (max(named) if named else DEFAULT_TOP_SPEED) * KILOMETRE_PER_HOUR


def rating_data(ratings: Ratings) -> RatingData:
    """Leaves of the ratings."""
    return RatingData(**{name: jnp.asarray(float(value)) for name, value in vars(ratings).items()})


def unit_share(vehicle: Vehicle, speed: np.ndarray) -> np.ndarray:
    """Share of the wheel force that the designed unit carries where it works hardest, over vehicle speeds (K,) [m/s]:
    above its disconnect speed an axle leaves all to the other, or to an engine (0)."""
    rows = [(float(axle.share), float(axle.count), float(axle.disconnect_speed)) for axle in vehicle.axles]
    share, count, limit = np.array(rows).T
    coupled = share[:, None] * (speed < limit[:, None])
    return np.max(coupled / np.maximum(coupled.sum(axis=0), 1e-9) / count[:, None], axis=0)


def prices_of(prices: Prices, program: Program) -> Prices:
    """Prices with those of the program's magnet grade, exciter and clutches."""
    prices = replace(prices, heavy_rare_earth_share=heavy_rare_earth_share(program.motor.magnet or UNUSED_MAGNET))
    if program.motor.exciter == "inductive":
        prices = replace(prices, exciter_fixed=prices.inductive_exciter_fixed)
    if layout_named(program.gearbox_layout).high_train is not None:
        prices = replace(prices, gearbox_accessories=prices.gearbox_accessories + prices.shift_clutches)
    return prices


def study_data(settings: ProblemSettings, program: Program, branch: Branch) -> StudyData:
    """Data of one branch; every leaf an array."""
    entry = vehicle_entry(settings.vehicle, settings.vehicle_data)
    vehicle = entry.build()
    cycle: Cycle = load_cycle(settings.cycle)
    mass = float(vehicle.test_mass)
    duty = reduce_cycle(cycle, vehicle.road_load, mass, settings.fidelity.duty_points)
    carried = functools.partial(unit_share, vehicle)
    spectrum = cycle_blocks(cycle, vehicle.road_load, mass, float(vehicle.wheel_radius), carried)
    data = StudyData(
        vehicle=vehicle,
        duty=duty,
        cycle_spectrum=spectrum,
        top_speed=jnp.asarray(required_top_speed(settings)),
        limits=jnp.asarray([r.limit for r in study_requirements(settings)]),
        prices=prices_of(settings.prices, program),
        price_uncertainty=settings.price_uncertainty,
        volumes=uniform_volumes(settings.programme.units_per_year),
        programme=programme_of(settings.programme),
        ratings=rating_data(settings.ratings),
        steel=electrical_steel(program.motor.steel),
        magnet=magnet(program.motor.magnet or UNUSED_MAGNET),
        cage_metal=conductor(program.motor.cage or UNUSED_CAGE_METAL),
        exciter=EXCITERS[program.motor.exciter](),
        field_exciter=FIELD_EXCITERS[program.motor.exciter](),
        discontinuous=jnp.asarray(MODULATIONS[settings.modulation]),
        device=device(branch.device),
        pole_pairs=jnp.asarray(float(branch.pole_pairs)),
        parallel_paths=jnp.asarray(float(branch.parallel_paths)),
        reference_unit_mass=jnp.asarray(entry.unit_mass),
        shift_counts=jnp.asarray(shift_counts(cycle, float(vehicle.wheel_radius))),
    )
    return jax.tree.map(lambda leaf: jnp.asarray(leaf, float), data)


def map_materials(program: Program, data: StudyData) -> MapMaterials:
    """Materials of the field solves."""
    return MapMaterials(
        reluctivity=steel_reluctivity(program.motor.steel),
        steel=data.steel,
        remanence=remanence(data.magnet, jnp.asarray(MAP_MAGNET_CELSIUS)),
        magnet_permeability=data.magnet.relative_permeability,
    )
