"""Reading of Motor-CAD's permanent-magnet machines for `experiments.validation.motor_maps`: what is left out,
lamination, materials, limits.

Motor-CAD's "Interior V (web)" rotor (names of `rotor_layers`, first layer): pole arc and web bound the outer pocket
under the bridge (as in Ansys' stress-sampling example for this template), the magnets' outer line runs from the pole
arc's corner inwards at half the V angle, the magnets start at their separation (pyleecan's converter), the web's
parallel part ends at `WebLength`; width beyond the pole arc's corner is cut off.

`skew_deg` is the template's list of slices, the same in every record; it is in force only with `SkewType` 2 (so do
PyMotorCAD's examples read it), and the source's own file of PSM (133) has `SkewType` 0: no skew. The bars rest on the
slot's bottom (its `ConductorCentre_L_y`): the space between them and the tips stays free of current.
"""

from __future__ import annotations

import dataclasses
import functools
import re
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from edu_opt.materials.magnets import MAGNETS, magnet
from edu_opt.materials.steel_tables import STEELS
from edu_opt.motor.field import FieldGrid, FieldMaterials, field_model, reluctivity_from_curve
from edu_opt.motor.field.grid_ipm import web_share
from edu_opt.motor.geometry import Lamination, SingleVRotor, StatorGeometry, Template

Record = dict[str, Any]
MILLIMETRE = 1e-3
LEAST_WIDTH = 0.1  # mm, of air that a record leaves no room for
# Records whose magnets are longer than their line: up to this share the corner follows the magnet (5 % longer: flux
# 3 % low, as its fellows' of 12 poles); at 20 and 29 % neither that nor a cut magnet gives the file's flux and q flux.
OVERLONG = 0.10
STACKING = 0.97  # Stacking_Factor_[Stator], _[Rotor] of the source's file of PSM (133), acting on saturation (mode 2)
LINER_GAP = 0.02  # mm, between liner and lamination (ibid.)
MAGNET_CLEARANCE = 0.2e-3  # m, VShapeMagnetClearance of Motor-CAD's template e4a, from which the file's rotors derive


def left_out(name: str, machine: Record, maps: Record) -> str:
    """Why a record is not compared, "" if it is."""
    size = machine["dims_mm"]
    if machine["rotor"] != "Interior_VShape":
        return f"no template for rotor {machine['rotor']}"
    if size["Slot_Number"] % size["Pole_Number"]:
        return f"{size['Slot_Number']:g} slots on {size['Pole_Number']:g} poles: not a whole number per pole"
    if (size["Slot_Number"] / size["Pole_Number"]) % 3:
        return "slots per pole do not divide into three belts"
    if machine["magnetics"]["MagThrow"] != size["Slot_Number"] / size["Pole_Number"]:
        return "short-pitched winding: no coil-by-coil record of its layers"
    if machine.get("map_key") not in maps:
        return "no efficiency map"
    steel = machine["materials"]["Material_Stator_Lam_Back_Iron"]
    if steel not in STEELS or machine["materials"]["Material_Magnet"] not in MAGNETS:
        return f"unknown material {steel} or {machine['materials']['Material_Magnet']}"
    overlong = pole_line(machine).overlong
    if overlong > OVERLONG:
        return f"magnets {100.0 * overlong:.0f} % longer than pole arc, V angle and post leave (rule unknown)"
    own = file_torque(machine, largest_current(machine)) / maps[machine["map_key"]]["Tmax_Nm"]
    if abs(own - 1.0) > 0.05:
        return f"the file's own flux map gives {own:.2f} of its map's torque"
    return ""


def largest_current(machine: Record) -> float:
    """Phase current of the map [A peak]: as its name says (`_400Arms`), else the largest of the flux map."""
    named = re.search(r"_(\d+)Arms", machine["map_key"])
    return 2.0**0.5 * (float(named.group(1)) if named else machine["Imax_rms"])


def bus_voltage(machine: Record) -> float:
    """DC voltage [V]; a map of the 800 V class with a 400 V bus in its file gets 0.9 x 800 V (360 V on 400 V)."""
    volts = machine["magnetics"]["DCBusVoltage"]
    return 720.0 if "800V" in machine["map_key"] and volts < 500.0 else float(volts)


def voltage_limit(machine: Record) -> float:
    """Largest phase voltage [V peak]."""
    return machine["lab"]["ModulationIndex_MotorLAB"] * bus_voltage(machine) / 3.0**0.5


