"""Drag of the drive unit that a coast-down contains: frozen per reference unit, so that it is counted once.

Coast-down coefficients are measured with the car's own unit turning along. The road load of tyres and air is the
measured one less the modelled drag of that unit; the candidate's own drag comes back with its losses. Without this a
disconnected axle or a rotor without magnets would gain nothing. `UNIT_DRAG` holds what is taken off; a model of a unit
is brought into this form by `fitted_drag`.
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


# Estimated, at the axle: gears, bearings and seals 2.8 N m + 0.0049 N m s w from the reducer's loss at 20 N m
# [ID3_DRAG] less its mesh loss of 2 %; motor bearings and windage 0.0184 N m s w (ASSUMED); iron loss of a
# turning magnet rotor 0.0613 N m s w (ASSUMED: about 385 W at 100 km/h and 0.35 m, between 300 and 500 W).
GEARS, MOTOR, MAGNETS = (2.8, 0.0049), 0.0184, 0.0613
WITHOUT_MAGNETS = UnitDrag(GEARS[0], GEARS[1] + MOTOR, 0.0, "estimated: gears, bearings, windage")
WITH_MAGNETS = UnitDrag(GEARS[0], GEARS[1] + MOTOR + MAGNETS, 0.0, "estimated: gears, bearings, windage, magnets")
NOT_IN_THE_CAR = UnitDrag(0.0, 0.0, 0.0, "the measured car had no electric axle")

UNIT_DRAG: dict[str, UnitDrag] = {
    "bmw_gen5_rear": WITHOUT_MAGNETS,
    "bmw_gen5_front": WITHOUT_MAGNETS,
    "bmw_i3": WITH_MAGNETS,
    "jaguar_i_pace": WITH_MAGNETS,
    "vw_app310": WITH_MAGNETS,
    "tesla_model3_rear": WITH_MAGNETS,
    "tesla_model_s_im": WITHOUT_MAGNETS,
    "drive_unit": NOT_IN_THE_CAR,
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


def with_unit_drag(road_load: RoadLoad, drags: list[tuple[UnitDrag, float]], wheel_radius: float) -> RoadLoad:
    """Measured road load with the part that the car's own units contribute; drags: (drag, number of units) an axle."""
    return replace(
        road_load,
        unit_drag=sum(count * drag.constant for drag, count in drags) / wheel_radius,
        unit_drag_linear=sum(count * drag.linear for drag, count in drags) / wheel_radius**2,
        unit_drag_quadratic=sum(count * drag.quadratic for drag, count in drags) / wheel_radius**3,
    )
