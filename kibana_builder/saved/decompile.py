"""Saved objects -> documents that say them without loss: as far as there are words, the rest raw.

What comes out is proved here: compiled again it is the same in the normal form. Where the words do not cover a chart,
a panel or a dashboard, the few leaves that they lack are laid over (`raw`); where that is too much or does not fit, the
panel stays raw as a whole, and where even that does not help the object. So nothing raises, whatever a file holds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import chain
from typing import Literal, NamedTuple

from kibana_builder.charts.mapping import UnsayableError
from kibana_builder.errors import KbuildError
from kibana_builder.json_tree import Json, JsonObject, Path, same
from kibana_builder.saved.dashboard import from_dashboard, to_dashboard, with_json_opened
from kibana_builder.saved.dashboard_form import with_type
from kibana_builder.saved.data_view import from_data_view, to_data_view
from kibana_builder.saved.exact import (
    Inexact,
    Remainder,
    accepted,
    attempt,
    exact_chart,
    exact_panel,
    extra_references,
    raw_parts,
    said_panel,
)
from kibana_builder.saved.ids import Key, rename_ids, tag_id
from kibana_builder.saved.normal_form import normal_form, same_object
from kibana_builder.saved.raw import closed, opened_panel, remainder
from kibana_builder.saved.raw_object import from_raw_object, to_raw_object
from kibana_builder.saved.references import as_references
from kibana_builder.saved.versions import saved_object
from kibana_builder.saved.visualization import from_visualization, to_visualization
from kibana_builder.spec.check import check

__all__ = ["Decompiled", "RawPart", "come_back", "compile_again", "decompile"]

Kind = Literal["dashboard", "visualization", "data_view", "tag", "saved_object"]


@dataclass(frozen=True, slots=True)
class RawPart:
    """A part of an object that stays raw: where, for people and in the document, why, and how much of it.

    `leaves` counts a small remainder; None stands for a panel or an object as a whole. `places` are the leaves that the
    words do not cover, ids and indices as `*`, as far as that is the reason.
    """

    where: str
    why: str
    leaves: int | None = None
    path: Path = ()
    places: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Decompiled:
    """A saved object as a document of one of the kinds, its id and title beside it.

    The document is in the official form with raw parts; for a data view it is what kbuild.yaml says, for a tag its
    attributes. `raw` is empty when the words say it all; the `path` of a raw part leads to it in the document.
    """

    kind: Kind
    id: str
    type: str
    title: str
    document: JsonObject
    raw: list[RawPart] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Known:
    """What the other objects of an export say: names of tags by their ids, time fields of data views."""

    tag_names: Mapping[str, str]
    time_fields: Mapping[str, str]

    def with_tag_ids(self, made: JsonObject) -> JsonObject:
        """Give tags the ids that they have, instead of those that kbuild gives them."""
        if all(entry["type"] != "tag" for entry in made["references"]):
            return made
        renamed: dict[Key, str] = {("tag", tag_id(name)): tag for tag, name in self.tag_names.items()}
        return rename_ids([made], renamed)[0]


def decompile(objects: Sequence[Json]) -> list[Decompiled]:
    """Turn saved objects into documents, one for each, in their order.

    Tags among them give their names to the documents, data views the time fields that a trend line takes anyway. What
    is no saved object at all comes out as a raw object that says so.
    """
    items = [_in_strings(item) for item in objects]
    views = {index: _guarded(_data_view, item) for index, item in enumerate(items) if _type(item) == "index-pattern"}
    known = _known(items, views.values())
    return [
        views[index] if index in views else _guarded(lambda item: _decompiled(item, known), item)
        for index, item in enumerate(items)
    ]


def compile_again(made: Decompiled, time_fields: Mapping[str, str] | None = None) -> JsonObject:
    """Compile what was decompiled. Tags have the ids that kbuild gives them, not those that they came with."""
    match made.kind:
        case "dashboard":
            return to_dashboard(made.id, made.document, time_fields)
        case "visualization":
            return to_visualization(made.id, made.document, time_fields)
        case "data_view":
            return to_data_view(made.id, made.document)
        case "tag":
            return saved_object("tag", made.id, made.document)
    return to_raw_object(made.document)


def come_back(objects: Sequence[Json], made: Sequence[Decompiled]) -> list[bool]:
    """Tell of each object whether what was decompiled of it compiles to the same again, in the normal form.

    A value that stands as itself where Kibana keeps JSON in a string counts as that string (raw.closed).
    """
    items = [_in_strings(item) for item in objects]
    known = _known(items, made)
    return [_comes_back(item, result, known) for item, result in zip(items, made, strict=True)]


def _comes_back(item: Json, made: Decompiled, known: _Known) -> bool:
    if not isinstance(item, dict):
        return bool(made.document == {"saved_object": item})
    again = compile_again(made, known.time_fields)
    if made.kind != "saved_object":
        again = known.with_tag_ids(again)
    try:
        return same_object(item, again)
    except (KbuildError, RecursionError):
        return _is_same_however_deep(item["attributes"], again["attributes"])


def _is_same_however_deep(left: Json, right: Json) -> bool:
    """Compare what is too deep for the normal form: it has to be handed on as it is."""
    waiting = [(left, right)]
    while waiting:
        one, other = waiting.pop()
        if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
            waiting += [(one[key], other[key]) for key in one]
        elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
            waiting += zip(one, other, strict=True)
        elif isinstance(one, dict | list) or isinstance(other, dict | list) or not same(one, other):
            return False
    return True


def _in_strings(item: Json) -> Json:
    try:
        return closed(item) if isinstance(item, dict) else item
    except RecursionError:
        return item


def _type(item: Json) -> str:
    kind = item.get("type") if isinstance(item, dict) else None
    return kind if isinstance(kind, str) else ""


def _is_sound(item: JsonObject) -> bool:
    return bool(_type(item)) and isinstance(item.get("id"), str) and isinstance(item.get("attributes"), dict)


def _known(items: Sequence[Json], views: Iterable[Decompiled]) -> _Known:
    tags = [(item["id"], item["attributes"].get("name")) for item in items if _type(item) == "tag" and _is_sound(item)]
    counts = Counter(name for _, name in tags if isinstance(name, str))
    # Of two tags with one name a document could not say which is meant.
    names = {tag: name for tag, name in tags if isinstance(name, str) and name and counts[name] == 1}
    fields = {view.id: view.document["time_field"] for view in views if "time_field" in view.document}
    return _Known(names, fields)


# ------------------------------------------------------------------------------------------- single objects


def _guarded(make: Callable[[JsonObject], Decompiled], item: Json) -> Decompiled:
    """Make the document of an object; the object is raw as a whole where that fails in whatever way."""
    if not isinstance(item, dict) or not _is_sound(item):
        return _raw_object(item, "no saved object: it lacks type, id or attributes")
    try:
        return make(item)
    except Inexact as error:
        return _raw_object(item, str(error), error.places)
    except UnsayableError as error:
        return _raw_object(item, str(error))
    except (KbuildError, RecursionError):
        return _raw_object(item, "nested too deeply")


def _decompiled(item: JsonObject, known: _Known) -> Decompiled:
    match _type(item):
        case "dashboard":
            return _dashboard(item, known)
        case "lens":
            return _visualization(item, known)
        case "tag":
            return _tag(item)
    raise Inexact(f"the vocabulary has no {_type(item)}")


def _raw_object(item: Json, why: str, places: Sequence[str] = ()) -> Decompiled:
    part = RawPart(_type(item), why, path=("saved_object",), places=tuple(places))
    try:
        document = from_raw_object(item) if isinstance(item, dict) else {"saved_object": item}
    except RecursionError:
        document = {"saved_object": item}
    object_id = item.get("id") if isinstance(item, dict) else None
    return Decompiled(
        "saved_object", object_id if isinstance(object_id, str) else "", _type(item), _title(item), document, [part]
    )


def _title(item: Json) -> str:
    attributes = item.get("attributes") if isinstance(item, dict) else None
    titles = [attributes.get(key) for key in ("title", "name")] if isinstance(attributes, dict) else []
    return next((title for title in titles if isinstance(title, str)), "")


def _data_view(item: JsonObject) -> Decompiled:
    said = from_data_view(item)
    if "index_pattern" not in said or not all(isinstance(value, str) and value for value in said.values()):
        raise Inexact("a data view without an index pattern")
    made = Decompiled("data_view", item["id"], "index-pattern", _title(item), said)
    return _proved(made, item, "a data view with more than kbuild.yaml says")


def _tag(item: JsonObject) -> Decompiled:
    made = Decompiled("tag", item["id"], "tag", _title(item), item["attributes"])
    return _proved(made, item, "a tag that refers to something")


def _proved(made: Decompiled, item: JsonObject, why: str) -> Decompiled:
    wanted, again = normal_form(item), normal_form(compile_again(made))
    if same(wanted, again):
        return made
    rest = Remainder()
    rest.add(*remainder(wanted, again))
    raise Inexact(why, rest.places)


def _visualization(item: JsonObject, known: _Known) -> Decompiled:
    said = attempt(lambda: from_visualization(item, known.tag_names))
    if not isinstance(said.get("title"), str):
        raise Inexact("a visualization without a title")
    chart, rest = exact_chart(
        accepted("visualization", said),
        item,
        lambda chart: known.with_tag_ids(to_visualization(item["id"], chart, known.time_fields)),
    )
    return Decompiled("visualization", item["id"], "lens", _title(item), chart, list(_parts("visualization", rest)))


def _parts(where: str, rest: Remainder, path: Path = ()) -> Iterator[RawPart]:
    if rest.leaves:
        why = f"no words for {', '.join(dict.fromkeys(rest.places))}"
        yield RawPart(where, why, rest.leaves, path, tuple(rest.places))


# ------------------------------------------------------------------------------------------- dashboards


class _Panel(NamedTuple):
    """A panel of a document, what of it is raw, and the dashboard's references that it accounts for."""

    panel: JsonObject
    parts: list[RawPart]
    references: Sequence[JsonObject]


