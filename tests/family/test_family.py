"""Families of closed-form members: what is shared once, what each keeps, fronts, gradients, prices."""

from __future__ import annotations

import dataclasses
import functools

import jax
import numpy as np
import pytest

from edu_opt.config.compose import compose
from edu_opt.config.load import load
from edu_opt.family.answers import negotiation, overlap, pattern_answers
from edu_opt.family.exchange import transferred, with_found
from edu_opt.family.members import with_volumes
from edu_opt.family.parts import PARTS, expanded, missing_needs
from edu_opt.family.pattern import Volume, every_pattern, joint_volumes, part_of, pattern, ties
from edu_opt.family.problem import FamilyProblem, Member, family_objectives
from edu_opt.family.programs import FamilyPrograms, member_programs
from edu_opt.family.search import FamilyPlan, FamilyResult, PatternResult, Watcher, search_family
from edu_opt.family.splits import by_volume, coalitions, equal, shapley
from edu_opt.family.starts import Designs, family_starts, spread_rows, with_blends
from edu_opt.family.valuation import over_volumes, splits
from edu_opt.optimize.driver import optimize
from edu_opt.optimize.protocol import EvaluationCounts
from edu_opt.optimize.settings import OptimizerSettings
from edu_opt.optimize.start import seed_points
from edu_opt.problem.candidate import design_space
from edu_opt.requirements import QUANTITIES, Requirement
from edu_opt.settings import Branch, programs_of
from tests.family.analytic_members import BORES, SECTIONS, AnalyticMember, GearedMember, ScaledMember

NAMES = ("north", "south", "west")
VOLUMES = {"north": 100.0, "south": 300.0, "west": 100.0}
OWN = {"brand_a": ("energy_wltc", "wh_per_km"), "brand_b": ("energy_wltc", "wh_per_km")}
SMALL = OptimizerSettings(
    candidates=12,
    seeds=16,
    chunk=8,
    expand_chunk=16,
    refreshes=3,
    gradient_steps=0,
    polish_steps=6,
    screen_variations=4,
)


def members(need: float = 0.5) -> tuple[Member, ...]:
    numbers = ((1.0, 0.4, 0.2, need), (0.6, 0.8, 0.3, need), (0.2, 0.6, 0.9, 1.5))
    problems = [AnalyticMember(*row) for row in numbers]
    brands = ("brand_a", "brand_b", "brand_b")
    return tuple(Member(n, b, p, VOLUMES[n]) for n, b, p in zip(NAMES, brands, problems, strict=True))


NOTHING = pattern("nothing", [], NAMES)
LAMINATION = pattern("lamination", [(["lamination"], [])], NAMES)
EVERYTHING = pattern("everything", [(["drive_unit"], [])], NAMES)


def silent() -> Watcher:
    return Watcher(lambda *stage: None, lambda progress: None, lambda state: None)


def test_members_with_common_bearings_take_the_same_row_of_the_list() -> None:
    problems = [GearedMember(1.0, 0.4, 0.2, 0.5), GearedMember(0.6, 0.8, 0.3, 0.5), GearedMember(0.2, 0.6, 0.9, 1.5)]
    units = tuple(Member(n, "brand_b", p, VOLUMES[n]) for n, p in zip(NAMES, problems, strict=True))
    objectives = family_objectives(units, {"brand_b": OWN["brand_b"]})
    common = FamilyProblem(units, pattern("bearings", [(["bearing_set"], [])], NAMES), objectives, [(0, 0, 0)])
    alone = FamilyProblem(units, NOTHING, objectives, [(0, 0, 0)])
    known = set(zip(BORES, SECTIONS, strict=True))
    # 3 teeth times 2 other numbers, 3 other bearings of every bearing set, and the nearest of all
    for family, lists, different in ((common, 1, 10), (alone, 3, 16)):
        space = family.space
        assert len(space.lists) == lists and len(space) == 3 * 3 + 2 * lists
        physical = space.low + np.random.default_rng(8).uniform(size=len(space)) * (space.high - space.low)
        rows = family.integer_rows(physical, 16)
        assert rows.shape == (16, len(space)) and len(np.unique(rows, axis=0)) == different
        np.testing.assert_array_equal(rows[:, ~space.discrete], np.repeat(physical[None, ~space.discrete], 16, axis=0))
        for columns in family.ties.columns:
            assert {tuple(row) for row in rows[:, columns[3:]].tolist()} <= known
        assert all(len(np.unique(rows[:, sizes.columns], axis=0)) >= 2 for sizes in space.lists)


