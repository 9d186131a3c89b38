"""The contract that every component keeps: one description of a case, one compiled program a case."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping

import jax
import jax.numpy as jnp
import numpy as np

from edu_opt.numerics.design_space import DesignSpace


@dataclasses.dataclass(frozen=True)
class ContractCase:
    """A component as the contract sees it: physical vector (n,) in [low, high] -> named scalars.

    `step` is the relative step of the central differences (of the variable's range); `tolerance` the allowed
    difference between them and AD, relative to the largest derivative of that output over the sample;
    `eager` is False where an eager run would take minutes (say why in the case); `slow` cases take a minute or more to
    compile and belong to the slow tier.
    """

    name: str
    low: np.ndarray
    high: np.ndarray
    function: Callable[[jax.Array], Mapping[str, jax.Array]]
    step: float = 1e-5
    tolerance: float = 1e-5
    samples: int = 24
    corners: int = 16
    eager: bool = True
    slow: bool = False

    @classmethod
    def from_space(
        cls, name: str, space: DesignSpace, function: Callable[[jax.Array], Mapping[str, jax.Array]], **options
    ):
        """Case over the whole box of a design space."""
        return cls(name=name, low=space.low, high=space.high, function=function, **options)

    def flat(self, unit: jax.Array) -> jax.Array:
        """Unit-cube vector -> stacked outputs, ordered by name."""
        outputs = self.function(self.low + unit * (self.high - self.low))
        return jnp.stack([jnp.asarray(outputs[key], float) for key in sorted(outputs)])
