"""The normal form of a saved object: what *equal* means for plan, drift and losslessness.

It opens the strings that hold JSON, treats references as a set, writes numbers as JavaScript would, and leaves
out what `noise.json` lists - and nothing else. That list was measured on Kibana 8.12.2: everything that an import
and an export change without a person's doing, and what its own editor rewrites at a save.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

from kibana_builder.errors import KbuildError
from kibana_builder.json_tree import Json, JsonObject, compact_sorted, same

__all__ = ["DATA_VIEW_PROPERTIES", "content_hash", "normal_form", "same_object"]

DATA_VIEW_PROPERTIES = ("title", "timeFieldName", "name")
"""What the project decides of a data view. The rest (formats, runtime fields, labels) belongs to its users."""

# Enough to notice a change made by a person or a program: a changed object keeps its hash once in 2^64 changes.
_HASH_LENGTH = 16

# Beyond it JavaScript's numbers are not whole any more: Kibana gives back 2^53 + 1 as 2^53.
_LARGEST_EXACT = 2**53


def normal_form(item: JsonObject) -> JsonObject:
    """Give what counts of a saved object: equal normal forms, equal objects.

    A string that ought to hold JSON and does not, or a value that is no string where one ought to be, stays apart
    from every value that opened well. `managed` shows only when it is true, `originId` never: it counts only where
    the source says it (`same_object`).
    Raises KbuildError for an object nested too deeply to be compared.
    """
    try:
        result: JsonObject = _cleaned(item, (_rules(str(item.get("type"))),))
    except RecursionError:
        raise KbuildError(f"{item.get('type')} '{item.get('id')}' is nested too deeply to be compared") from None
    references = result.get("references")
    if references is None or isinstance(references, list):
        unique = {compact_sorted(reference): reference for reference in references or []}
        result["references"] = [unique[text] for text in sorted(unique)]
    if result.get("managed") in (False, None):
        result.pop("managed", None)
    result.pop("originId", None)
    return result


def same_object(source: JsonObject, live: JsonObject) -> bool:
    """Tell whether what is live is what the source says; `originId` counts only when the source has one."""
    if "originId" in source and not same(source["originId"], live.get("originId")):
        return False
    return same(normal_form(source), normal_form(live))


def content_hash(item: JsonObject) -> str:
    """Give 16 hexadecimal digits of SHA-256 over type, id and normal form, references to tags left out.

    Tags are left out because users may put their own on our objects, and because the mark that carries this hash
    is such a reference. Of a data view only DATA_VIEW_PROPERTIES count.
    """
    form = normal_form(item)
    references = form["references"]
    if isinstance(references, list):
        form["references"] = [reference for reference in references if not _is_tag(reference)]
    attributes = form.get("attributes")
    if form.get("type") == "index-pattern" and isinstance(attributes, dict):
        form["attributes"] = {name: attributes[name] for name in DATA_VIEW_PROPERTIES if name in attributes}
    text = compact_sorted(form)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_HASH_LENGTH]


def _is_tag(reference: Json) -> bool:
    return isinstance(reference, dict) and reference.get("type") == "tag"


@dataclass(slots=True)
class _Rule:
    """One place in the tree of rules of a type: what happens to the value there, and the rules below it."""

    below: dict[str, _Rule] = field(default_factory=dict)
    noise: bool = False
    drop_when_emptied: bool = False
    holds_json: bool = False


@cache
def _noise() -> dict[str, Any]:
    text = resources.files("kibana_builder.saved").joinpath("noise.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


@cache
def _rules(kind: str) -> _Rule:
    """Make the tree of rules for one type of saved object."""
    root = _Rule()
    for entry in _noise()["noise"]:
        if not entry["types"] or kind in entry["types"]:
            *way, last = entry["path"].split(".")
            parent = _at(root, way)
            _at(parent, [last]).noise = True
            parent.drop_when_emptied = entry.get("emptied") == "drop"
    for entry in _noise()["json_strings"]:
        if not entry["types"] or kind in entry["types"]:
            _at(root, entry["path"].split(".")).holds_json = True
    return root


def _at(rule: _Rule, way: list[str]) -> _Rule:
    for step in way:
        rule = rule.below.setdefault(step, _Rule())
    return rule


def _cleaned(value: Json, rules: tuple[_Rule, ...]) -> Json:
    """Clean one value by the rules that lead to it."""
    if not rules:
        return _with_plain_numbers(value)
    if any(rule.holds_json for rule in rules):
        opened = _opened(value)
        if opened is None:
            return {"no JSON string": _with_plain_numbers(value)}
        value = opened[0]
    if isinstance(value, dict):
        return _cleaned_members(value, rules)
    if isinstance(value, list):
        below = tuple(rule.below["*"] for rule in rules if "*" in rule.below)
        return [_cleaned(member, below) for member in value]
    return _with_plain_numbers(value)


def _cleaned_members(value: JsonObject, rules: tuple[_Rule, ...]) -> JsonObject:
    result = {}
    for key, member in value.items():
        below = tuple(rule.below[step] for rule in rules for step in (key, "*") if step in rule.below)
        if any(rule.noise for rule in below):
            continue
        cleaned = _cleaned(member, below)
        if cleaned == {} and member != {} and any(rule.drop_when_emptied for rule in below):
            continue
        result[key] = cleaned
    return result


def _opened(value: Json) -> tuple[Json] | None:
    if not isinstance(value, str):
        return None
    try:
        return (json.loads(value, parse_constant=_refuse),)
    except (ValueError, RecursionError):
        return None


def _refuse(word: str) -> Json:
    raise ValueError(word)  # NaN and Infinity are no JSON, though Python reads them


def _with_plain_numbers(value: Json) -> Json:
    """Write numbers as Kibana gives them back: 1.0 as 1, and whole numbers beyond 2^53 as the nearest double."""
    if isinstance(value, dict):
        return {key: _with_plain_numbers(member) for key, member in value.items()}
    if isinstance(value, list):
        return [_with_plain_numbers(member) for member in value]
    if isinstance(value, int) and abs(value) > _LARGEST_EXACT:
        value = _as_double(value)
    if isinstance(value, float) and value.is_integer() and abs(value) <= _LARGEST_EXACT:
        return int(value)
    return value


def _as_double(value: int) -> int | float:
    try:
        return float(value)
    except OverflowError:
        return value  # JavaScript's Infinity, which JSON cannot say