@functools.cache
def searched() -> FamilyResult:
    plan = FamilyPlan(
        members(), (NOTHING, LAMINATION, EVERYTHING), OWN, SMALL, SMALL, lambda members, shares: list(members)
    )
    return search_family(plan, silent())


def cost_by_hand(shares) -> float:
    """Least programme cost: weighted least squares of the shared values, each margin kept (none but west's binds)."""
    from scipy.optimize import minimize

    chosen, volumes = members(), np.array([VOLUMES[n] for n in NAMES])
    tied = ties(shares, {m.name: m.problem.space for m in chosen})
    pairs = [(m.problem, columns) for m, columns in zip(chosen, tied.columns, strict=True)]

    def cost(y):
        each = [10.03 + (y[c[0]] - m.a) ** 2 + (y[c[1]] - m.b) ** 2 for m, c in pairs]
        return float(volumes @ each / volumes.sum())

    rules = [{"type": "ineq", "fun": lambda y, m=m, c=c: y[c[0]] + y[c[1]] - m.need} for m, c in pairs]
    found = minimize(cost, np.ones(len(tied.space)), constraints=rules, bounds=[(0, 2)] * len(tied.space), tol=1e-12)
    return float(found.fun)


def test_a_members_front_knows_what_families_found_for_it() -> None:
    member = members()[0]
    poor = dataclasses.replace(SMALL, candidates=4, seeds=4, refreshes=1, polish_steps=1, final_polish_steps=0)
    programs = member_programs([member.problem], 8, SMALL.margin_target, 1)[0]
    own = optimize(member.problem, poor, programs=programs)
    best = searched().alone[0].result.front
    better = with_found(member, own, programs, SMALL, [(best.x, best.branch)]).front
    assert better.objectives[:, 0].min() == pytest.approx(best.objectives[:, 0].min(), rel=1e-9)
    assert better.objectives[:, 0].min() < own.front.objectives[:, 0].min() - 1e-6
    assert (np.diff(better.objectives[:, 0]) >= 0.0).all()
    assert with_found(member, own, programs, SMALL, []) is own


def test_shared_variables_stand_once_and_others_for_each_member() -> None:
    spaces = {name: AnalyticMember.space for name in NAMES}
    assert ties(NOTHING, spaces).space.names == tuple(
        f"{n}.{v}" for n in NAMES for v in ("lamination.size_m", "gear_stage_1.ratio_1")
    )
    two = pattern("two", [(["lamination"], ["north", "west"])], NAMES)
    tied = ties(two, spaces)
    assert tied.space.names[0] == "north+west.lamination.size_m"
    assert [list(c) for c in tied.columns] == [[0, 1], [2, 3], [0, 4]]
    assert ties(LAMINATION, spaces).space.names[0] == "common.lamination.size_m"


def test_a_single_variable_can_be_common_without_its_part() -> None:
    ratio = pattern("ratio", [(["gear_stage_1.ratio_1"], ["south", "west"])], NAMES)
    tied = ties(ratio, {name: AnalyticMember.space for name in NAMES})
    assert tied.space.names[3] == "south+west.gear_stage_1.ratio_1" and len(tied.space) == 5
    assert [list(c) for c in tied.columns] == [[0, 1], [2, 3], [4, 3]]
    assert joint_volumes(ratio, VOLUMES, {})["south"]["gear_stage_1"].joint == VOLUMES["south"]
    plan = FamilyPlan(members(), (NOTHING, ratio), OWN, SMALL, SMALL, lambda members, shares: list(members))
    found = search_family(plan, silent()).patterns[1]
    assert found.front.objectives[:, 0].min() == pytest.approx(cost_by_hand(ratio), rel=2e-4)


