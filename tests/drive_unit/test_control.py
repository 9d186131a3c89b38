"""The control on analytic machines: closed forms of linear ones, dense grids over the currents of saturating ones."""

from __future__ import annotations

from functools import cache

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from edu_opt.drive_unit.control import (
    ControlLimits,
    ControlProblem,
    PlantModel,
    StartTable,
    best_currents,
    choose_start,
    solve_control,
    start_grid,
)
from edu_opt.numerics.pytree import pytree
from tests.drive_unit.stand_in_machine import StandInMachine, flux, loss, torque, voltage

POLE_PAIRS = 4.0
VOLTAGE = 220.0  # V peak of a phase
CURRENT = 400.0  # A peak
FIELD_CURRENT = 15.0  # A
UNLIMITED = 1e9  # W
LINEAR = 1e7  # A: a knee this far leaves a machine linear
TINY = 1e-6  # ohm: voltage drop far below the tolerances, copper loss still the objective


@pytree
class Plant:
    """A machine at a mechanical speed [rad/s]."""

    machine: StandInMachine
    speed: jax.Array


def quantities(plant, currents, psi):
    machine, speed = plant.machine, plant.speed
    v = voltage(machine, currents, speed)
    lost, turning = loss(machine, currents, speed), torque(machine, currents)
    return jnp.stack([lost, turning, (v @ v) / VOLTAGE**2, turning * speed + lost])


MODEL = PlantModel(fields=lambda plant, currents: flux(plant.machine, currents), quantities=quantities)


def linear_machine(l_d: float, l_q: float, magnet_flux: float) -> StandInMachine:
    """PM machine with inductances [H] and magnet flux [Wb]; closed forms hold."""
    knee_q = LINEAR * np.sqrt(l_d / l_q)
    return machine(l_d * LINEAR, LINEAR, knee_q, 0.0, 0.0, magnet_flux / l_d, TINY, 0.0, 0.0)


def machine(*values: float) -> StandInMachine:
    """Machine from its fields in order, up to the iron loss."""
    names = "flux_scale knee_d knee_q leakage ratio magnet_current resistance field_resistance iron".split()
    arrays = {name: jnp.asarray(value, float) for name, value in zip(names, values, strict=True)}
    return StandInMachine(**arrays, pole_pairs=jnp.asarray(POLE_PAIRS))


SALIENT = linear_machine(2e-4, 5e-4, 0.07)
ROUND = linear_machine(3e-4, 3e-4, 0.07)
SATURATING = machine(0.12, 300.0, 220.0, 4e-5, 0.0, 190.0, 0.012, 0.0, 3e-4)
EXCITED = machine(0.17, 420.0, 380.0, 3e-5, 55.0, 0.0, 0.012, 5.0, 3e-4)


def limits(of: StandInMachine, power: float) -> ControlLimits:
    """Limits and scales: copper loss at full current, torque at 0.7 of it."""
    full = jnp.array([0.0, 0.7 * CURRENT, FIELD_CURRENT])
    return ControlLimits(
        current_max=jnp.asarray(CURRENT),
        field_current_max=jnp.asarray(FIELD_CURRENT),
        power_max=jnp.asarray(power),
        loss_scale=1.5 * of.resistance * CURRENT**2 + of.field_resistance * FIELD_CURRENT**2,
        torque_scale=torque(of, full),
    )


def start_table(of: StandInMachine, has_field: bool) -> StartTable:
    """Coarse candidates of a machine."""
    grid = jnp.asarray(start_grid("eesm" if has_field else "ipm"))
    currents = grid * jnp.array([CURRENT, CURRENT, FIELD_CURRENT])
    psi = jax.vmap(flux, (None, 0))(of, currents)
    return StartTable(
        currents=currents,
        amplitude=jnp.sqrt(currents[:, 0] ** 2 + currents[:, 1] ** 2),
        torque=jax.vmap(torque, (None, 0))(of, currents),
        flux=jnp.sqrt(jnp.sum(psi**2, -1)),
        loss=jax.vmap(loss, (None, 0, None))(of, currents, jnp.zeros(())),
    )


