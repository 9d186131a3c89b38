"""Members of a family in closed form: two variables, one of the shared lamination, one of the member's own gear set.

Unit cost c = 10 + (s - a)^2 + (g - b)^2, energy e = 5 + (s - d)^2 + g^2, one margin power = s + g - need. With s
common to all the optimum of the programme's cost is known by hand.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import jax
import jax.numpy as jnp
import numpy as np

from edu_opt.family.pattern import Volume
from edu_opt.numerics.design_space import DesignSpace, Variable
from edu_opt.optimize.protocol import Evaluation
from edu_opt.settings import Branch

SPACE = DesignSpace(
    (
        Variable("lamination", "size", "m", 0.0, 2.0, "shared"),
        Variable("gear_stage_1", "ratio", "1", 0.0, 2.0, "own"),
    )
)


@dataclasses.dataclass(frozen=True)
class AnalyticMember:
    """One member; `a`, `b`, `d`, `need` as in the module's text."""

    a: float
    b: float
    d: float
    need: float
    branches: tuple[Branch, ...] = (Branch(3, 1, "m"),)

    space = SPACE
    objective_names = ("unit_cost", "energy_wltc")
    margin_names = ("power_min",)

    @property
    def branch_count(self) -> int:
        """Rows of discrete data."""
        return len(self.branches)

    @property
    def trust_region_mask(self) -> np.ndarray:
        """The lamination is the expensive part."""
        return np.array([True, False])

    def expand(self, x: np.ndarray, branch: np.ndarray) -> dict[str, np.ndarray]:
        """What stands for fields: the square of the size and its slope at the centre."""
        size = 2.0 * np.asarray(x)[:, 0]
        return {"centre": size, "pole_cost": np.array([0.01 * self.branches[b].pole_pairs for b in branch])}

    def evaluate(self, x: jax.Array, branch: jax.Array, expansion: dict[str, jax.Array]) -> Evaluation:
        """One design."""
        s, g = 2.0 * x[0], 2.0 * x[1]
        cost = 10.0 + (s - self.a) ** 2 + (g - self.b) ** 2 + expansion["pole_cost"]
        energy = 5.0 + (s - self.d) ** 2 + g**2
        return Evaluation(
            objectives=jnp.stack([cost, energy]),
            margins=jnp.stack([s + g - self.need]),
            valid=jnp.asarray(True),
            report={"cost": cost},
        )


@dataclasses.dataclass(frozen=True)
class ScaledMember(AnalyticMember):
    """Unit cost falls with the joint volume of the lamination, by a fifth power."""

    volume: float = 100.0

    def with_volumes(self, volumes: Mapping[str, Volume], units_per_year: float) -> ScaledMember:
        """The same member with another volume of its lamination."""
        return dataclasses.replace(self, volume=volumes["lamination"].joint)

    def expand(self, x: np.ndarray, branch: np.ndarray) -> dict[str, np.ndarray]:
        """With the factor of its volume."""
        return super().expand(x, branch) | {"scale": np.full(len(x), (self.volume / 100.0) ** -0.2)}

    def evaluate(self, x: jax.Array, branch: jax.Array, expansion: dict[str, jax.Array]) -> Evaluation:
        """One design at its volume."""
        found = super().evaluate(x, branch, expansion)
        scale = jnp.stack([expansion["scale"], jnp.asarray(1.0)])
        return dataclasses.replace(found, objectives=found.objectives * scale)


BORES, SECTIONS = (0.025, 0.03, 0.03, 0.035), (0.011, 0.0125, 0.016, 0.0135)
GEARED_SPACE = DesignSpace(
    (
        *SPACE.variables,
        Variable("gear_stage_1", "teeth", "1", 17.0, 30.0, "own", integer=True),
        Variable("bearing_set", "bore", "m", 0.02, 0.05, "", listed=BORES, list_name="input"),
        Variable("bearing_set", "section", "m", 0.01, 0.03, "", listed=SECTIONS, list_name="input"),
    )
)


@dataclasses.dataclass(frozen=True)
class GearedMember(AnalyticMember):
    """A member with teeth of its own and a bearing from a list; both cost nothing."""

    space = GEARED_SPACE

    @property
    def trust_region_mask(self) -> np.ndarray:
        """The lamination is the expensive part."""
        return np.arange(len(self.space)) == 0
