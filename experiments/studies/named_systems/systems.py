"""The systems by name: which reference unit stands on each axle, its published ratings, the study of its front.

Where a car's own unit is not modelled, the nearest one stands in and the table says so.
"""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass(frozen=True)
class System:
    """car: name in the catalogue; units: reference unit of each axle; ratings: published peak (kW, N m) of each unit's
    motor (None: those of the reference unit); own: the car's own unit; overrides: settings of
    its front (limits that differ from the brand's are the car's published figures); note: what stands in for what."""

    car: str
    units: tuple[str, ...]
    ratings: tuple[tuple[float, float] | None, ...]
    overrides: tuple[str, ...]
    own: bool = True
    note: str = ""


def limits(**values: float) -> tuple[str, ...]:
    """Overrides of limits that a brand already has."""
    return tuple(f"brand.requirements.{name}.limit={value:g}" for name, value in values.items())


MAGNETS = ("brand.forbids=[]", "motor=ipm")

SYSTEMS: dict[str, System] = {
    system.car: system
    for system in (
        System(
            "bmw_i3",
            ("bmw_i3",),
            ((125.0, 250.0),),
            (
                "brand=bmw",
                "vehicle=bmw_i3",
                *MAGNETS,
                *limits(
                    acceleration_0_100_max=7.3, top_speed_min=150, peak_power_10s_min=125, axle_torque_10s_min=2416
                ),
            ),
        ),
        System(
            "bmw_ix3",
            ("bmw_gen5_rear",),
            ((210.0, 400.0),),
            ("brand=bmw",),
            note="the loss map is that of the i4's unit",
        ),
        System(
            "bmw_ix",
            ("bmw_gen5_front", "bmw_gen5_rear"),
            ((190.0, 365.0), (230.0, 400.0)),
            (
                "brand=bmw",
                "vehicle=bmw_ix",
                *limits(
                    acceleration_0_100_max=4.6, top_speed_min=200, peak_power_10s_min=193, axle_torque_10s_min=3800
                ),
            ),
            note="front: one design on both axles; the real point is the rear unit on both",
        ),
        System(
            "bmw_i4",
            ("bmw_gen5_rear",),
            ((250.0, 430.0),),
            (
                "brand=bmw",
                "vehicle=bmw_i4",
                *limits(
                    acceleration_0_100_max=5.7, top_speed_min=190, peak_power_10s_min=250, axle_torque_10s_min=4780
                ),
            ),
        ),
        System("jaguar_i_pace", ("jaguar_i_pace",) * 2, ((147.0, 348.0),) * 2, ("brand=jaguar",)),
        System(
            "range_rover_electric",
            ("jaguar_i_pace",) * 2,
            (None, None),
            ("brand=land_rover", "inverter=sic_800v"),
            own=False,
            note="its units are not modelled: the I-PACE's stand in (294 instead of 405 kW, 388 instead of 800 V)",
        ),
        System(
            "range_rover_evoque_phev",
            ("jaguar_i_pace",),
            ((80.0, 260.0),),
            ("brand=land_rover_phev",),
            own=False,
            note="its axle is not modelled: one unit of the I-PACE stands in, with 80 kW and 260 N m",
        ),
    )
}
