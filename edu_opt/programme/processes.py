"""Manufacture, process by process: cycle time, machine, people, power, floor, yield, and the whole machines it takes.

The time of a process is that of one unit through one line: a fixed part and one that grows with what is worked on (kg).
Lines are bought whole: their number is a smooth count of volume x time over the hours of good work in a year, so that
capital a unit falls with volume until a line is full and then climbs a stair. All figures are assumed, of the size that
line builders and process-based cost models give, unless a source stands beside them; euro of 2024. The bars that hold
them (tests/programme, experiments/validation/unit_cost.py): hairpin against wire, gear cost per kg, hours and capital
per annual unit of published plants, EPA's teardown equations.

Sources: stamping at 200 to 600 strokes a minute and hairpin stators below 60 s (sourcebyspec.com process maps 2026);
hairpin windings dearer than round wire up to about 150,000 a year, cheaper above by their automation (Hemsen, Nowak,
Eckstein 2023, doi 10.1007/s41104-023-00128-w).
"""

from __future__ import annotations

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np

from edu_opt.numerics.pytree import pytree
from edu_opt.numerics.smooth import smooth_count
from edu_opt.programme.bill_of_materials import selection
from edu_opt.programme.plant import Plant
from edu_opt.programme.schedule import Levelising, Schedule, before_start
from edu_opt.programme.volumes import PARTS

SECONDS_PER_HOUR = 3600.0


@dataclasses.dataclass(frozen=True)
class Process:
    """One process of a part. `seconds` + `per_kg` x amount named `driver` [s]; `investment` [EUR a line], `operators` a
    line, `power` [kW], `floor` [m^2 a line], `good` share, `wear` [EUR per kg of the driver, or a unit without one] of
    tools; only where the amount `where` is 1 ("": always)."""

    part: str
    name: str
    seconds: float
    investment: float
    operators: float
    power: float
    floor: float
    good: float
    per_kg: float = 0.0
    driver: str = ""
    where: str = ""
    wear: float = 0.0


PROCESSES: tuple[Process, ...] = (
    # Sheets of 0.27 mm, stator and rotor in one stroke: 192 mm (17.6 kg) at 250 strokes a minute take 171 s.
    Process("lamination", "stamping", 0.0, 5.0e6, 0.5, 120.0, 150.0, 0.995, 9.7, "stator_steel", wear=0.35),
    Process("lamination", "stacking", 60.0, 1.5e6, 0.5, 30.0, 60.0, 0.995),
    # Hairpins: paper, straightening, stripping, bending, setting, twisting, welding, all in one automatic line.
    Process("stator_winding", "hairpin winding", 60.0, 25.0e6, 8.0, 400.0, 1500.0, 0.97, where="hairpin_winding"),
    # Wire: wound, pulled in, formed and laced by machine; leads laid, sleeved and joined by hand.
    Process("stator_winding", "wire winding", 150.0, 7.0e6, 10.0, 150.0, 800.0, 0.96, where="wire_winding"),
    Process("stator_winding", "impregnation", 120.0, 2.5e6, 1.0, 200.0, 250.0, 0.99),
    Process("stator_winding", "stator test", 60.0, 0.8e6, 0.5, 10.0, 40.0, 0.995),
    Process("rotor", "shaft machining", 60.0, 2.5e6, 1.0, 80.0, 150.0, 0.99),
    Process("rotor", "joining and balancing", 60.0, 3.5e6, 1.5, 80.0, 200.0, 0.99),
    Process("rotor", "magnet insertion", 60.0, 4.0e6, 2.0, 60.0, 200.0, 0.985, where="magnet_rotor"),
    Process("rotor", "bars and brazing", 180.0, 4.0e6, 2.0, 200.0, 250.0, 0.97, where="brazed_cage"),
    Process("rotor", "cage casting", 60.0, 3.5e6, 1.0, 300.0, 150.0, 0.96, where="cast_cage"),
    Process("field_winding", "needle winding", 240.0, 5.0e6, 2.0, 60.0, 250.0, 0.97, where="wound_rotor"),
    Process("field_winding", "rotor injection", 90.0, 3.0e6, 1.0, 150.0, 120.0, 0.98, where="wound_rotor"),
    Process("gear_stage_1", "turning", 60.0, 0.5e6, 0.25, 30.0, 25.0, 0.997, 22.0, "gears_stage_1", wear=0.15),
    Process("gear_stage_1", "hobbing", 60.0, 0.9e6, 0.25, 35.0, 25.0, 0.997, 22.0, "gears_stage_1", wear=0.25),
    Process("gear_stage_1", "hardening", 0.0, 1.5e6, 0.2, 100.0, 80.0, 0.99, 24.0, "gears_stage_1"),
    Process("gear_stage_1", "grinding", 60.0, 1.3e6, 0.25, 40.0, 25.0, 0.99, 22.0, "gears_stage_1", wear=0.30),
    Process("gear_stage_2", "turning", 60.0, 0.5e6, 0.25, 30.0, 25.0, 0.997, 22.0, "gears_stage_2", wear=0.15),
    Process("gear_stage_2", "hobbing", 60.0, 0.9e6, 0.25, 35.0, 25.0, 0.997, 22.0, "gears_stage_2", wear=0.25),
    Process("gear_stage_2", "hardening", 0.0, 1.5e6, 0.2, 100.0, 80.0, 0.99, 24.0, "gears_stage_2"),
    Process("gear_stage_2", "grinding", 60.0, 1.3e6, 0.25, 40.0, 25.0, 0.99, 22.0, "gears_stage_2", wear=0.30),
    Process("gear_shafts", "turning and splines", 60.0, 0.7e6, 0.25, 30.0, 25.0, 0.995, 20.0, "gear_shafts", wear=0.20),
    Process("gear_shafts", "hardening", 0.0, 1.5e6, 0.2, 100.0, 80.0, 0.99, 24.0, "gear_shafts"),
    Process("gear_shafts", "grinding", 60.0, 1.0e6, 0.25, 30.0, 25.0, 0.99, 20.0, "gear_shafts", wear=0.20),
    # Jacket, gearbox halves and lid: 18 kg in four shots of 70 s; moulds of 0.35 million last 120,000 shots.
    Process("housing", "die casting", 60.0, 3.5e6, 0.5, 400.0, 200.0, 0.94, 12.0, "housing", wear=0.60),
    Process("housing", "machining", 0.0, 0.8e6, 0.2, 30.0, 40.0, 0.985, 33.0, "housing", wear=0.25),
    Process("housing", "washing and leak test", 60.0, 1.2e6, 0.5, 60.0, 100.0, 0.998),
    Process("power_module", "module assembly", 60.0, 12.0e6, 3.0, 200.0, 600.0, 0.975),
    Process("inverter_control", "inverter assembly and test", 60.0, 10.0e6, 6.0, 80.0, 800.0, 0.985),
    Process("assembly", "unit assembly", 60.0, 20.0e6, 25.0, 150.0, 2500.0, 0.995),
    Process("assembly", "end-of-line test", 180.0, 1.2e6, 0.3, 60.0, 40.0, 0.99),
)


