"""`drive_unit=NAME` through the command, on stand-ins for the physics: record, printed losses, starts of a search."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jax
import numpy as np
import pandas as pd
import pytest

from edu_opt import cli, tasks
from edu_opt.config.compose import compose
from edu_opt.config.errors import SettingsError
from edu_opt.config.load import load
from edu_opt.inverter.model import inverter_space
from edu_opt.named_units import add_starts, computable
from edu_opt.optimize.settings import OptimizerSettings
from edu_opt.optimize.start import seed_points
from edu_opt.problem import build_problems
from edu_opt.problem.reference_evaluation import ReferenceProblem
from edu_opt.settings import ProblemSettings
from tests.optimize.problems import cre24

LOSSES = {
    "result.motor.stator_iron_loss_cycle_wh_per_km": 3.25,
    "result.motor.stator_iron_loss_30min_w": 812.5,
    "result.gearbox.mesh_loss_30min_w": 400.0,
}


class LightProblem(ReferenceProblem):
    """The unit's own names around an evaluation that computes nothing."""

    def evaluation(self) -> Any:
        count = len(self.margin_names)
        return SimpleNamespace(
            objectives=np.array([[1500.0, 130.0, 95.0]]), margins=np.full((1, count), 0.25), valid=np.array([True])
        )

    def columns(self, evaluation: Any) -> dict[str, float]:
        return {"design.stack.length_m": 0.135, "result.unit.unit_mass_kg": 95.0, **LOSSES}


@pytest.fixture(autouse=True)
def light(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    def reference_problem(name: str, settings: ProblemSettings) -> LightProblem:
        return LightProblem(name, settings)

    monkeypatch.setattr(tasks, "reference_problem", reference_problem)
    monkeypatch.chdir(tmp_path)
    yield
    jax.config.update("jax_compilation_cache_dir", None)


def test_a_unit_is_evaluated_by_its_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Record under the unit's name with its sources and assumptions; losses printed as a table; never a design file."""
    arguments = ["task=evaluate", "drive_unit=bmw_gen5_rear", "tracking=off", "compute.compile_cache_folder=c"]
    assert cli.main(arguments) == 0
    lines = capsys.readouterr().out.splitlines()
    folder = Path(lines[-1])
    assert "-bmw-bmw_i4-bmw_gen5_rear-evaluate-" in folder.name
    row = pd.read_csv(folder / "front.csv").iloc[0]
    assert (row["id"], row["branch"]) == ("bmw_gen5_rear", "eesm-54s6p-6a-parallel_axis-infineon_fs800r07a2e3")
    assert row["objective.unit_mass_kg"] == 95.0 and row["result.motor.stator_iron_loss_30min_w"] == 812.5
    study = json.loads((folder / "study.json").read_text())
    assert study["kind"] == "evaluation" and study["vehicle"] == "bmw_i4"
    assert any(line.startswith("Assumed of bmw_gen5_rear: stator turns") for line in study["assumptions"])
    assert any(line.startswith("Source of bmw_gen5_rear") for line in study["assumptions"])
    (header,) = [line for line in lines if line.strip().startswith("losses")]
    assert header.split() == ["losses", "cycle", "wh_per_km", "30min", "w"]
    (iron,) = [line.split() for line in lines if "stator_iron" in line]
    assert iron == ["motor.stator_iron", "3.25", "812.5"]
    assert [line.split()[-2:] for line in lines if "gearbox.mesh" in line] == [["nan", "400"]]
    assert cli.main(["task=evaluate", f"design={folder / 'designs' / 'bmw_gen5_rear.json'}", "tracking=off"]) == 2
    assert "write drive_unit=bmw_gen5_rear" in capsys.readouterr().err


def test_a_folder_belongs_to_one_unit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["task=evaluate", "tracking=off", "compute.compile_cache_folder=c", f"study={tmp_path / 's'}"]
    assert cli.main([*arguments, "drive_unit=bmw_i3"]) == 0
    assert cli.main([*arguments, "drive_unit=vw_app310"]) == 2
    assert "other settings" in capsys.readouterr().err


def test_own_starts_join_the_seeds() -> None:
    problem, settings = cre24(), OptimizerSettings(seeds=8)
    key = jax.random.key(0)
    x, branch = seed_points(problem, settings, key)
    start = np.full((1, len(problem.space)), 0.4)
    problem.starts = (start, np.array([0]))  # type: ignore[attr-defined]
    own, own_branch = seed_points(problem, settings, key)
    assert own.shape == x.shape and own_branch.shape == branch.shape
    np.testing.assert_array_equal(own[:-1], x[:-1])
    assert np.abs(own[-1] - 0.4).max() < 0.2 and np.abs(own[-1] - x[-1]).max() > 0.0


def test_a_record_of_a_unit_is_no_design() -> None:
    with pytest.raises(SettingsError, match="write drive_unit=bmw_i3"):
        computable({"settings": {"drive_unit": {"name": "bmw_i3"}}})
    content = {"settings": {"drive_unit": None}}
    assert computable(content) is content


def test_design_files_of_before_mean_one_carrier_frequency() -> None:
    """A file without the ratio of carriers had one carrier: the ratio is 1; anything else that misses is named."""
    space = inverter_space()
    values = {"power_module.parallel_area_1": 1.0, "capacitor.capacitance_f": 5e-4}
    values["inverter_control.switching_frequency_hz"] = 1e4
    x = tasks.unit_cube(SimpleNamespace(space=space), values)  # type: ignore[arg-type]
    assert float(space.to_physical(x)[3]) == pytest.approx(1.0)
    values.pop("capacitor.capacitance_f")
    with pytest.raises(SettingsError, match=r"capacitor\.capacitance_f is missing"):
        tasks.unit_cube(SimpleNamespace(space=space), values)  # type: ignore[arg-type]


def test_a_search_gets_the_unit_among_its_seeds() -> None:
    """A real program: its point lies among the seeds, with its branch; the log says what had to change."""
    run = load(compose(["drive_unit=bmw_gen5_rear"]))
    (problem,) = build_problems(run.problem)
    lines: list[str] = []
    add_starts([problem], "bmw_gen5_rear", run.problem, SimpleNamespace(line=lines.append))  # type: ignore[arg-type]
    assert problem.starts is not None and problem.starts[0].shape == (1, len(problem.space))
    x, branch = seed_points(problem, OptimizerSettings(seeds=4), jax.random.key(0))
    assert x.shape == (4, len(problem.space))
    turns = problem.space.names.index("field_winding.turns_1")
    assert float(problem.space.to_physical(x[-1])[turns]) == pytest.approx(120.0)
    assert problem.branches[branch[-1]].device == "infineon_fs800r07a2e3"
    assert "starts at bmw_gen5_rear too" in lines[0] and any("parallel paths: 6 become 2" in line for line in lines)
