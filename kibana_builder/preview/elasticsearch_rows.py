"""Answers of Elasticsearch -> the rows of a query, and the conditions of what is left over in them.

The names in an answer are those of the request (elasticsearch_aggs.py).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from kibana_builder.date_math import milliseconds
from kibana_builder.json_tree import Json, JsonObject
from kibana_builder.kql import DATES
from kibana_builder.preview.elasticsearch_aggs import in_range, type_of
from kibana_builder.preview.intervals import after
from kibana_builder.preview.query import (
    MISSING_WORD,
    DateHistogram,
    Filters,
    Histogram,
    Key,
    Metric,
    Query,
    Ranges,
    Special,
    Terms,
)

__all__ = ["Parent", "other_filter", "parents", "ranked", "rows_in"]


@dataclass
class Parent:
    """A place in an answer in which terms of one level stand, with the condition that leads there."""

    node: JsonObject
    path: list[JsonObject]

    def terms(self, level: int) -> JsonObject:
        """Give the terms themselves."""
        found: JsonObject = self.node[f"b{level}"]
        return found


def parents(query: Query, root: JsonObject, level: int, width: float) -> Iterator[Parent]:
    """Go through the places in an answer in which the buckets of a level stand."""
    yield from _parents(query, Parent(root, []), 0, level, width)


def _parents(query: Query, parent: Parent, at: int, level: int, width: float) -> Iterator[Parent]:
    if "shifts" in parent.node:
        for number, node in parent.node["shifts"]["buckets"].items():
            inside = in_range(query, query.shifts[int(number)])
            yield from _parents(query, Parent(node, [*parent.path, *inside]), at, level, width)
        return
    if f"b{at}" not in parent.node:
        return
    if at == level:
        yield parent
        return
    for key, node in list(_buckets(parent.node[f"b{at}"])):
        made = _key(query, at, key, width)
        condition = _rest(query, at, parent) if made is Special.OTHER else _condition(query, at, made, width)
        yield from _parents(query, Parent(node, [*parent.path, condition]), at + 1, level, width)


def _shown(parent: Parent, level: int) -> list[Json]:
    """Give the values of terms that are shown at a place."""
    return [key for key, _ in _buckets(parent.terms(level)) if key != MISSING_WORD and not isinstance(key, Special)]


def other_filter(query: Query, level: int, parent: Parent) -> JsonObject:
    """Give the condition of the documents that belong to the "Other" of terms at a place."""
    return {"bool": {"filter": [*parent.path, _rest(query, level, parent)]}}


def _rest(query: Query, level: int, parent: Parent) -> JsonObject:
    """Ask for documents with none of the values that are shown; those without any count only if they are not shown."""
    bucket = query.buckets[level]
    fields = bucket.fields if isinstance(bucket, Terms) else ()
    keys = [key for key, _ in _buckets(parent.terms(level))]
    loose = isinstance(bucket, Terms) and bucket.loose and MISSING_WORD not in keys
    exist = [] if loose else [{"exists": {"field": name}} for name in fields]
    return {"bool": {"filter": exist, "must_not": [_has(query, fields, one) for one in _shown(parent, level)]}}


def _condition(query: Query, level: int, key: Json, width: float) -> JsonObject:
    """Give the condition that makes a bucket."""
    bucket = query.buckets[level]
    match bucket:
        case Terms(fields=fields):
            if key is Special.MISSING:
                return {"bool": {"must_not": [{"exists": {"field": name}} for name in fields]}}
            return _has(query, fields, list(key) if isinstance(key, tuple) else key)
        case DateHistogram(field=field):
            end = after(int(key), bucket.interval, query.zone)
            return {"range": {field: {"format": "epoch_millis", "gte": int(key), "lt": end}}}
        case Ranges(field=field, ranges=ranges):
            low, high, _ = ranges[int(key)]
            return {"range": {field: {name: end for name, end in (("gte", low), ("lt", high)) if end is not None}}}
        case Filters(filters=several):
            return several[int(key)][1]
    return {"range": {bucket.field: {"gte": key * width, "lt": (key + 1) * width}}}


def _has(query: Query, fields: Sequence[str], key: Json) -> JsonObject:
    values = key if len(fields) > 1 and isinstance(key, list) else [key]
    conditions: list[JsonObject] = []
    for name, value in zip(fields, values, strict=True):
        type_ = type_of(query, name)
        if type_ in DATES:
            conditions.append({"range": {name: {"format": "epoch_millis", "gte": value, "lte": value}}})
        else:
            conditions.append({"term": {name: {"value": bool(value) if type_ == "boolean" else value}}})
    return conditions[0] if len(conditions) == 1 else {"bool": {"filter": conditions}}


def _buckets(agg: JsonObject) -> Iterator[tuple[Json, JsonObject]]:
    found = agg["buckets"]
    if isinstance(found, dict):
        yield from found.items()
    else:
        for one in found:
            yield one["key"], one


def rows_in(query: Query, root: JsonObject, width: float) -> dict[str | None, dict[Key, tuple[Json, ...]]]:
    """Read the rows of each shift from an answer's aggregations; `root` has the count of all documents too."""
    found: dict[str | None, dict[Key, tuple[Json, ...]]] = {shift: {} for shift in query.shifts}
    _read_level(query, root, 0, (), None if len(query.shifts) > 1 else query.shifts[0], width, found)
    return found


