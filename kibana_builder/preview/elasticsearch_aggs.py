"""A query <-> aggregations of Elasticsearch: the request, and the rows that are read from its answer.

Facts: what Kibana 8.12.2 asked (the recorded requests of its panels). Unlike Kibana this asks for no empty buckets,
which are filled in afterwards.

In a request the buckets of the level L are called `b{L}`, the metric number N `m{N}` (its value `v` inside, where it
has a condition), what terms are ordered by `order`, and the filters that part the documents by time shifts `shifts`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from kibana_builder.json_tree import Json, JsonObject
from kibana_builder.preview.intervals import after, moved
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

__all__ = [
    "Parent",
    "Without",
    "aggregations",
    "composite_page",
    "inner_aggregations",
    "other_filter",
    "parents",
    "ranked",
    "rows_in",
    "search_body",
    "with_width",
    "zone_name",
]

DATES = ("date", "date_nanos")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass
class Without:
    """Aggregations that a server refuses, so that others have to stand for them."""

    top_metrics: bool = False
    multi_terms: bool = False


# ----------------------------------------------------------------------------------------------------------- requests


def search_body(query: Query, aggs: JsonObject) -> JsonObject:
    """Give the body of a search over the documents that a query asks for."""
    ranges = [{"bool": {"filter": _in_range(query, shift)}} for shift in query.shifts]
    times = ranges[0]["bool"]["filter"] if len(ranges) == 1 else [_either(ranges)]
    body: JsonObject = {
        "size": 0,
        "track_total_hits": True,
        "query": {"bool": {"filter": [*query.where, *times]}},
    }
    if aggs:
        body["aggs"] = aggs
    return body


def aggregations(query: Query, without: Without, level: int = 0) -> JsonObject:
    """Give what is asked inside each bucket of the level above this one."""
    if len(query.shifts) > 1 and level == query.split:
        filters = {
            str(number): {"bool": {"filter": _in_range(query, shift)}} for number, shift in enumerate(query.shifts)
        }
        split: JsonObject = {"filters": {"filters": filters}}
        inner = _inside(query, without, level)
        return {"shifts": split | {"aggs": inner} if inner else split}
    return _inside(query, without, level)


def _inside(query: Query, without: Without, level: int) -> JsonObject:
    if level == len(query.buckets):
        return _metrics(query.metrics, query, without)
    bucket = query.buckets[level]
    agg = _bucket(bucket, query)
    inner = aggregations(query, without, level + 1)
    if isinstance(bucket, Terms) and bucket.order.metric is not None:
        inner = {**inner, "order": _metric(bucket.order.metric, query, without)}
    return {f"b{level}": agg | {"aggs": inner} if inner else agg}


def _in_range(query: Query, shift: str | None) -> list[Json]:
    ends = query.time_range
    if shift is not None:
        ends = (moved(ends[0], shift, ends, query.zone), moved(ends[1], shift, ends, query.zone))
    return [{"range": {name: {"format": "epoch_millis", "gte": ends[0], "lte": ends[1]}}} for name in query.time_fields]


def _either(queries: Sequence[Json]) -> JsonObject:
    return {"bool": {"should": list(queries), "minimum_should_match": 1}}


def _metrics(metrics: Sequence[Metric], query: Query, without: Without) -> JsonObject:
    return {
        f"m{number}": _metric(metric, query, without)
        for number, metric in enumerate(metrics)
        if metric.kind != "count" or metric.field is not None or metric.where is not None
    }


def _metric(metric: Metric, query: Query, without: Without) -> JsonObject:
    agg = None if metric.kind == "count" and metric.field is None else _value(metric, query, without)
    if metric.where is None:
        return agg or {"value_count": {"field": "_index"}}
    filtered: JsonObject = {"filter": json.loads(metric.where)}
    return filtered if agg is None else {**filtered, "aggs": {"v": agg}}


def _value(metric: Metric, query: Query, without: Without) -> JsonObject:
    field = metric.field
    match metric.kind:
        case "percentile":
            return {"percentiles": {"field": field, "percents": [metric.parameter]}}
        case "percentile_rank":
            return {"percentile_ranks": {"field": field, "values": [metric.parameter]}}
        case "standard_deviation":
            return {"extended_stats": {"field": field}}
        case "last_value" if without.top_metrics:
            shown: Json = field
            if _type(query, field or "") in DATES:
                shown = {"field": field, "format": "epoch_millis"}
            sort = [{metric.sort_field: {"order": "desc"}}]
            return {"top_hits": {"size": 1, "sort": sort, "_source": False, "docvalue_fields": [shown]}}
        case "last_value":
            return {"top_metrics": {"metrics": {"field": field}, "size": 1, "sort": {metric.sort_field: "desc"}}}
    names = {"count": "value_count", "average": "avg", "unique_count": "cardinality"}
    return {names.get(metric.kind, metric.kind): {"field": field}}


def _type(query: Query, name: str) -> str:
    return query.fields[name].type if name in query.fields else ""


def _bucket(bucket: object, query: Query) -> JsonObject:
    match bucket:
        case DateHistogram(field=field, interval=interval):
            kind = "calendar_interval" if interval.calendar else "fixed_interval"
            settings = {"field": field, kind: str(interval), "time_zone": zone_name(query), "min_doc_count": 1}
            return {"date_histogram": settings}
        case Histogram(field=field):
            return {"histogram": {"field": field, "interval": 1, "min_doc_count": 1}}
        case Ranges(field=field, ranges=ranges):
            return {"range": {"field": field, "keyed": True, "ranges": list(map(_range, enumerate(ranges)))}}
        case Filters(filters=several):
            return {"filters": {"filters": {str(number): one for number, (_, one) in enumerate(several)}}}
        case Terms():
            return _terms(bucket)
    raise AssertionError(bucket)


def _range(numbered: tuple[int, tuple[float | None, float | None, str]]) -> JsonObject:
    number, (low, high, _) = numbered
    ends = {name: end for name, end in (("from", low), ("to", high)) if end is not None}
    return {"key": str(number), **ends}


def _terms(bucket: Terms) -> JsonObject:
    if bucket.rare is not None:
        return {"rare_terms": {"field": bucket.fields[0], "max_doc_count": bucket.rare, **_chosen(bucket)}}
    settings: JsonObject = {"order": _order(bucket), "size": bucket.size}
    if bucket.accurate:
        settings["shard_size"] = max(1000, int(bucket.size * 1.5 + 10))
    elif bucket.size <= 10:
        settings["shard_size"] = 25
    if len(bucket.fields) > 1:
        return {"multi_terms": {"terms": [{"field": name} for name in bucket.fields], **settings}}
    if bucket.missing:
        settings["missing"] = MISSING_WORD
    return {"terms": {"field": bucket.fields[0], **settings, **_chosen(bucket)}}


def _chosen(bucket: Terms) -> JsonObject:
    said: JsonObject = {}
    for name, values, regex in (
        ("include", bucket.include, bucket.include_is_regex),
        ("exclude", bucket.exclude, bucket.exclude_is_regex),
    ):
        if values:
            said[name] = "|".join(f"({value})" for value in values) if regex else list(values)
    return said


def _order(bucket: Terms) -> JsonObject:
    direction = "desc" if bucket.order.descending else "asc"
    if bucket.order.metric is None:
        return {"_key" if bucket.order.by == "key" else "_count": direction}
    metric = bucket.order.metric
    if metric.where is None:
        path = "order"
    else:
        path = "order" if metric.kind == "count" and metric.field is None else "order>v"
    match metric.kind:
        case "percentile" | "percentile_rank":
            path += f".{_number(metric.parameter or 0)}"
        case "standard_deviation":
            path += ".std_deviation"
        case "last_value":
            path += f".{metric.field}"
    return {path: direction}


def _number(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else str(value)


def zone_name(query: Query) -> str:
    """Give a zone's name, or its distance from UTC."""
    name = getattr(query.zone, "key", None)
    if isinstance(name, str):
        return name
    words = datetime(2000, 1, 1, tzinfo=query.zone).strftime("%z")
    return "UTC" if words in ("", "+0000") else f"{words[:3]}:{words[3:5]}"


