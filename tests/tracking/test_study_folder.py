"""The study folder: atomic, complete, without pickle; resumed, read again or refused by its settings."""

from __future__ import annotations

import math
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from edu_opt.config.errors import SettingsError
from edu_opt.optimize.result import Progress
from edu_opt.tracking import files
from edu_opt.tracking.progress import Reporter, describe, duration
from edu_opt.tracking.study_folder import StudyFolder, generated_name, read_design, study_folders
from tests.tracking.synthetic import FRONT, TREE, study


def test_a_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.json"
    files.write_json(path, {"x": 1})

    def full_disk(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.os, "fsync", full_disk)
    with pytest.raises(OSError, match="No space"):
        files.write_json(path, {"x": 2})
    assert files.read_json(path) == {"x": 1}
    assert [p.name for p in tmp_path.iterdir()] == ["a.json"]


def test_arrays_come_back_without_pickle(tmp_path: Path) -> None:
    arrays = {"p/x": np.arange(6.0).reshape(2, 3), "p/step": np.array(3)}
    files.write_arrays(tmp_path / "c.npz", arrays)
    back = files.read_arrays(tmp_path / "c.npz")
    assert set(back) == set(arrays) and np.array_equal(back["p/x"], arrays["p/x"])
    with pytest.raises(TypeError, match="without pickle"):
        files.write_arrays(tmp_path / "d.npz", {"x": np.array([{}], dtype=object)})


def test_csv_and_parquet_hold_the_same_table(tmp_path: Path) -> None:
    folder = study(tmp_path / "s")
    csv, parquet = pd.read_csv(folder.path / "front.csv"), pd.read_parquet(folder.path / "front.parquet")
    pd.testing.assert_frame_equal(csv, parquet, check_dtype=False)
    columns = list(parquet.columns)
    assert columns[:5] == [
        "id",
        "branch",
        "objective.unit_cost_eur",
        "objective.energy_wltc_wh_per_km",
        "objective.unit_mass_kg",
    ]
    assert columns[-1] == "kkt_residual"
    assert parquet["margin.package_diameter_max"].isna().all()
    assert np.allclose(parquet[columns[2:5]].to_numpy(), FRONT)


def test_study_json_holds_what_the_contract_names(tmp_path: Path) -> None:
    content = study(tmp_path / "s").study()
    for name in ("objectives", "hypervolume", "reference_point", "ideal_point", "evaluations", "failed_candidates"):
        assert name in content
    for name in ("feasible_candidates", "wall_s", "kkt_residual", "seed", "chunk", "device", "precision", "versions"):
        assert name in content
    assert content["objectives"][0] == {"name": "unit_cost", "unit": "eur", "sense": "min"}
    assert content["kkt_residual"]["median"] == pytest.approx(2e-6)
    assert {"config_hash", "programs", "branches"} <= set(content)


def test_status_keeps_its_start(tmp_path: Path) -> None:
    folder = StudyFolder(tmp_path / "s")
    folder.open(TREE, "abc")
    folder.set_status("running", "compile")
    first = folder.status()
    folder.set_status("interrupted", "interrupted", "kept", 130)
    last = folder.status()
    folder.close()
    assert set(last) == {"state", "exit_code", "phase", "started", "updated", "host", "pid", "message"}
    assert (last["started"], last["state"], last["exit_code"]) == (first["started"], "interrupted", 130)


def test_opening_an_existing_folder(tmp_path: Path) -> None:
    folder = study(tmp_path / "s")
    again = StudyFolder(folder.path)
    assert again.open(TREE, "abc") is True
    again.close()
    with pytest.raises(SettingsError, match="other settings"):
        StudyFolder(folder.path).open(TREE, "other")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("keep")
    with pytest.raises(SettingsError, match="no study folder"):
        StudyFolder(tmp_path / "mine").open(TREE, "abc")
    assert [p.name for p in (tmp_path / "mine").iterdir()] == ["thesis.txt"]
    with pytest.raises(SettingsError, match="not a folder"):
        StudyFolder(tmp_path / "mine" / "thesis.txt").open(TREE, "abc")
    with pytest.raises(SettingsError, match="cannot be written"):
        StudyFolder(tmp_path / "mine" / "thesis.txt" / "x").open(TREE, "abc")


