"""Drag of the drive unit that a coast-down contains: frozen per reference unit, so that it is counted once.

Coast-down coefficients are measured with the car's own unit turning along. The road load of tyres and air is the
measured one less the modelled drag of that unit; the candidate's own drag comes back with its losses. Without this a
disconnected axle or a rotor without magnets would gain nothing. `UNIT_DRAG` holds what is taken off; a model of a unit
is brought into this form by `fitted_drag`.

A motor without magnets turns along unpowered: its bearings and windage are in a coast-down. With magnets an open bridge
would rectify above the speed at which the back-EMF reaches the battery's voltage (86 to 91 km/h of three of four units
here, 141 of the I-PACE; coast-downs by SAE J2263 begin at 115), so the inverter holds the shaft free of torque and
gears alone drag; grounds and the other reading in `experiments.validation.vehicle_energy`.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from edu_opt.duty.road_load import RoadLoad
from edu_opt.numerics.pytree import replace


@dataclasses.dataclass(frozen=True)
class UnitDrag:
    """Axle torque of one unit that turns along without power: constant + linear w + quadratic w^2.

    constant [N m], linear [N m s], quadratic [N m s^2]; w [rad/s] is the axle's speed, 0 to 120. source says whether it
    is modelled or estimated.
    """

    constant: float
    linear: float
    quadratic: float
    source: str


MODELLED = "our gearbox (no torque) at 60 degC, 2026-11-30; the inverter holds the shaft free of torque"
WITH_MOTOR = "our motor (grid XS, no current) and gearbox (no torque, scaled from vw_app310's) at 60 degC, 2026-11-25"

# Reproduced by `python -m experiments.validation.references.make_unit_drag`; frozen here, so that a study's road load
# does not move with the models. At 100 km/h (0.34 m) magnet units take 0.12 to 0.15 kW each; with an open circuit the
# iron loss of their magnets would add 0.65 (I-PACE), 0.71 (Model 3), 0.78 (APP310) and 0.86 kW (i3).
UNIT_DRAG: dict[str, UnitDrag] = {
    "bmw_gen5_rear": UnitDrag(1.91077, 0.0095865, 3.038e-5, WITH_MOTOR),
    "bmw_gen5_front": UnitDrag(1.29531, 0.0055610, 9.24e-6, WITH_MOTOR),
    "bmw_i3": UnitDrag(1.14253, 0.0033713, 0.0, MODELLED),
    "jaguar_i_pace": UnitDrag(1.54826, 0.0034922, 6.54e-6, MODELLED),
    "vw_app310": UnitDrag(1.33159, 0.0054166, 0.0, MODELLED),
    "tesla_model3_rear": UnitDrag(1.07926, 0.0046551, 0.0, MODELLED),
    "drive_unit": UnitDrag(0.0, 0.0, 0.0, "the measured car had no electric axle"),
}

# Where losses come from a data sheet and not from our models (`edu_opt.vehicle.generic_unit`): gears, bearings and
# seals from the loss of a reducer at 20 N m [ID3_DRAG] less its mesh loss of 2 %; motor bearings and windage (ASSUMED);
# with magnets their iron loss (ASSUMED: about 385 W at 100 km/h and 0.35 m).
ESTIMATED_DRAG = {
    False: UnitDrag(2.8, 0.0233, 0.0, "estimated: gears, bearings, windage"),
    True: UnitDrag(2.8, 0.0846, 0.0, "estimated: gears, bearings, windage, magnets"),
}


def fitted_drag(axle_speed: np.ndarray, torque: np.ndarray, source: str) -> UnitDrag:
    """Drag curve of a modelled unit as `UnitDrag`; axle_speed (n,) rad/s, torque (n,) N m >= 0, n >= 3.

    Least squares with weights 1/torque (relative error), a negative one of the three is left out.
    """
    powers = [0, 1, 2]
    while True:
        columns = np.stack([axle_speed**p for p in powers], axis=1) / torque[:, None]
        found = np.linalg.lstsq(columns, np.ones_like(torque), rcond=None)[0]
        negative = [p for p, value in zip(powers, found, strict=True) if value < 0.0]
        if not negative:
            values = dict(zip(powers, found.tolist(), strict=True))
            return UnitDrag(values.get(0, 0.0), values.get(1, 0.0), values.get(2, 0.0), source)
        powers.remove(negative[-1])


def geared_drag(drag: UnitDrag, factor: float) -> UnitDrag:
    """Drag of the same unit behind a ratio `factor` times as large: T(w) -> factor T(factor w)."""
    return UnitDrag(drag.constant * factor, drag.linear * factor**2, drag.quadratic * factor**3, drag.source)


def with_unit_drag(road_load: RoadLoad, drags: list[tuple[UnitDrag, float]], wheel_radius: float) -> RoadLoad:
    """Measured road load with the part that the car's own units contribute; drags: (drag, number of units) an axle."""
    return replace(
        road_load,
        unit_drag=sum(count * drag.constant for drag, count in drags) / wheel_radius,
        unit_drag_linear=sum(count * drag.linear for drag, count in drags) / wheel_radius**2,
        unit_drag_quadratic=sum(count * drag.quadratic for drag, count in drags) / wheel_radius**3,
    )
