"""What keeps water out of the unit: its openings, the classes of ISO 20653 and the water pressure at each of them.

A class is a test, not a property: the second numeral of ISO 20653 (2013) names what the unit was put through. 7 and 8
do not contain the jets of 5, 6K and 9K, so a unit under the floor needs both (two codes). Nothing here is traced.

An opening is taken as tight up to a static pressure. A shaft's lip and a joint are judged by that alone: water is cold,
the shaft turns slowly. The air in the unit shrinks by 17 % as it cools from 80 to 20 degC, which would pull 17 kPa of
water in; so the breather is open, never plugged, and its end must stay above the water. A membrane in it is not
modelled. No bow wave: the depth is that of the water at the unit.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from edu_opt.numerics.constants import STANDARD_GRAVITY

WATER = 1000.0 * STANDARD_GRAVITY  # Pa/m, fresh water
DUST = "6K"  # dust-tight (the K: tested with a vehicle's dust)
JETS = "9K"  # what the underbody of a car is washed with
IMMERSION_DEPTH, IMMERSION_TIME = 1.0, 1800.0  # m, s of class 7: lowest point of a unit below 0.85 m of height
# Pa from outside. Lip: seal makers permit 0.5 bar at low and 0.2 bar at high sliding speed (ddsseals.com), from the
# oil's side; the lesser is taken from the water's side too (assumed; a dust lip stands before it). Connector: mated
# ones are tested at 28 kPa after ageing (SAE/USCAR-2, recalled). Joint: a leak test's pressure in production (assumed).
LIP_HOLDS, CONNECTOR_HOLDS, JOINT_HOLDS = 20e3, 28e3, 30e3
CONNECTOR_BELOW_TOP = 0.05  # m, connectors leave the inverter at its side (assumed)


@dataclasses.dataclass(frozen=True)
class WaterClass:
    """Second numeral of ISO 20653: what the unit withstands; depth [m] of its lowest point, time [s] under water."""

    numeral: str
    test: str
    depth: float = 0.0
    time: float = 0.0


# After IEC 60529, whose tests ISO 20653 takes over; K marks the road vehicle's own (recalled).
WATER_CLASSES: dict[str, WaterClass] = {
    row.numeral: row
    for row in (
        WaterClass("4K", "splash water with 400 kPa from all sides, 10 min"),
        WaterClass("5", "jet of 12.5 l/min from 6.3 mm, 30 kPa, 3 min"),
        WaterClass("6K", "jet of 75 l/min from 6.3 mm, 1 MPa, 3 min"),
        WaterClass("7", "under water, lowest point at 1 m, 30 min", IMMERSION_DEPTH, IMMERSION_TIME),
        WaterClass("8", "under water, depth and time as agreed, more severe than 7"),
        WaterClass("9K", "jet of 14 to 16 l/min, 8 to 10 MPa, 80 degC, from 0.10 to 0.15 m at four angles, 30 s each"),
    )
}


@dataclasses.dataclass(frozen=True)
class Opening:
    """A way in for water: height [m] above the axle, static pressure [Pa] that it holds (0: open)."""

    name: str
    height: float
    holds: float

    @property
    def highest_water(self) -> float:
        """Water surface above the axle [m] up to which it is tight."""
        return self.height + self.holds / WATER


@dataclasses.dataclass(frozen=True)
class Sealing:
    """Sealing of a unit in a vehicle; heights above the road [m].

    openings: all of them; hose: whether the breather's end can be led above the water of a test; axle: height of the
    axle. `wading_depth` that is asked for, 0 where none is.
    """

    openings: tuple[Opening, ...]
    hose: bool
    axle: float
    wading_depth: float = 0.0

    @property
    def lowest(self) -> Opening:
        """The opening that water reaches first."""
        return min(self.openings, key=lambda o: o.height)

    @property
    def limiting(self) -> Opening:
        """The opening that lets water in first as it rises."""
        return min(self.openings, key=lambda o: o.highest_water)

    @property
    def tight_depth(self) -> float:
        """Depth of water on the road [m] up to which all openings are tight."""
        return self.axle + self.limiting.highest_water

    @property
    def immersion(self) -> float:
        """Water over the lowest opening at the wading depth [m]; 0 where water does not reach it or none is asked."""
        return max(self.wading_depth - self.axle - self.lowest.height, 0.0)

    @property
    def pressure(self) -> float:
        """Static pressure at the lowest opening at the wading depth [Pa]."""
        return WATER * self.immersion

    @property
    def pressure_share(self) -> float:
        """Largest pressure over what an opening holds at the wading depth; the breather apart, which holds nothing."""
        surface = self.wading_depth - self.axle
        return max(max(surface - o.height, 0.0) * WATER / o.holds for o in self.openings if o.holds > 0.0)

    @property
    def test_depth(self) -> float:
        """Depth of the lowest opening [m] that the unit bears in a test, the hose led out; 0 without a hose."""
        closed = [o.highest_water - self.lowest.height for o in self.openings if o.holds > 0.0]
        return min(closed) if self.hose else 0.0

    @property
    def needed(self) -> str:
        """Code that the vehicle needs: jets always; 7 where water stands over an opening; 8 beyond its depth."""
        if self.immersion == 0.0:
            return code(JETS)
        if self.immersion <= IMMERSION_DEPTH:
            return code(JETS, "7")
        return f"{code(JETS, '8')} ({self.immersion:.2f} m)"

    @property
    def reached(self) -> str:
        """Code of the unit with its openings: that which is needed, or less."""
        if self.test_depth < IMMERSION_DEPTH:
            return code(JETS)
        return self.needed if self.immersion > 0.0 and self.class_kept else code(JETS, "7")

    @property
    def tight(self) -> bool:
        """Whether every opening keeps water out at the wading depth, in the car."""
        return self.tight_depth >= self.wading_depth

    @property
    def class_kept(self) -> bool:
        """Whether the unit would pass the test of the class that its vehicle needs."""
        return self.immersion == 0.0 or self.test_depth >= max(self.immersion, IMMERSION_DEPTH)


def code(*numerals: str) -> str:
    """IP code of some second numerals, e.g. IP6K9K/IP6K7; an unknown one raises KeyError."""
    return "/".join(f"IP{DUST}{WATER_CLASSES[numeral].numeral}" for numeral in numerals)


def openings(bottom: float, top: float, seal_diameter: float, breather_hose: float = 0.0) -> tuple[Opening, ...]:
    """Openings of a unit whose housing reaches from `bottom` below to `top` above the axle [m].

    Seals of the output shafts (their lower edge), joints of the housing (the one between motor and gearbox runs around
    it, so down to its lowest point), connectors of the inverter, the breather on top with its hose [m].
    """
    return (
        Opening("output shaft seals", -0.5 * seal_diameter, LIP_HOLDS),
        Opening("joints of the housing", -bottom, JOINT_HOLDS),
        Opening("connectors", top - CONNECTOR_BELOW_TOP, CONNECTOR_HOLDS),
        Opening("breather", top + breather_hose, 0.0),
    )


def sealing(found: Sequence[Opening], tyre_radius: float, breather_hose: float, wading_depth: float = 0.0) -> Sealing:
    """Sealing of a unit with its openings in a vehicle; lengths [m]."""
    return Sealing(
        openings=tuple(found), hose=breather_hose > 0.0, axle=float(tyre_radius), wading_depth=float(wading_depth)
    )
