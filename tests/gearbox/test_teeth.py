"""Whole teeth: known optimum of a compound train, assembly rule, neighbours."""

from __future__ import annotations

import numpy as np
import pytest

from edu_opt.gearbox.teeth import assembly_fits, compound_train, hunting, neighbouring_teeth, train_ratio


def test_deb_goyal_train_reaches_its_known_optimum() -> None:
    (a, f, b, d), error = compound_train(1.0 / 6.931)
    assert (a * f, b * d) == (16 * 19, 43 * 49)
    assert error == pytest.approx(2.700857e-12, rel=1e-6)


def test_stepped_assembly_rule_falls_back_to_the_simple_one() -> None:
    for sun in range(15, 40):
        for planet in range(15, 40):
            ring = sun + 2 * planet
            simple = (sun + ring) % 3 == 0
            assert bool(assembly_fits(np.array([sun, planet, planet, ring]), 3)) == simple


def test_neighbours_keep_ratio_hunting_and_assembly() -> None:
    rows = neighbouring_teeth("parallel_axis", np.array([23.2, 67.8, 20.4, 77.6]), 11.53, ratio_tolerance=0.005)
    assert len(rows) > 0 and hunting(rows).all()
    assert np.abs(train_ratio("parallel_axis", rows) / 11.53 - 1.0).max() <= 0.005
    assert [23, 68, 20, 78] not in rows.tolist()  # the production choice of stage 2 is not coprime
    planetary = neighbouring_teeth(
        "planetary", np.array([33.3, 51.7, 17.2, 86.8]), 9.06, ratio_tolerance=0.01, reach=2, planets=3
    )
    assert [33, 52, 17, 87] in planetary.tolist()
    assert assembly_fits(planetary, 3).all()
