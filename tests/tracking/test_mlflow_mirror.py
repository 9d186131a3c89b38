"""The mirror in MLflow: once per study, findable by tags, and no reason for a study to fail."""

from __future__ import annotations

from pathlib import Path

import pytest

from edu_opt.config.run_settings import TrackingSettings
from edu_opt.report.figures import COLOURS
from edu_opt.tracking import mlflow_mirror
from tests.tracking.synthetic import study


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    """URI of one database for all tests: to make one takes seconds."""
    return f"sqlite:///{tmp_path_factory.mktemp('store') / 'mlflow.db'}"


@pytest.mark.filterwarnings("ignore")
def test_a_study_is_mirrored_once(tmp_path: Path, store: str) -> None:
    folder = study(tmp_path / "sweep 1" / "0")
    (folder.path.parent / "multirun.yaml").write_text("{}")
    (folder.path / "pareto_front.png").write_bytes(b"png")
    settings = TrackingSettings(True, store, "once")
    assert mlflow_mirror.mirror(folder, settings) is None
    assert mlflow_mirror.mirror(folder, settings) is None
    client, experiment = mlflow_mirror.open_store(settings)
    runs = client.search_runs([experiment], filter_string="tags.sweep = 'sweep 1' and tags.brand = 'bmw'")
    assert len(runs) == 1
    run = runs[0]
    assert run.info.status == "FINISHED"
    assert run.data.tags["kind"] == "study" and run.data.params["optimizer.seed"] == "0"
    assert run.data.metrics["front_size"] == 3 and run.data.metrics["best.unit_cost_eur"] == 900.0
    assert len(client.get_metric_history(run.info.run_id, "history.hypervolume")) == 4
    assert run.info.run_name == "bmw_ix3 0" and run.data.tags["mlflow.runColor"] == COLOURS[0]
    curve = client.get_metric_history(run.info.run_id, "front/unit_mass over unit_cost in kg over eur")
    assert [(m.step, m.value) for m in curve] == [(900, 90.0)], "the other two designs cost and weigh more"
    curve = client.get_metric_history(run.info.run_id, "front/unit_mass over energy_wltc in kg over 0.1 wh_per_km")
    assert [(m.step, m.value) for m in curve] == [(1600, 92.0), (1800, 90.0)]
    names = {artifact.path for artifact in client.list_artifacts(run.info.run_id)}
    assert {"pareto_front.png", "front.csv", "study.json", "designs"} <= names


@pytest.mark.filterwarnings("ignore")
def test_a_store_that_fails_is_one_line_with_the_way_out(tmp_path: Path) -> None:
    folder = study(tmp_path / "s")
    (tmp_path / "file").write_text("")
    line = mlflow_mirror.mirror(folder, TrackingSettings(True, f"sqlite:///{tmp_path}/file/x/mlflow.db", "e"))
    assert line is not None and "\n" not in line
    assert f"edu-opt task=sync 'studies=[{folder.path}]'" in line


@pytest.mark.filterwarnings("ignore")
def test_neighbouring_runs_have_names_and_colours_of_their_own(tmp_path: Path, store: str) -> None:
    settings = TrackingSettings(True, store, "neighbours")
    for name in ("20261125-014917-bmw-bmw_ix3-410a", "20261125-014918-bmw-bmw_ix3-8d6c"):
        assert mlflow_mirror.mirror(study(tmp_path / name), settings) is None
    client, experiment = mlflow_mirror.open_store(settings)
    runs = client.search_runs([experiment])
    assert {run.info.run_name for run in runs} == {"bmw_ix3 410a", "bmw_ix3 8d6c"}
    assert len({run.data.tags["mlflow.runColor"] for run in runs}) == 2


def test_store_paths() -> None:
    assert mlflow_mirror.sqlite_path("sqlite:////a/b.db") == Path("/a/b.db")
    assert mlflow_mirror.sqlite_path("http://127.0.0.1:5000") is None
