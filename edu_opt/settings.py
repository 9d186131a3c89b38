"""What a study is about, as frozen dataclasses in SI units: the form in which settings reach the physics.

`config/` makes these from validated YAML; scripts and tests make them directly. Nothing here is traced: everything
that a compiled program needs as data is turned into arrays by `problem.py`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from edu_opt.materials.magnets import MAGNETS
from edu_opt.motor.rotor_layouts import DEFAULT_LAYOUTS, ROTOR_LAYOUTS, RotorLayout
from edu_opt.programme.prices import PRICE_UNCERTAINTY, Prices
from edu_opt.programme.programme import ProgrammeSettings
from edu_opt.requirements import Requirement

# Modulation of the inverter by name: share of discontinuous modulation (DPWM1).
MODULATIONS = {"space_vector": 0.0, "discontinuous": 1.0}


@dataclasses.dataclass(frozen=True)
class Fidelity:
    """How finely the physics is resolved; field solves are counted from these numbers."""

    grid: str = "XS"  # field grid while searching
    final_grid: str = "XS"  # field grid of the last refresh and of all that is reported
    duty_points: int = 16  # points that stand for the cycle
    envelope_speeds: int = 8  # speeds of the peak-torque curve


@dataclasses.dataclass(frozen=True)
class MotorOffer:
    """One kind of motor that may be searched, with the discrete rows of it. Slots per pole and rotor fix the shapes."""

    kind: str  # eesm | ipm | im | synrm
    slots_per_pole: int | Fraction
    coil_pitch: int  # slots
    pole_pairs: tuple[int, ...]
    parallel_paths: tuple[int, ...]
    steel: str
    magnet: str | None = None
    rotor: str = ""  # name in motor.rotor_layouts; "": the kind's default
    bars_per_pole: int = 0  # im
    cage: str = ""  # im: metal of bars and rings, name in materials.conductors
    exciter: str = "brush"  # eesm: name in motor.excitation
    winding: str = "hairpin"  # or "wire"
    skew: float = 0.0  # slot pitches, from end to end
    skew_slices: int = 4  # axial slices that make it

    @property
    def layout(self) -> RotorLayout:
        """Rotor layout."""
        return ROTOR_LAYOUTS[self.rotor or DEFAULT_LAYOUTS[self.kind]]

    @property
    def poles_per_sector(self) -> int:
        """Poles after which slots repeat; so many are meshed."""
        return Fraction(self.slots_per_pole).denominator

    def allows(self, pole_pairs: int, parallel_paths: int) -> bool:
        """True where the slots are whole and all paths alike."""
        return 2 * pole_pairs % (self.poles_per_sector * parallel_paths) == 0

    @property
    def holds_rare_earths(self) -> bool:
        """True where the rotor needs magnets that hold rare earths (a magnet that is not named counts as such)."""
        grade = MAGNETS.get(self.magnet or "")
        return self.layout.has_magnets and (grade is None or grade.holds_rare_earths)

    @property
    def label(self) -> str:
        """Kind, with rotor and exciter where they are not the default."""
        named = self.rotor and self.rotor != DEFAULT_LAYOUTS[self.kind]
        exciter = f"_{self.exciter}" if self.exciter != MotorOffer.exciter else ""
        return (f"{self.kind}_{self.rotor}" if named else self.kind) + exciter


@dataclasses.dataclass(frozen=True)
class Ratings:
    """Conditions of the ratings and of the cycle. Temperatures in degC, flow in m^3/s, voltages in V."""

    dc_voltage: float = 400.0
    coolant_celsius: float = 65.0
    coolant_flow: float = 10.0 / 60e3
    oil_celsius: float = 80.0
    start_celsius: float = 90.0  # motor temperature at the start of a 10 s or 30 s peak
    cycle_celsius: float = 90.0  # motor temperature on the cycle
    winding_limit_celsius: float = 180.0  # insulation class H, IEC 60085
    winding_continuous_celsius: float = 155.0  # class H less 25 K for life (assumed)
    rotor_continuous_celsius: float = 155.0  # the same for field winding or magnets (assumed)
    junction_limit_celsius: float = 165.0  # 10 K below the modules' 175 C
    junction_continuous_celsius: float = 150.0  # power-cycling life (assumed)
    continuous_power: float = 75e3  # W at the axle of one unit, the point at which 30 min temperatures are checked
    continuous_speed_share: float = 0.5  # speed of that point over the motor's top speed
    ambient_celsius: float = 40.0  # air at the radiator and around the housing (hot day; assumed)
    radiator_resistance: float = 0.0  # K/W a unit, warm coolant to air over heat; 0: coolant_celsius whatever the heat
    oil_cooler_conductance: float = 250.0  # W/K a unit: 6 kW at 24 K, a plate cooler of 10 l/min (assumed)
    oil_held: float = 0.0  # 1: oil stays at oil_celsius, 0: its temperature follows from heat and cooler
    breather_hose: float = 0.0  # m that a hose lifts the breather above the unit
    peak_stator_current_density: float = 25e6  # A/m2 rms in bare copper for seconds (see drive_unit.conditions)
    peak_field_current_density: float = 16e6  # A/m2 direct current, likewise


@dataclasses.dataclass(frozen=True)
class ProblemSettings:
    """One design problem: brand, vehicle, what may be searched, what must be kept."""

    brand: str
    vehicle: str  # name in vehicle.catalogue, or of one's own with `vehicle_data`
    cycle: str = "wltc_3b"
    requirements: tuple[Requirement, ...] = ()
    forbids: tuple[str, ...] = ()
    motors: tuple[MotorOffer, ...] = ()
    gearbox_layouts: tuple[str, ...] = ("parallel_axis",)
    devices: tuple[str, ...] = ()
    modulation: str = "space_vector"  # of the inverter, name in MODULATIONS
    objectives: tuple[str, ...] = ("unit_cost", "energy_wltc", "unit_mass")
    ratings: Ratings = dataclasses.field(default_factory=Ratings)
    prices: Prices = dataclasses.field(default_factory=Prices)
    price_uncertainty: Prices = PRICE_UNCERTAINTY
    programme: ProgrammeSettings = dataclasses.field(default_factory=ProgrammeSettings)
    fidelity: Fidelity = dataclasses.field(default_factory=Fidelity)
    vehicle_data: Mapping[str, Any] | None = dataclasses.field(default=None, hash=False)  # vehicle.description
    best_split: bool = True  # two driven axles share the cycle's torque for least loss; False: by the given shares
    other_unit: str | None = None  # reference unit on the other axle of a finished design (`problem.unlike_axles`)
    other_axle: str = "front"  # where it stands

    @property
    def allowed_motors(self) -> tuple[MotorOffer, ...]:
        """Offers that the brand's prohibitions leave."""
        return tuple(m for m in self.motors if not ("rare_earths" in self.forbids and m.holds_rare_earths))


