"""The normal form of a dashboard: what is said in two shapes, and names that are only names.

A panel's title stands beside its `embeddableConfig`, from Kibana 9 on inside, or with what the panel shows by value;
that is the order in which 8.12 goes by them, and so it does with descriptions. The name by which a panel finds its
library object is any word (before 7.13 without the panel's name before it, in which case Kibana looks for that; then
the reference says the panel's type as well), and so is the id by which a drilldown finds its dashboard: here both are
made from their place. A name that leads nowhere stays and shows.

What a panel says of titles, colours, pointer and tooltips counts where the dashboard's options say otherwise.

Kibana 4 to 6 kept the query among the filters, and what a reader had changed in panels (`uiStateJSON`) beside them.
Here they stand where Kibana's own migration to 7.3 puts them. Moments that a browser wrote in its own way are written
as Kibana writes them since 6.0, and a refresh interval of nothing is paused (setRefreshInterval of Kibana's
timefilter).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from kibana_builder.json_tree import Json, JsonObject, compact_sorted, get, same
from kibana_builder.saved.filter_form import ids_by_name, with_data_views, without_names

__all__ = ["in_one_shape", "level_dashboard", "with_one_title", "with_type"]


def level_dashboard(attributes: JsonObject, references: Json) -> tuple[JsonObject, Json]:
    """Return attributes, their inner JSON opened, and references of a dashboard (any JSON) in the one shape."""
    attributes = in_one_shape(attributes)
    filters = ("kibanaSavedObjectMeta", "searchSourceJSON", "filter")
    attributes, used = with_data_views(attributes, filters, ids_by_name(references))
    references = without_names(references, used)
    attributes, references = _with_control_references(attributes, references)
    panels = attributes.get("panelsJSON")
    if isinstance(panels, list):
        options = attributes.get("optionsJSON")
        panels = [_without_options(panel, options if isinstance(options, dict) else {}) for panel in panels]
        panels, references = _level_panels(panels, references)
        attributes = {**attributes, "panelsJSON": panels}
    return attributes, references


_OPTIONS = {"hidePanelTitles": False, "syncColors": False, "syncCursor": True, "syncTooltips": False}
"""What a panel takes from its dashboard unless it says otherwise, and Kibana's defaults."""


def _without_options(panel: Json, options: JsonObject) -> Json:
    """Leave out where a panel says what it would take from its dashboard anyway."""
    config = get(panel, "embeddableConfig")
    if not isinstance(config, dict) or not any(name in config for name in _OPTIONS):
        return panel
    left = {
        name: value
        for name, value in config.items()
        if name not in _OPTIONS or not same(value, options.get(name, _OPTIONS[name]))
    }
    return {**panel, "embeddableConfig": left}


def in_one_shape(attributes: JsonObject) -> JsonObject:
    """Bring what Kibana before 7.3 wrote into the places where it stands since; nothing handed in is touched."""
    search_source = get(attributes, "kibanaSavedObjectMeta", "searchSourceJSON")
    if isinstance(search_source, dict):
        changed = _with_query(search_source)
        if changed is not search_source:
            meta = {**attributes["kibanaSavedObjectMeta"], "searchSourceJSON": changed}
            attributes = {**attributes, "kibanaSavedObjectMeta": meta}
    attributes = {**attributes, **dict(_times(attributes))}
    if isinstance(attributes.get("panelsJSON"), list):
        attributes = {**attributes, "panelsJSON": _without_doubles(attributes["panelsJSON"])}
        if isinstance(attributes.get("uiStateJSON"), dict):
            attributes = _with_ui_state(attributes)
    return attributes


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_BROWSERS_MOMENT = re.compile(
    rf"\w{{3}} ({'|'.join(_MONTHS)}) (\d\d) (\d{{4}}) (\d\d):(\d\d):(\d\d) GMT([+-]\d\d)(\d\d)(?: \([^()]*\))?"
)


def _times(attributes: JsonObject) -> Iterator[tuple[str, Json]]:
    """Give those of the times that are written otherwise today, as they are written today."""
    for name in ("timeFrom", "timeTo"):
        found = _BROWSERS_MOMENT.fullmatch(attributes[name]) if isinstance(attributes.get(name), str) else None
        if found is not None:
            month = _MONTHS.index(found[1]) + 1
            with suppress(ValueError):  # the 31st of February
                moment = f"{found[3]}-{month:02}-{found[2]}T{found[4]}:{found[5]}:{found[6]}{found[7]}:{found[8]}"
                in_utc = datetime.fromisoformat(moment).astimezone(UTC)
                yield name, f"{in_utc:%Y-%m-%dT%H:%M:%S}.000Z"
    refresh = attributes.get("refreshInterval")
    if isinstance(refresh, dict) and refresh.get("pause") is False and same(refresh.get("value"), 0):
        yield "refreshInterval", {**refresh, "pause": True}


