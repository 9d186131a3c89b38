"""`task=family` from the command line's settings to its folder, on the analytic problem."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pytest

from edu_opt.config.compose import compose
from edu_opt.config.errors import SettingsError
from edu_opt.config.family import with_member_settings
from edu_opt.config.load import load
from edu_opt.family.checks import pattern_findings
from edu_opt.family.pattern import pattern
from edu_opt.family.settings import MemberSettings
from edu_opt.tasks import run
from edu_opt.tracking.study_folder import StudyFolder, read_design
from tests.cli.analytic_problem import analytic_problems

FAST = ["optimizer=small", "optimizer.candidates=12", "optimizer.seeds=16", "optimizer.refreshes=2", "tracking=off"]
FAMILY = ["task=family", "family=two_cars", *FAST]
BUDGET = ["family.candidates=10", "family.seeds=8", "family.refreshes=2", "family.polish_steps=4"]
SMALLEST = [
    "family.candidates=6",
    "family.refreshes=1",
    "~family.patterns.motor_and_module",
    "family.volume_factors=[]",
]


def tree_of(*overrides: str):
    wanted = [*FAMILY, *overrides]
    return with_member_settings(compose(wanted), wanted)


def refused(*overrides: str) -> str:
    with pytest.raises(SettingsError) as caught:
        load(tree_of(*overrides))
    return " ".join(caught.value.lines)


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> StudyFolder:
    path = tmp_path_factory.mktemp("family") / "study"
    settings = load(tree_of(f"study={path}", *BUDGET))
    outcome = run(settings, factory=analytic_problems, stream=io.StringIO())
    assert outcome.exit_code == 0
    return StudyFolder(path)


def test_folder_holds_members_patterns_and_answers(study: StudyFolder) -> None:
    answers = json.loads((study.path / "family.json").read_text())
    assert [p["pattern"] for p in answers["patterns"]] == ["nothing", "lamination", "motor_and_module"]
    assert answers["patterns"][0]["saving"] == 0.0
    assert study.status()["state"] == "done" and study.study()["kind"] == "family"
    for member in ("bmw_ix3", "jaguar_i_pace"):
        assert len(StudyFolder(study.path / "members" / member).front()) > 0
    for name in ("nothing", "lamination", "motor_and_module"):
        assert (study.path / "patterns" / name / "front.csv").is_file()
    assert {row["factor"] for row in answers["volumes"]} == {0.25, 0.5, 1.0, 2.0, 4.0}


def test_members_of_a_family_are_designs_that_evaluate_reads(study: StudyFolder) -> None:
    row = study.front()[0]
    design = read_design(study.path / "designs" / f"{row['id']}.jaguar_i_pace.json")
    assert design["settings"]["vehicle"]["name"] == "jaguar_i_pace"
    assert design["design"]["lamination.stack_length_m"] == row["design.jaguar_i_pace.lamination.stack_length_m"]


def test_shared_parts_are_equal_and_the_others_need_not_be(study: StudyFolder) -> None:
    import pyarrow.parquet as pq

    rows = pq.read_table(study.path / "patterns" / "lamination" / "front.parquet").to_pylist()
    name = "lamination.stack_length_m"
    assert rows and all(row[f"design.bmw_ix3.{name}"] == row[f"design.jaguar_i_pace.{name}"] for row in rows)


def test_a_finished_family_is_read_again(study: StudyFolder) -> None:
    stream = io.StringIO()
    settings = load(tree_of(f"study={study.path}", *BUDGET))
    assert run(settings, factory=analytic_problems, stream=stream).exit_code == 0
    assert "finished" in stream.getvalue()


def test_members_of_another_run_are_not_searched_again(study: StudyFolder, tmp_path: Path) -> None:
    settings = load(tree_of(f"study={tmp_path / 'other'}", f"family.members_from={study.path}", *SMALLEST))
    stream = io.StringIO()
    assert run(settings, factory=analytic_problems, stream=stream).exit_code == 0
    mine, before = StudyFolder(tmp_path / "other").checkpoint(), study.checkpoint()
    searched = [name for name in before if name.startswith("member ")]
    assert searched and all(
        np.array_equal(mine[name], before[name], equal_nan=True) for name in searched if "notes" not in name
    )
    assert f"those of {study.path}" in stream.getvalue()


def test_members_of_another_run_must_be_the_same(study: StudyFolder, tmp_path: Path) -> None:
    def refusal(*overrides: str) -> str:
        with pytest.raises(SettingsError) as caught:
            run(load(tree_of(f"study={tmp_path / 'x'}", *overrides)), factory=analytic_problems, stream=io.StringIO())
        assert not (tmp_path / "x").exists()
        return " ".join(caught.value.lines)

    given = f"family.members_from={study.path}"
    assert "other settings of optimizer" in refusal(given, "optimizer.seed=3")
    line = refusal(given, "family.members.bmw_ix3.overrides=['brand.requirements.top_speed_min.limit=230']")
    assert "other settings of member bmw_ix3: brand" in line
    assert "no such folder" in refusal(f"family.members_from={tmp_path / 'nowhere'}")
    assert "is no study folder" in refusal(f"family.members_from={tmp_path}")


def test_what_cannot_be_shared_is_refused_by_name() -> None:
    other_voltage = [
        "family.members.jaguar_i_pace.overrides=['inverter=sic_800v']",
        "family.common=['motor=eesm','gearbox=parallel_axis']",
    ]
    line = refused(*other_voltage)
    assert "family.patterns.motor_and_module: power_module cannot be shared by members with other DC voltages" in line
    line = refused("family.members.jaguar_i_pace.overrides=['motor.offers.eesm.slots_per_pole=12']")
    assert "lamination cannot be shared" in line and "slots per pole" in line
    line = refused("+family.patterns={hairpins: [{parts: [hairpin]}]}")
    assert "stator_winding can only be shared with lamination" in line
    own_exciter = "family.members.jaguar_i_pace.overrides=['motor.offers.eesm.exciter=inductive']"
    assert "field_winding cannot be shared by members with other exciters" in refused(own_exciter)
    no_common = "family.members.jaguar_i_pace.overrides=['motor.offers.eesm.pole_pairs=[5]']"
    line = refused(no_common, "family.members.bmw_ix3.overrides=['motor.offers.eesm.pole_pairs=[3]']")
    assert "no pole pairs that bmw_ix3, jaguar_i_pace all offer (bmw_ix3: 3; jaguar_i_pace: 5)" in line


def test_what_a_pattern_says_for_nothing_is_refused_by_name() -> None:
    assert "needs two members or more" in refused("+family.patterns={one: [{parts: [housing], members: [bmw_ix3]}]}")
    assert "shares what pattern lamination shares" in refused("+family.patterns={again: [{parts: [lamination]}]}")
    line = refused("family.every_subset_of=[stator_winding]")
    assert "family.every_subset_of: stator_winding can only be shared with lamination; add lamination" in line
    line = refused("+family.patterns={size: [{parts: [lamination.outer_diameter]}]}")
    assert "bmw_ix3 has no variable 'lamination.outer_diameter'; nearest: lamination." in line
    line = refused("+family.patterns={teeth: [{parts: [stator_winding.conductor_pairs_per_slot_1]}]}")
    assert "is a whole number or a catalogue's; share its part stator_winding instead" in line


def test_each_group_of_a_chain_shares_what_its_parts_fit() -> None:
    """Two of three share the lamination, other two of them the winding that needs one."""
    names, parts = ("a", "b", "c"), ["stack", "stator_winding"]
    chain = pattern("chain", [(["lamination"], ["a", "b"]), (parts, ["b", "c"])], names)
    problem = load(tree_of()).family.members[0].problem
    lines = list(pattern_findings(chain, [MemberSettings(name, problem, 1.0) for name in names]))
    assert any("stack can only be shared with lamination; add lamination to the parts of b, c" in s for s in lines)
    whole = pattern("whole", [(["lamination"], []), (parts, ["b", "c"])], names)
    assert not list(pattern_findings(whole, [MemberSettings(name, problem, 1.0) for name in names]))


def test_volumes_plants_vehicles_are_refused_by_name() -> None:
    assert "units_per_year" in refused("family.members.bmw_ix3.units_per_year=0.0")
    assert "no option 'nowhere'" in refused("family.members.bmw_ix3.plant=nowhere")
    assert "family.members.bmw_ix3.vehicle" in refused("~family.members.bmw_ix3.vehicle")
    assert "laminaton" in refused("+family.patterns={one: [{parts: [laminaton]}]}")
    assert "no member x5" in refused("+family.patterns={one: [{parts: [lamination], members: [x5, bmw_ix3]}]}")
    assert "family.objectives.jaguar: is missing" in refused("~family.objectives.jaguar")
    assert "exactly one motor kind" in refused("family.common=['motor=eesm_and_ipm']")
    assert "every member of a family has its own" in refused("brand=jaguar")
    assert "set family.members.NAME.units_per_year" in refused("programme.units_per_year=50000")
    own_rate = "family.members.bmw_ix3.overrides=['programme.discount_rate=0.05']"
    assert "family.members: programme must be the same for all members" in refused(own_rate)


def test_task_family_needs_a_family() -> None:
    with pytest.raises(SettingsError, match="two_cars"):
        load(compose(["task=family"]))


def test_report_of_a_search_names_patterns_brands_and_what_binds(study: StudyFolder) -> None:
    page = (study.path / "report.html").read_text()
    assert all(text in page for text in ("motor and module", "BMW", "Jaguar", "10 s power", "top speed"))
    assert all((study.path / f"{name}.png").is_file() for name in ("pareto_front", "sharing", "volumes", "negotiation"))
