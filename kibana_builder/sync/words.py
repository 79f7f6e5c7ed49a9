"""What a change does to an object, in the words of its panels: `panel "Latency" moved 0,0 → 16,0`.

Both sides are saved objects. What differs of them is turned back into documents, and the documents are compared. Where
a side has no words (a kind of panel that the vocabulary does not know, a remainder that is kept raw) the places in the
saved object are named. Nothing is ever passed over: two objects that are not equal in the normal form always get at
least one line.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from kibana_builder.charts import UnsayableError
from kibana_builder.json_tree import Json, JsonObject, Path, compact, same
from kibana_builder.problem import NotExpressible
from kibana_builder.saved.dashboard import from_dashboard, to_dashboard
from kibana_builder.saved.dashboard_parts import Panel, Parts, panel_index, taken_apart, with_panels
from kibana_builder.saved.data_view import from_data_view, to_data_view
from kibana_builder.saved.ids import Key
from kibana_builder.saved.normal_form import normal_form
from kibana_builder.saved.panels import from_panel, to_panel
from kibana_builder.saved.references import as_references
from kibana_builder.saved.visualization import from_visualization, to_visualization
from kibana_builder.spec.contract import contract
from kibana_builder.spec.shorthands import Names
from kibana_builder.sync.differences import ABSENT, differences, leaves, pairs, said
from kibana_builder.sync.marks import is_tag

__all__ = ["Vocabulary", "explain"]

# Places of a raw difference that are named; of the others only the number is said.
_NAMED_PLACES = 3

# What stands in Kibana is checked by nobody: an object may have anything where a list or an object belongs.
_UNREADABLE = (
    UnsayableError,
    NotExpressible,
    ExceptionGroup,
    AttributeError,
    IndexError,
    KeyError,
    TypeError,
    ValueError,
)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What ids are called: the project's names with the ids of the space, tags by id, titles of library objects.

    `time_fields` gives the time field of each data view id.
    """

    names: Names = field(default_factory=Names)
    tags: Mapping[str, str] = field(default_factory=dict)
    titles: Mapping[Key, str] = field(default_factory=dict)
    time_fields: Mapping[str, str] = field(default_factory=dict)


def explain(before: JsonObject, after: JsonObject, vocabulary: Vocabulary) -> list[str]:
    """Say what turns `before` into `after`, two objects of one type and id, the marks taken off.

    Nothing is said of objects that are equal in the normal form.
    """
    lines = [*_content_lines(before, after, vocabulary), *_tag_lines(before, after, vocabulary)]
    if "originId" in after and not same(after["originId"], before.get("originId")):
        lines.append(_place(("originId",), before.get("originId", ABSENT), after["originId"]))
    return lines


def _content_lines(before: JsonObject, after: JsonObject, vocabulary: Vocabulary) -> list[str]:
    old, new = _without_tags(before), _without_tags(after)
    if after["type"] == "dashboard":
        parts = taken_apart(old, new)
        if parts is not None:
            return _dashboard_lines(*parts, vocabulary)
    read = {"lens": _visualization, "index-pattern": _data_view}.get(after["type"], _no_words)
    return _compared(_side(old, read, vocabulary), _side(new, read, vocabulary))


def _tag_lines(before: JsonObject, after: JsonObject, vocabulary: Vocabulary) -> list[str]:
    references = [ref for item in (before, after) for ref in as_references(item.get("references")) if is_tag(ref)]
    old, new = ({ref["id"] for ref in as_references(item.get("references")) if is_tag(ref)} for item in (before, after))
    lines = []
    for ident in dict.fromkeys(ref["id"] for ref in references):
        if (ident in old) != (ident in new):
            name = said(vocabulary.tags.get(ident, ident))
            lines.append(f"tag {name} {'added' if ident in new else 'removed'}")
    return lines


