"""Shipped traces against the regulations' figures and independent packages."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest

from edu_opt.duty.cycles import CYCLE_NAMES, CycleError, load_cycle, wltc_phases

FACTS = {  # samples, km, top km/h, strongest acceleration and deceleration m/s^2
    "wltc_3b": (1801, 23.2663, 131.3, 1.667, -1.5),
    "nedc": (1181, 11.013, 120.0, 1.042, -1.389),
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
    theirs = np.array(nedc.cycle_data()["cycle"], float)  # from its first second on; thirds are rounded to 4 digits
    np.testing.assert_allclose(load_cycle("nedc").speed[1:] * 3.6, theirs, atol=3.4e-4)
    thirds = np.abs(theirs * 20.0 - np.round(theirs * 20.0)) > 1e-5
    np.testing.assert_allclose(load_cycle("nedc").speed[1:][~thirds] * 3.6, theirs[~thirds], atol=1e-6)


@pytest.mark.parametrize("name", ["udds", "hwfet"])
def test_us_cycles_equal_fastsim(name: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fastsim = pytest.importorskip("fastsim", reason="package fastsim not installed: UDDS and HWFET unchecked")
    theirs = fastsim.Cycle.from_resource(f"{name}.csv").to_dict()["speed_meters_per_second"]
    ours = load_cycle(name).speed
    np.testing.assert_allclose(ours, theirs, atol=5e-4)
    mile = ours @ theirs / (ours @ ours)  # their mile per hour is 1.6e-5 longer than the legal 0.44704 m/s
    assert mile == pytest.approx(1.0, abs=2e-5)
    np.testing.assert_allclose(ours * mile, theirs, atol=1e-6)


def test_an_unknown_cycle_is_named() -> None:
    with pytest.raises(KeyError, match="known: wltc_3b"):
        load_cycle("wltc")


def test_phases_of_the_wltc_make_the_whole() -> None:
    """Lengths of UN GTR 15: 3095, 4756, 7162 and 8254 m."""
    phases = wltc_phases()
    for name, metres in {"low": 3095.0, "medium": 4756.0, "high": 7162.0, "extra_high": 8254.0}.items():
        assert phases[name].distance == pytest.approx(metres, abs=1.0)
    assert sum(p.distance for p in phases.values()) == pytest.approx(load_cycle("wltc_3b").distance, rel=1e-12)


def write(folder: Path, rows: str, header: str = "time_s,speed_km_per_h") -> str:
    path = folder / "mine.csv"
    path.write_text(f"# measured on my way\n{header}\n{rows}\n")
    load_cycle.cache_clear()
    return str(path)


def test_a_users_file(tmp_path: Path) -> None:
    cycle = load_cycle(write(tmp_path, "0,0\n1,3.6,up\n2.5,7.2\n4,0"))
    assert cycle.name == "mine" and cycle.source == "measured on my way"
    np.testing.assert_allclose(cycle.speed, [0.0, 1.0, 2.0, 0.0])


@pytest.mark.parametrize(
    ("rows", "line"),
    [
        ("0,0\n1,5\n9,5\n10,0", "mine: gap of 8 s at 1 s, at most 2 s"),
        ("0,0\n1,5\n2,-5\n3,0", r"mine: negative speed -1.38889 m/s at 2 s"),
        ("0,0\n1,5\n2,90\n3,90", r"mine: impossible acceleration 23.6 m/s\^2 at 1 s, at most 9.81"),
        ("0,0\n1,5\n1,6\n3,0", "mine: time must rise, got 1 s after 1 s"),
        ("0,0\n1,nan\n2,0", "mine: sample 2 is not a finite number"),
        ("0,0\n1,0\n2,0", "mine: the car never moves"),
        ("0,0\n1,0.2\n2,0", "mine: the car never moves faster than 0.1 m/s"),
        ("0,0", "mine: a cycle needs at least 2 samples, got 1"),
        ("0,0\n1,x\n2,0", "mine.csv: must hold a time and a speed in every row, got '1,x'"),
        ("0,0\n1\n2,0", "mine.csv: must hold a time and a speed in every row, got '1'"),
    ],
)
def test_broken_files_are_named(tmp_path: Path, rows: str, line: str) -> None:
    with pytest.raises(CycleError, match=line) as caught:
        load_cycle(write(tmp_path, rows))
    assert "\n" not in str(caught.value)


def test_a_byte_order_mark_is_no_part_of_the_file(tmp_path: Path) -> None:
    path = Path(write(tmp_path, "0,0\n1,3.6\n2,0"))
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert load_cycle(str(path)).source == "measured on my way"


@pytest.mark.parametrize(("encoding", "byte"), [("latin-1", "0xfc at position 3"), ("utf-16", "0xff at position 0")])
def test_a_file_of_another_encoding_is_one_line(tmp_path: Path, encoding: str, byte: str) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("# für mich\ntime_s,speed_km_per_h\n0,0\n1,3\n2,0\n", encoding=encoding)
    load_cycle.cache_clear()
    with pytest.raises(CycleError, match=f"mine.csv: must be UTF-8 text, got byte {byte}; save it as") as caught:
        load_cycle(str(path))
    assert "\n" not in str(caught.value)


def test_a_file_needs_its_header_and_to_be_there(tmp_path: Path) -> None:
    with pytest.raises(CycleError, match="the header must be time_s and one of speed_km_per_h"):
        load_cycle(write(tmp_path, "0,0\n1,1", "t,v"))
    with pytest.raises(CycleError, match="no such file"):
        load_cycle(str(tmp_path / "absent.csv"))
