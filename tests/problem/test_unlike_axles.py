"""Another unit on the other axle: energy and performance of the pair, refusals (data-sheet units, no fields)."""

from __future__ import annotations

import dataclasses

import jax.numpy as jnp
import numpy as np
import pytest

from edu_opt.duty.cycles import load_cycle
from edu_opt.duty.reduction import TRACE_POINTS, full_points
from edu_opt.problem.unlike_axles import RoadUnit, axles_columns, findings, pair_columns
from edu_opt.settings import ProblemSettings
from edu_opt.vehicle.catalogue import vehicle, vehicle_entry
from edu_opt.vehicle.generic_unit import generic_from_sheet
from edu_opt.vehicle.unit_map import UnitMap, torque_limits

CAR = vehicle("bmw_ix")
SETTINGS = ProblemSettings(brand="test", vehicle="bmw_ix", other_unit="bmw_gen5_front")
REAR = generic_from_sheet(250.0, 430.0, 11.115, 17000.0)
FRONT = generic_from_sheet(90.0, 200.0, 8.774, 17000.0)
SPEEDS = jnp.linspace(0.5, 60.0, 12)
CYCLES = [full_points(load_cycle(name), CAR.road_load, TRACE_POINTS) for name in ("wltc_3b", "udds", "hwfet")]


def road_unit(unit: UnitMap, mass: float) -> RoadUnit:
    torque = torque_limits(unit, SPEEDS / CAR.wheel_radius)[0]
    power = 1.1 * torque * SPEEDS / CAR.wheel_radius
    return RoadUnit(
        map=unit, speeds=SPEEDS, torque=torque, power=power, mass=jnp.asarray(mass), inertia=jnp.asarray(5.0)
    )


def test_a_weaker_front_unit_is_lighter_and_slower_and_carries_less() -> None:
    rear, front = road_unit(REAR, 100.0), road_unit(FRONT, 80.0)
    unlike = pair_columns(SETTINGS, CYCLES, rear, front, 0.6)
    alike = pair_columns(SETTINGS, CYCLES, rear, rear, 0.6)
    assert unlike["part.axles.front"] == "bmw_gen5_front"
    assert unlike["result.axles.mass_of_units_kg"] == 180.0 and alike["result.axles.mass_of_units_kg"] == 200.0
    name = "result.axles.acceleration_0_100_s"
    assert alike[name] < unlike[name] < 1.3 * alike[name]
    assert unlike["result.axles.gradeability_percent"] <= alike["result.axles.gradeability_percent"]
    given = pair_columns(dataclasses.replace(SETTINGS, best_split=False), CYCLES, rear, front, 0.6)
    energy = "result.axles.energy_trace_wh_per_km"
    assert unlike[energy] < given[energy] + 0.01  # the car's own 0.3 and 0.7 are close to the best
    assert 100.0 < unlike[energy] < 250.0 and unlike["result.axles.shortfall_trace_1"] == 0.0
    turned = pair_columns(dataclasses.replace(SETTINGS, other_axle="rear"), CYCLES, front, rear, 0.6)
    assert turned[energy] == pytest.approx(unlike[energy], rel=1e-9), "the same car, told from its other end"


def test_every_design_meets_the_same_other_unit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Designs of unlike mass and pumps: each has its own row; the other unit is computed once."""
    asked = []

    def named(settings: ProblemSettings, speeds: np.ndarray, top: float) -> RoadUnit:
        asked.append((settings.other_unit, top))
        return road_unit(FRONT, 80.0)

    monkeypatch.setattr("edu_opt.problem.unlike_axles.named_road_unit", named)
    plain = road_unit(REAR, 100.0)
    curves = tuple(np.stack([np.asarray(row)] * 2) for row in (plain.speeds, plain.torque, plain.power))
    values = {
        "rotor_inertia": np.array([0.05, 0.05]),
        "gear_ratio": np.array([11.0, 11.0]),
        "unit_mass": np.array([100.0, 140.0]),
        "continuous_to_peak_power": np.array([0.6, 0.6]),
        "pump_power_cycle": np.array([0.0, 40.0]),
    }
    rows = axles_columns(SETTINGS, CYCLES, [REAR, REAR], curves, values)
    energy = [row["result.axles.energy_trace_wh_per_km"] for row in rows]
    assert len(asked) == 1 and asked[0][1] > float(jnp.max(CYCLES[0].speed)) / CAR.wheel_radius
    assert 0.5 < energy[1] - energy[0] < 5.0  # 40 kg and 40 W


def test_what_is_not_supported_is_refused_by_name() -> None:
    assert not findings(SETTINGS) and not findings(dataclasses.replace(SETTINGS, other_unit=None))
    (one,) = findings(dataclasses.replace(SETTINGS, vehicle="bmw_ix3"))
    assert "bmw_ix3 has one driven axle" in one
    entry = vehicle_entry("range_rover_evoque_phev")
    axles = [{"position": place, "share": 0.5} for place in ("front", "front")]
    own = dataclasses.replace(SETTINGS, vehicle="own", vehicle_data={**entry.description, "axles": axles})
    with pytest.raises(ValueError, match=r"one front and one rear.*\n.*plug-in hybrid must have one electric axle"):
        findings(own)
