"""The study folder: the record of a study, written atomically and read back by `compare`, `sync` and `evaluate`."""

from __future__ import annotations

import contextlib
import datetime
import math
import os
import secrets
import socket
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock, Timeout

from edu_opt.config.errors import SettingsError
from edu_opt.tracking import files
from edu_opt.tracking.record import DESIGN_FORM, Design, StudyRecord, columns_of

CHECKPOINT, STATUS, STUDY, CONFIG = "checkpoint.npz", "status.json", "study.json", "config.yaml"
FINISHED = ("done", "infeasible")


def now() -> str:
    """Time in UTC, to the second."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")


def generated_name(*parts: str) -> str:
    """Folder name of letters, digits, `_`, `.`, `-`: time, parts, four random digits."""
    clean = ["".join(c if c.isascii() and (c.isalnum() or c in "_.-") else "_" for c in part) for part in parts]
    stamp = datetime.datetime.now().strftime("%Y%m%d-%H%M%S")
    return "-".join([stamp, *clean, secrets.token_hex(2)])


class StudyFolder:
    """Paths and files of one study. Creating the object touches nothing on disk."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self._lock: FileLock | None = None
        self._status: dict[str, Any] = {}
        self._made: list[Path] = []  # folders that `open` created, the study's own first

    # -- opening

    def open(self, tree: Mapping[str, Any], config_hash: str, key: str = "study") -> bool:
        """Create the folder, or enter an existing study of equal settings; True where it is finished already.

        `key`: the setting that an error is about.
        """
        if self.path.exists() and not self.path.is_dir():
            raise SettingsError(f"{key}: is a file, not a folder: {self.path}")
        known = self.path.is_dir() and any(p.name != ".lock" for p in self.path.iterdir())
        if known:
            self._check_same_study(config_hash)
        try:
            self._made = [] if known else [p for p in (self.path, *self.path.parents) if not p.exists()]
            self.path.mkdir(parents=True, exist_ok=True)
            self._take_lock()
            if not known:
                files.write_yaml(self.path / CONFIG, {**tree, "config_hash": config_hash})
        except OSError as error:
            self.discard()
            raise SettingsError(f"{key}: the folder cannot be written ({error.strerror}): {self.path}") from None
        return known and self.status().get("state") in FINISHED

    def _check_same_study(self, config_hash: str) -> None:
        stored = self.config().get("config_hash") if (self.path / CONFIG).is_file() else None
        if stored is None:
            raise SettingsError(
                f"study: exists and is no study folder, nothing was written: {self.path}; name an empty or a new folder"
            )
        if stored != config_hash:
            raise SettingsError(
                f"study: {self.path} holds a study of other settings (config_hash {stored}, now {config_hash}); "
                "name another folder, or the settings of its config.yaml"
            )

    def _take_lock(self) -> None:
        self._lock = FileLock(self.path / ".lock")
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            pid = self.status().get("pid")
            raise SettingsError(f"study: {self.path} is in use by another process (pid {pid})") from None

    def close(self) -> None:
        """Give the folder free."""
        if self._lock is not None:
            self._lock.release()
            (self.path / ".lock").unlink(missing_ok=True)
            self._lock = None

    def discard(self) -> bool:
        """Take back what `open` made, for settings that turn out wrong later; False for an earlier study."""
        if not self._made:
            return False
        with contextlib.suppress(OSError):  # one that holds something else stays, and those around it
            for name in (CONFIG, STATUS):
                (self.path / name).unlink(missing_ok=True)
            self.close()
            for folder in self._made:
                folder.rmdir()
        return True

    # -- status

    def status(self) -> dict[str, Any]:
        """Contents of status.json, empty where there is none."""
        path = self.path / STATUS
        try:
            return files.read_json(path) if path.is_file() else {}
        except ValueError:
            raise SettingsError(f"study: its {STATUS} is not JSON: {path}; name another folder") from None

    def set_status(self, state: str, phase: str, message: str = "", exit_code: int | None = None) -> None:
        """Write status.json; the start time of an earlier attempt is kept."""
        started = self._status.get("started") or self.status().get("started") or now()
        self._status = {
            "state": state,
            "exit_code": exit_code,
            "phase": phase,
            "started": started,
            "updated": now(),
            "host": socket.gethostname(),
            "pid": os.getpid(),
            "message": message,
        }
        files.write_json(self.path / STATUS, self._status)

    # -- settings and checkpoint

    def config(self) -> dict[str, Any]:
        """Composed and resolved settings."""
        import yaml

        path = self.path / CONFIG
        try:
            return yaml.safe_load(path.read_text()) or {}
        except (yaml.YAMLError, UnicodeDecodeError):
            raise SettingsError(f"study: its {CONFIG} is not YAML: {path}; name another folder") from None

    def save_checkpoint(self, arrays: Mapping[str, np.ndarray]) -> None:
        """Replace the checkpoint."""
        files.write_arrays(self.path / CHECKPOINT, arrays)

    def checkpoint(self) -> dict[str, np.ndarray] | None:
        """Arrays of the checkpoint, None where there is none."""
        path = self.path / CHECKPOINT
        return files.read_arrays(path) if path.is_file() else None

    # -- results

    def write_record(self, record: StudyRecord, settings: Mapping[str, Any]) -> None:
        """Tables, designs and study.json."""
        rows = [design.row for design in record.designs]
        columns = columns_of(rows) or ["id", "branch", *(f"objective.{o.column}" for o in record.objectives)]
        files.write_csv(self.path / "front.csv", rows, columns)
        files.write_parquet(self.path / "front.parquet", rows, columns)
        history = list(record.history)
        names = list(dict.fromkeys(name for row in history for name in row)) or ["step"]
        files.write_parquet(self.path / "history.parquet", history, names)
        for design in [*record.designs, *([record.closest] if record.closest else [])]:
            files.write_json(self.path / "designs" / f"{design.id}.json", design_json(design, record, settings))
        files.write_json(self.path / STUDY, record.study_json())

    def study(self) -> dict[str, Any]:
        """Contents of study.json."""
        return files.read_json(self.path / STUDY)

    def front(self) -> list[dict[str, Any]]:
        """Rows of the front table."""
        import pyarrow.parquet as pq

        return pq.read_table(self.path / "front.parquet").to_pylist()

    def history(self) -> list[dict[str, Any]]:
        """Rows of the history."""
        import pyarrow.parquet as pq

        return pq.read_table(self.path / "history.parquet").to_pylist()


