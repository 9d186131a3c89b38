"""The validation scripts stay within their tolerances on the shared reference file."""

from __future__ import annotations

import pytest

from tests.shared_data import reference_file


@pytest.mark.slow
@pytest.mark.parametrize("name", ["gears", "gear_losses"])
def test_validation_script_is_within_tolerance(name: str) -> None:
    path = reference_file("gearbox_inverter.json")
    module = __import__(f"experiments.validation.{name}", fromlist=["main"])
    assert module.main(["--data", str(path)]) == 0
