"""Tables of a family's report: members, patterns, overlap, negotiation, splits of the saving, volumes and prices."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from edu_opt.report import html
from edu_opt.report.family_data import (
    FamilyStudy,
    brand_name,
    coalition_name,
    member_designs,
    number,
    pattern_title,
    quantity_text,
)
from edu_opt.report.family_figures import MOST_ROWS, cheapest, cost_table, negotiation_rows
from edu_opt.report.figures import COLOURS
from edu_opt.report.fronts import readable
from edu_opt.report.negotiation_text import asked_price, bound_text, sentence, unit_text

MILLION = 1e6


def listed(lines: Sequence[str]) -> str:
    """Lines as a list."""
    return f"<ul>{''.join(f'<li>{html.escape(line)}</li>' for line in lines)}</ul>" if lines else ""


def note(text: str) -> str:
    """Small print."""
    return f'<p class="note">{html.escape(text)}</p>'


def members_table(study: FamilyStudy) -> str:
    """Who is in the family."""
    rows = [
        [
            m["name"],
            brand_name(m["brand"]),
            readable(m["vehicle"]),
            readable(m["plant"]),
            round(number(m["units_per_year"])),
        ]
        for m in study.members
    ]
    table = html.table(["member", "brand", "vehicle", "plant", "units a year"], rows)
    return table + note("Each member's own search, alone and with its own volume, is in members/NAME/report.html.")


def shares_text(shares: Sequence[Mapping[str, Any]], everyone: int) -> str:
    """`lamination, power module (all); gear set (ix3, i4)`."""
    parts = []
    for share in shares:
        names = ", ".join(readable(part) for part in share["parts"])
        some = "all" if len(share["members"]) in (0, everyone) else ", ".join(share["members"])
        parts.append(f"{names} ({some})")
    return "; ".join(parts) or "nothing"


def patterns_table(study: FamilyStudy) -> str:
    """Benefit and cost of commonality: EUR against each brand's own terms."""
    own = list(study.own.items())
    columns = ["pattern", "common parts", "designs", "least cost [EUR a unit]", "saving [EUR a unit]"]
    columns += ["one sigma by prices [EUR a unit]", "saving [million EUR a year]"]
    columns += ["saving, every brand within 1 % of its own [EUR a unit]"]
    for brand, name in own:
        unit = unit_text(study.units[name])
        columns += [f"{brand_name(brand)} best [{unit}]", f"{brand_name(brand)} loses [{unit}]"]
    columns += ["search [s]", "remark"]
    rows: list[list[Any]] = []
    for p in study.patterns:
        row: list[Any] = [pattern_title(study, p["pattern"]), shares_text(p["shares"], len(study.members))]
        row += [int(p["designs"]), number(p["least_cost"]), number(p["saving"])]
        row += [number(p.get("cost_band")), number(p["saving_per_year"]) / MILLION, number(p["saving_kept"])]
        for _, name in own:
            row += [number(p["own_best"].get(name)), number(p["own_loss"].get(name))]
        remark = p.get("refusal") or ("" if p["designs"] else "no feasible design")
        rows.append([*row, number(p.get("wall_s")), str(remark)])
    return html.table(columns, rows) + note(
        "Saving: against the pattern that shares nothing, each at its least programme cost. Loses: how much worse the "
        "brand's best value of its own objective is than without sharing (negative: it gains). One sigma: by uncertain "
        "prices, which all patterns pay alike; a saving below it is not in doubt for that alone."
    )


def unpriced_text(study: FamilyStudy) -> str:
    """Why the limits of the chosen design have no prices; empty where they have."""
    chosen = study.chosen
    if chosen.get("priced", True):
        return ""
    return (
        f"Design {chosen['design']} can still be improved (KKT residual {number(chosen['kkt_residual']):.3g}): what "
        "its limits cost, and whose bind, is not known; search longer (family.candidates, optimizer.refreshes)."
    )


