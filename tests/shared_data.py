"""Where the team's reference numbers lie, for the tests and scripts that can use them when they are there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

REFERENCE_FOLDER = Path(
    os.environ.get("EDU_OPT_REFERENCE", Path(__file__).resolve().parents[2] / "shared" / "reference")
)


def reference_file(name: str) -> Path:
    """Path of a reference file; the calling test is skipped, saying so, where the file is absent."""
    path = REFERENCE_FOLDER / name
    if not path.is_file():
        pytest.skip(f"reference data not here: {path}")
    return path