def with_width(aggs: JsonObject, width: float) -> JsonObject:
    """Give numeric histograms the width that was chosen for their buckets."""
    result: JsonObject = {}
    for name, agg in aggs.items():
        made = dict(agg)
        if "histogram" in made:
            made["histogram"] = {**made["histogram"], "interval": width}
        if "aggs" in made:
            made["aggs"] = with_width(made["aggs"], width)
        result[name] = made
    return result


# -------------------------------------------------------------------------------- several fields without multi_terms


def composite_page(query: Query, aggs: JsonObject, after_key: JsonObject | None) -> JsonObject:
    """Ask for the combinations of several fields page by page; the first bucket of the query is such terms."""
    bucket = query.buckets[0]
    fields = bucket.fields if isinstance(bucket, Terms) else ()
    sources = [{f"c{number}": {"terms": {"field": name}}} for number, name in enumerate(fields)]
    composite: JsonObject = {"size": 1000, "sources": sources}
    if after_key is not None:
        composite["after"] = after_key
    made: JsonObject = {"composite": composite}
    if "aggs" in aggs["b0"]:
        made["aggs"] = aggs["b0"]["aggs"]
    return {"b0": made}


def ranked(query: Query, buckets: list[JsonObject]) -> JsonObject:
    """Make of all combinations what multi_terms would answer: the top ones, and how many documents are left."""
    bucket = query.buckets[0]
    if not isinstance(bucket, Terms):
        raise TypeError(bucket)
    for one in buckets:
        one["key"] = [one["key"][f"c{number}"] for number in range(len(bucket.fields))]
    buckets.sort(key=lambda one: [str(part) for part in one["key"]])
    order = bucket.order
    if order.by == "key":
        buckets.sort(key=lambda one: [_sortable(part) for part in one["key"]], reverse=order.descending)
    else:
        metric = order.metric
        values = [one["doc_count"] if metric is None else _read(metric, one, "order", "") for one in buckets]
        sign = -1 if order.descending else 1
        places = sorted(
            range(len(buckets)), key=lambda place: (values[place] is None, sign * (values[place] or 0), place)
        )
        buckets = [buckets[place] for place in places]
    top, rest = buckets[: bucket.size], buckets[bucket.size :]
    return {"buckets": top, "sum_other_doc_count": sum(one["doc_count"] for one in rest)}


