"""Gearbox layouts by name."""

from __future__ import annotations

from edu_opt.gearbox.layouts import (
    parallel_axis,
    planetary_layshaft,
    simple_planetary,
    stepped_planetary,
    two_speed,
)
from edu_opt.gearbox.layouts.layout import GearBody, Layout

_MODULES = (parallel_axis, stepped_planetary, simple_planetary, planetary_layshaft, two_speed)
_LAYOUTS = {module.LAYOUT.name: module.LAYOUT for module in _MODULES}
ALIASES = {"stepped_planetary": "planetary"}  # the clear name of what studies know as planetary
LAYOUTS = tuple(_LAYOUTS)


def layout_named(name: str) -> Layout:
    """Layout of a name or alias; an unknown name is refused with the known ones."""
    name = ALIASES.get(name, name)
    if name not in _LAYOUTS:
        raise KeyError(f"gearbox layout {name!r} is not among {', '.join(LAYOUTS)}")
    return _LAYOUTS[name]


__all__ = ["ALIASES", "LAYOUTS", "GearBody", "Layout", "layout_named"]
