"""Annotation layers of an xy chart: moments and ranges that are written down, and events that a query finds.

Facts: the request of Kibana 8.12.2 (recorded) and its fetch_event_annotations: a query's events are asked for by the
chart's own intervals, and each interval that has any gives one mark, at its first event. What is hidden is not asked
for; what is written down is left out where it lies outside of the time range.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kibana_builder.date_math import NoMoment, epoch_ms
from kibana_builder.json_tree import Json, JsonObject
from kibana_builder.preview.answer import Column, Table
from kibana_builder.preview.asking import Question, Source
from kibana_builder.preview.formats import value_text
from kibana_builder.preview.intervals import Interval
from kibana_builder.preview.query import DateHistogram, Metric, Query, Rows, Unanswerable

__all__ = ["Annotations", "annotations_table", "planned_annotations"]

COLUMNS = (
    Column("event", "Event", "number"),
    Column("time", "Time", "date"),
    Column("until", "Until", "date"),
    Column("count", "Count", "number"),
    Column("text", "Text", "string"),
)
"""The table of such a layer: which of its events (counted from 0), when, until when if it is a range, how many fell
into the interval, and the words at the mark."""


@dataclass(frozen=True)
class Annotations:
    """An annotation layer that can be answered: its events, and the queries of those that have to be looked for."""

    events: tuple[JsonObject, ...]
    by_event: Mapping[int, Query]
    time_range: tuple[int, int]

    @property
    def queries(self) -> tuple[Query, ...]:
        """What has to be asked for the layer's table, in the order in which `annotations_table` takes the answers."""
        return tuple(self.by_event.values())


def planned_annotations(
    layer: JsonObject, question: Question, source: Source, where: Mapping[int, Sequence[JsonObject]], interval: Interval
) -> Annotations:
    """Plan a layer; `where` has the conditions on the documents of each event that a query finds, by its number."""
    events = tuple(layer["events"])
    queries = {
        number: _query(events[number], question, source, conditions, interval) for number, conditions in where.items()
    }
    return Annotations(events, queries, question.time_range)


def _query(
    event: JsonObject, question: Question, source: Source, where: Sequence[JsonObject], interval: Interval
) -> Query:
    time_field = event["time_field"]
    if source.fields and time_field not in source.fields:
        raise Unanswerable(f"there is no field '{time_field}' in {source.pattern}")
    metrics = [Metric("min", time_field), Metric("count")]
    if "field" in event.get("text", {}):
        metrics.append(Metric("last_value", event["text"]["field"], sort_field=time_field))
    return Query(
        pattern=source.pattern,
        fields=source.fields,
        time_range=question.time_range,
        time_fields=(time_field,),
        where=tuple(where),
        buckets=(DateHistogram(time_field, interval, keep_empty=False),),
        metrics=tuple(metrics),
        zone=question.zone,
    )


def annotations_table(layer: Annotations, found: Sequence[Rows]) -> Table:
    """Make the table of a layer of what came for its queries. Raises Unanswerable for a moment that is none."""
    came = dict(zip(layer.by_event, found, strict=True))
    rows: list[tuple[Json, ...]] = []
    for number, event in enumerate(layer.events):
        if not event.get("visible", True):
            continue
        if event["type"] == "query":
            rows += _found(number, event, came[number])
        else:
            rows += _written(number, event, layer.time_range)
    rows.sort(key=lambda row: (row[1], row[0]))
    return Table(COLUMNS, tuple(rows))


def _found(number: int, event: JsonObject, rows: Rows) -> list[tuple[Json, ...]]:
    label = event.get("label", "Event")
    return [
        (number, values[0], None, values[1], value_text(values[2]) if len(values) > 2 else label)
        for values in rows.of_shift.get(None, {}).values()
        if values[1]
    ]


def _written(number: int, event: JsonObject, time_range: tuple[int, int]) -> list[tuple[Json, ...]]:
    label = event.get("label", "Event")
    if event["type"] == "point":
        begin = end = _moment(event["timestamp"])
    else:
        begin, end = (_moment(event["interval"][name]) for name in ("from", "to"))
    if begin > time_range[1] or end < time_range[0]:
        return []
    return [(number, begin, end if event["type"] == "range" else None, 1, label)]


def _moment(said: Json) -> int:
    if isinstance(said, int | float):
        return int(said)
    try:
        return epoch_ms(said, 0)
    except NoMoment as error:
        raise Unanswerable(f"an annotation: {error}") from None