class _Entry(NamedTuple):
    """An entry of `panelsJSON`: its place in the list, the id that it gets, and its own of the references."""

    number: int
    saved: Json
    id: str
    references: Sequence[JsonObject]
    is_named: bool
    """Whether it has a name (`panelIndex`), and no other panel has the same."""
    options: Json
    """Those of the dashboard, which panels take over."""


def _dashboard(item: JsonObject, known: _Known) -> Decompiled:
    saved, references = attempt(lambda: with_json_opened(item)), as_references(item.get("references"))
    panels = saved.get("panelsJSON")
    if not isinstance(panels, list):
        raise Inexact("a dashboard without panels")
    if references != (item.get("references") or []):
        raise Inexact("a dashboard with references that are none")
    wanted = normal_form(item)
    item = closed({**item, "attributes": saved})
    entries = list(_entries(panels, references, saved.get("optionsJSON", {})))
    for say in (_plain_panel, _said_panel, _raw_panel):
        try:
            said = [say(entry, known) for entry in entries]
            document, rest = _settings(item, references, said, known)
        except UnsayableError:
            if say is _plain_panel:
                continue
            raise
        document["panels"] = [panel.panel for panel in said]
        made = attempt(lambda: to_dashboard(item["id"], document, known.time_fields))  # noqa: B023 - called at once
        if same(normal_form(known.with_tag_ids(made)), wanted):
            parts = [*_parts("dashboard", rest), *(part for panel in said for part in panel.parts)]
            return Decompiled("dashboard", item["id"], "dashboard", _title(item), document, parts)
    raise Inexact("a dashboard that would not come back the same")