@pytree
class ProcessTable:
    """The numbers of all processes as data, each (processes,); which part and driver they belong to is fixed."""

    seconds: jax.Array
    per_kg: jax.Array
    investment: jax.Array
    operators: jax.Array
    power: jax.Array
    floor: jax.Array
    good: jax.Array
    wear: jax.Array


def process_table() -> ProcessTable:
    """Numbers of `PROCESSES` in their order."""
    names = [field.name for field in dataclasses.fields(ProcessTable)]  # type: ignore[arg-type]
    return ProcessTable(**{name: jnp.asarray([getattr(p, name) for p in PROCESSES], float) for name in names})


OWNERS = np.array([[float(p.part == part) for p in PROCESSES] for part in PARTS])  # (parts, processes)
WORKED, WORKS_ON_UNIT = selection([p.driver for p in PROCESSES]), np.array([float(not p.driver) for p in PROCESSES])
USED, ALWAYS = selection([p.where for p in PROCESSES]), np.array([float(not p.where) for p in PROCESSES])


@pytree
class ProcessCosts:
    """Cost of one unit by process, each (processes,) [EUR], 0 where a process is not used; `lines` is their number in
    the plant, `investment` [EUR] of them all, `hours` at the line, `energy_kwh`, `good` share (1 where not used)."""

    labour: jax.Array
    energy: jax.Array
    machines: jax.Array
    tools: jax.Array
    lines: jax.Array
    investment: jax.Array
    hours: jax.Array
    energy_kwh: jax.Array
    good: jax.Array

    @property
    def total(self) -> jax.Array:
        """Labour, energy, machines, tools (processes,) [EUR a unit]."""
        return self.labour + self.energy + self.machines + self.tools


def process_costs(
    table: ProcessTable,
    amounts: jax.Array,
    plant: Plant,
    schedule: Schedule,
    levelised: Levelising,
    plant_volumes: jax.Array,
    learning: jax.Array,
) -> ProcessCosts:
    """Cost by process of one unit of amounts (amounts,); `plant_volumes` (parts,): what this plant makes [units/year].

    Times carry the industry's `learning`, and with them labour, energy and the number of lines. Machines are paid
    before the start, are worth their straight-line share of life at the end, and are kept and housed in every year,
    full or not.
    """
    worked = jnp.asarray(WORKED) @ amounts + WORKS_ON_UNIT
    used = jnp.asarray(USED) @ amounts + ALWAYS
    volume = jnp.asarray(OWNERS.T) @ plant_volumes
    time = (table.seconds + table.per_kg * worked) * learning / plant.uptime  # paid seconds a unit
    count = smooth_count(volume * time / (plant.hours_per_year * SECONDS_PER_HOUR))
    price = table.investment * (1.0 + plant.installation)
    rate = 1.0 + schedule.discount_rate
    rest = jnp.maximum(1.0 - levelised.service / plant.machine_life, 0.0) * rate ** -levelised.service
    once = price * (before_start(schedule, schedule.machines_lead) - rest)
    yearly = table.investment * plant.maintenance + table.floor * plant.floor
    machines = count * (once + yearly * levelised.years) / (volume * levelised.units)
    hours = table.operators * time / SECONDS_PER_HOUR
    energy = table.power * time / SECONDS_PER_HOUR
    return ProcessCosts(
        labour=used * hours * (1.0 + plant.indirect_labour) * plant.labour,
        energy=used * energy * plant.energy,
        machines=used * machines,
        tools=used * table.wear * worked,
        lines=used * count,
        investment=used * count * price,
        hours=used * hours,
        energy_kwh=used * energy,
        good=1.0 - used * (1.0 - table.good),
    )


def summed_by_part(values: jax.Array) -> jax.Array:
    """Sums (parts,) of values (processes,)."""
    return jnp.asarray(OWNERS) @ values


def good_by_part(costs: ProcessCosts) -> jax.Array:
    """Share of good parts (parts,): the product over a part's processes."""
    return jnp.exp(jnp.asarray(OWNERS) @ jnp.log(costs.good))