def _without_tags(item: JsonObject) -> JsonObject:
    references = item.get("references")
    if not isinstance(references, list):
        return item
    return {**item, "references": [ref for ref in references if not (isinstance(ref, dict) and is_tag(ref))]}


# --------------------------------------------------------------------------------------------------- two sides


@dataclass(slots=True)
class _Side:
    """One side of a comparison: the object, its words, and the object that the words make.

    Without words the last two are None. `exact` tells that the words make the object to the letter, as they do with
    what kbuild wrote.
    """

    item: JsonObject
    words: JsonObject | None = None
    made: JsonObject | None = None
    exact: bool = False


_Read = Callable[[JsonObject, Vocabulary], tuple[JsonObject, JsonObject]]
"""Gives the words of a saved object, and the object that they make. Raises any of _UNREADABLE."""


def _side(item: JsonObject, read: _Read, vocabulary: Vocabulary) -> _Side:
    try:
        words, made = read(item, vocabulary)
    except _UNREADABLE:
        return _Side(item)
    return _Side(item, words, made, _alike(made, item))


def _alike(made: JsonObject, item: JsonObject) -> bool:
    """Tell whether two objects say the same to the letter."""
    return all(same(made.get(part), item.get(part)) for part in ("attributes", "references"))


def _comparable(item: JsonObject) -> JsonObject:
    """Give the normal form with its references under their names, so that one of them can be named."""
    normal = normal_form(item)
    references: JsonObject = {}
    for reference in normal["references"] if isinstance(normal["references"], list) else ():
        name = str(reference.get("name")) if isinstance(reference, dict) else compact(reference)
        references.setdefault(name, []).append(reference)
    return {**normal, "references": references if isinstance(normal["references"], list) else normal["references"]}


def _compared(
    old: _Side,
    new: _Side,
    differ: Callable[[JsonObject, JsonObject], list[str]] = differences,
    *,
    renamed: bool = False,
) -> list[str]:
    """Say in words what differs, and name the places of what the words do not cover.

    `renamed` tells that the two have different ids, which was said already and may be all that differs.
    """
    lines = differ(old.words, new.words) if old.words is not None and new.words is not None else []
    if lines and old.exact and new.exact:
        return lines
    different = list(leaves(_comparable(old.item), _comparable(new.item)))
    if not different:
        return []
    if old.made is None or new.made is None:
        return [_raw("changed (raw)", different)]
    covered = {path for path, _, _ in leaves(_comparable(old.made), _comparable(new.made))}
    rest = [leaf for leaf in different if not any(leaf[0][:end] in covered for end in range(len(leaf[0]) + 1))]
    if rest or not (lines or renamed):
        lines.append(_raw("raw", rest or different))
    return lines


def _raw(what: str, different: Sequence[tuple[Path, Json, Json]]) -> str:
    named = ", ".join(_place(*leaf) for leaf in different[:_NAMED_PLACES])
    more = f" and {len(different) - _NAMED_PLACES} more" if len(different) > _NAMED_PLACES else ""
    return f"{what}, {len(different)} value{'' if len(different) == 1 else 's'}: {named}{more}"


def _place(path: Path, before: Json, after: Json) -> str:
    """Name one place in a saved object, with its values where they are no trees."""
    steps = path[1:] if path[:1] == ("attributes",) else path
    steps = steps[2:] if steps[:1] == ("panelsJSON",) and len(steps) > 2 else steps
    name = ".".join(map(str, steps))
    if before is ABSENT or after is ABSENT:
        value = after if before is ABSENT else before
        shown = "" if isinstance(value, dict | list) else f"{said(value)} "
        return f"{name} {shown}{'added' if before is ABSENT else 'removed'}"
    if isinstance(before, dict | list) or isinstance(after, dict | list):
        return name
    return f"{name} {said(before)} → {said(after)}"


# --------------------------------------------------------------------------------------- reading the small ones


def _no_words(item: JsonObject, _: Vocabulary) -> tuple[JsonObject, JsonObject]:
    raise UnsayableError(f"an object of type {item['type']}")


