"""The closed list of shorthands, each with its official form.

Each table below says what a property of one kind of object becomes, in both directions: `expand` is here, the way back
in contract.py. What is in no table stays as it is written. A document that is in the official form already comes out
the same. Names become ids where the project knows them; others stay as written, which is for the checks to say.

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
from typing import Literal, NamedTuple

from kibana_builder.json_tree import Json, JsonObject
from kibana_builder.spec.layout import arrange
from kibana_builder.spec.panel_ids import NameOf, slug, unique_ids

__all__ = [
    "CHART",
    "CONTROL",
    "OPERATION_KEYS",
    "REFERENCE",
    "SETTINGS",
    "Kind",
    "Names",
    "contracted",
    "expand",
    "is_index_pattern",
    "is_section",
]

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
        document = _expanded(CHART, value, names)
    else:
        document = _expanded(SETTINGS, value, names)
        if "pinned_panels" in value:
            document["pinned_panels"] = _pinned_panels(value["pinned_panels"], names)
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


class _Short(NamedTuple):
    """What becomes of a property: from the short form to the official one, and back where the short one says it all."""

    expand: _Change
    contract: _Change


_Table = Mapping[str, _Short]


def _expanded(table: _Table, value: JsonObject, names: Names) -> JsonObject:
    """Bring the properties of a value that are in the table into their official form."""
    return {key: table[key].expand(item, names) if key in table else item for key, item in value.items()}


def contracted(table: _Table, value: JsonObject, names: Names) -> JsonObject:
    """Bring the properties of a value that are in the table into their short form."""
    return {key: table[key].contract(item, names) if key in table else item for key, item in value.items()}


def _each(short: _Short) -> _Short:
    return _Short(
        lambda items, names: [short.expand(item, names) for item in items],
        lambda items, names: [short.contract(item, names) for item in items],
    )


def _inside(table: _Table) -> _Short:
    return _Short(
        lambda value, names: _expanded(table, value, names),
        lambda value, names: contracted(table, value, names),
    )


def _id_of(word: str, ids: Mapping[str, str]) -> str:
    return ids.get(word, word)


_DATA_VIEW_ID = _Short(
    lambda word, names: _id_of(word, names.data_views), lambda ident, names: _id_of(ident, names.data_view_names)
)
_DASHBOARD_ID = _Short(
    lambda word, names: _id_of(word, names.dashboards), lambda ident, names: _id_of(ident, names.dashboard_names)
)
_VISUALIZATION_ID = _Short(
    lambda word, names: _id_of(word, names.visualizations),
    lambda ident, names: _id_of(ident, names.visualization_names),
)


def _expand_data_source(source: Json, names: Names) -> Json:
    if isinstance(source, str):
        if source not in names.data_views and is_index_pattern(source):
            return {"type": "data_view_spec", "index_pattern": source, "time_field": "@timestamp"}
        return {"type": "data_view_reference", "ref_id": _id_of(source, names.data_views)}
    if source.get("type") == "data_view_reference":
        return {**source, "ref_id": _id_of(source["ref_id"], names.data_views)}
    return source


def _contract_data_source(source: Json, names: Names) -> Json:
    if source.get("type") == "data_view_reference":
        name = names.data_view_names.get(source.get("ref_id"))
        return name if name is not None and source.keys() == {"type", "ref_id"} else source
    pattern = source.get("index_pattern")
    if source == {"type": "data_view_spec", "index_pattern": pattern, "time_field": "@timestamp"} and (
        is_index_pattern(pattern) and pattern not in names.data_views
    ):
        return pattern
    return source


def _expand_query(query: Json, _: Names) -> Json:
    """Expand the query of a chart, an operation or a filter. KQL is the API's default there, so it is left out."""
    if isinstance(query, str):
        return {"expression": query}
    if query.get("language") == "kql":
        return {key: item for key, item in query.items() if key != "language"}
    return query


def _contract_query(query: Json, _: Names) -> Json:
    return query["expression"] if query.keys() == {"expression"} else query


def _expand_dashboard_query(query: Json, _: Names) -> Json:
    if isinstance(query, str):
        return {"expression": query, "language": "kql"}
    return query if "language" in query else {**query, "language": "kql"}


def _contract_dashboard_query(query: Json, _: Names) -> Json:
    if query.get("language") == "kql" and query.keys() == {"expression", "language"}:
        return query["expression"]
    return query


def _expand_time_range(said: Json, _: Names) -> Json:
    return {"from": said, "to": "now"} if isinstance(said, str) else said


def _contract_time_range(said: Json, _: Names) -> Json:
    return said["from"] if said.keys() == {"from", "to"} and said["to"] == "now" else said


