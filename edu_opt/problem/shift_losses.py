"""What shifting costs on the cycle: the number of shifts at the unit's shift speed times the energy of each."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from edu_opt.drive_unit.model import DriveUnit
from edu_opt.duty.gear_shifts import shifts_at
from edu_opt.gearbox.clutch import ACTUATION_ENERGY
from edu_opt.gearbox.model import ratio
from edu_opt.gearbox.shifting import shift_energy
from edu_opt.motor.model import rotor_inertia
from edu_opt.numerics.pytree import replace
from edu_opt.problem.data import StudyData
from edu_opt.vehicle.energy import CycleEnergy
from edu_opt.vehicle.model import axle_counts


def with_shifting(unit: DriveUnit, data: StudyData, energy: CycleEnergy) -> tuple[CycleEnergy, dict[str, jax.Array]]:
    """(the cycle's energy with that of all units' shifts, shifts a cycle and their energy [Wh/km]); 0 with one speed.

    A shift takes what slips away while the motor's rotor (pinions add a hundredth) is brought to its new speed, and an
    actuation of wet clutch and claws each. It is charged at the terminals one to one: what slips was paid for by the
    rotor's energy, which the motor gives and takes at more than nine tenths.
    """
    gearbox = unit.gearbox
    if gearbox.shift_clutch is None or gearbox.shift_speed is None:
        return energy, {"shifts_cycle": jnp.zeros(()), "shift_loss_cycle": jnp.zeros(())}
    speeds = [gearbox.shift_speed * ratio(replace(gearbox, gear=jnp.asarray(gear))) for gear in (0.0, 1.0)]
    each = shift_energy(gearbox.shift_clutch, rotor_inertia(unit.motor), speeds[0], speeds[1]) + ACTUATION_ENERGY
    shifts = shifts_at(data.shift_counts, gearbox.shift_speed)
    lost = jnp.sum(axle_counts(data.vehicle)) * shifts * each / data.duty.distance
    found = CycleEnergy(
        terminal=energy.terminal + lost,
        internal=energy.internal + lost,
        wall=energy.wall + lost * energy.wall / energy.internal,
        recuperated=energy.recuperated,
    )
    return found, {"shifts_cycle": shifts, "shift_loss_cycle": lost / 3.6}