def _visualization(item: JsonObject, vocabulary: Vocabulary) -> tuple[JsonObject, JsonObject]:
    chart = from_visualization(item)
    made = to_visualization(item["id"], chart, vocabulary.time_fields)
    return contract("visualization", chart, vocabulary.names), made


def _data_view(item: JsonObject, _: Vocabulary) -> tuple[JsonObject, JsonObject]:
    view = from_data_view(item)
    return {_spaced(key): value for key, value in view.items()}, to_data_view(item["id"], view)


def _panel(item: JsonObject, vocabulary: Vocabulary) -> tuple[JsonObject, JsonObject]:
    """Read a dashboard that has one panel and nothing else; its place and its id are not among the words."""
    (saved,) = json.loads(item["attributes"]["panelsJSON"])
    panel = from_panel(saved, item["references"])
    made, references = to_panel(panel, vocabulary.time_fields)
    config: JsonObject = contract("visualization", panel["config"], vocabulary.names)
    if "ref_id" in config:
        config = {"visualization": _library_name(config.pop("ref_id"), vocabulary), **config}
    elif panel["type"] != "vis":
        config = {"type": panel["type"], **config}
    return config, with_panels(_NOTHING, Panel(made, list(references)))


# A dashboard in which a panel stands alone, to be compared.
_NOTHING: JsonObject = {"type": "dashboard", "id": ""}


def _library_name(ident: str, vocabulary: Vocabulary) -> str:
    return vocabulary.names.visualization_names.get(ident, ident)


def _settings(item: JsonObject, vocabulary: Vocabulary) -> tuple[JsonObject, JsonObject]:
    """Read a dashboard without its panels."""
    document = from_dashboard(item)
    made = to_dashboard(item["id"], document, vocabulary.time_fields)
    controls = document.pop("pinned_panels", [])
    words = contract("dashboard", document, vocabulary.names)
    del words["panels"]
    views = vocabulary.names.data_view_names
    for control in controls:
        config = control["config"]
        if "data_view_id" in config:
            config["data_view_id"] = views.get(config["data_view_id"], config["data_view_id"])
    return words | {"pinned_panels": controls}, made


# --------------------------------------------------------------------------------------------------- dashboards


def _dashboard_lines(old: Parts, new: Parts, vocabulary: Vocabulary) -> list[str]:
    lines = []
    if not same(old.settings, new.settings):
        before, after = (_side(parts.settings, _settings, vocabulary) for parts in (old, new))
        lines = _compared(before, after, _settings_lines)
    return [*lines, *_panel_lines(old.panels, new.panels, vocabulary)]


def _settings_lines(old: JsonObject, new: JsonObject) -> list[str]:
    before, after = old.pop("pinned_panels"), new.pop("pinned_panels")
    one, other = ({_spaced(key): value for key, value in words.items()} for words in (old, new))
    return [*differences(one, other), *_control_lines(before, after)]


def _spaced(key: str) -> str:
    """Name a setting of a dashboard or data view as people say it: `time range`."""
    return key.replace("_", " ")


def _control_lines(before: list[JsonObject], after: list[JsonObject]) -> Iterator[str]:
    """Say what happens to the controls; one that has a new id is known by its title or its field."""
    found = pairs(before, after, (_id, lambda control: [control["type"], _control_name(control)]))
    for old, new in found.same:
        name = f'control "{_control_name(before[old])}"'
        yield from _renamed(name, before[old]["id"], after[new]["id"])
        for line in differences(_flat(before[old]), _flat(after[new])):
            yield f"{name}: {line}"
    yield from (f'control "{_control_name(after[new])}" added' for new in found.came)
    yield from (f'control "{_control_name(before[old])}" removed' for old in found.gone)
    if found.reordered:
        yield "controls in another order"


def _flat(control: JsonObject) -> JsonObject:
    """Give all that a control says, but for its id."""
    return {key: value for key, value in (control | control["config"]).items() if key not in ("id", "config")}


