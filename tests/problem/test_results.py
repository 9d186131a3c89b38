"""All results of a unit in a vehicle: loops, ratings, two axles (an analytic motor, no fields are solved)."""

from __future__ import annotations

from functools import cache

import jax
import numpy as np
import pytest

from edu_opt.drive_unit.package import unit_masses
from edu_opt.numerics.pytree import replace
from edu_opt.problem.axle_use import axle_use, equipped
from edu_opt.problem.data import StudyData, study_data, unit_share
from edu_opt.problem.operating_points import Points, solved_points
from edu_opt.problem.results import package, results
from edu_opt.settings import MotorOffer, ProblemSettings, branches_of, programs_of
from edu_opt.vehicle.catalogue import vehicle
from tests.drive_unit.reference_unit import analytic_unit

OFFER = MotorOffer("ipm", 9, 8, (3,), (2,), "NO27", "N42UH")


def settings_of(vehicle: str, best_split: bool = True) -> ProblemSettings:
    devices = ("fuji_2mbi600xee065",)
    return ProblemSettings(brand="test", vehicle=vehicle, motors=(OFFER,), devices=devices, best_split=best_split)


def data_of(settings: ProblemSettings) -> StudyData:
    program = programs_of(settings)[0]
    return study_data(settings, program, branches_of(settings, program)[0])


@cache
def evaluated(vehicle: str, best_split: bool) -> tuple[Points, dict[str, np.ndarray]]:
    settings = settings_of(vehicle, best_split)
    use = axle_use(settings)

    def run(unit, data):
        unit = equipped(unit, use)
        points = solved_points(unit, data, 8, use)
        return points, results(unit, data, points).values

    return jax.tree.map(np.asarray, jax.jit(run)(analytic_unit("ipm"), data_of(settings)))


@pytest.mark.slow
def test_ratings_fall_with_their_duration_and_the_loops_reject_the_losses() -> None:
    points, found = evaluated("jaguar_i_pace", False)
    assert found["axle_torque_30s"] <= found["axle_torque_10s"]
    assert found["peak_power_30s"] <= found["peak_power_10s"]
    assert found["continuous_power"] <= 1.001 * found["continuous_power_30min"] < found["peak_power_30s"]
    assert found["cooling_derating"] == pytest.approx(1.0, abs=1e-3)
    assert 65.0 < found["oil_temperature_cycle"] < found["oil_temperature_30min"] < 120.0
    assert found["coolant_temperature_30min"] < found["jacket_inlet_temperature_30min"] < 75.0
    loss = found["loss_30min"] * 1e-3
    assert 0.85 * loss < found["heat_rejection_30min"] < 1.05 * loss  # the housing's air takes the rest
    duty = data_of(settings_of("jaguar_i_pace")).duty
    mean = np.sum(points.cycle.total_loss * duty.duration) / (np.sum(duty.duration) + duty.standstill) * 1e-3
    assert 0.7 * mean < found["heat_rejection_cycle"] < 1.1 * mean
    assert 0.0 < found["pump_power_cycle"] < 0.5 * found["pump_power_30min"]


@pytest.mark.slow
def test_the_best_split_of_two_axles_saves_energy() -> None:
    """Twice the points of the cycle, less energy than by the given shares, the rest as it is."""
    (given, fixed), (best, split) = evaluated("jaguar_i_pace", False), evaluated("jaguar_i_pace", True)
    assert best.cycle_shape == (2, given.cycle_shape[1])
    assert split["energy_wltc"] < fixed["energy_wltc"] - 0.1
    assert split["energy_wltc"] > 0.8 * fixed["energy_wltc"]
    assert split["cycle_torque_shortfall"] == pytest.approx(float(fixed["cycle_torque_shortfall"]), abs=2e-4)
    for name in ("acceleration_0_100", "top_speed", "peak_power_10s", "unit_mass"):
        assert split[name] == pytest.approx(float(fixed[name]), rel=1e-9)


def test_a_disconnect_weighs_and_drags_little() -> None:
    """The Evoque's axle lets go: its unit has a clutch, which costs mass, and what turns on costs some watts."""
    settings = settings_of("range_rover_evoque_phev")
    data, bare = data_of(settings), analytic_unit("ipm")

    @jax.jit
    def placed(unit):
        masses = unit_masses(unit, 3000.0)
        return package(unit, masses, data.vehicle, data), masses.total

    found, mass = placed(equipped(bare, axle_use(settings)))
    without, lighter = placed(bare)
    assert 0.0 < float(found["disconnected_loss"]) < 100.0 and "disconnected_loss" not in without
    assert 0.2 < float(found["disconnected_loss_half_speed"] / found["disconnected_loss"]) < 0.55
    assert 1.0 < float(mass - lighter) < 10.0
    assert float(found["wading_height"]) == pytest.approx(float(without["wading_height"]))


@pytest.mark.slow
def test_what_nothing_asks_for_may_be_left_out() -> None:
    """A Jacobian's program traces what objectives and margins need, and everything where one needs a check."""
    data, use = data_of(settings_of("jaguar_i_pace", False)), axle_use(settings_of("jaguar_i_pace", False))
    unit = analytic_unit("ipm")
    points = jax.eval_shape(lambda unit, data: solved_points(equipped(unit, use), data, 8, use), unit, data)

    def names(asked: tuple[str, ...] | None) -> set[str]:
        run = lambda unit, data, points: results(equipped(unit, use), data, points, asked).values  # noqa: E731
        return set(jax.eval_shape(run, unit, data, points))

    everything, few = names(None), names(("unit_cost", "energy_wltc", "flank_safety_stage_1"))
    assert {"unit_cost", "energy_wltc", "flank_safety_stage_1"} <= few < everything
    assert not {"back_emf_share", "stall_junction_margin_hold"} & few
    assert names(("unit_cost", "back_emf_share")) == everything


def test_the_share_of_a_unit_above_a_disconnect_speed() -> None:
    """The Evoque's axle has none above 135 km/h; beside an axle that lets go the other one carries all."""
    evoque = vehicle("range_rover_evoque_phev")
    np.testing.assert_allclose(unit_share(evoque, np.array([30.0, 40.0])), [1.0, 0.0])
    pair = vehicle("jaguar_i_pace")
    np.testing.assert_allclose(unit_share(pair, np.array([30.0, 40.0])), 0.5)
    front = replace(pair.axles[0], disconnect_speed=35.0)
    np.testing.assert_allclose(
        unit_share(replace(pair, axles=(front, pair.axles[1])), np.array([30.0, 40.0])), [0.5, 1.0]
    )
