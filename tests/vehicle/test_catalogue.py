"""Named vehicles: cited, consistent, one shape a layout; a user's own car; bad descriptions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import yaml

from edu_opt.duty.road_load import from_lbf_and_mph, road_load_force, tyre_and_air_force
from edu_opt.vehicle.catalogue import (
    SOURCES,
    VEHICLES,
    Fact,
    own_entry,
    vehicle,
    vehicle_entry,
    with_road_load_factor,
)
from edu_opt.vehicle.description import KEYS, findings
from edu_opt.vehicle.model import axle_shares
from edu_opt.vehicle.unit_drag import UNIT_DRAG, fitted_drag, geared_drag

CONFIGS = Path(__file__).resolve().parents[2] / "configs"
NAMED = (
    *("bmw_i3", "bmw_ix3", "bmw_ix", "bmw_i4", "jaguar_i_pace", "range_rover_electric", "land_rover_defender_phev"),
    *("range_rover_phev", "range_rover_evoque_phev", "bmw_x5_phev", "mini_cooper_se"),
)
OWN = """
application: bev
axles:
  - {position: front, share: 0.4}
  - {position: rear, unit: bmw_gen5_rear, share: 0.6, disconnect_speed_km_per_h: 120}
road_load_note: coast-down of our own, 2024-05-02
values:
  test_mass_kg: 2000
  road_load_constant_n: 150
  road_load_linear_n_s_per_m: 1.0
  road_load_quadratic_n_s2_per_m2: 0.38
  wheel_radius_m: 0.34
  wheelbase_m: 2.8
  battery_net_kwh: 70
  battery_voltage_v: 400
  battery_resistance_ohm: 0.08
  regeneration_power_kw: 120
  regeneration_deceleration_m_per_s2: 3.0
"""


def test_every_named_vehicle_is_there_and_has_its_option() -> None:
    assert set(NAMED) == set(VEHICLES)
    for name in NAMED:
        option = yaml.safe_load((CONFIGS / "vehicle" / f"{name}.yaml").read_text())
        pair = {"torque_split": "best", "other_unit": None, "other_axle": "front"} if "torque_split" in option else {}
        assert option == {"name": name, **pair}
        assert bool(pair) <= (len(VEHICLES[name].build().axles) == 2)


@pytest.mark.parametrize("name", sorted(VEHICLES))
def test_every_vehicle_is_complete_and_cited(name: str) -> None:
    entry, car = VEHICLES[name], vehicle(name)
    assert findings(entry.description, name) == []
    assert all(np.isfinite(np.asarray(leaf, float)).all() for leaf in jax.tree.leaves(car))
    assert float(axle_shares(car).sum()) == pytest.approx(1.0)
    assert {fact.source for fact in entry.facts.values()} <= set(SOURCES)
    assert "EPA" in entry.road_load_note or "assumed" in entry.road_load_note
    assert (car.engine is not None) == name.endswith("_phev")
    speed = jnp.linspace(0.0, 60.0, 13)
    left = tyre_and_air_force(car.road_load, speed)
    assert (np.asarray(left) > 0.75 * np.asarray(road_load_force(car.road_load, speed))).all(), "drag is a part of it"


def test_cars_of_one_layout_share_a_program() -> None:
    """Front or rear drive, names and units are no part of what is compiled."""
    layout = {name: jax.tree.structure(vehicle(name)) for name in ("bmw_ix3", "mini_cooper_se", "bmw_ix")}
    assert layout["bmw_ix3"] == layout["mini_cooper_se"] != layout["bmw_ix"]


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


def test_a_users_car_from_yaml() -> None:
    entry = own_entry("mine", yaml.safe_load(OWN))
    car = entry.build()
    assert (car.test_mass, car.gross_mass, car.auxiliary_power) == (2000.0, 2350.0, 250.0)
    assert entry.reference_units == ("drive_unit", "bmw_gen5_rear") and entry.road_load_note.startswith("coast-down")
    assert [float(axle.rear) for axle in car.axles] == [0.0, 1.0]
    assert float(car.axles[1].disconnect_speed) == pytest.approx(120.0 / 3.6)
    constant = UNIT_DRAG["bmw_gen5_rear"].constant
    assert 0.0 < float(car.road_load.unit_drag) == pytest.approx(constant / 0.34), "of one axle"


def changed(path: str, value: Any) -> dict[str, Any]:
    """The user's car with one entry replaced, added or (None) left out."""
    tree = yaml.safe_load(OWN)
    node: Any = tree
    *parents, last = path.split(".")
    for parent in parents:
        node = node[int(parent)] if isinstance(node, list) else node[parent]
    if value is None:
        del node[last]
    else:
        node[last] = value
    return tree


