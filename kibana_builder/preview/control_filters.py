"""What controls do: what is selected in them as filters, the part of time they choose, and what each of them offers.

Facts: Kibana 8.12's controls plugin. Selections narrow the panels as filters do; a time slider narrows the times; a
control offers what those before it leave (`chaining`), and looks at as much of the dashboard as it is not told to
ignore.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from kibana_builder.json_tree import Json, JsonObject
from kibana_builder.preview.answer_columns import shown_kind
from kibana_builder.preview.asking import Source
from kibana_builder.preview.formats import is_number
from kibana_builder.preview.time_slider import START, STOP, time_slider

if TYPE_CHECKING:
    from kibana_builder.preview.dashboard_view import View

__all__ = [
    "OPTIONS",
    "RANGE",
    "SELECTIONS",
    "TIME",
    "control_filters",
    "offered_by",
    "options_chart",
    "selected",
    "sliced",
]

OPTIONS, RANGE, TIME = "options_list_control", "range_slider_control", "time_slider_control"
SELECTIONS = (
    *("selected_options", "exists_selected", "exclude", "sort", "value"),
    *(START, STOP, "is_anchored"),
)
"""What of a control a person chooses; the rest of it is the dashboard's."""
MOST_OPTIONS = 1000
"""So many values are offered at once; a search finds the others."""


def selected(control: JsonObject, chosen: JsonObject | None) -> JsonObject:
    """Give a control with what a person chose in it, which takes the place of all that the dashboard has selected."""
    config = control.get("config", {})
    if chosen is None:
        return {**control, "config": config}
    own = {name: value for name, value in config.items() if name not in SELECTIONS}
    return {**control, "config": own | {name: chosen[name] for name in SELECTIONS if name in chosen}}


def control_filters(controls: Sequence[JsonObject]) -> Iterator[JsonObject]:
    """Turn what is selected in controls into as-code filters."""
    for control in controls:
        config = control["config"]
        condition = _condition(control["type"], config)
        if condition is None:
            continue
        negated = {"negate": True} if control["type"] == OPTIONS and config.get("exclude", False) else {}
        yield {"type": "condition", "data_view_id": config.get("data_view_id", ""), "condition": condition, **negated}


def _condition(kind: str, config: JsonObject) -> JsonObject | None:
    field: Json = config.get("field_name", "")
    if kind == OPTIONS:
        if config.get("exists_selected"):
            return {"field": field, "operator": "exists"}
        values = config.get("selected_options") or []
        return {"field": field, "operator": "is_one_of", "value": values} if values else None
    if kind == RANGE:
        low, high = config.get("value") or ("", "")
        bounds = {name: _number(end) for name, end in (("gte", low), ("lte", high)) if end != ""}
        return {"field": field, "operator": "range", "value": bounds} if bounds else None
    return None


def _number(text: str) -> Json:
    try:
        return float(text)
    except ValueError:
        return text


def sliced(controls: Sequence[JsonObject], whole: tuple[int, int]) -> tuple[int, int]:
    """Narrow times (epoch milliseconds) to what a time slider selects of them."""
    for control in controls:
        if control["type"] == TIME:
            start, end = time_slider(control["config"], whole).selected or whole
            return start, max(start + 1, end)
    return whole


def offered_by(view: View, control: JsonObject, sources: Mapping[str, Source]) -> tuple[View, Mapping[str, Source]]:
    """Give what narrows the values that a control offers: the dashboard, and its data views, as it looks at them."""
    ignored = set(view.control_settings.get("ignore", ()))
    if not control["config"].get("use_global_filters", True):
        ignored |= {"filters", "query", "time_range"}
    place = view.controls.index(control)
    before = view.controls[:place] if view.control_settings.get("chaining", True) else ()
    times = tuple(one for one in view.controls if one["type"] == TIME)
    if "time_range" in ignored:
        # Without a time field nothing is asked of the time.
        sources = {name: replace(source, time_field=None) for name, source in sources.items()}
    seen = replace(
        view,
        query=None if "query" in ignored else view.query,
        filters=() if "filters" in ignored else view.filters,
        controls=(*times, *(one for one in before if one["type"] != TIME)),
    )
    return seen, sources


def options_chart(control: JsonObject, search: str = "", field_type: str = "keyword") -> JsonObject:
    """Make the chart that counts the values of an options list, or finds the ends of a range slider.

    `search` is what a person typed to find some of the values, `field_type` says what those are.
    """
    config = control["config"]
    chart: JsonObject = {
        "type": "data_table",
        "data_source": {"type": "data_view_reference", "ref_id": config["data_view_id"]},
    }
    field = config["field_name"]
    if control["type"] == RANGE:
        return {**chart, "metrics": [{"operation": "min", "field": field}, {"operation": "max", "field": field}]}
    sort = config.get("sort") or {"by": "_count", "direction": "desc"}
    kind = "alphabetical" if sort["by"] == "_key" else "metric"
    rows = [
        {
            "operation": "terms",
            "fields": [field],
            "limit": MOST_OPTIONS,
            "rank_by": {"type": kind, "direction": sort["direction"]},
        }
    ]
    filters = [{"type": "dsl", "dsl": _searched(field, search, config, field_type)}] if search else []
    return {**chart, "rows": rows, "metrics": [{"operation": "count"}], "filters": filters}


def _searched(field: str, search: str, config: JsonObject, field_type: str) -> JsonObject:
    """Make the query that finds values by what a person typed, by upper and lower case alike.

    What is no text is searched for as a whole, as in Kibana; what cannot be a value of the field finds nothing.
    """
    kind = shown_kind(field_type)
    if (kind == "number" and not is_number(search)) or (kind == "boolean" and search not in ("true", "false")):
        return {"match_none": {}}
    technique = config.get("search_technique", "wildcard") if kind == "string" else "exact"
    if technique == "exact":
        return {"term": {field: {"value": search}}}
    if technique == "prefix":
        return {"prefix": {field: {"value": search, "case_insensitive": True}}}
    literal = "".join(f"\\{letter}" if letter in "*?\\" else letter for letter in search)
    return {"wildcard": {field: {"value": f"*{literal}*", "case_insensitive": True}}}
