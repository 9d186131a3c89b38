"""Drive units that exist, by name: motor, gearbox and inverter with what was read of them and what had to be assumed.

Motors come from `edu_opt.motor.reference_machines`, gearboxes from `edu_opt.gearbox.reference_units`; here they meet an
inverter and a cooling. Nothing is tuned to a published rating: what no source gives follows a rule that holds for every
unit. Confidence of a source: A read in a primary file, B press or secondary, M recalled.

Rules. Power module: the unit's own where its losses are published, else the module of its class with published losses
(silicon: FS800R07A2E3 of the BMW i3; silicon carbide: 650 V chips of 2.5 mOhm a position), at its data sheet's size or
the smallest whole multiple whose junctions bear the peak torque. DC link and carrier: 500 uF and 10 kHz for all.
Gearbox without published teeth: the APP310's train with other teeth, all lengths times the cube root of the axle
torque's ratio, so that tooth stresses stay (Hertz and root stress go with torque over length cubed).
"""

from __future__ import annotations

import dataclasses

import jax.numpy as jnp

from edu_opt.drive_unit.model import END_WINDING_FILM, SHAFT_OIL_FLOW, DriveUnit
from edu_opt.gearbox.reference_units import REFERENCE_GEARBOXES, ReferenceGearbox
from edu_opt.inverter.exciter import brush_field_exciter
from edu_opt.inverter.model import Inverter, inverter_from_values
from edu_opt.materials.semiconductors import device
from edu_opt.motor.excitation import field_turn_area
from edu_opt.motor.parts import Motor
from edu_opt.motor.reference_machines import ReferenceMachine, build, reference_machine
from edu_opt.numerics.constants import RPM

CAPACITANCE, CARRIER = 500e-6, 10e3  # F, Hz: where no source gives them (assumed)
SILICON = "infineon_fs800r07a2e3"
SILICON_ASSUMED = "power module FS800R07A2E3 (BMW i3) at its own size for a silicon module without published losses"
RULE_INVERTER = "DC link 500 uF, carrier 10 kHz"
OIL_ASSUMED = "oil on the end windings and through the shaft as in every unit here"
DRY_ASSUMED = "water jacket alone, no oil on the motor"


@dataclasses.dataclass(frozen=True)
class ReferenceUnit:
    """One drive unit: `machine` by its name, its gearbox, the inverter's device, size over the data sheet's, DC link
    [F], carrier [Hz]; `oil_cooled` motor or water jacket alone. `geometry_known`: lamination and stack were read in a
    source, not drawn after a class; `gearbox_known`: so were teeth, diameters and faces. Only what is known is judged
    by published figures."""

    name: str
    gearbox: ReferenceGearbox
    device: str
    oil_cooled: bool
    geometry_known: bool
    gearbox_known: bool
    sources: tuple[str, ...]
    assumed: tuple[str, ...]
    parallel_area: float = 1.0
    capacitance: float = CAPACITANCE
    carrier: float = CARRIER

    @property
    def machine(self) -> ReferenceMachine:
        """The motor's data, sources and assumptions."""
        return reference_machine(self.name)

    @property
    def everything_assumed(self) -> tuple[str, ...]:
        """Assumptions of all three parts."""
        return (*self.assumed, *self.machine.assumed, self.gearbox.assumed)

    def inverter(self) -> Inverter:
        """The unit's inverter; a wound rotor is fed by brushes."""
        values = jnp.array([self.parallel_area, self.capacitance, self.carrier, 1.0])
        exciter = brush_field_exciter() if self.machine.kind == "eesm" else None
        return inverter_from_values(device(self.device), values, exciter=exciter)


def _scaled_app310(name: str, teeth: tuple[int, int, int, int], ratio: float) -> ReferenceGearbox:
    """The APP310's train with other teeth, lengths by the cube root of the axle torque."""
    app310, machine = REFERENCE_GEARBOXES["vw_app310"], reference_machine(name)
    own = {f"gear_stage_{k}.teeth_{part}_1" for k in (1, 2) for part in ("pinion", "wheel")}
    torque = machine.torque.value * teeth[1] * teeth[3] / (teeth[0] * teeth[2])
    of_app310 = app310.peak_torque * (68.0 * 78.0) / (23.0 * 20.0)
    size = (torque / of_app310) ** (1.0 / 3.0)
    values = {key: value * (size if key.endswith("_m") else 1.0) for key, value in app310.values.items()}
    values |= dict(zip(sorted(own), (teeth[0], teeth[1], teeth[2], teeth[3]), strict=True))
    return ReferenceGearbox(
        name=name,
        layout=app310.layout,
        values=values,
        source=f"ratio {ratio} (EPA test-car list, speed over rotation; notes of the vehicles)",
        assumed=f"two parallel stages: the APP310's train with teeth {teeth}, lengths x {size:.3f} by the axle torque",
        peak_torque=machine.torque.value,
        maximum_speed=17000.0 * RPM,
    )


