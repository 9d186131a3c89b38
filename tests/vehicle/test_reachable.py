"""Targets beyond what tyres, battery and weight allow are named with the reason; the brands' own are not."""

from __future__ import annotations

import math
from pathlib import Path

import jax.numpy as jnp
import numpy as np
import pytest

from edu_opt.config.compose import compose
from edu_opt.duty.cycles import load_cycle, wltc_phases
from edu_opt.duty.reduction import reduce_cycle
from edu_opt.numerics.constants import STANDARD_GRAVITY
from edu_opt.numerics.pytree import replace
from edu_opt.vehicle.catalogue import vehicle, vehicle_entry
from edu_opt.vehicle.energy import consecutive_cycles_range, cycle_energy, driving_range, unit_demand
from edu_opt.vehicle.model import Vehicle
from edu_opt.vehicle.performance import acceleration_time
from edu_opt.vehicle.reachable import BOUNDS, Case, least_energy, least_time, unreachable

WLTC = load_cycle("wltc_3b")
HUNDRED = 100.0 / 3.6
BRANDS = sorted((Path(__file__).resolve().parents[2] / "configs" / "brand").glob("*.yaml"))


def test_the_quickest_sprint_is_that_of_the_tyres() -> None:
    """All wheels driven: v / (mu g) with the wheels' rotating mass, 2.87 s at friction 1."""
    quickest = least_time(Case(vehicle("jaguar_i_pace")), 0.0, HUNDRED)
    assert quickest == pytest.approx(1.015 * HUNDRED / STANDARD_GRAVITY, rel=1e-3)
    assert least_time(Case(vehicle("mini_cooper_se")), 0.0, HUNDRED) > 1.8 * quickest, "front drive loses load"


def test_the_engine_of_a_hybrid_drives_its_other_axle() -> None:
    """One electric axle of endless torque and an engine of 147 kW are quicker than the axle alone."""
    car = vehicle("range_rover_evoque_phev")
    alone = replace(car, engine=None)
    assert least_time(Case(car), 0.0, HUNDRED) < 0.85 * least_time(Case(alone), 0.0, HUNDRED)


def with_battery(name: str, power: float) -> Vehicle:
    """Car with a battery of so much power [kW]."""
    car = vehicle(name)
    return replace(car, battery=replace(car.battery, power=power * 1e3))


@pytest.mark.parametrize(
    ("name", "power", "target", "limit", "reason"),
    [
        ("bmw_ix3", 1e4, "acceleration_0_100_max", 2.0, "2 s is below 4.022 s, all that the tyres give (2154 kg"),
        ("bmw_ix3", 100.0, "acceleration_0_100_max", 6.0, "the tyres and 100 kW of system power or battery give"),
        ("bmw_ix3", 1e4, "acceleration_80_120_max", 1.5, "1.5 s is below 1.609 s, all that the tyres give"),
        ("bmw_ix3", 100.0, "acceleration_80_120_max", 3.0, "3 s is below 6.764 s, all that the tyres and 100 kW"),
        ("bmw_ix3", 1e4, "gradeability_min", 90.0, "90 % is above 69.96 %, all that the tyres give (2671 kg"),
        ("bmw_ix3", 1e4, "trailer_start_acceleration_min", 9.0, "9 m/s^2 is above 4.184 m/s^2, all that the tyres"),
        ("bmw_ix3", 1e4, "top_speed_min", 400.0, "400 km/h is above 300 km/h, what road tyres are made for"),
        ("bmw_ix3", 60.0, "top_speed_min", 180.0, "km/h, all that 60 kW of system power or battery hold"),
        ("range_rover_evoque_phev", 1e4, "top_speed_min", 200.0, "200 km/h is above 135 km/h, at which the last"),
        ("bmw_ix3", 250.0, "peak_power_10s_min", 300.0, "300 kW is above 250 kW, the battery's power over all units"),
        ("bmw_ix3", 1e4, "energy_wltc_max", 110.0, "110 Wh/km is below 123.2 Wh/km, what tyres, air"),
        ("bmw_ix3", 1e4, "range_min", 700.0, "700 km is above 600.6 km, 74 kWh (battery_net_kwh) over what tyres"),
        ("bmw_ix3", 1e4, "range_wltp_min", 700.0, "take on wltc_3b without any loss"),
    ],
)
def test_a_target_out_of_reach_is_one_line(name: str, power: float, target: str, limit: float, reason: str) -> None:
    car, mass = with_battery(name, power), vehicle_entry(name).unit_mass
    (line,) = unreachable(car, {target: limit, "unit_mass_max": 1.0}, WLTC, mass)
    assert line.startswith(f"{target}: ") and reason in line and "\n" not in line
    assert unreachable(car, {target: math.nan}, WLTC, mass) == [], "a limit that bounds nothing"
    best = BOUNDS[target][1](Case(car, WLTC, mass))[0]
    assert unreachable(car, {target: best * (1.001 if target.endswith("_max") else 0.999)}, WLTC, mass) == []


