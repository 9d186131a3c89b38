"""Field grids: counts of cells by section (static), regions of the cells, interpolation between levels.

Stator and rotor are logically rectangular: rings (rows) times columns. Ring 0 carries A = 0 (stator outer circle,
shaft), the last ring is the gap ring. Columns run over one sector; the column after the last is the first one of the
next sector, with the template's wrap sign. A level refines every section, so levels are nested in index space.
"""

from __future__ import annotations

import dataclasses
import functools
from enum import IntEnum

import numpy as np

from edu_opt.motor.field.grid_sections import Section, column_shares, row_counts, share_cells, starts
from edu_opt.motor.geometry import Template

LEVELS = ("XS", "S", "M", "L")


class Region(IntEnum):
    """What fills a cell."""

    AIR = 0
    STATOR_YOKE = 1
    TOOTH = 2
    TOOTH_TIP = 3
    SLOT = 4
    ROTOR_IRON = 5
    POLE_BODY = 6
    POLE_SHOE = 7
    FIELD_COIL = 8
    MAGNET = 9
    ROTOR_SURFACE = 10  # iron between pockets and air gap: pole cap, bridges
    BAR = 11


STEEL = (
    Region.STATOR_YOKE,
    Region.TOOTH,
    Region.TOOTH_TIP,
    Region.ROTOR_IRON,
    Region.POLE_BODY,
    Region.POLE_SHOE,
    Region.ROTOR_SURFACE,
)

# Half a slot pitch: (opening, shoulder, tooth); rings from the outside: (yoke, body, wedge, tip).
_STATOR = {
    ("wedge", "XS"): ((1, 0, 1), (2, 4, 1, 1)),
    ("wedge", "S"): ((1, 0, 2), (3, 4, 1, 2)),
    ("wedge", "M"): ((2, 0, 3), (4, 8, 2, 2)),
    ("wedge", "L"): ((3, 0, 5), (6, 12, 3, 3)),
    ("shoulder", "XS"): ((1, 1, 1), (2, 4, 0, 1)),
    ("shoulder", "S"): ((1, 1, 2), (3, 6, 0, 2)),
    ("shoulder", "M"): ((2, 1, 3), (4, 8, 0, 2)),
    ("shoulder", "L"): ((2, 2, 4), (6, 12, 0, 3)),
}
# Rotor columns per slot pitch at the gap ring: below 6 the unsaturated flux and the ripple of salient poles suffer.
_ROTOR_COLUMNS = {"XS": 3.0, "S": 4.5, "M": 7.0, "L": 11.0}
_FEWEST_SLOTS = 6  # with fewer slots per pole the rotor keeps the columns of so many: its parts are as fine as ever
# Rings from the shaft. eesm: yoke, bottom clearance, coil, top clearance, shoe, pole gap. ipm: below V, V, above V.
_ROTOR_ROWS = {
    ("eesm", "XS"): (3, 1, 3, 1, 2, 1),
    ("eesm", "S"): (4, 1, 4, 1, 2, 1),
    ("eesm", "M"): (5, 1, 6, 1, 3, 2),
    ("eesm", "L"): (8, 1, 9, 1, 5, 3),
    ("ipm", "XS"): (3, 2, 1),
    ("ipm", "S"): (4, 2, 2),
    ("ipm", "M"): (5, 3, 3),
    ("ipm", "L"): (8, 4, 4),
    ("im", "XS"): (2, 4, 1),  # yoke, bar, bridge or opening
    ("im", "S"): (3, 5, 2),
    ("im", "M"): (4, 7, 2),
    ("im", "L"): (6, 10, 3),
}
# Half a bar pitch: (opening, shoulder, tooth); a closed slot counts as shoulder.
_BAR_COLUMNS = {
    (True, "XS"): (1, 1, 1),
    (True, "S"): (1, 1, 1),
    (True, "M"): (1, 1, 2),
    (True, "L"): (2, 2, 3),
    (False, "XS"): (0, 1, 1),
    (False, "S"): (0, 2, 1),
    (False, "M"): (0, 2, 2),
    (False, "L"): (0, 3, 3),
}
# Sections of half a pole from the d axis, with their shares of the half pitch on a usual design.
_POLE_SECTIONS = {
    "eesm": {"body": 0.42, "overhang": 0.36, "interpolar": 0.22},
    "ipm": {"post": 0.03, "inner": 0.05, "magnet": 0.55, "pocket": 0.08, "pocket_arc": 0.10, "web": 0.19},
}


