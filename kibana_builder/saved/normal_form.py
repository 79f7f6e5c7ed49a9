"""The normal form of a saved object: what *equal* means for plan, drift and losslessness.

It opens the strings that hold JSON, treats references as a set, writes numbers as JavaScript would, names the layers
and columns of Lens by their order (lens_form.py), and leaves out what `noise.json` lists - and nothing else. That list
was measured on Kibana 8.12.2: everything that an import and an export change without a person's doing, what its own
editor rewrites at a save, and the values that Lens takes anyway when they are not said.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

from kibana_builder.charts.mapping import ABSENT, find
from kibana_builder.errors import KbuildError
from kibana_builder.json_tree import Json, JsonObject, compact_sorted, get, read_json, same
from kibana_builder.saved.dashboard_form import level_dashboard
from kibana_builder.saved.dashboard_parts import Parts, taken_apart, with_panels
from kibana_builder.saved.data_view_form import level_data_view
from kibana_builder.saved.filter_form import ids_by_name, with_data_views, without_names
from kibana_builder.saved.lens_form import level_lens, rename_layer_reference

__all__ = ["DATA_VIEW_PROPERTIES", "content_hash", "envelope_noise", "json_string_paths", "normal_form", "same_object"]

DATA_VIEW_PROPERTIES = ("title", "timeFieldName", "name")
"""What the project decides of a data view. The rest (formats, runtime fields, labels) belongs to its users."""

# Enough to notice a change made by a person or a program: a changed object keeps its hash once in 2^64 changes.
_HASH_LENGTH = 16

# Where the attributes of a Lens object stand again, inside a dashboard.
_LENS_PANEL = ("attributes", "panelsJSON", "*", "embeddableConfig")

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
        result: JsonObject = _cleaned(item, _rules(str(item.get("type"))))
    except RecursionError:
        raise _too_deep(item) from None
    result = _levelled(result)
    references = result.get("references")
    if references is None or isinstance(references, list):
        result["references"] = _as_set(references or [])
    if result.get("managed") in (False, None):
        result.pop("managed", None)
    result.pop("originId", None)
    return result


def envelope_noise() -> frozenset[str]:
    """Give the properties that are noise in every saved object, whatever its type."""
    return frozenset(entry["path"] for entry in _noise()["noise"] if not entry["types"])


def json_string_paths(kind: str) -> list[tuple[str, ...]]:
    """Give the paths of the strings that hold JSON in objects of a type; `*` stands for any key or index."""
    return [tuple(path) for _, path in _entries("json_strings", "path", kind)]


def _as_set(references: list[Json]) -> list[Json]:
    unique = {compact_sorted(reference): reference for reference in references}
    return [unique[text] for text in sorted(unique)]


def _levelled(item: JsonObject) -> JsonObject:
    """Level what has a module of its own: Lens objects, dashboards with their Lens panels, data views."""
    attributes, references = item.get("attributes"), item.get("references")
    if not isinstance(attributes, dict):
        return item
    if item.get("type") == "lens":
        attributes, used = with_data_views(attributes, ("state", "filters"), ids_by_name(references))
        references = without_names(references, used)
        attributes, names = level_lens(attributes, _cleaned_columns)
        return {**item, "attributes": attributes, "references": _renamed_references(references, {"": names})}
    if item.get("type") == "index-pattern":
        return {**item, "attributes": level_data_view(attributes)}
    if item.get("type") != "dashboard":
        return item
    attributes, references = level_dashboard(attributes, references)
    panels = attributes.get("panelsJSON")
    if not isinstance(panels, list):
        return {**item, "attributes": attributes, "references": references}
    levelled = []
    by_panel: dict[str, dict[str, str]] = {}
    for entry in panels:
        panel, names, used = _levelled_panel(entry, references)
        levelled.append(panel)
        if names:
            by_panel[f"{entry.get('panelIndex')}:"] = names
            references = without_names(references, used, f"{entry.get('panelIndex')}:")
    references = _renamed_references(references, by_panel)
    return {**item, "attributes": {**attributes, "panelsJSON": levelled}, "references": references}


def _cleaned_columns(columns: JsonObject) -> JsonObject:
    item = {"attributes": {"state": {"datasourceStates": {"": {"layers": {"": {"columns": columns}}}}}}}
    result: JsonObject = _cleaned(item, _rules("lens"))
    for key in ("attributes", "state", "datasourceStates", "", "layers", "", "columns"):
        result = result[key]
    return result


def _levelled_panel(panel: Json, references: Json) -> tuple[Json, dict[str, str], set[str]]:
    """Level a panel of a dashboard with these references; give its layers' names, and the references that go."""
    config: Json = panel.get("embeddableConfig") if isinstance(panel, dict) else None
    attributes = config.get("attributes") if isinstance(config, dict) else None
    if not isinstance(attributes, dict):
        return panel, {}, set()
    # Kibana goes by the dashboard's references, which an import may have given other ids than those inside.
    ids = ids_by_name(attributes.get("references")) | ids_by_name(references, f"{panel.get('panelIndex')}:")
    attributes, used = with_data_views(attributes, ("state", "filters"), ids)
    attributes, names = level_lens(attributes, _cleaned_columns)
    inner = without_names(attributes.get("references"), used)
    if isinstance(inner, list):
        inner = [_with_id(reference, ids) for reference in inner]
        attributes = {**attributes, "references": _as_set(_renamed_references(inner, {"": names}))}
    config = _without_copies(config) | {"attributes": attributes}
    return {**panel, "embeddableConfig": config}, names, used