@pytest.mark.parametrize("motor", ["eesm", "im", "ipm", "synrm"])
def test_a_whole_drive_unit_leaves_no_part_free(motor: str) -> None:
    """All variables belong to a part that can be common; only when two gears shift is each car's own software."""
    tree = compose([f"motor={motor}", "gearbox=all_layouts", "brand.forbids=[]"])
    free = {v.name for p in programs_of(load(tree).problem) for v in design_space(p).variables if part_of(v) is None}
    assert free == {"shift_clutch.shift_speed_rad_per_s"}


def test_volumes_of_a_shared_part_add_up_and_no_others() -> None:
    shares, plants = pattern("two", [(["lamination"], ["north", "west"])], NAMES), {"north": "here", "west": "there"}
    joint = joint_volumes(shares, VOLUMES, plants)
    assert joint["north"]["lamination"] == joint["west"]["rotor"] == Volume(200.0, 100.0)
    assert joint["south"]["lamination"] == Volume(300.0, 300.0) and joint["north"]["power_module"].joint == 100.0
    lines = {line for part in PARTS.values() for line in part.cost_lines}
    assert all(set(lines) == set(rows) for rows in joint.values())


def test_chains_of_shares_join_into_one_group() -> None:
    chain = pattern("chain", [(["capacitor"], ["north", "south"]), (["capacitor"], ["south", "west"])], NAMES)
    assert chain.groups("capacitor", NAMES) == (NAMES,)


def test_parts_that_need_others() -> None:
    assert list(missing_needs(expanded(["stator_winding"]))) == [
        ("stator_winding", "lamination"),
        ("stator_winding", "stack"),
    ]
    assert not list(missing_needs(expanded(["motor"])))
    names = [p.name for p in every_pattern(("lamination", "stack", "power_module"), NAMES)]
    assert names[0] == "nothing" and "stack" not in names and "lamination_and_stack" in names and len(names) == 6


def test_members_of_other_ranges_cannot_share() -> None:
    space = AnalyticMember.space
    size, ratio = space.variables
    wider = dataclasses.replace(space, variables=(dataclasses.replace(size, high=3.0), ratio))
    with pytest.raises(ValueError, match="their ranges differ"):
        ties(LAMINATION, {"north": space, "south": wider, "west": space})


@pytest.mark.parametrize("shares", [NOTHING, LAMINATION, EVERYTHING], ids=lambda p: p.name)
def test_members_programs_give_the_family_and_its_jacobian(shares) -> None:
    chosen = members()
    problem = FamilyProblem(chosen, shares, family_objectives(chosen, OWN), [(0, 0, 0)])
    programs = FamilyPrograms(problem, member_programs([m.problem for m in chosen], 4, 0.0, 1))
    x = np.random.default_rng(0).uniform(size=(3, len(problem.space)))
    branch = np.zeros(3, dtype=np.int64)
    expansion = problem.expand(x, branch)
    seen, jacobian = programs.jacobian(EvaluationCounts(), x, branch, expansion)

    def rows(point, lane):
        found = problem.evaluate(point, branch[lane], jax.tree.map(lambda leaf: leaf[lane], expansion))
        return jax.numpy.concatenate([found.objectives, found.margins])

    for lane in range(3):
        both = np.concatenate([seen.objectives[lane], seen.margins[lane]])
        np.testing.assert_allclose(both, rows(x[lane], lane), rtol=1e-12)
        np.testing.assert_allclose(jacobian[lane], jax.jacfwd(rows)(x[lane], lane), rtol=1e-10, atol=1e-12)


