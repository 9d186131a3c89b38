"""Hairpin winding: resistance against the Motor-CAD machines, end turns, Dowell limits, validity of integers."""

import json

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from edu_opt.materials.conductors import conductor, resistivity
from edu_opt.motor.copper_loss import (
    layer_resistance_ratio,
    proximity_factor,
    resistance_shares,
    skin_factor,
    slot_resistance_ratio,
)
from edu_opt.motor.winding import (
    END_TURN_STRAIGHT,
    bar,
    end_turn_length,
    resistances,
    series_turns,
    slot_fill,
    winding_factor,
)
from tests.motor.reference_motors import analytic_motor
from tests.shared_data import reference_file


@pytest.fixture(scope="module")
def motor_cad():
    machines = json.loads(reference_file("motors.json").read_text())["fea_reference_set"]["machines"]
    return {k: v for k, v in machines.items() if k.startswith("PSM") and k != "PSM_V1(13)"}


def test_resistance_of_the_motor_cad_machines(motor_cad):
    """R = rho N (2 L + l_ew) / (a A) with their own end-turn length reproduces the files' phase resistance."""
    ratios = []
    for machine in motor_cad.values():
        size, winding, magnetic = machine["dims_mm"], machine["winding"], machine["magnetics"]
        paths, area = magnetic["ParallelPaths"], winding["Copper_Width"] * winding["Copper_Height"] * 1e-6
        turns = size["Slot_Number"] * winding["Conductors/Slot"] / (6 * paths)
        length = (2 * size["Stator_Lam_Length"] + winding["EWdg_MLT"]) * 1e-3
        hot = float(resistivity(conductor("copper"), jnp.asarray(158.0)))
        ratios.append(hot * turns * length / (paths * area) / machine["lab"]["Rphase_at_Tref"])
    assert len(ratios) >= 20
    assert 0.985 < min(ratios) and max(ratios) < 1.002


def test_end_turn_length_of_the_motor_cad_machines(motor_cad):
    """The model's end turn (inclined run + 24 mm) against `EWdg_MLT` / 2."""
    ratios = []
    for machine in motor_cad.values():
        size, winding = machine["dims_mm"], machine["winding"]
        pitch = 2 * np.pi * (size["Stator_Bore"] / 2 + size["Slot_Depth"] / 2) / size["Slot_Number"] * 1e-3
        sine = (winding["Copper_Width"] * 1e-3 + 0.7e-3) / pitch
        run = machine["magnetics"]["MagThrow"] * pitch / np.sqrt(1 - sine**2)
        ratios.append((run + END_TURN_STRAIGHT) / (winding["EWdg_MLT"] * 0.5e-3))
    assert 0.9 < min(ratios) and max(ratios) < 1.03
    assert abs(np.median(ratios) - 1.0) < 0.02


def test_resistance_parts_and_scalings():
    motor = analytic_motor("eesm")
    size, winding = motor.dimensions, motor.winding
    slots, ends = resistances(winding, size, 0.15, 20.0, 20.0)
    turns, copper = series_turns(winding, size), bar(winding, size)
    assert float(turns) == pytest.approx(54 * 8 / (6 * 2))
    assert float(slots) == pytest.approx(1.724e-8 * 2 * float(turns) * 0.15 / (2 * float(copper.area)))
    assert float(ends / slots) == pytest.approx(float(end_turn_length(winding, size)) / 0.15)
    assert sum(map(float, resistance_shares(winding, size, 0.15, 90.0, 120.0))) == pytest.approx(1.0)
    assert 0.35 < float(slot_fill(winding, size)) < 0.75


@pytest.mark.parametrize("x", [0.05, 0.5, 1.0, 2.0, 4.0, 6.0])
def test_dowell_functions_are_the_closed_forms(x):
    skin = x * (np.sinh(2 * x) + np.sin(2 * x)) / (np.cosh(2 * x) - np.cos(2 * x))
    proximity = 2 * x * (np.sinh(x) - np.sin(x)) / (np.cosh(x) + np.cos(x))
    assert float(skin_factor(jnp.asarray(x))) == pytest.approx(skin, rel=1e-11)
    assert float(proximity_factor(jnp.asarray(x))) == pytest.approx(proximity, rel=1e-9)


def test_dowell_limits():
    """Small bars: 1 + (n^2 - 0.2) xi^4 / 9; thick bars: phi -> xi, psi -> 2 xi; layers average to the slot's value."""
    x, n = 0.05, 8.0
    mean = skin_factor(jnp.asarray(x)) + (n**2 - 1) / 3 * proximity_factor(jnp.asarray(x))
    assert float(mean - 1) == pytest.approx((n**2 - 0.2) * x**4 / 9, rel=1e-4)
    assert float(skin_factor(jnp.asarray(6.0))) == pytest.approx(6.0, rel=1e-4)
    assert float(proximity_factor(jnp.asarray(6.0))) == pytest.approx(12.0, rel=1e-2)
    layers = np.array([float(layer_resistance_ratio(jnp.asarray(1.3), jnp.asarray(float(j)))) for j in range(1, 9)])
    slot = float(skin_factor(jnp.asarray(1.3)) + (64 - 1) / 3 * proximity_factor(jnp.asarray(1.3)))
    assert layers.mean() == pytest.approx(slot)
    for order in (jax.grad, lambda f: jax.grad(jax.grad(f))):
        assert np.isfinite(order(lambda v: skin_factor(v) + proximity_factor(v))(0.0))


def test_ac_ratio_grows_from_one():
    motor = analytic_motor("ipm")
    ratio = jax.vmap(lambda w: slot_resistance_ratio(motor.winding, motor.dimensions, w, 100.0))
    values = np.asarray(ratio(jnp.linspace(0.0, 6000.0, 20)))
    assert values[0] == pytest.approx(1.0, abs=1e-9)
    assert np.all(np.diff(values) > 0)


def test_winding_factor_of_the_reference_machines():
    """Prius (48/8, full pitch) 0.9659, random eesm (54/6, pitch 8) 0.9452: as computed by the NGSolve reference."""
    assert winding_factor(48, 8, 6) == pytest.approx(0.9659258, abs=1e-6)
    assert winding_factor(54, 6, 8) == pytest.approx(0.9452136, abs=1e-6)
    assert winding_factor(54, 6, 9) == pytest.approx(0.9597951, abs=1e-6)


