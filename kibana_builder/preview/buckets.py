"""The buckets that an executor found -> the rows that Kibana has of them.

Time shifts are put side by side, empty buckets are filled in, and intervals that the time range cuts are left out
where that is asked for.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from kibana_builder.json_tree import Json
from kibana_builder.preview.intervals import begin_of, end_of, moved, starts
from kibana_builder.preview.query import (
    Bucket,
    DateHistogram,
    Filters,
    Histogram,
    Key,
    Query,
    Ranges,
    Rows,
    Special,
    Terms,
    Unanswerable,
)

__all__ = ["Row", "rows_of"]

MOST_BUCKETS = 65_536
"""So many buckets Elasticsearch gives at most, the empty ones among them (`search.max_buckets`)."""


@dataclass(frozen=True)
class Row:
    """One bucket: a key for each bucket of the query, and the values of all its metrics."""

    keys: Key
    values: tuple[Json, ...]


def rows_of(query: Query, found: Rows) -> list[Row]:
    """Give the rows of a query in Kibana's order. Raises Unanswerable for more than Elasticsearch would give."""
    merged = _side_by_side(query, found)
    tree: dict[Json, Json] = {}
    for key, values in merged.items():
        node = tree
        for part in key[:-1]:
            node = node.setdefault(part, {})
        if len(key) == len(query.buckets) > 0:
            node[key[-1]] = values
        elif key:
            node.setdefault(key[-1], {})
    nothing = tuple(metric.nothing for metric in query.metrics)
    if not query.buckets:
        return [Row((), merged.get((), nothing))]
    _leave_out_others(query, found, tree)
    rows: list[Row] = []
    for row in _walked(query, found, tree, (), nothing):
        rows.append(row)
        _count(len(rows))
    return rows


def _count(buckets: float) -> None:
    if buckets > MOST_BUCKETS:
        raise Unanswerable(f"more than {MOST_BUCKETS:,} buckets, empty ones among them: Elasticsearch refuses so many")


def _leave_out_others(query: Query, found: Rows, tree: dict[Json, Json]) -> None:
    """Leave out "Other" as Kibana does, which bails out if any bucket around the terms has none of their values.

    Its source: data plugin, _terms_other_bucket_helper (`noAggBucketResults`); of several time ranges nothing is known.
    """
    if len(query.shifts) > 1:
        return
    for level, bucket in enumerate(query.buckets):
        if level and isinstance(bucket, Terms) and bucket.other and _any_empty(query, found, tree, 0, level):
            for node in _nodes(tree, level):
                node.pop(Special.OTHER, None)


def _any_empty(query: Query, found: Rows, node: dict[Json, Json], at: int, level: int) -> bool:
    """Tell whether a level, or one around it, has no bucket at all in some place."""
    keys = _keys(query.buckets[at], query, found, node)
    if not keys or at == level:
        return not keys
    return any(_any_empty(query, found, node.get(key) or {}, at + 1, level) for key in keys)


def _nodes(node: dict[Json, Json], level: int) -> Iterator[dict[Json, Json]]:
    """Give the places in which the buckets of a level stand."""
    if level == 0:
        yield node
        return
    for inner in node.values():
        yield from _nodes(inner, level - 1)


def _side_by_side(query: Query, found: Rows) -> dict[Key, tuple[Json, ...]]:
    """Join the shifts: a metric has the value of its own shift's bucket, moved to where the others are."""
    nothing = tuple(metric.nothing for metric in query.metrics)
    merged: dict[Key, list[Json]] = {}
    for shift, rows in found.of_shift.items():
        places = [index for index, metric in enumerate(query.metrics) if metric.shift == shift]
        for key, values in rows.items():
            target = merged.setdefault(_shifted(query, key, shift), list(nothing))
            for place, value in zip(places, values, strict=bool(values)):
                target[place] = value
    return {key: tuple(values) for key, values in merged.items()}


def _shifted(query: Query, key: Key, shift: str | None) -> Key:
    if shift is None:
        return key
    index = query.split
    if index >= len(key):
        return key
    moment = moved(int(key[index]), shift, query.time_range, query.zone, sign=1)  # type: ignore[arg-type]
    return (*key[:index], moment, *key[index + 1 :])


def _walked(query: Query, found: Rows, node: dict[Json, Json], key: Key, nothing: tuple[Json, ...]) -> Iterator[Row]:
    bucket = query.buckets[len(key)]
    last = len(key) + 1 == len(query.buckets)
    for one in _keys(bucket, query, found, node):
        below = node.get(one)
        if last:
            yield Row((*key, one), nothing if below is None else below)
        else:
            # Filters, ranges and intervals with bounds are there in an empty bucket too, as in Elasticsearch's answer.
            yield from _walked(query, found, below or {}, (*key, one), nothing)


def _keys(bucket: Bucket, query: Query, found: Rows, node: dict[Json, Json]) -> list[Json]:
    """Give the keys of one level in their order, those of empty buckets among them."""
    match bucket:
        case DateHistogram():
            return _dates(bucket, query, list(node))
        case Histogram():
            return _numbers(bucket, found, list(node))
        case Ranges(ranges=several):
            return list(range(len(several)))
        case Filters(filters=all_filters):
            return list(range(len(all_filters)))
    return list(node)


def _dates(bucket: DateHistogram, query: Query, known: list[int]) -> list[int]:
    keys = sorted(known)
    ends = [*keys[:1], *keys[-1:], *(bucket.bounds or ())]
    if bucket.keep_empty and ends:
        begin = min(begin_of(bucket.bounds[0], bucket.interval, query.zone), *ends) if bucket.bounds else min(ends)
        _count((max(ends) - begin) / bucket.interval.milliseconds)
        keys = sorted({*keys, *starts(begin, max(ends), bucket.interval, query.zone)})
    if bucket.drop_partials and bucket.field in query.time_fields and len(keys) > 1:
        begin, end = query.time_range
        keys = [key for key in keys if key >= begin and end_of(key, bucket.interval, query.zone) <= end]
    return keys


def _numbers(bucket: Histogram, found: Rows, known: list[int]) -> list[int]:
    keys = sorted(known)
    ends = [*keys[:1], *keys[-1:]]
    if found.extent is not None:
        ends += [math.floor(end / found.width) for end in found.extent]
    if not bucket.keep_empty or not ends:
        return keys
    _count(max(ends) - min(ends))
    return list(range(min(ends), max(ends) + 1))
