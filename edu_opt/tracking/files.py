"""Files that are either there in full or not at all: written beside, flushed, then renamed."""

from __future__ import annotations

import csv
import io
import json
import math
import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np


def write_bytes(path: Path, data: bytes) -> None:
    """Replace a file atomically; its folder is made where it is missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(temporary, 0o666 & ~_umask())
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current


def write_text(path: Path, text: str) -> None:
    """Replace a text file atomically."""
    write_bytes(path, text.encode())


def write_json(path: Path, value: Any) -> None:
    """Replace a JSON file atomically; numbers that are not finite become null."""
    write_text(path, json.dumps(plain(value), indent=2, allow_nan=False) + "\n")


def read_json(path: Path) -> Any:
    """Contents of a JSON file."""
    return json.loads(path.read_text())


def write_yaml(path: Path, value: Mapping[str, Any]) -> None:
    """Replace a YAML file atomically, keys in their order."""
    import yaml

    write_text(path, yaml.safe_dump(dict(value), sort_keys=False, allow_unicode=True))


def write_arrays(path: Path, arrays: Mapping[str, np.ndarray]) -> None:
    """Replace an npz file atomically; arrays of objects (pickle) are refused."""
    objects = [name for name, value in arrays.items() if np.asarray(value).dtype == object]
    if objects:
        raise TypeError(f"arrays of objects cannot be written without pickle: {', '.join(objects)}")
    buffer = io.BytesIO()
    np.savez(buffer, **dict(arrays))  # type: ignore[arg-type]
    write_bytes(path, buffer.getvalue())


def read_arrays(path: Path) -> dict[str, np.ndarray]:
    """Arrays of an npz file, without pickle."""
    with np.load(path, allow_pickle=False) as stored:
        return {name: stored[name] for name in stored.files}


def write_csv(path: Path, rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> None:
    """Replace a CSV file atomically; values that are missing or NaN stay empty."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_cell(row.get(name)) for name in columns])
    write_text(path, buffer.getvalue())


def _cell(value: Any) -> Any:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    return repr(float(value)) if isinstance(value, float) else value


def write_parquet(path: Path, rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> None:
    """Replace a parquet file atomically; missing numbers become NaN."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    arrays = [pa.array(*_column([row.get(name) for row in rows])) for name in columns]
    buffer = io.BytesIO()
    pq.write_table(pa.table(arrays, names=list(columns)), buffer)
    write_bytes(path, buffer.getvalue())


def _column(values: list[Any]) -> tuple[list[Any], Any]:
    import pyarrow as pa

    if values and all(isinstance(v, str) for v in values):
        return values, pa.string()
    if values and all(isinstance(v, (int, np.integer)) and not isinstance(v, bool) for v in values):
        return [int(v) for v in values], pa.int64()
    if any(isinstance(v, str) for v in values):
        return [None if v is None else str(v) for v in values], pa.string()
    return [math.nan if v is None else float(v) for v in values], pa.float64()


def plain(value: Any) -> Any:
    """The same value made of what JSON knows."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return str(value) if isinstance(value, Path) else value
