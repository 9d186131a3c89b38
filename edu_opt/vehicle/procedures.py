"""What type approval and label make of energy and range: WLTP, EPA two-cycle label, wall energy.

WLTP (UN GTR 15, annex 8; recalled): range and energy of whole WLTC class 3 cycles driven from full to empty
(`edu_opt.vehicle.energy.consecutive_cycles_range`); wall energy with charging loss is `CycleEnergy.wall`.
EPA (40 CFR 600.116-12, 600.210-12, 600.311-12; recalled): city is UDDS, highway HWFET; without a maker's own five-cycle
test both ranges are multiplied by 0.7 and both energies divided by it; combined counts 55 % city and 45 % highway.
Makers that run the five-cycle test get factors of 0.70 to 0.75: their labels lie up to 7 % above this.
"""

from __future__ import annotations

import jax

from edu_opt.numerics.pytree import pytree

Number = float | jax.Array

LABEL_FACTOR = 0.7
CITY_SHARE = 0.55


@pytree
class Label:
    """EPA label: range [m]; wall energy [J/m] in the city, on the highway, combined."""

    range: Number
    city: Number
    highway: Number
    combined: Number


def epa_label(city_range: Number, highway_range: Number, city_wall: Number, highway_wall: Number) -> Label:
    """Label from unadjusted ranges [m] and wall energies [J/m] of UDDS and HWFET."""
    city, highway = city_wall / LABEL_FACTOR, highway_wall / LABEL_FACTOR
    return Label(
        range=LABEL_FACTOR * (CITY_SHARE * city_range + (1.0 - CITY_SHARE) * highway_range),
        city=city,
        highway=highway,
        combined=CITY_SHARE * city + (1.0 - CITY_SHARE) * highway,
    )
