"""Wrong settings as one line each: key, rule, value received, nearest valid name or range."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from typing import Any

from pydantic import BaseModel, ValidationError


class SettingsError(Exception):
    """Settings that cannot be used; `lines` holds one sentence an error."""

    def __init__(self, lines: str | Sequence[str]) -> None:
        self.lines = [lines] if isinstance(lines, str) else list(lines)
        super().__init__("\n".join(self.lines))


def nearest(name: str, known: Iterable[str], likeness: float = 0.54) -> str | None:
    """Known name that looks most like a given one, or None where nothing comes near."""
    found = difflib.get_close_matches(str(name), list(known), n=1, cutoff=likeness)
    return found[0] if found else None


SHOWN_NAMES = 40  # of a long list


def suggestion(name: str, known: Iterable[str], limit: int = 12) -> str:
    """`nearest: X` and the known names, as long as they are few."""
    names = sorted({str(k) for k in known})
    close = nearest(name, names)
    parts = [f"nearest: {close}"] if close else []
    if names and (len(names) <= limit or not close):
        more = f" and {len(names) - SHOWN_NAMES} more" if len(names) > SHOWN_NAMES else ""
        parts.append(f"known: {', '.join(names[:SHOWN_NAMES])}{more}")
    return "; ".join(parts) if parts else "there is nothing to choose from"


def unknown(key: str, kind: str, name: str, known: Iterable[str]) -> str:
    """Line for a name that is not in a registry."""
    return f"{key}: unknown {kind} '{name}'; {suggestion(name, known)}"


RULES = {
    "missing": "is missing",
    "int_type": "must be an integer",
    "int_from_float": "must be an integer",
    "int_parsing": "must be an integer",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "finite_number": "must be a finite number",
    "string_type": "must be a text",
    "bool_type": "must be true or false",
    "list_type": "must be a list, such as [a, b]",
    "dict_type": "must be a mapping",
    "model_type": "must be a group of keys",
    "string_too_short": "must not be empty",
}
BOUNDS = {"greater_than": ">", "greater_than_equal": ">=", "less_than": "<", "less_than_equal": "<="}


def lines_of(error: ValidationError, model: type[BaseModel]) -> list[str]:
    """One line for each finding of pydantic."""
    return [_line(finding, model) for finding in error.errors()]


def _line(finding: Any, model: type[BaseModel]) -> str:
    location, kind, context = finding["loc"], finding["type"], finding.get("ctx", {})
    key = "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in location).lstrip(".") or "settings"
    received = _received(finding["input"])
    if kind == "extra_forbidden":
        return f"{key}: no such key; {suggestion(str(location[-1]), _fields_at(model, location[:-1]))}"
    if kind == "missing":
        return f"{key}: is missing"
    if kind in BOUNDS:
        bound = next(iter(context.values()))
        return f"{key}: must be {BOUNDS[kind]} {bound}, got {received}"
    if kind == "literal_error":
        options = [part.strip(" '") for part in str(context["expected"]).replace(" or ", ",").split(",")]
        return f"{key}: must be one of {', '.join(options)}, got {received}{_nearest_option(finding['input'], options)}"
    if kind == "value_error":
        return f"{key}: {context['error']}, got {received}"
    if kind in ("too_short", "too_long"):
        short = kind == "too_short"
        count = context["min_length"] if short else context["max_length"]
        return f"{key}: must hold at {'least' if short else 'most'} {count} item(s), got {received}"
    if kind == "multiple_of":
        return f"{key}: must be a multiple of {context['multiple_of']}, got {received}"
    if kind == "string_pattern_mismatch":
        return f"{key}: must match {context['pattern']}, got {received}"
    return f"{key}: {RULES.get(kind, finding['msg'])}, got {received}"


def _nearest_option(value: Any, options: Sequence[str]) -> str:
    close = nearest(str(value), options, likeness=0.7)  # all options stand in the line anyway
    return f"; nearest: {close}" if close else ""


def _received(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return "null" if value is None else str(value).lower()  # as YAML writes them
    text = repr(value) if isinstance(value, str) else " ".join(str(value).split())
    return text if len(text) <= 80 else text[:77] + "..."


def _fields_at(model: type[BaseModel], location: Sequence[Any]) -> list[str]:
    """Names of the keys that are known at a place in the tree of models."""
    current: Any = model
    for part in location:
        if not (isinstance(current, type) and issubclass(current, BaseModel)):
            current = _item_model(current)
            continue
        field = current.model_fields.get(str(part))
        if field is None:
            return []
        current = field.annotation
    return list(current.model_fields) if isinstance(current, type) and issubclass(current, BaseModel) else []


def _item_model(annotation: Any) -> Any:
    """Model inside `dict[str, Model]` or `list[Model]`."""
    arguments = getattr(annotation, "__args__", ())
    return arguments[-1] if arguments else None
