"""Reading of Motor-CAD's induction machines for `experiments.validation.motor_maps_im`: what is left out, lamination,
cage, materials.

The stator slot's depth counts from the bore, the bar's from the end of its opening; teeth of both sides are parallel;
the bar's top rises to its opening under the tip angle (here: rounded, of the same section); the ring reaches from the
bar's top to `EndRing_Inner_Add` below its bottom; one winding layer holds whole phase belts (as the slot list of the
.mot file says).
"""

from __future__ import annotations

import math
from fractions import Fraction

import jax
import jax.numpy as jnp

from edu_opt.materials.conductors import conductor
from edu_opt.materials.steel_tables import STEELS
from edu_opt.materials.steels import electrical_steel
from edu_opt.motor.cage import CageRotor, bar_area
from edu_opt.motor.cage_loss import Cage
from edu_opt.motor.field import reluctivity_from_curve
from edu_opt.motor.geometry import Lamination, StatorGeometry, Template
from edu_opt.motor.lamination_map import MapMaterials
from edu_opt.numerics.pytree import replace
from experiments.validation.motor_cad_machine import MILLIMETRE, STACKING, Record

METALS = {"Copper (Pure)": "copper", "Aluminium (Cast)": "aluminium", "Aluminium (Pure)": "aluminium"}
PARALLEL_TOOTH_BAR = "4"
NEEDED = {
    "dims_mm": (
        *("Stator_Lam_Dia", "Stator_Bore", "Airgap", "Slot_Number", "Pole_Number", "Slot_Depth", "Tooth_Width"),
        *("Slot_Opening", "Tooth_Tip_Depth", "Tooth_Tip_Angle", "Slot_Corner_Radius", "Stator_Lam_Length", "Shaft_Dia"),
        *("Rotor_Lam_Length", "Rotor_Bars", "Bar_Opening_[T]", "Bar_Opening_Depth_[T]", "Bar_Depth_[T]"),
        *("Rotor_Tooth_Width_T", "Bar_Corner_Radius", "Bar_Tip_Angle_[T]", "EndRing_Thickness_F"),
        "EndRing_Inner_Add_F",
    ),
    "winding": ("Conductors/Slot", "Copper_Diameter", "EWdg_MLT"),
    "magnetics": (
        *("ParallelPaths", "WindingLayers", "MagThrow", "MagTurnsConductor", "DCBusVoltage"),
        "StatorIronLossBuildFactor",
    ),
    "lab": ("ModulationIndex_MotorLAB", "TwindingCalc_MotorLAB", "SpeedMax"),
    "materials": (
        *("Material_Stator_Lam_Back_Iron", "Material_Rotor_Lam_Back_Iron"),
        *("Material_Rotor_Cage_Top", "Material_Rotor_Cage_End_F"),
    ),
}


def missing(machine: Record) -> str:
    """What a record lacks for a comparison, "" if nothing."""
    return ", ".join(key for room, keys in NEEDED.items() for key in keys if machine.get(room, {}).get(key) is None)


def left_out(machine: Record, maps: Record) -> str:
    """Why a record is not compared, "" if it is."""
    if missing(machine):
        return f"the record lacks {missing(machine)}"
    size, magnetics, materials = machine["dims_mm"], machine["magnetics"], machine["materials"]
    slots, poles = size["Slot_Number"], size["Pole_Number"]
    if machine.get("map_key") not in maps:
        return "no efficiency map"
    if machine["winding"].get("Wire_Type") == "Rectangular":
        return "no template for rectangular wires in an induction machine"
    if str(machine.get("topbar")) != PARALLEL_TOOTH_BAR:
        return f"no template for bars of Motor-CAD's kind {machine.get('topbar')}"
    if any(key.endswith("_[B]") and value for key, value in size.items() if "Depth" in key):
        return "no template for a double cage"
    if Fraction(int(slots), int(poles)).numerator % 3:
        return f"{slots:g} slots on {poles:g} poles: no three equal phases"
    if slots % poles and magnetics["WindingLayers"] == 1:
        return f"{slots / poles:g} slots per pole in one layer: no coil-by-coil record"
    steels = {materials[f"Material_{side}_Lam_Back_Iron"] for side in ("Stator", "Rotor")}
    if len(steels) > 1 or not steels <= STEELS.keys():
        return f"unknown or different steels {', '.join(sorted(steels))}"
    metals = {materials[f"Material_Rotor_Cage_{part}"] for part in ("Top", "End_F")}
    if len(metals) > 1 or not metals <= METALS.keys():
        return f"unknown or different cage metals {', '.join(sorted(metals))}"
    if magnetics["WindingLayers"] > 2:
        return f"{magnetics['WindingLayers']:g} winding layers: no coil-by-coil record"
    return ""


def poles_per_sector(machine: Record) -> int:
    """Fewest poles that hold whole slots and whole bars."""
    size = machine["dims_mm"]
    poles, counts = int(size["Pole_Number"]), (int(size["Slot_Number"]), int(size["Rotor_Bars"]))
    return next(k for k in range(1, poles + 1) if all(k * count % poles == 0 for count in counts))


