"""A small study record, made without any search."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from edu_opt.optimize.hypervolume import hypervolume, reference_point
from edu_opt.tracking.record import Design, Limit, Objective, StudyRecord
from edu_opt.tracking.study_folder import StudyFolder

OBJECTIVES = (Objective("unit_cost", "eur"), Objective("energy_wltc", "wh_per_km"), Objective("unit_mass", "kg"))
LIMITS = (
    Limit("top_speed_min", "top_speed", "min", 180.0, "km_per_h", "test", "", 180.0),
    Limit("package_diameter_max", "package_diameter", "max", 234.0, "mm", "test", "", 234.0),
)
TREE = {"brand": {"name": "bmw"}, "optimizer": {"seed": 0}}


def record(points: np.ndarray, brand: str = "bmw") -> StudyRecord:
    """Record of a front with the given objectives (K, 3)."""
    reference = reference_point(points)
    designs = [
        Design(
            id=f"d{k + 1:03d}",
            branch="eesm-54s6p",
            objectives={o.column: float(v) for o, v in zip(OBJECTIVES, point, strict=True)},
            margins={"top_speed_min": 0.05, "package_diameter_max": math.nan},
            prices={f"top_speed_min_km_per_h.{o.column}": 0.5 for o in OBJECTIVES},
            design={"lamination.stack_length_m": 0.1 + 0.01 * k},
            result={"rotor.cost_eur": 100.0, "lamination.cost_eur": 60.0, "unit.unit_cost_eur": 160.0},
            kkt_residual=1e-6 * (k + 1),
        )
        for k, point in enumerate(points)
    ]
    history = [{"program": "p", "step": k, "hypervolume": 0.1 * k, "feasible": k, "front": k} for k in range(4)]
    return StudyRecord(
        brand=brand,
        vehicle="bmw_ix3",
        objectives=OBJECTIVES,
        designs=designs,
        limits=LIMITS,
        history=history,
        hypervolume=hypervolume(points, reference),
        reference_point=reference.tolist(),
        ideal_point=points.min(axis=0).tolist(),
        evaluations={"forward": 10, "gradient": 2, "field_solves": 30, "field_sweeps": 3},
        wall_s={"compile": 1.0},
        config_hash="abc",
        assumptions=("Road load: assumed <here>",),
    )


FRONT = np.array([[900.0, 180.0, 90.0], [1000.0, 170.0, 95.0], [1200.0, 160.0, 92.0]])


def study(path: Path, points: np.ndarray = FRONT, brand: str = "bmw") -> StudyFolder:
    """A finished study folder without figures."""
    folder = StudyFolder(path)
    folder.open(TREE, "abc")
    folder.write_record(record(points, brand), TREE)
    folder.set_status("done", "done", "3 designs", 0)
    folder.close()
    return folder
