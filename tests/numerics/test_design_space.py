"""Design variables: names, ranges and the map to the unit cube and back."""

from __future__ import annotations

import numpy as np
import pytest

from edu_opt.numerics.design_space import DesignSpace, Variable

SPACE = DesignSpace((
    Variable("lamination", "outer_radius", "m", 0.08, 0.14, "stator outer radius"),
    Variable("stator_winding", "turns", "1", 4.0, 20.0, "turns", integer=True),
    Variable("housing", "coolant_flow", "m3_per_s", 1e-5, 1e-3, "flow", logarithmic=True),
))


def test_round_trip() -> None:
    unit = np.random.default_rng(0).uniform(size=(50, 3))
    np.testing.assert_allclose(SPACE.to_unit(SPACE.to_physical(unit)), unit, atol=1e-12)


def test_a_logarithmic_variable_meets_its_geometric_mean_halfway() -> None:
    assert SPACE.to_physical(np.full(3, 0.5))[2] == pytest.approx(1e-4)


def test_names_carry_part_quantity_and_unit() -> None:
    assert SPACE.names[0] == "lamination.outer_radius_m"
    assert SPACE.integer.tolist() == [False, True, False]


def test_missing_value_is_named() -> None:
    with pytest.raises(KeyError, match=r"stator_winding.turns_1"):
        SPACE.from_mapping({"lamination.outer_radius_m": 0.1, "housing.coolant_flow_m3_per_s": 1e-4})


def test_repeated_names_and_bad_ranges_are_refused() -> None:
    with pytest.raises(ValueError, match="named twice"):
        SPACE + SPACE
    with pytest.raises(ValueError, match="must be below"):
        Variable("a", "b", "m", 1.0, 1.0, "empty range")
    with pytest.raises(ValueError, match="logarithmic"):
        Variable("a", "b", "m", 0.0, 1.0, "log from zero", logarithmic=True)