def _expand_refresh_interval(said: Json, _: Names) -> Json:
    if isinstance(said, dict):
        return said
    found = re.fullmatch(r"([0-9]{1,15})(ms|s|m|h|d)", str(said))
    milliseconds = int(found[1]) * _UNITS[found[2]] if found else 0  # `off`, `0`, or longer than anything waits
    return {"pause": milliseconds == 0, "value": milliseconds}


def _contract_refresh_interval(said: Json, _: Names) -> Json:
    """Say a length of time in its largest whole unit. What is paused keeps its length for the reader to start."""
    value = said.get("value")
    if said.get("pause") is not False or type(value) is not int or value <= 0:
        return said
    units = (unit for unit in ("d", "h", "m", "s") if value % _UNITS[unit] == 0)
    return next((f"{value // _UNITS[unit]}{unit}" for unit in units), said)


def _expand_number(said: Json, names: Names) -> Json:
    if isinstance(said, dict):
        return _expand_operation(said, names)
    return {"operation": "static_value", "value": said}


def _contract_number(said: Json, names: Names) -> Json:
    if said.get("operation") == "static_value" and said.keys() == {"operation", "value"}:
        return said["value"]
    return _contract_operation(said, names)


def _expand_operation(said: Json, names: Names) -> Json:
    """Expand an operation, or a list of them."""
    if isinstance(said, list):
        return [_expanded(_OPERATION, item, names) for item in said]
    return _expanded(_OPERATION, said, names)


def _contract_operation(said: Json, names: Names) -> Json:
    """Contract an operation, or a list of them."""
    if isinstance(said, list):
        return [contracted(_OPERATION, item, names) for item in said]
    return contracted(_OPERATION, said, names)


_DATA_SOURCE = _Short(_expand_data_source, _contract_data_source)
_QUERY = _Short(_expand_query, _contract_query)
_TIME_RANGE = _Short(_expand_time_range, _contract_time_range)
_NUMBER = _Short(_expand_number, _contract_number)
_AS_OPERATION = _Short(_expand_operation, _contract_operation)


# ------------------------------------------------------------------------------------------- kinds of objects

_FILTERS = _each(_inside({"data_view_id": _DATA_VIEW_ID}))
_DRILLDOWNS = _each(_inside({"dashboard_id": _DASHBOARD_ID}))

_OPERATION: _Table = {
    "filter": _QUERY,
    "filters": _each(_inside({"filter": _QUERY})),
    "of": _AS_OPERATION,
    "min": _NUMBER,
    "max": _NUMBER,
    "goal": _NUMBER,
    "background_chart": _inside({"max_value": _NUMBER}),
}

OPERATION_KEYS = frozenset(
    {"metric", "metrics", "x", "y", "breakdown_by", "group_by", "group_breakdown_by", "rows", "split_metrics_by"}
    | {"tag_by", "region", "thresholds"}
)
"""The keys of charts and layers under which an operation stands, or a list of them."""

_OPERATIONS: _Table = dict.fromkeys(OPERATION_KEYS, _AS_OPERATION)

_LAYER: _Table = {
    **_OPERATIONS,
    "data_source": _DATA_SOURCE,
    "events": _each(_inside({"query": _QUERY})),
}

_PANEL: _Table = {"time_range": _TIME_RANGE, "drilldowns": _DRILLDOWNS}

CHART: _Table = {
    **_OPERATIONS,
    **_PANEL,
    "data_source": _DATA_SOURCE,
    "query": _QUERY,
    "filters": _FILTERS,
    "layers": _each(_inside(_LAYER)),
}
"""What becomes of a visualization, or the config of a panel by value."""

REFERENCE: _Table = {**_PANEL, "ref_id": _VISUALIZATION_ID}
"""What becomes of the config of a panel that shows a visualization of the library."""

CONTROL: _Table = {"data_view_id": _DATA_VIEW_ID}
"""What becomes of the config of a control, and of any other panel."""

SETTINGS: _Table = {
    "time_range": _TIME_RANGE,
    "refresh_interval": _Short(_expand_refresh_interval, _contract_refresh_interval),
    "query": _Short(_expand_dashboard_query, _contract_dashboard_query),
    "filters": _FILTERS,
}
"""What becomes of a dashboard's own properties."""


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
        own = _expanded(CHART, config, names)
        if panel.get("inline") and name in names.library:
            return {**_without(names.library[name], *_OF_A_FILE), **own}
        return {"ref_id": _id_of(name, names.visualizations), **own}
    if panel["type"] == "vis":
        return _expanded(REFERENCE, config, names) if "ref_id" in config else _expanded(CHART, config, names)
    return _expanded(CONTROL, config, names)


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
