"""Gearboxes that cannot be built are refused by name; production units are not."""

from __future__ import annotations

import dataclasses

import jax.numpy as jnp
import pytest

from edu_opt.gearbox.layouts import LAYOUTS
from edu_opt.gearbox.model import gearbox_from_values, gearbox_space
from edu_opt.gearbox.reference_units import REFERENCE_GEARBOXES
from edu_opt.gearbox.refusals import ratio_refusal, refusals

I_PACE, APP310 = REFERENCE_GEARBOXES["jaguar_i_pace"], REFERENCE_GEARBOXES["vw_app310"]


def changed(unit, **values):
    """The unit as a gearbox with some values (dots of the names written as __) changed."""
    values = {name.replace("__", "."): value for name, value in values.items()}
    return dataclasses.replace(unit, values=unit.values | values).gearbox()


@pytest.mark.parametrize("name", ["vw_app310", "jaguar_i_pace"])
def test_production_units_can_be_built(name: str) -> None:
    unit = REFERENCE_GEARBOXES[name]
    assert refusals(unit.gearbox(), unit.peak_torque * 9.0) == ()


def test_a_ratio_that_a_layout_cannot_have_names_those_that_can() -> None:
    assert ratio_refusal("simple_planetary", 4.5) is None
    message = ratio_refusal("simple_planetary", 9.06)
    assert message is not None and message.startswith(
        "gearbox layout simple_planetary: ratio 9.06 is outside 2.6 to 6.5"
    )
    able = message.split("layouts that can: ")[1].split(", ")
    assert {"parallel_axis", "planetary", "planetary_layshaft"} <= set(able) <= set(LAYOUTS)
    assert "layouts that can" not in str(ratio_refusal("parallel_axis", 200.0))


def test_undercut_teeth_name_the_gear_and_the_missing_shift() -> None:
    faults = refusals(changed(APP310, gear_stage_2__teeth_pinion_1=11, gear_stage_2__profile_shift_1=0.0), 3500.0)
    undercut = [f for f in faults if "undercut" in f]
    assert len(undercut) == 1 and undercut[0].startswith("pinion of gear_stage_2: 11 teeth are undercut")
    missing = float(undercut[0].split()[-1])
    fixed = changed(APP310, gear_stage_2__teeth_pinion_1=11, gear_stage_2__profile_shift_1=missing + 1e-3)
    assert not any("undercut" in f for f in refusals(fixed, 3500.0))


def test_teeth_that_are_no_whole_number_are_named() -> None:
    faults = refusals(changed(APP310, gear_stage_1__teeth_wheel_1=67.5), 3500.0)
    assert "wheel of gear_stage_1: 67.5 teeth are no whole number" in faults


def test_planets_that_collide_or_do_not_fit_are_refused() -> None:
    crowded = refusals(dataclasses.replace(I_PACE, planets=5).gearbox(), 3200.0)
    assert len(crowded) == 1 and crowded[0].startswith("5 planets collide: neighbours lack")
    uneven = refusals(dataclasses.replace(I_PACE, planets=4).gearbox(), 3200.0)
    assert "4 equally spaced planets cannot be put in with these teeth; that fit: 3, 5" in uneven


def test_a_sun_that_the_half_shaft_does_not_leave_a_rim_is_refused() -> None:
    gearbox = gearbox_from_values(I_PACE.layout, jnp.asarray(I_PACE.vector()), planets=3.0, half_shaft_diameter=0.036)
    assert any(
        f.startswith("sun of gear_stage_1: rim around the half shaft of 36 mm") for f in refusals(gearbox, 3200.0)
    )
    large_pin = changed(I_PACE, bearing_set__planet_pin_m=0.030)
    assert "planet of gear_stage_1: too small for its pin of 30 mm" in refusals(large_pin, 3200.0)


def test_an_unknown_layout_is_named_with_the_known_ones() -> None:
    with pytest.raises(KeyError, match="'belt' is not among parallel_axis, planetary"):
        gearbox_space("belt")
    assert gearbox_space("stepped_planetary") == gearbox_space("planetary")