def _without_doubles(panels: list[Json]) -> list[Json]:
    """Leave out a panel that stands there twice, word for word: Kibana knows panels by their names."""
    by_index: dict[str, list[Json]] = {}
    left = []
    for panel in panels:
        index = _index(panel)
        doubles = by_index.setdefault(index, []) if index is not None else []
        if not any(same(panel, other) for other in doubles):
            doubles.append(panel)
            left.append(panel)
    return left


def _with_query(search_source: JsonObject) -> JsonObject:
    """Move a query that stands among the filters, or is an object for Elasticsearch, to where queries are texts."""
    filters = search_source.get("filter")
    if isinstance(filters, list) and any(map(_is_query, filters)):
        query = next(entry["query"] for entry in reversed(filters) if _is_query(entry))
        rest = {"filter": [entry for entry in filters if not _is_query(entry)]}
        search_source = {**search_source, "query": query, **rest}
        if not rest["filter"]:
            del search_source["filter"]
    for path in (("query",), ("query", "query")):
        text = get(search_source, *path, "query_string", "query")
        if isinstance(text, str):
            return {**search_source, "query": {"query": text, "language": "lucene"}}
    return search_source


def _is_query(entry: Json) -> bool:
    return isinstance(get(entry, "query", "query_string", "query"), str) and not entry.get("meta")


def _with_ui_state(attributes: JsonObject) -> JsonObject:
    panels, left = [], dict(attributes["uiStateJSON"])
    indices = Counter(_index(panel) for panel in attributes["panelsJSON"])
    for panel in attributes["panelsJSON"]:
        key = f"P-{_index(panel)}"
        if indices[_index(panel)] == 1 and key in left and not panel.get("embeddableConfig"):
            panel = {**panel, "embeddableConfig": left.pop(key)}  # noqa: PLW2901
        panels.append(panel)
    rest = {"uiStateJSON": left} if left else {}
    return {**{key: attributes[key] for key in attributes if key != "uiStateJSON"}, "panelsJSON": panels, **rest}


def _with_control_references(attributes: JsonObject, references: Json) -> tuple[JsonObject, Json]:
    """Say the data views of controls by references alone; a control that has none goes by the id inside it."""
    controls = get(attributes, "controlGroupInput", "panelsJSON")
    if not isinstance(controls, dict) or not isinstance(references, list | None):
        return attributes, references
    names, levelled, added = set(_names(references)), {}, []
    for key, control in controls.items():
        said = get(control, "explicitInput")
        if isinstance(said, dict):
            name = f"controlGroup_{key}:{_CONTROL_REFERENCES.get(str(control.get('type')))}"
            left = {word: value for word, value in said.items() if (word, value) != ("id", key)}
            if isinstance(said.get("dataViewId"), str) and control.get("type") in _CONTROL_REFERENCES:
                added += [] if name in names else [{"type": "index-pattern", "id": left["dataViewId"], "name": name}]
                del left["dataViewId"]
            control = {**control, "explicitInput": left}  # noqa: PLW2901
        levelled[key] = control
    group = {**attributes["controlGroupInput"], "panelsJSON": levelled}
    return {**attributes, "controlGroupInput": group}, [*(references or ()), *added]


_CONTROL_REFERENCES = {"optionsListControl": "optionsListDataView", "rangeSliderControl": "rangeSliderDataView"}


def _level_panels(panels: list[Json], references: Json) -> tuple[list[Json], Json]:
    references = _without_repeated(references)
    names = Counter(_names(references))
    indices = Counter(_index(panel) for panel in panels)
    library = Counter(panel["panelRefName"] for panel in panels if isinstance(get(panel, "panelRefName"), str))
    ids, kinds = _by_name(references, names, "id"), _by_name(references, names, "type")
    renamed: dict[str, str] = {}
    levelled, left = [], set()
    for entry in panels:
        panel, index = entry, _index(entry)
        if index is not None and indices[index] == 1:
            panel = with_type(panel, index, kinds)
            panel, unused = _without_copies(panel, index, ids)
            left |= unused
            panel = _with_library_name(panel, index, names, library, renamed)
            panel = _with_event_ids(panel, index, names, renamed)
        levelled.append(with_one_title(panel) if isinstance(panel, dict) else panel)
    references = without_names(references, left)
    if renamed and isinstance(references, list):
        references = [_renamed(reference, renamed) for reference in references]
    return levelled, references


def with_type(panel: JsonObject, index: str, kinds: Mapping[str, str]) -> JsonObject:
    """Give a panel of Kibana before 7.13 its type, which was said by the reference alone: `kinds` are those by name."""
    name = panel.get("panelRefName")
    if "type" in panel or not isinstance(name, str):
        return panel
    found = next((kinds[one] for one in (f"{index}:{name}", name) if one in kinds), None)
    return panel if found is None else {**panel, "type": found}


