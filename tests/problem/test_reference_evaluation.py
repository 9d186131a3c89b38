"""Reference drive units evaluated by name: their program and branch, and one whole evaluation."""

from __future__ import annotations

import numpy as np
import pytest

from edu_opt.drive_unit.reference_units import REFERENCE_UNITS, reference_unit
from edu_opt.problem.reference_evaluation import ReferenceProblem, program_and_branch_of
from edu_opt.settings import ProblemSettings, Ratings


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
    """Everything finite, parts sum to the mass objective, losses to their totals; WLTP figures of the order of the
    car's (590 km; 83.9 kWh); with the unit's own field current its power (250 kW) within 5 %."""
    ratings = Ratings(dc_voltage=399.0, peak_field_current_density=25.62e6)
    settings = ProblemSettings(brand="test", vehicle="bmw_i4", objectives=("unit_mass", "energy_wltc"), ratings=ratings)
    problem = ReferenceProblem("bmw_gen5_rear", settings)
    found = problem.evaluation()
    values = {name: float(value[0]) for name, value in found.report.values.items()}
    columns = problem.columns(found)
    numbers = [value for name, value in columns.items() if not name.startswith("part.")]
    assert found.valid[0] and np.isfinite(numbers).all()
    assert columns["part.housing.sealing_class_needed"] == "IP6K9K"
    masses = [value for name, value in columns.items() if name.endswith(".mass_kg")]
    assert sum(masses) == pytest.approx(float(found.objectives[0, 0]), rel=1e-9)
    for part in ("motor", "inverter", "gearbox"):
        losses = [v for k, v in columns.items() if k.startswith(f"result.{part}.") and k.endswith("_cycle_wh_per_km")]
        assert sum(losses) == pytest.approx(values[f"{part}_loss_cycle"], rel=1e-9)
    steady = [value for name, value in columns.items() if name.endswith("_loss_30min_w")]
    assert sum(steady) == pytest.approx(values["loss_30min"] - values["pump_power_30min"], rel=1e-9)
    assert columns["design.stack.length_m"] == 0.135
    costs, carbon = found.report.costs, found.report.carbon
    assert sum(float(v[0]) for v in costs.values()) == pytest.approx(values["unit_cost"], rel=1e-9)
    assert sum(float(v[0]) for v in carbon.values()) == pytest.approx(values["embodied_co2e"], rel=1e-9)
    kinds = [value for name, value in values.items() if name.endswith("_cost") and name != "unit_cost"]
    assert len(kinds) == 10 and sum(kinds) == pytest.approx(values["unit_cost"], rel=1e-9)
    assert values["gear_ratio"] == pytest.approx(11.115, rel=1e-3)
    assert values["control_residual"] < 1e-3
    assert values["peak_power_10s"] == pytest.approx(250.0, rel=0.05)
    assert values["field_current_10s"] == pytest.approx(26.0, rel=0.03)
    assert values["field_voltage_ratio"] > 1.0
    assert 0.0 < values["capacitor_temperature_margin"] < 40.0
    assert 110.0 < values["energy_wltc"] < 160.0
    assert values["range"] == pytest.approx(590.0, rel=0.10)
