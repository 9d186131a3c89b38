"""What a vehicle asks beyond the cycle: closed forms of climb, trailer, battery limit; derating; sand climbs."""

from __future__ import annotations

from types import SimpleNamespace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from edu_opt.motor.results import MotorLosses
from edu_opt.numerics.constants import STANDARD_GRAVITY
from edu_opt.numerics.pytree import replace
from edu_opt.problem.problem import DriveUnitProblem
from edu_opt.problem.vehicle_checks import SAND, asks_for_sand, on_road, road_curves, sand_climbs, sand_request
from edu_opt.requirements import QUANTITIES, Requirement
from edu_opt.settings import MotorOffer, ProblemSettings, programs_of
from edu_opt.vehicle.catalogue import vehicle
from tests.drive_unit.reference_unit import analytic_unit, warm

SPEEDS = jnp.linspace(0.5, 62.0, 24)


def peak(torque: float, power: float, radius: float) -> SimpleNamespace:
    """Curve of a unit of constant torque, then power; 92 % efficient."""
    force = jnp.minimum(torque / radius, power / SPEEDS)
    return SimpleNamespace(output_torque=force * radius, electrical_power=force * SPEEDS / 0.92)


@pytest.fixture(scope="module")
def road():
    """Compiled performance: (vehicle, curve, lasting share, rotating inertia)."""

    def run(car, torque, power, share, rotating):
        curve = SimpleNamespace(output_torque=torque, electrical_power=power)
        return on_road(car, road_curves(car, curve, SPEEDS, share, rotating))

    compiled = jax.jit(run)
    return lambda car, curve, share=1.0, rotating=10.0: {
        name: float(value)
        for name, value in compiled(car, curve.output_torque, curve.electrical_power, share, rotating).items()
    }


def test_climb_and_trailer_are_closed_forms(road) -> None:
    car = replace(vehicle("range_rover_electric"), friction=50.0)
    found = road(car, peak(4300.0, 200e3, 0.385))
    mass = float(car.performance_mass)
    climb = mass * STANDARD_GRAVITY * 1.02 / np.sqrt(2.0) * 0.385
    assert found["climb_torque_ratio"] == pytest.approx(2.0 * 4300.0 / climb, rel=1e-6)
    assert float(car.towing_mass) == 3500.0
    angle, gross = np.arctan(0.12), float(car.gross_mass)
    resisting = STANDARD_GRAVITY * (
        gross * (np.sin(angle) + 0.015 * np.cos(angle)) + 3500.0 * (np.sin(angle) + 0.012 * np.cos(angle))
    )
    inertia = 1.015 * gross + 10.0 / 0.385**2 + 3500.0
    expected = (2.0 * 4300.0 / 0.385 - resisting) / inertia
    assert found["trailer_start_acceleration"] == pytest.approx(expected, rel=1e-3)


def test_torque_ends_after_ten_seconds_of_a_long_sprint(road) -> None:
    """A short sprint does not see the 30 min power, a long one does; 80 to 120 km/h starts with cool units."""
    car = vehicle("bmw_ix3")
    quick, weak = peak(4400.0, 210e3, 0.357), peak(1500.0, 70e3, 0.357)
    fresh, tired = road(car, quick), road(car, quick, 0.4)
    assert fresh["acceleration_0_100"] < 8.0
    assert tired["acceleration_0_100"] == pytest.approx(fresh["acceleration_0_100"], abs=0.02)
    assert 2.0 < fresh["acceleration_80_120"] < 8.0
    slow, slower = road(car, weak), road(car, weak, 0.4)
    assert slow["acceleration_0_100"] > 14.0 and slower["acceleration_0_100"] > 1.3 * slow["acceleration_0_100"]


def test_the_battery_limits_all_units(road) -> None:
    """A battery of half the power gives half of it at the wheels: sprint and top speed suffer, the launch does not."""
    car, curve = vehicle("jaguar_i_pace"), peak(3150.0, 147e3, 0.3704)
    small = replace(car, battery=replace(car.battery, power=0.5 * 2.0 * 147e3 / 0.92 + 250.0))
    full, half = road(car, curve), road(small, curve)
    assert half["acceleration_0_100"] > 1.3 * full["acceleration_0_100"]
    assert half["climb_torque_ratio"] == pytest.approx(full["climb_torque_ratio"], rel=1e-3)
    assert half["acceleration_80_120"] > 1.9 * full["acceleration_80_120"]