def _without_copies(panel: JsonObject, index: str, ids: Mapping[str, str]) -> tuple[JsonObject, set[str]]:
    """Leave out what a panel of a library object keeps of that object; give the names of references that go with it.

    Kibana takes the object's id from the reference, and shows the object rather than a chart that stands in the panel.
    """
    name, config = panel.get("panelRefName"), panel.get("embeddableConfig")
    found = next((ids[one] for one in (f"{index}:{name}", name) if one in ids), None) if isinstance(name, str) else None
    if found is None or not isinstance(config, dict):
        return panel, set()
    copies = {"savedObjectId"} if config.get("savedObjectId") == found else set()
    unused: set[str] = set()
    if panel.get("type") == "lens":
        copies.add("attributes")
        unused = {one for one in ids if one.startswith(f"{index}:indexpattern-datasource-")}
    return {**panel, "embeddableConfig": {key: value for key, value in config.items() if key not in copies}}, unused


def _without_repeated(references: Json) -> Json:
    """Leave out references that stand there twice, word for word."""
    if not isinstance(references, list):
        return references
    return list({compact_sorted(reference): reference for reference in references}.values())


def _by_name(references: Json, names: Counter[str], part: str) -> dict[str, str]:
    """Give the ids, or types, that references lead to, by those of their names that only one has."""
    found = references if isinstance(references, list) else []
    pairs = ((get(reference, "name"), get(reference, part)) for reference in found)
    return {name: said for name, said in pairs if isinstance(name, str) and isinstance(said, str) and names[name] == 1}


def _names(references: Json) -> list[str]:
    found = [get(reference, "name") for reference in references] if isinstance(references, list) else []
    return [name for name in found if isinstance(name, str)]


def _index(panel: Json) -> str | None:
    index = get(panel, "panelIndex")
    return str(index) if isinstance(index, str | int) and not isinstance(index, bool) else None


def _renamed(reference: Json, renamed: Mapping[str, str]) -> Json:
    name = get(reference, "name")
    return {**reference, "name": renamed[name]} if isinstance(name, str) and name in renamed else reference


def with_one_title(panel: JsonObject) -> JsonObject:
    """Return an entry of `panelsJSON` whose title stands beside its `embeddableConfig`, and the description in it."""
    config = panel.get("embeddableConfig")
    if not isinstance(config, dict):
        return panel
    inner = next((key for key in ("attributes", "savedVis") if isinstance(config.get(key), dict)), None)
    shown: JsonObject = config[inner] if inner else {}
    title = next((owner["title"] for owner in (config, panel) if "title" in owner), shown.get("title") or None)
    description = config.get("description", shown.get("description") or None)
    config = {key: value for key, value in config.items() if key not in ("title", "description")}
    if description is not None:
        config["description"] = description
    if inner:
        config[inner] = {key: value for key, value in shown.items() if key not in ("title", "description")}
    panel = {**panel, "embeddableConfig": config}
    return panel if title is None else {**panel, "title": title}


def _with_library_name(
    panel: JsonObject, index: str, names: Counter[str], library: Counter[str], renamed: dict[str, str]
) -> JsonObject:
    name = panel.get("panelRefName")
    if not isinstance(name, str):
        return panel
    own, levelled = f"{index}:{name}", f"{index}:panel_{index}"
    found = own if own in names else name
    unique = names[found] == 1 and (found == own or library[name] == 1)
    if not unique or (found != levelled and levelled in names):
        return panel
    renamed[found] = levelled
    return {**panel, "panelRefName": f"panel_{index}"}


def _with_event_ids(panel: JsonObject, index: str, names: Counter[str], renamed: dict[str, str]) -> JsonObject:
    actions = get(panel, "embeddableConfig", "enhancements", "dynamicActions")
    events = get(actions, "events")
    if not isinstance(events, list):
        return panel
    ids = Counter(event_id for event in events if isinstance(event_id := get(event, "eventId"), str))
    levelled = []
    for number, event in enumerate(events):
        event_id = get(event, "eventId")
        if isinstance(event_id, str) and ids[event_id] == 1:
            name = f"{index}:drilldown:{get(event, 'action', 'factoryId')}:{event_id}:dashboardId"
            if names[name] == 1:
                renamed[name] = name.replace(f":{event_id}:dashboardId", f":<event {number}>:dashboardId")
            event = {**event, "eventId": f"<event {number}>"}  # noqa: PLW2901
        levelled.append(event)
    config: dict[str, Any] = panel["embeddableConfig"]
    enhancements = {**config["enhancements"], "dynamicActions": {**actions, "events": levelled}}
    return {**panel, "embeddableConfig": {**config, "enhancements": enhancements}}