def design_json(design: Design, record: StudyRecord, settings: Mapping[str, Any]) -> dict[str, Any]:
    """A complete design file: what `evaluate` and `export` need, with the settings it was designed under."""
    return {
        "form": DESIGN_FORM,
        "id": design.id,
        "brand": record.brand,
        "vehicle": record.vehicle,
        "program": design.program,
        "branch": design.branch_data,
        "branch_name": design.branch,
        "design": design.design,
        "objectives": design.objectives,
        "margins": design.margins,
        "prices": design.prices,
        "prices_along_ray": design.prices_along_ray,
        "results": design.result,
        "parts": design.parts,
        "kkt_residual": design.kkt_residual,
        "feasible": design.feasible,
        "config_hash": record.config_hash,
        "versions": record.versions,
        "settings": dict(settings),
    }


def read_design(path: Path) -> dict[str, Any]:
    """A design file; anything else is a `SettingsError`."""
    try:
        content = files.read_json(path)
    except OSError as error:
        raise SettingsError(f"design: cannot be read ({error.strerror}): {path}") from None
    except ValueError:
        raise SettingsError(f"design: is not JSON: {path}; name a file designs/ID.json of a study folder") from None
    form = content.get("form") if isinstance(content, dict) else None
    if form != DESIGN_FORM:
        raise SettingsError(f"design: is no design file (form must be '{DESIGN_FORM}', got {form!r}): {path}")
    missing = [k for k in ("program", "branch", "design", "settings") if not isinstance(content.get(k), dict)]
    values = content.get("design") if not missing else {}
    wrong = [k for k, v in (values or {}).items() if isinstance(v, bool) or not isinstance(v, (int, float))]
    wrong += [k for k, v in (values or {}).items() if k not in wrong and not math.isfinite(v)]
    if missing or wrong:
        problem = f"misses {', '.join(missing)}" if missing else f"holds no number at {', '.join(wrong)}"
        raise SettingsError(f"design: {problem}: {path}")
    return content


def study_folders(paths: Sequence[Path], key: str = "studies") -> list[StudyFolder]:
    """Study folders named directly or lying in sweep folders; a path that is neither is a `SettingsError`."""
    found: dict[Path, StudyFolder] = {}
    for path in paths:
        if not path.is_dir():
            raise SettingsError(f"{key}: no such folder: {path}")
        inside = [path] if (path / STATUS).is_file() else sorted(p.parent for p in path.glob(f"*/{STATUS}"))
        inside = inside or sorted(p.parent for p in path.glob(f"*/*/{STATUS}"))
        if not inside:
            raise SettingsError(f"{key}: neither a study folder nor a sweep folder: {path}")
        found |= {folder.resolve(): StudyFolder(folder) for folder in inside}
    return list(found.values())
