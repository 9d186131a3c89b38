"""From the validated tree to frozen dataclasses in SI units: the only place where units are converted."""

from __future__ import annotations

import dataclasses
from fractions import Fraction
from pathlib import Path
from typing import Any

from edu_opt.config import models
from edu_opt.optimize.settings import OptimizerSettings
from edu_opt.programme.plant import Plant
from edu_opt.programme.prices import PRICE_UNCERTAINTY, Prices
from edu_opt.programme.programme import ProgrammeSettings
from edu_opt.requirements import Requirement
from edu_opt.settings import Fidelity, MotorOffer, ProblemSettings, Ratings

LITRES_PER_MINUTE = 1.0 / 60e3  # m^3/s
SQUARE_CENTIMETRE = 1e-4  # m^2
MICROFARAD = 1e-6  # F
KILOWATT = 1e3  # W
MILLIMETRE = 1e-3  # m
KILOMETRE = 1e3  # m
# Field of `Plant`: key in the YAML.
PLANT_KEYS = {
    "labour": "labour_eur_per_h",
    "energy": "energy_eur_per_kwh",
    "floor": "floor_eur_per_m2",
    "electricity_co2e": "electricity_co2e_kg_per_kwh",
}
PER_SQUARE_MILLIMETRE = 1e6  # 1/m^2
MOST_POLES_THAT_REPEAT = 8  # denominator of the slots per pole

# Field of `Prices`: key in the YAML, and what one unit of the key is in the field's unit.
PRICE_KEYS: dict[str, tuple[str, float]] = {
    "electrical_steel": ("electrical_steel_eur_per_kg", 1.0),
    "steel_scrap": ("steel_scrap_eur_per_kg", 1.0),
    "copper": ("copper_eur_per_kg", 1.0),
    "wire_conversion": ("wire_conversion_eur_per_kg", 1.0),
    "copper_scrap_share": ("copper_scrap_share", 1.0),
    "busbar_conversion": ("busbar_conversion_eur_per_kg", 1.0),
    "neodymium": ("neodymium_eur_per_kg", 1.0),
    "dysprosium": ("dysprosium_eur_per_kg", 1.0),
    "magnet_yield": ("magnet_yield", 1.0),
    "magnet_processing": ("magnet_processing_eur_per_kg", 1.0),
    "ferrite": ("ferrite_eur_per_kg", 1.0),
    "shaft_steel": ("shaft_steel_eur_per_kg", 1.0),
    "gear_blank": ("gear_blank_eur_per_kg", 1.0),
    "gear_chips": ("gear_chips", 1.0),
    "differential": ("differential_eur_per_kg", 1.0),
    "aluminium": ("aluminium_eur_per_kg", 1.0),
    "aluminium_loss": ("aluminium_loss", 1.0),
    "bearing": ("bearing_eur_per_kg", 1.0),
    "oil": ("oil_eur_per_kg", 1.0),
    "insulation_per_kw": ("insulation_eur_per_kw", 1.0),
    "silicon_die": ("silicon_die_eur_per_cm2", 1.0 / SQUARE_CENTIMETRE),
    "silicon_carbide_die": ("silicon_carbide_die_eur_per_cm2", 1.0 / SQUARE_CENTIMETRE),
    "module_package": ("module_package_eur_per_cm2", 1.0 / SQUARE_CENTIMETRE),
    "capacitor": ("capacitor_eur_per_microfarad", 1.0 / MICROFARAD),
    "filter": ("filter_eur_per_kg", 1.0),
    "control_boards": ("control_boards_eur", 1.0),
    "sensors_connectors": ("sensors_connectors_eur", 1.0),
    "exciter_fixed": ("exciter_fixed_eur", 1.0),
    "inductive_exciter_fixed": ("inductive_exciter_fixed_eur", 1.0),
    "gearbox_accessories": ("gearbox_accessories_eur", 1.0),
    "shift_clutches": ("shift_clutches_eur", 1.0),
    "mounts": ("mounts_eur_per_kg", 1.0),
    "harness": ("harness_eur_per_kg", 1.0),
    "manufacture_scale": ("manufacture_scale", 1.0),
    "one_off_scale": ("one_off_scale", 1.0),
}


def prices(price: models.Price) -> Prices:
    """Prices in the units of the fields; the magnet's heavy share follows from its grade, not from here."""
    return Prices(**{field: getattr(price, key) * factor for field, (key, factor) in PRICE_KEYS.items()})


def price_uncertainty(price: models.Price) -> Prices:
    """Relative standard deviations: the usual ones, but for the keys that the group names."""
    fields = {key: field for field, (key, _) in PRICE_KEYS.items()}
    return dataclasses.replace(PRICE_UNCERTAINTY, **{fields[key]: share for key, share in price.uncertainty.items()})