def _sortable(value: Json) -> tuple[bool, float, str]:
    number = isinstance(value, int | float)
    return (not number, float(value) if number else 0.0, "" if number else str(value))


# ----------------------------------------------------------------------------------------------------------- answers


@dataclass
class Parent:
    """A place in an answer in which terms of one level stand, with the condition that leads there."""

    node: JsonObject
    path: list[JsonObject]

    def terms(self, level: int) -> JsonObject:
        """Give the terms themselves."""
        found: JsonObject = self.node[f"b{level}"]
        return found


def parents(query: Query, root: JsonObject, level: int) -> Iterator[Parent]:
    """Go through the places in an answer in which the buckets of a level stand."""
    yield from _parents(query, Parent(root, []), 0, level)


def _parents(query: Query, parent: Parent, at: int, level: int) -> Iterator[Parent]:
    if "shifts" in parent.node:
        for number, node in parent.node["shifts"]["buckets"].items():
            inside = _in_range(query, query.shifts[int(number)])
            yield from _parents(query, Parent(node, [*parent.path, *inside]), at, level)
        return
    if f"b{at}" not in parent.node:
        return
    if at == level:
        yield parent
        return
    for key, node in list(_buckets(parent.node[f"b{at}"])):
        made = _key(query, at, key, 1.0)
        condition = _rest(query, at, parent) if made is Special.OTHER else _condition(query, at, made)
        yield from _parents(query, Parent(node, [*parent.path, condition]), at + 1, level)


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


def _condition(query: Query, level: int, key: Json) -> JsonObject:
    """Give the condition that makes a bucket."""
    bucket = query.buckets[level]
    match bucket:
        case Terms(fields=fields):
            if key is Special.MISSING:
                return {"bool": {"must_not": [{"exists": {"field": name}} for name in fields]}}
            return _has(query, fields, list(key) if isinstance(key, tuple) else key)
        case DateHistogram(field=field):
            end = after(int(key), bucket.interval, bucket.zone)
            return {"range": {field: {"format": "epoch_millis", "gte": int(key), "lt": end}}}
        case Ranges(field=field, ranges=ranges):
            low, high, _ = ranges[int(key)]
            return {"range": {field: {name: end for name, end in (("gte", low), ("lt", high)) if end is not None}}}
        case Filters(filters=several):
            return several[int(key)][1]
    return {"range": {bucket.field: {"gte": key, "lt": key}}}


def _has(query: Query, fields: Sequence[str], key: Json) -> JsonObject:
    values = key if len(fields) > 1 and isinstance(key, list) else [key]
    conditions: list[JsonObject] = []
    for name, value in zip(fields, values, strict=True):
        type_ = _type(query, name)
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


def inner_aggregations(query: Query, aggs: JsonObject, level: int) -> JsonObject:
    """Give, of a query's aggregations, what stands inside the buckets of a level."""
    found = aggs
    for at in range(level + 1):
        if "shifts" in found:
            found = found["shifts"].get("aggs", {})
        found = found[f"b{at}"].get("aggs", {})
    bucket = query.buckets[level]
    ordering = isinstance(bucket, Terms) and bucket.order.metric is not None
    return {name: agg for name, agg in found.items() if not (ordering and name == "order")}


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
            _read(metric, node, f"m{number}", _type(query, metric.field or ""))
            for number, metric in enumerate(query.metrics)
            if metric.shift == shift
        )
    elif f"b{level}" in node:
        for one, inside in _buckets(node[f"b{level}"]):
            if inside["doc_count"] or isinstance(query.buckets[level], Filters | Ranges):
                made = _key(query, level, one, width)
                _read_level(query, inside, level + 1, (*key, made), shift, width, found)


def _key(query: Query, level: int, key: Json, width: float) -> Json:
    """Give a bucket's key as the query model has it."""
    bucket = query.buckets[level]
    match bucket:
        case Filters() | Ranges():
            return int(key)
        case Histogram():
            return round(key / width)
        case DateHistogram():
            return int(key)
        case Terms(fields=fields):
            if key == MISSING_WORD and bucket.missing:
                return Special.MISSING
            if isinstance(key, list):
                return tuple(_term(query, name, part) for name, part in zip(fields, key, strict=True))
            return _term(query, fields[0], key)


def _term(query: Query, name: str, key: Json) -> Json:
    if isinstance(key, Special):
        return key
    if _type(query, name) == "boolean":
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
        value = values[0] if values else None
    else:
        value = agg["top"][0]["metrics"].get(metric.field) if agg["top"] else None
    if value is None or type_ not in DATES:
        return value
    if isinstance(value, int | float) or str(value).isdigit():
        return int(value)
    return (datetime.fromisoformat(value) - _EPOCH) // timedelta(milliseconds=1)