def test_an_axle_that_lets_go_leaves_the_other_to_the_top_speed(road) -> None:
    """Two alike axles: with one that lets go at 100 km/h the car is as fast as on the other alone."""
    car, curve = vehicle("jaguar_i_pace"), peak(3150.0, 40e3, 0.3704)
    front, rear = car.axles
    parted = replace(car, axles=(replace(front, disconnect_speed=100.0 / 3.6), rear))
    single = replace(car, axles=(rear,))
    both, left, one = (road(this, curve)["top_speed"] for this in (car, parted, single))
    assert 100.0 < left < 0.9 * both
    assert left == pytest.approx(one, rel=1e-3)


def test_a_plug_in_hybrid_sprints_with_its_engine(road) -> None:
    car, curve = vehicle("range_rover_evoque_phev"), peak(2600.0, 80e3, 0.358)
    both, alone = road(car, curve), road(replace(car, engine=None), curve)
    assert both["acceleration_0_100"] < 0.6 * alone["acceleration_0_100"]
    assert both["top_speed"] == pytest.approx(135.0, abs=0.1), "electric: the axle lets go there"


@pytest.fixture(scope="module")
def climbing():
    """Compiled sand climbs of an analytic unit: (losses W, factor on the mass) -> results."""
    unit, car = analytic_unit("ipm"), vehicle("range_rover_electric")
    parts = dict.fromkeys(MotorLosses.__dataclass_fields__, jnp.zeros(()))

    @jax.jit
    def run(copper: jax.Array, factor: jax.Array):
        this = replace(car, test_mass=factor * car.test_mass)
        losses = MotorLosses(**(parts | {"stator_copper_dc": copper}))
        modules = SimpleNamespace(junction_celsius_switch=jnp.asarray(120.0), junction_celsius_diode=jnp.asarray(90.0))
        turning = 9.0 * sand_request(this)[1]
        point = SimpleNamespace(
            motor_losses=losses, inverter_losses=modules, shaft_speed=turning, shortfall=jnp.asarray(0.01)
        )
        return sand_climbs(unit, this, point, warm(90.0)), sand_request(this)

    return run


def test_five_sand_climbs_heat_the_winding(climbing) -> None:
    """More loss is hotter, none leaves the winding near its start; the hotter of switch and diode counts."""
    none, mild, hard = (climbing(jnp.asarray(loss), 1.0)[0] for loss in (0.0, 3e3, 9e3))
    at = [float(found["sand_climb_winding_temperature"]) for found in (none, mild, hard)]
    assert at[0] < 91.0 and at[0] < at[1] < at[2]
    assert float(none["sand_climb_junction_temperature"]) == pytest.approx(120.0, abs=0.01)
    assert float(none["sand_climb_shortfall"]) == pytest.approx(0.01)


def test_the_sand_asks_for_weight_times_slope_and_rolling(climbing) -> None:
    torque, speed = climbing(jnp.asarray(0.0), 1.0)[1]
    car, angle = vehicle("range_rover_electric"), np.arctan(0.2)
    force = float(car.test_mass) * STANDARD_GRAVITY * (np.sin(angle) + 0.2 * np.cos(angle))
    assert float(torque) == pytest.approx(0.5 * force * 0.385, rel=1e-9)
    assert float(speed) == pytest.approx(float(SAND.speed) / 0.385)


def test_only_a_requirement_adds_the_sand_climbs() -> None:
    def problem(*quantities: str) -> DriveUnitProblem:
        settings = ProblemSettings(
            brand="test",
            vehicle="range_rover_electric",
            requirements=tuple(Requirement(name, "max", 160.0, "test") for name in quantities),
            motors=(MotorOffer("ipm", 6, 5, (4,), (2,), "NO27", "N42UH"),),
            devices=("wolfspeed_cab450m12xm3",),
        )
        return DriveUnitProblem(settings, programs_of(settings)[0])

    usual, sandy = problem(), problem("sand_climb_winding_temperature")
    assert not usual.model.climbs and sandy.model.climbs and usual.identity != sandy.identity
    assert not asks_for_sand(("climb_torque_ratio",)) and "sand_climb_shortfall" in QUANTITIES
