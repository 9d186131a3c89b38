"""The catalogue bearings of a design, their margins computed anew.

A design of the search stands on rows of ball bearings (`own_bearing`). For any other one (a reference unit, a design of
one's own) the lightest row that holds is chosen; its bore replaces the shaft's diameter there. Balls come first; where
none holds, a pair of tapered rollers may be asked for. Cylindrical rollers carry no thrust, and each shaft of these
gearboxes has a pair of equal bearings of which one carries the thrust of helical gears: none is offered.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import jax
import jax.numpy as jnp

from edu_opt.duty.load_spectrum import LoadSpectrum
from edu_opt.gearbox.bearing_catalogue import BALL, TAPERED, CatalogueBearing, rows_of_kind
from edu_opt.gearbox.bearing_friction import friction_torque
from edu_opt.gearbox.bearing_life import equivalent_load, life_exponent, life_load_ratio, static_load
from edu_opt.gearbox.bearings import Bearing, real_bearing, row_of_sizes
from edu_opt.gearbox.model import Gearbox, highest_shaft_speeds, shaft_speed_ratios, stacked_geometry
from edu_opt.gearbox.rating_bearings import SPEED_LIMIT, SUMP_CELSIUS
from edu_opt.gearbox.shaft_forces import BearingLoad, bearing_loads
from edu_opt.materials.oils import kinematic_viscosity
from edu_opt.numerics.constants import RPM
from edu_opt.numerics.pytree import pytree, replace

BORE_BELOW = 1.5e-3  # m, how far a real bore may fall below the continuous one
BORE_ABOVE = 5.5e-3  # m, one step of the catalogue above
STATIC_SAFETY = 1.0  # C_0/P_0 of quiet-running ball bearings under normal loads (SKF catalogue, guideline values)
SHAFTS = ("input_bearing", "intermediate_bearing", "output_bearing")


@pytree
class CatalogueRating:
    """Every row (R) of a kind on every shaft (n), of the pair's worse bearing: life load ratio (1: L_10 is the demanded
    life), static safety, permissible over highest speed; mean loss of the pair over the spectrum's time [W]; (n, R)."""

    life_load_ratio: jax.Array
    static_safety: jax.Array
    speed_ratio: jax.Array
    mean_loss: jax.Array


@dataclasses.dataclass(frozen=True)
class BearingChoice:
    """A row with what it was chosen by (see `CatalogueRating`)."""

    row: CatalogueBearing
    life_load_ratio: float
    static_safety: float
    speed_ratio: float
    mean_loss: float

    @property
    def margin(self) -> float:
        """Smallest relative margin, >= 0 where the bearing holds."""
        return min(self.life_load_ratio - 1.0, self.static_safety / STATIC_SAFETY - 1.0, self.speed_ratio - 1.0)


def with_induced_thrust(bearing: Bearing, loads: BearingLoad) -> BearingLoad:
    """Loads (..., 2, K) of a pair of tapered rollers face to face: each pushes with F_r/(2 Y), and the pair settles at
    the larger thrust (SKF catalogue, calculation of single row tapered bearings). The first takes the outer thrust."""
    own = 0.5 * loads.radial / bearing.axial_factor
    outer = loads.axial[..., 0, :]
    first = jnp.maximum(own[..., 0, :], own[..., 1, :] + outer)
    second = jnp.maximum(own[..., 1, :], own[..., 0, :] - outer)
    return BearingLoad(radial=loads.radial, axial=jnp.stack([first, second], axis=-2))


@pytree
class ShaftDuty:
    """What the bearings of n shafts do: loads (n, 2, K), turns and speeds [rad/s] (n, K), highest speed (n,) [rad/s],
    share of the time (K,), the oil's viscosity [m^2/s] and the starvation constant K_rs."""

    loads: BearingLoad
    turns: jax.Array
    speeds: jax.Array
    highest: jax.Array
    share: jax.Array
    viscosity: jax.Array
    starvation: float | jax.Array


def shaft_duty(gearbox: Gearbox, spectrum: LoadSpectrum, maximum_output_speed: jax.Array) -> ShaftDuty:
    """Of the shafts of `ball_bearings`; spectrum and highest speed [rad/s] at the axle; oil at `SUMP_CELSIUS`."""
    speeds = spectrum.axle_speed * shaft_speed_ratios(gearbox)[:, None]
    return ShaftDuty(
        loads=bearing_loads(gearbox, stacked_geometry(gearbox), spectrum.axle_torque, spectrum.axle_speed),
        turns=speeds * spectrum.duration / (2.0 * jnp.pi),
        speeds=speeds,
        highest=highest_shaft_speeds(gearbox, maximum_output_speed),
        share=spectrum.duration / jnp.sum(spectrum.duration),
        viscosity=kinematic_viscosity(gearbox.oil, SUMP_CELSIUS),
        starvation=gearbox.manufacture.bearing_starvation,
    )


