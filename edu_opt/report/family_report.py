"""Report of a family (placeholder until the branch lands)."""

from __future__ import annotations

from edu_opt.tracking.progress import Reporter
from edu_opt.tracking.study_folder import StudyFolder


def write_family_report(folder: StudyFolder) -> None:
    """Nothing yet."""


def print_family(folder: StudyFolder, reporter: Reporter) -> None:
    """Nothing yet."""