def file_torque(machine: Record, current: float) -> float:
    """Largest torque [N m] of the file's own flux map at a current [A peak] (comparison only)."""
    fea = machine["fea"]
    currents, angles, psi_d, psi_q = (
        np.reshape(fea[k], (-1, 5)) for k in ("SatModel_Is_Lab", "SatModel_Gamma_Lab", "PsiDModel_Lab", "PsiQModel_Lab")
    )
    at = [[np.interp(current, currents[:, 0], psi[:, k]) for k in range(5)] for psi in (psi_d, psi_q)]
    fine = np.linspace(0.0, 90.0, 361)
    d, q = (np.polynomial.polynomial.polyval(fine, np.polynomial.polynomial.polyfit(angles[0], v, 4)) for v in at)
    phase = np.deg2rad(fine)
    torque = 0.75 * machine["dims_mm"]["Pole_Number"] * current * (d * np.cos(phase) + q * np.sin(phase))
    return float(torque.max())


@dataclasses.dataclass(frozen=True)
class PoleLine:
    """Outer line of the magnets of a half pole [mm, rad]: radius of the pockets' corners, half a pole, the web's angle,
    the line's tilt from the d axis, half a post, the magnet's start (from the d axis), polar angle of the corner as
    recorded, the magnet's width."""

    pocket: float
    half_pitch: float
    web: float
    tilt: float
    post: float
    start: float
    arc: float
    magnet: float

    @property
    def overlong(self) -> float:
        """Share by which the magnet is longer than the line from its start to the recorded corner."""
        return self.magnet * np.sin(self.tilt) / (self.pocket * np.sin(self.arc) - self.start) - 1.0


def layer_of(machine: Record) -> dict[str, float]:
    """First layer of the rotor."""
    return {key: values[0] for key, values in machine["rotor_layers"].items()}


def pole_line(machine: Record) -> PoleLine:
    """That line as the record states it."""
    size, layer = machine["dims_mm"], layer_of(machine)
    half = np.pi / size["Pole_Number"]
    pocket = 0.5 * size["Stator_Bore"] - size["Airgap"] - layer["BridgeThickness_Array"]
    web = half - np.arcsin(0.5 * layer["WebThickness_Array"] / pocket)
    post = 0.5 * layer["VShapeMagnetPost_Array"]
    return PoleLine(
        pocket=pocket,
        half_pitch=half,
        web=web,
        tilt=np.deg2rad(0.5 * layer["PoleVAngle_Array"]),
        post=post,
        start=max(0.5 * layer["MagnetSeparation_Array"], post + 0.5 * LEAST_WIDTH),
        arc=min(np.deg2rad(layer["PoleArc_Array"]) / size["Pole_Number"], web - LEAST_WIDTH / pocket),
        magnet=layer["MagnetBarWidth_Array"],
    )


def rotor_of(machine: Record) -> SingleVRotor:
    """Rotor [m] from the first layer of Motor-CAD's "Interior V (web)"."""
    size, layer, at = machine["dims_mm"], layer_of(machine), pole_line(machine)
    half, pocket, web, tilt = at.half_pitch, at.pocket, at.web, at.tilt
    # A magnet longer than its line pushes the corner outwards along the bridge.
    end = min((at.start + (at.magnet + LEAST_WIDTH) * np.sin(tilt)) / pocket, np.sin(web))
    arc = min(max(at.arc, np.arcsin(end)), web - LEAST_WIDTH / pocket)
    along, normal = np.array([np.cos(tilt), np.sin(tilt)]), np.array([np.sin(tilt), -np.cos(tilt)])
    corner = pocket * np.array([np.cos(arc), np.sin(arc)])
    line, gap = (corner[1] - at.post) / along[1], (at.start - at.post) / along[1]
    web_end = pocket * np.array([np.cos(web), np.sin(web)]) - layer["WebLength_Array"] * np.array(
        [np.cos(half), np.sin(half)]
    )
    depth = float((corner - web_end) @ normal)  # of the web's end below the magnets' outer line
    thickness = layer["MagnetThickness_Array"] + MAGNET_CLEARANCE / MILLIMETRE
    # The magnet's corner inside the rotor stays out of the web where that reaches as deep, else off the q axis.
    inside = corner - line * along + thickness * (-normal)
    slant = max(tilt - half, 0.01)  # rad; a magnet along the q axis meets the web nowhere
    keep = 0.5 * (layer["WebThickness_Array"] if depth >= thickness else layer["BridgeThickness_Array"])
    room = (inside @ np.array([np.sin(half), -np.cos(half)]) - keep) / np.sin(slant)
    width = min(at.magnet, line - gap - LEAST_WIDTH, room - gap)
    if depth >= thickness:  # nor does the pocket's floor reach below the web's edge at the magnet's end
        depth = min(depth, thickness + (room - gap - width) * np.tan(slant))
    lengths = {
        "outer_radius": pocket + layer["BridgeThickness_Array"],
        "shaft_radius": 0.5 * size["Shaft_Dia"],
        "bridge": layer["BridgeThickness_Array"],
        "post_width": 2.0 * at.post,
        "web_width": layer["WebThickness_Array"],
        "pocket_chord": 2.0 * corner[1],
        "depth": pocket + layer["BridgeThickness_Array"] - (corner - line * along)[0],
        "inner_gap": gap,
        "magnet_width": width,
        "magnet_thickness": thickness,
        "magnet_recess": min(thickness - depth, 0.0),
    }
    return SingleVRotor(**{name: jnp.asarray(value * MILLIMETRE, float) for name, value in lengths.items()})


