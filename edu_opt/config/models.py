"""The tree of settings as users write it: keys, types, ranges. Units stand in the keys; conversion is in `convert`."""

from __future__ import annotations

import dataclasses
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, create_model

from edu_opt.optimize.settings import OptimizerSettings
from edu_opt.programme.programme import LIFETIME_KM, ProgrammeSettings

Positive = Annotated[float, Field(gt=0.0)]
NotNegative = Annotated[float, Field(ge=0.0)]
Share = Annotated[float, Field(ge=0.0, le=1.0)]
Count = Annotated[int, Field(ge=1)]
Celsius = Annotated[float, Field(ge=-60.0, le=300.0)]
FolderName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]+$")]
PathText = Annotated[str, Field(min_length=1)]
Grid = Literal["XS", "S", "M", "L"]


class Group(BaseModel):
    """A group of keys; unknown keys and silent conversions of type are refused."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False, frozen=True)


class Task(Group):
    """What the command does."""

    name: Literal["optimize", "evaluate", "family", "compare", "sync"]
    axis_limits: list[Annotated[list[float], Field(min_length=2, max_length=2)]] | None = None


class RequirementLimit(Group):
    """Limit of a requirement whose key is QUANTITY_min or QUANTITY_max."""

    limit: float
    unit: str
    source: str
    conditions: str = ""


class Brand(Group):
    """Who builds the unit: what it forbids and what it requires."""

    name: FolderName
    forbids: list[Literal["rare_earths"]] = []
    requirements: dict[str, RequirementLimit] = {}


class Vehicle(Group):
    """A car of the catalogue, or of one's own where `data` describes it (keys: `edu_opt.vehicle.description`).
    `torque_split` of two driven axles on the cycle: best for the loss, or by the axles' given shares. `other_unit`:
    evaluate a design beside a drive unit that exists, which stands on `other_axle`."""

    name: FolderName
    data: dict[str, Any] | None = None
    torque_split: Literal["best", "given"] = "best"
    other_unit: str | None = None
    other_axle: Literal["front", "rear"] = "front"


class Cycle(Group):
    """A driving cycle that the project ships, or the path of a CSV file (`edu_opt.duty.cycles`)."""

    name: str


class Offer(Group):
    """One kind of motor with the discrete rows that may be searched."""

    kind: Literal["eesm", "ipm", "im", "synrm"]
    slots_per_pole: Annotated[float, Field(ge=3, le=18)]
    coil_pitch_slots: Annotated[int, Field(ge=1, le=18)]
    pole_pairs: Annotated[list[Annotated[int, Field(ge=1, le=12)]], Field(min_length=1)]
    parallel_paths: Annotated[list[Annotated[int, Field(ge=1, le=24)]], Field(min_length=1)]
    steel: str
    magnet: str | None = None
    rotor: str | None = None
    bars_per_pole: Annotated[int, Field(ge=4, le=30)] | None = None
    cage: str | None = None
    exciter: Literal["brush", "inductive"] | None = None
    winding: Literal["hairpin", "wire"] = "hairpin"
    skew_slot_pitches: Annotated[float, Field(ge=0, le=2)] = 0.0
    skew_slices: Annotated[int, Field(ge=2, le=8)] = 4


MOTOR_KINDS: tuple[str, ...] = get_args(Offer.model_fields["kind"].annotation)


class Motor(Group):
    """Kinds of motor on offer."""

    offers: Annotated[dict[str, Offer], Field(min_length=1)]


GearboxLayout = Literal["parallel_axis", "planetary", "simple_planetary", "planetary_layshaft", "two_speed"]
GEARBOX_LAYOUTS: tuple[str, ...] = get_args(GearboxLayout)


class Gearbox(Group):
    """Gearbox layouts on offer."""

    layouts: Annotated[list[GearboxLayout], Field(min_length=1)]


class Inverter(Group):
    """Power modules on offer and the voltage they work at."""

    devices: Annotated[list[str], Field(min_length=1)]
    dc_voltage_v: Annotated[float, Field(ge=100.0, le=1000.0)]
    modulation: Literal["space_vector", "discontinuous"] = "space_vector"


class RatingConditions(Group):
    """Conditions of ratings and cycle."""

    coolant_celsius: Celsius
    coolant_flow_l_per_min: Positive
    oil_celsius: Celsius
    start_celsius: Celsius
    cycle_celsius: Celsius
    winding_limit_celsius: Celsius
    winding_continuous_celsius: Celsius
    rotor_continuous_celsius: Celsius
    junction_limit_celsius: Celsius
    junction_continuous_celsius: Celsius
    continuous_power_kw: Positive
    continuous_speed_share: Annotated[float, Field(gt=0.0, le=1.0)]
    ambient_celsius: Celsius = 40.0  # files of before have none of these
    radiator_conductance_w_per_k: Positive | None = None
    oil_cooler_conductance_w_per_k: NotNegative | None = 250.0
    breather_hose_mm: NotNegative = 0.0
    peak_stator_current_density_a_per_mm2: Annotated[float, Field(gt=0.0, le=80.0)] = 25.0
    peak_field_current_density_a_per_mm2: Annotated[float, Field(gt=0.0, le=80.0)] = 16.0


class Plant(Group):
    """Where the unit is built; a rate that is not given is refused by `checks`."""

    name: FolderName
    labour_eur_per_h: Positive | None = None
    energy_eur_per_kwh: Positive | None = None
    floor_eur_per_m2: Positive | None = None
    electricity_co2e_kg_per_kwh: NotNegative | None = None


class Price(Group):
    """Unit prices with source and date; `uncertainty`: relative standard deviations by key, where not the usual."""

    name: FolderName
    source: str
    date: str
    electrical_steel_eur_per_kg: NotNegative
    steel_scrap_eur_per_kg: NotNegative
    copper_eur_per_kg: NotNegative
    wire_conversion_eur_per_kg: NotNegative
    copper_scrap_share: Share
    busbar_conversion_eur_per_kg: NotNegative
    neodymium_eur_per_kg: NotNegative
    dysprosium_eur_per_kg: NotNegative
    magnet_yield: Annotated[float, Field(gt=0.0, le=1.0)]
    magnet_processing_eur_per_kg: NotNegative
    ferrite_eur_per_kg: NotNegative
    shaft_steel_eur_per_kg: NotNegative
    gear_blank_eur_per_kg: NotNegative
    gear_chips: Share
    differential_eur_per_kg: NotNegative
    aluminium_eur_per_kg: NotNegative
    aluminium_loss: Share
    bearing_eur_per_kg: NotNegative
    oil_eur_per_kg: NotNegative
    insulation_eur_per_kw: NotNegative
    silicon_die_eur_per_cm2: NotNegative
    silicon_carbide_die_eur_per_cm2: NotNegative
    module_package_eur_per_cm2: NotNegative
    capacitor_eur_per_microfarad: NotNegative
    filter_eur_per_kg: NotNegative
    control_boards_eur: NotNegative
    sensors_connectors_eur: NotNegative
    exciter_fixed_eur: NotNegative
    inductive_exciter_fixed_eur: NotNegative
    gearbox_accessories_eur: NotNegative
    shift_clutches_eur: NotNegative
    mounts_eur_per_kg: NotNegative
    harness_eur_per_kg: NotNegative
    manufacture_scale: Positive = 1.0
    one_off_scale: NotNegative = 1.0
    uncertainty: dict[str, NotNegative] = {}


class ProgrammeGroup(Group):
    """How many units are made when; the plant stands in its own group. Defaults serve design files of before."""

    name: FolderName = "gen5_2022"
    source: str = ""
    units_per_year: Positive = ProgrammeSettings.units_per_year
    start_year: Annotated[float, Field(ge=2022.0, le=2060.0)] = ProgrammeSettings.start_year
    ramp_years: NotNegative = ProgrammeSettings.ramp_years
    run_years: Positive = ProgrammeSettings.run_years
    discount_rate: Share = ProgrammeSettings.discount_rate
    development_shared: bool = ProgrammeSettings.development_shared
    mechanical_purchase_exponent: Share = ProgrammeSettings.mechanical_purchase_exponent
    electronic_purchase_exponent: Share = ProgrammeSettings.electronic_purchase_exponent
    learning_exponent: Share = ProgrammeSettings.learning_exponent
    lifetime_km: Positive = LIFETIME_KM
    use_co2e_kg_per_kwh: NotNegative = ProgrammeSettings.use_co2e


class Objectives(Group):
    """Quantities to be minimized."""

    names: Annotated[list[str], Field(min_length=2, max_length=4)]


class FidelityGroup(Group):
    """How finely the physics is resolved."""

    grid: Grid
    final_grid: Grid
    duty_points: Annotated[int, Field(ge=4, le=400)]
    envelope_speeds: Annotated[int, Field(ge=4, le=60)]


class Compute(Group):
    """Device and cache of compiled programs."""

    platform: Literal["automatic", "cpu", "cuda"]
    compile_cache: bool
    compile_cache_folder: PathText | None = None


class Tracking(Group):
    """The MLflow mirror."""

    mlflow: bool
    uri: str | None = None
    experiment: Annotated[str, Field(min_length=1)]


# Ranges of the optimizer's settings that are not simply "at least 1" (integers) or "above 0" (numbers).
OPTIMIZER_RANGES: dict[str, Any] = {
    "seed": Annotated[int, Field(ge=0, lt=2**31)],
    "gradient_steps": Annotated[int, Field(ge=0)],
    "final_polish_steps": Annotated[int, Field(ge=0)],
    "screen_variations": Annotated[int, Field(ge=0)],
    "field_radius": Annotated[float, Field(gt=0.0, le=1.0)],
    "step_radius": Annotated[float, Field(gt=0.0, le=1.0)],
    "branch_share": Share,
    "direction_extension": NotNegative,
    "margin_target": NotNegative,
    "reference_point": list[float] | None,
}


def optimizer_model() -> Any:
    """Model with the fields and defaults of the optimizer's own dataclass."""
    by_type: dict[str, Any] = {"int": Count, "float": Positive, "bool": bool}
    fields: dict[str, Any] = {}
    for field in dataclasses.fields(OptimizerSettings):
        annotation = OPTIMIZER_RANGES.get(field.name) or by_type[str(field.type)]
        fields[field.name] = (annotation, field.default)
    return create_model("Optimizer", __base__=Group, **fields)


