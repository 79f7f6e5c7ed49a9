"""Annotation layers of an xy chart: points and ranges of time, and events that a query finds.

Shapes are those of Kibana's event annotations (common/types of kbn-event-annotation) and of the gold object
`lens.shape-xy-annotations`. Such a layer has no columns; it refers to its data view under a name of its own.
"""

from __future__ import annotations

from datetime import UTC, datetime

from kibana_builder.charts.filters import from_kibana_query, to_kibana_query
from kibana_builder.charts.layer import LensState, free_id, slug
from kibana_builder.charts.mapping import Constant, Row, UnsayableError, from_lens, to_lens
from kibana_builder.json_tree import Json, JsonObject

REFERENCE = "xy-visualization-layer-"

ICONS = {
    "editor_comment": "editorComment",
    "map_marker": "mapMarker",
    "pin_filled": "pinFilled",
    "star_empty": "starEmpty",
    "star_filled": "starFilled",
}
COMMON = (
    Row(("label",), ("label",), unsaid="Event"),
    Row(("visible",), ("isHidden",), words={True: False, False: True}),
)
MARK = (
    Row(("icon",), ("icon",), words=ICONS),
    Row(("line", "stroke_width"), ("lineWidth",)),
    Row(("line", "stroke_dash"), ("lineStyle",)),
    Row(("text", "visible"), ("textVisibility",)),
)
# What a kind of event says beside its times and its query.
ROWS = {
    "point": (*COMMON, *MARK, Constant(("type",), "manual"), Constant(("key", "type"), "point_in_time")),
    "range": (
        *COMMON,
        Constant(("type",), "manual"),
        Constant(("key", "type"), "range"),
        Row(("fill",), ("outside",), words={"inside": False, "outside": True}),
    ),
    "query": (
        *COMMON,
        *MARK,
        Constant(("type",), "query"),
        Constant(("key", "type"), "point_in_time"),
        Row(("time_field",), ("timeField",)),
        Row(("text", "field"), ("textField",)),
        Row(("extra_fields",), ("extraFields",)),
    ),
}


def annotations_to_lens(layer_id: str, code: JsonObject) -> JsonObject:
    """Make the state of an annotation layer; its events have ids made of their labels."""
    events: list[JsonObject] = []
    taken: set[str] = set()
    for event in code["events"]:
        name = f"{layer_id}_{slug(event.get('label', '')) or event['type']}"
        event_id = free_id(name, taken)
        taken.add(event_id)
        events.append(_event(event_id, event))
    return {
        "layerId": layer_id,
        "layerType": "annotations",
        "annotations": events,
        "ignoreGlobalFilters": code.get("ignore_global_filters", False),
        "persistanceType": "byValue",
    }


def _event(event_id: str, code: JsonObject) -> JsonObject:
    event = to_lens(ROWS[code["type"]], code, {"id": event_id})
    if code["type"] == "point":
        event["key"]["timestamp"] = _moment(code["timestamp"])
    elif code["type"] == "range":
        event["key"] |= {
            "timestamp": _moment(code["interval"]["from"]),
            "endTimestamp": _moment(code["interval"]["to"]),
        }
    else:
        event["filter"] = {"type": "kibana_query", **to_kibana_query(code["query"])}
    if code.get("color", {}).get("type") == "static":
        event["color"] = code["color"]["color"]
    return event


def _moment(said: Json) -> str:
    """Write a moment as Kibana keeps it: milliseconds since 1970 become a text."""
    if isinstance(said, str):
        return said
    moment = datetime.fromtimestamp(said / 1000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03}Z"


def annotations_from_lens(lens: LensState, state: JsonObject) -> JsonObject:
    """Turn an annotation layer back; one that belongs to the library has no words here."""
    events = state.get("annotations")
    if not events:
        raise UnsayableError("annotations of the library")
    layer: JsonObject = {"type": "annotations", "data_source": lens.data_source(f"{REFERENCE}{state.get('layerId')}")}
    if state.get("ignoreGlobalFilters"):
        layer["ignore_global_filters"] = True
    return layer | {"events": [_event_from_lens(event) for event in events]}


def _event_from_lens(event: JsonObject) -> JsonObject:
    key = event["key"]
    kind = "query" if event.get("type") == "query" else "range" if key.get("type") == "range" else "point"
    code = from_lens(ROWS[kind], event, {"type": kind})
    if kind == "point":
        code["timestamp"] = key["timestamp"]
    elif kind == "range":
        code["interval"] = {"from": key["timestamp"], "to": key["endTimestamp"]}
    else:
        code["query"] = from_kibana_query({name: event["filter"][name] for name in ("query", "language")})
    if "line" in code:
        # The vocabulary says both or neither.
        code["line"] = {"stroke_width": 1, "stroke_dash": "solid", **code["line"]}
    if "field" in code.get("text", {}):
        code["text"].setdefault("visible", False)
    if event.get("color"):
        code["color"] = {"type": "static", "color": event["color"]}
    return code