def lamination_of(machine: Record) -> Lamination:
    """Lamination [m]: parallel-sided slots under shoulders (tooth tip angles of 1 to 5 degrees)."""
    size = machine["dims_mm"]
    lengths = StatorGeometry(
        outer_radius=0.5 * size["Stator_Lam_Dia"],
        bore_radius=0.5 * size["Stator_Bore"],
        opening_width=size["Slot_Opening"],
        tip_height=size["Tooth_Tip_Depth"],
        wedge_height=jnp.zeros(()),
        slot_width_top=size["Slot_Width"],
        slot_width_bottom=size["Slot_Width"],
        slot_depth=size["Slot_Depth"] - size["Tooth_Tip_Depth"],
        corner_radius=min(size["Slot_Corner_Radius"], 0.45 * size["Slot_Width"]),
    )
    slots_per_pole, rotor = int(size["Slot_Number"] / size["Pole_Number"]), rotor_of(machine)
    web = web_share(rotor, np.pi / size["Pole_Number"])
    return Lamination(
        template=Template(rotor="ipm", slots_per_pole=slots_per_pole, slot_shape="shoulder", web_share=web),
        stator=jax.tree.map(lambda value: jnp.asarray(value * MILLIMETRE, float), lengths),
        rotor=rotor,
        pole_pairs=jnp.asarray(0.5 * size["Pole_Number"]),
    )


def materials_of(machine: Record) -> FieldMaterials:
    """Steel and magnet at its temperature; the clearance in the pocket is spread over the magnet's thickness."""
    data, grade = STEELS[machine["materials"]["Material_Stator_Lam_Back_Iron"]], machine["magnetics"]
    row = magnet(machine["materials"]["Material_Magnet"])
    celsius = machine["lab"]["TmagnetCalc_MotorLAB"]
    cold = grade["Magnet_Br_at_20"] * grade["Magnet_Br_Multiplier"]
    remanence = cold * (1.0 + row.remanence_slope * (celsius - 20.0))
    thickness = machine["rotor_layers"]["MagnetThickness_Array"][0] * MILLIMETRE
    reluctance = thickness / row.relative_permeability
    steel = reluctivity_from_curve(data.field_strength, data.flux_density, STACKING)
    return FieldMaterials(
        stator_steel=steel,
        rotor_steel=steel,
        remanence=jnp.asarray(remanence * reluctance / (reluctance + MAGNET_CLEARANCE)),
        magnet_permeability=jnp.asarray((thickness + MAGNET_CLEARANCE) / (reluctance + MAGNET_CLEARANCE)),
    )


def free_slot_permeance(machine: Record) -> float:
    """Slot leakage that the fields lack, because there the current fills the slot up to its tips [1].

    Permeance of a current-carrying height h over the slot's width b: h / (3 b), of the free height above: h / b
    (J. Pyrhonen et al., Design of Rotating Electrical Machines, 2nd ed., eq. 4.64, recalled).
    """
    size, winding = machine["dims_mm"], machine["winding"]
    coating, separation = winding["Insulation_Thickness"], winding["ConductorSeparation"]
    layers = winding["Conductors/Slot"]
    bottom = winding["Liner_Thickness"] + LINER_GAP + separation + coating
    copper = layers * winding["Copper_Height"] + (layers - 1.0) * (2.0 * coating + separation)
    whole = size["Slot_Depth"] - size["Tooth_Tip_Depth"]
    free = max(whole - bottom - copper, 0.0)
    return (copper / 3.0 + free - whole / 3.0) / size["Slot_Width"]


@functools.cache
def _grid_quality(template: Template, level: str):
    grid = FieldGrid(template, level)
    return jax.jit(lambda lamination, materials: field_model(grid, lamination, materials).corner_jacobian)


def meshable(lamination: Lamination, materials: FieldMaterials, level: str) -> bool:
    """Whether the template's grid holds the rotor (no folded cell)."""
    return float(_grid_quality(lamination.template, level)(lamination, materials)) > 0.02
