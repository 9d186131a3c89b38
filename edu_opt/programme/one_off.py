"""What a part costs once: tooling and development, by part. Euro of 2024.

All figures are assumed, of the size of a car maker's programme: tools as dies, winding and moulding tools, moulds and
fixtures at the machines of `processes`, and suppliers' tools for bought parts; development as design, software, rigs
and validation of one generation, 100 million in all. A published anchor: Ford Halewood's 380 million GBP for 420,000
units a year hold 24 million for a development centre.
"""

from __future__ import annotations

import jax

from edu_opt.programme.volumes import Number, PartVolumes, by_part

MILLION = 1e6

TOOLING = PartVolumes(
    lamination=1.2 * MILLION,
    stator_winding=2.5 * MILLION,
    rotor=2.0 * MILLION,
    field_winding=1.0 * MILLION,
    gear_stage_1=0.4 * MILLION,
    gear_stage_2=0.4 * MILLION,
    gear_shafts=0.4 * MILLION,
    differential=0.8 * MILLION,
    bearing_set=0.2 * MILLION,
    gearbox_accessories=0.8 * MILLION,
    housing=3.0 * MILLION,
    power_module=2.0 * MILLION,
    capacitor=0.5 * MILLION,
    inverter_control=2.5 * MILLION,
    assembly=4.0 * MILLION,
)
DEVELOPMENT = PartVolumes(
    lamination=8.0 * MILLION,
    stator_winding=8.0 * MILLION,
    rotor=8.0 * MILLION,
    field_winding=3.0 * MILLION,
    gear_stage_1=3.0 * MILLION,
    gear_stage_2=3.0 * MILLION,
    gear_shafts=2.0 * MILLION,
    differential=2.0 * MILLION,
    bearing_set=1.0 * MILLION,
    gearbox_accessories=2.0 * MILLION,
    housing=10.0 * MILLION,
    power_module=10.0 * MILLION,
    capacitor=2.0 * MILLION,
    inverter_control=23.0 * MILLION,
    assembly=15.0 * MILLION,
)


def spread(sums: PartVolumes, at_start: Number, volumes: jax.Array, levelised_units: Number) -> jax.Array:
    """One-off sums per unit (parts,) [EUR]: their value at start of production over all discounted units of the joint
    volumes (parts,) [units a year]. Summed over members, units times this is the sum itself, once."""
    return by_part(sums) * at_start / (volumes * levelised_units)
