"""Design variables: names, ranges and the map to the unit cube and back."""

from __future__ import annotations

import numpy as np
import pytest

from edu_opt.numerics.design_space import DesignSpace, Variable
from edu_opt.numerics.discrete import one_at_a_time

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


def test_listed_variables_of_one_part_and_list_share_rows() -> None:
    def sizes(name: str, values: tuple[float, ...], part: str = "bearing_set") -> Variable:
        return Variable(part, name, "m", 0.0, 1.0, "", listed=values, list_name="input")

    bore, other, outer = sizes("bore", (0.1, 0.2)), sizes("bore", (0.3,), "other"), sizes("outer", (0.5, 0.6))
    space = DesignSpace((bore, other, outer, *SPACE.variables))
    assert space.listed.tolist() == [True, True, True, False, False, False]
    assert space.discrete.tolist() == [True, True, True, False, True, False]
    first, second = space.lists
    assert first.columns.tolist() == [0, 2] and first.rows.tolist() == [[0.1, 0.5], [0.2, 0.6]]
    assert second.columns.tolist() == [1] and second.rows.tolist() == [[0.3]]
    with pytest.raises(ValueError, match=r"differ in length: bearing_set.bore_m, bearing_set.outer_m"):
        DesignSpace((bore, sizes("outer", (0.5,))))
    with pytest.raises(ValueError, match=r"between 0.0 and 1.0"):
        sizes("bore", (1.1,))
    with pytest.raises(ValueError, match="need a list_name"):
        Variable("bearing_set", "bore", "m", 0.0, 1.0, "", listed=(0.5,))


def test_groups_move_one_at_a_time_the_nearest_first() -> None:
    groups = [(np.array([0, 1]), np.array([[1.0, 2.0], [3.0, 4.0]])), (np.array([3]), np.array([[7.0], [8.0], [9.0]]))]
    rows = one_at_a_time(np.zeros(4), groups, 6)
    near = [1.0, 2.0, 0.0, 7.0]
    moved = [[3.0, 4.0, 0.0, 7.0], [1.0, 2.0, 0.0, 8.0], [1.0, 2.0, 0.0, 9.0]]
    assert rows.tolist() == [near, *moved, near, near]
    assert one_at_a_time(np.zeros(4), groups, 2).tolist() == rows[:2].tolist()
