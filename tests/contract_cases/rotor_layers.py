"""Rotors of several flux barriers as the contract sees them: lamination variables -> dimensions and grid."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from edu_opt.motor.dimensions import lamination_dimensions
from edu_opt.motor.field import FieldGrid
from edu_opt.motor.field.grid_layers import layered_half_nodes
from edu_opt.motor.geometry import lamination_from_values, lamination_space
from tests.contract import ContractCase
from tests.motor.test_layered_rotor import TEMPLATES


def _case(name: str, pole_pairs: float) -> ContractCase:
    template = TEMPLATES[name]
    space, grid = lamination_space(template), FieldGrid(template, "XS")

    def function(x: jax.Array) -> dict[str, jax.Array]:
        lamination = lamination_from_values(template, pole_pairs, x)
        size = lamination_dimensions(lamination)
        nodes_x, nodes_y, _, direction = layered_half_nodes(grid, lamination.rotor, 0.5 * jnp.pi / pole_pairs)
        return {
            "rotor_steel_area": size.rotor_steel_area,
            "magnet_area": size.magnet_area,
            "magnet_thickness": size.magnet_thickness,
            "pole_cap_area": size.pole_cap_area,
            "pole_cap_radius": size.pole_cap_radius,
            "shaft_radius": size.shaft_radius,
            "grid_moment": jnp.mean(nodes_x**2 * nodes_y),
            "magnetization": jnp.mean(direction[0]),
        }

    return ContractCase.from_space(f"rotor_{name}", space, function, eager=False)


# One rotor with all parts: each more would cost the default tier some ten seconds of compilation.
CASES = [_case("synrm_2_magnets", 4.0)]
