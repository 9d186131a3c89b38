"""From the continuous bearing to one that exists: the lightest catalogue row that holds, its margins computed anew.

Runs after the search; not differentiable. The bore of the row replaces the shaft's diameter there.
"""

from __future__ import annotations

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np

from edu_opt.duty.load_spectrum import LoadSpectrum
from edu_opt.gearbox.bearing_catalogue import BALL, CatalogueBearing, rows_of_kind
from edu_opt.gearbox.bearing_life import equivalent_load, life_exponent, life_load_ratio, static_load
from edu_opt.gearbox.bearings import Bearing, real_bearing
from edu_opt.gearbox.model import Gearbox, shaft_speed_ratios, stacked_geometry
from edu_opt.gearbox.rating_bearings import SPEED_LIMIT
from edu_opt.gearbox.shaft_forces import BearingLoad, bearing_loads
from edu_opt.numerics.constants import RPM
from edu_opt.numerics.pytree import replace

BORE_BELOW = 1.5e-3  # m, how far a real bore may fall below the continuous one
BORE_ABOVE = 5.5e-3  # m, one step of the catalogue above
STATIC_SAFETY = 1.0  # C_0/P_0 of quiet-running ball bearings under normal loads (SKF catalogue, guideline values)
SHAFTS = ("input_bearing", "intermediate_bearing", "output_bearing")


@dataclasses.dataclass(frozen=True)
class BearingChoice:
    """A row with what it was chosen by, worse bearing of the pair: life load ratio (1: L_10 is the demanded life),
    static safety, permissible n d_m over the highest; the catalogue's limiting speed over the highest for information.
    """

    row: CatalogueBearing
    life_load_ratio: float
    static_safety: float
    speed_ratio: float
    catalogue_speed_ratio: float

    @property
    def margin(self) -> float:
        """Smallest relative margin, >= 0 where the bearing holds."""
        return min(self.life_load_ratio - 1.0, self.static_safety / STATIC_SAFETY - 1.0, self.speed_ratio - 1.0)


def _rated(
    rows: tuple[CatalogueBearing, ...], loads: BearingLoad, revolutions: jax.Array, highest: float
) -> list[BearingChoice]:
    """Choices for every row; loads (2, K) of the pair, revolutions (K,), highest speed [rad/s]."""
    bearings = jax.tree.map(lambda *leaves: jnp.stack(leaves)[:, None, None], *[real_bearing(row) for row in rows])
    equivalent = equivalent_load(bearings, loads.radial, loads.axial)
    exponent = life_exponent(bearings.kind)
    life = np.asarray(life_load_ratio(bearings.dynamic_rating, equivalent, revolutions, exponent)).min(axis=1)
    static = np.asarray(bearings.static_rating / static_load(bearings, loads.radial, loads.axial)).min(axis=(1, 2))
    return [
        BearingChoice(
            row=row,
            life_load_ratio=float(life[k]),
            static_safety=float(static[k]),
            speed_ratio=SPEED_LIMIT / (0.5e3 * (row.bore + row.outer) * highest / RPM),
            catalogue_speed_ratio=row.limiting_speed / highest,
        )
        for k, row in enumerate(rows)
    ]


def choose_bearing(
    wanted: Bearing, loads: BearingLoad, revolutions: jax.Array, highest_speed: float, kind: str = BALL
) -> BearingChoice:
    """The lightest row of a kind whose bore fits the wanted one and that holds; where none holds, the one with the
    largest margin. ValueError where the catalogue has no such bore."""
    bore = float(wanted.bore)
    rows = tuple(row for row in rows_of_kind(kind) if -BORE_BELOW <= row.bore - bore <= BORE_ABOVE)
    if not rows:
        bores = sorted({round(row.bore * 1e3) for row in rows_of_kind(kind)})
        raise ValueError(f"no {kind} bearing for a bore of {bore * 1e3:.1f} mm: {bores[0]} to {bores[-1]} mm exist")
    rated = _rated(rows, loads, revolutions, highest_speed)
    holding = [choice for choice in rated if choice.margin >= 0.0]
    return min(holding, key=lambda c: c.row.mass) if holding else max(rated, key=lambda c: c.margin)


def with_real_bearings(
    gearbox: Gearbox, spectrum: LoadSpectrum, maximum_output_speed: float
) -> tuple[Gearbox, dict[str, BearingChoice]]:
    """The gearbox with catalogue ball bearings on every shaft, and the choice by field; rate it again for its margins.

    spectrum at the axle; maximum_output_speed [rad/s] at the axle.
    """
    fields = [name for name in SHAFTS if getattr(gearbox, name) is not None]
    loads = bearing_loads(gearbox, stacked_geometry(gearbox), spectrum.axle_torque, spectrum.axle_speed)
    ratios = shaft_speed_ratios(gearbox)
    turns = spectrum.axle_speed * spectrum.duration / (2.0 * jnp.pi)
    choices = {
        name: choose_bearing(
            getattr(gearbox, name),
            BearingLoad(radial=loads.radial[k], axial=loads.axial[k]),
            turns * ratios[k],
            float(maximum_output_speed * ratios[k]),
        )
        for k, name in enumerate(fields)
    }
    return replace(gearbox, **{name: real_bearing(choice.row) for name, choice in choices.items()}), choices