def test_damaged_records_are_one_line(tmp_path: Path) -> None:
    folder = study(tmp_path / "s")
    (folder.path / "status.json").write_text("{")
    with pytest.raises(SettingsError, match=r"status\.json is not JSON"):
        StudyFolder(folder.path).open(TREE, "abc")
    (folder.path / "config.yaml").write_text("a: [1\n")
    with pytest.raises(SettingsError, match=r"config\.yaml is not YAML"):
        StudyFolder(folder.path).open(TREE, "abc")


def test_what_open_made_can_be_taken_back(tmp_path: Path) -> None:
    folder = StudyFolder(tmp_path / "studies" / "s")
    folder.open(TREE, "abc")
    folder.set_status("running", "starting")
    assert folder.discard() is True
    assert not list(tmp_path.iterdir())
    earlier = StudyFolder(study(tmp_path / "s").path)
    earlier.open(TREE, "abc")
    assert earlier.discard() is False
    earlier.close()
    assert (earlier.path / "front.csv").is_file() and earlier.status()["state"] == "done"


def test_a_study_in_use_is_refused(tmp_path: Path) -> None:
    first = StudyFolder(tmp_path / "s")
    first.open(TREE, "abc")
    with pytest.raises(SettingsError, match="in use"):
        StudyFolder(tmp_path / "s").open(TREE, "abc")
    first.close()


def test_unfinished_study_is_resumed(tmp_path: Path) -> None:
    folder = StudyFolder(tmp_path / "s")
    assert folder.open(TREE, "abc") is False
    folder.save_checkpoint({"p/step": np.array(2)})
    folder.set_status("interrupted", "interrupted", "", 130)
    folder.close()
    again = StudyFolder(tmp_path / "s")
    assert again.open(TREE, "abc") is False
    assert int((again.checkpoint() or {})["p/step"]) == 2
    again.close()


def test_generated_names_are_plain() -> None:
    name = generated_name("bmw", "ix 3/ü")
    assert all(c.isascii() and (c.isalnum() or c in "_.-") for c in name)
    assert name != generated_name("bmw", "ix 3/ü")


def test_studies_are_found_in_sweeps(tmp_path: Path) -> None:
    study(tmp_path / "sweep" / "0")
    study(tmp_path / "sweep" / "1", brand="jaguar")
    assert [f.path.name for f in study_folders([tmp_path / "sweep", tmp_path / "sweep" / "1"])] == ["0", "1"]
    with pytest.raises(SettingsError, match="no such folder"):
        study_folders([tmp_path / "absent"])
    (tmp_path / "empty").mkdir()
    with pytest.raises(SettingsError, match="neither a study folder nor a sweep"):
        study_folders([tmp_path / "empty"])


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("{", "is not JSON"),
        ("[]", "is no design file"),
        ('{"form": "edu_opt design 1"}', "misses program, branch, design, settings"),
        (
            '{"form": "edu_opt design 1", "program": {}, "branch": {}, "settings": {}, "design": {"a": "x"}}',
            "no number at a",
        ),
    ],
)
def test_unreadable_designs(tmp_path: Path, text: str, line: str) -> None:
    (tmp_path / "d.json").write_text(text)
    with pytest.raises(SettingsError, match=line):
        read_design(tmp_path / "d.json")
    with pytest.raises(SettingsError, match="cannot be read"):
        read_design(tmp_path / "absent.json")


def test_progress_lines() -> None:
    progress = Progress("polish", 3, 11, "", 128, 40, 22, math.nan, 12.3456, 480, 1, 65.0, math.nan)
    line = describe(progress, "eesm")
    for part in ("eesm: polish", "step 3/11", "feasible 40/128", "12.3 candidates/s", "480 field solves", "left ?"):
        assert part in line
    assert duration(65.0) == "1 min 05 s"
    reporter = Reporter()
    reporter.stop()
    with pytest.raises(KeyboardInterrupt):
        reporter(progress)
    with pytest.raises(KeyboardInterrupt):
        reporter.phase("report")


def test_plain_output_shows_every_new_detail_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    reporter = Reporter(stream=sys.stdout)
    for detail in ("tracing", "compiling", "expanded 1 of 9", "expanded 2 of 9"):
        reporter(Progress("compile", 0, 9, detail, 8, 0, 0, math.nan, 0.0, 0, 0, 0.0, math.nan))
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("(")[1].split(")")[0] for line in lines] == ["tracing", "compiling", "expanded 1 of 9"]
