"""A query -> aggregations of Elasticsearch.

Facts: what Kibana 8.12.2 asked (the recorded requests of its panels). Unlike Kibana this asks for no empty buckets,
which are filled in afterwards.

In a request the buckets of the level L are called `b{L}`, the metric number N `m{N}` (its value `v` inside, where it
has a condition), what terms are ordered by `order`, and the filters that part the documents by time shifts `shifts`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from kibana_builder.json_tree import Json, JsonObject
from kibana_builder.kql import DATES
from kibana_builder.preview.intervals import moved_range, zone_name
from kibana_builder.preview.query import (
    MISSING_WORD,
    DateHistogram,
    Filters,
    Histogram,
    Metric,
    Query,
    Ranges,
    Terms,
)

__all__ = [
    "Without",
    "aggregations",
    "composite_page",
    "in_range",
    "inner_aggregations",
    "search_body",
    "type_of",
    "with_width",
]


@dataclass
class Without:
    """Aggregations that a server refuses, so that others have to stand for them."""

    top_metrics: bool = False
    multi_terms: bool = False


# ----------------------------------------------------------------------------------------------------------- requests


def search_body(query: Query, aggs: JsonObject) -> JsonObject:
    """Give the body of a search over the documents that a query asks for."""
    ranges = [{"bool": {"filter": in_range(query, shift)}} for shift in query.shifts]
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
            str(number): {"bool": {"filter": in_range(query, shift)}} for number, shift in enumerate(query.shifts)
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


def in_range(query: Query, shift: str | None) -> list[Json]:
    begin, end = moved_range(query.time_range, shift, query.zone)
    return [{"range": {name: {"format": "epoch_millis", "gte": begin, "lte": end}}} for name in query.time_fields]


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
        case "last_value" if without.top_metrics or metric.several:
            shown: Json = field
            if type_of(query, field or "") in DATES:
                shown = {"field": field, "format": "epoch_millis"}
            sort = [{metric.sort_field: {"order": "desc"}}]
            return {"top_hits": {"size": 1, "sort": sort, "_source": False, "docvalue_fields": [shown]}}
        case "last_value":
            return {"top_metrics": {"metrics": {"field": field}, "size": 1, "sort": {metric.sort_field: "desc"}}}
    names = {"count": "value_count", "average": "avg", "unique_count": "cardinality"}
    return {names.get(metric.kind, metric.kind): {"field": field}}


def type_of(query: Query, name: str) -> str:
    return query.fields[name].type if name in query.fields else ""


def _bucket(bucket: object, query: Query) -> JsonObject:
    match bucket:
        case DateHistogram(field=field, interval=interval):
            kind = "calendar_interval" if interval.calendar else "fixed_interval"
            settings = {"field": field, kind: str(interval), "time_zone": zone_name(query.zone), "min_doc_count": 1}
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
    if bucket.accurate or bucket.size <= 10:
        settings["shard_size"] = bucket.candidates
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
            path += f"[{_number(metric.parameter or 0)}]"  # brackets, or the point of 99.9 would part it
        case "standard_deviation":
            path += ".std_deviation"
        case "last_value":
            path += f".{metric.field}"
    return {path: direction}


def _number(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else str(value)


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
