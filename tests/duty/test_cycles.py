"""Shipped traces against the regulations' figures and independent packages."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from edu_opt.duty.cycles import CYCLE_NAMES, load_cycle

FACTS = {  # samples, km, top km/h, strongest acceleration and deceleration m/s^2
    "wltc_3b": (1801, 23.2663, 131.3, 1.667, -1.5),
    "nedc": (1180, 11.013, 120.0, 1.056, -1.389),
    "udds": (1370, 11.990, 91.25, 1.475, -1.475),
    "hwfet": (766, 16.507, 96.40, 1.431, -1.475),
    "us06": (601, 12.888, 129.23, 3.755, -3.085),
}


@pytest.mark.parametrize("name", CYCLE_NAMES)
def test_figures_of_the_regulation(name: str) -> None:
    cycle = load_cycle(name)
    samples, kilometres, top, strongest, hardest = FACTS[name]
    assert len(cycle.time_s) == samples and (np.diff(cycle.time_s) == 1.0).all()
    assert cycle.distance == pytest.approx(kilometres * 1e3, rel=1e-4)
    assert cycle.speed.max() * 3.6 == pytest.approx(top, abs=0.01)
    assert np.diff(cycle.speed).max() == pytest.approx(strongest, abs=1e-3)
    assert np.diff(cycle.speed).min() == pytest.approx(hardest, abs=1e-3)
    assert cycle.speed[0] == 0.0 and cycle.speed[-1] == 0.0 and (cycle.speed >= 0.0).all()
    assert "km" in cycle.source


def test_wltc_checksum() -> None:
    """UN GTR 15 prints checksums; the whole trace sums to 83758.6 km/h."""
    assert load_cycle("wltc_3b").speed.sum() * 3.6 == pytest.approx(83758.6, abs=0.01)


def test_wltc_and_nedc_equal_the_package_of_the_joint_research_centre() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pytest.importorskip("wltp", reason="package wltp not installed: WLTC and NEDC unchecked")
        from wltp.cycles import class3, nedc
    np.testing.assert_allclose(load_cycle("wltc_3b").speed * 3.6, class3.class_data_b()["cycle"], atol=1e-9)
    np.testing.assert_allclose(load_cycle("nedc").speed * 3.6, nedc.cycle_data()["cycle"], atol=0.06)


@pytest.mark.parametrize("name", ["udds", "hwfet"])
def test_us_cycles_equal_fastsim(name: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fastsim = pytest.importorskip("fastsim", reason="package fastsim not installed: UDDS and HWFET unchecked")
    theirs = fastsim.Cycle.from_resource(f"{name}.csv").to_dict()["speed_meters_per_second"]
    np.testing.assert_allclose(load_cycle(name).speed, theirs, atol=5e-4)


def test_an_unknown_cycle_is_named() -> None:
    with pytest.raises(KeyError, match="known: wltc_3b"):
        load_cycle("wltc")
