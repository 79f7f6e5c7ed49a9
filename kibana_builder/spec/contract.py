"""As-code documents -> the shortest form that a person would write: shorthands.py, the other way round.

Which properties have a short form stands in the tables there; what is in none stays as it is. A shorthand is taken only
where it says all of the official form, so `expand` of the result is the document again.

=========================================================== ===============================================
`{type: data_view_reference, ref_id: …}`                    `data_source: ml-metrics`, when the project names it
`{type: data_view_spec, …, time_field: "@timestamp"}`       `data_source: "logs-*"`
`data_view_id`, `dashboard_id`                              the name of that id
`{operation: static_value, value: 0}`                       `min: 0`, `max`, `goal`, `max_value`
`{expression: "error: true"}`                               `query: "error: true"`
`{from: now-24h, to: now}`                                  `time_range: now-24h`
`{pause: false, value: 30000}`                              `refresh_interval: 30s`
`{type: vis, config: {ref_id: …}}`                          `visualization: NAME`, when the project has it
`id` of a panel, section or control                         left out where the same id would be made
=========================================================== ===============================================

The grid is always written: Kibana's own places are rarely those that would be chosen.
"""

from __future__ import annotations

from collections.abc import Iterator

from kibana_builder.json_tree import Json, JsonObject
from kibana_builder.spec.shorthands import CHART, CONTROL, REFERENCE, SETTINGS, Kind, Names, contracted, expand

__all__ = ["contract"]


def contract(kind: Kind, document: JsonObject, names: Names) -> JsonObject:
    """Turn an as-code document, as `expand` gives it, into the spec value of a file.

    The document is not touched; the value shares with it what stays in the official form. What a name stands for is
    never written as an id, even where the id is another name: `expand` would take it for that one.
    """
    if kind == "saved_object":
        return document
    if kind == "visualization":
        return contracted(CHART, document, names)
    value = contracted(SETTINGS, document, names)
    if "pinned_panels" in document:
        value["pinned_panels"] = _pinned_panels(document["pinned_panels"], names)
    value["panels"] = [_panel_or_section(item, names) for item in document["panels"]]
    _leave_out_ids(value, document, names)
    return value


# ------------------------------------------------------------------------------------------- panels


def _pinned_panels(controls: Json, names: Names) -> list[JsonObject]:
    return [{**control, "config": contracted(CONTROL, control["config"], names)} for control in controls]


def _panel_or_section(item: JsonObject, names: Names) -> JsonObject:
    if "panels" in item:
        return {**item, "panels": [_panel(panel, names) for panel in item["panels"]]}
    return _panel(item, names)


def _panel(panel: JsonObject, names: Names) -> JsonObject:
    config = panel.get("config")
    if panel.get("type") != "vis" or not isinstance(config, dict):
        return dict(panel)
    if "ref_id" not in config:
        return {**panel, "config": contracted(CHART, config, names)}
    name = names.visualization_names.get(config["ref_id"])
    if name is None:
        return {**panel, "config": contracted(REFERENCE, config, names)}
    settings = {key: item for key, item in config.items() if key != "ref_id"}
    result = {"visualization": name} | {key: item for key, item in panel.items() if key not in ("type", "config")}
    return result | {"config": contracted(CHART, settings, names)} if settings else result


# ------------------------------------------------------------------------------------------- ids


def _leave_out_ids(value: JsonObject, document: JsonObject, names: Names) -> None:
    """Take the ids out that `expand` makes anyway, which it is asked for: a written id may change another's number."""
    places = list(zip(_with_ids(value), _with_ids(document), strict=True))
    for item, _ in places:
        item.pop("id", None)
    while True:
        made = [item["id"] for item in _with_ids(expand("dashboard", value, names))]
        others = [
            (item, said["id"])
            for (item, said), now in zip(places, made, strict=True)
            if "id" not in item and "id" in said and now != said["id"]
        ]
        if not others:
            break
        # An id that no name makes has to be written; the rest may come right once it is.
        foreign = [pair for pair in others if pair[1] not in made]
        for item, ident in foreign or others:
            item["id"] = ident
    _put_ids_first(value)


def _with_ids(dashboard: JsonObject) -> Iterator[JsonObject]:
    """Go through all that has an id, in the order of the file."""
    yield from dashboard.get("pinned_panels", ())
    for item in dashboard["panels"]:
        yield item
        yield from item.get("panels", ())


def _put_ids_first(value: JsonObject) -> None:
    """Put each id behind what the item is, where a reader looks for it."""
    for item in _with_ids(value):
        if "id" in item:
            rest = [key for key in item if key not in ("type", "visualization", "title", "id")]
            head = [key for key in ("type", "visualization", "title", "id") if key in item]
            ordered = {key: item[key] for key in (*head, *rest)}
            item.clear()
            item.update(ordered)
