"""Checks of a motor in its unit: what they are made of, kinds that cannot fail so, trends, finite slopes."""

from types import SimpleNamespace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from edu_opt.drive_unit.model import DriveUnit
from edu_opt.motor.faults import blocked_field_current, largest_braking
from edu_opt.motor.model import flux_linkage
from edu_opt.motor.ripple import RIPPLE_ANGLES, TorqueSamples
from edu_opt.numerics.pytree import replace
from edu_opt.problem.motor_checks import COLD_CELSIUS, faults, modes, ripple, shorts
from edu_opt.problem.problem import DriveUnitProblem
from edu_opt.requirements import Requirement
from edu_opt.settings import MotorOffer, ProblemSettings, programs_of
from tests.drive_unit.reference_unit import analytic_unit

CURRENTS = {"eesm": (-60.0, 200.0, 8.0), "ipm": (-150.0, 200.0, 0.0), "im": (80.0, 200.0, 0.0)}
RATINGS = SimpleNamespace(
    rotor_continuous_celsius=jnp.asarray(155.0),
    winding_continuous_celsius=jnp.asarray(155.0),
    dc_voltage=jnp.asarray(400.0),
)


def checked(unit: DriveUnit, top: jax.Array) -> dict[str, jax.Array]:
    point = SimpleNamespace(currents=jnp.array(CURRENTS[unit.motor.kind]))
    return faults(unit, SimpleNamespace(ratings=RATINGS), point, point, top)


@pytest.mark.parametrize("kind", [pytest.param("eesm", marks=pytest.mark.slow), "ipm"])
def test_voltage_and_short_circuit_of_a_motor_that_excites_itself(kind: str) -> None:
    """Voltage grows with speed; magnets are stronger cold; the short brakes; slopes to the stack are finite."""
    unit = analytic_unit(kind)

    def at(length: jax.Array, top: jax.Array) -> dict[str, jax.Array]:
        return checked(replace(unit, motor=replace(unit.motor, stack_length=length)), top)

    run = jax.jit(lambda length, top: (at(length, top), jax.jacfwd(at)(length, top)))
    length = jnp.asarray(unit.motor.stack_length)
    (slow, slopes), (fast, _) = run(length, jnp.asarray(800.0)), run(length, jnp.asarray(1600.0))
    assert all(np.isfinite(leaf) for leaf in jax.tree.leaves((slow, slopes)))
    assert float(fast["back_emf_share"]) == pytest.approx(2.0 * float(slow["back_emf_share"]))
    field = blocked_field_current(unit.motor, jnp.array(CURRENTS[kind])) if kind == "eesm" else jnp.zeros(())
    flux = flux_linkage(unit.motor, jnp.array([0.0, 0.0, 1.0]) * field)[0]
    warm = 3.0**0.5 * float(unit.motor.pole_pairs * 800.0 * jnp.abs(flux) / unit.inverter.device.blocking_voltage)
    stronger = float(slow["back_emf_share"]) / warm
    assert stronger == pytest.approx(1.0) if kind == "eesm" else 1.0 < stronger < 1.3
    assert float(slow["short_circuit_braking"]) > float(fast["short_circuit_braking"]) > 0.0
    assert float(slow["short_circuit_peak_share"]) > float(slow["short_circuit_current_share"]) > 0.0
    assert (float(fast["field_decay_time"]) > float(slow["field_decay_time"])) == (kind == "eesm")


def test_a_cage_does_not_excite_itself() -> None:
    found = checked(analytic_unit("im"), jnp.asarray(1000.0))
    assert {name for name, value in found.items() if float(value) != 0.0} == {"demagnetization_margin_short"}


def test_ripple_is_a_result_where_the_fields_hold_samples() -> None:
    """Share of the mean; cogging of the whole length; nothing where nothing was asked for."""
    motor = analytic_unit("ipm").motor
    assert ripple(motor) == {}
    wave = jnp.cos(2.0 * jnp.pi * jnp.arange(RIPPLE_ANGLES) / RIPPLE_ANGLES)
    samples = TorqueSamples(load=2000.0 + 100.0 * wave, no_load=10.0 * wave)
    found = ripple(replace(motor, lamination_map=replace(motor.lamination_map, ripple=samples)))
    assert float(found["torque_ripple_share"]) == pytest.approx(0.1, rel=0.02)
    assert float(found["cogging_torque"]) == pytest.approx(20.0 * float(motor.stack_length), rel=0.02)


def test_a_requirement_on_ripple_asks_for_its_samples() -> None:
    """Field solves grow by one set of angles a quantity; another requirement leaves them as they are."""

    def problem(*quantities: str) -> DriveUnitProblem:
        settings = ProblemSettings(
            brand="test",
            vehicle="bmw_i3",
            requirements=tuple(Requirement(name, "max", 2.0, "test") for name in quantities),
            motors=(MotorOffer("ipm", 6, 5, (4,), (2,), "NO27", "N42UH"),),
            devices=("wolfspeed_cab450m12xm3",),
        )
        return DriveUnitProblem(settings, programs_of(settings)[0])

    usual = problem("ring_mode_ratio")
    assert usual.fields.settings.ripple == ()
    both = problem("torque_ripple_share", "cogging_torque")
    assert both.field_solves_per_expansion == usual.field_solves_per_expansion + 2 * RIPPLE_ANGLES
    assert both.identity != usual.identity
    assert both.fields.settings.ripple == ("load", "no_load")


@pytest.mark.parametrize("kind", ["eesm", "ipm", "im"])
def test_modes_over_the_forces_that_excite_them(kind: str) -> None:
    """Both ratios halve at twice the speed; the mode of the poles' order lies above its force on usual motors."""
    motor = analytic_unit(kind).motor
    slow, fast = modes(motor, jnp.asarray(800.0)), modes(motor, jnp.asarray(1600.0))
    for name in ("breathing_mode_ratio", "ring_mode_ratio"):
        assert float(slow[name]) == pytest.approx(2.0 * float(fast[name]))
    assert 1.0 < float(fast["ring_mode_ratio"]) < 20.0


def test_largest_braking_of_a_short_on_demand() -> None:
    """Among a dozen speeds it is the exact maximum within 5 %, whatever the top speed is."""
    unit = analytic_unit("ipm")
    winding, none = RATINGS.winding_continuous_celsius, jnp.zeros(())
    exact, _ = jax.jit(largest_braking)(unit.motor, none, winding, jnp.asarray(COLD_CELSIUS))
    found = jax.jit(lambda top: shorts(unit.motor, top, none, none, winding, jnp.asarray(COLD_CELSIUS))[1])
    for top in (900.0, 1700.0):
        assert float(found(jnp.asarray(top))) == pytest.approx(float(exact), rel=0.05)
