"""Validated settings of one run, as the rest of the package sees them."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from edu_opt.family.settings import FamilySettings
from edu_opt.optimize.settings import OptimizerSettings
from edu_opt.settings import ProblemSettings

# Sections that decide the result of a study. Where it runs and where it is mirrored to do not.
RESULT_SECTIONS = (
    "brand",
    "vehicle",
    "cycle",
    "motor",
    "gearbox",
    "inverter",
    "ratings",
    "plant",
    "price",
    "programme",
    "objectives",
    "fidelity",
    "optimizer",
    "family",
    "member_settings",
)
# Sections of the problem alone: what a design file needs to be evaluated as it was designed.
PROBLEM_SECTIONS = tuple(name for name in RESULT_SECTIONS if name not in ("optimizer", "family", "member_settings"))


@dataclasses.dataclass(frozen=True)
class ComputeSettings:
    """Platform `automatic`, `cpu` or `cuda`; folder of compiled programs, None where the cache is off."""

    platform: str = "automatic"
    compile_cache_folder: Path | None = None


@dataclasses.dataclass(frozen=True)
class TrackingSettings:
    """MLflow mirror: store URI (absolute), name of the experiment."""

    mlflow: bool
    uri: str
    experiment: str


@dataclasses.dataclass(frozen=True)
class RunSettings:
    """Everything that one run of the command needs; `tree` is the composed and resolved YAML."""

    task: str
    problem: ProblemSettings
    optimizer: OptimizerSettings
    compute: ComputeSettings
    tracking: TrackingSettings
    studies_folder: Path
    tree: Mapping[str, Any]
    study: Path | None = None
    studies: tuple[Path, ...] = ()
    design: Path | None = None
    axis_limits: tuple[tuple[float, float], ...] | None = None
    assumptions: tuple[str, ...] = ()
    family: FamilySettings | None = None
    drive_unit: str | None = None  # name of a reference unit

    @property
    def config_hash(self) -> str:
        """Hash of the sections that decide the result."""
        return config_hash(self.tree)


def config_hash(tree: Mapping[str, Any]) -> str:
    """First 16 hexadecimal digits of the SHA-256 of the sections that decide a study's result."""
    sections = {name: tree.get(name) for name in RESULT_SECTIONS if name in tree}
    if tree.get("drive_unit") is not None:  # left out where there is none: hashes of before stay
        sections["drive_unit"] = tree["drive_unit"]
    return hashlib.sha256(json.dumps(sections, sort_keys=True).encode()).hexdigest()[:16]
