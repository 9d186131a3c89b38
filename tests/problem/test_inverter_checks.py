"""Checks of an inverter in its unit: stall, life, capacitor, field supply, all against hand calculations or limits."""

from __future__ import annotations

from types import SimpleNamespace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from edu_opt.drive_unit.model import DriveUnit
from edu_opt.inverter.exciter import brush_field_exciter, rotary_field_exciter
from edu_opt.inverter.losses import inverter_losses
from edu_opt.inverter.ratings import DutyPoints, cycle_life, stall_margin
from edu_opt.numerics.constants import STANDARD_GRAVITY
from edu_opt.numerics.pytree import replace
from edu_opt.problem.inverter_checks import (
    HOLD_SECONDS,
    LONGEST_LIFE,
    NO_FIELD,
    STALL_CARRIER,
    capacitor,
    cycling_life,
    field_supply,
    parts,
    stall,
)
from tests.drive_unit.reference_unit import analytic_unit

AXLE = SimpleNamespace(share=1.0, count=1.0)
CAR = SimpleNamespace(gross_mass=2400.0, wheel_radius=0.35, axles=(AXLE,))
RATINGS = SimpleNamespace(
    coolant_celsius=jnp.asarray(65.0), dc_voltage=jnp.asarray(400.0), rotor_continuous_celsius=jnp.asarray(155.0)
)
DURATION = jnp.array([500.0, 300.0, 200.0])
DUTY = SimpleNamespace(duration=DURATION, standstill=jnp.asarray(250.0), time=jnp.asarray(1250.0))
DATA = SimpleNamespace(ratings=RATINGS, vehicle=CAR, duty=DUTY)


def launch(torque: float = 3500.0, current: float = 500.0) -> SimpleNamespace:
    return SimpleNamespace(output_torque=jnp.asarray(torque), current=jnp.asarray(current))


@pytest.mark.parametrize("kind", ["eesm", "im"])
def test_hill_hold_is_the_stall_of_the_grades_torque(kind: str) -> None:
    """Gross mass on 20 %: current with the torque, with its root in a machine that the stator magnetizes."""
    unit, point = analytic_unit(kind), launch()
    found = stall(unit, DATA, point)
    torque = 2400.0 * STANDARD_GRAVITY * 0.2 / 1.04**0.5 * 0.35
    share = torque / 3500.0 if kind == "eesm" else (torque / 3500.0) ** 0.5
    expected = stall_margin(unit.inverter, 500.0 * share, 400.0, 65.0, HOLD_SECONDS, STALL_CARRIER)
    assert float(found["stall_junction_margin_hold"]) == pytest.approx(float(expected), rel=1e-9)
    harder = stall(unit, DATA, launch(current=600.0))
    assert all(float(harder[name]) < float(found[name]) for name in found)


def points(unit: DriveUnit, scale: float) -> SimpleNamespace:
    """Three points (1, 3) with the losses that belong to them."""
    current, index = scale * jnp.array([60.0, 250.0, 500.0]), jnp.array([0.3, 0.6, 0.9])
    losses = jax.vmap(lambda i, m: inverter_losses(unit.inverter, i, m, 0.9, 400.0, 65.0))(current, index)
    return jax.tree.map(
        lambda leaf: leaf[None],
        SimpleNamespaceTree(
            current=current,
            modulation_index=index,
            power_factor=jnp.full(3, 0.9),
            shaft_speed=jnp.array([300.0, 600.0, 900.0]),
            inverter_losses=losses,
        ),
    )


@jax.tree_util.register_pytree_with_keys_class
class SimpleNamespaceTree(SimpleNamespace):
    """A namespace that JAX maps over."""

    def tree_flatten_with_keys(self):
        names = sorted(vars(self))
        return [(jax.tree_util.GetAttrKey(n), getattr(self, n)) for n in names], tuple(names)

    @classmethod
    def tree_unflatten(cls, names, leaves):
        return cls(**dict(zip(names, leaves, strict=True)))


@pytest.mark.slow
def test_cycling_life_is_that_of_the_points_with_standstill() -> None:
    """With the junctions of the points it is `cycle_life` of the same duty and a point at rest; harder duty, less."""
    unit = analytic_unit("ipm")
    cycle = points(unit, 1.0)
    duty = DutyPoints(
        current_peak=jnp.append(cycle.current[0], 0.0),
        modulation_index=jnp.append(cycle.modulation_index[0], 0.0),
        power_factor=jnp.full(4, 0.9),
        dc_voltage=jnp.full(4, 400.0),
        output_frequency=jnp.append(unit.motor.pole_pairs * cycle.shaft_speed[0] / (2.0 * np.pi), 0.0),
        share=jnp.array([0.4, 0.24, 0.16, 0.2]),
    )
    hours = float(cycle_life(unit.inverter, duty, 65.0).hours)
    found = float(cycling_life(unit, DATA, cycle))
    assert found == pytest.approx(1.0 / (1.0 / hours + 1.0 / LONGEST_LIFE), rel=0.1)  # soft minimum of two chips
    assert float(cycling_life(unit, DATA, points(unit, 1.3))) < 0.5 * found
    assert float(cycling_life(unit, DATA, points(unit, 0.02))) == pytest.approx(LONGEST_LIFE, rel=0.1)


def test_capacitor_heats_with_the_square_of_the_current() -> None:
    unit = analytic_unit("ipm")

    def at(current: float) -> dict[str, jax.Array]:
        point = SimpleNamespace(modulation_index=0.7, power_factor=jnp.asarray(0.85), current=jnp.asarray(current))
        return capacitor(unit, DATA, point)

    one, two = at(150.0), at(300.0)
    rise = [float(found["capacitor_temperature_30min"]) - 65.0 for found in (one, two)]
    assert rise[1] == pytest.approx(4.0 * rise[0], rel=1e-9)
    assert float(two["capacitor_temperature_margin"]) == pytest.approx(40.0 - rise[1])
    assert float(two["capacitor_ripple_current_30min"]) == pytest.approx(
        2.0 * float(one["capacitor_ripple_current_30min"])
    )


def test_a_rotary_transformer_has_less_voltage_for_the_field() -> None:
    """Ratio 4: a quarter of the link's voltage; without a field winding nothing is asked for."""
    unit = analytic_unit("eesm")
    peak = SimpleNamespace(currents=jnp.array([[0.0, 300.0, 8.0], [-100.0, 200.0, 6.0]]))
    ratios = [
        float(
            field_supply(replace(unit, inverter=replace(unit.inverter, exciter=exciter)), DATA, peak)[
                "field_voltage_ratio"
            ]
        )
        for exciter in (None, brush_field_exciter(), rotary_field_exciter())
    ]
    assert ratios[0] == ratios[1] > ratios[2] > 0.0
    assert field_supply(analytic_unit("ipm"), DATA, peak)["field_voltage_ratio"] == NO_FIELD
    assert float(field_supply(unit, DATA, peak)["field_current_10s"]) == pytest.approx(8.0, abs=0.01)


def test_parts_around_the_module_grow_with_it() -> None:
    unit = analytic_unit("ipm")
    larger = replace(unit, inverter=replace(unit.inverter, parallel_area=2.0))
    small, large = parts(unit), parts(larger)
    assert all(float(large[name]) > float(small[name]) > 0.0 for name in small)
