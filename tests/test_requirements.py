"""Requirements: sign and scale of margins, merging, contradictions."""

from __future__ import annotations

import jax.numpy as jnp
import pytest

from edu_opt.requirements import PHYSICAL_LIMITS, QUANTITIES, Requirement, contradictions, margin, margins, merge


def test_margin_is_a_fraction_of_the_limit_and_positive_when_kept() -> None:
    heavy = Requirement("unit_mass", "max", 100.0, "test")
    fast = Requirement("top_speed", "min", 180.0, "test")
    assert margin(jnp.asarray(90.0), heavy) == pytest.approx(0.1)
    assert margin(jnp.asarray(171.0), fast) == pytest.approx(-0.05)


def test_quantities_with_a_scale_use_it() -> None:
    hot = Requirement("winding_temperature_10s", "max", 180.0, "test")
    assert margin(jnp.asarray(155.0), hot) == pytest.approx(25.0 / 50.0)


def test_limits_are_data() -> None:
    rows = (Requirement("unit_mass", "max", 100.0, "a"), Requirement("range", "min", 400.0, "b"))
    values = {"unit_mass": jnp.asarray(90.0), "range": jnp.asarray(450.0)}
    result = margins(values, rows, jnp.array([180.0, 500.0]))
    assert result.tolist() == pytest.approx([0.5, -0.1])


def test_the_stricter_of_two_bounds_stays() -> None:
    merged = merge(PHYSICAL_LIMITS, (Requirement("flank_safety_stage_1", "min", 1.3, "brand"),))
    assert {r.name: r.limit for r in merged}["flank_safety_stage_1_min"] == 1.3
    assert len(merged) == len(PHYSICAL_LIMITS)


def test_contradictory_limits_are_named() -> None:
    rows = (Requirement("unit_mass", "max", 60.0, "a"), Requirement("unit_mass", "min", 80.0, "b"))
    assert contradictions(rows) == ["unit_mass: min 80 is above max 60 kg"]


def test_unknown_quantities_and_zero_limits_without_scale_are_refused() -> None:
    with pytest.raises(KeyError, match="unknown quantity"):
        Requirement("beauty", "min", 1.0, "test")
    with pytest.raises(ValueError, match="limit of 0"):
        Requirement("unit_mass", "max", 0.0, "test")


def test_every_physical_limit_has_a_source() -> None:
    assert all(r.source and r.quantity in QUANTITIES for r in PHYSICAL_LIMITS)
