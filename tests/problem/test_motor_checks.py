"""Checks of a motor in its unit: what they are made of, kinds that cannot fail so, trends, finite slopes."""

from types import SimpleNamespace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from edu_opt.drive_unit.model import DriveUnit
from edu_opt.motor.faults import blocked_field_current
from edu_opt.motor.model import flux_linkage
from edu_opt.numerics.pytree import replace
from edu_opt.problem.motor_checks import faults
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


@pytest.mark.parametrize("kind", ["eesm", "ipm"])
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
