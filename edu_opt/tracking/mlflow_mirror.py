"""The mirror of finished study folders in MLflow: after the fact, idempotent, and never a reason for a study to fail.

The folder is the record. A mirror that fails says in one line how to catch up (`edu-opt task=sync studies=[...]`).
Runs are flat (MLflow's pages hide nested runs from its charts) and carry the tags that its filters need.
"""

from __future__ import annotations

import contextlib
import datetime
import importlib
import logging
import math
import os
import re
import urllib.parse
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from filelock import FileLock

from edu_opt.config.run_settings import RESULT_SECTIONS, TrackingSettings
from edu_opt.tracking.study_folder import StudyFolder

# A server that is down must not hold a finished study for minutes (MLflow's own defaults: 246 s a call).
ENVIRONMENT = {
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "10",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_LOGGING_LEVEL": "ERROR",
}
STUDY_TAG = "edu_opt.study"
COLOUR_TAG = "mlflow.runColor"
FIGURES = ("pareto_front.png", "history.png")
FILES = (*FIGURES, "report.html", "front.csv", "comparison.csv", "comparison.json", "study.json", "config.yaml")
HISTORY_METRICS = ("hypervolume", "feasible", "front", "field_solves", "failed")
STEPS_PER_UNIT = {"eur": 1, "kg": 10, "wh_per_km": 10}  # resolution of front charts; the same for all studies
STATES = {"done": "FINISHED", "infeasible": "FINISHED", "failed": "FAILED", "interrupted": "KILLED"}


def sync_hint(folder: Path) -> str:
    """The command that catches up."""
    return f"edu-opt task=sync 'studies=[{folder}]'"


def mirror(folder: StudyFolder, settings: TrackingSettings, sweep: str = "") -> str | None:
    """Log a study folder as one run; returns None, or one line on what failed and how to catch up."""
    try:
        with _quiet():
            _mirror(folder, settings, sweep)
        return None
    except Exception as error:  # whatever MLflow, its database or its server do
        reason = " ".join(str(error).split())[:160] or type(error).__name__
        return f"MLflow could not be reached ({reason}); the study is complete on disk. Later: {sync_hint(folder.path)}"


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    importlib.import_module("mlflow")  # sets its own logging up when first imported: before ours
    for name in ("mlflow", "mlflow.store.db.utils", "alembic", "sqlalchemy"):
        logging.getLogger(name).setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _mirror(folder: StudyFolder, settings: TrackingSettings, sweep: str) -> None:
    client, experiment = open_store(settings)
    status, study = folder.status(), _study(folder)
    identity = f"{folder.path.name}-{status.get('started', '')}-{study.get('config_hash', '')}"
    run_id = _run_of(client, experiment, identity)
    if run_id is None:
        tags = _tags(folder, study, status, identity, sweep) | {COLOUR_TAG: _next_colour(client, experiment)}
        run = client.create_run(experiment, milliseconds(status.get("started")), tags, run_name(folder, study))
        run_id = run.info.run_id
        _log_parameters(client, run_id, folder.config())
        _log_metrics(client, run_id, study, folder)
    for name in FILES:
        if (folder.path / name).is_file():
            client.log_artifact(run_id, str(folder.path / name))
    if (folder.path / "designs").is_dir():
        client.log_artifacts(run_id, str(folder.path / "designs"), "designs")
    state = STATES.get(str(status.get("state")), "RUNNING")
    if state != "RUNNING":
        client.set_terminated(run_id, state, milliseconds(status.get("updated")))


def open_store(settings: TrackingSettings) -> tuple[Any, str]:
    """Client and experiment id. A SQLite file is created once, under a lock: MLflow's own creation races."""
    from mlflow.tracking import MlflowClient

    database = sqlite_path(settings.uri)
    if database is None:
        client = MlflowClient(tracking_uri=settings.uri)
        return client, _experiment(client, settings.experiment, None)
    database.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(database.with_name(f".{database.name}.lock"), timeout=120):
        client = MlflowClient(tracking_uri=settings.uri, registry_uri=settings.uri)
        artifacts = (database.parent / "mlflow_artifacts").as_uri()
        return client, _experiment(client, settings.experiment, artifacts)