def _entries(panels: Sequence[Json], references: Sequence[JsonObject], options: Json) -> Iterator[_Entry]:
    """Give the panels with their ids and references; of several with one name only the first has it for its id."""
    names = [_word(entry, "panelIndex") for entry in panels]
    counts = Counter(names)
    library = Counter(_word(entry, "panelRefName") for entry in panels)
    taken = set(names)
    seen: set[str] = set()
    for number, (entry, name) in enumerate(zip(panels, names, strict=True)):
        if name and name not in seen:
            seen.add(name)
            own = [reference for reference in references if reference["name"].startswith(f"{name}:")]
            ref_name = _word(entry, "panelRefName")
            # Before Kibana 7.13 the panel's name did not stand before the name of the reference.
            if library[ref_name] == 1 and all(reference["name"] != f"{name}:{ref_name}" for reference in own):
                own += [reference for reference in references if reference["name"] == ref_name]
            yield _Entry(number, entry, name, own, counts[name] == 1, options)
        else:
            free = next(word for count in range(len(panels) + 1) if (word := f"panel-{number + count}") not in taken)
            taken.add(free)
            yield _Entry(number, entry, free, (), False, options)


def _word(entry: Json, key: str) -> str:
    value = entry.get(key) if isinstance(entry, dict) else None
    return value if isinstance(value, str) else ""


def _plain_panel(entry: _Entry, _: _Known) -> _Panel:
    """Say a panel without a proof of its own: where all have words, that of the dashboard is enough, and quicker."""
    if not entry.is_named:
        raise Inexact("a panel without a name of its own")
    return _Panel(said_panel(entry.saved, entry.references, entry.options), [], entry.references)


def _said_panel(entry: _Entry, known: _Known) -> _Panel:
    if not entry.is_named:
        return _raw_panel(entry, known, "a panel without a name of its own")
    try:
        panel, rest = exact_panel(entry.saved, entry.references, entry.options, known.time_fields)
    except Inexact as error:
        return _raw_panel(entry, known, str(error), error.places)
    except UnsayableError as error:
        return _raw_panel(entry, known, str(error))
    return _Panel(panel, list(_parts(_name(entry), rest, ("panels", entry.number))), entry.references)


