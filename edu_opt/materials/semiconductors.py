"""Catalogue of power modules by name; laws in `semiconductor_laws`, rows in the two module files."""

from __future__ import annotations

from edu_opt.materials.semiconductor_laws import (
    REFERENCE_CELSIUS,
    Channel,
    Device,
    SwitchingEnergy,
    ThermalResponse,
    in_parallel,
)
from edu_opt.materials.silicon_carbide_modules import (
    infineon_fs03mr12a6ma1b,
    unitedsic_uf3sc065007k4s_x4,
    wolfspeed_c3m0060065j_x24,
    wolfspeed_cab450m12xm3,
    wolfspeed_cab530m12bm3,
    wolfspeed_wab300m12bm3,
)
from edu_opt.materials.silicon_modules import (
    fuji_2mbi300xbe120,
    fuji_2mbi400xbe065,
    fuji_2mbi600xee065,
    infineon_fs800r07a2e3,
)

__all__ = [
    "DEVICES",
    "REFERENCE_CELSIUS",
    "Channel",
    "Device",
    "SwitchingEnergy",
    "ThermalResponse",
    "device",
    "fuji_2mbi600xee065",
    "in_parallel",
    "wolfspeed_cab450m12xm3",
]

DEVICES = {
    row.__name__: row
    for row in (
        fuji_2mbi600xee065,
        fuji_2mbi400xbe065,
        infineon_fs800r07a2e3,
        fuji_2mbi300xbe120,
        wolfspeed_c3m0060065j_x24,
        unitedsic_uf3sc065007k4s_x4,
        wolfspeed_cab450m12xm3,
        wolfspeed_cab530m12bm3,
        wolfspeed_wab300m12bm3,
        infineon_fs03mr12a6ma1b,
    )
}


def device(name: str) -> Device:
    """Parameter set by name; an unknown name raises KeyError with the known ones."""
    if name not in DEVICES:
        raise KeyError(f"unknown power module {name!r}; known: {', '.join(DEVICES)}")
    return DEVICES[name]()
