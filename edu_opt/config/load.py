"""Composed YAML in, validated `RunSettings` out; or `SettingsError` with one line for each thing that is wrong."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from edu_opt.config import checks, convert, models
from edu_opt.config.convert import absolute
from edu_opt.config.errors import SettingsError, lines_of
from edu_opt.config.family import family_settings
from edu_opt.config.run_settings import ComputeSettings, RunSettings, TrackingSettings


def validated(tree: Mapping[str, Any]) -> models.Settings:
    """The tree of one study or task, held to all rules."""
    try:
        model = models.Settings.model_validate({k: v for k, v in tree.items() if k != "member_settings"})
    except ValidationError as error:
        raise SettingsError(lines_of(error, models.Settings)) from None
    lines = checks.findings(model)
    if lines:
        raise SettingsError(lines)
    return model


def load(tree: Mapping[str, Any]) -> RunSettings:
    """Validate a composed and resolved tree."""
    model = validated(tree)
    family = family_settings(model.family, tree.get("member_settings")) if model.task.name == "family" else None
    try:
        optimizer = convert.optimizer_settings(model)
    except ValueError as error:
        raise SettingsError(str(error)) from None
    studies_folder = absolute(model.studies_folder)
    return RunSettings(
        task=model.task.name,
        problem=convert.problem_settings(model),
        optimizer=optimizer,
        compute=compute_settings(model.compute),
        tracking=tracking_settings(model.tracking, studies_folder),
        studies_folder=studies_folder,
        tree=tree,
        study=absolute(model.study) if model.study else None,
        studies=tuple(absolute(path) for path in model.studies),
        design=absolute(model.design) if model.design else None,
        assumptions=assumptions(model.vehicle) if model.task.name in ("optimize", "evaluate") else (),
        family=family,
        drive_unit=model.drive_unit.name if model.drive_unit else None,
        axis_limits=tuple((low, high) for low, high in model.task.axis_limits) if model.task.axis_limits else None,
    )


def compute_settings(compute: models.Compute) -> ComputeSettings:
    """Platform and the folder of compiled programs."""
    if not compute.compile_cache:
        return ComputeSettings(compute.platform, None)
    home = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser()
    folder = absolute(compute.compile_cache_folder) if compute.compile_cache_folder else home / "edu_opt" / "compiled"
    return ComputeSettings(compute.platform, folder)


def tracking_settings(tracking: models.Tracking, studies_folder: Path) -> TrackingSettings:
    """Store URI, absolute: MLflow's own default depends on the current folder."""
    uri = tracking.uri or f"sqlite:///{studies_folder / 'mlflow.db'}"
    return TrackingSettings(tracking.mlflow, uri, tracking.experiment)


def assumptions(vehicle: models.Vehicle) -> tuple[str, ...]:
    """What the vehicle's data rest on, for the report."""
    from edu_opt.vehicle.catalogue import vehicle_entry

    entry = vehicle_entry(vehicle.name, vehicle.data)
    low, high = entry.band
    lines = [f"Road load of {vehicle.name}: {entry.road_load_note}"]
    if (low, high) != (1.0, 1.0):
        lines.append(f"It is assumed; its band is a factor of {low:g} to {high:g} on the force at the wheels.")
    return tuple(lines)
