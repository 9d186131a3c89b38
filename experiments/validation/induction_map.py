"""Error of the induction motor's maps ("im_9" and the bar current's ratio) on random laminations.

Usage: python -m experiments.validation.induction_map [--machines 4] [--open]

Maps from nine currents (grid XS, the rotor angles of program 1) against fields solved at other currents; one JSON line
a machine: rms and largest errors of flux, torque and bar current in shares of their largest values.
"""

from __future__ import annotations

import argparse
import json

import jax
import jax.numpy as jnp
import numpy as np

from edu_opt.materials.steels import electrical_steel
from edu_opt.motor.bar_current import bar_current_ratio
from edu_opt.motor.flux_map import flux_linkage_unit
from edu_opt.motor.geometry import Template, lamination_from_values, lamination_space
from edu_opt.motor.lamination_map import (
    LaminationMapSettings,
    MapMaterials,
    ampere_turn_scale,
    fields_at,
    lamination_map,
    steel_reluctivity,
)

POINTS = np.array([(d, q, 0.0) for d in (0.05, 0.1, 0.18, 0.3, 0.5) for q in (0.1, 0.25, 0.45, 0.75)])
POLE_PAIRS, STEEL = 3.0, "M235-35A"


def errors(settings: LaminationMapSettings, values: jax.Array) -> jax.Array:
    """(flux rms, flux largest, torque rms, torque largest, bar current rms, largest) of one lamination."""
    lamination = lamination_from_values(settings.template, jnp.asarray(POLE_PAIRS), values)
    materials = MapMaterials(
        reluctivity=steel_reluctivity(STEEL),
        steel=electrical_steel(STEEL),
        remanence=jnp.zeros(()),
        magnet_permeability=jnp.ones(()),
    )
    fitted = lamination_map(settings, lamination, materials)
    points = jnp.asarray(POINTS) * ampere_turn_scale(settings, lamination)
    exact = fields_at(settings, lamination, materials, points)[0]
    flux = jax.vmap(lambda at: flux_linkage_unit(fitted.flux_map, at))(points)
    bars, exact_ratio = fitted.bar_current, exact.bar_current_ratio
    if bars is None or exact_ratio is None:
        raise ValueError(f"bar currents need a cage, got rotor {settings.template.rotor!r}")
    current = jax.vmap(lambda at: bar_current_ratio(bars, fitted.flux_map, at))(points) * points[:, 1]
    pairs = [
        (flux[:, 0] + 1j * flux[:, 1], exact.flux[:, 0] + 1j * exact.flux[:, 1]),
        tuple(f[:, 0] * points[:, 1] - f[:, 1] * points[:, 0] for f in (flux, exact.flux)),
        (current, exact_ratio * points[:, 1]),
    ]
    found = []
    for own, true in pairs:
        off = jnp.abs(own - true) / jnp.max(jnp.abs(true))
        found += [jnp.sqrt(jnp.mean(off**2)), jnp.max(off)]
    return jnp.stack(found)


def main() -> None:
    """Print the errors of random laminations."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--machines", type=int, default=4)
    parser.add_argument("--open", action="store_true", help="open rotor slots")
    arguments = parser.parse_args()
    template = Template(rotor="im", slots_per_pole=9, bars_per_sector=11, open_bars=arguments.open)
    settings, space = LaminationMapSettings(template=template), lamination_space(template)
    compiled = jax.jit(lambda values: errors(settings, values))
    generator, rows = np.random.default_rng(19), []
    names = [f"{what}_{which}" for what in ("flux", "torque", "bar_current") for which in ("rms", "largest")]
    for k in range(arguments.machines):
        values = space.low + generator.uniform(0.1, 0.9, len(space)) * (space.high - space.low)
        rows.append(np.asarray(compiled(jnp.asarray(values))))
        print(json.dumps({"machine": k} | dict(zip(names, rows[-1].round(4).tolist(), strict=True))), flush=True)
    mean = dict(zip(names, np.mean(rows, 0).round(4).tolist(), strict=True))
    print(json.dumps({"summary": {"machines": len(rows)} | mean}))


if __name__ == "__main__":
    main()
