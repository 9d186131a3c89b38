"""The programme around a unit: who makes how many, when, where; and everything of it that a cost needs, as data."""

from __future__ import annotations

import dataclasses

import jax
import jax.numpy as jnp

from edu_opt.numerics.pytree import pytree
from edu_opt.programme.one_off import DEVELOPMENT, TOOLING
from edu_opt.programme.plant import Plant
from edu_opt.programme.processes import ProcessTable, process_table
from edu_opt.programme.schedule import MOST_YEARS, Schedule
from edu_opt.programme.volumes import Number, PartVolumes, uniform_volumes

# BMW's battery-electric cars of 2022, all but the i3 on Gen5 units, one rear unit each (bmwblog 2023).
GEN5_UNITS_PER_YEAR = 215_755.0
LOGISTICS = 0.15  # EUR/kg, inbound, in the plant and to the car plant (assumed)
WARRANTY = 0.025  # of what a unit costs to make: usual accrual of car makers, 2 to 3 % of sales (recalled)
LIFETIME_KM = 225_000.0  # of the car (Ricardo for the European Commission 2020, lower medium car; recalled)
USE_CO2E = 0.242  # kg/kWh where the car charges: EU-27 2023 (European Environment Agency)


@pytree
class Programme:
    """Numbers of a programme, every one a leaf.

    `plant_shares` are the shares of each part's joint volume that this member's plant makes (machines are bought in
    every plant, tools and development once); `own_units` [units a year] carry development that is not shared
    (`development_shared` 0; 1: the joint volume of the part carries it). `logistics` [EUR/kg]; `warranty`, shares of
    cost; `purchase_exponents` (mechanical, electronic): a bought part costs (volume / reference)^-exponent;
    `lifetime_distance` [m]; `use_co2e` [kg/kWh].
    """

    plant: Plant
    schedule: Schedule
    processes: ProcessTable
    tooling: PartVolumes
    development: PartVolumes
    plant_shares: PartVolumes
    own_units: Number
    development_shared: Number
    logistics: Number
    warranty: Number
    purchase_exponents: jax.Array
    lifetime_distance: Number
    use_co2e: Number


@dataclasses.dataclass(frozen=True)
class ProgrammeSettings:
    """What a user says about a programme. Years from start of production; rates real; distances in m."""

    units_per_year: float = GEN5_UNITS_PER_YEAR
    start_year: float = 2024.0
    ramp_years: float = 2.0
    run_years: float = 6.0
    discount_rate: float = 0.08
    development_shared: bool = True
    plant: Plant = dataclasses.field(default_factory=Plant)
    mechanical_purchase_exponent: float = 0.08  # 5 % a doubling (assumed)
    electronic_purchase_exponent: float = 0.12  # 8 % a doubling (assumed)
    learning_exponent: float = 0.245
    lifetime_distance: float = LIFETIME_KM * 1e3
    use_co2e: float = USE_CO2E

    def __post_init__(self) -> None:
        if not self.units_per_year > 0.0:
            raise ValueError(f"units_per_year must be > 0, got {self.units_per_year:g}")
        if not 0.0 < self.ramp_years + self.run_years <= MOST_YEARS or self.run_years < 0.0 or self.ramp_years < 0.0:
            years = f"{self.ramp_years:g} and {self.run_years:g}"
            raise ValueError(f"ramp_years and run_years must be >= 0 and sum to at most {MOST_YEARS}, got {years}")


def programme_of(settings: ProgrammeSettings) -> Programme:
    """All numbers of a programme, with the process, tooling and development figures of this package."""
    schedule = Schedule(
        start_year=settings.start_year,
        ramp_years=settings.ramp_years,
        run_years=settings.run_years,
        discount_rate=settings.discount_rate,
        learning_exponent=settings.learning_exponent,
    )
    return Programme(
        plant=settings.plant,
        schedule=schedule,
        processes=process_table(),
        tooling=TOOLING,
        development=DEVELOPMENT,
        plant_shares=uniform_volumes(1.0),
        own_units=settings.units_per_year,
        development_shared=float(settings.development_shared),
        logistics=LOGISTICS,
        warranty=WARRANTY,
        purchase_exponents=jnp.array([settings.mechanical_purchase_exponent, settings.electronic_purchase_exponent]),
        lifetime_distance=settings.lifetime_distance,
        use_co2e=settings.use_co2e,
    )