def test_nothing_shared_equals_the_members_alone() -> None:
    result = searched()
    alone = result.patterns[0].front
    volumes = np.array([VOLUMES[n] for n in NAMES])
    own = np.array([item.result.front.objectives[:, 0].min() for item in result.alone])
    assert alone.objectives[:, 0].min() == pytest.approx(volumes @ own / volumes.sum(), rel=1e-9)
    assert alone.objectives[:, 1].min() == pytest.approx(result.alone[0].result.front.objectives[:, 1].min(), rel=1e-9)
    mine = {tuple(row) for item in result.alone[:1] for row in item.result.front.x}
    columns = result.patterns[0].problem.ties.columns[0]
    assert {tuple(row) for row in alone.x[:, columns]} <= mine


def test_without_patterns_members_have_the_fronts_of_studies_of_their_own() -> None:
    """Same seed, same fronts, to the last bit."""
    plan = FamilyPlan(members(), (NOTHING,), OWN, SMALL, SMALL, lambda members, shares: list(members))
    for item, member in zip(search_family(plan, silent()).alone, members(), strict=True):
        front = optimize(member.problem, SMALL).front
        assert len(front) > 2
        np.testing.assert_array_equal(item.result.front.x, front.x)
        np.testing.assert_array_equal(item.result.front.objectives, front.objectives)


@pytest.mark.parametrize("position", [0, 1, 2])
def test_least_programme_cost_is_the_one_by_hand(position: int) -> None:
    found = searched().patterns[position]
    assert found.front.objectives[:, 0].min() == pytest.approx(cost_by_hand(found.pattern), rel=2e-4)


def test_all_shared_is_one_design_under_all_margins() -> None:
    found = searched().patterns[2]
    assert len(found.problem.space) == 2
    assert found.front.margins.min() >= 0.0 and found.front.margins.shape[1] == 3
    physical = found.problem.physical(found.front.x)
    assert physical.sum(axis=1).min() >= 1.5 - 1e-9  # the most demanding member's need


def test_more_sharing_never_lowers_what_a_fixed_price_programme_pays() -> None:
    least = [p.front.objectives[:, 0].min() for p in searched().patterns]
    assert least[0] <= least[1] + 1e-6 and least[1] <= least[2] + 1e-6


def test_starts_agree_in_common_choices() -> None:
    first = AnalyticMember(1.0, 0.4, 0.2, 0.5, branches=(Branch(3, 1, "m"), Branch(4, 1, "m")))
    second = dataclasses.replace(first, branches=(Branch(4, 1, "m"), Branch(3, 1, "m"), Branch(5, 1, "m")))
    chosen = (Member("north", "brand_a", first, 1.0), Member("south", "brand_b", second, 1.0))
    shares = pattern("lamination", [(["lamination"], [])], ("north", "south"))
    rng = np.random.default_rng(1)
    designs = [
        Designs(rng.uniform(size=(6, 2)), rng.integers(0, m.problem.branch_count, 6), rng.uniform(size=(6, 2)))
        for m in chosen
    ]
    tied = ties(shares, {m.name: m.problem.space for m in chosen})
    combinations, (x, branch) = family_starts(chosen, shares, tied, family_objectives(chosen, OWN), designs, 8)
    assert all(first.branches[a].pole_pairs == second.branches[b].pole_pairs for a, b in combinations)
    assert len(x) == len(branch) and branch.max() < len(combinations)


def test_a_family_of_more_variables_than_sobol_knows_starts_at_its_own_seeds() -> None:
    names = [f"member_{k}" for k in range(33)]
    chosen = [Member(name, "brand_a", AnalyticMember(1.0, 0.4, 0.2, 0.5), 1.0) for name in names]
    own = {"brand_a": OWN["brand_a"]}
    seeds = np.random.default_rng(2).uniform(size=(3, 66)), np.zeros(3, dtype=np.int64)
    problem = FamilyProblem(chosen, pattern("nothing", [], names), family_objectives(chosen, own), [(0,) * 33], seeds)
    x, branch = seed_points(problem, SMALL, jax.random.key(0))
    assert np.array_equal(x, seeds[0]) and np.array_equal(branch, seeds[1])


