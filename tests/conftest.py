"""Strict while testing: implicit rank promotion and weak dtypes are errors only where a test asks; x64 is always on."""

from __future__ import annotations

import matplotlib
import pytest

import edu_opt  # noqa: F401  (switches JAX to double precision before any test traces)

matplotlib.use("Agg")


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that share what is compiled run in one process: those of a contract case, else those of a file."""
    for item in items:
        case = (
            item.callspec.params.get("case")
            if isinstance(item, pytest.Function) and hasattr(item, "callspec")
            else None
        )
        shared = getattr(case, "name", None) if item.path.name == "test_contract.py" else None
        item.add_marker(pytest.mark.xdist_group(shared or str(item.path)))
