"""What members cannot share: one line for each rule that a pattern breaks, found before anything is computed."""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Callable, Iterator, Mapping, Sequence

from edu_opt.family.parts import PARTS, is_variable
from edu_opt.family.pattern import Share, SharingPattern
from edu_opt.family.settings import FamilySettings, MemberSettings
from edu_opt.problem.candidate import design_space
from edu_opt.programme.plant import Plant
from edu_opt.settings import Branch, MotorOffer, ProblemSettings, branches_of, programs_of

# Parts: what must be equal in members that share them, in words and as a function of a member's problem.
EQUALS: dict[tuple[str, ...], tuple[str, Callable[[ProblemSettings], object]]] = {
    ("lamination",): ("motor kinds, slots per pole, rotors or steels", lambda problem: lamination_of(_motor(problem))),
    ("stator_winding",): ("windings", lambda problem: (_motor(problem).winding, _motor(problem).coil_pitch)),
    ("stack",): ("skews", lambda problem: (_motor(problem).skew, _motor(problem).skew_slices)),
    ("field_winding",): ("exciters", lambda problem: (_motor(problem).exciter,)),
    ("gear_set", "bearing_set"): ("gearbox layouts", lambda problem: problem.gearbox_layouts),
    ("power_module", "capacitor", "inverter_control"): ("DC voltages", lambda problem: problem.ratings.dc_voltage),
}
# Fields of a branch, as errors name them: members that share a part need one value of its fields in common.
CHOICES = {"pole_pairs": "pole pairs", "parallel_paths": "parallel paths", "device": "power modules"}
# What one programme has one of: in words and as a function of a member's problem.
PROGRAMME: dict[str, Callable[[ProblemSettings], object]] = {
    "price": lambda problem: problem.prices,
    "programme": lambda problem: dataclasses.replace(problem.programme, units_per_year=1.0, plant=Plant()),
    "fidelity": lambda problem: problem.fidelity,
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
    for name, value in PROGRAMME.items():
        if any(value(member.problem) != value(family.members[0].problem) for member in family.members):
            yield f"family.members: {name} must be the same for all members; set it in family.common"


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
        if len(set(share.members)) < 2:
            yield f"{place}: {', '.join(share.parts)} needs two members or more to share it, got {share.members[0]}"
        yield from variable_findings(place, share, {name: problems[name] for name in share.members})
    for part in PARTS:
        for group in shares.groups(part, tuple(problems)):
            if len(group) > 1:
                yield from group_findings(place, part, {name: problems[name] for name in group})
                yield from need_findings(place, part, group, shares, tuple(problems))
    yield from choice_findings(place, shares, problems)


def group_findings(place: str, part: str, group: Mapping[str, ProblemSettings]) -> Iterator[str]:
    """One part that a group of members has in common."""
    for parts, (words, value) in EQUALS.items():
        found = {name: value(problem) for name, problem in group.items()}
        if part in parts and len(set(found.values())) > 1:
            shown = "; ".join(f"{name}: {_shown(v)}" for name, v in found.items())
            yield f"{place}: {part} cannot be shared by members with other {words} ({shown})"


def need_findings(
    place: str, part: str, group: Sequence[str], shares: SharingPattern, everyone: Sequence[str]
) -> Iterator[str]:
    """All that share a part share what it only fits."""
    for needed in PARTS[part].needs:
        if not any(set(group) <= set(other) for other in shares.groups(needed, everyone)):
            yield f"{place}: {part} can only be shared with {needed}; add {needed} to the parts of {', '.join(group)}"


def choice_findings(place: str, shares: SharingPattern, problems: Mapping[str, ProblemSettings]) -> Iterator[str]:
    """Members that share parts offer one set of their discrete choices in common."""
    fields: dict[tuple[str, ...], list[str]] = {}
    for part, shared in PARTS.items():
        for group in shares.groups(part, tuple(problems)):
            if len(group) > 1 and shared.choices:
                fields.setdefault(group, []).extend(shared.choices)
    for group, names in fields.items():
        offered = {m: {tuple(getattr(b, n) for n in names) for b in _branches(problems[m])} for m in group}
        if not set.intersection(*offered.values()):
            words = " and ".join(CHOICES[name] for name in names)
            shown = "; ".join(f"{m}: {' or '.join(map(_shown, sorted(rows)))}" for m, rows in offered.items())
            yield f"{place}: no {words} that {', '.join(group)} all offer ({shown})"


def variable_findings(place: str, share: Share, members: Mapping[str, ProblemSettings]) -> Iterator[str]:
    """Single variables that are to be common: known to all, alike, continuous."""
    spaces = {m: {v.name: v for v in design_space(programs_of(p)[0]).variables} for m, p in members.items()}
    for name in filter(is_variable, share.parts):
        for member, known in spaces.items():
            if name not in known:
                near = difflib.get_close_matches(name, known, n=1, cutoff=0.0)
                yield f"{place}: {member} has no variable {name!r}; nearest: {near[0]}"
        found = [known[name] for known in spaces.values() if name in known]
        if any(variable.integer or variable.listed for variable in found):
            yield f"{place}: {name} is a whole number or a catalogue's; share its part {found[0].part} instead"
        elif any(variable != found[0] for variable in found):
            yield f"{place}: {name} has other ranges in {', '.join(members)}"


def _branches(problem: ProblemSettings) -> tuple[Branch, ...]:
    return branches_of(problem, programs_of(problem)[0])


def _shown(value: object) -> str:
    return ", ".join(str(v) for v in value if v not in ("", 0, None)) if isinstance(value, tuple) else f"{value:g}"