def solved_lane(has_field: bool, of: StandInMachine, speed, wanted, peak, power, begin):
    """(currents, quantities, residual, derivative of the currents in speed and wanted torque) of one lane.

    `begin` (3,) [A]: where to start; the best of the coarse table where not-a-number.
    """
    bounds = limits(of, power)

    def problem(speed, wanted):
        return ControlProblem(plant=Plant(machine=of, speed=speed), limits=bounds, torque=wanted, peak=peak)

    table = start_table(of, has_field)
    usual = choose_start(table, bounds, wanted, peak, speed, POLE_PAIRS * speed, jnp.asarray(VOLTAGE))
    start = jnp.where(jnp.isnan(begin), usual, begin)
    known = solve_control(MODEL, problem(speed, wanted), start, has_field)
    if has_field:  # derivatives are checked on machines without field winding: one compilation less
        slope = (jnp.zeros(3), jnp.zeros(3))
    else:
        slope = jax.jacfwd(lambda s, t: best_currents(MODEL, problem(s, t), known), (0, 1))(speed, wanted)
    currents = best_currents(MODEL, problem(speed, wanted), known)
    return currents, quantities(problem(speed, wanted).plant, currents, None), known.residual, jnp.stack(slope, -1)


@pytree
class Lane:
    """What is asked of a machine, and what came out of it."""

    speed: np.ndarray
    wanted: np.ndarray
    currents: np.ndarray
    loss: np.ndarray
    torque: np.ndarray
    utilisation: np.ndarray
    power: np.ndarray
    residual: np.ndarray
    slope: np.ndarray


@cache
def compiled(has_field: bool):
    lane = lambda *asked: solved_lane(has_field, *asked)  # noqa: E731
    return jax.jit(jax.vmap(lane))


LANES = 12  # every call is padded to this: one compiled program for each kind


def solve(
    of: StandInMachine, asked: list[tuple], peak: float = 0.0, power: float = UNLIMITED, begin: np.ndarray | None = None
) -> Lane:
    """Lanes of (speed [rad/s], torque [N m]) on one machine; `begin` (lanes, 3) [A] replaces the usual starts."""
    has_field = of is EXCITED
    count = len(asked)
    speed, wanted = np.array(asked + [asked[-1]] * (LANES - count), float).T
    many = jax.tree.map(lambda a: jnp.full(LANES, a), of)
    starts = np.full((LANES, 3), np.nan)
    if begin is not None:
        starts[:count] = begin
    currents, values, residual, slope = (
        np.asarray(a)[:count]
        for a in compiled(has_field)(many, speed, wanted, jnp.full(LANES, peak), jnp.full(LANES, power), starts)
    )
    lost, turning, ratio, electrical = values.T
    return Lane(
        speed=speed[:count],
        wanted=wanted[:count],
        currents=currents,
        loss=lost,
        torque=turning,
        utilisation=np.sqrt(ratio),
        power=electrical,
        residual=residual,
        slope=slope,
    )


def within_limits(found: Lane) -> None:
    assert np.all(found.residual < 1e-3)
    assert np.all(found.utilisation < 1.0 + 1e-4)
    assert np.all(np.hypot(found.currents[:, 0], found.currents[:, 1]) < CURRENT * (1.0 + 1e-4))
    assert np.all(found.currents[:, 2] > -1e-4 * FIELD_CURRENT)
    assert np.all(found.currents[:, 2] < FIELD_CURRENT * (1.0 + 1e-4))


def test_mtpa_of_a_salient_machine_equals_the_closed_form() -> None:
    size, sign = np.array([80.0, 160.0, 240.0, 320.0, 160.0]), np.array([1.0, 1.0, 1.0, 1.0, -1.0])
    psi, saliency = 0.07, 3e-4
    i_d = (psi - np.sqrt(psi**2 + 8.0 * (saliency * size) ** 2)) / (4.0 * saliency)
    i_q = sign * np.sqrt(size**2 - i_d**2)
    wanted = 1.5 * POLE_PAIRS * (psi - saliency * i_d) * i_q
    found = solve(SALIENT, [(20.0, t) for t in wanted])
    within_limits(found)
    np.testing.assert_allclose(found.torque, wanted, rtol=1e-5)
    np.testing.assert_allclose(found.currents[:, 0], i_d, atol=1e-3 * CURRENT)
    np.testing.assert_allclose(found.currents[:, 1], i_q, atol=1e-3 * CURRENT)
    assert np.all(found.loss <= 1.5 * TINY * size**2 * (1.0 + 1e-4))