def _without_copies(config: JsonObject) -> JsonObject:
    """Take out what a panel with a chart over ES|QL says beside it: the query again, and that it has no drilldowns.

    Lens writes both itself (updateInput of its embeddable where isTextBasedLanguage).
    """
    query = find(config, ("attributes", "state", "query"))
    if find(query, ("esql",)) is ABSENT:
        return config
    copies = {"query": query, "disabledActions": ["OPEN_FLYOUT_ADD_DRILLDOWN"]}
    return {key: value for key, value in config.items() if key not in copies or not same(value, copies[key])}


def _with_id(reference: Json, ids: Mapping[str, str]) -> Json:
    """Let a reference inside a panel lead where the dashboard's of its name leads."""
    name = reference.get("name") if isinstance(reference, dict) and reference.get("type") == "index-pattern" else None
    return {**reference, "id": ids[name]} if isinstance(name, str) and name in ids else reference


def _renamed_references(references: Json, by_prefix: dict[str, dict[str, str]]) -> Json:
    """Rename the references of layers and leave out those that are noise.

    `by_prefix` has the layers' new names under what stands before their own.
    """
    if not isinstance(references, list):
        return references
    result = []
    for reference in references:
        name = reference.get("name") if isinstance(reference, dict) else None
        if isinstance(name, str):
            prefix = next((begin for begin in by_prefix if name.startswith(begin)), None)
            if prefix is not None and name.removeprefix(prefix) in _noise_references():
                continue
            if prefix is not None:
                levelled = rename_layer_reference(name, by_prefix[prefix])
                if not levelled:
                    continue
                reference = {**reference, "name": levelled}  # noqa: PLW2901
        result.append(reference)
    return result


def same_object(source: JsonObject, live: JsonObject) -> bool:
    """Tell whether what is live is what the source says; `originId` counts only when the source has one."""
    if "originId" in source and not same(source["originId"], live.get("originId")):
        return False
    if source.get("type") == live.get("type") == "dashboard" and _differ_in_a_part(source, live):
        return False
    return same(normal_form(source), normal_form(live))


def _differ_in_a_part(one: JsonObject, other: JsonObject) -> bool:
    """Tell whether two dashboards differ for sure; cheaper than all of their normal forms. A no says nothing.

    Looked at are the parts whose normal form no other part has a say in: the settings, where no state of panels stands
    among them, and panels by value that are known by an index of their own.
    """
    parts = taken_apart(one, other)
    if parts is None or not all(map(_stand_alone, parts)):
        return False
    (settings, panels), (other_settings, other_panels) = parts
    if len(panels) != len(other_panels) or not (
        same(settings, other_settings) or same(normal_form(settings), normal_form(other_settings))
    ):
        return True
    empty, other_empty = ({**item, "references": []} for item in (settings, other_settings))
    pairs = zip(panels, other_panels, strict=True)
    left, right = next(((left, right) for left, right in pairs if not same(left.saved, right.saved)), (None, None))
    if left is None or right is None or "panelRefName" in left.saved or "panelRefName" in right.saved:
        return False
    forms = (normal_form(with_panels(empty, left)), normal_form(with_panels(other_empty, right)))
    first, second = (form["attributes"]["panelsJSON"] for form in forms)
    return not same(first, second)


