"""Gear steels: every quality has the corners of its class, the order of qualities holds, no life data is refused."""

from __future__ import annotations

import dataclasses

import pytest

from edu_opt.materials.gear_steels import (
    CASE_HARDENED,
    GEAR_STEELS,
    gear_steel,
    steel_leaves,
    through_hardened_data,
    vickers_of_flank_limit,
)


def test_qualities_of_a_class_are_ordered_and_cited() -> None:
    for low, high in (
        ("case_hardened_ml", "case_hardened_mq"),
        ("case_hardened_mq", "case_hardened_me"),
        ("nitrided_mq", "nitrided_me"),
        ("carbonitrided_mq", "nitrided_mq"),
        ("through_hardened", "through_hardened_mq_300hv"),
    ):
        assert GEAR_STEELS[low].flank_limit < GEAR_STEELS[high].flank_limit
        assert GEAR_STEELS[low].root_limit < GEAR_STEELS[high].root_limit
    assert all("ISO 6336-5" in data.source or "KISSsoft" in data.source or "M = 0.4" in data.source
               for data in GEAR_STEELS.values())  # fmt: skip


def test_life_curves_fall_and_static_strength_differs_by_class() -> None:
    for name in GEAR_STEELS:
        steel = gear_steel(name)
        for cycles, factors in ((steel.flank_cycles, steel.flank_factors), (steel.root_cycles, steel.root_factors)):
            assert list(cycles) == sorted(cycles) and list(factors) == sorted(factors, reverse=True)
    static = [GEAR_STEELS[n].flank_factors[0] for n in ("case_hardened_mq", "nitrided_mq", "carbonitrided_mq")]
    assert static == [1.6, 1.3, 1.1]
    assert GEAR_STEELS["through_hardened"].root_cycles[0] == 1e4


def test_hardness_line_of_tempered_steel_inverts() -> None:
    data = through_hardened_data(280.0, 800e6, 6.4e-6)
    assert data.flank_limit == pytest.approx((1.313 * 280.0 + 373.0) * 1e6)
    assert vickers_of_flank_limit(data.flank_limit) == pytest.approx(280.0)


def test_a_steel_without_life_data_is_refused_by_name() -> None:
    unknown = dataclasses.replace(CASE_HARDENED, name="sintered_trial", root_cycles=None)
    with pytest.raises(ValueError, match=r"sintered_trial.*no life data.*root_cycles"):
        steel_leaves(unknown)
    with pytest.raises(KeyError, match="case_hardened_mq"):
        gear_steel("unobtainium")
