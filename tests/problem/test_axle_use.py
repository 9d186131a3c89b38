"""Two driven axles: the split of least loss, what an idle unit costs, disconnects."""

from __future__ import annotations

import dataclasses
from functools import cache

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from edu_opt.drive_unit.model import DriveUnit
from edu_opt.drive_unit.operating_point import OperatingPoint
from edu_opt.gearbox.disconnect import disconnected_loss
from edu_opt.gearbox.losses import GearboxLosses
from edu_opt.inverter.losses import InverterLosses
from edu_opt.motor.results import MotorLosses
from edu_opt.numerics.pytree import replace
from edu_opt.problem.axle_use import (
    SPLIT_WIDTH,
    AxleUse,
    IdleUnit,
    axle_use,
    best_use,
    equipped,
    idle_unit,
    released_use,
    single_axle_torque,
)
from edu_opt.settings import ProblemSettings
from edu_opt.vehicle.catalogue import vehicle_entry
from tests.drive_unit.reference_unit import analytic_unit, warm

SPEED = jnp.array([20.0, 60.0, 100.0])
DRAG = 150.0  # W of the made-up units


def test_vehicles_say_how_their_axles_are_used() -> None:
    def use(vehicle: str, **options: bool) -> AxleUse:
        return axle_use(ProblemSettings(brand="test", vehicle=vehicle, **options))

    assert use("bmw_ix3") == AxleUse(alike=True, split=False, disconnect=False)
    assert use("jaguar_i_pace") == AxleUse(alike=True, split=True, disconnect=False)
    assert not use("jaguar_i_pace", best_split=False).split
    assert use("range_rover_evoque_phev") == AxleUse(disconnect=True, releases=True)


def own_car(*limits: float) -> ProblemSettings:
    """A car of two axles with disconnect speeds [km/h]."""
    entry = vehicle_entry("jaguar_i_pace", None)
    places = ("front", "rear")
    axles = [{"position": p, "share": 0.5, "disconnect_speed_km_per_h": v} for p, v in zip(places, limits, strict=True)]
    return ProblemSettings(brand="test", vehicle="own", vehicle_data={**entry.description, "axles": axles})


def test_axles_that_let_go_at_unlike_speeds_are_unlike() -> None:
    assert axle_use(own_car(100.0, 1e3)) == AxleUse(alike=False, split=True, disconnect=True, releases=True)
    assert not axle_use(own_car(100.0, 100.0)).split, "an engine drives above: by the given shares"


def test_above_its_disconnect_speed_an_axle_is_left_alone_whatever_it_costs() -> None:
    """A front axle that lets go at 100 km/h: the idle unit is forced, and the best use is one axle alone."""
    car = vehicle_entry("own", own_car(100.0, 1e3).vehicle_data).build()
    unit = equipped(analytic_unit("ipm"), AxleUse(disconnect=True))
    speed = jnp.array([70.0, 100.0]) / 3.6 / car.wheel_radius * jnp.array([1.0, 1.2])
    found = jax.jit(lambda u: idle_unit(u, car, speed, warm()))(unit)
    np.testing.assert_allclose(found.forced, [0.0, 1.0], atol=1e-6)
    drag = np.asarray(found.loss)
    assert drag[1] < 0.2 * drag[0]
    np.testing.assert_allclose(found.motor_losses.total[1], 0.0, atol=1e-3)
    points, best, resting = pair(2000.0, 5.0)
    forced = best_use(points, replace(resting, forced=jnp.ones(SPEED.size)), 10.0)
    np.testing.assert_allclose(2.0 * forced.electrical_power[0], points.electrical_power[1] + 10.0, rtol=1e-9)
    assert np.all(forced.electrical_power[0] > best.electrical_power[0]), "both would lose less"


def test_an_open_axle_neither_drives_nor_loses_but_its_drag() -> None:
    """Three points: coupled, half way, open."""
    points = made_up(np.full((1, 3), 800.0), np.zeros((1, 3)))
    coupled, drag = jnp.array([[1.0, 0.5, 0.0]]), jnp.array([10.0, 30.0, 50.0])
    found = released_use(points, coupled, drag)
    np.testing.assert_allclose(found.output_torque[0], [800.0, 400.0, 0.0])
    np.testing.assert_allclose(found.electrical_power[0, 2], 50.0)
    np.testing.assert_allclose(found.electrical_power[0, 0], points.electrical_power[0, 0])
    np.testing.assert_allclose(found.gearbox_losses.bearing[0], [0.0, 15.0, 50.0])
    np.testing.assert_allclose(found.electrical_power - found.output_power - found.total_loss, 0.0, atol=1e-9)


@cache
def idle(kind: str, decouples: float, clutch: bool) -> tuple[DriveUnit, IdleUnit]:
    car = vehicle_entry("jaguar_i_pace", None).build()
    car = replace(car, axles=(replace(car.axles[0], decouples=decouples), car.axles[1]))
    unit = equipped(analytic_unit(kind), AxleUse(disconnect=clutch))
    return unit, jax.jit(lambda u: idle_unit(u, car, SPEED, warm()))(unit)


