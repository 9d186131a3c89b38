"""A drive unit by name: its own car, voltage and current density; where a search may start; wrong names in one line."""

from __future__ import annotations

import pytest

from edu_opt.config.compose import compose, config_folder
from edu_opt.config.errors import SettingsError
from edu_opt.config.load import load
from edu_opt.config.run_settings import config_hash
from edu_opt.drive_unit.reference_units import REFERENCE_UNITS, field_density, reference_unit
from tests.drive_unit.test_reference_units import light_unit

OWN_CAR = {
    "bmw_gen5_rear": "bmw_i4",
    "bmw_gen5_front": "bmw_ix",
    "bmw_i3": "bmw_i3",
    "jaguar_i_pace": "jaguar_i_pace",
    "vw_app310": "bmw_ix3",  # its own is not in the catalogue: the brand's
    "tesla_model3_rear": "bmw_ix3",
}


def error_of(*overrides: str) -> str:
    with pytest.raises(SettingsError) as caught:
        load(compose(list(overrides)))
    assert len(caught.value.lines) == 1
    return str(caught.value.lines[0])


def test_every_reference_unit_is_an_option() -> None:
    assert {path.stem for path in (config_folder() / "drive_unit").glob("*.yaml")} == set(REFERENCE_UNITS)


@pytest.mark.parametrize("name", sorted(REFERENCE_UNITS))
def test_a_unit_brings_its_car_voltage_module_and_field_current(name: str) -> None:
    run, own = load(compose(["task=evaluate", f"drive_unit={name}"])), reference_unit(name)
    assert (run.drive_unit, run.problem.vehicle) == (name, OWN_CAR[name])
    assert run.problem.ratings.dc_voltage == own.machine.voltage.value
    assert run.problem.devices == (own.device,)
    density = field_density(own, light_unit(name))
    expected = density if density > 0.0 else 16e6
    assert run.problem.ratings.peak_field_current_density == pytest.approx(expected, rel=1e-3)


def test_names_on_the_command_line_win() -> None:
    run = load(
        compose(
            ["task=evaluate", "drive_unit=jaguar_i_pace", "vehicle=bmw_i4", "brand=bmw", "inverter.dc_voltage_v=350"]
        )
    )
    assert (run.problem.vehicle, run.problem.brand, run.problem.ratings.dc_voltage) == ("bmw_i4", "bmw", 350.0)
    assert load(compose(["task=evaluate", "drive_unit=jaguar_i_pace"])).problem.brand == "jaguar"


def test_the_hash_knows_the_unit() -> None:
    plain = compose(["task=evaluate", "design=x.json"])
    assert config_hash(plain | {"drive_unit": None}) == config_hash({k: plain[k] for k in plain if k != "drive_unit"})
    one, other = (compose(["task=evaluate", f"drive_unit={name}"]) for name in ("bmw_i3", "vw_app310"))
    assert config_hash(one) != config_hash(one | {"drive_unit": other["drive_unit"]})


def test_wrong_units_are_one_line() -> None:
    assert "nearest: bmw_gen5_rear" in error_of("task=evaluate", "drive_unit=bmw_gen5_rea")
    unknown = error_of("task=evaluate", "drive_unit=bmw_i3", "drive_unit.name=vw_app31")
    assert "drive_unit.name: unknown reference drive unit 'vw_app31'" in unknown and "vw_app310" in unknown
    assert "or drive_unit=NAME" in error_of("task=evaluate")
    assert "got both" in error_of("task=evaluate", "design=x.json", "drive_unit=bmw_i3")
    volts = error_of("task=evaluate", "drive_unit=bmw_i3", "inverter=sic_800v")
    assert "inverter.dc_voltage_v: drive_unit=bmw_i3" in volts and "blocks 650 V" in volts


def test_a_search_starts_at_a_unit_of_its_kind_alone() -> None:
    assert load(compose(["drive_unit=bmw_gen5_rear"])).drive_unit == "bmw_gen5_rear"
    line = error_of("drive_unit=bmw_i3")
    assert "bmw_i3 is no start for program eesm_9spp_parallel_axis: it is an ipm" in line and "leave drive_unit" in line
    six = ["motor=ipm", "brand.forbids=[]", "motor.offers.ipm.slots_per_pole=6", "motor.offers.ipm.coil_pitch_slots=6"]
    line = error_of("drive_unit=bmw_i3", *six)
    assert "magnet layers" in line
    line = error_of("drive_unit=vw_app310", "motor=ipm", "brand.forbids=[]")
    assert "it has 6 slots per pole, on offer are 9" in line


def test_a_second_unit_stands_on_the_other_axle_of_an_evaluation() -> None:
    pair = ["vehicle=bmw_ix", "drive_unit=bmw_gen5_rear", "vehicle.other_unit=bmw_gen5_front"]
    run = load(compose(["task=evaluate", *pair]))
    assert (run.problem.other_unit, run.problem.other_axle) == ("bmw_gen5_front", "front")
    assert load(compose(["task=evaluate", "drive_unit=bmw_gen5_rear"])).problem.other_unit is None


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        (["task=evaluate", "vehicle=bmw_ix", "vehicle.other_unit=bmw_gen5_fornt"], "bmw_gen5_front"),
        (["task=optimize", "vehicle=bmw_ix", "vehicle.other_unit=bmw_gen5_front"], "only task=evaluate"),
        (["task=evaluate", "vehicle=bmw_ix3", "+vehicle.other_unit=bmw_gen5_front"], "one driven axle"),
    ],
)
def test_a_second_unit_that_cannot_be_is_refused_in_one_line(overrides: list[str], words: str) -> None:
    task = [] if "task=optimize" in overrides else ["drive_unit=bmw_gen5_rear"]
    line = error_of(*overrides, *task)
    assert line.startswith("vehicle.other_unit") and words in line