def sqlite_path(uri: str) -> Path | None:
    """Path of a SQLite store, None for other stores."""
    return Path(urllib.parse.unquote(uri.removeprefix("sqlite:///"))) if uri.startswith("sqlite:///") else None


def _experiment(client: Any, name: str, artifacts: str | None) -> str:
    found = client.get_experiment_by_name(name)
    return found.experiment_id if found is not None else client.create_experiment(name, artifact_location=artifacts)


def _run_of(client: Any, experiment: str, identity: str) -> str | None:
    quoted = identity.replace("'", "")
    found = client.search_runs([experiment], filter_string=f"tags.`{STUDY_TAG}` = '{quoted}'", max_results=1)
    return found[0].info.run_id if found else None


def _study(folder: StudyFolder) -> dict[str, Any]:
    if (folder.path / "study.json").is_file():
        return folder.study()
    if (folder.path / "comparison.json").is_file():
        return {"kind": "comparison"}
    return {"kind": "study"}


def run_name(folder: StudyFolder, study: Mapping[str, Any]) -> str:
    """Name that a reader of the run list and of a chart's legend understands: both show some 20 characters of it.

    A vehicle names its brand where it begins with it; of a generated folder name the last four digits tell runs apart.
    """
    brand, vehicle = str(study.get("brand") or ""), str(study.get("vehicle") or "")
    kind = "" if study.get("kind") == "study" else str(study.get("kind"))
    generated = re.fullmatch(r"\d{8}-\d{6}-.*-([0-9a-f]{4})", folder.path.name)
    parts = ["" if vehicle.startswith(brand) else brand, vehicle, kind, generated[1] if generated else folder.path.name]
    return " ".join(part for part in parts if part)


def _next_colour(client: Any, experiment: str) -> str:
    """Colour of a run in MLflow's charts: the figures' colours in turn. MLflow's own choice repeats itself."""
    from edu_opt.report.figures import COLOURS

    last = client.search_runs([experiment], order_by=["attributes.start_time DESC"], max_results=1)
    before = last[0].data.tags.get(COLOUR_TAG) if last else None
    return COLOURS[(COLOURS.index(before) + 1) % len(COLOURS)] if before in COLOURS else COLOURS[0]


def _tags(folder: StudyFolder, study: Mapping[str, Any], status: Mapping[str, Any], identity: str, sweep: str) -> dict:
    tags = {
        STUDY_TAG: identity.replace("'", ""),
        "kind": str(study.get("kind", "study")),
        "sweep": sweep or sweep_of(folder),
        "brand": str(study.get("brand", "")),
        "vehicle": str(study.get("vehicle", "")),
        "state": str(status.get("state", "")),
        "device": str(study.get("device", "")),
        "config_hash": str(study.get("config_hash", "")),
        "folder": str(folder.path),
        "mlflow.source.name": "edu-opt",
        "mlflow.source.type": "LOCAL",
        "mlflow.note.content": _note(study, status, folder),
    }
    return {name: value for name, value in tags.items() if value}


def sweep_of(folder: StudyFolder) -> str:
    """Name of the sweep folder that a study lies in, empty where it lies alone."""
    parent = folder.path.parent
    return parent.name if (parent / "multirun.yaml").is_file() else ""


def _note(study: Mapping[str, Any], status: Mapping[str, Any], folder: StudyFolder) -> str:
    lines = [f"State: **{status.get('state', '?')}**. {status.get('message', '')}", f"Folder: `{folder.path}`"]
    lines += [f"* {line}" for line in study.get("conflicts", [])]
    return "\n\n".join([*lines, "Artifacts: `report.html` (whole report), `pareto_front.png`, `front.csv`."])


