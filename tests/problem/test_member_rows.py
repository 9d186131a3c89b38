"""Members of the gearbox's safeties, and the rows that a search has of them."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from edu_opt.config.compose import compose
from edu_opt.config.load import load
from edu_opt.gearbox.layouts import LAYOUTS
from edu_opt.gearbox.rating import rate
from edu_opt.problem.gear_checks import member_counts, member_safeties
from edu_opt.requirements import Requirement, margins
from edu_opt.tasks import build_problems
from tests.gearbox.test_rating import PEAK, SPECTRUM, middle


@pytest.mark.parametrize("layout", LAYOUTS)
def test_counts_of_members_are_those_of_the_rating(layout: str) -> None:
    shapes = jax.eval_shape(lambda gearbox: member_safeties(rate(gearbox, SPECTRUM, PEAK)), middle(layout))
    assert {name: each.shape for name, each in shapes.items()} == {n: (k,) for n, k in member_counts(layout).items()}


def test_every_member_has_a_row_and_the_limit_of_its_requirement() -> None:
    (problem,) = build_problems(load(compose(["gearbox=planetary_layshaft"])).problem)[:1]
    names = [problem.margin_names[k] for k in problem.margin_rows]
    assert names.count("bearing_life_load_ratio_min") == 5 and names.count("root_safety_stage_1_min") == 4
    assert list(dict.fromkeys(names)) == list(problem.margin_names)


def test_margins_of_members() -> None:
    asked = [Requirement("unit_mass", "max", 80.0, ""), Requirement("bearing_life_load_ratio", "min", 2.0, "")]
    values = {"unit_mass": jnp.array(100.0), "bearing_life_load_ratio": jnp.array([1.0, 3.0, 2.0])}
    np.testing.assert_allclose(margins(values, asked, jnp.array([80.0, 2.0])), [-0.25, -0.5, 0.5, 0.0])
