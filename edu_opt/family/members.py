"""Members of a family as drive-unit problems that share what is compiled and what is solved.

A program is compiled for which quantities are bounded, not for the limits. So every member knows the requirements of
all, with a limit of NaN where it has none, and one set of programs serves them.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Sequence
from typing import Any

from edu_opt.family.pattern import SharingPattern, joint_volumes
from edu_opt.family.problem import Member
from edu_opt.family.settings import FamilySettings, MemberSettings
from edu_opt.programme.prices import Prices
from edu_opt.requirements import PHYSICAL_LIMITS, QUANTITIES, Requirement
from edu_opt.settings import ProblemSettings

Factory = Callable[[ProblemSettings], Sequence[Any]]


def family_members(family: FamilySettings, factory: Factory) -> tuple[Member, ...]:
    """Members with their problems, in the order of the settings; `factory` builds a problem for each program."""
    problems: list[Any] = []
    for settings in (alike(family, member) for member in family.members):
        built = list(factory(settings))
        if len(built) != 1:
            raise ValueError(
                f"a family's member needs one program, {settings.brand} {settings.vehicle} has {len(built)}"
            )
        problems.append(built[0])
    share_fields(problems)
    return tuple(
        Member(m.name, m.problem.brand, problem, m.units_per_year, m.plant)
        for m, problem in zip(family.members, problems, strict=True)
    )


def alike(family: FamilySettings, member: MemberSettings) -> ProblemSettings:
    """A member's problem with the objectives and the bounded quantities of the whole family."""
    own = {requirement.name: requirement for requirement in member.problem.requirements}
    physical = {requirement.name for requirement in PHYSICAL_LIMITS}
    everyone = dict.fromkeys(r for m in family.members for r in m.problem.requirements)
    names = {r.name: r for r in everyone if r.name not in physical}
    absent = [Requirement(r.quantity, r.sense, math.nan, "another member's") for n, r in names.items() if n not in own]
    ordered = {r.name: r for r in [*own.values(), *absent]}
    requirements = [ordered[name] for name in names] + [r for name, r in own.items() if name in physical]
    objectives = tuple(dict.fromkeys(["unit_cost", *family.objectives.values()]))
    return dataclasses.replace(member.problem, requirements=tuple(requirements), objectives=objectives)


def own_objectives(family: FamilySettings) -> dict[str, tuple[str, str]]:
    """Brand -> (quantity, unit) that it minimizes."""
    return {brand: (quantity, QUANTITIES[quantity].unit) for brand, quantity in family.objectives.items()}


def share_fields(problems: Sequence[Any]) -> None:
    """Problems whose fields are computed alike use one field program, and so one memory of what was solved."""
    known: list[Any] = []
    for problem in problems:
        lender = next((p for p in known if hasattr(p, "fields_are_those_of") and p.fields_are_those_of(problem)), None)
        if lender is not None:
            problem.fields, problem.final_fields = lender.fields, lender.final_fields
        known.append(problem)


def with_volumes(members: Sequence[Member], shares: SharingPattern, factor: float = 1.0) -> list[Member]:
    """Members whose cost lines are priced at the joint volumes of a pattern, all of them times a factor."""
    volumes = {member.name: factor * member.units_per_year for member in members}
    joint = joint_volumes(shares, volumes, {member.name: member.plant for member in members})
    changed = []
    for member in members:
        change = getattr(member.problem, "with_volumes", None)
        problem = member.problem if change is None else change(joint[member.name], volumes[member.name])
        changed.append(dataclasses.replace(member, problem=problem))
    return changed


def with_prices(member: Member, prices: Prices) -> Member:
    """Member at other prices."""
    change = getattr(member.problem, "with_prices", None)
    return member if change is None else dataclasses.replace(member, problem=change(prices))
