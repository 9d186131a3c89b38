"""Motors that exist, by name, as fixed designs: dimensions, winding, materials, published ratings, and their sources.

What no source gives is chosen by a stated rule and listed under `assumed`; nothing is tuned to reach a rating. A wound
stator is drawn with one rectangular bar a turn in place of round strands: fields and flux do not know the difference,
copper area and losses do. Sheets and magnet grades are the nearest ones of `materials`. Confidence of a source: A read
in a primary file, B press or secondary, M recalled.

Turns rule, where turns are unknown or contradict the ratings: the most conductors per path with which the current of
the published torque also gives the published power somewhere below top speed, on the linear limit DC voltage / sqrt(3)
and without losses (tests/motor/test_reference_machines.py holds every machine against its ratings).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import jax
import jax.numpy as jnp

from edu_opt.materials.conductors import conductor
from edu_opt.materials.magnets import magnet, remanence
from edu_opt.materials.steels import electrical_steel
from edu_opt.motor.cage import CageRotor, bar_area
from edu_opt.motor.geometry import Lamination
from edu_opt.motor.induction import rotor_bars
from edu_opt.motor.lamination_map import (
    LaminationMap,
    LaminationMapSettings,
    MapMaterials,
    lamination_map,
    steel_reluctivity,
)
from edu_opt.motor.model import MAP_MAGNET_CELSIUS, motor_from_values
from edu_opt.motor.parts import Motor
from edu_opt.motor.reference_laminations import (
    bmw_gen5,
    bmw_i3,
    jaguar_i_pace,
    tesla_model3_rear,
    tesla_model_s_im,
    toyota_prius_2004,
    vw_app310,
)
from edu_opt.numerics.constants import RPM

UNUSED_MAGNET = "N42UH"  # fills the material row of a motor without magnets


@dataclasses.dataclass(frozen=True)
class Rating:
    """A published figure in SI units with its source."""

    value: float
    source: str


@dataclasses.dataclass(frozen=True)
class ReferenceMachine:
    """One motor. Lengths in m; `current` [A peak] is published as the one of `torque` [N m], `field_current` [A]
    belongs to both. `power` [W], `top_speed` [rad/s mechanical], `voltage` [V DC], `mass` [kg] of the motor."""

    name: str
    kind: str
    lamination: Callable[[], Lamination]
    stack_length: float
    conductors_per_slot: int
    parallel_paths: int
    steel: str
    sources: tuple[str, ...]
    assumed: tuple[str, ...]
    torque: Rating
    power: Rating
    top_speed: Rating
    voltage: Rating
    current: Rating | None = None
    mass: Rating | None = None
    magnet: str | None = None
    field_turns: int = 0
    field_current: float = 0.0
    cage_metal: str = "copper"
    ring_section: float = 0.0  # m2, of one end ring


def _rpm(value: float, source: str) -> Rating:
    return Rating(value * RPM, source)


_PYLEECAN = "Eomys/pyleecan Data/Machine/"
_GEN5_SOURCES = (
    "6 poles, 54 slots: EOMYS, e-NVH slot and pole table (B); hairpin stator, brush-fed field: BMW press 2020 (B)",
)
_GEN5_ASSUMED = (
    "every dimension and field turns: the Gen5-like machine of the independent finite-element set",
    "stator turns by the turns rule",
    "field current 26 A: the largest of that set",
)
_PRIUS_WIRE = "one bar a turn in place of 13 strands of 0.912 mm"

_MACHINES = (
    ReferenceMachine(
        name="toyota_prius_2004",
        kind="ipm",
        lamination=toyota_prius_2004,
        stack_length=0.08382,
        conductors_per_slot=9,
        parallel_paths=1,
        steel="M400-50A",
        magnet="N42UH",
        sources=(_PYLEECAN + "Toyota_Prius.json (A)", "ORNL/TM-2006/423 (abstract, A)"),
        assumed=(
            "sheet M400-50A as in the source (the real one is 0.305 mm, M)",
            "magnet N42UH: Br 1.31 T, the source says 1.24 T",
            _PRIUS_WIRE,
        ),
        torque=Rating(353.0, "measured at 250 A: Yang, Krishnamurthy, Brown, IEMDC 2013, digitized by pyleecan (A)"),
        current=Rating(250.0, "the same"),
        power=Rating(50e3, "osti.gov 947571 (A)"),
        top_speed=_rpm(6000.0, "ORNL (M)"),
        voltage=Rating(500.0, "ORNL (M)"),
        mass=Rating(45.0, "ORNL (M)"),
    ),
    ReferenceMachine(
        name="bmw_i3",
        kind="ipm",
        lamination=bmw_i3,
        stack_length=0.132,
        conductors_per_slot=6,
        parallel_paths=4,
        steel="NO27",
        magnet="N42UH",
        sources=(_PYLEECAN + "BMW_i3.json (A)", "BMW I01 product information, section electric motor (B)"),
        assumed=(
            "sheet NO27 and magnet N42UH (the source holds placeholders)",
            "full coil pitch (undefined in the source); 4 paths by the turns rule (the source's 2 hold 80 kW on 360 V)",
            "one bar a turn in place of 15 strands of 0.8 mm",
        ),
        torque=Rating(250.0, "BMW I01 product information (B)"),
        power=Rating(125e3, "BMW I01 product information, 30 s (B)"),
        top_speed=_rpm(11400.0, "BMW I01 product information (B)"),
        voltage=Rating(360.0, "BMW I01 product information (B)"),
        mass=Rating(49.0, "BMW I01 product information (B)"),
    ),
    ReferenceMachine(
        name="jaguar_i_pace",
        kind="ipm",
        lamination=jaguar_i_pace,
        stack_length=0.1651,
        conductors_per_slot=4,
        parallel_paths=2,
        steel="NO27",
        magnet="N42UH",
        sources=(_PYLEECAN + "Jaguar_I_Pace.json (A; it calls winding and magnet unknown)", "JLR press kit (B)"),
        assumed=(
            "turns and paths as in the source, which declares them unknown",
            "sheet NO27 for HF-10X (0.25 mm); magnet N42UH (the source puts Br 1.45 T)",
            "V-shaped skew over 7.5 deg left out",
        ),
        torque=Rating(348.0, "TUM input file of the I-PACE (A)"),
        power=Rating(147e3, "JLR (B)"),
        top_speed=_rpm(13000.0, "JLR (B)"),
        voltage=Rating(388.0, "JLR, battery nominal (B)"),
        mass=Rating(38.0, "electricthink.com (B)"),
    ),
    ReferenceMachine(
        name="bmw_gen5_rear",
        kind="eesm",
        lamination=bmw_gen5,
        stack_length=0.135,
        conductors_per_slot=10,
        parallel_paths=6,
        steel="NO27",
        field_turns=120,
        field_current=26.0,
        sources=_GEN5_SOURCES,
        assumed=(*_GEN5_ASSUMED, "sheet NO27"),
        torque=Rating(430.0, "BMW i4 eDrive40: greencarcongress.com 2021-06-02 (B)"),
        power=Rating(250e3, "the same (B)"),
        top_speed=_rpm(17000.0, "the same (B)"),
        voltage=Rating(399.0, "i4 battery nominal (M)"),
    ),
    ReferenceMachine(
        name="bmw_gen5_front",
        kind="eesm",
        lamination=bmw_gen5,
        stack_length=0.115,
        conductors_per_slot=6,
        parallel_paths=3,
        steel="NO27",
        field_turns=120,
        field_current=26.0,
        sources=_GEN5_SOURCES,
        assumed=(*_GEN5_ASSUMED, "sheet NO27", "stack: the rear unit's x 365 / 430 N m (one lamination for both)"),
        torque=Rating(365.0, "BMW i4 M50 front unit (M)"),
        power=Rating(190e3, "greencarcongress.com 2021-06-02 (B)"),
        top_speed=_rpm(17000.0, "as the rear unit (M)"),
        voltage=Rating(399.0, "i4 battery nominal (M)"),
    ),
    ReferenceMachine(
        name="vw_app310",
        kind="ipm",
        lamination=vw_app310,
        stack_length=0.192,
        conductors_per_slot=6,
        parallel_paths=4,
        steel="NO18-1160",
        magnet="N42EH",
        sources=(
            "TUMFTM Holistic-Electric-Powertrain-Component-Design, PSM_ID3_Deininger.mot (A, Apache-2.0)",
            "48 slots: EOMYS e-NVH slot and pole table, ID.4 (B)",
        ),
        assumed=(
            "48 slots of the TUM model's width (it has 36; its tooth of 4.5 mm fits 48 on that bore)",
            "4 paths: the same 12 series turns as the TUM model's 36 slots on 3 paths",
            "the rotor's second magnet layer, skew (4 steps, +-2.5 deg) and Br factor 0.98 left out",
        ),
        torque=Rating(310.0, "Volkswagen press 2019 (B)"),
        power=Rating(150e3, "Volkswagen press 2019 (B)"),
        top_speed=_rpm(16000.0, "Volkswagen press 2019 (B)"),
        voltage=Rating(380.0, "TUM model (A)"),
    ),
    ReferenceMachine(
        name="tesla_model3_rear",
        kind="ipm",
        lamination=tesla_model3_rear,
        stack_length=0.134,
        conductors_per_slot=4,
        parallel_paths=2,
        steel="M250-35A",
        magnet="N42EH",
        sources=("SyR-e motorExamples/TeslaModel3.fem: outlines parsed (A)", "MotorXP white paper 2020 (B)"),
        assumed=(
            "turns (not in the source) by the turns rule",
            "full coil pitch; bridge 1.2, post 1.5, web 18 mm; sheet M250-35A for M270-35A",
            "magnet N42EH (Br 1.31 T; the source says BMN-52UH, 1.45 T); 4-step skew left out",
        ),
        torque=Rating(420.0, "MotorXP and TUM input file of the Model 3 (B)"),
        power=Rating(190e3, "MotorXP (B)"),
        top_speed=_rpm(17900.0, "(M)"),
        voltage=Rating(350.0, "Model 3 battery nominal (M)"),
    ),
    ReferenceMachine(
        name="tesla_model_s_im",
        kind="im",
        lamination=tesla_model_s_im,
        stack_length=0.152,
        conductors_per_slot=2,
        parallel_paths=2,
        steel="M250-35A",
        cage_metal="copper",
        ring_section=300e-6,
        sources=(_PYLEECAN + "TESLA_S.json (A)", "Thomas et al., ICEM 2020, doi 10.1109/ICEM49940.2020.9270646 (B)"),
        assumed=(
            "bar 15.1 mm deep, so that its section is the source's 35.65 mm2 (its slot depth of 21.6 mm gives 44 mm2)",
            "opening 1.0 mm high; sheet M250-35A; one bar a turn in place of 26 strands of 1.08 mm",
        ),
        torque=Rating(441.0, "Model S 85 (B)"),
        power=Rating(270e3, "Model S 85 (B)"),
        top_speed=_rpm(16000.0, "(M)"),
        voltage=Rating(375.0, "Model S battery nominal (M)"),
    ),
)
REFERENCE_MACHINES: dict[str, ReferenceMachine] = {machine.name: machine for machine in _MACHINES}


def reference_machine(name: str) -> ReferenceMachine:
    """Machine by name; an unknown name raises KeyError with the names that exist."""
    if name not in REFERENCE_MACHINES:
        raise KeyError(f"reference machine {name!r} is not among {', '.join(sorted(REFERENCE_MACHINES))}")
    return REFERENCE_MACHINES[name]


def build(name: str, level: str = "S", form: str = "") -> Motor:
    """Motor with its map solved on a grid level, of another form than the usual one where `form` names it (host; a
    compile of the machine's template and a few seconds)."""
    machine = reference_machine(name)
    lamination = machine.lamination()
    grade, steel = magnet(machine.magnet or UNUSED_MAGNET), electrical_steel(machine.steel)
    materials = MapMaterials(
        reluctivity=steel_reluctivity(machine.steel),
        steel=steel,
        remanence=remanence(grade, jnp.asarray(MAP_MAGNET_CELSIUS)),
        magnet_permeability=grade.relative_permeability,
    )
    settings = LaminationMapSettings(template=lamination.template, level=level, form=form)
    return motor_of(machine, jax.jit(lambda at, of: lamination_map(settings, at, of))(lamination, materials))


def motor_of(machine: ReferenceMachine, fields: LaminationMap) -> Motor:
    """Motor of a machine with its solved map."""
    lamination = machine.lamination()
    extra = {"eesm": float(machine.field_turns), "im": _ring_ratio(machine, lamination)}.get(machine.kind)
    values = [machine.stack_length, 0.5 * machine.conductors_per_slot, *([] if extra is None else [extra])]
    return motor_from_values(
        machine.kind,
        jnp.asarray(values),
        lamination=lamination,
        lamination_map=fields,
        steel=electrical_steel(machine.steel),
        magnet=magnet(machine.magnet or UNUSED_MAGNET),
        parallel_paths=float(machine.parallel_paths),
        cage_metal=conductor(machine.cage_metal),
        dc_voltage=machine.voltage.value,
    )


def _ring_ratio(machine: ReferenceMachine, lamination: Lamination) -> float:
    """Published ring section over the one that carries the bars' current density (0 without a cage)."""
    if not isinstance(lamination.rotor, CageRotor):
        return 0.0
    step = 2.0 * jnp.sin(jnp.pi * lamination.pole_pairs / rotor_bars(lamination))
    return float(machine.ring_section * step / bar_area(lamination.rotor))
