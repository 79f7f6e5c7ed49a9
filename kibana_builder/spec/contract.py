"""As-code documents -> the shortest form that a person would write: shorthands.py, the other way round.

Each table below says what a property of one kind of object becomes; what is in no table stays as it is. A shorthand
is taken only where it says all of the official form, so `expand` of the result is the document again.

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

from collections.abc import Callable, Iterator, Mapping

from kibana_builder.json_tree import Json, JsonObject
from kibana_builder.spec.shorthands import OPERATION_KEYS, Kind, Names, expand, is_index_pattern

__all__ = ["contract"]

_UNITS = (("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000))


def contract(kind: Kind, document: JsonObject, names: Names) -> JsonObject:
    """Turn an as-code document, as `expand` gives it, into the spec value of a file.

    The document is not touched; the value shares with it what stays in the official form. What a name stands for is
    never written as an id, even where the id is another name: `expand` would take it for that one.
    """
    if kind == "saved_object":
        return document
    if kind == "visualization":
        return _changed(_CHART, document, names)
    value = _changed(_DASHBOARD, document, names)
    value["panels"] = [_panel_or_section(item, names) for item in document["panels"]]
    _leave_out_ids(value, document, names)
    return value


# ------------------------------------------------------------------------------------------- single properties

_Change = Callable[[Json, Names], Json]


def _changed(table: Mapping[str, _Change], value: JsonObject, names: Names) -> JsonObject:
    return {key: table[key](item, names) if key in table else item for key, item in value.items()}


def _each(change: _Change) -> _Change:
    return lambda items, names: [change(item, names) for item in items]


def _inside(table: Mapping[str, _Change]) -> _Change:
    return lambda value, names: _changed(table, value, names)


def _data_view_name(ident: Json, names: Names) -> Json:
    return names.data_view_names.get(ident, ident)


def _dashboard_name(ident: Json, names: Names) -> Json:
    return names.dashboard_names.get(ident, ident)


def _visualization_name(ident: Json, names: Names) -> Json:
    return names.visualization_names.get(ident, ident)


def _data_source(source: Json, names: Names) -> Json:
    if source.get("type") == "data_view_reference":
        name = names.data_view_names.get(source.get("ref_id"))
        return name if name is not None and source.keys() == {"type", "ref_id"} else source
    pattern = source.get("index_pattern")
    if source == {"type": "data_view_spec", "index_pattern": pattern, "time_field": "@timestamp"} and (
        is_index_pattern(pattern) and pattern not in names.data_views
    ):
        return pattern
    return source


def _query(query: Json, _: Names) -> Json:
    return query["expression"] if query.keys() == {"expression"} else query


def _dashboard_query(query: Json, _: Names) -> Json:
    if query.get("language") == "kql" and query.keys() == {"expression", "language"}:
        return query["expression"]
    return query


def _time_range(said: Json, _: Names) -> Json:
    return said["from"] if said.keys() == {"from", "to"} and said["to"] == "now" else said


def _refresh_interval(said: Json, _: Names) -> Json:
    """Say a length of time in its largest whole unit. What is paused keeps its length for the reader to start."""
    value = said.get("value")
    if said.get("pause") is not False or type(value) is not int or value <= 0:
        return said
    return next((f"{value // size}{unit}" for unit, size in _UNITS if value % size == 0), said)


def _number(said: Json, names: Names) -> Json:
    if said.get("operation") == "static_value" and said.keys() == {"operation", "value"}:
        return said["value"]
    return _operation(said, names)


def _operation(said: Json, names: Names) -> Json:
    """Contract an operation, or a list of them."""
    if isinstance(said, list):
        return [_changed(_OPERATION, item, names) for item in said]
    return _changed(_OPERATION, said, names)


# ------------------------------------------------------------------------------------------- kinds of objects

_FILTERS = _each(_inside({"data_view_id": _data_view_name}))
_DRILLDOWNS = _each(_inside({"dashboard_id": _dashboard_name}))

_OPERATION: dict[str, _Change] = {
    "filter": _query,
    "filters": _each(_inside({"filter": _query})),
    "of": _operation,
    "min": _number,
    "max": _number,
    "goal": _number,
    "background_chart": _inside({"max_value": _number}),
}
_OPERATIONS: dict[str, _Change] = dict.fromkeys(OPERATION_KEYS, _operation)
_LAYER: dict[str, _Change] = {
    **_OPERATIONS,
    "data_source": _data_source,
    "events": _each(_inside({"query": _query})),
}
_PANEL: dict[str, _Change] = {"time_range": _time_range, "drilldowns": _DRILLDOWNS}
_CHART: dict[str, _Change] = {
    **_OPERATIONS,
    **_PANEL,
    "data_source": _data_source,
    "query": _query,
    "filters": _FILTERS,
    "layers": _each(_inside(_LAYER)),
}
_REFERENCE: dict[str, _Change] = {**_PANEL, "ref_id": _visualization_name}
_CONTROL: dict[str, _Change] = {"data_view_id": _data_view_name}


# ------------------------------------------------------------------------------------------- panels


def _pinned_panels(controls: Json, names: Names) -> list[JsonObject]:
    return [{**control, "config": _changed(_CONTROL, control["config"], names)} for control in controls]


def _panel_or_section(item: JsonObject, names: Names) -> JsonObject:
    if "panels" in item:
        return {**item, "panels": [_panel(panel, names) for panel in item["panels"]]}
    return _panel(item, names)


def _panel(panel: JsonObject, names: Names) -> JsonObject:
    config = panel.get("config")
    if panel.get("type") != "vis" or not isinstance(config, dict):
        return dict(panel)
    if "ref_id" not in config:
        return {**panel, "config": _changed(_CHART, config, names)}
    name = names.visualization_names.get(config["ref_id"])
    if name is None:
        return {**panel, "config": _changed(_REFERENCE, config, names)}
    settings = {key: item for key, item in config.items() if key != "ref_id"}
    result = {"visualization": name} | {key: item for key, item in panel.items() if key not in ("type", "config")}
    return result | {"config": _changed(_CHART, settings, names)} if settings else result


_DASHBOARD: dict[str, _Change] = {
    "time_range": _time_range,
    "refresh_interval": _refresh_interval,
    "query": _dashboard_query,
    "filters": _FILTERS,
    "pinned_panels": _pinned_panels,
}


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
