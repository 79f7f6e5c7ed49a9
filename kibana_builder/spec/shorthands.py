"""The closed list of shorthands, each with its official form.

Each table below says what a property of one kind of object becomes; what is in no table stays as it is written. A
document that is in the official form already comes out the same. Names become ids where the project knows them;
others stay as written, which is for the checks to say.

================================== ==========================================================================
`data_source: ml-metrics`          `{type: data_view_reference, ref_id: …}`
`data_source: "logs-*"`            `{type: data_view_spec, index_pattern: "logs-*", time_field: "@timestamp"}`
`data_view_id`, `dashboard_id`     the id of that name
`min: 0`, `max`, `goal`            `{operation: static_value, value: 0}`; also `max_value` of a background bar
`query: "error: true"`             `{expression: "error: true"}`, also each `filter`; at a dashboard `language: kql`
                                   is added: there the Dashboards API has no default for it
`time_range: now-24h`              `{from: now-24h, to: now}`
`refresh_interval: 30s`            `{pause: false, value: 30000}`; `off` and `0` pause it
`visualization: NAME`              `{type: vis, config: {ref_id: …}}`, with `inline: true` a copy of the visualization
no `grid`, no `id`                 layout.py, panel_ids.py
================================== ==========================================================================
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from kibana_builder.json_tree import Json, JsonObject
from kibana_builder.spec.layout import arrange
from kibana_builder.spec.panel_ids import NameOf, slug, unique_ids

__all__ = ["OPERATION_KEYS", "Kind", "Names", "expand", "is_index_pattern", "is_section"]

Kind = Literal["dashboard", "visualization", "saved_object"]

# What a visualization says of itself and no panel can.
_OF_A_FILE = ("id", "tags", "lock")
_RAW = ("raw", "raw_absent", "raw_references")
_UNITS = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}


@dataclass(frozen=True)
class Names:
    """What the names in a project stand for: ids of data views, visualizations and dashboards by name.

    `library` holds the as-code documents of the visualizations, for the panels that want a copy.
    """

    data_views: Mapping[str, str] = field(default_factory=dict)
    visualizations: Mapping[str, str] = field(default_factory=dict)
    dashboards: Mapping[str, str] = field(default_factory=dict)
    library: Mapping[str, JsonObject] = field(default_factory=dict)

    @cached_property
    def data_view_names(self) -> Mapping[str, str]:
        """The names of data views by their ids."""
        return _reversed(self.data_views)

    @cached_property
    def visualization_names(self) -> Mapping[str, str]:
        """The names of visualizations by their ids."""
        return _reversed(self.visualizations)

    @cached_property
    def dashboard_names(self) -> Mapping[str, str]:
        """The names of dashboards by their ids."""
        return _reversed(self.dashboards)


def _reversed(ids: Mapping[str, str]) -> dict[str, str]:
    """Give the name of each id; of several names the first."""
    result: dict[str, str] = {}
    for name, ident in ids.items():
        result.setdefault(ident, name)
    return result


def expand(kind: Kind, value: JsonObject, names: Names) -> JsonObject:
    """Turn a spec value that the schema check accepts into its as-code document. The value is not touched.

    The document shares with the value what was in the official form already. A file's own `id` is no part of it.
    """
    if kind == "saved_object":
        return value
    if kind == "visualization":
        document = _chart(value, names)
    else:
        document = _changed(_DASHBOARD, value, names)
        document["panels"] = _panels(value["panels"], names)
    document.pop("id", None)
    return document


def is_index_pattern(word: str) -> bool:
    """Tell an index pattern from a name: it has a `*` or a `,` in it."""
    return "*" in word or "," in word


def is_section(item: JsonObject) -> bool:
    """Tell a section from a panel, which names its type or its visualization, or is raw."""
    return item.keys().isdisjoint(("type", "visualization", "saved_object"))


# ------------------------------------------------------------------------------------------- single properties

_Change = Callable[[Json, Names], Json]


def _changed(table: Mapping[str, _Change], value: JsonObject, names: Names) -> JsonObject:
    return {key: table[key](item, names) if key in table else item for key, item in value.items()}


def _each(change: _Change) -> _Change:
    return lambda items, names: [change(item, names) for item in items]


def _inside(table: Mapping[str, _Change]) -> _Change:
    return lambda value, names: _changed(table, value, names)


def _id_of(word: str, ids: Mapping[str, str]) -> str:
    return ids.get(word, word)


def _data_view_id(word: Json, names: Names) -> Json:
    return _id_of(word, names.data_views)


def _data_source(source: Json, names: Names) -> Json:
    if isinstance(source, str):
        if source not in names.data_views and is_index_pattern(source):
            return {"type": "data_view_spec", "index_pattern": source, "time_field": "@timestamp"}
        return {"type": "data_view_reference", "ref_id": _id_of(source, names.data_views)}
    if source.get("type") == "data_view_reference":
        return {**source, "ref_id": _id_of(source["ref_id"], names.data_views)}
    return source


def _query(query: Json, _: Names) -> Json:
    """Expand the query of a chart, an operation or a filter. KQL is the API's default there, so it is left out."""
    if isinstance(query, str):
        return {"expression": query}
    if query.get("language") == "kql":
        return {key: item for key, item in query.items() if key != "language"}
    return query


def _dashboard_query(query: Json, _: Names) -> Json:
    if isinstance(query, str):
        return {"expression": query, "language": "kql"}
    return query if "language" in query else {**query, "language": "kql"}


def _time_range(said: Json, _: Names) -> Json:
    return {"from": said, "to": "now"} if isinstance(said, str) else said