def test_an_idle_magnet_unit_drags_and_a_disconnected_one_hardly() -> None:
    unit, turning = idle("ipm", 1.0, False)  # the axle would decouple, the unit has no clutch
    _, standing = idle("ipm", 1.0, True)
    assert unit.gearbox.disconnect is None
    loss, rest = np.asarray(turning.loss), np.asarray(standing.loss)
    assert np.all(np.diff(loss) > 0.0) and np.all(loss > 4.0 * rest) and np.all(rest > 0.0)
    clutched = equipped(unit, AxleUse(disconnect=True))
    np.testing.assert_allclose(rest, jax.vmap(lambda s: disconnected_loss(clutched.gearbox, s, 80.0))(SPEED))
    assert np.all(np.asarray(turning.motor_losses.total) == np.asarray(turning.motor_losses.drag))  # no current
    np.testing.assert_allclose(standing.permitted, 1.0)


def test_a_magnet_motor_is_not_left_alone_where_it_would_feed_the_battery() -> None:
    _, turning = idle("ipm", 1.0, False)
    permitted = np.asarray(turning.permitted)
    assert permitted[0] > 0.999 and np.all(np.diff(permitted) <= 0.0)
    np.testing.assert_allclose(idle("eesm", 0.0, False)[1].permitted, 1.0)


def made_up(torque: np.ndarray, shortfall: np.ndarray) -> OperatingPoint:
    """Points (rows, K) of a unit that loses DRAG, 0.02 W/(N m) |T| and 1 mW/(N m)^2 T^2 in its motor."""
    speed, zero = np.broadcast_to(SPEED, torque.shape), jnp.zeros(torque.shape)
    copper = jnp.asarray(0.02 * np.abs(torque) + 1e-3 * torque**2)
    motor = MotorLosses(**dict.fromkeys(MotorLosses.__dataclass_fields__, zero))
    motor = replace(motor, stator_copper_dc=copper, bearing=zero + DRAG)
    inverter = InverterLosses(**dict.fromkeys(InverterLosses.__dataclass_fields__, zero))
    inverter = replace(inverter, junction_celsius_switch=zero + 80.0)
    gearbox = GearboxLosses(**dict.fromkeys(GearboxLosses.__dataclass_fields__, zero))
    output = jnp.asarray(torque * speed)
    own = {"motor_losses": motor, "inverter_losses": inverter, "gearbox_losses": gearbox}
    own["gearbox_loss_by_oil"] = jnp.zeros((*torque.shape, 2))
    given = {"output_power": output, "electrical_power": output + motor.total, "output_torque": jnp.asarray(torque)}
    names = (field.name for field in dataclasses.fields(OperatingPoint))
    rest = dict.fromkeys(names, zero) | {"output_speed": jnp.asarray(speed), "shortfall": jnp.asarray(shortfall)}
    return OperatingPoint(**(rest | given | own))


def pair(total: float, loss: float, shortfall: float = 0.0) -> tuple[OperatingPoint, OperatingPoint, IdleUnit]:
    """(points of both rows, the best use, idle unit) of a pair at a torque of both; the idle unit loses `loss`."""
    zero = jnp.zeros(SPEED.size)
    motor = MotorLosses(**dict.fromkeys(MotorLosses.__dataclass_fields__, zero))
    gearbox = GearboxLosses(**dict.fromkeys(GearboxLosses.__dataclass_fields__, zero))
    resting = IdleUnit(
        motor_losses=replace(motor, bearing=zero + loss), gearbox_losses=gearbox, permitted=jnp.ones(SPEED.size)
    )
    alone = single_axle_torque(jnp.full(SPEED.size, total), resting, SPEED)
    torque = np.stack([np.full(SPEED.size, 0.5 * total), np.asarray(alone)])
    points = made_up(torque, np.stack([np.zeros(SPEED.size), np.full(SPEED.size, shortfall)]))
    return points, best_use(points, resting, 10.0), resting


@pytest.mark.parametrize("total", [60.0, -60.0, 500.0, 2000.0])
@pytest.mark.parametrize("loss", [5.0, DRAG])
def test_the_best_way_is_taken_and_its_power_balances(total: float, loss: float) -> None:
    points, best, _ = pair(total, loss)
    both, alone = 2.0 * points.electrical_power[0], points.electrical_power[1] + 10.0
    least = np.minimum(both, alone)
    assert np.all(2.0 * best.electrical_power[0] >= least - 1e-9)
    assert np.all(2.0 * best.electrical_power[0] <= least + 0.3 * SPLIT_WIDTH)
    left = best.electrical_power - best.output_power - best.total_loss
    np.testing.assert_allclose(left, 0.0, atol=1e-9)
    np.testing.assert_allclose(best.output_power[0], 0.5 * total * SPEED, rtol=1e-6)


def test_little_torque_wants_one_axle_and_much_wants_both() -> None:
    little, much = pair(60.0, 5.0), pair(2000.0, 5.0)
    np.testing.assert_allclose(2.0 * little[1].electrical_power[0], little[0].electrical_power[1] + 10.0, rtol=1e-3)
    np.testing.assert_allclose(much[1].electrical_power[0], much[0].electrical_power[0], rtol=1e-6)
    dragging = pair(60.0, DRAG)  # nothing is saved where the idle unit loses as much as a working one
    np.testing.assert_allclose(dragging[1].electrical_power[0], dragging[0].electrical_power[0], rtol=0.02)


def test_what_one_axle_cannot_reach_both_do() -> None:
    points, best, _ = pair(60.0, 5.0, shortfall=0.1)
    np.testing.assert_allclose(best.electrical_power[0], points.electrical_power[0], rtol=1e-9)
    np.testing.assert_allclose(best.shortfall, 0.0, atol=1e-12)
