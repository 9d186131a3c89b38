"""What one drive unit consists of, in the form that the bill of materials and the carbon account ask for."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from edu_opt.drive_unit.model import DriveUnit
from edu_opt.drive_unit.package import UnitMasses
from edu_opt.inverter.model import inverter_quantities
from edu_opt.motor.mass import motor_materials
from edu_opt.programme.bill_of_materials import PRICED_CAPACITOR_VOLTAGE, MaterialAmounts

Scalars = dict[str, jax.Array]


def flag(is_so: bool | float | jax.Array) -> jax.Array:
    """1 or 0."""
    return jnp.asarray(is_so, float)


def rare_earth_mass(unit: DriveUnit, masses: UnitMasses) -> jax.Array:
    """Mass of the magnets [kg] if their grade holds rare earths, else 0."""
    return masses.motor.magnets * unit.motor.magnet.holds_rare_earths


def material_amounts(unit: DriveUnit, masses: UnitMasses, peak_power: jax.Array) -> MaterialAmounts:
    """Amounts of a unit with its masses and peak axle power [W]."""
    motor, gearbox, inverter = masses.motor, masses.gearbox, masses.inverter
    bought, cut = inverter_quantities(unit.inverter), motor_materials(unit.motor)
    rare, cage = rare_earth_mass(unit, masses), unit.motor.cage
    copper_cage = motor.cage * (cage.metal.is_copper if cage else 0.0)
    brazed = cage.metal.is_copper if cage else 0.0
    return MaterialAmounts(
        stator_steel=motor.stator_steel,
        rotor_steel=motor.rotor_steel,
        sheet_scrap=cut.electrical_steel_gross - cut.electrical_steel_net,
        stator_copper=motor.stator_copper,
        copper_trim=cut.copper_gross - cut.copper_net,
        field_copper=motor.field_copper,
        magnets=rare,
        ferrite_magnets=motor.magnets - rare,
        copper_cage=copper_cage,
        aluminium_cage=motor.cage - copper_cage,
        motor_shaft=motor.shaft,
        shaft_chips=cut.shaft_steel_gross - cut.shaft_steel_net,
        gears_stage_1=gearbox.gears_stage_1,
        gears_stage_2=gearbox.gears_stage_2,
        gear_shafts=gearbox.gear_shafts,
        differential=gearbox.differential,
        bearings=gearbox.bearings + motor.bearings,
        oil=gearbox.oil,
        housing=masses.housing,
        silicon_die_area=bought.silicon_die_area,
        silicon_carbide_die_area=bought.silicon_carbide_die_area,
        module_area=bought.cooled_area,
        capacitance=bought.capacitor_energy / (0.5 * PRICED_CAPACITOR_VOLTAGE**2),
        busbars=bought.busbar_copper + masses.busbars,
        filter=bought.filter_mass,
        control=inverter.control - bought.filter_mass,
        mounts=masses.mounts,
        harness=masses.harness,
        peak_power=peak_power,
        wound_rotor=flag(unit.has_field_winding),
        magnet_rotor=flag(unit.motor.lamination.template.has_magnets),
        brazed_cage=flag(brazed),
        cast_cage=flag(cage is not None) - flag(brazed),
        hairpin_winding=flag(not unit.motor.winding.wire),
        wire_winding=flag(unit.motor.winding.wire),
    )


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
        "assembly": masses.busbars + masses.harness + masses.mounts + masses.accessories.total,
    }
