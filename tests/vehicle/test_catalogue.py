"""Named vehicles: cited, consistent, one shape a layout."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from edu_opt.duty.road_load import road_load_force
from edu_opt.vehicle.catalogue import SOURCES, VEHICLES, Fact, vehicle, vehicle_entry, with_road_load_factor
from edu_opt.vehicle.model import axle_shares


@pytest.mark.parametrize("name", sorted(VEHICLES))
def test_every_vehicle_is_complete_and_cited(name: str) -> None:
    entry, car = VEHICLES[name], vehicle(name)
    assert car.name == name
    assert all(np.isfinite(np.asarray(leaf, float)).all() for leaf in jax.tree.leaves(car))
    assert float(axle_shares(car).sum()) == pytest.approx(1.0)
    assert {fact.source for fact in entry.facts.values()} <= set(SOURCES)
    assert "EPA" in entry.road_load_note or "assumed" in entry.road_load_note
    assert 0.2 < float(car.wheel_radius) < 0.45 and 1000.0 < float(car.test_mass) < 3500.0
    load = car.road_load
    assert load.constant > load.unit_drag and load.linear >= load.unit_drag_linear, "the unit's drag is a part of it"


@pytest.mark.parametrize(
    ("name", "newton"), [("bmw_i4", 447.0), ("bmw_ix", 585.0), ("mini_cooper_se", 498.0), ("jaguar_i_pace", 713.0)]
)
def test_road_load_at_100_km_per_h(name: str, newton: float) -> None:
    """Force of the EPA coefficients at 100 km/h [N]."""
    assert float(road_load_force(vehicle(name).road_load, jnp.asarray(100.0 / 3.6))) == pytest.approx(newton, abs=1.0)


def test_assumed_road_load_lies_between_relatives() -> None:
    """iX3 between i4 (lower, lighter) and iX (heavier, better c_d A); its band is declared."""
    speed = jnp.asarray(100.0 / 3.6)
    force = {n: float(road_load_force(vehicle(n).road_load, speed)) for n in ("bmw_i4", "bmw_ix3", "bmw_ix")}
    assert force["bmw_i4"] < force["bmw_ix3"] < force["bmw_ix"]
    low, high = vehicle_entry("bmw_ix3").band
    assert low < 1.0 < high
    scaled = with_road_load_factor(vehicle("bmw_ix3"), high)
    assert float(road_load_force(scaled.road_load, speed)) == pytest.approx(high * force["bmw_ix3"])


def test_unknown_names_are_answered() -> None:
    with pytest.raises(KeyError, match="known: bmw_ix3"):
        vehicle("bmw_x3")
    with pytest.raises(KeyError, match="unknown source"):
        Fact(1.0, "HEARSAY")