def _refresh_interval(said: Json, _: Names) -> Json:
    if isinstance(said, dict):
        return said
    found = re.fullmatch(r"([0-9]{1,15})(ms|s|m|h|d)", str(said))
    milliseconds = int(found[1]) * _UNITS[found[2]] if found else 0  # `off`, `0`, or longer than anything waits
    return {"pause": milliseconds == 0, "value": milliseconds}


def _number(said: Json, names: Names) -> Json:
    if isinstance(said, dict):
        return _operation(said, names)
    return {"operation": "static_value", "value": said}


def _operation(said: Json, names: Names) -> Json:
    """Expand an operation, or a list of them."""
    if isinstance(said, list):
        return [_changed(_OPERATION, item, names) for item in said]
    return _changed(_OPERATION, said, names)


def _dashboard_id(word: Json, names: Names) -> Json:
    return _id_of(word, names.dashboards)


# ------------------------------------------------------------------------------------------- kinds of objects

_FILTERS = _each(_inside({"data_view_id": _data_view_id}))
_DRILLDOWNS = _each(_inside({"dashboard_id": _dashboard_id}))

_OPERATION: dict[str, _Change] = {
    "filter": _query,
    "filters": _each(_inside({"filter": _query})),
    "of": _operation,
    "min": _number,
    "max": _number,
    "goal": _number,
    "background_chart": _inside({"max_value": _number}),
}

OPERATION_KEYS = frozenset(
    {"metric", "metrics", "x", "y", "breakdown_by", "group_by", "group_breakdown_by", "rows", "split_metrics_by"}
    | {"tag_by", "region", "thresholds"}
)
"""The keys of charts and layers under which an operation stands, or a list of them."""

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

_REFERENCE: dict[str, _Change] = {**_PANEL, "ref_id": lambda word, names: _id_of(word, names.visualizations)}

_CONTROL: dict[str, _Change] = {"data_view_id": _data_view_id}


def _chart(chart: JsonObject, names: Names) -> JsonObject:
    return _changed(_CHART, chart, names)


# ------------------------------------------------------------------------------------------- panels


def _pinned_panels(controls: list[JsonObject], names: Names) -> list[JsonObject]:
    ids = unique_ids([_name_of(control) for control in controls])
    return [
        {"id": own_id, **_without(control, "id"), "config": _config(control, names)}
        for own_id, control in zip(ids, controls, strict=True)
    ]


def _panels(items: list[JsonObject], names: Names) -> list[JsonObject]:
    """Expand the panels and sections of a dashboard. All panels share one set of ids, the sections have another."""
    sections = [item for item in items if is_section(item)]
    ids = iter(unique_ids([_name_of(panel) for panel in _panels_of(items)]))
    section_ids = iter(
        unique_ids([NameOf(section.get("id"), slug(section["title"]), "section") for section in sections])
    )
    places = arrange(
        [item.get("grid") for item in items],
        frozenset(index for index, item in enumerate(items) if is_section(item)),
    )
    result = []
    for item, place in zip(items, places, strict=True):
        if not is_section(item):
            result.append(_panel(item, next(ids), place._asdict(), names))
            continue
        inner = item.get("panels", [])
        grids = arrange([panel.get("grid") for panel in inner])
        panels = [_panel(panel, next(ids), grid._asdict(), names) for panel, grid in zip(inner, grids, strict=True)]
        result.append({**item, "id": next(section_ids), "grid": {"y": place.y}, "panels": panels})
    return result


def _panels_of(items: Iterable[JsonObject]) -> Iterator[JsonObject]:
    for item in items:
        if is_section(item):
            yield from item.get("panels", ())
        else:
            yield item


def _panel(panel: JsonObject, own_id: str, grid: JsonObject, names: Names) -> JsonObject:
    raw = {key: panel[key] for key in _RAW if key in panel}
    if "saved_object" in panel:
        return {"id": own_id, "grid": grid, "saved_object": panel["saved_object"], **raw}
    kind = "vis" if "visualization" in panel else panel["type"]
    return {"id": own_id, "type": kind, "grid": grid, "config": _config(panel, names), **raw}


def _config(panel: JsonObject, names: Names) -> JsonObject:
    config = panel.get("config", {})
    if "visualization" in panel:
        name = panel["visualization"]
        own = _changed(_CHART, config, names)
        if panel.get("inline") and name in names.library:
            return {**_without(names.library[name], *_OF_A_FILE), **own}
        return {"ref_id": _id_of(name, names.visualizations), **own}
    if panel["type"] == "vis":
        return _changed(_REFERENCE, config, names) if "ref_id" in config else _chart(config, names)
    return _changed(_CONTROL, config, names)


def _name_of(panel: JsonObject) -> NameOf:
    config = panel.get("config", {})
    given = panel.get("id")
    if "saved_object" in panel:
        return _name_of_raw(given, panel["saved_object"])
    if "visualization" in panel:
        return NameOf(given, panel["visualization"], "vis")
    name = config.get("ref_id") or slug(config.get("title", "")) or slug(config.get("field_name", ""))
    return NameOf(given, name, config.get("type") or panel["type"])


def _name_of_raw(given: str | None, saved: JsonObject) -> NameOf:
    title, kind = saved.get("title"), saved.get("type")
    return NameOf(given, slug(title) if isinstance(title, str) else "", kind if isinstance(kind, str) else "panel")


def _without(value: JsonObject, *keys: str) -> JsonObject:
    return {key: item for key, item in value.items() if key not in keys}


_DASHBOARD: dict[str, _Change] = {
    "time_range": _time_range,
    "refresh_interval": _refresh_interval,
    "query": _dashboard_query,
    "filters": _FILTERS,
    "pinned_panels": _pinned_panels,
}
