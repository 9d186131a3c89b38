"""Members' own fronts of another run (`family.members_from`): searched once, they serve other patterns and budgets."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from edu_opt.config.errors import SettingsError
from edu_opt.config.run_settings import PROBLEM_SECTIONS, RunSettings
from edu_opt.tracking.study_folder import CONFIG, StudyFolder

KEY = "family.members_from"
BUDGET = ("refreshes", "polish_steps", "final_polish_steps")  # of a family, that its members' own searches share


@dataclasses.dataclass(frozen=True)
class EarlierMembers:
    """State of the members' searches in a folder, and the least budget that it gave them (by name of `BUDGET`)."""

    folder: Path
    arrays: Mapping[str, np.ndarray]
    budget: Mapping[str, int]


def earlier_members(settings: RunSettings) -> EarlierMembers | None:
    """The members' own searches of the folder that the settings name, None where they name none.

    The folder's members, their settings, objectives and optimizer must be those of this run; patterns, factors of the
    volumes and the family's budget may differ. Raises SettingsError with one line for each difference.
    """
    family = settings.family
    if family is None or family.members_from is None:
        return None
    folder = StudyFolder(family.members_from)
    if not folder.path.is_dir():
        raise SettingsError(f"{KEY}: no such folder: {folder.path}")
    if not (folder.path / CONFIG).is_file():
        raise SettingsError(f"{KEY}: is no study folder: {folder.path}")
    theirs = folder.config()
    lines = list(differences(theirs, settings.tree))
    if lines:
        raise SettingsError([f"{KEY}: {folder.path} {line}" for line in lines])
    arrays = folder.checkpoint() or {}
    found = {name: value for name, value in arrays.items() if name.startswith("member ")}
    if not found:
        raise SettingsError(f"{KEY}: holds no front of a member yet: {folder.path}")
    budget = {name: int(theirs["family"][name]) for name in BUDGET if name in theirs["family"]}
    return EarlierMembers(folder.path, found, budget)


def differences(theirs: Mapping[str, Any], mine: Mapping[str, Any]) -> Iterator[str]:
    """Why another run's members are not those of this one; nothing where they are."""
    if not isinstance(theirs.get("family"), Mapping) or "member_settings" not in theirs:
        yield "holds no family"
        return
    before, now = theirs["member_settings"]["members"], mine["member_settings"]["members"]
    if list(before) != list(now):
        yield f"has members {', '.join(before)}, this run {', '.join(now)}"
        return
    if theirs["family"].get("objectives") != mine["family"].get("objectives"):
        yield "has other objectives of the brands (family.objectives)"
    if theirs.get("optimizer") != mine.get("optimizer"):
        yield "was searched with other settings of optimizer"
    for name, tree in now.items():
        changed = [part for part in PROBLEM_SECTIONS if before[name].get(part) != tree.get(part)]
        if changed:
            yield f"has other settings of member {name}: {', '.join(changed)}"
