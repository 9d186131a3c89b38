"""The command end to end on an analytic problem: exit codes, folders, resume, sweeps, signals."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import jax
import pandas as pd
import pytest

from edu_opt import cli, tasks
from edu_opt.tracking.study_folder import StudyFolder
from tests.cli.analytic_problem import AnalyticProblem, analytic_problems

ROOT = Path(__file__).resolve().parents[2]
SMALL = [
    "optimizer=small",
    "optimizer.candidates=8",
    "optimizer.chunk=8",
    "optimizer.seeds=8",
    "optimizer.gradient_steps=0",
    "optimizer.final_polish_steps=1",
    "tracking=off",
    "compute.compile_cache_folder=compiled",
]


@pytest.fixture(scope="module", autouse=True)
def analytic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The analytic problem instead of the drive unit, for this module."""
    patch = pytest.MonkeyPatch()
    patch.setattr(tasks, "build_problems", analytic_problems)
    patch.chdir(tmp_path_factory.mktemp("work"))
    yield
    jax.config.update("jax_compilation_cache_dir", None)
    patch.undo()


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished study."""
    path = tmp_path_factory.mktemp("studies") / "first"
    assert cli.main([*SMALL, f"study={path}"]) == 0
    return path


def last_line(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().out.splitlines()[-1]


def test_study_folder_is_complete(study: Path) -> None:
    names = {p.name for p in study.iterdir()}
    expected = {"config.yaml", "status.json", "study.json", "front.parquet", "front.csv", "history.parquet", "designs"}
    assert expected | {"report.html", "pareto_front.png", "checkpoint.npz"} <= names
    assert ".hydra" not in names and ".lock" not in names
    status, content = StudyFolder(study).status(), StudyFolder(study).study()
    assert (status["state"], status["exit_code"]) == ("done", 0)
    assert set(content["wall_s"]) == {"import", "compile", "search", "polish", "report"}
    assert content["evaluations"]["field_solves"] > 0 and content["hypervolume"] > 0
    front = pd.read_parquet(study / "front.parquet")
    assert len(front) == content["front_size"] == len(list((study / "designs").glob("*.json")))
    assert (front[[c for c in front if c.startswith("margin.")]] >= 0).all().all()
    turns = front["design.stator_winding.turns_1"]
    assert (turns == turns.round()).all()
    assert front["objective.unit_cost_eur"].is_monotonic_increasing


def test_prices_are_zero_where_not_active_and_have_natural_signs(study: Path) -> None:
    front = pd.read_parquet(study / "front.parquet")
    price, margin = front["price.peak_power_10s_min_kw.unit_cost_eur"], front["margin.peak_power_10s_min"]
    assert (price[margin > 0.05].fillna(0.0) == 0.0).all()
    assert (price.dropna() >= 0.0).all(), "a higher lower limit costs"


def test_finished_study_is_read_again(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = (study / "front.csv").stat().st_mtime_ns
    assert cli.main([*SMALL, f"study={study}"]) == 0
    assert last_line(capsys) == str(study)
    assert (study / "front.csv").stat().st_mtime_ns == before


def test_other_settings_are_refused(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = StudyFolder(study).status()
    assert cli.main([*SMALL, f"study={study}", "optimizer.seed=7"]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and "other settings" in error
    assert StudyFolder(study).status() == before


def test_evaluate_gives_the_fronts_numbers(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    design = sorted((study / "designs").glob("*.json"))[1]
    assert cli.main(["task=evaluate", f"design={design}", "tracking=off", "compute.compile_cache_folder=compiled"]) == 0
    folder = Path(last_line(capsys))
    again = pd.read_csv(folder / "front.csv").iloc[0]
    front = pd.read_csv(study / "front.csv").set_index("id").loc[design.stem]
    for name in [c for c in front.index if c.startswith(("objective.", "margin."))]:
        assert again[name] == pytest.approx(front[name], rel=1e-9, abs=1e-9)
    assert (folder / "report.html").is_file() and not (folder / "checkpoint.npz").exists()


def test_evaluate_says_by_name_what_cannot_be_built(
    study: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(AnalyticProblem, "faults", lambda self, columns: ["5 planets collide"], raising=False)
    design = sorted((study / "designs").glob("*.json"))[0]
    assert json.loads(design.read_text())["parts"] == {"bearing_set.input": "6207"}
    assert cli.main(["task=evaluate", f"design={design}", "tracking=off", "compute.compile_cache_folder=compiled"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "  WARNING cannot be built: 5 planets collide" in lines and "  bearing_set.input: 6207" in lines
    folder = Path(lines[-1])
    assert StudyFolder(folder).study()["conflicts"] == ["cannot be built: 5 planets collide"]
    assert "5 planets collide" in (folder / "report.html").read_text()


def test_evaluate_on_another_vehicle_and_out_of_range(
    study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    design = json.loads(sorted((study / "designs").glob("*.json"))[0].read_text())
    design["design"]["lamination.stack_length_m"] = 3.0
    (tmp_path / "long.json").write_text(json.dumps(design))
    arguments = ["task=evaluate", "tracking=off", "vehicle=jaguar_i_pace"]
    assert cli.main([*arguments, f"design={tmp_path / 'long.json'}", f"study={tmp_path / 'out'}"]) == 2
    assert "lamination.stack_length_m must lie in [0.05, 0.25], got 3" in capsys.readouterr().err
    design["program"]["gearbox_layout"], design["branch"]["pole_pairs"] = "belt", 3.5
    (tmp_path / "belt.json").write_text(json.dumps(design))
    assert cli.main([*arguments, f"design={tmp_path / 'belt.json'}", f"study={tmp_path / 'out'}"]) == 2
    error = capsys.readouterr().err
    assert "unknown gearbox layout 'belt'; known: parallel_axis, planetary" in error
    assert "branch.pole_pairs: must be an integer >= 1, got 3.5" in error
    assert not (tmp_path / "out").exists(), "nothing is left of a study that could not begin"


def test_infeasible_search_says_what_conflicts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "s"
    assert cli.main([*SMALL, f"study={path}", "brand.requirements.top_speed_min.limit=299"]) == 3
    output = capsys.readouterr().out
    assert "top_speed >= 299 km_per_h is missed by" in output and output.splitlines()[-1] == str(path)
    assert StudyFolder(path).status()["state"] == "infeasible"
    assert (path / "designs" / "closest.json").is_file() and (path / "report.html").is_file()
    assert len(pd.read_csv(path / "front.csv")) == 0


def test_a_machine_that_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def out_of_memory(self: AnalyticProblem, *arguments: object) -> None:
        raise MemoryError("out of memory while solving fields")

    monkeypatch.setattr(AnalyticProblem, "expand", out_of_memory)
    assert cli.main([*SMALL, f"study={tmp_path / 's'}"]) == 4
    captured = capsys.readouterr()
    assert captured.err.count("\n") == 1 and "out of memory" in captured.err and "Traceback" not in captured.err
    assert captured.out.splitlines()[-1] == str(tmp_path / "s")
    assert StudyFolder(tmp_path / "s").status()["state"] == "failed"


def test_sweep_runs_all_jobs_then_compare(
    study: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code = cli.main(["-m", "brand=bmw", "optimizer.seed=-1,0", *SMALL])
    captured = capsys.readouterr()
    assert code == 2, captured.err
    folder = Path(captured.out.splitlines()[-1])
    assert folder.is_absolute() and folder.name.startswith("sweep-")
    states = {p.name: StudyFolder(p).status() for p in sorted(folder.iterdir()) if p.is_dir()}
    assert [(s["state"], s["exit_code"]) for s in states.values()] == [("failed", 2), ("done", 0)]
    assert "optimizer.seed: must be >= 0" in states["0"]["message"]
    assert not list(folder.rglob(".hydra")) and not list(folder.rglob("*.log"))
    first = pd.read_csv(folder / "1" / "front.csv")
    pd.testing.assert_frame_equal(first, pd.read_csv(study / "front.csv"))  # same seed, same front

    assert cli.main(["task=compare", f"studies=[{study},{folder}]", "tracking=off"]) == 0
    comparison = Path(last_line(capsys))
    rows = json.loads((comparison / "comparison.json").read_text())["studies"]
    assert len(rows) == 2 and rows[0]["hypervolume"] == rows[1]["hypervolume"]
    assert (comparison / "pareto_front.png").is_file() and (comparison / "report.html").is_file()


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (["-m", "study=x", "brand=bmw,jaguar"], ["study: cannot be set under -m"]),
        (["-m", "brand=bmw,audi"], ["brand: no option 'audi'", "known: bmw, jaguar"]),
        (["-m", "optimizer.seed=-1,-2"], ["optimizer.seed: must be >= 0, got -1"]),
        (["-m", "studies_folder=/dev/null/x", "brand=bmw,jaguar"], ["hydra.sweep.dir: cannot be written"]),
        (["studies_folder=/dev/null/x"], ["studies_folder: the folder cannot be written"]),
        (["-m", "motor=ipm", "brand=bmw"], ["forbids rare_earths and every motor kind on offer (ipm)"]),
        (["--config-name", "absent"], ["--config-name: no configuration 'absent'; known: config"]),
        (["task=evaluate", "design="], ["design: must not be empty"]),
        (["--wrong"], ["unrecognized arguments: --wrong"]),
        (["task=evaluate", "design=absent.json"], ["design: cannot be read"]),
        (["task=compare", "studies=[absent]"], ["studies: no such folder"]),
    ],
)
def test_nothing_is_written_before_settings_are_valid(
    arguments: list[str],
    parts: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli.main(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == "" and all(line.startswith("edu-opt: error: ") for line in captured.err.splitlines())
    for part in parts:
        assert part in captured.err
    assert not list(tmp_path.iterdir())


def test_help_names_groups_and_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--help"]) == 0
    output = capsys.readouterr().out
    assert "brand: bmw, jaguar" in output and "Exit codes" in output
    assert cli.main(["--version"]) == 0


def test_termination_keeps_the_checkpoint(study: Path, tmp_path: Path) -> None:
    path = tmp_path / "s"
    cache = f"compute.compile_cache_folder={Path.cwd() / 'compiled'}"
    arguments = [*SMALL, f"study={path}", cache]
    command = [sys.executable, "-m", "tests.cli.run_analytic", *arguments, "optimizer.polish_steps=300"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if "polish | step" in line:
                break
        process.send_signal(signal.SIGTERM)
        rest = process.stdout.read()
        assert process.wait(timeout=60) == 130, rest
    assert rest.splitlines()[-1] == str(path)
    assert "checkpoint kept" in rest and "Traceback" not in rest
    status = StudyFolder(path).status()
    assert (status["state"], status["exit_code"]) == ("interrupted", 130)
    step = int((StudyFolder(path).checkpoint() or {})["eesm_9spp_parallel_axis/step"])
    assert step >= 1


def test_interrupted_study_continues_to_the_same_front(
    study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "s"
    saved = StudyFolder.save_checkpoint

    def fail_after_three(self: StudyFolder, arrays: dict) -> None:
        saved(self, arrays)
        if int(arrays["eesm_9spp_parallel_axis/step"]) == 3:
            raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(StudyFolder, "save_checkpoint", fail_after_three)
        assert cli.main([*SMALL, f"study={path}"]) == 4
    assert cli.main([*SMALL, f"study={path}"]) == 0
    assert "continuing after step 3" in capsys.readouterr().out
    pd.testing.assert_frame_equal(pd.read_csv(path / "front.csv"), pd.read_csv(study / "front.csv"))
