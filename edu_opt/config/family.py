"""The settings of a family: every member is composed like a study of its own, then the members are tied together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from edu_opt.config import convert, models
from edu_opt.config.compose import ROOT, compose
from edu_opt.config.errors import SettingsError, unknown
from edu_opt.family.checks import family_findings
from edu_opt.family.parts import PARTS, SHAREABLE, expanded, is_variable, missing_needs
from edu_opt.family.pattern import SharingPattern, every_pattern, pattern
from edu_opt.family.settings import FamilySettings, MemberSettings

OF_THE_FAMILY = (
    "task",
    "family",
    "study",
    "studies",
    "studies_folder",
    "tracking",
    "compute",
    "hydra",
    "experiment",
    "design",
    "drive_unit",
)
OF_A_MEMBER = ("brand", "vehicle", "plant")  # groups that each member has its own of


def is_family(tree: Mapping[str, Any]) -> bool:
    """Whether the tree asks for task=family."""
    task = tree.get("task")
    return isinstance(task, Mapping) and task.get("name") == "family"


def with_member_settings(
    tree: Mapping[str, Any], overrides: Sequence[str], config_dir: str | None = None, config_name: str = ROOT
) -> Mapping[str, Any]:
    """Tree with the composed settings of every member of its family under `member_settings`.

    What the command line sets besides the family holds for all members and wins over their own overrides.
    """
    if not is_family(tree) or not isinstance(tree.get("family"), Mapping):
        return tree
    try:
        family = models.Family.model_validate(dict(tree["family"]))
    except ValueError:
        return tree  # `load` says what is wrong
    given = [o for o in overrides if _key(o).split(".")[0] not in OF_THE_FAMILY]
    wrong = [o for o in given if _key(o) in OF_A_MEMBER]
    if wrong:
        raise SettingsError(f"{_key(wrong[0])}: every member of a family has its own; set family.members.NAME")
    if any(_key(o) == "programme.units_per_year" for o in given):
        raise SettingsError(
            "programme.units_per_year: every member of a family has its own; set family.members.NAME.units_per_year"
        )
    composed = {}
    for name, member in family.members.items():
        own = [f"brand={member.brand}", f"vehicle={member.vehicle}", f"plant={member.plant}"]
        own += [f"programme.units_per_year={member.units_per_year}"]
        wanted = {_key(o): o for o in [*own, *family.common, *member.overrides, *given]}
        try:
            composed[name] = compose(list(wanted.values()), config_dir, config_name)
        except SettingsError as error:
            raise SettingsError([f"family.members.{name}: {line}" for line in error.lines]) from None
    scenarios = {name: _price(name, config_dir, config_name) for name in family.price_scenarios}
    return {**tree, "member_settings": {"members": composed, "prices": scenarios}}


def _key(override: str) -> str:
    return override.lstrip("+~").split("=")[0].split("@")[0].strip("/").replace("/", ".")


def _price(name: str, config_dir: str | None, config_name: str) -> Any:
    try:
        return compose([f"price={name}"], config_dir, config_name)["price"]
    except SettingsError as error:
        raise SettingsError([f"family.price_scenarios: {line}" for line in error.lines]) from None


def family_settings(family: models.Family | None, composed: Mapping[str, Any] | None) -> FamilySettings:
    """Validated family; `composed` is what `with_member_settings` added."""
    if family is None:
        from edu_opt.config.compose import config_folder

        known = ", ".join(sorted(path.stem for path in (config_folder() / "family").glob("*.yaml")))
        raise SettingsError(f"family: task=family needs family=NAME; known: {known}")
    lines = list(name_findings(family))
    if lines or composed is None:
        raise SettingsError(lines or "family: its members could not be composed")
    trees = {name: _member_tree(name, tree) for name, tree in composed["members"].items()}
    members = tuple(
        MemberSettings(name, convert.problem_settings(tree), family.members[name].units_per_year, tree.plant.name)
        for name, tree in trees.items()
    )
    settings = FamilySettings(
        name=family.name,
        members=members,
        patterns=patterns_of(family),
        objectives=dict(family.objectives),
        candidates=family.candidates,
        seeds=family.seeds,
        refreshes=family.refreshes,
        polish_steps=family.polish_steps,
        final_polish_steps=family.final_polish_steps,
        members_from=Path(family.members_from).absolute() if family.members_from else None,
        volume_factors=tuple(family.volume_factors),
        price_scenarios=scenario_prices(composed["prices"], trees),
        coalitions=family.coalitions,
    )
    lines = family_findings(settings)
    if lines:
        raise SettingsError(lines)
    return settings


def _member_tree(name: str, tree: Mapping[str, Any]) -> models.Settings:
    """One member's settings, held to every rule of a study."""
    from edu_opt.config.load import validated

    try:
        return validated(tree)
    except SettingsError as error:
        raise SettingsError([f"family.members.{name}: {line}" for line in error.lines]) from None


def name_findings(family: models.Family) -> Iterator[str]:
    """Names of parts and objectives."""
    from edu_opt.config.checks import OBJECTIVES

    for place, parts in [
        *((f"family.patterns.{name}", share.parts) for name, shares in family.patterns.items() for share in shares),
        ("family.every_subset_of", family.every_subset_of),
    ]:
        wrong = (part for part in parts if part not in SHAREABLE and not is_variable(part))
        yield from (unknown(place, "part", part, SHAREABLE) for part in wrong)
    for brand, quantity in family.objectives.items():
        if quantity not in OBJECTIVES or quantity == "unit_cost":
            known = [name for name in OBJECTIVES if name != "unit_cost"]
            yield unknown(f"family.objectives.{brand}", "quantity to be minimized", quantity, known)
    every = [part for part in expanded(family.every_subset_of) if part in PARTS]
    for part, needed in missing_needs(every):
        yield f"family.every_subset_of: {part} can only be shared with {needed}; add {needed}"
    first: dict[Any, str] = {}
    for name, shares in family.patterns.items():
        item = pattern(name, [(s.parts, s.members) for s in shares], tuple(family.members))
        same = first.setdefault(item.shares, name)
        if same != name:
            yield f"family.patterns.{name}: shares what pattern {same} shares; leave one out"
    if not family.patterns and not family.every_subset_of:
        yield "family.patterns: name one pattern or more, or parts in family.every_subset_of; got none"


def patterns_of(family: models.Family) -> tuple[SharingPattern, ...]:
    """The patterns named, and those of every subset that no named one is; the one that shares nothing stands first."""
    members = tuple(family.members)
    named = [pattern(n, [(s.parts, s.members) for s in shares], members) for n, shares in family.patterns.items()]
    enumerated = every_pattern(family.every_subset_of, members) if family.every_subset_of else ()
    unique: dict[Any, SharingPattern] = {}
    for item in [pattern("nothing", [], members), *named, *enumerated]:
        unique.setdefault(item.shares, item)
    return tuple(unique.values())


def scenario_prices(scenarios: Mapping[str, Any], trees: Mapping[str, models.Settings]) -> dict[str, dict[str, Any]]:
    """Prices of every scenario, the same for every member."""
    groups = {name: models.Price.model_validate(dict(tree)) for name, tree in scenarios.items()}
    return {name: {member: convert.prices(price) for member in trees} for name, price in groups.items()}