def _log_parameters(client: Any, run_id: str, config: Mapping[str, Any]) -> None:
    from mlflow.entities import Param

    sections = {name: config.get(name) for name in (*RESULT_SECTIONS, "compute", "task")}
    flat = [Param(name, str(value)[:500]) for name, value in flattened(sections) if not name.endswith(".source")]
    for start in range(0, len(flat), 100):
        client.log_batch(run_id, params=flat[start : start + 100])


def flattened(tree: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Dotted names and values of a tree."""
    for name, value in tree.items():
        if isinstance(value, Mapping):
            yield from flattened(value, f"{prefix}{name}.")
        elif value is not None:
            yield f"{prefix}{name}", value


def _log_metrics(client: Any, run_id: str, study: Mapping[str, Any], folder: StudyFolder) -> None:
    from mlflow.entities import Metric

    at = milliseconds(folder.status().get("updated"))
    metrics = [Metric(name, float(value), at, 0) for name, value in final_metrics(study, folder) if _finite(value)]
    if (folder.path / "history.parquet").is_file():
        for position, row in enumerate(folder.history()):
            values: list[tuple[str, Any]] = [(name, row.get(name)) for name in HISTORY_METRICS]
            metrics += [Metric(f"history.{n}", float(v), at, position) for n, v in values if _finite(v)]
    metrics += [Metric(name, value, at, step) for name, value, step in front_metrics(study, folder)]
    for start in range(0, len(metrics), 500):
        client.log_batch(run_id, metrics=metrics[start : start + 500])


def _finite(value: Any) -> bool:
    return isinstance(value, (int, float)) and math.isfinite(value)


def final_metrics(study: Mapping[str, Any], folder: StudyFolder) -> Iterator[tuple[str, Any]]:
    """Numbers of the whole study; best and knee values of every objective."""
    for name in ("hypervolume", "front_size", "feasible_candidates", "failed_candidates"):
        yield name, study.get(name)
    for group in ("evaluations", "wall_s", "kkt_residual"):
        for name, value in (study.get(group) or {}).items():
            yield f"{group}.{name}", value
    if study.get("front_size"):
        from edu_opt.report.fronts import knee, read_front

        front = read_front(folder)
        chosen = front.points[knee(front.points)]
        for k, objective in enumerate(front.objectives):
            yield f"best.{objective.column}", float(front.points[:, k].min())
            yield f"knee.{objective.column}", float(chosen[k])


def front_metrics(study: Mapping[str, Any], folder: StudyFolder) -> Iterator[tuple[str, float, int]]:
    """(name, value, step) of the front in every pair of objectives: MLflow's own charts draw and overlay fronts.

    MLflow draws metrics over integer steps: the step is the value of the pair's first objective. Only designs that are
    not dominated in the pair are logged: their line falls, that of all designs would zigzag.
    """
    if not study.get("front_size"):
        return
    from edu_opt.report.fronts import pairs, read_front

    front = read_front(folder)
    for a, b in pairs(front.objectives):
        across, along = front.objectives[b], front.objectives[a]
        scale = STEPS_PER_UNIT.get(along.unit, 1000)
        unit = along.unit if scale == 1 else f"{1 / scale:g} {along.unit}"
        best: dict[int, float] = {}  # by step; objectives are minimized
        for x, y in sorted(front.points[:, [a, b]].tolist()):
            if y < min(best.values(), default=math.inf):
                best[round(x * scale)] = y
        name = f"front/{across.name} over {along.name} in {across.unit} over {unit}"  # charts cut long names
        yield from ((name, y, step) for step, y in best.items())


def milliseconds(time: str | None) -> int:
    """ISO time -> milliseconds since 1970; now where there is none."""
    moment = datetime.datetime.fromisoformat(time) if time else datetime.datetime.now(datetime.UTC)
    return int(moment.timestamp() * 1000)