def rated_pairs(duty: ShaftDuty, bearings: Bearing) -> tuple[jax.Array, jax.Array, jax.Array]:
    """(life load ratio, static safety, mean loss [W]) of pairs of bearings (n,) on n shafts, (n,)."""

    def pair(bearing: Bearing, load: BearingLoad, turned: jax.Array, speed: jax.Array) -> tuple[jax.Array, ...]:
        load = with_induced_thrust(bearing, load) if bearing.kind == TAPERED else load
        equivalent = equivalent_load(bearing, load.radial, load.axial)
        life = life_load_ratio(bearing.dynamic_rating, equivalent, turned, life_exponent(bearing.kind))
        static = bearing.static_rating / static_load(bearing, load.radial, load.axial)
        loss = friction_torque(bearing, load.radial, load.axial, speed, duty.viscosity, duty.starvation) * speed
        return jnp.min(life), jnp.min(static), jnp.sum(loss * duty.share)

    return jax.vmap(pair)(bearings, duty.loads, duty.turns, duty.speeds)  # type: ignore[return-value]


def catalogue_ratings(duty: ShaftDuty, kind: str = BALL) -> CatalogueRating:
    """All rows of a kind on all shafts. Ball bearings run up to `SPEED_LIMIT`, rollers up to the catalogue's limiting
    speed."""
    rows, shafts = rows_of_kind(kind), len(duty.highest)
    table = jax.tree.map(
        lambda *leaves: jnp.broadcast_to(jnp.stack(leaves)[:, None], (len(rows), shafts)),
        *[real_bearing(row) for row in rows],
    )
    life, static, loss = jax.vmap(lambda bearings: rated_pairs(duty, bearings), out_axes=1)(table)
    limits = [row.limiting_speed for row in rows]
    if kind == BALL:
        limits = [SPEED_LIMIT * RPM / (0.5e3 * (row.bore + row.outer)) for row in rows]
    return CatalogueRating(
        life_load_ratio=life,
        static_safety=static,
        speed_ratio=jnp.asarray(limits) / duty.highest[:, None],
        mean_loss=loss,
    )


def rated_row(rating: CatalogueRating, shaft: int, kind: str, k: int) -> BearingChoice:
    """Row k of a kind on a shaft (by number)."""
    return BearingChoice(
        row=rows_of_kind(kind)[k],
        life_load_ratio=float(rating.life_load_ratio[shaft, k]),
        static_safety=float(rating.static_safety[shaft, k]),
        speed_ratio=float(rating.speed_ratio[shaft, k]),
        mean_loss=float(rating.mean_loss[shaft, k]),
    )


def own_bearing(bore: float, outer: float, rating: CatalogueRating, shaft: int) -> BearingChoice | None:
    """The ball bearing of exactly these sizes [m] on a shaft, None where the catalogue has none; rating: of balls."""
    row = row_of_sizes(bore, outer)
    return None if row is None else rated_row(rating, shaft, BALL, rows_of_kind(BALL).index(row))


def choose_bearing(bore: float, ratings: dict[str, CatalogueRating], shaft: int) -> BearingChoice:
    """The lightest row whose bore fits a wanted one [m] and that holds on a shaft (by number), of the first kind of
    `ratings` that has one; where none holds, the one with the largest margin. ValueError where there is no such
    bore."""
    best: list[BearingChoice] = []
    for kind, rating in ratings.items():
        rated = [
            rated_row(rating, shaft, kind, k)
            for k, row in enumerate(rows_of_kind(kind))
            if -BORE_BELOW <= row.bore - bore <= BORE_ABOVE
        ]
        holding = [choice for choice in rated if choice.margin >= 0.0]
        if holding:
            return min(holding, key=lambda c: c.row.mass)
        best += rated
    if not best:
        bores = sorted({round(row.bore * 1e3) for kind in ratings for row in rows_of_kind(kind)})
        kinds = " or ".join(ratings)
        raise ValueError(f"no {kinds} bearing for a bore of {bore * 1e3:.1f} mm: {bores[0]} to {bores[-1]} mm exist")
    return max(best, key=lambda c: c.margin)


def bearing_fields(gearbox: Gearbox) -> tuple[str, ...]:
    """Fields of `Gearbox` with a pair of bearings, in the order of `ball_bearings`."""
    return tuple(name for name in SHAFTS if getattr(gearbox, name) is not None)


def with_real_bearings(
    gearbox: Gearbox, spectrum: LoadSpectrum, maximum_output_speed: float, kinds: Sequence[str] = (BALL,)
) -> tuple[Gearbox, dict[str, BearingChoice]]:
    """The gearbox with catalogue bearings on every shaft, and the choice by field; rate it again for its margins.

    spectrum at the axle; maximum_output_speed [rad/s] at the axle. kinds: in the order in which they are asked; the
    formulas of a whole gearbox need one kind on all shafts (with several kinds, take the choices alone).
    """
    duty = shaft_duty(gearbox, spectrum, jnp.asarray(maximum_output_speed, float))
    rated = {kind: catalogue_ratings(duty, kind) for kind in kinds}
    choices = {
        name: choose_bearing(float(getattr(gearbox, name).bore), rated, k)
        for k, name in enumerate(bearing_fields(gearbox))
    }
    return replace(gearbox, **{name: real_bearing(choice.row) for name, choice in choices.items()}), choices