@dataclasses.dataclass(frozen=True)
class FieldGrid:
    """Static description of one grid: template and level ("XS", "S", "M" or "L")."""

    template: Template
    level: str

    def __post_init__(self) -> None:
        if self.level not in LEVELS:
            raise ValueError(f"grid level must be one of {LEVELS}, got {self.level!r}")

    @property
    def coarser(self) -> FieldGrid | None:
        """Grid from which a cold start is interpolated; None for XS."""
        return None if self.level == "XS" else FieldGrid(self.template, {"S": "XS", "M": "XS", "L": "S"}[self.level])

    @property
    def stator_half(self) -> tuple[int, int, int]:
        """Columns of half a slot pitch: opening, shoulder (0 with a wedge), tooth."""
        return _STATOR[self.template.slot_shape, self.level][0]

    @property
    def stator_rows(self) -> tuple[int, int, int, int]:
        """Cell rows from the outside: yoke, winding area, wedge (0 with a shoulder), tip."""
        return _STATOR[self.template.slot_shape, self.level][1]

    @property
    def rotor_half(self) -> tuple[int, ...]:
        """Columns of half a pole, section by section from the d axis; im: of half a bar pitch from the bar's axis."""
        if self.template.rotor == "im":
            return _BAR_COLUMNS[self.template.open_bars, self.level]
        if self.template.barriers:
            return tuple(self.column_sections.values())
        return _share_columns(self.template, self.level)

    @property
    def rotor_rows(self) -> tuple[int, ...]:
        """Cell rows from the shaft."""
        if self.template.barriers:
            return tuple(row_counts(self.template.barriers, self.level).values())
        return _ROTOR_ROWS[self.template.rotor, self.level]

    @property
    def column_sections(self) -> dict[Section, int]:
        """Cells of every column section of a layered rotor, from the d axis."""
        shares = column_shares(self.template.barriers)
        counts = _spread_columns(tuple(shares.values()), float(self.template.slots_per_pole), self.level)
        return dict(zip(shares, counts, strict=True))

    def barrier_lines(self, k: int) -> tuple[int, int, int, int]:
        """Column and row of the inner knee of barrier k, column and row of its outer knee."""
        columns, rows = starts(self.column_sections), starts(row_counts(self.template.barriers, self.level))
        left, low = columns["arm", k], rows["band", k]
        high = low + row_counts(self.template.barriers, self.level)["band", k]
        return left, high, left + self.column_sections["arm", k], low

    @property
    def rotor_units(self) -> int:
        """Equal parts of the sector's rotor, each twice `rotor_half` wide: poles, or the bars of a cage."""
        return self.template.bars_per_sector or self.template.poles_per_sector

    @property
    def stator_shape(self) -> tuple[int, int]:
        """Cells of the stator: rows, columns of the sector."""
        return sum(self.stator_rows), 2 * sum(self.stator_half) * self.template.slots_per_sector

    @property
    def rotor_shape(self) -> tuple[int, int]:
        """Cells of the rotor: rows, columns of the sector."""
        return sum(self.rotor_rows), 2 * sum(self.rotor_half) * self.rotor_units

    @property
    def unknowns(self) -> int:
        """Number of potentials that are solved for."""
        return self.stator_shape[0] * self.stator_shape[1] + self.rotor_shape[0] * self.rotor_shape[1]

    @property
    def harmonics(self) -> np.ndarray:
        """Air-gap harmonics, as multiples of half a period over the sector; odd for anti-periodic sectors, else
        even."""
        count = int(1.5 * max(self.stator_shape[1], self.rotor_shape[1]))
        return 2 * np.arange(count) + (1 if self.template.wrap_sign < 0 else 0)


@functools.cache
def _share_columns(template: Template, level: str) -> tuple[int, ...]:
    """Columns of each section of half a pole (eesm, single V)."""
    shares = dict(_POLE_SECTIONS[template.rotor])
    if template.rotor == "ipm":
        web = template.web_share or shares["web"]
        others = (1.0 - web) / (1.0 - shares["web"])
        shares = {name: web if name == "web" else others * share for name, share in shares.items()}
        if not template.post:
            shares["inner"] += shares["post"]
            shares["post"] = 0.0
    return _spread_columns(tuple(shares.values()), float(template.slots_per_pole), level)