def _id(item: JsonObject) -> Json:
    return item["id"]


def _control_name(control: JsonObject) -> str:
    config = control["config"]
    return str(config.get("title") or config.get("field_name") or control["id"])


def _renamed(name: str, before: str, after: str) -> Iterator[str]:
    if before != after:
        yield f"{name} has another id: {said(before)} → {said(after)}"


def _panel_lines(before: list[Panel], after: list[Panel], vocabulary: Vocabulary) -> Iterator[str]:
    """Say what happens to the panels; one that has a new id is known by its title."""
    old_names, new_names = _panel_names(before, vocabulary), _panel_names(after, vocabulary)
    found = pairs([panel for panel, _ in before], [panel for panel, _ in after], (panel_index, _own_title))
    for old, new in found.same:
        yield from _one_panel(f"panel {old_names[old]}", before[old], after[new], vocabulary)
    yield from (f"panel {new_names[new]} added" for new in found.came)
    yield from (f"panel {old_names[old]} removed" for old in found.gone)
    if found.reordered:
        yield "panels in another order"


def _one_panel(name: str, before: Panel, after: Panel, vocabulary: Vocabulary) -> Iterator[str]:
    (old, old_references), (new, new_references) = before, after
    yield from _renamed(name, panel_index(old), panel_index(new))
    if moved := _moved(old.get("gridData"), new.get("gridData")):
        yield f"{name} {moved}"
        new = {**new, "gridData": {**new["gridData"], **{key: old["gridData"][key] for key in _GRID}}}
    # Most panels of a dashboard are what they were, to the letter.
    if not (same(old, new) and same(old_references, new_references)):
        one, other = (
            _side(with_panels(_NOTHING, panel), _panel, vocabulary) for panel in (before, Panel(new, new_references))
        )
        renamed = panel_index(old) != panel_index(new)
        yield from (f"{name}: {line}" for line in _compared(one, other, renamed=renamed))


_GRID = ("x", "y", "w", "h")


def _moved(before: Json, after: Json) -> str:
    """Say how a panel was moved or resized; nothing when its place cannot be told."""
    if before == after or not all(
        isinstance(grid, dict) and all(key in grid for key in _GRID) for grid in (before, after)
    ):
        return ""
    words = []
    for what, between, keys in (("moved", ",", _GRID[:2]), ("resized", "×", _GRID[2:])):
        old, new = (between.join(said(grid[key]) for key in keys) for grid in (before, after))
        if old != new:
            words.append(f"{what} {old} → {new}")
    return ", ".join(words)


def _panel_names(panels: list[Panel], vocabulary: Vocabulary) -> list[str]:
    """Name panels by their titles; two of one title by their ids as well."""
    titles = [_own_title(panel) or _library_title(panel, references, vocabulary) for panel, references in panels]
    counts = Counter(titles)
    return [
        said(index) if not title else f'"{title}"' if counts[title] == 1 else f'"{title}" ({index})'
        for title, index in zip(titles, (panel_index(panel) for panel, _ in panels), strict=True)
    ]


def _own_title(panel: JsonObject) -> str:
    """Give the title that is in the panel itself."""
    config = panel.get("embeddableConfig")
    inside = [config.get("attributes"), config.get("savedVis"), config] if isinstance(config, dict) else []
    holders = [panel, *(holder for holder in inside if isinstance(holder, dict))]
    return next((str(holder["title"]) for holder in holders if holder.get("title")), "")


def _library_title(panel: JsonObject, references: Sequence[JsonObject], vocabulary: Vocabulary) -> str:
    """Give the title of the library object that the panel shows."""
    name = str(panel.get("panelRefName"))
    shown = [ref for ref in references if ref["name"] == name or ref["name"].endswith(f":{name}")]
    return next((vocabulary.titles.get((ref["type"], ref["id"]), "") for ref in shown), "")