def test_starts_without_repeats_and_their_middles() -> None:
    points = [np.array([0.0, 1.0]), np.array([1.0, 0.0]), np.array([0.0, 1.0]), np.array([0.5, 0.5])]
    found, rows = with_blends(points, [(0,), (0,), (0,), (1,)], 6)
    assert [list(x) for x in found] == [[0.0, 1.0], [1.0, 0.0], [0.5, 0.5], [0.5, 0.5]]
    assert rows == [(0,), (0,), (1,), (0,)]
    assert spread_rows(np.zeros((5, 2)), 3) == [0, 2, 4] and spread_rows(np.zeros((0, 2)), 3) == []


def test_a_family_that_shares_more_is_one_of_every_pattern_that_shares_less() -> None:
    everything, lamination = searched().patterns[2], ties(LAMINATION, {n: AnalyticMember.space for n in NAMES})
    x, rows = transferred(everything.problem, everything.front, LAMINATION, lamination)
    assert len(x) == len(everything.front) and set(rows) == {(0, 0, 0)}
    there = FamilyProblem(members(), LAMINATION, searched().objectives, [(0, 0, 0)])
    before = everything.problem.member_points(everything.front.x, everything.front.branch)
    after = there.member_points(x, np.zeros(len(x), dtype=np.int64))
    for (old, _), (new, _) in zip(before, after, strict=True):
        np.testing.assert_array_equal(old, new)
    apart, tied = searched().patterns[0], ties(EVERYTHING, {n: AnalyticMember.space for n in NAMES})
    assert not len(transferred(apart.problem, apart.front, EVERYTHING, tied)[0])


def test_a_pattern_without_a_common_choice_does_not_stop_the_others() -> None:
    first = AnalyticMember(1.0, 0.4, 0.2, 0.5)
    second = dataclasses.replace(first, branches=(Branch(4, 1, "m"),))
    names = ("north", "south")
    chosen = (Member("north", "brand_a", first, 1.0), Member("south", "brand_b", second, 1.0))
    shares = [pattern("lamination", [(["lamination"], [])], names), pattern("gears", [(["gear_set"], [])], names)]
    plan = FamilyPlan(chosen, tuple(shares), OWN, SMALL, SMALL, lambda members, shares: list(members))
    found = search_family(plan, silent()).patterns
    assert "no discrete choices are common to north, south" in found[0].refusal and not len(found[0].front)
    assert not found[1].refusal and len(found[1].front)


def test_no_common_choice_is_refused_by_name() -> None:
    first = AnalyticMember(1.0, 0.4, 0.2, 0.5)
    second = dataclasses.replace(first, branches=(Branch(4, 1, "m"),))
    chosen = (Member("north", "brand_a", first, 1.0), Member("south", "brand_b", second, 1.0))
    shares = pattern("lamination", [(["lamination"], [])], ("north", "south"))
    one = Designs(np.full((1, 2), 0.5), np.zeros(1, dtype=int), np.ones((1, 2)))
    tied = ties(shares, {m.name: m.problem.space for m in chosen})
    with pytest.raises(ValueError, match="no discrete choices are common to north, south"):
        family_starts(chosen, shares, tied, family_objectives(chosen, OWN), [one, one], 4)


# -- answers


def test_savings_and_losses_against_no_sharing() -> None:
    answers = pattern_answers(searched())
    assert answers[0].saving == 0.0 and answers[0].own_loss == {"brand_a_energy_wltc": 0.0, "brand_b_energy_wltc": 0.0}
    for answer, item in zip(answers, searched().patterns, strict=True):
        assert answer.saving_per_year == pytest.approx(answer.saving * 500.0)
        assert answer.least_cost == item.front.objectives[:, 0].min()
    assert answers[2].own_loss["brand_a_energy_wltc"] > 0.0  # brand a's energy is best at a size that west cannot use


def test_shapley_sums_to_the_whole_and_knows_the_glove_game() -> None:
    players = ("left", "right_1", "right_2")
    value = {c: float("left" in c and len(c) > 1) for c in coalitions(players)}
    shares = shapley(players, value)
    assert sum(shares.values()) == pytest.approx(1.0)
    assert shares == pytest.approx({"left": 2 / 3, "right_1": 1 / 6, "right_2": 1 / 6})
    assert equal(players, 3.0)["left"] == 1.0 and by_volume({"a": 1.0, "b": 3.0}, 8.0) == {"a": 2.0, "b": 6.0}


