"""Rotor layouts by name: the kind of motor that each belongs to and the flux barriers that it is drawn with.

A layout is a static choice: it fixes the design variables of the rotor and the shape of its field grid.
"""

from __future__ import annotations

import dataclasses

from edu_opt.motor.barriers import Barrier

_AIR, _MAGNET = Barrier(post=True), Barrier(centre="magnet")
_MAGNET_ON_POST = Barrier(centre="magnet", post=True)


@dataclasses.dataclass(frozen=True)
class RotorLayout:
    """Kind of motor and barriers from the surface inwards (none: the kind's own template); `open_bars`: the slots of a
    cage are open to the air gap."""

    kind: str
    barriers: tuple[Barrier, ...] = ()
    open_bars: bool = False

    @property
    def has_magnets(self) -> bool:
        """True if magnets are inserted."""
        return self.kind == "ipm" or any("magnet" in (b.centre, b.arm) for b in self.barriers)


# Barriers of a bare synrm stand on posts: without them the bridges alone would carry the pole at top speed.
ROTOR_LAYOUTS: dict[str, RotorLayout] = {
    "salient": RotorLayout("eesm"),
    "single_v": RotorLayout("ipm"),
    "double_v": RotorLayout("ipm", (_MAGNET_ON_POST, _MAGNET_ON_POST)),
    "flat_bar": RotorLayout("ipm", (_MAGNET,)),
    "closed_bars": RotorLayout("im"),
    "open_bars": RotorLayout("im", open_bars=True),
    "two_barriers": RotorLayout("synrm", (_AIR, _AIR)),
    "three_barriers": RotorLayout("synrm", (_AIR, _AIR, _AIR)),
    "two_barriers_assisted": RotorLayout("synrm", (_MAGNET_ON_POST, _MAGNET_ON_POST)),
    "three_barriers_assisted": RotorLayout("synrm", (_MAGNET_ON_POST, _MAGNET_ON_POST, _MAGNET_ON_POST)),
}
DEFAULT_LAYOUTS = {"eesm": "salient", "ipm": "single_v", "im": "closed_bars", "synrm": "three_barriers"}


def layouts_of(kind: str) -> tuple[str, ...]:
    """Names of the layouts of a kind of motor."""
    return tuple(name for name, layout in ROTOR_LAYOUTS.items() if layout.kind == kind)