@pytest.mark.parametrize(
    ("path", "value", "line"),
    [
        ("values.test_mass_kg", 120.0, "vehicle.values.test_mass_kg: must be between 600 and 5000, got 120"),
        ("values.wheel_radius_m", 0.9, "vehicle.values.wheel_radius_m: must be between 0.22 and 0.5, got 0.9"),
        ("values.test_mas_kg", 1.0, "vehicle.values.test_mas_kg: no such key; nearest: test_mass_kg"),
        ("values.wheelbase_m", "long", "vehicle.values.wheelbase_m: must be a number, got 'long'"),
        ("values.battery_net_kwh", float("nan"), "battery_net_kwh: must be between 0.5 and 250, got nan"),
        ("values.wheelbase_m", None, "vehicle.values.wheelbase_m: is missing"),
        ("values.road_load_constant_n", None, "vehicle.values: a road load is missing"),
        ("application", "phev", "a plug-in hybrid needs its engine: engine_power_kw, engine_displacement_l missing"),
        ("application", "hev", "vehicle.application: must be one of bev, phev, got 'hev'"),
        ("values.engine_power_kw", 100.0, "vehicle.application: must be phev for a car with an engine"),
        ("axles.0.share", 0.9, "vehicle.axles: the shares of all axles must sum to 1, got 1.5"),
        ("axles.0.position", "middle", "vehicle.axles[0].position: must be front or rear, got 'middle'"),
        ("axles.1.unit", "bmw_gen7", "vehicle.axles[1].unit: unknown reference unit 'bmw_gen7'"),
        ("axles.1.count", 0, "vehicle.axles[1].count: must be 1 or 2 units on an axle, got 0"),
        ("axles.1.count", 1.5, "vehicle.axles[1].count: must be 1 or 2 units on an axle, got 1.5"),
        ("axles.1.count", "two", "vehicle.axles[1].count: must be 1 or 2 units on an axle, got 'two'"),
        ("axles.1.share", 0, "vehicle.axles[1].share: must be a number > 0, got 0"),
        ("axles.0.position", "rear", "vehicle.axles: two axles must be one front and one rear, got both rear"),
        ("values.gross_mass_kg", 1900, "gross_mass_kg: must be at least test_mass_kg (2000), got 1900; give the mass"),
        ("colour", "red", "vehicle.colour: no such key"),
    ],
)
def test_bad_descriptions_are_one_line(path: str, value: Any, line: str) -> None:
    found = findings(changed(path, value))
    assert len(found) == 1 and line in found[0] and "\n" not in found[0]
    with pytest.raises(ValueError, match="mine"):
        own_entry("mine", changed(path, value))


def test_a_hybrid_has_one_electric_axle_and_an_axle_may_have_two_units() -> None:
    hybrid = changed("application", "phev")
    hybrid["values"] |= {"engine_power_kw": 100.0, "engine_displacement_l": 1.5}
    (line,) = findings(hybrid)
    assert line.startswith("vehicle.axles: a plug-in hybrid must have one electric axle, got 2") and "leave one" in line
    assert findings(hybrid | {"axles": [{"position": "rear", "count": 2}]}) == []
    assert findings(changed("values.gross_mass_kg", 2000)) == []


def test_every_key_says_its_unit_and_range() -> None:
    units = ("_kg", "_n", "_m", "_m2", "_1", "_kwh", "_v", "_ohm", "_kw", "_w", "_s2", "_l")
    assert all(key.endswith(units) and rule.low < rule.high for key, rule in KEYS.items())


def test_drag_of_a_model_is_frozen_as_three_numbers() -> None:
    speed = np.linspace(2.0, 110.0, 30)
    drag = fitted_drag(speed, 3.0 + 0.02 * speed + 1e-4 * speed**2, "a model")
    np.testing.assert_allclose([drag.constant, drag.linear, drag.quadratic], [3.0, 0.02, 1e-4], rtol=1e-9)
    hollow = fitted_drag(speed, 3.0 + 0.02 * speed - 5e-5 * speed**2, "a model")
    assert hollow.quadratic == 0.0 and hollow.linear > 0.0
    load = from_lbf_and_mph(33.9, 0.034, 0.01668)
    assert float(load.unit_drag_quadratic) == 0.0


def test_drag_behind_another_ratio_is_the_same_motor_faster() -> None:
    """Torque at the motor and its speed both change by the factor: T(w) -> f T(f w)."""
    drag, factor, speed = UNIT_DRAG["bmw_gen5_rear"], 1.1, 70.0
    geared = geared_drag(drag, factor)
    at, faster = (d.constant + d.linear * w + d.quadratic * w**2 for d, w in ((geared, speed), (drag, factor * speed)))
    assert at == pytest.approx(factor * faster, rel=1e-12)


def test_drag_in_a_coast_down_is_a_few_hundred_watts() -> None:
    """At 100 km/h: gears and bearings 0.1 to 0.3 kW of any unit; the road load asks 12 kW."""
    speed = 100.0 / 3.6 / 0.34
    power = {n: (d.constant + d.linear * speed + d.quadratic * speed**2) * speed for n, d in UNIT_DRAG.items()}
    assert power.pop("drive_unit") == 0.0
    assert all(100.0 < value < 300.0 for value in power.values())
