"""What members cannot share: one line for each rule that a pattern breaks, found before anything is computed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from edu_opt.family.parts import PARTS, missing_needs
from edu_opt.family.pattern import SharingPattern
from edu_opt.family.settings import FamilySettings, MemberSettings
from edu_opt.settings import MotorOffer, ProblemSettings, programs_of

# Parts: what must be equal in members that share them, in words and as a function of a member's problem.
EQUALS: dict[tuple[str, ...], tuple[str, Callable[[ProblemSettings], object]]] = {
    ("lamination",): ("motor kinds, slots per pole, rotors or steels", lambda problem: lamination_of(_motor(problem))),
    ("stator_winding",): ("windings", lambda problem: (_motor(problem).winding, _motor(problem).coil_pitch)),
    ("gear_set", "bearing_set"): ("gearbox layouts", lambda problem: problem.gearbox_layouts),
    ("power_module", "capacitor", "inverter_control"): ("DC voltages", lambda problem: problem.ratings.dc_voltage),
}
# Parts: discrete choices on offer of which members that share them need one in common.
CHOICES: dict[str, tuple[str, Callable[[ProblemSettings], tuple[object, ...]]]] = {
    "lamination": ("pole pairs", lambda problem: _motor(problem).pole_pairs),
    "stator_winding": ("parallel paths", lambda problem: _motor(problem).parallel_paths),
    "power_module": ("power modules", lambda problem: problem.devices),
}


def _motor(problem: ProblemSettings) -> MotorOffer:
    return problem.allowed_motors[0]


def lamination_of(motor: MotorOffer) -> tuple[object, ...]:
    """All that a lamination's shape and sheet follow from, sizes and poles apart."""
    return (motor.kind, motor.slots_per_pole, motor.rotor, motor.steel, motor.magnet, motor.bars_per_pole, motor.cage)


def family_findings(family: FamilySettings) -> list[str]:
    """All lines; empty where the family can be searched."""
    lines = [*member_findings(family), *objective_findings(family)]
    return lines or [line for shares in family.patterns for line in pattern_findings(shares, family.members)]


def member_findings(family: FamilySettings) -> Iterator[str]:
    """Each member has one motor kind and one gearbox layout; the problems agree in what a program is compiled of."""
    if len(family.members) < 2:
        yield f"family.members: a family needs two members or more, got {len(family.members)}"
    for member in family.members:
        programs = programs_of(member.problem)
        if len(programs) != 1:
            names = ", ".join(program.name for program in programs) or "none"
            yield (
                f"family.members.{member.name}: needs exactly one motor kind and one gearbox layout, got {names}; set "
                "family.common=[motor=eesm,gearbox=parallel_axis] or the member's overrides"
            )
    cycles = {member.problem.fidelity for member in family.members}
    if len(cycles) > 1:
        yield "family.members: fidelity must be the same for all members; set it in family.common"


def objective_findings(family: FamilySettings) -> Iterator[str]:
    """Every brand has its own objective."""
    brands = list(dict.fromkeys(member.problem.brand for member in family.members))
    for brand in brands:
        if brand not in family.objectives:
            yield f"family.objectives.{brand}: is missing; name the quantity that brand {brand} minimizes"
    for brand in family.objectives:
        if brand not in brands:
            yield f"family.objectives.{brand}: no member is of this brand; known: {', '.join(brands)}"


def pattern_findings(shares: SharingPattern, members: Sequence[MemberSettings]) -> Iterator[str]:
    """A pattern shares what can be shared."""
    place, problems = f"family.patterns.{shares.name}", {member.name: member.problem for member in members}
    for share in shares.shares:
        unknown = [name for name in share.members if name not in problems]
        if unknown:
            yield f"{place}: no member {', '.join(unknown)}; known: {', '.join(problems)}"
            return
    for part in PARTS:
        for group in shares.groups(part, tuple(problems)):
            if len(group) > 1:
                yield from group_findings(place, part, group, [problems[name] for name in group])
    for share in shares.shares:
        for name in share.members:
            mine = [part for part in PARTS if any(part in s.parts and name in s.members for s in shares.shares)]
            for part, needed in missing_needs(mine):
                yield f"{place}: {part} can only be shared with {needed}; add {needed} to its parts"
            break


def group_findings(place: str, part: str, group: Sequence[str], problems: Sequence[ProblemSettings]) -> Iterator[str]:
    """One part that a group of members has in common."""
    for parts, (words, value) in EQUALS.items():
        found = {name: value(problem) for name, problem in zip(group, problems, strict=True)}
        if part in parts and len(set(found.values())) > 1:
            shown = "; ".join(f"{name}: {_shown(v)}" for name, v in found.items())
            yield f"{place}: {part} cannot be shared by members with other {words} ({shown})"
    if part in CHOICES:
        words, offered = CHOICES[part]
        common = set.intersection(*(set(offered(problem)) for problem in problems))
        if not common:
            shown = "; ".join(f"{n}: {_shown(offered(p))}" for n, p in zip(group, problems, strict=True))
            yield f"{place}: {part} needs {words} that all its members offer ({shown})"


def _shown(value: object) -> str:
    return ", ".join(str(v) for v in value if v not in ("", 0, None)) if isinstance(value, tuple) else f"{value:g}"