def weakened(speed: np.ndarray, wanted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Least current of the round machine at a torque on the voltage circle."""
    circle = VOLTAGE / (POLE_PAIRS * speed * 3e-4)
    i_q = wanted / (1.5 * POLE_PAIRS * 0.07)
    return -0.07 / 3e-4 + np.sqrt(circle**2 - i_q**2), i_q


def test_flux_weakening_of_a_round_machine_equals_the_closed_form() -> None:
    asked = [(900.0, 60.0), (1100.0, 40.0), (1500.0, 30.0), (1500.0, -30.0), (2000.0, 10.0)]
    found = solve(ROUND, asked)
    within_limits(found)
    i_d, i_q = weakened(found.speed, found.wanted)
    np.testing.assert_allclose(found.utilisation, 1.0, atol=1e-4)
    np.testing.assert_allclose(found.currents[:, 0], i_d, atol=1e-3 * CURRENT)
    np.testing.assert_allclose(found.currents[:, 1], i_q, atol=1e-4 * CURRENT)


def test_currents_follow_speed_and_torque_as_the_closed_form_does() -> None:
    found = solve(ROUND, [(900.0, 60.0), (1100.0, 40.0), (1500.0, 30.0)])
    for k, step in enumerate((1e-2, 1e-3)):
        shift = step * np.eye(2)[k]
        up = weakened(found.speed + shift[0], found.wanted + shift[1])
        down = weakened(found.speed - shift[0], found.wanted - shift[1])
        exact = (np.array(up) - np.array(down)).T / (2.0 * step)
        np.testing.assert_allclose(found.slope[:, :2, k], exact, rtol=2e-3, atol=1e-3)


def test_peak_of_a_round_machine_equals_the_closed_form() -> None:
    """Full current, then the circles' crossing, then most torque per voltage (the circle's centre is in reach)."""
    speed = np.array([50.0, 300.0, 700.0, 1200.0, 2500.0, 5000.0])
    psi, inductance = 0.07, 3e-4
    circle = VOLTAGE / (POLE_PAIRS * speed)
    crossing = (circle**2 - psi**2 - (inductance * CURRENT) ** 2) / (2.0 * inductance * psi)
    i_d = np.clip(crossing, -psi / inductance, 0.0)
    i_q = np.minimum(np.sqrt(CURRENT**2 - i_d**2), np.sqrt(circle**2 - (psi + inductance * i_d) ** 2) / inductance)
    best = 1.5 * POLE_PAIRS * psi * i_q
    for sign in (1.0, -1.0):
        found = solve(ROUND, [(s, sign) for s in speed], peak=1.0)
        within_limits(found)
        np.testing.assert_allclose(found.torque, sign * best, rtol=2e-3)
        assert np.all(sign * found.torque <= best * (1.0 + 1e-3))


def test_peak_keeps_the_power_limit() -> None:
    power = 60e3
    found = solve(ROUND, [(200.0, 1.0), (500.0, 1.0), (900.0, 1.0)], peak=1.0, power=power)
    within_limits(found)
    assert np.all(found.power < power * (1.0 + 1e-3))
    np.testing.assert_allclose(found.torque[1:], power / found.speed[1:], rtol=2e-3)


def stator_grid(count: int) -> np.ndarray:
    """Currents (g, 3) over the half disc of the limit, i_q >= 0."""
    size, angle = np.linspace(0.0, CURRENT, count), np.linspace(0.0, np.pi, 2 * count)
    i, g = (a.ravel() for a in np.meshgrid(size, angle, indexing="ij"))
    return np.stack([i * np.cos(g), i * np.sin(g), 0.0 * i], 1)


@jax.jit
@jax.vmap
def on_torque(of: StandInMachine, speed, wanted, i_d, i_f):
    """(currents, loss, utilisation) with the i_q in [0, limit] that gives the torque, by bisection."""

    def halve(bracket, _):
        low, high = bracket
        middle = 0.5 * (low + high)
        short = torque(of, jnp.stack([i_d, middle, i_f])) < wanted
        return (jnp.where(short, middle, low), jnp.where(short, high, middle)), None

    (_, i_q), _ = jax.lax.scan(halve, (jnp.zeros(()), jnp.asarray(1.5 * CURRENT)), None, length=40)
    currents = jnp.stack([i_d, i_q, i_f])
    v = voltage(of, currents, speed)
    return currents, loss(of, currents, speed), jnp.sqrt(v @ v) / VOLTAGE, torque(of, currents)


def grid_loss(of: StandInMachine, speed: float, wanted: float, field: np.ndarray) -> float:
    """Least loss of all grid points (i_d, i_f) that give |torque| within the limits."""
    count = 401 if field.size > 1 else 3201
    i_d, i_f = (a.ravel() for a in np.meshgrid(np.linspace(-CURRENT, 0.0, count), field, indexing="ij"))
    many = jax.tree.map(lambda a: jnp.full(i_d.size, a), of)
    full = np.ones(i_d.size)
    currents, lost, used, turning = (np.asarray(a) for a in on_torque(many, speed * full, wanted * full, i_d, i_f))
    kept = (np.hypot(currents[:, 0], currents[:, 1]) <= CURRENT) & (used <= 1.0) & (np.abs(turning - wanted) < 1e-6)
    return float(lost[kept].min())


LOSS_POINTS = [(100.0, 60.0), (300.0, 150.0), (700.0, 20.0), (700.0, 80.0), (1100.0, 50.0), (1500.0, 10.0)]


@pytest.mark.parametrize("kind", ["permanent magnets", "field winding"])
def test_loss_is_the_least_of_a_dense_grid(kind: str) -> None:
    of = EXCITED if kind == "field winding" else SATURATING
    field = np.linspace(0.0, FIELD_CURRENT, 61) if of is EXCITED else np.zeros(1)
    found = solve(of, LOSS_POINTS)
    within_limits(found)
    np.testing.assert_allclose(found.torque, found.wanted, rtol=1e-4, atol=0.01)
    best = np.array([grid_loss(of, speed, wanted, field) for speed, wanted in LOSS_POINTS])
    assert np.all(found.loss <= best * 1.002)
    assert np.all(found.loss >= best * 0.98)  # the grid itself is this coarse


def test_braking_without_iron_loss_mirrors_driving() -> None:
    """Without resistance in the voltage the machine is even in i_q: same loss, mirrored current."""
    driving = solve(SALIENT, [(100.0, 80.0), (900.0, 60.0)])
    braking = solve(SALIENT, [(100.0, -80.0), (900.0, -60.0)])
    np.testing.assert_allclose(braking.currents * [1.0, -1.0, 1.0], driving.currents, atol=1e-2)
    np.testing.assert_allclose(braking.loss, driving.loss, rtol=1e-4)


PEAK_SPEEDS = [20.0, 300.0, 600.0, 900.0, 1400.0, 2200.0]


def grid_peak(of: StandInMachine, speed: float, power: float) -> float:
    """Most torque of all grid points within voltage, current and power."""
    field = np.linspace(0.0, FIELD_CURRENT, 41) if of is EXCITED else np.zeros(1)
    stator = stator_grid(60)
    currents = np.concatenate([stator + np.array([0.0, 0.0, f]) for f in field])
    values = np.asarray(on_grid(Plant(machine=of, speed=jnp.asarray(speed)), currents))
    kept = (values[:, 2] <= 1.0) & (values[:, 3] <= power)
    return float(values[kept, 1].max())


@jax.jit
def on_grid(plant: Plant, currents: jax.Array) -> jax.Array:
    """Quantities (g, 4) at currents (g, 3)."""
    return jax.vmap(lambda i: quantities(plant, i, None))(currents)


@pytest.mark.parametrize("kind", ["permanent magnets", "field winding"])
def test_peak_torque_is_never_below_a_point_of_a_dense_grid(kind: str) -> None:
    of = EXCITED if kind == "field winding" else SATURATING
    for power in (UNLIMITED, 70e3):
        found = solve(of, [(s, 1.0) for s in PEAK_SPEEDS], peak=1.0, power=power)
        within_limits(found)
        best = np.array([grid_peak(of, speed, power) for speed in PEAK_SPEEDS])
        assert np.all(found.torque >= best * (1.0 - 2e-3))
        assert np.all(found.torque <= best * 1.1)  # the grid itself is this coarse


@pytest.mark.parametrize("kind", ["permanent magnets", "field winding"])
def test_torque_out_of_reach_gives_the_nearest_in_reach(kind: str) -> None:
    of = EXCITED if kind == "field winding" else SATURATING
    most = solve(of, [(s, 1.0) for s in PEAK_SPEEDS], peak=1.0)
    asked = solve(of, [(s, 1.3 * t) for s, t in zip(PEAK_SPEEDS, most.torque, strict=True)])
    within_limits(asked)
    np.testing.assert_allclose(asked.torque, most.torque, rtol=5e-3)
    if of is SATURATING:
        assert np.all(np.abs(asked.slope[..., 1]) * most.torque[:, None] < 1e-2 * CURRENT)


def test_starts_need_not_be_good() -> None:
    """The same optimum from other corners of the currents."""
    begin = np.array([[-20.0, 20.0, 0.0], [-300.0, 100.0, 0.0], [-150.0, 300.0, 0.0], [0.0, 390.0, 0.0]])
    found = solve(SATURATING, [(700.0, 60.0)] * 4, begin=begin)
    within_limits(found)
    np.testing.assert_allclose(found.currents, np.broadcast_to(found.currents[0], (4, 3)), atol=1e-3 * CURRENT)
