"""What one unit costs in its programme: every part's materials, manufacture, logistics, warranty, tooling, development.

    line(part) = (bought + processes) / good share x (1 + warranty) + logistics + (tooling + development, levelised)

Running costs are those at the part's volume; what is paid once is spread over the joint volume of all who use the
identical part. So the cost of a programme of several members is the sum of their units times their unit cost, and the
one-offs of a part that they share are in it exactly once.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import jax
import jax.numpy as jnp
import numpy as np

from edu_opt.numerics.pytree import pytree
from edu_opt.numerics.smooth import safe_norm
from edu_opt.programme.bill_of_materials import MaterialAmounts, amount_vector, bill_of_materials, selection
from edu_opt.programme.one_off import spread
from edu_opt.programme.prices import REFERENCE_VOLUME, Prices
from edu_opt.programme.processes import ProcessCosts, good_by_part, process_costs, summed_by_part
from edu_opt.programme.programme import Programme
from edu_opt.programme.schedule import before_start, levelising
from edu_opt.programme.volumes import PARTS, PartVolumes, by_part

SMALLEST_BAND = 1e-3  # EUR, keeps the band's derivative finite where nothing is uncertain
# Parts that only some units have, and the flag among the amounts that says so.
OPTIONAL_PARTS = {"field_winding": "wound_rotor"}
HAS_WHERE = selection([OPTIONAL_PARTS.get(part, "") for part in PARTS])  # (parts, amounts)
HAS_ALWAYS = np.array([float(part not in OPTIONAL_PARTS) for part in PARTS])


@pytree
class UnitCost:
    """Cost of one unit [EUR], each (parts,) in the order of `PARTS`; `processes` by process before scrap.

    `material` raw; `purchased` parts; `labour`, `energy`, `machines`, `tools` of manufacture; `scrap` what bad parts
    add; `logistics`; `warranty`; `tooling` and `development` levelised over the joint volume.
    """

    material: jax.Array
    purchased: jax.Array
    labour: jax.Array
    energy: jax.Array
    machines: jax.Array
    tools: jax.Array
    scrap: jax.Array
    logistics: jax.Array
    warranty: jax.Array
    tooling: jax.Array
    development: jax.Array
    processes: ProcessCosts

    @property
    def made(self) -> jax.Array:
        """Material, parts and manufacture with scrap (parts,) [EUR]."""
        made = self.material + self.purchased + self.labour + self.energy + self.machines
        return made + self.tools + self.scrap

    @property
    def lines(self) -> jax.Array:
        """All of it (parts,) [EUR]."""
        return self.made + self.logistics + self.warranty + self.tooling + self.development


def unit_cost(
    amounts: MaterialAmounts,
    masses: Mapping[str, jax.Array],
    prices: Prices,
    volumes: PartVolumes,
    programme: Programme,
    learning: float | jax.Array | None = None,
) -> UnitCost:
    """Cost of one unit from its amounts and masses [kg] by part. `learning` replaces the mean over the run."""
    mass = jnp.stack([jnp.asarray(masses.get(part, 0.0), float) for part in PARTS])
    return vector_cost(amount_vector(amounts), mass, prices, by_part(volumes), programme, learning)


def vector_cost(
    amounts: jax.Array,
    mass: jax.Array,
    prices: Prices,
    joint: jax.Array,
    programme: Programme,
    learning: float | jax.Array | None = None,
) -> UnitCost:
    """`unit_cost` of amounts (amounts,), masses [kg] and joint volumes [units a year], each (parts,)."""
    schedule, levelised = programme.schedule, levelising(programme.schedule)
    learned = levelised.learning if learning is None else jnp.asarray(learning, float)
    plant_volumes = joint * by_part(programme.plant_shares)
    table = programme.processes
    done = process_costs(table, amounts, programme.plant, schedule, levelised, plant_volumes, learned)
    spent = (done.labour, done.energy, done.machines, done.tools)
    kinds = [prices.manufacture_scale * summed_by_part(values) for values in spent]
    bought, size = bill_of_materials(amounts, prices), joint / REFERENCE_VOLUME
    low, high = programme.purchase_exponents[0], programme.purchase_exponents[1]
    purchased = bought.mechanical * size**-low + learned * bought.electronic * size**-high
    before = bought.raw + purchased + sum(kinds)
    scrap = before * (1.0 / good_by_part(done) - 1.0)
    shared = programme.development_shared
    developing = shared * joint + (1.0 - shared) * programme.own_units
    tooling_at_start = before_start(schedule, schedule.machines_lead) * prices.one_off_scale
    development_at_start = before_start(schedule, schedule.development_lead) * prices.one_off_scale
    exists = jnp.asarray(HAS_ALWAYS) + jnp.asarray(HAS_WHERE) @ amounts
    return UnitCost(
        material=bought.raw,
        purchased=purchased,
        labour=kinds[0],
        energy=kinds[1],
        machines=kinds[2],
        tools=kinds[3],
        scrap=scrap,
        logistics=programme.logistics * mass,
        warranty=programme.warranty * (before + scrap),
        tooling=exists * spread(programme.tooling, tooling_at_start, joint, levelised.units),
        development=exists * spread(programme.development, development_at_start, developing, levelised.units),
        processes=done,
    )


def cost_lines(cost: UnitCost) -> dict[str, jax.Array]:
    """Cost lines [EUR] by the name of the part."""
    lines = cost.lines
    return {part: lines[k] for k, part in enumerate(PARTS)}


def cost_kinds(cost: UnitCost) -> dict[str, jax.Array]:
    """Cost of the unit [EUR] by what it is spent on; the sum is the unit's cost."""
    return {
        "material_cost": jnp.sum(cost.material),
        "purchased_cost": jnp.sum(cost.purchased),
        "labour_cost": jnp.sum(cost.labour),
        "energy_cost": jnp.sum(cost.energy),
        "machine_cost": jnp.sum(cost.machines + cost.tools),
        "scrap_cost": jnp.sum(cost.scrap),
        "logistics_cost": jnp.sum(cost.logistics),
        "warranty_cost": jnp.sum(cost.warranty),
        "tooling_cost": jnp.sum(cost.tooling),
        "development_cost": jnp.sum(cost.development),
    }


def cost_band(
    amounts: MaterialAmounts,
    masses: Mapping[str, jax.Array],
    prices: Prices,
    uncertainty: Prices,
    volumes: PartVolumes,
    programme: Programme,
) -> jax.Array:
    """One standard deviation of the unit's cost [EUR] by first-order propagation of the prices' relative ones, taken
    as independent: root of the sum of (d cost / d price x price x uncertainty)^2."""
    vector, joint = amount_vector(amounts), by_part(volumes)
    names = [field.name for field in dataclasses.fields(prices)]
    at, sigma = (jnp.stack([jnp.asarray(getattr(of, name), float) for name in names]) for of in (prices, uncertainty))

    def total(values: jax.Array) -> jax.Array:
        own = Prices(**{name: values[k] for k, name in enumerate(names)})  # type: ignore[arg-type]
        return jnp.sum(vector_cost(vector, jnp.zeros(len(PARTS)), own, joint, programme).lines)

    return safe_norm(jax.grad(total)(at) * at * sigma, SMALLEST_BAND)
