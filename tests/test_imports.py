"""The house's import direction, read from the source: physics never sees the tooling above it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "edu_opt"

# Every room and the rooms below it that it may use. Rooms of one row do not see each other.
LAYERS: list[set[str]] = [
    {"numerics"},
    {"materials"},
    {"duty"},
    {"motor", "gearbox", "inverter"},
    {"drive_unit"},
    {"vehicle"},
    {"programme"},
    {"requirements"},
    {"settings"},
    {"problem"},
]
PHYSICS = set().union(*LAYERS)
PHYSICS_LIBRARIES = {"jax", "numpy", "optax"}
# What a problem is stated in (variables, limits, prices) is open to those who tie several of them together.
STATEMENT = {"numerics", "programme", "requirements", "settings"}
SPECIAL = {"optimize": {"numerics", "optimize"}, "family": {"problem", "optimize", "family", *STATEMENT}}
OPTIMIZE_LIBRARIES = PHYSICS_LIBRARIES | {"moocore"}
STANDARD_LIBRARY = set(__import__("sys").stdlib_module_names)


def room_of(path: Path) -> str:
    """First folder (or module) under edu_opt that a file belongs to."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported_modules(path: Path) -> set[str]:
    """Absolute names of everything that a file imports, relative imports resolved."""
    names: set[str] = set()
    parents = ("edu_opt", *path.relative_to(PACKAGE).parent.parts)
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(parents[: len(parents) - node.level + 1]) + "." if node.level else ""
            module = (base + (node.module or "")).rstrip(".")
            names |= {module} | ({f"{module}.{alias.name}" for alias in node.names} if module == "edu_opt" else set())
    return names - {"edu_opt"}


def allowed_rooms(room: str) -> set[str]:
    """Rooms that a room may import."""
    if room in SPECIAL:
        return SPECIAL[room]
    row = next(k for k, layer in enumerate(LAYERS) if room in layer)
    return set().union(*LAYERS[:row]) | {room}


FILES = [p for p in sorted(PACKAGE.rglob("*.py")) if room_of(p) in PHYSICS | set(SPECIAL)]


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_run_one_way(path: Path) -> None:
    room = room_of(path)
    rooms = {name.split(".")[1] for name in imported_modules(path) if name.startswith("edu_opt.")}
    assert rooms <= allowed_rooms(room), f"{room} may not import {sorted(rooms - allowed_rooms(room))}"
    libraries = {name.split(".")[0] for name in imported_modules(path)} - {"edu_opt"} - STANDARD_LIBRARY
    permitted = OPTIMIZE_LIBRARIES if room in SPECIAL else PHYSICS_LIBRARIES
    assert libraries <= permitted, f"{room} may not depend on {sorted(libraries - permitted)}"
