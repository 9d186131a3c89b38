"""A V-magnet rotor in a stator of 9/2 slots per pole: winding, symmetry of the fields in time, torque."""

from fractions import Fraction

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from edu_opt.motor.field import (
    Excitation,
    FieldGrid,
    FieldMaterials,
    element_fields,
    field_model,
    field_quantities,
    solve_model,
)
from edu_opt.motor.field_losses import rotor_waveforms, stator_waveforms
from edu_opt.motor.geometry import (
    Template,
    lamination_from_values,
    lamination_space,
    winding_fundamental,
    winding_weights,
)
from edu_opt.motor.lamination_map import steel_reluctivity

TEMPLATE = Template(rotor="ipm", slots_per_pole=Fraction(9, 2), poles_per_sector=2)
GRID = FieldGrid(TEMPLATE, "XS")
SPACE = lamination_space(TEMPLATE)
ANGLES = 60  # of one electrical period: 10 over 60 degrees, which do not alias the slot ripple (orders 18, 36, ...)


@pytest.fixture(scope="module")
def turned():
    """Quantities and element fields at `ANGLES` rotor angles of one period, constant dq currents."""
    steel = steel_reluctivity("NO27")
    materials = FieldMaterials(
        stator_steel=steel, rotor_steel=steel, remanence=jnp.asarray(1.2), magnet_permeability=jnp.asarray(1.05)
    )
    values = SPACE.low + 0.5 * (SPACE.high - SPACE.low)

    def solve(angle):
        model = field_model(GRID, lamination_from_values(TEMPLATE, 4.0, values), materials)
        point = Excitation(
            slot_ampere_turns_d=jnp.asarray(-600.0),
            slot_ampere_turns_q=jnp.asarray(1200.0),
            field_ampere_turns=jnp.asarray(0.0),
            rotor_angle_electrical=angle,
        )
        solution = solve_model(GRID, (model,), point)
        return field_quantities(GRID, model, point, solution), element_fields(GRID, model, solution), solution.converged

    return jax.jit(jax.vmap(solve))(2.0 * np.pi * jnp.arange(ANGLES) / ANGLES)


@pytest.mark.parametrize(
    ("slots_per_pole", "throw", "factor"),
    [(9, 8, 0.9452), (Fraction(9, 2), 4, 0.9452), (Fraction(6, 5), 1, 0.9330), (Fraction(3, 2), 1, 0.8660)],
)
def test_winding_factor(slots_per_pole, throw, factor):
    """54 slots 6 poles; 36/8 (q = 3/2 with the star of q = 3); 12/10 and 12/8 concentrated (tabulated by Pyrhonen)."""
    sector = Fraction(slots_per_pole).denominator
    template = Template("ipm", slots_per_pole=slots_per_pole, coil_pitch=throw, poles_per_sector=sector)
    weights = winding_weights(template)
    per_phase = float(slots_per_pole) / 3.0
    assert abs(winding_fundamental(template)) == pytest.approx(factor * per_phase, rel=1e-3)
    np.testing.assert_allclose(np.abs(weights).sum(0), np.abs(weights).sum() / 3.0)


def test_windings_without_three_equal_phases_are_refused():
    with pytest.raises(ValueError, match="threes"):
        winding_weights(Template("ipm", slots_per_pole=Fraction(4)))
    with pytest.raises(ValueError, match="whole slots"):
        Template("ipm", slots_per_pole=Fraction(9, 2), poles_per_sector=1)


def test_stator_fields_of_a_period_follow_from_sixty_degrees(turned):
    _, fields, converged = turned
    assert np.all(np.asarray(converged))
    solved = np.asarray(fields.stator)
    rebuilt = np.asarray(stator_waveforms(GRID, fields.stator[: ANGLES // 6]))
    np.testing.assert_allclose(rebuilt, solved, atol=2e-3 * np.abs(solved).max())  # the solver's tolerance


def test_rotor_fields_of_a_ripple_period_follow_from_the_poles(turned):
    """120 degrees of pole 0, rebuilt from 60 degrees of both poles."""
    solved = np.asarray(turned[1].rotor)
    columns = solved.shape[-1] // 2
    rebuilt, tolerance = np.asarray(rotor_waveforms(GRID, turned[1].rotor[: ANGLES // 6])), 2e-3 * np.abs(solved).max()
    np.testing.assert_allclose(rebuilt[..., :columns], solved[: ANGLES // 3, ..., :columns], atol=tolerance)
    np.testing.assert_allclose(rebuilt[..., :columns], rebuilt[..., columns:])


def test_mean_torque_of_virtual_work_is_that_of_flux_and_current(turned):
    found = turned[0]
    exact, simple = np.asarray(found.torque_virtual_work), np.asarray(found.torque_dq)
    assert simple.mean() > 0
    assert exact.mean() == pytest.approx(simple.mean(), rel=0.003)