@functools.cache
def _spread_columns(shares: tuple[float, ...], slots_per_pole: float, level: str) -> tuple[int, ...]:
    """Columns of sections with given shares of half a pole: at least one each, the rest where cells would be widest."""
    total = int(np.ceil(0.5 * _ROTOR_COLUMNS[level] * max(slots_per_pole, _FEWEST_SLOTS)))
    return share_cells(np.array(shares), max(total, sum(share > 0 for share in shares)))


@functools.cache
def stator_regions(grid: FieldGrid) -> np.ndarray:
    """Region of every stator cell, shape (rows, columns)."""
    opening, shoulder, tooth = grid.stator_half
    yoke, body, wedge, _ = grid.stator_rows
    half = np.full((sum(grid.stator_rows), opening + shoulder + tooth), int(Region.STATOR_YOKE))
    half[yoke:] = Region.TOOTH
    half[yoke + body :] = Region.TOOTH_TIP
    half[yoke : yoke + body, : opening + shoulder] = Region.SLOT
    half[yoke + body : yoke + body + wedge, : opening + shoulder] = Region.AIR
    half[yoke + body + wedge :, :opening] = Region.AIR
    return np.tile(np.concatenate([half, half[:, ::-1]], 1), (1, grid.template.slots_per_sector))


@functools.cache
def slot_cells(grid: FieldGrid) -> np.ndarray:
    """Sign with which each cell carries each slot's current, shape (slots, rows, columns), 0 outside the slot.

    Slot k is centred on k slot pitches; half of slot 0 lies at the sector's far end, with the wrap sign.
    """
    regions, slots = stator_regions(grid), grid.template.slots_per_sector
    columns = regions.shape[1]
    pitch = columns // slots
    shifted = np.arange(columns) + pitch // 2
    owner = np.where(np.arange(columns) // pitch == shifted // pitch, np.arange(columns) // pitch, shifted // pitch)
    sign = np.where(owner == slots, grid.template.wrap_sign, 1)
    mask = (owner % slots)[None, None] == np.arange(slots)[:, None, None]
    return np.where(mask & (regions == Region.SLOT)[None], sign[None, None].astype(float), 0.0)


@functools.cache
def rotor_regions(grid: FieldGrid) -> np.ndarray:
    """Region of every rotor cell, shape (rows, columns)."""
    kind = "layers" if grid.template.barriers else grid.template.rotor
    half = {"eesm": _eesm_half, "ipm": _ipm_half, "im": _cage_half, "layers": _layered_half}[kind](grid)
    return np.tile(np.concatenate([half[:, ::-1], half], 1), (1, grid.rotor_units))


def _eesm_half(grid: FieldGrid) -> np.ndarray:
    body, overhang, _ = grid.rotor_half
    yoke, bottom, coil, top, shoe, _ = grid.rotor_rows
    half = np.full((sum(grid.rotor_rows), sum(grid.rotor_half)), int(Region.AIR))
    half[:yoke] = Region.ROTOR_IRON
    shoe_start = yoke + bottom + coil + top
    half[yoke:shoe_start, :body] = Region.POLE_BODY
    half[yoke + bottom : yoke + bottom + coil, body : body + overhang] = Region.FIELD_COIL
    half[shoe_start : shoe_start + shoe, : body + overhang] = Region.POLE_SHOE
    return half


def _ipm_half(grid: FieldGrid) -> np.ndarray:
    post, inner, magnet, pocket, arc, _ = grid.rotor_half
    below, inside, _ = grid.rotor_rows
    half = np.full((sum(grid.rotor_rows), sum(grid.rotor_half)), int(Region.ROTOR_IRON))
    rows = slice(below, below + inside)
    half[below + inside :] = Region.ROTOR_SURFACE
    half[rows, post : post + inner + magnet + pocket + arc] = Region.AIR
    half[rows, post + inner : post + inner + magnet] = Region.MAGNET
    return half


def _cage_half(grid: FieldGrid) -> np.ndarray:
    opening, shoulder, _ = grid.rotor_half
    yoke, bar, _ = grid.rotor_rows
    half = np.full((sum(grid.rotor_rows), sum(grid.rotor_half)), int(Region.ROTOR_IRON))
    half[yoke : yoke + bar, : opening + shoulder] = Region.BAR
    half[yoke + bar :] = Region.ROTOR_SURFACE
    half[yoke + bar :, :opening] = Region.AIR
    return half


def _layered_half(grid: FieldGrid) -> np.ndarray:
    rows, top = starts(row_counts(grid.template.barriers, grid.level)), starts(grid.column_sections)
    half = np.full((sum(grid.rotor_rows), sum(grid.rotor_half)), int(Region.ROTOR_IRON))
    half[rows["cap", 0] :, : top["arm", 0]] = Region.ROTOR_SURFACE
    half[rows["bridge", 0] :] = Region.ROTOR_SURFACE
    for k in range(len(grid.template.barriers)):
        half[barrier_cells(grid, k, "air")] = Region.AIR
        half[barrier_cells(grid, k, "centre magnet") | barrier_cells(grid, k, "arm magnet")] = Region.MAGNET
    return half


@functools.cache
def barrier_cells(grid: FieldGrid, k: int, part: str) -> np.ndarray:
    """Cells (rows, half columns) of barrier k that are "air", "centre magnet" or "arm magnet"."""
    barrier, columns = grid.template.barriers[k], starts(grid.column_sections)
    rows = starts(row_counts(grid.template.barriers, grid.level))
    near_column, near_row, column, row = grid.barrier_lines(k)
    masks = {name: np.zeros((sum(grid.rotor_rows), sum(grid.rotor_half)), bool) for name in ("centre", "arm")}
    magnets = {name: mask.copy() for name, mask in masks.items()}
    first = grid.column_sections["post", 0] if barrier.post else 0
    if barrier.centre != "iron":
        masks["centre"][row:near_row, first:column] = True
    if barrier.centre == "magnet":
        start = columns["centre", 0] if barrier.post else 0
        magnets["centre"][row:near_row, start : columns["end", k]] = True
        if barrier.rib:
            masks["centre"][row:near_row, columns["end", k] : near_column] = False
    masks["arm"][near_row : rows["bridge", 0], near_column:column] = True
    if barrier.arm == "magnet":
        magnets["arm"][rows["iron" if k else "cap", k] : rows["tail", 0], near_column:column] = True
    if part == "air":
        return (masks["centre"] | masks["arm"]) & ~magnets["centre"] & ~magnets["arm"]
    return magnets[part.split()[0]]


@functools.cache
def pole_signs(grid: FieldGrid) -> np.ndarray:
    """+1 on the rotor columns of N poles (pole 0), -1 on S poles, shape (columns,)."""
    per_pole = 2 * sum(grid.rotor_half)
    return np.repeat((-1.0) ** np.arange(grid.template.poles_per_sector), per_pole)


@functools.cache
def side_signs(grid: FieldGrid) -> np.ndarray:
    """+1 on the half of each pole beyond its d axis (growing angle), -1 before it, shape (columns,)."""
    half = sum(grid.rotor_half)
    return np.tile(np.repeat([-1.0, 1.0], half), grid.template.poles_per_sector)


@functools.cache
def steel_mask(grid: FieldGrid, part: str) -> np.ndarray:
    """True where a cell of `part` ("stator" or "rotor") is steel."""
    return np.isin(stator_regions(grid) if part == "stator" else rotor_regions(grid), [int(r) for r in STEEL])


def _coordinates(sections: tuple[int, ...]) -> np.ndarray:
    """Index coordinate of every line: whole numbers at section borders, equal at every level."""
    lines = [k + np.arange(n) / n for k, n in enumerate(sections) if n]
    return np.concatenate([*lines, [float(len(sections))]])


def _lines(grid: FieldGrid) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Index coordinates: stator rows, stator columns, rotor rows, rotor columns."""
    half, pole = grid.stator_half, grid.rotor_half
    return (
        _coordinates(grid.stator_rows),
        _coordinates((half + half[::-1]) * grid.template.slots_per_sector),
        _coordinates(grid.rotor_rows),
        _coordinates((pole[::-1] + pole) * grid.rotor_units),
    )


@functools.cache
def cell_parents(
    coarse: FieldGrid, fine: FieldGrid
) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """Row and column of the coarse cell that holds the centre of each fine row and column: (stator, rotor)."""
    found = []
    for inner, outer in zip(_lines(fine), _lines(coarse), strict=True):
        centres = 0.5 * (inner[1:] + inner[:-1])
        found.append(np.searchsorted(outer, centres, side="right") - 1)
    return (found[0], found[1]), (found[2], found[3])