def programme(group: models.ProgrammeGroup, plant: models.Plant) -> ProgrammeSettings:
    """The programme with its plant's rates (all given: `checks` refuses a plant without)."""
    values: dict[str, Any] = group.model_dump(exclude={"name", "source"})
    values["lifetime_distance"] = values.pop("lifetime_km") * KILOMETRE
    values["use_co2e"] = values.pop("use_co2e_kg_per_kwh")
    rates = {field: getattr(plant, key) for field, key in PLANT_KEYS.items()}
    return ProgrammeSettings(plant=Plant(**rates), **values)


def requirement_name(key: str) -> tuple[str, str]:
    """QUANTITY_min or QUANTITY_max -> (quantity, sense); the sense is empty where the key ends otherwise."""
    quantity, _, sense = key.rpartition("_")
    return (quantity, sense) if sense in ("min", "max") else (key, "")


def requirements(brand: models.Brand) -> tuple[Requirement, ...]:
    """The brand's targets."""
    result = []
    for key, entry in brand.requirements.items():
        quantity, sense = requirement_name(key)
        result.append(Requirement(quantity, sense, entry.limit, entry.source, entry.conditions))  # type: ignore[arg-type]
    return tuple(result)


def ratings(group: models.RatingConditions, dc_voltage: float) -> Ratings:
    """Conditions of ratings and cycle in SI units."""
    values: dict[str, Any] = group.model_dump()
    values["coolant_flow"] = values.pop("coolant_flow_l_per_min") * LITRES_PER_MINUTE
    values["continuous_power"] = values.pop("continuous_power_kw") * KILOWATT
    radiator, cooler = values.pop("radiator_conductance_w_per_k"), values.pop("oil_cooler_conductance_w_per_k")
    values["radiator_resistance"] = 0.0 if radiator is None else 1.0 / radiator
    values |= {"oil_held": float(cooler is None), "oil_cooler_conductance": cooler or 0.0}
    values["breather_hose"] = values.pop("breather_hose_mm") * MILLIMETRE
    for name in ("peak_stator_current_density", "peak_field_current_density"):
        values[name] = values.pop(f"{name}_a_per_mm2") * PER_SQUARE_MILLIMETRE
    return Ratings(dc_voltage=dc_voltage, **values)


def slots_per_pole(value: float) -> int | Fraction:
    """Slots per pole as a whole number or a fraction of at most `MOST_POLES_THAT_REPEAT`."""
    exact = Fraction(value).limit_denominator(MOST_POLES_THAT_REPEAT)
    return int(exact) if exact.denominator == 1 else exact


def motor_offers(motor: models.Motor) -> tuple[MotorOffer, ...]:
    """Kinds of motor on offer, in the order of the YAML."""
    return tuple(
        MotorOffer(
            kind=offer.kind,
            slots_per_pole=slots_per_pole(offer.slots_per_pole),
            coil_pitch=offer.coil_pitch_slots,
            pole_pairs=tuple(offer.pole_pairs),
            parallel_paths=tuple(offer.parallel_paths),
            steel=offer.steel,
            magnet=offer.magnet,
            rotor=offer.rotor or "",
            bars_per_pole=offer.bars_per_pole or 0,
            cage=offer.cage or "",
            exciter=offer.exciter or MotorOffer.exciter,
            winding=offer.winding,
            skew=offer.skew_slot_pitches,
            skew_slices=offer.skew_slices,
        )
        for offer in motor.offers.values()
    )


def problem_settings(tree: models.Settings) -> ProblemSettings:
    """The design problem in SI units."""
    return ProblemSettings(
        brand=tree.brand.name,
        vehicle=tree.vehicle.name,
        vehicle_data=tree.vehicle.data,
        best_split=tree.vehicle.torque_split == "best",
        other_unit=tree.vehicle.other_unit,
        other_axle=tree.vehicle.other_axle,
        cycle=tree.cycle.name,
        requirements=requirements(tree.brand),
        forbids=tuple(tree.brand.forbids),
        motors=motor_offers(tree.motor),
        gearbox_layouts=tuple(tree.gearbox.layouts),
        devices=tuple(tree.inverter.devices),
        modulation=tree.inverter.modulation,
        objectives=tuple(tree.objectives.names),
        ratings=ratings(tree.ratings, tree.inverter.dc_voltage_v),
        prices=prices(tree.price),
        price_uncertainty=price_uncertainty(tree.price),
        programme=programme(tree.programme, tree.plant),
        fidelity=Fidelity(**tree.fidelity.model_dump()),
    )


def optimizer_settings(tree: models.Settings) -> OptimizerSettings:
    """Settings of the search."""
    values = tree.optimizer.model_dump()
    point = values["reference_point"]
    values["reference_point"] = None if point is None else tuple(point)
    known = {field.name for field in dataclasses.fields(OptimizerSettings)}
    return OptimizerSettings(**{name: value for name, value in values.items() if name in known})


def absolute(path: str | Path) -> Path:
    """Absolute path, `~` expanded, links kept."""
    return Path(path).expanduser().absolute()
