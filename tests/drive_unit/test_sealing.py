"""Openings of the unit, the classes of ISO 20653, water pressure at the wading depth."""

from __future__ import annotations

import dataclasses

import pytest

from edu_opt.drive_unit.sealing import LIP_HOLDS, WATER, Opening, code, openings, sealing

UNIT = openings(bottom=0.16, top=0.24, seal_diameter=0.038)
HOSED = openings(bottom=0.16, top=0.24, seal_diameter=0.038, breather_hose=0.4)


def test_static_pressure_at_the_lowest_opening() -> None:
    """0.9 m of water on the road, the axle at 0.396 m, the housing 0.16 m below: 0.664 m of water, 6.5 kPa."""
    found = sealing(HOSED, 0.396, 0.4, 0.9)
    assert found.lowest.name == "joints of the housing"
    assert found.immersion == pytest.approx(0.9 - 0.396 + 0.16)
    assert found.pressure == pytest.approx(1000.0 * 9.80665 * 0.664)
    lip = (0.9 - 0.396 + 0.019) * WATER / LIP_HOLDS
    joint = 0.664 * WATER / 30e3
    assert found.pressure_share == pytest.approx(max(lip, joint))


def test_the_breather_decides_how_deep_the_unit_may_wade() -> None:
    """Without a hose the unit's top, with one that much more; beyond 2 m the shaft's lip gives way first."""
    assert sealing(UNIT, 0.396, 0.0).tight_depth == pytest.approx(0.396 + 0.24)
    assert sealing(HOSED, 0.396, 0.4).tight_depth == pytest.approx(0.396 + 0.64)
    snorkel = openings(bottom=0.16, top=0.24, seal_diameter=0.038, breather_hose=5.0)
    found = sealing(snorkel, 0.396, 5.0)
    assert found.limiting.name == "output shaft seals"
    assert found.tight_depth == pytest.approx(0.396 - 0.019 + LIP_HOLDS / WATER)


@pytest.mark.parametrize(
    ("unit", "hose", "depth", "needed", "tight", "kept"),
    [
        (UNIT, 0.0, 0.0, "IP6K9K", True, True),  # no wading depth: jets alone
        (UNIT, 0.0, 0.2, "IP6K9K", True, True),  # water stays below the housing
        (UNIT, 0.0, 0.5, "IP6K9K/IP6K7", True, False),  # an open breather passes no such test
        (HOSED, 0.4, 0.9, "IP6K9K/IP6K7", True, True),
        (HOSED, 0.4, 1.2, "IP6K9K/IP6K7", False, True),  # water over the hose's end
        (HOSED, 0.4, 1.5, "IP6K9K/IP6K8 (1.26 m)", False, True),
    ],
)
def test_class_needed_and_whether_it_is_kept(
    unit: tuple[Opening, ...], hose: float, depth: float, needed: str, tight: bool, kept: bool
) -> None:
    found = sealing(unit, 0.396, hose, depth)
    assert found.needed == needed
    assert (found.tight, found.class_kept) == (tight, kept)
    assert found.reached == ("IP6K9K" if not hose else needed)


def test_a_weak_seal_takes_the_immersion_class_away() -> None:
    """5 kPa at the shaft are half a metre: less than class 7 asks for, whatever the hose."""
    weak = tuple(dataclasses.replace(o, holds=5e3) if o.name == "output shaft seals" else o for o in HOSED)
    found = sealing(weak, 0.396, 0.4, 0.9)
    assert found.test_depth == pytest.approx(0.16 - 0.019 + 5e3 / WATER)
    assert found.reached == "IP6K9K" and not found.class_kept
    with pytest.raises(KeyError):
        code("10")