def lamination_of(machine: Record) -> Lamination:
    """Lamination [m]: parallel teeth on both sides, tapered stator tooth tips."""
    size, magnetics, sector = machine["dims_mm"], machine["magnetics"], poles_per_sector(machine)
    poles = int(size["Pole_Number"])
    template = Template(
        rotor="im",
        slots_per_pole=Fraction(int(size["Slot_Number"]), poles),
        coil_pitch=int(magnetics["MagThrow"]) if magnetics["WindingLayers"] == 2 else 0,
        poles_per_sector=sector,
        bars_per_sector=int(size["Rotor_Bars"]) * sector // poles,
        open_bars=size["Bar_Opening_[T]"] > 0.0,
    )
    metres = lambda lengths: jax.tree.map(lambda value: jnp.asarray(value * MILLIMETRE, float), lengths)  # noqa: E731
    return Lamination(
        template=template,
        stator=metres(stator_of(size)),
        rotor=metres(rotor_of(size)),
        pole_pairs=jnp.asarray(0.5 * poles),
    )


def stator_of(size: Record) -> StatorGeometry:
    """Stator slot [mm]: the tip's taper ends where the parallel tooth's flank meets it."""
    tangent, bore = math.tan(math.pi / size["Slot_Number"]), 0.5 * size["Stator_Bore"]
    base, rise = bore + size["Tooth_Tip_Depth"], 0.5 * math.tan(math.radians(size["Tooth_Tip_Angle"]))
    start = (base - rise * (size["Tooth_Width"] + size["Slot_Opening"])) / (1.0 - 2.0 * rise * tangent)
    bottom = bore + size["Slot_Depth"]
    width = lambda radius: 2.0 * tangent * radius - size["Tooth_Width"]  # noqa: E731
    return StatorGeometry(
        outer_radius=0.5 * size["Stator_Lam_Dia"],
        bore_radius=bore,
        opening_width=size["Slot_Opening"],
        tip_height=size["Tooth_Tip_Depth"],
        wedge_height=start - base,
        slot_width_top=width(start),
        slot_width_bottom=width(bottom),
        slot_depth=bottom - start,
        corner_radius=min(size["Slot_Corner_Radius"], 0.45 * width(bottom)),
    )


def rotor_of(size: Record) -> CageRotor:
    """Rotor slot [mm]: the section lost under the tip's two flanks becomes that of two rounded corners."""
    radius, tangent = 0.5 * size["Stator_Bore"] - size["Airgap"], 2.0 * math.tan(math.pi / size["Rotor_Bars"])
    top = radius - size["Bar_Opening_Depth_[T]"]
    width_top, width_bottom = (tangent * at - size["Rotor_Tooth_Width_T"] for at in (top, top - size["Bar_Depth_[T]"]))
    flank = 0.5 * (width_top - size["Bar_Opening_[T]"])
    lost = flank**2 * math.tan(math.radians(size["Bar_Tip_Angle_[T]"]))
    return CageRotor(
        outer_radius=radius,
        shaft_radius=0.5 * size["Shaft_Dia"],
        bridge=size["Bar_Opening_Depth_[T]"],
        opening_width=size["Bar_Opening_[T]"],
        bar_width_top=width_top,
        bar_width_bottom=width_bottom,
        bar_depth=size["Bar_Depth_[T]"],
        corner_radius_top=min(math.sqrt(lost / (2.0 - 0.5 * math.pi)), 0.49 * width_top),
        corner_radius_bottom=min(size["Bar_Corner_Radius"], 0.49 * width_bottom),
    )


def cage_of(machine: Record, lamination: Lamination) -> Cage:
    """Bars from middle to middle of rings of the record's thickness against the stack."""
    size, rotor = machine["dims_mm"], lamination.rotor
    assert isinstance(rotor, CageRotor)
    height = rotor.bar_depth + size["EndRing_Inner_Add_F"] * MILLIMETRE
    top = rotor.outer_radius - rotor.bridge
    values = {
        "bars": size["Rotor_Bars"],
        "pole_pairs": 0.5 * size["Pole_Number"],
        "bar_area": bar_area(rotor),
        "bar_height": rotor.bar_depth,
        "bar_length": (size["Rotor_Lam_Length"] + size["EndRing_Thickness_F"]) * MILLIMETRE,
        "ring_area": height * size["EndRing_Thickness_F"] * MILLIMETRE,
        "ring_radius": top - 0.5 * height,
    }
    metal = conductor(METALS[machine["materials"]["Material_Rotor_Cage_Top"]])
    return Cage(**{key: jnp.asarray(value, float) for key, value in values.items()}, metal=metal)


def materials_of(machine: Record) -> MapMaterials:
    """Steel of both sides, stacked as in the permanent-magnet comparison."""
    name = machine["materials"]["Material_Stator_Lam_Back_Iron"]
    data = STEELS[name]
    return MapMaterials(
        reluctivity=reluctivity_from_curve(data.field_strength, data.flux_density, STACKING),
        steel=replace(electrical_steel(name), stacking_factor=jnp.asarray(STACKING)),
        remanence=jnp.zeros(()),
        magnet_permeability=jnp.ones(()),
    )
