"""What stands behind a finished design: the real bearings of its shafts, and why its gearbox could not be built.

The search ends on catalogue bearings (`edu_opt.gearbox.layouts.layout.bearing_variables`): a reported design names its
own. A design from elsewhere may have bearings of any size: it names the lightest ones that hold at its loads. Both are
rated anew: life, static safety, speed, mass, loss. The program for that is small and apart from the search's.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from edu_opt.gearbox.bearing_catalogue import BALL, TAPERED
from edu_opt.gearbox.bearing_choice import (
    BearingChoice,
    CatalogueRating,
    bearing_fields,
    catalogue_ratings,
    choose_bearing,
    own_bearing,
    rated_pairs,
    shaft_duty,
)
from edu_opt.gearbox.bearings import Bearing
from edu_opt.gearbox.model import ball_bearings, gearbox_from_values, gearbox_space
from edu_opt.gearbox.refusals import refusals
from edu_opt.problem.data import StudyData
from edu_opt.problem.gear_checks import life_spectrum

KINDS = (BALL, TAPERED)  # in the order in which they are asked
DESIGNS_AT_ONCE = 16
PLACE, INSTEAD = "part.bearing_set.", "_instead"

ROUNDING = 1e-6  # of a ratio at its limit

Ratings = tuple[dict[str, CatalogueRating], jax.Array, Bearing]


def gear_values(layout: str, design: Mapping[str, float]) -> np.ndarray:
    """Values (n,) of a layout's space from design values by name (SI)."""
    return np.array([float(design[name]) for name in gearbox_space(layout).names])


@functools.cache
def _program(layout: str) -> Callable[..., Ratings]:
    """Compiled: gear values (B, n), peak axle torque (B,), data -> catalogue ratings by kind, the design's bearings
    and their loss [W] (B, shafts)."""

    def one(values: jax.Array, peak_torque: jax.Array, data: StudyData) -> Ratings:
        gearbox = gearbox_from_values(layout, values)
        fastest = data.top_speed / data.vehicle.wheel_radius
        duty = shaft_duty(gearbox, life_spectrum(data, peak_torque), fastest)
        bearings = ball_bearings(gearbox)
        rated = {kind: catalogue_ratings(duty, kind) for kind in KINDS}
        return rated, rated_pairs(duty, bearings)[2], bearings

    return jax.jit(jax.vmap(one, (0, 0, None)))


def _in_chunks(layout: str, values: np.ndarray, peak_torque: np.ndarray, data: StudyData) -> Any:
    """The program's results for any number of designs; the last chunk is filled with its first design."""
    pieces = []
    for start in range(0, len(values), DESIGNS_AT_ONCE):
        rows = np.arange(start, start + DESIGNS_AT_ONCE)
        rows = np.where(rows < len(values), rows, start)
        pieces.append(_program(layout)(values[rows], peak_torque[rows], data))
    return jax.tree.map(lambda *leaves: np.concatenate([np.asarray(leaf) for leaf in leaves])[: len(values)], *pieces)


def real_bearings(layout: str, values: np.ndarray, peak_torque: np.ndarray, data: StudyData) -> list[dict[str, Any]]:
    """Columns `part.bearing_set.SHAFT` (designation) and `result.bearing_set.real_*` of designs (K, n) with their peak
    axle torques (K,) [N m]. Of several shafts the worst ratio counts; mass and loss are sums over the pairs.
    `part.bearing_set.SHAFT_instead`: a pair of tapered rollers that holds where the design's own bearing does not."""
    rated, losses, bearings = _in_chunks(layout, values, peak_torque, data)
    fields = bearing_fields(jax.eval_shape(functools.partial(gearbox_from_values, layout), values[0]))
    columns = []
    for k in range(len(values)):
        own = jax.tree.map(lambda leaf, k=k: leaf[k], rated)
        sizes = zip(bearings.bore[k], bearings.outer[k], strict=True)
        chosen = {
            field: _chosen(float(bore), float(outer), own, shaft)
            for shaft, (field, (bore, outer)) in enumerate(zip(fields, sizes, strict=True))
        }
        columns.append(_columns(chosen, losses[k], 2.0 * bearings.mass[k]))
    return columns


Chosen = tuple[BearingChoice | None, str | None]  # bearing of a shaft, what would hold instead


def _chosen(bore: float, outer: float, rated: dict[str, CatalogueRating], shaft: int) -> Chosen:
    """The design's own row, else one that fits its bore [m]; none where the catalogue has no such bore."""
    own = own_bearing(bore, outer, rated[BALL], shaft)
    try:
        if own is None:
            return choose_bearing(bore, rated, shaft), None
        rollers = choose_bearing(bore, {TAPERED: rated[TAPERED]}, shaft)
    except ValueError:
        return own, None
    helps = own.margin < -ROUNDING and rollers.margin >= 0.0
    return own, rollers.row.designation if helps else None


def _columns(chosen: Mapping[str, Chosen], own_losses: np.ndarray, own_masses: np.ndarray) -> dict[str, Any]:
    """Columns of one design with its own bearings' losses [W] and masses [kg]; NaN where a shaft has no bearing of its
    bore."""

    def over(value: Callable[[BearingChoice], float]) -> np.ndarray:
        return np.array([np.nan if choice is None else value(choice) for choice, _ in chosen.values()])

    shafts = {field: f"{PLACE}{field.removesuffix('_bearing')}" for field in chosen}
    names = {shafts[f]: "none" if choice is None else choice.row.designation for f, (choice, _) in chosen.items()}
    others = {f"{shafts[f]}{INSTEAD}": other for f, (_, other) in chosen.items() if other is not None}
    mass, loss = over(lambda c: 2.0 * c.row.mass), over(lambda c: c.mean_loss)
    return (names | others) | {
        "result.bearing_set.real_life_load_ratio_1": float(over(lambda c: c.life_load_ratio).min()),
        "result.bearing_set.real_static_safety_1": float(over(lambda c: c.static_safety).min()),
        "result.bearing_set.real_speed_ratio_1": float(over(lambda c: c.speed_ratio).min()),
        "result.bearing_set.real_mass_change_kg": float(mass.sum() - own_masses.sum()),
        "result.bearing_set.real_mean_loss_change_w": float(loss.sum() - own_losses.sum()),
    }


def bearing_faults(columns: Mapping[str, Any]) -> list[str]:
    """Sentences about shafts that no catalogue bearing serves."""
    named = {k.removeprefix(PLACE): v for k, v in columns.items() if k.startswith(PLACE)}
    others = {k.removesuffix(INSTEAD): v for k, v in named.items() if k.endswith(INSTEAD)}
    named = {k: v for k, v in named.items() if not k.endswith(INSTEAD)}
    faults = [f"{shaft} bearing: none of that bore in the catalogue" for shaft, row in named.items() if row == "none"]
    for ratio, what in (("life_load", "life"), ("speed", "speed limit")):
        value = columns[f"result.bearing_set.real_{ratio}_ratio_1"]
        if value < 1.0 - ROUNDING:
            rows = ", ".join(f"{shaft} {row}" for shaft, row in named.items())
            faults.append(f"real bearings ({rows}) reach {value:.3f} of the {what} asked for")
    faults += [f"{shaft} bearing: a pair of tapered rollers {row} would hold" for shaft, row in others.items()]
    return faults


def gearbox_faults(layout: str, design: Mapping[str, float], peak_torque: float) -> tuple[str, ...]:
    """Why the gearbox of a design (SI values by name) cannot be built; peak axle torque [N m]."""
    return refusals(gearbox_from_values(layout, jnp.asarray(gear_values(layout, design))), peak_torque)
