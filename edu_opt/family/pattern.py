"""Sharing patterns: which parts are common to which members, and what that means for variables, choices, volumes."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from edu_opt.family.parts import PARTS, expanded, missing_needs
from edu_opt.numerics.design_space import DesignSpace, Variable


@dataclasses.dataclass(frozen=True)
class Share:
    """Parts that are common to some members."""

    parts: tuple[str, ...]  # names in parts.PARTS, or of single variables
    members: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class SharingPattern:
    """A named list of shares; none: every member is built alone."""

    name: str
    shares: tuple[Share, ...] = ()

    def groups(self, part: str, members: Sequence[str], variable: str = "") -> tuple[tuple[str, ...], ...]:
        """Members that have this part (or this variable of it) in common, in groups; every member stands in one, alone
        where it shares not."""
        group = {member: {member} for member in members}
        for share in self.shares:
            if part in share.parts or variable in share.parts:
                joined = set().union(*(group[member] for member in share.members))
                for member in joined:
                    group[member] = joined
        unique = {tuple(m for m in members if m in group[member]): None for member in members}
        return tuple(unique)


@dataclasses.dataclass(frozen=True)
class Volume:
    """Units a year of one part: of all who use it, and of those among them in one plant (machines stand there)."""

    joint: float
    at_plant: float


@dataclasses.dataclass(frozen=True)
class Ties:
    """A family's variables and where each member finds its own.

    `columns[m]` (n_m,) are the positions of member m's variables among the family's.
    """

    space: DesignSpace
    columns: tuple[np.ndarray, ...]


def pattern(name: str, shares: Sequence[tuple[Sequence[str], Sequence[str]]], members: Sequence[str]) -> SharingPattern:
    """Pattern from (names of parts or assemblies, members; none: all of them)."""
    return SharingPattern(name, tuple(Share(expanded(parts), tuple(some) or tuple(members)) for parts, some in shares))


def every_pattern(parts: Sequence[str], members: Sequence[str]) -> tuple[SharingPattern, ...]:
    """One pattern for each subset of the parts, common to all members; subsets that lack what a part needs are left
    out. The first one shares nothing."""
    found = []
    for size in range(len(parts) + 1):
        for subset in itertools.combinations(parts, size):
            if not any(missing_needs(expanded(subset))):
                shares = [(subset, members)] if subset else []
                found.append(pattern("_and_".join(subset) or "nothing", shares, members))
    return tuple(found)


def owner_name(members: Sequence[str], everyone: Sequence[str]) -> str:
    """Name of a group of members in the names of its variables: the member, `common`, or the members joined."""
    return members[0] if len(members) == 1 else "common" if len(members) == len(everyone) else "+".join(members)


def part_of(variable: Variable) -> str | None:
    """The shareable part that a variable describes."""
    return next((name for name, part in PARTS.items() if variable.part in part.variables), None)


def ties(shares: SharingPattern, spaces: Mapping[str, DesignSpace]) -> Ties:
    """Variables of a family: those of common parts once, the others for each member.

    Raises ValueError where members that share a part describe it by other variables or other ranges.
    """
    members = tuple(spaces)
    variables: dict[tuple[str, ...], Variable] = {}
    position: dict[tuple[str, ...], int] = {}
    columns = []
    for member, space in spaces.items():
        own = []
        for variable in space.variables:
            part = part_of(variable) or ""
            group = next(g for g in shares.groups(part, members, variable.name) if member in g)
            key = (owner_name(group, members), variable.name)
            if key not in variables:
                variables[key] = variable
                position[key] = len(position)
            elif variables[key] != variable:
                raise ValueError(f"{variable.name}: members {', '.join(group)} share it, their ranges differ")
            own.append(position[key])
        columns.append(np.array(own, dtype=np.int64))
    check_common(shares, spaces)
    renamed = tuple(dataclasses.replace(v, part=f"{owner}.{v.part}") for (owner, _), v in variables.items())
    return Ties(DesignSpace(renamed), tuple(columns))


def check_common(shares: SharingPattern, spaces: Mapping[str, DesignSpace]) -> None:
    """Members that share a part describe it by the same variables."""
    for part in PARTS:
        for group in shares.groups(part, tuple(spaces)):
            described = {m: [v.name for v in spaces[m].variables if part_of(v) == part] for m in group}
            for member in group[1:]:
                if described[member] != described[group[0]]:
                    raise ValueError(f"{part}: {member} and {group[0]} cannot share it, they are of other kinds")


def tied_choices(shares: SharingPattern, members: Sequence[str]) -> Iterator[tuple[str, tuple[int, ...]]]:
    """(field of a branch, members' indices that must agree in it)."""
    for name, part in PARTS.items():
        for group in shares.groups(name, members):
            if len(group) > 1:
                yield from ((choice, tuple(members.index(m) for m in group)) for choice in part.choices)


def joint_volumes(
    shares: SharingPattern, volumes: Mapping[str, float], plants: Mapping[str, str]
) -> dict[str, dict[str, Volume]]:
    """Volumes of every cost line, by member: the sums over all members that have its part in common, and over those of
    them that are built in the member's own plant."""
    members = tuple(volumes)
    result: dict[str, dict[str, Volume]] = {member: {} for member in members}
    for name, part in PARTS.items():
        for group in shares.groups(name, members):
            joint = sum(volumes[member] for member in group)
            for member in group:
                here = sum(volumes[other] for other in group if plants.get(other) == plants.get(member))
                result[member] |= dict.fromkeys(part.cost_lines, Volume(joint, here))
    return result