def chosen_text(study: FamilyStudy) -> str:
    """The pattern and the design that the answers below are read at."""
    chosen = study.chosen
    title = pattern_title(study, str(chosen["pattern"]))
    return (
        f"Read at design {chosen['design']}, the knee of pattern {title}, which costs the programme least (its design "
        f"{chosen['least_cost_design']})."
    )


def designs_table(study: FamilyStudy) -> str:
    """The chosen design member by member: objectives, tightest requirement, then every variable."""
    found = member_designs(study, study.chosen.get("design"))
    if not found:
        return ""
    names = list(dict.fromkeys(name for design in found.values() for name in design["objectives"]))
    rows: list[list[Any]] = [["branch", *(str(d.get("branch_name", "")) for d in found.values())]]
    rows += [[readable(name), *(number(d["objectives"].get(name)) for d in found.values())] for name in names]
    rows.append(["tightest requirement", *(tightest(d["margins"]) for d in found.values())])
    variables = list(dict.fromkeys(name for design in found.values() for name in design["design"]))
    values = [[name, *(number(d["design"].get(name)) for d in found.values())] for name in variables]
    common = [[*row, "common" if len(row) > 2 and len(set(row[1:])) == 1 else ""] for row in values]
    table = html.table(["", *found], rows)
    inner = html.table(["variable (SI)", *found, ""], common)
    return f"{table}<details><summary>Every variable of every member</summary>{inner}</details>"


def tightest(margins: Mapping[str, Any]) -> str:
    """`top_speed_min, 0.2 %`."""
    known = {name: number(value) for name, value in margins.items() if math.isfinite(number(value))}
    if not known:
        return ""
    name = min(known, key=lambda key: known[key])
    return f"{quantity_text(name)}, {100.0 * known[name]:.2g} %"


def binding_kind(study: FamilyStudy, row: Mapping[str, Any]) -> str:
    """`both brands`, `all brands`, `two of three`, `BMW alone`, `none`."""
    binds, brands = row["binds_for_brands"], study.brands
    if not binds:
        return "none"
    if len(binds) == 1:
        return f"{brand_name(binds[0])} alone" if len(brands) > 1 else brand_name(binds[0])
    if len(binds) == len(brands):
        return "both brands" if len(brands) == 2 else "all brands"
    return " and ".join(brand_name(brand) for brand in binds)


def overlap_table(study: FamilyStudy) -> str:
    """Which requirements bind for whom."""
    names = [str(m["name"]) for m in study.members]
    rows: list[list[Any]] = []
    for row in study.rows("overlap"):
        limits = [number(row["limits"].get(name)) for name in names]
        sense = "at least" if row["requirement"].endswith("_min") else "at most"
        title = f"{quantity_text(row['requirement'])} [{unit_text(row['unit'])}], {sense}".replace(" []", "")
        rows.append([title, binding_kind(study, row), ", ".join(row["binds_for_members"]), *limits])
    return html.table(["requirement", "binds for", "members", *names], rows)


def overlap_lines(study: FamilyStudy) -> list[str]:
    """One line for each group of brands: what binds for it."""
    groups: dict[str, list[str]] = {}
    for row in study.rows("overlap"):
        groups.setdefault(binding_kind(study, row), []).append(quantity_text(row["requirement"]))
    free = len(groups.pop("none", []))
    lines = [f"Binds for {kind}: {', '.join(dict.fromkeys(names))}." for kind, names in groups.items()]
    return [*lines, f"{free} of {len(study.content['overlap'])} requirements bind for nobody."]


def negotiation_table(study: FamilyStudy) -> str:
    """Shadow prices side by side: 1 % of a limit in the demanding direction, programme and brands."""
    owners = {study.cost_name: "programme"} | {name: brand_name(brand) for brand, name in study.own.items()}
    columns = ["requirement", "brand", "limit"]
    columns += [f"{owner} [{unit_text(study.units[name])}]" for name, owner in owners.items()]
    rows = [
        [
            f"{row['member']}: {quantity_text(row['requirement'])}",
            brand_name(row["brand"]),
            bound_text(row["requirement"], row["limit"], row["unit"]),
            *(asked_price(row, name) for name in owners),
        ]
        for row in study.rows("negotiation")
    ]
    return html.table(columns, rows) + note(
        "What 1 % more of a requirement costs, in one objective while the others hold: the programme pays, or one "
        "brand does. A dash: that objective cannot pay for it alone. Requirements that are not listed cost nothing "
        "here."
    )


