"""Layered rotors read from outlines: the machines of the kept references, and outlines that are no such rotor."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import experiments.validation
from edu_opt.motor.barriers import barrier_parts, magnet_parts, polygon_area
from experiments.validation.polygon_rotor import layered_from_polygons

FILE = Path(experiments.validation.__file__).parent / "references" / "synrm_fem.json"
MACHINES = json.loads(FILE.read_text())["machines"]


def outline_area(polygons: list[list[list[float]]]) -> float:
    """Area [mm2] of outlines."""
    return sum(abs(float(polygon_area(np.asarray(points, float)))) for points in polygons)


@pytest.mark.parametrize("name", MACHINES)
def test_barriers_hold_what_the_outlines_cut_out(name: str) -> None:
    drawn = MACHINES[name]["definition"]["rotor"]
    barriers, rotor = layered_from_polygons(drawn)
    voids, magnets = outline_area(drawn["voids"]), outline_area([m["pts"] for m in drawn["magnets"]])
    cut = 2e6 * sum(sign * float(polygon_area(part)) for sign, part in barrier_parts(rotor, barriers))
    held = 2e6 * sum(float(polygon_area(part)) for part in magnet_parts(rotor, barriers))
    assert cut == pytest.approx(voids + magnets, rel=0.01)
    assert held == pytest.approx(magnets, rel=0.02, abs=1e-9)
    tips = np.degrees(np.arctan2(rotor.tip[..., 1], rotor.tip[..., 0]))
    assert (np.diff(tips.reshape(len(barriers), -1)[:, [0, -1]].ravel()) > 0.0).all()  # from the d to the q axis


def test_kinds_of_barriers_are_told_apart() -> None:
    found = {name: layered_from_polygons(m["definition"]["rotor"])[0] for name, m in MACHINES.items()}
    assert [b.centre for b in found["pma_synrm_8pole_ferrite"]] == ["magnet"] * 3
    assert [b.post for b in found["synrm_6pole_u2_posts"]] == [True, True]
    assert [b.post for b in found["synrm_4pole_u3"]] == [False] * 3
    assert all(b.centre == "magnet" and b.post and not b.rib for b in found["ipm_8pole_double_v"])


def test_a_magnet_without_a_pocket_is_refused() -> None:
    magnet = {"pts": [[50.0, -8.0], [50.0, 8.0], [45.0, 8.0], [45.0, -8.0]], "dir": [1.0, 0.0]}
    with pytest.raises(ValueError, match="without a pocket"):
        layered_from_polygons({"R_ro": 70.0, "R_sh": 20.0, "voids": [], "magnets": [magnet]})