def _raw_panel(
    entry: _Entry, _: _Known, why: str = "a dashboard that would not come back the same", places: Sequence[str] = ()
) -> _Panel:
    if not isinstance(entry.saved, dict):
        raise Inexact("a panel that is no object")
    # The whole is stamped as of 8.9, so that no migration adds the type any more.
    kinds = {reference["name"]: reference["type"] for reference in entry.references}
    saved: JsonObject = dict(with_type(entry.saved, entry.id, kinds))
    panel: JsonObject = {"id": entry.id}
    if saved.get("panelIndex") == entry.id:
        del saved["panelIndex"]
    absent = [key for key in ("panelIndex", "gridData") if key not in entry.saved]
    grid = saved.get("gridData")
    if isinstance(grid, dict) and set(grid) == {*_GRID, "i"} and grid["i"] == entry.id and _is_grid(grid):
        panel["grid"] = {key: grid[key] for key in _GRID}
        del saved["gridData"]
    saved = opened_panel(saved)
    own = [{**reference, "name": reference["name"].removeprefix(f"{entry.id}:")} for reference in entry.references]
    if "references" in saved:
        raise Inexact("a panel with references of its own")
    panel["saved_object"] = saved | ({"references": own} if own else {})
    if absent:
        panel["raw_absent"] = absent
    part = RawPart(_name(entry), why, path=("panels", entry.number), places=tuple(places))
    return _Panel(panel, [part], entry.references)


_GRID = ("x", "y", "w", "h")


def _is_grid(grid: JsonObject) -> bool:
    return not check("dashboard", {"title": "", "panels": [{"saved_object": {}, "grid": {k: grid[k] for k in _GRID}}]})


def _name(entry: _Entry) -> str:
    config = entry.saved.get("embeddableConfig") if isinstance(entry.saved, dict) else None
    title = _word(config, "title") or _word(entry.saved, "title")
    return f"panel '{title}'" if title else f"panel {entry.number + 1}"


_DOUBTFUL = (("time_range",), ("refresh_interval",), ("options",), ("filters",), ("controls", "pinned_panels"))


def _settings(
    item: JsonObject, references: Sequence[JsonObject], panels: Sequence[_Panel], known: _Known
) -> tuple[JsonObject, Remainder]:
    """Say a dashboard without its panels, exactly.

    Where what the words say does not fit (filters and controls without the references that they need, say), it is left
    out of the words and stays raw.
    """
    said = accepted("dashboard", attempt(lambda: from_dashboard(item, known.tag_names)))
    of_panels = [reference for panel in panels for reference in panel.references]
    theirs = _without_panels(item, [reference for reference in references if reference not in of_panels])
    for left_out in ((), *_DOUBTFUL, tuple(chain(*_DOUBTFUL))):
        document = {key: value for key, value in said.items() if key not in left_out}
        with suppress(Inexact):
            return _exact_settings(document, theirs, lambda said: known.with_tag_ids(to_dashboard(item["id"], said)))
    raise Inexact("a dashboard that would not come back the same")


def _exact_settings(
    document: JsonObject, theirs: JsonObject, compiled: Callable[[JsonObject], JsonObject]
) -> tuple[JsonObject, Remainder]:
    """Add to a dashboard without panels what its object says more. Raises Inexact where that does not fit."""
    made = attempt(lambda: compiled(document))
    ours = _without_panels(made, made["references"])
    extra = extra_references(theirs["references"], ours["references"])
    raw, raw_absent = remainder(theirs["attributes"], ours["attributes"])
    rest = Remainder()
    rest.add(raw, raw_absent, extra)
    exact = document | raw_parts(raw, raw_absent, extra)
    if rest.leaves:
        made = attempt(lambda: compiled(exact))
        if not same(_without_panels(made, made["references"]), theirs):
            raise Inexact("the parts without words do not fit", rest.places)
    return exact, rest


def _without_panels(item: JsonObject, references: Sequence[JsonObject]) -> JsonObject:
    """Give the normal form of a dashboard beside its panels."""
    attributes = {**item["attributes"], "panelsJSON": "[]"}
    form = normal_form({**item, "attributes": attributes, "references": list(references)})
    attributes = _unwrapped(form["attributes"])
    del attributes["panelsJSON"]
    return {**form, "attributes": attributes}


def _unwrapped(value: Json) -> Json:
    """Take what is no JSON string, though it ought to be, out of what the normal form puts around it."""
    if isinstance(value, dict):
        if value.keys() == {"no JSON string"}:
            return value["no JSON string"]
        return {key: _unwrapped(entry) for key, entry in value.items()}
    return value