_GEN5_ASSUMED = (SILICON_ASSUMED, RULE_INVERTER, OIL_ASSUMED)

_UNITS = (
    ReferenceUnit(
        name="bmw_gen5_rear",
        gearbox=_scaled_app310("bmw_gen5_rear", (22, 65, 21, 79), 11.115),
        device=SILICON,
        oil_cooled=True,
        geometry_known=False,
        gearbox_known=False,
        sources=("motor, inverter and gearbox in one housing, silicon inverter: BMW press 2020 (B)",),
        assumed=_GEN5_ASSUMED,
    ),
    ReferenceUnit(
        name="bmw_gen5_front",
        gearbox=_scaled_app310("bmw_gen5_front", (24, 73, 26, 75), 8.774),
        device=SILICON,
        oil_cooled=True,
        geometry_known=False,
        gearbox_known=False,
        sources=("as the rear unit; ratio of the iX's front axle: EPA test-car list (A)",),
        assumed=_GEN5_ASSUMED,
    ),
    ReferenceUnit(
        name="bmw_i3",
        gearbox=REFERENCE_GEARBOXES["bmw_i3"],
        device=SILICON,
        oil_cooled=False,
        geometry_known=True,
        gearbox_known=False,
        sources=(
            "power module FS800R07A2E3: TUMFTM Efficiency_Inverters, after Chang et al., IEEE TPEL 34(4) 2018 (B)",
            "water jacket around the stator: BMW I01 training document (B)",
        ),
        assumed=(RULE_INVERTER, DRY_ASSUMED),
    ),
    ReferenceUnit(
        name="jaguar_i_pace",
        gearbox=REFERENCE_GEARBOXES["jaguar_i_pace"],
        device=SILICON,
        oil_cooled=False,
        geometry_known=True,
        gearbox_known=False,
        sources=("concentric unit of American Axle, inverter apart from it: autotechreview.com (B)",),
        assumed=(SILICON_ASSUMED, RULE_INVERTER, DRY_ASSUMED),
    ),
    ReferenceUnit(
        name="vw_app310",
        gearbox=REFERENCE_GEARBOXES["vw_app310"],
        device=SILICON,
        oil_cooled=False,
        geometry_known=True,
        gearbox_known=True,
        sources=("silicon inverter on top of motor and gearbox: Volkswagen press 2019 (M)",),
        assumed=(SILICON_ASSUMED, RULE_INVERTER, DRY_ASSUMED),
    ),
    ReferenceUnit(
        name="tesla_model3_rear",
        gearbox=REFERENCE_GEARBOXES["tesla_model3_rear"],
        device="wolfspeed_c3m0060065j_x24",
        parallel_area=2.0,
        capacitance=550e-6,
        oil_cooled=True,
        geometry_known=True,
        gearbox_known=True,
        sources=(
            "24 silicon-carbide modules of 650 V, two chips each: System Plus teardown (B)",
            "DC link 550 uF: Tesla service manual, theory of operation (B)",
            "oil through the shaft and over the end windings: teardowns (M)",
        ),
        assumed=(
            "650 V chips by Wolfspeed for ST's, two times 2.5 mOhm a position in parallel: the whole multiple whose "
            "junctions bear 420 N m",
            "carrier 10 kHz",
            OIL_ASSUMED,
        ),
    ),
)
REFERENCE_UNITS: dict[str, ReferenceUnit] = {unit.name: unit for unit in _UNITS}


def reference_unit(name: str) -> ReferenceUnit:
    """Unit by name; an unknown name raises KeyError with the names that exist."""
    if name not in REFERENCE_UNITS:
        raise KeyError(f"reference drive unit {name!r} is not among {', '.join(sorted(REFERENCE_UNITS))}")
    return REFERENCE_UNITS[name]


def unit_of(reference: ReferenceUnit, motor: Motor) -> DriveUnit:
    """Drive unit of a reference around its motor, whose fields are solved."""
    return DriveUnit(
        motor=motor,
        gearbox=reference.gearbox.gearbox(),
        inverter=reference.inverter(),
        end_winding_film=END_WINDING_FILM if reference.oil_cooled else 0.0,
        shaft_oil_flow=SHAFT_OIL_FLOW if reference.oil_cooled else 0.0,
    )


def field_density(reference: ReferenceUnit, unit: DriveUnit) -> float:
    """DC current density [A/m2] in the field copper at the machine's own field current for seconds."""
    return reference.machine.field_current / float(field_turn_area(unit.motor.field_winding, unit.motor.dimensions))


def build_unit(name: str, level: str = "S") -> DriveUnit:
    """Unit by name with its motor's map solved on a grid level (host; a compile of its lamination and seconds)."""
    return unit_of(reference_unit(name), build(name, level))
