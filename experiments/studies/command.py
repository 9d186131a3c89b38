"""The `edu-opt` command as the studies call it: one process a study, resumable by its folder."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOUND, NOTHING_FEASIBLE = 0, 3


def edu_opt(folder: Path, overrides: Sequence[str]) -> int:
    """Exit code of `edu-opt study=FOLDER OVERRIDES`; a finished study is read again, an unfinished one resumed."""
    arguments = [sys.executable, "-m", "edu_opt", f"study={folder.absolute()}", *overrides]
    print("edu-opt " + " ".join(arguments[3:]), flush=True)
    return subprocess.run(arguments, cwd=ROOT, check=False).returncode


def found_or_stop(folder: Path, overrides: Sequence[str]) -> int:
    """The same; a study that neither found anything nor proved it infeasible in its search ends the script."""
    code = edu_opt(folder, overrides)
    if code not in (FOUND, NOTHING_FEASIBLE):
        raise SystemExit(code)
    return code
