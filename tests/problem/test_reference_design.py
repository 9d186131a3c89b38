"""Reference units in the words of a design space: values by name, nearest start, what is refused."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest

from edu_opt.drive_unit.reference_units import REFERENCE_UNITS, reference_unit
from edu_opt.materials.semiconductors import device
from edu_opt.problem.candidate import design_space
from edu_opt.problem.reference_design import design_values, reference_starts, start_refusals
from edu_opt.settings import MotorOffer, ProblemSettings, branches_of, programs_of

EESM = MotorOffer("eesm", 9, 8, (3, 4), (1, 2), "NO27")
SINGLE_V = MotorOffer("ipm", 9, 8, (3,), (2,), "M250-35A", "N42EH")


def settings(*motors: MotorOffer, devices: tuple[str, ...] = ("fuji_2mbi600xee065",)) -> ProblemSettings:
    return ProblemSettings(brand="test", vehicle="bmw_i4", motors=motors, devices=devices)


@pytest.mark.parametrize("name", sorted(REFERENCE_UNITS))
def test_values_are_the_units_own(name: str) -> None:
    """Every variable of gearbox and inverter, stack and winding; the rotor where it is one of the space's kind."""
    reference = reference_unit(name)
    values = design_values(reference)
    assert values["stack.length_m"] == reference.machine.stack_length
    assert values["lamination.outer_radius_m"] == pytest.approx(
        float(reference.machine.lamination().stator.outer_radius)
    )
    assert reference.gearbox.values.items() <= values.items()
    assert any(key.startswith("rotor.") for key in values) == (name not in ("bmw_i3", "jaguar_i_pace"))


def test_the_gen5_unit_lies_in_the_space_of_its_kind() -> None:
    """Lamination and rotor untouched; series turns and module current kept by other paths and chips; said so."""
    problem = settings(EESM)
    ((program, start),) = reference_starts("bmw_gen5_rear", problem).items()
    branch = branches_of(problem, program)[start.branch]
    assert (branch.pole_pairs, branch.parallel_paths) == (3, 2)  # 2 is nearer to its 6 paths than 1
    space = design_space(program)
    physical = space.as_mapping(np.asarray(space.to_physical(jnp.asarray(start.x))))
    own = design_values(reference_unit("bmw_gen5_rear"))
    for key in ("lamination.outer_radius_m", "rotor.shoe_ratio_1", "stack.length_m", "field_winding.turns_1"):
        assert float(physical[key]) == pytest.approx(own[key], rel=1e-9)
    turns = float(physical["stator_winding.conductor_pairs_per_slot_1"]) / branch.parallel_paths
    assert turns == pytest.approx(own["stator_winding.conductor_pairs_per_slot_1"] / 6.0)
    amperes = float(physical["power_module.parallel_area_1"]) * float(device(branch.device).current_limit)
    assert amperes == pytest.approx(float(device("infineon_fs800r07a2e3").current_limit))
    text = "\n".join(start.notes)
    assert "parallel paths: 6 become 2" in text and "becomes fuji_2mbi600xee065" in text
    assert "bearing_set.intermediate_bore_m: 0.0506" in text


def test_its_own_module_is_taken_where_it_is_on_offer() -> None:
    problem = settings(EESM, devices=("fuji_2mbi600xee065", "infineon_fs800r07a2e3"))
    ((program, start),) = reference_starts("bmw_gen5_rear", problem).items()
    assert branches_of(problem, program)[start.branch].device == "infineon_fs800r07a2e3"
    assert "power module" not in "\n".join(start.notes)


def test_programs_of_another_kind_get_no_start() -> None:
    problem = settings(EESM, SINGLE_V)
    found = reference_starts("tesla_model3_rear", problem)
    assert [program.motor.kind for program in found] == ["ipm"] and len(programs_of(problem)) == 2
    assert start_refusals("tesla_model3_rear", problem) == []


def test_refusals_say_why() -> None:
    (line,) = start_refusals("vw_app310", settings(SINGLE_V))
    assert "6 slots per pole, on offer are 9" in line
    (line,) = start_refusals("bmw_gen5_rear", settings(MotorOffer("eesm", 9, 8, (4,), (2,), "NO27")))
    assert "it has 3 pole pairs, on offer are [4]" in line
    (line,) = start_refusals("jaguar_i_pace", settings(MotorOffer("ipm", 6, 6, (4,), (2,), "NO27", "N42UH")))
    assert "magnet layers" in line
    assert "unknown reference drive unit 'leaf'" in start_refusals("leaf", settings(EESM))[0]
