"""Settings: every shipped option is valid, units are converted once, wrong input is one clear line."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from edu_opt.config import models
from edu_opt.config.compose import compose, config_folder, jobs_of
from edu_opt.config.errors import SettingsError, nearest
from edu_opt.config.family import with_member_settings
from edu_opt.config.load import load
from edu_opt.config.run_settings import RunSettings, config_hash
from edu_opt.optimize.settings import OptimizerSettings
from edu_opt.programme.plant import WOLVERHAMPTON
from edu_opt.programme.prices import PRICE_UNCERTAINTY, Prices
from edu_opt.programme.programme import ProgrammeSettings
from edu_opt.settings import Fidelity, Ratings
from edu_opt.vehicle import catalogue

MAGNETIC = {
    "kind": "ipm",
    "slots_per_pole": 9,
    "coil_pitch_slots": 8,
    "pole_pairs": [3],
    "parallel_paths": [1],
    "steel": "NO27",
    "magnet": "N42UH",
}

CAGED = MAGNETIC | {"kind": "im", "magnet": None, "bars_per_pole": 11, "cage": "copper"}


@pytest.fixture(scope="module")
def defaults() -> RunSettings:
    return load(compose([]))


def test_defaults_are_the_rear_unit_of_the_ix3_for_bmw(defaults: RunSettings) -> None:
    problem = defaults.problem
    assert (defaults.task, problem.brand, problem.vehicle, problem.cycle) == ("optimize", "bmw", "bmw_ix3", "wltc_3b")
    assert [offer.kind for offer in problem.allowed_motors] == ["eesm"]
    assert "rare_earths" in problem.forbids
    assert defaults.optimizer.candidates >= 128
    assert any("road load" in line.lower() for line in defaults.assumptions)


def test_units_reach_si_and_agree_with_the_dataclass_defaults(defaults: RunSettings) -> None:
    for name, value in dataclasses.asdict(Prices()).items():
        assert getattr(defaults.problem.prices, name) == pytest.approx(value), name
    for name, value in dataclasses.asdict(Ratings()).items():
        assert getattr(defaults.problem.ratings, name) == pytest.approx(value), name
    assert defaults.problem.fidelity == Fidelity()


def test_optimizer_options_name_every_setting() -> None:
    written = yaml.safe_load((config_folder() / "optimizer" / "standard.yaml").read_text())
    assert set(written) == {field.name for field in dataclasses.fields(OptimizerSettings)}


def test_a_brand_brings_its_vehicle_and_the_command_line_wins() -> None:
    assert load(compose(["brand=jaguar"])).problem.vehicle == "jaguar_i_pace"
    assert load(compose(["brand=jaguar", "vehicle=bmw_ix3"])).problem.vehicle == "bmw_ix3"


def options() -> list[tuple[str, str]]:
    folders = [p for p in sorted(config_folder().iterdir()) if p.is_dir() and p.name != "hydra"]
    return [(folder.name, file.stem) for folder in folders for file in sorted(folder.glob("*.yaml"))]


def test_every_option_composes_and_validates() -> None:
    groups: dict[str, list[str]] = {}
    for group, name in options():
        # drive_unit stands for a design file (test_drive_unit.py), task=family composes its members besides, below
        if group != "drive_unit" and (group, name) != ("task", "family"):
            groups.setdefault(group, []).append(name)
    for k in range(max(len(names) for names in groups.values())):
        chosen = [f"{group}={names[min(k, len(names) - 1)]}" for group, names in groups.items()]
        load(compose([*chosen, "brand.forbids=[]", "design=x.json", "studies=[x]"]))


@pytest.mark.parametrize("name", [name for group, name in options() if group == "family"])
def test_every_family_composes_and_validates(name: str) -> None:
    overrides = ["task=family", f"family={name}"]
    settings = load(with_member_settings(compose(overrides), overrides))
    assert settings.family is not None and settings.family.name == name
    assert not settings.family.patterns[0].shares and len(settings.family.patterns) > 1


def test_hash_follows_what_decides_the_result(defaults: RunSettings) -> None:
    tree = dict(defaults.tree)
    same = {**tree, "compute": {"platform": "cpu"}, "tracking": {}, "studies_folder": "elsewhere", "study": "x"}
    other = {**tree, "optimizer": {**tree["optimizer"], "seed": 1}}
    assert config_hash(same) == config_hash(tree) != config_hash(other)


NOT_COMPOSED = [
    (["brand=bmww"], ["brand", "bmww", "nearest: bmw"]),
    (["optimizer.n_candidate=5"], ["optimizer.n_candidate: no such key", "nearest: candidates"]),
    (["brand=bmw,jaguar"], ["brand=bmw,jaguar", "-m"]),
    (["experiment=smal"], ["experiment: no option 'smal'"]),
    (["a b"], ["a b: cannot be read as KEY=VALUE"]),
    (["~brand"], ["brand: is missing"]),
    (["seed=3"], ["seed: no such key", "nearest: optimizer.seed"]),
    (["+brand=bmw"], ["brand: has an option already", "leave out the +"]),
    (["optimizer=5"], ["optimizer: no option '5'", "known: small, standard"]),
    (["optimizer={a:1}"], ["optimizer: no option '{a:1}'"]),
    (["=3"], ["=3: cannot be read as KEY=VALUE"]),
    (["optimizer.seed=${absent}"], ["optimizer.seed: Interpolation key 'absent' not found"]),
    (["brand.requirements=[]"], ["brand.requirements: cannot take a value of this kind"]),
    (["hydra.absent=1"], ["hydra.absent: no such key"]),
    (["optimizer.candidates=null"], ["optimizer.candidates: must be an integer, got null"]),
    (["study="], ["study: must not be empty"]),
]
OWN_VEHICLE = {
    "application": "bev",
    "axles": [{"position": "rear", "unit": "bmw_gen5_rear"}],
    "values": {
        "test_mass_kg": 2000,
        "drag_coefficient_1": 0.25,
        "frontal_area_m2": 2.4,
        "rolling_coefficient_1": 0.008,
        "wheel_radius_m": 0.34,
        "wheelbase_m": 2.8,
        "battery_net_kwh": 70,
        "battery_voltage_v": 400,
        "battery_resistance_ohm": 0.08,
        "regeneration_power_kw": 120,
        "regeneration_deceleration_m_per_s2": 3.0,
    },
}
ENTRY = {"limit": 3.0, "unit": "km_per_h", "source": "x"}
NOT_VALID: list[tuple[str, Any, list[str]]] = [
    ("foo", 1, ["foo: no such key"]),
    ("optimizer.candidates", "abc", ["optimizer.candidates: must be an integer", "'abc'"]),
    ("optimizer.candidates", -1, ["optimizer.candidates: must be >= 1, got -1"]),
    ("optimizer.field_radius", 2.0, ["optimizer.field_radius: must be <= 1.0, got 2"]),
    ("motor.offers", {"a": MAGNETIC}, ["motor.offers", "forbids rare_earths", "ipm"]),
    ("motor.offers", {"a": MAGNETIC | {"magnet": None}}, ["motor.offers.a.magnet: rotor single_v needs a magnet"]),
    ("motor.offers", {"a": CAGED | {"bars_per_pole": None}}, ["motor.offers.a.bars_per_pole: an im needs"]),
    ("motor.offers", {"a": CAGED | {"bars_per_pole": 9}}, ["motor.offers.a.bars_per_pole: must differ from slots_per"]),
    ("motor.offers", {"a": CAGED | {"cage": "coper"}}, ["motor.offers.a.cage: unknown conductor 'coper'"]),
    ("motor.offers.eesm.cage", "copper", ["motor.offers.eesm.cage: must be null for eesm"]),
    ("motor.offers.eesm.rotor", "duble_v", ["motor.offers.eesm.rotor: unknown rotor of kind eesm 'duble_v'"]),
    ("vehicle.name", "bmw_ix4", ["vehicle.name: unknown vehicle 'bmw_ix4'", "nearest: bmw_ix"]),
    ("vehicle.data", OWN_VEHICLE | {"application": "hev"}, ["vehicle.data.application: must be one of bev, phev, got"]),
    ("cycle.name", "absent.csv", ["cycle.name: absent.csv: no such file"]),
    ("brand.requirements.acceleration_0_100_max.limit", 2.0, ["acceleration_0_100_max: 2 s is below", "tyres"]),
    ("compute.platform", "gpu", ["compute.platform: must be one of automatic, cpu, cuda, got 'gpu'"]),
    ("brand.requirements.top_speed_min.unit", "mph", ["top_speed_min.unit: must be km_per_h, got 'mph'"]),
    ("brand.requirements.top_speed_max", ENTRY, ["top_speed: min 180 is above max 3"]),
    ("brand.requirements.cogging_torque_max", ENTRY | {"unit": "nm"}, ["fidelity.final_grid must be M or L", "got XS"]),
    ("brand.requirements.top_sped_min", ENTRY, ["top_sped_min", "nearest: top_speed_min"]),
    ("task.name", "evaluate", ["design: task=evaluate needs design=PATH"]),
    ("task.name", "compare", ["studies: task=compare needs studies"]),
    ("ratings.winding_limit_celsius", 120.0, ["ratings.winding_continuous_celsius: must not be above"]),
    ("ratings.radiator_conductance_w_per_k", 900.0, ["ratings.radiator_conductance_w_per_k: must be at most 610"]),
    ("ratings.radiator_conductance_w_per_k", 0.0, ["ratings.radiator_conductance_w_per_k: must be"]),
    ("vehicle.torque_split", "clever", ["vehicle.torque_split: must be"]),
    ("optimizer.reference_point", [1.0], ["optimizer.reference_point: needs one value per objective (3), got 1"]),
    ("motor.offers.eesm.parallel_paths", [5], ["motor.offers.eesm.parallel_paths: must divide a pole count"]),
    ("motor.offers.eesm.pole_pairs", [40], ["motor.offers.eesm.pole_pairs[0]: must be <= 12, got 40"]),
    ("motor.offers.eesm.slots_per_pole", 7, ["slots_per_pole: must be a multiple of 3 (or 3 n/b, b <= 8", "got 7"]),
    ("motor.offers.eesm.exciter", "slip_ring", ["exciter: must be one of brush, inductive, got 'slip_ring'"]),
    ("motor.offers.eesm.winding", "litz", ["winding: must be one of hairpin, wire, got 'litz'"]),
    ("motor.offers.eesm.skew_slot_pitches", 3.0, ["skew_slot_pitches: must be <= 2.0, got 3.0"]),
    ("motor.offers.eesm.slots_per_pole", 3.5, ["slots_per_pole: must be a multiple of 3 (or 3 n/b", "got 3.5"]),
    ("motor.offers.eesm.slots_per_pole", 4.51, ["slots_per_pole: must be a multiple of 3 (or 3 n/b", "got 4.51"]),
    ("brand.requirements.top_speed_min.limit", -5.0, ["top_speed_min.limit: must be > 0, got -5"]),
    ("brand.requirements.unit_efficiency_cycle_min.limit", 1.5, ["must be <= 1 (it is a share), got 1.5"]),
    ("objectives.names", ["unit_cost", "top_speed"], ["unknown quantity to be minimized 'top_speed'", "unit_mass"]),
    ("tracking.experiment", "", ["tracking.experiment: must not be empty"]),
    ("programme.units_per_year", 0.0, ["programme.units_per_year: must be > 0.0, got 0.0"]),
    ("programme.run_years", 40.0, ["programme.run_years: ramp and run must not exceed 30 years together, got 42"]),
    ("plant", {"name": "solihull"}, ["plant: 'solihull' has no labour_eur_per_h, energy_eur_per_kwh", "dingolfing"]),
    ("plant.labour_eur_per_h", 0.0, ["plant.labour_eur_per_h: must be > 0.0, got 0.0"]),
    ("price.uncertainty", {"coper_eur_per_kg": 0.2}, ["unknown price", "nearest: copper_eur_per_kg"]),
]


def changed(tree: Mapping[str, Any], key: str, value: Any) -> dict[str, Any]:
    """A copy of a tree with one value replaced or added."""
    copy = json.loads(json.dumps(tree))
    *parents, last = key.split(".")
    node = copy
    for parent in parents:
        node = node[parent]
    node[last] = value
    return copy


def assert_one_line(error: SettingsError, parts: list[str]) -> None:
    assert len(error.lines) == 1 and "\n" not in error.lines[0]
    for part in parts:
        assert part in error.lines[0]


@pytest.mark.parametrize(("overrides", "parts"), NOT_COMPOSED, ids=lambda value: str(value[0]))
def test_hydras_errors_are_one_line(overrides: list[str], parts: list[str]) -> None:
    with pytest.raises(SettingsError) as caught:
        load(compose(overrides))
    assert_one_line(caught.value, parts)


@pytest.mark.parametrize(("key", "value", "parts"), NOT_VALID, ids=lambda value: str(value)[:40])
def test_wrong_settings_are_one_line(defaults: RunSettings, key: str, value: Any, parts: list[str]) -> None:
    with pytest.raises(SettingsError) as caught:
        load(changed(defaults.tree, key, value))
    assert_one_line(caught.value, parts)


def test_a_rotor_holds_rare_earths_by_its_magnets(defaults: RunSettings) -> None:
    """BMW forbids them: ferrite passes in any rotor, and barriers without magnets need no grade."""
    for rotor, grade in (("double_v", "FB9B"), ("three_barriers_assisted", "FB9B"), ("three_barriers", None)):
        kind = "ipm" if rotor == "double_v" else "synrm"
        offer = MAGNETIC | {"kind": kind, "rotor": rotor, "magnet": grade}
        allowed = load(changed(defaults.tree, "motor.offers", {"a": offer})).problem.allowed_motors
        assert [(m.kind, m.layout.has_magnets) for m in allowed] == [(kind, grade is not None)]


def test_several_findings_are_several_lines(defaults: RunSettings) -> None:
    with pytest.raises(SettingsError) as caught:
        load(changed(changed(defaults.tree, "optimizer.candidates", 0), "optimizer.seed", -1))
    assert len(caught.value.lines) == 2


def test_own_config_folder_adds_options(tmp_path: Path) -> None:
    (tmp_path / "brand").mkdir()
    (tmp_path / "brand" / "own.yaml").write_text("name: own\n")
    assert load(compose(["brand=own"], str(tmp_path))).problem.brand == "own"
    with pytest.raises(SettingsError, match="no such folder"):
        compose([], str(tmp_path / "absent"))
    (tmp_path / "brand" / "broken.yaml").write_text("name: [own\n")
    with pytest.raises(SettingsError, match=r"broken\.yaml, line 2: is not YAML"):
        compose(["brand=broken"], str(tmp_path))


def test_own_vehicle_by_its_file(tmp_path: Path) -> None:
    (tmp_path / "vehicle").mkdir()
    (tmp_path / "vehicle" / "mine.yaml").write_text(yaml.safe_dump({"name": "mine", "data": OWN_VEHICLE}))
    run = load(compose(["vehicle=mine"], str(tmp_path)))
    assert run.problem.vehicle == "mine" and run.problem.vehicle_data["values"]["test_mass_kg"] == 2000
    assert "Road load of mine: given by the user" in run.assumptions
    heavier = load(compose(["vehicle=mine", "vehicle.data.values.test_mass_kg=2100"], str(tmp_path)))
    assert config_hash(heavier.tree) != config_hash(run.tree)


def test_a_vehicle_without_road_load(defaults: RunSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    class Unmeasured:
        def build(self) -> SimpleNamespace:
            return SimpleNamespace(road_load=None)

    monkeypatch.setitem(catalogue.VEHICLES, "bmw_ix3", Unmeasured())
    with pytest.raises(SettingsError) as caught:
        load(defaults.tree)
    assert_one_line(caught.value, ["vehicle.name: 'bmw_ix3' has no road load"])


def test_programme_and_price_scenarios_reach_the_problem(defaults: RunSettings) -> None:
    programme = defaults.problem.programme
    assert programme.units_per_year == 215_755.0 and programme.lifetime_distance == pytest.approx(225e6)
    assert programme == ProgrammeSettings() and defaults.problem.price_uncertainty == PRICE_UNCERTAINTY
    magnets = [load(compose([f"price=magnets_{phase}"])).problem.prices.magnet for phase in ("low", "stable", "high")]
    assert magnets == pytest.approx([40.0, 81.0, 210.0], rel=2e-3)  # MEAPA's three phases
    named = ["brand=jaguar", "programme=small_series", "+price.uncertainty.copper_eur_per_kg=0.4"]
    british = load(compose(named)).problem
    assert british.programme.plant == WOLVERHAMPTON and british.programme.units_per_year == 20e3
    assert british.price_uncertainty.copper == 0.4


def test_carbon_can_be_minimized_and_bounded(defaults: RunSettings) -> None:
    carbon = changed(defaults.tree, "objectives.names", ["unit_cost", "lifecycle_co2e", "embodied_co2e"])
    limit = {"limit": 600.0, "unit": "kg", "source": "mine"}
    problem = load(changed(carbon, "brand.requirements.embodied_co2e_max", limit)).problem
    assert problem.objectives[1] == "lifecycle_co2e"
    assert any(r.name == "embodied_co2e_max" and r.limit == 600.0 for r in problem.requirements)


def test_volume_decides_the_result(defaults: RunSettings) -> None:
    other = changed(defaults.tree, "programme.units_per_year", 1e5)
    assert config_hash(other) != config_hash(defaults.tree)
    before = {key: value for key, value in defaults.tree.items() if key != "programme"}
    assert load(before).problem.programme == defaults.problem.programme  # design files of before have none


def test_a_sweep_is_split_into_jobs() -> None:
    jobs = jobs_of(["brand=bmw,jaguar", "optimizer.seed=range(0,2)", "hydra.sweep.dir=x"])
    assert jobs == [[f"brand={b}", f"optimizer.seed={s}"] for b in ("bmw", "jaguar") for s in (0, 1)]


def test_keys_carry_their_units() -> None:
    units = ("_share", "_per_min", "_kw", "_w_per_k", "_mm", "_a_per_mm2")
    assert all("celsius" in k or k.endswith(units) for k in models.RatingConditions.model_fields)


def test_nearest_name() -> None:
    assert nearest("jaguarr", ["bmw", "jaguar"]) == "jaguar"
    assert nearest("zzz", ["bmw", "jaguar"]) is None


def test_wire_is_for_voltages_that_its_enamel_holds(defaults: RunSettings) -> None:
    wire = changed(defaults.tree, "motor.offers.eesm.winding", "wire")
    assert load(wire).problem.motors[0].winding == "wire"
    with pytest.raises(SettingsError) as caught:
        load(changed(wire, "inverter.dc_voltage_v", 800.0))
    assert "motor.offers.eesm.winding: wire has too little insulation above 450 V" in str(caught.value)


def test_modulation_of_the_inverter_is_a_choice(defaults: RunSettings) -> None:
    assert defaults.problem.modulation == "space_vector"
    chosen = load(changed(defaults.tree, "inverter.modulation", "discontinuous"))
    assert chosen.problem.modulation == "discontinuous"
    with pytest.raises(SettingsError) as caught:
        load(changed(defaults.tree, "inverter.modulation", "dpwm"))
    assert_one_line(caught.value, ["inverter.modulation: must be one of space_vector, discontinuous, got 'dpwm'"])