def _stand_alone(parts: Parts) -> bool:
    indices = {
        panel.saved.get("panelIndex") for panel in parts.panels if isinstance(panel.saved.get("panelIndex"), str)
    }
    return len(indices) == len(parts.panels) and "uiStateJSON" not in parts.settings["attributes"]


def content_hash(item: JsonObject) -> str:
    """Give 16 hexadecimal digits of SHA-256 over type, id, attributes and references, for telling *untouched*.

    It is stricter than the normal form, and on purpose: Kibana gives back what it was given to the byte, so whatever
    differs was written by somebody else; and what counts as equal may be seen better by a later kbuild, which must
    not take every object for changed. Order of keys and references and the writing of numbers do not count.
    References to tags are left out, because users may put their own on our objects, and because the mark that carries
    this hash is such a reference. Of a data view only DATA_VIEW_PROPERTIES count.
    """
    attributes = item.get("attributes")
    if item.get("type") == "index-pattern" and isinstance(attributes, dict):
        attributes = {name: attributes[name] for name in DATA_VIEW_PROPERTIES if name in attributes}
    references = item.get("references") or []
    if isinstance(references, list):
        references = _as_set([reference for reference in references if not _is_tag(reference)])
    content = [item.get("type"), item.get("id"), item.get("managed") is True, references, attributes]
    try:
        text = compact_sorted(_with_plain_numbers(content))
    except RecursionError:
        raise _too_deep(item) from None
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_HASH_LENGTH]


def _too_deep(item: JsonObject) -> KbuildError:
    return KbuildError(f"{item.get('type')} '{item.get('id')}' is nested too deeply to be compared")


def _is_tag(reference: Json) -> bool:
    return isinstance(reference, dict) and reference.get("type") == "tag"


@dataclass(slots=True)
class _Rule:
    """One place in the tree of rules of a type, as the list has it: what happens there, and the rules below it."""

    below: dict[str, _Rule] = field(default_factory=dict)
    noise: bool = False
    drop_when_emptied: bool = False
    holds_json: bool = False
    unsaid: list[Json] = field(default_factory=list)
    conditional: list[dict[str, Any]] = field(default_factory=list)


class _Place:
    """All rules that lead to one place in an object, taken together; a key that `steps` has not leads to `others`.

    Objects have a hundred times as many places as there are rules, so the ways are put together only once.
    """

    __slots__ = ("conditional", "drop_when_emptied", "holds_json", "noise", "others", "steps", "unsaid")

    def __init__(self, rules: Sequence[_Rule]) -> None:
        self.noise = any(rule.noise for rule in rules)
        self.drop_when_emptied = any(rule.drop_when_emptied for rule in rules)
        self.holds_json = any(rule.holds_json for rule in rules)
        self.unsaid = [value for rule in rules for value in rule.unsaid]
        self.conditional = [(entry["drop"].split("."), entry) for rule in rules for entry in rule.conditional]
        self.others = _place([rule.below["*"] for rule in rules if "*" in rule.below])
        self.steps = {
            key: _place([rule.below[step] for rule in rules for step in (key, "*") if step in rule.below])
            for key in dict.fromkeys(key for rule in rules for key in rule.below if key != "*")
        }


def _place(rules: Sequence[_Rule]) -> _Place | None:
    return _Place(rules) if rules else None


