"""Reference drive units evaluated by name: their program and branch, and one whole evaluation."""

from __future__ import annotations

import jax
import numpy as np
import pytest

from edu_opt.drive_unit.reference_units import REFERENCE_UNITS, reference_unit
from edu_opt.problem.reference_evaluation import evaluate_reference, program_and_branch_of
from edu_opt.settings import ProblemSettings


@pytest.mark.parametrize("name", sorted(REFERENCE_UNITS))
def test_program_and_branch_say_what_the_unit_is(name: str) -> None:
    reference = reference_unit(name)
    program, branch = program_and_branch_of(reference)
    assert program.motor.allows(branch.pole_pairs, branch.parallel_paths)
    assert program.motor.holds_rare_earths is (reference.machine.kind == "ipm")
    assert reference.device in branch.name(program)


def test_names_of_the_gen5_unit() -> None:
    program, branch = program_and_branch_of(reference_unit("bmw_gen5_rear"))
    assert branch.name(program) == "eesm-54s6p-6a-parallel_axis-infineon_fs800r07a2e3"


@pytest.mark.slow
def test_the_gen5_unit_in_the_i4() -> None:
    """Everything finite, parts sum to the mass objective, WLTP figures of the order of the car's (590 km; 83.9 kWh)."""
    settings = ProblemSettings(brand="test", vehicle="bmw_i4", objectives=("unit_mass", "energy_wltc"))
    found = jax.tree.map(np.asarray, evaluate_reference("bmw_gen5_rear", settings))
    values = found.report.values
    assert found.valid
    assert all(np.isfinite(leaf).all() for leaf in jax.tree.leaves(found))
    assert sum(found.report.masses.values()) == pytest.approx(float(found.objectives[0]), rel=1e-9)
    assert sum(found.report.costs.values()) == pytest.approx(float(values["unit_cost"]), rel=1e-9)
    assert sum(found.report.carbon.values()) == pytest.approx(float(values["embodied_co2e"]), rel=1e-9)
    kinds = [value for name, value in values.items() if name.endswith("_cost") and name != "unit_cost"]
    assert len(kinds) == 10 and sum(kinds) == pytest.approx(float(values["unit_cost"]), rel=1e-9)
    assert 0.03 < values["unit_cost_band"] / values["unit_cost"] < 0.20
    # the car's electricity is most of it: WLTP 165 Wh/km at the wall (assumed) over 225,000 km at 0.242 kg/kWh is 9.0 t
    assert 0.8 < values["use_co2e"] / 9000.0 < 1.2
    assert values["gear_ratio"] == pytest.approx(11.115, rel=1e-3)
    assert values["control_residual"] < 1e-3
    assert 110.0 < values["energy_wltc"] < 160.0
    assert values["range"] == pytest.approx(590.0, rel=0.10)
