"""A handful of events whose numbers can be computed by hand, in a store of DuckDB, and short ways to ask for them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from kibana_builder.json_tree import Json, JsonObject
from kibana_builder.preview.answer import Answer, PanelError, Table
from kibana_builder.preview.asking import Question, Source
from kibana_builder.preview.duckdb import DuckExecutor
from kibana_builder.preview.event_columns import Events as AnyEvents
from kibana_builder.sandbox.events import Events

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
NOON = 1_795_348_800_000  # 2026-11-22T12:00:00Z
INDEX = "logs-1"


def store(events: Iterable[JsonObject], types: dict[str, str] | None = None, index: str = INDEX) -> Events:
    """Give a store with these events; `t` (epoch milliseconds) is their time."""
    made = Events(mappings={f"{index.partition('-')[0]}-*": {"t": "date", **(types or {})}})
    made.append(index, [json.dumps(event).encode() for event in events])
    return made


def ask(
    events: AnyEvents,
    chart: JsonObject,
    time_range: tuple[int, int] = (NOON, NOON + 4 * HOUR),
    time_field: str | None = "t",
    **settings: Any,
) -> Answer | PanelError:
    """Ask for a chart over the pattern `logs-*`."""
    source = Source("logs-*", time_field, events.fields("logs-*"))
    asked = Question(chart, {"logs": source}, time_range, **settings)
    return DuckExecutor(events, now_ms=lambda: time_range[1]).answer([asked])[0]


def rows(answer: Answer | PanelError, layer: int = 0) -> list[tuple[Json, ...]]:
    """Give the rows of a layer; fails with the words of an error."""
    assert isinstance(answer, Answer), answer
    table = answer.layers[layer]
    assert isinstance(table, Table), table
    return list(table.rows)


def why_not(answer: Answer | PanelError) -> str:
    """Give the words of a panel, or of its first layer, that cannot be answered."""
    found = answer.layers[0] if isinstance(answer, Answer) else answer
    assert isinstance(found, PanelError), found
    return found.message


def source() -> JsonObject:
    return {"type": "data_view_reference", "ref_id": "logs"}


def xy(y: Sequence[JsonObject], x: JsonObject | None = None, **more: Json) -> JsonObject:
    layer = {"type": "line", "data_source": source(), "y": list(y), **more}
    if x is not None:
        layer["x"] = x
    return {"type": "xy", "layers": [layer]}


def table(metrics: Sequence[JsonObject], by: Sequence[JsonObject] = (), **more: Json) -> JsonObject:
    return {"type": "data_table", "data_source": source(), "rows": list(by), "metrics": list(metrics), **more}


def tile(metric: JsonObject, **more: Json) -> JsonObject:
    return {"type": "metric", "data_source": source(), "metrics": [{"type": "primary", **metric}], **more}


def hourly(**more: Json) -> JsonObject:
    return {"operation": "date_histogram", "field": "t", "suggested_interval": "1h", **more}


def top(field: str, limit: int = 10, **more: Json) -> JsonObject:
    by_count: JsonObject = {"type": "metric", "metric_index": 0, "direction": "desc"}
    return {"operation": "terms", "fields": [field], "limit": limit, "rank_by": by_count, **more}