@cache
def _noise() -> dict[str, Any]:
    text = resources.files("kibana_builder.saved").joinpath("noise.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


@cache
def _noise_references() -> frozenset[str]:
    """Give the names of those of a Lens object's references that are noise."""
    return frozenset(entry["name"] for entry in _noise()["references"])


@cache
def _rules(kind: str) -> _Place:
    """Put the rules for one type of saved object together."""
    root = _Rule()
    for entry, path in _entries("noise", "path", kind):
        *way, last = path
        parent = _at(root, way)
        _at(parent, [last]).noise = True
        parent.drop_when_emptied = entry.get("emptied") == "drop"
    for entry, path in _entries("unsaid", "path", kind):
        _at(root, path).unsaid.append(entry["value"])
    for entry, path in _entries("conditional", "in", kind):
        _at(root, path).conditional.append(entry)
    for _, path in _entries("json_strings", "path", kind):
        _at(root, path).holds_json = True
    return _Place([root])


def _entries(part: str, place: str, kind: str) -> Iterator[tuple[dict[str, Any], list[str]]]:
    """Give the entries of one part of the list that hold for a type, each with its path as steps."""
    for entry in _noise()[part]:
        path: str = entry[place]
        if not entry["types"] or kind in entry["types"]:
            yield entry, path.split(".")
        if kind == "dashboard" and "lens" in entry["types"]:
            yield entry, [*_LENS_PANEL, *path.split(".")]


def _at(rule: _Rule, way: list[str]) -> _Rule:
    for step in way:
        rule = rule.below.setdefault(step, _Rule())
    return rule


def _cleaned(value: Json, place: _Place | None) -> Json:
    """Clean one value by the rules that lead to it."""
    if place is None:
        return _with_plain_numbers(value)
    if place.holds_json:
        opened = _opened(value)
        if opened is None:
            return {"no JSON string": _with_plain_numbers(value)}
        value = opened[0]
    if isinstance(value, dict):
        return _cleaned_members(value, place)
    if isinstance(value, list):
        return [_cleaned(member, place.others) for member in value]
    return _with_plain_numbers(value)


def _cleaned_members(value: JsonObject, place: _Place) -> JsonObject:
    result: JsonObject = {}
    steps, others = place.steps, place.others
    for key, member in value.items():
        below = steps.get(key, others)
        if below is None:  # most keys by far
            result[key] = member if isinstance(member, str) else _with_plain_numbers(member)
            continue
        if below.noise:
            continue
        cleaned = _cleaned(member, below)
        if below.drop_when_emptied and cleaned == {} and member != {}:
            continue
        if below.unsaid and any(same(cleaned, unsaid) for unsaid in below.unsaid):
            continue
        result[key] = cleaned
    for path, entry in place.conditional:
        if (path[0] in result or path[0] == "*") and _holds(entry, value):
            _drop(result, path)
    return result


def _holds(entry: dict[str, Any], value: JsonObject) -> bool:
    """Tell whether a conditional entry holds for the object that it stands in."""
    return (
        all(_stands(value, path, values) for path, values in entry.get("where", {}).items())
        and not any(_stands(value, path, values) for path, values in entry.get("unless", {}).items())
        and not any(name in value for name in entry.get("lacks", ()))
        and all(
            _at_path(value, one) is not None and same(_at_path(value, one), _at_path(value, other))
            for one, other in entry.get("equal", {}).items()
        )
    )


def _stands(value: Json, path: str, values: list[Json]) -> bool:
    found = _at_path(value, path)
    return any(same(found, one) for one in values)


def _at_path(value: Json, path: str) -> Json:
    return get(value, *path.split("."))


def _drop(value: Json, path: list[str]) -> None:
    """Take a leaf out, and the objects on the way to it that are empty then; `*` is every entry of a list or object."""
    step, *way = path
    if step == "*":
        for entry in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            _drop(entry, way)
    elif isinstance(value, dict) and step in value:
        if way:
            _drop(value[step], way)
        if not way or value[step] == {}:
            del value[step]


def _opened(value: Json) -> tuple[Json] | None:
    if not isinstance(value, str):
        return None
    try:
        return (read_json(value),)
    except (ValueError, RecursionError):
        return None


def _with_plain_numbers(value: Json) -> Json:
    """Write numbers as Kibana gives them back: 1.0 as 1, and whole numbers beyond 2^53 as the nearest double."""
    if isinstance(value, str):  # most values by far
        return value
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