def _read_level(
    query: Query,
    node: JsonObject,
    level: int,
    key: Key,
    shift: str | None,
    width: float,
    found: dict[str | None, dict[Key, tuple[Json, ...]]],
) -> None:
    if "shifts" in node:
        for number, inside in node["shifts"]["buckets"].items():
            _read_level(query, inside, level, key, query.shifts[int(number)], width, found)
    elif level == len(query.buckets):
        found[shift][key] = tuple(
            _read(metric, node, f"m{number}", type_of(query, metric.field or ""))
            for number, metric in enumerate(query.metrics)
            if metric.shift == shift
        )
    elif f"b{level}" in node:
        if key and shift in found:
            found[shift].setdefault(key, ())
        for one, inside in _buckets(node[f"b{level}"]):
            if inside["doc_count"] or isinstance(query.buckets[level], Filters | Ranges):
                made = _key(query, level, one, width)
                _read_level(query, inside, level + 1, (*key, made), shift, width, found)


def _key(query: Query, level: int, key: Json, width: float) -> Json:
    """Give a bucket's key as the query model has it."""
    bucket = query.buckets[level]
    match bucket:
        case Filters() | Ranges() | DateHistogram():
            return int(key)
        case Histogram():
            return round(key / width)
        case Terms(fields=fields):
            if key == MISSING_WORD and bucket.missing:
                return Special.MISSING
            if isinstance(key, list):
                return tuple(_term(query, name, part) for name, part in zip(fields, key, strict=True))
            return _term(query, fields[0], key)


def _term(query: Query, name: str, key: Json) -> Json:
    if isinstance(key, Special):
        return key
    if type_of(query, name) == "boolean":
        return key in (1, True, "true")
    return key


def _read(metric: Metric, node: JsonObject, name: str, type_: str) -> Json:
    if metric.kind == "count" and metric.field is None:
        return node["doc_count"] if metric.where is None else node[name]["doc_count"]
    agg: JsonObject = node[name]
    if metric.where is not None:
        agg = agg["v"]
    match metric.kind:
        case "percentile" | "percentile_rank":
            value = next(iter(agg["values"].values()), None)
            return None if isinstance(value, str) else value
        case "standard_deviation":
            return agg["std_deviation"]
        case "last_value":
            return _last(metric, agg, type_)
        case "sum" | "count" | "unique_count":
            return _whole(agg["value"] or 0)
    return _whole(agg["value"])


def _whole(value: Json) -> Json:
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 2**53 else value


def _last(metric: Metric, agg: JsonObject, type_: str) -> Json:
    if "hits" in agg:
        hits = agg["hits"]["hits"]
        values = hits[0].get("fields", {}).get(metric.field, []) if hits else []
        if metric.several and len(values) > 1:
            return tuple(_moment(value, type_) for value in values)
        value = values[0] if values else None
    else:
        value = agg["top"][0]["metrics"].get(metric.field) if agg["top"] else None
    return _moment(value, type_)


def _moment(value: Json, type_: str) -> Json:
    """Give a date in epoch milliseconds, anything else as it is."""
    if value is None or type_ not in DATES:
        return value
    try:
        return int(float(value))
    except ValueError:
        return milliseconds(datetime.fromisoformat(value))


def ranked(query: Query, buckets: list[JsonObject]) -> JsonObject:
    """Make of all combinations what multi_terms would answer: the top ones, and how many documents are left."""
    bucket = query.buckets[0]
    if not isinstance(bucket, Terms):
        raise TypeError(bucket)
    for one in buckets:
        one["key"] = [one["key"][f"c{number}"] for number in range(len(bucket.fields))]
    order = bucket.order
    if order.by == "key":  # in whose order the combinations come
        buckets = buckets[::-1] if order.descending else buckets
    else:
        metric = order.metric
        values = [one["doc_count"] if metric is None else _read(metric, one, "order", "") for one in buckets]
        nothing = -math.inf if metric is not None and metric.least_is_nothing else math.inf
        sign = -1 if order.descending else 1
        enough = sum(value is not None for value in values) >= bucket.candidates
        no_candidate = metric is not None and not metric.infinite and enough
        places = sorted(
            range(len(buckets)),
            key=lambda place: (
                no_candidate and values[place] is None,
                sign * (nothing if values[place] is None else values[place]),
                place,
            ),
        )
        buckets = [buckets[place] for place in places]
    top, rest = buckets[: bucket.size], buckets[bucket.size :]
    return {"buckets": top, "sum_other_doc_count": sum(one["doc_count"] for one in rest)}
