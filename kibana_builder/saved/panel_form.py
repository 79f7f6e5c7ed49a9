"""The normal form of a dashboard's panels: what is said in two shapes, and names that are only names.

A panel's title stands beside its `embeddableConfig` or, from Kibana 9 on, inside; the latter is what 8.12 shows when
both are there. The name by which a panel finds its library object is any word (before 7.13 without the panel's name
before it, in which case Kibana looks for that), and so is the id by which a drilldown finds its dashboard: here both
are made from their place. A name that leads nowhere stays and shows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from kibana_builder.json_tree import Json, JsonObject

__all__ = ["level_panels"]


def level_panels(panels: list[Json], references: Json) -> tuple[list[Json], Json]:
    """Return the panels and the references of a dashboard (any JSON where no list is) in the one shape."""
    names = Counter(_names(references))
    indices = Counter(_index(panel) for panel in panels)
    library = Counter(panel["panelRefName"] for panel in panels if isinstance(_get(panel, "panelRefName"), str))
    renamed: dict[str, str] = {}
    levelled = []
    for entry in panels:
        panel, index = entry, _index(entry)
        if isinstance(panel, dict):
            panel = _with_one_title(panel)
            if index is not None and indices[index] == 1:
                panel = _with_library_name(panel, index, names, library, renamed)
                panel = _with_event_ids(panel, index, names, renamed)
        levelled.append(panel)
    if renamed and isinstance(references, list):
        references = [_renamed(reference, renamed) for reference in references]
    return levelled, references


def _get(value: Json, *path: str) -> Json:
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _names(references: Json) -> list[str]:
    found = [_get(reference, "name") for reference in references] if isinstance(references, list) else []
    return [name for name in found if isinstance(name, str)]


def _index(panel: Json) -> str | None:
    index = _get(panel, "panelIndex")
    return str(index) if isinstance(index, str | int) and not isinstance(index, bool) else None


def _renamed(reference: Json, renamed: Mapping[str, str]) -> Json:
    name = _get(reference, "name")
    return {**reference, "name": renamed[name]} if isinstance(name, str) and name in renamed else reference


def _with_one_title(panel: JsonObject) -> JsonObject:
    config = panel.get("embeddableConfig")
    if not isinstance(config, dict) or "title" not in config:
        return panel
    inside = {key: value for key, value in config.items() if key != "title"}
    return {**panel, "title": config["title"], "embeddableConfig": inside}


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
    actions = _get(panel, "embeddableConfig", "enhancements", "dynamicActions")
    events = _get(actions, "events")
    if not isinstance(events, list):
        return panel
    ids = Counter(event_id for event in events if isinstance(event_id := _get(event, "eventId"), str))
    levelled = []
    for number, event in enumerate(events):
        event_id = _get(event, "eventId")
        if isinstance(event_id, str) and ids[event_id] == 1:
            name = f"{index}:drilldown:{_get(event, 'action', 'factoryId')}:{event_id}:dashboardId"
            if names[name] == 1:
                renamed[name] = name.replace(f":{event_id}:dashboardId", f":<event {number}>:dashboardId")
            event = {**event, "eventId": f"<event {number}>"}  # noqa: PLW2901
        levelled.append(event)
    config: dict[str, Any] = panel["embeddableConfig"]
    enhancements = {**config["enhancements"], "dynamicActions": {**actions, "events": levelled}}
    return {**panel, "embeddableConfig": {**config, "enhancements": enhancements}}
