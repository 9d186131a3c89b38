"""What candidates learn from each other at a refresh: better starts, and directions that fill gaps of the front."""

from __future__ import annotations

import numpy as np

from edu_opt.optimize import scalarization
from edu_opt.optimize.candidates import Candidates
from edu_opt.optimize.directions import extend, farthest_first, largest_lattice, to_simplex_plane
from edu_opt.optimize.hypervolume import is_nondominated
from edu_opt.optimize.settings import OptimizerSettings
from edu_opt.optimize.start import START_PENALTY

WORTH_MOVING = 0.02  # gain of merit, in units of the front's span, for which a candidate gives up its own start
ALMOST_FEASIBLE = 1e-3
HOPELESS = 0.1  # a margin this far below zero after a whole round
NEAR_DUPLICATE = 2e-3
REACH = 0.25


def share_starts(candidates: Candidates, settings: OptimizerSettings, failed_only: bool) -> int:
    """Lanes for which another lane's point is clearly better take that point; branches that lose everywhere end.

    Violations weigh little here: right after a refresh all lanes violate something, and the one that violates least
    must not replace all others; but a lane that is far from feasible is nobody's better start. `failed_only` limits
    this to lanes that are invalid or far from feasible: early on, variety is worth more.
    """
    count = len(candidates)
    table = scalarization.merit(
        candidates.objectives[None],
        candidates.margins[None],
        candidates.valid[None],
        candidates.weight[:, None],
        candidates.anchor[:, None],
        np.array(START_PENALTY),
        settings.margin_target,
    )
    hopeless = ~candidates.valid | (candidates.margins.min(axis=1, initial=np.inf) < -HOPELESS)
    own = np.diagonal(table).copy()
    foreign = (candidates.home >= 0)[:, None] & (candidates.home[:, None] != candidates.branch[None])
    table = np.where((hopeless[None] | foreign) & ~np.eye(count, dtype=bool), np.inf, table)
    best = table.argmin(axis=1)
    with np.errstate(invalid="ignore"):
        gain = own - table[np.arange(count), best]
    wanting = np.isfinite(table.min(axis=1)) & ~(gain <= WORTH_MOVING)
    if failed_only:
        wanting &= hopeless
    lanes = np.flatnonzero(wanting)
    if len(lanes):
        candidates.copy_lanes(lanes, best[lanes])
    return len(lanes)


def release_corners(candidates: Candidates, settings: OptimizerSettings) -> int:
    """Of the lanes that minimize an objective in one branch each, keep the best; the others may fill gaps, anywhere."""
    merit = candidates.merit(settings.margin_target)
    bound = candidates.home >= 0
    losers = bound.copy()
    for objective in np.unique(candidates.corner[bound]):
        lanes = np.flatnonzero(bound & (candidates.corner == objective))
        losers[lanes[merit[lanes].argmin()]] = False
    candidates.corner[losers] = -1
    candidates.home[bound] = -1
    return int(losers.sum())


def contributing(candidates: Candidates, bounds: scalarization.Bounds) -> np.ndarray:
    """Lanes (B,) that are (almost) feasible, not dominated by such lanes, and not copies of an earlier one."""
    good = candidates.valid & (candidates.margins.min(axis=1, initial=np.inf) >= -ALMOST_FEASIBLE)
    lanes = np.flatnonzero(good)
    lanes = lanes[is_nondominated(candidates.objectives[lanes])]
    scaled = (candidates.objectives[lanes] - bounds.ideal) / bounds.span
    result = np.zeros(len(candidates), dtype=bool)
    for k, lane in enumerate(lanes):
        earlier = scaled[:k][result[lanes[:k]]]
        result[lane] = not len(earlier) or np.abs(earlier - scaled[k]).max(axis=1).min() > NEAR_DUPLICATE
    return result


def fill_gaps(candidates: Candidates, settings: OptimizerSettings, bounds: scalarization.Bounds) -> int:
    """Lanes that add nothing to the front go to the widest gaps, starting from the nearest lane that does."""
    useful = contributing(candidates, bounds)
    idle = np.flatnonzero(~useful & (candidates.corner < 0))
    donors = np.flatnonzero(useful)
    objectives = candidates.objectives.shape[1]
    if not len(idle) or len(donors) <= objectives or objectives == 1:
        return 0
    plane = to_simplex_plane((candidates.objectives[donors] - bounds.ideal) / bounds.span)
    lattice = extend(largest_lattice(objectives, 2000), settings.direction_extension)
    targets = farthest_first(lattice, plane, len(idle), REACH)
    nearest = np.array([np.linalg.norm(plane - target, axis=1).argmin() for target in targets])
    candidates.copy_lanes(idle, donors[nearest])
    candidates.direction[idle] = targets
    candidates.step_radius[idle] = settings.step_radius
    candidates.active[idle] = True
    candidates.aim(bounds)
    return len(idle)
