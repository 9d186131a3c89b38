"""Design variables with a part, a unit and a range, and the map between them and the unit cube.

Every variable belongs to a named part (lamination, stator winding, gear stage 1, ...), so that families of
drive units can share parts.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping, Sequence

import jax
import jax.numpy as jnp
import numpy as np


@dataclasses.dataclass(frozen=True)
class Variable:
    """One design variable in SI units.

    `integer` marks a count (turns, teeth) that is relaxed while searching and fixed before a design is reported;
    `listed` are the values that it may end on (sizes of a catalogue), relaxed while searching as well: variables of one
    part with the same `list_name` take theirs from the same row, hence have lists of the same length;
    `logarithmic` spreads the unit interval evenly over decades; `unit` is spelled for column names (`m`, `mm` never:
    SI only; `1` for dimensionless numbers).
    """

    part: str
    quantity: str
    unit: str
    low: float
    high: float
    description: str
    logarithmic: bool = False
    integer: bool = False
    listed: tuple[float, ...] = ()
    list_name: str = ""

    def __post_init__(self) -> None:
        if not self.low < self.high:
            raise ValueError(f"{self.name}: low {self.low} must be below high {self.high}")
        if self.logarithmic and self.low <= 0:
            raise ValueError(f"{self.name}: a logarithmic variable needs low > 0, got {self.low}")
        if self.listed and (self.integer or not self.list_name):
            raise ValueError(f"{self.name}: listed values need a list_name and are not rounded to integers")
        if any(not self.low <= value <= self.high for value in self.listed):
            raise ValueError(f"{self.name}: listed values must lie between {self.low} and {self.high}")

    @property
    def name(self) -> str:
        """`PART.QUANTITY_UNIT`, the column name without its `design.` prefix."""
        return f"{self.part}.{self.quantity}_{self.unit}"


@dataclasses.dataclass(frozen=True)
class ValueList:
    """Values that some variables end on together: `columns` (g,) in the space, SI values `rows` (R, g)."""

    part: str
    columns: np.ndarray
    rows: np.ndarray


COARSE_STEPS = 8  # largest range of integers that are never relaxed


@dataclasses.dataclass(frozen=True)
class DesignSpace:
    """An ordered, hashable tuple of variables; maps arrays of shape (..., n) to and from the unit cube."""

    variables: tuple[Variable, ...]

    def __post_init__(self) -> None:
        names = [v.name for v in self.variables]
        repeated = sorted({n for n in names if names.count(n) > 1})
        if repeated:
            raise ValueError(f"design variables named twice: {', '.join(repeated)}")

        for members in self._listed_together().values():
            if len({len(self.variables[k].listed) for k in members}) > 1:
                raise ValueError(f"lists differ in length: {', '.join(names[k] for k in members)}")

    def __len__(self) -> int:
        return len(self.variables)

    def __add__(self, other: DesignSpace) -> DesignSpace:
        return DesignSpace(self.variables + other.variables)

    @property
    def names(self) -> tuple[str, ...]:
        """Variable names in order."""
        return tuple(v.name for v in self.variables)

    @property
    def low(self) -> np.ndarray:
        """Lower bounds, shape (n,)."""
        return np.array([v.low for v in self.variables])

    @property
    def high(self) -> np.ndarray:
        """Upper bounds, shape (n,)."""
        return np.array([v.high for v in self.variables])

    @property
    def logarithmic(self) -> np.ndarray:
        """Mask of logarithmic variables, shape (n,)."""
        return np.array([v.logarithmic for v in self.variables])

    @property
    def integer(self) -> np.ndarray:
        """Mask of variables that end as integers, shape (n,)."""
        return np.array([v.integer for v in self.variables], dtype=bool)

    @property
    def listed(self) -> np.ndarray:
        """Mask of variables that end on a row of a list, shape (n,)."""
        return np.array([bool(v.listed) for v in self.variables], dtype=bool)

    @property
    def discrete(self) -> np.ndarray:
        """Mask of variables that end as integers or on a row of a list, shape (n,)."""
        return self.integer | self.listed

    @property
    def coarse(self) -> np.ndarray:
        """Mask of integer variables of few values, shape (n,): between two of them lies no design like either."""
        return self.integer & (self.high - self.low <= COARSE_STEPS)

    @functools.cached_property
    def lists(self) -> tuple[ValueList, ...]:
        """The lists of all listed variables, in the order of the space."""
        return tuple(
            ValueList(part, np.array(members), np.array([self.variables[k].listed for k in members]).T)
            for (part, _), members in self._listed_together().items()
        )

    def _listed_together(self) -> dict[tuple[str, str], list[int]]:
        """Positions of listed variables by part and list."""
        found: dict[tuple[str, str], list[int]] = {}
        for k, variable in enumerate(self.variables):
            if variable.listed:
                found.setdefault((variable.part, variable.list_name), []).append(k)
        return found

    def to_physical(self, unit: jax.Array) -> jax.Array:
        """Unit cube (..., n) -> SI values (..., n)."""
        low, high, log = self.low, self.high, self.logarithmic
        safe_low, safe_high = np.where(log, low, 1.0), np.where(log, high, 1.0)
        straight = low + unit * (high - low)
        decades = safe_low * (safe_high / safe_low) ** unit
        return jnp.where(log, decades, straight)

    def to_unit(self, physical: jax.Array) -> jax.Array:
        """SI values (..., n) -> unit cube (..., n)."""
        low, high, log = self.low, self.high, self.logarithmic
        straight = (physical - low) / (high - low)
        safe_low, safe_high = np.where(log, low, 1.0), np.where(log, high, np.e)
        decades = jnp.log(jnp.where(log, physical, 1.0) / safe_low) / np.log(safe_high / safe_low)
        return jnp.where(log, decades, straight)

    def whole(self, physical: np.ndarray) -> np.ndarray:
        """SI values (..., n) of a buildable design, its whole numbers without the rounding of the unit cube."""
        near = self.integer & (np.abs(physical - np.round(physical)) < 1e-9)
        return np.where(near, np.round(physical), physical)

    def as_mapping(self, physical: Sequence[float] | jax.Array) -> dict[str, jax.Array]:
        """Values by variable name (differentiable: the values keep their array type)."""
        return {name: physical[..., k] for k, name in enumerate(self.names)}  # type: ignore[call-overload,index]

    def from_mapping(self, values: Mapping[str, float]) -> np.ndarray:
        """Ordered SI values (n,) from a mapping by name; names that are missing raise KeyError with the whole list."""
        missing = [n for n in self.names if n not in values]
        if missing:
            raise KeyError(f"design values missing: {', '.join(missing)}")
        return np.array([float(values[n]) for n in self.names])
