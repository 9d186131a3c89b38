"""Bill of materials: what was designed -> what is bought for it, by the part that owns it.

Raw materials follow the designed masses with what is cut away (its scrap is sold), purchased parts the designed die
area, capacitance, copper. Manufacture, tooling and development are not here: `unit_cost` adds them.

The bill is a table of terms, each an amount times a price, so that it is evaluated as three small products of matrices.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import jax
import jax.numpy as jnp
import numpy as np

from edu_opt.numerics.pytree import pytree
from edu_opt.programme.prices import Prices
from edu_opt.programme.volumes import PARTS

PRICED_CAPACITOR_VOLTAGE = 500.0  # V, rating of the film whose farad has a price
@pytree
class MaterialAmounts:
    """What one drive unit consists of. Masses in kg, net unless said; areas in m^2; power in W; capacitance in F, of
    equal energy at `PRICED_CAPACITOR_VOLTAGE`; flags are 1 or 0."""

    stator_steel: jax.Array
    rotor_steel: jax.Array
    sheet_scrap: jax.Array  # strip that is in neither of them
    stator_copper: jax.Array
    copper_trim: jax.Array  # cut off the conductors
    field_copper: jax.Array
    magnets: jax.Array  # that hold rare earths
    ferrite_magnets: jax.Array
    copper_cage: jax.Array
    aluminium_cage: jax.Array
    motor_shaft: jax.Array
    shaft_chips: jax.Array  # turned off the bar
    gears_stage_1: jax.Array
    gears_stage_2: jax.Array
    gear_shafts: jax.Array
    differential: jax.Array
    bearings: jax.Array
    oil: jax.Array
    housing: jax.Array
    silicon_die_area: jax.Array
    silicon_carbide_die_area: jax.Array
    module_area: jax.Array  # cooled base of the power modules
    capacitance: jax.Array
    busbars: jax.Array  # copper, in the inverter and to the winding
    filter: jax.Array
    control: jax.Array  # boards, sensors, plugs
    mounts: jax.Array
    harness: jax.Array
    peak_power: jax.Array
    wound_rotor: jax.Array  # 1 where the rotor carries a field winding
    magnet_rotor: jax.Array  # 1 where magnets are inserted
    brazed_cage: jax.Array  # 1 where copper bars and rings are brazed
    cast_cage: jax.Array  # 1 where an aluminium cage is cast
    hairpin_winding: jax.Array  # 1 where the stator winding is of bars
    wire_winding: jax.Array  # 1 where it is of pulled-in round wire


AMOUNTS: tuple[str, ...] = tuple(field.name for field in dataclasses.fields(MaterialAmounts))  # type: ignore[arg-type]


def amount_vector(amounts: MaterialAmounts) -> jax.Array:
    """Amounts (amounts,) in the order of `AMOUNTS`."""
    return jnp.stack([jnp.asarray(getattr(amounts, name), float) for name in AMOUNTS])


def selection(names: Sequence[str]) -> np.ndarray:
    """Matrix (names, amounts) that picks amounts by name; a row of zeros for the name ""."""
    return np.array([[float(name == amount) for amount in AMOUNTS] for name in names])


def ownership(parts: Sequence[str]) -> np.ndarray:
    """Matrix (parts of the unit, terms) of 1 where a term belongs to a part."""
    return np.array([[float(owner == part) for owner in parts] for part in PARTS])


# (part, kind, amount, price): the price is the name of a field or property of `Prices`; amount "": once a unit.
# Kinds: `raw` material at world prices; `mechanical` and `electronic` parts whose price falls with volume, of which the
# industry of the electronic ones still learns.
TERMS: tuple[tuple[str, str, str, str], ...] = (
    ("lamination", "raw", "stator_steel", "electrical_steel"),
    ("lamination", "raw", "sheet_scrap", "shared_sheet_scrap"),
    ("stator_winding", "raw", "stator_copper", "wire"),
    ("stator_winding", "raw", "copper_trim", "wire_trim"),
    ("stator_winding", "raw", "peak_power", "insulation_per_watt"),
    ("rotor", "raw", "rotor_steel", "electrical_steel"),
    ("rotor", "raw", "sheet_scrap", "shared_sheet_scrap"),
    ("rotor", "raw", "magnets", "magnet"),
    ("rotor", "raw", "ferrite_magnets", "ferrite"),
    ("rotor", "raw", "copper_cage", "wire"),
    ("rotor", "raw", "aluminium_cage", "casting"),
    ("rotor", "raw", "motor_shaft", "shaft_steel"),
    ("rotor", "raw", "shaft_chips", "bar_chips"),
    ("field_winding", "raw", "field_copper", "wire"),
    ("field_winding", "electronic", "wound_rotor", "exciter_fixed"),
    ("gear_stage_1", "raw", "gears_stage_1", "gear"),
    ("gear_stage_2", "raw", "gears_stage_2", "gear"),
    ("gear_shafts", "raw", "gear_shafts", "gear_shaft"),
    ("differential", "mechanical", "differential", "differential"),
    ("bearing_set", "mechanical", "bearings", "bearing"),
    ("gearbox_accessories", "raw", "oil", "oil"),
    ("gearbox_accessories", "mechanical", "", "gearbox_accessories"),
    ("housing", "raw", "housing", "casting"),
    ("power_module", "electronic", "silicon_die_area", "silicon_die"),
    ("power_module", "electronic", "silicon_carbide_die_area", "silicon_carbide_die"),
    ("power_module", "electronic", "module_area", "module_package"),
    ("capacitor", "electronic", "capacitance", "capacitor"),
    ("inverter_control", "raw", "busbars", "copper"),
    ("inverter_control", "electronic", "busbars", "busbar_conversion"),
    ("inverter_control", "electronic", "filter", "filter"),
    ("inverter_control", "electronic", "", "control_boards"),
    ("inverter_control", "electronic", "", "sensors_connectors"),
    ("assembly", "mechanical", "mounts", "mounts"),
    ("assembly", "mechanical", "harness", "harness"),
)
PICKED = selection([amount for _, _, amount, _ in TERMS])  # (terms, amounts)
ONCE = np.array([float(amount == "") for _, _, amount, _ in TERMS])
KINDS = {
    kind: ownership([part for part, _, _, _ in TERMS]) * np.array([float(kind == k) for _, k, _, _ in TERMS])
    for kind in ("raw", "mechanical", "electronic")
}


@pytree
class Bought:
    """Cost of what is bought, each (parts,) [EUR], at the prices' own volume and year."""

    raw: jax.Array
    mechanical: jax.Array
    electronic: jax.Array


def bill_of_materials(amounts: jax.Array, prices: Prices) -> Bought:
    """What is bought for one unit of amounts (amounts,), see `amount_vector`."""
    price = jnp.stack([jnp.asarray(getattr(prices, name), float) for _, _, _, name in TERMS])
    spent = price * (jnp.asarray(PICKED) @ amounts + ONCE)
    return Bought(**{kind: jnp.asarray(owners) @ spent for kind, owners in KINDS.items()})