@pytest.mark.parametrize("name", ["bmw_i4", "jaguar_i_pace", "range_rover_evoque_phev"])
def test_a_unit_without_loss_stays_within_the_bounds_of_energy_and_range(name: str) -> None:
    """Real brake blending and tyre slip keep it a few per cent off."""
    car = vehicle(name)
    points = reduce_cycle(WLTC, car.road_load, float(car.test_mass), 16)
    torque, turning = unit_demand(car, points)
    energy = cycle_energy(car, points, torque * turning)
    least = least_energy(Case(car, WLTC))
    assert 1.0 < float(energy.terminal) / least < 1.15
    longest = BOUNDS["range_min"][1](Case(car, WLTC))[0] * 1e3
    assert float(driving_range(car, energy)) < longest
    assert float(consecutive_cycles_range(car, points, torque * turning)) < longest


@pytest.mark.parametrize(("start", "end"), [(0.0, 100.0), (80.0, 120.0)])
def test_a_car_of_the_batterys_whole_power_and_light_units_is_slower_than_the_bound(start: float, end: float) -> None:
    """Units of 20 kg instead of 117 kg; half m v^2 over power is near for 100 kW."""
    car = with_battery("bmw_ix3", 100.0)
    fed = float(car.battery.power) - car.auxiliary_power
    speeds = jnp.linspace(0.1, 40.0, 200)
    torque = (fed * car.wheel_radius / speeds)[None]
    first, last = start / 3.6, end / 3.6
    light = car.performance_mass - 97.0
    found = float(acceleration_time(car, speeds, torque, 0.0, last, mass=light, initial_speed=first))
    least = least_time(Case(car, unit_mass=117.0), first, last)
    kinetic = 0.5 * 1.015 * (car.performance_mass - 117.0) * (last**2 - first**2) / fed
    assert kinetic < 1.001 * least < found < 1.5 * least and least < 1.2 * kinetic


def test_energy_is_left_to_the_search_where_it_is_not_known() -> None:
    """Without a cycle, and where the axle lets go within it; a phase that ends slower than it starts is known."""
    car = vehicle("range_rover_evoque_phev")
    early = replace(car, axles=(replace(car.axles[0], disconnect_speed=HUNDRED),))
    targets = {"energy_wltc_max": 1.0, "range_min": 1e5, "range_wltp_min": 1e5}
    assert unreachable(car, targets) == [] and unreachable(early, targets, WLTC) == []
    assert len(unreachable(car, targets, WLTC)) == 3
    assert all(np.isfinite(least_energy(Case(car, phase))) for phase in wltc_phases().values())


@pytest.mark.parametrize("path", BRANDS, ids=lambda path: path.stem)
def test_the_brands_targets_are_reachable_in_their_own_cars(path: Path) -> None:
    tree = compose([f"brand={path.stem}"])
    entry = vehicle_entry(tree["vehicle"]["name"], tree["vehicle"].get("data"))
    requirements = tree["brand"]["requirements"]
    assert all(target["source"] for target in requirements.values())
    targets = {key: target["limit"] for key, target in requirements.items()}
    assert unreachable(entry.build(), targets, load_cycle(tree["cycle"]["name"]), entry.unit_mass) == []
