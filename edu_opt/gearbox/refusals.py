"""Why a fixed gearbox cannot be built: sentences that name the layout, the part, the value received and the limit.

Searches get the same conditions as smooth margins (`edu_opt.gearbox.margins`); this is for designs that someone gives.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from edu_opt.gearbox.assembly import planets_fit
from edu_opt.gearbox.layouts import LAYOUTS, Layout, layout_named
from edu_opt.gearbox.model import Gearbox, ratio, require, stacked_geometry, stacked_stages
from edu_opt.gearbox.rating_geometry import GAP, RIM_DEPTH, GeometryRating, geometry_rating

POINTED = 0.2  # modules, least thickness at the tip of case-hardened teeth (ISO 6336-1 clause 4.1.2)


def ratio_refusal(layout: str, value: float) -> str | None:
    """Why a layout cannot have a ratio, with the layouts that can; None where it can."""
    structure = layout_named(layout)
    low, high = structure.ratio_range
    if low <= value <= high:
        return None
    others = [n for n in LAYOUTS if layout_named(n).ratio_range[0] <= value <= layout_named(n).ratio_range[1]]
    able = f"; layouts that can: {', '.join(others)}" if others else ""
    return f"gearbox layout {layout}: ratio {value:.4g} is outside {low:g} to {high:g} ({structure.ratio_reason}){able}"


def gear_name(layout: Layout, mesh: int, member: int) -> str:
    """What a gear is called: sun, planet, ring, or pinion and wheel of a stage."""
    part = layout.mesh_parts[mesh]
    planet = layout.train.meshes[mesh].planet
    if planet is None:
        speeds = sum(other == part for other in layout.mesh_parts)
        which = f" ({'second' if mesh == 0 else 'first'} gear)" if speeds > 1 else ""
        return f"{('pinion', 'wheel')[member]} of gear_stage_{part}{which}"
    if planet == ("pinion", "wheel")[member]:
        return f"planet of gear_stage_{part}"
    return f"{('sun', 'ring')[member]} of gear_stage_{part}"


def refusals(gearbox: Gearbox, peak_output_torque: float) -> tuple[str, ...]:
    """Sentences, one a fault, empty for a gearbox that can be built; peak axle torque [N m] sizes its shafts."""
    pairs, geometries = stacked_stages(gearbox), stacked_geometry(gearbox)
    rating = geometry_rating(gearbox, pairs, geometries, np.asarray(peak_output_torque))  # type: ignore[arg-type]
    faults = [ratio_refusal(gearbox.layout, float(ratio(gearbox)))]
    faults += _tooth_faults(gearbox.structure, np.asarray(pairs.teeth), rating)
    if gearbox.structure.has_planets:
        faults += _planet_faults(gearbox, np.asarray(pairs.teeth), rating)
    return tuple(fault for fault in faults if fault)


def _tooth_faults(layout: Layout, teeth: np.ndarray, rating: GeometryRating) -> Iterator[str]:
    """Faults of single gears and meshes."""
    for mesh, members in enumerate(teeth):
        for member, count in enumerate(members):
            name = gear_name(layout, mesh, member)
            undercut, room = float(rating.undercut[mesh, member]), float(rating.interference[mesh, member])
            tip = float(rating.tip_thickness[mesh, member])
            if abs(count - round(count)) > 1e-9:
                yield f"{name}: {abs(count):.6g} teeth are no whole number"
            if undercut < 0:
                yield f"{name}: {abs(count):.0f} teeth are undercut, its profile shift must rise by {-undercut:.3f}"
            if room < 0:
                yield f"{name}: interferes with its mate by {-room:.3f} modules"
            if tip < POINTED:
                yield f"{name}: {tip:.3f} modules thick at the tip, at least {POINTED}"
        if float(rating.contact_ratio[mesh]) < 1.0:
            yield f"{gear_name(layout, mesh, 0)}: contact ratio {float(rating.contact_ratio[mesh]):.3f}, at least 1"


def _planet_faults(gearbox: Gearbox, teeth: np.ndarray, rating: GeometryRating) -> Iterator[str]:
    """Faults of planets and what passes the sun."""
    planets = float(gearbox.planets)
    overlap = -float(rating.collision_gap[0])
    if overlap > 0:
        yield f"{planets:g} planets collide: neighbours lack {overlap * 1e3:.2f} mm of a gap of {GAP * 1e3:g} mm"
    if not planets_fit(gearbox.structure, teeth, round(planets)):
        counts = [n for n in (2, 3, 4, 5, 6) if planets_fit(gearbox.structure, teeth, n)]
        fitting = f"; that fit: {', '.join(map(str, counts))}" if counts else ""
        yield f"{planets:g} equally spaced planets cannot be put in with these teeth{fitting}"
    rim = float(rating.shaft_ratio[0])
    if gearbox.coaxial and rim < 1.0:
        yield (
            f"{gear_name(gearbox.structure, 0, 0)}: rim around the half shaft of "
            f"{float(gearbox.half_shaft_diameter) * 1e3:g} mm is {rim * RIM_DEPTH:.2f} modules, at least {RIM_DEPTH:g}"
        )
    if float(rating.shaft_ratio[1]) < 1.0:
        yield f"planet of gear_stage_1: too small for its pin of {float(require(gearbox.planet_pin)) * 1e3:g} mm"
