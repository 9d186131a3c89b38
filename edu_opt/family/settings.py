"""What a family is, as frozen dataclasses: members with their own problems, patterns, what each brand minimizes."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path

from edu_opt.family.pattern import SharingPattern
from edu_opt.programme.prices import Prices
from edu_opt.settings import ProblemSettings


@dataclasses.dataclass(frozen=True)
class MemberSettings:
    """One drive unit of a family: brand, vehicle and requirements stand in its problem; units a year."""

    name: str
    problem: ProblemSettings
    units_per_year: float
    plant: str = ""


@dataclasses.dataclass(frozen=True)
class FamilySettings:
    """Members, sharing patterns and each brand's own objective (a quantity), with what the search may spend.

    `volume_factors` multiply all volumes, `price_scenarios` replace the members' prices (by name, then member), where
    the fronts are valued again; `coalitions`: whether the savings of smaller coalitions are searched as well.
    """

    name: str
    members: tuple[MemberSettings, ...]
    patterns: tuple[SharingPattern, ...]
    objectives: Mapping[str, str]
    candidates: int = 24
    seeds: int = 32
    refreshes: int = 5
    polish_steps: int = 8
    final_polish_steps: int = 6
    members_from: Path | None = None
    volume_factors: tuple[float, ...] = ()
    price_scenarios: Mapping[str, Mapping[str, Prices]] = dataclasses.field(default_factory=dict)
    coalitions: bool = True
