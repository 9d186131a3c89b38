"""The motor as one pytree: lamination, its field map, winding, excitation, material rows."""

from __future__ import annotations

import jax

from edu_opt.materials.magnets import Magnet
from edu_opt.materials.steels import ElectricalSteel
from edu_opt.motor.cage_loss import Cage
from edu_opt.motor.dimensions import LaminationDimensions
from edu_opt.motor.excitation import FieldWinding
from edu_opt.motor.geometry import Lamination
from edu_opt.motor.lamination_map import LaminationMap
from edu_opt.motor.winding import Winding
from edu_opt.numerics.pytree import pytree, static


@pytree
class Motor:
    """One motor: `kind` is static ("eesm", "ipm", "im" or "synrm"), everything else is data.

    `lamination` holds the geometry, `dimensions` what follows from it, `lamination_map` its fields (per metre of stack,
    one conductor per slot, one field turn per pole); `stack_length` [m]; `cage` is an induction motor's.
    """

    kind: str = static()
    lamination: Lamination
    dimensions: LaminationDimensions
    lamination_map: LaminationMap
    stack_length: jax.Array
    winding: Winding
    field_winding: FieldWinding
    steel: ElectricalSteel
    magnet: Magnet
    cage: Cage | None = None

    @property
    def pole_pairs(self) -> jax.Array:
        """Pole pairs (a float leaf)."""
        return self.dimensions.pole_pairs

    @property
    def field_turns(self) -> jax.Array:
        """Field turns per pole (0 without a field winding)."""
        return self.field_winding.turns