def negotiation_bars(study: FamilyStudy) -> str:
    """What 1 % of each limit costs the programme, as bars in the colours of the brands."""
    rows = list(negotiation_rows(study))[:MOST_ROWS]
    largest = max((abs(price) for _, price in rows), default=0.0) or 1.0
    colours = {brand: COLOURS[k % len(COLOURS)] for k, brand in enumerate(study.brands)}
    lines = "".join(
        f"<tr><td>{html.escape(row['member'])}: {html.escape(quantity_text(row['requirement']))}</td>"
        f'<td>{html.number(price)}</td><td class="text"><span class="bar" '
        f'style="width:{200.0 * abs(price) / largest:.0f}px;background:{colours[row["brand"]]}"></span></td></tr>'
        for row, price in rows
    )
    legend = "".join(
        f'<span><i style="background:{c}"></i> {html.escape(brand_name(b))}</span>' for b, c in colours.items()
    )
    head = (
        f'<p class="legend">{legend}</p><table><thead><tr><th>1 % more of</th><th>EUR a unit</th><th></th></tr></thead>'
    )
    return f"{head}<tbody>{lines}</tbody></table>" if rows else ""


def negotiation_sentences(study: FamilyStudy, most: int) -> list[str]:
    """The dearest requirements as sentences."""
    return [sentence(study, row) for row, _ in negotiation_rows(study)][:most]


def splits_tables(study: FamilyStudy) -> str:
    """Ways to divide the saving, side by side, and what every coalition saves."""
    splits = study.content.get("splits")
    if not splits:
        return "<p>One brand, or nothing saved: there is nothing to divide.</p>"
    ways = {"equal": "equal", "by_volume": "by volume", "shapley": "Shapley value"}
    ways = {way: title for way, title in ways.items() if splits.get(way)}
    brands = list(splits["equal"])
    rows: list[list[Any]] = [
        [brand_name(brand), *(number(splits[way].get(brand)) / MILLION for way in ways)] for brand in brands
    ]
    rows.append(["sum", *(sum(number(splits[way].get(b)) for b in brands) / MILLION for way in ways)])
    alone = [[coalition_name(c), number(v) / MILLION] for c, v in splits["coalitions"].items()]
    return (
        html.table(["brand", *(f"{title} [million EUR a year]" for title in ways.values())], rows)
        + note("Rules for dividing the same saving; none of them is the right one by itself.")
        + html.table(["coalition", "saves [million EUR a year]"], alone)
        + note(_solo_text(splits))
    )


def _solo_text(splits: Mapping[str, Any]) -> str:
    """Joint against solo, or why there is no such figure."""
    if splits.get("beyond_solo") is None:
        return "What brands save among their own members was not searched (family.coalitions=false): no Shapley value."
    beyond, total = number(splits["beyond_solo"]) / MILLION, number(splits["saving_eur_per_year"]) / MILLION
    return (
        f"Of {total:.3g} million EUR a year, {beyond:.3g} come from sharing between brands; the rest each brand saves "
        "among its own members. A coalition is worth at least what its parts save, and nothing at least."
    )


def costs_table(study: FamilyStudy, entries: Sequence[Mapping[str, Any]], key: str, title: str) -> str:
    """Least cost by pattern for every value of a key, and which pattern is cheapest there."""
    table = cost_table(entries, key)
    names = [str(p["pattern"]) for p in study.patterns if any(str(p["pattern"]) in row for row in table.values())]
    rows = []
    for value, costs in table.items():
        best = cheapest(costs)
        shown = value if isinstance(value, str) else float(value)
        found = [costs.get(name, math.nan) for name in names]
        rows.append([shown, pattern_title(study, best) if best else "", *found])
    return html.table([title, "cheapest", *(f"{readable(name)} [EUR a unit]" for name in names)], rows)