Optimizer: Any = optimizer_model()


class SharedParts(Group):
    """Parts (edu_opt.family.parts) that some members have in common; no members named: all."""

    parts: Annotated[list[str], Field(min_length=1)]
    members: list[str] = []


class FamilyMember(Group):
    """One drive unit of a family; `overrides` as on the command line, for this member alone."""

    brand: FolderName
    vehicle: FolderName
    plant: FolderName
    units_per_year: Positive
    overrides: list[str] = []


class Family(Group):
    """Members that may share parts, the sharing patterns, what each brand minimizes besides the programme's cost."""

    name: FolderName
    members: Annotated[dict[FolderName, FamilyMember], Field(min_length=2)]
    common: list[str] = []
    objectives: dict[FolderName, str]
    patterns: dict[FolderName, list[SharedParts]] = {}
    every_subset_of: list[str] = []
    candidates: Count = 24
    seeds: Count = 32
    refreshes: Count = 5
    polish_steps: Count = 8
    final_polish_steps: Annotated[int, Field(ge=0)] = 6
    members_from: PathText | None = None
    volume_factors: list[Positive] = []
    price_scenarios: list[str] = []
    coalitions: bool = True


class DriveUnit(Group):
    """A drive unit that exists: `evaluate` computes it, `optimize` starts there too."""

    name: str


class Settings(Group):
    """The whole tree, as `configs/config.yaml` composes it."""

    task: Task
    brand: Brand
    vehicle: Vehicle
    cycle: Cycle
    motor: Motor
    gearbox: Gearbox
    inverter: Inverter
    ratings: RatingConditions
    plant: Plant
    price: Price
    programme: ProgrammeGroup = ProgrammeGroup()
    objectives: Objectives
    fidelity: FidelityGroup
    optimizer: Optimizer
    compute: Compute
    tracking: Tracking
    family: Family | None = None
    study: PathText | None = None
    studies: list[PathText] = []
    design: PathText | None = None
    drive_unit: DriveUnit | None = None
    studies_folder: PathText