def test_a_shared_part_saves_more_a_year_the_more_are_built() -> None:
    rows = [(0.5, 0.4, 0.2, 0.5), (0.52, 0.5, 0.3, 0.5)]
    chosen = [Member(n, b, ScaledMember(*r), 100.0) for n, b, r in zip(NAMES, OWN, rows, strict=False)]
    names = [m.name for m in chosen]
    patterns = (pattern("nothing", [], names), pattern("lamination", [(["lamination"], [])], names))
    result = search_family(FamilyPlan(tuple(chosen), patterns, OWN, SMALL, SMALL, with_volumes), silent())
    table = {(row["factor"], row["pattern"]): row["least_cost"] for row in over_volumes(result, (0.5, 1.0, 4.0))}
    assert table[1.0, "nothing"] == pytest.approx(result.patterns[0].front.objectives[:, 0].min(), rel=1e-9)
    yearly = [200.0 * f * (table[f, "nothing"] - table[f, "lamination"]) for f in (0.5, 1.0, 4.0)]
    assert 0.0 < yearly[0] < yearly[1] < yearly[2]
    # one part at twice the volume: the whole saving but for what the compromise in size costs
    expected = table[1.0, "nothing"] * (1.0 - 2.0**-0.2)
    assert yearly[1] / 200.0 == pytest.approx(expected, rel=0.01)
    divided = splits(result, result.patterns[1], {frozenset([b]): table[1.0, "nothing"] for b in OWN})
    assert sum(divided["shapley"].values()) == pytest.approx(divided["saving_eur_per_year"])
    assert divided["shapley"] == pytest.approx(divided["equal"])  # two brands that need each other equally


@dataclasses.dataclass(frozen=True)
class PricedMember(AnalyticMember):
    """With its requirement by name."""

    @property
    def requirements(self) -> tuple[Requirement, ...]:
        """Top speed stands for the need; its scale is that of the margin, 1 only where the need is."""
        return (Requirement("demagnetization_margin", "min", self.need, "test"),)


def cheapest(need: float) -> float:
    chosen = [Member("north", "brand_a", PricedMember(0.4, 0.3, 0.2, need), 1.0)]
    chosen += [Member("south", "brand_b", PricedMember(0.6, 0.5, 0.3, 0.5), 1.0)]
    return family_of(chosen).front.objectives[:, 0].min()


def family_of(chosen: list[Member]) -> PatternResult:
    shares = pattern("lamination", [(["lamination"], [])], [m.name for m in chosen])
    plan = FamilyPlan(tuple(chosen), (shares,), OWN, SMALL, SMALL, lambda members, shares: list(members))
    return search_family(plan, silent()).patterns[0]


def test_shadow_price_is_the_slope_of_programmes_optimized_again() -> None:
    step = 0.02
    slope = (cheapest(1.4 + step) - cheapest(1.4 - step)) / (2.0 * step)
    chosen = [Member("north", "brand_a", PricedMember(0.4, 0.3, 0.2, 1.4), 1.0)]
    chosen += [Member("south", "brand_b", PricedMember(0.6, 0.5, 0.3, 0.5), 1.0)]
    found = family_of(chosen)
    corner = int(np.argmin(found.front.objectives[:, 0]))
    assert found.front.price_alone[corner, 0, 0] == pytest.approx(slope, rel=0.02)
    rows = negotiation(found, corner)
    assert [(r.member, r.requirement) for r in rows] == [("north", "demagnetization_margin_min")]
    scale = QUANTITIES["demagnetization_margin"].scale or 1.0
    assert rows[0].prices["programme_unit_cost"] == pytest.approx(slope / scale, rel=0.02)
    bound = overlap(found, corner)[0]
    assert bound.binds_for_brands == ("brand_a",) and bound.limits == {"north": 1.4, "south": 0.5}