@dataclasses.dataclass(frozen=True)
class Program:
    """One set of array shapes: everything in it compiles once and serves all its branches."""

    motor: MotorOffer
    gearbox_layout: str

    @property
    def name(self) -> str:
        """Short name used in branch names and reports."""
        skewed = f"_skew{self.motor.skew:g}" if self.motor.skew else ""
        wire = "_wire" if self.motor.winding == "wire" else ""
        return f"{self.motor.label}_{float(self.motor.slots_per_pole):g}spp{wire}{skewed}_{self.gearbox_layout}"


@dataclasses.dataclass(frozen=True)
class Branch:
    """One row of discrete data in a program."""

    pole_pairs: int
    parallel_paths: int
    device: str

    def name(self, program: Program) -> str:
        """Branch name as it stands in the front table."""
        slots = int(program.motor.slots_per_pole * 2 * self.pole_pairs)
        motor = f"{program.motor.label}-{slots}s{2 * self.pole_pairs}p-{self.parallel_paths}a"
        return f"{motor}-{program.gearbox_layout}-{self.device}"


def programs_of(settings: ProblemSettings) -> tuple[Program, ...]:
    """Programs that a study compiles: allowed motor offers times gearbox layouts."""
    return tuple(Program(m, g) for m in settings.allowed_motors for g in settings.gearbox_layouts)


def branches_of(settings: ProblemSettings, program: Program) -> tuple[Branch, ...]:
    """Discrete rows of a program; parallel paths must divide the pole count (all coil groups of a path alike)."""
    return tuple(
        Branch(p, a, d)
        for p in program.motor.pole_pairs
        for a in program.motor.parallel_paths
        for d in settings.devices
        if program.motor.allows(p, a)
    )
