"""A reference drive unit in the words of a design space: its values by name, and the point of a search nearest to it.

A search that starts from a unit takes over its discrete choices where they are on offer and every continuous value;
what lies outside a range is moved to its end and said. Winding and module follow the branch: series turns and the
module's current stay (pairs of conductors and chip area change with the number of parallel paths and the device).
"""

from __future__ import annotations

import dataclasses
import math

import jax.numpy as jnp
import numpy as np

from edu_opt.drive_unit.reference_units import REFERENCE_UNITS, ReferenceUnit, reference_unit
from edu_opt.materials.semiconductors import device
from edu_opt.motor.geometry import Template
from edu_opt.motor.lamination_values import lamination_values
from edu_opt.problem.candidate import design_space
from edu_opt.settings import Branch, ProblemSettings, Program, branches_of, programs_of

FARTHEST = 1.0  # how far beyond its range, in ranges, a value may lie for the search to count as one that starts there
PAIRS, AREA = "stator_winding.conductor_pairs_per_slot_1", "power_module.parallel_area_1"


@dataclasses.dataclass(frozen=True)
class Start:
    """Point (n,) of a program's unit cube, its branch, and what differs from the unit, a line each."""

    x: np.ndarray
    branch: int
    notes: tuple[str, ...]


def design_values(reference: ReferenceUnit) -> dict[str, float]:
    """What the unit is by the names of design variables (SI), where such names exist; its parallel paths as built."""
    machine, inverter = reference.machine, reference.inverter()
    values = lamination_values(machine.lamination()) | {
        "stack.length_m": machine.stack_length,
        PAIRS: 0.5 * machine.conductors_per_slot,
        AREA: float(inverter.parallel_area),
        "capacitor.capacitance_f": float(inverter.capacitance),
        "inverter_control.switching_frequency_hz": float(inverter.switching_frequency),
        "inverter_control.frequency_ratio_1": float(inverter.frequency_ratio),
    }
    if machine.kind == "eesm":
        values["field_winding.turns_1"] = float(machine.field_turns)
    return values | {name: float(value) for name, value in reference.gearbox.values.items()}


def reference_starts(name: str, settings: ProblemSettings) -> dict[Program, Start]:
    """Nearest point of every program that could build a unit of this kind; empty where none can."""
    reference = reference_unit(name)
    found = {program: nearest_start(reference, settings, program) for program in programs_of(settings)}
    return {program: start for program, start in found.items() if isinstance(start, Start)}


def start_refusals(name: str, settings: ProblemSettings) -> list[str]:
    """Why a search cannot start at a unit, a line for each program; empty where one of them can."""
    if name not in REFERENCE_UNITS:
        return [f"unknown reference drive unit '{name}'"]
    reference = reference_unit(name)
    found = {program: nearest_start(reference, settings, program) for program in programs_of(settings)}
    if any(isinstance(start, Start) for start in found.values()):
        return []
    return [f"{name} is no start for program {program.name}: {why}" for program, why in found.items()]


def nearest_start(reference: ReferenceUnit, settings: ProblemSettings, program: Program) -> Start | str:
    """The point of one program nearest to a unit, or why there is none."""
    unlike = difference_of_kind(reference, program)
    if unlike:
        return unlike
    template = reference.machine.lamination().template
    pairs = round(float(reference.machine.lamination().pole_pairs))
    rows = branches_of(settings, program)
    fitting = [k for k, row in enumerate(rows) if row.pole_pairs == pairs]
    if not fitting:
        return f"it has {pairs} pole pairs, on offer are {sorted({row.pole_pairs for row in rows})}"
    branch = min(fitting, key=lambda k: _distance(reference, rows[k]))
    values, notes = _adapted(reference, rows[branch], program, template)
    space = design_space(program)
    physical, far = space.from_mapping({name: values.get(name, math.nan) for name in space.names}), []
    for k, variable in enumerate(space.variables):
        value, low, high = physical[k], variable.low, variable.high
        if math.isnan(value):
            physical[k] = math.sqrt(low * high) if variable.logarithmic else 0.5 * (low + high)
            notes.append(f"{variable.name}: has no counterpart, starts at {physical[k]:g}")
        elif not low <= value <= high:
            physical[k] = min(max(value, low), high)
            notes.append(f"{variable.name}: {value:g} is moved to {physical[k]:g}")
            if abs(value - physical[k]) > FARTHEST * (high - low):
                far.append(f"{variable.name} {value:g} is far from [{low:g}, {high:g}]")
    if far:
        return "; ".join(far)
    x = np.clip(np.asarray(space.to_unit(jnp.asarray(physical))), 0.0, 1.0)
    return Start(x=x, branch=branch, notes=tuple(notes))


def difference_of_kind(reference: ReferenceUnit, program: Program) -> str:
    """What makes a program unable to draw the unit; empty where it can."""
    machine, template, motor = reference.machine, reference.machine.lamination().template, program.motor
    if machine.kind != motor.kind:
        return f"it is an {machine.kind}"
    if template.slots_per_pole != motor.slots_per_pole:
        return f"it has {float(template.slots_per_pole):g} slots per pole, on offer are {float(motor.slots_per_pole):g}"
    if template.barriers != motor.layout.barriers:
        return "its rotor has magnet layers that no rotor on offer is drawn with"
    if reference.gearbox.layout != program.gearbox_layout:
        return f"its gearbox is {reference.gearbox.layout}"
    return ""


def _distance(reference: ReferenceUnit, row: Branch) -> float:
    """How unlike a branch's module and paths are: another device counts more than any other number of paths."""
    paths = abs(math.log(row.parallel_paths / reference.machine.parallel_paths))
    return paths + (0.0 if row.device == reference.device else 100.0 + abs(math.log(_area(reference, row.device))))


def _area(reference: ReferenceUnit, name: str) -> float:
    """Chip area of another device, over its data sheet's, with the unit's largest current."""
    own = float(device(reference.device).current_limit) * reference.parallel_area
    return own / float(device(name).current_limit)


def _adapted(
    reference: ReferenceUnit, row: Branch, program: Program, template: Template
) -> tuple[dict[str, float], list[str]]:
    """The unit's values with winding and module of a branch, and what that changes."""
    values, notes, machine = design_values(reference), [], reference.machine
    if row.parallel_paths != machine.parallel_paths:
        values[PAIRS] *= row.parallel_paths / machine.parallel_paths
        notes.append(f"parallel paths: {machine.parallel_paths} become {row.parallel_paths}, series turns stay")
    if row.device != reference.device:
        values[AREA] = _area(reference, row.device)
        notes.append(f"power module: {reference.device} becomes {row.device} of the same current")
    if template.coil_throw != program.motor.coil_pitch:
        notes.append(f"coil pitch: {template.coil_throw} slots become {program.motor.coil_pitch}")
    if machine.steel != program.motor.steel:
        notes.append(f"electrical steel: {machine.steel} becomes {program.motor.steel}")
    if machine.magnet != program.motor.magnet and template.has_magnets:
        notes.append(f"magnets: {machine.magnet} become {program.motor.magnet}")
    return values, notes
