"""Candidates with layered rotors and cages, from the unit cube to margins, on solved fields."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from edu_opt.inverter.exciter import FIELD_EXCITERS
from edu_opt.motor.excitation import EXCITERS
from edu_opt.motor.rotor_layouts import DEFAULT_LAYOUTS, ROTOR_LAYOUTS, layouts_of
from edu_opt.problem import DriveUnitProblem
from edu_opt.problem.data import study_data
from edu_opt.problem.problem import evaluate, operating_states
from edu_opt.settings import Fidelity, MotorOffer, ProblemSettings, branches_of, programs_of

STEP = 1e-3  # of the unit cube


def problem_of(kind: str, rotor: str, magnet: str | None) -> DriveUnitProblem:
    bars, cage = (7, "aluminium") if kind == "im" else (0, "")
    settings = ProblemSettings(
        brand="test",
        vehicle="bmw_i3",
        motors=(MotorOffer(kind, 6, 5, (4,), (2,), "NO27", magnet, rotor, bars, cage),),
        devices=("wolfspeed_cab450m12xm3",),
        fidelity=Fidelity(duty_points=8, envelope_speeds=4),
    )
    return DriveUnitProblem(settings, programs_of(settings)[0])


def test_every_kind_has_its_default_among_its_layouts() -> None:
    assert {layout.kind for layout in ROTOR_LAYOUTS.values()} == set(DEFAULT_LAYOUTS)
    for kind, name in DEFAULT_LAYOUTS.items():
        assert name in layouts_of(kind)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "rotor", "magnet"),
    [
        ("im", "closed_bars", None),
        ("synrm", "two_barriers_assisted", "FB9B"),
        ("ipm", "double_v", "N42UH"),
    ],
)
def test_a_candidate_of_a_kind(kind: str, rotor: str, magnet: str | None) -> None:
    """Finite, its power balance closes, the control has converged, rare earths follow the grade; objectives change
    along a random direction of the cube as their derivative says (im, whose cage has equations of its own; the others'
    motors keep the contract, and are reported whole here)."""
    problem = problem_of(kind, rotor, magnet)
    x = jnp.full(len(problem.space), 0.5)
    branch = np.array([0])
    expansion = jax.tree.map(lambda leaf: jnp.asarray(leaf[0]), problem.expand(np.asarray(x)[None], branch))

    def objectives(x):
        local = problem.localize(x, branch[0], expansion)
        points = operating_states(problem.model, x, local)
        evaluation = evaluate(problem.model, x, local, points, reported=kind != "im")
        return evaluation.objectives, (evaluation, points.found)

    direction = jnp.asarray(np.random.default_rng(3).normal(size=x.size)) / x.size**0.5
    if kind != "im":
        value, (evaluation, points) = jax.jit(objectives)(x)
        slope = difference = 0.0 * value
    else:
        at = jax.jit(lambda x: jax.jvp(objectives, (x,), (direction,), has_aux=True))
        value, slope, (evaluation, points) = at(x)
        difference = (at(x + STEP * direction)[0] - at(x - STEP * direction)[0]) / (2.0 * STEP)
    for leaf in jax.tree.leaves((evaluation, slope)):
        assert np.all(np.isfinite(leaf))
    balance = points.electrical_power - points.output_power - points.total_loss
    assert np.max(np.abs(balance)) < 1e-6 * np.max(np.abs(points.electrical_power))
    assert np.max(points.control_residual) < 1e-3
    values = evaluation.report.values
    assert (float(values["rare_earth_mass"]) > 0.0) == (magnet == "N42UH")
    assert float(values["peak_power_10s"]) > 20.0
    np.testing.assert_allclose(slope / value, difference / value, atol=1e-4)


def test_an_exciter_brings_its_own_losses_mass_and_price() -> None:
    settings = ProblemSettings(
        brand="test",
        vehicle="bmw_i3",
        motors=tuple(MotorOffer("eesm", 9, 8, (3,), (2,), "NO27", exciter=name) for name in ("brush", "inductive")),
        devices=("wolfspeed_cab450m12xm3",),
    )
    brush, inductive = programs_of(settings)
    assert (brush.name, inductive.name) == ("eesm_9spp_parallel_axis", "eesm_inductive_9spp_parallel_axis")
    data = [study_data(settings, program, branches_of(settings, program)[0]) for program in (brush, inductive)]
    assert float(data[0].field_exciter.brush_drop) > 0.0 == float(data[1].field_exciter.brush_drop)
    assert (float(data[0].field_exciter.rotary), float(data[1].field_exciter.rotary)) == (0.0, 1.0)
    assert set(FIELD_EXCITERS) == set(EXCITERS)
    assert float(data[0].exciter.mass) < float(data[1].exciter.mass)
    assert [float(d.prices.exciter_fixed) for d in data] == [45.0, 80.0]


def test_modulation_is_data_of_a_study() -> None:
    """Discontinuous modulation reaches the inverter of a candidate without another program."""
    settings = ProblemSettings(
        brand="test",
        vehicle="bmw_i3",
        motors=(MotorOffer("eesm", 9, 8, (3,), (2,), "NO27"),),
        devices=("wolfspeed_cab450m12xm3",),
    )
    (program,) = programs_of(settings)
    (branch,) = branches_of(settings, program)
    usual = study_data(settings, program, branch)
    chosen = study_data(dataclasses.replace(settings, modulation="discontinuous"), program, branch)
    assert (float(usual.discontinuous), float(chosen.discontinuous)) == (0.0, 1.0)
    assert jax.tree.structure(usual) == jax.tree.structure(chosen)
